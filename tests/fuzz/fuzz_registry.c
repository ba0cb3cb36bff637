/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A registry that answers anything: the input is its answers, a line "%%"
 * between them, and skopeo is ours. @b@ stands for the hex digits of the
 * second answer's digest, @c@ for the third's, in what comes before it: so one
 * can name another by its hash. An address with a digest is answered by what
 * has it, any other by the next answer in order, and a copy is a layout with
 * the next one as its index. The question ends, stays in its bounds, and what
 * was asked for by a digest has that digest.
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
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/trust/import.h"
#include "hook/trust/registry.h"
#include "hook/trust/skopeo.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ANSWERS_MAX = 16,
	ANSWER_MAX = 64 * 1024,

	CALLS_MAX = 10000, /* 64 manifests, 64 referrers of each, and some */
};

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- answers ---- */

struct answer {
	struct garita_text text;
	char digest[GARITA_DIGEST_SIZE];
};

static struct {
	struct answer all[ANSWERS_MAX];
	size_t count, next, calls;
} registry;

/* The digits of the answer that "@N@" at `at` names, if it is a later one than
 * `own`; else NULL. */
static const char *named_at(const char *at, size_t left, size_t own)
{
	size_t which;

	if (left < 3 || at[0] != '@' || at[2] != '@' || at[1] < 'a' ||
	    at[1] > 'p')
		return NULL;
	which = (size_t)(at[1] - 'a');
	return which > own && which < registry.count
		       ? registry.all[which].digest + strlen("sha256:")
		       : NULL;
}

static void write_answer(size_t own, const char *at, size_t len)
{
	struct answer *one = &registry.all[own];

	for (size_t i = 0; i < len; i++) {
		const char *digits = named_at(at + i, len - i, own);

		if (digits == NULL) {
			garita_text_putc(&one->text, at[i]);
			continue;
		}
		garita_text_puts(&one->text, digits);
		i += 2;
	}
	garita_sha256_digest(one->text.data, one->text.len, one->digest);
}

static void read_answers(const char *text, size_t len)
{
	static const char mark[] = "\n%%\n";
	const char *at[ANSWERS_MAX], *end = text + len;
	size_t lens[ANSWERS_MAX];

	memset(&registry, 0, sizeof(registry));
	while (text != NULL && registry.count < ANSWERS_MAX) {
		const char *cut =
			memmem(text, (size_t)(end - text), mark, strlen(mark));

		at[registry.count] = text;
		lens[registry.count++] =
			(size_t)((cut != NULL ? cut : end) - text);
		text = cut != NULL ? cut + strlen(mark) : NULL;
	}
	for (size_t i = registry.count; i-- > 0;)
		write_answer(i, at[i], lens[i]);
}

static const struct answer *next_answer(void)
{
	return registry.next < registry.count ? &registry.all[registry.next++]
					      : NULL;
}

static const struct answer *answer_to(const char *from)
{
	const char *digest = strstr(from, "@sha256:");

	for (size_t i = 0; digest != NULL && i < registry.count; i++)
		if (strcmp(registry.all[i].digest, digest + 1) == 0)
			return &registry.all[i];
	return next_answer();
}

/* ---- skopeo ---- */

int garita_skopeo_read(char *const *envp, const char *const argv[], size_t max,
		       char **ret, size_t *ret_len, struct garita_error *err)
{
	const struct answer *answer;
	size_t last = 0;

	(void)envp;
	must(++registry.calls < CALLS_MAX);
	while (argv[last + 1] != NULL)
		last++;
	must(strncmp(argv[last], "docker://", 9) == 0);
	answer = answer_to(argv[last]);
	if (answer == NULL)
		return garita_fail(err, EIO, "no more answers");
	must(answer->text.len <= max);
	*ret = garita_xalloc(answer->text.len + 1);
	if (answer->text.len > 0)
		memcpy(*ret, answer->text.data, answer->text.len);
	(*ret)[answer->text.len] = '\0';
	*ret_len = answer->text.len;
	return 0;
}

static char path[] = "/dev/shm/garita-fuzz.XXXXXX";
static int layout = -1;

static void put(const char *name, const char *bytes, size_t len)
{
	int fd = openat(layout, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);

	must(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static const char *blob_name(const struct answer *answer, char ret[96])
{
	snprintf(ret, 96, "blobs/sha256/%s",
		 answer->digest + strlen("sha256:"));
	return ret;
}

/* The next answer as the index, and all as blobs. */
int garita_skopeo(char *const *envp, const char *const argv[], int out,
		  struct garita_error *err)
{
	const struct answer *index = next_answer();

	(void)envp;
	(void)argv;
	(void)out;
	must(++registry.calls < CALLS_MAX);
	if (index == NULL)
		return garita_fail(err, EIO, "no more answers");
	put("oci-layout", "{}", 2);
	put("index.json", index->text.data, index->text.len);
	for (size_t i = 0; i < registry.count; i++) {
		char name[96];

		put(blob_name(&registry.all[i], name),
		    registry.all[i].text.data, registry.all[i].text.len);
	}
	return 0;
}

int garita_skopeo_place(struct garita_skopeo_place *ret,
			struct garita_error *err)
{
	(void)err;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	return 0;
}

static void empty(void)
{
	unlinkat(layout, "oci-layout", 0);
	unlinkat(layout, "index.json", 0);
	for (size_t i = 0; i < registry.count; i++) {
		char name[96];

		unlinkat(layout, blob_name(&registry.all[i], name), 0);
	}
}

void garita_skopeo_leave(struct garita_skopeo_place *place)
{
	(void)place;
	empty();
}

static void clean_up(void)
{
	empty();
	unlinkat(layout, "blobs/sha256", AT_REMOVEDIR);
	unlinkat(layout, "blobs", AT_REMOVEDIR);
	rmdir(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(mkdtemp(path) != NULL);
	layout = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(layout >= 0 && mkdirat(layout, "blobs", 0700) == 0 &&
	     mkdirat(layout, "blobs/sha256", 0700) == 0);
	atexit(clean_up);
	return 0;
}

/* ---- the question ---- */

static bool is_in(const struct garita_blobs *bag, const char *digest)
{
	for (size_t i = 0; i < bag->count; i++) {
		char own[GARITA_DIGEST_SIZE];

		garita_sha256_digest(bag->all[i].bytes, bag->all[i].len, own);
		if (strcmp(own, digest) == 0)
			return true;
	}
	return false;
}

static void ask(const char *digest)
{
	const struct garita_registry by = { .insecure = false };
	struct garita_import_plan plan = { 0 };
	struct garita_error err = { 0 };
	auto_blobs bag = { 0 };
	auto_text source = { 0 };
	size_t bytes = 0;
	int r;

	registry.next = 0;
	registry.calls = 0;
	garita_text_printf(&source, "docker://registry.example.com/app%s%s",
			   digest ? "@" : ":1", digest ? digest : "");
	r = garita_registry_read(source.data, &by, &bag, &err);
	must(r == 0 || err.text[0] != '\0');
	if (r == 0 && digest != NULL)
		must(is_in(&bag, digest));
	must(bag.count <= GARITA_BLOBS_MAX);
	for (size_t i = 0; i < bag.count; i++)
		bytes += bag.all[i].len;
	must(bytes <= GARITA_BLOBS_BYTES);
	if (garita_import_plan(&bag, digest, &plan, NULL) == 0)
		garita_import_plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > ANSWER_MAX)
		return 0;
	read_answers((const char *)data, size);
	ask(NULL);
	if (registry.count > 1)
		ask(registry.all[1].digest);
	for (size_t i = 0; i < registry.count; i++)
		garita_text_free(&registry.all[i].text);
	return 0;
}
