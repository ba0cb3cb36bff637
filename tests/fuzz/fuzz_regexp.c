/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any text as a regular expression, and what stands behind its line as what it
 * may fit. It is read within its limits or refused with a place, and one that
 * is in a group fits the same.
 */
#include <string.h>

#include "garita/memory.h"
#include "garita/regexp.h"
#include "garita/text.h"
#include "tests/fuzz/sigstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t len = end ? (size_t)(end - data) : size;
	auto_free char *text = garita_xstrndup((const char *)data, len);
	const char *rest = end ? (const char *)end + 1 : "";
	size_t rest_len = end ? size - len - 1 : 0;
	auto_regexp struct garita_regexp *made = NULL, *again = NULL;
	struct garita_error err = { 0 };
	auto_text grouped = { 0 };

	if (rest_len > 4096)
		rest_len = 4096;
	if (garita_regexp_read(text, &made, &err) < 0) {
		must(err.text[0] != '\0' && err.column > 0);
		return 0;
	}
	len = strlen(text);
	if (text[0] == '^' || (len > 0 && text[len - 1] == '$'))
		return 0;
	garita_text_printf(&grouped, "(%s)", text);
	/* At the limits the second may be too deep, or too large. */
	if (garita_regexp_read(grouped.data, &again, NULL) == 0)
		must(garita_regexp_fits(made, rest, rest_len) ==
		     garita_regexp_fits(again, rest, rest_len));
	return 0;
}
