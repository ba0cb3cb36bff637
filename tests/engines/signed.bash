# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# signed - starts of podman with images that somebody signed. After podman.bash
# and common.bash.

# shellcheck disable=SC2154,SC2016

digest()
{
	pod image inspect --format '{{.Digest}}' "localhost/$1:v1"
}

# bring DIGEST [FROM]: what was signed, as root brings it to the node
bring()
{
	inside sh -c 'mkdir -p /var/lib/garita/material/sha256 &&
		rm -rf "/var/lib/garita/material/sha256/$1" &&
		cp -r "material/$2" "/var/lib/garita/material/sha256/$1" &&
		chmod -R go-w /var/lib/garita' - "${1#*:}" "${2:-${1#*:}}"
}

# podman CODE IMAGE
podman()
{
	local want=$1 code=0

	pod --runtime "$RUNTIME" run --rm --user 1000 "localhost/$2:v1" true \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want"
		cat out err
		return 1
	}
}

# refused IMAGE WORDS...: all of which podman's user reads
refused()
{
	podman 126 "$1"
	grep -q "garita refused this container: image-signature" err || {
		cat err
		return 1
	}
	for word in "${@:2}"; do
		grep -qF -- "$word" err || {
			echo "no \"$word\" in"
			cat err
			return 1
		}
	done
}
