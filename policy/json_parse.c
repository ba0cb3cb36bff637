/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From text to tree through yajl's events. The text was scanned before
 * (json_scan.c), so yajl gets only text whose every token is sound, never
 * more than 4 MiB of it (CVE-2022-24795 needs huge input), and is stopped at
 * depth 32. Members wait on one stack until their container ends and are then
 * copied to an array of the right size. Nothing here recurses.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "policy/json_tree.h"

struct frame {
	struct garita_json *node;
	size_t first;    /* its first member in pending */
	uint32_t key_at; /* offset of the key whose value comes next */
	bool has_key;
};

struct builder {
	const unsigned char *text;
	const struct garita_json_scan *scan;
	struct garita_json_doc *doc;
	struct garita_error *err;
	int failure;  /* -errno from a callback */
	size_t token; /* next in scan->tokens */
	struct frame frames[GARITA_JSON_MAX_DEPTH];
	size_t depth;
	struct garita_json_member *pending;
	size_t pending_count;
	size_t pending_room;
};

/* yajl does not check what its allocator returns. */
static void *yajl_take(void *ctx, size_t size)
{
	(void)ctx;
	return garita_xresize(NULL, size, 1);
}

static void *yajl_resize(void *ctx, void *at, size_t size)
{
	(void)ctx;
	return garita_xresize(at, size, 1);
}

static void yajl_give(void *ctx, void *at)
{
	(void)ctx;
	free(at);
}

/* The pointer of what comes next: where the parser is. */
static void add_place(const struct builder *b, struct garita_text *pointer)
{
	for (size_t i = 0; i < b->depth; i++) {
		const struct frame *frame = &b->frames[i];
		/* A container inside is itself the last member so far. */
		bool inner = i + 1 < b->depth;
		size_t next = inner ? frame[1].first - 1 : b->pending_count;

		if (frame->node->type == GARITA_JSON_ARRAY) {
			garita_text_printf(pointer, "/%zu",
					   next - frame->first);
		} else if (inner) {
			garita_json_pointer_add(pointer, b->pending[next].key);
		} else if (frame->has_key) {
			garita_json_pointer_add(pointer,
						b->pending[next - 1].key);
		}
	}
}

static int fail_at(const struct builder *b, size_t offset, const char *key,
		   int code, const char *words)
{
	auto_text pointer = { 0 };
	int r = garita_fail(b->err, code, "%s", words);

	if (!b->err)
		return r;
	garita_json_line(b->scan->newlines, b->scan->newline_count, offset,
			 &b->err->line, &b->err->column);
	add_place(b, &pointer);
	if (key)
		garita_json_pointer_add(&pointer, key);
	garita_json_error_pointer(b->err, pointer.data ? pointer.data : "");
	return r;
}

/* A number may begin with any digit or a minus: one letter for all. */
static char kind_of(unsigned char first)
{
	if (first == '-' || garita_is_digit((char)first))
		return '0';
	return (char)first;
}

/* Offset of the token yajl tells about, which has to be of this kind: when
 * the two lexers see different tokens, nothing is certain. */
static bool next_token(struct builder *b, char kind, uint32_t *ret)
{
	if (b->token < b->scan->token_count) {
		uint32_t offset = b->scan->tokens[b->token++];

		if (kind_of(b->text[offset]) == kind) {
			*ret = offset;
			return true;
		}
	}
	b->failure = fail_at(b, 0, NULL, EINVAL,
			     "the text cannot be read in one way only");
	return false;
}

static void push(struct builder *b, const char *key, struct garita_json *value)
{
	if (b->pending_count == b->pending_room) {
		b->pending_room =
			b->pending_room > 0 ? b->pending_room * 2 : 128;
		b->pending = garita_xresize(b->pending, b->pending_room,
					    sizeof(*b->pending));
	}
	b->pending[b->pending_count++] =
		(struct garita_json_member){ .key = key, .value = value };
}

/* A new node in its place in the tree; NULL when the parse is to end. */
static struct garita_json *place(struct builder *b, enum garita_json_type type,
				 char kind)
{
	struct frame *frame = b->depth > 0 ? &b->frames[b->depth - 1] : NULL;
	struct garita_json *node;
	uint32_t offset;

	if (!next_token(b, kind, &offset))
		return NULL;
	node = garita_json_node(b->doc, type, offset);
	if (!frame) {
		b->doc->root = node;
	} else if (frame->node->type == GARITA_JSON_ARRAY) {
		push(b, NULL, node);
	} else {
		node->offset = frame->key_at;
		b->pending[b->pending_count - 1].value = node;
		frame->has_key = false;
	}
	return node;
}

static int on_null(void *ctx)
{
	return place(ctx, GARITA_JSON_NULL, 'n') != NULL;
}

static int on_bool(void *ctx, int value)
{
	struct garita_json *node =
		place(ctx, GARITA_JSON_BOOL, value ? 't' : 'f');

	if (!node)
		return 0;
	node->count = value ? 1 : 0;
	return 1;
}

static int on_text(struct builder *b, enum garita_json_type type, char kind,
		   const char *text, size_t len)
{
	struct garita_json *node = place(b, type, kind);

	if (!node)
		return 0;
	node->text = garita_json_take_text(b->doc, text, len);
	node->count = (uint32_t)len; /* never longer than the whole text */
	return 1;
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return on_text(ctx, GARITA_JSON_NUMBER, '0', text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return on_text(ctx, GARITA_JSON_STRING, '"', (const char *)text, len);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct builder *b = ctx;
	struct frame *frame = &b->frames[b->depth - 1];

	if (!next_token(b, '"', &frame->key_at))
		return 0;
	push(b, garita_json_take_text(b->doc, (const char *)text, len), NULL);
	frame->has_key = true;
	return 1;
}

static int open_container(struct builder *b, enum garita_json_type type,
			  char kind)
{
	struct garita_json *node;
	char words[64];

	if (b->depth == GARITA_JSON_MAX_DEPTH) {
		uint32_t offset;

		if (!next_token(b, kind, &offset))
			return 0;
		snprintf(words, sizeof(words), "nested deeper than %d levels",
			 GARITA_JSON_MAX_DEPTH);
		b->failure = fail_at(b, offset, NULL, ELOOP, words);
		return 0;
	}
	node = place(b, type, kind);
	if (!node)
		return 0;
	b->frames[b->depth++] = (struct frame){
		.node = node,
		.first = b->pending_count,
	};
	return 1;
}

static int on_open_object(void *ctx)
{
	return open_container(ctx, GARITA_JSON_OBJECT, '{');
}

static int on_open_array(void *ctx)
{
	return open_container(ctx, GARITA_JSON_ARRAY, '[');
}

/* The second of two members with one key, or NULL. */
static const struct garita_json_member *find_repeated(
	const struct garita_json *object)
{
	const struct garita_json_member *members = object->members;

	if (object->index) {
		/* Equal keys are neighbours, in the order of the text. */
		for (uint32_t i = 1; i < object->count; i++) {
			uint32_t at = object->index[i];

			if (strcmp(members[object->index[i - 1]].key,
				   members[at].key) == 0)
				return &members[at];
		}
		return NULL;
	}
	for (uint32_t i = 1; i < object->count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (strcmp(members[i].key, members[j].key) == 0)
				return &members[i];
		}
	}
	return NULL;
}

/* The members of the innermost container become its own. */
static struct garita_json *settle(struct builder *b)
{
	struct frame *frame = &b->frames[b->depth - 1];
	struct garita_json *node = frame->node;
	size_t count = b->pending_count - frame->first;

	if (count > 0) {
		node->members =
			garita_json_take(b->doc, count * sizeof(*node->members),
					 _Alignof(struct garita_json_member));
		memcpy(node->members, b->pending + frame->first,
		       count * sizeof(*node->members));
	}
	node->count = (uint32_t)count; /* at most one for a byte of text */
	node->room = (uint32_t)count;
	b->pending_count = frame->first;
	return node;
}

static int on_close_array(void *ctx)
{
	struct builder *b = ctx;

	settle(b);
	b->depth--;
	return 1;
}

static int on_close_object(void *ctx)
{
	struct builder *b = ctx;
	struct garita_json *node = settle(b);
	const struct garita_json_member *repeated;
	char words[128];

	garita_json_make_index(b->doc, node);
	repeated = find_repeated(node);
	if (repeated) {
		snprintf(words, sizeof(words),
			 "the key \"%.80s\" is there twice", repeated->key);
		b->failure = fail_at(b, repeated->value->offset, repeated->key,
				     EINVAL, words);
		return 0;
	}
	b->depth--;
	return 1;
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

/* Start of the token that ends at `end`. */
static size_t token_before(const struct builder *b, size_t end)
{
	const struct garita_json_scan *scan = b->scan;
	size_t low = 0, high = scan->token_count;

	if (end == 0)
		return 0;
	if (strchr(",:]}", b->text[end - 1]) && b->text[end - 1])
		return end - 1;
	while (low < high) { /* the last one before end */
		size_t middle = low + (high - low) / 2;

		if (scan->tokens[middle] < end)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? scan->tokens[low - 1] : 0;
}

/* yajl stopped just behind a token that cannot stand where it does. */
static int fail_grammar(const struct builder *b, size_t consumed)
{
	size_t at = token_before(b, consumed), before = at;
	char words[96];

	while (before > 0 && strchr(" \t\r\n", b->text[before - 1]))
		before--;
	if (b->depth == 0 && b->doc->root)
		snprintf(words, sizeof(words),
			 "more text after the end of the document");
	else if (before > 0 && b->text[before - 1] == ',' &&
		 strchr("}]", b->text[at]))
		snprintf(words, sizeof(words), "a comma before '%c'",
			 b->text[at]);
	else if (b->text[at] == '"')
		snprintf(words, sizeof(words), "unexpected string");
	else
		snprintf(words, sizeof(words), "unexpected '%c'", b->text[at]);
	return fail_at(b, at, NULL, EINVAL, words);
}

static int run(struct builder *b, yajl_handle yajl, size_t len)
{
	const struct garita_json_scan *scan = b->scan;
	yajl_status status = yajl_parse(yajl, b->text, scan->good);

	if (b->failure)
		return b->failure;
	if (status != yajl_status_ok)
		return fail_grammar(b, yajl_get_bytes_consumed(yajl));
	if (scan->problem[0])
		return fail_at(b, scan->bad_at, NULL, EINVAL, scan->problem);
	if (scan->token_count == 0)
		return fail_at(b, len, NULL, EINVAL, "there is no document");

	status = yajl_complete_parse(yajl);
	if (b->failure)
		return b->failure;
	/* A number or word that ends the text is looked at only now. */
	if (status != yajl_status_ok && b->depth == 0 && b->doc->root)
		return fail_grammar(b, len);
	if (status != yajl_status_ok || b->depth > 0 || !b->doc->root)
		return fail_at(b, len, NULL, EINVAL,
			       "the text ends before the document does");
	if (b->token != scan->token_count)
		return fail_at(b, len, NULL, EINVAL,
			       "the text cannot be read in one way only");
	return 0;
}

static int build(const unsigned char *text, size_t len, unsigned flags,
		 struct garita_json_scan *scan, struct garita_json_doc *doc,
		 struct garita_error *err)
{
	struct builder b = {
		.text = text,
		.scan = scan,
		.doc = doc,
		.err = err,
	};
	yajl_alloc_funcs memory = { .malloc = yajl_take,
				    .realloc = yajl_resize,
				    .free = yajl_give };
	yajl_handle yajl = yajl_alloc(&callbacks, &memory, &b);
	int r;

	yajl_config(yajl, yajl_allow_comments,
		    (flags & GARITA_JSON_COMMENTS) ? 1 : 0);
	/* The scan has checked every byte of UTF-8, more strictly. */
	yajl_config(yajl, yajl_dont_validate_strings, 1);
	r = run(&b, yajl, len);
	yajl_free(yajl);
	free(b.pending);
	return r;
}

int garita_json_parse(const char *text, size_t len, unsigned flags,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	const unsigned char *bytes = (const unsigned char *)text;
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json_scan scan;
	int r;

	if (len > GARITA_JSON_MAX_BYTES)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   GARITA_JSON_MAX_BYTES);

	garita_json_scan_text(bytes, len, flags, &scan);
	doc = garita_json_doc_new();
	r = build(bytes, len, flags, &scan, doc, err);
	if (r == 0) {
		doc->newlines = garita_take_ptr(&scan.newlines);
		doc->newline_count = scan.newline_count;
		*ret = garita_take_ptr(&doc);
	}
	garita_json_scan_free(&scan);
	return r;
}
