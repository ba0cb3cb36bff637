#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita-hook: called as podman calls it before a container is created, called
# by runc and crun while they create one, and called with nonsense.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

setup_file()
{
	podman_up
	podman_image app
	garita_up
	rootfs
	# Where it is installed, as the programs have it built in.
	HOOK_PATH=$(grep -aoE '/[A-Za-z0-9/_.-]+/garita/garita-hook' "$GARITA" |
		head -n 1)
	[[ $HOOK_PATH == /*/garita-hook ]]
	export HOOK_PATH
	install_hook
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000}'
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	rm -f "$PODMAN_DIR"/hooks.d/*
	forget
	no_policy
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
}

# Over what is there of its directory, in the test's namespace only.
install_hook()
{
	local top=${HOOK_PATH%/*}

	while [ ! -d "$top" ]; do
		top=${top%/*}
	done
	inside sh -e -c '
		mkdir "$2/over"
		mount -t tmpfs -o mode=0755 garita-test "$2/over"
		mkdir "$2/over/upper" "$2/over/work"
		mount -t overlay -o "lowerdir=$0,upperdir=$2/over/upper,workdir=$2/over/work" \
			garita-test "$0"
		mkdir -p "${1%/*}"
		install -m 0755 "$3" "$1"' \
		"$top" "$HOOK_PATH" "$GARITA_DIR" "$HOOK"
}

# hook CODE ARGUMENTS...: standard input is the caller's
hook()
{
	local want=$1 code=0

	shift
	inside timeout 20 "$HOOK" "$@" >out 2>err 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: garita-hook $*"
		head -c 2000 out err
		return 1
	}
}

# refused_hook CODE ARGUMENTS...: and nothing that could be taken for a config
refused_hook()
{
	hook "$@"
	[ ! -s out ]
	grep -q "garita refused this container" err
}

both()
{
	for KIND in runc crun; do
		echo "-- $KIND"
		STATE=$GARITA_DIR/state-$KIND
		"$@"
	done
}

# ---- precreate, called directly ----

@test "precreate: a config in, the repaired one out" {
	hook 0 precreate <plain/config.json
	inside "$GARITA" check --print-config - <plain/config.json >printed
	diff <(jq -S . printed) <(jq -S . out)
	[ ! -s err ]
	decisions | jq -e '.program == "garita-hook" and .verb == "precreate" and
		.verdict == "repair"'
	# Twice is once.
	cp out once
	hook 0 precreate <once
	cmp once out
}

@test "precreate: refused, with the reason and without a config" {
	refused_hook 1 precreate <risky/config.json
	grep -q "run-as-non-root: uid 0" err
}

@test "precreate: what cannot be read is refused" {
	printf '{"process":' >half
	head -c 1000000 /dev/zero | tr '\0' '[' >deep
	sed 's/^{/{"Hooks":{},/' plain/config.json >twice
	printf '[]' >list
	: >empty
	for input in half deep twice list empty /dev/null /dev/zero /; do
		refused_hook 2 precreate <"$input"
		grep -q "standard input" err
	done
	run -2 inside sh -c 'exec "$@" <&-' - "$HOOK" precreate
	[[ $output == *"garita refused"* ]]
}

@test "precreate: a config that cannot be handed back is no admission" {
	run -2 inside sh -c 'exec "$0" precreate <plain/config.json >/dev/full' \
		"$HOOK"
	run -2 inside sh -c 'exec "$0" precreate <plain/config.json >&-' "$HOOK"
}

# What a garita-hook that runs may do with the page at this address of its file.
page_of_hook() { # address
	local pid range modes path base

	for pid in $(pgrep -x garita-hook); do
		[ "/proc/$pid/exe" -ef "$HOOK" ] || continue
		base=
		while read -r range modes _ _ _ path; do
			[ -n "$base" ] || [ "$path" != "$HOOK" ] ||
				base=$((0x${range%-*}))
			[ -z "$base" ] || ((0x${range%-*} > base + $1)) ||
				((0x${range#*-} <= base + $1)) || echo "$modes"
		done <"/proc/$pid/maps"
	done
}

# musl leaves it to the program itself (hook/start/relro.c).
@test "tables of addresses are closed for writing" {
	local relro tries modes=

	relro=$(readelf -lW "$HOOK" | awk '$1 == "GNU_RELRO" { print $3 }')
	mkfifo held
	inside "$HOOK" precreate <held >/dev/null 2>&1 3>&- &
	exec 9>held
	# It is the program that it will be, and then closes them first of all.
	for ((tries = 0; tries < 100; tries++)); do
		modes=$(page_of_hook "$((relro))")
		[ "$modes" != r--p ] || break
		sleep 0.05
	done
	exec 9>&-
	wait $! || true
	rm held
	[ "$modes" = r--p ]
}

@test "precreate in dry-run: every byte as it came, also what cannot be read" {
	policy <<<'{"version":1,"mode":"dry-run"}'
	for input in risky/config.json plain/config.json; do
		hook 0 precreate <"$input"
		cmp "$input" out
	done
	printf '{"process":' >half
	hook 0 precreate <half
	cmp half out
	[ "$(decisions | jq -r '"\(.verdict) \(.would)"')" = "admit deny
admit repair
admit deny" ]
}

@test "a policy that is wrong: nothing comes out of any stage" {
	policy <<<'{"version":1,'
	refused_hook 2 precreate <plain/config.json
	grep -q "policy.json" err
	echo '{"bundle":"/nowhere"}' >state
	refused_hook 2 createRuntime <state
	policy <<<'{"version":1}'
	inside chmod 0666 "$POLICY"
	refused_hook 2 precreate <plain/config.json
}

@test "usage: stages by exact name" {
	for args in "" "precreat" "createContainer" "precreate now" \
		"createRuntime --judge" "createRuntime --judge-only now"; do
		# shellcheck disable=SC2086
		hook 2 $args </dev/null
		grep -q "usage: garita-hook" err
		[ ! -s out ]
	done
	hook 0 --help </dev/null
	grep -q -- --judge-only out
	hook 0 --version </dev/null
}

# ---- createRuntime, called directly ----

# What garita-runtime leaves: canonical, and in need of nothing.
printed_bundle()
{
	local dir=$1

	cp "$GARITA_BUILD/tests/programs/null_runtime" runc-null
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\"}"
	inside mkdir -p "$dir"
	inside cp plain/config.json "$dir/config.json"
	inside "$RUNTIME" create --bundle "$dir" one </dev/null
	no_policy
}

@test "createRuntime with the states that engines really sent" {
	local state dir

	for state in "$GARITA_SRC"/tests/samples/engines/*/hook-state.json; do
		dir=$(jq -r .bundle "$state")
		refused_hook 2 createRuntime <"$state"

		printed_bundle "$dir"
		hook 0 createRuntime <"$state"
		hook 0 prestart <"$state"
		[ ! -s out ]
		[ ! -s err ]

		inside sh -c 'cat risky/config.json >"$0/config.json"' "$dir"
		refused_hook 2 createRuntime <"$state"
		grep -q "not what garita-runtime printed" err
		refused_hook 1 createRuntime --judge-only <"$state"
		grep -q run-as-non-root err
		# What would need a repair comes too late for one.
		inside sh -c 'cat plain/config.json >"$0/config.json"' "$dir"
		refused_hook 1 createRuntime --judge-only <"$state"
		grep -q seccomp-required err
		decisions | tail -n 1 | jq -e --slurpfile state "$state" \
			'.id == $state[0].id and .bundle == $state[0].bundle'
	done
	decisions | jq -e -s 'length > 20'
}

@test "createRuntime with states that nobody should have sent" {
	local dir=$GARITA_DIR/ours

	printed_bundle "$dir"
	printf '{"bundle":"%s"}' "$dir" >good
	hook 0 createRuntime <good

	printf '{"bundle":"ours"}' >relative
	printf '{"bundle":""}' >blank
	printf '{"bundle":["%s"]}' "$dir" >array
	printf '{"Bundle":"%s"}' "$dir" >case
	printf '{"bundle":"%s","bundle":"/"}' "$dir" >twice
	printf '{"bundle":"%s\\u0000"}' "$dir" >nul
	printf '{"bundle":"%s"} x' "$dir" >behind
	printf '{"bundle":"/nowhere"}' >nowhere
	printf '{}' >none
	printf 'garbage' >garbage
	head -c 1000000 /dev/zero | tr '\0' '[' >deep
	for input in relative blank array case twice nul behind nowhere none \
		garbage deep /dev/null /dev/zero; do
		refused_hook 2 createRuntime <"$input" || fails "$input"
		refused_hook 2 createRuntime --judge-only <"$input" ||
			fails "$input"
	done
}

@test "createRuntime and a bundle in the hands of others" {
	local dir=$GARITA_DIR/theirs

	printed_bundle "$dir"
	printf '{"bundle":"%s"}' "$dir" >good
	hook 0 createRuntime <good
	chown 1000 theirs
	refused_hook 2 createRuntime <good
	chown 0 theirs
	mv theirs/config.json elsewhere
	ln -s ../elsewhere theirs/config.json
	refused_hook 2 createRuntime <good
	rm theirs/config.json
	mkfifo theirs/config.json
	refused_hook 2 createRuntime <good
}

@test "createRuntime in dry-run refuses nothing" {
	policy <<<'{"version":1,"mode":"dry-run"}'
	printf '{"id":"x","bundle":"%s/risky"}' "$GARITA_DIR" >state
	hook 0 createRuntime <state
	decisions | jq -e '.verdict == "admit" and .would == "deny" and .id == "x"'
	hook 0 createRuntime </dev/null
}

# ---- in the runtimes ----

# hooked DIR STAGE [ARGUMENT...]: a bundle with our entry, as engines write it
hooked()
{
	local dir=$1 stage=$2

	shift 2
	bundle "$dir" '.process.user = {uid: 1000} | .process.args = ["echo", "ran"]'
	edit "$dir" --arg stage "$stage" --arg path "$HOOK_PATH" --arg more "$*" \
		'.hooks[$stage] = [{path: $path, timeout: 10,
			args: (["garita-hook", $stage] + ($more / " " - [""])),
			env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}]'
}

run_bundle()
{
	local want=$1 code=0

	shift
	inside timeout 30 "$@" >out 2>err </dev/null 3>&- || code=$?
	inside "$KIND" --root "$STATE" delete --force one >/dev/null 2>&1 || true
	case $want:$code in
	ran:0) grep -qx ran out ;;
	refused:[1-9]*) run ! grep -qx ran out ;;
	*)
		echo "exit code $code, wanted: $want: $*"
		cat out err
		return 1
		;;
	esac
}

changed_behind_its_back()
{
	local stage

	for stage in createRuntime prestart; do
		enforce '{}'
		hooked "hooked-$KIND" "$stage"
		run_bundle ran "$RUNTIME" --root "$STATE" run --bundle \
			"hooked-$KIND" one
		decisions | tail -n 1 | jq -e '.program == "garita-hook" and
			.verdict == "admit"'
		# The same bytes under the bare runtime are still fine ...
		run_bundle ran "$KIND" --root "$STATE" run --bundle \
			"hooked-$KIND" one
		# ... in other words they are not, nor with more in them.
		cp "hooked-$KIND/config.json" saved
		edit "hooked-$KIND" .
		run_bundle refused "$KIND" --root "$STATE" run --bundle \
			"hooked-$KIND" one
		jq -c '.process.user.uid = 0' saved | tr -d '\n' \
			>"hooked-$KIND/config.json"
		run_bundle refused "$KIND" --root "$STATE" run --bundle \
			"hooked-$KIND" one
		decisions | tail -n 1 | jq -e '.verdict == "deny"'
	done
}

@test "createRuntime in runc and crun: what was judged is what runs" {
	both changed_behind_its_back
}

judge_only()
{
	enforce '{}'
	hooked "hooked-$KIND" createRuntime --judge-only
	# Needs repairs, and a hook can make none.
	run_bundle refused "$KIND" --root "$STATE" run --bundle "hooked-$KIND" one
	enforce '{"profile": "off"}'
	run_bundle ran "$KIND" --root "$STATE" run --bundle "hooked-$KIND" one
	enforce '{}'
	inside "$GARITA" check --print-config "hooked-$KIND" >fixed
	cat fixed >"hooked-$KIND/config.json"
	run_bundle ran "$KIND" --root "$STATE" run --bundle "hooked-$KIND" one
}

@test "--judge-only in runc and crun, without a garita-runtime" {
	both judge_only
}

# ---- in podman, with the shipped files ----

# shipped FILE: into podman's hooks directory, with the built-in path
shipped()
{
	jq --arg path "$HOOK_PATH" '.hook.path = $path' \
		"$GARITA_SRC/examples/hooks.d/$1" \
		>"$PODMAN_DIR/hooks.d/${1##*/}"
}

# podman RUNTIME CODE ARGUMENTS...
podman()
{
	local runtime=$1 want=$2 code=0

	shift 2
	pod --runtime "$runtime" "$@" >out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: podman $*"
		cat out err
		return 1
	}
}

@test "the shipped files have a path, an environment and one stage each" {
	local file

	for file in "$GARITA_SRC"/examples/hooks.d/*/*.json; do
		jq -e '.version == "1.0.0" and .when.always == true and
			(.stages | length) == 1 and
			(.hook | (.path | endswith("/garita/garita-hook")) and
			.env == ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] and
			.args[0] == "garita-hook" and .timeout > 0)' "$file"
		[ "$(jq -r '.stages[0]' "$file")" = \
			"$(jq -r '.hook.args[1]' "$file")" ]
	done
}

podman_precreate()
{
	# There is no bundle yet to tell a run root that is not the usual one.
	enforce "{\"rules\": {\"host-path-mount\": {\"action\": \"deny\",
		\"allow\": [\"$PODMAN_DIR/run/overlay-containers/**\"]}}}"
	shipped precreate/50-garita-precreate.json
	podman "$KIND" 0 run --rm --user 1000 --security-opt seccomp=unconfined \
		localhost/app:v1 cat /proc/self/status
	grep -q "^Seccomp:[[:space:]]*2$" out
	grep -q "^NoNewPrivs:[[:space:]]*1$" out
	grep -q "^CapBnd:[[:space:]]*0000000000000400$" out
	podman "$KIND" 126 run --rm localhost/app:v1 true
	# podman 4.3 does not show a precreate hook's words; the log has them.
	grep -q "garita-hook precreate" err
	decisions | tail -n 1 | jq -e '.verb == "precreate" and
		.verdict == "deny" and .findings[0].rule == "run-as-non-root"'
	podman "$KIND" 0 ps --all --quiet
	[ ! -s out ]
}

@test "podman: the shipped precreate repairs and refuses" {
	both podman_precreate
}

podman_create_runtime()
{
	enforce '{}'
	shipped createRuntime/50-garita.json
	# Behind garita-runtime, which knows it: admitted.
	podman "$RUNTIME" 0 run --rm --user 1000 localhost/app:v1 \
		cat /proc/self/status
	grep -q "^Seccomp:[[:space:]]*2$" out
	[ "$(decisions | tail -n 2 | jq -r .program)" = "garita-runtime
garita-hook" ]
	# Somebody went round it: refused.
	podman "$KIND" 126 run --rm --user 1000 localhost/app:v1 true
	decisions | tail -n 1 |
		jq -e '.program == "garita-hook" and .verdict == "deny"'
	# runc shows a hook's words, crun does not.
	[ "$KIND" = crun ] || grep -q "garita refused" err
}

@test "podman: the shipped createRuntime checks garita-runtime's work" {
	both podman_create_runtime
}

podman_judge_only()
{
	# podman 4.3 masks less than we want, and a hook cannot mask more.
	enforce '{"profile": "baseline", "rules": {"masked-paths": "warn"}}'
	shipped judge-only/50-garita.json
	podman "$KIND" 0 run --rm localhost/app:v1 id -u
	[ "$(cat out)" = 0 ]
	podman "$KIND" 126 run --rm --privileged localhost/app:v1 true
	decisions | tail -n 1 | jq -e '.verdict == "deny" and
		any(.findings[]; .rule == "privileged")'
	[ "$KIND" = crun ] || grep -q "privileged" err
	enforce '{}'
	podman "$KIND" 126 run --rm --user 1000 localhost/app:v1 true
}

@test "podman: the shipped judge-only stands alone" {
	both podman_judge_only
}
