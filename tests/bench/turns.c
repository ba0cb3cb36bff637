/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * turns - runs commands in turn and tells how long each took, so that they can
 * be compared on a machine whose speed changes: a benchmark that runs one many
 * times and then the next compares two moments. Before each of them PREPARE,
 * unless it is empty, is given to the shell, which is not counted. A line of
 * output is one turn, the microseconds of its commands.
 *
 *   turns TURNS PREPARE COMMAND [ARGUMENT...] [-- COMMAND [ARGUMENT...]]...
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS = 16, WARM_UP = 2 };

extern char **environ;

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* What it prints goes nowhere, and its input is empty. */
static bool run(char *const *command)
{
	posix_spawn_file_actions_t files;
	int status;
	pid_t child;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 0, 1);
	if (posix_spawnp(&child, command[0], &files, NULL, command, environ) ||
	    waitpid(child, &status, 0) != child)
		return false;
	posix_spawn_file_actions_destroy(&files);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char *argv[])
{
	char *prepare[] = { "/bin/sh", "-c", NULL, NULL };
	char **commands[COMMANDS];
	unsigned long turns;
	int count = 0;

	if (argc < 4 || sscanf(argv[1], "%lu", &turns) != 1) {
		fprintf(stderr, "usage: turns TURNS PREPARE COMMAND [ARG...] "
				"[-- COMMAND [ARG...]]...\n");
		return 2;
	}
	turns += WARM_UP;
	prepare[2] = argv[2];
	for (int i = 3; i < argc && count < COMMANDS; i++) {
		if (i > 3 && strcmp(argv[i - 1], "--") != 0)
			continue;
		commands[count++] = argv + i;
		if (i > 3)
			argv[i - 1] = NULL;
	}
	for (unsigned long turn = 0; turn < turns; turn++) {
		for (int i = 0; i < count; i++) {
			double start;

			if (prepare[2][0] != '\0' && !run(prepare)) {
				fprintf(stderr, "turns: cannot prepare\n");
				return 1;
			}
			start = now_us();
			if (!run(commands[i])) {
				fprintf(stderr, "turns: %s failed\n",
					commands[i][0]);
				return 1;
			}
			if (turn >= WARM_UP)
				printf("%s%.1f", i ? " " : "",
				       now_us() - start);
		}
		if (turn >= WARM_UP)
			putchar('\n');
	}
	return 0;
}
