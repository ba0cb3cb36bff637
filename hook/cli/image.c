/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - `garita image`: which image a container runs, and what is known of
 * it. Its forms have files of their own.
 */
#include "hook/cli/image.h"

static const struct garita_cli_verb *const forms[] = {
	&garita_image_inspect,
	&garita_image_show,
	&garita_image_verify,
	&garita_image_import,
	&garita_image_forget,
	&garita_image_verify_layers,
	NULL,
};

const struct garita_cli_verb garita_cli_image = {
	.name = "image",
	.summary = "which image a container runs, and who signed it",
	.forms = forms,
};
