/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Both readings are written down as a list of events: lengths before bytes, so
 * that no byte of a string can look like another event.
 */
#include "tests/unit/json_oracle.h"

#include <errno.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "garita/json.h"

static int note(void *ctx, const char *event)
{
	garita_text_puts(ctx, event);
	return 1;
}

static int note_bytes(void *ctx, char kind, const char *bytes, size_t len)
{
	garita_text_printf(ctx, "%c%zu ", kind, len);
	garita_text_add(ctx, bytes, len);
	return 1;
}

static int on_null(void *ctx)
{
	return note(ctx, "n");
}

static int on_bool(void *ctx, int value)
{
	return note(ctx, value ? "t" : "f");
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return note_bytes(ctx, '0', text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return note_bytes(ctx, '"', (const char *)text, len);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	return note_bytes(ctx, 'k', (const char *)text, len);
}

static int on_open_object(void *ctx)
{
	return note(ctx, "{");
}

static int on_close_object(void *ctx)
{
	return note(ctx, "}");
}

static int on_open_array(void *ctx)
{
	return note(ctx, "[");
}

static int on_close_array(void *ctx)
{
	return note(ctx, "]");
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close_object,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close_array,
};

static bool read_by_yajl(const char *text, size_t len, unsigned flags,
			 struct garita_text *events)
{
	yajl_handle yajl = yajl_alloc(&callbacks, NULL, events);
	const unsigned char *bytes = (const unsigned char *)text;
	bool taken;

	if (yajl == NULL)
		return false;
	yajl_config(yajl, yajl_allow_comments,
		    (flags & GARITA_JSON_COMMENTS) ? 1 : 0);
	taken = yajl_parse(yajl, bytes, len) == yajl_status_ok &&
		yajl_complete_parse(yajl) == yajl_status_ok;
	yajl_free(yajl);
	return taken;
}

/* Recurses over a document that has 32 levels at most. */
static void note_tree(const struct garita_json *node,
		      struct garita_text *events)
{
	enum garita_json_type type = garita_json_type(node);
	const char *text;

	switch (type) {
	case GARITA_JSON_NULL:
		note(events, "n");
		return;
	case GARITA_JSON_BOOL:
		on_bool(events, garita_json_bool(node));
		return;
	case GARITA_JSON_NUMBER:
		text = garita_json_number_text(node);
		note_bytes(events, '0', text, strlen(text));
		return;
	case GARITA_JSON_STRING:
		text = garita_json_string(node);
		note_bytes(events, '"', text, strlen(text));
		return;
	case GARITA_JSON_ARRAY:
	case GARITA_JSON_OBJECT:
		break;
	}
	note(events, type == GARITA_JSON_ARRAY ? "[" : "{");
	for (size_t i = 0; i < garita_json_count(node); i++) {
		const char *key = garita_json_key(node, i);

		if (key != NULL)
			note_bytes(events, 'k', key, strlen(key));
		note_tree(garita_json_item(node, i), events);
	}
	note(events, type == GARITA_JSON_ARRAY ? "]" : "}");
}

/* What we are stricter about than yajl. */
static bool is_stricter(const struct garita_error *err)
{
	static const char *const reasons[] = {
		"is there twice",
		"U+0000 in a string",
		"malformed UTF-8",
		"an unpaired surrogate escape",
		"nested deeper",
		"a byte order mark",
		"a NUL byte",
		"unexpected byte 0x0b", /* white space to it */
		"unexpected byte 0x0c",
	};

	for (size_t i = 0; i < GARITA_COUNT(reasons); i++)
		if (strstr(err->text, reasons[i]) != NULL)
			return true;
	return false;
}

/* yajl drops an unfinished token behind a whole document: is the text one up
 * to the place of the error? */
static bool is_behind(const char *text, size_t len, unsigned flags,
		      const struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const char *line = text;

	for (unsigned i = 1; i < err->line; i++)
		line = (const char *)memchr(line, '\n',
					    len - (size_t)(line - text)) +
		       1;
	return garita_json_parse(text, (size_t)(line - text) + err->column - 1,
				 flags, &doc, NULL) == 0;
}

const char *json_oracle_objects(const char *text, size_t len, unsigned flags)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text ours = { 0 }, theirs = { 0 };
	struct garita_error err = { 0 };
	bool taken = read_by_yajl(text, len, flags, &theirs);

	if (garita_json_parse(text, len, flags, &doc, &err) < 0)
		return taken && !is_stricter(&err) &&
				       !is_behind(text, len, flags, &err)
			       ? "refused, and yajl takes it"
			       : NULL;
	if (!taken)
		return "taken, and yajl refuses it";
	note_tree(garita_json_root(doc), &ours);
	if (ours.len != theirs.len ||
	    memcmp(ours.data, theirs.data, ours.len) != 0)
		return "yajl reads something else";
	return NULL;
}
