/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - the time for records: RFC 3339, UTC, microseconds.
 */
#ifndef GARITA_HOOK_CLOCK_H
#define GARITA_HOOK_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { GARITA_CLOCK_SIZE = 40 };

/* "2026-11-21T22:12:49.747522Z" of now. */
void garita_clock_now(char into[GARITA_CLOCK_SIZE]);
/* The same for a given time (years 1970 to 9999). */
void garita_clock_words(const struct timespec *when,
			char into[GARITA_CLOCK_SIZE]);
/* Microseconds of a clock that only goes forward; for durations. */
uint64_t garita_clock_us(void);

#endif
