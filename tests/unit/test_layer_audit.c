/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A layer as it was unpacked is the same; with one thing changed on disk, each
 * a row, that thing is named. The same of a real podman is in
 * tests/engines/image.bats.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/store/layer_audit.h"
#include "hook/store/tree.h"
#include "tests/unit/layer_fixture.h"
#include "tests/unit/unreadable.h"

static int audit(const struct layer_fixture *fx, struct garita_layer_audit *ret,
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

static void swap(const struct layer_fixture *fx, const char *from,
		 const char *to)
{
	char old[256], new[256];

	layer_path_of(fx, from, old);
	layer_path_of(fx, to, new);
	assert_int_equal(rename(old, new), 0);
}

static void drop(const struct layer_fixture *fx, const char *name)
{
	char path[256];

	layer_path_of(fx, name, path);
	assert_int_equal(remove(path), 0);
}

static void other_byte(const struct layer_fixture *fx)
{
	layer_write_file(fx, "etc/passwd", "root:x:0:1\n", 0644);
}

static void longer(const struct layer_fixture *fx)
{
	layer_write_file(fx, "etc/passwd", "root:x:0:0\n\n", 0644);
}

static void shorter(const struct layer_fixture *fx)
{
	layer_write_file(fx, "etc/passwd", "root:x:0:0", 0644);
}

static void no_longer_empty(const struct layer_fixture *fx)
{
	layer_write_file(fx, "etc/empty", "x", 0600);
}

static void gone(const struct layer_fixture *fx)
{
	drop(fx, "etc/empty");
}

static void set_user_id(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(chmod(path, 04644), 0);
}

static void open_directory(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc", path);
	assert_int_equal(chmod(path, 0777), 0);
}

static void other_owner(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(chown(path, 0, 5), 0);
}

static void added(const struct layer_fixture *fx)
{
	layer_write_file(fx, "etc/ld.so.preload", "/x.so\n", 0644);
}

static void added_below(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "usr/lib", path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void split_hard_link(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "usr/bin/hard");
	layer_write_file(fx, "usr/bin/hard", "evil", 0755);
	layer_path_of(fx, "usr/bin/hard", path);
	assert_int_equal(
		setxattr(path, "security.capability", layer_caps, 20, 0), 0);
}

static void other_link(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "usr/bin/link");
	layer_path_of(fx, "usr/bin/link", path);
	assert_int_equal(symlink("/tmp/tool", path), 0);
}

static void link_for_file(const struct layer_fixture *fx)
{
	char path[256];

	swap(fx, "etc/passwd", "etc/copy");
	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(symlink("copy", path), 0);
}

static void link_for_directory(const struct layer_fixture *fx)
{
	char path[256];

	swap(fx, "usr/bin", "usr/sbin");
	layer_path_of(fx, "usr/bin", path);
	assert_int_equal(symlink("sbin", path), 0);
}

static void fifo_for_file(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(mkfifo(path, 0644), 0);
}

static void device_for_file(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(mknod(path, S_IFCHR | 0644, makedev(1, 5)), 0);
}

static void other_device(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "etc/null");
	layer_path_of(fx, "etc/null", path);
	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 1)), 0);
	assert_int_equal(chmod(path, 0666), 0);
}

static void more_caps(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(
		setxattr(path, "security.capability", layer_caps, 20, 0), 0);
}

static void other_caps(const struct layer_fixture *fx)
{
	char path[256], caps[20];

	memcpy(caps, layer_caps, sizeof(caps));
	caps[6] = 1;
	layer_path_of(fx, "usr/bin/tool", path);
	assert_int_equal(setxattr(path, "security.capability", caps, 20, 0), 0);
}

static void no_caps(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "usr/bin/tool", path);
	assert_int_equal(removexattr(path, "security.capability"), 0);
}

static void no_whiteout(const struct layer_fixture *fx)
{
	drop(fx, "etc/shadow");
}

static void more_whiteouts(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc/hosts.deny", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
}

static void whiteout_for_file(const struct layer_fixture *fx)
{
	char path[256];

	drop(fx, "etc/passwd");
	layer_path_of(fx, "etc/passwd", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
}

static void not_opaque(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "gone", path);
	assert_int_equal(removexattr(path, "trusted.overlay.opaque"), 0);
}

static void more_opaque(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc", path);
	assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0),
			 0);
}

static void redirected(const struct layer_fixture *fx)
{
	char path[256];

	layer_path_of(fx, "etc", path);
	assert_int_equal(setxattr(path, "trusted.overlay.redirect",
				  "/somewhere/else", 15, 0),
			 0);
}

static const struct {
	void (*change)(const struct layer_fixture *fx);
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
	struct layer_fixture fx;
	auto_audit found = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	layer_start(&fx);
	if (audit(&fx, &found, &err) < 0)
		fail_msg("%s", err.text);
	print(&found);
	assert_true(found.same);
	assert_int_equal(found.count, 0);
	assert_int_equal(found.bytes, 11 + 4);
	layer_end(&fx);
}

static void test_every_change_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(changes); i++) {
		struct layer_fixture fx;
		auto_audit found = { 0 };
		bool named = false;

		layer_start(&fx);
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
		layer_end(&fx);
	}
}

/* The records agree with the disk, and not with the digest. */
static void test_another_digest(void **state)
{
	struct layer_fixture fx;
	auto_audit found = { 0 };

	(void)state;
	layer_start(&fx);
	fx.layer.diff_id[70] = fx.layer.diff_id[70] == '0' ? '1' : '0';
	assert_int_equal(audit(&fx, &found, NULL), 0);
	assert_false(found.same);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.findings[0].name, "");
	layer_end(&fx);
}

static void test_what_cannot_be_compared(void **state)
{
	struct layer_fixture fx;
	auto_audit found = { 0 };
	char path[256];

	(void)state;
	layer_start(&fx);
	snprintf(path, sizeof(path), "%s/split", fx.dir);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(audit(&fx, &found, NULL), -EPERM);
	assert_int_equal(truncate(path, 40), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(audit(&fx, &found, NULL), -EINVAL);
	assert_int_equal(remove(path), 0);
	assert_int_equal(audit(&fx, &found, NULL), -ENOENT);
	assert_int_equal(found.count, 0);
	layer_end(&fx);
}

static bool is_not_same(const void *data)
{
	auto_audit found = { 0 };

	return audit(data, &found, NULL) == 0 && !found.same &&
	       found.count > 0 &&
	       strstr(found.findings[0].what, "cannot be read") != NULL;
}

/* What was added to it cannot be seen then. */
static void test_a_directory_that_cannot_be_read(void **state)
{
	struct layer_fixture fx;

	(void)state;
	layer_start(&fx);
	assert_true(holds_unreadable(is_not_same, &fx));
	layer_end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_layer_as_it_was),
		cmocka_unit_test(test_every_change_is_named),
		cmocka_unit_test(test_another_digest),
		cmocka_unit_test(test_what_cannot_be_compared),
		cmocka_unit_test(test_a_directory_that_cannot_be_read),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
