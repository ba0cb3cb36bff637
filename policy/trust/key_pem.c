/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_pem - the armour around a public key, one block and nothing else, and
 * what to say about a block that is something else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/trust/key_parts.h"
#include "policy/trust/pem.h"

/* A block of this label is no public key: which mistake was it? */
static int wrong_label(const struct garita_pem *text,
		       const struct garita_pem_block *block,
		       struct garita_error *err)
{
	static const struct {
		const char *word, *why;
	} mistakes[] = {
		{ "PRIVATE KEY", "this is a private key: keep it away from "
				 "here and give its public half" },
		{ "CERTIFICATE", "this is a certificate, not a public key" },
		{ "PGP", "this is an OpenPGP key, for signedBy only" },
	};

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		if (memmem(block->label, block->label_len, mistakes[i].word,
			   strlen(mistakes[i].word)) != NULL)
			return garita_pem_fail(text, err, mistakes[i].why);
	return garita_pem_fail(text, err, "the block is no PUBLIC KEY");
}

int garita_key_pem(const char *text, size_t len, unsigned char **ret,
		   size_t *ret_len, bool *ret_pkcs1, struct garita_error *err)
{
	struct garita_pem from = { .at = text, .end = text + len };
	struct garita_pem_block block = { 0 }, more = { 0 };
	struct garita_error after = { 0 };
	int r = garita_pem_begin(&from, &block, err);

	if (r == 0)
		return garita_pem_fail(&from, err, "the key is empty");
	if (r < 0)
		return r;
	if (!garita_pem_is(&block, "PUBLIC KEY") &&
	    !garita_pem_is(&block, "RSA PUBLIC KEY"))
		return wrong_label(&from, &block, err);
	r = garita_pem_body(&from, (size_t)2 * GARITA_KEY_RSA_MAX, &block, err);
	if (r < 0)
		return r;
	if (garita_pem_begin(&from, &more, &after) != 0) {
		free(block.bytes);
		return garita_pem_fail(&from, err, "more than one PEM block");
	}
	*ret = block.bytes;
	*ret_len = block.len;
	*ret_pkcs1 = garita_pem_is(&block, "RSA PUBLIC KEY");
	return 0;
}
