/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_oracle - our JSON reader beside yajl, which crun up to 1.27 reads its
 * config with and which shares no line with ours. What we take yajl must take
 * and say the same of; what only yajl takes we must have a named reason to
 * refuse.
 */
#ifndef GARITA_TESTS_UNIT_JSON_ORACLE_H
#define GARITA_TESTS_UNIT_JSON_ORACLE_H

#include <stddef.h>

/* NULL when both agree about the text, else what is wrong, in words. */
const char *json_oracle_objects(const char *text, size_t len, unsigned flags);

#endif
