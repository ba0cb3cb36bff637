# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kept.bash - what is kept for a fuzz target: its seeds, every input that ever
# made it fail (found/), and files of the tree that are of its kind.
#
#	kept TARGET     one path a line, from the top of the source

kept()
{
	local name=$1

	{
		find "tests/fuzz/seeds/$name" "tests/fuzz/found/$name" \
			-type f 2>/dev/null || :
		case $name in
		names | spec)
			find tests/samples/engines -name 'config*.json'
			find tests/rules -maxdepth 1 -name base.json
			;;
		policy) find examples -maxdepth 1 -name 'policy*.json' ;;
		esac
	} | sort
}
