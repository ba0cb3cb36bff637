# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cosign.bash - what `cosign sign --key` makes, out of openssl and jq.
#
#	cosign_material DIGEST KEY NAME DIR
#
# Signs that the image of that digest is NAME, with the private key in the file
# KEY; the manifest and the payload are put into DIR, which is made anew.

cosign_material()
{
	local payload sig

	rm -rf "$4"
	mkdir "$4"
	jq -cnj --arg of "$1" --arg name "$3" '{critical: {
		identity: {"docker-reference": $name},
		image: {"docker-manifest-digest": $of},
		type: "cosign container image signature"},
		optional: null}' >"$4/payload.json"
	sig=$(openssl dgst -sha256 -sign "$2" "$4/payload.json" | base64 -w 0)
	payload=sha256:$(sha256sum "$4/payload.json" | cut -d ' ' -f 1)
	jq -n --arg sig "$sig" --arg payload "$payload" \
		--argjson size "$(stat -c %s "$4/payload.json")" '{
		schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: {mediaType: "application/vnd.oci.image.config.v1+json",
			size: 2, digest: $payload},
		layers: [{mediaType:
			"application/vnd.dev.cosign.simplesigning.v1+json",
			size: $size, digest: $payload, annotations:
			{"dev.cosignproject.cosign/signature": $sig}}]}' \
		>"$4/manifest.json"
}
