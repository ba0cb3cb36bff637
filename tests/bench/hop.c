/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hop - executes its argument and nothing else: what becoming the runtime
 * costs by itself, so that it can be told apart from what comes before.
 */
#include <unistd.h>

int main(int argc, char *argv[])
{
	if (argc > 1)
		execv(argv[1], argv + 1);
	return 127;
}
