/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * toml - where things stand in a TOML text, for editing it in place.
 */
#include "hook/install/toml.h"

#include <errno.h>
#include <string.h>

enum { MAX_ITEMS = 4096, MAX_NESTING = 32 };

struct scan {
	const char *text;
	size_t at;
	struct garita_error *err;
};

static int refuse(const struct scan *scan, const char *why)
{
	int rc = garita_fail(scan->err, EINVAL, "%s", why);

	if (scan->err == NULL)
		return rc;
	scan->err->line = 1;
	for (size_t i = 0; i < scan->at; i++)
		scan->err->line += scan->text[i] == '\n';
	scan->err->column = 0;
	return rc;
}

static char here(const struct scan *scan)
{
	return scan->text[scan->at];
}

static void skip_spaces(struct scan *scan)
{
	scan->at += strspn(scan->text + scan->at, " \t");
}

/* Blanks, a comment, and the end of the line. */
static int end_line(struct scan *scan)
{
	skip_spaces(scan);
	if (here(scan) == '#')
		scan->at += strcspn(scan->text + scan->at, "\n");
	if (here(scan) == '\r')
		scan->at++;
	if (here(scan) == '\0')
		return 0;
	if (here(scan) != '\n')
		return refuse(scan, "something follows on the same line");
	scan->at++;
	return 0;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       garita_is_digit(c) || c == '_' || c == '-';
}

static int read_part(struct scan *scan, struct garita_text *path)
{
	size_t from = scan->at, len = 0;
	char quote = here(scan);

	if (quote == '"' || quote == '\'') {
		from++;
		while (scan->text[from + len] != quote) {
			char c = scan->text[from + len];

			if (c == '\0' || c == '\n' || c == '\\' ||
			    c == GARITA_TOML_SEPARATOR)
				return refuse(scan,
					      "this key is not understood");
			len++;
		}
		scan->at = from + len + 1;
	} else {
		while (is_bare(scan->text[from + len]))
			len++;
		scan->at = from + len;
	}
	if (len == 0)
		return refuse(scan, "a key is expected");
	if (path->len > 0)
		garita_text_putc(path, GARITA_TOML_SEPARATOR);
	garita_text_add(path, scan->text + from, len);
	return 0;
}

/* a."b.c".d; *ret_parts is how many. */
static int read_key(struct scan *scan, struct garita_text *path,
		    size_t *ret_parts)
{
	size_t parts = 0;

	for (;;) {
		int rc;

		skip_spaces(scan);
		rc = read_part(scan, path);
		if (rc < 0)
			return rc;
		parts++;
		skip_spaces(scan);
		if (here(scan) != '.')
			break;
		scan->at++;
	}
	*ret_parts = parts;
	return 0;
}

/* A string of any of the four kinds, quotes and all. */
static int skip_string(struct scan *scan)
{
	const char *at = scan->text + scan->at;
	char quote = *at;
	bool lines = at[1] == quote && at[2] == quote;

	for (at += lines ? 3 : 1;; at++) {
		if (*at == '\0' || (*at == '\n' && !lines))
			return refuse(scan, "a string has no end");
		if (*at == '\\' && quote == '"') {
			at++;
			if (*at == '\0')
				return refuse(scan, "a string has no end");
			continue;
		}
		if (*at != quote)
			continue;
		if (!lines)
			break;
		/* Two quotes may stand before the three that end it. */
		if (at[1] == quote && at[2] == quote && at[3] != quote) {
			at += 2;
			break;
		}
	}
	scan->at = (size_t)(at + 1 - scan->text);
	return 0;
}

/* One step into a value; *nested are the brackets that are open. */
static int step(struct scan *scan, char nested[MAX_NESTING], size_t *depth)
{
	char c = here(scan);

	switch (c) {
	case '"':
	case '\'':
		return skip_string(scan);
	case '[':
	case '{':
		if (*depth == MAX_NESTING)
			return refuse(scan, "nested too deep");
		nested[(*depth)++] = c == '[' ? ']' : '}';
		break;
	case ']':
	case '}':
		if (*depth == 0 || nested[--*depth] != c)
			return refuse(scan, "a bracket is not closed");
		break;
	case '#': /* in an array: outside one it ends the value */
		scan->at += strcspn(scan->text + scan->at, "\n");
		return 0;
	case '\0':
		return refuse(scan, "a bracket is not closed");
	case ',':
	case '=':
		if (*depth == 0)
			return refuse(scan, "this value is not understood");
		break;
	}
	scan->at++;
	return 0;
}

static int read_value(struct scan *scan, struct garita_toml_item *item)
{
	char nested[MAX_NESTING];
	size_t depth = 0;

	skip_spaces(scan);
	item->value = scan->at;
	while (depth > 0 || strchr("#\r\n", here(scan)) == NULL) {
		int rc = step(scan, nested, &depth);

		if (rc < 0)
			return rc;
	}
	item->value_end = scan->at;
	while (item->value_end > item->value &&
	       strchr(" \t", scan->text[item->value_end - 1]) != NULL)
		item->value_end--;
	if (item->value_end == item->value)
		return refuse(scan, "a value is expected");
	return 0;
}

static int read_table(struct scan *scan, struct garita_toml_item *item,
		      struct garita_text *table)
{
	bool array = scan->text[scan->at + 1] == '[';
	size_t parts;
	int rc;

	item->kind = array ? GARITA_TOML_ARRAY : GARITA_TOML_TABLE;
	scan->at += array ? 2 : 1;
	garita_text_free(table);
	*table = (struct garita_text){ 0 };
	rc = read_key(scan, table, &parts);
	if (rc < 0)
		return rc;
	if (here(scan) != ']' || (array && scan->text[scan->at + 1] != ']'))
		return refuse(scan, "] is expected");
	scan->at += array ? 2 : 1;
	item->path = garita_xstrdup(table->data);
	return 0;
}

static int read_pair(struct scan *scan, struct garita_toml_item *item,
		     const struct garita_text *table)
{
	auto_text path = { 0 };
	size_t parts = 0;
	int rc;

	item->kind = GARITA_TOML_KEY;
	item->table = garita_xstrdup(table->len > 0 ? table->data : "");
	garita_text_puts(&path, item->table);
	rc = read_key(scan, &path, &parts);
	if (rc < 0)
		return rc;
	item->path = garita_text_take(&path);
	item->dotted = parts > 1;
	if (here(scan) != '=')
		return refuse(scan, "= is expected");
	scan->at++;
	return read_value(scan, item);
}

const struct garita_toml_item *garita_toml_find(const struct garita_toml *toml,
						enum garita_toml_kind kind,
						const char *path)
{
	for (size_t i = 0; path != NULL && i < toml->count; i++)
		if (toml->items[i].kind == kind &&
		    toml->items[i].path != NULL &&
		    strcmp(toml->items[i].path, path) == 0)
			return &toml->items[i];
	return NULL;
}

static int read_item(struct scan *scan, struct garita_toml *toml,
		     struct garita_text *table)
{
	struct garita_toml_item *item;
	size_t begin = scan->at;
	int rc;

	skip_spaces(scan);
	if (strchr("#\r\n", here(scan)) != NULL) /* the end of the text, too */
		return end_line(scan);
	if (toml->count == MAX_ITEMS)
		return refuse(scan, "too many lines");
	toml->items = garita_xresize(toml->items, toml->count + 1,
				     sizeof(*toml->items));
	item = &toml->items[toml->count++];
	*item = (struct garita_toml_item){ .begin = begin };
	rc = here(scan) == '[' ? read_table(scan, item, table)
			       : read_pair(scan, item, table);
	if (rc == 0)
		rc = end_line(scan);
	if (rc < 0)
		return rc;
	item->after = scan->at;
	if (item->kind != GARITA_TOML_ARRAY &&
	    garita_toml_find(toml, item->kind, item->path) != item) {
		scan->at = begin;
		/* Below [[x]] the same table is another one each time. */
		return refuse(scan, "this is there twice, or in an array of "
				    "tables");
	}
	return 0;
}

int garita_toml_read(const char *text, struct garita_toml *ret,
		     struct garita_error *err)
{
	struct scan scan = { .text = text, .err = err };
	auto_toml toml = { 0 };
	auto_text table = { 0 };

	while (text[scan.at] != '\0') {
		int rc = read_item(&scan, &toml, &table);

		if (rc < 0)
			return rc;
	}
	*ret = toml;
	toml = (struct garita_toml){ 0 };
	return 0;
}

void garita_toml_free(struct garita_toml *toml)
{
	for (size_t i = 0; i < toml->count; i++) {
		free(toml->items[i].path);
		free(toml->items[i].table);
	}
	free(toml->items);
	*toml = (struct garita_toml){ 0 };
}
