/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import_plan - which piece of material belongs under which digest.
 *
 * The digests at hand are those of the image manifests and indexes in the
 * source. A manifest's directory gets the manifest, the indexes that list it,
 * and what may be about any of these; the same under the digest of its config,
 * which is all that docker knows of an image; an index's directory gets what
 * may be about the index.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/json.h"
#include "garita/manifest.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/trust/import.h"
#include "hook/trust/source.h"

enum kind {
	KIND_MANIFEST,
	KIND_INDEX,
	KIND_NO_USE, /* here: an image's config, or what else hangs on one */
	KIND_OTHER,  /* a signature, a statement, a payload */
};

/* A blob of the bag and what was found out about it. */
struct piece {
	const struct garita_blob *blob;
	enum kind kind;
	char digest[GARITA_DIGEST_SIZE];
	char config[GARITA_DIGEST_SIZE]; /* of a manifest */
	bool names_one;                  /* of the digests at hand */
};

/* `names` has a row for each piece: which of the others it names. Made once:
 * to look again for every file of the plan would let a crafted source keep us
 * for hours. */
struct pieces {
	struct piece *all;
	size_t count;
	bool *names;
};

static bool is_config(const struct garita_blob *blob)
{
	struct garita_diff_ids found = { 0 };

	if (garita_manifest_diff_ids(blob->bytes, blob->len, &found, NULL) < 0)
		return false;
	free(found.ids);
	return found.count > 0;
}

/* A list of contents, say, that is no statement anybody signed. */
static bool hangs_on_another(const struct garita_blob *manifest)
{
	auto_json struct garita_json_doc *doc = NULL;

	return garita_json_parse(manifest->bytes, manifest->len,
				 GARITA_JSON_STRICT, &doc, NULL) == 0 &&
	       garita_json_get(garita_json_root(doc), "subject") != NULL;
}

static struct piece look_at(const struct garita_blob *blob)
{
	struct piece piece = { .blob = blob, .kind = KIND_OTHER };

	garita_sha256_digest(blob->bytes, blob->len, piece.digest);
	if (garita_manifest_is_index(blob->bytes, blob->len))
		piece.kind = KIND_INDEX;
	else if (garita_manifest_config(blob->bytes, blob->len, piece.config,
					NULL) == 0 &&
		 !garita_source_is_signature(blob))
		piece.kind =
			hangs_on_another(blob) ? KIND_NO_USE : KIND_MANIFEST;
	else if (is_config(blob))
		piece.kind = KIND_NO_USE;
	return piece;
}

static bool is_subject(const struct piece *piece)
{
	return piece->kind == KIND_MANIFEST || piece->kind == KIND_INDEX;
}

static bool has(const struct piece *piece, const char *text, size_t len)
{
	return memmem(piece->blob->bytes, piece->blob->len, text, len) != NULL;
}

/* In the text itself, or in an envelope's base64 of it: there the hex digits
 * begin at one of three places of a group, and those of the groups' characters
 * that depend on nothing else are looked for. (A digit is no bits of "+" or
 * "/", so the alphabet does not matter.) */
static bool mentions(const struct piece *piece, const char *digest)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *hex = digest + strlen("sha256:");

	if (has(piece, digest, strlen(digest)))
		return true;
	for (size_t skip = 0; skip < 3; skip++) {
		char text[4 * 21];
		size_t len = 0;

		for (size_t i = skip; i + 3 <= 64; i += 3) {
			unsigned bits = (unsigned)(unsigned char)hex[i] << 16 |
					(unsigned)(unsigned char)hex[i + 1]
						<< 8 |
					(unsigned char)hex[i + 2];

			for (unsigned shift = 24; shift > 0; shift -= 6)
				text[len++] =
					alphabet[bits >> (shift - 6) & 63];
		}
		if (has(piece, text, len))
			return true;
	}
	return false;
}

static bool *place(const struct pieces *all, const struct piece *one,
		   const struct piece *other)
{
	size_t row = (size_t)(one - all->all);

	return &all->names[row * all->count + (size_t)(other - all->all)];
}

static bool names(const struct pieces *all, const struct piece *one,
		  const struct piece *other)
{
	return *place(all, one, other);
}

/* An index names what it lists. */
static void read_list(const struct pieces *all, const struct piece *index)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;

	if (garita_json_parse(index->blob->bytes, index->blob->len,
			      GARITA_JSON_STRICT, &doc, NULL) < 0)
		return;
	list = garita_json_get(garita_json_root(doc), "manifests");
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *digest = garita_json_string(
			garita_json_get(garita_json_item(list, i), "digest"));

		for (size_t s = 0; digest != NULL && s < all->count; s++)
			if (is_subject(&all->all[s]) &&
			    strcmp(all->all[s].digest, digest) == 0)
				*place(all, index, &all->all[s]) = true;
	}
}

/* Anything else may name a digest anywhere in its text. */
static void read_names(const struct pieces *all, const char *given)
{
	for (size_t i = 0; i < all->count; i++) {
		struct piece *piece = &all->all[i];

		if (piece->kind == KIND_INDEX)
			read_list(all, piece);
		if (piece->kind != KIND_OTHER)
			continue;
		piece->names_one = given != NULL && mentions(piece, given);
		for (size_t s = 0; s < all->count; s++) {
			const struct piece *subject = &all->all[s];

			if (!is_subject(subject) ||
			    !mentions(piece, subject->digest))
				continue;
			*place(all, piece, subject) = true;
			piece->names_one = true;
		}
	}
}

/* May `piece`, no manifest and no index, be about `subject`? */
static bool may_be_about(const struct piece *piece, const struct piece *subject,
			 const struct pieces *all)
{
	if (names(all, piece, subject))
		return true;
	for (size_t i = 0; i < all->count && subject->kind == KIND_MANIFEST;
	     i++)
		if (all->all[i].kind == KIND_INDEX &&
		    names(all, &all->all[i], subject) &&
		    names(all, piece, &all->all[i]))
			return true;
	return !piece->names_one;
}

static const char *kind_word(enum kind kind)
{
	switch (kind) {
	case KIND_MANIFEST:
		return GARITA_IMPORT_MANIFEST;
	case KIND_INDEX:
		return GARITA_IMPORT_INDEX;
	case KIND_NO_USE:
	case KIND_OTHER:
		break;
	}
	return "material";
}

static void add(struct garita_import_plan *plan, const char *digest,
		const struct piece *piece)
{
	struct garita_import_file *file;

	plan->all =
		garita_xresize(plan->all, plan->count + 1, sizeof(*plan->all));
	file = &plan->all[plan->count++];
	*file = (struct garita_import_file){ .blob = piece->blob };
	memcpy(file->digest, digest, sizeof(file->digest));
	garita_import_name(kind_word(piece->kind), piece->digest, file->name);
}

static bool belongs(const struct piece *piece, const struct piece *subject,
		    const struct pieces *all)
{
	switch (piece->kind) {
	case KIND_MANIFEST:
		return piece == subject;
	case KIND_INDEX:
		return piece == subject || names(all, piece, subject);
	case KIND_NO_USE:
		return false;
	case KIND_OTHER:
		break;
	}
	return may_be_about(piece, subject, all);
}

static void plan_subject(const struct piece *subject, const struct pieces *all,
			 struct garita_import_plan *ret)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct piece *piece = &all->all[i];

		if (!belongs(piece, subject, all))
			continue;
		add(ret, subject->digest, piece);
		if (subject->kind == KIND_MANIFEST)
			add(ret, subject->config, piece);
	}
}

static void plan_given(const char *digest, const struct pieces *all,
		       struct garita_import_plan *ret)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->all[i].digest, digest) == 0)
			return; /* planned as itself */
	for (size_t i = 0; i < all->count; i++)
		if (all->all[i].kind == KIND_OTHER)
			add(ret, digest, &all->all[i]);
}

static int by_place(const void *a, const void *b)
{
	const struct garita_import_file *one = a, *other = b;
	int order = strcmp(one->digest, other->digest);

	return order != 0 ? order : strcmp(one->name, other->name);
}

/* The same blob twice in a source is one file; and no directory may hold more
 * than the gate will read. */
static int tidy(struct garita_import_plan *plan, struct garita_error *err)
{
	size_t kept = 0, files = 0, bytes = 0;

	if (plan->count > 0)
		qsort(plan->all, plan->count, sizeof(*plan->all), by_place);
	for (size_t i = 0; i < plan->count; i++) {
		struct garita_import_file *last =
			kept > 0 ? &plan->all[kept - 1] : NULL;
		const struct garita_import_file *next = &plan->all[i];
		bool same =
			last != NULL && strcmp(last->digest, next->digest) == 0;

		if (same && strcmp(last->name, next->name) == 0)
			continue;
		files = same ? files + 1 : 1;
		bytes = (same ? bytes : 0) + next->blob->len;
		if (files > GARITA_BLOBS_MAX || bytes > GARITA_BLOBS_BYTES)
			return garita_fail(err, E2BIG,
					   "more than %d files or %d MiB for "
					   "%s: import one image at a time",
					   GARITA_BLOBS_MAX,
					   GARITA_BLOBS_BYTES >> 20,
					   next->digest);
		plan->all[kept++] = *next;
	}
	plan->count = kept;
	return 0;
}

static int check_pieces(const struct pieces *all, const char *digest,
			struct garita_error *err)
{
	size_t subjects = digest != NULL, others = 0;

	for (size_t i = 0; i < all->count; i++) {
		subjects += is_subject(&all->all[i]);
		others += all->all[i].kind == KIND_OTHER;
	}
	if (others == 0)
		return garita_fail(err, ENOENT, "holds no signature");
	if (subjects == 0)
		return garita_fail(err, ENOENT,
				   "holds no manifest of an image: say with "
				   "--digest what it is about");
	return 0;
}

void garita_import_name(const char *kind, const char *digest,
			char ret[GARITA_IMPORT_NAME_SIZE])
{
	snprintf(ret, GARITA_IMPORT_NAME_SIZE, "%s-%.32s", kind,
		 digest + strlen("sha256:"));
}

int garita_import_plan(const struct garita_blobs *bag, const char *digest,
		       struct garita_import_plan *ret, struct garita_error *err)
{
	struct garita_import_plan plan = { 0 };
	auto_free struct piece *list =
		garita_xcalloc(bag->count, sizeof(*list));
	auto_free bool *names =
		garita_xcalloc(bag->count * bag->count, sizeof(*names));
	const struct pieces all = { list, bag->count, names };
	int rc;

	for (size_t i = 0; i < bag->count; i++)
		list[i] = look_at(&bag->all[i]);
	rc = check_pieces(&all, digest, err);
	if (rc < 0)
		return rc;
	read_names(&all, digest);
	for (size_t i = 0; i < all.count; i++)
		if (is_subject(&list[i]))
			plan_subject(&list[i], &all, &plan);
	if (digest != NULL)
		plan_given(digest, &all, &plan);
	rc = tidy(&plan, err);
	if (rc < 0) {
		garita_import_plan_free(&plan);
		return rc;
	}
	*ret = plan;
	return 0;
}

void garita_import_plan_free(struct garita_import_plan *plan)
{
	free(plan->all);
	*plan = (struct garita_import_plan){ 0 };
}
