#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Signed images under podman: who is admitted, what the person reads who is
# not, and that a change of key, signature, list or record counts at the next
# start.

# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common
load signed
load cosign
load ../keyless

setup_file()
{
	podman_up
	podman_image app
	podman_image other --config.label other=1
	garita_up
	cd "$GARITA_DIR" || return 1
	# Programs of its own: one of them is taken away.
	mkdir bin keys
	cp "$GARITA_BUILD"/garita{,-runtime,-verify} bin/
	for name in ours theirs; do
		openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
		openssl ec -in "$name.key" -pubout -out "keys/$name.pub" 2>/dev/null
	done
	# And a GPG key, as podman's own policies have it.
	mkdir -m 0700 gnupg
	GNUPGHOME=$GARITA_DIR/gnupg gpg --batch --quiet --passphrase '' \
		--quick-gen-key ours@example.com rsa2048 sign never
	GNUPGHOME=$GARITA_DIR/gnupg gpg --batch --export >keys/ours.gpg
	openssl genpkey -algorithm ed25519 -out ed.key
	openssl pkey -in ed.key -pubout -out keys/ed.pub
}

teardown_file()
{
	GNUPGHOME=$GARITA_DIR/gnupg gpgconf --kill all || true
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	RUNTIME=$GARITA_DIR/bin/garita-runtime
	rm -rf material
	cp "$GARITA_BUILD/garita-verify" bin/
	inside sh -c 'rm -rf /var/lib/garita && mkdir -m 0700 /var/lib/garita
		rm -rf /etc/garita/keys && cp -r "$0/keys" /etc/garita/keys' \
		"$GARITA_DIR"
	forget
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

# images JSON [MORE]: a policy with these images
images()
{
	jq -n --arg runtime "$(command -v crun)" --argjson images "$1" \
		--argjson more "${2:-"{}"}" '{version: 1, runtime: $runtime,
			images: $images} + $more' | policy
}

# sign IMAGE KEY [JQ]: as cosign does, into the node's material
sign()
{
	local of

	of=$(digest "$1")
	mkdir -p "material/${of#*:}"
	cosign_sign "$of" "$2.key" "localhost/$1" "material/${of#*:}/$2." "${3:-.}"
	bring "$of"
}

records()
{
	inside find /var/lib/garita/verdicts -type f
}

ours='{"signatures": [{"match": "localhost/*", "keys": ["keys/ours.pub"]}]}'

@test "a signed image runs, an unsigned one does not, and the reason is told" {
	images "$ours"
	sign app ours
	podman 0 app
	decisions | tail -n 1 | jq -e '.image.trust.state == "accepted" and
		(.image.trust.words | test("signed by key sha256:[0-9a-f]{64}"))'
	refused other localhost/other:v1 "keys/ours.pub"
	decisions | tail -n 1 | jq -e '.verdict == "deny" and
		.image.trust.state == "refused"'
}

@test "signed by somebody else, of another image, or changed" {
	images "$ours"
	sign app theirs
	refused app "keys/ours.pub"
	sign app ours
	podman 0 app
	# The other image has app's signature.
	bring "$(digest other)" "$(digest app | cut -d : -f 2)"
	refused other "another image"
	of=$(digest app)
	sed -i 's/localhost/localhosT/' "material/${of#*:}"/*.payload.json
	bring "$of"
	refused app
	sign app ours '.critical.identity."docker-reference" = "localhost/x"'
	refused app "another name"
}

@test "a key that is removed, changed or loose counts at the next start" {
	images "$ours"
	sign app ours
	podman 0 app
	inside rm /etc/garita/keys/ours.pub
	refused app "keys/ours.pub"
	inside cp keys/theirs.pub /etc/garita/keys/ours.pub
	refused app
	inside cp keys/ours.pub /etc/garita/keys/ours.pub
	podman 0 app
	inside chmod go+w /etc/garita/keys/ours.pub
	refused app "can be changed by others"
	inside sh -c 'chmod go-w /etc/garita/keys/ours.pub &&
		echo x >>/etc/garita/keys/ours.pub'
	refused app
}

@test "what was accepted is remembered, by root only, and nothing else is" {
	images "$ours"
	sign app ours
	refused other
	run inside ls /var/lib/garita/verdicts
	[ "$status" != 0 ]
	podman 0 app
	[ "$(records | wc -l)" = 1 ]
	record=$(records)
	[ "$(inside stat -c '%U %a' "$record")" = "root 600" ]
	[ "$(inside stat -c '%U %a' /var/lib/garita/verdicts)" = "root 700" ]
	# Nobody is asked again: there is nobody to ask.
	rm bin/garita-verify
	podman 0 app
	podman 0 app
	[ "$(records | wc -l)" = 1 ]
	refused other garita-verify
	# Forged, torn, foreign, of times to come: each is as good as none.
	inside cp "$record" keep
	for damage in 'chown 1000 "$0"' 'chmod go+w "$0"' 'truncate -s -9 "$0"' \
		'sed -i 3s/.*/99999999999/ "$0"' 'sed -i 4s/.*/1/ "$0"' \
		'echo >>"$0"' 'sed -i 2s/./x/ "$0"' ': >"$0"' \
		'ln "$0" "$0.two"' 'rm "$0"; ln -s /etc/passwd "$0"' \
		'rm "$0"; mkfifo "$0"' 'chown 1000 /var/lib/garita/verdicts'; do
		inside sh -c 'rm -rf "$0" "$0.two"; cp keep "$0"' "$record"
		inside sh -c "$damage" "$record"
		echo "$damage"
		refused app garita-verify
	done
	inside chown root /var/lib/garita/verdicts
	inside sh -c 'rm -rf "$0" "$0.two"; cp keep "$0"' "$record"
	podman 0 app
}

@test "a record is of one question: key, name, material and policy are in it" {
	images "$ours"
	sign app ours
	podman 0 app
	rm bin/garita-verify
	podman 0 app
	sign app theirs # one more signature is other material
	refused app garita-verify
	of=$(digest app)
	rm "material/${of#*:}"/theirs.*
	bring "$of"
	podman 0 app
	images "$(jq '.signatures[0].identity.type = "any"' <<<"$ours")"
	refused app garita-verify
	images "$(jq '.signatures[0].require = 1' <<<"$ours")"
	podman 0 app
}

@test "the deny list wins over a signature, and over one that is remembered" {
	images "$ours"
	sign app ours
	podman 0 app
	images "$(jq --arg of "$(digest app)" '.deny = [$of]' <<<"$ours")"
	podman 126 app
	grep -q "image-allowlist" err
	grep -q "deny list" err
}

@test "n of m, all entries, and names that no entry is about" {
	images '{"signatures": [{"match": "localhost/*", "require": 2,
		"keys": ["keys/ours.pub", "keys/theirs.pub", "keys/ed.pub"]}]}'
	sign app ours
	refused app "1 of 2"
	sign app ed
	podman 0 app
	images '{"signatures": [
		{"match": "localhost/*", "keys": ["keys/ours.pub"]},
		{"keys": ["keys/theirs.pub"]}]}'
	refused app "keys/theirs.pub"
	sign app theirs
	podman 0 app
	images '{"signatures": [
		{"match": "quay.io/**", "keys": ["keys/ours.pub"]}]}'
	refused app "no entry of images.signatures is about localhost/app:v1"
}

@test "annotations that must have been signed" {
	images "$(jq '.signatures[0].annotations.env = "prod"' <<<"$ours")"
	sign app ours
	refused app annotation
	sign app ours '.optional = {env: "test"}'
	refused app annotation
	sign app ours '.optional = {env: "prod", other: "x"}'
	podman 0 app
}

@test "the engines' own containers-policy.json" {
	inside sh -c 'cat >/etc/garita/containers.json' <<'POLICY'
{"default": [{"type": "reject"}], "transports": {"docker": {
  "localhost/app": [{"type": "sigstoreSigned",
    "keyPath": "/etc/garita/keys/ours.pub",
    "signedIdentity": {"type": "matchRepository"}}],
  "localhost/open": [{"type": "insecureAcceptAnything"}]}}}
POLICY
	images '{"containers-policy": "containers.json"}'
	refused app "localhost/app" "/etc/garita/keys/ours.pub"
	sign app ours
	podman 0 app
	refused other default "rejects this image"
	pod tag localhost/other:v1 localhost/open:v1
	podman 0 open
	pod untag localhost/open:v1 localhost/open:v1
	inside sh -c 'echo "{}" >/etc/garita/containers.json'
	refused app containers.json
	inside rm /etc/garita/containers.json
	refused app containers.json
}

# keyless IMAGE EMAIL: as cosign does without a key
keyless()
{
	local of

	of=$(digest "$1")
	mkdir -p "material/${of#*:}"
	cp "$PODMAN_DIR/storage/overlay-images/$(pod image inspect --format \
		'{{.Id}}' "localhost/$1:v1")/manifest" manifest
	keyless_sign sigstore manifest "$2" \
		>"material/${of#*:}/bundle.sigstore.json"
	bring "$of"
}

@test "whom a certificate names: who it is, what vouches, and for how long" {
	local named='{"signatures": [{"match": "localhost/*", "keyless": {
		"trusted-root": "keys/trusted_root.json", "max-age": "30d",
		"identities": [{"issuer": "https://accounts.example.com",
			"subject-regexp": "(dev|ci)@example\\.com"}]}}]}'

	keyless_instance sigstore
	inside cp sigstore/trusted_root.json /etc/garita/keys/
	images "$named"
	refused app "0 of 1 wanted keyless signatures by (dev|ci)"
	keyless app dev@example.com
	podman 0 app
	decisions | tail -n 1 | jq -e '.image.trust.words | startswith(
		"signed by dev@example.com of https://accounts.example.com")'
	# Remembered, until the root gets too old and no longer.
	[ "$(records | wc -l)" = 1 ]
	until=$(($(inside stat -c %Y /etc/garita/keys/trusted_root.json) +
		30 * 86400))
	inside grep -qxF "$until" "$(records)"
	rm bin/garita-verify
	podman 0 app
	# Another root, another age of it, another identity: other questions.
	inside touch -d '1 day ago' /etc/garita/keys/trusted_root.json
	refused app garita-verify
	cp "$GARITA_BUILD/garita-verify" bin/
	podman 0 app
	inside touch -d '31 days ago' /etc/garita/keys/trusted_root.json
	refused app "too old"
	inside cp sigstore/trusted_root.json /etc/garita/keys/
	keyless app other@example.com
	refused app "identity: " other@example.com
	keyless app ci@example.com
	podman 0 app
	# Its bundle beside another image, and an authority of the same names.
	bring "$(digest other)" "$(digest app | cut -d : -f 2)"
	refused other "another image"
	keyless_instance theirs
	inside cp theirs/trusted_root.json /etc/garita/keys/
	refused app "log: "
	# A key is no name, and a name no key.
	inside cp sigstore/trusted_root.json /etc/garita/keys/
	images "$ours"
	refused app "a key is wanted"
	rm -r material
	sign app ours
	images "$named"
	refused app "without a certificate"
}

# simple_sign IMAGE NAME: as podman and skopeo do, with GPG
simple_sign()
{
	local of

	of=$(digest "$1")
	mkdir -p "material/${of#*:}"
	cp "$PODMAN_DIR/storage/overlay-images/$(pod image inspect --format \
		'{{.Id}}' "localhost/$1:v1")/manifest" manifest
	GNUPGHOME=$GARITA_DIR/gnupg skopeo standalone-sign --output \
		"material/${of#*:}/signature-1" manifest "$2" ours@example.com
	bring "$of"
}

@test "GPG: a signature as skopeo makes it, in both kinds of policy" {
	images '{"signatures": [{"match": "localhost/app",
		"keyrings": ["keys/ours.gpg"]}]}'
	refused app "keys/ours.gpg"
	simple_sign app localhost/app:v2
	podman 0 app
	inside sh -c 'cat >/etc/garita/containers.json' <<'POLICY'
{"default": [{"type": "signedBy", "keyType": "GPGKeys",
  "keyPath": "/etc/garita/keys/ours.gpg"}]}
POLICY
	images '{"containers-policy": "containers.json"}'
	refused app "another name" # podman's default wants the very tag
	simple_sign app localhost/app:v1
	podman 0 app
}

@test "a volume at / is another root file system than that of the image" {
	images "$ours"
	sign app ours
	podman 0 app
	pod volume create whole
	run -126 pod --runtime "$RUNTIME" run --rm --user 1000 -v whole:/ \
		localhost/app:v1 true
	[[ $output == *"image-signature: "*"a mount at / hides the root file"* ]]
	pod volume rm whole
}

# podman notes one of its names when an image is started by its id, and the id
# when it has none.
@test "made by an id, with names and without" {
	images "$ours"
	sign app ours
	id=$(pod image inspect --format '{{.Id}}' localhost/app:v1)
	pod --runtime "$RUNTIME" run --rm --user 1000 "$id" true
	pod untag localhost/app:v1
	run -126 pod --runtime "$RUNTIME" run --rm --user 1000 "$id" true
	[[ $output == *"about an image without a name"* ]]
	images '{"signatures": [{"keys": ["keys/ours.pub"]}]}'
	run -126 pod --runtime "$RUNTIME" run --rm --user 1000 "$id" true
	[[ $output == *"another name"* ]]
	images '{"signatures": [{"keys": ["keys/ours.pub"],
		"identity": {"type": "any"}}]}'
	pod --runtime "$RUNTIME" run --rm --user 1000 "$id" true
	pod tag "$id" localhost/app:v1
}

@test "material that others can change, and too much of it, refuses" {
	images "$ours"
	sign app ours
	of=$(digest app)
	at=/var/lib/garita/material/sha256/${of#*:}
	podman 0 app
	inside touch "$at/.partly" # an import that was killed
	podman 0 app
	inside ln -s /etc/shadow "$at/link"
	podman 0 app
	inside chown 1000 "$at/ours.payload.json"
	refused app "belongs to uid 1000"
	inside chown 0 "$at/ours.payload.json"
	inside chmod 0777 "$at"
	refused app "can be changed by others"
	inside chmod 0755 "$at"
	inside truncate -s 33M "$at/large"
	refused app large
	inside sh -c 'rm "$0/large"; for i in $(seq 300); do echo "$i" >"$0/$i"; done' \
		"$at"
	refused app "too much material"
}

@test "warn: said in the log, and it starts" {
	images "$ours" '{"rules": {"image-signature": "warn"}}'
	podman 0 other
	decisions | tail -n 1 | jq -e '.verdict == "repair" and
		any(.findings[]; .rule == "image-signature" and .action == "warn")'
}

@test "a verifier that others can change is not asked" {
	images "$ours"
	sign app ours
	chmod go+w bin/garita-verify
	refused app "garita-verify" "can be changed by others"
	chmod go-w bin/garita-verify
	cp /bin/false bin/garita-verify
	refused app "failed with code 1"
	cp /bin/true bin/garita-verify
	refused app "no answer"
	printf '#!/bin/sh\n' >bin/garita-verify
	refused app "another kind of file"
}
