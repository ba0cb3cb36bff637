/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * records - finding one record in a large JSON file, without a tree of it.
 * The scanner knows strings, brackets and the level they are on, nothing else;
 * strings are skipped with memchr(), which is what makes it fast.
 */
#include "hook/store/records.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"

struct scan {
	const char *at;
	const char *end;
	uint64_t arrays; /* bit 0: innermost bracket is "["; then outwards */
	unsigned depth;  /* brackets open inside the record */
};

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
					*scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

static bool take_char(struct scan *scan, char wanted)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

/* From an opening quote to after the closing one; what is between them. */
static bool take_string(struct scan *scan, const char **ret, size_t *ret_len)
{
	const char *first;
	const char *from;

	if (!take_char(scan, '"'))
		return false;
	first = scan->at;
	for (from = first; from < scan->end; from++) {
		const char *slash;

		from = memchr(from, '"', (size_t)(scan->end - from));
		if (from == NULL)
			return false;
		for (slash = from; slash > first && slash[-1] == '\\';)
			slash--;
		if ((from - slash) % 2 != 0)
			continue; /* an escaped quote */
		*ret = first;
		*ret_len = (size_t)(from - first);
		scan->at = from + 1;
		return true;
	}
	return false;
}

static bool open_bracket(struct scan *scan, bool array)
{
	if (scan->depth == GARITA_JSON_MAX_DEPTH)
		return false;
	scan->arrays = scan->arrays << 1 | (array ? 1 : 0);
	scan->depth++;
	scan->at++;
	return true;
}

static bool close_bracket(struct scan *scan, bool array)
{
	if (((scan->arrays & 1) != 0) != array)
		return false;
	scan->arrays >>= 1;
	scan->depth--;
	scan->at++;
	return true;
}

/* A string in the record; when it is the key's name, the value after it. */
static bool scan_string(struct scan *scan, const char *key,
			struct garita_record *record)
{
	const char *text;
	size_t len;

	if (!take_string(scan, &text, &len))
		return false;
	if (scan->depth != 1 || len != strlen(key) ||
	    memcmp(text, key, len) != 0 || !take_char(scan, ':'))
		return true;
	return record->key == NULL &&
	       take_string(scan, &record->key, &record->key_len);
}

static bool scan_record(struct scan *scan, const char *key,
			struct garita_record *record)
{
	bool fine = true;

	skip_blanks(scan);
	record->text = scan->at;
	if (scan->at == scan->end || *scan->at != '{')
		return false;
	do {
		switch (*scan->at) {
		case '"':
			fine = scan_string(scan, key, record);
			break;
		case '{':
		case '[':
			fine = open_bracket(scan, *scan->at == '[');
			break;
		case '}':
		case ']':
			fine = close_bracket(scan, *scan->at == ']');
			break;
		default:
			scan->at++;
			break;
		}
	} while (fine && scan->depth > 0 && scan->at < scan->end);
	record->len = (size_t)(scan->at - record->text);
	return fine && scan->depth == 0;
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

static bool scan_all(struct garita_records *records, struct scan *scan)
{
	skip_blanks(scan);
	if (scan->end - scan->at >= 4 && memcmp(scan->at, "null", 4) == 0) {
		scan->at += 4;
	} else if (scan->at < scan->end) {
		if (!take_char(scan, '['))
			return false;
		if (!take_char(scan, ']')) {
			do {
				struct garita_record record = { 0 };

				if (!scan_record(scan, records->key, &record))
					return false;
				keep(records, &record);
			} while (take_char(scan, ','));
			if (!take_char(scan, ']'))
				return false;
		}
	}
	skip_blanks(scan);
	return scan->at == scan->end;
}

int garita_records_add(struct garita_records *records, char *text, size_t len,
		       struct garita_error *err)
{
	auto_free char *taken = text;
	struct scan scan = { .at = text, .end = text + len };
	size_t before = records->count;

	if (records->text_count == GARITA_COUNT(records->texts))
		return garita_fail(err, EINVAL, "too many record files");
	if (!scan_all(records, &scan)) {
		records->count = before;
		return garita_fail(err, EINVAL,
				   "is not an array of objects (byte %zu)",
				   (size_t)(scan.at - text) + 1);
	}
	records->texts[records->text_count++] = garita_take_ptr(&taken);
	return 0;
}

int garita_records_get(const struct garita_records *records, const char *value,
		       struct garita_json_doc **ret, struct garita_error *err)
{
	const struct garita_record *found = NULL;
	size_t len = strlen(value);

	for (size_t i = 0; i < records->count; i++) {
		const struct garita_record *record = &records->all[i];

		if (record->key == NULL || record->key_len != len ||
		    memcmp(record->key, value, len) != 0)
			continue;
		if (found != NULL)
			return garita_fail(err, EEXIST,
					   "two records have the %s %s",
					   records->key, value);
		found = record;
	}
	if (found == NULL)
		return garita_fail(err, ENOENT, "no record has the %s %s",
				   records->key, value);
	return garita_json_parse(found->text, found->len, GARITA_JSON_STRICT,
				 ret, err);
}

void garita_records_free(struct garita_records *records)
{
	for (size_t i = 0; i < records->text_count; i++)
		free(records->texts[i]);
	free(records->all);
	*records = (struct garita_records){ 0 };
}
