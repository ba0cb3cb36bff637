/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a timestamp, an answer or a token. What we read, libcrypto reads
 * too and finds the same time in it; nobody whom nobody trusts stamps anything.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/ts.h>

#include "policy/trust/timestamp.h"
#include "tests/fuzz/sigstore.h"

static void compare(const struct garita_timestamp *ours,
		    enum garita_timestamp_form form, const uint8_t *data,
		    size_t size)
{
	const unsigned char *at = data;
	TS_RESP *answer = NULL;
	PKCS7 *token = NULL;
	TS_TST_INFO *info;
	struct tm tm = { 0 };

	if (form == GARITA_TIMESTAMP_RESPONSE)
		answer = d2i_TS_RESP(NULL, &at, (long)size);
	else
		token = d2i_PKCS7(NULL, &at, (long)size);
	/* It does not take every certificate that may come along. */
	if (answer != NULL || token != NULL) {
		info = answer ? TS_RESP_get_tst_info(answer)
			      : PKCS7_to_TS_TST_INFO(token);
		if (info != NULL) {
			must(ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) !=
				     1 ||
			     timegm(&tm) == ours->time);
			if (token != NULL)
				TS_TST_INFO_free(info);
		}
	}
	TS_RESP_free(answer);
	PKCS7_free(token);
	ERR_clear_error();
}

static void check(enum garita_timestamp_form form, const uint8_t *data,
		  size_t size)
{
	const struct garita_x509_list none = { 0 };
	struct garita_timestamp_case of = { .message = "",
					    .roots = &none,
					    .signers = &none };
	struct garita_error err = { 0 };
	auto_timestamp stamp = { 0 };

	if (garita_timestamp_read(form, data, size, &stamp, &err) < 0) {
		must(err.text[0] != '\0');
		return;
	}
	compare(&stamp, form, data, size);
	must(garita_timestamp_check(&stamp, &of, NULL, NULL) < 0);
	of.signers = NULL;
	must(garita_timestamp_check(&stamp, &of, NULL, NULL) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(GARITA_TIMESTAMP_RESPONSE, data, size);
	check(GARITA_TIMESTAMP_TOKEN, data, size);
	return 0;
}
