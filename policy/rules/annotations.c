/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * annotations - notes that change what the runtime does.
 *
 * crun and runc act on some annotations: raw seccomp programs, host files to
 * open, another handler, systemd properties. `runc features` and `crun
 * features` list them as potentiallyUnsafeConfigAnnotations. An engine's user
 * can set any annotation, so none of these reaches the runtime unless allowed.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"

/* A key that ends in "." or "/" stands for every key that begins so. */
static const char unsafe[][26] = {
	"bundle",    "cdi.k8s.io/",
	"krun.",     "module.wasm.image/variant",
	"org.criu.", "org.systemd.property.",
	"run.oci.",
};

/* What podman itself writes for every container. */
static const char usual[][37] = {
	"org.systemd.property.KillSignal",
	"org.systemd.property.TimeoutStopUSec",
};

static bool covers(const char *pattern, const char *key)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '.' || pattern[len - 1] == '/')
		return strncmp(pattern, key, len) == 0;
	return strcmp(pattern, key) == 0;
}

static bool is_unsafe(const struct garita_case *of, const char *key)
{
	bool listed = false;

	for (size_t i = 0; i < GARITA_COUNT(unsafe); i++)
		listed = listed || covers(unsafe[i], key);
	for (size_t i = 0; i < GARITA_COUNT(usual); i++)
		listed = listed && strcmp(usual[i], key) != 0;
	for (size_t i = 0; i < of->setting->allow_count; i++)
		listed = listed && !covers(of->setting->allow[i], key);
	return listed;
}

static void check_unsafe(const struct garita_case *of,
			 struct garita_report *out)
{
	for (size_t i = 0; i < garita_json_count(of->spec->annotations); i++) {
		const char *key = garita_json_key(of->spec->annotations, i);
		auto_text at = { 0 };

		if (!is_unsafe(of, key))
			continue;
		garita_text_puts(&at, "/annotations");
		garita_json_pointer_add(&at, key);
		garita_report(out, at.data,
			      "no annotation that the runtime acts on", "%s",
			      key);
	}
}

static bool is_safe(const char *key, const struct garita_json *value,
		    const void *of)
{
	(void)value;
	return !is_unsafe(of, key);
}

static int fix_unsafe(const struct garita_case *of,
		      struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *annotations =
		garita_json_get(garita_json_root(config), "annotations");

	(void)err;
	garita_json_filter(config, annotations, is_safe, of);
	return 0;
}

/* ---- runtime-handler ---- */

/* Annotations that choose another way to run are refused above. What is left
 * is the virtual machine's part: a hypervisor and a kernel of the host, by
 * path, with parameters. */
static void check_handler(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_json *vm = garita_json_get(of->spec->root, "vm");

	if (garita_json_type(vm) != GARITA_JSON_NULL)
		garita_report(out, "/vm", "no settings of a virtual machine",
			      "a hypervisor or kernel chosen by the bundle");
}

static int fix_handler(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)of;
	(void)err;
	garita_json_remove(garita_json_root(config), "vm");
	return 0;
}

static const char handler_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-vm.md",
	"",
};

static const char references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: features.md, potentiallyUnsafeConfigAnnotations",
	"CVE-2026-53492",
	"",
};

const struct garita_rule garita_rules_annotations[] = {
	{
		.id = "unsafe-annotations",
		.summary = "no annotation changes what the runtime does",
		.why = "an annotation can replace the seccomp profile, open "
		       "files of the host or choose another runtime",
		.remedy = "remove the annotation, or allow its key for this "
			  "rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ANNOTATIONS,
		.writes = GARITA_PART_ANNOTATIONS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "annotation keys; one ending in \".\" or \"/\" "
			  "allows all that begin so",
		.references = references,
		.check = check_unsafe,
		.fix = fix_unsafe,
	},
	{
		.id = "runtime-handler",
		.summary = "the bundle does not choose how it is run",
		.why = "a runtime for virtual machines starts the hypervisor "
		       "and kernel that this names, on the host",
		.remedy = "remove \"vm\" from config.json and set the machine "
			  "up in the runtime's own configuration",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = handler_references,
		.check = check_handler,
		.fix = fix_handler,
	},
	{ .id = NULL },
};
