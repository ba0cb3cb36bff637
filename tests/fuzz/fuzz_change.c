/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is done to a container that runs: its config as it was started, a line
 * "%%", and the same config with an exec's process or new limits in it. What
 * is let through has no power that the container has not, whatever the two
 * configs are, and is let through as it is when it is asked again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static garita_caps all_caps(const struct garita_spec *spec)
{
	garita_caps all = 0;

	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		all |= spec->caps[set];
	return all;
}

/* An exec that came through. */
static void check_power(const struct garita_spec *after,
			const struct garita_spec *container)
{
	must((all_caps(after) & ~all_caps(container)) == 0);
	must(!container->no_new_privileges || after->no_new_privileges);
	if (container->uid != 0 && after->uid == 0)
		must(container->namespaces[GARITA_NS_USER].present);
}

/* `text` holds what is asked, and then what became of it. */
static enum garita_outcome decide(struct garita_text *text,
				  const struct garita_change *change,
				  const struct garita_policy *policy)
{
	struct garita_image image = { .why_not = "fuzzed" };
	struct garita_host host = { .machine = "x86_64", .kernel_major = 6 };
	auto_json struct garita_json_doc *doc = NULL;
	auto_verdict verdict = { 0 };
	struct garita_error err = { 0 };
	auto_spec spec = { 0 }, after = { 0 };
	int rc = garita_config_parse(text->data, text->len, &doc, &err);

	if (rc == 0)
		rc = garita_spec_read(doc, &spec, &err);
	if (rc == 0)
		rc = garita_decide_change(change, doc, &spec, policy, &image,
					  &host, 0, 0, &verdict, &err);
	if (rc < 0) {
		must(err.code == -rc && err.text[0] != '\0');
		return GARITA_REFUSE;
	}
	if (verdict.outcome == GARITA_REFUSE)
		return GARITA_REFUSE;
	must(garita_spec_read(doc, &after, NULL) == 0);
	if (change->subject == GARITA_SCOPE_EXEC)
		check_power(&after, change->container);
	text->len = 0;
	garita_json_print(garita_json_root(doc), text);
	return verdict.outcome;
}

static void try_change(enum garita_scope subject, const char *asked, size_t len,
		       const struct garita_spec *container)
{
	const struct garita_change change = { subject, container };
	struct garita_policy *policy = garita_policy_default();
	auto_text text = { 0 }, again = { 0 };

	garita_text_add(&text, asked, len);
	if (decide(&text, &change, policy) != GARITA_REFUSE) {
		garita_text_add(&again, text.data, text.len);
		must(decide(&again, &change, policy) == GARITA_ADMIT);
		must(strcmp(text.data, again.data) == 0);
	}
	garita_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char mark[] = "\n%%\n";
	const char *text = (const char *)data;
	const char *cut = memmem(text, size, mark, strlen(mark));
	const char *asked = cut ? cut + strlen(mark) : NULL;
	auto_json struct garita_json_doc *doc = NULL;
	auto_spec container = { 0 };
	size_t len;

	if (cut == NULL ||
	    garita_config_parse(text, (size_t)(cut - text), &doc, NULL) < 0 ||
	    garita_spec_read(doc, &container, NULL) < 0)
		return 0;
	len = size - (size_t)(asked - text);
	try_change(GARITA_SCOPE_EXEC, asked, len, &container);
	try_change(GARITA_SCOPE_UPDATE, asked, len, &container);
	return 0;
}
