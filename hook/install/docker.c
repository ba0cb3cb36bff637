/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker - the gate as a runtime of daemon.json, and its default.
 *
 * Never with runtimeArgs: dockerd would write a shell script that splits the
 * arguments anew, and garita would not be what it runs.
 */
#include "hook/install/install.h"

#define CONFIG "/etc/docker/daemon.json"

static int plan(const struct garita_install_options *options,
		struct garita_install_plan *ret, struct garita_error *err)
{
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, ret, CONFIG, &file, err);

	if (rc < 0)
		return rc;
	rc = garita_install_edit_daemon_json(&file->before, options->runtime,
					     &file->after, err);
	garita_text_puts(
		&ret->notes,
		"containers that exist keep the runtime they were made "
		"with\n"
		"dockerd does not start when its command line sets "
		"--default-runtime, too\n");
	return rc < 0 ? garita_fail_in(err, CONFIG) : 0;
}

static const char *const programs[] = { "/usr/sbin/dockerd", "/usr/bin/dockerd",
					"/usr/local/bin/dockerd", NULL };

const struct garita_install_engine garita_install_docker = {
	.name = "docker",
	.programs = programs,
	.restart = "docker",
	.plan = plan,
};
