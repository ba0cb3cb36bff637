/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_layers - `garita image verify-layers`: every file of every layer,
 * against the digests that the image's config has.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hook/cli/image.h"
#include "hook/report/report.h"
#include "hook/store/containers_storage.h"
#include "hook/store/layer_audit.h"
#include "hook/store/store.h"

/* What the line on a terminal needs to know. */
struct shown {
	bool terminal;
	bool drawn;
	time_t next; /* no sooner */
	size_t layer, count;
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* From the second second on, once a second. */
static void show(void *data, uint64_t bytes)
{
	struct shown *shown = data;
	time_t now = shown->terminal ? now_s() : 0;

	if (!shown->terminal || now < shown->next)
		return;
	shown->next = now + 1;
	shown->drawn = true;
	fprintf(stderr, "\rlayer %zu of %zu, %" PRIu64 " MB\033[K",
		shown->layer, shown->count, bytes / 1000000);
}

static void wipe(struct shown *shown)
{
	if (shown->drawn)
		fputs("\r\033[K", stderr);
	shown->drawn = false;
}

static void put_findings(const struct garita_layer_audit *audit,
			 struct garita_text *out)
{
	for (size_t i = 0; i < audit->count; i++) {
		const struct garita_layer_finding *one = &audit->findings[i];

		garita_text_puts(out, "  /");
		garita_report_put_safe(out, one->name);
		garita_text_puts(out, "  ");
		garita_report_put_safe(out, one->what);
		garita_text_putc(out, '\n');
	}
	if (audit->more > 0)
		garita_text_printf(out, "  and %zu more\n", audit->more);
}

/* One layer: prints what became of it and returns its exit code. */
static int check(const struct garita_trail_layer *layer, int sysroot,
		 struct shown *shown)
{
	auto_audit audit = { 0 };
	auto_text out = { 0 };
	struct garita_error error = { 0 };
	int failed =
		garita_layer_audit(sysroot, layer, show, shown, &audit, &error);

	wipe(shown);
	if (failed == -ENOENT)
		garita_text_printf(&out,
				   "unknown  %s  has no tar-split: its files"
				   " cannot be compared\n",
				   layer->diff_id);
	else if (failed < 0)
		garita_text_printf(&out, "unknown  %s  %s\n", layer->diff_id,
				   error.text);
	else
		garita_text_printf(
			&out, "%s  %s  %" PRIu64 " files, %" PRIu64 " bytes\n",
			audit.same ? "same   " : "differs", layer->diff_id,
			audit.files, audit.bytes);
	put_findings(&audit, &out);
	garita_cli_print(&out);
	if (failed < 0)
		return GARITA_EXIT_ERROR;
	return audit.same ? GARITA_EXIT_ADMITTED : GARITA_EXIT_REFUSED;
}

/* A difference outweighs what could not be compared. */
static int check_all(const struct garita_cli *cli,
		     const struct garita_trail *trail, const char *sysroot)
{
	struct shown shown = {
		.terminal = isatty(STDERR_FILENO) == 1,
		.next = now_s() + 2,
		.count = trail->layer_count,
	};
	auto_fd int root = garita_tree_sysroot(sysroot);
	bool differs = false, unknown = false;

	if (trail->layer_count == 0) {
		garita_cli_complain(cli, "this store keeps nothing that the"
					 " files of layers could be compared"
					 " with");
		return GARITA_EXIT_ERROR;
	}
	for (size_t i = trail->layer_count; i > 0; i--) {
		int code;

		shown.layer++;
		code = check(&trail->layers[i - 1], root, &shown);
		differs |= code == GARITA_EXIT_REFUSED;
		unknown |= code == GARITA_EXIT_ERROR;
	}
	if (differs)
		return GARITA_EXIT_REFUSED;
	return unknown ? GARITA_EXIT_ERROR : GARITA_EXIT_ADMITTED;
}

static void say(const char *what, const char *name)
{
	auto_text out = { 0 };

	garita_text_printf(&out, "%s ", what);
	garita_report_put_safe(&out, name);
	garita_text_putc(&out, '\n');
	garita_cli_print(&out);
}

/* The layers that a container mounts; nothing is read of an image that does
 * not hang together. */
static int of_container(const char *sysroot,
			const struct garita_image_container *one,
			struct garita_trail *trail, struct garita_error *err)
{
	const struct garita_store_query query = {
		.sysroot = sysroot,
		.root_path = one->root,
		.bundle = one->bundle,
		.id = one->id,
		.trail = trail,
	};
	auto_image image = { 0 };

	garita_store_identify(&query, &image);
	if (image.sure == GARITA_IMAGE_UNKNOWN)
		return garita_fail(err, EINVAL, "%s", image.why_not);
	say("image", image.config);
	return 0;
}

static int of_image(const char *sysroot, const char *word,
		    struct garita_trail *trail, struct garita_error *err)
{
	auto_containers list = { 0 };
	auto_free char *id = NULL;
	int failed = garita_image_containers(sysroot, &list, err);

	if (failed < 0)
		return failed;
	failed = -ENOENT;
	for (size_t i = 0; failed == -ENOENT && i < list.store_count; i++)
		failed = garita_cs_image_layers(sysroot, list.stores[i], word,
						trail, &id, err);
	if (failed == -ENOENT)
		return garita_fail(err, ENOENT,
				   "no container and no image %s in a store"
				   " that is in use here",
				   word);
	if (failed == 0)
		say("image", id);
	return failed;
}

static int verify(const struct garita_cli *cli, const char *sysroot,
		  const char *word)
{
	auto_container one = { 0 };
	auto_trail trail = { 0 };
	struct garita_error error = { 0 };
	int failed = garita_image_find(sysroot, word, &one, &error);

	if (failed == 0)
		failed = of_container(sysroot, &one, &trail, &error);
	else if (failed == -ENOENT && *word != '/' && *word != '.')
		failed = of_image(sysroot, word, &trail, &error);
	if (failed < 0) {
		garita_cli_complain(cli, "%s", error.text);
		return GARITA_EXIT_ERROR;
	}
	return check_all(cli, &trail, sysroot);
}

static int run(const struct garita_cli *cli)
{
	const char *sysroot = NULL;
	const struct garita_cli_option options[] = {
		{ .name = "--sysroot", .value = &sysroot },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count = 0;

	if (garita_cli_options(cli, options, GARITA_COUNT(options), words,
			       &count) < 0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one container, bundle or image");
		return GARITA_EXIT_ERROR;
	}
	return verify(cli, sysroot ? sysroot : "", words[0]);
}

const struct garita_cli_verb garita_image_verify_layers = {
	.name = "image verify-layers",
	.summary = "whether the files on disk are those of the layers",
	.usage = "image verify-layers [--sysroot DIR]\n"
		 "                                  CONTAINER|BUNDLE|IMAGE",
	.help = "Whether the files of the layers on disk are still those of "
		"their digests; reads\n"
		"all of them. CONTAINER and IMAGE are an id, the beginning of "
		"one, or a name;\n"
		"what begins with / or . is the directory of a bundle.\n"
		"\n"
		"  --sysroot DIR  look for containers and stores below DIR\n"
		"\n"
		"Exits 0 when all files are the same, 1 when some are not, 2 "
		"error, or when a\n"
		"layer could not be compared.\n",
	.run = run,
};
