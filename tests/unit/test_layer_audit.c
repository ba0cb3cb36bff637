/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A layer as it was unpacked is the same; with one thing changed on disk, each
 * a row, that thing is named. The same of a real podman is in
 * tests/engines/image.bats.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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
#include "garita/text.h"
#include "hook/store/layer_audit.h"
#include "hook/store/tar_split.h"
#include "hook/store/tree.h"

/* A layer below a directory that serves as the sysroot. */
struct fixture {
	char dir[64];
	struct garita_trail_layer layer;
	struct garita_text tar, split;
	size_t kept; /* of tar: already in split */
};

static const char CAPS[] = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0";

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
static void flush(struct fixture *fx)
{
	garita_text_puts(&fx->split, "{\"type\":2,\"payload\":\"");
	put_base64(&fx->split, fx->tar.data + fx->kept, fx->tar.len - fx->kept);
	garita_text_puts(&fx->split, "\"}\n");
	fx->kept = fx->tar.len;
}

static void put(struct fixture *fx, const char *name, char type, unsigned mode,
		const char *contents, const char *link)
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

static void put_caps(struct fixture *fx)
{
	auto_text pax = { 0 };

	garita_text_puts(&pax, "58 SCHILY.xattr.security.capability=");
	garita_text_add(&pax, CAPS, 20);
	garita_text_puts(&pax, "\n");
	assert_int_equal(pax.len, 57);
	memcpy(pax.data, "57", 2);
	put_block(&fx->tar, "pax", 'x', 0644, pax.len, "");
	garita_text_add(&fx->tar, pax.data, pax.len);
	put_zeros(&fx->tar);
}

/* ---- the same on disk ---- */

static void path_of(const struct fixture *fx, const char *name, char into[256])
{
	snprintf(into, 256, "%s/diff/%s", fx->dir, name);
}

static void write_file(const struct fixture *fx, const char *name,
		       const char *text, mode_t mode)
{
	char path[256];
	FILE *file;

	path_of(fx, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void unpack(const struct fixture *fx)
{
	static const char *const dirs[] = { "", "etc", "usr", "usr/bin",
					    "gone" };
	char path[256], other[256];

	for (size_t i = 0; i < GARITA_COUNT(dirs); i++) {
		path_of(fx, dirs[i], path);
		assert_int_equal(mkdir(path, 0755), 0);
		assert_int_equal(chmod(path, 0755), 0);
	}
	path_of(fx, "gone", path);
	assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0),
			 0);
	write_file(fx, "etc/passwd", "root:x:0:0\n", 0644);
	write_file(fx, "etc/empty", "", 0600);
	write_file(fx, "usr/bin/tool", "tool", 0755);
	path_of(fx, "usr/bin/tool", path);
	assert_int_equal(setxattr(path, "security.capability", CAPS, 20, 0), 0);
	path_of(fx, "usr/bin/hard", other);
	assert_int_equal(link(path, other), 0);
	path_of(fx, "usr/bin/link", path);
	assert_int_equal(symlink("tool", path), 0);
	path_of(fx, "etc/shadow", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
	path_of(fx, "etc/null", path);
	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	path_of(fx, "etc/fifo", path);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void write_split(const struct fixture *fx)
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

static void start(struct fixture *fx)
{
	*fx = (struct fixture){ .layer = { .diff = "/diff",
					   .split = "/split" } };
	snprintf(fx->dir, sizeof(fx->dir), "/tmp/garita-layer.XXXXXX");
	assert_non_null(mkdtemp(fx->dir));
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

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void end(struct fixture *fx)
{
	garita_text_free(&fx->tar);
	garita_text_free(&fx->split);
	assert_int_equal(nftw(fx->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS),
			 0);
}

static int audit(const struct fixture *fx, struct garita_layer_audit *ret,
		 struct garita_error *err)
{
	auto_fd int sysroot = garita_tree_sysroot(fx->dir);

	return garita_layer_audit(sysroot, &fx->layer, NULL, NULL, ret, err);
}

static void print(const struct garita_layer_audit *found)
{
	for (size_t i = 0; i < found->count; i++)
		print_message("/%s  %s\n", found->findings[i].name,
			      found->findings[i].what);
}

/* ---- what is changed ---- */

static void swap(const struct fixture *fx, const char *from, const char *to)
{
	char old[256], new[256];

	path_of(fx, from, old);
	path_of(fx, to, new);
	assert_int_equal(rename(old, new), 0);
}

static void drop(const struct fixture *fx, const char *name)
{
	char path[256];

	path_of(fx, name, path);
	assert_int_equal(remove(path), 0);
}

static void other_byte(const struct fixture *fx)
{
	write_file(fx, "etc/passwd", "root:x:0:1\n", 0644);
}

static void longer(const struct fixture *fx)
{
	write_file(fx, "etc/passwd", "root:x:0:0\n\n", 0644);
}

static void shorter(const struct fixture *fx)
{
	write_file(fx, "etc/passwd", "root:x:0:0", 0644);
}

static void no_longer_empty(const struct fixture *fx)
{
	write_file(fx, "etc/empty", "x", 0600);
}

static void gone(const struct fixture *fx)
{
	drop(fx, "etc/empty");
}

static void set_user_id(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc/passwd", path);
	assert_int_equal(chmod(path, 04644), 0);
}

static void open_directory(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc", path);
	assert_int_equal(chmod(path, 0777), 0);
}

static void other_owner(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc/passwd", path);
	assert_int_equal(chown(path, 0, 5), 0);
}

static void added(const struct fixture *fx)
{
	write_file(fx, "etc/ld.so.preload", "/x.so\n", 0644);
}

static void added_below(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "usr/lib", path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void split_hard_link(const struct fixture *fx)
{
	char path[256];

	drop(fx, "usr/bin/hard");
	write_file(fx, "usr/bin/hard", "evil", 0755);
	path_of(fx, "usr/bin/hard", path);
	assert_int_equal(setxattr(path, "security.capability", CAPS, 20, 0), 0);
}

static void other_link(const struct fixture *fx)
{
	char path[256];

	drop(fx, "usr/bin/link");
	path_of(fx, "usr/bin/link", path);
	assert_int_equal(symlink("/tmp/tool", path), 0);
}

static void link_for_file(const struct fixture *fx)
{
	char path[256];

	swap(fx, "etc/passwd", "etc/copy");
	path_of(fx, "etc/passwd", path);
	assert_int_equal(symlink("copy", path), 0);
}

static void link_for_directory(const struct fixture *fx)
{
	char path[256];

	swap(fx, "usr/bin", "usr/sbin");
	path_of(fx, "usr/bin", path);
	assert_int_equal(symlink("sbin", path), 0);
}

static void fifo_for_file(const struct fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	path_of(fx, "etc/passwd", path);
	assert_int_equal(mkfifo(path, 0644), 0);
}

static void device_for_file(const struct fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	path_of(fx, "etc/passwd", path);
	assert_int_equal(mknod(path, S_IFCHR | 0644, makedev(1, 5)), 0);
}

static void other_device(const struct fixture *fx)
{
	char path[256];

	drop(fx, "etc/null");
	path_of(fx, "etc/null", path);
	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 1)), 0);
	assert_int_equal(chmod(path, 0666), 0);
}

static void more_caps(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc/passwd", path);
	assert_int_equal(setxattr(path, "security.capability", CAPS, 20, 0), 0);
}

static void other_caps(const struct fixture *fx)
{
	char path[256], caps[20];

	memcpy(caps, CAPS, sizeof(caps));
	caps[6] = 1;
	path_of(fx, "usr/bin/tool", path);
	assert_int_equal(setxattr(path, "security.capability", caps, 20, 0), 0);
}

static void no_caps(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "usr/bin/tool", path);
	assert_int_equal(removexattr(path, "security.capability"), 0);
}

static void no_whiteout(const struct fixture *fx)
{
	drop(fx, "etc/shadow");
}

static void more_whiteouts(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc/hosts.deny", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
}

static void whiteout_for_file(const struct fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	path_of(fx, "etc/passwd", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
}

static void not_opaque(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "gone", path);
	assert_int_equal(removexattr(path, "trusted.overlay.opaque"), 0);
}

static void more_opaque(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc", path);
	assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0),
			 0);
}

static void redirected(const struct fixture *fx)
{
	char path[256];

	path_of(fx, "etc", path);
	assert_int_equal(setxattr(path, "trusted.overlay.redirect",
				  "/somewhere/else", 15, 0),
			 0);
}

static const struct {
	void (*change)(const struct fixture *fx);
	const char *name, *words;
} changes[] = {
	{ other_byte, "etc/passwd", "contents differ" },
	{ longer, "etc/passwd", "contents differ" },
	{ shorter, "etc/passwd", "contents differ" },
	{ no_longer_empty, "etc/empty", "contents differ" },
	{ gone, "etc/empty", "is gone" },
	{ set_user_id, "etc/passwd", "has mode 4644, in the layer 0644" },
	{ open_directory, "etc", "has mode 0777, in the layer 0755" },
	{ other_owner, "etc/passwd", "belongs to 0:5, in the layer to 0:0" },
	{ added, "etc/ld.so.preload", "is not in the layer" },
	{ added_below, "usr/lib", "is not in the layer" },
	{ split_hard_link, "usr/bin/hard",
	  "is no longer the same file as usr/bin/tool" },
	{ other_link, "usr/bin/link", "leads to /tmp/tool, in the layer to" },
	{ link_for_file, "etc/passwd", "is not the kind of file" },
	{ link_for_directory, "usr/bin/tool", "cannot be looked at" },
	{ fifo_for_file, "etc/passwd", "is not the kind of file" },
	{ device_for_file, "etc/passwd", "is not the kind of file" },
	{ other_device, "etc/null", "is not the kind of file" },
	{ more_caps, "etc/passwd", "has other file capabilities" },
	{ other_caps, "usr/bin/tool", "has other file capabilities" },
	{ no_caps, "usr/bin/tool", "has lost its file capabilities" },
	{ no_whiteout, "etc/shadow", "no longer hidden" },
	{ more_whiteouts, "etc/hosts.deny", "is not in the layer" },
	{ whiteout_for_file, "etc/passwd", "is not the kind of file" },
	{ not_opaque, "gone", "no longer hides" },
	{ more_opaque, "etc", "hides what lower layers have there" },
	{ redirected, "etc", "hides what lower layers have there" },
};

static void test_a_layer_as_it_was(void **state)
{
	struct fixture fx;
	auto_audit found = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	start(&fx);
	if (audit(&fx, &found, &err) < 0)
		fail_msg("%s", err.text);
	print(&found);
	assert_true(found.same);
	assert_int_equal(found.count, 0);
	assert_int_equal(found.bytes, 11 + 4);
	end(&fx);
}

static void test_every_change_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(changes); i++) {
		struct fixture fx;
		auto_audit found = { 0 };
		bool named = false;

		start(&fx);
		changes[i].change(&fx);
		assert_int_equal(audit(&fx, &found, NULL), 0);
		assert_false(found.same);
		for (size_t j = 0; j < found.count; j++)
			named |= strcmp(found.findings[j].name,
					changes[i].name) == 0 &&
				 strstr(found.findings[j].what,
					changes[i].words) != NULL;
		if (!named) {
			print(&found);
			fail_msg("%zu: no /%s  %s", i, changes[i].name,
				 changes[i].words);
		}
		end(&fx);
	}
}

/* The records agree with the disk, and not with the digest. */
static void test_another_digest(void **state)
{
	struct fixture fx;
	auto_audit found = { 0 };

	(void)state;
	start(&fx);
	fx.layer.diff_id[70] = fx.layer.diff_id[70] == '0' ? '1' : '0';
	assert_int_equal(audit(&fx, &found, NULL), 0);
	assert_false(found.same);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.findings[0].name, "");
	end(&fx);
}

static void test_what_cannot_be_compared(void **state)
{
	struct fixture fx;
	auto_audit found = { 0 };
	char path[256];

	(void)state;
	start(&fx);
	snprintf(path, sizeof(path), "%s/split", fx.dir);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(audit(&fx, &found, NULL), -EPERM);
	assert_int_equal(truncate(path, 40), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(audit(&fx, &found, NULL), -EINVAL);
	assert_int_equal(remove(path), 0);
	assert_int_equal(audit(&fx, &found, NULL), -ENOENT);
	assert_int_equal(found.count, 0);
	end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_layer_as_it_was),
		cmocka_unit_test(test_every_change_is_named),
		cmocka_unit_test(test_another_digest),
		cmocka_unit_test(test_what_cannot_be_compared),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
