/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_kernel - which kernel this is, by its makers' count, what is installed
 * beside it, how it was built and how its switches stand.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "garita/advisories.h"
#include "garita/version.h"
#include "hook/directory.h"
#include "hook/host/gather.h"
#include "policy/rules/host_hardening.h"

enum { LINE = 512, MAX_CONFIG = 2 * 1024 * 1024, MAX_CPU = 64 };

/* ---- its number ---- */

static bool has_word(const char *text, const char *const words[])
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

static void put_package(struct garita_facts *facts, const char *distribution,
			const char *version, const char *format)
{
	garita_facts_put_string(facts, "/kernel/package/name",
				strcmp(format, "rpm") == 0 ? "kernel"
							   : "linux");
	garita_facts_put_string(facts, "/kernel/package/distribution",
				distribution);
	garita_facts_put_string(facts, "/kernel/package/version", version);
	garita_facts_put_string(facts, "/kernel/package/format", format);
}

/* "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)" */
static bool by_debian(struct garita_facts *facts, const char *build)
{
	static const char word[] = "Debian ";
	const char *at = strstr(build, word);
	auto_free char *version = NULL;

	if (at == NULL)
		return false;
	at += sizeof(word) - 1;
	version = garita_xstrndup(at, strcspn(at, " "));
	put_package(facts, "debian", version, "deb");
	garita_facts_put_string(facts, "/kernel/number", version);
	return true;
}

/* "Ubuntu 6.8.0-31.31-generic 6.8.1" */
static bool by_ubuntu(const struct garita_gathering *g)
{
	char line[LINE], *package, *number;

	if (!garita_look_line(&g->view, "/proc/version_signature", line,
			      sizeof(line)) ||
	    !garita_starts_with(line, "Ubuntu "))
		return false;
	package = line + strlen("Ubuntu ");
	number = strchr(package, ' ');
	if (number == NULL)
		return false;
	*number++ = '\0';
	put_package(g->facts, "ubuntu", package, "deb");
	garita_facts_put_string(g->facts, "/kernel/number", number);
	return true;
}

/* Kernels that count for themselves: RHEL's is 5.14.0 for ten years. */
static bool by_rpm(struct garita_facts *facts, const char *release)
{
	static const char *const own_count[] = { ".el", ".uek", NULL };
	static const char *const packaged[] = { ".el", ".uek", ".fc", ".amzn",
						NULL };
	const char *dot = strrchr(release, '.');
	auto_free char *version = garita_xstrndup(
		release, dot ? (size_t)(dot - release) : strlen(release));

	if (!has_word(release, packaged))
		return false;
	put_package(facts, strstr(release, ".amzn") ? "amzn" : NULL, version,
		    "rpm");
	if (!has_word(release, own_count))
		garita_facts_put_string(facts, "/kernel/number", release);
	return true;
}

/* A flavour of Ubuntu's, whose signature is not there. */
static bool is_of_ubuntu(const char *release)
{
	static const char *const flavours[] = {
		"-generic", "-lowlatency", "-aws", "-azure",
		"-gcp",     "-oracle",     "-kvm", NULL,
	};

	return has_word(release, flavours);
}

static void gather_number(const struct garita_gathering *g)
{
	const char *release = garita_json_string(
		garita_facts_at(g->facts, "/kernel/release"));
	struct garita_version version;
	struct utsname name;
	char build[LINE] = "";

	if (garita_gather_is_live(g) && uname(&name) == 0)
		snprintf(build, sizeof(build), "%s", name.version);
	else if (!garita_gather_is_live(g))
		(void)garita_look_line(&g->view, "/proc/sys/kernel/version",
				       build, sizeof(build));
	if (release == NULL || by_debian(g->facts, build) || by_ubuntu(g) ||
	    by_rpm(g->facts, release) || is_of_ubuntu(release))
		return;
	if (garita_version_read(release, &version))
		garita_facts_put_string(g->facts, "/kernel/number", release);
}

/* ---- the newest that is installed ---- */

/* "cloud-amd64" of "6.1.0-18-cloud-amd64", "x86_64+debug" of
 * "5.14.0-362.8.1.el9_3.x86_64+debug": kernels of another flavour are no
 * successors. */
static const char *flavour_of(const char *release)
{
	size_t numbers = strspn(release, "0123456789.-");

	if (numbers > 0 && release[numbers - 1] == '.')
		return strrchr(release, '.');
	return release + numbers;
}

/* Nothing where the kernel that runs is not of /boot: then it is not from
 * there that this machine starts. */
static void gather_newest(const struct garita_gathering *g)
{
	static const char prefix[] = "vmlinuz-";
	const char *release = garita_json_string(
		garita_facts_at(g->facts, "/kernel/release"));
	auto_free char *newest = NULL;
	auto_directory *dir = garita_look_list(&g->view, "/boot");
	const char *file = NULL;
	bool own = false;
	int failed = 0;

	while (dir != NULL && release != NULL &&
	       (failed = garita_directory_next(dir, &file)) == 0 &&
	       file != NULL) {
		const char *name = file + sizeof(prefix) - 1;

		if (!garita_starts_with(file, prefix) ||
		    !garita_is_digit(*name) ||
		    strcmp(flavour_of(name), flavour_of(release)) != 0)
			continue;
		own = own || strcmp(name, release) == 0;
		if (newest != NULL &&
		    garita_version_compare_rpm(name, newest) <= 0)
			continue;
		free(newest);
		newest = garita_xstrdup(name);
	}
	if (own && failed == 0)
		garita_facts_put_string(g->facts, "/kernel/newest", newest);
}

/* ---- how it was built ---- */

struct options {
	struct garita_facts *facts;
	const char *config;
};

/* "CONFIG_X=y", or "# CONFIG_X is not set", or no word of it. */
static void put_option(const char *name, void *data)
{
	const struct options *options = data;
	auto_text line = { 0 }, pointer = { 0 };
	const char *at;
	char value[2] = "n";

	garita_text_printf(&line, "\n%s=", name);
	garita_text_printf(&pointer, "/kernel/options/%s", name);
	at = strstr(options->config, line.data);
	if (at != NULL)
		value[0] = at[line.len];
	garita_facts_put_string(options->facts, pointer.data, value);
}

static char *read_config(const struct garita_gathering *g)
{
	static const char *const places[] = { "/proc/config.gz",
					      "/boot/config-",
					      "/lib/modules/" };
	const char *release = garita_json_string(
		garita_facts_at(g->facts, "/kernel/release"));
	char *config = garita_gather_unzip(&g->view, places[0], MAX_CONFIG);

	for (size_t i = 1; config == NULL && release && i < 3; i++) {
		auto_text path = { 0 };

		garita_text_printf(&path, "%s%s%s", places[i], release,
				   i == 2 ? "/config" : "");
		config = garita_gather_unzip(&g->view, path.data, MAX_CONFIG);
	}
	return config;
}

static void gather_options(const struct garita_gathering *g)
{
	auto_free char *config = read_config(g);
	struct options options = { g->facts, config };

	/* A file that is cut short would say "n" of what it lost. */
	if (config == NULL || strstr(config, "\nCONFIG_") == NULL)
		return;
	for (size_t i = 0; i < GARITA_COUNT(g->tables); i++)
		if (g->tables[i] != NULL)
			garita_advisories_options(g->tables[i], put_option,
						  &options);
}

/* ---- switches ---- */

/* The interfaces where packets for 127.0.0.0/8 may come from outside. */
static void gather_route_localnet(const struct garita_gathering *g,
				  struct garita_json *into)
{
	static const char conf[] = "/proc/sys/net/ipv4/conf";
	auto_directory *dir = garita_look_list(&g->view, conf);
	auto_text open = { 0 };
	const char *name = NULL;
	int failed = 0;

	if (dir == NULL)
		return;
	while ((failed = garita_directory_next(dir, &name)) == 0 &&
	       name != NULL) {
		auto_text path = { 0 };
		char value[16];

		garita_text_printf(&path, "%s/%s/route_localnet", conf, name);
		if (*name == '.' || open.len > LINE ||
		    !garita_look_line(&g->view, path.data, value,
				      sizeof(value)) ||
		    strcmp(value, "0") == 0)
			continue;
		garita_text_printf(&open, "%s%s", open.len ? " " : "", name);
	}
	if (failed < 0) /* there may be more of them */
		return;
	garita_json_put_string(g->facts->doc, into,
			       GARITA_SYSCTL_ROUTE_LOCALNET,
			       open.len > 0 ? open.data : "0");
}

static void gather_sysctls(const struct garita_gathering *g)
{
	struct garita_json *all = garita_json_new_object(g->facts->doc);
	const char *name;

	if (!garita_look_exists(&g->view, "/proc/sys/kernel"))
		return;
	for (size_t i = 0; (name = garita_host_sysctl(i)) != NULL; i++) {
		auto_text path = { 0 };
		char value[LINE];

		if (strcmp(name, GARITA_SYSCTL_ROUTE_LOCALNET) == 0) {
			gather_route_localnet(g, all);
			continue;
		}
		garita_text_printf(&path, "/proc/sys/%s", name);
		for (char *at = path.data; *at != '\0'; at++)
			if (*at == '.')
				*at = '/';
		if (garita_look_line(&g->view, path.data, value, sizeof(value)))
			garita_json_put_string(g->facts->doc, all, name, value);
		else if (errno == ENOENT)
			garita_json_put_string(g->facts->doc, all, name,
					       GARITA_SYSCTL_ABSENT);
	}
	garita_facts_put(g->facts, "/sysctls", all);
}

static void gather_cpu(const struct garita_gathering *g)
{
	static const char path[] = "/sys/devices/system/cpu/vulnerabilities";
	auto_directory *dir = garita_look_list(&g->view, path);
	struct garita_json *all;
	const char *name = NULL;
	size_t count = 0;
	int failed = 0;

	if (dir == NULL)
		return;
	all = garita_json_new_object(g->facts->doc);
	while (count < MAX_CPU &&
	       (failed = garita_directory_next(dir, &name)) == 0 &&
	       name != NULL) {
		auto_text file = { 0 };
		char says[LINE];

		if (*name == '.')
			continue;
		count++;
		garita_text_printf(&file, "%s/%s", path, name);
		garita_json_put_string(g->facts->doc, all, name,
				       garita_look_line(&g->view, file.data,
							says, sizeof(says))
					       ? says
					       : "Unknown");
	}
	if (failed == 0)
		garita_facts_put(g->facts, "/cpu-vulnerabilities", all);
}

static void gather_command_line(const struct garita_gathering *g)
{
	char line[4096];

	if (garita_look_line(&g->view, "/proc/cmdline", line, sizeof(line)))
		garita_facts_put_bool(g->facts, "/kernel/mitigations-off",
				      strstr(line, "mitigations=off") != NULL);
}

void garita_gather_kernel(const struct garita_gathering *g)
{
	gather_number(g);
	gather_newest(g);
	gather_options(g);
	gather_sysctls(g);
	gather_cpu(g);
	gather_command_line(g);
}
