/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_access - is the gate in front of every engine (asked as garita doctor
 * asks), whose are the sockets and files, and what does the kernel's audit
 * watch?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/doctor/doctor.h"
#include "hook/host/gather.h"

enum { MAX_TEXT = 1024 * 1024, MAX_MEMBERS = 256 };

/* ---- the gate ---- */

static const char own_policy[] = GARITA_SYSCONF_DIR "/policy.json";
static const char own_runtime[] = GARITA_BIN_DIR "/garita-runtime";

/* By a name alone an engine finds runc, where the gate may stand. */
static bool is_gated(const struct garita_doctor *doctor, const char *name,
		     const char *program)
{
	if (program != NULL)
		return garita_doctor_is_gate(doctor, program);
	return doctor->place_taken && strcmp(name, "runc") == 0;
}

/* What an engine starts where nothing names its runtime. */
static const char *usual_runtime(const struct garita_install_engine *engine)
{
	return engine == &garita_install_docker ||
			       engine == &garita_install_containerd
		       ? "runc"
		       : "crun";
}

static const char *state_of(const struct garita_doctor *doctor,
			    const struct garita_install_engine *engine,
			    const struct garita_told *told)
{
	const char *name =
		told->standard ? told->standard : usual_runtime(engine);
	const struct garita_told_runtime *runtime =
		garita_told_find(told, name);
	const char *program = runtime ? runtime->program : NULL;

	if (program == NULL && *name == '/')
		program = name;
	return is_gated(doctor, name, program) ? "gated" : "open";
}

static void put_handler(struct garita_facts *facts, const char *name,
			const char *program, bool gated)
{
	struct garita_json *list = garita_json_at(
		garita_json_root(facts->doc), "/engines/containerd/handlers");
	struct garita_json *node = garita_json_new_object(facts->doc);

	garita_json_put_string(facts->doc, node, "name", name);
	garita_json_put_string(facts->doc, node, "binary", program);
	garita_json_put_bool(facts->doc, node, "gated", gated);
	garita_json_append(facts->doc, list, node);
}

/* Runtimes beside the default that somebody can ask for by name. */
static void put_runtimes(const struct garita_gathering *g,
			 const struct garita_doctor *doctor,
			 const struct garita_install_engine *engine,
			 const struct garita_told *told)
{
	bool containerd = engine == &garita_install_containerd;

	garita_gather_append(g->facts, "/gate/other-runtimes", NULL);
	if (containerd) {
		garita_facts_put_bool(g->facts,
				      "/engines/containerd/cri-disabled",
				      told->cri_off);
		garita_gather_append(g->facts, "/engines/containerd/handlers",
				     NULL);
		if (garita_told_find(told, "runc") == NULL)
			put_handler(g->facts, "runc", NULL,
				    doctor->place_taken);
	}
	for (size_t i = 0; i < told->count; i++) {
		const struct garita_told_runtime *runtime = &told->runtimes[i];
		bool gated = is_gated(doctor, runtime->name, runtime->program);
		auto_text name = { 0 };

		if (containerd)
			put_handler(g->facts, runtime->name, runtime->program,
				    gated);
		garita_text_printf(&name, "%s:%s", engine->name, runtime->name);
		if (!containerd && !gated && runtime->program != NULL)
			garita_gather_append(g->facts, "/gate/other-runtimes",
					     name.data);
	}
}

static void gather_engine(const struct garita_gathering *g,
			  const struct garita_doctor *doctor,
			  const struct garita_install_engine *engine)
{
	auto_text pointer = { 0 };
	auto_told told = { 0 };

	/* runc is a place, not an engine. */
	if (engine == &garita_install_runc ||
	    !garita_install_is_present(doctor->install, engine))
		return;
	garita_text_printf(&pointer, "/gate/engines/%s", engine->name);
	if (garita_told_read(doctor->install, engine, &told, NULL) < 0) {
		garita_facts_put_string(g->facts, pointer.data, "unknown");
		return;
	}
	put_runtimes(g, doctor, engine, &told);
	/* ctr and docker go their own ways; CRI is all that is configured. */
	if (engine == &garita_install_containerd && told.cri_off)
		return;
	garita_facts_put_string(g->facts, pointer.data,
				state_of(doctor, engine, &told));
}

static void gather_gate(const struct garita_gathering *g)
{
	const struct garita_install_options options = {
		.sysroot = g->sysroot,
		.runtime = own_runtime,
		.hook = GARITA_LIBEXEC_DIR "/garita-hook",
	};
	struct garita_doctor doctor = { .install = &options,
					.section = "gate" };
	const struct garita_install_engine *engine;

	garita_facts_put(g->facts, "/gate/engines",
			 garita_json_new_object(g->facts->doc));
	doctor.place_taken = garita_doctor_place_is_taken(&options);
	for (size_t i = 0; (engine = garita_install_engine_at(i)); i++)
		gather_engine(g, &doctor, engine);
	garita_doctor_look_at_gate(&doctor);
	garita_gather_append(g->facts, "/gate/problems", NULL);
	for (size_t i = 0; i < doctor.count; i++)
		if (doctor.checks[i].health == GARITA_HEALTH_FAIL)
			garita_gather_append(g->facts, "/gate/problems",
					     doctor.checks[i].text);
	garita_doctor_free(&doctor);
}

/* ---- sockets, files and people ---- */

static const char *const sockets[] = {
	"/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/crio/crio.sock",
	"/run/podman/podman.sock",
	"/run/cri-dockerd.sock",
	"/run/buildkit/buildkitd.sock",
	"/run/k3s/containerd/containerd.sock",
};

static const char *const files[] = {
	"/etc/docker",
	"/etc/docker/daemon.json",
	"/etc/default/docker",
	"/usr/lib/systemd/system/docker.service",
	"/usr/lib/systemd/system/docker.socket",
	"/etc/containerd",
	"/etc/containerd/config.toml",
	"/usr/lib/systemd/system/containerd.service",
	"/etc/containers",
	"/etc/containers/policy.json",
	"/etc/crio",
	GARITA_SYSCONF_DIR,
	own_policy,
};

/* Field `n` of a line of /etc/group or /etc/passwd; *ret_len of it. */
static const char *field(const char *line, unsigned n, size_t *ret_len)
{
	for (; n > 0; n--) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			return NULL;
		line++;
	}
	*ret_len = strcspn(line, ":\n");
	return line;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line == '\n' ? line + 1 : line;
}

static bool is_number(const char *text, size_t len, uint32_t number)
{
	auto_free char *word = garita_xstrndup(text, len);
	uint32_t value;

	return garita_parse_u32(word, 0, UINT32_MAX, &value) == 0 &&
	       value == number;
}

static char *group_name(const char *groups, gid_t gid)
{
	for (const char *line = groups; line && *line; line = next_line(line)) {
		size_t len = 0, name_len = 0;
		const char *id = field(line, 2, &len);
		const char *name = field(line, 0, &name_len);

		if (id != NULL && is_number(id, len, gid))
			return garita_xstrndup(name, name_len);
	}
	return NULL;
}

static void put_entry(const struct garita_gathering *g, const char *list,
		      const char *path, const struct stat *st,
		      const char *groups)
{
	struct garita_json *node = garita_json_new_object(g->facts->doc);
	auto_free char *group = group_name(groups, st->st_gid);
	char mode[16];

	snprintf(mode, sizeof(mode), "%04o", st->st_mode & 07777);
	garita_json_put_string(g->facts->doc, node, "path", path);
	garita_json_put_string(g->facts->doc, node, "mode", mode);
	garita_json_put_u64(g->facts->doc, node, "uid", st->st_uid);
	garita_json_put_string(g->facts->doc, node, "group", group);
	garita_json_append(
		g->facts->doc,
		garita_json_at(garita_json_root(g->facts->doc), list), node);
}

static void look_at_all(const struct garita_gathering *g, const char *list,
			const char *const *paths, size_t count,
			const char *groups)
{
	garita_gather_append(g->facts, list, NULL);
	for (size_t i = 0; i < count; i++) {
		auto_fd int fd = garita_look(&g->view, paths[i]);
		struct stat st;

		if (fd >= 0 && fstat(fd, &st) == 0)
			put_entry(g, list, paths[i], &st, groups);
		/* One that cannot be looked at leaves all of it open. */
		if (fd < 0 && !garita_look_is_absent(&g->view, paths[i])) {
			garita_facts_put(g->facts, list, NULL);
			return;
		}
	}
}

static void put_member(struct garita_facts *facts, const char *name, size_t len)
{
	auto_free char *word = garita_xstrndup(name, len);
	const struct garita_json *list =
		garita_facts_at(facts, "/docker-group");

	for (size_t i = 0; i < garita_json_count(list); i++)
		if (strcmp(garita_json_string(garita_json_item(list, i)),
			   word) == 0)
			return;
	if (len > 0 && garita_json_count(list) < MAX_MEMBERS)
		garita_gather_append(facts, "/docker-group", word);
}

/* Those whose first group it is, too. */
static void put_owners(const struct garita_gathering *g, const char *gid,
		       size_t gid_len)
{
	auto_free char *users =
		garita_look_read(&g->view, "/etc/passwd", MAX_TEXT, NULL);

	for (const char *line = users; line && *line; line = next_line(line)) {
		size_t len = 0, name_len = 0;
		const char *id = field(line, 3, &len);
		const char *name = field(line, 0, &name_len);

		if (id != NULL && len == gid_len && memcmp(id, gid, len) == 0)
			put_member(g->facts, name, name_len);
	}
}

static void gather_members(const struct garita_gathering *g, const char *groups)
{
	static const char docker[] = "docker:";

	garita_gather_append(g->facts, "/docker-group", NULL);
	for (const char *line = groups; *line; line = next_line(line)) {
		size_t gid_len = 0, len = 0;
		const char *gid = field(line, 2, &gid_len);
		const char *members = field(line, 3, &len);

		if (!garita_starts_with(line, docker) || gid == NULL ||
		    members == NULL)
			continue;
		for (const char *end = members + len; members < end;) {
			size_t word = strcspn(members, ",:\n");

			put_member(g->facts, members, word);
			members += word + 1;
		}
		put_owners(g, gid, gid_len);
	}
}

static void gather_owners(const struct garita_gathering *g)
{
	auto_free char *groups =
		garita_look_read(&g->view, "/etc/group", MAX_TEXT, NULL);

	look_at_all(g, "/sockets", sockets, GARITA_COUNT(sockets), groups);
	look_at_all(g, "/files", files, GARITA_COUNT(files), groups);
	if (groups != NULL)
		gather_members(g, groups);
}

/* ---- the kernel's audit ---- */

static const char *const watch_wanted[] = {
	"/usr/bin/dockerd",    "/usr/sbin/dockerd",
	"/usr/bin/containerd", "/usr/bin/containerd-shim-runc-v2",
	"/usr/bin/runc",       "/usr/sbin/runc",
	"/usr/bin/crun",       "/usr/bin/podman",
	"/etc/docker",         "/etc/containerd",
	"/etc/containers",     GARITA_SYSCONF_DIR,
	own_runtime,
};

static void put_watch(struct garita_facts *facts, const char *path)
{
	size_t len = strcspn(path, " \t\r\n");
	auto_free char *word = NULL;

	while (len > 1 && path[len - 1] == '/')
		len--;
	word = garita_xstrndup(path, len);
	if (*word == '/')
		garita_gather_append(facts, "/audit/watched", word);
}

/* "-w /etc/docker -p wa -k docker", "-a always,exit -F path=/x -F perm=wa" */
static void put_watches(struct garita_facts *facts, const char *rules)
{
	static const char *const words[] = { "-w ", "path=", "dir=" };

	for (; *rules != '\0'; rules = next_line(rules)) {
		auto_free char *line =
			garita_xstrndup(rules, strcspn(rules, "\n"));

		if (*line == '#')
			continue;
		for (size_t i = 0; i < GARITA_COUNT(words); i++) {
			const char *at = strstr(line, words[i]);

			if (at != NULL)
				put_watch(facts, at + strlen(words[i]));
		}
	}
}

static void gather_audit(const struct garita_gathering *g)
{
	const char *const list[] = { "/usr/sbin/auditctl", "-l", NULL };
	auto_free char *rules = garita_gather_is_live(g)
					? garita_helper(list, MAX_TEXT, false)
					: NULL;

	garita_gather_append(g->facts, "/audit/wanted", NULL);
	garita_gather_append(g->facts, "/audit/watched", NULL);
	for (size_t i = 0; i < GARITA_COUNT(watch_wanted); i++)
		if (garita_look_exists(&g->view, watch_wanted[i]))
			garita_gather_append(g->facts, "/audit/wanted",
					     watch_wanted[i]);
	/* What will be loaded, where what is cannot be asked. */
	if (rules == NULL)
		rules = garita_look_read(&g->view, "/etc/audit/audit.rules",
					 MAX_TEXT, NULL);
	if (rules != NULL)
		put_watches(g->facts, rules);
}

void garita_gather_access(const struct garita_gathering *g)
{
	gather_gate(g);
	gather_owners(g);
	gather_audit(g);
}
