/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities: our table against libcap's, and the spellings that libcap
 * takes and we must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ctype.h>
#include <sys/capability.h>

#include "garita/caps.h"

static void test_the_table_is_libcaps(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= GARITA_CAP_LAST; i++) {
		const char *ours = garita_cap_name(i);
		char *theirs = cap_to_name((cap_value_t)i);

		assert_non_null(theirs);
		for (char *c = theirs; *c != '\0'; c++)
			*c = (char)toupper((unsigned char)*c);
		assert_string_equal(ours, theirs);
		assert_int_equal(garita_cap_number(ours), i);
		assert_true(garita_cap_well_formed(ours));
		cap_free(theirs);
	}
	assert_null(garita_cap_name(GARITA_CAP_LAST + 1));
	assert_null(garita_cap_name(~0u));
}

static void test_only_the_exact_name_has_a_number(void **state)
{
	static const struct {
		const char *why, *name;
	} others[] = {
		{ "libcap takes lower case", "cap_sys_admin" },
		{ "one lower letter", "CAP_SYS_ADMIn" },
		{ "libcap takes trailing blanks", "CAP_SYS_ADMIN " },
		{ "and stops at other ones", "CAP_SYS_ADMIN\tx" },
		{ "leading blank", " CAP_SYS_ADMIN" },
		{ "libcap takes numbers", "21" },
		{ "no prefix", "SYS_ADMIN" },
		{ "no such thing", "CAP_ALL" },
		{ "a number in disguise", "CAP_21" },
		{ "the beginning of a name", "CAP_SYS_ADMI" },
		{ "more than a name", "CAP_SYS_ADMINS" },
		{ "nothing", "" },
	};

	(void)state;
	assert_int_equal(garita_cap_number("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	for (size_t i = 0; i < GARITA_COUNT(others); i++)
		if (garita_cap_number(others[i].name) != -1)
			fail_msg("%s: %s", others[i].name, others[i].why);
}

static void test_well_formed_is_what_no_reader_bends(void **state)
{
	static const char *const good[] = { "CAP_CHOWN", "CAP_A", "CAP_21",
					    "CAP_ALL", "CAP_NEW_2030_THING" };
	static const char *const bad[] = {
		"",           "CAP",     "CAP_",   "cap_chown", "CAP_CHOWn",
		"CAP_CHOWN ", "CAP_A-B", "XCAP_A", "21",        "CAP_\xc3\x89"
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(good); i++)
		if (!garita_cap_well_formed(good[i]))
			fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < GARITA_COUNT(bad); i++)
		if (garita_cap_well_formed(bad[i]))
			fail_msg("accepted %s", bad[i]);
}

static void check_words(garita_caps set, const char *want)
{
	auto_text text = { 0 };

	garita_caps_words(set, &text);
	assert_string_equal(text.data, want);
}

static void test_sets_in_words(void **state)
{
	(void)state;
	check_words(0, "none");
	check_words(GARITA_CAPS_ALL, "all 41");
	check_words(GARITA_CAP(CAP_KILL), "CAP_KILL");
	check_words(GARITA_CAP(CAP_KILL) | GARITA_CAP(CAP_CHOWN) |
			    GARITA_CAP(CAP_CHECKPOINT_RESTORE),
		    "CAP_CHOWN, CAP_KILL, CAP_CHECKPOINT_RESTORE");
}

static void test_sets_have_their_members_names(void **state)
{
	(void)state;
	assert_string_equal(garita_cap_set_name(GARITA_CAPS_BOUNDING),
			    "bounding");
	assert_string_equal(garita_cap_set_name(GARITA_CAPS_EFFECTIVE),
			    "effective");
	assert_string_equal(garita_cap_set_name(GARITA_CAPS_PERMITTED),
			    "permitted");
	assert_string_equal(garita_cap_set_name(GARITA_CAPS_INHERITABLE),
			    "inheritable");
	assert_string_equal(garita_cap_set_name(GARITA_CAPS_AMBIENT),
			    "ambient");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_libcaps),
		cmocka_unit_test(test_only_the_exact_name_has_a_number),
		cmocka_unit_test(test_well_formed_is_what_no_reader_bends),
		cmocka_unit_test(test_sets_in_words),
		cmocka_unit_test(test_sets_have_their_members_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
