/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts - what is mounted at one place, from the text of mountinfo.
 *
 * A line is "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE
 * SUPER", fields parted by single spaces; a blank, newline or backslash in a
 * path (and a comma or "=" in an overlay's option) is a backslash and three
 * octal digits.
 */
#include "hook/store/mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

struct line {
	char *id, *point;
	struct garita_mount_line of;
};

/* Cuts the next field off; NULL when there is none. */
static char *next_field(char **rest)
{
	return strsep(rest, " ");
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* In place; what is no escape stays as it is. */
static void unescape(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from != '\0') {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' &&
		    is_octal(from[2]) && is_octal(from[3])) {
			*to++ = (char)(unsigned char)((from[1] - '0') * 64 +
						      (from[2] - '0') * 8 +
						      (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

static bool split_line(char *text, struct line *ret)
{
	char *rest = text;
	char *field;

	ret->id = next_field(&rest);
	(void)next_field(&rest); /* parent */
	(void)next_field(&rest); /* device */
	ret->of.root = next_field(&rest);
	ret->point = next_field(&rest);
	do {
		field = next_field(&rest); /* options, then tags */
	} while (field != NULL && strcmp(field, "-") != 0);
	ret->of.type = next_field(&rest);
	(void)next_field(&rest); /* source */
	ret->of.super = next_field(&rest);
	return ret->point != NULL && ret->of.super != NULL;
}

static char *find_option(char *super, const char *name)
{
	char *option;

	while ((option = strsep(&super, ",")) != NULL) {
		if (!garita_starts_with(option, name))
			continue;
		option += strlen(name);
		unescape(option);
		return option;
	}
	return NULL;
}

int garita_mount_overlay(const struct garita_mount_line *line, char **ret_upper,
			 struct garita_error *err)
{
	auto_free char *super = garita_xstrdup(line->super);
	const char *upper;

	if (strcmp(line->type, "overlay") != 0)
		return garita_fail(err, EINVAL,
				   "the root file system is %s, not overlay",
				   line->type);
	if (strcmp(line->root, "/") != 0)
		return garita_fail(err, EINVAL,
				   "the root file system is a part of an"
				   " overlay, not a whole one");
	upper = find_option(super, "upperdir=");
	if (upper == NULL)
		return garita_fail(err, EINVAL,
				   "the root file system has no upper"
				   " directory: it is no container's");
	*ret_upper = garita_xstrdup(upper);
	return 0;
}

int garita_mount_lower(const struct garita_mount_line *line, char **ret)
{
	auto_free char *super = garita_xstrdup(line->super);
	const char *lower = find_option(super, "lowerdir=");

	if (lower == NULL)
		return -ENOENT;
	*ret = garita_xstrdup(lower);
	return 0;
}

static int read_overlay(const struct line *line, struct garita_overlay *ret,
			struct garita_error *err)
{
	char *upper = NULL;
	uint64_t id;
	int failed = garita_mount_overlay(&line->of, &upper, err);

	if (failed < 0)
		return failed;
	if (garita_parse_u64(line->id, &id) < 0) {
		free(upper);
		return garita_fail(err, EINVAL,
				   "mountinfo has a mount id that is no"
				   " number");
	}
	ret->mount_id = id;
	ret->upper = upper;
	return 0;
}

/* The fifth field of a line (without its newline), still escaped; NULL when
 * there is none. Cheap: the fields before it cannot contain a blank. */
static const char *find_point(const char *line, size_t len, size_t *ret_len)
{
	const char *end = line + len;

	for (int field = 0; field < 4; field++) {
		line = memchr(line, ' ', (size_t)(end - line));
		if (line == NULL)
			return NULL;
		line++;
	}
	end = memchr(line, ' ', (size_t)(end - line));
	if (end == NULL)
		return NULL;
	*ret_len = (size_t)(end - line);
	return line;
}

/* Is `line` about a mount at `path`? */
static bool is_at(const char *line, size_t len, const char *path)
{
	auto_free char *point = NULL;

	line = find_point(line, len, &len);
	if (line == NULL || len < strlen(path))
		return false;
	point = garita_xstrndup(line, len);
	unescape(point);
	return strcmp(point, path) == 0;
}

char *garita_mounts_next_point(const char **at, const char *end)
{
	while (*at < end) {
		const char *line = *at;
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		const char *point;
		char *path;
		size_t len;

		*at = stop == NULL ? end : stop + 1;
		point = find_point(line,
				   (size_t)((stop == NULL ? end : stop) - line),
				   &len);
		if (point == NULL)
			continue;
		path = garita_xstrndup(point, len);
		unescape(path);
		return path;
	}
	return NULL;
}

int garita_mounts_lower(const char *mountinfo, size_t len, const char *path,
			char **ret)
{
	const char *at = mountinfo, *end = mountinfo + len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((stop == NULL ? end : stop) - at);
		auto_free char *text = NULL;
		struct line line;

		if (is_at(at, length, path)) {
			text = garita_xstrndup(at, length);
			return split_line(text, &line)
				       ? garita_mount_lower(&line.of, ret)
				       : -ENOENT;
		}
		at = stop == NULL ? end : stop + 1;
	}
	return -ENOENT;
}

int garita_mounts_overlay(const char *mountinfo, size_t len, const char *path,
			  struct garita_overlay *ret, struct garita_error *err)
{
	const char *end = mountinfo + len;
	auto_free char *found = NULL;
	struct line line;

	while (mountinfo < end) {
		const char *stop =
			memchr(mountinfo, '\n', (size_t)(end - mountinfo));
		size_t length =
			(size_t)((stop == NULL ? end : stop) - mountinfo);

		if (is_at(mountinfo, length, path)) {
			if (found != NULL)
				return garita_fail(err, EINVAL,
						   "several file systems are"
						   " mounted over each other"
						   " at the root file system");
			found = garita_xstrndup(mountinfo, length);
		}
		mountinfo = stop == NULL ? end : stop + 1;
	}
	if (found == NULL)
		return garita_fail(err, ENOENT,
				   "the root file system is not mounted");
	if (!split_line(found, &line))
		return garita_fail(err, EINVAL,
				   "mountinfo has a line that cannot be read");
	return read_overlay(&line, ret, err);
}
