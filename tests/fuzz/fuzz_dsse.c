/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as an envelope; and the same bytes as a statement that was signed,
 * which is accepted exactly when it is one.
 */
#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/statement.h"
#include "tests/fuzz/sigstore.h"

#define TYPE "application/vnd.in-toto+json"

static void check_signed(const char *statement, size_t len)
{
	const struct fuzz_signer *signer = fuzz_signer();
	auto_text pae = { 0 }, text = { 0 };
	auto_free char *payload = make_base64(statement, len);
	auto_free char *sig = NULL;
	struct garita_claims claims = { 0 };
	struct garita_claim claim = { 0 };
	bool good = garita_statement(statement, len, NULL, false, &claim,
				     NULL) == 0;

	garita_text_printf(&pae, "DSSEv1 %zu " TYPE " %zu ", sizeof(TYPE) - 1,
			   len);
	garita_text_add(&pae, statement, len);
	sig = make_signature(signer->pair, NULL, pae.data, pae.len);
	garita_text_printf(&text,
			   "{\"payload\":\"%s\",\"payloadType\":\"" TYPE
			   "\",\"signatures\":[{\"sig\":\"%s\"}]}",
			   payload, sig);
	read_text(&garita_format_dsse, &signer->key, 1, text.data, text.len,
		  &claims);
	fuzz_check_signed(&claims, good);
	garita_claims_free(&claims);
	garita_claim_free(&claim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_stranger(&garita_format_dsse, data, size);
	if (size < 64 * 1024)
		check_signed((const char *)data, size);
	return 0;
}
