/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heap - malloc() for programs that live for a millisecond, where libc's own
 * (musl's) asks the kernel for every handful of blocks and gives them back.
 *
 * A page that is touched for the first time costs as much as a system call, so
 * what was given back is used again before anything new is; and nothing is
 * returned to the kernel but large blocks, which have a mapping each. Blocks
 * of one class have the same room: steps of 16 bytes at first, then a quarter
 * of a power of two, so at most a quarter of a block is unused.
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

enum {
	STEP = 16,
	FINE = 512,          /* bytes: steps up to here */
	LARGE = 128 * 1024,  /* bytes: a mapping of its own above */
	REGION = 512 * 1024, /* bytes: taken from the kernel at once */
	PAGE = 4096,
	FINE_CLASSES = FINE / STEP,
	LOG2_FINE = 9,
	CLASSES = FINE_CLASSES + 4 * 8, /* 2^9 to 2^17 */
};

/* Before each block. `given` tells a double free, which ends the process. */
struct block {
	uint32_t room; /* bytes behind this; of a mapping, 0 */
	uint32_t given;
	union {
		size_t mapped;      /* bytes behind this, of a mapping */
		struct block *next; /* that was given back, of its class */
	};
};
_Static_assert(sizeof(struct block) == STEP, "keeps blocks aligned");

enum { GIVEN = 0x67697665, SPARE = 0x73706172 };

static struct block *spare[CLASSES];
static unsigned char *fresh, *fresh_end;

static size_t class_of(size_t size, uint32_t *ret_room)
{
	unsigned log2;
	size_t quarter, nth;

	if (size <= FINE) {
		nth = size > 0 ? (size - 1) / STEP : 0;
		*ret_room = (uint32_t)((nth + 1) * STEP);
		return nth;
	}
	log2 = (unsigned)(sizeof(long) * 8 - 1) -
	       (unsigned)__builtin_clzl(size - 1);
	quarter = (size_t)1 << (log2 - 2);
	nth = (size - 1 - ((size_t)1 << log2)) / quarter;
	*ret_room = (uint32_t)(((size_t)1 << log2) + (nth + 1) * quarter);
	return FINE_CLASSES + (log2 - LOG2_FINE) * 4 + nth;
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

static void *take_mapping(size_t size)
{
	struct block *block;
	size_t len;

	if (size > PTRDIFF_MAX - PAGE - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	len = (size + sizeof(*block) + PAGE - 1) / PAGE * PAGE;
	block = map(len);
	if (block == NULL)
		return NULL;
	*block = (struct block){ .given = GIVEN,
				 .mapped = len - sizeof(*block) };
	return block + 1;
}

/* *ret_clean: the kernel just cleared it. */
static void *take(size_t size, bool *ret_clean)
{
	struct block *block;
	uint32_t room;
	size_t class;

	*ret_clean = true;
	if (size > LARGE)
		return take_mapping(size);
	class = class_of(size, &room);
	block = spare[class];
	if (block != NULL) {
		spare[class] = block->next;
		block->given = GIVEN;
		*ret_clean = false;
		return block + 1;
	}
	if ((size_t)(fresh_end - fresh) < room + sizeof(*block)) {
		unsigned char *region = map(REGION);

		if (region == NULL)
			return NULL;
		fresh = region;
		fresh_end = region + REGION;
	}
	block = (struct block *)(void *)fresh;
	fresh += sizeof(*block) + room;
	block->room = room;
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
	bool clean;

	return take(size, &clean);
}

void *calloc(size_t count, size_t size)
{
	size_t total;
	bool clean;
	void *ret;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	ret = take(total, &clean);
	return ret == NULL || clean ? ret : memset(ret, 0, total);
}

void free(void *at)
{
	struct block *block;
	uint32_t room;
	size_t class;
	int saved = errno;

	if (at == NULL)
		return;
	block = block_of(at);
	block->given = SPARE;
	if (block->room == 0) {
		munmap(block, block->mapped + sizeof(*block));
		errno = saved;
		return;
	}
	class = class_of(block->room, &room);
	block->next = spare[class];
	spare[class] = block;
}

/* The last block grows where it is. */
static bool grow(struct block *block, size_t size)
{
	unsigned char *at = (unsigned char *)(block + 1);
	uint32_t room;

	if (block->room == 0 || at + block->room != fresh || size > LARGE)
		return false;
	class_of(size, &room);
	if ((size_t)(fresh_end - at) < room)
		return false;
	block->room = room;
	fresh = at + room;
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

/* Asked for by nobody here; libc wants all of them from one place. */
void *aligned_alloc(size_t alignment, size_t size)
{
	if (alignment > STEP) {
		errno = EINVAL;
		return NULL;
	}
	return malloc(size);
}
