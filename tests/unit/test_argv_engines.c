/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every call that real engines made of a runtime (tests/samples/engines) is
 * accepted, as runc's and as crun's, and rebuilt with the same meaning.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "command_line.h"

void garita_out_of_memory(void)
{
	abort();
}

/* What the captured line says, joined by hand: every option of the engines
 * that is not one of these switches takes a value. */
static char *expect(const struct words *words)
{
	static const char *const switches[] = { "--detach", "--tty", "--force",
						"--all" };
	auto_text out = { 0 };

	garita_text_puts(&out, "*");
	for (int i = 1; i < words->argc; i++) {
		bool alone = strncmp(words->argv[i], "--", 2) != 0 ||
			     strchr(words->argv[i], '=');

		for (size_t s = 0; s < GARITA_COUNT(switches); s++)
			alone |= strcmp(words->argv[i], switches[s]) == 0;
		garita_text_printf(&out, "|%s", words->argv[i]);
		if (!alone)
			garita_text_printf(&out, "=%s", words->argv[++i]);
	}
	return garita_text_take(&out);
}

static unsigned check_captured(const char *path, enum garita_runtime_kind kind)
{
	FILE *file = fopen(path, "re");
	char line[8192];
	unsigned count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		struct words words;
		auto_command command = { 0 };
		struct garita_error err = { 0 };
		auto_free char *want = NULL;
		auto_free char *got = NULL;

		line[strcspn(line, "\n")] = '\0';
		while (line[0] && line[strlen(line) - 1] == ' ')
			line[strlen(line) - 1] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		words = split(line, " ");
		if (garita_argv_parse(kind, words.argc, words.argv, &command,
				      &err) < 0)
			fail_msg("%s: %s: %s", path, line, err.text);
		want = expect(&words);
		got = join(&command);
		assert_string_equal(got, want);
		assert_stable(kind, got);
		words_free(&words);
		count++;
	}
	fclose(file);
	return count;
}

static void test_captured_lines_of_engines(void **state)
{
	const char *top = getenv("srcdir"); /* set by automake */
	auto_text pattern = { 0 };
	unsigned count = 0;
	glob_t found;

	(void)state;
	garita_text_printf(&pattern, "%s/tests/samples/engines/*/argv.txt",
			   top ? top : ".");
	assert_int_equal(glob(pattern.data, 0, NULL, &found), 0);
	/* podman 3 and its build, docker 3 and BuildKit, ctr 3, CRI 2, CRI-O */
	assert_int_equal(found.gl_pathc, 14);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		unsigned lines =
			check_captured(found.gl_pathv[i], GARITA_RUNTIME_RUNC);

		assert_true(lines > 0);
		count += lines;
		count += check_captured(found.gl_pathv[i], GARITA_RUNTIME_CRUN);
	}
	globfree(&found);
	assert_true(count >= 2 * 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captured_lines_of_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
