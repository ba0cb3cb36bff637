/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - verdicts in words: for people, for programs, and as the one line
 * that a container engine shows its user.
 *
 * A format takes every input of a run at once, so that several are one
 * document. What is shown can be narrowed; what was decided cannot.
 */
#ifndef GARITA_HOOK_REPORT_H
#define GARITA_HOOK_REPORT_H

#include <stdbool.h>

#include "hook/gate.h"

/* One input and what became of it. All borrowed. */
struct garita_report_about {
	const char *source; /* "config.json", "standard input" */
	const struct garita_policy *policy;
	const struct garita_decision *decision; /* NULL: not judged */
	const struct garita_error *error;       /* then: why not */
	const char *text; /* what was judged, for columns; or NULL */
	size_t len;
};

/* The findings that a reader wants; empty: all. */
struct garita_report_only {
	/* None set: any of them. Unknown facts are also denied or warned. */
	bool denied, fixed, warned, excepted, unknown;
	const struct garita_rule **rules;
	size_t rule_count; /* 0: any */
};

struct garita_report_options {
	bool colour;       /* ANSI, in text */
	bool explain;      /* every rule, also those that had nothing to say */
	bool warnings_bad; /* a warning is a failure */
	struct garita_report_only only;
};

/* "denied,RULE,...": -EINVAL with the nearest word. The caller frees. */
int garita_report_only_parse(const char *words, struct garita_report_only *ret,
			     struct garita_error *err);
void garita_report_only_free(struct garita_report_only *only);
bool garita_report_wants(const struct garita_report_only *only,
			 const struct garita_finding *finding);

/* What one rule came to. Ordered: the worst of its findings counts. */
enum garita_result {
	GARITA_RESULT_SKIPPED, /* not asked */
	GARITA_RESULT_PASS,
	GARITA_RESULT_EXCEPTED, /* let through, with a reason */
	GARITA_RESULT_WARNED,
	GARITA_RESULT_FIXED,
	GARITA_RESULT_FIXABLE, /* would have been, but another rule refused */
	GARITA_RESULT_FAIL,
};
/* "skipped", "pass", "excepted", "warned", "fixed", "fixable", "fail" */
const char *garita_result_name(enum garita_result result);
/* One a rule in registry order; the caller frees. */
enum garita_result *garita_report_results(const struct garita_verdict *verdict);
/* Why a rule was not asked: "off", "not asked of a container". */
const char *garita_report_skipped(const struct garita_verdict *verdict,
				  size_t rule);
bool garita_report_wants_rule(const struct garita_report_only *only,
			      const struct garita_rule *rule,
			      enum garita_result result);

/* How many inputs came to what. */
struct garita_report_tally {
	size_t admitted, repaired, refused, errors;
};
struct garita_report_tally garita_report_tally(
	const struct garita_report_about *abouts, size_t count);
/* "error", "refuse", "repair" or "admit": the worst. */
const char *garita_report_worst(const struct garita_report_tally *tally);

/* A format: all inputs of a run into one text. */
typedef void garita_report_format(const struct garita_report_about *abouts,
				  size_t count,
				  const struct garita_report_options *options,
				  struct garita_text *out);

/* Grouped: refused, would be repaired or repaired, warnings; found, wanted,
 * why and what to do. Inputs that were not judged are only counted. */
garita_report_format garita_report_text;
/* One JSON object; docs/schema/report-1.schema.json. */
garita_report_format garita_report_json;
/* SARIF 2.1.0: one run, a result for each finding. */
garita_report_format garita_report_sarif;
/* JUnit XML: a suite for each input, a case for each rule. */
garita_report_format garita_report_junit;

/* A unified diff between two texts, as patch(1) takes it; nothing when they
 * are equal. Every line of both must end in a newline. */
void garita_report_diff(const char *name, const struct garita_text *before,
			const struct garita_text *after,
			struct garita_text *out);

/* The machine's own report (host.c): every rule about it, in sections, and how
 * many of those that were asked are well, of a hundred. */
struct garita_report_machine {
	const struct garita_policy *policy;
	const struct garita_decision *decision;
	const struct garita_facts *facts;
};
void garita_report_machine_text(const struct garita_report_machine *about,
				const struct garita_report_options *options,
				struct garita_text *out);
/* docs/schema/host-1.schema.json */
void garita_report_machine_json(const struct garita_report_machine *about,
				const struct garita_report_options *options,
				struct garita_text *out);

/* One finding as a JSON object in `doc`. */
struct garita_json *garita_report_finding(struct garita_json_doc *doc,
					  const struct garita_finding *finding);

/* Text out of a config: what a terminal would act on is shown as \xNN, so that
 * it stays one line and drives nothing. */
void garita_report_put_safe(struct garita_text *out, const char *text);
/* For XML, in text and in attributes: the same, with markup as entities and
 * bytes that are no UTF-8 as U+FFFD. */
void garita_report_put_xml(struct garita_text *out, const char *text);
/* A path as a URI reference (RFC 3986); an absolute one with file://. */
void garita_report_put_uri(struct garita_text *out, const char *path);
/* Puts a member whose value may be cut inside a character. */
void garita_report_put_string(struct garita_json_doc *doc,
			      struct garita_json *object, const char *key,
			      const char *value);
/* Printed JSON, with what a terminal would act on as JSON escapes, which mean
 * the same. */
void garita_report_put_printed(const struct garita_text *printed,
			       struct garita_text *out);
/* A tree for people: pretty, a newline at the end, and with what a terminal
 * would act on as JSON escapes, which mean the same. */
void garita_report_put_tree(const struct garita_json *node,
			    struct garita_text *out);

/* "garita refused this container: <first finding>; <second>...": one line
 * without the phrases that podman takes for another error
 * (docs: engines show only the last line of the runtime). */
void garita_report_line(const struct garita_decision *decision,
			struct garita_text *out);

/* "garita refused this container: could not judge it: <reason>", of what
 * ("container", "image") no verdict could be reached about. */
void garita_report_not_judged(const char *what,
			      const struct garita_error *error,
			      struct garita_text *out);

/* Puts one line where the engine looks: stderr, and when `log_path` is not
 * NULL appended to that file, as JSON when `log_json`. What cannot be written
 * changes nothing: it is a refusal already. */
void garita_report_to_engine(const char *line, const char *log_path,
			     bool log_json);

/* The image as a JSON object in `doc`, for reports and the log. */
struct garita_json *garita_report_image(struct garita_json_doc *doc,
					const struct garita_image *image);

#endif
