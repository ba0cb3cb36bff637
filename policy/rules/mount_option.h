/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_option - one word in the place of others among a mount's options, of
 * which the last one counts (mount_form.c).
 */
#ifndef GARITA_RULES_MOUNT_OPTION_H
#define GARITA_RULES_MOUNT_OPTION_H

#include "garita/json.h"

struct garita_option_words {
	const char *const *list;
	size_t count;
};

/* Repairs the i-th mount of the config: takes all of `off` away, puts `on`. */
void garita_mount_set_option(struct garita_json_doc *config, size_t i,
			     const struct garita_option_words *off,
			     const char *on);

#endif
