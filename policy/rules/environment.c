/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * environment - variables that make programs load other code, and where
 * programs are looked for. environment_secrets.c has the secrets.
 *
 * No value is ever shown, and no name that is not one: the value of a secret
 * is easily given where its name belongs.
 *
 * Of two variables with one name runc and crun both keep the later.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/path.h"
#include "garita/policy.h"
#include "policy/report.h"
#include "policy/rules/environment.h"

/* The array, or NULL. */
static const struct garita_json *env_of(const struct garita_case *of)
{
	return garita_json_at(of->spec->root, "/process/env");
}

/* "NAME=value" as it is there; "" when it is no string. */
static const char *entry_at(const struct garita_json *env, size_t i)
{
	const char *entry = garita_json_string(garita_json_item(env, i));

	return entry ? entry : "";
}

bool garita_env_is(const char *entry, const char *name)
{
	size_t len;

	if (*entry != *name) /* mostly, and there can be many entries */
		return false;
	len = strlen(name);
	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static void add_pointer(size_t i, struct garita_text *ret)
{
	garita_text_printf(ret, "/process/env/%zu", i);
}

/* What a person may see of it: its name, or only which one it is, when what
 * stands for a name could be a secret. */
static void add_name(const char *entry, size_t i, struct garita_text *ret)
{
	enum { LONGEST = 64 };
	size_t len = 0;

	while ((entry[len] >= 'a' && entry[len] <= 'z') ||
	       (entry[len] >= 'A' && entry[len] <= 'Z') ||
	       (entry[len] != '\0' && strchr("_.-%", entry[len])) ||
	       garita_is_digit(entry[len]))
		len++;
	if (entry[len] == '=' && len > 0 && len <= LONGEST)
		garita_text_add(ret, entry, len);
	else
		garita_text_printf(ret, "entry %zu", i);
}

/* ---- variables that load code ---- */

enum problem {
	NO_PROBLEM,
	LOADS,     /* code that the program does not have */
	MAY_LOAD,  /* from where others may write: worth a warning */
	REPEATED,  /* a later entry has the same name */
	MALFORMED, /* no name, or no "=": runc refuses, crun drops it */
};

static const char loaders[][16] = {
	"BASH_ENV",       "GCONV_PATH", "GLIBC_TUNABLES", "LD_AUDIT",
	"LD_ORIGIN_PATH", "LD_PRELOAD", "LD_PROFILE",     "LD_DEBUG_OUTPUT",
};
/* Names that begin so: runc's own, and functions that bash takes over. */
static const char *const loader_prefixes[] = { "_LIBCONTAINER_", "BASH_FUNC_" };
static const char *const search_lists[] = { "LD_LIBRARY_PATH", "PYTHONPATH" };
static const char node_loaders[][22] = { "-r",
					 "--require",
					 "--import",
					 "--loader",
					 "--experimental-loader",
					 "--inspect" };

/* A folder that anybody may write in, or none that is named: "" and "." are
 * wherever the program happens to be. "//tmp" is /tmp. */
static const char *folder_problem(const char *folder, size_t len)
{
	static const char open[][10] = { "/tmp", "/var/tmp", "/dev/shm",
					 "/run/lock" };
	auto_free char *clean = NULL;

	if (len == 0 || *folder != '/')
		return "relative";
	if (!garita_path_is_clean(folder, len)) {
		auto_free char *text = garita_xstrndup(folder, len);

		clean = garita_path_clean(text);
		folder = clean;
		len = strlen(clean);
	}
	for (size_t i = 0; i < GARITA_COUNT(open); i++) {
		size_t n = strlen(open[i]);

		if (len >= n && strncmp(folder, open[i], n) == 0 &&
		    (len == n || folder[n] == '/'))
			return "writable for everybody";
	}
	return NULL;
}

/* Of the folders in "a:b:c": the first that is a problem, counted from 1. */
static const char *list_problem(const char *list, size_t *ret_number)
{
	*ret_number = 1;
	for (;; (*ret_number)++) {
		size_t len = strcspn(list, ":");
		const char *problem = folder_problem(list, len);

		if (problem != NULL || list[len] == '\0')
			return problem;
		list += len + 1;
	}
}

static bool node_loads(const char *options)
{
	while (*options != '\0') {
		size_t len = strcspn(options, " =");

		for (size_t i = 0; i < GARITA_COUNT(node_loaders); i++)
			if (strlen(node_loaders[i]) == len &&
			    strncmp(options, node_loaders[i], len) == 0)
				return true;
		options += strcspn(options, " ");
		options += strspn(options, " ");
	}
	return false;
}

static enum problem loader_problem(const char *entry)
{
	size_t number;

	if (*entry == '=' || strchr(entry, '=') == NULL)
		return MALFORMED;
	for (size_t i = 0; i < GARITA_COUNT(loaders); i++)
		if (garita_env_is(entry, loaders[i]))
			return LOADS;
	for (size_t i = 0; i < GARITA_COUNT(loader_prefixes); i++)
		if (garita_starts_with(entry, loader_prefixes[i]))
			return LOADS;
	for (size_t i = 0; i < GARITA_COUNT(search_lists); i++)
		if (garita_env_is(entry, search_lists[i]))
			return list_problem(strchr(entry, '=') + 1, &number)
				       ? MAY_LOAD
				       : NO_PROBLEM;
	if (garita_env_is(entry, "NODE_OPTIONS"))
		return node_loads(strchr(entry, '=') + 1) ? MAY_LOAD
							  : NO_PROBLEM;
	return NO_PROBLEM;
}

bool garita_env_loads(const char *entry)
{
	return loader_problem(entry) != NO_PROBLEM;
}

static bool is_allowed(const struct garita_case *of, const char *entry)
{
	for (size_t i = 0; i < of->setting->allow_count; i++)
		if (garita_env_is(entry, of->setting->allow[i]))
			return true;
	return false;
}

struct place {
	const char *entry;
	size_t i;
};

static int compare_names(const struct place *a, const struct place *b)
{
	size_t len = strcspn(a->entry, "="), other = strcspn(b->entry, "=");
	int order = memcmp(a->entry, b->entry, len < other ? len : other);

	if (order != 0)
		return order;
	return len < other ? -1 : len > other;
}

static int by_name(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_names(x, y);

	return order != 0 ? order : x->i < y->i ? -1 : 1;
}

/* CRI-O puts its own PATH and TERM before the image's. */
static bool may_repeat(const char *entry)
{
	return garita_env_is(entry, "PATH") || garita_env_is(entry, "TERM");
}

static void find_repeated(const struct garita_json *env, enum problem *problems)
{
	size_t count = garita_json_count(env);
	auto_free struct place *places = NULL;

	if (count < 2)
		return;
	places = garita_xcalloc(count, sizeof(*places));
	for (size_t i = 0; i < count; i++)
		places[i] = (struct place){ entry_at(env, i), i };
	qsort(places, count, sizeof(*places), by_name);
	for (size_t i = 0; i + 1 < count; i++)
		if (problems[places[i].i] == NO_PROBLEM &&
		    compare_names(&places[i], &places[i + 1]) == 0 &&
		    !may_repeat(places[i].entry))
			problems[places[i].i] = REPEATED;
}

/* One answer for each entry; the caller frees. */
static enum problem *loader_problems(const struct garita_case *of,
				     const struct garita_json *env)
{
	size_t count = garita_json_count(env);
	enum problem *problems = garita_xcalloc(count, sizeof(*problems));

	for (size_t i = 0; i < count; i++) {
		const char *entry = entry_at(env, i);

		problems[i] = loader_problem(entry);
		if (problems[i] != NO_PROBLEM && is_allowed(of, entry))
			problems[i] = NO_PROBLEM;
	}
	find_repeated(env, problems);
	return problems;
}

static void report_loader(struct garita_report *out,
			  const struct garita_json *env, size_t i,
			  enum problem problem)
{
	auto_text at = { 0 }, name = { 0 };

	add_pointer(i, &at);
	add_name(entry_at(env, i), i, &name);
	switch (problem) {
	case NO_PROBLEM:
		break;
	case LOADS:
		garita_report(out, at.data,
			      "no variable that makes programs load other code",
			      "%s", name.data);
		break;
	case MAY_LOAD:
		garita_report_warning(
			out, at.data,
			"absolute folders that only root can write in, and no "
			"further modules",
			"%s, which makes programs load code from elsewhere",
			name.data);
		break;
	case REPEATED:
		garita_report(out, at.data, "each variable once",
			      "%s, which a later entry sets again", name.data);
		break;
	case MALFORMED:
		garita_report(out, at.data, "NAME=value",
			      "entry %zu, which is no variable", i);
		break;
	}
}

static void check_loader(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_json *env = env_of(of);
	auto_free enum problem *problems = loader_problems(of, env);

	for (size_t i = 0; i < garita_json_count(env); i++)
		report_loader(out, env, i, problems[i]);
}

struct cut {
	const enum problem *next; /* of the entry that is asked next */
};

static bool may_stay(const char *key, const struct garita_json *value,
		     const void *data)
{
	struct cut *cut = *(struct cut *const *)data;
	enum problem problem = *cut->next++;

	(void)key;
	(void)value;
	return problem == NO_PROBLEM || problem == MAY_LOAD;
}

static int fix_loader(const struct garita_case *of,
		      struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *env =
		garita_json_at(garita_json_root(config), "/process/env");
	auto_free enum problem *problems = loader_problems(of, env);
	struct cut cut = { .next = problems }, *at = &cut;

	(void)err;
	garita_json_filter(config, env, may_stay, &at);
	return 0;
}

/* ---- where programs are looked for ---- */

static const char usual_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* The entry that counts, and where it is; NULL: none. */
static const char *path_of(const struct garita_json *env, size_t *ret_i)
{
	for (size_t i = garita_json_count(env); i-- > 0;) {
		const char *entry = entry_at(env, i);

		if (!garita_env_is(entry, "PATH"))
			continue;
		*ret_i = i;
		return entry + strlen("PATH=");
	}
	return NULL;
}

static void check_path(const struct garita_case *of, struct garita_report *out)
{
	size_t i = 0, number = 0;
	const char *path = path_of(env_of(of), &i);
	const char *problem = path ? list_problem(path, &number) : NULL;
	auto_text at = { 0 };

	if (path == NULL) {
		garita_report(out, "/process/env", "a PATH", "no PATH");
		return;
	}
	if (problem == NULL)
		return;
	add_pointer(i, &at);
	garita_report(out, at.data,
		      "absolute folders that only root can write in",
		      "folder %zu of PATH is %s", number, problem);
}

static bool is_not_path(const char *key, const struct garita_json *value,
			const void *data)
{
	const char *entry = garita_json_string(value);

	(void)key;
	(void)data;
	return entry == NULL || !garita_env_is(entry, "PATH");
}

static int fix_path(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *process =
		garita_json_make_object(config, "/process");
	struct garita_json *env = garita_json_get(process, "env");
	auto_text path = { 0 };
	const char *list;
	size_t i;

	(void)of;
	(void)err;
	list = path_of(env, &i);
	garita_text_puts(&path, "PATH=");
	while (list != NULL) {
		size_t len = strcspn(list, ":");

		if (folder_problem(list, len) == NULL) {
			if (path.data[path.len - 1] != '=')
				garita_text_putc(&path, ':');
			garita_text_add(&path, list, len);
		}
		list = list[len] == ':' ? list + len + 1 : NULL;
	}
	if (path.data[path.len - 1] == '=')
		garita_text_puts(&path, usual_path);
	env = garita_json_make_array(config, process, "env");
	garita_json_filter(config, env, is_not_path, NULL);
	garita_json_append(config, env,
			   garita_json_new_string(config, path.data));
	return 0;
}

/* ---- secrets ---- */

static void check_secret(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_json *env = env_of(of);

	for (size_t i = 0; i < garita_json_count(env); i++) {
		const char *entry = entry_at(env, i);
		const char *what = garita_env_secret(
			entry, garita_json_length(garita_json_item(env, i)));
		auto_text at = { 0 }, name = { 0 };

		if (what == NULL || is_allowed(of, entry))
			continue;
		add_pointer(i, &at);
		add_name(entry, i, &name);
		garita_report(out, at.data, "a secret in a file, not here",
			      "%s: %s", name.data, what);
	}
}

static const char secret_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 4.10",
	"NIST SP 800-190: 4.1.4",
	"",
};
static const char loader_references[][GARITA_REFERENCE] = {
	"CVE-2023-4911",
	"CVE-2025-23266",
	"ld.so(8)",
	"",
};
static const char path_references[][GARITA_REFERENCE] = {
	"environ(7)",
	"",
};

const struct garita_rule garita_rules_environment[] = {
	{
		.id = "secret-env",
		.summary = "no variable holds a key, a token or a password",
		.why = "the environment is shown by inspect, kept in the "
		       "engine's files and inherited by every process",
		.remedy = "mount the secret as a file (--secret, a secret "
			  "volume), or allow the variable's name for this "
			  "rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of variables",
		.references = secret_references,
		.check = check_secret,
	},
	{
		.id = "loader-env",
		.summary = "no variable makes programs load other code",
		.why = "the loader, a shell or a hook runs what such a "
		       "variable names before the program has a say",
		.remedy = "unset the variable in the image or the engine's "
			  "--env, or allow its name for this rule in the "
			  "policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of variables",
		.references = loader_references,
		.check = check_loader,
		.fix = fix_loader,
	},
	{
		.id = "env-path",
		.summary = "PATH has only absolute folders that root owns",
		.why = "who can write in a folder of PATH chooses what runs "
		       "under the name of another program",
		.remedy = "set PATH to absolute folders in the image (ENV) or "
			  "with --env",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.references = path_references,
		.check = check_path,
		.fix = fix_path,
	},
	{ .id = NULL },
};
