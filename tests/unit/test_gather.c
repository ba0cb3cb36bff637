/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_gather - by which names an image is asked about, and what several
 * answers are together. (Keys, material and records: tests/engines/trust.bats.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "hook/trust/gather.h"
#include "tests/unit/temporary.h"

#define ODD GARITA_BUILD_DIR "/tests/programs/odd_verify"
#define ONE                                                                    \
	"sha256:1111111111111111111111111111111111111111111111111111111111111" \
	"111"

/* A directory with a key, a containers policy and no state. */
static char home[TEMPORARY_SIZE];

static void write_file(const char *name, const char *text)
{
	auto_text path = { 0 };
	FILE *file;

	garita_text_printf(&path, "%s/%s", home, name);
	file = fopen(path.data, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path.data, 0644), 0);
}

static int make_home(void **state)
{
	(void)state;
	temporary_make("gather", home);
	write_file("a.pub", "a key");
	write_file("open.json",
		   "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
	write_file("shut.json", "{\"default\":[{\"type\":\"reject\"}]}");
	write_file("near.json", "{\"default\":[{\"type\":\"signedBy\","
				"\"keyType\":\"GPGKeys\",\"keyPath\":\"a.pub\""
				"}]}");
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	return temporary_remove(home);
}

#define OWN "\"signatures\":[{\"match\":\"r.io/**\",\"keys\":[\"a.pub\"]}]"

static const struct {
	const char *why, *images, *reference;
	const char *names[10];
	enum garita_trust_state state;
	const char *words;
} rows[] = {
	{ "one name",
	  OWN,
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_ACCEPTED,
	  "yes" },
	{ "a name that nobody is named for",
	  OWN,
	  "q.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "no entry of images.signatures is about" },
	{ "the name it was made by, alone",
	  OWN,
	  "r.io/odd/yes:1",
	  { "r.io/odd/crash:1", "r.io/odd/yes:1" },
	  GARITA_TRUST_ACCEPTED,
	  "yes" },
	{ "an id: all its names",
	  OWN,
	  ONE,
	  { "r.io/odd/yes:1", "r.io/odd/yes:2" },
	  GARITA_TRUST_ACCEPTED,
	  "yes" },
	{ "an id: the second does not pass",
	  OWN,
	  ONE,
	  { "r.io/odd/yes:1", "r.io/odd/crash:1" },
	  GARITA_TRUST_REFUSED,
	  "signal" },
	{ "an id: the first does not pass",
	  OWN,
	  ONE,
	  { "r.io/odd/crash:1", "r.io/odd/yes:1" },
	  GARITA_TRUST_REFUSED,
	  "signal" },
	{ "no record: all its names",
	  OWN,
	  NULL,
	  { "r.io/odd/yes:1", "q.io/odd/yes:1" },
	  GARITA_TRUST_REFUSED,
	  "q.io/odd/yes:1" },
	{ "no name at all",
	  OWN,
	  NULL,
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "an image without a name" },
	{ "more names than are asked about",
	  OWN,
	  NULL,
	  { "r.io/odd/yes:1", "r.io/odd/yes:2", "r.io/odd/yes:3",
	    "r.io/odd/yes:4", "r.io/odd/yes:5", "r.io/odd/yes:6",
	    "r.io/odd/yes:7", "r.io/odd/yes:8", "r.io/odd/yes:9" },
	  GARITA_TRUST_REFUSED,
	  "9 names" },
	{ "a key that is not there",
	  "\"signatures\":[{\"keys\":[\"b.pub\"]}]",
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "b.pub" },
	{ "anything goes, without asking",
	  "\"containers-policy\":\"open.json\"",
	  "r.io/odd/crash:1",
	  { 0 },
	  GARITA_TRUST_ACCEPTED,
	  "accepts any" },
	{ "nothing goes, without asking",
	  "\"containers-policy\":\"shut.json\"",
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "rejects this image" },
	{ "both: the engines' file does not stand for ours",
	  "\"containers-policy\":\"open.json\"," OWN,
	  "r.io/odd/crash:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "signal" },
	{ "both: nor ours for theirs",
	  "\"containers-policy\":\"shut.json\"," OWN,
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "rejects" },
	{ "a path that each engine counts from elsewhere",
	  "\"containers-policy\":\"near.json\"",
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "not absolute" },
	{ "no such file",
	  "\"containers-policy\":\"none.json\"",
	  "r.io/odd/yes:1",
	  { 0 },
	  GARITA_TRUST_REFUSED,
	  "none.json" },
};

static void judge(size_t row, struct garita_image *image)
{
	struct garita_policy *policy = NULL;
	auto_text text = { 0 }, path = { 0 };
	struct garita_gather of = {
		.sysroot = home, /* remembers nothing: has no /var/lib */
		.program = ODD,
		.now = 1800000000,
	};

	garita_text_printf(&text, "{\"version\":1,\"images\":{%s}}",
			   rows[row].images);
	assert_int_equal(
		garita_policy_parse(text.data, text.len, &policy, NULL), 0);
	garita_text_printf(&path, "%s/policy.json", home);
	of.policy = policy;
	of.policy_path = path.data;
	garita_gather_judge(&of, 1U << GARITA_TOPIC_SIGNATURE, image);
	garita_policy_free(policy);
}

static void test_names_and_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };

		memcpy(image.manifest, ONE, sizeof(ONE));
		if (rows[i].reference != NULL)
			image.reference = garita_xstrdup(rows[i].reference);
		image.names = garita_xcalloc(GARITA_COUNT(rows[i].names),
					     sizeof(*image.names));
		while (rows[i].names[image.name_count] != NULL) {
			image.names[image.name_count] =
				garita_xstrdup(rows[i].names[image.name_count]);
			image.name_count++;
		}
		judge(i, &image);
		if (image.trust[GARITA_TOPIC_SIGNATURE].state !=
			    rows[i].state ||
		    strstr(image.trust[GARITA_TOPIC_SIGNATURE].words,
			   rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].why,
				 image.trust[GARITA_TOPIC_SIGNATURE].words);
		garita_image_free(&image);
	}
}

/* A signature of the Notary Project is no attestation, and its absence is told
 * by the rule for signatures alone. */
static void test_what_attestations_are_asked_for(void **state)
{
	static const char text[] =
		"{\"version\":1,\"images\":{"
		"\"notation\":{\"trust-policy\":\"trust.json\","
		"\"trust-store\":\"store\"},"
		"\"attestations\":[{\"type\":\"vuln\",\"max-severity\":"
		"\"high\",\"keys\":[\"a.pub\"]}]}}";
	static const enum garita_topic topics[] = { GARITA_TOPIC_SIGNATURE,
						    GARITA_TOPIC_VULN };
	struct garita_policy *policy = NULL;
	auto_text path = { 0 };
	struct garita_gather of = { .now = 1800000000 };

	(void)state;
	garita_text_printf(&path, "%s/policy.json", home);
	of.policy_path = path.data;
	write_file("trust.json",
		   "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"a\","
		   "\"registryScopes\":[\"*\"],\"signatureVerification\":{"
		   "\"level\":\"strict\"},\"trustStores\":[\"ca:a\"],"
		   "\"trustedIdentities\":[\"*\"]}]}");
	assert_int_equal(garita_policy_parse(text, strlen(text), &policy, NULL),
			 0);
	of.policy = policy;
	for (size_t i = 0; i < GARITA_COUNT(topics); i++) {
		auto_requirements wanted = { 0 };
		auto_free char *scope = NULL;

		assert_int_equal(garita_gather_wanted(&of, "r.io/a:1",
						      topics[i], &wanted,
						      &scope, NULL),
				 0);
		assert_int_equal(wanted.count, 1);
		assert_int_equal(wanted.all[0].kind,
				 i == 0 ? GARITA_REQUIRE_NOTATION
					: GARITA_REQUIRE_KEYS);
	}
	garita_policy_free(policy);
}

static void test_an_unknown_image(void **state)
{
	struct garita_image image = { .why_not = "no record" };

	(void)state;
	judge(0, &image);
	assert_int_equal(image.trust[GARITA_TOPIC_SIGNATURE].state,
			 GARITA_TRUST_REFUSED);
	assert_non_null(
		strstr(image.trust[GARITA_TOPIC_SIGNATURE].words, "no record"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_answers),
		cmocka_unit_test(test_what_attestations_are_asked_for),
		cmocka_unit_test(test_an_unknown_image),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
