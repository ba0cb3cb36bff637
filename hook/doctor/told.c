/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * told - the runtimes of an engine, as its files name them.
 *
 * Also of an engine whose files were written by hand: the doctor asks what
 * they say, not who wrote them. podman, containerd and CRI-O speak TOML and
 * keep the same three things in it: the name of the default, a table of
 * runtimes, and in each the program. A row says where; files are read in the
 * engine's order, and what a later one says counts.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "hook/doctor/doctor.h"
#include "hook/file.h"
#include "hook/install/toml.h"

#define SEP "\x1f"

enum { MAX_CONFIG = 1024 * 1024, MAX_DEPTH = 8 };

struct dialect {
	const struct garita_install_engine *engine;
	const char *files[4]; /* in order; ends in NULL */
	const char *dir;      /* then those in it by name, or NULL */
	bool all;             /* all below, not only *.conf in it */
	const char *standard; /* key with the name of the default */
	const char *runtimes; /* table of runtimes, SEP behind it */
	const char *program;  /* key in one of them; "": itself */
};

/* containerd keeps the same under another name since version 3 of its file:
 * what is not in a file is not found in it. */
static const struct dialect dialects[] = {
	{ .engine = &garita_install_podman,
	  .files = { "/usr/share/containers/containers.conf",
		     "/etc/containers/containers.conf" },
	  .dir = "/etc/containers/containers.conf.d",
	  .standard = "engine" SEP "runtime",
	  .runtimes = "engine" SEP "runtimes" SEP,
	  .program = "" },
	{ .engine = &garita_install_crio,
	  .files = { "/etc/crio/crio.conf" },
	  .dir = "/etc/crio/crio.conf.d",
	  .all = true,
	  .standard = "crio" SEP "runtime" SEP "default_runtime",
	  .runtimes = "crio" SEP "runtime" SEP "runtimes" SEP,
	  .program = "runtime_path" },
	{ .engine = &garita_install_containerd,
	  .files = { "/etc/containerd/config.toml" },
	  .standard = "plugins" SEP "io.containerd.grpc.v1.cri" SEP
		      "containerd" SEP "default_runtime_name",
	  .runtimes = "plugins" SEP "io.containerd.grpc.v1.cri" SEP
		      "containerd" SEP "runtimes" SEP,
	  .program = "options" SEP "BinaryName" },
	{ .engine = &garita_install_containerd,
	  .files = { "/etc/containerd/config.toml" },
	  .standard = "plugins" SEP "io.containerd.cri.v1.runtime" SEP
		      "containerd" SEP "default_runtime_name",
	  .runtimes = "plugins" SEP "io.containerd.cri.v1.runtime" SEP
		      "containerd" SEP "runtimes" SEP,
	  .program = "options" SEP "BinaryName" },
};

static struct garita_told_runtime *runtime_named(struct garita_told *told,
						 const char *name, size_t len)
{
	for (size_t i = 0; i < told->count; i++)
		if (strlen(told->runtimes[i].name) == len &&
		    strncmp(told->runtimes[i].name, name, len) == 0)
			return &told->runtimes[i];
	told->runtimes = garita_xresize(told->runtimes, told->count + 1,
					sizeof(*told->runtimes));
	told->runtimes[told->count] = (struct garita_told_runtime){
		.name = garita_xstrndup(name, len),
	};
	return &told->runtimes[told->count++];
}

const struct garita_told_runtime *garita_told_find(
	const struct garita_told *told, const char *name)
{
	for (size_t i = 0; name != NULL && i < told->count; i++)
		if (strcmp(told->runtimes[i].name, name) == 0)
			return &told->runtimes[i];
	return NULL;
}

static void replace(char **at, char *with)
{
	free(*at);
	*at = with;
}

/* Once, although containerd's is read once for each of its dialects. */
static void note_file(struct garita_told *told, const char *path)
{
	auto_text files = { 0 };

	if (told->files != NULL && strstr(told->files, path) != NULL)
		return;
	if (told->files != NULL)
		garita_text_printf(&files, "%s, ", told->files);
	garita_text_puts(&files, path);
	replace(&told->files, garita_text_take(&files));
}

/* -ENOENT: there is none. NUL after the text. */
static int read_file(const struct garita_install_options *options,
		     const char *path, struct garita_told *told, char **ret,
		     size_t *ret_len, struct garita_error *err)
{
	struct stat st;
	auto_fd int fd =
		garita_file_open_trusted(options->sysroot, path, &st, err);
	int rc;

	if (fd < 0)
		return fd;
	rc = garita_file_read(fd, MAX_CONFIG, ret, ret_len, err);
	if (rc < 0)
		return garita_fail_in(err, path);
	note_file(told, path);
	if (st.st_mtim.tv_sec > told->changed)
		told->changed = st.st_mtim.tv_sec;
	return 0;
}

/* The first string of a value: the value itself, or of an array the first. */
static char *first_string(const char *text, const struct garita_toml_item *item)
{
	const char *end = text + item->value_end;
	const char *at = text + item->value;
	const char *close;

	while (at < end && *at != '"' && *at != '\'')
		at++;
	close = at < end ? memchr(at + 1, *at, (size_t)(end - at - 1)) : NULL;
	return close ? garita_xstrndup(at + 1, (size_t)(close - at - 1)) : NULL;
}

static bool has_string(const char *text, const struct garita_toml_item *item)
{
	auto_free char *first = first_string(text, item);

	return first != NULL;
}

static void hear_runtime(const struct dialect *dialect, const char *text,
			 const struct garita_toml_item *item,
			 struct garita_told *told)
{
	const char *name = item->path + strlen(dialect->runtimes);
	size_t len = strcspn(name, SEP);
	const char *rest = name[len] ? name + len + 1 : name + len;
	struct garita_told_runtime *runtime = runtime_named(told, name, len);

	if (item->kind != GARITA_TOML_KEY)
		return;
	if (strcmp(rest, dialect->program) == 0)
		replace(&runtime->program, first_string(text, item));
	else if (strcmp(rest, "base_runtime_spec") == 0)
		replace(&runtime->base_spec, first_string(text, item));
}

static void hear(const struct dialect *dialect, const char *text,
		 const struct garita_toml *toml, struct garita_told *told)
{
	for (size_t i = 0; i < toml->count; i++) {
		const struct garita_toml_item *item = &toml->items[i];

		if (item->kind == GARITA_TOML_KEY &&
		    strcmp(item->path, dialect->standard) == 0)
			replace(&told->standard, first_string(text, item));
		else if (garita_starts_with(item->path, dialect->runtimes))
			hear_runtime(dialect, text, item, told);
		else if (item->kind == GARITA_TOML_KEY &&
			 strcmp(item->path, "disabled_plugins") == 0)
			told->cri_off = memmem(text + item->value,
					       item->value_end - item->value,
					       "cri\"", 4) != NULL;
		else if (item->kind == GARITA_TOML_KEY &&
			 strcmp(item->path, "imports") == 0)
			told->imports = has_string(text, item);
	}
}

static int read_toml(const struct garita_install_options *options,
		     const struct dialect *dialect, const char *path,
		     struct garita_told *told, struct garita_error *err)
{
	auto_free char *text = NULL;
	auto_toml toml = { 0 };
	size_t len;
	int rc = read_file(options, path, told, &text, &len, err);

	if (rc == -ENOENT)
		return 0;
	if (rc == 0) {
		rc = garita_toml_read(text, &toml, err);
		if (rc < 0)
			garita_fail_in(err, path);
	}
	if (rc == 0)
		hear(dialect, text, &toml, told);
	return rc;
}

int garita_told_hear(const struct garita_install_engine *engine,
		     const char *text, struct garita_told *ret,
		     struct garita_error *err)
{
	auto_toml toml = { 0 };
	int rc = garita_toml_read(text, &toml, err);

	for (size_t i = 0; rc == 0 && i < GARITA_COUNT(dialects); i++)
		if (dialects[i].engine == engine)
			hear(&dialects[i], text, &toml, ret);
	return rc;
}

static int is_conf(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end != NULL && strcmp(end, ".conf") == 0;
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 &&
	       strcmp(entry->d_name, "..") != 0;
}

static bool is_directory(const struct garita_install_options *options,
			 const char *path)
{
	auto_free char *below = garita_install_below(options, path);
	struct stat st;

	return lstat(below, &st) == 0 && S_ISDIR(st.st_mode);
}

/* At most MAX_DEPTH directories below one another. */
static int read_drop_ins(const struct garita_install_options *options,
			 const struct dialect *dialect, const char *dir,
			 int depth, struct garita_told *told,
			 struct garita_error *err)
{
	auto_free char *below = garita_install_below(options, dir);
	struct dirent **names = NULL;
	int count = scandir(below, &names, dialect->all ? is_name : is_conf,
			    alphasort);
	int rc = 0;

	/* What is in there and cannot be read counts for the engine. */
	if (count < 0 && errno != ENOENT)
		return garita_fail(err, errno, "cannot read %s: %s", dir,
				   strerror(errno));
	for (int i = 0; i < count; i++) {
		auto_text path = { 0 };

		garita_text_printf(&path, "%s/%s", dir, names[i]->d_name);
		if (rc == 0 && dialect->all && depth < MAX_DEPTH &&
		    is_directory(options, path.data))
			rc = read_drop_ins(options, dialect, path.data,
					   depth + 1, told, err);
		else if (rc == 0)
			rc = read_toml(options, dialect, path.data, told, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

static int read_dialect(const struct garita_install_options *options,
			const struct dialect *dialect, struct garita_told *told,
			struct garita_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && dialect->files[i] != NULL; i++)
		rc = read_toml(options, dialect, dialect->files[i], told, err);
	if (rc == 0 && dialect->dir != NULL)
		rc = read_drop_ins(options, dialect, dialect->dir, 0, told,
				   err);
	return rc;
}

/* A program by its path, or as the option of containerd's shim. */
static void hear_docker(const struct garita_json *root,
			struct garita_told *told)
{
	const struct garita_json *all = garita_json_get(root, "runtimes");
	const char *name =
		garita_json_string(garita_json_get(root, "default-runtime"));

	if (name != NULL)
		told->standard = garita_xstrdup(name);
	for (size_t i = 0; i < garita_json_count(all); i++) {
		const struct garita_json *item = garita_json_item(all, i);
		const char *key = garita_json_key(all, i);
		const char *program =
			garita_json_string(garita_json_get(item, "path"));
		struct garita_told_runtime *runtime;

		if (key == NULL)
			continue;
		if (program == NULL)
			program = garita_json_string(garita_json_get(
				garita_json_get(item, "options"),
				"BinaryName"));
		runtime = runtime_named(told, key, strlen(key));
		if (program != NULL)
			replace(&runtime->program, garita_xstrdup(program));
	}
}

static int read_docker(const struct garita_install_options *options,
		       struct garita_told *told, struct garita_error *err)
{
	static const char path[] = "/etc/docker/daemon.json";
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	size_t len;
	int rc = read_file(options, path, told, &text, &len, err);

	if (rc == -ENOENT)
		return 0;
	if (rc == 0) {
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
				       err);
		if (rc < 0)
			garita_fail_in(err, path);
	}
	if (rc == 0)
		hear_docker(garita_json_root(doc), told);
	return rc;
}

int garita_told_read(const struct garita_install_options *options,
		     const struct garita_install_engine *engine,
		     struct garita_told *ret, struct garita_error *err)
{
	auto_told told = { 0 };
	int rc = 0;

	if (engine == &garita_install_docker)
		rc = read_docker(options, &told, err);
	for (size_t i = 0; rc == 0 && i < GARITA_COUNT(dialects); i++)
		if (dialects[i].engine == engine)
			rc = read_dialect(options, &dialects[i], &told, err);
	if (rc < 0)
		return rc;
	*ret = told;
	told = (struct garita_told){ 0 };
	return 0;
}

void garita_told_free(struct garita_told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		free(told->runtimes[i].name);
		free(told->runtimes[i].program);
		free(told->runtimes[i].base_spec);
	}
	free(told->runtimes);
	free(told->standard);
	free(told->files);
}
