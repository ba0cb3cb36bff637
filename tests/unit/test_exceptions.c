/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes and exceptions in a verdict: what is refined, what is let through,
 * until when, and what an annotation may never do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/match.h"
#include "policy/policy_reader.h"
#include "tests/unit/cases.h"

enum { DAY = 24 * 60 * 60 };

#define ROOT "\"config\":{\"process\":{\"user\":{\"uid\":0}}}"
#define ETC                                                                    \
	"\"append\":{\"/mounts\":[{\"destination\":\"/m\",\"type\":\"bind\","  \
	"\"source\":\"/etc\",\"options\":[\"rbind\",\"nosuid\",\"nodev\","     \
	"\"noexec\"]}]}"
#define MEANT  "\"match\":{\"image\":\"registry.example.com/*\"}"
#define OTHERS "\"match\":{\"image\":\"registry.example.org/*\"}"
#define NOTED  "\"match\":{\"annotations\":{\"tier\":\"web*\"}}"
#define EXCEPTION(of, match)                                                   \
	"\"exceptions\":[{\"rules\":[\"" of "\"]," match                       \
	",\"reason\":\"needs root\",\"owner\":\"data team\","                  \
	"\"expires\":\"2027-03-01\"}]"

/* The case is tests/rules/base.json, edited; `left` is the time until the
 * exception ends. */
static int try_to_decide(const char *policy, const char *more, time_t left,
			 struct garita_verdict *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *of = NULL, *doc = NULL;
	auto_case inputs = { 0 };
	auto_spec spec = { 0 };
	auto_text text = { 0 };
	time_t end;

	garita_text_printf(&text, "{\"why\":\"-\",\"policy\":{%s},%s}", policy,
			   more);
	if (garita_json_parse(text.data, text.len, 0, &of, err) < 0)
		fail_msg("%s: %s", text.data, err->text);
	cases_load("scopes", garita_json_root(of), &inputs);
	assert_int_equal(garita_policy_day_end("2027-03-01", &end), 0);
	assert_int_equal(
		garita_config_parse(inputs.text, inputs.len, &doc, NULL), 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	return garita_decide(doc, &spec, inputs.policy, &inputs.image,
			     &inputs.host, end - left, 0, ret, err);
}

static void decide(const char *policy, const char *more, time_t left,
		   struct garita_verdict *ret)
{
	struct garita_error err = { 0 };

	assert_int_equal(try_to_decide(policy, more, left, ret, &err), 0);
}

static const struct garita_finding *find(const struct garita_verdict *verdict,
					 const char *rule)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (strcmp(verdict->findings[i].rule->id, rule) == 0)
			return &verdict->findings[i];
	return NULL;
}

static const struct {
	const char *why, *policy, *config;
	enum garita_outcome outcome;
	const char *scope; /* of the verdict */
} rows[] = {
	{ "no scope", "\"mode\":\"enforce\"", ROOT, GARITA_REFUSE, NULL },
	{ "a scope of others",
	  "\"scopes\":[{\"name\":\"a\"," OTHERS
	  ",\"rules\":{\"run-as-non-root\":\"off\"}}]",
	  ROOT, GARITA_REFUSE, NULL },
	{ "an action",
	  "\"scopes\":[{\"name\":\"a\"," MEANT
	  ",\"rules\":{\"run-as-non-root\":\"warn\"}}]",
	  ROOT, GARITA_ADMIT, "a" },
	{ "the first match counts",
	  "\"scopes\":[{\"name\":\"a\"," MEANT "},{\"name\":\"b\"," MEANT
	  ",\"rules\":{\"run-as-non-root\":\"off\"}}]",
	  ROOT, GARITA_REFUSE, "a" },
	{ "a profile",
	  "\"scopes\":[{\"name\":\"a\"," MEANT ",\"profile\":\"baseline\"}]",
	  ROOT, GARITA_ADMIT, "a" },
	{ "the policy's own rule stays, whatever the scope's profile",
	  "\"rules\":{\"run-as-non-root\":\"deny\"},\"scopes\":[{\"name\":"
	  "\"a\"," MEANT ",\"profile\":\"off\"}]",
	  ROOT, GARITA_REFUSE, "a" },
	{ "a scope can tighten",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," MEANT
	  ",\"rules\":{\"run-as-non-root\":\"deny\"}}]",
	  ROOT, GARITA_REFUSE, "a" },
	{ "and so can one that an annotation selects",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," NOTED
	  ",\"rules\":{\"run-as-non-root\":\"deny\"}}]",
	  "\"config\":{\"annotations\":{\"tier\":\"web-1\"},\"process\":"
	  "{\"user\":{\"uid\":0}}}",
	  GARITA_REFUSE, NULL },
	{ "without its annotation it does not",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," NOTED
	  ",\"rules\":{\"run-as-non-root\":\"deny\"}}]",
	  "\"config\":{\"annotations\":{\"tier\":\"db\"},\"process\":"
	  "{\"user\":{\"uid\":0}}}",
	  GARITA_ADMIT, NULL },
	{ "an annotation does not lead past a scope that tightens",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," NOTED
	  ",\"rules\":{\"host-pid\":\"deny\"}},{\"name\":\"b\"," MEANT
	  ",\"rules\":{\"run-as-non-root\":\"deny\"}}]",
	  "\"config\":{\"annotations\":{\"tier\":\"web\"},\"process\":"
	  "{\"user\":{\"uid\":0}}}",
	  GARITA_REFUSE, "b" },
	{ "a parameter in a scope",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," MEANT
	  ",\"rules\":{\"capabilities-baseline\":{\"allow\":"
	  "[\"CAP_SYS_TIME\"]}}}]",
	  "\"config\":{\"process\":{\"capabilities\":{\"bounding\":"
	  "[\"CAP_SYS_TIME\"]}}}",
	  GARITA_ADMIT, "a" },
	{ "a number in a scope",
	  "\"rules\":{\"oom-score-adj\":{\"action\":\"deny\",\"min\":-900}},"
	  "\"scopes\":[{\"name\":\"a\"," MEANT
	  ",\"rules\":{\"oom-score-adj\":{\"min\":-100}}}]",
	  "\"config\":{\"process\":{\"oomScoreAdj\":-500}}", GARITA_REFUSE,
	  "a" },
	{ "a guard in a scope of a policy without profile",
	  "\"profile\":\"off\",\"scopes\":[{\"name\":\"a\"," MEANT
	  ",\"network\":{\"deny-metadata\":true}}]",
	  "\"config\":{}", GARITA_REPAIR, "a" },
	{ "and without it",
	  "\"profile\":\"baseline\",\"scopes\":[{\"name\":\"a\"," OTHERS
	  ",\"rules\":{\"capabilities-baseline\":{\"allow\":"
	  "[\"CAP_SYS_TIME\"]}}}]",
	  "\"config\":{\"process\":{\"capabilities\":{\"bounding\":"
	  "[\"CAP_SYS_TIME\"]}}}",
	  GARITA_REFUSE, NULL },
	{ "an exception", EXCEPTION("run-as-non-root", MEANT), ROOT,
	  GARITA_ADMIT, NULL },
	{ "for others", EXCEPTION("run-as-non-root", OTHERS), ROOT,
	  GARITA_REFUSE, NULL },
	{ "for another rule", EXCEPTION("host-pid", MEANT), ROOT, GARITA_REFUSE,
	  NULL },
	{ "in a scope that tightens",
	  EXCEPTION("run-as-non-root",
		    MEANT) ",\"scopes\":[{\"name\":\"a\"," MEANT
			   ",\"profile\":\"strict\"}]",
	  ROOT, GARITA_ADMIT, "a" },
	{ "what an exception covers is not repaired",
	  EXCEPTION("no-new-privileges", MEANT),
	  "\"config\":{\"process\":{\"noNewPrivileges\":false}}", GARITA_ADMIT,
	  NULL },
	{ "what it does not cover is", EXCEPTION("host-pid", MEANT),
	  "\"config\":{\"process\":{\"noNewPrivileges\":false}}", GARITA_REPAIR,
	  NULL },
	{ "a whole that is let through covers no part",
	  EXCEPTION("privileged", MEANT),
	  "\"config\":{\"process\":{\"capabilities\":{\"bounding\":"
	  "[\"CAP_SYS_ADMIN\"]}}},\"remove\":[\"/linux/maskedPaths\"]",
	  GARITA_REFUSE, NULL },
	{ "a rule that is let through speaks for no other",
	  EXCEPTION("sensitive-host-mount", MEANT), ETC, GARITA_REFUSE, NULL },
	{ "so both are to be named",
	  EXCEPTION("sensitive-host-mount\",\"host-path-mount", MEANT), ETC,
	  GARITA_ADMIT, NULL },
	{ "nor for what another one repairs",
	  EXCEPTION("capabilities-restricted", MEANT),
	  "\"config\":{\"process\":{\"capabilities\":{\"bounding\":"
	  "[\"CAP_NET_RAW\"]}}}",
	  GARITA_REPAIR, NULL },
	{ "nor for a capability with a rule of its own",
	  "\"profile\":\"baseline\"," EXCEPTION("dangerous-capability", MEANT),
	  "\"config\":{\"process\":{\"capabilities\":{\"bounding\":"
	  "[\"CAP_SYS_ADMIN\"]}}}",
	  GARITA_REFUSE, NULL },
	/* The uid that the selector looked at is still what counts after
	 * something else was repaired. */
	{ "both looks judge alike",
	  "\"rules\":{\"cgroup-parent\":\"off\"},"
	  "\"exceptions\":[{\"rules\":[\"run-as-non-root\"],\"match\":"
	  "{\"cgroup\":\"/docker/a\"},\"reason\":\"r\",\"owner\":\"o\","
	  "\"expires\":\"2027-03-01\"}]",
	  "\"config\":{\"linux\":{\"cgroupsPath\":\"/docker/a\"},"
	  "\"process\":{\"user\":{\"uid\":0},\"noNewPrivileges\":false}}",
	  GARITA_REPAIR, NULL },
};

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_verdict verdict = { 0 };

		decide(rows[i].policy, rows[i].config, 100 * DAY, &verdict);
		if (verdict.outcome != rows[i].outcome ||
		    (verdict.scope == NULL) != (rows[i].scope == NULL) ||
		    (verdict.scope && strcmp(verdict.scope, rows[i].scope))) {
			auto_free char *words = cases_words(&verdict);

			fail_msg("%s: %s %s", rows[i].why, words,
				 verdict.scope ? verdict.scope : "no scope");
		}
	}
}

static const struct {
	const char *why;
	time_t left;
	enum garita_action action;
	const char *words;
} days[] = {
	{ "long before", 100 * DAY, GARITA_OFF,
	  "needs root (data team, until 2027-03-01)" },
	{ "14 days before", 14 * DAY, GARITA_OFF,
	  "needs root (data team, until 2027-03-01)" },
	{ "less", 14 * DAY - 1, GARITA_WARN,
	  "needs root (data team, until 2027-03-01: 13 days left)" },
	{ "the last second", 1, GARITA_WARN,
	  "needs root (data team, until 2027-03-01: less than 1 day left)" },
	{ "the end", 0, GARITA_DENY,
	  "ended with 2027-03-01: needs root (data team)" },
	{ "a year later", -365 * DAY, GARITA_DENY,
	  "ended with 2027-03-01: needs root (data team)" },
};

static void test_the_days_of_an_exception(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(days); i++) {
		const struct garita_finding *f;
		auto_verdict verdict = { 0 };

		decide(EXCEPTION("run-as-non-root", MEANT), ROOT, days[i].left,
		       &verdict);
		f = find(&verdict, "run-as-non-root");
		if (f == NULL || f->action != days[i].action ||
		    strcmp(f->exception, days[i].words) != 0)
			fail_msg("%s: %s", days[i].why,
				 f ? f->exception : "no finding");
		assert_int_equal(verdict.denied, days[i].action == GARITA_DENY);
		assert_int_equal(verdict.warned, days[i].action == GARITA_WARN);
		assert_int_equal(verdict.excepted,
				 days[i].action == GARITA_OFF);
		assert_int_equal(verdict.outcome, days[i].action == GARITA_DENY
							  ? GARITA_REFUSE
							  : GARITA_ADMIT);
	}
}

#define UNTOLD                                                                 \
	",\"image\":{\"sure\":\"untold\",\"manifest\":null,\"config\":null,"   \
	"\"names\":null,\"reference\":null,\"why_not\":\"images.json: "        \
	"Input/output error\"}"
#define NO_IMAGE                                                               \
	",\"image\":{\"sure\":\"unknown\",\"manifest\":null,\"config\":"       \
	"null,\"names\":null,\"reference\":null,\"why_not\":\"a directory\"}"
#define USER    "\"config\":{\"process\":{\"user\":{\"uid\":1000}}}"
#define BY_UID  "\"match\":{\"uid\":1000}"
#define BY_BOTH "\"match\":{\"uid\":0,\"image\":\"registry.example.com/*\"}"
#define SCOPES(more)                                                           \
	"\"rules\":{\"unknown-image\":\"off\"},\"scopes\":[" more "]"
#define SCOPE(name, match, action)                                             \
	"{\"name\":\"" name "\"," match                                        \
	",\"rules\":{\"run-as-non-root\":\"" action "\"}}"

/* Which scopes hold hangs on an image that nobody can tell: no verdict. When it
 * can be told that there is none, they do not hold. */
static const struct {
	const char *why, *policy, *config;
	bool doubtful;
	enum garita_outcome outcome;
} doubts[] = {
	{ "the scope may tighten", SCOPES(SCOPE("a", MEANT, "deny")),
	  USER UNTOLD, true, GARITA_REFUSE },
	{ "it may loosen", SCOPES(SCOPE("a", MEANT, "off")), ROOT UNTOLD, true,
	  GARITA_REFUSE },
	{ "by digest",
	  SCOPES(SCOPE("a",
		       "\"match\":{\"digest\":\"sha256:11111111111111111111"
		       "11111111111111111111111111111111111111111111\"}",
		       "deny")),
	  USER UNTOLD, true, GARITA_REFUSE },
	{ "by store",
	  SCOPES(SCOPE("a", "\"match\":{\"store\":\"docker\"}", "deny")),
	  USER UNTOLD, true, GARITA_REFUSE },
	{ "with an annotation",
	  SCOPES(SCOPE("a",
		       "\"match\":{\"annotations\":{\"tier\":\"db\"},"
		       "\"image\":\"**\"}",
		       "deny")),
	  "\"config\":{\"annotations\":{\"tier\":\"db\"}}" UNTOLD, true,
	  GARITA_REFUSE },
	{ "one before it holds",
	  SCOPES(SCOPE("a", BY_UID, "deny") "," SCOPE("b", MEANT, "deny")),
	  USER UNTOLD, false, GARITA_ADMIT },
	{ "one behind it holds",
	  SCOPES(SCOPE("a", MEANT, "deny") "," SCOPE("b", BY_UID, "deny")),
	  USER UNTOLD, true, GARITA_REFUSE },
	{ "of another uid", SCOPES(SCOPE("a", BY_BOTH, "deny")), USER UNTOLD,
	  false, GARITA_ADMIT },
	{ "no scope asks for an image", SCOPES(SCOPE("a", BY_UID, "deny")),
	  USER UNTOLD, false, GARITA_ADMIT },
	{ "of no image: it does not hold", SCOPES(SCOPE("a", MEANT, "off")),
	  ROOT NO_IMAGE, false, GARITA_REFUSE },
	{ "of no image, and nothing else is wrong",
	  SCOPES(SCOPE("a", MEANT, "deny")), USER NO_IMAGE, false,
	  GARITA_ADMIT },
	{ "the image is known", SCOPES(SCOPE("a", MEANT, "deny")), USER, false,
	  GARITA_ADMIT },
	{ "an exception lets nothing through",
	  EXCEPTION("run-as-non-root", MEANT), ROOT UNTOLD, false,
	  GARITA_REFUSE },
	{ "what it is for is not repaired",
	  EXCEPTION("no-new-privileges", MEANT),
	  "\"config\":{\"process\":{\"noNewPrivileges\":false}}" UNTOLD, false,
	  GARITA_REFUSE },
	{ "nothing to except", EXCEPTION("run-as-non-root", MEANT), USER UNTOLD,
	  false, GARITA_ADMIT },
	{ "of no image: repaired", EXCEPTION("no-new-privileges", MEANT),
	  "\"config\":{\"process\":{\"noNewPrivileges\":false}}" NO_IMAGE,
	  false, GARITA_REPAIR },
};

static void test_an_image_that_nobody_can_tell(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(doubts); i++) {
		auto_verdict verdict = { 0 };
		struct garita_error err = { 0 };
		int rc = try_to_decide(doubts[i].policy, doubts[i].config,
				       100 * DAY, &verdict, &err);

		if ((rc < 0) != doubts[i].doubtful)
			fail_msg("%s: %d %s", doubts[i].why, rc, err.text);
		if (rc < 0)
			assert_non_null(strstr(
				err.text, "the store of containers-storage: "
					  "images.json: Input/output error"));
		else if (verdict.outcome != doubts[i].outcome)
			fail_msg("%s: %s", doubts[i].why,
				 garita_outcome_name(verdict.outcome));
	}
}

static void test_an_exception_that_may_hold_is_told(void **state)
{
	static const char words[] =
		"would be for some images (needs root, data team), but which "
		"this is cannot be told: the store of containers-storage: "
		"images.json: Input/output error";
	const struct garita_finding *f;
	auto_verdict verdict = { 0 };

	(void)state;
	decide(EXCEPTION("run-as-non-root", MEANT), ROOT UNTOLD, 100 * DAY,
	       &verdict);
	f = find(&verdict, "run-as-non-root");
	assert_non_null(f);
	assert_string_equal(f->exception, words);
}

/* From its end on it is as if it were not there, for later scopes too. */
static void test_the_days_of_a_scope(void **state)
{
	static const char ends[] =
		"\"scopes\":[{\"name\":\"a\"," MEANT
		",\"expires\":\"2027-03-01\",\"rules\":{\"run-as-non-root\":"
		"\"warn\"}},{\"name\":\"b\"," MEANT
		",\"rules\":{\"host-pid\":\"warn\"}}]";
	static const struct {
		time_t left;
		enum garita_outcome outcome;
		const char *scope;
	} rows_of_days[] = {
		{ 100 * DAY, GARITA_ADMIT, "a" },
		{ 1, GARITA_ADMIT, "a" },
		{ 0, GARITA_REFUSE, "b" },
		{ -365 * DAY, GARITA_REFUSE, "b" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows_of_days); i++) {
		auto_verdict verdict = { 0 };

		decide(ends, ROOT, rows_of_days[i].left, &verdict);
		assert_int_equal(verdict.outcome, rows_of_days[i].outcome);
		assert_string_equal(verdict.scope, rows_of_days[i].scope);
	}
}

static void test_days_of_the_calendar(void **state)
{
	static const struct {
		const char *day;
		time_t end; /* 0: no day */
	} calendar[] = {
		{ "1970-01-01", DAY },
		{ "2000-02-29", (time_t)951868800 },
		{ "2026-11-21", (time_t)1795305600 },
		{ "9999-12-31", (time_t)253402300800 },
		{ "1900-02-29", 0 },
		{ "2027-02-29", 0 },
		{ "2027-13-01", 0 },
		{ "2027-00-01", 0 },
		{ "2027-01-00", 0 },
		{ "2027-04-31", 0 },
		{ "2027-4-1", 0 },
		{ "27-04-01", 0 },
		{ "2027-04-01T00:00:00Z", 0 },
		{ "2027/04/01", 0 },
		{ " 2027-04-01", 0 },
		{ "+027-04-01", 0 },
		{ "1969-12-31", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(calendar); i++) {
		time_t end = 0;
		int rc = garita_policy_day_end(calendar[i].day, &end);

		if ((rc == 0) != (calendar[i].end != 0) ||
		    end != calendar[i].end)
			fail_msg("%s: %lld", calendar[i].day, (long long)end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_the_days_of_an_exception),
		cmocka_unit_test(test_an_image_that_nobody_can_tell),
		cmocka_unit_test(test_an_exception_that_may_hold_is_told),
		cmocka_unit_test(test_the_days_of_a_scope),
		cmocka_unit_test(test_days_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
