/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_notation - "notation" of images: whose trust policy of the Notary
 * Project every image has to meet as well.
 *
 * Each member takes the place of the one in a file that this one extends, so a
 * site can keep the policy and name another store.
 */
#include <stdlib.h>

#include "garita/memory.h"
#include "policy/policy_reader.h"

static int read_policy(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_file_name(r, value, false,
				       &r->policy->notation.trust_policy);
}

static int read_store(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_file_name(r, value, false,
				       &r->policy->notation.trust_store);
}

static int read_lists(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_file_name(r, value, false,
				       &r->policy->notation.crls);
}

static void free_annotations(struct garita_policy_notation *notation)
{
	garita_annotations_free(notation->annotations,
				notation->annotation_count);
	notation->annotations = NULL;
	notation->annotation_count = 0;
}

static int read_annotations(struct garita_reader *r,
			    const struct garita_json *value)
{
	struct garita_policy_notation *notation = &r->policy->notation;

	free_annotations(notation);
	return garita_reader_annotations(r, value, &notation->annotations,
					 &notation->annotation_count);
}

static const struct garita_policy_member members[] = {
	{ .name = "trust-policy",
	  .read = read_policy,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "trust-store",
	  .read = read_store,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "crls", .read = read_lists, .schema = GARITA_SCHEMA_TEXT },
	{ .name = "annotations",
	  .read = read_annotations,
	  .schema = "{\"type\":\"object\",\"minProperties\":1,"
		    "\"additionalProperties\":{\"type\":\"string\"}}" },
};
const struct garita_policy_table garita_policy_notation_table = {
	.members = members,
	.count = GARITA_COUNT(members),
};

int garita_policy_read_notation(struct garita_reader *r,
				const struct garita_json *value)
{
	const struct garita_policy_notation *notation = &r->policy->notation;
	int rc = garita_reader_members(r, value, &garita_policy_notation_table);

	if (rc < 0)
		return rc;
	if (notation->trust_policy == NULL || notation->trust_store == NULL)
		return garita_reader_wrong(r, "\"%s\" is missing",
					   notation->trust_policy == NULL
						   ? "trust-policy"
						   : "trust-store");
	garita_reader_say_origin(r, GARITA_ORIGIN_NOTATION, value);
	return 0;
}

void garita_policy_free_notation(struct garita_policy_notation *notation)
{
	free(notation->trust_policy);
	free(notation->trust_store);
	free(notation->crls);
	free_annotations(notation);
}
