/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_unreadable - of a directory that cannot be read nobody says that there
 * is nothing in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/cli/net.h"
#include "hook/doctor/doctor.h"
#include "hook/log/reader.h"
#include "tests/unit/temporary.h"
#include "tests/unit/unreadable.h"

static char home[TEMPORARY_SIZE];

static void make(const char *path)
{
	auto_text below = { 0 };

	garita_text_printf(&below, "%s%s", home, path);
	for (char *slash = below.data + strlen(home) + 1; slash != NULL;) {
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		assert_true(mkdir(below.data, 0755) == 0 || errno == EEXIST);
		if (slash != NULL)
			*slash++ = '/';
	}
}

static int make_home(void **state)
{
	(void)state;
	umask(022);
	temporary_make("unreadable", home);
	make("/etc/crio/crio.conf.d");
	make("/etc/containers/oci/hooks.d");
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	return temporary_remove(home);
}

/* Each returns 0 or -errno. */

static int find_container(void)
{
	struct garita_error err = { 0 };
	auto_free char *id = NULL;
	uint32_t pid;
	int rc = garita_net_find("c1", home, &pid, &id, &err);

	/* Where all could be read there is none. */
	return rc == -ENOENT ? 0 : rc;
}

static int list_logs(void)
{
	struct garita_log_files files = { 0 };
	struct garita_error err = { 0 };
	auto_text path = { 0 };
	int rc;

	garita_text_printf(&path, "%s/decisions.jsonl", home);
	rc = garita_log_files(path.data, &files, &err);
	garita_log_files_free(&files);
	return rc == -ENOENT ? 0 : rc;
}

static int list_running(void)
{
	const struct garita_install_options options = {
		.sysroot = "",
		.runtime = "/nowhere/garita-runtime",
	};
	struct garita_error err = { 0 };
	auto_text out = { 0 };
	int rc = garita_install_running(&options, &garita_install_podman, &out,
					&err);

	return rc == 0 && out.len > 0 ? -EEXIST : rc;
}

static int read_drop_ins(void)
{
	const struct garita_install_options options = { .sysroot = home };
	struct garita_error err = { 0 };
	auto_told told = { 0 };

	return garita_told_read(&options, &garita_install_crio, &told, &err);
}

static int look_at_hooks(void)
{
	const struct garita_install_options options = {
		.sysroot = home,
		.hook = "/nowhere/garita-hook",
	};
	struct garita_doctor doctor = { .install = &options, .section = "" };
	bool unread, said;

	garita_doctor_look_at_hooks(&doctor);
	unread = doctor.hooks_unread;
	said = garita_doctor_health(&doctor) != GARITA_HEALTH_OK;
	garita_doctor_free(&doctor);
	if (unread != said)
		return -EPROTO;
	return unread ? -EIO : 0;
}

static const struct {
	const char *why;
	int (*ask)(void);
} rows[] = {
	{ "a container by its id", find_container },
	{ "older logs", list_logs },
	{ "containers that run", list_running },
	{ "an engine's drop-ins", read_drop_ins },
	{ "hooks", look_at_hooks },
};

static bool is_said(const void *data)
{
	const size_t *i = data;

	return rows[*i].ask() == -EIO;
}

static void test_it_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		if (rows[i].ask() != 0)
			fail_msg("%s: readable", rows[i].why);
		if (!holds_unreadable(is_said, &i))
			fail_msg("%s: not readable", rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_said),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
