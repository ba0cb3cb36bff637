#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita image, with the containers of a real containerd: found by their
# mounts, in whatever namespace of containerd they are.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0
load containerd
load report

export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin LC_ALL=C
GARITA=$(readlink -f "${GARITA_BUILD:-.}")/garita
SCHEMA=${GARITA_SRC:-.}/docs/schema/image-inspect-1.schema.json
TASKS=/run/containerd/io.containerd.runtime.v2.task

setup_file()
{
	containerd_up
	ctd_layout app
	ctd_import app localhost/app:v1
	ctd_import app localhost/app:v1 -n elsewhere
}

teardown_file()
{
	containerd_down
	[ "$(grep -cF garita-containerd /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
	for ns in default elsewhere; do
		ctd -n "$ns" tasks rm --force web || true
		ctd -n "$ns" containers rm web || true
	done >/dev/null 2>&1
}

image()
{
	ctd_in "$GARITA" image "$@" >out 2>err 3>&- && status=0 || status=$?
	cat out err
}

@test "a container is found by id and by bundle" {
	ctd run --detach localhost/app:v1 web sleep 1000
	for word in web we "$TASKS/default/web"; do
		image inspect --format json "$word"
		[ "$status" = 0 ]
		[ "$(jq -r .container out)" = web ]
		[ "$(jq -r .image.sure out)" = verified ]
		[ "$(jq -r .image.store out)" = containerd ]
		[ "$(jq -r .bundle out)" = "$TASKS/default/web" ]
		[ "$(jq '.steps | length' out)" -ge 3 ]
		run fits "$SCHEMA" out
		[ "$output" = "" ]
	done
}

@test "one id in two namespaces: only the bundle says which" {
	ctd run --detach localhost/app:v1 web sleep 1000
	ctd -n elsewhere run --detach localhost/app:v1 web sleep 1000
	image inspect web
	[ "$status" = 2 ]
	grep -F "several containers are called web" err
	image inspect "$TASKS/elsewhere/web"
	[ "$status" = 0 ]
}

@test "there is nothing that files of layers could be compared with" {
	ctd run --detach localhost/app:v1 web sleep 1000
	image verify-layers web
	[ "$status" = 2 ]
	grep -F "keeps nothing" err
}
