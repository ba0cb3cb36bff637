/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of docker's repositories.json. What the one pass over the quotes
 * accepts is compared with a tree of the same bytes: where the strict parser
 * has one, both must know the same names of the same image.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/json.h"
#include "hook/store/repositories.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "sha256:" and 64 times "a": short enough to be found by mutation when the
 * seeds have it. */
#define HALF "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID   "sha256:" HALF HALF

/* All names of the image, one after the other; the tree has them in the order
 * of the text, as the pass has. */
static void names_of(const struct garita_json *root, struct garita_text *tags,
		     struct garita_text *digests)
{
	const struct garita_json *all = garita_json_get(root, "Repositories");

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const struct garita_json *names = garita_json_item(all, i);
		size_t len = strlen(garita_json_key(all, i));

		for (size_t k = 0; k < garita_json_count(names); k++) {
			const char *name = garita_json_key(names, k);
			const char *id =
				garita_json_string(garita_json_item(names, k));

			if (id == NULL)
				abort(); /* the pass takes strings only */
			if (strcmp(id, ID) != 0)
				continue;
			if (name[len] == ':')
				garita_text_printf(tags, "%s\n", name);
			else if (garita_starts_with(name + len, "@sha256:"))
				garita_text_printf(digests, "%s\n", name);
		}
	}
}

static void add_all(char *const *words, size_t count, struct garita_text *out)
{
	for (size_t i = 0; i < count; i++)
		garita_text_printf(out, "%s\n", words[i]);
}

static bool same(const struct garita_text *a, const struct garita_text *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text tags = { 0 }, digests = { 0 };
	auto_text found_tags = { 0 }, found_digests = { 0 };
	struct garita_error err = { 0 };
	auto_image image = { 0 };
	const char *text = (const char *)data;

	if (garita_repositories_find(text, size, ID, &image, &err) < 0) {
		if (err.text[0] == '\0' || image.name_count != 0 ||
		    image.repo_digest_count != 0)
			abort();
		return 0;
	}
	/* Words that nobody asked for may be no good UTF-8. */
	if (garita_json_parse(text, size, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return 0;
	names_of(garita_json_root(doc), &tags, &digests);
	add_all(image.names, image.name_count, &found_tags);
	add_all(image.repo_digests, image.repo_digest_count, &found_digests);
	if (!same(&tags, &found_tags) || !same(&digests, &found_digests))
		abort();
	return 0;
}
