/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * claims - what the formats found: verified claims, and notes on what did not
 * count and why.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"

enum {
	NOTE_MAX = 400,        /* bytes of one note */
	NOTES_MAX = 64 * 1024, /* of all, for people */
};

void garita_claim_free(struct garita_claim *claim)
{
	free(claim->from);
	free(claim->signer);
	free(claim->digests);
	free(claim->reference);
	for (size_t i = 0; i < claim->said_count; i++) {
		free(claim->said[i].key);
		free(claim->said[i].value);
	}
	free(claim->said);
	garita_json_free(claim->statement);
	*claim = (struct garita_claim){ 0 };
}

/* Strangers' bytes may be quoted in a note, and people read it in a terminal
 * and in a log of one line an event. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

bool garita_claims_add(struct garita_claims *claims, struct garita_claim *claim)
{
	if (claims->count >= GARITA_CLAIMS_MAX) {
		claims->overflow = true;
		garita_claim_free(claim);
		return false;
	}
	make_printable(claim->from);
	if (claim->reference != NULL) /* which then matches nothing */
		make_printable(claim->reference);
	claims->all = garita_xresize(claims->all, claims->count + 1,
				     sizeof(*claims->all));
	claims->all[claims->count++] = *claim;
	*claim = (struct garita_claim){ 0 };
	return true;
}

void garita_claims_put(struct garita_text *notes, enum garita_note_mark mark,
		       const char *from, const char *format, const char *words)
{
	auto_free char *name = garita_xstrdup(from);
	auto_free char *said = garita_xstrdup(words);

	if (notes == NULL || notes->len >= NOTES_MAX)
		return;
	make_printable(name);
	make_printable(said);
	garita_text_printf(notes, "%c\t%s\t%s\t%s\n", (char)mark, name, format,
			   said);
}

static void note(struct garita_claims *claims, enum garita_step step,
		 const char *format, const struct garita_blob *blob,
		 const char *fmt, va_list args)
	__attribute__((format(printf, 5, 0)));

static void note(struct garita_claims *claims, enum garita_step step,
		 const char *format, const struct garita_blob *blob,
		 const char *fmt, va_list args)
{
	char words[NOTE_MAX];

	vsnprintf(words, sizeof(words), fmt, args);
	make_printable(words);
	if (step >= claims->step) {
		claims->step = step;
		claims->why.len = 0;
		garita_text_printf(&claims->why, "%s: %s", blob->name, words);
	}
	garita_claims_put(claims->notes, GARITA_NOTE_NO, blob->name, format,
			  words);
}

void garita_claims_note(struct garita_claims *claims, const char *format,
			const struct garita_blob *blob, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(claims, GARITA_STEP_SIGNATURE, format, blob, fmt, args);
	va_end(args);
}

void garita_claims_note_at(struct garita_claims *claims, enum garita_step step,
			   const char *format, const struct garita_blob *blob,
			   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(claims, step, format, blob, fmt, args);
	va_end(args);
}

void garita_claims_unread(struct garita_claims *claims,
			  const struct garita_blob *blob, const char *why)
{
	auto_free char *name = garita_xstrdup(blob->name);

	make_printable(name);
	claims->unread.len = 0;
	garita_text_printf(&claims->unread, "%s: %s", name, why);
}

void garita_claims_free(struct garita_claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		garita_claim_free(&claims->all[i]);
	free(claims->all);
	garita_text_free(&claims->why);
	garita_text_free(&claims->unread);
	*claims = (struct garita_claims){ .notes = claims->notes };
}
