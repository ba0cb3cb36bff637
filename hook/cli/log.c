/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - `garita log`: what was decided, read back.
 *
 * A line that is no record (torn by a full disk, edited, of a later version) is
 * told and left out: one bad line must not hide the others.
 */
#include "hook/cli/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "garita/rule.h"
#include "hook/gate.h"
#include "hook/log/reader.h"
#include "hook/log/sink.h"
#include "hook/report/report.h"
#include "policy/nearest.h"

/* ---- reading ---- */

char *garita_cli_log_path(void)
{
	const struct garita_gate_options options = { 0 };
	auto_gate gate = { 0 };

	/* One that cannot be read refuses everything, and that is in the log
	 * that is there without a policy. */
	if (garita_gate_open(&options, &gate, NULL) < 0)
		return garita_log_path(NULL);
	return garita_log_path(&gate);
}

static bool take_line(void *data, const char *path, uint64_t number,
		      const char *text, size_t len)
{
	struct garita_cli_log *log = data;
	auto_log_line line = { 0 };
	struct garita_error error = { 0 };
	char words[1024];

	if (garita_log_line_read(text, len, &line, &error) < 0) {
		error.line = 0; /* it is the only one */
		log->bad++;
		garita_cli_complain(
			log->cli, "%s:%llu: no record: %s", path,
			(unsigned long long)number,
			garita_error_words(&error, words, sizeof(words)));
		return true;
	}
	if (garita_log_filter_wants(log->filter, &line))
		log->each(log->data, &line, text, len);
	return true;
}

int garita_cli_log_read(struct garita_cli_log *log, const char *const *files,
			size_t count, struct garita_error *err)
{
	struct garita_log_files found = { 0 };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = garita_log_read(files[i], take_line, log, err);
	if (count == 0) {
		auto_free char *path = garita_cli_log_path();

		rc = garita_log_files(path, &found, err);
	}
	for (size_t i = 0; rc == 0 && i < found.count; i++)
		rc = garita_log_read(found.paths[i], take_line, log, err);
	garita_log_files_free(&found);
	return rc;
}

bool garita_cli_log_moment(const struct garita_cli *cli, const char *option,
			   const char *words, char into[GARITA_CLOCK_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (words == NULL || garita_clock_read(words, &now, into) == 0)
		return true;
	garita_cli_complain(cli,
			    "%s is a day (2026-11-28), a time in UTC "
			    "(2026-11-28T16:00Z) or so long ago (90s, 15m, 2h, "
			    "7d, 4w), not %s",
			    option, words);
	return false;
}

/* ---- showing ---- */

static const char *colour_of(const char *word)
{
	if (strcmp(word, "deny") == 0)
		return "\033[31m";
	if (garita_starts_with(word, "would-") || strcmp(word, "repair") == 0)
		return "\033[33m";
	return strcmp(word, "admit") == 0 ? "\033[32m" : "\033[36m";
}

static void put_rules(const struct garita_log_line *line,
		      struct garita_text *out)
{
	const char *before = "  ";

	for (size_t i = 0; i < garita_json_count(line->rules); i++) {
		const char *rule =
			garita_json_string(garita_json_item(line->rules, i));

		garita_text_puts(out, before);
		garita_report_put_safe(out, rule ? rule : "?");
		before = ",";
	}
	if (line->error != NULL) {
		garita_text_puts(out, "  ");
		garita_report_put_safe(out, line->error);
	}
	if (line->before != NULL) {
		garita_text_puts(out, "  ");
		garita_report_put_safe(out, line->before);
		garita_text_puts(out, " -> ");
		garita_report_put_safe(out, line->policy ? line->policy : "?");
	}
}

/* TIME WORD ENGINE VERB CONTAINER IMAGE RULES; "-" for what is not known. */
static void put_text(const struct garita_log_line *line, bool colour,
		     struct garita_text *out)
{
	enum { ID = 12, VERB = 8, ENGINE = 10 };
	const char *word = garita_log_line_word(line);
	const char *id = line->id ? line->id : "-";
	auto_free char *begin = garita_xstrndup(id, ID);
	auto_text safe = { 0 };

	garita_text_printf(out, "%.19sZ  %s", line->time,
			   colour ? colour_of(word) : "");
	garita_report_put_safe(&safe, word);
	garita_text_printf(out, "%-13s%s  ", safe.data,
			   colour ? "\033[0m" : "");
	safe.len = 0;
	garita_report_put_safe(&safe, line->engine ? line->engine : "-");
	garita_text_printf(out, "%-*s  ", ENGINE, safe.len ? safe.data : "");
	safe.len = 0;
	garita_report_put_safe(&safe, line->verb ? line->verb : "-");
	garita_text_printf(out, "%-*s  ", VERB, safe.len ? safe.data : "");
	safe.len = 0;
	garita_report_put_safe(&safe, begin);
	garita_text_printf(out, "%-*s  ", ID, safe.len ? safe.data : "");
	garita_report_put_safe(out, line->image    ? line->image
				    : line->digest ? line->digest
						   : "-");
	put_rules(line, out);
	garita_text_putc(out, '\n');
}

struct show {
	bool colour, json;
	/* With --follow: the last ones of what is there already. */
	struct garita_text *kept;
	size_t room, count;
};

static void show_line(void *data, const struct garita_log_line *line,
		      const char *text, size_t len)
{
	struct show *show = data;
	auto_text out = { 0 };

	if (show->json) {
		const struct garita_text printed = { (char *)text, len, 0 };

		garita_report_put_printed(&printed, &out);
		garita_text_putc(&out, '\n');
	} else {
		put_text(line, show->colour, &out);
	}
	if (show->kept == NULL) {
		garita_cli_print(&out);
		return;
	}
	garita_text_free(&show->kept[show->count % show->room]);
	show->kept[show->count++ % show->room] = out;
	out = (struct garita_text){ 0 };
}

/* As tail(1) -f: the last ten, then what comes. */
static int follow(struct garita_cli_log *log, struct show *show,
		  const char *path, struct garita_error *err)
{
	enum { LAST = 10 };
	struct garita_text kept[LAST] = { 0 };
	int rc;

	show->kept = kept;
	show->room = LAST;
	rc = garita_log_read(path, take_line, log, err);
	for (size_t i = show->count < LAST ? 0 : show->count - LAST;
	     i < show->count; i++)
		garita_cli_print(&kept[i % LAST]);
	for (size_t i = 0; i < LAST; i++)
		garita_text_free(&kept[i]);
	show->kept = NULL;
	if (rc < 0 && rc != -ENOENT)
		return rc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	fflush(stdout);
	return garita_log_follow(path, rc == -ENOENT, take_line, log, err);
}

static void summarise(void *data, const struct garita_log_line *line,
		      const char *text, size_t len)
{
	(void)text;
	(void)len;
	garita_log_summary_add(data, line);
}

/* ---- options ---- */

struct options {
	const char *since, *until, *format;
	bool follow, summary, json;
	struct garita_cli_list rules, images, verdicts, containers, engines;
};

/* What may be said, and how records say it. */
struct word {
	const char *word, *means;
};

static const struct word verdicts[] = {
	{ "admit", "admit" },
	{ "repair", "repair" },
	{ "deny", "deny" },
	{ "would-deny", "would-deny" },
	{ "would-repair", "would-repair" },
	{ "policy-change", "policy-change" },
	{ "install", "install" },
	{ "uninstall", "uninstall" },
	/* As reports say it. */
	{ "refuse", "deny" },
	{ "would-refuse", "would-deny" },
};

static const struct word engines[] = {
	{ "podman", "podman" },
	{ "docker", "docker" },
	{ "containerd", "containerd" },
	{ "cri-o", "cri-o" },
	{ "buildkit", "buildkit" },
	{ "buildah", "buildah" },
	/* Of an install. */
	{ "runc", "runc" },
	{ "crio", "cri-o" },
};

static bool check_words(const struct garita_cli *cli, const char *what,
			const struct word *known, size_t count,
			struct garita_cli_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct garita_nearest near = garita_nearest_to(list->words[i]);
		const char *means = NULL;

		for (size_t k = 0; k < count; k++) {
			if (strcmp(known[k].word, list->words[i]) == 0)
				means = known[k].means;
			garita_nearest_try(&near, known[k].word);
		}
		if (means == NULL) {
			garita_cli_complain(cli,
					    near.word ? "unknown %s %s; did "
							"you mean %s?"
						      : "unknown %s %s; see "
							"garita help log",
					    what, list->words[i], near.word);
			return false;
		}
		list->words[i] = means;
	}
	return true;
}

static bool check_rules(const struct garita_cli *cli,
			const struct garita_cli_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *near;

		if (garita_rule_find(list->words[i]) >= 0)
			continue;
		near = garita_rule_nearest(list->words[i]);
		garita_cli_complain(cli,
				    near ? "unknown rule %s; did you mean %s?"
					 : "unknown rule %s; see garita rules",
				    list->words[i], near);
		return false;
	}
	return true;
}

/* The words of the command line, as the filter has them. */
static struct garita_patterns borrow(const struct garita_cli_list *list)
{
	return (struct garita_patterns){ (char **)list->words, list->count };
}

static int finish(const struct garita_cli_log *log, int rc,
		  const struct garita_error *error)
{
	if (rc < 0)
		return garita_cli_fail(log->cli, error);
	return log->bad > 0 ? GARITA_EXIT_REFUSED : GARITA_EXIT_ADMITTED;
}

static int show_lines(const struct garita_cli *cli,
		      const struct garita_log_filter *filter,
		      const struct options *options, const char *const *files,
		      size_t count)
{
	struct show show = { .colour = cli->colour, .json = options->json };
	struct garita_cli_log log = { cli, filter, show_line, &show, 0 };
	struct garita_error error = { 0 };
	auto_free char *path = NULL;

	if (!options->follow)
		return finish(&log,
			      garita_cli_log_read(&log, files, count, &error),
			      &error);
	path = count > 0 ? garita_xstrdup(files[0]) : garita_cli_log_path();
	return finish(&log, follow(&log, &show, path, &error), &error);
}

static int show_summary(const struct garita_cli *cli,
			const struct garita_log_filter *filter,
			const struct options *options, const char *const *files,
			size_t count)
{
	struct garita_log_summary *summary = garita_log_summary_new();
	struct garita_cli_log log = { cli, filter, summarise, summary, 0 };
	struct garita_error error = { 0 };
	auto_text out = { 0 };
	int rc = garita_cli_log_read(&log, files, count, &error);

	if (rc == 0 && options->json)
		garita_log_summary_json(summary, &out);
	else if (rc == 0)
		garita_log_summary_text(summary, &out);
	garita_cli_print(&out);
	garita_log_summary_free(summary);
	return finish(&log, rc, &error);
}

static bool check_options(const struct garita_cli *cli, struct options *options,
			  size_t files)
{
	const char *wrong = NULL;

	if (options->follow && options->summary)
		wrong = "--follow never ends, so it has no --summary";
	else if (options->follow && files > 1)
		wrong = "--follow takes one FILE";
	if (wrong != NULL)
		garita_cli_complain(cli, "%s", wrong);
	return wrong == NULL &&
	       garita_cli_wants_json(cli, options->format, &options->json) ==
		       0 &&
	       check_words(cli, "verdict", verdicts, GARITA_COUNT(verdicts),
			   &options->verdicts) &&
	       check_words(cli, "engine", engines, GARITA_COUNT(engines),
			   &options->engines) &&
	       check_rules(cli, &options->rules);
}

static int run_with(const struct garita_cli *cli, struct options *options,
		    const char *const *files, size_t count)
{
	struct garita_log_filter filter = {
		.rules = borrow(&options->rules),
		.images = borrow(&options->images),
		.verdicts = borrow(&options->verdicts),
		.containers = borrow(&options->containers),
		.engines = borrow(&options->engines),
	};

	if (!check_options(cli, options, count) ||
	    !garita_cli_log_moment(cli, "--since", options->since,
				   filter.since) ||
	    !garita_cli_log_moment(cli, "--until", options->until,
				   filter.until))
		return GARITA_EXIT_ERROR;
	return options->summary
		       ? show_summary(cli, &filter, options, files, count)
		       : show_lines(cli, &filter, options, files, count);
}

static int run(const struct garita_cli *cli)
{
	struct options o = { 0 };
	const struct garita_cli_option table[] = {
		{ "--follow", NULL, &o.follow, NULL },
		{ "-f", NULL, &o.follow, NULL },
		{ "--summary", NULL, &o.summary, NULL },
		{ "--since", &o.since, NULL, NULL },
		{ "--until", &o.until, NULL, NULL },
		{ "--rule", NULL, NULL, &o.rules },
		{ "--image", NULL, NULL, &o.images },
		{ "--verdict", NULL, NULL, &o.verdicts },
		{ "--container", NULL, NULL, &o.containers },
		{ "--engine", NULL, NULL, &o.engines },
		{ "--format", &o.format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_cli_list *const lists[] = {
		&o.rules, &o.images, &o.verdicts, &o.containers, &o.engines,
	};
	int code = GARITA_EXIT_ERROR;
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words,
			       &count) == 0)
		code = run_with(cli, &o, words, count);
	for (size_t i = 0; i < GARITA_COUNT(lists); i++)
		free(lists[i]->words);
	return code;
}

const struct garita_cli_verb garita_cli_log = {
	.name = "log",
	.summary = "show, filter, follow and sum up what was decided",
	.usage = "log [--follow] [--summary] [--since WHEN] [--until WHEN]\n"
		 "      [--rule RULE] [--image PATTERN] [--container ID] "
		 "[--verdict\n"
		 "      admit|repair|deny|would-deny|would-repair|"
		 "policy-change|install|uninstall]\n"
		 "      [--engine "
		 "podman|docker|containerd|cri-o|buildkit|buildah|runc]\n"
		 "      [--format text|json] [FILE...]",
	.help = "  --follow          the last ten, and then what comes, into "
		"the next log when it\n"
		"                    is rotated; also -f\n"
		"  --summary         counts; what was, or in dry-run would "
		"have been, refused by\n"
		"                    rule and by image\n"
		"  --since WHEN      from a day (2026-11-28), a time in UTC "
		"(2026-11-28T16:00Z),\n"
		"                    or so long ago (90s, 15m, 2h, 7d, 4w)\n"
		"  --until WHEN      before it\n"
		"  --verdict WORD    what happened; would-deny: in dry-run\n"
		"  --rule RULE       that this rule has a finding in\n"
		"  --image PATTERN   a name as in a policy's \"match\", or a "
		"digest\n"
		"  --container ID    or the beginning of one\n"
		"  --engine NAME     told by where its bundles lie, or of an "
		"install\n"
		"  --format json     the records as they are, a line each; of "
		"a summary one\n"
		"                    object\n"
		"\n"
		"Options of one kind may be given again: one of them must "
		"hold; of different\n"
		"kinds all. Without FILE: the policy's log, and what it was "
		"rotated to, oldest\n"
		"first. FILE may be compressed. Lines that are no records are "
		"told on standard\n"
		"error.\n"
		"\n"
		"Exits 0 all read, 1 some lines were no records, 2 could not "
		"read.\n",
	.run = run,
};
