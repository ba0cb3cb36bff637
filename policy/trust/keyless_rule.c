/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyless_rule - who has to be named by a certificate; here the words for it
 * and how a rule is copied and ends.
 */
#include <stdlib.h>
#include <string.h>

#include "garita/keyless.h"
#include "garita/memory.h"

/* fulcio docs/oid-info.md; 1 and 8 are the issuer, 7 is a name. The first five
 * are of GitHub alone and superseded. */
static const struct {
	unsigned number;
	char word[36];
} extensions[] = {
	{ 2, "github-workflow-trigger" },
	{ 3, "github-workflow-sha" },
	{ 4, "github-workflow-name" },
	{ 5, "github-workflow-repository" },
	{ 6, "github-workflow-ref" },
	{ 9, "build-signer-uri" },
	{ 10, "build-signer-digest" },
	{ 11, "runner-environment" },
	{ 12, "source-repository-uri" },
	{ 13, "source-repository-digest" },
	{ 14, "source-repository-ref" },
	{ 15, "source-repository-identifier" },
	{ 16, "source-repository-owner-uri" },
	{ 17, "source-repository-owner-identifier" },
	{ 18, "build-config-uri" },
	{ 19, "build-config-digest" },
	{ 20, "build-trigger" },
	{ 21, "run-invocation-uri" },
	{ 22, "source-repository-visibility" },
};

unsigned garita_keyless_extension_number(const char *word)
{
	for (size_t i = 0; i < GARITA_COUNT(extensions); i++)
		if (strcmp(extensions[i].word, word) == 0)
			return extensions[i].number;
	return 0;
}

const char *garita_keyless_extension_word(unsigned number)
{
	for (size_t i = 0; i < GARITA_COUNT(extensions); i++)
		if (extensions[i].number == number)
			return extensions[i].word;
	return NULL;
}

const char *garita_keyless_extension_at(size_t at)
{
	return at < GARITA_COUNT(extensions) ? extensions[at].word : NULL;
}

struct garita_keyless_identity *garita_keyless_add(struct garita_keyless *to)
{
	struct garita_keyless_identity *one;

	to->identities = garita_xresize(to->identities, to->count + 1,
					sizeof(*to->identities));
	one = &to->identities[to->count++];
	*one = (struct garita_keyless_identity){ 0 };
	return one;
}

static char *copy_or_null(const char *text)
{
	return text != NULL ? garita_xstrdup(text) : NULL;
}

struct garita_keyless *garita_keyless_copy(const struct garita_keyless *of)
{
	struct garita_keyless *copy = garita_xalloc(sizeof(*copy));

	copy->way = of->way;
	copy->max_age_s = of->max_age_s;
	copy->stale_refuses = of->stale_refuses;
	for (size_t i = 0; i < of->count; i++) {
		const struct garita_keyless_identity *from = &of->identities[i];
		struct garita_keyless_identity *to = garita_keyless_add(copy);

		to->kind = from->kind;
		to->subject = copy_or_null(from->subject);
		to->pattern = copy_or_null(from->pattern);
		to->host = copy_or_null(from->host);
		to->issuer = copy_or_null(from->issuer);
		to->extensions = garita_xcalloc(from->extension_count,
						sizeof(*to->extensions));
		for (size_t e = 0; e < from->extension_count; e++)
			to->extensions[to->extension_count++] =
				(struct garita_keyless_extension){
					from->extensions[e].number,
					garita_xstrdup(
						from->extensions[e].value),
				};
	}
	return copy;
}

static void free_identity(struct garita_keyless_identity *one)
{
	free(one->subject);
	free(one->pattern);
	free(one->host);
	free(one->issuer);
	for (size_t i = 0; i < one->extension_count; i++)
		free(one->extensions[i].value);
	free(one->extensions);
}

void garita_keyless_free(struct garita_keyless *one)
{
	if (one == NULL)
		return;
	for (size_t i = 0; i < one->count; i++)
		free_identity(&one->identities[i]);
	free(one->identities);
	free(one);
}
