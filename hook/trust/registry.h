/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registry - what a registry has about an image, fetched by skopeo.
 *
 * Only at import time, never at a start. Registries, credentials, mirrors and
 * TLS are skopeo's business and configuration; what it brings is hashed here
 * and believed as little as any other material.
 */
#ifndef GARITA_HOOK_TRUST_REGISTRY_H
#define GARITA_HOOK_TRUST_REGISTRY_H

#include <stdbool.h>

#include "garita/blobs.h"
#include "garita/error.h"

#define GARITA_REGISTRY_PREFIX "docker://"

struct garita_registry {
	bool insecure;     /* the registry may speak HTTP */
	char *const *envp; /* skopeo's: HOME, proxies, where credentials are */
	/* Called before each fetch with what is fetched; or NULL. */
	void (*tell)(const char *what);
	/* Called with what was left out because it is too large; or NULL. */
	void (*skipped)(const char *what, const char *why);
};

/* `source` is docker://NAME[:TAG|@DIGEST]. Adds the manifest, or the index and
 * the manifests that it lists, and of each what is there under the tags by
 * which cosign finds signatures: sha256-<hex>.sig, .att, and sha256-<hex>,
 * the list of referrers. */
int garita_registry_read(const char *source,
			 const struct garita_registry *registry,
			 struct garita_blobs *ret, struct garita_error *err);

#endif
