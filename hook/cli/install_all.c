/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install_all - garita uninstall --all, before the programs are removed.
 *
 * Nothing may be left that calls them. Running containers come first, as
 * nothing shall have changed when they forbid it; then each engine is undone;
 * and what somebody wrote by hand is named, as only its author can undo that.
 */
#include <stdio.h>
#include <string.h>

#include "hook/cli/install.h"
#include "hook/doctor/doctor.h"

static bool has_running(const struct garita_cli *cli,
			const struct garita_install_options *options)
{
	const struct garita_install_engine *engine;
	struct garita_error error = { 0 };
	auto_text running = { 0 };

	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++) {
		if (garita_install_running(options, engine, &running, &error) <
		    0) {
			garita_cli_complain(cli, "%s: %s", engine->name,
					    error.text);
			return true;
		}
	}
	if (running.len == 0)
		return false;
	garita_cli_print(&running);
	fflush(stdout);
	garita_cli_complain(cli,
			    "these containers were started through the gate "
			    "and could not be stopped without it: remove them "
			    "first");
	return true;
}

static bool names_gate(const struct garita_doctor *doctor, const char *program)
{
	return program != NULL &&
	       (strcmp(program, doctor->install->runtime) == 0 ||
		garita_doctor_is_gate(doctor, program));
}

static void look_at_engine(struct garita_doctor *doctor,
			   const struct garita_install_engine *engine,
			   struct garita_text *left)
{
	struct garita_error error = { 0 };
	auto_told told = { 0 };
	bool named;

	if (garita_told_read(doctor->install, engine, &told, &error) < 0) {
		garita_text_printf(left,
				   "%s: cannot tell whether it calls garita: "
				   "%s\n",
				   engine->name, error.text);
		return;
	}
	named = names_gate(doctor, told.standard);
	for (size_t i = 0; i < told.count; i++) {
		const struct garita_told_runtime *runtime = &told.runtimes[i];

		named = named || names_gate(doctor, runtime->program);
		if (runtime->base_spec == NULL)
			continue;
		doctor->section = runtime->base_spec;
		garita_doctor_look_at_base_spec(doctor, runtime);
		if (!garita_doctor_has_failed(doctor, runtime->base_spec))
			garita_text_printf(left, "%s: %s calls garita-hook\n",
					   engine->name, runtime->base_spec);
	}
	if (named)
		garita_text_printf(left, "%s: %s names garita-runtime\n",
				   engine->name, told.files);
}

/* Does anything still call the programs? */
static bool is_left(const struct garita_cli *cli,
		    const struct garita_install_options *options)
{
	struct garita_doctor doctor = { .install = options, .section = "" };
	const struct garita_install_engine *engine;
	auto_text left = { 0 };

	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++)
		if (engine->plan != NULL)
			look_at_engine(&doctor, engine, &left);
	garita_doctor_look_at_hooks(&doctor);
	if (doctor.hook_entry)
		garita_text_puts(&left, "a hooks directory has an entry with "
					"garita-hook (garita doctor)\n");
	if (doctor.hooks_unread)
		garita_text_puts(&left, "a hooks directory cannot be read "
					"(garita doctor)\n");
	garita_doctor_free(&doctor);
	if (left.len == 0)
		return false;
	garita_cli_print(&left);
	fflush(stdout);
	garita_cli_complain(cli, "this was not written by garita install, or "
				 "cannot be read: take it out by hand");
	return true;
}

int garita_install_undo_all(const struct garita_cli *cli,
			    const struct garita_install_options *options,
			    bool dry)
{
	const struct garita_install_engine *engine;
	int code = GARITA_EXIT_ADMITTED;

	if (!options->force && has_running(cli, options))
		return GARITA_EXIT_REFUSED;
	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++) {
		int one = garita_install_undo(cli, options, engine, dry);

		if (one > code)
			code = one;
	}
	if (code == GARITA_EXIT_ADMITTED && !dry && is_left(cli, options) &&
	    !options->force)
		code = GARITA_EXIT_REFUSED;
	return code;
}
