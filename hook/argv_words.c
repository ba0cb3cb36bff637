/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_words - what may be asked of one word of a command line.
 */
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv_words.h"

enum { MAX_ID = 1024, MAX_SIGNAL = 32 };

struct garita_word_shown garita_word_show(const char *word)
{
	struct garita_word_shown ret = { { 0 } };
	size_t i;

	for (i = 0; i < sizeof(ret.text) - 1 && word[i]; i++) {
		if (word[0] == '-' && word[i] == '=')
			break;
		ret.text[i] = '?';
		if (word[i] > ' ' && word[i] < 0x7f)
			ret.text[i] = word[i];
	}
	return ret;
}

bool garita_word_ends_in_space(const char *word)
{
	static const char spaces[][4] = {
		"\t",           "\n",           "\v",
		"\f",           "\r",           " ",
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
		"\xe2\x81\x9f", "\xe3\x80\x80",
	};
	size_t len = strlen(word);

	for (size_t i = 0; i < GARITA_COUNT(spaces); i++) {
		size_t n = strlen(spaces[i]);

		if (len >= n && memcmp(word + len - n, spaces[i], n) == 0)
			return true;
	}
	/* U+2000 to U+200A */
	return len >= 3 && memcmp(word + len - 3, "\xe2\x80", 2) == 0 &&
	       (unsigned char)word[len - 1] >= 0x80 &&
	       (unsigned char)word[len - 1] <= 0x8a;
}

static bool all_of(const char *text, const char *others)
{
	for (; *text; text++) {
		bool letter = (*text >= 'a' && *text <= 'z') ||
			      (*text >= 'A' && *text <= 'Z');

		if (!letter && !garita_is_digit(*text) &&
		    !strchr(others, *text))
			return false;
	}
	return true;
}

bool garita_word_is_id(const char *word)
{
	return word[0] != '\0' && word[0] != '-' && strlen(word) <= MAX_ID &&
	       all_of(word, "_+.-") && strcmp(word, ".") != 0 &&
	       strcmp(word, "..") != 0;
}

bool garita_word_is_signal(const char *word)
{
	return word[0] != '\0' && word[0] != '-' && word[0] != '+' &&
	       strlen(word) <= MAX_SIGNAL && all_of(word, "+-");
}
