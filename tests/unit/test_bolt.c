/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reader of bbolt databases: what is there is found in every shape of
 * tree, what is not there is not, damage is an error, and a writer at work is
 * noticed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/store/bolt.h"
#include "tests/unit/bolt_make.h"

static int read_text(const void *source, uint64_t offset, void *into,
		     size_t len)
{
	const struct garita_text *file = source;

	if (offset > file->len || len > file->len - offset)
		return -EIO;
	memcpy(into, file->data + offset, len);
	return 0;
}

static bool is(const struct garita_bolt_bytes *bytes, const char *text)
{
	return bytes->len == strlen(text) &&
	       memcmp(bytes->data, text, bytes->len) == 0;
}

/* Enough of everything: 2000 values in one bucket, buckets in buckets, a
 * value larger than a page, an empty bucket, an empty value. */
static struct bolt_node *make_tree(void)
{
	struct bolt_node *root = bolt_node_new();
	struct bolt_node *many = bolt_in(root, "many");
	auto_free char *large = garita_xalloc(200001);

	for (int i = 0; i < 2000; i++) {
		char key[32], value[32];

		snprintf(key, sizeof(key), "key %d", i);
		snprintf(value, sizeof(value), "value %d", i);
		bolt_put(many, key, value);
	}
	for (int i = 0; i < 100; i++) {
		char key[32];

		snprintf(key, sizeof(key), "small %d", i);
		bolt_put(bolt_at(root, "nested|deep|deeper"), key, "");
		bolt_put(bolt_in(bolt_in(root, "each"), key), "own", key);
	}
	memset(large, 'x', 200000);
	bolt_put(bolt_in(root, "large"), "before", "1");
	bolt_put(bolt_in(root, "large"), "large", large);
	bolt_put(bolt_in(root, "large"), "past", "2");
	bolt_in(root, "empty");
	bolt_put(bolt_in(root, "tiny"), "a", "b");
	return root;
}

static const size_t page_sizes[] = { 512, 1024, 4096, 16384, 65536 };

static void make_file(size_t page_size, struct garita_text *out)
{
	struct bolt_node *root = make_tree();

	bolt_print(root, page_size, 7, out);
	bolt_node_free(root);
}

static void open_file(const struct garita_text *file, struct garita_bolt *ret)
{
	struct garita_error err = { 0 };

	if (garita_bolt_open(read_text, file, ret, &err) < 0)
		fail_msg("%s", err.text);
}

/* The value along "a|b|key". */
static int look(struct garita_bolt *bolt, const char *path,
		struct garita_bolt_bytes *ret, struct garita_error *err)
{
	struct garita_bolt_bucket bucket = bolt->root;
	auto_free char *copy = garita_xstrdup(path);
	char *rest = copy;
	char *key = strsep(&rest, "|");
	int failed = 0;

	for (; rest != NULL && failed == 0; key = strsep(&rest, "|"))
		failed = garita_bolt_bucket(bolt, &bucket, key, &bucket, err);
	return failed < 0 ? failed
			  : garita_bolt_value(bolt, &bucket, key, ret, err);
}

static void test_what_is_there_is_found(void **state)
{
	static const struct {
		const char *path, *value;
	} rows[] = {
		{ "many|key 0", "value 0" },
		{ "many|key 1", "value 1" },
		{ "many|key 1024", "value 1024" },
		{ "many|key 1999", "value 1999" },
		{ "many|key 999", "value 999" },
		{ "nested|deep|deeper|small 7", "" },
		{ "each|small 0|own", "small 0" },
		{ "each|small 99|own", "small 99" },
		{ "large|before", "1" },
		{ "large|past", "2" },
		{ "tiny|a", "b" },
	};

	(void)state;
	for (size_t s = 0; s < GARITA_COUNT(page_sizes); s++) {
		auto_text file = { 0 };
		auto_bolt bolt = { 0 };
		struct garita_bolt_bytes value = { 0 };

		make_file(page_sizes[s], &file);
		open_file(&file, &bolt);
		assert_int_equal(bolt.txid, 7);
		for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
			struct garita_error err = { 0 };

			if (look(&bolt, rows[i].path, &value, &err) < 0)
				fail_msg("%s: %s", rows[i].path, err.text);
			assert_true(is(&value, rows[i].value));
		}
		assert_int_equal(look(&bolt, "large|large", &value, NULL), 0);
		assert_int_equal(value.len, 200000);
		assert_int_equal(value.data[199999], 'x');
		assert_true(garita_bolt_is_current(&bolt));
	}
}

static void test_what_is_not_there_is_not_found(void **state)
{
	static const char *const rows[] = {
		"",
		"zzz",
		"many",
		"many|",
		"many|key",
		"many|key 2000",
		"many|key 1 ",
		"many|zzz",
		"many|key 0|further",
		"empty|a",
		"each|small 0",
		"nothing|at|all",
		"tiny|aa",
		"tiny|A",
	};

	(void)state;
	for (size_t s = 0; s < GARITA_COUNT(page_sizes); s++) {
		auto_text file = { 0 };
		auto_bolt bolt = { 0 };

		make_file(page_sizes[s], &file);
		open_file(&file, &bolt);
		for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
			struct garita_bolt_bytes value = { .len = 99 };

			if (look(&bolt, rows[i], &value, NULL) != -ENOENT)
				fail_msg("%s", rows[i]);
			assert_int_equal(value.len, 99);
		}
	}
}

struct tally {
	size_t values, buckets;
	char last[64];
	int stop_at;
};

static int count(const struct garita_bolt_bytes *key,
		 const struct garita_bolt_bytes *value,
		 const struct garita_bolt_bucket *bucket, void *data,
		 struct garita_error *err)
{
	struct tally *tally = data;
	char text[64];

	(void)err, (void)value;
	snprintf(text, sizeof(text), "%.*s", (int)key->len, key->data);
	assert_true(strcmp(text, tally->last) > 0);
	snprintf(tally->last, sizeof(tally->last), "%s", text);
	*(bucket == NULL ? &tally->values : &tally->buckets) += 1;
	return tally->stop_at != 0 && tally->values == (size_t)tally->stop_at;
}

static void test_a_walk_sees_each_once_in_order(void **state)
{
	(void)state;
	for (size_t s = 0; s < GARITA_COUNT(page_sizes); s++) {
		auto_text file = { 0 };
		auto_bolt bolt = { 0 };
		struct garita_bolt_bucket bucket;
		struct tally all = { 0 }, some = { .stop_at = 5 }, each = { 0 };

		make_file(page_sizes[s], &file);
		open_file(&file, &bolt);
		assert_int_equal(garita_bolt_bucket(&bolt, &bolt.root, "many",
						    &bucket, NULL),
				 0);
		assert_int_equal(
			garita_bolt_each(&bolt, &bucket, count, &all, NULL), 0);
		assert_int_equal(all.values, 2000);
		assert_int_equal(
			garita_bolt_each(&bolt, &bucket, count, &some, NULL),
			1);
		assert_int_equal(some.values, 5);
		assert_int_equal(garita_bolt_bucket(&bolt, &bolt.root, "each",
						    &bucket, NULL),
				 0);
		assert_int_equal(
			garita_bolt_each(&bolt, &bucket, count, &each, NULL),
			0);
		assert_int_equal(each.buckets, 100);
	}
}

/* The newest good meta page counts, wherever it is. */
static void test_meta_pages(void **state)
{
	static const struct {
		const char *why;
		uint64_t txids[2];
		bool good[2];
		uint64_t expected; /* 0: no database */
	} rows[] = {
		{ "the second is newer", { 8, 9 }, { true, true }, 9 },
		{ "the first is newer", { 10, 9 }, { true, true }, 10 },
		{ "the newer is torn", { 8, 9 }, { true, false }, 8 },
		{ "the older is torn", { 8, 9 }, { false, true }, 9 },
		{ "the first and newer is torn",
		  { 10, 9 },
		  { false, true },
		  9 },
		{ "both are torn", { 8, 9 }, { false, false }, 0 },
	};

	(void)state;
	for (size_t s = 0; s < GARITA_COUNT(page_sizes); s++)
		for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
			auto_text file = { 0 };
			auto_bolt bolt = { 0 };
			int failed;

			make_file(page_sizes[s], &file);
			for (size_t m = 0; m < 2; m++) {
				char *meta = file.data + m * page_sizes[s] +
					     BOLT_META;

				memcpy(meta + 48, &rows[i].txids[m], 8);
				bolt_sign(file.data, page_sizes[s], (int)m);
				meta[56] ^= !rows[i].good[m];
			}
			failed =
				garita_bolt_open(read_text, &file, &bolt, NULL);
			if ((failed == 0) != (rows[i].expected != 0) ||
			    bolt.txid != rows[i].expected)
				fail_msg("%s", rows[i].why);
		}
}

/* The low bytes of a number, in the machine's order as bbolt writes them. */
static void poke(char *at, uint64_t number, size_t len)
{
	const uint16_t one = 1;
	bool little = *(const unsigned char *)&one == 1;

	memcpy(at, (const char *)&number + (little ? 0 : sizeof(number) - len),
	       len);
}

static void test_bad_meta_pages(void **state)
{
	static const struct {
		const char *why;
		size_t at, len;
		uint32_t value;
	} rows[] = {
		{ "another magic", 0, 4, 0xED0CDAEE },
		{ "another version", 4, 4, 3 },
		{ "no page size", 8, 4, 0 },
		{ "a page size that is no power of two", 8, 4, 4095 },
		{ "tiny pages", 8, 4, 256 },
		{ "huge pages", 8, 4, 128 * 1024 },
		{ "no root", 16, 8, 0 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text file = { 0 };
		auto_bolt bolt = { 0 };

		make_file(4096, &file);
		file.data[4096 + BOLT_META + 56] ^= 1;
		poke(file.data + BOLT_META + rows[i].at, rows[i].value,
		     rows[i].len);
		bolt_sign(file.data, 4096, 0);
		if (garita_bolt_open(read_text, &file, &bolt, NULL) != -EBADMSG)
			fail_msg("%s", rows[i].why);
	}
}

static int touch(const struct garita_bolt_bytes *key,
		 const struct garita_bolt_bytes *value,
		 const struct garita_bolt_bucket *bucket, void *data,
		 struct garita_error *err)
{
	unsigned *sum = data; /* so that every byte is touched */

	(void)bucket, (void)err;
	for (size_t i = 0; i < key->len + value->len; i++)
		*sum += (unsigned char)(i < key->len
						? key->data[i]
						: value->data[i - key->len]);
	return 0;
}

/* A database of one bucket "b" with enough for two levels of pages. `page` is
 * that of the bucket's root, a branch. */
static void make_branch(struct garita_text *file, uint64_t *ret_page)
{
	struct bolt_node *root = bolt_node_new();
	auto_bolt bolt = { 0 };
	struct garita_bolt_bucket bucket;

	for (int i = 0; i < 100; i++) {
		char key[32];

		snprintf(key, sizeof(key), "key %03d", i);
		bolt_put(bolt_in(root, "b"), key, "value");
	}
	bolt_print(root, 512, 2, file);
	bolt_node_free(root);
	open_file(file, &bolt);
	assert_int_equal(
		garita_bolt_bucket(&bolt, &bolt.root, "b", &bucket, NULL), 0);
	*ret_page = bucket.page;
}

static void test_damage_is_an_error(void **state)
{
	static const struct {
		const char *why;
		bool leaf;  /* else the branch above */
		size_t at;  /* in the page */
		size_t len; /* bytes of the number */
		uint64_t value;
	} rows[] = {
		{ "another page's number", false, 0, 8, 77 },
		{ "a kind there is not", false, 8, 2, 4 },
		{ "both kinds", false, 8, 2, 3 },
		{ "a branch without children", false, 10, 2, 0 },
		{ "more elements than fit", false, 10, 2, 60000 },
		{ "overflow past the end", false, 12, 4, 0xffffffff },
		{ "a key past the end", false, 16, 4, 600 },
		{ "a key far past the end", false, 16, 4, 0xffffffff },
		{ "a key in the table", false, 16, 4, 0 },
		{ "a key too long", false, 20, 4, 0xffffffff },
		{ "a child that is itself", false, 24, 8, 0 },
		{ "a child that is a meta page", false, 24, 8, 1 },
		{ "a child past the end", false, 24, 8, 1000 },
		{ "a child far past the end", false, 24, 8, UINT64_MAX },
		{ "another page's number", true, 0, 8, 77 },
		{ "flags there are not", true, 16, 4, 2 },
		{ "a value past the end", true, 28, 4, 0xffffffff },
		{ "keys out of order", true, 16 + 16 + 4, 4, 1 },
		{ "a bucket that is none", true, 16, 4, 1 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_text file = { 0 };
		auto_bolt bolt = { 0 };
		struct garita_bolt_bucket bucket;
		struct garita_bolt_bytes value;
		uint64_t page, number = rows[i].value;
		unsigned sum = 0;
		int found = 0;
		char *at;

		make_branch(&file, &page);
		at = file.data + page * 512;
		if (rows[i].leaf) {
			memcpy(&page, at + 24, 8); /* its first child */
			at = file.data + page * 512;
		}
		if (strcmp(rows[i].why, "a child that is itself") == 0)
			number = page;
		poke(at + rows[i].at, number, rows[i].len);
		open_file(&file, &bolt);
		found = garita_bolt_bucket(&bolt, &bolt.root, "b", &bucket,
					   NULL);
		assert_int_equal(found, 0);
		if (garita_bolt_each(&bolt, &bucket, touch, &sum, NULL) >= 0)
			fail_msg("%s is walked", rows[i].why);
		found = garita_bolt_value(&bolt, &bucket, "key 000", &value,
					  NULL);
		if (found >= 0 &&
		    strcmp(rows[i].why, "a bucket that is none") != 0)
			fail_msg("%s is searched", rows[i].why);
	}
}

/* Bytes that say nothing good anywhere must at least do no harm. */
static void test_every_byte_may_be_wrong(void **state)
{
	auto_text file = { 0 };
	unsigned sum = 0;
	uint64_t page;

	(void)state;
	make_branch(&file, &page);
	for (size_t i = 1024; i < file.len; i++) {
		auto_bolt bolt = { 0 };
		struct garita_bolt_bucket bucket;
		struct garita_bolt_bytes value;
		char kept = file.data[i];

		file.data[i] = (char)(kept ^ (i % 2 == 0 ? 0xff : 0x01));
		open_file(&file, &bolt);
		if (garita_bolt_bucket(&bolt, &bolt.root, "b", &bucket, NULL) ==
		    0) {
			(void)garita_bolt_each(&bolt, &bucket, touch, &sum,
					       NULL);
			if (garita_bolt_value(&bolt, &bucket, "key 050", &value,
					      NULL) == 0)
				assert_true(value.len <= 5);
		}
		file.data[i] = kept;
	}
}

static void test_a_file_cut_short(void **state)
{
	auto_text file = { 0 };
	size_t whole;

	(void)state;
	make_file(4096, &file);
	whole = file.len;
	for (size_t len = 0; len < whole; len += 1000) {
		auto_bolt bolt = { 0 };
		struct garita_bolt_bucket bucket = { 0 };
		bool open;

		file.len = len;
		open = garita_bolt_open(read_text, &file, &bolt, NULL) == 0;
		assert_int_equal(open, len >= 80);
		/* The root is the last page of all. */
		assert_true(!open ||
			    garita_bolt_bucket(&bolt, &bolt.root, "many",
					       &bucket, NULL) < 0);
	}
	file.len = whole;
}

/* What bbolt does while we read: new pages, then the older meta page. */
static void test_a_writer_is_noticed(void **state)
{
	auto_text file = { 0 };
	auto_bolt bolt = { 0 };
	struct garita_bolt_bytes value;
	char *older;
	uint64_t next = 8;

	(void)state;
	make_file(4096, &file);
	older = file.data + BOLT_META;
	open_file(&file, &bolt);
	assert_int_equal(look(&bolt, "tiny|a", &value, NULL), 0);
	assert_true(garita_bolt_is_current(&bolt));
	memcpy(older + 48, &next, 8); /* half of it */
	assert_true(garita_bolt_is_current(&bolt));
	bolt_sign(file.data, 4096, 0);
	assert_false(garita_bolt_is_current(&bolt));
	/* What was lent stays as it was. */
	assert_true(is(&value, "b"));
	file.data[4096 + BOLT_META + 56] ^= 1;
	file.data[BOLT_META + 56] ^= 1;
	assert_false(garita_bolt_is_current(&bolt));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_there_is_found),
		cmocka_unit_test(test_what_is_not_there_is_not_found),
		cmocka_unit_test(test_a_walk_sees_each_once_in_order),
		cmocka_unit_test(test_meta_pages),
		cmocka_unit_test(test_bad_meta_pages),
		cmocka_unit_test(test_damage_is_an_error),
		cmocka_unit_test(test_every_byte_may_be_wrong),
		cmocka_unit_test(test_a_file_cut_short),
		cmocka_unit_test(test_a_writer_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
