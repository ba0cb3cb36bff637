/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sarif - verdicts for code scanning: SARIF 2.1.0 (OASIS, 2020), one run, a
 * result for each finding with the region in the text that was judged.
 *
 * A repair is a note, a warning a warning, a refusal an error. An input that
 * could not be judged is no result: it is a notification of an invocation
 * that failed.
 */
#include <string.h>

#include "hook/report/report.h"

/* Columns count characters there, bytes here; beyond this a line is no text
 * that anybody reads, and its whole is the region. */
enum { MOST_COLUMNS = 64 * 1024 };

static void put_message(struct garita_json_doc *doc, struct garita_json *node,
			const char *key, const char *text)
{
	struct garita_json *message = garita_json_new_object(doc);

	garita_report_put_string(doc, message, "text", text);
	garita_json_put(doc, node, key, message);
}

static struct garita_json *rule_node(struct garita_json_doc *doc,
				     const struct garita_rule *rule)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *tags = garita_json_new_array(doc);
	struct garita_json *more = garita_json_new_object(doc);

	garita_json_put_string(doc, node, "id", rule->id);
	put_message(doc, node, "shortDescription", rule->summary);
	put_message(doc, node, "fullDescription", rule->why);
	put_message(doc, node, "help", rule->remedy);
	for (size_t i = 0; rule->references[i][0] != '\0'; i++)
		garita_json_append(
			doc, tags,
			garita_json_new_string(doc, rule->references[i]));
	garita_json_put(doc, more, "tags", tags);
	garita_json_put(doc, node, "properties", more);
	return node;
}

static struct garita_json *tool_node(struct garita_json_doc *doc)
{
	struct garita_json *tool = garita_json_new_object(doc);
	struct garita_json *driver = garita_json_new_object(doc);
	struct garita_json *rules = garita_json_new_array(doc);

	garita_json_put_string(doc, driver, "name", "garita");
	garita_json_put_string(doc, driver, "version", GARITA_VERSION);
	for (size_t i = 0; i < garita_rule_count(); i++)
		garita_json_append(doc, rules,
				   rule_node(doc, garita_rule_at(i)));
	garita_json_put(doc, driver, "rules", rules);
	garita_json_put(doc, tool, "driver", driver);
	return tool;
}

/* Bytes to characters; 0 when it is not worth counting. `start` is where line
 * `line` begins, kept between calls: findings mostly go forward. */
struct place {
	unsigned line;
	size_t start;
};

static unsigned column_of(const struct garita_report_about *about,
			  struct place *at, unsigned line, unsigned column)
{
	unsigned characters = 1;

	if (about->text == NULL || column > MOST_COLUMNS)
		return 0;
	if (line < at->line)
		*at = (struct place){ 1, 0 };
	while (at->line < line) {
		const char *end = memchr(about->text + at->start, '\n',
					 about->len - at->start);

		if (end == NULL)
			return 0;
		at->start = (size_t)(end - about->text) + 1;
		at->line++;
	}
	for (size_t i = 0; i + 1 < column && at->start + i < about->len; i++)
		if ((about->text[at->start + i] & 0xc0) != 0x80)
			characters++;
	return characters;
}

/* A list of one location. */
static struct garita_json *locations_node(
	struct garita_json_doc *doc, const struct garita_report_about *about,
	struct place *at, unsigned line, unsigned column)
{
	struct garita_json *list = garita_json_new_array(doc);
	struct garita_json *location = garita_json_new_object(doc);
	struct garita_json *physical = garita_json_new_object(doc);
	struct garita_json *artifact = garita_json_new_object(doc);
	struct garita_json *region = garita_json_new_object(doc);
	auto_text uri = { 0 };

	garita_report_put_uri(&uri, about->source);
	garita_json_put_string(doc, artifact, "uri", uri.data);
	garita_json_put(doc, physical, "artifactLocation", artifact);
	garita_json_put_u64(doc, region, "startLine", line > 0 ? line : 1);
	if (line > 0)
		column = column_of(about, at, line, column);
	if (line > 0 && column > 0)
		garita_json_put_u64(doc, region, "startColumn", column);
	garita_json_put(doc, physical, "region", region);
	garita_json_put(doc, location, "physicalLocation", physical);
	garita_json_append(doc, list, location);
	return list;
}

static const char *level_of(const struct garita_finding *f)
{
	switch (f->action) {
	case GARITA_DENY:
		return "error";
	case GARITA_WARN:
		return "warning";
	case GARITA_FIX:
		return "note";
	case GARITA_OFF: /* suppressed, below */
	case GARITA_ACTIONS:
		break;
	}
	return "warning";
}

static void put_words(struct garita_json_doc *doc, struct garita_json *node,
		      const struct garita_finding *f)
{
	auto_text words = { 0 };

	garita_text_printf(&words, "%s, wanted: %s. ", f->found, f->wanted);
	if (f->fixed)
		garita_text_puts(&words, "Repaired before the start.");
	else
		garita_text_printf(&words, "To pass: %s.", f->rule->remedy);
	if (f->problem != NULL)
		garita_text_printf(&words, " Repair: %s.", f->problem);
	put_message(doc, node, "message", words.data);
}

/* What the policy lets through is seen, and is no alert. */
static void put_suppression(struct garita_json_doc *doc,
			    struct garita_json *result, const char *reason)
{
	struct garita_json *list = garita_json_new_array(doc);
	struct garita_json *node = garita_json_new_object(doc);

	garita_json_put_string(doc, node, "kind", "external");
	garita_report_put_string(doc, node, "justification", reason);
	garita_json_append(doc, list, node);
	garita_json_put(doc, result, "suppressions", list);
}

static struct garita_json *result_node(struct garita_json_doc *doc,
				       const struct garita_report_about *about,
				       struct place *at,
				       const struct garita_finding *f)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *locations =
		locations_node(doc, about, at, f->line, f->column);
	struct garita_json *location = garita_json_item(locations, 0);
	struct garita_json *logical = garita_json_new_object(doc);
	struct garita_json *logicals = garita_json_new_array(doc);
	struct garita_json *prints = garita_json_new_object(doc);
	auto_text print = { 0 };

	garita_json_put_string(doc, node, "ruleId", f->rule->id);
	garita_json_put_string(doc, node, "kind", "fail");
	garita_json_put_string(doc, node, "level", level_of(f));
	put_words(doc, node, f);
	garita_report_put_string(doc, logical, "fullyQualifiedName",
				 f->pointer);
	garita_json_append(doc, logicals, logical);
	garita_json_put(doc, location, "logicalLocations", logicals);
	garita_json_put(doc, node, "locations", locations);
	garita_text_printf(&print, "%s:%s", f->rule->id, f->pointer);
	garita_report_put_string(doc, prints, "garitaRulePointer/v1",
				 print.data);
	garita_json_put(doc, node, "partialFingerprints", prints);
	if (f->action == GARITA_OFF)
		put_suppression(doc, node, f->exception);
	return node;
}

/* A rule that had nothing to say, for --explain. */
static struct garita_json *quiet_node(struct garita_json_doc *doc,
				      const struct garita_report_about *about,
				      size_t rule, enum garita_result result)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct place at = { 1, 0 };
	const char *why =
		garita_report_skipped(&about->decision->verdict, rule);

	garita_json_put_string(doc, node, "ruleId", garita_rule_at(rule)->id);
	garita_json_put_string(doc, node, "kind",
			       result == GARITA_RESULT_PASS ? "pass"
							    : "notApplicable");
	garita_json_put_string(doc, node, "level", "none");
	put_message(doc, node, "message",
		    why ? why : garita_rule_at(rule)->summary);
	garita_json_put(doc, node, "locations",
			locations_node(doc, about, &at, 0, 0));
	return node;
}

static void put_results(struct garita_json_doc *doc, struct garita_json *list,
			const struct garita_report_about *about,
			const struct garita_report_options *options)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	auto_free enum garita_result *results = garita_report_results(verdict);
	struct place at = { 1, 0 };

	for (size_t i = 0; i < verdict->count; i++)
		if (garita_report_wants(&options->only, &verdict->findings[i]))
			garita_json_append(doc, list,
					   result_node(doc, about, &at,
						       &verdict->findings[i]));
	for (size_t i = 0; options->explain && i < garita_rule_count(); i++)
		if (results[i] <= GARITA_RESULT_PASS &&
		    garita_report_wants_rule(&options->only, garita_rule_at(i),
					     results[i]))
			garita_json_append(
				doc, list,
				quiet_node(doc, about, i, results[i]));
}

static void put_notification(struct garita_json_doc *doc,
			     struct garita_json *list,
			     const struct garita_report_about *about)
{
	struct garita_json *node = garita_json_new_object(doc);
	struct place at = { 1, 0 };

	garita_json_put_string(doc, node, "level", "error");
	put_message(doc, node, "message", about->error->text);
	garita_json_put(doc, node, "locations",
			locations_node(doc, about, &at, about->error->line,
				       about->error->column));
	garita_json_append(doc, list, node);
}

void garita_report_sarif(const struct garita_report_about *abouts, size_t count,
			 const struct garita_report_options *options,
			 struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *runs = garita_json_new_array(doc);
	struct garita_json *run = garita_json_new_object(doc);
	struct garita_json *results = garita_json_new_array(doc);
	struct garita_json *invocations = garita_json_new_array(doc);
	struct garita_json *invocation = garita_json_new_object(doc);
	struct garita_json *problems = garita_json_new_array(doc);

	for (size_t i = 0; i < count; i++) {
		if (abouts[i].decision != NULL)
			put_results(doc, results, &abouts[i], options);
		else
			put_notification(doc, problems, &abouts[i]);
	}
	garita_json_put_string(doc, root, "$schema",
			       "https://docs.oasis-open.org/sarif/sarif/v2.1.0/"
			       "errata01/os/schemas/sarif-schema-2.1.0.json");
	garita_json_put_string(doc, root, "version", "2.1.0");
	garita_json_put(doc, run, "tool", tool_node(doc));
	garita_json_put_bool(doc, invocation, "executionSuccessful",
			     garita_json_count(problems) == 0);
	garita_json_put(doc, invocation, "toolExecutionNotifications",
			problems);
	garita_json_append(doc, invocations, invocation);
	garita_json_put(doc, run, "invocations", invocations);
	garita_json_put_string(doc, run, "columnKind", "unicodeCodePoints");
	garita_json_put(doc, run, "results", results);
	garita_json_append(doc, runs, run);
	garita_json_put(doc, root, "runs", runs);
	garita_report_put_tree(root, out);
}
