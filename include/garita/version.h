/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * version - which of two versions is older, as upstream projects, Debian and
 * RPM count, and whether a release has a fix that several branches got.
 */
#ifndef GARITA_VERSION_H
#define GARITA_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "1.2.0-rc.3", "v1.0.0-rc95+dev", "6.1.0-18-amd64": the numbers, and what
 * comes before a release. */
struct garita_version {
	uint32_t number[4];
	/* 0 of a release; else which candidate, counted from 1, of what is the
	 * less the earlier it is (alpha, beta, rc). */
	uint32_t candidate;
};

/* False for what does not begin with a number (after an optional "v"). */
bool garita_version_read(const char *text, struct garita_version *ret);
/* Less than, equal to or greater than 0, as strcmp(3). */
int garita_version_compare(const struct garita_version *a,
			   const struct garita_version *b);
/* Does a release have a fix, given the first release of each branch (the first
 * two numbers) that has it? One of a branch that never got it has it when it
 * is newer than all of them. A text that is no version in `first` fixes
 * nothing. */
bool garita_version_has_fix(const struct garita_version *version,
			    const char *const *first, size_t count);

/* Of packages: "1:2.0~rc1-1+deb12u1" (deb-version(7)), and
 * epoch:version-release as RPM compares it. */
int garita_version_compare_deb(const char *a, const char *b);
int garita_version_compare_rpm(const char *a, const char *b);

#endif
