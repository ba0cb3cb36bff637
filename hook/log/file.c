/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file - the log of JSON lines.
 *
 * One write(2) of one line to a file opened for appending, so writers do not
 * mix; opened by each process, so a rotation by renaming is seen. What was torn
 * by a full disk is closed off by the next writer's newline.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/file.h"
#include "hook/log/sink.h"
#include "hook/owner.h"

/* The log's own directory is made when missing; its parents are not. */
static int open_log(const char *path)
{
	int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK | O_NOCTTY;
	int fd = openat(AT_FDCWD, path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		auto_free char *copy = garita_xstrdup(path);

		/* Another start may have made it just now. */
		if (mkdir(dirname(copy), 0700) == 0 || errno == EEXIST)
			fd = openat(AT_FDCWD, path, flags, 0600);
	}
	return fd;
}

/* Does the file end in the middle of a line, torn by a full disk? While
 * another writer's line crosses a page, the file seems to for a moment, which
 * is long when that one has to wait for its turn: a change of the mode, to what
 * it is, waits for it, as both take the file's lock in the kernel. Only what
 * stays so is torn. */
static bool is_torn(int fd, struct stat st)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 0; tries < 8; tries++) {
		char last = '\n';

		if (tries > 0 && fstat(fd, &st) < 0)
			return false;
		if (st.st_size == 0 ||
		    pread(fd, &last, 1, st.st_size - 1) != 1 || last == '\n')
			return false;
		if (fchmod(fd, st.st_mode & 07777) < 0) /* append-only */
			nanosleep(&pause, NULL);
	}
	return true;
}

/* The machine's log is not for a user's engine to write, whoever names it in
 * the machine's policy. */
char *garita_log_path(const struct garita_gate *gate)
{
	const char *named = gate != NULL ? gate->policy->log_file : NULL;
	auto_free char *own = garita_owner_home(GARITA_OWN_LOG);
	auto_free char *policy =
		own ? garita_owner_home(GARITA_OWN_POLICY) : NULL;
	bool is_own = policy != NULL && gate != NULL &&
		      gate->policy_path != NULL &&
		      strcmp(policy, gate->policy_path) == 0;

	if (own != NULL && (named == NULL || !is_own))
		return garita_take_ptr(&own);
	return garita_xstrdup(named ? named : GARITA_LOG_FILE);
}

int garita_sink_file(const struct garita_log_entry *entry, unsigned deadline_ms,
		     struct garita_error *err)
{
	auto_free char *path = garita_log_path(entry->record->gate);
	auto_fd int fd = -1;
	auto_text line = { 0 };
	struct stat st;
	ssize_t written;

	(void)deadline_ms; /* a regular file is there or it is not */
	if (garita_owner_is_user())
		garita_owner_make(GARITA_OWN_STATE);
	fd = open_log(path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL, "%s: not a regular file", path);
	garita_text_reserve(&line, entry->line.len + 2);
	if (is_torn(fd, st))
		garita_text_putc(&line, '\n');
	garita_text_add(&line, entry->line.data, entry->line.len);
	garita_text_putc(&line, '\n');
	written = garita_file_write_once(fd, line.data, line.len);
	if (written < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	if ((size_t)written < line.len)
		return garita_fail(err, ENOSPC, "%s: the disk is full", path);
	return 0;
}
