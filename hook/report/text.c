/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text - a verdict for a person at a terminal.
 */
#include <stdio.h>
#include <string.h>

#include "hook/report/report.h"

enum colour { PLAIN, BOLD, RED, GREEN, YELLOW, DIM };

static const char *const codes[] = {
	[PLAIN] = "\033[0m",    [BOLD] = "\033[1m",      [RED] = "\033[1;31m",
	[GREEN] = "\033[1;32m", [YELLOW] = "\033[1;33m", [DIM] = "\033[2m",
};

struct painter {
	struct garita_text *out;
	bool colour;
	const struct garita_report_only *only;
};

static void paint(const struct painter *p, enum colour colour, const char *text)
{
	if (p->colour)
		garita_text_puts(p->out, codes[colour]);
	garita_text_puts(p->out, text);
	if (p->colour)
		garita_text_puts(p->out, codes[PLAIN]);
}

/* Label and value; further lines of the value are indented below the first. */
static void put_field(const struct painter *p, const char *label,
		      const char *value)
{
	enum { WIDTH = 64 };
	size_t column = 0;
	auto_text safe = { 0 };

	if (value == NULL || *value == '\0')
		return;
	garita_report_put_safe(&safe, value);
	garita_text_puts(p->out, "      ");
	paint(p, DIM, label);
	for (const char *word = safe.data; *word != '\0';) {
		size_t len = strcspn(word, " ");

		if (column > 0 && column + len + 1 > WIDTH) {
			garita_text_puts(p->out, "\n              ");
			column = 0;
		}
		if (column > 0)
			garita_text_putc(p->out, ' ');
		garita_text_add(p->out, word, len);
		column += len + 1;
		word += len;
		word += strspn(word, " ");
	}
	garita_text_putc(p->out, '\n');
}

static void put_finding(const struct painter *p, const char *source,
			const struct garita_finding *f, enum colour colour)
{
	garita_text_puts(p->out, "  ");
	paint(p, colour, f->rule->id);
	garita_text_puts(p->out, "  ");
	garita_report_put_safe(p->out, *f->pointer ? f->pointer : "/");
	if (f->line > 0) {
		garita_text_puts(p->out, "  ");
		garita_report_put_safe(p->out, source);
		garita_text_printf(p->out, ":%u:%u", f->line, f->column);
	}
	garita_text_putc(p->out, '\n');
	put_field(p, "found   ", f->found);
	put_field(p, "wanted  ", f->wanted);
	put_field(p, "why     ", f->rule->why);
	if (f->problem != NULL)
		put_field(p, "repair  ", f->problem);
	put_field(p, "except  ", f->exception);
	if (!f->fixed)
		put_field(p, "fix     ", f->rule->remedy);
}

typedef bool group_fn(const struct garita_finding *f);

static bool is_refused(const struct garita_finding *f)
{
	return !f->covered && !f->fixed && f->action == GARITA_DENY;
}

static bool is_repair(const struct garita_finding *f)
{
	return !f->covered && f->action == GARITA_FIX;
}

static bool is_warning(const struct garita_finding *f)
{
	return !f->covered && f->action == GARITA_WARN;
}

static bool is_excepted(const struct garita_finding *f)
{
	return !f->covered && f->action == GARITA_OFF;
}

static void put_group(const struct painter *p, const char *source,
		      const struct garita_verdict *verdict, const char *title,
		      enum colour colour, group_fn *belongs)
{
	bool first = true;

	for (size_t i = 0; i < verdict->count; i++) {
		if (!belongs(&verdict->findings[i]) ||
		    !garita_report_wants(p->only, &verdict->findings[i]))
			continue;
		if (first) {
			garita_text_putc(p->out, '\n');
			paint(p, BOLD, title);
			garita_text_putc(p->out, '\n');
			first = false;
		}
		put_finding(p, source, &verdict->findings[i], colour);
	}
}

static bool is_covered(const struct painter *p, const struct garita_finding *f)
{
	return f->covered && garita_report_wants(p->only, f);
}

static void put_covered(const struct painter *p,
			const struct garita_verdict *verdict)
{
	size_t covered = 0;
	bool named = false;

	for (size_t i = 0; i < verdict->count; i++)
		covered += is_covered(p, &verdict->findings[i]);
	if (covered == 0)
		return;
	garita_text_printf(p->out, "      with it: ");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (!is_covered(p, f))
			continue;
		garita_text_puts(p->out, named ? ", " : "");
		garita_text_puts(p->out, f->rule->id);
		named = true;
	}
	garita_text_putc(p->out, '\n');
}

static void put_image(const struct painter *p, const struct garita_image *image)
{
	if (image->sure == GARITA_IMAGE_UNKNOWN)
		return;
	paint(p, DIM, "image   ");
	if (image->name_count > 0) {
		garita_report_put_safe(p->out, image->names[0]);
		garita_text_putc(p->out, ' ');
	}
	garita_text_puts(p->out,
			 *image->manifest ? image->manifest : image->config);
	garita_text_putc(p->out, '\n');
}

/* Every rule with what it came to, and why one was not asked. */
static void put_rules(const struct painter *p,
		      const struct garita_verdict *verdict)
{
	static const enum colour colours[] = {
		[GARITA_RESULT_SKIPPED] = DIM,
		[GARITA_RESULT_PASS] = GREEN,
		[GARITA_RESULT_EXCEPTED] = YELLOW,
		[GARITA_RESULT_WARNED] = YELLOW,
		[GARITA_RESULT_FIXED] = YELLOW,
		[GARITA_RESULT_FIXABLE] = YELLOW,
		[GARITA_RESULT_FAIL] = RED,
	};
	auto_free enum garita_result *results = garita_report_results(verdict);

	garita_text_putc(p->out, '\n');
	paint(p, BOLD, "Rules");
	garita_text_putc(p->out, '\n');
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		const char *why = garita_report_skipped(verdict, i);
		char word[16];

		if (!garita_report_wants_rule(p->only, rule, results[i]))
			continue;
		snprintf(word, sizeof(word), "%-9s",
			 garita_result_name(results[i]));
		garita_text_puts(p->out, "  ");
		paint(p, colours[results[i]], word);
		garita_text_printf(p->out, "%-28s%s\n", rule->id,
				   why ? why : rule->summary);
	}
}

static void put_about(const struct painter *p,
		      const struct garita_report_about *about, bool explain)
{
	static const struct {
		const char *word;
		enum colour colour;
	} heads[] = {
		[GARITA_ADMIT] = { "admitted", GREEN },
		[GARITA_REPAIR] = { "admitted after repairs", GREEN },
		[GARITA_REFUSE] = { "refused", RED },
	};
	const struct garita_verdict *verdict = &about->decision->verdict;
	bool refused = verdict->outcome == GARITA_REFUSE;

	paint(p, heads[verdict->outcome].colour, heads[verdict->outcome].word);
	garita_text_puts(p->out, "  ");
	garita_report_put_safe(p->out, about->source);
	garita_text_printf(p->out, "  (%s",
			   garita_policy_profile_words(about->policy));
	if (verdict->scope != NULL) {
		garita_text_puts(p->out, ", scope ");
		garita_report_put_safe(p->out, verdict->scope);
	}
	garita_text_puts(p->out, about->policy->mode == GARITA_MODE_DRY_RUN
					 ? ", dry-run)\n"
					 : ")\n");
	put_image(p, &about->decision->image);
	put_group(p, about->source, verdict, "Refused", RED, is_refused);
	put_covered(p, verdict);
	put_group(p, about->source, verdict,
		  refused ? "Would be repaired" : "Repaired", YELLOW,
		  is_repair);
	put_group(p, about->source, verdict, "Warnings", YELLOW, is_warning);
	put_group(p, about->source, verdict, "Let through by an exception",
		  YELLOW, is_excepted);
	if (explain)
		put_rules(p, verdict);
}

static void put_summary(const struct painter *p,
			const struct garita_report_about *abouts, size_t count)
{
	const struct garita_report_tally tally =
		garita_report_tally(abouts, count);
	const struct {
		size_t count;
		const char *words;
	} parts[] = {
		{ tally.refused, "refused" },
		{ tally.repaired, "admitted after repairs" },
		{ tally.admitted, "admitted" },
		{ tally.errors, "not judged" },
	};
	const char *before = ": ";

	garita_text_printf(p->out, "\n%zu inputs", count);
	for (size_t i = 0; i < GARITA_COUNT(parts); i++) {
		if (parts[i].count == 0)
			continue;
		garita_text_printf(p->out, "%s%zu %s", before, parts[i].count,
				   parts[i].words);
		before = ", ";
	}
	garita_text_putc(p->out, '\n');
}

void garita_report_text(const struct garita_report_about *abouts, size_t count,
			const struct garita_report_options *options,
			struct garita_text *out)
{
	const struct painter p = { out, options->colour, &options->only };

	for (size_t i = 0; i < count; i++) {
		if (abouts[i].decision == NULL)
			continue;
		if (out->len > 0)
			garita_text_putc(out, '\n');
		put_about(&p, &abouts[i], options->explain);
	}
	if (count > 1)
		put_summary(&p, abouts, count);
}
