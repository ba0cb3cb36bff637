/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar-split files and tar headers: what engines write is read, anything else
 * is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/tar_header.h"
#include "hook/store/tar_split.h"

/* A file with `text` as gzip members of `part` bytes; a descriptor at its
 * beginning. `lost` bytes are cut off its end. */
static int pack(const char *text, size_t len, size_t part, off_t lost)
{
	char path[] = "/tmp/garita-split.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	for (size_t at = 0; at < len; at += part) {
		size_t n = len - at < part ? len - at : part;
		gzFile zip = gzdopen(dup(fd), "wb");

		assert_non_null(zip);
		assert_int_equal(gzwrite(zip, text + at, (unsigned)n), n);
		assert_int_equal(gzclose(zip), Z_OK);
	}
	assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - lost), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Reads to the end: entries, or what the last call said. */
static int count(int fd)
{
	auto_fd int own = fd;
	auto_tar_split struct garita_tar_split *split =
		garita_tar_split_open(own);
	int n = 0, more;

	for (;; n++) {
		auto_tar_split_entry entry = { 0 };

		more = garita_tar_split_next(split, &entry, NULL);
		if (more <= 0)
			return more < 0 ? more : n;
	}
}

static int count_text(const char *text)
{
	return count(pack(text, strlen(text), strlen(text) + 1, 0));
}

static void test_entries(void **state)
{
	static const char text[] =
		"{\"type\":2,\"payload\":\"AAEC\",\"position\":0}\n"
		"{\"type\":1,\"name\":\"bin/\",\"payload\":null}\n"
		"{\"type\":1,\"name\":\"a\",\"size\":6,"
		"\"payload\":\"YUw+7uLYEAA=\"}\n"
		"{\"type\":1,\"name_raw\":\"YYD/\",\"payload\":null}\n";
	auto_fd int fd = pack(text, sizeof(text) - 1, 17, 0);
	auto_tar_split struct garita_tar_split *split =
		garita_tar_split_open(fd);
	struct garita_tar_split_entry all[4] = { 0 };
	struct garita_tar_split_entry more;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(garita_tar_split_next(split, &all[i], NULL),
				 1);
	assert_int_equal(garita_tar_split_next(split, &more, NULL), 0);
	assert_false(all[0].is_file);
	assert_int_equal(all[0].len, 3);
	assert_memory_equal(all[0].bytes, "\0\1\2", 3);
	assert_true(all[1].is_file);
	assert_string_equal(all[1].name, "bin/");
	assert_int_equal(all[1].size, 0);
	assert_int_equal(all[2].size, 6);
	assert_memory_equal(all[2].crc, "\x61\x4c\x3e\xee\xe2\xd8\x10\0", 8);
	assert_string_equal(all[3].name, "a\x80\xff");
	for (size_t i = 0; i < 4; i++)
		garita_tar_split_entry_free(&all[i]);
}

static void test_what_is_no_entry(void **state)
{
	static const struct {
		const char *why, *text;
	} bad[] = {
		{ "no object", "1\n" },
		{ "no JSON", "{\"type\":2\n" },
		{ "no type", "{\"payload\":\"\"}\n" },
		{ "another type", "{\"type\":3,\"payload\":\"\"}\n" },
		{ "a type that is a string", "{\"type\":\"2\"}\n" },
		{ "no base64", "{\"type\":2,\"payload\":\"A\"}\n" },
		{ "a payload that is no string",
		  "{\"type\":2,\"payload\":1}\n" },
		{ "no name", "{\"type\":1,\"payload\":null}\n" },
		{ "an empty name", "{\"type\":1,\"name\":\"\"}\n" },
		{ "NUL in a name", "{\"type\":1,\"name_raw\":\"YQBi\"}\n" },
		{ "contents without a sum", "{\"type\":1,\"name\":\"a\","
					    "\"size\":1,\"payload\":null}\n" },
		{ "a short sum", "{\"type\":1,\"name\":\"a\",\"size\":1,"
				 "\"payload\":\"AAAA\"}\n" },
		{ "a negative size", "{\"type\":1,\"name\":\"a\",\"size\":-1,"
				     "\"payload\":\"YUw+7uLYEAA=\"}\n" },
		{ "a key twice", "{\"type\":2,\"type\":1,\"name\":\"a\"}\n" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++)
		if (count_text(bad[i].text) >= 0)
			fail_msg("read: %s", bad[i].why);
	assert_int_equal(count_text("\n\n"), 0);
	assert_int_equal(count_text("{\"type\":2,\"payload\":\"\"}"), 1);
}

static void test_what_is_no_gzip(void **state)
{
	static const char text[] = "{\"type\":2,\"payload\":\"AAEC\"}\n";
	char path[] = "/tmp/garita-split.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(count(fd) < 0);
	/* The sum at the end, and all of it. */
	assert_true(count(pack(text, sizeof(text) - 1, 999, 1)) < 0);
	assert_true(count(pack(text, sizeof(text) - 1, 999, 30)) < 0);
	assert_int_equal(count(pack(text, sizeof(text) - 1, 999, 0)), 1);
	assert_int_equal(count(pack(text, sizeof(text) - 1, 1, 0)), 1);
}

/* Sixteen megabytes without an end of line take no more memory than one. */
static void test_a_line_without_end(void **state)
{
	const size_t len = 16 * 1024 * 1024;
	auto_free char *text = garita_xalloc(len);

	(void)state;
	memset(text, 'x', len);
	assert_int_equal(count(pack(text, len, len, 0)), -E2BIG);
}

static void test_crc64(void **state)
{
	uint64_t crc = garita_crc64(0, "12345", 5);

	(void)state;
	/* The check value of CRC-64/GO-ISO. */
	assert_int_equal(garita_crc64(crc, "6789", 4), 0xb90956c775a41001);
	assert_int_equal(garita_crc64(0, "", 0), 0);
}

/* ---- headers ---- */

static void put_header(struct garita_text *out, char type, const char *size,
		       const char *link)
{
	char block[512] = { 0 };

	memcpy(block, "name", 4);
	memcpy(block + 100, "0004755", 7);
	memcpy(block + 108, "0000007", 7);
	memcpy(block + 116, " 10    ", 7);
	memcpy(block + 124, size, strlen(size));
	block[156] = type;
	memcpy(block + 157, link, strlen(link));
	memcpy(block + 329, "0000001", 7);
	memcpy(block + 337, "0000003", 7);
	garita_text_add(out, block, sizeof(block));
}

static void put_block(struct garita_text *out, const char *bytes, size_t len)
{
	static const char zeros[512];

	garita_text_add(out, bytes, len);
	garita_text_add(out, zeros, (512 - len % 512) % 512);
}

static int read_header(const struct garita_text *text, size_t skip,
		       struct garita_tar_header *ret)
{
	return garita_tar_header_read((const unsigned char *)text->data,
				      text->len, skip, ret);
}

static void test_a_header(void **state)
{
	auto_text text = { 0 };
	auto_tar_header header = { 0 };

	(void)state;
	garita_text_add(&text, "tail", 4);
	put_header(&text, '3', "", "to");
	assert_int_equal(read_header(&text, 4, &header), 0);
	assert_int_equal(header.type, '3');
	assert_int_equal(header.mode, 04755);
	assert_int_equal(header.uid, 7);
	assert_int_equal(header.gid, 8);
	assert_int_equal(header.major, 1);
	assert_int_equal(header.minor, 3);
	assert_string_equal(header.link, "to");
	assert_null(header.caps);
}

static void test_an_extended_header(void **state)
{
	static const char pax[] = "13 uid=70000\n"
				  "18 linkpath=a\nb=c\n"
				  "39 SCHILY.xattr.security.capability=\0\1\n";
	auto_text text = { 0 };
	auto_tar_header header = { 0 };

	(void)state;
	put_header(&text, 'x', "106", "");
	put_block(&text, pax, sizeof(pax) - 1);
	put_header(&text, '2', "", "short");
	assert_int_equal(sizeof(pax) - 1, 0106);
	assert_int_equal(read_header(&text, 0, &header), 0);
	assert_string_equal(header.link, "a\nb=c");
	assert_int_equal(header.uid, 70000);
	assert_int_equal(header.gid, 8);
	assert_int_equal(header.caps_len, 2);
	assert_memory_equal(header.caps, "\0\1", 2);
}

static void test_a_long_link(void **state)
{
	auto_text text = { 0 };
	auto_tar_header header = { 0 };

	(void)state;
	put_header(&text, 'L', "5", "");
	put_block(&text, "name", 5);
	put_header(&text, 'K', "13", "");
	put_block(&text, "/long/link", 11);
	put_header(&text, '2', "", "/lon");
	assert_int_equal(read_header(&text, 0, &header), 0);
	assert_string_equal(header.link, "/long/link");
}

static void test_what_is_no_header(void **state)
{
	static const char *const pax[] = {
		"9999 a=b\n", "x a=b\n", "1 \n",  "6 a=b",
		"6 ab\n",     " a=b\n",  "5 a=b", "99999999999 a=b\n",
		"9 uid=x\n",  "0 a=b\n",
	};
	auto_tar_header header = { 0 };
	auto_text text = { 0 };

	(void)state;
	put_header(&text, '0', "", "");
	assert_true(read_header(&text, 1, &header) < 0);
	assert_true(read_header(&text, 9999, &header) < 0);
	put_header(&text, '0', "", "");
	assert_true(read_header(&text, 0, &header) < 0);
	text.data[156] = 'x';
	memcpy(text.data + 124, "77777777777", 11);
	assert_true(read_header(&text, 0, &header) < 0);
	memset(text.data + 124, 0xff, 12);
	assert_true(read_header(&text, 0, &header) < 0);
	text.len = 0;
	assert_true(read_header(&text, 0, &header) < 0);
	for (size_t i = 0; i < GARITA_COUNT(pax); i++) {
		auto_text bad = { 0 };
		char size[24];

		snprintf(size, sizeof(size), "%zo", strlen(pax[i]));
		put_header(&bad, 'x', size, "");
		put_block(&bad, pax[i], strlen(pax[i]));
		put_header(&bad, '0', "", "");
		if (read_header(&bad, 0, &header) >= 0)
			fail_msg("read: %s", pax[i]);
	}
	assert_null(header.link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_what_is_no_entry),
		cmocka_unit_test(test_what_is_no_gzip),
		cmocka_unit_test(test_a_line_without_end),
		cmocka_unit_test(test_crc64),
		cmocka_unit_test(test_a_header),
		cmocka_unit_test(test_an_extended_header),
		cmocka_unit_test(test_a_long_link),
		cmocka_unit_test(test_what_is_no_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
