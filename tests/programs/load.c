/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * load - many starts, at once or in a row, and what each of them cost.
 *
 *	load --bundles DIR --config FILE [--starts N] [--at-once N]
 *	     -- PROGRAM ARGUMENT...
 *
 * Every start has a fresh config.json, as an engine would have written it;
 *those that run at once have a bundle of their own each, "{}" in the words, and
 *all have an id of their own, "{id}". Of a row the next begins when the one
 *before has ended; what begins at once waits for one signal. Prints starts a
 *second, the middle and the hundredth slowest latency, the most memory that one
 *took, and how many failed.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/pairs.h"

enum { MOST_STARTS = 100000, MOST_AT_ONCE = 1000 };

static struct {
	const char *bundles;
	struct bytes config;
	unsigned long starts, at_once;
	char **argv;
} asked = { .starts = 100, .at_once = 1 };

static struct one {
	pid_t pid;
	uint64_t begun_us;
} running[MOST_AT_ONCE];

static uint64_t taken_us[MOST_STARTS];
static struct {
	unsigned long ended, failed;
	long memory_kb;
} seen;

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void bundle_of(unsigned long slot, char into[4096], const char *name)
{
	snprintf(into, 4096, "%s/%lu%s", asked.bundles, slot, name);
}

static void become(unsigned long slot, unsigned long n, int gate)
{
	char bundle[4096], id[64], byte;
	int null = open("/dev/null", O_RDWR);

	bundle_of(slot, bundle, "");
	snprintf(id, sizeof(id), "load-%d-%lu", (int)getppid(), n);
	dup2(null, 0);
	dup2(null, 1);
	/* Until all writers of the pipe are gone. */
	if (gate >= 0 && read(gate, &byte, 1) != 0)
		_exit(126);
	execute(asked.argv, bundle, id);
}

static void start(unsigned long slot, unsigned long n, int gate, int other_end)
{
	struct one *one = &running[slot];
	char config[4096];

	bundle_of(slot, config, "/config.json");
	put_bytes(config, &asked.config);
	one->begun_us = now_us();
	one->pid = fork();
	if (one->pid < 0)
		die("fork");
	if (one->pid > 0)
		return;
	if (other_end >= 0)
		close(other_end);
	become(slot, n, gate);
}

static void wait_for_one(void)
{
	struct rusage used;
	int status;
	pid_t pid = wait4(-1, &status, 0, &used);

	if (pid < 0)
		die("wait4");
	for (size_t i = 0; i < asked.at_once; i++)
		if (running[i].pid == pid)
			taken_us[seen.ended++] = now_us() - running[i].begun_us;
	seen.failed += status != 0;
	if (used.ru_maxrss > seen.memory_kb)
		seen.memory_kb = used.ru_maxrss;
}

static void in_a_row(void)
{
	for (unsigned long n = 0; n < asked.starts; n++) {
		start(0, n, -1, -1);
		wait_for_one();
	}
}

static void at_once(void)
{
	uint64_t begun;
	int gate[2];

	for (unsigned long n = 0; n < asked.starts; n += asked.at_once) {
		if (pipe2(gate, O_CLOEXEC) < 0)
			die("pipe");
		for (unsigned long i = 0; i < asked.at_once; i++)
			start(i, n + i, gate[0], gate[1]);
		begun = now_us();
		for (unsigned long i = 0; i < asked.at_once; i++)
			running[i].begun_us = begun;
		close(gate[1]);
		for (unsigned long i = 0; i < asked.at_once; i++)
			wait_for_one();
		close(gate[0]);
	}
}

static int by_time(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bundles", required_argument, NULL, 'b' },
		{ "config", required_argument, NULL, 'c' },
		{ "starts", required_argument, NULL, 's' },
		{ "at-once", required_argument, NULL, 'a' },
		{ 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (letter) {
		case 'b':
			asked.bundles = optarg;
			break;
		case 'c':
			asked.config = read_bytes(optarg);
			break;
		case 's':
			asked.starts = number_of(optarg);
			break;
		case 'a':
			asked.at_once = number_of(optarg);
			break;
		default:
			exit(2);
		}
	}
	asked.argv = argv + optind;
	if (asked.bundles == NULL || asked.config.data == NULL ||
	    argv[optind] == NULL || asked.starts < 1 ||
	    asked.starts > MOST_STARTS || asked.at_once < 1 ||
	    asked.at_once > MOST_AT_ONCE || asked.starts % asked.at_once != 0)
		die_of_usage("load");
}

int main(int argc, char **argv)
{
	uint64_t begun;
	double seconds;

	read_options(argc, argv);
	for (unsigned long i = 0; i < asked.at_once; i++) {
		char bundle[4096];

		bundle_of(i, bundle, "");
		make_directory(bundle);
	}
	begun = now_us();
	if (asked.at_once == 1)
		in_a_row();
	else
		at_once();
	seconds = (double)(now_us() - begun) / 1e6;
	qsort(taken_us, seen.ended, sizeof(taken_us[0]), by_time);
	printf("%lu starts, %lu at once: %.0f a second, p50 %.1f ms, p99 %.1f "
	       "ms, at most %ld kB each, %lu failed\n",
	       seen.ended, asked.at_once, (double)seen.ended / seconds,
	       (double)taken_us[seen.ended / 2] / 1e3,
	       (double)taken_us[seen.ended * 99 / 100] / 1e3, seen.memory_kb,
	       seen.failed);
	return seen.failed > 0;
}
