/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * forget - takes back an import: the directory of a digest, and those that got
 * the same material because the gate may know the image by them only.
 *
 * A signature that stayed under the digest of a config would still be found at
 * the next start. So a manifest takes its config with it and an index the
 * manifests that it lists; what else was imported for one of those goes too,
 * which refuses and never admits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/manifest.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/state.h"
#include "hook/trust/import.h"

enum { MAX_DEPTH = 3 }; /* index, manifest, config; one more for a nested one */

/* The manifest or index itself, when it was kept and is what its name says. */
static char *read_own(int dir, const char *kind, const char *digest,
		      size_t *ret_len)
{
	char name[GARITA_IMPORT_NAME_SIZE], found[GARITA_DIGEST_SIZE];
	auto_fd int fd = -1;
	char *bytes = NULL;

	garita_import_name(kind, digest, name);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 ||
	    garita_file_read(fd, GARITA_BLOB_MAX, &bytes, ret_len, NULL) < 0)
		return NULL;
	garita_sha256_digest(bytes, *ret_len, found);
	if (strcmp(found, digest) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static int remove_directory(int above, int dir, const char *digest,
			    struct garita_error *err)
{
	auto_directory *list = garita_directory_list(dir);
	const char *name = NULL;

	if (list == NULL)
		return garita_fail(err, errno, "%s: %s", digest,
				   strerror(errno));
	while (garita_directory_next(list, &name) == 0 && name != NULL)
		unlinkat(dir, name, 0);
	if (unlinkat(above, digest + strlen("sha256:"), AT_REMOVEDIR) < 0)
		return garita_fail(err, errno,
				   "cannot remove what is kept for %s: %s",
				   digest, strerror(errno));
	return 0;
}

static int forget(int above, const char *digest, unsigned depth,
		  struct garita_error *err);

/* What is not there was not imported, or is forgotten already. */
/* NOLINTNEXTLINE(misc-no-recursion): MAX_DEPTH */
static int forget_kin(int above, const char *digest, unsigned depth,
		      struct garita_error *err)
{
	int rc = depth < MAX_DEPTH ? forget(above, digest, depth + 1, err) : 0;

	return rc == -ENOENT ? 0 : rc;
}

/* NOLINTNEXTLINE(misc-no-recursion): MAX_DEPTH */
static int forget_listed(int above, const char *text, size_t len,
			 unsigned depth, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	if (rc < 0)
		return rc;
	list = garita_json_get(garita_json_root(doc), "manifests");
	for (size_t i = 0; i < garita_json_count(list) && rc == 0; i++) {
		const char *one = garita_json_string(
			garita_json_get(garita_json_item(list, i), "digest"));

		if (one != NULL && garita_digest_well_formed(one))
			rc = forget_kin(above, one, depth, err);
	}
	return rc;
}

/* The kin first: who is interrupted can say the same digest again. */
/* NOLINTNEXTLINE(misc-no-recursion): MAX_DEPTH */
static int forget(int above, const char *digest, unsigned depth,
		  struct garita_error *err)
{
	auto_fd int dir =
		openat(above, digest + strlen("sha256:"),
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_free char *manifest = NULL, *index = NULL;
	char config[GARITA_DIGEST_SIZE];
	size_t manifest_len = 0, index_len = 0;
	int rc = 0;

	if (dir < 0)
		return garita_fail(err, errno, "%s: %s", digest,
				   strerror(errno));
	manifest = read_own(dir, GARITA_IMPORT_MANIFEST, digest, &manifest_len);
	index = read_own(dir, GARITA_IMPORT_INDEX, digest, &index_len);
	if (manifest != NULL &&
	    garita_manifest_config(manifest, manifest_len, config, NULL) == 0)
		rc = forget_kin(above, config, depth, err);
	if (rc == 0 && index != NULL)
		rc = forget_listed(above, index, index_len, depth, err);
	return rc < 0 ? rc : remove_directory(above, dir, digest, err);
}

int garita_import_forget(const char *sysroot, const char *digest,
			 struct garita_error *err)
{
	auto_fd int above =
		garita_state_open(sysroot, "material/sha256", false, err);

	return above < 0 ? above : forget(above, digest, 0, err);
}
