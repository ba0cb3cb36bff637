/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_stores - the store of a container, and those it may borrow from.
 *
 * An additional image store A has images and layers that the container's own
 * store S only reads: an image id, or a link in S/overlay/<layer>/lower, that
 * is not in S is in one of them. Nothing in S says where they are. So they are
 * looked for where the overlay that is mounted has its lower directories, and
 * for the forms of it that name no store (descriptors, user namespaces) in
 * storage.conf. Both are hints only: a store counts when nobody but root could
 * have made it, and what it says is checked like what S says. A wrong hint
 * leads to "unknown".
 *
 * S comes first, as it does for podman, and the others are opened only when
 * something is not in S: most starts never read further.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/store/containers_storage.h"

enum { STORES_MAX = 16, CONF_MAX = 256 * 1024 };

static void add(struct garita_cs_stores *stores, struct garita_cs_store store)
{
	stores->all = garita_xresize(stores->all, stores->count + 1,
				     sizeof(*stores->all));
	stores->all[stores->count++] = store;
}

static void close_store(struct garita_cs_store *store)
{
	garita_cleanup_fd(&store->dir);
	garita_cs_close(&store->layers);
	free(store->path);
}

int garita_cs_stores_open(const struct garita_place *place, int *dir,
			  const char *path, struct garita_cs_stores *ret,
			  struct garita_error *err)
{
	int failed = garita_tree_look(*dir, "overlay", err);

	if (failed < 0)
		return failed;
	ret->place = place;
	add(ret, (struct garita_cs_store){ .dir = garita_take_fd(dir),
					   .path = garita_xstrdup(path) });
	return 0;
}

void garita_cs_stores_close(struct garita_cs_stores *stores)
{
	for (size_t i = 0; i < stores->count; i++)
		close_store(&stores->all[i]);
	free(stores->all);
	*stores = (struct garita_cs_stores){ 0 };
}

int garita_cs_store_link(struct garita_cs_store *store, const char *link,
			 char target[PATH_MAX], struct garita_error *err)
{
	int failed = store->has_links
			     ? 0
			     : garita_tree_look(store->dir, "overlay/l", err);
	char path[64];
	ssize_t len;

	if (failed < 0)
		return failed;
	store->has_links = true;
	snprintf(path, sizeof(path), "overlay/%s", link);
	len = readlinkat(store->dir, path, target, PATH_MAX - 1);
	if (len < 0)
		return -ENOLINK;
	target[len] = '\0';
	return 0;
}

int garita_cs_store_layers(struct garita_cs_store *store,
			   const struct garita_records **ret,
			   struct garita_error *err)
{
	int failed = 0;

	if (!store->has_layers)
		failed = garita_cs_open(store->dir, "overlay-layers",
					"layers.json", "volatile-layers.json",
					&store->layers, err);
	if (failed < 0)
		return failed;
	store->has_layers = true;
	*ret = &store->layers.records;
	return 0;
}

static bool have(const struct garita_cs_stores *stores, const char *path)
{
	for (size_t i = 0; i < stores->count; i++)
		if (strcmp(stores->all[i].path, path) == 0)
			return true;
	return false;
}

/* Adds the store at an absolute path if it is one, and only root's. */
static void try(struct garita_cs_stores *stores, const char *path)
{
	struct garita_error err = { 0 };
	auto_free char *real = NULL;
	auto_fd int dir = -1;
	int failed;

	if (path[0] != '/' || stores->count >= STORES_MAX)
		return;
	dir = garita_tree_resolve(stores->place->sysroot, path,
				  O_PATH | O_DIRECTORY);
	real = dir < 0 ? NULL
		       : garita_tree_real_path(stores->place->sysroot, dir);
	if (real == NULL || have(stores, real))
		return;
	failed = garita_file_check_chain(dir, &err);
	if (failed == 0)
		failed = garita_cs_stores_open(stores->place, &dir, real,
					       stores, &err);
	if (failed < 0)
		snprintf(stores->skipped, sizeof(stores->skipped),
			 " (%.80s was left out: %.120s)", real, err.text);
}

/* "A/overlay/l/<link>" or "A/overlay/<layer>/diff": the store is A. */
static void try_lower(struct garita_cs_stores *stores, char *lower)
{
	static const char overlay[] = "/overlay";

	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(lower, '/');

		if (slash == NULL)
			return;
		*slash = '\0';
	}
	if (strlen(lower) > strlen(overlay) &&
	    strcmp(lower + strlen(lower) - strlen(overlay), overlay) == 0) {
		lower[strlen(lower) - strlen(overlay)] = '\0';
		try(stores, lower);
	}
}

static void try_mount(struct garita_cs_stores *stores)
{
	auto_free char *lowers = NULL;
	char *rest, *lower;

	if (stores->place->real == NULL ||
	    garita_place_lower(stores->place, &lowers) < 0)
		return;
	rest = lowers;
	while ((lower = strsep(&rest, ":")) != NULL)
		try_lower(stores, lower);
}

/* What stands behind the "[" of additionalimagestores; NULL: nothing. */
static const char *find_list(const char *conf)
{
	static const char key[] = "additionalimagestores";

	while (conf != NULL) {
		conf += strspn(conf, " \t\n");
		if (strncmp(conf, key, sizeof(key) - 1) == 0) {
			conf += sizeof(key) - 1;
			return conf + strspn(conf, " \t=[");
		}
		conf = strchr(conf, '\n');
	}
	return NULL;
}

/* additionalimagestores = [ "A", 'B' ] of a TOML file, read as leniently as a
 * hint may be: comments end a line, strings are taken as they stand. */
static void try_conf(struct garita_cs_stores *stores, const char *conf)
{
	const char *at = find_list(conf);

	while (at != NULL && *at != '\0' && *at != ']') {
		const char quote = *at;
		size_t len;

		if (quote == '#') {
			at += strcspn(at, "\n");
			continue;
		}
		if (quote != '"' && quote != '\'') {
			at++;
			continue;
		}
		len = strcspn(++at, quote == '"' ? "\"\n" : "'\n");
		if (at[len] == quote) {
			auto_free char *path = garita_xstrndup(at, len);

			try(stores, path);
		}
		at += len + (at[len] != '\0');
	}
}

static void try_configurations(struct garita_cs_stores *stores)
{
	static const char files[][35] = {
		"/etc/containers/storage.conf",
		"/usr/share/containers/storage.conf",
	};

	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		auto_free char *text = NULL;
		struct stat st;
		size_t len = 0;
		auto_fd int fd = garita_file_open_trusted(
			stores->place->query->sysroot, files[i], &st, NULL);

		if (fd >= 0 &&
		    garita_file_read(fd, CONF_MAX, &text, &len, NULL) == 0)
			try_conf(stores, text);
	}
}

bool garita_cs_stores_more(struct garita_cs_stores *stores)
{
	size_t before = stores->count;

	if (stores->complete)
		return false;
	stores->complete = true;
	try_mount(stores);
	try_configurations(stores);
	return stores->count > before;
}
