/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unreadable - a disk that fails when names of a directory are read from it.
 */
#ifndef GARITA_TESTS_UNREADABLE_H
#define GARITA_TESTS_UNREADABLE_H

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

/* Does `holds` hold of `data` where every getdents64(2) fails? Asked of a child
 * process, which ends with the filter. */
static inline bool holds_unreadable(bool (*holds)(const void *data),
				    const void *data)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EIO),
				     SCMP_SYS(getdents64), 0) < 0 ||
		    seccomp_load(filter) < 0)
			_exit(2);
		_exit(holds(data) ? 0 : 1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

#endif
