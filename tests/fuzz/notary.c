/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notary - the root is that of tests/samples/signatures/notation-trust. Whom it
 * vouches for signed one manifest of images/; a claim about anything else is a
 * forgery that we took.
 */
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/notation_trust.h"
#include "tests/fuzz/notary.h"

static const char root[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIICODCCAb6gAwIBAgIUHcVMzcYRmXGS+7mZY0MZwzn2xRwwCgYIKoZIzj0EAwMw\n"
	"WjELMAkGA1UEBhMCVVMxCzAJBgNVBAgMAldBMRAwDgYDVQQHDAdTZWF0dGxlMRMw\n"
	"EQYDVQQKDApTYW1wbGUgT3JnMRcwFQYDVQQDDA5TYW1wbGUgUm9vdCBDQTAeFw0y\n"
	"NTAxMDEwMDAwMDBaFw00MDAxMDEwMDAwMDBaMFoxCzAJBgNVBAYTAlVTMQswCQYD\n"
	"VQQIDAJXQTEQMA4GA1UEBwwHU2VhdHRsZTETMBEGA1UECgwKU2FtcGxlIE9yZzEX\n"
	"MBUGA1UEAwwOU2FtcGxlIFJvb3QgQ0EwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAASz\n"
	"ZUgiAXG73mYwXfcdQn93YiolPI+G5o7bOCGfjp5I5uV63CHKMW7hibE3IhntHEbU\n"
	"Jdl/w2YX7taiVdxE88VqSK6t1JXucu9JkGyUJeuAUwnT5/7wPq+8OtP8x1TioHuj\n"
	"RTBDMBIGA1UdEwEB/wQIMAYBAf8CAQIwDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQW\n"
	"BBRUAgn2Vkr6JqpCzizq/RzliD1YJDAKBggqhkjOPQQDAwNoADBlAjEAxt/rmmJz\n"
	"BmBFlmBySxS/KyZYI0HPCqoPlxYkcYo6pOFt3/WixdGqqdrXgpqzz2t0AjAJb94Y\n"
	"JRznAGv/VHLQz+T3GbQVCX+IyrvxpVEBj8cHUrC4lzE5sdTxRPh05F3BCx8=\n"
	"-----END CERTIFICATE-----\n";

/* images/app.manifest.json */
static const char manifest[] =
	"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"applicat"
	"ion/vnd.oci.image.config.v1+json\",\"digest\":\"sha256"
	":daa4ca0769c513df5e72cb02c5d63a10c15982bcd4cda66f6"
	"b18786c47149ec4\",\"size\":301},\"layers\":[{\"mediaType"
	"\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"d"
	"igest\":\"sha256:0136014f47f56d1f671dae84e393914ff8e"
	"f0cd4ae81972a6fb84d13d17e27fb\",\"size\":160}]}\n";
static const char signed_digest[] = "sha256:"
				    "b1feb45addfcb18d87ed842be4ecf37868"
				    "9214a453da44dde1edc6841eecf888";

static const struct garita_notation_trust *trust(void)
{
	static char path[] = "ca:sample/root.pem", name[] = "p",
		    store[] = "ca:sample", anybody[] = "*";
	static char *stores[] = { store }, *identities[] = { anybody };
	/* The time is not what is tried here. */
	static struct garita_notation statement = {
		.name = name,
		.actions = { GARITA_NOTATION_ENFORCE, GARITA_NOTATION_LOG,
			     GARITA_NOTATION_LOG, GARITA_NOTATION_LOG },
		.stores = stores,
		.store_count = 1,
		.identities = identities,
		.identity_count = 1,
	};
	static struct garita_key_source file = { .path = path };
	static struct garita_notation_trust made;
	const struct garita_requirement wanted = {
		.kind = GARITA_REQUIRE_NOTATION,
		.keys = &file,
		.key_count = 1,
		.notation = &statement,
	};

	if (made.statement == NULL) {
		file.bytes = garita_xstrdup(root);
		file.len = strlen(root);
		must(garita_notation_trust_read(&wanted, &made, NULL) == 0);
	}
	return &made;
}

void fuzz_notary(const struct garita_format *format, const uint8_t *data,
		 size_t size)
{
	auto_blobs bag = { 0 };
	auto_text notes = { 0 };
	struct garita_claims claims = { .notes = &notes };
	const struct garita_requirement wanted = {
		.kind = GARITA_REQUIRE_NOTATION
	};
	const struct garita_format_case of = {
		.wanted = &wanted,
		.material = &bag,
		.notation = trust(),
		.now = 1795900000,
	};

	if (garita_blobs_add(&bag, "stranger", data, size) < 0)
		return;
	must(garita_blobs_add(&bag, "manifest", manifest, strlen(manifest)) ==
	     0);
	format->read(&of, &bag.all[0], &claims);
	for (size_t i = 0; i < claims.count; i++) {
		const struct garita_claim *claim = &claims.all[i];

		must(claim->digest_count == 1);
		must(strcmp(claim->digests[0], signed_digest) == 0);
		must(format->knows(&bag.all[0]));
	}
	must(claims.count > 0 || notes.len > 0);
	garita_claims_free(&claims);
}
