/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_notation - what the samples do not have: rules about certificates,
 * times, timestamps and signing authorities, one way of being wrong each, and
 * until when an acceptance holds.
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
#include "policy/trust/format.h"
#include "policy/trust/notation_trust.h"
#include "tests/unit/notation_make.h"

static const char manifest[] =
	"{\"schemaVersion\":2,\"mediaType\":\"application/"
	"vnd.oci.image.manifest.v1+json\",\"config\":{\"digest\":\"sha256:"
	"0000000000000000000000000000000000000000000000000000000000000000\"},"
	"\"layers\":[]}";

#define DAY ((time_t)86400)
#define CTY "\"cty\":\"application/vnd.cncf.notary.payload.v1+json\""
#define ALG "\"alg\":\"ES256\"," CTY ","
#define BY_X509                                                                \
	"\"io.cncf.notary.signingScheme\":\"notary.x509\","                    \
	"\"io.cncf.notary.signingTime\":\"2030-01-01T00:00:00Z\""
#define CRIT "\"crit\":[\"io.cncf.notary.signingScheme\"],"

/* Signed now, by the signer's clock. */
static const char usual[] = "{" ALG CRIT BY_X509 "}";

static const struct cert_plan root_plan = {
	.name = "root",
	.basic = "critical,CA:TRUE",
	.usage = "critical,keyCertSign,cRLSign",
};
static const struct cert_plan leaf_plan = {
	.name = "leaf",
	.usage = "critical,digitalSignature",
	.eku = "codeSigning",
};

struct scene {
	EVP_PKEY *root_key, *middle_key, *key, *stamper_root_key, *stamper_key;
	X509 *root, *middle, *leaf, *stamper_root, *stamper;
	struct garita_notation statement;
	struct garita_text envelope;
	time_t now;
	char words[1024]; /* why it is no claim */
	time_t until;
};

/* Plans that are NULL are the usual ones; no middle then. */
static void scene_make(struct scene *ret, const struct cert_plan *root,
		       const struct cert_plan *middle,
		       const struct cert_plan *leaf)
{
	*ret = (struct scene){ .now = MADE_AT,
			       .root_key = make_key("P-256"),
			       .key = make_key("P-256") };
	ret->root =
		make_cert(root ? root : &root_plan, ret->root_key, NULL, NULL);
	if (middle != NULL) {
		ret->middle_key = make_key("P-256");
		ret->middle = make_cert(middle, ret->middle_key, ret->root,
					ret->root_key);
	}
	ret->leaf = make_cert(leaf ? leaf : &leaf_plan, ret->key,
			      ret->middle ? ret->middle : ret->root,
			      ret->middle ? ret->middle_key : ret->root_key);
	ret->statement.name = garita_xstrdup("s");
}

static void scene_free(struct scene *scene)
{
	EVP_PKEY_free(scene->root_key);
	EVP_PKEY_free(scene->middle_key);
	EVP_PKEY_free(scene->key);
	EVP_PKEY_free(scene->stamper_root_key);
	EVP_PKEY_free(scene->stamper_key);
	X509_free(scene->root);
	X509_free(scene->middle);
	X509_free(scene->leaf);
	X509_free(scene->stamper_root);
	X509_free(scene->stamper);
	garita_text_free(&scene->envelope);
	garita_notation_free(&scene->statement);
}

static void add_stamper(struct scene *scene)
{
	static const struct cert_plan plan = {
		.name = "stamper",
		.usage = "critical,digitalSignature",
		.eku = "critical,timeStamping",
	};

	scene->stamper_root_key = make_key("P-256");
	scene->stamper_key = make_key("P-256");
	scene->stamper_root =
		make_cert(&root_plan, scene->stamper_root_key, NULL, NULL);
	scene->stamper =
		make_cert(&plan, scene->stamper_key, scene->stamper_root,
			  scene->stamper_root_key);
}

static void sign(struct scene *scene, const char *protected, bool stamped,
		 bool other_stamp)
{
	X509 *chain[4] = { scene->leaf };
	char digest[GARITA_DIGEST_SIZE];
	auto_text payload = { 0 };
	struct jws_plan plan = { .protected = protected,
				 .key = scene->key,
				 .chain = chain,
				 .other_stamp = other_stamp };
	size_t at = 1;

	if (scene->middle != NULL)
		chain[at++] = scene->middle;
	if (scene->root != scene->leaf)
		chain[at++] = scene->root;
	if (stamped) {
		plan.stamper = scene->stamper;
		plan.stamper_key = scene->stamper_key;
	}
	garita_sha256_digest(manifest, strlen(manifest), digest);
	garita_text_printf(&payload,
			   "{\"targetArtifact\":{\"mediaType\":\"application/"
			   "vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\","
			   "\"size\":%zu}}",
			   digest, strlen(manifest));
	plan.payload = payload.data;
	garita_text_free(&scene->envelope);
	make_jws(&plan, &scene->envelope);
}

static void add_root(struct garita_notation_trust *trust,
		     enum garita_notation_store store, X509 *cert)
{
	trust->named[store] = true;
	if (cert != NULL)
		add_cert(&trust->stores[store], cert);
}

/* Trusted: the root as an authority of this kind, and whoever is stamping. */
static bool is_accepted(struct scene *scene, enum garita_notation_store store,
			bool tsa)
{
	struct garita_notation_trust trust = { .statement = &scene->statement,
					       .anybody = true };
	auto_blobs bag = { 0 };
	struct garita_claims claims = { 0 };
	const struct garita_requirement wanted = {
		.kind = GARITA_REQUIRE_NOTATION
	};
	const struct garita_format_case of = { .wanted = &wanted,
					       .material = &bag,
					       .notation = &trust,
					       .now = scene->now };
	bool accepted;

	add_root(&trust, store, scene->root);
	if (tsa)
		add_root(&trust, GARITA_NOTATION_TSA, scene->stamper_root);
	assert_int_equal(garita_blobs_add(&bag, "signature",
					  scene->envelope.data,
					  scene->envelope.len),
			 0);
	assert_int_equal(
		garita_blobs_add(&bag, "manifest", manifest, strlen(manifest)),
		0);
	assert_true(garita_format_jws.knows(&bag.all[0]));
	garita_format_jws.read(&of, &bag.all[0], &claims);
	accepted = claims.count == 1;
	scene->until = accepted ? claims.all[0].until : 0;
	snprintf(scene->words, sizeof(scene->words), "%s",
		 claims.why.data ? claims.why.data : "");
	garita_claims_free(&claims);
	garita_notation_trust_free(&trust);
	return accepted;
}

/* NULL for `words`: accepted. */
static void expect(struct scene *scene, enum garita_notation_store store,
		   bool tsa, const char *why, const char *words)
{
	bool accepted = is_accepted(scene, store, tsa);

	if (accepted != (words == NULL) ||
	    (words != NULL && strstr(scene->words, words) == NULL))
		fail_msg("%s: %s: %s", why, accepted ? "accepted" : "refused",
			 scene->words);
}

/* ---- certificates ---- */

static void test_certificates(void **state)
{
#define LEAF(...)                                                              \
	{                                                                      \
		.name = "leaf", .usage = "critical,digitalSignature",          \
		.eku = "codeSigning", __VA_ARGS__                              \
	}
#define CA(...)                                                                \
	{                                                                      \
		.name = "middle", .basic = "critical,CA:TRUE",                 \
		.usage = "critical,keyCertSign", __VA_ARGS__                   \
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	static const struct {
		const char *why;
		struct cert_plan root, middle, leaf; /* unnamed: the usual */
		const char *words;
	} cases[] = {
		{ "root and leaf", .words = NULL },
		{ "with a middle", .middle = CA(.pss = false), .words = NULL },
		{ "no longer path than allowed",
		  .root = { .name = "root",
			    .basic = "critical,CA:TRUE,pathlen:1",
			    .usage = "critical,keyCertSign" },
		  .middle = CA(.pss = false) },
		{ "a longer path than allowed",
		  .root = { .name = "root",
			    .basic = "critical,CA:TRUE,pathlen:0",
			    .usage = "critical,keyCertSign" },
		  .middle = CA(.pss = false), .words = "chain: " },
		{ "a middle that is no authority",
		  .middle = CA(.basic = "critical,CA:FALSE"),
		  .words = "is of no authority" },
		{ "a middle that does not say its use",
		  .middle = CA(.usage = NULL),
		  .words = "does not say as critical" },
		{ "a middle that says its use by the way",
		  .middle = CA(.usage = "keyCertSign"),
		  .words = "does not say as critical" },
		{ "a middle that may not sign certificates",
		  .middle = CA(.usage = "critical,cRLSign"),
		  .words = "may not sign certificates" },
		{ "a middle with name constraints",
		  .middle = CA(.restricted = "critical,permitted;DNS:x.y"),
		  .words = "chain: " },
		{ "a leaf by SHA-1", .leaf = LEAF(.md = "SHA1"),
		  .words = "SHA-1" },
		{ "a root by SHA-1",
		  .root = { .name = "root",
			    .basic = "critical,CA:TRUE",
			    .usage = "critical,keyCertSign",
			    .md = "SHA1" },
		  .words = "SHA-1" },
		{ "a leaf that is an authority",
		  .leaf = LEAF(.basic = "critical,CA:TRUE"),
		  .words = "is of an authority" },
		{ "a leaf that does not say its use",
		  .leaf = LEAF(.usage = NULL),
		  .words = "does not say as critical" },
		{ "a leaf for key exchange too",
		  .leaf = LEAF(.usage = "critical,digitalSignature,"
					"keyEncipherment"),
		  .words = "for other things" },
		{ "a leaf that commits",
		  .leaf = LEAF(.usage = "critical,digitalSignature,"
					"nonRepudiation") },
		{ "a leaf for any use",
		  .leaf = LEAF(.eku = "codeSigning,anyExtendedKeyUsage"),
		  .words = "for other uses" },
		{ "a leaf for clients too",
		  .leaf = LEAF(.eku = "codeSigning,clientAuth"),
		  .words = "for other uses" },
		{ "a leaf for answers about revocation",
		  .leaf = LEAF(.eku = "codeSigning,OCSPSigning"),
		  .words = "for other uses" },
		{ "a leaf for timestamps", .leaf = LEAF(.eku = "timeStamping"),
		  .words = "not for signing code" },
		{ "a leaf for documents as well as code",
		  .leaf = LEAF(.eku = "codeSigning,1.2.3.4") },
	};
#pragma GCC diagnostic pop

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct scene scene;

		scene_make(&scene, cases[i].root.name ? &cases[i].root : NULL,
			   cases[i].middle.name ? &cases[i].middle : NULL,
			   cases[i].leaf.name ? &cases[i].leaf : NULL);
		sign(&scene, usual, false, false);
		expect(&scene, GARITA_NOTATION_CA, false, cases[i].why,
		       cases[i].words);
		scene_free(&scene);
	}
}

static void test_one_that_signs_itself(void **state)
{
	struct scene scene;

	(void)state;
	scene_make(&scene, NULL, NULL, NULL);
	X509_free(scene.leaf);
	X509_free(scene.root);
	scene.leaf = make_cert(&leaf_plan, scene.key, NULL, NULL);
	scene.root = scene.leaf;
	sign(&scene, usual, false, false);
	expect(&scene, GARITA_NOTATION_CA, false, "alone", NULL);
	scene.root = NULL;
	expect(&scene, GARITA_NOTATION_CA, false, "not in the store",
	       "has no certificate");
	scene_free(&scene);
}

/* ---- headers ---- */

static void test_headers(void **state)
{
#define SCHEME "\"io.cncf.notary.signingScheme\":\"notary.x509\""
#define TIME   "\"io.cncf.notary.signingTime\":\"2030-01-01T00:00:00Z\""
#define EXPIRY "\"io.cncf.notary.expiry\":\"2030-02-01T00:00:00Z\""
	static const struct {
		const char *why, *protected, *words;
	} cases[] = {
		{ "an expiry that is not critical",
		  "{" ALG CRIT BY_X509 "," EXPIRY "}", "not marked critical" },
		{ "critical, and not there",
		  "{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","
		  "\"io.cncf.notary.expiry\"]," BY_X509 "}",
		  "the header is missing" },
		{ "critical twice",
		  "{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","
		  "\"io.cncf.notary.signingScheme\"]," BY_X509 "}",
		  "twice" },
		{ "a plugin is wanted",
		  "{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","
		  "\"io.cncf.notary.verificationPlugin\"],"
		  "\"io.cncf.notary.verificationPlugin\":\"x\"," BY_X509 "}",
		  "plugins are not run" },
		{ "a plugin is asked for by the way",
		  "{" ALG CRIT BY_X509
		  ",\"io.cncf.notary.verificationPlugin\":\"x\"}",
		  "plugins are not run" },
		{ "no time", "{" ALG CRIT SCHEME "}",
		  "signingTime is missing" },
		{ "a time that is none",
		  "{" ALG CRIT SCHEME
		  ",\"io.cncf.notary.signingTime\":\"yesterday\"}",
		  "is not a time" },
		{ "an authority's time in the other scheme",
		  "{" ALG CRIT BY_X509
		  ",\"io.cncf.notary.authenticSigningTime\":"
		  "\"2030-01-01T00:00:00Z\"}",
		  "is not of this scheme" },
		{ "expires before it was signed",
		  "{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","
		  "\"io.cncf.notary.expiry\"]," BY_X509
		  ",\"io.cncf.notary.expiry\":\"2029-12-31T23:59:59Z\"}",
		  "before it was signed" },
		{ "no content", "{\"alg\":\"ES256\"," CRIT BY_X509 "}",
		  "does not say what is signed" },
		{ "no algorithm", "{" CTY "," CRIT BY_X509 "}",
		  "does not say how" },
		{ "a member twice", "{" ALG CRIT BY_X509 ",\"alg\":\"ES256\"}",
		  "envelope: " },
		{ "signed and not signed", "{" ALG CRIT BY_X509 ",\"x5c\":[]}",
		  "both signed and not" },
		{ "something that is not critical",
		  "{" ALG CRIT BY_X509 ",\"com.example.x\":1}", NULL },
		{ "no object", "[]", "envelope: " },
	};
	struct scene scene;

	(void)state;
	scene_make(&scene, NULL, NULL, NULL);
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		sign(&scene, cases[i].protected, false, false);
		expect(&scene, GARITA_NOTATION_CA, false, cases[i].why,
		       cases[i].words);
	}
	scene_free(&scene);
}

/* ---- time ---- */

static const struct cert_plan short_plan = {
	.name = "leaf",
	.usage = "critical,digitalSignature",
	.from = MADE_AT - 10 * DAY,
	.to = MADE_AT + 10 * DAY,
};

static void test_until_when(void **state)
{
	static const char expires[] =
		"{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","
		"\"io.cncf.notary.expiry\"]," BY_X509
		",\"io.cncf.notary.expiry\":\"2030-01-05T00:00:00Z\"}";
	enum garita_notation_action *actions;
	struct scene scene;

	(void)state;
	scene_make(&scene, NULL, NULL, &short_plan);
	actions = scene.statement.actions;
	sign(&scene, usual, false, false);
	expect(&scene, GARITA_NOTATION_CA, false, "a certificate's end", NULL);
	assert_int_equal(scene.until, MADE_AT + 10 * DAY + 1);
	sign(&scene, expires, false, false);
	expect(&scene, GARITA_NOTATION_CA, false, "the signature's end", NULL);
	assert_int_equal(scene.until, MADE_AT + 4 * DAY);
	scene.now = MADE_AT + 4 * DAY - 1;
	expect(&scene, GARITA_NOTATION_CA, false, "the last second", NULL);
	scene.now++;
	expect(&scene, GARITA_NOTATION_CA, false, "expired", "expiry: ");
	actions[GARITA_NOTATION_EXPIRED] = GARITA_NOTATION_LOG;
	expect(&scene, GARITA_NOTATION_CA, false, "not enforced", NULL);
	assert_non_null(strstr(scene.words, "expired (not enforced)"));
	assert_int_equal(scene.until, MADE_AT + 10 * DAY + 1);
	scene.now = MADE_AT + 10 * DAY;
	expect(&scene, GARITA_NOTATION_CA, false, "the last second", NULL);
	scene.now++;
	expect(&scene, GARITA_NOTATION_CA, false, "an old certificate",
	       "time: ");
	actions[GARITA_NOTATION_TIMESTAMP] = GARITA_NOTATION_LOG;
	expect(&scene, GARITA_NOTATION_CA, false, "not enforced", NULL);
	assert_int_equal(scene.until, 0); /* nothing ends any more */
	scene_free(&scene);
}

static void test_timestamps(void **state)
{
	struct scene scene;

	(void)state;
	scene_make(&scene, NULL, NULL, &short_plan);
	add_stamper(&scene);
	sign(&scene, usual, false, false);
	expect(&scene, GARITA_NOTATION_CA, true, "none", "has no timestamp");
	scene.statement.after_expiry = true;
	expect(&scene, GARITA_NOTATION_CA, true, "none, and not needed", NULL);
	assert_int_equal(scene.until, MADE_AT + 10 * DAY + 1);
	/* What its authority is asked for then is another check. */
	scene.statement.actions[GARITA_NOTATION_TIMESTAMP] =
		GARITA_NOTATION_LOG;
	expect(&scene, GARITA_NOTATION_CA, true, "not enforced", NULL);
	assert_int_equal(scene.until, MADE_AT + 10 * DAY + 1);
	scene.statement.actions[GARITA_NOTATION_TIMESTAMP] =
		GARITA_NOTATION_ENFORCE;
	scene.now = MADE_AT + 11 * DAY;
	expect(&scene, GARITA_NOTATION_CA, true, "none, and needed",
	       "has no timestamp");
	sign(&scene, usual, true, false);
	expect(&scene, GARITA_NOTATION_CA, true, "in time", NULL);
	assert_int_equal(scene.until, 0);
	expect(&scene, GARITA_NOTATION_CA, false, "no store for it",
	       "has expired");
	scene.statement.after_expiry = false;
	scene.now = MADE_AT;
	expect(&scene, GARITA_NOTATION_CA, true, "always", NULL);
	sign(&scene, usual, true, true);
	expect(&scene, GARITA_NOTATION_CA, true, "of something else",
	       "about something else");
	X509_free(scene.stamper_root);
	scene.stamper_root = make_cert(&root_plan, scene.root_key, NULL, NULL);
	sign(&scene, usual, true, false);
	expect(&scene, GARITA_NOTATION_CA, true, "by somebody else",
	       "time: the timestamp");
	scene_free(&scene);
}

/* Its clock is a second and a half off, at most. */
static void test_stamped_at_the_edge(void **state)
{
	static const struct {
		time_t from, to;
		const char *words;
	} cases[] = {
		{ MADE_AT - 2, MADE_AT + 2, NULL },
		{ MADE_AT - 1, MADE_AT + 2, "not valid yet" },
		{ MADE_AT - 2, MADE_AT + 1, "has expired" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct cert_plan plan = short_plan;
		struct scene scene;

		plan.from = cases[i].from;
		plan.to = cases[i].to;
		scene_make(&scene, NULL, NULL, &plan);
		add_stamper(&scene);
		sign(&scene, usual, true, false);
		expect(&scene, GARITA_NOTATION_CA, true, "accuracy",
		       cases[i].words);
		scene_free(&scene);
	}
}

static void test_signing_authorities(void **state)
{
#define AUTHORITY(time)                                                        \
	"{" ALG "\"crit\":[\"io.cncf.notary.signingScheme\","                  \
	"\"io.cncf.notary.authenticSigningTime\"],"                            \
	"\"io.cncf.notary.signingScheme\":\"notary.x509.signingAuthority\","   \
	"\"io.cncf.notary.authenticSigningTime\":\"" time "\"}"
	struct scene scene;

	(void)state;
	scene_make(&scene, NULL, NULL, &short_plan);
	sign(&scene, AUTHORITY("2030-01-01T00:00:00Z"), false, false);
	expect(&scene, GARITA_NOTATION_CA, false, "a store of another kind",
	       "no store of the kind signingAuthority");
	expect(&scene, GARITA_NOTATION_AUTHORITY, false, "in time", NULL);
	scene.now = MADE_AT + 400 * DAY;
	expect(&scene, GARITA_NOTATION_AUTHORITY, false, "for good", NULL);
	assert_int_equal(scene.until, 0);
	sign(&scene, AUTHORITY("2030-01-20T00:00:00Z"), false, false);
	expect(&scene, GARITA_NOTATION_AUTHORITY, false, "too late", "time: ");
	sign(&scene, usual, false, false);
	expect(&scene, GARITA_NOTATION_AUTHORITY, false, "of the other scheme",
	       "no store of the kind ca");
	scene_free(&scene);
}

/* Strangers' signatures cost nothing, and good ones only so much. */
static void test_how_many(void **state)
{
	/* Of two certificates. */
	enum { LOOKS = 5, COST = 3 * GARITA_WORK_P384 };
	struct garita_notation_trust trust = { .anybody = true };
	struct garita_work work = { .left = LOOKS * COST + COST - 1 };
	struct scene scene;
	auto_blobs bag = { 0 };
	struct garita_claims claims = { 0 };
	const struct garita_requirement wanted = {
		.kind = GARITA_REQUIRE_NOTATION
	};
	const struct garita_format_case of = { .wanted = &wanted,
					       .material = &bag,
					       .notation = &trust,
					       .work = &work,
					       .now = MADE_AT };

	(void)state;
	scene_make(&scene, NULL, NULL, NULL);
	trust.statement = &scene.statement;
	sign(&scene, usual, false, false);
	garita_blobs_add(&bag, "s", scene.envelope.data, scene.envelope.len);
	garita_blobs_add(&bag, "m", manifest, strlen(manifest));
	trust.named[GARITA_NOTATION_CA] = true;
	for (int i = 0; i < 1000; i++)
		garita_format_jws.read(&of, &bag.all[0], &claims);
	assert_int_equal(claims.count, 0);
	assert_int_equal(work.left, LOOKS * COST + COST - 1);
	add_cert(&trust.stores[GARITA_NOTATION_CA], scene.root);
	for (int i = 0; i < LOOKS + 3; i++)
		garita_format_jws.read(&of, &bag.all[0], &claims);
	assert_int_equal(claims.count, LOOKS);
	assert_true(work.spent);
	assert_non_null(strstr(claims.why.data, "more signatures than"));
	garita_claims_free(&claims);
	garita_notation_trust_free(&trust);
	scene_free(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_one_that_signs_itself),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_until_when),
		cmocka_unit_test(test_timestamps),
		cmocka_unit_test(test_stamped_at_the_edge),
		cmocka_unit_test(test_signing_authorities),
		cmocka_unit_test(test_how_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
