#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The formats of garita check: each one is what its readers take for it, with
# one input, with several, with inputs that cannot be judged and with configs
# whose words are meant for the reader's parser.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load report

setup_file()
{
	garita_up
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000}'
	bundle "$GARITA_DIR/hostile" '.process.user = {uid: 1000, gid: 1000} |
		.hooks.prestart = [{path: ("/]]><!--\"'\''&amp;<b>" +
		"\u001b[31m\u0007\u007f\u009b\u202e\ufffe\ud83d\ude00%s%n")}] |
		.mounts += [{destination: ("/" + "\u00e9" * 2000),
			type: "bind", source: "/proc", options: ["rbind"]}]'
	echo '{' >"$GARITA_DIR/broken.json"
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	no_policy
}

# check CODE ARGUMENTS...: standard output to ./out, the rest to ./err
check()
{
	local want=$1 code=0

	shift
	inside timeout 20 "$GARITA" check "$@" >out 2>err 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: check $*"
		cat out err
		return 1
	}
}

# is FILTER: jq says true of ./out
is()
{
	jq -e "$1" out >/dev/null || {
		echo "not so: $1"
		cat out
		return 1
	}
}

# ---- JSON ----

@test "JSON fits the schema that is shipped" {
	local args schema=$GARITA_SRC/docs/schema/report-1.schema.json

	for args in plain risky hostile "--explain risky" \
		"--no-fix --explain plain" broken.json missing \
		"plain risky broken.json hostile" "--explain plain risky" \
		"--policy missing plain" "--policy missing plain risky" \
		"--profile off plain" "--only denied,host-pid risky"; do
		# Words on purpose.
		# shellcheck disable=SC2086
		inside "$GARITA" check --format json $args >out 3>&- ||
			[ $? -le 2 ]
		run fits "$schema" out
		[ "$output" = "" ] || {
			echo "check $args: $output"
			return 1
		}
	done
}

@test "the schema refuses what is no report" {
	local edit schema=$GARITA_SRC/docs/schema/report-1.schema.json

	check 1 --format json --explain risky
	cp out good.json
	for edit in .version=2 'del(.source)' '.verdict="error"' \
		'.findings[0].line=0' '.findings[0].rule="A B"' '.more=1' \
		'.counts.denied=-1' '.rules[0].result="good"' '.reports=[]' \
		'.findings={}' '.findings[0].pointer="x"' '.error={}'; do
		jq "$edit" good.json >bad.json
		run fits "$schema" bad.json
		[ -n "$output" ] || {
			echo "accepted: $edit"
			return 1
		}
	done
}

# ---- several inputs ----

@test "several inputs: the worst exit code, one document, a summary" {
	check 0 plain plain/config.json
	check 1 plain risky plain
	tail -n 1 out |
		grep -xF "3 inputs: 1 refused, 2 admitted after repairs"
	[ "$(grep -c '^refused' out)" = 1 ]
	[ "$(grep -c '^admitted' out)" = 2 ]
	[ ! -s err ]
	check 2 risky broken.json plain
	tail -n 1 out | grep -F "1 not judged"
	grep -E "could not judge: broken.json: .* \(line 2, column 1\)$" err
	check 2 --format json plain broken.json risky/
	is '.verdict == "error" and .inputs.refused == 1 and
		.inputs.repaired == 1 and .inputs.errors == 1'
	is '[.reports[].source] ==
		["plain/config.json", "broken.json", "risky/config.json"]'
	[ ! -s err ]
	check 1 --format json plain risky
	is '.verdict == "refuse"'
	check 0 --format json plain plain
	is '.verdict == "repair"'
	check 0 --fail-on warn --profile off plain risky
}

@test "each of several inputs is judged as it is alone" {
	check 1 --format json --explain risky
	jq 'del(.version)' out >alone
	check 1 --format json --explain plain risky - <hostile/config.json
	jq '.reports[1]' out >among
	cmp alone among
	is '.reports[2].source == "standard input"'
	check 2 - plain - <plain/config.json
}

# ---- --only and --explain ----

@test "--only shows a part; the verdict and the exit code stay" {
	check 1 --format json --only denied risky
	is '.verdict == "refuse" and .counts.warned > 0 and
		(.findings | length > 0) and
		all(.findings[]; .action == "deny")'
	check 1 --format json --only warned risky
	is '(.findings | length > 0) and all(.findings[]; .action == "warn")'
	check 0 --format json --only fixed plain
	is '(.findings | length > 0) and all(.findings[]; .fixed)'
	check 1 --format json --only run-as-non-root,unknown-image risky
	is '[.findings[].rule] | unique == ["run-as-non-root", "unknown-image"]'
	check 1 --format json --only denied,run-as-non-root,unknown-image risky
	is '[.findings[].rule] | unique == ["run-as-non-root"]'
	check 1 --only host-pid risky
	[ "$(wc -l <out)" = 1 ]
	check 1 --only warned risky
	run ! grep -q '^Refused' out
	grep -q '^Warnings' out
	check 2 --only denid risky
	grep -F "did you mean denied" err
	check 2 --only run-as-nonroot risky
	grep -F "did you mean run-as-non-root" err
	check 2 --only denied, risky
	check 2 --only "" risky
}

@test "--explain: every rule once, in order, with what it came to" {
	local ids

	ids=$("$GARITA" rules --format json | jq -c '[.rules[].id]')
	check 1 --format json --explain risky
	[ "$(jq -c '[.rules[].rule]' out)" = "$ids" ]
	is '. as $all | all(.rules[]; . as $r |
		[$all.findings[] | select(.rule == $r.rule) |
			if .action == "deny" then "fail"
			elif .action == "warn" then "warned"
			elif .fixed then "fixed" else "fixable" end] as $said |
		if $said == [] then .result == "pass" or
			(.result == "skipped" and (.reason | length > 0))
		else $said | index($r.result) != null end)'
	is '[.rules[].result] | unique - ["fail", "fixable", "pass", "warned",
		"skipped"] == []'
	check 0 --format json --explain plain
	is 'any(.rules[]; .result == "fixed")'
	is 'all(.rules[]; .result != "fail" and .result != "fixable")'
	check 0 --format json --explain --profile off plain
	is 'all(.rules[]; .result == "skipped" and .reason != null)'
	check 1 --explain risky
	grep -E '^  fail     run-as-non-root ' out
	grep -E '^  pass     privileged ' out
	check 0 --explain --only fixed plain
	run ! grep -E '^  (pass|skipped|warned) ' out
	check 0 --explain --profile baseline plain
	grep -E '^  skipped  capabilities-restricted +off in this policy' out
}

@test "an exception is seen in every format, with its reason" {
	cat >excepted.json <<-'EOF'
		{"version": 1, "profile": "restricted", "exceptions": [{
			"rules": ["run-as-non-root"], "match": {"uid": 0},
			"reason": "until <2.0> & \"then\"", "owner": "data",
			"expires": "2099-01-01"}]}
	EOF
	bundle lenient '.process.user = {uid: 0, gid: 0}'
	inside "$GARITA" check --format json --policy excepted.json \
		--explain lenient >out 3>&- || [ $? = 1 ]
	is '.counts.excepted == 1 and any(.findings[]; .action == "off" and
		(.exception | contains("until <2.0>")))'
	is 'any(.rules[]; .rule == "run-as-non-root" and .result == "excepted")'
	run fits "$GARITA_SRC/docs/schema/report-1.schema.json" out
	[ "$output" = "" ]
	inside "$GARITA" check --format sarif --policy excepted.json \
		--only excepted lenient >out 3>&- || [ $? = 1 ]
	is '.runs[0].results | length == 1 and (.[0].suppressions[0] |
		.kind == "external" and (.justification | contains("<2.0>")))'
	run fits "$GARITA_SRC/tests/schema/sarif-2.1.0.json" out
	[ "$output" = "" ]
	inside "$GARITA" check --format junit --policy excepted.json \
		--only excepted lenient >out 3>&- || [ $? = 1 ]
	xmllint --xpath '//testcase[@name="run-as-non-root"]/system-out' out |
		grep -F 'until &lt;2.0&gt; &amp; "then"'
	[ "$(xmllint --xpath 'count(//testcase)' out)" = 1 ]
}

# ---- --diff ----

@test "--diff is a patch from the config to the one that would run" {
	check 0 --profile off --print-config plain
	cp out before.json
	check 0 --print-config plain
	cp out after.json
	check 0 --diff plain
	grep -xF -- "--- plain/config.json	as written" out
	grep -E '^@@ -[0-9]+,[0-9]+ \+[0-9]+,[0-9]+ @@$' out
	patch -s before.json out
	cmp before.json after.json
	[ ! -s err ]
	# As short as diff(1) says.
	check 0 --profile off --print-config plain
	mv out before.json
	check 0 --diff plain
	diff -u before.json after.json | grep -c '^[-+]' >most || true
	[ "$(grep -c '^[-+]' out)" -le "$(cat most)" ]
}

@test "--diff: nothing to change is nothing, a refusal is no diff" {
	check 0 --profile off --diff plain
	[ ! -s out ]
	check 1 --diff risky
	[ ! -s out ]
	grep -F run-as-non-root err
	check 1 --diff --no-fix plain
	[ ! -s out ]
	check 2 --diff broken.json
	[ ! -s out ]
	check 2 --diff --print-config plain
	check 2 --print-config plain plain
	check 1 --diff plain risky
	grep -c '^---' out | grep -x 1
}

# ---- SARIF ----

@test "SARIF has the structure of 2.1.0" {
	local args schema=$GARITA_SRC/tests/schema/sarif-2.1.0.json

	for args in plain risky hostile broken.json missing \
		"--explain plain risky broken.json hostile" \
		"--policy missing plain" "--profile off plain" \
		"--only denied risky"; do
		# Words on purpose.
		# shellcheck disable=SC2086
		inside "$GARITA" check --format sarif $args >out 3>&- ||
			[ $? -le 2 ]
		run fits "$schema" out
		[ "$output" = "" ] || {
			echo "check $args: $output"
			return 1
		}
		is '.runs[0] as $run | [$run.tool.driver.rules[].id] as $ids |
			($ids | unique | length) == ($ids | length) and
			all($run.results[]; .ruleId as $id |
				$ids | index($id) != null)'
	done
}

@test "SARIF: levels, places, what could not be judged" {
	check 1 --format json risky
	jq -c '[.findings[] | {rule, line, level: (if .action == "deny" then
		"error" elif .action == "warn" then "warning" else "note" end)}]' \
		out >wanted
	check 1 --format sarif risky
	jq -c '[.runs[0].results[] | {rule: .ruleId,
		line: .locations[0].physicalLocation.region.startLine, level}]' \
		out >got
	cmp wanted got
	is '.runs[0].results[0].locations[0].physicalLocation.artifactLocation |
		.uri == "risky/config.json"'
	is '.runs[0].invocations[0].executionSuccessful'
	check 2 --format sarif risky broken.json
	is '(.runs[0].results | length > 0) and (.runs[0].invocations[0] |
		(.executionSuccessful | not) and
		(.toolExecutionNotifications | length == 1))'
	check 1 --format sarif --explain risky
	is '[.runs[0].results[].kind] | unique - ["fail", "pass",
		"notApplicable"] == []'
	is 'all(.runs[0].results[]; (.kind == "fail") == (.level != "none"))'
}

@test "SARIF: columns count characters, URIs are escaped" {
	mkdir "odd %20 é#"
	printf '{"ociVersion": "1.0.2", "root": {"path": "r"}, "process": {"cwd":
"/", "args": ["éé"], "user": {"uid": 0, "gid": 0}}}' \
		>"odd %20 é#/config.json"
	check 1 --profile restricted --format sarif --only run-as-non-root \
		"odd %20 é#"
	is '.runs[0].results[0].locations[0].physicalLocation |
		.artifactLocation.uri ==
			"odd%20%2520%20%C3%A9%23/config.json" and
		.region == {startLine: 2, startColumn: 31}'
	check 1 --format sarif "$PWD/odd %20 é#"
	is '.runs[0].results[0].locations[0].physicalLocation.artifactLocation |
		.uri | startswith("file:///")'
}

# ---- JUnit ----

@test "JUnit: well formed, and its numbers are right" {
	local args kind

	for args in plain risky hostile broken.json missing \
		"plain risky broken.json hostile" "--policy missing plain" \
		"--fail-on warn risky" "--only denied risky" \
		"--only host-pid risky" "--profile off risky"; do
		# Words on purpose.
		# shellcheck disable=SC2086
		inside "$GARITA" check --format junit $args >out 3>&- ||
			[ $? -le 2 ]
		xmllint --noout out
		for kind in tests:testcase failures:failure errors:error \
			skipped:skipped; do
			[ "$(xmllint --xpath "/testsuites/@${kind%:*} = \
				count(//${kind#*:})" out)" = true ]
			[ "$(xmllint --xpath "boolean(//testsuite[@${kind%:*} \
				!= count(.//${kind#*:})])" out)" = false ]
		done
	done
}

@test "JUnit: a case for each rule" {
	local count

	count=$("$GARITA" rules --format json | jq '.rules | length')
	check 1 --format junit risky plain
	[ "$(xmllint --xpath 'count(//testsuite)' out)" = 2 ]
	[ "$(xmllint --xpath 'count(//testcase)' out)" = $((2 * count)) ]
	xmllint --xpath '//testcase[@classname="risky/config.json" and
		@name="run-as-non-root"]/failure[@type="fail"]' out |
		grep -F "uid 0"
	xmllint --xpath '//testcase[@classname="plain/config.json" and
		@name="seccomp-required"]/system-out' out | grep -F fixed
	xmllint --xpath '//testcase[@classname="plain/config.json" and
		@name="unknown-image"]/system-out' out | grep -F warned
	check 1 --format junit --fail-on warn plain
	xmllint --xpath '//testcase[@name="unknown-image"]/failure' out
	check 2 --format junit broken.json
	xmllint --xpath '//testcase/error/@message' out | grep -F "broken.json"
}

# ---- words that are meant for the reader's parser ----

@test "no format passes a terminal's commands or breaks its own syntax" {
	local format

	for format in text json sarif junit; do
		check 1 --format "$format" --explain hostile
		run grep -cP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out
		[ "$output" = 0 ]
		run grep -cP '\xe2\x80[\xaa-\xae]' out
		[ "$output" = 0 ]
		iconv -f UTF-8 -t UTF-8 out >/dev/null
		grep -qF "%s%n" out
	done
	check 1 --format json hostile
	is '[.findings[].found] | any(contains("\u001b[31m"))'
	check 1 --format junit hostile
	xmllint --xpath 'count(//b)' out | grep -x 0
	check 0 --profile off --print-config hostile
	cmp <(jq -S . out) <(jq -S . hostile/config.json)
	run grep -cP '\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' out
	[ "$output" = 0 ]
}

@test "a file name is no markup, no command and no half a character" {
	local name=$'<a>&"\e[31m\xff\xc3.json' format

	cp plain/config.json "$name"
	for format in text json sarif junit; do
		check 0 --format "$format" "$name"
		iconv -f UTF-8 -t UTF-8 out >/dev/null
		run grep -cP '\x1b' out
		[ "$output" = 0 ]
		case $format in
		junit) xmllint --noout out ;;
		json | sarif) jq -e . out >/dev/null ;;
		esac
	done
	check 0 --diff "$name"
	run grep -caP '\x1b' out
	[ "$output" = 0 ]
}
