/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_show - `garita image show`: what is known of who made an image. Every
 * question that the policy asks of it, with its answer and with each piece of
 * material that was looked at for it; and what the pieces say that they are,
 * which nobody has checked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "garita/digests.h"
#include "garita/sha256.h"
#include "hook/cli/image.h"
#include "hook/gate.h"
#include "hook/report/report.h"
#include "hook/store/containerd.h"
#include "hook/store/containers_storage.h"
#include "hook/store/docker.h"
#include "hook/trust/ask.h"
#include "hook/trust/gather.h"

enum { SHOW_VERSION = 1 };

struct options {
	const char *policy, *sysroot, *reference;
	bool json;
};

struct shown {
	const struct garita_gate *gate;
	bool colour;
	struct garita_image image;
	bool asked[GARITA_TOPICS];
	struct garita_text notes[GARITA_TOPICS];
	struct garita_text pieces; /* what they say that they are */
};

static void shown_free(struct shown *shown)
{
	garita_image_free(&shown->image);
	for (size_t i = 0; i < GARITA_TOPICS; i++)
		garita_text_free(&shown->notes[i]);
	garita_text_free(&shown->pieces);
}

/* ---- which image ---- */

static void identify(const struct garita_image_container *one,
		     const char *sysroot, struct garita_image *ret)
{
	const struct garita_store_query query = {
		.sysroot = sysroot,
		.root_path = one->root,
		.bundle = one->bundle,
		.id = one->id,
		.want_material = true,
	};

	garita_store_identify(&query, ret);
}

/* By name or id, in the stores that keep images by those. */
static int find_image(const char *sysroot, const char *word,
		      struct garita_image *ret, struct garita_error *err)
{
	auto_containers list = { 0 };
	int rc = garita_image_containers(sysroot, &list, err);

	if (rc == 0)
		rc = -ENOENT;
	for (size_t i = 0; rc == -ENOENT && i < list.store_count; i++)
		rc = garita_cs_image(sysroot, list.stores[i], word, ret, err);
	if (rc == -ENOENT)
		rc = garita_docker_image(sysroot, word, ret, err);
	if (rc == -ENOENT)
		rc = garita_ctd_image(sysroot, word, ret, err);
	if (rc == -ENOENT)
		return garita_fail(err, ENOENT,
				   "no container and no image %s in the stores "
				   "of podman, docker and containerd here; of "
				   "what lies elsewhere give the digest, "
				   "sha256:...",
				   word);
	return rc;
}

static int find(const char *sysroot, const char *word, struct garita_image *ret,
		struct garita_error *err)
{
	auto_container one = { 0 };
	int rc;

	if (garita_starts_with(word, "sha256:")) {
		if (!garita_digest_well_formed(word))
			return garita_fail(err, EINVAL,
					   "%s is no digest: sha256: and 64 "
					   "lower case hex digits",
					   word);
		ret->sure = GARITA_IMAGE_VERIFIED;
		memcpy(ret->manifest, word, sizeof(ret->manifest));
		return 0;
	}
	rc = garita_image_find(sysroot, word, &one, err);
	if (rc == 0)
		identify(&one, sysroot, ret);
	if (rc != -ENOENT || *word == '/' || *word == '.')
		return rc;
	*err = (struct garita_error){ 0 };
	return find_image(sysroot, word, ret, err);
}

/* ---- what is known ---- */

static int look(const struct options *options, struct shown *shown,
		struct garita_error *err)
{
	const struct garita_gather gather = {
		.policy = shown->gate->policy,
		.policy_path = shown->gate->policy_path,
		.policy_root = shown->gate->policy_root,
		.sysroot = options->sysroot,
		.now = time(NULL),
	};
	const struct garita_requirements nothing = { 0 };
	struct garita_image *image = &shown->image;
	const struct garita_trust_case described = { image, &nothing,
						     &image->material,
						     gather.now };
	struct garita_trust said;
	int rc;

	if (options->reference != NULL) {
		free(image->reference);
		image->reference = garita_xstrdup(options->reference);
	}
	rc = garita_gather_material(options->sysroot, image, &image->material,
				    err);
	if (rc < 0)
		return rc;
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++) {
		if (!garita_policy_wants(shown->gate->policy, topic))
			continue;
		shown->asked[topic] = true;
		garita_gather_answer(&gather, image, topic,
				     &image->trust[topic],
				     &shown->notes[topic]);
	}
	if (image->material.count > 0)
		(void)garita_ask(&described, NULL, &said, &shown->pieces);
	return 0;
}

/* ---- for people ---- */

static void put_line(struct garita_text *out, const char *label,
		     const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	garita_text_printf(out, "%-10s ", label);
	garita_report_put_safe(out, value);
	garita_text_putc(out, '\n');
}

static void put_until(struct garita_text *out, time_t until)
{
	char words[32] = "";
	struct tm tm = { 0 };

	if (until == 0)
		return;
	gmtime_r(&until, &tm);
	strftime(words, sizeof(words), "%Y-%m-%dT%H:%M:%SZ", &tm);
	garita_text_printf(out, ", until %s", words);
}

static void put_topic(struct garita_text *out, const struct shown *shown,
		      enum garita_topic topic)
{
	const struct garita_trust *trust = &shown->image.trust[topic];

	garita_text_printf(out, "%s: ", garita_topic_rule(topic));
	if (!shown->asked[topic]) {
		garita_text_puts(out, "the policy does not ask\n");
		return;
	}
	if (shown->colour)
		garita_text_puts(out, trust->state == GARITA_TRUST_ACCEPTED
					      ? "\033[1;32m"
					      : "\033[1;31m");
	garita_text_puts(out, garita_image_verdict_word(trust));
	if (shown->colour)
		garita_text_puts(out, "\033[0m");
	put_until(out, trust->until);
	garita_text_puts(out, ": ");
	garita_report_put_safe(out, trust->words);
	garita_text_putc(out, '\n');
	garita_image_notes_text(shown->notes[topic].data, true, shown->colour,
				out);
}

static void print_text(const struct shown *shown, struct garita_text *out)
{
	const struct garita_image *image = &shown->image;

	put_line(out, "image", image->reference);
	for (size_t i = 0; i < image->name_count; i++)
		put_line(out, i == 0 ? "names" : "", image->names[i]);
	put_line(out, "store", image->store);
	put_line(out, "manifest", image->manifest);
	put_line(out, "index", image->index);
	put_line(out, "config", image->config);
	put_line(out, "but", image->why_not);
	put_line(out, "policy",
		 shown->gate->policy_path ? shown->gate->policy_path
					  : "built-in");
	garita_text_putc(out, '\n');
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++)
		put_topic(out, shown, topic);
	garita_text_printf(
		out, "\nmaterial: %zu piece%s%s\n", image->material.count,
		image->material.count == 1 ? "" : "s",
		image->material.count > 0 ? ", and what they say that they are"
					  : "; see garita image import");
	garita_image_notes_text(shown->pieces.data, true, shown->colour, out);
}

/* ---- for programs ---- */

static struct garita_json *topic_node(struct garita_json_doc *doc,
				      const struct shown *shown,
				      enum garita_topic topic)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *notes = garita_json_new_array(doc);

	garita_image_verdict_json(doc, &shown->image.trust[topic], node);
	garita_image_notes_json(doc, shown->notes[topic].data, notes);
	garita_json_put(doc, node, "notes", notes);
	return node;
}

static void print_json(const struct shown *shown, struct garita_text *out)
{
	const struct garita_image *image = &shown->image;
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *topics = garita_json_new_object(doc);
	struct garita_json *material = garita_json_new_array(doc);
	struct garita_json *pieces = garita_json_new_array(doc);
	struct garita_json *node = garita_report_image(doc, image);

	garita_json_put_u64(doc, root, "version", SHOW_VERSION);
	garita_json_remove(node, "trust");
	garita_json_remove(node, "attestations");
	garita_report_put_string(doc, node, "reference", image->reference);
	garita_json_put(doc, root, "image", node);
	garita_report_put_string(doc, root, "policy",
				 shown->gate->policy_path
					 ? shown->gate->policy_path
					 : "built-in");
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++)
		if (shown->asked[topic])
			garita_json_put(doc, topics, garita_topic_rule(topic),
					topic_node(doc, shown, topic));
	garita_json_put(doc, root, "answers", topics);
	for (size_t i = 0; i < image->material.count; i++) {
		const struct garita_blob *blob = &image->material.all[i];
		struct garita_json *piece = garita_json_new_object(doc);
		char digest[GARITA_DIGEST_SIZE];

		garita_sha256_digest(blob->bytes, blob->len, digest);
		garita_report_put_string(doc, piece, "name", blob->name);
		garita_json_put_u64(doc, piece, "bytes", blob->len);
		garita_json_put_string(doc, piece, "digest", digest);
		garita_json_append(doc, material, piece);
	}
	garita_json_put(doc, root, "material", material);
	garita_image_notes_json(doc, shown->pieces.data, pieces);
	garita_json_put(doc, root, "pieces", pieces);
	garita_report_put_tree(root, out);
}

static int conclude(const struct shown *shown)
{
	for (size_t i = 0; i < GARITA_TOPICS; i++)
		if (shown->asked[i] &&
		    shown->image.trust[i].state != GARITA_TRUST_ACCEPTED)
			return GARITA_EXIT_REFUSED;
	return GARITA_EXIT_ADMITTED;
}

static int show(const struct garita_cli *cli, const struct options *options,
		const char *word)
{
	const struct garita_gate_options how = {
		.sysroot = options->sysroot,
		.policy = options->policy,
	};
	const char *sysroot = options->sysroot ? options->sysroot : "";
	__attribute__((cleanup(shown_free))) struct shown shown = { 0 };
	struct garita_error err = { 0 };
	auto_gate gate = { 0 };
	auto_text out = { 0 };
	int rc = garita_gate_open(&how, &gate, &err);

	shown.gate = &gate;
	shown.colour = cli->colour;
	if (rc == 0)
		rc = find(sysroot, word, &shown.image, &err);
	if (rc == 0)
		rc = look(options, &shown, &err);
	if (rc < 0)
		return garita_cli_fail(cli, &err);
	if (options->json)
		print_json(&shown, &out);
	else
		print_text(&shown, &out);
	garita_cli_print(&out);
	return conclude(&shown);
}

static int run(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const char *format = NULL;
	const struct garita_cli_option table[] = {
		{ "--policy", &options.policy, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--ref", &options.reference, NULL, NULL },
		{ "--format", &format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    garita_cli_wants_json(cli, format, &options.json) < 0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one image, digest, container or "
					 "bundle");
		return GARITA_EXIT_ERROR;
	}
	return show(cli, &options, words[0]);
}

const struct garita_cli_verb garita_image_show = {
	.name = "image show",
	.summary = "what is known of who made an image",
	.usage = "image show [--policy F] [--ref NAME] [--sysroot DIR]\n"
		 "                         [--format text|json] "
		 "IMAGE|DIGEST|CONTAINER|BUNDLE",
	.help = "Every signature and attestation of an image, what the policy "
		"makes of it, and\n"
		"why. IMAGE and CONTAINER are an id, the beginning of one, or "
		"a name; what begins\n"
		"with / or . is the directory of a bundle.\n"
		"\n"
		"  --policy F     this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"  --ref NAME     the name by which the image is judged\n"
		"  --sysroot DIR  look for containers, stores and what was "
		"imported below DIR\n"
		"  --format F     text, or json: image-show-1.schema.json\n"
		"\n"
		"Exits 0 when all that the policy asks of it is met, 1 when "
		"not, 2 error.\n",
	.run = run,
};
