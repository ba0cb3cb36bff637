/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of the bbolt reader. The first two bytes say how the rest is used:
 * whether meta pages get a right checksum, which hardly any input would have,
 * and how often the file changes while it is read. Everything the walk shows
 * is touched, and in a file that stands still a key that was shown can be
 * asked for.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/store/bolt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { META = 16, CHECKED = 56, PAGE = 512 };

struct file {
	char *bytes;
	size_t len;
	unsigned every, reads; /* a byte changes before each so many reads */
};

static int read_file(const void *source, uint64_t offset, void *into,
		     size_t len)
{
	struct file *file = *(struct file *const *)source;

	if (offset > file->len || len > file->len - offset)
		return -EIO;
	if (file->every != 0 && ++file->reads % file->every == 0)
		file->bytes[file->reads * 131 % file->len] ^=
			(char)(1 << file->reads % 8);
	memcpy(into, file->bytes + offset, len);
	return 0;
}

static void sign(struct file *file, size_t at)
{
	uint64_t sum = 0xcbf29ce484222325;

	if (at + META + CHECKED + sizeof(sum) > file->len)
		return;
	for (size_t i = 0; i < CHECKED; i++)
		sum = (sum ^ (unsigned char)file->bytes[at + META + i]) *
		      0x100000001b3;
	memcpy(file->bytes + at + META + CHECKED, &sum, sizeof(sum));
}

struct walk {
	struct garita_bolt *bolt;
	int depth;
	unsigned *budget; /* members in all */
	char key[64];     /* one that was shown as a value */
	bool has_key;
	unsigned sum; /* of all bytes that were shown */
};

static int visit(const struct garita_bolt_bytes *key,
		 const struct garita_bolt_bytes *value,
		 const struct garita_bolt_bucket *bucket, void *data,
		 struct garita_error *err)
{
	struct walk *walk = data;
	struct walk below = {
		.bolt = walk->bolt,
		.depth = walk->depth + 1,
		.budget = walk->budget,
	};

	for (size_t i = 0; i < key->len; i++)
		walk->sum += (unsigned char)key->data[i];
	for (size_t i = 0; i < value->len; i++)
		walk->sum += (unsigned char)value->data[i];
	if (*walk->budget == 0 || --*walk->budget == 0)
		return 1;
	if (bucket != NULL)
		return walk->depth > 8 ? 0
				       : garita_bolt_each(walk->bolt, bucket,
							  visit, &below, err);
	if (key->len < sizeof(walk->key) &&
	    memchr(key->data, '\0', key->len) == NULL) {
		memcpy(walk->key, key->data, key->len);
		walk->key[key->len] = '\0';
		walk->has_key = true;
	}
	return 0;
}

static void search(struct garita_bolt *bolt)
{
	struct garita_bolt_bucket bucket = bolt->root;
	struct garita_bolt_bytes value;
	unsigned budget = 2000;
	struct walk walk = { .bolt = bolt, .budget = &budget };
	int walked = garita_bolt_each(bolt, &bucket, visit, &walk, NULL);

	/* One page of members is sorted, so what was shown is found. */
	if (walked == 0 && bolt->count == 1 && walk.has_key &&
	    garita_bolt_value(bolt, &bucket, walk.key, &value, NULL) < 0)
		abort();
	(void)garita_bolt_value(bolt, &bucket, "version", &value, NULL);
	for (int i = 0; i < 8; i++)
		if (garita_bolt_bucket(bolt, &bucket, i % 2 ? "v1" : "b",
				       &bucket, NULL) < 0)
			break;
	(void)garita_bolt_value(bolt, &bucket, "key 050", &value, NULL);
	(void)garita_bolt_is_current(bolt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = { 0 };
	struct file *source = &file;
	struct garita_bolt bolt = { 0 };

	if (size < 3)
		return 0;
	file.len = size - 2;
	file.bytes = garita_xalloc(file.len);
	memcpy(file.bytes, data + 2, file.len);
	if (data[0] % 4 != 0) {
		sign(&file, 0);
		sign(&file, PAGE);
	}
	file.every = data[1] % 16;
	if (garita_bolt_open(read_file, &source, &bolt, NULL) == 0)
		search(&bolt);
	garita_bolt_close(&bolt);
	free(file.bytes);
	return 0;
}
