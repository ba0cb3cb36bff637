/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a blob of an image: an index is no manifest, a digest that is
 * told stands in the text, and what was read is read again out of the same
 * document printed by us.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/manifest.h"
#include "garita/memory.h"
#include "garita/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What a text is read as. */
struct blob {
	bool is_index, is_manifest, is_config;
	char config[GARITA_DIGEST_SIZE];
	struct garita_diff_ids layers;
};

static void blob_read(const char *text, size_t len, struct blob *ret)
{
	struct garita_error err = { 0 };

	*ret = (struct blob){ 0 };
	ret->is_index = garita_manifest_is_index(text, len);
	ret->is_manifest =
		garita_manifest_config(text, len, ret->config, &err) == 0;
	must(ret->is_manifest || err.text[0] != '\0');
	err = (struct garita_error){ 0 };
	ret->is_config =
		garita_manifest_diff_ids(text, len, &ret->layers, &err) == 0;
	must(ret->is_config || err.text[0] != '\0');
}

static void blob_free(struct blob *blob)
{
	free(blob->layers.ids);
}

static void check(const struct blob *blob, const char *text, size_t len)
{
	must(!blob->is_index || !blob->is_manifest);
	if (blob->is_manifest)
		must(garita_digest_well_formed(blob->config));
	must(blob->layers.count <= GARITA_LAYERS_MAX);
	for (size_t i = 0; i < blob->layers.count; i++)
		must(garita_digest_well_formed(blob->layers.ids[i]));
	/* What is no index lists nothing, also not what stands in it. */
	if (!blob->is_index && blob->is_manifest)
		must(!garita_manifest_index_has(text, len, blob->config));
}

static void check_same(const struct blob *one, const struct blob *other)
{
	/* A word behind escapes is not looked for: printed, it is plain. */
	must(one->is_index == other->is_index || !one->is_index);
	must(one->is_manifest == other->is_manifest);
	must(one->is_config == other->is_config);
	must(strcmp(one->config, other->config) == 0);
	must(one->layers.count == other->layers.count);
	for (size_t i = 0; i < one->layers.count; i++)
		must(strcmp(one->layers.ids[i], other->layers.ids[i]) == 0);
}

/* Each that an index lists, and one that it does not. */
static void check_list(const struct garita_json *root, const char *text,
		       size_t len)
{
	static const char none[] = "sha256:00000000000000000000000000000000"
				   "00000000000000000000000000000000";
	const struct garita_json *list = garita_json_get(root, "manifests");
	bool has_none = false;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *digest = garita_json_string(
			garita_json_get(garita_json_item(list, i), "digest"));

		if (digest == NULL || !garita_digest_well_formed(digest))
			continue;
		if (i < 16)
			must(garita_manifest_index_has(text, len, digest));
		has_none |= strcmp(digest, none) == 0;
	}
	must(garita_manifest_index_has(text, len, none) == has_none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	auto_json struct garita_json_doc *doc = NULL;
	auto_text printed = { 0 };
	struct blob blob, again;

	blob_read(text, size, &blob);
	check(&blob, text, size);
	if (garita_json_parse(text, size, GARITA_JSON_STRICT, &doc, NULL) < 0) {
		must(!blob.is_index && !blob.is_manifest && !blob.is_config);
		return 0;
	}
	garita_json_print(garita_json_root(doc), &printed);
	blob_read(printed.data, printed.len, &again);
	check(&again, printed.data, printed.len);
	check_same(&blob, &again);
	if (blob.is_index)
		check_list(garita_json_root(doc), text, size);
	blob_free(&blob);
	blob_free(&again);
	return 0;
}
