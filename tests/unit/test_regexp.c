/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_regexp - what fits and what does not; regcomp(3) agrees where both know
 * the expression, and what takes others long takes us no time.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <regex.h>

#include "garita/memory.h"
#include "garita/regexp.h"
#include "garita/text.h"

static const struct {
	const char *expression, *fits, *not ;
} cases[] = {
	{ "abc", "abc", "abcd" },
	{ "^abc$", "abc", "xabc" },
	{ "abc", "abc", "ab" },
	{ "a.c", "abc", "a\nc" },
	{ "a*", "", "b" },
	{ "a+", "aaa", "" },
	{ "ab?c", "ac", "abbc" },
	{ "(ab|cd)+", "abcdab", "abc" },
	{ "a|bc|", "", "abc" },
	{ "[a-c]+", "abccba", "abcd" },
	{ "[^/]+", "a-b", "a/b" },
	{ "[]]", NULL, NULL },
	{ "[\\]x]", "]", "\\" },
	{ "[a\\-z]", "-", "b" },
	{ "[a-]", "-", "b" },
	{ "[\\d.]+", "1.2", "1,2" },
	{ "\\d\\w\\s", "1_ ", "12" },
	{ "a\\.b", "a.b", "axb" },
	{ "a{3}", "aaa", "aa" },
	{ "a{2,}", "aaaaa", "a" },
	{ "a{1,3}", "aaa", "aaaa" },
	{ "a{0,1}b", "b", "aab" },
	{ "(a{2}b){2}", "aabaab", "aab" },
	{ "(a|b)*c|d", "ababc", "abd" },
	{ "^https://github\\.com/example/.*@refs/tags/v.*$",
	  "https://github.com/example/app/.github/workflows/r.yml@refs/tags/v1",
	  "xhttps://github.com/example/app@refs/tags/v1" },
	{ "^(a|b)$", "a", "ab" },
	{ "(a*)*", "aaaa", "ab" },
	{ "(|a)+", "aa", "b" },
	{ "\xc3\xa9", "\xc3\xa9", "e" },
	/* What is not understood is refused. */
	{ "", NULL, NULL },
	{ "a**", NULL, NULL },
	{ "a+?", NULL, NULL },
	{ "*a", NULL, NULL },
	{ "(a", NULL, NULL },
	{ "a)", NULL, NULL },
	{ "[a", NULL, NULL },
	{ "[z-a]", NULL, NULL },
	{ "[[:alpha:]]", NULL, NULL },
	{ "a{", NULL, NULL },
	{ "a{2", NULL, NULL },
	{ "a{3,2}", NULL, NULL },
	{ "a{65}", NULL, NULL },
	{ "a{0}", NULL, NULL },
	{ "\\", NULL, NULL },
	{ "\\1", NULL, NULL },
	{ "\\b", NULL, NULL },
	{ "\\pL", NULL, NULL },
	{ "(?i)a", NULL, NULL },
	{ "(?:a)", NULL, NULL },
	{ "a^b", NULL, NULL },
	{ "a$b", NULL, NULL },
	{ "(a$)", NULL, NULL },
	{ "^a|b$", NULL, NULL },
	{ "a|b$", NULL, NULL },
	{ "^a[\\](]|b", NULL, NULL },
	{ "^a[|]b$", "a|b", "ab" },
	{ "((((a{64}){64}){64}){64})", NULL, NULL },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_regexp struct garita_regexp *made = NULL;
		struct garita_error err = { 0 };
		int r = garita_regexp_read(cases[i].expression, &made, &err);

		if ((r == 0) != (cases[i].fits != NULL))
			fail_msg("%s: %s", cases[i].expression, err.text);
		if (r < 0) {
			assert_int_equal(r, -EINVAL);
			assert_true(err.column > 0);
			continue;
		}
		if (!garita_regexp_fits(made, cases[i].fits,
					strlen(cases[i].fits)))
			fail_msg("%s does not fit %s", cases[i].expression,
				 cases[i].fits);
		if (garita_regexp_fits(made, cases[i].not,
				       strlen(cases[i].not )))
			fail_msg("%s fits %s", cases[i].expression,
				 cases[i].not );
	}
}

/* All texts of up to six of these against both. */
static void compare(const char *expression)
{
	static const char letters[] = "abc";
	auto_regexp struct garita_regexp *ours = NULL;
	auto_text whole = { 0 };
	regex_t theirs;

	garita_text_printf(&whole, "^(%s)$", expression);
	assert_int_equal(garita_regexp_read(expression, &ours, NULL), 0);
	assert_int_equal(regcomp(&theirs, whole.data, REG_EXTENDED | REG_NOSUB),
			 0);
	for (unsigned n = 0; n < 4096; n++) {
		char text[8] = "";
		size_t len = 0;

		for (unsigned left = n; left > 0 && len < 6; left /= 4)
			if (left % 4 > 0)
				text[len++] = letters[left % 4 - 1];
		text[len] = '\0';
		if (garita_regexp_fits(ours, text, len) !=
		    (regexec(&theirs, text, 0, NULL, 0) == 0))
			fail_msg("%s and %s", expression, text);
	}
	regfree(&theirs);
}

static void test_regcomp_agrees(void **state)
{
	static const char *const parts[] = { "a",      "b*",       "(a|bc)",
					     "[^a]",   "(ab?){2}", "c{1,3}",
					     "(a|b)*", ".",        "(a|b|)c?" };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(parts); i++)
		for (size_t j = 0; j < GARITA_COUNT(parts); j++) {
			auto_text both = { 0 }, or = { 0 };

			garita_text_printf(&both, "%s%s", parts[i], parts[j]);
			compare(both.data);
			garita_text_printf(& or, "%s|%s", parts[i], parts[j]);
			compare(or.data);
		}
}

/* Others go back and try again: here nothing is tried twice. */
static void test_nothing_takes_long(void **state)
{
	static const char *const slow[] = {
		"(a*)*b",
		"(a|aa)+b",
		"(a?){64}a{64}b",
		"(.*a){60}b",
		"((a{1,8}){1,8}){1,8}b",
	};
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < GARITA_COUNT(slow); i++) {
		auto_regexp struct garita_regexp *made = NULL;

		assert_int_equal(garita_regexp_read(slow[i], &made, NULL), 0);
		assert_false(garita_regexp_fits(made, text, sizeof(text)));
	}
}

static void test_a_nul_is_a_byte(void **state)
{
	auto_regexp struct garita_regexp *made = NULL;

	(void)state;
	assert_int_equal(garita_regexp_read("ab", &made, NULL), 0);
	assert_false(garita_regexp_fits(made, "ab\0c", 4));
	assert_false(garita_regexp_fits(made, "ab\0", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_regcomp_agrees),
		cmocka_unit_test(test_nothing_takes_long),
		cmocka_unit_test(test_a_nul_is_a_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
