/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words - what may come next on a command line, for completion in shells.
 *
 * Taken from the usage of the verb, which people read: a word in it is offered,
 * an option's alternatives are its values, RULE is every rule id, P every
 * profile, and any other name in capitals is a file. So a completion cannot
 * know less than the help, and the shells' own files hold no word of ours, nor
 * do they know what a verb is: they pass on what was typed.
 *
 * A line is a word, and after a tab what it does.
 */
#include <string.h>

#include "garita/rule.h"
#include "hook/cli/cli.h"

#define PROFILES "off\nbaseline\nrestricted\nstrict\n"

/* Forms of a verb share options: each is offered once. */
static bool is_offered(const struct garita_text *out, const char *word,
		       size_t len)
{
	const char *at = out->len > 0 ? out->data : "";

	for (; *at != '\0'; at += strcspn(at, "\n") + 1)
		if (strncmp(at, word, len) == 0 &&
		    (at[len] == '\t' || at[len] == '\n'))
			return true;
	return false;
}

static void put_rules(struct garita_text *out)
{
	for (size_t i = 0; i < garita_rule_count(); i++)
		garita_text_printf(out, "%s\t%s\n", garita_rule_at(i)->id,
				   garita_rule_at(i)->summary);
}

/* "--policy F      this file": what an option does, out of the help. */
static void put_option(const char *help, const char *option, size_t len,
		       struct garita_text *out)
{
	const char *at = help;

	if (is_offered(out, option, len))
		return;
	garita_text_add(out, option, len);
	for (; (at = strstr(at, "\n  --")) != NULL; at++) {
		const char *end = at + 3 + strcspn(at + 3, "\n");
		const char *words = at + 3 + len;

		if (strncmp(at + 3, option, len) != 0 || *words != ' ')
			continue;
		while (words < end && strncmp(words, "  ", 2) != 0)
			words++;
		words += strspn(words, " ");
		garita_text_putc(out, '\t');
		garita_text_add(out, words, (size_t)(end - words));
		break;
	}
	garita_text_putc(out, '\n');
}

/* "text|json", "RULE", "FILE": one line each; a file is "@file". */
static void put_values(const char *token, size_t len, struct garita_text *out)
{
	const char *end = token + len;

	while (token < end) {
		size_t n = strcspn(token, "| ]\n");
		bool is_name = *token >= 'A' && *token <= 'Z';

		if (n == 4 && strncmp(token, "RULE", n) == 0) {
			put_rules(out);
		} else if (n == 1 && *token == 'P') {
			if (!is_offered(out, "baseline", 8))
				garita_text_puts(out, PROFILES);
		} else if (is_name || memchr(token, '.', n) != NULL) {
			if (!is_offered(out, "@file", 5))
				garita_text_puts(out, "@file\n");
		} else if (*token != '-' && n > 0 &&
			   !is_offered(out, token, n)) {
			garita_text_add(out, token, n);
			garita_text_putc(out, '\n');
		}
		token += n + 1;
	}
}

/* A word of the usage: where, how long, and whether it ends its bracket. */
struct token {
	const char *at;
	size_t len;
	bool last;
};

static bool next_token(const char **usage, struct token *ret)
{
	const char *at = *usage + strspn(*usage, " \n[]");
	size_t len = strcspn(at, " \n[]");

	*ret = (struct token){ at, len, at[len] == ']' };
	*usage = at + len;
	return len > 0;
}

/* "garita net show": the start of another form; "...": more of the same. */
static bool is_silent(const struct garita_cli_verb *verb,
		      const struct token *token)
{
	const char *const silent[] = { "garita", verb->name, "..." };

	for (size_t i = 0; i < GARITA_COUNT(silent); i++)
		if (strlen(silent[i]) == token->len &&
		    strncmp(silent[i], token->at, token->len) == 0)
			return true;
	return false;
}

/* What follows the verb, or with `option` what follows that. */
static void put_verb(const struct garita_cli_verb *verb, const char *option,
		     struct garita_text *out)
{
	const char *usage = verb->usage + strlen(verb->name);
	auto_text help = { 0 };
	struct token token;

	garita_text_printf(&help, "\n%s", verb->help);
	while (next_token(&usage, &token)) {
		bool is_option = strncmp(token.at, "--", 2) == 0;
		struct token value = { 0 };

		if (is_option && !token.last)
			(void)next_token(&usage, &value);
		if (option == NULL && is_option)
			put_option(help.data, token.at, token.len, out);
		else if (option == NULL && !is_silent(verb, &token))
			put_values(token.at, token.len, out);
		else if (option != NULL && is_option &&
			 strlen(option) == token.len &&
			 strncmp(option, token.at, token.len) == 0)
			put_values(value.at ? value.at : "", value.len, out);
	}
	/* Those that all forms take stand only there. */
	for (const char *at = help.data;
	     option == NULL && (at = strstr(at, "\n  --")) != NULL; at += 3)
		put_option(help.data, at + 3, strcspn(at + 3, " \n"), out);
}

static void put_verbs(const struct garita_cli_verb *const *table,
		      struct garita_text *out)
{
	for (; *table != NULL; table++)
		garita_text_printf(out, "%s\t%s\n", garita_cli_word(*table),
				   (*table)->summary);
}

/* The option whose value comes next: the last word, where it may be followed
 * by the "=" that bash makes a word of. */
static const char *open_option(int count, char *const words[])
{
	if (count > 1 && strcmp(words[count - 1], "=") == 0)
		count--;
	return count > 0 && strncmp(words[count - 1], "--", 2) == 0
		       ? words[count - 1]
		       : NULL;
}

static const struct garita_cli_verb *find(
	const struct garita_cli_verb *const *table, const char *word)
{
	while (*table != NULL && strcmp(garita_cli_word(*table), word) != 0)
		table++;
	return *table;
}

void garita_cli_words(const struct garita_cli_verb *const *verbs, int count,
		      char *const words[])
{
	const struct garita_cli_verb *const *table = verbs;
	const bool help = count > 0 && strcmp(words[0], "help") == 0;
	const struct garita_cli_verb *verb = NULL;
	const char *option;
	auto_text out = { 0 };
	int at = help;

	for (; table != NULL && at < count; at++) {
		verb = find(table, words[at]);
		table = verb ? verb->forms : NULL;
	}
	if (table != NULL) {
		put_verbs(table, &out);
	} else if (verb != NULL && !help) {
		option = open_option(count - at, words + at);
		if (option != NULL)
			put_verb(verb, option, &out);
		if (out.len == 0)
			put_verb(verb, NULL, &out);
	}
	if (count == 0)
		garita_text_puts(&out, "help\tthe help of a verb\n"
				       "version\tthe version\n");
	garita_cli_print(&out);
}
