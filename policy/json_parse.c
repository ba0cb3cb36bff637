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
	 * one and a half beside it. What is not touched costs nothing; of a
	 * text of megabytes most may be one string. */
	ROOM_FOR_A_BYTE = 4,
	MOST_ROOM = 1024 * 1024,
	FIRST_PENDING = 512, /* on the stack: pages that others use, too */
};

struct frame {
	struct garita_json *node;
	size_t first;      /* its first member in pending */
	const char *key;   /* of the value that comes next, or NULL */
	uint32_t key_at;   /* where that key is in the text */
	unsigned char end; /* the bracket that closes it */
};

struct reader {
	struct garita_json_scan scan;
	struct garita_json_doc *doc;
	struct garita_error *err;
	struct frame frames[GARITA_JSON_MAX_DEPTH];
	size_t depth;
	struct garita_json_member *pending, *more; /* the same, from the heap */
	size_t pending_count;
	size_t pending_room;
	uint32_t values_left;
};

/* The pointer of what comes next: where the reader is. */
static void add_place(const struct reader *r, struct garita_text *pointer)
{
	for (size_t i = 0; i < r->depth; i++) {
		const struct frame *frame = &r->frames[i];
		/* A container inside is itself the last member so far. */
		bool inner = i + 1 < r->depth;
		size_t next = inner ? frame[1].first - 1 : r->pending_count;

		if (frame->end == ']')
			garita_text_printf(pointer, "/%zu",
					   next - frame->first);
		else if (inner)
			garita_json_pointer_add(pointer, r->pending[next].key);
		else if (frame->key)
			garita_json_pointer_add(pointer, frame->key);
	}
}

static __attribute__((cold)) int fail_at(const struct reader *r, size_t offset,
					 const char *key, int code,
					 const char *words)
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

static uint32_t offset(const struct reader *r)
{
	return (uint32_t)(r->scan.at - r->scan.text); /* ends at 32 MiB */
}

static int fail_token(const struct reader *r)
{
	return fail_at(r, r->scan.bad_at, NULL, EINVAL, r->scan.problem);
}

static int fail_depth(const struct reader *r)
{
	char words[64];

	snprintf(words, sizeof(words), "nested deeper than %d levels",
		 GARITA_JSON_MAX_DEPTH);
	return fail_at(r, offset(r), NULL, ELOOP, words);
}

static int fail_values(const struct reader *r)
{
	char words[64];

	snprintf(words, sizeof(words), "more than %d values",
		 GARITA_JSON_LARGE_VALUES);
	return fail_at(r, offset(r), NULL, E2BIG, words);
}

static int fail_repeated(const struct reader *r,
			 const struct garita_json_member *second)
{
	char words[128];

	snprintf(words, sizeof(words), "the key \"%.80s\" is there twice",
		 second->key);
	return fail_at(r, second->value->offset, second->key, EINVAL, words);
}

static int fail_comma(const struct reader *r)
{
	char words[32];

	snprintf(words, sizeof(words), "a comma before '%c'", *r->scan.at);
	return fail_at(r, offset(r), NULL, EINVAL, words);
}

/* Here stands something that cannot. When it is no sound token either, that
 * is the better reason. */
static int fail_unexpected(struct reader *r)
{
	struct garita_json_scan *scan = &r->scan;
	char first = (char)*scan->at, words[32];
	size_t at = offset(r);

	if (scan->at == scan->end)
		return fail_at(r, at, NULL, EINVAL,
			       r->depth == 0 && !r->doc->root
				       ? "there is no document"
				       : "the text ends before the document "
					 "does");
	if (first == '"' ? !garita_json_scan_string(scan)
			 : !(first && strchr("{}[],:", first)) &&
				   !garita_json_scan_word(scan))
		return fail_token(r);
	if (r->depth == 0 && r->doc->root)
		return fail_at(r, at, NULL, EINVAL,
			       "more text after the end of the document");
	if (first == '"')
		return fail_at(r, at, NULL, EINVAL, "unexpected string");
	snprintf(words, sizeof(words), "unexpected '%c'", first);
	return fail_at(r, at, NULL, EINVAL, words);
}

/* To the next byte that means something. */
static inline int skip(struct reader *r)
{
	/* No space, no comment: most of the time in what an engine wrote. */
	if (*r->scan.at > ' ' && *r->scan.at != '/')
		return 0;
	return garita_json_skip(&r->scan) ? 0 : fail_token(r);
}

static void grow_pending(struct reader *r)
{
	struct garita_json_member *more;

	r->pending_room *= 2;
	more = garita_xresize(r->more, r->pending_room, sizeof(*more));
	if (r->more == NULL)
		memcpy(more, r->pending, r->pending_count * sizeof(*more));
	r->pending = r->more = more;
}

/* A new node in its place in the tree; its text begins at `at`. */
static inline struct garita_json *place(struct reader *r,
					const struct garita_json *value,
					uint32_t at)
{
	struct garita_json *node = garita_json_take(
		r->doc, sizeof(*node), _Alignof(struct garita_json));
	struct frame *frame;

	*node = *value;
	node->offset = at & GARITA_JSON_NOWHERE;
	if (r->depth == 0) {
		r->doc->root = node;
		return node;
	}
	frame = &r->frames[r->depth - 1];
	if (frame->key) /* a member is where its key is */
		node->offset = frame->key_at & GARITA_JSON_NOWHERE;
	if (r->pending_count == r->pending_room)
		grow_pending(r);
	r->pending[r->pending_count++] =
		(struct garita_json_member){ frame->key, node };
	frame->key = NULL;
	return node;
}

static int open_container(struct reader *r, enum garita_json_type type)
{
	const struct garita_json empty = { .type = type };

	if (r->depth == GARITA_JSON_MAX_DEPTH)
		return fail_depth(r);
	r->frames[r->depth] = (struct frame){
		.node = place(r, &empty, offset(r)),
		.first = r->pending_count,
		.end = type == GARITA_JSON_ARRAY ? ']' : '}',
	};
	r->depth++;
	r->scan.at++;
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

/* At the bracket that ends the innermost container: its members, which are
 * the last ones pending, become its own. */
static int close_container(struct reader *r)
{
	struct frame *frame = &r->frames[r->depth - 1];
	struct garita_json *node = frame->node;
	const struct garita_json_member *repeated = NULL;
	/* At most one for a byte of text. */
	uint32_t count = (uint32_t)(r->pending_count - frame->first);

	r->scan.at++;
	if (count > 0) {
		node->list = garita_json_take_list(r->doc, count);
		node->count = count;
		memcpy(node->list->members, r->pending + frame->first,
		       count * sizeof(*r->pending));
		r->pending_count = frame->first;
	}
	if (count > 1 && frame->end == '}') {
		garita_json_make_index(r->doc, node);
		repeated = find_repeated(node->list, count);
	}
	if (repeated)
		return fail_repeated(r, repeated);
	r->depth--;
	return 0;
}

/* Where a value is to begin. */
static inline int read_value(struct reader *r)
{
	uint32_t at = offset(r);
	bool sound;

	if (r->values_left-- == 0)
		return fail_values(r);
	switch (*r->scan.at) {
	case '"':
		sound = garita_json_scan_string(&r->scan);
		break;
	case '{':
		return open_container(r, GARITA_JSON_OBJECT);
	case '[':
		return open_container(r, GARITA_JSON_ARRAY);
	case '}':
	case ']':
	case ',':
	case ':':
	case '\0':
		return fail_unexpected(r);
	default:
		sound = garita_json_scan_word(&r->scan);
	}
	if (!sound)
		return fail_token(r);
	place(r, &r->scan.token, at);
	return 0;
}

/* Where a key is to begin; up to the value. */
static inline int read_key(struct reader *r, struct frame *frame)
{
	int rc;

	if (*r->scan.at != '"')
		return fail_unexpected(r);
	frame->key_at = offset(r);
	if (!garita_json_scan_string(&r->scan))
		return fail_token(r);
	frame->key = r->scan.token.text;
	rc = skip(r);
	if (rc < 0)
		return rc;
	if (*r->scan.at != ':')
		return fail_unexpected(r);
	r->scan.at++;
	return skip(r);
}

/* In a container: its next member with the comma before it, or its end. */
static int read_next(struct reader *r)
{
	struct frame *frame = &r->frames[r->depth - 1];
	int rc = skip(r);

	if (rc < 0)
		return rc;
	if (*r->scan.at == frame->end)
		return close_container(r);
	if (r->pending_count > frame->first) {
		if (*r->scan.at != ',')
			return fail_unexpected(r);
		r->scan.at++;
		rc = skip(r);
		if (rc < 0)
			return rc;
		if (*r->scan.at == frame->end)
			return fail_comma(r);
	}
	if (frame->end == '}')
		rc = read_key(r, frame);
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
	return r->scan.at == r->scan.end ? 0 : fail_unexpected(r);
}

/* A document for a text at the end of what it is given, which has slack behind
 * that; nothing is read yet. */
static struct garita_json_doc *new_doc(char *given, size_t at, size_t len)
{
	const char *text = given + at;
	size_t room = len < MOST_ROOM / ROOM_FOR_A_BYTE ? ROOM_FOR_A_BYTE * len
							: MOST_ROOM;
	struct garita_json_doc *doc = garita_json_doc_new(room);

	doc->given = given;
	doc->lines = garita_json_take(doc, sizeof(*doc->lines),
				      _Alignof(struct garita_json_lines));
	*doc->lines = (struct garita_json_lines){ .text = text, .len = len };
	return doc;
}

static int check_size(size_t len, unsigned flags, struct garita_error *err)
{
	size_t most = flags & GARITA_JSON_LARGE ? GARITA_JSON_LARGE_BYTES
						: GARITA_JSON_MAX_BYTES;

	if (len <= most)
		return 0;
	return garita_fail(err, E2BIG, "larger than %zu bytes", most);
}

int garita_json_parse_end(char **text, size_t at, size_t len, unsigned flags,
			  struct garita_json_doc **ret,
			  struct garita_error *err)
{
	auto_free char *given = garita_take_ptr(text);
	struct garita_json_member first[FIRST_PENDING];
	struct reader r = {
		.err = err,
		.pending = first,
		.pending_room = FIRST_PENDING,
		.values_left = flags & GARITA_JSON_LARGE
				       ? GARITA_JSON_LARGE_VALUES
				       : UINT32_MAX,
	};
	int rc = check_size(len, flags, err);

	if (rc < 0)
		return rc;
	given = garita_xresize(given, at + len + GARITA_JSON_STEP, 1);
	memset(given + at + len, 0, GARITA_JSON_STEP);
	r.scan.text = (unsigned char *)given + at;
	r.scan.at = r.scan.text;
	r.scan.end = r.scan.text + len;
	r.scan.flags = flags;
	r.doc = new_doc(garita_take_ptr(&given), at, len);
	r.scan.doc = r.doc;
	rc = read_document(&r);
	free(r.more);
	if (rc < 0) {
		garita_json_free(r.doc);
		return rc;
	}
	*ret = r.doc;
	return 0;
}

int garita_json_parse_given(char **text, size_t len, unsigned flags,
			    struct garita_json_doc **ret,
			    struct garita_error *err)
{
	return garita_json_parse_end(text, 0, len, flags, ret, err);
}

int garita_json_parse(const char *text, size_t len, unsigned flags,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	char *copy;
	int rc = check_size(len, flags, err);

	if (rc < 0)
		return rc;
	copy = garita_xresize(NULL, len + GARITA_JSON_STEP, 1);
	if (len > 0) /* text may be NULL then */
		memcpy(copy, text, len);
	return garita_json_parse_given(&copy, len, flags, ret, err);
}
