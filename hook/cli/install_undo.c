/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install_undo - takes the gate out of an engine's configuration again: the
 * text before comes back, unless somebody changed what garita wrote.
 */
#include <errno.h>
#include <stdio.h>

#include "hook/cli/install.h"

/* Their engine would find no runtime for them. */
static int check_running(const struct garita_install_options *options,
			 const struct garita_install_engine *engine,
			 struct garita_error *err)
{
	auto_text running = { 0 };
	int rc;

	if (!engine->by_name || options->force)
		return 0;
	rc = garita_install_running(options, engine, &running, err);
	if (rc < 0 || running.len == 0)
		return rc;
	garita_cli_print(&running);
	fflush(stdout);
	return garita_fail(err, EPERM,
			   "these containers were started through the gate and "
			   "could not be stopped any more: remove them first "
			   "(--force goes on); nothing was changed");
}

/* Without a record there is nothing to undo, nor to make a place for a lock
 * for. What is read under the lock is what counts: another garita may have
 * changed it, or taken it away (-ENOENT). */
static int open_record(const struct garita_install_options *options,
		       const struct garita_install_engine *engine, bool dry,
		       int *ret_lock, struct garita_json_doc **ret,
		       struct garita_error *err)
{
	auto_json struct garita_json_doc *seen = NULL;
	auto_fd int lock = -1;
	int rc = garita_install_record_read(options, engine->name, &seen, err);

	if (rc < 0)
		return rc;
	if (dry) {
		*ret = garita_take_ptr(&seen);
		return 0;
	}
	lock = garita_install_lock(options, err);
	if (lock < 0)
		return lock;
	rc = garita_install_record_read(options, engine->name, ret, err);
	if (rc == 0)
		*ret_lock = garita_take_fd(&lock);
	return rc;
}

static int undo_files(const struct garita_cli *cli,
		      const struct garita_install_options *options,
		      const struct garita_install_engine *engine, bool dry,
		      bool *ret_done, struct garita_error *err)
{
	auto_json struct garita_json_doc *record = NULL;
	auto_plan plan = { 0 };
	auto_text changed = { 0 };
	auto_fd int lock = -1;
	int rc;

	rc = open_record(options, engine, dry, &lock, &record, err);
	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = check_running(options, engine, err);
	if (rc == 0)
		rc = garita_install_undo_plan(options, record, &plan, &changed,
					      err);
	if (rc < 0)
		return rc;
	if (changed.len > 0 && !options->force) {
		garita_cli_print(&changed);
		garita_cli_complain(cli,
				    "what garita wrote was changed since, as "
				    "shown; --force puts back the text from "
				    "before garita");
		return garita_fail(err, EPERM, "nothing was changed");
	}
	garita_install_show(&plan);
	*ret_done = true;
	if (dry)
		return 0;
	rc = garita_install_apply(options, &plan, err);
	return rc < 0 ? rc
		      : garita_install_record_remove(options, engine->name,
						     err);
}

static int give_back(const struct garita_install_options *options,
		     const struct garita_install_engine *engine, bool dry,
		     bool *ret_done, struct garita_error *err)
{
	auto_text say = { 0 };
	int rc = engine->give_back(options, dry, &say, err);

	if (rc < 0)
		return rc;
	garita_cli_print(&say);
	*ret_done = say.len > 0;
	return 0;
}

int garita_install_undo(const struct garita_cli *cli,
			const struct garita_install_options *options,
			const struct garita_install_engine *engine, bool dry)
{
	struct garita_error error = { 0 };
	bool done = false;
	int rc = engine->give_back
			 ? give_back(options, engine, dry, &done, &error)
			 : undo_files(cli, options, engine, dry, &done, &error);

	if (!dry && (rc < 0 || done))
		garita_install_log(options, engine, GARITA_EVENT_UNINSTALL,
				   rc < 0 ? &error : NULL);
	if (rc < 0)
		return garita_install_complain(cli, engine, &error);
	if (!done)
		printf("%s: garita install did not do anything here\n",
		       engine->name);
	else if (dry)
		printf("%s: nothing was changed (--dry-run)\n", engine->name);
	else if (engine->restart != NULL)
		printf("%s: uninstalled; restart %s now\n", engine->name,
		       engine->restart);
	else
		printf("%s: uninstalled\n", engine->name);
	return GARITA_EXIT_ADMITTED;
}

static int run(const struct garita_cli *cli)
{
	struct garita_install_options options = { 0 };
	const struct garita_install_engine *engine;
	bool dry = false, all = false;
	const struct garita_cli_option table[] = {
		{ "--all", NULL, &all, NULL },
		{ "--dry-run", NULL, &dry, NULL },
		{ "--force", NULL, &options.force, NULL },
		{ "--runtime", &options.runtime, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count != (all ? 0 : 1)) {
		garita_cli_complain(cli, "give one engine, or --all");
		return GARITA_EXIT_ERROR;
	}
	engine = all ? NULL : garita_install_named(cli, words[0]);
	if (engine == NULL && !all)
		return GARITA_EXIT_ERROR;
	if (!garita_install_is_path(cli, "--sysroot", options.sysroot))
		return GARITA_EXIT_ERROR;
	garita_install_defaults(&options);
	options.everyone = all;
	return all ? garita_install_undo_all(cli, &options, dry)
		   : garita_install_undo(cli, &options, engine, dry);
}

const struct garita_cli_verb garita_cli_uninstall = {
	.name = "uninstall",
	.summary = "take the gate out of it again",
	.usage = "uninstall [--dry-run] [--force] [--runtime FILE] "
		 "[--sysroot DIR]\n"
		 "                        "
		 "podman|docker|containerd|crio|runc|--all",
	.help = "  --all           out of every engine, so that the programs "
		"can be removed:\n"
		"                  refused while a container runs that was "
		"started through the\n"
		"                  gate, or when a file that was written by "
		"hand still names it\n"
		"  --dry-run       show what would be changed, and change "
		"nothing\n"
		"  --force         although what garita wrote was changed "
		"since, or containers\n"
		"                  run\n"
		"  --runtime FILE  as it was given to garita install runc\n"
		"  --sysroot DIR   the file system to change\n"
		"\n"
		"Undoes exactly what garita install did. Exits 0 undone or "
		"nothing to do, 1\n"
		"refused, 2 could not.\n",
	.run = run,
};
