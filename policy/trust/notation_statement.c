/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_statement - see the header. Unknown members are refused: a misspelt
 * override would be another policy than the one that was meant.
 */
#include "policy/trust/notation_statement.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/reference.h"
#include "policy/trust/dn.h"

enum {
	LIST_MAX = 64, /* what a request can hold */
	SCOPES_MAX = 512,
};

struct reader {
	struct garita_walk *walk;
	bool skip; /* verifies nothing */
};

#define wrong(r, ...) garita_walk_wrong((r)->walk, __VA_ARGS__)

/* ---- tables of members ---- */

typedef int read_fn(struct reader *r, const struct garita_json *value,
		    struct garita_notation *into);

struct member {
	const char *name;
	read_fn *read;
	bool required;
};

static int read_member(struct reader *r, const char *key,
		       const struct garita_json *value,
		       const struct member *table, size_t count,
		       struct garita_notation *into)
{
	size_t old = garita_walk_in(r->walk, key);

	for (size_t i = 0; i < count; i++) {
		int rc;

		if (strcmp(table[i].name, key) != 0)
			continue;
		rc = table[i].read(r, value, into);
		if (rc == 0)
			garita_walk_out(r->walk, old);
		return rc;
	}
	return wrong(r, "unknown member");
}

static int read_members(struct reader *r, const struct garita_json *object,
			const struct member *table, size_t count,
			struct garita_notation *into)
{
	int rc = 0;

	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object");
	for (size_t i = 0; i < count; i++)
		if (table[i].required &&
		    garita_json_get(object, table[i].name) == NULL)
			return wrong(r, "\"%s\" is missing", table[i].name);
	for (size_t i = 0; rc == 0 && i < garita_json_count(object); i++)
		rc = read_member(r, garita_json_key(object, i),
				 garita_json_item(object, i), table, count,
				 into);
	return rc;
}

/* ---- signatureVerification ---- */

#define ENFORCE GARITA_NOTATION_ENFORCE
#define LOG     GARITA_NOTATION_LOG
#define SKIP    GARITA_NOTATION_SKIP

/* Actions in the order of enum garita_notation_check. */
static const struct {
	const char *name;
	enum garita_notation_action actions[GARITA_NOTATION_CHECKS];
} levels[] = {
	{ "strict", { ENFORCE, ENFORCE, ENFORCE, ENFORCE } },
	{ "permissive", { ENFORCE, LOG, LOG, LOG } },
	{ "audit", { LOG, LOG, LOG, LOG } },
};

static const char checks[GARITA_NOTATION_CHECKS][19] = {
	[GARITA_NOTATION_AUTHENTICITY] = "authenticity",
	[GARITA_NOTATION_TIMESTAMP] = "authenticTimestamp",
	[GARITA_NOTATION_EXPIRED] = "expiry",
	[GARITA_NOTATION_REVOCATION] = "revocation",
};

static const char *const actions[] = {
	[ENFORCE] = "enforce",
	[LOG] = "log",
	[SKIP] = "skip",
};

static int read_level(struct reader *r, const struct garita_json *value,
		      struct garita_notation *into)
{
	const char *name = garita_json_string(value);

	r->skip = name != NULL && strcmp(name, "skip") == 0;
	for (size_t i = 0; name != NULL && i < GARITA_COUNT(levels); i++)
		if (strcmp(name, levels[i].name) == 0) {
			memcpy(into->actions, levels[i].actions,
			       sizeof(into->actions));
			return 0;
		}
	return r->skip ? 0
		       : wrong(r, "must be strict, permissive, audit or skip");
}

static int read_action(struct reader *r, const char *key,
		       const struct garita_json *value,
		       struct garita_notation *into)
{
	const char *word = garita_json_string(value);
	size_t check = 0, action = 0;

	while (check < GARITA_NOTATION_CHECKS &&
	       strcmp(checks[check], key) != 0)
		check++;
	if (check == GARITA_NOTATION_CHECKS)
		return wrong(r, "only authenticity, authenticTimestamp, expiry "
				"and revocation can be overridden");
	while (word != NULL && action < GARITA_COUNT(actions) &&
	       strcmp(actions[action], word) != 0)
		action++;
	if (word == NULL || action == GARITA_COUNT(actions) ||
	    (action == SKIP && check != GARITA_NOTATION_REVOCATION))
		return wrong(r, "must be enforce%s",
			     check == GARITA_NOTATION_REVOCATION
				     ? ", log or skip"
				     : " or log");
	into->actions[check] = (enum garita_notation_action)action;
	return 0;
}

static int read_override(struct reader *r, const struct garita_json *value,
			 struct garita_notation *into)
{
	int rc = 0;

	if (garita_json_type(value) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object");
	if (r->skip && garita_json_count(value) > 0)
		return wrong(r, "the level skip verifies nothing");
	for (size_t i = 0; rc == 0 && i < garita_json_count(value); i++) {
		const char *key = garita_json_key(value, i);
		size_t old = garita_walk_in(r->walk, key);

		rc = read_action(r, key, garita_json_item(value, i), into);
		if (rc == 0)
			garita_walk_out(r->walk, old);
	}
	return rc;
}

static int read_when(struct reader *r, const struct garita_json *value,
		     struct garita_notation *into)
{
	const char *word = garita_json_string(value);

	into->after_expiry =
		word != NULL && strcmp(word, "afterCertExpiry") == 0;
	if (!into->after_expiry &&
	    (word == NULL || (*word != '\0' && strcmp(word, "always") != 0)))
		return wrong(r, "must be always or afterCertExpiry");
	return 0;
}

/* The level first, wherever it stands: what is overridden is its actions. */
static int read_verification(struct reader *r, const struct garita_json *value,
			     struct garita_notation *into)
{
	static const struct member level[] = { { "level", read_level, true } };
	static const struct member others[] = {
		{ "override", read_override, false },
		{ "verifyTimestamp", read_when, false },
	};
	int rc = 0;

	if (garita_json_get(value, "level") == NULL)
		return wrong(r, "has no \"level\"");
	for (size_t pass = 0; rc == 0 && pass < 2; pass++)
		for (size_t i = 0; rc == 0 && i < garita_json_count(value);
		     i++) {
			const char *key = garita_json_key(value, i);
			bool is_level = strcmp(key, "level") == 0;

			if (is_level == (pass == 0))
				rc = read_member(
					r, key, garita_json_item(value, i),
					is_level ? level : others,
					is_level ? GARITA_COUNT(level)
						 : GARITA_COUNT(others),
					into);
		}
	return rc;
}

/* ---- lists of words ---- */

typedef int word_fn(struct reader *r, const char *word);

/* *ret may be NULL: the words are only checked. */
static int read_words(struct reader *r, const struct garita_json *value,
		      size_t most, word_fn *check, char ***ret,
		      size_t *ret_count)
{
	size_t count = garita_json_count(value);

	if (garita_json_type(value) != GARITA_JSON_ARRAY || count > most)
		return wrong(r, "must be an array of up to %zu strings", most);
	if (ret != NULL)
		*ret = garita_xcalloc(count, sizeof(**ret));
	for (size_t i = 0; i < count; i++) {
		const char *word =
			garita_json_string(garita_json_item(value, i));
		size_t old = garita_walk_to(r->walk, i);
		int rc = word == NULL ? wrong(r, "must be a string")
				      : check(r, word);

		if (rc < 0)
			return rc;
		garita_walk_out(r->walk, old);
		if (ret != NULL)
			(*ret)[(*ret_count)++] = garita_xstrdup(word);
	}
	return 0;
}

/* Names become names of files. */
static bool is_file_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_.-";

	return *name != '\0' && name[strspn(name, letters)] == '\0' &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strlen(name) < 256;
}

static int check_store(struct reader *r, const char *word)
{
	static const char kinds[][18] = { "ca:", "signingAuthority:", "tsa:" };

	for (size_t i = 0; i < GARITA_COUNT(kinds); i++)
		if (garita_starts_with(word, kinds[i]) &&
		    is_file_name(word + strlen(kinds[i])))
			return 0;
	return wrong(r, "must be ca:NAME, signingAuthority:NAME or tsa:NAME");
}

static int read_stores(struct reader *r, const struct garita_json *value,
		       struct garita_notation *into)
{
	return read_words(r, value, LIST_MAX, check_store, &into->stores,
			  &into->store_count);
}

/* Others are those of plugins: well-formed, and nobody's here. */
static int check_identity(struct reader *r, const char *word)
{
	struct garita_error why = { 0 };
	auto_dn dn = { 0 };

	if (strcmp(word, "*") == 0)
		return 0;
	if (garita_starts_with(word, GARITA_NOTATION_SUBJECT))
		return garita_dn_parse(word + strlen(GARITA_NOTATION_SUBJECT),
				       &dn, &why) < 0
			       ? wrong(r, "%s", why.text)
			       : 0;
	if (strchr(word, ':') == NULL || *word == ':')
		return wrong(r, "must be \"*\" or \"x509.subject: C=..., "
				"ST=..., O=...\"");
	return 0;
}

/* Nobody may be meant by two of them. */
static int check_overlap(struct reader *r, char *const *words, size_t count)
{
	struct garita_dn *names = garita_xcalloc(count, sizeof(*names));
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		if (garita_starts_with(words[i], GARITA_NOTATION_SUBJECT))
			(void)garita_dn_parse(
				words[i] + strlen(GARITA_NOTATION_SUBJECT),
				&names[i], NULL);
	for (size_t i = 0; rc == 0 && i < count; i++)
		for (size_t k = 0; rc == 0 && k < count; k++)
			if (i != k && names[i].values[GARITA_DN_C] != NULL &&
			    names[k].values[GARITA_DN_C] != NULL &&
			    garita_dn_within(&names[i], &names[k]))
				rc = wrong(r, "%s overlaps %s", words[i],
					   words[k]);
	for (size_t i = 0; i < count; i++)
		garita_dn_free(&names[i]);
	free(names);
	return rc;
}

static int read_identities(struct reader *r, const struct garita_json *value,
			   struct garita_notation *into)
{
	int rc = read_words(r, value, LIST_MAX, check_identity,
			    &into->identities, &into->identity_count);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < into->identity_count; i++)
		if (into->identity_count > 1 &&
		    strcmp(into->identities[i], "*") == 0)
			return wrong(r, "\"*\" stands alone");
	return check_overlap(r, into->identities, into->identity_count);
}

static int check_scope(struct reader *r, const char *word)
{
	struct garita_reference name;

	if (strcmp(word, "*") == 0)
		return 0;
	if (garita_reference_parse(word, &name, NULL) < 0 ||
	    strcmp(name.repository, word) != 0)
		return wrong(r, "must be \"*\" or a repository in full, as in "
				"registry.example.com/team/app");
	return 0;
}

/* Each once, and "*" alone. */
static int read_scopes(struct reader *r, const struct garita_json *value,
		       struct garita_notation *into)
{
	size_t count = garita_json_count(value);
	int rc = read_words(r, value, SCOPES_MAX, check_scope, NULL, NULL);

	(void)into;
	if (rc == 0 && count == 0)
		return wrong(r, "must name a repository or \"*\"");
	for (size_t i = 0; rc == 0 && i < count; i++) {
		const char *word =
			garita_json_string(garita_json_item(value, i));

		if (count > 1 && strcmp(word, "*") == 0)
			return wrong(r, "\"*\" stands alone");
		for (size_t k = 0; k < i; k++)
			if (strcmp(word, garita_json_string(garita_json_item(
						 value, k))) == 0)
				return wrong(r, "%s is there twice", word);
	}
	return rc;
}

/* ---- the statement ---- */

static int read_name(struct reader *r, const struct garita_json *value,
		     struct garita_notation *into)
{
	const char *name = garita_json_string(value);

	if (name == NULL || *name == '\0' || strlen(name) > 256)
		return wrong(r, "must be a name");
	into->name = garita_xstrdup(name);
	return 0;
}

int garita_notation_statement(struct garita_walk *walk,
			      const struct garita_json *value,
			      struct garita_notation *ret, bool *ret_skip)
{
	static const struct member members[] = {
		{ "name", read_name, true },
		{ "registryScopes", read_scopes, true },
		{ "signatureVerification", read_verification, true },
		{ "trustStores", read_stores, false },
		{ "trustedIdentities", read_identities, false },
	};
	struct reader r = { .walk = walk };
	int rc = read_members(&r, value, members, GARITA_COUNT(members), ret);

	if (rc < 0)
		return rc;
	*ret_skip = r.skip;
	if (r.skip && ret->store_count + ret->identity_count > 0)
		return wrong(&r, "the level skip asks nobody: there may be no "
				 "trustStores and trustedIdentities");
	if (!r.skip && (ret->store_count == 0 || ret->identity_count == 0))
		return wrong(&r,
			     "trustStores and trustedIdentities have to say "
			     "who is trusted");
	return 0;
}
