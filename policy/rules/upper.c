/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upper - does a container start from its image and nothing else?
 *
 * An upper directory is listed as it is (include/garita/upper.h); here is said
 * what engines and runtimes leave there of themselves. Podman makes the link
 * /etc/mtab, and the working directory; runtimes make what mounts are mounted
 * on, an empty file or a directory, and those of a run before are still there.
 * Docker has its own files in a layer below, containerd has none.
 */
#include "policy/rules/families.h"

#include <string.h>
#include <sys/stat.h>

#include "garita/path.h"
#include "garita/policy.h"
#include "garita/upper.h"

enum { SHOWN = 5 }; /* they say as much as five hundred */

/* Mounted over by engines, whether this config does it or one before did. */
static const char engine_files[][19] = {
	"/etc/hostname",      "/etc/hosts",  "/etc/resolv.conf",
	"/run/.containerenv", "/.dockerenv", "/dev/console",
	"/run/secrets",       "/dev/init",   "/dev/ptmx",
};

static bool is_mount_point(const struct garita_spec *spec, const char *path)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (strcmp(spec->mounts[i].clean, path) == 0)
			return true;
	for (size_t i = 0; i < GARITA_COUNT(engine_files); i++)
		if (strcmp(engine_files[i], path) == 0)
			return true;
	return false;
}

/* Is it on the way to something that is mounted, or where work begins? */
static bool is_on_the_way(const struct garita_spec *spec, const char *path)
{
	auto_free char *cwd = spec->cwd ? garita_path_clean(spec->cwd) : NULL;

	if (strcmp(path, "/") == 0 || strcmp(path, "/etc") == 0 ||
	    (cwd != NULL && garita_path_within(cwd, path)))
		return true;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (garita_path_within(spec->mounts[i].clean, path))
			return true;
	for (size_t i = 0; i < GARITA_COUNT(engine_files); i++)
		if (garita_path_within(engine_files[i], path))
			return true;
	return false;
}

static bool is_open_to_all(mode_t mode)
{
	return (mode & (S_IWGRP | S_IWOTH)) != 0 && (mode & S_ISVTX) == 0;
}

/* What is wrong with an entry, or NULL. */
static const char *problem(const struct garita_case *of,
			   const struct garita_upper_entry *entry)
{
	if (entry->hides)
		return "which hides what the image has there";
	if (S_ISDIR(entry->mode)) {
		if (!is_on_the_way(of->spec, entry->path))
			return "a directory";
		return is_open_to_all(entry->mode)
			       ? "a directory that others than its owner can "
				 "write to"
			       : NULL;
	}
	if (S_ISLNK(entry->mode))
		return strcmp(entry->path, "/etc/mtab") == 0 &&
				       entry->link != NULL &&
				       (strcmp(entry->link, "/proc/mounts") ==
						0 ||
					strcmp(entry->link,
					       "/proc/self/mounts") == 0)
			       ? NULL
			       : "a symbolic link";
	if (!S_ISREG(entry->mode))
		return "neither a file nor a directory";
	if (entry->mode & (S_ISUID | S_ISGID))
		return "a file that runs as its owner";
	return entry->empty && is_mount_point(of->spec, entry->path) ? NULL
								     : "a file";
}

static void check_fresh(const struct garita_case *of, struct garita_report *out)
{
	static const char wanted[] = "a root file system that is the image's "
				     "and nothing else";
	const struct garita_upper *upper = of->host->upper;
	size_t more = 0;

	if (upper == NULL || *upper->why_not != '\0') {
		garita_report(out, "/root/path", wanted,
			      "a root file system of which that cannot be "
			      "told: %s",
			      upper ? upper->why_not : "nobody looked");
		return;
	}
	for (size_t i = 0; i < upper->count; i++) {
		const struct garita_upper_entry *entry = &upper->all[i];
		const char *what =
			garita_setting_allows_path(of->setting, entry->path)
				? NULL
				: problem(of, entry);

		if (what == NULL)
			continue;
		if (more++ < SHOWN)
			garita_report(out, "/root/path", wanted,
				      "%s, %s, which the image does not have "
				      "so",
				      entry->path, what);
	}
	if (upper->more)
		garita_report(out, "/root/path", wanted,
			      "over %d files and directories of its own",
			      GARITA_UPPER_MAX);
	else if (more > SHOWN)
		garita_report(out, "/root/path", wanted,
			      "%zu more that the image does not have so",
			      more - SHOWN);
}

static const char references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.4.5",
	"",
};

const struct garita_rule garita_rules_upper[] = {
	{
		.id = "upper-is-fresh",
		.summary = "nothing was put into the container before it "
			   "starts",
		.why = "what was copied into a container, or left by a run "
		       "before, runs as if it were of the image",
		.remedy = "make a new container instead of starting one again; "
			  "with podman and a uid that the image does not know, "
			  "run with --passwd=false",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_OFF,
		.strict = GARITA_OFF,
		.allows = "paths in the container",
		.references = references,
		.check = check_fresh,
	},
	{ .id = NULL },
};
