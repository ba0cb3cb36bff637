/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_file - from the text of a file, and of those it extends, to a policy.
 *
 * A file is read on top of the one it extends: what it says takes the place of
 * what was said below, rule by rule and parameter by parameter. Lists of
 * digests and exceptions add up, and its scopes are asked before those below.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_reader.h"

struct loading {
	const struct garita_policy_source *source; /* NULL: one text only */
	struct garita_policy *policy;
	struct garita_error *err;
};

static int load(const struct loading *l, const char *path, const char *text,
		size_t len, unsigned depth);

static bool was_read(const struct garita_policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->file_count; i++)
		if (strcmp(policy->files[i], path) == 0)
			return true;
	return false;
}

/* Reads the file below, and all below that, first. */
static int follow(const struct loading *l, struct garita_reader *r,
		  const char *path, const char *name, unsigned depth)
{
	auto_free char *below = NULL, *text = NULL;
	struct garita_error reason = { 0 };
	size_t len;
	int rc;

	if (l->source == NULL)
		return garita_reader_wrong(
			r, "a policy that lies in no file extends none");
	if (depth >= GARITA_POLICY_MAX_DEPTH)
		return garita_reader_wrong(r,
					   "is the file number %u above one "
					   "another; there may be %d",
					   depth + 1, GARITA_POLICY_MAX_DEPTH);
	if (l->source->fetch(l->source->data, path, name, &below, &text, &len,
			     &reason) < 0)
		return garita_reader_wrong(r, "%s", reason.text);
	if (was_read(l->policy, below))
		return garita_reader_wrong(r, "%s extends itself", below);
	rc = load(l, below, text, len, depth + 1);
	return rc < 0 ? garita_fail_in(l->err, below) : 0;
}

static int read_extends(const struct loading *l, struct garita_reader *r,
			const struct garita_json *root, const char *path,
			unsigned depth)
{
	const struct garita_json *value = garita_json_get(root, "extends");
	const char *name = garita_json_string(value);
	size_t len = r->at.len;
	int rc;

	if (value == NULL)
		return 0;
	garita_json_pointer_add(&r->at, "extends");
	if (name == NULL || *name == '\0')
		return garita_reader_wrong(r, "must be a file name");
	rc = follow(l, r, path, name, depth);
	garita_reader_back(r, len);
	return rc;
}

/* Who writes a list means it, under any profile, also "off". */
static void enforce(struct garita_policy *policy, const char *rule,
		    enum garita_action action, enum garita_policy_origin first,
		    enum garita_policy_origin last)
{
	struct garita_setting *setting =
		&policy->settings[garita_rule_find(rule)];

	if (setting->set)
		return;
	setting->action = action;
	setting->set = true;
	for (size_t i = first; i <= last; i++)
		if (policy->origins[i].file != 0)
			setting->origin = policy->origins[i];
}

static void enforce_attestations(struct garita_policy *policy)
{
	for (size_t i = policy->attestation_count; i-- > 0;) {
		const struct garita_signers *one = &policy->attestations[i];
		enum garita_topic topic =
			garita_attestation_topic(one->attested->type);

		enforce(policy, garita_topic_rule(topic), GARITA_DENY,
			GARITA_ORIGIN_ATTESTATIONS, GARITA_ORIGIN_ATTESTATIONS);
	}
}

static void enforce_lists(struct garita_policy *policy)
{
	enforce_attestations(policy);
	if (policy->has_allow_list || policy->has_deny_list)
		enforce(policy, "image-allowlist", GARITA_DENY,
			GARITA_ORIGIN_ALLOW, GARITA_ORIGIN_DENY_FILE);
	if (garita_policy_names_signers(policy))
		enforce(policy, "image-signature", GARITA_DENY,
			GARITA_ORIGIN_CONTAINERS_POLICY,
			GARITA_ORIGIN_SIGNATURES);
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
		if (garita_network_says(&policy->network, p))
			enforce(policy, garita_guard_rule(p), GARITA_FIX,
				GARITA_ORIGIN_NETWORK, GARITA_ORIGIN_NETWORK);
}

/* The scopes of the files below, behind those just read. */
static void append_scopes(struct garita_policy *policy,
			  struct garita_policy_scope *below, size_t count)
{
	if (count == 0)
		return;
	policy->scopes =
		garita_xresize(policy->scopes, policy->scope_count + count,
			       sizeof(*policy->scopes));
	for (size_t i = 0; i < count; i++)
		policy->scopes[policy->scope_count++] = below[i];
	free(below);
}

static int read_members(struct garita_reader *r, const struct garita_json *root)
{
	struct garita_policy *policy = r->policy;
	struct garita_policy_scope *below = policy->scopes;
	size_t below_count = policy->scope_count, own;
	int rc;

	policy->scopes = NULL;
	policy->scope_count = 0;
	rc = garita_reader_members(r, root, &garita_policy_root_table);
	own = policy->scope_count;
	append_scopes(policy, below, below_count);
	if (rc < 0)
		return rc;
	enforce_lists(policy);
	return garita_policy_check_scopes(r, own);
}

static int read_root(const struct loading *l, struct garita_reader *r,
		     const char *path, unsigned depth)
{
	const struct garita_json *root = garita_json_root(r->doc);
	int rc;

	if (garita_json_type(root) != GARITA_JSON_OBJECT)
		return garita_reader_wrong(
			r, "must be an object, is %s",
			garita_json_type_words(garita_json_type(root)));
	if (garita_json_get(root, "version") == NULL)
		return garita_reader_wrong(r, "\"version\": 1 is missing");
	rc = read_extends(l, r, root, path, depth);
	return rc < 0 ? rc : read_members(r, root);
}

/* "/etc/garita" of "/etc/garita/base.json"; the caller frees. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return garita_xstrndup(path, slash ? (size_t)(slash - path) : 0);
}

static int load(const struct loading *l, const char *path, const char *text,
		size_t len, unsigned depth)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_policy *policy = l->policy;
	auto_free char *dir = depth > 1 ? directory_of(path) : NULL;
	struct garita_reader r;
	int rc = garita_json_parse(text, len, GARITA_JSON_COMMENTS, &doc,
				   l->err);

	if (rc < 0)
		return rc;
	policy->files = garita_xresize(policy->files, policy->file_count + 1,
				       sizeof(*policy->files));
	policy->files[policy->file_count++] = garita_xstrdup(path);
	r = (struct garita_reader){
		.doc = doc,
		.policy = policy,
		.err = l->err,
		.file = (unsigned)policy->file_count,
		.dir = dir,
	};
	garita_text_puts(&r.at, "");
	rc = read_root(l, &r, path, depth);
	garita_text_free(&r.at);
	return rc;
}

int garita_policy_load(const char *text, size_t len,
		       const struct garita_policy_source *source,
		       struct garita_policy **ret, struct garita_error *err)
{
	struct loading l = { source, garita_policy_default(), err };
	int rc = load(&l, source ? source->path : "policy", text, len, 1);

	if (rc < 0) {
		garita_policy_free(l.policy);
		return rc;
	}
	*ret = l.policy;
	return 0;
}

int garita_policy_parse(const char *text, size_t len,
			struct garita_policy **ret, struct garita_error *err)
{
	return garita_policy_load(text, len, NULL, ret, err);
}
