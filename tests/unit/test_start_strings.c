/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text functions of the programs of a start, under other names, against
 * libc's: at every place in a step, before a page that nobody may read. */
#include <stddef.h>

#ifdef __SSE2__
#define strlen      start_strlen
#define memchr      start_memchr
#define strchr      start_strchr
#define strchrnul   start_strchrnul
#define __strchrnul start_inner_strchrnul
#define strcmp      start_strcmp
#define strncmp     start_strncmp
size_t start_strlen(const char *text);
void *start_memchr(const void *bytes, int wanted, size_t len);
char *start_strchr(const char *text, int wanted);
char *start_strchrnul(const char *text, int wanted);
int start_strcmp(const char *a, const char *b);
int start_strncmp(const char *a, const char *b, size_t most);
/* The file is what is tested, not a header of it. */
#include "hook/start/strings.c" /* NOLINT(bugprone-suspicious-include) */
#undef strlen
#undef memchr
#undef strchr
#undef strchrnul
#undef __strchrnul
#undef strcmp
#undef strncmp
/* string.h has been read, with those names. */
size_t strlen(const char *text);
void *memchr(const void *bytes, int wanted, size_t len);
char *strchr(const char *text, int wanted);
char *strchrnul(const char *text, int wanted);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t most);

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { LONGEST = 70 };

/* A page, and behind it one that cannot be read. */
static char *page_before_nothing(void)
{
	char *at = mmap(NULL, (size_t)2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(mprotect(at + PAGE, PAGE, PROT_NONE), 0);
	return at;
}

/* All that there is of one text: from where its letters may be mistaken for
 * what is behind or before them. */
static void check_one(char *text, size_t len)
{
	static const int wanted[] = {
		'a', 'b', 'z', '\0', 0x80, 0xff, 'a' + 256
	};

	assert_int_equal(start_strlen(text), len);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		int byte = wanted[i];

		assert_ptr_equal(start_strchr(text, byte), strchr(text, byte));
		assert_ptr_equal(start_strchrnul(text, byte),
				 strchrnul(text, byte));
		assert_ptr_equal(start_inner_strchrnul(text, byte),
				 strchrnul(text, byte));
		for (size_t most = 0; most <= len + 1; most++)
			assert_ptr_equal(start_memchr(text, byte, most),
					 memchr(text, byte, most));
	}
}

static void test_one_text(void **state)
{
	char *page = page_before_nothing();

	(void)state;
	for (size_t len = 0; len < LONGEST; len++) {
		for (size_t behind = 0; behind <= STEP; behind++) {
			char *text = page + PAGE - len - 1 - behind;

			memset(page + PAGE - 2 * LONGEST - STEP, 'b',
			       2 * LONGEST + STEP);
			memset(text, 'x', len);
			text[len] = '\0';
			check_one(text, len);
			if (len > 0) {
				text[len / 2] = 'a';
				text[len - 1] = (char)0x80;
				check_one(text, len);
				text[0] = (char)0xff;
				check_one(text, len);
			}
		}
	}
	munmap(page, (size_t)2 * PAGE);
}

/* memchr(3) may be told of more than can be read, when it finds its byte. */
static void test_a_length_without_an_end(void **state)
{
	char *page = page_before_nothing();

	(void)state;
	page[PAGE - 1] = 'a';
	for (size_t before = 0; before < 40; before++)
		assert_ptr_equal(
			start_memchr(page + PAGE - 1 - before, 'a', SIZE_MAX),
			page + PAGE - 1);
	munmap(page, (size_t)2 * PAGE);
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void check_two(const char *a, const char *b, size_t len)
{
	assert_int_equal(sign(start_strcmp(a, b)), sign(strcmp(a, b)));
	assert_int_equal(sign(start_strcmp(b, a)), sign(strcmp(b, a)));
	for (size_t most = 0; most <= len + 2; most++)
		assert_int_equal(sign(start_strncmp(a, b, most)),
				 sign(strncmp(a, b, most)));
	assert_int_equal(sign(start_strncmp(a, b, SIZE_MAX)),
			 sign(strcmp(a, b)));
}

static void test_two_texts(void **state)
{
	char *page = page_before_nothing(), *other = page_before_nothing();

	(void)state;
	for (size_t len = 0; len < LONGEST; len++) {
		for (size_t behind = 0; behind <= 2 * STEP; behind++) {
			char *a = page + PAGE - len - 1;
			char *b = other + PAGE - len - 1 - behind;

			memset(other, 'q', PAGE); /* behind the end of b */
			memset(a, 'x', len + 1);
			a[len] = '\0';
			memcpy(b, a, len + 1);
			check_two(a, b, len);
			if (len == 0)
				continue;
			b[len - 1] = (char)0xe9; /* above x only unsigned */
			check_two(a, b, len);
			b[len / 2] = 'a';
			check_two(a, b, len);
			b[len / 2] = '\0';
			check_two(a, b, len);
		}
	}
	munmap(page, (size_t)2 * PAGE);
	munmap(other, (size_t)2 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_text),
		cmocka_unit_test(test_a_length_without_an_end),
		cmocka_unit_test(test_two_texts),
	};

	return cmocka_run_group_tests_name("start_strings", tests, NULL, NULL);
}

#else
#include <stdio.h>

int main(void)
{
	puts("1..1\nok 1 - libc's serve here");
	return 0;
}

#endif
