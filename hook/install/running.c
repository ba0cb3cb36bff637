/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * running - containers that an engine started through the gate and that are
 * still there.
 *
 * An engine goes on calling the runtime that a container was made by, to stop
 * it and to remove it: podman and CRI-O by the name in their configuration,
 * docker and containerd by the path. Without it the container cannot be stopped
 * any more, and podman 4.3 forgets one (`rm -f`) that goes on running. conmon
 * has the path among its words, containerd's shim in a file of the bundle.
 *
 * What is not there, or went away meanwhile, runs nothing; what is there and
 * cannot be read might, so that is an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/directory.h"
#include "hook/file.h"
#include "hook/install/install.h"

enum { MAX_WORDS = 1024 * 1024 };

/* Bundles of containerd's shims: a directory for each namespace. */
static const char *const shims[] = {
	"/run/containerd/io.containerd.runtime.v2.task",
	"/run/docker/containerd/daemon/io.containerd.runtime.v2.task",
};

/* What is asked for, and what is found. */
struct search {
	const struct garita_install_options *options;
	const struct garita_install_engine *engine;
	struct garita_text *out;
};

static bool is_gone(int failure)
{
	return failure == -ENOENT || failure == -ESRCH;
}

/* NULL in *ret: it is gone. */
static int read_file(int dir, const char *path, char **ret, size_t *ret_len)
{
	auto_fd int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int rc = fd < 0 ? -errno
			: garita_file_read(fd, MAX_WORDS, ret, ret_len, NULL);

	return is_gone(rc) ? 0 : rc;
}

/* ---- conmon ---- */

/* The word behind an option, or NULL. Words end with a NUL each, and there is
 * one more behind the last. */
static const char *word_behind(const char *words, size_t len, const char *brief,
			       const char *full)
{
	const char *at = words;

	while (at < words + len && strcmp(at, brief) != 0 &&
	       strcmp(at, full) != 0)
		at += strlen(at) + 1;
	if (at < words + len)
		at += strlen(at) + 1;
	return at < words + len ? at : NULL;
}

/* In its own file system: a container may have a podman in it. */
static bool sees_gate(int process, const char *runtime)
{
	auto_text below = { 0 };
	struct stat ours, theirs;

	garita_text_printf(&below, "root%s", runtime);
	return stat(runtime, &ours) == 0 &&
	       fstatat(process, below.data, &theirs, 0) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static int look_at_conmon(const struct search *search, int process)
{
	const struct garita_install_options *options = search->options;
	auto_free char *words = NULL;
	const char *runtime, *id;
	size_t len = 0;
	int rc = read_file(process, "cmdline", &words, &len);
	bool podmans;

	if (words == NULL)
		return rc;
	runtime = word_behind(words, len, "-r", "--runtime");
	id = word_behind(words, len, "-c", "--cid");
	podmans = word_behind(words, len, "--exit-command", "--exit-command") !=
		  NULL;
	if (runtime != NULL && strcmp(runtime, options->runtime) == 0 &&
	    podmans == (search->engine == &garita_install_podman) &&
	    sees_gate(process, runtime))
		garita_text_printf(search->out, "%s: %s\n",
				   search->engine->name, id ? id : "?");
	return 0;
}

static int look_at_process(void *data, int proc, const char *path,
			   const char *pid, struct garita_error *err)
{
	const struct search *search = data;
	auto_free char *comm = NULL;
	auto_fd int process = -1;
	struct stat st;
	size_t len = 0;
	int rc;

	(void)path, (void)err;
	if (!garita_is_digit(pid[0]))
		return 0;
	if (fstatat(proc, pid, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return is_gone(-errno) ? 0 : -errno;
	/* Others' are nothing to us, and may be hidden from us. */
	if (!search->options->everyone && st.st_uid != geteuid())
		return 0;
	process = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return is_gone(-errno) ? 0 : -errno;
	rc = read_file(process, "comm", &comm, &len);
	if (comm == NULL || strcmp(comm, "conmon\n") != 0)
		return rc;
	return look_at_conmon(search, process);
}

/* ---- shims ---- */

static int look_at_bundle(void *data, int dir, const char *path, const char *id,
			  struct garita_error *err)
{
	const struct search *search = data;
	auto_free char *runtime = NULL;
	auto_text below = { 0 };
	size_t len = 0;
	int rc;

	(void)path, (void)err;
	if (id[0] == '.') /* of a bundle that is being removed */
		return 0;
	garita_text_printf(&below, "%s/runtime", id);
	rc = read_file(dir, below.data, &runtime, &len);
	if (runtime != NULL && strcmp(runtime, search->options->runtime) == 0)
		garita_text_printf(search->out, "%s: %s\n",
				   search->engine->name, id);
	return rc;
}

static int look_at_namespace(void *data, int dir, const char *path,
			     const char *name, struct garita_error *err)
{
	const struct search *search = data;
	bool dockers = strcmp(name, "moby") == 0;
	auto_text below = { 0 };

	(void)dir;
	if (name[0] == '.' ||
	    dockers != (search->engine == &garita_install_docker))
		return 0;
	garita_text_printf(&below, "%s/%s", path, name);
	return garita_directory_each(below.data, look_at_bundle, data, err);
}

int garita_install_running(const struct garita_install_options *options,
			   const struct garita_install_engine *engine,
			   struct garita_text *out, struct garita_error *err)
{
	struct garita_error why = { 0 };
	struct search search = { options, engine, out };
	int rc = 0;

	if (options->sysroot[0] != '\0' || engine->plan == NULL)
		return 0;
	if (engine == &garita_install_podman || engine == &garita_install_crio)
		rc = garita_directory_each("/proc", look_at_process, &search,
					   &why);
	else
		for (size_t i = 0; rc == 0 && i < GARITA_COUNT(shims); i++)
			rc = garita_directory_each(shims[i], look_at_namespace,
						   &search, &why);
	return rc < 0 ? garita_fail(err, -rc,
				    "cannot tell which containers run: %s",
				    why.text)
		      : 0;
}
