#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys and signatures of a real GnuPG, for test_openpgp_gpg.c, and what podman's
# library (through skopeo, when it is installed) says about each.
#
#   openpgp_gpg.sh DIR
#
# Makes DIR/cases.tsv: name, what we must say ("valid SIGNER" or a part of the
# reason), whether we are stricter than podman ("stricter", else "alike"; with
# "gpgv" that is the one to be alike), the peer's verdict ("valid", "invalid" or "unknown"), the
# signature, the keyrings. Everything is below DIR; no agent is left behind.
set -euo pipefail
cd "$1"
export GNUPGHOME=$PWD/home LC_ALL=C
umask 077
mkdir home rings signatures image
trap '{ gpgconf --kill all; gpgconf --remove-socketdir; } >/dev/null 2>&1 || true' EXIT

reference=registry.example.com/prod/app:1.0
old=20200101T000000
gpg() { command gpg -q --batch --yes --no-tty --passphrase '' --pinentry-mode loopback "$@" 2>>gpg.log; }

printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >config
config=$(sha256sum config | cut -d' ' -f1)
cp config "image/$config"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[]}' \
  "$config" "$(stat -c %s config)" >image/manifest.json
printf 'Directory Transport Version: 1.1\n' >image/version
digest=sha256:$(sha256sum image/manifest.json | cut -d' ' -f1)
put_payload() { # what to put in "optional"
  printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"atomic container signature"},"optional":{%s}}' \
    "$reference" "$digest" "${1:-}"
}
put_payload >payload
printf '%s\n' "$digest" >digest
: >cases

fingerprint() { gpg --with-colons --list-keys "=$1" | awk -F: '/^fpr/ { print $10; exit }'; }
ring() { gpg --export "=$1" >"rings/$1"; }
sign() { # name, gpg's words...
  local name=$1
  shift
  gpg --output "signatures/$name" "$@" --sign payload
}
# What the case is called, what we must say, alike or stricter, signature, rings.
judge() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>cases; }
good() { judge "$1" "valid $(fingerprint "$2")" alike "$1" "$2"; }

# ---- every algorithm ----
make_key() {
  gpg --quick-gen-key "$1" "$1" sign never && ring "$1" && sign "$1" -u "=$1"
}
for kind in ed25519 nistp256 nistp384 nistp521 rsa2048 rsa4096; do
  make_key "$kind"
  good "$kind" "$kind"
done
# Of these, some distributions' gpg has none.
bad_key() { if make_key "$1"; then judge "$1" "$2" stricter "$1" "$1"; fi; }
bad_key rsa1024 2048
bad_key dsa2048 DSA
bad_key brainpoolP256r1 'on a curve that is none of'
for hash in SHA384 SHA512; do
  sign "$hash" -u =rsa2048 --digest-algo "$hash"
  good "$hash" rsa2048
done
for hash in SHA1 SHA224; do
  if sign "$hash" -u =rsa2048 --digest-algo "$hash"; then
    judge "$hash" "made with SHA-" stricter "$hash" rsa2048
  fi
done

# ---- every way to write it ----
for way in none zip zlib; do
  sign "$way" -u =ed25519 --compress-algo "$way"
  judge "$way" "valid $(fingerprint ed25519)" alike "$way" ed25519
done
sign bzip2 -u =ed25519 --compress-algo bzip2
judge bzip2 bzip2 stricter bzip2 ed25519
sign text -u =ed25519 --textmode
judge text "valid $(fingerprint ed25519)" alike text ed25519
put_payload "\"creator\":\"$(printf '%2000s' x)\"" | gpg -u =ed25519 --compress-algo none --output signatures/parts --sign
judge "in parts" "valid $(fingerprint ed25519)" alike parts ed25519
{
  printf '\0simple-signing\n'
  cat signatures/ed25519
} >signatures/prefix
judge "with the prefix" "valid $(fingerprint ed25519)" alike prefix ed25519
sign armored -u =ed25519 --armor
judge armored armoured alike armored ed25519
gpg -u =ed25519 --output signatures/clear --clear-sign payload
judge clear "clear text" alike clear ed25519
gpg -u =ed25519 --output signatures/detached --detach-sign payload
judge detached detached alike detached ed25519
sign two -u =ed25519 -u =nistp256
judge "two signatures" "more than one signature" alike two ed25519
cat signatures/ed25519 signatures/ed25519 >signatures/twice
judge "two messages" "bytes behind" stricter twice ed25519
gpg --output signatures/stored --store payload
judge unsigned "nobody signed" alike stored ed25519
judge "another key" "not in the keyring" alike ed25519 nistp256

# ---- keyrings ----
gpg --armor --export =ed25519 >rings/armored
judge "armoured keyring" "valid $(fingerprint ed25519)" alike ed25519 armored
cat rings/rsa2048 rings/dsa2048 rings/ed25519 rings/nistp256 >rings/many
judge "ring of many" "valid $(fingerprint ed25519)" alike ed25519 many
gpg --armor --export =rsa2048 =nistp256 =ed25519 >rings/many-armored
judge "armoured ring of many" "valid $(fingerprint ed25519)" alike ed25519 many-armored
{
  echo 'Our keys:'
  gpg --armor --export =rsa2048
  echo 'and'
  cat rings/armored
} >rings/blocks
judge "several blocks" "valid $(fingerprint ed25519)" alike ed25519 blocks
judge "several files" "valid $(fingerprint ed25519)" alike ed25519 nistp256,armored

# ---- subkeys ----
with_subkey() { # name, lifetime of the subkey, gpg's words...
  local name=$1 life=$2
  shift 2
  gpg "$@" --quick-gen-key "$name" ed25519 cert never
  gpg "$@" --quick-add-key "$(fingerprint "$name")" ed25519 sign "$life"
}
with_subkey subkey never
gpg --quick-add-key "$(fingerprint subkey)" cv25519 encr never
ring subkey
sign subkey -u =subkey
judge subkey "valid $(fingerprint subkey)" gpgv subkey subkey
with_subkey subkey-rsa never
gpg --quick-add-key "$(fingerprint subkey-rsa)" rsa2048 sign never
ring subkey-rsa
sign subkey-rsa -u =subkey-rsa
judge subkey-rsa "valid $(fingerprint subkey-rsa)" gpgv subkey-rsa subkey-rsa
with_subkey subkey-revoked never
sign subkey-revoked -u =subkey-revoked
printf 'key 1\nrevkey\ny\n1\n\ny\nsave\n' |
  command gpg --no-tty --command-fd 0 --passphrase '' --pinentry-mode loopback --edit-key =subkey-revoked 2>>gpg.log >>gpg.log
ring subkey-revoked
judge "revoked subkey" "the subkey is revoked" alike subkey-revoked subkey-revoked
with_subkey subkey-expired 30d --faked-system-time $old
sign subkey-expired -u =subkey-expired --faked-system-time 20200102T000000
ring subkey-expired
judge "expired subkey" "the subkey expired on 2020-01-31" alike subkey-expired subkey-expired

# ---- time ----
gpg --faked-system-time $old --quick-gen-key expired ed25519 sign 1y
sign expired -u =expired --faked-system-time 20200102T000000
ring expired
judge "expired key" "the key expired on 2020-12-31" alike expired expired
gpg --faked-system-time $old --quick-gen-key renewed ed25519 sign 1y
sign renewed -u =renewed --faked-system-time 20200102T000000
gpg --quick-set-expire "$(fingerprint renewed)" 0
ring renewed
good renewed renewed
gpg --faked-system-time $old --quick-gen-key short-signature ed25519 sign never
sign short-signature -u =short-signature --faked-system-time 20200102T000000 --default-sig-expire 30d
ring short-signature
judge "expired signature" "the signature has expired" alike short-signature short-signature
sign future -u =ed25519 --faked-system-time 20370101T000000
judge "signature of the future" "a signature from the future" stricter future ed25519
gpg --faked-system-time 20370101T000000 --quick-gen-key future-key ed25519 sign never
sign future-key -u =future-key --faked-system-time 20370101T000000
gpg --faked-system-time 20370101T000000 --export =future-key >rings/future-key
judge "key of the future" "from the future" alike future-key future-key
gpg --quick-gen-key living ed25519 sign 100d
sign living -u =living --default-sig-expire 10d
ring living
good living living

# ---- revoked ----
for reason in 0 1 2 3; do
  gpg --quick-gen-key "revoked-$reason" ed25519 sign never
  sign "revoked-$reason" -u "=revoked-$reason"
  ring "revoked-$reason"
  cp "rings/revoked-$reason" "rings/before-$reason"
  printf 'y\n%s\n\ny\n' "$reason" |
    command gpg --no-tty --command-fd 0 --passphrase '' --pinentry-mode loopback --armor --output "rings/revocation-$reason" \
      --gen-revoke "=revoked-$reason" 2>>gpg.log
  gpg --import "rings/revocation-$reason"
  ring "revoked-$reason"
  judge "revoked key, reason $reason" "the key is revoked" alike "revoked-$reason" "revoked-$reason"
done
judge "before it was revoked" "valid $(fingerprint revoked-1)" alike revoked-1 before-1
judge "revocation beside" "the key is revoked" alike revoked-1 before-1,revocation-1
judge "revocation before" "the key is revoked" alike revoked-1 revocation-1,before-1
gpg --quick-gen-key two-names ed25519 sign never
gpg --quick-add-uid =two-names 'another name'
gpg --quick-revoke-uid =two-names 'another name'
sign two-names -u =two-names
ring two-names
good two-names two-names
gpg --quick-gen-key revoker ed25519 sign never
gpg --quick-gen-key has-revoker ed25519 sign never
printf 'addrevoker\n=revoker\ny\nsave\n' |
  command gpg --no-tty --command-fd 0 --passphrase '' --pinentry-mode loopback --edit-key =has-revoker 2>>gpg.log >>gpg.log
sign has-revoker -u =has-revoker
ring has-revoker
ring revoker
good has-revoker has-revoker
printf 'y\ny\n1\n\ny\n' |
  command gpg --no-tty --command-fd 0 --passphrase '' --pinentry-mode loopback --output revocation --desig-revoke =has-revoker 2>>gpg.log
gpg --import revocation
cat rings/revoker <(gpg --export =has-revoker) >rings/by-revoker
gpg --export =has-revoker >rings/by-revoker-alone
judge "revoked by another" "the key is revoked" alike has-revoker by-revoker
judge "revoked by another, who is not there" "the key is revoked" stricter has-revoker by-revoker-alone

# ---- old words ----
gpg --cert-digest-algo SHA1 --quick-gen-key sha1 rsa2048 sign never
sign sha1 -u =sha1
ring sha1
judge "the key names itself with SHA-1" "made with SHA-1" stricter sha1 sha1
gpg --faked-system-time $old --cert-digest-algo SHA1 --quick-gen-key sha1-renewed rsa2048 sign 30y
sign sha1-renewed -u =sha1-renewed
gpg --cert-digest-algo SHA256 --quick-set-expire "$(fingerprint sha1-renewed)" 0
ring sha1-renewed
good sha1-renewed sha1-renewed

# ---- the peer ----
peer() { # how, signature, rings
  case $1:$3 in
  *,*) echo unknown && return ;; # its policy of 2022 takes one ring
  gpgv:*)
    # podman knows primary keys alone; what does GnuPG say?
    if ! command -v gpgv >/dev/null; then
      echo unknown
    elif gpgv --keyring "./rings/$3" "signatures/$2" >>gpg.log 2>&1; then
      echo valid
    else
      echo invalid
    fi
    return
    ;;
  esac
  command -v skopeo >/dev/null || { echo unknown && return; }
  printf '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"%s","signedIdentity":{"type":"exactReference","dockerReference":"%s"}}]}' \
    "$(base64 -w0 <"rings/$3")" "$reference" >policy.json
  cp "signatures/$2" image/signature-1
  rm -rf copy
  if skopeo --policy policy.json copy --remove-signatures dir:image dir:copy >>skopeo.log 2>&1; then
    echo valid
  else
    echo invalid
  fi
}
while IFS=$'\t' read -r name says how signature rings; do
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$says" "$how" "$(peer "$how" "$signature" "$rings")" "$signature" "$rings"
done <cases >cases.tsv
