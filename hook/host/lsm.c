/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lsm - asks the kernel whether AppArmor and SELinux are on, by the files that
 * runc and crun ask. A file that is not there is a module that is off; one
 * that does not answer leaves the question open, and the rules take that for
 * on.
 */
#include "hook/host/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/resolve.h"

static int open_fact(int root, const char *path)
{
	int fd;

	if (root < 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	return garita_resolve(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
			      RESOLVE_IN_ROOT);
}

/* Which answer the first letter of the file gives: `on` is one that says so,
 * NULL: any does. */
static enum garita_lsm ask(int root, const char *path, const char *on)
{
	auto_fd int fd = open_fact(root, path);
	char letter;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? GARITA_LSM_OFF
						       : GARITA_LSM_UNKNOWN;
	if (on == NULL)
		return GARITA_LSM_ON;
	if (read(fd, &letter, 1) != 1)
		return GARITA_LSM_UNKNOWN;
	return letter == *on ? GARITA_LSM_ON : GARITA_LSM_OFF;
}

static const char *string_at(const struct garita_spec *spec,
			     const char *pointer)
{
	const char *text =
		garita_json_string(garita_json_at(spec->root, pointer));

	return text != NULL ? text : "";
}

/* Not on for runc and crun unless both say so: in a container of its own an
 * engine sees the parameter and not the directory, and can set no profile. */
static enum garita_lsm ask_apparmor(int root)
{
	enum garita_lsm here = ask(root, "/sys/kernel/security/apparmor", NULL);

	if (here != GARITA_LSM_ON)
		return here;
	return ask(root, "/sys/module/apparmor/parameters/enabled", "Y");
}

void garita_observe_lsm(int root, const struct garita_spec *spec,
			struct garita_host *host)
{
	if (!garita_lsm_confines(string_at(spec, "/process/apparmorProfile")))
		host->apparmor = ask_apparmor(root);
	/* Permissive or enforcing is the administrator's passing choice. */
	host->selinux = ask(root, "/sys/fs/selinux/enforce", NULL);
}
