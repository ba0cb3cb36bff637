#compdef garita
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of garita in zsh. Every word comes from the program itself.

_garita()
{
	local option=$words[CURRENT-1] line files=
	local -a lines offered

	lines=("${(@f)$(garita help --words "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
	for line in $lines; do
		if [[ $line == @file ]]; then
			files=yes
		else
			offered+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
		fi
	done
	[[ $option == --only ]] && compset -P '*,'
	(( ${#offered} == 0 )) || _describe -t words 'garita' offered
	[[ -z $files ]] || _files
}

[[ $funcstack[1] != _garita ]] || _garita "$@"
