#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What garita install writes into daemon.json, read by a real dockerd: the gate
# is the default, it refuses and admits, and without it all is as before.

# bats sets output and status behind shellcheck's back.
# shellcheck disable=SC2154

load docker
load common

setup_file()
{
	docker_up
	ROOT=$DOCKER_DIR/host
	mkdir -p "$ROOT"/etc/docker "$ROOT"/usr/sbin "$ROOT"/var/lib
	: >"$ROOT/usr/sbin/dockerd"
	chmod -R go-w "$ROOT"
	export ROOT
}

teardown_file()
{
	docker_down
}

# The program is the one that was built; below the tree it is its own copy.
put()
{
	mkdir -p "$ROOT${RUNTIME%/*}"
	cp "$RUNTIME" "$ROOT$RUNTIME"
	"$GARITA" "$@" docker --sysroot "$ROOT" --runtime "$RUNTIME"
}

# What dockerd makes of the file as it is now: members of it, for docker_daemon.
members()
{
	jq -c '{runtimes, "default-runtime", "log-driver"} |
		with_entries(select(.value != null))' "$ROOT/etc/docker/daemon.json"
}

@test "dockerd takes the file, and the gate is its default" {
	echo '{"log-driver": "json-file"}' >"$ROOT/etc/docker/daemon.json"
	chmod 0644 "$ROOT/etc/docker/daemon.json"
	run -0 put install
	docker_daemon main ". + $(members)"
	[ "$(dock info --format '{{.DefaultRuntime}} {{.LoggingDriver}}')" = \
		"garita json-file" ]
	# It read the real runtime's version, behind which we put a line.
	[ "$(dock info --format '{{.RuncCommit.ID}}')" = \
		"$(runc --version | sed -n 's/^commit: //p')" ]
	docker_image app
	# A group of the test's own is where its daemon puts containers.
	docker_in sh -c 'cat >/etc/garita/policy.json' <<-JSON
	{"version": 1, "rules": {"cgroup-parent":
		{"action": "deny", "allow": ["/${DOCKER_DIR##*/}/*"]}}}
	JSON
	run -0 dock run --rm --net none --user 1000:1000 app:v1 \
		cat /proc/self/status
	[[ $output == *"NoNewPrivs:	1"* ]]
	run -125 dock run --rm --net none --privileged app:v1 true
	[[ $output == *"garita refused this container"* ]]
	# What the table of docs/engines.md says it does not protect from.
	run -0 dock run --rm --net none --runtime runc app:v1 true
}

# The client's own words are the same as podman's; doctor.bats has the rest.
@test "garita doctor: canaries through dockerd" {
	docker_talk main
	docker_in sh -c 'mkdir -p /etc/docker && cp "$0" /etc/docker/' \
		"$ROOT/etc/docker/daemon.json"
	run docker_env "$GARITA" doctor docker --canary \
		--runtime "$RUNTIME" --hook "$HOOK"
	[ "$status" = 0 ] || fails "$output"
	[[ $output == *"it says itself that $RUNTIME is what it starts"* ]]
	[[ $output == *"docker run: one with every privilege was refused"* ]]
	[[ $output == *"docker run: one that asks for nothing was admitted and ran"* ]]
	[ "$(dock ps --all --quiet)" = "" ]
	[ "$(dock images --quiet garita-canary)" = "" ]
	[ "$(dock images --quiet localhost/garita-canary)" = "" ]
}

@test "after uninstall dockerd has its own default" {
	run -0 put uninstall
	[ "$(cat "$ROOT/etc/docker/daemon.json")" = '{"log-driver": "json-file"}' ]
	docker_daemon after ". + $(members)"
	[ "$(dock info --format '{{.DefaultRuntime}}')" = runc ]
}
