/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * glob - "*" stands for any characters but "/", "**" for any at all, every
 * other character for itself. No escapes: a star cannot be asked for.
 */
#ifndef GARITA_GLOB_H
#define GARITA_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a pattern. A longer one matches nothing; the reader refuses it. */
enum { GARITA_GLOB_MOST = 512 };

bool garita_glob(const char *pattern, const char *text);
/* The same for the first `len` bytes of a text. */
bool garita_glob_part(const char *pattern, const char *text, size_t len);
/* Does `wide` surely match whatever `narrow`, a pattern too, matches? */
bool garita_glob_covers(const char *wide, const char *narrow, size_t len);

#endif
