/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hop - executes its argument and nothing else: what becoming the runtime
 * costs by itself, so that it can be told apart from what comes before. After
 * "<FILE" it has that file as its standard input, as a hook has the state.
 */
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc > 2 && argv[1][0] == '<') {
		int fd = open(argv[1] + 1, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
			return 126;
		execv(argv[2], argv + 2);
	} else if (argc > 1) {
		execv(argv[1], argv + 1);
	}
	return 127;
}
