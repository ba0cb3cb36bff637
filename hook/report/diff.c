/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diff - what repairs changed, as a unified diff that patch(1) takes.
 *
 * The shortest way from one text to the other, found forwards by how many
 * lines differ (E. Myers, "An O(ND) difference algorithm and its variations",
 * 1986). Beyond MOST_EDITS differences the rest between the common head and
 * tail goes as a whole: longer, and as right.
 */
#include <string.h>

#include "hook/report/report.h"

enum {
	MOST_EDITS = 2048, /* 16 MiB of trace */
	CONTEXT = 3,
};

struct line {
	const char *at;
	size_t len;
	bool edited; /* gone, or new */
};

struct lines {
	struct line *line;
	size_t count;
};

static struct lines split(const struct garita_text *text)
{
	struct lines ret = { 0 };
	const char *at = text->len > 0 ? text->data : "";

	for (const char *c = at; *c != '\0'; c++)
		ret.count += *c == '\n';
	ret.line = garita_xcalloc(ret.count, sizeof(*ret.line));
	for (size_t i = 0; i < ret.count; i++) {
		ret.line[i].at = at;
		ret.line[i].len = strcspn(at, "\n") + 1;
		at += ret.line[i].len;
	}
	return ret;
}

static bool is_same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* The part in which the two differ. */
struct middle {
	struct line *a, *b;
	long n, m;
};

/* Row d holds how far along `a` d edits lead, on diagonals -d, -d + 2 ... d. */
static long *row(long *trace, long d)
{
	return trace + d * (d + 1) / 2;
}

/* Does the way with d edits to diagonal k end by taking a line of `b`? */
static bool comes_down(const long *before, long d, long k)
{
	if (k == -d)
		return true;
	return k != d && before[(k + d - 2) / 2] < before[(k + d) / 2];
}

static void walk_back(const struct middle *mid, long *trace, long d)
{
	long k = mid->n - mid->m;

	for (; d > 0; d--) {
		const long *before = row(trace, d - 1);

		if (comes_down(before, d, k)) {
			long y = before[(k + d) / 2] - k;

			mid->b[y - 1].edited = true;
			k++;
		} else {
			mid->a[before[(k + d - 2) / 2]].edited = true;
			k--;
		}
	}
}

static bool find_edits(const struct middle *mid)
{
	const size_t room = (size_t)(MOST_EDITS + 1) * (MOST_EDITS + 2) / 2;
	auto_free long *trace = garita_xcalloc(room, sizeof(*trace));

	for (long d = 0; d <= MOST_EDITS; d++) {
		const long *before = d > 0 ? row(trace, d - 1) : NULL;

		for (long k = -d; k <= d; k += 2) {
			long x = 0;

			if (d > 0 && comes_down(before, d, k))
				x = before[(k + d) / 2];
			else if (d > 0)
				x = before[(k + d - 2) / 2] + 1;
			while (x < mid->n && x - k < mid->m &&
			       is_same(&mid->a[x], &mid->b[x - k]))
				x++;
			row(trace, d)[(k + d) / 2] = x;
			if (k == mid->n - mid->m && x >= mid->n) {
				walk_back(mid, trace, d);
				return true;
			}
		}
	}
	return false;
}

static void mark(const struct lines *a, const struct lines *b)
{
	size_t head = 0, tail = 0;
	struct middle mid;

	while (head < a->count && head < b->count &&
	       is_same(&a->line[head], &b->line[head]))
		head++;
	while (tail < a->count - head && tail < b->count - head &&
	       is_same(&a->line[a->count - 1 - tail],
		       &b->line[b->count - 1 - tail]))
		tail++;
	mid = (struct middle){
		.a = a->line + head,
		.b = b->line + head,
		.n = (long)(a->count - head - tail),
		.m = (long)(b->count - head - tail),
	};
	if (find_edits(&mid))
		return;
	for (long i = 0; i < mid.n; i++)
		mid.a[i].edited = true;
	for (long i = 0; i < mid.m; i++)
		mid.b[i].edited = true;
}

static void put_line(struct garita_text *out, char sign,
		     const struct line *line)
{
	garita_text_putc(out, sign);
	garita_text_add(out, line->at, line->len);
}

/* A range counts from 1; an empty one names the line before it. */
static void put_range(struct garita_text *out, char sign, size_t from,
		      size_t count)
{
	garita_text_printf(out, " %c%zu,%zu", sign, count > 0 ? from + 1 : from,
			   count);
}

/* Lines from (i, j) on; both stand at the same common line or edit. */
static void put_body(const struct lines *a, const struct lines *b, size_t i,
		     size_t end_i, size_t j, size_t end_j,
		     struct garita_text *out)
{
	while (i < end_i || j < end_j) {
		if (i < end_i && a->line[i].edited) {
			put_line(out, '-', &a->line[i++]);
		} else if (j < end_j && b->line[j].edited) {
			put_line(out, '+', &b->line[j++]);
		} else {
			put_line(out, ' ', &a->line[i++]);
			j++;
		}
	}
}

/* One hunk whose first edit is at (i, j): goes on over edits that have fewer
 * than two contexts of common lines between them. */
static void put_hunk(const struct lines *a, const struct lines *b, size_t *at_i,
		     size_t *at_j, struct garita_text *out)
{
	size_t lead = *at_i < CONTEXT ? *at_i : CONTEXT;
	size_t i = *at_i, j = *at_j, quiet = 0;
	size_t from_i = i - lead, from_j = j - lead;

	while (i < a->count || j < b->count) {
		if (i < a->count && a->line[i].edited) {
			i++;
			quiet = 0;
		} else if (j < b->count && b->line[j].edited) {
			j++;
			quiet = 0;
		} else if (quiet == (size_t)2 * CONTEXT) {
			break;
		} else {
			i++;
			j++;
			quiet++;
		}
	}
	*at_i = i;
	*at_j = j;
	if (quiet > CONTEXT) {
		i -= quiet - CONTEXT;
		j -= quiet - CONTEXT;
	}
	garita_text_puts(out, "@@");
	put_range(out, '-', from_i, i - from_i);
	put_range(out, '+', from_j, j - from_j);
	garita_text_puts(out, " @@\n");
	put_body(a, b, from_i, i, from_j, j, out);
}

void garita_report_diff(const char *name, const struct garita_text *before,
			const struct garita_text *after,
			struct garita_text *out)
{
	struct lines a = split(before), b = split(after);
	bool named = false;

	mark(&a, &b);
	for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
		if (!(i < a.count && a.line[i].edited) &&
		    !(j < b.count && b.line[j].edited)) {
			i++;
			j++;
			continue;
		}
		if (!named) {
			garita_text_puts(out, "--- ");
			garita_report_put_safe(out, name);
			garita_text_puts(out, "\tas written\n+++ ");
			garita_report_put_safe(out, name);
			garita_text_puts(out, "\tas repaired\n");
			named = true;
		}
		put_hunk(&a, &b, &i, &j, out);
	}
	free(a.line);
	free(b.line);
}
