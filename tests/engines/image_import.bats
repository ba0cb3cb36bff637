#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita image import and forget: from a registry on this machine through
# skopeo, from layouts and directories; what is kept, for whom, and that podman
# starts an image after the one and not after the other.

# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

S=$GARITA_SRC/tests/samples/signatures
LAYOUT=$S/cosign-save-layout
APP=sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888
OCI=application/vnd.oci.image

setup_file()
{
	podman_up
	podman_image app
	garita_up
	cd "$GARITA_DIR" || return 1
	registry_up
	export REGISTRY
	openssl ecparam -name prime256v1 -genkey -noout -out ours.key
	openssl ec -in ours.key -pubout -out ours.pub 2>/dev/null
}

teardown_file()
{
	kill "$(cat "$GARITA_DIR/registry.pid")" || true
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	inside sh -c 'rm -rf /var/lib/garita && mkdir -m 0700 /var/lib/garita'
}

teardown()
{
	kill -CONT "$(cat "$GARITA_DIR/registry.pid")" # if a test has stopped it
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

# ---- a registry ----

registry_up()
{
	local program tries port

	program=$(command -v docker-registry || command -v registry)
	for ((tries = 0; tries < 5; tries++)); do
		port=$((20000 + RANDOM % 10000))
		cat >registry.yml <<-YAML
		version: 0.1
		log: {level: error}
		storage: {filesystem: {rootdirectory: $GARITA_DIR/registry}}
		http: {addr: "127.0.0.1:$port"}
		YAML
		"$program" serve registry.yml </dev/null >registry.log 2>&1 3>&- &
		echo $! >registry.pid
		REGISTRY=127.0.0.1:$port
		answers && return 0
		kill "$(cat registry.pid)" 2>/dev/null || true
	done
	cat registry.log
	return 1
}

# Ours, not somebody else's at the same port.
answers()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		kill -0 "$(cat registry.pid)" 2>/dev/null || return 1
		! curl -sf "http://$REGISTRY/v2/" >/dev/null || return 0
		sleep 0.05
	done
	return 1
}

digest_of()
{
	echo "sha256:$(sha256sum "$1" | cut -d ' ' -f 1)"
}

# push_blobs REPOSITORY FILE...
push_blobs()
{
	local at file repository=$1

	shift
	for file; do
		at=$(curl -sf -m 60 -o out -w '%header{location}' -X POST \
			"http://$REGISTRY/v2/$repository/blobs/uploads/" ||
			curl -sf -m 60 -D - -o out -X POST \
				"http://$REGISTRY/v2/$repository/blobs/uploads/")
		at=$(grep -io 'http://[^[:space:]]*' <<<"$at")
		curl -sf -m 60 -T "$file" -H 'Content-Type: application/octet-stream' \
			"$at&digest=$(digest_of "$file")"
	done
}

# push REPOSITORY TAG FILE [TYPE]: a manifest, its bytes as they are
push()
{
	curl -sf -m 60 -T "$3" -H "Content-Type: ${4:-$OCI.manifest.v1+json}" \
		"http://$REGISTRY/v2/$1/manifests/$2"
}

# tag DIGEST: as cosign makes one
tag()
{
	echo "${1/:/-}"
}

# The image of the samples with a .sig and, as a referrer, a bundle.
push_app()
{
	local at=$S/cosign-bundle/valid manifest

	printf '{}' >empty
	push_blobs "$1" "$LAYOUT"/blobs/sha256/* "$at/bundle-0.sigstore.json" \
		empty
	push "$1" 1 "$S/images/app.manifest.json"
	push "$1" "$(tag $APP).sig" "$LAYOUT/blobs/sha256/$(jq -r \
		'.manifests[1].digest | ltrimstr("sha256:")' \
		"$LAYOUT/index.json")"
	# A list of contents hangs there, too.
	jq -n --arg is "$(digest_of empty)" --arg type $OCI.manifest.v1+json \
		'{schemaVersion: 2, mediaType: $type, config: {size: 2,
		digest: $is, mediaType: "application/vnd.oci.empty.v1+json"},
		layers: [{size: 2, digest: $is,
		mediaType: "application/spdx+json"}]}' >contents
	manifest=$at/referrer-0.manifest.json
	push "$1" "$(digest_of "$manifest")" "$manifest"
	push "$1" "$(digest_of contents)" contents
	jq -n --arg one "$(digest_of "$manifest")" --arg type $OCI \
		--arg two "$(digest_of contents)" '{schemaVersion: 2,
		mediaType: "\($type).index.v1+json", manifests: [$one, $two |
		{mediaType: "\($type).manifest.v1+json", size: 900,
		digest: .}]}' >referrers
	push "$1" "$(tag $APP)" referrers $OCI.index.v1+json
}

# ---- garita ----

# garita CODE WORDS VERB OPTIONS...
garita()
{
	local want=$1 words=$2 code=0

	shift 2
	inside timeout 60 "$GARITA" image "$@" >out 2>err </dev/null ||
		code=$?
	echo . >>err
	if [ "$code" != "$want" ] || ! cat out err | grep -qF -- "$words"; then
		fails "exit code $code, not $want with \"$words\": $*" \
			"$(cat out err)"
	fi
}

# What is kept, of all digests or of one.
kept()
{
	local hex=${1:-}

	inside sh -c 'cd /var/lib/garita/material/sha256 2>/dev/null || exit 0
		find . -type f -printf "%P\n" | sort' |
		{ grep -- "^${hex#sha256:}" || true; }
}

# verify CODE DIGEST [MORE]: by what this node keeps
verify()
{
	garita "$1" "" verify --digest "$2" --key "$S/keys/good.pub" "${@:3}"
}

@test "an image by tag and by digest: its signatures in all formats" {
	push_app t/app
	garita 0 "files would be kept" import --insecure --dry-run \
		"docker://$REGISTRY/t/app:1"
	[ "$(inside ls -A /var/lib/garita)" = "" ]
	garita 0 "$APP" import --insecure "docker://$REGISTRY/t/app:1"
	kept >by-tag
	# The manifest, the one of .sig with its two payloads, of the bundle.
	[ "$(kept $APP | wc -l)" -ge 5 ] || fails "$(cat out by-tag)"
	[ "$(kept $APP | grep -c /manifest-)" = 1 ]
	# The same for docker, which knows the config.
	[ "$(kept "$(jq -r .config.digest "$S/images/app.manifest.json")" |
		wc -l)" = "$(kept $APP | wc -l)" ]
	verify 0 $APP
	[ "$(inside find /var/lib/garita ! -user root -o -perm /022)" = "" ]
	[ "$(inside find /var/lib/garita -type d ! -perm 0700)" = "" ]
	[ "$(inside find /var/lib/garita -name '.?*')" = "" ]
	garita 0 "0 of them new" import --insecure "docker://$REGISTRY/t/app:1"
	kept | diff by-tag -
	garita 0 "" forget $APP
	[ "$(kept $APP)" = "" ]
	verify 1 $APP
	garita 0 "" import --insecure "docker://$REGISTRY/t/app@$APP"
	kept $APP >by-digest
	grep "^${APP#*:}" by-tag | diff - by-digest
	garita 2 "" import --insecure \
		"docker://$REGISTRY/t/app@sha256:$(printf %064d 1)"
}

@test "the bundle alone is found through the list of referrers" {
	push_app t/new
	# In another repository only the list of referrers is there.
	push_blobs t/list "$LAYOUT"/blobs/sha256/* empty \
		"$S/cosign-bundle/valid/bundle-0.sigstore.json"
	push t/list 1 "$S/images/app.manifest.json"
	push t/list "$(digest_of contents)" contents
	push t/list "$(digest_of "$S/cosign-bundle/valid/referrer-0.manifest.json")" \
		"$S/cosign-bundle/valid/referrer-0.manifest.json"
	push t/list "$(tag $APP)" referrers $OCI.index.v1+json
	garita 0 "" import --insecure "docker://$REGISTRY/t/list:1"
	verify 0 $APP --explain
	grep -q bundle out
	# The list of contents is no signature and no image.
	[ "$(kept "$(digest_of contents)")" = "" ]
}

# child NAME: a manifest with a config of its own
child()
{
	printf '{"architecture": "%s"}' "$1" >"$1.config"
	jq -n --arg is "$(digest_of "$1.config")" --arg type $OCI \
		--argjson size "$(stat -c %s "$1.config")" '{schemaVersion: 2,
		mediaType: "\($type).manifest.v1+json", config: {size: $size,
		digest: $is, mediaType: "\($type).config.v1+json"},
		layers: []}' >"$1"
	push_blobs t/multi "$1.config"
	push t/multi "$1" "$1"
}

# sign REPOSITORY DIGEST NAME: with our key, as cosign does
sign()
{
	local made

	printf '{}' >empty
	jq -cnj --arg of "$2" --arg name "$3" '{critical: {
		identity: {"docker-reference": $name},
		image: {"docker-manifest-digest": $of},
		type: "cosign container image signature"}, optional: null}' \
		>payload
	made=$(openssl dgst -sha256 -sign ours.key payload | base64 -w 0)
	jq -n --arg sig "$made" --arg is "$(digest_of payload)" \
		--arg empty "$(digest_of empty)" --arg type $OCI \
		--argjson size "$(stat -c %s payload)" '{schemaVersion: 2,
		mediaType: "\($type).manifest.v1+json", config: {size: 2,
		digest: $empty, mediaType: "\($type).config.v1+json"},
		layers: [{size: $size, digest: $is, mediaType:
		"application/vnd.dev.cosign.simplesigning.v1+json",
		annotations: {"dev.cosignproject.cosign/signature": $sig}}]}' \
		>sig.json
	push_blobs "$1" payload empty
	push "$1" "$(tag "$2").sig" sig.json
}

@test "an index of two platforms: its signature is kept for each" {
	local one of

	child amd64
	child arm64
	jq -n --arg one "$(digest_of amd64)" --arg two "$(digest_of arm64)" \
		--arg type $OCI '{schemaVersion: 2,
		mediaType: "\($type).index.v1+json", manifests: [$one, $two |
		{mediaType: "\($type).manifest.v1+json", size: 9,
		digest: .}]}' >index
	push t/multi 1 index $OCI.index.v1+json
	of=$(digest_of index)
	sign t/multi "$of" example.com/multi
	garita 0 "" import --insecure "docker://$REGISTRY/t/multi:1"
	[ "$(kept "$of" | wc -l)" = 3 ] || fails "$(cat out)"
	for one in amd64 arm64; do
		garita 1 "accept-signed-index" verify --key ours.pub \
			--digest "$(digest_of $one)"
		garita 0 "" verify --key ours.pub --accept-signed-index \
			--digest "$(digest_of $one)" --ref example.com/multi
		garita 1 "another name" verify --key ours.pub \
			--accept-signed-index --digest "$(digest_of $one)" \
			--ref example.com/other
		# Docker knows its config.
		[ "$(kept "$(digest_of $one.config)" | wc -l)" = 4 ]
	done
	# The index takes its platforms with it.
	garita 0 "" forget "$of"
	[ "$(kept)" = "" ]
}

@test "what fails, and that nothing is kept then" {
	push_app t/app
	garita 2 "skopeo: " import --insecure "docker://$REGISTRY/t/none:1"
	garita 2 "skopeo: " import --insecure "docker://$REGISTRY/t/app:none"
	# No TLS, and nobody said that this is fine.
	garita 2 "HTTPS" import "docker://$REGISTRY/t/app:1"
	garita 2 "docker://$REGISTRY/T/app" import --insecure \
		"docker://$REGISTRY/T/app"
	PATH=/nowhere inside_path "cannot run skopeo"
	garita 2 "give an OCI layout" import
	garita 2 "is no digest" import --digest sha256:ab "$LAYOUT"
	garita 2 "No such file" import nowhere
	garita 2 "holds no signature" import "$S/images/app.manifest.json"
	garita 2 "--digest" import "$S/cosign-bundle/valid/bundle-0.sigstore.json"
	# One source of two.
	garita 2 "No such file" import "$LAYOUT" nowhere
	[ "$(kept)" = "" ]
}

inside_path()
{
	local code=0

	/usr/bin/nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- /usr/bin/env \
		PATH=/nowhere "$GARITA" image import --insecure \
		"docker://$REGISTRY/t/app:1" >out 2>err </dev/null || code=$?
	PATH=/usr/bin:/bin
	[ "$code" = 2 ]
	grep -qF "$1" err
}

@test "a signature that is a disk's worth of bytes is not fetched" {
	push_blobs t/large "$LAYOUT"/blobs/sha256/*
	push t/large 1 "$S/images/app.manifest.json"
	jq '.layers[0].size = 99999999999' "$LAYOUT/blobs/sha256/$(jq -r \
		'.manifests[1].digest | ltrimstr("sha256:")' \
		"$LAYOUT/index.json")" >large
	push t/large "$(tag $APP).sig" large
	garita 2 "holds no signature" import --insecure \
		"docker://$REGISTRY/t/large:1"
	grep -qF "has more than 256 signatures or 64 MiB" err
	[ "$(kept)" = "" ]
	# Whoever may push cannot keep the others from coming with it.
	push_app t/large
	push t/large "$(tag $APP).sig" large
	garita 0 "left out docker://$REGISTRY/t/large:$(tag $APP).sig: " \
		import --insecure "docker://$REGISTRY/t/large:1"
	verify 0 $APP --explain
	grep -q bundle out
	garita 0 "" forget $APP
}

@test "attestations come too: as bundles and as cosign kept them before" {
	local at=$S/cosign-attestation

	printf '{}' >empty

	push_blobs t/attested "$LAYOUT"/blobs/sha256/* empty \
		"$at/vuln-clean/bundle-0.sigstore.json" \
		"$at/old-slsa-v1/envelope-0.dsse.json"
	push t/attested 1 "$S/images/app.manifest.json"
	jq --arg empty "$(digest_of empty)" \
		'.config.digest = $empty | .config.size = 2' \
		"$at/old-slsa-v1/att-manifest.json" >att.json
	push t/attested "$(tag $APP).att" att.json
	push t/attested "$(digest_of "$at/vuln-clean/referrer-0.manifest.json")" \
		"$at/vuln-clean/referrer-0.manifest.json"
	jq -n --arg one "$(digest_of "$at/vuln-clean/referrer-0.manifest.json")" \
		--arg type $OCI '{schemaVersion: 2, mediaType:
		"\($type).index.v1+json", manifests: [{size: 900, digest: $one,
		mediaType: "\($type).manifest.v1+json"}]}' >referrers
	push t/attested "$(tag $APP)" referrers $OCI.index.v1+json
	garita 0 "$APP" import --insecure "docker://$REGISTRY/t/attested:1"
	inside sh -c 'cat /var/lib/garita/material/sha256/*/material-*' >all
	grep -q '"dsseEnvelope"' all
	grep -qF "$(jq -r .payload "$at/old-slsa-v1/envelope-0.dsse.json")" all
	garita 0 "" forget $APP
	[ "$(kept)" = "" ]
}

# A registry that falls silent keeps skopeo waiting.
@test "an import that is interrupted leaves nothing in /tmp" {
	local child tries

	push_app t/slow
	mkdir -p private
	# The program may lie in /tmp itself.
	inside unshare --mount sh -c 'exec 7<"$1" && shift &&
		mount --bind private /tmp && exec /proc/self/fd/7 "$@"' \
		sh "$GARITA" image import --insecure \
		"docker://$REGISTRY/t/slow:1" >out 2>&1 </dev/null 3>&- &
	for ((tries = 0; tries < 5000; tries++)); do
		[ -z "$(ls private)" ] || break
	done
	kill -STOP "$(cat registry.pid)"
	[ -n "$(ls private)" ] || fails "$(cat out)"
	child=$(pgrep -f "image import --insecure docker://$REGISTRY/t/slow:1" |
		tail -n 1)
	kill -INT "$child"
	for ((tries = 0; tries < 200; tries++)); do
		[ -n "$(ls private)" ] || break
		sleep 0.05
	done
	[ -z "$(ls private)" ] || fails "$(find private)"
	[ "$(kept)" = "" ]
}

@test "signatures of notation come by the list of referrers, in both envelopes" {
	local kind at
	local -a by

	printf '{}' >empty
	for kind in jws:json cose:cbor; do
		at=$S/notation-${kind%:*}/valid-p256
		by=(--notation-trust-policy "$at/trustpolicy.json"
			--notation-trust-store "$S/notation-trust/truststore")
		push_blobs "t/${kind%:*}" "$LAYOUT"/blobs/sha256/* empty \
			"$at/signature-1.${kind#*:}"
		push "t/${kind%:*}" 1 "$S/images/app.manifest.json"
		push "t/${kind%:*}" "$(digest_of "$at/referrer-1.manifest.json")" \
			"$at/referrer-1.manifest.json"
		jq -n --arg one "$(digest_of "$at/referrer-1.manifest.json")" \
			--arg type $OCI '{schemaVersion: 2,
			mediaType: "\($type).index.v1+json", manifests: [{
			mediaType: "\($type).manifest.v1+json", size: 900,
			digest: $one}]}' >list
		push "t/${kind%:*}" "$(tag $APP)" list $OCI.index.v1+json
		garita 1 "no signature is here" verify --digest $APP "${by[@]}"
		garita 0 "" import --insecure "docker://$REGISTRY/t/${kind%:*}:1"
		garita 0 "notation" verify --digest $APP "${by[@]}"
		garita 0 "" forget $APP
	done
}

@test "from a layout, a directory and files" {
	garita 0 "files, " import "$LAYOUT"
	verify 0 $APP
	garita 0 "" forget $APP
	[ "$(kept)" = "" ]
	cp -r "$S/cosign-bundle/valid" bundles
	rm bundles/case.json
	garita 0 "" import --digest $APP bundles
	verify 0 $APP
	garita 0 "" forget $APP
	garita 0 "" import "$S/images/app.manifest.json" \
		"$S/cosign-bundle/valid/bundle-0.sigstore.json"
	verify 0 $APP
	rm -r bundles
}

@test "an import that is killed, or cannot write, leaves nothing that is read" {
	local code=0

	inside prlimit --fsize=400 "$GARITA" image import "$LAYOUT" \
		>out 2>&1 </dev/null || code=$?
	[ "$code" = 2 ]
	grep -F "File too large" out
	[ "$(inside find /var/lib/garita/material -name '.m*')" = "" ]
	verify 1 $APP
	# What has its name is whole; the rest begins with a dot.
	inside bash -c '
		for ((i = 0; i < 60; i++)); do
			rm -rf /var/lib/garita/material
			timeout -s KILL "0.00$((RANDOM % 60 + 10))" \
				"$0" image import "$1" >/dev/null 2>&1
			find /var/lib/garita/material -name "[^.]*-*" -type f \
				-exec sha256sum {} + 2>/dev/null
		done | sed "s/ .*//" | sort -u' "$GARITA" "$LAYOUT" >left
	[ "$(comm -23 left <(ls "$LAYOUT/blobs/sha256"))" = "" ]
	garita 0 "" import "$LAYOUT"
	verify 0 $APP
	garita 0 "" forget $APP
	[ "$(kept)" = "" ]
}

@test "more than the gate reads is refused before it is kept" {
	local i

	mkdir -p many
	for ((i = 0; i < 200; i++)); do
		echo "piece $i" >"many/$i"
	done
	garita 0 "200 of them new" import --digest $APP many
	for ((i = 0; i < 200; i++)); do
		echo "other $i" >"many/$i"
	done
	garita 2 "forget the old ones first" import --digest $APP many
	[ "$(kept $APP | wc -l)" = 200 ]
	rm -r many
}

@test "forget: of nothing, of others, of what root put there" {
	local other

	other=sha256:$(printf %064d 1)
	garita 1 "nothing is kept for $APP" forget $APP
	garita 2 "give DIGEST" forget
	garita 2 "is no digest" forget ../../etc
	garita 0 "" import --digest $APP "$S/cosign-bundle/valid"
	garita 0 "" import --digest "$other" "$S/cosign-bundle/valid"
	garita 0 "" forget "$other"
	[ "$(kept | grep -vc "^${APP#*:}/")" = 0 ]
	verify 0 $APP
	inside mkdir "/var/lib/garita/material/sha256/${APP#*:}/roots"
	garita 2 "cannot remove" forget $APP
	# The state of others is not ours to write to.
	inside chmod o+w /var/lib/garita
	garita 2 "can be changed by others" import "$LAYOUT"
	garita 2 "can be changed by others" forget $APP
}

# ---- podman ----

# start CODE: what podman's user gets
start()
{
	local code=0

	pod --runtime "$RUNTIME" run --rm --user 1000 localhost/app:v1 true \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$1" ] || fails "exit code $code, not $1" "$(cat out err)"
}

refused()
{
	start 126
	grep "garita refused this container: image-signature" err |
		grep -q "0 of 1 wanted key signatures" || fails "$(cat err)"
}

@test "podman starts an image after its signature came, not after it went" {
	local of

	skopeo --insecure-policy copy --quiet --preserve-digests \
		--dest-tls-verify=false "oci:$PODMAN_DIR/oci/layout:app" \
		"docker://$REGISTRY/t/real:1"
	of=$(pod image inspect --format '{{.Digest}}' localhost/app:v1)
	sign t/real "$of" localhost/app
	inside sh -c 'mkdir -p /etc/garita/keys && cp ours.pub /etc/garita/keys'
	jq -n --arg runtime "$(command -v crun)" '{version: 1,
		runtime: $runtime, images: {signatures: [
			{match: ["localhost/app"], keys: ["keys/ours.pub"]}]}}' |
		policy

	refused
	garita 0 "$of" import --insecure "docker://$REGISTRY/t/real:1"
	start 0
	garita 0 "" verify --digest "$of" --policy /etc/garita/policy.json \
		--ref localhost/app:v1
	# Not what anybody remembers of it.
	garita 0 "" forget "$of"
	refused
	garita 1 "" verify --digest "$of" --policy /etc/garita/policy.json \
		--ref localhost/app:v1
}
