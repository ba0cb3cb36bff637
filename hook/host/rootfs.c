/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs - where paths of the config lead inside the container's root file
 * system, which is the image's and so the attacker's.
 *
 * Most of it is plain and costs one openat2 a path; only where a symbolic link
 * is on the way is it looked at again. This is the tree before any mount; of
 * what lies below a directory that is mounted before, that one is looked at.
 */
#include "hook/host/look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/resolve.h"

/* Beyond so many components nobody looks for what is not there: a config with
 * a thousand endless destinations must not cost a million looks. */
enum {
	MOST_COMPONENTS = 40,
	MOST_PARTS = 6, /* that are looked at one by one */
	MOST_PLAIN = 16,
	MOST_ON_THE_WAY = 256, /* that may be mounted on */
};

/* `path` leads through a link to something that is not there (yet): where it
 * would be. As far as it is there the links are followed; the first component
 * that is not must be no link either. NULL: it cannot be told. */
static char *lead_beyond(int rootfs, const char *root_real, const char *path)
{
	auto_free char *known = garita_xstrdup(path);
	auto_free char *missing = NULL, *real = NULL;
	auto_text joined = { 0 };
	auto_fd int dir = -1;
	const char *rest;
	struct stat st;

	for (int i = 0; dir < 0; i++) {
		char *slash = strrchr(known, '/');

		if (i == MOST_COMPONENTS || slash == NULL || slash == known)
			return NULL; /* the root itself leads nowhere */
		*slash = '\0';
		dir = garita_look_below(rootfs, known, RESOLVE_IN_ROOT);
		if (dir < 0 && errno != ENOENT)
			return NULL;
	}
	rest = path + strlen(known) + 1;
	missing = garita_xstrndup(rest, strcspn(rest, "/"));
	if (fstatat(dir, missing, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    errno != ENOENT)
		return NULL;
	real = garita_look_inside(root_real, garita_file_real_path(dir));
	if (real == NULL)
		return NULL;
	garita_text_printf(&joined, "%s/%s", real, rest);
	return garita_path_clean(joined.data);
}

static char *lead_through(int rootfs, const char *root_real, const char *path)
{
	auto_fd int fd = garita_look_below(rootfs, path, RESOLVE_IN_ROOT);

	if (fd >= 0)
		return garita_look_inside(root_real, garita_file_real_path(fd));
	return errno == ENOENT ? lead_beyond(rootfs, root_real, path) : NULL;
}

/* Directories that are no links, of the image and so far: the targets of
 * mounts lie in a few. */
struct plain {
	size_t count;
	struct {
		const char *path; /* borrowed */
		size_t len;
	} all[MOST_PLAIN];
};

static bool is_plain(const struct plain *plain, const char *path, size_t len)
{
	for (size_t i = 0; i < plain->count; i++)
		if (plain->all[i].len == len &&
		    memcmp(plain->all[i].path, path, len) == 0)
			return true;
	return false;
}

/* The first `len` bytes of the path; all before them are plain. 0: they are,
 * too; or errno, ENOTDIR when nothing can lie below. */
static int look_at_part(int rootfs, struct plain *plain, const char *path,
			size_t len)
{
	auto_free char *part = garita_xstrndup(path, len);
	struct stat st;

	if (fstatat(rootfs, part + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	if (S_ISLNK(st.st_mode))
		return ELOOP;
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	if (plain->count < MOST_PLAIN) {
		plain->all[plain->count].path = path;
		plain->all[plain->count++].len = len;
	}
	return 0;
}

/* Is there a link on the way to this clean path? Then ELOOP. Name by name is
 * half of what opening costs while most directories are known. */
static int look_for_link(int rootfs, struct plain *plain, const char *path)
{
	const char *end = path;
	size_t parts = 0;

	for (const char *at = path; *at != '\0'; at++)
		parts += *at == '/';
	if (parts > MOST_PARTS) {
		auto_fd int fd = garita_look_below(
			rootfs, path, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);

		return fd < 0 ? errno : 0;
	}
	while (*end != '\0') {
		size_t len;
		int failure = 0;

		end = strchrnul(end + 1, '/');
		len = (size_t)(end - path);
		if (len > 1 && !is_plain(plain, path, len))
			failure = look_at_part(rootfs, plain, path, len);
		if (failure != 0)
			return failure;
	}
	return 0;
}

/* Is it plain? Then nothing is written down. */
static void look_at_target(int rootfs, const char *root_real,
			   struct plain *plain, const char *path,
			   struct garita_host *host)
{
	int failure = look_for_link(rootfs, plain, path);
	struct garita_path_fact *fact;

	if (failure == 0 || failure == ENOENT || failure == ENOTDIR)
		return;
	fact = &host->targets[host->target_count++];
	*fact = (struct garita_path_fact){ .path = garita_xstrdup(path) };
	if (failure == ELOOP)
		fact->real = lead_through(rootfs, root_real, path);
	else
		fact->failure = failure;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct garita_path_fact *)a)->path,
		      ((const struct garita_path_fact *)b)->path);
}

/* garita_spec_by_destination() */
struct places {
	const struct garita_mount **all;
	size_t count;
};

/* strcmp() of a destination with the first `len` bytes of a path. */
static int compare(const struct garita_mount *mount, const char *path,
		   size_t len)
{
	int order = strncmp(mount->clean, path, len);

	return order != 0 ? order : mount->clean[len] != '\0';
}

/* The last mount before `end` on the first `len` bytes of a path; or NULL. */
static const struct garita_mount *last_on(const struct places *places,
					  const struct garita_mount *end,
					  const char *path, size_t len)
{
	size_t low = 0, high = places->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct garita_mount *mount = places->all[middle];
		int order = compare(mount, path, len);

		if (order < 0 || (order == 0 && mount < end))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || compare(places->all[low - 1], path, len) != 0)
		return NULL;
	return places->all[low - 1];
}

/* The last of the mounts before `end` that covers the path. */
static int covering(const struct places *places, const struct garita_mount *end,
		    const char *path, const struct garita_mount **ret)
{
	size_t len = strcmp(path, "/") == 0 ? 1 : 0, components = 0;

	*ret = last_on(places, end, "/", 1);
	while (path[len] != '\0') {
		const struct garita_mount *mount;

		if (++components > MOST_ON_THE_WAY)
			return ENAMETOOLONG;
		len += 1 + strcspn(path + len + 1, "/");
		mount = last_on(places, end, path, len);
		if (mount != NULL && (*ret == NULL || mount > *ret))
			*ret = mount;
	}
	return 0;
}

/* A directory that is mounted over the way, by one of the mounts before `end`,
 * brings its own links: none of them may be on it. */
static int look_below_mount(const struct garita_view *view,
			    const struct places *places,
			    const struct garita_mount *end, const char *path)
{
	const struct garita_mount *mount;
	auto_fd int source = -1, rest = -1;
	const char *below;
	int failure = covering(places, end, path, &mount);

	if (failure != 0)
		return failure;
	if (mount == NULL || !mount->bind || strcmp(mount->clean, path) == 0)
		return 0;
	if (*mount->source != '/')
		return ELOOP; /* from the bundle: engines do not write that */
	source = garita_look(view, mount->source);
	if (source < 0) /* not there: no start without it */
		return garita_look_is_answer(errno) ? 0 : errno;
	below = strcmp(mount->clean, "/") == 0 ? path
					       : path + strlen(mount->clean);
	rest = garita_look_below(source, below,
				 RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	return rest < 0 && errno != ENOENT && errno != ENOTDIR ? errno : 0;
}

/* Two mounts on one destination: one fact, the worse one. */
static void sort_targets(struct garita_host *host)
{
	size_t kept = 0;

	if (host->target_count == 0)
		return;
	qsort(host->targets, host->target_count, sizeof(*host->targets),
	      by_path);
	for (size_t i = 1; i < host->target_count; i++) {
		struct garita_path_fact *next = &host->targets[i];

		if (strcmp(host->targets[kept].path, next->path) != 0) {
			host->targets[++kept] = *next;
			continue;
		}
		if (host->targets[kept].failure == 0)
			host->targets[kept].failure = next->failure;
		free(next->path);
		free(next->real);
	}
	host->target_count = kept + 1;
}

static void gather_targets(const struct garita_view *view, int rootfs,
			   const char *root_real,
			   const struct garita_spec *spec,
			   const struct places *places,
			   struct garita_host *host)
{
	struct plain plain = { .count = 0 };

	host->targets =
		garita_xcalloc(spec->mount_count, sizeof(*host->targets));
	for (size_t i = 0; i < spec->mount_count; i++) {
		const char *clean = spec->mounts[i].clean;
		int failure =
			look_below_mount(view, places, &spec->mounts[i], clean);

		if (failure == 0)
			look_at_target(rootfs, root_real, &plain, clean, host);
		else
			host->targets[host->target_count++] =
				(struct garita_path_fact){
					.path = garita_xstrdup(clean),
					.failure = failure,
				};
	}
	sort_targets(host);
}

/* Has the image something where the runtime will mount proc? Then a path that
 * goes through there leads elsewhere now than it will. */
static bool has_proc(int rootfs)
{
	auto_fd int place = garita_look_below(rootfs, "/proc", RESOLVE_IN_ROOT);
	bool absent = place < 0 && errno == ENOENT;
	auto_directory *list = place < 0 ? NULL : garita_directory_list(place);
	const char *name = NULL;

	if (list == NULL)
		return !absent;
	return garita_directory_next(list, &name) < 0 || name != NULL;
}

/* Where the working directory is once the image's links are followed. */
static void gather_cwd(const struct garita_view *view, int rootfs,
		       const char *root_real, const struct garita_spec *spec,
		       const struct places *places, struct garita_host *host)
{
	auto_free char *clean = NULL, *real = NULL;
	auto_fd int cwd = -1, plain = -1;

	if (spec->cwd == NULL)
		return;
	clean = garita_path_clean(spec->cwd);
	host->cwd_failure = look_below_mount(
		view, places, spec->mounts + spec->mount_count, clean);
	if (host->cwd_failure != 0)
		return;
	if (strcmp(spec->cwd, "/") == 0) {
		host->cwd = garita_take_ptr(&clean);
		return;
	}
	/* Without a link on the way it is where it says. */
	plain = garita_look_below(rootfs, spec->cwd,
				  RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (plain >= 0) {
		host->cwd = garita_take_ptr(&clean);
		return;
	}
	if (errno != ELOOP) {
		host->cwd_failure = errno;
		return;
	}
	cwd = garita_look_below(rootfs, spec->cwd, RESOLVE_IN_ROOT);
	if (cwd >= 0) {
		real = garita_look_inside(root_real,
					  garita_file_real_path(cwd));
		if (real == NULL)
			host->cwd_failure = EIO;
		else if (strcmp(real, clean) != 0 && has_proc(rootfs))
			host->cwd_failure = ELOOP;
		else
			host->cwd = garita_take_ptr(&real);
		return;
	}
	/* Not there is fine, the runtime makes it; not there *through a link*
	 * is a link to something that only exists once /proc is mounted. */
	host->cwd_failure = errno == ENOENT ? ELOOP : errno;
}

int garita_observe_rootfs(const struct garita_view *view,
			  const struct garita_spec *spec, const char *bundle,
			  struct garita_host *host, struct garita_error *err)
{
	auto_free char *root =
		garita_path_clean_from(bundle ? bundle : "/", spec->root_path);
	auto_free char *root_real = NULL;
	auto_free const struct garita_mount **all = NULL;
	auto_fd int rootfs = garita_look_straight(view, root);
	struct places places;

	if (rootfs >= 0)
		root_real = garita_xstrdup(root);
	else if (errno == ELOOP)
		rootfs = garita_look(view, root);
	if (rootfs < 0 && garita_look_is_answer(errno))
		return 0; /* an author's, without its image */
	if (rootfs < 0)
		return garita_fail(err, errno, "cannot look at %s: %s", root,
				   strerror(errno));
	if (root_real == NULL)
		root_real = garita_file_real_path(rootfs);
	if (root_real == NULL)
		return garita_fail(err, EIO, "cannot tell where %s leads",
				   root);
	host->root =
		garita_look_inside(view->root_real, garita_xstrdup(root_real));
	all = garita_spec_by_destination(spec);
	places = (struct places){ all, spec->mount_count };
	gather_cwd(view, rootfs, root_real, spec, &places, host);
	if (!garita_look_is_answer(host->cwd_failure) && host->cwd_failure != 0)
		return garita_fail(err, host->cwd_failure,
				   "cannot look at process.cwd: %s",
				   strerror(host->cwd_failure));
	gather_targets(view, rootfs, root_real, spec, &places, host);
	return 0;
}
