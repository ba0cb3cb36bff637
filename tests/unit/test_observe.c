/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is seen of a machine: a small one is made below a directory, with an
 * image whose links lead where an attacker would have them lead, and looked at
 * as garita looks at the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/text.h"
#include "hook/host/observe.h"
#include "tests/unit/temporary.h"

static char *below(const char *home, const char *path)
{
	auto_text whole = { 0 };

	garita_text_printf(&whole, "%s%s", home, path);
	return garita_text_take(&whole);
}

static void make_dirs(const char *home, const char *path)
{
	auto_free char *whole = below(home, path);

	for (char *at = whole + strlen(home) + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(whole, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*at = '/';
	}
}

static void make_link(const char *home, const char *path, const char *to)
{
	auto_free char *whole = below(home, path);

	make_dirs(home, path);
	assert_int_equal(symlink(to, whole), 0);
}

static void make_file(const char *home, const char *path, const char *text)
{
	auto_free char *whole = below(home, path);
	FILE *file;

	make_dirs(home, path);
	file = fopen(whole, "wxe");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_home(void **state)
{
	char *home = garita_xalloc(TEMPORARY_SIZE);

	temporary_make("observe", home);
	make_dirs(home, "/b/rootfs/run/");
	make_dirs(home, "/b/rootfs/data/");
	make_dirs(home, "/b/rootfs/proc/");
	make_link(home, "/b/rootfs/var/run", "/run");
	make_link(home, "/b/rootfs/kernel", "../../../../proc");
	make_link(home, "/b/rootfs/tunables", "/proc/sys");
	make_link(home, "/b/rootfs/round", "round");
	make_link(home, "/b/rootfs/top", "/");
	make_file(home, "/proc/4711/ns/net", "");
	make_file(home, "/proc/4711/ns/ipc", "");
	make_file(home, "/proc/4711/cgroup", "0::/kubepods/pod1/0a1b\n");
	make_file(home, "/proc/4712/ns/uts", "");
	make_file(home, "/proc/4712/cgroup",
		  "9:name=systemd:/\n4:memory:/docker/77:8\n0::/\n");
	make_file(home, "/proc/4713/ns/pid", "");
	make_file(home, "/proc/4713/cgroup", "0::/\n");
	make_file(home, "/proc/4714/ns/user", "");
	*state = home;
	return 0;
}

static int remove_home(void **state)
{
	temporary_remove(*state);
	free(*state);
	return 0;
}

/* Looks at the machine for a config with this working directory, these mounts
 * and these members of linux. */
static void look_from(const char *cwd, const char *home, const char *mounts,
		      const char *os, struct garita_host *ret)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	auto_spec spec = { 0 };

	garita_text_printf(&text,
			   "{\"process\":{\"cwd\":\"%s\"},"
			   "\"root\":{\"path\":\"rootfs\"},"
			   "\"mounts\":[%s],\"linux\":{%s}}",
			   cwd, mounts, os);
	assert_int_equal(garita_config_parse(text.data, text.len, &doc, NULL),
			 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	assert_int_equal(garita_observe(home, &spec, "/b", ret, NULL), 0);
}

static void look(const char *home, const char *mounts, const char *os,
		 struct garita_host *ret)
{
	look_from("/var/run", home, mounts, os, ret);
}

static const struct {
	const char *why, *path;
	bool plain;
	const char *real; /* NULL: cannot be told */
} targets[] = {
	{ "there", "/data", true, NULL },
	{ "not there, the runtime makes it", "/data/new/deep", true, NULL },
	{ "the image has /var/run as everyone has", "/var/run", false, "/run" },
	{ "a service account in it: not there yet",
	  "/var/run/secrets/kubernetes.io", false,
	  "/run/secrets/kubernetes.io" },
	{ "out of the image and back into its /proc", "/kernel", false,
	  "/proc" },
	{ "and below it", "/kernel/sys/kernel", false, "/proc/sys/kernel" },
	{ "to what is there once proc is mounted", "/tunables", false, NULL },
	{ "and below that", "/tunables/kernel", false, NULL },
	{ "to itself", "/round", false, NULL },
	{ "to the root", "/top", false, "/" },
	{ "to the root and down again", "/top/new", false, "/new" },
	{ "dots are cleaned as runtimes do", "/x/../kernel/.", false, "/proc" },
};

static void test_targets(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(targets); i++) {
		auto_free char *clean = garita_path_clean(targets[i].path);
		const struct garita_path_fact *fact;
		struct garita_host host = { 0 };
		auto_text mount = { 0 };

		garita_text_printf(&mount,
				   "{\"destination\":\"%s\"},"
				   "{\"destination\":\"%s/.\"}",
				   targets[i].path, targets[i].path);
		look(*state, mount.data, "", &host);
		fact = garita_host_target(&host, clean);
		if ((fact == NULL) != targets[i].plain)
			fail_msg("%s: plain or not", targets[i].why);
		if (fact != NULL &&
		    (fact->real == NULL) != (targets[i].real == NULL))
			fail_msg("%s: %s", targets[i].why,
				 fact->real ? fact->real : "cannot be told");
		if (fact != NULL && fact->real != NULL)
			assert_string_equal(fact->real, targets[i].real);
		assert_true(host.target_count <= 1);
		garita_host_free(&host);
	}
}

/* More components than anybody has, behind a link: not a million looks. */
static void test_endless_target(void **state)
{
	struct garita_host host = { 0 };
	auto_text mount = { 0 }, path = { 0 };

	garita_text_puts(&path, "/var/run");
	for (int i = 0; i < 1000; i++)
		garita_text_puts(&path, "/x");
	garita_text_printf(&mount, "{\"destination\":\"%s\"}", path.data);
	look(*state, mount.data, "", &host);
	assert_non_null(garita_host_target(&host, path.data));
	assert_null(garita_host_target(&host, path.data)->real);
	garita_host_free(&host);
}

/* One that no kernel takes is a fact with its reason, not a plain one. */
static void test_too_long_target(void **state)
{
	const struct garita_path_fact *fact;
	struct garita_host host = { 0 };
	auto_text mount = { 0 }, path = { 0 };

	for (int i = 0; i < 3000; i++)
		garita_text_puts(&path, "/x");
	garita_text_printf(&mount, "{\"destination\":\"%s\"}", path.data);
	look(*state, mount.data, "", &host);
	fact = garita_host_target(&host, path.data);
	assert_non_null(fact);
	assert_int_equal(fact->failure, ENAMETOOLONG);
	garita_host_free(&host);
}

static void test_root_and_cwd(void **state)
{
	struct garita_host host = { 0 };

	look(*state, "", "", &host);
	assert_string_equal(host.root, "/b/rootfs");
	assert_string_equal(host.cwd, "/run");
	assert_int_equal(host.target_count, 0);
	garita_host_free(&host);
}

#define BIND(source, destination)                                              \
	"{\"destination\":\"" destination "\",\"source\":\"" source            \
	"\",\"type\":\"bind\"}"

/* CVE-2024-21626 by detours: what the path is once all is mounted counts. */
static const struct {
	const char *why, *cwd, *mounts;
	int failure;
	const char *real; /* NULL: not told */
} places[] = {
	{ "there", "/data", "", 0, "/data" },
	{ "a link of the image", "/var/run", "", 0, "/run" },
	{ "made by the runtime", "/new/deep", "", ENOENT, NULL },
	{ "a link into proc", "/tunables/kernel", "", ELOOP, NULL },
	{ "a volume", "/vol", BIND("/volume", "/vol"), 0, NULL },
	{ "a directory of a volume", "/vol/plain", BIND("/volume", "/vol"),
	  ENOENT, NULL },
	{ "to be made in a volume", "/vol/new", BIND("/volume", "/vol"), ENOENT,
	  NULL },
	{ "a link in a volume", "/vol/link", BIND("/volume", "/vol"), ELOOP,
	  NULL },
	{ "through a link in a volume", "/vol/link/x", BIND("/volume", "/vol"),
	  ELOOP, NULL },
	{ "the last mount counts", "/vol/link",
	  BIND("/volume", "/vol") ",{\"destination\":\"/vol\",\"type\":"
				  "\"tmpfs\"}",
	  ENOENT, NULL },
	{ "below the bundle", "/vol/x", BIND("volume", "/vol"), ELOOP, NULL },
};

static void check_places(const char *home)
{
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		struct garita_host host = { 0 };

		look_from(places[i].cwd, home, places[i].mounts, "", &host);
		if (places[i].failure != 0 &&
		    host.cwd_failure != places[i].failure)
			fail_msg("%s: failure %d", places[i].why,
				 host.cwd_failure);
		if (places[i].real != NULL)
			assert_string_equal(host.cwd, places[i].real);
		if (places[i].failure == ELOOP)
			assert_null(host.cwd);
		garita_host_free(&host);
	}
}

static void test_working_directory(void **state)
{
	struct garita_host host = { 0 };

	make_dirs(*state, "/volume/plain/");
	make_link(*state, "/volume/link", "/proc/self/fd/7");
	check_places(*state);
	/* Real directories where proc will be, and a link through them. */
	make_dirs(*state, "/b/rootfs/proc/self/fd/7/");
	make_link(*state, "/b/rootfs/out", "/proc/self/fd/7/../../../data");
	look_from("/out", *state, "", "", &host);
	assert_int_equal(host.cwd_failure, ELOOP);
	assert_null(host.cwd);
	garita_host_free(&host);
	look_from("/data", *state, "", "", &host);
	assert_string_equal(host.cwd, "/data");
	garita_host_free(&host);
}

/* What a container left in its volume leads the next one's mount. */
static const struct {
	const char *why, *mounts;
	int failure; /* of /vol/link/x; 0: plain */
} covered[] = {
	{ "below a link of a volume",
	  BIND("/volume", "/vol") "," BIND("/data", "/vol/link/x"), ELOOP },
	{ "the volume is mounted behind it",
	  BIND("/data", "/vol/link/x") "," BIND("/volume", "/vol"), 0 },
	{ "and something else over the volume",
	  BIND("/volume", "/vol") ",{\"destination\":\"/vol\",\"type\":"
				  "\"tmpfs\"}," BIND("/data", "/vol/link/x"),
	  0 },
	{ "a volume without it",
	  BIND("/volume/plain", "/vol") "," BIND("/data", "/vol/link/x"), 0 },
	{ "twice, the first time before",
	  BIND("/data", "/vol/link/x") "," BIND("/volume", "/vol") "," BIND(
		  "/data", "/vol/link/x"),
	  ELOOP },
};

static void test_target_below_a_mount(void **state)
{
	make_dirs(*state, "/volume/plain/");
	make_link(*state, "/volume/link", "/proc");
	for (size_t i = 0; i < GARITA_COUNT(covered); i++) {
		const struct garita_path_fact *fact;
		struct garita_host host = { 0 };

		look(*state, covered[i].mounts, "", &host);
		fact = garita_host_target(&host, "/vol/link/x");
		if ((fact ? fact->failure : 0) != covered[i].failure)
			fail_msg("%s", covered[i].why);
		garita_host_free(&host);
	}
}

/* Of many the one that covers the way is found: the last before it. */
static void test_many_mounts(void **state)
{
	const struct garita_path_fact *fact;
	struct garita_host host = { 0 };
	auto_text mounts = { 0 };

	for (int i = 0; i < 2000; i++)
		garita_text_printf(&mounts, "{\"destination\":\"/m%d\"},", i);
	garita_text_puts(
		&mounts,
		BIND("/data", "/m7/link/x") "," BIND("/many", "/m7") "," BIND(
			"/data", "/m7/link/y") ",{\"destination\":\"/"
					       "m7\"}," BIND("/data",
							     "/m7/link/z"));
	make_link(*state, "/many/link", "/proc");
	look(*state, mounts.data, "", &host);
	assert_null(garita_host_target(&host, "/m1999"));
	assert_null(garita_host_target(&host, "/m7/link/x"));
	fact = garita_host_target(&host, "/m7/link/y");
	assert_non_null(fact);
	assert_int_equal(fact->failure, ELOOP);
	assert_null(garita_host_target(&host, "/m7/link/z"));
	garita_host_free(&host);
}

static const struct {
	const char *type, *path, *cgroup;
} joined[] = {
	{ "network", "/proc/4711/ns/net", "/kubepods/pod1/0a1b" },
	{ "ipc", "/proc/4711/ns/ipc", "/kubepods/pod1/0a1b" },
	{ "uts", "/proc/4712/ns/uts", "/docker/77:8" },
	{ "pid", "/proc/4713/ns/pid", "/" },
	{ "user", "/proc/4714/ns/user", NULL }, /* ended meanwhile */
	{ "mount", "/run/netns/4711", NULL },
};

static void test_whose_namespaces(void **state)
{
	struct garita_host host = { 0 };
	auto_text list = { 0 };

	garita_text_puts(&list, "\"namespaces\":[");
	for (size_t i = 0; i < GARITA_COUNT(joined); i++)
		garita_text_printf(&list, "%s{\"type\":\"%s\",\"path\":\"%s\"}",
				   i ? "," : "", joined[i].type,
				   joined[i].path);
	garita_text_puts(&list, "]");
	look(*state, "", list.data, &host);
	for (size_t i = 0; i < GARITA_COUNT(joined); i++) {
		const struct garita_path_fact *fact =
			garita_host_path(&host, joined[i].path);

		assert_non_null(fact);
		if ((fact->cgroup == NULL) != (joined[i].cgroup == NULL))
			fail_msg("%s: %s", joined[i].path,
				 fact->cgroup ? fact->cgroup : "not known");
		if (fact->cgroup != NULL)
			assert_string_equal(fact->cgroup, joined[i].cgroup);
	}
	garita_host_free(&host);
}

/* Which control groups the host has is asked only where it matters. */
static void test_cgroup_version(void **state)
{
	struct garita_host host = { 0 };

	look(*state, "", "", &host);
	assert_int_equal(garita_host_path(&host, GARITA_HOST_CGROUP2)->failure,
			 ENOENT);
	garita_host_free(&host);
	make_file(*state, GARITA_HOST_CGROUP2, "cpu\n");
	look(*state, "", "", &host);
	assert_int_equal(garita_host_path(&host, GARITA_HOST_CGROUP2)->failure,
			 0);
	garita_host_free(&host);
	look(*state, "", "\"namespaces\":[{\"type\":\"cgroup\"}]", &host);
	assert_null(garita_host_path(&host, GARITA_HOST_CGROUP2));
	garita_host_free(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_endless_target),
		cmocka_unit_test_setup_teardown(test_target_below_a_mount,
						make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_many_mounts, make_home,
						remove_home),
		cmocka_unit_test(test_too_long_target),
		cmocka_unit_test(test_root_and_cwd),
		cmocka_unit_test(test_working_directory),
		cmocka_unit_test(test_whose_namespaces),
		cmocka_unit_test(test_cgroup_version),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
