/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_suggest - `garita policy suggest`: from what dry-run would have
 * refused to the least that lets just that through, for a while.
 *
 * An image is told by the digest that the engine's store gave when it was
 * started, which nobody can choose; where there was none, nothing is suggested.
 * Each image gets the rules that refused it and no other; images, or rules,
 * that are alike share an entry, whichever makes fewer. No rule is turned off
 * for anybody else, and none that says which images may run at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "garita/match.h"
#include "hook/cli/index.h"
#include "hook/cli/log.h"
#include "hook/cli/policy.h"
#include "hook/cli/policy_insert.h"
#include "hook/report/report.h"

enum { DAY = 24 * 60 * 60, MOST_DAYS = 366 };

/* An image and the rules that refused containers of it. */
struct image {
	char digest[GARITA_DIGEST_SIZE];
	char *name;  /* the last one, or NULL */
	bool *rules; /* one a rule */
	uint64_t records;
	bool in_scope; /* a scope of the policy speaks for it already */
};

struct suggest {
	const struct garita_cli *cli;
	struct garita_gate gate;
	const char *owner, *reason;
	bool scopes, refused, whole;
	time_t now;
	char expires[GARITA_CLOCK_SIZE];

	struct garita_index digests, told;
	struct image *images;
	size_t notes;
	uint64_t records;
	char first[GARITA_CLOCK_SIZE], last[GARITA_CLOCK_SIZE];
};

/* ---- out of the log ---- */

static void note(struct suggest *s, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Why something is not suggested; once each. */
static void note(struct suggest *s, const char *key, const char *fmt, ...)
{
	char said[1024];
	bool is_new;
	va_list args;

	(void)garita_index_of(&s->told, key, &is_new);
	if (!is_new)
		return;
	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	garita_cli_complain(s->cli, "not suggested: %s", said);
	s->notes++;
}

/* What says which images may run: to be changed where it says so. */
static bool is_about_trust(const char *rule)
{
	return strcmp(rule, "image-allowlist") == 0 ||
	       strcmp(rule, "image-signature") == 0;
}

/* Was it excepted since? */
static bool is_excepted(const struct suggest *s, size_t rule,
			const char *digest)
{
	const struct garita_policy *policy = s->gate.policy;
	struct garita_selector wanted = {
		.digests = { (char **)&digest, 1 },
	};

	for (size_t i = 0; i < policy->exception_count; i++) {
		const struct garita_exception *e = &policy->exceptions[i];

		if (s->now >= e->ends ||
		    !garita_selector_covers(&e->match, &wanted))
			continue;
		for (size_t r = 0; r < e->count; r++)
			if (e->rules[r] == rule)
				return true;
	}
	return false;
}

static struct image *image_of(struct suggest *s,
			      const struct garita_log_line *line)
{
	bool is_new;
	size_t at = garita_index_of(&s->digests, line->digest, &is_new);
	struct image *image;

	if (is_new) {
		s->images = garita_xresize(s->images, s->digests.room,
					   sizeof(*s->images));
		s->images[at] = (struct image){
			.rules = garita_xcalloc(garita_rule_count(),
						sizeof(bool)),
		};
		memcpy(s->images[at].digest, line->digest,
		       sizeof(s->images[at].digest));
	}
	image = &s->images[at];
	image->records++;
	image->in_scope = image->in_scope || line->scope != NULL;
	if (line->image != NULL) {
		free(image->name);
		image->name = garita_xstrdup(line->image);
	}
	return image;
}

static void add_rule(struct suggest *s, struct image *image, const char *id)
{
	int rule = id ? garita_rule_find(id) : -1;
	auto_text key = { 0 };

	if (rule < 0 || !garita_policy_asks(s->gate.policy, (size_t)rule) ||
	    is_excepted(s, (size_t)rule, image->digest))
		return;
	if (!is_about_trust(id)) {
		image->rules[rule] = true;
		return;
	}
	garita_text_printf(&key, "%s %s", id, image->digest);
	note(s, key.data,
	     "%s for %s (%s): who may run is said by \"images\" in the policy",
	     id, image->name ? image->name : "an image", image->digest);
}

static void add_rules(struct suggest *s, struct image *image,
		      const struct garita_json *rules)
{
	for (size_t i = 0; i < garita_json_count(rules); i++)
		add_rule(s, image,
			 garita_json_string(garita_json_item(rules, i)));
}

/* Can an exception reach it? */
static bool can_suggest(struct suggest *s, const struct garita_log_line *line)
{
	const char *id = line->id ? line->id : "a container";
	auto_text key = { 0 };

	garita_text_printf(&key, "container %s", id);
	if (line->error != NULL) {
		note(s, key.data, "%s could not be judged: %s", id,
		     line->error);
		return false;
	}
	if (line->subject != NULL && (strcmp(line->subject, "exec") == 0 ||
				      strcmp(line->subject, "update") == 0)) {
		garita_text_printf(&key, " %s", line->subject);
		note(s, key.data,
		     "an %s of %s: it is judged by the container's config, not "
		     "by its image",
		     line->subject, id);
		return false;
	}
	if (line->digest == NULL) {
		note(s, key.data,
		     "%s: its image is not known, and whatever else could "
		     "select it can be chosen by who starts it%s%s",
		     id, line->why_not ? ": " : "",
		     line->why_not ? line->why_not : "");
		return false;
	}
	return true;
}

static void add_line(void *data, const struct garita_log_line *line,
		     const char *text, size_t len)
{
	struct suggest *s = data;
	const char *word = garita_log_line_word(line);
	struct image *image;

	(void)text;
	(void)len;
	if (strcmp(word, "would-deny") != 0 &&
	    !(s->refused && strcmp(word, "deny") == 0))
		return;
	if (!can_suggest(s, line))
		return;
	if (s->records++ == 0 || strcmp(line->time, s->first) < 0)
		memcpy(s->first, line->time, strlen(line->time) + 1);
	if (strcmp(line->time, s->last) > 0)
		memcpy(s->last, line->time, strlen(line->time) + 1);
	image = image_of(s, line);
	add_rules(s, image, line->rules);
	add_rules(s, image, line->covered);
}

/* ---- the fewest entries ---- */

/* These rules for these images; both by number. */
struct entry {
	bool *images, *rules;
};

struct entries {
	struct entry *all;
	size_t count;
};

static void free_entries(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->all[i].images);
		free(entries->all[i].rules);
	}
	free(entries->all);
}

static bool any(const bool *set, size_t count)
{
	return count > 0 && memchr(set, true, count) != NULL;
}

/* Whatever has this row of columns is one entry; `columns` is given away. */
static void add_row(struct entries *entries, size_t rows, size_t row,
		    bool *columns, size_t count, bool rows_are_images)
{
	struct entry *entry;

	for (size_t i = 0; i < entries->count; i++) {
		entry = &entries->all[i];
		if (memcmp(rows_are_images ? entry->rules : entry->images,
			   columns, count) != 0)
			continue;
		(rows_are_images ? entry->images : entry->rules)[row] = true;
		free(columns);
		return;
	}
	entries->all = garita_xresize(entries->all, entries->count + 1,
				      sizeof(*entries->all));
	entry = &entries->all[entries->count++];
	entry->images =
		rows_are_images ? garita_xcalloc(rows, sizeof(bool)) : columns;
	entry->rules =
		rows_are_images ? columns : garita_xcalloc(rows, sizeof(bool));
	(rows_are_images ? entry->images : entry->rules)[row] = true;
}

/* Of the images that `scoped` is about: an entry for each set of rules. */
static struct entries by_image(const struct suggest *s, bool scoped, bool all)
{
	size_t rules = garita_rule_count(), images = s->digests.count;
	struct entries ret = { 0 };

	for (size_t i = 0; i < images; i++) {
		const struct image *image = &s->images[i];
		bool *columns;

		if ((!all && image->in_scope != scoped) ||
		    !any(image->rules, rules))
			continue;
		columns = garita_xcalloc(rules, sizeof(bool));
		memcpy(columns, image->rules, rules * sizeof(bool));
		add_row(&ret, images, i, columns, rules, true);
	}
	return ret;
}

/* For each set of images. */
static struct entries by_rule(const struct suggest *s)
{
	size_t rules = garita_rule_count(), images = s->digests.count;
	struct entries ret = { 0 };

	for (size_t r = 0; r < rules; r++) {
		bool *columns = garita_xcalloc(images, sizeof(bool));

		for (size_t i = 0; i < images; i++)
			columns[i] = s->images[i].rules[r];
		if (any(columns, images))
			add_row(&ret, rules, r, columns, images, false);
		else
			free(columns);
	}
	return ret;
}

static struct entries fewest(const struct suggest *s)
{
	struct entries one = by_image(s, false, true), other = by_rule(s);

	if (one.count <= other.count) {
		free_entries(&other);
		return one;
	}
	free_entries(&one);
	return other;
}

/* ---- into a policy ---- */

static void put_string(struct garita_text *out, const char *text)
{
	auto_json struct garita_json_doc *doc = garita_json_new();

	garita_report_put_string(doc, garita_json_root(doc), "t", text);
	garita_json_print(garita_json_get(garita_json_root(doc), "t"), out);
}

/* What people call the images, as comments, and the digests. */
static void put_match(const struct suggest *s, const struct entry *entry,
		      struct garita_text *out)
{
	const char *before = "";

	for (size_t i = 0; i < s->digests.count; i++) {
		const struct image *image = &s->images[i];

		if (!entry->images[i])
			continue;
		garita_text_puts(out, "      // ");
		garita_report_put_safe(out,
				       image->name ? image->name : "no name");
		garita_text_printf(out, ": %llu records\n",
				   (unsigned long long)image->records);
	}
	garita_text_puts(out, "      \"match\": { \"digest\": [");
	for (size_t i = 0; i < s->digests.count; i++) {
		if (!entry->images[i])
			continue;
		garita_text_printf(out, "%s\n        \"%s\"", before,
				   s->images[i].digest);
		before = ",";
	}
	garita_text_puts(out, "\n      ] },\n");
}

static void put_exception(const struct suggest *s, const struct entry *entry,
			  struct garita_text *out)
{
	const char *before = "";
	auto_text reason = { 0 };

	garita_text_printf(out, "%s    {\n      \"rules\": [",
			   out->len > 0 ? ",\n" : "");
	for (size_t r = 0; r < garita_rule_count(); r++) {
		if (!entry->rules[r])
			continue;
		garita_text_printf(out, "%s\"%s\"", before,
				   garita_rule_at(r)->id);
		before = ", ";
	}
	garita_text_puts(out, "],\n");
	put_match(s, entry, out);
	garita_text_printf(&reason,
			   "seen from %.10s to %.10s; WHY IS IT NEEDED?",
			   s->first, s->last);
	garita_text_puts(out, "      \"reason\": ");
	put_string(out, s->reason ? s->reason : reason.data);
	garita_text_puts(out, ",\n      \"owner\": ");
	put_string(out, s->owner ? s->owner : "WHO ANSWERS FOR IT?");
	garita_text_printf(out, ",\n      \"expires\": \"%.10s\"\n    }",
			   s->expires);
}

static bool has_scope(const struct garita_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->scope_count; i++)
		if (strcmp(policy->scopes[i].name, name) == 0)
			return true;
	return false;
}

static void put_scope(const struct suggest *s, const struct entry *entry,
		      unsigned *number, struct garita_text *out)
{
	const char *before = "";
	auto_text name = { 0 };

	do {
		name.len = 0;
		garita_text_printf(&name, "suggested-%u", ++*number);
	} while (has_scope(s->gate.policy, name.data));
	garita_text_printf(out, "%s    {\n      \"name\": \"%s\",\n",
			   out->len > 0 ? ",\n" : "", name.data);
	put_match(s, entry, out);
	garita_text_puts(out, "      \"rules\": {");
	for (size_t r = 0; r < garita_rule_count(); r++) {
		if (!entry->rules[r])
			continue;
		garita_text_printf(out, "%s \"%s\": \"warn\"", before,
				   garita_rule_at(r)->id);
		before = ",";
	}
	garita_text_printf(out, " },\n      \"expires\": \"%.10s\"\n    }",
			   s->expires);
}

/* A new scope in front of the policy's would take its containers from them. */
static void make(const struct suggest *s, struct garita_text *exceptions,
		 struct garita_text *scopes)
{
	struct entries entries =
		s->scopes ? by_image(s, true, false) : fewest(s);
	unsigned number = 0;

	for (size_t i = 0; i < entries.count; i++)
		put_exception(s, &entries.all[i], exceptions);
	free_entries(&entries);
	if (!s->scopes)
		return;
	entries = by_image(s, false, false);
	for (size_t i = 0; i < entries.count; i++)
		put_scope(s, &entries.all[i], &number, scopes);
	free_entries(&entries);
}

/* A policy by itself, on top of the one that is there. */
static void put_fragment(const struct suggest *s,
			 const struct garita_text *exceptions,
			 const struct garita_text *scopes,
			 struct garita_text *out)
{
	garita_text_printf(out,
			   "{\n  // by garita policy suggest, of %llu records "
			   "from %.10s to %.10s\n  \"version\": 1",
			   (unsigned long long)s->records, s->first, s->last);
	if (s->gate.policy_path != NULL) {
		garita_text_puts(out, ",\n  \"extends\": ");
		put_string(out, s->gate.policy_path);
	}
	if (scopes->len > 0)
		garita_text_printf(out, ",\n  \"scopes\": [\n%s\n  ]",
				   scopes->data);
	if (exceptions->len > 0)
		garita_text_printf(out, ",\n  \"exceptions\": [\n%s\n  ]",
				   exceptions->data);
	garita_text_puts(out, "\n}\n");
}

static int put_whole(const struct suggest *s,
		     const struct garita_text *exceptions,
		     const struct garita_text *scopes, struct garita_text *out,
		     struct garita_error *err)
{
	auto_text with = { 0 };
	int rc = 0;

	garita_text_add(&with, s->gate.policy_text, s->gate.policy_len);
	if (scopes->len > 0) {
		auto_text added = { 0 };

		rc = garita_policy_insert(with.data, with.len, "scopes", scopes,
					  &added, err);
		if (rc < 0)
			return rc;
		garita_text_free(&with);
		with = added;
		added = (struct garita_text){ 0 };
	}
	if (exceptions->len > 0)
		return garita_policy_insert(with.data, with.len, "exceptions",
					    exceptions, out, err);
	*out = with;
	with = (struct garita_text){ 0 };
	return rc;
}

static int print(struct suggest *s, struct garita_error *err)
{
	auto_text exceptions = { 0 }, scopes = { 0 }, out = { 0 };
	int rc = 0;

	make(s, &exceptions, &scopes);
	if (exceptions.len + scopes.len == 0) {
		garita_cli_complain(s->cli,
				    "nothing to suggest: the log has "
				    "%s that an exception would let "
				    "through",
				    s->notes > 0 ? "nothing else" : "nothing");
		return 0;
	}
	if (s->whole && s->gate.policy_text != NULL)
		rc = put_whole(s, &exceptions, &scopes, &out, err);
	else
		put_fragment(s, &exceptions, &scopes, &out);
	garita_cli_print(&out);
	return rc;
}

/* ---- options ---- */

static int fail(const struct garita_cli *cli, const struct garita_error *error)
{
	char words[1024];

	garita_cli_complain(cli, "%s",
			    garita_error_words(error, words, sizeof(words)));
	return GARITA_EXIT_ERROR;
}

/* The last day of so many from now. */
static bool set_end(struct suggest *s, const char *ttl)
{
	struct timespec end;
	int64_t span;

	if (garita_clock_span(ttl ? ttl : "30d", &span) < 0 || span < DAY ||
	    span > (int64_t)MOST_DAYS * DAY) {
		garita_cli_complain(s->cli,
				    "--ttl is a number of days or weeks (30d, "
				    "4w), at most %d days, not %s",
				    MOST_DAYS, ttl);
		return false;
	}
	end = (struct timespec){ .tv_sec = s->now + span };
	garita_clock_words(&end, s->expires);
	return true;
}

static int suggest(struct suggest *s, struct garita_cli_log *log,
		   const char *policy, const char *const *files, size_t count)
{
	const struct garita_gate_options options = { .policy = policy };
	struct garita_error error = { 0 };
	int rc = garita_gate_open(&options, &s->gate, &error);

	log->each = add_line;
	log->data = s;
	if (rc == 0)
		rc = garita_cli_log_read(log, files, count, &error);
	if (rc == 0)
		rc = print(s, &error);
	if (rc < 0)
		return fail(s->cli, &error);
	return log->bad + s->notes > 0 ? GARITA_EXIT_REFUSED
				       : GARITA_EXIT_ADMITTED;
}

static void free_suggest(struct suggest *s)
{
	for (size_t i = 0; i < s->digests.count; i++) {
		free(s->images[i].name);
		free(s->images[i].rules);
	}
	free(s->images);
	garita_index_free(&s->digests);
	garita_index_free(&s->told);
	garita_gate_close(&s->gate);
}

int garita_policy_suggest(const struct garita_cli *cli)
{
	struct suggest s = { .cli = cli, .now = time(NULL) };
	struct garita_cli_log log = { .cli = cli };
	const char *policy = NULL, *ttl = NULL, *since = NULL, *until = NULL;
	bool exceptions = false;
	const struct garita_cli_option table[] = {
		{ "--exceptions", NULL, &exceptions, NULL },
		{ "--scopes", NULL, &s.scopes, NULL },
		{ "--refused", NULL, &s.refused, NULL },
		{ "--whole", NULL, &s.whole, NULL },
		{ "--ttl", &ttl, NULL, NULL },
		{ "--owner", &s.owner, NULL, NULL },
		{ "--reason", &s.reason, NULL, NULL },
		{ "--since", &since, NULL, NULL },
		{ "--until", &until, NULL, NULL },
		{ "--policy", &policy, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	int code = GARITA_EXIT_ERROR;
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return code;
	if (exceptions && s.scopes)
		garita_cli_complain(cli, "give --exceptions or --scopes");
	else if ((s.owner && !*s.owner) || (s.reason && !*s.reason))
		garita_cli_complain(cli, "--owner and --reason say something");
	else if (set_end(&s, ttl) &&
		 garita_cli_log_moment(cli, "--since", since,
				       log.filter.since) &&
		 garita_cli_log_moment(cli, "--until", until, log.filter.until))
		code = suggest(&s, &log, policy, words, count);
	free_suggest(&s);
	return code;
}
