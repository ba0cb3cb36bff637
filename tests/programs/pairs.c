/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pairs - see the header.
 */
#include "tests/programs/pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20, MOST_WORDS = 32 };

void die(const char *what)
{
	perror(what);
	exit(2);
}

void die_of_usage(const char *program)
{
	fprintf(stderr, "%s: see the first comment of its source\n", program);
	exit(2);
}

void make_directory(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		die(path);
}

bool try_bytes(const char *path, struct bytes *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	ret->data = malloc(MOST_BYTES);
	len = fd < 0 || ret->data == NULL ? -1
					  : read(fd, ret->data, MOST_BYTES);
	if (len < 0)
		die(path);
	ret->len = (size_t)len;
	close(fd);
	return true;
}

struct bytes read_bytes(const char *path)
{
	struct bytes ret = { 0 };

	if (!try_bytes(path, &ret))
		die(path);
	return ret;
}

bool same_bytes(const struct bytes *a, const struct bytes *b)
{
	return a->data != NULL && b->data != NULL && a->len == b->len &&
	       memcmp(a->data, b->data, a->len) == 0;
}

static void write_bytes(const char *path, int flags, const struct bytes *bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);

	if (fd < 0 || write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len)
		die(path);
	close(fd);
}

void put_bytes(const char *path, const struct bytes *bytes)
{
	char aside[4096];

	snprintf(aside, sizeof(aside), "%s.put", path);
	unlink(aside);
	write_bytes(aside, O_CREAT | O_EXCL, bytes);
	if (rename(aside, path) < 0)
		die(path);
}

unsigned long number_of(const char *digits)
{
	unsigned long number = 0;

	for (; *digits >= '0' && *digits <= '9' && number < 1000000; digits++)
		number = number * 10 + (unsigned long)(*digits - '0');
	return *digits == '\0' ? number : 0;
}

/* ---- pairs ---- */

static void read_pair(const char *word, struct scene *scene)
{
	struct pair *pair = &scene->pairs[scene->pair_count++];
	char *text = strdup(word), *colon = strchr(text, ':');
	char *equal = strchr(text, '=');

	if (scene->pair_count > PAIRS_MOST || colon == NULL || equal == NULL)
		die(word);
	*colon = *equal = '\0';
	*pair = (struct pair){
		.in_place = strcmp(text, "write") == 0,
		.path = colon + 1,
		.other = equal + 1,
	};
	if (pair->in_place) {
		pair->versions[0] = read_bytes(pair->path);
		pair->versions[1] = read_bytes(pair->other);
	}
}

bool scene_option(struct scene *scene, int letter, const char *value)
{
	switch (letter) {
	case 'r':
		scene->records = value;
		return true;
	case 'c':
		scene->configs[0] = read_bytes(value);
		return true;
	case 'o':
		scene->configs[1] = read_bytes(value);
		return true;
	case 'p':
		read_pair(value, scene);
		return true;
	default:
		return false;
	}
}

void pair_flip(struct pair *pair)
{
	pair->is_other = !pair->is_other;
	if (pair->in_place)
		write_bytes(pair->path, O_TRUNC,
			    &pair->versions[pair->is_other]);
	else if (renameat2(AT_FDCWD, pair->path, AT_FDCWD, pair->other,
			   RENAME_EXCHANGE) < 0)
		die(pair->path);
}

void pair_restore(struct pair *pair)
{
	if (pair->is_other)
		pair_flip(pair);
}

/* ---- starts ---- */

void execute(char **words, const char *bundle, const char *id)
{
	char *said[MOST_WORDS] = { NULL };

	for (size_t i = 0; words[i] != NULL && i + 1 < MOST_WORDS; i++) {
		said[i] = words[i];
		if (strcmp(words[i], "{}") == 0)
			said[i] = strdup(bundle);
		else if (strcmp(words[i], "{id}") == 0)
			said[i] = strdup(id);
	}
	close_range(3, ~0U, 0);
	execv(said[0], said);
	_exit(126);
}

static void become(const struct scene *scene, const char *bundle, unsigned job)
{
	char place[2048], ran[4096], id[64];
	int null = open("/dev/null", O_RDWR);

	snprintf(place, sizeof(place), "%s/%u", scene->records, job);
	snprintf(ran, sizeof(ran), "%s/ran", place);
	snprintf(id, sizeof(id), "race-%u-%d", job, (int)getpid());
	setenv("TMPDIR", place, 1);
	dup2(null, 0);
	dup2(scene->by_words ? open(ran, O_WRONLY | O_CREAT | O_TRUNC, 0600)
			     : null,
	     1);
	if (getenv("VERBOSE") == NULL)
		dup2(null, 2);
	execute(scene->argv, bundle, id);
}

int scene_start(const struct scene *scene, const char *bundle, unsigned job,
		bool traced)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (traced) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
	}
	become(scene, bundle, job);
	return 0;
}

struct bytes scene_outcome(const struct scene *scene, unsigned job)
{
	struct bytes ret = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/%u/ran", scene->records, job);
	if (!try_bytes(path, &ret))
		return ret;
	unlink(path);
	if (ret.len == 0) {
		free(ret.data);
		ret.data = NULL;
	}
	return ret;
}

struct bytes scene_run(const struct scene *scene, const char *bundle,
		       const struct bytes *config, unsigned job)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	put_bytes(path, config);
	waitpid(scene_start(scene, bundle, job, false), NULL, 0);
	return scene_outcome(scene, job);
}

/* ---- outcomes ---- */

bool outcomes_have(const struct outcomes *outcomes, const struct bytes *one)
{
	for (size_t i = 0; i < outcomes->count; i++)
		if (same_bytes(&outcomes->all[i], one))
			return true;
	return false;
}

void outcomes_find(struct scene *scene, const char *bundle,
		   struct outcomes *ret)
{
	size_t pairs = scene->pair_count;

	*ret = (struct outcomes){ 0 };
	for (size_t state = 0; state < (size_t)1 << (pairs + 1); state++) {
		struct bytes one;

		for (size_t p = 0; p < pairs; p++)
			if (scene->pairs[p].is_other != ((state >> p & 1) != 0))
				pair_flip(&scene->pairs[p]);
		one = scene_run(scene, bundle,
				&scene->configs[state >> pairs & 1], 0);
		if (one.data == NULL)
			ret->refused = true;
		else if (!outcomes_have(ret, &one))
			ret->all[ret->count++] = one;
	}
	for (size_t p = 0; p < pairs; p++)
		pair_restore(&scene->pairs[p]);
}
