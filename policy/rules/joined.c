/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * joined - whose namespaces a container joins by a path.
 *
 * The containers of a pod share namespaces, and an engine writes that as the
 * path of a namespace of the pod's first process. Whether that process is of
 * the same pod is told by its control group: the parts of a pod are below one
 * parent. A file in /run/netns says nothing of who else is in there; it is in
 * a directory of root, and namespaces.c compares it with the host's own.
 * Where all containers of an engine have one parent (docker), they count as
 * one pod here.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/policy.h"
#include "policy/report.h"

/* ---- the form of the path ---- */

/* Where engines keep namespaces by name. */
static const char usual_places[][50] = {
	"/run/containerd/io.containerd.grpc.v1.cri/netns/*",
	"/run/docker/netns/*",
	"/run/ipcns/*",
	"/run/netns/*",
	"/run/netns/*/*",
	"/run/pidns/*",
	"/run/user/*/netns/*",
	"/run/userns/*",
	"/run/utsns/*",
	"/var/lib/buildkit/net/cni/**",
	"/var/lib/docker/buildkit/net/cni/**",
};

/* "/proc/4711/ns/net": its last component, or NULL. */
static const char *proc_name(const char *path)
{
	static const char proc[] = "/proc/";
	size_t digits;

	if (!garita_starts_with(path, proc))
		return NULL;
	path += sizeof(proc) - 1;
	digits = strspn(path, "0123456789");
	path += digits;
	return digits > 0 && garita_starts_with(path, "/ns/") ? path + 4 : NULL;
}

static bool is_usual_place(const char *path)
{
	/* /var/run is a link to /run on every system of today. */
	if (garita_starts_with(path, "/var/run/"))
		path += strlen("/var");
	for (size_t i = 0; i < GARITA_COUNT(usual_places); i++)
		if (garita_path_match(usual_places[i], path))
			return true;
	return false;
}

static const char *form_problem(const struct garita_case *of,
				enum garita_namespace_type type,
				const char *path)
{
	static const char children[] = "_for_children";
	auto_free char *clean = garita_path_clean(path);
	const char *name = proc_name(path);
	const char *kind = garita_namespace_proc_name(type);

	if (strcmp(clean, path) != 0)
		return "not written plainly";
	if (garita_setting_allows_path(of->setting, path))
		return NULL;
	if (name == NULL)
		return is_usual_place(path)
			       ? NULL
			       : "not where engines keep namespaces";
	if (strcmp(name, kind) == 0)
		return NULL;
	if (garita_starts_with(name, kind) &&
	    strcmp(name + strlen(kind), children) == 0)
		return NULL;
	return "a namespace of another type";
}

static void check_form(const struct garita_case *of, struct garita_report *out)
{
	for (enum garita_namespace_type t = 0; t < GARITA_NS_TYPES; t++) {
		const struct garita_namespace *ns = &of->spec->namespaces[t];
		const char *problem =
			ns->path ? form_problem(of, t, ns->path) : NULL;
		auto_text at = { 0 }, wanted = { 0 };

		if (problem == NULL)
			continue;
		garita_text_printf(&at, "/linux/namespaces/%zu/path",
				   ns->index);
		garita_text_printf(&wanted,
				   "/proc/PID/ns/%s or a name in /run/netns",
				   garita_namespace_proc_name(t));
		garita_report(out, at.data, wanted.data, "%s: %s", ns->path,
			      problem);
	}
}

/* ---- whose it is ---- */

/* The group that all of a pod are below: the parent of this container's. The
 * caller frees; NULL: the config does not say. */
static char *pod_group(const struct garita_spec *spec)
{
	const char *path = garita_json_string(
		garita_json_at(spec->root, "/linux/cgroupsPath"));
	auto_free char *clean = NULL;
	char *end, *parent;

	if (path == NULL || *path == '\0')
		return NULL;
	if (*path != '/') {
		size_t len = strcspn(path, ":");

		if (path[len] == '\0')
			return NULL;
		return len > 0 ? garita_xstrndup(path, len)
			       : garita_xstrdup("system.slice");
	}
	clean = garita_path_clean(path);
	end = strrchr(clean, '/');
	*end = '\0';
	parent = strrchr(clean, '/');
	return parent != NULL ? garita_xstrdup(parent + 1) : NULL;
}

static bool is_below(const char *group, const char *pod)
{
	size_t len = strlen(pod);

	for (const char *at = group; *at == '/';) {
		size_t part = strcspn(++at, "/");

		if (part == len && strncmp(at, pod, len) == 0 &&
		    at[part] == '/')
			return true;
		at += part;
	}
	return false;
}

static void check_foreign(const struct garita_case *of,
			  struct garita_report *out)
{
	static const char wanted[] =
		"a namespace of its own or of a container of the same pod";
	auto_free char *pod = pod_group(of->spec);

	for (enum garita_namespace_type t = 0; t < GARITA_NS_TYPES; t++) {
		const struct garita_namespace *ns = &of->spec->namespaces[t];
		const struct garita_path_fact *fact =
			ns->path ? garita_host_path(of->host, ns->path) : NULL;
		const char *group = fact ? fact->cgroup : NULL;
		auto_text at = { 0 };

		/* By a name in a directory of root's nobody can tell. */
		if (ns->path == NULL ||
		    (group == NULL && proc_name(ns->path) == NULL) ||
		    (group != NULL &&
		     (garita_setting_allows_path(of->setting, group) ||
		      (pod != NULL && is_below(group, pod)))))
			continue;
		garita_text_printf(&at, "/linux/namespaces/%zu/path",
				   ns->index);
		if (group == NULL)
			garita_report_unknown(
				out, at.data, wanted,
				"%s of a process of which nothing "
				"can be told",
				ns->path);
		else if (pod == NULL)
			garita_report_warning(
				out, at.data, wanted,
				"%s of a process in %s; which pod this is "
				"cannot be told without linux.cgroupsPath",
				ns->path, group);
		else
			garita_report(out, at.data, wanted,
				      "%s of a process in %s, outside %s",
				      ns->path, group, pod);
	}
}

static const char foreign_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.3.3",
	"",
};
static const char form_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Namespaces",
	"",
};

const struct garita_rule garita_rules_joined[] = {
	{
		.id = "join-foreign-namespace",
		.summary = "namespaces are joined only within the pod",
		.why = "in another container's network or process tree one "
		       "reads its traffic and its memory",
		.remedy = "run without --network container:, --pid container: "
			  "of another pod, or allow its control group",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "path patterns of control groups (/system.slice/**)",
		.references = foreign_references,
		.check = check_foreign,
	},
	{
		.id = "namespace-path-form",
		.summary = "a joined namespace is named as engines name them",
		.why = "a path that somebody else can change may be another "
		       "namespace when the runtime opens it",
		.remedy = "let the engine write the path, or allow it for this "
			  "rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "path patterns",
		.references = form_references,
		.check = check_form,
	},
	{ .id = NULL },
};
