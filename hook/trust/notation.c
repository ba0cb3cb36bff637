/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation - see the header.
 */
#include "hook/trust/notation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/text.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "policy/trust/request.h"

enum { TRUST_POLICY_MAX = 1024 * 1024 };

static int open_file(const struct garita_notation_files *from, const char *path,
		     struct garita_error *err)
{
	auto_fd int fd = -1;
	struct stat st;

	if (from->trusted)
		return garita_file_open_trusted(from->root, path, &st, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL, "%s: not a regular file", path);
	return garita_take_fd(&fd);
}

static int read_file(const struct garita_notation_files *from, const char *path,
		     size_t most, char **ret, size_t *ret_len,
		     struct garita_error *err)
{
	auto_fd int fd = open_file(from, path, err);

	if (fd < 0) /* which names the file */
		return fd;
	return garita_file_read(fd, most, ret, ret_len, err) < 0
		       ? garita_fail_in(err, path)
		       : 0;
}

/* ---- directories ---- */

static int open_directory(const struct garita_notation_files *from,
			  const char *path, struct garita_error *err)
{
	int fd;

	if (from->trusted)
		return garita_file_open_directory(from->root, path, err);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd
		       : garita_fail(err, errno, "%s: %s", path,
				     strerror(errno));
}

/* Of whom a file is in the requirement: "ca:name/" or "crl:". */
struct place {
	const struct garita_notation_files *from;
	struct garita_requirement *into;
	const char *path, *label;
	bool (*wants)(const char *name);
};

static int add_file(const struct place *place, int dir, const char *name,
		    struct garita_error *err)
{
	struct garita_requirement *into = place->into;
	struct garita_key_source *file;
	auto_text path = { 0 }, label = { 0 };
	struct stat st;

	garita_text_printf(&path, "%s/%s", place->path, name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return garita_fail(err, errno, "%s: %s", path.data,
				   strerror(errno));
	if (S_ISLNK(st.st_mode))
		return garita_fail(err, ELOOP,
				   "%s: a symbolic link, which a trust store "
				   "may not have",
				   path.data);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (into->key_count == GARITA_REQUEST_LIST_MAX)
		return garita_fail(err, E2BIG,
				   "%s: more than %d certificates and lists",
				   place->path, GARITA_REQUEST_LIST_MAX);
	garita_text_printf(&label, "%s%s", place->label, name);
	into->keys = garita_xresize(into->keys, into->key_count + 1,
				    sizeof(*into->keys));
	file = &into->keys[into->key_count++];
	*file = (struct garita_key_source){ .path = garita_text_take(&label) };
	return read_file(place->from, path.data, GARITA_REQUEST_KEY_MAX,
			 &file->bytes, &file->len, err);
}

static int add_files(const struct place *place, int dir,
		     struct garita_error *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = garita_directory_names(dir, &names, &count);

	if (rc < 0)
		return garita_fail(err, -rc, "%s: %s", place->path,
				   strerror(-rc));
	for (size_t i = 0; rc == 0 && i < count; i++)
		if (place->wants(names[i]))
			rc = add_file(place, dir, names[i], err);
	garita_free_strings(names, count);
	return rc;
}

/* "ca:name" is <store>/x509/ca/name, and that no symbolic link. */
static int add_store(const struct garita_notation_files *from,
		     const char *store, struct garita_requirement *into,
		     struct garita_error *err)
{
	const char *colon = strchr(store, ':');
	auto_text above = { 0 }, path = { 0 }, label = { 0 };
	struct place place = { .from = from,
			       .into = into,
			       .wants = garita_notation_is_certificate };
	auto_fd int dir = -1, inner = -1;

	garita_text_printf(&above, "%s/x509/%.*s", from->trust_store,
			   (int)(colon - store), store);
	garita_text_printf(&path, "%s/%s", above.data, colon + 1);
	garita_text_printf(&label, "%s/", store);
	place.path = path.data;
	place.label = label.data;
	dir = open_directory(from, above.data, err);
	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	inner = openat(dir, colon + 1,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0 && errno == ENOENT)
		return 0;
	if (inner < 0)
		return garita_fail(err, errno, "%s: %s", path.data,
				   errno == ENOTDIR || errno == ELOOP
					   ? "not a directory, or a symbolic "
					     "link to one"
					   : strerror(errno));
	return add_files(&place, inner, err);
}

static int add_lists(const struct garita_notation_files *from,
		     struct garita_requirement *into, struct garita_error *err)
{
	const struct place place = { .from = from,
				     .into = into,
				     .path = from->crls,
				     .label = "crl:",
				     .wants = garita_notation_is_list };
	auto_fd int dir = open_directory(from, from->crls, err);

	return dir < 0 ? dir : add_files(&place, dir, err);
}

int garita_notation_gather(const struct garita_notation_files *from,
			   const char *reference,
			   struct garita_requirements *ret,
			   struct garita_error *err)
{
	struct garita_requirement *into = garita_requirements_add(ret);
	auto_free char *text = NULL;
	size_t len;
	int rc = read_file(from, from->trust_policy, TRUST_POLICY_MAX, &text,
			   &len, err);

	if (rc < 0)
		return rc;
	if (garita_notation_policy(text, len, reference, into, err) < 0)
		return garita_fail_in(err, from->trust_policy);
	if (into->kind != GARITA_REQUIRE_NOTATION)
		return 0;
	for (size_t i = 0; rc == 0 && i < into->notation->store_count; i++)
		rc = add_store(from, into->notation->stores[i], into, err);
	if (rc == 0 && from->crls != NULL &&
	    into->notation->actions[GARITA_NOTATION_REVOCATION] !=
		    GARITA_NOTATION_SKIP)
		rc = add_lists(from, into, err);
	return rc;
}
