/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - looking up facts that were gathered, and the paths that are always
 * gathered.
 */
#include "garita/host.h"

#include <stdlib.h>
#include <string.h>

const char *const garita_host_known_paths[] = {
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
	NULL,
};

static int by_path(const void *key, const void *fact)
{
	return strcmp(key, ((const struct garita_path_fact *)fact)->path);
}

const struct garita_path_fact *garita_host_path(const struct garita_host *host,
						const char *path)
{
	if (host->path_count == 0)
		return NULL;
	return bsearch(path, host->paths, host->path_count,
		       sizeof(*host->paths), by_path);
}

void garita_host_free(struct garita_host *host)
{
	for (size_t i = 0; i < host->path_count; i++) {
		free(host->paths[i].path);
		free(host->paths[i].real);
	}
	free(host->paths);
	free(host->bundle);
	free(host->cwd);
	*host = (struct garita_host){ 0 };
}
