/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * records - finding one record in a large JSON file, without a tree of it.
 *
 * An engine keeps its records as one array of objects. A host with a thousand
 * images has megabytes of them, read at every start, of which a handful
 * matter. So the file is mapped, the places where a record begins are noted,
 * and the strict parser reads only the records that are asked for.
 *
 * A record begins with its id: {"id":"...". In JSON these bytes cannot be part
 * of a string, where each quote has a backslash before it; so nothing that an
 * image or a container is called can look like a record. What is not asked for
 * is not validated: it was written by the engine about something else. A file
 * that was cut short can hide records, never change one.
 */
#ifndef GARITA_HOOK_STORE_RECORDS_H
#define GARITA_HOOK_STORE_RECORDS_H

#include <stddef.h>

#include "garita/error.h"
#include "garita/json.h"

struct garita_record {
	const char *text; /* from "{" on */
	const char *end;  /* of the file it is in */
	const char *id;   /* quotes off */
	size_t id_len;
};

/* Records of one or more files; all pointers are into the callers' bytes. */
struct garita_records {
	struct garita_record *all;
	size_t count, room;
};

/* Adds the records of a file's bytes, which must stay as they are until
 * garita_records_free(). No bytes, "null" and "[]" are no records; -EINVAL
 * when the text is anything else than an array. */
int garita_records_add(struct garita_records *records, const char *text,
		       size_t len, struct garita_error *err);
/* Parses the one record with this id; the caller frees *ret. -ENOENT when there
 * is none, -EEXIST when there are several; else as garita_json_parse(). */
int garita_records_by_id(const struct garita_records *records, const char *id,
			 struct garita_json_doc **ret,
			 struct garita_error *err);
/* The same for the record whose string member `key` is `value`, which needs no
 * escapes in JSON. */
int garita_records_by_member(const struct garita_records *records,
			     const char *key, const char *value,
			     struct garita_json_doc **ret,
			     struct garita_error *err);
void garita_records_free(struct garita_records *records);
#define auto_records                                                           \
	__attribute__((cleanup(garita_records_free))) struct garita_records

#endif
