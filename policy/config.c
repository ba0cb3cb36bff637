/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only way a text becomes a config: strict JSON, then names and types that
 * every reader takes alike. What reads the tree after this (spec.c, the rules)
 * does so by exact name and never meets a member of a wrong type.
 */
#include <errno.h>

#include "garita/names.h"
#include "garita/spec.h"

/* Takes the document in any case. */
static int check(struct garita_json_doc *read, struct garita_json_doc **ret,
		 struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = read;
	enum garita_json_type type = garita_json_type(garita_json_root(doc));
	int rc;

	if (type != GARITA_JSON_OBJECT)
		return garita_json_fail(err, doc, "", EINVAL,
					"config is %s, not an object",
					garita_json_type_words(type));
	rc = garita_names_check(doc, err);
	if (rc < 0)
		return rc;
	*ret = garita_take_ptr(&doc);
	return 0;
}

int garita_config_parse(const char *text, size_t len,
			struct garita_json_doc **ret, struct garita_error *err)
{
	struct garita_json_doc *doc = NULL;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	return rc < 0 ? rc : check(doc, ret, err);
}

int garita_config_parse_given(char **text, size_t len,
			      struct garita_json_doc **ret,
			      struct garita_error *err)
{
	struct garita_json_doc *doc = NULL;
	int rc = garita_json_parse_given(text, len, GARITA_JSON_STRICT, &doc,
					 err);

	return rc < 0 ? rc : check(doc, ret, err);
}
