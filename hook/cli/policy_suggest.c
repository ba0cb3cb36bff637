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
#include "hook/cli/log.h"
#include "hook/cli/policy.h"
#include "hook/cli/suggest.h"
#include "hook/report/report.h"

enum { DAY = 24 * 60 * 60, MOST_DAYS = 366 };

/* One run of it. */
struct run {
	const struct garita_cli *cli;
	struct garita_suggest found;
	time_t now;
	bool scopes, refused, whole;
	struct garita_index told; /* what is not suggested */
	size_t notes;
};

/* ---- out of the log ---- */

static void note(struct run *s, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Why something is not suggested; once each. */
static void note(struct run *s, const char *key, const char *fmt, ...)
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
static bool is_excepted(const struct run *s, size_t rule, const char *digest)
{
	const struct garita_policy *policy = s->found.gate.policy;
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

static struct garita_suggest_image *image_of(struct run *s,
					     const struct garita_log_line *line)
{
	bool is_new;
	size_t at = garita_index_of(&s->found.digests, line->digest, &is_new);
	struct garita_suggest_image *image;

	if (is_new) {
		s->found.images =
			garita_xresize(s->found.images, s->found.digests.room,
				       sizeof(*s->found.images));
		s->found.images[at] = (struct garita_suggest_image){
			.rules = garita_xcalloc(garita_rule_count(),
						sizeof(bool)),
		};
		memcpy(s->found.images[at].digest, line->digest,
		       sizeof(s->found.images[at].digest));
	}
	image = &s->found.images[at];
	image->records++;
	image->in_scope = image->in_scope || line->scope != NULL;
	if (line->image != NULL) {
		free(image->name);
		image->name = garita_xstrdup(line->image);
	}
	return image;
}

static void add_rule(struct run *s, struct garita_suggest_image *image,
		     const char *id)
{
	int rule = id ? garita_rule_find(id) : -1;
	auto_text key = { 0 };

	if (rule < 0 ||
	    !garita_policy_asks(s->found.gate.policy, (size_t)rule) ||
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

static void add_rules(struct run *s, struct garita_suggest_image *image,
		      const struct garita_json *rules)
{
	for (size_t i = 0; i < garita_json_count(rules); i++)
		add_rule(s, image,
			 garita_json_string(garita_json_item(rules, i)));
}

/* Can an exception reach it? */
static bool can_suggest(struct run *s, const struct garita_log_line *line)
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
	struct run *s = data;
	const char *word = garita_log_line_word(line);
	struct garita_suggest_image *image;

	(void)text;
	(void)len;
	if (strcmp(word, "would-deny") != 0 &&
	    !(s->refused && strcmp(word, "deny") == 0))
		return;
	if (!can_suggest(s, line))
		return;
	if (s->found.records++ == 0 || strcmp(line->time, s->found.first) < 0)
		memcpy(s->found.first, line->time, strlen(line->time) + 1);
	if (strcmp(line->time, s->found.last) > 0)
		memcpy(s->found.last, line->time, strlen(line->time) + 1);
	image = image_of(s, line);
	add_rules(s, image, line->rules);
	add_rules(s, image, line->covered);
}

/* ---- options ---- */

/* The last day of so many from now. */
static bool set_end(struct run *s, const char *ttl)
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
	garita_clock_words(&end, s->found.expires);
	return true;
}

static int print(const struct run *s, struct garita_error *err)
{
	auto_text out = { 0 };
	int rc =
		garita_suggest_print(&s->found, s->scopes, s->whole, &out, err);

	if (rc == 0 && out.len == 0)
		garita_cli_complain(s->cli,
				    "nothing to suggest: the log has "
				    "%s that an exception would let "
				    "through",
				    s->notes > 0 ? "nothing else" : "nothing");
	garita_cli_print(&out);
	return rc;
}

static int suggest(struct run *s, const struct garita_log_filter *filter,
		   const char *policy, const char *const *files, size_t count)
{
	const struct garita_gate_options options = { .policy = policy };
	struct garita_cli_log log = { s->cli, filter, add_line, s, 0 };
	struct garita_error error = { 0 };
	int rc = garita_gate_open(&options, &s->found.gate, &error);

	if (rc == 0)
		rc = garita_cli_log_read(&log, files, count, &error);
	if (rc == 0)
		rc = print(s, &error);
	if (rc < 0)
		return garita_cli_fail(s->cli, &error);
	return log.bad + s->notes > 0 ? GARITA_EXIT_REFUSED
				      : GARITA_EXIT_ADMITTED;
}

static void free_suggest(struct run *s)
{
	for (size_t i = 0; i < s->found.digests.count; i++) {
		free(s->found.images[i].name);
		free(s->found.images[i].rules);
	}
	free(s->found.images);
	garita_index_free(&s->found.digests);
	garita_index_free(&s->told);
	garita_gate_close(&s->found.gate);
}

static int run(const struct garita_cli *cli)
{
	struct run s = { .cli = cli, .now = time(NULL) };
	struct garita_log_filter filter = { .since = "" };
	const char *policy = NULL, *ttl = NULL, *since = NULL, *until = NULL;
	bool exceptions = false;
	const struct garita_cli_option table[] = {
		{ "--exceptions", NULL, &exceptions, NULL },
		{ "--scopes", NULL, &s.scopes, NULL },
		{ "--refused", NULL, &s.refused, NULL },
		{ "--whole", NULL, &s.whole, NULL },
		{ "--ttl", &ttl, NULL, NULL },
		{ "--owner", &s.found.owner, NULL, NULL },
		{ "--reason", &s.found.reason, NULL, NULL },
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
	else if ((s.found.owner && !*s.found.owner) ||
		 (s.found.reason && !*s.found.reason))
		garita_cli_complain(cli, "--owner and --reason say something");
	else if (set_end(&s, ttl) &&
		 garita_cli_log_moment(cli, "--since", since, filter.since) &&
		 garita_cli_log_moment(cli, "--until", until, filter.until))
		code = suggest(&s, &filter, policy, words, count);
	free_suggest(&s);
	return code;
}

const struct garita_cli_verb garita_policy_suggest = {
	.name = "policy suggest",
	.summary = "exceptions for what dry-run would have refused",
	.usage = "policy suggest [--exceptions] [--scopes] [--ttl SPAN]\n"
		 "                             [--owner TEXT] [--reason TEXT] "
		 "[--since WHEN]\n"
		 "                             [--until WHEN] [--refused] "
		 "[--whole] [--policy F]\n"
		 "                             [LOG...]",
	.help = "Prints the fewest exceptions that let through what dry-run "
		"would have refused\n"
		"by the log: by digest, and for a while. Without LOG: the "
		"policy's log, and what\n"
		"it was rotated to.\n"
		"\n"
		"  --exceptions   exceptions, which is so without this word, "
		"too\n"
		"  --scopes       scopes that end, which warn, instead of "
		"exceptions\n"
		"  --ttl SPAN     how long they hold: 30d, unless you say "
		"otherwise\n"
		"  --owner TEXT   who answers for the exceptions\n"
		"  --reason TEXT  why they are needed\n"
		"  --since WHEN   from a day, a time or so long ago, as of "
		"garita log\n"
		"  --until WHEN   before it\n"
		"  --refused      also what was refused, which may be an "
		"attack\n"
		"  --whole        the policy's own text with them in it; else "
		"a policy that\n"
		"                 extends it\n"
		"  --policy F     this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"\n"
		"Exits 0, 1 when something could not be suggested or a line "
		"was no record, 2\n"
		"error.\n",
	.run = run,
};
