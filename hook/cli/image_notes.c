/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_notes - what was looked at, and why it counts or does not, as lines
 * for people and as JSON.
 */
#include "hook/cli/image.h"
#include "hook/report/report.h"

static void put_note(const struct garita_note *note, struct garita_text *out)
{
	if (note->from != NULL)
		garita_text_printf(out, "%s: %s: ", note->from, note->format);
	garita_text_puts(out, note->words);
}

static const char *colour_of(enum garita_note_mark mark)
{
	switch (mark) {
	case GARITA_NOTE_YES:
		return "\033[1;32m";
	case GARITA_NOTE_NO:
		return "\033[1;31m";
	case GARITA_NOTE_UNSURE:
		break;
	}
	return "\033[2m";
}

void garita_image_notes_text(const char *notes, bool marked, bool colour,
			     struct garita_text *out)
{
	auto_free char *copy = garita_xstrdup(notes ? notes : "");
	char *at = copy;
	struct garita_note note;

	while (garita_note_next(&at, &note)) {
		auto_text line = { 0 };

		put_note(&note, &line);
		garita_text_puts(out, "  ");
		if (marked)
			garita_text_printf(out, "%s%c%s ",
					   colour ? colour_of(note.mark) : "",
					   (char)note.mark,
					   colour ? "\033[0m" : "");
		garita_report_put_safe(out, line.data);
		garita_text_putc(out, '\n');
	}
}

void garita_image_notes_json(struct garita_json_doc *doc, const char *notes,
			     struct garita_json *list)
{
	auto_free char *copy = garita_xstrdup(notes ? notes : "");
	char *at = copy;
	struct garita_note note;

	while (garita_note_next(&at, &note)) {
		struct garita_json *node = garita_json_new_object(doc);
		auto_text line = { 0 };

		put_note(&note, &line);
		garita_report_put_string(doc, node, "text", line.data);
		if (note.mark != GARITA_NOTE_UNSURE)
			garita_json_put_bool(doc, node, "counts",
					     note.mark == GARITA_NOTE_YES);
		if (note.from != NULL) {
			garita_report_put_string(doc, node, "piece", note.from);
			garita_report_put_string(doc, node, "format",
						 note.format);
		}
		garita_json_append(doc, list, node);
	}
}

const char *garita_image_verdict_word(const struct garita_trust *trust)
{
	return trust->state == GARITA_TRUST_ACCEPTED ? "accepted" : "refused";
}

/* "verdict", "reason" and "until". */
void garita_image_verdict_json(struct garita_json_doc *doc,
			       const struct garita_trust *trust,
			       struct garita_json *node)
{
	garita_json_put_string(doc, node, "verdict",
			       garita_image_verdict_word(trust));
	garita_report_put_string(doc, node, "reason", trust->words);
	if (trust->until != 0)
		garita_json_put_u64(doc, node, "until", (uint64_t)trust->until);
}
