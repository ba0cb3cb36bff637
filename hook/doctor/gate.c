/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - the gate's own parts: what it obeys, what it is made of, what stands
 * behind it, and where it writes. Every file is opened as the gate opens it,
 * which says whose it is and who else could change it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "garita/match.h"
#include "hook/cli/policy.h"
#include "hook/doctor/doctor.h"
#include "hook/file.h"
#include "hook/host/facts.h"
#include "hook/log/sink.h"
#include "hook/runtime.h"

bool garita_doctor_is_dry(const struct garita_doctor *doctor)
{
	return doctor->has_gate &&
	       doctor->gate.policy->mode == GARITA_MODE_DRY_RUN;
}

static void say_warnings(struct garita_doctor *doctor)
{
	auto_text out = { 0 };

	if (garita_policy_review(&doctor->gate, &out) == 0)
		return;
	for (const char *at = out.data; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, "\n");

		garita_doctor_say(doctor, "policy", GARITA_HEALTH_WARN,
				  "see garita policy check", "%.*s", (int)len,
				  at);
		at += len + (at[len] == '\n');
	}
}

static void look_at_lists(struct garita_doctor *doctor)
{
	const struct garita_policy *policy = doctor->gate.policy;

	if (policy->allow_file != NULL)
		garita_doctor_say(doctor, "policy", GARITA_HEALTH_OK, NULL,
				  "allow-file %s: in order, and root's alone",
				  policy->allow_file);
	if (policy->deny_file != NULL)
		garita_doctor_say(doctor, "policy", GARITA_HEALTH_OK, NULL,
				  "deny-file %s: in order, and root's alone",
				  policy->deny_file);
}

static void look_at_mode(struct garita_doctor *doctor)
{
	const struct garita_policy *policy = doctor->gate.policy;

	if (policy->mode == GARITA_MODE_DRY_RUN)
		garita_doctor_say(doctor, "policy", GARITA_HEALTH_WARN,
				  "make \"mode\" enforce when the log shows "
				  "what you want",
				  "mode is dry-run: everything is judged and "
				  "logged, nothing is refused");
	if (policy->profile == GARITA_PROFILE_OFF)
		garita_doctor_say(doctor, "policy", GARITA_HEALTH_WARN,
				  "name a profile: baseline@1, restricted@1, "
				  "strict@1",
				  "profile is off: only rules that the policy "
				  "names are asked");
}

static void look_at_policy(struct garita_doctor *doctor)
{
	const struct garita_gate_options options = {
		.sysroot = doctor->install->sysroot,
	};
	struct garita_error error = { 0 };

	if (garita_gate_open(&options, &doctor->gate, &error) < 0) {
		garita_doctor_say_error(doctor, "policy", &error,
					"until it can be read, every container "
					"is refused");
		return;
	}
	doctor->has_gate = true;
	garita_doctor_say(doctor, "policy", GARITA_HEALTH_OK, NULL,
			  "%s: %s, read as the gate reads it",
			  doctor->gate.policy_path
				  ? doctor->gate.policy_path
				  : "no file, the built-in policy",
			  garita_policy_profile_words(doctor->gate.policy));
	look_at_lists(doctor);
	look_at_mode(doctor);
	say_warnings(doctor);
}

static void look_at_program(struct garita_doctor *doctor, const char *path)
{
	struct garita_error error = { 0 };

	if (garita_install_check_program(doctor->install, path, &error) < 0)
		garita_doctor_say_error(doctor, "program", &error,
					"install it again, with all of the way "
					"to it root's alone");
	else
		garita_doctor_say(doctor, "program", GARITA_HEALTH_OK, NULL,
				  "%s: there, and root's alone", path);
}

/* The gate asks the one beside itself, else the installed one. */
static void look_at_verify(struct garita_doctor *doctor)
{
	const char *runtime = doctor->install->runtime;
	const char *slash = strrchr(runtime, '/');
	auto_text beside = { 0 };
	auto_free char *below = NULL;
	struct stat st;

	garita_text_printf(&beside, "%.*s/garita-verify",
			   (int)(slash - runtime), runtime);
	below = garita_install_below(doctor->install, beside.data);
	look_at_program(doctor, lstat(below, &st) == 0 ? beside.data
						       : GARITA_LIBEXEC_DIR
					"/garita-verify");
}

static bool wants_signatures(const struct garita_doctor *doctor)
{
	return doctor->has_gate &&
	       garita_policy_names_signers(doctor->gate.policy);
}

/* As it is named by the policy; below a sysroot it is only looked at. */
static void look_at_named(struct garita_doctor *doctor, const char *path,
			  const char *what)
{
	struct garita_error error = { 0 };

	if (garita_install_check_program(doctor->install, path, &error) < 0)
		garita_doctor_say_error(
			doctor, "runtime", &error,
			"what starts by it will be refused: name "
			"one that is there");
	else if (garita_doctor_is_gate(doctor, path))
		garita_doctor_say(doctor, "runtime", GARITA_HEALTH_FAIL,
				  "name the one that was put aside "
				  "(PATH.real), or leave it out",
				  "%s %s is garita itself", what, path);
	else
		garita_doctor_say(doctor, "runtime", GARITA_HEALTH_OK, NULL,
				  "%s %s: there, and root's alone", what, path);
}

/* The gate itself is asked: it alone knows what it goes on to. */
static void ask_runtime(struct garita_doctor *doctor)
{
	const char *const argv[] = { doctor->install->runtime, "--version",
				     NULL };
	struct garita_error error = { 0 };
	auto_client client = { 0 };
	auto_free char *line = NULL;
	size_t len;

	if (garita_client_run(doctor, argv, -1, &client, &error) < 0) {
		garita_doctor_say_error(doctor, "runtime", &error, NULL);
		return;
	}
	line = garita_client_last_line(&client);
	if (client.code != 0) {
		garita_doctor_say(doctor, "runtime", GARITA_HEALTH_FAIL,
				  "name the runtime in the policy "
				  "(\"runtime\")",
				  "nothing behind the gate can be started: %s",
				  line);
		return;
	}
	len = strcspn(client.out.data ? client.out.data : "", "\n");
	garita_doctor_say(doctor, "runtime", GARITA_HEALTH_OK, NULL,
			  "behind the gate answers %.*s", (int)len,
			  client.out.data ? client.out.data : "");
}

static void look_at_runtime(struct garita_doctor *doctor)
{
	const struct garita_policy *policy =
		doctor->has_gate ? doctor->gate.policy : NULL;

	if (policy != NULL && policy->runtime != NULL)
		look_at_named(doctor, policy->runtime, "the policy's runtime");
	for (size_t i = 0; policy != NULL && i < policy->scope_count; i++) {
		auto_text what = { 0 };

		garita_text_printf(&what, "the runtime of scope %s",
				   policy->scopes[i].name);
		if (policy->scopes[i].runtime != NULL)
			look_at_named(doctor, policy->scopes[i].runtime,
				      what.data);
	}
	if (doctor->install->sysroot[0] == '\0')
		ask_runtime(doctor);
}

/* The directory is there, or the one above it, where the gate makes it. */
static void look_at_log_directory(struct garita_doctor *doctor,
				  const char *path, int dir)
{
	const char *name = strrchr(path, '/') + 1;
	struct statvfs fs;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (!S_ISREG(st.st_mode) || st.st_uid != 0 ||
	     (st.st_mode & (S_IWGRP | S_IWOTH))))
		garita_doctor_say(doctor, "log", GARITA_HEALTH_FAIL,
				  "move it away; the gate makes a new one",
				  "%s is no plain file of root's alone", path);
	else if (faccessat(dir, ".", W_OK, AT_EACCESS) < 0)
		garita_doctor_say(doctor, "log", GARITA_HEALTH_FAIL,
				  "decisions go on, and are not recorded",
				  "%s cannot be written: %s", path,
				  strerror(errno));
	else if (fstatvfs(dir, &fs) == 0 && fs.f_blocks > 0 && fs.f_bfree == 0)
		garita_doctor_say(doctor, "log", GARITA_HEALTH_FAIL,
				  "decisions go on, and are not recorded",
				  "the disk of %s is full", path);
	else
		garita_doctor_say(doctor, "log", GARITA_HEALTH_OK, NULL,
				  "%s can be written, by root alone", path);
}

/* Of this machine alone: a file system below another root has no daemons. */
static void look_at_log_daemons(struct garita_doctor *doctor)
{
	if (!doctor->has_gate || *doctor->install->sysroot != '\0')
		return;
	for (enum garita_log_to to = 0; to < GARITA_LOG_TOS; to++) {
		enum garita_log_how how = doctor->gate.policy->log[to];
		struct garita_error error = { 0 };

		if (to == GARITA_LOG_TO_FILE || how == GARITA_LOG_OFF)
			continue;
		if (garita_sink_check(to, &error) < 0)
			garita_doctor_say_error(
				doctor, "log", &error,
				how == GARITA_LOG_REQUIRED
					? "the policy requires it: nothing "
					  "is admitted"
					: "decisions go on, and are not "
					  "recorded there");
		else
			garita_doctor_say(doctor, "log", GARITA_HEALTH_OK, NULL,
					  "%s takes records",
					  garita_log_to_name(to));
	}
}

static void look_at_log(struct garita_doctor *doctor)
{
	auto_free char *path =
		garita_log_path(doctor->has_gate ? &doctor->gate : NULL);
	auto_free char *parent = garita_xstrdup(path);
	struct garita_error error = { 0 };
	auto_fd int dir = -ENOENT;

	if (doctor->has_gate &&
	    doctor->gate.policy->log[GARITA_LOG_TO_FILE] == GARITA_LOG_OFF) {
		garita_doctor_say(doctor, "log", GARITA_HEALTH_WARN, NULL,
				  "the policy keeps no log file; what was "
				  "decided is elsewhere, or nowhere");
		return;
	}
	/* The log's own directory; only where there is none, the one in which
	 * it is made. */
	for (int up = 0; up < 2 && dir == -ENOENT; up++) {
		char *slash = strrchr(parent, '/');

		slash[slash == parent] = '\0';
		dir = garita_file_open_directory(doctor->install->sysroot,
						 parent, &error);
	}
	if (dir < 0)
		garita_doctor_say_error(doctor, "log", &error,
					"decisions are recorded where nobody "
					"else can write");
	else
		look_at_log_directory(doctor, path, dir);
}

static void look_at_state(struct garita_doctor *doctor)
{
	struct garita_error error = { 0 };
	auto_fd int dir = garita_file_open_directory(doctor->install->sysroot,
						     GARITA_STATE_DIR, &error);

	if (dir >= 0)
		garita_doctor_say(doctor, "state", GARITA_HEALTH_OK, NULL,
				  "%s is root's alone", GARITA_STATE_DIR);
	else if (dir == -ENOENT)
		garita_doctor_say(doctor, "state", GARITA_HEALTH_OK, NULL,
				  "%s is not there yet; it is made when needed",
				  GARITA_STATE_DIR);
	else
		garita_doctor_say_error(doctor, "state", &error,
					"what is remembered there decides");
}

/* Rules about the machine may refuse a start: by facts that somebody has to
 * gather. */
static void look_at_facts(struct garita_doctor *doctor)
{
	auto_free struct garita_facts *facts = NULL;

	if (!doctor->has_gate || !garita_policy_asks_host(doctor->gate.policy))
		return;
	facts = garita_facts_observe(doctor->install->sysroot, time(NULL),
				     doctor->gate.policy->host_max_age_h);
	if (*facts->why_not == '\0')
		garita_doctor_say(doctor, "facts", GARITA_HEALTH_OK, NULL,
				  "what is known of the machine is fresh; "
				  "garita host shows it");
	else
		garita_doctor_say(doctor, "facts", GARITA_HEALTH_WARN,
				  "systemctl enable --now garita-host.service "
				  "garita-host.timer; until then nothing may "
				  "start",
				  "the policy asks about the machine, and that "
				  "is not known: %s",
				  facts->why_not);
	garita_facts_free(facts);
}

void garita_doctor_look_at_gate(struct garita_doctor *doctor)
{
	doctor->section = "gate";
	look_at_policy(doctor);
	look_at_program(doctor, doctor->install->runtime);
	look_at_program(doctor, doctor->install->hook);
	if (wants_signatures(doctor))
		look_at_verify(doctor);
	look_at_runtime(doctor);
	look_at_log(doctor);
	look_at_log_daemons(doctor);
	look_at_state(doctor);
	look_at_facts(doctor);
}
