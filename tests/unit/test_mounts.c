/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of mountinfo, among them the ones that real engines left in
 * tests/samples/engines: lowerdir as paths, as relative paths and as numbers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "hook/store/mounts.h"

#define SAMPLES GARITA_SRC_DIR "/tests/samples/engines/"
#define OTHERS                                                                 \
	"22 1 254:0 / / rw - ext4 /dev/vda rw\n"                               \
	"30 22 0:5 / /proc rw,nosuid shared:12 master:1 - proc proc rw\n"

static int ask(const char *text, const char *path, char **ret_upper,
	       struct garita_error *err)
{
	struct garita_overlay found = { 0 };
	int failed =
		garita_mounts_overlay(text, strlen(text), path, &found, err);

	*ret_upper = found.upper;
	return failed;
}

static const struct {
	const char *why, *line, *path, *upper;
} fine[] = {
	{ "as podman",
	  "68 57 0:42 / /s/merged rw,relatime - overlay overlay "
	  "rw,lowerdir=/s/l/A:/s/l/B,upperdir=/s/diff,workdir=/w",
	  "/s/merged", "/s/diff" },
	{ "tags before the dash",
	  "68 57 0:42 / /m rw shared:1 master:2 x:3 - "
	  "overlay overlay rw,upperdir=/u",
	  "/m", "/u" },
	{ "blanks in paths",
	  "68 57 0:42 / /a\\040b rw - overlay overlay "
	  "rw,upperdir=/u\\040\\011x",
	  "/a b", "/u \tx" },
	{ "a comma and a backslash",
	  "68 57 0:42 / /a\\134b rw - overlay o "
	  "lowerdir=/x\\054upperdir=/evil,upperdir="
	  "/u\\054v",
	  "/a\\b", "/u,v" },
	{ "no escape", "68 57 0:42 / /a\\9z rw - overlay o rw,upperdir=/u\\4",
	  "/a\\9z", "/u\\4" },
	{ "a source with the word in it",
	  "68 57 0:42 / /m rw - overlay "
	  "upperdir=/evil rw,upperdir=/u",
	  "/m", "/u" },
};

static void test_what_is_mounted(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(fine); i++) {
		auto_free char *upper = NULL;
		char text[1024];

		snprintf(text, sizeof(text), OTHERS "%s\n", fine[i].line);
		if (ask(text, fine[i].path, &upper, NULL) != 0)
			fail_msg("refused: %s", fine[i].why);
		assert_string_equal(upper, fine[i].upper);
		free(garita_take_ptr(&upper));
		/* The same without the last newline. */
		text[strlen(text) - 1] = '\0';
		assert_int_equal(ask(text, fine[i].path, &upper, NULL), 0);
	}
}

static const struct {
	const char *why, *text, *words;
	int code;
} wrong[] = {
	{ "nothing there", OTHERS, "is not mounted", -ENOENT },
	{ "an empty text", "", "is not mounted", -ENOENT },
	{ "only a longer path", "1 1 0:1 / /m/x rw - overlay o upperdir=/u\n",
	  "is not mounted", -ENOENT },
	{ "the path as root of the mount",
	  "1 1 0:1 /m /x rw - overlay o upperdir=/u\n", "is not mounted",
	  -ENOENT },
	{ "two",
	  "1 1 0:1 / /m rw - overlay o upperdir=/u\n"
	  "2 1 0:1 / /m rw - overlay o upperdir=/u\n",
	  "mounted over each other", -EINVAL },
	{ "another kind", "1 1 0:1 / /m rw - tmpfs t upperdir=/u\n",
	  "is tmpfs, not overlay", -EINVAL },
	{ "a part", "1 1 0:1 /part /m rw - overlay o upperdir=/u\n",
	  "a part of an overlay", -EINVAL },
	{ "read-only overlay",
	  "1 1 0:1 / /m ro - overlay o ro,lowerdir=/a:/b\n",
	  "no upper directory", -EINVAL },
	{ "no dash", "1 1 0:1 / /m rw overlay o upperdir=/u\n",
	  "cannot be read", -EINVAL },
	{ "cut short", "1 1 0:1 / /m rw - overlay\n", "cannot be read",
	  -EINVAL },
	{ "no number", "x 1 0:1 / /m rw - overlay o upperdir=/u\n",
	  "is no number", -EINVAL },
};

static void test_what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(wrong); i++) {
		auto_free char *upper = NULL;
		struct garita_error err = { 0 };

		if (ask(wrong[i].text, "/m", &upper, &err) != wrong[i].code)
			fail_msg("%s: %s", wrong[i].why, err.text);
		if (strstr(err.text, wrong[i].words) == NULL)
			fail_msg("%s: says %s", wrong[i].why, err.text);
		assert_null(upper);
	}
}

static char *read_sample(const char *engine, const char *name)
{
	auto_text text = { 0 };
	char path[512];
	FILE *file;
	int c;

	snprintf(path, sizeof(path), SAMPLES "%s/%s", engine, name);
	file = fopen(path, "re");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	while ((c = fgetc(file)) != EOF)
		garita_text_putc(&text, (char)c);
	fclose(file);
	return garita_text_take(&text);
}

/* Each sample has the mounts that the runtime saw, and the root.path it got. */
static void test_lines_of_real_engines(void **state)
{
	static const struct {
		const char *engine, *upper;
	} rows[] = {
		{ "podman-4.3.1", "/var/lib/containers/storage/overlay/" },
		{ "podman-5.4.2", "/var/lib/containers/storage/overlay/" },
		{ "podman-5.8.6", "/var/lib/containers/storage/overlay/" },
		{ "crio-1.37.0", "/var/lib/containers/storage/overlay/" },
		{ "docker-20.10.24", "/var/lib/docker/overlay2/" },
		{ "docker-28.5.2-containerd-snapshotter",
		  "/var/lib/docker/containerd/daemon/" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_free char *text =
			read_sample(rows[i].engine, "mountinfo-rootfs.txt");
		auto_free char *config =
			read_sample(rows[i].engine, "config.json");
		auto_json struct garita_json_doc *doc = NULL;
		auto_free char *upper = NULL;
		struct garita_error err = { 0 };

		assert_int_equal(garita_json_parse(config, strlen(config), 0,
						   &doc, &err),
				 0);
		if (ask(text,
			garita_json_string(garita_json_at(garita_json_root(doc),
							  "/root/path")),
			&upper, &err) != 0)
			fail_msg("%s: %s", rows[i].engine, err.text);
		assert_true(garita_starts_with(upper, rows[i].upper));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_mounted),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_lines_of_real_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
