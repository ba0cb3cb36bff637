/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * requirements - a list of who must have signed; here only how it grows and
 * ends.
 */
#include <stdlib.h>

#include "garita/memory.h"
#include "garita/trust.h"
#include "policy/trust/identity.h"

struct garita_requirement *garita_requirements_add(
	struct garita_requirements *list)
{
	list->all =
		garita_xresize(list->all, list->count + 1, sizeof(*list->all));
	list->all[list->count] = (struct garita_requirement){ .need = 1 };
	return &list->all[list->count++];
}

void garita_annotations_free(struct garita_annotation *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	free(list);
}

static void free_requirement(struct garita_requirement *one)
{
	for (size_t i = 0; i < one->key_count; i++) {
		free(one->keys[i].path);
		free(one->keys[i].bytes);
	}
	free(one->keys);
	garita_identity_free(&one->identity);
	garita_annotations_free(one->annotations, one->annotation_count);
	garita_keyless_free(one->keyless);
	garita_attestation_free(one->attested);
	free(one->why);
	if (one->notation != NULL)
		garita_notation_free(one->notation);
	free(one->notation);
}

void garita_requirements_free(struct garita_requirements *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_requirement(&list->all[i]);
	free(list->all);
	*list = (struct garita_requirements){ 0 };
}
