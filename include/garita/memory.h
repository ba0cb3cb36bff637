/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory - allocation that ends the process instead of failing, and variables
 * that clean up after themselves.
 *
 * garita is a short-lived process that has nothing to save: without memory it
 * cannot judge, and not judging is a refusal. So there is no NULL to forget.
 */
#ifndef GARITA_MEMORY_H
#define GARITA_MEMORY_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

enum { GARITA_EXIT_NO_MEMORY = 125 };

/* Called when memory runs out. Never returns. Defined by the program
 * (hook/oom.c), because policy/ may neither print nor exit. */
void garita_out_of_memory(void) __attribute__((cold, noreturn));

/* Zeroed memory; the caller frees. A size of 0 gives a valid pointer. */
void *garita_xalloc(size_t size) __attribute__((malloc, returns_nonnull));
/* Zeroed memory for `count` items; an overflowing product is no memory. */
void *garita_xcalloc(size_t count, size_t size)
	__attribute__((malloc, returns_nonnull));
/* Like reallocarray(3). New bytes are not zeroed. */
void *garita_xresize(void *old, size_t count, size_t size)
	__attribute__((returns_nonnull));
char *garita_xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *garita_xstrndup(const char *text, size_t len)
	__attribute__((malloc, returns_nonnull));
/* An array from the heap, of strings from the heap. */
void garita_free_strings(char **strings, size_t count);

static inline void garita_cleanup_free(void *at)
{
	free(*(void **)at);
}

static inline void garita_cleanup_fd(int *at)
{
	if (*at >= 0)
		close(*at);
}

/* Declared initialised; hand the value out with garita_take_*. */
#define auto_free __attribute__((cleanup(garita_cleanup_free)))
#define auto_fd   __attribute__((cleanup(garita_cleanup_fd)))

static inline int garita_take_fd(int *at)
{
	int fd = *at;

	*at = -1;
	return fd;
}

#define garita_take_ptr(at)                                                    \
	({                                                                     \
		__typeof__(*(at)) t_ = *(at);                                  \
		*(at) = NULL;                                                  \
		t_;                                                            \
	})

#define GARITA_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
