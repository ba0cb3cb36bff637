/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * podman - a drop-in that makes the gate the runtime, and hook entries.
 *
 * Lists in containers.conf(5) replace one another and tables are merged
 * (measured with 4.3), so the drop-in names every runtime that podman itself
 * knows to speak JSON. The createRuntime entry refuses what came by another
 * runtime (podman --runtime); the precreate entry is in a directory of its
 * own, because CRI-O does not start with one in its.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "hook/directory.h"
#include "hook/file.h"
#include "hook/install/install.h"

#define CONF_DIR      "/etc/containers/containers.conf.d"
#define CONF_NAME     "50-garita.conf"
#define HOOKS_DIR     "/usr/share/containers/oci/hooks.d"
#define PRECREATE_DIR "/etc/containers/oci/garita.d"

static void put_conf(const struct garita_install_options *options,
		     const char *hooks_dir, struct garita_text *out)
{
	garita_text_printf(
		out,
		"# Written by garita install; garita uninstall podman takes it "
		"away.\n"
		"[engine]\n"
		"runtime = \"garita\"\n"
		"# Without its name here podman passes no --log.\n"
		"runtime_supports_json = [\"crun\", \"runc\", \"kata\", "
		"\"runsc\", \"youki\", \"krun\", \"garita\"]\n");
	if (options->precreate)
		garita_text_printf(out, "hooks_dir = [\"%s\", \"%s\"]\n",
				   hooks_dir, PRECREATE_DIR);
	else if (options->hooks_dir != NULL)
		garita_text_printf(out, "hooks_dir = [\"%s\"]\n", hooks_dir);
	garita_text_printf(out, "\n[engine.runtimes]\ngarita = [\"%s\"]\n",
			   options->runtime);
}

/* env is there on purpose: without it the hook gets its caller's. */
static void put_entry(const struct garita_install_options *options,
		      const char *stage, struct garita_text *out)
{
	garita_text_printf(
		out,
		"{\n"
		"  \"version\": \"1.0.0\",\n"
		"  \"hook\": {\n"
		"    \"path\": \"%s\",\n"
		"    \"args\": [\"garita-hook\", \"%s\"],\n"
		"    \"env\": [\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]"
		",\n"
		"    \"timeout\": 10\n"
		"  },\n"
		"  \"when\": { \"always\": true },\n"
		"  \"stages\": [\"%s\"]\n"
		"}\n",
		options->hook, stage, stage);
}

static int plan_entry(const struct garita_install_options *options,
		      struct garita_install_plan *plan, const char *dir,
		      const char *name, const char *stage,
		      struct garita_error *err)
{
	auto_text path = { 0 }, text = { 0 };

	garita_text_printf(&path, "%s/%s", dir, name);
	put_entry(options, stage, &text);
	return garita_install_plan_ours(options, plan, path.data, text.data,
					err);
}

/* "  key = ..." at the beginning of a line. */
static bool sets(const char *text, const char *key)
{
	const size_t len = strlen(key);

	for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
		at += strspn(at, " \t\r\n");
		if (strncmp(at, key, len) == 0 &&
		    at[len + strspn(at + len, " \t")] == '=')
			return true;
	}
	return false;
}

/* Another file of podman's: may it undo what ours says? `later`: it is read
 * after ours. */
static int look_at(const struct garita_install_options *options,
		   const char *path, bool later, struct garita_error *err)
{
	auto_plan other = { 0 };
	struct garita_install_file *file = NULL;
	int rc = garita_install_plan_file(options, &other, path, &file, err);

	if (rc < 0 || !file->exists || file->before.len == 0)
		return rc;
	if (sets(file->before.data, "hooks_dir") &&
	    (later || options->hooks_dir == NULL))
		return garita_fail(err, EEXIST,
				   "%s sets hooks_dir; say with --hooks-dir "
				   "which directory its entries are in",
				   path);
	if (later && (sets(file->before.data, "runtime") ||
		      sets(file->before.data, "runtime_supports_json")))
		return garita_fail(err, EEXIST,
				   "%s is read after " CONF_NAME
				   " and sets another runtime",
				   path);
	return 0;
}

static int look_at_drop_ins(const struct garita_install_options *options,
			    struct garita_error *err)
{
	auto_free char *below = garita_install_below(options, CONF_DIR);
	auto_directory *dir = garita_directory_open(below);
	const char *name = NULL;
	int failed = dir == NULL ? -errno : 0;

	if (failed == -ENOENT)
		return 0;
	while (failed == 0 &&
	       (failed = garita_directory_next(dir, &name)) == 0 &&
	       name != NULL) {
		auto_text path = { 0 };
		const char *end = strrchr(name, '.');
		int rc;

		if (end == NULL || strcmp(end, ".conf") != 0 ||
		    strcmp(name, CONF_NAME) == 0)
			continue;
		garita_text_printf(&path, "%s/%s", CONF_DIR, name);
		rc = look_at(options, path.data, strcmp(name, CONF_NAME) > 0,
			     err);
		if (rc < 0)
			return rc;
	}
	return failed < 0 ? garita_fail(err, -failed, "cannot read %s: %s",
					CONF_DIR, strerror(-failed))
			  : 0;
}

static int plan(const struct garita_install_options *options,
		struct garita_install_plan *ret, struct garita_error *err)
{
	const char *dir = options->hooks_dir ? options->hooks_dir : HOOKS_DIR;
	auto_text conf = { 0 };
	int rc = look_at(options, "/usr/share/containers/containers.conf",
			 false, err);

	if (rc == 0)
		rc = look_at(options, "/etc/containers/containers.conf", false,
			     err);
	if (rc == 0)
		rc = look_at_drop_ins(options, err);
	put_conf(options, dir, &conf);
	/* Entries first: they refuse what the runtime has not seen. */
	if (rc == 0)
		rc = plan_entry(options, ret, dir, "50-garita.json",
				"createRuntime", err);
	if (rc == 0 && options->precreate)
		rc = plan_entry(options, ret, PRECREATE_DIR,
				"50-garita-precreate.json", "precreate", err);
	if (rc == 0)
		rc = garita_install_plan_ours(
			options, ret, CONF_DIR "/" CONF_NAME, conf.data, err);
	if (options->precreate)
		garita_text_puts(&ret->notes,
				 "precreate: podman build fails on this host "
				 "while its entry is there\n");
	garita_text_puts(&ret->notes,
			 "a missing garita-hook is skipped by podman without a "
			 "word; the runtime is what holds\n");
	return rc;
}

static const char *const programs[] = { "/usr/bin/podman",
					"/usr/local/bin/podman", NULL };

const struct garita_install_engine garita_install_podman = {
	.name = "podman",
	.programs = programs,
	.by_name = true,
	.plan = plan,
};
