/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_times - samples of keyless signatures under other trusted roots
 * and with more in the bundle: for which times a log and an authority count, a
 * second timestamp, an authority of the same name, a proof without a
 * checkpoint.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "garita/keyless.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "garita/trust.h"
#include "tests/unit/sample_files.h"
#include "tests/unit/trust_expect.h"
#include "tests/unit/x509_make.h"

#define KIND    "keyless-synthetic/"
#define STAMPED "2026-11-21T20:40:07Z" /* in msgsig-rekor2-tsa */
#define START   "\"validFor\":{\"start\":\"2025-01-01T00:00:00Z\""

/* `from` in the text is `to`; where `from` is there more than once, the
 * `nth`. */
static char *exchanged(const char *text, const char *from, size_t nth,
		       const char *to)
{
	const char *at = strstr(text, from);
	auto_text out = { 0 };

	for (; nth > 0 && at != NULL; nth--)
		at = strstr(at + 1, from);
	if (at == NULL)
		fail_msg("there is no %s", from);
	garita_text_add(&out, text, (size_t)(at - text));
	garita_text_puts(&out, to);
	garita_text_puts(&out, at + strlen(from));
	return garita_text_take(&out);
}

static char *file_of(const char *name)
{
	auto_text path = { 0 };
	size_t len;
	char *text;

	garita_text_printf(&path, KIND "%s", name);
	text = sample_bytes(path.data, &len);
	assert_non_null(text);
	return text;
}

/* `says` NULL: accepted. */
static void expect(const char *why, const char *name, const char *bundle,
		   const char *root, const char *says)
{
	auto_requirements wanted = { 0 };
	auto_blobs material = { 0 };
	struct garita_requirement *one = garita_requirements_add(&wanted);
	struct garita_keyless_identity *who;
	auto_text path = { 0 };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json *said;

	garita_text_printf(&path, KIND "%s/case.json", name);
	doc = sample_json(path.data);
	said = garita_json_root(doc);
	one->kind = GARITA_REQUIRE_KEYLESS;
	one->identity.kind = GARITA_IDENTITY_ANY;
	trust_add_source(one, root, GARITA_SOURCE_TRUSTED_ROOT);
	one->keyless = garita_xalloc(sizeof(*one->keyless));
	who = garita_keyless_add(one->keyless);
	who->subject = garita_xstrdup(
		garita_json_string(garita_json_at(said, "/verify/identity")));
	who->issuer = garita_xstrdup(
		garita_json_string(garita_json_at(said, "/verify/issuer")));
	sample_material("images", &material);
	trust_expect(why, &wanted,
		     garita_json_string(garita_json_get(said, "image_digest")),
		     &material, bundle, says);
}

/* ---- for which time ---- */

/* The nth "validFor": two logs, an authority, a log of certificates, and who
 * stamps. Both ends belong to it. */
static const struct {
	const char *why, *name;
	size_t nth;
	const char *span, *says;
} spans[] = {
	{ "a TSA until that second", "msgsig-rekor2-tsa", 4,
	  START ",\"end\":\"" STAMPED "\"", NULL },
	{ "a TSA until the second before", "msgsig-rekor2-tsa", 4,
	  START ",\"end\":\"2026-11-21T20:40:06Z\"",
	  "time: there is no authority for timestamps" },
	{ "a TSA from that second", "msgsig-rekor2-tsa", 4,
	  "\"validFor\":{\"start\":\"" STAMPED "\"", NULL },
	{ "a TSA from the second after", "msgsig-rekor2-tsa", 4,
	  "\"validFor\":{\"start\":\"2026-11-21T20:40:08Z\"",
	  "time: there is no authority for timestamps" },
	{ "a log without promises until then", "msgsig-rekor2-tsa", 1,
	  START ",\"end\":\"" STAMPED "\"", NULL },
	{ "one that had ended", "msgsig-rekor2-tsa", 1,
	  START ",\"end\":\"2026-11-21T20:40:06Z\"",
	  "log: the log's key was not trusted yet, or no more" },
	{ "one that had not begun", "msgsig-rekor2-tsa", 1,
	  "\"validFor\":{\"start\":\"2026-11-21T20:40:08Z\"",
	  "log: the log's key was not trusted yet, or no more" },
	{ "a log without a beginning", "msgsig-rekor2-tsa", 1,
	  "\"validFor\":{\"end\":\"2030-01-01T00:00:00Z\"", "from when" },
	{ "a span that is none", "msgsig-rekor2-tsa", 1, "\"validFor\":{",
	  "from when" },
	{ "a log with promises that had ended", "msgsig-rekor1", 0,
	  START ",\"end\":\"2026-11-01T00:00:00Z\"",
	  "log: the entry is from before or after the time" },
	{ "an authority that had ended", "msgsig-rekor1", 2,
	  START ",\"end\":\"2026-11-01T00:00:00Z\"",
	  "chain: there is no authority" },
	{ "a log of certificates that had ended", "msgsig-rekor1", 3,
	  START ",\"end\":\"2026-11-01T00:00:00Z\"", "SCT: " },
};

static void test_for_which_time(void **state)
{
	auto_free char *root = file_of("trusted_root.json");

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(spans); i++) {
		auto_free char *changed =
			exchanged(root, START, spans[i].nth, spans[i].span);
		auto_text path = { 0 };
		auto_free char *bundle = NULL;

		garita_text_printf(&path, "%s/bundle.sigstore.json",
				   spans[i].name);
		bundle = file_of(path.data);
		expect(spans[i].why, spans[i].name, bundle, changed,
		       spans[i].says);
	}
}

/* ---- a second timestamp ---- */

static void put_der(struct garita_text *to, const unsigned char *der, int len)
{
	auto_free char *text = garita_xalloc((size_t)len / 3 * 4 + 5);

	EVP_EncodeBlock((unsigned char *)text, der, len);
	garita_text_puts(to, text);
}

static void put_cert(struct garita_text *to, X509 *cert)
{
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	garita_text_puts(to, "{\"rawBytes\":\"");
	put_der(to, der, len);
	garita_text_puts(to, "\"}");
	OPENSSL_free(der);
}

static void put_authority(struct garita_text *to, X509 *leaf, X509 *root)
{
	garita_text_puts(to, "{\"certChain\":{\"certificates\":[");
	if (leaf != NULL) {
		put_cert(to, leaf);
		garita_text_putc(to, ',');
	}
	put_cert(to, root);
	garita_text_puts(to, "]}," START "}}");
}

static unsigned char *signature_of(const char *bundle, size_t *ret_len)
{
	const char *at = strstr(bundle, "\"signature\":\"");
	size_t len;
	unsigned char *raw;
	int got;

	assert_non_null(at);
	at += strlen("\"signature\":\"");
	len = strcspn(at, "\"");
	raw = garita_xcalloc(1, len + 1);
	got = EVP_DecodeBlock(raw, (const unsigned char *)at, (int)len);
	assert_true(got > 2);
	*ret_len = (size_t)got - (at[len - 1] == '=') - (at[len - 2] == '=');
	return raw;
}

/* By another authority, that is trusted as well, years after the certificate:
 * every time has to be one at which it was valid, wherever it stands. */
static void test_a_second_timestamp(void **state)
{
	static const struct cert_plan root_plan = {
		.name = "stamps", .basic = "critical,CA:TRUE"
	};
	static const struct cert_plan leaf_plan = {
		.name = "stamp",
		.usage = "critical,digitalSignature",
		.eku = "critical,timeStamping",
	};
	static const char list[] = "\"rfc3161Timestamps\":[";
	EVP_PKEY *root_key = make_key("P-256"), *key = make_key("P-256");
	X509 *root = make_cert(&root_plan, root_key, NULL, NULL);
	X509 *leaf = make_cert(&leaf_plan, key, root, root_key);
	auto_free char *bundle =
		file_of("msgsig-rekor2-tsa/bundle.sigstore.json");
	size_t raw_len;
	auto_free unsigned char *raw = signature_of(bundle, &raw_len);
	auto_free char *trusted = file_of("trusted_root.json");
	auto_free char *both = NULL, *first = NULL;
	auto_text authorities = { 0 }, stamps = { 0 };
	unsigned char *answer, *token;
	int token_len, len = make_stamp(leaf, key, raw, raw_len, true, &answer,
					&token, &token_len);

	(void)state;
	garita_text_puts(&authorities, "\"timestampAuthorities\":[");
	put_authority(&authorities, leaf, root);
	garita_text_putc(&authorities, ',');
	both = exchanged(trusted, "\"timestampAuthorities\":[", 0,
			 authorities.data);
	garita_text_puts(&stamps, list);
	garita_text_puts(&stamps, "{\"signedTimestamp\":\"");
	put_der(&stamps, answer, len);
	garita_text_puts(&stamps, "\"},");
	first = exchanged(bundle, list, 0, stamps.data);
	expect("nobody knows who stamped that", "msgsig-rekor2-tsa", first,
	       trusted, NULL);
	expect("too late", "msgsig-rekor2-tsa", first, both,
	       "time: the certificate was not valid when it was signed");
	OPENSSL_free(answer);
	OPENSSL_free(token);
	X509_free(root);
	X509_free(leaf);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
}

/* ---- the same name ---- */

/* The certificate that is between, with another key and signed by that. */
static X509 *namesake(void)
{
	auto_free char *text = file_of("fulcio.pem");
	BIO *from = BIO_new_mem_buf(text, -1);
	X509 *cert = PEM_read_bio_X509(from, NULL, NULL, NULL);
	EVP_PKEY *key = make_key("P-384");

	assert_non_null(cert);
	X509_set_pubkey(cert, key);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	assert_true(X509_sign(cert, key, EVP_sha384()) > 0);
	EVP_PKEY_free(key);
	BIO_free(from);
	return cert;
}

/* Who issued is who signed, not who is called so: for the chain, and for what
 * the log of certificates saw. */
static void test_an_authority_of_the_same_name(void **state)
{
	static const char list[] = "\"certificateAuthorities\":[";
	static const char chain[] = "\"certificates\":[";
	auto_free char *root = file_of("trusted_root.json");
	auto_free char *bundle = file_of("msgsig-rekor1/bundle.sigstore.json");
	auto_free char *beside = NULL, *alone = NULL, *within = NULL;
	auto_text authority = { 0 }, between = { 0 };
	X509 *cert = namesake();

	(void)state;
	garita_text_puts(&authority, list);
	put_authority(&authority, NULL, cert);
	garita_text_putc(&authority, ',');
	beside = exchanged(root, list, 0, authority.data);
	expect("its own authority", "msgsig-rekor1", bundle, beside, NULL);
	garita_text_puts(&between, chain);
	put_cert(&between, cert);
	garita_text_putc(&between, ',');
	within = exchanged(root, chain, 0, between.data);
	expect("in the same chain", "msgsig-rekor1", bundle, within, NULL);
	authority.len = 0;
	garita_text_puts(&authority, list);
	put_authority(&authority, NULL, cert);
	garita_text_puts(&authority, "],\"certificateAuthorities_\":[");
	alone = exchanged(root, list, 0, authority.data);
	expect("no member of that name", "msgsig-rekor1", bundle, alone,
	       "not known");
	X509_free(cert);
}

/* ---- a proof without a checkpoint ---- */

/* As clients of 2023 wrote them: with a promise it says nothing, and without
 * one it proves nothing. */
static void test_no_checkpoint(void **state)
{
	static const char v01[] = "vnd.dev.sigstore.bundle+json;version=0.1";
	static const char chain[] = "\"x509CertificateChain\":{"
				    "\"certificates\":[";
	auto_free char *root = file_of("trusted_root.json");
	auto_free char *whole = file_of("msgsig-rekor1/bundle.sigstore.json");
	const char *from = strstr(whole, ",\"checkpoint\":{");
	auto_free char *member = NULL, *without = NULL, *typed = NULL;
	auto_free char *old = NULL, *bare = NULL, *cert = NULL, *list = NULL;

	(void)state;
	assert_non_null(from);
	member = garita_xstrndup(from, strcspn(from, "}") + 1);
	without = exchanged(whole, member, 0, "");
	expect("v0.3", "msgsig-rekor1", without, root,
	       "log: the entry has no inclusion proof");
	typed = exchanged(without, "vnd.dev.sigstore.bundle.v0.3+json", 0, v01);
	from = strstr(typed, "\"certificate\":{");
	assert_non_null(from);
	cert = garita_xstrndup(from, strcspn(from, "}") + 1);
	{
		auto_text chained = { 0 };

		garita_text_puts(&chained, chain);
		garita_text_puts(&chained, cert + strlen("\"certificate\":"));
		garita_text_puts(&chained, "]}");
		old = exchanged(typed, cert, 0, chained.data);
	}
	expect("v0.1", "msgsig-rekor1", old, root, NULL);
	from = strstr(old, "\"inclusionPromise\":{");
	assert_non_null(from);
	list = garita_xstrndup(from, strcspn(from, "}") + 2);
	bare = exchanged(old, list, 0, "");
	expect("v0.1 without a promise", "msgsig-rekor1", bare, root,
	       "log: the entry has no promise");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_for_which_time),
		cmocka_unit_test(test_a_second_timestamp),
		cmocka_unit_test(test_an_authority_of_the_same_name),
		cmocka_unit_test(test_no_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
