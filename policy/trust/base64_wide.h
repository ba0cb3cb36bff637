/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64_wide - the beginning of a long text, by what the processor has of its
 * own. Private to base64.c.
 */
#ifndef GARITA_POLICY_TRUST_BASE64_WIDE_H
#define GARITA_POLICY_TRUST_BASE64_WIDE_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes characters of the standard alphabet, without padding, up to one that
 * is none at most, and returns how many: a multiple of four, perhaps none.
 * `into` has room for what all of the text decodes to. */
size_t garita_base64_wide(const char *text, size_t len, unsigned char *into);

#endif
