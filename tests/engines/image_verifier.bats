#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita-image-verifier, called as containerd 1.7 and later call a verifier:
# name, digest and media type as options, the descriptor on standard input, the
# answer in the exit code, its reason on standard output. The containerd of
# Debian 12 (1.6) has no verifiers yet, so the test is the caller.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load cosign

OCI=application/vnd.oci.descriptor.v1+json
NAME=registry.example.com/app:v1
D1=sha256:1111111111111111111111111111111111111111111111111111111111111111
D2=sha256:2222222222222222222222222222222222222222222222222222222222222222

setup_file()
{
	garita_up
	cd "$GARITA_DIR" || return 1
	for name in ours theirs; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
		openssl ec -in "$name.key" -pubout -out "$name.pub" 2>/dev/null
	done
	inside mkdir /etc/garita/keys
	inside cp ours.pub /etc/garita/keys/
	# As it lies in containerd's bin_dir.
	mkdir bin_dir
	ln -s "$GARITA_BUILD/garita-image-verifier" bin_dir/garita
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	no_policy
	inside sh -c 'rm -rf /var/lib/garita && mkdir -m 0700 /var/lib/garita'
	forget
}

descriptor()
{
	printf '{"mediaType":"%s","digest":"%s","size":1019}' \
		application/vnd.oci.image.index.v1+json "$1"
}

# verdict CODE WORDS ARGUMENTS... <descriptor: the words are on stdout
verdict()
{
	local want=$1 words=$2 code=0

	inside env -i ./bin_dir/garita "${@:3}" >out 2>err || code=$?
	[ "$code" = "$want" ] || fails "code $code, not $want" "$(cat out err)"
	[ "$(wc -l <out)" = 1 ] || fails "not one line" "$(cat out)"
	grep -qF -- "$words" out || fails "no \"$words\" in" "$(cat out)"
	[ ! -s err ] || fails "on standard error" "$(cat err)"
}

# pull CODE WORDS NAME DIGEST
pull()
{
	verdict "$1" "$2" -name "$3" -digest "$4" -stdin-media-type "$OCI" \
		< <(descriptor "$4")
}

# sign DIGEST KEY NAME: as cosign does, kept by garita image import
sign()
{
	cosign_material "$1" "$2.key" "${3%:*}" material
	inside "$GARITA" image import --digest "$1" material
}

@test "without lists and signers everything may be pulled, and it is logged" {
	pull 0 "garita admitted $NAME ($D1)" "$NAME" "$D1"
	run -0 decisions
	jq -e --arg d "$D1" --arg n "$NAME" '
		.program == "garita-image-verifier" and .verb == "pull" and
		.verdict == "admit" and .image.manifest == $d and
		.image.names == [$n]' <<<"$output"
}

@test "allow and deny lists" {
	policy <<<"{\"version\": 1, \"images\": {\"allow\": [\"$D1\"]}}"
	pull 0 admitted "$NAME" "$D1"
	pull 1 "garita refused this image: image-allowlist: $D2" "$NAME" "$D2"
	policy <<<"{\"version\": 1, \"images\": {\"deny\": [\"$D1\"]}}"
	pull 1 "is on the deny list" "$NAME" "$D1"
	pull 0 admitted "$NAME" "$D2"
	# A list in a file, as for a start.
	inside sh -c 'echo "$0" >/etc/garita/revoked' "$D2"
	policy <<<'{"version": 1, "images": {"deny-file": "revoked"}}'
	pull 1 "is on the deny list" "$NAME" "$D2"
	inside rm /etc/garita/revoked
	pull 2 revoked "$NAME" "$D1"
}

@test "registries and pinned names" {
	policy <<<'{"version": 1, "rules": {
		"trusted-registry": {"action": "deny",
			"allow": ["registry.example.com"]},
		"image-digest-pinned": "deny"}}'
	pull 0 admitted "registry.example.com/app@$D1" "$D1"
	pull 1 image-digest-pinned "$NAME" "$D1"
	pull 1 trusted-registry "docker.io/library/app@$D1" "$D1"
	# Not below, only alike.
	pull 1 trusted-registry "registry.example.com.evil.org/app@$D1" "$D1"
}

@test "signatures, over the digest that is pulled and for its name" {
	policy <<<'{"version": 1, "images": {"signatures": [
		{"match": "registry.example.com/*", "keys": ["keys/ours.pub"]}]}}'
	pull 1 image-signature "$NAME" "$D1"
	sign "$D1" theirs "$NAME"
	pull 1 "keys/ours.pub" "$NAME" "$D1"
	sign "$D1" ours "$NAME"
	pull 0 "signed by key sha256:" "$NAME" "$D1"
	pull 0 "signed by key sha256:" "$NAME" "$D1" # remembered
	pull 1 image-signature "$NAME" "$D2"
	pull 1 image-signature registry.example.com/other:v1 "$D1"
	pull 1 "no entry of images.signatures" docker.io/library/app:v1 "$D1"
}

@test "scopes and exceptions by image apply, by what will run they do not" {
	local except='"reason": "old", "owner": "us", "expires": "2999-01-01"'

	policy <<<"{\"version\": 1, \"images\": {\"allow\": [\"$D1\"]},
		\"exceptions\": [{\"rules\": [\"image-allowlist\"],
		\"match\": {\"image\": \"registry.example.com/*\"}, $except}]}"
	pull 0 admitted "$NAME" "$D2"
	pull 1 image-allowlist docker.io/library/app:v1 "$D2"
	policy <<<"{\"version\": 1, \"images\": {\"allow\": [\"$D1\"]},
		\"exceptions\": [{\"rules\": [\"image-allowlist\"],
		\"match\": {\"uid\": \"0-65535\"}, $except}]}"
	pull 1 image-allowlist "$NAME" "$D2"
}

@test "profile off admits, dry-run says what it would have said" {
	policy <<<'{"version": 1, "profile": "off"}'
	pull 0 admitted "$NAME" "$D2"
	forget
	policy <<<"{\"version\": 1, \"mode\": \"dry-run\",
		\"images\": {\"allow\": [\"$D1\"]}}"
	pull 0 "dry-run, admitted: garita refused this image" "$NAME" "$D2"
	pull 0 "dry-run, admitted: garita refused this image" "-x" "$D2"
	run -0 decisions
	[ "$(jq -r '[.verdict, .would] | join(" ")' <<<"$output" | uniq)" = \
		"admit deny" ]
}

@test "what cannot be judged is refused: the policy" {
	policy <<<'{"version": 1, "profil": "off"}'
	pull 2 profil "$NAME" "$D1"
	policy <<<'{"version": 1}'
	inside chmod go+w "$POLICY"
	pull 2 "can be changed by others" "$NAME" "$D1"
}

@test "what cannot be judged is refused: names and digests" {
	for name in "" app library/app "registry.example.com/App:v1" -x \
		"$D1" "registry.example.com/app@sha512:$D1" \
		"registry.example.com/a/../b:v1" "https://registry.example.com/a" \
		"registry.example.com/app:v1@$D2" "$NAME "; do
		pull 2 "garita refused this image: could not judge it" \
			"$name" "$D1" || fails "name $name"
	done
	for digest in "" sha256:11 "sha512:${D1#*:}" "${D1^^}" "$D1 "; do
		pull 2 "could not judge it" "$NAME" "$digest" ||
			fails "digest $digest"
	done
}

@test "what cannot be judged is refused: options and descriptor" {
	local given=(-name "$NAME" -digest "$D1" -stdin-media-type "$OCI")

	verdict 0 admitted --name="$NAME" --digest="$D1" \
		--stdin-media-type="$OCI" < <(descriptor "$D1")
	verdict 2 "given twice" "${given[@]}" -digest "$D2" < <(descriptor "$D1")
	verdict 2 "unknown option" "${given[@]}" -more x < <(descriptor "$D1")
	verdict 2 "unknown option" "${given[@]}" x < <(descriptor "$D1")
	verdict 2 "needs a value" "${given[@]:0:5}" < <(descriptor "$D1")
	verdict 2 "missing" "${given[@]:2}" < <(descriptor "$D1")
	verdict 2 "missing" "${given[@]:0:2}" < <(descriptor "$D1")
	verdict 2 "not given" "${given[@]:0:4}" < <(descriptor "$D1")
	verdict 2 "stdin-media-type" "${given[@]:0:5}" application/x \
		< <(descriptor "$D1")
	# The descriptor is of another image, of two, of none, or too large.
	verdict 2 "is of $D2" "${given[@]}" < <(descriptor "$D2")
	verdict 2 "is there twice" "${given[@]}" \
		<<<"{\"digest\":\"$D1\",\"digest\":\"$D1\"}"
	verdict 2 "no digest" "${given[@]}" <<<'{}'
	verdict 2 "no digest" "${given[@]}" <<<'[]'
	verdict 2 "standard input" "${given[@]}" </dev/null
	verdict 2 "standard input" "${given[@]}" \
		< <(head -c 100000 /dev/zero | tr '\0' ' ')
}

@test "a reason that cannot be told, and closed descriptors" {
	local given=(-name "$NAME" -digest "$D1" -stdin-media-type "$OCI")

	descriptor "$D1" >one
	run -2 inside sh -c './bin_dir/garita "$@" <one >/dev/full' - \
		"${given[@]}"
	run -2 inside sh -c './bin_dir/garita "$@" <&-' - "${given[@]}"
	# With none of them, nothing of ours takes their place.
	forget
	policy <<<"{\"version\": 1, \"images\": {\"allow\": [\"$D2\"]}}"
	run -2 inside sh -c './bin_dir/garita "$@" <one >&- 2>&-' - \
		"${given[@]}"
	[ "$(decisions | wc -l)" = 1 ]
	# A yes that nobody can hear is none either.
	no_policy
	run -2 inside sh -c './bin_dir/garita "$@" <one >&-' - "${given[@]}"
}

@test "people are told what it is" {
	run -0 "$GARITA_BUILD/garita-image-verifier" --help
	[[ $output == *"usage: garita-image-verifier"* ]]
	run -0 "$GARITA_BUILD/garita-image-verifier" --version
	[[ $output == "garita-image-verifier "* ]]
	run -2 "$GARITA_BUILD/garita-image-verifier"
}
