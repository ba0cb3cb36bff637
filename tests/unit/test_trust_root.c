/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_root - the sample's trusted_root.json as it is, and with one thing
 * in it exchanged.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/trusted_root.h"
#include "tests/unit/sample_files.h"

#define TYPE "application/vnd.dev.sigstore.trustedroot"

static const struct {
	const char *why, *from, *to;
	const char *says; /* NULL: it is read */
	size_t logs;
} cases[] = {
	{ "as it is", "", "", NULL, 2 },
	{ "a newer type", TYPE "+json;version=0.1", TYPE ".v0.2+json", NULL,
	  2 },
	{ "an unknown type", "version=0.1", "version=0.9", "mediaType", 0 },
	{ "an unknown list", "\"tlogs\"", "\"tlogz\"", "not known", 0 },
	{ "a list that is none", "\"ctlogs\":[", "\"ctlogs\":{\"a\":1},\"x\":[",
	  "not known", 0 },
	{ "a key of the future vouches for nothing",
	  "\"keyDetails\":\"PKIX_ED25519\"",
	  "\"keyDetails\":\"PKIX_ML_DSA_65\"", NULL, 1 },
	{ "a key that is another", "\"keyDetails\":\"PKIX_ED25519\"",
	  "\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\"", "keyDetails say", 0 },
	{ "no beginning", "\"start\":\"2025-01-01T00:00:00Z\"",
	  "\"stort\":\"2025-01-01T00:00:00Z\"", "from when", 0 },
	{ "a day that is none", "2025-01-01T00:00:00Z", "2025-02-30T00:00:00Z",
	  "from when", 0 },
	{ "an end", "\"start\":\"2025-01-01T00:00:00Z\"",
	  "\"start\":\"2025-01-01T00:00:00Z\",\"end\":\"2026-01-01T00:00:00Z\"",
	  NULL, 2 },
	{ "no id", "\"keyId\":\"", "\"keyId\":\"*", "keyId is not base64", 0 },
	{ "no authority", "\"certificateAuthorities\":[",
	  "\"certificateAuthorities\":[],\"x\":[", "not known", 0 },
	{ "a certificate that is none", "\"certificates\":[{\"rawBytes\":\"MII",
	  "\"certificates\":[{\"rawBytes\":\"AII", "certificate", 0 },
	{ "an array in place of a log", "\"tlogs\":[{", "\"tlogs\":[[],{",
	  "keyDetails", 0 },
};

static char *exchanged(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct garita_text out = { 0 };

	assert_non_null(at);
	garita_text_add(&out, text, (size_t)(at - text));
	garita_text_puts(&out, to);
	garita_text_puts(&out, at + strlen(from));
	return garita_text_take(&out);
}

static void test_one_thing_exchanged(void **state)
{
	size_t len = 0;
	auto_free char *text =
		sample_bytes("keyless-synthetic/trusted_root.json", &len);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_free char *changed =
			exchanged(text, cases[i].from, cases[i].to);
		auto_trusted_root root = { 0 };
		struct garita_error err = { 0 };
		int r = garita_trusted_root_read(changed, strlen(changed),
						 &root, &err);

		if ((r == 0) != (cases[i].says == NULL) ||
		    (r < 0 && strstr(err.text, cases[i].says) == NULL))
			fail_msg("%s: %d %s", cases[i].why, r, err.text);
		if (r == 0)
			assert_int_equal(root.log_count, cases[i].logs);
	}
}

static void test_spans_are_closed(void **state)
{
	const struct garita_span open = { .from = 10 };
	const struct garita_span both = { .from = 10,
					  .to = 20,
					  .has_to = true };

	(void)state;
	assert_false(garita_span_covers(&open, 9));
	assert_true(garita_span_covers(&open, 10));
	assert_true(garita_span_covers(&both, 20));
	assert_false(garita_span_covers(&both, 21));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_thing_exchanged),
		cmocka_unit_test(test_spans_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
