/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd - the gate as a runtime of the CRI service, and its default.
 *
 * For pods: ctr and nerdctl name a runtime on their own command line. Without
 * a configuration containerd uses its defaults, and a file that says only this
 * leaves them as they are. Where runc may not be replaced, a hook in the spec
 * that configs are made from (base_runtime_spec) refuses.
 */
#include "hook/install/install.h"

#define CONFIG    "/etc/containerd/config.toml"
#define BASE_SPEC "/etc/containerd/garita-base-spec.json"

static int plan_runtime(const struct garita_install_options *options,
			struct garita_install_plan *ret,
			struct garita_error *err)
{
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, ret, CONFIG, &file, err);

	if (rc < 0)
		return rc;
	rc = garita_install_edit_containerd(&file->before, options->runtime,
					    &file->after, err);
	garita_text_puts(&ret->notes,
			 "for pods only: ctr, nerdctl and BuildKit use runc by "
			 "its name; garita install runc stands there, too\n");
	return rc < 0 ? garita_fail_in(err, CONFIG) : 0;
}

/* The spec first: containerd does not start without a file that it names. */
static int plan_base_spec(const struct garita_install_options *options,
			  struct garita_install_plan *ret,
			  struct garita_error *err)
{
	struct garita_install_file *file = NULL;
	auto_text spec = { 0 };
	int rc;

	garita_install_put_base_spec(options->hook, &spec);
	rc = garita_install_plan_ours(options, ret, BASE_SPEC, spec.data, err);
	if (rc == 0)
		rc = garita_install_plan_file(options, ret, CONFIG, &file, err);
	if (rc < 0)
		return rc;
	rc = garita_install_edit_base_spec(&file->before, BASE_SPEC,
					   &file->after, err);
	garita_text_puts(&ret->notes,
			 "a hook can only refuse: what the policy would repair "
			 "is refused, too\n"
			 "for pods only, and exec and update are not judged\n");
	return rc < 0 ? garita_fail_in(err, CONFIG) : 0;
}

static int plan(const struct garita_install_options *options,
		struct garita_install_plan *ret, struct garita_error *err)
{
	return options->base_spec ? plan_base_spec(options, ret, err)
				  : plan_runtime(options, ret, err);
}

static const char *const programs[] = { "/usr/bin/containerd",
					"/usr/local/bin/containerd", NULL };

const struct garita_install_engine garita_install_containerd = {
	.name = "containerd",
	.programs = programs,
	.restart = "containerd",
	.plan = plan,
};
