/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_reference - names of images as distribution reads them, both ways.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/reference.h"

#define HEX     "b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888"
#define DIGEST  "sha256:" HEX
#define TEN(x)  x x x x x x x x x x
#define LONG100 TEN("0123456789")

static const struct {
	const char *text, *words, *domain;
} good[] = {
	{ "busybox", "docker.io/library/busybox", "docker.io" },
	{ "busybox:1.36", "docker.io/library/busybox:1.36", "docker.io" },
	{ "team/app", "docker.io/team/app", "docker.io" },
	{ "docker.io/busybox", "docker.io/library/busybox", "docker.io" },
	{ "index.docker.io/busybox", "docker.io/library/busybox", "docker.io" },
	{ "docker.io/a/b/c:x", "docker.io/a/b/c:x", "docker.io" },
	{ "localhost/app", "localhost/app", "localhost" },
	{ "localhost:5000/app", "localhost:5000/app", "localhost:5000" },
	{ "localhost:5000", "docker.io/library/localhost:5000", "docker.io" },
	{ "quay.io/a/b:t@" DIGEST, "quay.io/a/b:t@" DIGEST, "quay.io" },
	{ "quay.io/a@" DIGEST, "quay.io/a@" DIGEST, "quay.io" },
	{ "127.0.0.1:5055/c/sk-dst:1.0", "127.0.0.1:5055/c/sk-dst:1.0",
	  "127.0.0.1:5055" },
	{ "[2001:db8::1]:5000/app:1", "[2001:db8::1]:5000/app:1",
	  "[2001:db8::1]:5000" },
	{ "[::1]/app", "[::1]/app", "[::1]" },
	{ "UPPER/app", "UPPER/app", "UPPER" },
	{ "x-1.example.com/a__b/c--d/e.f_g", "x-1.example.com/a__b/c--d/e.f_g",
	  "x-1.example.com" },
	{ "a:_x.-y", "docker.io/library/a:_x.-y", "docker.io" },
	{ "docker.io", "docker.io/library/docker.io", "docker.io" },
	{ "a:" LONG100 "01234567890123456789abcdefgh",
	  "docker.io/library/a:" LONG100 "01234567890123456789abcdefgh",
	  "docker.io" },
};

static const char *const bad[] = {
	"",
	" busybox",
	"busybox ",
	"Busybox",
	"quay.io/Team/app",
	HEX,
	"a//b",
	"/a",
	"a/",
	"quay.io/",
	"a..b",
	"a_-b",
	"a___b",
	"-a",
	"a-",
	"a/-b",
	"a:",
	"a:-x",
	"a:.x",
	"a:b:c",
	"a:x/y",
	"a@",
	"a@" DIGEST "0",
	"a@" DIGEST "@" DIGEST,
	"a@sha256:B1FEB45ADDFCB18D87ED842BE4ECF378689214A453DA44DDE1EDC6841EEC"
	"F888",
	"a@sha512:" HEX HEX,
	"a@" HEX,
	"-x.example.com/a",
	"x-.example.com/a",
	"x..example.com/a",
	"x.example.com./a",
	"example.com:/a",
	"example.com:80x/a",
	"example.com:80:90/a",
	"[::1/a",
	"[::g]/a",
	"[]/a.b",
	"https://quay.io/a",
	"caf\xc3\xa9/a",
	"a\nb",
	"a:x\n",
	"a.b/" LONG100 LONG100 LONG100,
	"a:" LONG100 LONG100,
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(good); i++) {
		struct garita_reference ref;
		struct garita_error err = { 0 };
		char words[GARITA_REFERENCE_SIZE];

		if (garita_reference_parse(good[i].text, &ref, &err) != 0)
			fail_msg("%s: %s", good[i].text, err.text);
		assert_string_equal(garita_reference_words(&ref, words),
				    good[i].words);
		assert_int_equal(ref.domain_len, strlen(good[i].domain));
		assert_memory_equal(ref.repository, good[i].domain,
				    ref.domain_len);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		struct garita_reference ref = { .tag = "untouched" };
		struct garita_error err = { 0 };

		if (garita_reference_parse(bad[i], &ref, &err) == 0)
			fail_msg("\"%s\" was taken for %s", bad[i],
				 ref.repository);
		assert_string_equal(ref.tag, "untouched");
		assert_true(err.text[0] != '\0');
	}
}

/* Parsing what was printed changes nothing. */
static void test_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(good); i++) {
		struct garita_reference ref, again;
		char words[GARITA_REFERENCE_SIZE], same[GARITA_REFERENCE_SIZE];

		assert_int_equal(
			garita_reference_parse(good[i].text, &ref, NULL), 0);
		garita_reference_words(&ref, words);
		assert_int_equal(garita_reference_parse(words, &again, NULL),
				 0);
		assert_string_equal(garita_reference_words(&again, same),
				    words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
