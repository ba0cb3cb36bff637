/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes, exceptions and extends as the policy file has them: what is not
 * understood to the letter is an error with its place, and files on top of
 * one another come out as the manual says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "garita/match.h"

#define DIGEST_1                                                               \
	"sha256:1111111111111111111111111111111111111111111111111111111111"    \
	"111111"
#define DIGEST_2                                                               \
	"sha256:2222222222222222222222222222222222222222222222222222222222"    \
	"222222"

static void free_policy(struct garita_policy **at)
{
	garita_policy_free(*at);
}

#define auto_policy __attribute__((cleanup(free_policy))) struct garita_policy

#define SCOPE(more)                                                            \
	"{\"version\":1,\"scopes\":[{\"name\":\"a\",\"match\":{\"uid\":0}"     \
	"," more "}]}"
#define MATCH(more)                                                            \
	"{\"version\":1,\"scopes\":[{\"name\":\"a\",\"match\":{" more "}}]}"
#define EXCEPTION(rules, match, reason, owner, expires)                        \
	"{\"version\":1,\"exceptions\":[{\"rules\":" rules ",\"match\":" match \
	",\"reason\":" reason ",\"owner\":" owner ",\"expires\":" expires      \
	"}]}"
#define ROOT "[\"run-as-non-root\"]"
#define UID  "{\"uid\":0}"
#define DAY  "\"2027-03-01\""

static const struct {
	const char *why, *text, *pointer, *words;
} refused[] = {
	{ "scopes as an object", "{\"version\":1,\"scopes\":{}}", "/scopes",
	  "must be an array, is an object" },
	{ "a scope as text", "{\"version\":1,\"scopes\":[\"a\"]}", "/scopes/0",
	  "must be an object" },
	{ "a scope for nobody", "{\"version\":1,\"scopes\":[{\"name\":\"a\"}]}",
	  "/scopes/0", "\"match\" is missing" },
	{ "a scope without a name",
	  "{\"version\":1,\"scopes\":[{\"match\":{\"uid\":0}}]}", "/scopes/0",
	  "\"name\" is missing" },
	{ "two of one name",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"match\":{\"uid\":0}},"
	  "{\"name\":\"a\",\"match\":{\"uid\":1}}]}",
	  "/scopes/1/name", "another scope" },
	{ "a misspelt member", SCOPE("\"rule\":{}"), "/scopes/0/rule",
	  "did you mean \"rules\"?" },
	{ "a misspelt rule", SCOPE("\"rules\":{\"host-pidd\":\"off\"}"),
	  "/scopes/0/rules/host-pidd", "did you mean \"host-pid\"?" },
	{ "a repair there is not", SCOPE("\"rules\":{\"host-pid\":\"fix\"}"),
	  "/scopes/0/rules/host-pid", "has no repair" },
	{ "a list that is none",
	  SCOPE("\"rules\":{\"host-devices\":{\"allow\":1}}"),
	  "/scopes/0/rules/host-devices/allow", "must be an array" },
	{ "a profile there is not", SCOPE("\"profile\":\"stric\""),
	  "/scopes/0/profile", "did you mean \"strict\"?" },
	{ "a whole policy in a scope", SCOPE("\"mode\":\"dry-run\""),
	  "/scopes/0/mode", "unknown member" },
	{ "an end that is no day",
	  SCOPE("\"expires\":\"soon\",\"rules\":{\"host-pid\":\"warn\"}"),
	  "/scopes/0/expires", "the last on which the scope holds" },
	{ "what ends brings a profile",
	  SCOPE("\"expires\":" DAY ",\"profile\":\"baseline\""),
	  "/scopes/0/profile", "can only loosen rules" },
	{ "what ends tightens",
	  SCOPE("\"expires\":" DAY ",\"rules\":{\"run-as-non-root\":\"warn\","
		"\"unknown-image\":\"deny\"}"),
	  "/scopes/0/rules/unknown-image", "its end would loosen" },
	{ "what ends brings a parameter",
	  SCOPE("\"expires\":" DAY
		",\"rules\":{\"host-devices\":{\"allow\":[\"/dev/fuse\"]}}"),
	  "/scopes/0/rules/host-devices", "its end would loosen" },
	{ "what ends brings one with its action",
	  SCOPE("\"expires\":" DAY ",\"rules\":{\"host-devices\":{\"action\":"
		"\"warn\",\"allow\":[]}}"),
	  "/scopes/0/rules/host-devices", "its end would loosen" },
	{ "an empty match is everything, or nothing?", MATCH(""),
	  "/scopes/0/match", "which containers are meant" },
	{ "match as text",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"match\":\"*\"}]}",
	  "/scopes/0/match", "must be an object" },
	{ "a misspelt selector", MATCH("\"images\":\"a\""),
	  "/scopes/0/match/images", "did you mean \"image\"?" },
	{ "an image that is a number", MATCH("\"image\":1"),
	  "/scopes/0/match/image", "must be an array of strings" },
	{ "no image at all", MATCH("\"image\":[]"), "/scopes/0/match/image",
	  "must not be empty" },
	{ "an empty pattern", MATCH("\"image\":\"\""), "/scopes/0/match/image",
	  "must not be empty" },
	{ "an empty one among others", MATCH("\"image\":[\"a\",\"\"]"),
	  "/scopes/0/match/image/1", "must not be empty" },
	{ "a name as a digest", MATCH("\"digest\":\"a:1\""),
	  "/scopes/0/match/digest", "64 lower case hex digits" },
	{ "a store of no engine", MATCH("\"store\":\"container-storage\""),
	  "/scopes/0/match/store", "did you mean \"containers-storage\"?" },
	{ "a uid that is a name", MATCH("\"uid\":\"root\""),
	  "/scopes/0/match/uid", "must be a uid or a range" },
	{ "a uid as text", MATCH("\"uid\":\"0\""), "/scopes/0/match/uid",
	  "must be a uid or a range" },
	{ "a negative uid", MATCH("\"uid\":-1"), "/scopes/0/match/uid",
	  "must be a uid or a range" },
	{ "a uid no runtime takes", MATCH("\"uid\":2147483648"),
	  "/scopes/0/match/uid", "must be a uid or a range" },
	{ "a range backwards", MATCH("\"uid\":\"5-4\""), "/scopes/0/match/uid",
	  "must be a uid or a range" },
	{ "a range without an end", MATCH("\"uid\":\"5-\""),
	  "/scopes/0/match/uid", "must be a uid or a range" },
	{ "no uid", MATCH("\"uid\":[]"), "/scopes/0/match/uid",
	  "must not be empty" },
	{ "arguments as text", MATCH("\"args\":\"sh\""), "/scopes/0/match/args",
	  "must be an array" },
	{ "a relative bundle", MATCH("\"bundle\":\"x\""),
	  "/scopes/0/match/bundle", "must be an absolute path" },
	{ "annotations as a list", MATCH("\"annotations\":[]"),
	  "/scopes/0/match/annotations", "must be an object" },
	{ "no annotation", MATCH("\"annotations\":{}"),
	  "/scopes/0/match/annotations", "must be an object" },
	{ "an annotation loosens",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"rules\":{\"host-pid\":"
	  "\"warn\"},\"match\":{\"annotations\":{\"a\":\"b\"}}}]}",
	  "/scopes/0", "would loosen host-pid from deny to warn" },
	{ "an annotation loosens by a profile",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"profile\":\"baseline\","
	  "\"match\":{\"annotations\":{\"a\":\"b\"}}}]}",
	  "/scopes/0", "would loosen" },
	{ "an annotation brings a parameter, said before what matches",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"rules\":{"
	  "\"host-devices\":{\"allow\":[\"/dev/x\"]}},\"match\":{"
	  "\"annotations\":{\"a\":\"b\"}}}]}",
	  "/scopes/0/rules/host-devices/allow", "can only give actions" },
	{ "an annotation and a digest: still an annotation",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"rules\":{\"host-pid\":"
	  "\"off\"},\"match\":{\"digest\":\"" DIGEST_1
	  "\",\"annotations\":{\"a\":\"b\"}}}]}",
	  "/scopes/0", "would loosen" },
	{ "and an action with it",
	  "{\"version\":1,\"scopes\":[{\"name\":\"a\",\"match\":{"
	  "\"annotations\":{\"a\":\"b\"}},\"rules\":{\"host-devices\":"
	  "{\"action\":\"deny\",\"allow\":[\"/dev/x\"]}}}]}",
	  "/scopes/0/rules/host-devices/allow", "can only give actions" },
	{ "no rules", EXCEPTION("[]", UID, "\"r\"", "\"o\"", DAY),
	  "/exceptions/0/rules", "must name a rule" },
	{ "all rules", EXCEPTION("[\"*\"]", UID, "\"r\"", "\"o\"", DAY),
	  "/exceptions/0/rules/0", "unknown rule" },
	{ "a rule as text",
	  EXCEPTION("\"run-as-non-root\"", UID, "\"r\"", "\"o\"", DAY),
	  "/exceptions/0/rules", "must be an array" },
	{ "for everything", EXCEPTION(ROOT, "{}", "\"r\"", "\"o\"", DAY),
	  "/exceptions/0/match", "which containers are meant" },
	{ "for an annotation",
	  EXCEPTION(ROOT, "{\"uid\":0,\"annotations\":{\"a\":\"b\"}}", "\"r\"",
		    "\"o\"", DAY),
	  "/exceptions/0/match/annotations", "an exception loosens" },
	{ "no reason given", EXCEPTION(ROOT, UID, "\"\"", "\"o\"", DAY),
	  "/exceptions/0/reason", "not empty" },
	{ "nobody's", EXCEPTION(ROOT, UID, "\"r\"", "null", DAY),
	  "/exceptions/0/owner", "not empty" },
	{ "without an end", EXCEPTION(ROOT, UID, "\"r\"", "\"o\"", "null"),
	  "/exceptions/0/expires", "must be a day" },
	{ "never", EXCEPTION(ROOT, UID, "\"r\"", "\"o\"", "\"never\""),
	  "/exceptions/0/expires", "must be a day" },
	{ "no end at all",
	  "{\"version\":1,\"exceptions\":[{\"rules\":" ROOT ",\"match\":" UID
	  ",\"reason\":\"r\",\"owner\":\"o\"}]}",
	  "/exceptions/0", "\"expires\" is missing" },
	{ "extends in no file", "{\"version\":1,\"extends\":\"a.json\"}",
	  "/extends", "lies in no file" },
	{ "extends a list", "{\"version\":1,\"extends\":[]}", "/extends",
	  "must be a file name" },
};

static void test_what_is_not_understood_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		struct garita_policy *policy = NULL;
		struct garita_error err = { 0 };

		if (garita_policy_parse(refused[i].text,
					strlen(refused[i].text), &policy,
					&err) >= 0)
			fail_msg("accepted %s (%s)", refused[i].text,
				 refused[i].why);
		assert_null(policy);
		if (strcmp(err.pointer, refused[i].pointer) != 0 ||
		    strstr(err.text, refused[i].words) == NULL || err.line == 0)
			fail_msg("%s (%s): %u:%u (%s) %s", refused[i].text,
				 refused[i].why, err.line, err.column,
				 err.pointer, err.text);
	}
}

/* Files by name, as a directory would have them. */
struct files {
	const char *name, *text; /* ends in a NULL name */
};

static int fetch(void *data, const char *from, const char *name,
		 char **ret_path, char **ret_text, size_t *ret_len,
		 struct garita_error *err)
{
	(void)from;
	for (const struct files *f = data; f->name; f++) {
		auto_text path = { 0 };

		if (strcmp(f->name, name) != 0)
			continue;
		garita_text_printf(&path, "/p/%s", name);
		*ret_path = garita_text_take(&path);
		*ret_text = garita_xstrdup(f->text);
		*ret_len = strlen(f->text);
		return 0;
	}
	return garita_fail(err, ENOENT, "%s is not there", name);
}

static int load(const struct files *files, struct garita_policy **ret,
		struct garita_error *err)
{
	struct garita_policy_source source = {
		.fetch = fetch,
		.data = (void *)files,
		.path = "/p/top",
	};

	return garita_policy_load(files[0].text, strlen(files[0].text), &source,
				  ret, err);
}

static const struct garita_setting *setting(const struct garita_policy *policy,
					    const char *id)
{
	return &policy->settings[garita_rule_find(id)];
}

static void test_a_file_on_top_of_others(void **state)
{
	static const struct files files[] = {
		{ "top", "{\"version\":1,\"extends\":\"middle\",\n"
			 "\"rules\":{\"host-pid\":\"warn\","
			 "\"capabilities-baseline\":\"warn\"},\n"
			 "\"scopes\":[{\"name\":\"top\",\"match\":{\"uid\":1}"
			 "}],\"images\":{\"deny\":[\"" DIGEST_2 "\"]}}" },
		{ "middle", "{\"version\":1,\"extends\":\"base\",\n\n"
			    "\"rules\":{\"host-pid\":\"off\",\"host-ipc\":"
			    "\"off\",\"capabilities-baseline\":{\"action\":"
			    "\"deny\",\"allow\":[\"CAP_KILL\"]}},"
			    "\"fix\":false}" },
		{ "base", "{\"version\":1,\"profile\":\"baseline\","
			  "\"fix\":true,\"images\":{\"deny\":[\"" DIGEST_1
			  "\"],\"deny-file\":\"revoked\"},"
			  "\"scopes\":[{\"name\":\"base\",\"match\":{\"uid\":2}"
			  "}]}" },
		{ NULL, NULL },
	};
	auto_policy *policy = NULL;
	const struct garita_setting *caps;

	(void)state;
	assert_int_equal(load(files, &policy, NULL), 0);
	assert_int_equal(policy->profile, GARITA_PROFILE_BASELINE);
	assert_false(policy->fix);
	assert_int_equal(setting(policy, "host-pid")->action, GARITA_WARN);
	assert_int_equal(setting(policy, "host-ipc")->action, GARITA_OFF);
	caps = setting(policy, "capabilities-baseline");
	assert_int_equal(caps->action, GARITA_WARN);
	assert_true(garita_setting_allows(caps, "CAP_KILL"));
	assert_int_equal(policy->deny_count, 2);
	assert_string_equal(policy->deny_file, "/p/revoked");
	assert_int_equal(policy->scope_count, 2);
	assert_string_equal(policy->scopes[0].name, "top");
	assert_string_equal(policy->scopes[1].name, "base");
	/* And every part knows where it is from. */
	assert_int_equal(policy->file_count, 3);
	assert_string_equal(policy->files[0], "/p/top");
	assert_string_equal(policy->files[2], "/p/base");
	assert_int_equal(caps->origin.file, 1);
	assert_int_equal(caps->origin.line, 2);
	assert_int_equal(caps->allow_origin.file, 2);
	assert_int_equal(caps->allow_origin.line, 3);
	assert_int_equal(policy->origins[GARITA_ORIGIN_PROFILE].file, 3);
	assert_int_equal(policy->origins[GARITA_ORIGIN_FIX].file, 2);
	assert_int_equal(policy->origins[GARITA_ORIGIN_MODE].file, 0);
	assert_int_equal(policy->scopes[1].origin.file, 3);
	assert_int_equal(setting(policy, "image-allowlist")->action,
			 GARITA_DENY);
}

static void test_files_that_cannot_stand_on_one_another(void **state)
{
	static const struct {
		struct files files[6];
		const char *words;
	} rows[] = {
		{ { { "top", "{\"version\":1,\"extends\":\"a\"}" } },
		  "a is not there" },
		{ { { "top", "{\"version\":1,\"extends\":\"top\"}" } },
		  "extends itself" },
		{ { { "top", "{\"version\":1,\"extends\":\"a\"}" },
		    { "a", "{\"version\":1,\"extends\":\"b\"}" },
		    { "b", "{\"version\":1,\"extends\":\"a\"}" } },
		  "extends itself" },
		{ { { "top", "{\"version\":1,\"extends\":\"a\"}" },
		    { "a", "{\"version\":1,\"extends\":\"b\"}" },
		    { "b", "{\"version\":1,\"extends\":\"c\"}" },
		    { "c", "{\"version\":1,\"extends\":\"d\"}" },
		    { "d", "{\"version\":1}" } },
		  "there may be 4" },
		{ { { "top", "{\"version\":1,\"extends\":\"a\"}" },
		    { "a", "{\"version\":1,\"mode\":\"dryrun\"}" } },
		  "/p/a: unknown mode" },
		{ { { "top", "{\"version\":1,\"extends\":\"a\"}" },
		    { "a", "{}" } },
		  "/p/a: \"version\": 1 is missing" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_policy *policy = NULL;
		struct garita_error err = { 0 };

		assert_int_equal(load(rows[i].files, &policy, &err), -EINVAL);
		assert_null(policy);
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("%zu: %s", i, err.text);
	}
}

/* A file on top may make what is below tighter than its annotated scope: the
 * scope still only raises, so that is no error. */
static void test_an_annotated_scope_below(void **state)
{
	static const struct files files[] = {
		{ "top", "{\"version\":1,\"extends\":\"base\",\"profile\":"
			 "\"strict\"}" },
		{ "base",
		  "{\"version\":1,\"profile\":\"baseline\",\"scopes\":[{"
		  "\"name\":\"a\",\"profile\":\"restricted\",\"match\":"
		  "{\"annotations\":{\"a\":\"b\"}}}]}" },
		{ NULL, NULL },
	};
	auto_policy *policy = NULL;

	(void)state;
	assert_int_equal(load(files, &policy, NULL), 0);
	assert_true(garita_scope_loosens(policy, &policy->scopes[0]));
}

static void test_the_schema_is_json(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	auto_text schema = { 0 };

	(void)state;
	garita_policy_schema(&schema);
	if (garita_json_parse(schema.data, schema.len, 0, &doc, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < garita_rule_count(); i++) {
		auto_text at = { 0 };

		garita_text_printf(&at, "/$defs/rules/properties/%s",
				   garita_rule_at(i)->id);
		assert_non_null(garita_json_at(garita_json_root(doc), at.data));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_understood_is_an_error),
		cmocka_unit_test(test_a_file_on_top_of_others),
		cmocka_unit_test(test_files_that_cannot_stand_on_one_another),
		cmocka_unit_test(test_an_annotated_scope_below),
		cmocka_unit_test(test_the_schema_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
