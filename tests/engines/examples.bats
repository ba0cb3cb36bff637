#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is shipped as an example does what its text says: policies are read,
# hook entries are taken by podman and have their env, the demo runs and leaves
# nothing behind.

load common

setup_file()
{
	garita_up
	examples=$GARITA_SRC/examples
	export examples
}

teardown_file()
{
	garita_down
}

# A config that every example policy may judge; 0 and 1 are both an answer.
judge()
{
	run -"$1" inside "$GARITA" check "${@:2}" \
		"$GARITA_SRC/tests/samples/engines/podman-4.3.1/config.json"
}

@test "policy.json is read, and is what /etc/garita takes" {
	policy <"$examples/policy.json"
	judge 1
	[[ $output == *run-as-non-root* ]]
	# The shipped profile, said with its version.
	[[ $output == *restricted@1* ]]
}

@test "policy.json with a typo is not read" {
	sed 's/"profile"/"profil"/' "$examples/policy.json" | policy
	judge 2
	[[ $output == *profil* ]]
}

@test "policy-allowlist.json finds its lists beside it" {
	policy <"$examples/policy-allowlist.json"
	judge 2
	[[ $output == *allowed-digests* ]]
	inside cp "$examples"/{allowed,revoked}-digests /etc/garita/
	judge 1
	[[ $output == *image-allowlist* ]]
	[[ $output == *unknown-image* ]]
}

@test "policy-network.json: a guard for every container" {
	policy <"$examples/policy-network.json"
	run -0 inside "$GARITA" policy check
	bundle "$GARITA_DIR/guarded" '.process.user = {uid: 1000, gid: 1000}'
	run -1 inside "$GARITA" check "$GARITA_DIR/guarded"
	[[ $output == *unknown-image* ]]
	sed '/^  "rules"/s/deny/off/' "$examples/policy-network.json" | policy
	inside "$GARITA" check --print-config "$GARITA_DIR/guarded" |
		jq -e '.hooks.createRuntime[0].args == ["garita-net", "guard", "metadata"]'
	# What is shown is a policy again, and the same.
	inside sh -c "$GARITA policy show >/etc/garita/shown.json"
	diff <(inside "$GARITA" policy show | sed 's| *//.*||') \
		<(inside "$GARITA" policy show /etc/garita/shown.json |
			sed 's| *//.*||')
}

@test "policy-signed.json finds its keys beside it, and says which do not do" {
	policy <"$examples/policy-signed.json"
	inside cp "$examples/revoked-digests" /etc/garita/
	judge 1
	[[ $output == *image-signature* ]]
	run -1 inside "$GARITA" policy check
	[[ $output == *keys/anna.pub* ]]
	[[ $output == *keys/vendor.gpg* ]]
	inside mkdir /etc/garita/keys
	samples=$GARITA_SRC/tests/samples/signatures/keys
	for name in anna bo release; do
		inside cp "$samples/good.pub" "/etc/garita/keys/$name.pub"
	done
	inside cp "$samples/gpg-gpgrsa.gpg" /etc/garita/keys/vendor.gpg
	run -0 inside "$GARITA" policy check
	inside cp "$samples/good.pub" /etc/garita/keys/vendor.gpg
	inside sh -c 'echo no key >/etc/garita/keys/bo.pub'
	run -1 inside "$GARITA" policy check
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} == *policy.json:*keys/bo.pub* ]]
	[[ ${lines[1]} == *policy.json:*keys/vendor.gpg* ]]
	# What is shown is a policy again, and the same.
	inside sh -c "$GARITA policy show >/etc/garita/shown.json"
	plain='s, // .*,,; /^ *\/\//d'
	shown=$(inside sed "$plain" /etc/garita/shown.json)
	run -0 diff <(sed "$plain" <<<"$shown") \
		<(inside "$GARITA" policy show /etc/garita/shown.json | sed "$plain")
	[[ $shown == *'"signedPrefix": "quay.io/vendor"'* ]]
}

@test "policy-builds.json stands on policy.json, and is about bundles" {
	inside cp "$examples/policy.json" /etc/garita/
	inside cp "$examples/policy-builds.json" /etc/garita/builds.json
	run -1 inside "$GARITA" policy check /etc/garita/builds.json
	[ "${#lines[@]}" = 1 ]
	[[ $output == *'"builds" loosens'* ]]
	run -0 inside "$GARITA" policy show /etc/garita/builds.json
	[[ $output == *"/var/tmp/buildah*"* ]]
}

@test "every hook entry names our hook, gives it an env and a stage we serve" {
	local entry stage

	for entry in "$examples"/hooks.d/*/*.json; do
		jq -e '.version == "1.0.0"
			and .hook.path == "/usr/libexec/garita/garita-hook"
			and (.hook.env | length > 0)
			and (.hook.env | all(test("^(LD_|GCONV)") | not))
			and .hook.args[0] == "garita-hook"
			and .hook.args[1] == .stages[0]
			and .hook.timeout <= 10
			and .when == {always: true}' "$entry" || {
			echo "$entry"
			return 1
		}
		stage=$(jq -r '.hook.args[1:] | join(" ")' "$entry")
		# An answer about its input, not about how it was called.
		# shellcheck disable=SC2086
		run -2 inside "$HOOK" $stage </dev/null
		[[ $output != *usage* ]]
	done
}

@test "only the precreate directory has a precreate entry" {
	run grep -rlF '"precreate"' "$examples/hooks.d" --include=*.json
	[ "$output" = "$examples/hooks.d/precreate/50-garita-precreate.json" ]
}

@test "podman takes the drop-in and finds the runtime in it" {
	sed "s|/usr/bin/garita-runtime|$RUNTIME|" \
		"$examples/engines/podman/50-garita.conf" >"$GARITA_DIR/podman.conf"
	run -0 inside env CONTAINERS_CONF="$GARITA_DIR/podman.conf" \
		podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
	[[ $output == *"garita-runtime $RUNTIME" ]]
}

@test "docker's file has the runtime and no runtimeArgs" {
	jq -e '.runtimes[."default-runtime"] == {path: "/usr/bin/garita-runtime"}' \
		"$examples/engines/docker/daemon.json"
}

@test "containerd's and CRI-O's name the same program, under the default" {
	local file name

	for file in "$examples"/engines/{containerd/*.toml,crio/*.conf}; do
		grep -qE '(BinaryName|runtime_path) = "/usr/bin/garita-runtime"' "$file"
		name=$(sed -n 's/.*default_runtime\(_name\)\{0,1\} = "\(.*\)"/\2/p' "$file")
		grep -qE "runtimes\.$name(\.options)?\]" "$file"
	done
}

@test "containerd itself reads its file as it was meant" {
	run -0 containerd --config "$examples/engines/containerd/config-v2.toml" config dump
	[[ $output == *'BinaryName = "/usr/bin/garita-runtime"'* ]]
	name=$(sed -n 's/.*default_runtime_name = "\(.*\)"/\1/p' \
		"$examples/engines/containerd/config-v2.toml")
	[[ $output == *"default_runtime_name = \"$name\""* ]]
	[[ $output == *".runtimes.$name.options]"* ]]
}

@test "the demo shows what it says and leaves nothing behind" {
	before=$(cat /proc/self/mounts && ls -A /etc /mnt /var/lib /var/log)
	# shellcheck disable=SC2016 # the inner shell's
	run -0 timeout 120 bash -c 'echo $$ >"$1" && exec bash "$2"' - \
		"$BATS_TEST_TMPDIR/pid" "$examples/demo"
	echo "$output"
	[[ $output == *"run-as-non-root: uid 0"* ]]
	[[ $output == *"sensitive-host-mount"* ]]
	[ "$(grep -cE '^CapEff:.0000000000000000$' <<<"$output")" = 2 ]
	[ "$(grep -cE '^NoNewPrivs:.1$' <<<"$output")" = 2 ]
	[ "$(grep -cE '^Seccomp:.2$' <<<"$output")" = 2 ]
	[[ $output == *"OCI runtime error: garita: garita refused this container: image-allowlist"* ]]
	[[ $output == *"Done; nothing of this is left"* ]]
	[[ $output != *$'\e['* ]]
	[ "$before" = "$(cat /proc/self/mounts && ls -A /etc /mnt /var/lib /var/log)" ]
	# Named after the process that made it: other tests have theirs.
	[ -z "$(find /sys/fs/cgroup -name "garita-machine.$(cat "$BATS_TEST_TMPDIR/pid").*")" ]
}
