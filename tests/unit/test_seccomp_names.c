/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp_names - the table of calls, and the tables that are made of it
 * and of the built-in profile: policy/seccomp_numbers.c has to be what is
 * worked out here, and where it is not, what it has to be is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/seccomp_lookup.h"

static int find_slowly(const char *name, size_t len)
{
	for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++) {
		const char *row = garita_seccomp_call_name(i);

		if (strncmp(row, name, len) == 0 && row[len] == '\0')
			return (int)i;
	}
	return -1;
}

static void test_table_has_the_built_in_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < garita_seccomp_row_count; i++) {
		for (const char *at = garita_seccomp_rows[i].names; *at;) {
			size_t len = strcspn(at, " ");

			if (find_slowly(at, len) < 0)
				fail_msg("%.*s is not in the table", (int)len,
					 at);
			at += len + (at[len] == ' ');
		}
	}
}

static void test_table_is_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++) {
		const char *name = garita_seccomp_call_name(i);
		size_t len = strlen(name);

		assert_int_equal(garita_seccomp_call(name, len), i);
		assert_int_equal(garita_seccomp_call_in_steps(name, len), i);
		if (i > 0 && strcmp(garita_seccomp_call_name(i - 1), name) >= 0)
			fail_msg("%s is out of order", name);
	}
}

static void same_as_slowly(const char *name)
{
	size_t len = strlen(name);
	char room[80];
	int is = find_slowly(name, len);

	/* What is behind a name that is read in steps must not count. */
	memset(room, 'x', sizeof(room));
	snprintf(room, sizeof(room), "%s", name);
	if (garita_seccomp_call(room, len) != is ||
	    garita_seccomp_call_in_steps(room, len) != is)
		fail_msg("%s is found wrongly", room);
}

/* The first `len` bytes and more. */
static void same_with(const char *real, size_t len, const char *more)
{
	auto_text name = { 0 };

	garita_text_printf(&name, "%.*s%s", (int)len, real, more);
	same_as_slowly(name.data);
}

static void same_but_for(const char *real, size_t at)
{
	auto_free char *name = garita_xstrdup(real);

	name[at] = name[at] == 'z' ? '_' : (char)(name[at] + 1);
	same_as_slowly(name);
}

static void test_names_that_are_nearly_one(void **state)
{
	(void)state;
	same_as_slowly("");
	same_as_slowly("rt_sigtimedwait_time64_and_more");
	same_as_slowly("a_name_that_is_longer_than_any_in_the_table_can_be");
	for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++) {
		const char *real = garita_seccomp_call_name(i);
		size_t len = strlen(real);

		for (size_t at = 0; at < len; at++) {
			same_with(real, at, "");
			same_but_for(real, at);
			same_with(real, at, real + at / 2);
		}
		same_with(real, len, "2");
		same_with(real, len, "\x80");
	}
}

/* ---- seccomp_numbers.c ---- */
enum { MOST = 1024 };

struct numbers {
	uint64_t always[GARITA_SECCOMP_MACHINES][GARITA_SECCOMP_TABLE_WORDS];
	struct garita_seccomp_coded coded[MOST];
	size_t coded_count;
	uint64_t values[MOST];
	size_t value_count;
	uint16_t calls[MOST];
	size_t call_count;
	uint64_t on[GARITA_ARCH_OTHER][GARITA_SECCOMP_TABLE_WORDS];
	uint8_t shifts[GARITA_SECCOMP_SHIFTS];
	uint16_t places[GARITA_SECCOMP_PLACES];
};

static void put(uint64_t *words, size_t call)
{
	words[call / 64] |= UINT64_C(1) << call % 64;
}

/* A row for everybody is bits; the others stay rows. */
static void code_row(const struct garita_seccomp_row *row, struct numbers *to)
{
	bool always = !row->refuse && !row->need && !row->without &&
		      !row->kernel_major && !row->kernel_minor &&
		      row->test == GARITA_ARG_ANY;
	struct garita_seccomp_coded coded = {
		.need = row->need,
		.without = row->without,
		.machines = (uint8_t)row->machines,
		.refuse = (uint8_t)row->refuse,
		.kernel_major = (uint8_t)row->kernel_major,
		.kernel_minor = (uint8_t)row->kernel_minor,
		.test = (uint8_t)row->test,
		.arg = (uint8_t)row->arg,
		.values = (uint8_t)row->value_count,
	};

	assert_true(row->machines < 256 && row->kernel_major < 256 &&
		    row->kernel_minor < 256 && row->refuse < 256);
	assert_int_equal(row->test == GARITA_ARG_ANY, row->value_count == 0);
	for (const char *at = row->names; *at;) {
		size_t len = strcspn(at, " ");
		size_t call = (size_t)find_slowly(at, len);

		at += len + (at[len] == ' ');
		for (size_t m = 0; always && m < GARITA_SECCOMP_MACHINES; m++)
			if (row->machines >> m & 1)
				put(to->always[m], call);
		if (always)
			continue;
		to->calls[to->call_count++] = (uint16_t)call;
		coded.calls++;
	}
	for (size_t i = 0; i < row->value_count; i++)
		to->values[to->value_count++] = row->values[i];
	if (!always)
		to->coded[to->coded_count++] = coded;
}

static uint64_t hash_of(size_t call)
{
	const char *name = garita_seccomp_call_name(call);
	size_t len = strlen(name);

	return garita_seccomp_hash(
		garita_seccomp_half(name, len < 16 ? len : 16),
		garita_seccomp_half(name + 16, len > 16 ? len - 16 : 0));
}

static bool fits(size_t bucket, uint64_t shift,
		 const bool taken[GARITA_SECCOMP_PLACES])
{
	bool mine[GARITA_SECCOMP_PLACES] = { false };

	for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++) {
		uint64_t hash = hash_of(i);
		size_t place = garita_seccomp_place(hash, shift);

		if (garita_seccomp_shift(hash) != bucket)
			continue;
		if (taken[place] || mine[place])
			return false;
		mine[place] = true;
	}
	return true;
}

/* Shifts, those first that most names share, so that none are in one place. */
static void make_places(struct numbers *to)
{
	bool taken[GARITA_SECCOMP_PLACES] = { false };
	size_t sizes[GARITA_SECCOMP_SHIFTS] = { 0 };

	for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++)
		sizes[garita_seccomp_shift(hash_of(i))]++;
	for (size_t size = GARITA_SECCOMP_CALLS; size > 0; size--) {
		for (size_t b = 0; b < GARITA_SECCOMP_SHIFTS; b++) {
			unsigned shift = 0;

			if (sizes[b] != size)
				continue;
			while (shift < 256 && !fits(b, shift, taken))
				shift++;
			if (shift == 256)
				fail_msg("seccomp_lookup.h needs another odd "
					 "number");
			to->shifts[b] = (uint8_t)shift;
			for (size_t i = 0; i < GARITA_SECCOMP_CALLS; i++) {
				uint64_t hash = hash_of(i);
				size_t place =
					garita_seccomp_place(hash, shift);

				if (garita_seccomp_shift(hash) != b)
					continue;
				taken[place] = true;
				to->places[place] = (uint16_t)i;
			}
		}
	}
}

static void make_numbers(struct numbers *to)
{
	for (size_t i = 0; i < garita_seccomp_row_count; i++)
		code_row(&garita_seccomp_rows[i], to);
	for (size_t call = 0; call < GARITA_SECCOMP_CALLS; call++)
		for (size_t arch = 0; arch < GARITA_ARCH_OTHER; arch++)
			if (garita_seccomp_call_on(call) >> arch & 1)
				put(to->on[arch], call);
	make_places(to);
}

static void print_words(const char *declaration, const uint64_t *words,
			size_t rows)
{
	print_message("%s = {\n", declaration);
	for (size_t i = 0; i < rows * GARITA_SECCOMP_TABLE_WORDS; i++) {
		size_t in_row = i % GARITA_SECCOMP_TABLE_WORDS;

		print_message("%s0x%016lx,%s", in_row == 0 ? "\t{ " : "",
			      (unsigned long)words[i],
			      in_row == GARITA_SECCOMP_TABLE_WORDS - 1 ? " },\n"
			      : in_row % 3 == 2 ? "\n\t  "
						: " ");
	}
	print_message("};\n\n");
}

#define PRINT_LIST(declaration, list, count)                                   \
	do {                                                                   \
		print_message("%s = {", declaration);                          \
		for (size_t i = 0; i < (count); i++)                           \
			print_message("%s%lu,", i % 12 ? " " : "\n\t",         \
				      (unsigned long)(list)[i]);               \
		print_message("\n};\n\n");                                     \
	} while (0)

static void print_numbers(const struct numbers *of)
{
	print_words("const uint64_t "
		    "garita_seccomp_always[GARITA_SECCOMP_MACHINES]\n\t\t\t"
		    "\t    [GARITA_SECCOMP_TABLE_WORDS]",
		    of->always[0], GARITA_SECCOMP_MACHINES);
	print_message("const struct garita_seccomp_coded "
		      "garita_seccomp_coded[] = {\n");
	for (size_t i = 0; i < of->coded_count; i++) {
		const struct garita_seccomp_coded *row = &of->coded[i];

		print_message("\t{ 0x%lx, 0x%lx, %u, %u, %u, %u, %u, %u, %u, "
			      "%u },\n",
			      (unsigned long)row->need,
			      (unsigned long)row->without, row->machines,
			      row->refuse, row->kernel_major, row->kernel_minor,
			      row->test, row->arg, row->values, row->calls);
	}
	print_message("};\n\nconst size_t garita_seccomp_coded_count =\n"
		      "\tGARITA_COUNT(garita_seccomp_coded);\n\n");
	PRINT_LIST("const uint64_t garita_seccomp_constants[]", of->values,
		   of->value_count);
	PRINT_LIST("const uint16_t garita_seccomp_numbers[]", of->calls,
		   of->call_count);
	print_words("const uint64_t garita_seccomp_on[GARITA_ARCH_OTHER]\n\t\t"
		    "\t\t[GARITA_SECCOMP_TABLE_WORDS]",
		    of->on[0], GARITA_ARCH_OTHER);
	PRINT_LIST("const uint8_t garita_seccomp_shifts[GARITA_SECCOMP_SHIFTS]",
		   of->shifts, GARITA_SECCOMP_SHIFTS);
	PRINT_LIST("const uint16_t "
		   "garita_seccomp_places[GARITA_SECCOMP_PLACES]",
		   of->places, GARITA_SECCOMP_PLACES);
}

static void test_numbers_are_those_of_the_tables(void **state)
{
	auto_free struct numbers *right = garita_xalloc(sizeof(*right));

	(void)state;
	make_numbers(right);
	/* In this order: the first ones say how long the others are. */
	if (garita_seccomp_coded_count == right->coded_count &&
	    memcmp(garita_seccomp_coded, right->coded,
		   right->coded_count * sizeof(right->coded[0])) == 0 &&
	    memcmp(garita_seccomp_constants, right->values,
		   right->value_count * sizeof(right->values[0])) == 0 &&
	    memcmp(garita_seccomp_numbers, right->calls,
		   right->call_count * sizeof(right->calls[0])) == 0 &&
	    memcmp(garita_seccomp_always, right->always,
		   sizeof(right->always)) == 0 &&
	    memcmp(garita_seccomp_on, right->on, sizeof(right->on)) == 0 &&
	    memcmp(garita_seccomp_shifts, right->shifts,
		   sizeof(right->shifts)) == 0 &&
	    memcmp(garita_seccomp_places, right->places,
		   sizeof(right->places)) == 0)
		return;
	print_numbers(right);
	fail_msg("seccomp_numbers.c is not of these tables; it has to be that");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_has_the_built_in_names),
		cmocka_unit_test(test_numbers_are_those_of_the_tables),
		cmocka_unit_test(test_table_is_in_order),
		cmocka_unit_test(test_names_that_are_nearly_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
