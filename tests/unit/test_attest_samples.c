/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_attest_samples - attestations that cosign made, and what is wrong with
 * some of them: each directory of cosign-attestation is a case whose case.json
 * says who must have said what, and what the answer has to be. The question
 * goes the way it takes to garita-verify and back.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/rfc3339.h"
#include "policy/trust/request.h"
#include "tests/request_whole.h"
#include "tests/unit/sample_files.h"

#define KIND "cosign-attestation/"

struct sample {
	struct garita_json_doc *doc;
	struct garita_image image;
	struct garita_requirements wanted;
	struct garita_blobs material;
	time_t now;
};

static const char *string_at(const struct sample *sample, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(sample->doc), pointer));
}

static struct garita_words words_at(const struct sample *sample,
				    const char *pointer)
{
	const struct garita_json *list =
		garita_json_at(garita_json_root(sample->doc), pointer);
	struct garita_words words = {
		.all = garita_xcalloc(garita_json_count(list),
				      sizeof(*words.all)),
		.count = garita_json_count(list),
	};

	for (size_t i = 0; i < words.count; i++)
		words.all[i] = garita_xstrdup(
			garita_json_string(garita_json_item(list, i)));
	return words;
}

/* As cosign calls them. */
static enum garita_attestation_type type_of(const char *word)
{
	static const struct {
		const char *word;
		enum garita_attestation_type type;
	} words[] = {
		{ "vuln", GARITA_ATTEST_VULN },
		{ "slsaprovenance02", GARITA_ATTEST_PROVENANCE },
		{ "slsaprovenance1", GARITA_ATTEST_PROVENANCE },
		{ "spdxjson", GARITA_ATTEST_SPDX },
		{ "cyclonedx", GARITA_ATTEST_CYCLONEDX },
		{ "openvex", GARITA_ATTEST_OPENVEX },
		{ "custom", GARITA_ATTEST_CUSTOM },
	};

	for (size_t i = 0; i < GARITA_COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].type;
	fail_msg("unknown predicate %s", word);
	return GARITA_ATTEST_CUSTOM;
}

static void read_attestation(const struct sample *sample,
			     struct garita_attestation *to)
{
	const char *most = string_at(sample, "/verify/policy/max_severity");
	uint64_t hours = 0;

	to->type = type_of(string_at(sample, "/verify/predicate"));
	to->most = to->unknown = GARITA_SEVERITY_CRITICAL;
	if (to->type == GARITA_ATTEST_CUSTOM)
		to->predicate = garita_xstrdup(
			"https://cosign.sigstore.dev/attestation/v1");
	if (most != NULL) {
		assert_string_equal(most, "MEDIUM");
		to->most = GARITA_SEVERITY_MEDIUM;
	}
	garita_json_u64(garita_json_at(garita_json_root(sample->doc),
				       "/verify/policy/max_age_hours"),
			&hours);
	to->max_age = hours * 60 * 60;
	to->builders = words_at(sample, "/verify/policy/builder_id");
	to->sources = words_at(sample, "/verify/policy/source_uri");
}

static void sample_open(struct sample *ret, const char *name)
{
	struct garita_requirement *wanted;
	struct garita_attestation *attested;
	const char *now;
	auto_text path = { 0 };

	*ret = (struct sample){ .image = { .sure = GARITA_IMAGE_VERIFIED } };
	garita_text_printf(&path, KIND "%s/case.json", name);
	ret->doc = sample_json(path.data);
	path.len = 0;
	garita_text_printf(&path, KIND "%s", name);
	sample_material(path.data, &ret->material);
	sample_material("images", &ret->material);
	snprintf(ret->image.manifest, sizeof(ret->image.manifest), "%s",
		 string_at(ret, "/image_digest"));
	wanted = garita_requirements_add(&ret->wanted);
	wanted->kind = GARITA_REQUIRE_KEYS;
	wanted->identity.kind = GARITA_IDENTITY_IF_SIGNED;
	wanted->keys = garita_xcalloc(1, sizeof(*wanted->keys));
	wanted->key_count = 1;
	wanted->keys->path = garita_xstrdup(string_at(ret, "/verify/key"));
	wanted->keys->bytes =
		sample_bytes(wanted->keys->path, &wanted->keys->len);
	assert_non_null(wanted->keys->bytes);
	attested = garita_xcalloc(1, sizeof(*attested));
	wanted->attested = attested;
	read_attestation(ret, attested);
	now = string_at(ret, "/verify/policy/now");
	if (now == NULL)
		now = "2026-11-28T00:00:00Z";
	assert_int_equal(garita_rfc3339(now, &ret->now), 0);
}

static void sample_close(struct sample *sample)
{
	garita_json_free(sample->doc);
	garita_image_free(&sample->image);
	garita_requirements_free(&sample->wanted);
	garita_blobs_free(&sample->material);
}

static void decide(const struct sample *sample, struct garita_trust *ret,
		   struct garita_text *notes)
{
	const struct garita_trust_case of = { &sample->image, &sample->wanted,
					      &sample->material, sample->now };
	auto_request request = { 0 };
	struct garita_error err = { 0 };
	struct garita_trust_case read;
	struct garita_reply reply;
	auto_text bytes = { 0 };
	struct garita_trust said;

	if (request_whole(&of, &bytes, &err) < 0 ||
	    garita_request_read(bytes.data, bytes.len, &request, &err) < 0)
		fail_msg("%s", err.text);
	read = garita_request_case(&request);
	garita_trust_decide(&read, &said, notes);
	garita_reply_write(&said, &reply);
	if (garita_reply_read(&reply, sample->now, ret, &err) < 0)
		fail_msg("%s: %s", err.text, said.words);
}

/* What a refusal has to say of where it stopped. */
static const struct {
	const char *name, *words;
} reasons[] = {
	{ "old-vuln-high", "severity: 1 finding above medium: CVE-2026-1000" },
	{ "slsa-v0.2-wrong-source", "predicate: the source git+https://" },
	{ "slsa-v1-builder-prefix", "predicate: the builder https://" },
	{ "slsa-v1-wrong-builder", "predicate: the builder https://" },
	{ "vuln-critical-second-result", "severity: 1 finding above medium" },
	{ "vuln-empty-result", "predicate: the scanner's result is of no" },
	{ "vuln-future", "age: it is of 2027-06-01T00:00:00Z, which" },
	{ "vuln-grype", "severity: 1 finding above medium: CVE-2026-1 (high)" },
	{ "vuln-high", "severity: 1 finding above medium: CVE-2026-1005 (hi" },
	{ "vuln-missing", "predicate: it is another attestation (https://sp" },
	{ "vuln-stale",
	  "age: it is of 2026-10-01T10:00:05Z, 51 days ago, and" },
	{ "vuln-tampered", "signature: none of " },
	{ "vuln-unknown-severity", "severity: 1 finding above medium" },
	{ "vuln-wrong-digest", "subject: a good signature by" },
	{ "vuln-wrong-key", "signature: none of " },
	{ "vuln-zero-time", "age: it does not say when" },
};

static const char *reason_of(const char *name)
{
	for (size_t i = 0; i < GARITA_COUNT(reasons); i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].words;
	return NULL;
}

static void check_case(const char *name)
{
	struct sample sample;
	auto_text notes = { 0 };
	struct garita_trust verdict = { 0 };
	const char *expect, *reason = reason_of(name);
	bool accepted;

	sample_open(&sample, name);
	decide(&sample, &verdict, &notes);
	expect = string_at(&sample, "/expect");
	accepted = verdict.state == GARITA_TRUST_ACCEPTED;
	if (strcmp(expect, "either") != 0 &&
	    accepted != (strcmp(expect, "valid") == 0))
		fail_msg("%s: %s expected: %s; %s", name, expect, verdict.words,
			 notes.data ? notes.data : "no notes");
	if (accepted != (reason == NULL) ||
	    (!accepted && strstr(verdict.words, reason) == NULL))
		fail_msg("%s: %s", name, verdict.words);
	/* What is true only for some days is not remembered for longer. */
	if (accepted && sample.wanted.all->attested->max_age > 0)
		assert_true(verdict.until > sample.now &&
			    verdict.until <= sample.now + 72 * 60 * 60);
	sample_close(&sample);
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_samples(void **state)
{
	struct dirent **names;
	int count = scandir(GARITA_SRC_DIR "/tests/samples/signatures/" KIND,
			    &names, is_name, alphasort);

	(void)state;
	assert_int_equal(count, 29);
	for (int i = 0; i < count; i++) {
		check_case(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* An attestation is no signature, and a signature no attestation. */
static void test_one_is_not_the_other(void **state)
{
	struct garita_trust verdict = { 0 };
	struct sample sample;

	(void)state;
	sample_open(&sample, "vuln-clean");
	garita_attestation_free(sample.wanted.all->attested);
	sample.wanted.all->attested = NULL;
	decide(&sample, &verdict, NULL);
	assert_int_equal(verdict.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(verdict.words, "it is an attestation"));
	sample_close(&sample);

	sample_open(&sample, "vuln-clean");
	garita_blobs_free(&sample.material);
	sample_material("cosign-bundle/valid", &sample.material);
	decide(&sample, &verdict, NULL);
	assert_int_equal(verdict.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(verdict.words, "predicate: it is a signature"));
	sample_close(&sample);
}

/* Material of several cases: the newest scan counts, and only that. */
static void test_the_newest_counts(void **state)
{
	static const struct {
		const char *also, *words;
		bool accepted;
	} rows[] = {
		/* older, and bad */
		{ "vuln-stale", "scanned 2026-11-20T10:00:05Z", true },
		/* of the same second, and bad */
		{ "vuln-high", "severity: ", false },
		/* newer, and good: 19:00:05 */
		{ "vuln-offset-time", "scanned 2026-11-20T19:00:05Z", true },
		/* of the future: no scan yet */
		{ "vuln-future", "scanned 2026-11-20T10:00:05Z", true },
		/* of the same second, and not to be read */
		{ "vuln-empty-result", "predicate: ", false },
		/* signed by somebody else */
		{ "vuln-wrong-key", "scanned 2026-11-20T10:00:05Z", true },
		{ "vuln-wrong-digest", "scanned 2026-11-20T10:00:05Z", true },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_trust verdict = { 0 };
		struct sample sample;
		auto_text also = { 0 };

		sample_open(&sample, "vuln-clean");
		garita_text_printf(&also, KIND "%s", rows[i].also);
		sample_material(also.data, &sample.material);
		decide(&sample, &verdict, NULL);
		if ((verdict.state == GARITA_TRUST_ACCEPTED) !=
			    rows[i].accepted ||
		    strstr(verdict.words, rows[i].words) == NULL)
			fail_msg("%s: %s", rows[i].also, verdict.words);
		sample_close(&sample);
	}
}

/* "vuln-high" has one finding above medium, CVE-2026-1005. */
static void test_what_excuses_a_finding(void **state)
{
	static const struct {
		const char *id;
		time_t days; /* from now */
		bool vex, fixable_only;
		enum garita_severity most;
		bool accepted;
	} rows[] = {
		{ NULL, 0, false, false, GARITA_SEVERITY_MEDIUM, false },
		{ NULL, 0, false, true, GARITA_SEVERITY_MEDIUM, false },
		{ NULL, 0, false, false, GARITA_SEVERITY_HIGH, true },
		{ NULL, 0, false, false, GARITA_SEVERITY_NONE, false },
		{ "CVE-2026-1005", 1, false, false, GARITA_SEVERITY_MEDIUM,
		  true },
		{ "CVE-2026-1005", 0, false, false, GARITA_SEVERITY_MEDIUM,
		  false },
		{ "CVE-2026-100", 1, false, false, GARITA_SEVERITY_MEDIUM,
		  false },
		{ NULL, 0, true, false, GARITA_SEVERITY_MEDIUM, true },
		{ NULL, 0, true, false, GARITA_SEVERITY_NONE, false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_trust verdict = { 0 };
		struct garita_attestation *attested;
		struct sample sample;

		sample_open(&sample, "vuln-high");
		sample_material(KIND "openvex", &sample.material);
		attested = sample.wanted.all->attested;
		attested->vex = rows[i].vex;
		attested->fixable_only = rows[i].fixable_only;
		attested->most = rows[i].most;
		if (rows[i].id != NULL) {
			attested->ignored =
				garita_xcalloc(1, sizeof(*attested->ignored));
			attested->ignored->id = garita_xstrdup(rows[i].id);
			attested->ignored->ends =
				sample.now + rows[i].days * 24 * 60 * 60;
			attested->ignored_count = 1;
		}
		decide(&sample, &verdict, NULL);
		if ((verdict.state == GARITA_TRUST_ACCEPTED) !=
		    rows[i].accepted)
			fail_msg("row %zu: %s", i, verdict.words);
		/* What is ignored for a day is an answer for a day. */
		if (rows[i].accepted && rows[i].id != NULL)
			assert_int_equal(verdict.until,
					 attested->ignored->ends);
		sample_close(&sample);
	}
}

/* Hostile material can only refuse, and cannot keep anybody waiting. */
static void test_what_a_question_may_cost(void **state)
{
	struct garita_trust verdict = { 0 };
	struct sample sample;
	auto_text envelope = { 0 };

	(void)state;
	sample_open(&sample, "vuln-clean");
	garita_blobs_free(&sample.material);
	free(sample.wanted.all->keys->bytes);
	sample.wanted.all->keys->bytes =
		sample_bytes("keys/p384.pub", &sample.wanted.all->keys->len);
	garita_text_puts(&envelope,
			 "{\"payloadType\":\"application/vnd.in-toto+json\","
			 "\"payload\":\"e30=\",\"signatures\":[");
	for (int i = 0; i < 64; i++)
		garita_text_printf(&envelope, "%s{\"sig\":\"MAYCAQECAQ%c=\"}",
				   i ? "," : "", i % 2 ? 'I' : 'E');
	garita_text_puts(&envelope, "]}");
	for (int i = 0; i < 20; i++)
		assert_int_equal(garita_blobs_add(&sample.material, "hostile",
						  envelope.data, envelope.len),
				 0);
	/* Even where somebody good is among them: it was not looked at. */
	sample_material(KIND "vuln-clean", &sample.material);
	decide(&sample, &verdict, NULL);
	assert_int_equal(verdict.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(verdict.words, "too many attestations"));
	garita_attestation_free(sample.wanted.all->attested);
	sample.wanted.all->attested = NULL;
	decide(&sample, &verdict, NULL);
	assert_int_equal(verdict.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(verdict.words, "than this question may cost"));
	sample_close(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_one_is_not_the_other),
		cmocka_unit_test(test_the_newest_counts),
		cmocka_unit_test(test_what_excuses_a_finding),
		cmocka_unit_test(test_what_a_question_may_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
