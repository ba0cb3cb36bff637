/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * List files: what is remembered, when, and by whose word. Everything is in
 * a sysroot of our own; needs root, to which the records must belong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "garita/image.h"
#include "garita/text.h"
#include "hook/lists.h"
#include "tests/unit/temporary.h"

#define RECORDS GARITA_STATE_DIR "/lists"

enum { MILLION = 1000000, LONG = 1000 };

/* ---- a sysroot with lists that have not changed for three seconds ---- */

/* "<root><path>"; good until the next call but three. */
static const char *in(void **state, const char *path)
{
	static char rooms[4][PATH_MAX];
	static unsigned next;
	char *room = rooms[next++ % 4];

	snprintf(room, sizeof(rooms[0]), "%s%s", (const char *)*state, path);
	return room;
}

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		assert_true(n > 0);
		text += n;
		len -= (size_t)n;
	}
	close(fd);
}

static void add_line(struct garita_text *text, unsigned n)
{
	garita_text_printf(text, "sha256:%08x%056x\n", n, n);
}

static void write_list(const char *path, unsigned count, unsigned first)
{
	auto_text text = { 0 };

	for (unsigned i = 0; i < count; i++)
		add_line(&text, 2 * i + first);
	write_file(path, text.data, text.len);
}

/* Two lines in the wrong order: only a walk tells. */
static void write_bad_list(const char *path)
{
	auto_text text = { 0 };

	for (unsigned i = 0; i < LONG; i++)
		add_line(&text, i == 500 ? 1 : 2 * i + 1);
	write_file(path, text.data, text.len);
}

static void make_directories(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) < 0)
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
}

static int make_root(void **state)
{
	char *root = garita_xalloc(TEMPORARY_SIZE);

	if (geteuid() != 0) {
		print_error("these tests need root\n");
		return -1;
	}
	umask(022);
	temporary_make("lists", root);
	*state = root;
	/* The directory above the state directory, as a package leaves it. */
	make_directories(in(state, GARITA_STATE_DIR));
	write_list(in(state, "/million"), MILLION, 1);
	write_list(in(state, "/long"), LONG, 1);
	write_list(in(state, "/other"), LONG, 1);
	write_bad_list(in(state, "/bad"));
	sleep(4);
	return 0;
}

static int remove_root(void **state)
{
	int failure = temporary_remove(*state);

	free(*state);
	return failure;
}

static void forget(void **state)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", in(state, GARITA_STATE_DIR));
	if (temporary_remove(path) < 0)
		assert_int_equal(errno, ENOENT);
}

/* How many records there are, and nothing else beside them. */
static int count_records(void **state)
{
	DIR *dir = opendir(in(state, RECORDS));
	struct dirent *entry;
	int count = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		assert_true(garita_is_digit(entry->d_name[0]));
		count++;
	}
	closedir(dir);
	return count;
}

static int open_list(void **state, const char *path,
		     struct garita_list_file *list)
{
	struct garita_error err = { 0 };
	int failure = garita_list_open(*state, path, list, &err);

	if (failure < 0)
		assert_non_null(strstr(err.text, path));
	return failure;
}

static int try_list(void **state, const char *path)
{
	struct garita_list_file list;
	int failure = open_list(state, path, &list);

	if (failure == 0)
		garita_list_close(&list);
	return failure;
}

static bool has(const struct garita_list_file *list, unsigned n)
{
	auto_text line = { 0 };

	add_line(&line, n);
	line.data[line.len - 1] = '\0';
	return garita_digests_have(&list->digests, line.data);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- reading ---- */

static void test_short_lists_are_read_each_time(void **state)
{
	struct garita_list_file list;
	char bad[] = "sha512:00\n";

	forget(state);
	write_list(in(state, "/short"), 3, 1);
	assert_int_equal(open_list(state, "/short", &list), 0);
	assert_true(has(&list, 1));
	assert_true(has(&list, 5));
	assert_false(has(&list, 2));
	garita_list_close(&list);
	assert_null(list.map.bytes);
	garita_list_close(&list);
	assert_int_equal(count_records(state), 0);
	write_file(in(state, "/short"), bad, sizeof(bad) - 1);
	assert_int_equal(try_list(state, "/short"), -EINVAL);
	write_file(in(state, "/short"), "", 0);
	assert_int_equal(open_list(state, "/short", &list), 0);
	assert_false(has(&list, 1));
	garita_list_close(&list);
}

static void test_no_list_is_an_error(void **state)
{
	struct garita_list_file list = { .map.len = 7 };

	assert_int_equal(open_list(state, "/none", &list), -ENOENT);
	assert_int_equal(open_list(state, "/", &list), -EPERM);
	write_list(in(state, "/open"), 3, 1);
	assert_int_equal(chmod(in(state, "/open"), 0666), 0);
	assert_int_equal(open_list(state, "/open", &list), -EPERM);
	assert_int_equal(open_list(state, "/bad", &list), -EINVAL);
	assert_int_equal(list.map.len, 7);
}

/* ---- remembering ---- */

static void test_a_million_digests(void **state)
{
	struct garita_list_file list;
	double start;

	forget(state);
	start = seconds();
	assert_int_equal(open_list(state, "/million", &list), 0);
	print_message("# a million digests, first: %.1f ms\n",
		      (seconds() - start) * 1e3);
	garita_list_close(&list);
	assert_int_equal(count_records(state), 1);

	start = seconds();
	assert_int_equal(open_list(state, "/million", &list), 0);
	assert_true(has(&list, 1));
	print_message("# remembered, with one lookup: %.3f ms\n",
		      (seconds() - start) * 1e3);
	start = seconds();
	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = i * 1009 % MILLION * 2;

		assert_true(has(&list, n + 1));
		assert_false(has(&list, n));
	}
	print_message("# a lookup: %.0f ns\n",
		      (seconds() - start) / 2000 * 1e9);
	assert_true(has(&list, 2 * MILLION - 1));
	assert_false(has(&list, 2 * MILLION + 1));
	garita_list_close(&list);
	assert_int_equal(count_records(state), 1);
}

static void test_what_is_bad_is_not_remembered(void **state)
{
	forget(state);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	assert_int_equal(count_records(state), 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
}

static void test_what_is_new_is_not_remembered(void **state)
{
	forget(state);
	write_list(in(state, "/new"), LONG, 1);
	assert_int_equal(try_list(state, "/new"), 0);
	assert_int_equal(count_records(state), 0);
	/* Nor by a mtime from last year: the ctime counts. */
	assert_int_equal(utimensat(AT_FDCWD, in(state, "/new"),
				   (struct timespec[2]){ { 1, 0 }, { 1, 0 } },
				   0),
			 0);
	assert_int_equal(try_list(state, "/new"), 0);
	assert_int_equal(count_records(state), 0);
}

/* Without a place for records everything works, only slower. */
static void test_a_list_is_checked_when_it_cannot_be_remembered(void **state)
{
	forget(state);
	write_file(in(state, GARITA_STATE_DIR), "", 0);
	assert_int_equal(try_list(state, "/long"), 0);
	assert_int_equal(unlink(in(state, GARITA_STATE_DIR)), 0);
	/* A place that others can change is none. */
	assert_int_equal(mkdir(in(state, GARITA_STATE_DIR), 0700), 0);
	assert_int_equal(mkdir(in(state, RECORDS), 0700), 0);
	assert_int_equal(chmod(in(state, RECORDS), 0777), 0);
	assert_int_equal(try_list(state, "/long"), 0);
	assert_int_equal(count_records(state), 0);
	assert_int_equal(chmod(in(state, RECORDS), 0700), 0);
	assert_int_equal(try_list(state, "/long"), 0);
	assert_int_equal(count_records(state), 1);
}

/* ---- by whose word ---- */

/* What garita would write about a file, or lie about it. */
static void record_of(void **state, const char *path, char name[PATH_MAX],
		      char text[256])
{
	struct stat st;

	assert_int_equal(stat(in(state, path), &st), 0);
	snprintf(name, PATH_MAX, "%s/%ju-%ju", in(state, RECORDS),
		 (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	snprintf(text, 256,
		 "garita list 1 size %jd mtime %jd.%09ld ctime %jd.%09ld\n",
		 (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		 st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		 st.st_ctim.tv_nsec);
}

/* The bad list passes exactly when its walk is skipped. That it then does is
 * the proof that the other records below were read and not believed. */
static void test_a_record_is_believed_only_when_it_is_ours(void **state)
{
	char name[PATH_MAX], text[256], aside[PATH_MAX + 8];
	size_t len;

	forget(state);
	assert_int_equal(try_list(state, "/long"), 0); /* makes the place */
	record_of(state, "/bad", name, text);
	len = strlen(text);

	write_file(name, text, len);
	assert_int_equal(try_list(state, "/bad"), 0);

	write_file(name, text, len - 1); /* torn */
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	write_file(name, "", 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	text[len] = '\n'; /* longer */
	write_file(name, text, len + 1);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	for (size_t i = 0; i < len; i++) { /* of another file or version */
		text[i] ^= 1;
		write_file(name, text, len);
		assert_int_equal(try_list(state, "/bad"), -EINVAL);
		text[i] ^= 1;
	}

	write_file(name, text, len);
	assert_int_equal(chown(name, 1234, 1234), 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	assert_int_equal(chown(name, 0, 0), 0);
	assert_int_equal(chmod(name, 0620), 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	assert_int_equal(chmod(name, 0602), 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	assert_int_equal(chmod(name, 0600), 0);
	assert_int_equal(try_list(state, "/bad"), 0);

	snprintf(aside, sizeof(aside), "%s.x", name);
	assert_int_equal(rename(name, aside), 0);
	assert_int_equal(symlink(aside, name), 0);
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(mkfifo(name, 0600), 0); /* and nobody waits */
	assert_int_equal(try_list(state, "/bad"), -EINVAL);
}

/* Bad records are replaced as soon as the list proves to be good. */
static void test_a_torn_record_is_written_anew(void **state)
{
	char name[PATH_MAX], text[256], got[256] = "";
	int fd;

	forget(state);
	assert_int_equal(try_list(state, "/long"), 0);
	record_of(state, "/long", name, text);
	write_file(name, "garita", 6);
	assert_int_equal(try_list(state, "/long"), 0);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), strlen(text));
	close(fd);
	assert_string_equal(got, text);
	assert_int_equal(count_records(state), 1);
}

/* Another list of the same size in the place of a remembered one. */
static void test_a_change_is_noticed(void **state)
{
	struct garita_list_file list;

	forget(state);
	assert_int_equal(try_list(state, "/long"), 0);
	assert_int_equal(try_list(state, "/other"), 0);
	assert_int_equal(count_records(state), 2);
	/* In place, */
	write_list(in(state, "/long"), LONG, 2);
	assert_int_equal(open_list(state, "/long", &list), 0);
	assert_true(has(&list, 2));
	garita_list_close(&list);
	write_bad_list(in(state, "/long"));
	assert_int_equal(try_list(state, "/long"), -EINVAL);
	/* and by a rename. */
	write_bad_list(in(state, "/changed"));
	assert_int_equal(rename(in(state, "/changed"), in(state, "/other")), 0);
	assert_int_equal(try_list(state, "/other"), -EINVAL);
}

static void test_a_change_during_the_walk_is_refused(void **state)
{
	pid_t child = fork();
	int status;

	forget(state);
	assert_true(child >= 0);
	if (child == 0) {
		for (;;)
			utimensat(AT_FDCWD, in(state, "/million"), NULL, 0);
	}
	usleep(50000);
	assert_int_equal(try_list(state, "/million"), -EAGAIN);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(count_records(state), 0);
}

/* A list that is cut while it is searched must not read as "not on it". */
static void test_a_list_cut_while_it_is_open_ends_the_process(void **state)
{
	pid_t child;
	int status;

	write_list(in(state, "/cut"), 100000, 1);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct garita_list_file list;

		signal(SIGBUS, SIG_DFL); /* which cmocka would catch */
		if (garita_list_open(*state, "/cut", &list, NULL) < 0 ||
		    truncate(in(state, "/cut"), 0) < 0)
			_exit(1);
		_exit(has(&list, 77777) ? 2 : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
}

/* Many starts at once, all of them the first. */
static void test_many_at_once(void **state)
{
	enum { STARTS = 16 };
	pid_t children[STARTS];

	forget(state);
	write_list(in(state, "/many"), LONG, 1);
	sleep(4);
	for (int i = 0; i < STARTS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(garita_list_open(*state, "/many",
					       &(struct garita_list_file){ 0 },
					       NULL) < 0);
	}
	for (int i = 0; i < STARTS; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	assert_int_equal(count_records(state), 1);
	assert_int_equal(try_list(state, "/many"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_lists_are_read_each_time),
		cmocka_unit_test(test_no_list_is_an_error),
		cmocka_unit_test(test_a_million_digests),
		cmocka_unit_test(test_what_is_bad_is_not_remembered),
		cmocka_unit_test(test_what_is_new_is_not_remembered),
		cmocka_unit_test(
			test_a_list_is_checked_when_it_cannot_be_remembered),
		cmocka_unit_test(
			test_a_record_is_believed_only_when_it_is_ours),
		cmocka_unit_test(test_a_torn_record_is_written_anew),
		cmocka_unit_test(test_a_change_is_noticed),
		cmocka_unit_test(test_a_change_during_the_walk_is_refused),
		cmocka_unit_test(
			test_a_list_cut_while_it_is_open_ends_the_process),
		cmocka_unit_test(test_many_at_once),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
