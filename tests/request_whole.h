/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_whole - a question in one piece, as who answers has it in the end.
 * The programs never put it together on their side (hook/trust/send.c).
 */
#ifndef TESTS_REQUEST_WHOLE_H
#define TESTS_REQUEST_WHOLE_H

#include "policy/trust/request.h"

static inline int request_whole(const struct garita_trust_case *of,
				struct garita_text *ret,
				struct garita_error *err)
{
	int rc = garita_request_write(of, ret, err);

	for (size_t i = 0; rc == 0 && i < of->material->count; i++) {
		garita_text_add(ret, of->material->all[i].bytes,
				of->material->all[i].len);
		garita_text_putc(ret, '\0');
	}
	return rc;
}

#endif
