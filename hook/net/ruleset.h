/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ruleset - guards as one batch of nf_tables messages: all of it or nothing.
 *
 * Each guard is a table of its own in family inet, named by what it does:
 *
 *	chain metadata  output, accept: addresses of cloud metadata are dropped
 *	chain listen    input, drop: loopback, established, listed ports
 *	chain egress    output, drop: loopback, established, listed networks
 *
 * In nf_tables a packet has to pass every chain of a hook, so guards of one
 * namespace add up: no table can open what another has shut. The same guard
 * again takes the place of itself.
 */
#ifndef GARITA_NET_RULESET_H
#define GARITA_NET_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

struct garita_batch {
	char *bytes;
	size_t len;
	uint32_t last; /* sequence number of the message that is answered */
};

/* Makes the batch of these lines (garita/network.h), which takes away in the
 * same breath what is there by these names, or without `replace` is refused as
 * a whole (EEXIST) when anything is. Numbers count from `sequence`. The caller
 * frees with garita_batch_free(). */
int garita_batch_make(const char *const *lines, size_t count, uint32_t sequence,
		      bool replace, struct garita_batch *ret,
		      struct garita_error *err);
void garita_batch_free(struct garita_batch *batch);
#define auto_batch                                                             \
	__attribute__((cleanup(garita_batch_free))) struct garita_batch

#endif
