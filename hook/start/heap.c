/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heap - malloc() for programs that live for a millisecond, where libc's own
 * (musl's) asks the kernel for every handful of blocks and gives them back.
 *
 * A page that is touched for the first time costs as much as a system call, so
 * what was given back is used again before anything new is: a small block for
 * one of the same room, larger ones as holes, which grow together; the first
 * hole that is large enough is cut. What nobody had yet is the last hole.
 * Nothing is returned to the kernel but large blocks, which have a mapping
 * each.
 *
 * One thread only, as all programs that use it. No memory is NULL and ENOMEM,
 * which garita_xalloc() turns into a refusal.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hook/heap.h"

enum {
	STEP = 16,   /* bytes: rooms are multiples of it */
	SMALL = 512, /* bytes: no hole up to here, a list for each room */
	LARGE = 128 * 1024,  /* bytes: a mapping of its own above */
	REGION = 512 * 1024, /* bytes: taken from the kernel at once */
	PAGE = 4096,
	/* Of who expects to need much. */
	LARGER = 32 * 1024 * 1024,
	MOST = 96 * 1024 * 1024,
	HUGE_PAGE = 2 * 1024 * 1024,
};

/* Before each block and hole. `given` tells a double free, which ends the
 * process. */
struct block {
	/* bytes behind this; of a mapping, 0 */
	_Alignas(STEP) uint32_t room;
	uint32_t given;
	union {
		size_t mapped;      /* bytes behind this, of a mapping */
		struct block *next; /* that was given back */
	};
};
_Static_assert(sizeof(struct block) == STEP, "keeps blocks aligned");

enum { GIVEN = 0x67697665, SPARE = 0x73706172 };

static struct block *spare[SMALL / STEP];
static struct block *holes; /* in the order of addresses; no two touch */
static size_t large = LARGE;
/* Of the newest region what nobody had yet, and so is zero. */
static uintptr_t clean, clean_end;

static uintptr_t end_of(const struct block *block)
{
	return (uintptr_t)(block + 1) + block->room;
}

static void *map(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		return at;
	errno = ENOMEM;
	return NULL;
}

/* In huge pages where there are some: a fault brings in five hundred pages at
 * once, which one by one cost more than what is written to them. */
static void *map_huge(size_t len)
{
	unsigned char *at = map(len + HUGE_PAGE), *begin;
	size_t before;
	int refused;

	if (at == NULL)
		return NULL;
	begin = at + HUGE_PAGE - (uintptr_t)at % HUGE_PAGE;
	before = (size_t)(begin - at);
	munmap(at, before);
	if (before < HUGE_PAGE)
		munmap(begin + len, HUGE_PAGE - before);
	refused = madvise(begin, len, MADV_HUGEPAGE);
	(void)refused;
	return begin;
}

static void *take_mapping(size_t size)
{
	struct block *block;
	size_t len, unit;

	if (size > PTRDIFF_MAX - HUGE_PAGE - HUGE_PAGE - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	unit = size < HUGE_PAGE ? PAGE : HUGE_PAGE;
	len = (size + sizeof(*block) + unit - 1) / unit * unit;
	block = unit == PAGE ? map(len) : map_huge(len);
	if (block == NULL)
		return NULL;
	*block = (struct block){ .given = GIVEN,
				 .mapped = len - sizeof(*block) };
	return block + 1;
}

/* Takes the hole in that begins where this one ends. */
static void join(struct block *hole)
{
	const struct block *next = hole->next;
	uint32_t room;

	if (next == NULL || end_of(hole) != (uintptr_t)next ||
	    __builtin_add_overflow(hole->room, next->room, &room) ||
	    __builtin_add_overflow(room, sizeof(*next), &room))
		return;
	hole->room = room;
	hole->next = next->next;
}

static void add_hole(struct block *hole)
{
	struct block **link = &holes, *before = NULL;

	while (*link != NULL && (uintptr_t)*link < (uintptr_t)hole) {
		before = *link;
		link = &before->next;
	}
	hole->next = *link;
	*link = hole;
	join(hole);
	if (before != NULL)
		join(before);
}

static void add_region(struct block *hole, size_t len)
{
	*hole = (struct block){ .room = (uint32_t)(len - sizeof(*hole)),
				.given = SPARE };
	clean = (uintptr_t)(hole + 1);
	clean_end = end_of(hole);
	add_hole(hole);
}

/* Makes what a block has beyond `room` the hole at *link, where it belongs.
 * Returns how many bytes of the block were somebody's: they are not zero. */
static size_t trim(struct block *block, uint32_t room, struct block **link)
{
	uintptr_t at = (uintptr_t)(block + 1), end;
	size_t used;

	if (block->room >= room + sizeof(*block) + STEP) {
		struct block *rest = block + 1 + room / STEP;

		*rest = (struct block){
			.room = block->room - room - (uint32_t)sizeof(*rest),
			.given = SPARE,
			.next = *link,
		};
		*link = rest;
		block->room = room;
	}
	end = end_of(block);
	if (end <= clean || at >= clean_end)
		return block->room;
	used = end > clean_end ? block->room : at < clean ? clean - at : 0;
	/* The head of the hole behind the block is not zero either. */
	clean = end < clean_end ? end + sizeof(*block) : clean_end;
	return used;
}

static uint32_t room_for(size_t size)
{
	return (uint32_t)(size > STEP ? (size + STEP - 1) / STEP * STEP : STEP);
}

/* *ret_used: so many bytes are not zero. */
static void *take(size_t size, size_t *ret_used)
{
	struct block **link = &holes, *block;
	uint32_t room;

	*ret_used = 0;
	if (size > large)
		return take_mapping(size);
	room = room_for(size);
	if (room <= SMALL && spare[room / STEP - 1] != NULL)
		link = &spare[room / STEP - 1];
	while (*link != NULL && (*link)->room < room)
		link = &(*link)->next;
	if (*link == NULL && size > LARGE)
		return take_mapping(size);
	if (*link == NULL) {
		void *region = map(REGION);

		if (region == NULL)
			return NULL;
		add_region(region, REGION);
		return take(size, ret_used);
	}
	block = *link;
	if (block->given != SPARE)
		abort();
	*link = block->next;
	*ret_used = trim(block, room, link);
	block->given = GIVEN;
	return block + 1;
}

static struct block *block_of(void *at)
{
	struct block *block = (struct block *)at - 1;

	if (block->given != GIVEN)
		abort();
	return block;
}

void *malloc(size_t size)
{
	size_t used;

	return take(size, &used);
}

void *calloc(size_t count, size_t size)
{
	size_t total, used;
	void *ret;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	ret = take(total, &used);
	return ret == NULL || used == 0 ? ret : memset(ret, 0, used);
}

void free(void *at)
{
	struct block *block;
	int saved = errno;

	if (at == NULL)
		return;
	block = block_of(at);
	block->given = SPARE;
	if (block->room == 0) {
		munmap(block, block->mapped + sizeof(*block));
		errno = saved;
	} else if (block->room <= SMALL) {
		block->next = spare[block->room / STEP - 1];
		spare[block->room / STEP - 1] = block;
	} else {
		add_hole(block);
	}
}

/* Into the hole behind it. */
static bool grow(struct block *block, size_t size)
{
	struct block **link = &holes;
	uint32_t room;

	if (block->room == 0 || size > large)
		return false;
	while (*link != NULL && (uintptr_t)*link < (uintptr_t)block)
		link = &(*link)->next;
	if (*link == NULL || end_of(block) != (uintptr_t)*link ||
	    __builtin_add_overflow(block->room + (uint32_t)sizeof(*block),
				   (*link)->room, &room) ||
	    room < room_for(size))
		return false;
	*link = (*link)->next;
	block->room = room;
	trim(block, room_for(size), link);
	return true;
}

void *realloc(void *at, size_t size)
{
	struct block *block;
	size_t had;
	void *ret;

	if (at == NULL)
		return malloc(size);
	block = block_of(at);
	had = block->room ? block->room : block->mapped;
	if (size <= had || grow(block, size))
		return at;
	ret = malloc(size);
	if (ret == NULL)
		return NULL;
	memcpy(ret, at, had);
	free(at);
	return ret;
}

void garita_heap_expect(size_t bytes)
{
	struct block *region;

	if (bytes < HUGE_PAGE)
		return;
	bytes = (bytes < MOST ? bytes : MOST) / HUGE_PAGE * HUGE_PAGE;
	region = map_huge(bytes);
	if (region == NULL)
		return;
	large = LARGER;
	add_region(region, bytes);
}

/* Asked for by nobody here; libc wants all of them from one place. */
void *aligned_alloc(size_t alignment, size_t size)
{
	if (alignment > STEP) {
		errno = EINVAL;
		return NULL;
	}
	return malloc(size);
}
