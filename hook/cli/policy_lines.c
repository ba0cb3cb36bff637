/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_lines - a policy file being written for people: JSON, a member a line,
 * with a comment behind those whose origin is known.
 */
#include "hook/cli/policy_lines.h"

#include "hook/report/report.h"

/* Ends the line before: a comma, then the comment. */
void garita_lines_end(struct garita_lines *s, const char *comma)
{
	garita_text_puts(&s->out, comma);
	if (s->note.len > 0) {
		garita_text_puts(&s->out, " // ");
		garita_report_put_safe(&s->out, s->note.data);
		s->note.len = 0;
	}
	garita_text_putc(&s->out, '\n');
}

void garita_lines_string(struct garita_lines *s, const char *text)
{
	auto_json struct garita_json_doc *doc = garita_json_new();

	garita_json_print(garita_json_new_string(doc, text), &s->out);
}

void garita_lines_begin(struct garita_lines *s, const char *key)
{
	garita_lines_end(s, s->first ? "" : ",");
	s->first = false;
	for (size_t i = 0; i < s->depth; i++)
		garita_text_puts(&s->out, "  ");
	if (key != NULL) {
		garita_lines_string(s, key);
		garita_text_puts(&s->out, ": ");
	}
}

void garita_lines_open(struct garita_lines *s, const char *key,
		       const char *bracket)
{
	garita_lines_begin(s, key);
	garita_text_puts(&s->out, bracket);
	s->depth++;
	s->first = true;
}

void garita_lines_close(struct garita_lines *s, const char *bracket)
{
	garita_lines_end(s, "");
	s->depth--;
	for (size_t i = 0; i < s->depth; i++)
		garita_text_puts(&s->out, "  ");
	garita_text_puts(&s->out, bracket);
	s->first = false;
}

void garita_lines_note(struct garita_lines *s, const struct garita_origin *at,
		       const char *otherwise)
{
	if (at == NULL || at->file == 0)
		garita_text_puts(&s->note, otherwise);
	else
		garita_text_printf(&s->note, "%s:%u",
				   s->policy->files[at->file - 1], at->line);
}

void garita_lines_member(struct garita_lines *s, const char *key,
			 const char *value, enum garita_policy_origin of)
{
	if (value == NULL)
		return;
	garita_lines_begin(s, key);
	garita_lines_string(s, value);
	garita_lines_note(s, &s->policy->origins[of], "default");
}

void garita_lines_list(struct garita_lines *s, const char *key,
		       char *const *words, size_t count,
		       const struct garita_origin *at)
{
	garita_lines_begin(s, key);
	garita_text_putc(&s->out, '[');
	for (size_t i = 0; i < count; i++) {
		garita_text_puts(&s->out, i ? ", " : "");
		garita_lines_string(s, words[i]);
	}
	garita_text_putc(&s->out, ']');
	if (at != NULL)
		garita_lines_note(s, at, "default");
}

void garita_lines_text(struct garita_lines *s, const char *key,
		       const char *text)
{
	garita_lines_begin(s, key);
	garita_lines_string(s, text);
}

void garita_lines_patterns(struct garita_lines *s, const char *key,
			   const struct garita_patterns *patterns)
{
	if (patterns->count > 0)
		garita_lines_list(s, key, patterns->words, patterns->count,
				  NULL);
}
