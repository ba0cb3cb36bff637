/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * flips - a start, again and again, with something swapped before its first
 * system call, its second, and so on to its last.
 *
 *	flips --bundle DIR --aside DIR --records DIR --config FILE
 *	      [--other FILE] [--pair HOW:PATH=OTHER]... [--step N]
 *	      -- PROGRAM ARGUMENT...
 *
 * PROGRAM becomes tests/programs/recorder, or nothing. What comes of it must be
 * what comes of it with the one version or the other, or a refusal: never a
 * mixture of both, never what nobody looked at. Everything is swapped once, and
 * there and back; from the first version and from the other. With --other,
 * config.json is one of the things: by name, written by name and by a
 * descriptor from before, with a link, and with the directory around it.
 *
 * The runtime reads config.json by its name. Who can put another there behind
 * garita's last look is root; how often that was is counted as "late".
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/pairs.h"

enum { MOST_CALLS = 4096, NEVER = MOST_CALLS, TIMES = 2 };

static struct {
	struct scene scene;
	const char *bundle, *aside;
	long step;
} asked = { .step = 1 };

static struct {
	unsigned starts, admitted, refused, late, wrong;
} seen;

/* What takes turns, and how. */
struct turn {
	const char *name;
	void (*flip)(struct pair *pair);
	struct pair *pair;
	bool by_name; /* config.json, which the runtime looks up again */
};

/* ---- the ways of config.json ---- */

static struct {
	char config[4096], other[4096], link[4096];
	int held; /* the first version, open for writing */
	bool is_other;
} ways = { .held = -1 };

static void exchange(const char *one, const char *other)
{
	if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) < 0)
		die(one);
	ways.is_other = !ways.is_other;
}

static void flip_name(struct pair *pair)
{
	(void)pair;
	exchange(ways.config, ways.other);
}

static void flip_link(struct pair *pair)
{
	(void)pair;
	exchange(ways.config, ways.link);
}

static void flip_directory(struct pair *pair)
{
	(void)pair;
	exchange(asked.bundle, asked.aside);
}

static void write_next(int fd)
{
	const struct bytes *next;

	ways.is_other = !ways.is_other;
	next = &asked.scene.configs[ways.is_other];
	if (fd < 0 || ftruncate(fd, 0) < 0 ||
	    pwrite(fd, next->data, next->len, 0) != (ssize_t)next->len)
		die(ways.config);
}

static void flip_written(struct pair *pair)
{
	int fd = open(ways.config, O_WRONLY | O_CLOEXEC);

	(void)pair;
	write_next(fd);
	close(fd);
}

static void flip_held(struct pair *pair)
{
	(void)pair;
	write_next(ways.held);
}

/* `other`: the second version is there at first. */
static void prepare(bool other)
{
	const struct bytes *configs = asked.scene.configs;

	if (ways.held >= 0)
		close(ways.held);
	put_bytes(ways.config, &configs[other]);
	ways.held = open(ways.config, O_WRONLY | O_CLOEXEC);
	ways.is_other = other;
	if (configs[1].data == NULL)
		return;
	put_bytes(ways.other, &configs[!other]);
	unlink(ways.link);
	if (symlink(ways.other, ways.link) < 0)
		die(ways.link);
}

/* ---- one start ---- */

static bool is_look(unsigned long long number)
{
	return number == SYS_newfstatat || number == SYS_statx
#ifdef SYS_lstat
	       || number == SYS_lstat
#endif
		;
}

/* Flips before the calls `at`; *ret_calls: how many there were before the
 * runtime; *ret_look: the last that looked at a name. */
static void trace(const struct turn *turn, const long at[TIMES],
		  long *ret_calls, long *ret_look)
{
	int status, execs = 0;
	bool entering = true;
	long n = 0;
	pid_t pid = scene_start(&asked.scene, asked.bundle, 0, true);

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	while (execs < 2) {
		struct __ptrace_syscall_info info = { 0 };
		bool traps;

		ptrace(execs == 0 ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, 0);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			break;
		traps = WSTOPSIG(status) == (SIGTRAP | 0x80);
		if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
			execs++;
			entering = false; /* the exec's own end comes next */
		} else if (traps && !entering) {
			entering = true;
		} else if (traps) {
			entering = false;
			n++;
			ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info),
			       &info);
			if (is_look(info.entry.nr))
				*ret_look = n;
			for (int i = 0; i < TIMES; i++)
				if (at[i] == n)
					turn->flip(turn->pair);
		}
	}
	*ret_calls = n;
	if (execs == 2) {
		ptrace(PTRACE_DETACH, pid, 0, 0);
		waitpid(pid, NULL, 0);
	}
}

static bool is_late(const long at[TIMES], long calls, long look)
{
	for (int i = 0; i < TIMES; i++)
		if (at[i] > look && at[i] <= calls)
			return true;
	return false;
}

static void start(const struct turn *turn, const struct outcomes *may,
		  const long at[TIMES], bool other)
{
	struct bytes one;
	long calls = 0, look = 0;

	if (turn->pair != NULL && other)
		pair_flip(turn->pair);
	prepare(turn->pair == NULL && other);
	trace(turn, at, &calls, &look);
	one = scene_outcome(&asked.scene, 0);
	seen.starts++;
	if (one.data == NULL) {
		seen.refused++;
	} else if (outcomes_have(may, &one)) {
		seen.admitted++;
	} else if (turn->by_name && is_late(at, calls, look)) {
		seen.late++;
	} else {
		seen.wrong++;
		printf("%s, %s first, before the calls %ld and %ld: what runs "
		       "is neither\n",
		       turn->name, other ? "other" : "one", at[0], at[1]);
		if (getenv("VERBOSE") != NULL)
			printf("%.*s\n", (int)one.len, one.data);
	}
	free(one.data);
	if (turn->pair != NULL)
		pair_restore(turn->pair);
	else if (turn->flip == flip_directory &&
		 ways.is_other != (turn->pair == NULL && other))
		exchange(asked.bundle, asked.aside);
}

static void take_turns(const struct turn *turn)
{
	static const long back[] = { NEVER, 1, 5, 17 };
	static const long quiet[TIMES] = { NEVER, NEVER };
	static struct outcomes may;
	struct scene scene = asked.scene;
	long calls = 0, look = 0;

	/* The others stay as they are. */
	scene.pair_count = turn->pair != NULL;
	if (turn->pair != NULL) {
		scene.pairs[0] = *turn->pair;
		scene.configs[1] = scene.configs[0];
	}
	outcomes_find(&scene, asked.bundle, &may);
	if (may.count + may.refused < 2) {
		printf("%s: both versions come to the same\n", turn->name);
		seen.wrong++;
		return;
	}
	prepare(false);
	trace(turn, quiet, &calls, &look);
	free(scene_outcome(&asked.scene, 0).data);
	for (size_t b = 0; b < sizeof(back) / sizeof(back[0]); b++)
		for (int other = 0; other < 2; other++)
			for (long n = 1 + (long)b % asked.step; n <= calls;
			     n += asked.step) {
				const long at[TIMES] = { n, n + back[b] };

				start(turn, &may, at, other);
			}
	for (size_t i = 0; i < may.count; i++)
		free(may.all[i].data);
}

static void all_turns(void)
{
	static const struct turn configs[] = {
		{ "config.json by name", flip_name, NULL, true },
		{ "config.json and a link", flip_link, NULL, true },
		{ "config.json written", flip_written, NULL, true },
		{ "config.json, held open", flip_held, NULL, false },
		{ "the bundle", flip_directory, NULL, true },
	};
	size_t ways_count = sizeof(configs) / sizeof(configs[0]);

	for (size_t i = 0; asked.scene.configs[1].data && i < ways_count; i++)
		take_turns(&configs[i]);
	for (size_t p = 0; p < asked.scene.pair_count; p++) {
		struct pair *pair = &asked.scene.pairs[p];
		const struct turn turn = { pair->path, pair_flip, pair, false };

		take_turns(&turn);
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bundle", required_argument, NULL, 'b' },
		{ "aside", required_argument, NULL, 'a' },
		{ "records", required_argument, NULL, 'r' },
		{ "config", required_argument, NULL, 'c' },
		{ "other", required_argument, NULL, 'o' },
		{ "pair", required_argument, NULL, 'p' },
		{ "step", required_argument, NULL, 's' },
		{ 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (letter) {
		case 'b':
			asked.bundle = optarg;
			break;
		case 'a':
			asked.aside = optarg;
			break;
		case 's':
			asked.step = (long)number_of(optarg);
			break;
		default:
			if (!scene_option(&asked.scene, letter, optarg))
				exit(2);
		}
	}
	asked.scene.argv = argv + optind;
	if (asked.bundle == NULL || asked.aside == NULL ||
	    asked.scene.records == NULL ||
	    asked.scene.configs[0].data == NULL || argv[optind] == NULL ||
	    asked.step < 1)
		die_of_usage("flips");
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(ways.config, sizeof(ways.config), "%s/config.json",
		 asked.bundle);
	snprintf(ways.other, sizeof(ways.other), "%s/config.json", asked.aside);
	snprintf(ways.link, sizeof(ways.link), "%s/link", asked.aside);
	all_turns();
	printf("%u starts: %u admitted, %u refused, %u late, %u wrong\n",
	       seen.starts, seen.admitted, seen.refused, seen.late, seen.wrong);
	return seen.wrong > 0;
}
