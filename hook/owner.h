/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owner - whose garita this is: the machine's, when root runs it, or one
 * user's own.
 *
 * A user's engine (rootless podman) runs us as that user, mostly as "root" of
 * a user namespace that the user made. There the files of the machine belong
 * to an owner that the namespace has no name for, policy and log are in the
 * user's home, and nothing of it holds the user: it is an author's tool.
 */
#ifndef GARITA_HOOK_OWNER_H
#define GARITA_HOOK_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* Below a user's home: what is elsewhere in /etc and in /var. */
#define GARITA_OWN_POLICY ".config/garita/policy.json"
#define GARITA_OWN_STATE  ".local/state/garita"
#define GARITA_OWN_LOG    GARITA_OWN_STATE "/decisions.jsonl"

/* May this be the owner of what we obey: root or us? In a user namespace that
 * our own user made, also the nameless one that everybody outside has. */
bool garita_owner_trusted(uid_t uid);
/* The same for a name in a directory that others can write to too, where only
 * the owner of a name is sure to have made it: not the nameless one. */
bool garita_owner_known(uid_t uid);

/* Do we work for one user alone? */
bool garita_owner_is_user(void);
/* Is our user namespace the machine's own, or is there no telling? */
bool garita_owner_in_first_namespace(void);
/* $HOME/`below`, an absolute path that the caller frees. NULL when we do not
 * work for a user, or that user has no home. */
char *garita_owner_home(const char *below);
/* Makes the directories of that path which are missing, as far as it can. */
void garita_owner_make(const char *below);

#endif
