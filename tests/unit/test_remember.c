/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_remember - what was written is read again as long as it is true, and
 * records do not pile up. (Forged and torn ones: tests/engines/trust.bats.)
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/trust/remember.h"
#include "tests/unit/temporary.h"

enum { NOW = 1800000000 };

static const char name[] =
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static char home[TEMPORARY_SIZE];

/* A sysroot with the directory above the state's own. */
static int make_home(void **state)
{
	auto_free char *above = garita_xstrdup(GARITA_STATE_DIR);

	(void)state;
	temporary_make("remember", home);
	*strrchr(above, '/') = '\0';
	for (char *slash = above; slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		auto_text path = { 0 };
		char *next = strchr(slash + 1, '/');

		garita_text_printf(
			&path, "%s%.*s", home,
			next ? (int)(next - above) : (int)strlen(above), above);
		mkdir(path.data, 0755);
	}
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : temporary_remove(home);
}

static struct garita_trust accepted(const char *words, time_t until)
{
	struct garita_trust made = { .state = GARITA_TRUST_ACCEPTED,
				     .until = until };

	snprintf(made.words, sizeof(made.words), "%s", words);
	return made;
}

static void test_there_and_back(void **state)
{
	struct garita_trust said = accepted("signed by key sha256:00", 0);
	struct garita_trust heard = { 0 };

	(void)state;
	assert_false(garita_remembered(home, name, NOW, &heard));
	garita_remember(home, name, NOW, &said);
	assert_true(garita_remembered(home, name, NOW, &heard));
	assert_int_equal(heard.state, GARITA_TRUST_ACCEPTED);
	assert_int_equal(heard.until, 0);
	assert_string_equal(heard.words, said.words);
	/* Before it was said it was not. */
	assert_false(garita_remembered(home, name, NOW - 1, &heard));
	said = accepted("until then", NOW + 10);
	garita_remember(home, name, NOW, &said);
	assert_true(garita_remembered(home, name, NOW + 9, &heard));
	assert_string_equal(heard.words, "until then");
	assert_false(garita_remembered(home, name, NOW + 10, &heard));
}

static void test_only_yes(void **state)
{
	struct garita_trust said = accepted("no", 0), heard = { 0 };
	char other[sizeof(name)];

	(void)state;
	memcpy(other, name, sizeof(name));
	other[0] = 'f';
	said.state = GARITA_TRUST_REFUSED;
	garita_remember(home, other, NOW, &said);
	assert_false(garita_remembered(home, other, NOW, &heard));
}

static size_t records(void)
{
	auto_text path = { 0 };
	size_t count = 0;
	DIR *dir;

	garita_text_printf(&path, "%s%s/verdicts", home, GARITA_STATE_DIR);
	dir = opendir(path.data);
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2;
}

static void test_a_bound(void **state)
{
	struct garita_trust said = accepted("yes", 0), heard = { 0 };
	char digest[GARITA_DIGEST_SIZE];

	(void)state;
	for (int i = 0; i < GARITA_REMEMBER_MAX + 100; i++) {
		garita_sha256_digest(&i, sizeof(i), digest);
		garita_remember(home, digest + 7, NOW, &said);
	}
	assert_true(records() <= GARITA_REMEMBER_MAX);
	assert_true(records() > GARITA_REMEMBER_MAX / 2);
	/* The newest is there, the oldest went. */
	assert_true(garita_remembered(home, digest + 7, NOW, &heard));
	assert_false(garita_remembered(home, name, NOW, &heard));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_only_yes),
		cmocka_unit_test(test_a_bound),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
