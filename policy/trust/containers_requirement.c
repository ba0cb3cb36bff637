/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_requirement - one row a type, one row a way to name keys.
 *
 * What these readers accept and nobody can check is read in full all the same
 * and becomes a requirement that is never met: a file that is wrong must not
 * pass because of where it is wrong.
 */
#include "policy/trust/containers_requirement.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/nearest.h"
#include "policy/trust/format.h"
#include "policy/trust/identity.h"

enum { KEY_MAX = 1024 * 1024 }; /* bytes of one inline key or keyring */

/* The requirement in hand. */
struct reader {
	struct garita_json_doc *doc;
	const struct garita_json *node;
	const char *pointer;
	struct garita_requirement *into;
	struct garita_error *err;
};

static int wrong(const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(const struct reader *r, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return garita_json_fail(r->err, r->doc, r->pointer, EINVAL, "%s", text);
}

static const struct garita_json *member(const struct reader *r,
					const char *name)
{
	return garita_json_get(r->node, name);
}

/* Only these members, and "type". */
static int check_members(const struct reader *r, const struct garita_json *node,
			 const char *const *names)
{
	for (size_t i = 0; i < garita_json_count(node); i++) {
		const char *key = garita_json_key(node, i);
		struct garita_nearest near = garita_nearest_to(key);
		const char *const *name = names;

		while (*name != NULL && strcmp(*name, key) != 0)
			garita_nearest_try(&near, *name++);
		if (*name == NULL)
			return near.word
				       ? wrong(r,
					       "unknown member \"%s\"; did "
					       "you mean \"%s\"?",
					       key, near.word)
				       : wrong(r, "unknown member \"%s\"", key);
	}
	return 0;
}

/* ---- where keys are ---- */

static struct garita_key_source *add_key(struct garita_requirement *into)
{
	into->keys = garita_xresize(into->keys, into->key_count + 1,
				    sizeof(*into->keys));
	into->keys[into->key_count] = (struct garita_key_source){ 0 };
	return &into->keys[into->key_count++];
}

static int read_path(struct reader *r, const char *name,
		     const struct garita_json *value)
{
	const char *path = garita_json_string(value);

	if (path == NULL || *path == '\0')
		return wrong(r, "\"%s\" must name a file", name);
	add_key(r->into)->path = garita_xstrdup(path);
	return 0;
}

static int read_data(struct reader *r, const char *name,
		     const struct garita_json *value)
{
	const char *text = garita_json_string(value);
	unsigned char *bytes;
	struct garita_key_source *key;
	size_t len;

	if (text == NULL ||
	    garita_base64(text, strlen(text), KEY_MAX, &bytes, &len) < 0)
		return wrong(r, "\"%s\" must be base64", name);
	key = add_key(r->into);
	key->bytes = (char *)bytes;
	key->len = len;
	return 0;
}

static int read_each(struct reader *r, const char *name,
		     const struct garita_json *value,
		     int (*read)(struct reader *r, const char *name,
				 const struct garita_json *value))
{
	size_t count = garita_json_count(value);
	int rc = 0;

	if (garita_json_type(value) != GARITA_JSON_ARRAY || count == 0)
		return wrong(r, "\"%s\" must be an array that is not empty",
			     name);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = read(r, name, garita_json_item(value, i));
	return rc;
}

static int read_paths(struct reader *r, const char *name,
		      const struct garita_json *value)
{
	return read_each(r, name, value, read_path);
}

static int read_datas(struct reader *r, const char *name,
		      const struct garita_json *value)
{
	return read_each(r, name, value, read_data);
}

/* Exactly one string of these two is there; none when `optional`. */
static int one_string(const struct reader *r, const struct garita_json *node,
		      const char *one, const char *other, bool optional)
{
	const struct garita_json *a = garita_json_get(node, one);
	const struct garita_json *b = garita_json_get(node, other);

	if (a != NULL && b != NULL)
		return wrong(r, "\"%s\" and \"%s\" exclude each other", one,
			     other);
	if (a == NULL && b == NULL)
		return optional ? 0
				: wrong(r, "\"%s\" or \"%s\" is missing", one,
					other);
	if (garita_json_string(a ? a : b) == NULL)
		return wrong(r, "\"%s\" must be a string", a ? one : other);
	return 0;
}

static int need_string(const struct reader *r, const struct garita_json *node,
		       const char *name)
{
	const char *text = garita_json_string(garita_json_get(node, name));

	return text != NULL && *text != '\0'
		       ? 0
		       : wrong(r, "\"%s\" must be a string", name);
}

/* Where certificates are: one of the two members, if it is there. */
static int read_authority(struct reader *r, const struct garita_json *of,
			  const char *path, const char *data,
			  enum garita_source_role role)
{
	const struct garita_json *file = garita_json_get(of, path);
	const struct garita_json *bytes = garita_json_get(of, data);
	int rc = 0;

	if (file != NULL)
		rc = read_path(r, path, file);
	else if (bytes != NULL)
		rc = read_data(r, data, bytes);
	else
		return 0;
	if (rc == 0)
		r->into->keys[r->into->key_count - 1].role = role;
	return rc;
}

static struct garita_keyless_identity *begin_keyless(
	struct reader *r, enum garita_keyless_way way)
{
	r->into->kind = GARITA_REQUIRE_KEYLESS;
	r->into->keyless = garita_xalloc(sizeof(*r->into->keyless));
	r->into->keyless->way = way;
	return garita_keyless_add(r->into->keyless);
}

static char *copy_string(const struct garita_json *of, const char *name)
{
	const char *text = garita_json_string(garita_json_get(of, name));

	return text != NULL ? garita_xstrdup(text) : NULL;
}

static int read_fulcio(struct reader *r, const char *name,
		       const struct garita_json *value)
{
	static const char *const members[] = { "caPath", "caData", "oidcIssuer",
					       "subjectEmail", NULL };
	struct garita_keyless_identity *one;
	int rc = check_members(r, value, members);

	(void)name;
	if (rc == 0)
		rc = one_string(r, value, "caPath", "caData", false);
	if (rc == 0)
		rc = need_string(r, value, "oidcIssuer");
	if (rc == 0)
		rc = need_string(r, value, "subjectEmail");
	if (rc == 0)
		rc = read_authority(r, value, "caPath", "caData",
				    GARITA_SOURCE_AUTHORITY);
	if (rc < 0)
		return rc;
	one = begin_keyless(r, GARITA_KEYLESS_FULCIO);
	one->kind = GARITA_SUBJECT_EMAIL;
	one->subject = copy_string(value, "subjectEmail");
	one->issuer = copy_string(value, "oidcIssuer");
	return 0;
}

/* Both names have to be there where both are given. */
static int read_pki_names(struct reader *r, const struct garita_json *value)
{
	auto_free char *email = copy_string(value, "subjectEmail");
	auto_free char *host = copy_string(value, "subjectHostname");
	struct garita_keyless_identity *one;

	if ((email == NULL || *email == '\0') &&
	    (host == NULL || *host == '\0'))
		return wrong(r, "\"pki\" needs a \"subjectEmail\" or a "
				"\"subjectHostname\"");
	one = begin_keyless(r, GARITA_KEYLESS_PKI);
	if (email != NULL && *email != '\0') {
		one->kind = GARITA_SUBJECT_EMAIL;
		one->subject = garita_take_ptr(&email);
		if (host != NULL && *host != '\0')
			one->host = garita_take_ptr(&host);
	} else {
		one->kind = GARITA_SUBJECT_HOST;
		one->subject = garita_take_ptr(&host);
	}
	return 0;
}

static int read_pki(struct reader *r, const char *name,
		    const struct garita_json *value)
{
	static const char *const members[] = {
		"caRootsPath",
		"caRootsData",
		"caIntermediatesPath",
		"caIntermediatesData",
		"subjectEmail",
		"subjectHostname",
		NULL,
	};
	int rc = check_members(r, value, members);

	(void)name;
	if (rc == 0)
		rc = one_string(r, value, "caRootsPath", "caRootsData", false);
	if (rc == 0)
		rc = one_string(r, value, "caIntermediatesPath",
				"caIntermediatesData", true);
	if (rc == 0)
		rc = read_authority(r, value, "caRootsPath", "caRootsData",
				    GARITA_SOURCE_AUTHORITY);
	if (rc == 0)
		rc = read_authority(r, value, "caIntermediatesPath",
				    "caIntermediatesData",
				    GARITA_SOURCE_BETWEEN);
	return rc == 0 ? read_pki_names(r, value) : rc;
}

struct source {
	const char *name;
	int (*read)(struct reader *r, const char *name,
		    const struct garita_json *value);
};

static const struct source sigstore_sources[] = {
	{ "keyPath", read_path },  { "keyPaths", read_paths },
	{ "keyData", read_data },  { "keyDatas", read_datas },
	{ "fulcio", read_fulcio }, { "pki", read_pki },
};

/* The first three are those of signedBy. */
enum { SIGNED_BY_SOURCES = 3 };

static const struct source *only_source(const struct reader *r, size_t count)
{
	const struct source *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (member(r, sigstore_sources[i].name) == NULL)
			continue;
		if (found != NULL)
			return NULL;
		found = &sigstore_sources[i];
	}
	return found;
}

static int read_source(struct reader *r, size_t count)
{
	const struct source *source = only_source(r, count);

	if (source == NULL)
		return count == SIGNED_BY_SOURCES
			       ? wrong(r, "needs exactly one of keyPath, "
					  "keyPaths and keyData")
			       : wrong(r, "needs exactly one of keyPath, "
					  "keyPaths, keyData, keyDatas, fulcio "
					  "and pki");
	return source->read(r, source->name, member(r, source->name));
}

/* ---- types ---- */

static int read_identity(struct reader *r)
{
	const struct garita_json *node = member(r, "signedIdentity");
	auto_text at = { 0 };

	r->into->identity.kind = GARITA_IDENTITY_REPO_DIGEST_OR_EXACT;
	if (node == NULL)
		return 0;
	garita_text_puts(&at, r->pointer);
	garita_json_pointer_add(&at, "signedIdentity");
	return garita_identity_read(r->doc, node, at.data, false,
				    &r->into->identity, r->err);
}

static int read_signed_by(struct reader *r)
{
	static const char others[][17] = { "signedByGPGKeys",
					   "X509Certificates",
					   "signedByX509CAs" };
	const char *type = garita_json_string(member(r, "keyType"));
	int rc = read_source(r, SIGNED_BY_SOURCES);

	if (rc == 0)
		rc = read_identity(r);
	if (rc < 0)
		return rc;
	if (type != NULL && strcmp(type, "GPGKeys") == 0)
		return 0;
	for (size_t i = 0; i < GARITA_COUNT(others); i++)
		if (type != NULL && strcmp(type, others[i]) == 0) {
			r->into->kind = GARITA_REQUIRE_UNSUPPORTED;
			r->into->why = garita_xstrdup(
				"a keyType that no tool implements");
			return 0;
		}
	return wrong(r, "\"keyType\" must be \"GPGKeys\"");
}

/* Logs whose promise is wanted: of a certificate always, of a key where they
 * are named. */
static int read_rekor(struct reader *r, bool wanted, bool forbidden)
{
	static const struct source sources[] = {
		{ "rekorPublicKeyPath", read_path },
		{ "rekorPublicKeyPaths", read_paths },
		{ "rekorPublicKeyData", read_data },
		{ "rekorPublicKeyDatas", read_datas },
	};
	const struct source *found = NULL;
	size_t before = r->into->key_count;
	int rc;

	for (size_t i = 0; i < GARITA_COUNT(sources); i++) {
		if (member(r, sources[i].name) == NULL)
			continue;
		if (found != NULL)
			return wrong(r, "\"%s\" and \"%s\" exclude each other",
				     found->name, sources[i].name);
		found = &sources[i];
	}
	if (found == NULL)
		return wanted ? wrong(r, "\"fulcio\" needs a Rekor public key")
			      : 0;
	if (forbidden)
		return wrong(r, "\"pki\" and \"%s\" exclude each other",
			     found->name);
	rc = found->read(r, found->name, member(r, found->name));
	for (size_t i = before; i < r->into->key_count; i++)
		r->into->keys[i].role = GARITA_SOURCE_LOG;
	return rc;
}

static int read_sigstore(struct reader *r)
{
	int rc = read_source(r, GARITA_COUNT(sigstore_sources));

	if (rc == 0)
		rc = read_rekor(r, member(r, "fulcio") != NULL,
				member(r, "pki") != NULL);
	return rc < 0 ? rc : read_identity(r);
}

static const char *const no_members[] = { "type", NULL };
static const char *const signed_by_members[] = {
	"type",    "keyType",        "keyPath", "keyPaths",
	"keyData", "signedIdentity", NULL,
};
static const char *const sigstore_members[] = {
	"type",
	"keyPath",
	"keyPaths",
	"keyData",
	"keyDatas",
	"fulcio",
	"pki",
	"rekorPublicKeyPath",
	"rekorPublicKeyPaths",
	"rekorPublicKeyData",
	"rekorPublicKeyDatas",
	"signedIdentity",
	NULL,
};

static const struct type {
	const char *name;
	enum garita_requirement_kind kind;
	const char *const *members;
	int (*read)(struct reader *r); /* NULL: there is nothing more */
} types[] = {
	{ "insecureAcceptAnything", GARITA_REQUIRE_NOTHING, no_members, NULL },
	{ "reject", GARITA_REQUIRE_REJECT, no_members, NULL },
	{ "signedBy", GARITA_REQUIRE_GPG, signed_by_members, read_signed_by },
	{ "sigstoreSigned", GARITA_REQUIRE_KEYS, sigstore_members,
	  read_sigstore },
};

int garita_containers_requirement(struct garita_json_doc *doc,
				  const struct garita_json *node,
				  const char *pointer,
				  struct garita_requirements *ret,
				  struct garita_error *err)
{
	struct reader r = { doc, node, pointer, NULL, err };
	const char *name = garita_json_string(garita_json_get(node, "type"));
	struct garita_nearest near = garita_nearest_to(name ? name : "");
	int rc;

	if (name == NULL)
		return wrong(&r, "must be an object with a \"type\"");
	for (size_t i = 0; i < GARITA_COUNT(types); i++) {
		garita_nearest_try(&near, types[i].name);
		if (strcmp(types[i].name, name) != 0)
			continue;
		r.into = garita_requirements_add(ret);
		r.into->kind = types[i].kind;
		rc = check_members(&r, node, types[i].members);
		if (rc == 0 && types[i].read != NULL)
			rc = types[i].read(&r);
		return rc;
	}
	return near.word ? wrong(&r,
				 "unknown requirement type \"%s\"; did you "
				 "mean \"%s\"?",
				 name, near.word)
			 : wrong(&r, "unknown requirement type \"%s\"", name);
}
