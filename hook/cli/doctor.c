/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - proves on this machine that each engine is really gated.
 */
#include "hook/doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/cli/install.h"

static int exit_code(enum garita_health health)
{
	switch (health) {
	case GARITA_HEALTH_OK:
	case GARITA_HEALTH_WARN:
		return GARITA_EXIT_ADMITTED;
	case GARITA_HEALTH_FAIL:
		return GARITA_EXIT_REFUSED;
	case GARITA_HEALTH_UNKNOWN:
	case GARITA_HEALTHS:
		break;
	}
	return GARITA_EXIT_ERROR;
}

static bool is_asked(const struct garita_install_engine *engine,
		     const char *const words[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], engine->name) == 0)
			return true;
	return count == 0;
}

static void look(struct garita_doctor *doctor, const char *const words[],
		 size_t count)
{
	const struct garita_install_engine *engine;
	size_t found = 0;

	doctor->place_taken = garita_doctor_place_is_taken(doctor->install);
	garita_doctor_look_at_gate(doctor);
	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++) {
		if (!is_asked(engine, words, count))
			continue;
		if (garita_install_is_present(doctor->install, engine)) {
			garita_doctor_look_at(doctor, engine);
			found++;
		} else if (count > 0) {
			doctor->section = engine->name;
			garita_doctor_say(doctor, "engines",
					  GARITA_HEALTH_UNKNOWN, NULL,
					  "it is not on this machine");
			found++;
		}
	}
	doctor->section = "gate";
	if (found == 0)
		garita_doctor_say(doctor, "engines", GARITA_HEALTH_UNKNOWN,
				  NULL, "there is no engine on this machine");
}

static int print(const struct garita_cli *cli,
		 const struct garita_doctor *doctor, bool json)
{
	auto_text out = { 0 };

	if (json)
		garita_doctor_json(doctor, &out);
	else
		garita_doctor_text(doctor, cli->colour, &out);
	garita_cli_print(&out);
	return exit_code(garita_doctor_health(doctor));
}

static bool check_usage(const struct garita_cli *cli,
			const struct garita_doctor *doctor,
			const char *const words[], size_t count)
{
	const struct garita_install_options *options = doctor->install;

	for (size_t i = 0; i < count; i++)
		if (garita_install_named(cli, words[i]) == NULL)
			return false;
	if (doctor->image != NULL && !doctor->canary) {
		garita_cli_complain(cli, "--image is for --canary");
		return false;
	}
	if (doctor->canary && options->sysroot != NULL) {
		garita_cli_complain(cli, "--canary starts containers on this "
					 "machine, not below --sysroot");
		return false;
	}
	return garita_install_is_path(cli, "--sysroot", options->sysroot) &&
	       garita_install_is_path(cli, "--runtime", options->runtime) &&
	       garita_install_is_path(cli, "--hook", options->hook);
}

static int run(const struct garita_cli *cli)
{
	struct garita_install_options options = { 0 };
	struct garita_doctor doctor = {
		.install = &options,
		.envp = cli->envp,
		.progress = isatty(STDERR_FILENO) == 1,
		.section = "gate",
	};
	const char *format = NULL;
	const struct garita_cli_option table[] = {
		{ "--canary", NULL, &doctor.canary, NULL },
		{ "--image", &doctor.image, NULL, NULL },
		{ "--format", &format, NULL, NULL },
		{ "--runtime", &options.runtime, NULL, NULL },
		{ "--hook", &options.hook, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;
	bool json;
	int code;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    garita_cli_wants_json(cli, format, &json) < 0 ||
	    !check_usage(cli, &doctor, words, count))
		return GARITA_EXIT_ERROR;
	garita_install_defaults(&options);
	look(&doctor, words, count);
	code = print(cli, &doctor, json);
	garita_doctor_free(&doctor);
	return code;
}

const struct garita_cli_verb garita_cli_doctor = {
	.name = "doctor",
	.summary = "is what the engines here start really judged?",
	.usage = "doctor [--canary] [--image IMAGE] [--format text|json]\n"
		 "                     [--runtime FILE] [--hook FILE] "
		 "[--sysroot DIR]\n"
		 "                     [podman|docker|containerd|crio|runc]...",
	.help = "  --canary        through each engine, start a container "
		"that must be refused\n"
		"                  and one that must be admitted, and look "
		"for both in the log\n"
		"  --image IMAGE   what the canaries are made of, when the "
		"policy allows only\n"
		"                  some images; it must be there already\n"
		"  --format text|json  json: as doctor-1.schema.json says\n"
		"  --runtime FILE  garita-runtime, when it is elsewhere\n"
		"  --hook FILE     garita-hook, when it is elsewhere\n"
		"  --sysroot DIR   look at the files of an image or another "
		"machine; asks no\n"
		"                  engine\n"
		"\n"
		"Looks at every file on the way (whose it is, who can change "
		"it), at what each\n"
		"engine starts by its files and by its own word, and says "
		"which ways round the\n"
		"gate remain here. Changes nothing; canaries are removed "
		"again.\n"
		"\n"
		"Exits 0 when every engine is gated, 1 when something is not, "
		"2 when that cannot\n"
		"be told.\n",
	.run = run,
};
