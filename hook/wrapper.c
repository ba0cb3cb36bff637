/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wrapper - garita-runtime: stands where the engine expects runc or crun.
 *
 * A verb that brings a config (create, run) is judged: the bundle is opened
 * once, the config judged and repaired, what was judged printed in its place,
 * and the real runtime executed by descriptor. What is done to a container
 * later (exec, update) is judged with the config that it was started with.
 * Other verbs are handed on by the verb table of argv_tables.c. Whatever goes
 * wrong on the way refuses.
 *
 * Dry-run changes nothing: the runtime gets the caller's own words and the
 * config as it was, also when garita could not read them; only the log tells.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "hook/bundle.h"
#include "hook/clock.h"
#include "hook/exec.h"
#include "hook/log/decision_log.h"
#include "hook/report/report.h"
#include "hook/running.h"
#include "hook/settle.h"
#include "hook/straight.h"
#include "hook/update.h"
#include "hook/wrapper.h"

enum exit_code { REFUSED = 1, COULD_NOT_JUDGE = 2 };
enum { ALL_DESCRIPTORS = 1 << 30 }; /* more than a process can have */

static bool is_dry_run(const struct garita_call *call)
{
	return garita_gate_is_dry_run(&call->gate);
}

/* -errno where the policy wants a record that could not be made: then nothing
 * may be admitted. */
static int log_call(const struct garita_call *call, const char *bundle,
		    const struct garita_decision *decision,
		    const struct garita_error *error, bool admitted,
		    struct garita_error *err)
{
	const struct garita_record record = {
		.program = "garita-runtime",
		.verb = call->command.verb,
		.id = call->command.id,
		.bundle = bundle ? bundle : call->command.bundle,
		.gate = call->gate.policy ? &call->gate : NULL,
		.decision = decision,
		.error = error,
		.admitted = admitted,
		.cost_us = garita_clock_us() - call->started_us,
	};

	return garita_log_decision(&record, err);
}

/* For what could not be judged at all. */
static int refuse(const struct garita_call *call, const char *bundle,
		  const struct garita_error *error)
{
	auto_text line = { 0 };

	log_call(call, bundle, NULL, error, false, NULL);
	garita_report_not_judged("container", error, &line);
	garita_report_to_engine(line.data, call->command.log,
				call->command.log_json);
	return COULD_NOT_JUDGE;
}

/* Becomes the runtime; returns only when that failed. */
static int become_runtime(struct garita_call *call)
{
	struct garita_error error = { 0 };

	if (garita_call_remember(call, &error) < 0)
		return refuse(call, NULL, &error);
	garita_runtime_exec(&call->runtime, &call->command, call->envp,
			    call->umask, &error);
	return refuse(call, NULL, &error);
}

/* The caller's own words in place of the canonical ones. */
static int become_runtime_unchanged(struct garita_call *call)
{
	struct garita_command *command = &call->command;
	/* Of words that could not be read nobody knows what they announce. */
	uint32_t preserve_fds =
		command->argv ? command->preserve_fds : ALL_DESCRIPTORS;
	struct garita_error error = { 0 };

	if (garita_call_remember(call, &error) < 0)
		return refuse(call, NULL, &error);
	garita_command_free(command);
	/* The runtime's path and the end, also where the caller said nothing.
	 */
	command->argv = garita_xcalloc((size_t)call->argc + 2, sizeof(char *));
	for (int i = 1; i < call->argc; i++)
		command->argv[i] = garita_xstrdup(call->argv[i]);
	command->argc = (size_t)call->argc;
	command->preserve_fds = preserve_fds;
	return become_runtime(call);
}

/* What cannot be judged is refused, or in dry-run noted and let through. */
static int give_up(struct garita_call *call, const char *bundle,
		   const struct garita_error *error)
{
	if (!is_dry_run(call))
		return refuse(call, bundle, error);
	log_call(call, bundle, NULL, error, true, NULL);
	return become_runtime_unchanged(call);
}

static int say_refused(const struct garita_call *call, const char *bundle,
		       const struct garita_decision *decision)
{
	auto_text line = { 0 };

	log_call(call, bundle, decision, NULL, false, NULL);
	garita_report_line(decision, &line);
	garita_report_to_engine(line.data, call->command.log,
				call->command.log_json);
	return REFUSED;
}

static int conclude(struct garita_call *call, struct garita_bundle *bundle,
		    struct garita_json_doc *doc,
		    const struct garita_decision *decision)
{
	struct garita_error error = { 0 };
	bool admitted =
		is_dry_run(call) || decision->verdict.outcome != GARITA_REFUSE;

	if (admitted && garita_call_choose_runtime(call, decision, &error) < 0)
		return give_up(call, bundle->path, &error);
	if (is_dry_run(call)) {
		log_call(call, bundle->path, decision, NULL, true, NULL);
		return become_runtime_unchanged(call);
	}
	if (!admitted)
		return say_refused(call, bundle->path, decision);
	/* Also when the bytes are the same: the file that was read may still be
	 * open for writing somewhere. A log that is slow to answer gives others
	 * time. */
	if (garita_bundle_replace(bundle, garita_json_root(doc), &error) < 0 ||
	    log_call(call, bundle->path, decision, NULL, true, &error) < 0 ||
	    garita_bundle_check_printed(bundle, &error) < 0)
		return refuse(call, bundle->path, &error);
	garita_argv_set_bundle(&call->command, bundle->path);
	return become_runtime(call);
}

static int judge_bundle(struct garita_call *call)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_bundle bundle = { .fd = -1 };
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	int rc = garita_bundle_open(call->command.bundle, &bundle, &error);

	if (rc < 0)
		return give_up(call, NULL, &error);
	/* What is handed over is printed: nobody needs the text any more. */
	rc = garita_config_parse_given(&bundle.config, bundle.config_len, &doc,
				       &error);
	if (rc == 0)
		rc = garita_gate_judge(&call->gate, doc, bundle.path,
				       call->command.id, 0, &decision, &error);
	if (rc < 0) {
		garita_gate_fail_in_config(&error, "config.json");
		return give_up(call, bundle.path, &error);
	}
	return conclude(call, &bundle, doc, &decision);
}

static int judge_exec(struct garita_call *call,
		      const struct garita_running *running,
		      struct garita_exec *exec, struct garita_decision *ret,
		      struct garita_error *err)
{
	const struct garita_change change = {
		.subject = GARITA_SCOPE_EXEC,
		.container = &running->spec,
	};
	int rc = garita_exec_read(call->runtime.kind, &call->command, running,
				  exec, err);

	if (rc < 0)
		return rc;
	return garita_gate_judge_change(
		&call->gate, &change, exec->config, running->bundle.path,
		exec->asked ? GARITA_DECIDE_NO_FIX : 0, ret, err);
}

/* Limits are not repaired: which ones the caller would be content with, only
 * the caller knows. */
static int judge_update(struct garita_call *call,
			const struct garita_running *running,
			struct garita_update *update,
			struct garita_decision *ret, struct garita_error *err)
{
	const struct garita_change change = {
		.subject = GARITA_SCOPE_UPDATE,
		.container = &running->spec,
	};
	int rc = garita_update_read(&call->command, running, update, err);

	if (rc < 0)
		return rc;
	return garita_gate_judge_change(&call->gate, &change, update->config,
					running->bundle.path,
					GARITA_DECIDE_NO_FIX, ret, err);
}

/* An exec or an update of the container in a bundle that garita printed. */
static int judge_change(struct garita_call *call, enum garita_scope subject)
{
	bool is_exec = subject == GARITA_SCOPE_EXEC;
	struct garita_command *command = &call->command;
	auto_running running = { .bundle.fd = -1 };
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	auto_exec exec = { 0 };
	auto_update update = { 0 };
	const char *path;
	int rc;

	if (!garita_gate_asks(&call->gate, subject))
		return become_runtime(call);
	if (garita_running_open(&call->runtime, command, call->envp,
				!is_dry_run(call), &running, &error) < 0)
		return give_up(call, NULL, &error);
	path = running.bundle.path;
	rc = is_exec ? judge_exec(call, &running, &exec, &decision, &error)
		     : judge_update(call, &running, &update, &decision, &error);
	if (rc < 0)
		return give_up(call, path, &error);
	if (is_dry_run(call)) {
		log_call(call, path, &decision, NULL, true, NULL);
		return become_runtime_unchanged(call);
	}
	if (decision.verdict.outcome == GARITA_REFUSE)
		return say_refused(call, path, &decision);
	rc = is_exec ? garita_exec_give(&exec, command, call->envp, &error)
		     : garita_update_give(&update, command, call->envp, &error);
	if (rc == 0)
		rc = log_call(call, path, &decision, NULL, true, &error);
	if (rc < 0)
		return refuse(call, path, &error);
	return become_runtime(call);
}

static int act(struct garita_call *call)
{
	struct garita_error error = { 0 };

	switch (call->command.action) {
	case GARITA_VERB_JUDGE:
		return judge_bundle(call);
	case GARITA_VERB_EXEC:
		return judge_change(call, GARITA_SCOPE_EXEC);
	case GARITA_VERB_UPDATE:
		return judge_change(call, GARITA_SCOPE_UPDATE);
	case GARITA_VERB_REFUSE:
		garita_fail(&error, EPERM,
			    "%s brings memory and files that nobody judged",
			    call->command.verb);
		return give_up(call, NULL, &error);
	case GARITA_VERB_PASS:
	case GARITA_VERB_ALWAYS:
		break;
	}
	return become_runtime(call);
}

/* Without a readable policy only verbs that start nothing go on: an engine
 * must be able to clean up behind a refusal. The command line is still read,
 * to know which verb it is and where the engine looks for words. */
static int without_policy(struct garita_call *call,
			  const struct garita_error *reason)
{
	struct garita_error error = { 0 };

	if (garita_runtime_open(NULL, &call->runtime, &error) < 0)
		call->runtime.kind = GARITA_RUNTIME_RUNC;
	if (garita_call_read_words(call, &error) == 0 &&
	    call->command.action == GARITA_VERB_ALWAYS &&
	    call->runtime.path != NULL)
		return become_runtime(call);
	return refuse(call, NULL, reason);
}

/* The policy's runtime is not there. The one that made a container may be. */
static int without_runtime(struct garita_call *call,
			   const struct garita_error *reason)
{
	call->runtime.kind = GARITA_RUNTIME_RUNC;
	if (garita_call_read_words(call, NULL) == 0 &&
	    call->command.action == GARITA_VERB_ALWAYS &&
	    call->runtime.path != NULL)
		return become_runtime(call);
	return refuse(call, NULL, reason);
}

static int serve(struct garita_call *call)
{
	const struct garita_gate_options options = { 0 };
	struct garita_error error = { 0 };

	if (garita_gate_open(&options, &call->gate, &error) < 0)
		return without_policy(call, &error);
	if (garita_runtime_open(call->gate.policy->runtime, &call->runtime,
				&error) < 0)
		return without_runtime(call, &error);
	if (garita_call_read_words(call, &error) < 0) {
		garita_fail_in(&error, "command line");
		return give_up(call, NULL, &error);
	}
	if (garita_call_asks_version(call) &&
	    garita_call_say_version(call) == 0)
		return 0;
	return act(call);
}

int main(int argc, char *argv[], char *envp[])
{
	struct garita_call call = {
		.argc = argc,
		.argv = argv,
		.envp = envp,
		.umask = garita_settle(O_RDWR),
		.started_us = garita_clock_us(),
		.runtime.fd = -1,
	};
	int code;

	garita_straight_remember();
	code = serve(&call);
	garita_command_free(&call.command);
	garita_runtime_close(&call.runtime);
	garita_gate_close(&call.gate);
	return code;
}
