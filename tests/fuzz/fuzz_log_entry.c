/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as entries of a transparency log, of a bundle or of the annotation
 * before it. A log of this run signed none of them, so none is promised or
 * proved, and a signature of nothing is in no body.
 */
#include "garita/json.h"
#include "policy/trust/log_entry.h"
#include "tests/fuzz/sigstore.h"

static const struct garita_log *own_log(void)
{
	static struct garita_log log;

	if (log.host == NULL) {
		log.host = garita_xstrdup("log2026.rekor.sigstore.example");
		log.key = fuzz_signer()->key;
		log.id_len = 1;
	}
	return &log;
}

static void check(const struct garita_log_entries *entries)
{
	const struct garita_logged what = {
		.sig = (const unsigned char *)"",
		.message = "",
		.payload = "",
		.key = &fuzz_signer()->key,
	};

	must(entries->count <= GARITA_LOG_ENTRIES_MAX);
	for (size_t i = 0; i < entries->count; i++) {
		const struct garita_log_entry *one = &entries->all[i];

		must(one->hash_count <= GARITA_LOG_HASHES_MAX);
		must(garita_log_check_promise(one, own_log(), NULL) < 0);
		must(garita_log_check_proof(one, own_log(), NULL) < 0);
		must(garita_log_check_body(one, &what, NULL) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_log_entries entries = { 0 }, old = { 0 };

	if (garita_log_entries_read_old((const char *)data, size, &old, NULL) ==
	    0)
		check(&old);
	if (garita_json_parse((const char *)data, size, GARITA_JSON_STRICT,
			      &doc, NULL) == 0 &&
	    garita_log_entries_read(garita_json_root(doc), &entries, NULL) == 0)
		check(&entries);
	return 0;
}
