/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_table - one row a program, sorted by name; another for its long
 * options.
 *
 * Sources: the programs' manual pages (coreutils 9, util-linux 2.38, bash 5,
 * dash 0.5, busybox 1.35, tini 0.19, dumb-init 1.2, sudo 1.9, s6 2.11).
 */
#include "policy/rules/command_table.h"

#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

#define SHELL      .kind = GARITA_LAUNCHER_SHELL
#define CODE       .kind = GARITA_LAUNCHER_CODE
#define VAGUE      .kind = GARITA_LAUNCHER_VAGUE
#define SERVICE    .kind = GARITA_LAUNCHER_SERVICE
#define WRAPS(n)   .kind = GARITA_LAUNCHER_WRAPS, .operands = (n)
#define TINI_WORDS .flags = "sgvwhl", .values = "pe"

static const struct garita_launcher launchers[] = {
	{ "ash", SHELL },
	{ "awk", CODE },
	{ "bash", SHELL },
	{ "builtin", WRAPS(0) },
	{ "busybox", WRAPS(0) },
	{ "catatonit", WRAPS(0), .flags = "gLV" },
	{ "chpst", WRAPS(0), .flags = "vP012", .values = "uUbe/nlLmdopfcrt" },
	{ "chroot", WRAPS(1) },
	{ "chrt", WRAPS(1), .flags = "abdfioRrv", .values = "TPD" },
	{ "command", WRAPS(0), .flags = "p" },
	{ "coproc", VAGUE },
	{ "csh", VAGUE },
	{ "daemonize", VAGUE },
	{ "dash", SHELL },
	{ "doas", WRAPS(0), .flags = "nLs", .values = "uC" },
	{ "docker-init", WRAPS(0), TINI_WORDS },
	{ "dumb-init", WRAPS(0), .flags = "cv", .values = "r" },
	{ "eatmydata", WRAPS(0) },
	{ "env", WRAPS(0), .flags = "i0v", .values = "uC" },
	{ "envdir", WRAPS(1) },
	{ "exec", WRAPS(0), .flags = "cl", .values = "a" },
	{ "execlineb", VAGUE },
	{ "expect", VAGUE },
	{ "fakeroot", WRAPS(0), .flags = "u", .values = "lsib" },
	{ "find", .kind = GARITA_LAUNCHER_FIND },
	{ "fish", VAGUE },
	{ "flock", VAGUE },
	{ "gawk", CODE },
	{ "gdb", VAGUE },
	{ "gosu", WRAPS(1) },
	{ "invoke-rc.d", SERVICE },
	{ "ionice", WRAPS(0), .flags = "t", .values = "cnpPu" },
	{ "ksh", SHELL },
	{ "ld-linux", WRAPS(0) },
	{ "ld-musl", WRAPS(0) },
	{ "ltrace", VAGUE },
	{ "lua", CODE },
	{ "mawk", CODE },
	{ "mksh", SHELL },
	{ "nice", WRAPS(0), .flags = "0123456789", .values = "n" },
	{ "node", CODE },
	{ "nodejs", CODE },
	{ "nohup", WRAPS(0) },
	{ "nsenter", WRAPS(0), .flags = "aFeZimnpuUCTrwG", .values = "tSG" },
	{ "parallel", VAGUE },
	{ "perl", CODE },
	{ "php", CODE },
	{ "podman-init", WRAPS(0), .flags = "gLV" },
	{ "python", CODE },
	{ "rbash", SHELL },
	{ "rc-service", SERVICE },
	{ "ruby", CODE },
	{ "runuser", .kind = GARITA_LAUNCHER_SU },
	{ "s6-envdir", WRAPS(1), .flags = "fnL", .values = "c" },
	{ "s6-setuidgid", WRAPS(1) },
	{ "screen", VAGUE },
	{ "script", VAGUE },
	{ "service", SERVICE },
	{ "setpriv", WRAPS(0), .flags = "d" },
	{ "setsid", WRAPS(0), .flags = "cfw" },
	{ "setuidgid", WRAPS(1) },
	{ "sh", SHELL },
	{ "start-stop-daemon", VAGUE },
	{ "stdbuf", WRAPS(0), .values = "ioe" },
	{ "strace", VAGUE },
	{ "su", .kind = GARITA_LAUNCHER_SU },
	{ "su-exec", WRAPS(1) },
	{ "sudo", WRAPS(0), .flags = "AbEHiknPSsv", .values = "CDghpRrTtUu" },
	{ "systemd-run", VAGUE },
	{ "taskset", WRAPS(1), .flags = "apc" },
	{ "tclsh", CODE },
	{ "tcsh", VAGUE },
	{ "time", WRAPS(0), .flags = "pvaq", .values = "fo" },
	{ "timeout", WRAPS(1), .flags = "v", .values = "ks" },
	{ "tini", WRAPS(0), TINI_WORDS },
	{ "tini-static", WRAPS(0), TINI_WORDS },
	{ "tmux", VAGUE },
	{ "toybox", WRAPS(0) },
	{ "unbuffer", VAGUE },
	{ "unshare", WRAPS(0), .flags = "imnpuUCTrcf", .values = "RwSG" },
	{ "watch", VAGUE },
	{ "with-contenv", WRAPS(0) },
	{ "xargs", WRAPS(0), .flags = "0rtpxo", .values = "adEInLPs" },
	{ "yash", SHELL },
	{ "zsh", VAGUE },
};

static const struct garita_launcher_long longs[] = {
	{ "chroot", .flags = "skip-chdir", .values = "userspec groups" },
	{ "dumb-init", .flags = "single-child verbose", .values = "rewrite" },
	{ "env", .flags = "ignore-environment null debug list-signal-handling",
	  .values = "unset chdir" },
	{ "ionice", .flags = "ignore", .values = "class classdata" },
	{ "ld-linux", .flags = "inhibit-cache list verify list-tunables",
	  .values = "library-path preload argv0 audit inhibit-rpath "
		    "glibc-hwcaps-prepend glibc-hwcaps-mask" },
	{ "ld-musl", .flags = "list", .values = "library-path preload argv0" },
	{ "nice", .values = "adjustment" },
	{ "nsenter",
	  .flags = "all no-fork preserve-credentials mount uts ipc net "
		   "pid cgroup user time root wd follow-context",
	  .values = "target setuid setgid" },
	{ "setpriv",
	  .flags = "no-new-privs nnp init-groups keep-groups "
		   "clear-groups reset-env dump",
	  .values = "reuid regid ruid euid rgid egid groups inh-caps "
		    "ambient-caps bounding-set securebits selinux-label "
		    "apparmor-profile pdeathsig" },
	{ "setsid", .flags = "ctty fork wait" },
	{ "stdbuf", .values = "input output error" },
	{ "sudo", .flags = "preserve-env set-home non-interactive login shell",
	  .values = "user group chdir host prompt chroot role type" },
	{ "taskset", .flags = "all-tasks pid cpu-list" },
	{ "time", .flags = "portability verbose append quiet",
	  .values = "format output" },
	{ "timeout", .flags = "foreground preserve-status verbose",
	  .values = "kill-after signal" },
	{ "unshare",
	  .flags = "mount uts ipc net pid user cgroup time fork "
		   "map-root-user map-current-user map-auto keep-caps "
		   "kill-child mount-proc",
	  .values = "root wd setuid setgid map-user map-group "
		    "propagation setgroups" },
	{ "xargs",
	  .flags = "null no-run-if-empty verbose interactive exit "
		   "open-tty",
	  .values = "arg-file delimiter max-lines max-args max-procs "
		    "max-chars replace process-slot-var" },
};

/* Rows of both tables begin with their name. */
static int by_name(const void *key, const void *row)
{
	return strcmp(key, row);
}

static const struct garita_launcher *row_of(const char *name)
{
	return bsearch(name, launchers, GARITA_COUNT(launchers),
		       sizeof(launchers[0]), by_name);
}

/* "ld-linux-x86-64.so.2", "ld-musl-aarch64.so.1", "ld.so", "ld64.so.2": the
 * loader runs any file it is given, without looking at its mode. */
static const struct garita_launcher *loader_of(const char *name)
{
	if (garita_starts_with(name, "ld-musl-"))
		return row_of("ld-musl");
	if (garita_starts_with(name, "ld") && strstr(name, ".so") != NULL)
		return row_of("ld-linux");
	return NULL;
}

const struct garita_launcher *garita_launcher_find(const char *name)
{
	const struct garita_launcher *row = row_of(name);
	size_t len = strlen(name), stem = len;
	char shorter[32];

	if (row != NULL)
		return row;
	while (stem > 0 &&
	       (garita_is_digit(name[stem - 1]) || name[stem - 1] == '.'))
		stem--;
	if (stem == len || stem == 0 || stem >= sizeof(shorter))
		return loader_of(name);
	memcpy(shorter, name, stem);
	shorter[stem] = '\0';
	row = row_of(shorter);
	return row ? row : loader_of(name);
}

const struct garita_launcher_long *garita_launcher_long(
	const struct garita_launcher *launcher)
{
	return bsearch(launcher->name, longs, GARITA_COUNT(longs),
		       sizeof(longs[0]), by_name);
}
