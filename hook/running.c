/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * running - a container that was started, by the config that garita printed.
 *
 * Where the bundle is, the runtime itself is asked ("state"): it alone knows
 * where it keeps its state (--root, XDG_RUNTIME_DIR, its version), and it takes
 * no other command for another container than the one that follows. Its answer
 * is not what the container claims: runc writes the bundle beside annotations
 * of the same form, and its state command, unlike its exec, reads the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/running.h"

/* The state holds the annotations. */
enum { STATE_MAX_BYTES = GARITA_JSON_MAX_BYTES };

static int ask_bundle(const struct garita_runtime *runtime,
		      const struct garita_command *command, char *const envp[],
		      bool quiet, char **ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_command state = { 0 };
	auto_free char *text = NULL;
	const char *id, *bundle;
	size_t len = 0;
	int r;

	garita_argv_state(command, &state);
	r = garita_runtime_capture(runtime, &state, envp, quiet,
				   STATE_MAX_BYTES, &text, &len, err);
	if (r == 0)
		r = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	if (r < 0)
		return garita_fail_in(err, "state of the container");
	id = garita_json_string(garita_json_get(garita_json_root(doc), "id"));
	bundle = garita_json_string(
		garita_json_get(garita_json_root(doc), "bundle"));
	if (!id || strcmp(id, command->id) != 0 || !bundle || *bundle != '/')
		return garita_fail(err, EINVAL,
				   "the runtime does not say where the bundle "
				   "of this container is");
	*ret = garita_xstrdup(bundle);
	return 0;
}

static struct garita_running take(struct garita_running *from)
{
	struct garita_running ret = *from;

	*from = (struct garita_running){ .bundle.fd = -1 };
	return ret;
}

int garita_running_open(const struct garita_runtime *runtime,
			const struct garita_command *command,
			char *const envp[], bool printed,
			struct garita_running *ret, struct garita_error *err)
{
	auto_running found = { .bundle.fd = -1 };
	auto_free char *path = NULL;
	int r = ask_bundle(runtime, command, envp, !printed, &path, err);

	if (r == 0)
		r = garita_bundle_open(path, &found.bundle, err);
	if (r < 0)
		return r;
	r = garita_config_parse(found.bundle.config, found.bundle.config_len,
				&found.config, err);
	if (r == 0)
		r = garita_spec_read(found.config, &found.spec, err);
	if (r < 0)
		return garita_fail_in(err, "config.json of the container");
	if (printed && !garita_bundle_is_printed(&found.bundle, found.config))
		return garita_fail(err, EINVAL,
				   "config.json of the container is not what "
				   "garita-runtime printed: the container was "
				   "started without garita, or somebody wrote "
				   "it later");
	*ret = take(&found);
	return 0;
}

void garita_running_close(struct garita_running *running)
{
	garita_spec_free(&running->spec);
	garita_json_free(running->config);
	running->config = NULL;
	garita_bundle_close(&running->bundle);
}

static struct garita_json *copy_number(struct garita_json_doc *doc,
				       const struct garita_json *node)
{
	uint64_t natural;
	int64_t number;

	if (garita_json_u64(node, &natural) == 0)
		return garita_json_new_u64(doc, natural);
	/* The name table takes no number beyond these two. */
	return garita_json_i64(node, &number) == 0
		       ? garita_json_new_i64(doc, number)
		       : NULL;
}

/* As deep as a document can be: GARITA_JSON_MAX_DEPTH. */
struct garita_json *garita_running_copy(struct garita_json_doc *doc,
					const struct garita_json *node)
{
	enum garita_json_type type = garita_json_type(node);
	struct garita_json *ret;

	if (!node || type == GARITA_JSON_NULL)
		return NULL;
	if (type == GARITA_JSON_BOOL)
		return garita_json_new_bool(doc, garita_json_bool(node));
	if (type == GARITA_JSON_NUMBER)
		return copy_number(doc, node);
	if (type == GARITA_JSON_STRING)
		return garita_json_new_string(doc, garita_json_string(node));
	ret = type == GARITA_JSON_ARRAY ? garita_json_new_array(doc)
					: garita_json_new_object(doc);
	for (size_t i = 0; i < garita_json_count(node); i++) {
		struct garita_json *item =
			garita_running_copy(doc, garita_json_item(node, i));

		if (!item)
			continue;
		if (type == GARITA_JSON_ARRAY)
			garita_json_append(doc, ret, item);
		else
			garita_json_put(doc, ret, garita_json_key(node, i),
					item);
	}
	return ret;
}

/* Objects member by member, all else in the place of the old. */
static void put_over(struct garita_json_doc *doc, struct garita_json *target,
		     const struct garita_json *from)
{
	for (size_t i = 0; i < garita_json_count(from); i++) {
		const struct garita_json *item = garita_json_item(from, i);
		const char *key = garita_json_key(from, i);
		struct garita_json *old = garita_json_get(target, key);
		struct garita_json *made;

		if (garita_json_type(item) == GARITA_JSON_OBJECT && old &&
		    garita_json_type(old) == GARITA_JSON_OBJECT) {
			put_over(doc, old, item);
			continue;
		}
		made = garita_running_copy(doc, item);
		if (made)
			garita_json_put(doc, target, key, made);
	}
}

/* Through text once more: what was put in is checked as a config is. */
static int read_again(struct garita_json_doc *doc, struct garita_json_doc **ret,
		      struct garita_error *err)
{
	auto_text text = { 0 };

	garita_json_print(garita_json_root(doc), &text);
	return garita_config_parse(text.data, text.len, ret, err);
}

static int parse_own(const struct garita_running *running,
		     struct garita_json_doc **ret, struct garita_error *err)
{
	return garita_config_parse(running->bundle.config,
				   running->bundle.config_len, ret, err);
}

int garita_running_with_process(const struct garita_running *running,
				const struct garita_json *process,
				struct garita_json_doc **ret,
				struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	int r = parse_own(running, &doc, err);

	if (r < 0)
		return r;
	garita_json_put(doc, garita_json_root(doc), "process",
			garita_running_copy(doc, process));
	return read_again(doc, ret, err);
}

int garita_running_with_resources(const struct garita_running *running,
				  const struct garita_json *resources,
				  struct garita_json_doc **ret,
				  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json *target;
	int r = parse_own(running, &doc, err);

	if (r < 0)
		return r;
	target = garita_json_make_object(doc, "/linux/resources");
	if (!target)
		return garita_fail(err, EINVAL,
				   "the container has no place for resources");
	put_over(doc, target, resources);
	return read_again(doc, ret, err);
}

int garita_running_give(struct garita_command *command, char *const envp[],
			const struct garita_text *text, char **ret_path,
			struct garita_error *err)
{
	const int seals =
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	auto_fd int fd =
		memfd_create("garita", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	auto_text path = { 0 };
	int kept;

	if (fd < 0 || garita_file_write(fd, text->data, text->len) < 0 ||
	    lseek(fd, 0, SEEK_SET) != 0 || fcntl(fd, F_ADD_SEALS, seals) < 0)
		return garita_fail(err, errno, "cannot make a sealed file: %s",
				   strerror(errno));
	/* Above what the runtime hands on into the container. */
	kept = fcntl(fd, F_DUPFD_CLOEXEC,
		     (int)garita_runtime_first_free(command, envp));
	if (kept < 0)
		return garita_fail(err, errno, "no descriptor is left: %s",
				   strerror(errno));
	command->keep_fd = kept;
	garita_text_printf(&path, "/proc/self/fd/%d", kept);
	*ret_path = garita_text_take(&path);
	return 0;
}
