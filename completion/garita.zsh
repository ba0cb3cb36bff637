#compdef garita
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of garita in zsh. Every word comes from the program itself.

_garita()
{
	local verb=$words[2] option=$words[CURRENT-1] line files=
	local -a lines offered

	if (( CURRENT == 2 )); then
		lines=("${(@f)$(garita help --words 2>/dev/null)}")
	else
		if [[ $option == --* ]]; then
			lines=("${(@f)$(garita help --words "$verb" "$option" 2>/dev/null)}")
		fi
		if [[ -z "${lines[*]}" ]]; then
			lines=("${(@f)$(garita help --words "$verb" 2>/dev/null)}")
		fi
	fi
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
