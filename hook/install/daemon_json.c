/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * daemon_json - dockerd's configuration with two members more, everything else
 * as the operator wrote it.
 *
 * The tree is edited to know what must come out. The text is edited in the
 * smallest places that should give that; it is read again, and counts only
 * when it is the same tree. Else the whole file is printed anew: uglier, and
 * as right.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "hook/install/install.h"

#define DEFAULT "default-runtime"

/* dockerd reads keys in any letter case; which one of two wins is no bet. */
static int check_keys(struct garita_json_doc *doc, struct garita_error *err)
{
	static const char *const ours[] = { DEFAULT, "runtimes" };
	const struct garita_json *root = garita_json_root(doc);

	if (garita_json_type(root) != GARITA_JSON_OBJECT)
		return garita_fail(
			err, EINVAL, "is %s, not an object",
			garita_json_type_words(garita_json_type(root)));
	for (size_t i = 0; i < garita_json_count(root); i++) {
		const char *key = garita_json_key(root, i);

		for (size_t o = 0; o < GARITA_COUNT(ours); o++)
			if (strcasecmp(key, ours[o]) == 0 &&
			    strcmp(key, ours[o]) != 0)
				return garita_fail(err, EINVAL,
						   "\"%s\" should be \"%s\"",
						   key, ours[o]);
	}
	return 0;
}

static int edit_tree(struct garita_json_doc *doc, const char *runtime,
		     struct garita_error *err)
{
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *given = garita_json_get(root, DEFAULT);
	struct garita_json *runtimes, *ours;

	if (given != NULL && garita_json_string(given) == NULL)
		return garita_fail(
			err, EINVAL, "\"" DEFAULT "\" is %s",
			garita_json_type_words(garita_json_type(given)));
	runtimes = garita_json_get(root, "runtimes");
	if (runtimes != NULL &&
	    garita_json_type(runtimes) != GARITA_JSON_OBJECT)
		return garita_fail(err, EINVAL, "\"runtimes\" is no object");
	runtimes = garita_json_make_object(doc, "/runtimes");
	ours = garita_json_new_object(doc);
	garita_json_put_string(doc, ours, "path", runtime);
	garita_json_put(doc, runtimes, "garita", ours);
	garita_json_put_string(doc, root, DEFAULT, "garita");
	return 0;
}

/* Where a node's text begins: for a member, its key. */
static size_t offset_of(const struct garita_json_doc *doc,
			const struct garita_json *node, const char *text)
{
	const char *at = text;
	unsigned line, column;

	garita_json_place(doc, node, &line, &column);
	for (; line > 1; line--)
		at = strchr(at, '\n') + 1;
	return (size_t)(at - text) + column - 1;
}

/* From the first quote of a string to behind its last. */
static size_t behind_string(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		at += text[at] == '\\';
	return at + 1;
}

/* From a key to its value. */
static size_t value_behind(const char *text, size_t key)
{
	size_t at = behind_string(text, key);

	at += strspn(text + at, " \t\r\n") + 1; /* the colon */
	return at + strspn(text + at, " \t\r\n");
}

static void put_between(struct garita_text *text, size_t from, size_t to,
			const char *with)
{
	auto_text out = { 0 };

	garita_text_add(&out, text->data, from);
	garita_text_puts(&out, with);
	garita_text_puts(&out, text->data + to);
	garita_text_free(text);
	text->len = out.len;
	text->data = garita_text_take(&out);
	text->room = text->len + 1;
}

/* Behind the last member of the root: "key": value. */
static void add_member(struct garita_text *text, bool first, const char *member)
{
	const char *close = strrchr(text->data, '}');
	auto_text with = { 0 };
	size_t at = (size_t)(close - text->data), end = at;

	while (at > 0 && strchr(" \t\r\n", text->data[at - 1]) != NULL)
		at--;
	garita_text_printf(&with, "%s\n  %s\n", first ? "" : ",", member);
	put_between(text, at, end, with.data);
}

/* The value of "default-runtime", from its first quote. */
static void set_default(struct garita_text *text, size_t at)
{
	put_between(text, at, behind_string(text->data, at), "\"garita\"");
}

/* Behind the bracket of "runtimes". */
static void add_runtime(struct garita_text *text, size_t at, bool more,
			const char *ours)
{
	auto_text with = { 0 };

	garita_text_printf(&with, "{\n    %s%s", ours, more ? "," : "\n  ");
	put_between(text, at, at + 1, with.data);
}

/* What stands later first, so that places stay true. */
static void edit_text(struct garita_json_doc *doc, const char *runtime,
		      struct garita_text *text)
{
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *given = garita_json_get(root, DEFAULT);
	struct garita_json *runtimes = garita_json_get(root, "runtimes");
	bool more = garita_json_count(runtimes) > 0;
	auto_text ours = { 0 }, member = { 0 };
	size_t default_at = 0, runtimes_at = 0;

	garita_text_printf(&ours, "\"garita\": { \"path\": \"%s\" }", runtime);
	garita_text_printf(&member, "\"runtimes\": {\n    %s\n  }", ours.data);
	if (given != NULL)
		default_at = value_behind(text->data,
					  offset_of(doc, given, text->data));
	if (runtimes != NULL)
		runtimes_at = value_behind(
			text->data, offset_of(doc, runtimes, text->data));
	if (runtimes == NULL)
		add_member(text, garita_json_count(root) == 0, member.data);
	if (given == NULL)
		add_member(text, false, "\"" DEFAULT "\": \"garita\"");
	if (default_at > runtimes_at)
		set_default(text, default_at);
	if (runtimes_at > 0)
		add_runtime(text, runtimes_at, more, ours.data);
	if (default_at > 0 && default_at < runtimes_at)
		set_default(text, default_at);
}

int garita_install_edit_daemon_json(const struct garita_text *before,
				    const char *runtime,
				    struct garita_text *ret,
				    struct garita_error *err)
{
	auto_json struct garita_json_doc *old = NULL, *want = NULL, *got = NULL;
	auto_text text = { 0 };
	const char *given = before->len > 0 ? before->data : "{\n}\n";
	const size_t len = strlen(given);
	int rc = garita_json_parse(given, len, GARITA_JSON_STRICT, &old, err);

	if (rc == 0)
		rc = garita_json_parse(given, len, GARITA_JSON_STRICT, &want,
				       err);
	if (rc == 0)
		rc = check_keys(want, err);
	if (rc == 0)
		rc = edit_tree(want, runtime, err);
	if (rc < 0)
		return rc;
	garita_text_puts(&text, given);
	if (garita_json_equal(garita_json_root(old), garita_json_root(want))) {
		garita_text_add(ret, text.data, text.len);
		return 0;
	}
	edit_text(old, runtime, &text);
	if (garita_json_parse(text.data, text.len, GARITA_JSON_STRICT, &got,
			      NULL) < 0 ||
	    !garita_json_equal(garita_json_root(got), garita_json_root(want))) {
		garita_text_free(&text);
		garita_json_print_pretty(garita_json_root(want), &text);
		garita_text_putc(&text, '\n');
	}
	garita_text_add(ret, text.data, text.len);
	return 0;
}
