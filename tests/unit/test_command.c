/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which programs a command line starts, as a table of lines. The programs are
 * written as they are reported: "l:" launcher, "s:" started, "w:" started and
 * waiting for commands, "m:" mentioned in code, "?" unclear (and then "?:" each
 * of its words).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/rules/command.h"
#include "policy/rules/command_table.h"
#include "garita/memory.h"
#include "garita/text.h"

static bool write_down(const struct garita_program *program, void *data)
{
	struct garita_text *out = data;

	if (out->len > 0)
		garita_text_putc(out, ' ');
	switch (program->how) {
	case GARITA_PROGRAM_STARTED:
		garita_text_puts(out, program->waits ? "w:" : "s:");
		break;
	case GARITA_PROGRAM_LAUNCHER:
		garita_text_puts(out, "l:");
		break;
	case GARITA_PROGRAM_MENTIONED:
		garita_text_puts(out, "m:");
		break;
	case GARITA_PROGRAM_UNCLEAR:
		garita_text_puts(out, *program->path ? "?:" : "?");
		break;
	}
	garita_text_puts(out, program->path);
	return false;
}

struct row {
	const char *why;
	const char *args; /* a JSON array, with ' for " */
	const char *programs;
};

static const struct row lines[] = {
	{ "a program", "['/usr/sbin/sshd','-D']", "s:/usr/sbin/sshd" },
	{ "none", "[]", "" },
	{ "no name", "['']", "s:" },
	{ "relative", "['./httpd']", "s:./httpd" },
	{ "its arguments are not programs", "['echo','httpd']", "s:echo" },
	/* launchers */
	{ "tini", "['tini','--','httpd']", "l:tini s:httpd" },
	{ "without --", "['/sbin/tini','-g','httpd']", "l:/sbin/tini s:httpd" },
	{ "a value", "['tini','-p','TERM','httpd']", "l:tini s:httpd" },
	{ "in one", "['tini','-gpTERM','httpd']", "l:tini s:httpd" },
	{ "unknown option: its value or the program?",
	  "['tini','-X','a','httpd']", "l:tini ? ?:-X ?:a ?:httpd" },
	{ "docker --init", "['/sbin/docker-init','--','httpd']",
	  "l:/sbin/docker-init s:httpd" },
	{ "podman --init", "['/run/podman-init','--','httpd']",
	  "l:/run/podman-init s:httpd" },
	{ "an older podman's", "['/dev/init','--','httpd']",
	  "l:/dev/init s:httpd" },
	{ "catatonit", "['catatonit','--','httpd']", "l:catatonit s:httpd" },
	{ "dumb-init", "['dumb-init','--rewrite','15:3','httpd']",
	  "l:dumb-init s:httpd" },
	{ "env", "['env','-i','-u','A','B=1','httpd']", "l:env s:httpd" },
	{ "env --", "['env','--','B=1','httpd']", "l:env s:httpd" },
	{ "env -", "['env','-','httpd']", "l:env s:httpd" },
	{ "env -S", "['env','-S','httpd -D']", "l:env ? ?:-S ?:httpd ?:-D" },
	{ "env alone", "['env']", "s:env" },
	{ "env in long words", "['env','--ignore-environment','httpd']",
	  "l:env s:httpd" },
	{ "a long option of who has none", "['tini','--x','httpd']",
	  "l:tini ? ?:--x ?:httpd" },
	{ "a chain", "['env','nice','-n','5','setsid','-w','httpd']",
	  "l:env l:nice l:setsid s:httpd" },
	{ "an operand", "['timeout','-s','KILL','5','httpd']",
	  "l:timeout s:httpd" },
	{ "gosu", "['gosu','nobody','httpd']", "l:gosu s:httpd" },
	{ "gosu without", "['gosu','nobody']", "s:gosu" },
	{ "sudo", "['sudo','-u','web','A=1','httpd']", "l:sudo s:httpd" },
	{ "setpriv", "['setpriv','--reuid=5','--groups','1','httpd']",
	  "l:setpriv s:httpd" },
	{ "s6", "['/init','with-contenv','s6-setuidgid','web','httpd']",
	  "l:/init l:with-contenv l:s6-setuidgid s:httpd" },
	{ "/init alone", "['/init']", "s:/init" },
	{ "busybox", "['busybox','httpd','-f']", "l:busybox s:httpd" },
	{ "the loader",
	  "['/lib64/ld-linux-x86-64.so.2','--argv0','x','/usr/sbin/sshd']",
	  "l:/lib64/ld-linux-x86-64.so.2 s:/usr/sbin/sshd" },
	{ "musl's", "['/lib/ld-musl-x86_64.so.1','--','httpd']",
	  "l:/lib/ld-musl-x86_64.so.1 s:httpd" },
	{ "find", "['find','/','-exec','env','httpd',';','-exec','x','+']",
	  "l:env s:httpd s:x l:find" },
	{ "find alone", "['find','/','-name','httpd']", "s:find" },
	{ "a service", "['service','ssh','start']",
	  "l:service s:/etc/init.d/ssh" },
	{ "a service with options", "['service','--x','ssh','start']",
	  "l:service s:/etc/init.d/ssh" },
	{ "which service?", "['service','-x']", "l:service ? ?:-x" },
	{ "su", "['su','-','web','-c','exec httpd']", "l:su l:exec s:httpd" },
	{ "su attached", "['su','--command=httpd','web']", "l:su s:httpd" },
	{ "su short", "['su','-chttpd','web']", "l:su s:httpd" },
	{ "su in the words of runuser", "['su','-u','web','httpd']",
	  "l:su ? ?:-u ?:web ?:httpd" },
	{ "su to a shell", "['su','-','web']", "w:su" },
	{ "runuser", "['runuser','-u','web','--','httpd']",
	  "l:runuser ? ?:-u ?:web ?:-- ?:httpd" },
	{ "vague", "['screen','-dm','httpd']", "l:screen ? ?:-dm ?:httpd" },
	{ "supervisord starts what its file says",
	  "['supervisord','-c','/etc/x.conf']", "s:supervisord" },
	{ "an interpreter's file", "['python3.11','/app/sshd.py']",
	  "s:python3.11" },
	{ "its code", "['perl','-e','exec \\\"ht\\\".qq(tpd), \\'sshd\\'']",
	  "s:perl m:-e m:exec m:ht.qq m:tpd m:sshd" },
	{ "its input", "['python3']", "w:python3" },
	/* shells */
	{ "a script", "['sh','-c','httpd']", "l:sh s:httpd" },
	{ "options", "['/bin/sh','-ec','httpd']", "l:/bin/sh s:httpd" },
	{ "options with a value",
	  "['bash','-euo','pipefail','-c','httpd','x','y']", "l:bash s:httpd" },
	{ "long options", "['bash','--norc','--rcfile','x','-c','httpd']",
	  "l:bash s:httpd" },
	{ "--", "['sh','-c','--','httpd']", "l:sh s:httpd" },
	{ "a long option that no shell has", "['bash','--x','-c','httpd']",
	  "l:bash ? ?:--x ?:-c ?:httpd" },
	{ "interactive", "['bash','-i']", "w:bash" },
	{ "bare", "['/bin/sh']", "w:/bin/sh" },
	{ "from its input", "['sh','-s','httpd']", "w:sh" },
	{ "no script after -c", "['sh','-c']", "w:sh" },
	{ "a file", "['sh','-e','/start.sh']", "l:sh s:/start.sh" },
	{ "shells in shells", "['sh','-c','exec sh -c \\'exec httpd\\'']",
	  "l:sh l:exec l:sh l:exec s:httpd" },
	{ "of fish and csh nothing is read", "['fish','-c','httpd']",
	  "l:fish ? ?:-c ?:httpd" },
};

static const struct row scripts[] = {
	{ "two commands", "x; httpd", "s:x s:httpd" },
	{ "and, or, pipe", "a && b || c | d & e", "s:a s:b s:c s:d s:e" },
	{ "lines", "a\\nb\\n", "s:a s:b" },
	{ "a line that goes on", "ht\\\\\\ntpd", "s:httpd" },
	{ "quotes", "ht''t\\\"p\\\"d x", "s:httpd" },
	{ "a quote in quotes", "\\\"ht\\\\\\\"tpd\\\"", "s:ht\"tpd" },
	{ "a line that goes on in quotes", "\\\"ht\\\\\\ntpd\\\"", "s:httpd" },
	{ "a backslash that stays", "\\\"ht\\\\tpd\\\"", "s:ht\\tpd" },
	{ "backslash", "\\\\h\\\\ttpd", "s:httpd" },
	{ "quoted separators", "echo 'a; httpd' \\\"; httpd\\\"", "" },
	{ "a comment", "a # ; httpd", "s:a" },
	{ "no comment", "a#b; c", "s:a#b s:c" },
	{ "an assignment before", "A=1 B=\\\"x y\\\" httpd", "s:httpd" },
	{ "a quoted one is a name", "\\\"A\\\"=1 httpd", "s:A=1" },
	{ "assignments only", "A=1; B=$C", "" },
	{ "builtins start nothing", "cd /x && exec ./httpd",
	  "l:exec s:./httpd" },
	{ "exec -a", "exec -a httpd sleep 1", "l:exec s:sleep" },
	{ "command -v asks", "command -v httpd || x", "s:x" },
	{ "command runs", "command -p httpd", "l:command s:httpd" },
	{ "trap", "trap 'httpd' EXIT", "s:httpd" },
	{ "a file is read", ". /etc/rc", "s:/etc/rc" },
	{ "redirections", "2>/dev/null httpd >>log 2>&1 </x", "s:httpd" },
	{ "a number that is a word", "timeout 2 httpd", "l:timeout s:httpd" },
	{ "a group", "{ a; b; }", "s:a s:b" },
	{ "a subshell", "(a; (b)); c", "s:a s:b s:c" },
	{ "if", "if [ -f x ]; then httpd; else y; fi", "s:httpd s:y" },
	{ "while", "while true; do sleep 1; ! a; done", "s:sleep s:a" },
	{ "for", "for i in a b $(c); do httpd $i; done", "s:c s:httpd" },
	{ "in an argument", "a $(b `c`) \\\"$(d)\\\" ${E:-f}",
	  "s:c s:b s:d s:a" },
	{ "in backquotes", "echo `httpd`", "s:httpd" },
	{ "in backquotes in quotes", "a \\\"`httpd`\\\"", "s:httpd s:a" },
	{ "process substitution", "a <(b) >(c)", "s:b s:c s:a" },
	{ "arithmetic", "sleep $((2 * (3 + 4)))", "s:sleep" },
	{ "a variable as argument", "exec httpd $ARGS \\\"$@\\\"",
	  "l:exec s:httpd" },
	{ "a pattern as argument", "ls *.c {a,b}", "s:ls" },
	{ "env in a script", "env A=$B httpd", "l:env s:httpd" },
	{ "xargs", "ls | xargs -n 1 httpd", "s:ls l:xargs s:httpd" },
	{ "a cost", "a \\\"5$\\\" \\\"$'\\\"", "s:a" },
	/* unclear */
	{ "a variable", "$X -D", "? ?:X ?:-D" },
	{ "part of one", "a; /usr/${X}d", "s:a ? ?:a ?:/usr/ ?:X ?:d" },
	{ "a word of a variable", "X=httpd; $X", "? ?:X ?:httpd ?:X" },
	{ "arguments", "exec \\\"$@\\\"", "l:exec ? ? ?:exec ?:@" },
	{ "an option out of a variable", "env $X httpd",
	  "l:env ? ?:httpd ? ?:env ?:X ?:httpd" },
	{ "a pattern", "/usr/sbin/htt?d", "? ?:/usr/sbin/htt ?:d" },
	{ "braces", "{ht,}tpd", "? ?:ht ?:tpd" },
	{ "eval", "eval httpd", "? ?:eval ?:httpd" },
	{ "quotes of bash", "$'\\\\x68ttpd'", "? ?:x68ttpd" },
	{ "a here-document", "sh <<E\\nhttpd\\nE", "? ?:sh ?:E ?:httpd ?:E" },
	{ "a function", "f() { httpd; }; f", "? ?:f ?:httpd ?:f" },
	{ "case", "case a in a) httpd;; esac",
	  "? ?:case ?:a ?:in ?:a ?:httpd ?:esac" },
	{ "for without in", "for x do httpd; done",
	  "? ?:for ?:x ?:do ?:httpd ?:done" },
	{ "no end of a quote", "a 'httpd", "? ?:a ?:httpd" },
	{ "of a double one, or behind a backslash in it", "a \\\"httpd\\\\\\\"",
	  "? ?:a ?:httpd" },
	{ "no end of a parenthesis", "a $(httpd", "? ?:a ?:httpd" },
	{ "no end of backquotes", "a `httpd", "? ?:a ?:httpd" },
	{ "nor in quotes", "a \\\"`httpd\\\"", "? ?:a ?:httpd" },
	{ "no end of arithmetic", "a $((1)", "? ?:a ?:1" },
	{ "a command in arithmetic", "a $((1 + $(httpd)))",
	  "? ?:a ?:1 ?:+ ?:httpd" },
	{ "no end of a brace", "a ${B", "? ?:a ?:B" },
	{ "a command in braces", "a ${B:-$(httpd)}", "? ?:a ?:B:- ?:httpd" },
	{ "nothing behind a backslash", "a\\\\", "? ?:a" },
	{ "a trap out of a variable", "trap $X EXIT", "? ?:trap ?:X ?:EXIT" },
	{ "a shell's options out of a variable", "sh $X httpd",
	  "l:sh ? ?:httpd ? ?:sh ?:X ?:httpd" },
	{ "a shell's script out of one", "sh -c $X",
	  "l:sh ? ?:-c ? ?:sh ?:-c ?:X" },
	{ "an operand out of one", "timeout $X httpd",
	  "l:timeout ? ?:httpd ? ?:timeout ?:X ?:httpd" },
	{ "behind the end of options", "timeout -- $X httpd",
	  "l:timeout ? ?:-- ?:httpd ? ?:timeout ?:-- ?:X ?:httpd" },
	{ "a program out of one", "env A=1 $X httpd",
	  "l:env ? ?:A ?:1 ?:httpd ? ?:env ?:A ?:1 ?:X ?:httpd" },
	{ "a shell's file out of one", "sh -- $X", "l:sh ? ? ?:sh ?:-- ?:X" },
	{ "half of su's script out of one", "su -c httpd$X",
	  "l:su ? ?:httpd ? ?:-c ?:httpd ? ?:su ?:-c ?:httpd ?:X" },
	{ "attached", "su -chttpd$X",
	  "l:su ? ?:httpd ? ?:-chttpd ? ?:su ?:-chttpd ?:X" },
	{ "what find runs out of one", "find / -exec $X httpd ';'",
	  "? ?:httpd l:find ? ?:find ?:/ ?:-exec ?:X ?:httpd" },
	{ "find's -exec out of one", "find / -exec$X httpd ';'",
	  "l:find ? ?:/ ?:-exec ?:httpd ? ?:find ?:/ ?:-exec ?:X ?:httpd" },
	{ "find in quotes", "find / -name '*.c' -exec httpd {} +",
	  "s:httpd l:find" },
	{ "a service out of one", "service $X start",
	  "l:service ? ?:start ? ?:service ?:X ?:start" },
	{ "a user out of one", "su $X -c httpd",
	  "l:su s:httpd ? ?:-c ?:httpd ? ?:su ?:X ?:-c ?:httpd" },
	{ "one too many", "a ) httpd", "? ?:a ?:httpd" },
	{ "backslashes in backquotes", "echo `a \\\\`httpd\\\\``",
	  "? ?:echo ?:a ?:httpd" },
	{ "an alias", "alias a=httpd", "? ?:alias ?:a ?:httpd" },
	{ "unclear inside is unclear outside", "X=httpd sh -c '$X'",
	  "l:sh ? ?:X ? ?:X ?:httpd ?:sh ?:-c ?:X" },
};

static void check(const char *why, const char *args, const char *programs)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text out = { 0 };

	if (garita_json_parse(args, strlen(args), GARITA_JSON_STRICT, &doc,
			      NULL) < 0)
		fail_msg("%s: %s is no JSON", why, args);
	garita_text_puts(&out, "");
	assert_false(garita_command_programs(garita_json_root(doc), write_down,
					     &out));
	if (strcmp(out.data, programs) != 0)
		fail_msg("%s: %s\n  is     %s\n  wanted %s", why, args,
			 out.data, programs);
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(lines); i++) {
		auto_free char *args = garita_xstrdup(lines[i].args);
		auto_text json = { 0 };

		/* \' stays a quote of the shell or of code */
		for (const char *c = args; *c != '\0'; c++)
			if (c[0] == '\\' && c[1] == '\'')
				garita_text_putc(&json, *++c);
			else
				garita_text_putc(&json, *c == '\'' ? '"' : *c);
		check(lines[i].why, json.data, lines[i].programs);
	}
}

static void test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(scripts); i++) {
		auto_text json = { 0 }, programs = { 0 };

		garita_text_printf(&json, "[\"sh\",\"-c\",\"%s\"]",
				   scripts[i].args);
		garita_text_puts(&programs, "l:sh");
		if (*scripts[i].programs != '\0')
			garita_text_printf(&programs, " %s",
					   scripts[i].programs);
		check(scripts[i].why, json.data, programs.data);
	}
}

/* What the script is given after it is part of what is unclear. */
static void test_arguments_of_an_unclear_script(void **state)
{
	(void)state;
	check("entry points do this",
	      "[\"sh\",\"-c\",\"exec \\\"$@\\\"\",\"sh\",\"httpd\"]",
	      "l:sh l:exec ? ? ?:exec ?:@ ? ?:sh ?:httpd");
}

static bool count(const struct garita_program *program, void *data)
{
	size_t *n = data;

	(void)program;
	return ++*n == 3;
}

static void test_enough_is_enough(void **state)
{
	static const char text[] = "[\"sh\",\"-c\",\"a;b;c;d;$e\"]";
	auto_json struct garita_json_doc *doc = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(garita_json_parse(text, strlen(text), 0, &doc, NULL),
			 0);
	assert_true(garita_command_programs(garita_json_root(doc), count, &n));
	assert_int_equal(n, 3);
	assert_false(garita_command_programs(NULL, count, &n));
}

/* Nesting ends where it is no longer read: unclear, and no deeper. */
static void nest(const char *open, const char *close, size_t times,
		 struct garita_text *ret)
{
	garita_text_puts(ret, "[\"sh\",\"-c\",\"");
	for (size_t i = 0; i < times; i++)
		garita_text_puts(ret, open);
	garita_text_puts(ret, "httpd");
	for (size_t i = 0; i < times; i++)
		garita_text_puts(ret, close);
	garita_text_puts(ret, "\"]");
}

struct seen {
	bool unclear, httpd;
	size_t calls;
};

static bool look(const struct garita_program *program, void *data)
{
	struct seen *seen = data;

	seen->calls++;
	if (program->how == GARITA_PROGRAM_UNCLEAR)
		seen->unclear = true;
	if (strcmp(program->name, "httpd") == 0)
		seen->httpd = true;
	return false;
}

static struct seen look_at(const struct garita_text *json)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct seen seen = { 0 };

	assert_int_equal(
		garita_json_parse(json->data, json->len, 0, &doc, NULL), 0);
	garita_command_programs(garita_json_root(doc), look, &seen);
	return seen;
}

static void test_depth(void **state)
{
	static const char *const pairs[][2] = {
		{ "(", ")" },
		{ "$(", ")" },
		{ "a $(", ")" },
		{ "<(", ")" },
		{ "env ", "" },
		{ "{ ", "; }" },
		{ "a \\\"$(", ")\\\"" },
		{ "find . -exec ", "" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(pairs); i++) {
		for (size_t times = 1; times < 200000; times *= 7) {
			auto_text json = { 0 };
			struct seen seen;

			nest(pairs[i][0], pairs[i][1], times, &json);
			seen = look_at(&json);
			if (!seen.httpd)
				fail_msg("%s, %zu times: not seen", pairs[i][0],
					 times);
			/* linear: at most the words once a level */
			assert_true(seen.calls < 40 * (times + 2));
		}
	}
}

/* Every row is found by its own name; an unsorted table would hide some. */
static void test_names_of_launchers(void **state)
{
	static const struct {
		const char *name, *row;
	} names[] = {
		{ "sh", "sh" },
		{ "python3.11", "python" },
		{ "ksh93", "ksh" },
		{ "zsh", "zsh" },
		{ "ash", "ash" },
		{ "tini-static", "tini-static" },
		{ "su", "su" },
		{ "sudo", "sudo" },
		{ "yash", "yash" },
		{ "ld.so", "ld-linux" },
		{ "ld-2.31.so", "ld-linux" },
		{ "ld-linux.so.2", "ld-linux" },
		{ "ld", NULL },
		{ "ldconfig", NULL },
		{ "httpd", NULL },
		{ "", NULL },
		{ "0", NULL },
		{ "3.11", NULL },
		{ "shx", NULL },
		{ "sshd", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		const struct garita_launcher *row =
			garita_launcher_find(names[i].name);

		if (names[i].row == NULL
			    ? row != NULL
			    : row == NULL ||
				      strcmp(row->name, names[i].row) != 0)
			fail_msg("%s: %s", names[i].name,
				 row ? row->name : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_arguments_of_an_unclear_script),
		cmocka_unit_test(test_enough_is_enough),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_names_of_launchers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
