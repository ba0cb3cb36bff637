#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "runtime" by scope: crun makes some containers and runc the others, and what
# is done to one later goes to the runtime that made it, also when the policy
# has changed, cannot be read, or an id comes again.

# bats sets lines, output and status behind shellcheck's back; inner shells have
# their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load podman
load common

setup_file()
{
	podman_up
	garita_up
	rootfs
	export RUNC=/usr/sbin/runc CRUN=/usr/bin/crun
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	ID=scope-${GARITA_DIR##*.}-$BATS_TEST_NUMBER
	both_policy
}

teardown()
{
	delete_below /run/runc /run/crun "$GARITA_DIR/state"
}

# Bundles whose path ends in -light are crun's.
both_policy()
{
	policy <<-JSON
	{"version": 1, "runtime": "$RUNC", "scopes": [
		{"name": "light", "match": {"bundle": "$GARITA_DIR/*-light"},
		 "runtime": "$CRUN"}]}
	JSON
}

# made NAME: a bundle that is admitted, and sleeps
made()
{
	bundle "$GARITA_DIR/$1" '.process.user = {uid: 1000, gid: 1000}'
}

# of KIND: that runtime has the container, the other one has not
of()
{
	local kind

	for kind in runc crun; do
		if [ "$kind" = "$1" ]; then
			inside "$kind" ${ROOT:+--root "$ROOT"} state "$ID" >/dev/null
		else
			! inside "$kind" ${ROOT:+--root "$ROOT"} state "$ID" \
				>/dev/null 2>&1
		fi || fails "$kind, not $1"
	done
}

# What is refused; should it start after all, nothing of ours stays open in it.
refused()
{
	run -2 inside timeout 30 sh -c '"$@" >out 2>&1 </dev/null; r=$?; cat out
		exit $r' refused "$RUNTIME" "$@"
}

garita()
{
	inside "$RUNTIME" ${ROOT:+--root "$ROOT"} "$@"
}

life()
{
	garita create --bundle "$1" "$ID" >out 2>&1 </dev/null 3>&-
	of "$2"
	garita start "$ID"
	[ "$(garita state "$ID" | jq -r .status)" = running ]
	[ "$(garita exec "$ID" id -u)" = 1000 ]
	garita pause "$ID"
	garita resume "$ID"
	garita update --pids-limit 40 "$ID"
	garita ps "$ID" >/dev/null
	garita kill "$ID" KILL
	garita delete --force "$ID"
	run garita state "$ID"
	[ "$status" != 0 ]
}

@test "the scope's runtime makes it, and has all that comes later" {
	made b-light
	made b-plain
	for ROOT in "" "$GARITA_DIR/state"; do
		life b-light crun
		life b-plain runc
	done
}

@test "the maker is found when the policy is another, broken, or gone" {
	made b-light
	ROOT=
	for text in '{"version": 1}' '{"version": 1, "runtime": "'"$RUNC"'"}' \
		'{"version": 1, "mode": "dry-run"}' '{broken' \
		'{"version": 1, "runtime": "/nowhere/runc"}'; do
		both_policy
		garita create --bundle b-light "$ID" >out 2>&1 </dev/null 3>&-
		policy <<<"$text"
		of crun
		[ "$(garita state "$ID" | jq -r .id)" = "$ID" ] || fails "$text"
		garita kill "$ID" KILL
		garita delete --force "$ID"
		run inside crun state "$ID"
		[ "$status" != 0 ] || fails "$text"
	done
	# What starts something wants a policy that can be read.
	both_policy
	garita create --bundle b-light "$ID" >out 2>&1 </dev/null 3>&-
	policy <<<'{broken'
	run garita start "$ID"
	[ "$status" = 2 ]
	run garita exec "$ID" id
	[ "$status" = 2 ]
	garita delete --force "$ID"
}

@test "containers made before there was a choice are found, too" {
	made b-plain
	ROOT=
	policy <<<"{\"version\": 1}"
	garita create --bundle b-plain "$ID" >out 2>&1 </dev/null 3>&-
	run inside find /var/lib/garita/runtimes -lname "*$ID"
	[ "$output" = "" ]
	policy <<<"{\"version\": 1, \"runtime\": \"$CRUN\"}"
	of runc
	garita start "$ID"
	garita kill "$ID" KILL
	garita delete --force "$ID"
	run inside runc state "$ID"
	[ "$status" != 0 ]
}

@test "an id that comes again: not while it is there, and not as the old one" {
	made b-light
	made b-plain
	ROOT=
	garita create --bundle b-light "$ID" >out 2>&1 </dev/null 3>&-
	refused create --bundle b-plain "$ID"
	[[ $output == *"made by $CRUN and is still there"* ]]
	of crun
	# Deleted behind our back, and made again by hand.
	inside crun delete --force "$ID"
	inside runc create --bundle b-plain "$ID" >out 2>&1 </dev/null 3>&-
	of runc
	garita delete --force "$ID"
	run inside runc state "$ID"
	[ "$status" != 0 ]
	# And by us.
	life b-plain runc
}

@test "records are root's alone, and forgotten when the container is gone" {
	made b-light
	ROOT=
	[ "$(inside stat -c %a-%u /var/lib/garita/runtimes)" = 700-0 ]
	garita create --bundle b-light "$ID" >out 2>&1 </dev/null 3>&-
	run inside find /var/lib/garita/runtimes -lname "$CRUN*$ID"
	[ "${#lines[@]}" = 1 ] # one container, one record
	inside find /var/lib/garita/runtimes -exec touch -h -d '1 hour ago' {} +
	garita create --bundle b-light "$ID-b" >out 2>&1 </dev/null 3>&-
	# The one that is there stayed; those of other tests went.
	[ "$(inside find /var/lib/garita/runtimes -type l | wc -l)" = 2 ]
	garita delete --force "$ID-b"
	garita delete --force "$ID"
	# Where it cannot be recorded, nothing is made that could not be found.
	inside chmod 0777 /var/lib/garita/runtimes
	refused create --bundle b-light "$ID"
	[[ $output == *"cannot be recorded"* ]]
	inside chmod 0700 /var/lib/garita/runtimes
}

@test "words that the scope's runtime does not know are refused" {
	made b-light
	refused --rootless true create --bundle b-light "$ID"
	[[ $output == *"rootless"* ]]
	run ! inside crun state "$ID"
}

@test "a scope's runtime is checked as the policy's is, and no annotation chooses it" {
	made b-light
	policy <<-JSON
	{"version": 1, "scopes": [{"name": "x", "match":
		{"bundle": "$GARITA_DIR/*-light"},
		"runtime": "$GARITA_DIR/crun-mine"}]}
	JSON
	cp "$CRUN" crun-mine
	chmod 0777 crun-mine
	refused create --bundle b-light "$ID"
	[[ $output == *"can be changed by others"* ]]
	for text in '"match": {"annotations": {"a": "b"}}, "runtime": "/usr/bin/crun"' \
		'"match": {"image": "a"}, "runtime": "crun"'; do
		policy <<<"{\"version\": 1, \"scopes\": [{\"name\": \"x\", $text}]}"
		run -2 inside "$GARITA" policy check
		[[ $output == *runtime* ]] || fails "$text" "$output"
	done
	both_policy
	run inside "$GARITA" policy show
	[[ $output == *'"runtime": "/usr/bin/crun"'* ]]
	run inside "$GARITA" policy check
	[[ $output != *"changes nothing"* ]]
}

@test "--version names the real runtime first, and garita" {
	for kind in runc crun; do
		policy <<<"{\"version\": 1, \"runtime\": \"$(command -v "$kind")\"}"
		inside "$kind" --version >bare
		garita --version >ours
		[ "$(head -n 1 ours)" = "$(head -n 1 bare)" ]
		diff bare <(grep -v '^garita: ' ours)
		[[ $(tail -n 1 ours) == "garita: "* ]]
		# docker takes the last line with this word, containerd the first.
		run ! grep -E '^garita.*(version|commit|spec)' ours
	done
	run -0 pod --runtime "$RUNTIME" info --format '{{.Host.OCIRuntime.Version}}'
	[[ $output == *"crun version"*"garita: "* ]]
}

@test "podman: one image with crun, another with runc, by one engine" {
	podman_image light --config.user 1000:1000
	podman_image plain --config.user 1000:1000
	policy <<-JSON
	{"version": 1, "runtime": "$RUNC", "scopes": [{"name": "light",
		"match": {"image": "localhost/light:v1"}, "runtime": "$CRUN"}]}
	JSON
	for name in light plain; do
		ROOT=
		ID=$(pod --runtime "$RUNTIME" run -d "localhost/$name:v1" sleep 1000 3>&-)
		[ "$name" = plain ] || of crun
		[ "$name" = light ] || of runc
		[ "$(pod --runtime "$RUNTIME" exec "$ID" id -u)" = 1000 ]
		pod --runtime "$RUNTIME" pause "$ID"
		pod --runtime "$RUNTIME" unpause "$ID"
		pod --runtime "$RUNTIME" restart --time 0 "$ID" 3>&-
		[ "$name" = plain ] || of crun
		[ "$name" = light ] || of runc
		pod --runtime "$RUNTIME" rm --force --time 0 "$ID"
		run inside find /run/runc /run/crun -maxdepth 1 -name "$ID"
		[ "$output" = "" ]
	done
}

@test "XDG_RUNTIME_DIR: where crun keeps those of root, too, and runc does not" {
	local dir=$GARITA_DIR/xdg

	made b-light
	made b-other
	ROOT=
	mkdir -p "$dir"
	XDG_RUNTIME_DIR=$dir life b-light crun
	XDG_RUNTIME_DIR=$dir life b-other runc
	# An empty one is none.
	XDG_RUNTIME_DIR='' life b-light crun
	XDG_RUNTIME_DIR=$dir garita create --bundle b-light "$ID" \
		>out 2>&1 </dev/null 3>&-
	[ -e "$dir/crun/$ID/status" ]
	XDG_RUNTIME_DIR=$dir refused create --bundle b-other "$ID"
	grep -F "made by $CRUN" out
	XDG_RUNTIME_DIR=$dir garita delete --force "$ID"
	[ ! -e "$dir/crun/$ID" ]
}

@test "one runtime for all, elsewhere: it is found without its policy" {
	local elsewhere=$GARITA_DIR/elsewhere/crun-of-ours

	made b-used
	ROOT=
	mkdir -p "${elsewhere%/*}"
	cp "$CRUN" "$elsewhere"
	policy <<<"{\"version\": 1, \"runtime\": \"$elsewhere\"}"
	garita create --bundle b-used "$ID" >out 2>&1 </dev/null 3>&-
	of crun
	inside find /var/lib/garita/runtimes -name 'used-*' -printf '%l\n' |
		grep -x "$elsewhere"
	# No record of the container: its runtime is known by what it keeps.
	run ! inside grep -q "$ID" < <(inside find /var/lib/garita/runtimes \
		-printf '%l\n')
	for text in '{broken' "{\"version\": 1, \"runtime\": \"$RUNC\"}"; do
		policy <<<"$text"
		[ "$(garita state "$ID" | jq -r .id)" = "$ID" ] || fails "$text"
	done
	garita delete --force "$ID"
	run inside crun state "$ID"
	[ "$status" != 0 ]
}
