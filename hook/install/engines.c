/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engines - the engines that garita can be put into, and which of them are
 * there.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "hook/install/install.h"

static const struct garita_install_engine *const engines[] = {
	&garita_install_podman,     &garita_install_docker,
	&garita_install_containerd, &garita_install_crio,
	&garita_install_runc,
};

const struct garita_install_engine *garita_install_engine_at(size_t i)
{
	return i < GARITA_COUNT(engines) ? engines[i] : NULL;
}

char *garita_install_below(const struct garita_install_options *options,
			   const char *path)
{
	auto_text below = { 0 };

	garita_text_printf(&below, "%s%s", options->sysroot, path);
	return garita_text_take(&below);
}

bool garita_install_is_present(const struct garita_install_options *options,
			       const struct garita_install_engine *engine)
{
	for (const char *const *at = engine->programs; *at != NULL; at++) {
		auto_free char *path = garita_install_below(options, *at);
		struct stat st;

		/* A link in an image may lead out of it: it is there. */
		if (lstat(path, &st) == 0)
			return true;
	}
	return false;
}
