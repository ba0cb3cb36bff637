/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text - a string that grows, and numbers read without surprises.
 *
 * `data` always ends in NUL (which `len` does not count) or is NULL when
 * nothing was added yet.
 */
#ifndef GARITA_TEXT_H
#define GARITA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/memory.h"

struct garita_text {
	char *data;
	size_t len;
	size_t room;
};

void garita_text_free(struct garita_text *text);
void garita_text_add(struct garita_text *text, const char *data, size_t len);
void garita_text_puts(struct garita_text *text, const char *string);
/* Makes room for `more` bytes and the NUL, so that adding them costs no copy
 * of what is there. */
void garita_text_reserve(struct garita_text *text, size_t more);

static inline void garita_text_putc(struct garita_text *text, char c)
{
	if (text->room - text->len < 2)
		garita_text_reserve(text, 1);
	text->data[text->len++] = c;
	text->data[text->len] = '\0';
}

void garita_text_printf(struct garita_text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Gives the string away (never NULL) and empties the text. */
char *garita_text_take(struct garita_text *text);

#define auto_text __attribute__((cleanup(garita_text_free))) struct garita_text

/* Decimal digits only: no sign, no blank, no leading zero, nothing after.
 * Returns 0, -EINVAL or -ERANGE; *ret untouched on failure. */
int garita_parse_u32(const char *text, uint32_t min, uint32_t max,
		     uint32_t *ret);
int garita_parse_u64(const char *text, uint64_t *ret);
/* "36h": a number of one of `units`, of minutes (m), hours (h), days (d) and
 * weeks (w), in seconds; up to ten years. -EINVAL, also for NULL. */
int garita_parse_age(const char *text, const char *units, uint64_t *ret_s);

bool garita_starts_with(const char *text, const char *prefix);
static inline bool garita_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif
