/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_algorithm - how a certificate or a CMS message says that it was signed.
 *
 * Each way has one encoding (RFC 4055, 5758, 8410), so it is looked up by its
 * bytes and there is nothing to parse but the parameters of PSS, which has one
 * encoding for each hash as well: the same hash for the mask and a salt as long
 * as the hash.
 */
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/x509.h"

#define SEQ(len)     "\x30" len
#define OID_SHA(n)   "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" n
#define OID_RSA(n)   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" n
#define NUL          "\x05\x00"
#define SHA_SEQ(n)   SEQ("\x0d") OID_SHA(n) NUL
#define PSS_HASH(n)  "\xa0\x0f" SHA_SEQ(n)
#define PSS_MASK(n)  "\xa1\x1c" SEQ("\x1a") OID_RSA("\x08") SHA_SEQ(n)
#define PSS_SALT(s)  "\xa2\x03\x02\x01" s
#define PSS_HEAD     SEQ("\x41") OID_RSA("\x0a") SEQ("\x34")
#define PSS(n, salt) PSS_HEAD PSS_HASH(n) PSS_MASK(n) PSS_SALT(salt)

#define WAY(text, s, h)                                                        \
	{                                                                      \
		.bytes = (text), .len = sizeof(text) - 1,                      \
		.how = { true,                                                 \
			 GARITA_SCHEME_##s,                                    \
			 GARITA_SHA##h }                                       \
	}

static const struct {
	const char *bytes;
	size_t len;
	struct garita_x509_algorithm how;
} ways[] = {
	WAY("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", DER, 256),
	WAY("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", DER, 384),
	WAY("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04", DER, 512),
	WAY(SEQ("\x0d") OID_RSA("\x0b") NUL, PKCS1, 256),
	WAY(SEQ("\x0d") OID_RSA("\x0c") NUL, PKCS1, 384),
	WAY(SEQ("\x0d") OID_RSA("\x0d") NUL, PKCS1, 512),
	WAY(PSS("\x01", "\x20"), PSS, 256),
	WAY(PSS("\x02", "\x30"), PSS, 384),
	WAY(PSS("\x03", "\x40"), PSS, 512),
	WAY("\x30\x05\x06\x03\x2b\x65\x70", ED, 512),
};

/* SHA-2, its parameters left out or NULL (RFC 5754). */
#define HASH(n, nul, len) SEQ(len) OID_SHA(n) nul

static const struct {
	const char *bytes;
	size_t len;
	enum garita_hash hash;
} hashes[] = {
	{ HASH("\x01", NUL, "\x0d"), 15, GARITA_SHA256 },
	{ HASH("\x02", NUL, "\x0d"), 15, GARITA_SHA384 },
	{ HASH("\x03", NUL, "\x0d"), 15, GARITA_SHA512 },
	{ HASH("\x01", "", "\x0b"), 13, GARITA_SHA256 },
	{ HASH("\x02", "", "\x0b"), 13, GARITA_SHA384 },
	{ HASH("\x03", "", "\x0b"), 13, GARITA_SHA512 },
};

void garita_x509_algorithm(const struct garita_der *whole,
			   struct garita_x509_algorithm *ret)
{
	*ret = (struct garita_x509_algorithm){ .known = false };
	for (size_t i = 0; i < GARITA_COUNT(ways); i++)
		if (whole->left == ways[i].len &&
		    memcmp(whole->at, ways[i].bytes, whole->left) == 0)
			*ret = ways[i].how;
}

bool garita_x509_hash(const struct garita_der *whole, enum garita_hash *ret)
{
	for (size_t i = 0; i < GARITA_COUNT(hashes); i++) {
		if (whole->left != hashes[i].len ||
		    memcmp(whole->at, hashes[i].bytes, whole->left) != 0)
			continue;
		*ret = hashes[i].hash;
		return true;
	}
	return false;
}
