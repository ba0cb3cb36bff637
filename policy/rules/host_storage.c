/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_storage - control groups, and the file systems containers live on.
 */
#include <string.h>

#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"

static void check_cgroup(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = {
		of, out, "control groups of version 2 alone"
	};
	const struct garita_json *version =
		garita_fact(&q, "/cgroup/version", GARITA_JSON_STRING);

	if (version != NULL && !garita_is_text(version, "2"))
		garita_report(out, "/cgroup/version", q.wanted,
			      garita_is_text(version, "hybrid")
				      ? "both versions at once"
				      : "version 1");
}

/* Calls `judge` for each place where engines keep containers. */
static void each_place(const struct garita_question *q,
		       void (*judge)(const struct garita_question *q,
				     const char *path,
				     const struct garita_json *place))
{
	const struct garita_json *all =
		garita_fact(q, "/storage", GARITA_JSON_ARRAY);

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const struct garita_json *place = garita_json_item(all, i);
		const char *path =
			garita_json_string(garita_json_get(place, "path"));

		if (path != NULL &&
		    !garita_setting_allows(q->of->setting, path))
			judge(q, path, place);
	}
}

static void judge_partition(const struct garita_question *q, const char *path,
			    const struct garita_json *place)
{
	if (!garita_json_bool(garita_json_get(place, "separate")))
		garita_report(q->out, "/storage", q->wanted,
			      "%s on the root file system", path);
}

static void check_partition(const struct garita_case *of,
			    struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "a file system of its own" };

	each_place(&q, judge_partition);
}

/* Overlays on these work: what docker and podman test for before they use
 * one. Others fall back to drivers that are slow, or were given up. */
static const char good[][9] = { "ext4",  "xfs",      "btrfs", "zfs",
				"tmpfs", "bcachefs", "f2fs",  "ext3" };

static void judge_driver(const struct garita_question *q, const char *path,
			 const struct garita_json *place)
{
	const char *type =
		garita_json_string(garita_json_get(place, "filesystem"));
	const char *driver =
		garita_json_string(garita_json_get(place, "driver"));
	bool fits = false;

	for (size_t i = 0; type && i < GARITA_COUNT(good); i++)
		fits = fits || strcmp(good[i], type) == 0;
	if (driver != NULL && strstr(driver, "overlay") == NULL)
		garita_report(q->out, "/storage", q->wanted,
			      "the driver %s in %s", driver, path);
	else if (!fits)
		garita_report(q->out, "/storage", q->wanted,
			      "%s on %s, which overlays may not work on", path,
			      type ? type : "an unknown file system");
}

static void check_driver(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"overlays, on a file system that they "
		"work on"
	};

	each_place(&q, judge_driver);
}

static const char cgroup_references[][GARITA_REFERENCE] = {
	"CVE-2022-0492",
	"cgroups(7)",
	"",
};

static const char partition_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 1.1.1",
	"",
};

static const char driver_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 2.6",
	"",
};

const struct garita_rule garita_rules_host_storage[] = {
	{
		.id = "cgroup-v2",
		.summary = "control groups are of version 2",
		.why = "version 1 has a release_agent that the kernel runs as "
		       "root, and cannot give a part of it away safely",
		.remedy = "boot with systemd.unified_cgroup_hierarchy=1",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.part_of = "host-facts",
		.references = cgroup_references,
		.check = check_cgroup,
	},
	{
		.id = "separate-partition",
		.summary = "containers fill a file system of their own",
		.why = "a container that fills the disk otherwise stops the "
		       "whole machine, its logs first",
		.remedy = "mount a file system at the engine's directory",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.allows = "directories that may lie on the root file system",
		.part_of = "host-facts",
		.references = partition_references,
		.check = check_partition,
	},
	{
		.id = "overlay-driver",
		.summary = "layers are kept as overlays",
		.why = "the older drivers are no longer repaired, and garita "
		       "tells a container's image by its overlay",
		.remedy = "use the driver overlay2 (docker) or overlay "
			  "(podman) on ext4 or xfs",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.allows = "directories where something else is used",
		.part_of = "host-facts",
		.references = driver_references,
		.check = check_driver,
	},
	{ .id = NULL },
};
