/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subject - what a claim has to be about: this image, by any of its digests.
 */
#ifndef GARITA_POLICY_TRUST_SUBJECT_H
#define GARITA_POLICY_TRUST_SUBJECT_H

#include "garita/reference.h"
#include "policy/trust/format.h"

/* A digest that stands for the image. */
struct garita_stand_in {
	char digest[GARITA_DIGEST_SIZE];
	bool manifest; /* so an index may list it */
	bool index;    /* counts only where a signed index does */
};

struct garita_subject {
	struct garita_stand_in *all;
	size_t count;
	struct garita_reference name;
	bool has_name;
};

/* Of a case whose image is known; the caller frees. */
void garita_subject_find(const struct garita_trust_case *of,
			 struct garita_subject *ret);
void garita_subject_free(struct garita_subject *subject);
#define auto_subject                                                           \
	__attribute__((cleanup(garita_subject_free))) struct garita_subject

/* Is the claim about it? With `index` also when it is about its index. */
bool garita_subject_is_of(const struct garita_subject *subject,
			  const struct garita_claim *claim, bool index);

#endif
