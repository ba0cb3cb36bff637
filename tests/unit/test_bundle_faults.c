/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Replacing a config while things break: a full or read-only disk, a killed
 * process, a writer who never stops. The bundle then holds the old config or
 * the new one, whole, and nothing of ours for longer than until the next try.
 */
#include "bundle_home.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

void garita_out_of_memory(void)
{
	abort();
}

enum { CANNOT_TRY = 77, LARGE = 1 << 20 };

/* In a child, with a tmpfs of 64 kB on the bundle in a mount namespace of its
 * own. 0: as it should be. */
static int replace_on(unsigned long flags, int want)
{
	auto_bundle bundle = { .fd = -1 };
	auto_json struct garita_json_doc *doc = garita_json_new();
	auto_free char *large = garita_xalloc(LARGE);
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return CANNOT_TRY;
	if (mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "../b", "tmpfs", 0, "size=64k,mode=0755") < 0 ||
	    chdir("../b") < 0)
		return CANNOT_TRY;
	put("config.json", OLD_CONFIG, 0640);
	if (flags && mount("", ".", "", MS_REMOUNT | flags, NULL) < 0)
		return 1;
	memset(large, ' ', LARGE - 1);
	garita_json_put_string(doc, garita_json_root(doc), "large", large);
	if (garita_bundle_open(NULL, &bundle, NULL) < 0)
		return 2;
	r = garita_bundle_replace(&bundle, garita_json_root(doc), NULL);
	if (r != want)
		return 3;
	assert_config(OLD_CONFIG);
	return count_names() == 1 ? 0 : 4;
}

static void in_child(int (*what)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(what());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int on_full_disk(void)
{
	return replace_on(0, -ENOSPC);
}

static int on_read_only_disk(void)
{
	return replace_on(MS_RDONLY, -EROFS);
}

static void test_full_disk(void **state)
{
	(void)state;
	in_child(on_full_disk);
}

static void test_read_only_disk(void **state)
{
	(void)state;
	in_child(on_read_only_disk);
}

/* Where "." leads nobody can tell then. */
static int without_proc(void)
{
	auto_bundle bundle = { .fd = -1 };

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/proc", "tmpfs", 0, NULL) < 0)
		return CANNOT_TRY;
	return garita_bundle_open(".", &bundle, NULL) == -ENOENT ? 0 : 1;
}

static void test_without_proc(void **state)
{
	(void)state;
	in_child(without_proc);
}

/* What happens to config.json between the last read() and the next look. */
static void (*meanwhile)(void);

int __wrap_garita_file_read_all(int fd, const struct stat *st, size_t max_bytes,
				char **ret, size_t *ret_len,
				struct garita_error *err);
int __real_garita_file_read_all(int fd, const struct stat *st, size_t max_bytes,
				char **ret, size_t *ret_len,
				struct garita_error *err);

int __wrap_garita_file_read_all(int fd, const struct stat *st, size_t max_bytes,
				char **ret, size_t *ret_len,
				struct garita_error *err)
{
	int rc = __real_garita_file_read_all(fd, st, max_bytes, ret, ret_len,
					     err);

	if (meanwhile != NULL)
		meanwhile();
	return rc;
}

static void write_over(void)
{
	put("config.json", "{\"odd\":true}", 0640);
}

static void write_more(void)
{
	put("config.json", OLD_CONFIG " ", 0640);
}

/* The time of the last write can be set back, not that of the last change. */
static void write_over_in_secret(void)
{
	struct timespec times[2];
	struct stat st;

	assert_int_equal(stat("config.json", &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	write_over();
	assert_int_equal(utimensat(AT_FDCWD, "config.json", times, 0), 0);
}

static void test_changed_while_it_is_read(void **state)
{
	static void (*const ways[])(void) = { write_over, write_more,
					      write_over_in_secret };
	/* Longer than the clock of a file system takes for a step. */
	const struct timespec step = { .tv_nsec = 20 * 1000 * 1000 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(ways); i++) {
		auto_bundle bundle = { .fd = -1 };

		put("config.json", OLD_CONFIG, 0640);
		nanosleep(&step, NULL);
		meanwhile = ways[i];
		assert_int_equal(garita_bundle_open(".", &bundle, NULL),
				 -EAGAIN);
		meanwhile = NULL;
		assert_int_equal(garita_bundle_open(".", &bundle, NULL), 0);
	}
}

/* As somebody who may read the bundle of root but not write there. */
static int as_a_reader(void)
{
	auto_bundle bundle = { .fd = -1 };

	if (geteuid() == 0 &&
	    (chmod("..", 0755) < 0 || chmod("config.json", 0644) < 0 ||
	     setresgid(1234, 1234, 1234) < 0 ||
	     setresuid(1234, 1234, 1234) < 0))
		return 1;
	if (geteuid() != 1234 && chmod(".", 0500) < 0)
		return 2;
	if (garita_bundle_open(".", &bundle, NULL) < 0)
		return 3;
	if (replace_with(&bundle, NEW_CONFIG, NULL) != -EACCES)
		return 4;
	assert_config(OLD_CONFIG);
	return 0;
}

static void test_directory_we_may_not_write(void **state)
{
	(void)state;
	in_child(as_a_reader);
	assert_int_equal(chmod(".", 0700), 0);
	assert_int_equal(count_names(), 1);
}

/* Killed in the middle of the write. */
static bool dies_writing;

int __wrap_garita_file_write(int fd, const char *data, size_t len);
int __real_garita_file_write(int fd, const char *data, size_t len);

int __wrap_garita_file_write(int fd, const char *data, size_t len)
{
	if (!dies_writing)
		return __real_garita_file_write(fd, data, len);
	assert_int_equal(__real_garita_file_write(fd, data, len / 2), 0);
	return raise(SIGKILL);
}

static void die_writing(void)
{
	dies_writing = true;
}

/* Killed in the moment of the rename. */
static bool dies_renaming;

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (dies_renaming)
		raise(SIGKILL);
	return __real_renameat(from_dir, from, to_dir, to);
}

static void die_renaming(void)
{
	dies_renaming = true;
}

static void killed(void (*prepare)(void))
{
	auto_bundle after = { .fd = -1 };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		auto_bundle bundle = { .fd = -1 };

		if (garita_bundle_open(".", &bundle, NULL) < 0)
			_exit(1);
		prepare();
		replace_with(&bundle, NEW_CONFIG, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_config(OLD_CONFIG);
	assert_int_equal(count_names(), 2); /* what it was writing */

	assert_int_equal(garita_bundle_open(".", &after, NULL), 0);
	assert_int_equal(replace_with(&after, NEW_CONFIG, NULL), 0);
	assert_config(NEW_CONFIG);
	assert_int_equal(count_names(), 1);
}

static void test_killed_while_writing(void **state)
{
	(void)state;
	killed(die_writing);
}

static void test_killed_before_rename(void **state)
{
	(void)state;
	killed(die_renaming);
}

/* Puts one of two configs there, again and again, by rename or in place. */
static void flip_for_ever(bool in_place, const char *const texts[2])
{
	for (unsigned i = 0;; i++) {
		const char *name = in_place ? "config.json" : "../flip";
		int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

		if (fd < 0 || write(fd, texts[i % 2], strlen(texts[0])) < 0)
			_exit(1);
		close(fd);
		if (!in_place && rename("../flip", "config.json") < 0)
			_exit(1);
	}
}

/* Whatever a writer does, we replace only a file that is the one we read. One
 * that renames shows us one of its configs. One that writes in place may show
 * a mixture, within one tick of the file's clock: what was read is still what
 * is judged and printed. */
static void race(bool in_place)
{
	static const char a[] = "{\"a\":1}", b[] = "{\"b\":2}";
	static const char *const texts[] = { a, b };
	struct timespec now, end;
	unsigned opened = 0, replaced = 0, refused = 0;
	pid_t child;

	put("config.json", a, 0640);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		flip_for_ever(in_place, texts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec++;
	do {
		auto_bundle bundle = { .fd = -1 };
		struct garita_error err = { 0 };
		int r;

		clock_gettime(CLOCK_MONOTONIC, &now);
		if (garita_bundle_open(".", &bundle, &err) < 0) {
			refused++;
			continue;
		}
		opened++;
		if (!in_place && strcmp(bundle.config, a) != 0 &&
		    strcmp(bundle.config, b) != 0)
			fail_msg("read %s", bundle.config);
		r = replace_with(&bundle, a, &err);
		if (r == 0)
			replaced++;
		else if (r != -ESTALE)
			fail_msg("%d: %s", r, err.text);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	print_message("%u opened, %u not, %u replaced\n", opened, refused,
		      replaced);
	assert_true(opened > 0);
	assert_int_equal(count_names(), 1);
}

static void test_race_with_renames(void **state)
{
	(void)state;
	race(false);
}

static void test_race_in_place(void **state)
{
	(void)state;
	race(true);
}

#define FRESH(test)                                                            \
	cmocka_unit_test_setup_teardown(test, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_full_disk),
		FRESH(test_read_only_disk),
		FRESH(test_without_proc),
		FRESH(test_changed_while_it_is_read),
		FRESH(test_directory_we_may_not_write),
		FRESH(test_killed_while_writing),
		FRESH(test_killed_before_rename),
		FRESH(test_race_with_renames),
		FRESH(test_race_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
