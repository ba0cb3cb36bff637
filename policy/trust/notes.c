/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notes - what was looked at, a line each: a mark, the piece, its format and a
 * sentence, with tabs between. They come from the process that read strangers'
 * bytes, so a line of another shape is only its words.
 */
#include <string.h>

#include "garita/trust.h"

/* Cuts a field off; NULL when there is no tab. */
static char *cut(char *text)
{
	char *tab = strchr(text, '\t');

	if (tab == NULL)
		return NULL;
	*tab = '\0';
	return tab + 1;
}

static bool split(char *line, struct garita_note *ret)
{
	char *from = cut(line);
	char *format = from ? cut(from) : NULL;
	char *words = format ? cut(format) : NULL;

	if (words == NULL || strlen(line) != 1 || strchr("+-?", *line) == NULL)
		return false;
	*ret = (struct garita_note){
		.mark = (enum garita_note_mark) * line,
		.from = from,
		.format = format,
		.words = words,
	};
	return true;
}

bool garita_note_next(char **at, struct garita_note *ret)
{
	char *line = *at;
	size_t len = line ? strcspn(line, "\n") : 0;

	if (line == NULL || *line == '\0')
		return false;
	*at = line + len + (line[len] == '\n');
	line[len] = '\0';
	if (!split(line, ret))
		*ret = (struct garita_note){ .mark = GARITA_NOTE_NO,
					     .words = line };
	return true;
}
