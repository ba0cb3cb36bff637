/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trusted_root - sigstore's trusted_root.json (protobuf-specs, TrustedRoot).
 */
#include "policy/trust/trusted_root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/rfc3339.h"
#include "garita/sha256.h"
#include "policy/trust/base64.h"
#include "policy/trust/fields.h"

#define PROTO GARITA_NAMES_PROTO

static const char types[][58] = {
	"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
	"application/vnd.dev.sigstore.trustedroot.v0.1+json",
	"application/vnd.dev.sigstore.trustedroot.v0.2+json",
};

/* keyDetails of keys that we can check with. */
static const struct {
	const char *name;
	enum garita_key_kind kind;
	bool pkcs1; /* the bytes are an RSAPublicKey */
} details[] = {
	{ "PKIX_ECDSA_P256_SHA_256", GARITA_KEY_P256, false },
	{ "PKIX_ECDSA_P384_SHA_384", GARITA_KEY_P384, false },
	{ "PKIX_ECDSA_P521_SHA_512", GARITA_KEY_P521, false },
	{ "PKIX_ED25519", GARITA_KEY_ED25519, false },
	{ "PKIX_RSA_PKCS1V15_2048_SHA256", GARITA_KEY_RSA, false },
	{ "PKIX_RSA_PKCS1V15_3072_SHA256", GARITA_KEY_RSA, false },
	{ "PKIX_RSA_PKCS1V15_4096_SHA256", GARITA_KEY_RSA, false },
	{ "PKCS1_RSA_PKCS1V5", GARITA_KEY_RSA, true },
};

/* ---- parts ---- */

/* "start" has to be there; without an "end" it has none. */
static int read_span(const struct garita_json *of, struct garita_span *ret,
		     struct garita_error *err)
{
	const struct garita_json *span = garita_field(of, PROTO, "validFor");
	const char *from =
		garita_json_string(garita_field(span, PROTO, "start"));
	const struct garita_json *end = garita_field(span, PROTO, "end");
	const char *to = garita_json_string(end);

	*ret = (struct garita_span){ .has_to = end != NULL };
	if (from == NULL || garita_rfc3339(from, &ret->from) < 0 ||
	    (end != NULL && (to == NULL || garita_rfc3339(to, &ret->to) < 0)))
		return garita_fail(err, EINVAL,
				   "validFor does not say from when");
	return 0;
}

static void hash_of_key(const struct garita_key *key, unsigned char ret[32])
{
	const char *hex = strchr(key->words, ':') + 1;

	for (size_t i = 0; i < 32; i++) {
		unsigned value = 0;

		for (size_t j = 0; j < 2; j++) {
			char c = hex[2 * i + j];

			value = value << 4 |
				(unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		ret[i] = (unsigned char)value;
	}
}

/* 0 when the key is read, 1 when it is of no kind that we know. */
static int read_key(const struct garita_json *of, struct garita_log *ret,
		    struct garita_error *err)
{
	const struct garita_json *key = garita_field(of, PROTO, "publicKey");
	const char *said =
		garita_json_string(garita_field(key, PROTO, "keyDetails"));
	auto_free unsigned char *bytes = NULL;
	size_t len = 0, i = 0;
	int r;

	if (said == NULL)
		return garita_fail(err, EINVAL, "publicKey has no keyDetails");
	while (i < GARITA_COUNT(details) && strcmp(details[i].name, said) != 0)
		i++;
	if (i == GARITA_COUNT(details))
		return 1;
	r = garita_field_bytes(key, "rawBytes", (size_t)2 * GARITA_KEY_RSA_MAX,
			       &bytes, &len, err);
	if (r == 0)
		r = details[i].pkcs1
			    ? garita_key_pkcs1(bytes, len, &ret->key, err)
			    : garita_key_read((char *)bytes, len, &ret->key,
					      err);
	if (r < 0)
		return r;
	if (ret->key.kind != details[i].kind)
		return garita_fail(err, EINVAL,
				   "the key is not what its keyDetails say");
	hash_of_key(&ret->key, ret->key_hash);
	return read_span(key, &ret->span, err);
}

/* "https://rekor.sigstore.dev/" -> "rekor.sigstore.dev" */
static char *host_of(const char *url)
{
	const char *at = strstr(url, "://");
	size_t len;

	at = at != NULL ? at + 3 : url;
	len = strlen(at);
	while (len > 0 && at[len - 1] == '/')
		len--;
	return garita_xstrndup(at, len);
}

static int read_log(const struct garita_json *of, struct garita_log *ret,
		    struct garita_error *err)
{
	const char *url =
		garita_json_string(garita_field(of, PROTO, "baseUrl"));
	const struct garita_json *id = garita_field(of, PROTO, "logId");
	auto_free unsigned char *bytes = NULL;
	int r = read_key(of, ret, err);

	if (r != 0)
		return r;
	r = garita_field_bytes(id, "keyId", GARITA_LOG_ID_MAX, &bytes,
			       &ret->id_len, err);
	if (r < 0)
		return r;
	if (ret->id_len == 0 || bytes == NULL)
		return garita_fail(err, EINVAL, "keyId is empty");
	memcpy(ret->id, bytes, ret->id_len);
	ret->host = host_of(url != NULL ? url : "");
	return 0;
}

static struct garita_log *add_log(struct garita_log **list, size_t *count)
{
	*list = garita_xresize(*list, *count + 1, sizeof(**list));
	(*list)[*count] = (struct garita_log){ 0 };
	return &(*list)[(*count)++];
}

static int read_logs(const struct garita_json *list, struct garita_log **ret,
		     size_t *ret_count, struct garita_error *err)
{
	size_t count = garita_json_count(list);

	if (list != NULL && garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "is not an array");
	if (count > GARITA_LOGS_MAX)
		return garita_fail(err, EINVAL, "more than %d logs",
				   GARITA_LOGS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct garita_log log = { 0 };
		int r = read_log(garita_json_item(list, i), &log, err);

		if (r < 0)
			return r;
		if (r == 0)
			*add_log(ret, ret_count) = log;
	}
	return 0;
}

/* ---- authorities ---- */

static struct garita_authority *add_authority(struct garita_authority **list,
					      size_t *count)
{
	*list = garita_xresize(*list, *count + 1, sizeof(**list));
	(*list)[*count] = (struct garita_authority){ 0 };
	return &(*list)[(*count)++];
}

/* The last is trusted. Of who stamps the first is its own, if it is of no
 * authority; so the only one may be both. */
static struct garita_x509_list *place_of(struct garita_authority *to,
					 const struct garita_x509 *cert,
					 size_t i, size_t count, bool stamps)
{
	if (i + 1 == count)
		return &to->roots;
	if (stamps && i == 0 && !cert->is_ca)
		return &to->leaves;
	return &to->between;
}

static int read_chain(const struct garita_json *of, bool stamps,
		      struct garita_authority *to, struct garita_error *err)
{
	const struct garita_json *list = garita_field(
		garita_field(of, PROTO, "certChain"), PROTO, "certificates");
	size_t count = garita_json_count(list);

	if (garita_json_type(list) != GARITA_JSON_ARRAY || count == 0 ||
	    count > GARITA_X509_CHAIN_MAX)
		return garita_fail(err, EINVAL,
				   "certChain has not from 1 to %d "
				   "certificates",
				   GARITA_X509_CHAIN_MAX);
	for (size_t i = 0; i < count; i++) {
		auto_free unsigned char *bytes = NULL;
		struct garita_x509 cert;
		size_t len = 0;
		int r = garita_field_bytes(garita_json_item(list, i),
					   "rawBytes", GARITA_X509_BYTES_MAX,
					   &bytes, &len, err);

		if (r == 0)
			r = garita_x509_read(bytes, len, &cert, err);
		if (r == 0)
			r = garita_x509_list_add(
				place_of(to, &cert, i, count, stamps), bytes,
				len, err);
		if (r == 0 && stamps && count == 1)
			r = garita_x509_list_add(&to->leaves, bytes, len, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_authorities(const struct garita_json *list, bool stamps,
			    struct garita_authority **ret, size_t *ret_count,
			    struct garita_error *err)
{
	size_t count = garita_json_count(list);

	if (list != NULL && garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "is not an array");
	if (count > GARITA_AUTHORITIES_MAX)
		return garita_fail(err, EINVAL, "more than %d authorities",
				   GARITA_AUTHORITIES_MAX);
	for (size_t i = 0; i < count; i++) {
		struct garita_authority *to = add_authority(ret, ret_count);
		const struct garita_json *of = garita_json_item(list, i);
		int r = read_span(of, &to->span, err);

		if (r == 0)
			r = read_chain(of, stamps, to, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the file ---- */

static int check_type(const struct garita_json *root, struct garita_error *err)
{
	const char *type =
		garita_json_string(garita_field(root, PROTO, "mediaType"));

	for (size_t i = 0; type != NULL && i < GARITA_COUNT(types); i++)
		if (strcmp(type, types[i]) == 0)
			return 0;
	return garita_fail(err, EINVAL,
			   "not a trusted_root.json: its mediaType is "
			   "\"%.80s\"",
			   type != NULL ? type : "");
}

static int read_root(const struct garita_json *root,
		     struct garita_trusted_root *ret, struct garita_error *err)
{
	static const char *const names[] = { "mediaType",
					     "tlogs",
					     "certificateAuthorities",
					     "ctlogs",
					     "timestampAuthorities",
					     NULL };
	int r = check_type(root, err);

	if (r == 0)
		r = garita_fields_check(root, PROTO, names, "the file", err);
	if (r < 0)
		return r;
	r = read_logs(garita_field(root, PROTO, "tlogs"), &ret->logs,
		      &ret->log_count, err);
	if (r < 0)
		return garita_fail_in(err, "tlogs");
	ret->whole = true;
	ret->names_logs = garita_json_count(garita_field(root, PROTO, "tlogs"));
	r = read_logs(garita_field(root, PROTO, "ctlogs"), &ret->ct_logs,
		      &ret->ct_log_count, err);
	if (r < 0)
		return garita_fail_in(err, "ctlogs");
	r = read_authorities(
		garita_field(root, PROTO, "certificateAuthorities"), false,
		&ret->authorities, &ret->authority_count, err);
	if (r < 0)
		return garita_fail_in(err, "certificateAuthorities");
	r = read_authorities(garita_field(root, PROTO, "timestampAuthorities"),
			     true, &ret->stampers, &ret->stamper_count, err);
	return r < 0 ? garita_fail_in(err, "timestampAuthorities") : 0;
}

int garita_trusted_root_read(const char *text, size_t len,
			     struct garita_trusted_root *ret,
			     struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_trusted_root root = { 0 };
	int r = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	if (r == 0)
		r = read_root(garita_json_root(doc), &root, err);
	if (r < 0)
		return r;
	garita_trusted_root_free(ret);
	*ret = root;
	root = (struct garita_trusted_root){ 0 };
	return 0;
}

int garita_trusted_root_add_log(struct garita_trusted_root *to,
				const char *bytes, size_t len,
				struct garita_error *err)
{
	struct garita_log log = { 0 };
	int r = garita_key_read(bytes, len, &log.key, err);

	if (r < 0)
		return r;
	hash_of_key(&log.key, log.key_hash);
	memcpy(log.id, log.key_hash, sizeof(log.id));
	log.id_len = sizeof(log.id);
	log.host = garita_xstrdup("");
	*add_log(&to->logs, &to->log_count) = log;
	to->names_logs = true;
	return 0;
}

int garita_trusted_root_add_authority(struct garita_trusted_root *to,
				      const char *bytes, size_t len,
				      bool between, struct garita_error *err)
{
	struct garita_authority *authority =
		to->authority_count > 0
			? to->authorities
			: add_authority(&to->authorities, &to->authority_count);

	return garita_x509_list_read(between ? &authority->between
					     : &authority->roots,
				     bytes, len, err);
}

static void free_authorities(struct garita_authority *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		garita_x509_list_free(&list[i].roots);
		garita_x509_list_free(&list[i].between);
		garita_x509_list_free(&list[i].leaves);
	}
	free(list);
}

static void free_logs(struct garita_log *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].host);
	free(list);
}

void garita_trusted_root_free(struct garita_trusted_root *root)
{
	free_logs(root->logs, root->log_count);
	free_logs(root->ct_logs, root->ct_log_count);
	free_authorities(root->authorities, root->authority_count);
	free_authorities(root->stampers, root->stamper_count);
	*root = (struct garita_trusted_root){ 0 };
}

const struct garita_log *garita_log_find(const struct garita_log *logs,
					 size_t count, const unsigned char *id,
					 size_t id_len)
{
	for (size_t i = 0; i < count; i++)
		if (logs[i].id_len == id_len &&
		    memcmp(logs[i].id, id, id_len) == 0)
			return &logs[i];
	return NULL;
}
