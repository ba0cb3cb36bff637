#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita doctor: what is in order passes, each thing that is not is found and
# named, and canaries through the real podman and runc's own name tell a gate
# from none.

# bats sets output, stderr and status behind shellcheck's back; inner shells and
# jq have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load podman
load common
load tree
load report

setup_file()
{
	podman_up
	garita_up
	owned_share
	SCHEMA=$GARITA_SRC/docs/schema/doctor-1.schema.json
	export SCHEMA
}

teardown_file()
{
	podman_down
	garita_down
}

setup()
{
	ROOT=$BATS_TEST_TMPDIR/root
}

in_tree()
{
	local verb=$1

	shift
	"$GARITA" "$verb" "$@" --sysroot "$ROOT" \
		--hook /usr/libexec/garita/garita-hook \
		--runtime /usr/bin/garita-runtime
}

# sees CODE WORDS...: so it exits, and in its output are these
sees()
{
	local code=$1 words

	shift
	run -"$code" in_tree doctor
	for words; do
		[[ $output == *"$words"* ]] || fails "$words" "$output"
	done
}

@test "what garita install wrote is in order; JSON is as its schema says" {
	tree bin/podman sbin/dockerd bin/containerd bin/crio
	for engine in podman docker containerd crio; do
		run -1 in_tree doctor "$engine"
		[[ $output == *"garita install $engine"* ]]
		in_tree install "$engine"
	done
	sees 0 "gated: " "default runtime garita is /usr/bin/garita-runtime" \
		"50-garita.json calls /usr/libexec/garita/garita-hook, which is there" \
		"docker run --runtime runc" BuildKit "ctr run" "--hooks-dir"
	[[ $output != *fail* || $output == *"0 fail"* ]]
	[[ $output != *$'\e['* ]]
	in_tree doctor --format json >"$BATS_TEST_TMPDIR/json"
	run -0 fits "$SCHEMA" "$BATS_TEST_TMPDIR/json"
	[ "$output" = "" ] || fails "$output"
	jq -e '.verdict == "gated" and .counts.fail == 0 and
		([.checks[] | select(.about == "registration") | .section] ==
		["podman", "docker", "containerd", "crio"])' "$BATS_TEST_TMPDIR/json"
}

@test "a registration by hand is as good, a wrong one is found" {
	tree bin/podman sbin/dockerd bin/containerd bin/crio
	mkdir -p "$ROOT"/etc/{docker,containerd,crio/crio.conf.d,containers/containers.conf.d}
	examples=$GARITA_SRC/examples/engines
	cp "$examples/docker/daemon.json" "$ROOT/etc/docker/"
	cp "$examples/crio/50-garita.conf" "$ROOT/etc/crio/crio.conf.d/"
	cp "$examples/podman/50-garita.conf" "$ROOT/etc/containers/containers.conf.d/"
	for version in 2 3; do
		cp "$examples/containerd/config-v$version.toml" \
			"$ROOT/etc/containerd/config.toml"
		sees 0 "podman --runtime NAME"
	done
	# What it imports cannot be known in a tree.
	sed -i '1i imports = ["/etc/containerd/conf.d/*.toml"]' \
		"$ROOT/etc/containerd/config.toml"
	sees 2 "it imports other files"
	sed -i '1s/.*/imports = []/' "$ROOT/etc/containerd/config.toml"
	sees 0
	sed -i 's|/usr/bin/garita-runtime|/usr/sbin/runc|' \
		"$ROOT/etc/crio/crio.conf.d/50-garita.conf"
	sees 1 "is /usr/sbin/runc, which is not /usr/bin/garita-runtime"
	# The last file counts.
	cp "$examples/crio/50-garita.conf" "$ROOT/etc/crio/crio.conf.d/60.conf"
	sees 0
	# CRI-O reads all there is, whatever it is called, also below.
	mkdir "$ROOT/etc/crio/crio.conf.d/99"
	for file in 60.conf.save 99/nvidia.toml; do
		printf '[crio.runtime]\ndefault_runtime = "nvidia"\n' \
			>"$ROOT/etc/crio/crio.conf.d/$file"
		sees 1 "its default runtime is nvidia"
		rm "$ROOT/etc/crio/crio.conf.d/$file"
	done
	sees 0
	echo '{"default-runtime": "runc"}' >"$ROOT/etc/docker/daemon.json"
	sees 1 "its default runtime is runc"
	echo '{"default-runtime": "a", "runtimes": {"a": {"path":
		"/usr/bin/garita-runtime"}, "b": {"path": "/usr/bin/crun"}}}' \
		>"$ROOT/etc/docker/daemon.json"
	sees 0 "docker run --runtime b starts /usr/bin/crun, not the gate"
	echo '{' >"$ROOT/etc/docker/daemon.json"
	sees 1 "/etc/docker/daemon.json"
	rm "$ROOT/etc/docker/daemon.json"
	sees 1 "no file of it names a default runtime"
}

@test "files that others can change, or that are missing, are named" {
	tree bin/podman
	in_tree install podman
	sees 0
	while IFS='|' read -r change undo words; do
		(cd "$ROOT" && eval "$change")
		sees 1 "$words"
		(cd "$ROOT" && eval "$undo")
		sees 0
	done <<-'TABLE'
	chmod 0777 usr/bin/garita-runtime|chmod 0755 usr/bin/garita-runtime|garita-runtime: can be changed by others
	chown 1000 usr/libexec/garita|chown 0 usr/libexec/garita|libexec/garita belongs to uid 1000
	mv usr/libexec/garita/garita-hook x|mv x usr/libexec/garita/garita-hook|podman skips a hook whose program is missing
	chmod 0666 etc/garita/policy.json|chmod 0644 etc/garita/policy.json|policy.json: can be changed by others
	chmod 0777 etc/garita|chmod 0755 etc/garita|every container is refused
	chmod 0777 var/log|chmod 0755 var/log|nobody else can write
	mkdir -m 0755 var/log/garita; chmod 0777 var/log/garita|chmod 0755 var/log/garita|log/garita can be changed by others
	mkdir -p -m 0777 var/lib/garita; chmod 0777 var/lib/garita|chmod 0755 var/lib/garita|what is remembered there decides
	chmod 0666 etc/containers/containers.conf.d/50-garita.conf|chmod 0644 etc/containers/containers.conf.d/50-garita.conf|50-garita.conf: can be changed by others
	mv etc/containers/containers.conf.d x; : >etc/containers/containers.conf.d|rm etc/containers/containers.conf.d; mv x etc/containers/containers.conf.d|cannot read /etc/containers/containers.conf.d
	mkdir etc/containers/oci; : >etc/containers/oci/hooks.d|rm etc/containers/oci/hooks.d|cannot read /etc/containers/oci/hooks.d
	TABLE
	: >"$ROOT/var/log/garita/decisions.jsonl"
	chmod 0666 "$ROOT/var/log/garita/decisions.jsonl"
	sees 1 "no plain file of root's alone"
}

@test "the policy: dry-run, off, an ended exception, lists, a runtime that is not there" {
	tree bin/podman
	in_tree install podman
	echo '{"version": 1, "mode": "dry-run", "profile": "off"}' \
		>"$ROOT/etc/garita/policy.json"
	sees 0 "mode is dry-run" "profile is off"
	cat >"$ROOT/etc/garita/policy.json" <<-'JSON'
	{"version": 1, "exceptions": [{"rules": ["run-as-non-root"],
		"match": {"image": "a/b"}, "reason": "r", "owner": "o",
		"expires": "2020-01-01"}]}
	JSON
	sees 0 "ended with 2020-01-01"
	echo '{"version": 1, "images": {"allow-file": "list"}}' \
		>"$ROOT/etc/garita/policy.json"
	sees 1 "/etc/garita/list"
	: >"$ROOT/etc/garita/list"
	sees 0 "allow-file list"
	echo '{"version": 1, "runtime": "/usr/sbin/runc-x"}' \
		>"$ROOT/etc/garita/policy.json"
	sees 1 "/usr/sbin/runc-x"
	cp "$(command -v runc)" "$ROOT/usr/sbin/runc-x"
	sees 0 "the policy's runtime /usr/sbin/runc-x: there"
	ln -sf ../bin/garita-runtime "$ROOT/usr/sbin/runc-x"
	sees 1 "is garita itself"
	echo '{"version": 1, "profil": "x"}' >"$ROOT/etc/garita/policy.json"
	sees 1 profil "until it can be read"
}

@test "in runc's place: by link, and another runc beside" {
	tree sbin/runc
	sees 1 "what starts it by its name is not judged"
	cp "$(command -v runc)" "$ROOT/usr/sbin/runc.real"
	ln -sf /usr/bin/garita-runtime "$ROOT/usr/sbin/runc"
	sees 0 "/usr/sbin/runc is the gate"
	: >"$ROOT/usr/sbin/dockerd"
	in_tree install docker
	sees 0
	[[ $output != *BuildKit* ]]
	mkdir -p "$ROOT/usr/local/bin"
	cp "$(command -v runc)" "$ROOT/usr/local/bin/runc"
	sees 0 "/usr/local/bin/runc is another runc"
	rm "$ROOT/usr/sbin/runc.real"
	sees 1 "nothing is behind the gate"
}

@test "usage, and a machine without engines" {
	tree
	sees 2 "there is no engine"
	run -2 in_tree doctor docker
	[[ $output == *"not on this machine"* ]]
	run -2 in_tree doctor --canary
	run -2 "$GARITA" doctor --image x
	run -2 "$GARITA" doctor --format xml
	run -2 "$GARITA" doctor rkt
	run -2 "$GARITA" doctor --sysroot relative
	run -0 "$GARITA" doctor --help
	[[ $output == *"--canary"* ]]
}

# ---- the engines themselves ----

# doctor as on the machine's own podman, with its own files
doctor()
{
	podman_in env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$PODMAN_DIR" \
		TMPDIR="$PODMAN_DIR/tmp" LC_ALL=C \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
		CONTAINERS_REGISTRIES_CONF="$PODMAN_DIR/registries.conf" \
		CONTAINERS_STORAGE_CONF="$PODMAN_DIR/storage.conf" \
		"$GARITA" doctor --runtime "$RUNTIME" --hook "$HOOK" "$@"
}

@test "podman: canaries tell a gate from none, and leave nothing" {
	inside rm -rf /etc/containers/containers.conf.d
	grep -vE '^(runtime|hooks_dir)' "$PODMAN_DIR/containers.conf" |
		inside sh -c 'cat >/etc/containers/containers.conf'
	policy <<<"{\"version\": 1, \"rules\": {\"bundle-hooks\":
		{\"action\": \"deny\", \"allow\": [\"$HOOK\"]}}}"
	run -1 doctor podman --canary
	[[ $output == *"it says itself that it starts crun"* ]]
	[[ $output == *"RAN, and nobody judged it"* ]]
	[[ $output == *"one that asks for nothing ran, and nobody judged it"* ]]

	run -0 inside "$GARITA" install podman --runtime "$RUNTIME" --hook "$HOOK"
	run -0 --separate-stderr doctor podman --canary
	[[ $output == *"it says itself that $RUNTIME is what it starts"* ]]
	[[ $output == *"one with every privilege was refused, and that is in the log"* ]]
	[[ $output == *"one that asks for nothing was admitted and ran"* ]]
	[ "$stderr" = "" ]
	[ "$(decisions | jq -rs 'map(.verdict) | unique | join(" ")')" = "admit deny repair" ] ||
		[ "$(decisions | jq -s '[.[] | select(.verdict == "deny")] | length')" -ge 1 ]
	# Nothing of it is left.
	run -0 pod ps --all --quiet
	[ "$output" = "" ]
	run -0 pod images --quiet
	[ "$output" = "" ]

	# Only some images are allowed: the operator names one.
	podman_image app
	digest=$(pod image inspect --format '{{.Digest}}' localhost/app:v1)
	policy <<<"{\"version\": 1, \"images\": {\"allow\": [\"$digest\"]},
		\"rules\": {\"bundle-hooks\": {\"action\": \"deny\", \"allow\": [\"$HOOK\"]}}}"
	run -2 doctor podman --canary
	[[ $output == *"was refused (image-allowlist"*"--image"* ]]
	run -0 doctor podman --canary --image localhost/app:v1
	[[ $output == *"admitted and ran"* ]]

	# Judged, and started all the same.
	policy <<<'{"version": 1, "mode": "dry-run"}'
	run -0 doctor podman --canary
	[[ $output == *"judged, and started because of dry-run"* ]] ||
		[[ $output == *"dry-run"* ]]
	run -0 inside "$GARITA" uninstall podman
}

@test "runc's own name: canaries through the gate in its place" {
	no_policy
	inside bash -e -c '
		mkdir "$0/sbin"
		cp -a /usr/sbin/. "$0/sbin/"
		mount --bind "$0/sbin" /usr/sbin
		mv /usr/sbin/runc /usr/sbin/runc.real
		ln -s "$1" /usr/sbin/runc' "$GARITA_DIR" "$RUNTIME"
	run -0 inside "$GARITA" doctor runc --canary --runtime "$RUNTIME" --hook "$HOOK"
	[[ $output == *"runc run: one with every privilege was refused"* ]]
	[[ $output == *"runc run: one that asks for nothing was admitted and ran"* ]]
	run inside find /run -path '*garita-canary*'
	[ "$output" = "" ] || fails "$output"
	inside umount /usr/sbin
}
