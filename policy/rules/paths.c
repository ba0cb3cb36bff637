/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paths - what of /proc and /sys is hidden or read-only.
 *
 * The lists are what today's engines cover; older ones cover less and get the
 * rest by repair. A path counts as covered when it or a directory above it is
 * masked. What this host does not have needs no cover.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/match.h"
#include "garita/path.h"

/* A path with its length, as a start compares hundreds of times. Lists end in
 * one without. */
struct path {
	unsigned char len;
	char text[30];
	bool may_be_readonly; /* instead of masked: as good */
};
#define WORD(word) .len = sizeof(word) - 1, .text = word

static const struct path masked[] = {
	{ WORD("/proc/acpi") },
	{ WORD("/proc/asound"),
	  .may_be_readonly = true }, /* podman does that */
	{ WORD("/proc/interrupts") },
	{ WORD("/proc/kcore") },
	{ WORD("/proc/keys") },
	{ WORD("/proc/latency_stats") },
	{ WORD("/proc/timer_list") },
	{ WORD("/proc/timer_stats") },
	{ WORD("/proc/sched_debug") },
	{ WORD("/proc/scsi") },
	{ WORD("/sys/firmware") },
	{ WORD("/sys/devices/virtual/powercap") },
	{ 0 },
};

static const struct path readonly[] = {
	{ WORD("/proc/bus") },           { WORD("/proc/fs") },
	{ WORD("/proc/irq") },           { WORD("/proc/sys") },
	{ WORD("/proc/sysrq-trigger") }, { 0 },
};

/* Some of a table's paths, a bit each. */
typedef uint32_t path_set;
_Static_assert(GARITA_COUNT(masked) <= 32 && GARITA_COUNT(readonly) <= 32,
	       "a bit for each path");

static path_set below(const struct path *paths, const char *dir)
{
	size_t len = strlen(dir);
	path_set set = 0;

	for (size_t i = 0; paths[i].len > 0; i++)
		if (paths[i].len >= len &&
		    (paths[i].text[len] == '/' || paths[i].text[len] == '\0') &&
		    memcmp(paths[i].text, dir, len) == 0)
			set |= (path_set)1 << i;
	return set;
}

/* Those on the list, or below something that is. "/" covers nothing: no
 * runtime can mount over the root that it stands in, and what it mounts there
 * does not reach /proc. Nor does "/proc/x/../keys", where there is no x: what
 * is not there runtimes leave out (all tried with runc and crun). */
static path_set covered_by(const struct garita_json *list,
			   const struct path *paths)
{
	path_set covered = 0;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *entry =
			garita_json_string(garita_json_item(list, i));
		auto_free char *clean = NULL;

		if (entry == NULL || *entry != '/' || garita_path_climbs(entry))
			continue;
		if (!garita_path_is_clean(entry, strlen(entry)))
			clean = garita_path_clean(entry);
		if (clean == NULL || clean[1] != '\0')
			covered |= below(paths, clean ? clean : entry);
	}
	return covered;
}

static bool is_on_host(const struct garita_case *of, const char *path)
{
	const struct garita_path_fact *fact = garita_host_path(of->host, path);

	return fact == NULL || fact->failure != ENOENT;
}

/* Is root of the host one of the container's users? Also by a size that runs
 * over the end of the ids. */
static bool maps_host_root(const struct garita_spec *spec)
{
	for (size_t i = 0; i < spec->uid_map_count; i++) {
		const struct garita_id_map *map = &spec->uid_maps[i];

		if (map->host_id == 0 || map->size > UINT32_MAX - map->host_id)
			return true;
	}
	return false;
}

/* Pod Security's baseline lets a container with a user namespace of its own
 * unmask proc: all its users are nobody on the host. */
static bool is_relaxed(const struct garita_case *of)
{
	const struct garita_namespace *user =
		&of->spec->namespaces[GARITA_NS_USER];
	uint32_t host_uid;

	return of->applied->profile == GARITA_PROFILE_BASELINE &&
	       user->present && user->path == NULL &&
	       garita_spec_host_uid(of->spec, 0, &host_uid) &&
	       !maps_host_root(of->spec);
}

/* What must be covered, and is not. */
static path_set missing(const struct garita_case *of, const struct path *paths,
			path_set covered)
{
	path_set set = 0;

	for (size_t i = 0; paths[i].len > 0; i++)
		if (!(covered & (path_set)1 << i) &&
		    is_on_host(of, paths[i].text) &&
		    !garita_setting_allows(of->setting, paths[i].text))
			set |= (path_set)1 << i;
	return set;
}

static path_set missing_masks(const struct garita_case *of)
{
	path_set shown = covered_by(of->spec->readonly_paths, masked);

	for (size_t i = 0; masked[i].len > 0; i++)
		if (!masked[i].may_be_readonly)
			shown &= ~((path_set)1 << i);
	return missing(of, masked,
		       shown | covered_by(of->spec->masked_paths, masked));
}

static path_set missing_readonly(const struct garita_case *of)
{
	return missing(of, readonly,
		       covered_by(of->spec->readonly_paths, readonly) |
			       covered_by(of->spec->masked_paths, readonly));
}

/* One finding that lists what is missing. */
static void report_missing(const struct garita_case *of,
			   struct garita_report *out, const char *at,
			   const struct path *paths, path_set set,
			   const char *wanted)
{
	auto_text found = { 0 };

	if (set == 0 || is_relaxed(of))
		return;
	for (size_t i = 0; paths[i].len > 0; i++) {
		if (!(set & (path_set)1 << i))
			continue;
		garita_text_puts(&found, found.len ? ", " : "");
		garita_text_puts(&found, paths[i].text);
	}
	garita_report(out, at, wanted, "not covered: %s", found.data);
}

static int add_missing(struct garita_json_doc *config, const char *member,
		       const struct path *paths, path_set set,
		       struct garita_error *err)
{
	struct garita_json *os = garita_json_make_object(config, "/linux");
	struct garita_json *list;

	if (os == NULL)
		return garita_fail(err, EINVAL, "linux is not an object");
	list = garita_json_make_array(config, os, member);
	for (size_t i = 0; paths[i].len > 0; i++)
		if (set & (path_set)1 << i)
			garita_json_append(
				config, list,
				garita_json_new_string(config, paths[i].text));
	return 0;
}

static void check_masked(const struct garita_case *of,
			 struct garita_report *out)
{
	report_missing(of, out, "/linux/maskedPaths", masked, missing_masks(of),
		       "the usual paths masked");
}

static int fix_masked(const struct garita_case *of,
		      struct garita_json_doc *config, struct garita_error *err)
{
	return add_missing(config, "maskedPaths", masked, missing_masks(of),
			   err);
}

static void check_readonly(const struct garita_case *of,
			   struct garita_report *out)
{
	report_missing(of, out, "/linux/readonlyPaths", readonly,
		       missing_readonly(of), "the usual paths read-only");
}

static int fix_readonly(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	return add_missing(config, "readonlyPaths", readonly,
			   missing_readonly(of), err);
}

static const char references[][GARITA_REFERENCE] = {
	"Pod Security Standards: procMount",
	"GHSA-6fw5-f8r9-fgfm",
	"GHSA-jq35-85cj-fj4p",
	"",
};

const struct garita_rule garita_rules_paths[] = {
	{
		.id = "masked-paths",
		.summary = "files of the kernel that leak are hidden",
		.why = "kernel memory, keys, timers and sensors of the whole "
		       "host can be read there",
		.remedy = "leave the engine's masked paths on (no "
			  "systempaths=unconfined, procMount: Default)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_COVERS | GARITA_PART_LINUX,
		.writes = GARITA_PART_COVERS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "paths that may stay visible",
		.part_of = "privileged",
		.references = references,
		.check = check_masked,
		.fix = fix_masked,
	},
	{
		.id = "readonly-paths",
		.summary = "files of the kernel that control the host are "
			   "read-only",
		.why = "writing there changes the host: its sysctls, "
		       "interrupts, a reboot",
		.remedy = "leave the engine's read-only paths on (no "
			  "systempaths=unconfined, procMount: Default)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_COVERS | GARITA_PART_LINUX,
		.writes = GARITA_PART_COVERS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "paths that may stay writable",
		.part_of = "privileged",
		.references = references,
		.check = check_readonly,
		.fix = fix_readonly,
	},
	{ .id = NULL },
};
