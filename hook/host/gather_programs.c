/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_programs - the versions of runtimes and engines, and what is known of
 * them by the package that they came in: its version, and what its changelog
 * says was fixed. A program that is not the package's (copied over it, built
 * by somebody) is nothing that the package could speak for.
 */
#include <string.h>

#include "garita/packages.h"
#include "garita/version.h"
#include "hook/host/gather.h"

enum {
	MAX_STATUS = 32 * 1024 * 1024,
	MAX_SAID = 16 * 1024,
	MAX_CHANGELOG = 4 * 1024 * 1024,
	MAX_RELEASE = 64 * 1024,
};

static const char *const directories[] = {
	"/usr/bin",        "/usr/sbin", "/usr/local/bin",
	"/usr/local/sbin", "/bin",      "/sbin",
};

struct program {
	const char *name;    /* in the facts */
	const char *file;    /* what is run */
	const char *debs[4]; /* packages it may be of; ends in NULL */
};

static const struct program programs[] = {
	{ "runc", "runc", { "runc", "containerd.io", NULL } },
	{ "crun", "crun", { "crun", NULL } },
	{ "containerd", "containerd", { "containerd", "containerd.io", NULL } },
	{ "docker", "dockerd", { "docker.io", "docker-ce", "moby-engine" } },
};

/* What all programs are looked up in. */
struct source {
	const struct garita_gathering *g;
	const char *status; /* dpkg's, or NULL */
};

/* ---- one program ---- */

/* Where the gate stands in a runtime's place, that is NAME.real beside it. */
static char *find(const struct garita_view *view, const char *file,
		  bool *ret_absent)
{
	static const char *const ends[] = { ".real", "" };

	for (size_t i = 0; i < 2 * GARITA_COUNT(directories); i++) {
		auto_text path = { 0 };

		garita_text_printf(&path, "%s/%s%s", directories[i / 2], file,
				   ends[i % 2]);
		if (garita_look_exists(view, path.data))
			return garita_text_take(&path);
		*ret_absent =
			*ret_absent && garita_look_is_absent(view, path.data);
	}
	return NULL;
}

static void put(const struct source *from, const struct program *program,
		const char *member, const char *value)
{
	auto_text pointer = { 0 };

	garita_text_printf(&pointer, "/programs/%s/%s", program->name, member);
	garita_facts_put_string(from->g->facts, pointer.data, value);
}

/* The same numbers: then the program may well be the package's. */
static bool is_of_package(const char *version, const char *package)
{
	const char *colon = strchr(package, ':');
	struct garita_version a, b;

	return garita_version_read(version, &a) &&
	       garita_version_read(colon ? colon + 1 : package, &b) &&
	       garita_version_compare(&a, &b) == 0;
}

struct naming {
	const struct source *from;
	const struct program *program;
	const char *changelog;
};

/* Those of the table that the changelog names. */
static void put_fixes(const struct naming *naming)
{
	const struct garita_gathering *g = naming->from->g;
	auto_text pointer = { 0 };

	garita_text_printf(&pointer, "/programs/%s/fixes",
			   naming->program->name);
	for (size_t t = 0; t < GARITA_COUNT(g->tables); t++) {
		const struct garita_json *list =
			g->tables[t] ? garita_json_get(
					       garita_json_root(g->tables[t]),
					       "advisories")
				     : NULL;

		for (size_t i = 0; i < garita_json_count(list); i++) {
			const struct garita_json *entry =
				garita_json_item(list, i);
			const char *id = garita_json_string(
				garita_json_get(entry, "id"));
			const char *about = garita_json_string(
				garita_json_get(entry, "about"));
			size_t len = strlen(id);
			const char *at = naming->changelog;

			if (strcmp(about, naming->program->name) != 0)
				continue;
			/* CVE-2024-2162 is not CVE-2024-21626. */
			while ((at = strstr(at, id)) != NULL &&
			       garita_is_digit(at[len]))
				at++;
			if (at != NULL)
				garita_gather_append(g->facts, pointer.data,
						     id);
		}
	}
}

static void put_package(const struct source *from,
			const struct program *program, const char *name,
			const char *version, const char *format)
{
	put(from, program, "package/name", name);
	put(from, program, "package/version", version);
	put(from, program, "package/format", format);
}

static char *read_changelog(const struct garita_view *view, const char *package)
{
	static const char *const files[] = { "changelog.Debian.gz",
					     "changelog.gz" };
	char *text = NULL;

	for (size_t i = 0; text == NULL && i < GARITA_COUNT(files); i++) {
		auto_text path = { 0 };

		garita_text_printf(&path, "/usr/share/doc/%s/%s", package,
				   files[i]);
		text = garita_gather_unzip(view, path.data, MAX_CHANGELOG);
	}
	return text;
}

/* `version`: what the program says, or NULL where it cannot be run; then the
 * package has the word. */
static void ask_dpkg(const struct source *from, const struct program *program,
		     const char *version)
{
	for (size_t i = 0; i < GARITA_COUNT(program->debs); i++) {
		const char *name = program->debs[i];
		auto_free char *package =
			name ? garita_packages_deb(from->status, name) : NULL;
		auto_free char *changelog = NULL;

		if (package == NULL ||
		    (version != NULL && !is_of_package(version, package)))
			continue;
		changelog = read_changelog(&from->g->view, name);
		if (version == NULL)
			put(from, program, "version", package);
		put_package(from, program, name, package, "deb");
		if (changelog != NULL) {
			const struct naming naming = { from, program,
						       changelog };

			put_fixes(&naming);
		}
		return;
	}
}

static void ask_rpm(const struct source *from, const struct program *program,
		    const char *path, const char *version)
{
	const char *const query[] = {
		"/usr/bin/rpm", "-qf", "--qf", "%{NAME} %{VERSION}-%{RELEASE}",
		path,           NULL
	};
	const char *const log[] = { "/usr/bin/rpm", "-qf", "--changelog", path,
				    NULL };
	auto_free char *said = garita_helper(query, MAX_SAID, false);
	auto_free char *changelog = NULL;
	char *blank = said ? strchr(said, ' ') : NULL;

	if (blank == NULL || (version && !is_of_package(version, blank + 1)))
		return;
	*blank = '\0';
	put_package(from, program, said, blank + 1, "rpm");
	changelog = garita_helper(log, MAX_CHANGELOG, true);
	if (changelog != NULL) {
		const struct naming naming = { from, program, changelog };

		put_fixes(&naming);
	}
}

static void gather_program(const struct source *from,
			   const struct program *program)
{
	const struct garita_gathering *g = from->g;
	bool absent = true;
	auto_free char *path = find(&g->view, program->file, &absent);
	auto_free char *said = NULL, *version = NULL, *commit = NULL;
	auto_text pointer = { 0 };

	if (path == NULL) {
		garita_text_printf(&pointer, "/programs/%s/absent",
				   program->name);
		if (absent)
			garita_facts_put_bool(g->facts, pointer.data, true);
		return;
	}
	if (garita_gather_is_live(g)) {
		const char *const argv[] = { path, "--version", NULL };

		said = garita_helper(argv, MAX_SAID, false);
	}
	version = said ? garita_packages_version(said) : NULL;
	commit = said ? garita_packages_commit(said) : NULL;
	put(from, program, "path", path);
	put(from, program, "version", version);
	put(from, program, "commit", commit);
	if (from->status != NULL)
		ask_dpkg(from, program, version);
	else if (garita_gather_is_live(g))
		ask_rpm(from, program, path, version);
}

/* ---- the kernel's package, the distribution ---- */

/* "debian/bookworm", "ubuntu/jammy", "rhel/9" */
static void gather_distribution(const struct garita_gathering *g)
{
	auto_free char *text = garita_look_read(&g->view, "/etc/os-release",
						MAX_RELEASE, NULL);
	auto_free char *id = text ? garita_packages_os(text, "ID") : NULL;
	auto_free char *name = NULL, *number = NULL;
	auto_text word = { 0 };

	if (id == NULL)
		return;
	name = garita_packages_os(text, "VERSION_CODENAME");
	number = garita_packages_os(text, "VERSION_ID");
	if (name != NULL && *name != '\0')
		garita_text_printf(&word, "%s/%s", id, name);
	else if (number != NULL)
		garita_text_printf(&word, "%s/%.*s", id,
				   (int)strcspn(number, "."), number);
	else
		garita_text_puts(&word, id);
	garita_facts_put_string(g->facts, "/distribution", word.data);
}

void garita_gather_programs(const struct garita_gathering *g)
{
	auto_free char *status = garita_look_read(
		&g->view, "/var/lib/dpkg/status", MAX_STATUS, NULL);
	const struct source from = { g, status };

	gather_distribution(g);
	for (size_t i = 0; i < GARITA_COUNT(programs); i++)
		gather_program(&from, &programs[i]);
}
