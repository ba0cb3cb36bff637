/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_policy_images - who must have signed, as the policy file says it: what
 * is read, what is refused with its place, and what files that extend one
 * another add up to.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/policy.h"

static struct garita_policy *parsed(const char *images)
{
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };
	auto_text text = { 0 };

	garita_text_printf(&text, "{\"version\":1,\"images\":%s}", images);
	if (garita_policy_parse(text.data, text.len, &policy, &err) < 0)
		fail_msg("%s: %s", images, err.text);
	return policy;
}

static void test_every_member(void **state)
{
	struct garita_policy *policy = parsed(
		"{\"containers-policy\":\"/etc/containers/policy.json\","
		"\"accept-signed-index\":true,\"signatures\":["
		"{\"match\":[\"a/*\",\"b/**\"],\"keys\":[\"x\",\"/y\",\"z\"],"
		"\"require\":2,\"identity\":{\"type\":\"remapIdentity\","
		"\"prefix\":\"a.io\",\"signedPrefix\":\"b.io\"},"
		"\"annotations\":{\"env\":\"prod\",\"empty\":\"\"}},"
		"{\"keyrings\":[\"k.gpg\"]}]}");
	const struct garita_signers *one = &policy->signers[0];
	const struct garita_signers *two = &policy->signers[1];

	(void)state;
	assert_true(garita_policy_names_signers(policy));
	assert_string_equal(policy->containers_policy,
			    "/etc/containers/policy.json");
	assert_true(policy->signed_index);
	assert_int_equal(policy->signers_count, 2);
	assert_int_equal(one->match.count, 2);
	assert_false(one->openpgp);
	assert_int_equal(one->key_count, 3);
	assert_string_equal(one->keys[1], "/y");
	assert_int_equal(one->need, 2);
	assert_int_equal(one->identity.kind, GARITA_IDENTITY_REMAP);
	assert_string_equal(one->identity.second, "b.io");
	assert_int_equal(one->annotation_count, 2);
	assert_string_equal(one->annotations[1].value, "");
	assert_int_equal(two->match.count, 0);
	assert_true(two->openpgp);
	assert_int_equal(two->need, 1);
	assert_int_equal(two->identity.kind, GARITA_IDENTITY_IF_SIGNED);
	garita_policy_free(policy);
}

static void test_keyless(void **state)
{
	struct garita_policy *policy = parsed(
		"{\"signatures\":[{\"keyless\":{\"trusted-root\":\"r.json\","
		"\"max-age\":\"2w\",\"stale\":\"warn\",\"identities\":["
		"{\"subject-email\":\"a@b\",\"issuer\":\"https://i\"},"
		"{\"subject-regexp\":\"https://x/.*\",\"issuer\":\"j\","
		"\"extensions\":{\"build-trigger\":\"push\","
		"\"source-repository-ref\":\"refs/heads/main\"}}]},"
		"\"require\":2},{\"keyless\":{\"trusted-root\":\"r\","
		"\"identities\":[{\"subject\":\"s\",\"issuer\":\"i\"}]}}]}");
	const struct garita_keyless *one = policy->signers[0].keyless;
	const struct garita_keyless *two = policy->signers[1].keyless;

	(void)state;
	assert_int_equal(policy->signers[0].key_count, 1);
	assert_string_equal(policy->signers[0].keys[0], "r.json");
	assert_int_equal(policy->signers[0].need, 2);
	assert_int_equal(one->way, GARITA_KEYLESS_SIGSTORE);
	assert_int_equal(one->max_age_s, 14 * 86400);
	assert_false(one->stale_refuses);
	assert_int_equal(one->count, 2);
	assert_int_equal(one->identities[0].kind, GARITA_SUBJECT_EMAIL);
	assert_string_equal(one->identities[0].subject, "a@b");
	assert_string_equal(one->identities[1].pattern, "https://x/.*");
	assert_int_equal(one->identities[1].extension_count, 2);
	assert_int_equal(one->identities[1].extensions[1].number, 14);
	assert_true(two->stale_refuses);
	assert_int_equal(two->max_age_s, 0);
	garita_policy_free(policy);
}

#define KEYS "\"keys\":[\"a\"]"
#define KEYLESS(rest)                                                          \
	"{\"signatures\":[{\"keyless\":{\"trusted-root\":\"r\"," rest "}}]}"
#define NAMED(rest) KEYLESS("\"identities\":[{\"issuer\":\"i\"" rest "}]")
#define IN_KEYLESS  "/images/signatures/0/keyless"

static const struct {
	const char *why, *images, *pointer, *words;
} refused[] = {
	{ "nobody", "{\"signatures\":[]}", "/images/signatures",
	  "must say who signs" },
	{ "nothing wanted", "{\"attestations\":[]}", "/images/attestations",
	  "must say what is wanted" },
	{ "no type", "{\"attestations\":[{\"keys\":[\"a\"]}]}",
	  "/images/attestations/0", "\"type\" is missing" },
	{ "a type that is none",
	  "{\"attestations\":[{\"type\":\"vulns\",\"keys\":[\"a\"]}]}",
	  "/images/attestations/0/type", "did you mean \"vuln\"" },
	{ "by nobody", "{\"attestations\":[{\"type\":\"sbom\"}]}",
	  "/images/attestations/0", "\"keys\"" },
	{ "GPG signs no statement",
	  "{\"attestations\":[{\"type\":\"sbom\",\"keyrings\":[\"a\"]}]}",
	  "/images/attestations/0/keyrings", "unknown member" },
	{ "several signers",
	  "{\"attestations\":[{\"type\":\"sbom\",\"keys\":[\"a\",\"b\"],"
	  "\"require\":2}]}",
	  "/images/attestations/0/require", "unknown member" },
	{ "a severity of provenance",
	  "{\"attestations\":[{\"type\":\"provenance\",\"keys\":[\"a\"],\"max-"
	  "severity\":\"low\"}]}",
	  "/images/attestations/0", "goes with the type \"vuln\"" },
	{ "a builder of a scan",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"builder\":"
	  "\"b\"}]}",
	  "/images/attestations/0", "goes with the type \"provenance\"" },
	{ "no severity",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"max-"
	  "severity\":\"hig\"}]}",
	  "/images/attestations/0/max-severity", "did you mean \"high\"" },
	{ "unknown as none",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"unknown-"
	  "severity\":\"none\"}]}",
	  "/images/attestations/0/unknown-severity", "must be a severity" },
	{ "an age without a unit",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"max-age\":"
	  "\"7\"}]}",
	  "/images/attestations/0/max-age", "like \"36h\"" },
	{ "an age of nothing",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"max-age\":"
	  "\"0d\"}]}",
	  "/images/attestations/0/max-age", "like \"36h\"" },
	{ "an age beyond all",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"max-age\":"
	  "\"99999d\"}]}",
	  "/images/attestations/0/max-age", "like \"36h\"" },
	{ "ignored without a reason",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"ignore\":[{"
	  "\"id\":\"C\",\"expires\":\"2030-01-01\"}]}]}",
	  "/images/attestations/0/ignore/0", "\"reason\" is missing" },
	{ "ignored for good",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"ignore\":[{"
	  "\"id\":\"C\",\"reason\":\"r\"}]}]}",
	  "/images/attestations/0/ignore/0", "\"expires\" is missing" },
	{ "a day that is none",
	  "{\"attestations\":[{\"type\":\"vuln\",\"keys\":[\"a\"],\"ignore\":[{"
	  "\"id\":\"C\",\"reason\":\"r\",\"expires\":\"2030-02-30\"}]}]}",
	  "/images/attestations/0/ignore/0/expires", "must be a day" },
	{ "no array", "{\"signatures\":{}}", "/images/signatures",
	  "must be an array" },
	{ "an entry without keys", "{\"signatures\":[{\"match\":\"a\"}]}",
	  "/images/signatures/0", "\"keyless\" is missing" },
	{ "no key", "{\"signatures\":[{\"keys\":[]}]}",
	  "/images/signatures/0/keys", "must name a file" },
	{ "a key inline", "{\"signatures\":[{\"keys\":[\"\"]}]}",
	  "/images/signatures/0/keys/0", "must be a file name" },
	{ "both: n of which m?",
	  "{\"signatures\":[{" KEYS ",\"keyrings\":[\"b\"]}]}",
	  "/images/signatures/0/keyrings", "an entry for each" },
	{ "nobody is required", "{\"signatures\":[{" KEYS ",\"require\":0}]}",
	  "/images/signatures/0/require", "from 1" },
	{ "all but true", "{\"signatures\":[{" KEYS ",\"require\":true}]}",
	  "/images/signatures/0/require", "from 1" },
	{ "more signers than keys",
	  "{\"signatures\":[{\"require\":2," KEYS "}]}", "/images/signatures/0",
	  "there are 1 keys" },
	{ "a typo", "{\"signatures\":[{" KEYS ",\"anotations\":{}}]}",
	  "/images/signatures/0/anotations", "did you mean \"annotations\"?" },
	{ "no annotation", "{\"signatures\":[{" KEYS ",\"annotations\":{}}]}",
	  "/images/signatures/0/annotations", "annotations" },
	{ "a number", "{\"signatures\":[{" KEYS ",\"annotations\":{\"a\":1}}]}",
	  "/images/signatures/0/annotations/a", "must be a string" },
	{ "an identity that is none",
	  "{\"signatures\":[{" KEYS ",\"identity\":{\"type\":\"exact\"}}]}",
	  "/images/signatures/0/identity", "" },
	{ "an identity with something else",
	  "{\"signatures\":[{" KEYS ",\"identity\":{\"type\":\"any\","
	  "\"prefix\":\"a\"}}]}",
	  "/images/signatures/0/identity", "" },
	{ "an empty pattern", "{\"signatures\":[{" KEYS ",\"match\":\"\"}]}",
	  "/images/signatures/0/match", "must not be empty" },
	{ "no pattern", "{\"signatures\":[{" KEYS ",\"match\":[]}]}",
	  "/images/signatures/0/match", "must not be empty" },
	{ "no file", "{\"containers-policy\":\"\"}",
	  "/images/containers-policy", "must be a file name" },
	{ "keyless without roots",
	  "{\"signatures\":[{\"keyless\":{\"identities\":[{\"subject\":\"s\","
	  "\"issuer\":\"i\"}]}}]}",
	  IN_KEYLESS, "trusted-root" },
	{ "keyless by nobody", KEYLESS("\"identities\":[]"),
	  IN_KEYLESS "/identities", "must say who signs" },
	{ "anybody of an issuer", NAMED(""), IN_KEYLESS "/identities/0",
	  "anybody" },
	{ "no issuer", KEYLESS("\"identities\":[{\"subject\":\"s\"}]"),
	  IN_KEYLESS "/identities/0", "issuer" },
	{ "two subjects", NAMED(",\"subject\":\"a\",\"subject-uri\":\"b\""),
	  IN_KEYLESS "/identities/0/subject-uri", "already" },
	{ "an expression that is none", NAMED(",\"subject-regexp\":\"a**\""),
	  IN_KEYLESS "/identities/0/subject-regexp", "repeat of a repeat" },
	{ "an unknown extension",
	  NAMED(",\"extensions\":{\"build-triger\":\"a\"}"),
	  IN_KEYLESS "/identities/0/extensions",
	  "did you mean \"build-trigger\"?" },
	{ "no age", KEYLESS("\"max-age\":\"0d\""), IN_KEYLESS "/max-age",
	  "90d" },
	{ "an age without a unit", KEYLESS("\"max-age\":90"),
	  IN_KEYLESS "/max-age", "90d" },
	{ "an age of centuries", KEYLESS("\"max-age\":\"999999w\""),
	  IN_KEYLESS "/max-age", "ten years" },
	{ "keys and keyless", "{\"signatures\":[{" KEYS ",\"keyless\":{}}]}",
	  IN_KEYLESS, "an entry for each" },
	{ "notation by no policy", "{\"notation\":{\"trust-store\":\"s\"}}",
	  "/images/notation", "\"trust-policy\" is missing" },
	{ "notation by no store", "{\"notation\":{\"trust-policy\":\"p\"}}",
	  "/images/notation", "\"trust-store\" is missing" },
	{ "an empty name",
	  "{\"notation\":{\"trust-policy\":\"\",\"trust-store\":\"s\"}}",
	  "/images/notation/trust-policy", "" },
	{ "a list that is not known",
	  "{\"notation\":{\"trust-policy\":\"p\",\"trust-store\":\"s\","
	  "\"crl\":\"c\"}}",
	  "/images/notation", "did you mean \"crls\"?" },
	{ "an annotation of a number",
	  "{\"notation\":{\"trust-policy\":\"p\",\"trust-store\":\"s\","
	  "\"annotations\":{\"a\":1}}}",
	  "/images/notation/annotations/a", "must be a string" },
	{ "perhaps", "{\"accept-signed-index\":\"yes\"}",
	  "/images/accept-signed-index", "must be true or false" },
};

static void test_what_is_not_understood_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		struct garita_policy *policy = NULL;
		struct garita_error err = { 0 };
		auto_text text = { 0 };

		garita_text_printf(&text, "{\"version\":1,\"images\":%s}",
				   refused[i].images);
		if (garita_policy_parse(text.data, text.len, &policy, &err) !=
		    -EINVAL)
			fail_msg("accepted: %s", refused[i].why);
		if (!garita_starts_with(err.pointer, refused[i].pointer) ||
		    strstr(err.text, refused[i].words) == NULL)
			fail_msg("%s: %s: %s", refused[i].why, err.pointer,
				 err.text);
		assert_null(policy);
	}
}

static void test_signers_turn_the_rule_on(void **state)
{
	static const struct {
		const char *members;
		enum garita_action action;
	} rows[] = {
		{ "\"images\":{\"accept-signed-index\":true}", GARITA_OFF },
		{ "\"images\":{\"containers-policy\":\"p\"}", GARITA_DENY },
		{ "\"images\":{\"signatures\":[{" KEYS "}]}", GARITA_DENY },
		{ "\"images\":{\"notation\":{\"trust-policy\":\"p\","
		  "\"trust-store\":\"s\"}}",
		  GARITA_DENY },
		{ "\"images\":{\"containers-policy\":\"p\"},"
		  "\"rules\":{\"image-signature\":\"warn\"}",
		  GARITA_WARN },
		{ "\"rules\":{\"image-signature\":\"off\"},"
		  "\"images\":{\"containers-policy\":\"p\"}",
		  GARITA_OFF },
	};
	int rule = garita_rule_find("image-signature");

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_policy *policy = NULL;
		auto_text text = { 0 };

		garita_text_printf(&text,
				   "{\"version\":1,\"profile\":\"off\",%s}",
				   rows[i].members);
		assert_int_equal(
			garita_policy_parse(text.data, text.len, &policy, NULL),
			0);
		assert_int_equal(policy->settings[rule].action, rows[i].action);
		garita_policy_free(policy);
	}
}

static int fetch(void *data, const char *from, const char *name,
		 char **ret_path, char **ret_text, size_t *ret_len,
		 struct garita_error *err)
{
	static const char below[] =
		"{\"version\":1,\"images\":{\"containers-policy\":\"c.json\","
		"\"accept-signed-index\":true,"
		"\"signatures\":[{\"keys\":[\"below.pub\",\"/abs.pub\"]}]}}";

	(void)data;
	(void)from;
	(void)name;
	(void)err;
	*ret_path = garita_xstrdup("/base/base.json");
	*ret_text = garita_xstrdup(below);
	*ret_len = strlen(below);
	return 0;
}

/* What a file below demands stays; its names count from its own directory. */
static void test_files_add_up(void **state)
{
	static const char text[] =
		"{\"version\":1,\"extends\":\"base.json\",\"images\":{"
		"\"accept-signed-index\":false,"
		"\"signatures\":[{\"keys\":[\"own.pub\"]}]}}";
	const struct garita_policy_source source = {
		.fetch = fetch,
		.path = "/etc/garita/policy.json",
	};
	struct garita_policy *policy = NULL;

	(void)state;
	assert_int_equal(
		garita_policy_load(text, strlen(text), &source, &policy, NULL),
		0);
	assert_int_equal(policy->signers_count, 2);
	assert_string_equal(policy->signers[0].keys[0], "/base/below.pub");
	assert_string_equal(policy->signers[0].keys[1], "/abs.pub");
	assert_string_equal(policy->signers[1].keys[0], "own.pub");
	assert_string_equal(policy->containers_policy, "/base/c.json");
	assert_false(policy->signed_index);
	garita_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_member),
		cmocka_unit_test(test_keyless),
		cmocka_unit_test(test_what_is_not_understood_is_an_error),
		cmocka_unit_test(test_signers_turn_the_rule_on),
		cmocka_unit_test(test_files_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
