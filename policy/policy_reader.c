/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_reader - see the header.
 */
#include "policy/policy_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/nearest.h"

int garita_reader_wrong(struct garita_reader *r, const char *fmt, ...)
{
	char text[384];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return garita_json_fail(r->err, r->doc, r->at.data ? r->at.data : "",
				EINVAL, "%s", text);
}

int garita_reader_unknown(struct garita_reader *r, const char *kind,
			  const char *word, const char *nearest)
{
	if (nearest != NULL)
		return garita_reader_wrong(
			r, "unknown %s \"%s\"; did you mean \"%s\"?", kind,
			word, nearest);
	return garita_reader_wrong(r, "unknown %s \"%s\"", kind, word);
}

void garita_reader_back(struct garita_reader *r, size_t len)
{
	r->at.len = len;
	r->at.data[len] = '\0';
}

int garita_reader_step(struct garita_reader *r, const char *key,
		       const struct garita_json *value, garita_reader_fn *read)
{
	size_t len = r->at.len;
	int rc;

	garita_json_pointer_add(&r->at, key);
	rc = read(r, value);
	garita_reader_back(r, len);
	return rc;
}

static bool is_among(const char *const *words, const char *word)
{
	for (; words != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

const struct garita_policy_member *garita_policy_member_at(
	const struct garita_policy_table *table, size_t i)
{
	if (i < table->count)
		return &table->members[i];
	i -= table->count;
	for (size_t m = 0; table->also != NULL && m < table->also->count; m++) {
		if (is_among(table->but, table->also->members[m].name))
			continue;
		if (i-- == 0)
			return &table->also->members[m];
	}
	return NULL;
}

static int unknown_member(struct garita_reader *r, const char *key,
			  const struct garita_policy_table *table)
{
	struct garita_nearest near = garita_nearest_to(key);
	const struct garita_policy_member *member;

	for (size_t m = 0; (member = garita_policy_member_at(table, m)) != NULL;
	     m++)
		garita_nearest_try(&near, member->name);
	garita_json_pointer_add(&r->at, key);
	return garita_reader_unknown(r, "member", key, near.word);
}

static int need_members(struct garita_reader *r,
			const struct garita_json *object,
			const struct garita_policy_table *table)
{
	const struct garita_policy_member *member;

	for (size_t m = 0; (member = garita_policy_member_at(table, m)) != NULL;
	     m++)
		if (member->required &&
		    garita_json_get(object, member->name) == NULL)
			return garita_reader_wrong(r, "\"%s\" is missing",
						   member->name);
	return 0;
}

int garita_reader_members(struct garita_reader *r,
			  const struct garita_json *object,
			  const struct garita_policy_table *table)
{
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return garita_reader_wrong(
			r, "must be an object, is %s",
			garita_json_type_words(garita_json_type(object)));

	for (size_t i = 0; i < garita_json_count(object); i++) {
		const char *key = garita_json_key(object, i);
		const struct garita_policy_member *member;
		size_t m = 0;
		int rc;

		do
			member = garita_policy_member_at(table, m++);
		while (member != NULL && strcmp(member->name, key) != 0);
		if (member == NULL)
			return unknown_member(r, key, table);
		rc = garita_reader_step(r, key, garita_json_item(object, i),
					member->read);
		if (rc < 0)
			return rc;
	}
	return need_members(r, object, table);
}

int garita_reader_items(struct garita_reader *r,
			const struct garita_json *array, garita_reader_fn *read)
{
	if (garita_json_type(array) != GARITA_JSON_ARRAY)
		return garita_reader_wrong(
			r, "must be an array, is %s",
			garita_json_type_words(garita_json_type(array)));
	for (size_t i = 0; i < garita_json_count(array); i++) {
		char index[24];
		int rc;

		snprintf(index, sizeof(index), "%zu", i);
		rc = garita_reader_step(r, index, garita_json_item(array, i),
					read);
		if (rc < 0)
			return rc;
	}
	return 0;
}

struct garita_origin garita_reader_origin(const struct garita_reader *r,
					  const struct garita_json *node)
{
	struct garita_origin origin = { .file = r->file };
	unsigned column;

	garita_json_place(r->doc, node, &origin.line, &column);
	return origin;
}

void garita_reader_say_origin(struct garita_reader *r,
			      enum garita_policy_origin of,
			      const struct garita_json *value)
{
	r->policy->origins[of] = garita_reader_origin(r, value);
}

int garita_reader_word(struct garita_reader *r, const struct garita_json *value,
		       const char *kind, const char *const *words, size_t count,
		       size_t *ret)
{
	const char *word = garita_json_string(value);
	struct garita_nearest near;

	if (word == NULL)
		return garita_reader_wrong(
			r, "must be a string, is %s",
			garita_json_type_words(garita_json_type(value)));
	near = garita_nearest_to(word);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0) {
			*ret = i;
			return 0;
		}
		garita_nearest_try(&near, words[i]);
	}
	return garita_reader_unknown(r, kind, word, near.word);
}

int garita_reader_strings(struct garita_reader *r,
			  const struct garita_json *value,
			  const char *(*bad)(const char *word), char ***ret,
			  size_t *ret_count)
{
	size_t count = garita_json_count(value);
	char **strings;

	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return garita_reader_wrong(
			r, "must be an array of strings, is %s",
			garita_json_type_words(garita_json_type(value)));
	strings = garita_xcalloc(count, sizeof(*strings));
	for (size_t i = 0; i < count; i++) {
		const char *word =
			garita_json_string(garita_json_item(value, i));
		const char *why = word == NULL    ? "must be a string"
				  : *word == '\0' ? "must not be empty"
				  : bad           ? bad(word)
						  : NULL;

		if (why != NULL) {
			garita_text_printf(&r->at, "/%zu", i);
			garita_free_strings(strings, i);
			return garita_reader_wrong(r, "%s", why);
		}
		strings[i] = garita_xstrdup(word);
	}
	garita_free_strings(*ret, *ret_count);
	*ret = strings;
	*ret_count = count;
	return 0;
}

int garita_reader_file_name(struct garita_reader *r,
			    const struct garita_json *value, bool absolute,
			    char **ret)
{
	const char *name = garita_json_string(value);

	if (name == NULL || *name == '\0')
		return garita_reader_wrong(r, "must be a file name");
	if (absolute && *name != '/')
		return garita_reader_wrong(r, "must be an absolute path");
	free(*ret);
	if (r->dir != NULL && *name != '/') {
		auto_text path = { 0 };

		garita_text_printf(&path, "%s/%s", r->dir, name);
		*ret = garita_text_take(&path);
	} else {
		*ret = garita_xstrdup(name);
	}
	return 0;
}

int garita_reader_text(struct garita_reader *r, const struct garita_json *value,
		       char **ret)
{
	const char *text = garita_json_string(value);

	if (text == NULL || *text == '\0')
		return garita_reader_wrong(r, "must be a string and not empty");
	free(*ret);
	*ret = garita_xstrdup(text);
	return 0;
}

int garita_reader_bool(struct garita_reader *r, const struct garita_json *value,
		       bool *ret)
{
	if (garita_json_type(value) != GARITA_JSON_BOOL)
		return garita_reader_wrong(r, "must be true or false");
	*ret = garita_json_bool(value);
	return 0;
}

const char *garita_reader_bad_digest(const char *word)
{
	return garita_digest_well_formed(word)
		       ? NULL
		       : "must be \"sha256:\" and 64 lower case hex digits";
}

const char *garita_reader_bad_pattern(const char *word)
{
	return strlen(word) > GARITA_GLOB_MOST ? "is longer than 512 bytes"
					       : NULL;
}

int garita_reader_patterns(struct garita_reader *r,
			   const struct garita_json *value,
			   const char *(*bad)(const char *word),
			   struct garita_patterns *ret)
{
	const char *word = garita_json_string(value);
	const char *why;
	int rc;

	if (word == NULL) {
		rc = garita_reader_strings(r, value, bad, &ret->words,
					   &ret->count);
		if (rc == 0 && ret->count == 0)
			return garita_reader_wrong(r, "must not be empty");
		return rc;
	}
	why = *word == '\0' ? "must not be empty" : bad(word);
	if (why != NULL)
		return garita_reader_wrong(r, "%s", why);
	ret->words = garita_xcalloc(1, sizeof(*ret->words));
	ret->words[0] = garita_xstrdup(word);
	ret->count = 1;
	return 0;
}

int garita_reader_age(struct garita_reader *r, const struct garita_json *value,
		      uint64_t *ret_s)
{
	if (garita_parse_age(garita_json_string(value), "mhdw", ret_s) == 0)
		return 0;
	return garita_reader_wrong(
		r, "must be a time like \"12h\", \"90d\" or \"4w\", of up to "
		   "ten years");
}
