/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * plan - files as they are and as they should be.
 *
 * A file is read by the same rule by which garita obeys its own: root's, and
 * nobody else's to change. An engine's configuration that others can write
 * would be no protection, and a link would be replaced by the edit, so the
 * operator is told instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/file.h"
#include "hook/install/install.h"
#include "hook/report/report.h"

enum { MAX_CONFIG = 1024 * 1024 };

static int check_no_link(const struct garita_install_options *options,
			 const char *path, struct garita_error *err)
{
	auto_free char *below = garita_install_below(options, path);
	struct stat st;

	if (lstat(below, &st) == 0 && !S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL,
				   "%s is a link or another kind of file; edit "
				   "what it leads to by hand",
				   path);
	return 0;
}

static int read_file(const struct garita_install_options *options,
		     struct garita_install_file *file, struct garita_error *err)
{
	auto_free char *text = NULL;
	struct stat st;
	auto_fd int fd = garita_file_open_trusted(options->sysroot, file->path,
						  &st, err);
	size_t len;
	int rc;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	rc = garita_file_read(fd, MAX_CONFIG, &text, &len, err);
	if (rc < 0)
		return garita_fail_in(err, file->path);
	if (memchr(text, '\0', len) != NULL)
		return garita_fail(err, EINVAL, "%s has a NUL in it",
				   file->path);
	file->exists = true;
	garita_text_add(&file->before, text, len);
	file->mode = st.st_mode & 07777;
	file->uid = st.st_uid;
	file->gid = st.st_gid;
	return 0;
}

int garita_install_plan_file(const struct garita_install_options *options,
			     struct garita_install_plan *plan, const char *path,
			     struct garita_install_file **ret,
			     struct garita_error *err)
{
	struct garita_install_file *file;
	int rc = check_no_link(options, path, err);

	if (rc < 0)
		return rc;
	plan->files = garita_xresize(plan->files, plan->count + 1,
				     sizeof(*plan->files));
	file = &plan->files[plan->count++];
	*file = (struct garita_install_file){
		.path = garita_xstrdup(path),
		.mode = 0644,
	};
	rc = read_file(options, file, err);
	if (rc < 0)
		return rc;
	*ret = file;
	return 0;
}

int garita_install_plan_ours(const struct garita_install_options *options,
			     struct garita_install_plan *plan, const char *path,
			     const char *text, struct garita_error *err)
{
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, plan, path, &file, err);

	if (rc < 0)
		return rc;
	file->ours = true;
	garita_text_puts(&file->after, text);
	return 0;
}

void garita_install_plan_free(struct garita_install_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->files[i].path);
		garita_text_free(&plan->files[i].before);
		garita_text_free(&plan->files[i].after);
	}
	free(plan->files);
	garita_text_free(&plan->notes);
	*plan = (struct garita_install_plan){ 0 };
}

static bool is_same(const struct garita_text *a, const struct garita_text *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* No text afterwards: the file goes. */
bool garita_install_is_changed(const struct garita_install_file *file)
{
	return file->exists != (file->after.len > 0) ||
	       !is_same(&file->before, &file->after);
}

static void put_lines(const struct garita_text *from, struct garita_text *to)
{
	if (from->len == 0)
		return;
	garita_text_add(to, from->data, from->len);
	if (from->data[from->len - 1] != '\n')
		garita_text_putc(to, '\n');
}

void garita_install_diff(const struct garita_install_file *file,
			 struct garita_text *out)
{
	auto_text before = { 0 }, after = { 0 }, diff = { 0 };
	const char *body;

	put_lines(&file->before, &before);
	put_lines(&file->after, &after);
	garita_report_diff(file->path, &before, &after, &diff);
	/* Its own first two lines speak of repairs. */
	body = diff.len > 0 ? strstr(diff.data, "\n@@") : NULL;
	if (body == NULL)
		return;
	garita_text_printf(out, "--- %s\n+++ %s",
			   file->exists ? file->path : "/dev/null",
			   file->after.len > 0 ? file->path : "/dev/null");
	garita_text_puts(out, body);
}
