/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_patches - live patches by tools that the kernel does not show in
 * /sys/kernel/livepatch: KernelCare, Ksplice, older kpatch, and what Canonical
 * Livepatch says of its own.
 */
#include <string.h>

#include "garita/version.h"
#include "hook/host/gather.h"

enum { MAX_SAID = 256 * 1024 };

static bool is_id(const char *at, size_t *ret_len)
{
	size_t year = strspn(at + 4, "0123456789"), number;

	if (year != 4 || at[8] != '-')
		return false;
	number = strspn(at + 9, "0123456789");
	*ret_len = 9 + number;
	return number >= 4 && number <= 9;
}

/* Every CVE that the text names, once each. */
static void put_fixes(struct garita_facts *facts, const char *text)
{
	static const char fixes[] = "/kernel/live-patch/fixes";

	while ((text = strstr(text, "CVE-")) != NULL) {
		size_t len = 0;

		if (is_id(text, &len)) {
			auto_free char *id = garita_xstrndup(text, len);

			garita_gather_append(facts, fixes, id);
		}
		text += 4;
	}
}

/* The number that live patches make of the kernel: "kcarectl --uname". */
static void put_effective(struct garita_facts *facts, const char *said)
{
	auto_free char *line = garita_xstrndup(said, strcspn(said, "\n"));
	struct garita_version version;

	if (garita_version_read(line, &version))
		garita_facts_put_string(facts, "/kernel/effective", line);
}

/* Each says whether patches are in force. */

static bool ask_kernelcare(struct garita_facts *facts, const char *path)
{
	const char *const release[] = { path, "--uname", NULL };
	const char *const patches[] = { path, "--patch-info", NULL };
	auto_free char *uname = garita_helper(release, MAX_SAID, false);
	auto_free char *info = garita_helper(patches, MAX_SAID, true);
	bool active = info != NULL && strstr(info, "kpatch-") != NULL;

	if (active && uname != NULL)
		put_effective(facts, uname);
	if (active)
		put_fixes(facts, info);
	return active;
}

static bool ask_canonical(struct garita_facts *facts, const char *path)
{
	const char *const status[] = { path, "status", "--verbose", NULL };
	auto_free char *said = garita_helper(status, MAX_SAID, false);
	bool active = said != NULL && strstr(said, "applied") != NULL &&
		      strstr(said, "unapplied") == NULL;

	if (active)
		put_fixes(facts, said);
	return active;
}

static bool ask_kpatch(struct garita_facts *facts, const char *path)
{
	const char *const list[] = { path, "list", NULL };
	auto_free char *said = garita_helper(list, MAX_SAID, false);

	(void)facts; /* names of patches, not what they fix */
	return said != NULL && strstr(said, "[enabled]") != NULL;
}

static bool ask_ksplice(struct garita_facts *facts, const char *path)
{
	const char *const release[] = { path, "-r", NULL };
	auto_free char *said = garita_helper(release, MAX_SAID, false);
	auto_free char *own = NULL;
	const char *running =
		garita_json_string(garita_facts_at(facts, "/kernel/release"));

	if (said == NULL || running == NULL)
		return false;
	own = garita_xstrndup(said, strcspn(said, "\n"));
	if (strcmp(own, running) == 0)
		return false;
	put_effective(facts, own);
	return true;
}

static const struct {
	const char *name, *path;
	bool (*ask)(struct garita_facts *facts, const char *path);
} tools[] = {
	{ "kernelcare", "/usr/bin/kcarectl", ask_kernelcare },
	{ "canonical-livepatch", "/snap/bin/canonical-livepatch",
	  ask_canonical },
	{ "kpatch", "/usr/sbin/kpatch", ask_kpatch },
	{ "ksplice", "/usr/sbin/uptrack-uname", ask_ksplice },
};

void garita_gather_patches(const struct garita_gathering *g)
{
	bool active = false, asked = true;

	for (size_t i = 0; i < GARITA_COUNT(tools); i++) {
		if (!garita_look_exists(&g->view, tools[i].path))
			continue;
		garita_gather_append(g->facts, "/kernel/live-patch/tools",
				     tools[i].name);
		if (garita_gather_is_live(g))
			active =
				tools[i].ask(g->facts, tools[i].path) || active;
		else
			asked = false;
	}
	/* Below a sysroot nobody runs a tool that is there. */
	if (asked)
		garita_facts_put_bool(g->facts, "/kernel/live-patch/active",
				      active);
}
