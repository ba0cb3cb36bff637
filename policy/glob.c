/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glob - a pattern against a text, in one pass over the text.
 *
 * The text is the container author's, the pattern the operator's. Trying out
 * what a star stands for would take a time that the author chooses; here all
 * places of the pattern that the text so far can have led to are kept at once,
 * so the cost is at most one step for every byte of the one and of the other.
 */
#include "policy/glob.h"

#include <string.h>

static bool is_star(const char *pattern, size_t i)
{
	return pattern[i] == '*';
}

static bool is_double(const char *pattern, size_t i)
{
	return pattern[i] == '*' && pattern[i + 1] == '*';
}

/* A star may stand for nothing. */
static void skip_stars(const char *pattern, size_t len, bool *at)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] && is_star(pattern, i))
			at[i + (is_double(pattern, i) ? 2 : 1)] = true;
}

/* A part of "**" in a text that is itself a pattern: only "**" covers it. */
static bool is_wild(const char *text, size_t t, bool covers)
{
	return covers && text[t] == '*' &&
	       (text[t + 1] == '*' || (t > 0 && text[t - 1] == '*'));
}

static bool match(const char *pattern, const char *text, size_t text_len,
		  bool covers)
{
	bool now[GARITA_GLOB_MOST + 1] = { true };
	size_t len = strlen(pattern);

	if (len > GARITA_GLOB_MOST)
		return false;
	skip_stars(pattern, len, now);
	for (size_t t = 0; t < text_len; t++) {
		bool narrow = text[t] != '/' && !is_wild(text, t, covers);
		bool before = false; /* what now[i - 1] was */
		bool alive = false;

		for (size_t i = 0; i <= len; i++) {
			bool was = now[i];

			now[i] = before && pattern[i - 1] == text[t] &&
				 !is_star(pattern, i - 1);
			/* The second half of a "**" is never stood on. */
			if (was && i < len && is_star(pattern, i) &&
			    (narrow || is_double(pattern, i)))
				now[i] = true;
			before = was;
			alive = alive || now[i];
		}
		if (!alive)
			return false;
		skip_stars(pattern, len, now);
	}
	return now[len];
}

bool garita_glob_part(const char *pattern, const char *text, size_t len)
{
	return match(pattern, text, len, false);
}

bool garita_glob(const char *pattern, const char *text)
{
	return match(pattern, text, strlen(text), false);
}

bool garita_glob_covers(const char *wide, const char *narrow, size_t len)
{
	return match(wide, narrow, len, true);
}
