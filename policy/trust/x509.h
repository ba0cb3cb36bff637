/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509 - certificates (RFC 5280), and who vouches for whom at a given time.
 *
 * Strict DER, version 3, an RSA, NIST or Ed25519 key (key.h). What is read
 * points into the bytes that were given, which have to stay. Nothing is
 * believed by reading: garita_x509_chain() says whether a certificate leads to
 * a root that the caller trusts.
 *
 * Of what restricts a certificate we know basic constraints, key usage,
 * extended key usage and names; a certificate with any other critical
 * extension, or with name constraints, is read and then stands in no chain.
 */
#ifndef GARITA_POLICY_TRUST_X509_H
#define GARITA_POLICY_TRUST_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "garita/error.h"
#include "garita/key.h"
#include "policy/trust/der.h"

enum {
	GARITA_X509_BYTES_MAX = 32 * 1024, /* of one certificate */
	GARITA_X509_EXTENSIONS_MAX = 48,
	GARITA_X509_LIST_MAX = 64,   /* certificates of one file or token */
	GARITA_X509_CHAIN_MAX = 8,   /* leaf and root included */
	GARITA_X509_CHECKS_MAX = 24, /* signatures looked at for one chain */
};

/* How the issuer signed. */
struct garita_x509_algorithm {
	bool known; /* false: SHA-1 and other things that we do not check */
	enum garita_scheme scheme;
	enum garita_hash hash;
};

struct garita_x509_extension {
	struct garita_der oid;   /* the bytes of the OBJECT IDENTIFIER */
	struct garita_der value; /* what is in the OCTET STRING */
	struct garita_der all;   /* the extension with its head */
	bool critical;
};

enum garita_x509_usage {                             /* bits of key_usage */
			 GARITA_X509_SIGNS = 1 << 0, /* digitalSignature */
			 GARITA_X509_COMMITS =
				 1 << 1, /* contentCommitment, nonRepudiation */
			 GARITA_X509_SIGNS_CERTIFICATES = 1 << 5,
			 GARITA_X509_SIGNS_CRLS = 1 << 6,
};

struct garita_x509 {
	struct garita_der all;     /* the certificate */
	struct garita_der tbs;     /* what is signed, with its head */
	struct garita_der serial;  /* without leading zeros */
	struct garita_der issuer;  /* the Name with its head */
	struct garita_der subject; /* the Name with its head */
	struct garita_der spki;    /* the SubjectPublicKeyInfo with its head */
	struct garita_der extensions_list; /* in the SEQUENCE of extensions */
	time_t not_before, not_after;      /* both still valid */
	struct garita_key key;
	struct garita_x509_algorithm algorithm;
	struct garita_der signature;
	struct garita_x509_extension extensions[GARITA_X509_EXTENSIONS_MAX];
	size_t extension_count;
	bool is_ca;
	int path_len; /* -1: none given */
	bool has_key_usage;
	unsigned key_usage;
	/* Why it stands in no chain; NULL: nothing that we do not know. */
	const char *not_understood;
};

/* One certificate, and nothing after it. -EINVAL with the reason. */
int garita_x509_read(const void *bytes, size_t len, struct garita_x509 *ret,
		     struct garita_error *err);

/* Extensions by the bytes of their OID, NULL when it is not there. */
const struct garita_x509_extension *garita_x509_extension(
	const struct garita_x509 *cert, const char *oid, size_t oid_len);
#define garita_x509_has(cert, oid)                                             \
	garita_x509_extension((cert), (oid), sizeof(oid) - 1)

/* Extended key usages (the bytes of the OID). */
#define GARITA_EKU_SERVER    "\x2b\x06\x01\x05\x05\x07\x03\x01"
#define GARITA_EKU_CLIENT    "\x2b\x06\x01\x05\x05\x07\x03\x02"
#define GARITA_EKU_CODE      "\x2b\x06\x01\x05\x05\x07\x03\x03"
#define GARITA_EKU_EMAIL     "\x2b\x06\x01\x05\x05\x07\x03\x04"
#define GARITA_EKU_TIMESTAMP "\x2b\x06\x01\x05\x05\x07\x03\x08"
#define GARITA_EKU_ANY       "\x55\x1d\x25\x00"
#define GARITA_EKU_OID_MAX   8
/* Has it the extension at all; how many does it list; does it list this one
 * (exactly: "any" stands only for itself)? `eku` is one of the above. */
bool garita_x509_has_eku(const struct garita_x509 *cert);
size_t garita_x509_eku_count(const struct garita_x509 *cert);
bool garita_x509_lists_eku(const struct garita_x509 *cert, const char *eku);
bool garita_x509_eku_is_critical(const struct garita_x509 *cert);

/* Subject alternative names. */
enum garita_x509_name_kind {
	GARITA_X509_EMAIL,
	GARITA_X509_DNS,
	GARITA_X509_URI,
	GARITA_X509_OTHER,   /* otherName with a UTF8String; `oid` says which */
	GARITA_X509_NO_NAME, /* of a kind that nobody is called by here */
};
struct garita_x509_name {
	enum garita_x509_name_kind kind;
	struct garita_der oid;  /* of GARITA_X509_OTHER */
	struct garita_der text; /* no NUL in it; ASCII but for OTHER: UTF-8 */
};
/* The name at `at`; false after the last. */
bool garita_x509_name(const struct garita_x509 *cert, size_t at,
		      struct garita_x509_name *ret);

/* Parts of a subject or issuer, in the order in which they stand. */
struct garita_x509_part {
	struct garita_der oid;
	struct garita_der text;
	bool is_text; /* UTF8String, PrintableString or IA5String, no NUL */
};
bool garita_x509_part(const struct garita_der *name, size_t at,
		      struct garita_x509_part *ret);
#define GARITA_PART_CN "\x55\x04\x03"
#define GARITA_PART_C  "\x55\x04\x06"
#define GARITA_PART_L  "\x55\x04\x07"
#define GARITA_PART_ST "\x55\x04\x08"
#define GARITA_PART_O  "\x55\x04\x0a"
#define GARITA_PART_OU "\x55\x04\x0b"

/* Is it UTF-8, as RFC 3629 has it, without NUL? */
bool garita_x509_is_text(const struct garita_der *text);

/* An AlgorithmIdentifier of a signature, as certificates and CMS have it. */
void garita_x509_algorithm(const struct garita_der *whole,
			   struct garita_x509_algorithm *ret);
/* One of SHA-2; false for others. `whole` has its head. */
bool garita_x509_hash(const struct garita_der *whole, enum garita_hash *ret);

/* ---- lists ---- */

/* Owns its certificates and their bytes. */
struct garita_x509_list {
	struct garita_x509 *all;
	unsigned char **bytes;
	size_t count;
};
/* Adds one in DER, copied. */
int garita_x509_list_add(struct garita_x509_list *list, const void *bytes,
			 size_t len, struct garita_error *err);
/* Adds all of a file: one certificate in DER, or PEM CERTIFICATE blocks, of
 * which there has to be one, with text around them or not. */
int garita_x509_list_read(struct garita_x509_list *list, const char *bytes,
			  size_t len, struct garita_error *err);
/* Leaves the first `count`. */
void garita_x509_list_cut(struct garita_x509_list *list, size_t count);
void garita_x509_list_free(struct garita_x509_list *list);
#define auto_x509_list                                                         \
	__attribute__((cleanup(garita_x509_list_free))) struct garita_x509_list

/* ---- who vouches for whom ---- */

struct garita_x509_chain_case {
	const struct garita_x509 *leaf;
	/* Trusted. A leaf that is itself one of them is a chain of one. */
	const struct garita_x509_list *roots;
	/* Lists of others that may stand between; each may be NULL. */
	const struct garita_x509_list *between[2];
	time_t at;       /* every certificate has to be valid then */
	const char *eku; /* the leaf lists it, and whoever above lists any,
			  * this or any; NULL: not asked */
};
struct garita_x509_chain {
	const struct garita_x509 *all[GARITA_X509_CHAIN_MAX]; /* leaf first */
	size_t count;
};
/* -EBADMSG with the reason when there is no chain; a chain that failed for its
 * time, usage or signature says so. */
int garita_x509_chain(const struct garita_x509_chain_case *of,
		      struct garita_x509_chain *ret, struct garita_error *err);

/* Did the key of `by` sign it? Nothing else is asked. -EBADMSG when not. */
int garita_x509_signed_by(const struct garita_x509 *cert,
			  const struct garita_x509 *by,
			  struct garita_error *err);
/* May it, with `below` CA certificates between it and the leaf, sign others?
 * Names, constraints and usage; not its time. */
int garita_x509_may_issue(const struct garita_x509 *by,
			  const struct garita_x509 *cert, size_t below,
			  struct garita_error *err);
/* Valid at that time? */
int garita_x509_valid_at(const struct garita_x509 *cert, time_t at,
			 struct garita_error *err);
/* -EBADMSG: "the certificate of CN=x ..." and why. */
int garita_x509_fail(const struct garita_x509 *cert, struct garita_error *err,
		     const char *why) __attribute__((cold));
/* "CN=x, O=y" for people, cut to what fits. */
void garita_x509_words(const struct garita_der *name, char *into, size_t size);

#endif
