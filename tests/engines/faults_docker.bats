#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whatever fails while a start asks docker's store which image it is: what is
# denied stays out, what is allowed has been judged, nothing is half done.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2153,SC2154

load common
load faults
load docker

setup_file()
{
	docker_up
	garita_up
	faults_up
	docker_daemon main
	docker_image app
}

teardown_file()
{
	garita_down
	docker_down
}

setup()
{
	faults_begin
}

@test "an image of docker: it is denied, it is allowed, a scope is strict" {
	local id layer

	id=$(dock run --detach --net none app:v1 sleep 1000)
	layer=$(cat "$DATA/image/overlay2/layerdb/mounts/$id/mount-id")
	image_of_store "$id" "$DATA/overlay2/$layer/merged" \
		"$(dock inspect --format '{{.Image}}' "$id")" 'docker.io/library/app*'
	dock rm --force "$id" >/dev/null
}
