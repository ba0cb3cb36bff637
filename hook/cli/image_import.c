/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_import - `garita image import` and `garita image forget`: signatures
 * come to this node before they are needed, and go again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "garita/digests.h"
#include "hook/cli/image.h"
#include "hook/report/report.h"
#include "hook/trust/import.h"
#include "hook/trust/registry.h"
#include "hook/trust/source.h"

struct options {
	const char *digest, *sysroot;
	bool dry_run, insecure;
};

static int complain(const struct garita_cli *cli,
		    const struct garita_error *err)
{
	char words[sizeof(err->text) + sizeof(err->pointer) + 64];

	garita_cli_complain(cli, "%s",
			    garita_error_words(err, words, sizeof(words)));
	return GARITA_EXIT_ERROR;
}

/* Each digest, and what is kept for it. */
static void print_plan(const struct garita_import_plan *plan,
		       struct garita_text *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_import_file *file = &plan->all[i];

		if (i == 0 || strcmp(file->digest, file[-1].digest) != 0)
			garita_text_printf(out, "%s\n", file->digest);
		garita_text_printf(out, "  %s  ", file->name);
		garita_report_put_safe(out, file->blob->name);
		garita_text_putc(out, '\n');
	}
}

/* A registry takes a while; a person may want to know for what. */
static void tell(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "reading %s\n", what);
}

static void skipped(const char *what, const char *why)
{
	auto_text line = { 0 };

	garita_report_put_safe(&line, what);
	garita_text_puts(&line, ": ");
	garita_report_put_safe(&line, why);
	fprintf(stderr, "left out %s\n", line.data);
}

static int read_source(const struct garita_cli *cli, const char *source,
		       const struct options *options, struct garita_blobs *bag,
		       struct garita_error *err)
{
	const struct garita_registry registry = {
		.insecure = options->insecure,
		.envp = cli->envp,
		.tell = tell,
		.skipped = skipped,
	};

	if (garita_starts_with(source, GARITA_REGISTRY_PREFIX))
		return garita_registry_read(source, &registry, bag, err);
	return garita_source_read(source, bag, skipped, err);
}

/* Sources are planned together: an index in one may list what is in another. */
static int import(const struct garita_cli *cli, const struct options *options,
		  const char *const *sources, size_t count)
{
	struct garita_import_plan plan = { 0 };
	struct garita_error err = { 0 };
	auto_blobs bag = { 0 };
	auto_text out = { 0 };
	size_t written = 0;
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = read_source(cli, sources[i], options, &bag, &err);
	if (rc == 0 &&
	    garita_import_plan(&bag, options->digest, &plan, &err) < 0)
		rc = garita_fail_in(&err, sources[0]);
	if (rc == 0 && !options->dry_run)
		rc = garita_import_write(options->sysroot, &plan, &written,
					 &err);
	if (rc == 0) {
		print_plan(&plan, &out);
		if (options->dry_run)
			garita_text_printf(&out, "%zu files would be kept\n",
					   plan.count);
		else
			garita_text_printf(&out, "%zu files, %zu of them new\n",
					   plan.count, written);
		garita_cli_print(&out);
	}
	garita_import_plan_free(&plan);
	return rc < 0 ? complain(cli, &err) : GARITA_EXIT_ADMITTED;
}

static bool is_digest(const struct garita_cli *cli, const char *digest)
{
	if (garita_digest_well_formed(digest))
		return true;
	garita_cli_complain(cli,
			    "%s is no digest: sha256: and 64 lower case hex "
			    "digits",
			    digest);
	return false;
}

static int run_import(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--digest", &options.digest, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--dry-run", NULL, &options.dry_run, NULL },
		{ "--insecure", NULL, &options.insecure, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count == 0) {
		garita_cli_complain(cli, "give an OCI layout, a directory, a "
					 "file, or docker://NAME");
		return GARITA_EXIT_ERROR;
	}
	if (options.digest != NULL && !is_digest(cli, options.digest))
		return GARITA_EXIT_ERROR;
	return import(cli, &options, words, count);
}

static int run_forget(const struct garita_cli *cli)
{
	const char *sysroot = NULL;
	const struct garita_cli_option table[] = {
		{ "--sysroot", &sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_error err = { 0 };
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count == 0) {
		garita_cli_complain(cli, "give DIGEST");
		return GARITA_EXIT_ERROR;
	}
	for (size_t i = 0; i < count; i++) {
		int rc;

		if (!is_digest(cli, words[i]))
			return GARITA_EXIT_ERROR;
		rc = garita_import_forget(sysroot, words[i], &err);
		if (rc == -ENOENT) {
			garita_cli_complain(cli, "nothing is kept for %s",
					    words[i]);
			return GARITA_EXIT_REFUSED;
		}
		if (rc < 0)
			return complain(cli, &err);
	}
	return GARITA_EXIT_ADMITTED;
}

const struct garita_cli_verb garita_image_import = {
	.name = "image import",
	.summary = "keep signatures on this node",
	.usage = "image import [--digest D] [--dry-run] [--insecure]\n"
		 "                           [--sysroot DIR] SOURCE...",
	.help = "Keeps signatures where the gate looks for them. SOURCE is a "
		"file, a directory\n"
		"of files or an OCI layout with signatures, or docker://NAME, "
		"read by skopeo.\n"
		"\n"
		"  --digest D     what they are about, where no manifest "
		"comes with them\n"
		"  --dry-run      say what would be kept\n"
		"  --insecure     a registry may do without TLS\n"
		"  --sysroot DIR  keep them below DIR\n"
		"\n"
		"Exits 0, or 2 for an error.\n",
	.run = run_import,
};

const struct garita_cli_verb garita_image_forget = {
	.name = "image forget",
	.summary = "remove what was imported for a digest",
	.usage = "image forget [--sysroot DIR] DIGEST...",
	.help = "Removes what was imported for a digest.\n"
		"\n"
		"  --sysroot DIR  look for it below DIR\n"
		"\n"
		"Exits 0, 1 when nothing was kept, 2 error.\n",
	.run = run_forget,
};
