/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net - garita net show: the guards of a container's network and what they
 * counted.
 *
 * The reading is done by garita-net, which has libmnl; here its JSON is taken
 * apart with the same care as any other, and laid out.
 */
#include "hook/cli/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/json.h"
#include "hook/program.h"
#include "hook/report/report.h"
#include "hook/runtime.h"

enum { SHOWN_MAX_BYTES = GARITA_JSON_MAX_BYTES };

static int read_guards(const struct garita_cli *cli, uint32_t pid,
		       struct garita_json_doc **ret, struct garita_error *err)
{
	struct garita_runtime program = { .fd = -1 };
	auto_command command = { 0 };
	auto_free char *text = NULL;
	auto_text word = { 0 };
	size_t len = 0;
	int rc;

	program.fd = garita_program_find("garita-net", &program.path, err);
	if (program.fd < 0)
		return garita_fail_in(err, "garita-net");
	garita_text_printf(&word, "%u", pid);
	command.argc = 3;
	command.argv = garita_xcalloc(4, sizeof(*command.argv));
	command.argv[1] = garita_xstrdup("--show");
	command.argv[2] = garita_text_take(&word);
	rc = garita_runtime_capture(&program, &command, cli->envp, false,
				    SHOWN_MAX_BYTES, &text, &len, err);
	garita_runtime_close(&program);
	if (rc < 0) /* it said why */
		return garita_fail(err, EIO, "cannot read the guards");
	return garita_json_parse(text, len, GARITA_JSON_STRICT, ret, err);
}

static uint64_t number(const struct garita_json *object, const char *key)
{
	uint64_t value = 0;

	(void)garita_json_u64(garita_json_get(object, key), &value);
	return value;
}

static const char *text(const struct garita_json *object, const char *key)
{
	const char *value = garita_json_string(garita_json_get(object, key));

	return value ? value : "";
}

static void put_rule(const struct garita_json *rule, const char *chain,
		     struct garita_text *out)
{
	garita_text_printf(out, "  %-9s %-7s %10llu %12llu  ", chain,
			   text(rule, "verdict"),
			   (unsigned long long)number(rule, "packets"),
			   (unsigned long long)number(rule, "bytes"));
	garita_report_put_safe(out, text(rule, "what"));
	garita_text_putc(out, '\n');
}

static void put_guard(const struct garita_json *guard, struct garita_text *out)
{
	const struct garita_json *chains = garita_json_get(guard, "chains");

	garita_report_put_safe(out, text(guard, "name"));
	garita_text_printf(out, "\n  %-9s %-7s %10s %12s  %s\n", "chain",
			   "verdict", "packets", "bytes", "of");
	for (size_t i = 0; i < garita_json_count(chains); i++) {
		const struct garita_json *chain = garita_json_item(chains, i);
		const struct garita_json *rules =
			garita_json_get(chain, "rules");

		for (size_t r = 0; r < garita_json_count(rules); r++)
			put_rule(garita_json_item(rules, r),
				 text(chain, "name"), out);
	}
}

static void print_guards(struct garita_json_doc *doc, bool json)
{
	const struct garita_json *root = garita_json_root(doc);
	const struct garita_json *guards = garita_json_get(root, "guards");
	auto_text out = { 0 };

	if (json) {
		garita_json_print_pretty(root, &out);
		garita_text_putc(&out, '\n');
		garita_cli_print(&out);
		return;
	}
	if (garita_json_count(guards) == 0)
		garita_text_puts(&out, "no guard\n");
	for (size_t i = 0; i < garita_json_count(guards); i++)
		put_guard(garita_json_item(guards, i), &out);
	garita_cli_print(&out);
}

/* What the words on the command line mean: a process. */
static int find(const struct garita_cli *cli, const char *word,
		const char *pid_word, const char *root, uint32_t *ret_pid,
		char **ret_id)
{
	struct garita_error error = { 0 };
	int rc = 0;

	if (pid_word != NULL)
		rc = garita_parse_u32(pid_word, 1, INT32_MAX, ret_pid);
	if (rc < 0)
		garita_cli_complain(cli, "--pid %s is no process", pid_word);
	if (pid_word != NULL)
		return rc;
	rc = garita_net_find(word, root, ret_pid, ret_id, &error);
	if (rc < 0)
		garita_cli_complain(cli, "%s", error.text);
	return rc;
}

static int run(const struct garita_cli *cli)
{
	const char *format = NULL, *pid_word = NULL, *root = NULL;
	const struct garita_cli_option table[] = {
		{ "--format", &format, NULL, NULL },
		{ "--pid", &pid_word, NULL, NULL },
		{ "--root", &root, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *id = NULL;
	struct garita_error error = { 0 };
	uint32_t pid = 0;
	size_t count;
	bool json;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    garita_cli_wants_json(cli, format, &json) < 0)
		return GARITA_EXIT_ERROR;
	if (count == 0 || strcmp(words[0], "show") != 0 ||
	    count != (pid_word ? 1U : 2U)) {
		garita_cli_complain(cli,
				    "say show, and one container or --pid PID");
		return GARITA_EXIT_ERROR;
	}
	if (find(cli, count > 1 ? words[1] : NULL, pid_word, root, &pid, &id) <
	    0)
		return GARITA_EXIT_ERROR;
	if (read_guards(cli, pid, &doc, &error) < 0)
		return garita_cli_fail(cli, &error);
	if (id != NULL)
		garita_json_put_string(doc, garita_json_root(doc), "container",
				       id);
	garita_json_put_u64(doc, garita_json_root(doc), "pid", pid);
	print_guards(doc, json);
	return 0;
}

const struct garita_cli_verb garita_cli_net = {
	.name = "net",
	.summary = "show how a container's network is guarded",
	.usage = "net show CONTAINER [--root DIR] [--format text|json]\n"
		 "       garita net show --pid PID [--format text|json]",
	.help = "The guards that are in the container's network namespace and "
		"what each of their\n"
		"rules counted. CONTAINER is its id or the beginning of it, "
		"as the engine prints\n"
		"it; containers of a pod share one network, and all its "
		"guards are shown.\n"
		"\n"
		"  --pid PID      the network of this process\n"
		"  --root DIR     where the runtime keeps its state (its "
		"--root)\n"
		"  --format F     text, or json: "
		"net-show-1.schema.json\n",
	.run = run,
};
