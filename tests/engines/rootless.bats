#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A user's own podman, without root: garita as an author's tool. It judges,
# repairs and says why as on a server, with the machine's policy or the user's
# own, and keeps its log in the user's home. It is no boundary for that user.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common

AUTHOR=4711 # nobody on any machine, we hope

setup_file()
{
	# The user's own there: in their namespace who made a directory between is
	# nobody, who could be anybody.
	TMPDIR=/tmp garita_up
	export HOME_OF=$GARITA_DIR/home
	export BIN=$GARITA_DIR/bin
	# Where the build is, only root may be able to go.
	chmod 0755 "$GARITA_DIR"
	mkdir "$BIN"
	cp "$GARITA" "$RUNTIME" "$GARITA_BUILD/garita-verify" "$BIN"
	mkdir -p "$HOME_OF/.config/containers"
	cat >"$HOME_OF/.config/containers/containers.conf" <<-CONF
	[containers]
	netns = "none"
	log_driver = "k8s-file"
	default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "none"
	runtime_supports_json = ["crun", "runc", "garita-runtime"]
	CONF
	printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' \
		>"$HOME_OF/.config/containers/policy.json"
	printf '[storage]\ndriver = "overlay"\n' \
		>"$HOME_OF/.config/containers/storage.conf"
	chown -R "$AUTHOR:$AUTHOR" "$HOME_OF"
	chown "$AUTHOR" "$GARITA_DIR"
	chmod 0700 "$HOME_OF"
	inside sh -c 'echo "author:x:$0:$0::$1:/bin/sh" >>/etc/passwd
		echo "author:x:$0:" >>/etc/group
		printf "author:300000:65536\nroot:100000:65536\n" |
			tee -a /etc/subuid >>/etc/subgid
		install -d -m 0700 -o "$0" -g "$0" "/run/user/$0"' \
		"$AUTHOR" "$HOME_OF"
	rootfs
	tar -C "$GARITA_DIR/rootfs" -c . |
		author podman import --quiet - localhost/app:v1
}

teardown_file()
{
	author podman rm --all --force --time 0 >/dev/null 2>&1 || true
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	no_policy
	rm -rf "$HOME_OF/.config/garita" "$HOME_OF/.local/state"
}

author()
{
	(cd / && inside setpriv --reuid "$AUTHOR" --regid "$AUTHOR" \
		--clear-groups env -i PATH="$PATH" HOME="$HOME_OF" LC_ALL=C \
		XDG_RUNTIME_DIR="/run/user/$AUTHOR" \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 "$@")
}

# podman CODE ARGUMENTS...: standard output to ./out, the rest to ./err
podman()
{
	local want=$1 code=0

	shift
	author podman --runtime "$BIN/garita-runtime" "$@" \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: podman $*"
		cat out err
		return 1
	}
}

has()
{
	grep -qE "^$1:[[:space:]]+$2\$" out || {
		echo "$1 is not $2"
		cat out
		return 1
	}
}

decided()
{
	tail -n 1 "$HOME_OF/.local/state/garita/decisions.jsonl" |
		jq -e "$@"
}

# own JSON: the user's policy
own()
{
	author sh -c 'umask 022; mkdir -p ~/.config/garita &&
		cat >~/.config/garita/policy.json' <<<"$1"
}

both()
{
	for KIND in crun runc; do
		echo "-- $KIND"
		policy <<<"{\"version\": 1, \"runtime\": \"$(command -v "$KIND")\"}"
		"$@"
	done
}

judged()
{
	podman 0 run --rm --user 1000 localhost/app:v1 cat /proc/self/status
	[ ! -s err ]
	has Seccomp 2
	has NoNewPrivs 1
	has CapEff 0000000000000000
	has CapBnd 0000000000000400
	decided '.verdict == "repair" and .image.sure == "verified" and
		.image.names == ["localhost/app:v1"]'
	podman 126 run --rm localhost/app:v1 true
	[ "$(wc -l <err)" = 1 ]
	grep -F "garita refused this container: run-as-non-root" err
	decided '.verdict == "deny"'
	podman 126 run --rm --user 1000 --privileged localhost/app:v1 true
	podman 126 run --rm --user 1000 -v "/run/user/$AUTHOR:/r" \
		localhost/app:v1 true
	podman 126 run --rm --user 1000 --pid host localhost/app:v1 true
	podman 0 ps --all --quiet
	[ ! -s out ]
	# The machine's log is the machine's.
	[ ! -e /var/log/garita/decisions.jsonl ] ||
		! grep -F "$HOME_OF" /var/log/garita/decisions.jsonl
}

@test "the same verdicts and repairs as root's, and a log at home" {
	both judged
}

life()
{
	podman 0 run --detach --name life --user 1000 localhost/app:v1 \
		sh -c 'echo begun; sleep 1000'
	podman 0 exec life id -u
	[ "$(cat out)" = 1000 ]
	podman 255 exec --user 0 life id -u
	grep -F exec-root err
	podman 0 stop --time 0 life
	podman 0 start life
	podman 0 logs life
	[ "$(cat out)" = "begun
begun" ]
	podman 0 rm --force --time 0 life
}

@test "exec, stop, start, logs, rm" {
	both life
}

@test "the built-in policy, the machine's, the user's own: the nearest counts" {
	podman 126 run --rm localhost/app:v1 true
	decided '.profile | startswith("restricted")' || {
		cat "$HOME_OF/.local/state/garita/decisions.jsonl"
		return 1
	}
	policy <<<'{"version": 1, "profile": "baseline",
		"log": {"file": "/var/log/garita/decisions.jsonl"}}'
	podman 0 run --rm localhost/app:v1 true
	[ ! -s err ]
	decided '.profile | startswith("baseline")'
	own '{"version": 1, "profile": "restricted"}'
	podman 126 run --rm localhost/app:v1 true
	decided '.profile | startswith("restricted")'
	own "{\"version\": 1, \"profile\": \"off\",
		\"log\": {\"file\": \"$HOME_OF/here\"}}"
	podman 0 run --rm localhost/app:v1 true
	jq -e '.verdict == "admit"' "$HOME_OF/here"
	# The command line means the same one.
	run -0 author "$BIN/garita" policy show
	[[ $output == *"$HOME_OF/.config/garita/policy.json"* ]]
	# Root does not read it, whatever HOME says.
	run -0 inside env HOME="$HOME_OF" "$GARITA" policy show
	[[ $output == *baseline* ]]
}

@test "facts of the machine are kept, and read, at home" {
	run -0 author "$BIN/garita" host --refresh
	[ "$output" = "facts kept in $HOME_OF/.local/state/garita/host/facts.json" ]
	run -0 author "$BIN/garita" host --saved --only host-facts
	[[ $output == *"facts of 20"*"pass "*"host-facts"* ]]
}

@test "a policy or a runtime that another user could change is none" {
	own '{"version": 1, "profile": "off"}'
	author chmod 0666 "$HOME_OF/.config/garita/policy.json"
	podman 126 run --rm localhost/app:v1 true
	grep -F "judge it: $HOME_OF/.config/garita/policy.json: can be changed by others" err
	chown 4712 "$HOME_OF/.config/garita/policy.json"
	chmod 0644 "$HOME_OF/.config/garita/policy.json"
	# Of somebody whom the user's namespace has no name for: root or not,
	# nobody else can write to the directories on the way.
	podman 0 run --rm localhost/app:v1 true
	# Where anybody can make one, the nameless one is not believed.
	other=$(mktemp -d "${TMPDIR:-/tmp}/garita-test.XXXXXX")
	chmod 0755 "$other"
	cp "$(command -v crun)" "$other/crun"
	chown "$AUTHOR" "$HOME_OF/.config/garita/policy.json"
	own "{\"version\": 1, \"profile\": \"off\",
		\"runtime\": \"$other/crun\"}"
	podman 126 run --rm localhost/app:v1 true
	rm -r "$other"
	grep -F "$other/crun: directory" err
	grep -F "can be changed by others" err
}

# As a container's root is, whose engine made the namespace for it: the machine
# that it sees is not its own, and its HOME says nothing.
@test "in a user namespace of somebody else's, nobody is not root" {
	local id=garita-rootless-${GARITA_DIR##*.}

	policy <<<'{"version": 1, "profile": "off"}'
	bundle "$GARITA_DIR/b" '.process.args = ["true"]'
	chown -R 100000:100000 "$GARITA_DIR/b"
	run -2 inside unshare --user --map-users=100000,0,65536 \
		--map-groups=100000,0,65536 --setuid 0 --setgid 0 \
		env HOME="$HOME_OF" "$BIN/garita-runtime" --root /nowhere \
		create --bundle "$GARITA_DIR/b" "$id"
	echo "$output"
	[[ $output == *"could not judge it: /etc/garita/policy.json: "*"belongs to uid 65534, neither root nor us"* ]]
}

@test "it is no boundary: the user has other runtimes, and runs root's work" {
	policy <<<'{"version": 1}'
	podman 126 run --rm --privileged localhost/app:v1 true
	run -0 author podman --runtime crun run --rm --privileged \
		localhost/app:v1 true
}
