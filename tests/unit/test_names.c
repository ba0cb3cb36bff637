/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name check, from both sides: what engines write passes, what two
 * readers would read differently does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <errno.h>
#include <glob.h>

#include "garita/names.h"

static int check_text(const char *text, bool process, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;

	if (garita_json_parse(text, strlen(text), GARITA_JSON_STRICT, &doc,
			      err) < 0)
		fail_msg("no JSON: %s: %s", text, err->text);
	return process ? garita_names_check_process(doc, err)
		       : garita_names_check(doc, err);
}

static const struct {
	const char *why, *text, *pointer;
} refused[] = {
	{ "runc honours hooks in capitals, crun has none",
	  "{\"HOOKS\":{\"createRuntime\":[{\"path\":\"/x\"}]}}", "/HOOKS" },
	{ "one letter", "{\"Hooks\":{}}", "/Hooks" },
	{ "the same for mounts", "{\"MOUNTS\":[]}", "/MOUNTS" },
	{ "process in capitals clears no_new_privs in runc",
	  "{\"process\":{\"noNewPrivileges\":true},"
	  "\"PROCESS\":{\"noNewPrivileges\":false}}",
	  "/PROCESS" },
	{ "runc drops the filter for this null",
	  "{\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"},"
	  "\"Seccomp\":null}}",
	  "/linux/Seccomp" },
	{ "runc takes the last of args and ARGS",
	  "{\"process\":{\"args\":[\"a\"],\"ARGS\":[\"b\"]}}",
	  "/process/ARGS" },
	{ "U+017F folds to s in Go",
	  "{\"process\":{\"args\":[\"a\"],\"arg\xc5\xbf\":[\"b\"]}}",
	  "/process/arg\xc5\xbf" },
	{ "the same, escaped", "{\"process\":{\"arg\\u017f\":[\"b\"]}}",
	  "/process/arg\xc5\xbf" },
	{ "the same, alone and at its beginning",
	  "{\"linux\":{\"\\u017Feccomp\":null}}",
	  "/linux/\xc5\xbf"
	  "eccomp" },
	{ "U+212A folds to k in Go", "{\"hoo\\u212as\":{}}",
	  "/hoo\xe2\x84\xaas" },
	{ "a misspelt name below an object nobody knows",
	  "{\"x\":{\"Hooks\":{}}}", "/x/Hooks" },
	{ "and below an array nobody knows", "{\"x\":[1,[{\"ARGS\":1}]]}",
	  "/x/1/0/ARGS" },
	{ "a name of another object, misspelt", "{\"root\":{\"Hooks\":1}}",
	  "/root/Hooks" },
	{ "twins that only a newer runtime knows",
	  "{\"newField\":1,\"NEWFIELD\":2}", "/NEWFIELD" },
	{ "twins by the long s", "{\"x\":{\"sb\":1,\"\\u017fb\":2}}",
	  "/x/\xc5\xbf"
	  "b" },
	{ "crun runs uid \"1\" as root",
	  "{\"process\":{\"user\":{\"uid\":\"1\"}}}", "/process/user/uid" },
	{ "and uid true", "{\"process\":{\"user\":{\"uid\":true}}}",
	  "/process/user/uid" },
	{ "and uid []", "{\"process\":{\"user\":{\"gid\":[]}}}",
	  "/process/user/gid" },
	{ "crun runs this uid as root",
	  "{\"process\":{\"user\":{\"uid\":4294967295}}}",
	  "/process/user/uid" },
	{ "the first that runc refuses",
	  "{\"process\":{\"user\":{\"uid\":2147483648}}}",
	  "/process/user/uid" },
	{ "gids too", "{\"process\":{\"user\":{\"gid\":4294967295}}}",
	  "/process/user/gid" },
	{ "and additional ones",
	  "{\"process\":{\"user\":{\"additionalGids\":[1,4294967295]}}}",
	  "/process/user/additionalGids/1" },
	{ "a negative id", "{\"process\":{\"user\":{\"uid\":-1}}}",
	  "/process/user/uid" },
	{ "minus zero", "{\"process\":{\"user\":{\"uid\":-0}}}",
	  "/process/user/uid" },
	{ "crun reads this as false",
	  "{\"process\":{\"noNewPrivileges\":\"true\"}}",
	  "/process/noNewPrivileges" },
	{ "and this", "{\"process\":{\"noNewPrivileges\":1}}",
	  "/process/noNewPrivileges" },
	{ "a point", "{\"process\":{\"user\":{\"uid\":1.0}}}",
	  "/process/user/uid" },
	{ "an exponent", "{\"process\":{\"user\":{\"uid\":1e0}}}",
	  "/process/user/uid" },
	{ "a point where nobody knows the member", "{\"x\":[0,1.5]}", "/x/1" },
	{ "an exponent there", "{\"x\":{\"y\":1E3}}", "/x/y" },
	{ "a number in a place for any value",
	  "{\"windows\":{\"credentialSpec\":{\"Args\":[1.5]}}}",
	  "/windows/credentialSpec/Args/0" },
	{ "one more than 64 bits",
	  "{\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_CORE\","
	  "\"hard\":18446744073709551616,\"soft\":0}]}}",
	  "/process/rlimits/0/hard" },
	{ "a string where an array of them is due",
	  "{\"process\":{\"args\":\"sh\"}}", "/process/args" },
	{ "a number among strings", "{\"process\":{\"args\":[\"sh\",1]}}",
	  "/process/args/1" },
	{ "runc reads this null as an empty string",
	  "{\"process\":{\"args\":[\"sh\",null]}}", "/process/args/1" },
	{ "and this as an empty mount", "{\"mounts\":[null]}", "/mounts/0" },
	{ "and this as an empty annotation", "{\"annotations\":{\"a\":null}}",
	  "/annotations/a" },
	{ "an annotation that is no string", "{\"annotations\":{\"a/b\":1}}",
	  "/annotations/a~1b" },
	{ "an object where an array is due", "{\"mounts\":{}}", "/mounts" },
	{ "a misspelt name behind a map's free key",
	  "{\"linux\":{\"netDevices\":{\"eth0\":{\"Name\":\"a\"}}}}",
	  "/linux/netDevices/eth0/Name" },
	{ "the root is an array", "[]", "" },
	{ "the root is null, an empty config for Go", "null", "" },
};

static const struct {
	const char *why, *text;
} accepted[] = {
	{ "nothing", "{}" },
	{ "an exact name alone", "{\"hooks\":{}}" },
	{ "null for a known member is absent",
	  "{\"hooks\":null,\"process\":{\"user\":null,\"args\":null},"
	  "\"linux\":{\"seccomp\":null}}" },
	{ "an unknown member like no name",
	  "{\"x-vendor\":{\"y\":[true,{}]}}" },
	{ "an exact name in a place where nobody reads it",
	  "{\"root\":{\"args\":1,\"hooks\":[]},\"x\":{\"mounts\":{}}}" },
	{ "names as annotation keys, in any spelling",
	  "{\"annotations\":{\"HOOKS\":\"\",\"hooks\":\"\",\"Hooks\":\"\","
	  "\"arg\\u017f\":\"\"}}" },
	{ "and as sysctl and cgroup keys",
	  "{\"linux\":{\"sysctl\":{\"A\":\"\",\"a\":\"\"},"
	  "\"resources\":{\"unified\":{\"CPU\":\"1\",\"cpu\":\"2\"}}}}" },
	{ "and as device names",
	  "{\"linux\":{\"netDevices\":{\"ETH0\":{},\"eth0\":{\"name\":\"a\"}},"
	  "\"timeOffsets\":{\"Secs\":{\"secs\":-1}},"
	  "\"resources\":{\"rdma\":{\"Path\":{\"hcaHandles\":1}}}}}" },
	{ "any key in a place for any value",
	  "{\"windows\":{\"credentialSpec\":{\"Args\":1,\"ARGS\":{\"Env\":0}}}"
	  "}" },
	{ "the largest id", "{\"process\":{\"user\":{\"uid\":2147483647,"
			    "\"gid\":0,\"additionalGids\":[]}}}" },
	{ "no limit, as engines write it",
	  "{\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_CORE\","
	  "\"hard\":18446744073709551615,\"soft\":0}]}}" },
	{ "memory without a limit",
	  "{\"linux\":{\"resources\":{\"memory\":{\"limit\":-1,"
	  "\"swap\":9223372036854775807}}}}" },
	{ "the whole range of a user namespace",
	  "{\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":0,"
	  "\"size\":4294967295}]}}" },
	{ "a number nobody knows, of any length",
	  "{\"x\":[-0,-12,123456789012345678901234567890]}" },
	{ "other letters that have two cases", "{\"x\":{\"\xc3\xa9\":1,"
					       "\"\xc3\x89\":2}}" },
};

static void test_two_readings_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		struct garita_error err = { 0 };

		if (check_text(refused[i].text, false, &err) != -EINVAL)
			fail_msg("accepted %s (%s)", refused[i].text,
				 refused[i].why);
		if (strcmp(err.pointer, refused[i].pointer) != 0)
			fail_msg("%s is reported at %s: %s", refused[i].text,
				 err.pointer, err.text);
		assert_int_equal(err.line, 1);
		assert_true(err.column > 0);
	}
}

static void test_one_reading_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(accepted); i++) {
		struct garita_error err = { 0 };

		if (check_text(accepted[i].text, false, &err) != 0)
			fail_msg("refused %s (%s): %s", accepted[i].text,
				 accepted[i].why, err.text);
	}
}

static void test_words_say_what_to_write(void **state)
{
	struct garita_error err = { 0 };

	(void)state;
	check_text("{\n \"HOOKS\": {}}", false, &err);
	assert_string_equal(err.text,
			    "\"HOOKS\" is read as \"hooks\" by runc and not at "
			    "all by crun; write \"hooks\" or remove it");
	assert_int_equal(err.line, 2);
	assert_int_equal(err.column, 2);
	/* What looks like the right name is shown as what it is. */
	check_text("{\"hoo\\u212as\":{}}", false, &err);
	assert_non_null(
		strstr(err.text, "\"hoo\\u212as\" is read as \"hooks\""));
	check_text("{\"process\":{\"user\":{\"uid\":\"1\"}}}", false, &err);
	assert_string_equal(err.text, "must be a number, is a string");
	/* Nobody has to read the reason. */
	assert_int_equal(check_text("{\"HOOKS\":{}}", false, &err), -EINVAL);
}

static void test_a_process_is_checked_alone(void **state)
{
	struct garita_error err = { 0 };

	(void)state;
	assert_int_equal(check_text("{\"args\":[\"sh\"],\"cwd\":\"/\","
				    "\"user\":{\"uid\":0,\"gid\":0}}",
				    true, &err),
			 0);
	assert_int_equal(check_text("{\"Args\":[\"sh\"]}", true, &err),
			 -EINVAL);
	assert_string_equal(err.pointer, "/Args");
	assert_int_equal(check_text("{\"user\":{\"uid\":\"0\"}}", true, &err),
			 -EINVAL);
	/* As a config the same text has unknown members only. */
	assert_int_equal(check_text("{\"user\":{\"uid\":\"0\"}}", false, &err),
			 0);
}

static void test_folding_is_that_of_go(void **state)
{
	(void)state;
	assert_true(garita_names_fold_equal("args", "ARG\xc5\xbf"));
	assert_true(garita_names_fold_equal("\xe2\x84\xaa", "k"));
	assert_true(garita_names_fold_equal("\xe2\x84\xaa", "K"));
	assert_true(garita_names_fold_equal("", ""));
	assert_false(garita_names_fold_equal("args", "arg"));
	assert_false(garita_names_fold_equal("arg", "args"));
	/* Not every bit of 0x20 is letter case. */
	assert_false(garita_names_fold_equal("@", "`"));
	assert_false(garita_names_fold_equal("[", "{"));
	/* U+017E is no s, U+212B is no k, dotless i is no i. */
	assert_false(garita_names_fold_equal("s", "\xc5\xbe"));
	assert_false(garita_names_fold_equal("k", "\xe2\x84\xab"));
	assert_false(garita_names_fold_equal("i", "\xc4\xb1"));
	/* A cut sequence at the end of a string reads nothing behind it. */
	assert_false(garita_names_fold_equal("s", "\xc5"));
	assert_false(garita_names_fold_equal("k", "\xe2\x84"));
}

/* ---- real configs ---- */

static char *read_whole(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *text = garita_xalloc(GARITA_JSON_MAX_BYTES);

	assert_non_null(file);
	*ret_len = fread(text, 1, GARITA_JSON_MAX_BYTES, file);
	fclose(file);
	return text;
}

static void check_samples(const char *pattern, bool process)
{
	glob_t found;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 5);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct garita_error err = { 0 };
		size_t len;
		auto_free char *text = read_whole(found.gl_pathv[i], &len);

		if (garita_json_parse(text, len, 0, &doc, &err) < 0)
			fail_msg("%s: %s", found.gl_pathv[i], err.text);
		if ((process ? garita_names_check_process(doc, &err)
			     : garita_names_check(doc, &err)) < 0)
			fail_msg("%s: %s: %s", found.gl_pathv[i], err.pointer,
				 err.text);
	}
	globfree(&found);
}

static void test_what_engines_write_is_accepted(void **state)
{
	(void)state;
	check_samples(GARITA_SRC_DIR "/tests/samples/engines/*/config*.json",
		      false);
	check_samples(GARITA_SRC_DIR
		      "/tests/samples/engines/*/exec-process.json",
		      true);
}

/* ---- hostile sizes ---- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of this process alone: others may be busy, too. */
static double cost_of_keys(int keys)
{
	auto_text text = { 0 };
	struct garita_error err = { 0 };
	auto_json struct garita_json_doc *doc = NULL;
	double start;

	garita_text_puts(&text, "{\"a\":0");
	for (int i = 0; i < keys; i++)
		garita_text_printf(&text, ",\"s%d\":0", i);
	garita_text_puts(&text, "}");
	assert_int_equal(garita_json_parse(text.data, text.len, 0, &doc, &err),
			 0);
	start = seconds();
	assert_int_equal(garita_names_check(doc, &err), 0);
	return seconds() - start;
}

/* Eight times as many: quadratic work would be 64 times as much. */
static void test_many_unknown_keys_stay_cheap(void **state)
{
	enum { KEYS = 250000 };
	double few = cost_of_keys(KEYS / 8), many = cost_of_keys(KEYS);

	(void)state;
	print_message("# %d unknown keys: %.0f ms\n", KEYS, many * 1e3);
	assert_true(many < 32 * few + 0.1);
}

static void test_the_deepest_text_is_walked(void **state)
{
	auto_text text = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	for (int i = 0; i < GARITA_JSON_MAX_DEPTH - 1; i++)
		garita_text_puts(&text, i % 2 ? "[" : "{\"x\":");
	garita_text_puts(&text, "1.5");
	for (int i = GARITA_JSON_MAX_DEPTH - 2; i >= 0; i--)
		garita_text_puts(&text, i % 2 ? "]" : "}");
	assert_int_equal(check_text(text.data, false, &err), -EINVAL);
	assert_non_null(strstr(err.text, "1.5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_readings_are_refused),
		cmocka_unit_test(test_one_reading_is_accepted),
		cmocka_unit_test(test_words_say_what_to_write),
		cmocka_unit_test(test_a_process_is_checked_alone),
		cmocka_unit_test(test_folding_is_that_of_go),
		cmocka_unit_test(test_what_engines_write_is_accepted),
		cmocka_unit_test(test_many_unknown_keys_stay_cheap),
		cmocka_unit_test(test_the_deepest_text_is_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
