# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# keyless.bash - sigstore in miniature, out of openssl and jq.
#
#	keyless_instance DIR         an authority, a log of certificates and one
#	                             of signatures; writes DIR/trusted_root.json
#	keyless_sign DIR FILE EMAIL  prints a bundle: EMAIL signed FILE
#
# Certificates are like Fulcio's: P-384 above, P-256 for ten minutes below, with
# the issuer https://accounts.example.com. The log is like Rekor 1: an entry
# with a promise and a proof, alone in its tree.

# The root's and the one between it and signers; then keys of two logs.
keyless_instance()
{
	local dir=$1 name

	mkdir -p "$dir/ca"
	for name in root between; do
		openssl ecparam -name secp384r1 -genkey -noout \
			-out "$dir/$name.key"
	done
	for name in ct rekor; do
		openssl ecparam -name prime256v1 -genkey -noout \
			-out "$dir/$name.key"
		openssl ec -in "$dir/$name.key" -pubout -outform DER \
			-out "$dir/$name.pub" 2>/dev/null
	done
	openssl req -new -x509 -sha384 -days 3650 -key "$dir/root.key" \
		-subj /O=example/CN=root -out "$dir/root.pem" -addext \
		keyUsage=critical,keyCertSign
	cat >"$dir/between.ext" <<-END
		basicConstraints = critical,CA:TRUE,pathlen:0
		keyUsage = critical,keyCertSign
		extendedKeyUsage = codeSigning
	END
	openssl req -new -key "$dir/between.key" -subj /O=example/CN=between |
		openssl x509 -req -sha384 -days 3650 -CA "$dir/root.pem" \
			-CAkey "$dir/root.key" -set_serial 2 \
			-extfile "$dir/between.ext" -out "$dir/between.pem" \
			2>/dev/null
	cat >"$dir/ca.cnf" <<-END
		[ca]
		default_ca = one
		[one]
		database = $dir/ca/index
		new_certs_dir = $dir/ca
		serial = $dir/ca/serial
		default_md = sha384
		policy = any
		unique_subject = no
		[any]
		commonName = optional
	END
	_keyless_root "$dir"
}

_keyless_der()
{
	openssl x509 -in "$1" -outform DER | base64 -w 0
}

# _keyless_id FILE: the SHA-256 of a key
_keyless_id()
{
	openssl dgst -sha256 -binary "$1" | base64 -w 0
}

_keyless_root()
{
	local dir=$1

	jq -n --arg root "$(_keyless_der "$dir/root.pem")" \
		--arg between "$(_keyless_der "$dir/between.pem")" \
		--arg ct "$(base64 -w 0 "$dir/ct.pub")" \
		--arg ct_id "$(_keyless_id "$dir/ct.pub")" \
		--arg rekor "$(base64 -w 0 "$dir/rekor.pub")" \
		--arg rekor_id "$(_keyless_id "$dir/rekor.pub")" '
		def log($url; $key; $id): [{baseUrl: $url,
			hashAlgorithm: "SHA2_256", publicKey: {rawBytes: $key,
			keyDetails: "PKIX_ECDSA_P256_SHA_256",
			validFor: {start: "2020-01-01T00:00:00Z"}},
			logId: {keyId: $id}}];
		{mediaType: ("application/vnd.dev.sigstore.trustedroot+json"
			+ ";version=0.1"),
		tlogs: log("https://rekor.example"; $rekor; $rekor_id),
		ctlogs: log("https://ct.example"; $ct; $ct_id),
		certificateAuthorities: [{certChain: {certificates:
			[{rawBytes: $between}, {rawBytes: $root}]},
			validFor: {start: "2020-01-01T00:00:00Z"}}]}' \
		>"$dir/trusted_root.json"
}

# _keyless_cert DIR NAME START END: of what is in NAME.ext
_keyless_cert()
{
	local dir=$1

	echo 1000 >"$dir/ca/serial"
	: >"$dir/ca/index"
	openssl ca -batch -notext -config "$dir/ca.cnf" -cert \
		"$dir/between.pem" -keyfile "$dir/between.key" -startdate "$3" \
		-enddate "$4" -in "$dir/leaf.csr" -extfile "$dir/$2.ext" \
		-out "$dir/$2.pem" 2>/dev/null
}

_keyless_bytes()
{
	printf '%s' "$@" | xxd -r -p
}

# The promise of the log of certificates: over the certificate as it is without
# it, and who is going to sign it.
_keyless_sct()
{
	local dir=$1 time sig tbs

	time=$(printf '%016x' $(($(date +%s) * 1000)))
	openssl x509 -in "$dir/before.pem" -outform DER -out "$dir/before.der"
	openssl asn1parse -inform DER -in "$dir/before.der" -strparse 4 \
		-noout -out "$dir/tbs"
	tbs=$(printf '%06x' "$(stat -c %s "$dir/tbs")")
	{
		_keyless_bytes 0000 "$time" 0001
		openssl x509 -in "$dir/between.pem" -pubkey -noout |
			openssl ec -pubin -outform DER 2>/dev/null |
			openssl dgst -sha256 -binary
		_keyless_bytes "$tbs"
		cat "$dir/tbs"
		_keyless_bytes 0000
	} | openssl dgst -sha256 -sign "$dir/ct.key" -out "$dir/sct.sig"
	sig=$(xxd -p -c 0 "$dir/sct.sig")
	sig=00$(openssl dgst -sha256 -r "$dir/ct.pub" | cut -c 1-64)${time}0000$(
		printf '0403%04x' $((${#sig} / 2)))$sig
	sig=$(printf '%04x%04x' $((${#sig} / 2 + 2)) $((${#sig} / 2)))$sig
	printf '04%02x%s' $((${#sig} / 2)) "$sig"
}

_keyless_leaf()
{
	local dir=$1 start end

	start=$(date -u -d '1 minute ago' +%Y%m%d%H%M%SZ)
	end=$(date -u -d '9 minutes' +%Y%m%d%H%M%SZ)
	openssl ecparam -name prime256v1 -genkey -noout -out "$dir/leaf.key"
	openssl req -new -key "$dir/leaf.key" -subj /CN=leaf \
		-out "$dir/leaf.csr"
	cat >"$dir/before.ext" <<-END
		keyUsage = critical,digitalSignature
		extendedKeyUsage = codeSigning
		subjectAltName = critical,email:$2
		1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:https://accounts.example.com
	END
	_keyless_cert "$dir" before "$start" "$end"
	cp "$dir/before.ext" "$dir/leaf.ext"
	echo "1.3.6.1.4.1.11129.2.4.2 = DER:$(_keyless_sct "$dir")" \
		>>"$dir/leaf.ext"
	_keyless_cert "$dir" leaf "$start" "$end"
}

# The entry in the log, a JSON object, of the signature in DIR/sig.
_keyless_entry()
{
	local dir=$1 hash=$2 body time id root promise note

	time=$(date +%s)
	body=$(jq -cjn --arg hash "$hash" --arg sig "$(base64 -w 0 "$dir/sig")" \
		--arg cert "$(base64 -w 0 "$dir/leaf.pem")" '{apiVersion: "0.0.1",
		kind: "hashedrekord", spec: {data: {hash: {algorithm: "sha256",
		value: $hash}}, signature: {content: $sig,
		publicKey: {content: $cert}}}}' | base64 -w 0)
	id=$(openssl dgst -sha256 -r "$dir/rekor.pub" | cut -c 1-64)
	promise=$(printf '{"body":"%s","integratedTime":%s,"logID":"%s","logIndex":7}' \
		"$body" "$time" "$id" |
		openssl dgst -sha256 -sign "$dir/rekor.key" | base64 -w 0)
	root=$({
		_keyless_bytes 00
		base64 -d <<<"$body"
	} | openssl dgst -sha256 -binary | base64 -w 0)
	printf 'rekor.example - 1\n1\n%s\n' "$root" >"$dir/note"
	note=$({
		_keyless_bytes "${id:0:8}"
		openssl dgst -sha256 -sign "$dir/rekor.key" "$dir/note"
	} | base64 -w 0)
	jq -n --arg body "$body" --arg time "$time" --arg root "$root" \
		--arg id "$(_keyless_id "$dir/rekor.pub")" --arg promise "$promise" \
		--arg note "$note" --rawfile text "$dir/note" '{logIndex: "7",
		logId: {keyId: $id}, kindVersion: {kind: "hashedrekord",
		version: "0.0.1"}, integratedTime: $time,
		inclusionPromise: {signedEntryTimestamp: $promise},
		inclusionProof: {logIndex: "0", rootHash: $root, treeSize: "1",
		hashes: [], checkpoint: {envelope:
		($text + "\n\u2014 rekor.example " + $note + "\n")}},
		canonicalizedBody: $body}'
}

keyless_sign()
{
	local dir=$1 file=$2 hash

	_keyless_leaf "$dir" "$3"
	openssl dgst -sha256 -sign "$dir/leaf.key" -out "$dir/sig" "$file"
	hash=$(sha256sum <"$file" | cut -c 1-64)
	jq -n --arg cert "$(_keyless_der "$dir/leaf.pem")" \
		--arg digest "$(_keyless_bytes "$hash" | base64 -w 0)" \
		--arg sig "$(base64 -w 0 "$dir/sig")" \
		--argjson entry "$(_keyless_entry "$dir" "$hash")" '{mediaType:
		"application/vnd.dev.sigstore.bundle.v0.3+json",
		verificationMaterial: {certificate: {rawBytes: $cert},
			tlogEntries: [$entry]},
		messageSignature: {messageDigest: {algorithm: "SHA2_256",
			digest: $digest}, signature: $sig}}'
}
