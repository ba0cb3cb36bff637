/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Editing a tree. What is put into it comes from anywhere (paths, reasons,
 * names), so bytes that are no UTF-8 become U+FFFD on their way in: whatever
 * is in a tree can be printed and read again. An edit of something that is
 * not there, or is of another type, does nothing; the judge looks again after
 * every repair and sees it.
 */
#include <stdio.h>
#include <string.h>

#include "policy/json_tree.h"

struct place {
	const char *key;
	uint32_t at;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	if (order != 0)
		return order;
	return left->at < right->at ? -1 : 1; /* as in the text */
}

void garita_json_make_index(struct garita_json_doc *doc,
			    struct garita_json *object)
{
	struct garita_json_list *list = object->list;
	auto_free struct place *places = NULL;

	if (object->count <= GARITA_JSON_INDEX_ABOVE)
		return;
	places = garita_xresize(NULL, object->count, sizeof(*places));
	for (uint32_t i = 0; i < object->count; i++)
		places[i] = (struct place){ list->members[i].key, i };
	qsort(places, object->count, sizeof(*places), compare_places);

	list->index = garita_json_take(doc, list->room * sizeof(*list->index),
				       _Alignof(uint32_t));
	for (uint32_t i = 0; i < object->count; i++)
		list->index[i] = places[i].at;
}

/* Bytes of ASCII from the beginning, eight at a time: nearly all there is. */
static size_t plain_run(const char *text, size_t len)
{
	size_t at = 0;

	for (uint64_t eight; len - at >= sizeof(eight); at += sizeof(eight)) {
		memcpy(&eight, text + at, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return at;
}

/* Bytes that are well-formed UTF-8, from the beginning. */
static size_t clean_run(const char *text, size_t len)
{
	size_t at = plain_run(text, len), next;

	while (at < len) {
		next = (unsigned char)text[at] < 0x80
			       ? 1
			       : garita_json_utf8((const unsigned char *)text +
							  at,
						  len - at);
		if (next == 0)
			break;
		at += next;
	}
	return at;
}

static char *take_clean(struct garita_json_doc *doc, const char *text,
			size_t *ret_len)
{
	size_t len = strlen(text), run = clean_run(text, len);
	auto_text clean = { 0 };

	*ret_len = len;
	if (run == len)
		return garita_json_take_text(doc, text, len);
	while (run < len) {
		garita_text_add(&clean, text, run);
		garita_text_puts(&clean, "\xef\xbf\xbd");
		text += run + 1;
		len -= run + 1;
		run = clean_run(text, len);
	}
	garita_text_add(&clean, text, len);
	*ret_len = clean.len;
	return garita_json_take_text(doc, clean.data, clean.len);
}

static struct garita_json *new_node(struct garita_json_doc *doc,
				    enum garita_json_type type)
{
	return garita_json_node(doc, type, GARITA_JSON_NOWHERE);
}

static struct garita_json *new_number(struct garita_json_doc *doc,
				      uint64_t size, bool negative)
{
	struct garita_json *node = new_node(doc, GARITA_JSON_NUMBER);
	char digits[24], *end = digits + sizeof(digits), *at = end;

	do {
		*--at = (char)('0' + size % 10);
		size /= 10;
	} while (size > 0);
	if (negative)
		*--at = '-';
	node->count = (uint32_t)(end - at);
	node->text = garita_json_take_text(doc, at, node->count);
	return node;
}

struct garita_json *garita_json_new_string(struct garita_json_doc *doc,
					   const char *text)
{
	struct garita_json *node = new_node(doc, GARITA_JSON_STRING);
	size_t len;

	node->text = take_clean(doc, text, &len);
	if (len > UINT32_MAX)
		garita_out_of_memory();
	node->count = (uint32_t)len;
	return node;
}

struct garita_json *garita_json_new_bool(struct garita_json_doc *doc,
					 bool value)
{
	struct garita_json *node = new_node(doc, GARITA_JSON_BOOL);

	node->count = value ? 1 : 0;
	return node;
}

struct garita_json *garita_json_new_u64(struct garita_json_doc *doc,
					uint64_t value)
{
	return new_number(doc, value, false);
}

struct garita_json *garita_json_new_i64(struct garita_json_doc *doc,
					int64_t value)
{
	return new_number(doc, value < 0 ? -(uint64_t)value : (uint64_t)value,
			  value < 0);
}

struct garita_json *garita_json_new_array(struct garita_json_doc *doc)
{
	return new_node(doc, GARITA_JSON_ARRAY);
}

struct garita_json *garita_json_new_object(struct garita_json_doc *doc)
{
	return new_node(doc, GARITA_JSON_OBJECT);
}

/* Room for one more member (and its index entry). What was outgrown stays in
 * the document; doubling bounds it. */
static void make_room(struct garita_json_doc *doc, struct garita_json *node)
{
	struct garita_json_list *old = node->list, *list;
	uint32_t room = old ? old->room : 0;

	if (node->count < room)
		return;
	if (room > UINT32_MAX / 4)
		garita_out_of_memory();
	list = garita_json_take_list(doc, room > 0 ? room * 2 : 4);
	node->list = list;
	if (!old)
		return;
	memcpy(list->members, old->members,
	       node->count * sizeof(*list->members));
	if (old->index) {
		list->index =
			garita_json_take(doc, list->room * sizeof(*list->index),
					 _Alignof(uint32_t));
		memcpy(list->index, old->index,
		       node->count * sizeof(*list->index));
	}
}

void garita_json_put(struct garita_json_doc *doc, struct garita_json *object,
		     const char *key, struct garita_json *value)
{
	struct garita_json_list *list;
	size_t len;
	uint32_t at, slot = 0;
	const char *kept;

	if (!garita_json_is(object, GARITA_JSON_OBJECT) || !key || !value)
		return;
	doc->all_known = false;
	kept = take_clean(doc, key, &len);
	if (garita_json_find(object, kept, len, &at, &slot)) {
		object->list->members[at].value = value;
		return;
	}
	make_room(doc, object);
	list = object->list;
	list->members[object->count] =
		(struct garita_json_member){ .key = kept, .value = value };
	if (list->index) {
		memmove(list->index + slot + 1, list->index + slot,
			(object->count - slot) * sizeof(*list->index));
		list->index[slot] = object->count;
	}
	object->count++;
	if (!list->index)
		garita_json_make_index(doc, object);
}

void garita_json_append(struct garita_json_doc *doc, struct garita_json *array,
			struct garita_json *value)
{
	if (!garita_json_is(array, GARITA_JSON_ARRAY) || !value)
		return;
	make_room(doc, array);
	array->list->members[array->count++] =
		(struct garita_json_member){ .key = NULL, .value = value };
}

static void remove_member(struct garita_json *node, uint32_t at)
{
	struct garita_json_member *members = node->list->members;

	node->count--;
	memmove(members + at, members + at + 1,
		(node->count - at) * sizeof(*members));
}

bool garita_json_remove(struct garita_json *object, const char *key)
{
	uint32_t at, slot = 0, *index;

	if (!garita_json_is(object, GARITA_JSON_OBJECT) || !key ||
	    !garita_json_find(object, key, strlen(key), &at, &slot))
		return false;
	remove_member(object, at);
	index = object->list->index;
	if (index) {
		memmove(index + slot, index + slot + 1,
			(object->count - slot) * sizeof(*index));
		for (uint32_t i = 0; i < object->count; i++)
			index[i] -= index[i] > at;
	}
	return true;
}

bool garita_json_remove_item(struct garita_json *array, size_t i)
{
	if (!garita_json_is(array, GARITA_JSON_ARRAY) || i >= array->count)
		return false;
	remove_member(array, (uint32_t)i);
	return true;
}

void garita_json_filter(struct garita_json_doc *doc, struct garita_json *node,
			garita_json_keep *keep, const void *data)
{
	struct garita_json_member *members;
	uint32_t kept = 0;

	/* An empty one has no list. */
	if (garita_json_count(node) == 0)
		return;
	members = node->list->members;
	for (uint32_t i = 0; i < node->count; i++)
		if (keep(members[i].key, members[i].value, data))
			members[kept++] = members[i];
	node->count = kept;
	node->list->index = NULL;
	if (node->type == GARITA_JSON_OBJECT)
		garita_json_make_index(doc, node);
}

/* Well-formed, and not deeper than a reader would take. */
static bool pointer_is_sound(const char *pointer)
{
	auto_text room = { 0 };
	struct garita_json_step step;
	size_t steps = 0;
	bool bad = false;

	while (garita_json_step(&pointer, &room, &step, &bad))
		steps++;
	return !bad && steps < GARITA_JSON_MAX_DEPTH;
}

struct garita_json *garita_json_make_object(struct garita_json_doc *doc,
					    const char *pointer)
{
	struct garita_json *node = garita_json_root(doc);
	auto_text room = { 0 };
	struct garita_json_step step;
	bool bad = false;

	if (!garita_json_is(node, GARITA_JSON_OBJECT) || !pointer ||
	    !pointer_is_sound(pointer))
		return NULL;
	while (garita_json_step(&pointer, &room, &step, &bad)) {
		auto_free char *key = garita_xstrndup(step.token, step.len);
		struct garita_json *child = garita_json_get(node, key);

		if (!child || child->type == GARITA_JSON_NULL) {
			child = garita_json_new_object(doc);
			garita_json_put(doc, node, key, child);
		}
		if (child->type != GARITA_JSON_OBJECT)
			return NULL;
		node = child;
	}
	return node;
}

struct garita_json *garita_json_make_array(struct garita_json_doc *doc,
					   struct garita_json *object,
					   const char *key)
{
	struct garita_json *array = garita_json_get(object, key);

	if (garita_json_is(array, GARITA_JSON_ARRAY))
		return array;
	array = garita_json_new_array(doc);
	garita_json_put(doc, object, key, array);
	return array;
}

void garita_json_put_string(struct garita_json_doc *doc,
			    struct garita_json *object, const char *key,
			    const char *value)
{
	if (value)
		garita_json_put(doc, object, key,
				garita_json_new_string(doc, value));
}

void garita_json_put_bool(struct garita_json_doc *doc,
			  struct garita_json *object, const char *key,
			  bool value)
{
	garita_json_put(doc, object, key, garita_json_new_bool(doc, value));
}

void garita_json_put_u64(struct garita_json_doc *doc,
			 struct garita_json *object, const char *key,
			 uint64_t value)
{
	garita_json_put(doc, object, key, garita_json_new_u64(doc, value));
}
