/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* directory - see the header. */
#include "hook/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/text.h"

DIR *garita_directory_take(int dir)
{
	DIR *list = dir < 0 ? NULL : fdopendir(dir);
	int failure = errno;

	if (list == NULL && dir >= 0) {
		close(dir);
		errno = failure;
	}
	return list;
}

DIR *garita_directory_list(int dir)
{
	return garita_directory_take(
		openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

DIR *garita_directory_open(const char *path)
{
	return garita_directory_take(
		open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void garita_directory_end(DIR **list)
{
	if (*list != NULL)
		closedir(*list);
	*list = NULL;
}

int garita_directory_next(DIR *list, const char **ret)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(list);
	} while (entry != NULL && (strcmp(entry->d_name, ".") == 0 ||
				   strcmp(entry->d_name, "..") == 0));
	if (entry == NULL && errno != 0)
		return -errno;
	*ret = entry == NULL ? NULL : entry->d_name;
	return 0;
}

int garita_directory_each(const char *path, garita_directory_look *look,
			  void *data, struct garita_error *err)
{
	auto_directory *list = garita_directory_open(path);
	struct garita_error why = { 0 };
	const char *name = NULL;
	int rc = list == NULL ? -errno : 0;

	if (rc == -ENOENT)
		return 0;
	while (rc == 0 && (rc = garita_directory_next(list, &name)) == 0 &&
	       name != NULL)
		rc = look(data, dirfd(list), path, name, &why);
	if (rc < 0 && why.code == 0)
		garita_fail(&why, -rc, "cannot read %s: %s", path,
			    strerror(-rc));
	if (rc < 0 && err != NULL)
		*err = why;
	return rc;
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
	auto_directory *list = garita_directory_list(dir);
	const char *name = NULL;
	char **names = NULL;
	size_t count = 0;
	int failed;

	if (list == NULL)
		return -errno;
	while ((failed = garita_directory_next(list, &name)) == 0 &&
	       name != NULL)
		if (name[0] != '.')
			add(&names, &count, name);
	if (failed < 0) {
		garita_free_strings(names, count);
		return failed;
	}
	if (count > 1)
		qsort(names, count, sizeof(*names), by_bytes);
	*ret = names;
	*ret_count = count;
	return 0;
}
