/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * count - runs a command and prints, as JSON, what its first program does
 * before it executes another one or ends: its system calls and page faults, or
 * its instructions, in all and by function. They come out alike on a busy
 * machine and an idle one, so they are what two states of the code are compared
 * by. callgrind would be the tool, but older ones (valgrind 3.19) know no
 * openat2(2), and a virtual machine rarely has performance counters; one
 * step at a time works everywhere. A function is known by nm's list of symbols
 * on standard input; without one, all of it is one function.
 *
 *   count calls COMMAND [ARGUMENT...]
 *   nm -n PROGRAM | count instructions COMMAND [ARGUMENT...]
 *   nm -n PROGRAM | count functions COMMAND [ARGUMENT...]   the names alone
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h> /* qsort */
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUNCTIONS 20000
#define DEAREST   15

static struct function {
	unsigned long start;
	long count;
	char name[64];
} functions[FUNCTIONS];
static size_t n_functions;

static void read_functions(FILE *list)
{
	struct function *f = functions;
	char line[512], type;

	while (n_functions < FUNCTIONS && fgets(line, sizeof(line), list))
		if (sscanf(line, "%lx %c %63s", &f->start, &type, f->name) ==
			    3 &&
		    strchr("tTwWi", type)) {
			f++;
			n_functions++;
		}
}

static struct function *function_at(unsigned long address)
{
	size_t low = 0, high = n_functions;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (functions[middle].start <= address)
			low = middle;
		else
			high = middle;
	}
	return &functions[low];
}

static int dearer(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

/* Where a position-independent program was loaded: its first mapping. */
static unsigned long base_of(pid_t child, const char *program)
{
	char path[64], line[512];
	unsigned long base = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
	maps = fopen(path, "re");
	while (maps && base == 0 && fgets(line, sizeof(line), maps))
		if (strstr(line, program))
			sscanf(line, "%lx-", &base);
	if (maps)
		fclose(maps);
	return base;
}

/* The tenth number of proc(5)'s stat, behind a name that may hold anything. */
static long faults_of(pid_t child)
{
	char path[64], text[512] = "";
	const char *at;
	ssize_t n;
	long faults = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	at = n > 0 ? strrchr(text, ')') : NULL;
	if (at)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %ld", &faults);
	return faults;
}

int main(int argc, char *argv[])
{
	bool names = argc > 2 && strcmp(argv[1], "functions") == 0;
	bool steps =
		names || (argc > 2 && strcmp(argv[1], "instructions") == 0);
	long count = 0, faults = 0, before;
	struct function *at = functions;
	unsigned long base;
	int status;
	pid_t child;

	if (argc < 3 || (!steps && strcmp(argv[1], "calls") != 0)) {
		fprintf(stderr,
			"usage: count calls|instructions|functions COMMAND "
			"[ARGUMENT...]\n");
		return 2;
	}
	if (steps)
		read_functions(stdin);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[2], argv + 2);
		_exit(127);
	}
	/* It stops first when it has become the command. */
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFSTOPPED(status))
		return 2;
	ptrace(PTRACE_SETOPTIONS, child, NULL,
	       PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT |
		       PTRACE_O_EXITKILL);
	before = faults_of(child);
	base = base_of(child, argv[2]);
	for (long signal = 0;;) {
		if (ptrace(steps ? PTRACE_SINGLESTEP : PTRACE_SYSCALL, child,
			   NULL, signal) < 0 ||
		    waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
			return 2;
		if (status >> 16 == PTRACE_EVENT_EXEC ||
		    status >> 16 == PTRACE_EVENT_EXIT)
			break;
		signal = 0;
		if (WSTOPSIG(status) != (steps ? SIGTRAP : SIGTRAP | 0x80)) {
			signal = WSTOPSIG(status);
			continue;
		}
		count++;
		if (!steps) {
			faults = faults_of(child) - before;
		} else if (n_functions > 0) {
			long place = ptrace(
				PTRACE_PEEKUSER, child,
				offsetof(struct user_regs_struct, rip), NULL);

			at = function_at((unsigned long)place - base);
			at->count++;
		}
	}
	if (!steps) { /* each call stops twice */
		printf("{\"system_calls\": %ld, \"page_faults\": %ld}\n",
		       (count + 1) / 2, faults);
		return 0; /* and PTRACE_O_EXITKILL ends the child */
	}
	if (names) {
		for (size_t i = 0; i < n_functions; i++)
			if (functions[i].count > 0)
				puts(functions[i].name);
		return 0;
	}
	printf("{\"instructions\": %ld, \"dearest\": {", count);
	qsort(functions, n_functions, sizeof(*functions), dearer);
	for (size_t i = 0;
	     i < DEAREST && i < n_functions && functions[i].count > 0; i++)
		printf("%s\"%s\": %ld", i ? ", " : "", functions[i].name,
		       functions[i].count);
	printf("}}\n");
	return 0;
}
