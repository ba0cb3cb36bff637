/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_cosign - ".sig" manifests and the local form, wrong in one way
 * each and signed by a key that is trusted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/cosign.h"
#include "tests/unit/sigstore_make.h"

static const char payload[] =
	"{\"critical\":{\"identity\":{\"docker-reference\":\"example.com/a\"},"
	"\"image\":{\"docker-manifest-digest\":\"sha256:00112233445566778899aab"
	"bccddeeff00112233445566778899aabbccddeeff\"},\"type\":\"cosign "
	"container image signature\"},\"optional\":null}";

static EVP_PKEY *pairs[2];
static struct garita_key keys[2];

static int set_up(void **state)
{
	(void)state;
	pairs[0] = make_pair("P-256", &keys[0]);
	pairs[1] = make_pair("P-256", &keys[1]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(pairs[0]);
	EVP_PKEY_free(pairs[1]);
	return 0;
}

/* %T the layer's type, %D the payload's digest, %L its length, %B base64 of
 * it, %S the signature, %O one by the other key. */
static struct garita_text fill(const char *form)
{
	struct garita_text text = { 0 };
	size_t len = strlen(payload);
	auto_free char *sig = make_signature(pairs[0], NULL, payload, len);
	auto_free char *other = make_signature(pairs[1], NULL, payload, len);
	auto_free char *bytes = make_base64(payload, len);
	char digest[GARITA_DIGEST_SIZE];

	garita_sha256_digest(payload, len, digest);
	for (; *form; form++) {
		if (*form != '%')
			garita_text_putc(&text, *form);
		else if (*++form == 'T')
			garita_text_puts(&text, GARITA_COSIGN_PAYLOAD_TYPE);
		else if (*form == 'D')
			garita_text_puts(&text, digest);
		else if (*form == 'L')
			garita_text_printf(&text, "%zu", len);
		else if (*form == 'B')
			garita_text_puts(&text, bytes);
		else if (*form == 'S')
			garita_text_puts(&text, sig);
		else if (*form == 'O')
			garita_text_puts(&text, other);
	}
	return text;
}

#define SIG   "\"dev.cosignproject.cosign/signature\":\"%S\""
#define OTHER "\"dev.cosignproject.cosign/signature\":\"%O\""
#define HEAD  "\"mediaType\":\"%T\",\"digest\":\"%D\",\"size\":%L"
#define LAYER "{" HEAD ",\"annotations\":{" SIG "}}"

struct form {
	const char *why, *form, *words; /* words: NULL when there is a claim */
};

static const struct form manifests[] = {
	{ "one layer", "{\"layers\":[" LAYER "]}", NULL },
	{ "the second of two",
	  "{\"layers\":[{" HEAD ",\"annotations\":{" OTHER "}}," LAYER "]}",
	  NULL },
	{ "other annotations are not looked at",
	  "{\"layers\":[{" HEAD ",\"annotations\":{" SIG
	  ",\"dev.sigstore.cosign/bundle\":\"x\"}}]}",
	  NULL },
	{ "by somebody else",
	  "{\"layers\":[{" HEAD ",\"annotations\":{" OTHER "}}]}",
	  "not signed by" },
	{ "by somebody with a certificate",
	  "{\"layers\":[{" HEAD ",\"annotations\":{" OTHER
	  ",\"dev.sigstore.cosign/certificate\":\"x\"}}]}",
	  "a key is wanted" },
	{ "another type",
	  "{\"layers\":[{\"mediaType\":\"application/json\",\"digest\":\"%D\","
	  "\"size\":%L,\"annotations\":{" SIG "}}]}",
	  "application/json" },
	{ "no type",
	  "{\"layers\":[{\"digest\":\"%D\",\"size\":%L,\"annotations\":{" SIG
	  "}}]}",
	  "no signature" },
	{ "another size",
	  "{\"layers\":[{\"mediaType\":\"%T\",\"digest\":\"%D\",\"size\":1,"
	  "\"annotations\":{" SIG "}}]}",
	  "not in the material" },
	{ "no size",
	  "{\"layers\":[{\"mediaType\":\"%T\",\"digest\":\"%D\","
	  "\"annotations\":{" SIG "}}]}",
	  "not in the material" },
	{ "a huge size",
	  "{\"layers\":[{\"mediaType\":\"%T\",\"digest\":\"%D\",\"size\":"
	  "99999999999,\"annotations\":{" SIG "}}]}",
	  "not in the material" },
	{ "another digest",
	  "{\"layers\":[{\"mediaType\":\"%T\",\"digest\":\"sha256:00\","
	  "\"size\":%L,\"annotations\":{" SIG "}}]}",
	  "not in the material" },
	{ "no digest",
	  "{\"layers\":[{\"mediaType\":\"%T\",\"size\":%L,\"annotations\":{" SIG
	  "}}]}",
	  "without a digest" },
	{ "no annotations", "{\"layers\":[{" HEAD "}]}",
	  "without a signature" },
	{ "annotations are a list",
	  "{\"layers\":[{" HEAD ",\"annotations\":[\"%S\"]}]}",
	  "without a signature" },
	{ "a signature with a newline",
	  "{\"layers\":[{" HEAD
	  ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"%S\\n\""
	  "}}]}",
	  "not base64" },
	{ "two signatures of one layer",
	  "{\"layers\":[{" HEAD ",\"annotations\":{" OTHER "," SIG "}}]}",
	  "twice" },
	{ "no layers", "{\"x\":\"%T\",\"layers\":[]}", "without layers" },
	{ "layers are an object", "{\"layers\":{\"a\":" LAYER "}}",
	  "without layers" },
	{ "a layer that is a string", "{\"layers\":[\"%T\"]}", "no signature" },
	{ "cut", "{\"layers\":[" LAYER "]", "" },
};

#define LOCAL "\"mimeType\":\"%T\",\"payload\":\"%B\""

static const char local_head[] = "\0sigstore-json\n";

static const struct form locals[] = {
	{ "as podman keeps it", "{" LOCAL ",\"annotations\":{" SIG "}}", NULL },
	{ "by somebody else", "{" LOCAL ",\"annotations\":{" OTHER "}}",
	  "not signed by" },
	{ "an attestation",
	  "{\"mimeType\":\"application/vnd.dsse.envelope.v1+json\",\"payload\":"
	  "\"%B\",\"annotations\":{" SIG "}}",
	  "mimeType" },
	{ "no type", "{\"payload\":\"%B\",\"annotations\":{" SIG "}}",
	  "mimeType" },
	{ "no payload", "{\"mimeType\":\"%T\",\"annotations\":{" SIG "}}",
	  "payload is not base64" },
	{ "a payload of URLs",
	  "{\"mimeType\":\"%T\",\"payload\":\"-_-_\",\"annotations\":{" SIG
	  "}}",
	  "payload is not base64" },
	{ "no annotations", "{" LOCAL "}", "without a signature" },
	{ "more", "{" LOCAL ",\"annotations\":{" SIG "},\"x\":1}", "\"x\"" },
	{ "letter case",
	  "{\"MimeType\":\"%T\",\"payload\":\"%B\",\"annotations\":{" SIG "}}",
	  "\"MimeType\"" },
	{ "two of them, not cut",
	  "{" LOCAL ",\"annotations\":{" SIG "}}{" LOCAL
	  ",\"annotations\":{" SIG "}}",
	  "" },
	{ "a list", "[]", "not an object" },
	{ "nothing", "", "" },
};

static void check_forms(const struct garita_format *format, const char *head,
			size_t head_len, const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_text rest = fill(forms[i].form);
		auto_text text = { 0 };
		auto_text notes = { 0 };
		auto_blobs bag = { 0 };
		struct garita_claims claims = { .notes = &notes };

		garita_text_add(&text, head, head_len);
		garita_text_add(&text, rest.data, rest.len);
		assert_int_equal(
			garita_blobs_add(&bag, "sig", text.data, text.len), 0);
		assert_int_equal(garita_blobs_add(&bag, "payload", payload,
						  strlen(payload)),
				 0);
		read_one(format, keys, 1, &bag, &bag.all[0], &claims);
		if (claims.count != (forms[i].words ? 0 : 1))
			fail_msg("%s: %zu claims: %s", forms[i].why,
				 claims.count, notes.data ? notes.data : "");
		if (forms[i].words &&
		    (!notes.data || !strstr(notes.data, forms[i].words)))
			fail_msg("%s: %s", forms[i].why,
				 notes.data ? notes.data : "no note");
		if (!forms[i].words)
			assert_string_equal(claims.all[0].reference,
					    "example.com/a");
		garita_claims_free(&claims);
	}
}

static void test_manifests(void **state)
{
	(void)state;
	check_forms(&garita_format_cosign, "", 0, manifests,
		    GARITA_COUNT(manifests));
}

static void test_local(void **state)
{
	(void)state;
	check_forms(&garita_format_sigstore_local, local_head,
		    sizeof(local_head) - 1, locals, GARITA_COUNT(locals));
}

/* Each signer has a claim, and the layers after the limit are not looked at. */
static void test_many_layers(void **state)
{
	(void)state;
	for (size_t before = GARITA_SIGNATURES_MAX - 1;
	     before <= GARITA_SIGNATURES_MAX; before++) {
		auto_text form = { 0 }, text = { 0 }, notes = { 0 };
		auto_blobs bag = { 0 };
		struct garita_claims claims = { .notes = &notes };

		garita_text_puts(&form, "{\"layers\":[");
		for (size_t i = 0; i < before; i++)
			garita_text_puts(&form, "{\"mediaType\":\"x\"},");
		garita_text_puts(&form, LAYER "]}");
		text = fill(form.data);
		garita_blobs_add(&bag, "sig", text.data, text.len);
		garita_blobs_add(&bag, "payload", payload, strlen(payload));
		read_one(&garita_format_cosign, keys, 1, &bag, &bag.all[0],
			 &claims);
		assert_int_equal(claims.count,
				 before < GARITA_SIGNATURES_MAX ? 1 : 0);
		garita_claims_free(&claims);
	}
}

static void test_two_signers(void **state)
{
	auto_text text = fill("{\"layers\":[{" HEAD ",\"annotations\":{" OTHER
			      "}}," LAYER "]}");
	auto_blobs bag = { 0 };
	struct garita_claims claims = { 0 };

	(void)state;
	garita_blobs_add(&bag, "sig", text.data, text.len);
	garita_blobs_add(&bag, "payload", payload, strlen(payload));
	read_one(&garita_format_cosign, keys, 2, &bag, &bag.all[0], &claims);
	assert_int_equal(claims.count, 2);
	assert_string_equal(claims.all[0].signer, keys[1].words);
	assert_string_equal(claims.all[1].signer, keys[0].words);
	garita_claims_free(&claims);
}

/* A key that is no key ends the search with its own reason. */
static void test_a_bad_key_is_named(void **state)
{
	auto_text text = fill("{\"layers\":[" LAYER "]}");
	struct garita_key bad[2] = { keys[0], keys[0] };
	auto_blobs bag = { 0 };
	auto_text notes = { 0 };
	struct garita_claims claims = { .notes = &notes };

	(void)state;
	bad[0].bytes[bad[0].len - 1] ^= 1;
	garita_blobs_add(&bag, "sig", text.data, text.len);
	garita_blobs_add(&bag, "payload", payload, strlen(payload));
	read_one(&garita_format_cosign, bad, 2, &bag, &bag.all[0], &claims);
	assert_int_equal(claims.count, 0);
	assert_non_null(strstr(notes.data, "not a point of its curve"));
	garita_claims_free(&claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifests),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_many_layers),
		cmocka_unit_test(test_two_signers),
		cmocka_unit_test(test_a_bad_key_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
