/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of image names. A second reader, the grammar as regular expressions,
 * must come to the same answer; and what was read must read the same again.
 */
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LABEL     "([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
#define DOMAIN    "(" LABEL "(\\." LABEL ")*|\\[[a-fA-F0-9:]+\\])(:[0-9]+)?"
#define COMPONENT "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
#define PATH      COMPONENT "(/" COMPONENT ")*"
#define TAG       "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"

static bool matches(const char *pattern, const char *text)
{
	regex_t compiled;
	bool found;

	if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

/* Is the first component the registry? */
static bool has_domain(const char *name, const char *slash)
{
	auto_free char *first = NULL;

	if (slash == NULL)
		return false;
	first = garita_xstrndup(name, (size_t)(slash - name));
	return strpbrk(first, ".:") != NULL ||
	       strcmp(first, "localhost") == 0 || matches("[A-Z]", first);
}

/* Written out in full, or NULL when the text is no name. */
static char *normal(const char *text)
{
	const char *slash = strchr(text, '/');
	bool domain = has_domain(text, slash);
	const char *rest = domain ? slash + 1 : text;
	auto_free char *host =
		domain ? garita_xstrndup(text, (size_t)(slash - text))
		       : garita_xstrdup("docker.io");
	struct garita_text full = { 0 };
	bool hub;

	if (matches("^[a-f0-9]{64}$", text))
		return NULL;
	hub = strcmp(host, "index.docker.io") == 0 ||
	      strcmp(host, "docker.io") == 0;
	garita_text_printf(&full, "%s/%s%s", hub ? "docker.io" : host,
			   hub && strchr(rest, '/') == NULL ? "library/" : "",
			   rest);
	if (!matches("^" DOMAIN "/" PATH "(:" TAG ")?"
		     "(@sha256:[0-9a-f]{64})?$",
		     full.data) ||
	    strcspn(full.data + strlen(hub ? "docker.io" : host) + 1, ":@") +
			    strlen(hub ? "docker.io" : host) + 1 >
		    GARITA_REPOSITORY_MAX) {
		garita_text_free(&full);
		return NULL;
	}
	return garita_text_take(&full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = garita_xstrndup((const char *)data, size);
	struct garita_reference ref, again;
	struct garita_error err = { 0 };
	char words[GARITA_REFERENCE_SIZE], same[GARITA_REFERENCE_SIZE];
	auto_free char *wanted = NULL;
	int rc = garita_reference_parse(text, &ref, &err);

	if (strlen(text) > 800 || strchr(text, '\n') != NULL)
		return 0; /* the second reader's "$" and patience end there */
	wanted = normal(text);
	if ((rc == 0) != (wanted != NULL))
		abort();
	if (rc < 0) {
		if (err.text[0] == '\0')
			abort();
		return 0;
	}
	if (strcmp(garita_reference_words(&ref, words), wanted) != 0 ||
	    garita_reference_parse(words, &again, NULL) < 0 ||
	    strcmp(garita_reference_words(&again, same), words) != 0)
		abort();
	return 0;
}
