/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Allocation that ends the process instead of failing. What "ends" means is
 * the program's business (garita_out_of_memory()); this file only sees to it
 * that no caller ever meets NULL or a size that wrapped around.
 */
#include <string.h>

#include "garita/memory.h"

void *garita_xalloc(size_t size)
{
	/* calloc(1, 0) may be NULL, which is not a lack of memory. */
	void *ret = calloc(1, size > 0 ? size : 1);

	if (!ret)
		garita_out_of_memory();
	return ret;
}

void *garita_xcalloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		garita_out_of_memory();
	return garita_xalloc(total);
}

void *garita_xresize(void *old, size_t count, size_t size)
{
	size_t total;
	void *ret;

	if (__builtin_mul_overflow(count, size, &total))
		garita_out_of_memory();
	/* realloc(old, 0) frees on glibc: the caller would free it twice. */
	ret = realloc(old, total > 0 ? total : 1);
	if (!ret)
		garita_out_of_memory();
	return ret;
}

char *garita_xstrdup(const char *text)
{
	return garita_xstrndup(text, strlen(text));
}

char *garita_xstrndup(const char *text, size_t len)
{
	size_t used = strnlen(text, len);
	char *ret = garita_xresize(NULL, used + 1, 1);

	memcpy(ret, text, used);
	ret[used] = '\0';
	return ret;
}

void garita_free_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}
