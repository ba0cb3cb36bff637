/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_keys - a keyring: what the operator's files say, sorted by key.
 *
 * A key that stands in two files is one key, with all that both say about it:
 * a revocation that was put beside a key must count. Nothing here is verified
 * yet; that is asked only of a key that signed something (openpgp_judge.c).
 */
#ifndef GARITA_POLICY_TRUST_OPENPGP_KEYS_H
#define GARITA_POLICY_TRUST_OPENPGP_KEYS_H

#include "policy/trust/format.h"
#include "policy/trust/openpgp.h"

struct garita_openpgp_signatures {
	struct garita_openpgp_signature *all;
	size_t count, room;
};

/* A packet of a key, and the signatures that follow it. */
struct garita_openpgp_part {
	unsigned tag; /* PUBLIC_KEY, PUBLIC_SUBKEY, USER_ID or ATTRIBUTE */
	struct garita_openpgp_bytes body;
	struct garita_openpgp_public *key; /* NULL for a name */
	struct garita_openpgp_signatures signatures;
};

struct garita_openpgp_certificate {
	struct garita_openpgp_part *parts; /* the first is the primary key */
	size_t count, room;
};

struct garita_openpgp_keys {
	struct garita_openpgp_certificate *all;
	size_t count, room;
	/* Key revocations count wherever they stand, also alone in a file. */
	struct garita_openpgp_signatures revocations;
	unsigned char **texts; /* what everything above points into */
	size_t text_count;
};

/* Whether `part` of `of`, a key, may sign data: made good by its primary key,
 * meant for it, neither expired nor revoked. `made` is when it signed. In
 * *ret_until when that ends; 0: never. -EACCES with the reason. */
int garita_openpgp_may_sign(const struct garita_openpgp_keys *keys,
			    const struct garita_openpgp_certificate *of,
			    const struct garita_openpgp_part *part,
			    uint32_t made, time_t now, time_t *ret_until,
			    struct garita_error *err);

#endif
