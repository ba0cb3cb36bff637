/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_ask - the verifier that answers, the ones that do not, and the door
 * that it closes behind itself; and one whole question to the real one.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "hook/clock.h"
#include "hook/trust/ask.h"

#define ODD  GARITA_BUILD_DIR "/tests/programs/odd_verify"
#define REAL GARITA_BUILD_DIR "/garita-verify"

#define MANIFEST                                                               \
	"sha256:1111111111111111111111111111111111111111111111111111111111111" \
	"111"

static struct garita_trust put(const char *program, const char *name,
			       enum garita_requirement_kind kind,
			       struct garita_text *notes)
{
	auto_requirements wanted = { 0 };
	auto_free char *reference = garita_xstrdup(name);
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED,
				      .reference = reference };
	auto_blobs material = { 0 };
	const struct garita_trust_case of = { &image, &wanted, &material,
					      1800000000 };
	struct garita_trust said = { 0 };

	memcpy(image.manifest, MANIFEST, sizeof(MANIFEST));
	garita_requirements_add(&wanted)->kind = kind;
	assert_int_equal(garita_blobs_add(&material, "a blob", "{}", 2), 0);
	(void)garita_ask(&of, program, &said, notes);
	return said;
}

static const struct {
	const char *name, *words;
	enum garita_trust_state state;
} odd[] = {
	{ "odd/yes", "yes", GARITA_TRUST_ACCEPTED },
	{ "odd/given", "what it was given", GARITA_TRUST_ACCEPTED },
	{ "odd/door", "nothing gets through the door", GARITA_TRUST_ACCEPTED },
	{ "odd/crash", "ended by signal 11", GARITA_TRUST_REFUSED },
	{ "odd/code", "failed with code 3", GARITA_TRUST_REFUSED },
	{ "odd/half", "no answer", GARITA_TRUST_REFUSED },
	{ "odd/nothing", "no answer", GARITA_TRUST_REFUSED },
	{ "odd/chatter", "says too much", GARITA_TRUST_REFUSED },
	{ "odd/memory", "ran out of memory", GARITA_TRUST_REFUSED },
	{ "odd/hang", "no answer within", GARITA_TRUST_REFUSED },
	{ "odd/late", "no answer within", GARITA_TRUST_REFUSED },
};

static void test_odd_verifiers(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(odd); i++) {
		uint64_t before = garita_clock_us();
		struct garita_trust said =
			put(ODD, odd[i].name, GARITA_REQUIRE_NOTHING, NULL);

		if (said.state != odd[i].state ||
		    strstr(said.words, odd[i].words) == NULL)
			fail_msg("%s: %s", odd[i].name, said.words);
		assert_true(garita_clock_us() - before < 20 * 1000 * 1000);
	}
	/* All of them are gone. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_programs_that_are_none(void **state)
{
	static const struct {
		const char *path, *words;
	} programs[] = {
		{ "/nonexistent/garita-verify", "No such file" },
		{ "/etc/passwd", "not executable" },
		{ "/tmp", "not a regular file" },
		{ "/bin/true", "no answer" },
		{ "/bin/cat", "answer" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(programs); i++) {
		struct garita_trust said = put(programs[i].path, "a",
					       GARITA_REQUIRE_NOTHING, NULL);

		if (said.state != GARITA_TRUST_REFUSED ||
		    strstr(said.words, programs[i].words) == NULL)
			fail_msg("%s: %s", programs[i].path, said.words);
	}
}

/* An engine may have us ignore our children, and the runtime inherits it. */
static void test_children_that_are_ignored(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(
		put(ODD, "odd/given", GARITA_REQUIRE_NOTHING, NULL).state,
		GARITA_TRUST_ACCEPTED);
	assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

static void test_the_real_one(void **state)
{
	struct garita_trust said;
	auto_text notes = { 0 };

	(void)state;
	said = put(REAL, "r.io/a", GARITA_REQUIRE_NOTHING, NULL);
	assert_int_equal(said.state, GARITA_TRUST_ACCEPTED);
	said = put(REAL, "r.io/a", GARITA_REQUIRE_REJECT, NULL);
	assert_int_equal(said.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(said.words, "rejects"));
	said = put(REAL, "r.io/a", GARITA_REQUIRE_KEYS, &notes);
	assert_int_equal(said.state, GARITA_TRUST_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_odd_verifiers),
		cmocka_unit_test(test_programs_that_are_none),
		cmocka_unit_test(test_children_that_are_ignored),
		cmocka_unit_test(test_the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
