/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main - garita-net: guards the network of a container, and tells how.
 *
 * "guard" is what a config calls at createRuntime: the runtime's words about
 * the container on standard input, the guards as arguments, which the judge
 * wrote. Nothing of the container runs yet; when this fails, nothing will.
 * --show reads back what is there, as JSON, for `garita net show`.
 *
 * A program of its own because libmnl, and so libc, is a shared library: no
 * other program of a start pays for that (docs/linking.md).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "garita/json.h"
#include "hook/clock.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/hook_state.h"
#include "hook/log/decision_log.h"
#include "hook/net/namespace.h"
#include "hook/net/netlink.h"
#include "hook/report/report.h"
#include "hook/settle.h"

enum exit_code { DONE = 0, FAILED = 1, USAGE = 2 };

static const char usage[] =
	"usage: garita-net guard LINE...   a hook: state in, guards in place\n"
	"       garita-net --show PID      the guards that are there, as JSON\n"
	"       garita-net --version | --help\n"
	"\n"
	"See garita-net(8).\n";

/* ---- guard ---- */

/* runc hands our words on, crun does not: they are in the log as well. */
static int refuse(const struct garita_hook_state *state, uint64_t started_us,
		  const struct garita_error *error)
{
	const struct garita_gate_options options = { 0 };
	auto_gate gate = { 0 };
	struct garita_error reason = { 0 };
	struct garita_record record = {
		.program = "garita-net",
		.verb = "createRuntime",
		.id = state->id,
		.bundle = state->bundle,
		.error = error,
		.cost_us = garita_clock_us() - started_us,
	};
	auto_text line = { 0 };
	char words[1024];

	/* Where the log is. */
	if (garita_gate_open(&options, &gate, &reason) == 0)
		record.gate = &gate;
	garita_log_decision(&record, NULL);
	garita_error_words(error, words, sizeof(words));
	garita_text_printf(&line,
			   "garita refused this container: could not guard its "
			   "network: %s",
			   words);
	garita_report_to_engine(line.data, NULL, false);
	return FAILED;
}

static int guard(const char *const *lines, size_t count)
{
	uint64_t started_us = garita_clock_us();
	auto_hook_state state = { 0 };
	auto_visit visit = { .home = -1 };
	struct garita_error error = { 0 };
	int rc = garita_hook_state_read(&state, &error);

	if (rc == 0 && state.pid < 2)
		rc = garita_fail(&error, EINVAL,
				 "state on standard input: no pid");
	if (rc == 0)
		rc = garita_namespace_enter((pid_t)state.pid, &visit, &error);
	if (rc == 0)
		rc = garita_netlink_guard(lines, count, &error);
	garita_namespace_leave(&visit);
	return rc < 0 ? refuse(&state, started_us, &error) : DONE;
}

/* ---- show ---- */

/* The last of `array` when its "name" is that, else a new one. */
static struct garita_json *named(struct garita_json_doc *doc,
				 struct garita_json *array, const char *name,
				 const char *list)
{
	size_t count = garita_json_count(array);
	struct garita_json *last =
		count ? garita_json_item(array, count - 1) : NULL;

	if (last == NULL ||
	    strcmp(garita_json_string(garita_json_get(last, "name")), name) !=
		    0) {
		last = garita_json_new_object(doc);
		/* Whoever may change the rules there chose the bytes. */
		garita_report_put_string(doc, last, "name", name);
		garita_json_put(doc, last, list, garita_json_new_array(doc));
		garita_json_append(doc, array, last);
	}
	return garita_json_get(last, list);
}

static void put_rule(struct garita_json_doc *doc, struct garita_json *guards,
		     const struct garita_net_rule *rule)
{
	struct garita_json *chains = named(doc, guards, rule->table, "chains");
	struct garita_json *rules = named(doc, chains, rule->chain, "rules");
	struct garita_json *made = garita_json_new_object(doc);

	garita_report_put_string(doc, made, "what", rule->what);
	garita_json_put_string(doc, made, "verdict",
			       rule->drops ? "drop" : "accept");
	garita_json_put_u64(doc, made, "packets", rule->packets);
	garita_json_put_u64(doc, made, "bytes", rule->bytes);
	garita_json_append(doc, rules, made);
}

static int show(const char *word)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *guards = garita_json_new_array(doc);
	auto_net_rules rules = { 0 };
	struct garita_error error = { 0 };
	auto_visit visit = { .home = -1 };
	auto_text out = { 0 };
	uint32_t pid;

	if (garita_parse_u32(word, 1, INT32_MAX, &pid) < 0) {
		fputs(usage, stderr);
		return USAGE;
	}
	if (garita_namespace_enter((pid_t)pid, &visit, &error) < 0 ||
	    garita_netlink_list(&rules, &error) < 0) {
		fprintf(stderr, "garita-net: %s\n", error.text);
		return FAILED;
	}
	garita_json_put_u64(doc, root, "version", 1);
	garita_json_put_u64(doc, root, "namespace", visit.inode);
	for (size_t i = 0; i < rules.count; i++)
		put_rule(doc, guards, &rules.rules[i]);
	garita_json_put(doc, root, "guards", guards);
	garita_json_print(root, &out);
	garita_text_putc(&out, '\n');
	return garita_file_write(STDOUT_FILENO, out.data, out.len) < 0 ? FAILED
								       : DONE;
}

int main(int argc, char *argv[])
{
	(void)garita_settle(O_RDONLY);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("garita-net " GARITA_VERSION) < 0;
	if (argc == 3 && strcmp(argv[1], "--show") == 0)
		return show(argv[2]);
	if (argc >= 3 && strcmp(argv[1], "guard") == 0)
		return guard((const char *const *)argv + 2, (size_t)argc - 2);
	fputs(usage, stderr);
	return USAGE;
}
