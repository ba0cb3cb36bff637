# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# rows.bash - renders base.json.in with one mark changed.
#
#	render MARK TEXT >config.json
#
# A mark is @name=default@ or @name@. TEXT has printf's escapes and goes out
# as bytes, NULs included. ROOTFS and SHARED are directories of the test.

render()
{
	local mark=$1 text=$2 rest name default

	rest=$(cat "$GARITA_SRC/tests/diff/base.json.in")
	while [[ $rest =~ ^([^@]*)@([a-z-]+)(=([^@]*))?@(.*)$ ]]; do
		name=${BASH_REMATCH[2]} default=${BASH_REMATCH[4]}
		rest=${BASH_REMATCH[5]}
		place "${BASH_REMATCH[1]}" %s
		if [ "$name" = "$mark" ]; then
			place "$text" %b
		else
			place "$default" %s
		fi
	done
	place "$rest" %s
}

place()
{
	local text=${1//ROOTFS/$GARITA_DIR/rootfs}

	# shellcheck disable=SC2059
	printf "$2" "${text//SHARED/$GARITA_DIR/shared}"
}

# rows FUNCTION: calls it with the fields of every row of json.tsv. In a
# subshell without bats's trap on every command, which makes it slow: FUNCTION
# writes down what is wrong.
rows()
(
	trap - DEBUG
	while IFS=$'\t' read -r why at text says pointer runc crun; do
		case $why in
		'#'* | '') continue ;;
		esac
		"$1" "$why" "$at" "$text" "$says" "$pointer" "$runc" "$crun"
	done <"$GARITA_SRC/tests/diff/json.tsv"
)

# lines FUNCTION: the same with argv.tsv
lines()
(
	trap - DEBUG
	while IFS=$'\t' read -r why kind before after says alone; do
		case $why in
		'#'* | '') continue ;;
		esac
		"$1" "$why" "$kind" "$before" "$after" "$says" "$alone"
	done <"$GARITA_SRC/tests/diff/argv.tsv"
)
