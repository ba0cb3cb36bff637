#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The network guard, with real runtimes, real cables and real packets.

# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common
load net

setup_file()
{
	podman_up
	podman_image app
	garita_up
	rootfs
	for applet in httpd nc; do
		ln -sf busybox "$GARITA_DIR/rootfs/bin/$applet"
	done
	net_up
}

teardown_file()
{
	net_down
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
}

# remove ID: until it has gone; under load a runtime may give up on it
remove()
{
	local root=$GARITA_DIR/state-$KIND tries

	for ((tries = 0; tries < 50; tries++)); do
		[ -e "$root/$1" ] || return 0
		inside "$KIND" --root "$root" delete --force "$1" \
			>/dev/null 2>&1 3>&- || sleep 0.1
	done
	return 1
}

teardown()
{
	for KIND in runc crun; do
		for id in one two; do
			remove $id
		done
	done
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
	in_net box timeout 20 nft flush ruleset
	wait
}

both()
{
	for KIND in runc crun; do
		echo "-- $KIND"
		STATE=$GARITA_DIR/state-$KIND
		"$@"
		teardown
	done
}

# joined DIR [JQ]: a bundle that asks all questions, in the namespace "box"
joined()
{
	bundle "$1"
	edit "$1" --arg probe "$probe" '
		.process.user = {uid: 1000, gid: 1000}
		| .process.args = ["sh", "-c", $probe]
		| .linux.namespaces |= map(if .type == "network" then
			.path = "/run/netns/box" else . end)'
	[ -z "${2:-}" ] || edit "$1" "$2"
}

# start DIR ID: under garita, in the background; what it prints is in out-ID
start()
{
	inside "$RUNTIME" --root "$STATE" run --bundle "$1" "$2" \
		>"out-$2" 2>"err-$2" </dev/null 3>&- &
}

# asked ID: waits until all answers are there
asked()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! grep -qx asked "out-$1" || return 0
		sleep 0.05
	done
	cat "out-$1" "err-$1"
	return 1
}

refused()
{
	local code=0

	inside timeout 30 "$RUNTIME" --root "$STATE" run --bundle "$1" one \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" != 0 ]
	run ! grep -q asked out
	cat err
}

# answers ID NAME=ANSWER...
answers()
{
	local id=$1 pair

	shift
	for pair; do
		grep -qx "${pair%=*} ${pair#*=}" "out-$id" || {
			echo "not: $pair"
			sort "out-$id"
			return 1
		}
	done
}

database='{"listen": [5432], "egress": ["10.77.0.1", "fd77::1"]}'

# ---- what it is for ----

without_a_guard()
{
	enforce '{}'
	joined db
	start db one
	asked one
	answers one self=yes meta4=yes meta6=yes world4=yes world6=yes \
		next4=yes next6=yes other4=yes
	opens next 10.77.0.2 80
	opens next fd77::2 80
	[ -z "$(in_net box nft list ruleset)" ]
}

@test "without a guard everything is in reach" {
	both without_a_guard
}

guarded()
{
	opens next 10.77.0.2 5432
	opens next fd77::2 5432
	shut next 10.77.0.2 80
	shut next fd77::2 80
	answers one self=yes meta4=no meta6=no world4=yes world6=yes \
		next4=no next6=no other4=no
}

in_a_joined_network()
{
	enforce "{\"network\": $database}"
	joined db
	start db one
	asked one
	guarded
	jq -e '.hooks.createRuntime | length == 1' db/config.json
	decisions | tail -n 1 | jq -e '.verdict == "repair"'
}

@test "5432 is reachable, 80 is not, nor the cloud, nor the neighbour" {
	both in_a_joined_network
}

in_a_network_of_its_own()
{
	local pid

	enforce "{\"network\": $database}"
	joined db '.linux.namespaces |= map(del(.path))
		| .linux.sysctl["net.ipv4.ip_unprivileged_port_start"] = "0"'
	inside "$RUNTIME" --root "$STATE" create --bundle db one \
		>out-one 2>err-one </dev/null 3>&-
	pid=$(inside "$KIND" --root "$STATE" state one | jq .pid)
	# The cable comes last, as with docker: the guard is there before.
	net_plug "$pid" 4
	inside "$KIND" --root "$STATE" start one
	asked one
	answers one self=yes meta4=no meta6=no world4=yes world6=yes \
		next4=no next6=no other4=no
	opens next 10.77.0.4 5432
	opens next fd77::4 5432
	shut next 10.77.0.4 80
	shut next fd77::4 80
}

@test "the same in a network of its own, plugged in after the create" {
	both in_a_network_of_its_own
}

ports_of_a_neighbour()
{
	enforce '{"network": {"egress": [
		{"to": ["10.77.0.3", "fd77::/64"], "ports": ["79-80"]}],
		"deny-metadata": false}}'
	joined db
	start db one
	asked one
	answers one self=yes meta4=no meta6=no world4=no world6=yes \
		next4=yes next6=yes other4=no
	# Nothing was said of its own ports.
	opens next 10.77.0.2 80
}

@test "a neighbour is reached where the policy lists it, at that port" {
	both ports_of_a_neighbour
}

only_metadata()
{
	enforce '{"network": {}}'
	joined db
	start db one
	asked one
	answers one self=yes meta4=no meta6=no world4=yes world6=yes \
		next4=yes next6=yes other4=yes
	# Where the cloud's address is its name server too, names work.
	in_net box bash -c 'echo x >/dev/udp/169.254.169.254/53'
	in_net box nft list ruleset >rules
	grep -q 'udp dport 53 counter packets [1-9]' rules
	# All that the manual page says, of whichever cloud.
	sed -n '/^Drops what is sent to an address/,/^Port 53/p' \
		"$GARITA_SRC/man/garita-net.8" |
		grep -oE '[0-9a-f]+[.:][0-9a-f.:]+[0-9a-f]' >addresses
	while read -r at; do
		grep -qE "daddr $at counter .* drop" rules || fails "$at"
	done <addresses
	[ "$(grep -cE 'daddr .* drop' rules)" = 13 ]
}

@test "an empty network closes the cloud's metadata and nothing else" {
	both only_metadata
}

# ---- pods ----

second_container()
{
	enforce '{"scopes": [
		{"name": "db", "match": {"args": ["sh"]}, "network": {"listen": [5432]}},
		{"name": "web", "match": {"args": ["sleep"]},
		 "network": {"listen": [80], "deny-metadata": false}}]}'
	joined db
	joined web '.process.args = ["sleep", "1000"]'
	start db one
	asked one
	answers one meta4=no
	opens next 10.77.0.2 5432
	inside "$RUNTIME" --root "$STATE" run --detach --bundle web two \
		</dev/null >out-two 2>err-two 3>&-
	# Each closes what it does not list; neither opens the other's.
	shut next 10.77.0.2 5432
	shut next 10.77.0.2 80
	shut box 169.254.169.254 80
	[ "$(in_net box nft list tables | grep -c garita-)" = 2 ]
	# The same guard again is no second one.
	remove two
	inside "$RUNTIME" --root "$STATE" run --detach --bundle web two \
		</dev/null >out-two 2>err-two 3>&-
	[ "$(in_net box nft list tables | grep -c garita-)" = 2 ]
}

@test "guards of one namespace add up: a second container opens nothing" {
	both second_container
}

# ---- what cannot be guarded is refused ----

host_network()
{
	enforce "{\"rules\": {\"host-network\": \"off\"}, \"network\": $database}"
	joined db 'del(.linux.namespaces[] | select(.type == "network"))'
	refused db
	grep -q "listen-ports: the host's network, which has no guard" err
	# By a path it is the host's as well.
	joined db '.linux.namespaces |= map(if .type == "network" then
		.path = "/proc/self/ns/net" else . end)'
	enforce "{\"rules\": {\"host-network\": \"off\",
		\"namespace-path-form\": \"off\"}, \"network\": $database}"
	refused db
	grep -q "listen-ports: the host's network, which has no guard" err
}

@test "the host's network is refused" {
	both host_network
}

powers()
{
	enforce "{\"rules\": {\"dangerous-capability\": \"off\",
		\"capabilities-baseline\": \"off\",
		\"capabilities-restricted\": \"off\"}, \"network\": $database}"
	joined db '.process.capabilities.bounding = ["CAP_NET_ADMIN"]'
	refused db
	grep -q "CAP_NET_ADMIN, which removes the guard" err
	# CAP_NET_RAW goes, and with it the way past the guard.
	joined db '.process.capabilities.bounding = ["CAP_NET_RAW"]'
	start db one
	asked one
	jq -e '.process.capabilities.bounding == []' db/config.json
	answers one meta4=no
	# Nor does an exec bring them.
	run -0 inside "$RUNTIME" --root "$STATE" exec one true
}

@test "CAP_NET_ADMIN is refused, CAP_NET_RAW is dropped" {
	both powers
}

@test "a root of the container cannot take the guard away" {
	KIND=runc STATE=$GARITA_DIR/state-runc
	enforce "{\"rules\": {\"run-as-non-root\": \"off\"}, \"network\": $database}"
	joined db '.process.user = {uid: 0, gid: 0}'
	start db one
	asked one
	guarded
	# Of its own user namespace it is master, of this network not.
	cp "$(command -v nft)" nft-there
	pid=$(inside runc --root "$STATE" state one | jq .pid)
	run -1 inside nsenter --target "$pid" --net --user --setuid 1000 \
		nft flush ruleset
	[ "$(in_net box nft list tables | grep -c garita-)" = 1 ]
}

changed_later()
{
	enforce "{\"network\": $database}"
	joined db
	start db one
	asked one
	remove one
	in_net box nft flush ruleset
	# Words that garita does not write, under the bare runtime.
	for words in 'listen 5432' 'listen 1/tcp; listen 2/tcp' 'open' ' ' \
		'metadata; '; do
		edit db --arg words "$words" \
			'.hooks.createRuntime[0].args[2] = $words'
		run ! inside "$KIND" --root "$STATE" run --bundle db one \
			</dev/null 3>&-
		[ -z "$(in_net box nft list ruleset)" ]
		remove one
	done
	decisions | tail -n 1 | jq -e '.program == "garita-net" and
		.verdict == "deny" and (.error | test("guard"))'
	# garita itself puts its own words there again.
	start db one
	asked one
	guarded
}

@test "words that garita does not write make no guard and no container" {
	both changed_later
}

all_or_nothing()
{
	local table

	enforce "{\"network\": $database}"
	joined db
	inside "$GARITA" check --print-config db >printed
	table=$(jq -r '.hooks.createRuntime[0].args[2]' printed | tr -d '\n' |
		sha256sum | cut -c 1-16)
	# A table of our name that another socket holds: the kernel refuses the
	# batch in the middle.
	rm -f hold held
	mkfifo hold
	in_net box python3 "$BATS_TEST_DIRNAME/hold_table.py" "garita-$table" \
		<hold >held 2>&1 3>&- &
	exec 8>hold
	for ((tries = 0; tries < 100; tries++)); do
		! grep -q held held || break
		sleep 0.05
	done
	refused db
	# runc hands the words on.
	[ "$KIND" = crun ] || grep -q "could not guard its network" err
	decisions | tail -n 1 | jq -e '.error | test("kernel refused")'
	in_net box nft list chains inet >listed
	run -1 grep "chain " listed
	exec 8>&-
	wait
	# When it has gone, nothing is in the way.
	start db one
	asked one
	guarded
}

@test "what the kernel does not take whole leaves no rule and no container" {
	both all_or_nothing
}

no_netfilter()
{
	enforce "{\"network\": $database}"
	joined db
	inside "$GARITA_BUILD/tests/programs/no_netfilter" "$RUNTIME" \
		--root "$STATE" run --bundle db one >out 2>err </dev/null 3>&- &&
		fails "it runs"
	decisions | tail -n 1 | jq -e '.program == "garita-net" and
		(.error | test("this kernel has no nf_tables"))'
	run ! grep -q asked out
}

@test "a kernel without nf_tables refuses" {
	both no_netfilter
}

dry_run()
{
	enforce "{\"mode\": \"dry-run\", \"network\": $database}"
	joined db '.process.args = ["true"]'
	cp db/config.json before
	inside "$RUNTIME" --root "$STATE" run --bundle db one </dev/null 3>&-
	cmp before db/config.json
	[ -z "$(in_net box nft list ruleset)" ]
	decisions | tail -n 1 | jq -e '.would == "repair"'
}

@test "dry-run: the log tells of the guard, and there is none" {
	both dry_run
}

# ---- garita-net and garita net ----

@test "garita net show: what was counted" {
	KIND=crun STATE=$GARITA_DIR/state-crun
	enforce "{\"network\": $database}"
	joined db
	start db one
	asked one
	pid=$(inside crun --root "$STATE" state one | jq .pid)
	shut next 10.77.0.2 80
	inside "$GARITA" net show --root "$STATE" one >shown
	grep -Eq '^garita-[0-9a-f]{16}$' shown
	grep -Eq 'metadata +drop +[1-9][0-9]* +[1-9][0-9]* +169\.254\.169\.254$' shown
	grep -Eq 'metadata +drop +[1-9][0-9]* +[1-9][0-9]* +fd00:ec2::254$' shown
	grep -Eq 'listen +drop +[1-9][0-9]* +[1-9][0-9]* +all else$' shown
	grep -Eq 'egress +accept +[1-9][0-9]* +[1-9][0-9]* +10\.77\.0\.1/32$' shown
	inside "$GARITA" net show --pid "$pid" --format json >shown.json
	jq -e --argjson pid "$pid" '.version == 1 and .pid == $pid and
		(.guards | length == 1)' shown.json
	python3 - "$GARITA_SRC/docs/schema/net-show-1.schema.json" <<-'PY'
	import json, sys, jsonschema
	jsonschema.validate(json.load(open("shown.json")), json.load(open(sys.argv[1])))
	PY
	# Who may change the rules there may write anything into them.
	printf 'table inet garita-0123456789abcdef { chain a { counter accept comment "\xff"; }; }' |
		inside nsenter --net="/proc/$pid/ns/net" nft -f -
	inside "$GARITA" net show --pid "$pid" --format json |
		jq -e '[.guards[].chains[].rules[].what] | index("\ufffd")'
	# The beginning of the id will do; nobody's will not.
	inside "$GARITA" net show --root "$STATE" on --format json |
		jq -e '.container == "one"'
	run -2 inside "$GARITA" net show --root "$STATE" two
	run -2 inside "$GARITA" net show --pid 1
	run -2 inside "$GARITA" net show --pid x
	run -2 inside "$GARITA" net show one --format xml
	run -2 inside "$GARITA" net
	# A program beside it that is none.
	mkdir beside
	cp "$GARITA" beside/garita
	: >beside/garita-net
	run -2 inside "$PWD/beside/garita" net show --pid "$pid"
	[[ $output == *"garita net: garita-net: "* ]]
}

@test "garita-net: states that nobody should have sent" {
	for state in '' '{}' '[]' '{"bundle":"/x"}' '{"bundle":"/x","pid":0}' \
		'{"bundle":"/x","pid":1}' '{"bundle":"/x","pid":"7"}' \
		'{"bundle":"/x","pid":4194305}' '{"bundle":"/x","pid":-1}' \
		'{"pid":2,"pid":3,"bundle":"/x"}' \
		"{\"bundle\":\"/x\",\"pid\":$$}" '{"bundle":"/x","pid":1e3}'; do
		run -1 inside "$GARITA_BUILD/garita-net" guard metadata <<<"$state"
		[[ $output == *"could not guard its network"* ]]
	done
	nft list tables >listed
	run -1 grep garita- listed
	run -2 inside "$GARITA_BUILD/garita-net"
	run -2 inside "$GARITA_BUILD/garita-net" guard
	run -2 inside "$GARITA_BUILD/garita-net" --show
	run -2 inside "$GARITA_BUILD/garita-net" --show 0
	run -0 inside "$GARITA_BUILD/garita-net" --help
	run -0 inside "$GARITA_BUILD/garita-net" --version
}

@test "garita policy check: a network that nothing guards" {
	echo '{"version": 1, "network": {"listen": [80]},
		"rules": {"listen-ports": "off"}}' >unguarded.json
	run -1 "$GARITA" policy check unguarded.json
	[[ $output == *"unguarded.json:1: "*"rule listen-ports does, which does not act"* ]]
	echo '{"version": 1, "scopes": [{"name": "a", "match": {"uid": "1-2"},
		"network": {"egress": []},
		"rules": {"egress-allowlist": "warn"}}]}' >unguarded.json
	run -1 "$GARITA" policy check unguarded.json
	[[ $output == *"rule egress-allowlist does, which does not act"* ]]
	run -0 "$GARITA" policy check "$GARITA_SRC/examples/policy-network.json"
}

# ---- podman ----

podman_joined()
{
	local code=0

	podman_env timeout 60 podman --tmpdir "$PODMAN_DIR/run/libpod" \
		--runtime "$RUNTIME" run --detach --name db --user 1000 \
		--network ns:/run/netns/box --publish-all=false \
		localhost/app:v1 sh -c \
		'busybox httpd -p 80 -h /; exec busybox httpd -f -p 5432 -h /' \
		>out 2>err 3>&- || code=$?
	cat out err
	return "$code"
}

@test "podman: a container in a network by name" {
	policy <<-'JSON'
	{"version": 1, "runtime": "/usr/bin/crun", "profile": "baseline",
	 "scopes": [{"name": "db", "match": {"image": "localhost/app"},
	             "network": {"listen": [5432]}}]}
	JSON
	podman_joined
	opens next 10.77.0.2 5432
	shut next 10.77.0.2 80
	opens next fd77::2 5432
	shut next fd77::2 80
	opens box 169.254.169.254 80
}
