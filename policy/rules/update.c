/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - new limits for a running container: other ones, not none.
 *
 * The config that is judged has the new limits in the place of the old. What
 * an update does not speak of stays as it was.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"

/* A limit of the config, the file of cgroup v2 that it becomes, and the
 * greatest number that means "no limit". */
static const struct {
	char pointer[32], file[16];
	int64_t none;
} limits[] = {
	{ "/linux/resources/pids/limit", "pids.max", 0 },
	{ "/linux/resources/memory/limit", "memory.max", -1 },
	{ "/linux/resources/memory/swap", "memory.swap.max", -1 },
	{ "/linux/resources/cpu/quota", "cpu.max", -1 },
};

static const char unified[] = "/linux/resources/unified";

static bool has_limit(const struct garita_spec *spec, size_t i, int64_t *ret)
{
	return garita_json_i64(garita_json_at(spec->root, limits[i].pointer),
			       ret) == 0;
}

/* The kernel looks past white space: " max" is none either. */
static bool is_limit(const char *text)
{
	return garita_is_digit(text[strspn(text, " \t\n\v\f\r")]);
}

/* Did the container have it, as a number or as a file's text? */
static bool was_limited(const struct garita_spec *container, size_t i)
{
	const char *text = garita_json_string(garita_json_get(
		garita_json_at(container->root, unified), limits[i].file));
	int64_t number;

	if (text != NULL)
		return is_limit(text);
	return has_limit(container, i, &number) && number > limits[i].none;
}

static void check_limit(const struct garita_case *of, size_t i,
			struct garita_report *out)
{
	const char *text = garita_json_string(garita_json_get(
		garita_json_at(of->spec->root, unified), limits[i].file));
	int64_t number;

	if (!was_limited(of->container, i))
		return;
	if (has_limit(of->spec, i, &number) && number <= limits[i].none)
		garita_report(out, limits[i].pointer,
			      "a limit, as the container was started with",
			      "%lld, which is no limit", (long long)number);
	if (text != NULL && !is_limit(text)) {
		auto_text pointer = { 0 };

		garita_text_puts(&pointer, unified);
		garita_json_pointer_add(&pointer, limits[i].file);
		garita_report(out, pointer.data,
			      "a limit, as the container was started with",
			      "\"%s\", which is no limit", text);
	}
}

static void check_update(const struct garita_case *of,
			 struct garita_report *out)
{
	static const char pointer[] =
		"/linux/resources/memory/disableOOMKiller";

	for (size_t i = 0; i < GARITA_COUNT(limits); i++)
		check_limit(of, i, out);
	if (garita_json_bool(garita_json_at(of->spec->root, pointer)) &&
	    !garita_json_bool(garita_json_at(of->container->root, pointer)))
		garita_report(out, pointer, "false, as in the container",
			      "true");
}

static const char references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.11, 5.29",
	"NIST SP 800-190: 4.4.3",
	"",
};

const struct garita_rule garita_rules_update[] = {
	{
		.id = "update-resources",
		.summary = "an update takes no limit away",
		.why = "a container without the limits it was admitted with "
		       "can take the memory or processes of all others",
		.remedy = "update to another limit, or start the container "
			  "anew without one",
		.scope = GARITA_SCOPE_UPDATE,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = references,
		.check = check_update,
	},
	{ .id = NULL },
};
