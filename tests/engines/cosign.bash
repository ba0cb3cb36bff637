# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cosign.bash - what `cosign sign --key` makes, out of openssl and jq.
#
#	cosign_sign DIGEST KEY NAME PREFIX [JQ]
#	cosign_material DIGEST KEY NAME DIR
#
# Signs that the image of that digest is NAME, with the private key in the file
# KEY; the manifest and the payload, changed by JQ before it is signed, get names
# that begin with PREFIX. cosign_material puts both into DIR, which is made anew.

cosign_sign()
{
	local payload sig
	local -a how=(dgst -sha256 -sign "$2")

	[[ $(openssl pkey -in "$2" -noout -text) != ED25519* ]] ||
		how=(pkeyutl -sign -rawin -inkey "$2" -in)
	jq -cnj --arg of "$1" --arg name "$3" "{critical: {
		identity: {\"docker-reference\": \$name},
		image: {\"docker-manifest-digest\": \$of},
		type: \"cosign container image signature\"},
		optional: null} | ${5:-.}" >"$4payload.json"
	sig=$(openssl "${how[@]}" "$4payload.json" | base64 -w 0)
	payload=sha256:$(sha256sum "$4payload.json" | cut -d ' ' -f 1)
	jq -n --arg sig "$sig" --arg payload "$payload" \
		--argjson size "$(stat -c %s "$4payload.json")" '{
		schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: {mediaType: "application/vnd.oci.image.config.v1+json",
			size: 2, digest: $payload},
		layers: [{mediaType:
			"application/vnd.dev.cosign.simplesigning.v1+json",
			size: $size, digest: $payload, annotations:
			{"dev.cosignproject.cosign/signature": $sig}}]}' \
		>"$4manifest.json"
}

cosign_material()
{
	rm -rf "$4"
	mkdir "$4"
	cosign_sign "$1" "$2" "$3" "$4/"
}
