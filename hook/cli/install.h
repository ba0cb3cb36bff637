/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install - what `garita install`, `uninstall` and `status` share.
 */
#ifndef GARITA_HOOK_CLI_INSTALL_H
#define GARITA_HOOK_CLI_INSTALL_H

#include "hook/cli/cli.h"
#include "hook/install/install.h"
#include "hook/log/decision_log.h"

/* By its name, or NULL after a complaint. */
const struct garita_install_engine *garita_install_named(
	const struct garita_cli *cli, const char *name);
/* Values that were not given. */
void garita_install_defaults(struct garita_install_options *options);
/* -errno's exit code after a complaint about `engine`. */
int garita_install_complain(const struct garita_cli *cli,
			    const struct garita_install_engine *engine,
			    const struct garita_error *error);
/* Is it absolute, or not given? Else complains. */
bool garita_install_is_path(const struct garita_cli *cli, const char *name,
			    const char *path);
/* Puts what was done, or tried and why not, where the policy of this machine
 * has its records; nothing of another file system. */
void garita_install_log(const struct garita_install_options *options,
			const struct garita_install_engine *engine,
			enum garita_event event,
			const struct garita_error *error);
/* The diffs of all files of a plan; false when there is nothing to do. */
bool garita_install_show(const struct garita_install_plan *plan);

/* Takes the gate out of an engine, or of all of them, and says so. Exit codes.
 */
int garita_install_undo(const struct garita_cli *cli,
			const struct garita_install_options *options,
			const struct garita_install_engine *engine, bool dry);
int garita_install_undo_all(const struct garita_cli *cli,
			    const struct garita_install_options *options,
			    bool dry);

#endif
