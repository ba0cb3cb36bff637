/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A diff applied to what was there gives what is there now, whatever changed,
 * and says no more than it must.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hook/report/report.h"

/* One hunk's ranges, in order, as patch reads them. */
struct ranges {
	unsigned from, count, to, new_count;
};

static const char *next_line(const char *at)
{
	return strchr(at, '\n') + 1;
}

static const char *copy_line(const char *at, struct garita_text *out)
{
	const char *end = next_line(at);

	garita_text_add(out, at, (size_t)(end - at));
	return end;
}

/* Applies one hunk; *before moves on, and *line with it. */
static const char *apply_hunk(const char *diff, const char **before,
			      unsigned *line, struct garita_text *out)
{
	struct ranges r;
	unsigned gone = 0, come = 0;

	assert_int_equal(sscanf(diff, "@@ -%u,%u +%u,%u @@\n", &r.from,
				&r.count, &r.to, &r.new_count),
			 4);
	while (*line < r.from - (r.count > 0)) {
		*before = copy_line(*before, out);
		++*line;
	}
	diff = next_line(diff);
	for (; *diff == ' ' || *diff == '-' || *diff == '+';
	     diff = next_line(diff)) {
		size_t len = (size_t)(next_line(diff + 1) - (diff + 1));

		if (*diff != '-') {
			garita_text_add(out, diff + 1, len);
			come++;
		}
		if (*diff != '+') {
			assert_memory_equal(*before, diff + 1, len);
			*before += len;
			++*line;
			gone++;
		}
	}
	assert_int_equal(gone, r.count);
	assert_int_equal(come, r.new_count);
	return diff;
}

static void check_diff(const struct garita_text *before,
		       const struct garita_text *after, size_t most)
{
	auto_text diff = { 0 }, got = { 0 };
	const char *at, *rest = before->len > 0 ? before->data : "";
	unsigned line = 0;
	size_t edits = 0;

	garita_report_diff("c", before, after, &diff);
	if (diff.len == 0) {
		assert_int_equal(before->len, after->len);
		assert_memory_equal(rest, after->len ? after->data : "",
				    before->len);
		return;
	}
	assert_true(garita_starts_with(diff.data, "--- c\tas written\n"
						  "+++ c\tas repaired\n@@ -"));
	at = next_line(next_line(diff.data));
	for (const char *c = at; *c != '\0'; c = next_line(c))
		edits += *c == '-' || *c == '+';
	assert_true(edits <= most);
	while (*at != '\0')
		at = apply_hunk(at, &rest, &line, &got);
	garita_text_puts(&got, rest);
	assert_int_equal(got.len, after->len);
	assert_memory_equal(got.data, after->len ? after->data : "", got.len);
}

static void test_by_hand(void **state)
{
	static const struct {
		const char *why, *before, *after;
		size_t most;
	} rows[] = {
		{ "equal", "a\nb\n", "a\nb\n", 0 },
		{ "nothing and nothing", "", "", 0 },
		{ "all new", "", "a\nb\n", 2 },
		{ "all gone", "a\nb\n", "", 2 },
		{ "first", "a\nb\nc\n", "x\nb\nc\n", 2 },
		{ "last", "a\nb\nc\n", "a\nb\nx\n", 2 },
		{ "moved", "a\nb\nc\nd\n", "b\nc\nd\na\n", 2 },
		{ "signs", "-\n+\n@@\n \n", "-\n@@\n \n+++\n", 2 },
		{ "empty lines", "\n\n\n", "\n\n\n\n\n", 2 },
		{ "six between: one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n",
		  "x\n1\n2\n3\n4\n5\n6\ny\n", 4 },
		{ "seven between: two", "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
		  "x\n1\n2\n3\n4\n5\n6\n7\ny\n", 4 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text before = { 0 }, after = { 0 };

		garita_text_puts(&before, rows[i].before);
		garita_text_puts(&after, rows[i].after);
		check_diff(&before, &after, rows[i].most);
	}
}

/* Numbers that are the same in every run. */
static unsigned draw(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33) % below;
}

static void test_drawn(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		auto_text before = { 0 }, after = { 0 };
		unsigned lines = draw(&seed, 40), words = 1 + draw(&seed, 9);
		unsigned often = 1 + draw(&seed, 8);
		size_t most = 0;

		for (unsigned i = 0; i < lines; i++) {
			unsigned word = draw(&seed, words);
			unsigned what = draw(&seed, often * 3);

			garita_text_printf(&before, "%u\n", word);
			if (what > 0)
				garita_text_printf(&after, "%u\n", word);
			if (what == 1)
				garita_text_printf(&after, "%u\n",
						   draw(&seed, words));
			most += what <= 1;
		}
		check_diff(&before, &after, most);
	}
}

/* More differences than are looked for: longer, and still right. */
static void test_too_many(void **state)
{
	auto_text before = { 0 }, after = { 0 };

	(void)state;
	for (int i = 0; i < 6000; i++) {
		garita_text_printf(&before, "%d\n", i);
		garita_text_printf(&after, "%d\n", i % 2 ? i : -i);
	}
	check_diff(&before, &after, 12000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_drawn),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
