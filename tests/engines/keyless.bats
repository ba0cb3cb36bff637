#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Signers whom a certificate names, as people ask about them: verify-bundle by
# the command line that sigstore's clients share, and image verify by options,
# by garita's policy and by containers-policy.json. What the gate asks is the
# same sandboxed program.

# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load report

S=$GARITA_SRC/tests/samples/signatures
K=$S/keyless-synthetic
ROOT=$K/trusted_root.json
APP=sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888
FILE=$S/images/app.manifest.json
WHO=https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1.0
ISSUER=https://token.actions.githubusercontent.com

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	BUNDLE=$K/dsse-rekor1/bundle.sigstore.json
	OLD=$K/oldsig-valid
}

# asks CODE WORDS COMMAND...: "" for WORDS is anything
asks()
{
	local want=$1 words=$2 code=0

	shift 2
	"$GARITA" "$@" >out 2>err </dev/null || code=$?
	if [ "$code" != "$want" ] || ! cat out err | grep -qF -- "$words"; then
		fails "exit code $code, not $want with \"$words\": $*" \
			"$(cat out err)"
	fi
}

bundle()
{
	local want=$1 words=$2

	shift 2
	asks "$want" "$words" verify-bundle --bundle "$BUNDLE" "$@"
}

@test "every sample gets its verdict, by a file and by its digest" {
	local case file expect identity option issuer want n=0

	for file in "$K"/*/bundle.sigstore.json; do
		case=${file%/*}
		IFS=$'\t' read -r expect identity option issuer < <(jq -r '[
			.expect, .verify.identity // .verify.identity_regexp,
			(if .verify.identity then "" else "-regexp" end),
			.verify.issuer] | join("\t") | gsub("\t\t"; "\t-\t")' \
			"$case/case.json")
		option=--certificate-identity${option#-}
		option=${option/identityregexp/identity-regexp}
		want=1
		[ "$expect" != valid ] || want=0
		BUNDLE=$file
		bundle "$want" valid "$option" "$identity" --trusted-root \
			"$ROOT" --certificate-oidc-issuer "$issuer" "$FILE"
		bundle "$want" valid "$APP" "$option=$identity" \
			"--trusted-root=$ROOT" \
			--certificate-oidc-issuer "$issuer"
		n=$((n + 1))
	done
	[ "$n" -eq 44 ]
}

@test "what was signed, and by whom" {
	local -a who=(--certificate-identity "$WHO" --trusted-root "$ROOT"
		--certificate-oidc-issuer "$ISSUER")

	bundle 0 "signed by $WHO of $ISSUER" "$FILE" "${who[@]}"
	bundle 1 "is about another image" "${who[@]}" "$S/images/other.manifest.json"
	bundle 1 "identity: the certificate is of" "$FILE" --trusted-root \
		"$ROOT" --certificate-identity "${WHO%0}" \
		--certificate-oidc-issuer "$ISSUER"
	bundle 1 "identity: the certificate's OIDC issuer" "$FILE" \
		--trusted-root "$ROOT" --certificate-identity "$WHO" \
		--certificate-oidc-issuer https://accounts.example.com
	bundle 1 "a key is wanted" --key "$S/keys/good.pub" "$FILE"
	BUNDLE=$S/cosign-bundle/valid/bundle-0.sigstore.json
	bundle 0 "signed by key sha256:" --key "$S/keys/good.pub" "$FILE"
	bundle 1 "not signed by" --key "$S/keys/wrong.pub" "$FILE"
	bundle 1 "somebody whom a certificate names" "$FILE" "${who[@]}"
	# A root is there to ask the log as well.
	bundle 1 "log: there is no entry" --key "$S/keys/good.pub" \
		--trusted-root "$ROOT" "$FILE"
	# It needs no authority for that, and without logs it says nothing.
	jq 'del(.certificateAuthorities)' "$ROOT" >logs.json
	bundle 1 "log: there is no entry" --key "$S/keys/good.pub" \
		--trusted-root logs.json "$FILE"
	bundle 1 "no certificate authority" "$FILE" --trusted-root logs.json \
		--certificate-identity "$WHO" --certificate-oidc-issuer "$ISSUER"
	jq '.tlogs = []' logs.json >neither.json
	bundle 0 "signed by key sha256:" --key "$S/keys/good.pub" \
		--trusted-root neither.json "$FILE"
}

@test "a file that is called like a digest is that file" {
	echo other >"$APP"
	bundle 1 "is about another image" "$APP" --trusted-root "$ROOT" \
		--certificate-identity "$WHO" --certificate-oidc-issuer "$ISSUER"
	cp "$FILE" "sha256:$(printf '%064d' 0)"
	bundle 0 "signed by $WHO" "sha256:$(printf '%064d' 0)" \
		--trusted-root "$ROOT" --certificate-identity "$WHO" \
		--certificate-oidc-issuer "$ISSUER"
}

@test "any statement is a bundle, and no signature of an image" {
	BUNDLE=$S/cosign-bundle/crafted-attestation-as-signature
	BUNDLE=$BUNDLE/bundle-0.sigstore.json
	bundle 0 valid --key "$S/keys/craft.pub" "$FILE"
	asks 1 "it is an attestation" image verify --digest "$APP" \
		--material "$BUNDLE" --key "$S/keys/craft.pub"
}

@test "what cannot be told is neither" {
	local -a who=(--certificate-identity "$WHO"
		--certificate-oidc-issuer "$ISSUER")

	asks 2 "--bundle is missing" verify-bundle "$FILE" "${who[@]}"
	bundle 2 "give one file" "${who[@]}"
	bundle 2 "give one file" "${who[@]}" "$FILE" "$FILE"
	bundle 2 "or --key" "$FILE"
	bundle 2 "or --key" "$FILE" "${who[@]}" --key "$S/keys/good.pub"
	bundle 2 "go together" "$FILE" --certificate-identity "$WHO"
	bundle 2 "go together" "$FILE" --certificate-oidc-issuer "$ISSUER"
	bundle 2 "give one of" "$FILE" "${who[@]}" \
		--certificate-identity-regexp x
	bundle 2 "repeat of a repeat" "$FILE" --certificate-identity-regexp \
		'a**' --certificate-oidc-issuer "$ISSUER"
	bundle 2 "No such file" "$FILE" "${who[@]}" --trusted-root missing
	bundle 2 "--trusted-root" "$FILE" "${who[@]}"
	bundle 2 "No such file" missing "${who[@]}" --trusted-root "$ROOT"
	bundle 2 "64 lower case" sha256:abc "${who[@]}" --trusted-root "$ROOT"
	bundle 2 "not a regular file" / "${who[@]}" --trusted-root "$ROOT"
	echo '{}' >empty.json
	bundle 1 "not a trusted_root.json" "$FILE" "${who[@]}" \
		--trusted-root empty.json
	asks 2 "did you mean verify-bundle" verify-bundel
}

@test "where nobody can be asked, nothing is called invalid" {
	local own=$GARITA GARITA=$PWD/alone/garita

	mkdir alone
	cp "$own" alone/garita
	: >alone/garita-verify
	bundle 2 "alone/garita-verify" "$FILE" --trusted-root "$ROOT" \
		--certificate-identity "$WHO" --certificate-oidc-issuer "$ISSUER"
	[ ! -s out ]
	asks 2 "refused $APP: " image verify --digest "$APP" \
		--material "$OLD" --key "$S/keys/good.pub"
	asks 2 '"refused"' image verify --digest "$APP" --format json \
		--material "$OLD" --key "$S/keys/good.pub"
}

@test "a large file is hashed, not loaded" {
	truncate -s 64M large
	bundle 1 "is about another image" large --trusted-root "$ROOT" \
		--certificate-identity "$WHO" --certificate-oidc-issuer "$ISSUER"
}

@test "image verify by options" {
	local -a how=(image verify --digest "$APP" --material "$OLD")
	local email=dev@example.com issuer=https://accounts.example.com

	asks 0 "signed by $email of $issuer" "${how[@]}" --trusted-root \
		"$ROOT" --certificate-identity "$email" \
		--certificate-oidc-issuer "$issuer"
	asks 0 "signed by $email" "${how[@]}" --trusted-root "$ROOT" \
		--certificate-identity-regexp '.*@example\.com' \
		--certificate-oidc-issuer "$issuer"
	asks 1 "identity: " "${how[@]}" --trusted-root "$ROOT" \
		--certificate-identity-regexp 'example\.com' \
		--certificate-oidc-issuer "$issuer"
	asks 2 "goes with" "${how[@]}" --trusted-root "$ROOT" --key \
		"$S/keys/good.pub"
	asks 2 "go together" "${how[@]}" --certificate-identity "$email"
}

# own JSON: a policy with these images, root's
own()
{
	jq -n --argjson images "$1" '{version: 1, images: $images}' \
		>policy.json
	cp "$ROOT" trusted_root.json
	chmod 0644 policy.json trusted_root.json
}

keyless()
{
	jq -cn --arg issuer "${2:-https://accounts.example.com}" \
		"{signatures: [{keyless: ({\"trusted-root\":
		\"trusted_root.json\", identities: [{issuer: \$issuer} + $1]}
		+ ${3:-{\}})}]}"
}

by_policy()
{
	asks "$1" "$2" image verify --digest "$APP" --material "$OLD" \
		--policy policy.json --ref 127.0.0.1:5055/c/kl-oldsig-valid:1
}

@test "image verify by garita's policy, which knows how old a root may be" {
	own "$(keyless '{"subject-email": "dev@example.com"}')"
	by_policy 0 "signed by dev@example.com of https://accounts.example.com"
	own "$(keyless '{"subject-uri": "dev@example.com"}')"
	by_policy 1 "identity: "
	own "$(keyless '{"subject-regexp": "dev@example\\.(com|org)"}')"
	by_policy 0 "signed by dev@example.com"
	own "$(keyless '{"subject": "dev@example.com"}' https://example.com)"
	by_policy 1 "identity: the certificate's OIDC issuer"

	own "$(keyless '{"subject": "dev@example.com"}' "" \
		'{"max-age": "30d"}')"
	by_policy 0 "signed by"
	touch -d '31 days ago' trusted_root.json
	by_policy 1 "is 31 days old, which is too old"
	own "$(keyless '{"subject": "dev@example.com"}' "" \
		'{"max-age": "30d", "stale": "warn"}')"
	touch -d '31 days ago' trusted_root.json
	by_policy 0 "the trusted root is older than it should be"
	"$GARITA" policy show policy.json >shown
	grep -q '"stale": "warn"' shown
	# policy check has garita-verify read the files.
	asks 0 "" policy check policy.json
	echo '{}' >trusted_root.json
	asks 1 "not a trusted_root.json" policy check policy.json
}

@test "image verify by containers-policy.json: fulcio, and a key with a log" {
	jq -n --arg dir "$K" '{default: [{type: "sigstoreSigned", fulcio: {
		caPath: "\($dir)/fulcio.pem", oidcIssuer:
		"https://accounts.example.com", subjectEmail:
		"dev@example.com"}, rekorPublicKeyPath: "\($dir)/rekor.pub",
		signedIdentity: {type: "matchRepository"}}]}' >containers.json
	asks 0 "signed by dev@example.com" image verify --digest "$APP" \
		--material "$OLD" --containers-policy containers.json \
		--ref 127.0.0.1:5055/c/kl-oldsig-valid
	asks 1 "is for another name" image verify --digest "$APP" \
		--material "$OLD" --containers-policy containers.json \
		--ref 127.0.0.1:5055/c/other
	asks 1 "log: " image verify --digest "$APP" --material \
		"$K/oldsig-no-bundle" --containers-policy containers.json \
		--ref 127.0.0.1:5055/c/kl-oldsig-valid
	jq -n --arg dir "$S" '{default: [{type: "sigstoreSigned", keyPath:
		"\($dir)/keys/good.pub", rekorPublicKeyPath:
		"\($dir)/keyless-synthetic/rekor.pub",
		signedIdentity: {type: "matchRepository"}}]}' >containers.json
	asks 1 "log: there is no entry" image verify --digest "$APP" \
		--material "$S/cosign-simplesigning/valid" \
		--containers-policy containers.json \
		--ref 127.0.0.1:5055/c/ss-valid
}
