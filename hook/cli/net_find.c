/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net_find - from a container's id to a process in it, by what its runtime
 * wrote down: runc's state.json, crun's status.
 */
#include "hook/cli/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/json.h"
#include "hook/directory.h"
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

static int look_at_entry(void *data, int dir, const char *root,
			 const char *name, struct garita_error *err)
{
	struct search *search = data;

	(void)dir, (void)err;
	if (name[0] != '.' && garita_starts_with(name, search->word))
		look_at(search, root, name);
	return 0;
}

static int look_below(void *data, int dir, const char *parent, const char *name,
		      struct garita_error *err)
{
	auto_text root = { 0 };

	(void)dir;
	if (name[0] == '.')
		return 0;
	garita_text_printf(&root, "%s/%s", parent, name);
	return garita_directory_each(root.data, look_at_entry, data, err);
}

static int look_everywhere(struct search *search, struct garita_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < GARITA_COUNT(usual_roots); i++) {
		const char *root = usual_roots[i];
		size_t len = strlen(root);

		if (root[len - 1] == '*') {
			auto_free char *parent = garita_xstrndup(root, len - 2);

			rc = garita_directory_each(parent, look_below, search,
						   err);
		} else {
			rc = garita_directory_each(root, look_at_entry, search,
						   err);
		}
	}
	return rc;
}

int garita_net_find(const char *word, const char *root, uint32_t *ret_pid,
		    char **ret_id, struct garita_error *err)
{
	struct search search = { .word = word };
	int rc;

	if (*word == '\0' || strchr(word, '/') != NULL)
		return garita_fail(err, EINVAL, "\"%s\" is no container's id",
				   word);
	rc = root != NULL
		     ? garita_directory_each(root, look_at_entry, &search, err)
		     : look_everywhere(&search, err);
	if (rc == 0 && search.twice)
		rc = garita_fail(err, EEXIST,
				 "several containers have an id that begins "
				 "with %s",
				 word);
	else if (rc == 0 && search.id == NULL)
		rc = garita_fail(err, ENOENT,
				 "no container runs whose id begins with %s",
				 word);
	if (rc < 0) {
		free(search.id);
		return rc;
	}
	*ret_pid = search.pid;
	*ret_id = search.id;
	return 0;
}
