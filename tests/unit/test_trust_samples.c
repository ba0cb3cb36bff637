/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_samples - signatures that cosign and skopeo made, and forgeries of
 * them: each directory of tests/samples/signatures is a case whose case.json
 * says what is asked and what the answer has to be. All other files of the
 * directory are the material, together with every manifest of images/, which a
 * store would also give us.
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
#include "policy/trust/format.h"
#include "policy/trust/identity.h"

#define SAMPLES GARITA_SRC_DIR "/tests/samples/signatures/"

static const struct garita_format *const formats[] = {
	&garita_format_cosign,
	&garita_format_bundle,
	&garita_format_dsse,
	&garita_format_sigstore_local,
};

static struct garita_text read_file(const char *path)
{
	struct garita_text text = { 0 };
	FILE *file = fopen(path, "re");
	char part[4096];
	size_t len;

	if (!file)
		fail_msg("cannot open %s", path);
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		garita_text_add(&text, part, len);
	fclose(file);
	if (!text.data)
		garita_text_puts(&text, "");
	return text;
}

/* What a peer said of a NUL is quoted in one case.json; ours is no JSON that
 * may have one. */
static void hide_nul(struct garita_text *text)
{
	char *at;

	while ((at = strstr(text->data, "\\u0000")) != NULL)
		memcpy(at, "\\u2400", 6);
}

static int is_material(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       strcmp(entry->d_name, "case.json") != 0;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void load_file(struct garita_blobs *bag, const char *dir,
		      const char *name)
{
	char path[1024];
	auto_text text = { 0 };

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = read_file(path);
	assert_int_equal(garita_blobs_add(bag, name, text.data, text.len), 0);
}

static void load_dir(struct garita_blobs *bag, const char *dir)
{
	struct dirent **names;
	int count = scandir(dir, &names, is_material, alphasort);

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		load_file(bag, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* ---- a case ---- */

struct sample {
	char name[200];
	struct garita_json_doc *doc;
	const char *digest, *expect;
	struct garita_blobs material;
	struct garita_text key_text;
	struct garita_key key;
	struct garita_requirement wanted;
	struct garita_annotation annotations[4];
};

static const char *string_at(const struct sample *sample, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(sample->doc), pointer));
}

static void read_annotations(struct sample *sample)
{
	const struct garita_json *list = garita_json_at(
		garita_json_root(sample->doc), "/verify/annotations");

	sample->wanted.annotations = sample->annotations;
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *pair =
			garita_json_string(garita_json_item(list, i));
		const char *equals = strchr(pair, '=');
		struct garita_annotation *to = &sample->annotations[i];

		assert_true(i < GARITA_COUNT(sample->annotations));
		to->key = garita_xstrndup(pair, (size_t)(equals - pair));
		to->value = garita_xstrdup(equals + 1);
		sample->wanted.annotation_count++;
	}
}

static void sample_open(struct sample *ret, const char *kind, const char *name)
{
	auto_text text = { 0 };
	char path[1024];

	*ret = (struct sample){ .wanted = { .kind = GARITA_REQUIRE_KEYS,
					    .need = 1 } };
	snprintf(ret->name, sizeof(ret->name), "%s/%s", kind, name);
	snprintf(path, sizeof(path), SAMPLES "%s/case.json", ret->name);
	text = read_file(path);
	hide_nul(&text);
	assert_int_equal(
		garita_json_parse(text.data, text.len, 0, &ret->doc, NULL), 0);
	ret->digest = string_at(ret, "/image_digest");
	ret->expect = string_at(ret, "/expect");
	snprintf(path, sizeof(path), SAMPLES "%s",
		 string_at(ret, "/verify/key"));
	ret->key_text = read_file(path);
	assert_int_equal(garita_key_read(ret->key_text.data, ret->key_text.len,
					 &ret->key, NULL),
			 0);
	read_annotations(ret);
	snprintf(path, sizeof(path), SAMPLES "%s", ret->name);
	load_dir(&ret->material, path);
	load_dir(&ret->material, SAMPLES "images");
}

static void sample_close(struct sample *sample)
{
	for (size_t i = 0; i < sample->wanted.annotation_count; i++) {
		free(sample->annotations[i].key);
		free(sample->annotations[i].value);
	}
	garita_blobs_free(&sample->material);
	garita_text_free(&sample->key_text);
	garita_json_free(sample->doc);
}

/* ---- what the formats claim ---- */

static void read_claims(const struct sample *sample,
			const struct garita_blob *only,
			struct garita_claims *ret)
{
	const struct garita_format_case of = {
		.wanted = &sample->wanted,
		.keys = &sample->key,
		.key_count = 1,
		.material = &sample->material,
	};

	for (size_t i = 0; i < sample->material.count; i++) {
		const struct garita_blob *blob = &sample->material.all[i];
		unsigned known = 0;

		if (only && blob != only)
			continue;
		for (size_t j = 0; j < GARITA_COUNT(formats); j++) {
			if (!formats[j]->knows(blob))
				continue;
			formats[j]->read(&of, blob, ret);
			known++;
		}
		assert_true(known <= 1);
	}
}

static bool says(const struct garita_claim *claim,
		 const struct garita_annotation *wanted)
{
	for (size_t i = 0; i < claim->said_count; i++)
		if (strcmp(claim->said[i].key, wanted->key) == 0 &&
		    strcmp(claim->said[i].value, wanted->value) == 0)
			return true;
	return false;
}

static bool is_about(const struct garita_claim *claim,
		     const struct sample *sample)
{
	bool found = false;

	for (size_t i = 0; i < claim->digest_count; i++)
		found |= strcmp(claim->digests[i], sample->digest) == 0;
	for (size_t i = 0; i < sample->wanted.annotation_count; i++)
		found &= says(claim, &sample->wanted.annotations[i]);
	return found;
}

static bool is_claimed(const struct sample *sample,
		       const struct garita_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++) {
		const struct garita_claim *claim = &claims->all[i];

		assert_string_equal(claim->signer, sample->key.words);
		assert_non_null(claim->from);
		if (is_about(claim, sample))
			return true;
	}
	return false;
}

/* The form that the case wants, or what cosign verify --key does. */
static void read_identity(struct sample *sample)
{
	static const char at[] = "/verify/signedIdentity";
	const struct garita_json *node =
		garita_json_at(garita_json_root(sample->doc), at);

	sample->wanted.identity.kind = GARITA_IDENTITY_ANY;
	if (!node)
		return;
	sample->wanted.identity.kind = GARITA_IDENTITY_REPO_DIGEST_OR_EXACT;
	if (garita_json_type(node) != GARITA_JSON_NULL)
		assert_int_equal(
			garita_identity_read(sample->doc, node, at, false,
					     &sample->wanted.identity, NULL),
			0);
}

static void decide(struct sample *sample, struct garita_trust *ret,
		   struct garita_text *notes)
{
	const char *reference = string_at(sample, "/image_ref");
	struct garita_image image = {
		.sure = GARITA_IMAGE_VERIFIED,
		.reference = reference ? garita_xstrdup(reference) : NULL,
	};
	struct garita_key_source source = {
		.bytes = sample->key_text.data,
		.len = sample->key_text.len,
	};
	struct garita_requirements wanted = { .all = &sample->wanted,
					      .count = 1 };
	const struct garita_trust_case of = {
		.image = &image,
		.wanted = &wanted,
		.material = &sample->material,
	};

	sample->wanted.keys = &source;
	sample->wanted.key_count = 1;
	snprintf(image.manifest, sizeof(image.manifest), "%s", sample->digest);
	read_identity(sample);
	garita_trust_decide(&of, ret, notes);
	garita_identity_free(&sample->wanted.identity);
	free(image.reference);
}

static void check_case(const char *kind, const char *name)
{
	struct sample sample;
	auto_text notes = { 0 };
	struct garita_trust verdict = { 0 };
	bool accepted;

	sample_open(&sample, kind, name);
	decide(&sample, &verdict, &notes);
	accepted = verdict.state == GARITA_TRUST_ACCEPTED;
	if (strcmp(sample.expect, "either") != 0 &&
	    accepted != (strcmp(sample.expect, "valid") == 0))
		fail_msg("%s: %s expected: %s; %s", sample.name, sample.expect,
			 verdict.words, notes.data ? notes.data : "no notes");
	assert_true(accepted || verdict.state == GARITA_TRUST_REFUSED);
	if (accepted)
		assert_non_null(strstr(verdict.words, sample.key.words));
	sample_close(&sample);
}

static void check_kind(const char *kind, int wanted)
{
	struct dirent **names;
	char dir[512];
	int count;

	snprintf(dir, sizeof(dir), SAMPLES "%s", kind);
	count = scandir(dir, &names, is_name, alphasort);
	assert_int_equal(count, wanted);
	for (int i = 0; i < count; i++) {
		check_case(kind, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static void test_simple_signing(void **state)
{
	(void)state;
	check_kind("cosign-simplesigning", 41);
}

static void test_bundles(void **state)
{
	(void)state;
	check_kind("cosign-bundle", 46);
}

static void test_skopeo(void **state)
{
	(void)state;
	check_kind("skopeo-sigstore", 3);
}

/* skopeo wrote the same signature in two forms; each is enough. */
static void test_each_form_alone(void **state)
{
	static const char *const forms[] = { "sig-manifest.json",
					     "signature-1" };
	struct sample sample;

	(void)state;
	sample_open(&sample, "skopeo-sigstore", "valid-default");
	for (size_t i = 0; i < GARITA_COUNT(forms); i++) {
		const struct garita_blob *blob = sample.material.all;
		struct garita_claims claims = { 0 };

		while (strcmp(blob->name, forms[i]) != 0)
			blob++;
		read_claims(&sample, blob, &claims);
		assert_int_equal(claims.count, 1);
		assert_true(is_claimed(&sample, &claims));
		assert_string_equal(claims.all[0].reference,
				    "127.0.0.1:5055/c/sk-dst:1.0");
		assert_string_equal(claims.all[0].from, forms[i]);
		garita_claims_free(&claims);
	}
	sample_close(&sample);
}

/* As podman and skopeo leave it after a pull; one signature in each item. */
static void test_containers_storage(void **state)
{
	static const char dir[] =
		SAMPLES "containers-storage/vfs-images/"
			"daa4ca0769c513df5e72cb02c5d63a10c15982bcd4cda66f6b187"
			"86c47149ec4";
	struct sample sample;
	struct garita_claims claims = { 0 };

	(void)state;
	sample_open(&sample, "cosign-simplesigning", "valid");
	garita_blobs_free(&sample.material);
	load_dir(&sample.material, dir);
	read_claims(&sample, NULL, &claims);
	assert_int_equal(claims.count, 2);
	for (size_t i = 0; i < claims.count; i++)
		assert_true(is_about(&claims.all[i], &sample));
	garita_claims_free(&claims);
	sample_close(&sample);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Figures for the record. */
static void test_what_reading_costs(void **state)
{
	static const char *const cases[][2] = {
		{ "cosign-simplesigning", "valid" },
		{ "cosign-simplesigning", "wrong-key" },
		{ "cosign-bundle", "valid" },
		{ "cosign-bundle", "unknown-field" },
		{ "cosign-bundle", "valid-rsa2048" },
	};
	enum { ROUNDS = 50 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct sample sample;
		double start;

		sample_open(&sample, cases[i][0], cases[i][1]);
		start = now_us();
		for (int round = 0; round < ROUNDS; round++) {
			struct garita_claims claims = { 0 };

			read_claims(&sample, NULL, &claims);
			garita_claims_free(&claims);
		}
		print_message("# %s/%s: %.0f us\n", cases[i][0], cases[i][1],
			      (now_us() - start) / ROUNDS);
		sample_close(&sample);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple_signing),
		cmocka_unit_test(test_bundles),
		cmocka_unit_test(test_skopeo),
		cmocka_unit_test(test_each_form_alone),
		cmocka_unit_test(test_containers_storage),
		cmocka_unit_test(test_what_reading_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
