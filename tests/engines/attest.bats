#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Attestations: was it scanned, by whom was it built, what is in it. Made here
# with a key of our own, so that they are as old as a test says; asked for by
# options, by the example policy and by podman's start, and shown.

# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common
load report

S=$GARITA_SRC/tests/samples/signatures
APP=sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888
VULN=https://cosign.sigstore.dev/attestation/vuln/v1

setup_file()
{
	podman_up
	podman_image app
	garita_up
	cd "$GARITA_DIR" || return 1
	for name in ours other; do
		openssl ecparam -name prime256v1 -genkey -noout -out $name.key
		openssl ec -in $name.key -pubout -out $name.pub 2>/dev/null
	done
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	inside sh -c 'rm -rf /var/lib/garita && mkdir -m 0700 /var/lib/garita'
	rm -rf m
	mkdir m
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

# ago DURATION: as a scanner writes it
ago()
{
	date -u -d "$1 ago" +%Y-%m-%dT%H:%M:%SZ
}

# attest FILE DIGEST TYPE [KEY]: a bundle, of the predicate on standard input
attest()
{
	local key=${4:-ours.key} type=application/vnd.in-toto+json

	jq -cj --arg hex "${2#sha256:}" --arg type "$3" '{
		_type: "https://in-toto.io/Statement/v1", predicateType: $type,
		subject: [{name: "app", digest: {sha256: $hex}}],
		predicate: .}' >statement
	{
		printf 'DSSEv1 %d %s %d ' ${#type} $type "$(stat -c %s statement)"
		cat statement
	} >pae
	openssl dgst -sha256 -sign "$key" -out sig pae
	base64 -w 0 <statement >statement.64
	base64 -w 0 <sig >sig.64
	jq -n --arg type $type --rawfile payload statement.64 \
		--rawfile sig sig.64 '{mediaType:
		"application/vnd.dev.sigstore.bundle.v0.3+json",
		verificationMaterial: {publicKey: {hint: ""}}, dsseEnvelope:
		{payload: $payload, payloadType: $type,
		signatures: [{sig: $sig}]}}' >"$1"
}

# scan AGE [SEVERITY ID FIXED]...: what cosign makes of a report of Trivy
scan()
{
	local at

	at=$(ago "$1")
	shift
	jq -n --arg at "$at" '{invocation: {}, metadata: {scanStartedOn: $at,
		scanFinishedOn: $at}, scanner: {uri: "pkg:trivy", db: {},
		result: {SchemaVersion: 2, Results: [{Target: "app",
		Vulnerabilities: [$ARGS.positional | _nwise(3) |
		select(length == 3) | {Severity: .[0], VulnerabilityID: .[1], FixedVersion: .[2]}]
		}]}}}' --args "$@"
}

provenance()
{
	jq -n --arg builder "$1" --arg from "$2" '{buildDefinition: {
		buildType: "https://ci.example.com/t", externalParameters:
		{repository: "https://git.example.com/app"},
		resolvedDependencies: [{uri: "git+https://x.example.com/tool"},
		{uri: $from}]}, runDetails: {builder: {id: $builder}}}'
}

# garita CODE WORDS VERB OPTIONS...
garita()
{
	local want=$1 words=$2 code=0

	shift 2
	inside timeout 60 "$GARITA" image "$@" >out 2>err </dev/null ||
		code=$?
	echo . >>err
	if [ "$code" != "$want" ] || ! cat out err | grep -qF -- "$words"; then
		fails "exit code $code, not $want with \"$words\": $*" \
			"$(cat out err)"
	fi
}

# vuln CODE WORDS OPTIONS...
vuln()
{
	garita "$1" "$2" verify --digest "$APP" --material m --key ours.pub \
		--attestation-type vuln "${@:3}"
}

# What it says is not known, or not when; an older one does not outweigh it.
@test "the newest scan cannot be read, or a bad one does not say when" {
	local bad

	scan 2days | attest m/old "$APP" $VULN
	vuln 0 "" --max-severity high
	bad=$(scan 2hours CRITICAL CVE-1 1.2)
	jq '.more = "a\u0000b"' <<<"$bad" | attest m/new "$APP" $VULN
	vuln 1 "new: U+0000 in a string" --max-severity high
	# That of another type, or by somebody else, is no scan at all.
	jq '.more = "a\u0000b"' <<<"$bad" | attest m/new "$APP" $VULN other.key
	vuln 0 "" --max-severity high
	jq .nothing <<<"$bad" | attest m/new "$APP" https://example.com/other
	vuln 0 "" --max-severity high
	jq '.metadata.scanFinishedOn = ""' <<<"$bad" |
		attest m/new "$APP" $VULN
	vuln 1 "CVE-1 (critical)" --max-severity high
	vuln 0 "0 findings" --max-severity critical
}

@test "by options: type, signer, severity, age, what is excused" {
	scan 2hours HIGH CVE-1 "" LOW CVE-2 1.2 | attest m/new "$APP" $VULN
	scan 9days | attest m/old "$APP" $VULN
	vuln 0 "2 findings; signed by"
	vuln 0 "none above high" --max-severity high --max-age 3h
	vuln 1 "severity: 1 finding above medium: CVE-1 (high)" \
		--max-severity medium
	vuln 1 "severity: 2 findings: CVE-1 (high), CVE-2 (low)" \
		--max-severity none
	vuln 0 "1 without a fix" --max-severity medium --fixable-only
	vuln 1 "age: it is of" --max-age 1h
	# The newest counts, not the one that would do.
	rm m/new
	vuln 0 "" --max-severity none
	vuln 1 "9 days ago, and 7 days are allowed" --max-age 7d
	# Somebody else's, and another image's.
	scan 2hours | attest m/new "$APP" $VULN other.key
	vuln 1 "9 days ago" --max-age 7d
	scan 2hours | attest m/new "sha256:$(printf %064d 1)" $VULN
	rm m/old
	vuln 1 "subject: a good signature by"
	# OpenVEX of the same signer.
	scan 2hours HIGH CVE-1 2 | attest m/new "$APP" $VULN
	jq -n --arg at "$(ago 1hour)" --arg is "pkg:oci/app@$APP" '{timestamp: $at,
		statements: [{vulnerability: {name: "CVE-1"}, status:
		"not_affected", justification: "component_not_present",
		products: [{"@id": $is}]}]}' |
		attest m/vex "$APP" https://openvex.dev/ns
	vuln 1 "severity: " --max-severity low
	vuln 0 "1 not affected (OpenVEX)" --max-severity low --accept-vex
	garita 0 "https://openvex.dev/ns of" verify --digest "$APP" --material m \
		--key ours.pub --attestation-type openvex --max-age 2h
	# What garita does not know is no scan.
	scan 1hour | jq '.scanner.result = {findings: []}' |
		attest m/newer "$APP" $VULN
	vuln 1 "predicate: the scanner's result is of no known shape"
	vuln 2 "--max-severity takes" --max-severity worse
	vuln 2 "--max-age takes" --max-age 7
	vuln 2 "go with --attestation-type provenance" --builder x
	garita 2 "by --attestation-type with" verify --digest "$APP" --material m \
		--key ours.pub --max-age 7d
}

# Reports of large images are some megabytes and more. What is larger than
# anybody's, or has more values than a report can, is refused alone.
@test "a scan of 7 MB, and what is too large" {
	large LOW >report
	attest m/scan "$APP" $VULN <report
	[ "$(stat -c %s m/scan)" -gt 7000000 ]
	vuln 0 "16000 findings" --max-severity low
	large CRITICAL >report
	attest m/scan "$APP" $VULN <report
	vuln 1 "severity: 16000 findings above low" --max-severity low
	garita 0 "1 of them new" import --digest "$APP" m
	scan 1hour LOW CVE-1 2 | attest m/scan "$APP" $VULN
	head -c 5000000 /dev/zero | tr '\0' x >m/junk
	jq -cn '{mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
		dsseEnvelope: [range(1100000) | 0]}' >m/many
	vuln 0 "1 findings" --max-severity low
	head -c 34000000 /dev/zero | tr '\0' x >m/junk
	garita 2 "larger than 33554432 bytes" import --digest "$APP" m
}

# large SEVERITY: as Trivy has it of an old distribution
large()
{
	jq -cn --arg at "$(ago 1hour)" --arg severity "$1" '{invocation: {},
		metadata: {scanFinishedOn: $at}, scanner: {uri: "pkg:trivy",
		result: {SchemaVersion: 2, Results: [{Target: "app",
		Vulnerabilities: [range(16000) | {Severity: $severity,
		VulnerabilityID: "CVE-\(.)", FixedVersion: "2", Title: "made up",
		References: ["https://a.example.com/\(.)",
		"https://b.example.com/\(.)"], Description: ("what is " * 20)
		}]}]}}}'
}

@test "the newest scan in one format outweighs an older in another" {
	local at

	at=$(ago 1hour)
	scan 2hours | attest m/trivy "$APP" $VULN
	jq -n --arg at "$at" '{scanner: {uri: "pkg:grype", result: {descriptor:
		{name: "grype"}, matches: [{vulnerability: {id: "GHSA-1",
		severity: "High", fix: {state: "fixed"}}}]}}, metadata:
		{scanFinishedOn: $at}}' | attest m/grype "$APP" $VULN
	vuln 1 "GHSA-1 (high)" --max-severity medium --fixable-only
	rm m/grype
	jq -n --arg at "$at" '{scanner: {uri: "pkg:x", result: {version: "2.1.0",
		runs: [{tool: {driver: {rules: [{id: "CVE-9", properties:
		{"security-severity": "9.8"}}]}}, results: [{ruleId: "CVE-9"}]}]
		}}, metadata: {scanFinishedOn: $at}}' | attest m/sarif "$APP" $VULN
	vuln 1 "CVE-9 (critical)" --max-severity high
	rm m/sarif
	jq -n --arg at "$at" '{scanner: {uri: "pkg:x", result: [{id: "CVE-8",
		severity: [{method: "nvd", score: "7.5"}]}]}, metadata:
		{scanFinishedOn: $at}}' |
		attest m/vulns "$APP" https://in-toto.io/attestation/vulns/v0.2
	vuln 1 "CVE-8 (high)" --max-severity medium
	vuln 0 "" --max-severity high
}

# What a certificate names may attest, too; this one signed an image.
@test "whoever a certificate names" {
	local at=$S/keyless-synthetic
	local who=https://github.com/example/app/.github/workflows/release.yml
	local sign=https://sigstore.dev/cosign/sign/v1
	local -a how=(verify --digest "$APP" --material "$at/dsse-rekor1"
		--trusted-root "$at/trusted_root.json"
		--certificate-oidc-issuer
		https://token.actions.githubusercontent.com)

	garita 0 "signed by $who@refs/tags/v1.0" "${how[@]}" \
		--certificate-identity "$who@refs/tags/v1.0" \
		--attestation-type $sign
	garita 1 "signature: none of" "${how[@]}" --certificate-identity "$who" \
		--attestation-type $sign
	garita 1 "predicate: it is a signature" "${how[@]}" \
		--certificate-identity "$who@refs/tags/v1.0" \
		--attestation-type vuln
}

# An index over our image, and what is said of the one and of the other.
@test "what is said of an index counts where that is said" {
	local index

	cp "$S/images/multi.index.json" "$S/images/app.manifest.json" m
	index=sha256:$(sha256sum m/multi.index.json | cut -d ' ' -f 1)
	scan 1hour | attest m/scan "$index" $VULN
	vuln 1 "accept-signed-index"
	vuln 0 "" --accept-signed-index
	# Only where the index is at hand, and lists it.
	mv m/multi.index.json .
	vuln 1 "is about another image" --accept-signed-index
	jq '.manifests |= map(select(.digest != $app))' --arg app "$APP" \
		multi.index.json >m/multi.index.json
	index=sha256:$(sha256sum m/multi.index.json | cut -d ' ' -f 1)
	scan 1hour | attest m/scan "$index" $VULN
	vuln 1 "is about another image" --accept-signed-index
	# What is said of one platform is not said of the index.
	cp multi.index.json m/
	scan 1hour | attest m/scan "$APP" $VULN
	index=sha256:$(sha256sum multi.index.json | cut -d ' ' -f 1)
	garita 1 "is about another image" verify --digest "$index" --material m \
		--key ours.pub --attestation-type vuln --accept-signed-index
}

# example CODE WORDS
example()
{
	inside sh -c "cp '$GARITA_SRC/examples/policy-scanned.json' \
		/etc/garita/policy.json && mkdir -p /etc/garita/keys &&
		cp ours.pub /etc/garita/keys/scanner.pub &&
		cp ours.pub /etc/garita/keys/ci.pub"
	garita "$1" "$2" verify --policy /etc/garita/policy.json --digest "$APP" \
		--ref registry.example.com/team/app:1 --material m
}

@test "the example: scanned within seven days, nothing critical fixable" {
	scan 2days HIGH CVE-1 2 CRITICAL CVE-2 "" CRITICAL CVE-2026-1000 3 |
		attest m/scan "$APP" $VULN
	example 1 "image-sbom: scan: predicate: it is another"
	jq -n '{bomFormat: "CycloneDX"}' |
		attest m/sbom "$APP" https://cyclonedx.org/bom
	example 1 "image-provenance: "
	provenance https://ci.example.com/builder@v1 \
		git+https://git.example.com/app@refs/tags/v1 |
		attest m/slsa "$APP" https://slsa.dev/provenance/v1
	example 0 "1 without a fix, 1 ignored"
	grep -q "^accepted .*: image-provenance: built by https://ci" out
	run -0 inside "$GARITA" policy check
	scan 1day CRITICAL CVE-3 2 | attest m/scan "$APP" $VULN
	example 1 "severity: 1 finding above high: CVE-3 (critical)"
	scan 8days | attest m/scan "$APP" $VULN
	example 1 "8 days ago, and 7 days are allowed"
	provenance https://ci.example.com/builder@v1x \
		git+https://git.example.com/app@refs/tags/v1 |
		attest m/slsa "$APP" https://slsa.dev/provenance/v1
	example 1 "the builder https://ci.example.com/builder@v1x"
	# The tool that the build used is not its source.
	provenance https://ci.example.com/builder@v1 \
		git+https://elsewhere.example.com/app |
		attest m/slsa "$APP" https://slsa.dev/provenance/v1
	example 1 "the source https://git.example.com/app is none"
	# What is shown is a policy again, and the same.
	inside sh -c "$GARITA policy show >/etc/garita/shown.json"
	run -0 diff <(inside sed 's, *// .*,,' /etc/garita/shown.json) \
		<(inside "$GARITA" policy show /etc/garita/shown.json |
			sed 's, *// .*,,')
}

# start CODE WORDS: what podman's user gets
start()
{
	local code=0

	pod --runtime "$RUNTIME" run --rm --user 1000 localhost/app:v1 true \
		>out 2>err </dev/null 3>&- || code=$?
	echo . >>err
	if [ "$code" != "$1" ] || ! grep -qF -- "$2" out err; then
		fails "exit code $code, not $1 with \"$2\"" "$(cat out err)"
	fi
}

@test "podman starts what was scanned, and image show says why" {
	local of

	of=$(pod image inspect --format '{{.Digest}}' localhost/app:v1)
	pod image inspect --format '{{.Id}}' localhost/app:v1 >id
	inside sh -c 'mkdir -p /etc/garita/keys && cp ours.pub /etc/garita/keys'
	jq -n --arg runtime "$(command -v crun)" '{version: 1,
		runtime: $runtime, images: {attestations: [{type: "vuln",
		match: "localhost/*", keys: ["keys/ours.pub"],
		"max-age": "7d", "max-severity": "high"}]}}' | policy
	start 126 "image-vuln-attestation"
	grep -q "signature: no attestation is here\|signature: none of" err
	scan 2hours LOW CVE-1 2 | attest m/scan "$of" $VULN
	garita 0 "1 of them new" import --digest "$of" m
	start 0 ""
	start 0 ""
	[ "$(inside ls /var/lib/garita/verdicts | wc -l)" = 1 ]
	# The store is found by what is mounted of it.
	pod --runtime "$RUNTIME" run -d --name up --user 1000 localhost/app:v1 \
		sleep 60 >/dev/null 3>&-
	garita 0 "image-vuln-attestation: accepted, until" show localhost/app:v1
	grep -q '^  + .*; 2 hours old$' out
	grep -q '^  ? .*says https://cosign.* about this image$' out
	garita 0 "" show --format json app:v1
	[ "$(fits "$GARITA_SRC/docs/schema/image-show-1.schema.json" out)" = "" ]
	jq -e '.answers."image-vuln-attestation".notes | any(.counts)' out
	garita 0 "image      localhost/app:v1" show up
	garita 0 "" show --ref localhost/app:v1 "$of"
	garita 1 "no entry of images.attestations" show "$of"
	garita 2 "no container and no image" show nosuch
	garita 2 "is no digest" show sha256:12
	# A newer one that found more.
	scan 1hour CRITICAL CVE-2 2 | attest m/scan "$of" $VULN
	garita 0 "1 of them new" import --digest "$of" m
	start 126 "severity: 1 finding above high: CVE-2 (critical)"
	garita 1 "age: there is a newer scan" show localhost/app:v1
	garita 0 "" forget "$of"
	scan 8days | attest m/scan "$of" $VULN
	garita 0 "" import --digest "$of" m
	start 126 "age: it is of"
	# Who only wants to see is told.
	jq -n --arg runtime "$(command -v crun)" '{version: 1,
		runtime: $runtime, rules: {"image-vuln-attestation": "warn"},
		images: {attestations: [{type: "vuln",
		keys: ["keys/ours.pub"], "max-age": "7d"}]}}' | policy
	start 0 ""
	decisions | tail -n 1 | grep -q "image-vuln-attestation"
}
