/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sarif - the findings of a SARIF 2.1.0 log, as scanners write it for code
 * hosts: a result names a rule, and the rule has a "security-severity", which
 * is a CVSS score. The level (error, warning, note) is no severity.
 *
 * It says nothing of a fix, so every finding counts as one that can be fixed.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/predicate.h"

/* A rule of a run, by its id. */
struct rule {
	const char *id;
	bool known;
	enum garita_severity severity;
};

struct rules {
	struct rule *all; /* sorted by id; of equal ids the worst is first */
	size_t count;
};

static struct rule read_rule(const struct garita_json *node)
{
	const struct garita_json *score = garita_json_get(
		garita_json_get(node, "properties"), "security-severity");
	const char *text = garita_json_string(score);
	struct rule rule = {
		.id = garita_json_string(garita_json_get(node, "id")),
	};

	if (text == NULL)
		text = garita_json_number_text(score);
	rule.known = text != NULL && garita_severity_read(text, &rule.severity);
	return rule;
}

static int by_id(const void *a, const void *b)
{
	const struct rule *one = a, *other = b;
	int order = strcmp(one->id, other->id);

	if (order != 0)
		return order;
	/* Two rules of one id: what is not known, then the worse. */
	if (one->known != other->known)
		return one->known ? 1 : -1;
	return (one->severity < other->severity) -
	       (one->severity > other->severity);
}

static int read_rules(const struct garita_json *run, struct rules *ret,
		      struct garita_error *err)
{
	const struct garita_json *list = garita_json_get(
		garita_json_get(garita_json_get(run, "tool"), "driver"),
		"rules");

	ret->all = garita_xcalloc(garita_json_count(list), sizeof(*ret->all));
	for (size_t i = 0; i < garita_json_count(list); i++) {
		ret->all[i] = read_rule(garita_json_item(list, i));
		if (ret->all[i].id == NULL)
			return garita_fail(err, EINVAL,
					   "a rule of SARIF without its id");
		ret->count++;
	}
	if (ret->count > 0)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_id);
	return 0;
}

static const struct rule *find_rule(const struct rules *rules, const char *id)
{
	size_t low = 0, high = rules->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(rules->all[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < rules->count && strcmp(rules->all[low].id, id) == 0
		       ? &rules->all[low]
		       : NULL;
}

/* Results may also be of what was looked for and not found. */
static bool is_finding(const struct garita_json *result)
{
	const char *kind = garita_json_string(garita_json_get(result, "kind"));

	return kind == NULL || (strcmp(kind, "pass") != 0 &&
				strcmp(kind, "notApplicable") != 0);
}

static int read_result(const struct garita_json *result,
		       const struct rules *rules, garita_finding_fn *tell,
		       void *data, struct garita_error *err)
{
	const char *id = garita_json_string(garita_json_get(result, "ruleId"));
	struct garita_finding finding = { .id = id, .fixable = true };
	const struct rule *rule;

	if (!is_finding(result))
		return 0;
	if (id == NULL)
		id = garita_json_string(
			garita_json_get(garita_json_get(result, "rule"), "id"));
	if (id == NULL || *id == '\0')
		return garita_fail(err, EINVAL,
				   "a result of SARIF without its ruleId");
	rule = find_rule(rules, id);
	finding.id = id;
	finding.unknown = rule == NULL || !rule->known;
	if (!finding.unknown)
		finding.severity = rule->severity;
	tell(data, &finding);
	return 0;
}

static int read_run(const struct garita_json *run, garita_finding_fn *tell,
		    void *data, struct garita_error *err)
{
	const struct garita_json *results = garita_json_get(run, "results");
	struct rules rules = { 0 };
	int rc = read_rules(run, &rules, err);

	/* null: the run did not come to looking. */
	if (rc == 0 && garita_json_type(results) != GARITA_JSON_ARRAY)
		rc = garita_fail(err, EINVAL,
				 "a run of SARIF without results: nothing was "
				 "scanned");
	for (size_t i = 0; rc == 0 && i < garita_json_count(results); i++)
		rc = read_result(garita_json_item(results, i), &rules, tell,
				 data, err);
	free(rules.all);
	return rc;
}

int garita_sarif_findings(const struct garita_json *root,
			  garita_finding_fn *tell, void *data,
			  struct garita_error *err)
{
	const struct garita_json *runs = garita_json_get(root, "runs");
	const char *version =
		garita_json_string(garita_json_get(root, "version"));
	int rc = 0;

	if (version == NULL || strcmp(version, "2.1.0") != 0)
		return garita_fail(err, EINVAL, "SARIF that is not 2.1.0");
	if (garita_json_type(runs) != GARITA_JSON_ARRAY ||
	    garita_json_count(runs) == 0)
		return garita_fail(err, EINVAL,
				   "SARIF without a run: nothing was scanned");
	for (size_t i = 0; rc == 0 && i < garita_json_count(runs); i++)
		rc = read_run(garita_json_item(runs, i), tell, data, err);
	return rc;
}
