/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_decide - who must have signed what: several signers, indexes,
 * images of which only the config is certain, names. The signatures are real
 * ones, made here with keys of this run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "garita/trust.h"

enum { KEYS = 4, NOW = 1795000000 };

#define CONFIG                                                                 \
	"sha256:"                                                              \
	"1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER                                                                  \
	"sha256:"                                                              \
	"2222222222222222222222222222222222222222222222222222222222222222"

#define MANIFEST                                                               \
	"{\"schemaVersion\":2,\"config\":{\"digest\":\"" CONFIG                \
	"\"},\"layers\":[]}"
#define NAME "registry.example.com/db/pg:16"

struct signers {
	EVP_PKEY *keys[KEYS];
	char *pem[KEYS];
	char manifest[GARITA_DIGEST_SIZE];
};

static char *public_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *copy;
	long len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	len = BIO_get_mem_data(bio, &data);
	copy = garita_xstrndup(data, (size_t)len);
	BIO_free(bio);
	return copy;
}

static int make_signers(void **state)
{
	struct signers *made = garita_xalloc(sizeof(*made));

	for (size_t i = 0; i < KEYS; i++) {
		made->keys[i] = EVP_EC_gen("P-256");
		assert_non_null(made->keys[i]);
		made->pem[i] = public_pem(made->keys[i]);
	}
	garita_sha256_digest(MANIFEST, strlen(MANIFEST), made->manifest);
	*state = made;
	return 0;
}

static int free_signers(void **state)
{
	struct signers *made = *state;

	for (size_t i = 0; i < KEYS; i++) {
		EVP_PKEY_free(made->keys[i]);
		free(made->pem[i]);
	}
	free(made);
	return 0;
}

static char *base64(const void *bytes, size_t len)
{
	char *text = garita_xalloc(4 * (len / 3 + 1) + 1);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	return text;
}

static void add(struct garita_blobs *bag, const char *name, const char *text)
{
	assert_int_equal(garita_blobs_add(bag, name, text, strlen(text)), 0);
}

/* A signature as containers-storage keeps it. */
static void sign(struct garita_blobs *bag, EVP_PKEY *key, const char *digest,
		 const char *name, const char *optional)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t len = sizeof(sig);
	auto_text payload = { 0 }, blob = { 0 };
	auto_free char *payload_text = NULL, *sig_text = NULL;

	garita_text_printf(
		&payload,
		"{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},"
		"\"image\":{\"docker-manifest-digest\":\"%s\"},\"type\":"
		"\"cosign container image signature\"},\"optional\":%s}",
		name, digest, optional ? optional : "null");
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key),
			 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &len,
					(unsigned char *)payload.data,
					payload.len),
			 1);
	EVP_MD_CTX_free(ctx);
	payload_text = base64(payload.data, payload.len);
	sig_text = base64(sig, len);
	garita_text_putc(&blob, '\0');
	garita_text_printf(
		&blob,
		"sigstore-json\n{\"mimeType\":\"application/"
		"vnd.dev.cosign.simplesigning.v1+json\",\"payload\":\"%s\","
		"\"annotations\":{\"dev.cosignproject.cosign/signature\":"
		"\"%s\"}}",
		payload_text, sig_text);
	assert_int_equal(
		garita_blobs_add(bag, "signature", blob.data, blob.len), 0);
}

/* `keys` as digits: "012" for the first three. */
static struct garita_requirement *want(struct garita_requirements *list,
				       const struct signers *all,
				       const char *keys, unsigned need)
{
	struct garita_requirement *one = garita_requirements_add(list);

	one->kind = GARITA_REQUIRE_KEYS;
	one->need = need;
	one->identity.kind = GARITA_IDENTITY_IF_SIGNED;
	one->key_count = strlen(keys);
	one->keys = garita_xcalloc(one->key_count, sizeof(*one->keys));
	for (size_t i = 0; i < one->key_count; i++) {
		const char *pem = all->pem[keys[i] - '0'];

		one->keys[i].path = garita_xstrdup("a.pub");
		one->keys[i].bytes = garita_xstrdup(pem);
		one->keys[i].len = strlen(pem);
	}
	return one;
}

static struct garita_image image_of(const struct signers *all)
{
	struct garita_image image = {
		.sure = GARITA_IMAGE_VERIFIED,
		.config = CONFIG,
		.reference = (char *)(uintptr_t)NAME,
	};

	memcpy(image.manifest, all->manifest, sizeof(image.manifest));
	return image;
}

static struct garita_trust decide(const struct garita_image *image,
				  const struct garita_requirements *wanted,
				  const struct garita_blobs *material)
{
	const struct garita_trust_case asked = { image, wanted, material, NOW };
	struct garita_trust trust;
	auto_text notes = { 0 };

	garita_trust_decide(&asked, &trust, &notes);
	assert_true(trust.state != GARITA_TRUST_NOT_ASKED);
	assert_true(trust.words[0] != '\0');
	return trust;
}

static void accepted(const struct garita_image *image,
		     const struct garita_requirements *wanted,
		     const struct garita_blobs *material)
{
	struct garita_trust trust = decide(image, wanted, material);

	if (trust.state != GARITA_TRUST_ACCEPTED)
		fail_msg("refused: %s", trust.words);
}

static void refused(const struct garita_image *image,
		    const struct garita_requirements *wanted,
		    const struct garita_blobs *material, const char *says)
{
	struct garita_trust trust = decide(image, wanted, material);

	if (trust.state != GARITA_TRUST_REFUSED)
		fail_msg("accepted: %s", trust.words);
	if (strstr(trust.words, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", trust.words, says);
}

static void test_how_many(void **state)
{
	static const struct {
		const char *why, *keys, *signed_by;
		unsigned need;
		bool accepted;
	} rows[] = {
		{ "one of one", "0", "0", 1, true },
		{ "by a stranger", "0", "3", 1, false },
		{ "by a stranger and by the one", "0", "30", 1, true },
		{ "nobody", "0", "", 1, false },
		{ "one of three", "012", "2", 1, true },
		{ "two of three", "012", "20", 2, true },
		{ "two of three, one signed", "012", "1", 2, false },
		{ "the same one twice", "012", "11", 2, false },
		{ "the same key in two files", "00", "00", 2, false },
		{ "one of them and a stranger", "012", "13", 2, false },
		{ "all three", "012", "0312", 3, true },
		{ "nobody need sign: no such thing", "0", "0", 0, false },
	};
	const struct signers *all = *state;
	struct garita_image image = image_of(all);

	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_requirements wanted = { 0 };
		auto_blobs bag = { 0 };
		struct garita_trust trust;

		want(&wanted, all, rows[i].keys, rows[i].need);
		for (const char *by = rows[i].signed_by; *by; by++)
			sign(&bag, all->keys[*by - '0'], all->manifest, NAME,
			     NULL);
		trust = decide(&image, &wanted, &bag);
		if ((trust.state == GARITA_TRUST_ACCEPTED) != rows[i].accepted)
			fail_msg("%s: %s", rows[i].why, trust.words);
	}
}

static void test_all_requirements(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };

	refused(&image, &wanted, &bag, "no requirement");
	garita_requirements_add(&wanted)->kind = GARITA_REQUIRE_NOTHING;
	accepted(&image, &wanted, &bag);
	want(&wanted, all, "0", 1);
	refused(&image, &wanted, &bag, "no signature is here");
	sign(&bag, all->keys[0], all->manifest, NAME, NULL);
	accepted(&image, &wanted, &bag);
	want(&wanted, all, "1", 1);
	refused(&image, &wanted, &bag, "0 of 1");
	sign(&bag, all->keys[1], all->manifest, NAME, NULL);
	accepted(&image, &wanted, &bag);
	garita_requirements_add(&wanted)->kind = GARITA_REQUIRE_REJECT;
	refused(&image, &wanted, &bag, "rejects");
}

static void test_about_another(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };

	want(&wanted, all, "0", 1);
	sign(&bag, all->keys[0], OTHER, NAME, NULL);
	refused(&image, &wanted, &bag, "another image");
	/* The config's digest is not what is signed. */
	sign(&bag, all->keys[0], CONFIG, NAME, NULL);
	refused(&image, &wanted, &bag, "another image");
	sign(&bag, all->keys[0], all->manifest, "registry.example.com/web/x",
	     NULL);
	refused(&image, &wanted, &bag, "another name");
	wanted.all[0].identity.kind = GARITA_IDENTITY_ANY;
	accepted(&image, &wanted, &bag);
}

static void test_noise(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };

	want(&wanted, all, "0", 1);
	add(&bag, "empty", "");
	add(&bag, "text", "hello");
	add(&bag, "object", "{}");
	add(&bag, "array", "[]");
	add(&bag, "open", "{\"layers\":[");
	add(&bag, "bundle",
	    "{\"mediaType\":\"application/"
	    "vnd.dev.sigstore.bundle.v0.3+json\"}");
	assert_int_equal(
		garita_blobs_add(&bag, "local", "\0sigstore-json\n{", 16), 0);
	refused(&image, &wanted, &bag, "0 of 1");
	sign(&bag, all->keys[0], all->manifest, NAME, NULL);
	add(&bag, "after",
	    "{\"payloadType\":1,\"payload\":2,\"signatures\":3}");
	accepted(&image, &wanted, &bag);
}

/* A signature is no attestation, whoever made it. */
static void test_attestation_wanted(void **state)
{
	static const struct {
		enum garita_attestation_type type;
		const char *predicate, *says;
	} rows[] = {
		{ GARITA_ATTEST_VULN, NULL, "(vuln)" },
		{ GARITA_ATTEST_CUSTOM, "https://example.com/tested",
		  "(https://example.com/tested)" },
	};
	const struct signers *all = *state;
	struct garita_image image = image_of(all);

	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		const struct garita_attestation attested = {
			.type = rows[i].type,
			.predicate = (char *)(uintptr_t)rows[i].predicate,
		};
		auto_requirements wanted = { 0 };
		auto_blobs bag = { 0 };

		want(&wanted, all, "0", 1)->attested =
			garita_attestation_copy(&attested);
		refused(&image, &wanted, &bag, "no attestation is here");
		refused(&image, &wanted, &bag, rows[i].says);
		sign(&bag, all->keys[0], all->manifest, NAME, NULL);
		refused(&image, &wanted, &bag, "none of 1 pieces");
		refused(&image, &wanted, &bag, rows[i].says);
	}
}

static void test_bad_key(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };

	want(&wanted, all, "01", 1);
	sign(&bag, all->keys[0], all->manifest, NAME, NULL);
	accepted(&image, &wanted, &bag);
	/* A policy whose keys cannot be read is no policy. */
	wanted.all[0].keys[1].bytes[40] ^= 0x15;
	refused(&image, &wanted, &bag, "a.pub");
}

static void index_text(const char *manifest, struct garita_text *ret)
{
	garita_text_printf(ret,
			   "{\"schemaVersion\":2,\"manifests\":[{\"digest\":"
			   "\"" OTHER "\"},{\"digest\":\"%s\"}]}",
			   manifest);
}

static void test_signed_index(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 }, kept = { 0 }, lying = { 0 };
	auto_text index = { 0 }, other = { 0 };
	char digest[GARITA_DIGEST_SIZE];

	want(&wanted, all, "0", 1);
	index_text(all->manifest, &index);
	garita_sha256_digest(index.data, index.len, digest);
	sign(&bag, all->keys[0], digest, NAME, NULL);
	wanted.all[0].signed_index = true;
	refused(&image, &wanted, &bag, "another image"); /* no index bytes */
	add(&bag, "index", index.data);
	accepted(&image, &wanted, &bag);
	wanted.all[0].signed_index = false;
	refused(&image, &wanted, &bag, "signs the index");

	/* The index that the store verified needs no bytes; one that it did
	 * not is nobody's. */
	memcpy(image.index, digest, sizeof(image.index));
	sign(&kept, all->keys[0], digest, NAME, NULL);
	refused(&image, &wanted, &kept, "signs the index");
	wanted.all[0].signed_index = true;
	accepted(&image, &wanted, &kept);
	image.sure = GARITA_IMAGE_CONFIG;
	refused(&image, &wanted, &kept, "another image");
	image = image_of(all);

	/* A signed index that does not list it; and bytes that do, under a
	 * hash that nobody signed. */
	index_text(CONFIG, &other);
	garita_sha256_digest(other.data, other.len, digest);
	sign(&lying, all->keys[0], digest, NAME, NULL);
	add(&lying, "index", other.data);
	add(&lying, "index", index.data);
	refused(&image, &wanted, &lying, "another image");
}

/* docker keeps no manifest: its config is certain, and a manifest among the
 * material that names it is the image's. */
static void test_config_only(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };
	char digest[GARITA_DIGEST_SIZE];
	auto_text index = { 0 };

	image.sure = GARITA_IMAGE_CONFIG;
	want(&wanted, all, "0", 1);
	sign(&bag, all->keys[0], all->manifest, NAME, NULL);
	/* What the store is not sure of does not count, even if it is there. */
	refused(&image, &wanted, &bag, "another image");
	add(&bag, "manifest",
	    "{\"schemaVersion\":2,\"config\":{\"digest\":\"" OTHER
	    "\"},\"layers\":[]}");
	refused(&image, &wanted, &bag, "another image");
	add(&bag, "manifest", MANIFEST);
	accepted(&image, &wanted, &bag);

	/* And an index of it. */
	garita_blobs_free(&bag);
	index_text(all->manifest, &index);
	garita_sha256_digest(index.data, index.len, digest);
	sign(&bag, all->keys[0], digest, NAME, NULL);
	add(&bag, "index", index.data);
	wanted.all[0].signed_index = true;
	refused(&image, &wanted, &bag, "another image");
	add(&bag, "manifest", MANIFEST);
	accepted(&image, &wanted, &bag);
}

static void test_repo_digest(void **state)
{
	const struct signers *all = *state;
	struct garita_image image = image_of(all);
	auto_text pulled = { 0 };
	char *list[] = { NULL };
	auto_requirements wanted = { 0 };
	auto_blobs bag = { 0 };

	image.sure = GARITA_IMAGE_CONFIG;
	image.repo_digests = list;
	image.repo_digest_count = 1;
	want(&wanted, all, "0", 1);
	sign(&bag, all->keys[0], all->manifest, NAME, NULL);
	list[0] = (char *)(uintptr_t) "registry.example.com/db/pg@" OTHER;
	refused(&image, &wanted, &bag, "another image");
	garita_text_printf(&pulled, "registry.example.com/db/pg@%s",
			   all->manifest);
	list[0] = pulled.data;
	accepted(&image, &wanted, &bag);
	/* A name with the index's digest makes no manifest of that. */
	image.sure = GARITA_IMAGE_VERIFIED;
	memcpy(image.index, all->manifest, sizeof(image.index));
	memcpy(image.manifest, OTHER, sizeof(image.manifest));
	refused(&image, &wanted, &bag, "signs the index");
	image.sure = GARITA_IMAGE_UNKNOWN;
	snprintf(image.why_not, sizeof(image.why_not), "nobody knows it");
	refused(&image, &wanted, &bag, "nobody knows it");
}

static void test_annotations(void **state)
{
	static const struct {
		const char *optional;
		bool accepted;
	} rows[] = {
		{ NULL, false },
		{ "{}", false },
		{ "{\"env\":\"prod\"}", true },
		{ "{\"team\":\"x\",\"env\":\"prod\"}", true },
		{ "{\"env\":\"test\"}", false },
		{ "{\"ENV\":\"prod\"}", false },
		{ "{\"env\":[\"prod\"]}", false },
	};
	const struct signers *all = *state;
	struct garita_image image = image_of(all);

	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_requirements wanted = { 0 };
		auto_blobs bag = { 0 };
		struct garita_requirement *one = want(&wanted, all, "0", 1);
		struct garita_trust trust;

		one->annotations = garita_xcalloc(1, sizeof(*one->annotations));
		one->annotations[0].key = garita_xstrdup("env");
		one->annotations[0].value = garita_xstrdup("prod");
		one->annotation_count = 1;
		sign(&bag, all->keys[0], all->manifest, NAME, rows[i].optional);
		trust = decide(&image, &wanted, &bag);
		if ((trust.state == GARITA_TRUST_ACCEPTED) != rows[i].accepted)
			fail_msg("%s: %s",
				 rows[i].optional ? rows[i].optional : "none",
				 trust.words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_many),
		cmocka_unit_test(test_all_requirements),
		cmocka_unit_test(test_about_another),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_attestation_wanted),
		cmocka_unit_test(test_bad_key),
		cmocka_unit_test(test_signed_index),
		cmocka_unit_test(test_config_only),
		cmocka_unit_test(test_repo_digest),
		cmocka_unit_test(test_annotations),
	};

	return cmocka_run_group_tests(tests, make_signers, free_signers);
}
