/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults - a fault, one run of a program with it, and the machine around.
 *
 * faults_options.c reads what is asked, faults.c has the plan, faults_judge.c
 * says what is wrong, faults_trace.c runs a program, faults_scene.c puts things
 * in place and looks at them.
 */
#ifndef GARITA_TESTS_FAULTS_H
#define GARITA_TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	MOST_BYTES = 1 << 20,
	MOST_CALLS = 4096,  /* of one process */
	MOST_NUMBERS = 512, /* of the kernel's table */
	MOST_PROCESSES = 8, /* of one run */
	MOST_DIRECTORIES = 8,
};

enum kind {
	NONE,
	FAIL,      /* the n-th call, with `error` */
	FAIL_ON,   /* the n-th and all behind it */
	FAIL_SUCH, /* all calls of number n, in all processes */
	SHORT,     /* the n-th moves one byte only */
	END_BEFORE,
	END_BEHIND, /* by signal `error` */
	STOP,       /* it never comes back from the n-th */
	MEMORY,     /* the n-th malloc(), calloc() or realloc() has none */
	LIMIT,      /* `error` is a limit of setrlimit(), n its value */
	UNKNOWN,    /* seccomp answers young_calls[n] with `error`; -1: all */
	FULL,       /* the disk has room for n pages */
	CROWDED,    /* the disk has room for n names */
	KINDS,
};

struct fault {
	enum kind kind;
	int process; /* in the order in which they came to be; 0: the first */
	long n;
	int error;
};

struct bytes {
	char *data;
	size_t len;
};

/* What is to be run, and what it is to become. */
struct subject {
	char **argv;
	const char *runtime; /* NULL: an exit code of 0 is what is admitted */
	const char *verb;    /* of the runtime: it is called with this word */
	const char *bundle;  /* ...and with this --bundle=; NULL: with any */
	const char *helper;  /* garita's own, that it may run; NULL: none */
	int input, output, errors;
	/* Of the allocator in the program's file, 0 at the end. */
	unsigned long allocators[4];
	int file; /* of the program */
};

/* ---- faults_options.c ---- */

extern struct asked {
	struct subject subject;
	const char *directory, *log, *disk, *learn;
	struct bytes config, repaired, given, said;
	char *watched[MOST_DIRECTORIES], *forgotten[MOST_DIRECTORIES];
	bool refused, always, guarded, already, verbose;
	int bundle, journal; /* descriptors */
	long step;
} asked;

void read_options(int argc, char **argv);

/* ---- faults_trace.c ---- */

/* How a run went. */
struct trail {
	int processes;
	long calls[MOST_PROCESSES];
	long before[MOST_PROCESSES]; /* of these, before it became a program */
	bool is_called[MOST_NUMBERS];
	long allocations;
	long met;           /* number of the last call that the fault met */
	struct bytes given; /* what the runtime would read by its descriptor */
	int alive;          /* processes beside the runtime that was reached */
};

/* How it ended: a wait status, or one of these. */
enum { ADMITTED = -1, STRANGE = -2, ENDLESS = -3 };

int trace(const struct subject *subject, const struct fault *fault,
	  struct trail *ret);

/* What no kernel ever fails (faults_call.c). */
bool never_fails(long number);

/* Of faults_begin.c: system calls that came late, or that a filter may not
 * know: a kernel or an engine without them is what garita may meet. */
extern const long young_calls[];
extern const size_t young_call_count;

/* ---- faults_judge.c ---- */

extern struct seen {
	unsigned runs, admitted, other, refused, ended, left, wrong;
} seen;

extern const struct fault no_fault;

/* The first run, which is the measure of all others; -1: it is not as asked. */
int run_without_fault(struct trail *ret);

/* A run with it, and another one where that left something. */
void inject(const struct fault *fault, struct trail *ret);

/* ---- faults_scene.c ---- */

void die(const char *what);
struct bytes read_at(int dir, const char *path);
/* Of a descriptor, from its beginning. */
struct bytes read_all(int fd);
bool same(const struct bytes *a, const struct bytes *b);
/* It has these bytes, and no others. */
void refill(int fd, const struct bytes *bytes);
void put_file(int dir, const char *name, const struct bytes *bytes);

/* A sorted list of the names in directories. */
struct names {
	char **names;
	size_t count;
};
struct names list_names(char *const *directories);
/* The first that is in none of the two others; NULL: there is none. */
const char *stranger(const struct names *names, const struct names *known,
		     const struct names *usual);
void free_names(struct names *names);
void remove_names(const char *directory);

/* Leaves `pages` pages, or `files` names, on the disk of `directory`; -1: as
 * many as there are. */
void fill_disk(const char *directory, long pages, long files);
void empty_disk(const char *directory);

/* A process in a network of its own, and what guards that. */
pid_t new_network(void);
struct bytes rules_of_network(pid_t pid);
void end_network(pid_t pid);

#endif
