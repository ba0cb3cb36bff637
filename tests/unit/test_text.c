/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What everything else stands on: growing text, decimal numbers, memory, and
 * errors in fixed room that hostile words cannot abuse.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "garita/error.h"
#include "garita/memory.h"
#include "garita/text.h"

static void test_text_grows(void **state)
{
	auto_text text = { 0 };

	(void)state;
	assert_null(text.data);
	garita_text_puts(&text, "");
	assert_string_equal(text.data, "");
	garita_text_add(&text, NULL, 0);
	for (int i = 0; i < 1000; i++)
		garita_text_putc(&text, (char)('a' + i % 26));
	assert_int_equal(text.len, 1000);
	assert_int_equal(text.data[1000], '\0');
	assert_int_equal(text.data[999], 'a' + 999 % 26);
	garita_text_printf(&text, "%s-%d", "end", 7);
	assert_string_equal(text.data + 1000, "end-7");
	assert_true(text.room > text.len);

	/* Longer than any first guess at its size. */
	garita_text_printf(&text, "%05000d", 1);
	assert_int_equal(text.len, 1005 + 5000);
	assert_int_equal(text.data[text.len - 1], '1');
}

static void test_text_may_hold_nul(void **state)
{
	auto_text text = { 0 };

	(void)state;
	garita_text_add(&text, "a\0b", 3);
	garita_text_puts(&text, "c");
	assert_int_equal(text.len, 4);
	assert_memory_equal(text.data, "a\0bc", 5);
}

static void test_text_take_empties(void **state)
{
	auto_text text = { 0 };
	auto_free char *nothing = garita_text_take(&text);
	auto_free char *word = NULL;

	(void)state;
	assert_string_equal(nothing, "");
	garita_text_puts(&text, "word");
	word = garita_text_take(&text);
	assert_string_equal(word, "word");
	assert_null(text.data);
	assert_int_equal(text.len, 0);
	assert_int_equal(text.room, 0);
	garita_text_free(&text);
	garita_text_free(NULL);
}

static const struct {
	const char *why, *text;
	int result;
	uint64_t value;
} numbers[] = {
	{ "zero", "0", 0, 0 },
	{ "plain", "42", 0, 42 },
	{ "the largest", "18446744073709551615", 0, UINT64_MAX },
	{ "one more", "18446744073709551616", -ERANGE, 0 },
	{ "wraps to a small number", "36893488147419103232", -ERANGE, 0 },
	{ "too many digits", "99999999999999999999999", -ERANGE, 0 },
	{ "too large and no number", "99999999999999999999999x", -EINVAL, 0 },
	{ "nothing", "", -EINVAL, 0 },
	{ "NULL", NULL, -EINVAL, 0 },
	{ "octal to some", "010", -EINVAL, 0 },
	{ "two spellings of zero", "00", -EINVAL, 0 },
	{ "a sign", "+1", -EINVAL, 0 },
	{ "strtoul(3) takes it", "-1", -EINVAL, 0 },
	{ "a blank before", " 1", -EINVAL, 0 },
	{ "a blank behind", "1 ", -EINVAL, 0 },
	{ "hexadecimal", "0x10", -EINVAL, 0 },
	{ "an exponent", "1e3", -EINVAL, 0 },
	{ "a fraction", "1.0", -EINVAL, 0 },
	{ "digits of another script", "\xd9\xa1", -EINVAL, 0 },
};

static void test_numbers_have_one_spelling(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(numbers); i++) {
		uint64_t value = 7;
		int r = garita_parse_u64(numbers[i].text, &value);

		if (r != numbers[i].result ||
		    value != (r == 0 ? numbers[i].value : 7))
			fail_msg("%s: %d, %ju", numbers[i].why, r,
				 (uintmax_t)value);
	}
}

static void test_numbers_stay_in_range(void **state)
{
	uint32_t value = 7;

	(void)state;
	assert_int_equal(garita_parse_u32("9", 10, 20, &value), -ERANGE);
	assert_int_equal(garita_parse_u32("21", 10, 20, &value), -ERANGE);
	assert_int_equal(garita_parse_u32("4294967306", 10, 20, &value),
			 -ERANGE);
	assert_int_equal(garita_parse_u32("x", 10, 20, &value), -EINVAL);
	assert_int_equal(value, 7);
	assert_int_equal(garita_parse_u32("10", 10, 20, &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(garita_parse_u32("20", 10, 20, &value), 0);
	assert_int_equal(value, 20);
	assert_int_equal(garita_parse_u32("4294967295", 0, UINT32_MAX, &value),
			 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(garita_parse_u32("4294967296", 0, UINT32_MAX, &value),
			 -ERANGE);
}

static void test_starts_with(void **state)
{
	(void)state;
	assert_true(garita_starts_with("sha256:x", "sha256:"));
	assert_true(garita_starts_with("x", ""));
	assert_true(garita_starts_with("abc", "abc"));
	assert_false(garita_starts_with("ab", "abc"));
	assert_false(garita_starts_with("Abc", "abc"));
}

static void test_memory(void **state)
{
	auto_free unsigned char *bytes = garita_xalloc(4096);
	auto_free void *nothing = garita_xalloc(0);
	auto_free uint64_t *list = garita_xcalloc(10, sizeof(uint64_t));
	auto_free char *copy = garita_xstrdup("copy");
	auto_free char *part = garita_xstrndup("partial", 4);
	auto_free char *whole = garita_xstrndup("ab\0cd", 5);
	auto_free void *small = garita_xresize(NULL, 0, 8);

	(void)state;
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(bytes[i], 0);
	assert_non_null(nothing);
	assert_true(list[9] == 0);
	assert_string_equal(copy, "copy");
	assert_string_equal(part, "part");
	assert_string_equal(whole, "ab");

	list = garita_xresize(list, 1000, sizeof(*list));
	assert_true(list[9] == 0);
	assert_non_null(small);
	small = garita_xresize(small, 0, 0);
	assert_non_null(small);
	free(garita_take_ptr(&nothing));
	assert_null(nothing);
}

/* Under AddressSanitizer malloc(3) is to answer as it does without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Runs a request in a child; returns its exit code. */
static int exit_code_of(void (*request)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		close(STDERR_FILENO);
		request();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static volatile size_t half = SIZE_MAX / 2 + 2;

static void ask_wrapping_calloc(void)
{
	free(garita_xcalloc(half, 2)); /* 2 after wrapping around */
}

static void ask_wrapping_resize(void)
{
	free(garita_xresize(NULL, half, 2));
}

static void ask_too_much(void)
{
	free(garita_xalloc(half));
}

static void ask_wrapping_text(void)
{
	auto_text text = { 0 };

	garita_text_puts(&text, "a");
	garita_text_add(&text, "b", SIZE_MAX);
}

static void test_no_memory_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(exit_code_of(ask_wrapping_calloc),
			 GARITA_EXIT_NO_MEMORY);
	assert_int_equal(exit_code_of(ask_wrapping_resize),
			 GARITA_EXIT_NO_MEMORY);
	assert_int_equal(exit_code_of(ask_wrapping_text),
			 GARITA_EXIT_NO_MEMORY);
	assert_int_equal(exit_code_of(ask_too_much), GARITA_EXIT_NO_MEMORY);
}

static void test_fail_fills_the_error(void **state)
{
	struct garita_error err = {
		.line = 3, .column = 4, .pointer = "/old", .text = "old"
	};

	(void)state;
	assert_int_equal(garita_fail(&err, EPERM, "%s is a %s", "it", "fifo"),
			 -EPERM);
	assert_int_equal(err.code, EPERM);
	assert_int_equal(err.line, 0);
	assert_int_equal(err.column, 0);
	assert_string_equal(err.pointer, "");
	assert_string_equal(err.text, "it is a fifo");
	assert_int_equal(garita_fail(NULL, ENOENT, "unread"), -ENOENT);
}

static void test_fail_is_never_success(void **state)
{
	struct garita_error err = { 0 };

	(void)state;
	assert_int_equal(garita_fail(&err, 0, "errno was lost"), -EIO);
	assert_int_equal(err.code, EIO);
	assert_int_equal(garita_fail(&err, -ENOENT, "wrong sign"), -ENOENT);
	assert_int_equal(garita_fail(&err, INT_MIN, "no sign"), -EIO);
	assert_int_equal(garita_fail_in(NULL, "file"), -EIO);
	err = (struct garita_error){ 0 };
	assert_int_equal(garita_fail_in(&err, "file"), -EIO);
}

static void test_fail_in_says_which(void **state)
{
	struct garita_error err = { 0 };

	(void)state;
	garita_fail(&err, EINVAL, "no digest");
	err.line = 9;
	assert_int_equal(garita_fail_in(&err, "/etc/list"), -EINVAL);
	assert_string_equal(err.text, "/etc/list: no digest");
	assert_int_equal(err.line, 9);

	/* The old text may be an argument of the new one. */
	garita_fail(&err, EIO, "again: %s", err.text);
	assert_string_equal(err.text, "again: /etc/list: no digest");
}

static void test_long_text_is_cut_visibly(void **state)
{
	struct garita_error err = { 0 };
	char long_text[2000];
	char small[16];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	garita_fail(&err, EINVAL, "%s", long_text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_string_equal(err.text + sizeof(err.text) - 4, "...");
	garita_fail_in(&err, "file");
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text, "file: xxx", 9);
	assert_string_equal(err.text + sizeof(err.text) - 4, "...");

	/* Not within a character: U+20AC has three bytes. */
	for (size_t i = 0; i + 3 < sizeof(long_text); i += 3)
		memcpy(long_text + i, "\xe2\x82\xac", 3);
	for (int shift = 0; shift < 3; shift++) {
		garita_fail(&err, EINVAL, "%.*s%s", shift, "ab", long_text);
		assert_string_equal(err.text + strlen(err.text) - 6,
				    "\xe2\x82\xac...");
	}

	garita_fail(&err, EINVAL, "a reason that is too long");
	assert_string_equal(garita_error_words(&err, small, sizeof(small)),
			    "a reason tha...");
	assert_string_equal(garita_error_words(&err, small, 2), "a");
	assert_string_equal(garita_error_words(&err, small, 1), "");
	assert_string_equal(garita_error_words(&err, small, 0), "");
}

static void test_words(void **state)
{
	struct garita_error err = { 0 };
	char words[1024];

	(void)state;
	garita_fail(&err, EINVAL, "text");
	assert_string_equal(garita_error_words(&err, words, sizeof(words)),
			    "text");
	err.line = 3;
	err.column = 9;
	assert_string_equal(garita_error_words(&err, words, sizeof(words)),
			    "text (line 3, column 9)");
	memcpy(err.pointer, "/process/user", sizeof("/process/user"));
	assert_string_equal(garita_error_words(&err, words, sizeof(words)),
			    "text (line 3, column 9, at /process/user)");
	err.line = 0;
	assert_string_equal(garita_error_words(&err, words, sizeof(words)),
			    "text (at /process/user)");
}

static void test_words_cannot_drive_a_terminal(void **state)
{
	struct garita_error err = { 0 };
	char words[1024];

	(void)state;
	garita_fail(&err, EINVAL, "key %s", "a\x1b[2J\nforged: line\x7f");
	assert_string_equal(err.text, "key a?[2J?forged: line?");
	garita_fail(&err, EINVAL, "%s",
		    "c1 \xc2\x9b"
		    "2J, not \xc2\xa0 or \xc3\x9b");
	assert_string_equal(err.text, "c1 ??2J, not \xc2\xa0 or \xc3\x9b");
	garita_fail_in(&err, "\x1b]0;");
	assert_memory_equal(err.text, "?]0;: c1", 8);

	garita_fail(&err, EINVAL, "text");
	memcpy(err.pointer, "/\x1b[2J", sizeof("/\x1b[2J"));
	assert_string_equal(garita_error_words(&err, words, sizeof(words)),
			    "text (at /?[2J)");
}

static void test_ages(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds; /* 0: refused */
	} rows[] = {
		{ "1m", 60 },
		{ "36h", 129600 },
		{ "7d", 604800 },
		{ "4w", 2419200 },
		{ "3660d", 316224000 },
		{ "3661d", 0 },
		{ "0d", 0 },
		{ "07d", 0 },
		{ "d", 0 },
		{ "7", 0 },
		{ "7D", 0 },
		{ "7d ", 0 },
		{ "-7d", 0 },
		{ "12345678m", 0 },
		{ "99999999999999999999d", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};
	uint64_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		uint64_t got = 0;
		int rc = garita_parse_age(rows[i].text, "mhdw", &got);

		if (got != rows[i].seconds ||
		    rc != (rows[i].seconds ? 0 : -EINVAL))
			fail_msg("%s: %d", rows[i].text, rc);
	}
	assert_int_equal(garita_parse_age("1w", "hd", &seconds), -EINVAL);
	assert_int_equal(garita_parse_age("1m", "hd", &seconds), -EINVAL);
	assert_int_equal(seconds, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_grows),
		cmocka_unit_test(test_text_may_hold_nul),
		cmocka_unit_test(test_text_take_empties),
		cmocka_unit_test(test_numbers_have_one_spelling),
		cmocka_unit_test(test_numbers_stay_in_range),
		cmocka_unit_test(test_starts_with),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_no_memory_ends_the_process),
		cmocka_unit_test(test_fail_fills_the_error),
		cmocka_unit_test(test_fail_is_never_success),
		cmocka_unit_test(test_fail_in_says_which),
		cmocka_unit_test(test_long_text_is_cut_visibly),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_cannot_drive_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
