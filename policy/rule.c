/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rule - what all rules share: the words of actions, the allow list, and how a
 * finding is written down.
 */
#include "garita/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/match.h"
#include "garita/path.h"
#include "policy/report.h"

static const char actions[GARITA_ACTIONS][5] = {
	[GARITA_OFF] = "off",
	[GARITA_WARN] = "warn",
	[GARITA_FIX] = "fix",
	[GARITA_DENY] = "deny",
};

const char *garita_action_name(enum garita_action action)
{
	return actions[action];
}

/* A key can be as long as the config; a report of it need not be. */
enum { MOST_POINTER = 1024 };

const struct garita_value *garita_setting_value(
	const struct garita_setting *setting, size_t i)
{
	static const struct garita_value none;

	return setting->values ? &setting->values[i] : &none;
}

const struct garita_setting *garita_setting_of(const struct garita_case *of,
					       const char *id)
{
	return &of->applied->settings[garita_rule_find(id)];
}

enum garita_action garita_action_of(const struct garita_case *of,
				    const char *id)
{
	size_t rule = (size_t)garita_rule_find(id);

	if (of->applied->excepted != NULL && of->applied->excepted[rule])
		return GARITA_OFF;
	return of->applied->settings[rule].action;
}

bool garita_said_by(const struct garita_case *of, const char *id)
{
	enum garita_action theirs = garita_action_of(of, id);

	return theirs != GARITA_OFF && theirs >= of->setting->action;
}

bool garita_setting_allows(const struct garita_setting *setting,
			   const char *value)
{
	for (size_t i = 0; i < setting->allow_count; i++)
		if (strcmp(setting->allow[i], value) == 0)
			return true;
	return false;
}

bool garita_setting_allows_path(const struct garita_setting *setting,
				const char *path)
{
	return garita_path_match_any((const char *const *)setting->allow,
				     setting->allow_count, path);
}

size_t garita_rule_param_count(const struct garita_rule *rule)
{
	size_t count = 0;

	while (rule->params != NULL && rule->params[count].name[0] != '\0')
		count++;
	return count;
}

static size_t param_index(const struct garita_rule *rule, const char *name)
{
	size_t i = 0;

	while (strcmp(rule->params[i].name, name) != 0)
		i++;
	return i;
}

int64_t garita_param_number(const struct garita_case *of, const char *name)
{
	size_t i = param_index(of->rule, name);
	const struct garita_value *value = garita_setting_value(of->setting, i);

	return value->given ? value->number : of->rule->params[i].otherwise;
}

char *const *garita_param_strings(const struct garita_case *of,
				  const char *name, size_t *ret_count)
{
	const struct garita_value *value =
		garita_setting_value(of->setting, param_index(of->rule, name));

	*ret_count = value->count;
	return value->strings;
}

bool garita_param_has(const struct garita_case *of, const char *name,
		      const char *value)
{
	size_t count;
	char *const *strings = garita_param_strings(of, name, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(strings[i], value) == 0)
			return true;
	return false;
}

static struct garita_finding *add(struct garita_report *out,
				  enum garita_action action,
				  const char *pointer, const char *wanted,
				  const char *fmt, va_list args)
	__attribute__((format(printf, 5, 0)));

static struct garita_finding *add(struct garita_report *out,
				  enum garita_action action,
				  const char *pointer, const char *wanted,
				  const char *fmt, va_list args)
{
	struct garita_finding *finding;
	char found[512];

	vsnprintf(found, sizeof(found), fmt, args);
	finding = garita_verdict_add(out->verdict);
	*finding = (struct garita_finding){
		.rule = out->rule,
		.action = action,
		.pointer = garita_xstrndup(pointer, MOST_POINTER),
		.found = garita_xstrdup(found),
		.wanted = garita_xstrdup(wanted),
	};
	/* The pointer leads into the facts about the machine. */
	if (out->rule->scope == GARITA_SCOPE_HOST)
		return finding;
	garita_json_place(
		out->doc,
		garita_json_nearest(garita_json_root(out->doc), pointer),
		&finding->line, &finding->column);
	return finding;
}

void garita_report(struct garita_report *out, const char *pointer,
		   const char *wanted, const char *found_fmt, ...)
{
	va_list args;

	va_start(args, found_fmt);
	add(out, out->action, pointer, wanted, found_fmt, args);
	va_end(args);
}

void garita_report_warning(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
{
	va_list args;

	va_start(args, found_fmt);
	add(out, GARITA_WARN, pointer, wanted, found_fmt, args);
	va_end(args);
}

void garita_report_unknown(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
{
	va_list args;

	va_start(args, found_fmt);
	add(out, out->action, pointer, wanted, found_fmt, args)->unknown = true;
	va_end(args);
}

void garita_report_curable(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
{
	va_list args;

	va_start(args, found_fmt);
	add(out, out->action, pointer, wanted, found_fmt, args)->curable = true;
	va_end(args);
}
