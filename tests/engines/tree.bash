# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# tree - a file system to install into and to look at, and a /usr/share of
# podman's to write to. After podman.bash and common.bash.

# shellcheck disable=SC2016

# podman's own places, which a machine has outside /etc
owned_share()
{
	inside bash -e -c '
		mkdir "$0/share"
		cp -a /usr/share/containers/. "$0/share/"
		mount --bind "$0/share" /usr/share/containers' "$GARITA_DIR"
}

# tree PROGRAM...: a file system below $ROOT with these in it, and the gate
tree()
{
	local program

	mkdir -p "$ROOT"/usr/{bin,sbin,libexec/garita} "$ROOT"/etc/garita \
		"$ROOT"/var/{lib,log}
	# What was built is for another prefix, perhaps.
	cat >"$ROOT/etc/garita/policy.json" <<-JSON
	{"version": 1, "rules": {"bundle-hooks": {"action": "deny",
		"allow": ["/usr/libexec/garita/garita-hook"]}}}
	JSON
	cp "$RUNTIME" "$ROOT/usr/bin/garita-runtime"
	cp "$HOOK" "$ROOT/usr/libexec/garita/garita-hook"
	for program; do
		: >"$ROOT/usr/$program"
	done
	chmod -R go-w "$ROOT"
}
