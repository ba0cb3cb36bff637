/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bolt_make - a bbolt database made for a test, from a tree of keys. Pages are
 * appended to the file as they are finished, children first.
 */
#include "tests/unit/bolt_make.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 16, ELEMENT = 16, BRANCH = 1, LEAF = 2, META = 4, FREE = 16 };

/* What a page is made of. */
struct item {
	const char *key;
	struct garita_text value; /* borrowed or owned by whoever made it */
	uint64_t child;           /* of a branch */
	bool bucket;
};

struct file {
	struct garita_text *out;
	size_t page_size;
};

struct bolt_node *bolt_node_new(void)
{
	struct bolt_node *node = garita_xalloc(sizeof(*node));

	node->bucket = true;
	return node;
}

void bolt_node_free(struct bolt_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		bolt_node_free(node->members[i]);
	free(node->members);
	free(node->key);
	garita_text_free(&node->value);
	free(node);
}

/* Where the key is, or would be. */
static size_t place_of(const struct bolt_node *bucket, const char *key)
{
	size_t at = 0;

	while (at < bucket->count && strcmp(bucket->members[at]->key, key) < 0)
		at++;
	return at;
}

static struct bolt_node *member(struct bolt_node *bucket, const char *key)
{
	size_t at = place_of(bucket, key);
	struct bolt_node *node;

	if (at < bucket->count && strcmp(bucket->members[at]->key, key) == 0)
		return bucket->members[at];
	bucket->members = garita_xresize(bucket->members, bucket->count + 1,
					 sizeof(struct bolt_node *));
	memmove(bucket->members + at + 1, bucket->members + at,
		(bucket->count - at) * sizeof(struct bolt_node *));
	bucket->count++;
	node = garita_xalloc(sizeof(*node));
	node->key = garita_xstrdup(key);
	bucket->members[at] = node;
	return node;
}

struct bolt_node *bolt_in(struct bolt_node *bucket, const char *key)
{
	struct bolt_node *node = member(bucket, key);

	node->bucket = true;
	return node;
}

struct bolt_node *bolt_at(struct bolt_node *bucket, const char *path)
{
	auto_free char *copy = garita_xstrdup(path);
	char *rest = copy;
	char *key;

	while ((key = strsep(&rest, "|")) != NULL)
		bucket = bolt_in(bucket, key);
	return bucket;
}

void bolt_set(struct bolt_node *bucket, const char *key, const void *bytes,
	      size_t len)
{
	struct bolt_node *node = member(bucket, key);

	garita_text_free(&node->value);
	garita_text_add(&node->value, bytes, len);
}

void bolt_put(struct bolt_node *bucket, const char *key, const char *text)
{
	bolt_set(bucket, key, text, strlen(text));
}

void bolt_drop(struct bolt_node *bucket, const char *key)
{
	size_t at = place_of(bucket, key);

	if (at == bucket->count || strcmp(bucket->members[at]->key, key) != 0)
		abort();
	bolt_node_free(bucket->members[at]);
	memmove(bucket->members + at, bucket->members + at + 1,
		(bucket->count - at - 1) * sizeof(struct bolt_node *));
	bucket->count--;
}

static void put16(char *at, size_t number)
{
	uint16_t little = (uint16_t)number;

	memcpy(at, &little, sizeof(little));
}

static void put32(char *at, size_t number)
{
	uint32_t little = (uint32_t)number;

	memcpy(at, &little, sizeof(little));
}

static void put64(char *at, uint64_t number)
{
	memcpy(at, &number, sizeof(number));
}

static void add_zeros(struct garita_text *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		garita_text_putc(text, '\0');
}

/* Header, elements, keys and values of one page. */
static void print_page(const struct item *items, size_t count, bool branch,
		       struct garita_text *out)
{
	size_t start = out->len;

	add_zeros(out, HEADER + count * ELEMENT);
	put16(out->data + start + 8, branch ? BRANCH : LEAF);
	put16(out->data + start + 10, count);
	for (size_t i = 0; i < count; i++) {
		size_t key_len = strlen(items[i].key);
		size_t element = start + HEADER + i * ELEMENT;
		size_t pos = out->len - element;

		garita_text_add(out, items[i].key, key_len);
		if (branch) {
			put32(out->data + element, pos);
			put32(out->data + element + 4, key_len);
			put64(out->data + element + 8, items[i].child);
			continue;
		}
		garita_text_add(out, items[i].value.data, items[i].value.len);
		put32(out->data + element, items[i].bucket);
		put32(out->data + element + 4, pos);
		put32(out->data + element + 8, key_len);
		put32(out->data + element + 12, items[i].value.len);
	}
}

/* Appends a page; its number. */
static uint64_t finish_page(struct file *file, const struct item *items,
			    size_t count, bool branch)
{
	size_t start = file->out->len;
	uint64_t id = start / file->page_size;
	size_t over;

	print_page(items, count, branch, file->out);
	over = (file->out->len - start - 1) / file->page_size;
	add_zeros(file->out,
		  (over + 1) * file->page_size - (file->out->len - start));
	put64(file->out->data + start, id);
	put32(file->out->data + start + 12, over);
	return id;
}

/* So many of the items fill a page; one at least, which may be too long. */
static size_t fill(const struct file *file, const struct item *items,
		   size_t count)
{
	size_t len = HEADER;
	size_t taken = 0;

	while (taken < count) {
		len += ELEMENT + strlen(items[taken].key) +
		       items[taken].value.len;
		if (taken > 0 && len > file->page_size)
			break;
		taken++;
	}
	return taken;
}

/* The pages of one bucket, leaves first, then as many levels of branches as
 * lead to one root. */
static uint64_t print_tree(struct file *file, const struct item *items,
			   size_t count, bool branch)
{
	auto_free struct item *above = NULL;
	size_t pages = 0;
	size_t done = 0;
	uint64_t id = 0;

	if (count == 0)
		return finish_page(file, items, 0, branch);
	above = garita_xcalloc(count, sizeof(*above));
	while (done < count) {
		size_t taken = fill(file, items + done, count - done);

		id = finish_page(file, items + done, taken, branch);
		above[pages].key = items[done].key;
		above[pages++].child = id;
		done += taken;
	}
	return pages == 1 ? id : print_tree(file, above, pages, true);
}

static void print_bucket(struct file *file, const struct bolt_node *node,
			 struct garita_text *ret_value);

static uint64_t print_members(struct file *file, const struct bolt_node *node,
			      struct garita_text *ret_inline)
{
	auto_free struct item *items =
		garita_xcalloc(node->count, sizeof(*items));
	bool small = ret_inline != NULL;
	size_t len = HEADER;
	uint64_t id = 0;

	for (size_t i = 0; i < node->count; i++) {
		const struct bolt_node *one = node->members[i];

		items[i].key = one->key;
		items[i].bucket = one->bucket;
		if (one->bucket)
			print_bucket(file, one, &items[i].value);
		else
			items[i].value = one->value;
		len += ELEMENT + strlen(one->key) + items[i].value.len;
		small = small && !one->bucket && len <= file->page_size / 4;
	}
	if (small)
		print_page(items, node->count, false, ret_inline);
	else
		id = print_tree(file, items, node->count, false);
	for (size_t i = 0; i < node->count; i++)
		if (items[i].bucket)
			garita_text_free(&items[i].value);
	return id;
}

static void print_bucket(struct file *file, const struct bolt_node *node,
			 struct garita_text *ret_value)
{
	auto_text within = { 0 };
	uint64_t id = print_members(file, node, &within);

	add_zeros(ret_value, 16);
	put64(ret_value->data, id);
	if (id == 0)
		garita_text_add(ret_value, within.data, within.len);
}

void bolt_sign(char *file, size_t page_size, int number)
{
	char *meta = file + (size_t)number * page_size + BOLT_META;
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < 56; i++)
		sum = (sum ^ (unsigned char)meta[i]) * 0x100000001b3;
	put64(meta + 56, sum);
}

void bolt_print(const struct bolt_node *root, size_t page_size, uint64_t txid,
		struct garita_text *out)
{
	struct file file = { .out = out, .page_size = page_size };
	uint64_t id;

	add_zeros(out, 3 * page_size);
	put64(out->data + 2 * page_size, 2);
	put16(out->data + 2 * page_size + 8, FREE);
	id = print_members(&file, root, NULL);
	for (int number = 0; number < 2; number++) {
		char *page = out->data + (size_t)number * page_size;
		char *meta = page + BOLT_META;
		bool newer = txid % 2 == (uint64_t)number;

		put64(page, (uint64_t)number);
		put16(page + 8, META);
		put32(meta, 0xED0CDAED);
		put32(meta + 4, 2);
		put32(meta + 8, page_size);
		put64(meta + 16, newer ? id : 2);
		put64(meta + 32, 2);
		put64(meta + 40, out->len / page_size);
		put64(meta + 48, newer ? txid : txid - 1);
		bolt_sign(out->data, page_size, number);
	}
}
