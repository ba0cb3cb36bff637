/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bag of blobs, one after the other with a line "%%" between them, as a
 * registry or a layout gave it, and where the import would put each. Nothing
 * is put under a digest that nobody named, no place is filled beyond what the
 * gate reads, and the order in which blobs come does not matter. What stands
 * before the first "%%" is a digest that the caller gave, if it is one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/trust/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOBS_MAX = 24 }; /* of one bag: every pair is looked at */

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct part {
	const char *at;
	size_t len;
};

/* Cuts the next part off; false when there is none. */
static bool take(struct part *from, struct part *ret)
{
	static const char mark[] = "\n%%\n";
	const char *end;

	if (from->at == NULL)
		return false;
	end = memmem(from->at, from->len, mark, strlen(mark));
	*ret = *from;
	if (end == NULL) {
		from->at = NULL;
		return true;
	}
	ret->len = (size_t)(end - from->at);
	from->at = end + strlen(mark);
	from->len -= ret->len + strlen(mark);
	return true;
}

static bool is_in(const struct garita_blobs *bag, const struct garita_blob *one)
{
	return one >= bag->all && one < bag->all + bag->count;
}

/* Of a blob, or named in one, or given. */
static bool is_named(const struct garita_blobs *bag, const char *digest,
		     const char *given)
{
	if (given != NULL && strcmp(digest, given) == 0)
		return true;
	for (size_t i = 0; i < bag->count; i++) {
		char own[GARITA_DIGEST_SIZE];

		garita_sha256_digest(bag->all[i].bytes, bag->all[i].len, own);
		if (strcmp(own, digest) == 0 ||
		    memmem(bag->all[i].bytes, bag->all[i].len, digest,
			   strlen(digest)) != NULL)
			return true;
	}
	return false;
}

static void check(const struct garita_import_plan *plan,
		  const struct garita_blobs *bag, const char *given)
{
	must(plan->count > 0);
	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_import_file *file = &plan->all[i];
		const char *mark = strchr(file->name, '-');
		char own[GARITA_DIGEST_SIZE];
		int order = i > 0 ? strcmp(file[-1].digest, file->digest) : -1;

		must(garita_digest_well_formed(file->digest));
		must(is_in(bag, file->blob));
		must(is_named(bag, file->digest, given));
		must(order < 0 ||
		     (order == 0 && strcmp(file[-1].name, file->name) < 0));
		garita_sha256_digest(file->blob->bytes, file->blob->len, own);
		must(mark != NULL && strchr(file->name, '/') == NULL &&
		     strncmp(mark + 1, own + 7, 32) == 0);
	}
}

/* The last blob first. */
static void check_order(const struct garita_import_plan *plan,
			const struct garita_blobs *bag, const char *given)
{
	struct garita_import_plan other = { 0 };
	auto_blobs turned = { 0 };

	for (size_t i = bag->count; i-- > 0;)
		must(garita_blobs_add(&turned, "x", bag->all[i].bytes,
				      bag->all[i].len) == 0);
	must(garita_import_plan(&turned, given, &other, NULL) == 0);
	must(other.count == plan->count);
	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_import_file *a = &plan->all[i];
		const struct garita_import_file *b = &other.all[i];

		must(strcmp(a->digest, b->digest) == 0 &&
		     strcmp(a->name, b->name) == 0);
		must(a->blob->len == b->blob->len &&
		     memcmp(a->blob->bytes, b->blob->bytes, a->blob->len) == 0);
	}
	garita_import_plan_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part left = { (const char *)data, size }, part;
	auto_free char *first = NULL;
	auto_blobs bag = { 0 };
	struct garita_import_plan plan = { 0 };
	struct garita_error err = { 0 };
	const char *given = NULL;

	take(&left, &part);
	first = garita_xstrndup(part.at, part.len);
	if (garita_digest_well_formed(first))
		given = first;
	while (bag.count < BLOBS_MAX && take(&left, &part))
		if (garita_blobs_add(&bag, "x", part.at, part.len) < 0)
			return 0;
	if (garita_import_plan(&bag, given, &plan, &err) < 0) {
		must(err.text[0] != '\0' && plan.all == NULL);
		return 0;
	}
	check(&plan, &bag, given);
	check_order(&plan, &bag, given);
	garita_import_plan_free(&plan);
	return 0;
}
