/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * junit - verdicts for CI: a suite for each input, a case for each rule. A
 * refusal is a failure, an input that cannot be judged an error, a rule that
 * was not asked is skipped; repairs and warnings are what a passing case says.
 */
#include "hook/report/report.h"

static void put_attribute(struct garita_text *out, const char *name,
			  const char *value)
{
	garita_text_printf(out, " %s=\"", name);
	garita_report_put_xml(out, value);
	garita_text_putc(out, '"');
}

/* The findings of one rule, a line each. */
static void put_findings(struct garita_text *out,
			 const struct garita_verdict *verdict,
			 const struct garita_rule *rule,
			 const struct garita_report_only *only)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->rule != rule || !garita_report_wants(only, f))
			continue;
		garita_report_put_xml(out, *f->pointer ? f->pointer : "/");
		if (f->line > 0)
			garita_text_printf(out, " (line %u, column %u)",
					   f->line, f->column);
		garita_text_puts(out, ": ");
		garita_report_put_xml(out, f->found);
		garita_text_puts(out, "; wanted: ");
		garita_report_put_xml(out, f->wanted);
		if (f->exception != NULL) {
			garita_text_puts(out, "; exception: ");
			garita_report_put_xml(out, f->exception);
		}
		garita_text_putc(out, '\n');
	}
}

static bool is_failure(enum garita_result result,
		       const struct garita_report_options *options)
{
	return result == GARITA_RESULT_FAIL ||
	       (result == GARITA_RESULT_WARNED && options->warnings_bad);
}

static void put_case(struct garita_text *out,
		     const struct garita_report_about *about, size_t index,
		     enum garita_result result,
		     const struct garita_report_options *options)
{
	const struct garita_verdict *verdict = &about->decision->verdict;
	const struct garita_rule *rule = garita_rule_at(index);
	bool failure = is_failure(result, options);

	garita_text_puts(out, "    <testcase");
	put_attribute(out, "classname", about->source);
	put_attribute(out, "name", rule->id);
	if (result == GARITA_RESULT_PASS) {
		garita_text_puts(out, "/>\n");
		return;
	}
	garita_text_puts(out, ">\n      ");
	if (result == GARITA_RESULT_SKIPPED) {
		garita_text_puts(out, "<skipped");
		put_attribute(out, "message",
			      garita_report_skipped(verdict, index));
		garita_text_puts(out, "/>");
	} else if (failure) {
		garita_text_puts(out, "<failure");
		put_attribute(out, "type", garita_result_name(result));
		put_attribute(out, "message", rule->summary);
		garita_text_putc(out, '>');
		put_findings(out, verdict, rule, &options->only);
		garita_text_puts(out, "why: ");
		garita_report_put_xml(out, rule->why);
		garita_text_puts(out, "\nfix: ");
		garita_report_put_xml(out, rule->remedy);
		garita_text_puts(out, "\n</failure>");
	} else {
		garita_text_printf(out, "<system-out>%s\n",
				   garita_result_name(result));
		put_findings(out, verdict, rule, &options->only);
		garita_text_puts(out, "</system-out>");
	}
	garita_text_puts(out, "\n    </testcase>\n");
}

struct totals {
	size_t tests, failures, errors, skipped;
};

static void put_totals(struct garita_text *out, const struct totals *totals)
{
	garita_text_printf(out,
			   " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
			   "skipped=\"%zu\">\n",
			   totals->tests, totals->failures, totals->errors,
			   totals->skipped);
}

static void put_error_suite(struct garita_text *out,
			    const struct garita_report_about *about,
			    struct totals *sum)
{
	const struct totals one = { .tests = 1, .errors = 1 };
	char words[1024];

	garita_text_puts(out, "  <testsuite");
	put_attribute(out, "name", about->source);
	put_totals(out, &one);
	garita_text_puts(out, "    <testcase");
	put_attribute(out, "classname", about->source);
	garita_text_puts(out, " name=\"could-be-judged\">\n      <error");
	put_attribute(out, "message",
		      garita_error_words(about->error, words, sizeof(words)));
	garita_text_puts(out, "/>\n    </testcase>\n  </testsuite>\n");
	sum->tests++;
	sum->errors++;
}

static void put_suite(struct garita_text *out,
		      const struct garita_report_about *about,
		      const struct garita_report_options *options,
		      struct totals *sum)
{
	auto_free enum garita_result *results =
		garita_report_results(&about->decision->verdict);
	struct totals totals = { 0 };
	auto_text cases = { 0 };

	for (size_t i = 0; i < garita_rule_count(); i++) {
		if (!garita_report_wants_rule(&options->only, garita_rule_at(i),
					      results[i]))
			continue;
		put_case(&cases, about, i, results[i], options);
		totals.tests++;
		totals.failures += is_failure(results[i], options);
		totals.skipped += results[i] == GARITA_RESULT_SKIPPED;
	}
	garita_text_puts(out, "  <testsuite");
	put_attribute(out, "name", about->source);
	put_totals(out, &totals);
	garita_text_add(out, cases.len > 0 ? cases.data : "", cases.len);
	garita_text_puts(out, "  </testsuite>\n");
	sum->tests += totals.tests;
	sum->failures += totals.failures;
	sum->skipped += totals.skipped;
}

void garita_report_junit(const struct garita_report_about *abouts, size_t count,
			 const struct garita_report_options *options,
			 struct garita_text *out)
{
	struct totals sum = { 0 };
	auto_text suites = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (abouts[i].decision != NULL)
			put_suite(&suites, &abouts[i], options, &sum);
		else
			put_error_suite(&suites, &abouts[i], &sum);
	}
	garita_text_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			      "<testsuites name=\"garita\"");
	put_totals(out, &sum);
	garita_text_add(out, suites.data, suites.len);
	garita_text_puts(out, "</testsuites>\n");
}
