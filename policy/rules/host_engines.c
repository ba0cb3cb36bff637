/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_engines - how docker and containerd are set up: what their own files
 * and command lines say, where that makes every container weaker.
 */
#include <string.h>

#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"

/* ---- docker ---- */

/* What one setting of dockerd should be. */
struct docker_setting {
	char name[20];
	enum { IS_TRUE, IS_FALSE, IS_THERE, IS_EMPTY, NOT_WORD } want;
	char word[12];  /* NOT_WORD: what it may not be */
	char found[56]; /* words for what is wrong */
};

static const struct docker_setting docker_settings[] = {
	{ "icc", IS_FALSE, "",
	  "containers of the default network that reach each other" },
	{ "userns-remap", IS_THERE, "", "root in a container that is root" },
	{ "no-new-privileges", IS_TRUE, "",
	  "containers that may gain privileges" },
	{ "live-restore", IS_TRUE, "",
	  "containers that end when dockerd does, so updates wait" },
	{ "userland-proxy", IS_FALSE, "",
	  "a process of root for each published port" },
	{ "seccomp-profile", NOT_WORD, "unconfined",
	  "no seccomp profile for any container" },
	{ "insecure-registries", IS_EMPTY, "",
	  "registries that anybody on the way can be" },
	{ "log-driver", NOT_WORD, "none", "no logs of containers" },
	{ "default-ulimits", IS_THERE, "",
	  "no default limits for processes and files" },
	{ "experimental", IS_FALSE, "", "experimental features" },
};

/* Where dockerd's own default is the wish, not said is well. */
static bool default_is_fine(const struct docker_setting *setting)
{
	return strcmp(setting->name, "experimental") == 0 ||
	       setting->want == IS_EMPTY || setting->want == NOT_WORD;
}

static bool is_as_wanted(const struct docker_setting *setting,
			 const struct garita_json *value)
{
	if (value == NULL)
		return default_is_fine(setting);
	switch (setting->want) {
	case IS_TRUE:
		return garita_json_bool(value);
	case IS_FALSE:
		return garita_json_type(value) == GARITA_JSON_BOOL &&
		       !garita_json_bool(value);
	case IS_THERE:
		return garita_json_count(value) > 0 ||
		       (garita_json_string(value) != NULL &&
			*garita_json_string(value) != '\0');
	case IS_EMPTY:
		return garita_json_type(value) == GARITA_JSON_ARRAY &&
		       garita_json_count(value) == 0;
	case NOT_WORD:
		return garita_json_string(value) != NULL &&
		       !garita_is_text(value, setting->word);
	}
	return false;
}

/* An address of the network without certificates for both sides. */
static void check_hosts(const struct garita_question *q,
			const struct garita_json *settings)
{
	const struct garita_json *hosts = garita_json_get(settings, "hosts");

	if (garita_setting_allows(q->of->setting, "hosts") ||
	    garita_json_bool(garita_json_get(settings, "tlsverify")))
		return;
	for (size_t i = 0; i < garita_json_count(hosts); i++) {
		const char *host =
			garita_json_string(garita_json_item(hosts, i));

		if (host != NULL && garita_starts_with(host, "tcp:"))
			garita_report(q->out, "/engines/docker/settings/hosts",
				      "\"tlsverify\": true",
				      "%s, where anybody who reaches it is "
				      "root",
				      host);
	}
}

/* What should stand in daemon.json. */
static const char *wanted_value(const struct docker_setting *setting)
{
	switch (setting->want) {
	case IS_TRUE:
		return "true";
	case IS_FALSE:
		return "false";
	case IS_THERE:
		return "a value";
	case IS_EMPTY:
		return "nothing";
	case NOT_WORD:
		return "another value, or nothing";
	}
	return "";
}

static bool is_here(const struct garita_json *engine)
{
	return garita_json_bool(garita_json_get(engine, "here"));
}

static void check_daemon(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = { of, out, "dockerd's settings" };
	const struct garita_json *docker =
		garita_fact(&q, "/engines/docker", GARITA_JSON_OBJECT);
	const struct garita_json *settings;

	if (docker == NULL || !is_here(docker))
		return;
	settings =
		garita_fact(&q, "/engines/docker/settings", GARITA_JSON_OBJECT);
	if (settings == NULL)
		return;
	for (size_t i = 0; i < GARITA_COUNT(docker_settings); i++) {
		const struct docker_setting *setting = &docker_settings[i];
		auto_text pointer = { 0 }, wanted = { 0 };

		if (garita_setting_allows(of->setting, setting->name) ||
		    is_as_wanted(setting,
				 garita_json_get(settings, setting->name)))
			continue;
		garita_text_printf(&pointer, "/engines/docker/settings/%s",
				   setting->name);
		garita_text_printf(&wanted, "\"%s\": %s", setting->name,
				   wanted_value(setting));
		garita_report(out, pointer.data, wanted.data, "%s",
			      setting->found);
	}
	check_hosts(&q, settings);
}

/* ---- containerd ---- */

static const struct {
	char name[34];
	bool wanted;
	char wanted_words[42];
	char found[54];
} cri_settings[] = {
	{ "disable_apparmor", false, "disable_apparmor = false",
	  "AppArmor turned off for pods" },
	{ "enable_unprivileged_ports", false,
	  "enable_unprivileged_ports = false",
	  "ports below 1024 for everybody in a pod" },
	{ "privileged_without_host_devices", true,
	  "privileged_without_host_devices = true",
	  "every device of the host in a privileged container" },
};

static void check_cri(const struct garita_question *q,
		      const struct garita_json *settings)
{
	const struct garita_json *seccomp =
		garita_json_get(settings, "unset_seccomp_profile");

	for (size_t i = 0; i < GARITA_COUNT(cri_settings); i++) {
		const struct garita_json *value =
			garita_json_get(settings, cri_settings[i].name);

		if (!garita_setting_allows(q->of->setting,
					   cri_settings[i].name) &&
		    garita_json_bool(value) != cri_settings[i].wanted)
			garita_report(q->out, "/engines/containerd/settings",
				      cri_settings[i].wanted_words, "%s",
				      cri_settings[i].found);
	}
	if (!garita_setting_allows(q->of->setting, "unset_seccomp_profile") &&
	    (seccomp == NULL || garita_is_text(seccomp, "") ||
	     garita_is_text(seccomp, "unconfined")))
		garita_report(q->out, "/engines/containerd/settings",
			      "unset_seccomp_profile = \"runtime/default\"",
			      "no seccomp profile for a pod that names none");
}

static void check_handlers(const struct garita_question *q)
{
	const struct garita_json *handlers = garita_fact(
		q, "/engines/containerd/handlers", GARITA_JSON_ARRAY);

	for (size_t i = 0; i < garita_json_count(handlers); i++) {
		const struct garita_json *handler =
			garita_json_item(handlers, i);
		const char *name =
			garita_json_string(garita_json_get(handler, "name"));
		const char *binary =
			garita_json_string(garita_json_get(handler, "binary"));

		if (garita_json_bool(garita_json_get(handler, "gated")) ||
		    name == NULL || garita_setting_allows(q->of->setting, name))
			continue;
		garita_report(q->out, "/engines/containerd/handlers",
			      "garita-runtime as BinaryName of every handler",
			      "the handler %s runs %s", name,
			      binary ? binary : "its own runtime");
	}
}

static void check_containerd(const struct garita_case *of,
			     struct garita_report *out)
{
	const struct garita_question q = { of, out, "containerd's settings" };
	const struct garita_json *containerd =
		garita_fact(&q, "/engines/containerd", GARITA_JSON_OBJECT);
	const struct garita_json *settings;

	/* Docker's containerd mostly has no CRI at all. */
	if (containerd == NULL || !is_here(containerd) ||
	    garita_json_bool(garita_json_get(containerd, "cri-disabled")))
		return;
	if (garita_json_bool(garita_json_get(containerd, "imports")))
		garita_report_unknown(out, "/engines/containerd/imports",
				      "one file that says everything",
				      "other files that it imports");
	settings = garita_fact(&q, "/engines/containerd/settings",
			       GARITA_JSON_OBJECT);
	if (settings != NULL)
		check_cri(&q, settings);
	check_handlers(&q);
}

static const char docker_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 2.1-2.18",
	"",
};

static const char containerd_references[][GARITA_REFERENCE] = {
	"containerd: docs/cri/config.md",
	"",
};

const struct garita_rule garita_rules_host_engines[] = {
	{
		.id = "daemon-config",
		.summary = "dockerd is set up for containers that do not trust "
			   "one another",
		.why = "dockerd's defaults suit one developer's machine: what "
		       "a container does not say for itself, they say",
		.remedy = "write it into /etc/docker/daemon.json and restart "
			  "docker, or allow the setting's name for this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names of settings that may be as they are",
		.part_of = "host-facts",
		.references = docker_references,
		.check = check_daemon,
	},
	{
		.id = "containerd-config",
		.summary = "every pod of containerd comes through the gate, "
			   "with a seccomp profile",
		.why = "a pod names its runtime handler itself: one that is "
		       "not the gate is a way around it",
		.remedy = "garita install containerd, BinaryName in every "
			  "other handler, and unset_seccomp_profile in "
			  "/etc/containerd/config.toml; or allow the name",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names of settings and handlers that may be as they "
			  "are",
		.part_of = "host-facts",
		.references = containerd_references,
		.check = check_containerd,
	},
	{ .id = NULL },
};
