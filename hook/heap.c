/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heap - see the header. Where one of this fails a program is only slower. */
#include "hook/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	TOP_PAD = 512 * 1024,
	HUGE_PAGE = 2 * 1024 * 1024,
	MOST = 96 * 1024 * 1024,
	LARGEST = 32 * 1024 * 1024, /* piece that malloc takes from the heap */
};

static void set(int what, int value)
{
	int done = mallopt(what, value);

	(void)done;
}

void garita_heap_settle(void)
{
	set(M_TOP_PAD, TOP_PAD);
}

void garita_heap_expect(size_t bytes)
{
	char *begin = sbrk(0), *end;
	void *volatile grown; /* or the compiler would do without */
	int refused;

	if (bytes < HUGE_PAGE)
		return;
	set(M_MMAP_THRESHOLD, LARGEST);
	set(M_TRIM_THRESHOLD, MOST);
	set(M_TOP_PAD, (int)(bytes < MOST ? bytes : MOST));
	grown = malloc(TOP_PAD);
	free(grown);
	set(M_TOP_PAD, TOP_PAD);
	begin += HUGE_PAGE - (uintptr_t)begin % HUGE_PAGE;
	end = sbrk(0);
	if (begin >= end)
		return;
	refused = madvise(begin, (size_t)(end - begin), MADV_HUGEPAGE);
	(void)refused;
}
