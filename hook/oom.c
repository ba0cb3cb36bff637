/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oom - how a garita program ends when memory runs out: a plain word on
 * stderr, no allocation, and an exit code that every caller reads as refusal.
 */
#include "garita/memory.h"

void garita_out_of_memory(void)
{
	static const char words[] =
		"garita: refused: out of memory, could not judge\n";
	ssize_t ignored = write(STDERR_FILENO, words, sizeof(words) - 1);

	(void)ignored;
	_exit(GARITA_EXIT_NO_MEMORY);
}
