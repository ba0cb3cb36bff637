/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toml - where things stand in a TOML text, for editing it in place.
 *
 * Not what they mean: a value is only delimited. What is not understood for
 * certain (escapes in keys, the same table or key twice) is refused.
 */
#ifndef GARITA_HOOK_INSTALL_TOML_H
#define GARITA_HOOK_INSTALL_TOML_H

#include "garita/error.h"
#include "garita/text.h"

enum { GARITA_TOML_SEPARATOR = 0x1f }; /* between the parts of a path */

enum garita_toml_kind {
	GARITA_TOML_TABLE, /* [a.b] */
	GARITA_TOML_ARRAY, /* [[a.b]] */
	GARITA_TOML_KEY,   /* c.d = value */
};

struct garita_toml_item {
	enum garita_toml_kind kind;
	char *path;          /* whole, from the root */
	char *table;         /* of a key: the table it is written under */
	bool dotted;         /* of a key: has parts of its own */
	size_t begin, after; /* its line, or lines */
	size_t value, value_end;
};

struct garita_toml {
	struct garita_toml_item *items;
	size_t count;
};

/* `text` ends in NUL. -EINVAL with the line. */
int garita_toml_read(const char *text, struct garita_toml *ret,
		     struct garita_error *err);
void garita_toml_free(struct garita_toml *toml);
#define auto_toml __attribute__((cleanup(garita_toml_free))) struct garita_toml
const struct garita_toml_item *garita_toml_find(const struct garita_toml *toml,
						enum garita_toml_kind kind,
						const char *path);

#endif
