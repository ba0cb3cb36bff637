#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Signatures of the Notary Project: by the command line, over the samples that
# notation made, and under podman, signed here with openssl.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

load podman
load common
load signed

S=$GARITA_SRC/tests/samples/signatures
APP=sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841eecf888

# authority NAME: a root
authority()
{
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
	openssl req -x509 -new -key "$1.key" -days 30 -out "$1.pem" \
		-subj "/C=US/ST=WA/O=Example/CN=$1" -sha256 \
		-addext 'basicConstraints=critical,CA:TRUE' \
		-addext 'keyUsage=critical,keyCertSign,cRLSign' \
		-config <(printf '[req]\ndistinguished_name = dn\n[dn]\n')
}

# signer NAME AUTHORITY [EXTENSION]: RSA, so that openssl writes the signature
# as the envelope wants it
signer()
{
	openssl genrsa -out "$1.key" 2048 2>/dev/null
	openssl req -new -key "$1.key" -subj "/C=US/ST=WA/O=Example/CN=$1" \
		-config <(printf '[req]\ndistinguished_name = dn\n[dn]\n') |
		openssl x509 -req -days 20 -CA "$2.pem" -CAkey "$2.key" \
			-CAcreateserial -sha256 -out "$1.pem" -extfile <(
			printf 'keyUsage=critical,digitalSignature\n%s\n' \
				"${3:-extendedKeyUsage=codeSigning}") 2>/dev/null
}

# revoke AUTHORITY [SIGNER]: a list, in force for a day
revoke()
{
	: >index.txt
	echo 01 >crlnumber
	cat >ca.conf <<-CONF
	[ca]
	default_ca = x
	[x]
	database = index.txt
	crlnumber = crlnumber
	default_md = sha256
	CONF
	[ -z "${2:-}" ] || openssl ca -config ca.conf -cert "$1.pem" \
		-keyfile "$1.key" -revoke "$2.pem" 2>/dev/null
	openssl ca -config ca.conf -cert "$1.pem" -keyfile "$1.key" -gencrl \
		-crldays 1 -out "$1.crl" 2>/dev/null
}

setup_file()
{
	podman_up
	podman_image app
	podman_image other --config.label other=1
	garita_up
	cd "$GARITA_DIR" || return 1
	mkdir bin
	cp "$GARITA_BUILD"/garita{,-runtime,-verify} bin/
	authority ours
	authority theirs
	signer builder ours
	signer stranger theirs
	signer listed ours 'crlDistributionPoints=URI:http://example.com/x.crl'
	signer web ours extendedKeyUsage=serverAuth
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	RUNTIME=$GARITA_DIR/bin/garita-runtime
	rm -rf material
	cp "$GARITA_BUILD/garita-verify" bin/
	inside sh -c 'rm -rf /var/lib/garita /etc/garita/notation &&
		mkdir -m 0700 /var/lib/garita &&
		mkdir -p /etc/garita/notation/crls \
			/etc/garita/notation/store/x509/ca/ours &&
		cp ours.pem /etc/garita/notation/store/x509/ca/ours/'
	forget
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

# trust [JQ]: trustpolicy.json
trust()
{
	jq -n '{version: "1.0", trustPolicies: [{name: "all",
		registryScopes: ["*"], signatureVerification: {level: "strict"},
		trustStores: ["ca:ours"],
		trustedIdentities: ["x509.subject: C=US, ST=WA, O=Example"]}]}' |
		jq "${1:-.}" |
		inside sh -c 'cat >/etc/garita/notation/trustpolicy.json'
}

# images [JQ]: garita's policy
images()
{
	jq -n --arg runtime "$(command -v crun)" '{version: 1,
		runtime: $runtime, images: {notation: {
			"trust-policy": "notation/trustpolicy.json",
			"trust-store": "notation/store",
			crls: "notation/crls"}}}' | jq "${1:-.}" | policy
}

url64() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

# x5c PEM...
x5c()
{
	for file; do
		openssl x509 -in "$file" -outform der | base64 -w 0 | jq -R .
	done | jq -cs .
}

# sign IMAGE SIGNER AUTHORITY [JQ]: a JWS on this node; JQ changes the headers
sign()
{
	local of payload protected sig manifest

	of=$(digest "$1")
	manifest=$(pod image inspect --format '{{.Id}}' "localhost/$1:v1")
	manifest=$PODMAN_DIR/storage/overlay-images/$manifest/manifest
	rm -rf "material/${of#*:}"
	mkdir -p "material/${of#*:}"
	payload=$(jq -cn --arg of "$of" \
		--argjson size "$(stat -c %s "$manifest")" --arg type \
		"$(jq -r '.mediaType // "application/vnd.oci.image.manifest.v1+json"' \
			"$manifest")" '{targetArtifact: {mediaType: $type,
			digest: $of, size: $size,
			annotations: {env: "prod"}}}' | url64)
	protected=$(jq -cn '{alg: "PS256",
		cty: "application/vnd.cncf.notary.payload.v1+json",
		crit: ["io.cncf.notary.signingScheme"],
		"io.cncf.notary.signingScheme": "notary.x509",
		"io.cncf.notary.signingTime": (now | todate)}' |
		jq -c "${4:-.}" | url64)
	sig=$(printf '%s' "$protected.$payload" | openssl dgst -sha256 \
		-sign "$2.key" -sigopt rsa_padding_mode:pss \
		-sigopt rsa_pss_saltlen:32 | url64)
	jq -n --arg payload "$payload" --arg protected "$protected" \
		--arg sig "$sig" --argjson x5c "$(x5c "$2.pem" "$3.pem")" '{
		$payload, $protected, header: {$x5c}, signature: $sig}' \
		>"material/${of#*:}/$2.jws"
	bring "$of"
}

# verify CODE WORDS OPTIONS...
verify()
{
	local want=$1 words=$2 code=0

	shift 2
	"$GARITA" image verify "$@" >out 2>err </dev/null || code=$?
	if [ "$code" != "$want" ] || ! cat out err | grep -qF -- "$words"; then
		echo "exit code $code, not $want with \"$words\": $*"
		cat out err
		return 1
	fi
}

@test "image verify: a trust policy and a trust store, yes and no" {
	local case=$S/notation-jws/valid-metadata
	local -a how=(--digest "$APP" --ref 127.0.0.1:5055/c/x:1
		--material "$case" --material "$S/images")
	local -a by=(--notation-trust-policy "$case/trustpolicy.json"
		--notation-trust-store "$S/notation-trust/truststore")

	verify 0 "signed by O=Sample Org, CN=SecureBuilder" "${how[@]}" "${by[@]}"
	verify 0 "accepted" "${how[@]}" "${by[@]}" --annotation env=prod
	verify 1 "lacks an annotation" "${how[@]}" "${by[@]}" --annotation env=dev
	verify 0 '"accepted"' "${how[@]}" "${by[@]}" --format json
	jq -e '.notes | length == 2' out
	# Without the manifest its size and type are anybody's guess.
	verify 1 "no manifest is here" --digest "$APP" --material "$case" \
		"${by[@]}"
	verify 1 "none of its certificates" "${how[@]}" \
		--notation-trust-policy "$S/notation-jws/wrong-trust-store/trustpolicy.json" \
		--notation-trust-store "$S/notation-trust/truststore"
	verify 1 "has none" "${how[@]}" \
		--notation-trust-policy "$S/notation-jws/scope-mismatch/trustpolicy.json" \
		--notation-trust-store "$S/notation-trust/truststore"
	verify 0 "COSE" "${how[@]:0:4}" --material "$S/images" \
		--material "$S/notation-cose/valid-expired-cert-timestamped" \
		--notation-trust-policy "$S/notation-cose/valid-expired-cert-timestamped/trustpolicy.json" \
		--notation-trust-store "$S/notation-trust/truststore"
	verify 2 "go together" "${how[@]}" "${by[@]:0:2}"
	verify 2 "go together" "${how[@]}" --key "$S/keys/good.pub" "${by[@]:2}"
	verify 2 "give one of" "${how[@]}" "${by[@]}" --key "$S/keys/good.pub"
	verify 2 "goes with" "${how[@]}" "${by[@]}" --require 1
	echo '{"version": "1.0", "trustPolicies": [{"name": 1}]}' >bad.json
	verify 2 "/trustPolicies/0" "${how[@]}" --notation-trust-policy bad.json \
		"${by[@]:2}"
}

@test "image verify: a trust store without certificates, with links and with others" {
	local case=$S/notation-jws/valid-p256
	local -a how=(--digest "$APP" --ref 127.0.0.1:5055/c/x:1
		--material "$case" --material "$S/images"
		--notation-trust-policy "$case/trustpolicy.json"
		--notation-trust-store store)
	local ca=store/x509/ca/sample

	mkdir -p store
	verify 1 "has no certificate" "${how[@]}"
	mkdir -p $ca/below
	cp "$S/notation-trust/truststore/x509/ca/sample/root.pem" $ca/below/
	cp $ca/below/root.pem $ca/root.txt
	verify 1 "has no certificate" "${how[@]}"
	openssl x509 -in $ca/root.txt -outform der -out $ca/root.cer
	verify 0 "accepted" "${how[@]}"
	ln -s root.txt $ca/link.crt
	verify 2 "symbolic link" "${how[@]}"
	rm $ca/link.crt
	mv $ca elsewhere && ln -s "$PWD/elsewhere" $ca
	verify 2 "symbolic link" "${how[@]}"
	rm $ca && mv elsewhere $ca
	echo x >$ca/x.pem
	verify 1 "ca:sample/x.pem" "${how[@]}"
	cp builder.pem $ca/x.pem
	verify 1 "neither of an authority" "${how[@]}"
}

@test "podman: signed as the trust policy says, and what is told when not" {
	images
	trust
	refused app "none is a signature of this kind" '"all"'
	sign app builder ours
	podman 0 app
	decisions | tail -n 1 | jq -e '.image.trust.state == "accepted" and
		(.image.trust.words | test("CN=builder, certificate sha256:"))'
	rm bin/garita-verify # remembered: nobody is asked
	podman 0 app
	cp "$GARITA_BUILD/garita-verify" bin/
	bring "$(digest other)" "$(digest app | cut -d : -f 2)"
	refused other "about"
	sign app stranger theirs
	refused app "authenticity: " "CN=stranger"
	sign other web ours
	refused other "chain: " "not for signing code"
	sign other builder ours '."io.cncf.notary.expiry" =
		(now + 8 | floor | todate) | .crit += ["io.cncf.notary.expiry"]'
	ends=$(($(date +%s) + 9))
	podman 0 other
	until [ "$(date +%s)" -ge "$ends" ]; do # the acceptance ends with it
		sleep 0.5
	done
	refused other "expiry: "
	sign other builder ours '.crit += ["x"] | .x = 1'
	refused other "is critical"
}

@test "podman: levels, identities, annotations and who else is asked" {
	images
	sign app stranger theirs
	trust '.trustPolicies[0].signatureVerification.level = "audit"'
	podman 0 app
	trust '.trustPolicies[0].signatureVerification.level = "permissive"'
	refused app "authenticity: "
	trust '.trustPolicies[0] |= (.signatureVerification.level = "skip" |
		del(.trustStores, .trustedIdentities))'
	podman 0 other
	trust '.trustPolicies[0].registryScopes = ["localhost/other"]'
	refused app "a statement for localhost/app"
	trust '.trustPolicies[0].trustedIdentities =
		["x509.subject: C=US, ST=WA, O=Example, CN=somebody"]'
	sign app builder ours
	refused app "not a trusted identity"
	trust
	images '.images.notation.annotations = {env: "prod"}'
	podman 0 app
	images '.images.notation.annotations = {env: "dev"}'
	refused app "lacks an annotation"
	# All that are named have to be met.
	openssl ec -in ours.key -pubout -out ours.pub 2>/dev/null
	inside cp ours.pub /etc/garita/ours.pub
	images '.images.signatures = [{keys: ["ours.pub"]}]'
	refused app "key signatures by ours.pub"
}

@test "podman: revocation by a local list" {
	images
	trust
	sign app listed ours
	refused app "revocation: " "no list of its issuer"
	trust '.trustPolicies[0].signatureVerification.override = {revocation: "log"}'
	podman 0 app
	trust '.trustPolicies[0].signatureVerification.override = {revocation: "skip"}'
	podman 0 app
	trust
	revoke theirs
	inside cp theirs.crl /etc/garita/notation/crls/
	refused app "no list of its issuer"
	revoke ours
	inside cp ours.crl /etc/garita/notation/crls/
	inside rm -r /var/lib/garita/verdicts
	podman 0 app
	# In force for a day, and so is what is remembered.
	inside sh -c 'sed -n 4p /var/lib/garita/verdicts/*' >ends
	[ "$(cat ends)" -le "$(($(date +%s) + 86400))" ]
	revoke ours listed
	inside sh -c 'openssl crl -in ours.crl -outform der \
		-out /etc/garita/notation/crls/ours.crl'
	refused app "was revoked"
}

@test "podman: files that others can change, and what policy check says" {
	images
	trust
	sign app builder ours
	podman 0 app
	inside chmod go+w /etc/garita/notation/trustpolicy.json
	refused app "can be changed by others"
	inside chmod go-w /etc/garita/notation/trustpolicy.json
	inside chown 1000 /etc/garita/notation/store/x509/ca/ours/ours.pem
	refused app "belongs to uid 1000"
	inside sh -c 'rm /etc/garita/notation/store/x509/ca/ours/ours.pem &&
		ln -s /etc/garita/ours.pem \
			/etc/garita/notation/store/x509/ca/ours/ours.pem'
	refused app "symbolic link"
	inside rm /etc/garita/notation/store/x509/ca/ours/ours.pem
	refused app "has no certificate"
	run inside "$GARITA" policy check
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *'"all" trusts nobody'* ]]
	trust '.trustPolicies += [.trustPolicies[0] | .name = "more" |
		.registryScopes = ["localhost/more"] |
		.trustStores = ["ca:more"]]'
	run inside "$GARITA" policy check
	echo "$output"
	[[ $output == *'"more" trusts nobody'* ]]
	inside sh -c 'mkdir /etc/garita/notation/store/x509/ca/more &&
		echo x >/etc/garita/notation/store/x509/ca/more/x.pem'
	run inside "$GARITA" policy check
	echo "$output"
	[[ $output == *ca:more/x.pem* ]]
	trust
	inside cp ours.pem /etc/garita/notation/store/x509/ca/ours/
	run inside "$GARITA" policy check
	echo "$output"
	[ "$status" = 0 ]
	run inside "$GARITA" policy show
	[[ $output == *'"trust-policy": "'*notation/trustpolicy.json* ]]
	inside rm /etc/garita/notation/trustpolicy.json
	refused app "trustpolicy.json"
}

@test "podman: the example" {
	sed 's,/etc/notation/truststore,notation/store,; s,/etc/notation/,notation/,' \
		"$GARITA_SRC/examples/policy-notation.json" | policy
	trust
	sign app builder ours
	run inside "$GARITA" policy check
	echo "$output"
	[ "$status" = 0 ]
	podman 0 app
	refused other "none is a signature of this kind"
	sed 's,/etc/notation/truststore,notation/store,; s,/etc/notation/,notation/,
		s/prod/dev/' "$GARITA_SRC/examples/policy-notation.json" | policy
	refused app "lacks an annotation"
}

@test "image import keeps what is attached in a layout" {
	local of manifest sig

	images
	trust
	sign app builder ours
	of=$(digest app)
	inside rm -rf "/var/lib/garita/material/sha256/${of#*:}"
	refused app "none is a signature of this kind"
	manifest=$(pod image inspect --format '{{.Id}}' localhost/app:v1)
	manifest=$PODMAN_DIR/storage/overlay-images/$manifest/manifest
	mkdir -p layout/blobs/sha256
	echo '{"imageLayoutVersion": "1.0.0"}' >layout/oci-layout
	blob() { # FILE: prints its digest
		local name
		name=$(sha256sum "$1" | cut -d ' ' -f 1)
		cp "$1" "layout/blobs/sha256/$name"
		echo "sha256:$name"
	}
	blob "$manifest" >/dev/null
	sig=$(blob "material/${of#*:}/builder.jws")
	echo -n '{}' >empty
	jq -n --arg of "$of" --arg sig "$sig" --arg empty "$(blob empty)" '{
		schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: {mediaType: "application/vnd.cncf.notary.signature",
			digest: $empty, size: 2},
		layers: [{mediaType: "application/jose+json", digest: $sig,
			size: 1}],
		subject: {mediaType:
			"application/vnd.oci.image.manifest.v1+json",
			digest: $of, size: 1}}' >attached
	jq -n --arg of "$of" --arg attached "$(blob attached)" '{
		schemaVersion: 2, manifests: [{mediaType:
			"application/vnd.oci.image.manifest.v1+json",
			digest: $of, size: 1}, {mediaType:
			"application/vnd.oci.image.manifest.v1+json",
			digest: $attached, size: 1}]}' >layout/index.json
	inside "$GARITA" image import layout
	podman 0 app
}
