/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cases_facts - the facts of a case: what hook/ would have found on a host
 * and in an engine's store, written down as JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/cases.h"

#define RULES_DIR GARITA_SRC_DIR "/tests/rules/"

static uint64_t natural(const struct garita_json *node, uint64_t otherwise)
{
	uint64_t value = otherwise;

	if (node != NULL && garita_json_u64(node, &value) < 0)
		fail_msg("a fact is no natural number");
	return value;
}

static mode_t octal(const char *text, mode_t otherwise)
{
	mode_t mode = 0;

	for (; text && *text; text++) {
		if (*text < '0' || *text > '7')
			fail_msg("\"%s\" is no octal mode", text);
		mode = mode * 8 + (mode_t)(*text - '0');
		otherwise = mode;
	}
	return otherwise;
}

static int failure_of(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} failures[] = { { "ENOENT", ENOENT },
			 { "EACCES", EACCES },
			 { "ELOOP", ELOOP } };

	for (size_t i = 0; i < GARITA_COUNT(failures); i++)
		if (strcmp(failures[i].name, name) == 0)
			return failures[i].number;
	fail_msg("no such failure: %s", name);
	return -1;
}

/* {"type": ..., "real": ..., "device": ..., "inode": ..., "uid": ...,
 *  "mode": ..., "cgroup": ..., "failure": ..., "major": ..., "minor": ...} */
static void add_fact(struct garita_host *host, const char *path,
		     const struct garita_json *of)
{
	static const struct {
		const char *name;
		mode_t format, usual;
	} types[] = {
		{ "file", S_IFREG, 0644 },    { "dir", S_IFDIR, 0755 },
		{ "socket", S_IFSOCK, 0660 }, { "device", S_IFCHR, 0666 },
		{ "block", S_IFBLK, 0660 },
	};
	const char *type = garita_json_string(garita_json_get(of, "type"));
	const char *failure =
		garita_json_string(garita_json_get(of, "failure"));
	const char *mode = garita_json_string(garita_json_get(of, "mode"));
	const char *real = garita_json_string(garita_json_get(of, "real"));
	const char *cgroup = garita_json_string(garita_json_get(of, "cgroup"));
	struct garita_path_fact fact = { 0 };
	bool known = false;

	if (failure != NULL || (type && strcmp(type, "absent") == 0)) {
		fact.failure = failure ? failure_of(failure) : ENOENT;
		cases_add_path(host, path, &fact);
		return;
	}
	for (size_t i = 0; type && i < GARITA_COUNT(types); i++) {
		if (strcmp(types[i].name, type) != 0)
			continue;
		fact.mode = types[i].format | octal(mode, types[i].usual);
		known = true;
	}
	if (!known)
		fail_msg("%s: a fact needs a type", path);
	fact.device = natural(garita_json_get(of, "device"), 99);
	/* Files that are not said to be one are different files. */
	fact.inode = natural(garita_json_get(of, "inode"),
			     900000 + host->path_count);
	fact.uid = (uid_t)natural(garita_json_get(of, "uid"), 0);
	fact.major = (int64_t)natural(garita_json_get(of, "major"), 0);
	fact.minor = (int64_t)natural(garita_json_get(of, "minor"), 0);
	/* Only read: add_path copies it. */
	fact.real = (char *)(uintptr_t)(real ? real : path);
	fact.cgroup = (char *)(uintptr_t)cgroup;
	cases_add_path(host, path, &fact);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct garita_path_fact *)a)->path,
		      ((const struct garita_path_fact *)b)->path);
}

void cases_add_path(struct garita_host *host, const char *path,
		    const struct garita_path_fact *fact)
{
	struct garita_path_fact *slot = NULL;

	for (size_t i = 0; i < host->path_count; i++)
		if (strcmp(host->paths[i].path, path) == 0)
			slot = &host->paths[i];
	if (slot == NULL) {
		host->paths = garita_xresize(host->paths, host->path_count + 1,
					     sizeof(*host->paths));
		slot = &host->paths[host->path_count++];
		*slot = (struct garita_path_fact){ 0 };
	}
	free(slot->path);
	free(slot->real);
	free(slot->cgroup);
	*slot = *fact;
	slot->path = garita_xstrdup(path);
	slot->real = fact->real ? garita_xstrdup(fact->real) : NULL;
	slot->cgroup = fact->cgroup ? garita_xstrdup(fact->cgroup) : NULL;
	qsort(host->paths, host->path_count, sizeof(*host->paths), by_path);
}

/* {"/kernel": {"real": "/proc"}, "/gone": {}, "/odd": {"failure": "EACCES"}}:
 * in the order of their bytes. */
static void read_targets(const struct garita_json *targets,
			 struct garita_host *host)
{
	host->target_count = garita_json_count(targets);
	host->targets =
		garita_xcalloc(host->target_count, sizeof(*host->targets));
	for (size_t i = 0; i < host->target_count; i++) {
		const struct garita_json *of = garita_json_item(targets, i);
		const char *failure =
			garita_json_string(garita_json_get(of, "failure"));
		const char *real =
			garita_json_string(garita_json_get(of, "real"));

		host->targets[i] = (struct garita_path_fact){
			.path = garita_xstrdup(garita_json_key(targets, i)),
			.real = real ? garita_xstrdup(real) : NULL,
			.failure = failure ? failure_of(failure) : 0,
		};
	}
}

/* {"network": [device, inode], ...}; one that is absent is not known. */
static void read_init(const struct garita_json *init, struct garita_host *host)
{
	for (enum garita_namespace_type t = 0; t < GARITA_NS_TYPES; t++) {
		const struct garita_json *pair =
			garita_json_get(init, garita_namespace_name(t));

		if (garita_json_count(pair) != 2)
			continue;
		host->init_ns[t].known = true;
		host->init_ns[t].device = natural(garita_json_item(pair, 0), 0);
		host->init_ns[t].inode = natural(garita_json_item(pair, 1), 0);
	}
}

static char *copy_or_null(const struct garita_json *node)
{
	const char *text = garita_json_string(node);

	return text ? garita_xstrdup(text) : NULL;
}

/* {"all": [{"path": ..., "type": "file", "empty": true, "hides": true,
 *           "mode": "0644", "link": ...}], "more": true, "why_not": ...} */
static struct garita_upper *read_upper(const struct garita_json *facts)
{
	static const struct {
		const char *name;
		mode_t mode;
	} types[] = {
		{ "file", S_IFREG | 0644 }, { "dir", S_IFDIR | 0755 },
		{ "link", S_IFLNK | 0777 }, { "device", S_IFCHR | 0644 },
		{ "fifo", S_IFIFO | 0644 },
	};
	const struct garita_json *all = garita_json_get(facts, "all");
	const char *why = garita_json_string(garita_json_get(facts, "why_not"));
	struct garita_upper *upper;

	if (facts == NULL)
		return NULL;
	upper = garita_xalloc(sizeof(*upper));
	upper->count = garita_json_count(all);
	upper->all = garita_xcalloc(upper->count, sizeof(*upper->all));
	upper->more = garita_json_bool(garita_json_get(facts, "more"));
	snprintf(upper->why_not, sizeof(upper->why_not), "%s", why ? why : "");
	for (size_t i = 0; i < upper->count; i++) {
		const struct garita_json *of = garita_json_item(all, i);
		struct garita_upper_entry *entry = &upper->all[i];
		const char *type =
			garita_json_string(garita_json_get(of, "type"));
		const char *mode =
			garita_json_string(garita_json_get(of, "mode"));

		for (size_t t = 0; type && t < GARITA_COUNT(types); t++)
			if (strcmp(types[t].name, type) == 0)
				entry->mode = types[t].mode;
		if (entry->mode == 0)
			fail_msg("upper: a type is missing");
		entry->mode = (entry->mode & (mode_t)S_IFMT) |
			      octal(mode, entry->mode & 07777);
		entry->path = copy_or_null(garita_json_get(of, "path"));
		entry->link = copy_or_null(garita_json_get(of, "link"));
		entry->empty = garita_json_bool(garita_json_get(of, "empty"));
		entry->hides = garita_json_bool(garita_json_get(of, "hides"));
	}
	return upper;
}

static enum garita_lsm read_lsm(const struct garita_json *node)
{
	static const char *const words[] = {
		[GARITA_LSM_UNKNOWN] = "unknown",
		[GARITA_LSM_OFF] = "off",
		[GARITA_LSM_ON] = "on",
	};
	const char *text = garita_json_string(node);

	for (size_t i = 0; text != NULL && i < GARITA_COUNT(words); i++)
		if (strcmp(words[i], text) == 0)
			return (enum garita_lsm)i;
	fail_msg("a security module is on, off or unknown");
	return GARITA_LSM_UNKNOWN;
}

void cases_host(const struct garita_json *facts, struct garita_host *ret)
{
	const struct garita_json *paths = garita_json_get(facts, "paths");
	const struct garita_json *kernel = garita_json_get(facts, "kernel");
	const char *machine =
		garita_json_string(garita_json_get(facts, "machine"));
	const char *failure =
		garita_json_string(garita_json_get(facts, "cwd_failure"));
	struct garita_host host = { 0 };

	for (size_t i = 0; i < garita_json_count(paths); i++)
		add_fact(&host, garita_json_key(paths, i),
			 garita_json_item(paths, i));
	read_init(garita_json_get(facts, "init"), &host);
	snprintf(host.machine, sizeof(host.machine), "%s",
		 machine ? machine : "");
	host.kernel_major = (unsigned)natural(garita_json_item(kernel, 0), 0);
	host.kernel_minor = (unsigned)natural(garita_json_item(kernel, 1), 0);
	read_targets(garita_json_get(facts, "targets"), &host);
	host.root = copy_or_null(garita_json_get(facts, "root"));
	host.bundle = copy_or_null(garita_json_get(facts, "bundle"));
	host.guard = copy_or_null(garita_json_get(facts, "guard"));
	host.upper = read_upper(garita_json_get(facts, "upper"));
	host.cwd = copy_or_null(garita_json_get(facts, "cwd"));
	host.cwd_failure = failure ? failure_of(failure) : 0;
	host.owner = (uid_t)natural(garita_json_get(facts, "owner"), 0);
	host.rootless = host.owner != 0 ||
			garita_json_bool(garita_json_get(facts, "rootless"));
	host.apparmor = read_lsm(garita_json_get(facts, "apparmor"));
	host.selinux = read_lsm(garita_json_get(facts, "selinux"));
	*ret = host;
}

struct garita_facts *cases_facts(const struct garita_json *of)
{
	struct garita_facts *facts = garita_xalloc(sizeof(*facts));
	const struct garita_json *patch = garita_json_get(of, "facts");
	const char *why = garita_json_string(garita_json_get(of, "no-facts"));

	if (why != NULL) {
		garita_facts_none(facts, why);
		return facts;
	}
	facts->doc = cases_parse(RULES_DIR "facts.json");
	if (patch != NULL)
		cases_merge(facts->doc, garita_json_root(facts->doc), patch);
	return facts;
}

static void read_digest(const struct garita_json *facts, const char *name,
			char into[GARITA_DIGEST_SIZE])
{
	const char *text = garita_json_string(garita_json_get(facts, name));

	snprintf(into, GARITA_DIGEST_SIZE, "%s", text ? text : "");
}

static void read_strings(const struct garita_json *array, char ***ret,
			 size_t *ret_count)
{
	size_t count = garita_json_count(array);

	*ret = garita_xcalloc(count, sizeof(**ret));
	for (size_t i = 0; i < count; i++)
		(*ret)[i] = copy_or_null(garita_json_item(array, i));
	*ret_count = count;
}

/* {"state": "accepted", "words": "..."}; absent: nobody asked. */
static void read_trust(const struct garita_json *facts,
		       struct garita_trust *ret)
{
	const char *state = garita_json_string(garita_json_get(facts, "state"));
	const char *words = garita_json_string(garita_json_get(facts, "words"));

	if (facts == NULL)
		return;
	if (state == NULL ||
	    (strcmp(state, "accepted") != 0 && strcmp(state, "refused") != 0))
		fail_msg("image: trust is accepted or refused");
	ret->state =
		*state == 'a' ? GARITA_TRUST_ACCEPTED : GARITA_TRUST_REFUSED;
	snprintf(ret->words, sizeof(ret->words), "%s", words ? words : "");
}

void cases_image(const struct garita_json *facts, struct garita_image *ret)
{
	static const char *const words[] = {
		[GARITA_IMAGE_UNKNOWN] = "unknown",
		[GARITA_IMAGE_CONFIG] = "config",
		[GARITA_IMAGE_VERIFIED] = "verified",
	};
	const char *sure = garita_json_string(garita_json_get(facts, "sure"));
	const char *why = garita_json_string(garita_json_get(facts, "why_not"));
	struct garita_image image = { .store = "containers-storage" };
	bool found = false;

	for (size_t i = 0; sure && i < GARITA_COUNT(words); i++) {
		if (strcmp(words[i], sure) != 0)
			continue;
		image.sure = (enum garita_image_sure)i;
		found = true;
	}
	image.imageless = found && image.sure == GARITA_IMAGE_UNKNOWN;
	if (!found && (sure == NULL || strcmp(sure, "untold") != 0))
		fail_msg("image: \"sure\" is verified, config, unknown (it is "
			 "of none) or untold (nobody could look)");
	read_digest(facts, "manifest", image.manifest);
	read_digest(facts, "index", image.index);
	read_digest(facts, "config", image.config);
	read_strings(garita_json_get(facts, "names"), &image.names,
		     &image.name_count);
	read_strings(garita_json_get(facts, "repo_digests"),
		     &image.repo_digests, &image.repo_digest_count);
	image.reference = copy_or_null(garita_json_get(facts, "reference"));
	read_trust(garita_json_get(facts, "trust"),
		   &image.trust[GARITA_TOPIC_SIGNATURE]);
	for (enum garita_topic topic = GARITA_TOPIC_SIGNATURE + 1;
	     topic < GARITA_TOPICS; topic++)
		read_trust(
			garita_json_get(garita_json_get(facts, "attestations"),
					garita_topic_rule(topic)),
			&image.trust[topic]);
	snprintf(image.why_not, sizeof(image.why_not), "%s", why ? why : "");
	*ret = image;
}

void cases_base_host(struct garita_host *ret)
{
	auto_json struct garita_json_doc *doc =
		cases_parse(RULES_DIR "host.json");

	cases_host(garita_json_root(doc), ret);
}

void cases_base_image(struct garita_image *ret)
{
	auto_json struct garita_json_doc *doc =
		cases_parse(RULES_DIR "image.json");

	cases_image(garita_json_root(doc), ret);
}
