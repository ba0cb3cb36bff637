/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_inspect - `garita image inspect`: the way from a root file system to
 * its image, so that a person can go it again with ls, jq and sha256sum.
 */
#include <stdio.h>
#include <string.h>

#include "garita/sha256.h"
#include "hook/cli/image.h"
#include "hook/report/report.h"
#include "hook/store/store.h"

enum { INSPECT_VERSION = 1 };

/* Everything there is to say. */
struct answer {
	const struct garita_image_container *one;
	const struct garita_image *image;
	const struct garita_trail *trail;
};

static void put_line(struct garita_text *out, const char *label,
		     const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	garita_text_printf(out, "%-13s", label);
	garita_report_put_safe(out, value);
	garita_text_putc(out, '\n');
}

static void put_lines(struct garita_text *out, const char *label,
		      char *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_line(out, i == 0 ? label : "", values[i]);
}

static void put_steps(struct garita_text *out, const struct answer *answer)
{
	const struct garita_trail *trail = answer->trail;

	garita_text_putc(out, '\n');
	for (size_t i = 0; i < trail->step_count; i++) {
		put_line(out, trail->steps[i].what, trail->steps[i].found);
		garita_text_puts(out, "             checked: ");
		garita_report_put_safe(out, trail->steps[i].checked);
		garita_text_putc(out, '\n');
	}
	if (*answer->image->why_not) {
		garita_text_puts(out, "             but: ");
		garita_report_put_safe(out, answer->image->why_not);
		garita_text_putc(out, '\n');
	}
	garita_text_putc(out, '\n');
}

static void put_material(struct garita_text *out,
			 const struct garita_blobs *material)
{
	for (size_t i = 0; i < material->count; i++) {
		auto_text line = { 0 };

		garita_text_printf(&line, "%s (%zu bytes)",
				   material->all[i].name, material->all[i].len);
		put_line(out, i == 0 ? "held" : "", line.data);
	}
}

static const char *sure_words(enum garita_image_sure sure)
{
	switch (sure) {
	case GARITA_IMAGE_UNKNOWN:
		return "unknown";
	case GARITA_IMAGE_CONFIG:
		return "known by its config; its manifest is not certain";
	case GARITA_IMAGE_VERIFIED:
		return "verified";
	}
	return NULL;
}

static void print_text(const struct answer *answer, struct garita_text *out)
{
	const struct garita_image_container *one = answer->one;
	const struct garita_image *image = answer->image;

	put_line(out, "container",
		 image->container ? image->container : one->id);
	put_line(out, "name", one->name);
	put_line(out, "bundle", one->bundle);
	put_line(out, "root", one->root);
	put_line(out, "store", image->store);
	put_steps(out, answer);
	put_line(out, "image", sure_words(image->sure));
	put_line(out, "manifest", image->manifest);
	put_line(out, "index", image->index);
	put_line(out, "config", image->config);
	put_line(out, "made from", image->reference);
	put_lines(out, "names", image->names, image->name_count);
	put_lines(out, "pulled as", image->repo_digests,
		  image->repo_digest_count);
	put_material(out, &image->material);
}

static struct garita_json *steps_node(struct garita_json_doc *doc,
				      const struct garita_trail *trail)
{
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < trail->step_count; i++) {
		struct garita_json *node = garita_json_new_object(doc);

		garita_json_put_string(doc, node, "what", trail->steps[i].what);
		garita_report_put_string(doc, node, "found",
					 trail->steps[i].found);
		garita_report_put_string(doc, node, "checked",
					 trail->steps[i].checked);
		garita_json_append(doc, list, node);
	}
	return list;
}

static struct garita_json *material_node(struct garita_json_doc *doc,
					 const struct garita_blobs *material)
{
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < material->count; i++) {
		const struct garita_blob *blob = &material->all[i];
		struct garita_json *node = garita_json_new_object(doc);
		char digest[GARITA_DIGEST_SIZE];

		garita_sha256_digest(blob->bytes, blob->len, digest);
		garita_report_put_string(doc, node, "name", blob->name);
		garita_json_put_u64(doc, node, "bytes", blob->len);
		garita_json_put_string(doc, node, "digest", digest);
		garita_json_append(doc, list, node);
	}
	return list;
}

static void print_json(const struct answer *answer, struct garita_text *out)
{
	const struct garita_image *image = answer->image;
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *node = garita_report_image(doc, image);
	struct garita_json *pulled = garita_json_new_array(doc);

	garita_json_put_u64(doc, root, "version", INSPECT_VERSION);
	garita_report_put_string(doc, root, "container",
				 image->container ? image->container
						  : answer->one->id);
	garita_report_put_string(doc, root, "name", answer->one->name);
	garita_report_put_string(doc, root, "bundle", answer->one->bundle);
	garita_report_put_string(doc, root, "root", answer->one->root);
	garita_json_put(doc, root, "steps", steps_node(doc, answer->trail));
	garita_report_put_string(doc, node, "reference", image->reference);
	for (size_t i = 0; i < image->repo_digest_count; i++)
		garita_json_append(
			doc, pulled,
			garita_json_new_string(doc, image->repo_digests[i]));
	garita_json_put(doc, node, "repoDigests", pulled);
	garita_json_put(doc, root, "image", node);
	garita_json_put(doc, root, "material",
			material_node(doc, &image->material));
	garita_report_put_tree(root, out);
}

static int inspect(const struct garita_cli *cli, const char *sysroot,
		   const char *word, bool json)
{
	auto_container one = { 0 };
	auto_trail trail = { 0 };
	auto_image image = { 0 };
	auto_text out = { 0 };
	struct garita_error error = { 0 };
	struct garita_store_query query = {
		.sysroot = sysroot ? sysroot : "",
		.want_material = true,
		.trail = &trail,
	};
	const struct answer answer = { &one, &image, &trail };

	if (garita_image_find(sysroot, word, &one, &error) < 0) {
		garita_cli_complain(cli, "%s", error.text);
		return GARITA_EXIT_ERROR;
	}
	query.root_path = one.root;
	query.bundle = one.bundle;
	query.id = one.id;
	garita_store_identify(&query, &image);
	if (json)
		print_json(&answer, &out);
	else
		print_text(&answer, &out);
	garita_cli_print(&out);
	return image.sure == GARITA_IMAGE_VERIFIED ? GARITA_EXIT_ADMITTED
						   : GARITA_EXIT_REFUSED;
}

static int run(const struct garita_cli *cli)
{
	const char *sysroot = NULL, *format = NULL;
	const struct garita_cli_option options[] = {
		{ "--sysroot", &sysroot, NULL, NULL },
		{ "--format", &format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count = 0;
	bool json;

	if (garita_cli_options(cli, options, GARITA_COUNT(options), words,
			       &count) < 0 ||
	    garita_cli_wants_json(cli, format, &json) < 0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one container or bundle");
		return GARITA_EXIT_ERROR;
	}
	return inspect(cli, sysroot, words[0], json);
}

const struct garita_cli_verb garita_image_inspect = {
	.name = "image inspect",
	.summary = "the way from a container's files to its image",
	.usage = "image inspect [--format text|json] [--sysroot DIR]\n"
		 "                            CONTAINER|BUNDLE",
	.help = "The way from a container's root file system to its image, "
		"step by step, each\n"
		"with how it was checked, and what the engine's store holds "
		"about the image.\n"
		"CONTAINER is an id, the beginning of one, or a name; what "
		"begins with / or . is\n"
		"the directory of a bundle.\n"
		"\n"
		"  --format F     text, or json: image-inspect-1.schema.json\n"
		"  --sysroot DIR  look for containers and stores below DIR\n"
		"\n"
		"Exits 0 when layers, config and manifest hang together, 1 "
		"when not all of that\n"
		"is known, 2 error.\n",
	.run = run,
};
