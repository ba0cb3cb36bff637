/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_find - which container a person means: by bundle, id or name.
 *
 * A word is one or the other by its form, never by what happens to lie in the
 * current directory.
 */
#include "hook/cli/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/path.h"
#include "garita/spec.h"
#include "hook/file.h"

void garita_image_container_free(struct garita_image_container *one)
{
	free(one->root);
	free(one->bundle);
	free(one->id);
	free(one->name);
	*one = (struct garita_image_container){ 0 };
}

void garita_image_containers_free(struct garita_image_containers *list)
{
	for (size_t i = 0; i < list->count; i++)
		garita_image_container_free(&list->all[i]);
	for (size_t i = 0; i < list->store_count; i++)
		free(list->stores[i]);
	free(list->stores);
	free(list->all);
	*list = (struct garita_image_containers){ 0 };
}

static int read_config(const char *bundle, struct garita_json_doc **ret,
		       struct garita_error *err)
{
	auto_fd int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = NULL;
	auto_fd int fd = -1;
	struct stat st;
	size_t len = 0;
	int failed;

	if (dir < 0)
		return garita_fail(err, errno, "cannot open %s: %s", bundle,
				   strerror(errno));
	fd = openat(dir, "config.json",
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0)
		return garita_fail(err, errno, "cannot open %s/config.json: %s",
				   bundle, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL,
				   "%s/config.json is not a regular file",
				   bundle);
	failed = garita_file_read(fd, GARITA_JSON_MAX_BYTES, &text, &len, err);
	return failed < 0 ? failed : garita_config_parse(text, len, ret, err);
}

static int find_bundle(const char *word, struct garita_image_container *ret,
		       struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const char *root;
	int failed = read_config(word, &doc, err);

	if (failed < 0)
		return failed;
	root = garita_json_string(
		garita_json_at(garita_json_root(doc), "/root/path"));
	if (root == NULL)
		return garita_fail(err, EINVAL, "%s/config.json has no root",
				   word);
	ret->bundle = realpath(word, NULL);
	if (ret->bundle == NULL)
		return garita_fail(err, errno, "%s: %s", word, strerror(errno));
	ret->root = garita_path_clean_from(ret->bundle, root);
	return 0;
}

/* How well a container fits a word. */
enum fit { NOT_IT, BEGINS_SO, IS_IT };

static enum fit fits(const struct garita_image_container *one, const char *word)
{
	if (one->id != NULL && strcmp(one->id, word) == 0)
		return IS_IT;
	if (one->name != NULL && strcmp(one->name, word) == 0)
		return IS_IT;
	return one->id != NULL && garita_starts_with(one->id, word) ? BEGINS_SO
								    : NOT_IT;
}

static int find_container(const char *sysroot, const char *word,
			  struct garita_image_container *ret,
			  struct garita_error *err)
{
	auto_containers list = { 0 };
	struct garita_image_container *found = NULL;
	enum fit best = NOT_IT;
	bool twice = false;
	int failed = garita_image_containers(sysroot, &list, err);

	if (failed < 0)
		return failed;
	for (size_t i = 0; i < list.count; i++) {
		enum fit fit = fits(&list.all[i], word);

		if (fit == NOT_IT || fit < best)
			continue;
		twice = fit == best;
		best = fit;
		found = &list.all[i];
	}
	if (found == NULL)
		return garita_fail(
			err, ENOENT,
			"no container %s in a store that is in use"
			" here (a bundle is given with a /, as ./%s)",
			word, word);
	if (twice)
		return garita_fail(err, EEXIST,
				   "several containers are called %s: give the"
				   " whole id, or the bundle",
				   word);
	*ret = *found;
	*found = (struct garita_image_container){ 0 };
	return 0;
}

int garita_image_find(const char *sysroot, const char *word,
		      struct garita_image_container *ret,
		      struct garita_error *err)
{
	if (*word == '\0')
		return garita_fail(err, EINVAL, "an empty name");
	if (*word == '/' || *word == '.')
		return find_bundle(word, ret, err);
	return find_container(sysroot, word, ret, err);
}
