/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_notation_samples - signatures that notation made, and forgeries of them:
 * each directory of tests/samples/signatures/notation-* is a case whose
 * case.json says what is asked and what the answer has to be. The question goes
 * the way of all: written, read again, decided.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/notation.h"
#include "policy/trust/request.h"
#include "tests/request_whole.h"
#include "tests/unit/sample_files.h"

#define SAMPLES GARITA_SRC_DIR "/tests/samples/signatures/"
#define STORES  "notation-trust/truststore/x509/"

/* A week after they were made. */
enum { NOW = 1795900000 };

/* Which step has to say no. */
static const struct {
	const char *name, *step;
} steps[] = {
	{ "chain-incomplete", "authenticity: " },
	{ "chain-reversed", "authenticity: " },
	{ "crafted-alg-mismatch", "signature: " },
	{ "crafted-alg-none", "envelope: the algorithm" },
	{ "crafted-bad-cty", "envelope: the content" },
	{ "crafted-bad-scheme", "unknown scheme" },
	{ "crafted-crit-missing", "crit" },
	{ "crafted-forged-chain", "chain: " },
	{ "crafted-leaf-no-digitalsignature", "chain: " },
	{ "crafted-leaf-server-eku", "chain: " },
	{ "crafted-mediatype-mismatch", "target: " },
	{ "crafted-no-scheme", "signingScheme is missing" },
	{ "crafted-not-yet-valid", "time: " },
	{ "crafted-rs256", "envelope: the algorithm" },
	{ "crafted-size-mismatch", "target: " },
	{ "crafted-unknown-crit", "is critical, and not known" },
	{ "expired-certificate", "time: " },
	{ "expired-signature", "expiry: " },
	{ "identity-mismatch", "is not a trusted identity" },
	{ "metadata-mismatch", "lacks an annotation" },
	{ "no-x5c", "has no certificates" },
	{ "scope-mismatch", "the trust policy has none" },
	{ "tampered-payload", "signature: " },
	{ "tampered-protected", "envelope: " },
	{ "tampered-signature", "signature: " },
	{ "timestamped-tsa-not-trusted", "time: " },
	{ "trailing-bytes", "bytes follow the envelope" },
	{ "truncated", "envelope: " },
	{ "untagged", "none is a signature of this kind" },
	{ "untrusted-signer", "authenticity: " },
	{ "wrong-digest", "is about another image" },
	{ "wrong-trust-store", "authenticity: " },
};

static const char *step_of(const char *name)
{
	for (size_t i = 0; i < GARITA_COUNT(steps); i++)
		if (strcmp(steps[i].name, name) == 0)
			return steps[i].step;
	fail_msg("%s has no step", name);
	return NULL;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void add_store(struct garita_requirement *wanted, const char *store)
{
	const char *name = strchr(store, ':') + 1;
	char dir[512];
	auto_blobs files = { 0 };

	snprintf(dir, sizeof(dir), STORES "%.*s/%s", (int)(name - 1 - store),
		 store, name);
	sample_material(dir, &files);
	/* Some cases are signed under a root that was made before it. */
	if (strcmp(store, "ca:sample") == 0) {
		size_t len;
		auto_free char *first =
			sample_bytes("notation-trust/first-root.pem", &len);

		assert_int_equal(
			garita_blobs_add(&files, "first.pem", first, len), 0);
	}
	wanted->keys =
		garita_xresize(wanted->keys, wanted->key_count + files.count,
			       sizeof(*wanted->keys));
	for (size_t i = 0; i < files.count; i++) {
		struct garita_blob *file = &files.all[i];
		auto_text label = { 0 };

		garita_text_printf(&label, "%s/%s", store, file->name);
		wanted->keys[wanted->key_count++] = (struct garita_key_source){
			.path = garita_text_take(&label),
			.len = file->len,
			.bytes = garita_take_ptr(&file->bytes),
		};
	}
}

static void add_metadata(struct garita_requirement *wanted,
			 const struct garita_json *list)
{
	size_t count = garita_json_count(list);

	wanted->annotations =
		garita_xcalloc(count, sizeof(*wanted->annotations));
	for (size_t i = 0; i < count; i++) {
		const char *pair =
			garita_json_string(garita_json_item(list, i));
		const char *equals = strchr(pair, '=');
		struct garita_annotation *to =
			&wanted->annotations[wanted->annotation_count++];

		to->key = garita_xstrndup(pair, (size_t)(equals - pair));
		to->value = garita_xstrdup(equals + 1);
	}
}

static void decide(const struct garita_trust_case *of, struct garita_trust *ret,
		   struct garita_text *notes)
{
	auto_request request = { 0 };
	auto_text bytes = { 0 }, again = { 0 };
	struct garita_trust_case read;
	struct garita_error err = { 0 };

	if (request_whole(of, &bytes, &err) < 0 ||
	    garita_request_read(bytes.data, bytes.len, &request, &err) < 0)
		fail_msg("%s", err.text);
	read = garita_request_case(&request);
	assert_int_equal(request_whole(&read, &again, &err), 0);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
	garita_trust_decide(&read, ret, notes);
}

static void try_case(const char *kind, const char *name)
{
	char dir[512], path[1024];
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *policy = NULL;
	auto_text notes = { 0 };
	auto_requirements wanted = { 0 };
	auto_blobs material = { 0 };
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	const struct garita_trust_case asked = { &image, &wanted, &material,
						 NOW };
	struct garita_requirement *one = garita_requirements_add(&wanted);
	struct garita_error err = { 0 };
	struct garita_trust said = { 0 };
	struct garita_json *root;
	size_t len = 0;
	bool valid;

	snprintf(dir, sizeof(dir), "%s/%s", kind, name);
	snprintf(path, sizeof(path), "%s/case.json", dir);
	doc = sample_json(path);
	root = garita_json_root(doc);
	snprintf(path, sizeof(path), "%s/trustpolicy.json", dir);
	policy = sample_bytes(path, &len);
	snprintf(image.manifest, sizeof(image.manifest), "%s",
		 garita_json_string(garita_json_get(root, "image_digest")));
	image.reference = garita_xstrdup(
		garita_json_string(garita_json_get(root, "image_ref")));
	if (garita_notation_policy(policy, len, image.reference, one, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	for (size_t i = 0; one->notation && i < one->notation->store_count; i++)
		add_store(one, one->notation->stores[i]);
	add_metadata(one, garita_json_at(root, "/verify/user_metadata"));
	sample_material(dir, &material);
	sample_material("images", &material);
	decide(&asked, &said, &notes);
	valid = strcmp(garita_json_string(garita_json_get(root, "expect")),
		       "valid") == 0;
	if ((said.state == GARITA_TRUST_ACCEPTED) != valid)
		fail_msg("%s/%s is %s: %s\n%s", kind, name,
			 valid ? "refused" : "accepted", said.words,
			 notes.data);
	if (!valid && strstr(said.words, step_of(name)) == NULL)
		fail_msg("%s/%s is refused for another reason: %s", kind, name,
			 said.words);
	free(image.reference);
}

static void try_kind(const char *kind, int wanted)
{
	char dir[512];
	struct dirent **names;
	int count;

	snprintf(dir, sizeof(dir), SAMPLES "%s", kind);
	count = scandir(dir, &names, is_name, alphasort);
	assert_int_equal(count, wanted);
	for (int i = 0; i < count; i++) {
		try_case(kind, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static void test_jws(void **state)
{
	(void)state;
	try_kind("notation-jws", 46);
}

static void test_cose(void **state)
{
	(void)state;
	try_kind("notation-cose", 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jws),
		cmocka_unit_test(test_cose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
