/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * records - finding one record in a large JSON file, without a tree of it.
 * The searches are memchr() and memmem(), which go through a file faster than
 * it could be copied; only a wanted record is followed bracket by bracket.
 */
#include "hook/store/records.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"

/* A place in a text. */
struct scan {
	const char *at;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool take(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
	if ((size_t)(scan->end - scan->at) < len ||
	    memcmp(scan->at, word, len) != 0)
		return false;
	scan->at += len;
	return true;
}

/* From after an opening quote to after the closing one; what is between. */
static bool take_string(struct scan *scan, const char **ret, size_t *ret_len)
{
	const char *first = scan->at;
	const char *quote = first;

	while ((quote = memchr(quote, '"', (size_t)(scan->end - quote))) !=
	       NULL) {
		const char *slash = quote;

		while (slash > first && slash[-1] == '\\')
			slash--;
		if ((quote - slash) % 2 == 0)
			break;
		quote++; /* it was escaped */
	}
	if (quote == NULL)
		return false;
	*ret = first;
	*ret_len = (size_t)(quote - first);
	scan->at = quote + 1;
	return true;
}

/* The bytes of the object at `text`; 0 when it does not end. Which kind of
 * bracket closes which is for the parser to say. */
static size_t object_len(const char *text, const char *end)
{
	struct scan scan = { .at = text, .end = end };
	const char *string;
	size_t depth = 0, len;

	while (scan.at < end) {
		char c = *scan.at++;

		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return (size_t)(scan.at - text);
		else if (c == '"' && !take_string(&scan, &string, &len))
			return 0;
	}
	return 0;
}

static void keep(struct garita_records *records,
		 const struct garita_record *record)
{
	if (records->count == records->room) {
		records->room = records->room == 0 ? 64 : records->room * 2;
		records->all = garita_xresize(records->all, records->room,
					      sizeof(*records->all));
	}
	records->all[records->count++] = *record;
}

static void find_all(struct garita_records *records, const char *text,
		     const char *end)
{
	while ((text = memchr(text, '{', (size_t)(end - text))) != NULL) {
		struct garita_record record = { .text = text, .end = end };
		struct scan scan = { .at = text + 1, .end = end };

		text++;
		if (take(&scan, "\"id\"") && take(&scan, ":") &&
		    take(&scan, "\"") &&
		    take_string(&scan, &record.id, &record.id_len))
			keep(records, &record);
	}
}

int garita_records_add(struct garita_records *records, const char *text,
		       size_t len, struct garita_error *err)
{
	struct scan scan;

	if (len == 0)
		return 0;
	scan = (struct scan){ .at = text, .end = text + len };
	while (scan.end > text && is_blank(scan.end[-1]))
		scan.end--;
	if (take(&scan, "null") || scan.at == scan.end)
		return scan.at == scan.end
			       ? 0
			       : garita_fail(err, EINVAL, "has no records");
	if (!take(&scan, "[") || scan.end[-1] != ']')
		return garita_fail(err, EINVAL,
				   "is not an array, or cut short");
	find_all(records, scan.at, scan.end);
	return 0;
}

static int parse(const struct garita_record *record,
		 struct garita_json_doc **ret, struct garita_error *err)
{
	size_t len = object_len(record->text, record->end);

	if (len == 0)
		return garita_fail(err, EINVAL, "is cut short");
	return garita_json_parse(record->text, len, GARITA_JSON_STRICT, ret,
				 err);
}

int garita_records_by_id(const struct garita_records *records, const char *id,
			 struct garita_json_doc **ret, struct garita_error *err)
{
	const struct garita_record *found = NULL;
	size_t len = strlen(id);

	for (size_t i = 0; i < records->count; i++) {
		const struct garita_record *record = &records->all[i];

		if (record->id_len != len || memcmp(record->id, id, len) != 0)
			continue;
		if (found != NULL)
			return garita_fail(err, EEXIST,
					   "two records have the id %s", id);
		found = record;
	}
	if (found == NULL)
		return garita_fail(err, ENOENT, "no record has the id %s", id);
	return parse(found, ret, err);
}

/* The end of what could be this record: where the next one begins. */
static const char *limit(const struct garita_records *records, size_t i)
{
	const struct garita_record *record = &records->all[i];
	const struct garita_record *next = record + 1;

	if (i + 1 < records->count && next->end == record->end)
		return next->text;
	return record->end;
}

int garita_records_by_member(const struct garita_records *records,
			     const char *key, const char *value,
			     struct garita_json_doc **ret,
			     struct garita_error *err)
{
	auto_json struct garita_json_doc *found = NULL;

	for (size_t i = 0; i < records->count; i++) {
		const struct garita_record *record = &records->all[i];
		size_t room = (size_t)(limit(records, i) - record->text);
		auto_json struct garita_json_doc *doc = NULL;
		const char *text;
		int failed;

		if (memmem(record->text, room, value, strlen(value)) == NULL)
			continue;
		failed = parse(record, &doc, err);
		if (failed < 0)
			return failed;
		text = garita_json_string(
			garita_json_get(garita_json_root(doc), key));
		if (text == NULL || strcmp(text, value) != 0)
			continue;
		if (found != NULL)
			return garita_fail(err, EEXIST,
					   "two records have the %s %s", key,
					   value);
		found = garita_take_ptr(&doc);
	}
	if (found == NULL)
		return garita_fail(err, ENOENT, "no record has the %s %s", key,
				   value);
	*ret = garita_take_ptr(&found);
	return 0;
}

void garita_records_free(struct garita_records *records)
{
	free(records->all);
	*records = (struct garita_records){ 0 };
}
