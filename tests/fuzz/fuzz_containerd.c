/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd's two databases with anything in them: the input has a line for
 * each value, "database bucket|bucket key value", with \xx for bytes, and a
 * line "! database offset byte" spoils the file itself. What is told of a
 * container has digests that are some, and is told the same twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/containerd.h"
#include "tests/unit/bolt_make.h"
#include "tests/unit/temporary.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	LINES_MAX = 400,
	DEPTH_MAX = 12, /* of buckets */
	SPOILT_MAX = 16,
	PAGE = 4096,
	DATABASES = 2,
};

#define ROOT "var/lib/containerd"

static const char directories[DATABASES][40] = {
	"io.containerd.metadata.v1.bolt",
	"io.containerd.snapshotter.v1.overlayfs",
};
static const char files[DATABASES][12] = { "meta.db", "metadata.db" };
static int below = -1; /* containerd's root */

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static char path[] = "/dev/shm/garita-fuzz.XXXXXX";

static void clean_up(void)
{
	temporary_remove(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const above[] = { "var", "var/lib", ROOT };
	auto_fd int top = -1;

	(void)argc;
	(void)argv;
	must(mkdtemp(path) != NULL && atexit(clean_up) == 0);
	top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < GARITA_COUNT(above); i++)
		must(mkdirat(top, above[i], 0755) == 0);
	below = openat(top, ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(below >= 0);
	for (size_t i = 0; i < DATABASES; i++)
		must(mkdirat(below, directories[i], 0700) == 0);
	return 0;
}

/* ---- the input ---- */

struct spoilt {
	size_t database;
	uint64_t offset;
	char byte;
};

struct databases {
	struct bolt_node *roots[DATABASES];
	struct spoilt spoilt[SPOILT_MAX];
	size_t spoilt_count;
};

/* The next word of the line; the last one is the rest. */
static char *take(char **line, bool rest)
{
	char *word = *line, *end = rest ? NULL : strchr(word, ' ');

	*line = end != NULL ? end + 1 : word + strlen(word);
	if (end != NULL)
		*end = '\0';
	return word;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; returns how many bytes there are. */
static size_t unescape(char *text)
{
	size_t used = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		int high = text[i] == '\\' ? digit(text[i + 1]) : -1;
		int low = high >= 0 ? digit(text[i + 2]) : -1;

		if (low < 0) {
			text[used++] = text[i];
			continue;
		}
		text[used++] = (char)(high << 4 | low);
		i += 2;
	}
	return used;
}

static bool is_bucket(const struct bolt_node *in, const char *key)
{
	for (size_t i = 0; i < in->count; i++)
		if (strcmp(in->members[i]->key, key) == 0)
			return in->members[i]->bucket;
	return true;
}

/* The first that says what a key is holds. */
static void set(struct bolt_node *at, char *buckets, const char *key,
		const char *value, size_t len)
{
	char *rest = NULL;
	unsigned depth = 0;

	for (char *one = strtok_r(buckets, "|", &rest); one != NULL;
	     one = strtok_r(NULL, "|", &rest)) {
		if (!is_bucket(at, one) || ++depth > DEPTH_MAX)
			return;
		at = bolt_in(at, one);
	}
	for (size_t i = 0; i < at->count; i++)
		if (strcmp(at->members[i]->key, key) == 0)
			return;
	if (key[0] != '\0')
		bolt_set(at, key, value, len);
}

static void read_line(char *line, struct databases *ret)
{
	bool spoils = line[0] == '!' && line[1] == ' ';
	char *word, *buckets, *key;
	uint64_t offset;
	size_t which;

	if (spoils)
		line += 2;
	word = take(&line, false);
	which = strcmp(word, "snapshots") == 0;
	buckets = take(&line, false);
	key = take(&line, false);
	if (!spoils) {
		size_t len = unescape(line);

		set(ret->roots[which], buckets, key, line, len);
		return;
	}
	if (ret->spoilt_count < SPOILT_MAX &&
	    garita_parse_u64(buckets, &offset) == 0)
		ret->spoilt[ret->spoilt_count++] =
			(struct spoilt){ which, offset, key[0] };
}

static void write_database(const struct databases *of, size_t which)
{
	auto_text out = { 0 };
	char name[80];
	int fd;

	bolt_print(of->roots[which], PAGE, 7, &out);
	for (size_t i = 0; i < of->spoilt_count; i++)
		if (of->spoilt[i].database == which &&
		    of->spoilt[i].offset < out.len)
			out.data[of->spoilt[i].offset] ^= of->spoilt[i].byte;
	bolt_sign(out.data, PAGE, 0);
	bolt_sign(out.data, PAGE, 1);
	snprintf(name, sizeof(name), "%s/%s", directories[which], files[which]);
	fd = openat(below, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0600);
	must(fd >= 0 && write(fd, out.data, out.len) == (ssize_t)out.len);
	close(fd);
}

static void read_input(const char *text, size_t len)
{
	struct databases of = { 0 };
	auto_free char *copy = garita_xstrndup(text, len);
	char *rest = NULL;
	size_t lines = 0;

	for (size_t i = 0; i < DATABASES; i++)
		of.roots[i] = bolt_node_new();
	for (char *line = strtok_r(copy, "\n", &rest);
	     line != NULL && lines++ < LINES_MAX;
	     line = strtok_r(NULL, "\n", &rest))
		read_line(line, &of);
	for (size_t i = 0; i < DATABASES; i++) {
		write_database(&of, i);
		bolt_node_free(of.roots[i]);
	}
}

/* ---- what is told ---- */

static int ask(bool docker, struct garita_ctd_record *ret,
	       struct garita_text *words)
{
	const struct garita_ctd_container one = { "k8s.io", "c1", docker };
	struct garita_error err = { 0 };
	int r = garita_ctd_read(below, &one, true, ret, &err);

	if (r < 0) {
		must(err.text[0] != '\0');
		garita_text_printf(words, "%d %s", r, err.text);
		return r;
	}
	for (size_t i = 0; i < GARITA_CTD_WAYS; i++)
		must(ret->targets[i][0] == '\0' ||
		     garita_digest_well_formed(ret->targets[i]));
	must(ret->config == NULL || garita_digest_well_formed(ret->config));
	for (size_t i = 0; i < ret->name_count; i++) {
		must(garita_digest_well_formed(ret->names[i].target));
		garita_text_printf(words, "%s>%s ", ret->names[i].name,
				   ret->names[i].target);
	}
	for (size_t i = 0; i < ret->layer_count; i++)
		garita_text_printf(words, "%llu=%s ",
				   (unsigned long long)ret->layers[i].number,
				   ret->layers[i].key);
	garita_text_printf(words, "%s %s %s %d", ret->image ? ret->image : "-",
			   ret->targets[GARITA_CTD_NAME],
			   ret->snapshot ? ret->snapshot : "-", ret->moved);
	return r;
}

/* An image that no container runs, by its name: there are no blobs. */
static void look_up(void)
{
	struct garita_error err = { 0 };
	auto_image image = { 0 };
	int failed = garita_ctd_image(path, "registry.example.com/app:v1",
				      &image, &err);

	must(failed == -ENOENT || (failed < 0 && err.text[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_input((const char *)data, size);
	for (int docker = 0; docker < 2; docker++) {
		struct garita_ctd_record one = { 0 }, other = { 0 };
		auto_text words = { 0 }, again = { 0 };

		must(ask(docker, &one, &words) == ask(docker, &other, &again));
		must(strcmp(words.data, again.data) == 0);
		garita_ctd_record_free(&one);
		garita_ctd_record_free(&other);
	}
	look_up();
	return 0;
}
