/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * volumes - whose storage the container gets: a path of the host that somebody
 * chose, a volume of a type that pods may use, or another pod's.
 *
 * Which pod a container is of is told by its control group, which the engine
 * writes. The annotation can be forged, so it counts only where the group does
 * not say it. Where neither does, the container is of no pod, and no pod's
 * files are its own.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "policy/report.h"
#include "policy/rules/shapes.h"
#include "policy/rules/sources.h"

/* ---- host paths ---- */

/* The rules that judge some host paths before this one does. */
struct others {
	const struct garita_setting *sensitive, *socket;
	bool said; /* by sensitive-host-mount, where it has something to say */
};

/* Said by sensitive-host-mount, at least as strictly; and what an operator
 * allowed there by name need not be allowed here again. */
static bool is_others_business(const struct garita_case *of,
			       const struct others *others,
			       const struct garita_mount *mount,
			       const char *path)
{
	if (garita_source_allowed(others->sensitive, mount, path) ||
	    garita_source_allowed(others->socket, mount, path) ||
	    garita_source_harmless(of, mount))
		return true;
	return others->said && garita_source_sensitive(path) != NULL &&
	       (garita_source_tolerated(of, of->setting, mount, path) ||
		!garita_source_tolerated(of, others->sensitive, mount, path));
}

static void check_host_path(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char wanted[] =
		"a volume of the engine, or a path that is allowed";
	const struct others others = {
		.sensitive = garita_setting_of(of, "sensitive-host-mount"),
		.socket = garita_setting_of(of, "runtime-socket-mount"),
		.said = garita_said_by(of, "sensitive-host-mount"),
	};

	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *path = garita_source_real(of, mount);
		auto_text at = { 0 };

		if (path == NULL ||
		    garita_source_allowed(of->setting, mount, path) ||
		    is_others_business(of, &others, mount, path))
			continue;
		garita_text_printf(&at, "/mounts/%zu/source", i);
		if (garita_source_tolerated(of, of->setting, mount, path))
			garita_report_warning(out, at.data, wanted,
					      "%s (read-only)", path);
		else
			garita_report(out, at.data, wanted, "%s (%s)", path,
				      mount->read_only ? "read-only"
						       : "writable");
	}
}

/* ---- kubelet's volumes ---- */

/* What Pod Security's restricted profile lets a pod use, as kubelet names the
 * directories. A local volume exists only behind a claim. */
static const char usual_plugins[][27] = {
	"kubernetes.io~configmap",    "kubernetes.io~csi",
	"kubernetes.io~downward-api", "kubernetes.io~empty-dir",
	"kubernetes.io~local-volume", "kubernetes.io~projected",
	"kubernetes.io~secret",
};

static bool is_plugin_fine(const struct garita_case *of, const char *name)
{
	static const char prefix[] = "kubernetes.io~";

	for (size_t i = 0; i < GARITA_COUNT(usual_plugins); i++)
		if (strcmp(name, usual_plugins[i]) == 0)
			return true;
	if (garita_setting_allows(of->setting, name))
		return true;
	return garita_starts_with(name, prefix) &&
	       garita_setting_allows(of->setting, name + sizeof(prefix) - 1);
}

static void check_volume_types(const struct garita_case *of,
			       struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *path = garita_source_real(of, mount);
		auto_free char *name = NULL;
		struct garita_shape shape;
		auto_text at = { 0 };

		if (path == NULL)
			continue;
		shape = garita_source_shape(of, mount);
		if (shape.plugin == NULL)
			continue;
		name = garita_xstrndup(shape.plugin, shape.plugin_len);
		if (is_plugin_fine(of, name))
			continue;
		garita_text_printf(&at, "/mounts/%zu/source", i);
		garita_report(out, at.data,
			      "an emptyDir, configMap, secret, projected, "
			      "downwardAPI or CSI volume",
			      "%s is a volume of type %s", mount->clean, name);
	}
}

/* ---- whose ---- */

struct word {
	const char *at; /* NULL: not known */
	size_t len;
};

static bool same(struct word a, struct word b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* A pod's uid is a UUID; systemd writes its dashes as "_". */
enum { UID_LEN = 36 };

static bool is_uid(const char *text)
{
	for (size_t i = 0; i < UID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? (text[i] != '-' && text[i] != '_')
			 : (text[i] == '\0' ||
			    strchr("0123456789abcdef", text[i]) == NULL))
			return false;
	}
	return true;
}

/* The last "pod<uid>" of the control group's path. */
static bool pod_of_cgroup(const struct garita_spec *spec,
			  char into[UID_LEN + 1])
{
	const char *path = garita_json_string(
		garita_json_at(spec->root, "/linux/cgroupsPath"));
	bool found = false;

	while (path != NULL && (path = strstr(path, "pod")) != NULL) {
		path += 3;
		if (!is_uid(path))
			continue;
		for (size_t i = 0; i < UID_LEN; i++)
			into[i] = path[i];
		into[UID_LEN] = '\0';
		for (size_t i = 8; i <= 23; i += 5)
			into[i] = '-';
		found = true;
	}
	return found;
}

static struct word note(const struct garita_spec *spec, const char *key)
{
	const char *text =
		garita_json_string(garita_json_get(spec->annotations, key));

	return (struct word){ text, text ? strlen(text) : 0 };
}

struct owners {
	struct word pod;  /* whose files kubelet's must be */
	const char *from; /* who says so; NULL: nobody */
	char cgroup[UID_LEN + 1];
	const char *own;          /* last component of the control group */
	const char *bundle;       /* or NULL */
	struct word network, ipc; /* the one other container, if any */
};

static void start_owners(const struct garita_case *of, struct owners *ret)
{
	const char *cgroup = garita_json_string(
		garita_json_at(of->spec->root, "/linux/cgroupsPath"));
	const char *slash = cgroup ? strrchr(cgroup, '/') : NULL;
	struct word noted = note(of->spec, "io.kubernetes.cri.sandbox-uid");

	*ret = (struct owners){ .bundle = of->host->bundle };
	ret->own = slash ? slash + 1 : cgroup;
	if (noted.at == NULL)
		noted = note(of->spec, "io.kubernetes.pod.uid");
	if (pod_of_cgroup(of->spec, ret->cgroup)) {
		ret->pod = (struct word){ ret->cgroup, UID_LEN };
		ret->from = "the control group";
	} else if (noted.at != NULL) {
		ret->pod = noted;
		ret->from = "the annotation";
	}
}

/* "ID", "crio-ID", "slice:prefix:ID"; or a component of the bundle's path. */
static bool is_own(const struct owners *owners, struct word id)
{
	size_t len = owners->own ? strlen(owners->own) : 0;
	const char *at = owners->bundle;

	if (len >= id.len &&
	    memcmp(owners->own + len - id.len, id.at, id.len) == 0 &&
	    (len == id.len || owners->own[len - id.len - 1] == '-' ||
	     owners->own[len - id.len - 1] == ':'))
		return true;
	while (at != NULL && *at == '/') {
		size_t part = strcspn(++at, "/");

		if (same((struct word){ at, part }, id))
			return true;
		at += part;
	}
	return false;
}

/* Another container's file is this one's business only when it joins that
 * container: its network for hosts and the like, its IPC for shared memory.
 * Then there is one such container and no second. */
static bool may_share(const struct garita_case *of, struct owners *owners,
		      const struct garita_shape *shape, struct word id)
{
	bool shm = shape->kind == GARITA_SHAPE_SHM;
	const struct garita_namespace *joined =
		&of->spec->namespaces[shm ? GARITA_NS_IPC : GARITA_NS_NETWORK];
	struct word *other = shm ? &owners->ipc : &owners->network;
	bool nameless = owners->own == NULL && owners->bundle == NULL;

	if (shape->kind == GARITA_SHAPE_SECRET && !nameless)
		return false;
	if (!nameless && joined->present && joined->path == NULL)
		return false;
	if (other->at == NULL)
		*other = id;
	return same(*other, id);
}

static void check_owner(const struct garita_case *of, struct garita_report *out,
			struct owners *owners, const struct garita_shape *shape,
			size_t mount)
{
	struct word id = { shape->owner, shape->owner_len };
	auto_text at = { 0 };

	switch (shape->kind) {
	case GARITA_SHAPE_POD:
		if (same(owners->pod, id))
			break;
		garita_text_printf(&at, "/mounts/%zu/source", mount);
		if (owners->from == NULL)
			garita_report(out, at.data,
				      "files of the container's pod",
				      "files of pod %.*s, and the control "
				      "group is no pod's",
				      (int)id.len, id.at);
		else
			garita_report(out, at.data,
				      "files of the container's pod",
				      "files of pod %.*s, where %s says pod "
				      "%.*s",
				      (int)id.len, id.at, owners->from,
				      (int)owners->pod.len, owners->pod.at);
		break;
	case GARITA_SHAPE_FILE:
	case GARITA_SHAPE_SHM:
	case GARITA_SHAPE_SECRET:
		if (is_own(owners, id) || may_share(of, owners, shape, id))
			break;
		garita_text_printf(&at, "/mounts/%zu/source", mount);
		garita_report(out, at.data,
			      "files of this container, or of the one that it "
			      "joins",
			      "files of container %.*s", (int)id.len, id.at);
		break;
	case GARITA_SHAPE_NONE:
	case GARITA_SHAPE_COMMON:
	case GARITA_SHAPE_VOLUME:
		break;
	}
}

static void check_other_pod(const struct garita_case *of,
			    struct garita_report *out)
{
	size_t count = of->spec->mount_count;
	struct owners owners;

	start_owners(of, &owners);
	for (size_t i = 0; i < count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		struct garita_shape shape;

		if (garita_source_real(of, mount) == NULL)
			continue;
		shape = garita_source_shape(of, mount);
		check_owner(of, out, &owners, &shape, i);
	}
}

static const char host_path_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: hostPathVolumes",
	"CIS Docker 1.6.0: 5.6",
	"",
};
static const char types_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: restrictedVolumes",
	"",
};
static const char other_pod_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.3.3",
	"",
};

const struct garita_rule garita_rules_volumes[] = {
	{
		.id = "host-path-mount",
		.summary = "no path of the host is mounted that the operator "
			   "did not allow",
		.why = "a path of the host is shared with whatever else uses "
		       "it "
		       "there, and outlives the container",
		.remedy = "use a named volume, or allow the path for this rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "source paths, with :ro for read-only mounts only",
		.references = host_path_references,
		.check = check_host_path,
	},
	{
		.id = "volume-types",
		.summary = "pods use only volume types that keep to the pod",
		.why = "other volume types reach storage of the host or the "
		       "network with the node's rights",
		.remedy =
			"use a persistent volume claim, or allow the plugin's "
			"name for this rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "kubelet's names of volume plugins (nfs)",
		.references = types_references,
		.check = check_volume_types,
	},
	{
		.id = "other-pod-volume",
		.summary = "only files of the container's own pod are mounted",
		.why = "another pod's volumes hold its data, its secrets and "
		       "its service account",
		.remedy =
			"share data between pods by a persistent volume claim",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_ANNOTATIONS | GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = other_pod_references,
		.check = check_other_pod,
	},
	{ .id = NULL },
};
