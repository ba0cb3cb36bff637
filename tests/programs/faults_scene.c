/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_scene - the machine around a run: files, names, disks, networks.
 */
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- files ---- */

struct bytes read_all(int fd)
{
	struct bytes ret = { .data = malloc(MOST_BYTES) };
	ssize_t len = pread(fd, ret.data, MOST_BYTES, 0);

	if (len < 0 && errno == ESPIPE)
		len = read(fd, ret.data, MOST_BYTES);
	if (len < 0)
		die("read");
	ret.len = (size_t)len;
	return ret;
}

struct bytes read_at(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct bytes ret;

	if (fd < 0)
		die(path);
	ret = read_all(fd);
	close(fd);
	return ret;
}

bool same(const struct bytes *a, const struct bytes *b)
{
	return a->data != NULL && b->data != NULL && a->len == b->len &&
	       memcmp(a->data, b->data, a->len) == 0;
}

void put_file(int dir, const char *name, const struct bytes *bytes)
{
	int fd;

	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		die(name);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len)
		die(name);
	close(fd);
}

void refill(int fd, const struct bytes *bytes)
{
	if (ftruncate(fd, 0) < 0 ||
	    pwrite(fd, bytes->data, bytes->len, 0) != (ssize_t)bytes->len)
		die("a file in memory");
}

/* ---- names ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_names(const char *directory, struct names *names)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[4096];

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		names->names = realloc(names->names,
				       (names->count + 1) * sizeof(char *));
		names->names[names->count++] = strdup(path);
	}
	if (dir != NULL)
		closedir(dir);
}

struct names list_names(char *const *directories)
{
	struct names ret = { 0 };

	for (; *directories != NULL; directories++)
		add_names(*directories, &ret);
	if (ret.count > 0)
		qsort(ret.names, ret.count, sizeof(char *), by_text);
	return ret;
}

static bool has_name(const struct names *names, const char *name)
{
	return names->count > 0 && bsearch(&name, names->names, names->count,
					   sizeof(char *), by_text) != NULL;
}

const char *stranger(const struct names *names, const struct names *known,
		     const struct names *usual)
{
	for (size_t i = 0; i < names->count; i++)
		if (!has_name(known, names->names[i]) &&
		    !has_name(usual, names->names[i]))
			return names->names[i];
	return NULL;
}

void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct names){ 0 };
}

void remove_names(const char *directory)
{
	struct names names = { 0 };

	add_names(directory, &names);
	for (size_t i = 0; i < names.count; i++)
		if (unlink(names.names[i]) < 0 && errno != EISDIR)
			die(names.names[i]);
	free_names(&names);
}

/* ---- a disk ---- */

#define FILLER  ".faults-filler"
#define CROWDER ".faults-crowder."

static void fill_bytes(int dir, long pages)
{
	int fd = openat(dir, FILLER, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;
	off_t size = 0;

	if (fd < 0)
		die(FILLER);
	while (posix_fallocate(fd, size, PAGE) == 0)
		size += PAGE;
	if (fstat(fd, &st) < 0 || size < pages * PAGE ||
	    ftruncate(fd, size - pages * PAGE) < 0)
		die(FILLER);
	close(fd);
}

static void fill_names(int dir, long files)
{
	char name[64];
	long i = 0;

	for (;;) {
		int fd;

		snprintf(name, sizeof(name), CROWDER "%ld", i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			break;
		close(fd);
		i++;
	}
	for (; files > 0 && i > 0; files--) {
		snprintf(name, sizeof(name), CROWDER "%ld", --i);
		unlinkat(dir, name, 0);
	}
}

void fill_disk(const char *directory, long pages, long files)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		die(directory);
	if (files >= 0)
		fill_names(dir, files);
	if (pages >= 0)
		fill_bytes(dir, pages);
	close(dir);
}

void empty_disk(const char *directory)
{
	struct names names = { 0 };

	add_names(directory, &names);
	for (size_t i = 0; i < names.count; i++)
		if (strstr(names.names[i], "/" FILLER) != NULL ||
		    strstr(names.names[i], "/" CROWDER) != NULL)
			unlink(names.names[i]);
	free_names(&names);
}

/* ---- a network ---- */

pid_t new_network(void)
{
	int ends[2];
	char ready;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe2");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0 || write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &ready, 1) != 1)
		die("a network of its own");
	close(ends[0]);
	return pid;
}

/* What nft(8) says, which is not ours. */
struct bytes rules_of_network(pid_t pid)
{
	int out = memfd_create("rules", MFD_CLOEXEC), status = 0;
	struct bytes ret;
	char path[64];
	pid_t nft = fork();

	if (nft < 0)
		die("fork");
	if (nft == 0) {
		int space;

		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		space = open(path, O_RDONLY | O_CLOEXEC);
		if (space < 0 || setns(space, CLONE_NEWNET) < 0 ||
		    dup2(out, 1) < 0)
			_exit(126);
		execlp("nft", "nft", "list", "ruleset", NULL);
		_exit(126);
	}
	if (waitpid(nft, &status, 0) != nft || status != 0)
		die("nft list ruleset");
	ret = read_all(out);
	close(out);
	return ret;
}

void end_network(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
