/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a list of revoked certificates: what we read libcrypto reads
 * too, and finds as many entries in it as we do.
 */
#include <string.h>

#include <openssl/x509.h>

#include "policy/trust/crl.h"
#include "tests/fuzz/notary.h"

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

	if (garita_crl_read((const char *)data, size, &list, &err) < 0) {
		must(err.text[0] != '\0');
		return 0;
	}
	if (data[0] == GARITA_DER_SEQUENCE) {
		at = data;
		theirs = d2i_X509_CRL(NULL, &at, (long)size);
		must(theirs != NULL);
		must(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(theirs)) ==
			     count_entries(&list) ||
		     (X509_CRL_get_REVOKED(theirs) == NULL &&
		      count_entries(&list) == 0));
		X509_CRL_free(theirs);
	}
	garita_crl_free(&list);
	return 0;
}
