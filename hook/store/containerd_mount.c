/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_mount - is what is mounted what containerd's records say?
 *
 * The upper directory of the overlay leads to containerd's root R, which root
 * alone may write to. Upper and lower directories carry the numbers of their
 * snapshots; all of them must be those of the container's snapshot and its
 * parents, in their order. An overlay whose lower directories are called in
 * some other way (id-mapped ones are) is one that we cannot tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

#define SNAPSHOTS "/io.containerd.snapshotter.v1.overlayfs/snapshots"

char *garita_ctd_cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash[1] == '\0')
		return NULL;
	*slash = '\0';
	return slash + 1;
}

/* Cuts "R/.../snapshots/<N>/fs" after R. */
static bool split_upper(char *upper, uint64_t *ret_number)
{
	const char *last = garita_ctd_cut_last(upper);
	const char *number = garita_ctd_cut_last(upper);
	size_t len = strlen(upper);

	if (last == NULL || number == NULL || strcmp(last, "fs") != 0 ||
	    garita_parse_u64(number, ret_number) < 0 ||
	    len <= strlen(SNAPSHOTS) ||
	    strcmp(upper + len - strlen(SNAPSHOTS), SNAPSHOTS) != 0)
		return false;
	upper[len - strlen(SNAPSHOTS)] = '\0';
	return true;
}

/* Opens R, which root alone may write to, however the path there goes. */
static int open_root(const struct garita_place *place,
		     struct garita_ctd_mount *mount, struct garita_error *err)
{
	auto_free char *real = NULL;
	int failed;

	mount->root = garita_tree_resolve(place->sysroot, mount->path,
					  O_PATH | O_DIRECTORY);
	if (mount->root < 0)
		return garita_fail(err, -mount->root, "cannot open %s: %s",
				   mount->path, strerror(-mount->root));
	real = garita_tree_real_path(place->sysroot, mount->root);
	failed = garita_file_check_chain(mount->root, err);
	if (failed == 0 && (real == NULL || strcmp(real, mount->path) != 0))
		failed =
			garita_tree_check_way(place->sysroot, mount->path, err);
	return failed;
}

/* Is the upper directory the one that R has under its number? */
static int check_upper(const struct garita_place *place,
		       const struct garita_ctd_mount *mount, const char *upper,
		       struct garita_error *err)
{
	auto_fd int own = -1;
	char name[128];

	snprintf(name, sizeof(name), "%s/%" PRIu64, &SNAPSHOTS[1],
		 mount->number);
	own = garita_tree_dir(mount->root, name, err);
	if (own < 0)
		return own;
	if (!garita_place_is(place, upper, own, "fs"))
		return garita_fail(err, EBADMSG,
				   "tampered with: the overlay at the root file"
				   " system is not of the snapshot that it is"
				   " called by");
	return 0;
}

int garita_ctd_mount_open(const struct garita_place *place,
			  struct garita_ctd_mount *ret,
			  struct garita_error *err)
{
	struct garita_overlay found = { 0 };
	auto_free char *upper = NULL;
	int failed = garita_place_overlay_over(place, &found, &ret->lower, err);

	if (failed < 0)
		return failed;
	upper = found.upper;
	ret->path = garita_xstrdup(upper);
	if (!split_upper(ret->path, &ret->number))
		return garita_fail(err, ENOTSUP,
				   "the root file system is of no overlayfs"
				   " snapshotter of containerd: garita cannot"
				   " read others");
	failed = open_root(place, ret, err);
	return failed < 0 ? failed : check_upper(place, ret, upper, err);
}

/* Are the directories below the container's own those of its parents, in this
 * order? containerd has them absolute or, where a list of many layers would be
 * too long for mount(2), counted from their common directory. */
static int check_lower(const struct garita_ctd_mount *mount,
		       const struct garita_ctd_record *record,
		       struct garita_error *err)
{
	auto_text absolute = { 0 };
	auto_text relative = { 0 };

	for (size_t i = 1; i < record->layer_count; i++) {
		const char *colon = i == 1 ? "" : ":";
		uint64_t number = record->layers[i].number;

		garita_text_printf(&absolute, "%s%s%s/%" PRIu64 "/fs", colon,
				   mount->path, SNAPSHOTS, number);
		garita_text_printf(&relative, "%s%" PRIu64 "/fs", colon,
				   number);
	}
	if (absolute.len > 0 && (strcmp(mount->lower, absolute.data) == 0 ||
				 strcmp(mount->lower, relative.data) == 0))
		return 0;
	return garita_fail(err, EBADMSG,
			   "what is mounted is not what containerd's records"
			   " say: %s",
			   mount->lower);
}

int garita_ctd_mount_check(const struct garita_ctd_mount *mount,
			   const struct garita_ctd_record *record,
			   struct garita_error *err)
{
	if (record->layer_count == 0 ||
	    record->layers[0].number != mount->number)
		return garita_fail(err, EBADMSG,
				   "tampered with: the overlay at the root file"
				   " system is not of the container's snapshot"
				   " %s",
				   record->snapshot);
	return check_lower(mount, record, err);
}

void garita_ctd_mount_close(struct garita_ctd_mount *mount)
{
	garita_cleanup_fd(&mount->root);
	free(mount->path);
	free(mount->lower);
	*mount = (struct garita_ctd_mount){ .root = -1 };
}
