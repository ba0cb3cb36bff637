/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading whole descriptors: never more than the limit, never less than what
 * is there, whatever a size says and however slowly a writer writes.
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
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/file.h"

/* Reads and closes the descriptor. */
static void read_all(int fd, size_t max, int failure, size_t len)
{
	char *text = NULL;
	size_t got = 77;

	assert_true(fd >= 0);
	assert_int_equal(garita_file_read(fd, max, &text, &got, NULL), failure);
	close(fd);
	if (failure < 0) {
		assert_null(text);
		assert_int_equal(got, 77);
		return;
	}
	assert_int_equal(got, len);
	assert_int_equal(text[got], '\0');
	free(text);
}

static int file_of(const char *text)
{
	int fd = memfd_create("file", MFD_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);

	assert_int_equal(write(fd, text, (size_t)len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int open_path(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void test_reading_ends_at_the_limit(void **state)
{
	(void)state;
	read_all(file_of("text\n"), 5, 0, 5);
	read_all(file_of("text\n"), 4, -E2BIG, 0);
	read_all(file_of("text\n"), 0, -E2BIG, 0);
	read_all(file_of("text\n"), SIZE_MAX, 0, 5);
	read_all(file_of(""), 0, 0, 0);
	read_all(open_path("/"), 5, -EISDIR, 0);
	read_all(open_path("/dev/zero"), 100000, -E2BIG, 0);
	/* Its size says 0. */
	read_all(open_path("/proc/self/status"), 10, -E2BIG, 0);
}

/* A writer that takes its time, into a pipe that would rather not wait. */
static void read_pipe(size_t len, size_t max, int failure)
{
	auto_free char *text = NULL;
	size_t got = 0;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		for (size_t i = 0; i < len; i++) {
			if (i % 50000 == 0)
				usleep(20000);
			if (write(ends[1], "x", 1) != 1)
				break;
		}
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(garita_file_read(ends[0], max, &text, &got, NULL),
			 failure);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (failure == 0) {
		assert_int_equal(got, len);
		assert_int_equal(strspn(text, "x"), len);
	}
}

static void test_reading_a_pipe(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	read_pipe(0, 10, 0);
	read_pipe(100000, 100000, 0);
	read_pipe(100001, 100000, -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_ends_at_the_limit),
		cmocka_unit_test(test_reading_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
