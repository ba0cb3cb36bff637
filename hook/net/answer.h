/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer - what the kernel says about a batch and about the rules it has.
 *
 * Bytes in, facts out: nothing here receives. Every length and every attribute
 * is checked before it is used; what does not hold together is an error.
 */
#ifndef GARITA_NET_ANSWER_H
#define GARITA_NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

enum {
	GARITA_NET_NAME_MAX = 32, /* of tables and chains of ours */
	GARITA_NET_WHAT_MAX = 128,
	GARITA_NET_RULES_MAX = 65536, /* in one namespace */
};

/* A rule of a guard, with what it counted. */
struct garita_net_rule {
	char table[GARITA_NET_NAME_MAX];
	char chain[GARITA_NET_NAME_MAX];
	char what[GARITA_NET_WHAT_MAX]; /* its comment */
	bool drops;                     /* else accepts */
	uint64_t packets, bytes;
};

struct garita_net_rules {
	struct garita_net_rule *rules;
	size_t count;
};
void garita_net_rules_free(struct garita_net_rules *rules);
#define auto_net_rules                                                         \
	__attribute__((cleanup(garita_net_rules_free))) struct garita_net_rules

/* One datagram that answers a batch. 1: the message numbered `last` was taken,
 * and with it all; 0: more must come; -errno: the kernel refused, and so has
 * taken nothing. */
int garita_answer_batch(const void *bytes, size_t len, uint32_t last,
			struct garita_error *err);
/* One datagram of the list of rules that was asked for by number `sequence`;
 * rules of other tables than ours are passed over. 1: that was the end; 0:
 * more must come; -EINTR: they changed meanwhile, ask again. */
int garita_answer_rules(const void *bytes, size_t len, uint32_t sequence,
			struct garita_net_rules *ret, struct garita_error *err);

#endif
