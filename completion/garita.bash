# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of garita in bash. Every word comes from the program itself.

_garita()
{
	local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
	local list word head=""
	local -a words=()

	list=$(garita help --words "${COMP_WORDS[@]:1:COMP_CWORD-1}" \
		2>/dev/null)
	# bash splits --format=json in three.
	if [[ $cur == = ]]; then
		cur=""
	elif [[ $option == = && $COMP_CWORD -gt 2 ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if [[ $option == --only ]]; then
		head=${cur%"${cur##*,}"}
		cur=${cur##*,}
	fi
	COMPREPLY=()
	while IFS=$'\t' read -r word _; do
		if [[ $word == @file ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t words < <(compgen -f -- "$cur")
			COMPREPLY+=("${words[@]}")
		elif [[ -n $word && $word == "$cur"* ]]; then
			COMPREPLY+=("$head$word")
		fi
	done < <(sort -u <<<"$list")
}
complete -F _garita garita
