/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engines - is the gate what an engine starts?
 *
 * Twice where that is possible: by its files, and by its own word, as a daemon
 * may have started before its file was changed, and another file may say
 * otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/directory.h"
#include "hook/doctor/doctor.h"
#include "hook/file.h"

#define PLACE "/usr/sbin/runc"

enum {
	MAX_ENTRY = 64 * 1024,
	/* Ticks since the start of the machine, against a file's time. */
	CLOCKS_DIFFER_SECONDS = 2,
};

static bool is_same(const struct garita_install_options *options,
		    const char *path, const char *other)
{
	struct stat a, b;
	auto_fd int one =
		garita_file_open_trusted(options->sysroot, path, &a, NULL);
	auto_fd int two =
		garita_file_open_trusted(options->sysroot, other, &b, NULL);

	return one >= 0 && two >= 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

bool garita_doctor_is_gate(const struct garita_doctor *doctor,
			   const char *program)
{
	return program != NULL &&
	       is_same(doctor->install, program, doctor->install->runtime);
}

bool garita_doctor_place_is_taken(const struct garita_install_options *options)
{
	return is_same(options, PLACE, options->runtime);
}

/* What the engine's files say. Whether it is the gate. */
static void say_registration(struct garita_doctor *doctor,
			     const struct garita_told *told)
{
	const struct garita_told_runtime *runtime = garita_told_find(
		told, told->standard ? told->standard : "runc");
	const char *program = runtime ? runtime->program : NULL;
	auto_text advice = { 0 };

	garita_text_printf(&advice, "garita install %s", doctor->section);
	if (program == NULL && told->standard != NULL &&
	    told->standard[0] == '/')
		program = told->standard;
	if (runtime != NULL && runtime->base_spec != NULL &&
	    !garita_doctor_is_gate(doctor, program))
		garita_doctor_look_at_base_spec(doctor, runtime);
	else if (told->standard == NULL)
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_FAIL,
				  advice.data,
				  "no file of it names a default runtime: what "
				  "it starts is not judged");
	else if (program == NULL)
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_FAIL,
				  advice.data,
				  "its default runtime is %s: what it starts "
				  "is not judged",
				  told->standard);
	else if (garita_doctor_is_gate(doctor, program))
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_OK,
				  NULL, "its default runtime %s is %s",
				  told->standard, program);
	else
		garita_doctor_say(
			doctor, "registration", GARITA_HEALTH_FAIL, advice.data,
			"its default runtime %s is %s, which is not "
			"%s",
			told->standard, program, doctor->install->runtime);
}

/* ---- its own word ---- */

static void say_word(struct garita_doctor *doctor, const char *name,
		     const char *program)
{
	if (garita_doctor_is_gate(doctor, program))
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_OK, NULL,
				  "it says itself that %s is what it starts",
				  program);
	else
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_FAIL,
				  "restart it; look for a file of root's own, "
				  "or an option, that says otherwise",
				  "it says itself that it starts %s (%s)", name,
				  program && *program ? program : "no path");
}

static bool ask(struct garita_doctor *doctor, const char *const argv[],
		struct garita_client *client)
{
	struct garita_error error = { 0 };
	auto_free char *line = NULL;
	int rc = garita_client_run(doctor, argv, -1, client, &error);

	if (rc == 0 && client->code == 0)
		return true;
	line = garita_client_last_line(client);
	garita_doctor_say(doctor, "engine", GARITA_HEALTH_UNKNOWN,
			  "start it and ask again", "%s cannot be asked: %s",
			  argv[0], rc < 0 ? error.text : line);
	return false;
}

static void ask_podman(struct garita_doctor *doctor)
{
	static const char *const argv[] = {
		"podman", "info", "--format",
		"{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}", NULL
	};
	auto_client client = { 0 };
	char *path;

	if (!ask(doctor, argv, &client) || client.out.len == 0)
		return;
	client.out.data[strcspn(client.out.data, "\n")] = '\0';
	path = strchr(client.out.data, ' ');
	if (path != NULL)
		*path++ = '\0';
	say_word(doctor, client.out.data, path);
}

/* {"Name":"garita","Runtimes":{"garita":{"path":"/usr/bin/garita-runtime"}}} */
static void ask_docker(struct garita_doctor *doctor)
{
	static const char format[] = "{\"name\":{{json .DefaultRuntime}},"
				     "\"runtimes\":{{json .Runtimes}}}";
	static const char *const argv[] = { "docker", "info", "--format",
					    format, NULL };
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *runtime, *root;
	struct garita_error error = { 0 };
	auto_client client = { 0 };
	const char *name, *path;

	if (!ask(doctor, argv, &client))
		return;
	if (garita_json_parse(client.out.data ? client.out.data : "",
			      client.out.len, GARITA_JSON_STRICT, &doc,
			      &error) < 0) {
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_UNKNOWN, NULL,
				  "docker info is not understood: %s",
				  error.text);
		return;
	}
	root = garita_json_root(doc);
	name = garita_json_string(garita_json_get(root, "name"));
	runtime = garita_json_get(garita_json_get(root, "runtimes"),
				  name ? name : "");
	path = garita_json_string(garita_json_get(runtime, "path"));
	if (path == NULL)
		path = garita_json_string(garita_json_at(
			(struct garita_json *)runtime, "/options/BinaryName"));
	say_word(doctor, name ? name : "nothing", path);
}

/* Of what it would read if it were started now, also from files that its own
 * imports, or a newer containerd by itself. */
static void ask_containerd(struct garita_doctor *doctor,
			   const struct garita_told *by_file)
{
	static const char *const argv[] = { "containerd", "config", "dump",
					    NULL };
	const struct garita_told_runtime *runtime, *before;
	struct garita_error error = { 0 };
	auto_client client = { 0 };
	auto_told told = { 0 };

	if (!ask(doctor, argv, &client))
		return;
	if (garita_told_hear(&garita_install_containerd,
			     client.out.data ? client.out.data : "", &told,
			     &error) < 0) {
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_UNKNOWN, NULL,
				  "containerd config dump is not understood: "
				  "%s",
				  error.text);
		return;
	}
	runtime = garita_told_find(&told, told.standard);
	before = garita_told_find(by_file, by_file->standard);
	/* A hook is the gate: garita_doctor_look_at_base_spec(). */
	if (runtime != NULL && before != NULL && before->base_spec != NULL &&
	    runtime->base_spec != NULL &&
	    strcmp(runtime->base_spec, before->base_spec) == 0)
		return;
	say_word(doctor, told.standard ? told.standard : "nothing",
		 runtime ? runtime->program : NULL);
}

/* ---- daemons that cannot be asked: when did they start? ---- */

static char *read_proc(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len;

	if (fd < 0 || garita_file_read(fd, MAX_ENTRY, &text, &len, NULL) < 0)
		return NULL;
	return text;
}

/* When the machine was started, in seconds. */
static uint64_t booted(void)
{
	auto_free char *text = read_proc("/proc/stat");
	char *at = text ? strstr(text, "btime ") : NULL;
	uint64_t when = 0;

	if (at == NULL)
		return 0;
	at += strlen("btime ");
	at[strcspn(at, "\n")] = '\0';
	return garita_parse_u64(at, &when) == 0 ? when : 0;
}

/* The 22nd word of /proc/PID/stat, ticks after that; 0: another program, or in
 * another mount namespace, or gone, or not root's: anybody can call a process
 * of theirs so. */
static uint64_t start_of(const char *pid, const char *comm)
{
	enum { WORDS_BEHIND_NAME = 20 };
	char path[300], name[64];
	auto_free char *text = NULL;
	struct stat ours, theirs;
	uint64_t ticks = 0;
	char *at;

	snprintf(path, sizeof(path), "/proc/%s", pid);
	if (stat(path, &theirs) < 0 || theirs.st_uid != 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	text = read_proc(path);
	snprintf(name, sizeof(name), "(%s) ", comm);
	at = text ? strchr(text, '(') : NULL;
	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	if (at == NULL || !garita_starts_with(at, name) ||
	    stat("/proc/self/ns/mnt", &ours) < 0 || stat(path, &theirs) < 0 ||
	    ours.st_ino != theirs.st_ino)
		return 0;
	for (int i = 0; i < WORDS_BEHIND_NAME && at != NULL; i++)
		at = strchr(at + 1, ' ');
	if (at == NULL)
		return 0;
	at[1 + strcspn(at + 1, " ")] = '\0';
	if (garita_parse_u64(at + 1, &ticks) < 0)
		return 0;
	return booted() + ticks / (uint64_t)sysconf(_SC_CLK_TCK);
}

/* When the youngest process of that name started: docker may run a containerd
 * of its own beside. 0: there is none. */
static int started(const char *comm, uint64_t *ret)
{
	auto_directory *dir = garita_directory_open("/proc");
	const char *pid = NULL;
	uint64_t youngest = 0;
	int failed = dir == NULL ? -errno : 0;

	while (failed == 0 &&
	       (failed = garita_directory_next(dir, &pid)) == 0 &&
	       pid != NULL) {
		uint64_t when = garita_is_digit(*pid) ? start_of(pid, comm) : 0;

		if (when > youngest)
			youngest = when;
	}
	if (failed == 0)
		*ret = youngest;
	return failed;
}

/* A daemon that cannot be asked: has it read its file since? */
static void look_at_daemon(struct garita_doctor *doctor, const char *comm,
			   uint64_t when, const struct garita_told *told)
{
	if (when == 0)
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_WARN, NULL,
				  "%s is not running; only its files were "
				  "looked at",
				  comm);
	else if (told->changed > 0 &&
		 (uint64_t)told->changed > when + CLOCKS_DIFFER_SECONDS)
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_FAIL,
				  "restart it",
				  "%s was started before %s was changed", comm,
				  told->files);
	else
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_OK, NULL,
				  "%s was started after its files were changed",
				  comm);
}

static void ask_engine(struct garita_doctor *doctor,
		       const struct garita_install_engine *engine,
		       const struct garita_told *told)
{
	bool is_docker = engine == &garita_install_docker;
	const char *comm = is_docker ? "dockerd" : engine->name;
	uint64_t when = 0;
	int failed;

	if (engine == &garita_install_podman) {
		ask_podman(doctor);
		return;
	}
	failed = started(comm, &when);
	if (failed < 0)
		garita_doctor_say(doctor, "engine", GARITA_HEALTH_UNKNOWN, NULL,
				  "cannot read /proc, so not tell whether %s "
				  "runs: %s",
				  comm, strerror(-failed));
	else if (is_docker && when > 0)
		ask_docker(doctor);
	else
		look_at_daemon(doctor, comm, when, told);
	if (engine == &garita_install_containerd)
		ask_containerd(doctor, told);
}

/* ---- runc's own place ---- */

static bool has_engine(const struct garita_doctor *doctor)
{
	const struct garita_install_engine *engine;

	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++)
		if (engine->take == NULL &&
		    garita_install_is_present(doctor->install, engine))
			return true;
	return false;
}

static void look_at_place(struct garita_doctor *doctor)
{
	struct garita_error error = { 0 };

	if (!doctor->place_taken) {
		garita_doctor_say(doctor, "registration",
				  has_engine(doctor) ? GARITA_HEALTH_WARN
						     : GARITA_HEALTH_FAIL,
				  "garita install runc",
				  PLACE " is runc: what starts it by its name "
					"is not judged");
		return;
	}
	garita_doctor_say(doctor, "registration", GARITA_HEALTH_OK, NULL,
			  PLACE " is the gate");
	if (garita_install_check_program(doctor->install, PLACE ".real",
					 &error) < 0)
		garita_doctor_say_error(doctor, "runtime", &error,
					"nothing is behind the gate in runc's "
					"place");
	else
		garita_doctor_say(doctor, "runtime", GARITA_HEALTH_OK, NULL,
				  PLACE ".real: there, and root's alone");
}

static void look_at_files(struct garita_doctor *doctor,
			  const struct garita_install_engine *engine,
			  const struct garita_told *told)
{
	if (told->files != NULL)
		garita_doctor_say(doctor, "configuration", GARITA_HEALTH_OK,
				  NULL, "%s: root's alone", told->files);
	if (told->cri_off)
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_OK,
				  NULL,
				  "its CRI service is off, so that no pod "
				  "comes through it");
	else
		say_registration(doctor, told);
	if (told->imports && doctor->install->sysroot[0] != '\0')
		garita_doctor_say(doctor, "registration", GARITA_HEALTH_UNKNOWN,
				  "run garita doctor on the machine itself",
				  "it imports other files, which can replace "
				  "what this one says");
	if (engine == &garita_install_podman || engine == &garita_install_crio)
		garita_doctor_look_at_hooks(doctor);
	if (doctor->install->sysroot[0] == '\0' && !told->cri_off)
		ask_engine(doctor, engine, told);
}

void garita_doctor_look_at(struct garita_doctor *doctor,
			   const struct garita_install_engine *engine)
{
	auto_told told = { 0 };
	struct garita_error error = { 0 };
	int rc = 0;

	doctor->section = engine->name;
	doctor->hook_entry = false;
	if (engine->take != NULL) {
		look_at_place(doctor);
	} else {
		rc = garita_told_read(doctor->install, engine, &told, &error);
		if (rc < 0)
			garita_doctor_say_error(
				doctor, "configuration", &error,
				"garita cannot tell what it starts");
		else
			look_at_files(doctor, engine, &told);
	}
	/* Of what is not gated there is no way round. */
	if (rc == 0 && !garita_doctor_has_failed(doctor, engine->name))
		garita_doctor_bypasses(doctor, engine, &told);
	if (doctor->canary)
		garita_doctor_canary(doctor, engine);
}
