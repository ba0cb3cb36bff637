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
	auto_free struct place *places = NULL;

	if (object->count <= GARITA_JSON_INDEX_ABOVE)
		return;
	places = garita_xresize(NULL, object->count, sizeof(*places));
	for (uint32_t i = 0; i < object->count; i++)
		places[i] = (struct place){ object->members[i].key, i };
	qsort(places, object->count, sizeof(*places), compare_places);

	object->index = garita_json_take(
		doc, object->room * sizeof(*object->index), _Alignof(uint32_t));
	for (uint32_t i = 0; i < object->count; i++)
		object->index[i] = places[i].at;
}

static char *take_clean(struct garita_json_doc *doc, const char *text,
			size_t *ret_len)
{
	size_t len = strlen(text), at = 0;
	auto_text clean = { 0 };

	/* Mostly there is nothing to clean. */
	while (at < len && (unsigned char)text[at] < 0x80)
		at++;
	if (at == len) {
		*ret_len = len;
		return garita_json_take_text(doc, text, len);
	}
	garita_text_add(&clean, text, at);
	while (at < len) {
		size_t next = garita_json_utf8((const unsigned char *)text + at,
					       len - at);

		if (next > 0) {
			garita_text_add(&clean, text + at, next);
			at += next;
		} else {
			garita_text_puts(&clean, "\xef\xbf\xbd");
			at++;
		}
	}
	*ret_len = clean.len;
	return garita_json_take_text(doc, clean.data, clean.len);
}

static struct garita_json *new_node(struct garita_json_doc *doc,
				    enum garita_json_type type)
{
	return garita_json_node(doc, type, GARITA_JSON_NOWHERE);
}

static struct garita_json *new_number(struct garita_json_doc *doc,
				      const char *digits)
{
	struct garita_json *node = new_node(doc, GARITA_JSON_NUMBER);

	node->count = (uint32_t)strlen(digits);
	node->text = garita_json_take_text(doc, digits, node->count);
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
	char digits[32];

	snprintf(digits, sizeof(digits), "%ju", (uintmax_t)value);
	return new_number(doc, digits);
}

struct garita_json *garita_json_new_i64(struct garita_json_doc *doc,
					int64_t value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%jd", (intmax_t)value);
	return new_number(doc, digits);
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
	struct garita_json_member *members;
	uint32_t *index;
	uint32_t room;

	if (node->count < node->room)
		return;
	if (node->room > UINT32_MAX / 4)
		garita_out_of_memory();
	room = node->room > 0 ? node->room * 2 : 4;
	members = garita_json_take(doc, room * sizeof(*members),
				   _Alignof(struct garita_json_member));
	if (node->count > 0)
		memcpy(members, node->members, node->count * sizeof(*members));
	node->members = members;
	node->room = room;
	if (node->index) {
		index = garita_json_take(doc, room * sizeof(*index),
					 _Alignof(uint32_t));
		memcpy(index, node->index, node->count * sizeof(*index));
		node->index = index;
	}
}

void garita_json_put(struct garita_json_doc *doc, struct garita_json *object,
		     const char *key, struct garita_json *value)
{
	size_t len;
	uint32_t at, slot = 0;
	const char *kept;

	if (!garita_json_is(object, GARITA_JSON_OBJECT) || !key || !value)
		return;
	kept = take_clean(doc, key, &len);
	if (garita_json_find(object, kept, len, &at, &slot)) {
		object->members[at].value = value;
		return;
	}
	make_room(doc, object);
	object->members[object->count] =
		(struct garita_json_member){ .key = kept, .value = value };
	if (object->index) {
		memmove(object->index + slot + 1, object->index + slot,
			(object->count - slot) * sizeof(*object->index));
		object->index[slot] = object->count;
	}
	object->count++;
	if (!object->index)
		garita_json_make_index(doc, object);
}

void garita_json_append(struct garita_json_doc *doc, struct garita_json *array,
			struct garita_json *value)
{
	if (!garita_json_is(array, GARITA_JSON_ARRAY) || !value)
		return;
	make_room(doc, array);
	array->members[array->count++] =
		(struct garita_json_member){ .key = NULL, .value = value };
}

static void remove_member(struct garita_json *node, uint32_t at)
{
	node->count--;
	memmove(node->members + at, node->members + at + 1,
		(node->count - at) * sizeof(*node->members));
}

bool garita_json_remove(struct garita_json *object, const char *key)
{
	uint32_t at, slot = 0;

	if (!garita_json_is(object, GARITA_JSON_OBJECT) || !key ||
	    !garita_json_find(object, key, strlen(key), &at, &slot))
		return false;
	remove_member(object, at);
	if (object->index) {
		memmove(object->index + slot, object->index + slot + 1,
			(object->count - slot) * sizeof(*object->index));
		for (uint32_t i = 0; i < object->count; i++)
			object->index[i] -= object->index[i] > at;
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
	bool object = garita_json_is(node, GARITA_JSON_OBJECT);
	uint32_t kept = 0;

	if (!object && !garita_json_is(node, GARITA_JSON_ARRAY))
		return;
	for (uint32_t i = 0; i < node->count; i++)
		if (keep(node->members[i].key, node->members[i].value, data))
			node->members[kept++] = node->members[i];
	node->count = kept;
	node->index = NULL;
	if (object)
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
