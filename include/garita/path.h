/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * path - what a path means, from its text alone.
 *
 * runc and crun mount a destination "proc", "//proc", "/proc/" or
 * "/proc/../proc" on /proc alike, so a rule must compare the cleaned form.
 * Nothing here looks at a file system: symbolic links are the business of
 * hook/host.
 */
#ifndef GARITA_PATH_H
#define GARITA_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The cleaned absolute form: no ".", "..", repeated or trailing slash; ".."
 * stops at "/"; a relative path counts from "/". The caller frees. */
char *garita_path_clean(const char *path);
/* The same, a relative path counting from `base` (absolute). */
char *garita_path_clean_from(const char *base, const char *path);
/* Are the first `len` bytes surely written as garita_path_clean() writes a
 * path? To spare most paths the copy. */
bool garita_path_is_clean(const char *path, size_t len);
/* Is ".." one of its components? Then only a file system knows where it leads:
 * a link before it decides, and what is not there leads nowhere. */
bool garita_path_climbs(const char *path);
/* For cleaned paths: is `path` `dir` itself or below it? */
bool garita_path_within(const char *path, const char *dir);
/* For cleaned paths: `pattern` names whole components, "*" stands for one
 * component or a part of one, a last component "**" for one or more. */
bool garita_path_match(const char *pattern, const char *path);
/* The same with any of `count` patterns. */
bool garita_path_match_any(const char *const *patterns, size_t count,
			   const char *path);

#endif
