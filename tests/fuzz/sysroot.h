/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysroot - a directory as an input describes it, for the fuzzers of what reads
 * directories: stores, /proc, /sys.
 *
 * A line is an entry, "LABEL KIND PATH TEXT". Paths are relative, without "..",
 * and what is above is made; of two with one path the first holds. Kinds:
 *
 *	f  a file of that text		w  one that others may write to
 *	z  a file, gzipped		l  a link to that text
 *	d  a directory			D  one that others may write to
 *	p  a fifo			n  no file; only a text to refer to
 *
 * So that digests and names fit together after a mutation, too, in paths and
 * texts stand
 *
 *	%sX	the hex digits of the sha256 of the text labelled X, in a text
 *		only of one before it
 *	%iX	64 times X, an id		%lX	26 times X, a link's
 *name %xHH	a byte
 *	%{...}	"=" and base64, as containers-storage calls files
 */
#ifndef GARITA_TESTS_FUZZ_SYSROOT_H
#define GARITA_TESTS_FUZZ_SYSROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Makes it, in the place of the last one, which is gone then; its path. */
const char *fuzz_sysroot(const uint8_t *data, size_t size);
/* Has one of its texts this digest? */
bool fuzz_sysroot_has(const char *digest);
/* 64 times the letter. */
const char *fuzz_id(char letter, char into[65]);

#endif
