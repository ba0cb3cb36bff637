#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whatever fails while a start asks containerd's databases which image it is,
# as they are while containerd runs: what is denied stays out, what is allowed
# has been judged, nothing is half done.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2153,SC2154

load common
load faults
load containerd

setup_file()
{
	containerd_up
	garita_up
	faults_up
	ctd_layout app
	ctd_import app localhost/app:v1
}

teardown_file()
{
	garita_down
	containerd_down
}

setup()
{
	faults_begin
}

@test "an image of containerd: it is denied, it is allowed, a scope is strict" {
	# Whose container it is, the bundle's own place says, too.
	local AT=/run/containerd/io.containerd.runtime.v2.task/default/app

	ctd run --detach localhost/app:v1 app 3>&-
	image_of_store app "$AT/rootfs" "$(ctd images ls 'name==localhost/app:v1' |
		grep -o 'sha256:[0-9a-f]*')" 'localhost/app*'
	ctd tasks rm --force app >/dev/null
	ctd containers rm app
}
