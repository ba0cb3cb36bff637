/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_signed_text - what was signed, after the signature was found
 * good: simple signing payloads and in-toto statements.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "policy/trust/statement.h"

#define HEX      "00112233445566778899aabbccddeeff"
#define DIGEST   "sha256:" HEX HEX
#define TYPE     "cosign container image signature"
#define IMAGE    "\"image\":{\"docker-manifest-digest\":\"" DIGEST "\"}"
#define IDENTITY "\"identity\":{\"docker-reference\":\"example.com/a\"}"
#define CRITICAL "\"critical\":{" IMAGE "," IDENTITY ",\"type\":\"" TYPE "\"}"

static const struct {
	const char *why, *text, *words; /* words: NULL when it is read */
} payloads[] = {
	{ "as cosign writes it", "{" CRITICAL ",\"optional\":null}", NULL },
	{ "as skopeo writes it",
	  "{" CRITICAL ",\"optional\":{\"creator\":\"x\",\"timestamp\":5}}",
	  NULL },
	{ "anything is optional", "{" CRITICAL ",\"optional\":{\"a\":[1]}}",
	  NULL },
	{ "cosign -a timestamp=...",
	  "{" CRITICAL ",\"optional\":{\"timestamp\":\"2026\"}}", NULL },
	{ "in another order", "{\"optional\":null," CRITICAL "}", NULL },
	{ "nothing optional", "{" CRITICAL "}", "no \"optional\"" },
	{ "optional is a list", "{" CRITICAL ",\"optional\":[]}",
	  "not an object" },
	{ "a fraction of a second",
	  "{" CRITICAL ",\"optional\":{\"timestamp\":1.5}}", "timestamp" },
	{ "a creator of no text", "{" CRITICAL ",\"optional\":{\"creator\":1}}",
	  "creator" },
	{ "more at the top", "{" CRITICAL ",\"optional\":null,\"z\":1}",
	  "\"z\"" },
	{ "more in critical",
	  "{\"critical\":{" IMAGE "," IDENTITY ",\"type\":\"" TYPE
	  "\",\"not-after\":1},\"optional\":null}",
	  "\"not-after\"" },
	{ "more in image",
	  "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" DIGEST
	  "\",\"size\":1}," IDENTITY ",\"type\":\"" TYPE
	  "\"},\"optional\":null}",
	  "\"size\"" },
	{ "more in identity",
	  "{\"critical\":{" IMAGE ",\"identity\":{\"docker-reference\":\"a\","
	  "\"x\":1},\"type\":\"" TYPE "\"},\"optional\":null}",
	  "\"x\"" },
	{ "another type",
	  "{\"critical\":{" IMAGE "," IDENTITY
	  ",\"type\":\"Cosign container image signature\"},\"optional\":null}",
	  "critical.type" },
	{ "no type",
	  "{\"critical\":{" IMAGE "," IDENTITY "},\"optional\":null}",
	  "critical.type" },
	{ "no image",
	  "{\"critical\":{" IDENTITY ",\"type\":\"" TYPE
	  "\"},\"optional\":null}",
	  "no critical.image" },
	{ "no identity",
	  "{\"critical\":{" IMAGE ",\"type\":\"" TYPE "\"},\"optional\":null}",
	  "no critical.identity" },
	{ "no name in it",
	  "{\"critical\":{" IMAGE ",\"identity\":{},\"type\":\"" TYPE
	  "\"},\"optional\":null}",
	  "docker-reference" },
	{ "a digest of another algorithm",
	  "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"sha512:" HEX
	  "\"}," IDENTITY ",\"type\":\"" TYPE "\"},\"optional\":null}",
	  "no sha256" },
	{ "no critical", "{\"optional\":null}", "no critical" },
	{ "critical is a list", "{\"critical\":[],\"optional\":null}",
	  "critical is not an object" },
	{ "letter case", "{\"Critical\":{},\"optional\":null}",
	  "\"Critical\"" },
	{ "a list", "[]", "not an object" },
	{ "null", "null", "not an object" },
	{ "nothing", "", "" },
};

static void test_simple_signing(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(payloads); i++) {
		struct garita_claim claim = { 0 };
		struct garita_error err = { 0 };
		int r = garita_simple_signing(payloads[i].text,
					      strlen(payloads[i].text), TYPE,
					      &claim, &err);

		if (!payloads[i].words) {
			if (r != 0)
				fail_msg("%s: %s", payloads[i].why, err.text);
			assert_int_equal(claim.digest_count, 1);
			assert_string_equal(claim.digests[0], DIGEST);
			assert_string_equal(claim.reference, "example.com/a");
		} else if (r >= 0 || !strstr(err.text, payloads[i].words)) {
			fail_msg("%s: %d %s", payloads[i].why, r, err.text);
		} else {
			assert_int_equal(claim.digest_count, 0);
			assert_null(claim.reference);
		}
		garita_claim_free(&claim);
	}
}

static const char *said(const struct garita_claim *claim, const char *key)
{
	for (size_t i = 0; i < claim->said_count; i++)
		if (strcmp(claim->said[i].key, key) == 0)
			return claim->said[i].value;
	return NULL;
}

static void test_strings_beside_are_kept(void **state)
{
	static const char text[] =
		"{" CRITICAL
		",\"optional\":{\"env\":\"prod\",\"n\":1,\"t\":true,"
		"\"empty\":\"\"}}";
	struct garita_claim claim = { 0 };

	(void)state;
	assert_int_equal(
		garita_simple_signing(text, strlen(text), TYPE, &claim, NULL),
		0);
	assert_int_equal(claim.said_count, 2);
	assert_string_equal(said(&claim, "env"), "prod");
	assert_string_equal(said(&claim, "empty"), "");
	garita_claim_free(&claim);
}

#define V1      "\"_type\":\"https://in-toto.io/Statement/v1\""
#define SIGN    "\"predicateType\":\"https://sigstore.dev/cosign/sign/v1\""
#define SUBJECT "{\"digest\":{\"sha256\":\"" HEX HEX "\"}}"

static const struct {
	const char *why, *text, *words; /* words: NULL when it is read */
} statements[] = {
	{ "as cosign writes it",
	  "{" V1 ",\"subject\":[" SUBJECT "]," SIGN ",\"predicate\":{}}",
	  NULL },
	{ "no predicate", "{" V1 ",\"subject\":[" SUBJECT "]," SIGN "}", NULL },
	{ "any predicate",
	  "{" V1 ",\"subject\":[" SUBJECT "]," SIGN ",\"predicate\":{\"a\":1}}",
	  NULL },
	{ "v0.1",
	  "{\"_type\":\"https://in-toto.io/Statement/"
	  "v0.1\",\"subject\":[" SUBJECT "]," SIGN "}",
	  NULL },
	{ "another kind of digest beside",
	  "{" V1
	  ",\"subject\":[{\"digest\":{\"gitCommit\":\"1\",\"sha256\":\"" HEX HEX
	  "\"},\"name\":\"a\",\"uri\":\"b\"}]," SIGN "}",
	  NULL },
	{ "an attestation",
	  "{" V1 ",\"subject\":[" SUBJECT
	  "],\"predicateType\":\"https://slsa.dev/provenance/v1\"}",
	  "attestation (https://slsa.dev/provenance/v1)" },
	{ "a longer type",
	  "{" V1 ",\"subject\":[" SUBJECT
	  "],\"predicateType\":\"https://sigstore.dev/cosign/sign/v1/\"}",
	  "attestation" },
	{ "no type of predicate", "{" V1 ",\"subject\":[" SUBJECT "]}",
	  "attestation" },
	{ "v2",
	  "{\"_type\":\"https://in-toto.io/Statement/v2\",\"subject\":[" SUBJECT
	  "]," SIGN "}",
	  "_type" },
	{ "no _type", "{\"subject\":[" SUBJECT "]," SIGN "}", "_type" },
	{ "more at the top",
	  "{" V1 ",\"subject\":[" SUBJECT "]," SIGN ",\"Subject\":[]}",
	  "\"Subject\"" },
	{ "more in a subject",
	  "{" V1
	  ",\"subject\":[{\"Digest\":{},\"digest\":{\"sha256\":\"" HEX HEX
	  "\"}}]," SIGN "}",
	  "\"Digest\"" },
	{ "a predicate that is a list",
	  "{" V1 ",\"subject\":[" SUBJECT "]," SIGN ",\"predicate\":[]}",
	  "predicate is not" },
	{ "no subject", "{" V1 "," SIGN "}", "not an array" },
	{ "subject is an object", "{" V1 ",\"subject\":" SUBJECT "," SIGN "}",
	  "not an array" },
	{ "no subjects", "{" V1 ",\"subject\":[]," SIGN "}", "no subject has" },
	{ "only sha512",
	  "{" V1 ",\"subject\":[{\"digest\":{\"sha512\":\"" HEX HEX
	  "\"}}]," SIGN "}",
	  "no subject has" },
	{ "a subject without digest",
	  "{" V1 ",\"subject\":[{\"name\":\"a\"}," SUBJECT "]," SIGN "}",
	  "digest of a subject" },
	{ "a short digest",
	  "{" V1 ",\"subject\":[{\"digest\":{\"sha256\":\"" HEX "\"}}]," SIGN
	  "}",
	  "64 lower" },
	{ "with its algorithm",
	  "{" V1 ",\"subject\":[{\"digest\":{\"sha256\":\"" DIGEST "\"}}]," SIGN
	  "}",
	  "64 lower" },
	{ "a number",
	  "{" V1 ",\"subject\":[{\"digest\":{\"sha256\":1}}]," SIGN "}",
	  "64 lower" },
	{ "one bad among good",
	  "{" V1 ",\"subject\":[" SUBJECT
	  ",{\"digest\":{\"sha256\":\"A\"}}]," SIGN "}",
	  "64 lower" },
	{ "not JSON", "x", "" },
};

static void test_statements(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(statements); i++) {
		struct garita_claim claim = { 0 };
		struct garita_error err = { 0 };
		int r = garita_statement(statements[i].text,
					 strlen(statements[i].text), NULL,
					 false, &claim, &err);

		if (!statements[i].words) {
			if (r != 0)
				fail_msg("%s: %s", statements[i].why, err.text);
			assert_int_equal(claim.digest_count, 1);
			assert_string_equal(claim.digests[0], DIGEST);
			assert_null(claim.reference);
		} else if (r >= 0 || !strstr(err.text, statements[i].words)) {
			fail_msg("%s: %d %s", statements[i].why, r, err.text);
		}
		garita_claim_free(&claim);
	}
}

static struct garita_text many_subjects(unsigned count)
{
	struct garita_text text = { 0 };

	garita_text_puts(&text, "{" V1 ",\"subject\":[");
	for (unsigned i = 0; i < count; i++)
		garita_text_printf(&text,
				   "%s{\"digest\":{\"sha256\":\"%08x%056x\"}}",
				   i ? "," : "", i, 0);
	garita_text_puts(&text, "]," SIGN "}");
	return text;
}

static void test_many_subjects(void **state)
{
	auto_text fits = many_subjects(GARITA_CLAIM_DIGESTS_MAX);
	auto_text more = many_subjects(GARITA_CLAIM_DIGESTS_MAX + 1);
	struct garita_claim claim = { 0 };

	(void)state;
	assert_int_equal(garita_statement(fits.data, fits.len, NULL, false,
					  &claim, NULL),
			 0);
	assert_int_equal(claim.digest_count, GARITA_CLAIM_DIGESTS_MAX);
	garita_claim_free(&claim);
	assert_int_equal(garita_statement(more.data, more.len, NULL, false,
					  &claim, NULL),
			 -EINVAL);
	garita_claim_free(&claim);
}

/* What is said of one image is not said of the other. */
static void test_annotations_are_of_all_subjects(void **state)
{
	static const char one[] =
		"{" V1 ",\"subject\":[{\"digest\":{\"sha256\":\"" HEX HEX
		"\"},\"annotations\":{\"env\":\"prod\",\"n\":1}}]," SIGN "}";
	static const char two[] =
		"{" V1 ",\"subject\":[{\"digest\":{\"sha256\":\"" HEX HEX
		"\"},\"annotations\":{\"env\":\"prod\",\"team\":\"a\"}},"
		"{\"digest\":{\"sha256\":\"" HEX
		"00112233445566778899aabbccddee00\"},\"annotations\":"
		"{\"team\":\"a\",\"env\":\"test\"}}]," SIGN "}";
	struct garita_claim claim = { 0 };

	(void)state;
	assert_int_equal(
		garita_statement(one, strlen(one), NULL, false, &claim, NULL),
		0);
	assert_int_equal(claim.said_count, 1);
	assert_string_equal(said(&claim, "env"), "prod");
	garita_claim_free(&claim);
	assert_int_equal(
		garita_statement(two, strlen(two), NULL, false, &claim, NULL),
		0);
	assert_int_equal(claim.digest_count, 2);
	assert_null(said(&claim, "env"));
	assert_string_equal(said(&claim, "team"), "a");
	garita_claim_free(&claim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple_signing),
		cmocka_unit_test(test_strings_beside_are_kept),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_many_subjects),
		cmocka_unit_test(test_annotations_are_of_all_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
