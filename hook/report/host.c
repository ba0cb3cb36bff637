/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - the machine's posture, for a person who works through it from top to
 * bottom, and for programs (docs/schema/host-1.schema.json).
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hook/clock.h"
#include "hook/report/report.h"
#include "policy/rules/families.h"

enum { REPORT_VERSION = 1 };

static const struct {
	const char *title;
	const struct garita_rule *family;
} sections[] = {
	{ "Facts", garita_rules_host_facts },
	{ "Kernel", garita_rules_host_kernel },
	{ "Known holes", garita_rules_host_advisories },
	{ "Modules", garita_rules_host_modules },
	{ "Hardening", garita_rules_host_hardening },
	{ "Storage", garita_rules_host_storage },
	{ "Engines", garita_rules_host_engines },
	{ "Access", garita_rules_host_access },
};

/* What a rule came to. Ordered: the worst of its findings counts, and not
 * knowing is less than knowing that it is wrong. */
enum state { OFF, PASS, EXCEPTED, WARN, UNKNOWN, FAIL, STATES };

static const char names[STATES][9] = {
	[OFF] = "off",   [PASS] = "pass",       [EXCEPTED] = "excepted",
	[WARN] = "warn", [UNKNOWN] = "unknown", [FAIL] = "fail",
};

static enum state state_of(const struct garita_finding *f)
{
	switch (f->action) {
	case GARITA_DENY:
	case GARITA_FIX:
		return f->unknown ? UNKNOWN : FAIL;
	case GARITA_WARN:
		return f->unknown ? UNKNOWN : WARN;
	case GARITA_OFF: /* only an exception leaves such a finding */
	case GARITA_ACTIONS:
		break;
	}
	return EXCEPTED;
}

static enum state result_of(const struct garita_verdict *verdict,
			    const struct garita_rule *rule)
{
	int index = garita_rule_find(rule->id);
	enum state worst = PASS;

	if (verdict->asked[index] != GARITA_ASKED)
		return OFF;
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    state_of(&verdict->findings[i]) > worst)
			worst = state_of(&verdict->findings[i]);
	return worst;
}

struct tally {
	size_t of[STATES];
	unsigned score; /* of a hundred */
};

static struct tally count(const struct garita_verdict *verdict)
{
	struct tally tally = { 0 };
	size_t asked;

	for (size_t s = 0; s < GARITA_COUNT(sections); s++)
		for (const struct garita_rule *rule = sections[s].family;
		     rule->id != NULL; rule++)
			tally.of[result_of(verdict, rule)]++;
	asked = tally.of[PASS] + tally.of[EXCEPTED] + tally.of[WARN] +
		tally.of[UNKNOWN] + tally.of[FAIL];
	if (asked > 0)
		tally.score = (unsigned)((tally.of[PASS] + tally.of[EXCEPTED]) *
					 100 / asked);
	return tally;
}

/* Is this line wanted? A rule that passed only where nobody chose. */
static bool is_wanted(const struct garita_report_options *options,
		      const struct garita_verdict *verdict,
		      const struct garita_rule *rule, enum state state)
{
	if (state == OFF || state == PASS)
		return garita_report_wants_rule(
			&options->only, rule,
			state == PASS ? GARITA_RESULT_PASS
				      : GARITA_RESULT_SKIPPED);
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    garita_report_wants(&options->only, &verdict->findings[i]))
			return true;
	return false;
}

/* ---- text ---- */

static const char *const colours[STATES] = {
	[OFF] = "\033[2m",         [PASS] = "\033[1;32m",
	[EXCEPTED] = "\033[1;33m", [WARN] = "\033[1;33m",
	[UNKNOWN] = "\033[1;33m",  [FAIL] = "\033[1;31m",
};

static void put_word(const struct garita_report_options *options,
		     enum state state, struct garita_text *out)
{
	garita_text_puts(out, "  ");
	if (options->colour)
		garita_text_puts(out, colours[state]);
	garita_text_puts(out, names[state]);
	if (options->colour)
		garita_text_puts(out, "\033[0m");
	garita_text_printf(out, "%*s", 10 - (int)strlen(names[state]), "");
}

/* Words that are broken before column 80, below where they began. */
static void put_wrapped(struct garita_text *out, const char *before,
			const char *text)
{
	enum { WIDTH = 66 };
	auto_text safe = { 0 };
	size_t column = 0;

	garita_report_put_safe(&safe, text);
	garita_text_printf(out, "            %s", before);
	for (const char *word = safe.data; *word != '\0';) {
		size_t len = strcspn(word, " ");

		if (column > 0 && column + len + 1 > WIDTH) {
			garita_text_printf(out, "\n            %*s",
					   (int)strlen(before), "");
			column = 0;
		}
		if (column > 0)
			garita_text_putc(out, ' ');
		garita_text_add(out, word, len);
		column += len + 1;
		word += len;
		word += strspn(word, " ");
	}
	garita_text_putc(out, '\n');
}

static void put_finding(const struct garita_finding *f, struct garita_text *out)
{
	auto_text line = { 0 };

	garita_text_printf(&line, "%s (wanted: %s)", f->found, f->wanted);
	put_wrapped(out, "", line.data);
	if (f->exception != NULL)
		put_wrapped(out, "except  ", f->exception);
}

static void put_rule(const struct garita_report_machine *about,
		     const struct garita_report_options *options,
		     const struct garita_rule *rule, enum state state,
		     struct garita_text *out)
{
	const struct garita_verdict *verdict = &about->decision->verdict;

	put_word(options, state, out);
	garita_text_printf(out, "%-26s%s\n", rule->id, rule->summary);
	if (state == OFF || state == PASS)
		return;
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    garita_report_wants(&options->only, &verdict->findings[i]))
			put_finding(&verdict->findings[i], out);
	if (state != EXCEPTED)
		put_wrapped(out, "-> ", rule->remedy);
}

static void put_head(const struct garita_report_machine *about,
		     struct garita_text *out)
{
	const char *release = garita_json_string(
		garita_facts_at(about->facts, "/kernel/release"));
	const char *distribution = garita_json_string(
		garita_facts_at(about->facts, "/distribution"));
	char when[GARITA_CLOCK_SIZE];

	garita_text_puts(out, "Linux ");
	garita_report_put_safe(out, release ? release : "(unknown)");
	if (distribution != NULL) {
		garita_text_puts(out, ", ");
		garita_report_put_safe(out, distribution);
	}
	garita_text_printf(out, "  (%s",
			   garita_policy_profile_words(about->policy));
	if (about->facts->gathered > 0) {
		garita_clock_words(
			&(struct timespec){ .tv_sec = about->facts->gathered },
			when);
		garita_text_printf(out, ", facts of %.19sZ", when);
	}
	garita_text_puts(out, ")\n");
}

void garita_report_machine_text(const struct garita_report_machine *about,
				const struct garita_report_options *options,
				struct garita_text *out)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	const struct tally tally = count(verdict);

	put_head(about, out);
	for (size_t s = 0; s < GARITA_COUNT(sections); s++) {
		const char *title = sections[s].title;

		for (const struct garita_rule *rule = sections[s].family;
		     rule->id != NULL; rule++) {
			enum state state = result_of(verdict, rule);

			if (!is_wanted(options, verdict, rule, state))
				continue;
			if (title != NULL)
				garita_text_printf(
					out, "\n%s%s%s\n",
					options->colour ? "\033[1m" : "", title,
					options->colour ? "\033[0m" : "");
			title = NULL;
			put_rule(about, options, rule, state, out);
		}
	}
	garita_text_printf(out,
			   "\nScore %u of 100: %zu pass, %zu warn, %zu fail, "
			   "%zu unknown, %zu excepted; %zu off\n",
			   tally.score, tally.of[PASS], tally.of[WARN],
			   tally.of[FAIL], tally.of[UNKNOWN],
			   tally.of[EXCEPTED], tally.of[OFF]);
}

/* ---- JSON ---- */

static struct garita_json *rule_node(
	struct garita_json_doc *doc, const struct garita_report_machine *about,
	const struct garita_report_options *options, const char *section,
	const struct garita_rule *rule)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	struct garita_json *node = garita_json_new_object(doc);
	struct garita_json *findings = garita_json_new_array(doc);

	garita_json_put_string(doc, node, "section", section);
	garita_json_put_string(doc, node, "rule", rule->id);
	garita_json_put_string(doc, node, "result",
			       names[result_of(verdict, rule)]);
	garita_json_put_string(doc, node, "summary", rule->summary);
	garita_json_put_string(doc, node, "remedy", rule->remedy);
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    garita_report_wants(&options->only, &verdict->findings[i]))
			garita_json_append(doc, findings,
					   garita_report_finding(
						   doc, &verdict->findings[i]));
	garita_json_put(doc, node, "findings", findings);
	return node;
}

static void put_counts(struct garita_json_doc *doc, struct garita_json *root,
		       const struct tally *tally)
{
	struct garita_json *counts = garita_json_new_object(doc);

	for (enum state state = 0; state < STATES; state++)
		garita_json_put_u64(doc, counts, names[state],
				    tally->of[state]);
	garita_json_put_u64(doc, root, "score", tally->score);
	garita_json_put(doc, root, "counts", counts);
}

void garita_report_machine_json(const struct garita_report_machine *about,
				const struct garita_report_options *options,
				struct garita_text *out)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *rules = garita_json_new_array(doc);
	const struct tally tally = count(verdict);

	garita_json_put_u64(doc, root, "version", REPORT_VERSION);
	garita_json_put_string(doc, root, "verdict",
			       garita_outcome_name(verdict->outcome));
	garita_json_put_string(doc, root, "profile",
			       garita_policy_profile_words(about->policy));
	if (about->facts->gathered > 0)
		garita_json_put_u64(doc, root, "gathered",
				    (uint64_t)about->facts->gathered);
	put_counts(doc, root, &tally);
	for (size_t s = 0; s < GARITA_COUNT(sections); s++)
		for (const struct garita_rule *rule = sections[s].family;
		     rule->id != NULL; rule++)
			if (is_wanted(options, verdict, rule,
				      result_of(verdict, rule)))
				garita_json_append(
					doc, rules,
					rule_node(doc, about, options,
						  sections[s].title, rule));
	garita_json_put(doc, root, "rules", rules);
	garita_report_put_tree(root, out);
}
