#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Which image is this? Asked of the data root of a real dockerd, before and
# after something in it was changed, and compared with what docker says.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

load docker
load memory

IDENTIFY=$(readlink -f "${GARITA_BUILD:-.}")/tests/programs/identify
RUNTIME=$(readlink -f "${GARITA_BUILD:-.}")/garita-runtime

# "app" and "twin" share their only layer; "deep" has one more; "pulled" came
# from a registry.
setup_file()
{
	TMPDIR=$(memory_dir) docker_up
	# Asks before each start, then lets runc go on.
	cat >"$DOCKER_DIR/asking" <<-END
	#!/bin/bash
	args=("\$@")
	while [ \$# -gt 1 ]; do
		[ "\$1" != --bundle ] || bundle=\$2
		shift
	done
	[ -z "\$bundle" ] || $IDENTIFY -i "\$1" -b "\$bundle" \
		"\$(jq -r .root.path "\$bundle/config.json")" \
		>>$DOCKER_DIR/answers
	exec $(command -v runc) "\${args[@]}"
	END
	chmod 755 "$DOCKER_DIR/asking"
	docker_daemon main ".runtimes = {
		asking: {path: \"$DOCKER_DIR/asking\"},
		garita: {path: \"$RUNTIME\"}}"
	docker_image app twin
	add_deep
	mkdir -p "$DOCKER_DIR/steps"
	printf 'FROM app:v1\nRUN touch /one\nRUN touch /two\n' \
		>"$DOCKER_DIR/steps/Dockerfile"
	docker_registry
	docker_layout pulled
	docker_push pulled pulled:v1
	dock pull --quiet 127.0.0.1:5000/pulled:v1
}

teardown_file()
{
	docker_down
	[ "$(grep -cF garita-docker /proc/self/mountinfo)" -eq 0 ]
}

teardown()
{
	if [ -e "$DOCKER_DIR/saved-from" ]; then
		rm -rf "$(cat "$DOCKER_DIR/saved-from")"
		mv -T "$DOCKER_DIR/saved" "$(cat "$DOCKER_DIR/saved-from")"
		rm "$DOCKER_DIR/saved-from"
	fi
	rm -f "$DOCKER_DIR/answers"
	mapfile -t all < <(dock ps --all --quiet)
	[ "${#all[@]}" -eq 0 ] || dock rm --force "${all[@]}" >/dev/null
}

add_deep()
{
	mkdir -p "$DOCKER_DIR/deep"
	cp "$BATS_TEST_FILENAME" "$DOCKER_DIR/deep/extra"
	printf 'FROM app:v1\nCOPY extra /etc/extra\nLABEL deep=1\n' \
		>"$DOCKER_DIR/deep/Dockerfile"
	build deep:v1 "$DOCKER_DIR/deep"
}

# The builder that runs its steps as containers.
build()
{
	docker_env env DOCKER_BUILDKIT=0 docker build --quiet --network none \
		--tag "$1" "$2"
}

# Starts a container that sleeps; $id, $at and $mount are its id, its root
# path and the name of its mount.
start()
{
	id=$(dock run --detach --net none "$@" sleep 1000)
	places
}

places()
{
	mount=$(cat "$DATA/image/overlay2/layerdb/mounts/$id/mount-id")
	at=$DATA/overlay2/$mount/merged
}

ask()
{
	run docker_in "$IDENTIFY" "$@"
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
	says '.names + .repo_digests | length' 0
	jq -e --arg words "$1" '.why_not | contains($words)' <<<"$output"
}

# Docker leaves out what every other engine writes.
full()
{
	sed -n 's/[[:space:]]//g; s|^[^/]*$|docker.io/library/&|; /[^/]$/p'
}

# What docker itself says the container was made from.
agrees()
{
	says .sure config
	says .store docker
	says .manifest ""
	says .index ""
	says .config "$(dock inspect --format '{{.Image}}' "$id")"
	says .reference "$(dock inspect --format '{{.Config.Image}}' "$id")"
	says .container "$id"
	for list in Tags Digests; do
		dock image inspect --format "{{range .Repo$list}}{{.}}
		{{end}}" "$(jq -r .config <<<"$output")" |
			full | LC_ALL=C sort >"$DOCKER_DIR/docker-$list"
	done
	jq -r '.names[]' <<<"$output" | cmp - "$DOCKER_DIR/docker-Tags"
	jq -r '.repo_digests[]' <<<"$output" | cmp - "$DOCKER_DIR/docker-Digests"
	jq -e '.why_not | contains("keeps no manifest")' <<<"$output"
}

# Keeps a file of the store as it was, for teardown to put back.
save()
{
	cp -a "$1" "$DOCKER_DIR/saved"
	printf %s "$1" >"$DOCKER_DIR/saved-from"
}

# The layerdb directory of the top layer.
top()
{
	local chain

	chain=$(cat "$DATA/image/overlay2/layerdb/mounts/$id/parent")
	printf '%s/image/overlay2/layerdb/sha256/%s' "$DATA" "${chain#sha256:}"
}

content()
{
	local image

	image=$(dock inspect --format '{{.Image}}' "$id")
	printf '%s/image/overlay2/imagedb/content/sha256/%s' "$DATA" \
		"${image#sha256:}"
}

@test "garita and docker agree about every image" {
	for name in app:v1 twin:v1 deep:v1 127.0.0.1:5000/pulled:v1; do
		start "$name"
		ask -i "$id" "$at"
		agrees
		says '.names | join(",")' "$(full <<<"$name")"
		# Who it is can also be found from the mount alone.
		ask "$at"
		agrees
	done
}

@test "images that share every layer are told apart" {
	start app:v1
	ask -i "$id" "$at"
	first=$(jq -r .config <<<"$output")
	start twin:v1
	ask -i "$id" "$at"
	agrees
	[ "$(jq -r .config <<<"$output")" != "$first" ]
}

@test "what was pulled has the digest that it was pulled by" {
	start 127.0.0.1:5000/pulled:v1
	ask -i "$id" "$at"
	agrees
	says '.repo_digests[0]' "127.0.0.1:5000/pulled@$(docker_env skopeo \
		inspect --tls-verify=false --format '{{.Digest}}' \
		docker://127.0.0.1:5000/pulled:v1)"
	id=$(dock run --detach --net none \
		"$(jq -r '.repo_digests[0]' <<<"$output")" sleep 1000)
	places
	ask -i "$id" "$at"
	agrees
}

@test "created, started, stopped and started again; asked by the runtime" {
	id=$(dock create --net none --runtime asking deep:v1 sleep 1000)
	[ ! -e "$DOCKER_DIR/answers" ]
	dock start "$id"
	dock stop --time 0 "$id"
	dock start "$id"
	dock restart --time 0 "$id"
	dock run --rm --net none --runtime asking deep:v1 true
	run jq -s . "$DOCKER_DIR/answers"
	echo "$output"
	says length 4
	says '[.[] | select(.sure == "config")] | length' 4
	says '[.[].config] | unique | join(" ")' \
		"$(dock inspect --format '{{.Image}}' "$id")"
	says '[.[].container] | unique | length' 2
}

@test "a tag that moves on changes names, not the identity" {
	start app:v1
	ask -i "$id" "$at"
	before=$(jq -r .config <<<"$output")
	dock tag app:v1 kept:v1
	dock tag twin:v1 app:v1
	ask -i "$id" "$at"
	agrees
	says .config "$before"
	says .reference app:v1
	says '.names | join(",")' docker.io/library/kept:v1
	dock tag kept:v1 app:v1
	dock rmi kept:v1
}

@test "a container whose image was removed" {
	docker_image gone
	id=$(dock create --net none --runtime asking gone:v1 true)
	dock rmi --force gone:v1
	[ ! -e "$(content)" ]
	dock start --attach "$id"
	run cat "$DOCKER_DIR/answers"
	echo "$output"
	unknown "was removed from the store"
}

@test "images that were imported and committed" {
	docker_in tar -C "$DOCKER_DIR/oci/root" -cf "$DOCKER_DIR/tmp/r.tar" .
	dock import "$DOCKER_DIR/tmp/r.tar" imported:v1
	start imported:v1
	ask -i "$id" "$at"
	agrees
	dock run --name changed --net none app:v1 touch /changed
	dock commit changed committed:v1
	start committed:v1
	ask -i "$id" "$at"
	agrees
	says '.names | join(",")' docker.io/library/committed:v1
}

@test "an image without a name" {
	dock run --name unnamed --net none app:v1 touch /unnamed
	start "$(dock commit unnamed)"
	ask -i "$id" "$at"
	agrees
	says '.names | length' 0
}

@test "an image without layers of its own" {
	mkdir -p "$DOCKER_DIR/scratch"
	printf 'FROM scratch\nCMD ["/none"]\n' >"$DOCKER_DIR/scratch/Dockerfile"
	build scratch:v1 "$DOCKER_DIR/scratch"
	id=$(dock create --net none --runtime asking scratch:v1)
	run dock start "$id"
	run jq . "$DOCKER_DIR/answers"
	echo "$output"
	says .sure config
	says .config "$(dock inspect --format '{{.Image}}' "$id")"
}

# Mounted with names that count from D/overlay2: those of this many layers do
# not fit into a page otherwise.
@test "more than 100 layers" {
	local layout=$DOCKER_DIR/oci/layout

	/usr/bin/python3 "$BATS_TEST_DIRNAME/tall.py" "$layout" base many 101
	docker_copy "oci:$layout:many" \
		"docker-archive:$DOCKER_DIR/oci/many.tar:many:v1"
	dock load --quiet --input "$DOCKER_DIR/oci/many.tar"
	start many:v1
	docker_in grep -F "upperdir=$mount/diff" /proc/self/mountinfo
	ask -i "$id" "$at"
	agrees
	save "$DATA/overlay2/$mount/lower"
	sed -i 's/^\([^:]*:[^:]*\):[^:]*/\1/' "$DATA/overlay2/$mount/lower"
	ask -i "$id" "$at"
	unknown "tampered with"
}

@test "the steps of a build, which are containers" {
	docker_daemon build ".runtimes = {asking: {path:
		\"$DOCKER_DIR/asking\"}} | .\"default-runtime\" = \"asking\""
	docker_image app
	build steps:v1 "$DOCKER_DIR/steps"
	first=$(dock image inspect --format '{{.Id}}' app:v1)
	second=$(dock image inspect --format '{{.Parent}}' steps:v1)
	docker_talk main
	run jq -s . "$DOCKER_DIR/answers"
	echo "$output"
	says '[.[].sure] | join(" ")' "config config"
	says '[.[].config] | join(" ")' "$first $second"
}

# BuildKit does not ask the daemon's runtimes: it takes the runc of the PATH.
@test "the steps of a build by BuildKit, which are of no image" {
	mkdir -p "$DOCKER_DIR/bin"
	ln -s ../asking "$DOCKER_DIR/bin/runc"
	DOCKER_PATH=$DOCKER_DIR/bin docker_daemon buildkit
	docker_image app
	docker_env env DOCKER_BUILDKIT=1 docker build --quiet --network none \
		--tag steps:v1 "$DOCKER_DIR/steps"
	docker_talk main
	run jq -s . "$DOCKER_DIR/answers"
	echo "$output"
	says length 2
	says '[.[] | select(.sure == "unknown" and .config == "")] | length' 2
}

@test "a data root under userns-remap" {
	docker_in sh -c 'echo dockremap:x:998:998::/:/bin/false >>/etc/passwd
		echo dockremap:x:998: >>/etc/group
		echo dockremap:100000:65536 | tee /etc/subuid >/etc/subgid'
	docker_daemon remap '."userns-remap" = "default"'
	[ "$DATA" = "$DOCKER_DIR/remap/100000.100000" ]
	docker_image app
	start app:v1
	[ "$(stat -c %u "$DATA/overlay2/$mount/diff")" -eq 100000 ]
	ask -i "$id" "$at"
	agrees
	# Of the mapped root's is only what containers see.
	chown 100000 "$DATA/overlay2/$mount"
	ask -i "$id" "$at"
	unknown "can be changed by others"
	dock rm --force "$id"
	docker_talk main
}

@test "the root file system of another container" {
	start app:v1
	first=$id
	there=$at
	start app:v1
	ask -i "$id" "$there"
	unknown "does not belong to the container being started"
	ask -b "/run/main/x/moby/$id" "$there"
	unknown "does not belong to the container being started"
	ask -i "$id" -b "/run/main/x/moby/$first" "$at"
	unknown "the bundle is of container $first"
	ask -i mine "$at"
	unknown "does not belong to the container being started"
	ask -i "$id" -b "/run/main/x/moby/$id" "$at"
	agrees
}

@test "a container that is not mounted, here or anywhere" {
	start app:v1
	run "$IDENTIFY" -i "$id" "$at"
	unknown "is not mounted"
	dock stop --time 0 "$id"
	ask -i "$id" "$at"
	unknown "is not mounted"
}

@test "something mounted over the root file system" {
	start app:v1
	docker_in mount -t tmpfs tmpfs "$at"
	ask -i "$id" "$at"
	unknown ""
	docker_in umount "$at"
	docker_in mount -t tmpfs tmpfs "${at%/*}"
	docker_in mkdir "$at"
	ask -i "$id" "$at"
	unknown ""
	docker_in umount "${at%/*}"
	ask -i "$id" "$at"
	agrees
}

@test "another overlay in the place of the container's" {
	start app:v1
	dock stop --time 0 "$id"
	mkdir -p "$at" "$DOCKER_DIR/tmp/"{lower,upper,work}
	docker_in mount -t overlay overlay -o \
		"lowerdir=$DOCKER_DIR/tmp/lower,upperdir=$DOCKER_DIR/tmp/upper,workdir=$DOCKER_DIR/tmp/work" \
		"$at"
	ask -i "$id" "$at"
	unknown "tampered with: the overlay at the root file system"
	docker_in umount "$at"
}

@test "a data root that a container made up in its volume" {
	start app:v1
	mkdir "$DOCKER_DIR/volume"
	cp -a "$DATA/image" "$DATA/containers" "$DOCKER_DIR/volume"
	mkdir -p "$DOCKER_DIR/volume/overlay2/l" \
		"$DOCKER_DIR/volume/overlay2/$mount/"{merged,diff}
	cp -a "$DATA/overlay2/l" "$DOCKER_DIR/volume/overlay2"
	ask -i "$id" "$DOCKER_DIR/volume/overlay2/$mount/merged"
	unknown "is not mounted"
}

# changed FILE SED-SCRIPT WORDS: one file of the store, and what is said then
changed()
{
	save "$1"
	sed -i "$2" "$1"
	! cmp -s "$1" "$DOCKER_DIR/saved"
	ask -i "$id" "$at"
	unknown "$3"
	mv -fT "$DOCKER_DIR/saved" "$1"
	rm "$DOCKER_DIR/saved-from"
	ask -i "$id" "$at"
	says .sure config
}

@test "one file of the store changed" {
	start deep:v1
	mounts=$DATA/image/overlay2/layerdb/mounts/$id
	below=$(cat "$(top)/parent")
	below=${below#sha256:}
	changed "$(content)" 's/"deep":"1"/"deep":"2"/' \
		"tampered with: the bytes stored as sha256:"
	changed "$mounts/mount-id" 's/./0/g' "does not belong to the container"
	changed "$mounts/init-id" 's/-init$//' "the container's own base layer"
	changed "$mounts/parent" "s/.*/sha256:$below/" "tampered with: "
	changed "$(top)/diff" 's/.$/x/' "not what docker writes"
	changed "$(top)/diff" "s/.*/sha256:$below/" "is not made of what"
	changed "$(top)/parent" "s/.*/$(cat "$mounts/parent")/" \
		"is not made of what"
	changed "$(top)/cache-id" "s/.*/$mount/" "in the place of sha256:"
	changed "$DATA/containers/$id/config.v2.json" \
		"s/\"ID\":\"$id\"/\"ID\":\"${below}\"/" "is that of another"
	changed "$DATA/overlay2/$mount/lower" 's/:.*//' \
		"does not mount sha256:"
	changed "$DATA/overlay2/$mount/lower" 's/^[^:]*://' \
		"in the place of its own base layer"
	changed "$DATA/image/overlay2/repositories.json" 's/}$//' \
		"repositories.json: is cut short"
}

@test "the record of the container names another image" {
	start deep:v1
	record=$DATA/containers/$id/config.v2.json
	app=$(dock image inspect --format '{{.Id}}' app:v1)
	deep=$(dock image inspect --format '{{.Id}}' deep:v1)
	save "$record"
	sed -i "s/$deep/$app/" "$record"
	ask -i "$id" "$at"
	unknown "tampered with: a layer of the container is"
}

@test "a layer that leads elsewhere" {
	start deep:v1
	link=$(cut -d: -f2 "$DATA/overlay2/$mount/lower")
	save "$DATA/overlay2/$link"
	ln -sfn "../$mount/diff" "$DATA/overlay2/$link"
	ask -i "$id" "$at"
	unknown "tampered with: the container mounts ../$mount/diff"
	rm "$DATA/overlay2/$link"
	ask -i "$id" "$at"
	unknown "cannot be read"
}

@test "records that anybody may write" {
	start deep:v1
	for file in . overlay2 "overlay2/$mount/lower" overlay2/l image/overlay2 \
		image/overlay2/repositories.json containers \
		"containers/$id/config.v2.json" image/overlay2/layerdb \
		"image/overlay2/layerdb/mounts/$id/mount-id"; do
		mode=$(stat -c %a "$DATA/$file")
		chmod o+w "$DATA/$file"
		ask -i "$id" "$at"
		unknown ""
		chmod "$mode" "$DATA/$file"
		ask -i "$id" "$at"
		says .sure config
	done
}

@test "docker run through garita-runtime, by an allow list of configs" {
	app=$(dock image inspect --format '{{.Id}}' app:v1)
	docker_in sh -c 'cat >/etc/garita/policy.json' <<-END
	{"version": 1, "profile": "off", "fix": false,
	 "rules": {"image-allowlist": "deny"},
	 "images": {"allow": ["$app"]}}
	END
	run dock run --rm --net none --runtime garita app:v1 id -u
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = 0 ]
	run dock run --rm --net none --runtime garita twin:v1 id -u
	echo "$output"
	[ "$status" -eq 125 ]
	[[ $output == *image-allowlist*"$(dock image inspect --format '{{.Id}}' \
		twin:v1)"*"is not on the allow list"* ]]
	# A name proves nothing.
	dock tag twin:v1 app:v2
	run dock run --rm --net none --runtime garita app:v2 id -u
	[ "$status" -eq 125 ]
	dock rmi app:v2
}

@test "docker: a scope by image, while its names cannot be read" {
	local names

	names=$(dock info --format '{{.DockerRootDir}}')/image/overlay2/repositories.json
	docker_in sh -c 'cat >/etc/garita/policy.json' <<-'END'
	{"version": 1, "profile": "off", "rules": {"exec-root": "deny"},
	 "scopes": [{"name": "apps", "match": {"image": "app"},
	             "rules": {"exec-root": "off"}}]}
	END
	dock run --detach --name scoped --net none --runtime garita app:v1 \
		sleep 1000
	dock exec scoped id -u
	chmod 0666 "$names"
	for words in "run --rm --net none --runtime garita app:v1" "exec scoped"; do
		# shellcheck disable=SC2086
		run dock $words id -u
		echo "$output"
		[ "$status" -ne 0 ]
		[[ $output == *'scope "apps" is for some images'*"the store of docker: "*repositories.json* ]]
	done
	chmod 0600 "$names"
	dock exec scoped id -u
	dock rm --force scoped
}
