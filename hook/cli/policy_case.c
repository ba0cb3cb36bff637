/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_case - one file of a corpus: a bare config, or a case: a config with
 * the facts it is judged with and what should come out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "hook/file.h"
#include "policy/nearest.h"
#include "policy/policy_reader.h"

static int read_file(const char *path, char **ret, size_t *ret_len,
		     struct garita_error *err)
{
	int rc = garita_file_read_given(AT_FDCWD, path, GARITA_JSON_MAX_BYTES,
					ret, ret_len, err);

	return rc < 0 ? garita_fail_in(err, path) : 0;
}

static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return garita_xstrdup(".");
	return garita_xstrndup(path,
			       slash == path ? 1 : (size_t)(slash - path));
}

char *garita_case_file_beside(const struct garita_case_file *file,
			      const char *name)
{
	auto_text path = { 0 };

	if (*name == '/')
		return garita_xstrdup(name);
	garita_text_printf(&path, "%s/%s", file->dir, name);
	return garita_text_take(&path);
}

/* A case has few members, all of them known. */
static int check_members(struct garita_json_doc *doc, const char *pointer,
			 const char *const *known, size_t count,
			 struct garita_error *err)
{
	struct garita_json *object =
		garita_json_at(garita_json_root(doc), pointer);

	if (object == NULL)
		return 0;
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be an object");
	for (size_t i = 0; i < garita_json_count(object); i++) {
		const char *key = garita_json_key(object, i);
		struct garita_nearest near = garita_nearest_to(key);
		auto_text at = { 0 };
		bool found = false;

		for (size_t k = 0; k < count; k++) {
			found = found || strcmp(known[k], key) == 0;
			garita_nearest_try(&near, known[k]);
		}
		if (found)
			continue;
		garita_text_puts(&at, pointer);
		garita_json_pointer_add(&at, key);
		return garita_json_fail(err, doc, at.data, EINVAL,
					"unknown member \"%s\"%s%s%s", key,
					near.word ? "; did you mean \"" : "",
					near.word ? near.word : "",
					near.word ? "\"?" : "");
	}
	return 0;
}

/* A string that may be missing. */
static int read_string(struct garita_json_doc *doc, const char *pointer,
		       const char **ret, struct garita_error *err)
{
	struct garita_json *node =
		garita_json_at(garita_json_root(doc), pointer);

	if (node != NULL && garita_json_string(node) == NULL)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be a string");
	*ret = garita_json_string(node);
	return 0;
}

static int read_digest(struct garita_json_doc *doc, const char *pointer,
		       char *into, struct garita_error *err)
{
	const char *digest = NULL;
	int rc = read_string(doc, pointer, &digest, err);

	if (rc < 0 || digest == NULL)
		return rc;
	if (!garita_digest_well_formed(digest))
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be a sha256 digest");
	memcpy(into, digest, GARITA_DIGEST_SIZE);
	return 0;
}

/* An array of strings that may be missing. */
static int read_names(struct garita_json_doc *doc, const char *pointer,
		      char ***ret, size_t *ret_count, struct garita_error *err)
{
	struct garita_json *array =
		garita_json_at(garita_json_root(doc), pointer);

	*ret = garita_xcalloc(garita_json_count(array), sizeof(**ret));
	for (size_t i = 0; i < garita_json_count(array); i++) {
		const char *name =
			garita_json_string(garita_json_item(array, i));

		if (name == NULL)
			return garita_json_fail(err, doc, pointer, EINVAL,
						"must be an array of strings");
		(*ret)[(*ret_count)++] = garita_xstrdup(name);
	}
	return 0;
}

/* What would have come out if its signatures had been looked at. */
static int read_trust(struct garita_json_doc *doc, const char *pointer,
		      struct garita_trust *ret, struct garita_error *err)
{
	const char *word = NULL;
	int rc = read_string(doc, pointer, &word, err);

	if (rc < 0 || word == NULL)
		return rc;
	if (strcmp(word, "accepted") == 0)
		ret->state = GARITA_TRUST_ACCEPTED;
	else if (strcmp(word, "refused") == 0)
		ret->state = GARITA_TRUST_REFUSED;
	else
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be \"accepted\" or \"refused\"");
	snprintf(ret->words, sizeof(ret->words), "the case says that it is %s",
		 word);
	return 0;
}

/* {"image-sbom": "accepted"}: by the rules that read them. */
static int read_attestations(struct garita_json_doc *doc,
			     struct garita_trust trust[GARITA_TOPICS],
			     struct garita_error *err)
{
	const char *known[GARITA_TOPICS - 1];
	int rc;

	for (size_t i = 0; i < GARITA_COUNT(known); i++)
		known[i] = garita_topic_rule((enum garita_topic)(i + 1));
	rc = check_members(doc, "/image/attestations", known,
			   GARITA_COUNT(known), err);
	for (size_t i = 0; i < GARITA_COUNT(known) && rc == 0; i++) {
		auto_text at = { 0 };

		garita_text_printf(&at, "/image/attestations/%s", known[i]);
		rc = read_trust(doc, at.data, &trust[i + 1], err);
	}
	return rc;
}

/* What the engine's store would have said. */
static int read_image(struct garita_case_file *file, struct garita_error *err)
{
	static const char *const known[] = {
		"names",     "manifest",     "index", "config",       "store",
		"reference", "repo-digests", "trust", "attestations",
	};
	struct garita_json_doc *doc = file->doc;
	struct garita_image *image = &file->image;
	const char *reference = NULL;
	int rc = check_members(doc, "/image", known, GARITA_COUNT(known), err);

	if (rc < 0)
		return rc;
	file->has_image = garita_json_get(garita_json_root(doc), "image");
	rc = read_names(doc, "/image/names", &image->names, &image->name_count,
			err);
	if (rc == 0)
		rc = read_names(doc, "/image/repo-digests",
				&image->repo_digests, &image->repo_digest_count,
				err);
	if (rc == 0)
		rc = read_string(doc, "/image/reference", &reference, err);
	if (reference != NULL)
		image->reference = garita_xstrdup(reference);
	if (rc == 0)
		rc = read_trust(doc, "/image/trust",
				&image->trust[GARITA_TOPIC_SIGNATURE], err);
	if (rc == 0)
		rc = read_attestations(doc, image->trust, err);
	if (rc == 0)
		rc = read_string(doc, "/image/store", &image->store, err);
	if (rc == 0)
		rc = read_digest(doc, "/image/manifest", image->manifest, err);
	if (rc == 0)
		rc = read_digest(doc, "/image/index", image->index, err);
	if (rc == 0)
		rc = read_digest(doc, "/image/config", image->config, err);
	if (*image->manifest)
		image->sure = GARITA_IMAGE_VERIFIED;
	else if (*image->config || image->name_count > 0 || reference != NULL)
		image->sure = GARITA_IMAGE_CONFIG;
	else
		image->imageless = true;
	if (image->sure != GARITA_IMAGE_VERIFIED)
		snprintf(image->why_not, sizeof(image->why_not),
			 "the case names no manifest");
	return rc;
}

/* Noon of the day, UTC: whatever holds on it holds then. */
static int read_now(struct garita_case_file *file, struct garita_error *err)
{
	enum { HALF_A_DAY = 12 * 60 * 60 };
	const char *day = NULL;
	time_t end;
	int rc = read_string(file->doc, "/now", &day, err);

	if (rc < 0 || day == NULL)
		return rc;
	if (garita_policy_day_end(day, &end) < 0)
		return garita_json_fail(err, file->doc, "/now", EINVAL,
					"must be a day like \"2027-03-01\"");
	file->now = end - HALF_A_DAY;
	return 0;
}

/* The config itself, or the name of its file. */
static int read_config(struct garita_case_file *file, struct garita_error *err)
{
	struct garita_json *config =
		garita_json_get(garita_json_root(file->doc), "config");
	auto_free char *path = NULL;
	auto_text text = { 0 };

	if (garita_json_type(config) == GARITA_JSON_OBJECT) {
		garita_json_print(config, &text);
		file->len = text.len;
		file->text = garita_text_take(&text);
		return 0;
	}
	if (garita_json_string(config) == NULL)
		return garita_json_fail(err, file->doc, "/config", EINVAL,
					"must be a config, or the name of its "
					"file");
	path = garita_case_file_beside(file, garita_json_string(config));
	return read_file(path, &file->text, &file->len, err);
}

static int read_case(struct garita_case_file *file, struct garita_error *err)
{
	static const char *const known[] = { "why",     "config", "policy",
					     "profile", "image",  "bundle",
					     "now",     "expect" };
	static const char *const expected[] = { "verdict", "rules", "excepted",
						"scope" };
	struct garita_json_doc *doc = file->doc;
	int rc = check_members(doc, "", known, GARITA_COUNT(known), err);

	file->expect = garita_json_get(garita_json_root(doc), "expect");
	if (rc == 0)
		rc = check_members(doc, "/expect", expected,
				   GARITA_COUNT(expected), err);
	if (rc == 0)
		rc = read_string(doc, "/policy", &file->policy, err);
	if (rc == 0)
		rc = read_string(doc, "/profile", &file->profile, err);
	if (rc == 0)
		rc = read_string(doc, "/bundle", &file->bundle, err);
	if (rc == 0)
		rc = read_now(file, err);
	if (rc == 0)
		rc = read_image(file, err);
	return rc == 0 ? read_config(file, err) : rc;
}

static bool is_named_config(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strncmp(slash ? slash + 1 : path, "config", 6) == 0;
}

int garita_case_file_read(const char *path, struct garita_case_file *ret,
			  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;
	int rc;

	*ret = (struct garita_case_file){ .dir = directory_of(path) };
	rc = read_file(path, &ret->text, &ret->len, err);
	if (rc < 0)
		return rc;
	rc = garita_json_parse(ret->text, ret->len, GARITA_JSON_COMMENTS, &doc,
			       err);
	root = rc == 0 ? garita_json_root(doc) : NULL;
	if (garita_json_get(root, "config") != NULL &&
	    garita_json_get(root, "ociVersion") == NULL) {
		ret->doc = garita_take_ptr(&doc);
		free(garita_take_ptr(&ret->text));
		return read_case(ret, err);
	}
	/* What engines leave beside a config is no config. */
	if (garita_json_get(root, "ociVersion") == NULL &&
	    !is_named_config(path))
		return garita_fail(err, ENOMSG, "neither a config nor a case");
	return 0;
}

void garita_case_file_free(struct garita_case_file *file)
{
	garita_json_free(file->doc);
	garita_image_free(&file->image);
	free(file->text);
	free(file->dir);
	*file = (struct garita_case_file){ 0 };
}

int garita_case_file_judge(const struct garita_case_file *file,
			   const struct garita_gate *gate,
			   struct garita_verdict *ret, struct garita_error *err)
{
	const struct garita_gate_given given = {
		.bundle = file->bundle,
		.image = file->has_image ? &file->image : NULL,
		.now = file->now,
	};
	auto_json struct garita_json_doc *doc = NULL;
	int rc = garita_config_parse(file->text, file->len, &doc, err);

	return rc < 0 ? rc
		      : garita_gate_judge_given(gate, &given, doc, ret, err);
}
