/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_body - is an entry of the log about this signature? An entry proves
 * something only for what stands in it: with somebody else's, any signature
 * would look logged (CVE-2022-36056).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/base64.h"
#include "policy/trust/format.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/log_entry.h"
#include "policy/trust/pem.h"

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "log: the entry %s", why);
}

/* ---- values ---- */

static bool bytes_at(struct garita_json *root, const char *pointer,
		     unsigned char **ret, size_t *ret_len)
{
	const char *text = garita_json_string(garita_json_at(root, pointer));

	return text != NULL &&
	       garita_base64(text, strlen(text), GARITA_LOG_BODY_MAX, ret,
			     ret_len) == 0;
}

static const char *text_at(struct garita_json *root, const char *pointer)
{
	return garita_json_string(garita_json_at(root, pointer));
}

static bool is_signature(struct garita_json *root, const char *pointer,
			 const struct garita_logged *what)
{
	auto_free unsigned char *bytes = NULL;
	size_t len;

	return bytes_at(root, pointer, &bytes, &len) && len == what->sig_len &&
	       memcmp(bytes, what->sig, len) == 0;
}

static bool is_hex_of(const char *text, const unsigned char *hash, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	if (text == NULL || strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[2 * i] != hex[hash[i] >> 4] ||
		    text[2 * i + 1] != hex[hash[i] & 15])
			return false;
	return true;
}

static const struct {
	const char *old, *new;
	enum garita_hash hash;
} hashes[] = {
	{ "sha256", "SHA2_256", GARITA_SHA256 },
	{ "sha384", "SHA2_384", GARITA_SHA384 },
	{ "sha512", "SHA2_512", GARITA_SHA512 },
};

static bool hash_named(const char *name, bool new, enum garita_hash *ret)
{
	for (size_t i = 0; name != NULL && i < GARITA_COUNT(hashes); i++)
		if (strcmp(new ? hashes[i].new : hashes[i].old, name) == 0) {
			*ret = hashes[i].hash;
			return true;
		}
	return false;
}

/* The hash of what was signed, by this algorithm; false when we cannot know
 * it. */
static bool hash_signed(const struct garita_logged *what, enum garita_hash hash,
			unsigned char ret[GARITA_HASH_MAX])
{
	if (what->message != NULL)
		garita_hash_of(hash, what->message, what->len, NULL, 0, ret);
	else if (what->hash == hash)
		memcpy(ret, what->hashed, garita_hash_len(hash));
	else
		return false;
	return true;
}

static bool is_key_in(const unsigned char *der, size_t len,
		      const struct garita_logged *what)
{
	struct garita_key key;

	if (what->cert != NULL)
		return len == what->cert->all.left &&
		       memcmp(der, what->cert->all.at, len) == 0;
	return garita_key_read((const char *)der, len, &key, NULL) == 0 &&
	       strcmp(key.words, what->key->words) == 0;
}

/* base64 of PEM: the certificate, or the key. */
static bool is_signer(struct garita_json *root, const char *pointer,
		      const struct garita_logged *what)
{
	auto_free unsigned char *text = NULL, *der = NULL;
	struct garita_pem_block block = { 0 }, more = { 0 };
	struct garita_error ignored = { 0 };
	struct garita_pem from = { 0 };
	size_t len;

	if (!bytes_at(root, pointer, &text, &len))
		return false;
	from.at = (const char *)text;
	from.end = from.at + len;
	if (garita_pem_begin(&from, &block, &ignored) != 1 ||
	    !garita_pem_is(&block, what->cert ? "CERTIFICATE" : "PUBLIC KEY") ||
	    garita_pem_body(&from, GARITA_X509_BYTES_MAX, &block, &ignored) < 0)
		return false;
	der = block.bytes;
	return garita_pem_begin(&from, &more, &ignored) == 0 &&
	       is_key_in(der, block.len, what);
}

/* ---- the kinds ---- */

/* hashedrekord 0.0.1 */
static int check_hashed(struct garita_json *root,
			const struct garita_logged *what,
			struct garita_error *err)
{
	unsigned char hash[GARITA_HASH_MAX];
	enum garita_hash how;

	if (!is_signature(root, "/spec/signature/content", what))
		return bad(err, "is of another signature");
	if (!is_signer(root, "/spec/signature/publicKey/content", what))
		return bad(err, "is of another signer");
	if (!hash_named(text_at(root, "/spec/data/hash/algorithm"), false,
			&how) ||
	    !hash_signed(what, how, hash) ||
	    !is_hex_of(text_at(root, "/spec/data/hash/value"), hash,
		       garita_hash_len(how)))
		return bad(err, "is about something else");
	return 0;
}

static bool is_payload_hex(struct garita_json *root, const char *pointer,
			   const struct garita_logged *what)
{
	unsigned char hash[GARITA_HASH_MAX];

	if (what->payload == NULL)
		return false;
	garita_hash_of(GARITA_SHA256, what->payload, what->payload_len, NULL, 0,
		       hash);
	return is_hex_of(text_at(root, pointer), hash, 32);
}

/* Exactly one signature, as there is in the bundle. */
static bool is_one(struct garita_json *root, const char *pointer)
{
	struct garita_json *list = garita_json_at(root, pointer);

	return garita_json_type(list) == GARITA_JSON_ARRAY &&
	       garita_json_count(list) == 1;
}

/* dsse 0.0.1 */
static int check_dsse(struct garita_json *root,
		      const struct garita_logged *what,
		      struct garita_error *err)
{
	const char *hash = text_at(root, "/spec/payloadHash/algorithm");

	if (!is_one(root, "/spec/signatures") ||
	    !is_signature(root, "/spec/signatures/0/signature", what))
		return bad(err, "is of another signature");
	if (!is_signer(root, "/spec/signatures/0/verifier", what))
		return bad(err, "is of another signer");
	if (hash == NULL || strcmp(hash, "sha256") != 0 ||
	    !is_payload_hex(root, "/spec/payloadHash/value", what))
		return bad(err, "is about something else");
	return 0;
}

/* The signature in it is base64 of base64. */
static bool is_signature_twice(struct garita_json *root, const char *pointer,
			       const struct garita_logged *what)
{
	auto_free unsigned char *text = NULL;
	unsigned char *sig = NULL;
	size_t len, sig_len;
	bool same;

	if (!bytes_at(root, pointer, &text, &len) ||
	    garita_base64((const char *)text, len, GARITA_KEY_RSA_MAX, &sig,
			  &sig_len) < 0)
		return false;
	same = sig_len == what->sig_len && memcmp(sig, what->sig, sig_len) == 0;
	free(sig);
	return same;
}

/* intoto 0.0.2 */
static int check_intoto(struct garita_json *root,
			const struct garita_logged *what,
			struct garita_error *err)
{
	static const char at[] = "/spec/content/envelope/signatures";
	const char *hash = text_at(root, "/spec/content/payloadHash/algorithm");

	if (!is_one(root, at) ||
	    !is_signature_twice(root, "/spec/content/envelope/signatures/0/sig",
				what))
		return bad(err, "is of another signature");
	if (!is_signer(root, "/spec/content/envelope/signatures/0/publicKey",
		       what))
		return bad(err, "is of another signer");
	if (hash == NULL || strcmp(hash, "sha256") != 0 ||
	    !is_payload_hex(root, "/spec/content/payloadHash/value", what))
		return bad(err, "is about something else");
	return 0;
}

/* A verifier of the second kind of log: DER. */
static bool is_verifier(struct garita_json *verifier,
			const struct garita_logged *what)
{
	auto_free unsigned char *der = NULL;
	size_t len;

	return bytes_at(verifier,
			what->cert ? "/x509Certificate/rawBytes"
				   : "/publicKey/rawBytes",
			&der, &len) &&
	       is_key_in(der, len, what);
}

static bool is_hash_at(struct garita_json *at, const struct garita_logged *what,
		       bool payload)
{
	unsigned char hash[GARITA_HASH_MAX];
	auto_free unsigned char *said = NULL;
	enum garita_hash how;
	size_t len;

	if (!hash_named(text_at(at, "/algorithm"), true, &how) ||
	    !bytes_at(at, "/digest", &said, &len))
		return false;
	if (payload && what->payload != NULL)
		garita_hash_of(how, what->payload, what->payload_len, NULL, 0,
			       hash);
	else if (payload || !hash_signed(what, how, hash))
		return false;
	return len == garita_hash_len(how) && memcmp(said, hash, len) == 0;
}

/* hashedrekord 0.0.2: for an envelope over the hash of what it signs. */
static int check_hashed_2(struct garita_json *root,
			  const struct garita_logged *what,
			  struct garita_error *err)
{
	static const char at[] = "/spec/hashedRekordV002";
	struct garita_json *spec = garita_json_at(root, at);

	if (!is_signature(spec, "/signature/content", what))
		return bad(err, "is of another signature");
	if (!is_verifier(garita_json_get(garita_json_get(spec, "signature"),
					 "verifier"),
			 what))
		return bad(err, "is of another signer");
	if (!is_hash_at(garita_json_get(spec, "data"), what, false))
		return bad(err, "is about something else");
	return 0;
}

/* dsse 0.0.2 */
static int check_dsse_2(struct garita_json *root,
			const struct garita_logged *what,
			struct garita_error *err)
{
	struct garita_json *spec = garita_json_at(root, "/spec/dsseV002");
	struct garita_json *one =
		garita_json_item(garita_json_get(spec, "signatures"), 0);

	if (!is_one(spec, "/signatures") ||
	    !is_signature(one, "/content", what))
		return bad(err, "is of another signature");
	if (!is_verifier(garita_json_get(one, "verifier"), what))
		return bad(err, "is of another signer");
	if (!is_hash_at(garita_json_get(spec, "payloadHash"), what, true))
		return bad(err, "is about something else");
	return 0;
}

static const struct {
	const char *kind, *version;
	int (*check)(struct garita_json *root, const struct garita_logged *what,
		     struct garita_error *err);
} kinds[] = {
	{ "hashedrekord", "0.0.1", check_hashed },
	{ "dsse", "0.0.1", check_dsse },
	{ "intoto", "0.0.2", check_intoto },
	{ "hashedrekord", "0.0.2", check_hashed_2 },
	{ "dsse", "0.0.2", check_dsse_2 },
};

int garita_log_check_body(const struct garita_log_entry *entry,
			  const struct garita_logged *what,
			  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json *root;
	const char *kind, *version;

	if (garita_json_parse((const char *)entry->body, entry->body_len,
			      GARITA_JSON_STRICT, &doc, NULL) < 0)
		return bad(err, "is no JSON that everybody reads alike");
	root = garita_json_root(doc);
	kind = garita_json_string(garita_json_get(root, "kind"));
	version = garita_json_string(garita_json_get(root, "apiVersion"));
	if (kind == NULL || version == NULL ||
	    (entry->kind != NULL && (strcmp(kind, entry->kind) != 0 ||
				     strcmp(version, entry->version) != 0)))
		return bad(err, "is of another kind than the bundle says");
	for (size_t i = 0; i < GARITA_COUNT(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0 &&
		    strcmp(kinds[i].version, version) == 0)
			return kinds[i].check(root, what, err);
	return bad(err, "is of a kind that is not known");
}
