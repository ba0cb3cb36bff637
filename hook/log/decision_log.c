/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decision_log - see the header.
 */
#include "hook/log/decision_log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/clock.h"
#include "hook/owner.h"
#include "hook/report/report.h"

enum {
	LOG_VERSION = 1,
	/* A config of 4 MiB can hold a hundred thousand findings; a line of the
	 * log should stay one that people and programs can take. */
	MOST_FINDINGS = 64,
};

static bool is_dry_run(const struct garita_record *record)
{
	return record->gate != NULL &&
	       record->gate->policy->mode == GARITA_MODE_DRY_RUN;
}

/* What was judged, as the word of what enforcing would do. */
static const char *judged(const struct garita_record *record)
{
	if (record->decision == NULL)
		return "deny";
	switch (record->decision->verdict.outcome) {
	case GARITA_ADMIT:
		return "admit";
	case GARITA_REPAIR:
		return "repair";
	case GARITA_REFUSE:
		break;
	}
	return "deny";
}

static void put_findings(struct garita_json_doc *doc, struct garita_json *root,
			 const struct garita_verdict *verdict)
{
	struct garita_json *list = garita_json_new_array(doc);
	size_t omitted = 0;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];
		struct garita_json *node;

		if (f->covered)
			continue;
		if (garita_json_count(list) == MOST_FINDINGS) {
			omitted++;
			continue;
		}
		node = garita_json_new_object(doc);
		garita_json_put_string(doc, node, "rule", f->rule->id);
		garita_json_put_string(doc, node, "action",
				       garita_action_name(f->action));
		garita_json_put_string(doc, node, "pointer", f->pointer);
		garita_json_put_string(doc, node, "found", f->found);
		garita_json_put_string(doc, node, "exception", f->exception);
		garita_json_append(doc, list, node);
	}
	garita_json_put(doc, root, "findings", list);
	if (omitted > 0)
		garita_json_put_u64(doc, root, "findingsOmitted", omitted);
}

static void build(const struct garita_record *record,
		  struct garita_json_doc *doc)
{
	struct garita_json *root = garita_json_root(doc);
	char now[GARITA_CLOCK_SIZE];

	garita_clock_now(now);
	garita_json_put_u64(doc, root, "version", LOG_VERSION);
	garita_json_put_string(doc, root, "time", now);
	garita_json_put_string(doc, root, "program", record->program);
	garita_json_put_string(doc, root, "verb", record->verb);
	garita_json_put_string(doc, root, "verdict",
			       !record->admitted    ? "deny"
			       : is_dry_run(record) ? "admit"
						    : judged(record));
	if (is_dry_run(record))
		garita_json_put_string(doc, root, "would", judged(record));
	garita_json_put_string(doc, root, "id", record->id);
	garita_json_put_string(doc, root, "bundle", record->bundle);
	if (record->gate != NULL)
		garita_json_put_string(
			doc, root, "profile",
			garita_policy_profile_words(record->gate->policy));
	if (record->error != NULL) {
		char words[1024];

		garita_error_words(record->error, words, sizeof(words));
		garita_json_put_string(doc, root, "error", words);
	}
	if (record->decision != NULL) {
		garita_json_put(
			doc, root, "image",
			garita_report_image(doc, &record->decision->image));
		put_findings(doc, root, &record->decision->verdict);
	}
	garita_json_put_u64(doc, root, "costMicroseconds", record->cost_us);
}

/* The log's own directory is made when missing; its parents are not. */
static int open_log(const char *path)
{
	int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		    O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		auto_free char *copy = garita_xstrdup(path);

		/* Another start may have made it just now. */
		if (mkdir(dirname(copy), 0700) == 0 || errno == EEXIST)
			fd = open(path, flags, 0600);
	}
	return fd;
}

/* Does the file end in the middle of a line, torn by a full disk? While
 * another writer's line crosses a page, the file seems to for a moment: only
 * what stays so is torn. */
static bool is_torn(int fd)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };

	for (int tries = 0; tries < 8; tries++) {
		char last = '\n';
		struct stat st;

		if (tries > 0)
			nanosleep(&pause, NULL);
		if (fstat(fd, &st) < 0 || st.st_size == 0 ||
		    pread(fd, &last, 1, st.st_size - 1) != 1 || last == '\n')
			return false;
	}
	return true;
}

static void complain(const char *path, const char *why)
{
	char text[512];
	int len = snprintf(text, sizeof(text),
			   "garita: warning: decision not logged in %s: %s\n",
			   path, why);
	ssize_t ignored =
		write(STDERR_FILENO, text,
		      len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);

	(void)ignored;
}

/* One write. A file size limit (RLIMIT_FSIZE) is a failure of the log, not a
 * signal that ends us before the reason is told. */
static ssize_t write_line(int fd, const struct garita_text *line)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	ssize_t written;
	int failure;

	sigaction(SIGXFSZ, &ignore, &before);
	written = write(fd, line->data, line->len);
	failure = errno;
	sigaction(SIGXFSZ, &before, NULL);
	errno = failure;
	return written;
}

/* The machine's log is not for a user's engine to write, whoever names it in
 * the machine's policy. */
static char *log_path(const struct garita_gate *gate)
{
	const char *named = gate != NULL ? gate->policy->log_file : NULL;
	auto_free char *own = garita_owner_home(GARITA_OWN_LOG);
	auto_free char *policy = garita_owner_home(GARITA_OWN_POLICY);
	bool is_own = policy != NULL && gate != NULL &&
		      gate->policy_path != NULL &&
		      strcmp(policy, gate->policy_path) == 0;

	if (own != NULL && (named == NULL || !is_own)) {
		garita_owner_make(GARITA_OWN_STATE);
		return garita_take_ptr(&own);
	}
	return garita_xstrdup(named ? named : GARITA_LOG_FILE);
}

void garita_log_decision(const struct garita_record *record)
{
	auto_free char *path = log_path(record->gate);
	auto_json struct garita_json_doc *doc = garita_json_new();
	auto_text line = { 0 };
	auto_fd int fd = -1;
	struct stat st;
	ssize_t written;

	fd = open_log(path);
	if (fd < 0 || fstat(fd, &st) < 0) {
		complain(path, strerror(errno));
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		complain(path, "not a regular file");
		return;
	}
	build(record, doc);
	if (is_torn(fd))
		garita_text_putc(&line, '\n');
	garita_json_print(garita_json_root(doc), &line);
	garita_text_putc(&line, '\n');
	written = write_line(fd, &line);
	if (written < 0)
		complain(path, strerror(errno));
	else if ((size_t)written < line.len)
		complain(path, "the disk is full");
}
