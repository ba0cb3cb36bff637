/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_fixture - an unpacked layer built for a test: the tar, the tar-split
 * that goes with it, and the same on disk.
 */
#include "tests/unit/layer_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/store/tar_split.h"

const char layer_caps[20] = "\1\0\0\2\0\40";

/* ---- the tar, and what becomes of it ---- */

static void put_base64(struct garita_text *out, const char *bytes, size_t len)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
				  "stuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned three = (unsigned)(unsigned char)bytes[i] << 16;

		three |= i + 1 < len
				 ? (unsigned)(unsigned char)bytes[i + 1] << 8
				 : 0;
		three |= i + 2 < len ? (unsigned char)bytes[i + 2] : 0;
		garita_text_putc(out, set[three >> 18 & 63]);
		garita_text_putc(out, set[three >> 12 & 63]);
		garita_text_putc(out, i + 1 < len ? set[three >> 6 & 63] : '=');
		garita_text_putc(out, i + 2 < len ? set[three & 63] : '=');
	}
}

static void put_zeros(struct garita_text *out)
{
	static const char zeros[512];

	garita_text_add(out, zeros, (512 - out->len % 512) % 512);
}

static void put_block(struct garita_text *out, const char *name, char type,
		      unsigned mode, size_t size, const char *link)
{
	char block[512] = { 0 };

	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "%07o", mode & 07777);
	snprintf(block + 124, 12, "%011zo", size);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link);
	garita_text_add(out, block, sizeof(block));
}

/* What is in the tar and not yet in the split: bytes as they are. */
static void flush(struct layer_fixture *fx)
{
	garita_text_puts(&fx->split, "{\"type\":2,\"payload\":\"");
	put_base64(&fx->split, fx->tar.data + fx->kept, fx->tar.len - fx->kept);
	garita_text_puts(&fx->split, "\"}\n");
	fx->kept = fx->tar.len;
}

static void put(struct layer_fixture *fx, const char *name, char type,
		unsigned mode, const char *contents, const char *link)
{
	size_t size = strlen(contents);
	uint64_t crc = garita_crc64(0, contents, size);
	char sum[8];

	put_block(&fx->tar, name, type, mode, size, link);
	flush(fx);
	for (size_t i = 0; i < sizeof(sum); i++)
		sum[i] = (char)(unsigned char)(crc >> (56 - 8 * i));
	garita_text_printf(&fx->split,
			   "{\"type\":1,\"name\":\"%s\",\"size\":%zu,"
			   "\"payload\":\"",
			   name, size);
	put_base64(&fx->split, sum, sizeof(sum));
	garita_text_puts(&fx->split, "\"}\n");
	garita_text_add(&fx->tar, contents, size);
	fx->kept = fx->tar.len;
	put_zeros(&fx->tar);
}

static void put_caps(struct layer_fixture *fx)
{
	auto_text pax = { 0 };

	garita_text_puts(&pax, "58 SCHILY.xattr.security.capability=");
	garita_text_add(&pax, layer_caps, 20);
	garita_text_puts(&pax, "\n");
	assert_int_equal(pax.len, 57);
	memcpy(pax.data, "57", 2);
	put_block(&fx->tar, "pax", 'x', 0644, pax.len, "");
	garita_text_add(&fx->tar, pax.data, pax.len);
	put_zeros(&fx->tar);
}

/* ---- the same on disk ---- */

void layer_path_of(const struct layer_fixture *fx, const char *name,
		   char into[256])
{
	snprintf(into, 256, "%s/diff/%s", fx->dir, name);
}

void layer_write_file(const struct layer_fixture *fx, const char *name,
		      const char *text, mode_t mode)
{
	char path[256];
	FILE *file;

	layer_path_of(fx, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void unpack(const struct layer_fixture *fx)
{
	static const char *const dirs[] = { "", "etc", "usr", "usr/bin",
					    "gone" };
	char path[256], other[256];

	for (size_t i = 0; i < GARITA_COUNT(dirs); i++) {
		layer_path_of(fx, dirs[i], path);
		assert_int_equal(mkdir(path, 0755), 0);
		assert_int_equal(chmod(path, 0755), 0);
	}
	layer_path_of(fx, "gone", path);
	assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0),
			 0);
	layer_write_file(fx, "etc/passwd", "root:x:0:0\n", 0644);
	layer_write_file(fx, "etc/empty", "", 0600);
	layer_write_file(fx, "usr/bin/tool", "tool", 0755);
	layer_path_of(fx, "usr/bin/tool", path);
	assert_int_equal(
		setxattr(path, "security.capability", layer_caps, 20, 0), 0);
	layer_path_of(fx, "usr/bin/hard", other);
	assert_int_equal(link(path, other), 0);
	layer_path_of(fx, "usr/bin/link", path);
	assert_int_equal(symlink("tool", path), 0);
	layer_path_of(fx, "etc/shadow", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
	layer_path_of(fx, "etc/null", path);
	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	layer_path_of(fx, "etc/fifo", path);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void write_split(const struct layer_fixture *fx)
{
	char path[256];
	gzFile zip;

	snprintf(path, sizeof(path), "%s/split", fx->dir);
	zip = gzopen(path, "wb");
	assert_non_null(zip);
	assert_int_equal(gzwrite(zip, fx->split.data, (unsigned)fx->split.len),
			 fx->split.len);
	assert_int_equal(gzclose(zip), Z_OK);
}

void layer_start(struct layer_fixture *fx)
{
	*fx = (struct layer_fixture){ .layer = { .diff = "/diff",
						 .split = "/split" } };
	temporary_make("layer", fx->dir);
	put(fx, "./", '5', 0755, "", "");
	put(fx, "./etc/", '5', 0755, "", "");
	put(fx, "./etc/passwd", '0', 0644, "root:x:0:0\n", "");
	put(fx, "./etc/empty", '0', 0600, "", "");
	put(fx, "./etc/.wh.shadow", '0', 0, "", "");
	put_block(&fx->tar, "./etc/null", '3', 0666, 0, "");
	memcpy(fx->tar.data + fx->tar.len - 512 + 329, "0000001", 7);
	memcpy(fx->tar.data + fx->tar.len - 512 + 337, "0000003", 7);
	flush(fx);
	garita_text_puts(&fx->split, "{\"type\":1,\"name\":\"./etc/null\","
				     "\"payload\":null}\n");
	put(fx, "./etc/fifo", '6', 0644, "", "");
	/* "usr/" is only on the way, as it may be. */
	put_caps(fx);
	put(fx, "./usr/bin/tool", '0', 0755, "tool", "");
	put_caps(fx);
	put(fx, "./usr/bin/hard", '1', 0755, "", "./usr/bin/tool");
	put(fx, "./usr/bin/link", '2', 0777, "", "tool");
	put(fx, "./gone/", '5', 0755, "", "");
	put(fx, "./gone/.wh..wh..opq", '0', 0, "", "");
	put_block(&fx->tar, "", 0, 0, 0, "");
	flush(fx);
	garita_sha256_digest(fx->tar.data, fx->tar.len, fx->layer.diff_id);
	unpack(fx);
	write_split(fx);
}

void layer_end(struct layer_fixture *fx)
{
	garita_text_free(&fx->tar);
	garita_text_free(&fx->split);
	assert_int_equal(temporary_remove(fx->dir), 0);
}
