#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# install.sh - garita on one node, from an image that has its programs.
#
#   HOST      the node's root file system                          (/host)
#   FROM      where the programs are, /usr below it                (/)
#   POLICY    the policy; none: the node's own, or the built-in one
#   RESTART   how to restart containerd; none: it is said, not done
#
# Copies are made aside and renamed, programs before what names them; a policy
# is copied only after garita has read it. Run again it changes nothing.
set -eu
umask 022
HOST=${HOST:-/host}
FROM=${FROM:-}
POLICY=${POLICY:-}
RESTART=${RESTART:-}
BIN=/usr/bin
LIBEXEC=/usr/libexec/garita

say() { echo "garita: $*"; }

# copy FILE TO MODE: root's alone, whole or not at all
copy() {
	if cmp -s "$1" "$2"; then
		return
	fi
	cp "$1" "$2.new.$$"
	chown 0:0 "$2.new.$$"
	chmod "$3" "$2.new.$$"
	mv "$2.new.$$" "$2"
	say "wrote $2"
}

programs() {
	for at in "$BIN" "$LIBEXEC"; do
		mkdir -p "$HOST$at"
	done
	for name in garita garita-runtime; do
		copy "$FROM$BIN/$name" "$HOST$BIN/$name" 0755
	done
	for name in garita-hook garita-verify; do
		copy "$FROM$LIBEXEC/$name" "$HOST$LIBEXEC/$name" 0755
	done
}

# Would a node with this policy still start anything? Tried on a node of paper.
tried() {
	paper=$(mktemp -d)
	mkdir -p "$paper$BIN" "$paper/etc/garita" "$paper/var/lib"
	cp "$POLICY" "$paper/etc/garita/policy.json"
	cp "$FROM$BIN/garita-runtime" "$paper$BIN/"
	: >"$paper$BIN/containerd"
	code=0
	"$FROM$BIN/garita" install containerd --dry-run --sysroot "$paper" \
		--runtime "$BIN/garita-runtime" >/dev/null || code=1
	rm -rf "$paper"
	return $code
}

# Read as the gate will: 0 good, 1 with warnings, 2 it cannot be read.
policy() {
	[ -n "$POLICY" ] || return 0
	code=0
	"$FROM$BIN/garita" policy check "$POLICY" || code=$?
	if [ "$code" -gt 1 ] || ! tried; then
		say "this policy is not taken; the node keeps the one it has"
		return 1
	fi
	mkdir -p "$HOST/etc/garita"
	copy "$POLICY" "$HOST/etc/garita/policy.json" 0644
}

# The gate's own command edits containerd's file, or leaves it alone and says
# why. It refuses a policy that would stop every container.
register() {
	"$FROM$BIN/garita" "$1" containerd --sysroot "$HOST" \
		--runtime "$BIN/garita-runtime"
}

restart() {
	if [ -z "$RESTART" ]; then
		say "restart containerd on this node"
		return
	fi
	say "$RESTART"
	sh -c "$RESTART"
}

file=$HOST/etc/containerd/config.toml
before=$(cksum "$file" 2>/dev/null || true)
case ${1:-install} in
install)
	programs
	policy
	register install
	;;
uninstall) register uninstall ;;
*)
	say "usage: install.sh [install|uninstall]"
	exit 2
	;;
esac
[ "$before" = "$(cksum "$file" 2>/dev/null || true)" ] || restart
if [ "${1:-install}" = install ]; then
	"$FROM$BIN/garita" doctor containerd --sysroot "$HOST" \
		--runtime "$BIN/garita-runtime" --hook "$LIBEXEC/garita-hook"
fi
