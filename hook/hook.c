/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook - garita-hook: the gate as an OCI hook.
 *
 * precreate (podman): the proposed config on stdin, the judged and repaired
 * one on stdout. createRuntime, prestart: the container's state on stdin; the
 * runtime has read its config by then, so a hook can only refuse. It judges
 * the config in the bundle again, accepts no need for repair, and refuses
 * when the bytes are not the ones garita-runtime printed, unless it is told
 * (--judge-only) that no garita-runtime stands before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/bundle.h"
#include "hook/clock.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/hook_state.h"
#include "hook/log/decision_log.h"
#include "hook/report/report.h"
#include "hook/settle.h"
#include "hook/straight.h"

enum exit_code { ADMITTED = 0, REFUSED = 1, COULD_NOT_JUDGE = 2 };

static const char usage[] =
	"usage: garita-hook precreate                    config in, config "
	"out\n"
	"       garita-hook createRuntime [--judge-only]  state in, refuse "
	"only\n"
	"       garita-hook prestart [--judge-only]\n"
	"       garita-hook --version | --help\n"
	"\n"
	"--judge-only: no garita-runtime printed the config in the bundle.\n"
	"See garita-hook(8).\n";

struct call {
	const char *stage;
	bool judge_only;
	uint64_t started_us;
	struct garita_gate gate;
};

static bool is_dry_run(const struct call *call)
{
	return garita_gate_is_dry_run(&call->gate);
}

static int log_call(const struct call *call, const char *id, const char *bundle,
		    const struct garita_decision *decision,
		    const struct garita_error *error, bool admitted,
		    struct garita_error *err)
{
	const struct garita_record record = {
		.program = "garita-hook",
		.verb = call->stage,
		/* Nobody else has that hook. */
		.engine =
			strcmp(call->stage, "precreate") == 0 ? "podman" : NULL,
		.id = id,
		.bundle = bundle,
		.gate = call->gate.policy ? &call->gate : NULL,
		.decision = decision,
		.error = error,
		.admitted = admitted,
		.cost_us = garita_clock_us() - call->started_us,
	};

	return garita_log_decision(&record, err);
}

static int give_up(const struct call *call, const char *id, const char *bundle,
		   const struct garita_error *error)
{
	bool admitted = is_dry_run(call);
	auto_text line = { 0 };

	log_call(call, id, bundle, NULL, error, admitted, NULL);
	if (admitted)
		return ADMITTED;
	garita_report_not_judged("container", error, &line);
	garita_report_to_engine(line.data, NULL, false);
	return COULD_NOT_JUDGE;
}

static int say_refused(const struct garita_decision *decision)
{
	auto_text line = { 0 };

	garita_report_line(decision, &line);
	garita_report_to_engine(line.data, NULL, false);
	return REFUSED;
}

static int write_out(const char *data, size_t len)
{
	return garita_file_write(STDOUT_FILENO, data, len) < 0 ? COULD_NOT_JUDGE
							       : ADMITTED;
}

static int precreate(struct call *call)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	auto_free char *config = NULL;
	auto_text printed = { 0 };
	size_t len = 0;
	bool admitted;
	int rc = garita_file_read(STDIN_FILENO, GARITA_JSON_MAX_BYTES, &config,
				  &len, &error);

	if (rc < 0) {
		garita_fail_in(&error, "config on standard input");
		return give_up(call, NULL, NULL, &error);
	}
	rc = garita_config_parse(config, len, &doc, &error);
	if (rc == 0)
		rc = garita_gate_judge(&call->gate, doc, NULL, NULL, 0,
				       &decision, &error);
	if (rc < 0) {
		garita_gate_fail_in_config(&error, "config on standard input");
		rc = give_up(call, NULL, NULL, &error);
		return rc == ADMITTED ? write_out(config, len) : rc;
	}
	admitted =
		is_dry_run(call) || decision.verdict.outcome != GARITA_REFUSE;
	if (log_call(call, NULL, NULL, &decision, NULL, admitted, &error) < 0)
		return give_up(call, NULL, NULL, &error);
	if (!admitted)
		return say_refused(&decision);
	if (is_dry_run(call))
		return write_out(config, len);
	garita_json_print(garita_json_root(doc), &printed);
	return write_out(printed.data, printed.len);
}

static int check_printed(const struct garita_bundle *bundle,
			 struct garita_json_doc *doc, struct garita_error *err)
{
	if (garita_bundle_is_printed(bundle, doc))
		return 0;
	return garita_fail(err, EINVAL,
			   "config.json is not what garita-runtime printed: "
			   "somebody wrote it later, or no garita-runtime "
			   "stands before this hook (then use --judge-only)");
}

static int judge_bundle(const struct call *call,
			const struct garita_bundle *bundle, const char *id,
			struct garita_decision *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	int rc = garita_config_parse(bundle->config, bundle->config_len, &doc,
				     err);

	if (rc < 0) {
		garita_gate_fail_in_config(err, "config.json");
		return rc;
	}
	/* In dry-run the wrapper leaves the config as the engine wrote it. */
	if (!call->judge_only && !is_dry_run(call)) {
		rc = check_printed(bundle, doc, err);
		if (rc < 0)
			return rc;
	}
	rc = garita_gate_judge(&call->gate, doc, bundle->path, id,
			       GARITA_DECIDE_NO_FIX, ret, err);
	if (rc < 0)
		garita_gate_fail_in_config(err, "config.json");
	return rc;
}

static int create_runtime(struct call *call)
{
	auto_hook_state state = { 0 };
	const char *path, *id;
	auto_bundle bundle = { .fd = -1 };
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	bool admitted;

	if (garita_hook_state_read(&state, &error) < 0)
		return give_up(call, NULL, NULL, &error);
	path = state.bundle;
	id = state.id;
	if (garita_bundle_open(path, &bundle, &error) < 0 ||
	    judge_bundle(call, &bundle, id, &decision, &error) < 0)
		return give_up(call, id, path, &error);
	admitted =
		is_dry_run(call) || decision.verdict.outcome != GARITA_REFUSE;
	if (log_call(call, id, path, &decision, NULL, admitted, &error) < 0)
		return give_up(call, id, path, &error);
	return admitted ? ADMITTED : say_refused(&decision);
}

static int fail_usage(void)
{
	fputs(usage, stderr);
	return COULD_NOT_JUDGE;
}

int main(int argc, char *argv[])
{
	const struct garita_gate_options options = { 0 };
	struct call call = { .started_us = garita_clock_us() };
	struct garita_error error = { 0 };
	int code;

	(void)garita_settle(O_RDONLY);
	garita_straight_remember();
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout) < 0;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("garita-hook " GARITA_VERSION) < 0;
	if (argc < 2 || argc > 3)
		return fail_usage();
	call.stage = argv[1];
	call.judge_only = argc == 3 && strcmp(argv[2], "--judge-only") == 0;
	if (argc == 3 && !call.judge_only)
		return fail_usage();

	if (strcmp(call.stage, "precreate") != 0 &&
	    strcmp(call.stage, "createRuntime") != 0 &&
	    strcmp(call.stage, "prestart") != 0)
		return fail_usage();
	if (garita_gate_open(&options, &call.gate, &error) < 0)
		return give_up(&call, NULL, NULL, &error);
	code = strcmp(call.stage, "precreate") == 0 ? precreate(&call)
						    : create_runtime(&call);
	garita_gate_close(&call.gate);
	return code;
}
