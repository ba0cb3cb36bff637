/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text - a verdict for a person at a terminal.
 */
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
};

static void paint(const struct painter *p, enum colour colour, const char *text)
{
	if (p->colour)
		garita_text_puts(p->out, codes[colour]);
	garita_text_puts(p->out, text);
	if (p->colour)
		garita_text_puts(p->out, codes[PLAIN]);
}

void garita_report_put_safe(struct garita_text *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)text[0];
		unsigned char next = (unsigned char)text[1];

		if (c < ' ' || c == 0x7f) {
			garita_text_printf(out, "\\x%02x", c);
		} else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
			/* C1 in UTF-8; U+009B begins a command like ESC [ */
			garita_text_printf(out, "\\x%02x", next);
			text++;
		} else {
			garita_text_putc(out, *text);
		}
	}
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
		if (!belongs(&verdict->findings[i]))
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

static void put_covered(const struct painter *p,
			const struct garita_verdict *verdict)
{
	size_t covered = 0;
	bool named = false;

	for (size_t i = 0; i < verdict->count; i++)
		covered += verdict->findings[i].covered;
	if (covered == 0)
		return;
	garita_text_printf(p->out, "      with it: ");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (!f->covered)
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

void garita_report_text(const struct garita_report_about *about, bool colour,
			struct garita_text *out)
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
	struct painter p = { out, colour };
	bool refused = verdict->outcome == GARITA_REFUSE;

	paint(&p, heads[verdict->outcome].colour, heads[verdict->outcome].word);
	garita_text_puts(out, "  ");
	garita_report_put_safe(out, about->source);
	garita_text_printf(out, "  (%s",
			   garita_policy_profile_words(about->policy));
	if (verdict->scope != NULL) {
		garita_text_puts(out, ", scope ");
		garita_report_put_safe(out, verdict->scope);
	}
	garita_text_puts(out, about->policy->mode == GARITA_MODE_DRY_RUN
				      ? ", dry-run)\n"
				      : ")\n");
	put_image(&p, &about->decision->image);
	put_group(&p, about->source, verdict, "Refused", RED, is_refused);
	put_covered(&p, verdict);
	put_group(&p, about->source, verdict,
		  refused ? "Would be repaired" : "Repaired", YELLOW,
		  is_repair);
	put_group(&p, about->source, verdict, "Warnings", YELLOW, is_warning);
	put_group(&p, about->source, verdict, "Let through by an exception",
		  YELLOW, is_excepted);
}
