/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wrapper_runtime - which runtime a call goes to: the policy's, for a container
 * that is made the one of its scope, for one that is there its maker.
 *
 * Runtimes read words differently, so a call that goes on with another one is
 * read again by that one's tables, and must mean the same.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hook/maker.h"
#include "hook/wrapper.h"

int garita_call_remember(const struct garita_call *call,
			 struct garita_error *err)
{
	if (call->command.action != GARITA_VERB_JUDGE ||
	    call->gate.policy == NULL ||
	    !garita_maker_is_chosen(call->gate.policy))
		return 0;
	if (!garita_maker_is_scoped(call->gate.policy))
		return garita_maker_note_used(&call->runtime, err);
	return garita_maker_remember(&call->runtime, &call->command, call->envp,
				     err);
}

/* Goes on with another runtime. It may read words otherwise: then they are read
 * again, and must mean the same. */
static int take_runtime(struct garita_call *call,
			struct garita_runtime *runtime,
			struct garita_error *err)
{
	auto_command command = { 0 };
	int rc;

	if (runtime->kind != call->runtime.kind) {
		rc = garita_argv_parse(runtime->kind, call->argc, call->argv,
				       &command, err);
		if (rc == 0 && (command.action != call->command.action ||
				command.id == NULL ||
				strcmp(command.id, call->command.id) != 0))
			rc = garita_fail(err, EINVAL,
					 "runc and crun read it differently");
		if (rc < 0)
			return garita_fail_in(err, "command line");
		garita_command_free(&call->command);
		call->command = command;
		command = (struct garita_command){ 0 };
	}
	garita_runtime_close(&call->runtime);
	call->runtime = *runtime;
	*runtime = (struct garita_runtime){ .fd = -1 };
	return 0;
}

int garita_call_choose_runtime(struct garita_call *call,
			       const struct garita_decision *decision,
			       struct garita_error *err)
{
	const struct garita_policy *policy = call->gate.policy;
	const char *path =
		garita_maker_of_scope(policy, decision->verdict.scope);
	auto_runtime other = { .fd = -1 };
	int rc = 0;

	if (!garita_maker_is_scoped(policy))
		return 0;
	if (path != NULL && strcmp(path, call->runtime.path) != 0) {
		rc = garita_runtime_open(path, &other, err);
		if (rc == 0)
			rc = take_runtime(call, &other, err);
	}
	if (rc < 0)
		return rc;
	rc = garita_maker_open(policy, &call->runtime, &call->command,
			       call->envp, &other, err);
	if (rc == 0)
		return garita_fail(err, EEXIST,
				   "a container of this id was made by %s and "
				   "is still there",
				   other.path);
	return rc == -ENOENT ? 0 : rc;
}

/* The runtime that made the container which is meant. */
static int find_maker(struct garita_call *call, struct garita_error *err)
{
	auto_runtime maker = { .fd = -1 };
	int rc;

	if (call->command.id == NULL ||
	    call->command.action == GARITA_VERB_JUDGE)
		return 0;
	rc = garita_maker_open(call->gate.policy, &call->runtime,
			       &call->command, call->envp, &maker, err);
	if (rc == -ENOENT)
		return 0;
	return rc < 0 ? rc : take_runtime(call, &maker, err);
}

int garita_call_read_words(struct garita_call *call, struct garita_error *err)
{
	enum garita_runtime_kind kind = call->runtime.kind;
	int rc = garita_argv_parse(kind, call->argc, call->argv, &call->command,
				   err);
	struct garita_runtime standard = call->runtime;
	auto_command command = { 0 };
	auto_runtime maker = { .fd = -1 };

	if (rc == 0)
		return find_maker(call, err);
	kind = kind == GARITA_RUNTIME_RUNC ? GARITA_RUNTIME_CRUN
					   : GARITA_RUNTIME_RUNC;
	if (garita_argv_parse(kind, call->argc, call->argv, &command, NULL) <
		    0 ||
	    command.id == NULL || command.action == GARITA_VERB_JUDGE ||
	    garita_maker_open(call->gate.policy, &standard, &command,
			      call->envp, &maker, NULL) < 0 ||
	    maker.kind != kind)
		return rc;
	garita_command_free(&call->command);
	call->command = command;
	command = (struct garita_command){ 0 };
	garita_runtime_close(&call->runtime);
	call->runtime = maker;
	maker = (struct garita_runtime){ .fd = -1 };
	return 0;
}

/* The runtime's own words, and ours behind them: engines take the first line
 * with "version" in it, or the last, and lines that begin with "commit:" and
 * "spec:". */
int garita_call_say_version(struct garita_call *call)
{
	enum { MAX_SAID = 64 * 1024 };
	auto_free char *said = NULL;
	size_t len;

	int rc = garita_runtime_capture(&call->runtime, &call->command,
					call->envp, true, MAX_SAID, &said, &len,
					NULL);

	if (rc < 0)
		return rc;
	fwrite(said, 1, len, stdout);
	puts("garita: " GARITA_VERSION);
	/* Whoever asked is gone: nobody is told anything. */
	return fflush(stdout) == 0 ? 0 : -EPIPE;
}

bool garita_call_asks_version(const struct garita_call *call)
{
	return call->command.verb == NULL && call->command.argc == 2 &&
	       strcmp(call->command.argv[1], "--version") == 0;
}
