/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_insert - see the header.
 *
 * A walk over tokens that only counts brackets and knows where strings and
 * comments end. The text was accepted by the strict reader before, and what is
 * made of it is read by that again: so this one need not understand it.
 */
#include "hook/cli/policy_insert.h"

#include <errno.h>
#include <string.h>

#include "garita/json.h"

/* Where a bracket closes, and where what is before it ends. */
struct end {
	size_t bracket, last; /* offset of the bracket; behind the last token */
	bool empty;
};

struct walk {
	const char *text;
	size_t len, at;
	size_t depth;
	size_t last; /* behind the last token */
	char before; /* its first character */
};

static void skip_comments(struct walk *w)
{
	for (;;) {
		const char *end;

		while (w->at < w->len &&
		       strchr(" \t\r\n", w->text[w->at]) != NULL)
			w->at++;
		if (w->at + 1 >= w->len || w->text[w->at] != '/')
			return;
		end = w->text[w->at + 1] == '/'
			      ? strchr(w->text + w->at, '\n')
			      : strstr(w->text + w->at + 2, "*/");
		if (end == NULL) {
			w->at = w->len;
			return;
		}
		w->at = (size_t)(end - w->text) + (*end == '*' ? 2 : 1);
	}
}

/* Steps over one token; false at the end of the text. */
static bool step(struct walk *w)
{
	skip_comments(w);
	if (w->at >= w->len)
		return false;
	w->before = w->text[w->at];
	if (w->before == '"') {
		for (w->at++; w->at < w->len && w->text[w->at] != '"'; w->at++)
			w->at += w->text[w->at] == '\\';
		w->at++;
	} else if (strchr("{}[],:", w->before) != NULL) {
		w->depth += w->before == '{' || w->before == '[';
		w->depth -= w->before == '}' || w->before == ']';
		w->at++;
	} else {
		w->at += strcspn(w->text + w->at, " \t\r\n/{}[],:\"");
	}
	return true;
}

static bool is_key(const struct walk *w, size_t start, const char *key)
{
	size_t len = strlen(key);

	return w->depth == 1 && w->before == '"' && w->at - start == len + 2 &&
	       strncmp(w->text + start + 1, key, len) == 0;
}

/* The end of the array that is the value of `key`, or of the root. */
static bool find(const char *text, size_t len, const char *key,
		 struct end *ret_array, struct end *ret_root)
{
	struct walk w = { .text = text, .len = len };
	bool in_key = false, found = false, empty = true;
	size_t last = 0;

	for (;;) {
		size_t start;

		skip_comments(&w);
		start = w.at;
		if (!step(&w))
			return found;
		if (is_key(&w, start, key)) {
			in_key = true;
		} else if (in_key && w.before == '[' && w.depth == 2) {
			empty = true;
		} else if (in_key && w.before == ']' && w.depth == 1) {
			*ret_array = (struct end){ start, last, empty };
			found = true;
			in_key = false;
		} else if (w.before == '}' && w.depth == 0) {
			*ret_root = (struct end){ start, last, false };
		} else {
			empty = false;
		}
		last = w.at;
	}
}

/* The beginning of the bracket's line, if nothing else is on it. */
static size_t line_of(const char *text, size_t bracket)
{
	size_t at = bracket;

	while (at > 0 && strchr(" \t", text[at - 1]) != NULL)
		at--;
	return at > 0 && text[at - 1] == '\n' ? at : bracket;
}

static void add_before(const char *text, size_t len, const struct end *end,
		       const char *open, const struct garita_text *items,
		       const char *close, struct garita_text *out)
{
	size_t line = line_of(text, end->bracket);

	garita_text_add(out, text, end->last);
	garita_text_puts(out, end->empty ? "" : ",");
	garita_text_add(out, text + end->last, line - end->last);
	if (line == end->bracket)
		garita_text_putc(out, '\n');
	garita_text_puts(out, open);
	garita_text_add(out, items->data, items->len);
	garita_text_puts(out, close);
	garita_text_add(out, text + line, len - line);
}

int garita_policy_insert(const char *text, size_t len, const char *key,
			 const struct garita_text *items,
			 struct garita_text *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct end array = { 0 }, root = { 0 };
	auto_text out = { 0 }, open = { 0 };
	int rc;

	garita_text_printf(&open, "  \"%s\": [\n", key);
	if (find(text, len, key, &array, &root))
		add_before(text, len, &array, "", items, "\n", &out);
	else if (root.bracket > 0)
		add_before(text, len, &root, open.data, items, "\n  ]\n", &out);
	else
		return garita_fail(err, EINVAL, "the policy has no end");
	rc = garita_json_parse(out.data, out.len, GARITA_JSON_COMMENTS, &doc,
			       err);
	if (rc == 0) {
		*ret = out;
		out = (struct garita_text){ 0 };
	}
	return rc;
}
