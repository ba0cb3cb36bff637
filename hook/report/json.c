/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json - a verdict for programs. Version 1 of the shape; members are only
 * added, never changed, within a version.
 */
#include "hook/report/report.h"

enum { REPORT_VERSION = 1 };

struct garita_json *garita_report_image(struct garita_json_doc *doc,
					const struct garita_image *image)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *names = garita_json_new_array(doc);
	static const char *const sure[] = {
		[GARITA_IMAGE_UNKNOWN] = "unknown",
		[GARITA_IMAGE_CONFIG] = "config",
		[GARITA_IMAGE_VERIFIED] = "verified",
	};

	garita_json_put_string(doc, node, "sure", sure[image->sure]);
	garita_json_put_string(doc, node, "store", image->store);
	if (*image->manifest)
		garita_json_put_string(doc, node, "manifest", image->manifest);
	if (*image->index)
		garita_json_put_string(doc, node, "index", image->index);
	if (*image->config)
		garita_json_put_string(doc, node, "config", image->config);
	for (size_t i = 0; i < image->name_count; i++)
		garita_json_append(
			doc, names,
			garita_json_new_string(doc, image->names[i]));
	if (image->name_count > 0)
		garita_json_put(doc, node, "names", names);
	if (*image->why_not)
		garita_json_put_string(doc, node, "whyNot", image->why_not);
	return node;
}

static struct garita_json *finding_node(struct garita_json_doc *doc,
					const struct garita_finding *f)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *references = garita_json_new_array(doc);

	garita_json_put_string(doc, node, "rule", f->rule->id);
	garita_json_put_string(doc, node, "action",
			       garita_action_name(f->action));
	garita_json_put_bool(doc, node, "fixed", f->fixed);
	if (f->covered)
		garita_json_put_string(doc, node, "partOf", f->rule->part_of);
	garita_json_put_string(doc, node, "pointer", f->pointer);
	if (f->line > 0) {
		garita_json_put_u64(doc, node, "line", f->line);
		garita_json_put_u64(doc, node, "column", f->column);
	}
	garita_json_put_string(doc, node, "found", f->found);
	garita_json_put_string(doc, node, "wanted", f->wanted);
	garita_json_put_string(doc, node, "why", f->rule->why);
	garita_json_put_string(doc, node, "remedy", f->rule->remedy);
	garita_json_put_string(doc, node, "problem", f->problem);
	garita_json_put_string(doc, node, "exception", f->exception);
	for (size_t i = 0; f->rule->references[i] != NULL; i++)
		garita_json_append(
			doc, references,
			garita_json_new_string(doc, f->rule->references[i]));
	garita_json_put(doc, node, "references", references);
	return node;
}

static void print(struct garita_json_doc *doc, struct garita_text *out)
{
	garita_json_print_pretty(garita_json_root(doc), out);
	garita_text_putc(out, '\n');
}

void garita_report_json(const struct garita_report_about *about,
			struct garita_text *out)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *findings = garita_json_new_array(doc);
	struct garita_json *counts = garita_json_new_object(doc);

	garita_json_put_u64(doc, root, "version", REPORT_VERSION);
	garita_json_put_string(doc, root, "source", about->source);
	garita_json_put_string(doc, root, "verdict",
			       garita_outcome_name(verdict->outcome));
	garita_json_put_string(doc, root, "profile",
			       garita_policy_profile_words(about->policy));
	garita_json_put_string(doc, root, "mode",
			       about->policy->mode == GARITA_MODE_DRY_RUN
				       ? "dry-run"
				       : "enforce");
	garita_json_put_string(doc, root, "scope", verdict->scope);
	garita_json_put(doc, root, "image",
			garita_report_image(doc, &about->decision->image));
	garita_json_put_u64(doc, counts, "denied", verdict->denied);
	garita_json_put_u64(doc, counts, "fixed", verdict->fixed);
	garita_json_put_u64(doc, counts, "warned", verdict->warned);
	garita_json_put_u64(doc, counts, "excepted", verdict->excepted);
	garita_json_put(doc, root, "counts", counts);
	for (size_t i = 0; i < verdict->count; i++)
		garita_json_append(doc, findings,
				   finding_node(doc, &verdict->findings[i]));
	garita_json_put(doc, root, "findings", findings);
	print(doc, out);
}

void garita_report_json_error(const char *source,
			      const struct garita_error *error,
			      struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *node = garita_json_new_object(doc);

	garita_json_put_u64(doc, root, "version", REPORT_VERSION);
	garita_json_put_string(doc, root, "source", source);
	garita_json_put_string(doc, root, "verdict", "error");
	garita_json_put_string(doc, node, "text", error->text);
	if (*error->pointer)
		garita_json_put_string(doc, node, "pointer", error->pointer);
	if (error->line > 0) {
		garita_json_put_u64(doc, node, "line", error->line);
		garita_json_put_u64(doc, node, "column", error->column);
	}
	garita_json_put(doc, root, "error", node);
	print(doc, out);
}
