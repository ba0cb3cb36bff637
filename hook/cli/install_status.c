/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install_status - which engines are here, and which have the gate.
 *
 * An engine has it when installing would change nothing: the same question,
 * asked of the same code. Whether the daemon has read its file since, and
 * whether everything on the way is sound, is for `garita doctor`.
 */
#include <errno.h>
#include <stdio.h>

#include "hook/cli/install.h"

enum state { STATE_ABSENT, STATE_OPEN, STATE_PARTLY, STATE_GATED, STATE_ERROR };

static enum state look_at_place(const struct garita_install_options *options,
				const struct garita_install_engine *engine,
				struct garita_error *err)
{
	auto_text say = { 0 };

	if (engine->give_back(options, true, &say, err) < 0)
		return STATE_ERROR;
	return say.len > 0 ? STATE_GATED : STATE_OPEN;
}

static enum state look_at(const struct garita_install_options *options,
			  const struct garita_install_engine *engine,
			  struct garita_error *err)
{
	auto_plan plan = { 0 };
	size_t changes = 0;

	if (!garita_install_is_present(options, engine))
		return STATE_ABSENT;
	if (engine->give_back != NULL)
		return look_at_place(options, engine, err);
	if (engine->plan(options, &plan, err) < 0)
		return STATE_ERROR;
	for (size_t i = 0; i < plan.count; i++)
		changes += garita_install_is_changed(&plan.files[i]);
	if (changes == 0)
		return STATE_GATED;
	return changes < plan.count ? STATE_PARTLY : STATE_OPEN;
}

static const char *words_of(enum state state)
{
	switch (state) {
	case STATE_ABSENT:
		return "not here";
	case STATE_OPEN:
		return "NOT GATED";
	case STATE_PARTLY:
		return "PARTLY: not all of what garita install writes is there";
	case STATE_GATED:
		return "gated: registered, and the default";
	case STATE_ERROR:
		return "UNKNOWN";
	}
	return "";
}

static const char *recorded(const struct garita_install_options *options,
			    const struct garita_install_engine *engine)
{
	auto_json struct garita_json_doc *record = NULL;

	return garita_install_record_read(options, engine->name, &record,
					  NULL) == 0
		       ? " (garita install)"
		       : "";
}

static int status(const struct garita_cli *cli,
		  const struct garita_install_options *options)
{
	const struct garita_install_engine *engine;
	int code = GARITA_EXIT_ADMITTED;

	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++) {
		struct garita_error error = { 0 };
		enum state state = look_at(options, engine, &error);

		printf("%-12s%s%s\n", engine->name, words_of(state),
		       recorded(options, engine));
		fflush(stdout);
		if (state == STATE_ERROR) {
			(void)garita_install_complain(cli, engine, &error);
			code = GARITA_EXIT_ERROR;
		} else if (state != STATE_ABSENT && state != STATE_GATED &&
			   code == GARITA_EXIT_ADMITTED) {
			code = GARITA_EXIT_REFUSED;
		}
	}
	return code;
}

static int run(const struct garita_cli *cli)
{
	struct garita_install_options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--hooks-dir", &options.hooks_dir, NULL, NULL },
		{ "--precreate", NULL, &options.precreate, NULL },
		{ "--base-spec", NULL, &options.base_spec, NULL },
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
	if (count > 0) {
		garita_cli_complain(cli, "takes no words");
		return GARITA_EXIT_ERROR;
	}
	if (!garita_install_is_path(cli, "--sysroot", options.sysroot))
		return GARITA_EXIT_ERROR;
	garita_install_defaults(&options);
	return status(cli, &options);
}

const struct garita_cli_verb garita_cli_status = {
	.name = "status",
	.summary = "which engines are here, and which have the gate",
	.usage = "status [--precreate] [--hooks-dir DIR] [--base-spec]\n"
		 "                     [--runtime FILE] [--hook FILE] "
		 "[--sysroot DIR]",
	.help = "Options as of garita install: an engine is gated when "
		"installing again with\n"
		"them would change nothing.\n"
		"\n"
		"Exits 0 when every engine that is here is gated, 1 when one "
		"is not, 2 when that\n"
		"cannot be told.\n",
	.run = run,
};
