#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# examples/kubernetes, as far as it can be had without a cluster: the files are
# YAML that hangs together, the installer makes a node of a directory, and a
# real containerd with that node's configuration admits and refuses pods.

# bats sets output and status behind shellcheck's back; inner shells have their
# own $.
# shellcheck disable=SC2016,SC2154

load containerd
load common

EXAMPLES=$GARITA_SRC/examples/kubernetes

# of FILE PYTHON: an expression about the document d
of()
{
	/usr/bin/python3 -c 'import json, sys, yaml
docs = list(yaml.safe_load_all(open(sys.argv[1])))
assert len(docs) == 1
d = docs[0]
print(eval(sys.argv[2]))' "$EXAMPLES/$1" "$2"
}

# The image of the installer: garita where a package puts it.
image()
{
	mkdir -p "$IMAGE"/usr/bin "$IMAGE"/usr/libexec/garita
	cp "$GARITA" "$RUNTIME" "$IMAGE/usr/bin/"
	cp "$HOOK" "$GARITA_BUILD/garita-verify" "$IMAGE/usr/libexec/garita/"
}

# install_on HOST [VERB]: as the DaemonSet does
install_on()
{
	HOST=$1 FROM=$IMAGE POLICY=$CTD_DIR/policy.json \
		RESTART="echo >>'$CTD_DIR/restarts'" \
		sh "$EXAMPLES/install.sh" "${2:-install}"
}

node()
{
	NODE=$CTD_DIR/node
	IMAGE=$CTD_DIR/image
	export NODE IMAGE
	chmod 0755 "$CTD_DIR"
	image
	mkdir -p "$NODE"/usr/bin "$NODE"/etc/containerd "$NODE"/var/lib "$NODE"/var/log
	: >"$NODE/usr/bin/containerd"
	chmod -R go-w "$NODE"
	cp "$CTD_DIR/config.toml" "$NODE/etc/containerd/"
	of policy.yaml 'd["data"]["policy.json"]' >"$CTD_DIR/policy.json"
	install_on "$NODE" >"$CTD_DIR/install.log" 2>&1 || {
		cat "$CTD_DIR/install.log" >&2
		return 1
	}
	# What is not so on a node: its root is a directory here.
	sed "s|\"/usr/bin/garita-runtime\"|\"$NODE/usr/bin/garita-runtime\"|" \
		"$NODE/etc/containerd/config.toml" >"$CTD_DIR/config.toml"
}

setup_file()
{
	containerd_up node
	# The node's policy, where the gate looks for it.
	ctd_in bash -e -c '
		mkdir "$0/etc"
		cp -a /etc/. "$0/etc/" 2>/dev/null || true
		rm -rf "$0/etc/garita"
		mkdir "$0/etc/garita"
		mount --bind "$0/etc" /etc
		mount --bind "$0/node/etc/garita" /etc/garita
		mount -t tmpfs -o mode=0755 garita-test /var/log
		mkdir -m 0700 /var/log/garita' "$CTD_DIR"
	ctd_layout pause
	ctd_import pause localhost/pause:v1 --namespace k8s.io
}

teardown_file()
{
	containerd_down
}

log()
{
	ctd_in jq -c 'select(.event == "decision")' /var/log/garita/decisions.jsonl
}

@test "the files are YAML, name one another, and ask for no more than they need" {
	[ "$(of runtimeclass.yaml 'd["kind"], d["handler"]')" = "('RuntimeClass', 'garita')" ]
	[ "$(of policy.yaml 'd["metadata"]["name"]')" = garita-policy ]
	of installer.yaml '[v["configMap"]["name"] for v in d["spec"]["template"]["spec"]["volumes"] if "configMap" in v]' |
		grep -qF "['garita-policy', 'garita-script']"
	[ "$(of installer.yaml 'd["spec"]["selector"]["matchLabels"] == d["spec"]["template"]["metadata"]["labels"]')" = True ]
	[ "$(of installer.yaml '[m["name"] for m in d["spec"]["template"]["spec"]["initContainers"][0]["volumeMounts"]] == [v["name"] for v in d["spec"]["template"]["spec"]["volumes"]]')" = True ]
	# Only what changes the host is privileged; all else could be anybody's.
	[ "$(of installer.yaml '[c["securityContext"].get("privileged", False) for c in d["spec"]["template"]["spec"]["containers"]]')" = "[False]" ]
	[ "$(of installer.yaml 'd["spec"]["template"]["spec"]["automountServiceAccountToken"]')" = False ]
}

@test "the policy in the ConfigMap passes garita policy check" {
	run -0 "$GARITA" policy check "$CTD_DIR/policy.json"
	[[ $output == *": good" ]]
}

@test "the node has programs and policy of root's, and is in order" {
	grep -qF "default runtime garita is /usr/bin/garita-runtime" "$CTD_DIR/install.log"
	[ "$(stat -c %a-%u "$NODE/etc/garita/policy.json")" = 644-0 ]
	[ "$(stat -c %a-%u "$NODE/usr/bin/garita-runtime")" = 755-0 ]
	[ "$(wc -l <"$CTD_DIR/restarts")" = 1 ]
	# Again: nothing is written, nothing restarted.
	run -0 install_on "$NODE"
	[[ $output != *wrote* && $output == *"nothing to do"* ]]
	[ "$(wc -l <"$CTD_DIR/restarts")" = 1 ]
	[ "$(find "$NODE" -name '*.new.*')" = "" ]
}

@test "pods of the node: dry-run admits, enforce refuses, a bad policy is not taken" {
	local pod

	run ctd_sandbox dry
	[ "$status" = 0 ] || fails "$output"
	pod=$output
	log | jq -es --arg id "$pod" 'last | .id == $id and .program ==
		"garita-runtime" and .verdict == "admit" and .would == "deny"' ||
		fails "$(log)"
	# The pods here have the network of their "host", and containerd's files
	# are in a place of the test's own.
	sed -i 's/"mode": "dry-run"/"mode": "enforce"/' "$CTD_DIR/policy.json"
	sed -i 's|"scopes": \[|"rules": {"host-path-mount": {"action": "deny", "allow": ["'"$CTD_DIR"'/root/**"]}}, &|' \
		"$CTD_DIR/policy.json"
	run -0 install_on "$NODE"
	[[ $output == *"wrote $NODE/etc/garita/policy.json"* ]]
	run ctd_sandbox enforced
	[ "$status" != 0 ]
	[[ $output == *"garita refused this container"*host-network* ]] || fails "$output"
	sed -i 's/"rules": {/&"host-network": "off",/' "$CTD_DIR/policy.json"
	install_on "$NODE"
	run ctd_sandbox admitted
	[ "$status" = 0 ] || fails "$output" "$(log | tail -n 1)"
	log | jq -es 'last | .verdict == "repair" or .verdict == "admit"'
	# What cannot be read, or would stop everything, is not copied.
	cp "$CTD_DIR/policy.json" "$CTD_DIR/was"
	for text in '{' '{"version": 1, "profil": "x"}' \
		'{"version":1,"fix":false,"rules":{"pids-limit":{"action":"deny","max":1}}}'; do
		echo "$text" >"$CTD_DIR/policy.json"
		run install_on "$NODE"
		[ "$status" != 0 ]
		[[ $output == *"keeps the one it has"* ]]
		cmp "$CTD_DIR/was" "$NODE/etc/garita/policy.json"
	done
	cp "$CTD_DIR/was" "$CTD_DIR/policy.json"
	[ "$(wc -l <"$CTD_DIR/restarts")" = 1 ]
}

@test "uninstall gives containerd its file back" {
	run -0 install_on "$NODE" uninstall
	[ "$(wc -l <"$CTD_DIR/restarts")" = 2 ]
	run ! grep -q garita-runtime "$NODE/etc/containerd/config.toml"
	run -2 install_on "$NODE" upgrade
}
