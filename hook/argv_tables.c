/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_tables - every option of every verb of runc and crun, as data.
 *
 * Taken from the programs themselves (runc 1.1.5, crun 1.8.1) and, for what
 * came later, from their sources (runc after 1.5, crun 1.28 and after). `since`
 * is 0 for what those two oldest ones know. Leaving an option out is safe (an
 * unknown option is refused); a wrong row is not.
 */
#include "hook/argv_tables.h"

#include <stddef.h>

/* Names are arrays, which take no parentheses around their words. */
/* NOLINTBEGIN(bugprone-macro-parentheses) */
#define SWITCH(name_, letter_, since_)                                         \
	{                                                                      \
		.name = name_, .letter = (letter_),                            \
		.takes = GARITA_TAKES_NOTHING, .since = (since_)               \
	}
#define SWITCH_ON(name_)                                                       \
	{                                                                      \
		.name = name_, .takes = GARITA_TAKES_ON                        \
	}
#define VALUE(name_, letter_, since_)                                          \
	{                                                                      \
		.name = name_, .letter = (letter_),                            \
		.takes = GARITA_TAKES_VALUE, .since = (since_)                 \
	}
#define VALUES(name_, letter_)                                                 \
	{                                                                      \
		.name = name_, .letter = (letter_),                            \
		.takes = GARITA_TAKES_VALUES                                   \
	}
#define HELP(name_, letter_)                                                   \
	{                                                                      \
		.name = name_, .letter = (letter_), .takes = GARITA_TAKES_HELP \
	}
#define REFUSED(name_, letter_, since_, why_)                                  \
	{                                                                      \
		.name = name_, .letter = (letter_),                            \
		.takes = GARITA_TAKES_VALUE, .since = (since_),                \
		.why_not = GARITA_OPTION_##why_                                \
	}
#define END                                                                    \
	{                                                                      \
		.name = ""                                                     \
	}
#define VERB(name_, action_, operands_, options_)                              \
	{                                                                      \
		.name = name_, .action = GARITA_VERB_##action_,                \
		.operands = GARITA_OPERANDS_##operands_, .options = (options_) \
	}
#define VERB_LATER(name_, action_, operands_, options_, since_)                \
	{                                                                      \
		.name = name_, .action = GARITA_VERB_##action_,                \
		.operands = GARITA_OPERANDS_##operands_, .since = (since_),    \
		.options = (options_)                                          \
	}
/* crun has these only where it was built with criu. */
#define VERB_CRIU(name_, action_, operands_, options_)                         \
	{                                                                      \
		.name = name_, .action = GARITA_VERB_##action_,                \
		.operands = GARITA_OPERANDS_##operands_, .optional = true,     \
		.options = (options_)                                          \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/* runc */

static const struct garita_option runc_globals[] = {
	SWITCH("debug", 0, 0),     VALUE("log", 0, 0),
	VALUE("log-format", 0, 0), VALUE("root", 0, 0),
	VALUE("criu", 0, 0),       SWITCH("systemd-cgroup", 0, 0),
	VALUE("rootless", 0, 0),   HELP("help", 'h'),
	HELP("version", 'v'),      END,
};

static const struct garita_option runc_only_help[] = {
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_create[] = {
	VALUE("bundle", 'b', 0),
	REFUSED("config", 0, GARITA_SINCE(1, 6), CONFIG),
	VALUE("console-socket", 0, 0),
	VALUE("pidfd-socket", 0, GARITA_SINCE(1, 2)),
	VALUE("pid-file", 0, 0),
	SWITCH("no-pivot", 0, 0),
	SWITCH("no-new-keyring", 0, 0),
	VALUE("preserve-fds", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_run[] = {
	VALUE("bundle", 'b', 0),
	REFUSED("config", 0, GARITA_SINCE(1, 6), CONFIG),
	VALUE("console-socket", 0, 0),
	VALUE("pidfd-socket", 0, GARITA_SINCE(1, 2)),
	SWITCH("detach", 'd', 0),
	SWITCH("keep", 0, 0),
	VALUE("pid-file", 0, 0),
	SWITCH("no-subreaper", 0, 0),
	SWITCH("no-pivot", 0, 0),
	SWITCH("no-new-keyring", 0, 0),
	VALUE("preserve-fds", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_exec[] = {
	VALUE("console-socket", 0, 0),
	VALUE("pidfd-socket", 0, GARITA_SINCE(1, 2)),
	VALUE("cwd", 0, 0),
	VALUES("env", 'e'),
	SWITCH("tty", 't', 0),
	VALUE("user", 'u', 0),
	VALUES("additional-gids", 'g'),
	VALUE("process", 'p', 0),
	SWITCH("detach", 'd', 0),
	VALUE("pid-file", 0, 0),
	VALUE("process-label", 0, 0),
	VALUE("apparmor", 0, 0),
	/* Left out, runc keeps the config's value; =false takes it away. */
	SWITCH_ON("no-new-privs"),
	VALUES("cap", 'c'),
	VALUE("preserve-fds", 0, 0),
	VALUES("cgroup", 0),
	SWITCH("ignore-paused", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_checkpoint[] = {
	VALUE("image-path", 0, 0),
	VALUE("work-path", 0, 0),
	VALUE("parent-path", 0, 0),
	SWITCH("leave-running", 0, 0),
	SWITCH("tcp-established", 0, 0),
	SWITCH("tcp-skip-in-flight", 0, GARITA_SINCE(1, 3)),
	SWITCH("link-remap", 0, GARITA_SINCE(1, 3)),
	SWITCH("ext-unix-sk", 0, 0),
	SWITCH("shell-job", 0, 0),
	SWITCH("lazy-pages", 0, 0),
	REFUSED("status-fd", 0, 0, STATUS_FD),
	VALUE("page-server", 0, 0),
	SWITCH("file-locks", 0, 0),
	SWITCH("pre-dump", 0, 0),
	VALUE("manage-cgroups-mode", 0, 0),
	VALUES("empty-ns", 0),
	SWITCH("auto-dedup", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_restore[] = {
	VALUE("console-socket", 0, 0),
	VALUE("image-path", 0, 0),
	VALUE("work-path", 0, 0),
	SWITCH("tcp-established", 0, 0),
	SWITCH("ext-unix-sk", 0, 0),
	SWITCH("shell-job", 0, 0),
	SWITCH("file-locks", 0, 0),
	VALUE("manage-cgroups-mode", 0, 0),
	VALUE("bundle", 'b', 0),
	SWITCH("detach", 'd', 0),
	VALUE("pid-file", 0, 0),
	SWITCH("no-subreaper", 0, 0),
	SWITCH("no-pivot", 0, 0),
	VALUES("empty-ns", 0),
	SWITCH("auto-dedup", 0, 0),
	SWITCH("lazy-pages", 0, 0),
	VALUE("lsm-profile", 0, 0),
	VALUE("lsm-mount-context", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_delete[] = {
	SWITCH("force", 'f', 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_kill[] = {
	SWITCH("all", 'a', 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_list[] = {
	VALUE("format", 'f', 0),
	SWITCH("quiet", 'q', 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_ps[] = {
	VALUE("format", 'f', 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_spec[] = {
	VALUE("bundle", 'b', 0),
	SWITCH("rootless", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_events[] = {
	VALUE("interval", 0, 0),
	SWITCH("stats", 0, 0),
	HELP("help", 'h'),
	END,
};

static const struct garita_option runc_update[] = {
	VALUE("resources", 'r', 0),
	VALUE("blkio-weight", 0, 0),
	VALUE("cpu-period", 0, 0),
	VALUE("cpu-quota", 0, 0),
	VALUE("cpu-burst", 0, GARITA_SINCE(1, 2)),
	VALUE("cpu-share", 0, 0),
	VALUE("cpu-rt-period", 0, 0),
	VALUE("cpu-rt-runtime", 0, 0),
	VALUE("cpuset-cpus", 0, 0),
	VALUE("cpuset-mems", 0, 0),
	VALUE("cpu-idle", 0, GARITA_SINCE(1, 2)),
	VALUE("memory", 0, 0),
	VALUE("memory-reservation", 0, 0),
	VALUE("memory-swap", 0, 0),
	VALUE("pids-limit", 0, 0),
	VALUE("l3-cache-schema", 0, 0),
	VALUE("mem-bw-schema", 0, 0),
	HELP("help", 'h'),
	END,
};

/* What garita does with each verb: the one place where that is decided. */
static const struct garita_verb runc_verbs[] = {
	VERB("create", JUDGE, ID, runc_create),
	VERB("run", JUDGE, ID, runc_run),
	VERB("restore", REFUSE, ID, runc_restore),
	VERB("exec", EXEC, ID_REST, runc_exec),
	VERB("update", UPDATE, ID, runc_update),
	VERB("start", PASS, ID, runc_only_help),
	VERB("checkpoint", PASS, ID, runc_checkpoint),
	VERB("resume", PASS, ID, runc_only_help),
	VERB("pause", ALWAYS, ID, runc_only_help),
	VERB("delete", ALWAYS, ID, runc_delete),
	VERB("kill", ALWAYS, ID_SIGNAL, runc_kill),
	VERB("state", ALWAYS, ID, runc_only_help),
	VERB("list", ALWAYS, NONE, runc_list),
	VERB("ps", ALWAYS, ID_REST, runc_ps),
	VERB("events", ALWAYS, ID, runc_events),
	VERB("features", ALWAYS, NONE, runc_only_help),
	VERB("spec", ALWAYS, NONE, runc_spec),
	VERB("help", ALWAYS, VERB, runc_only_help),
	END,
};

/* crun */

static const struct garita_option crun_globals[] = {
	VALUE("cgroup-manager", 0, 0),
	SWITCH("debug", 0, 0),
	VALUE("log", 0, 0),
	VALUE("log-format", 0, 0),
	VALUE("log-level", 0, GARITA_SINCE(1, 17)),
	VALUE("root", 0, 0),
	REFUSED("rootless", 0, 0, ROOTLESS),
	SWITCH("systemd-cgroup", 0, 0),
	HELP("help", '?'),
	HELP("usage", 0),
	HELP("version", 'v'),
	HELP("version", 'V'),
	END,
};

static const struct garita_option crun_only_help[] = {
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_create[] = {
	VALUE("bundle", 'b', 0),
	REFUSED("config", 'f', 0, CONFIG),
	VALUE("console-socket", 0, 0),
	SWITCH("no-new-keyring", 0, 0),
	SWITCH("no-pivot", 0, 0),
	SWITCH("no-subreaper", 0, 0),
	VALUE("pid-file", 0, 0),
	VALUE("preserve-fds", 0, 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_run[] = {
	VALUE("bundle", 'b', 0),
	REFUSED("config", 'f', 0, CONFIG),
	VALUE("console-socket", 0, 0),
	SWITCH("detach", 'd', 0),
	SWITCH("keep", 0, GARITA_SINCE(1, 15)),
	SWITCH("no-new-keyring", 0, 0),
	SWITCH("no-pivot", 0, 0),
	SWITCH("no-subreaper", 0, 0),
	VALUE("pid-file", 0, 0),
	VALUE("preserve-fds", 0, 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_exec[] = {
	VALUE("apparmor", 0, 0),
	VALUE("cgroup", 0, 0),
	VALUE("console-socket", 0, 0),
	VALUE("cwd", 0, 0),
	VALUES("cap", 'c'),
	SWITCH("detach", 'd', 0),
	VALUES("env", 'e'),
	SWITCH_ON("no-new-privs"),
	VALUE("pid-file", 0, 0),
	VALUE("preserve-fds", 0, 0),
	VALUE("process-label", 0, 0),
	VALUE("process", 'p', 0),
	{ .name = "tty", .letter = 't', .takes = GARITA_TAKES_MAYBE },
	VALUE("user", 'u', 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_checkpoint[] = {
	VALUE("image-path", 0, 0),
	VALUE("work-path", 0, 0),
	VALUE("parent-path", 0, 0),
	SWITCH("leave-running", 0, 0),
	SWITCH("tcp-established", 0, 0),
	SWITCH("ext-unix-sk", 0, 0),
	SWITCH("shell-job", 0, 0),
	SWITCH("pre-dump", 0, 0),
	SWITCH("file-locks", 0, 0),
	VALUE("manage-cgroups-mode", 0, 0),
	REFUSED("network-lock", 0, GARITA_SINCE(1, 20), NETWORK_LOCK),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_restore[] = {
	VALUE("bundle", 'b', 0),
	VALUE("image-path", 0, 0),
	VALUE("work-path", 0, 0),
	SWITCH("tcp-established", 0, 0),
	SWITCH("tcp-close", 0, GARITA_SINCE(1, 22)),
	SWITCH("ext-unix-sk", 0, 0),
	SWITCH("shell-job", 0, 0),
	SWITCH("detach", 'd', 0),
	VALUE("pid-file", 0, 0),
	VALUE("console-socket", 0, 0),
	SWITCH("file-locks", 0, 0),
	VALUE("manage-cgroups-mode", 0, 0),
	REFUSED("network-lock", 0, GARITA_SINCE(1, 20), NETWORK_LOCK),
	VALUE("lsm-profile", 0, 0),
	VALUE("lsm-mount-context", 0, 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_delete[] = {
	SWITCH("force", 'f', 0),
	SWITCH("regex", 'r', 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_kill[] = {
	SWITCH("all", 'a', 0),
	SWITCH("regex", 'r', 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_list[] = {
	VALUE("format", 'f', 0),
	SWITCH("quiet", 'q', 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_ps[] = {
	VALUE("format", 'f', 0),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_option crun_spec[] = {
	VALUE("bundle", 'b', 0),  VALUE("file", 'f', 0),
	SWITCH("rootless", 0, 0), HELP("help", '?'),
	HELP("usage", 0),         END,
};

static const struct garita_option crun_update[] = {
	VALUE("blkio-weight", 0, 0),
	VALUE("cpu-period", 0, 0),
	VALUE("cpu-quota", 0, 0),
	VALUE("cpu-rt-period", 0, 0),
	VALUE("cpu-rt-runtime", 0, 0),
	VALUE("cpu-share", 0, 0),
	VALUE("cpu-burst", 0, GARITA_SINCE(1, 9)),
	VALUE("cpu-idle", 0, GARITA_SINCE(1, 9)),
	VALUE("cpuset-cpus", 0, 0),
	VALUE("cpuset-mems", 0, 0),
	VALUE("kernel-memory", 0, 0),
	VALUE("kernel-memory-tcp", 0, 0),
	VALUE("memory", 0, 0),
	VALUE("memory-reservation", 0, 0),
	VALUE("memory-swap", 0, 0),
	VALUE("pids-limit", 0, 0),
	VALUE("resources", 'r', 0),
	VALUE("l3-cache-schema", 0, GARITA_SINCE(1, 9)),
	VALUE("mem-bw-schema", 0, GARITA_SINCE(1, 9)),
	HELP("help", '?'),
	HELP("usage", 0),
	END,
};

static const struct garita_verb crun_verbs[] = {
	VERB("create", JUDGE, ID, crun_create),
	VERB("run", JUDGE, ID, crun_run),
	VERB_CRIU("restore", REFUSE, ID, crun_restore),
	/* Puts host files into a running container: no rule sees them. */
	VERB_LATER("mounts", REFUSE, ANY, crun_only_help, GARITA_SINCE(1, 22)),
	VERB("exec", EXEC, ID_REST, crun_exec),
	VERB("update", UPDATE, ID, crun_update),
	VERB("start", PASS, ID, crun_only_help),
	VERB_CRIU("checkpoint", PASS, ID, crun_checkpoint),
	VERB("resume", PASS, ID, crun_only_help),
	VERB("pause", ALWAYS, ID, crun_only_help),
	VERB("delete", ALWAYS, ID, crun_delete),
	VERB("kill", ALWAYS, ID_SIGNAL, crun_kill),
	VERB("state", ALWAYS, ID, crun_only_help),
	VERB("list", ALWAYS, NONE, crun_list),
	VERB("ps", ALWAYS, ID, crun_ps),
	VERB_LATER("features", ALWAYS, NONE, crun_only_help,
		   GARITA_SINCE(1, 9)),
	VERB("spec", ALWAYS, NONE, crun_spec),
	END,
};

static const struct garita_runtime_tables runc_tables = {
	.program = "runc",
	.one_dash_long = true,
	.globals = runc_globals,
	.verbs = runc_verbs,
};

static const struct garita_runtime_tables crun_tables = {
	.program = "crun",
	.one_dash_long = false,
	.globals = crun_globals,
	.verbs = crun_verbs,
};

const char *garita_option_why_words(enum garita_option_why why)
{
	switch (why) {
	case GARITA_OPTION_TAKEN:
		break;
	case GARITA_OPTION_CONFIG:
		return "it names another file than the config.json that is "
		       "judged";
	case GARITA_OPTION_STATUS_FD:
		return "garita closes every descriptor that no --preserve-fds "
		       "announces";
	case GARITA_OPTION_ROOTLESS:
		return "crun 1.8 takes its value for --root, others ignore it";
	case GARITA_OPTION_NETWORK_LOCK:
		return "crun's option table and its reader disagree about it";
	}
	return "it is not";
}

const struct garita_runtime_tables *garita_argv_tables(
	enum garita_runtime_kind kind)
{
	switch (kind) {
	case GARITA_RUNTIME_RUNC:
		return &runc_tables;
	case GARITA_RUNTIME_CRUN:
		return &crun_tables;
	}
	return &runc_tables;
}
