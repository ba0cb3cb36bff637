/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record - what was done to an engine's configuration, so that it can be
 * undone exactly.
 *
 * For every file the whole text before and after. It is written before the
 * first change: of an install that was interrupted each file is then either as
 * before or as after, and undoing works the same. A file that is neither was
 * changed by somebody since, and is not ours to undo.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "hook/clock.h"
#include "hook/file.h"
#include "hook/install/install.h"

#define DIRECTORY GARITA_STATE_DIR "/install"

enum { MAX_RECORD = 4 * 1024 * 1024 };

static char *record_path(const char *engine)
{
	auto_text path = { 0 };

	garita_text_printf(&path, "%s/%s.json", DIRECTORY, engine);
	return garita_text_take(&path);
}

int garita_install_lock(const struct garita_install_options *options,
			struct garita_error *err)
{
	int rc = garita_install_make_directories(options, DIRECTORY "/x", err);
	auto_fd int fd = -1;

	if (rc < 0)
		return rc;
	fd = garita_file_open_directory(options->sysroot, DIRECTORY, err);
	if (fd < 0)
		return fd;
	/* The texts are an operator's: not everybody's to read. */
	if (fchmod(fd, 0700) < 0)
		return garita_fail(err, errno, "cannot close %s: %s", DIRECTORY,
				   strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return garita_fail(err, EBUSY,
				   "another garita install is at work");
	return garita_take_fd(&fd);
}

int garita_install_record_read(const struct garita_install_options *options,
			       const char *engine, struct garita_json_doc **ret,
			       struct garita_error *err)
{
	auto_free char *path = record_path(engine);
	auto_free char *text = NULL;
	struct stat st;
	auto_fd int fd =
		garita_file_open_trusted(options->sysroot, path, &st, err);
	size_t len;
	int rc;

	if (fd < 0)
		return fd;
	rc = garita_file_read(fd, MAX_RECORD, &text, &len, err);
	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, ret, err);
	return rc < 0 ? garita_fail_in(err, path) : 0;
}

static struct garita_json *find_file(struct garita_json_doc *record,
				     const char *path)
{
	struct garita_json *files =
		record ? garita_json_get(garita_json_root(record), "files")
		       : NULL;

	for (size_t i = 0; i < garita_json_count(files); i++) {
		struct garita_json *one = garita_json_item(files, i);
		const char *its =
			garita_json_string(garita_json_get(one, "path"));

		if (its != NULL && strcmp(its, path) == 0)
			return one;
	}
	return NULL;
}

static bool says(const struct garita_json *object, const char *key,
		 const struct garita_text *text)
{
	const char *its = garita_json_string(garita_json_get(object, key));

	return its != NULL && strcmp(its, text->data ? text->data : "") == 0;
}

static void put_file(struct garita_json_doc *doc, struct garita_json *files,
		     const struct garita_install_file *file,
		     struct garita_json *old)
{
	struct garita_json *one = garita_json_new_object(doc);
	const char *before = file->exists ? file->before.data : NULL;

	if (before == NULL && file->exists)
		before = "";
	/* What we wrote the last time was not there before garita. */
	if (old != NULL && file->exists && says(old, "after", &file->before))
		before = garita_json_string(garita_json_get(old, "before"));
	garita_json_put_string(doc, one, "path", file->path);
	garita_json_put_bool(doc, one, "ours", file->ours);
	garita_json_put_string(doc, one, "before", before);
	garita_json_put_string(doc, one, "after", file->after.data);
	garita_json_append(doc, files, one);
}

/* Files of the old record that the new plan has no more stay in it. */
static void keep_others(struct garita_json_doc *doc, struct garita_json *files,
			const struct garita_install_plan *plan,
			struct garita_json_doc *old)
{
	struct garita_json *theirs =
		old ? garita_json_get(garita_json_root(old), "files") : NULL;

	for (size_t i = 0; i < garita_json_count(theirs); i++) {
		struct garita_json *from = garita_json_item(theirs, i), *one;
		const char *path =
			garita_json_string(garita_json_get(from, "path"));
		bool planned = path == NULL;

		for (size_t f = 0; f < plan->count && !planned; f++)
			planned = strcmp(plan->files[f].path, path) == 0;
		if (planned)
			continue;
		one = garita_json_new_object(doc);
		garita_json_put_string(doc, one, "path", path);
		garita_json_put_bool(
			doc, one, "ours",
			garita_json_bool(garita_json_get(from, "ours")));
		garita_json_put_string(
			doc, one, "before",
			garita_json_string(garita_json_get(from, "before")));
		garita_json_put_string(
			doc, one, "after",
			garita_json_string(garita_json_get(from, "after")));
		garita_json_append(doc, files, one);
	}
}

/* Through the same door as any configuration: aside, on the disk, renamed. */
static int store(const struct garita_install_options *options,
		 const char *engine, const struct garita_text *text,
		 struct garita_error *err)
{
	auto_free char *path = record_path(engine);
	auto_plan plan = { 0 };
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, &plan, path, &file, err);

	if (rc < 0)
		return rc;
	file->ours = true;
	file->mode = 0600;
	garita_text_add(&file->after, text->data, text->len);
	return garita_install_apply(options, &plan, err);
}

int garita_install_record_write(const struct garita_install_options *options,
				const char *engine,
				const struct garita_install_plan *plan,
				struct garita_json_doc *old,
				struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	auto_json struct garita_json_doc *again = NULL;
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *files = garita_json_new_array(doc);
	char now[GARITA_CLOCK_SIZE];
	auto_text text = { 0 };

	garita_clock_now(now);
	garita_json_put_u64(doc, root, "version", 1);
	garita_json_put_string(doc, root, "engine", engine);
	garita_json_put_string(doc, root, "time", now);
	garita_json_put(doc, root, "files", files);
	for (size_t i = 0; i < plan->count; i++)
		put_file(doc, files, &plan->files[i],
			 find_file(old, plan->files[i].path));
	keep_others(doc, files, plan, old);
	garita_json_print_pretty(root, &text);
	garita_text_putc(&text, '\n');
	/* Bytes that JSON cannot hold could not be put back. */
	if (garita_json_parse(text.data, text.len, GARITA_JSON_STRICT, &again,
			      err) < 0)
		return garita_fail(err, EILSEQ,
				   "the configuration is not UTF-8");
	return store(options, engine, &text, err);
}

int garita_install_record_remove(const struct garita_install_options *options,
				 const char *engine, struct garita_error *err)
{
	auto_free char *path = record_path(engine);
	auto_plan plan = { 0 };
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, &plan, path, &file, err);

	return rc < 0 ? rc : garita_install_apply(options, &plan, err);
}

/* The copy that was put beside it goes too, if it is that still. */
static int undo_backup(const struct garita_install_options *options,
		       const char *path, const char *before,
		       struct garita_install_plan *plan,
		       struct garita_error *err)
{
	struct garita_install_file *file = NULL;
	auto_text beside = { 0 };
	int rc;

	garita_text_printf(&beside, "%s.before-garita", path);
	rc = garita_install_plan_file(options, plan, beside.data, &file, err);
	if (rc < 0)
		return rc;
	file->ours = true;
	if (file->exists && strcmp(before, file->before.data) != 0)
		garita_text_add(&file->after, file->before.data,
				file->before.len);
	return 0;
}

static int undo_file(const struct garita_install_options *options,
		     struct garita_json *one, struct garita_install_plan *plan,
		     struct garita_text *changed, struct garita_error *err)
{
	const char *path = garita_json_string(garita_json_get(one, "path"));
	const char *before = garita_json_string(garita_json_get(one, "before"));
	const char *after = garita_json_string(garita_json_get(one, "after"));
	struct garita_install_file *file = NULL;
	int rc;

	if (path == NULL || path[0] != '/' || after == NULL)
		return garita_fail(err, EINVAL, "the record is broken");
	rc = garita_install_plan_file(options, plan, path, &file, err);
	if (rc < 0)
		return rc;
	file->ours = garita_json_bool(garita_json_get(one, "ours"));
	garita_text_puts(&file->after, before ? before : "");
	if (!garita_install_is_changed(file) ||
	    says(one, "after", &file->before)) {
		bool edited = !file->ours && before != NULL;

		file->ours = true; /* what we wrote needs no backup */
		return edited ? undo_backup(options, path, before, plan, err)
			      : 0;
	}
	if (!file->exists && before == NULL)
		return 0;
	/* Shown against what we wrote, not against what it will be. */
	struct garita_install_file since = {
		.path = file->path,
		.exists = true,
		.before = { .data = (char *)after, .len = strlen(after) },
		.after = file->before,
	};
	garita_install_diff(&since, changed);
	return 0;
}

int garita_install_undo_plan(const struct garita_install_options *options,
			     struct garita_json_doc *record,
			     struct garita_install_plan *ret,
			     struct garita_text *ret_changed,
			     struct garita_error *err)
{
	struct garita_json *files =
		garita_json_get(garita_json_root(record), "files");

	for (size_t i = 0; i < garita_json_count(files); i++) {
		int rc = undo_file(options, garita_json_item(files, i), ret,
				   ret_changed, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}
