/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_signer - sigstore's signatures do not say how they were made, so the
 * key does: cosign 3 hashes with what fits the curve and cosign 2 always with
 * SHA-256, RSA is PKCS#1 v1.5 with SHA-256 for both.
 */
#include "policy/trust/key_signer.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

struct way {
	enum garita_key_kind kind;
	enum garita_scheme scheme;
	enum garita_hash hash;
};

/* In the order in which they are tried. */
static const struct way ways[] = {
	{ GARITA_KEY_RSA, GARITA_SCHEME_PKCS1, GARITA_SHA256 },
	{ GARITA_KEY_P256, GARITA_SCHEME_DER, GARITA_SHA256 },
	{ GARITA_KEY_P384, GARITA_SCHEME_DER, GARITA_SHA384 },
	{ GARITA_KEY_P384, GARITA_SCHEME_DER, GARITA_SHA256 },
	{ GARITA_KEY_P521, GARITA_SCHEME_DER, GARITA_SHA512 },
	{ GARITA_KEY_P521, GARITA_SCHEME_DER, GARITA_SHA256 },
	{ GARITA_KEY_ED25519, GARITA_SCHEME_ED, GARITA_SHA512 },
	{ GARITA_KEY_ED25519, GARITA_SCHEME_ED_PH, GARITA_SHA512 },
};

/* Of the key alone. */
static unsigned cost_of_key(const struct garita_key *key)
{
	switch (key->kind) {
	case GARITA_KEY_RSA:
		return GARITA_WORK_RSA * (unsigned)(key->len / 256);
	case GARITA_KEY_P256:
		return GARITA_WORK_P256;
	case GARITA_KEY_P384:
		return GARITA_WORK_P384;
	case GARITA_KEY_P521:
		return GARITA_WORK_P521;
	case GARITA_KEY_ED25519:
		return GARITA_WORK_ED25519;
	}
	return GARITA_WORK_MAX;
}

/* A text is hashed for each key that is tried. */
static unsigned cost_of(const struct garita_key *key,
			const struct garita_signed *what)
{
	return cost_of_key(key) +
	       (unsigned)(what->message ? what->len >> 16 : 0);
}

static int try_way(const struct garita_key *key, const struct way *way,
		   const struct garita_signed *what, struct garita_error *err)
{
	if (way->scheme == GARITA_SCHEME_ED_PH && !what->may_be_prehashed)
		return -EBADMSG;
	if (what->message)
		return garita_key_verify(key, way->scheme, way->hash,
					 what->message, what->len, what->sig,
					 what->sig_len, err);
	if (way->hash != what->hash || way->scheme == GARITA_SCHEME_ED)
		return -EBADMSG;
	return garita_key_verify_hashed(key, way->scheme, way->hash,
					what->hashed, what->sig, what->sig_len,
					err);
}

int garita_signer(const struct garita_format_case *of,
		  const struct garita_signed *what,
		  const struct garita_key **ret, struct garita_error *err)
{
	for (size_t i = 0; i < of->key_count; i++) {
		const struct garita_key *key = &of->keys[i];

		for (size_t j = 0; j < GARITA_COUNT(ways); j++) {
			int r;

			if (ways[j].kind != key->kind)
				continue;
			r = garita_work_take(of, cost_of(key, what), err);
			if (r < 0)
				return r;
			r = try_way(key, &ways[j], what, err);
			if (r == 0) {
				*ret = key;
				return 0;
			}
			if (r != -EBADMSG) /* the key itself is no good */
				return r;
		}
	}
	if (of->key_count == 1)
		return garita_fail(err, EBADMSG, "not signed by %s",
				   of->keys[0].words);
	return garita_fail(err, EBADMSG, "not signed by any of the %zu keys",
			   of->key_count);
}

const char *garita_signer_words(const struct garita_format_case *of,
				const struct garita_key *signer)
{
	return of->who != NULL ? of->who : signer->words;
}

struct garita_claim garita_claim_begin(const struct garita_format_case *of,
				       const char *format,
				       const struct garita_blob *blob,
				       const struct garita_key *signer)
{
	return (struct garita_claim){
		.format = format,
		.from = garita_xstrdup(blob->name),
		.signer = garita_xstrdup(garita_signer_words(of, signer)),
		.until = of->until,
	};
}

bool garita_claim_digest(struct garita_claim *claim, const char *digest)
{
	if (claim->digest_count >= GARITA_CLAIM_DIGESTS_MAX ||
	    strlen(digest) >= GARITA_DIGEST_SIZE)
		return false;
	claim->digests = garita_xresize(claim->digests, claim->digest_count + 1,
					sizeof(*claim->digests));
	memcpy(claim->digests[claim->digest_count++], digest,
	       strlen(digest) + 1);
	return true;
}

void garita_claim_said(struct garita_claim *claim, const char *key,
		       const char *value)
{
	claim->said = garita_xresize(claim->said, claim->said_count + 1,
				     sizeof(*claim->said));
	claim->said[claim->said_count++] = (struct garita_annotation){
		.key = garita_xstrdup(key),
		.value = garita_xstrdup(value),
	};
}
