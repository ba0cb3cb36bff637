/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_engines - what docker and containerd were told: by their files, and
 * dockerd by the command line that it runs with, which its unit wrote.
 *
 * Only what rules ask about is taken: such files may hold passwords.
 */
#include <stdio.h>
#include <string.h>

#include "hook/doctor/doctor.h"
#include "hook/directory.h"
#include "hook/host/gather.h"
#include "hook/install/toml.h"

enum { MAX_CONFIG = 1024 * 1024, MAX_LINE = 64 * 1024 };

#define SEP "\x1f"

/* ---- docker ---- */

enum kind { IS_BOOL, IS_STRING, IS_LIST };

static const struct {
	const char *key;  /* in daemon.json */
	const char *flag; /* of dockerd; NULL: the same */
	enum kind kind;
} settings[] = {
	{ "icc", NULL, IS_BOOL },
	{ "userns-remap", NULL, IS_STRING },
	{ "no-new-privileges", NULL, IS_BOOL },
	{ "live-restore", NULL, IS_BOOL },
	{ "userland-proxy", NULL, IS_BOOL },
	{ "seccomp-profile", NULL, IS_STRING },
	{ "insecure-registries", "insecure-registry", IS_LIST },
	{ "log-driver", NULL, IS_STRING },
	{ "default-ulimits", "default-ulimit", IS_LIST },
	{ "experimental", NULL, IS_BOOL },
	{ "hosts", "host", IS_LIST },
	{ "tlsverify", NULL, IS_BOOL },
};

static void put_setting(struct garita_facts *facts, size_t i, const char *value)
{
	auto_text pointer = { 0 };

	garita_text_printf(&pointer, "/engines/docker/settings/%s",
			   settings[i].key);
	switch (settings[i].kind) {
	case IS_BOOL:
		garita_facts_put_bool(facts, pointer.data,
				      strcmp(value, "true") == 0 ||
					      strcmp(value, "1") == 0);
		break;
	case IS_STRING:
		garita_facts_put_string(facts, pointer.data, value);
		break;
	case IS_LIST:
		garita_gather_append(facts, pointer.data, value);
		break;
	}
}

/* A list of strings, or the names of an object, which is how default-ulimits
 * is written. */
static void put_list(struct garita_facts *facts, size_t i,
		     const struct garita_json *value)
{
	for (size_t n = 0; n < garita_json_count(value); n++) {
		const char *item = garita_json_key(value, n);

		if (item == NULL)
			item = garita_json_string(garita_json_item(value, n));
		if (item != NULL)
			put_setting(facts, i, item);
	}
}

static void put_value(struct garita_facts *facts, size_t i,
		      const struct garita_json *value)
{
	switch (settings[i].kind) {
	case IS_BOOL:
		put_setting(facts, i, garita_json_bool(value) ? "true" : "");
		break;
	case IS_STRING:
		if (garita_json_string(value) != NULL)
			put_setting(facts, i, garita_json_string(value));
		break;
	case IS_LIST:
		put_list(facts, i, value);
		break;
	}
}

/* False when the file is there and cannot be read as what it should be. */
static bool read_daemon_json(const struct garita_gathering *g)
{
	static const char path[] = "/etc/docker/daemon.json";
	auto_json struct garita_json_doc *doc = NULL;
	size_t len = 0;
	auto_free char *text =
		garita_look_read(&g->view, path, MAX_CONFIG, &len);

	if (text == NULL)
		return garita_look_is_absent(&g->view, path);
	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return false;
	for (size_t i = 0; i < GARITA_COUNT(settings); i++) {
		const struct garita_json *value =
			garita_json_get(garita_json_root(doc), settings[i].key);

		if (value != NULL)
			put_value(g->facts, i, value);
	}
	return true;
}

/* One word of the command line; `next` is the one behind it, or NULL. */
static void read_flag(struct garita_facts *facts, const char *word,
		      const char *next)
{
	const char *equals = strchr(word, '=');
	size_t len;

	if (strcmp(word, "-H") == 0)
		word = "--host";
	if (!garita_starts_with(word, "--"))
		return;
	word += 2;
	len = equals ? (size_t)(equals - word) : strlen(word);
	for (size_t i = 0; i < GARITA_COUNT(settings); i++) {
		const char *flag =
			settings[i].flag ? settings[i].flag : settings[i].key;

		if (strlen(flag) != len || strncmp(word, flag, len) != 0)
			continue;
		if (equals != NULL)
			put_setting(facts, i, equals + 1);
		else if (settings[i].kind == IS_BOOL)
			put_setting(facts, i, "true");
		else if (next != NULL)
			put_setting(facts, i, next);
	}
}

static void read_command_line(const struct garita_gathering *g,
			      const char *path)
{
	size_t len = 0;
	auto_free char *line = garita_look_read(&g->view, path, MAX_LINE, &len);

	for (size_t at = 0; line != NULL && at < len;) {
		size_t next = at + strlen(line + at) + 1;

		read_flag(g->facts, line + at, next < len ? line + next : NULL);
		at = next;
	}
}

/* Of a dockerd that runs. */
static void read_running(const struct garita_gathering *g)
{
	auto_directory *dir = garita_look_list(&g->view, "/proc");
	const char *pid = NULL;

	while (dir != NULL && garita_directory_next(dir, &pid) == 0 &&
	       pid != NULL) {
		char path[300], name[32];

		if (!garita_is_digit(*pid))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", pid);
		if (!garita_look_line(&g->view, path, name, sizeof(name)) ||
		    strcmp(name, "dockerd") != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
		read_command_line(g, path);
		break;
	}
}

static bool is_here(const struct garita_gathering *g, const char *program)
{
	auto_text pointer = { 0 };

	garita_text_printf(&pointer, "/programs/%s/path", program);
	return garita_facts_at(g->facts, pointer.data) != NULL;
}

static void gather_docker(const struct garita_gathering *g)
{
	bool here = is_here(g, "docker");

	garita_facts_put_bool(g->facts, "/engines/docker/here", here);
	if (!here)
		return;
	garita_facts_put(g->facts, "/engines/docker/settings",
			 garita_json_new_object(g->facts->doc));
	if (read_daemon_json(g))
		read_running(g);
	else
		garita_facts_put(g->facts, "/engines/docker/settings", NULL);
}

/* ---- containerd ---- */

static const char *const cri_settings[] = {
	"unset_seccomp_profile",
	"disable_apparmor",
	"enable_selinux",
	"enable_unprivileged_ports",
	"privileged_without_host_devices",
};

static bool is_of_cri(const char *path)
{
	return garita_starts_with(path,
				  "plugins" SEP "io.containerd.grpc.v1.cri") ||
	       garita_starts_with(path,
				  "plugins" SEP "io.containerd.cri.v1.runtime");
}

/* true, false, or a string without its quotes. */
static void put_cri(struct garita_facts *facts, const char *name,
		    const char *value, size_t len)
{
	auto_text pointer = { 0 };
	auto_free char *text = NULL;

	garita_text_printf(&pointer, "/engines/containerd/settings/%s", name);
	if (len >= 2 && strchr("\"'", *value) != NULL) {
		text = garita_xstrndup(value + 1, len - 2);
		garita_facts_put_string(facts, pointer.data, text);
	} else {
		garita_facts_put_bool(facts, pointer.data,
				      len == 4 &&
					      memcmp(value, "true", 4) == 0);
	}
}

static void read_cri(struct garita_facts *facts, const char *text,
		     const struct garita_toml *toml)
{
	for (size_t i = 0; i < toml->count; i++) {
		const struct garita_toml_item *item = &toml->items[i];
		const char *name = strrchr(item->path, SEP[0]);
		size_t len = item->value_end - item->value;

		if (item->kind != GARITA_TOML_KEY)
			continue;
		if (strcmp(item->path, "imports") == 0)
			garita_facts_put_bool(
				facts, "/engines/containerd/imports",
				memchr(text + item->value, '"', len) != NULL ||
					memchr(text + item->value, '\'', len) !=
						NULL);
		if (name == NULL || !is_of_cri(item->path))
			continue;
		for (size_t c = 0; c < GARITA_COUNT(cri_settings); c++)
			if (strcmp(cri_settings[c], name + 1) == 0)
				put_cri(facts, name + 1, text + item->value,
					len);
	}
}

/* False when the file is there and is not understood. */
static bool read_containerd(const struct garita_gathering *g)
{
	static const char path[] = "/etc/containerd/config.toml";
	auto_free char *text =
		garita_look_read(&g->view, path, MAX_CONFIG, NULL);
	auto_toml toml = { 0 };

	if (text == NULL)
		return garita_look_is_absent(&g->view, path);
	if (garita_toml_read(text, &toml, NULL) < 0)
		return false;
	read_cri(g->facts, text, &toml);
	return true;
}

static void gather_containerd(const struct garita_gathering *g)
{
	bool here = is_here(g, "containerd");

	garita_facts_put_bool(g->facts, "/engines/containerd/here", here);
	if (!here)
		return;
	garita_facts_put(g->facts, "/engines/containerd/settings",
			 garita_json_new_object(g->facts->doc));
	if (!read_containerd(g))
		garita_facts_put(g->facts, "/engines/containerd/settings",
				 NULL);
}

void garita_gather_engines(const struct garita_gathering *g)
{
	gather_docker(g);
	gather_containerd(g);
}
