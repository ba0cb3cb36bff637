/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a question about signatures, and as its answer. A question that
 * is accepted is spelled the one way; an answer that is believed is a yes or a
 * no in one printable line.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/trust/request.h"
#include "tests/request_whole.h"

enum { NOW = 1800000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void question(const char *bytes, size_t len)
{
	auto_request request = { 0 };
	struct garita_error err = { 0 };
	struct garita_trust_case of;
	auto_text again = { 0 };
	int rc = garita_request_read(bytes, len, &request, &err);

	if (rc < 0) {
		must(rc == -EBADMSG && err.text[0] != '\0');
		return;
	}
	of = garita_request_case(&request);
	must(request_whole(&of, &again, NULL) == 0);
	must(again.len == len && memcmp(again.data, bytes, len) == 0);
}

static void answer(const uint8_t *data, size_t size)
{
	struct garita_trust trust = { 0 };
	struct garita_reply reply;

	if (size < sizeof(reply))
		return;
	memcpy(&reply, data, sizeof(reply));
	if (garita_reply_read(&reply, NOW, &trust, NULL) < 0)
		return;
	must(trust.state == GARITA_TRUST_ACCEPTED ||
	     trust.state == GARITA_TRUST_REFUSED);
	must(trust.until >= 0 && *trust.words != '\0');
	must(strlen(trust.words) < sizeof(trust.words));
	must(strpbrk(trust.words, "\n\r\t\x1b") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	question((const char *)data, size);
	answer(data, size);
	return 0;
}
