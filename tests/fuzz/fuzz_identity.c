/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two lines and a text: what a signature calls an image, what the engine calls
 * it, and a "signedIdentity". The looser form takes whatever the stricter one
 * takes, a form that names its partner looks at nothing else, and a prefix
 * that is exchanged for itself exchanges nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A part of its own, up to the end of the line. */
static char *take_line(const char **at, const char *end)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	char *line;

	if (stop == NULL)
		stop = end;
	line = garita_xstrndup(*at, (size_t)(stop - *at));
	*at = stop < end ? stop + 1 : end;
	return line;
}

static bool fits(enum garita_identity_kind kind, const char *first,
		 const char *second, const struct garita_reference *image,
		 const char *name)
{
	auto_free char *one = first ? garita_xstrdup(first) : NULL;
	auto_free char *two = second ? garita_xstrdup(second) : NULL;
	const struct garita_identity of = { kind, one, two };
	bool yes = garita_identity_matches(&of, image, name);

	must(garita_identity_matches(&of, image, name) == yes);
	must(garita_identity_words(kind)[0] != '\0');
	return yes;
}

static void check_forms(const struct garita_reference *image, const char *name)
{
	struct garita_reference signer;
	bool is_name = garita_reference_parse(name, &signer, NULL) == 0;
	bool exact = fits(GARITA_IDENTITY_EXACT, NULL, NULL, image, name);
	bool either = fits(GARITA_IDENTITY_REPO_DIGEST_OR_EXACT, NULL, NULL,
			   image, name);
	bool repository =
		fits(GARITA_IDENTITY_REPOSITORY, NULL, NULL, image, name);

	must(!exact || either);
	must(!either || repository);
	must(!repository || is_name);
	must(fits(GARITA_IDENTITY_ANY, NULL, NULL, image, name));
	must(fits(GARITA_IDENTITY_IF_SIGNED, NULL, NULL, image, name) ==
	     repository);
	must(!fits(GARITA_IDENTITY_EXACT, NULL, NULL, NULL, name));
	must(!fits(GARITA_IDENTITY_REPOSITORY, NULL, NULL, image, NULL));
	must(fits(GARITA_IDENTITY_REMAP, image->repository, image->repository,
		  image, name) == either);
	if (!is_name)
		return;
	must(repository == (strcmp(signer.repository, image->repository) == 0));
	must(fits(GARITA_IDENTITY_EXACT_REPOSITORY, signer.repository, NULL,
		  image, name));
	must(fits(GARITA_IDENTITY_EXACT_REFERENCE, name, NULL, image, name) ==
	     (signer.tag[0] != '\0' || signer.digest[0] != '\0'));
}

/* As it was written in a policy. */
static void check_text(const char *text, size_t len,
		       const struct garita_reference *image, const char *name)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_identity strict = { 0 }, own = { 0 };
	struct garita_error err = { 0 };
	int r;

	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return;
	r = garita_identity_read(doc, garita_json_root(doc), "", false, &strict,
				 &err);
	must(r == 0 || err.text[0] != '\0');
	if (r == 0)
		must(strict.kind != GARITA_IDENTITY_ANY &&
		     strict.kind != GARITA_IDENTITY_IF_SIGNED);
	if (garita_identity_read(doc, garita_json_root(doc), "", true, &own,
				 NULL) < 0) {
		must(r < 0);
		return;
	}
	must(r < 0 || own.kind == strict.kind);
	garita_identity_matches(&own, image, name);
	garita_identity_free(&strict);
	garita_identity_free(&own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	auto_free char *name = take_line(&at, end);
	auto_free char *called = take_line(&at, end);
	struct garita_reference image;

	if (garita_reference_parse(called, &image, NULL) < 0)
		return 0;
	check_forms(&image, name);
	check_text(at, (size_t)(end - at), &image, name);
	return 0;
}
