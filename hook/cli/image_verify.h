/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_verify - what the command line of `garita image verify` asks for.
 */
#ifndef GARITA_HOOK_CLI_IMAGE_VERIFY_H
#define GARITA_HOOK_CLI_IMAGE_VERIFY_H

#include "hook/cli/image.h"
#include "hook/cli/verify.h"

struct garita_image_verify_options {
	const char *digest, *reference, *containers_policy, *require, *format;
	const char *policy, *sysroot;
	const char *trust_policy, *trust_store, *crls; /* of notation */
	struct garita_cli_list materials, keys, keyrings, annotations;
	struct garita_verify_names names;
	struct garita_image_attested attested;
	bool signed_index, explain;
};

/* Why they do not go together; NULL: they do. */
const char *garita_image_verify_wrong(
	const struct garita_image_verify_options *options);
/* The requirements that they are, but for --policy, which has its own. The
 * caller frees, also on failure. */
int garita_image_verify_require(
	const struct garita_image_verify_options *options,
	struct garita_requirements *ret, struct garita_error *err);

#endif
