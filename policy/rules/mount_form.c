/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_form - how things are mounted: flags, propagation, type, and where
 * they land. What is mounted is judged in mounts.c and volumes.c.
 */
#include "policy/rules/families.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/policy.h"
#include "policy/report.h"
#include "policy/rules/mount_option.h"
#include "policy/rules/shapes.h"
#include "policy/rules/sources.h"

static bool is_one(const char *word, const struct garita_option_words *words)
{
	for (size_t i = 0; word != NULL && i < words->count; i++)
		if (strcmp(word, words->list[i]) == 0)
			return true;
	return false;
}

static bool is_none_of(const char *key, const struct garita_json *value,
		       const void *data)
{
	(void)key;
	return !is_one(garita_json_string(value), data);
}

void garita_mount_set_option(struct garita_json_doc *config, size_t i,
			     const struct garita_option_words *off,
			     const char *on)
{
	struct garita_json *node = garita_json_item(
		garita_json_get(garita_json_root(config), "mounts"), i);
	struct garita_json *options =
		garita_json_make_array(config, node, "options");

	garita_json_filter(config, options, is_none_of, off);
	garita_json_append(config, options, garita_json_new_string(config, on));
}

/* ---- propagation ---- */

static const char *const shared_words[] = { "shared", "rshared" };
static const char *const slave_words[] = { "slave", "rslave" };
static const struct garita_option_words shared = { shared_words,
						   GARITA_COUNT(shared_words) };
static const struct garita_option_words slave = { slave_words,
						  GARITA_COUNT(slave_words) };

static const char *option_of(const struct garita_mount *mount,
			     const struct garita_option_words *words)
{
	for (size_t i = 0; i < garita_json_count(mount->options); i++) {
		const char *word =
			garita_json_string(garita_json_item(mount->options, i));

		if (is_one(word, words))
			return word;
	}
	return NULL;
}

static void check_propagation(const struct garita_case *of,
			      struct garita_report *out)
{
	static const char wanted[] = "private mounts (rprivate)";
	const char *root = garita_json_string(
		garita_json_at(of->spec->root, "/linux/rootfsPropagation"));

	if (is_one(root, &shared))
		garita_report(out, "/linux/rootfsPropagation", wanted,
			      "%s: mounts made in the container appear on the "
			      "host",
			      root);
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *bad = option_of(mount, &shared);
		const char *odd = option_of(mount, &slave);
		auto_text at = { 0 };

		if (bad == NULL && (odd == NULL || !mount->bind))
			continue;
		garita_text_printf(&at, "/mounts/%zu/options", i);
		if (bad != NULL)
			garita_report(out, at.data, wanted,
				      "%s: mounts made below %s in the "
				      "container appear on the host",
				      bad, mount->clean);
		else
			garita_report_warning(out, at.data, wanted,
					      "%s: what the host mounts later "
					      "below it appears in %s",
					      odd, mount->clean);
	}
}

static int fix_propagation(const struct garita_case *of,
			   struct garita_json_doc *config,
			   struct garita_error *err)
{
	struct garita_json *os =
		garita_json_get(garita_json_root(config), "linux");

	(void)err;
	if (is_one(garita_json_string(garita_json_get(os, "rootfsPropagation")),
		   &shared))
		garita_json_put_string(config, os, "rootfsPropagation",
				       "rprivate");
	for (size_t i = 0; i < of->spec->mount_count; i++)
		if (option_of(&of->spec->mounts[i], &shared) != NULL)
			garita_mount_set_option(config, i, &shared, "rprivate");
	return 0;
}

/* ---- flags ---- */

enum { NOSUID, NODEV, NOEXEC, FLAGS };

static const struct {
	const char *on, *off;
} flags[FLAGS] = {
	[NOSUID] = { "nosuid", "suid" },
	[NODEV] = { "nodev", "dev" },
	[NOEXEC] = { "noexec", "exec" },
};

/* A bind of a device, or of the engine's own file, needs no flags: "nodev"
 * would break the one, and nobody can put a program in the other. */
static bool is_plain_bind(const struct garita_case *of,
			  const struct garita_mount *mount)
{
	const struct garita_path_fact *fact =
		mount->source ? garita_host_path(of->host, mount->source)
			      : NULL;
	const char *path = NULL;

	if (fact != NULL && fact->failure == 0 && !S_ISDIR(fact->mode) &&
	    !S_ISREG(fact->mode))
		return false;
	path = garita_source_real(of, mount);
	if (path == NULL || garita_path_within(path, "/dev"))
		return false;
	switch (garita_source_shape(of, mount).kind) {
	case GARITA_SHAPE_FILE:
	case GARITA_SHAPE_SHM:
	case GARITA_SHAPE_SECRET:
	case GARITA_SHAPE_COMMON:
		return false;
	case GARITA_SHAPE_POD: /* its etc-hosts is a single file */
		return fact == NULL || !S_ISREG(fact->mode);
	case GARITA_SHAPE_NONE:
	case GARITA_SHAPE_VOLUME:
		break;
	}
	return true;
}

/* Bits of the flags that a mount lacks. /dev holds devices; programs are run
 * from a tmpfs on /tmp or /run by some images, from /dev/shm by none. */
static unsigned missing_flags(const struct garita_case *of,
			      const struct garita_mount *mount)
{
	unsigned wanted = 0;

	if ((mount->bind && !mount->read_only && is_plain_bind(of, mount)) ||
	    (garita_shape_is(mount, "tmpfs") &&
	     strcmp(mount->clean, "/dev") != 0))
		wanted = 1 << NOSUID | 1 << NODEV;
	if (garita_shape_is(mount, "tmpfs") &&
	    strcmp(mount->clean, "/dev/shm") == 0)
		wanted |= 1 << NOEXEC;
	for (unsigned flag = 0; flag < FLAGS; flag++)
		if ((wanted & 1U << flag) &&
		    garita_mount_keeps(mount, flags[flag].on, flags[flag].off))
			wanted &= ~(1U << flag);
	return wanted;
}

static void check_flags(const struct garita_case *of, struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		unsigned missing = missing_flags(of, mount);
		auto_text at = { 0 }, words = { 0 };

		if (missing == 0)
			continue;
		for (unsigned flag = 0; flag < FLAGS; flag++)
			if (missing & 1U << flag)
				garita_text_printf(&words, "%s%s",
						   words.len ? ", " : "",
						   flags[flag].on);
		garita_text_printf(&at, "/mounts/%zu/options", i);
		garita_report(out, at.data,
			      "nosuid and nodev where files are "
			      "written, noexec on /dev/shm",
			      "%s without %s", mount->clean, words.data);
	}
}

static int fix_flags(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		unsigned missing = missing_flags(of, &of->spec->mounts[i]);

		for (unsigned flag = 0; flag < FLAGS; flag++) {
			const struct garita_option_words off = {
				&flags[flag].off, 1
			};

			if (missing & 1U << flag)
				garita_mount_set_option(config, i, &off,
							flags[flag].on);
		}
	}
	return 0;
}

/* ---- the rules ---- */

static const char propagation_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.20",
	"mount_namespaces(7)",
	"",
};
static const char flags_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.6",
	"mount(8)",
	"",
};

const struct garita_rule garita_rules_mount_form[] = {
	{
		.id = "mount-propagation",
		.summary = "mounts do not spread between container and host",
		.why = "through a shared mount a container puts its own files "
		       "over the host's",
		.remedy = "mount without :rshared (mountPropagation: None)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS | GARITA_PART_LINUX,
		.writes = GARITA_PART_MOUNTS | GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = propagation_references,
		.check = check_propagation,
		.fix = fix_propagation,
	},
	{
		.id = "mount-flags",
		.summary = "where files are written, no setuid program and no "
			   "device counts",
		.why = "a program or device that one container leaves in a "
		       "volume works with its powers in the next",
		.remedy = "mount with nosuid,nodev, and /dev/shm with noexec",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_LINUX,
		.writes = GARITA_PART_MOUNTS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = flags_references,
		.check = check_flags,
		.fix = fix_flags,
	},
	{ .id = NULL },
};
