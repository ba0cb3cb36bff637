#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita image verify: every sample of a signature through the command line,
# every option with an answer of yes and one of no, and what it prints.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load report

S=$GARITA_SRC/tests/samples/signatures
SCHEMA=$GARITA_SRC/docs/schema/image-verify-1.schema.json
APP=sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888
NAME=127.0.0.1:5055/c/ss-valid

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	GOOD=$S/keys/good.pub
	VALID=$S/cosign-simplesigning/valid
}

# verify CODE WORDS OPTIONS...: "" for WORDS is anything
verify()
{
	local want=$1 words=$2 code=0

	shift 2
	"$GARITA" image verify "$@" >out 2>err </dev/null || code=$?
	if [ "$code" != "$want" ] || ! cat out err | grep -qF -- "$words"; then
		fails "exit code $code, not $want with \"$words\": $*" \
			"$(cat out err)"
	fi
}

@test "every sample gets its verdict" {
	local file kind key identity expect ref digest annotations word code
	local got n=0 bad=0
	local -a how

	jq -r '[input_filename, .image_digest, .image_ref // "", .expect,
			(if .verify | has("signedIdentity") then
				.verify.signedIdentity // "default" | tojson
			else "key" end),
			(if .verify.gpg_keyring then "signedBy" else
				"sigstoreSigned" end),
			.verify.gpg_keyring // .verify.key,
			(.verify.annotations // [] | join(" "))
			] | join("\t") | gsub("\t\t"; "\t-\t")' \
		"$S"/{cosign-simplesigning,cosign-bundle}/*/case.json \
		"$S"/{gpg-simplesigning,skopeo-sigstore}/*/case.json >cases
	while IFS=$'\t' read -r file digest ref expect identity kind key \
		annotations; do
		how=(--digest "$digest" --material "${file%/*}")
		# It signs the bytes of the manifest, not its digest.
		[ "${file%/case.json}" != "$S/cosign-bundle/msgsig-p384" ] ||
			how+=(--material "$S/images/app.manifest.json")
		if [ "$identity" = key ]; then
			how+=(--key "$S/$key")
			for word in $annotations; do
				[ "$word" = - ] || how+=(--annotation "$word")
			done
		else
			jq -n --arg type "$kind" --arg key "$S/$key" \
				--argjson identity "$identity" '{default: [
				{type: $type, keyPath: $key} +
				(if $type == "signedBy" then
					{keyType: "GPGKeys"} else {} end) +
				(if $identity == "default" then {} else
					{signedIdentity: $identity} end)]}' \
				>policy.json
			how+=(--containers-policy policy.json --ref "$ref")
		fi
		code=0
		"$GARITA" image verify "${how[@]}" >out 2>&1 || code=$?
		case $code in
		0) got=valid ;;
		1) got=invalid ;;
		*) got=error ;;
		esac
		n=$((n + 1))
		[ "$expect" = "$got" ] ||
			{ [ "$expect" = either ] && [ "$got" != error ]; } || {
			echo "$file: $got, not $expect: $(cat out)"
			bad=1
		}
	done <cases
	[ "$bad" = 0 ]
	[ "$n" = 112 ]
}

@test "the key, the digest and the annotation that were signed, no others" {
	verify 0 "accepted $APP: signed by" --digest "$APP" --material "$VALID" \
		--key "$GOOD"
	verify 1 "refused $APP" --digest "$APP" --material "$VALID" \
		--key "$S/keys/wrong.pub"
	verify 0 "" --digest "$APP" --material "$VALID" \
		--key "$S/keys/wrong.pub" --key "$GOOD"
	verify 1 "about another image" --digest "sha256:$(printf %064d 1)" \
		--material "$VALID" --key "$GOOD"

	local with=$S/cosign-simplesigning/valid-annotations word

	word=$(jq -r '.verify.annotations[0]' "$with/case.json")
	verify 0 "" --digest "$APP" --material "$with" --key "$GOOD" \
		--annotation "$word"
	verify 1 "annotation" --digest "$APP" --material "$with" --key "$GOOD" \
		--annotation "${word}x"
	verify 1 "annotation" --digest "$APP" --material "$VALID" --key "$GOOD" \
		--annotation "$word"
}

@test "two signers are two keys" {
	local two=(--digest "$APP" --material "$VALID")

	openssl ecparam -name prime256v1 -genkey -noout -out ours.key
	openssl ec -in ours.key -pubout -out ours.pub 2>/dev/null
	verify 1 "1 of 2 wanted" "${two[@]}" --key "$GOOD" --key ours.pub \
		--require 2
	# The same key again is no second signer.
	cp "$GOOD" again.pub
	verify 1 "" "${two[@]}" --key "$GOOD" --key again.pub --require 2
	sign_app ours
	verify 0 "and others" "${two[@]}" --material ours --key "$GOOD" \
		--key ours.pub --require 2
	verify 2 "--require takes" "${two[@]}" --key "$GOOD" --require 2
	verify 2 "--require takes" "${two[@]}" --key "$GOOD" --require 0
}

# sign_app KEY: a directory of this name with a signature by it
sign_app()
{
	mkdir "$1"
	jq -cnj --arg of $APP --arg name $NAME '{critical: {
		identity: {"docker-reference": $name},
		image: {"docker-manifest-digest": $of},
		type: "cosign container image signature"}, optional: null}' \
		>"$1/payload"
	jq -n --arg sig "$(openssl dgst -sha256 -sign "$1.key" "$1/payload" |
		base64 -w 0)" \
		--arg is "sha256:$(sha256sum "$1/payload" | cut -d ' ' -f 1)" \
		--argjson size "$(stat -c %s "$1/payload")" \
		'{schemaVersion: 2, config: {mediaType: "x/y", size: 2,
			digest: $is}, layers: [{size: $size, digest: $is, mediaType:
			"application/vnd.dev.cosign.simplesigning.v1+json",
			annotations: {"dev.cosignproject.cosign/signature":
				$sig}}]}' >"$1/manifest"
}

@test "GPG keys, and the name that was signed" {
	local one=$S/gpg-simplesigning/valid-gpgrsa with ref ring

	with=$one/case.json
	ref=$(jq -r .image_ref "$with")
	ring=$S/$(jq -r .verify.gpg_keyring "$with")
	verify 0 "" --digest "$APP" --material "$one" --keyring "$ring"
	verify 0 "" --digest "$APP" --material "$one" --keyring "$ring" \
		--ref "$ref"
	verify 1 "another name" --digest "$APP" --material "$one" \
		--keyring "$ring" --ref example.com/other
	verify 1 "" --digest "$APP" --material "$one" --key "$GOOD"
	verify 2 "--ref" --digest "$APP" --material "$one" --keyring "$ring" \
		--ref example.com/UPPER
}

@test "a signed index counts when that is said" {
	local how=(--material "$S/images" --key "$GOOD"
		--material "$S/cosign-simplesigning/multi-index")
	local child

	child=$(jq -r '.manifests[0].digest' "$S/images/multi.index.json")
	verify 1 "accept-signed-index" --digest "$child" "${how[@]}"
	verify 0 "" --digest "$child" "${how[@]}" --accept-signed-index
}

@test "material: a file, a directory, a layout of cosign save" {
	local layout=$S/cosign-save-layout

	verify 0 "" --digest "$APP" --material "$layout" --key "$GOOD"
	verify 1 "" --digest "$APP" --material "$layout" --key "$S/keys/p384.pub"
	verify 0 "" --digest "$APP" --key "$GOOD" \
		--material "$S/cosign-bundle/valid/bundle-0.sigstore.json"
	verify 0 "" --digest "$APP" --key "$GOOD" \
		--material="$VALID/sig-manifest.json" \
		--material="$VALID/payload-0.json"
	verify 1 "" --digest "$APP" --key "$GOOD" \
		--material "$VALID/payload-0.json"
	verify 2 "No such file" --digest "$APP" --key "$GOOD" --material nowhere
	mkdir out-of-here
	ln -s /etc/hostname out-of-here/link
	verify 2 "leads out" --digest "$APP" --key "$GOOD" --material out-of-here
}

@test "without --material: what this node keeps for the digest" {
	local how=(--digest "$APP" --key "$GOOD" --sysroot "$PWD/node")
	local kept=node/var/lib/garita/material/sha256/${APP#*:}

	mkdir node
	verify 1 "no signature is here" "${how[@]}"
	mkdir -p "$kept"
	cp "$VALID"/*.json "$kept"
	chmod -R go-w node
	verify 0 "" "${how[@]}"
	chmod o+w "$kept/sig-manifest.json"
	verify 2 "can be changed by others" "${how[@]}"
}

@test "garita's own policy says who" {
	local how=(--digest "$APP" --material "$VALID")

	mkdir keys
	cp "$GOOD" "$S/keys/wrong.pub" keys
	# An author's: not root's, perhaps.
	own '{signatures: [{match: ["127.0.0.1:5055/c/*"], keys: ["keys/good.pub"]},
		{match: ["example.com/other"], keys: ["keys/wrong.pub"]}]}'
	chmod 0666 policy.json
	verify 0 "" "${how[@]}" --policy policy.json --ref $NAME:1
	verify 1 "another name" "${how[@]}" --policy policy.json \
		--ref 127.0.0.1:5055/c/second
	verify 1 "not signed by" "${how[@]}" --policy policy.json \
		--ref example.com/other:1
	verify 1 "no entry of images.signatures is about example.com/third" \
		"${how[@]}" --policy policy.json --ref example.com/third
	verify 1 "an image without a name" "${how[@]}" --policy policy.json
	rm keys/good.pub
	verify 1 "good.pub" "${how[@]}" --policy policy.json \
		--ref $NAME
	own '{"containers-policy": "containers.json"}'
	jq -n --arg key "$GOOD" '{default: [{type: "reject"}], transports:
		{docker: {"example.com": [{type: "sigstoreSigned",
		keyPath: $key, signedIdentity: {type: "exactRepository",
		dockerRepository: "127.0.0.1:5055/c/ss-valid"}}]}}}' >containers.json
	verify 0 "" "${how[@]}" --policy policy.json --ref example.com/mirror
	verify 1 "rejects" "${how[@]}" --policy policy.json --ref quay.io/x/y
	own '{}'
	verify 2 "names nobody" "${how[@]}" --policy policy.json
	verify 2 "" "${how[@]}" --policy nowhere.json
	own '{"signature": []}'
	verify 2 "unknown" "${how[@]}" --policy policy.json
}

own()
{
	jq -n "{version: 1, images: $1}" >policy.json
}

@test "usage: what goes together, and what is missing" {
	local how=(--digest "$APP" --material "$VALID")

	verify 2 "give one of" "${how[@]}"
	verify 2 "give one of" "${how[@]}" --key "$GOOD" \
		--keyring "$S/keys/gpg-gpgrsa.gpg"
	verify 2 "--digest is missing" --material "$VALID" --key "$GOOD"
	verify 2 "64 lower case hex" --digest "${APP^^}" --material "$VALID" \
		--key "$GOOD"
	echo '{"default": [{"type": "reject"}]}' >policy.json
	verify 1 "rejects" "${how[@]}" --containers-policy policy.json
	verify 2 "goes with" "${how[@]}" --containers-policy policy.json \
		--require 1
	verify 2 "goes with" "${how[@]}" --containers-policy policy.json \
		--annotation a=b
	verify 2 "says itself" "${how[@]}" --policy policy.json \
		--accept-signed-index
	verify 2 "KEY=VALUE" "${how[@]}" --key "$GOOD" --annotation word
	verify 2 "--format is" "${how[@]}" --key "$GOOD" --format yaml
	verify 2 "options only" "${how[@]}" --key "$GOOD" more
	verify 2 "given twice" "${how[@]}" --key "$GOOD" --digest "$APP"
	verify 2 "No such file" "${how[@]}" --key nowhere.pub
	verify 2 "regular file" "${how[@]}" --key /dev/zero
	echo '{"default": [], "default": []}' >policy.json
	verify 2 "" "${how[@]}" --containers-policy policy.json
}

@test "text and JSON say the same, and never a control character" {
	local how=(--digest "$APP" --material "$VALID" --key "$GOOD")

	verify 0 "" "${how[@]}"
	[ "$(wc -l <out)" = 1 ]
	verify 0 "counts" "${how[@]}" --explain
	verify 0 "" "${how[@]}" --ref "$NAME" --format json
	[ "$(fits "$SCHEMA" out)" = "" ]
	[ "$(jq -r '"\(.verdict) \(.reference)"' out)" = "accepted $NAME" ]
	mkdir odd
	cp "$VALID"/*.json odd
	echo '{' >odd/$'\e[31mred'
	verify 1 "" --digest "$APP" --material odd --key "$S/keys/wrong.pub" \
		--format json
	[ "$(fits "$SCHEMA" out)" = "" ]
	[ "$(jq -r '.verdict' out)" = refused ]
	[ "$(jq '.notes | length > 0' out)" = true ]
	verify 1 "" --digest "$APP" --material odd --key "$S/keys/wrong.pub"
	run ! grep -q $'\e' out
}
