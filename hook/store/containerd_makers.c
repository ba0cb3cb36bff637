/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_makers - the records that those who make containers keep of them:
 * the CRI service in containerd's database, dockerd in its own directory.
 *
 * A name can be given to another image, so who knows the digest that a
 * container was made from is asked for that. Both records are JSON with what
 * users say in them, which is why only whole members at their places count.
 */
#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

enum { ANY_TYPE = 0x0a, ANY_VALUE = 0x12 }; /* fields 1 and 2, both bytes */

/* One field of a protobuf message: its tag, and bytes. Advances *at. */
static bool take_field(const unsigned char **at, const unsigned char *end,
		       unsigned *ret_tag, const char **ret, size_t *ret_len)
{
	size_t len = 0;
	unsigned shift = 0;
	unsigned char byte;

	if (*at == end)
		return false;
	*ret_tag = *(*at)++;
	do {
		if (*at == end || shift > 28)
			return false;
		byte = *(*at)++;
		len |= (size_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte >= 0x80);
	if (len > (size_t)(end - *at))
		return false;
	*ret = (const char *)*at;
	*ret_len = len;
	*at += len;
	return true;
}

static bool is_metadata(const char *type, size_t len)
{
	static const char tail[] = "/store/container/Metadata";
	const size_t tail_len = sizeof(tail) - 1;

	return len >= tail_len &&
	       memcmp(type + len - tail_len, tail, tail_len) == 0;
}

static int take_metadata(const struct garita_json *root,
			 struct garita_ctd_record *ret,
			 struct garita_error *err)
{
	const struct garita_json *metadata = garita_json_get(root, "Metadata");
	const struct garita_json *image =
		garita_json_get(garita_json_get(metadata, "Config"), "image");
	const char *config =
		garita_json_string(garita_json_get(metadata, "ImageRef"));
	const char *typed = garita_json_string(
		garita_json_get(image, "user_specified_image"));

	if (config == NULL || !garita_digest_well_formed(config))
		return garita_fail(err, EINVAL,
				   "its ImageRef is no sha256 digest");
	/* Kubelets tell the name since 1.27; before, and from crictl, it may
	 * be the image that they ask for. */
	if (typed == NULL || *typed == '\0')
		typed = garita_json_string(garita_json_get(image, "image"));
	ret->config = garita_xstrdup(config);
	if (typed != NULL && *typed != '\0' &&
	    !garita_digest_well_formed(typed))
		ret->typed = garita_xstrdup(typed);
	return 0;
}

int garita_ctd_read_cri(const char *bytes, size_t len,
			struct garita_ctd_record *ret, struct garita_error *err)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + len;
	auto_json struct garita_json_doc *doc = NULL;
	const char *type, *value;
	size_t type_len, value_len;
	unsigned tag;
	int failed;

	/* Exactly these two: a second value would win for another reader. */
	if (!take_field(&at, end, &tag, &type, &type_len) || tag != ANY_TYPE ||
	    !is_metadata(type, type_len) ||
	    !take_field(&at, end, &tag, &value, &value_len) ||
	    tag != ANY_VALUE || at != end)
		return garita_fail(err, EINVAL, "is not one");
	failed = garita_json_parse(value, value_len, GARITA_JSON_STRICT, &doc,
				   err);
	return failed < 0 ? failed
			  : take_metadata(garita_json_root(doc), ret, err);
}

static int take_docker(const struct garita_json *root, const char *id,
		       struct garita_ctd_docker *ret, struct garita_error *err)
{
	const char *own = garita_json_string(garita_json_get(root, "ID"));
	const char *target = garita_json_string(garita_json_get(root, "Image"));
	const char *typed = garita_json_string(
		garita_json_get(garita_json_get(root, "Config"), "Image"));
	const struct garita_json *image =
		garita_json_get(root, "ImageManifest");
	const char *manifest =
		garita_json_string(garita_json_get(image, "digest"));

	if (own == NULL || strcmp(own, id) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: it is of another container");
	if (target == NULL || !garita_digest_well_formed(target))
		return garita_fail(err, EINVAL, "its Image is no digest");
	if (garita_json_count(image) > 0 &&
	    (manifest == NULL || !garita_digest_well_formed(manifest)))
		return garita_fail(err, EINVAL,
				   "its ImageManifest has no digest");
	memcpy(ret->target, target, sizeof(ret->target));
	if (manifest != NULL)
		memcpy(ret->manifest, manifest, sizeof(ret->manifest));
	if (typed != NULL && *typed != '\0')
		ret->typed = garita_xstrdup(typed);
	return 0;
}

int garita_ctd_read_docker(int data, const char *id,
			   struct garita_ctd_docker *ret,
			   struct garita_error *err)
{
	auto_fd int all = garita_tree_dir(data, "containers", err);
	auto_fd int dir = all < 0 ? all : garita_tree_dir(all, id, err);
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	size_t len = 0;
	int failed = dir;

	if (dir >= 0)
		failed = garita_tree_read(dir, "config.v2.json",
					  GARITA_JSON_MAX_BYTES, &text, &len,
					  err);
	if (failed < 0)
		return failed;
	failed = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	if (failed == 0)
		failed = take_docker(garita_json_root(doc), id, ret, err);
	if (failed < 0)
		garita_fail_in(err, "config.v2.json");
	return failed;
}
