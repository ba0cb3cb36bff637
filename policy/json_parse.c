/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From text to tree, in one walk: how tokens (json_scan.c) may follow each
 * other. The grammar is small and there is one answer to every byte, so there
 * is no library between the text and us (docs/linking.md); the tests hold the
 * tree against one that yajl builds. Members wait on one stack until their
 * container ends and are then copied to a list of the right size. Nothing
 * here recurses.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/json_tree.h"

enum {
	/* Memory for each byte of a text: the nodes of an engine's config need
	 * one and a half beside the copy. What is not touched costs nothing. */
	ROOM_FOR_A_BYTE = 4,
	FIRST_PENDING = 512,
};

struct frame {
	struct garita_json *node;
	size_t first;    /* its first member in pending */
	uint32_t key_at; /* offset of the key whose value comes next */
	bool has_key;
};

struct reader {
	struct garita_json_scan scan;
	struct garita_json_doc *doc;
	struct garita_error *err;
	struct frame frames[GARITA_JSON_MAX_DEPTH];
	size_t depth;
	struct garita_json_member *pending;
	size_t pending_count;
	size_t pending_room;
};

/* The pointer of what comes next: where the reader is. */
static void add_place(const struct reader *r, struct garita_text *pointer)
{
	for (size_t i = 0; i < r->depth; i++) {
		const struct frame *frame = &r->frames[i];
		/* A container inside is itself the last member so far. */
		bool inner = i + 1 < r->depth;
		size_t next = inner ? frame[1].first - 1 : r->pending_count;

		if (frame->node->type == GARITA_JSON_ARRAY) {
			garita_text_printf(pointer, "/%zu",
					   next - frame->first);
		} else if (inner) {
			garita_json_pointer_add(pointer, r->pending[next].key);
		} else if (frame->has_key) {
			garita_json_pointer_add(pointer,
						r->pending[next - 1].key);
		}
	}
}

static int fail_at(const struct reader *r, size_t offset, const char *key,
		   int code, const char *words)
{
	auto_text pointer = { 0 };
	int rc = garita_fail(r->err, code, "%s", words);

	if (!r->err)
		return rc;
	garita_json_line(r->doc->lines, offset, &r->err->line, &r->err->column);
	add_place(r, &pointer);
	if (key)
		garita_json_pointer_add(&pointer, key);
	garita_json_error_pointer(r->err, pointer.data ? pointer.data : "");
	return rc;
}

static int fail_token(const struct reader *r)
{
	return fail_at(r, r->scan.bad_at, NULL, EINVAL, r->scan.problem);
}

/* Here stands something that cannot. When it is no sound token either, that
 * is the better reason. */
static int fail_unexpected(struct reader *r)
{
	struct garita_json_scan *scan = &r->scan;
	size_t at = scan->at;
	char first = (char)scan->text[at], words[96];
	struct garita_json ignored;

	if (at == scan->len)
		return fail_at(r, at, NULL, EINVAL,
			       r->depth == 0 && !r->doc->root
				       ? "there is no document"
				       : "the text ends before the document "
					 "does");
	if (first == '"' ? !garita_json_scan_string(scan, &ignored)
			 : !(first && strchr("{}[],:", first)) &&
				   !garita_json_scan_word(scan, &ignored))
		return fail_token(r);
	if (r->depth == 0 && r->doc->root)
		snprintf(words, sizeof(words),
			 "more text after the end of the document");
	else if (first == '"')
		snprintf(words, sizeof(words), "unexpected string");
	else
		snprintf(words, sizeof(words), "unexpected '%c'", first);
	return fail_at(r, at, NULL, EINVAL, words);
}

/* To the next byte that means something. */
static int skip(struct reader *r)
{
	unsigned char byte = r->scan.text[r->scan.at];

	/* No space, no comment: most of the time in what an engine wrote. */
	if (byte > ' ' && byte != '/')
		return 0;
	return garita_json_skip(&r->scan) ? 0 : fail_token(r);
}

static void push(struct reader *r, const char *key, struct garita_json *value)
{
	if (r->pending_count == r->pending_room) {
		r->pending_room = r->pending_room > 0 ? r->pending_room * 2
						      : FIRST_PENDING;
		r->pending = garita_xresize(r->pending, r->pending_room,
					    sizeof(*r->pending));
	}
	r->pending[r->pending_count++] =
		(struct garita_json_member){ .key = key, .value = value };
}

/* A new node in its place in the tree; of the text that begins at `offset`. */
static struct garita_json *place(struct reader *r,
				 const struct garita_json *value, size_t offset)
{
	struct frame *frame = r->depth > 0 ? &r->frames[r->depth - 1] : NULL;
	struct garita_json *node =
		garita_json_node(r->doc, value->type, (uint32_t)offset);

	node->text = value->text;
	node->count = value->count;
	if (!frame) {
		r->doc->root = node;
	} else if (frame->node->type == GARITA_JSON_ARRAY) {
		push(r, NULL, node);
	} else {
		node->offset = frame->key_at & GARITA_JSON_NOWHERE;
		r->pending[r->pending_count - 1].value = node;
		frame->has_key = false;
	}
	return node;
}

static int open_container(struct reader *r, enum garita_json_type type)
{
	const struct garita_json empty = { .type = type };
	size_t at = r->scan.at;
	char words[64];

	if (r->depth == GARITA_JSON_MAX_DEPTH) {
		snprintf(words, sizeof(words), "nested deeper than %d levels",
			 GARITA_JSON_MAX_DEPTH);
		return fail_at(r, at, NULL, ELOOP, words);
	}
	r->frames[r->depth] = (struct frame){
		.node = place(r, &empty, at),
		.first = r->pending_count,
	};
	r->depth++;
	r->scan.at = at + 1;
	return 0;
}

/* The second of two members with one key, or NULL. */
static const struct garita_json_member *find_repeated(
	const struct garita_json_list *list, uint32_t count)
{
	const struct garita_json_member *members = list->members;

	if (list->index) {
		/* Equal keys are neighbours, in the order of the text. */
		for (uint32_t i = 1; i < count; i++) {
			uint32_t at = list->index[i];

			if (strcmp(members[list->index[i - 1]].key,
				   members[at].key) == 0)
				return &members[at];
		}
		return NULL;
	}
	for (uint32_t i = 1; i < count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (members[i].key[0] == members[j].key[0] &&
			    strcmp(members[i].key, members[j].key) == 0)
				return &members[i];
		}
	}
	return NULL;
}

/* The members of the innermost container become its own. */
static void settle(struct reader *r, struct garita_json *node)
{
	size_t first = r->frames[r->depth - 1].first;
	/* At most one for a byte of text. */
	uint32_t count = (uint32_t)(r->pending_count - first);

	node->count = count;
	node->list = garita_json_take_list(r->doc, count);
	memcpy(node->list->members, r->pending + first,
	       count * sizeof(*r->pending));
	r->pending_count = first;
}

/* At the bracket that ends the innermost container. */
static int close_container(struct reader *r)
{
	struct garita_json *node = r->frames[r->depth - 1].node;
	const struct garita_json_member *repeated;
	char words[128];

	r->scan.at++;
	if (r->pending_count > r->frames[r->depth - 1].first)
		settle(r, node);
	if (node->type == GARITA_JSON_OBJECT && node->count > 1) {
		garita_json_make_index(r->doc, node);
		repeated = find_repeated(node->list, node->count);
		if (repeated) {
			snprintf(words, sizeof(words),
				 "the key \"%.80s\" is there twice",
				 repeated->key);
			return fail_at(r, repeated->value->offset,
				       repeated->key, EINVAL, words);
		}
	}
	r->depth--;
	return 0;
}

/* Where a value is to begin. */
static int read_value(struct reader *r)
{
	struct garita_json value = { .type = GARITA_JSON_NULL };
	size_t at = r->scan.at;
	bool sound;

	switch (r->scan.text[at]) {
	case '{':
		return open_container(r, GARITA_JSON_OBJECT);
	case '[':
		return open_container(r, GARITA_JSON_ARRAY);
	case '"':
		sound = garita_json_scan_string(&r->scan, &value);
		break;
	case '}':
	case ']':
	case ',':
	case ':':
	case '\0':
		return fail_unexpected(r);
	default:
		sound = garita_json_scan_word(&r->scan, &value);
	}
	if (!sound)
		return fail_token(r);
	place(r, &value, at);
	return 0;
}

/* Where a key is to begin; up to the value. */
static int read_key(struct reader *r)
{
	struct frame *frame = &r->frames[r->depth - 1];
	struct garita_json key;
	int rc;

	if (r->scan.text[r->scan.at] != '"')
		return fail_unexpected(r);
	frame->key_at = (uint32_t)r->scan.at;
	if (!garita_json_scan_string(&r->scan, &key))
		return fail_token(r);
	push(r, key.text, NULL);
	frame->has_key = true;
	rc = skip(r);
	if (rc < 0)
		return rc;
	if (r->scan.text[r->scan.at] != ':')
		return fail_unexpected(r);
	r->scan.at++;
	return skip(r);
}

/* In a container: its next member with the comma before it, or its end. */
static int read_next(struct reader *r)
{
	const struct frame *frame = &r->frames[r->depth - 1];
	bool array = frame->node->type == GARITA_JSON_ARRAY;
	char end = array ? ']' : '}', words[32];
	int rc = skip(r);

	if (rc < 0)
		return rc;
	if (r->scan.text[r->scan.at] == end)
		return close_container(r);
	if (r->pending_count > frame->first) {
		if (r->scan.text[r->scan.at] != ',')
			return fail_unexpected(r);
		r->scan.at++;
		rc = skip(r);
		if (rc < 0)
			return rc;
		if (r->scan.text[r->scan.at] == end) {
			snprintf(words, sizeof(words), "a comma before '%c'",
				 end);
			return fail_at(r, r->scan.at, NULL, EINVAL, words);
		}
	}
	if (!array)
		rc = read_key(r);
	return rc < 0 ? rc : read_value(r);
}

static int read_document(struct reader *r)
{
	int rc = skip(r);

	if (rc == 0)
		rc = read_value(r);
	while (rc == 0 && r->depth > 0)
		rc = read_next(r);
	if (rc == 0)
		rc = skip(r);
	if (rc < 0)
		return rc;
	return r->scan.at == r->scan.len ? 0 : fail_unexpected(r);
}

/* A document with its copy of the text, and nothing read yet. */
static struct garita_json_doc *new_doc(const char *text, size_t len,
				       unsigned char **ret_copy)
{
	struct garita_json_doc *doc =
		garita_json_doc_new(ROOM_FOR_A_BYTE * len);
	char *copy = garita_json_take(doc, len + GARITA_JSON_SLACK, 1);

	if (len > 0) /* text may be NULL then */
		memcpy(copy, text, len);
	memset(copy + len, 0, GARITA_JSON_SLACK);
	doc->lines = garita_json_take(doc, sizeof(*doc->lines),
				      _Alignof(struct garita_json_lines));
	*doc->lines = (struct garita_json_lines){ .text = copy, .len = len };
	*ret_copy = (unsigned char *)copy;
	return doc;
}

int garita_json_parse(const char *text, size_t len, unsigned flags,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	struct reader r = { .err = err };
	int rc;

	if (len > GARITA_JSON_MAX_BYTES)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   GARITA_JSON_MAX_BYTES);

	r.doc = new_doc(text, len, &r.scan.text);
	r.scan.doc = r.doc;
	r.scan.len = len;
	r.scan.flags = flags;
	rc = read_document(&r);
	free(r.pending);
	if (rc < 0) {
		garita_json_free(r.doc);
		return rc;
	}
	*ret = r.doc;
	return 0;
}
