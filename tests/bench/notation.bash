# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# notation.bash - the bench's image signed as notation does, by an RSA key under
# a P-256 root: a JWS in /tmp/sign for our material, and an OCI layout with it
# for notation itself, which reads the same trust policy and trust store.

notation_url64() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

# notation_put FILE: into the layout; prints its digest
notation_put() {
  local name
  name=$(sha256sum "$1" | cut -d ' ' -f 1)
  cp "$1" "/tmp/sign/layout/blobs/sha256/$name"
  echo "sha256:$name"
}

notation_prepare() { # digest: reads /tmp/sign/manifest
  local at=/tmp/sign/notation etc=/etc/garita/notation dn=/tmp/sign/notation/dn
  local manifest=application/vnd.oci.image.manifest.v1+json type payload
  local protected empty sig signed
  mkdir -p $at $etc/truststore/x509/ca/bench /tmp/sign/layout/blobs/sha256
  printf '[req]\ndistinguished_name = dn\n[dn]\n' >$dn
  openssl ecparam -name prime256v1 -genkey -noout -out $at/root.key
  openssl req -x509 -new -key $at/root.key -days 30 -sha256 -config $dn \
    -subj /C=US/ST=WA/O=bench/CN=root -addext keyUsage=critical,keyCertSign \
    -addext basicConstraints=critical,CA:TRUE -out $at/root.pem
  openssl genrsa -out $at/leaf.key 2048 2>/dev/null
  openssl req -new -key $at/leaf.key -config $dn -subj /C=US/ST=WA/O=bench |
    openssl x509 -req -days 30 -CA $at/root.pem -CAkey $at/root.key \
      -CAcreateserial -extfile <(echo keyUsage=critical,digitalSignature) \
      -out $at/leaf.pem 2>/dev/null
  cp $at/root.pem $etc/truststore/x509/ca/bench/
  jq -n '{version: "1.0", trustPolicies: [{name: "bench",
    registryScopes: ["*"], signatureVerification: {level: "strict"},
    trustStores: ["ca:bench"], trustedIdentities:
      ["x509.subject: C=US, ST=WA, O=bench"]}]}' >$etc/trustpolicy.json
  type=$(jq -r --arg usual $manifest '.mediaType // $usual' /tmp/sign/manifest)
  payload=$(jq -cn --arg of "$1" --arg type "$type" \
    --argjson size "$(stat -c %s /tmp/sign/manifest)" \
    '{targetArtifact: {mediaType: $type, digest: $of, size: $size}}' |
    notation_url64)
  protected=$(jq -cn '{alg: "PS256",
    cty: "application/vnd.cncf.notary.payload.v1+json",
    crit: ["io.cncf.notary.signingScheme"],
    "io.cncf.notary.signingScheme": "notary.x509",
    "io.cncf.notary.signingTime": (now | todate)}' | notation_url64)
  sig=$(printf %s "$protected.$payload" | openssl dgst -sha256 \
    -sign $at/leaf.key -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 |
    notation_url64)
  jq -cn --arg payload "$payload" --arg protected "$protected" --arg sig "$sig" \
    --arg leaf "$(openssl x509 -in $at/leaf.pem -outform der | base64 -w 0)" \
    --arg root "$(openssl x509 -in $at/root.pem -outform der | base64 -w 0)" \
    '{$payload, $protected, header: {x5c: [$leaf, $root]},
      signature: $sig}' >/tmp/sign/signature.jws
  echo '{"imageLayoutVersion": "1.0.0"}' >/tmp/sign/layout/oci-layout
  printf '{}' >$at/empty
  empty=$(notation_put $at/empty)
  notation_put /tmp/sign/manifest >/dev/null
  jq -n --arg of "$1" --arg sig "$(notation_put /tmp/sign/signature.jws)" \
    --arg empty "$empty" --arg type "$type" --arg manifest $manifest \
    --argjson of_size "$(stat -c %s /tmp/sign/manifest)" \
    --argjson size "$(stat -c %s /tmp/sign/signature.jws)" '{schemaVersion: 2,
      mediaType: $manifest, config: {size: 2, digest: $empty,
        mediaType: "application/vnd.cncf.notary.signature"},
      layers: [{mediaType: "application/jose+json", digest: $sig, $size}],
      subject: {mediaType: $type, digest: $of, size: $of_size},
      annotations: {"io.cncf.notary.x509chain.thumbprint#S256": "[]"}}' \
    >$at/attached
  signed=$(notation_put $at/attached)
  jq -n --arg of "$1" --arg type "$type" --arg manifest $manifest \
    --arg signed "$signed" --argjson of_size "$(stat -c %s /tmp/sign/manifest)" \
    --argjson size "$(stat -c %s $at/attached)" '{schemaVersion: 2,
      manifests: [{mediaType: $type, digest: $of, size: $of_size},
        {mediaType: $manifest, digest: $signed, $size}]}' \
    >/tmp/sign/layout/index.json
}

# Its configuration is found below the home directory.
notation_peer() {
  mkdir -p "$1/notation"
  cp -r /etc/garita/notation/truststore "$1/notation/"
  install -m 0600 /etc/garita/notation/trustpolicy.json "$1/notation/"
}
