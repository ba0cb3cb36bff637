/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * programs - what is started: by the container, or by somebody who came in
 * later with exec. Shells and init programs are looked through (command.h).
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "policy/rules/command.h"

static bool is_among(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* What one look for a program is after, and what it found first. */
struct search {
	const struct garita_case *of;
	const char *const *names;
	struct garita_text found;
};

static const struct garita_json *args_of(const struct garita_case *of)
{
	return of->spec->args;
}

/* How a person is told of it; never the rest of the line, which may hold
 * secrets. */
static void put_program(struct garita_text *out,
			const struct garita_program *program)
{
	garita_text_printf(out, "\"%.200s\"", program->path);
	switch (program->how) {
	case GARITA_PROGRAM_MENTIONED:
	case GARITA_PROGRAM_UNCLEAR:
		garita_text_puts(out, ", a word of a command that cannot be "
				      "told for certain");
		break;
	case GARITA_PROGRAM_STARTED:
	case GARITA_PROGRAM_LAUNCHER:
		break;
	}
}

static bool find_name(const struct garita_program *program, void *data)
{
	struct search *search = data;

	if (!is_among(search->names, program->name))
		return false;
	put_program(&search->found, program);
	return true;
}

/* ---- servers for logging in ---- */

static const char *const login_servers[] = {
	"dropbear", "gotty", "in.rlogind",   "in.rshd", "in.telnetd",
	"rlogind",  "rshd",  "shellinaboxd", "sshd",    "telnetd",
	"tinysshd", "ttyd",  "utelnetd",     "wetty",   NULL,
};

/* Debian's and Alpine's names of the same in /etc/init.d. */
static const char *const login_services[] = { "ssh",    "sshd",    "dropbear",
					      "telnet", "telnetd", NULL };

static bool find_login(const struct garita_program *program, void *data)
{
	struct search *search = data;
	bool service = garita_starts_with(program->path, "/etc/init.d/") &&
		       is_among(login_services, program->name);

	if (!service && !is_among(login_servers, program->name))
		return false;
	put_program(&search->found, program);
	return true;
}

static void check_no_sshd(const struct garita_case *of,
			  struct garita_report *out)
{
	struct search search = { .of = of };

	if (garita_command_programs(args_of(of), find_login, &search))
		garita_report(out, "/process/args",
			      "no server that lets people log in", "%s",
			      search.found.data);
	garita_text_free(&search.found);
}

/* ---- the operator's own lists ---- */

/* An entry with a slash is a path, another any program of that name. */
static bool is_entry(const char *entry, const struct garita_program *program)
{
	return strcmp(entry,
		      strchr(entry, '/') ? program->path : program->name) == 0;
}

static bool is_listed(char *const *list, size_t count,
		      const struct garita_program *program)
{
	for (size_t i = 0; i < count; i++)
		if (is_entry(list[i], program))
			return true;
	return false;
}

/* Only what is started must be allowed, and all of it: a launcher does
 * nothing but start what follows. A command nobody can tell is not allowed. */
static bool breaks_allowed(const struct garita_case *of,
			   const struct garita_program *program)
{
	bool given = of->setting->allow_count > 0;

	switch (program->how) {
	case GARITA_PROGRAM_STARTED:
		return given && !is_listed(of->setting->allow,
					   of->setting->allow_count, program);
	case GARITA_PROGRAM_UNCLEAR:
		return given;
	case GARITA_PROGRAM_LAUNCHER:
	case GARITA_PROGRAM_MENTIONED:
		break;
	}
	return false;
}

static bool find_unlisted(const struct garita_program *program, void *data)
{
	struct search *search = data;
	size_t count;
	char *const *forbid =
		garita_param_strings(search->of, "forbid", &count);
	bool forbidden = is_listed(forbid, count, program);

	if (!forbidden && !breaks_allowed(search->of, program))
		return false;
	if (*program->path == '\0' && program->how == GARITA_PROGRAM_UNCLEAR)
		garita_text_puts(&search->found,
				 "a command that cannot be told without "
				 "running it");
	else
		put_program(&search->found, program);
	if (forbidden)
		garita_text_puts(&search->found, ", which is forbidden");
	return true;
}

static void check_process_allowlist(const struct garita_case *of,
				    struct garita_report *out)
{
	struct search search = { .of = of };
	size_t forbidden;

	garita_param_strings(of, "forbid", &forbidden);
	if (of->setting->allow_count == 0 && forbidden == 0)
		return;
	if (garita_command_programs(args_of(of), find_unlisted, &search))
		garita_report(out, "/process/args",
			      of->setting->allow_count > 0
				      ? "only programs that the policy allows"
				      : "no program that the policy forbids",
			      "%s", search.found.data);
	garita_text_free(&search.found);
}

static const struct garita_param allowlist_params[] = {
	{ .name = "forbid",
	  .kind = GARITA_PARAM_STRINGS,
	  .holds = "programs that may not be started: names, or paths as they "
		   "are written in the command" },
	{ .name = "" },
};

/* ---- people who come in ---- */

/* What somebody uses who looks around, and no health check does. */
static const char *const tools[] = {
	"apk",     "apt",    "apt-get", "crictl",   "ctr",    "dnf",
	"docker",  "dpkg",   "kubectl", "microdnf", "nc",     "ncat",
	"nerdctl", "netcat", "nsenter", "pacman",   "podman", "rpm",
	"socat",   "telnet", "yum",     "zypper",   NULL,
};

static bool find_interactive(const struct garita_program *program, void *data)
{
	struct search *search = data;

	if (!program->waits)
		return find_name(program, data);
	garita_text_printf(&search->found,
			   "\"%.200s\" for commands from "
			   "whoever started it",
			   program->path);
	return true;
}

static void check_interactive(const struct garita_case *of,
			      struct garita_report *out)
{
	struct search search = { .of = of, .names = tools };

	if (garita_json_bool(
		    garita_json_at(of->spec->root, "/process/terminal")))
		garita_report(out, "/process/terminal", "no terminal",
			      "a terminal");
	else if (garita_command_programs(args_of(of), find_interactive,
					 &search))
		garita_report(out, "/process/args",
			      "a program that does one thing and ends", "%s",
			      search.found.data);
	garita_text_free(&search.found);
}

static const char sshd_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.7",
	"NSA/CISA Kubernetes Hardening Guide 1.2: non-root containers",
	"",
};
static const char allowlist_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.4.4",
	"Falco: DB program spawned process",
	"",
};
static const char interactive_references[][GARITA_REFERENCE] = {
	"Falco: Terminal shell in container",
	"",
};

const struct garita_rule garita_rules_programs[] = {
	{
		.id = "no-sshd",
		.summary = "no ssh, telnet or web terminal server is started",
		.why = "a login server is a second way in, with its own keys "
		       "and passwords, past the engine and its log",
		.remedy = "start the program alone; use the engine's exec for "
			  "maintenance",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = sshd_references,
		.check = check_no_sshd,
	},
	{
		.id = "process-allowlist",
		.summary = "only programs of the policy's lists are started",
		.why = "a container that starts another program than it is "
		       "there for was changed or misused",
		.remedy = "start the program the container is for, or add the "
			  "other one to \"allow\" of this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "programs that may be started, by exec too: names, "
			  "or paths as they are written in the command; "
			  "without any, all may",
		.params = allowlist_params,
		.references = allowlist_references,
		.check = check_process_allowlist,
	},
	{
		.id = "interactive-shell",
		.summary = "exec starts no terminal, no shell that waits for "
			   "commands and no tool for looking around",
		.why = "a shell in a running container is how an intruder, "
		       "or a change nobody recorded, begins",
		.remedy = "give exec one command and no terminal (no -t), or "
			  "set the action for this rule in the policy",
		.scope = GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.references = interactive_references,
		.check = check_interactive,
	},
	{ .id = NULL },
};
