/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe - the probes that are more than one call, shared by the two halves of
 * the program: probe.c (tables, main) and probe_work.c (the work).
 */
#ifndef GARITA_TESTS_PROBE_H
#define GARITA_TESTS_PROBE_H

#include <stddef.h>

struct probe {
	const char *name;
	int (*run)(void); /* -1 and errno, as a system call */
};

extern const struct probe probes[];
extern const size_t probe_count;

#endif
