/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_storage - control groups, and the file systems that containers are
 * kept on.
 */
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "hook/directory.h"
#include "hook/host/gather.h"

#define XFS      0x58465342
#define ZFS      0x2fc12fc1
#define BCACHEFS 0xca451a4e

static const char *type_name(long type)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} types[] = {
		{ EXT4_SUPER_MAGIC, "ext4" },
		{ XFS, "xfs" },
		{ BTRFS_SUPER_MAGIC, "btrfs" },
		{ ZFS, "zfs" },
		{ TMPFS_MAGIC, "tmpfs" },
		{ BCACHEFS, "bcachefs" },
		{ F2FS_SUPER_MAGIC, "f2fs" },
		{ NFS_SUPER_MAGIC, "nfs" },
		{ OVERLAYFS_SUPER_MAGIC, "overlay" },
	};

	for (size_t i = 0; i < GARITA_COUNT(types); i++)
		if (types[i].magic == (unsigned long)type)
			return types[i].name;
	return NULL;
}

/* Which layers are there: docker has image/DRIVER, containers-storage
 * DRIVER-images. */
static const struct {
	const char *path, *layers, *end;
} places[] = {
	{ "/var/lib/docker", "/image", "" },
	{ "/var/lib/containers/storage", "", "-images" },
	{ "/var/lib/containerd", NULL, NULL },
};

static char *find_driver(const struct garita_view *view, size_t i)
{
	const char *end = places[i].end;
	auto_text path = { 0 };
	auto_directory *dir = NULL;
	const char *name = NULL;
	char *driver = NULL;

	if (places[i].layers == NULL)
		return NULL;
	garita_text_printf(&path, "%s%s", places[i].path, places[i].layers);
	dir = garita_look_list(view, path.data);
	while (dir != NULL && driver == NULL &&
	       garita_directory_next(dir, &name) == 0 && name != NULL) {
		size_t len = strlen(name), cut = strlen(end);

		if (*name != '.' && len > cut &&
		    strcmp(name + len - cut, end) == 0)
			driver = garita_xstrndup(name, len - cut);
	}
	return driver;
}

static void gather_place(const struct garita_gathering *g, size_t i,
			 struct garita_json *all)
{
	auto_fd int fd = garita_look(&g->view, places[i].path);
	auto_fd int root = garita_look(&g->view, "/");
	auto_free char *driver = NULL;
	struct garita_json *node;
	struct stat own, of_root;
	struct statfs kind;

	if (fd < 0 || root < 0 || fstat(fd, &own) < 0 ||
	    fstat(root, &of_root) < 0 || !S_ISDIR(own.st_mode))
		return;
	driver = find_driver(&g->view, i);
	node = garita_json_new_object(g->facts->doc);
	garita_json_put_string(g->facts->doc, node, "path", places[i].path);
	garita_json_put_bool(g->facts->doc, node, "separate",
			     own.st_dev != of_root.st_dev);
	if (fstatfs(fd, &kind) == 0)
		garita_json_put_string(g->facts->doc, node, "filesystem",
				       type_name(kind.f_type));
	garita_json_put_string(g->facts->doc, node, "driver", driver);
	garita_json_append(g->facts->doc, all, node);
}

static void gather_cgroup(const struct garita_gathering *g)
{
	static const char *const old[] = { "/sys/fs/cgroup/memory",
					   "/sys/fs/cgroup/cpu",
					   "/sys/fs/cgroup/devices" };
	bool unified =
		garita_look_exists(&g->view, "/sys/fs/cgroup/cgroup.procs");
	bool mixed = garita_look_exists(&g->view,
					"/sys/fs/cgroup/unified/cgroup.procs");
	bool first = false;

	for (size_t i = 0; i < GARITA_COUNT(old); i++)
		first = first ||
			(!unified && garita_look_exists(&g->view, old[i]));
	if (unified)
		garita_facts_put_string(g->facts, "/cgroup/version", "2");
	else if (first)
		garita_facts_put_string(g->facts, "/cgroup/version",
					mixed ? "hybrid" : "1");
}

void garita_gather_storage(const struct garita_gathering *g)
{
	struct garita_json *all = garita_json_new_array(g->facts->doc);

	gather_cgroup(g);
	for (size_t i = 0; i < GARITA_COUNT(places); i++)
		gather_place(g, i, all);
	/* One that cannot be looked at leaves all of it open. */
	for (size_t i = 0; i < GARITA_COUNT(places); i++)
		if (!garita_look_exists(&g->view, places[i].path) &&
		    !garita_look_is_absent(&g->view, places[i].path))
			all = NULL;
	garita_facts_put(g->facts, "/storage", all);
}
