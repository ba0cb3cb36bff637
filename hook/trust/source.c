/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - see the header. What is small enough and of a known kind goes into
 * the bag; what a layout lacks (another platform's manifest) is left out, as
 * the one who asks will miss it if it matters.
 */
#include "hook/trust/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/image.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/directory.h"
#include "hook/file.h"

enum { MAX_DEPTH = 4 }; /* index in index, as the tools write them: two */

/* Layers that are signatures or statements. */
static const char *const signature_types[] = {
	"application/vnd.dev.cosign.simplesigning.v1+json",
	"application/vnd.dev.sigstore.bundle.v0.3+json",
	"application/vnd.dev.sigstore.bundle+json;version=0.1",
	"application/vnd.dev.sigstore.bundle+json;version=0.2",
	"application/vnd.dev.sigstore.bundle+json;version=0.3",
	"application/vnd.dsse.envelope.v1+json",
	"application/jose+json",
	"application/cose",
};

static int too_much(struct garita_error *err, const char *name)
{
	return garita_fail(err, E2BIG,
			   "%s: more than %d files or %d MiB of material", name,
			   GARITA_BLOBS_MAX, GARITA_BLOBS_BYTES >> 20);
}

/* A file that was named, through whatever links; or one of a directory that
 * others may have made: a link in that may not lead out of it, or an import
 * would keep what they cannot read. */
static int open_file(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = dir == AT_FDCWD
				   ? 0
				   : RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

static int read_file(int dir, const char *name, char **ret, size_t *ret_len,
		     struct garita_error *err)
{
	auto_fd int fd = open_file(dir, name);
	struct stat st;

	if (fd < 0 && errno == EXDEV)
		return garita_fail(err, EXDEV,
				   "%s: a link that leads out of its directory",
				   name);
	if (fd < 0)
		return garita_fail(err, errno, "%s: %s", name, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL, "%s: not a regular file", name);
	if (garita_file_read(fd, GARITA_BLOB_MAX, ret, ret_len, err) < 0)
		return garita_fail_in(err, name);
	return 0;
}

static int add_file(int dir, const char *name, struct garita_blobs *ret,
		    struct garita_error *err)
{
	const char *slash = strrchr(name, '/');
	auto_free char *bytes = NULL;
	size_t len = 0;
	int rc = read_file(dir, name, &bytes, &len, err);

	if (rc < 0)
		return rc;
	if (garita_blobs_add(ret, slash ? slash + 1 : name, bytes, len) < 0)
		return too_much(err, name);
	return 0;
}

/* Every regular file, in the order of their names. */
static int add_directory(int dir, struct garita_blobs *ret,
			 struct garita_error *err)
{
	char **names = NULL;
	size_t count = 0;
	int rc = garita_directory_names(dir, &names, &count);

	if (rc < 0)
		return garita_fail(err, -rc, "%s", strerror(-rc));
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct stat st;

		if (fstatat(dir, names[i], &st, 0) == 0 && S_ISREG(st.st_mode))
			rc = add_file(dir, names[i], ret, err);
	}
	garita_free_strings(names, count);
	return rc;
}

/* ---- OCI image layout ---- */

struct layout {
	int dir;
	struct garita_blobs *bag;
	void (*skipped)(const char *what, const char *why);
	struct garita_error *err;
};

/* The blob under its digest: -ENOENT when the layout lacks it. */
static int add_blob(const struct layout *layout, const char *digest,
		    const char *kind, const struct garita_blob **ret)
{
	char name[sizeof("blobs/sha256/") + 64] = "blobs/sha256/";
	char found[GARITA_DIGEST_SIZE];
	auto_free char *bytes = NULL;
	auto_text words = { 0 };
	size_t len = 0;
	int rc;

	memcpy(name + strlen(name), digest + strlen("sha256:"), 64 + 1);
	rc = read_file(layout->dir, name, &bytes, &len, layout->err);
	if (rc < 0)
		return rc;
	garita_sha256_digest(bytes, len, found);
	if (strcmp(found, digest) != 0)
		return garita_fail(layout->err, EBADMSG,
				   "%s is not what its name says: it is %s",
				   name, found);
	garita_text_printf(&words, "%s %.19s", kind, digest);
	if (garita_blobs_add(layout->bag, words.data, bytes, len) < 0)
		return too_much(layout->err, name);
	*ret = &layout->bag->all[layout->bag->count - 1];
	return 0;
}

static bool is_signature(const struct garita_json *layer)
{
	const char *type =
		garita_json_string(garita_json_get(layer, "mediaType"));

	for (size_t i = 0; type && i < GARITA_COUNT(signature_types); i++)
		if (strcmp(type, signature_types[i]) == 0)
			return true;
	return false;
}

static const char *digest_of(const struct garita_json *descriptor)
{
	const char *digest =
		garita_json_string(garita_json_get(descriptor, "digest"));

	return digest && garita_digest_well_formed(digest) ? digest : NULL;
}

/* By what its manifest says of it; a blob that is larger than that is not what
 * its manifest means. */
static bool is_too_large(const struct garita_json *layer)
{
	uint64_t size;

	return garita_json_u64(garita_json_get(layer, "size"), &size) == 0 &&
	       size > GARITA_BLOB_MAX;
}

/* Whoever made the layout could otherwise keep the rest from coming. */
static void skip(const struct layout *layout, const char *digest)
{
	char why[64];

	snprintf(why, sizeof(why), "larger than %d MiB", GARITA_BLOB_MAX >> 20);
	if (layout->skipped != NULL)
		layout->skipped(digest, why);
}

static int add_layers(const struct layout *layout,
		      const struct garita_json *layers)
{
	int rc = 0;

	for (size_t i = 0; i < garita_json_count(layers) && rc == 0; i++) {
		const struct garita_json *layer = garita_json_item(layers, i);
		const struct garita_blob *blob;

		if (!is_signature(layer) || digest_of(layer) == NULL)
			continue;
		if (is_too_large(layer))
			skip(layout, digest_of(layer));
		else
			rc = add_blob(layout, digest_of(layer), "signature",
				      &blob);
	}
	return rc;
}

bool garita_source_is_signature(const struct garita_blob *manifest)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *layers;

	if (garita_json_parse(manifest->bytes, manifest->len,
			      GARITA_JSON_STRICT, &doc, NULL) < 0)
		return false;
	layers = garita_json_get(garita_json_root(doc), "layers");
	for (size_t i = 0; i < garita_json_count(layers); i++)
		if (is_signature(garita_json_item(layers, i)))
			return true;
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): MAX_DEPTH */
static int add_listed(const struct layout *layout,
		      const struct garita_json *list, unsigned depth)
{
	int rc = 0;

	if (depth > MAX_DEPTH && garita_json_count(list) > 0)
		return garita_fail(layout->err, ELOOP,
				   "indexes in indexes, deeper than %d",
				   MAX_DEPTH);
	for (size_t i = 0; i < garita_json_count(list) && rc == 0; i++) {
		const char *digest = digest_of(garita_json_item(list, i));
		auto_json struct garita_json_doc *doc = NULL;
		const struct garita_blob *blob = NULL;
		const struct garita_json *root;

		if (digest == NULL)
			continue;
		rc = add_blob(layout, digest, "manifest", &blob);
		if (rc == -ENOENT && depth > 0) {
			rc = 0; /* a platform that was not copied */
			continue;
		}
		if (rc < 0 || blob == NULL ||
		    garita_json_parse(blob->bytes, blob->len,
				      GARITA_JSON_STRICT, &doc, NULL) < 0)
			continue;
		root = garita_json_root(doc);
		rc = add_layers(layout, garita_json_get(root, "layers"));
		if (rc == 0)
			rc = add_listed(layout,
					garita_json_get(root, "manifests"),
					depth + 1);
	}
	return rc;
}

static int add_layout(int dir, struct garita_blobs *ret,
		      void (*skipped)(const char *what, const char *why),
		      struct garita_error *err)
{
	const struct layout layout = { dir, ret, skipped, err };
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	size_t len = 0;
	int rc = read_file(dir, "index.json", &text, &len, err);

	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
				       err);
	if (rc < 0)
		return garita_fail_in(err, "index.json");
	return add_listed(&layout,
			  garita_json_get(garita_json_root(doc), "manifests"),
			  0);
}

static int read_from(const char *path, struct garita_blobs *ret,
		     void (*skipped)(const char *what, const char *why),
		     struct garita_error *err)
{
	auto_fd int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 && errno == ENOTDIR)
		return add_file(AT_FDCWD, path, ret, err);
	if (dir < 0)
		return garita_fail(err, errno, "%s", strerror(errno));
	if (faccessat(dir, "oci-layout", F_OK, 0) == 0)
		return add_layout(dir, ret, skipped, err);
	return add_directory(dir, ret, err);
}

int garita_source_read(const char *path, struct garita_blobs *ret,
		       void (*skipped)(const char *what, const char *why),
		       struct garita_error *err)
{
	int rc = read_from(path, ret, skipped, err);

	return rc < 0 ? garita_fail_in(err, path) : 0;
}
