/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a ".sig" manifest; and the same bytes as a payload that was
 * signed, which is accepted exactly when it is one.
 */
#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "policy/trust/cosign.h"
#include "tests/fuzz/sigstore.h"

static void check_signed(const char *payload, size_t len)
{
	const struct fuzz_signer *signer = fuzz_signer();
	auto_free char *sig = make_signature(signer->pair, NULL, payload, len);
	auto_text text = { 0 };
	auto_blobs bag = { 0 };
	char digest[GARITA_DIGEST_SIZE];
	struct garita_claims claims = { 0 };
	struct garita_claim claim = { 0 };
	bool good = garita_simple_signing(payload, len,
					  "cosign container image signature",
					  &claim, NULL) == 0;

	garita_sha256_digest(payload, len, digest);
	garita_text_printf(&text,
			   "{\"layers\":[{\"mediaType\":\"%s\",\"digest\":"
			   "\"%s\",\"size\":%zu,\"annotations\":{"
			   "\"dev.cosignproject.cosign/signature\":\"%s\"}}]}",
			   GARITA_COSIGN_PAYLOAD_TYPE, digest, len, sig);
	must(garita_blobs_add(&bag, "payload", payload, len) == 0);
	must(garita_blobs_add(&bag, "manifest", text.data, text.len) == 0);
	read_one(&garita_format_cosign, &signer->key, 1, &bag, &bag.all[1],
		 &claims);
	fuzz_check_signed(&claims, good);
	garita_claims_free(&claims);
	garita_claim_free(&claim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_stranger(&garita_format_cosign, data, size);
	if (size < 64 * 1024)
		check_signed((const char *)data, size);
	return 0;
}
