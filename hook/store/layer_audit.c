/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_audit - are the files of a layer on disk still those of its digest?
 *
 * Files are opened with O_PATH, one name at a time and no link followed, and
 * only what turns out to be a regular file is opened for reading: a device or
 * a fifo that somebody put in the place of a file is told of, not read.
 */
#include "hook/store/layer_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/resolve.h"
#include "hook/store/tar_header.h"
#include "hook/store/tar_split.h"
#include "hook/store/tree.h"

enum {
	CHUNK = 256 * 1024,
	BLOCK = 512,
	/* Headers between two files: far more than any of them needs. */
	HEADERS_MAX = 8 * 1024 * 1024,
};

/* One audit as it goes along. */
struct run {
	int diff;
	struct garita_sha256 sum;
	struct garita_text headers; /* bytes since the last file's contents */
	uint64_t last_size;         /* of those contents */
	struct garita_layer_names names;
	struct garita_layer_audit *audit;
	garita_layer_progress *progress;
	void *data;
	unsigned char *chunk;
};

void garita_layer_report(struct garita_layer_audit *audit, const char *name,
			 const char *fmt, ...)
{
	char words[PATH_MAX + 128];
	va_list args;

	if (audit->count == GARITA_LAYER_FINDINGS_MAX) {
		audit->more++;
		return;
	}
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	audit->findings = garita_xresize(audit->findings, audit->count + 1,
					 sizeof(*audit->findings));
	audit->findings[audit->count++] = (struct garita_layer_finding){
		.name = garita_xstrdup(name),
		.what = garita_xstrdup(words),
	};
}

void garita_layer_audit_free(struct garita_layer_audit *audit)
{
	for (size_t i = 0; i < audit->count; i++) {
		free(audit->findings[i].name);
		free(audit->findings[i].what);
	}
	free(audit->findings);
	*audit = (struct garita_layer_audit){ 0 };
}

int garita_layer_look(int diff, const char *name)
{
	/* A link as the last component is itself what is asked for. */
	return garita_resolve(
		diff, *name == '\0' ? "." : name, O_PATH | O_NOFOLLOW,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/* ---- what is no content ---- */

static bool is_type(const struct garita_tar_header *header, const char *name,
		    const struct stat *st)
{
	size_t len = strlen(name);

	switch (header->type) {
	case '0':
	case '\0':
		/* Before ustar a slash made a directory. */
		return len > 0 && name[len - 1] == '/' ? S_ISDIR(st->st_mode)
						       : S_ISREG(st->st_mode);
	case '7':
		return S_ISREG(st->st_mode);
	case '2':
		return S_ISLNK(st->st_mode);
	case '3':
	case '4':
		return (header->type == '3' ? S_ISCHR(st->st_mode)
					    : S_ISBLK(st->st_mode)) &&
		       st->st_rdev == makedev((unsigned)header->major,
					      (unsigned)header->minor);
	case '5':
		return S_ISDIR(st->st_mode);
	case '6':
		return S_ISFIFO(st->st_mode);
	}
	return true;
}

static void check_link(struct run *run, const char *name, int fd,
		       const char *wanted)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);

	target[len < 0 ? 0 : len] = '\0';
	if (strcmp(target, wanted) != 0)
		garita_layer_report(run->audit, name,
				    "leads to %s, in the layer to %s", target,
				    wanted);
}

/* Content of a hard link stands in the tar only once, under another name. */
static void check_hard_link(struct run *run, const char *name,
			    const struct stat *st, const char *wanted)
{
	auto_free char *clean = garita_path_clean(wanted);
	auto_fd int other = garita_layer_look(run->diff, clean + 1);
	struct stat target;

	if (other < 0 || fstat(other, &target) < 0 ||
	    target.st_dev != st->st_dev || target.st_ino != st->st_ino)
		garita_layer_report(run->audit, name,
				    "is no longer the same file as %s",
				    clean + 1);
}

static void check_caps(struct run *run, const char *name, int fd,
		       const struct garita_tar_header *header)
{
	unsigned char value[64];
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = getxattr(path, "security.capability", value, sizeof(value));
	if (len < 0 && header->caps == NULL)
		return;
	if (len < 0)
		garita_layer_report(run->audit, name,
				    "has lost its file capabilities");
	else if (header->caps == NULL || (size_t)len != header->caps_len ||
		 memcmp(value, header->caps, (size_t)len) != 0)
		garita_layer_report(run->audit, name,
				    "has other file capabilities than in the"
				    " layer");
}

static void check_header(struct run *run, const char *name, int fd,
			 const struct stat *st,
			 const struct garita_tar_header *header)
{
	if (header->type == '2')
		check_link(run, name, fd, header->link);
	else if ((st->st_mode & 07777) != (header->mode & 07777))
		garita_layer_report(
			run->audit, name, "has mode %04o, in the layer %04o",
			st->st_mode & 07777, (unsigned)header->mode & 07777);
	if (st->st_uid != header->uid || st->st_gid != header->gid)
		garita_layer_report(
			run->audit, name,
			"belongs to %u:%u, in the layer to %llu:%llu",
			st->st_uid, st->st_gid, (unsigned long long)header->uid,
			(unsigned long long)header->gid);
	if (header->type == '1')
		check_hard_link(run, name, st, header->link);
	if (S_ISREG(st->st_mode))
		check_caps(run, name, fd, header);
}

/* ---- contents ---- */

/* Feeds the contents of a file into the sum of the tar. */
static void read_contents(struct run *run, const char *name, int fd,
			  const struct garita_tar_split_entry *entry)
{
	char path[64];
	auto_fd int file = -1;
	uint64_t left = entry->size, crc = 0, wanted = 0;
	ssize_t n = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	while (file >= 0 && (n = read(file, run->chunk, CHUNK)) > 0) {
		if ((uint64_t)n > left)
			break;
		garita_sha256_update(&run->sum, run->chunk, (size_t)n);
		crc = garita_crc64(crc, run->chunk, (size_t)n);
		left -= (uint64_t)n;
		run->audit->bytes += (uint64_t)n;
		if (run->progress != NULL)
			run->progress(run->data, run->audit->bytes);
	}
	for (size_t i = 0; i < sizeof(entry->crc); i++)
		wanted = wanted << 8 | entry->crc[i];
	if (file < 0 || n < 0)
		garita_layer_report(run->audit, name, "cannot be read: %s",
				    strerror(errno));
	else if (n > 0 || left > 0 || crc != wanted)
		garita_layer_report(run->audit, name, "contents differ");
}

static void keep_name(struct run *run, const char *clean)
{
	struct garita_layer_names *names = &run->names;

	if (names->count == names->room) {
		names->room = names->room == 0 ? 256 : names->room * 2;
		names->all = garita_xresize(names->all, names->room,
					    sizeof(*names->all));
	}
	names->all[names->count++] = garita_xstrdup(clean);
}

static bool is_whiteout(const char *name)
{
	const char *slash = strrchr(name, '/');

	return garita_starts_with(slash ? slash + 1 : name, ".wh.");
}

static void check_file(struct run *run,
		       const struct garita_tar_split_entry *entry,
		       const struct garita_tar_header *header)
{
	auto_free char *clean = garita_path_clean(entry->name);
	const char *name = clean + 1;
	auto_fd int fd = -1;
	struct stat st;

	keep_name(run, name);
	/* The tar says of it that something is not there, and the top of the
	 * layer takes after what the engine made of all layers. */
	if (is_whiteout(name) || *name == '\0')
		return;
	run->audit->files++;
	fd = garita_layer_look(run->diff, name);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd == -ENOENT || fd == -ENOTDIR)
			garita_layer_report(run->audit, name, "is gone");
		else
			garita_layer_report(run->audit, name,
					    "cannot be looked at: %s",
					    strerror(fd < 0 ? -fd : errno));
		return;
	}
	if ((entry->size > 0 && !S_ISREG(st.st_mode)) ||
	    !is_type(header, entry->name, &st)) {
		garita_layer_report(run->audit, name,
				    "is not the kind of file it was");
		return;
	}
	check_header(run, name, fd, &st, header);
	if (entry->size > 0)
		read_contents(run, name, fd, entry);
	else if (S_ISREG(st.st_mode) && header->type != '1' && st.st_size > 0)
		garita_layer_report(run->audit, name, "contents differ");
}

/* ---- the whole ---- */

static int take_entry(struct run *run,
		      const struct garita_tar_split_entry *entry,
		      struct garita_error *err)
{
	auto_tar_header header = { 0 };
	size_t skip;

	if (!entry->is_file) {
		if (entry->len > HEADERS_MAX - run->headers.len)
			return garita_fail(err, E2BIG,
					   "has headers of over %d bytes",
					   HEADERS_MAX);
		garita_sha256_update(&run->sum, entry->bytes, entry->len);
		garita_text_add(&run->headers, (const char *)entry->bytes,
				entry->len);
		return 0;
	}
	skip = (size_t)((BLOCK - run->last_size % BLOCK) % BLOCK);
	if (garita_tar_header_read((const unsigned char *)run->headers.data,
				   run->headers.len, skip, &header) < 0)
		return garita_fail(err, EINVAL, "has no header for %.200s",
				   entry->name);
	run->headers.len = 0;
	run->last_size = entry->size;
	check_file(run, entry, &header);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_all(struct run *run, int fd, struct garita_error *err)
{
	auto_tar_split struct garita_tar_split *split =
		garita_tar_split_open(fd);
	int more;

	garita_sha256_init(&run->sum);
	for (;;) {
		auto_tar_split_entry entry = { 0 };

		more = garita_tar_split_next(split, &entry, err);
		if (more == 1)
			more = take_entry(run, &entry, err) < 0 ? -EINVAL : 1;
		if (more <= 0)
			break;
	}
	if (more == 0 && run->names.count > 0)
		qsort(run->names.all, run->names.count, sizeof(*run->names.all),
		      by_name);
	return more;
}

/* The tar-split is the store's own record: only root may have written it. */
static int open_split(int sysroot, const char *path, struct garita_error *err)
{
	auto_fd int fd = garita_tree_resolve(sysroot, path,
					     O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -ENOENT)
		return garita_fail(err, ENOENT, "has no tar-split");
	if (fd < 0)
		return garita_fail(err, -fd, "cannot open %s: %s", path,
				   strerror(-fd));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !garita_tree_trusted(&st))
		return garita_fail(err, EPERM,
				   "%s can be changed by others than root",
				   path);
	return garita_take_fd(&fd);
}

static void judge(struct run *run, const char *diff_id)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[32];
	char digest[GARITA_DIGEST_SIZE] = "sha256:";

	garita_sha256_final(&run->sum, sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		digest[7 + 2 * i] = hex[sum[i] >> 4];
		digest[8 + 2 * i] = hex[sum[i] & 15];
	}
	if (strcmp(digest, diff_id) != 0 && run->audit->count == 0)
		garita_layer_report(run->audit, "",
				    "all files are as the tar-split has them,"
				    " but that makes %s",
				    digest);
	run->audit->same = run->audit->count == 0;
}

int garita_layer_audit(int sysroot, const struct garita_trail_layer *layer,
		       garita_layer_progress *progress, void *data,
		       struct garita_layer_audit *ret, struct garita_error *err)
{
	auto_fd int split = open_split(sysroot, layer->split, err);
	auto_fd int diff = -1;
	auto_free unsigned char *chunk = garita_xalloc(CHUNK);
	auto_audit audit = { 0 };
	struct run run = {
		.audit = &audit,
		.progress = progress,
		.data = data,
		.chunk = chunk,
	};
	int failed;

	if (split < 0)
		return split;
	diff = garita_tree_resolve(sysroot, layer->diff, O_PATH | O_DIRECTORY);
	if (diff < 0)
		return garita_fail(err, EIO, "cannot open %s: %s", layer->diff,
				   strerror(-diff));
	run.diff = diff;
	failed = read_all(&run, split, err);
	if (failed == 0) {
		garita_layer_find_added(diff, &run.names, &audit);
		judge(&run, layer->diff_id);
	}
	for (size_t i = 0; i < run.names.count; i++)
		free(run.names.all[i]);
	free(run.names.all);
	garita_text_free(&run.headers);
	if (failed < 0) {
		garita_fail_in(err, layer->split);
		return failed == -ENOENT ? -EIO : failed;
	}
	*ret = audit;
	audit = (struct garita_layer_audit){ 0 };
	return 0;
}
