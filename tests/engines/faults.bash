# shellcheck shell=bash
# JSON and programs of jq have their own $; what the .bats files use.
# shellcheck disable=SC2016,SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# faults.bash - faults in programs of garita's (tests/programs/faults.c).
#
#	faults_up               # in setup_file(), behind garita_up
#	faults PROGRAM OPTIONS... -- PROGRAM WORDS...
#	start OPTIONS...        a `create` of ./config.json, in the bundle ./b
#	                        or $AT
#	refused JQ              ...of ./good, so edited, which must be refused
#	what_is_expected [ID]   what garita makes of ./config.json, to
#	                        ./expected.json
#	image_of_store ID PATH DIGEST NAME
#	                        starts of an image that a store tells
#
# All faults, by hand (half an hour):
#
#	GARITA_FAULTS=all bats tests/engines/faults*.bats
#
# Otherwise every 29th of each kind, or every N-th with GARITA_FAULTS=N, and half
# as many ($SPARSE) where more than one process is at work. Either prints how
# many faults there were and what was admitted in spite of them.

faults_up()
{
	rootfs
	RUNC=$(readlink -f "$(command -v runc)")
	CRUN=$(readlink -f "$(command -v crun)")
	STEP=${GARITA_FAULTS:-29}
	[ "$STEP" != all ] || STEP=1
	SPARSE=$((STEP == 1 ? 1 : 2 * STEP + 3))
	export RUNC CRUN STEP SPARSE ID=garita-faults-$$
	cd "$GARITA_DIR" || return 1
	inside sh -c 'cat >/etc/garita/base.json' <<-JSON
	{"version": 1, "profile": "restricted", "runtime": "$RUNC",
	 "log": {"path": "$LOG", "file": "required"},
	 "rules": {"host-path-mount":
	  {"action": "deny", "allow": ["$GARITA_DIR/allowed/**"]}}}
	JSON
	mkdir -p allowed/data good disk
	bundle good '.process.user = {uid: 1000, gid: 1000}
		| .process.terminal = false | .process.args = ["true"]'
	edit good --arg from "$GARITA_DIR/allowed/data" '.mounts += [
		{destination: "/mnt", type: "bind", source: $from,
		 options: ["bind", "ro", "nosuid", "nodev", "noexec"]}]'
}

# As before each test: an empty bundle, and a policy.
faults_begin()
{
	cd "$GARITA_DIR" || return 1
	rm -rf b
	mkdir b
	# All that is strict is in the other file.
	policy <<<'{"version": 1, "extends": "base.json"}'
}

faults()
{
	local address allocators=()

	for address in $("${NM:-nm}" "$1" |
		awk '$3 ~ /^(malloc|calloc|realloc)$/ { print $1 }'); do
		allocators+=(--allocator "$address")
	done
	inside timeout 3600 "$GARITA_BUILD/tests/programs/faults" \
		"${allocators[@]}" --step "$STEP" "${@:2}" >out 2>err 3>&- || {
		head -n 40 out err
		return 1
	}
	sed "s|^|# $BATS_TEST_DESCRIPTION: |" out >&3
}

start()
{
	faults "$RUNTIME" --bundle "${AT:-$GARITA_DIR/b}" --config config.json \
		${LOG:+--log "$LOG"} --runtime "$RUNC" --verb create \
		--watch /var/lib/garita --watch /var/log/garita "$@" -- \
		"$RUNTIME" create --bundle "${AT:-$GARITA_DIR/b}" \
		--pid-file pid "${CONTAINER:-faulty}"
}

what_is_expected()
{
	local at=${AT:-$GARITA_DIR/b}

	inside cp config.json "$at/"
	inside "$RUNTIME" run --bundle "$at" "${1:-expected}" >/dev/null 3>&-
	inside mv "$at/config.json" expected.json
}

refused()
{
	jq "$1" good/config.json >config.json
	start --refused
}

# Which image it is, only the store says: whether the container ID, whose root
# file system is at PATH, may start at all, and which scope it is in.
image_of_store()
{
	local CONTAINER=$1 at=$2 digest=$3 name=$4

	jq --arg at "$at" '.root.path = $at' good/config.json >config.json
	image_policy "{\"images\": {\"deny\": [\"$digest\"]}}"
	image_is_refused "image-allowlist: $digest"
	image_policy "{\"rules\": {\"unknown-image\": \"off\"}, \"scopes\": [
		{\"name\": \"strict\", \"match\": {\"image\": \"$name\"},
		 \"rules\": {\"user-namespace\": \"deny\"}}]}"
	image_is_refused "user-namespace: none"
	image_policy "{\"images\": {\"allow\": [\"$digest\"]}}"
	jq --arg at "$at" 'del(.linux.seccomp) | .root.path = $at' \
		good/config.json >config.json
	what_is_expected "$CONTAINER"
	start --repaired expected.json
}

image_policy()
{
	jq -n --argjson more "$1" '{version: 1, extends: "base.json"} + $more' |
		policy
}

image_is_refused()
{
	local at=${AT:-$GARITA_DIR/b}

	inside cp config.json "$at/"
	run -1 inside "$RUNTIME" run --bundle "$at" "$CONTAINER"
	[[ $output == *"$1"* ]] || fails "$output"
	start --refused
}
