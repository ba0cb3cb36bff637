#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Whatever fails in a program of garita's that an engine or a runtime calls: a
# refusal stays one, what is admitted has been judged, repaired and recorded,
# nothing is half done and nothing is left lying (tests/programs/faults.c says
# how, faults.bash which of all faults).

# bats sets lines, output and status behind shellcheck's back; words of inner
# shells and jq have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load common
load faults
load podman
load cosign

setup_file()
{
	podman_up
	podman_image app
	garita_up
	faults_up
	ln -s /etc allowed/link
	ln -s /proc "$GARITA_DIR/rootfs/led"
	ln -s / root
	# Disks that can be full.
	inside mount -t tmpfs -o mode=0755,size=1m,nr_inodes=48 \
		garita-test "$GARITA_DIR/disk"
	inside mount -t tmpfs -o mode=0700,size=1m,nr_inodes=96 \
		garita-test /var/lib/garita
}

teardown_file()
{
	inside crun --root "$GARITA_DIR/state" delete --force "$ID" \
		>/dev/null 2>&1 3>&- || true
	garita_down
	podman_down
}

setup()
{
	faults_begin
}

@test "a config that is repaired" {
	jq 'del(.linux.seccomp)' good/config.json >config.json
	what_is_expected
	run -1 cmp -s config.json expected.json
	start --repaired expected.json
}

@test "a config that passes" {
	cp good/config.json config.json
	what_is_expected
	mv expected.json config.json
	what_is_expected
	cmp config.json expected.json
	# By a policy that is new each time, which is noted.
	start --repaired expected.json --forget /var/lib/garita
}

@test "a bundle on a full disk" {
	jq 'del(.linux.seccomp)' good/config.json >config.json
	what_is_expected
	local AT=$GARITA_DIR/disk/b
	inside mkdir "$AT"
	inside cp config.json "$AT"
	STEP=1000 start --repaired expected.json --disk "$GARITA_DIR/disk"
	inside rm -r "$AT"
}

# What cannot be recorded is not admitted.
@test "a log on a full disk" {
	# Where it would be is where a policy that cannot be read is told.
	inside touch "$LOG"
	local LOG=$GARITA_DIR/disk/decisions.jsonl

	policy <<<"{\"version\": 1, \"extends\": \"base.json\",
		\"log\": {\"path\": \"$LOG\", \"file\": \"required\"}}"
	cp good/config.json config.json
	what_is_expected
	STEP=1000 start --repaired expected.json --disk "$GARITA_DIR/disk"
	# A line that was torn ends where the next one begins.
	inside tail -n 1 "$LOG" | jq -e .verdict
	inside rm "$LOG"
}

@test "a record that the journal must take" {
	local LOG='' at=/run/systemd/journal

	cp good/config.json config.json
	what_is_expected
	policy <<<'{"version": 1, "extends": "base.json",
		"log": {"file": false, "journal": "required"}}'
	inside mkdir -p $at
	STEP=$SPARSE start --repaired expected.json --journal $at/socket
	inside rm -r $at
}

@test "a runtime that a scope chooses" {
	local RUNC=$CRUN RECORDS=/var/lib/garita/runtimes

	policy <<<"{\"version\": 1, \"extends\": \"base.json\", \"scopes\": [
		{\"name\": \"small\", \"match\": {\"uid\": 1000},
		 \"runtime\": \"$CRUN\"}]}"
	cp good/config.json config.json
	what_is_expected
	start --repaired expected.json --disk /var/lib/garita --watch $RECORDS
}

@test "what a rule refuses" {
	refused '.process.user.uid = 0'
}

@test "what an exception let pass that has ended" {
	policy <<<'{"version": 1, "extends": "base.json", "exceptions": [
		{"rules": ["run-as-non-root"], "match": {"uid": 0},
		 "reason": "old", "owner": "us", "expires": "2026-01-01"}]}'
	refused '.process.user.uid = 0'
}

@test "a mount that leads elsewhere by a link" {
	refused '(.mounts[] | select(.destination == "/mnt")).source |=
		sub("data$"; "link")'
}

@test "a mount that the image leads to /proc" {
	refused '(.mounts[] | select(.destination == "/mnt")).destination =
		"/led/x"'
}

@test "a working directory that the image leads to /proc" {
	refused '.process.cwd = "/led"'
}

@test "a root that leads to the host's own" {
	refused ".root.path = \"$GARITA_DIR/root\""
}

@test "a namespace of the host" {
	refused '(.linux.namespaces[] | select(.type == "network")).path =
		"/proc/1/ns/net"'
}

@test "an image of containers-storage: it is denied, it is allowed, a scope is strict" {
	local id at digest

	id=$(pod create --name app localhost/app:v1 true)
	at=$(pod mount app)
	digest=$(pod image inspect --format '{{.Digest}}' localhost/app:v1)
	image_of_store "$id" "$at" "$digest" 'localhost/app*'
	pod rm --force --time 0 app >/dev/null
}

# ---- what is done to a container later ----

# later VERB OPTIONS... -- WORDS...: to the container that crun runs
later()
{
	local verb=$1 options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	[ "$verb" = delete ] || options+=(--log "$LOG")
	STEP=$SPARSE faults "$RUNTIME" --runtime "$CRUN" --verb "$verb" --bundle \
		"$GARITA_DIR/running" --watch /var/lib/garita \
		--watch /var/log/garita "${options[@]}" -- \
		"$RUNTIME" --root "$GARITA_DIR/state" "$verb" "$@"
}

# running: that container, and a policy by which it is judged
running()
{
	policy <<<"{\"version\": 1, \"extends\": \"base.json\",
		\"runtime\": \"$CRUN\"}"
	[ ! -e running ] || return 0
	bundle running '.process.user = {uid: 1000, gid: 1001}
		| .process.capabilities = {bounding: ["CAP_NET_BIND_SERVICE"]}
		| .linux.resources.pids.limit = 100'
	inside "$RUNTIME" --root "$GARITA_DIR/state" run --detach \
		--bundle running "$ID" >/dev/null 2>err </dev/null 3>&- || {
		cat err
		return 1
	}
}

# process [JQ]: ./process.json, as an engine would write it, edited
process()
{
	rm -f process.json
	jq '.process | .args = ["true"] | '"${1:-.}" running/config.json \
		>process.json
	chmod 0600 process.json
}

@test "exec: a process that is repaired" {
	running
	process '.noNewPrivileges = false | .capabilities = {
		bounding: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"]}'
	later exec --learn given.json -- --process process.json "$ID"
	jq -e '.noNewPrivileges and .args == ["true"] and
		.capabilities.bounding == ["CAP_NET_BIND_SERVICE"]' given.json
	later exec --given given.json -- --process process.json "$ID"
}

@test "exec: words that pass" {
	running
	later exec --learn given.json -- --env A=1 "$ID" true
	jq -e '.noNewPrivileges and .user.uid == 1000' given.json
	later exec --given given.json -- --env A=1 "$ID" true
}

@test "exec: root" {
	running
	process '.user = {uid: 0, gid: 0}'
	later exec --refused -- --process process.json "$ID"
}

@test "update: a limit" {
	running
	echo '{"pids": {"limit": 50}}' >limits.json
	later update --learn given.json -- --resources limits.json "$ID"
	jq -e '.pids.limit == 50' given.json
	later update --given given.json -- --resources limits.json "$ID"
}

@test "update: standard input" {
	running
	echo '{"pids": {"limit": 50}}' >limits.json
	later update --input limits.json --learn given.json -- --resources - "$ID"
	jq -e '.pids.limit == 50' given.json
	later update --input limits.json --given given.json -- --resources - "$ID"
}

@test "update: no limit" {
	running
	echo '{"pids": {"limit": -1}}' >limits.json
	later update --refused -- --resources limits.json "$ID"
}

# An engine cleans up behind a refusal, and behind whatever made it one.
@test "delete" {
	running
	SPARSE=$(((SPARSE + 8) / 9)) later delete --always -- --force "$ID"
}

# Then both runtimes may have made it: crun did.
@test "delete, by a policy that nobody can read" {
	running
	policy <<<'{"version": 1, "profil": "off"}'
	later delete -- --force "$ID"
}

# ---- a hook ----

# Nothing runs behind it: what it says is all there is.
@test "garita-hook precreate: a config that is repaired" {
	jq 'del(.linux.seccomp)' good/config.json >config.json
	set -- --log "$LOG" --watch /var/lib/garita --input config.json
	faults "$HOOK" "$@" --learn said.json -- "$HOOK" precreate
	jq -e '.linux.seccomp.defaultAction == "SCMP_ACT_ERRNO"' said.json
	faults "$HOOK" "$@" --said said.json -- "$HOOK" precreate
}

@test "garita-hook precreate: root" {
	jq '.process.user.uid = 0' good/config.json >config.json
	faults "$HOOK" --log "$LOG" --watch /var/lib/garita \
		--input config.json --refused -- "$HOOK" precreate
}

state()
{
	echo "{\"ociVersion\": \"1.0.2\", \"id\": \"faulty\", \"pid\": 1,
		\"status\": \"creating\", \"bundle\": \"$GARITA_DIR/b\"}" \
		>state.json
	faults "$HOOK" --bundle "$GARITA_DIR/b" --config "$1" --log "$LOG" \
		--watch /var/lib/garita --input state.json "${@:2}" -- \
		"$HOOK" createRuntime
}

@test "garita-hook createRuntime: what garita printed" {
	cp good/config.json config.json
	what_is_expected
	state expected.json
}

@test "garita-hook createRuntime: what somebody wrote later" {
	cp good/config.json config.json
	what_is_expected
	echo >>expected.json
	state expected.json --refused
}

# ---- signatures ----

# signers: two keys, and a container of an image that one of them signed
signers()
{
	[ ! -e ours.key ] || return 0
	for name in ours theirs; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
		openssl ec -in "$name.key" -pubout -out "$name.pub" 2>/dev/null
		inside cp "$name.pub" /etc/garita/
	done
	pod create --name signed localhost/app:v1 true >signed.id
	pod mount signed >merged
	pod image inspect --format '{{.Digest}}' localhost/app:v1 >digest
	cosign_material "$(cat digest)" ours.key localhost/app material
	inside "$GARITA" image import --digest "$(cat digest)" material
}

# by KEY: a policy that wants its signature
by()
{
	policy <<<"{\"version\": 1, \"extends\": \"base.json\",
		\"images\": {\"signatures\": [{\"match\": \"localhost/*\",
		\"keys\": [\"$1.pub\"]}]}}"
	inside rm -rf /var/lib/garita/verdicts
}

# signed OPTIONS...: of a start of that image
signed()
{
	local CONTAINER VERDICTS=/var/lib/garita/verdicts

	CONTAINER=$(cat signed.id)
	STEP=$SPARSE start --helper "$GARITA_BUILD/garita-verify" --watch "$VERDICTS" "$@"
}

@test "a signed image, not seen before" {
	signers
	by ours
	jq --arg at "$(cat merged)" 'del(.linux.seccomp) | .root.path = $at' \
		good/config.json >config.json
	what_is_expected "$(cat signed.id)"
	signed --repaired expected.json --forget /var/lib/garita/verdicts \
		--disk /var/lib/garita
}

@test "a signed image that is remembered" {
	signers
	by ours
	jq --arg at "$(cat merged)" 'del(.linux.seccomp) | .root.path = $at' \
		good/config.json >config.json
	what_is_expected "$(cat signed.id)"
	signed --repaired expected.json
}

@test "an image that somebody else signed" {
	signers
	by theirs
	jq --arg at "$(cat merged)" '.root.path = $at' good/config.json \
		>config.json
	signed --refused
	run ! inside ls /var/lib/garita/verdicts
}

# verifier OPTIONS...: of a pull of it
verifier()
{
	local program=$GARITA_BUILD/garita-image-verifier

	printf '{"mediaType":"%s","digest":"%s","size":1019}' \
		application/vnd.oci.image.index.v1+json "$(cat digest)" >pull
	STEP=$SPARSE faults "$program" --log "$LOG" --watch /var/lib/garita \
		--watch /var/lib/garita/verdicts \
		--helper "$GARITA_BUILD/garita-verify" --input pull "$@" -- \
		"$program" -name localhost/app:v1 -digest "$(cat digest)" \
		-stdin-media-type application/vnd.oci.descriptor.v1+json
}

@test "garita-image-verifier: a signed image" {
	signers
	by ours
	verifier --learn said
	grep -q '^garita admitted localhost/app:v1' said
	verifier --said said --forget /var/lib/garita/verdicts
}

@test "garita-image-verifier: an image that somebody else signed" {
	signers
	by theirs
	verifier --refused
}

# ---- the network ----

@test "garita-net guard" {
	local program=$GARITA_BUILD/garita-net words

	policy <<<'{"version": 1, "extends": "base.json", "network":
		{"listen": [5432], "egress": ["10.77.0.1", "fd77::1"]}}'
	cp good/config.json config.json
	what_is_expected
	mapfile -t words < <(jq -r '.hooks.createRuntime[0].args[1:][]' \
		expected.json)
	[ "${words[0]}" = guard ]
	STEP=$SPARSE faults "$program" --guarded --watch /var/lib/garita -- \
		"$program" "${words[@]}"
	STEP=$SPARSE faults "$program" --guarded-already --watch \
		/var/lib/garita -- "$program" "${words[@]}"
}
