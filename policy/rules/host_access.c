/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_access - who can go around the gate, and would it be noticed? Engines
 * that do not have it, files of the policy that others can change, sockets
 * that make their owners root, and files that nobody watches.
 */
#include <stdio.h>
#include <string.h>

#include "garita/path.h"
#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"
#include "policy/rules/word_list.h"

/* ---- gate-not-bypassable ---- */

static void check_engines(const struct garita_question *q)
{
	const struct garita_json *engines =
		garita_fact(q, "/gate/engines", GARITA_JSON_OBJECT);

	for (size_t i = 0; i < garita_json_count(engines); i++) {
		const char *name = garita_json_key(engines, i);
		const char *state =
			garita_json_string(garita_json_item(engines, i));

		if (garita_setting_allows(q->of->setting, name))
			continue;
		if (state == NULL || strcmp(state, "unknown") == 0)
			garita_report_unknown(
				q->out, "/gate/engines", q->wanted,
				"not known whether %s has it", name);
		else if (strcmp(state, "gated") != 0)
			garita_report(q->out, "/gate/engines", q->wanted,
				      strcmp(state, "partly") == 0
					      ? "%s has it in part"
					      : "%s starts containers without "
						"it",
				      name);
	}
}

static void check_gate(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_question q = {
		of, out, "the gate in front of every engine that is here"
	};
	const struct garita_json *problems;
	const struct garita_json *others;

	check_engines(&q);
	others = garita_fact_quietly(&q, "/gate/other-runtimes",
				     GARITA_JSON_ARRAY);
	for (size_t i = 0; i < garita_json_count(others); i++) {
		const char *name =
			garita_json_string(garita_json_item(others, i));

		if (name != NULL && !garita_setting_allows(of->setting, name))
			garita_report(out, "/gate/other-runtimes",
				      "no runtime beside the gate that a "
				      "container can ask for",
				      "the runtime %s", name);
	}
	problems = garita_fact(&q, "/gate/problems", GARITA_JSON_ARRAY);
	for (size_t i = 0; i < garita_json_count(problems); i++) {
		const char *words =
			garita_json_string(garita_json_item(problems, i));

		garita_report(out, "/gate/problems",
			      "files of garita that root alone can change",
			      "%s", words ? words : "a file in doubt");
	}
}

/* ---- socket-permissions ---- */

/* An octal mode; -1 for what is none. */
static int mode_of(const struct garita_json *entry)
{
	const char *text = garita_json_string(garita_json_get(entry, "mode"));
	int mode = 0;

	if (text == NULL || *text == '\0' || strlen(text) > 5)
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '7')
			return -1;
		mode = mode * 8 + (*text - '0');
	}
	return mode;
}

static void put_mode(char into[32], int mode)
{
	if (mode < 0)
		snprintf(into, 32, "a mode that is not known");
	else
		snprintf(into, 32, "mode %03o", (unsigned)mode);
}

static bool is_roots(const struct garita_json *entry)
{
	uint64_t uid;

	return garita_json_u64(garita_json_get(entry, "uid"), &uid) == 0 &&
	       uid == 0;
}

static void check_sockets(const struct garita_question *q)
{
	const struct garita_json *sockets =
		garita_fact(q, "/sockets", GARITA_JSON_ARRAY);

	for (size_t i = 0; i < garita_json_count(sockets); i++) {
		const struct garita_json *entry = garita_json_item(sockets, i);
		const char *path =
			garita_json_string(garita_json_get(entry, "path"));
		const struct garita_json *group =
			garita_json_get(entry, "group");
		int mode = mode_of(entry);
		char words[32];

		if (path == NULL || garita_setting_allows(q->of->setting, path))
			continue;
		put_mode(words, mode);
		if (!is_roots(entry) || mode < 0 || (mode & 07) != 0)
			garita_report(q->out, "/sockets",
				      "a socket of root's, mode 660 at most",
				      "%s with %s", path, words);
		else if ((mode & 070) != 0 && !garita_is_text(group, "root") &&
			 !garita_is_text(group, "docker"))
			garita_report(q->out, "/sockets",
				      "a socket of the group root or docker",
				      "%s of the group %s", path,
				      garita_json_string(group)
					      ? garita_json_string(group)
					      : "unknown");
	}
}

static void check_files(const struct garita_question *q)
{
	const struct garita_json *files =
		garita_fact(q, "/files", GARITA_JSON_ARRAY);

	for (size_t i = 0; i < garita_json_count(files); i++) {
		const struct garita_json *entry = garita_json_item(files, i);
		const char *path =
			garita_json_string(garita_json_get(entry, "path"));
		int mode = mode_of(entry);
		char words[32];

		if (path == NULL ||
		    garita_setting_allows(q->of->setting, path) ||
		    (is_roots(entry) && mode >= 0 && (mode & 022) == 0))
			continue;
		put_mode(words, mode);
		garita_report(q->out, "/files",
			      "owned by root, and not writable by others",
			      "%s with %s%s", path, words,
			      is_roots(entry) ? "" : ", not root's");
	}
}

static void check_members(const struct garita_question *q)
{
	const struct garita_json *members =
		garita_fact(q, "/docker-group", GARITA_JSON_ARRAY);
	auto_word_list names = { .count = 0 };
	const char *words;

	for (size_t i = 0; i < garita_json_count(members); i++) {
		const char *name =
			garita_json_string(garita_json_item(members, i));

		if (name != NULL &&
		    !garita_setting_allows(q->of->setting, name))
			garita_word_list_add(&names, name);
	}
	words = garita_word_list_end(&names);
	if (words != NULL)
		garita_report(q->out, "/docker-group",
			      "nobody in the group docker but who may be root",
			      "%s in the group docker, which is as good as "
			      "root",
			      words);
}

static void check_access(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = { of, out, "known permissions" };

	check_sockets(&q);
	check_files(&q);
	check_members(&q);
}

/* ---- audit-rules ---- */

static bool is_watched(const struct garita_json *watched, const char *path)
{
	for (size_t i = 0; i < garita_json_count(watched); i++) {
		const char *dir =
			garita_json_string(garita_json_item(watched, i));

		if (dir != NULL && garita_path_within(path, dir))
			return true;
	}
	return false;
}

static void check_audit(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"a watch of the kernel's audit (-w) on "
		"each"
	};
	const struct garita_json *wanted =
		garita_fact(&q, "/audit/wanted", GARITA_JSON_ARRAY);
	const struct garita_json *watched;
	auto_word_list open = { .count = 0 };
	const char *words;

	if (wanted == NULL)
		return;
	watched = garita_fact(&q, "/audit/watched", GARITA_JSON_ARRAY);
	for (size_t i = 0; watched && i < garita_json_count(wanted); i++) {
		const char *path =
			garita_json_string(garita_json_item(wanted, i));

		if (path != NULL && !is_watched(watched, path) &&
		    !garita_setting_allows(of->setting, path))
			garita_word_list_add(&open, path);
	}
	words = garita_word_list_end(&open);
	if (words != NULL)
		garita_report(out, "/audit/watched", q.wanted,
			      "nothing that watches %s", words);
}

static const char gate_references[][GARITA_REFERENCE] = {
	"CVE-2024-41110",
	"CVE-2026-34040",
	"",
};

static const char socket_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 1.1.2, 3.1-3.24",
	"",
};

static const char audit_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 1.1.3-1.1.18",
	"",
};

const struct garita_rule garita_rules_host_access[] = {
	{
		.id = "gate-not-bypassable",
		.summary = "no engine on this machine starts containers "
			   "without the gate",
		.why = "a rule that one engine does not obey is no rule",
		.remedy = "garita install ENGINE; give garita's files back to "
			  "root (mode 755 and 644); or allow the engine or "
			  "runtime by name for this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names of engines and runtimes that may be without "
			  "it",
		.part_of = "host-facts",
		.references = gate_references,
		.check = check_gate,
	},
	{
		.id = "socket-permissions",
		.summary = "engines' sockets and files are for root alone",
		.why = "who can write to an engine's socket or configuration "
		       "can start anything as root",
		.remedy = "chown root and chmod 660 the socket, 644 the file, "
			  "and take people out of the group docker; or allow "
			  "the path or the name for this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "paths, and members of the group docker, that may be "
			  "as they are",
		.part_of = "host-facts",
		.references = socket_references,
		.check = check_access,
	},
	{
		.id = "audit-rules",
		.summary = "changes to engines and runtimes leave a trace",
		.why = "who replaces a runtime or its configuration should be "
		       "found afterwards",
		.remedy = "auditctl -w PATH -k container, and the same line in "
			  "/etc/audit/rules.d; or allow the path for this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.allows = "paths that need no watch",
		.part_of = "host-facts",
		.references = audit_references,
		.check = check_audit,
	},
	{ .id = NULL },
};
