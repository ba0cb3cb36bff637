# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cgroups.bash - control groups are the one thing of a test that no namespace
# keeps to itself, and a test that was killed leaves some.
#
#	cgroups_enter           # before anything makes one
#	cgroups_leave           # when all that made some has ended
#
# Who has entered holds a lock on their root, shared. Who leaves and finds
# nobody else there removes what is empty below the names that tests use, so
# also what earlier runs left. One with a process in it cannot be removed.

cgroups_enter()
{
	# fd 3 is bats's own. Not for ever, if nobody is left to end it.
	(exec 9</sys/fs/cgroup && flock -s 9 && exec sleep 7200) \
		</dev/null >/dev/null 2>&1 3>&- &
	CGROUPS_HOLDER="${CGROUPS_HOLDER:-} $!"
}

cgroups_leave()
{
	local holder=${CGROUPS_HOLDER##* }

	[ -n "$holder" ] || return 0
	CGROUPS_HOLDER=${CGROUPS_HOLDER% *}
	kill "$holder" 2>/dev/null || true
	wait "$holder" 2>/dev/null || true
	(exec 9</sys/fs/cgroup && flock -n -x 9 && cgroups_sweep) || true
}

# The engines' own names for where containers go, and ours.
cgroups_sweep()
{
	find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d \( \
		-name libpod_parent -o -name default -o -name elsewhere \
		-o -name k8s.io -o -name 'garita-*' -o -name 'scope-*' \
		-o -name 'generated-*' -o -name 'load-*' \) |
		while read -r at; do
			find "$at" -depth -type d -exec rmdir {} + \
				2>/dev/null || true
		done
}
