/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts_live - what changes while a machine runs and costs a microsecond to
 * look at: a start asks it anew instead of believing what was kept.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/directory.h"
#include "hook/host/gather.h"

enum { MAX_PATCHES = 64, LINE = 256 };

void garita_gather_boot(const struct garita_view *view,
			char into[GARITA_BOOT_ID_SIZE])
{
	if (!garita_look_line(view, "/proc/sys/kernel/random/boot_id", into,
			      GARITA_BOOT_ID_SIZE))
		into[0] = '\0';
}

static void look_at_release(const struct garita_view *view,
			    struct garita_facts *facts)
{
	struct utsname name;
	char line[LINE];
	const char *release = NULL;

	if (view->root < 0 && uname(&name) == 0)
		release = name.release;
	else if (view->root >= 0 &&
		 garita_look_line(view, "/proc/sys/kernel/osrelease", line,
				  sizeof(line)))
		release = line;
	garita_facts_put_string(facts, "/kernel/release", release);
}

static void look_at_taint(const struct garita_view *view,
			  struct garita_facts *facts)
{
	char line[LINE];
	uint64_t bits;
	bool known = garita_look_line(view, "/proc/sys/kernel/tainted", line,
				      sizeof(line)) &&
		     garita_parse_u64(line, &bits) == 0;

	garita_facts_put(facts, "/kernel/tainted",
			 known ? garita_json_new_u64(facts->doc, bits) : NULL);
}

/* "none [integrity] confidentiality" */
static void look_at_lockdown(const struct garita_view *view,
			     struct garita_facts *facts)
{
	static const char path[] = "/sys/kernel/security/lockdown";
	char line[LINE], *open, *close;

	if (!garita_look_line(view, path, line, sizeof(line))) {
		garita_facts_put_string(facts, "/kernel/lockdown",
					errno == ENOENT ? "absent" : NULL);
		return;
	}
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close != NULL)
		*close = '\0';
	garita_facts_put_string(facts, "/kernel/lockdown",
				close ? open + 1 : NULL);
}

static void look_at_security(const struct garita_view *view,
			     struct garita_facts *facts)
{
	const char *apparmor = "off", *selinux = "off";
	char line[LINE];

	if (garita_look_line(view, "/sys/module/apparmor/parameters/enabled",
			     line, sizeof(line)))
		apparmor = *line == 'Y' ? "on" : "off";
	else if (errno != ENOENT && errno != ENOTDIR)
		apparmor = NULL;
	if (garita_look_line(view, "/sys/fs/selinux/enforce", line,
			     sizeof(line)))
		selinux = *line == '1' ? "enforcing" : "permissive";
	else if (errno != ENOENT && errno != ENOTDIR)
		selinux = NULL;
	garita_facts_put_string(facts, "/security/apparmor", apparmor);
	garita_facts_put_string(facts, "/security/selinux", selinux);
}

/* What distributions touch after an update that needs a reboot; /var/run is a
 * link to /run on all of them. */
static void look_at_reboot(const struct garita_view *view,
			   struct garita_facts *facts)
{
	static const char path[] = "/run/reboot-required";
	static const char fact[] = "/kernel/reboot-required";

	if (garita_look_is_absent(view, path))
		garita_facts_put_bool(facts, fact, false);
	else if (garita_look_exists(view, path))
		garita_facts_put_bool(facts, fact, true);
	else
		garita_facts_put(facts, fact, NULL);
}

static bool flag_of(const struct garita_view *view, const char *patch,
		    const char *name)
{
	char path[LINE + 64], line[16];

	snprintf(path, sizeof(path), "/sys/kernel/livepatch/%.200s/%s", patch,
		 name);
	return garita_look_line(view, path, line, sizeof(line)) && *line == '1';
}

/* Documentation/ABI/testing/sysfs-kernel-livepatch: the directory is there
 * whenever the kernel can be patched, and has one for each patch. */
static void look_at_patches(const struct garita_view *view,
			    struct garita_facts *facts)
{
	auto_directory *dir = garita_look_list(view, "/sys/kernel/livepatch");
	struct garita_json *list;
	const char *name = NULL;
	size_t count = 0;

	garita_facts_put(facts, "/kernel/live-patch/kernel", NULL);
	if (dir == NULL)
		return;
	list = garita_json_new_array(facts->doc);
	while (count < MAX_PATCHES && garita_directory_next(dir, &name) == 0 &&
	       name != NULL) {
		struct garita_json *node;

		if (*name == '.')
			continue;
		count++;
		node = garita_json_new_object(facts->doc);
		garita_json_put_string(facts->doc, node, "name", name);
		garita_json_put_bool(facts->doc, node, "enabled",
				     flag_of(view, name, "enabled"));
		garita_json_put_bool(facts->doc, node, "transition",
				     flag_of(view, name, "transition"));
		garita_json_append(facts->doc, list, node);
	}
	garita_facts_put(facts, "/kernel/live-patch/kernel", list);
}

void garita_gather_live(const struct garita_view *view,
			struct garita_facts *facts)
{
	look_at_release(view, facts);
	look_at_taint(view, facts);
	look_at_lockdown(view, facts);
	look_at_security(view, facts);
	look_at_reboot(view, facts);
	look_at_patches(view, facts);
}
