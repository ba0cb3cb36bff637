#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Which image is this? Asked of a store that a real podman keeps, before and
# after something in it was changed, and compared with what podman says.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

load podman

IDENTIFY=${GARITA_BUILD:-.}/tests/programs/identify

# "deep" has a layer of its own above the one all share, "multi" came with an
# index of two platforms.
setup_file()
{
	podman_up
	podman_image app
	podman_image twin --config.user 1000
	add_deep
	add_multi
}

teardown_file()
{
	podman_down
	[ "$(grep -cF garita-podman /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	S=$PODMAN_DIR/storage
}

teardown()
{
	if [ -e "$PODMAN_DIR/saved-from" ]; then
		mv -fT "$PODMAN_DIR/saved" "$(cat "$PODMAN_DIR/saved-from")"
		rm "$PODMAN_DIR/saved-from"
	fi
	pod rm --all --force --time 0 >/dev/null
}

add_deep()
{
	local layout=$PODMAN_DIR/oci/layout

	umoci config --image "$layout:base" --tag deep --config.label deep=1
	umoci insert --image "$layout:deep" "$BATS_TEST_FILENAME" /etc/extra
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		"oci:$layout:deep" containers-storage:localhost/deep:v1
}

# An index of this machine's platform and another, as a registry would have.
add_multi()
{
	local layout=$PODMAN_DIR/oci/layout index digest size

	umoci config --image "$layout:base" --tag multi --config.label multi=1
	index=$(jq -c '{schemaVersion: 2,
		mediaType: "application/vnd.oci.image.index.v1+json",
		manifests: [.manifests[] |
			select(.annotations[] == ("multi", "base")) |
			del(.annotations) + {platform: {os: "linux",
			architecture: "amd64"}}]}
		| .manifests |= [(.[0] | .platform.architecture = "s390x"),
			.[1]]' "$layout/index.json")
	digest=$(printf %s "$index" | sha256sum)
	digest=${digest%% *}
	size=${#index}
	printf %s "$index" >"$layout/blobs/sha256/$digest"
	jq -c --arg d "sha256:$digest" --argjson s "$size" \
		'.manifests |= map(select(.annotations[] != "multi")) + [{
		mediaType: "application/vnd.oci.image.index.v1+json",
		digest: $d, size: $s,
		annotations: {"org.opencontainers.image.ref.name": "multi"}}]' \
		"$layout/index.json" >"$layout/index.new"
	mv "$layout/index.new" "$layout/index.json"
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" \
		--override-arch amd64 copy --quiet "oci:$layout:multi" \
		containers-storage:localhost/multi:v1
	printf 'sha256:%s\n' "$digest" >"$PODMAN_DIR/multi-index"
}

# Creates a container and mounts it; $id and $at are its id and root path.
create()
{
	id=$(pod create "$@" true)
	at=$(pod mount "$id")
}

ask()
{
	run podman_in "$IDENTIFY" "$@"
	echo "$output"
	[ "$status" -eq 0 ]
}

says()
{
	[ "$(jq -r "$1" <<<"$output")" = "$2" ]
}

unknown()
{
	says .sure unknown
	says .manifest ""
	says .config ""
	jq -e --arg words "$1" '.why_not | contains($words)' <<<"$output"
}

# What podman itself says the container was made from: a digest that is the
# index's when the image was pulled by one.
agrees()
{
	says .sure verified
	says 'if .index != "" then .index else .manifest end' \
		"$(pod inspect --format '{{.ImageDigest}}' "$id")"
	says .config "sha256:$(pod inspect --format '{{.Image}}' "$id")"
	says .container "$id"
	says .why_not ""
}

# Keeps a file of the store as it was, for teardown to put back.
save()
{
	cp -a "$1" "$PODMAN_DIR/saved"
	printf %s "$1" >"$PODMAN_DIR/saved-from"
}

image_id()
{
	pod image inspect --format '{{.Id}}' "localhost/$1:v1"
}

blob()
{
	printf '%s/overlay-images/%s/=%s' "$S" "$1" \
		"$(printf %s "$2" | base64 -w0)"
}

@test "garita and podman agree about every image" {
	for name in app twin deep multi; do
		create "localhost/$name:v1"
		ask "$at"
		agrees
		says '.names | join(",")' "localhost/$name:v1"
	done
}

@test "images that share every layer are told apart" {
	create localhost/app:v1
	ask "$at"
	first=$(jq -r .manifest <<<"$output")
	create localhost/twin:v1
	ask "$at"
	agrees
	[ "$(jq -r .manifest <<<"$output")" != "$first" ]
}

@test "the index that a multi-platform image came with is found" {
	create localhost/multi:v1
	ask "$at"
	agrees
	says .index "$(cat "$PODMAN_DIR/multi-index")"
	says .manifest "sha256:$(sha256sum \
		<"$S/overlay-images/$(image_id multi)/manifest" | cut -c1-64)"
}

@test "a tag that moves on changes names, not the identity" {
	create localhost/app:v1
	ask "$at"
	before=$(jq -r .manifest <<<"$output")
	pod tag localhost/twin:v1 localhost/app:v1
	ask "$at"
	agrees
	says .manifest "$before"
	says '.names | length' 0
	pod tag "$(pod inspect --format '{{.Image}}' "$id")" localhost/app:v1
}

@test "a container in a user namespace" {
	create --uidmap 0:100000:65536 --gidmap 0:100000:65536 \
		localhost/deep:v1
	ask "$at"
	agrees
}

@test "images that were imported, committed and squashed" {
	tar -C "$PODMAN_DIR/oci/root" -cf "$PODMAN_DIR/tmp/root.tar" .
	pod import --quiet "$PODMAN_DIR/tmp/root.tar" localhost/imported:v1
	create localhost/imported:v1
	ask "$at"
	agrees
	pod run --name changed localhost/app:v1 touch /changed
	pod commit --quiet changed localhost/committed:v1
	create localhost/committed:v1
	ask "$at"
	agrees
	pod commit --quiet --squash changed localhost/squashed:v1
	create localhost/squashed:v1
	ask "$at"
	agrees
}

@test "asked by a runtime while podman creates, starts and starts again" {
	cat >"$PODMAN_DIR/asking" <<-END
	#!/bin/bash
	args=("\$@")
	while [ \$# -gt 1 ]; do
		[ "\$1" != --bundle ] || bundle=\$2
		shift
	done
	[ -z "\$bundle" ] || $IDENTIFY -i "\$1" -b "\$bundle" \
		"\$(jq -r .root.path "\$bundle/config.json")" \
		>>$PODMAN_DIR/answers
	exec crun "\${args[@]}"
	END
	chmod 755 "$PODMAN_DIR/asking"
	pod --runtime "$PODMAN_DIR/asking" run --name r localhost/deep:v1 true
	pod --runtime "$PODMAN_DIR/asking" start --attach r
	pod --runtime "$PODMAN_DIR/asking" run --rm localhost/deep:v1 true
	id=$(pod inspect --format '{{.Id}}' r)
	run jq -s . "$PODMAN_DIR/answers"
	echo "$output"
	says length 3
	says '[.[] | select(.sure == "verified")] | length' 3
	says '[.[].manifest] | unique | join(" ")' \
		"$(pod inspect --format '{{.ImageDigest}}' r)"
	says '.[0].container + " " + .[1].container' "$id $id"
}

@test "a root file system that is a directory" {
	mkdir "$PODMAN_DIR/tree"
	pod create --rootfs "$PODMAN_DIR/tree" true
	ask "$PODMAN_DIR/tree"
	unknown "in no image store"
}

@test "the root file system of another container" {
	create localhost/app:v1
	other=$(pod create --rootfs "$at" true)
	ask -i "$other" "$at"
	unknown "belongs to container $id, not to the one being started"
	ask -b "$S/overlay-containers/$other/userdata" "$at"
	unknown "belongs to container $id, not to the one of this bundle"
	ask -i "$id" -b "$S/overlay-containers/$id/userdata" "$at"
	agrees
}

@test "an image mounted without a container" {
	at=$(pod image mount localhost/app:v1)
	ask "$at"
	unknown ""
	pod image umount localhost/app:v1
}

@test "a container that is not mounted, here or anywhere" {
	create localhost/app:v1
	run "$IDENTIFY" "$at"
	unknown "is not mounted"
	pod umount "$id"
	ask "$at"
	unknown "is not mounted"
}

@test "something mounted over the root file system" {
	create localhost/app:v1
	podman_in mount -t tmpfs tmpfs "$at"
	ask "$at"
	unknown "mounted over each other"
	podman_in umount "$at"
	ask "$at"
	agrees
	podman_in mount -t tmpfs tmpfs "${at%/*}"
	podman_in mkdir "$at"
	ask "$at"
	unknown "mounted"
	podman_in umount "${at%/*}"
}

@test "another overlay in the place of the container's" {
	create localhost/app:v1
	deep=$id
	pod umount "$deep"
	mkdir -p "$at" "$PODMAN_DIR/tmp/"{lower,upper,work}
	podman_in mount -t overlay overlay -o \
		"lowerdir=$PODMAN_DIR/tmp/lower,upperdir=$PODMAN_DIR/tmp/upper,workdir=$PODMAN_DIR/tmp/work" \
		"$at"
	ask "$at"
	unknown "tampered with: the overlay at the root file system"
	podman_in umount "$at"
}

@test "a store that a container made up in its volume" {
	create localhost/app:v1
	mkdir "$PODMAN_DIR/volume"
	cp -a "$S/overlay-containers" "$S/overlay-images" \
		"$S/overlay-layers" "$PODMAN_DIR/volume"
	mkdir -p "$PODMAN_DIR/volume/overlay/l" \
		"$PODMAN_DIR/volume/overlay/$(basename "${at%/merged}")/merged"
	ask "$PODMAN_DIR/volume/overlay/$(basename "${at%/merged}")/merged"
	unknown "is not mounted"
}

@test "a byte of the manifest changed" {
	create localhost/app:v1
	digest=$(pod inspect --format '{{.ImageDigest}}' "$id")
	file=$(blob "$(image_id app)" "manifest-$digest")
	save "$file"
	sed -i 's/"schemaVersion":2/"schemaVersion":3/' "$file"
	ask "$at"
	unknown "tampered with: the bytes stored as manifest-$digest"
}

@test "a byte of the config changed" {
	create localhost/app:v1
	file=$(blob "$(image_id app)" "sha256:$(image_id app)")
	save "$file"
	sed -i 's/amd64/AMD64/' "$file"
	ask "$at"
	unknown "tampered with: the bytes stored as sha256:"
}

@test "a record that calls the image by another's digest" {
	create localhost/app:v1
	save "$S/overlay-images/images.json"
	jq -c --arg id "$(image_id app)" --arg digest \
		"$(pod image inspect --format '{{.Digest}}' localhost/deep:v1)" \
		'map(if .id == $id then .digest = $digest else . end)' \
		"$PODMAN_DIR/saved" >"$S/overlay-images/images.json"
	ask "$at"
	unknown "tampered with: the bytes stored as manifest"
}

@test "a record that gives the container to an image with other layers" {
	create localhost/app:v1
	save "$S/overlay-containers/containers.json"
	jq -c --arg id "$(image_id deep)" 'map(.image = $id)' \
		"$PODMAN_DIR/saved" >"$S/overlay-containers/containers.json"
	ask "$at"
	unknown "tampered with: the container's layer is not on top"
}

@test "a layer that leads elsewhere" {
	create localhost/deep:v1
	link=$(cut -d: -f1 "${at%/merged}/lower")
	save "$S/overlay/$link"
	ln -sfn "../$(basename "${at%/merged}")/diff" "$S/overlay/$link"
	ask "$at"
	unknown "tampered with: the container mounts ../"
}

@test "a layer left out of what is mounted" {
	create localhost/deep:v1
	save "${at%/merged}/lower"
	cut -d: -f2 "$PODMAN_DIR/saved" >"${at%/merged}/lower"
	ask "$at"
	unknown "tampered with"
}

@test "records that anybody may write" {
	create localhost/app:v1
	for file in overlay-images/images.json overlay-layers/layers.json \
		overlay-containers/containers.json overlay-images .; do
		mode=$(stat -c %a "$S/$file")
		chmod o+w "$S/$file"
		ask "$at"
		unknown "can be changed by others"
		chmod "$mode" "$S/$file"
		ask "$at"
		agrees
	done
}
