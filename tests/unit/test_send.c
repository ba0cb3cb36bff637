/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_send - a question arrives whole, however it is taken, and nobody waits
 * for one who does not take it.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/clock.h"
#include "hook/trust/send.h"

enum { LARGE = 3 * 1024 * 1024 + 17 };

struct scene {
	struct garita_text written;
	struct garita_blobs material;
	unsigned char sum[GARITA_SHA256_SIZE]; /* of all that is to arrive */
};

static void scene_open(struct scene *scene)
{
	auto_free char *large = garita_xalloc(LARGE);
	struct garita_sha256 ctx;

	*scene = (struct scene){ 0 };
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (char)(i * 2654435761U >> 24);
	garita_text_puts(&scene->written, "what was written");
	garita_blobs_add(&scene->material, "a", "x", 1);
	garita_blobs_add(&scene->material, "b", large, LARGE);
	garita_blobs_add(&scene->material, "c", "", 0);
	for (int i = 0; i < 200; i++)
		garita_blobs_add(&scene->material, "d", "more", 4);
	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, scene->written.data, scene->written.len);
	for (size_t i = 0; i < scene->material.count; i++)
		garita_sha256_update(&ctx, scene->material.all[i].bytes,
				     scene->material.all[i].len + 1);
	garita_sha256_final(&ctx, scene->sum);
}

static void scene_close(struct scene *scene)
{
	garita_text_free(&scene->written);
	garita_blobs_free(&scene->material);
}

/* In a child: takes all, `step` bytes at a time. */
static void take(int fd, size_t step, const unsigned char *sum)
{
	static unsigned char bytes[256 * 1024];
	unsigned char found[GARITA_SHA256_SIZE];
	struct garita_sha256 ctx;
	ssize_t n;

	garita_sha256_init(&ctx);
	while ((n = read(fd, bytes, step)) > 0)
		garita_sha256_update(&ctx, bytes, (size_t)n);
	garita_sha256_final(&ctx, found);
	_exit(n == 0 && memcmp(found, sum, sizeof(found)) == 0 ? 0 : 1);
}

static void send_over(const int ends[2], size_t step)
{
	struct garita_error err = { 0 };
	struct scene scene;
	int status = -1;
	pid_t child;

	scene_open(&scene);
	child = fork();
	if (child == 0) {
		close(ends[1]);
		take(ends[0], step, scene.sum);
	}
	close(ends[0]);
	if (garita_send(ends[1], &scene.written, &scene.material,
			garita_clock_us() + 20000000, &err) < 0)
		fail_msg("%s", err.text);
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	scene_close(&scene);
}

static void test_it_arrives(void **state)
{
	static const size_t steps[] = { 4093, 65536, 256 * 1024 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(steps); i++) {
		struct garita_error err = { 0 };
		struct scene scene;
		int ends[2];

		scene_open(&scene);
		assert_int_equal(garita_send_open(&scene.written,
						  &scene.material, ends, &err),
				 0);
		scene_close(&scene);
		send_over(ends, steps[i]);
		/* No pipe, which no page can be lent to. */
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		send_over(ends, steps[i]);
	}
}

static void test_nobody_takes_it(void **state)
{
	struct garita_error err = { 0 };
	uint64_t before = garita_clock_us();
	struct scene scene;
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	scene_open(&scene);
	assert_int_equal(
		garita_send_open(&scene.written, &scene.material, ends, &err),
		0);
	assert_int_equal(garita_send(ends[1], &scene.written, &scene.material,
				     before + 50000, &err),
			 -ETIMEDOUT);
	assert_true(garita_clock_us() - before >= 50000);
	/* Who has ended has perhaps said why. */
	close(ends[0]);
	assert_int_equal(garita_send(ends[1], &scene.written, &scene.material,
				     before + 20000000, &err),
			 0);
	close(ends[1]);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_arrives),
		cmocka_unit_test(test_nobody_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
