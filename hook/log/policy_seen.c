/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_seen - see the header.
 */
#include "hook/log/policy_seen.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "hook/owner.h"
#include "hook/state.h"

static const char name[] = "policy-seen", aside[] = "policy-seen.new";

/* Of `dir`; a target that is no digest is as none. */
static void read_link(int dir, const char *path, char ret[GARITA_DIGEST_SIZE])
{
	ssize_t len = readlinkat(dir, path, ret, GARITA_DIGEST_SIZE);

	if (len < 0 || len >= GARITA_DIGEST_SIZE)
		len = 0;
	ret[len] = '\0';
	if (strcmp(ret, "built-in") != 0 && !garita_digest_well_formed(ret))
		*ret = '\0';
}

/* Is what lies in /etc still what we judged by? */
static bool is_current(const struct garita_gate *gate, const char *digest)
{
	const struct garita_gate_options options = {
		.sysroot = gate->policy_root,
	};
	auto_gate again = { 0 };
	char now[GARITA_DIGEST_SIZE];

	if (garita_gate_open(&options, &again, NULL) < 0)
		return false;
	garita_gate_digest(&again, now);
	return strcmp(now, digest) == 0;
}

bool garita_policy_is_new(const struct garita_gate *gate, const char *digest,
			  struct garita_policy_seen *ret)
{
	struct garita_policy_seen seen = { .lock = -1 };
	auto_fd int dir = -1;

	read_link(AT_FDCWD, GARITA_STATE_DIR "/policy-seen", seen.before);
	/* A user's own policy is that user's own affair. */
	if (strcmp(seen.before, digest) == 0 || garita_owner_is_user())
		return false;
	dir = garita_state_open(NULL, "", true, NULL);
	/* Who holds the lock is telling it. */
	if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) < 0)
		return false;
	read_link(dir, name, seen.before);
	if (strcmp(seen.before, digest) == 0 || !is_current(gate, digest))
		return false;
	seen.lock = garita_take_fd(&dir);
	*ret = seen;
	return true;
}

void garita_policy_note(struct garita_policy_seen *seen, const char *digest)
{
	auto_fd int dir = garita_take_fd(&seen->lock);

	unlinkat(dir, aside, 0);
	if (symlinkat(digest, dir, aside) == 0 &&
	    renameat(dir, aside, dir, name) < 0)
		unlinkat(dir, aside, 0);
}
