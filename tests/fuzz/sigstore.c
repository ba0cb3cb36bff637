/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore - the key is that of tests/samples/signatures/keys/good.pub. It
 * signed four manifests and indexes of images/; a claim about anything else
 * is a forgery that we took.
 */
#include <string.h>

#include "garita/memory.h"
#include "tests/fuzz/sigstore.h"

static const unsigned char good_point[65] = {
	0x04, 0x5b, 0x85, 0xcb, 0x9b, 0x1d, 0xb2, 0x4f, 0x43, 0x04, 0x21,
	0x04, 0x89, 0x15, 0x37, 0x79, 0xba, 0x74, 0x2d, 0xe2, 0xe5, 0x15,
	0xee, 0xea, 0xc5, 0xc4, 0x8d, 0x9f, 0xa6, 0xe8, 0xc2, 0xe8, 0xef,
	0x9b, 0xb0, 0xa4, 0xa2, 0x73, 0x99, 0xe9, 0x12, 0x3a, 0xdf, 0x1e,
	0x63, 0x29, 0x6f, 0xa1, 0x59, 0x3f, 0x5d, 0x10, 0x97, 0xff, 0xf5,
	0xfe, 0xc0, 0xb8, 0x90, 0xb8, 0x39, 0xd1, 0xaf, 0x18, 0x68,
};

static const char *const signed_digests[] = {
	"sha256:"
	"b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888",
	"sha256:"
	"08c2693a306f6394be8733aaa75d5dc99c745ec2f43851a53e1700616889ff31",
	"sha256:"
	"dda55d01f2d12e508e984d0ada81da01f29c1d8673d434442c80a41285958864",
	"sha256:"
	"20f4df07de1787bba99f870d5b6170325dcb0fc658a3507341b20a4c0d4c16a7",
};

/* Of cosign-simplesigning/valid, which the seed's manifest names. */
static const char payload[] =
	"{\"critical\":{\"identity\":{\"docker-reference\":\"127.0.0.1:5055/c/"
	"ss-valid\"},\"image\":{\"docker-manifest-digest\":\"sha256:b1feb45addf"
	"cb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888\"},\"type\":\""
	"cosign container image signature\"},\"optional\":null}";

static bool was_signed(const char *digest)
{
	for (size_t i = 0; i < GARITA_COUNT(signed_digests); i++)
		if (strcmp(digest, signed_digests[i]) == 0)
			return true;
	return false;
}

void fuzz_stranger(const struct garita_format *format, const uint8_t *data,
		   size_t size)
{
	auto_blobs bag = { 0 };
	auto_text notes = { 0 };
	struct garita_claims claims = { .notes = &notes };
	struct garita_key key;

	if (garita_blobs_add(&bag, "stranger", data, size) < 0)
		return;
	must(garita_blobs_add(&bag, "payload", payload, strlen(payload)) == 0);
	must(garita_key_point(GARITA_KEY_P256, good_point, sizeof(good_point),
			      &key, NULL) == 0);
	read_one(format, &key, 1, &bag, &bag.all[0], &claims);
	for (size_t i = 0; i < claims.count; i++) {
		const struct garita_claim *claim = &claims.all[i];

		must(claim->digest_count > 0);
		must(strcmp(claim->signer, key.words) == 0);
		for (size_t j = 0; j < claim->digest_count; j++)
			must(was_signed(claim->digests[j]));
	}
	must(claims.count > 0 || notes.len > 0 || !format->knows(&bag.all[0]));
	garita_claims_free(&claims);
}

const struct fuzz_signer *fuzz_signer(void)
{
	static struct fuzz_signer signer;

	if (!signer.pair)
		signer.pair = make_pair("P-256", &signer.key);
	return &signer;
}

void fuzz_check_signed(const struct garita_claims *claims, bool well_formed)
{
	must(claims->count == (well_formed ? 1 : 0));
	for (size_t i = 0; i < claims->count; i++)
		must(claims->all[i].digest_count > 0 &&
		     strcmp(claims->all[i].signer, fuzz_signer()->key.words) ==
			     0);
}
