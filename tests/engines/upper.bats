#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# upper-is-fresh: what a real podman copies into a container before its start,
# or finds there when it starts it again, does not run.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

setup_file()
{
	podman_up
	podman_image app
	podman_image placed --config.workingdir /work/dir
	garita_up
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	jq -n '{version: 1, profile: "off", runtime: "/usr/bin/crun",
		rules: {"upper-is-fresh": "deny"}}' | policy
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

podman()
{
	local want=$1 code=0

	shift
	pod --runtime "$RUNTIME" "$@" >out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: podman $*"
		cat out err
		return 1
	}
}

refused()
{
	grep -F "upper-is-fresh" err
	grep -F "$1" err
}

@test "containers that are new" {
	mkdir -p volume
	for options in "" --read-only --privileged "--tmpfs /t/m" \
		"--volume $PWD/volume:/data/x --volume /etc/services:/etc/conf/x" \
		"--network host" \
		"--user 77 --passwd=false"; do
		# Words on purpose.
		# shellcheck disable=SC2086
		podman 0 run --rm $options localhost/app:v1 true
	done
	podman 0 run --rm localhost/placed:v1 true
	podman 0 create --name web localhost/app:v1 true
	podman 0 start --attach web
}

@test "a file that was copied in before the start" {
	echo evil >evil
	podman 0 create --name web localhost/app:v1 cat /etc/hello
	podman 0 cp "$PWD/evil" web:/etc/hello
	podman 125 start --attach web
	[ ! -s out ]
	refused "/etc/hello, a file"
	jq -n '{version: 1, profile: "off", runtime: "/usr/bin/crun"}' | policy
	podman 0 start --attach web
	[ "$(cat out)" = evil ]
}

@test "a program of the image that was replaced, a link, a directory" {
	for what in file link directory; do
		podman 0 create --name web localhost/app:v1 true
		rm -rf evil
		mkdir -p evil/bin
		case $what in
		file) cp /bin/busybox evil/bin && where=/bin/busybox ;;
		link) ln -s /proc/1/root/etc evil/lib && where=/lib ;;
		directory) mkdir evil/opt && where=/opt ;;
		esac
		podman 0 cp "$PWD/evil/." web:/
		podman 125 start --attach web
		refused "$where"
		podman 0 rm web
	done
}

@test "started again: fine when nothing was written, not after a change" {
	podman 0 create --name web localhost/app:v1 true
	podman 0 start --attach web
	podman 0 start --attach web
	podman 0 create --name writer localhost/app:v1 sh -c 'echo x >/x'
	podman 0 start --attach writer
	podman 125 start --attach writer
	refused "/x, a file"
	podman 0 create --name remover localhost/app:v1 busybox rm /bin/id
	podman 0 start --attach remover
	podman 125 start --attach remover
	refused "/bin/id, which hides what the image has there"
}

@test "a uid that podman writes into /etc/passwd, and allowing that" {
	podman 126 run --rm --user 77 localhost/app:v1 true
	refused "/etc/passwd, a file"
	jq -n '{version: 1, profile: "off", runtime: "/usr/bin/crun",
		rules: {"upper-is-fresh": {action: "deny",
			allow: ["/etc/passwd", "/etc/group"]}}}' | policy
	podman 0 run --rm --user 77 localhost/app:v1 true
}

@test "what is no overlay is not known to be new" {
	mkdir -p tree
	podman 126 run --rm --rootfs "$PWD/tree" true
	refused "cannot be told"
}
