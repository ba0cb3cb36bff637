#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita image, asked about the containers of a real podman: wherever their
# image lies, and whatever else than an image they are made of.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load podman
load report

GARITA=${GARITA_BUILD:-.}/garita
SCHEMA=${GARITA_SRC:-.}/docs/schema/image-inspect-1.schema.json

# "app" and "twin" share a layer; "lent" lies in an additional store only.
setup_file()
{
	podman_up
	podman_image app
	podman_image twin --config.user 1000
	mkdir "$PODMAN_DIR/lender"
	lend
	podman_in mount -t tmpfs -o mode=0755 garita-test /etc/containers
	podman_in cp "$PODMAN_DIR/policy.json" /etc/containers
}

teardown_file()
{
	podman_down
	[ "$(grep -cF garita-podman /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	S=$PODMAN_DIR/storage
	L=$PODMAN_DIR/lender
	cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null
	podman_in rm -f /etc/containers/storage.conf
}

lend()
{
	local layout=$PODMAN_DIR/oci/layout

	umoci config --image "$layout:base" --tag lent --config.label lent=1
	umoci insert --image "$layout:lent" "$BATS_TEST_FILENAME" /etc/extra
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		"oci:$layout:lent" \
		"containers-storage:[overlay@$PODMAN_DIR/lender+$PODMAN_DIR/run2]localhost/lent:v1"
}

borrow()
{
	pod --storage-opt "additionalimagestore=$L" "$@"
}

inspect()
{
	podman_in "$GARITA" image inspect --format json "$@" \
		>out 2>err 3>&- && status=0 || status=$?
	cat out err
}

says()
{
	[ "$(jq -r "$1" out)" = "$2" ] || {
		echo "$1 is $(jq -r "$1" out), not $2"
		return 1
	}
}

verified()
{
	[ "$status" = 0 ]
	says .image.sure verified
	says .image.manifest "$(podman_in jq -r --arg id \
		"$(jq -r .image.config out | cut -d: -f2)" \
		'.[] | select(.id == $id) | .digest' \
		"$1/overlay-images/images.json")"
	says .image.reference "$2"
	[ "$(jq -r '.material[0].digest' out)" = \
		"$(jq -r .image.manifest out)" ]
	run fits "$SCHEMA" out
	[ "$output" = "" ]
}

unknown()
{
	[ "$status" = 1 ]
	says .image.sure unknown
	says '.image | has("manifest") or has("config")' false
	jq -e --arg words "$1" '.image.whyNot | contains($words)' out
	run fits "$SCHEMA" out
	[ "$output" = "" ]
}

# ---- finding a container ----

@test "a container is found by name, id, the beginning of it, and bundle" {
	id=$(pod create --name web localhost/app:v1 true)
	pod mount web
	pod init web
	for word in web "$id" "${id:0:6}" \
		"$S/overlay-containers/$id/userdata"; do
		inspect "$word"
		verified "$S" localhost/app:v1
		says .container "$id"
	done
	says .bundle "$S/overlay-containers/$id/userdata"
	podman_in "$GARITA" image inspect web | grep -x "image        verified"
}

@test "what is no container, or could be two, is an error" {
	pod create --name one localhost/app:v1 true
	pod create --name two localhost/app:v1 true
	for word in three ./three /nowhere "" .; do
		inspect "$word"
		[ "$status" = 2 ]
		[ ! -s out ]
		[ -s err ]
	done
	inspect
	[ "$status" = 2 ]
	inspect one two
	[ "$status" = 2 ]
	mkdir -p there/merged
	echo '{"root":{"path":"merged"}}' >there/config.json
	inspect there
	[ "$status" = 2 ]
	grep -F ./there err
	inspect "$PWD/there"
	unknown "in no image store"
	mkfifo fifo
	rm there/config.json
	ln -s ../fifo there/config.json
	inspect "$PWD/there"
	[ "$status" = 2 ]
}

@test "a container that is not mounted says so" {
	id=$(pod create --name off localhost/app:v1 true)
	pod create --name on localhost/app:v1 true
	pod mount on
	pod umount off
	inspect off
	unknown "is not mounted"
	says .container "$id"
}

@test "a name that moved on is not where the container came from" {
	pod create --name web localhost/app:v1 true
	pod mount web
	before=$(pod image inspect --format '{{.Id}}' localhost/app:v1)
	pod tag localhost/twin:v1 localhost/app:v1
	inspect web
	verified "$S" localhost/app:v1
	says .image.config "sha256:$before"
	says '.image.names // [] | length' 0
	pod tag "$before" localhost/app:v1
}

@test "layers that two images share say nothing" {
	for name in app twin; do
		pod create --name "$name" "localhost/$name:v1" true
		pod mount "$name"
		inspect "$name"
		verified "$S" "localhost/$name:v1"
		says .image.config "sha256:$(pod image inspect \
			--format '{{.Id}}' "localhost/$name:v1")"
	done
}

# ---- additional image stores ----

@test "an image in an additional store, found by what is mounted" {
	borrow create --name web localhost/lent:v1 true
	borrow mount web
	inspect web
	verified "$L" localhost/lent:v1
	jq -e --arg at "$L" '.steps[] | select(.what == "image") |
		.checked | contains($at)' out
}

@test "in a user namespace, only the configuration says where" {
	borrow create --name web --uidmap 0:100000:65536 \
		--gidmap 0:100000:65536 localhost/lent:v1 true
	borrow mount web
	inspect web
	unknown "nor in an additional image store"
	printf '[storage.options]\nadditionalimagestores = [ "%s" ]\n' "$L" |
		podman_in tee /etc/containers/storage.conf
	inspect web
	verified "$L" localhost/lent:v1
	podman_in chmod 0666 /etc/containers/storage.conf
	inspect web
	unknown "nor in an additional image store"
}

@test "an additional store that others can change does not count" {
	borrow create --name web localhost/lent:v1 true
	borrow mount web
	chmod 0777 "$L"
	inspect web
	chmod 0755 "$L"
	unknown "was left out"
	inspect web
	verified "$L" localhost/lent:v1
}

@test "a byte changed in an additional store" {
	borrow create --name web localhost/lent:v1 true
	borrow mount web
	file=$(grep -rl '"schemaVersion":2' "$L"/overlay-images/*/=*)
	cp -a "$file" saved
	sed -i 's/"schemaVersion":2/"schemaVersion":3/' "$file"
	inspect web
	mv saved "$file"
	unknown "tampered with: the bytes stored as manifest"
}

@test "a layer of an additional store that leads elsewhere" {
	borrow create --name web localhost/lent:v1 true
	at=$(borrow mount web)
	link=$(cut -d: -f2 "${at%/merged}/lower")
	target=$(readlink "$L/overlay/$link")
	ln -sfn "../$(basename "${at%/merged}")/diff" "$L/overlay/$link"
	inspect web
	ln -sfn "$target" "$L/overlay/$link"
	unknown "tampered with: the container mounts ../"
}

# ---- other shapes ----

tall()
{
	local layout=$PODMAN_DIR/oci/layout

	/usr/bin/python3 "$BATS_TEST_DIRNAME/tall.py" "$layout" base tall 110
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		"oci:$layout:tall" containers-storage:localhost/tall:v1
}

# Then podman 4 gives mount(2) relative paths, the upper directory's as well,
# and podman 5 descriptors.
@test "an image of 111 layers" {
	tall
	pod create --name web localhost/tall:v1 true
	at=$(pod mount web)
	podman_in grep -F " $at " /proc/self/mountinfo | grep -E 'lowerdir=(l/|[0-9]+:)'
	inspect web
	verified "$S" localhost/tall:v1
	jq -e '.steps[] | select(.what == "config") |
		.checked | contains("111 layers")' out
	pod create --name other localhost/tall:v1 true
	podman_in umount "$at"
	layer=$(basename "${at%/merged}")
	other=$(basename "$(dirname "$(pod mount other)")")
	podman_in sh -c 'cd "$0/overlay" && mount -t overlay overlay -o \
		"lowerdir=$(cut -d: -f1 "$1/lower"),upperdir=$2/diff,workdir=$2/work" \
		"$1/merged"' "$S" "$layer" "$other"
	inspect web
	unknown "does not belong to layer $layer"
	podman_in umount "$at"
	pod rm web other
	pod rmi localhost/tall:v1
}

@test "a root file system that is a directory" {
	mkdir -p tree/proc
	pod create --name web --rootfs "$PWD/tree" true
	mkdir bundle
	printf '{"root":{"path":"%s"}}' "$PWD/tree" >bundle/config.json
	inspect "$PWD/bundle"
	unknown "in no image store"
}

# Buildah mounts the image's layers elsewhere and keeps no bundle.
@test "a step of a build is no container of an image" {
	cat >asking <<-END
	#!/bin/bash
	args=("\$@")
	while [ \$# -gt 1 ]; do
		[ "\$1" != --bundle ] || bundle=\$2
		shift
	done
	[ -z "\$bundle" ] || $GARITA image inspect --format json "\$bundle" \
		>$PWD/answer
	exec crun "\${args[@]}"
	END
	chmod 755 asking
	printf 'FROM localhost/app:v1\nRUN true\n' >Containerfile
	pod --runtime "$PWD/asking" build --quiet --isolation oci \
		--ulimit nofile=1024:1024 "$PWD" || true
	mv answer out
	status=1
	cat out
	unknown ""
}

@test "signatures in the store are shown, each with its bytes" {
	id=$(pod image inspect --format '{{.Id}}' localhost/twin:v1)
	digest=$(jq -r --arg id "$id" '.[] | select(.id == $id) | .digest' \
		"$S/overlay-images/images.json")
	key=signature-${digest#sha256:}
	printf 'firstsecond!' >"$S/overlay-images/$id/=$(printf %s "$key" |
		base64 -w0)"
	cp -a "$S/overlay-images/images.json" saved
	jq -c --arg id "$id" --arg key "$key" --arg digest "$digest" \
		'map(if .id == $id then ."big-data-names" += [$key] |
		.metadata = ({"signatures-sizes": {($digest): [5, 7]}} |
			tojson) else . end)' \
		saved >"$S/overlay-images/images.json"
	pod create --name web localhost/twin:v1 true
	pod mount web
	inspect web
	verified "$S" localhost/twin:v1
	says '[.material[] | select(.name | startswith("signature")) |
		.name, .bytes] | join(" ")' \
		"signature 1 of manifest $digest 5 signature 2 of manifest $digest 7"
	says '.material[-1].digest' \
		"sha256:$(printf second! | sha256sum | cut -c1-64)"
	mv saved "$S/overlay-images/images.json"
}

# ---- verify-layers ----

verify()
{
	podman_in "$GARITA" image verify-layers "$@" >out 2>err 3>&- &&
		status=0 || status=$?
	cat out err
}

# An image whose top layer has links, holes, capabilities and whiteouts.
changed()
{
	local up

	pod image exists localhost/changed:v1 && return 0
	pod run --name work --cap-add MKNOD localhost/app:v1 sh -c '
		mkdir -p /d/e && echo one >/d/e/file && : >/d/empty &&
		busybox ln /d/e/file /d/hard && busybox ln -s file /d/link &&
		busybox mkfifo /d/fifo && busybox mknod /d/null c 1 3 &&
		busybox dd if=/dev/zero of=/d/sparse bs=1 count=1 \
			seek=3000000 && busybox chmod 4755 /d/sparse &&
		busybox rm /etc/passwd && busybox rm -r /tmp && mkdir /tmp &&
		busybox ln -s /$(busybox printf "%0150d" 0) /d/longlink'
	up=$(pod mount work)
	podman_in setcap cap_net_raw+ep "${up%/merged}/diff/d/hard"
	pod commit --quiet work localhost/changed:v1
	pod rm work
	# As a registry would give it: a committed layer was never unpacked.
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		containers-storage:localhost/changed:v1 "oci:$PWD/oci:changed"
	pod rmi localhost/changed:v1
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		"oci:$PWD/oci:changed" containers-storage:localhost/changed:v1
}

@test "layers as they were pulled are the same" {
	changed
	pod create --name web localhost/changed:v1 true
	pod mount web
	for word in web localhost/changed:v1 changed:v1 \
		"$(pod image inspect --format '{{.Id}}' changed:v1)"; do
		verify "$word"
		[ "$status" = 0 ]
		[ "$(grep -c '^same ' out)" = 2 ]
		[ "$(wc -l <out)" = 3 ]
	done
	for word in nothing ./nothing; do
		verify "$word"
		[ "$status" = 2 ]
	done
}

@test "one byte of a layer, and one file too many" {
	changed
	id=$(pod image inspect --format '{{.Id}}' localhost/changed:v1)
	layer=$(jq -r --arg id "$id" '.[] | select(.id == $id) | .layer' \
		"$S/overlay-images/images.json")
	diff=$S/overlay/$layer/diff
	cp -a "$diff/d/sparse" kept
	printf 1 | dd of="$diff/d/sparse" bs=1 seek=2000000 conv=notrunc
	chmod 4755 "$diff/d/sparse"
	pod create --name web localhost/changed:v1 true
	pod mount web
	for word in web "$id"; do
		verify "$word"
		[ "$status" = 1 ]
		[ "$(grep '^ ' out)" = "  /d/sparse  contents differ" ]
		[ "$(grep -c '^differs ' out)" = 1 ]
	done
	cp -a kept "$diff/d/sparse"
	echo >"$diff/d/added"
	verify web
	[ "$status" = 1 ]
	[ "$(grep '^ ' out)" = "  /d/added  is not in the layer" ]
	rm "$diff/d/added"
	verify web
	[ "$status" = 0 ]
}

@test "the layers that a container mounts are read, wherever they lie" {
	borrow create --name web localhost/lent:v1 true
	borrow mount web
	verify web
	[ "$status" = 0 ]
	layer=$(jq -r '.[0].layer' "$L/overlay-images/images.json")
	echo >>"$L/overlay/$layer/diff/etc/extra"
	verify web
	[ "$status" = 1 ]
	grep -F "/etc/extra  contents differ" out
	sed -i '$d' "$L/overlay/$layer/diff/etc/extra"
	verify web
	[ "$status" = 0 ]
}

@test "a layer without a tar-split cannot be compared" {
	changed
	id=$(pod image inspect --format '{{.Id}}' localhost/changed:v1)
	layer=$(jq -r --arg id "$id" '.[] | select(.id == $id) | .layer' \
		"$S/overlay-images/images.json")
	split=$S/overlay-layers/$layer.tar-split.gz
	pod create --name web localhost/changed:v1 true
	pod mount web
	mv "$split" kept
	verify "$id"
	[ "$status" = 2 ]
	[ "$(grep -c '^same ' out)" = 1 ]
	grep '^unknown .* has no tar-split' out
	zcat kept | sed 1d | gzip >"$split"
	verify "$id"
	[ "$status" = 2 ]
	grep '^unknown .*no header' out
	mv kept "$split"
	verify "$id"
	[ "$status" = 0 ]
}
