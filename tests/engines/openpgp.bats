#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# GPG signatures through the whole of it: containers-policy.json, the keyring's
# file, and garita-verify without its powers. Each sample as podman would be
# asked, and its verdict.

load common

setup_file()
{
	export SAMPLES="$GARITA_SRC/tests/samples/signatures"
}

# ask CASE: what the policy of the case says about its image.
ask()
{
	local dir=$SAMPLES/gpg-simplesigning/$1
	jq --arg keys "$BATS_TEST_TMPDIR/ring.gpg" '{
		default: [{type: "reject"}],
		transports: {docker: {"registry.example.com": [{
			type: "signedBy", keyType: "GPGKeys", keyPath: $keys,
			signedIdentity: .verify.signedIdentity}]}}
	}' "$dir/case.json" >"$BATS_TEST_TMPDIR/policy.json"
	install -m 0644 "$SAMPLES/$(jq -r .verify.gpg_keyring "$dir/case.json")" \
		"$BATS_TEST_TMPDIR/ring.gpg"
	"$GARITA_BUILD/garita" image verify \
		--digest "$(jq -r .image_digest "$dir/case.json")" \
		--ref "$(jq -r .image_ref "$dir/case.json")" \
		--containers-policy "$BATS_TEST_TMPDIR/policy.json" \
		--material "$dir/signature-1"
}

@test "every sample of GPG simple signing gets its verdict" {
	local dir name wanted count=0
	for dir in "$SAMPLES"/gpg-simplesigning/*/; do
		name=$(basename "$dir")
		wanted=$(jq -r 'if .expect == "valid" then 0 else 1 end' \
			"$dir/case.json")
		run ask "$name"
		echo "$name: $status, $wanted wanted: $output"
		[ "$status" -eq "$wanted" ]
		count=$((count + 1))
	done
	[ "$count" -eq 22 ]
}

@test "the signer is named by the fingerprint that gpg shows" {
	run ask valid-gpgrsa
	[ "$status" -eq 0 ]
	[[ $output == *"openpgp 625BCE6B2DA5521891276C57DCEA938556BD0E90"* ]]
}

@test "a keyring that cannot be read trusts nobody" {
	ask valid-gpgrsa
	head -c 300 "$BATS_TEST_TMPDIR/ring.gpg" >"$BATS_TEST_TMPDIR/cut.gpg"
	run "$GARITA_BUILD/garita" image verify \
		--digest "$(jq -r .image_digest "$SAMPLES/gpg-simplesigning/valid-gpgrsa/case.json")" \
		--ref registry.example.com/prod/app:1.0 \
		--keyring "$BATS_TEST_TMPDIR/cut.gpg" \
		--material "$SAMPLES/gpg-simplesigning/valid-gpgrsa/signature-1"
	[ "$status" -ne 0 ]
	[[ $output == *"cut off"* ]]
}
