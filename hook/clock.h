/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - the time for records: RFC 3339, UTC, microseconds.
 */
#ifndef GARITA_HOOK_CLOCK_H
#define GARITA_HOOK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { GARITA_CLOCK_SIZE = 40 };

/* Seconds since 1970. Where the clock cannot be read it is the end of 9999,
 * when everything that ends has ended. */
time_t garita_clock_time(void);
/* "2026-11-21T22:12:49.747522Z" of now. */
void garita_clock_now(char into[GARITA_CLOCK_SIZE]);
/* The same for a given time (years 1970 to 9999). */
void garita_clock_words(const struct timespec *when,
			char into[GARITA_CLOCK_SIZE]);
/* A moment as a person says it, in the same form, so that the two compare as
 * strings: "2026-11-21" and "2026-11-21T22:12Z" to its fraction of a second,
 * UTC; or "90s", "15m", "2h", "7d", "4w": so long before `now`. -EINVAL for
 * anything else. */
int garita_clock_read(const char *words, const struct timespec *now,
		      char into[GARITA_CLOCK_SIZE]);
/* Seconds of "90s", "15m", "2h", "7d" or "4w"; -EINVAL for anything else and
 * for more than a hundred years. */
int garita_clock_span(const char *words, int64_t *ret);
/* Is it a time as garita_clock_words() writes them? */
bool garita_clock_is_words(const char *text);
/* Microseconds of a clock that only goes forward, for durations; or always 0,
 * so who waits counts a wait that was in vain as all of it. */
uint64_t garita_clock_us(void);

#endif
