/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canary_log - what the decision log has about a canary, and what that means.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/doctor/canary.h"
#include "hook/file.h"
#include "hook/log/line.h"
#include "hook/log/sink.h"

enum { MAX_NEW = 16 * 1024 * 1024 }; /* bytes logged in the meantime */

static int open_log(const struct garita_doctor *doctor)
{
	auto_free char *path =
		garita_log_path(doctor->has_gate ? &doctor->gate : NULL);

	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

off_t garita_canary_log_end(const struct garita_doctor *doctor)
{
	auto_fd int fd = open_log(doctor);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;
}

static void add_reasons(const struct garita_log_line *line,
			struct garita_text *out)
{
	if (line->error != NULL)
		garita_text_puts(out, line->error);
	for (size_t i = 0; i < garita_json_count(line->rules); i++)
		garita_text_printf(
			out, "%s%s", out->len ? ", " : "",
			garita_json_string(garita_json_item(line->rules, i)));
}

struct search {
	const char *id; /* NULL: that of the only refusal */
	char *refused;  /* without an id: whose refusal was seen */
	bool several;   /* and then another's */
	struct garita_text why;
};

/* Is it about the one that is looked for, or may be? */
static bool is_about(struct search *search, const struct garita_log_line *line,
		     bool denied)
{
	const char *id = line->id ? line->id : "";

	if (search->id != NULL)
		return strcmp(search->id, id) == 0;
	if (!denied)
		return false;
	if (search->refused == NULL)
		search->refused = garita_xstrdup(id);
	else if (strcmp(search->refused, id) != 0)
		search->several = true;
	return true;
}

/* One line of the log. */
static enum garita_canary_verdict read_line(const char *text, size_t len,
					    struct search *search)
{
	auto_log_line line = { 0 };
	bool denied;

	if (garita_log_line_read(text, len, &line, NULL) < 0 ||
	    line.verdict == NULL)
		return GARITA_CANARY_NOT_JUDGED;
	denied = strcmp(line.verdict, "deny") == 0;
	if (!is_about(search, &line, denied))
		return GARITA_CANARY_NOT_JUDGED;
	search->why.len = 0;
	if (denied)
		add_reasons(&line, &search->why);
	return denied ? GARITA_CANARY_REFUSED : GARITA_CANARY_ADMITTED;
}

enum garita_canary_verdict garita_canary_log_find(
	const struct garita_doctor *doctor, off_t from, const char *id,
	char **ret_why)
{
	enum garita_canary_verdict found = GARITA_CANARY_NOT_JUDGED;
	auto_fd int fd = open_log(doctor);
	struct search search = { .id = id };
	auto_free char *text = NULL;
	size_t len = 0;

	if (fd >= 0 && lseek(fd, from, SEEK_SET) == from)
		(void)garita_file_read(fd, MAX_NEW, &text, &len, NULL);
	for (const char *at = text; at != NULL && *at != '\0';) {
		size_t n = strcspn(at, "\n");
		enum garita_canary_verdict one = read_line(at, n, &search);

		/* A hook behind the wrapper may have the last word. */
		if (one > found)
			found = one;
		at += n + (at[n] == '\n');
	}
	free(search.refused);
	*ret_why = garita_text_take(&search.why);
	return search.several ? GARITA_CANARY_NOT_JUDGED : found;
}

static void conclude_harmful(struct garita_doctor *doctor,
			     const struct garita_canary *canary,
			     enum garita_canary_verdict verdict,
			     const char *why)
{
	if (verdict == GARITA_CANARY_REFUSED)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_OK, NULL,
				  "%s: one with every privilege was refused, "
				  "and that is in the log (%s)",
				  canary->through, why);
	else if (verdict == GARITA_CANARY_ADMITTED &&
		 garita_doctor_is_dry(doctor))
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_WARN, NULL,
				  "%s: one with every privilege was judged, "
				  "and started because of dry-run",
				  canary->through);
	else if (verdict == GARITA_CANARY_ADMITTED)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_FAIL,
				  "see garita policy show: a scope, an "
				  "exception or the profile lets it through",
				  "%s: one with every privilege was admitted "
				  "by the policy",
				  canary->through);
	else if (canary->ran)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_FAIL,
				  "the gate does not stand where this engine "
				  "starts containers",
				  "%s: one with every privilege RAN, and "
				  "nobody judged it",
				  canary->through);
	else
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_UNKNOWN,
				  "make it start, then ask again",
				  "%s: one with every privilege did not start, "
				  "but not by the gate's word: %s",
				  canary->through, canary->said);
}

static void conclude_harmless(struct garita_doctor *doctor,
			      const struct garita_canary *canary,
			      enum garita_canary_verdict verdict,
			      const char *why)
{
	if (verdict == GARITA_CANARY_ADMITTED && canary->ran)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_OK, NULL,
				  "%s: one that asks for nothing was admitted "
				  "and ran, and that is in the log",
				  canary->through);
	else if (verdict == GARITA_CANARY_ADMITTED)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_WARN, NULL,
				  "%s: one that asks for nothing was admitted, "
				  "but did not run: %s",
				  canary->through, canary->said);
	else if (verdict == GARITA_CANARY_REFUSED)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_UNKNOWN,
				  "name an image that the policy allows with "
				  "--image",
				  "%s: one that asks for nothing was refused "
				  "(%s)",
				  canary->through, why);
	else if (canary->ran)
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_FAIL,
				  "the gate does not stand where this engine "
				  "starts containers",
				  "%s: one that asks for nothing ran, and "
				  "nobody judged it",
				  canary->through);
	else
		garita_doctor_say(doctor, "canary", GARITA_HEALTH_UNKNOWN,
				  "make it start, then ask again",
				  "%s: one that asks for nothing did not "
				  "start, but not by the gate's word: %s",
				  canary->through, canary->said);
}

void garita_canary_conclude(struct garita_doctor *doctor,
			    const struct garita_canary *canary, off_t from)
{
	auto_free char *why = NULL;
	enum garita_canary_verdict verdict =
		garita_canary_log_find(doctor, from, canary->id, &why);

	if (canary->harmless)
		conclude_harmless(doctor, canary, verdict, why);
	else
		conclude_harmful(doctor, canary, verdict, why);
}
