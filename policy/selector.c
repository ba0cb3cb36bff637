/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * selector - is this the container that a scope or an exception means?
 *
 * What is looked at was found out by us (the image in the engine's store, the
 * bundle) or is what will run (uid, arguments, cgroup). Where a fact is not
 * known the answer is no; that it could have been yes is another question.
 */
#include <stdlib.h>
#include <string.h>

#include "garita/match.h"
#include "garita/path.h"
#include "garita/reference.h"
#include "policy/glob.h"

/* A name's length without what the pattern does not speak of: the digest, and
 * the tag where the pattern has none. */
static size_t name_part(const char *pattern, const char *name)
{
	const char *slash = strrchr(pattern, '/');
	size_t len = strlen(name);
	const char *cut;

	if (strchr(pattern, '@') == NULL) {
		cut = strchr(name, '@');
		len = cut ? (size_t)(cut - name) : len;
	}
	if (strchr(slash ? slash : pattern, ':') != NULL ||
	    strchr(pattern, '@') != NULL)
		return len;
	slash = strrchr(name, '/');
	cut = strchr(slash ? slash : name, ':');
	if (cut != NULL && (size_t)(cut - name) < len)
		len = (size_t)(cut - name);
	return len;
}

static bool fits(const char *pattern, const char *name)
{
	return garita_glob_part(pattern, name, name_part(pattern, name));
}

bool garita_patterns_fit_name(const struct garita_patterns *patterns,
			      const char *name)
{
	char words[GARITA_REFERENCE_SIZE];
	struct garita_reference parsed;

	for (size_t p = 0; p < patterns->count; p++)
		if (fits(patterns->words[p], name))
			return true;
	if (patterns->count == 0 ||
	    garita_reference_parse(name, &parsed, NULL) < 0)
		return false;
	garita_reference_words(&parsed, words);
	for (size_t p = 0; p < patterns->count; p++)
		if (fits(patterns->words[p], words))
			return true;
	return false;
}

/* Also the name by which the container was made: that of an image whose names
 * were moved to another since. */
static bool any_name(const struct garita_patterns *patterns,
		     const struct garita_image *image)
{
	for (size_t n = 0; n < image->name_count; n++)
		if (garita_patterns_fit_name(patterns, image->names[n]))
			return true;
	return image->reference != NULL &&
	       garita_patterns_fit_name(patterns, image->reference);
}

/* The digests that are certain: only those can select. */
static bool any_digest(const struct garita_patterns *digests,
		       const struct garita_image *image)
{
	bool verified = image->sure == GARITA_IMAGE_VERIFIED;

	for (size_t i = 0; i < digests->count; i++) {
		const char *digest = digests->words[i];

		if (strcmp(digest, image->config) == 0 ||
		    (verified && (strcmp(digest, image->manifest) == 0 ||
				  strcmp(digest, image->index) == 0)))
			return true;
	}
	return false;
}

bool garita_selector_asks_image(const struct garita_selector *match)
{
	return match->images.count + match->digests.count +
		       match->stores.count >
	       0;
}

static bool image_matches(const struct garita_selector *match,
			  const struct garita_image *image)
{
	if (!garita_selector_asks_image(match))
		return true;
	if (image->sure == GARITA_IMAGE_UNKNOWN)
		return false;
	if (match->images.count > 0 && !any_name(&match->images, image))
		return false;
	if (match->digests.count > 0 && !any_digest(&match->digests, image))
		return false;
	if (match->stores.count == 0)
		return true;
	for (size_t i = 0; i < match->stores.count; i++)
		if (image->store != NULL &&
		    strcmp(match->stores.words[i], image->store) == 0)
			return true;
	return false;
}

/* A process without a uid runs as root. */
static bool uid_matches(const struct garita_selector *match,
			const struct garita_spec *spec)
{
	uint32_t uid = spec->has_uid ? spec->uid : 0;

	if (match->uid_count == 0)
		return true;
	for (size_t i = 0; spec->has_process && i < match->uid_count; i++)
		if (uid >= match->uids[i].least && uid <= match->uids[i].most)
			return true;
	return false;
}

static bool args_match(const struct garita_patterns *patterns,
		       const struct garita_json *args)
{
	if (garita_json_count(args) < patterns->count)
		return false;
	for (size_t i = 0; i < patterns->count; i++) {
		const char *word =
			garita_json_string(garita_json_item(args, i));

		if (word == NULL || !garita_glob(patterns->words[i], word))
			return false;
	}
	return true;
}

static bool path_matches(const struct garita_patterns *patterns,
			 const char *path)
{
	auto_free char *clean = NULL;

	if (patterns->count == 0)
		return true;
	if (path == NULL || *path != '/')
		return false;
	clean = garita_path_clean(path);
	for (size_t i = 0; i < patterns->count; i++)
		if (garita_path_match(patterns->words[i], clean))
			return true;
	return false;
}

/* What root called it: no container says that of itself. */
static bool host_matches(const struct garita_patterns *patterns,
			 const struct garita_host *host)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (garita_glob(patterns->words[i], host->name))
			return true;
	return patterns->count == 0;
}

/* A path for cgroupfs, or "slice:prefix:name" for systemd. */
static bool cgroup_matches(const struct garita_patterns *patterns,
			   const struct garita_spec *spec)
{
	const char *cgroup;

	if (patterns->count == 0)
		return true;
	cgroup = garita_json_string(
		garita_json_at(spec->root, "/linux/cgroupsPath"));
	if (cgroup == NULL || *cgroup == '/')
		return path_matches(patterns, cgroup);
	for (size_t i = 0; i < patterns->count; i++)
		if (*patterns->words[i] != '/' &&
		    garita_glob(patterns->words[i], cgroup))
			return true;
	return false;
}

static bool annotations_match(const struct garita_selector *match,
			      const struct garita_json *annotations)
{
	for (size_t i = 0; i < match->annotation_count; i++) {
		const struct garita_annotation_match *want =
			&match->annotations[i];
		const char *value = garita_json_string(
			garita_json_get(annotations, want->key));
		bool found = false;

		for (size_t v = 0; value && v < want->values.count; v++)
			found = found ||
				garita_glob(want->values.words[v], value);
		if (!found)
			return false;
	}
	return true;
}

static bool others_match(const struct garita_selector *match,
			 const struct garita_spec *spec,
			 const struct garita_host *host)
{
	return uid_matches(match, spec) &&
	       args_match(&match->args, spec->args) &&
	       path_matches(&match->bundles, host->bundle) &&
	       host_matches(&match->hosts, host) &&
	       cgroup_matches(&match->cgroups, spec) &&
	       annotations_match(match, spec->annotations);
}

bool garita_selector_matches(const struct garita_selector *match,
			     const struct garita_spec *spec,
			     const struct garita_image *image,
			     const struct garita_host *host)
{
	return image_matches(match, image) && others_match(match, spec, host);
}

bool garita_selector_may_match(const struct garita_selector *match,
			       const struct garita_spec *spec,
			       const struct garita_image *image,
			       const struct garita_host *host)
{
	return garita_selector_asks_image(match) &&
	       image->sure == GARITA_IMAGE_UNKNOWN && !image->imageless &&
	       others_match(match, spec, host);
}

/* Every one of the narrow words is covered by one of the wide ones. */
static bool patterns_cover(const struct garita_patterns *wide,
			   const struct garita_patterns *narrow, bool names)
{
	if (wide->count == 0)
		return true;
	for (size_t n = 0; n < narrow->count; n++) {
		const char *word = narrow->words[n];
		bool covered = false;

		for (size_t w = 0; w < wide->count; w++)
			covered =
				covered ||
				garita_glob_covers(
					wide->words[w], word,
					names ? name_part(wide->words[w], word)
					      : strlen(word));
		if (!covered)
			return false;
	}
	return narrow->count > 0;
}

static bool uids_cover(const struct garita_selector *wide,
		       const struct garita_selector *narrow)
{
	if (wide->uid_count == 0)
		return true;
	for (size_t n = 0; n < narrow->uid_count; n++) {
		bool covered = false;

		for (size_t w = 0; w < wide->uid_count; w++)
			covered =
				covered ||
				(narrow->uids[n].least >= wide->uids[w].least &&
				 narrow->uids[n].most <= wide->uids[w].most);
		if (!covered)
			return false;
	}
	return narrow->uid_count > 0;
}

static bool args_cover(const struct garita_patterns *wide,
		       const struct garita_patterns *narrow)
{
	if (wide->count > narrow->count)
		return false;
	for (size_t i = 0; i < wide->count; i++)
		if (!garita_glob_covers(wide->words[i], narrow->words[i],
					strlen(narrow->words[i])))
			return false;
	return true;
}

bool garita_selector_covers(const struct garita_selector *wide,
			    const struct garita_selector *narrow)
{
	return wide->annotation_count == 0 &&
	       patterns_cover(&wide->images, &narrow->images, true) &&
	       patterns_cover(&wide->digests, &narrow->digests, false) &&
	       patterns_cover(&wide->stores, &narrow->stores, false) &&
	       uids_cover(wide, narrow) &&
	       args_cover(&wide->args, &narrow->args) &&
	       patterns_cover(&wide->bundles, &narrow->bundles, false) &&
	       patterns_cover(&wide->hosts, &narrow->hosts, false) &&
	       patterns_cover(&wide->cgroups, &narrow->cgroups, false);
}
