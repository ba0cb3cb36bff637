/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - looking up facts that were gathered, and the paths that are always
 * gathered.
 */
#include "garita/host.h"

#include <stdlib.h>
#include <string.h>

const char garita_host_known_paths[][GARITA_HOST_KNOWN_PATH] = {
	/* The engines' sockets: who can write to one is root on the host. */
	"/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/crio/crio.sock",
	"/run/podman/podman.sock",
	"/run/cri-dockerd.sock",
	"/run/nri/nri.sock",
	"/run/buildkit/buildkitd.sock",
	"/run/k3s/containerd/containerd.sock",
	/* Masked and read-only paths: only what exists needs covering. */
	"/proc/acpi",
	"/proc/asound",
	"/proc/interrupts",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/sys/firmware",
	"/sys/devices/virtual/powercap",
	"/proc/bus",
	"/proc/fs",
	"/proc/irq",
	"/proc/sys",
	"/proc/sysrq-trigger",
	"",
};

static int by_path(const void *key, const void *fact)
{
	return strcmp(key, ((const struct garita_path_fact *)fact)->path);
}

static const struct garita_path_fact *find(const struct garita_path_fact *facts,
					   size_t count, const char *path)
{
	if (count == 0)
		return NULL;
	return bsearch(path, facts, count, sizeof(*facts), by_path);
}

const struct garita_path_fact *garita_host_path(const struct garita_host *host,
						const char *path)
{
	return find(host->paths, host->path_count, path);
}

const struct garita_path_fact *garita_host_target(
	const struct garita_host *host, const char *clean)
{
	return find(host->targets, host->target_count, clean);
}

static void free_facts(struct garita_path_fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(facts[i].path);
		free(facts[i].real);
		free(facts[i].cgroup);
	}
	free(facts);
}

/* "unconfined", ":ns:unconfined", "unconfined//&other": whoever has that word
 * in the name of a profile of his own can put it on the rule's allow list. */
bool garita_lsm_confines(const char *profile)
{
	return *profile != '\0' && strstr(profile, "unconfined") == NULL;
}

void garita_host_free(struct garita_host *host)
{
	free_facts(host->paths, host->path_count);
	free_facts(host->targets, host->target_count);
	free(host->root);
	free(host->bundle);
	free(host->cwd);
	free(host->guard);
	garita_upper_free(host->upper);
	if (host->facts != NULL)
		garita_facts_free(host->facts);
	free(host->facts);
	*host = (struct garita_host){ 0 };
}
