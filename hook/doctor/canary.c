/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canary - two containers through an engine: one that no policy should let
 * start, and one that every policy should.
 *
 * Both run a program that prints its version and ends: garita-hook, which
 * wants nothing of its root file system, so an image of it alone will do. An
 * engine that can import a tar archive gets that image for as long as it
 * takes; CRI makes pods of the pause image that it has.
 */
#include "hook/doctor/canary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "hook/file.h"

#define PROGRAM GARITA_CANARY_PROGRAM

enum { MAX_PROGRAM = 64 * 1024 * 1024, MAX_WORDS = 32 };

void garita_canary_progress(const struct garita_doctor *doctor,
			    const char *what)
{
	if (doctor->progress)
		fprintf(stderr, "garita doctor: %s: %s ...\n", doctor->section,
			what);
}

const char *garita_canary_what(bool harmless)
{
	return harmless ? "a container that must be admitted"
			: "a container that must be refused";
}

void garita_canary_stuck(struct garita_doctor *doctor, const char *through,
			 const char *why, const char *advice)
{
	garita_doctor_say(doctor, "canary", GARITA_HEALTH_UNKNOWN, advice,
			  "%s: cannot be tried: %s", through, why);
}

/* Runs it and wants success; else says so. */
bool garita_canary_run(struct garita_doctor *doctor, const char *const argv[],
		       int in, struct garita_client *client)
{
	struct garita_error error = { 0 };
	auto_free char *line = NULL;
	auto_text through = { 0 };
	int rc = garita_client_run(doctor, argv, in, client, &error);

	if (rc == 0 && client->code == 0)
		return true;
	line = garita_client_last_line(client);
	garita_text_printf(&through, "%s %s", argv[0], argv[1]);
	garita_canary_stuck(doctor, through.data, rc < 0 ? error.text : line,
			    NULL);
	return false;
}

void garita_canary_run_quietly(const struct garita_doctor *doctor,
			       const char *const argv[])
{
	auto_client client = { 0 };

	(void)garita_client_run(doctor, argv, -1, &client, NULL);
}

/* The bytes of garita-hook, which is the program. */
static int read_program(const struct garita_doctor *doctor, char **ret,
			size_t *ret_len, struct garita_error *err)
{
	struct stat st;
	auto_fd int fd =
		garita_file_open_trusted(NULL, doctor->install->hook, &st, err);

	return fd < 0 ? fd
		      : garita_file_read(fd, MAX_PROGRAM, ret, ret_len, err);
}

/* A file in memory, at its beginning. */
static int make_file(const struct garita_text *text)
{
	auto_fd int fd = memfd_create("garita-canary", MFD_CLOEXEC);

	if (fd < 0 || garita_file_write(fd, text->data, text->len) < 0 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return garita_take_fd(&fd);
}

void garita_canary_put_file(const char *name, const char *data, size_t len,
			    struct garita_text *out)
{
	enum { BLOCK = 512, SUM_AT = 148, SUM_LEN = 8, NAME_LEN = 100 };
	static const char zeros[BLOCK];
	/* With its NUL, and a version that has none. */
	static const char magic[] = { 'u', 's', 't', 'a', 'r', 0, '0', '0' };
	char head[BLOCK] = { 0 };
	unsigned sum = SUM_LEN * ' ';

	snprintf(head, NAME_LEN, "%s", name);
	snprintf(head + 100, 8, "%07o", 0755U);
	snprintf(head + 108, 8, "%07o", 0U);
	snprintf(head + 116, 8, "%07o", 0U);
	snprintf(head + 124, 12, "%011zo", len);
	snprintf(head + 136, 12, "%011o", 0U);
	head[156] = '0';
	memcpy(head + 257, magic, sizeof(magic));
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)head[i];
	snprintf(head + SUM_AT, SUM_LEN, "%06o", sum);
	head[SUM_AT + 7] = ' ';
	garita_text_add(out, head, BLOCK);
	garita_text_add(out, data, len);
	garita_text_add(out, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

void garita_canary_put_end(struct garita_text *out)
{
	static const char zeros[1024];

	garita_text_add(out, zeros, sizeof(zeros));
}

bool garita_canary_import(struct garita_doctor *doctor, const char *through,
			  const char *const argv[],
			  void (*put)(const char *program, size_t len,
				      struct garita_text *archive))
{
	struct garita_error error = { 0 };
	auto_free char *program = NULL;
	auto_text archive = { 0 };
	auto_client client = { 0 };
	auto_fd int fd = -1;
	size_t len;

	if (read_program(doctor, &program, &len, &error) < 0) {
		garita_canary_stuck(doctor, through, error.text, NULL);
		return false;
	}
	put(program, len, &archive);
	fd = make_file(&archive);
	if (fd < 0) {
		garita_canary_stuck(doctor, through, strerror(errno), NULL);
		return false;
	}
	return garita_canary_run(doctor, argv, fd, &client);
}

/* ---- podman and docker, whose clients take the same words ---- */

static void put_layer(const char *program, size_t len,
		      struct garita_text *archive)
{
	garita_canary_put_file(PROGRAM, program, len, archive);
	garita_canary_put_end(archive);
}

static void add(const char *argv[MAX_WORDS], size_t *n,
		const char *const words[])
{
	for (; *words != NULL && *n + 1 < MAX_WORDS; words++)
		argv[(*n)++] = *words;
	argv[*n] = NULL;
}

static void put_create(const struct garita_doctor *doctor, const char *name,
		       const char *image, bool harmless,
		       const char *argv[MAX_WORDS])
{
	static const char *const modest[] = {
		"--network=none",
		"--user=65532:65532",
		"--read-only",
		"--cap-drop=ALL",
		"--security-opt=no-new-privileges",
		"--pids-limit=64",
		NULL,
	};
	static const char *const greedy[] = { "--network=host",   "--pid=host",
					      "--privileged",     "--user=0:0",
					      "--volume=/:/host", NULL };
	const char *const made[] = { image, "/" PROGRAM, "--version", NULL };
	const char *const given[] = { "--entrypoint=true", image, NULL };
	const char *const first[] = { doctor->section, "create", "--pull=never",
				      "--name",        name,     NULL };
	size_t n = 0;

	add(argv, &n, first);
	add(argv, &n, harmless ? modest : greedy);
	add(argv, &n, doctor->image ? given : made);
}

static bool is_id(const char *line)
{
	return strlen(line) == 64 &&
	       line[strspn(line, "0123456789abcdef")] == '\0';
}

static void try_one(struct garita_doctor *doctor, const char *image,
		    bool harmless)
{
	char name[64];
	const char *argv[MAX_WORDS] = { NULL };
	const char *const start[] = { doctor->section, "start", "--attach",
				      name, NULL };
	const char *const rm[] = { doctor->section, "rm", "--force", name,
				   NULL };
	auto_client created = { 0 }, client = { 0 };
	auto_free char *id = NULL, *line = NULL;
	auto_text through = { 0 };
	struct garita_error error = { 0 };
	struct garita_canary canary = { .harmless = harmless };
	off_t from;
	int rc;

	snprintf(name, sizeof(name), "garita-canary-%d-%d", (int)getpid(),
		 harmless);
	garita_canary_progress(doctor, garita_canary_what(harmless));
	put_create(doctor, name, image, harmless, argv);
	if (!garita_canary_run(doctor, argv, -1, &created))
		return;
	id = garita_client_last_line(&created);
	from = garita_canary_log_end(doctor);
	rc = garita_client_run(doctor, start, -1, &client, &error);
	line = garita_client_last_line(&client);
	garita_text_printf(&through, "%s run", doctor->section);
	canary.id = is_id(id) ? id : NULL;
	canary.through = through.data;
	canary.ran = rc == 0 && client.code == 0;
	canary.said = rc < 0 ? error.text : line;
	garita_canary_conclude(doctor, &canary, from);
	garita_canary_run_quietly(doctor, rm);
}

static void try_client(struct garita_doctor *doctor)
{
	char image[64];
	const char *const import[] = { doctor->section, "import", "-", image,
				       NULL };
	const char *const rmi[] = { doctor->section, "rmi", image, NULL };

	snprintf(image, sizeof(image), "localhost/garita-canary:%d",
		 (int)getpid());
	if (doctor->image == NULL &&
	    !garita_canary_import(doctor, doctor->section, import, put_layer))
		return;
	try_one(doctor, doctor->image ? doctor->image : image, false);
	try_one(doctor, doctor->image ? doctor->image : image, true);
	if (doctor->image == NULL)
		garita_canary_run_quietly(doctor, rmi);
}

/* ---- CRI: a pod is its sandbox, of the image that the engine has for it ----
 */

static void put_pod(const char *name, bool harmless, struct garita_text *out)
{
	garita_text_printf(
		out,
		"{\"metadata\":{\"name\":\"%s\",\"namespace\":\"garita\","
		"\"uid\":\"%s\",\"attempt\":0},\"linux\":{%s}}\n",
		name, name,
		harmless ? ""
			 : "\"security_context\":{\"privileged\":true,"
			   "\"namespace_options\":{\"network\":2,\"pid\":2,"
			   "\"ipc\":2}}");
}

static void try_pod(struct garita_doctor *doctor, const char *endpoint,
		    bool harmless)
{
	static const char name[] = "crictl";
	const char *const argv[] = { name,   "--runtime-endpoint", endpoint,
				     "runp", "/dev/stdin",         NULL };
	struct garita_canary canary = { .harmless = harmless,
					.through = "crictl runp" };
	off_t from = garita_canary_log_end(doctor);
	struct garita_error error = { 0 };
	auto_text pod = { 0 };
	char pod_name[64];
	auto_client client = { 0 };
	auto_free char *line = NULL;
	auto_fd int in = -1;
	int rc;

	snprintf(pod_name, sizeof(pod_name), "garita-canary-%d-%d",
		 (int)getpid(), harmless);
	put_pod(pod_name, harmless, &pod);
	in = make_file(&pod);
	if (in < 0) {
		garita_canary_stuck(doctor, canary.through, strerror(errno),
				    NULL);
		return;
	}
	garita_canary_progress(doctor, garita_canary_what(harmless));
	rc = garita_client_run(doctor, argv, in, &client, &error);
	if (rc == -ENOENT) {
		garita_canary_stuck(doctor, "pods", "crictl is not here",
				    "install cri-tools, which has it");
		return;
	}
	line = garita_client_last_line(&client);
	canary.ran = rc == 0 && client.code == 0;
	canary.id = is_id(line) ? line : NULL;
	canary.said = rc < 0 ? error.text : line;
	garita_canary_conclude(doctor, &canary, from);
	if (canary.ran) {
		const char *const rmp[] = { name,      "--runtime-endpoint",
					    endpoint,  "rmp",
					    "--force", line,
					    NULL };

		garita_canary_run_quietly(doctor, rmp);
	}
}

/* ---- runc's own name: a bundle ---- */

static int write_at(int dir, const char *name, const char *data, size_t len,
		    mode_t mode)
{
	auto_fd int fd = openat(dir, name,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0 || fchmod(fd, mode) < 0)
		return -errno;
	return garita_file_write(fd, data, len);
}

static void put_config(bool harmless, struct garita_text *out)
{
	garita_text_printf(
		out,
		"{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":%u,"
		"\"gid\":%u},\"args\":[\"/" PROGRAM "\",\"--version\"],"
		"\"env\":[\"PATH=/\"],\"cwd\":\"/\",\"noNewPrivileges\":%s},"
		"\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
		"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\","
		"\"source\":\"proc\",\"options\":[\"nosuid\",\"noexec\","
		"\"nodev\"]},{\"destination\":\"/dev\",\"type\":\"tmpfs\","
		"\"source\":\"tmpfs\",\"options\":[\"nosuid\",\"noexec\","
		"\"mode=755\",\"size=64k\"]}%s],\"linux\":{\"namespaces\":[{"
		"\"type\":"
		"\"mount\"},{\"type\":\"ipc\"},{\"type\":\"uts\"}%s],"
		"\"resources\":{\"devices\":[{\"allow\":%s,\"access\":"
		"\"rwm\"}],\"pids\":{\"limit\":64}}}}\n",
		harmless ? 65532U : 0U, harmless ? 65532U : 0U,
		harmless ? "true" : "false",
		harmless ? ""
			 : ",{\"destination\":\"/host\",\"type\":\"bind\","
			   "\"source\":\"/\",\"options\":[\"rbind\",\"rw\"]}",
		harmless ? ",{\"type\":\"pid\"},{\"type\":\"network\"},"
			   "{\"type\":\"cgroup\"}"
			 : ",{\"type\":\"pid\",\"path\":\"/proc/1/ns/pid\"}",
		harmless ? "false" : "true");
}

static int make_bundle(const struct garita_doctor *doctor, int dir,
		       bool harmless, struct garita_error *err)
{
	auto_free char *program = NULL;
	auto_text config = { 0 };
	size_t len;
	int rc = read_program(doctor, &program, &len, err);

	if (rc < 0)
		return rc;
	put_config(harmless, &config);
	if (mkdirat(dir, "rootfs", 0755) < 0 ||
	    mkdirat(dir, "rootfs/proc", 0755) < 0 ||
	    mkdirat(dir, "rootfs/dev", 0755) < 0 ||
	    mkdirat(dir, "rootfs/host", 0755) < 0 ||
	    write_at(dir, "rootfs/" PROGRAM, program, len, 0755) < 0 ||
	    write_at(dir, "config.json", config.data, config.len, 0644) < 0)
		return garita_fail(err, errno, "cannot make a bundle: %s",
				   strerror(errno));
	return 0;
}

/* Never into what is mounted there: rmdir takes only what is empty. */
static void remove_bundle(int dir, const char *path)
{
	unlinkat(dir, "rootfs/" PROGRAM, 0);
	unlinkat(dir, "rootfs/proc", AT_REMOVEDIR);
	unlinkat(dir, "rootfs/dev", AT_REMOVEDIR);
	unlinkat(dir, "rootfs/host", AT_REMOVEDIR);
	unlinkat(dir, "rootfs", AT_REMOVEDIR);
	unlinkat(dir, "config.json", 0);
	rmdir(path);
}

static void run_bundle(struct garita_doctor *doctor, const char *path,
		       bool harmless)
{
	char id[64];
	const char *const argv[] = {
		"/usr/sbin/runc", "run", "--bundle", path, id, NULL
	};
	const char *const rm[] = { "/usr/sbin/runc", "delete", "--force", id,
				   NULL };
	struct garita_canary canary = { .harmless = harmless,
					.id = id,
					.through = "runc run" };
	off_t from = garita_canary_log_end(doctor);
	struct garita_error error = { 0 };
	auto_client client = { 0 };
	auto_free char *line = NULL;
	int rc;

	snprintf(id, sizeof(id), "garita-canary-%d-%d", (int)getpid(),
		 harmless);
	rc = garita_client_run(doctor, argv, -1, &client, &error);
	line = garita_client_last_line(&client);
	canary.ran = rc == 0 && client.code == 0;
	canary.said = rc < 0 ? error.text : line;
	garita_canary_conclude(doctor, &canary, from);
	if (canary.ran || rc < 0)
		garita_canary_run_quietly(doctor, rm);
}

static void try_bundle(struct garita_doctor *doctor, bool harmless)
{
	char path[] = "/run/garita-canary.XXXXXX";
	struct garita_error error = { 0 };
	auto_fd int dir = -1;

	garita_canary_progress(doctor, garita_canary_what(harmless));
	if (mkdtemp(path) == NULL) {
		garita_canary_stuck(doctor, "runc run", strerror(errno), NULL);
		return;
	}
	/* The container's user must be able to see its root. */
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fchmod(dir, 0755) < 0)
		garita_canary_stuck(doctor, "runc run", strerror(errno), NULL);
	else if (make_bundle(doctor, dir, harmless, &error) < 0)
		garita_canary_stuck(doctor, "runc run", error.text, NULL);
	else
		run_bundle(doctor, path, harmless);
	remove_bundle(dir, path);
}

void garita_doctor_canary(struct garita_doctor *doctor,
			  const struct garita_install_engine *engine)
{
	const char *endpoint = engine == &garita_install_crio
				       ? "unix:///run/crio/crio.sock"
				       : "unix:///run/containerd/"
					 "containerd.sock";

	if (doctor->has_gate &&
	    doctor->gate.policy->log[GARITA_LOG_TO_FILE] == GARITA_LOG_OFF) {
		garita_canary_stuck(
			doctor, "canaries",
			"without a log file nobody can tell what was judged",
			"let the policy's \"log\" have a file");
		return;
	}
	for (int harmless = 0; harmless < 2; harmless++) {
		if (engine == &garita_install_runc && doctor->place_taken)
			try_bundle(doctor, harmless);
		else if (engine == &garita_install_containerd ||
			 engine == &garita_install_crio)
			try_pod(doctor, endpoint, harmless);
	}
	if (engine == &garita_install_podman ||
	    engine == &garita_install_docker)
		try_client(doctor);
	/* By runc's name: only where the gate is in its place does that go
	 * through it, which is said as a bypass else. */
	if (engine == &garita_install_containerd && doctor->place_taken)
		garita_canary_try_ctr(doctor);
}
