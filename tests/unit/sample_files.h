/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sample_files - files below tests/samples/signatures.
 */
#ifndef GARITA_TEST_SAMPLE_FILES_H
#define GARITA_TEST_SAMPLE_FILES_H

#include <stddef.h>

#include "garita/blobs.h"
#include "garita/json.h"

/* The bytes of one, a NUL behind them; NULL when it is not there. The caller
 * frees. */
char *sample_bytes(const char *name, size_t *ret_len);
/* A JSON document; fails the test when it is none. */
struct garita_json_doc *sample_json(const char *name);
/* Adds every file of a directory but case.json, named as they are there, in
 * order. */
void sample_material(const char *directory, struct garita_blobs *ret);

#endif
