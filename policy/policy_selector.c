/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_selector - the "match" of a scope or an exception.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/nearest.h"
#include "policy/policy_reader.h"

static const char *const stores[] = { "containers-storage", "docker",
				      "containerd" };

static const char *bad_path(const char *word)
{
	return *word == '/' ? garita_reader_bad_pattern(word)
			    : "must be an absolute path";
}

static int read_image(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, garita_reader_bad_pattern,
				      &r->match->images);
}

static int read_digest(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, garita_reader_bad_digest,
				      &r->match->digests);
}

static int read_store(struct garita_reader *r, const struct garita_json *value)
{
	const char *word = garita_json_string(value);
	struct garita_patterns *into = &r->match->stores;
	size_t which;
	int rc = garita_reader_word(r, value, "store", stores,
				    GARITA_COUNT(stores), &which);

	if (rc < 0)
		return rc;
	into->words = garita_xcalloc(1, sizeof(*into->words));
	into->words[0] = garita_xstrdup(word);
	into->count = 1;
	return 0;
}

/* 1000, or "1000-1999". */
static int read_uid(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_selector *match = r->match;
	const char *word = garita_json_string(value);
	const char *dash = word ? strchr(word, '-') : NULL;
	struct garita_uid_range range = { 0 };
	uint64_t uid;
	int rc = -EINVAL;

	if (garita_json_u64(value, &uid) == 0 && uid <= GARITA_ID_MAX) {
		range.least = range.most = (uint32_t)uid;
		rc = 0;
	} else if (dash != NULL) {
		auto_free char *from =
			garita_xstrndup(word, (size_t)(dash - word));

		rc = garita_parse_u32(from, 0, GARITA_ID_MAX, &range.least);
		if (rc == 0)
			rc = garita_parse_u32(dash + 1, range.least,
					      GARITA_ID_MAX, &range.most);
	}
	if (rc < 0)
		return garita_reader_wrong(
			r, "must be a uid or a range like \"1000-1999\"");
	match->uids = garita_xresize(match->uids, match->uid_count + 1,
				     sizeof(*match->uids));
	match->uids[match->uid_count++] = range;
	return 0;
}

static int read_uids(struct garita_reader *r, const struct garita_json *value)
{
	int rc;

	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return read_uid(r, value);
	rc = garita_reader_items(r, value, read_uid);
	if (rc == 0 && r->match->uid_count == 0)
		return garita_reader_wrong(r, "must not be empty");
	return rc;
}

static int read_args(struct garita_reader *r, const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return garita_reader_wrong(
			r, "must be an array: a pattern for each of the first "
			   "words");
	return garita_reader_patterns(r, value, garita_reader_bad_pattern,
				      &r->match->args);
}

static int read_bundle(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, bad_path, &r->match->bundles);
}

static int read_cgroup(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, garita_reader_bad_pattern,
				      &r->match->cgroups);
}

static int read_host(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, garita_reader_bad_pattern,
				      &r->match->hosts);
}

/* Of the last one. */
static int read_annotation(struct garita_reader *r,
			   const struct garita_json *value)
{
	struct garita_selector *match = r->match;

	return garita_reader_patterns(
		r, value, garita_reader_bad_pattern,
		&match->annotations[match->annotation_count - 1].values);
}

static int read_annotations(struct garita_reader *r,
			    const struct garita_json *value)
{
	struct garita_selector *match = r->match;

	if (garita_json_type(value) != GARITA_JSON_OBJECT ||
	    garita_json_count(value) == 0)
		return garita_reader_wrong(r,
					   "must be an object of annotations");
	for (size_t i = 0; i < garita_json_count(value); i++) {
		const char *key = garita_json_key(value, i);
		int rc;

		match->annotations = garita_xresize(
			match->annotations, match->annotation_count + 1,
			sizeof(*match->annotations));
		match->annotations[match->annotation_count++] =
			(struct garita_annotation_match){
				.key = garita_xstrdup(key),
			};
		rc = garita_reader_step(r, key, garita_json_item(value, i),
					read_annotation);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static const struct garita_policy_member match_members[] = {
	{ .name = "image",
	  .read = read_image,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "digest",
	  .read = read_digest,
	  .schema = "{\"$ref\":\"#/$defs/digests\"}" },
	{ .name = "store",
	  .read = read_store,
	  .schema = "{\"enum\":[\"containers-storage\",\"docker\","
		    "\"containerd\"]}" },
	{ .name = "uid",
	  .read = read_uids,
	  .schema = "{\"$ref\":\"#/$defs/uids\"}" },
	{ .name = "args",
	  .read = read_args,
	  .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":"
		    "{\"type\":\"string\",\"minLength\":1}}" },
	{ .name = "bundle",
	  .read = read_bundle,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "cgroup",
	  .read = read_cgroup,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "host", .read = read_host, .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "annotations",
	  .read = read_annotations,
	  .schema = "{\"type\":\"object\",\"minProperties\":1,"
		    "\"additionalProperties\":" GARITA_SCHEMA_PATTERNS "}" },
};
const struct garita_policy_table garita_policy_match_table = {
	.members = match_members,
	.count = GARITA_COUNT(match_members),
};

int garita_policy_read_match(struct garita_reader *r,
			     const struct garita_json *value)
{
	int rc = garita_reader_members(r, value, &garita_policy_match_table);

	if (rc == 0 && garita_json_count(value) == 0)
		return garita_reader_wrong(
			r, "must say which containers are meant; for all of "
			   "them, change \"rules\"");
	return rc;
}

void garita_selector_free(struct garita_selector *match)
{
	struct garita_patterns *const lists[] = {
		&match->images,  &match->digests, &match->stores, &match->args,
		&match->bundles, &match->cgroups, &match->hosts,
	};

	for (size_t i = 0; i < GARITA_COUNT(lists); i++)
		garita_free_strings(lists[i]->words, lists[i]->count);
	for (size_t i = 0; i < match->annotation_count; i++) {
		struct garita_annotation_match *one = &match->annotations[i];

		free(one->key);
		garita_free_strings(one->values.words, one->values.count);
	}
	free(match->annotations);
	free(match->uids);
	*match = (struct garita_selector){ 0 };
}
