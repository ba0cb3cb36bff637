/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_modules - which code can the kernel be made to load? A program without
 * any privilege makes it load a protocol by opening a socket, so a module that
 * can be loaded counts as one that is.
 */
#include <string.h>

#include "garita/modules.h"
#include "policy/glob.h"
#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"
#include "policy/rules/host_modules.h"
#include "policy/rules/word_list.h"

/* Rare, reached by a socket or a terminal call without privilege, and each the
 * way of an exploit before. */
const char garita_modules_unwanted[][GARITA_MODULE_UNWANTED] = {
	"algif_*", "ax25",   "can_*", "dccp",  "dccp_*", "n_gsm",
	"n_hdlc",  "netrom", "rds",   "rds_*", "rose",   "rxrpc",
	"sctp",    "tipc",   "vsock", "x25",   "",
};

static const struct garita_param params[] = {
	{
		.name = "deny",
		.kind = GARITA_PARAM_STRINGS,
		.holds = "modules that may neither be loaded nor loadable, "
			 "with * for any part of a name; else a list of rare "
			 "protocols",
	},
	{ .name = "" },
};

struct found {
	struct garita_word_list reachable, unseen;
};

static void free_found(struct found *found)
{
	garita_word_list_free(&found->reachable);
	garita_word_list_free(&found->unseen);
}
#define auto_found __attribute__((cleanup(free_found))) struct found

static void look_for(const struct garita_question *q,
		     const struct garita_json *states,
		     const struct garita_json *watched, const char *pattern,
		     struct found *found)
{
	if (!garita_json_holds(watched, pattern)) {
		garita_word_list_add(&found->unseen, pattern);
		return;
	}
	for (size_t i = 0; i < garita_json_count(states); i++) {
		const char *name = garita_json_key(states, i);
		const char *word =
			garita_json_string(garita_json_item(states, i));
		enum garita_module_state state =
			garita_module_state_named(word);
		auto_text said = { 0 };

		if (!garita_glob(pattern, name) ||
		    state == GARITA_MODULE_ABSENT ||
		    state == GARITA_MODULE_BLOCKED ||
		    garita_setting_allows(q->of->setting, name))
			continue;
		garita_text_printf(&said, "%s (%s)", name,
				   word ? word : "unknown");
		garita_word_list_add(&found->reachable, said.data);
	}
}

static void check_denied(const struct garita_question *q)
{
	const struct garita_json *states =
		garita_fact(q, "/modules/states", GARITA_JSON_OBJECT);
	const struct garita_json *watched =
		garita_fact_quietly(q, "/modules/watched", GARITA_JSON_ARRAY);
	auto_found found = { 0 };
	char *const *given;
	const char *words;
	size_t count;

	if (states == NULL)
		return;
	given = garita_param_strings(q->of, "deny", &count);
	for (size_t i = 0; i < count; i++)
		look_for(q, states, watched, given[i], &found);
	for (size_t i = 0; count == 0 && garita_modules_unwanted[i][0] != '\0';
	     i++)
		look_for(q, states, watched, garita_modules_unwanted[i],
			 &found);
	words = garita_word_list_end(&found.reachable);
	if (words != NULL)
		garita_report(q->out, "/modules/states", q->wanted, "%s",
			      words);
	words = garita_word_list_end(&found.unseen);
	if (words != NULL)
		garita_report_unknown(q->out, "/modules/watched", q->wanted,
				      "not known of %s: the facts are older "
				      "than this part of the policy",
				      words);
}

/* What is loaded beside the allow list, where there is one. */
static void check_allowed(const struct garita_question *q)
{
	const struct garita_json *loaded;
	auto_word_list others = { .count = 0 };
	const char *words;

	if (q->of->setting->allow_count == 0)
		return;
	loaded = garita_fact(q, "/modules/loaded", GARITA_JSON_ARRAY);
	for (size_t i = 0; i < garita_json_count(loaded); i++) {
		const char *name =
			garita_json_string(garita_json_item(loaded, i));

		if (name != NULL &&
		    !garita_setting_allows(q->of->setting, name))
			garita_word_list_add(&others, name);
	}
	words = garita_word_list_end(&others);
	if (words != NULL)
		garita_report(q->out, "/modules/loaded",
			      "only modules of the allow list", "%s", words);
}

static void check_signed(const struct garita_question *q)
{
	const struct garita_json *none =
		garita_fact(q, "/modules/none-more", GARITA_JSON_BOOL);
	const struct garita_json *sealed;

	if (none == NULL || garita_json_bool(none))
		return;
	sealed = garita_fact(q, "/modules/signed", GARITA_JSON_BOOL);
	if (sealed != NULL && !garita_json_bool(sealed))
		garita_report(q->out, "/modules/signed",
			      "modules with a signature only, or no more "
			      "modules at all",
			      "a kernel that loads modules without a "
			      "signature");
}

static void check_modules(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"none of the modules on the deny list "
		"loaded, built in or loadable"
	};

	check_denied(&q);
	check_allowed(&q);
	check_signed(&q);
}

static const char references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.5.1",
	"modprobe.d(5)",
	"",
};

const struct garita_rule garita_rules_host_modules[] = {
	{
		.id = "kernel-modules-allowlist",
		.summary = "few kernel modules, and none that nobody asked for",
		.why = "a container can make the kernel load rarely used code "
		       "by opening a socket, and most holes are in such code",
		.remedy = "\"install NAME /bin/false\" in /etc/modprobe.d (a "
			  "blacklist line does not stop loading by name), "
			  "module.sig_enforce=1, or kernel.modules_disabled=1 "
			  "once all is loaded; then garita host --refresh",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "modules that may be loaded, whatever \"deny\" says; "
			  "where there are some, no others may",
		.params = params,
		.part_of = "host-facts",
		.references = references,
		.check = check_modules,
	},
	{ .id = NULL },
};
