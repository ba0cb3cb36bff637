#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Which image is this? Asked of the databases that a real containerd keeps,
# while it runs, for containers made by ctr and through its CRI service.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0
load containerd
load cosign
load memory

export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin LC_ALL=C
BUILD=$(readlink -f "${GARITA_BUILD:-.}")
IDENTIFY=$BUILD/tests/programs/identify
TASKS=/run/containerd/io.containerd.runtime.v2.task

# "app", "twin" and "pause" share their layer, "deep" has one more, "tall" has
# a hundred and more, "multi" came with an index of two platforms.
setup_file()
{
	TMPDIR=$(memory_dir) containerd_up
	ctd_layout app twin pause
	add_deep
	add_tall
	add_multi
	for name in app twin deep tall multi; do
		ctd_import "$name" "localhost/$name:v1"
	done
	ctd_import twin localhost/app:v1 -n elsewhere
	for name in app twin pause multi; do
		ctd_import "$name" "localhost/$name:v1" -n k8s.io
	done
}

teardown_file()
{
	containerd_down
	[ "$(grep -cF garita-containerd /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	layout=$CTD_DIR/oci/layout
	R=$CTD_DIR/root
	blobs=$R/io.containerd.content.v1.content/blobs/sha256
	meta=$R/io.containerd.metadata.v1.bolt/meta.db
	metadata=$R/io.containerd.snapshotter.v1.overlayfs/metadata.db
}

teardown()
{
	restore
	for ns in default elsewhere; do
		for id in $(ctd -n "$ns" tasks ls -q); do
			ctd -n "$ns" tasks rm --force "$id" || true
		done
		for id in $(ctd -n "$ns" containers ls -q); do
			ctd -n "$ns" containers rm "$id" || true
		done
	done >/dev/null 2>&1
}

add_deep()
{
	local layout=$CTD_DIR/oci/layout

	umoci config --image "$layout:base" --tag deep --config.label deep=1
	umoci insert --image "$layout:deep" "$BATS_TEST_FILENAME" /etc/extra
}

# An image with 110 layers, more than fit in one mount call with their whole
# names. The first is that of all others.
add_tall()
{
	/usr/bin/python3 "$BATS_TEST_DIRNAME/tall.py" \
		"$CTD_DIR/oci/layout" base tall 109
}

# An index of this machine's platform and another, as a registry would have.
add_multi()
{
	local layout=$CTD_DIR/oci/layout other arch

	arch=$(dpkg --print-architecture)
	umoci config --image "$layout:base" --tag multi --config.label multi=1
	umoci config --image "$layout:base" --tag other --config.label other=1 \
		--architecture s390x
	umoci insert --image "$layout:other" "$BATS_TEST_FILENAME" /etc/other
	other=$(manifest_of other)
	manifest_of multi >"$CTD_DIR/multi-manifest"
	put_blob "$(jq -c --arg arch "$arch" --arg other "sha256:$other" \
		'{schemaVersion: 2,
		mediaType: "application/vnd.oci.image.index.v1+json",
		manifests: [.manifests[] | select(.annotations[] ==
			("multi", "other")) | del(.annotations) + {platform:
			{os: "linux", architecture: (if .digest == $other
			then "s390x" else $arch end)}}]}' "$layout/index.json")"
	tag_blob multi application/vnd.oci.image.index.v1+json
	printf %s "$blob" >"$CTD_DIR/multi-index"
}

manifest_of()
{
	jq -r --arg name "$1" '.manifests[] |
		select(.annotations[] == $name) | .digest[7:]' \
		"$CTD_DIR/oci/layout/index.json"
}

# Adds a blob to the layout; its digest is in $blob, its size in $size.
put_blob()
{
	blob=$(printf %s "$1" | sha256sum)
	blob=${blob%% *}
	size=${#1}
	printf %s "$1" >"$CTD_DIR/oci/layout/blobs/sha256/$blob"
}

# tag_blob NAME TYPE: the last blob is what NAME means
tag_blob()
{
	local index=$CTD_DIR/oci/layout/index.json

	jq -c --arg name "$1" --arg type "$2" --arg d "sha256:$blob" \
		--argjson s "$size" '.manifests |= map(select(.annotations[] !=
		$name)) + [{mediaType: $type, digest: $d, size: $s,
		annotations: {"org.opencontainers.image.ref.name": $name}}]' \
		"$index" >"$index.new"
	mv "$index.new" "$index"
}

# start NAME ID [CTR-OPTIONS]: runs localhost/NAME:v1; $at is its root path.
start()
{
	local name=$1 id=$2 ns=${NS:-default}

	shift 2
	ctd -n "$ns" run -d "$@" "localhost/$name:v1" "$id" 3>&-
	at=$TASKS/$ns/$id/rootfs
}

ask()
{
	run ctd_in "$IDENTIFY" "$@"
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

# The image NAME of the layout, in every detail.
is_image()
{
	local manifest

	manifest=$(manifest_of "$1")
	if [ "$1" = multi ]; then
		says .index "sha256:$manifest"
		manifest=$(cat "$CTD_DIR/multi-manifest")
	else
		says .index ""
	fi
	says .sure verified
	says .store containerd
	says .manifest "sha256:$manifest"
	says .config "$(jq -r .config.digest "$layout/blobs/sha256/$manifest")"
	says .why_not ""
}

# swap FILE OLD NEW: what garita finds there has other bytes of the same length.
# A copy is mounted over the file: containerd itself goes on with its own, which
# it may write at any time.
swap()
{
	[ "${#2}" -eq "${#3}" ]
	cp -a "$1" "$CTD_DIR/part"
	/usr/bin/python3 - "$CTD_DIR/part" "$2" "$3" <<-'END'
	import sys
	path, old, new = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
	with open(path, "r+b") as file:
	    data = file.read()
	    assert old in data
	    file.seek(0)
	    file.write(data.replace(old, new))
	END
	ctd_in mount --bind "$CTD_DIR/part" "$1"
	printf %s "$1" >"$CTD_DIR/swapped"
}

restore()
{
	[ -e "$CTD_DIR/swapped" ] || return 0
	ctd_in umount "$(cat "$CTD_DIR/swapped")"
	rm "$CTD_DIR/swapped"
}

@test "garita and containerd agree about every image" {
	for name in app twin deep tall multi; do
		start "$name" "c-$name"
		ask -i "c-$name" -b "${at%/rootfs}" "$at"
		is_image "$name"
		says .container "c-$name"
		says .reference "localhost/$name:v1"
		says '.names | join(" ")' "localhost/$name:v1"
		says 'if .index == "" then .manifest else .index end' \
			"$(ctd images ls "name==localhost/$name:v1" |
				awk 'NR == 2 { print $3 }')"
	done
}

@test "all names of an image, and the digests it was pulled by" {
	local digest

	digest=$(manifest_of app)
	ctd images tag localhost/app:v1 localhost/app:latest
	ctd images tag localhost/app:v1 "localhost/app@sha256:$digest"
	start app c
	ask "$at"
	is_image app
	says '.names | join(" ")' localhost/app:v1
	run -0 ctd_in "$BUILD/garita" image inspect --format json c
	echo "$output"
	says '.image.names | sort | join(" ")' \
		"localhost/app:latest localhost/app:v1"
	says '.image.repoDigests | join(" ")' "localhost/app@sha256:$digest"
	ctd images rm localhost/app:latest "localhost/app@sha256:$digest"
}

@test "a name that was given to another image since" {
	ctd images tag localhost/app:v1 localhost/moving:v1
	start moving c
	ask "$at"
	is_image app
	ctd images tag --force localhost/twin:v1 localhost/moving:v1
	ask "$at"
	unknown "localhost/moving:v1 was given anew"
	ctd images tag --force localhost/deep:v1 localhost/moving:v1
	ask "$at"
	unknown "localhost/moving:v1 was given anew"
	# Nothing says that it was this one all the time.
	ctd images tag --force localhost/app:v1 localhost/moving:v1
	ask "$at"
	unknown "localhost/moving:v1 was given anew"
	start moving d
	ask "$at"
	is_image app
	ctd images rm localhost/moving:v1
	ask "$at"
	unknown "no image is called localhost/moving:v1 any more"
}

@test "pods: what CRI made is known by its config, wherever names lead" {
	local pod app

	pod=$(ctd_sandbox one)
	ask -i "$pod" -b "$TASKS/k8s.io/$pod" "$TASKS/k8s.io/$pod/rootfs"
	is_image pause
	for name in app twin multi; do
		app=$(ctd_pod_container "$pod" "$name" "localhost/$name:v1")
		at=$TASKS/k8s.io/$app/rootfs
		ask -i "$app" -b "${at%/rootfs}" "$at"
		is_image "$name"
		says '.names | join(" ")' "localhost/$name:v1"
		says .reference "localhost/$name:v1"
	done
	app=$(ctd_pod_container "$pod" again localhost/app:v1)
	at=$TASKS/k8s.io/$app/rootfs
	ctd -n k8s.io images tag --force localhost/twin:v1 localhost/app:v1
	ask "$at"
	is_image app
	says '.names | length' 0
	says .reference localhost/app:v1
	ctd -n k8s.io images rm localhost/app:v1
	ask "$at"
	is_image app
	for id in $(ctd -n k8s.io images ls -q |
		grep "$(jq -r .config <<<"$output")"); do
		ctd -n k8s.io images rm "$id"
	done
	ask "$at"
	unknown "no image in containerd has the config"
	ctd_import app localhost/app:v1 -n k8s.io
	ctd_cri StopPodSandbox <<<"{\"1\": \"$pod\"}"
	ctd_cri RemovePodSandbox <<<"{\"1\": \"$pod\"}"
}

@test "containers of the same id in two namespaces" {
	start app c
	NS=elsewhere start app c
	ask -i c -b "$TASKS/elsewhere/c" "$at"
	is_image twin
	ask -i c -b "$TASKS/default/c" "$TASKS/default/c/rootfs"
	is_image app
	ask -i c -b "$TASKS/default/c" "$at"
	unknown "belongs to container c of namespace elsewhere"
}

@test "the root file system of another container" {
	start app c
	ask -i d "$at"
	unknown "belongs to container c, not to the one being started"
	ask -b "$TASKS/default/d" "$at"
	unknown "not to the one of this bundle"
}

@test "a root file system that is a directory" {
	ctd run -d --rootfs "$CTD_DIR/oci/root" d /bin/sleep 1000 3>&-
	ask -i d -b "$TASKS/default/d" "$CTD_DIR/oci/root"
	unknown "in no image store"
}

@test "other snapshotters" {
	start app c --snapshotter native
	ask "$at"
	unknown overlay
	jq -e '.why_not | test("not overlay$|a part of an overlay")' <<<"$output"
}

@test "a container that is stopped, here or there" {
	start app c
	run "$IDENTIFY" "$at"
	unknown "is not mounted"
	ctd tasks kill -s KILL c
	for _ in {1..50}; do
		ctd tasks rm c && break
		sleep 0.1
	done
	ask "$at"
	unknown "is not mounted"
	# The same container again, with what it wrote.
	ctd tasks start -d c 3>&-
	ask "$at"
	is_image app
}

@test "a view, a bind and something mounted over it" {
	start deep c
	ctd_in mount -t tmpfs tmpfs "$at"
	ask "$at"
	unknown "mounted over each other"
	ctd_in umount "$at"
	ask "$at"
	is_image deep
	ctd_in umount "$at"
	ctd snapshots view seen "$(ctd snapshots info c | jq -r .Parent)"
	ctd_in sh -c "$(ctd snapshots mounts "$at" seen)"
	ask "$at"
	unknown "no upper directory"
	ctd_in umount "$at"
	ctd_in mount --bind "$CTD_DIR/oci/root" "$at"
	ask "$at"
	unknown "not overlay"
	ctd_in umount "$at"
	ctd snapshots rm seen
}

# What root would have to do; shows that each part of the mount is looked at.
@test "an overlay of other directories in the place of the container's" {
	local own under top base

	start deep c
	own=$(ctd snapshots mounts /x c | grep -o 'upperdir=[^,]*')
	under=$(ctd snapshots mounts /x c | grep -o 'lowerdir=[^, ]*')
	own=${own#upperdir=}
	top=${under%%:*}
	base=${under#*:}
	ctd_in umount "$at"
	overlay()
	{
		ctd_in mount -t overlay overlay -o "$1,upperdir=$2" -o \
			"workdir=$(dirname "$2")/work" "$at"
		ask "$at"
		ctd_in umount "$at"
	}
	overlay "$under" "$own"
	is_image deep
	mkdir -p "$CTD_DIR/evil/fs" "$CTD_DIR/evil/work"
	overlay "lowerdir=$CTD_DIR/oci/root" "$own"
	unknown "what is mounted is not what containerd's records say"
	overlay "$top" "$own"
	unknown "what is mounted is not what containerd's records say"
	overlay "$top:$CTD_DIR/oci/root" "$own"
	unknown "what is mounted is not what containerd's records say"
	overlay "lowerdir=$base:${top#lowerdir=}" "$own"
	unknown "what is mounted is not what containerd's records say"
	overlay "$under" "$CTD_DIR/evil/fs"
	unknown "of no overlayfs snapshotter of containerd"
	# The snapshot of another container of the same image.
	ctd snapshots prepare hand "$(ctd snapshots info c | jq -r .Parent)"
	own=$(ctd snapshots mounts /x hand | grep -o 'upperdir=[^,]*')
	overlay "$under" "${own#upperdir=}"
	unknown "is not of the container's snapshot default/"
	ctd snapshots rm hand
}

@test "a byte of a blob changed" {
	start multi c
	for one in "$(cat "$CTD_DIR/multi-index")" \
		"$(cat "$CTD_DIR/multi-manifest")" \
		"$(jq -r '.config.digest[7:]' \
			"$layout/blobs/sha256/$(cat "$CTD_DIR/multi-manifest")")"; do
		ask "$at"
		is_image multi
		swap "$blobs/$one" sha256 SHA256
		ask "$at"
		unknown "tampered with: the bytes stored as sha256:$one"
		restore
	done
}

@test "a blob that is gone" {
	start app c
	mv "$blobs/$(manifest_of app)" "$CTD_DIR/kept"
	ask "$at"
	unknown "the content store does not have sha256:$(manifest_of app)"
	mv "$CTD_DIR/kept" "$blobs/$(manifest_of app)"
	ask "$at"
	is_image app
}

@test "records that were changed" {
	start deep c
	start twin d
	swap "$meta" "$(manifest_of deep)" "$(manifest_of twin)"
	ask "$TASKS/default/c/rootfs"
	unknown "the container does not have the layers of"
	restore
	swap "$meta" localhost/deep:v1 localhost/deep:v9
	ask "$TASKS/default/c/rootfs"
	is_image deep # the name of both, the container and the image
	restore
	swap "$meta" "overlayfs" "overlaygs"
	ask "$TASKS/default/c/rootfs"
	unknown "snapshotter"
	restore
	# Another parent: the same layer as another image's.
	parent=$(ctd snapshots info c | jq -r .Parent)
	other=$(ctd snapshots info d | jq -r .Parent)
	swap "$metadata" "$parent" "$other"
	ask "$TASKS/default/c/rootfs"
	unknown "the container does not have the layers of"
	restore
	swap "$metadata" default/ elsewhe/
	ask "$TASKS/default/c/rootfs"
	unknown "is not there"
	restore
	ask "$TASKS/default/c/rootfs"
	is_image deep
}

@test "databases that are damaged or cut short" {
	start app c
	for file in "$meta" "$metadata"; do
		for size in 0 79 100 4096 12288; do
			head -c "$size" "$file" >"$CTD_DIR/part"
			ctd_in mount --bind "$CTD_DIR/part" "$file"
			printf %s "$file" >"$CTD_DIR/swapped"
			ask "$at"
			if [ "$size" -lt 80 ]; then
				unknown "${file##*/}: is no database"
			else
				unknown "${file##*/}: cannot read page"
			fi
			restore
		done
	done
	ask "$at"
	is_image app
}

@test "records that anybody may write" {
	start app c
	for file in "$meta" "$metadata" "${meta%/*}" "${metadata%/*}" \
		"$blobs/$(manifest_of app)" "$blobs" "$R" \
		"$R/io.containerd.content.v1.content"; do
		mode=$(stat -c %a "$file")
		chmod o+w "$file"
		ask "$at"
		unknown "can be changed by others"
		chmod "$mode" "$file"
		ask "$at"
		is_image app
	done
}

@test "asked over and over while containerd writes" {
	start app c
	for ((i = 0; i < 1000; i++)); do
		ctd images label localhost/twin:v1 "n=$i" >/dev/null || break
		[ ! -e "$CTD_DIR/enough" ] || break
	done 3>&- &
	for ((i = 0; i < 100; i++)); do
		ctd_in "$IDENTIFY" "$at"
	done | jq -r .sure | sort | uniq -c | tee "$CTD_DIR/answers"
	: >"$CTD_DIR/enough"
	wait
	[ "$(awk '{ print $1, $2 }' "$CTD_DIR/answers")" = "100 verified" ]
}

# /etc and /var/log of this test alone; the policy is on stdin.
gate()
{
	# shellcheck disable=SC2016
	ctd_in bash -e -c '
		if ! mountpoint -q /etc; then
			mkdir -p "$0/etc"
			mount -t tmpfs -o mode=0755 garita-test "$0/etc"
			cp -a /etc/. "$0/etc/" 2>/dev/null || true
			mount --bind "$0/etc" /etc
			mount -t tmpfs -o mode=0755 garita-test /var/log
			mkdir -p /etc/garita
			mkdir -m 0700 /var/log/garita
		fi
		cat >/etc/garita/policy.json' "$CTD_DIR"
}

@test "garita-runtime admits the image that is allowed, and no other" {
	gate <<-JSON
	{"version": 1, "profile": "off", "runtime": "/usr/sbin/runc",
		"rules": {"image-allowlist": "deny"},
		"images": {"allow": ["sha256:$(manifest_of app)"]}}
	JSON
	start app good --runc-binary "$BUILD/garita-runtime"
	ask "$at"
	is_image app
	run -1 ctd run -d --runc-binary "$BUILD/garita-runtime" \
		localhost/twin:v1 bad 3>&-
	echo "$output"
	[[ $output == *"sha256:$(manifest_of twin)"* ]]
	ctd tasks ls -q | grep -qx good
	[ "$(ctd tasks ls -q)" = good ]
	run ctd_in jq -r '[.id, .verdict, .image.manifest] | join(" ")' \
		/var/log/garita/decisions.jsonl
	echo "$output"
	[ "${lines[0]}" = "good admit sha256:$(manifest_of app)" ]
	[ "${lines[1]}" = "bad deny sha256:$(manifest_of twin)" ]
}

# signed_run CODE REF: is it admitted by the gate, and if not, why?
signed_run()
{
	run "-$1" ctd run --rm --runc-binary "$BUILD/garita-runtime" \
		"$2" signed true 3>&-
	echo "$output"
	[ "$1" = 0 ] || [[ $output == *"signs the index, not the manifest"* ]]
}

@test "a signed index is one by whichever name the container is made" {
	local index accept at=/var/lib/garita/material/sha256

	index=$(cat "$CTD_DIR/multi-index")
	openssl ecparam -name prime256v1 -genkey -noout -out "$CTD_DIR/key"
	cosign_material "sha256:$index" "$CTD_DIR/key" localhost/multi \
		"$CTD_DIR/signed"
	ctd images tag localhost/multi:v1 "localhost/multi@sha256:$index"
	for accept in false true; do
		gate <<-JSON
		{"version": 1, "profile": "off", "runtime": "/usr/sbin/runc",
			"rules": {"image-signature": "deny"},
			"images": {"accept-signed-index": $accept,
				"signatures": [{"keys": ["key.pub"]}]}}
		JSON
		# shellcheck disable=SC2016
		ctd_in sh -e -c 'openssl ec -in "$0/key" -pubout \
				-out /etc/garita/key.pub 2>/dev/null
			mkdir -p -m 0700 /var/lib/garita && mkdir -p "$1"
			cp -r "$0/signed" "$1/$2"' "$CTD_DIR" "$at" "$index"
		for ref in :v1 "@sha256:$index"; do
			signed_run "$([ $accept = true ]; echo $?)" \
				"localhost/multi$ref"
		done
	done
	ctd images rm "localhost/multi@sha256:$index"
	ctd_in rm -rf /var/lib/garita
}

@test "garita image: the way to the image, and no files to compare" {
	start multi c
	run -0 ctd_in "$BUILD/garita" image inspect c
	echo "$output"
	[[ $output == *"sha256:$(cat "$CTD_DIR/multi-index")"* ]]
	[[ $output == *"sha256:$(cat "$CTD_DIR/multi-manifest")"* ]]
	[[ $output == *default/*/c* ]]
	run -0 ctd_in "$BUILD/garita" image inspect "${at%/rootfs}"
	run -2 ctd_in "$BUILD/garita" image verify-layers c
	echo "$output"
	ctd images tag --force localhost/app:v1 localhost/multi:v1
	run -1 ctd_in "$BUILD/garita" image inspect c
	echo "$output"
	[[ $output == *"was given anew"* ]]
	ctd_import multi localhost/multi:v1
}

@test "garita image show: an image by its names, which no container has to run" {
	local config digest word

	ctd_in ln -s "$R" /var/lib/containerd
	ctd images tag localhost/deep:v1 docker.io/library/deep:latest
	config=$(jq -r .config.digest "$blobs/$(manifest_of pause)")
	# The CRI service has called it by that, too.
	ctd_wait ctd_in sh -c "ctr -n k8s.io images ls -q | grep -qxF $config"
	for word in localhost/twin:v1 localhost/multi:v1 localhost/tall:v1 \
		deep docker.io/library/deep "${config:7:13}"; do
		run ctd_in "$BUILD/garita" image show --format json "$word"
		echo "$output"
		[ "$status" -le 1 ] # there is no signature
		output=$(jq .image <<<"$output")
		case $word in
		*/twin*) digest=$(manifest_of twin) ;;
		*/tall*) digest=$(manifest_of tall) ;;
		*deep*) digest=$(manifest_of deep) ;;
		*multi*)
			digest=$(cat "$CTD_DIR/multi-manifest")
			says .index "sha256:$(cat "$CTD_DIR/multi-index")"
			;;
		*) digest=$(manifest_of pause) ;;
		esac
		says .manifest "sha256:$digest"
		says .store containerd
	done
	run ctd_in "$BUILD/garita" image show deep
	[[ $output == *localhost/deep:v1* ]]
	# The namespaces mean different images by it.
	run -2 ctd_in "$BUILD/garita" image show localhost/app:v1
	echo "$output"
	[[ $output == *"several images called localhost/app:v1"* ]]
	run -2 ctd_in "$BUILD/garita" image show localhost/nobody:v1
	[[ $output == *"no container and no image localhost/nobody:v1"* ]]
	# What is there but not whole, or not what it is called, is no image.
	digest=$(manifest_of twin)
	swap "$blobs/$digest" schemaVersion schemaversion
	run -2 ctd_in "$BUILD/garita" image show localhost/twin:v1
	echo "$output"
	[[ $output == *"tampered with"* ]]
	restore
	ctd images rm docker.io/library/deep:latest
	ctd_in rm /var/lib/containerd
}
