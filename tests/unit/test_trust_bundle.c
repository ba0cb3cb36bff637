/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_bundle - sigstore bundles and bare envelopes that are wrong in one
 * way each, signed by a key that is trusted, so that nothing but the one thing
 * stands in the way.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "tests/unit/sigstore_make.h"

#define TYPE "application/vnd.in-toto+json"

static const char statement[] =
	"{\"_type\":\"https://in-toto.io/Statement/"
	"v1\",\"subject\":[{\"digest\":"
	"{\"sha256\":\"00112233445566778899aabbccddeeff0011223344556677889"
	"9aabbccddeeff\"}}],\"predicateType\":"
	"\"https://sigstore.dev/cosign/sign/v1\",\"predicate\":{}}";
static const char manifest[] = "{\"schemaVersion\":2}";

static EVP_PKEY *pairs[2], *pair384, *pair_ed;
static struct garita_key keys[2], key384, key_ed;

static int set_up(void **state)
{
	(void)state;
	pairs[0] = make_pair("P-256", &keys[0]);
	pairs[1] = make_pair("P-256", &keys[1]);
	pair384 = make_pair("P-384", &key384);
	pair_ed = make_pair("ED25519", &key_ed);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(pairs[0]);
	EVP_PKEY_free(pairs[1]);
	EVP_PKEY_free(pair384);
	EVP_PKEY_free(pair_ed);
	return 0;
}

/* %P the payload, %S its signature, %T its type, %M the signature of the
 * manifest, %D its digest; everything else as it is. */
static struct garita_text fill(const char *form)
{
	struct garita_text text = { 0 };
	auto_free char *payload = make_base64(statement, strlen(statement));
	auto_free char *sig = make_dsse_signature(pairs[0], TYPE, statement);
	auto_free char *over =
		make_signature(pairs[0], NULL, manifest, strlen(manifest));
	unsigned char hash[32];
	auto_free char *digest = NULL;
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, manifest, strlen(manifest));
	garita_sha256_final(&ctx, hash);
	digest = make_base64(hash, sizeof(hash));
	for (; *form; form++) {
		if (*form != '%')
			garita_text_putc(&text, *form);
		else if (*++form == 'P')
			garita_text_puts(&text, payload);
		else if (*form == 'S')
			garita_text_puts(&text, sig);
		else if (*form == 'T')
			garita_text_puts(&text, TYPE);
		else if (*form == 'M')
			garita_text_puts(&text, over);
		else if (*form == 'D')
			garita_text_puts(&text, digest);
	}
	return text;
}

#define V3   "\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\""
#define KEY  "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"aA==\"}}"
#define SIGS "\"signatures\":[{\"sig\":\"%S\"}]"
#define DSSE                                                                   \
	"\"dsseEnvelope\":{\"payload\":\"%P\",\"payloadType\":\"%T\"," SIGS "}"
#define MESSAGE                                                                \
	"\"messageSignature\":{\"messageDigest\":{\"algorithm\":\"SHA2_256\"," \
	"\"digest\":\"%D\"},\"signature\":\"%M\"}"

struct form {
	const char *why, *form, *words; /* words: NULL when there is a claim */
};

static const struct form bundles[] = {
	{ "a statement", "{" V3 "," KEY "," DSSE "}", NULL },
	{ "a message", "{" V3 "," KEY "," MESSAGE "}", NULL },
	{ "v0.1",
	  "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version="
	  "0.1\"," KEY "," DSSE "}",
	  NULL },
	{ "v0.2",
	  "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version="
	  "0.2\"," KEY "," DSSE "}",
	  NULL },
	{ "v0.3 in the old spelling",
	  "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version="
	  "0.3\"," KEY "," DSSE "}",
	  NULL },
	{ "v0.4",
	  "{\"mediaType\":\"application/"
	  "vnd.dev.sigstore.bundle.v0.4+json\"," KEY "," DSSE "}",
	  "unknown type" },
	{ "null is as good as nothing",
	  "{" V3 "," KEY "," DSSE ",\"messageSignature\":null}", NULL },
	{ "a key without a hint",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{}}," DSSE "}",
	  NULL },
	{ "log entries, which a key does not need",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{},\"tlogEntries\":"
	  "[{\"logIndex\":\"1\"}]}," DSSE "}",
	  NULL },
	{ "a timestamp",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{},"
	  "\"timestampVerificationData\":{}}," DSSE "}",
	  NULL },
	{ "a certificate",
	  "{" V3 ",\"verificationMaterial\":{\"certificate\":{\"rawBytes\":"
	  "\"aA==\"}}," DSSE "}",
	  "a key is wanted" },
	{ "a chain of certificates",
	  "{" V3 ",\"verificationMaterial\":{\"x509CertificateChain\":{"
	  "\"certificates\":[]}}," DSSE "}",
	  "and no chain" },
	{ "a key and a certificate",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{},\"certificate\":"
	  "{}}," DSSE "}",
	  "both a key and" },
	{ "neither", "{" V3 ",\"verificationMaterial\":{}," DSSE "}",
	  "no publicKey" },
	{ "more in the key",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{\"raw\":1}}," DSSE
	  "}",
	  "\"raw\"" },
	{ "more in the material",
	  "{" V3 ",\"verificationMaterial\":{\"publicKey\":{},\"x\":1}," DSSE
	  "}",
	  "\"x\"" },
	{ "one name in two spellings",
	  "{" V3 "," KEY "," DSSE ",\"dsse_envelope\":{}}", "twice" },
	{ "no name at all", "{" V3 "," KEY ",\"DsseEnvelope\":{}," DSSE "}",
	  "\"DsseEnvelope\"" },
	{ "half of each spelling",
	  "{" V3 ",\"verification_Material\":{}," DSSE "}",
	  "\"verification_Material\"" },
	{ "neither message nor statement", "{" V3 "," KEY "}", "exactly one" },
	{ "both", "{" V3 "," KEY "," DSSE "," MESSAGE "}", "exactly one" },
	{ "more in the envelope",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"x\":1," SIGS "}}",
	  "\"x\"" },
	{ "more in the signature",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{\"sig\":\"%S\",\"x\":1}]}}",
	  "\"x\"" },
	{ "a key id says nothing",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{\"sig\":\"%S\",\"keyid\":"
	  "\"x\"}]}}",
	  NULL },
	{ "two signatures",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{\"sig\":\"%S\"},{\"sig\":"
	  "\"%S\"}]}}",
	  "2 signatures" },
	{ "no payload",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payloadType\":\"%T\"," SIGS "}}",
	  "not base64" },
	{ "a signature of nothing",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{\"sig\":\"\"}]}}",
	  "not signed by" },
	{ "no sig",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{}]}}",
	  "not base64" },
	{ "the signature of the message",
	  "{" V3 "," KEY ",\"dsseEnvelope\":{\"payload\":\"%P\","
	  "\"payloadType\":\"%T\",\"signatures\":[{\"sig\":\"%M\"}]}}",
	  "not signed by" },
	{ "a message of another hash",
	  "{" V3 "," KEY ",\"messageSignature\":{\"messageDigest\":{"
	  "\"algorithm\":\"SHA2_384\",\"digest\":\"%D\"},\"signature\":\"%M\"}"
	  "}",
	  "as long as" },
	{ "a message of an unknown hash",
	  "{" V3 "," KEY ",\"messageSignature\":{\"messageDigest\":{"
	  "\"algorithm\":\"SHA3_256\",\"digest\":\"%D\"},\"signature\":\"%M\"}"
	  "}",
	  "SHA-2" },
	{ "a hash by its number",
	  "{" V3 "," KEY ",\"messageSignature\":{\"messageDigest\":{"
	  "\"algorithm\":1,\"digest\":\"%D\"},\"signature\":\"%M\"}}",
	  "SHA-2" },
	{ "no digest",
	  "{" V3 "," KEY ",\"messageSignature\":{\"messageDigest\":{"
	  "\"algorithm\":\"SHA2_256\"},\"signature\":\"%M\"}}",
	  "digest is not base64" },
	{ "no signature",
	  "{" V3 "," KEY ",\"messageSignature\":{\"messageDigest\":{"
	  "\"algorithm\":\"SHA2_256\",\"digest\":\"%D\"}}}",
	  "signature is not base64" },
	{ "more in the message",
	  "{" V3 "," KEY ",\"messageSignature\":{\"x\":1}}", "\"x\"" },
	{ "a message that is a list",
	  "{" V3 "," KEY ",\"messageSignature\":[]}", "not an object" },
	{ "bytes after", "{" V3 "," KEY "," DSSE "}x", "" },
	{ "cut", "{" V3 "," KEY "," DSSE, "" },
};

static const struct form envelopes[] = {
	{ "alone", "{\"payload\":\"%P\",\"payloadType\":\"%T\"," SIGS "}",
	  NULL },
	{ "two of one key are two claims of one signer",
	  "{\"payload\":\"%P\",\"payloadType\":\"%T\",\"signatures\":["
	  "{\"sig\":\"aaaa\"},{\"sig\":\"%S\",\"keyid\":\"\"}]}",
	  NULL },
	{ "another spelling is of protocol buffers only",
	  "{\"payload\":\"%P\",\"payload_type\":\"%T\",\"payloadType\":\"%"
	  "T\"," SIGS "}",
	  "\"payload_type\"" },
	{ "another type",
	  "{\"payload\":\"%P\",\"payloadType\":\"text/plain\"," SIGS "}",
	  "\"text/plain\"" },
	{ "no signatures",
	  "{\"payload\":\"%P\",\"payloadType\":\"%T\",\"signatures\":[]}",
	  "no signatures" },
	{ "signatures is an object",
	  "{\"payload\":\"%P\",\"payloadType\":\"%T\",\"signatures\":{\"a\":1}"
	  "}",
	  "no signatures" },
	{ "a signature that is a string",
	  "{\"payload\":\"%P\",\"payloadType\":\"%T\",\"signatures\":[\"%S\"]}",
	  "not an object" },
	{ "two payloads",
	  "{\"payload\":\"%P\",\"payload\":\"%P\",\"payloadType\":\"%T\"," SIGS
	  "}",
	  "twice" },
	{ "a payload with a space",
	  "{\"payload\":\" %P\",\"payloadType\":\"%T\"," SIGS "}",
	  "not base64" },
};

static void check_forms(const struct garita_format *format,
			const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_text text = fill(forms[i].form);
		auto_text notes = { 0 };
		struct garita_claims claims = { .notes = &notes };

		read_text(format, keys, 1, text.data, text.len, &claims);
		if (claims.count != (forms[i].words ? 0 : 1))
			fail_msg("%s: %zu claims: %s", forms[i].why,
				 claims.count, notes.data ? notes.data : "");
		if (forms[i].words &&
		    (!notes.data || !strstr(notes.data, forms[i].words)))
			fail_msg("%s: %s", forms[i].why,
				 notes.data ? notes.data : "no note");
		if (!forms[i].words) {
			assert_string_equal(claims.all[0].signer,
					    keys[0].words);
			assert_null(claims.all[0].reference);
		}
		garita_claims_free(&claims);
		/* The other key made none of them. */
		read_text(format, &keys[1], 1, text.data, text.len, &claims);
		assert_int_equal(claims.count, 0);
		garita_claims_free(&claims);
	}
}

static void test_bundles(void **state)
{
	(void)state;
	check_forms(&garita_format_bundle, bundles, GARITA_COUNT(bundles));
}

static void test_envelopes(void **state)
{
	(void)state;
	check_forms(&garita_format_dsse, envelopes, GARITA_COUNT(envelopes));
}

static struct garita_text envelope_of(size_t good, size_t bad)
{
	struct garita_text text = { 0 };
	auto_free char *payload = make_base64(statement, strlen(statement));

	garita_text_printf(&text,
			   "{\"payload\":\"%s\",\"payloadType\":\"" TYPE
			   "\",\"signatures\":[",
			   payload);
	for (size_t i = 0; i < good + bad; i++) {
		auto_free char *sig =
			i < bad ? make_base64("x", 1)
				: make_dsse_signature(pairs[(i - bad) % 2],
						      TYPE, statement);

		garita_text_printf(&text, "%s{\"sig\":\"%s\"}", i ? "," : "",
				   sig);
	}
	garita_text_puts(&text, "]}");
	return text;
}

/* Two people may sign one envelope. */
static void test_each_signer_of_an_envelope(void **state)
{
	auto_text text = envelope_of(2, 1);
	struct garita_claims claims = { 0 };

	(void)state;
	read_text(&garita_format_dsse, keys, 2, text.data, text.len, &claims);
	assert_int_equal(claims.count, 2);
	assert_string_equal(claims.all[0].signer, keys[0].words);
	assert_string_equal(claims.all[1].signer, keys[1].words);
	garita_claims_free(&claims);
	read_text(&garita_format_dsse, &keys[1], 1, text.data, text.len,
		  &claims);
	assert_int_equal(claims.count, 1);
	assert_string_equal(claims.all[0].signer, keys[1].words);
	garita_claims_free(&claims);
}

static void test_too_many_signatures(void **state)
{
	auto_text fits = envelope_of(1, GARITA_SIGNATURES_MAX - 1);
	auto_text more = envelope_of(1, GARITA_SIGNATURES_MAX);
	struct garita_claims claims = { 0 };

	(void)state;
	read_text(&garita_format_dsse, keys, 1, fits.data, fits.len, &claims);
	assert_int_equal(claims.count, 1);
	garita_claims_free(&claims);
	read_text(&garita_format_dsse, keys, 1, more.data, more.len, &claims);
	assert_int_equal(claims.count, 0);
	garita_claims_free(&claims);
}

/* A message's digest is enough for a hash that was signed; anything else needs
 * the bytes. */
static const struct {
	const char *why;
	EVP_PKEY **pair;
	const struct garita_key *key;
	const char *md, *algorithm;
	bool alone;  /* good without the manifest */
	bool beside; /* good with it */
} messages[] = {
	{ "P-256", &pairs[0], &keys[0], "SHA256", "SHA2_256", true, true },
	{ "P-384, as cosign 2 did", &pair384, &key384, "SHA256", "SHA2_256",
	  true, true },
	{ "P-384 signed another hash than it says", &pair384, &key384, "SHA384",
	  "SHA2_256", false, true },
	{ "P-384", &pair384, &key384, "SHA384", "SHA2_384", false, true },
	{ "P-256 with a hash that is not its", &pairs[0], &keys[0], "SHA512",
	  "SHA2_512", false, false },
	{ "Ed25519 signs the bytes", &pair_ed, &key_ed, NULL, "SHA2_256", false,
	  true },
	{ "Ed25519", &pair_ed, &key_ed, NULL, "SHA2_512", false, true },
};

static struct garita_text message_of(size_t i)
{
	struct garita_text text = { 0 };
	unsigned char hash[64];
	unsigned len = 0;
	const char *md =
		strcmp(messages[i].algorithm, "SHA2_256") == 0   ? "SHA256"
		: strcmp(messages[i].algorithm, "SHA2_384") == 0 ? "SHA384"
								 : "SHA512";
	auto_free char *sig = make_signature(*messages[i].pair, messages[i].md,
					     manifest, strlen(manifest));
	auto_free char *digest = NULL;

	assert_int_equal(EVP_Digest(manifest, strlen(manifest), hash, &len,
				    EVP_get_digestbyname(md), NULL),
			 1);
	digest = make_base64(hash, len);
	garita_text_printf(&text,
			   "{" V3 "," KEY ",\"messageSignature\":{"
			   "\"messageDigest\":{\"algorithm\":\"%s\",\"digest\":"
			   "\"%s\"},\"signature\":\"%s\"}}",
			   messages[i].algorithm, digest, sig);
	return text;
}

static void test_messages_with_and_without_the_bytes(void **state)
{
	char wanted[GARITA_DIGEST_SIZE];

	(void)state;
	garita_sha256_digest(manifest, strlen(manifest), wanted);
	for (size_t i = 0; i < GARITA_COUNT(messages); i++) {
		auto_text text = message_of(i);

		for (int beside = 0; beside < 2; beside++) {
			bool good =
				beside ? messages[i].beside : messages[i].alone;
			auto_blobs bag = { 0 };
			auto_text notes = { 0 };
			struct garita_claims claims = { .notes = &notes };

			assert_int_equal(garita_blobs_add(&bag, "bundle",
							  text.data, text.len),
					 0);
			if (beside)
				assert_int_equal(
					garita_blobs_add(&bag, "manifest",
							 manifest,
							 strlen(manifest)),
					0);
			read_one(&garita_format_bundle, messages[i].key, 1,
				 &bag, &bag.all[0], &claims);
			if (claims.count != (good ? 1 : 0))
				fail_msg("%s, %d: %s", messages[i].why, beside,
					 notes.data ? notes.data : "");
			if (good)
				assert_string_equal(claims.all[0].digests[0],
						    wanted);
			else if (!beside)
				assert_non_null(strstr(notes.data,
						       "not in the material"));
			garita_claims_free(&claims);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bundles),
		cmocka_unit_test(test_envelopes),
		cmocka_unit_test(test_each_signer_of_an_envelope),
		cmocka_unit_test(test_too_many_signatures),
		cmocka_unit_test(test_messages_with_and_without_the_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
