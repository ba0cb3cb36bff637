/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp_compare - comparisons whose answer a person can see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "garita/memory.h"
#include "policy/seccomp_profile.h"

#define RULE(name, action, args)                                               \
	"{\"names\":[\"" name "\"],\"action\":\"SCMP_ACT_" action              \
	"\",\"args\":[" args "]}"
#define ARG(op, value)                                                         \
	"{\"index\":0,\"value\":" value ",\"valueTwo\":0,"                     \
	"\"op\":\"SCMP_CMP_" op "\"}"
#define STOPS(rules)                                                           \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" rules "]}"
#define LETS(rules)                                                            \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" rules "]}"

static const struct {
	const char *why, *a, *b;
	enum garita_seccomp_relation relation;
} rows[] = {
	{ "nothing against nothing", STOPS(""), STOPS(""),
	  GARITA_SECCOMP_NO_LOOSER },
	{ "everything against nothing", LETS(""), STOPS(""),
	  GARITA_SECCOMP_LOOSER },
	{ "a call", STOPS(RULE("bpf", "ALLOW", "")), STOPS(""),
	  GARITA_SECCOMP_LOOSER },
	{ "logged is let through", STOPS(RULE("bpf", "LOG", "")), STOPS(""),
	  GARITA_SECCOMP_LOOSER },
	{ "left to a listener", STOPS(RULE("bpf", "NOTIFY", "")), STOPS(""),
	  GARITA_SECCOMP_LOOSER },
	{ "another errno", STOPS(RULE("bpf", "KILL", "")), STOPS(""),
	  GARITA_SECCOMP_NO_LOOSER },
	{ "moby's families, said in two ways",
	  STOPS(RULE("socket", "ALLOW", ARG("LT", "38")) "," RULE(
		  "socket", "ALLOW",
		  ARG("EQ", "39")) "," RULE("socket", "ALLOW",
					    ARG("GT", "40"))),
	  LETS(RULE("socket", "ERRNO", ARG("EQ", "38")) "," RULE(
		  "socket", "ERRNO", ARG("EQ", "40"))),
	  GARITA_SECCOMP_NO_LOOSER },
	{ "and one family more",
	  STOPS(RULE("socket", "ALLOW", ARG("LE", "38"))),
	  STOPS(RULE("socket", "ALLOW", ARG("LT", "38"))),
	  GARITA_SECCOMP_LOOSER },
	{ "a value under a mask",
	  STOPS(RULE("clone", "ALLOW", ARG("EQ", "17"))),
	  STOPS(RULE("clone", "ALLOW", ARG("MASKED_EQ", "2114060288"))),
	  GARITA_SECCOMP_NO_LOOSER },
	{ "a value that the mask stops",
	  STOPS(RULE("clone", "ALLOW", ARG("EQ", "268435473"))),
	  STOPS(RULE("clone", "ALLOW", ARG("MASKED_EQ", "2114060288"))),
	  GARITA_SECCOMP_LOOSER },
	{ "a rule that lets all beside one that stops",
	  STOPS(RULE("socket", "KILL", ARG("EQ", "38")) "," RULE("socket",
								 "ALLOW", "")),
	  STOPS(RULE("socket", "ALLOW", ARG("NE", "38"))),
	  GARITA_SECCOMP_LOOSER },
	{ "two conditions on one argument: runc says or, crun nothing",
	  STOPS(RULE("socket", "ALLOW", ARG("GT", "1") "," ARG("LT", "3"))),
	  STOPS(RULE("socket", "ALLOW", ARG("EQ", "2"))),
	  GARITA_SECCOMP_CANNOT_TELL },
	{ "a rule for all that stops and one that lets",
	  STOPS(RULE("bpf", "KILL", "") "," RULE("bpf", "ALLOW", "")),
	  STOPS(""), GARITA_SECCOMP_CANNOT_TELL },
	{ "another machine's call", STOPS(RULE("fcntl64", "ALLOW", "")),
	  STOPS(""), GARITA_SECCOMP_NO_LOOSER },
	{ "a call that nobody knows", STOPS(RULE("teleport", "ALLOW", "")),
	  STOPS(""), GARITA_SECCOMP_LOOSER },
};

static struct garita_seccomp *read_text(const char *text,
					struct garita_json_doc **doc)
{
	struct garita_seccomp *read = NULL;
	struct garita_error err = { 0 };

	if (garita_json_parse(text, strlen(text), GARITA_JSON_STRICT, doc,
			      &err) < 0 ||
	    garita_seccomp_read(garita_json_root(*doc), "x86_64", &read, &err) <
		    0)
		fail_msg("%s: %s", text, err.text);
	return read;
}

static void test_relations(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *x = NULL, *y = NULL;
		auto_seccomp struct garita_seccomp *a =
			read_text(rows[i].a, &x);
		auto_seccomp struct garita_seccomp *b =
			read_text(rows[i].b, &y);
		enum garita_seccomp_relation got =
			garita_seccomp_compare(a, b, NULL, NULL, NULL, NULL);

		if (got != rows[i].relation)
			fail_msg("%s: %d", rows[i].why, (int)got);
		assert_int_equal(
			garita_seccomp_compare(a, a, NULL, NULL, NULL, NULL),
			GARITA_SECCOMP_NO_LOOSER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
