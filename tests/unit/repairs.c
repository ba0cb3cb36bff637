/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * repairs - two configs side by side: the one that was judged, and what a
 * repair has made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cases.h"
#include "tests/unit/repairs.h"

static struct garita_json *at(struct garita_json_doc *doc, const char *pointer)
{
	return garita_json_at(garita_json_root(doc), pointer);
}

static bool has_item(const struct garita_json *array,
		     const struct garita_json *item)
{
	for (size_t i = 0; i < garita_json_count(array); i++)
		if (garita_json_equal(garita_json_item(array, i), item))
			return true;
	return false;
}

/* Every item of the one array is in the other. */
static void check_within(const char *name, const char *pointer,
			 struct garita_json_doc *less,
			 struct garita_json_doc *more)
{
	const struct garita_json *items = at(less, pointer);

	for (size_t i = 0; i < garita_json_count(items); i++)
		if (!has_item(at(more, pointer), garita_json_item(items, i)))
			fail_msg("%s: %s/%zu is on one side only", name,
				 pointer, i);
}

static bool mount_has(const struct garita_json *mount, const char *word)
{
	const struct garita_json *options = garita_json_get(mount, "options");

	for (size_t i = 0; i < garita_json_count(options); i++)
		if (strcmp(garita_json_string(garita_json_item(options, i)),
			   word) == 0)
			return true;
	return false;
}

static bool is_word(const char *const *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Every word of the one mount that the other lacks is one of the list. */
static bool lacks_only(const struct garita_json *one,
		       const struct garita_json *other, const char *const *list,
		       size_t count)
{
	const struct garita_json *options = garita_json_get(one, "options");

	for (size_t i = 0; i < garita_json_count(options); i++) {
		const char *word =
			garita_json_string(garita_json_item(options, i));

		if (!mount_has(other, word) && !is_word(list, count, word))
			return false;
	}
	return true;
}

/* The same mount, perhaps with less that can be done through it now. */
static bool same_mount(const struct garita_json *before,
		       const struct garita_json *after)
{
	static const char *const members[] = { "destination", "type", "source",
					       "uidMappings", "gidMappings" };
	static const char *const less[] = { "ro", "nosuid", "nodev", "noexec",
					    "rprivate" };
	static const char *const more[] = { "rw",   "suid",   "dev",
					    "exec", "shared", "rshared" };

	if (garita_json_equal(before, after))
		return true;
	for (size_t i = 0; i < GARITA_COUNT(members); i++) {
		const struct garita_json *a =
			garita_json_get(before, members[i]);
		const struct garita_json *b =
			garita_json_get(after, members[i]);

		if ((a == NULL) != (b == NULL) ||
		    (a != NULL && !garita_json_equal(a, b)))
			return false;
	}
	return lacks_only(after, before, less, GARITA_COUNT(less)) &&
	       lacks_only(before, after, more, GARITA_COUNT(more));
}

/* In their order, some perhaps gone, none new. */
static void check_mounts(const char *name, struct garita_json_doc *before,
			 struct garita_json_doc *after)
{
	const struct garita_json *old = at(before, "/mounts");
	const struct garita_json *new = at(after, "/mounts");
	size_t from = 0;

	for (size_t i = 0; i < garita_json_count(new); i++) {
		while (from < garita_json_count(old) &&
		       !same_mount(garita_json_item(old, from),
				   garita_json_item(new, i)))
			from++;
		if (from++ >= garita_json_count(old))
			fail_msg("%s: mount %zu is new", name, i);
	}
}

/* None is gone; one that joined another may be a new one now. */
static void check_namespaces(const char *name, struct garita_json_doc *before,
			     struct garita_json_doc *after)
{
	auto_spec old = { 0 }, new = { 0 };

	assert_int_equal(garita_spec_read(before, &old, NULL), 0);
	assert_int_equal(garita_spec_read(after, &new, NULL), 0);
	for (enum garita_namespace_type t = 0; t < GARITA_NS_TYPES; t++) {
		const struct garita_namespace *was = &old.namespaces[t];
		const struct garita_namespace *is = &new.namespaces[t];

		if (was->present && !is->present)
			fail_msg("%s: the %s namespace is gone", name,
				 garita_namespace_name(t));
		if (is->path != NULL &&
		    (was->path == NULL || strcmp(was->path, is->path) != 0))
			fail_msg("%s: the %s namespace joins another", name,
				 garita_namespace_name(t));
	}
	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		if (new.caps[set] & ~old.caps[set])
			fail_msg("%s: set %zu has a new capability", name, set);
}

/* The same device rule, perhaps without the making of nodes. */
static bool same_device_rule(const struct garita_json *before,
			     const struct garita_json *after)
{
	static const char *const members[] = { "allow", "type", "major",
					       "minor" };
	const char *access =
		garita_json_string(garita_json_get(after, "access"));
	const char *had = garita_json_string(garita_json_get(before, "access"));

	if (garita_json_equal(before, after))
		return true;
	for (size_t i = 0; i < GARITA_COUNT(members); i++) {
		const struct garita_json *a =
			garita_json_get(before, members[i]);
		const struct garita_json *b =
			garita_json_get(after, members[i]);

		if ((a == NULL) != (b == NULL) ||
		    (a != NULL && !garita_json_equal(a, b)))
			return false;
	}
	return access != NULL &&
	       strspn(access, had ? had : "rwm") == strlen(access);
}

/* No device rule allows anything that none allowed before. */
static void check_device_rules(const char *name, struct garita_json_doc *before,
			       struct garita_json_doc *after)
{
	static const char pointer[] = "/linux/resources/devices";
	const struct garita_json *old = at(before, pointer);
	const struct garita_json *rules = at(after, pointer);

	for (size_t i = 0; i < garita_json_count(rules); i++) {
		const struct garita_json *rule = garita_json_item(rules, i);
		bool found = !garita_json_bool(garita_json_get(rule, "allow"));

		for (size_t n = 0; n < garita_json_count(old) && !found; n++)
			found = same_device_rule(garita_json_item(old, n),
						 rule);
		if (!found)
			fail_msg("%s: device rule %zu is new", name, i);
	}
}

static void check_hooks(const char *name, struct garita_json_doc *before,
			struct garita_json_doc *after)
{
	for (enum garita_hook_stage s = 0; s < GARITA_HOOK_STAGES; s++) {
		auto_text pointer = { 0 };

		garita_text_printf(&pointer, "/hooks/%s",
				   garita_hook_stage_name(s));
		check_within(name, pointer.data, after, before);
	}
}

/* Nothing new in objects of which a repair may only remove members. */
static void check_members(const char *name, struct garita_json_doc *before,
			  struct garita_json_doc *after)
{
	static const char *const objects[] = {
		"/annotations",
		"/vm",
		"/process/scheduler",
		"/process/ioPriority",
		"/process/execCPUAffinity",
		"/linux/sysctl",
		"/linux/netDevices",
		"/linux/personality",
		"/linux/intelRdt",
		"/linux/memoryPolicy",
		"/linux/resources/unified",
	};

	for (size_t n = 0; n < GARITA_COUNT(objects); n++) {
		const struct garita_json *is = at(after, objects[n]);

		for (size_t i = 0; i < garita_json_count(is); i++) {
			const char *key = garita_json_key(is, i);
			const struct garita_json *old =
				garita_json_get(at(before, objects[n]), key);

			if (old == NULL ||
			    !garita_json_equal(old, garita_json_item(is, i)))
				fail_msg("%s: %s has a new %s", name,
					 objects[n], key);
		}
	}
}

static int64_t number(struct garita_json_doc *doc, const char *pointer,
		      int64_t otherwise)
{
	int64_t value = otherwise;

	(void)garita_json_i64(at(doc, pointer), &value);
	return value;
}

static uint64_t natural(const struct garita_json *object, const char *key)
{
	uint64_t value = 0; /* which is also what an absent one means */

	(void)garita_json_u64(garita_json_get(object, key), &value);
	return value;
}

/* Every limit is one that was there, and not higher. */
static void check_limits(const char *name, struct garita_json_doc *before,
			 struct garita_json_doc *after)
{
	const struct garita_json *old = at(before, "/process/rlimits");
	const struct garita_json *new = at(after, "/process/rlimits");
	int64_t pids = number(before, "/linux/resources/pids/limit", 0);

	for (size_t i = 0; i < garita_json_count(new); i++) {
		const struct garita_json *limit = garita_json_item(new, i);
		bool found = false;

		for (size_t n = 0; n < garita_json_count(old); n++) {
			const struct garita_json *was =
				garita_json_item(old, n);

			found = found ||
				(garita_json_equal(
					 garita_json_get(was, "type"),
					 garita_json_get(limit, "type")) &&
				 natural(limit, "hard") <=
					 natural(was, "hard") &&
				 natural(limit, "soft") <=
					 natural(was, "soft"));
		}
		if (!found)
			fail_msg("%s: rlimit %zu is new", name, i);
	}
	if (pids > 0 &&
	    number(after, "/linux/resources/pids/limit", INT64_MAX) > pids)
		fail_msg("%s: more processes than before", name);
	if (number(after, "/process/oomScoreAdj", 0) <
	    number(before, "/process/oomScoreAdj", 0))
		fail_msg("%s: harder to kill than before", name);
}

/* No variable is new but the PATH, and no bit of the umask is gone. */
static void check_process(const char *name, struct garita_json_doc *before,
			  struct garita_json_doc *after)
{
	const struct garita_json *env = at(after, "/process/env");
	uint64_t was = 022, is = 022;

	for (size_t i = 0; i < garita_json_count(env); i++) {
		const struct garita_json *entry = garita_json_item(env, i);

		if (!garita_starts_with(garita_json_string(entry), "PATH=/") &&
		    !has_item(at(before, "/process/env"), entry))
			fail_msg("%s: variable %zu is new", name, i);
	}
	check_within(name, "/process/user/additionalGids", after, before);
	garita_json_u64(at(before, "/process/user/umask"), &was);
	garita_json_u64(at(after, "/process/user/umask"), &is);
	if (was & ~is)
		fail_msg("%s: the umask lets more through", name);
}

/* Everything but the members that some repair is about. */
static char *untouched(const char *text, size_t len)
{
	static const char *const members[] = {
		"/process/capabilities",
		"/process/noNewPrivileges",
		"/process/cwd",
		"/root/readonly",
		"/process/env",
		"/process/user/umask",
		"/process/user/additionalGids",
		"/linux/seccomp",
		"/linux/rootfsPropagation",
		"/linux/timeOffsets",
		"/linux/namespaces",
		"/linux/maskedPaths",
		"/linux/readonlyPaths",
		"/linux/devices",
		"/linux/resources/devices",
		"/mounts",
		"/hooks",
		"/annotations",
		"/vm",
		"/process/rlimits",
		"/process/oomScoreAdj",
		"/process/scheduler",
		"/process/ioPriority",
		"/process/execCPUAffinity",
		"/linux/sysctl",
		"/linux/netDevices",
		"/linux/personality",
		"/linux/intelRdt",
		"/linux/memoryPolicy",
		"/linux/resources/pids",
		"/linux/resources/unified",
	};
	auto_json struct garita_json_doc *doc = NULL;
	auto_text left = { 0 };

	assert_int_equal(garita_config_parse(text, len, &doc, NULL), 0);
	/* Containers of what a repair may add. */
	garita_json_make_object(doc, "/linux/resources");
	for (size_t i = 0; i < GARITA_COUNT(members); i++)
		cases_remove(garita_json_root(doc), members[i]);
	garita_json_print(garita_json_root(doc), &left);
	return garita_text_take(&left);
}

void repairs_check(const char *name, const char *before, size_t len,
		   struct garita_json_doc *after)
{
	auto_json struct garita_json_doc *old = NULL;
	auto_text text = { 0 };
	auto_free char *was = untouched(before, len);
	auto_free char *is = NULL;

	assert_int_equal(garita_config_parse(before, len, &old, NULL), 0);
	garita_json_print(garita_json_root(after), &text);
	is = untouched(text.data, text.len);
	if (strcmp(was, is) != 0)
		fail_msg("%s: a repair touched\n%s\n%s", name, was, is);
	check_namespaces(name, old, after);
	check_mounts(name, old, after);
	check_within(name, "/linux/devices", after, old);
	check_within(name, "/linux/maskedPaths", old, after);
	check_within(name, "/linux/readonlyPaths", old, after);
	check_device_rules(name, old, after);
	check_hooks(name, old, after);
	check_process(name, old, after);
	check_members(name, old, after);
	check_limits(name, old, after);
	if (garita_json_bool(at(old, "/process/noNewPrivileges")) &&
	    !garita_json_bool(at(after, "/process/noNewPrivileges")))
		fail_msg("%s: privileges can be gained again", name);
	if (garita_json_bool(at(old, "/root/readonly")) &&
	    !garita_json_bool(at(after, "/root/readonly")))
		fail_msg("%s: the root can be written to", name);
	if (at(after, "/linux/timeOffsets") != NULL &&
	    at(old, "/linux/timeOffsets") == NULL)
		fail_msg("%s: clocks are moved", name);
	if (at(after, "/linux/rootfsPropagation") != NULL &&
	    strcmp(garita_json_string(at(after, "/linux/rootfsPropagation")),
		   "rprivate") != 0 &&
	    !garita_json_equal(at(after, "/linux/rootfsPropagation"),
			       at(old, "/linux/rootfsPropagation")))
		fail_msg("%s: mounts spread", name);
	if (at(old, "/linux/seccomp") != NULL &&
	    at(after, "/linux/seccomp") == NULL)
		fail_msg("%s: the seccomp profile is gone", name);
}
