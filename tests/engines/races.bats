#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Everything that a start reads is swapped while it reads: config.json, the
# bundle, links on the way to root and mounts, the policy, lists, the store's
# records, signatures, remembered verdicts, the runtime. Whatever runs was
# judged, by one policy, and is run by that policy's runtime.
#
# tests/programs/flips swaps before each system call of a start, so that no
# moment is left out; storm while thousands of starts go on. In CI only every
# so many of them; all of them, by hand:
#
#	GARITA_RACES=all bats tests/engines/races.bats

# bats sets lines, output and status behind shellcheck's back; words of jq have
# their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common
load podman
load cosign

setup_file()
{
	podman_up
	podman_image app --config.user 1000:1000
	garita_up
	rootfs
	cd "$GARITA_DIR" || return 1
	mkdir bin records records/0 b aside bundles allowed allowed/data
	cp "$GARITA_BUILD/tests/programs/recorder" bin/runc-one
	cp "$GARITA_BUILD/tests/programs/recorder" bin/runc-two
	ln -s runc-one bin/runc
	ln -s runc-two bin/runc.other
	ln -s rootfs root
	ln -s / root.other
	ln -s data allowed/link
	ln -s /etc allowed/link.other
	mkdir rootfs/led
	ln -s /proc led.other
	STEP=23 STARTS=300 REAL=40
	[ "${GARITA_RACES:-}" != all ] || STEP=1 STARTS=5000 REAL=500
	export STEP STARTS REAL
	inside mkdir /etc/garita/other
	configs
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
	rm -rf records bundles
	mkdir -p records/0 bundles
}

# One that is repaired, and one that is refused.
configs()
{
	bundle good ".root.path = \"$GARITA_DIR/root\"
		| .process.user = {uid: 1000, gid: 1000}
		| .process.args = [\"true\"] | del(.linux.seccomp)
		| .mounts += [{destination: \"/led/x\", type: \"bind\",
			source: \"$GARITA_DIR/allowed/link\", options:
			[\"bind\", \"ro\", \"nosuid\", \"nodev\", \"noexec\"]}]"
	mv good/config.json one.json
	jq '.process.user.uid = 0 | .process.args = ["id"]
		| .process.capabilities.bounding = ["CAP_SYS_ADMIN"]' \
		one.json >other.json
}

# both_policies: another profile, and another runtime
both_policies()
{
	local allow="\"rules\": {\"host-path-mount\": {\"action\": \"deny\",
		\"allow\": [\"$GARITA_DIR/allowed/**\"]}}"

	policy <<<"{\"version\": 1, \"profile\": \"restricted\", $allow,
		\"runtime\": \"$GARITA_DIR/bin/runc\"}"
	inside sh -c 'cat >/etc/garita/other/policy.json' \
		<<<"{\"version\": 1, \"profile\": \"baseline\", $allow,
		\"runtime\": \"$GARITA_DIR/bin/runc-two\"}"
}

# told PROGRAM OPTIONS...: with its last line as a comment
told()
{
	inside timeout 900 "$GARITA_BUILD/tests/programs/$1" \
		--records "$GARITA_DIR/records" "${@:2}" >out 2>err 3>&- || {
		head -c 4000 out err
		return 1
	}
	sed "s/^/# $1: /" out >&3
}

flips()
{
	told flips --bundle "$GARITA_DIR/b" --aside "$GARITA_DIR/aside" \
		--step "$STEP" "$@"
}

storm()
{
	told storm --bundles "$GARITA_DIR/bundles" "$@"
}

@test "races at every call: config.json, the bundle and the policy" {
	both_policies
	flips --config one.json --other other.json \
		--pair "swap:/etc/garita/policy.json=/etc/garita/other/policy.json" \
		--pair "write:/etc/garita/policy.json=/etc/garita/other/policy.json" \
		--pair "swap:$PWD/bin/runc=$PWD/bin/runc.other" \
		-- "$RUNTIME" create --bundle "{}" racer
}

@test "races at every call: links on the way to root and mounts" {
	both_policies
	flips --config one.json \
		--pair "swap:$PWD/root=$PWD/root.other" \
		--pair "swap:$PWD/allowed/link=$PWD/allowed/link.other" \
		--pair "swap:$PWD/rootfs/led=$PWD/led.other" \
		-- "$RUNTIME" create --bundle "{}" racer
}

@test "races in a storm: configs, policies and runtimes" {
	both_policies
	storm --config one.json --other other.json --starts "$STARTS" \
		--pair "swap:/etc/garita/policy.json=/etc/garita/other/policy.json" \
		--pair "swap:$PWD/bin/runc=$PWD/bin/runc.other" \
		--pair "swap:$PWD/root=$PWD/root.other" \
		--pair "swap:$PWD/allowed/link=$PWD/allowed/link.other" \
		--pair "swap:$PWD/rootfs/led=$PWD/led.other" \
		-- "$RUNTIME" create --bundle "{}" racer
}

@test "races in a storm: real runc, and what its containers say of themselves" {
	both_policies
	inside sed -i "s|\"runtime\": \"[^\"]*\"|\"runtime\": \"$(command -v runc)\"|" \
		/etc/garita/policy.json /etc/garita/other/policy.json
	jq --arg look "$look" --arg root "$GARITA_DIR/rootfs" \
		'.process.args = ["sh", "-c", $look] | .root.path = $root
		| del(.mounts[-1])' one.json >one-look.json
	jq '.process.user.uid = 0' one-look.json >other-look.json
	storm --config one-look.json --other other-look.json --words \
		--starts "$REAL" \
		--pair "swap:/etc/garita/policy.json=/etc/garita/other/policy.json" \
		-- "$RUNTIME" run --bundle "{}" "{id}"
}

# image_of NAME: a container of it, mounted, and a config that is of it
image_of()
{
	ID=$(pod create --name "$1" "localhost/$1:v1" true)
	jq --arg at "$(pod mount "$1")" 'del(.mounts[-1]) | .root.path = $at' \
		one.json >image.json
	DIGEST=$(pod image inspect --format '{{.Digest}}' "localhost/$1:v1")
	IMAGE=$(pod image inspect --format '{{.Id}}' "localhost/$1:v1")
}

# Its image is on the list; with another list, or other records, it is not.
store_pairs()
{
	local s=$PODMAN_DIR/storage file

	image_of app
	inside sh -c 'echo "$0" >/etc/garita/allowed
		echo "$1" >/etc/garita/other/allowed' "$DIGEST" \
		"sha256:$(printf '%064d' 0)"
	policy <<<"{\"version\": 1, \"runtime\": \"$GARITA_DIR/bin/runc-one\",
		\"images\": {\"allow-file\": \"allowed\"}, \"scopes\": [
		{\"name\": \"app\", \"match\": {\"image\": \"localhost/app\"},
		 \"runtime\": \"$GARITA_DIR/bin/runc-two\"}]}"
	file=$s/overlay-containers/containers.json
	[ "$(jq length "$file" 2>/dev/null)" -gt 0 ] ||
		file=$s/overlay-containers/volatile-containers.json
	jq -c --arg id "$(printf '%064d' 0)" 'map(.image = $id)' "$file" \
		>"$file.other"
	sed "s/$DIGEST/sha256:$(printf '%064d' 0)/" \
		"$s/overlay-images/images.json" >"$s/overlay-images/images.other"
	sed 's/"diff-digest":"sha256:...../"diff-digest":"sha256:00000/g' \
		"$s/overlay-layers/layers.json" >"$s/overlay-layers/layers.other"
	rm -rf "$s/overlay-images/$IMAGE.other"
	cp -a "$s/overlay-images/$IMAGE" "$s/overlay-images/$IMAGE.other"
	for blob in "$s/overlay-images/$IMAGE.other"/=*; do
		printf ' ' >>"$blob"
	done
	chmod 0600 "$file.other" "$s"/overlay-*/*.other
	chmod 0700 "$s/overlay-images/$IMAGE.other"
	PAIRS=(--pair "swap:/etc/garita/allowed=/etc/garita/other/allowed"
		--pair "write:/etc/garita/allowed=/etc/garita/other/allowed"
		--pair "swap:$file=$file.other"
		--pair "swap:$s/overlay-images/images.json=$s/overlay-images/images.other"
		--pair "swap:$s/overlay-layers/layers.json=$s/overlay-layers/layers.other"
		--pair "swap:$s/overlay-images/$IMAGE=$s/overlay-images/$IMAGE.other")
}

@test "races at every call: the allow list and the store's records" {
	store_pairs
	flips --config image.json "${PAIRS[@]}" \
		-- "$RUNTIME" create --bundle "{}" "$ID"
	unset 'PAIRS[2]' 'PAIRS[3]'
	storm --config image.json "${PAIRS[@]}" --starts "$STARTS" \
		-- "$RUNTIME" create --bundle "{}" "$ID"
	pod rm --force --time 0 app >/dev/null
}

@test "races at every call: signatures, keys and remembered verdicts" {
	local hex name

	image_of app
	hex=${DIGEST#*:}
	mkdir gate
	cp "$GARITA_BUILD"/garita-{runtime,verify} gate/
	for name in ours theirs; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
		openssl ec -in "$name.key" -pubout -out "$name.pub" 2>/dev/null
		mkdir -p "signed/$name"
		cosign_sign "$DIGEST" "$name.key" localhost/app "signed/$name/$name."
	done
	inside sh -c 'cd /var/lib/garita && mkdir -p material/sha256 other &&
		cp -r "$0/signed/ours" "material/sha256/$1" &&
		cp -r "$0/signed/theirs" other/material &&
		cp "$0/ours.pub" /etc/garita/key.pub &&
		cp "$0/theirs.pub" /etc/garita/other/key.pub &&
		chmod -R go-w /var/lib/garita' "$GARITA_DIR" "$hex"
	policy <<<"{\"version\": 1, \"runtime\": \"$GARITA_DIR/bin/runc-one\",
		\"images\": {\"signatures\": [
			{\"match\": \"localhost/*\", \"keys\": [\"key.pub\"]}]}}"
	PAIRS=(--pair "swap:/var/lib/garita/material/sha256/$hex=/var/lib/garita/other/material"
		--pair "swap:/etc/garita/key.pub=/etc/garita/other/key.pub")
	flips --config image.json "${PAIRS[@]}" \
		-- "$PWD/gate/garita-runtime" create --bundle "{}" "$ID"
	# What is remembered, and the same names with what is not true.
	inside sh -c 'cd /var/lib/garita && cp -r verdicts other/ &&
		for one in other/verdicts/*; do
			sed "s/sha256:./sha256:x/; 3s/.*/0/" "$one" >x &&
				cat x >"$one"
		done; rm x; [ "$(ls verdicts)" ]'
	storm --config image.json "${PAIRS[@]}" --starts "$STARTS" \
		--pair "swap:/var/lib/garita/verdicts=/var/lib/garita/other/verdicts" \
		-- "$PWD/gate/garita-runtime" create --bundle "{}" "$ID"
	pod rm --force --time 0 app >/dev/null
}
