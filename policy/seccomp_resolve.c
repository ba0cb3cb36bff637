/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_resolve - the engines' form of a profile for one container.
 *
 * moby and containers/common write what the runtime-spec has not: rules for
 * whoever has (includes) or has not (excludes) a capability, an architecture or
 * a kernel, sub-architectures by architecture (archMap), an errno by its name.
 * Engines decide all that before they write config.json; so does this.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/seccomp_profile.h"

/* Names that the engines give a machine: libseccomp's. */
static const char *short_arch(const char *machine)
{
	static const struct {
		const char *machine, *name;
	} names[] = {
		{ "x86_64", "amd64" },    { "aarch64", "arm64" },
		{ "riscv64", "riscv64" }, { "s390x", "s390x" },
		{ "ppc64le", "ppc64le" }, { "armv6l", "arm" },
		{ "armv7l", "arm" },
	};

	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		if (strcmp(names[i].machine, machine) == 0)
			return names[i].name;
	}
	return "";
}

/* A list of capabilities or architectures, as counts of what is there. */
struct tally {
	size_t met, missed;
};

static int tally(const struct garita_json *list,
		 const struct garita_seccomp_target *target, bool caps,
		 struct tally *ret, struct garita_error *err)
{
	struct tally count = { 0 };

	if (!garita_json_absent(list) &&
	    garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "seccomp: %s is no array",
				   caps ? "caps" : "arches");
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *name =
			garita_json_string(garita_json_item(list, i));
		int cap = name && caps ? garita_cap_number(name) : -1;
		bool met;

		if (!name || (caps && cap < 0))
			return garita_fail(err, EINVAL,
					   "seccomp: unknown capability %s",
					   name ? name : "(none)");
		met = caps ? (target->bounding & GARITA_CAP(cap)) != 0
			   : strcmp(name, short_arch(target->machine)) == 0;
		if (met)
			count.met++;
		else
			count.missed++;
	}
	*ret = count;
	return 0;
}

/* "4.8"; a kernel that is not known is older than any. */
static int has_kernel(const char *text,
		      const struct garita_seccomp_target *target, bool *ret,
		      struct garita_error *err)
{
	const char *dot = strchr(text, '.');
	auto_free char *first = NULL;
	uint32_t major, minor;

	if (dot)
		first = garita_xstrndup(text, (size_t)(dot - text));
	if (!dot || garita_parse_u32(first, 0, 9999, &major) < 0 ||
	    garita_parse_u32(dot + 1, 0, 9999, &minor) < 0)
		return garita_fail(err, EINVAL,
				   "seccomp: minKernel \"%s\" is no version",
				   text);
	*ret = target->kernel_major != major ? target->kernel_major > major
					     : target->kernel_minor >= minor;
	return 0;
}

/* Includes ask for every capability and for one of the architectures;
 * excludes are met by any one. */
static int meets(const struct garita_json *filter, bool excludes,
		 const struct garita_seccomp_target *target, bool *ret,
		 struct garita_error *err)
{
	const struct garita_json *kernel = garita_json_get(filter, "minKernel");
	const char *version = garita_json_string(kernel);
	struct tally caps = { 0 }, arches = { 0 };
	bool since = !excludes;
	int rc;

	if (!garita_json_absent(filter) &&
	    garita_json_type(filter) != GARITA_JSON_OBJECT)
		return garita_fail(
			err, EINVAL,
			"seccomp: includes or excludes is no object");
	rc = tally(garita_json_get(filter, "caps"), target, true, &caps, err);
	if (rc == 0)
		rc = tally(garita_json_get(filter, "arches"), target, false,
			   &arches, err);
	if (rc == 0 && version && *version)
		rc = has_kernel(version, target, &since, err);
	if (rc < 0)
		return rc;
	if (!garita_json_absent(kernel) && !version)
		return garita_fail(err, EINVAL,
				   "seccomp: minKernel is no string");
	if (excludes)
		*ret = caps.met > 0 || arches.met > 0 || since;
	else
		*ret = caps.missed == 0 && since &&
		       (arches.met > 0 || arches.missed == 0);
	return 0;
}

static struct garita_json *copy(struct garita_json_doc *doc,
				const struct garita_json *node)
{
	struct garita_json *made;

	switch (garita_json_type(node)) {
	case GARITA_JSON_OBJECT:
		made = garita_json_new_object(doc);
		for (size_t i = 0; i < garita_json_count(node); i++)
			garita_json_put(doc, made, garita_json_key(node, i),
					copy(doc, garita_json_item(node, i)));
		return made;
	case GARITA_JSON_ARRAY:
		made = garita_json_new_array(doc);
		for (size_t i = 0; i < garita_json_count(node); i++)
			garita_json_append(
				doc, made,
				copy(doc, garita_json_item(node, i)));
		return made;
	case GARITA_JSON_STRING:
		return garita_json_new_string(doc, garita_json_string(node));
	case GARITA_JSON_BOOL:
		return garita_json_new_bool(doc, garita_json_bool(node));
	case GARITA_JSON_NUMBER:
	case GARITA_JSON_NULL:
		break; /* nothing that is copied may be one */
	}
	return garita_json_new_string(doc, "");
}

static void put_copy(struct garita_json_doc *doc, struct garita_json *into,
		     const struct garita_json *from, const char *key)
{
	const struct garita_json *node = garita_json_get(from, key);

	if (!garita_json_absent(node))
		garita_json_put(doc, into, key, copy(doc, node));
}

/* A number, or the same by its name; when both are there they must agree. */
static int put_errno(struct garita_json_doc *doc, struct garita_json *into,
		     const struct garita_json *from, const char *key,
		     const char *name_key, struct garita_error *err)
{
	const struct garita_json *node = garita_json_get(from, key);
	const char *name = garita_json_string(garita_json_get(from, name_key));
	const char *known;
	uint64_t number;

	if (garita_json_absent(node)) {
		if (!name || !*name)
			return 0;
		for (number = 1; number < 256; number++) {
			known = garita_seccomp_errno_name((uint32_t)number);
			if (known && strcmp(known, name) == 0)
				break;
		}
		if (number == 256)
			return garita_fail(err, EINVAL,
					   "seccomp: unknown errno %s", name);
	} else if (garita_json_u64(node, &number) < 0 || number > UINT16_MAX) {
		return garita_fail(err, EINVAL, "seccomp: %s is no errno", key);
	}
	known = garita_seccomp_errno_name((uint32_t)number);
	if (name && known && strcmp(name, known) != 0)
		return garita_fail(err, EINVAL, "seccomp: %s and %s differ",
				   key, name_key);
	garita_json_put_u64(doc, into, key, number);
	return 0;
}

static int put_args(struct garita_json_doc *doc, struct garita_json *into,
		    const struct garita_json *args, struct garita_error *err)
{
	static const char *const numbers[] = { "index", "value", "valueTwo" };
	struct garita_json *list;

	if (!garita_json_absent(args) &&
	    garita_json_type(args) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "seccomp: args is no array");
	if (garita_json_count(args) == 0)
		return 0;
	list = garita_json_new_array(doc);
	for (size_t i = 0; i < garita_json_count(args); i++) {
		const struct garita_json *arg = garita_json_item(args, i);
		struct garita_json *made = garita_json_new_object(doc);

		for (size_t n = 0; n < GARITA_COUNT(numbers); n++) {
			const struct garita_json *node =
				garita_json_get(arg, numbers[n]);
			uint64_t value;

			if (garita_json_absent(node))
				continue;
			if (garita_json_u64(node, &value) < 0)
				return garita_fail(err, EINVAL,
						   "seccomp: %s is no number",
						   numbers[n]);
			garita_json_put_u64(doc, made, numbers[n], value);
		}
		put_copy(doc, made, arg, "op");
		garita_json_append(doc, list, made);
	}
	garita_json_put(doc, into, "args", list);
	return 0;
}

static int put_rule(struct garita_json_doc *doc, struct garita_json *rules,
		    const struct garita_json *rule,
		    const struct garita_seccomp_target *target,
		    struct garita_error *err)
{
	const char *old = garita_json_string(garita_json_get(rule, "name"));
	struct garita_json *made = garita_json_new_object(doc);
	bool included = false, excluded = false;
	int rc = meets(garita_json_get(rule, "includes"), false, target,
		       &included, err);

	if (rc == 0)
		rc = meets(garita_json_get(rule, "excludes"), true, target,
			   &excluded, err);
	if (rc < 0 || !included || excluded)
		return rc;
	put_copy(doc, made, rule, "names");
	if (old && *old) { /* one name, before there were lists */
		struct garita_json *names = garita_json_new_array(doc);

		if (garita_json_count(garita_json_get(rule, "names")))
			return garita_fail(
				err, EINVAL,
				"seccomp: a rule with name and names");
		garita_json_append(doc, names,
				   garita_json_new_string(doc, old));
		garita_json_put(doc, made, "names", names);
	}
	put_copy(doc, made, rule, "action");
	rc = put_errno(doc, made, rule, "errnoRet", "errno", err);
	if (rc == 0)
		rc = put_args(doc, made, garita_json_get(rule, "args"), err);
	if (rc == 0)
		garita_json_append(doc, rules, made);
	return rc;
}

static void put_arches(struct garita_json_doc *doc, struct garita_json *into,
		       const struct garita_json *profile, const char *native)
{
	const struct garita_json *map = garita_json_get(profile, "archMap");

	put_copy(doc, into, profile, "architectures");
	for (size_t i = 0; i < garita_json_count(map); i++) {
		const struct garita_json *row = garita_json_item(map, i);
		const char *arch = garita_json_string(
			garita_json_get(row, "architecture"));
		const struct garita_json *sub =
			garita_json_get(row, "subArchitectures");
		struct garita_json *list;

		if (!arch || strcmp(arch, native) != 0)
			continue;
		list = garita_json_new_array(doc);
		garita_json_append(doc, list,
				   garita_json_new_string(doc, arch));
		for (size_t n = 0; n < garita_json_count(sub); n++)
			garita_json_append(doc, list,
					   copy(doc, garita_json_item(sub, n)));
		garita_json_put(doc, into, "architectures", list);
	}
}

int garita_seccomp_resolve(struct garita_json_doc *doc,
			   const struct garita_json *profile,
			   const struct garita_seccomp_target *target,
			   struct garita_json **ret, struct garita_error *err)
{
	const struct garita_json *rules = garita_json_get(profile, "syscalls");
	const char *native = garita_seccomp_arch(target->machine);
	struct garita_json *made = garita_json_new_object(doc);
	struct garita_json *list = garita_json_new_array(doc);
	int rc;

	if (garita_json_type(profile) != GARITA_JSON_OBJECT ||
	    !garita_json_string(garita_json_get(profile, "defaultAction")))
		return garita_fail(err, EINVAL,
				   "no seccomp profile: no defaultAction");
	if (!native)
		return garita_fail(err, ENOTSUP,
				   "seccomp: unknown machine \"%s\"",
				   target->machine ? target->machine : "");
	if (!garita_json_absent(rules) &&
	    garita_json_type(rules) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL,
				   "seccomp: syscalls is no array");
	put_copy(doc, made, profile, "defaultAction");
	rc = put_errno(doc, made, profile, "defaultErrnoRet", "defaultErrno",
		       err);
	if (rc < 0)
		return rc;
	put_arches(doc, made, profile, native);
	put_copy(doc, made, profile, "flags");
	put_copy(doc, made, profile, "listenerPath");
	put_copy(doc, made, profile, "listenerMetadata");
	for (size_t i = 0; rc == 0 && i < garita_json_count(rules); i++)
		rc = put_rule(doc, list, garita_json_item(rules, i), target,
			      err);
	if (rc < 0)
		return rc;
	garita_json_put(doc, made, "syscalls", list);
	*ret = made;
	return 0;
}
