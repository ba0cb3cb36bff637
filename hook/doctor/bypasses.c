/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bypasses - the ways round the gate that remain, as far as they are there on
 * this machine (docs/engines.md has all of them).
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/doctor/doctor.h"

/* Where an engine that looks for runc by its name finds another one. */
static const char *const other_runcs[] = {
	"/usr/local/sbin/runc",
	"/usr/local/bin/runc",
	"/usr/bin/runc",
};

static const char close_by_name[] = "garita install runc closes it";

static void say(struct garita_doctor *doctor, const char *advice,
		const char *text)
{
	garita_doctor_say(doctor, "bypass", GARITA_HEALTH_WARN, advice, "%s",
			  text);
}

static bool is_there(const struct garita_doctor *doctor, const char *path)
{
	auto_free char *below = garita_install_below(doctor->install, path);
	struct stat st;

	return stat(below, &st) == 0;
}

static bool is_filled(const struct garita_doctor *doctor, const char *path)
{
	auto_free char *below = garita_install_below(doctor->install, path);
	struct stat st;

	return stat(below, &st) == 0 && st.st_size > 0;
}

/* By name, runc is found in its place; a path leads where it leads. */
static bool is_open(const struct garita_doctor *doctor, const char *program)
{
	if (program == NULL || strcmp(program, "runc") == 0)
		return !doctor->place_taken;
	return !garita_doctor_is_gate(doctor, program);
}

/* Runtimes that whoever makes a container can ask for. */
static void say_others(struct garita_doctor *doctor,
		       const struct garita_told *told, const char *how)
{
	for (size_t i = 0; i < told->count; i++) {
		const struct garita_told_runtime *runtime = &told->runtimes[i];
		bool own = runtime->program == NULL;

		if (!is_open(doctor, runtime->program) ||
		    runtime->base_spec != NULL)
			continue;
		garita_doctor_say(
			doctor, "bypass", GARITA_HEALTH_WARN,
			own ? close_by_name
			    : "take it out, or let its path be "
			      "garita-runtime",
			"%s %s starts %s, not the gate", how, runtime->name,
			own ? "a runtime by its name" : runtime->program);
	}
}

static void of_podman(struct garita_doctor *doctor)
{
	if (!doctor->hook_entry)
		say(doctor,
		    "garita install podman writes the entry that "
		    "refuses them",
		    "podman --runtime NAME (crun, runc) starts what nobody "
		    "judged");
	else
		say(doctor, NULL,
		    "who is root can say --runtime and --hooks-dir at once, or "
		    "has CONTAINERS_CONF");
	if (is_filled(doctor, "/etc/subuid"))
		say(doctor, NULL,
		    "rootless podman reads its owner's files: for authors "
		    "only, no boundary");
}

static void of_docker(struct garita_doctor *doctor,
		      const struct garita_told *told)
{
	if (!doctor->place_taken) {
		say(doctor, close_by_name,
		    "docker run --runtime runc (and io.containerd.runc.v2) is "
		    "not judged");
		say(doctor, close_by_name,
		    "what BuildKit runs in a build (docker buildx, "
		    "DOCKER_BUILDKIT=1) is not judged");
	}
	say_others(doctor, told, "docker run --runtime");
	say(doctor, "docker inspect --format '{{.HostConfig.Runtime}}'",
	    "containers made before the gate keep their runtime");
}

static bool names_runc(const struct garita_told *told)
{
	return garita_told_find(told, "runc") != NULL;
}

static void of_containerd(struct garita_doctor *doctor,
			  const struct garita_told *told)
{
	if (!doctor->place_taken) {
		say(doctor, close_by_name,
		    "ctr run and nerdctl run start runc by its name, which is "
		    "not judged");
		if (!told->cri_off && !names_runc(told))
			say(doctor, close_by_name,
			    "a RuntimeClass with handler runc is not judged");
	}
	if (!told->cri_off)
		say_others(doctor, told, "a RuntimeClass with handler");
}

static void of_place(struct garita_doctor *doctor)
{
	static const char *const crun = "/usr/bin/crun";

	for (size_t i = 0; doctor->place_taken && i < GARITA_COUNT(other_runcs);
	     i++) {
		if (!is_there(doctor, other_runcs[i]) ||
		    garita_doctor_is_gate(doctor, other_runcs[i]))
			continue;
		garita_doctor_say(doctor, "bypass", GARITA_HEALTH_WARN,
				  "remove it, or put a link to garita-runtime "
				  "there",
				  "%s is another runc, and may be found first",
				  other_runcs[i]);
	}
	if (doctor->place_taken && is_there(doctor, crun))
		garita_doctor_say(doctor, "bypass", GARITA_HEALTH_WARN, NULL,
				  "%s has no gate in its place: an engine that "
				  "is told its name starts it",
				  crun);
}

void garita_doctor_bypasses(struct garita_doctor *doctor,
			    const struct garita_install_engine *engine,
			    const struct garita_told *told)
{
	if (engine == &garita_install_podman)
		of_podman(doctor);
	else if (engine == &garita_install_docker)
		of_docker(doctor, told);
	else if (engine == &garita_install_containerd)
		of_containerd(doctor, told);
	else if (engine == &garita_install_crio)
		say_others(doctor, told, "a RuntimeClass with handler");
	else
		of_place(doctor);
}
