/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net_find - from a container's id to a process in it, by what its runtime
 * wrote down: runc's state.json, crun's status.
 */
#include "hook/cli/net.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/json.h"
#include "hook/file.h"

/* Where the engines have their runtimes keep state; a "*" at the end: each
 * directory in there. */
static const char *const usual_roots[] = {
	"/run/crun",
	"/run/runc",
	"/run/containerd/runc/*",
	"/run/docker/runtime-runc/*",
	"/var/run/docker/runtime-runc/*",
};

static const struct {
	const char *file, *pid;
} kinds[] = {
	{ "state.json", "init_process_pid" },
	{ "status", "pid" },
};

enum { STATE_MAX_BYTES = 4 * 1024 * 1024 };

struct search {
	const char *word;
	char *id; /* what was found */
	uint32_t pid;
	bool twice; /* in two different containers */
};

static int read_pid(const char *path, const char *member, uint32_t *ret)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	struct stat st;
	auto_fd int fd = garita_file_open_trusted(NULL, path, &st, NULL);
	uint64_t pid = 0;
	size_t len = 0;

	if (fd < 0)
		return fd;
	if (garita_file_read(fd, STATE_MAX_BYTES, &text, &len, NULL) < 0 ||
	    garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0 ||
	    garita_json_u64(garita_json_get(garita_json_root(doc), member),
			    &pid) < 0 ||
	    pid < 2 || pid > INT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)pid;
	return 0;
}

static void look_at(struct search *search, const char *root, const char *id)
{
	for (size_t i = 0; i < GARITA_COUNT(kinds); i++) {
		auto_text path = { 0 };
		uint32_t pid;

		garita_text_printf(&path, "%s/%s/%s", root, id, kinds[i].file);
		if (read_pid(path.data, kinds[i].pid, &pid) < 0)
			continue;
		search->twice = search->twice ||
				(search->id != NULL && search->pid != pid);
		free(search->id);
		search->id = garita_xstrdup(id);
		search->pid = pid;
	}
}

/* Calls `each` with what is in a directory; one that is not there is empty. */
static void each_entry(const char *path, struct search *search,
		       void (*each)(struct search *search, const char *path,
				    const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			each(search, path, entry->d_name);
	closedir(dir);
}

static void look_at_entry(struct search *search, const char *root,
			  const char *name)
{
	if (garita_starts_with(name, search->word))
		look_at(search, root, name);
}

static void look_below(struct search *search, const char *parent,
		       const char *name)
{
	auto_text root = { 0 };

	garita_text_printf(&root, "%s/%s", parent, name);
	each_entry(root.data, search, look_at_entry);
}

static void look_everywhere(struct search *search)
{
	for (size_t i = 0; i < GARITA_COUNT(usual_roots); i++) {
		const char *root = usual_roots[i];
		size_t len = strlen(root);

		if (root[len - 1] == '*') {
			auto_free char *parent = garita_xstrndup(root, len - 2);

			each_entry(parent, search, look_below);
		} else {
			each_entry(root, search, look_at_entry);
		}
	}
}

int garita_net_find(const char *word, const char *root, uint32_t *ret_pid,
		    char **ret_id, struct garita_error *err)
{
	struct search search = { .word = word };

	if (*word == '\0' || strchr(word, '/') != NULL)
		return garita_fail(err, EINVAL, "\"%s\" is no container's id",
				   word);
	if (root != NULL)
		each_entry(root, &search, look_at_entry);
	else
		look_everywhere(&search);
	if (search.twice || search.id == NULL) {
		free(search.id);
		return garita_fail(
			err, search.twice ? EEXIST : ENOENT, "%s %s",
			search.twice ? "several containers have an id that "
				       "begins with"
				     : "no container runs whose id begins with",
			word);
	}
	*ret_pid = search.pid;
	*ret_id = search.id;
	return 0;
}
