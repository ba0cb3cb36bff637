/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sources - see the header. What is sensitive is the host's own: its accounts,
 * keys, programs, logs, and the state of its engines.
 */
#include "policy/rules/sources.h"

#include <string.h>

#include "garita/match.h"
#include "garita/path.h"
#include "policy/memo.h"

/* How much of a directory is the host's business. BELOW is for plain paths,
 * a pattern says "**" itself. */
enum reach {
	ITSELF, /* the directory, not what is in it */
	BELOW,  /* and everything in it */
};

static const struct {
	char path[24];
	enum reach reach;
} sensitive[] = {
	{ "/bin", BELOW },
	{ "/boot", BELOW },
	{ "/dev", BELOW },
	{ "/etc", BELOW },
	{ "/home", ITSELF },
	{ "/home/*", ITSELF },
	{ "/home/*/.aws", ITSELF },
	{ "/home/*/.aws/**", ITSELF },
	{ "/home/*/.docker", ITSELF },
	{ "/home/*/.docker/**", ITSELF },
	{ "/home/*/.gnupg", ITSELF },
	{ "/home/*/.gnupg/**", ITSELF },
	{ "/home/*/.kube", ITSELF },
	{ "/home/*/.kube/**", ITSELF },
	{ "/home/*/.ssh", ITSELF },
	{ "/home/*/.ssh/**", ITSELF },
	{ "/lib", BELOW },
	{ "/lib32", BELOW },
	{ "/lib64", BELOW },
	{ "/proc", BELOW },
	{ "/root", ITSELF },
	{ "/root/.aws", BELOW },
	{ "/root/.docker", BELOW },
	{ "/root/.gnupg", BELOW },
	{ "/root/.kube", BELOW },
	{ "/root/.ssh", BELOW },
	{ "/run", BELOW },
	{ "/sbin", BELOW },
	{ "/sys", BELOW },
	{ "/usr", BELOW },
	{ "/var/lib/containerd", BELOW },
	{ "/var/lib/containers", BELOW },
	{ "/var/lib/crio", BELOW },
	{ "/var/lib/docker", BELOW },
	{ "/var/lib/etcd", BELOW },
	{ "/var/lib/garita", BELOW },
	{ "/var/lib/kubelet", BELOW },
	{ "/var/log", BELOW },
	{ "/var/run", BELOW },
	{ "/var/spool/cron", BELOW },
};

/* Below a sensitive directory, but harmless to read: mounted read-only it
 * passes. The devices are the ones every container has anyway. */
static const char *const harmless[] = {
	"/etc/localtime",
	"/etc/timezone",
	"/etc/ssl/certs",
	"/etc/ssl/certs/**",
	"/etc/pki/ca-trust/extracted",
	"/etc/pki/ca-trust/extracted/**",
	"/usr/share/zoneinfo",
	"/usr/share/zoneinfo/**",
	"/usr/share/ca-certificates",
	"/usr/share/ca-certificates/**",
};
static const char *const harmless_devices[] = {
	"/dev/null",   "/dev/zero",    "/dev/full",
	"/dev/random", "/dev/urandom", "/dev/tty",
};

static char *find_real(const struct garita_case *of,
		       const struct garita_mount *mount)
{
	const char *base = of->host->bundle ? of->host->bundle : "/";
	const struct garita_path_fact *fact;

	if (!mount->bind)
		return NULL;
	fact = garita_host_path(of->host, mount->source);
	if (fact != NULL && fact->real != NULL)
		return garita_path_clean(fact->real);
	return garita_path_clean_from(base, mount->source);
}

/* Five rules ask, at each look. */
static struct garita_memo_source *remembered(const struct garita_case *of,
					     const struct garita_mount *mount)
{
	struct garita_memo *memo = of->memo;
	struct garita_memo_source *source;

	if (memo->sources == NULL) {
		memo->source_count = of->spec->mount_count;
		memo->sources = garita_xcalloc(memo->source_count,
					       sizeof(*memo->sources));
	}
	source = &memo->sources[mount - of->spec->mounts];
	if (!source->known)
		source->real = find_real(of, mount);
	source->known = true;
	return source;
}

const char *garita_source_real(const struct garita_case *of,
			       const struct garita_mount *mount)
{
	return remembered(of, mount)->real;
}

struct garita_shape garita_source_shape(const struct garita_case *of,
					const struct garita_mount *mount)
{
	struct garita_memo_source *source = remembered(of, mount);

	if (!source->shaped && source->real != NULL)
		source->shape = garita_shape_of(of, source->real);
	source->shaped = true;
	return source->shape;
}

bool garita_source_read_only(const struct garita_mount *mount, const char *path)
{
	static const char inner[][27] = {
		"/proc/sys/fs/binfmt_misc",
		"/sys/firmware/efi/efivars",
		"/sys/fs/bpf",
		"/sys/fs/cgroup",
		"/sys/kernel/config",
		"/sys/kernel/debug",
		"/sys/kernel/security",
		"/sys/kernel/tracing",
	};

	if (!mount->recursive || mount->all_read_only)
		return mount->read_only;
	for (size_t i = 0; i < GARITA_COUNT(inner); i++)
		if (garita_path_within(inner[i], path))
			return false;
	return mount->read_only;
}

static bool is_allowed(const struct garita_setting *setting, bool read_only,
		       const char *path)
{
	for (size_t i = 0; i < setting->allow_count; i++) {
		const char *entry = setting->allow[i];
		size_t len = strlen(entry);
		auto_free char *pattern = NULL;

		if (len > 3 && strcmp(entry + len - 3, ":ro") == 0) {
			if (!read_only)
				continue;
			pattern = garita_xstrndup(entry, len - 3);
		}
		if (garita_path_match(pattern ? pattern : entry, path))
			return true;
	}
	return false;
}

bool garita_source_allowed(const struct garita_setting *setting,
			   const struct garita_mount *mount, const char *path)
{
	return is_allowed(setting, garita_source_read_only(mount, path), path);
}

bool garita_destination_allowed(const struct garita_setting *setting,
				const struct garita_mount *mount)
{
	return is_allowed(setting, mount->read_only, mount->clean);
}

bool garita_source_tolerated(const struct garita_case *of,
			     const struct garita_setting *setting,
			     const struct garita_mount *mount, const char *path)
{
	static const char *const open[] = { "/dev", "/run", "/var/run" };

	for (size_t i = 0; i < GARITA_COUNT(open); i++)
		if (garita_path_within(path, open[i]))
			return false;
	return garita_source_read_only(mount, path) && !setting->set &&
	       of->applied->profile == GARITA_PROFILE_BASELINE;
}

const char *garita_source_sensitive(const char *path)
{
	if (strcmp(path, "/") == 0)
		return "/";
	for (size_t i = 0; i < GARITA_COUNT(sensitive); i++) {
		const char *place = sensitive[i].path;

		/* All have a letter behind the slash, by which most differ. */
		if (strncmp(place, path, 2) != 0)
			continue;
		if (garita_path_match(place, path) ||
		    (sensitive[i].reach == BELOW &&
		     garita_path_within(path, place)) ||
		    (strchr(place, '*') == NULL &&
		     garita_path_within(place, path)))
			return place;
	}
	return NULL;
}

bool garita_source_harmless(const struct garita_case *of,
			    const struct garita_mount *mount)
{
	const char *path = garita_source_real(of, mount);

	if (garita_source_shape(of, mount).kind != GARITA_SHAPE_NONE)
		return true;
	if (garita_path_match_any(harmless_devices,
				  GARITA_COUNT(harmless_devices), path))
		return true;
	return mount->read_only &&
	       garita_path_match_any(harmless, GARITA_COUNT(harmless), path);
}
