/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - keeping what was gathered in a file that root alone can read and
 * change, and taking it up again at a start.
 */
#include "hook/host/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/file.h"
#include "hook/host/gather.h"
#include "hook/state.h"

char *garita_facts_path(const char *sysroot)
{
	return garita_state_path(sysroot,
				 GARITA_FACTS_DIRECTORY "/" GARITA_FACTS_FILE);
}

static int read_kept(const char *sysroot,
		     const struct garita_facts_terms *terms,
		     struct garita_facts *ret, struct garita_error *err)
{
	auto_free char *path = garita_facts_path(sysroot);
	auto_free char *text = NULL;
	struct stat st;
	size_t len;
	auto_fd int fd = garita_file_open_trusted(sysroot, path, &st, err);
	int rc;

	if (fd == -ENOENT)
		return garita_fail(err, ENOENT,
				   "nobody has gathered facts yet (garita host "
				   "--refresh)");
	if (fd < 0)
		return fd;
	rc = garita_file_read(fd, GARITA_FACTS_MAX_BYTES, &text, &len, err);
	if (rc == 0)
		rc = garita_facts_parse(text, len, terms, ret, err);
	return rc < 0 && rc != -ESTALE ? garita_fail_in(err, path) : rc;
}

struct garita_facts *garita_facts_observe(const char *sysroot, time_t now,
					  uint32_t max_age_h)
{
	struct garita_facts *facts = garita_xalloc(sizeof(*facts));
	struct garita_error error = { 0 };
	char boot[GARITA_BOOT_ID_SIZE], words[1024];
	auto_fd int root = -1;
	const struct garita_facts_terms terms = {
		.now = now,
		.max_age_s = (uint64_t)max_age_h * 60 * 60,
		.boot_id = boot,
	};
	struct garita_view view;

	if (sysroot != NULL && *sysroot != '\0')
		root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	view = (struct garita_view){ .root = root };
	garita_gather_boot(&view, boot);
	if (read_kept(sysroot, &terms, facts, &error) < 0) {
		garita_error_words(&error, words, sizeof(words));
		garita_facts_none(facts, words);
	}
	garita_gather_live(&view, facts);
	return facts;
}

/* What is fixed is no question at a start: it reads that much less. */
static bool is_open(const char *key, const struct garita_json *entry,
		    const void *data)
{
	const char *state = garita_json_string(garita_json_get(entry, "state"));

	(void)key;
	(void)data;
	return state == NULL || strcmp(state, "fixed") != 0;
}

static void print_kept(const struct garita_facts *facts,
		       struct garita_text *out)
{
	struct garita_json *root = garita_json_root(facts->doc);
	struct garita_json *advisories = garita_json_get(root, "advisories");

	if (advisories != NULL)
		garita_json_filter(facts->doc, advisories, is_open, NULL);
	garita_json_print(root, out);
	garita_text_putc(out, '\n');
}

int garita_facts_keep(const char *sysroot, struct garita_facts *facts,
		      struct garita_error *err)
{
	auto_fd int dir =
		garita_state_open(sysroot, GARITA_FACTS_DIRECTORY, true, err);
	auto_free char *path = garita_facts_path(sysroot);
	auto_text text = { 0 };
	auto_fd int fd = -1;
	char aside[64];
	int rc;

	if (dir < 0)
		return dir;
	print_kept(facts, &text);
	snprintf(aside, sizeof(aside), "." GARITA_FACTS_FILE ".%d",
		 (int)getpid());
	/* Whole before it has its name: no reader sees half of it. */
	fd = openat(dir, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return garita_fail(err, errno, "cannot write %s: %s", path,
				   strerror(errno));
	rc = garita_file_write(fd, text.data, text.len);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0 && renameat(dir, aside, dir, GARITA_FACTS_FILE) < 0)
		rc = -errno;
	if (rc < 0) {
		unlinkat(dir, aside, 0);
		return garita_fail(err, -rc, "cannot write %s: %s", path,
				   strerror(-rc));
	}
	return 0;
}
