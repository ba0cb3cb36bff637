/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - the process that an exec would start, read from a file or from the
 * command line.
 *
 * Engines write the process to a file (--process), people say it in words. In
 * words it is the container's own process with other arguments and what the
 * options change; crun would begin with root and no confinement instead. In
 * either form the runtime gets the whole process as one sealed file, so that
 * what was judged is what is started, and what the file left open (labels,
 * capabilities, environment) means the same to every runtime: as in the
 * container.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/names.h"
#include "hook/exec.h"
#include "hook/file.h"

/* Say what the process is; --process says it all. */
static const char *const process_options[] = {
	"cwd",      "env",          "user", "additional-gids",
	"apparmor", "no-new-privs", "cap",  "process-label",
	"tty",      NULL,
};

static const char *const dropped[] = {
	"cwd",      "env",          "user", "additional-gids",
	"apparmor", "no-new-privs", "cap",  "process-label",
	"tty",      "process",      NULL,
};

/* Ask for something else than the container has. */
static const char *const asking[] = {
	"user", "additional-gids", "apparmor", "cap", "process-label", NULL,
};

static bool is_one_of(const struct garita_argv_option *option,
		      const char *const names[])
{
	for (; *names; names++)
		if (garita_argv_option_is(option, *names))
			return true;
	return false;
}

/* ".." as a component: "a/../../b" leads out of the container's cgroup. */
static bool leads_up(const char *path)
{
	for (; path; path = strchr(path, '/')) {
		path += *path == '/' || *path == ':';
		if (strncmp(path, "..", 2) == 0 &&
		    (path[2] == '\0' || path[2] == '/'))
			return true;
	}
	return false;
}

/* crun 1.8 leaves the container's control group for the host's own when there
 * is none of that name, or cgroups are of version 1. */
static int check_cgroup(enum garita_runtime_kind kind, const char *path,
			struct garita_error *err)
{
	const char *colon = strchr(path, ':');

	if (leads_up(path) || (colon && leads_up(colon)))
		return garita_fail(err, EINVAL,
				   "exec: --cgroup leads out of the "
				   "container's control group");
	if (kind == GARITA_RUNTIME_CRUN && strcmp(path, "/") != 0)
		return garita_fail(err, EINVAL,
				   "exec: crun's --cgroup may lead out of the "
				   "container's control group: leave it out, "
				   "or give /");
	return 0;
}

static int check_option(enum garita_runtime_kind kind,
			const struct garita_argv_option *option, bool file,
			struct garita_error *err)
{
	/* conmon says --tty beside the file, which says it, too. */
	if (file && is_one_of(option, process_options) &&
	    !garita_argv_option_is(option, "tty"))
		return garita_fail(err, EINVAL,
				   "exec: --%.*s beside --process: runtimes do "
				   "not agree on which one counts",
				   (int)option->name_len, option->name);
	if (!garita_argv_option_is(option, "cgroup"))
		return 0;
	return check_cgroup(kind, option->value, err);
}

/* *ret_file is NULL for the form in words. */
static int read_options(enum garita_runtime_kind kind,
			const struct garita_command *command,
			const char **ret_file, bool *ret_asked,
			struct garita_error *err)
{
	struct garita_argv_option option;
	const char *file = NULL;
	int r = 0;

	for (size_t i = 0; garita_argv_option(command, i, &option); i++) {
		if (garita_argv_option_is(&option, "process"))
			file = option.value;
		else if (is_one_of(&option, asking))
			*ret_asked = true;
	}
	for (size_t i = 0; r == 0 && garita_argv_option(command, i, &option);
	     i++)
		r = check_option(kind, &option, file != NULL, err);
	if (r == 0 && file && *garita_argv_rest(command))
		r = garita_fail(err, EINVAL,
				"exec: a command beside --process: runtimes do "
				"not agree on which one counts");
	*ret_file = file;
	return r;
}

static int read_file(const char *path, struct garita_json_doc **ret,
		     struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	struct stat st;
	size_t len = 0;
	auto_fd int fd = garita_file_open_trusted(NULL, path, &st, err);
	int r;

	if (fd < 0)
		return garita_fail_in(err, "--process");
	r = garita_file_read(fd, GARITA_JSON_MAX_BYTES, &text, &len, err);
	if (r == 0)
		r = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	if (r == 0)
		r = garita_names_check_process(doc, err);
	if (r < 0)
		return garita_fail_in(err, "process of the exec");
	*ret = garita_take_ptr(&doc);
	return 0;
}

/* The array at `key`, made where it is missing. */
static struct garita_json *array_at(struct garita_json_doc *doc,
				    struct garita_json *object, const char *key)
{
	struct garita_json *array = garita_json_get(object, key);

	if (garita_json_type(array) == GARITA_JSON_ARRAY)
		return array;
	array = garita_json_new_array(doc);
	garita_json_put(doc, object, key, array);
	return array;
}

/* UID[:GID]; the rest of the user stays the container's. */
static int set_user(struct garita_json_doc *doc, const char *value,
		    struct garita_error *err)
{
	struct garita_json *user = garita_json_make_object(doc, "/user");
	const char *colon = strchr(value, ':');
	auto_free char *name = garita_xstrndup(
		value, colon ? (size_t)(colon - value) : strlen(value));
	uint32_t uid, gid = 0;

	if (garita_parse_u32(name, 0, GARITA_ID_MAX, &uid) < 0 ||
	    (colon && garita_parse_u32(colon + 1, 0, GARITA_ID_MAX, &gid) < 0))
		return garita_fail(
			err, EINVAL,
			"exec: --user is UID or UID:GID, in numbers");
	garita_json_put_u64(doc, user, "uid", uid);
	if (colon)
		garita_json_put_u64(doc, user, "gid", gid);
	return 0;
}

static int add_gid(struct garita_json_doc *doc, const char *value,
		   struct garita_error *err)
{
	struct garita_json *user = garita_json_make_object(doc, "/user");
	uint32_t gid;

	if (garita_parse_u32(value, 0, GARITA_ID_MAX, &gid) < 0)
		return garita_fail(err, EINVAL,
				   "exec: --additional-gids is a number");
	garita_json_append(doc, array_at(doc, user, "additionalGids"),
			   garita_json_new_u64(doc, gid));
	return 0;
}

/* runc adds to the sets that a process needs to use it. */
static void add_cap(struct garita_json_doc *doc, const char *name)
{
	static const enum garita_cap_set sets[] = {
		GARITA_CAPS_BOUNDING,
		GARITA_CAPS_EFFECTIVE,
		GARITA_CAPS_PERMITTED,
	};
	struct garita_json *caps =
		garita_json_make_object(doc, "/capabilities");

	for (size_t i = 0; i < GARITA_COUNT(sets); i++)
		garita_json_append(
			doc, array_at(doc, caps, garita_cap_set_name(sets[i])),
			garita_json_new_string(doc, name));
}

static int apply_option(struct garita_json_doc *doc,
			const struct garita_argv_option *option,
			struct garita_error *err)
{
	struct garita_json *process = garita_json_root(doc);

	if (garita_argv_option_is(option, "user"))
		return set_user(doc, option->value, err);
	if (garita_argv_option_is(option, "additional-gids"))
		return add_gid(doc, option->value, err);
	if (garita_argv_option_is(option, "cap"))
		add_cap(doc, option->value);
	else if (garita_argv_option_is(option, "cwd"))
		garita_json_put_string(doc, process, "cwd", option->value);
	else if (garita_argv_option_is(option, "env"))
		garita_json_append(doc, array_at(doc, process, "env"),
				   garita_json_new_string(doc, option->value));
	else if (garita_argv_option_is(option, "apparmor"))
		garita_json_put_string(doc, process, "apparmorProfile",
				       option->value);
	else if (garita_argv_option_is(option, "process-label"))
		garita_json_put_string(doc, process, "selinuxLabel",
				       option->value);
	else if (garita_argv_option_is(option, "no-new-privs"))
		garita_json_put_bool(doc, process, "noNewPrivileges", true);
	else if (garita_argv_option_is(option, "tty"))
		garita_json_put_bool(doc, process, "terminal", true);
	return 0;
}

/* crun's --cap is all that the process gets. */
static void forget_caps(struct garita_json_doc *doc,
			const struct garita_command *command)
{
	struct garita_argv_option option;

	for (size_t i = 0; garita_argv_option(command, i, &option); i++)
		if (garita_argv_option_is(&option, "cap"))
			garita_json_put(doc, garita_json_root(doc),
					"capabilities",
					garita_json_new_object(doc));
}

/* A document of the container's own process alone, without which no config is
 * read. */
static int copy_process(const struct garita_running *running,
			struct garita_json_doc **ret, struct garita_error *err)
{
	auto_text text = { 0 };

	garita_json_print(garita_json_get(running->spec.root, "process"),
			  &text);
	return garita_json_parse(text.data, text.len, GARITA_JSON_STRICT, ret,
				 err);
}

static int read_words(enum garita_runtime_kind kind,
		      const struct garita_command *command,
		      const struct garita_running *running,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	char *const *words = garita_argv_rest(command);
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_argv_option option;
	struct garita_json *args;
	int r = copy_process(running, &doc, err);

	if (r < 0)
		return r;
	if (!*words)
		return garita_fail(err, EINVAL, "exec: no command");
	args = garita_json_new_array(doc);
	for (; *words; words++)
		garita_json_append(doc, args,
				   garita_json_new_string(doc, *words));
	garita_json_put(doc, garita_json_root(doc), "args", args);
	garita_json_put_bool(doc, garita_json_root(doc), "terminal", false);
	if (kind == GARITA_RUNTIME_CRUN)
		forget_caps(doc, command);
	for (size_t i = 0; r == 0 && garita_argv_option(command, i, &option);
	     i++)
		r = apply_option(doc, &option, err);
	if (r == 0)
		*ret = garita_take_ptr(&doc);
	return r;
}

/* Is nothing said about it? To crun 1.8 an empty list of variables is none. */
static bool is_left_out(const struct garita_json *said)
{
	return !said || garita_json_type(said) == GARITA_JSON_NULL ||
	       (garita_json_type(said) == GARITA_JSON_ARRAY &&
		garita_json_count(said) == 0);
}

/* What is left out is the container's: of these, each runtime takes some from
 * there. */
static void complete(struct garita_json_doc *doc,
		     const struct garita_running *running)
{
	static const char members[][16] = {
		"capabilities",
		"env",
		"apparmorProfile",
		"selinuxLabel",
	};
	struct garita_json *process = garita_json_root(doc);
	const struct garita_json *own =
		garita_json_get(running->spec.root, "process");

	for (size_t i = 0; i < GARITA_COUNT(members); i++) {
		const struct garita_json *said =
			garita_json_get(process, members[i]);
		struct garita_json *copy = NULL;

		if (is_left_out(said))
			copy = garita_running_copy(
				doc, garita_json_get(own, members[i]));
		if (copy)
			garita_json_put(doc, process, members[i], copy);
	}
}

int garita_exec_read(enum garita_runtime_kind kind,
		     const struct garita_command *command,
		     const struct garita_running *running,
		     struct garita_exec *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const char *file = NULL;
	bool asked = false;
	int r = read_options(kind, command, &file, &asked, err);

	if (r == 0 && file)
		r = read_file(file, &doc, err);
	else if (r == 0)
		r = read_words(kind, command, running, &doc, err);
	if (r < 0)
		return r;
	complete(doc, running);
	r = garita_running_with_process(running, garita_json_root(doc),
					&ret->config, err);
	if (r < 0)
		return garita_fail_in(err, "process of the exec");
	ret->asked = asked;
	return 0;
}

int garita_exec_give(const struct garita_exec *exec,
		     struct garita_command *command, char *const envp[],
		     struct garita_error *err)
{
	auto_free char *path = NULL;
	auto_text text = { 0 };
	int r;

	garita_json_print(
		garita_json_get(garita_json_root(exec->config), "process"),
		&text);
	r = garita_running_give(command, envp, &text, &path, err);
	if (r == 0)
		garita_argv_replace(command, dropped, "process", path);
	return r;
}

void garita_exec_free(struct garita_exec *exec)
{
	garita_json_free(exec->config);
	*exec = (struct garita_exec){ 0 };
}
