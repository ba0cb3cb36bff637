/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a list of revoked certificates: what is read has as many entries
 * as libcrypto finds in it, and no stranger's list counts for our authority.
 * Behind an exclamation mark the bytes are serial numbers, which our authority
 * revokes: its list says exactly those, and counts for nobody of its name with
 * another key.
 */
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "policy/trust/crl.h"
#include "tests/fuzz/notary.h"

enum { NOW = 1795900000, SERIAL = 3, SERIALS_MAX = 64 };

/* ---- an authority of this run ---- */

struct authority {
	EVP_PKEY *key;
	unsigned char *der; /* of its certificate */
	struct garita_x509 cert;
};

static void add(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(one != NULL && X509_add_ext(cert, one, -1) == 1);
	X509_EXTENSION_free(one);
}

/* `serial` is that of the certificate; the issuer is its own. */
static X509 *make_cert(EVP_PKEY *key, const unsigned char *serial, size_t len)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	BIGNUM *number = BN_bin2bn(serial, (int)len, NULL);

	X509_set_version(cert, 2);
	BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const unsigned char *)"authority", -1, -1,
				   0);
	X509_set_issuer_name(cert, name);
	ASN1_TIME_set(X509_getm_notBefore(cert), NOW - 1000);
	ASN1_TIME_set(X509_getm_notAfter(cert), NOW + 1000);
	X509_set_pubkey(cert, key);
	add(cert, NID_basic_constraints, "critical,CA:TRUE");
	add(cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	must(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

static unsigned char *read_cert(X509 *cert, struct garita_x509 *ret)
{
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	must(len > 0 && garita_x509_read(der, (size_t)len, ret, NULL) == 0);
	X509_free(cert);
	return der;
}

/* 0 is ours, 1 has its name. */
static const struct authority *authority(size_t which)
{
	static struct authority all[2];
	struct authority *one = &all[which];

	if (one->key == NULL) {
		one->key = EVP_EC_gen("P-256");
		one->der = read_cert(
			make_cert(one->key, (const unsigned char *)"\1", 1),
			&one->cert);
	}
	return one;
}

/* ---- its own list ---- */

static int write_list(const uint8_t *serials, size_t count, unsigned char **ret)
{
	const struct authority *by = authority(0);
	const unsigned char *at = by->cert.subject.at;
	X509_CRL *list = X509_CRL_new();
	X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)by->cert.subject.left);
	ASN1_TIME *time = ASN1_TIME_set(NULL, NOW - 10);
	int len;

	X509_CRL_set_version(list, 1);
	X509_CRL_set_issuer_name(list, name);
	X509_CRL_set1_lastUpdate(list, time);
	ASN1_TIME_set(time, NOW + 10);
	X509_CRL_set1_nextUpdate(list, time);
	for (size_t i = 0; i < count; i++) {
		X509_REVOKED *entry = X509_REVOKED_new();
		BIGNUM *number = BN_bin2bn(serials + i * SERIAL, SERIAL, NULL);
		ASN1_INTEGER *serial = BN_to_ASN1_INTEGER(number, NULL);

		X509_REVOKED_set_serialNumber(entry, serial);
		X509_REVOKED_set_revocationDate(entry, time);
		must(X509_CRL_add0_revoked(list, entry) == 1);
		ASN1_INTEGER_free(serial);
		BN_free(number);
	}
	must(X509_CRL_sign(list, by->key, EVP_sha256()) > 0);
	*ret = NULL;
	len = i2d_X509_CRL(list, ret);
	ASN1_TIME_free(time);
	X509_NAME_free(name);
	X509_CRL_free(list);
	return len;
}

static bool is_revoked(const uint8_t *serials, size_t count, const uint8_t *one)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(serials + i * SERIAL, one, SERIAL) == 0)
			return true;
	return false;
}

/* The last number is asked for, and the first. */
static void check_own(const uint8_t *serials, size_t size)
{
	size_t count = size / SERIAL;
	const uint8_t *asked[2];
	unsigned char *der;
	struct garita_crl list;
	int len;

	if (count < 2)
		return;
	if (count > SERIALS_MAX)
		count = SERIALS_MAX;
	asked[0] = serials;
	asked[1] = serials + --count * SERIAL;
	len = write_list(serials, count, &der);
	must(garita_crl_read((char *)der, (size_t)len, &list, NULL) == 0);
	must(garita_crl_check(&list, &authority(0)->cert, NOW, NULL) == 0);
	must(garita_crl_check(&list, &authority(0)->cert, NOW + 10, NULL) < 0);
	must(garita_crl_check(&list, &authority(0)->cert, NOW - 11, NULL) < 0);
	must(garita_crl_check(&list, &authority(1)->cert, NOW, NULL) < 0);
	for (size_t i = 0; i < 2; i++) {
		struct garita_x509 cert;
		unsigned char *of = read_cert(
			make_cert(authority(0)->key, asked[i], SERIAL), &cert);

		must(garita_crl_covers(&list, &cert));
		must(garita_crl_has(&list, &cert) ==
		     is_revoked(serials, count, asked[i]));
		OPENSSL_free(of);
	}
	garita_crl_free(&list);
	OPENSSL_free(der);
}

/* ---- anybody's ---- */

static int count_entries(const struct garita_crl *list)
{
	struct garita_der left = list->revoked, entry;
	int count = 0;

	while (garita_der_take(&left, GARITA_DER_SEQUENCE, &entry))
		count++;
	must(left.left == 0);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_error err = { 0 };
	struct garita_crl list;
	const unsigned char *at;
	X509_CRL *theirs;

	if (size > 0 && data[0] == '!') {
		check_own(data + 1, size - 1);
		return 0;
	}
	if (garita_crl_read((const char *)data, size, &list, &err) < 0) {
		must(err.text[0] != '\0');
		return 0;
	}
	must(garita_crl_check(&list, &authority(0)->cert, NOW, &err) < 0);
	garita_crl_covers(&list, &authority(0)->cert);
	garita_crl_has(&list, &authority(0)->cert);
	at = data;
	theirs = data[0] == GARITA_DER_SEQUENCE
			 ? d2i_X509_CRL(NULL, &at, (long)size)
			 : NULL;
	if (theirs != NULL) {
		const STACK_OF(X509_REVOKED) *entries =
			X509_CRL_get_REVOKED(theirs);

		must((entries ? sk_X509_REVOKED_num(entries) : 0) ==
		     count_entries(&list));
		X509_CRL_free(theirs);
	}
	garita_crl_free(&list);
	return 0;
}
