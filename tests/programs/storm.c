/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * storm - thousands of starts, while writers swap what they read without end.
 *
 *	storm --bundles DIR --records DIR --config FILE [--other FILE]
 *	      [--pair HOW:PATH=OTHER]... [--starts N] [--jobs N] [--words]
 *	      -- PROGRAM ARGUMENT...
 *
 * Each job has a bundle of its own below --bundles. Beside it a second
 * config.json and, during a start, somebody who puts one in the place of the
 * other, by name and by a descriptor from before. Each pair has a writer.
 *
 * PROGRAM becomes tests/programs/recorder. What it was given must be one of
 * what the states of all pairs come to when nothing changes. Anything else (a
 * file that was read while it was written is something new) is given to PROGRAM
 * again, at rest: it must be admitted as it is. With --words it becomes a real
 * runtime and what the container prints is what is compared; no more.
 *
 * Who swaps config.json by name sees what was swapped out. If that is garita's,
 * it came too late: what the runtime reads then, only root could have put
 * there. Such starts are "late" and not looked at.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/pairs.h"

static struct {
	struct scene scene;
	const char *bundles;
	unsigned long starts, jobs;
} asked = { .starts = 1000, .jobs = 2 };

/* Between all processes. */
static struct shared {
	atomic_uint starts, admitted, refused, late, odd;
	atomic_uint flips[PAIRS_MOST];
	atomic_uint config_flips;
	atomic_bool over;
} * seen;

static struct outcomes may;

static unsigned random_of(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed / 65536 % below;
}

static void pause_us(unsigned us)
{
	const struct timespec time = { .tv_nsec = (long)us * 1000 };

	nanosleep(&time, NULL);
}

/* ---- one start, and who is at its config ---- */

struct bench {
	unsigned job, seed;
	char bundle[3072], config[4096], other[4096];
	int held;             /* config.json of the start's begin */
	ino_t mine[2];        /* both files that were put there */
	bool is_late, second; /* whose bytes the held one has */
};

static ino_t inode_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		die(path);
	return st.st_ino;
}

static void prepare(struct bench *bench)
{
	const struct bytes *configs = asked.scene.configs;
	bool second = random_of(&bench->seed, 4) == 0;

	bench->second = second;
	bench->is_late = false;
	put_bytes(bench->config, &configs[second]);
	put_bytes(bench->other, &configs[!second]);
	bench->mine[0] = inode_of(bench->config);
	bench->mine[1] = inode_of(bench->other);
	if (bench->held >= 0)
		close(bench->held);
	bench->held = open(bench->config, O_WRONLY | O_CLOEXEC);
	if (bench->held < 0)
		die(bench->config);
}

static void flip_config(struct bench *bench)
{
	const struct bytes *next;
	ino_t out;

	atomic_fetch_add(&seen->config_flips, 1);
	/* A real runtime takes so long that by name is nearly always late. */
	if (asked.scene.by_words || random_of(&bench->seed, 2)) {
		bench->second = !bench->second;
		next = &asked.scene.configs[bench->second];
		if (ftruncate(bench->held, 0) < 0 ||
		    pwrite(bench->held, next->data, next->len, 0) !=
			    (ssize_t)next->len)
			die(bench->config);
		return;
	}
	if (renameat2(AT_FDCWD, bench->config, AT_FDCWD, bench->other,
		      RENAME_EXCHANGE) < 0)
		die(bench->config);
	out = inode_of(bench->other);
	bench->is_late = out != bench->mine[0] && out != bench->mine[1];
}

static void keep(const struct bytes *one)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/odd.%u", asked.scene.records,
		 atomic_fetch_add(&seen->odd, 1));
	put_bytes(path, one);
}

static void start(struct bench *bench)
{
	struct bytes one;
	pid_t pid;

	prepare(bench);
	pid = scene_start(&asked.scene, bench->bundle, bench->job, false);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		pause_us(50 + random_of(&bench->seed, 4000));
		if (!bench->is_late && asked.scene.configs[1].data != NULL)
			flip_config(bench);
	}
	one = scene_outcome(&asked.scene, bench->job);
	atomic_fetch_add(&seen->starts, 1);
	if (one.data == NULL)
		atomic_fetch_add(&seen->refused, 1);
	else if (bench->is_late)
		atomic_fetch_add(&seen->late, 1);
	else
		atomic_fetch_add(&seen->admitted, 1);
	if (one.data != NULL && !bench->is_late && !outcomes_have(&may, &one))
		keep(&one);
	free(one.data);
}

static void make_bench(unsigned job, struct bench *ret)
{
	char path[4096];

	*ret = (struct bench){ .job = job, .seed = job * 7919 + 1, .held = -1 };
	snprintf(ret->bundle, sizeof(ret->bundle), "%s/%u", asked.bundles, job);
	snprintf(ret->config, sizeof(ret->config), "%s/config.json",
		 ret->bundle);
	snprintf(ret->other, sizeof(ret->other), "%s/%u.other", asked.bundles,
		 job);
	snprintf(path, sizeof(path), "%s/%u", asked.scene.records, job);
	make_directory(ret->bundle);
	make_directory(path);
}

/* 0 in the child. */
static pid_t fork_or_die(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

static pid_t fork_job(unsigned job)
{
	struct bench bench;
	pid_t pid = fork_or_die();

	if (pid != 0)
		return pid;
	make_bench(job, &bench);
	for (unsigned long i = job; i < asked.starts; i += asked.jobs)
		start(&bench);
	exit(0);
}

static pid_t fork_writer(size_t p)
{
	unsigned seed = (unsigned)p + 17;
	pid_t pid = fork_or_die();

	if (pid != 0)
		return pid;
	while (!atomic_load(&seen->over)) {
		pair_flip(&asked.scene.pairs[p]);
		atomic_fetch_add(&seen->flips[p], 1);
		/* Mostly the first one: else hardly anything is admitted. */
		pause_us(200 + random_of(&seed, asked.scene.pairs[p].is_other
							? 2000
							: 16000));
	}
	pair_restore(&asked.scene.pairs[p]);
	exit(0);
}

static void all_starts(void)
{
	pid_t jobs[64], writers[PAIRS_MOST];

	for (size_t p = 0; p < asked.scene.pair_count; p++)
		writers[p] = fork_writer(p);
	for (unsigned job = 0; job < asked.jobs; job++)
		jobs[job] = fork_job(job);
	for (unsigned job = 0; job < asked.jobs; job++) {
		int status;

		if (waitpid(jobs[job], &status, 0) < 0 || status != 0)
			die("a job");
	}
	atomic_store(&seen->over, true);
	for (size_t p = 0; p < asked.scene.pair_count; p++)
		waitpid(writers[p], NULL, 0);
}

/* Is what ran one that is admitted as it is, in one of the states? */
static bool is_judged(const struct bytes *one)
{
	static struct outcomes again;
	struct scene scene = asked.scene;
	const char *text = memchr(one->data, '\n', one->len);
	struct bench bench;

	if (text == NULL || asked.scene.by_words)
		return false;
	make_bench(0, &bench);
	scene.configs[0].data = (char *)(text + 1);
	scene.configs[0].len = one->len - (size_t)(text + 1 - one->data);
	scene.configs[1] = scene.configs[0];
	outcomes_find(&scene, bench.bundle, &again);
	return outcomes_have(&again, one);
}

static unsigned judge_odd_ones(void)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < seen->odd; i++) {
		char path[4096];
		struct bytes one;

		snprintf(path, sizeof(path), "%s/odd.%u", asked.scene.records,
			 i);
		one = read_bytes(path);
		if (is_judged(&one))
			continue;
		wrong++;
		printf("what ran is admitted in no state:\n%.*s\n",
		       (int)(one.len < 20000 ? one.len : 20000), one.data);
	}
	return wrong;
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bundles", required_argument, NULL, 'b' },
		{ "records", required_argument, NULL, 'r' },
		{ "config", required_argument, NULL, 'c' },
		{ "other", required_argument, NULL, 'o' },
		{ "pair", required_argument, NULL, 'p' },
		{ "starts", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "words", no_argument, NULL, 'w' },
		{ 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (letter) {
		case 'b':
			asked.bundles = optarg;
			break;
		case 's':
			asked.starts = number_of(optarg);
			break;
		case 'j':
			asked.jobs = number_of(optarg);
			break;
		case 'w':
			asked.scene.by_words = true;
			break;
		default:
			if (!scene_option(&asked.scene, letter, optarg))
				exit(2);
		}
	}
	asked.scene.argv = argv + optind;
	if (asked.bundles == NULL || asked.scene.records == NULL ||
	    asked.scene.configs[0].data == NULL || argv[optind] == NULL ||
	    asked.jobs < 1 || asked.jobs > 64 || asked.starts < 1)
		die_of_usage("storm");
}

int main(int argc, char **argv)
{
	struct scene quiet;
	struct bench bench;
	unsigned wrong, flips = 0;

	read_options(argc, argv);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		die("mmap");
	make_bench(0, &bench);
	quiet = asked.scene;
	if (quiet.configs[1].data == NULL)
		quiet.configs[1] = quiet.configs[0];
	outcomes_find(&quiet, bench.bundle, &may);
	if (may.count == 0 || !may.refused) {
		printf("%zu outcomes, and %s refused\n", may.count,
		       may.refused ? "one is" : "none is");
		return 1;
	}
	all_starts();
	wrong = judge_odd_ones();
	for (size_t p = 0; p < asked.scene.pair_count; p++)
		flips += seen->flips[p];
	printf("%u starts: %u admitted (%u as something new), %u refused, "
	       "%u late, %u wrong; %u swaps of files, %u of configs\n",
	       seen->starts, seen->admitted, seen->odd, seen->refused,
	       seen->late, wrong, flips, seen->config_flips);
	return wrong > 0 || seen->admitted == 0 || seen->refused == 0;
}
