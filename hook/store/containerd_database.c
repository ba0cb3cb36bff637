/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_database - one of containerd's two databases, read while
 * containerd goes on writing to it.
 *
 * Everything is looked up by its key and copied, in one state of the database.
 * When a newer state has appeared meanwhile, what was read is forgotten and
 * read again; after a few times that is "cannot tell".
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

enum { TRIES = 8, TEXT_MAX = 4096 };

static int read_file(const void *source, uint64_t offset, void *into,
		     size_t len)
{
	const int *fd = source;
	char *to = into;

	while (len > 0) {
		ssize_t n = offset > INT64_MAX
				    ? 0
				    : pread(*fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		to += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* Reads one state of the database; is it the newest still? */
static int read_state(const int *fd, garita_ctd_read_fn *read, void *data,
		      bool *ret_current, struct garita_error *err)
{
	struct garita_bolt bolt = { 0 };
	int failed = garita_bolt_open(read_file, fd, &bolt, err);

	*ret_current = true;
	if (failed < 0)
		return failed;
	failed = read(&bolt, data, err);
	*ret_current = garita_bolt_is_current(&bolt);
	garita_bolt_close(&bolt);
	return failed;
}

int garita_ctd_database(int root, const char *path, garita_ctd_read_fn *read,
			void *data, struct garita_error *err)
{
	const char *name = strrchr(path, '/') + 1;
	auto_fd int fd = garita_tree_file(root, path, err);

	if (fd < 0)
		return fd;
	for (int tries = 0; tries < TRIES; tries++) {
		bool current;
		int failed = read_state(&fd, read, data, &current, err);

		if (!current)
			continue;
		if (failed < 0)
			garita_fail_in(err, name);
		return failed;
	}
	return garita_fail(err, EAGAIN, "%s changes faster than it can be read",
			   name);
}

int garita_ctd_enter(struct garita_bolt *bolt, const char *const *path,
		     struct garita_bolt_bucket *ret, struct garita_error *err)
{
	struct garita_bolt_bucket bucket = bolt->root;

	for (; *path != NULL; path++) {
		int failed =
			garita_bolt_bucket(bolt, &bucket, *path, &bucket, err);

		if (failed < 0)
			return failed;
	}
	*ret = bucket;
	return 0;
}

int garita_ctd_text(struct garita_bolt *bolt,
		    const struct garita_bolt_bucket *in, const char *key,
		    char **ret, struct garita_error *err)
{
	struct garita_bolt_bytes value = { 0 };
	int failed = garita_bolt_value(bolt, in, key, &value, err);

	if (failed < 0 && failed != -ENOENT)
		return failed;
	if (value.len > TEXT_MAX ||
	    (value.len > 0 && memchr(value.data, '\0', value.len) != NULL)) {
		garita_fail(err, EINVAL, "%s is no text", key);
		return -EINVAL;
	}
	free(*ret);
	*ret = garita_xstrndup(value.len == 0 ? "" : value.data, value.len);
	return 0;
}

void garita_ctd_target(struct garita_bolt *bolt,
		       const struct garita_bolt_bucket *image,
		       char ret[GARITA_DIGEST_SIZE])
{
	struct garita_bolt_bucket target;
	auto_free char *digest = NULL;

	ret[0] = '\0';
	if (garita_bolt_bucket(bolt, image, "target", &target, NULL) == 0 &&
	    garita_ctd_text(bolt, &target, "digest", &digest, NULL) == 0 &&
	    garita_digest_well_formed(digest))
		memcpy(ret, digest, GARITA_DIGEST_SIZE);
}
