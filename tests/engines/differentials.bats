#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every row of tests/diff: what the real runc and the real crun make of it
# still holds (else the reasons in SECURITY.md have changed and so must we),
# and garita lets none of it reach either of them.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2153,SC2154

load common
load ../diff/rows

setup_file()
{
	garita_up
	rootfs
	cat >"$GARITA_DIR/rootfs/bin/look" <<-'LOOK'
	#!/bin/sh
	has() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
	mnt=ro
	! touch /mnt/try 2>/dev/null || mnt=rw
	[ ! -e /mnt/passwd ] || mnt="$mnt etc"
	[ ! -e /mnt/hooked ] || mnt="$mnt hooked"
	[ -e /mnt/there ] || mnt="$mnt masked"
	echo "$* uid=$(id -u) gid=$(id -g) nnp=$(has NoNewPrivs)" \
		"seccomp=$(has Seccomp) bounding=$(has CapBnd) $mnt"
	LOOK
	chmod 0755 "$GARITA_DIR/rootfs/bin/look"
	mkdir "$GARITA_DIR/bundle" "$GARITA_DIR/shared"
	chmod 1777 "$GARITA_DIR/shared"
}

teardown_file()
{
	garita_down
}

# run_row RUNTIME ARGUMENTS...: what the container says, or "refused"
run_row()
{
	local out=$GARITA_DIR/out code=0

	rm -f "$GARITA_DIR"/shared/*
	: >"$GARITA_DIR/shared/there"
	inside timeout 20 "$@" run --bundle "$GARITA_DIR/bundle" \
		"garita-row-$$" >"$out" 2>"$out.err" </dev/null 3>&- || code=$?
	if [ "$code" != 0 ]; then
		echo refused
	else
		cat "$out"
	fi
}

# Is this version one that the table speaks of?
measured()
{
	local version

	version=$("$1" --version | sed -n '1s/.* //p')
	case $1 in
	runc) [[ $version == 1.* ]] ;;
	crun) [[ $version =~ ^1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt 28 ] ;;
	esac
}

answers()
{
	local why=$1 at=$2 text=$3 want is

	want=$6
	[ "$KIND" = runc ] || want=$7
	render "$at" "$text" >"$GARITA_DIR/bundle/config.json"
	is=$(run_row "$KIND" --root "$GARITA_DIR/state-$KIND")
	case " ${is//[^ -~]/} " in
	*" $want "*) ;;
	*) echo "$why: $KIND answers \"$is\", not $want" >>"$GARITA_DIR/wrong" ;;
	esac
}

@test "runc answers the rows of the table as written there" {
	measured runc || skip "the table does not speak of this version"
	: >"$GARITA_DIR/wrong"
	KIND=runc rows answers
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

@test "crun answers the rows of the table as written there" {
	measured crun || skip "the table does not speak of this version"
	: >"$GARITA_DIR/wrong"
	KIND=crun rows answers
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

# Even with every rule off: such text is not judged at all.
stays_out()
{
	local why=$1 at=$2 text=$3 says=$4 is kind
	local config=$GARITA_DIR/bundle/config.json

	render "$at" "$text" >"$config"
	cp "$config" "$GARITA_DIR/before"
	for kind in runc crun; do
		policy <<<"{\"version\":1,\"profile\":\"off\",\"runtime\":\"$(command -v "$kind")\"}"
		is=$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")
		[ "$is" = refused ] || echo "$why: ran under $kind: $is"
		grep -qF "$says" "$GARITA_DIR/out.err" ||
			echo "$why: the reason is $(cat "$GARITA_DIR/out.err")"
		cmp "$config" "$GARITA_DIR/before" || true
		[ ! -e "$GARITA_DIR/shared/hooked" ] || echo "$why: a hook ran"
	done >>"$GARITA_DIR/wrong" 2>&1
}

@test "garita-runtime lets no row reach runc or crun" {
	: >"$GARITA_DIR/wrong"
	rows stays_out
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

@test "the same config without a row's change runs under both" {
	local kind is

	render none "" >"$GARITA_DIR/bundle/config.json"
	for kind in runc crun; do
		policy <<<"{\"version\":1,\"profile\":\"off\",\"runtime\":\"$(command -v "$kind")\"}"
		is=$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")
		echo "$is"
		[ "$is" = "A uid=1000 gid=1000 nnp=1 seccomp=2 bounding=0000000000000000 ro" ]
	done
}
