/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install - puts the gate into an engine's own configuration.
 *
 * Everything that could go wrong is asked before anything is written: the
 * programs, the policy, each file. What will be written is shown first.
 */
#include "hook/cli/install.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct garita_install_engine *garita_install_named(
	const struct garita_cli *cli, const char *name)
{
	const struct garita_install_engine *engine;

	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++)
		if (strcmp(engine->name, name) == 0)
			return engine;
	garita_cli_complain(cli,
			    "unknown engine %s; there are podman, docker, "
			    "containerd, crio and runc",
			    name);
	return NULL;
}

void garita_install_defaults(struct garita_install_options *options)
{
	if (options->sysroot == NULL || strcmp(options->sysroot, "/") == 0)
		options->sysroot = "";
	if (options->runtime == NULL)
		options->runtime = GARITA_BIN_DIR "/garita-runtime";
	if (options->hook == NULL)
		options->hook = GARITA_LIBEXEC_DIR "/garita-hook";
}

int garita_install_complain(const struct garita_cli *cli,
			    const struct garita_install_engine *engine,
			    const struct garita_error *error)
{
	char words[1024];

	garita_error_words(error, words, sizeof(words));
	garita_cli_complain(cli, "%s: %s", engine->name, words);
	return error->code == EPERM ? GARITA_EXIT_REFUSED : GARITA_EXIT_ERROR;
}

void garita_install_log(const struct garita_install_options *options,
			const struct garita_install_engine *engine,
			enum garita_event event,
			const struct garita_error *error)
{
	const struct garita_gate_options gate_options = { 0 };
	auto_gate gate = { 0 };
	bool known = garita_gate_open(&gate_options, &gate, NULL) == 0;
	const struct garita_record record = {
		.event = event,
		.program = "garita",
		/* As decisions have it, not as its files are called. */
		.engine =
			engine == &garita_install_crio ? "cri-o" : engine->name,
		.gate = known ? &gate : NULL,
		.error = error,
	};

	if (*options->sysroot == '\0')
		(void)garita_log_decision(&record, NULL);
}

bool garita_install_show(const struct garita_install_plan *plan)
{
	auto_text out = { 0 };
	bool any = false;

	for (size_t i = 0; i < plan->count; i++) {
		if (!garita_install_is_changed(&plan->files[i]))
			continue;
		any = true;
		garita_install_diff(&plan->files[i], &out);
	}
	garita_cli_print(&out);
	fflush(stdout);
	return any;
}

/* A file by our name that we did not write is somebody's work. */
static int check_drop_ins(const struct garita_install_options *options,
			  const struct garita_install_plan *plan,
			  struct garita_json_doc *record,
			  struct garita_error *err)
{
	auto_text changed = { 0 };
	auto_plan undo = { 0 };
	int rc = record ? garita_install_undo_plan(options, record, &undo,
						   &changed, err)
			: 0;

	if (rc < 0 || options->force)
		return rc;
	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_install_file *file = &plan->files[i];
		bool known = false;

		for (size_t u = 0; u < undo.count && changed.len == 0; u++)
			known = known ||
				strcmp(undo.files[u].path, file->path) == 0;
		if (file->ours && file->exists && !known &&
		    garita_install_is_changed(file))
			return garita_fail(err, EEXIST,
					   "%s is there and was not written "
					   "by garita install; --force "
					   "replaces it",
					   file->path);
	}
	return 0;
}

static int write_plan(const struct garita_install_options *options,
		      const char *engine,
		      const struct garita_install_plan *plan,
		      struct garita_json_doc *record, struct garita_error *err)
{
	struct garita_error ignored;
	int rc =
		garita_install_record_write(options, engine, plan, record, err);

	if (rc == 0)
		rc = garita_install_apply(options, plan, err);
	/* Of an older install there is something left to undo. */
	if (rc < 0 && record == NULL)
		(void)garita_install_record_remove(options, engine, &ignored);
	return rc;
}

static int install_files(const struct garita_install_options *options,
			 const struct garita_install_engine *engine, bool dry,
			 bool *ret_done, struct garita_error *err)
{
	auto_json struct garita_json_doc *record = NULL;
	auto_plan plan = { 0 };
	auto_fd int lock = -1;
	int rc;

	if (!dry) {
		lock = garita_install_lock(options, err);
		if (lock < 0)
			return lock;
	}
	rc = garita_install_record_read(options, engine->name, &record, err);
	if (rc == 0 || rc == -ENOENT)
		rc = engine->plan(options, &plan, err);
	if (rc == 0)
		rc = check_drop_ins(options, &plan, record, err);
	if (rc < 0)
		return rc;
	*ret_done = garita_install_show(&plan);
	if (dry || !*ret_done)
		return 0;
	rc = write_plan(options, engine->name, &plan, record, err);
	if (rc == 0)
		garita_cli_print(&plan.notes);
	return rc;
}

static int take_place(const struct garita_install_options *options,
		      const struct garita_install_engine *engine, bool dry,
		      bool *ret_done, struct garita_error *err)
{
	auto_text say = { 0 };
	int rc = engine->take(options, dry, &say, err);

	if (rc < 0)
		return rc;
	garita_cli_print(&say);
	*ret_done = say.len > 0;
	return 0;
}

static int check_all(const struct garita_install_options *options,
		     const struct garita_install_engine *engine,
		     struct garita_error *err)
{
	int rc = garita_install_check_program(options, options->runtime, err);

	if (rc == 0 && (engine == &garita_install_podman || options->base_spec))
		rc = garita_install_check_program(options, options->hook, err);
	if (rc < 0 || options->force)
		return rc;
	if (!garita_install_is_present(options, engine))
		return garita_fail(err, ENOENT,
				   "it is not on this machine; --force "
				   "installs the configuration anyway");
	return garita_install_is_ready(options, engine, err);
}

static int install(const struct garita_cli *cli,
		   const struct garita_install_options *options,
		   const struct garita_install_engine *engine, bool dry)
{
	struct garita_error error = { 0 };
	bool done = false;
	int rc = check_all(options, engine, &error);

	if (rc == 0)
		rc = engine->take
			     ? take_place(options, engine, dry, &done, &error)
			     : install_files(options, engine, dry, &done,
					     &error);
	if (!dry && (rc < 0 || done))
		garita_install_log(options, engine, GARITA_EVENT_INSTALL,
				   rc < 0 ? &error : NULL);
	if (rc < 0)
		return garita_install_complain(cli, engine, &error);
	if (!done)
		printf("%s: nothing to do\n", engine->name);
	else if (dry)
		printf("%s: nothing was changed (--dry-run)\n", engine->name);
	else if (engine->restart != NULL)
		printf("%s: installed; restart %s now\n", engine->name,
		       engine->restart);
	else
		printf("%s: installed\n", engine->name);
	return GARITA_EXIT_ADMITTED;
}

bool garita_install_is_path(const struct garita_cli *cli, const char *name,
			    const char *path)
{
	if (path == NULL || path[0] == '/')
		return true;
	garita_cli_complain(cli, "%s needs an absolute path", name);
	return false;
}

static int run(const struct garita_cli *cli)
{
	struct garita_install_options options = { 0 };
	const struct garita_install_engine *engine;
	bool dry = false;
	const struct garita_cli_option table[] = {
		{ "--dry-run", NULL, &dry, NULL },
		{ "--force", NULL, &options.force, NULL },
		{ "--precreate", NULL, &options.precreate, NULL },
		{ "--base-spec", NULL, &options.base_spec, NULL },
		{ "--hooks-dir", &options.hooks_dir, NULL, NULL },
		{ "--runtime", &options.runtime, NULL, NULL },
		{ "--hook", &options.hook, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one engine");
		return GARITA_EXIT_ERROR;
	}
	engine = garita_install_named(cli, words[0]);
	if (engine == NULL ||
	    !garita_install_is_path(cli, "--sysroot", options.sysroot) ||
	    !garita_install_is_path(cli, "--hooks-dir", options.hooks_dir))
		return GARITA_EXIT_ERROR;
	if (engine != &garita_install_podman &&
	    (options.precreate || options.hooks_dir != NULL)) {
		garita_cli_complain(cli, "--precreate and --hooks-dir are for "
					 "podman");
		return GARITA_EXIT_ERROR;
	}
	if (engine != &garita_install_containerd && options.base_spec) {
		garita_cli_complain(cli, "--base-spec is for containerd");
		return GARITA_EXIT_ERROR;
	}
	garita_install_defaults(&options);
	return install(cli, &options, engine, dry);
}

const struct garita_cli_verb garita_cli_install = {
	.name = "install",
	.summary = "put the gate into an engine's configuration",
	.usage = "install [--dry-run] [--force] [--precreate]\n"
		 "                      [--hooks-dir DIR] [--base-spec] "
		 "[--runtime FILE]\n"
		 "                      [--hook FILE] [--sysroot DIR]\n"
		 "                      podman|docker|containerd|crio|runc",
	.help = "  --dry-run        show what would be changed, and change "
		"nothing\n"
		"  --force          although it is not here, the policy would "
		"stop everything, or\n"
		"                   a file of the same name is there\n"
		"  --precreate      podman: a hook that repairs, too; then "
		"podman build fails\n"
		"  --base-spec      containerd: by a hook in the spec of "
		"pods, which only\n"
		"                   refuses; for where runc may not be "
		"replaced\n"
		"  --hooks-dir DIR  podman: where its hook entries are, when "
		"not the usual place\n"
		"  --runtime FILE   garita-runtime, when it is elsewhere\n"
		"  --hook FILE      garita-hook, when it is elsewhere\n"
		"  --sysroot DIR    the file system to change: of an image "
		"that "
		"is being made\n"
		"\n"
		"Shows the change as a diff and makes it: all of it or "
		"nothing. The text before\n"
		"is kept, for garita uninstall, below " GARITA_STATE_DIR
		"/install. A\n"
		"configuration that is not understood is left alone. No "
		"engine is restarted.\n"
		"runc puts the gate at runc's own path (dpkg-divert), which "
		"nobody goes round.\n"
		"\n"
		"Exits 0 installed or nothing to do, 1 refused, 2 could "
		"not.\n",
	.run = run,
};
