/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_containers - the containers that the engines of this machine have.
 *
 * Stores can lie anywhere (--root, data-root, --state), and configurations of
 * engines are many. But a container that runs has a mount, whose path
 * says whose it is and where the store begins:
 *
 *	S/overlay/<layer>/merged            podman, CRI-O, buildah
 *	D/overlay2/<mount>/merged           docker
 *	D/rootfs/overlayfs/<id>             docker over containerd's snapshots
 *	.../io.containerd.runtime.v2.task/<namespace>/<id>/rootfs  containerd
 */
#include "hook/directory.h"
#include "hook/cli/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/file.h"
#include "hook/store/containers_storage.h"
#include "hook/store/mounts.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

#define PODMAN_STORE "/var/lib/containers/storage"

enum { MOUNTINFO_MAX = 16 * 1024 * 1024, SMALL = 4096 };

/* What is being gathered. */
struct gather {
	int sysroot;
	struct garita_image_containers *list;
};

static char *join(const char *dir, const char *name)
{
	auto_text path = { 0 };

	garita_text_printf(&path, "%s%s", dir, name);
	return garita_text_take(&path);
}

/* Takes its strings; once for each root file system. */
static void add(struct gather *gather, struct garita_image_container one)
{
	struct garita_image_containers *list = gather->list;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->all[i].root, one.root) != 0)
			continue;
		garita_image_container_free(&one);
		return;
	}
	list->all =
		garita_xresize(list->all, list->count + 1, sizeof(*list->all));
	list->all[list->count++] = one;
}

/* The directory as the store's own reader would open it; -1 when it is not
 * there or not only root's. */
static int open_dir(const struct gather *gather, const char *path)
{
	auto_fd int fd = garita_tree_resolve(gather->sysroot, path,
					     O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !garita_tree_trusted(&st))
		return -1;
	return garita_take_fd(&fd);
}

static bool has_config(const struct gather *gather, const char *bundle)
{
	auto_free char *path = join(bundle, "/config.json");
	auto_fd int fd = garita_tree_resolve(gather->sysroot, path, O_PATH);

	return fd >= 0;
}

/* ---- containers-storage ---- */

static void add_record(struct gather *gather, const char *store,
		       struct garita_json *record)
{
	const char *id = garita_cs_text(record, "id");
	const char *layer = garita_cs_text(record, "layer");
	const char *name =
		garita_json_string(garita_json_at(record, "/names/0"));
	auto_text root = { 0 }, bundle = { 0 };

	if (!garita_store_is_id(id) || !garita_store_is_id(layer))
		return;
	garita_text_printf(&root, "%s/overlay/%s/merged", store, layer);
	garita_text_printf(&bundle, "%s/overlay-containers/%s/userdata", store,
			   id);
	add(gather, (struct garita_image_container){
			    .root = garita_text_take(&root),
			    .bundle = has_config(gather, bundle.data)
					      ? garita_text_take(&bundle)
					      : NULL,
			    .id = garita_xstrdup(id),
			    .name = name ? garita_xstrdup(name) : NULL,
		    });
}

static void read_store(struct gather *gather, const char *store)
{
	auto_cs_files files = { 0 };
	auto_fd int dir = open_dir(gather, store);

	if (dir < 0 ||
	    garita_cs_open(dir, "overlay-containers", "containers.json",
			   "volatile-containers.json", &files, NULL) < 0)
		return;
	for (size_t i = 0; i < files.records.count; i++) {
		const struct garita_record *at = &files.records.all[i];
		auto_free char *id = garita_xstrndup(at->id, at->id_len);
		auto_json struct garita_json_doc *doc = NULL;

		if (garita_records_by_id(&files.records, id, &doc, NULL) == 0)
			add_record(gather, store, garita_json_root(doc));
	}
}

/* Each store has a mount for each container: read once. */
static void add_store(struct gather *gather, char *store)
{
	struct garita_image_containers *list = gather->list;

	for (size_t i = 0; i < list->store_count; i++) {
		if (strcmp(list->stores[i], store) != 0)
			continue;
		free(store);
		return;
	}
	list->stores = garita_xresize(list->stores, list->store_count + 1,
				      sizeof(*list->stores));
	list->stores[list->store_count++] = store;
	read_store(gather, store);
}

/* ---- docker ---- */

/* The name of a docker container; NULL when it cannot be told. */
static char *docker_name(const struct gather *gather, const char *data,
			 const char *id)
{
	auto_text path = { 0 };
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	auto_fd int dir = -1;
	const char *name;
	size_t len = 0;

	garita_text_printf(&path, "%s/containers/%s", data, id);
	dir = open_dir(gather, path.data);
	if (dir < 0 ||
	    garita_tree_read(dir, "config.v2.json", GARITA_JSON_MAX_BYTES,
			     &text, &len, NULL) < 0 ||
	    garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return NULL;
	name = garita_json_string(
		garita_json_get(garita_json_root(doc), "Name"));
	return name == NULL ? NULL : garita_xstrdup(name + (*name == '/'));
}

/* Is the mount of this docker container the one called `mount`? */
static bool has_mount(int mounts, const char *id, const char *mount)
{
	auto_fd int dir = garita_tree_dir(mounts, id, NULL);
	auto_free char *text = NULL;
	size_t len = 0;

	return dir >= 0 &&
	       garita_tree_read(dir, "mount-id", SMALL, &text, &len, NULL) ==
		       0 &&
	       strcmp(text, mount) == 0;
}

static void add_docker(struct gather *gather, const char *point,
		       const char *data, const char *mount)
{
	auto_free char *path = join(data, "/image/overlay2/layerdb/mounts");
	int dir = open_dir(gather, path);
	auto_directory *entries = garita_directory_take(dir);
	const char *id = NULL;

	while (entries != NULL && garita_directory_next(entries, &id) == 0 &&
	       id != NULL) {
		if (!garita_store_is_id(id) || !has_mount(dir, id, mount))
			continue;
		add(gather, (struct garita_image_container){
				    .root = garita_xstrdup(point),
				    .id = garita_xstrdup(id),
				    .name = docker_name(gather, data, id),
			    });
		break;
	}
}

/* ---- from a mount to its store ---- */

/* Cuts the last component off `path` and returns it; NULL: there is none. */
static char *cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static void look_at(struct gather *gather, const char *point)
{
	auto_free char *path = garita_xstrdup(point);
	const char *last = cut(path), *id = last ? cut(path) : NULL;
	const char *above = id ? cut(path) : NULL;

	if (above == NULL)
		return;
	if (strcmp(last, "merged") == 0 && strcmp(above, "overlay") == 0 &&
	    garita_store_is_id(id)) {
		add_store(gather, garita_xstrdup(path));
	} else if (strcmp(last, "merged") == 0 &&
		   strcmp(above, "overlay2") == 0) {
		add_docker(gather, point, path, id);
	} else if (strcmp(id, "overlayfs") == 0 &&
		   strcmp(above, "rootfs") == 0) {
		add(gather, (struct garita_image_container){
				    .root = garita_xstrdup(point),
				    .id = garita_xstrdup(last),
				    .name = docker_name(gather, path, last),
			    });
	} else if (strcmp(last, "rootfs") == 0 &&
		   strstr(path, "/io.containerd.runtime.v2.task") != NULL) {
		add(gather,
		    (struct garita_image_container){
			    .root = garita_xstrdup(point),
			    .bundle = garita_xstrndup(
				    point, strlen(point) - strlen("/rootfs")),
			    .id = garita_xstrdup(id),
		    });
	}
}

int garita_image_containers(const char *sysroot,
			    struct garita_image_containers *ret,
			    struct garita_error *err)
{
	struct gather gather = { .list = ret };
	auto_fd int root = garita_tree_sysroot(sysroot);
	auto_fd int proc = -1;
	auto_free char *text = NULL;
	const char *at;
	char *point;
	size_t len = 0;
	int failed;

	if (root < 0 && root != GARITA_TREE_MACHINE)
		return garita_fail(err, -root, "cannot open sysroot %s: %s",
				   sysroot, strerror(-root));
	gather.sysroot = root;
	proc = garita_tree_resolve(root, "/proc/self/mountinfo",
				   O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (proc < 0)
		return garita_fail(err, -proc,
				   "cannot open /proc/self/mountinfo: %s",
				   strerror(-proc));
	failed = garita_file_read(proc, MOUNTINFO_MAX, &text, &len, err);
	if (failed < 0)
		return failed;
	at = text;
	while ((point = garita_mounts_next_point(&at, text + len)) != NULL) {
		look_at(&gather, point);
		free(point);
	}
	/* Of containers that are not mounted we can say at least that. */
	add_store(&gather, garita_xstrdup(PODMAN_STORE));
	return 0;
}
