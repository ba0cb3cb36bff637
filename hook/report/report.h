/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - a verdict in words: for people, for programs, and as the one line
 * that a container engine shows its user.
 */
#ifndef GARITA_HOOK_REPORT_H
#define GARITA_HOOK_REPORT_H

#include <stdbool.h>

#include "hook/gate.h"

/* What a report is about. All borrowed. */
struct garita_report_about {
	const char *source; /* "config.json", "standard input" */
	const struct garita_policy *policy;
	const struct garita_decision *decision;
};

/* Grouped: refused, would be repaired or repaired, warnings; found, wanted,
 * why and what to do. With ANSI colour when asked. */
void garita_report_text(const struct garita_report_about *about, bool colour,
			struct garita_text *out);

/* Text out of a config: what a terminal would act on is shown as \xNN, so that
 * it stays one line and drives nothing. */
void garita_report_put_safe(struct garita_text *out, const char *text);

/* One JSON object and a newline; the shape is in garita(1). */
void garita_report_json(const struct garita_report_about *about,
			struct garita_text *out);
/* The same for what could not be judged. */
void garita_report_json_error(const char *source,
			      const struct garita_error *error,
			      struct garita_text *out);

/* "garita refused this container: <first finding>; <second>...": one line
 * without the phrases that podman takes for another error
 * (docs: engines show only the last line of the runtime). */
void garita_report_line(const struct garita_decision *decision,
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
