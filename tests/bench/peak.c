/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * peak - runs a command and prints the most memory it ever had, in KiB. A
 * shell's child would count the shell's memory; this parent has next to none.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	struct rusage usage;
	int status = 0;
	pid_t child;

	if (argc < 2)
		return 2;
	child = vfork();
	if (child == 0) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return 2;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "peak: %s failed\n", argv[1]);
		return 1;
	}
	printf("%ld\n", usage.ru_maxrss);
	return 0;
}
