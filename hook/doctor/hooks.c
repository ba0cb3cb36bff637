/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hooks - our hook where engines find hooks: in the directory that podman and
 * CRI-O share, and in the spec that containerd makes configs from.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/directory.h"
#include "hook/doctor/doctor.h"
#include "hook/file.h"

enum { MAX_ENTRY = 64 * 1024 };

static const char *const hooks_dirs[] = {
	"/usr/share/containers/oci/hooks.d",
	"/etc/containers/oci/hooks.d",
	"/etc/containers/oci/garita.d",
};

/* ---- entries of hooks directories, which podman and CRI-O share ---- */

static void say_entry(struct garita_doctor *doctor, const char *path,
		      const char *program)
{
	struct garita_error error = { 0 };

	if (garita_install_check_program(doctor->install, program, &error) <
	    0) {
		garita_doctor_say_error(doctor, "hook", &error,
					"podman skips a hook whose program is "
					"missing, without a word");
		return;
	}
	doctor->hook_entry = true;
	garita_doctor_say(doctor, "hook", GARITA_HEALTH_OK, NULL,
			  "%s calls %s, which is there", path, program);
}

static void look_at_entry(struct garita_doctor *doctor, const char *path)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error error = { 0 };
	auto_free char *text = NULL;
	const char *program, *name;
	struct stat st;
	size_t len;
	auto_fd int fd = garita_file_open_trusted(doctor->install->sysroot,
						  path, &st, &error);

	if (fd < 0) {
		garita_doctor_say_error(doctor, "hook", &error, NULL);
		return;
	}
	if (garita_file_read(fd, MAX_ENTRY, &text, &len, &error) < 0 ||
	    garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, &error) < 0)
		return; /* another's, and no matter of ours */
	program = garita_json_string(
		garita_json_at(garita_json_root(doc), "/hook/path"));
	name = program ? strrchr(program, '/') : NULL;
	if (name != NULL && (strcmp(name, "/garita-hook") == 0 ||
			     strcmp(program, doctor->install->hook) == 0))
		say_entry(doctor, path, program);
}

static void look_at_entries(struct garita_doctor *doctor, const char *dir)
{
	auto_free char *below = garita_install_below(doctor->install, dir);
	auto_directory *list = garita_directory_open(below);
	struct garita_error error = { 0 };
	const char *name = NULL;
	int failed = list == NULL ? -errno : 0;

	if (failed == -ENOENT)
		return;
	while (failed == 0 &&
	       (failed = garita_directory_next(list, &name)) == 0 &&
	       name != NULL) {
		const char *end = strrchr(name, '.');
		auto_text path = { 0 };

		if (end == NULL || strcmp(end, ".json") != 0)
			continue;
		garita_text_printf(&path, "%s/%s", dir, name);
		look_at_entry(doctor, path.data);
	}
	if (failed == 0)
		return;
	doctor->hooks_unread = true;
	garita_fail(&error, -failed, "cannot read %s: %s", dir,
		    strerror(-failed));
	garita_doctor_say_error(doctor, "hook", &error, NULL);
}

void garita_doctor_look_at_hooks(struct garita_doctor *doctor)
{
	for (size_t i = 0; i < GARITA_COUNT(hooks_dirs); i++)
		look_at_entries(doctor, hooks_dirs[i]);
}

/* ---- containerd's base_runtime_spec ---- */

/* The hook in it that is ours; NULL: none judges. */
static const char *judging_hook(struct garita_json_doc *spec)
{
	const struct garita_json *all =
		garita_json_at(garita_json_root(spec), "/hooks/createRuntime");

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const struct garita_json *hook = garita_json_item(all, i);
		const struct garita_json *args = garita_json_get(hook, "args");
		const char *name =
			garita_json_string(garita_json_item(args, 0));
		const char *how = garita_json_string(garita_json_item(args, 2));

		if (name != NULL && strcmp(name, "garita-hook") == 0 &&
		    how != NULL && strcmp(how, "--judge-only") == 0)
			return garita_json_string(
				garita_json_get(hook, "path"));
	}
	return NULL;
}

void garita_doctor_look_at_base_spec(struct garita_doctor *doctor,
				     const struct garita_told_runtime *runtime)
{
	static const char advice[] = "garita install containerd --base-spec";
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error error = { 0 };
	const char *path = runtime->base_spec, *program;
	auto_free char *text = NULL;
	struct stat st;
	size_t len;
	auto_fd int fd = garita_file_open_trusted(doctor->install->sysroot,
						  path, &st, &error);
	int rc = fd < 0 ? fd
			: garita_file_read(fd, MAX_ENTRY, &text, &len, &error);

	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
				       &error);
	program = rc == 0 ? judging_hook(doc) : NULL;
	if (rc == 0 && program == NULL)
		rc = garita_fail(&error, ENOENT,
				 "the base_runtime_spec %s has no hook that "
				 "judges",
				 path);
	if (rc == 0)
		rc = garita_install_check_program(doctor->install, program,
						  &error);
	if (rc < 0)
		garita_doctor_say_error(doctor, "registration", &error, advice);
	else
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_OK,
				  NULL,
				  "its default runtime %s has %s, whose hook "
				  "judges and cannot repair",
				  runtime->name, path);
}
