#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The policy is another for some images, and the engine's store, which knows the
# image, cannot be read: nothing is judged by settings that may not be its own.
# What is of no image, and a policy that does not ask, go on as before.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2154

load common
load podman

setup_file()
{
	podman_up
	podman_image app --config.user 1000:1000
	garita_up
	rootfs
	IMAGES=$PODMAN_DIR/storage/overlay-images
	BLOBS=$IMAGES/$(pod image inspect --format '{{.Id}}' localhost/app:v1)
	export CRUN=/usr/bin/crun IMAGES BLOBS
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
	scoped "\"readonly-rootfs\": \"deny\""
}

teardown()
{
	find_again
	pod rm --all --force --time 0 >/dev/null
}

# scoped RULES [MORE]: what the policy demands of this image
scoped()
{
	policy <<-JSON
	{"version": 1, "runtime": "$CRUN", "profile": "baseline" ${2:-},
	 "rules": {"unknown-image": "off"},
	 "scopes": [{"name": "db", "match": {"image": "localhost/app*"},
	             "rules": {$1}}]}
	JSON
}

run_app()
{
	run pod --runtime "$RUNTIME" run "$@" localhost/app:v1 true 3>&-
	echo "$output"
}

# Two ways to lose a store: others can write to its records; the manifest and
# the config of the image are gone. podman starts what it has created.
lose()
{
	case $1 in
	records) chmod 0666 "$IMAGES/images.json" ;;
	blobs) mkdir aside && mv "$BLOBS/="* aside/ ;;
	esac
}

find_again()
{
	chmod 0600 "$IMAGES/images.json"
	[ ! -d aside ] || mv aside/* "$BLOBS/"
	rm -rf aside
}

@test "a scope by image: a store that cannot be read starts nothing" {
	run_app --read-only
	[ "$status" = 0 ]
	run_app
	[ "$status" = 126 ]
	[[ $output == *readonly-rootfs* ]]
	for way in records blobs; do
		ID=$(pod --runtime "$RUNTIME" create --read-only localhost/app:v1 true)
		lose "$way"
		run pod --runtime "$RUNTIME" start --attach "$ID" 3>&-
		echo "$output"
		[ "$status" != 0 ]
		[[ $output == *'scope "db" is for some images, and which this is cannot be told: the store of containers-storage: '* ]]
		[[ $output == *"could not judge it"* ]]
		[[ $output != *readonly-rootfs* ]]
		find_again
		run -0 pod --runtime "$RUNTIME" start --attach "$ID" 3>&-
	done
}

@test "and nothing is done in a container by it" {
	ID=$(pod --runtime "$RUNTIME" run -d --read-only localhost/app:v1 \
		sleep 1000 3>&-)
	run -0 pod --runtime "$RUNTIME" exec "$ID" true
	lose records
	run pod --runtime "$RUNTIME" exec "$ID" true
	[ "$status" != 0 ]
	[[ $output == *'scope "db"'* ]]
	find_again
	run -0 pod --runtime "$RUNTIME" exec "$ID" true
}

@test "nor where the scope asks for less than the policy" {
	scoped "\"run-as-non-root\": \"off\"" ', "mode": "enforce"'
	lose records
	run_app --user 1000
	[ "$status" = 126 ]
	[[ $output == *'scope "db"'* ]]
}

@test "dry-run starts it, and the record says why it could not be judged" {
	scoped "\"readonly-rootfs\": \"deny\"" ', "mode": "dry-run"'
	lose records
	run_app
	[ "$status" = 0 ]
	decisions | jq -e -s '.[0].error | contains("scope \"db\"") and
		contains("images.json can be changed by others than root")'
}

@test "what is of no image is judged by the rest of the policy" {
	bundle "$GARITA_DIR/none" '.root.readonly = false'
	run inside "$GARITA" check "$GARITA_DIR/none"
	echo "$output"
	[ "$status" = 0 ]
}

@test "a policy that asks for no image starts what it did" {
	policy <<<"{\"version\": 1, \"runtime\": \"$CRUN\", \"profile\": \"baseline\",
		\"scopes\": [{\"name\": \"root\", \"match\": {\"uid\": 0},
		              \"profile\": \"strict\"}]}"
	lose records
	run_app
	[ "$status" = 0 ]
}

@test "an exception by image lets nothing through, and says what it would" {
	policy <<-JSON
	{"version": 1, "runtime": "$CRUN", "profile": "baseline",
	 "rules": {"readonly-rootfs": "deny"},
	 "exceptions": [{"rules": ["readonly-rootfs"], "reason": "writes",
	                 "match": {"image": "localhost/app*"}, "owner": "o",
	                 "expires": "$(date -d "+100 days" +%F)"}]}
	JSON
	run_app
	[ "$status" = 0 ]
	lose records
	run_app
	[ "$status" = 126 ]
	[[ $output == *readonly-rootfs* ]]
	decisions | tail -n 1 | grep -F "would be for some images (writes, o)"
	run_app --read-only
	[ "$status" = 0 ]
}

@test "a step of a build is of no image: the rest of the policy holds" {
	policy <<-JSON
	{"version": 1, "runtime": "$CRUN", "profile": "off", "scopes": [
	 {"name": "db", "match": {"image": "localhost/**"}, "profile": "strict"}]}
	JSON
	mkdir -p steps
	printf 'FROM localhost/app:v1\nUSER 1000\nRUN id -u\n' >steps/Containerfile
	run pod --runtime "$RUNTIME" build --isolation oci --network none \
		--no-cache --quiet "$PWD/steps" 3>&-
	echo "$output"
	[ "$status" = 0 ]
	decisions | tail -n 1 | jq -e '.scope == null and
		(.image.whyNot | contains("in no image store"))'
}
