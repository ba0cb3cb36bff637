/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a trusted_root.json: each authority that is read has an anchor,
 * each log an id and a key, and a log that was read was named.
 */
#include "policy/trust/trusted_root.h"
#include "tests/fuzz/sigstore.h"

static void check_logs(const struct garita_log *logs, size_t count)
{
	must(count <= GARITA_LOGS_MAX);
	for (size_t i = 0; i < count; i++) {
		must(logs[i].host != NULL && logs[i].id_len > 0 &&
		     logs[i].key.len > 0);
		must(garita_log_find(logs, count, logs[i].id, logs[i].id_len) !=
		     NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_trusted_root root = { 0 };
	struct garita_error err = { 0 };

	if (garita_trusted_root_read((const char *)data, size, &root, &err) <
	    0) {
		must(err.text[0] != '\0');
		return 0;
	}
	must(root.whole && (root.names_logs || root.log_count == 0));
	for (size_t i = 0; i < root.authority_count; i++)
		must(root.authorities[i].roots.count == 1);
	check_logs(root.logs, root.log_count);
	check_logs(root.ct_logs, root.ct_log_count);
	return 0;
}
