/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - what the parts of `garita image` share.
 */
#ifndef GARITA_HOOK_CLI_IMAGE_H
#define GARITA_HOOK_CLI_IMAGE_H

#include "garita/error.h"
#include "garita/json.h"
#include "garita/trust.h"
#include "hook/cli/cli.h"

/* A container that somebody asks about. */
struct garita_image_container {
	char *root;   /* absolute root.path, from the sysroot */
	char *bundle; /* absolute, or NULL when it is not known */
	char *id;     /* container id, or NULL */
	char *name;   /* what its engine calls it, or NULL */
};

struct garita_image_containers {
	struct garita_image_container *all;
	size_t count;
	char **stores; /* of containers-storage, that were found on the way */
	size_t store_count;
};

/* Every container whose engine's store has a mount below the sysroot, and
 * those in podman's usual store. What cannot be read has no containers: this
 * is for finding, what is found is checked by the store. */
int garita_image_containers(const char *sysroot,
			    struct garita_image_containers *ret,
			    struct garita_error *err);
void garita_image_containers_free(struct garita_image_containers *list);
#define auto_containers                                                        \
	__attribute__((cleanup(                                                \
		garita_image_containers_free))) struct garita_image_containers

/* What `word` means: with "/" or "." before it a bundle directory, else a
 * container by id, the unique beginning of one, or name, in the stores that
 * are mounted below the sysroot. -ENOENT when there is none, -EEXIST when there
 * are several. The caller frees *ret in either case. */
int garita_image_find(const char *sysroot, const char *word,
		      struct garita_image_container *ret,
		      struct garita_error *err);
void garita_image_container_free(struct garita_image_container *one);
#define auto_container                                                         \
	__attribute__((cleanup(                                                \
		garita_image_container_free))) struct garita_image_container

/* What of an attestation is wanted, as on a command line. */
struct garita_image_attested {
	const char *type, *age, *most, *unknown;
	bool fixable_only, vex;
	struct garita_cli_list builders, sources;
};

bool garita_image_attested_given(const struct garita_image_attested *of);
/* -EINVAL with what is wrong. The caller frees *ret. */
int garita_image_attested_read(const struct garita_image_attested *of,
			       struct garita_attestation **ret,
			       struct garita_error *err);

/* The notes of garita_trust_decide(), a line each, with their marks if wanted;
 * and appended to an array. */
void garita_image_notes_text(const char *notes, bool marked, bool colour,
			     struct garita_text *out);
void garita_image_notes_json(struct garita_json_doc *doc, const char *notes,
			     struct garita_json *list);
const char *garita_image_verdict_word(const struct garita_trust *trust);
void garita_image_verdict_json(struct garita_json_doc *doc,
			       const struct garita_trust *trust,
			       struct garita_json *node);

extern const struct garita_cli_verb garita_image_inspect;
extern const struct garita_cli_verb garita_image_show;
extern const struct garita_cli_verb garita_image_verify;
extern const struct garita_cli_verb garita_image_import;
extern const struct garita_cli_verb garita_image_forget;
extern const struct garita_cli_verb garita_image_verify_layers;

#endif
