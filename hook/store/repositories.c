/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * repositories - what docker calls an image, from its repositories.json. One
 * pass, and memory only for the entries that are kept.
 */
#include "hook/store/repositories.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"

/* Bytes of the text between two quotes. */
struct word {
	const char *at;
	size_t len;
};

struct scan {
	const char *at;
	const char *end;
	struct word id; /* the image whose names are wanted */
	struct garita_image *found;
	struct garita_error *err;
};

static int fail(struct scan *scan, const char *what)
{
	(void)garita_fail(scan->err, EINVAL, "%s", what);
	return -EINVAL;
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
					*scan->at == '\t' || *scan->at == '\r'))
		scan->at++;
}

/* Takes one character, blanks before it aside. */
static bool take(struct scan *scan, char c)
{
	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

static bool take_word(struct scan *scan, struct word *ret)
{
	const char *quote;

	if (!take(scan, '"'))
		return false;
	quote = memchr(scan->at, '"', (size_t)(scan->end - scan->at));
	if (quote == NULL)
		return false;
	ret->at = scan->at;
	ret->len = (size_t)(quote - scan->at);
	scan->at = quote + 1;
	return true;
}

/* A key that comes after the one before it; "" comes before all. */
static int take_key(struct scan *scan, struct word *key)
{
	struct word next;
	size_t both;
	int order;

	if (!take_word(scan, &next) || !take(scan, ':'))
		return fail(scan, "is not of the shape that docker writes");
	both = next.len < key->len ? next.len : key->len;
	order = both == 0 ? 0 : memcmp(key->at, next.at, both);
	if (order > 0 || (order == 0 && key->len >= next.len))
		return fail(scan, "has names out of order, or twice");
	*key = next;
	return 0;
}

static bool same(const struct word *one, const struct word *other)
{
	return one->len == other->len &&
	       memcmp(one->at, other->at, one->len) == 0;
}

static void add(char ***list, size_t *count, const struct word *word)
{
	*list = garita_xresize(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = garita_xstrndup(word->at, word->len);
}

/* Keeps a name of the image: "<repository>:<tag>" or "<repository>@<digest>".
 * Nothing that a reference cannot have gets out of here. */
static int keep(struct scan *scan, const struct word *repository,
		const struct word *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789._-/:@";
	struct garita_image *found = scan->found;
	auto_free char *text = garita_xstrndup(name->at, name->len);
	const char *tail;

	if (strspn(text, letters) != name->len ||
	    name->len <= repository->len + 1 ||
	    memcmp(text, repository->at, repository->len) != 0)
		return fail(scan, "has a name of the image that is none");
	tail = text + repository->len;
	if (tail[0] == ':' && strpbrk(tail + 1, ":@/") == NULL)
		add(&found->names, &found->name_count, name);
	else if (tail[0] == '@' && garita_digest_well_formed(tail + 1))
		add(&found->repo_digests, &found->repo_digest_count, name);
	else if (tail[0] == '@' && !garita_starts_with(tail + 1, "sha256:"))
		return 0; /* of an algorithm that nobody here asks by */
	else
		return fail(scan, "has a name of the image that is none");
	return 0;
}

/* After the "{" of a repository. */
static int scan_names(struct scan *scan, const struct word *repository)
{
	struct word name = { 0 };
	struct word id = { 0 };

	if (take(scan, '}'))
		return 0;
	do {
		int failed = take_key(scan, &name);

		if (failed == 0 && !take_word(scan, &id))
			failed = fail(scan, "has a name that is of no image");
		if (failed == 0 && same(&id, &scan->id))
			failed = keep(scan, repository, &name);
		if (failed < 0)
			return failed;
	} while (take(scan, ','));
	return take(scan, '}') ? 0 : fail(scan, "is cut short");
}

static int scan_all(struct scan *scan)
{
	static const struct word first = { "Repositories", 12 };
	struct word key = { 0 };

	if (!take(scan, '{') || !take_word(scan, &key) || !same(&key, &first) ||
	    !take(scan, ':') || !take(scan, '{'))
		return fail(scan, "is not of the shape that docker writes");
	key = (struct word){ 0 };
	if (!take(scan, '}')) {
		do {
			int failed = take_key(scan, &key);

			if (failed == 0 && !take(scan, '{'))
				failed = fail(scan, "has a repository without"
						    " names");
			if (failed == 0)
				failed = scan_names(scan, &key);
			if (failed < 0)
				return failed;
		} while (take(scan, ','));
		if (!take(scan, '}'))
			return fail(scan, "is cut short");
	}
	if (!take(scan, '}'))
		return fail(scan, "is cut short");
	skip_blanks(scan);
	return scan->at == scan->end ? 0 : fail(scan, "goes on after its end");
}

static void move(char ***to, size_t *to_count, char **from, size_t count)
{
	if (count == 0)
		return;
	*to = garita_xresize(*to, *to_count + count, sizeof(**to));
	memcpy(*to + *to_count, from, count * sizeof(*from));
	*to_count += count;
}

int garita_repositories_find(const char *text, size_t len, const char *id,
			     struct garita_image *ret, struct garita_error *err)
{
	auto_image found = { 0 };
	struct scan scan = { .id = { id, strlen(id) },
			     .found = &found,
			     .err = err };
	int failed;

	if (len == 0)
		return fail(&scan, "is empty");
	scan.at = text;
	scan.end = text + len;
	if (memchr(text, '\\', len) != NULL)
		return fail(&scan, "has an escape, which no name needs");
	failed = scan_all(&scan);
	if (failed < 0)
		return failed;
	move(&ret->names, &ret->name_count, found.names, found.name_count);
	move(&ret->repo_digests, &ret->repo_digest_count, found.repo_digests,
	     found.repo_digest_count);
	found.name_count = 0;
	found.repo_digest_count = 0;
	return 0;
}
