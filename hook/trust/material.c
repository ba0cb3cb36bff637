/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * material - what was imported about an image, by its digests.
 *
 * A directory for each digest, filled by `garita image import`; every regular
 * file in it is a piece of material, in the order of the names, so that the
 * same material is the same question. Bytes of strangers, but in files that
 * only root can have put there: who can write here could keep a good
 * signature from being found.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/reference.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/state.h"
#include "hook/trust/gather.h"

static const char directory[] = "material/sha256";

static int check_file(const struct stat *st, struct garita_error *err)
{
	if (!garita_owner_known(st->st_uid))
		return garita_fail(err, EPERM,
				   "belongs to uid %u, neither root nor us",
				   st->st_uid);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return garita_fail(err, EPERM,
				   "can be changed by others (mode %04o)",
				   st->st_mode & 07777);
	return 0;
}

/* Directories, links and the like hold no material. */
static int add_file(int dir, const char *name, struct garita_blobs *ret,
		    struct garita_error *err)
{
	auto_fd int fd = openat(dir, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_free char *bytes = NULL;
	struct stat st;
	size_t len;
	int rc;

	if (fd < 0 && errno == ELOOP)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return garita_fail(err, errno, "cannot open: %s",
				   strerror(errno));
	if (!S_ISREG(st.st_mode))
		return 0;
	rc = check_file(&st, err);
	if (rc == 0)
		rc = garita_file_read(fd, GARITA_BLOB_MAX, &bytes, &len, err);
	/* Imported for a manifest and for its index, say. */
	if (rc == 0 && garita_blobs_have(ret, bytes, len))
		return 0;
	if (rc == 0 && garita_blobs_take(ret, name, &bytes, len) < 0)
		rc = garita_fail(err, E2BIG, "too much material");
	return rc;
}

static int add_directory(int dir, struct garita_blobs *ret,
			 struct garita_error *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = garita_directory_names(dir, &names, &count);

	if (rc < 0)
		return garita_fail(err, -rc, "cannot read it: %s",
				   strerror(-rc));
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = add_file(dir, names[i], ret, err);
		if (rc < 0)
			garita_fail_in(err, names[i]);
	}
	garita_free_strings(names, count);
	return rc;
}

/* Below a directory that was checked with all above it; what is below is
 * checked here. */
static int add_digest(int all, const char *digest, struct garita_blobs *ret,
		      struct garita_error *err)
{
	auto_fd int dir = -1;
	struct stat st;
	int rc;

	if (!garita_digest_well_formed(digest))
		return 0;
	digest += strlen("sha256:");
	dir = openat(all, digest,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0;
	if (dir < 0 || fstat(dir, &st) < 0)
		rc = garita_fail(err, errno, "cannot open: %s",
				 strerror(errno));
	else
		rc = check_file(&st, err);
	if (rc == 0)
		rc = add_directory(dir, ret, err);
	if (rc < 0)
		garita_fail_in(err, digest);
	return rc;
}

static int add_all(int all, const struct garita_image *image,
		   struct garita_blobs *ret, struct garita_error *err)
{
	const char *const own[] = { image->manifest, image->index,
				    image->config };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < GARITA_COUNT(own); i++)
		rc = add_digest(all, own[i], ret, err);
	for (size_t i = 0; rc == 0 && i < image->repo_digest_count; i++) {
		struct garita_reference pulled;

		if (garita_reference_parse(image->repo_digests[i], &pulled,
					   NULL) == 0 &&
		    strcmp(pulled.digest, image->manifest) != 0 &&
		    strcmp(pulled.digest, image->index) != 0)
			rc = add_digest(all, pulled.digest, ret, err);
	}
	return rc;
}

int garita_gather_material(const char *sysroot,
			   const struct garita_image *image,
			   struct garita_blobs *ret, struct garita_error *err)
{
	auto_fd int all = garita_state_open(sysroot, directory, false, err);
	int rc;

	if (all < 0) /* the reason names it */
		return all == -ENOENT ? 0 : all;
	rc = add_all(all, image, ret, err);
	if (rc < 0)
		garita_fail_in(err, directory);
	return rc;
}
