/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_keyless - the cases of tests/samples/signatures/keyless-synthetic,
 * on which cosign agrees: signatures by people whom a certificate names, with
 * everything that can be wrong about one, each refused for its own reason.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/trust.h"
#include "policy/trust/keyless.h"
#include "tests/unit/sample_files.h"

#define KIND    "keyless-synthetic"
#define SAMPLES GARITA_SRC_DIR "/tests/samples/signatures/"

enum { NOW = 1795000000, CASES = 51 };

/* At which step each is refused; the others are accepted. */
static const char *const steps[][2] = {
	{ "checkpoint-edited", "log: the checkpoint is of another tree" },
	{ "checkpoint-unsigned", "log: the checkpoint is not signed" },
	{ "duplicate-entries", "log: the same entry twice" },
	{ "foreign-log-entry", "log: the entry is of another signature" },
	{ "identity-mismatch", "identity: the certificate is of" },
	{ "identity-prefix-only", "identity: the certificate is of" },
	{ "integrated-after-cert", "time: the certificate was not valid" },
	{ "integrated-before-cert", "time: the certificate was not valid" },
	{ "integrated-time-edited", "log: the promise (SET) is not signed" },
	{ "issuer-mismatch", "identity: the certificate's OIDC issuer" },
	{ "leaf-forged-issuer", "chain: the certificate of" },
	{ "logindex-edited", "log: the promise (SET) is not signed" },
	{ "no-sct", "SCT: the certificate has none" },
	{ "no-tlog", "log: there is no entry" },
	{ "oldsig-foreign-body", "log: the entry is" },
	{ "oldsig-identity-mismatch", "identity: the certificate is of" },
	{ "oldsig-no-bundle", "log: there is no entry" },
	{ "oldsig-set-forged", "log: the promise (SET) is not signed" },
	{ "oldsig-set-late", "time: the certificate was not valid" },
	{ "payload-edited", "log: the entry is about something else" },
	{ "proof-extra-hash", "log: the inclusion proof" },
	{ "proof-hash-edited", "log: the inclusion proof" },
	{ "proof-index-edited", "log: the inclusion proof" },
	{ "proof-root-edited", "log: the inclusion proof" },
	{ "rekor2-no-tsa", "time: nobody trusted says" },
	{ "rekor2-tsa-outside-cert", "time: the certificate was not valid" },
	{ "sct-unknown-log", "SCT: by a log that is not" },
	{ "set-flipped", "log: the promise (SET) is not signed" },
	{ "set-forged", "log: the promise (SET) is not signed" },
	{ "tsa-untrusted", "time: the timestamp" },
	{ "tsa-wrong-imprint", "time: the timestamp is about something else" },
	{ "untrusted-ca", "chain: the certificate of" },
	{ "v0.3-chain", "chain: a bundle of this version" },
	{ "v0.3-proof-only", "time: nobody trusted says" },
	{ "v0.3-set-only", "log: the entry has no inclusion proof" },
	{ "wrong-eku", "chain: the certificate of" },
	{ "wrong-subject", "is about another image" },
};

struct sample {
	struct garita_json_doc *doc;
	struct garita_blobs material;
	struct garita_requirements wanted;
	struct garita_keyless_identity *identity;
};

static const char *string_at(const struct sample *sample, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(sample->doc), pointer));
}

static char *copy_or_null(const char *text)
{
	return text != NULL ? garita_xstrdup(text) : NULL;
}

static void add_source(struct garita_requirement *to, const char *name,
		       enum garita_source_role role)
{
	struct garita_key_source *source;

	to->keys =
		garita_xresize(to->keys, to->key_count + 1, sizeof(*to->keys));
	source = &to->keys[to->key_count++];
	*source = (struct garita_key_source){ .path = garita_xstrdup(name),
					      .role = role };
	source->bytes = sample_bytes(name, &source->len);
	assert_non_null(source->bytes);
}

/* A key, or with NULL whoever the case says. */
static void sample_open(struct sample *ret, const char *name, const char *key)
{
	auto_text path = { 0 };
	struct garita_requirement *one;

	*ret = (struct sample){ 0 };
	garita_text_printf(&path, KIND "/%s/case.json", name);
	ret->doc = sample_json(path.data);
	path.len = 0;
	garita_text_printf(&path, KIND "/%s", name);
	sample_material(path.data, &ret->material);
	sample_material("images", &ret->material);
	one = garita_requirements_add(&ret->wanted);
	one->identity.kind = GARITA_IDENTITY_ANY;
	if (key != NULL) {
		one->kind = GARITA_REQUIRE_KEYS;
		add_source(one, key, GARITA_SOURCE_KEY);
		return;
	}
	one->kind = GARITA_REQUIRE_KEYLESS;
	add_source(one, string_at(ret, "/verify/trusted_root"),
		   GARITA_SOURCE_TRUSTED_ROOT);
	one->keyless = garita_xalloc(sizeof(*one->keyless));
	ret->identity = garita_keyless_add(one->keyless);
	ret->identity->subject =
		copy_or_null(string_at(ret, "/verify/identity"));
	ret->identity->pattern =
		copy_or_null(string_at(ret, "/verify/identity_regexp"));
	ret->identity->issuer = copy_or_null(string_at(ret, "/verify/issuer"));
}

static void sample_close(struct sample *sample)
{
	garita_json_free(sample->doc);
	garita_blobs_free(&sample->material);
	garita_requirements_free(&sample->wanted);
}

static void decide(const struct sample *sample, time_t now,
		   struct garita_trust *ret)
{
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	const struct garita_trust_case of = {
		.image = &image,
		.wanted = &sample->wanted,
		.material = &sample->material,
		.now = now,
	};

	snprintf(image.manifest, sizeof(image.manifest), "%s",
		 string_at(sample, "/image_digest"));
	garita_trust_decide(&of, ret, NULL);
}

static bool accepts(const struct sample *sample, struct garita_trust *ret)
{
	decide(sample, NOW, ret);
	return ret->state == GARITA_TRUST_ACCEPTED;
}

static const char *step_of(const char *name)
{
	for (size_t i = 0; i < GARITA_COUNT(steps); i++)
		if (strcmp(steps[i][0], name) == 0)
			return steps[i][1];
	return NULL;
}

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strchr(entry->d_name, '.') == NULL;
}

/* "v0.1-..." has a dot as well. */
static int is_case_or_version(const struct dirent *entry)
{
	return is_case(entry) || strncmp(entry->d_name, "v0.", 3) == 0;
}

static void check_case(const char *name)
{
	const char *step = step_of(name);
	struct garita_trust trust = { 0 };
	struct sample sample;
	bool accepted;

	sample_open(&sample, name, NULL);
	accepted = accepts(&sample, &trust);
	if (accepted != (strcmp(string_at(&sample, "/expect"), "valid") == 0) ||
	    accepted != (step == NULL))
		fail_msg("%s: %s", name, trust.words);
	if (!accepted && strstr(trust.words, step) == NULL)
		fail_msg("%s: refused, but not because %s: %s", name, step,
			 trust.words);
	if (accepted) {
		assert_non_null(strstr(trust.words, sample.identity->issuer));
		assert_int_equal(trust.until, 0);
	}
	sample_close(&sample);
}

static void test_all_cases(void **state)
{
	struct dirent **names;
	int count =
		scandir(SAMPLES KIND, &names, is_case_or_version, alphasort);

	(void)state;
	assert_int_equal(count, CASES);
	for (int i = 0; i < count; i++) {
		check_case(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* Neither meets the other's rule. */
static void test_keys_and_certificates(void **state)
{
	struct garita_trust trust = { 0 };
	struct sample sample;

	(void)state;
	sample_open(&sample, "dsse-rekor1", "keys/good.pub");
	assert_false(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "a key is wanted"));
	sample_close(&sample);
	sample_open(&sample, "oldsig-valid", "keys/good.pub");
	assert_false(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "a key is wanted"));
	sample_close(&sample);

	sample_open(&sample, "dsse-rekor1", NULL);
	garita_blobs_free(&sample.material);
	sample_material("cosign-bundle/valid", &sample.material);
	assert_false(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "signed with a key"));
	garita_blobs_free(&sample.material);
	sample_material("cosign-simplesigning/valid", &sample.material);
	assert_false(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "without a certificate"));
	sample_close(&sample);
}

#define WORKFLOW                                                               \
	"https://github.com/example/app/.github/workflows/release.yml@refs/"   \
	"tags/v1.0"

static const struct {
	const char *why;
	enum garita_keyless_subject kind;
	const char *subject, *pattern;
	struct garita_keyless_extension extension;
	bool fits;
} identities[] = {
	{ "a URI", GARITA_SUBJECT_URI, WORKFLOW, NULL, { 0 }, true },
	{ "a URI is no e-mail",
	  GARITA_SUBJECT_EMAIL,
	  WORKFLOW,
	  NULL,
	  { 0 },
	  false },
	{ "nor another name",
	  GARITA_SUBJECT_OTHER,
	  WORKFLOW,
	  NULL,
	  { 0 },
	  false },
	{ "case counts", GARITA_SUBJECT_ANY, "HTTPS", NULL, { 0 }, false },
	{ "all of it",
	  GARITA_SUBJECT_ANY,
	  NULL,
	  "https://github\\.com/example/app/.*",
	  { 0 },
	  true },
	{ "not its beginning",
	  GARITA_SUBJECT_ANY,
	  NULL,
	  "https://github\\.com/example/app/",
	  { 0 },
	  false },
	{ "not its end",
	  GARITA_SUBJECT_ANY,
	  NULL,
	  "/release\\.yml@.*",
	  { 0 },
	  false },
	{ "an extension",
	  GARITA_SUBJECT_ANY,
	  WORKFLOW,
	  NULL,
	  { 20, (char *)"push" },
	  true },
	{ "another value",
	  GARITA_SUBJECT_ANY,
	  WORKFLOW,
	  NULL,
	  { 20, (char *)"pus" },
	  false },
	{ "one that is not there",
	  GARITA_SUBJECT_ANY,
	  WORKFLOW,
	  NULL,
	  { 22, (char *)"public" },
	  false },
	{ "an extension alone",
	  GARITA_SUBJECT_ANY,
	  NULL,
	  NULL,
	  { 14, (char *)"refs/tags/v1.0" },
	  true },
};

static void test_identities(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(identities); i++) {
		struct garita_keyless_identity *one;
		struct garita_trust trust = { 0 };
		struct sample sample;

		sample_open(&sample, "dsse-rekor1", NULL);
		one = sample.identity;
		free(one->subject);
		one->kind = identities[i].kind;
		one->subject = copy_or_null(identities[i].subject);
		one->pattern = copy_or_null(identities[i].pattern);
		if (identities[i].extension.number != 0) {
			one->extensions =
				garita_xcalloc(1, sizeof(*one->extensions));
			one->extension_count = 1;
			one->extensions[0].number =
				identities[i].extension.number;
			one->extensions[0].value =
				garita_xstrdup(identities[i].extension.value);
		}
		if (accepts(&sample, &trust) != identities[i].fits)
			fail_msg("%s: %s", identities[i].why, trust.words);
		if (!identities[i].fits)
			assert_non_null(strstr(trust.words, "identity: "));
		sample_close(&sample);
	}
}

/* What holds for a time is not remembered beyond it. */
static void test_an_old_root(void **state)
{
	struct garita_requirement *wanted;
	struct garita_trust trust = { 0 };
	struct sample sample;

	(void)state;
	sample_open(&sample, "dsse-rekor1", NULL);
	wanted = &sample.wanted.all[0];
	wanted->keyless->max_age_s = 100;
	wanted->keyless->stale_refuses = true;
	assert_false(accepts(&sample, &trust)); /* nobody knows its age */
	wanted->keys[0].changed = NOW - 50;
	assert_true(accepts(&sample, &trust));
	assert_int_equal(trust.until, NOW + 50);
	wanted->keys[0].changed = NOW - 100;
	assert_false(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "too old"));
	wanted->keyless->stale_refuses = false;
	assert_true(accepts(&sample, &trust));
	assert_non_null(strstr(trust.words, "older than it should be"));
	sample_close(&sample);
}

/* ---- containers-policy.json ---- */

static void read_policy(struct sample *sample, const char *requirement)
{
	auto_text text = { 0 };
	struct garita_error err = { 0 };
	struct garita_requirement *one;
	char *scope = NULL;

	garita_text_printf(&text, "{\"default\":[%s]}", requirement);
	garita_requirements_free(&sample->wanted);
	if (garita_containers_policy(text.data, text.len, NULL, &sample->wanted,
				     &scope, &err) < 0)
		fail_msg("%s: %s", requirement, err.text);
	free(scope);
	one = &sample->wanted.all[0];
	for (size_t i = 0; i < one->key_count; i++) {
		struct garita_key_source *key = &one->keys[i];
		auto_text name = { 0 };

		garita_text_printf(&name, KIND "/%s", key->path);
		key->bytes = sample_bytes(name.data, &key->len);
		assert_non_null(key->bytes);
	}
}

#define ANY_NAME                                                               \
	",\"signedIdentity\":{\"type\":\"exactRepository\","                   \
	"\"dockerRepository\":\"127.0.0.1:5055/c/kl-oldsig-valid\"}}"
#define FULCIO(ca, issuer, email, rekor)                                       \
	"{\"type\":\"sigstoreSigned\",\"fulcio\":{\"caPath\":\"" ca            \
	"\",\"oidcIssuer\":\"" issuer "\",\"subjectEmail\":\"" email           \
	"\"},\"rekorPublicKeyPath\":\"" rekor "\"" ANY_NAME
#define GOOD_ISSUER "https://accounts.example.com"
#define PKI(roots, rest)                                                       \
	"{\"type\":\"sigstoreSigned\",\"pki\":{\"caRootsPath\":\"" roots       \
	"\"" rest "}" ANY_NAME

static const struct {
	const char *why, *name, *requirement, *says; /* NULL: accepted */
} policies[] = {
	{ "fulcio", "oldsig-valid",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  NULL },
	{ "another e-mail", "oldsig-valid",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "other@example.com", "rekor.pub"),
	  "identity: " },
	{ "another issuer", "oldsig-valid",
	  FULCIO("fulcio.pem", "https://accounts.example.org",
		 "dev@example.com", "rekor.pub"),
	  "identity: " },
	{ "another log", "oldsig-valid",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "ct.pub"),
	  "log: " },
	{ "another authority", "oldsig-valid",
	  FULCIO("tsa.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  "chain: " },
	{ "a URI is no e-mail", "oldsig-uri",
	  FULCIO("fulcio.pem", "https://token.actions.githubusercontent.com",
		 WORKFLOW, "rekor.pub"),
	  "identity: " },
	{ "no promise", "oldsig-no-bundle",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  "log: " },
	{ "the promise of another key", "oldsig-set-forged",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  "log: " },
	{ "promised when the certificate had expired", "oldsig-set-late",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  "time: " },
	{ "another entry", "oldsig-foreign-body",
	  FULCIO("fulcio.pem", GOOD_ISSUER, "dev@example.com", "rekor.pub"),
	  "log: " },
	{ "pki looks at the clock", "oldsig-valid",
	  PKI("fulcio.pem", ",\"subjectEmail\":\"dev@example.com\""),
	  "has expired" },
	{ "pki: another e-mail", "oldsig-valid",
	  PKI("fulcio.pem", ",\"subjectEmail\":\"x@example.com\""),
	  "identity: " },
	{ "pki: a host", "oldsig-valid",
	  PKI("fulcio.pem", ",\"subjectHostname\":\"example.com\""),
	  "identity: " },
};

static void test_containers_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(policies); i++) {
		struct garita_trust trust = { 0 };
		struct sample sample;
		bool accepted;

		sample_open(&sample, policies[i].name, NULL);
		read_policy(&sample, policies[i].requirement);
		accepted = accepts(&sample, &trust);
		if (accepted != (policies[i].says == NULL) ||
		    (!accepted &&
		     strstr(trust.words, policies[i].says) == NULL))
			fail_msg("%s: %s", policies[i].why, trust.words);
		sample_close(&sample);
	}
}

/* While the certificate is valid pki accepts it, and not longer. */
static void test_pki_ends_with_the_certificate(void **state)
{
	const time_t signed_at = 1793534405; /* the certificate of 10 minutes */
	struct garita_trust trust = { 0 };
	struct sample sample;

	(void)state;
	sample_open(&sample, "oldsig-valid", NULL);
	read_policy(&sample,
		    PKI("fulcio.pem", ",\"subjectEmail\":\"dev@example.com\""));
	decide(&sample, signed_at, &trust);
	if (trust.state != GARITA_TRUST_ACCEPTED)
		fail_msg("%s", trust.words);
	assert_true(trust.until > signed_at);
	assert_true(trust.until <= signed_at + 601);
	sample_close(&sample);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Figures for the record. */
static void test_what_it_costs(void **state)
{
	static const char *const cases[] = { "dsse-rekor1", "msgsig-rekor1",
					     "dsse-rekor2-tsa",
					     "oldsig-valid" };
	enum { ROUNDS = 10 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct garita_trust trust = { 0 };
		struct sample sample;
		double start;

		sample_open(&sample, cases[i], NULL);
		start = now_us();
		for (int round = 0; round < ROUNDS; round++)
			assert_true(accepts(&sample, &trust));
		print_message("# %s: %.0f us\n", cases[i],
			      (now_us() - start) / ROUNDS);
		sample_close(&sample);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_cases),
		cmocka_unit_test(test_keys_and_certificates),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_an_old_root),
		cmocka_unit_test(test_containers_policy),
		cmocka_unit_test(test_pki_ends_with_the_certificate),
		cmocka_unit_test(test_what_it_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
