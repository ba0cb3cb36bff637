/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * corpus - the configs below a folder.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/cli/policy.h"

enum { MOST_DEEP = 16, MOST_FILES = 100000 };

static bool is_json(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int scan(const char *dir, unsigned depth, struct garita_corpus *into,
		struct garita_error *err);

static int add(const char *dir, const char *name, unsigned depth,
	       struct garita_corpus *into, struct garita_error *err)
{
	auto_text path = { 0 };
	struct stat st;

	garita_text_printf(&path, "%s/%s", dir, name);
	if (lstat(path.data, &st) < 0)
		return garita_fail(err, errno, "%s: %s", path.data,
				   strerror(errno));
	if (S_ISDIR(st.st_mode))
		return scan(path.data, depth + 1, into, err);
	if (!S_ISREG(st.st_mode) || !is_json(name))
		return 0;
	if (into->count == MOST_FILES)
		return garita_fail(err, E2BIG, "more than %d files",
				   MOST_FILES);
	into->paths = garita_xresize(into->paths, into->count + 1,
				     sizeof(*into->paths));
	into->paths[into->count++] = garita_text_take(&path);
	return 0;
}

static int scan(const char *dir, unsigned depth, struct garita_corpus *into,
		struct garita_error *err)
{
	struct dirent **names = NULL;
	int count, rc = 0;

	if (depth > MOST_DEEP)
		return garita_fail(err, ELOOP, "%s: too deep", dir);
	count = scandir(dir, &names, NULL, alphasort);
	if (count < 0)
		return garita_fail(err, errno, "%s: %s", dir, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (rc == 0 && names[i]->d_name[0] != '.')
			rc = add(dir, names[i]->d_name, depth, into, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

int garita_corpus_list(const char *dir, struct garita_corpus *ret,
		       struct garita_error *err)
{
	auto_free char *clean = garita_xstrdup(dir);
	auto_corpus corpus = { 0 };
	size_t len = strlen(clean);
	int rc;

	while (len > 1 && clean[len - 1] == '/')
		clean[--len] = '\0';
	rc = scan(clean, 1, &corpus, err);
	if (rc < 0)
		return rc;
	*ret = corpus;
	corpus = (struct garita_corpus){ 0 };
	return 0;
}

void garita_corpus_free(struct garita_corpus *corpus)
{
	for (size_t i = 0; i < corpus->count; i++)
		free(corpus->paths[i]);
	free(corpus->paths);
	*corpus = (struct garita_corpus){ 0 };
}
