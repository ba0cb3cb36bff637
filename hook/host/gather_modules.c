/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_modules - which modules are loaded, and how those stand that the
 * policy or the table of advisories is about. The thousands of others are left
 * out: a start reads this.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/advisories.h"
#include "garita/modules.h"
#include "hook/directory.h"
#include "hook/host/gather.h"
#include "policy/glob.h"
#include "policy/rules/host_modules.h"

enum { MAX_LIST = 4 * 1024 * 1024, MAX_CONFIG = 256 * 1024, MAX_FILES = 512 };

/* In the order in which they count; of files with one name, the first. */
static const char *const config_dirs[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d",
};

struct names {
	char **list;
	size_t count;
};

static bool add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i], name) == 0)
			return false;
	names->list = garita_xresize(names->list, names->count + 1,
				     sizeof(*names->list));
	names->list[names->count++] = garita_xstrdup(name);
	return true;
}

static void free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static bool is_config(const char *name)
{
	size_t len = strlen(name);

	return *name != '.' && len > 5 && strcmp(name + len - 5, ".conf") == 0;
}

static void read_config_dir(const struct garita_view *view, const char *path,
			    struct names *seen, struct garita_modules *modules)
{
	auto_directory *dir = garita_look_list(view, path);
	const char *name = NULL;

	while (dir != NULL && seen->count < MAX_FILES &&
	       garita_directory_next(dir, &name) == 0 && name != NULL) {
		auto_free char *text = NULL;
		auto_text file = { 0 };

		if (!is_config(name) || !add_name(seen, name))
			continue;
		garita_text_printf(&file, "%s/%s", path, name);
		text = garita_look_read(view, file.data, MAX_CONFIG, NULL);
		if (text != NULL)
			garita_modules_read_config(modules, text);
	}
}

/* Is it known what there is? Of a kernel without loadable modules only what is
 * built in would be there, and nothing lists that. */
static bool read_modules(const struct garita_gathering *g,
			 struct garita_modules *modules)
{
	const char *release = garita_json_string(
		garita_facts_at(g->facts, "/kernel/release"));
	auto_free char *dep = NULL, *built_in = NULL;
	auto_text path = { 0 };
	struct names seen = { 0 };

	if (release == NULL)
		return false;
	garita_text_printf(&path, "/lib/modules/%s/modules.dep", release);
	dep = garita_look_read(&g->view, path.data, MAX_LIST, NULL);
	path.len = 0;
	garita_text_printf(&path, "/lib/modules/%s/modules.builtin", release);
	built_in = garita_look_read(&g->view, path.data, MAX_LIST, NULL);
	if (dep == NULL || built_in == NULL)
		return false;
	garita_modules_read_files(modules, dep, false);
	garita_modules_read_files(modules, built_in, true);
	for (size_t i = 0; i < GARITA_COUNT(config_dirs); i++)
		read_config_dir(&g->view, config_dirs[i], &seen, modules);
	free_names(&seen);
	return true;
}

/* ---- what is looked for ---- */

static void watch(const char *name, void *data)
{
	add_name(data, name);
}

static void watch_values(const struct garita_setting *setting,
			 const struct garita_rule *rule, struct names *watched)
{
	for (size_t p = 0; p < garita_rule_param_count(rule); p++) {
		const struct garita_value *value =
			garita_setting_value(setting, p);

		if (strcmp(rule->params[p].name, "deny") == 0)
			for (size_t i = 0; i < value->count; i++)
				add_name(watched, value->strings[i]);
	}
}

/* What the rule denies, anywhere in the policy. */
static void watch_policy(const struct garita_policy *policy,
			 struct names *watched)
{
	int index = garita_rule_find("kernel-modules-allowlist");
	const struct garita_rule *rule = garita_rule_at((size_t)index);

	watch_values(&policy->settings[index], rule, watched);
	for (size_t s = 0; s < policy->scope_count; s++) {
		const struct garita_policy_scope *scope = &policy->scopes[s];

		for (size_t i = 0; i < scope->count; i++)
			if (scope->overrides[i].rule == (size_t)index)
				watch_values(&scope->overrides[i].setting, rule,
					     watched);
	}
}

static void find_watched(const struct garita_gathering *g,
			 struct names *watched)
{
	for (size_t i = 0; garita_modules_unwanted[i][0] != '\0'; i++)
		add_name(watched, garita_modules_unwanted[i]);
	if (g->policy != NULL)
		watch_policy(g->policy, watched);
	for (size_t i = 0; i < GARITA_COUNT(g->tables); i++)
		if (g->tables[i] != NULL)
			garita_advisories_modules(g->tables[i], watch, watched);
}

static void put_states(const struct garita_gathering *g,
		       const struct garita_modules *modules, bool known)
{
	struct garita_json_doc *doc = g->facts->doc;
	struct garita_json *states = garita_json_new_object(doc);
	struct names watched = { 0 };

	find_watched(g, &watched);
	for (size_t w = 0; w < watched.count; w++) {
		const char *pattern = watched.list[w];

		garita_gather_append(g->facts, "/modules/watched", pattern);
		if (known && strchr(pattern, '*') == NULL)
			garita_json_put_string(
				doc, states, pattern,
				garita_module_state_name(GARITA_MODULE_ABSENT));
		for (size_t i = 0; i < modules->count; i++)
			if (garita_glob(pattern, modules->all[i].name))
				garita_json_put_string(
					doc, states, modules->all[i].name,
					garita_module_state_name(
						garita_modules_state(
							modules,
							&modules->all[i])));
	}
	garita_facts_put(g->facts, "/modules/states", states);
	free_names(&watched);
}

static bool is_on(const struct garita_view *view, const char *path)
{
	char line[16];

	return garita_look_line(view, path, line, sizeof(line)) &&
	       (*line == '1' || *line == 'Y');
}

/* Lockdown asks for signatures, too. */
static bool wants_signatures(const struct garita_gathering *g)
{
	const char *lockdown = garita_json_string(
		garita_facts_at(g->facts, "/kernel/lockdown"));

	if (lockdown != NULL && (strcmp(lockdown, "integrity") == 0 ||
				 strcmp(lockdown, "confidentiality") == 0))
		return true;
	return is_on(&g->view, "/sys/module/module/parameters/sig_enforce");
}

void garita_gather_modules(const struct garita_gathering *g)
{
	auto_modules modules = { 0 };
	auto_free char *loaded =
		garita_look_read(&g->view, "/proc/modules", MAX_LIST, NULL);
	bool none = loaded == NULL && errno == ENOENT &&
		    garita_look_exists(&g->view, "/proc/sys/kernel");
	bool known;

	if (loaded == NULL && !none)
		return;
	modules.no_more =
		none || is_on(&g->view, "/proc/sys/kernel/modules_disabled");
	garita_facts_put_bool(g->facts, "/modules/none-more", modules.no_more);
	garita_facts_put_bool(g->facts, "/modules/signed", wants_signatures(g));
	if (loaded != NULL)
		garita_modules_read_loaded(&modules, loaded);
	garita_modules_settle(&modules);
	garita_gather_append(g->facts, "/modules/loaded", NULL);
	for (size_t i = 0; i < modules.count; i++)
		garita_gather_append(g->facts, "/modules/loaded",
				     modules.all[i].name);
	known = read_modules(g, &modules);
	garita_modules_settle(&modules);
	if (known || none)
		put_states(g, &modules, known);
}
