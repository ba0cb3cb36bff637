/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a bundle by somebody whom a certificate names, and as cosign's
 * manifest, with the trusted root of the samples and any name by its issuers.
 * Whatever they are, they claim only what was signed there: the image of the
 * samples, and another in the case that is about another.
 */
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "policy/trust/keyless.h"
#include "tests/fuzz/sigstore.h"

#define ROOT                                                                   \
	GARITA_SRC_DIR                                                         \
	"/tests/samples/signatures/keyless-synthetic/trusted_root.json"

static const char *const signed_digests[] = {
	"sha256:"
	"b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888",
};

static const struct garita_requirement *wanted(void)
{
	static const char *const issuers[] = {
		"https://token.actions.githubusercontent.com",
		"https://accounts.example.com",
	};
	static struct garita_requirement one;
	static struct garita_key_source root;
	FILE *file;

	if (one.keyless != NULL)
		return &one;
	root.role = GARITA_SOURCE_TRUSTED_ROOT;
	root.bytes = garita_xalloc(1 << 16);
	file = fopen(ROOT, "re");
	must(file != NULL);
	root.len = fread(root.bytes, 1, 1 << 16, file);
	fclose(file);
	one = (struct garita_requirement){ .kind = GARITA_REQUIRE_KEYLESS,
					   .need = 1,
					   .keys = &root,
					   .key_count = 1 };
	one.keyless = garita_xalloc(sizeof(*one.keyless));
	for (size_t i = 0; i < GARITA_COUNT(issuers); i++) {
		struct garita_keyless_identity *to =
			garita_keyless_add(one.keyless);

		to->issuer = garita_xstrdup(issuers[i]);
		to->pattern = garita_xstrdup(".*");
	}
	return &one;
}

/* One blob after the other, a line "%%" between them: the old form of a
 * signature is a manifest and what was signed. */
static bool add_blobs(const char *at, size_t left, struct garita_blobs *to)
{
	static const char mark[] = "\n%%\n";
	const char *cut = memmem(at, left, mark, strlen(mark));

	for (; cut != NULL; cut = memmem(at, left, mark, strlen(mark))) {
		size_t len = (size_t)(cut - at);

		if (garita_blobs_add(to, "stranger", at, len) < 0)
			return false;
		at = cut + strlen(mark);
		left -= len + strlen(mark);
	}
	return garita_blobs_add(to, "stranger", at, left) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	const struct garita_requirements list = { NULL, 0 };
	auto_blobs bag = { 0 };
	const struct garita_trust_case of = { &image, &list, &bag, 1795000000 };
	struct garita_claims claims = { 0 };

	if (!add_blobs((const char *)data, size, &bag))
		return 0;
	must(garita_formats_read(&of, wanted(), &claims, NULL) == 0);
	for (size_t i = 0; i < claims.count; i++)
		must(claims.all[i].digest_count == 1 &&
		     strcmp(claims.all[i].digests[0], signed_digests[0]) == 0);
	garita_claims_free(&claims);
	return 0;
}
