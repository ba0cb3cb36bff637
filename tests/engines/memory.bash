# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# memory.bash - a place for a test's files that no disk is waited for.
#
#	load memory
#	TMPDIR=$(memory_dir) docker_up

# Engines wait for the disk more than for anything else; memory does as well
# where a test looks at stores only. Where there is too little of it: on disk.
memory_dir()
{
	local room

	room=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)
	if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] &&
		[ "${room:-0}" -gt 500000 ]; then
		echo /dev/shm
	else
		echo "${TMPDIR:-/tmp}"
	fi
}
