#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Many starts, at once and in a row, through a runtime that does nothing and
# through a real one: each is there, each has its own line in the log, whole,
# and nothing is left over. Figures are printed and not judged. As many through
# the real one as through the other:
#
#	./dev load

# bats sets lines, output and status behind shellcheck's back; words of jq have
# their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

setup_file()
{
	garita_up
	rootfs
	cd "$GARITA_DIR" || return 1
	mkdir bin
	cp "$GARITA_BUILD/tests/programs/null_runtime" bin/runc-null
	bundle made ".process.user = {uid: 1000, gid: 1000}
		| .process.args = [\"true\"] | del(.linux.seccomp)"
	ROW=10000 STORM=500 REAL_ROW=50 REAL_STORM=100
	[ "${GARITA_LOAD:-}" != all ] || REAL_ROW=10000 REAL_STORM=500
	export ROW STORM REAL_ROW REAL_STORM
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
	rm -rf bundles
	mkdir bundles
	inside sh -c 'rm -rf /var/lib/garita && mkdir -m 0700 /var/lib/garita'
}

# through RUNTIME: by a policy with a list, and more than one scope
through()
{
	policy <<<"{\"version\": 1, \"runtime\": \"$1\", \"scopes\": [
		{\"name\": \"other\", \"match\": {\"uid\": 1}, \"runtime\": \"$1\"}]}"
}

# many STARTS AT-ONCE VERB
many()
{
	local ids

	inside timeout 3000 "$GARITA_BUILD/tests/programs/load" \
		--bundles "$PWD/bundles" --config made/config.json \
		--starts "$1" --at-once "$2" \
		-- "$RUNTIME" "$3" --bundle "{}" "{id}" >out 2>err 3>&- || {
		cat out
		head -n 20 err
		return 1
	}
	sed 's/^/# load: /' out >&3
	# One line each, whole, of its own container, and all say the same.
	inside cat "$LOG" >log
	[ "$(wc -l <log)" = "$1" ] || fails "$(wc -l <log) lines, $(grep -c "^$" log) empty"
	ids=$(jq -e -r 'select(.verdict == "repair" and (.findings | length) > 0)
		.id' log | sort -u | wc -l)
	[ "$ids" = "$1" ]
	# Nothing is left aside, and each bundle has its config.
	[ "$(find bundles -type f | wc -l)" = "$2" ]
	inside find /var/lib/garita -name '.*' -o -name '*.[0-9]*' >left
	[ ! -s left ]
}

@test "load: starts in a row, nothing behind them" {
	through "$PWD/bin/runc-null"
	many "$ROW" 1 create
}

@test "load: starts at once, nothing behind them" {
	through "$PWD/bin/runc-null"
	many "$STORM" "$STORM" create
}

@test "load: starts in a row, through runc" {
	through "$(command -v runc)"
	many "$REAL_ROW" 1 run
}

@test "load: starts at once, through runc" {
	through "$(command -v runc)"
	many "$REAL_STORM" "$REAL_STORM" run
	[ "$(inside runc list -q | wc -l)" = 0 ]
}
