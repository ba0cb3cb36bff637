/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse - the smallest honest stand-in for the start path when the question is
 * only how to link it: read a file, make a tree of it, leave.
 */
#include <fcntl.h>
#include <unistd.h>

#include "garita/json.h"

void garita_out_of_memory(void)
{
	_exit(GARITA_EXIT_NO_MEMORY);
}

int main(int argc, char *argv[])
{
	static char text[64 * 1024];
	struct garita_json_doc *doc = NULL;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (len <= 0)
		return 1;
	return garita_json_parse(text, (size_t)len, GARITA_JSON_STRICT, &doc,
				 NULL) < 0;
}
