/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - everything a question about signatures needs: who is wanted, their
 * keys, and what lies on this node about the image.
 */
#ifndef GARITA_HOOK_TRUST_GATHER_H
#define GARITA_HOOK_TRUST_GATHER_H

#include "garita/policy.h"
#include "garita/trust.h"

/* All borrowed. */
struct garita_gather {
	const struct garita_policy *policy;
	const char *policy_path; /* names in the policy count from there */
	const char *policy_root; /* sysroot of the policy's files, or NULL */
	const char *sysroot;     /* of this node's own: material, verdicts */
	const char *program;     /* garita-verify; NULL: where it belongs */
	time_t now;
};

/* Adds the node's material to the image's and answers, into image->trust, each
 * question of which `topics` has the bit: is it signed, was it scanned, as the
 * policy says? What was answered before is remembered. */
void garita_gather_judge(const struct garita_gather *of, unsigned topics,
			 struct garita_image *image);
/* One question about an image that has its material. `notes` (or NULL) get what
 * was looked at, and then nothing is taken from memory. */
void garita_gather_answer(const struct garita_gather *of,
			  const struct garita_image *image,
			  enum garita_topic topic, struct garita_trust *ret,
			  struct garita_text *notes);

/* Who must have signed an image by this name (or none: NULL), or attested what
 * the topic is about, with the bytes of every key. `ret_scope`, which the
 * caller frees, is the scope of containers-policy.json that applies, or NULL.
 */
int garita_gather_wanted(const struct garita_gather *of, const char *name,
			 enum garita_topic topic,
			 struct garita_requirements *ret, char **ret_scope,
			 struct garita_error *err);
/* The parts of it: what containers-policy.json says and what one entry of
 * images.signatures says, their keys not read, and what images.notation does,
 * whole. */
int garita_gather_containers(const struct garita_gather *of, const char *name,
			     struct garita_requirements *ret, char **ret_scope,
			     struct garita_error *err);
int garita_gather_notation(const struct garita_gather *of, const char *name,
			   struct garita_requirements *ret,
			   struct garita_error *err);
/* A name that each statement of it is about (garita/notation.h). */
int garita_gather_notation_scopes(const struct garita_gather *of, char ***ret,
				  size_t *ret_count, struct garita_error *err);
void garita_gather_signers(const struct garita_gather *of,
			   const struct garita_signers *signers,
			   struct garita_requirements *ret);
/* The bytes of the keys of one requirement; files that only root and we can
 * change. Names count from the policy's directory. */
int garita_gather_keys(const struct garita_gather *of,
		       struct garita_requirement *wanted,
		       struct garita_error *err);
/* Where this node keeps material: GARITA_STATE_DIR/material/sha256/<hex>/, of
 * every digest of the image. A directory that is not there holds nothing. */
int garita_gather_material(const char *sysroot,
			   const struct garita_image *image,
			   struct garita_blobs *ret, struct garita_error *err);

#endif
