/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a certificate. What we read, libcrypto reads too, and finds the
 * same names, number and times in it; whatever it is, it vouches only for
 * itself.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "garita/memory.h"
#include "policy/trust/x509.h"
#include "tests/fuzz/sigstore.h"

static void same_name(const struct garita_der *ours, X509_NAME *theirs)
{
	unsigned char *der = NULL;
	int len = i2d_X509_NAME(theirs, &der);

	must(len > 0 && ours->left == (size_t)len &&
	     memcmp(ours->at, der, ours->left) == 0);
	OPENSSL_free(der);
}

static void same_time(time_t ours, const ASN1_TIME *theirs)
{
	struct tm tm = { 0 };

	must(ASN1_TIME_to_tm(theirs, &tm) == 1 && timegm(&tm) == ours);
}

static void same_serial(const struct garita_der *ours,
			const ASN1_INTEGER *theirs)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(theirs, NULL);
	unsigned char bytes[20];

	must(number != NULL && !BN_is_negative(number) &&
	     BN_num_bytes(number) == (int)ours->left);
	BN_bn2bin(number, bytes);
	must(memcmp(bytes, ours->at, ours->left) == 0);
	BN_free(number);
}

static void compare(const struct garita_x509 *ours, const uint8_t *data,
		    size_t size)
{
	const unsigned char *at = data;
	X509 *theirs = d2i_X509(NULL, &at, (long)size);

	must(theirs != NULL && at == data + size);
	same_name(&ours->subject, X509_get_subject_name(theirs));
	same_name(&ours->issuer, X509_get_issuer_name(theirs));
	same_serial(&ours->serial, X509_get0_serialNumber(theirs));
	same_time(ours->not_before, X509_get0_notBefore(theirs));
	same_time(ours->not_after, X509_get0_notAfter(theirs));
	must((size_t)X509_get_ext_count(theirs) == ours->extension_count);
	X509_free(theirs);
	ERR_clear_error();
}

/* Every name and part can be asked for, and the last is followed by none. */
static void walk(const struct garita_x509 *cert)
{
	struct garita_x509_name name;
	struct garita_x509_part part;
	char words[64];
	size_t i = 0;

	while (garita_x509_name(cert, i, &name))
		i++;
	must(i <= GARITA_X509_BYTES_MAX);
	for (i = 0; garita_x509_part(&cert->subject, i, &part); i++)
		must(!part.is_text ||
		     memchr(part.text.at, 0, part.text.left) == NULL);
	garita_x509_words(&cert->subject, words, sizeof(words));
	must(strlen(words) < sizeof(words));
	must(garita_x509_has_eku(cert) == (garita_x509_eku_count(cert) > 0));
}

/* As a leaf it leads to itself and, without it, to nobody. */
static void vouch(const uint8_t *data, size_t size)
{
	auto_x509_list self = { 0 }, none = { 0 };
	struct garita_x509_chain chain;
	struct garita_x509_chain_case of = { .roots = &none,
					     .between = { &self } };

	must(garita_x509_list_add(&self, data, size, NULL) == 0);
	of.leaf = self.all;
	of.at = self.all->not_after;
	must(garita_x509_chain(&of, &chain, NULL) < 0);
	of.roots = &self;
	if (garita_x509_chain(&of, &chain, NULL) == 0)
		must(chain.count == 1 && self.all->not_understood == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_error err = { 0 };
	auto_x509_list list = { 0 };
	struct garita_x509 cert;

	if (size > 0 && data[0] == '-') {
		garita_x509_list_read(&list, (const char *)data, size, NULL);
		return 0;
	}
	if (garita_x509_read(data, size, &cert, &err) < 0) {
		must(err.text[0] != '\0');
		return 0;
	}
	compare(&cert, data, size);
	walk(&cert);
	vouch(data, size);
	return 0;
}
