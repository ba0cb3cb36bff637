/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pairs - things of which there are two versions, and now one is in its place
 * and now the other; and what a start came to meanwhile.
 *
 * A pair is said as HOW:PATH=OTHER. "swap" exchanges the two names (files,
 * links and directories) in one step; "write" cuts the file that is there and
 * writes the other's bytes into it.
 */
#ifndef GARITA_TESTS_PROGRAMS_PAIRS_H
#define GARITA_TESTS_PROGRAMS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PAIRS_MOST = 8,
	/* Of all pairs and the two configs. */
	OUTCOMES_MOST = 1 << (PAIRS_MOST + 1),
};

/* data is NULL when there are none. */
struct bytes {
	char *data;
	size_t len;
};

struct pair {
	bool in_place;
	bool is_other; /* the other version is there now */
	const char *path, *other;
	struct bytes versions[2]; /* in place */
};

/* What is needed to start something. */
struct scene {
	struct pair pairs[PAIRS_MOST];
	size_t pair_count;
	struct bytes configs[2]; /* the second is no other, if none is given */
	const char *records;     /* directory, TMPDIR of what is started */
	bool by_words;           /* what it prints is what comes of it */
	char **argv; /* "{}" in it is for the bundle, "{id}" for an id */
};

/* What may come of it, when nothing changes meanwhile. */
struct outcomes {
	struct bytes all[OUTCOMES_MOST];
	size_t count;
	bool refused; /* for one state of the pairs at least */
};

void die(const char *what) __attribute__((noreturn));
struct bytes read_bytes(const char *path);
/* False when there is no such file. */
bool try_bytes(const char *path, struct bytes *ret);
bool same_bytes(const struct bytes *a, const struct bytes *b);
/* A new file in the place of what is there. */
void put_bytes(const char *path, const struct bytes *bytes);
unsigned long number_of(const char *digits);
/* One that may be there already. */
void make_directory(const char *path);
/* What was given does not do. */
void die_of_usage(const char *program) __attribute__((noreturn));
/* The program of the words, with these for "{}" and "{id}". */
void execute(char **words, const char *bundle, const char *id)
	__attribute__((noreturn));

/* 'r'ecords, 'c'onfig, 'o'ther config, 'p'air; false for another letter. */
bool scene_option(struct scene *scene, int letter, const char *value);

void pair_flip(struct pair *pair);
/* The first version again. */
void pair_restore(struct pair *pair);

/* Starts it with this bundle, whose records go below records/<job>; does not
 * wait. `traced`: stopped, for its parent. */
int scene_start(const struct scene *scene, const char *bundle, unsigned job,
		bool traced);
/* What the runtime noted in "ran", if it ran; forgets it. */
struct bytes scene_outcome(const struct scene *scene, unsigned job);
/* A whole start. */
struct bytes scene_run(const struct scene *scene, const char *bundle,
		       const struct bytes *config, unsigned job);

/* Every state of the pairs, with both configs. */
void outcomes_find(struct scene *scene, const char *bundle,
		   struct outcomes *ret);
bool outcomes_have(const struct outcomes *outcomes, const struct bytes *one);

#endif
