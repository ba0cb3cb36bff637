/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rfc3339 - a moment as text: "2026-11-21T20:42:17Z", as signers and scanners
 * write it. Pure.
 */
#ifndef GARITA_RFC3339_H
#define GARITA_RFC3339_H

#include <time.h>

/* Years 1 to 9999; T and Z in either case as the RFC has it, an offset of hours
 * and minutes, a fraction of up to nine digits, which is cut off. -EINVAL for
 * everything else: a day that no month has, second 60, a blank for the T. */
int garita_rfc3339(const char *text, time_t *ret);

#endif
