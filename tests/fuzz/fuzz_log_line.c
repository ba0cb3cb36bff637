/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of the decision log, both ways. The input is once a line that is read
 * back: what is accepted has what a reader counts on. And once what strangers
 * call a container and an image: whatever that is, it makes one line that can
 * be read back, one message in the kernel's log, and no field of its own.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hook/log/line.h"
#include "hook/log/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(const char *text, size_t len)
{
	static char *words[] = { (char *)"deny", (char *)"would-deny",
				 (char *)"*" };
	const struct garita_log_filter filter = {
		.rules = { words, 3 },
		.images = { words, 3 },
		.containers = { words, 3 },
		.since = "2026-01-01T00:00:00.000000Z",
	};
	auto_log_line line = { 0 };
	struct garita_error err = { 0 };

	if (garita_log_line_read(text, len, &line, &err) < 0) {
		if (err.text[0] == '\0' || line.doc != NULL)
			abort();
		return;
	}
	if (!garita_clock_is_words(line.time) ||
	    garita_log_line_word(&line) == NULL ||
	    (line.digest != NULL && !garita_digest_well_formed(line.digest)))
		abort();
	(void)garita_log_filter_wants(&filter, &line);
}

static void check_audit(const struct garita_log_entry *entry)
{
	auto_text text = { 0 };
	size_t results = 0;

	garita_audit_message(entry, &text);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] > '~' ||
		    text.data[i] == '\'')
			abort();
	for (const char *at = text.data; (at = strstr(at, " res=")); at++)
		results++;
	if (results != 1 || strcmp(text.data + text.len - 11, " res=failed"))
		abort();
}

/* Names, lengths, values: nothing else, up to the end. */
static void check_journal(const struct garita_log_entry *entry)
{
	auto_text text = { 0 };
	size_t at = 0, verdicts = 0;

	garita_journal_message(entry, &text);
	while (at < text.len) {
		const char *name = text.data + at;
		size_t len = strcspn(name, "\n"), value = 0;

		if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != len)
			abort();
		verdicts +=
			len == 14 && strncmp(name, "GARITA_VERDICT", 14) == 0;
		at += len + 1;
		for (size_t i = 0; i < 8; i++)
			value |= (size_t)(unsigned char)text.data[at + i]
				 << 8 * i;
		at += 8 + value;
		if (at >= text.len || text.data[at++] != '\n')
			abort();
	}
	if (verdicts != 1)
		abort();
}

static void write_out(const char *id, const char *name)
{
	struct garita_error error = { .code = 1 };
	char *names[] = { (char *)name };
	const struct garita_decision decision = {
		.verdict = { .outcome = GARITA_REFUSE },
		.image = { .sure = GARITA_IMAGE_CONFIG,
			   .names = names,
			   .name_count = 1 },
	};
	const struct garita_record record = {
		.program = "fuzz",
		.verb = "create",
		.id = id,
		.bundle = name,
		.decision = &decision,
		.error = &error,
	};
	struct garita_log_entry entry;
	auto_log_line line = { 0 };

	garita_fail(&error, 1, "%s", id);
	garita_log_entry_make(&record, "built-in", &entry);
	if (memchr(entry.line.data, '\n', entry.line.len) != NULL ||
	    garita_log_line_read(entry.line.data, entry.line.len, &line, NULL) <
		    0 ||
	    strcmp(line.verdict, "deny") != 0)
		abort();
	check_audit(&entry);
	check_journal(&entry);
	garita_log_entry_free(&entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = garita_xstrndup((const char *)data, size);
	size_t half = strlen(text) / 2;
	auto_free char *id = garita_xstrndup(text, half);

	read_back((const char *)data, size);
	write_out(id, text + half);
	return 0;
}
