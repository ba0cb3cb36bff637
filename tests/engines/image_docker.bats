#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita image and the rule upper-is-fresh, with the containers of a real
# dockerd, wherever its data root is.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

load docker
load report

GARITA=$(readlink -f "${GARITA_BUILD:-.}")/garita
RUNTIME=$(readlink -f "${GARITA_BUILD:-.}")/garita-runtime
SCHEMA=${GARITA_SRC:-.}/docs/schema/image-inspect-1.schema.json

setup_file()
{
	docker_up
	docker_daemon main ".runtimes = {garita: {path: \"$RUNTIME\"}}"
	docker_image app
	jq -n --arg runc "$(command -v runc)" '{version: 1, profile: "off",
		runtime: $runc, rules: {"upper-is-fresh": "deny"}}' |
		docker_in sh -c 'umask 022; cat >/etc/garita/policy.json'
}

teardown_file()
{
	docker_down
	[ "$(grep -cF garita-docker /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
	dock rm --force web >/dev/null 2>&1 || true
}

image()
{
	docker_in "$GARITA" image "$@" >out 2>err 3>&- && status=0 || status=$?
	cat out err
}

@test "a container is found by name and id, its config known, no manifest" {
	id=$(dock run --detach --name web app:v1 sleep 1000)
	for word in web "$id" "${id:0:9}"; do
		image inspect --format json "$word"
		[ "$status" = 1 ]
		[ "$(jq -r .container out)" = "$id" ]
		[ "$(jq -r .name out)" = web ]
		[ "$(jq -r .image.sure out)" = config ]
		[ "$(jq -r .image.reference out)" = app:v1 ]
		[ "$(jq -r .image.config out)" = \
			"$(dock inspect --format '{{.Image}}' web)" ]
		[ "$(jq '.steps | length' out)" -ge 3 ]
		run fits "$SCHEMA" out
		[ "$output" = "" ]
	done
	image inspect "$(docker_in find /run "$DOCKER_DIR" -type d \
		-path "*/moby/$id" -not -path '*/runtime-runc/*' | head -n 1)"
	[ "$status" = 1 ]
	grep -xF "container    $id" out
}

@test "files of layers are compared, and a changed one is named" {
	dock run --detach --name web app:v1 sleep 1000
	image verify-layers web
	[ "$status" = 0 ]
	[ "$(grep -c '^same ' out)" = 1 ]
	lower=$(dock inspect --format '{{.GraphDriver.Data.LowerDir}}' web)
	file=${lower##*:}/etc/passwd
	cp -a "$file" kept
	echo evil::0:0:::/bin/sh >>"$file"
	image verify-layers web
	cp -a kept "$file"
	[ "$status" = 1 ]
	grep -xF "  /etc/passwd  contents differ" out
	image verify-layers web
	[ "$status" = 0 ]
}

@test "what was copied in before the start does not run" {
	dock run --rm --runtime garita app:v1 true
	dock run --rm --runtime garita --user 77 --workdir /work \
		--volume /etc:/data/etc:ro --hostname x app:v1 true
	dock create --name web --runtime garita app:v1 cat /hello
	echo evil >hello
	dock cp "$PWD/hello" web:/hello
	run dock start --attach web
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *"upper-is-fresh: /hello, a file"* ]]
}
