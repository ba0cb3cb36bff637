/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * records - finding one record in a large JSON file, without a tree of it.
 *
 * An engine keeps its records as one array of objects. A host with a thousand
 * images has megabytes of them, read at every start, of which a handful
 * matter. So the array is cut into its objects in one pass that follows
 * strings and brackets only, noting one string member of each (the key), and
 * the strict parser reads just the objects that are asked for.
 *
 * What the cut does not look at was written by the engine about something
 * else. A file that is cut short, has unbalanced brackets, or a record with
 * the key twice is refused as a whole.
 */
#ifndef GARITA_HOOK_STORE_RECORDS_H
#define GARITA_HOOK_STORE_RECORDS_H

#include <stddef.h>

#include "garita/error.h"
#include "garita/json.h"

struct garita_record {
	const char *key; /* value of the key member, quotes off; or NULL */
	size_t key_len;
	const char *text; /* the object, "{" to "}" */
	size_t len;
};

/* Records of up to two files (a store has a lasting and a volatile one). */
struct garita_records {
	const char *key; /* name of the key member; borrowed */
	char *texts[2];
	size_t text_count;
	struct garita_record *all;
	size_t count, room;
};

/* Adds the records of a file's bytes; takes `text` in either case. An empty
 * text and "null" have no records. -EINVAL when it is no array of objects. */
int garita_records_add(struct garita_records *records, char *text, size_t len,
		       struct garita_error *err);
/* Parses the one record whose key is `value`; the caller frees *ret. -ENOENT
 * when there is none, -EEXIST when there are several; else as
 * garita_json_parse(). */
int garita_records_get(const struct garita_records *records, const char *value,
		       struct garita_json_doc **ret, struct garita_error *err);
void garita_records_free(struct garita_records *records);
#define auto_records                                                           \
	__attribute__((cleanup(garita_records_free))) struct garita_records

#endif
