/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state - see the header.
 */
#include "hook/state.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/text.h"
#include "hook/file.h"
#include "hook/owner.h"

/* Makes directory `path` when only its last name is missing. */
static void make_directory(const char *sysroot, const char *path)
{
	auto_free char *parent = garita_xstrdup(path);
	char *slash = strrchr(parent, '/');
	auto_fd int fd = -1;

	*slash = '\0';
	fd = garita_file_open_directory(sysroot, parent, NULL);
	if (fd >= 0)
		mkdirat(fd, slash + 1, 0700);
}

/* NULL: the machine's. */
static char *own_state(const char *sysroot)
{
	bool elsewhere = sysroot != NULL && *sysroot;

	return elsewhere ? NULL : garita_owner_home(GARITA_OWN_STATE);
}

char *garita_state_path(const char *sysroot, const char *name)
{
	auto_free char *own = own_state(sysroot);
	auto_text path = { 0 };

	garita_text_printf(&path, "%s/%s", own ? own : GARITA_STATE_DIR, name);
	return garita_text_take(&path);
}

int garita_state_open(const char *sysroot, const char *name, bool make,
		      struct garita_error *err)
{
	auto_free char *own = own_state(sysroot);
	const char *state = own ? own : GARITA_STATE_DIR;
	auto_text path = { 0 };
	int fd;

	garita_text_printf(&path, "%s/%s", state, name);
	fd = garita_file_open_directory(sysroot, path.data, err);
	if (fd != -ENOENT || !make)
		return fd;
	if (own != NULL)
		garita_owner_make(GARITA_OWN_STATE);
	else
		make_directory(sysroot, state);
	make_directory(sysroot, path.data);
	return garita_file_open_directory(sysroot, path.data, err);
}
