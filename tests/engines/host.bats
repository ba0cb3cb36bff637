#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita host: facts of a machine that is made of files, and of this one; how
# they are kept, and what a start makes of them.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load report

FACTS=/var/lib/garita/host/facts.json

setup_file()
{
	garita_up
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000} |
		.process.args = ["/bin/true"]'
	# One program more among those of this machine.
	mkdir "$GARITA_DIR/more"
	printf '#!/bin/sh\n. %s/script\n' "$GARITA_DIR" \
		>"$GARITA_DIR/more/kcarectl"
	chmod 755 "$GARITA_DIR/more/kcarectl"
	: >"$GARITA_DIR/script"
	inside mount -t overlay -o "lowerdir=$GARITA_DIR/more:/usr/bin" \
		garita-test /usr/bin
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	no_policy
	inside rm -rf /var/lib/garita/host /etc/garita/advisories.json
	ROOT=$BATS_TEST_TMPDIR/root
}

# put PATH WORDS: a file of the tree
put()
{
	mkdir -p "$ROOT$(dirname "$1")"
	printf '%s\n' "$2" >"$ROOT$1"
}

# A Debian whose kernel is behind, with docker and old runc; sshd's friends are
# kept out, but for one.
tree()
{
	local name

	put /proc/sys/kernel/osrelease 6.1.0-18-amd64
	put /proc/sys/kernel/version '#1 SMP PREEMPT_DYNAMIC Debian 6.1.70-1'
	put /proc/sys/kernel/tainted 4097
	put /proc/sys/kernel/random/boot_id 8c3c7c2e-5d1f-4c07-9d62-0f4f5b1c2a10
	put /proc/sys/kernel/modules_disabled 0
	put /proc/sys/kernel/kptr_restrict 1
	put /proc/sys/kernel/sysrq 438
	put /proc/sys/net/ipv4/conf/all/route_localnet 0
	put /proc/sys/net/ipv4/conf/eth0/route_localnet 1
	put /proc/cmdline 'ro quiet mitigations=off'
	put /proc/modules 'overlay 151552 3 - Live 0x0
tipc 151552 0 - Live 0x0'
	put /sys/kernel/security/lockdown 'none [integrity] confidentiality'
	put /sys/module/apparmor/parameters/enabled Y
	put /sys/fs/cgroup/memory/tasks 1
	put /sys/kernel/livepatch/fix_1/enabled 1
	put /sys/kernel/livepatch/fix_1/transition 0
	put /sys/devices/system/cpu/vulnerabilities/mds 'Vulnerable; SMT on'
	put /sys/devices/system/cpu/vulnerabilities/meltdown 'Not affected'
	put /lib/modules/6.1.0-18-amd64/modules.dep \
		'kernel/net/sctp/sctp.ko:
kernel/net/tipc/tipc.ko:
kernel/crypto/algif_aead.ko: kernel/crypto/af_alg.ko
kernel/net/ipv4/esp4.ko:'
	put /lib/modules/6.1.0-18-amd64/modules.builtin kernel/net/rxrpc/rxrpc.ko
	put /etc/modprobe.d/keep-out.conf 'install algif_aead /bin/false
blacklist sctp'
	# The operator's file of the same name stands in front of it.
	put /usr/lib/modprobe.d/keep-out.conf 'install sctp /bin/false'
	put /boot/vmlinuz-6.1.0-18-amd64 x
	put /boot/vmlinuz-6.1.0-40-amd64 x
	put /boot/vmlinuz-6.1.0-41-cloud-amd64 x
	put /run/reboot-required x
	put /etc/os-release 'ID=debian
VERSION_ID="12"
VERSION_CODENAME=bookworm'
	put /var/lib/dpkg/status 'Package: runc
Status: install ok installed
Version: 1.1.5+ds1-1

Package: docker.io
Status: install ok installed
Version: 20.10.24+dfsg1-1
'
	put /usr/sbin/runc x
	put /usr/sbin/dockerd x
	mkdir -p "$ROOT/usr/share/doc/docker.io"
	printf 'docker.io (20.10.24+dfsg1-1)\n  * CVE-2024-41110\n' | gzip \
		>"$ROOT/usr/share/doc/docker.io/changelog.Debian.gz"
	put /etc/docker/daemon.json '{"icc": false, "hosts":
		["tcp://0.0.0.0:2375"], "default-ulimits": {"nofile": {}},
		"registry-token": "secret"}'
	put /etc/group 'root:x:0:
docker:x:999:alice,bob'
	put /etc/passwd 'carol:x:1001:999::/:/bin/sh'
	put /etc/audit/audit.rules '-w /etc/docker -p wa -k docker
# -w /usr/sbin/runc -p x
-a always,exit -F path=/usr/sbin/dockerd -F perm=wa'
	for name in 3 12; do
		mkdir -p "$ROOT/proc/$name"
	done
	printf 'dockerd\n' >"$ROOT/proc/12/comm"
	printf 'dockerd\0--icc=true\0-H\0fd://\0--tlsverify\0' \
		>"$ROOT/proc/12/cmdline"
	chmod -R go-w "$ROOT"
}

# is FILTER: jq says true of ./out
is()
{
	jq -e "$1" out >/dev/null || {
		echo "not so: $1"
		jq . out
		return 1
	}
}

# ---- a machine of files ----

@test "every fact of a machine of files" {
	tree
	"$GARITA" host --facts --sysroot "$ROOT" >out 3>&-
	run fits "$GARITA_SRC/docs/schema/host-facts-1.schema.json" out
	[ "$output" = "" ]
	is '.kernel | .release == "6.1.0-18-amd64" and .number == "6.1.70-1"
		and .package.version == "6.1.70-1" and .tainted == 4097
		and .lockdown == "integrity" and .["mitigations-off"]
		and .newest == "6.1.0-40-amd64" and .["reboot-required"]'
	is '.kernel["live-patch"].kernel ==
		[{name: "fix_1", enabled: true, transition: false}]'
	is '.security == {apparmor: "on", selinux: "off"}'
	is '.modules | .loaded == ["overlay", "tipc"] and .states.tipc == "loaded"
		and .states.sctp == "loadable" and .states.algif_aead == "blocked"
		and .states.rxrpc == "built-in" and .states.dccp == "absent"'
	is '.sysctls | .["kernel.sysrq"] == "438" and
		.["kernel.dmesg_restrict"] == "absent" and
		.["net.ipv4.conf.*.route_localnet"] == "eth0"'
	is '.["cpu-vulnerabilities"].mds == "Vulnerable; SMT on"'
	is '.cgroup.version == "1" and .distribution == "debian/bookworm"'
	is '.programs | .runc.version == "1.1.5+ds1-1" and .crun.absent and
		.docker.fixes == ["CVE-2024-41110"]'
	is '.engines.docker.settings == {icc: true, "default-ulimits": ["nofile"],
		hosts: ["tcp://0.0.0.0:2375", "fd://"], tlsverify: true}'
	is '.["docker-group"] == ["alice", "bob", "carol"]'
	is '.audit.watched == ["/etc/docker", "/usr/sbin/dockerd"]'
	# A password in daemon.json is nobody's fact.
	run -1 grep secret out
}

@test "known holes: by package, changelog, module and number" {
	local state='.advisories | map({key: .id, value: .state}) | from_entries'

	tree
	"$GARITA" host --facts --sysroot "$ROOT" >out 3>&-
	is "$state"' | .["CVE-2024-41110"] == "fixed" and
		.["CVE-2026-34040"] == "open" and .["CVE-2024-21626"] == "open" and
		.["CVE-2023-27561"] == "fixed" and .["CVE-2026-31431"] == "fixed" and
		.["CVE-2026-43500"] == "unknown"'
	# Debian has repaired this one in its old version.
	sed -i 's/1.1.5+ds1-1$/&+deb12u1/' "$ROOT/var/lib/dpkg/status"
	"$GARITA" host --facts --sysroot "$ROOT" >out 3>&-
	is "$state"' | .["CVE-2024-21626"] == "fixed"'
	# Data, and no new garita: a new hole, and another word on an old one.
	put /etc/garita/advisories.json '{"version": 1, "advisories": [
		// comments are fine
		{"about": "runc", "id": "CVE-2030-1", "fixed": ["9.0"]},
		{"about": "docker", "id": "CVE-2026-34040", "since": "21.0"}]}'
	"$GARITA" host --facts --sysroot "$ROOT" >out 3>&-
	is "$state"' | .["CVE-2030-1"] == "open" and
		.["CVE-2026-34040"] == "fixed" and .["CVE-2024-45310"] == "open"'
	run fits "$GARITA_SRC/docs/schema/advisories-1.schema.json" \
		<(sed '/\/\//d' "$ROOT/etc/garita/advisories.json")
	[ "$output" = "" ]
	# One that is not in order must never mean "not affected".
	put /etc/garita/advisories.json '{"version": 1, "advisories": [
		{"about": "runc", "id": "CVE-2030-1", "fixd": []}]}'
	run -2 "$GARITA" host --sysroot "$ROOT"
	[[ $output == *"advisories.json"*fixd* ]]
	put /etc/garita/advisories.json '{"version": 1, "advisories": []}'
	chmod g+w "$ROOT/etc/garita/advisories.json"
	run -2 "$GARITA" host --sysroot "$ROOT"
	[[ $output == *"can be changed by others"* ]]
}

@test "the posture: sections, what to do, score, exit codes" {
	tree
	run -0 "$GARITA" host --sysroot "$ROOT"
	[[ $output == "Linux 6.1.0-18-amd64, debian/bookworm  (restricted@1"* ]]
	[[ $output == *$'\nModules\n  warn '* ]]
	[[ $output == *"tipc (loaded)"*"sctp (loadable)"* ||
		$output == *"sctp (loadable), tipc (loaded)"* ]]
	[[ $output == *"-> "*"reboot"* ]]
	[[ ${lines[-1]} == "Score "*" of 100: "*" pass, "*" warn, 0 fail, "* ]]
	run -1 "$GARITA" host --sysroot "$ROOT" --fail-on warn
	run -1 "$GARITA" host --sysroot "$ROOT" --profile strict
	[[ $output == *" fail "* ]]
	run -0 "$GARITA" host --sysroot "$ROOT" --profile off
	[[ ${lines[-1]} == "Score 0 of 100: 0 pass"*" 23 off" ]]
	run -0 "$GARITA" host --sysroot "$ROOT" --only kernel-tainted
	[[ $output == *"proprietary module (P)"* && $output != *sctp* ]]
	run -0 "$GARITA" host --sysroot "$ROOT" --only unknown
	[[ $output != *"kernel-tainted"* && $output == *unknown* ]]
	for words in "--only x" "--format x" "--fail-on deny" "x" \
		"--refresh --saved" "--facts --only denied" "--sysroot /no/such"; do
		# shellcheck disable=SC2086
		run -2 "$GARITA" host $words
	done
}

@test "JSON, SARIF and JUnit are what their readers take" {
	tree
	"$GARITA" host --sysroot "$ROOT" --format json >out 3>&-
	run fits "$GARITA_SRC/docs/schema/host-1.schema.json" out
	[ "$output" = "" ]
	is '.verdict == "admit" and (.rules | length == 23) and
		(.counts | add) == 23'
	is '.rules[] | select(.rule == "kernel-min-version") |
		.section == "Kernel" and .result == "warn" and
		.findings[0].found == "6.1.70-1"'
	"$GARITA" host --sysroot "$ROOT" --format json --only kernel-lockdown \
		>out 3>&-
	is '[.rules[].result] == ["pass"]'
	"$GARITA" host --sysroot "$ROOT" --format sarif >out 3>&-
	is '.version == "2.1.0" and (.runs[0].results | map(.ruleId) |
		index("kernel-tainted") != null)'
	"$GARITA" host --sysroot "$ROOT" --format junit >out 3>&-
	run -0 grep -c '<testcase' out
}

@test "exceptions: by the machine's name, and with an end" {
	local name rule=kernel-tainted

	tree
	name=$(uname -n)
	entry()
	{
		put /etc/garita/policy.json "{\"version\": 1, \"rules\": {
			\"$rule\": \"deny\"}, \"exceptions\": [{\"rules\":
			[\"$rule\"], \"match\": {\"host\": \"$1\"}, \"reason\":
			\"zfs\", \"owner\": \"us\", \"expires\": \"$2\"}]}"
	}
	entry "$name" 2099-01-01
	run -0 "$GARITA" host --sysroot "$ROOT" --only $rule
	[[ $output == *" excepted "*"zfs (us, until 2099-01-01)"* ]]
	entry "not-$name" 2099-01-01
	run -1 "$GARITA" host --sysroot "$ROOT" --only $rule
	entry "$name" 2020-01-01
	run -1 "$GARITA" host --sysroot "$ROOT" --only $rule
	[[ $output == *"ended with 2020-01-01"* ]]
	# Another selector does not fit a machine.
	put /etc/garita/policy.json "{\"version\": 1, \"rules\": {
		\"$rule\": \"deny\"}, \"exceptions\": [{\"rules\": [\"$rule\"],
		\"match\": {\"uid\": \"0-2000\"}, \"reason\": \"x\", \"owner\":
		\"x\", \"expires\": \"2099-01-01\"}]}"
	run -1 "$GARITA" host --sysroot "$ROOT" --only $rule
}

# ---- this machine, and what a start makes of it ----

@test "this machine: facts fit, are kept, and are root's alone" {
	inside "$GARITA" host --facts >out 3>&-
	run fits "$GARITA_SRC/docs/schema/host-facts-1.schema.json" out
	[ "$output" = "" ]
	[ "$(jq -r .kernel.release out)" = "$(uname -r)" ]
	[ "$(jq -r .boot out)" = "$(cat /proc/sys/kernel/random/boot_id)" ]
	jq -r .programs.runc.version out | grep -F "$(runc --version |
		sed -n '1s/.* //p')"
	run -0 inside "$GARITA" host --refresh
	[ "$output" = "facts kept in $FACTS" ]
	[ "$(inside stat -c '%a %u' $FACTS)" = "600 0" ]
	[ "$(inside ls -A /var/lib/garita/host)" = facts.json ]
	inside "$GARITA" host --saved --format json >out 3>&- || [ $? = 1 ]
	is '.gathered > 0 and .counts.unknown == 0'
}

@test "a start: fresh facts admit; old, foreign, open and torn ones refuse" {
	policy <<<'{"version": 1, "rules": {"host-facts": "deny"}}'
	run -1 inside "$GARITA" check plain
	[[ $output == *host-facts*"garita host --refresh"* ]]
	inside "$GARITA" host --refresh
	run -0 inside "$GARITA" check plain
	change()
	{
		inside sh -c "$1" - "$FACTS"
		run -1 inside "$GARITA" check plain
		output=$(tr -s ' \n' ' ' <<<"$output")
		[[ $output == *host-facts*"$2"* ]] || {
			echo "$1: $output"
			return 1
		}
		inside rm -f "$FACTS"
		inside "$GARITA" host --refresh
	}
	change 'sed -i "s/\"gathered\":[0-9]*/\"gathered\":1700000000/" "$1"' \
		"at most 24 hours counts"
	change 'sed -i "s/\"boot\":\"./\"boot\":\"x/" "$1"' "before the last boot"
	change 'sed -i "s/\"version\":1/\"version\":9/" "$1"' "another version"
	change 'truncate -s 100 "$1"' "not known"
	change 'chmod 0620 "$1"' "can be changed by others"
	change 'chown 1000 "$1"' "belongs to uid 1000"
	inside chmod 0777 /var/lib/garita/host
	run -1 inside "$GARITA" check plain
	[[ $output == *"can be changed by others"* ]]
	run -2 inside "$GARITA" host --refresh
	[[ $output == *"can be changed by others"* ]]
	inside chmod 0700 /var/lib/garita/host
	change 'rm "$1" && mkfifo "$1"' "not a regular file"
	change 'rm "$1" && ln -s /etc/passwd "$1"' "not known"
	# In the policy: how old is too old.
	inside sed -i "s/\"gathered\":[0-9]*/\"gathered\":$(($(date +%s) - 7200))/" $FACTS
	policy <<<'{"version": 1, "host": {"max-age": 1}, "rules": {"host-facts": "deny"}}'
	run -1 inside "$GARITA" check plain
	output=$(tr -s ' \n' ' ' <<<"$output")
	[[ $output == *"2 hours ago, and at most 60 minutes counts"* ]]
	policy <<<'{"version": 1, "host": {"max-age": 3}, "rules": {"host-facts": "deny"}}'
	run -0 inside "$GARITA" check plain
}

@test "the runtime itself: a machine in doubt starts nothing" {
	start()
	{
		run inside "$RUNTIME" run --bundle "$GARITA_DIR/plain" \
			"garita-host-$$" 3>&-
	}
	policy <<<'{"version": 1, "rules": {"kernel-cve-mitigated": "deny"}}'
	start
	[ "$status" != 0 ]
	[[ $output == *"garita refused this container: kernel-cve-mitigated: not known"* ]]
	[[ $output != *" at /advisories"* ]]
	inside "$GARITA" host --refresh
	put_advisory()
	{
		inside sh -c 'printf "%s" "$1" >/etc/garita/advisories.json' - \
			"{\"version\": 1, \"advisories\": [{\"about\": \"kernel\",
			\"id\": \"CVE-2030-2\", \"fixed\": [\"99.0\"] $1}]}"
		inside "$GARITA" host --refresh
	}
	put_advisory ""
	start
	[[ $status != 0 && $output == *"CVE-2030-2 (fixed in 99.0)"* ]]
	# The profile that garita gives it closes the only way there.
	put_advisory ', "calls": ["keyctl"]'
	start
	[ "$status" = 0 ]
	# One of the programs' own calls.
	put_advisory ', "calls": ["execve"]'
	start
	[[ $status != 0 && $output == *"leaves in reach"* ]]
	policy <<<'{"version": 1, "host": {"at-start": "off"},
		"rules": {"kernel-cve-mitigated": "deny"}}'
	start
	[ "$status" = 0 ]
	# Profiles whose rules only warn: said by garita host, not at a start.
	inside rm -r /var/lib/garita/host
	no_policy
	start
	[[ $status = 0 && $output != *host-facts* ]]
	run -0 inside "$GARITA" check --explain plain
	[[ $output == *"skipped  host-facts "* ]]
	policy <<<'{"version": 1, "host": {"at-start": "warn"}}'
	run -0 inside "$GARITA" check plain
	[[ $output == *host-facts*"nobody has gathered facts yet"* ]]
}

# ---- helpers ----

# kcarectl SCRIPT: what the program says that this machine does not have
kcarectl()
{
	printf '%s\n' "$1" >"$GARITA_DIR/script"
}

@test "KernelCare is asked, with nothing of ours, and only when it is root's" {
	kcarectl 'env >"$0.env"; ls /proc/$$/fd >"$0.fds"
		case $1 in
		--uname) echo 6.99.7-1.el9 ;;
		--patch-info) printf "kpatch-name: a\nkpatch-cve: CVE-2026-31431\n" ;;
		esac'
	sed -i "s|\$0\.|$GARITA_DIR/said.|g" script
	SECRET=1 inside "$GARITA" host --facts >out 3>&-
	is '.kernel | .effective == "6.99.7-1.el9" and
		.["live-patch"].active and
		.["live-patch"].fixes == ["CVE-2026-31431"]'
	is '.advisories[] | select(.id == "CVE-2026-31431") |
		.why == "by a live patch"'
	run -1 grep -E 'SECRET|GARITA' said.env
	[ "$(grep -cE '^[0-2]$' said.fds)" = 3 ]
	# It may say no more than so much, may not hang, and may fail.
	kcarectl 'yes'
	inside "$GARITA" host --facts >out 3>&-
	is '.kernel | has("effective") | not'
	kcarectl 'echo 6.99.7; exit 1'
	inside "$GARITA" host --facts >out 3>&-
	is '.kernel | has("effective") | not'
	kcarectl 'echo 6.99.7; exec sleep 100 >/dev/null'
	inside timeout 60 "$GARITA" host --facts >out 3>&-
	is '.kernel | has("effective") | not'
	kcarectl 'echo "$*" >>'"$GARITA_DIR/ran"
	install -o 1000 -m 755 more/kcarectl theirs
	inside mount --bind theirs /usr/bin/kcarectl
	inside "$GARITA" host --facts >out 3>&-
	inside umount -l /usr/bin/kcarectl
	[ ! -e ran ]
	inside "$GARITA" host --facts >out 3>&-
	[ -e ran ]
	# Below a sysroot nothing is run, and so nobody knows.
	tree
	put /usr/bin/kcarectl '#!/bin/sh'
	chmod 755 "$ROOT/usr/bin/kcarectl"
	"$GARITA" host --facts --sysroot "$ROOT" >out 3>&-
	is '.kernel["live-patch"] | .tools == ["kernelcare"] and (has("active") | not)'
}

@test "garita doctor says when a policy waits for facts that nobody gathers" {
	run inside "$GARITA" doctor
	[[ $output != *" facts: "* ]]
	policy <<<'{"version": 1, "profile": "strict"}'
	run inside "$GARITA" doctor
	[[ $output == *"warn     facts: "*"nobody has gathered facts yet"* ]]
	inside "$GARITA" host --refresh
	run inside "$GARITA" doctor
	[[ $output == *"ok       facts: "* ]]
}

@test "the example, the units and the shipped table" {
	policy <"$GARITA_SRC/examples/policy-host.json"
	run -0 inside "$GARITA" policy check
	[[ $output != *:*:* ]]
	run -0 grep -x 'ExecStart=.*/garita host --refresh' \
		"$GARITA_BUILD/data/systemd/garita-host.service"
	run fits "$GARITA_SRC/docs/schema/advisories-1.schema.json" \
		<(sed '/^ *\/\//d' "$GARITA_SRC/data/advisories.json")
	[ "$output" = "" ]
}
