/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_logged - a key's signature that a log has to know, with entries of
 * every kind that there is, made here: each about this signature, and then
 * about another in exactly one way (CVE-2022-36056).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "garita/memory.h"
#include "garita/trust.h"
#include "policy/trust/key_parts.h"
#include "tests/unit/sigstore_make.h"
#include "tests/unit/trust_expect.h"

#define IMAGE "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define TYPE  "application/vnd.in-toto+json"
#define STATEMENT(type)                                                        \
	"{" type "\"subject\":[{\"name\":\"app\",\"digest\":{\"sha256\":"      \
	"\"" IMAGE "\"}}],\"predicateType\":\"https://example.com/t\","        \
	"\"predicate\":{}}"
#define GOOD STATEMENT("\"_type\":\"https://in-toto.io/Statement/v1\",")

struct pair {
	EVP_PKEY *private;
	struct garita_key key;
	char *der, *pem;                   /* base64 */
	unsigned char id[GARITA_HASH_MAX]; /* 32 of it */
};

static void pair_make(struct pair *ret)
{
	BIO *pem = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	char *text;
	int len;

	ret->private = make_pair("P-256", &ret->key);
	len = i2d_PUBKEY(ret->private, &der);
	ret->der = make_base64(der, (size_t)len);
	garita_hash_of(GARITA_SHA256, der, (size_t)len, NULL, 0, ret->id);
	OPENSSL_free(der);
	assert_int_equal(PEM_write_bio_PUBKEY(pem, ret->private), 1);
	len = (int)BIO_get_mem_data(pem, &text);
	ret->pem = make_base64(text, (size_t)len);
	BIO_free(pem);
}

static void pair_free(struct pair *pair)
{
	EVP_PKEY_free(pair->private);
	free(pair->der);
	free(pair->pem);
}

struct scene {
	struct pair signer, stranger, log;
	char *sig, *again; /* over GOOD, twice: ECDSA never says the same */
};

static int scene_make(void **state)
{
	struct scene *scene = garita_xcalloc(1, sizeof(*scene));

	pair_make(&scene->signer);
	pair_make(&scene->stranger);
	pair_make(&scene->log);
	scene->sig = make_dsse_signature(scene->signer.private, TYPE, GOOD);
	scene->again = make_dsse_signature(scene->signer.private, TYPE, GOOD);
	*state = scene;
	return 0;
}

static int scene_free(void **state)
{
	struct scene *scene = *state;

	pair_free(&scene->signer);
	pair_free(&scene->stranger);
	pair_free(&scene->log);
	free(scene->sig);
	free(scene->again);
	free(scene);
	return 0;
}

/* ---- entries ---- */

static void put_hex(struct garita_text *to, const unsigned char *bytes,
		    size_t len)
{
	for (size_t i = 0; i < len; i++)
		garita_text_printf(to, "%02x", bytes[i]);
}

static void put_base64(struct garita_text *to, const void *bytes, size_t len)
{
	auto_free char *text = make_base64(bytes, len);

	garita_text_puts(to, text);
}

static void put_hash(struct garita_text *to, const void *bytes, size_t len,
		     bool hex)
{
	unsigned char hash[GARITA_HASH_MAX];

	garita_hash_of(GARITA_SHA256, bytes, len, NULL, 0, hash);
	if (hex)
		put_hex(to, hash, 32);
	else
		put_base64(to, hash, 32);
}

/* %S the signature, %T its base64, %K the key as base64 of PEM, %D as DER, %h
 * and %b the hash of what the envelope signs, %p and %q that of its payload */
static const struct {
	const char *kind, *version, *spec;
} kinds[] = {
	{ "hashedrekord", "0.0.1",
	  "{\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\"%h\"}},"
	  "\"signature\":{\"content\":\"%S\",\"publicKey\":{\"content\":"
	  "\"%K\"}}}" },
	{ "dsse", "0.0.1",
	  "{\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"%p\"},"
	  "\"signatures\":[{\"signature\":\"%S\",\"verifier\":\"%K\"}]}" },
	{ "intoto", "0.0.2",
	  "{\"content\":{\"envelope\":{\"payloadType\":\"" TYPE "\","
	  "\"signatures\":[{\"publicKey\":\"%K\",\"sig\":\"%T\"}]},"
	  "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"%p\"}}}" },
	{ "hashedrekord", "0.0.2",
	  "{\"hashedRekordV002\":{\"data\":{\"algorithm\":\"SHA2_256\","
	  "\"digest\":\"%b\"},\"signature\":{\"content\":\"%S\",\"verifier\":"
	  "{\"publicKey\":{\"rawBytes\":\"%D\"}}}}}" },
	{ "dsse", "0.0.2",
	  "{\"dsseV002\":{\"payloadHash\":{\"algorithm\":\"SHA2_256\","
	  "\"digest\":\"%q\"},\"signatures\":[{\"content\":\"%S\","
	  "\"verifier\":{\"publicKey\":{\"rawBytes\":\"%D\"}}}]}}" },
};

static void put_body(struct garita_text *to, size_t kind, const char *sig,
		     const struct pair *by, const char *payload)
{
	auto_text pae = { 0 };

	garita_text_printf(&pae, "DSSEv1 %zu %s %zu %s", strlen(TYPE), TYPE,
			   strlen(payload), payload);
	garita_text_printf(to, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",",
			   kinds[kind].version, kinds[kind].kind);
	garita_text_puts(to, "\"spec\":");
	for (const char *at = kinds[kind].spec; *at != '\0'; at++) {
		if (*at != '%') {
			garita_text_putc(to, *at);
			continue;
		}
		at++;
		if (*at == 'S')
			garita_text_puts(to, sig);
		else if (*at == 'T')
			put_base64(to, sig, strlen(sig));
		else if (*at == 'K')
			garita_text_puts(to, by->pem);
		else if (*at == 'D')
			garita_text_puts(to, by->der);
		else if (*at == 'h' || *at == 'b')
			put_hash(to, pae.data, pae.len, *at == 'h');
		else
			put_hash(to, payload, strlen(payload), *at == 'p');
	}
	garita_text_putc(to, '}');
}

enum proofs { PROOF, PROMISE, BOTH };

/* The entry alone in its tree. */
static void put_proof(struct garita_text *to, const struct pair *log,
		      const struct garita_text *body)
{
	auto_text leaf = { 0 }, root = { 0 }, note = { 0 };
	auto_free char *sig = NULL;
	auto_free unsigned char *raw = NULL;
	unsigned char line[256];
	int len;

	garita_text_add(&leaf, "\0", 1);
	garita_text_add(&leaf, body->data, body->len);
	put_hash(&root, leaf.data, leaf.len, false);
	garita_text_printf(&note, "rekor.test\n1\n%s\n", root.data);
	sig = make_signature(log->private, NULL, note.data, note.len);
	raw = garita_xalloc(strlen(sig) + 1);
	len = EVP_DecodeBlock(raw, (unsigned char *)sig, (int)strlen(sig));
	while (len > 0 && sig[strlen(sig) - 1] == '=') {
		sig[strlen(sig) - 1] = '\0';
		len--;
	}
	memcpy(line, log->id, 4);
	memcpy(line + 4, raw, (size_t)len);
	garita_text_printf(to,
			   ",\"inclusionProof\":{\"logIndex\":\"0\","
			   "\"rootHash\":\"%s\",\"treeSize\":\"1\","
			   "\"hashes\":[],\"checkpoint\":{\"envelope\":"
			   "\"rekor.test\\n1\\n%s\\n\\n\xe2\x80\x94 "
			   "rekor.test ",
			   root.data, root.data);
	put_base64(to, line, 4 + (size_t)len);
	garita_text_puts(to, "\\n\"}}");
}

static void put_promise(struct garita_text *to, const struct pair *log,
			const struct garita_text *body)
{
	auto_text promised = { 0 };
	auto_free char *sig = NULL;

	garita_text_puts(&promised, "{\"body\":\"");
	put_base64(&promised, body->data, body->len);
	garita_text_puts(&promised,
			 "\",\"integratedTime\":1700000000,\"logID\":\"");
	put_hex(&promised, log->id, 32);
	garita_text_puts(&promised, "\",\"logIndex\":0}");
	sig = make_signature(log->private, NULL, promised.data, promised.len);
	garita_text_printf(to,
			   ",\"integratedTime\":\"1700000000\","
			   "\"inclusionPromise\":{\"signedEntryTimestamp\":"
			   "\"%s\"}",
			   sig);
}

static void put_entry(struct garita_text *to, size_t kind,
		      const struct pair *log, enum proofs with,
		      const struct garita_text *body)
{
	garita_text_puts(to, "{\"logIndex\":\"0\",\"logId\":{\"keyId\":\"");
	put_base64(to, log->id, 32);
	garita_text_printf(to,
			   "\"},\"kindVersion\":{\"kind\":\"%s\","
			   "\"version\":\"%s\"}",
			   kinds[kind].kind, kinds[kind].version);
	if (with != PROOF)
		put_promise(to, log, body);
	if (with != PROMISE)
		put_proof(to, log, body);
	garita_text_puts(to, ",\"canonicalizedBody\":\"");
	put_base64(to, body->data, body->len);
	garita_text_puts(to, "\"}");
}

/* `entry` NULL: none. */
static void put_bundle(struct garita_text *to, const char *entry,
		       const char *payload, const char *sig)
{
	garita_text_puts(to, "{\"mediaType\":\"application/vnd.dev.sigstore."
			     "bundle.v0.3+json\",\"verificationMaterial\":{"
			     "\"publicKey\":{\"hint\":\"x\"}");
	if (entry != NULL)
		garita_text_printf(to, ",\"tlogEntries\":[%s]", entry);
	garita_text_puts(to, "},\"dsseEnvelope\":{\"payload\":\"");
	put_base64(to, payload, strlen(payload));
	garita_text_printf(to,
			   "\",\"payloadType\":\"" TYPE "\",\"signatures\":"
			   "[{\"sig\":\"%s\"}]}}",
			   sig);
}

/* ---- what is trusted ---- */

#define ROOT                                                                   \
	"\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;"       \
	"version=0.1\""

static void put_root(struct garita_text *to, const struct pair *log,
		     const char *details)
{
	garita_text_printf(to,
			   "{" ROOT ",\"tlogs\":[{\"baseUrl\":"
			   "\"https://rekor.test\",\"hashAlgorithm\":"
			   "\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"%s\","
			   "\"keyDetails\":\"%s\",\"validFor\":{\"start\":"
			   "\"2020-01-01T00:00:00Z\"}},\"logId\":{\"keyId\":\"",
			   log->der, details);
	put_base64(to, log->id, 32);
	garita_text_puts(to, "\"}}]}");
}

/* `says` NULL: accepted. */
static void expect(const char *why, const struct pair *signer, const char *root,
		   const char *bundle, const char *says)
{
	auto_requirements wanted = { 0 };
	auto_blobs material = { 0 };
	struct garita_requirement *one = garita_requirements_add(&wanted);
	auto_text key = { 0 };

	one->identity.kind = GARITA_IDENTITY_ANY;
	one->any_statement = true;
	one->kind = GARITA_REQUIRE_KEYS;
	garita_text_printf(&key,
			   "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC "
			   "KEY-----\n",
			   signer->der);
	trust_add_source(one, key.data, GARITA_SOURCE_KEY);
	if (root != NULL)
		trust_add_source(one, root, GARITA_SOURCE_TRUSTED_ROOT);
	trust_expect(why, &wanted, "sha256:" IMAGE, &material, bundle, says);
}

/* ---- tests ---- */

static void test_every_kind_is_bound(void **state)
{
	const struct scene *of = *state;
	const struct {
		const char *why, *sig, *payload;
		const struct pair *by;
		const char *says;
	} entries[] = {
		{ "as it is", of->sig, GOOD, &of->signer, NULL },
		{ "swapped: the same signed again", of->again, GOOD,
		  &of->signer, "log: the entry is of another signature" },
		{ "another signer", of->sig, GOOD, &of->stranger,
		  "log: the entry is of another signer" },
		{ "something else", of->sig, GOOD " ", &of->signer,
		  "log: the entry is about something else" },
	};
	auto_text root = { 0 };

	put_root(&root, &of->log, "PKIX_ECDSA_P256_SHA_256");
	for (size_t kind = 0; kind < GARITA_COUNT(kinds); kind++)
		for (size_t i = 0; i < GARITA_COUNT(entries); i++) {
			auto_text body = { 0 }, entry = { 0 }, bundle = { 0 };

			put_body(&body, kind, entries[i].sig, entries[i].by,
				 entries[i].payload);
			put_entry(&entry, kind, &of->log, PROOF, &body);
			put_bundle(&bundle, entry.data, GOOD, of->sig);
			expect(entries[i].why, &of->signer, root.data,
			       bundle.data, entries[i].says);
		}
}

static void test_what_a_log_has_to_say(void **state)
{
	const struct scene *of = *state;
	auto_text root = { 0 }, body = { 0 };
	const struct {
		const char *why;
		const struct pair *log, *signer;
		enum proofs with;
		const char *says;
	} rows[] = {
		{ "both", &of->log, &of->signer, BOTH, NULL },
		{ "a promise alone", &of->log, &of->signer, PROMISE,
		  "log: the entry has no inclusion proof" },
		{ "another log", &of->stranger, &of->signer, BOTH,
		  "log: no entry is by a log that is trusted" },
		{ "another key", &of->log, &of->stranger, BOTH,
		  "log: the entry is of another signer" },
	};

	put_root(&root, &of->log, "PKIX_ECDSA_P256_SHA_256");
	put_body(&body, 0, of->sig, &of->signer, GOOD);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text entry = { 0 }, bundle = { 0 };

		put_entry(&entry, 0, rows[i].log, rows[i].with, &body);
		put_bundle(&bundle, entry.data, GOOD, of->sig);
		expect(rows[i].why, rows[i].signer, root.data, bundle.data,
		       rows[i].says);
	}
}

/* Logs that are named want an entry, also one of a kind that we do not know; a
 * root that names none wants nothing. */
static void test_whose_log(void **state)
{
	const struct scene *of = *state;
	auto_text known = { 0 }, future = { 0 }, bundle = { 0 };

	put_root(&known, &of->log, "PKIX_ECDSA_P256_SHA_256");
	put_root(&future, &of->log, "PKIX_ML_DSA_65");
	put_bundle(&bundle, NULL, GOOD, of->sig);
	expect("no root", &of->signer, NULL, bundle.data, NULL);
	expect("no log", &of->signer, "{" ROOT "}", bundle.data, NULL);
	expect("no log, another key", &of->stranger, "{" ROOT "}", bundle.data,
	       "not signed by key");
	expect("no entry", &of->signer, known.data, bundle.data,
	       "log: there is no entry of a log");
	expect("a log of the future", &of->signer, future.data, bundle.data,
	       "log: there is no entry of a log");
}

/* What is logged and signed counts only as a statement that is understood. */
static void test_which_statement(void **state)
{
	static const struct {
		const char *payload, *says;
	} rows[] = {
		{ GOOD, NULL },
		{ STATEMENT("\"_type\":\"https://in-toto.io/Statement/v0.1\","),
		  NULL },
		{ STATEMENT(""), "the statement's _type is \"\"" },
		{ STATEMENT("\"_type\":\"https://in-toto.io/Statement/v2\","),
		  "the statement's _type is \"https://in-toto.io/"
		  "Statement/v2\"" },
		{ STATEMENT("\"_type\":null,"), "the statement's _type is \"" },
	};
	const struct scene *of = *state;
	auto_text root = { 0 };

	put_root(&root, &of->log, "PKIX_ECDSA_P256_SHA_256");
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text body = { 0 }, entry = { 0 }, bundle = { 0 };
		auto_free char *sig = make_dsse_signature(
			of->signer.private, TYPE, rows[i].payload);

		put_body(&body, 3, sig, &of->signer, rows[i].payload);
		put_entry(&entry, 3, &of->log, PROOF, &body);
		put_bundle(&bundle, entry.data, rows[i].payload, sig);
		expect(rows[i].payload, &of->signer, root.data, bundle.data,
		       rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_is_bound),
		cmocka_unit_test(test_what_a_log_has_to_say),
		cmocka_unit_test(test_whose_log),
		cmocka_unit_test(test_which_statement),
	};

	return cmocka_run_group_tests(tests, scene_make, scene_free);
}
