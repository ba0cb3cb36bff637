/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_seen - is this the policy that the decision before was made by?
 *
 * The digest of that policy is the target of a symbolic link in garita's state
 * directory, "policy-seen": read by one system call at each start, put in place
 * by a rename, and never half there. Who finds another one there takes a lock,
 * and looks again at the link and at the policy's own file: so a change is told
 * once, however many starts meet it, and a start that read the policy before
 * the change and comes late does not tell it backwards.
 */
#ifndef GARITA_HOOK_POLICY_SEEN_H
#define GARITA_HOOK_POLICY_SEEN_H

#include "hook/gate.h"

struct garita_policy_seen {
	char before[GARITA_DIGEST_SIZE]; /* "": none was */
	int lock;                        /* the state directory */
};

/* `digest` is the gate's (garita_gate_digest()). True: it is another one, and
 * ours to tell. Then garita_policy_note() must follow. What cannot be found out
 * is false. */
bool garita_policy_is_new(const struct garita_gate *gate, const char *digest,
			  struct garita_policy_seen *ret);
void garita_policy_note(struct garita_policy_seen *seen, const char *digest);

#endif
