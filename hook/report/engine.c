/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * engine - a refusal where the container engine looks for the runtime's words.
 *
 * docker, containerd and podman read the last error line of the --log file,
 * CRI-O and BuildKit show stderr: both get the same single line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/clock.h"
#include "hook/file.h"
#include "hook/report/report.h"

/* The engine shows this as is: long enough for several reasons, short enough
 * for an event in a Kubernetes log. */
enum { LINE_MAX_BYTES = 1600 };

/* podman takes these for its own error classes and adds a wrong one. */
static const struct {
	char phrase[28], instead[16];
} misread[] = {
	{ "permission denied", "no permission" },
	{ "operation not permitted", "not allowed" },
	{ "no such file or directory", "not there" },
	{ "executable file not found", "program missing" },
};

static char *rephrase(const char *said)
{
	auto_text safe = { 0 };
	auto_text out = { 0 };
	const char *line;

	garita_report_put_safe(&safe,
			       said); /* one line: no control character */
	line = safe.len > 0 ? safe.data : "";
	while (*line != '\0') {
		size_t skip = 0;

		for (size_t i = 0; skip == 0 && i < GARITA_COUNT(misread);
		     i++) {
			size_t len = strlen(misread[i].phrase);

			if (strncasecmp(line, misread[i].phrase, len) == 0) {
				garita_text_puts(&out, misread[i].instead);
				skip = len;
			}
		}
		if (skip == 0)
			garita_text_putc(&out, *line);
		line += skip ? skip : 1;
	}
	return garita_text_take(&out);
}

static bool is_reason(const struct garita_finding *f)
{
	return !f->covered && !f->fixed && f->action == GARITA_DENY;
}

/* Ends what `f` says, before `next` (NULL: nothing more). What a rule that
 * speaks several times in a row wants, and where, and what to do, is said
 * once. An image that is only pulled has no config to point into. */
static void end_reason(const struct garita_finding *f,
		       const struct garita_finding *next, bool has_config,
		       struct garita_text *out)
{
	bool again = next != NULL && next->rule == f->rule;
	bool machine = f->rule->scope == GARITA_SCOPE_HOST;

	if (!again || strcmp(f->wanted, next->wanted) != 0 ||
	    strcmp(f->pointer, next->pointer) != 0) {
		garita_text_printf(out, " (wanted: %s)", f->wanted);
		if (has_config && !machine)
			garita_text_printf(out, " at %s", f->pointer);
	}
	if (!again)
		garita_text_printf(out, "; fix: %s", f->rule->remedy);
	if (next != NULL)
		garita_text_puts(out, again ? ", " : " | ");
}

void garita_report_line(const struct garita_decision *decision,
			struct garita_text *out)
{
	const struct garita_verdict *verdict = &decision->verdict;
	const struct garita_finding *last = NULL;
	bool has_config = verdict->subject != GARITA_SCOPE_IMAGE;
	unsigned more = 0;

	garita_text_printf(out, "garita refused this %s: ",
			   has_config ? "container" : "image");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (!is_reason(f))
			continue;
		if (out->len > LINE_MAX_BYTES) {
			more++;
			continue;
		}
		if (last != NULL)
			end_reason(last, f, has_config, out);
		if (last == NULL || last->rule != f->rule)
			garita_text_printf(out, "%s: ", f->rule->id);
		garita_text_puts(out, f->found);
		last = f;
	}
	if (last != NULL)
		end_reason(last, NULL, has_config, out);
	if (more > 0)
		garita_text_printf(out, " | and %u more, see `garita check`",
				   more);
}

void garita_report_not_judged(const char *what,
			      const struct garita_error *error,
			      struct garita_text *out)
{
	char words[1024];

	garita_text_printf(
		out, "garita refused this %s: could not judge it: %s", what,
		garita_error_words(error, words, sizeof(words)));
}

static void write_log(const char *line, const char *path, bool json)
{
	auto_fd int fd = open(path,
			      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
				      O_NOCTTY | O_NONBLOCK,
			      0600);
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	char when[GARITA_CLOCK_SIZE];

	if (fd < 0)
		return;
	if (!json) {
		garita_text_printf(&text, "%s\n", line);
		garita_file_write(fd, text.data, text.len);
		return;
	}
	garita_clock_now(when);
	doc = garita_json_new();
	garita_json_put_string(doc, garita_json_root(doc), "level", "error");
	garita_json_put_string(doc, garita_json_root(doc), "msg", line);
	garita_json_put_string(doc, garita_json_root(doc), "time", when);
	garita_json_print(garita_json_root(doc), &text);
	garita_text_putc(&text, '\n');
	garita_file_write(fd, text.data, text.len);
}

void garita_report_to_engine(const char *line, const char *log_path,
			     bool log_json)
{
	auto_free char *words = rephrase(line);
	auto_text said = { 0 };

	/* First: a stderr that nobody reads any more may end us. */
	if (log_path != NULL)
		write_log(words, log_path, log_json);
	/* In one piece: several starts may have one stderr. */
	garita_text_printf(&said, "%s\n", words);
	garita_file_write(STDERR_FILENO, said.data, said.len);
}
