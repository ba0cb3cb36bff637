#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# `garita log` and `garita policy suggest`: what was decided, read back, and
# made into the least that would have let it through, with real containers.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

setup_file()
{
	podman_up
	podman_image app
	podman_image other
	podman_image third
	podman_image good --config.user 1000
	garita_up
	mkdir "$GARITA_DIR/data"
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
}

# mode MODE [MORE-JSON]
mode()
{
	policy <<-E
	// what the operator wrote
	{
	  "version": 1, // and why
	  "runtime": "$(command -v crun)",
	  "mode": "$1"${2:+, $2}
	}
	E
}

# run_as CODE ARGUMENTS...: podman run
run_as()
{
	local want=$1 code=0

	shift
	pod --runtime "$RUNTIME" run --rm "$@" >out 2>err </dev/null 3>&- ||
		code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: podman run $*"
		cat out err
		return 1
	}
}

# garita CODE ARGUMENTS...: standard output to ./out, the rest to ./err
garita()
{
	local want=$1 code=0

	shift
	inside "$GARITA" "$@" >out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: garita $*"
		cat out err
		return 1
	}
}

# ---- suggest ----

# Containers that the profile refuses, each for another reason.
risky()
{
	run_as "$1" localhost/app:v1 id -u
	run_as "$1" --privileged localhost/other:v1 id -u
	run_as "$1" --volume "$GARITA_DIR/data:/data" localhost/third:v1 true
	run_as "$1" --user 1000 --volume "$GARITA_DIR/data:/data" \
		localhost/good:v1 true
}

# Under what was suggested the same containers run, and no others.
@test "dry-run, suggest, enforce: the same containers, and only those" {
	mode dry-run
	risky 0
	run_as 0 localhost/good:v1 true
	garita 0 policy suggest --owner "team a" --ttl 4w
	cp out fragment.json
	jq -e . <(grep -v '^ *//' fragment.json)
	inside cp fragment.json /etc/garita/fragment.json
	garita 0 policy check /etc/garita/fragment.json
	grep -q '"expires": "'"$(date -u -d '28 days' +%F)"'"' fragment.json
	run ! grep -qE '"rules": \{|"off"' fragment.json

	garita 0 policy suggest --whole
	grep -q "^// what the operator wrote" out
	grep -q '"version": 1, // and why' out
	sed 's/"mode": "dry-run"/"mode": "enforce"/' out | policy
	garita 0 policy check
	risky 0
	# Not what the log does not have.
	run_as 126 --privileged localhost/app:v1 true
	run_as 126 --pid host localhost/third:v1 true
	run_as 126 --user 0 localhost/good:v1 true
	# And once more: there is nothing left to suggest.
	garita 0 policy suggest --until "$(date -u +%FT%TZ)"
	grep -q "nothing to suggest" err
	[ ! -s out ]
}

@test "suggest: as scopes that end" {
	mode dry-run '"scopes": [{"name": "mine",
		"match": {"image": "localhost/third"}, "profile": "restricted"}]'
	risky 0
	garita 0 policy suggest --scopes --whole --ttl 20d
	sed 's/"mode": "dry-run"/"mode": "enforce"/' out | policy
	grep -v '^ *//' out | sed 's,// and why,,' | jq -e '
		(.scopes | map(.name) == ["mine", "suggested-1", "suggested-2",
			"suggested-3"]) and
		(.scopes[1:] | all(.expires != null and (.match | keys == ["digest"]) and
			(.rules | all(. == "warn")))) and
		(.exceptions | length == 1)'
	run inside "$GARITA" policy check
	[[ $output != *suggested* ]]
	risky 0
	run_as 126 --privileged localhost/app:v1 true
}

@test "suggest: the fewest entries, and none for what cannot be told" {
	local a b c

	mode enforce
	a=sha256:$(printf %064d 1) b=sha256:$(printf %064d 2)
	c=sha256:$(printf %064d 3)
	record()
	{
		jq -cn --arg digest "$1" --argjson rules "$2" --arg verdict "$3" '
			{version: 1, time: "2026-11-20T10:00:00.000000Z", event: "decision",
			 program: "garita-runtime", garita: "0", verb: "create", id: "x",
			 verdict: $verdict, would: "deny", subject: "container",
			 image: {sure: "verified", manifest: $digest, names: ["n"]},
			 rules: $rules}'
	}
	# Two rules, three sets of them: by rule there are two entries.
	{
		record "$a" '["run-as-non-root"]' admit
		record "$b" '["host-path-mount"]' admit
		record "$c" '["host-path-mount", "run-as-non-root"]' admit
		record "$c" '["host-path-mount"]' admit
	} >made
	garita 0 policy suggest made
	grep -v '^ *//' out | jq -e --arg a "$a" --arg b "$b" --arg c "$c" '
		.exceptions | map({(.rules[0]): .match.digest}) | add ==
		{"run-as-non-root": [$a, $c], "host-path-mount": [$b, $c]}'
	# Two images alike, with three rules: one entry.
	{
		record "$a" '["run-as-non-root", "host-path-mount", "host-pid"]' admit
		record "$b" '["run-as-non-root", "host-path-mount", "host-pid"]' admit
	} >made
	garita 0 policy suggest made
	grep -v '^ *//' out | jq -e '.exceptions | length == 1'
	# What was refused is left out, unless it is asked for.
	record "$a" '["run-as-non-root"]' deny >made
	garita 0 policy suggest made
	[ ! -s out ]
	garita 0 policy suggest --refused made
	grep -q "$a" out
	# Who may run at all, an unknown image, an exec, what was not judged.
	{
		record "$a" '["image-allowlist"]' admit
		record "$b" '["image-signature"]' admit
		record "$a" '["run-as-non-root"]' admit |
			jq -c '.image = {sure: "unknown", whyNot: "in no store"}'
		record "$a" '["exec-root"]' admit | jq -c '.subject = "exec"'
		record "$a" '[]' admit | jq -c '.error = "not JSON" | .id = "y"'
	} >made
	garita 1 policy suggest made
	[ ! -s out ]
	grep -q "not suggested: image-allowlist" err
	grep -q "not suggested: image-signature" err
	grep -q "not suggested: x: its image is not known.*in no store" err
	grep -q "not suggested: an exec of x" err
	grep -q "not suggested: y could not be judged: not JSON" err
	# Annotations and names select nothing, whatever they say.
	record "$a" '["run-as-non-root"]' admit |
		jq -c '.image.names = ["\n\"], \"image\": [\"*"]' >made
	garita 0 policy suggest made
	grep -v '^ *//' out | jq -e '.exceptions[0].match | keys == ["digest"]'
	garita 2 policy suggest --ttl 5m made
	garita 2 policy suggest --ttl 900d made
	garita 2 policy suggest --owner '' made
	garita 2 policy suggest --scopes --exceptions made
	garita 2 policy suggest nothing-there
}

@test "suggest: into a policy as people write them" {
	local text

	jq -cn --arg digest "sha256:$(printf %064d 1)" '{version: 1,
		time: "2026-11-20T10:00:00.000000Z", event: "decision",
		program: "p", garita: "0", verdict: "admit", would: "deny",
		image: {sure: "verified", manifest: $digest, names: ["n"]},
		rules: ["run-as-non-root"]}' >made
	exception='{"rules": ["host-pid"], "match": {"digest":
		"sha256:'$(printf %064d 2)'"}, "reason": "r", "owner": "o",
		"expires": "2099-01-01"}'
	while IFS= read -r text; do
		text=${text//%s/$exception}
		printf '%b' "$text" >mine.json
		cp mine.json before.json
		garita 0 policy suggest --whole --policy "$PWD/mine.json" made
		cp out mine.json
		garita 0 policy check "$PWD/mine.json"
		garita 0 policy show "$PWD/mine.json"
		grep -q '"run-as-non-root"' out
		# All that was there is there, in its order.
		run diff before.json mine.json
		tr -d ' \n,' <before.json | fold -w1 >one
		tr -d ' \n,' <mine.json | fold -w1 >two
		[ "$(diff one two | grep -c '^<')" = 0 ]
	done <<-'E'
	{"version":1}
	{"version":1,"exceptions":[]}
	{"version":1,"exceptions":[%s]}
	{\n  "exceptions": [ // none ]\n  ],\n  "version": 1 // }\n}\n
	{\n  "exceptions": [\n    %s // the last }]\n  ] /* ] */,\n  "version": 1\n}
	/* { */ { "version": 1, "rules": { "host-pid": "deny" } /* the end */ } // }
	{"scopes":[{"name":"exceptions","match":{"args":["]"]},"rules":{"host-ipc":"deny"}}],"version":1}
	E
}

# ---- log ----

@test "log: filters, each alone and together" {
	local id

	mode enforce
	run_as 126 localhost/app:v1 true
	run_as 0 localhost/good:v1 true
	mode dry-run
	run_as 0 --privileged localhost/other:v1 true
	count()
	{
		garita 0 log --format json "$@"
		wc -l <out
	}
	[ "$(count)" = 4 ]
	[ "$(count --verdict deny)" = 1 ]
	[ "$(count --verdict refuse)" = 1 ]
	[ "$(count --verdict would-deny)" = 1 ]
	[ "$(count --verdict deny --verdict repair)" = 2 ]
	[ "$(count --verdict policy-change)" = 1 ]
	[ "$(count --image localhost/app)" = 1 ]
	[ "$(count --image 'localhost/*')" = 3 ]
	[ "$(count --image "$(jq -r 'select(.image.names == ["localhost/app:v1"]).image.manifest' out)")" = 1 ]
	[ "$(count --rule privileged)" = 1 ]
	[ "$(count --rule run-as-non-root --verdict deny)" = 1 ]
	[ "$(count --engine podman)" = 3 ]
	[ "$(count --engine docker)" = 0 ]
	count >/dev/null
	id=$(head -n 1 out | jq -r .id)
	[ "$(count --container "${id:0:12}")" = 1 ]
	[ "$(count --since 1h)" = 4 ]
	[ "$(count --until 1h)" = 0 ]
	count >/dev/null
	[ "$(count --since "$(head -n 1 out | jq -r .time)")" = 4 ]
	# For people: a line each, no colour into a file.
	garita 0 log
	[ "$(wc -l <out)" = 4 ]
	grep -qE "^20..-..-..T..:..:..Z  deny +podman +create +${id:0:12} +localhost/app:v1  run-as-non-root" out
	grep -q "would-deny" out
	run ! grep -q $'\e' out
	garita 0 log --summary
	grep -qE "would have been refused, by rule" out
	grep -qE "^  localhost/other:v1 +1 +1 +" out
	garita 0 log --summary --format json
	jq -e '.records == 4 and .counts["would-deny"] == 1 and
		.denied.images[0].image == "localhost/app:v1" and
		.wouldDeny.images[0].image == "localhost/other:v1" and
		(.wouldDeny.rules | map(.rule) | index("privileged"))' out
	garita 2 log --verdict denied
	grep -q "did you mean deny" err
	garita 2 log --rule run-as-non-rot
	grep -q "did you mean run-as-non-root" err
	garita 2 log --engine docke
	grep -q "unknown engine docke; did you mean docker" err
	garita 2 log --since yesterday
	garita 2 log --follow --summary
	garita 2 log /nowhere
}

@test "log: rotated files oldest first, bad lines told, terminals safe" {
	no_policy
	line()
	{
		jq -cn --arg id "$1" '{version: 1, event: "decision",
			time: "2026-11-20T10:00:00.000000Z", program: "p", garita: "0",
			verb: "create", verdict: "admit", id: $id}'
	}
	inside sh -c 'cd /var/log/garita && cat >d' <<<"$(line first)"
	inside bash -c 'cd /var/log/garita
		put() { sed "s/first/$1/" d >"$2"; }
		put 20261101 decisions.jsonl-20261101
		put 20261102 decisions.jsonl-20261102 && gzip decisions.jsonl-20261102
		put ten decisions.jsonl.10 && gzip decisions.jsonl.10
		put two decisions.jsonl.2 && gzip decisions.jsonl.2
		put one decisions.jsonl.1
		put now decisions.jsonl
		put no decisions.jsonl.bak && put no decisions.jsonl.1~ && put no xdecisions.jsonl.1'
	garita 0 log --format json
	[ "$(jq -r .id out | paste -sd' ')" = "20261101 20261102 ten two one now" ]
	inside rm /var/log/garita/decisions.jsonl
	garita 0 log --format json
	[ "$(wc -l <out)" = 5 ]
	# Torn, not JSON, another version, no time, too long; and good ones between.
	{
		line a
		printf '{"version":1,"ti\n'
		line b
		printf 'hello\n[]\n\n{"version":2}\n{"version":1,"event":"decision"}\n'
		head -c 3000000 /dev/zero | tr '\0' x
		printf '\n'
		line $'c\xc2\x9b2J\xe2\x80\xae'
		line d | head -c 60
	} >bad
	garita 1 log bad
	[ "$(wc -l <out)" = 3 ]
	[ "$(grep -c 'no record' err)" = 7 ]
	grep -q "bad:9: no record: a line of more than 1 MiB" err
	grep -qF 'c\x9b2J\u202e' out
	garita 1 log --format json bad
	run ! grep -q $'\xc2\x9b' out
	[ "$(jq -r .id out | tail -n 1)" = $'c\xc2\x9b2J\xe2\x80\xae' ]
}

@test "log --follow goes on through rotations" {
	local pid n

	no_policy
	bundle "$GARITA_DIR/risky"
	decide() { inside "$RUNTIME" create --bundle risky "$1" 2>/dev/null || true; }
	# It waits for one that is not there.
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- "$GARITA" log --follow \
		--verdict deny --format json >followed 2>&1 </dev/null 3>&- &
	pid=$!
	until_followed()
	{
		for _ in {1..200}; do
			! grep -q "\"$1\"" followed || return 0
			sleep 0.05
		done
		return 1
	}
	for n in 1 2 3 4 5 6; do
		decide "id-$n"
		until_followed "id-$n"
		case $n in
		2 | 4) inside mv "$LOG" "$LOG.$n" ;;
		5) inside sh -c 'cp "$0" "$0.5" && : >"$0"' "$LOG" && sleep 0.5 ;;
		esac
	done
	kill "$pid"
	wait "$pid" || true
	[ "$(jq -r .id followed | paste -sd' ')" = \
		"id-1 id-2 id-3 id-4 id-5 id-6" ]
	# The last ten, then what comes.
	for n in 7 8 9 10 11 12 13 14 15 16 17; do decide "id-$n"; done
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- "$GARITA" log -f \
		--format json >followed 2>&1 </dev/null 3>&- &
	pid=$!
	until_followed id-17
	decide id-18
	until_followed id-18
	kill "$pid"
	wait "$pid" || true
	[ "$(jq -r .id followed | head -n 1)" = id-8 ]
	[ "$(jq -r .id followed | tail -n 1)" = id-18 ]
	[ "$(wc -l <followed)" = 11 ]
}
