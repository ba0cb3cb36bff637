/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policy file, member by member and from both sides. Whatever it holds
 * that is not understood to the letter is an error with its place: no typo may
 * mean "less strict than you thought".
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

#include "garita/policy.h"

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

static struct garita_policy *parsed(const char *text)
{
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };
	char words[1024];

	if (garita_policy_parse(text, strlen(text), &policy, &err) < 0)
		fail_msg("%s: %s", text,
			 garita_error_words(&err, words, sizeof(words)));
	return policy;
}

static const struct garita_setting *setting(const struct garita_policy *policy,
					    const char *id)
{
	int index = garita_rule_find(id);

	assert_true(index >= 0);
	return &policy->settings[index];
}

static const struct {
	const char *why, *text, *pointer, *words;
} refused[] = {
	{ "no JSON", "{", "", "" },
	{ "nothing", "", "", "" },
	{ "only a comment", "// off", "", "" },
	{ "an array", "[]", "", "must be an object, is an array" },
	{ "null", "null", "", "must be an object" },
	{ "no version", "{}", "", "\"version\": 1 is missing" },
	{ "a later version", "{\"version\":2}", "/version",
	  "must be 1, the only version" },
	{ "version as text", "{\"version\":\"1\"}", "/version", "must be 1" },
	{ "version with a point", "{\"version\":1.0}", "/version",
	  "must be 1" },
	{ "version true", "{\"version\":true}", "/version", "must be 1" },
	{ "a member twice: which counts?",
	  "{\"version\":1,\"profile\":\"strict\",\"profile\":\"off\"}",
	  "/profile", "" },
	{ "a rule twice",
	  "{\"version\":1,\"rules\":{\"host-pid\":\"deny\","
	  "\"host-pid\":\"off\"}}",
	  "/rules/host-pid", "" },
	{ "a misspelt member", "{\"version\":1,\"profil\":\"strict\"}",
	  "/profil", "unknown member \"profil\"; did you mean \"profile\"?" },
	{ "another case", "{\"version\":1,\"Mode\":\"enforce\"}", "/Mode",
	  "did you mean \"mode\"?" },
	{ "a word like none", "{\"version\":1,\"zzzzzzzzzzzz\":1}",
	  "/zzzzzzzzzzzz", "unknown member \"zzzzzzzzzzzz\"" },
	{ "a network that is a list", "{\"version\":1,\"network\":[]}",
	  "/network", "must be an object" },
	{ "a port that is a name",
	  "{\"version\":1,\"network\":{\"listen\":[\"http\"]}}",
	  "/network/listen/0", "is no port from 1 to 65535" },
	{ "port nothing", "{\"version\":1,\"network\":{\"listen\":[0]}}",
	  "/network/listen/0", "is no port from 1" },
	{ "a port too many", "{\"version\":1,\"network\":{\"listen\":[65536]}}",
	  "/network/listen/0", "is no port from 1" },
	{ "a port below nothing",
	  "{\"version\":1,\"network\":{\"listen\":[-1]}}", "/network/listen/0",
	  "is no port" },
	{ "half a port", "{\"version\":1,\"network\":{\"listen\":[80.5]}}",
	  "/network/listen/0", "is no port" },
	{ "a range backwards",
	  "{\"version\":1,\"network\":{\"listen\":[\"81-80\"]}}",
	  "/network/listen/0", "range like" },
	{ "a range without an end",
	  "{\"version\":1,\"network\":{\"listen\":[\"80-\"]}}",
	  "/network/listen/0", "range like" },
	{ "a port with a zero before",
	  "{\"version\":1,\"network\":{\"listen\":[\"080\"]}}",
	  "/network/listen/0", "is no port" },
	{ "a protocol without ports",
	  "{\"version\":1,\"network\":{\"listen\":[\"8/icmp\"]}}",
	  "/network/listen/0", "no port of tcp or udp" },
	{ "a port true", "{\"version\":1,\"network\":{\"listen\":[80,true]}}",
	  "/network/listen/1", "must be a port" },
	{ "ports as a number", "{\"version\":1,\"network\":{\"listen\":80}}",
	  "/network/listen", "must be an array of ports, is a number" },
	{ "a name as a network",
	  "{\"version\":1,\"network\":{\"egress\":[\"db.example.com\"]}}",
	  "/network/egress/0", "names are not looked up" },
	{ "an address too short",
	  "{\"version\":1,\"network\":{\"egress\":[\"10.0.0/8\"]}}",
	  "/network/egress/0", "no address or network" },
	{ "an octal address",
	  "{\"version\":1,\"network\":{\"egress\":[\"010.0.0.1\"]}}",
	  "/network/egress/0", "no address or network" },
	{ "a prefix too long",
	  "{\"version\":1,\"network\":{\"egress\":[\"10.0.0.0/33\"]}}",
	  "/network/egress/0", "a number from 0 to 32" },
	{ "a prefix too long for IPv6",
	  "{\"version\":1,\"network\":{\"egress\":[\"fd00::/129\"]}}",
	  "/network/egress/0", "a number from 0 to 128" },
	{ "no prefix",
	  "{\"version\":1,\"network\":{\"egress\":[\"10.0.0.0/\"]}}",
	  "/network/egress/0", "a prefix is a number" },
	{ "bits beyond the prefix",
	  "{\"version\":1,\"network\":{\"egress\":[\"10.0.0.1/8\"]}}",
	  "/network/egress/0", "did you mean \"10.0.0.0/8\"" },
	{ "bits beyond in IPv6",
	  "{\"version\":1,\"network\":{\"egress\":[\"fd00::1/64\"]}}",
	  "/network/egress/0", "did you mean \"fd00::/64\"" },
	{ "IPv4 in IPv6",
	  "{\"version\":1,\"network\":{\"egress\":[\"::ffff:10.0.0.1\"]}}",
	  "/network/egress/0", "is IPv4" },
	{ "a scope of IPv6",
	  "{\"version\":1,\"network\":{\"egress\":[\"fe80::1%eth0\"]}}",
	  "/network/egress/0", "no address or network" },
	{ "a destination true",
	  "{\"version\":1,\"network\":{\"egress\":[true]}}",
	  "/network/egress/0", "must be a network" },
	{ "ports to nowhere",
	  "{\"version\":1,\"network\":{\"egress\":[{\"ports\":[80]}]}}",
	  "/network/egress/0", "\"to\" is missing" },
	{ "no ports",
	  "{\"version\":1,\"network\":{\"egress\":[{\"to\":\"10.0.0.0/"
	  "8\",\"ports\":[]}]}}",
	  "/network/egress/0/ports", "must not be empty" },
	{ "a bad port of a destination",
	  "{\"version\":1,\"network\":{\"egress\":[{\"to\":\"10.0.0.0/"
	  "8\",\"ports\":[1,\"x\"]}]}}",
	  "/network/egress/0/ports/1", "is no port" },
	{ "the second of two destinations",
	  "{\"version\":1,\"network\":{\"egress\":[\"10.0.0.0/"
	  "8\",{\"to\":[\"::1\",\"x\"]}]}}",
	  "/network/egress/1/to/1", "no address" },
	{ "no destination",
	  "{\"version\":1,\"network\":{\"egress\":[{\"to\":[]}]}}",
	  "/network/egress/0/to", "must not be empty" },
	{ "a misspelt part", "{\"version\":1,\"network\":{\"egres\":[]}}",
	  "/network/egres", "did you mean \"egress\"?" },
	{ "a misspelt part of a destination",
	  "{\"version\":1,\"network\":{\"egress\":[{\"to\":\"::/"
	  "0\",\"port\":[1]}]}}",
	  "/network/egress/0/port", "did you mean \"ports\"?" },
	{ "metadata as text",
	  "{\"version\":1,\"network\":{\"deny-metadata\":\"yes\"}}",
	  "/network/deny-metadata", "must be true or false" },
	{ "behind a second document", "{\"version\":1}{}", "", "" },
	{ "schema no text", "{\"version\":1,\"$schema\":1}", "/$schema",
	  "must be a string" },
	{ "an unknown mode", "{\"version\":1,\"mode\":\"dryrun\"}", "/mode",
	  "unknown mode \"dryrun\"; did you mean \"dry-run\"?" },
	{ "mode true", "{\"version\":1,\"mode\":true}", "/mode",
	  "must be a string, is" },
	{ "mode null", "{\"version\":1,\"mode\":null}", "/mode",
	  "must be a string" },
	{ "an unknown profile", "{\"version\":1,\"profile\":\"restrictd\"}",
	  "/profile", "did you mean \"restricted\"?" },
	{ "a profile like none", "{\"version\":1,\"profile\":\"zzzzzzzzz\"}",
	  "/profile", "there are off, baseline, restricted and strict" },
	{ "profile in capitals", "{\"version\":1,\"profile\":\"STRICT\"}",
	  "/profile", "" },
	{ "an empty profile", "{\"version\":1,\"profile\":\"\"}", "/profile",
	  "" },
	{ "a version of a profile that does not exist",
	  "{\"version\":1,\"profile\":\"restricted@2\"}", "/profile",
	  "the newest version is @1" },
	{ "version 0", "{\"version\":1,\"profile\":\"strict@0\"}", "/profile",
	  "does not exist" },
	{ "a zero too many", "{\"version\":1,\"profile\":\"strict@01\"}",
	  "/profile", "does not exist" },
	{ "no number", "{\"version\":1,\"profile\":\"strict@\"}", "/profile",
	  "does not exist" },
	{ "a blank", "{\"version\":1,\"profile\":\"strict@1 \"}", "/profile",
	  "does not exist" },
	{ "profile a number", "{\"version\":1,\"profile\":1}", "/profile",
	  "must be a string" },
	{ "fix as text", "{\"version\":1,\"fix\":\"false\"}", "/fix",
	  "must be true or false" },
	{ "fix 0", "{\"version\":1,\"fix\":0}", "/fix",
	  "must be true or false" },
	{ "rules as a list", "{\"version\":1,\"rules\":[\"host-pid\"]}",
	  "/rules", "must be an object of rule ids" },
	{ "a misspelt rule",
	  "{\"version\":1,\"rules\":{\"run-as-nonroot\":\"off\"}}",
	  "/rules/run-as-nonroot", "did you mean \"run-as-non-root\"?" },
	{ "a rule like none", "{\"version\":1,\"rules\":{\"x\":\"off\"}}",
	  "/rules/x", "unknown rule \"x\"" },
	{ "a rule without a name", "{\"version\":1,\"rules\":{\"\":\"off\"}}",
	  "/rules/", "unknown rule \"\"" },
	{ "a path to a rule",
	  "{\"version\":1,\"rules\":{\"x/host-pid\":\"off\"}}",
	  "/rules/x~1host-pid", "unknown rule" },
	{ "an unknown action",
	  "{\"version\":1,\"rules\":{\"host-pid\":\"dney\"}}",
	  "/rules/host-pid",
	  "unknown action \"dney\"; did you mean \"deny\"?" },
	{ "action true", "{\"version\":1,\"rules\":{\"host-pid\":true}}",
	  "/rules/host-pid", "must be a string" },
	{ "action null", "{\"version\":1,\"rules\":{\"host-pid\":null}}",
	  "/rules/host-pid", "must be a string" },
	{ "no repair to ask for",
	  "{\"version\":1,\"rules\":{\"host-pid\":\"fix\"}}", "/rules/host-pid",
	  "has no repair" },
	{ "the same in an object",
	  "{\"version\":1,\"rules\":{\"privileged\":{\"action\":\"fix\"}}}",
	  "/rules/privileged/action", "has no repair" },
	{ "an unknown parameter",
	  "{\"version\":1,\"rules\":{\"host-pid\":{\"actions\":\"off\"}}}",
	  "/rules/host-pid/actions",
	  "unknown parameter \"actions\"; did you mean \"action\"?" },
	{ "a list for a rule that takes none",
	  "{\"version\":1,\"rules\":{\"host-pid\":{\"allow\":[\"x\"]}}}",
	  "/rules/host-pid/allow", "takes no \"allow\" list" },
	{ "a list that is none",
	  "{\"version\":1,\"rules\":{\"host-devices\":{\"allow\":\"/x\"}}}",
	  "/rules/host-devices/allow", "must be an array of strings" },
	{ "a number on the list",
	  "{\"version\":1,\"rules\":{\"host-devices\":{\"allow\":[\"/x\",1]}}}",
	  "/rules/host-devices/allow/1", "must be a string" },
	{ "nothing on the list",
	  "{\"version\":1,\"rules\":{\"host-devices\":{\"allow\":[\"\"]}}}",
	  "/rules/host-devices/allow/0", "must not be empty" },
	{ "images as a list", "{\"version\":1,\"images\":[]}", "/images",
	  "must be an object" },
	{ "an unknown member of images",
	  "{\"version\":1,\"images\":{\"allowed\":[]}}", "/images/allowed",
	  "did you mean \"allow\"?" },
	{ "a name instead of a digest",
	  "{\"version\":1,\"images\":{\"allow\":[\"docker.io/x:1\"]}}",
	  "/images/allow/0", "64 lower case hex digits" },
	{ "a digest in capitals",
	  "{\"version\":1,\"images\":{\"deny\":[\"" DIGEST_1
	  "\",\"SHA256:1111111111111111111111111111111111111111111111111111"
	  "111111111111\"]}}",
	  "/images/deny/1", "64 lower case hex digits" },
	{ "a digest too short",
	  "{\"version\":1,\"images\":{\"deny\":[\""
	  "sha256:11\"]}}",
	  "/images/deny/0", "64 lower case hex digits" },
	{ "a list file that is no name",
	  "{\"version\":1,\"images\":{\"allow-file\":[]}}",
	  "/images/allow-file", "must be a file name" },
	{ "an empty name", "{\"version\":1,\"images\":{\"deny-file\":\"\"}}",
	  "/images/deny-file", "must be a file name" },
	{ "a runtime looked for in PATH",
	  "{\"version\":1,\"runtime\":\"runc\"}", "/runtime",
	  "must be an absolute path" },
	{ "runtime null", "{\"version\":1,\"runtime\":null}", "/runtime",
	  "must be a file name" },
	{ "log as text", "{\"version\":1,\"log\":\"/x\"}", "/log",
	  "must be an object" },
	{ "a relative log file", "{\"version\":1,\"log\":{\"file\":\"x\"}}",
	  "/log/file", "must be an absolute path" },
	{ "a relative path of the log",
	  "{\"version\":1,\"log\":{\"path\":\"x\"}}", "/log/path",
	  "must be an absolute path" },
	{ "a log that is required by another word",
	  "{\"version\":1,\"log\":{\"audit\":\"require\"}}", "/log/audit",
	  "must be true, false or \"required\"" },
	{ "a log that is a number", "{\"version\":1,\"log\":{\"journal\":1}}",
	  "/log/journal", "must be true, false or \"required\"" },
	{ "a path for a log that has none",
	  "{\"version\":1,\"log\":{\"syslog\":\"/dev/log\"}}", "/log/syslog",
	  "must be true, false or \"required\"" },
	{ "an unknown member of log",
	  "{\"version\":1,\"log\":{\"fil\":\"/x\"}}", "/log/fil",
	  "did you mean \"file\"?" },
	{ "U+0000", "{\"version\":1,\"runtime\":\"/x\\u0000\"}", "/runtime",
	  "" },
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
		    strstr(err.text, refused[i].words) == NULL ||
		    err.text[0] == '\0' || err.line == 0 || err.column == 0)
			fail_msg("%s (%s): %u:%u (%s) %s", refused[i].text,
				 refused[i].why, err.line, err.column,
				 err.pointer, err.text);
	}
}

static void test_the_place_is_that_of_the_word(void **state)
{
	static const char text[] = "{\n"
				   "  // ours\n"
				   "  \"version\": 1,\n"
				   "  \"rules\": {\n"
				   "    \"host-pid\": \"deny\",\n"
				   "    \"host-ipd\": \"deny\"\n"
				   "  }\n"
				   "}\n";
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };

	(void)state;
	assert_int_equal(garita_policy_parse(text, strlen(text), &policy, &err),
			 -EINVAL);
	assert_int_equal(err.line, 6);
	assert_int_equal(err.column, 5);
	assert_string_equal(err.pointer, "/rules/host-ipd");
}

static void test_the_built_in_policy(void **state)
{
	auto_policy *policy = garita_policy_default();
	auto_policy *smallest = parsed("{\"version\":1}");

	(void)state;
	assert_int_equal(policy->mode, GARITA_MODE_ENFORCE);
	assert_int_equal(policy->profile, GARITA_PROFILE_RESTRICTED);
	assert_true(policy->fix);
	assert_null(policy->runtime);
	assert_null(policy->log_file);
	assert_string_equal(garita_policy_profile_words(policy),
			    "restricted@1");
	for (size_t i = 0; i < garita_rule_count(); i++) {
		assert_int_equal(policy->settings[i].action,
				 garita_rule_at(i)->restricted);
		assert_false(policy->settings[i].set);
		assert_int_equal(smallest->settings[i].action,
				 policy->settings[i].action);
	}
	assert_int_equal(smallest->mode, policy->mode);
	assert_int_equal(smallest->fix, policy->fix);
}

static void test_where_records_go(void **state)
{
	static const struct {
		const char *log;
		enum garita_log_how file, audit, syslog, journal;
		const char *path;
	} rows[] = {
		{ "{}", GARITA_LOG_ON, 0, 0, 0, NULL },
		{ "{\"file\":false}", GARITA_LOG_OFF, 0, 0, 0, NULL },
		{ "{\"file\":\"/x\"}", GARITA_LOG_ON, 0, 0, 0, "/x" },
		{ "{\"file\":\"required\",\"path\":\"/x\"}",
		  GARITA_LOG_REQUIRED, 0, 0, 0, "/x" },
		{ "{\"audit\":\"required\",\"syslog\":true,\"journal\":true}",
		  GARITA_LOG_ON, GARITA_LOG_REQUIRED, GARITA_LOG_ON,
		  GARITA_LOG_ON, NULL },
		{ "{\"audit\":false,\"syslog\":\"required\",\"journal\":false}",
		  GARITA_LOG_ON, 0, GARITA_LOG_REQUIRED, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_policy *policy = NULL;
		auto_text text = { 0 };

		garita_text_printf(&text, "{\"version\":1,\"log\":%s}",
				   rows[i].log);
		assert_int_equal(
			garita_policy_parse(text.data, text.len, &policy, NULL),
			0);
		assert_int_equal(policy->log[GARITA_LOG_TO_FILE], rows[i].file);
		assert_int_equal(policy->log[GARITA_LOG_TO_AUDIT],
				 rows[i].audit);
		assert_int_equal(policy->log[GARITA_LOG_TO_SYSLOG],
				 rows[i].syslog);
		assert_int_equal(policy->log[GARITA_LOG_TO_JOURNAL],
				 rows[i].journal);
		if (rows[i].path == NULL)
			assert_null(policy->log_file);
		else
			assert_string_equal(policy->log_file, rows[i].path);
		garita_policy_free(policy);
	}
}

/* No row of the catalogue asks for a repair that does not exist, nor covers a
 * rule that does not. */
static void test_the_catalogue_holds_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);

		assert_int_equal(garita_rule_find(rule->id), i);
		assert_non_null(rule->check);
		assert_true(*rule->summary && *rule->why && *rule->remedy);
		assert_true(rule->scope != 0);
		assert_non_null(rule->references);
		assert_true(rule->part_of == NULL ||
			    garita_rule_find(rule->part_of) >= 0);
		if (rule->fix == NULL && (rule->baseline == GARITA_FIX ||
					  rule->restricted == GARITA_FIX ||
					  rule->strict == GARITA_FIX))
			fail_msg("%s has no repair", rule->id);
		/* A stricter profile is never laxer. */
		assert_true(rule->baseline <= rule->restricted);
		assert_true(rule->restricted <= rule->strict);
	}
	assert_null(garita_rule_at(garita_rule_count()));
	assert_int_equal(garita_rule_find("no-such-rule"), -1);
	assert_int_equal(garita_rule_find(""), -1);
	assert_string_equal(garita_rule_nearest("host-pids"), "host-pid");
	assert_null(garita_rule_nearest("zzzzzzzzzzzzzzzzzzzzzzzz"));
}

static void test_every_member(void **state)
{
	auto_policy *policy = parsed(
		"/* all of it */ {\n"
		"\"$schema\": \"/usr/share/garita/policy-1.schema.json\",\n"
		"\"version\": 1, // the only one\n"
		"\"mode\": \"dry-run\", \"profile\": \"strict@1\",\n"
		"\"fix\": false,\n"
		"\"rules\": { \"host-pid\": \"warn\",\n"
		"  \"host-ipc\": { \"action\": \"fix\" },\n"
		"  \"host-devices\": { \"allow\": [\"/dev/fuse\"] },\n"
		"  \"capabilities-restricted\": { \"allow\": [\"CAP_CHOWN\",\n"
		"    \"CAP_KILL\"], \"action\": \"deny\" } },\n"
		"\"images\": { \"allow\": [\"" DIGEST_1 "\"],\n"
		"  \"allow-file\": \"allowed\", \"deny\": [\"" DIGEST_2
		"\"], \"deny-file\": \"/etc/revoked\" },\n"
		"\"runtime\": \"/usr/bin/crun\",\n"
		"\"log\": { \"file\": \"/var/log/x\" } }\n");
	const struct garita_setting *devices = setting(policy, "host-devices");
	const struct garita_setting *caps =
		setting(policy, "capabilities-restricted");

	(void)state;
	assert_int_equal(policy->mode, GARITA_MODE_DRY_RUN);
	assert_int_equal(policy->profile, GARITA_PROFILE_STRICT);
	assert_int_equal(policy->profile_version, 1);
	assert_false(policy->fix);
	assert_int_equal(setting(policy, "host-pid")->action, GARITA_WARN);
	assert_int_equal(setting(policy, "host-ipc")->action, GARITA_FIX);
	/* A list alone changes what is allowed, not the action. */
	assert_int_equal(devices->action, GARITA_DENY);
	assert_false(devices->set);
	assert_true(garita_setting_allows(devices, "/dev/fuse"));
	assert_false(garita_setting_allows(devices, "/dev/fus"));
	assert_int_equal(caps->action, GARITA_DENY);
	assert_int_equal(caps->allow_count, 2);
	assert_true(policy->has_allow_list && policy->has_deny_list);
	assert_string_equal(policy->allow[0], DIGEST_1);
	assert_string_equal(policy->deny[0], DIGEST_2);
	assert_string_equal(policy->allow_file, "allowed");
	assert_string_equal(policy->deny_file, "/etc/revoked");
	assert_string_equal(policy->runtime, "/usr/bin/crun");
	assert_string_equal(policy->log_file, "/var/log/x");
}

/* The order of members is nobody's business. */
static void test_rules_before_their_profile(void **state)
{
	auto_policy *policy = parsed("{\"rules\":{\"host-pid\":\"warn\"},"
				     "\"profile\":\"off\",\"version\":1}");

	(void)state;
	assert_int_equal(setting(policy, "host-pid")->action, GARITA_WARN);
	assert_int_equal(setting(policy, "host-ipc")->action, GARITA_OFF);
	assert_string_equal(garita_policy_profile_words(policy), "off");

	/* A profile from the command line keeps what the operator set. */
	assert_int_equal(garita_policy_set_profile(policy, "baseline", NULL),
			 0);
	assert_int_equal(setting(policy, "host-pid")->action, GARITA_WARN);
	assert_int_equal(setting(policy, "host-ipc")->action, GARITA_DENY);
	assert_int_equal(garita_policy_set_profile(policy, "baseline@2", NULL),
			 -EINVAL);
	assert_int_equal(policy->profile, GARITA_PROFILE_BASELINE);
}

static void test_a_list_turns_its_rule_on(void **state)
{
	static const struct {
		const char *why, *images;
		enum garita_action action;
	} rows[] = {
		{ "no list", "\"images\":{}", GARITA_OFF },
		{ "an allow list", "\"images\":{\"allow\":[]}", GARITA_DENY },
		{ "a deny list", "\"images\":{\"deny\":[]}", GARITA_DENY },
		{ "an allow file", "\"images\":{\"allow-file\":\"x\"}",
		  GARITA_DENY },
		{ "a deny file", "\"images\":{\"deny-file\":\"x\"}",
		  GARITA_DENY },
		{ "the operator's own word",
		  "\"images\":{\"allow\":[]},"
		  "\"rules\":{\"image-allowlist\":\"warn\"}",
		  GARITA_WARN },
		{ "off on purpose",
		  "\"images\":{\"allow\":[]},"
		  "\"rules\":{\"image-allowlist\":\"off\"}",
		  GARITA_OFF },
		{ "an object without an action",
		  "\"images\":{\"allow\":[]},\"rules\":{\"image-allowlist\":{}"
		  "}",
		  GARITA_DENY },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text text = { 0 };
		struct garita_policy *policy;

		garita_text_printf(&text,
				   "{\"version\":1,\"profile\":\"off\",%s}",
				   rows[i].images);
		policy = parsed(text.data);
		if (setting(policy, "image-allowlist")->action !=
		    rows[i].action)
			fail_msg("%s", rows[i].why);
		/* And no later profile turns it off again. */
		assert_int_equal(garita_policy_set_profile(policy, "off", NULL),
				 0);
		assert_int_equal(setting(policy, "image-allowlist")->action,
				 rows[i].action);
		garita_policy_free(policy);
	}
}

static void test_every_action_of_every_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);

		for (enum garita_action a = 0; a < GARITA_ACTIONS; a++) {
			struct garita_policy *policy = NULL;
			auto_text text = { 0 };
			int rc;

			garita_text_printf(
				&text,
				"{\"version\":1,\"rules\":{\"%s\":\"%s\"}}",
				rule->id, garita_action_name(a));
			rc = garita_policy_parse(text.data, text.len, &policy,
						 NULL);
			if (a == GARITA_FIX && rule->fix == NULL) {
				assert_int_equal(rc, -EINVAL);
				continue;
			}
			assert_int_equal(rc, 0);
			assert_int_equal(policy->settings[i].action, a);
			assert_true(policy->settings[i].set);
			garita_policy_free(policy);
		}
	}
}

static void test_too_deep_and_too_large(void **state)
{
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };
	auto_text deep = { 0 }, large = { 0 };

	(void)state;
	garita_text_puts(&deep, "{\"version\":1,\"rules\":");
	for (size_t i = 0; i < 100; i++)
		garita_text_puts(&deep, "{\"host-pid\":");
	assert_int_equal(
		garita_policy_parse(deep.data, deep.len, &policy, &err),
		-ELOOP);
	garita_text_puts(&large, "{\"version\":1}");
	while (large.len <= GARITA_JSON_MAX_BYTES)
		garita_text_putc(&large, ' ');
	assert_int_equal(
		garita_policy_parse(large.data, large.len, &policy, &err),
		-E2BIG);
	assert_null(policy);
	garita_policy_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_understood_is_an_error),
		cmocka_unit_test(test_the_place_is_that_of_the_word),
		cmocka_unit_test(test_the_built_in_policy),
		cmocka_unit_test(test_where_records_go),
		cmocka_unit_test(test_the_catalogue_holds_together),
		cmocka_unit_test(test_every_member),
		cmocka_unit_test(test_rules_before_their_profile),
		cmocka_unit_test(test_a_list_turns_its_rule_on),
		cmocka_unit_test(test_every_action_of_every_rule),
		cmocka_unit_test(test_too_deep_and_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
