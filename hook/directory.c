/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directory - see the header. */
#include "hook/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

static void close_list(DIR **list)
{
	if (*list != NULL)
		closedir(*list);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Grows at powers of two. */
static void add(char ***names, size_t *count, const char *name)
{
	if ((*count & (*count - 1)) == 0)
		*names = garita_xresize(*names, *count ? *count * 2 : 1,
					sizeof(**names));
	(*names)[(*count)++] = garita_xstrdup(name);
}

int garita_directory_names(int dir, char ***ret, size_t *ret_count)
{
	/* Of its own: reading moves a position that descriptors share. */
	auto_fd int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__attribute__((cleanup(close_list))) DIR *list =
		own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;
	char **names = NULL;
	size_t count = 0;
	int failed;

	if (list == NULL)
		return -errno;
	(void)garita_take_fd(&own); /* the list closes it */
	for (errno = 0; (entry = readdir(list)) != NULL; errno = 0)
		if (entry->d_name[0] != '.')
			add(&names, &count, entry->d_name);
	failed = errno;
	if (failed != 0) {
		garita_free_strings(names, count);
		return -failed;
	}
	if (count > 1)
		qsort(names, count, sizeof(*names), by_bytes);
	*ret = names;
	*ret_count = count;
	return 0;
}
