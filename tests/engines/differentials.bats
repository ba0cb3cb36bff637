#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every row of tests/diff: what the real runc and the real crun make of it
# still holds, whatever their version (else the reasons in SECURITY.md have
# changed and so must we, or the table has to say since when),
# and garita lets none of it reach either of them, but for what all three read
# the same.

# bats sets lines, output and status behind shellcheck's back; words of inner
# shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common
load ../diff/rows

setup_file()
{
	local kind

	garita_up
	for kind in runc crun; do
		declare -gx "VERSION_$kind=$("$kind" --version |
			sed -n '1s/.* //p')"
	done
	rootfs
	cp "$GARITA_BUILD/tests/programs/look" "$GARITA_DIR/rootfs/bin/look"
	mkdir "$GARITA_DIR/rootfs/cgroup"
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

	# A device stays where no /dev of its own hides the image's.
	rm -f "$GARITA_DIR"/shared/* "$GARITA_DIR/rootfs/dev/x"
	: >"$GARITA_DIR/shared/there"
	inside timeout 20 "$@" run --bundle "$GARITA_DIR/bundle" \
		"garita-row-$$" >"$out" 2>"$out.err" </dev/null 3>&- || code=$?
	if [ "$code" != 0 ]; then
		echo refused
	else
		cat "$out"
	fi
}

# version RUNTIME: asked once
version()
{
	local name=VERSION_$1

	echo "${!name}"
}

# expected CELL RUNTIME: what the table says of the installed version. "B" is
# for every version, "B A@1.28" is A from 1.28 on.
expected()
{
	local cell=$1 is since want

	is=$(version "$2")
	want=${cell%% *}
	for since in ${cell#"$want"}; do
		printf '%s\n%s\n' "${since#*@}" "$is" | sort -VC || continue
		want=${since%@*}
	done
	echo "$want"
}

answers()
{
	local why=$1 at=$2 text=$3 want is

	want=$(expected "$6" runc)
	[ "$KIND" = runc ] || want=$(expected "$7" crun)
	render "$at" "$text" >"$GARITA_DIR/bundle/config.json"
	is=$(run_row "$KIND" --root "$GARITA_DIR/state-$KIND")
	case " ${is//[^ -~]/} " in
	*" $want "*) ;;
	*) echo "$why: $KIND $(version "$KIND") answers \"$is\", not $want" \
		>>"$GARITA_DIR/wrong" ;;
	esac
}

@test "runc answers the rows of the table as written there" {
	: >"$GARITA_DIR/wrong"
	KIND=runc rows answers
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

@test "crun answers the rows of the table as written there" {
	: >"$GARITA_DIR/wrong"
	KIND=crun rows answers
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

gate_of()
{
	policy <<<"{\"version\":1,\"profile\":\"off\",\"runtime\":\"$(command -v "$1")\"}"
}

reads_the_same()
{
	local why=$1 at=$2 text=$3 want is kind

	for kind in runc crun; do
		want=$(expected "$5" runc)
		[ "$kind" = runc ] || want=$(expected "$6" crun)
		gate_of "$kind"
		render "$at" "$text" >"$GARITA_DIR/bundle/config.json"
		is=$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")
		[[ " $is " == *" $want "* ]] ||
			echo "$why: behind garita $kind answers \"$is\", not $want"
	done >>"$GARITA_DIR/wrong" 2>&1
}

# Even with every rule off: such text is not judged at all.
stays_out()
{
	local why=$1 at=$2 text=$3 says=$4 is kind
	local config=$GARITA_DIR/bundle/config.json

	if [ "$says" = admits ]; then
		reads_the_same "$why" "$at" "$text" "$5" "$6" "$7"
		return
	fi
	render "$at" "$text" >"$config"
	cp "$config" "$GARITA_DIR/before"
	for kind in runc crun; do
		gate_of "$kind"
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
	local kind is word

	render none "" >"$GARITA_DIR/bundle/config.json"
	for kind in runc crun; do
		gate_of "$kind"
		is=$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")
		echo "$is"
		[[ "$is" == "A uid=1000 gid=1000 "* ]]
		for word in nnp=1 seccomp=2 bounding=0000000000000000 core=0 ro; do
			[[ " $is " == *" $word "* ]]
		done
	done
}

# ---- too deep, and no plain file ----

# deep LEVELS: as many arrays in a member that nobody knows, behind a good config
deep()
{
	render root-end ",\"x\":$(head -c "$1" /dev/zero | tr '\0' '[')$(
		head -c "$1" /dev/zero | tr '\0' ']')" \
		>"$GARITA_DIR/bundle/config.json"
}

# deep_in LEVELS RUNTIME: the first word of what it answers
deep_in()
{
	local is

	deep "$1"
	is=$(run_row "$2" --root "$GARITA_DIR/state-$2")
	echo "${is%% *}"
}

@test "how deep: 32 levels here, 10 000 in runc, until an old crun crashes" {
	local levels

	[ "$(deep_in 33 runc)" = A ]
	[ "$(deep_in 33 crun)" = "$(expected "A refused@1.28" crun)" ]
	[ "$(deep_in 10001 runc)" = refused ]
	[ "$(deep_in 10001 crun)" = "$(expected "A refused@1.28" crun)" ]
	for levels in 33 10001 1000000; do
		deep $levels
		run -2 inside "$RUNTIME" run --bundle "$GARITA_DIR/bundle" deep
		[[ $output == *"nested deeper"* ]]
	done
	run inside crun run --bundle "$GARITA_DIR/bundle" deep
	[ "$status" = "$(expected "139 1@1.28" crun)" ]
}

@test "a symbolic link for config.json: both follow it, garita does not" {
	local kind

	render none "" >"$GARITA_DIR/elsewhere.json"
	ln -sf ../elsewhere.json "$GARITA_DIR/bundle/config.json"
	for kind in runc crun; do
		gate_of "$kind"
		[ "$(run_row "$kind" --root "$GARITA_DIR/state-$kind" | cut -c 1)" = A ]
		[ "$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")" = refused ]
		grep -q "symbolic link" "$GARITA_DIR/out.err"
	done
	rm "$GARITA_DIR/bundle/config.json"
}

@test "a fifo for config.json: runc reads it once, garita does not" {
	local is

	mkfifo "$GARITA_DIR/bundle/config.json"
	gate_of runc
	[ "$(run_row "$RUNTIME" --root "$GARITA_DIR/state-runc")" = refused ]
	grep -q "a fifo" "$GARITA_DIR/out.err"
	timeout 20 bash -c 'cat >"$0/bundle/config.json"' "$GARITA_DIR" \
		< <(render none "") 3>&- &
	is=$(run_row runc --root "$GARITA_DIR/state-runc")
	[ "${is%% *}" = A ]
	wait
	rm "$GARITA_DIR/bundle/config.json"
}

# ---- the command line ----

# words_of BEFORE AFTER: sets `words`, the command line of a row
words_of()
{
	local before=$1 after=" $2 "

	after=${after// EVIL / $GARITA_DIR/EVIL }
	after=${after// B / $GARITA_DIR/B }
	after=${after//bB /b$GARITA_DIR/B }
	after=${after//=B /=$GARITA_DIR/B }
	after=${after//F /$GARITA_DIR/EVIL/config.json }
	after=${after// ID / garita-line-$$ }
	words=$after
	[ "$before" = - ] || words="$before $words"
}

# run_line KIND COMMAND...: the bundle that starts, or "refused"
run_line()
{
	local kind=$1 code=0

	shift
	words_of "$before" "$after"
	# shellcheck disable=SC2086
	(cd "$GARITA_DIR/lines" && inside timeout 20 "$@" $words) \
		>"$GARITA_DIR/out" 2>"$GARITA_DIR/out.err" </dev/null 3>&- ||
		code=$?
	(cd "$GARITA_DIR/lines" && rm -rf ./* ./-*)
	# A restore that fails leaves its state behind, in crun 1.21.
	[ "$code" = 0 ] || inside rm -rf "/run/$kind/garita-line-$$"
	if [ "$code" = 0 ]; then
		cut -d ' ' -f 1 "$GARITA_DIR/out"
	else
		echo refused
	fi
}

line_answers()
{
	local why=$1 kind=$2 before=$3 after=$4 says=$5 alone=$6 is

	[ "$kind" = "$KIND" ] || return 0
	alone=$(expected "$alone" "$kind")
	is=$(run_line "$kind" "$kind")
	[ "$is" = "$alone" ] ||
		echo "$why: $kind $(version "$kind") answers \"$is\", not" \
			"$alone: $after"
	is=$(run_line "$kind" "$RUNTIME")
	case $says:$is in
	admits:B) ;;
	admits:* | *:B | *:EVIL) echo "$why: garita, $kind: $is: $after" ;;
	*) grep -qF -- "$says" "$GARITA_DIR/out.err" ||
		echo "$why: garita says $(cat "$GARITA_DIR/out.err")" ;;
	esac
}

both_answer_lines()
(
	trap - DEBUG
	set +e
	for which in B EVIL; do
		mkdir -p "$GARITA_DIR/$which" "$GARITA_DIR/lines"
		render args "" | sed "s,\"/bin/look\"\, ,\"/bin/echo\"\, \"$which\"," \
			>"$GARITA_DIR/$which/config.json"
	done
	for KIND in runc crun; do
		gate_of "$KIND"
		lines line_answers
	done >"$GARITA_DIR/wrong" 2>&1
)

@test "command lines: what runc and crun make of them, and garita refuses" {
	both_answer_lines
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

# ---- what a hook inherits ----

# hook_row PHASE: a config whose hook writes down what it sees
hook_row()
{
	local look='{ pwd; echo \"${CALLER:-}${IMAGE:-}\"; } >SHARED/hook 2>/dev/null || '
	look+='{ pwd; echo \"${CALLER:-}${IMAGE:-}\"; } >/mnt/hook'
	render root "\"hooks\":{\"$1\":[{\"path\":\"/bin/busybox\",
		\"args\":[\"busybox\",\"sh\",\"-c\",\"$look\"]}]}," |
		sed 's/"PATH=\/bin"/"IMAGE=image", &/; s/"bind", "ro"/"bind"/' \
			>"$GARITA_DIR/bundle/config.json"
}

hook_inherits()
{
	local phase=$1 kind=$2 is seen=$GARITA_DIR/shared/hook

	hook_row "$phase"
	is=$(CALLER=caller run_row "$kind" --root "$GARITA_DIR/state-$kind")
	is=$(sed "1{s,^$GARITA_DIR/,,}" "$seen" 2>&1 | tr '\n' ' ')
	[ "$is" = "$4 $3 " ] ||
		echo "$kind, $phase: $is, not $4 $3"
	is=$(run_row "$RUNTIME" --root "$GARITA_DIR/state-$kind")
	grep -q 'bundle-hooks' "$GARITA_DIR/out.err" ||
		echo "$kind, $phase: garita: $is $(cat "$GARITA_DIR/out.err")"
	[ ! -e "$seen" ] || echo "$kind, $phase: the hook ran"
}

hooks_inherit()
(
	trap - DEBUG
	while IFS=$'\t' read -r phase kind environment directory; do
		[[ $phase == '#'* ]] ||
			hook_inherits "$phase" "$kind" "$environment" "$directory"
	done <"$GARITA_SRC/tests/diff/hooks.tsv" >"$GARITA_DIR/wrong" 2>&1
)

@test "hooks inherit what the table says, and a config brings none past garita" {
	policy <<<'{"version":1,"profile":"baseline"}'
	hooks_inherit
	cat "$GARITA_DIR/wrong"
	[ ! -s "$GARITA_DIR/wrong" ]
}

# ---- what nobody wrote down ----

# generated PROGRAM OPTIONS...: PROGRAM in garita's place
generated()
{
	local code=0

	inside timeout 7200 python3 -B "$GARITA_SRC/tests/diff/generate" \
		--dir "$GARITA_DIR" --garita-runtime "$@" \
		--runc "$(command -v runc)" --crun "$(command -v crun)" \
		--seed "${GARITA_SEED:-1}" >"$GARITA_DIR/out" 2>&1 3>&- ||
		code=$?
	head -n 40 "$GARITA_DIR/out"
	tail -n 1 "$GARITA_DIR/out" | sed 's/^/# /' >&3
	return $code
}

# A share of what ./dev diff makes.
@test "generated configs: what is admitted is read as garita read it" {
	generated "$RUNTIME" --configs "${GARITA_GENERATE:-150}"
}

@test "generated configs: without garita they are read otherwise" {
	run ! generated "$(command -v runc)" --configs 30
	grep -q 'a strict reader says' "$GARITA_DIR/out"
}

# Fewer: before an exec garita asks the runtime for the container.
@test "generated processes: an exec that is admitted is read as garita read it" {
	generated "$RUNTIME" --processes $((${GARITA_GENERATE:-150} / 3))
}

@test "generated command lines: what is admitted starts what was judged" {
	generated "$RUNTIME" --lines "${GARITA_GENERATE:-150}"
}
