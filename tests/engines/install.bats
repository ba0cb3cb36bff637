#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita install, uninstall and status: what is written is what the engines
# themselves read, and what is undone is exactly that. Files first, in a tree of
# their own; then the real podman, containerd, dpkg-divert and runc, on a
# machine that forgets (the database of dpkg there is a copy).

# bats sets output, stderr and status behind shellcheck's back; inner shells and
# jq have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load podman
load common
load tree

setup_file()
{
	podman_up
	garita_up
	owned_share
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
	case $verb in
	uninstall) ;;
	*) set -- "$@" --hook /usr/libexec/garita/garita-hook ;;
	esac
	"$GARITA" "$verb" "$@" --sysroot "$ROOT" \
		--runtime /usr/bin/garita-runtime
}

# ---- files ----

@test "a drop-in: shown, written, nothing to do, undone" {
	tree bin/podman
	run -0 in_tree install podman --dry-run
	[[ $output == *'+runtime = "garita"'* ]]
	[[ $output == *"nothing was changed"* ]]
	[ ! -e "$ROOT/etc/containers" ]
	run -1 in_tree status
	[[ $output == *"podman      NOT GATED"* ]]

	run -0 in_tree install podman
	conf=$ROOT/etc/containers/containers.conf.d/50-garita.conf
	grep -qF 'garita = ["/usr/bin/garita-runtime"]' "$conf"
	[ "$(stat -c %a-%u "$conf")" = 644-0 ]
	[ "$(stat -c %a "$ROOT/var/lib/garita/install/podman.json")" = 600 ]
	[ "$(stat -c %a "$ROOT/var/lib/garita/install")" = 700 ]
	jq -e '.stages == ["createRuntime"] and .hook.env != null' \
		"$ROOT/usr/share/containers/oci/hooks.d/50-garita.json"
	run -0 in_tree status
	[[ $output == *"podman      gated: registered, and the default (garita install)"* ]]
	run -0 in_tree install podman
	[ "$output" = "podman: nothing to do" ]

	run -0 in_tree uninstall podman
	[ "$(find "$ROOT" -type f -name '*50-garita*' -o -name podman.json)" = "" ]
	run -0 in_tree uninstall podman
	[[ $output == *"did not do anything here" ]]
}

@test "precreate is asked for, has a directory of its own, and warns" {
	tree bin/podman
	run -0 in_tree install podman --precreate
	[[ $output == *"podman build fails"* ]]
	grep -qF 'hooks_dir = ["/usr/share/containers/oci/hooks.d", "/etc/containers/oci/garita.d"]' \
		"$ROOT/etc/containers/containers.conf.d/50-garita.conf"
	run grep -rlF '"precreate"' "$ROOT/etc" "$ROOT/usr/share"
	[ "$output" = "$ROOT/etc/containers/oci/garita.d/50-garita-precreate.json" ]
	# Without it the entry is not asked for any more: uninstall knows of it.
	run -0 in_tree install podman
	run -0 in_tree uninstall podman
	[ "$(find "$ROOT" -name '50-garita*')" = "" ]
}

@test "podman's other files are looked at: hooks_dir, a later runtime" {
	tree bin/podman
	mkdir -p "$ROOT/etc/containers/containers.conf.d"
	printf '[engine]\nhooks_dir = ["/x"]\n' >"$ROOT/etc/containers/containers.conf"
	run -2 in_tree install podman
	[[ $output == *"containers.conf sets hooks_dir"* ]]
	run -0 in_tree install podman --hooks-dir /x --dry-run
	[[ $output == *"+++ /x/50-garita.json"* ]]
	rm "$ROOT/etc/containers/containers.conf"
	printf '[engine]\n  runtime="crun"\n' \
		>"$ROOT/etc/containers/containers.conf.d/99-site.conf"
	run -2 in_tree install podman
	[[ $output == *"99-site.conf is read after"* ]]
	mv "$ROOT"/etc/containers/containers.conf.d/{99,10}-site.conf
	run -0 in_tree install podman
}

@test "daemon.json keeps its members, order, white space, mode and owner" {
	tree sbin/dockerd
	mkdir "$ROOT/etc/docker"
	printf '{ "log-driver": "journald",\n\t"default-runtime" : "crun" ,\n  "runtimes": {"crun": {"path":"/usr/bin/crun"}},\n "icc":false }' \
		>"$ROOT/etc/docker/daemon.json"
	chmod 0600 "$ROOT/etc/docker/daemon.json"
	cp -a "$ROOT/etc/docker" "$BATS_TEST_TMPDIR/before"
	run -0 in_tree install docker
	[[ $output == *"restart docker"* ]]
	[ "$(jq -cS . "$ROOT/etc/docker/daemon.json")" = \
		'{"default-runtime":"garita","icc":false,"log-driver":"journald","runtimes":{"crun":{"path":"/usr/bin/crun"},"garita":{"path":"/usr/bin/garita-runtime"}}}' ]
	grep -qF '"default-runtime" : "garita" ,' "$ROOT/etc/docker/daemon.json"
	[ "$(stat -c %a "$ROOT/etc/docker/daemon.json")" = 600 ]
	cmp "$ROOT/etc/docker/daemon.json.before-garita" \
		"$BATS_TEST_TMPDIR/before/daemon.json"
	run -0 in_tree install docker
	[ "$output" = "docker: nothing to do" ]
	run -0 in_tree uninstall docker
	diff -r "$ROOT/etc/docker" "$BATS_TEST_TMPDIR/before"
	[ "$(stat -c %a "$ROOT/etc/docker/daemon.json")" = 600 ]
}

@test "daemon.json: absent, empty object, compact, garita with other settings" {
	local text

	tree sbin/dockerd
	run -0 in_tree install docker
	jq -e '. == {runtimes: {garita: {path: "/usr/bin/garita-runtime"}}, "default-runtime": "garita"}' \
		"$ROOT/etc/docker/daemon.json"
	run -0 in_tree uninstall docker
	[ ! -e "$ROOT/etc/docker/daemon.json" ]
	for text in '{}' '{"a":"}\"{","runtimes":{},"default-runtime":"x"}' \
		'{"default-runtime":"runc","runtimes":{"garita":{"path":"/old","runtimeArgs":["--x"]}}}' \
		'{"runtimes":{"y":{"path":"/y"}},"default-runtime":"y","z":[1,{"default-runtime":2}]}'; do
		printf '%s' "$text" >"$ROOT/etc/docker/daemon.json"
		in_tree install docker
		jq -e --argjson was "$text" '. == ($was * {runtimes: {garita: null}}
			* {runtimes: {garita: {path: "/usr/bin/garita-runtime"}},
			"default-runtime": "garita"})' "$ROOT/etc/docker/daemon.json" ||
			fails "$text"
		in_tree uninstall docker
		[ "$(cat "$ROOT/etc/docker/daemon.json")" = "$text" ] || fails "$text"
	done
}

@test "a daemon.json that is not understood is left alone" {
	local text

	tree sbin/dockerd
	mkdir "$ROOT/etc/docker"
	for text in '{' '[]' '{"a":1,"a":2}' '// no' '{"runtimes":[]}' \
		'{"Default-Runtime":"x"}' '{"default-runtime":1}'; do
		printf '%s' "$text" >"$ROOT/etc/docker/daemon.json"
		run -2 in_tree install docker
		[[ $output == *"/etc/docker/daemon.json"* ]] || fails "$text" "$output"
		[ "$(cat "$ROOT/etc/docker/daemon.json")" = "$text" ] || fails "$text"
		[ ! -e "$ROOT/etc/docker/daemon.json.before-garita" ]
	done
	rm "$ROOT/etc/docker/daemon.json"
	ln -s ../elsewhere "$ROOT/etc/docker/daemon.json"
	run -2 in_tree install docker
	[[ $output == *"is a link"* ]]
	rm "$ROOT/etc/docker/daemon.json"
	echo '{}' >"$ROOT/etc/docker/daemon.json"
	chmod 0666 "$ROOT/etc/docker/daemon.json"
	run -1 in_tree install docker
	[[ $output == *"can be changed by others"* ]]
}

@test "config.toml keeps comments and order; version 2 and 3" {
	local version

	tree bin/containerd
	mkdir "$ROOT/etc/containerd"
	cat >"$ROOT/etc/containerd/config.toml" <<-'CONF'
	# ours
	version = 2 # yes
	oom_score = 0
	[plugins]
	  [plugins."io.containerd.grpc.v1.cri"]
	    sandbox_image = 'x # y'
	    list = [ "a", # ]
	      "b]" ]
	    [plugins."io.containerd.grpc.v1.cri".containerd]
	      # the default
	      default_runtime_name = 'runc' # as it was
	      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
	        runtime_type = "io.containerd.runc.v2"
	        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
	          SystemdCgroup = true
	CONF
	sed 's/version = 2/version = 3/; s/"io.containerd.grpc.v1.cri"/'"'io.containerd.cri.v1.runtime'"/ \
		"$ROOT/etc/containerd/config.toml" >"$BATS_TEST_TMPDIR/3"
	cp "$ROOT/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/2"
	for version in 2 3; do
		cp "$BATS_TEST_TMPDIR/$version" "$ROOT/etc/containerd/config.toml"
		run -0 in_tree install containerd
		diff "$BATS_TEST_TMPDIR/$version" "$ROOT/etc/containerd/config.toml" \
			>"$BATS_TEST_TMPDIR/diff" || true
		[ "$(grep -c '^<' "$BATS_TEST_TMPDIR/diff")" = 1 ]
		grep -qF "default_runtime_name = \"garita\" # as it was" \
			"$ROOT/etc/containerd/config.toml"
		[ "$(grep -c 'SystemdCgroup = true' "$ROOT/etc/containerd/config.toml")" = 2 ]
		python3 - "$ROOT/etc/containerd/config.toml" <<-'PYTHON'
		import sys, tomllib
		tree = tomllib.load(open(sys.argv[1], "rb"))
		name = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.runtime"}
		cri = tree["plugins"][name[tree["version"]]]["containerd"]
		assert cri["default_runtime_name"] == "garita"
		assert cri["runtimes"]["garita"] == {
		    "runtime_type": "io.containerd.runc.v2",
		    "options": {"BinaryName": "/usr/bin/garita-runtime", "SystemdCgroup": True}}
		assert "runc" in cri["runtimes"]
		PYTHON
		run -0 in_tree install containerd
		[ "$output" = "containerd: nothing to do" ]
		run -0 in_tree uninstall containerd
		cmp "$BATS_TEST_TMPDIR/$version" "$ROOT/etc/containerd/config.toml"
	done
}

@test "a base spec for every runtime that is runc's; version 2 and 3; undone" {
	local version

	tree bin/containerd
	mkdir "$ROOT/etc/containerd"
	cat >"$ROOT/etc/containerd/config.toml" <<-'CONF'
	version = 2
	[plugins."io.containerd.grpc.v1.cri".containerd]
	  default_runtime_name = "b" # kept
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.a]
	  runtime_type = "io.containerd.runc.v2" # first
	  base_runtime_spec = ""
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.b]
	  runtime_type = 'io.containerd.runc.v2'
	  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.b.options]
	    SystemdCgroup = true
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]
	  runtime_type = "io.containerd.kata.v2"
	CONF
	sed 's/version = 2/version = 3/; s/"io.containerd.grpc.v1.cri"/'"'io.containerd.cri.v1.runtime'"/ \
		"$ROOT/etc/containerd/config.toml" >"$BATS_TEST_TMPDIR/3"
	cp "$ROOT/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/2"
	for version in 2 3; do
		cp "$BATS_TEST_TMPDIR/$version" "$ROOT/etc/containerd/config.toml"
		run -0 in_tree install containerd --base-spec
		[[ $output == *"a hook can only refuse"* ]]
		python3 - "$ROOT/etc/containerd/config.toml" <<-'PYTHON'
		import sys, tomllib
		tree = tomllib.load(open(sys.argv[1], "rb"))
		name = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.runtime"}
		cri = tree["plugins"][name[tree["version"]]]["containerd"]
		spec = "/etc/containerd/garita-base-spec.json"
		assert cri["default_runtime_name"] == "b"
		assert [cri["runtimes"][r].get("base_runtime_spec") for r in ("a", "b", "kata")] == [spec, spec, None]
		PYTHON
		run -0 in_tree install containerd --base-spec
		[ "$output" = "containerd: nothing to do" ]
		run -0 in_tree status --base-spec
		run -1 in_tree status
		run -0 in_tree doctor containerd
		[[ $output == *"whose hook judges and cannot repair"* ]]
		[[ $output == *"handler kata"* ]]
		run -0 in_tree uninstall containerd
		cmp "$BATS_TEST_TMPDIR/$version" "$ROOT/etc/containerd/config.toml"
		[ ! -e "$ROOT/etc/containerd/garita-base-spec.json" ]
	done
	# Without a file of runtimes, containerd's own runc has it.
	rm "$ROOT/etc/containerd/config.toml"
	run -0 in_tree install containerd --base-spec
	grep -qF 'base_runtime_spec = "/etc/containerd/garita-base-spec.json"' \
		"$ROOT/etc/containerd/config.toml"
	# It is what containerd here makes specs from, and our hook.
	diff <(ctr oci spec | jq -S 'del(.linux.cgroupsPath, .process.rlimits, .ociVersion)') \
		<(jq -S 'del(.hooks, .ociVersion)' "$ROOT/etc/containerd/garita-base-spec.json")
	run -0 in_tree doctor containerd
	mv "$ROOT/usr/libexec/garita/garita-hook" "$BATS_TEST_TMPDIR/"
	run -1 in_tree doctor containerd
	mv "$BATS_TEST_TMPDIR/garita-hook" "$ROOT/usr/libexec/garita/"
	sed -i 's/--judge-only/--judge/' "$ROOT/etc/containerd/garita-base-spec.json"
	run -1 in_tree doctor containerd
	[[ $output == *"has no hook that judges"* ]]
	in_tree uninstall containerd --force
	# What cannot be edited for certain, or is another's, is left alone.
	cri='plugins."io.containerd.grpc.v1.cri".containerd'
	while IFS= read -r text; do
		printf '%b' "$text" >"$ROOT/etc/containerd/config.toml"
		cp "$ROOT/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/was"
		run -2 in_tree install containerd --base-spec
		cmp "$BATS_TEST_TMPDIR/was" "$ROOT/etc/containerd/config.toml"
		[ ! -e "$ROOT/etc/containerd/garita-base-spec.json" ] || fails "$text"
	done <<-TEXTS
	version = 2\nplugins = {}
	version = 2\n[$cri]\nruntimes = {}
	version = 2\n[$cri.runtimes]\nrunc = { runtime_type = "io.containerd.runc.v2" }
	version = 2\n[$cri]\nruntimes.runc.runtime_type = "io.containerd.runc.v2"
	version = 2\n[$cri.runtimes.runc.options]\nSystemdCgroup = true
	version = 2\n[$cri.runtimes.kata]\nruntime_type = "io.containerd.kata.v2"
	version = 2\n[$cri.runtimes.runc]\nruntime_type = "io.containerd.runc.v2"\nbase_runtime_spec = "/mine"
	TEXTS
	run -2 in_tree install docker --base-spec
}

@test "a config.toml that is not understood is left alone" {
	local text cri='plugins."io.containerd.grpc.v1.cri"'

	tree bin/containerd
	mkdir "$ROOT/etc/containerd"
	while IFS= read -r text; do
		printf '%b' "$text" >"$ROOT/etc/containerd/config.toml"
		cp "$ROOT/etc/containerd/config.toml" "$BATS_TEST_TMPDIR/was"
		run -2 in_tree install containerd
		[[ $output == *config.toml* ]] || fails "$text" "$output"
		cmp "$BATS_TEST_TMPDIR/was" "$ROOT/etc/containerd/config.toml"
	done <<-TEXTS
	disabled_plugins = ["cri"]
	version = 1
	version = 4
	version = 2\nversion = 2
	version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]
	version = 2\n[plugins
	version = 2\nx = "a
	version = 2\nx = [1, 2
	version = 2\nx = [1}
	version = 2\nx = 1 2 = 3
	version = 2\nx =
	version = 2\n[a] b
	version = 2\n[a]\n[a]
	version = 2\n"a\\\\u0062" = 1
	version = 2\n[$cri]\ncontainerd = { default_runtime_name = "x" }
	version = 2\n[$cri]\ncontainerd.default_runtime_name = "x"
	version = 2\n[$cri.containerd]\nruntimes = { }
	version = 2\n[$cri.containerd.runtimes]\ngarita = {}
	version = 2\n[$cri.containerd.runtimes.garita]\nruntime_type = "io.containerd.runc.v2"
	version = 2\n[[$cri.containerd]]
	version = 2\nplugins = {}
	TEXTS
}

@test "what somebody changed since is shown and not undone; --force does" {
	tree sbin/dockerd
	mkdir "$ROOT/etc/docker"
	echo '{"icc": false}' >"$ROOT/etc/docker/daemon.json"
	in_tree install docker
	sed -i 's/false/true/' "$ROOT/etc/docker/daemon.json"
	run -1 in_tree uninstall docker
	[[ $output == *'-{"icc": false'* ]]
	[[ $output == *"--force"* ]]
	grep -q true "$ROOT/etc/docker/daemon.json"
	run -0 in_tree uninstall docker --force
	[ "$(cat "$ROOT/etc/docker/daemon.json")" = '{"icc": false}' ]
	# What was there is not lost.
	grep -q true "$ROOT/etc/docker/daemon.json.before-garita"
}

@test "somebody's file by our name is kept" {
	tree bin/crio
	mkdir -p "$ROOT/etc/crio/crio.conf.d"
	echo '# mine' >"$ROOT/etc/crio/crio.conf.d/50-garita.conf"
	run -2 in_tree install crio
	[[ $output == *"was not written by garita install"* ]]
	[ "$(cat "$ROOT/etc/crio/crio.conf.d/50-garita.conf")" = '# mine' ]
	run -0 in_tree install crio --force
	run -0 in_tree uninstall crio
	[ "$(cat "$ROOT/etc/crio/crio.conf.d/50-garita.conf")" = '# mine' ]
	[ "$(ls "$ROOT/etc/crio/crio.conf.d")" = 50-garita.conf ]
}

@test "an install that fails half-way leaves nothing" {
	tree bin/podman
	# The entry comes first, then the drop-in, whose directory is a file.
	mkdir -p "$ROOT/etc/containers"
	: >"$ROOT/etc/containers/containers.conf.d"
	run -2 in_tree install podman
	[ "$(find "$ROOT" -name '*50-garita*' -o -name podman.json)" = "" ]
}

@test "the program, the policy and the engine must be there" {
	tree
	run -2 in_tree install docker
	[[ $output == *"not on this machine"* ]]
	: >"$ROOT/usr/sbin/dockerd"
	for text in '{"version":1,"profil":"x"}' \
		'{"version":1,"fix":false,"rules":{"pids-limit":{"action":"deny","max":1}}}' \
		'{"version":1,"images":{"allow":[]},"rules":{"image-allowlist":"deny"}}'; do
		echo "$text" >"$ROOT/etc/garita/policy.json"
		run in_tree install docker
		[[ $status != 0 && $output == *"would stop every container"* ]] ||
			fails "$text" "$output"
		[ ! -e "$ROOT/etc/docker" ]
	done
	# A hook that the policy does not let in stops every podman container.
	: >"$ROOT/usr/bin/podman"
	echo '{"version":1,"rules":{"bundle-hooks":{"action":"deny","allow":["/x"]}}}' \
		>"$ROOT/etc/garita/policy.json"
	run -0 in_tree install docker --dry-run
	run -1 in_tree install podman --dry-run
	[[ $output == *bundle-hooks* ]]
	run -0 in_tree install docker --force --dry-run
	for text in '{"version":1}' '{"version":1,"profile":"strict","fix":false,"host":{"at-start":"off"}}' \
		'{"version":1,"rules":{"process-allowlist":{"action":"deny","allow":["nginx"]}}}' \
		'{"version":1,"mode":"dry-run","images":{"allow":[]}}' \
		"{\"version\":1,\"images\":{\"allow\":[\"sha256:$(printf x | sha256sum | cut -c-64)\"]}}"; do
		echo "$text" >"$ROOT/etc/garita/policy.json"
		run -0 in_tree install docker --dry-run
	done
	rm "$ROOT/usr/bin/garita-runtime"
	run -2 in_tree install docker --force
	[[ $output == *garita-runtime* ]]
	echo '#!/bin/sh' >"$ROOT/usr/bin/garita-runtime"
	chmod 755 "$ROOT/usr/bin/garita-runtime"
	run -2 in_tree install docker --force
	[[ $output == *"is a script or another kind of file"* ]]
}

# ---- the engines themselves ----

# What the machine's own podman would be, with its own files.
own()
{
	podman_in env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$PODMAN_DIR" \
		TMPDIR="$PODMAN_DIR/tmp" LC_ALL=C \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
		CONTAINERS_REGISTRIES_CONF="$PODMAN_DIR/registries.conf" \
		CONTAINERS_STORAGE_CONF="$PODMAN_DIR/storage.conf" \
		podman --tmpdir "$PODMAN_DIR/run/libpod" "$@"
}

@test "podman runs and refuses through what was written" {
	podman_image app --config.user 1000:1000
	# Installed, the hook is where the rule expects it.
	policy <<<"{\"version\": 1, \"rules\": {\"bundle-hooks\":
		{\"action\": \"deny\", \"allow\": [\"$HOOK\"]}}}"
	inside rm -rf /etc/containers/containers.conf.d
	grep -vE '^(runtime|hooks_dir)' "$PODMAN_DIR/containers.conf" |
		inside sh -c 'cat >/etc/containers/containers.conf'
	run -0 own info --format '{{.Host.OCIRuntime.Name}}'
	[[ $output == *crun ]]
	run -0 inside "$GARITA" install podman --runtime "$RUNTIME" --hook "$HOOK"
	run -0 own info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
	[[ $output == *"garita $RUNTIME" ]]
	run -0 own run --rm localhost/app:v1 sh -c "$look"
	[[ $output == *"NoNewPrivs:1"* ]]
	run -126 own run --rm --privileged localhost/app:v1 true
	[[ $output == *"OCI runtime error: garita: garita refused this container"* ]]
	# By name round the gate: the hook sees that nobody judged it.
	run own --runtime crun run --rm localhost/app:v1 true
	[ "$status" != 0 ]
	# podman could not stop it any more, and would forget it while it runs.
	own run -d --name still localhost/app:v1 sh -c 'while :; do sleep 1; done'
	for words in podman "podman --dry-run" --all; do
		# shellcheck disable=SC2086
		run -1 inside "$GARITA" uninstall $words --runtime "$RUNTIME"
		[[ $output == *"podman: $(own inspect --format '{{.Id}}' still)"* ]]
		[[ $output == *"remove them first"* ]]
	done
	run -0 own info --format '{{.Host.OCIRuntime.Name}}'
	[[ $output == *garita ]]
	# Not of another program, nor of another engine.
	run -0 inside "$GARITA" uninstall crio --runtime "$RUNTIME"
	own rm -f -t 0 still
	# conmon ends a moment after its container.
	for ((tries = 0; tries < 100; tries++)); do
		! inside "$GARITA" uninstall podman --dry-run --runtime "$RUNTIME" ||
			break
		sleep 0.1
	done
	run -0 inside "$GARITA" uninstall podman --runtime "$RUNTIME"
	run -0 own --runtime crun run --rm localhost/app:v1 true
	run -0 own info --format '{{.Host.OCIRuntime.Name}}'
	[[ $output == *crun ]]
}

@test "containerd reads what was written as it was meant" {
	local dump

	inside mkdir -p /etc/containerd
	inside sh -c 'cat >/etc/containerd/config.toml' <<-'CONF'
	version = 2
	[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.other]
	  runtime_type = "io.containerd.runc.v2"
	CONF
	run -0 inside "$GARITA" install containerd --runtime "$RUNTIME"
	dump=$(inside containerd config dump)
	grep -q 'default_runtime_name = "garita"' <<<"$dump"
	grep -qF "BinaryName = \"$RUNTIME\"" <<<"$dump"
	grep -qF 'runtimes.other]' <<<"$dump"
	run -0 inside "$GARITA" uninstall containerd
	inside rm /etc/containerd/config.toml
	run -0 inside "$GARITA" install containerd --runtime "$RUNTIME"
	dump=$(inside containerd config dump)
	grep -q 'default_runtime_name = "garita"' <<<"$dump"
	# containerd's own, which a table of runtimes would take away.
	grep -qF 'runtimes.runc]' <<<"$dump"
	run -0 inside "$GARITA" uninstall containerd
}

# A dpkg of the tree's own, that thinks it put runc there.
with_dpkg()
{
	mkdir -p "$ROOT"/var/lib/dpkg/{info,updates}
	: >"$ROOT/var/lib/dpkg/status"
	: >"$ROOT/var/lib/dpkg/diversions"
	cp "$(command -v runc)" "$ROOT/usr/sbin/runc"
}

@test "runc's place is taken and given back by dpkg-divert" {
	tree
	with_dpkg
	sha=$(sha256sum <"$ROOT/usr/sbin/runc")
	run -1 in_tree status
	[[ $output == *"runc        NOT GATED"* ]]
	run -0 in_tree install runc --dry-run
	[ ! -e "$ROOT/usr/sbin/runc.real" ]
	run -0 in_tree install runc
	[ "$(readlink "$ROOT/usr/sbin/runc")" = /usr/bin/garita-runtime ]
	[ "$(sha256sum <"$ROOT/usr/sbin/runc.real")" = "$sha" ]
	dpkg-divert --root "$ROOT" --list | grep -qF 'local diversion of /usr/sbin/runc to /usr/sbin/runc.real'
	run -0 in_tree install runc
	[ "$output" = "runc: nothing to do" ]
	run -0 in_tree status
	run -0 in_tree uninstall runc
	[ "$(sha256sum <"$ROOT/usr/sbin/runc")" = "$sha" ]
	[ ! -e "$ROOT/usr/sbin/runc.real" ]
	[ "$(dpkg-divert --root "$ROOT" --list)" = "" ]
}

@test "runc's place is not taken where that would stop or loop" {
	tree
	with_dpkg
	echo '{"version":1,"runtime":"/usr/sbin/runc"}' >"$ROOT/etc/garita/policy.json"
	run -2 in_tree install runc --force
	[[ $output == *"make it /usr/sbin/runc.real"* ]]
	echo '{"version":1,"runtime":"/usr/bin/crun"}' >"$ROOT/etc/garita/policy.json"
	run -2 in_tree install runc
	echo '{"version":1,"scopes":[{"name":"x","match":{"uid":7},"runtime":"/usr/sbin/runc"}]}' \
		>"$ROOT/etc/garita/policy.json"
	run -2 in_tree install runc
	[[ $output == *"the runtime of scope x"* ]]
	rm "$ROOT/etc/garita/policy.json"
	# A copy of garita is no runtime to divert to: two would call each other.
	cp "$RUNTIME" "$ROOT/usr/sbin/runc"
	run -2 in_tree install runc --force
	[[ $output == *"is garita already"* ]]
	# Somebody's own arrangement.
	cp "$(command -v runc)" "$ROOT/usr/sbin/runc"
	: >"$ROOT/usr/sbin/runc.real"
	run -2 in_tree install runc --force
	[[ $output == *"neither as the package"* ]]
	rm "$ROOT/usr/sbin/runc.real"
	rm -r "$ROOT/var/lib/dpkg"
	run -2 in_tree install runc
	[[ $output == *"mv /usr/sbin/runc /usr/sbin/runc.real"* ]]
	[ -f "$ROOT/usr/sbin/runc" ] && [ ! -L "$ROOT/usr/sbin/runc" ]
}

@test "where runc's place is not garita's there is nothing to give back" {
	tree
	run -0 in_tree uninstall runc # no runc, no dpkg
	with_dpkg
	run -0 in_tree uninstall runc
	[[ $output == *"did not do anything here"* ]]
	: >"$ROOT/usr/sbin/runc.real" # somebody's own
	run -0 in_tree uninstall runc
	[ -f "$ROOT/usr/sbin/runc" ] && [ -f "$ROOT/usr/sbin/runc.real" ]
	rm "$ROOT"/usr/sbin/runc*
	run -0 in_tree uninstall runc
	[ "$(find "$ROOT/usr/sbin" -type f)" = "" ]
	ln -s /opt/garita-runtime "$ROOT/usr/sbin/runc"
	: >"$ROOT/usr/sbin/runc.real"
	run -2 in_tree uninstall runc
	[[ $output == *"leads to /opt/garita-runtime"* ]]
}

@test "runc's place is given back when runc went, and when dpkg did not do it" {
	tree
	with_dpkg
	run -0 in_tree install runc
	rm "$ROOT/usr/sbin/runc.real" # as its package does
	run -0 in_tree uninstall runc
	[ ! -L "$ROOT/usr/sbin/runc" ]
	[ "$(dpkg-divert --root "$ROOT" --list)" = "" ]
	# The link went, and runc is still aside.
	cp "$(command -v runc)" "$ROOT/usr/sbin/runc"
	run -0 in_tree install runc
	rm "$ROOT/usr/sbin/runc"
	run -0 in_tree uninstall runc
	[ -f "$ROOT/usr/sbin/runc" ] && [ ! -e "$ROOT/usr/sbin/runc.real" ]
	[ "$(dpkg-divert --root "$ROOT" --list)" = "" ]
	# By hand, as garita says where there is no dpkg.
	rm -r "$ROOT/var/lib/dpkg"
	mv "$ROOT/usr/sbin/runc" "$ROOT/usr/sbin/runc.real"
	ln -s /usr/bin/garita-runtime "$ROOT/usr/sbin/runc"
	run -0 in_tree uninstall runc --dry-run
	[[ $output == *"mv /usr/sbin/runc.real /usr/sbin/runc"* ]]
	[ -L "$ROOT/usr/sbin/runc" ]
	run -0 in_tree uninstall runc
	[ -f "$ROOT/usr/sbin/runc" ] && [ ! -L "$ROOT/usr/sbin/runc" ]
	[ ! -e "$ROOT/usr/sbin/runc.real" ]
}

@test "one at a time: the second one says so and changes nothing" {
	tree bin/dockerd
	with_dpkg
	run -0 in_tree install docker
	run -0 in_tree install runc
	before=$(cat "$ROOT/etc/docker/daemon.json")
	exec 9<"$ROOT/var/lib/garita/install"
	flock 9
	for verb in install uninstall; do
		for engine in docker runc; do
			run -2 in_tree "$verb" "$engine"
			[[ $output == *"another garita install is at work"* ]] ||
				fails "$verb $engine" "$output"
		done
	done
	[ "$(cat "$ROOT/etc/docker/daemon.json")" = "$before" ]
	[ -L "$ROOT/usr/sbin/runc" ]
	run -0 in_tree uninstall docker --dry-run
	exec 9<&-
	for engine in docker runc; do
		run -0 in_tree uninstall "$engine"
	done
	[ ! -e "$ROOT/etc/docker/daemon.json" ] && [ ! -L "$ROOT/usr/sbin/runc" ]
}

# ---- all of it ----

@test "uninstall --all: out of every engine, and what was written by hand is named" {
	tree bin/podman bin/dockerd bin/containerd bin/crio
	with_dpkg
	run -2 in_tree uninstall
	run -2 in_tree uninstall --all podman
	run -0 in_tree uninstall --all
	for engine in podman docker containerd crio runc; do
		run -0 in_tree install "$engine"
	done
	run -0 in_tree uninstall --all --dry-run
	[ -e "$ROOT/etc/docker/daemon.json" ] && [ -L "$ROOT/usr/sbin/runc" ]
	run -0 in_tree uninstall --all
	[ "$(find "$ROOT/etc" "$ROOT/usr/share" -type f)" = "$ROOT/etc/garita/policy.json" ]
	[ ! -L "$ROOT/usr/sbin/runc" ]
	[ "$(find "$ROOT/var/lib/garita/install" -name '*.json')" = "" ]

	# What somebody changed since keeps its engine; the others are undone.
	run -0 in_tree install docker
	run -0 in_tree install podman
	echo '{"default-runtime": "garita", "debug": true}' >"$ROOT/etc/docker/daemon.json"
	run -1 in_tree uninstall --all
	[[ $output == *"nothing was changed"* ]]
	[ ! -e "$ROOT/etc/containers/containers.conf.d/50-garita.conf" ]
	rm "$ROOT/etc/docker/daemon.json" "$ROOT/var/lib/garita/install/docker.json"

	while IFS='|' read -r file text; do
		mkdir -p "$(dirname "$ROOT$file")"
		printf '%b' "$text" >"$ROOT$file"
		run -1 in_tree uninstall --all
		[[ $output == *"${file%/*}"* || $output == *"hooks directory"* ]] || fails "$file" "$output"
		[[ $output == *"take it out by hand"* ]] || fails "$file" "$output"
		run -0 in_tree uninstall --all --force
		rm "$ROOT$file"
	done <<-'FILES'
	/etc/docker/daemon.json|{"runtimes": {"judged": {"path": "/usr/bin/garita-runtime"}}}
	/etc/containers/containers.conf|[engine]\nruntime = "/usr/bin/garita-runtime"\n
	/etc/containers/containers.conf.d/1.conf|[engine.runtimes]\nmine = ["/usr/bin/garita-runtime"]\n
	/etc/crio/crio.conf.d/9.conf|[crio.runtime.runtimes.x]\nruntime_path = "/usr/bin/garita-runtime"\n
	/etc/containers/oci/hooks.d/x.json|{"hook": {"path": "/usr/libexec/garita/garita-hook"}}
	FILES
	# What cannot be read may call it.
	echo '{' >"$ROOT/etc/docker/daemon.json"
	run -1 in_tree uninstall --all
	[[ $output == *"docker: cannot tell whether it calls garita"* ]]
	run -0 in_tree uninstall --all --force
	rm "$ROOT/etc/docker/daemon.json"
	mv "$ROOT/etc/containers/oci/hooks.d" "$ROOT/x"
	: >"$ROOT/etc/containers/oci/hooks.d"
	run -1 in_tree uninstall --all
	[[ $output == *"a hooks directory cannot be read"* ]]
	rm "$ROOT/etc/containers/oci/hooks.d"
	# Another's runtimes are no matter of ours.
	echo '{"runtimes": {"crun": {"path": "/usr/bin/crun"}}}' >"$ROOT/etc/docker/daemon.json"
	run -0 in_tree uninstall --all
}

@test "a link in an image does not lead to this machine's runc" {
	tree
	with_dpkg
	mv "$ROOT/usr/sbin" "$ROOT/usr/other"
	mkdir "$BATS_TEST_TMPDIR/host"
	cp "$(command -v runc)" "$BATS_TEST_TMPDIR/host/runc"
	ln -s "$BATS_TEST_TMPDIR/host" "$ROOT/usr/sbin"
	run -2 in_tree install runc --force
	rm "$ROOT/usr/sbin"
	ln -s other "$ROOT/usr/sbin"
	run -2 in_tree install runc --force
	[[ $output == *"/usr/sbin is a link"* ]]
	[ "$(find "$BATS_TEST_TMPDIR" -name runc.real)" = "" ]
	rm "$BATS_TEST_TMPDIR/host/runc"
	ln -s /usr/bin/garita-runtime "$BATS_TEST_TMPDIR/host/runc"
	rm "$ROOT/usr/sbin"
	ln -s "$BATS_TEST_TMPDIR/host" "$ROOT/usr/sbin"
	run -2 in_tree uninstall runc
	[ -L "$BATS_TEST_TMPDIR/host/runc" ]
	run -2 "$GARITA" status --sysroot relative
}

@test "behind runc's own name the gate finds the real one" {
	no_policy
	# All of it on memory: /usr/sbin and the database of dpkg.
	inside bash -e -c '
		mkdir "$0/sbin"
		cp -a /usr/sbin/. "$0/sbin/"
		mount --bind "$0/sbin" /usr/sbin
		mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates
		: >/var/lib/dpkg/status' "$GARITA_DIR"
	run -0 inside "$GARITA" install runc --runtime "$RUNTIME"
	run -0 inside runc --version
	bundle "$GARITA_DIR/b" '.process.args = ["sh", "-c", "'"${look//\"/\\\"}"'"] | .process.user.uid = 1000'
	run -0 inside sh -c "cd $GARITA_DIR/b && runc run place-$$"
	[[ $output == *"NoNewPrivs:1"* ]]
	# The other name of runc is a link to it, and as good.
	bundle "$GARITA_DIR/b" '.process.args = ["id"] | .linux.namespaces = []'
	run inside sh -c "cd $GARITA_DIR/b && /usr/bin/runc run place-$$"
	[ "$status" != 0 ]
	[[ $output == *"garita refused"* ]]
	# A policy that names the place itself stops, and does not loop.
	policy <<<'{"version":1,"runtime":"/usr/sbin/runc"}'
	run timeout 10 nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- runc --version
	[[ $status != 0 && $status != 124 ]]
	no_policy
	# It is known by where it leads.
	run -2 inside "$GARITA" uninstall runc
	[[ $output == *"say --runtime $RUNTIME, as garita install runc was told"* ]]
	run -0 inside "$GARITA" uninstall runc --runtime "$RUNTIME"
	[ "$(inside readlink -f /usr/bin/runc)" = /usr/sbin/runc ]
	inside umount /usr/sbin
}
