/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of a runtime: what is accepted is rebuilt in one spelling
 * and means the same, what two readers could read differently is refused.
 * Words are separated by "|" here, so that they may be empty or have blanks.
 */
#include <errno.h>
#include <string.h>

#include "command_line.h"

#define R GARITA_RUNTIME_RUNC
#define C GARITA_RUNTIME_CRUN

void garita_out_of_memory(void)
{
	abort();
}

static const struct {
	const char *why;
	enum garita_runtime_kind kind;
	const char *line, *want;
	enum garita_verb_action action;
} accepted[] = {
	{ "two words become one", R, "r|create|--bundle|/b|c1",
	  "*|create|--bundle=/b|c1", GARITA_VERB_JUDGE },
	{ "short", R, "r|run|-b|/b|-d|c1", "*|run|--bundle=/b|--detach|c1",
	  GARITA_VERB_JUDGE },
	{ "short with =, which Go reads", R, "r|run|-b=/b|c1",
	  "*|run|--bundle=/b|c1", GARITA_VERB_JUDGE },
	{ "one dash, Go's flag package", R, "r|-root|/r|create|-bundle=/b|c1",
	  "*|--root=/r|create|--bundle=/b|c1", GARITA_VERB_JUDGE },
	{ "two dashes and a letter, likewise", R, "r|create|--b|/b|c1",
	  "*|create|--bundle=/b|c1", GARITA_VERB_JUDGE },
	{ "the order of options stays", R,
	  "r|--log|l|--root=/r|create|--pid-file|p|-b|b|c1",
	  "*|--log=l|--root=/r|create|--pid-file=p|--bundle=b|c1",
	  GARITA_VERB_JUDGE },
	{ "a value that is a verb", R, "r|--root|create|run|c1",
	  "*|--root=create|run|c1", GARITA_VERB_JUDGE },
	{ "a value that looks like an option, with =", R,
	  "r|create|--pid-file=--bundle|c1", "*|create|--pid-file=--bundle|c1",
	  GARITA_VERB_JUDGE },
	{ "a value with = and blanks inside", R, "r|create|-b|/a b=c|c1",
	  "*|create|--bundle=/a b=c|c1", GARITA_VERB_JUDGE },
	{ "a switch with a value", R, "r|run|--detach=true|--keep=false|c1",
	  "*|run|--detach|c1", GARITA_VERB_JUDGE },
	{ "-- before the id", R, "r|create|--bundle=/b|--|c1",
	  "*|create|--bundle=/b|c1", GARITA_VERB_JUDGE },
	{ "exec keeps its --: which one runc eats is up to it", R,
	  "r|exec|-t|--|c1|--|ls|-b", "*|exec|--tty|--|c1|--|ls|-b",
	  GARITA_VERB_EXEC },
	{ "everything after exec's id, unchanged", R,
	  "r|exec|-e|A=1|--env=B=2|--cap|X|c1|sh|-c|--bundle=/x| ||-",
	  "*|exec|--env=A=1|--env=B=2|--cap=X|c1|sh|-c|--bundle=/x| ||-",
	  GARITA_VERB_EXEC },
	{ "stdin", R, "r|update|--resources|-|c1", "*|update|--resources=-|c1",
	  GARITA_VERB_UPDATE },
	{ "a negative value, with =", R, "r|update|--memory-swap=-1|c1",
	  "*|update|--memory-swap=-1|c1", GARITA_VERB_UPDATE },
	{ "kill without a signal", R, "r|kill|c1", "*|kill|c1",
	  GARITA_VERB_ALWAYS },
	{ "kill with a real-time signal", R, "r|kill|-a|c1|SIGRTMIN+1",
	  "*|kill|--all|c1|SIGRTMIN+1", GARITA_VERB_ALWAYS },
	{ "ps with ps options", R, "r|ps|--format|json|c1|-ef",
	  "*|ps|--format=json|c1|-ef", GARITA_VERB_ALWAYS },
	{ "restore is read, and refused by its action", R,
	  "r|--log|l|restore|--image-path|i|-d|c1",
	  "*|--log=l|restore|--image-path=i|--detach|c1", GARITA_VERB_REFUSE },
	{ "list has no id", R, "r|list|-q|-f|json",
	  "*|list|--quiet|--format=json", GARITA_VERB_ALWAYS },
	{ "features", R, "r|features", "*|features", GARITA_VERB_ALWAYS },
	{ "spec", R, "r|spec|--rootless|-b|/x", "*|spec|--rootless|--bundle=/x",
	  GARITA_VERB_ALWAYS },
	{ "version, nothing else with it", R, "r|--root|/r|-v|create|c1",
	  "*|--version", GARITA_VERB_ALWAYS },
	{ "help of a judged verb starts nothing", R,
	  "r|--root|/r|create|--bundle|/b|--help|c1", "*|create|--help",
	  GARITA_VERB_ALWAYS },
	{ "podman asks for this", R, "r|checkpoint|--help",
	  "*|checkpoint|--help", GARITA_VERB_ALWAYS },
	{ "help of a refused verb", R, "r|restore|-h", "*|restore|--help",
	  GARITA_VERB_ALWAYS },
	{ "help VERB", R, "r|help|run", "*|help|run", GARITA_VERB_ALWAYS },
	{ "crun", C, "c|--systemd-cgroup|--root|/r|run|-d|-b|/b|c1",
	  "*|--systemd-cgroup|--root=/r|run|--detach|--bundle=/b|c1",
	  GARITA_VERB_JUDGE },
	{ "crun --tty may have a value", C, "c|exec|--tty=true|c1|ls",
	  "*|exec|--tty|c1|ls", GARITA_VERB_EXEC },
	{ "crun --tty=false", C, "c|exec|--tty=false|c1|ls", "*|exec|c1|ls",
	  GARITA_VERB_EXEC },
	{ "crun -t takes no word of its own", C, "c|exec|-t|c1|ls",
	  "*|exec|--tty|c1|ls", GARITA_VERB_EXEC },
	{ "crun -V", C, "c|-V", "*|--version", GARITA_VERB_ALWAYS },
	{ "crun -?", C, "c|start|-?", "*|start|--help", GARITA_VERB_ALWAYS },
	{ "crun mounts", C, "c|mounts|add|c1|f", "*|mounts",
	  GARITA_VERB_REFUSE },
	{ "crun restore", C, "c|restore|--image-path=i|c1",
	  "*|restore|--image-path=i|c1", GARITA_VERB_REFUSE },
};

static void test_one_spelling(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(accepted); i++) {
		auto_command command = { 0 };
		struct garita_error err = { 0 };
		auto_free char *got = NULL;

		if (parse(accepted[i].kind, accepted[i].line, &command, &err) <
		    0)
			fail_msg("refused %s (%s): %s", accepted[i].line,
				 accepted[i].why, err.text);
		got = join(&command);
		if (strcmp(got, accepted[i].want) != 0 ||
		    command.action != accepted[i].action)
			fail_msg("%s (%s) became %s", accepted[i].line,
				 accepted[i].why, got);
		if (command.action != GARITA_VERB_REFUSE)
			assert_stable(accepted[i].kind, got);
	}
}

static const struct {
	const char *why;
	enum garita_runtime_kind kind;
	const char *line;
} refused[] = {
	{ "no words at all", R, "r" },
	{ "only globals", R, "r|--debug" },
	{ "an empty word", R, "r|" },
	{ "unknown verb", R, "r|frobnicate|c1" },
	{ "runc's own init", R, "r|init" },
	{ "verb in other case", R, "r|Create|c1" },
	{ "crun's verb", R, "r|mounts|add|c1|f" },
	{ "runc's verb", C, "c|events|c1" },
	{ "unknown option", R, "r|create|--frob|c1" },
	{ "a letter that nobody has", R, "r|create|-Z|c1" },
	{ "a letter that nobody has", C, "c|create|-Z|c1" },
	{ "unknown global", R, "r|--frob|create|c1" },
	{ "a verb's option before the verb", R, "r|--bundle|/b|create|c1" },
	{ "a global after the verb", R, "r|create|--root|/r|c1" },
	{ "-bX: crun reads it, runc does not", R, "r|create|-b/b|c1" },
	{ "-bX", C, "c|create|-b/b|c1" },
	{ "-dt", C, "c|exec|-dt|c1|ls" },
	{ "-b=X: crun takes =X", C, "c|create|-b=/b|c1" },
	{ "abbreviation, which getopt completes", C, "c|create|--bun|/b|c1" },
	{ "abbreviation of a global", C, "c|--log-f|json|create|c1" },
	{ "one dash is no long option there", C, "c|create|-bundle|/b|c1" },
	{ "other file than config.json", C, "c|create|-f|x.json|c1" },
	{ "other file than config.json", C, "c|run|--config|x.json|c1" },
	{ "other file than config.json", C, "c|run|--config=x.json|c1" },
	{ "abbreviated, it is refused too", C, "c|run|--conf=x.json|c1" },
	{ "a later runc has it", R, "r|run|--config=x.json|c1" },
	{ "crun 1.8 takes it for --root", C, "c|--rootless=true|run|c1" },
	{ "option after the id: some runc read it", R, "r|run|c1|--bundle|/b" },
	{ "option after the id", C, "c|run|c1|--bundle|/b" },
	{ "two bundles: the last wins, or none", R, "r|run|-b|a|-b|b|c1" },
	{ "short and long of one option", R, "r|run|-b|a|--bundle=b|c1" },
	{ "two logs", R, "r|--log|a|--log|b|create|c1" },
	{ "two roots", C, "c|--root=a|--root=b|create|c1" },
	{ "a switch twice", R, "r|delete|-f|--force|c1" },
	{ "is --debug the value?", R, "r|--log|--debug|create|c1" },
	{ "is --pid-file the value?", C, "c|create|--bundle|--pid-file|c1" },
	{ "negative value as a word", R, "r|update|--memory-swap|-1|c1" },
	{ "value missing", R, "r|create|--bundle" },
	{ "value missing", R, "r|--root" },
	{ "empty: some runc take the next word", R, "r|create|--bundle=|c1" },
	{ "empty word as value", R, "r|--root||create|c1" },
	{ "some runc cut the blank off", R, "r|create|--bundle=/b |c1" },
	{ "a newline likewise", R, "r|create|--bundle|/b\n|c1" },
	{ "U+00A0 likewise", R, "r|create|--bundle|/b\xc2\xa0|c1" },
	{ "U+2003 likewise", R, "r|create|--bundle|/b\xe2\x80\x83|c1" },
	{ "U+3000 likewise", R, "r|create|--bundle|/b\xe3\x80\x80|c1" },
	{ "a switch with an odd value", R, "r|run|--detach=1|c1" },
	{ "a switch with an odd value", R, "r|run|--detach=TRUE|c1" },
	{ "an empty switch value", R, "r|run|--detach=|c1" },
	{ "argp refuses it", C, "c|run|--detach=true|c1" },
	{ "false is not the same as left out", R,
	  "r|exec|--no-new-privs=false|c1|ls" },
	{ "crun: tty=no is false", C, "c|exec|--tty=no|c1|ls" },
	{ "help with a value", R, "r|create|--help=false|c1" },
	{ "no id", R, "r|create" },
	{ "empty id", R, "r|create|" },
	{ "a path as id", R, "r|create|../x" },
	{ "dots", R, "r|create|.." },
	{ "a dot", C, "c|create|." },
	{ "a blank in the id", R, "r|create|a b" },
	{ "a newline in the id", R, "r|create|a\nb" },
	{ "not ASCII", R, "r|create|\xc3\xa9" },
	{ "an id that is an option", R, "r|create|--|-x" },
	{ "two ids", R, "r|create|c1|c2" },
	{ "words after no id", R, "r|list|c1" },
	{ "a negative signal", R, "r|kill|c1|-9" },
	{ "an odd signal", R, "r|kill|c1|9;x" },
	{ "three words", R, "r|kill|c1|9|9" },
	{ "crun ps has no ps options", C, "c|ps|c1|-ef" },
	{ "help of an unknown verb", R, "r|help|frob" },
	{ "a lone dash", R, "r|-|create|c1" },
	{ "three dashes", R, "r|---debug|create|c1" },
	{ "no name", R, "r|--=x|create|c1" },
	{ "-- before the verb", R, "r|--|create|c1" },
	{ "-- before the verb", C, "c|--|create|c1" },
	{ "not a number", R, "r|run|--preserve-fds|x|c1" },
	{ "Go reads it as 8", R, "r|run|--preserve-fds=010|c1" },
	{ "Go reads it as 16", R, "r|run|--preserve-fds=0x10|c1" },
	{ "negative", R, "r|run|--preserve-fds=-1|c1" },
	{ "too many", R, "r|run|--preserve-fds=65536|c1" },
	{ "a format nobody has", R, "r|--log-format|xml|create|c1" },
	{ "an inherited descriptor by number", R,
	  "r|checkpoint|--status-fd=7|c1" },
};

static void test_two_readings_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		auto_command command = { 0 };
		struct garita_error err = { 0 };
		int r = parse(refused[i].kind, refused[i].line, &command, &err);

		if (r != -EINVAL || err.text[0] == '\0')
			fail_msg("%d for %s (%s): %s", r, refused[i].line,
				 refused[i].why, err.text);
		assert_int_equal(command.action, GARITA_VERB_REFUSE);
		assert_null(command.argv);
		assert_null(command.bundle);
		assert_null(command.id);
	}
}

static void test_message_shows_no_value(void **state)
{
	auto_command command = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	assert_true(parse(R, "r|create|--tok\x1b[2Jen=hunter2|c1", &command,
			  &err) < 0);
	assert_null(strstr(err.text, "hunter2"));
	assert_null(strchr(err.text, '\x1b'));
	assert_non_null(strstr(err.text, "runc create"));
}

static const struct {
	const char *why;
	enum garita_runtime_kind kind;
	const char *line, *log;
	bool json;
} logs[] = {
	{ "a plain path", R, "r|--log|/l|--log-format|json|start|c1", "/l",
	  true },
	{ "the verb's option is wrong", R,
	  "r|--log-format=json|--log=/l|create|--frob|c1", "/l", true },
	{ "the id is wrong", R, "r|--log|/l|create|../x", "/l", false },
	{ "the verb is wrong", R, "r|--log|/l|frob", "/l", false },
	{ "a later global is wrong", R, "r|--log|/l|--frob|create|c1", "/l",
	  false },
	{ "none", R, "r|create|c1", NULL, false },
	{ "exec's words are not ours", R, "r|exec|c1|--log=/x", NULL, false },
	{ "crun's spelling of a file", C, "c|--log=file:/l|start|c1", "/l",
	  false },
	{ "no file", C, "c|--log=journald:x|start|c1", NULL, false },
	{ "no file", C, "c|--log=syslog:x|start|c1", NULL, false },
	{ "runc has no such prefix", R, "r|--log=file:/l|start|c1", "file:/l",
	  false },
};

static void test_log_is_found_even_when_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(logs); i++) {
		auto_command command = { 0 };

		parse(logs[i].kind, logs[i].line, &command, NULL);
		if (logs[i].log ? !command.log ||
					  strcmp(command.log, logs[i].log) != 0
				: command.log != NULL)
			fail_msg("log is %s for %s (%s)",
				 command.log ? command.log : "none",
				 logs[i].line, logs[i].why);
		assert_int_equal(command.log_json, logs[i].json);
	}
}

static void test_fields(void **state)
{
	auto_command command = { 0 };

	(void)state;
	assert_int_equal(parse(R,
			       "r|--root=/r|run|-b|/b|--preserve-fds|7|-d|c1",
			       &command, NULL),
			 0);
	assert_string_equal(command.verb, "run");
	assert_string_equal(command.id, "c1");
	assert_string_equal(command.bundle, "/b");
	assert_int_equal(command.bundle_at, 3);
	assert_int_equal(command.preserve_fds, 7);
}

static const struct {
	const char *why, *line, *path, *want;
} bundles[] = {
	{ "in its place", "r|create|--pid-file=p|-b|x|--no-pivot|c1", "/y",
	  "*|create|--pid-file=p|--bundle=/y|--no-pivot|c1" },
	{ "there was none", "r|--root=/r|--debug|create|--no-pivot|c1", "/y",
	  "*|--root=/r|--debug|create|--bundle=/y|--no-pivot|c1" },
	{ "the id is all there is", "r|run|c1", "/y", "*|run|--bundle=/y|c1" },
	{ "a runc that cuts blanks off", "r|run|c1", "/y ",
	  "*|run|--bundle=/y /|c1" },
};

static void test_set_bundle(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bundles); i++) {
		auto_command command = { 0 };
		auto_free char *got = NULL;

		assert_int_equal(parse(R, bundles[i].line, &command, NULL), 0);
		garita_argv_set_bundle(&command, "/somewhere/else");
		garita_argv_set_bundle(&command, bundles[i].path);
		got = join(&command);
		assert_string_equal(got, bundles[i].want);
		assert_string_equal(command.id, "c1");
		assert_string_equal(command.argv[command.bundle_at] +
					    strlen("--bundle="),
				    command.bundle);
	}
}

static void test_set_bundle_of_what_is_not_judged(void **state)
{
	static const char *const lines[] = { "r|--version", "r|create|--help",
					     "r|list", "r|restore|-b|x|c1" };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(lines); i++) {
		auto_command command = { 0 };
		auto_free char *before = NULL, *after = NULL;

		assert_int_equal(parse(R, lines[i], &command, NULL), 0);
		before = join(&command);
		garita_argv_set_bundle(&command, "/y");
		after = join(&command);
		assert_string_equal(before, after);
	}
}

static void test_limits(void **state)
{
	enum { MANY = 20000 };
	auto_free char **argv = garita_xcalloc(MANY + 1, sizeof(*argv));
	static char id[1026], env[] = "--env=A=1", exec[] = "exec", c1[] = "c1";
	auto_command command = { 0 };

	(void)state;
	argv[0] = exec;
	argv[1] = exec;
	for (size_t i = 2; i < MANY; i++)
		argv[i] = env;
	assert_true(garita_argv_parse(R, MANY, argv, &command, NULL) < 0);
	argv[2] = c1; /* the rest is the program's: as many as it likes */
	assert_int_equal(garita_argv_parse(R, MANY, argv, &command, NULL), 0);
	assert_int_equal(command.argc, MANY);
	garita_command_free(&command);

	memset(id, 'x', sizeof(id) - 1);
	argv[2] = id;
	assert_true(garita_argv_parse(R, 3, argv, &command, NULL) < 0);
	id[1024] = '\0';
	assert_int_equal(garita_argv_parse(R, 3, argv, &command, NULL), 0);
	garita_command_free(&command);

	assert_true(garita_argv_parse(R, 0, argv, &command, NULL) < 0);
	garita_command_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_spelling),
		cmocka_unit_test(test_two_readings_are_refused),
		cmocka_unit_test(test_message_shows_no_value),
		cmocka_unit_test(test_log_is_found_even_when_refused),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_set_bundle),
		cmocka_unit_test(test_set_bundle_of_what_is_not_judged),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
