# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# machine - a machine of one's own, for shows and measurements that want the
# real paths (/etc/garita, /var/lib/containers, /run) and may leave nothing.
#
#   machine_enter "$@"        first thing: runs the script again in a mount
#                             namespace of its own, and sets the machine up
#   machine_program NAME      a built program, by its path in $MACHINE/bin
#   machine_image NAME        adds an image of busybox to podman's store
#   machine_leave             for a trap at EXIT
#
# /etc is a copy; /run, /tmp, /var/lib, /var/log and /var/tmp are empty. All of
# it is memory that goes with the last process, even after a kill -9. $MACHINE
# is the one other writable place. Needs root and $GARITA_BUILD.

MACHINE=/mnt

machine_enter() {
  if [ "${MACHINE_INSIDE:-}" != "$$" ]; then
    # exec keeps the process id, so only the script itself is "inside".
    MACHINE_INSIDE=$$ exec unshare --mount --propagation private -- \
      bash "$0" "$@"
  fi
  unset MACHINE_INSIDE TMPDIR # the caller's is about to be covered
  umask 022
  exec 8<"${GARITA_BUILD:?run me through ./dev}" # about to be covered, perhaps
  mount -t tmpfs -o mode=0755 machine "$MACHINE"
  cp -a /etc "$MACHINE/etc"
  rm -rf "$MACHINE/etc/garita"
  mkdir -p "$MACHINE/bin" "$MACHINE/etc/garita" "$MACHINE/etc/containers"
  mount --bind "$MACHINE/etc" /etc
  local at
  for at in /run /var/lib /var/log; do
    mount -t tmpfs -o mode=0755 machine "$at"
  done
  for at in /tmp /var/tmp; do
    mount -t tmpfs -o mode=1777 machine "$at"
  done
  # crun and podman want one kind of cgroups, not two at once. They make
  # directories where the other kind was: those may not stay on the host.
  if mountpoint -q /sys/fs/cgroup/unified; then
    umount /sys/fs/cgroup/unified
    mount -t tmpfs -o mode=0755 machine /sys/fs/cgroup/unified
  fi
  # As tests hold it (engines/cgroups.bash): who leaves sweeps what is empty, so
  # podman's parent could go between being made and being used.
  exec 7</sys/fs/cgroup && flock -s 7
  machine_program garita
  machine_program garita-runtime
  MACHINE_HAD_PARENT=$(find /sys/fs/cgroup -maxdepth 2 -name libpod_parent)
  MACHINE_CGROUP=garita-machine.$$. # ends so that no other begins with it
  machine_engines
  export PATH="$MACHINE/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  export HOME=/tmp
  cd /tmp || exit
}

machine_program() { # path in the build directory
  install "/proc/$$/fd/8/$1" "$MACHINE/bin/"
}

# What a host's engines are told. The limits: without CAP_SYS_RESOURCE (in a
# container, a CI runner) podman's own are more than it may ask for.
machine_engines() {
  cat >"$MACHINE/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "garita"
runtime_supports_json = ["garita", "runc", "crun"]
hooks_dir = ["/etc/containers/no-hooks"]
[engine.runtimes]
garita = ["$MACHINE/bin/garita-runtime"]
CONF
  export CONTAINERS_CONF="$MACHINE/containers.conf"
  printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' \
    >/etc/containers/policy.json
}

# A root file system with a busybox in it; what an image is made of.
machine_rootfs() { # directory, applets...
  local root=$1 applet
  shift
  mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp}
  install "$(command -v busybox)" "$root/bin/busybox"
  for applet; do
    ln -s busybox "$root/bin/$applet"
  done
}

machine_image() { # name; prints the digest
  tar -C "$MACHINE/rootfs" -c . | podman import --quiet - "$1" >/dev/null
  podman image inspect --format '{{.Digest}}' "$1"
}

# podman, with containers in a cgroup that nobody else has: cgroups are the one
# thing a mount namespace does not keep to itself, so they have to be ours by
# name to be removed without touching another's. Below podman's own parent: the
# rule cgroup-parent refuses others.
podman() {
  local verb=$1
  shift
  case $verb in
  run | create) set -- --cgroup-parent "/libpod_parent/$MACHINE_CGROUP" "$@" ;;
  --runtime)
    command podman --runtime "$1" "$2" --cgroup-parent "/libpod_parent/$MACHINE_CGROUP" \
      "${@:3}"
    return
    ;;
  esac
  command podman "$verb" "$@"
}

machine_leave() {
  local try left
  command podman rm --all --force --time 0 >/dev/null 2>&1 || true
  for ((try = 0; try < 50; try++)); do # conmon is the last to go
    left=$(find /sys/fs/cgroup -maxdepth 3 -name "$MACHINE_CGROUP*" -print)
    [ -n "$left" ] || break
    find /sys/fs/cgroup -depth -path "/sys/fs/cgroup*/$MACHINE_CGROUP*" \
      -type d -exec rmdir {} + 2>/dev/null || true
    sleep 0.1
  done
  # Podman's parent goes too when it came with us; never with anything in it,
  # nor while somebody else is about to.
  if [ -z "$MACHINE_HAD_PARENT" ] && flock -n -x 7; then
    find /sys/fs/cgroup -maxdepth 2 -name libpod_parent \
      -exec rmdir {} + 2>/dev/null || true
  fi
}
