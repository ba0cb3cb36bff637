/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a list of revoked certificates: where libcrypto can read it,
 * too, it finds as many entries in it as we do. Of names we compare the bytes,
 * whatever they are.
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
