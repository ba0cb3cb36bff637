/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compressed messages and lengths: what is inside, where it ends, and that
 * nothing can hide behind the end. Where it says what podman does, that was
 * measured with skopeo 1.9.3 and GnuPG 2.2.40.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zlib.h>

#include "garita/memory.h"
#include "tests/unit/openpgp_parts.h"

/* Longer than a first part must be. */
#define SPACES "                                                            "
#define LONG_TEXT                                                              \
	"{" SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES     \
		SPACES "}"

/* ---- compression ---- */
enum { ZIP = 1, ZLIB = 2 };

static void deflate_into(struct garita_text *to, const struct garita_text *from,
			 int way)
{
	z_stream stream = { .next_in = (unsigned char *)from->data,
			    .avail_in = (unsigned)from->len };
	size_t room = from->len + 1000;
	auto_free unsigned char *out = garita_xalloc(room);

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED,
				      way == ZIP ? -15 : 15, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	stream.next_out = out;
	stream.avail_out = (unsigned)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	garita_text_add(to, (const char *)out, room - stream.avail_out);
	deflateEnd(&stream);
}

static void pack(struct garita_text *to, const struct garita_text *from,
		 int way, const char *behind, size_t behind_len)
{
	auto_text body = { 0 };

	garita_openpgp_put(&body, (uint32_t)way, 1);
	deflate_into(&body, from, way);
	garita_text_add(&body, behind, behind_len);
	put_body(to, GARITA_OPENPGP_COMPRESSED, &body);
}

static void packed(struct garita_text *to, const struct parts *parts, int way)
{
	auto_text inner = { 0 };

	usual(&inner, parts);
	pack(to, &inner, way, "", 0);
}

static void zip(struct garita_text *to, const struct parts *parts)
{
	packed(to, parts, ZIP);
}

static void zlib(struct garita_text *to, const struct parts *parts)
{
	packed(to, parts, ZLIB);
}

/* As GnuPG writes it: a header of the old kind that says no length. */
static void zlib_to_the_end(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	usual(&inner, parts);
	garita_text_add(to, "\xa3\x02", 2);
	deflate_into(to, &inner, ZLIB);
}

static void zlib_and_byte(struct garita_text *to, const struct parts *parts)
{
	zlib_to_the_end(to, parts);
	garita_text_putc(to, '\0');
}

static void zlib_in_parts(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 }, body = { 0 };

	usual(&inner, parts);
	/* A stored block, so that it is long enough to have parts. */
	garita_text_add(&body, "\x01", 1);
	for (size_t i = 0; i < 600; i++) /* empty blocks before */
		garita_text_add(&body, "\0\0\0\xff\xff", 5);
	deflate_into(&body, &inner, ZIP);
	garita_text_add(to, "\xc8\xe9", 2);
	garita_text_add(to, body.data, 512);
	garita_text_add(to, "\xea", 1);
	garita_text_add(to, body.data + 512, 1024);
	garita_openpgp_put(to, 0xff, 1);
	garita_openpgp_put(to, (uint32_t)(body.len - 1536), 4);
	garita_text_add(to, body.data + 1536, body.len - 1536);
}

static void zlib_and_text(struct garita_text *to, const struct parts *parts)
{
	zlib(to, parts);
	put_literal(to, parts);
}

static void zlib_with_byte(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	usual(&inner, parts);
	pack(to, &inner, ZLIB, "x", 1);
}

static void zlib_twice(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	zlib(&inner, parts);
	pack(to, &inner, ZLIB, "", 0);
}

static void zlib_damaged(struct garita_text *to, const struct parts *parts)
{
	zlib(to, parts);
	to->data[to->len - 1] ^= 1;
}

static void zlib_cut(struct garita_text *to, const struct parts *parts)
{
	zlib_to_the_end(to, parts);
	to->len--;
}

static void zlib_of_nothing(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	(void)parts;
	garita_text_puts(&inner, "");
	pack(to, &inner, ZLIB, "", 0);
}

static void bomb(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	(void)parts;
	garita_text_reserve(&inner, 3 * GARITA_OPENPGP_TEXT_MAX);
	memset(inner.data, 0, 3 * GARITA_OPENPGP_TEXT_MAX);
	inner.len = 3 * GARITA_OPENPGP_TEXT_MAX;
	pack(to, &inner, ZIP, "", 0);
}

/* Not packed, so the blob's limit would hold more. */
static void long_text(struct garita_text *to, const struct parts *parts)
{
	auto_text body = { 0 };

	garita_text_add(&body, "b\0\0\0\0\0", 6);
	garita_text_reserve(&body, GARITA_OPENPGP_TEXT_MAX + 1);
	memset(body.data + 6, ' ', GARITA_OPENPGP_TEXT_MAX + 1);
	body.len += GARITA_OPENPGP_TEXT_MAX + 1;
	put_announced(to, parts);
	put_body(to, GARITA_OPENPGP_LITERAL, &body);
	put_signed(to, parts);
}

static void way(struct garita_text *to, const struct parts *parts, int number)
{
	auto_text body = { 0 };

	garita_openpgp_put(&body, (uint32_t)number, 1);
	usual(&body, parts);
	put_body(to, GARITA_OPENPGP_COMPRESSED, &body);
}

static void uncompressed(struct garita_text *to, const struct parts *parts)
{
	way(to, parts, 0);
}

static void bzip2(struct garita_text *to, const struct parts *parts)
{
	way(to, parts, 3);
}

static void unknown_way(struct garita_text *to, const struct parts *parts)
{
	way(to, parts, 4);
}

static void empty_packet(struct garita_text *to, const struct parts *parts)
{
	(void)parts;
	put_packet(to, GARITA_OPENPGP_COMPRESSED, "", 0);
}

/* The text inside is compressed, not the whole. */
static void inner_zlib(struct garita_text *to, const struct parts *parts)
{
	auto_text inner = { 0 };

	put_literal(&inner, parts);
	put_announced(to, parts);
	pack(to, &inner, ZLIB, "", 0);
	put_signed(to, parts);
}

/* ---- lengths ---- */
static void literal_in_parts(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	garita_text_add(to, "\xcb\xe9", 2); /* 512 bytes, more follow */
	garita_text_add(to, parts->literal.data, 512);
	garita_text_add(to, "\xe0", 1); /* 1 byte, more follow */
	garita_text_add(to, parts->literal.data + 512, 1);
	garita_openpgp_put(to, (uint32_t)(parts->literal.len - 513), 1);
	garita_text_add(to, parts->literal.data + 513,
			parts->literal.len - 513);
	put_signed(to, parts);
}

static void small_first_part(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	garita_text_add(to, "\xcb\xe0", 2);
	garita_text_add(to, parts->literal.data, 1);
	garita_openpgp_put(to, (uint32_t)(parts->literal.len - 1), 1);
	garita_text_add(to, parts->literal.data + 1, parts->literal.len - 1);
	put_signed(to, parts);
}

static void unending_parts(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	garita_text_add(to, "\xcb\xe9", 2);
	garita_text_add(to, parts->literal.data, 512);
}

static void signature_in_parts(struct garita_text *to,
			       const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
	garita_text_add(to, "\xc2\xe0", 2);
	garita_text_add(to, parts->signature.data, 1);
	garita_openpgp_put(to, (uint32_t)(parts->signature.len - 1), 1);
	garita_text_add(to, parts->signature.data + 1,
			parts->signature.len - 1);
}

static void old_headers(struct garita_text *to, const struct parts *parts)
{
	garita_openpgp_put(to, 0x90, 1);
	garita_openpgp_put(to, (uint32_t)parts->announced.len, 1);
	garita_text_add(to, parts->announced.data, parts->announced.len);
	garita_openpgp_put(to, 0xad, 1);
	garita_openpgp_put(to, (uint32_t)parts->literal.len, 2);
	garita_text_add(to, parts->literal.data, parts->literal.len);
	garita_openpgp_put(to, 0x8a, 1);
	garita_openpgp_put(to, (uint32_t)parts->signature.len, 4);
	garita_text_add(to, parts->signature.data, parts->signature.len);
}

static void literal_to_the_end(struct garita_text *to,
			       const struct parts *parts)
{
	put_signed(to, parts);
	garita_text_add(to, "\xaf", 1);
	garita_text_add(to, parts->literal.data, parts->literal.len);
}

static void tag_0(struct garita_text *to, const struct parts *parts)
{
	put_packet(to, 0, "", 0);
	usual(to, parts);
}

static const struct message_case cases[] = {
	{ .why = "headers of the old kind", .build = old_headers },
	{ .why = "a tag that is reserved", .build = tag_0, .refused = "tag 0" },
	{ .why = "deflate", .build = zip },
	{ .why = "zlib", .build = zlib },
	{ .why = "zlib to the end", .build = zlib_to_the_end },
	{ .why = "zlib in parts", .build = zlib_in_parts },
	{ .why = "a byte behind it; podman accepts",
	  .build = zlib_and_byte,
	  .refused = "bytes behind" },
	{ .why = "a byte behind it, inside",
	  .build = zlib_with_byte,
	  .refused = "bytes behind" },
	{ .why = "a text behind it; podman accepts",
	  .build = zlib_and_text,
	  .refused = "something stands behind" },
	{ .why = "zlib twice; podman accepts",
	  .build = zlib_twice,
	  .refused = "compressed twice" },
	{ .why = "its checksum is wrong",
	  .build = zlib_damaged,
	  .refused = "damaged or cut off" },
	{ .why = "it is cut off",
	  .build = zlib_cut,
	  .refused = "damaged or cut off" },
	{ .why = "it holds nothing",
	  .build = zlib_of_nothing,
	  .refused = "an empty message" },
	{ .why = "a text that is too long",
	  .build = long_text,
	  .refused = "more than 65536 bytes" },
	{ .why = "it holds too much",
	  .build = bomb,
	  .refused = "more than 65536 bytes" },
	{ .why = "compressed by nothing; podman accepts",
	  .build = uncompressed,
	  .refused = "in way 0" },
	{ .why = "bzip2; podman accepts", .build = bzip2, .refused = "bzip2" },
	{ .why = "an unknown way",
	  .build = unknown_way,
	  .refused = "in way 4" },
	{ .why = "an empty compressed packet",
	  .build = empty_packet,
	  .refused = "an empty compressed packet" },
	{ .why = "the text alone is compressed",
	  .build = inner_zlib,
	  .refused = "no text behind" },
	{ .why = "a text in parts",
	  .build = literal_in_parts,
	  .text = LONG_TEXT },
	{ .why = "a first part of one byte",
	  .build = small_first_part,
	  .refused = "less than 512" },
	{ .why = "parts without an end",
	  .build = unending_parts,
	  .refused = "cut off",
	  .text = LONG_TEXT },
	{ .why = "a signature in parts",
	  .build = signature_in_parts,
	  .refused = "only data may be" },
	{ .why = "a text without a length",
	  .build = literal_to_the_end,
	  .refused = "without a length" },
};

static void test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++)
		play_message(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
