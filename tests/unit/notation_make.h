/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_make - envelopes of the Notary Project, signed by a P-256 key of
 * this run, each as right or wrong as its plan.
 */
#ifndef GARITA_TESTS_UNIT_NOTATION_MAKE_H
#define GARITA_TESTS_UNIT_NOTATION_MAKE_H

#include "garita/text.h"
#include "tests/unit/x509_make.h"

struct jws_plan {
	const char *protected; /* JSON */
	const char *payload;
	EVP_PKEY *key;
	X509 *const *chain; /* leaf first, NULL at the end */
	/* Who stamps the signature, or NULL. */
	X509 *stamper;
	EVP_PKEY *stamper_key;
	bool other_stamp; /* of something else */
};

/* The caller frees with garita_text_free(). */
void make_jws(const struct jws_plan *plan, struct garita_text *ret);

#endif
