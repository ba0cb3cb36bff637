/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Trusted files, with real owners, modes, links and fifos in a directory of
 * our own below /tmp, which is itself the sticky directory of root that the
 * check allows. Needs root: without it nothing can belong to somebody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/straight.h"
#include "tests/unit/temporary.h"

enum { SOMEBODY = 1234, US = 0 };

/* ---- a directory for each test, which is also its current directory ---- */

static int make_base(void **state)
{
	char *base = garita_xalloc(TEMPORARY_SIZE);

	if (geteuid() != 0) {
		print_error("these tests need root\n");
		return -1;
	}
	umask(022);
	temporary_make("file", base);
	if (chmod(base, 0755) < 0 || chdir(base) < 0)
		return -1;
	*state = base;
	return 0;
}

static int remove_base(void **state)
{
	int failure = chdir("/");

	failure |= temporary_remove(*state);
	free(*state);
	return failure;
}

static void make_dir(const char *path, mode_t mode, uid_t owner)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, owner, owner), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void make_file(const char *path, mode_t mode, uid_t owner)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "text\n", 5), 5);
	close(fd);
	assert_int_equal(chown(path, owner, owner), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void make_link(const char *target, const char *path)
{
	assert_int_equal(symlink(target, path), 0);
}

/* The answer for a name in the current directory, asked for by its absolute
 * path: 0 or -errno. */
static int ask_below(const char *sysroot, const char *path,
		     struct garita_error *err)
{
	struct stat st;
	int fd = garita_file_open_trusted(sysroot, path, &st, err);

	if (fd < 0)
		return fd;
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
	return 0;
}

static int ask_for(void **state, const char *name, struct garita_error *err)
{
	char path[2 * PATH_MAX];

	if (name[0] == '/')
		return ask_below(NULL, name, err);
	snprintf(path, sizeof(path), "%s/%s", (const char *)*state, name);
	return ask_below(NULL, path, err);
}

/* Both ways lead to one answer: that of a plain path without links, and the
 * long one, which a dot is enough for. */
static int ask(void **state, const char *name)
{
	struct garita_error err = { 0 };
	int failure = ask_for(state, name, &err);
	char spelled[PATH_MAX];

	snprintf(spelled, sizeof(spelled), "%s%s", name[0] == '/' ? "/." : "./",
		 name);
	assert_int_equal(ask_for(state, spelled, NULL), failure);
	assert_int_equal(err.code, -failure);
	if (failure < 0)
		assert_true(err.text[0] != '\0');
	return failure;
}

/* ---- files ---- */

static void test_a_file_only_we_can_change(void **state)
{
	make_file("a", 0644, US);
	make_file("secret", 0600, US);
	make_dir("sticky", 01777, US);
	make_file("sticky/a", 0644, US);
	make_dir("deep", 0755, US);
	make_dir("deep/er", 0700, US);
	make_file("deep/er/a", 0644, US);
	assert_int_equal(ask(state, "a"), 0);
	assert_int_equal(ask(state, "secret"), 0);
	assert_int_equal(ask(state, "sticky/a"), 0);
	assert_int_equal(ask(state, "deep/er/a"), 0);
	assert_int_equal(ask(state, "deep/../deep//er/./a"), 0);
	assert_int_equal(ask_below(NULL, "a", NULL), 0);
	assert_int_equal(ask_below("", "./deep/er/a", NULL), 0);
}

static void test_a_file_that_others_can_change(void **state)
{
	make_file("theirs", 0644, SOMEBODY);
	make_file("group", 0664, US);
	make_file("others", 0646, US);
	make_dir("their", 0755, SOMEBODY);
	make_file("their/a", 0644, US);
	make_dir("groups", 0775, US);
	make_file("groups/a", 0644, US);
	make_dir("open", 0777, US);
	make_dir("open/inner", 0700, US);
	make_file("open/inner/a", 0600, US);
	make_dir("their-sticky", 01777, SOMEBODY);
	make_file("their-sticky/a", 0644, US);
	assert_int_equal(ask(state, "theirs"), -EPERM);
	assert_int_equal(ask(state, "group"), -EPERM);
	assert_int_equal(ask(state, "others"), -EPERM);
	assert_int_equal(ask(state, "their/a"), -EPERM);
	assert_int_equal(ask(state, "groups/a"), -EPERM);
	assert_int_equal(ask(state, "open/inner/a"), -EPERM);
	assert_int_equal(ask(state, "their-sticky/a"), -EPERM);
}

static void test_the_reason_names_the_place(void **state)
{
	struct garita_error err = { 0 };
	char want[PATH_MAX + 64];

	make_dir("open", 0777, US);
	make_file("open/a", 0644, US);
	assert_int_equal(ask_for(state, "open/a", &err), -EPERM);
	snprintf(want, sizeof(want),
		 "%s/open/a: directory %s/open can be changed by others "
		 "(mode 0777)",
		 (const char *)*state, (const char *)*state);
	assert_string_equal(err.text, want);
}

static void test_links_lead_to_what_is_trusted_all_the_way(void **state)
{
	make_dir("ours", 0755, US);
	make_file("ours/a", 0644, US);
	make_file("ours/theirs", 0644, SOMEBODY);
	make_dir("their", 0755, SOMEBODY);
	make_file("their/a", 0644, US);
	make_link("ours/a", "to-ours");
	make_link("their/a", "to-their");
	make_link("ours/theirs", "to-theirs");
	make_link("ours", "dir-ours");
	make_link("../ours/a", "their/to-ours");
	make_link("../ours", "their/dir");
	make_link("loop", "loop");
	assert_int_equal(ask(state, "to-ours"), 0);
	assert_int_equal(ask(state, "dir-ours/a"), 0);
	assert_int_equal(ask(state, "to-their"), -EPERM);
	assert_int_equal(ask(state, "to-theirs"), -EPERM);
	/* Its owner can make this link lead to another trusted file. */
	assert_int_equal(ask(state, "their/to-ours"), -EPERM);
	assert_int_equal(ask(state, "their/dir/a"), -EPERM);
	assert_int_equal(ask(state, "loop"), -ELOOP);
	/* Also when the name is relative and the link is right here. */
	assert_int_equal(chdir("their"), 0);
	assert_int_equal(ask_below(NULL, "to-ours", NULL), -EPERM);
}

static void test_what_is_no_regular_file(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX,
				    .sun_path = "socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof(name)),
			 0);
	close(fd);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	make_dir("dir", 0700, US);
	make_link("/dev/null", "null");
	assert_int_equal(ask(state, "fifo"), -EPERM); /* and does not wait */
	assert_int_equal(ask(state, "dir"), -EPERM);
	assert_int_equal(ask(state, "null"), -EPERM);
	assert_int_equal(ask(state, "socket"), -ENXIO);
}

static void test_magic_links_are_refused(void **state)
{
	char path[64];
	int fd;

	make_file("a", 0644, US);
	fd = open("a", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(ask_below(NULL, path, NULL), -ELOOP);
	close(fd);
	(void)state;
}

/* ---- what is not there ---- */

static void test_only_what_nobody_took_away_is_absent(void **state)
{
	make_dir("ours", 0755, US);
	make_dir("open", 0777, US);
	make_dir("open/inner", 0700, US);
	make_dir("their", 0755, SOMEBODY);
	make_file("file", 0644, US);
	make_link("nowhere", "dangling");
	make_link("nowhere", "ours/dangling");
	make_link("dangling", "twice");
	assert_int_equal(ask(state, "none"), -ENOENT);
	assert_int_equal(ask(state, "ours/none"), -ENOENT);
	assert_int_equal(ask(state, "none/none/none"), -ENOENT);
	assert_int_equal(ask(state, "open/none"), -EPERM);
	assert_int_equal(ask(state, "open/none/none"), -EPERM);
	assert_int_equal(ask(state, "open/inner/none"), -EPERM);
	assert_int_equal(ask(state, "their/none"), -EPERM);
	assert_int_equal(ask(state, "dangling"), -ELOOP);
	assert_int_equal(ask(state, "dangling/none"), -ELOOP);
	assert_int_equal(ask(state, "dangling//none/"), -ELOOP);
	assert_int_equal(ask(state, "ours/dangling/none"), -ELOOP);
	assert_int_equal(ask(state, "twice"), -ELOOP);
	assert_int_equal(ask(state, "file/none"), -ENOTDIR);
	assert_int_equal(ask_below(NULL, "none", NULL), -ENOENT);
	assert_int_equal(ask_below(NULL, "", NULL), -ENOENT);
	assert_int_equal(chdir("their"), 0);
	assert_int_equal(ask_below(NULL, "none", NULL), -EPERM);
}

/* ---- below a sysroot ---- */

static void test_a_sysroot_is_a_root(void **state)
{
	const char *base = *state;
	char outside[PATH_MAX];

	make_dir("root", 0755, US);
	make_dir("root/etc", 0755, US);
	make_file("root/etc/a", 0644, US);
	make_file("outside", 0644, US);
	make_link("/etc/a", "root/absolute");
	make_link("../../../outside", "root/up");
	snprintf(outside, sizeof(outside), "%s/outside", base);
	make_link(outside, "root/out");
	assert_int_equal(ask_below("root", "/etc/a", NULL), 0);
	assert_int_equal(ask_below("root", "etc/a", NULL), 0);
	assert_int_equal(ask_below("root", "/absolute", NULL), 0);
	assert_int_equal(ask_below("root", "/../../etc/a", NULL), 0);
	assert_int_equal(ask_below("root", "/outside", NULL), -ENOENT);
	assert_int_equal(ask_below("root", "/../outside", NULL), -ENOENT);
	assert_int_equal(ask_below("root", "/up", NULL), -ELOOP);
	assert_int_equal(ask_below("root", "/out", NULL), -ELOOP);
	/* Not -ENOENT, which would read as "no policy". */
	assert_int_equal(ask_below("none", "/etc/a", NULL), -ENOTDIR);
	assert_int_equal(ask_below("outside", "/etc/a", NULL), -ENOTDIR);
	assert_int_equal(chmod("root/etc", 0777), 0);
	assert_int_equal(ask_below("root", "/etc/a", NULL), -EPERM);
	assert_int_equal(ask_below("root", "/etc/none", NULL), -EPERM);
}

/* ---- as somebody else ---- */

/* The answer of a child that first becomes somebody. */
static int ask_as(void **state, const char *name, bool in_user_namespace)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		bool changed = in_user_namespace
				       ? unshare(CLONE_NEWUSER) == 0
				       : setgid(SOMEBODY) == 0 &&
						 setuid(SOMEBODY) == 0;

		_exit(changed ? -ask_for(state, name, NULL) : 255);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void test_we_are_trusted_by_ourselves_only(void **state)
{
	make_dir("their", 0755, SOMEBODY);
	make_file("their/a", 0644, SOMEBODY);
	make_dir("third", 0755, SOMEBODY + 1);
	make_file("third/a", 0644, SOMEBODY);
	assert_int_equal(ask(state, "their/a"), -EPERM);
	assert_int_equal(ask_as(state, "their/a", false), 0);
	assert_int_equal(ask_as(state, "third/a", false), -EPERM);
	/* Sticky keeps others from renaming only where root says so. */
	make_dir("their/sticky", 01777, SOMEBODY);
	make_file("their/sticky/a", 0644, SOMEBODY);
	assert_int_equal(ask_as(state, "their/sticky/a", false), -EPERM);
}

/* In a user namespace without a map everything, and we ourselves, seem to be
 * uid 65534: the same number is then not the same person. */
static void test_nobody_is_not_us(void **state)
{
	assert_int_equal(ask(state, "/etc/passwd"), 0);
	assert_int_equal(ask_as(state, "/etc/passwd", true), -EPERM);
}

/* An old kernel, made by a filter: no guessing with less than openat2. */
static void test_without_openat2_nothing_is_opened(void **state)
{
	pid_t child;
	int status;

	make_file("a", 0644, US);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				     SCMP_SYS(openat2), 0) < 0 ||
		    seccomp_load(filter) < 0)
			_exit(255);
		_exit(-ask_for(state, "a", NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ENOSYS);
}

/* ---- directories ---- */

static int chain_of(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return garita_file_check_chain(fd, NULL);
}

static void test_chains(void **state)
{
	int removed;

	make_dir("ours", 0755, US);
	make_dir("their", 0755, SOMEBODY);
	make_dir("their/ours", 0700, US);
	make_dir("removed", 0700, US);
	assert_int_equal(chain_of("/"), 0);
	assert_int_equal(chain_of("ours"), 0);
	assert_int_equal(chain_of("their"), -EPERM);
	assert_int_equal(chain_of("their/ours"), -EPERM);
	removed = open("removed", O_PATH | O_CLOEXEC);
	assert_int_equal(rmdir("removed"), 0);
	assert_int_equal(garita_file_check_chain(removed, NULL), -ENOTDIR);
	close(removed);
	removed = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(garita_file_check_chain(removed, NULL), -ENOTDIR);
	close(removed);
	assert_int_equal(garita_file_check_chain(-1, NULL), -EBADF);
	(void)state;
}

static void test_directories_are_opened_as_files_are(void **state)
{
	int fd;

	make_dir("ours", 0755, US);
	make_dir("open", 0777, US);
	make_file("file", 0644, US);
	make_link("nowhere", "dangling");
	fd = garita_file_open_directory(NULL, "ours", NULL);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(garita_file_open_directory(NULL, "open", NULL),
			 -EPERM);
	assert_int_equal(garita_file_open_directory(NULL, "none", NULL),
			 -ENOENT);
	assert_int_equal(garita_file_open_directory(NULL, "file", NULL),
			 -ENOTDIR);
	assert_int_equal(garita_file_open_directory(NULL, "dangling", NULL),
			 -ELOOP);
	assert_int_equal(garita_file_open_directory(*state, "/open", NULL),
			 -EPERM);
}

/* What a start remembers: directories that only root and we can change, and
 * all above them. What lies in them is judged each time. */
static int remembers(void)
{
	char dir[] = "/run/garita-file-XXXXXX", name[64];
	struct garita_error err = { 0 };
	bool good;

	if (mkdtemp(dir) == NULL || chdir(dir) < 0)
		return 1;
	make_file("a", 0644, US);
	make_file("open", 0666, US);
	make_dir("shared", 01777, US);
	make_file("shared/a", 0644, US);
	make_link("a", "link");
	snprintf(name, sizeof(name), "%s/a", dir);
	good = ask_below(NULL, name, NULL) == 0 &&
	       !garita_straight_is_known(dir);
	garita_straight_remember();
	good = good && ask_below(NULL, name, NULL) == 0 &&
	       garita_straight_is_known(dir) &&
	       garita_straight_is_known("/run") &&
	       !garita_straight_is_known("/run/garita") &&
	       !garita_straight_is_known(name);
	snprintf(name, sizeof(name), "%s/shared/a", dir);
	good = good && ask_below(NULL, name, NULL) == 0;
	snprintf(name, sizeof(name), "%s/shared", dir);
	good = good && !garita_straight_is_known(name);
	snprintf(name, sizeof(name), "%s/open", dir);
	good = good && ask_below(NULL, name, &err) == -EPERM;
	snprintf(name, sizeof(name), "%s/none", dir);
	good = good && ask_below(NULL, name, &err) == -ENOENT;
	snprintf(name, sizeof(name), "%s/link", dir);
	good = good && ask_below(NULL, name, &err) == 0;
	temporary_remove(dir);
	return good ? 0 : 2;
}

static void test_directories_are_remembered(void **state)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(remembers());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)state;
}

static void test_real_paths(void **state)
{
	auto_free char *path = NULL;
	char want[PATH_MAX];
	int fd;

	make_dir("dir", 0755, US);
	make_file("dir/a", 0644, US);
	make_link("dir", "link");
	fd = open("link/a", O_RDONLY | O_CLOEXEC);
	snprintf(want, sizeof(want), "%s/dir/a", (const char *)*state);
	path = garita_file_real_path(fd);
	assert_string_equal(path, want);
	/* A removed file has no path, not even the one that /proc shows. */
	assert_int_equal(unlink("dir/a"), 0);
	assert_null(garita_file_real_path(fd));
	make_file("dir/a (deleted)", 0644, US);
	assert_null(garita_file_real_path(fd));
	close(fd);
	assert_null(garita_file_real_path(-1));
	assert_null(garita_file_real_path(fd));
}

#define IN_BASE(test)                                                          \
	cmocka_unit_test_setup_teardown(test, make_base, remove_base)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BASE(test_a_file_only_we_can_change),
		IN_BASE(test_a_file_that_others_can_change),
		IN_BASE(test_the_reason_names_the_place),
		IN_BASE(test_links_lead_to_what_is_trusted_all_the_way),
		IN_BASE(test_what_is_no_regular_file),
		IN_BASE(test_magic_links_are_refused),
		IN_BASE(test_only_what_nobody_took_away_is_absent),
		IN_BASE(test_a_sysroot_is_a_root),
		IN_BASE(test_we_are_trusted_by_ourselves_only),
		IN_BASE(test_nobody_is_not_us),
		IN_BASE(test_without_openat2_nothing_is_opened),
		IN_BASE(test_chains),
		IN_BASE(test_directories_are_opened_as_files_are),
		IN_BASE(test_directories_are_remembered),
		IN_BASE(test_real_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
