/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_key_alone - a signature is checked without a file being opened and
 * without a random number: libcrypto would load openssl.cnf, providers and
 * whatever they name. A fresh process checks one signature of each kind; the
 * kernel ends it at the first such call.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <seccomp.h>

#include "garita/memory.h"
#include "tests/unit/key_pairs.h"

static const char message[] = "what is signed";

/* What the child is given: the key as numbers, so that nothing but the check
 * is asked of libcrypto, and the signature. */
struct task {
	struct garita_key key;
	unsigned char sig[2048];
	size_t sig_len;
	bool with_md; /* libcrypto itself, to see that the filter sees */
};

enum { EXIT_GOOD = 0, EXIT_BAD = 3, EXIT_UNPREPARED = 4 };

static enum garita_scheme scheme_of(enum garita_key_kind kind)
{
	switch (kind) {
	case GARITA_KEY_RSA:
		return GARITA_SCHEME_PKCS1;
	case GARITA_KEY_P256:
	case GARITA_KEY_P384:
	case GARITA_KEY_P521:
		return GARITA_SCHEME_DER;
	case GARITA_KEY_ED25519:
		return GARITA_SCHEME_ED;
	}
	return GARITA_SCHEME_DER;
}

/* In the child. */
static int work(int fd)
{
	static struct task task;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (pread(fd, &task, sizeof(task), 0) != sizeof(task) || !filter ||
	    seccomp_rule_add(filter, SCMP_ACT_KILL_THREAD, SCMP_SYS(openat),
			     0) < 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_KILL_THREAD, SCMP_SYS(getrandom),
			     0) < 0 ||
	    seccomp_load(filter) < 0)
		return EXIT_UNPREPARED;
	if (task.with_md)
		EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
	return garita_key_verify(&task.key, scheme_of(task.key.kind),
				 GARITA_SHA256, message, strlen(message),
				 task.sig, task.sig_len, NULL) == 0
		       ? EXIT_GOOD
		       : EXIT_BAD;
}

/* The wait status of a child that did the task. */
static int run(const struct task *task)
{
	auto_fd int fd = memfd_create("task", 0);
	char name[16];
	int status = -1;
	pid_t child;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, task, sizeof(*task)), sizeof(*task));
	snprintf(name, sizeof(name), "%d", fd);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execl("/proc/self/exe", "test_key_alone", name, (char *)NULL);
		_exit(EXIT_UNPREPARED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void sign(EVP_PKEY *key, struct task *ret)
{
	bool is_ed = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	ret->sig_len = sizeof(ret->sig);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL,
					    is_ed ? NULL : EVP_sha256(), NULL,
					    key),
			 1);
	assert_int_equal(EVP_DigestSign(ctx, ret->sig, &ret->sig_len,
					(const unsigned char *)message,
					strlen(message)),
			 1);
	EVP_MD_CTX_free(ctx);
}

static void test_each_kind(void **state)
{
	const struct key_pairs *pairs = *state;

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		struct task task = { .key = pairs->keys[i] };
		int status;

		sign(pairs->made[i], &task);
		status = run(&task);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_GOOD)
			fail_msg("%s: status %#x", key_pair_kinds[i].name,
				 (unsigned)status);
		task.sig[task.sig_len - 1] ^= 1;
		status = run(&task);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), EXIT_BAD);
	}
}

/* A look that cannot find anything proves nothing. */
static void test_the_filter_sees(void **state)
{
	const struct key_pairs *pairs = *state;
	struct task task = { .key = pairs->keys[KEY_PAIR_P256],
			     .with_md = true };
	int status;

	sign(pairs->made[KEY_PAIR_P256], &task);
	status = run(&task);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_the_filter_sees),
	};
	uint32_t fd;

	if (argc == 2) /* without what a sanitizer does at the end */
		_exit(garita_parse_u32(argv[1], 3, 1024, &fd) < 0
			      ? EXIT_UNPREPARED
			      : work((int)fd));
	return cmocka_run_group_tests(tests, key_pairs_set_up,
				      key_pairs_tear_down);
}
