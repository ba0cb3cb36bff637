/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line - see the header.
 */
#include "hook/log/line.h"

#include <errno.h>
#include <string.h>

#include "garita/image.h"
#include "garita/match.h"

static const char *word(const struct garita_json *object, const char *key)
{
	return garita_json_string(garita_json_get(object, key));
}

static bool is_digest(const char *text)
{
	return text != NULL && garita_digest_well_formed(text);
}

/* A manifest is only sure where all hangs together. */
static void read_image(const struct garita_json *image,
		       struct garita_log_line *ret)
{
	const char *sure = word(image, "sure");
	const char *manifest = word(image, "manifest");
	const char *config = word(image, "config");

	ret->why_not = word(image, "whyNot");
	ret->names = garita_json_get(image, "names");
	ret->image = word(image, "reference");
	if (ret->image == NULL)
		ret->image =
			garita_json_string(garita_json_item(ret->names, 0));
	if (sure == NULL)
		return;
	if (strcmp(sure, "verified") == 0 && is_digest(manifest))
		ret->digest = manifest;
	else if (strcmp(sure, "unknown") != 0 && is_digest(config))
		ret->digest = config;
}

static int check(const struct garita_log_line *line, uint64_t version,
		 struct garita_error *err)
{
	if (version != 1)
		return garita_fail(err, EINVAL,
				   "not a record of version 1, the one that "
				   "this garita reads");
	if (line->time == NULL || !garita_clock_is_words(line->time))
		return garita_fail(err, EINVAL, "a record without its time");
	if (strcmp(line->event, "decision") == 0 && line->verdict == NULL)
		return garita_fail(err, EINVAL, "a decision without a verdict");
	return 0;
}

int garita_log_line_read(const char *text, size_t len,
			 struct garita_log_line *ret, struct garita_error *err)
{
	struct garita_log_line line = { 0 };
	const struct garita_json *root;
	uint64_t version = 0;
	int rc;

	if (len > GARITA_LOG_LINE_MAX)
		return garita_fail(err, E2BIG, "a line of more than 1 MiB");
	rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &line.doc, err);
	if (rc < 0)
		return rc;
	root = garita_json_root(line.doc);
	line.time = word(root, "time");
	line.event = word(root, "event");
	if (line.event == NULL) /* as the first of them were written */
		line.event = "decision";
	line.verb = word(root, "verb");
	line.verdict = word(root, "verdict");
	line.would = word(root, "would");
	line.engine = word(root, "engine");
	line.id = word(root, "id");
	line.error = word(root, "error");
	line.policy = word(root, "policy");
	line.before = word(root, "policyBefore");
	line.scope = word(root, "scope");
	line.subject = word(root, "subject");
	line.rules = garita_json_get(root, "rules");
	line.covered = garita_json_get(root, "rulesCovered");
	line.findings = garita_json_get(root, "findings");
	read_image(garita_json_get(root, "image"), &line);
	(void)garita_json_u64(garita_json_get(root, "costMicroseconds"),
			      &line.cost_us);
	(void)garita_json_u64(garita_json_get(root, "version"), &version);
	rc = check(&line, version, err);
	if (rc < 0)
		garita_log_line_free(&line);
	else
		*ret = line;
	return rc;
}

void garita_log_line_free(struct garita_log_line *line)
{
	garita_json_free(line->doc);
	*line = (struct garita_log_line){ 0 };
}

static bool is(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

const char *garita_log_line_word(const struct garita_log_line *line)
{
	if (strcmp(line->event, "decision") != 0)
		return line->event;
	if (is(line->would, "deny") && !is(line->verdict, "deny"))
		return "would-deny";
	if (is(line->would, "repair") && !is(line->verdict, "deny"))
		return "would-repair";
	return line->verdict;
}

/* ---- what is looked for ---- */

static bool is_among(const struct garita_patterns *wanted, const char *text)
{
	for (size_t i = 0; text != NULL && i < wanted->count; i++)
		if (strcmp(wanted->words[i], text) == 0)
			return true;
	return false;
}

/* Also one that only warned or was excepted. */
static bool has_rule(const struct garita_patterns *wanted,
		     const struct garita_log_line *line)
{
	for (size_t i = 0; i < garita_json_count(line->rules); i++)
		if (is_among(wanted, garita_json_string(
					     garita_json_item(line->rules, i))))
			return true;
	for (size_t i = 0; i < garita_json_count(line->findings); i++)
		if (is_among(wanted,
			     word(garita_json_item(line->findings, i), "rule")))
			return true;
	return false;
}

/* By a pattern of its name, as a selector has them, or by its digest. */
static bool has_image(const struct garita_patterns *wanted,
		      const struct garita_log_line *line)
{
	if (is_among(wanted, line->digest) ||
	    (line->image != NULL &&
	     garita_patterns_fit_name(wanted, line->image)))
		return true;
	for (size_t i = 0; i < garita_json_count(line->names); i++) {
		const char *name =
			garita_json_string(garita_json_item(line->names, i));

		if (name != NULL && garita_patterns_fit_name(wanted, name))
			return true;
	}
	return false;
}

/* By the beginning of its id, as engines take them. */
static bool has_container(const struct garita_patterns *wanted,
			  const struct garita_log_line *line)
{
	for (size_t i = 0; line->id != NULL && i < wanted->count; i++)
		if (garita_starts_with(line->id, wanted->words[i]))
			return true;
	return false;
}

bool garita_log_filter_wants(const struct garita_log_filter *filter,
			     const struct garita_log_line *line)
{
	if (*filter->since && strcmp(line->time, filter->since) < 0)
		return false;
	if (*filter->until && strcmp(line->time, filter->until) >= 0)
		return false;
	if (filter->verdicts.count > 0 &&
	    !is_among(&filter->verdicts, garita_log_line_word(line)))
		return false;
	if (filter->rules.count > 0 && !has_rule(&filter->rules, line))
		return false;
	if (filter->images.count > 0 && !has_image(&filter->images, line))
		return false;
	if (filter->containers.count > 0 &&
	    !has_container(&filter->containers, line))
		return false;
	return filter->engines.count == 0 ||
	       is_among(&filter->engines, line->engine);
}
