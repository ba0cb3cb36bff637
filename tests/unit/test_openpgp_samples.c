/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures by gpg and skopeo and forgeries of them, asked as a gate asks:
 * each directory of tests/samples/signatures/gpg-simplesigning is a case whose
 * case.json says which image by which name, which keyring, which identity, and
 * what the answer has to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/trust.h"

#define SAMPLES GARITA_SRC_DIR "/tests/samples/signatures/"
#define CASES   SAMPLES "gpg-simplesigning/"

enum { CASES_MADE = 22, NOW = 1795400000 }; /* 2026-11-23 */

static struct garita_text read_file(const char *path)
{
	struct garita_text text = { 0 };
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t len;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		garita_text_add(&text, part, len);
	fclose(file);
	assert_true(text.len > 0);
	return text;
}

struct sample {
	struct garita_json_doc *doc;
	struct garita_blobs material;
	struct garita_requirements wanted;
	struct garita_image image;
};

static const char *string_at(const struct sample *sample, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(sample->doc), pointer));
}

static void read_identity(const struct sample *sample,
			  struct garita_identity *into)
{
	const char *type = string_at(sample, "/verify/signedIdentity/type");
	const char *reference =
		string_at(sample, "/verify/signedIdentity/dockerReference");
	const char *repository =
		string_at(sample, "/verify/signedIdentity/dockerRepository");

	if (strcmp(type, "exactReference") == 0) {
		into->kind = GARITA_IDENTITY_EXACT_REFERENCE;
		into->first = garita_xstrdup(reference);
	} else if (strcmp(type, "exactRepository") == 0) {
		into->kind = GARITA_IDENTITY_EXACT_REPOSITORY;
		into->first = garita_xstrdup(repository);
	} else {
		fail_msg("an identity that is not known here: %s", type);
	}
}

static void sample_open(struct sample *ret, const char *name)
{
	auto_text text = { 0 }, signature = { 0 };
	struct garita_text ring;
	struct garita_requirement *wanted;
	char path[1024];

	*ret = (struct sample){ 0 };
	snprintf(path, sizeof(path), CASES "%s/case.json", name);
	text = read_file(path);
	assert_int_equal(
		garita_json_parse(text.data, text.len, 0, &ret->doc, NULL), 0);
	snprintf(path, sizeof(path), CASES "%s/signature-1", name);
	signature = read_file(path);
	assert_int_equal(garita_blobs_add(&ret->material, "signature-1",
					  signature.data, signature.len),
			 0);
	snprintf(path, sizeof(path), SAMPLES "%s",
		 string_at(ret, "/verify/gpg_keyring"));
	ring = read_file(path);
	wanted = garita_requirements_add(&ret->wanted);
	wanted->kind = GARITA_REQUIRE_GPG;
	wanted->need = 1;
	wanted->keys = garita_xcalloc(1, sizeof(*wanted->keys));
	wanted->key_count = 1;
	wanted->keys[0].path = garita_xstrdup(path);
	wanted->keys[0].len = ring.len;
	wanted->keys[0].bytes = ring.data;
	read_identity(ret, &wanted->identity);
	ret->image.sure = GARITA_IMAGE_VERIFIED;
	snprintf(ret->image.manifest, sizeof(ret->image.manifest), "%s",
		 string_at(ret, "/image_digest"));
	ret->image.reference = garita_xstrdup(string_at(ret, "/image_ref"));
}

static void sample_close(struct sample *sample)
{
	garita_json_free(sample->doc);
	garita_blobs_free(&sample->material);
	garita_requirements_free(&sample->wanted);
	garita_image_free(&sample->image);
}

static struct garita_trust decide(const struct sample *sample, time_t now,
				  struct garita_text *notes)
{
	const struct garita_trust_case of = {
		.image = &sample->image,
		.wanted = &sample->wanted,
		.material = &sample->material,
		.now = now,
	};
	struct garita_trust trust = { 0 };

	garita_trust_decide(&of, &trust, notes);
	return trust;
}

static void check(const char *name)
{
	struct sample sample;
	auto_text notes = { 0 };
	struct garita_trust trust;
	bool valid;

	sample_open(&sample, name);
	trust = decide(&sample, NOW, &notes);
	valid = strcmp(string_at(&sample, "/expect"), "valid") == 0;
	if ((trust.state == GARITA_TRUST_ACCEPTED) != valid)
		fail_msg("%s: %s expected; %s; %s", name,
			 string_at(&sample, "/expect"), trust.words,
			 notes.data != NULL ? notes.data : "");
	assert_string_not_equal(trust.words, "");
	sample_close(&sample);
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void test_samples(void **state)
{
	struct dirent **names;
	int count = scandir(CASES, &names, is_name, alphasort);

	(void)state;
	assert_int_equal(count, CASES_MADE);
	for (int i = 0; i < count; i++) {
		check(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* What a person reads when it is not good. */
static void test_reasons(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "cleartext", "clear text" },
		{ "detached", "a detached signature" },
		{ "expired-signature", "the signature has expired" },
		{ "tampered-payload", "the signature is wrong" },
		{ "tampered-signature", "the signature is wrong" },
		{ "two-signers", "more than one signature" },
		{ "unsigned-literal", "a text that nobody signed" },
		{ "wrong-key",
		  "signed by key FBF83D838C70C08D2ACD92313D788E92AAD3B1C5, "
		  "which is not in the keyring" },
		{ "wrong-type", "critical.type" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct sample sample;
		auto_text notes = { 0 };

		sample_open(&sample, cases[i].name);
		decide(&sample, NOW, &notes);
		assert_non_null(notes.data);
		if (strstr(notes.data, cases[i].part) == NULL)
			fail_msg("%s: %s", cases[i].name, notes.data);
		sample_close(&sample);
	}
}

/* The same bytes are judged by the day: the sample is of February 2025. */
static void test_until(void **state)
{
	struct sample sample;
	struct garita_trust trust;

	(void)state;
	sample_open(&sample, "expired-signature");
	trust = decide(&sample, 1737000000, NULL); /* January */
	assert_int_equal(trust.state, GARITA_TRUST_ACCEPTED);
	assert_int_equal(trust.until, 1739059200); /* February 9 */
	assert_int_equal(decide(&sample, trust.until - 1, NULL).state,
			 GARITA_TRUST_ACCEPTED);
	assert_int_equal(decide(&sample, trust.until, NULL).state,
			 GARITA_TRUST_REFUSED);
	sample_close(&sample);
}

/* One ring that cannot be read trusts nobody, whoever else signed. */
static void test_a_bad_ring(void **state)
{
	struct sample sample;
	struct garita_trust trust;

	(void)state;
	sample_open(&sample, "valid-gpgrsa");
	sample.wanted.all[0].keys[0].len--;
	trust = decide(&sample, NOW, NULL);
	assert_int_equal(trust.state, GARITA_TRUST_REFUSED);
	assert_non_null(strstr(trust.words, "gpg-gpgrsa.gpg"));
	assert_non_null(strstr(trust.words, "cut off"));
	sample_close(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_a_bad_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
