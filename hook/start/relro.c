/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * relro - what the C library of other programs does before main(), and musl
 * leaves out of a static-PIE: tables of addresses are closed for writing once
 * they have been relocated (RELRO).
 */
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "hook/heap.h"

static int close_tables(struct dl_phdr_info *info, size_t size, void *data)
{
	uintptr_t page = getauxval(AT_PAGESZ);

	(void)size;
	(void)data;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;
		uintptr_t to = from + part->p_memsz;

		if (part->p_type != PT_GNU_RELRO)
			continue;
		/* Whole pages only, as the linker laid them out. */
		from = from / page * page;
		to = to / page * page;
		/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
		if (mprotect((void *)from, to - from, PROT_READ) < 0)
			abort();
	}
	return 1; /* the program is the first one, and there is no other */
}

void garita_heap_settle(void)
{
	dl_iterate_phdr(close_tables, NULL);
}
