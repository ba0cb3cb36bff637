/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json - verdicts for programs: one input is an object, several are an object
 * that holds theirs. Version 1 of the shape; members are only added, never
 * changed, within a version.
 */
#include "hook/report/report.h"

enum { REPORT_VERSION = 1 };

/* Nothing when nobody asked. */
static void put_trust(struct garita_json_doc *doc, struct garita_json *image,
		      const char *name, const struct garita_trust *trust)
{
	struct garita_json *node;

	if (trust->state == GARITA_TRUST_NOT_ASKED)
		return;
	node = garita_json_new_object(doc);
	garita_json_put_string(
		doc, node, "state",
		trust->state == GARITA_TRUST_ACCEPTED ? "accepted" : "refused");
	garita_report_put_string(doc, node, "words", trust->words);
	if (trust->until > 0)
		garita_json_put_u64(doc, node, "until", (uint64_t)trust->until);
	garita_json_put(doc, image, name, node);
}

/* "trust" is who signed it; "attestations" by the rules that read them. */
static void put_trusts(struct garita_json_doc *doc, struct garita_json *image,
		       const struct garita_trust trust[GARITA_TOPICS])
{
	struct garita_json *attested = garita_json_new_object(doc);

	put_trust(doc, image, "trust", &trust[GARITA_TOPIC_SIGNATURE]);
	for (enum garita_topic topic = GARITA_TOPIC_SIGNATURE + 1;
	     topic < GARITA_TOPICS; topic++)
		put_trust(doc, attested, garita_topic_rule(topic),
			  &trust[topic]);
	if (garita_json_count(attested) > 0)
		garita_json_put(doc, image, "attestations", attested);
}

struct garita_json *garita_report_image(struct garita_json_doc *doc,
					const struct garita_image *image)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *names = garita_json_new_array(doc);
	static const char sure[][9] = {
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
	put_trusts(doc, node, image->trust);
	return node;
}

struct garita_json *garita_report_finding(struct garita_json_doc *doc,
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
	if (f->unknown)
		garita_json_put_bool(doc, node, "unknown", true);
	garita_report_put_string(doc, node, "pointer", f->pointer);
	if (f->line > 0) {
		garita_json_put_u64(doc, node, "line", f->line);
		garita_json_put_u64(doc, node, "column", f->column);
	}
	garita_report_put_string(doc, node, "found", f->found);
	garita_report_put_string(doc, node, "wanted", f->wanted);
	garita_json_put_string(doc, node, "why", f->rule->why);
	garita_json_put_string(doc, node, "remedy", f->rule->remedy);
	garita_report_put_string(doc, node, "problem", f->problem);
	garita_report_put_string(doc, node, "exception", f->exception);
	for (size_t i = 0; f->rule->references[i][0] != '\0'; i++)
		garita_json_append(
			doc, references,
			garita_json_new_string(doc, f->rule->references[i]));
	garita_json_put(doc, node, "references", references);
	return node;
}

static struct garita_json *rules_node(struct garita_json_doc *doc,
				      const struct garita_verdict *verdict,
				      const struct garita_report_only *only)
{
	auto_free enum garita_result *results = garita_report_results(verdict);
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		struct garita_json *node;

		if (!garita_report_wants_rule(only, rule, results[i]))
			continue;
		node = garita_json_new_object(doc);
		garita_json_put_string(doc, node, "rule", rule->id);
		garita_json_put_string(doc, node, "result",
				       garita_result_name(results[i]));
		garita_json_put_string(doc, node, "reason",
				       garita_report_skipped(verdict, i));
		garita_json_append(doc, list, node);
	}
	return list;
}

static void put_verdict(struct garita_json_doc *doc, struct garita_json *node,
			const struct garita_report_about *about,
			const struct garita_report_options *options)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	struct garita_json *findings = garita_json_new_array(doc);
	struct garita_json *counts = garita_json_new_object(doc);

	garita_json_put_string(doc, node, "verdict",
			       garita_outcome_name(verdict->outcome));
	garita_json_put_string(doc, node, "profile",
			       garita_policy_profile_words(about->policy));
	garita_json_put_string(doc, node, "mode",
			       about->policy->mode == GARITA_MODE_DRY_RUN
				       ? "dry-run"
				       : "enforce");
	garita_report_put_string(doc, node, "scope", verdict->scope);
	garita_json_put(doc, node, "image",
			garita_report_image(doc, &about->decision->image));
	garita_json_put_u64(doc, counts, "denied", verdict->denied);
	garita_json_put_u64(doc, counts, "fixed", verdict->fixed);
	garita_json_put_u64(doc, counts, "warned", verdict->warned);
	garita_json_put_u64(doc, counts, "excepted", verdict->excepted);
	garita_json_put(doc, node, "counts", counts);
	for (size_t i = 0; i < verdict->count; i++)
		if (garita_report_wants(&options->only, &verdict->findings[i]))
			garita_json_append(doc, findings,
					   garita_report_finding(
						   doc, &verdict->findings[i]));
	garita_json_put(doc, node, "findings", findings);
	if (options->explain)
		garita_json_put(doc, node, "rules",
				rules_node(doc, verdict, &options->only));
}

static void put_error(struct garita_json_doc *doc, struct garita_json *object,
		      const struct garita_error *error)
{
	struct garita_json *node = garita_json_new_object(doc);

	garita_json_put_string(doc, object, "verdict", "error");
	garita_report_put_string(doc, node, "text", error->text);
	if (*error->pointer)
		garita_report_put_string(doc, node, "pointer", error->pointer);
	if (error->line > 0) {
		garita_json_put_u64(doc, node, "line", error->line);
		garita_json_put_u64(doc, node, "column", error->column);
	}
	garita_json_put(doc, object, "error", node);
}

static void put_about(struct garita_json_doc *doc, struct garita_json *node,
		      const struct garita_report_about *about,
		      const struct garita_report_options *options)
{
	garita_report_put_string(doc, node, "source", about->source);
	if (about->decision != NULL)
		put_verdict(doc, node, about, options);
	else
		put_error(doc, node, about->error);
}

static void put_many(struct garita_json_doc *doc, struct garita_json *root,
		     const struct garita_report_about *abouts, size_t count,
		     const struct garita_report_options *options)
{
	const struct garita_report_tally tally =
		garita_report_tally(abouts, count);
	struct garita_json *inputs = garita_json_new_object(doc);
	struct garita_json *reports = garita_json_new_array(doc);

	garita_json_put_string(doc, root, "verdict",
			       garita_report_worst(&tally));
	garita_json_put_u64(doc, inputs, "admitted", tally.admitted);
	garita_json_put_u64(doc, inputs, "repaired", tally.repaired);
	garita_json_put_u64(doc, inputs, "refused", tally.refused);
	garita_json_put_u64(doc, inputs, "errors", tally.errors);
	garita_json_put(doc, root, "inputs", inputs);
	for (size_t i = 0; i < count; i++) {
		struct garita_json *node = garita_json_new_object(doc);

		put_about(doc, node, &abouts[i], options);
		garita_json_append(doc, reports, node);
	}
	garita_json_put(doc, root, "reports", reports);
}

void garita_report_json(const struct garita_report_about *abouts, size_t count,
			const struct garita_report_options *options,
			struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);

	garita_json_put_u64(doc, root, "version", REPORT_VERSION);
	if (count == 1)
		put_about(doc, root, abouts, options);
	else
		put_many(doc, root, abouts, count, options);
	garita_report_put_tree(root, out);
}
