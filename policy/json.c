/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents, and reading them. A document is chunks of memory that are only
 * ever added to; a node is never moved or freed before its document, so what
 * an accessor lends stays good whatever is edited.
 */
#include <errno.h>
#include <string.h>

#include "policy/json_tree.h"

enum {
	FIRST_CHUNK = 16 * 1024,
	LAST_CHUNK = 1024 * 1024,
};

void *garita_json_take_chunk(struct garita_json_doc *doc, size_t size)
{
	struct garita_json_chunk *chunk;
	size_t room = size > doc->chunk_size ? size : doc->chunk_size, total;

	if (__builtin_add_overflow(room, sizeof(*chunk) + GARITA_JSON_STEP,
				   &total))
		garita_out_of_memory();
	chunk = garita_xresize(NULL, total, 1);
	chunk->next = doc->chunks;
	doc->chunks = chunk;
	doc->free = chunk->bytes + size;
	doc->left = room - size;
	if (doc->chunk_size < LAST_CHUNK)
		doc->chunk_size *= 2;
	return chunk->bytes;
}

char *garita_json_take_text(struct garita_json_doc *doc, const char *text,
			    size_t len)
{
	char *ret;
	size_t size;

	if (__builtin_add_overflow(len, (size_t)1, &size))
		garita_out_of_memory();
	ret = garita_json_take(doc, size, 1);
	if (len > 0)
		memcpy(ret, text, len);
	ret[len] = '\0';
	return ret;
}

struct garita_json_list *garita_json_take_list(struct garita_json_doc *doc,
					       uint32_t room)
{
	struct garita_json_list *list = garita_json_take(
		doc, sizeof(*list) + room * sizeof(list->members[0]),
		_Alignof(struct garita_json_list));

	list->index = NULL;
	list->room = room;
	return list;
}

struct garita_json_doc *garita_json_doc_new(size_t chunk_size)
{
	struct garita_json_doc *doc = garita_xalloc(sizeof(*doc));

	doc->chunk_size = chunk_size > FIRST_CHUNK ? chunk_size : FIRST_CHUNK;
	return doc;
}

struct garita_json_doc *garita_json_new(void)
{
	struct garita_json_doc *doc = garita_json_doc_new(0);

	doc->root =
		garita_json_node(doc, GARITA_JSON_OBJECT, GARITA_JSON_NOWHERE);
	return doc;
}

void garita_json_free(struct garita_json_doc *doc)
{
	struct garita_json_chunk *chunk;

	if (!doc)
		return;
	if (doc->lines) /* itself in a chunk */
		free(doc->lines->newlines);
	free(doc->given);
	while ((chunk = doc->chunks)) {
		doc->chunks = chunk->next;
		free(chunk);
	}
	free(doc);
}

struct garita_json *garita_json_root(struct garita_json_doc *doc)
{
	return doc ? doc->root : NULL;
}

static bool holds_members(const struct garita_json *node)
{
	return garita_json_is(node, GARITA_JSON_OBJECT) ||
	       garita_json_is(node, GARITA_JSON_ARRAY);
}

enum garita_json_type garita_json_type(const struct garita_json *node)
{
	return node ? node->type : GARITA_JSON_NULL;
}

const char *garita_json_type_words(enum garita_json_type type)
{
	switch (type) {
	case GARITA_JSON_NULL:
		return "null";
	case GARITA_JSON_BOOL:
		return "a boolean";
	case GARITA_JSON_NUMBER:
		return "a number";
	case GARITA_JSON_STRING:
		return "a string";
	case GARITA_JSON_ARRAY:
		return "an array";
	case GARITA_JSON_OBJECT:
		return "an object";
	}
	return "nothing known";
}

size_t garita_json_count(const struct garita_json *node)
{
	return holds_members(node) ? node->count : 0;
}

struct garita_json *garita_json_item(const struct garita_json *node, size_t i)
{
	return i < garita_json_count(node) ? node->list->members[i].value
					   : NULL;
}

const char *garita_json_key(const struct garita_json *node, size_t i)
{
	if (!garita_json_is(node, GARITA_JSON_OBJECT) || i >= node->count)
		return NULL;
	return node->list->members[i].key;
}

/* Like strcmp(3) with a second string that has no NUL after it. Neither can
 * have one inside: U+0000 never gets into a tree. */
static int compare_key(const char *key, const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && key[i] == text[i])
		i++;
	if (i == len)
		return key[i] != '\0';
	return (unsigned char)key[i] - (unsigned char)text[i];
}

static bool find_in_order(const struct garita_json *object, const char *key,
			  size_t len, uint32_t *ret)
{
	const struct garita_json_member *members = object->list->members;
	char first = (char)(len > 0 ? key[0] : '\0');

	for (uint32_t i = 0; i < object->count; i++) {
		if (members[i].key[0] == first &&
		    compare_key(members[i].key, key, len) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool garita_json_find(const struct garita_json *object, const char *key,
		      size_t len, uint32_t *ret, uint32_t *ret_slot)
{
	const struct garita_json_list *list = object->list;
	uint32_t low = 0, high = object->count;

	if (object->count == 0) /* and then there is no list */
		return false;
	if (!list->index)
		return find_in_order(object, key, len, ret);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t at = list->index[middle];
		int order = compare_key(list->members[at].key, key, len);

		if (order == 0) {
			*ret = at;
			*ret_slot = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_slot = low;
	return false;
}

struct garita_json *garita_json_get(const struct garita_json *object,
				    const char *key)
{
	uint32_t at, slot;

	if (!garita_json_is(object, GARITA_JSON_OBJECT) || !key ||
	    !garita_json_find(object, key, strlen(key), &at, &slot))
		return NULL;
	return object->list->members[at].value;
}

const char *garita_json_string(const struct garita_json *node)
{
	return garita_json_is(node, GARITA_JSON_STRING) ? node->text : NULL;
}

size_t garita_json_length(const struct garita_json *node)
{
	return garita_json_is(node, GARITA_JSON_STRING) ? node->count : 0;
}

bool garita_json_bool(const struct garita_json *node)
{
	return garita_json_is(node, GARITA_JSON_BOOL) && node->count > 0;
}

const char *garita_json_number_text(const struct garita_json *node)
{
	return garita_json_is(node, GARITA_JSON_NUMBER) ? node->text : NULL;
}

bool garita_json_holds(const struct garita_json *array, const char *word)
{
	size_t count =
		garita_json_is(array, GARITA_JSON_ARRAY) ? array->count : 0;

	for (size_t i = 0; i < count; i++) {
		const char *item =
			garita_json_string(array->list->members[i].value);

		if (item != NULL && strcmp(item, word) == 0)
			return true;
	}
	return false;
}

int garita_json_u64(const struct garita_json *node, uint64_t *ret)
{
	return garita_parse_u64(garita_json_number_text(node), ret);
}

int garita_json_i64(const struct garita_json *node, int64_t *ret)
{
	const char *text = garita_json_number_text(node);
	bool negative = text && text[0] == '-';
	uint64_t size;
	int r = garita_parse_u64(negative ? text + 1 : text, &size);

	if (r < 0)
		return r;
	if (negative && size == 0) /* -0: an integer to C, not to all */
		return -EINVAL;
	if (size > (uint64_t)INT64_MAX + negative)
		return -ERANGE;

	/* -size without ever making a positive 2^63 */
	*ret = negative ? -(int64_t)(size - 1) - 1 : (int64_t)size;
	return 0;
}
