/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_toml - containerd's configuration with our runtime, everything
 * else as it was written.
 *
 * Only whole lines are added and one value is replaced. Whatever says the same
 * in another way (inline tables, dotted keys, imports, a runtime of our name
 * with other settings, version 1) is refused: guessing could leave a node that
 * looks gated and is not. The result is read again and edited again; nothing
 * may be left to do then.
 */
#include <errno.h>
#include <string.h>

#include "hook/install/install.h"
#include "hook/install/toml.h"

#define SEP "\x1f"

struct edit {
	struct garita_toml toml;
	const char *text;
	/* Paths with separators, and as they are written. */
	char *base, *runtime, *options, *runc_options;
	const char *table; /* of base, in the file's own spelling */
	unsigned version;
};

static void edit_free(struct edit *edit)
{
	garita_toml_free(&edit->toml);
	free(edit->base);
	free(edit->runtime);
	free(edit->options);
	free(edit->runc_options);
}
#define auto_edit __attribute__((cleanup(edit_free))) struct edit

static char *join(const char *path, const char *rest)
{
	auto_text text = { 0 };

	garita_text_printf(&text, "%s" SEP "%s", path, rest);
	return garita_text_take(&text);
}

static bool value_is(const struct edit *edit,
		     const struct garita_toml_item *item, const char *want)
{
	size_t len = strlen(want);

	return item->value_end - item->value == len &&
	       strncmp(edit->text + item->value, want, len) == 0;
}

/* A string in either kind of quotes. */
static bool string_is(const struct edit *edit,
		      const struct garita_toml_item *item, const char *want)
{
	auto_text basic = { 0 }, literal = { 0 };

	garita_text_printf(&basic, "\"%s\"", want);
	garita_text_printf(&literal, "'%s'", want);
	return value_is(edit, item, basic.data) ||
	       value_is(edit, item, literal.data);
}

static int read_version(struct edit *edit, struct garita_error *err)
{
	const struct garita_toml_item *version =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, "version");
	const struct garita_toml_item *imports =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, "imports");

	if (version != NULL && value_is(edit, version, "2"))
		edit->version = 2;
	else if (version != NULL && value_is(edit, version, "3"))
		edit->version = 3;
	else
		return garita_fail(err, EINVAL,
				   "this is neither version 2 nor 3; see "
				   "`containerd config migrate`");
	if (imports != NULL && !value_is(edit, imports, "[]"))
		return garita_fail(err, EINVAL,
				   "it imports other files, which can replace "
				   "what would be written here");
	edit->table = edit->version == 2
			      ? "plugins.\"io.containerd.grpc.v1.cri\""
				".containerd"
			      : "plugins.'io.containerd.cri.v1.runtime'"
				".containerd";
	edit->base = garita_xstrdup(
		edit->version == 2
			? "plugins" SEP "io.containerd.grpc.v1.cri" SEP
			  "containerd"
			: "plugins" SEP "io.containerd.cri.v1.runtime" SEP
			  "containerd");
	edit->runtime = join(edit->base, "runtimes" SEP "garita");
	edit->options = join(edit->runtime, "options");
	edit->runc_options =
		join(edit->base, "runtimes" SEP "runc" SEP "options");
	return 0;
}

/* Is `path` `of`, or above it? */
static bool is_above(const char *path, const char *of)
{
	size_t len = strlen(path);

	return strncmp(path, of, len) == 0 &&
	       (of[len] == '\0' || of[len] == GARITA_TOML_SEPARATOR);
}

/* Forms that say something about our tables and that we cannot edit. */
static int check_forms(const struct edit *edit, struct garita_error *err)
{
	auto_free char *name = join(edit->base, "default_runtime_name");

	for (size_t i = 0; i < edit->toml.count; i++) {
		const struct garita_toml_item *item = &edit->toml.items[i];
		bool touches = is_above(item->path, edit->options) ||
			       is_above(edit->runtime, item->path) ||
			       is_above(item->path, name) ||
			       is_above(name, item->path);

		if (!touches || item->kind == GARITA_TOML_TABLE)
			continue;
		if (item->kind == GARITA_TOML_KEY && !item->dotted &&
		    !is_above(item->path, edit->options) &&
		    (strcmp(item->table, edit->base) == 0 ||
		     strcmp(item->table, edit->runtime) == 0 ||
		     strcmp(item->table, edit->options) == 0))
			continue;
		garita_fail(err, EINVAL,
			    "the runtimes of CRI are written in a form that is "
			    "not edited here: use [tables]");
		if (err != NULL) {
			err->line = 1;
			for (size_t at = 0; at < item->begin; at++)
				err->line += edit->text[at] == '\n';
		}
		return -EINVAL;
	}
	return 0;
}

/* A runtime of our name: with our settings, or it is somebody else's. */
static int check_ours(const struct edit *edit, const char *runtime,
		      bool *ret_is_there, struct garita_error *err)
{
	auto_free char *type = join(edit->runtime, "runtime_type");
	auto_free char *name = join(edit->options, "BinaryName");
	const struct garita_toml_item *type_item =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, type);
	const struct garita_toml_item *name_item =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, name);
	bool any = false;

	for (size_t i = 0; i < edit->toml.count; i++)
		any = any || is_above(edit->runtime, edit->toml.items[i].path);
	*ret_is_there = any;
	if (!any || (type_item != NULL && name_item != NULL &&
		     string_is(edit, type_item, "io.containerd.runc.v2") &&
		     string_is(edit, name_item, runtime)))
		return 0;
	return garita_fail(
		err, EEXIST,
		"there is a runtime named garita already, with other "
		"settings");
}

/* The kubelet and the runtime must agree on who makes cgroups. */
static void put_cgroup_driver(const struct edit *edit, struct garita_text *out)
{
	auto_free char *key = join(edit->runc_options, "SystemdCgroup");
	const struct garita_toml_item *item =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, key);

	if (item != NULL &&
	    (value_is(edit, item, "true") || value_is(edit, item, "false")))
		garita_text_printf(out, "      SystemdCgroup = %.*s\n",
				   (int)(item->value_end - item->value),
				   edit->text + item->value);
}

static void put_runtime(const struct edit *edit, const char *runtime,
			struct garita_text *out)
{
	garita_text_printf(out,
			   "\n  [%s.runtimes.garita]\n"
			   "    runtime_type = \"io.containerd.runc.v2\"\n"
			   "\n    [%s.runtimes.garita.options]\n"
			   "      BinaryName = \"%s\"\n",
			   edit->table, edit->table, runtime);
	put_cgroup_driver(edit, out);
}

/* A file without any runtime has containerd's own runc; one with ours alone
 * would have lost it (measured with 1.6). */
static bool has_runtimes(const struct edit *edit)
{
	auto_free char *runtimes = join(edit->base, "runtimes");

	for (size_t i = 0; i < edit->toml.count; i++)
		if (is_above(runtimes, edit->toml.items[i].path))
			return true;
	return false;
}

static void put_runc(const struct edit *edit, struct garita_text *out)
{
	garita_text_printf(out,
			   "\n  [%s.runtimes.runc]\n"
			   "    runtime_type = \"io.containerd.runc.v2\"\n",
			   edit->table);
}

static void put_end(const struct edit *edit, size_t from,
		    struct garita_text *out)
{
	garita_text_puts(out, edit->text + from);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		garita_text_putc(out, '\n');
}

/* The text with the default set. */
static void put_text(const struct edit *edit, struct garita_text *out)
{
	auto_free char *path = join(edit->base, "default_runtime_name");
	const struct garita_toml_item *key =
		garita_toml_find(&edit->toml, GARITA_TOML_KEY, path);
	const struct garita_toml_item *table =
		garita_toml_find(&edit->toml, GARITA_TOML_TABLE, edit->base);
	size_t indent;

	if (key != NULL) {
		bool same = string_is(edit, key, "garita");

		garita_text_add(out, edit->text,
				same ? key->value_end : key->value);
		garita_text_puts(out, same ? "" : "\"garita\"");
		put_end(edit, key->value_end, out);
		return;
	}
	if (table == NULL) {
		put_end(edit, 0, out);
		garita_text_printf(out,
				   "\n[%s]\n  default_runtime_name = "
				   "\"garita\"\n",
				   edit->table);
		return;
	}
	garita_text_add(out, edit->text, table->after);
	if (out->data[out->len - 1] != '\n')
		garita_text_putc(out, '\n');
	indent = strspn(edit->text + table->begin, " \t");
	garita_text_add(out, edit->text + table->begin, indent);
	garita_text_puts(out, "  default_runtime_name = \"garita\"\n");
	put_end(edit, table->after, out);
}

static int edit_once(const char *text, const char *runtime,
		     struct garita_text *ret, struct garita_error *err)
{
	auto_edit edit = { .text = text };
	bool is_there = false;
	int rc = garita_toml_read(text, &edit.toml, err);

	if (rc == 0)
		rc = read_version(&edit, err);
	if (rc == 0)
		rc = check_forms(&edit, err);
	if (rc == 0)
		rc = check_ours(&edit, runtime, &is_there, err);
	if (rc < 0)
		return rc;
	put_text(&edit, ret);
	if (!has_runtimes(&edit))
		put_runc(&edit, ret);
	if (!is_there)
		put_runtime(&edit, runtime, ret);
	return 0;
}

typedef int edit_fn(const char *text, const char *path, struct garita_text *ret,
		    struct garita_error *err);

/* The second time there must be nothing to do. */
static int edit_twice(const struct garita_text *before, const char *path,
		      edit_fn *edit, struct garita_text *ret,
		      struct garita_error *err)
{
	auto_text once = { 0 }, twice = { 0 };
	const char *given =
		before->len > 0 ? before->data
				: "# Written by garita install; what is not "
				  "said here is containerd's default.\n"
				  "version = 2\n";
	int rc = edit(given, path, &once, err);

	if (rc == 0 && once.data != NULL)
		rc = edit(once.data, path, &twice, err);
	if (rc < 0)
		return rc;
	if (once.data == NULL || twice.data == NULL ||
	    strcmp(once.data, twice.data) != 0)
		return garita_fail(err, EINVAL, "cannot be edited with care");
	garita_text_add(ret, once.data, once.len);
	return 0;
}

int garita_install_edit_containerd(const struct garita_text *before,
				   const char *runtime, struct garita_text *ret,
				   struct garita_error *err)
{
	return edit_twice(before, runtime, edit_once, ret, err);
}

/* ---- base_runtime_spec ---- */

/* Is it the table of one runtime: one step below the table of all? */
static bool is_runtime(const struct garita_toml_item *item, const char *all)
{
	size_t len = strlen(all);

	return item->kind == GARITA_TOML_TABLE && is_above(all, item->path) &&
	       item->path[len] != '\0' &&
	       strchr(item->path + len + 1, GARITA_TOML_SEPARATOR) == NULL;
}

/* Is this item about runtimes, and not a [table] of one, or plainly in it? */
static bool is_odd(const struct edit *edit, const char *all,
		   const struct garita_toml_item *item)
{
	auto_free char *own = NULL, *table = NULL;
	const char *name;

	if (is_above(item->path, all))
		return item->kind != GARITA_TOML_TABLE;
	if (!is_above(all, item->path))
		return false;
	name = item->path + strlen(all) + 1;
	own = garita_xstrndup(name, strcspn(name, SEP));
	table = join(all, own);
	return item->kind == GARITA_TOML_ARRAY || item->dotted ||
	       garita_toml_find(&edit->toml, GARITA_TOML_TABLE, table) == NULL;
}

static int check_runtimes(const struct edit *edit, const char *all,
			  struct garita_error *err)
{
	for (size_t i = 0; i < edit->toml.count; i++)
		if (is_odd(edit, all, &edit->toml.items[i]))
			return garita_fail(err, EINVAL,
					   "the runtimes of CRI are written in "
					   "a form that is not edited here: "
					   "use [tables]");
	return 0;
}

static void put_spec_line(const struct edit *edit,
			  const struct garita_toml_item *table,
			  const char *spec, struct garita_text *out)
{
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		garita_text_putc(out, '\n');
	garita_text_add(out, edit->text + table->begin,
			strspn(edit->text + table->begin, " \t"));
	garita_text_printf(out, "  base_runtime_spec = \"%s\"\n", spec);
}

/* The text with our line in each table that lacks it; *ret_count of tables. */
static int put_specs(const struct edit *edit, const char *all, const char *spec,
		     struct garita_text *out, size_t *ret_count,
		     struct garita_error *err)
{
	size_t done = 0;

	for (size_t i = 0; i < edit->toml.count; i++) {
		const struct garita_toml_item *item = &edit->toml.items[i];
		auto_free char *type = join(item->path, "runtime_type");
		auto_free char *base = join(item->path, "base_runtime_spec");
		const struct garita_toml_item *type_item =
			garita_toml_find(&edit->toml, GARITA_TOML_KEY, type);
		const struct garita_toml_item *base_item =
			garita_toml_find(&edit->toml, GARITA_TOML_KEY, base);

		if (!is_runtime(item, all) || type_item == NULL ||
		    !string_is(edit, type_item, "io.containerd.runc.v2"))
			continue;
		(*ret_count)++;
		if (base_item != NULL && string_is(edit, base_item, spec))
			continue;
		if (base_item != NULL && !string_is(edit, base_item, ""))
			return garita_fail(err, EEXIST,
					   "a runtime has another "
					   "base_runtime_spec already");
		if (base_item != NULL) {
			garita_text_add(out, edit->text + done,
					base_item->value - done);
			garita_text_printf(out, "\"%s\"", spec);
			done = base_item->value_end;
			continue;
		}
		garita_text_add(out, edit->text + done, item->after - done);
		put_spec_line(edit, item, spec, out);
		done = item->after;
	}
	put_end(edit, done, out);
	return 0;
}

static int edit_spec_once(const char *text, const char *spec,
			  struct garita_text *ret, struct garita_error *err)
{
	auto_edit edit = { .text = text };
	auto_free char *all = NULL;
	size_t count = 0;
	int rc = garita_toml_read(text, &edit.toml, err);

	if (rc == 0)
		rc = read_version(&edit, err);
	if (rc < 0)
		return rc;
	all = join(edit.base, "runtimes");
	rc = check_runtimes(&edit, all, err);
	if (rc == 0)
		rc = put_specs(&edit, all, spec, ret, &count, err);
	if (rc < 0)
		return rc;
	if (count == 0 && has_runtimes(&edit))
		return garita_fail(err, EINVAL,
				   "none of the runtimes here is started as "
				   "runc is");
	if (count == 0) {
		put_runc(&edit, ret);
		garita_text_printf(ret, "    base_runtime_spec = \"%s\"\n",
				   spec);
	}
	return 0;
}

int garita_install_edit_base_spec(const struct garita_text *before,
				  const char *spec, struct garita_text *ret,
				  struct garita_error *err)
{
	return edit_twice(before, spec, edit_spec_once, ret, err);
}
