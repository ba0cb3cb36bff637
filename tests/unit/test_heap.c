/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The heap of the programs of a start, under other names than malloc(). */
#define malloc             heap_malloc
#define calloc             heap_calloc
#define realloc            heap_realloc
#define free               heap_free
#define aligned_alloc      heap_aligned_alloc
#define garita_heap_expect heap_expect
void *heap_malloc(__SIZE_TYPE__ size);
void *heap_calloc(__SIZE_TYPE__ count, __SIZE_TYPE__ size);
void *heap_realloc(void *at, __SIZE_TYPE__ size);
void heap_free(void *at);
void *heap_aligned_alloc(__SIZE_TYPE__ alignment, __SIZE_TYPE__ size);
/* The file is what is tested, not a header of it. */
#include "hook/start/heap.c" /* NOLINT(bugprone-suspicious-include) */
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef aligned_alloc

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_every_size_has_room(void **state)
{
	(void)state;
	for (size_t size = 0; size <= LARGE + 64; size++) {
		unsigned char *at = heap_malloc(size);
		const struct block *block = (const struct block *)at - 1;

		assert_non_null(at);
		assert_int_equal((uintptr_t)at % STEP, 0);
		if (size <= LARGE) {
			assert_true(block->room >= size);
			/* At most two steps are unused. */
			assert_true(block->room <= size + 2 * STEP);
		} else {
			assert_true(block->mapped >= size);
		}
		if (size > 0)
			at[0] = at[size - 1] = 0xa5;
		heap_free(at);
	}
}

static void test_what_was_given_back_is_used_again(void **state)
{
	void *first = heap_malloc(1000), *again;

	(void)state;
	memset(first, 0xff, 1000);
	heap_free(first);
	again = heap_calloc(10, 100);
	assert_ptr_equal(again, first);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(((unsigned char *)again)[i], 0);
	heap_free(again);
}

static void test_the_last_block_grows_in_place(void **state)
{
	char *at = heap_malloc(5000), *grown;

	(void)state;
	at[4999] = 'x';
	grown = heap_realloc(at, 9000);
	assert_ptr_equal(grown, at);
	assert_int_equal(grown[4999], 'x');
	/* No longer the last one. */
	at = heap_malloc(16);
	grown = heap_realloc(grown, 30000);
	assert_int_equal(grown[4999], 'x');
	heap_free(grown);
	heap_free(at);
}

static void test_too_much_is_refused(void **state)
{
	(void)state;
	assert_null(heap_malloc(SIZE_MAX));
	assert_null(heap_malloc(PTRDIFF_MAX));
	errno = 0;
	assert_null(heap_calloc(SIZE_MAX / 2, 3));
	assert_int_equal(errno, ENOMEM);
	assert_null(heap_aligned_alloc(64, 64));
}

/* Ends itself, or with the code that `what` returns. */
static int status_of(int (*what)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0)
		_exit(what());
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static int free_twice(void)
{
	static const struct rlimit none = { 0, 0 };
	void *at = heap_malloc(100);

	setrlimit(RLIMIT_CORE, &none);
	heap_free(at);
	heap_free(at);
	return 0;
}

static int run_out(void)
{
	const struct rlimit little = { 64 << 20, 64 << 20 };

	if (setrlimit(RLIMIT_AS, &little) < 0)
		return 2;
	for (int i = 0; i < 100000; i++)
		if (heap_malloc(4000) == NULL)
			return errno == ENOMEM ? 0 : 3;
	return 4;
}

static void test_misuse_ends_and_lack_is_said(void **state)
{
	int status = status_of(free_twice);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_int_equal(status_of(run_out), 0);
}

enum { BLOCKS = 300, ROUNDS = 200000 };

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Nobody writes into another's block. */
static void test_blocks_keep_what_is_theirs(void **state)
{
	static struct {
		unsigned char *at;
		size_t size;
		unsigned char mark;
	} blocks[BLOCKS];
	uint32_t seed = 20261128;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		size_t i = next_random(&seed) % BLOCKS;
		size_t size = next_random(&seed) % (round % 50 ? 700 : 300000);
		size_t kept;

		for (size_t n = 0; n < blocks[i].size; n += 97)
			assert_int_equal(blocks[i].at[n], blocks[i].mark);
		if (next_random(&seed) % 4 == 0) {
			heap_free(blocks[i].at);
			blocks[i].at = NULL;
			blocks[i].size = 0;
			continue;
		}
		kept = size < blocks[i].size ? size : blocks[i].size;
		blocks[i].at = heap_realloc(blocks[i].at, size);
		assert_non_null(blocks[i].at);
		for (size_t n = 0; n < kept; n += 97)
			assert_int_equal(blocks[i].at[n], blocks[i].mark);
		blocks[i].size = size;
		blocks[i].mark = (unsigned char)round;
		memset(blocks[i].at, blocks[i].mark, size);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		heap_free(blocks[i].at);
}

/* After it, pieces of megabytes are cut from one region and used again. */
static int expect_much(void)
{
	enum { MUCH = 40 * 1024 * 1024, PIECE = 5 * 1024 * 1024 };
	unsigned char *first, *second, *third;
	const struct block *block;

	first = heap_malloc(3 * HUGE_PAGE); /* a mapping of its own */
	block = (const struct block *)(void *)first - 1;
	if (block->room != 0 || (uintptr_t)block % HUGE_PAGE != 0)
		return 1;
	memset(first, 1, 3 * HUGE_PAGE);
	heap_free(first);
	heap_expect(MUCH);
	first = heap_malloc(PIECE);
	second = heap_malloc(PIECE);
	block = (const struct block *)(void *)first - 1;
	if (first == NULL || second == NULL || block->room < PIECE ||
	    (uintptr_t)(second - first) > PIECE + 64)
		return 2;
	memset(first, 1, PIECE);
	memset(second, 2, PIECE);
	heap_free(first);
	third = heap_malloc(PIECE);
	if (third != first || second[0] != 2 || second[PIECE - 1] != 2)
		return 3;
	/* More than what was expected is there all the same. */
	third = heap_malloc(LARGER + 1);
	if (third == NULL || heap_malloc(30 * 1024 * 1024) == NULL)
		return 4;
	third[LARGER] = 1;
	return 0;
}

static void test_who_expects_much(void **state)
{
	(void)state;
	assert_int_equal(status_of(expect_much), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* While nothing was given back yet. */
		cmocka_unit_test(test_the_last_block_grows_in_place),
		cmocka_unit_test(test_every_size_has_room),
		cmocka_unit_test(test_what_was_given_back_is_used_again),
		cmocka_unit_test(test_too_much_is_refused),
		cmocka_unit_test(test_who_expects_much),
		cmocka_unit_test(test_misuse_ends_and_lack_is_said),
		cmocka_unit_test(test_blocks_keep_what_is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
