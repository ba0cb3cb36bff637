/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - see the header.
 */
#include "hook/trust/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/image.h"
#include "garita/json.h"
#include "garita/manifest.h"
#include "garita/reference.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/trust/skopeo.h"
#include "hook/trust/source.h"

enum {
	TAGS_MAX = 4 * 1024 * 1024, /* of the list of a repository's tags */
	LISTED_MAX = 64,            /* manifests of one index or referrers */
	WORDS = 12,                 /* of a command line */
};

/* A registry that never ends its answer. */
#define DEADLINE "--command-timeout=60s"

/* A source being read. */
struct fetch {
	const struct garita_registry *registry;
	struct garita_reference name;
	struct garita_json_doc *tags;
	struct garita_blobs *bag;
	struct garita_error *err;
};

static void tell(const struct fetch *f, const char *what)
{
	if (f->registry->tell != NULL)
		f->registry->tell(what);
}

/* What is too large for us is left where it is: who may push could otherwise
 * keep the rest from coming. */
static int skip(const struct fetch *f, const char *what)
{
	if (f->registry->skipped != NULL)
		f->registry->skipped(what, f->err->text);
	*f->err = (struct garita_error){ 0 };
	return 0;
}

/* "docker://repository" with ":tag" or "@digest". */
static char *address(const struct fetch *f, const char *mark, const char *rest)
{
	struct garita_text text = { 0 };

	garita_text_printf(&text, GARITA_REGISTRY_PREFIX "%s%s%s",
			   f->name.repository, mark, rest);
	return garita_text_take(&text);
}

static int read_raw(const struct fetch *f, const char *from, char **ret,
		    size_t *ret_len)
{
	const char *const argv[] = {
		"skopeo",
		DEADLINE,
		"inspect",
		"--raw",
		f->registry->insecure ? "--tls-verify=false"
				      : "--tls-verify=true",
		from,
		NULL,
	};

	tell(f, from);
	return garita_skopeo_read(f->registry->envp, argv, GARITA_BLOB_MAX, ret,
				  ret_len, f->err);
}

static int read_tags(struct fetch *f)
{
	auto_free char *from = address(f, "", "");
	auto_free char *text = NULL;
	const char *const argv[] = {
		"skopeo",
		DEADLINE,
		"list-tags",
		f->registry->insecure ? "--tls-verify=false" : "--tls-verify=true",
		from,
		NULL,
	};
	size_t len = 0;
	int rc = garita_skopeo_read(f->registry->envp, argv, TAGS_MAX, &text,
				    &len, f->err);

	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &f->tags,
				       f->err);
	return rc;
}

static bool has_tag(const struct fetch *f, const char *tag)
{
	const struct garita_json *list =
		garita_json_get(garita_json_root(f->tags), "Tags");

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *one = garita_json_string(garita_json_item(list, i));

		if (one != NULL && strcmp(one, tag) == 0)
			return true;
	}
	return false;
}

/* ---- what hangs on a digest ---- */

/* A copy into a layout that is read and removed again. No policy of the
 * engines says whether this may be read: nothing is run from it. */
static int copy_artifact(const struct fetch *f, const char *from)
{
	struct garita_skopeo_place place;
	auto_text to = { 0 };
	const char *argv[WORDS] = { "skopeo", "--insecure-policy", DEADLINE,
				    "copy",   "--quiet",           NULL };
	auto_fd int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	size_t n = 5;
	int rc;

	if (nowhere < 0)
		return garita_fail(f->err, errno, "/dev/null: %s",
				   strerror(errno));
	rc = garita_skopeo_place(&place, f->err);
	if (rc < 0)
		return rc;
	garita_text_printf(&to, "oci:%s:x", place.path);
	if (f->registry->insecure)
		argv[n++] = "--src-tls-verify=false";
	argv[n++] = "--preserve-digests";
	argv[n++] = from;
	argv[n] = to.data;
	rc = garita_skopeo(f->registry->envp, argv, nowhere, f->err);
	if (rc == 0)
		rc = garita_source_read(place.path, f->bag, NULL, f->err);
	garita_skopeo_leave(&place);
	return rc;
}

static uint64_t size_of(const struct garita_json *descriptor)
{
	uint64_t size;

	return garita_json_u64(garita_json_get(descriptor, "size"), &size) == 0
		       ? size
		       : UINT64_MAX;
}

/* Whoever may push could hang a disk's worth of layers on an image. */
static int check_sizes(const struct fetch *f, const char *from,
		       const char *text, size_t len)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *layers;
	uint64_t total;
	size_t count;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, f->err);

	if (rc < 0)
		return rc;
	layers = garita_json_get(garita_json_root(doc), "layers");
	total = size_of(garita_json_get(garita_json_root(doc), "config"));
	count = garita_json_count(layers);
	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(total,
					   size_of(garita_json_item(layers, i)),
					   &total))
			total = UINT64_MAX;
	if (count > GARITA_BLOBS_MAX || total > GARITA_BLOBS_BYTES)
		return garita_fail(f->err, E2BIG,
				   "%s has more than %d signatures or %d MiB",
				   from, GARITA_BLOBS_MAX,
				   GARITA_BLOBS_BYTES >> 20);
	return 0;
}

/* What hangs there and is a signature or a statement. A list of contents, say,
 * is left where it is. */
static int fetch_artifact(const struct fetch *f, const char *from)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_free char *bytes = NULL, *exact = NULL;
	struct garita_blob manifest = { 0 };
	int rc = read_raw(f, from, &bytes, &manifest.len);

	if (rc < 0)
		return rc;
	manifest.bytes = bytes;
	if (!garita_source_is_signature(&manifest))
		return 0;
	rc = check_sizes(f, from, bytes, manifest.len);
	if (rc < 0)
		return rc;
	/* What was looked at, wherever the tag points by now. */
	garita_sha256_digest(bytes, manifest.len, digest);
	exact = address(f, "@", digest);
	return copy_artifact(f, exact);
}

static int read_artifact(const struct fetch *f, const char *from)
{
	int rc = fetch_artifact(f, from);

	return rc == -E2BIG ? skip(f, from) : rc;
}

/* Each manifest of a list of referrers: what it is its manifest says, never
 * the entry of the list. */
static int read_referrers(const struct fetch *f, const char *tag)
{
	auto_free char *from = address(f, ":", tag);
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;
	auto_free char *text = NULL;
	size_t len = 0, count;
	int rc = read_raw(f, from, &text, &len);

	if (rc == -E2BIG)
		return skip(f, from);
	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
				       f->err);
	if (rc < 0)
		return rc;
	list = garita_json_get(garita_json_root(doc), "manifests");
	count = garita_json_count(list);
	if (count > LISTED_MAX) {
		garita_fail(f->err, E2BIG, "lists more than %d", LISTED_MAX);
		skip(f, tag);
		count = LISTED_MAX;
	}
	for (size_t i = 0; i < count && rc == 0; i++) {
		const char *digest = garita_json_string(
			garita_json_get(garita_json_item(list, i), "digest"));
		auto_free char *one = NULL;

		if (digest == NULL || !garita_digest_well_formed(digest))
			continue;
		one = address(f, "@", digest);
		rc = read_artifact(f, one);
	}
	return rc;
}

static int read_signatures(const struct fetch *f, const char *digest)
{
	static const char ends[][5] = { ".sig", ".att", "" };
	int rc = 0;

	for (size_t i = 0; i < GARITA_COUNT(ends) && rc == 0; i++) {
		auto_text tag = { 0 };
		auto_free char *from = NULL;

		garita_text_printf(&tag, "sha256-%s%s",
				   digest + strlen("sha256:"), ends[i]);
		if (!has_tag(f, tag.data))
			continue;
		from = address(f, ":", tag.data);
		rc = *ends[i] ? read_artifact(f, from)
			      : read_referrers(f, tag.data);
	}
	return rc;
}

/* A manifest or an index by its address, and all that hangs on it. `wanted` is
 * its digest, or "" where a tag is asked for. */
static int read_one(const struct fetch *f, const char *from, const char *wanted,
		    char **ret, size_t *ret_len)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_text name = { 0 };
	int rc = read_raw(f, from, ret, ret_len);

	if (rc < 0)
		return rc;
	garita_sha256_digest(*ret, *ret_len, digest);
	if (*wanted != '\0' && strcmp(digest, wanted) != 0)
		return garita_fail(f->err, EBADMSG, "%s is %s", from, digest);
	garita_text_printf(&name, "manifest %.19s", digest);
	if (garita_blobs_add(f->bag, name.data, *ret, *ret_len) < 0)
		return garita_fail(f->err, E2BIG, "too much material");
	return read_signatures(f, digest);
}

static int read_listed(const struct fetch *f, const char *text, size_t len)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, f->err);

	if (rc < 0)
		return rc;
	list = garita_json_get(garita_json_root(doc), "manifests");
	if (garita_json_count(list) > LISTED_MAX)
		return garita_fail(f->err, E2BIG,
				   "the index lists more than %d manifests",
				   LISTED_MAX);
	for (size_t i = 0; i < garita_json_count(list) && rc == 0; i++) {
		const char *digest = garita_json_string(
			garita_json_get(garita_json_item(list, i), "digest"));
		auto_free char *from = NULL, *one = NULL;
		size_t one_len = 0;

		if (digest == NULL || !garita_digest_well_formed(digest))
			continue;
		from = address(f, "@", digest);
		rc = read_one(f, from, digest, &one, &one_len);
	}
	return rc;
}

static int read_all(struct fetch *f)
{
	bool by_digest = *f->name.digest != '\0';
	auto_free char *from =
		address(f, by_digest ? "@" : ":",
			by_digest ? f->name.digest : f->name.tag);
	auto_free char *text = NULL;
	size_t len = 0;
	int rc = read_tags(f);

	if (rc == 0)
		rc = read_one(f, from, f->name.digest, &text, &len);
	if (rc == 0 && garita_manifest_is_index(text, len))
		rc = read_listed(f, text, len);
	garita_json_free(f->tags);
	return rc;
}

int garita_registry_read(const char *source,
			 const struct garita_registry *registry,
			 struct garita_blobs *ret, struct garita_error *err)
{
	struct fetch f = { .registry = registry, .bag = ret, .err = err };
	int rc = garita_reference_pulled(
		source + strlen(GARITA_REGISTRY_PREFIX), &f.name, err);

	if (rc == 0)
		rc = read_all(&f);
	return rc < 0 ? garita_fail_in(err, source) : 0;
}
