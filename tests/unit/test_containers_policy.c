/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_containers_policy - containers-policy.json(5) as skopeo reads it: 88
 * evaluations with skopeo's own verdict (tests/samples/signatures), and what
 * those do not show.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/trust.h"
#include "tests/unit/sample_files.h"

/* As garita does before it asks: a key file that is not there is a refusal. */
static bool read_keys(struct garita_requirements *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		for (size_t k = 0; k < wanted->all[i].key_count; k++) {
			struct garita_key_source *key = &wanted->all[i].keys[k];

			if (key->path == NULL)
				continue;
			key->bytes = sample_bytes(key->path, &key->len);
			if (key->bytes == NULL)
				return false;
		}
	return true;
}

/* Raw text, or an object to be printed. */
static char *policy_text(const struct garita_json *policy)
{
	struct garita_text text = { 0 };

	if (garita_json_string(policy) != NULL)
		return garita_xstrdup(garita_json_string(policy));
	garita_json_print(policy, &text);
	return garita_text_take(&text);
}

static bool is_accepted(const struct garita_json *one,
			const struct garita_image *image,
			const struct garita_blobs *material, char *why,
			size_t size)
{
	auto_free char *text = policy_text(garita_json_get(one, "policy"));
	auto_requirements wanted = { 0 };
	auto_free char *scope = NULL;
	struct garita_error err = { 0 };
	struct garita_trust trust;
	const struct garita_trust_case asked = {
		.image = image,
		.wanted = &wanted,
		.material = material,
		.now = 1795000000,
	};

	if (garita_containers_policy(text, strlen(text), image->reference,
				     &wanted, &scope, &err) < 0) {
		snprintf(why, size, "%s", err.text);
		return false;
	}
	if (!read_keys(&wanted)) {
		snprintf(why, size, "a key is missing");
		return false;
	}
	garita_trust_decide(&asked, &trust, NULL);
	snprintf(why, size, "%s", trust.words);
	return trust.state == GARITA_TRUST_ACCEPTED;
}

static void test_as_skopeo(void **state)
{
	size_t wrong_count = 0, valid = 0;
	auto_json struct garita_json_doc *doc =
		sample_json("policy-json/cases.json");
	const struct garita_json *root = garita_json_root(doc);
	const struct garita_json *cases = garita_json_get(root, "cases");
	auto_blobs material = { 0 }, none = { 0 };
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	auto_free char *signature = NULL;
	size_t len = 0;

	(void)state;
	signature = sample_bytes(
		garita_json_string(garita_json_get(root, "signature")), &len);
	assert_non_null(signature);
	garita_blobs_add(&material, "signature-1", signature, len);
	memcpy(image.manifest,
	       garita_json_string(garita_json_get(root, "image_digest")),
	       GARITA_DIGEST_SIZE);
	for (size_t i = 0; i < garita_json_count(cases); i++) {
		const struct garita_json *one = garita_json_item(cases, i);
		const char *name =
			garita_json_string(garita_json_get(one, "name"));
		bool want = strcmp(garita_json_string(
					   garita_json_get(one, "expect")),
				   "valid") == 0;
		bool is_unsigned = strstr(name, "unsigned") != NULL;
		char why[600];
		bool got;

		image.reference = (char *)garita_json_string(
			garita_json_get(one, "image_ref"));
		got = is_accepted(one, &image, is_unsigned ? &none : &material,
				  why, sizeof(why));
		valid += want;
		if (got != want) {
			wrong_count++;
			print_error("%s: got %d (%s)\n", name, got, why);
		}
		if (!got)
			assert_true(why[0] != '\0');
	}
	assert_int_equal(garita_json_count(cases), 88);
	assert_int_equal(valid, 37);
	assert_int_equal(wrong_count, 0);
}

#define DEFAULT "\"default\":[{\"type\":\"reject\"}]"
#define ANY     "[{\"type\":\"insecureAcceptAnything\"}]"

/* Wrong anywhere is wrong everywhere: another transport, another scope. */
static const struct {
	const char *why, *text, *says;
} wrong[] = {
	{ "not JSON", "{", "" },
	{ "comments", "{/* */" DEFAULT "}", "" },
	{ "an array", "[]", "object" },
	{ "default is empty", "{\"default\":[]}", "no requirement" },
	{ "default is an object", "{\"default\":{}}", "array" },
	{ "default twice", "{" DEFAULT "," DEFAULT "}", "" },
	{ "Default", "{\"Default\":" ANY "}", "unknown member" },
	{ "transports is an array", "{" DEFAULT ",\"transports\":[]}",
	  "transports" },
	{ "an empty list in another transport",
	  "{" DEFAULT ",\"transports\":{\"dir\":{\"/x\":[]}}}",
	  "no requirement" },
	{ "a requirement without type", "{\"default\":[{\"keyPath\":\"x\"}]}",
	  "type" },
	{ "a member too many",
	  "{\"default\":[{\"type\":\"reject\",\"keyPath\":\"x\"}]}",
	  "keyPath" },
	{ "a misspelt type", "{\"default\":[{\"type\":\"sigstoresigned\"}]}",
	  "did you mean \"sigstoreSigned\"" },
	{ "signedBy without keyType",
	  "{\"default\":[{\"type\":\"signedBy\",\"keyPath\":\"x\"}]}",
	  "keyType" },
	{ "signedBy with two keys",
	  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\","
	  "\"keyPath\":\"x\",\"keyPaths\":[\"y\"]}]}",
	  "exactly one" },
	{ "signedBy with keyDatas",
	  "{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\","
	  "\"keyDatas\":[\"eA==\"]}]}",
	  "keyDatas" },
	{ "no key paths",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPaths\":[]}]}",
	  "not empty" },
	{ "key data that is no base64",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyData\":\"!\"}]}",
	  "base64" },
	{ "fulcio without a log key",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"fulcio\":{\"caPath\":"
	  "\"x\",\"oidcIssuer\":\"y\",\"subjectEmail\":\"z\"}}]}",
	  "Rekor" },
	{ "fulcio without an issuer",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"fulcio\":{\"caPath\":"
	  "\"x\",\"subjectEmail\":\"z\"},\"rekorPublicKeyPath\":\"r\"}]}",
	  "oidcIssuer" },
	{ "pki with a log key",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"pki\":{\"caRootsPath\":"
	  "\"x\",\"subjectEmail\":\"z\"},\"rekorPublicKeyPath\":\"r\"}]}",
	  "exclude" },
	{ "pki without a subject",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"pki\":{\"caRootsPath\":"
	  "\"x\"}}]}",
	  "subjectEmail" },
	{ "two log keys",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"rekorPublicKeyPath\":\"r\",\"rekorPublicKeyData\":\"eA==\"}]}",
	  "exclude" },
	{ "an identity of no form",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":{\"type\":\"matchexact\"}}]}",
	  "did you mean \"matchExact\"" },
	{ "our own identity form",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":{\"type\":\"any\"}}]}",
	  "unknown identity" },
	{ "an identity that is null",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":null}]}",
	  "type" },
	{ "exactReference without a tag",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":{\"type\":\"exactReference\","
	  "\"dockerReference\":\"quay.io/a\"}}]}",
	  "tag" },
	{ "exactRepository without its member",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":{\"type\":\"exactRepository\"}}]}",
	  "dockerRepository" },
	{ "remapIdentity with a short prefix",
	  "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"k\","
	  "\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"busybox/"
	  "x\",\"signedPrefix\":\"quay.io\"}}]}",
	  "prefix" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(wrong); i++) {
		auto_requirements wanted = { 0 };
		struct garita_error err = { 0 };
		char *scope = NULL;

		if (garita_containers_policy(wrong[i].text,
					     strlen(wrong[i].text), NULL,
					     &wanted, &scope, &err) == 0)
			fail_msg("%s was accepted", wrong[i].why);
		if (strstr(err.text, wrong[i].says) == NULL &&
		    strstr(err.pointer, wrong[i].says) == NULL)
			fail_msg("%s: \"%s\" at %s does not say \"%s\"",
				 wrong[i].why, err.text, err.pointer,
				 wrong[i].says);
		assert_int_equal(wanted.count, 0);
		assert_null(scope);
	}
}

/* Which scope a name falls in. */
static const struct {
	const char *name, *scopes, *scope;
} scopes[] = {
	{ "busybox", "\"docker.io/library/busybox:latest\":" ANY,
	  "docker: docker.io/library/busybox:latest" },
	{ "busybox", "\"busybox\":" ANY, "default" },
	{ "busybox:1", "\"docker.io/library\":" ANY,
	  "docker: docker.io/library" },
	{ "a.b.example.com:5000/x/y",
	  "\"*.example.com\":" ANY ",\"*.com\":" ANY, "docker: *.example.com" },
	{ "a.b.example.com/x", "\"*.b.example.com\":" ANY,
	  "docker: *.b.example.com" },
	{ "example.com/x", "\"*.example.com\":" ANY, "default" },
	{ "example.com/x", "\"*\":" ANY, "default" },
	{ "example.com/x", "\"example.com/\":" ANY, "default" },
	{ "localhost/x", "\"\":" ANY ",\"x\":" ANY, "docker: every image" },
	{ NULL, "\"\":" ANY, "default" },
};

static void test_scopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(scopes); i++) {
		auto_requirements wanted = { 0 };
		struct garita_error err = { 0 };
		auto_free char *scope = NULL;
		auto_text text = { 0 };

		garita_text_printf(
			&text, "{" DEFAULT ",\"transports\":{\"docker\":{%s}}}",
			scopes[i].scopes);
		if (garita_containers_policy(text.data, text.len,
					     scopes[i].name, &wanted, &scope,
					     &err) < 0)
			fail_msg("%s: %s", text.data, err.text);
		assert_string_equal(scope, scopes[i].scope);
		assert_int_equal(wanted.count, 1);
		assert_int_equal(wanted.all[0].kind,
				 strcmp(scope, "default") == 0
					 ? GARITA_REQUIRE_REJECT
					 : GARITA_REQUIRE_NOTHING);
	}
}

/* A name that nobody can read is not the default's: it is refused. */
static void test_unreadable_name(void **state)
{
	static const char text[] = "{\"default\":" ANY "}";
	auto_requirements wanted = { 0 };
	struct garita_error err = { 0 };
	char *scope = NULL;

	(void)state;
	assert_int_equal(garita_containers_policy(text, strlen(text), "A B",
						  &wanted, &scope, &err),
			 -EINVAL);
}

/* What it says of certificates and logs. */
static void test_certificates_and_logs(void **state)
{
	static const struct {
		const char *members;
		enum garita_requirement_kind kind;
		enum garita_source_role roles[3];
		size_t count;
	} rows[] = {
		{ ("\"fulcio\":{\"caPath\":\"x\",\"oidcIssuer\":\"y\","
		   "\"subjectEmail\":\"z\"},\"rekorPublicKeyPaths\":"
		   "[\"r\",\"s\"]"),
		  GARITA_REQUIRE_KEYLESS,
		  { GARITA_SOURCE_AUTHORITY, GARITA_SOURCE_LOG,
		    GARITA_SOURCE_LOG },
		  3 },
		{ ("\"pki\":{\"caRootsPath\":\"x\",\"caIntermediatesData\":"
		   "\"eA==\",\"subjectEmail\":\"z\","
		   "\"subjectHostname\":\"h\"}"),
		  GARITA_REQUIRE_KEYLESS,
		  { GARITA_SOURCE_AUTHORITY, GARITA_SOURCE_BETWEEN },
		  2 },
		{ "\"keyPath\":\"k\",\"rekorPublicKeyData\":\"eA==\"",
		  GARITA_REQUIRE_KEYS,
		  { GARITA_SOURCE_KEY, GARITA_SOURCE_LOG },
		  2 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_requirements wanted = { 0 };
		auto_free char *scope = NULL;
		auto_text text = { 0 };
		struct garita_error err = { 0 };

		garita_text_printf(
			&text,
			"{\"default\":[{\"type\":\"sigstoreSigned\",%s}]}",
			rows[i].members);
		if (garita_containers_policy(text.data, text.len, NULL, &wanted,
					     &scope, &err) < 0)
			fail_msg("%s: %s", rows[i].members, err.text);
		assert_int_equal(wanted.count, 1);
		assert_int_equal(wanted.all[0].kind, rows[i].kind);
		assert_int_equal(wanted.all[0].key_count, rows[i].count);
		for (size_t k = 0; k < rows[i].count; k++)
			assert_int_equal(wanted.all[0].keys[k].role,
					 rows[i].roles[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_skopeo),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_unreadable_name),
		cmocka_unit_test(test_certificates_and_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
