/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_target - what kind of thing is mounted, and where in the container.
 *
 * A destination is a path in a tree that the image's author made. Where links
 * in it lead was looked at by hook/host before any mount.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/policy.h"
#include "policy/rules/id_maps.h"
#include "policy/rules/shapes.h"
#include "policy/rules/sources.h"

/* ---- destinations ---- */

/* Programs, libraries and accounts of the image. */
static const char image_own[][19] = {
	"/",           "/bin",        "/etc",
	"/etc/group",  "/etc/passwd", "/etc/ld.so.cache",
	"/etc/shadow", "/lib",        "/etc/ld.so.preload",
	"/lib64",      "/sbin",       "/etc/sudoers",
	"/usr",        "/usr/bin",    "/usr/lib",
	"/usr/lib64",  "/usr/sbin",
};

/* What an engine mounts on a file of the image: the accounts that podman
 * writes for --user, the hosts file. */
static bool is_engine_file(const struct garita_case *of,
			   const struct garita_mount *mount)
{
	return garita_source_real(of, mount) != NULL &&
	       garita_source_shape(of, mount).kind == GARITA_SHAPE_FILE;
}

/* What is wrong with a destination by its text alone; NULL: nothing. */
static const char *destination_problem(const struct garita_case *of,
				       const struct garita_mount *mount)
{
	if (mount->destination[0] != '/')
		return "is relative";
	for (size_t i = 0; i < GARITA_COUNT(image_own); i++)
		if (strcmp(mount->clean, image_own[i]) == 0)
			return is_engine_file(of, mount)
				       ? NULL
				       : "hides the image's own";
	return NULL;
}

static void check_duplicates(const struct garita_case *of,
			     struct garita_report *out)
{
	auto_free const struct garita_mount **sorted =
		garita_spec_by_destination(of->spec);

	for (size_t i = 1; i < of->spec->mount_count; i++) {
		const struct garita_mount *here = sorted[i];
		const struct garita_mount *before = sorted[i - 1];
		auto_text at = { 0 };

		if (strcmp(here->clean, before->clean) != 0 ||
		    garita_destination_allowed(of->setting, here))
			continue;
		garita_text_printf(&at, "/mounts/%td/destination",
				   here - of->spec->mounts);
		garita_report(out, at.data, "one mount a destination",
			      "%s, where mount %td is already", here->clean,
			      before - of->spec->mounts);
	}
}

static void check_destination(const struct garita_case *of,
			      struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *problem = destination_problem(of, mount);
		auto_text at = { 0 };

		if (problem == NULL ||
		    garita_destination_allowed(of->setting, mount))
			continue;
		garita_text_printf(&at, "/mounts/%zu/destination", i);
		garita_report(out, at.data,
			      "an absolute destination that is not part of "
			      "the image's system",
			      "%s %s", mount->destination, problem);
	}
	check_duplicates(of, out);
}

/* Here a link decides about masks and devices of the host. */
static const char *const guarded[] = { "/proc", "/sys", "/dev" };

static bool is_guarded(const char *path)
{
	for (size_t i = 0; i < GARITA_COUNT(guarded); i++)
		if (garita_path_within(path, guarded[i]))
			return true;
	return strcmp(path, "/") == 0;
}

static void check_symlinked(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char wanted[] =
		"a destination that no link leads elsewhere";

	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *clean = mount->clean;
		const struct garita_path_fact *fact =
			garita_host_target(of->host, clean);
		bool climbs = garita_path_climbs(mount->destination);
		auto_text at = { 0 };

		if (fact == NULL && !climbs)
			continue;
		garita_text_printf(&at, "/mounts/%zu/destination", i);
		/* Runtimes go up from where a link led, some of them. */
		if (climbs)
			garita_report(out, at.data, wanted,
				      "%s, whose \"..\" a link of the image "
				      "takes elsewhere",
				      mount->destination);
		else if (fact->failure == ELOOP)
			garita_report(out, at.data, wanted,
				      "%s, through a symbolic link in what is "
				      "mounted there before",
				      clean);
		else if (fact->failure != 0)
			garita_report(out, at.data, wanted,
				      "%s, which cannot be looked at: %s",
				      clean, strerror(fact->failure));
		else if (fact->real == NULL)
			garita_report(out, at.data, wanted,
				      "%s, a symbolic link of the image to "
				      "what is not in it",
				      clean);
		else if (is_guarded(clean) || is_guarded(fact->real))
			garita_report(out, at.data, wanted,
				      "%s, which the image leads to %s", clean,
				      fact->real);
	}
}

/* ---- types ---- */

static const char usual_types[][8] = {
	"bind",   "tmpfs",  "proc",   "sysfs",
	"devpts", "mqueue", "cgroup", "cgroup2",
};

/* What podman makes an overlay of when a volume is mounted with ":O". */
static const char *const overlay_parts[] = {
	"/var/lib/containers/storage/volumes/*/_data",
	"/var/lib/containers/storage/overlay-containers/*/userdata/overlay/**",
	"/run/containers/storage/overlay-containers/*/userdata/overlay/**",
};

static bool is_overlay_part(const char *path)
{
	auto_free char *clean = garita_path_clean(path);

	if (strcmp(clean, path) != 0 || strchr(path, '\\') != NULL)
		return false;
	for (size_t i = 0; i < GARITA_COUNT(overlay_parts); i++)
		if (garita_path_match(overlay_parts[i], path))
			return true;
	return false;
}

/* One word of an overlay's data, as the kernel splits it at commas. */
static bool is_overlay_word(const char *word, size_t len)
{
	static const char names[][10] = { "lowerdir=", "upperdir=",
					  "workdir=" };
	const char *end = word + len;

	if (memmem(word, len, "dir", 3) == NULL)
		return true;
	for (size_t n = 0; n < GARITA_COUNT(names); n++) {
		const char *at = word + strlen(names[n]);

		if (!garita_starts_with(word, names[n]))
			continue;
		while (at < end) {
			size_t part = strcspn(at, ":,");
			auto_free char *path = garita_xstrndup(at, part);

			if (!is_overlay_part(path))
				return false;
			at += part + 1;
		}
		return true;
	}
	return false;
}

/* An overlay shows directories that its options name: binds by another name,
 * that no other rule looks at. */
static bool is_engine_overlay(const struct garita_mount *mount)
{
	for (size_t i = 0; i < garita_json_count(mount->options); i++) {
		const char *at =
			garita_json_string(garita_json_item(mount->options, i));

		while (at != NULL && *at != '\0') {
			size_t len = strcspn(at, ",");

			if (!is_overlay_word(at, len))
				return false;
			at += len;
			at += *at == ',';
		}
	}
	return true;
}

static bool is_type_fine(const struct garita_case *of,
			 const struct garita_mount *mount)
{
	if (mount->bind)
		return true; /* whatever type it says, that is not read */
	if (mount->type == NULL)
		return false;
	if (garita_setting_allows(of->setting, mount->type))
		return true;
	for (size_t i = 0; i < GARITA_COUNT(usual_types); i++)
		if (strcmp(mount->type, usual_types[i]) == 0)
			return true;
	return strcmp(mount->type, "overlay") == 0 && is_engine_overlay(mount);
}

static void check_type(const struct garita_case *of, struct garita_report *out)
{
	static const char wanted[] =
		"bind, tmpfs, proc, sysfs, devpts, mqueue or cgroup";

	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		auto_text at = { 0 };

		if (is_type_fine(of, mount))
			continue;
		garita_text_printf(&at, "/mounts/%zu%s", i,
				   mount->type ? "/type" : "");
		if (mount->type == NULL)
			garita_report(out, at.data, wanted, "%s has no type",
				      mount->clean);
		else if (strcmp(mount->type, "overlay") == 0)
			garita_report(out, at.data, wanted,
				      "%s shows directories of the host by an "
				      "overlay",
				      mount->clean);
		else
			garita_report(out, at.data, wanted, "%s is a %s",
				      mount->clean, mount->type);
	}
}

static int fix_type(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *mounts =
		garita_json_get(garita_json_root(config), "mounts");

	(void)err;
	for (size_t i = of->spec->mount_count; i-- > 0;)
		if (!is_type_fine(of, &of->spec->mounts[i]))
			garita_json_remove_item(mounts, i);
	return 0;
}

/* ---- mapped mounts ---- */

/* Is this id of the host root's of the container? In a user namespace of its
 * own, and by its own mapping, root writes as root: as engines map volumes. */
static bool is_own_root(const struct garita_spec *spec, const char *member,
			uint64_t host)
{
	const struct garita_json *maps =
		garita_json_get(garita_json_get(spec->root, "linux"), member);

	for (size_t i = 0; i < garita_json_count(maps); i++) {
		struct garita_id_line line = garita_id_line_at(maps, i);

		if (line.container == 0 && line.size > 0)
			return spec->namespaces[GARITA_NS_USER].present &&
			       line.host == host;
	}
	return false;
}

/* A line makes files that are `container` on the disk those of `host`, and what
 * that one writes is `container` on the disk. */
static void check_id_line(const struct garita_case *of,
			  const struct garita_mount *mount, const char *member,
			  const struct garita_id_line *line, const char *at,
			  struct garita_report *out)
{
	static const char wanted[] = "ids that are not root on the host";

	if (line->size == 0)
		return;
	if (line->host == 0)
		garita_report(out, at, wanted, "%s maps to id 0 of the host",
			      mount->clean);
	else if (line->container == 0 &&
		 !is_own_root(of->spec, member, line->host))
		garita_report(out, at, wanted,
			      "%s is written as root of the host by id %llu",
			      mount->clean, (unsigned long long)line->host);
}

static void check_id_option(const struct garita_mount *mount, size_t i,
			    struct garita_report *out)
{
	for (size_t o = 0; o < garita_json_count(mount->options); o++) {
		const char *option =
			garita_json_string(garita_json_item(mount->options, o));
		auto_text at = { 0 };

		if (option == NULL || (!garita_starts_with(option, "idmap=") &&
				       !garita_starts_with(option, "ridmap=")))
			continue;
		garita_text_printf(&at, "/mounts/%zu/options/%zu", i, o);
		garita_report(out, at.data, "uidMappings and gidMappings",
			      "%s is mapped by an option, which crun alone "
			      "knows",
			      mount->clean);
	}
}

static void check_idmap(const struct garita_case *of, struct garita_report *out)
{
	static const char members[][12] = { "uidMappings", "gidMappings" };
	const struct garita_json *mounts =
		garita_json_get(of->spec->root, "mounts");

	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const struct garita_json *node = garita_json_item(mounts, i);

		check_id_option(mount, i, out);
		for (size_t m = 0; m < GARITA_COUNT(members); m++) {
			const struct garita_json *maps =
				garita_json_get(node, members[m]);

			for (size_t l = 0; l < garita_json_count(maps); l++) {
				struct garita_id_line line =
					garita_id_line_at(maps, l);
				auto_text at = { 0 };

				garita_text_printf(&at, "/mounts/%zu/%s/%zu", i,
						   members[m], l);
				check_id_line(of, mount, members[m], &line,
					      at.data, out);
			}
		}
	}
}

/* ---- the rules ---- */

static const char destination_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Mounts",
	"",
};
static const char symlinked_references[][GARITA_REFERENCE] = {
	"CVE-2019-19921", "CVE-2021-30465", "CVE-2023-27561",
	"CVE-2025-31133", "CVE-2025-52565", "",
};
static const char type_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: restrictedVolumes",
	"mount(2)",
	"",
};
static const char idmap_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec 1.2: config.md, Mounts",
	"mount_setattr(2)",
	"",
};

const struct garita_rule garita_rules_mount_target[] = {
	{
		.id = "mount-type",
		.summary = "only file systems that containers need are mounted",
		.why = "a disk, a network or a debugging file system opens "
		       "what "
		       "the kernel guards for root",
		.remedy = "use a volume of the engine, or allow the type for "
			  "this rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS,
		.writes = GARITA_PART_MOUNTS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "types",
		.references = type_references,
		.check = check_type,
		.fix = fix_type,
	},
	{
		.id = "mount-destination",
		.summary = "mounts do not hide the image's own system",
		.why = "a mount over programs or accounts makes another image "
		       "of the one that was checked",
		.remedy = "mount on a directory of its own",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "destinations, with :ro for read-only mounts only",
		.references = destination_references,
		.check = check_destination,
	},
	{
		.id = "symlinked-mount-target",
		.summary = "no link leads a mount to /proc, /sys, /dev or "
			   "nowhere",
		.why = "a link of the image, or one left in a volume, moves a "
		       "mount over the kernel's files, or out of the masks",
		.remedy = "use an image whose directories are no links there, "
			  "or mount where the link leads",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = symlinked_references,
		.check = check_symlinked,
	},
	{
		.id = "idmap-mounts",
		.summary =
			"no mount makes ids of the container the host's root",
		.why = "a file that is written as root of the host is a setuid "
		       "program of root",
		.remedy = "map as the container's own user namespace does",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS | GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = idmap_references,
		.check = check_idmap,
	},
	{ .id = NULL },
};
