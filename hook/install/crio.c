/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crio - a drop-in that makes the gate CRI-O's default runtime.
 *
 * Hook entries are podman's to install: CRI-O reads the same directory, and
 * never a precreate entry from it.
 */
#include "hook/install/install.h"

static int plan(const struct garita_install_options *options,
		struct garita_install_plan *ret, struct garita_error *err)
{
	auto_text text = { 0 };

	garita_text_printf(&text,
			   "# Written by garita install; garita uninstall crio "
			   "takes it away.\n"
			   "[crio.runtime]\n"
			   "default_runtime = \"garita\"\n"
			   "\n"
			   "[crio.runtime.runtimes.garita]\n"
			   "runtime_path = \"%s\"\n"
			   "runtime_type = \"oci\"\n"
			   "runtime_root = \"/run/garita-runtime\"\n"
			   "monitor_path = \"/usr/bin/conmon\"\n",
			   options->runtime);
	return garita_install_plan_ours(options, ret,
					"/etc/crio/crio.conf.d/50-garita.conf",
					text.data, err);
}

static const char *const programs[] = { "/usr/bin/crio", "/usr/local/bin/crio",
					NULL };

const struct garita_install_engine garita_install_crio = {
	.name = "crio",
	.programs = programs,
	.by_name = true,
	.restart = "crio",
	.plan = plan,
};
