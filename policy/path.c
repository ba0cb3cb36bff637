/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * path - paths as lists of components, without a look at a file system.
 *
 * Cleaning is what runc and crun do to a mount destination before they use
 * it, so that two spellings of one place compare equal. Matching works on
 * components: a "*" of an operator's pattern never runs across a slash.
 */
#include "garita/path.h"

#include <string.h>

#include "garita/memory.h"

/* A component is the text from `at` to the next slash or the end. */
static size_t component_len(const char *at)
{
	return (size_t)(strchrnul(at, '/') - at);
}

/* Adds the components of `path` to the cleaned path in `out`, which has no
 * slash at its end: "" is the root. `out` has room for strlen(path) + 1 more
 * bytes. */
static size_t add_clean(char *out, size_t len, const char *path)
{
	const char *at = path + strspn(path, "/");

	while (*at != '\0') {
		size_t n = component_len(at);

		if (n == 2 && at[0] == '.' && at[1] == '.') {
			while (len > 0 && out[--len] != '/')
				;
		} else if (n != 1 || at[0] != '.') {
			out[len++] = '/';
			memcpy(out + len, at, n);
			len += n;
		}
		at += n;
		at += strspn(at, "/");
	}
	return len;
}

char *garita_path_clean_from(const char *base, const char *path)
{
	size_t room = strlen(base) + strlen(path) + 3;
	char *out = garita_xalloc(room);
	size_t len = 0;

	if (path[0] != '/')
		len = add_clean(out, len, base);
	len = add_clean(out, len, path);
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

char *garita_path_clean(const char *path)
{
	return garita_path_clean_from("/", path);
}

bool garita_path_is_clean(const char *path, size_t len)
{
	const char *end = path + len, *at = path;

	if (len == 0 || *path != '/')
		return false;
	for (; at != NULL; at = memchr(at + 1, '/', (size_t)(end - at - 1)))
		if (at + 1 == end || at[1] == '/' || at[1] == '.')
			return false;
	return true;
}

bool garita_path_climbs(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
		if ((at == path || at[-1] == '/') &&
		    (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

bool garita_path_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return path[0] == '/';
	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

/* One component against one of the pattern. Remembers only the last star:
 * what an earlier one took need never be taken back, so the work is at most
 * the product of the lengths whatever the path's author wrote. */
static bool match_component(const char *pattern, size_t pattern_len,
			    const char *text, size_t text_len)
{
	size_t p = 0, t = 0, star = 0, after_star = 0;
	bool starred = false;

	while (t < text_len) {
		if (p < pattern_len && pattern[p] == '*') {
			starred = true;
			star = ++p;
			after_star = t;
		} else if (p < pattern_len && pattern[p] == text[t]) {
			p++;
			t++;
		} else if (starred) {
			p = star;
			t = ++after_star;
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}

bool garita_path_match(const char *pattern, const char *path)
{
	if (pattern[0] != '/' || path[0] != '/')
		return false;
	if (path[1] == '\0') /* the root has no component for a star */
		return pattern[1] == '\0';
	while (*pattern == '/' && *path == '/') {
		size_t pattern_len = component_len(++pattern);
		size_t len = component_len(++path);

		if (strcmp(pattern, "**") == 0)
			return len > 0;
		if (!match_component(pattern, pattern_len, path, len))
			return false;
		pattern += pattern_len;
		path += len;
	}
	return *pattern == '\0' && *path == '\0';
}

bool garita_path_match_any(const char *const *patterns, size_t count,
			   const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (garita_path_match(patterns[i], path))
			return true;
	return false;
}
