/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * observe - facts about paths, namespaces and the kernel, gathered before the
 * judge runs, so that the judge need not touch anything.
 *
 * Paths are looked at by descriptor. What changes between this look and the
 * runtime's own is a race that only root can run where the directories are
 * root's; SECURITY.md says so.
 */
#include "hook/host/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "hook/file.h"
#include "hook/host/look.h"
#include "hook/host/lsm.h"
#include "hook/owner.h"

static void stat_into(const struct garita_view *view, const char *path,
		      bool want_real, struct garita_path_fact *fact)
{
	bool here = view->root < 0;
	struct stat st = { 0 };
	auto_fd int fd = -1;
	int failure = -ELOOP;
	bool straight;

	if (here && want_real)
		failure = garita_look_at_straight(view->last, path, &st);
	else if (here) /* one system call will do */
		failure = stat(path, &st) < 0 ? -errno : 0;
	straight = failure == 0;
	if (failure == -ELOOP && (!here || want_real)) {
		fd = garita_look(view, path);
		failure = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
	}
	if (failure < 0) {
		fact->failure = -failure;
		return;
	}
	fact->device = st.st_dev;
	fact->inode = st.st_ino;
	fact->mode = st.st_mode;
	fact->uid = st.st_uid;
	fact->major = major(st.st_rdev);
	fact->minor = minor(st.st_rdev);
	if (want_real)
		fact->real =
			straight
				? garita_xstrdup(path)
				: garita_look_inside(view->root_real,
						     garita_file_real_path(fd));
}

static void add_path(const struct garita_view *view, struct garita_host *host,
		     const char *path, const char *where, bool want_real)
{
	struct garita_path_fact *fact = &host->paths[host->path_count++];

	*fact = (struct garita_path_fact){ .path = garita_xstrdup(path) };
	stat_into(view, where, want_real, fact);
}

/* Where it is not known where a path leads, the rules would judge it by what
 * is written. */
static int check_real(const struct garita_view *view,
		      const struct garita_path_fact *fact,
		      struct garita_error *err)
{
	if (fact->failure != 0 && !garita_look_is_answer(fact->failure))
		return garita_fail(err, fact->failure, "cannot look at %s: %s",
				   fact->path, strerror(fact->failure));
	if (fact->failure == 0 && fact->real == NULL && view->root < 0)
		return garita_fail(err, EIO, "cannot tell where %s leads",
				   fact->path);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct garita_path_fact *)a)->path,
		      ((const struct garita_path_fact *)b)->path);
}

static void sort_paths(struct garita_host *host)
{
	size_t kept = 0;

	if (host->path_count == 0)
		return;
	qsort(host->paths, host->path_count, sizeof(*host->paths), by_path);
	for (size_t i = 1; i < host->path_count; i++) {
		struct garita_path_fact *last = &host->paths[kept];
		struct garita_path_fact *next = &host->paths[i];

		if (strcmp(last->path, next->path) != 0) {
			host->paths[++kept] = *next;
			continue;
		}
		/* Asked for twice: keep the one that knows more. */
		if (last->real == NULL) {
			last->real = next->real;
			next->real = NULL;
		}
		if (last->cgroup == NULL) {
			last->cgroup = next->cgroup;
			next->cgroup = NULL;
		}
		free(next->path);
		free(next->real);
		free(next->cgroup);
	}
	host->path_count = kept + 1;
}

/* Can what was looked at be an engine's socket, or hold one? Not a file, nor a
 * directory of the bundle, which the engine made for this container. */
static bool may_have_socket(const struct garita_path_fact *source,
			    const char *bundle)
{
	if (source->failure != 0 || source->real == NULL)
		return true;
	if (S_ISREG(source->mode))
		return false;
	return !S_ISDIR(source->mode) || bundle == NULL ||
	       strcmp(source->real, bundle) == 0 ||
	       !garita_path_within(source->real, bundle);
}

static bool lists(const struct garita_json *paths, const char *path)
{
	for (size_t i = 0; i < garita_json_count(paths); i++) {
		const char *entry =
			garita_json_string(garita_json_item(paths, i));

		if (entry != NULL && strcmp(entry, path) == 0)
			return true;
	}
	return false;
}

/* Sockets matter to bind mounts that may have one, and whether a path exists
 * only while it is not covered: a look less is a start that is shorter. */
static int gather_known(const struct garita_view *view,
			const struct garita_spec *spec, bool sockets,
			struct garita_host *host, struct garita_error *err)
{
	for (size_t i = 0; garita_host_known_paths[i][0] != '\0'; i++) {
		const char *path = garita_host_known_paths[i];
		bool socket = strncmp(path, "/run/", 5) == 0;
		int rc = 0;

		if (socket ? sockets
			   : !lists(spec->masked_paths, path) &&
				     !lists(spec->readonly_paths, path))
			add_path(view, host, path, path, socket);
		if (socket && sockets)
			rc = check_real(
				view, &host->paths[host->path_count - 1], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Not cleaned: a link before ".." decides where it leads. */
static char *source_path(const char *source, const char *bundle)
{
	auto_text joined = { 0 };

	if (*source == '/' || bundle == NULL)
		return garita_xstrdup(source);
	garita_text_printf(&joined, "%s/%s", bundle, source);
	return garita_text_take(&joined);
}

/* "/proc/4711/ns/net" and "/proc/4711/ns/ipc" name one process. */
static bool same_process(const char *a, const char *b)
{
	const char *name = strrchr(a, '/');

	return name != NULL && strncmp(a, b, (size_t)(name - a) + 1) == 0;
}

/* The namespaces that are joined, and whose they are. */
static void gather_joined(const struct garita_view *view,
			  const struct garita_spec *spec,
			  struct garita_host *host)
{
	const struct garita_path_fact *last = NULL;

	for (size_t i = 0; i < GARITA_NS_TYPES; i++) {
		const char *path = spec->namespaces[i].path;
		struct garita_path_fact *fact;

		if (path == NULL)
			continue;
		add_path(view, host, path, path, false);
		fact = &host->paths[host->path_count - 1];
		if (last != NULL && same_process(last->path, path))
			fact->cgroup = last->cgroup
					       ? garita_xstrdup(last->cgroup)
					       : NULL;
		else
			fact->cgroup = garita_look_cgroup(view, path);
		last = fact;
	}
	if (!spec->namespaces[GARITA_NS_CGROUP].present)
		add_path(view, host, GARITA_HOST_CGROUP2, GARITA_HOST_CGROUP2,
			 false);
}

static int gather_paths(const struct garita_view *view,
			const struct garita_spec *spec, const char *bundle,
			struct garita_host *host, struct garita_error *err)
{
	const struct garita_path_fact *last;
	size_t known = 0;
	bool sockets = false;
	int rc;

	while (garita_host_known_paths[known][0] != '\0')
		known++;
	host->paths =
		garita_xcalloc(known + GARITA_NS_TYPES + 1 + spec->mount_count +
				       spec->hook_count + spec->device_count,
			       sizeof(*host->paths));
	gather_joined(view, spec, host);
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct garita_mount *mount = &spec->mounts[i];
		auto_free char *where = NULL;

		if (!mount->bind)
			continue;
		where = source_path(mount->source, bundle);
		add_path(view, host, mount->source, where, true);
		last = &host->paths[host->path_count - 1];
		rc = check_real(view, last, err);
		if (rc < 0)
			return rc;
		sockets = sockets || may_have_socket(last, bundle);
	}
	rc = gather_known(view, spec, sockets, host, err);
	if (rc < 0)
		return rc;
	/* Whether a node is what its path says (policy/rules/devices.c). */
	for (size_t i = 0; i < spec->device_count; i++)
		if (spec->devices[i].path != NULL &&
		    *spec->devices[i].path == '/')
			add_path(view, host, spec->devices[i].path,
				 spec->devices[i].path, false);
	for (size_t i = 0; i < spec->hook_count; i++)
		if (*spec->hooks[i].path == '/')
			add_path(view, host, spec->hooks[i].path,
				 spec->hooks[i].path, true);
	sort_paths(host);
	return 0;
}

/* The inode numbers that the kernel gives the first namespace of each type
 * (include/uapi/linux/nsfs.h; mount and network since Linux 6.18). */
static const unsigned first_inode[GARITA_NS_TYPES] = {
	[GARITA_NS_IPC] = 0xEFFFFFFF,     [GARITA_NS_UTS] = 0xEFFFFFFE,
	[GARITA_NS_USER] = 0xEFFFFFFD,    [GARITA_NS_PID] = 0xEFFFFFFC,
	[GARITA_NS_CGROUP] = 0xEFFFFFFB,  [GARITA_NS_TIME] = 0xEFFFFFFA,
	[GARITA_NS_NETWORK] = 0xEFFFFFF9, [GARITA_NS_MOUNT] = 0xEFFFFFF8,
};

static struct garita_namespace_fact look_at_namespace(
	const struct garita_view *view, const char *of_whom,
	enum garita_namespace_type type)
{
	struct garita_path_fact fact = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", of_whom,
		 garita_namespace_proc_name(type));
	stat_into(view, path, false, &fact);
	return (struct garita_namespace_fact){
		.known = fact.failure == 0,
		.device = fact.device,
		.inode = fact.inode,
	};
}

/* Pid 1 may have a capability that we lack and then hides its namespaces
 * (ptrace(2), access mode checks); the kernel's own numbers stand in. */
static void gather_namespaces(const struct garita_view *view,
			      const struct garita_spec *spec,
			      struct garita_host *host)
{
	for (enum garita_namespace_type t = 0; t < GARITA_NS_TYPES; t++) {
		/* Only a path has to be compared with anything. */
		if (spec->namespaces[t].path == NULL)
			continue;
		host->init_ns[t] = look_at_namespace(view, "1", t);
		if (view->root >= 0)
			continue;
		host->own_ns[t] = look_at_namespace(view, "self", t);
		if (!host->init_ns[t].known)
			host->init_ns[t] = (struct garita_namespace_fact){
				.known = host->own_ns[t].known,
				.device = host->own_ns[t].device,
				.inode = first_inode[t],
			};
	}
}

/* "6.18.44-x": 6 and 18. What does not begin so is 0.0, older than any. */
static void read_release(const char *text, unsigned *ret_major,
			 unsigned *ret_minor)
{
	enum { DIGITS = 6 };
	unsigned numbers[2] = { 0, 0 };

	*ret_major = *ret_minor = 0;
	for (int i = 0; i < 2; i++) {
		const char *from = text;

		while (garita_is_digit(*text) && text < from + DIGITS)
			numbers[i] =
				numbers[i] * 10 + (unsigned)(*text++ - '0');
		if (text == from || (i == 0 && *text++ != '.'))
			return;
	}
	*ret_major = numbers[0];
	*ret_minor = numbers[1];
}

void garita_observe_kernel(struct garita_host *host)
{
	struct utsname name;

	if (uname(&name) < 0)
		return;
	snprintf(host->machine, sizeof(host->machine), "%.64s", name.machine);
	snprintf(host->name, sizeof(host->name), "%.64s", name.nodename);
	read_release(name.release, &host->kernel_major, &host->kernel_minor);
}

/* In a user namespace, or as a user: then neither AppArmor profiles nor, often,
 * limits can be set, and engines do not ask for them. */
static bool is_rootless(const struct garita_view *view, uid_t we)
{
	if (view->root >= 0)
		return false; /* that is about us, not about a tree of files */
	return we != 0 || !garita_owner_in_first_namespace();
}

int garita_observe(const char *sysroot, const struct garita_spec *spec,
		   const char *bundle, struct garita_host *ret,
		   struct garita_error *err)
{
	__attribute__((
		cleanup(garita_look_last_end))) struct garita_look_last last = {
		.next = 0
	};
	struct garita_host host = { .owner = geteuid() };
	auto_free char *root_real = NULL;
	auto_fd int root = -1;
	struct garita_view view;
	int rc;

	if (sysroot != NULL && *sysroot != '\0') {
		root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return garita_fail(err, errno,
					   "cannot open sysroot %s: %s",
					   sysroot, strerror(errno));
		root_real = garita_file_real_path(root);
	}
	view = (struct garita_view){ .root = root,
				     .root_real = root_real,
				     .last = &last };
	host.bundle = bundle ? garita_xstrdup(bundle) : NULL;
	rc = gather_paths(&view, spec, bundle, &host, err);
	if (rc == 0)
		rc = garita_observe_rootfs(&view, spec, bundle, &host, err);
	if (rc < 0) {
		garita_host_free(&host);
		return rc;
	}
	gather_namespaces(&view, spec, &host);
	garita_observe_kernel(&host);
	host.rootless = is_rootless(&view, host.owner);
	garita_observe_lsm(root, spec, &host);

	*ret = host;
	return 0;
}
