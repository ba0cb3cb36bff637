/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fields - objects whose members are all known. That a name stands twice in
 * the same spelling was refused when the text was parsed; two spellings of one
 * name are refused here.
 */
#include "policy/trust/fields.h"

#include <errno.h>
#include <string.h>

#include "policy/trust/base64.h"

/* Is `key` the name as a .proto file has it? There are only ASCII names. */
static bool is_snake_of(const char *key, const char *name)
{
	for (; *name; name++) {
		if (*name >= 'A' && *name <= 'Z') {
			if (*key++ != '_' || *key++ != *name - 'A' + 'a')
				return false;
		} else if (*key++ != *name) {
			return false;
		}
	}
	return *key == '\0';
}

static bool is_name(const char *key, enum garita_names how, const char *name)
{
	return strcmp(key, name) == 0 ||
	       (how == GARITA_NAMES_PROTO && is_snake_of(key, name));
}

static size_t find(const char *key, enum garita_names how,
		   const char *const names[])
{
	size_t i = 0;

	while (names[i] && !is_name(key, how, names[i]))
		i++;
	return i;
}

int garita_fields_check(const struct garita_json *object, enum garita_names how,
			const char *const names[], const char *what,
			struct garita_error *err)
{
	unsigned long seen = 0; /* a bit for each name; no list is that long */

	if (!object)
		return garita_fail(err, EINVAL, "there is no %s", what);
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return garita_fail(err, EINVAL, "%s is not an object", what);
	for (size_t i = 0; i < garita_json_count(object); i++) {
		const char *key = garita_json_key(object, i);
		size_t at = find(key, how, names);

		if (!names[at] || at >= 8 * sizeof(seen))
			return garita_fail(err, EINVAL,
					   "%s has a member that is not known, "
					   "\"%.40s\"",
					   what, key);
		if (seen & 1UL << at)
			return garita_fail(err, EINVAL,
					   "%s has the member \"%s\" twice",
					   what, names[at]);
		seen |= 1UL << at;
	}
	return 0;
}

struct garita_json *garita_field(const struct garita_json *object,
				 enum garita_names how, const char *name)
{
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return NULL; /* items have no keys */
	for (size_t i = 0; i < garita_json_count(object); i++) {
		struct garita_json *value = garita_json_item(object, i);

		if (!is_name(garita_json_key(object, i), how, name))
			continue;
		if (how == GARITA_NAMES_PROTO &&
		    garita_json_type(value) == GARITA_JSON_NULL)
			return NULL;
		return value;
	}
	return NULL;
}

int garita_field_bytes(const struct garita_json *object, const char *name,
		       size_t max, unsigned char **ret, size_t *ret_len,
		       struct garita_error *err)
{
	const char *text = garita_json_string(
		garita_field(object, GARITA_NAMES_PROTO, name));

	if (text == NULL ||
	    garita_base64_proto(text, strlen(text), max, ret, ret_len) < 0)
		return garita_fail(err, EINVAL, "%s is not base64", name);
	return 0;
}
