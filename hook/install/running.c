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

static char *read_file(int dir, const char *path, size_t *ret_len)
{
	auto_fd int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *text = NULL;

	if (fd < 0 || garita_file_read(fd, MAX_WORDS, &text, ret_len, NULL) < 0)
		return NULL;
	return text;
}

/* The next name in it; NULL: no more, also where there is no directory. */
static const char *next(DIR *dir)
{
	const char *name = NULL;

	return dir != NULL && garita_directory_next(dir, &name) == 0 ? name
								     : NULL;
}

static DIR *list(const char *path)
{
	return garita_directory_take(
		open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
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

static void look_at_process(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    int process, struct garita_text *out)
{
	size_t len = 0;
	auto_free char *comm = read_file(process, "comm", &len);
	auto_free char *words = NULL;
	const char *runtime, *id;
	bool podmans;

	if (comm == NULL || strcmp(comm, "conmon\n") != 0)
		return;
	words = read_file(process, "cmdline", &len);
	if (words == NULL)
		return;
	runtime = word_behind(words, len, "-r", "--runtime");
	id = word_behind(words, len, "-c", "--cid");
	podmans = word_behind(words, len, "--exit-command", "--exit-command") !=
		  NULL;
	if (runtime == NULL || strcmp(runtime, options->runtime) != 0 ||
	    podmans != (engine == &garita_install_podman) ||
	    !sees_gate(process, runtime))
		return;
	garita_text_printf(out, "%s: %s\n", engine->name, id ? id : "?");
}

static void look_at_conmons(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    struct garita_text *out)
{
	auto_directory *dir = list("/proc");
	const char *name;

	while ((name = next(dir)) != NULL) {
		auto_fd int process = -1;
		struct stat st;

		if (!garita_is_digit(name[0]))
			continue;
		process = openat(dirfd(dir), name,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0 && fstat(process, &st) == 0 &&
		    (options->everyone || st.st_uid == geteuid()))
			look_at_process(options, engine, process, out);
	}
}

/* ---- shims ---- */

static void look_at_bundles(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    const char *path, struct garita_text *out)
{
	auto_directory *dir = list(path);
	const char *id;

	while ((id = next(dir)) != NULL) {
		auto_free char *runtime = NULL;
		auto_text below = { 0 };
		size_t len = 0;

		garita_text_printf(&below, "%s/runtime", id);
		if (id[0] != '.')
			runtime = read_file(dirfd(dir), below.data, &len);
		if (runtime != NULL && strcmp(runtime, options->runtime) == 0)
			garita_text_printf(out, "%s: %s\n", engine->name, id);
	}
}

static void look_at_shims(const struct garita_install_options *options,
			  const struct garita_install_engine *engine,
			  const char *path, struct garita_text *out)
{
	auto_directory *dir = list(path);
	const char *name;

	while ((name = next(dir)) != NULL) {
		bool dockers = strcmp(name, "moby") == 0;
		auto_text below = { 0 };

		if (name[0] == '.' ||
		    dockers != (engine == &garita_install_docker))
			continue;
		garita_text_printf(&below, "%s/%s", path, name);
		look_at_bundles(options, engine, below.data, out);
	}
}

void garita_install_running(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    struct garita_text *out)
{
	if (options->sysroot[0] != '\0' || engine->plan == NULL)
		return;
	if (engine == &garita_install_podman ||
	    engine == &garita_install_crio) {
		look_at_conmons(options, engine, out);
		return;
	}
	for (size_t i = 0; i < GARITA_COUNT(shims); i++)
		look_at_shims(options, engine, shims[i], out);
}
