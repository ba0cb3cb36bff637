/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look - see the header.
 */
#include "hook/host/look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/resolve.h"
#include "hook/straight.h"

static int open_below(int dir, const char *path, int flags, uint64_t resolve)
{
	int fd = garita_resolve(dir, path, flags, resolve);

	if (fd >= 0)
		return fd;
	errno = -fd;
	return -1;
}

int garita_look_below(int dir, const char *path, uint64_t resolve)
{
	return open_below(dir, path, O_PATH, resolve);
}

int garita_look(const struct garita_view *view, const char *path)
{
	if (view->root >= 0)
		return garita_look_below(view->root, path, RESOLVE_IN_ROOT);
	return open(path, O_PATH | O_CLOEXEC);
}

int garita_look_straight(const struct garita_view *view, const char *path)
{
	if (view->root >= 0 || !garita_straight_is_plain(path)) {
		errno = ELOOP;
		return -1;
	}
	return garita_look_below(AT_FDCWD, path, RESOLVE_NO_SYMLINKS);
}

void garita_look_last_end(struct garita_look_last *last)
{
	for (size_t i = 0; i < GARITA_COUNT(last->all); i++) {
		if (last->all[i].path != NULL)
			garita_cleanup_fd(&last->all[i].fd);
		free(last->all[i].path);
	}
	*last = (struct garita_look_last){ 0 };
}

/* The directory of the first `len` bytes of a plain path, or -errno. */
static int look_into(struct garita_look_last *last, const char *path,
		     size_t len)
{
	unsigned at = last->next;

	for (size_t i = 0; i < GARITA_COUNT(last->all); i++)
		if (last->all[i].path != NULL &&
		    strncmp(last->all[i].path, path, len) == 0 &&
		    last->all[i].path[len] == '\0')
			return last->all[i].fd;
	if (last->all[at].path != NULL)
		garita_cleanup_fd(&last->all[at].fd);
	free(last->all[at].path);
	last->all[at].path = garita_xstrndup(path, len);
	last->all[at].fd =
		garita_resolve(AT_FDCWD, len > 0 ? last->all[at].path : "/",
			       O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	last->next = (at + 1) % GARITA_COUNT(last->all);
	return last->all[at].fd;
}

int garita_look_at_straight(struct garita_look_last *last, const char *path,
			    struct stat *ret)
{
	const char *name = strrchr(path, '/');
	struct stat st;
	int dir = garita_straight_is_plain(path)
			  ? look_into(last, path, (size_t)(name - path))
			  : -ELOOP;

	if (dir < 0)
		return dir;
	if (fstatat(dir, name + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	*ret = st;
	return 0;
}

int garita_look_open(const struct garita_view *view, const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

	if (view->root >= 0)
		return open_below(view->root, path, flags, RESOLVE_IN_ROOT);
	return open(path, flags | O_CLOEXEC);
}

DIR *garita_look_list(const struct garita_view *view, const char *path)
{
	return garita_directory_take(garita_look_open(view, path));
}

char *garita_look_read(const struct garita_view *view, const char *path,
		       size_t max_bytes, size_t *ret_len)
{
	auto_fd int fd = garita_look_open(view, path);
	struct garita_error error = { 0 };
	char *text = NULL;
	size_t len = 0;

	if (fd < 0)
		return NULL;
	if (garita_file_read(fd, max_bytes, &text, &len, &error) < 0) {
		errno = error.code;
		return NULL;
	}
	if (ret_len != NULL)
		*ret_len = len;
	return text;
}

bool garita_look_line(const struct garita_view *view, const char *path,
		      char *into, size_t size)
{
	auto_fd int fd = garita_look_open(view, path);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, into, size - 1);
	if (len < 0)
		return false;
	into[len] = '\0';
	len = (ssize_t)strcspn(into, "\n");
	while (len > 0 && strchr(" \t\r", into[len - 1]) != NULL)
		len--;
	into[len] = '\0';
	return true;
}

bool garita_look_is_answer(int failure)
{
	return failure == ENOENT || failure == ENOTDIR || failure == ELOOP ||
	       failure == ENAMETOOLONG || (failure == EACCES && geteuid() != 0);
}

bool garita_look_exists(const struct garita_view *view, const char *path)
{
	auto_fd int fd = garita_look(view, path);

	return fd >= 0;
}

bool garita_look_is_absent(const struct garita_view *view, const char *path)
{
	auto_fd int fd = garita_look(view, path);

	return fd < 0 && (errno == ENOENT || errno == ENOTDIR);
}

char *garita_look_inside(const char *root_real, char *real)
{
	size_t len;

	if (real == NULL || root_real == NULL || strcmp(root_real, "/") == 0)
		return real;
	len = strlen(root_real);
	if (!garita_path_within(real, root_real)) {
		free(real);
		return NULL;
	}
	memmove(real, real + len, strlen(real + len) + 1);
	if (*real == '\0') {
		free(real);
		return garita_xstrdup("/");
	}
	return real;
}

/* One line a hierarchy, "4:memory:/docker/0a1b". A runtime puts a container
 * in the same group of every hierarchy; one it does not use says "/". */
static char *first_group(const char *text)
{
	const char *root = NULL;

	for (const char *at = text; *at != '\0';) {
		size_t len = strcspn(at, "\n");
		const char *path = memchr(at, ':', len);

		if (path != NULL)
			path = memchr(path + 1, ':',
				      (size_t)(at + len - path - 1));
		if (path != NULL && at + len - path > 2)
			return garita_xstrndup(path + 1,
					       (size_t)(at + len - path - 1));
		if (path != NULL)
			root = "/";
		at += len;
		at += *at == '\n';
	}
	return root ? garita_xstrdup(root) : NULL;
}

char *garita_look_cgroup(const struct garita_view *view, const char *ns_path)
{
	static const char proc[] = "/proc/";
	const char *pid = ns_path + sizeof(proc) - 1;
	char path[64], text[8192];
	auto_fd int fd = -1;
	size_t digits;
	ssize_t len;

	if (strncmp(ns_path, proc, sizeof(proc) - 1) != 0)
		return NULL;
	digits = strspn(pid, "0123456789");
	if (digits == 0 || digits > 10 || strncmp(pid + digits, "/ns/", 4) != 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/%.*s/cgroup", (int)digits, pid);
	fd = view->root >= 0
		     ? open_below(view->root, path, O_RDONLY, RESOLVE_IN_ROOT)
		     : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return NULL;
	text[len] = '\0';
	return first_group(text);
}
