#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Manual pages, help and completions say what the programs do: every verb,
# option and rule, and no other.

# bats sets lines, output and status behind shellcheck's back; inner shells
# have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=$GARITA_BUILD:$PATH
}

verbs()
{
	"$GARITA" help --words | cut -f 1 | grep -vx -e help -e version
}

forms() # of a verb
{
	"$GARITA" help --words help "$1" | cut -f 1
}

# Each verb, or in its place its forms: "check", "image verify".
commands()
{
	local verb form

	for verb in $(verbs); do
		if [ -z "$(forms "$verb")" ]; then
			echo "$verb"
			continue
		fi
		for form in $(forms "$verb"); do
			echo "$verb $form"
		done
	done
}

options() # words of a command
{
	"$GARITA" help --words "$@" | cut -f 1 | grep '^--' || true
}

# ---- help ----

@test "help lists every verb; its words are the options there are" {
	local verb form option
	local -a command

	[ "$(verbs | wc -l)" -ge 3 ]
	for verb in $(verbs); do
		"$GARITA" help | grep -qE "^  $verb +"
		for form in $(forms "$verb"); do
			"$GARITA" help "$verb" | grep -qE "^  $form +"
		done
	done
	# Each is known: what is wrong is something else.
	while read -r -a command; do
		for option in $(options "${command[@]}"); do
			run "$GARITA" "${command[@]}" "$option" --no-such-option
			[[ $output != *"unknown option $option"* ]]
		done
		options "${command[@]}" >>offered
	done < <(commands)
	# Each in an option table is in some usage.
	cat "$GARITA_SRC"/hook/cli/*.c |
		sed -n 's/^\t*{ "\(--[a-z-]*\)", .*/\1/p' | sort -u >known
	[ -s known ]
	run comm -13 <(sort -u offered) known
	[ "$output" = "" ]
}

@test "a form has its own help, and none is wider than a terminal" {
	local -a command

	"$GARITA" help >helps
	while read -r -a command; do
		"$GARITA" help "${command[@]}" >one
		grep -q "^usage: garita ${command[*]}" one
		cmp one <("$GARITA" "${command[@]}" --help)
		cat one >>helps
	done < <(commands)
	run awk 'length > 80' helps
	[ "$output" = "" ]
	"$GARITA" help image | grep -q "^usage: garita image VERB"
	cmp <("$GARITA" help image) <("$GARITA" image -h)
	run -2 "$GARITA" help image nothing
	[[ $output == "garita image: give inspect, show, "*" or verify-layers" ]]
	run -2 "$GARITA" image veriyf
	[ "$output" = "garita image: unknown verb veriyf; did you mean verify?" ]
}

@test "a hint has something in common with what was meant" {
	run -2 "$GARITA" net --nope
	[[ $output == *"unknown option --nope; see garita help net" ]]
	run -2 "$GARITA" log -x
	[[ $output == *"unknown option -x; see garita help log" ]]
	run -2 "$GARITA" net --rot
	[[ $output == *"unknown option --rot; did you mean --root?" ]]
	run -2 "$GARITA" check -policy
	[[ $output == *"unknown option -policy; did you mean --policy?" ]]
}

@test "words of values: alternatives, rules, files" {
	[ "$("$GARITA" help --words check --format | paste -sd' ')" = \
		"text json sarif junit" ]
	[ "$("$GARITA" help --words check --policy)" = @file ]
	[ "$("$GARITA" help --words explain | cut -f 1)" = \
		"$("$GARITA" rules --format json | jq -r '.rules[].id')" ]
	[ "$("$GARITA" help --words nothing)" = "" ]
	[ "$("$GARITA" help --words policy nothing)" = "" ]
	[ "$("$GARITA" help --words help policy show)" = "" ]
	# Behind an option without a value comes what comes anywhere.
	cmp <("$GARITA" help --words check --no-fix) \
		<("$GARITA" help --words check)
	# Of a form its own, and no other's.
	"$GARITA" help --words image inspect | cut -f 1 >words
	grep -qx -e --sysroot words
	run grep -x -e --key -e inspect words
	[ "$output" = "" ]
	# Usages of one verb: their words, each once.
	"$GARITA" help --words seccomp | cut -f 1 >words
	[ "$(sort words | uniq -d)" = "" ]
	grep -qx show words
	run grep -x -e garita -e seccomp words
	[ "$output" = "" ]
	[ "$("$GARITA" help --words policy show --profile)" = \
		$'off\nbaseline\nrestricted\nstrict' ]
	"$GARITA" help --words check | grep -qx @file
}

# ---- manual pages ----

# What garita(1) says of a verb: its lines of the synopsis, and its text.
synopsis_of() # verb, form or nothing
{
	awk -v verb="$1" -v form="$2" '
		/^\.Sh / { here = $2 == "SYNOPSIS"; next }
		!here { next }
		/^\.Nm/ { ours = 0 }
		/^\.Cm/ { ours = $2 == verb && (form == "" || $3 == form) }
		ours' "$GARITA_SRC/man/garita.1"
}

text_of()
{
	awk -v verb="$1" '
		/^\.S[hs] / { here = $2 == "DESCRIPTION"; ours = 0 }
		here && /^\.It Cm/ { ours = $3 == verb }
		ours' "$GARITA_SRC/man/garita.1"
}

@test "garita(1) has every verb and every option of it, and no other" {
	local verb form option

	while read -r verb form; do
		synopsis_of "$verb" "$form" >synopsis
		text_of "$verb" >text
		[ -s synopsis ] && [ -s text ] ||
			fails "garita.1 has no $verb $form"
		# shellcheck disable=SC2086
		options $verb $form >known
		while read -r option; do
			grep -qE "Fl .*-${option#--}( |\$)" text ||
				fails "no word about $option of $verb"
			# Those of seccomp are one [options].
			[ "$verb" = seccomp ] ||
				grep -qE "Fl .*-${option#--}( |\$)" synopsis ||
				fails "no $option in the synopsis of" \
					"$verb $form"
		done <known
		grep -oE 'Fl -[a-z-]+' synopsis | sed 's/Fl /-/' | sort -u >said
		sort -u known | comm -23 said - >others
		[ ! -s others ] ||
			fails "$verb $form does not have" "$(cat others)"
	done < <(commands)
}

@test "garita-rules(7) has every rule with what the tables say" {
	local page=$GARITA_BUILD/man/garita-rules.7

	cmp "$page" <("$GARITA" rules --format mdoc)
	mandoc -T lint -W warning "$page"
	sed -n 's/^\.Ss //p' "$page" >got
	"$GARITA" rules --format json >rules.json
	jq -r '.rules[].id' rules.json | cmp - got
	MANWIDTH=1000 mandoc -T utf8 -O width=1000 "$page" | col -bx |
		sed 's/  */ /g; s/‐/-/g' >text
	jq -r '.rules[] | .summary, (.allows // empty), .params[].holds,
		"baseline \(.baseline), restricted \(.restricted), strict " +
		.strict' rules.json |
		while read -r words; do
			words=$(tr -s ' ' <<<"$words")
			grep -qF -- "$words" text || echo "not there: $words"
		done >missing
	cat missing
	[ ! -s missing ]
}

@test "rules and explain say every parameter" {
	local id name

	"$GARITA" rules --format json |
		jq -r '.rules[] | .id as $id | .params[] | "\($id) \(.name)"' \
			>params
	[ -s params ]
	while read -r id name; do
		"$GARITA" explain "$id" | grep -qE "^  $name "
	done <params
}

# ---- completions ----

in_bash()
{
	bash --norc --noprofile -c '
		source "$0"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_garita
		printf "%s\n" "${COMPREPLY[@]}"' \
		"$GARITA_SRC/completion/garita.bash" "$@"
}

in_fish()
{
	HOME=$BATS_TEST_TMPDIR fish --no-config -c 'source $argv[1]
		complete -C $argv[2]' \
		"$GARITA_SRC/completion/garita.fish" "$*" | cut -f 1
}

# Its own functions need a terminal; the words they are given are what counts.
in_zsh()
{
	zsh -f -c '
		compset() { : }
		_describe() { print -l -- "${(@)${(P)4}%%:*}" }
		_files() { print -l -- *(N) }
		source "$0"
		words=("$@")
		CURRENT=$#
		_garita' "$GARITA_SRC/completion/garita.zsh" "$@"
}

# Each shell offers at least these lines for this command line.
offers()
{
	local wanted=$1 shell

	shift
	for shell in bash zsh fish; do
		"in_$shell" "$@" >"$shell.out"
		sort -u "$shell.out" >sorted
		comm -23 <(sort -u <<<"$wanted") sorted >missing
		[ ! -s missing ] || {
			echo "$shell does not offer for $*:"
			cat missing
			echo "but:"
			cat "$shell.out"
			return 1
		}
	done
}

@test "bash, zsh and fish offer every verb, option, value and rule" {
	local ids
	local -a command

	touch config.json
	offers "$(verbs)" garita ""
	offers "$(forms image)" garita image ""
	offers "$(forms image)" garita help image ""
	while read -r -a command; do
		[ -z "$(options "${command[@]}")" ] ||
			offers "$(options "${command[@]}")" \
				garita "${command[@]}" --
	done < <(commands)
	ids=$("$GARITA" rules --format json | jq -r '.rules[].id')
	offers "$ids" garita explain ""
	offers $'text\njson\nsarif\njunit' garita check --format ""
	offers $'denied\nexcepted\nrun-as-non-root' garita check --only ""
	offers warn garita check --fail-on ""
	offers critical garita image verify --max-severity ""
	offers config.json garita check ""
	offers config.json garita check --policy ""
	offers "$(verbs)" garita help ""
}

@test "bash completes after a comma and after an equals sign" {
	[ "$(in_bash garita check --only denied,fix)" = denied,fixed ]
	[ "$(in_bash garita check --format = sa)" = sarif ]
	[ "$(in_bash garita check --format =)" = $'json\njunit\nsarif\ntext' ]
	[ "$(in_bash garita ch)" = check ]
	[ "$(in_bash garita image i)" = $'import\ninspect' ]
	[ "$(in_bash garita policy test --format = j)" = junit ]
}
