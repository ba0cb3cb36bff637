/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader - see the header.
 */
#include "hook/log/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "garita/text.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/log/line.h"

/* ---- which files ---- */

/* Of "decisions.jsonl.12.gz" the ".12"; NULL: not a rotated one of `base`. */
static const char *rotation(const char *base, const char *name, size_t *ret_len)
{
	const char *rest = name + strlen(base);
	size_t digits;

	if (!garita_starts_with(name, base) || (*rest != '.' && *rest != '-'))
		return NULL;
	digits = strspn(rest + 1, "0123456789");
	if (*rest == '-') /* logrotate's dateformat may have a time */
		digits = strspn(rest + 1, "0123456789-.T");
	if (digits == 0)
		return NULL;
	if (rest[digits] == '.') /* of ".gz" */
		digits--;
	if (rest[1 + digits] != '\0' && strcmp(rest + 1 + digits, ".gz") != 0)
		return NULL;
	*ret_len = 1 + digits;
	return rest;
}

struct rotated {
	char *path;
	const char *part; /* borrowed from path */
	size_t len;
};

/* Dates upwards, then numbers downwards: oldest first. */
static int by_age(const void *a, const void *b)
{
	const struct rotated *one = a, *other = b;
	bool dated = *one->part == '-';
	int order;

	if (*one->part != *other->part)
		return dated ? -1 : 1;
	if (!dated && one->len != other->len)
		return one->len > other->len ? -1 : 1;
	order = strncmp(one->part, other->part,
			one->len < other->len ? one->len : other->len);
	if (order == 0)
		order = (one->len > other->len) - (one->len < other->len);
	return dated ? order : -order;
}

struct rotations {
	const char *base; /* of which they are */
	struct rotated *all;
	size_t count;
};

static void free_rotations(struct rotations *of)
{
	for (size_t i = 0; i < of->count; i++)
		free(of->all[i].path);
	free(of->all);
}

/* Of half a directory somebody would see half of what was decided, and not
 * know. */
static int add_rotation(void *data, int dir, const char *path, const char *name,
			struct garita_error *err)
{
	struct rotations *to = data;
	auto_text below = { 0 };
	struct rotated *one;
	size_t len = 0;

	(void)dir, (void)err;
	if (rotation(to->base, name, &len) == NULL)
		return 0;
	garita_text_printf(&below, "%s/%s", path, name);
	to->all = garita_xresize(to->all, to->count + 1, sizeof(*to->all));
	one = &to->all[to->count++];
	one->path = garita_text_take(&below);
	one->len = len;
	one->part = one->path + strlen(path) + 1 + strlen(to->base);
	return 0;
}

int garita_log_files(const char *path, struct garita_log_files *ret,
		     struct garita_error *err)
{
	__attribute__((cleanup(free_rotations))) struct rotations old = { 0 };
	auto_free char *directory = garita_xstrdup(path);
	char *slash = strrchr(directory, '/');
	int failed;

	if (slash == NULL)
		return garita_fail(err, EINVAL, "%s is not an absolute path",
				   path);
	*slash = '\0';
	old.base = slash + 1;
	failed = garita_directory_each(directory[0] != '\0' ? directory : "/",
				       add_rotation, &old, err);
	if (failed < 0)
		return failed;
	if (old.count > 1)
		qsort(old.all, old.count, sizeof(*old.all), by_age);
	if (old.count == 0 && access(path, F_OK) < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	ret->paths = garita_xcalloc(old.count + 1, sizeof(*ret->paths));
	for (size_t i = 0; i < old.count; i++)
		ret->paths[ret->count++] = garita_take_ptr(&old.all[i].path);
	/* Just rotated, and nothing decided since. */
	if (access(path, F_OK) == 0)
		ret->paths[ret->count++] = garita_xstrdup(path);
	return 0;
}

void garita_log_files_free(struct garita_log_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct garita_log_files){ 0 };
}

/* ---- lines ---- */

/* Bytes come in pieces, lines go out. */
struct splitter {
	const char *path;
	garita_log_each *each;
	void *data;
	struct garita_text line; /* begun */
	uint64_t number;
	bool enough;
};

/* A line too long to be a record keeps one byte more than one can have. */
static void add(struct splitter *s, const char *bytes, size_t len)
{
	size_t room = GARITA_LOG_LINE_MAX + 1 - s->line.len;

	garita_text_add(&s->line, bytes, len < room ? len : room);
}

static void end_line(struct splitter *s)
{
	s->number++;
	if (s->line.len > 0 && !s->enough)
		s->enough = !s->each(s->data, s->path, s->number, s->line.data,
				     s->line.len);
	s->line.len = 0;
}

static void split(struct splitter *s, const char *bytes, size_t len)
{
	while (len > 0 && !s->enough) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) : len;

		add(s, bytes, part);
		if (end == NULL)
			return;
		end_line(s);
		bytes += part + 1;
		len -= part + 1;
	}
}

static void reset(struct splitter *s)
{
	s->line.len = 0;
	s->number = 0;
}

static int open_file(const char *path, struct garita_error *err)
{
	struct stat st;
	int fd = garita_file_open_given(AT_FDCWD, path, &st, err);

	return fd < 0 ? garita_fail_in(err, path) : fd;
}

int garita_log_read(const char *path, garita_log_each *each, void *data,
		    struct garita_error *err)
{
	struct splitter s = { .path = path, .each = each, .data = data };
	auto_fd int fd = open_file(path, err);
	char bytes[64 * 1024];
	int len = 0, rc = 0, number;
	gzFile file;

	if (fd < 0)
		return fd;
	file = gzdopen(fd, "rb");
	if (file == NULL)
		return garita_fail(err, ENOMEM, "%s: cannot be read", path);
	(void)garita_take_fd(&fd); /* gzclose() closes it */
	while (!s.enough && (len = gzread(file, bytes, sizeof(bytes))) > 0)
		split(&s, bytes, (size_t)len);
	if (len == 0)
		end_line(
			&s); /* one without a newline: torn, or being written */
	if (len < 0)
		rc = garita_fail(err, EIO, "%s: %s", path,
				 gzerror(file, &number));
	gzclose(file);
	garita_text_free(&s.line);
	return rc;
}

/* ---- at the end of the file that grows ---- */

struct following {
	struct splitter s;
	int fd;       /* -1: not there */
	bool leaving; /* another file has the name: a last look, then that */
};

static int read_more(struct following *f)
{
	char bytes[64 * 1024];
	struct stat st;
	ssize_t len;

	/* Cut (copytruncate): from the start again. */
	if (fstat(f->fd, &st) == 0 && st.st_size < lseek(f->fd, 0, SEEK_CUR)) {
		lseek(f->fd, 0, SEEK_SET);
		reset(&f->s);
	}
	while (!f->s.enough && (len = read(f->fd, bytes, sizeof(bytes))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		split(&f->s, bytes, (size_t)len);
	}
	return 0;
}

/* Who had the old file open when it was renamed still writes to it: it is left
 * only at the second look that finds another one. */
static void look_for_another(struct following *f)
{
	struct stat now, ours;

	if (f->fd >= 0) {
		if (stat(f->s.path, &now) < 0 || fstat(f->fd, &ours) < 0 ||
		    (now.st_ino == ours.st_ino && now.st_dev == ours.st_dev))
			return;
		if (!f->leaving) {
			f->leaving = true;
			return;
		}
		close(f->fd);
	}
	f->leaving = false;
	f->fd = open_file(f->s.path, NULL);
	reset(&f->s);
}

int garita_log_follow(const char *path, bool from_start, garita_log_each *each,
		      void *data, struct garita_error *err)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	struct following f = {
		.s = { .path = path, .each = each, .data = data },
		.fd = open_file(path, NULL),
	};
	int rc = 0;

	if (f.fd >= 0 && !from_start)
		lseek(f.fd, 0, SEEK_END);
	while (rc == 0 && !f.s.enough) {
		if (f.fd >= 0)
			rc = read_more(&f);
		look_for_another(&f);
		if (!f.s.enough)
			nanosleep(&pause, NULL);
	}
	if (f.fd >= 0)
		close(f.fd);
	garita_text_free(&f.s.line);
	return rc < 0 ? garita_fail(err, -rc, "%s: %s", path, strerror(-rc))
		      : 0;
}
