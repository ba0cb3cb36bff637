/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look - looking at paths without waking what they name.
 *
 * Private to hook/host. Everything is opened with O_PATH, which neither blocks
 * on a fifo nor wakes a device.
 */
#ifndef GARITA_HOOK_HOST_LOOK_H
#define GARITA_HOOK_HOST_LOOK_H

#include <stdint.h>
#include <sys/stat.h>

#include "garita/host.h"
#include "hook/directory.h"

/* The directories that were looked into last: what one container mounts mostly
 * lies in two, of its own and of what it shares. Begin with zeros. */
struct garita_look_last {
	struct {
		char *path;
		int fd; /* or -errno */
	} all[2];
	unsigned next;
};
void garita_look_last_end(struct garita_look_last *last);

/* Where paths are looked up; `root` is -1 for the machine itself. */
struct garita_view {
	int root;
	const char *root_real;         /* real path of the sysroot, or NULL */
	struct garita_look_last *last; /* NULL: nobody looks at many */
};

/* O_PATH descriptors, or -1 with errno. */
int garita_look(const struct garita_view *view, const char *path);
/* The same by a path that is its own real path when no link is on the way:
 * absolute, without dots and empty parts. -1 and ELOOP when one is, or when
 * the path is not like that; other failures are those of garita_look(). */
int garita_look_straight(const struct garita_view *view, const char *path);
int garita_look_below(int dir, const char *path, uint64_t resolve);

/* What is at the end of such a path: 0 or -errno. */
int garita_look_at_straight(struct garita_look_last *last, const char *path,
			    struct stat *ret);
/* Opens for reading what does not block; -1 with errno. */
int garita_look_open(const struct garita_view *view, const char *path);
/* Such a directory, for garita_directory_next(); NULL with errno. */
DIR *garita_look_list(const struct garita_view *view, const char *path);
/* A whole file of at most `max_bytes`, NUL after it; the caller frees. NULL
 * with errno: it cannot be read, or is longer (E2BIG). */
char *garita_look_read(const struct garita_view *view, const char *path,
		       size_t max_bytes, size_t *ret_len);
/* Its first line, without blanks at the end; `size` is of `into`. False with
 * errno when it cannot be read. One call for a file of the kernel. */
bool garita_look_line(const struct garita_view *view, const char *path,
		      char *into, size_t size);
/* Does the error say something of the path that holds for the runtime, too?
 * Else nobody knows where the path leads, and nothing may start. */
bool garita_look_is_answer(int failure);
/* Is anything there, all links followed? */
bool garita_look_exists(const struct garita_view *view, const char *path);
/* Is surely nothing there? Neither, when it cannot be looked at. */
bool garita_look_is_absent(const struct garita_view *view, const char *path);
/* The path as a process below `root_real` (NULL, "/": the machine) would say
 * it; takes `real`, the caller frees. NULL when it is not below. */
char *garita_look_inside(const char *root_real, char *real);
/* The control group of the process that a namespace path goes through, or
 * NULL; the caller frees. */
char *garita_look_cgroup(const struct garita_view *view, const char *ns_path);

/* What rules ask about the inside of the root file system: host->root, ->cwd
 * and ->targets. Links are followed inside it only, and never those of
 * /proc. -errno where it is there and cannot be looked at. */
int garita_observe_rootfs(const struct garita_view *view,
			  const struct garita_spec *spec, const char *bundle,
			  struct garita_host *host, struct garita_error *err);

#endif
