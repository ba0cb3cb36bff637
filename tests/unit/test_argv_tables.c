/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The option tables against the real programs, in both directions: what
 * `runc VERB --help` and `crun VERB --help` show is in the tables, what the
 * tables hold is shown there (unless it is newer than the program), and the
 * canonical spelling of each option is one that the program reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv_tables.h"

enum { MAX_ARGS = 80, NOT_FOUND = 127 };

void garita_out_of_memory(void)
{
	abort();
}

/* Runs it without a shell; stdout and stderr together in *out. */
static int run(char *const argv[], struct garita_text *out)
{
	char bytes[4096];
	ssize_t n;
	int pipe_fds[2], status = 0;
	pid_t child;

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		if (null < 0 || dup2(null, 0) < 0 || dup2(pipe_fds[1], 1) < 0 ||
		    dup2(pipe_fds[1], 2) < 0)
			_exit(NOT_FOUND);
		execvp(argv[0], argv);
		_exit(NOT_FOUND);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], bytes, sizeof(bytes))) > 0)
		garita_text_add(out, bytes, (size_t)n);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	garita_text_puts(out, "");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *program_of(const struct garita_runtime_tables *tables)
{
	return garita_xstrdup(tables->program);
}

/* "runc version 1.1.5+ds1" is 101; 0 when it is not installed. */
static unsigned version_of(const struct garita_runtime_tables *tables)
{
	auto_free char *program = program_of(tables);
	char flag[] = "--version";
	char *argv[] = { program, flag, NULL };
	auto_text out = { 0 };
	unsigned major = 0, minor = 0;

	if (run(argv, &out) == NOT_FOUND)
		return 0;
	assert_int_equal(sscanf(out.data, "%*s version %u.%u", &major, &minor),
			 2);
	return GARITA_SINCE(major, minor);
}

/* One option of a help text: "--bundle value, -b value", "-b, --bundle=DIR". */
struct line {
	char name[64];
	char letters[4];
};

/* Takes an option line apart; false when the line is none. */
static bool take_apart(const char *text, size_t len, struct line *ret)
{
	auto_free char *copy = garita_xstrndup(text, len);
	char *at = copy, *end;

	*ret = (struct line){ 0 };
	at += strspn(at, " ");
	if (at[0] != '-')
		return false;
	/* The description begins after two blanks. */
	end = strstr(at, "  ");
	if (end)
		*end = '\0';
	for (char *word; (word = strsep(&at, ", ")) != NULL;) {
		if (strncmp(word, "--", 2) == 0) {
			word[strcspn(word, "=[")] = '\0';
			snprintf(ret->name, sizeof(ret->name), "%s", word + 2);
		} else if (word[0] == '-' && word[1] && !word[2]) {
			size_t n = strlen(ret->letters);

			assert_true(n < sizeof(ret->letters) - 1);
			ret->letters[n] = word[1];
		}
	}
	return ret->name[0] != '\0';
}

static const struct garita_option *find(const struct garita_option *options,
					const char *name)
{
	for (; options->name[0] != '\0'; options++) {
		if (strcmp(options->name, name) == 0)
			return options;
	}
	return NULL;
}

static void check_letters(const char *where, const struct line *line,
			  const struct garita_option *options)
{
	for (const char *letter = line->letters; *letter; letter++) {
		bool found = false;

		for (const struct garita_option *o = options;
		     o->name[0] != '\0'; o++)
			found |= strcmp(o->name, line->name) == 0 &&
				 o->letter == *letter;
		if (!found)
			fail_msg("%s: -%c of --%s is not in the table", where,
				 *letter, line->name);
	}
}

/* All of help's options are in the table; returns how many there were. */
static void check_help(const char *where, const char *help,
		       const struct garita_option *options, char *shown)
{
	const char *start = strstr(help, "OPTIONS:"); /* runc */

	for (const char *at = start ? start : help; *at;) {
		size_t len = strcspn(at, "\n");
		const struct garita_option *option;
		struct line line;

		if (take_apart(at, len, &line)) {
			option = find(options, line.name);
			if (!option)
				fail_msg("%s: --%s is not in the table", where,
					 line.name);
			check_letters(where, &line, options);
			shown[option - options] = 1;
		}
		at += len + (at[len] == '\n');
	}
}

/* Each row is old enough to be shown, and is; or is newer, and is not. */
static void check_rows(const char *where, unsigned version,
		       const struct garita_option *options, const char *shown)
{
	for (size_t i = 0; options[i].name[0] != '\0'; i++) {
		const struct garita_option *option = &options[i];
		bool is_help = option->takes == GARITA_TAKES_HELP;

		/* runc shows no help option in a verb's list of options, and
		 * aliases share one line. */
		if (is_help)
			continue;
		if (option->since <= version && !shown[i])
			fail_msg("%s: --%s is in the table only", where,
				 option->name);
		if (option->since > version && shown[i])
			fail_msg("%s: --%s is older than the table says", where,
				 option->name);
	}
}

static void check_verb(const struct garita_runtime_tables *tables,
		       const struct garita_verb *verb, unsigned version)
{
	auto_free char *program = program_of(tables);
	auto_free char *name = garita_xstrdup(verb ? verb->name : "");
	const struct garita_option *options =
		verb ? verb->options : tables->globals;
	char flag[] = "--help";
	char *argv[] = { program, verb ? name : flag, verb ? flag : NULL,
			 NULL };
	auto_text help = { 0 };
	auto_text where = { 0 };
	char shown[64] = { 0 };
	int status = run(argv, &help);

	garita_text_printf(&where, "%s %s", program, name);
	if (verb && (verb->optional || verb->since > version) && status != 0)
		return;
	if (status != 0)
		fail_msg("%s --help: %d: %s", where.data, status, help.data);
	if (verb && verb->operands == GARITA_OPERANDS_VERB)
		return; /* runc help */
	check_help(where.data, help.data, options, shown);
	check_rows(where.data, version, options, shown);
}

/* The canonical spelling of every option at once, then --help: the program
 * prints its help only when it could read all that stands before. */
static void check_spelling(const struct garita_runtime_tables *tables,
			   const struct garita_verb *verb, unsigned version)
{
	char *argv[MAX_ARGS] = { 0 };
	size_t n = 0;
	auto_text out = { 0 };
	int status;

	argv[n++] = garita_xstrdup(tables->program);
	argv[n++] = garita_xstrdup(verb->name);
	for (const struct garita_option *o = verb->options; o->name[0] != '\0';
	     o++) {
		auto_text word = { 0 };
		bool value = o->takes == GARITA_TAKES_VALUE ||
			     o->takes == GARITA_TAKES_VALUES;

		if (o->since > version || o->takes == GARITA_TAKES_HELP ||
		    o->why_not != GARITA_OPTION_TAKEN)
			continue;
		garita_text_printf(&word, "--%s", o->name);
		if (strcmp(o->name, "format") == 0)
			garita_text_puts(&word, "=json");
		else if (strcmp(o->name, "interval") == 0)
			garita_text_puts(&word, "=1s");
		else if (value)
			garita_text_puts(&word, "=1");
		argv[n++] = garita_text_take(&word);
		assert_true(n < MAX_ARGS - 2);
	}
	argv[n] = garita_xstrdup("--help");
	status = run(argv, &out);
	if (status != 0 && !verb->optional && verb->since <= version)
		fail_msg("%s %s: %d: %.400s", tables->program, verb->name,
			 status, out.data);
	for (size_t i = 0; i <= n; i++)
		free(argv[i]);
}

static void check_program(enum garita_runtime_kind kind)
{
	const struct garita_runtime_tables *tables = garita_argv_tables(kind);
	unsigned version = version_of(tables);

	if (version == 0) {
		print_message("%s is not installed\n", tables->program);
		skip();
	}
	check_verb(tables, NULL, version);
	for (const struct garita_verb *v = tables->verbs; v->name[0] != '\0';
	     v++) {
		check_verb(tables, v, version);
		if (v->operands != GARITA_OPERANDS_VERB)
			check_spelling(tables, v, version);
	}
}

static void test_runc(void **state)
{
	(void)state;
	check_program(GARITA_RUNTIME_RUNC);
}

static void test_crun(void **state)
{
	(void)state;
	check_program(GARITA_RUNTIME_CRUN);
}

static void test_only_create_and_run_are_judged(void **state)
{
	const enum garita_runtime_kind kinds[] = { GARITA_RUNTIME_RUNC,
						   GARITA_RUNTIME_CRUN };

	(void)state;
	for (size_t k = 0; k < GARITA_COUNT(kinds); k++) {
		const struct garita_verb *v =
			garita_argv_tables(kinds[k])->verbs;
		unsigned judged = 0;

		for (; v->name[0] != '\0'; v++) {
			size_t rows = 0;
			bool bundle = find(v->options, "bundle") != NULL;

			while (v->options[rows].name[0] != '\0')
				rows++;
			/* A bit each for "comes twice". */
			assert_true(rows > 0 && rows < 64);
			judged += v->action == GARITA_VERB_JUDGE;
			/* Whatever names a bundle starts something or makes
			 * one (spec). */
			if (bundle && strcmp(v->name, "spec") != 0)
				assert_true(v->action == GARITA_VERB_JUDGE ||
					    v->action == GARITA_VERB_REFUSE);
		}
		assert_int_equal(judged, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runc),
		cmocka_unit_test(test_crun),
		cmocka_unit_test(test_only_create_and_run_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
