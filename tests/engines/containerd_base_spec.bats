#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What garita install containerd --base-spec writes, under a real containerd:
# the hook in the spec of its pods refuses some and lets others start, with
# runc itself as it was.

# bats sets output and status behind shellcheck's back; inner shells have their
# own $.
# shellcheck disable=SC2016,SC2154

load containerd
load common

# As it is installed on a host, below a tree; the tree's path before its name
# is all that is not so here.
ctd_configure()
{
	local root=$CTD_DIR/host

	mkdir -p "$root/etc/containerd" "$root/usr/bin" "$root/var/lib" \
		"$root/var/log" "$root${HOOK%/*}"
	: >"$root/usr/bin/containerd"
	cp "$RUNTIME" "$root$RUNTIME"
	cp "$HOOK" "$root$HOOK"
	chmod -R go-w "$root"
	chmod 0755 "$CTD_DIR"
	cp "$CTD_DIR/config.toml" "$root/etc/containerd/config.toml"
	"$GARITA" install containerd --base-spec --force --sysroot "$root" \
		--runtime "$RUNTIME" --hook "$HOOK" >"$CTD_DIR/install.log" ||
		return 1
	sed "s|\"/etc/containerd/garita-base-spec.json\"|\"$root/etc/containerd/garita-base-spec.json\"|" \
		"$root/etc/containerd/config.toml" >"$CTD_DIR/config.toml"
}

setup_file()
{
	containerd_up ctd_configure
	ctd_in bash -e -c '
		mkdir "$0/etc"
		cp -a /etc/. "$0/etc/" 2>/dev/null || true
		rm -rf "$0/etc/garita"
		mkdir "$0/etc/garita"
		mount --bind "$0/etc" /etc
		mount -t tmpfs -o mode=0755 garita-test /var/log
		mkdir -m 0700 /var/log/garita' "$CTD_DIR"
	ctd_layout pause app
	ctd_import pause localhost/pause:v1 --namespace k8s.io
	ctd_import app localhost/app:v1 --namespace k8s.io
}

teardown_file()
{
	containerd_down
}

# A hook cannot repair. containerd's own files for a pod are not in its usual
# place here.
setup()
{
	ctd_in sh -c 'cat >/etc/garita/policy.json' <<-JSON
	{"version": 1, "profile": "baseline", "fix": false, "rules": {
		"bundle-hooks": {"action": "deny", "allow": ["$HOOK"]},
		"host-path-mount": {"action": "deny", "allow": ["$CTD_DIR/root/**"]},
		"host-network": "off"}}
	JSON
}

log()
{
	ctd_in cat /var/log/garita/decisions.jsonl
}

# container POD NAME SECURITY-CONTEXT: with what a kubelet asks for
container()
{
	local id

	id=$(ctd_cri CreateContainer <<-JSON
	{"1": "$1", "2": {"1": {"1": "$2"}, "2": {"1": "localhost/app:v1"},
		"15": {"2": {"15": {"1": 0}, "11": 1, "13": [
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
		"/proc/keys", "/proc/latency_stats", "/proc/timer_list",
		"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
		"/sys/firmware", "/sys/devices/virtual/powercap"], "14": [
		"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		"/proc/sysrq-trigger"]$3}}},
		"3": {"1": {"1": "pod", "2": "uid", "3": "test"}}}
	JSON
	) && ctd_cri StartContainer <<<"{\"1\": \"$id\"}" >/dev/null &&
		echo "$id"
}

@test "a container of a pod is judged by the hook: one starts, one does not" {
	local pod app

	# The sandbox itself is made without the base spec (measured with 1.6):
	# what it shares with the host is seen when a container joins it.
	run ctd_sandbox one
	[ "$status" = 0 ] || fails "$output"
	pod=$output
	run container "$pod" "app-$BATS_TEST_NUMBER" ''
	[ "$status" = 0 ] || fails "$output" "$(log | tail -n 1)"
	app=$output
	log | jq -es --arg id "$app" 'map(select(.event == "decision")) |
		length == 1 and .[0].id == $id and
		.[0].program == "garita-hook" and .[0].verdict == "admit"' ||
		fails "$(log)"
	# Asks for a capability more.
	run container "$pod" greedy ', "1": {"1": ["SYS_ADMIN"]}'
	[ "$status" != 0 ]
	[[ $output == *"garita refused this container"*dangerous-capability* ]] ||
		fails "$output"
	log | jq -es 'last | .program == "garita-hook" and .verdict == "deny"'
	# runc made them: there is no gate before it.
	[ "$(ctd_in readlink -f /usr/sbin/runc)" = /usr/sbin/runc ]
}

@test "the network of the host is seen when a container joins its pod" {
	local pod

	ctd_in sed -i 's/"host-network": "off"/"host-network": "deny"/' \
		/etc/garita/policy.json
	pod=$(ctd_sandbox two)
	run container "$pod" "app-$BATS_TEST_NUMBER" ''
	[ "$status" != 0 ]
	[[ $output == *host-network* ]] || fails "$output"
}
