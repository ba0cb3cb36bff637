#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whatever fails on the way from the engine's call to the runtime's start: a
# refusal stays one, what starts has been judged, repaired and recorded, and
# config.json is whole (tests/programs/faults.c says how). All of them, by hand:
#
#	GARITA_FAULT_STEP=1 bats tests/engines/faults.bats
#
# prints how many faults there were and how many starts in spite of them.

# bats sets lines, output and status behind shellcheck's back; words of inner
# shells and jq have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common
load podman

setup_file()
{
	podman_up
	podman_image app
	garita_up
	rootfs
	KIND=$(command -v runc)
	export KIND STEP=${GARITA_FAULT_STEP:-29}
	cd "$GARITA_DIR" || return 1
	inside sh -c 'cat >/etc/garita/base.json' <<-JSON
	{"version": 1, "profile": "restricted", "runtime": "$KIND",
	 "log": {"path": "$LOG", "file": "required"},
	 "rules": {"host-path-mount":
	  {"action": "deny", "allow": ["$GARITA_DIR/allowed/**"]}}}
	JSON
	# All that is strict is in the other file.
	policy <<<'{"version": 1, "extends": "base.json"}'
	mkdir -p allowed/data good
	ln -s /etc allowed/link
	ln -s /proc "$GARITA_DIR/rootfs/led"
	ln -s / root
	bundle good '.process.user = {uid: 1000, gid: 1000}
		| .process.terminal = false | .process.args = ["true"]'
	edit good --arg from "$GARITA_DIR/allowed/data" '.mounts += [
		{destination: "/mnt", type: "bind", source: $from,
		 options: ["bind", "ro", "nosuid", "nodev", "noexec"]}]'
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	rm -rf b
	mkdir b
}

# edit DIR ARGUMENTS...: jq on its config.json
edit()
{
	local dir=$1

	shift
	jq "$@" "$dir/config.json" >edited.json
	mv edited.json "$dir/config.json"
}

# faults OPTIONS...: of the start of b
faults()
{
	inside timeout 1200 "$GARITA_BUILD/tests/programs/faults" \
		--bundle "$GARITA_DIR/b" --config config.json --log "$LOG" \
		--runtime "$(readlink -f "$KIND")" --step "$STEP" "$@" -- \
		"$RUNTIME" create --bundle "$GARITA_DIR/b" --pid-file pid "${ID:-faulty}" \
		>out 2>err 3>&- || {
		head -n 40 out err
		return 1
	}
	sed 's/^/# /' out >&3
}

# what_is_expected: the config that garita makes of config.json, to expected.json
what_is_expected()
{
	cp config.json b/config.json
	inside "$RUNTIME" run --bundle "$GARITA_DIR/b" expected >/dev/null 3>&-
	mv b/config.json expected.json
}

refused()
{
	jq "$1" good/config.json >config.json
	faults
}

@test "faults on the way of a config that is repaired" {
	jq 'del(.linux.seccomp)' good/config.json >config.json
	what_is_expected
	run -1 cmp -s config.json expected.json
	faults --expect expected.json
}

@test "faults: what a rule refuses stays refused" {
	refused '.process.user.uid = 0'
}

@test "faults: a mount that leads elsewhere by a link stays refused" {
	refused '(.mounts[] | select(.destination == "/mnt")).source |=
		sub("data$"; "link")'
}

@test "faults: a mount that the image leads to /proc stays refused" {
	refused '(.mounts[] | select(.destination == "/mnt")).destination =
		"/led/x"'
}

@test "faults: a working directory that the image leads to /proc stays refused" {
	refused '.process.cwd = "/led"'
}

@test "faults: a root that leads to the host's own stays refused" {
	refused ".root.path = \"$GARITA_DIR/root\""
}

@test "faults: a namespace of the host stays refused" {
	refused '(.linux.namespaces[] | select(.type == "network")).path =
		"/proc/1/ns/net"'
}

# Which image it is, only the store says.
@test "faults: an image that is denied stays refused" {
	local merged digest

	ID=$(pod create --name app localhost/app:v1 true)
	merged=$(pod mount app)
	digest=$(pod image inspect --format '{{.Digest}}' localhost/app:v1)
	policy <<<"{\"version\": 1, \"extends\": \"base.json\",
		\"images\": {\"deny\": [\"$digest\"]}}"
	jq --arg at "$merged" '.root.path = $at' good/config.json >config.json
	cp config.json b
	run -1 inside "$RUNTIME" run --bundle "$GARITA_DIR/b" "$ID"
	[[ $output == *"image-allowlist: $digest"* ]]
	faults
	# The same where only a scope of this image's is strict, and an image
	# that nobody knows, whose scope it is not, does not start.
	policy <<<"{\"version\": 1, \"extends\": \"base.json\",
		\"rules\": {\"unknown-image\": \"deny\"}, \"scopes\": [
		{\"name\": \"strict\", \"match\": {\"image\": \"localhost/app*\"},
		 \"rules\": {\"user-namespace\": \"deny\"}}]}"
	run -1 inside "$RUNTIME" run --bundle "$GARITA_DIR/b" "$ID"
	[[ $output == *"user-namespace: none"* ]]
	faults
	pod rm --force --time 0 app >/dev/null
}
