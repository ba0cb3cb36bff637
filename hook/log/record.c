/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record - see the header.
 */
#include "hook/log/record.h"

#include <string.h>
#include <sys/utsname.h>

#include "garita/verdict.h"
#include "hook/report/report.h"

enum {
	RECORD_VERSION = 1,
	/* A config of 4 MiB can hold a hundred thousand findings; a line of the
	 * log should stay one that people and programs can take. Every rule is
	 * heard once, whatever the number. */
	MOST_FINDINGS = 64,
};

const char *garita_event_name(enum garita_event event)
{
	static const char names[GARITA_EVENTS][14] = {
		[GARITA_EVENT_DECISION] = "decision",
		[GARITA_EVENT_POLICY_CHANGE] = "policy-change",
		[GARITA_EVENT_INSTALL] = "install",
		[GARITA_EVENT_UNINSTALL] = "uninstall",
	};

	return names[event];
}

/* ---- what happened ---- */

static bool is_dry_run(const struct garita_record *record)
{
	return garita_gate_is_dry_run(record->gate);
}

/* What was judged, as the word of what enforcing would do. */
static const char *judged(const struct garita_record *record)
{
	if (record->decision == NULL || record->error != NULL)
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

const char *garita_record_verdict(const struct garita_record *record)
{
	if (record->event != GARITA_EVENT_DECISION)
		return NULL;
	return !record->admitted    ? "deny"
	       : is_dry_run(record) ? "admit"
				    : judged(record);
}

const char *garita_record_would(const struct garita_record *record)
{
	if (record->event != GARITA_EVENT_DECISION || !is_dry_run(record))
		return NULL;
	return judged(record);
}

/* ---- which image ---- */

const char *garita_record_image(const struct garita_record *record)
{
	const struct garita_image *image =
		record->decision ? &record->decision->image : NULL;

	if (image == NULL)
		return NULL;
	if (image->reference != NULL)
		return image->reference;
	return image->name_count > 0 ? image->names[0] : NULL;
}

const char *garita_record_digest(const struct garita_record *record)
{
	const struct garita_image *image =
		record->decision ? &record->decision->image : NULL;

	if (image == NULL || image->sure == GARITA_IMAGE_UNKNOWN)
		return NULL;
	if (image->sure == GARITA_IMAGE_VERIFIED && *image->manifest)
		return image->manifest;
	return *image->config ? image->config : NULL;
}

static bool is_asked(const struct garita_image *image)
{
	return image->sure != GARITA_IMAGE_UNKNOWN || image->store != NULL ||
	       *image->why_not != '\0';
}

/* ---- by which rules ---- */

/* Did it make the verdict what it is? */
static bool decides(const struct garita_verdict *verdict,
		    const struct garita_finding *f)
{
	if (f->covered)
		return false;
	if (verdict->denied > 0)
		return !f->fixed && f->action == GARITA_DENY;
	return verdict->fixed > 0 ? f->fixed : f->action == GARITA_WARN;
}

/* In the order of the catalogue. */
const char *garita_record_rule(const struct garita_record *record,
			       struct garita_rule_walk *at)
{
	const struct garita_verdict *verdict =
		record->decision ? &record->decision->verdict : NULL;

	while (verdict != NULL && garita_rule_next(at))
		for (size_t i = 0; i < verdict->count; i++)
			if (verdict->findings[i].rule == at->rule &&
			    decides(verdict, &verdict->findings[i]))
				return at->rule->id;
	return NULL;
}

/* ---- as JSON ---- */

static struct garita_json *finding_node(struct garita_json_doc *doc,
					const struct garita_finding *f)
{
	struct garita_json *node = garita_json_new_object(doc);

	garita_json_put_string(doc, node, "rule", f->rule->id);
	garita_json_put_string(doc, node, "action",
			       garita_action_name(f->action));
	if (f->fixed)
		garita_json_put_bool(doc, node, "fixed", true);
	garita_report_put_string(doc, node, "pointer", f->pointer);
	garita_report_put_string(doc, node, "found", f->found);
	garita_report_put_string(doc, node, "exception", f->exception);
	return node;
}

static void put_findings(struct garita_json_doc *doc, struct garita_json *root,
			 const struct garita_verdict *verdict)
{
	struct garita_json *list = garita_json_new_array(doc);
	const struct garita_rule *before = NULL;
	size_t omitted = 0;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->covered)
			continue;
		if (garita_json_count(list) >= MOST_FINDINGS &&
		    f->rule == before) {
			omitted++;
			continue;
		}
		before = f->rule;
		garita_json_append(doc, list, finding_node(doc, f));
	}
	garita_json_put(doc, root, "findings", list);
	if (omitted > 0)
		garita_json_put_u64(doc, root, "findingsOmitted", omitted);
}

/* What refuses, too, and is not said beside the rule that it is a part of: who
 * excepts that one hears of it next. */
static void put_covered(struct garita_json_doc *doc, struct garita_json *root,
			const struct garita_verdict *verdict)
{
	struct garita_json *list = garita_json_new_array(doc);
	const struct garita_rule *last = NULL;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (!f->covered || f->action != GARITA_DENY || f->rule == last)
			continue;
		last = f->rule;
		garita_json_append(doc, list,
				   garita_json_new_string(doc, last->id));
	}
	if (garita_json_count(list) > 0)
		garita_json_put(doc, root, "rulesCovered", list);
}

static void put_rules(struct garita_json_doc *doc, struct garita_json *root,
		      const struct garita_record *record)
{
	struct garita_json *list = garita_json_new_array(doc);
	struct garita_rule_walk at = { 0 };
	const char *rule;

	while ((rule = garita_record_rule(record, &at)) != NULL)
		garita_json_append(doc, list,
				   garita_json_new_string(doc, rule));
	garita_json_put(doc, root, "rules", list);
}

static const char *subject_name(enum garita_scope subject)
{
	switch (subject) {
	case GARITA_SCOPE_SANDBOX:
		return "sandbox";
	case GARITA_SCOPE_EXEC:
		return "exec";
	case GARITA_SCOPE_IMAGE:
		return "image";
	case GARITA_SCOPE_UPDATE:
		return "update";
	case GARITA_SCOPE_HOST:
		return "host";
	case GARITA_SCOPE_CONTAINER:
		break;
	}
	return "container";
}

static void put_image(struct garita_json_doc *doc, struct garita_json *root,
		      const struct garita_image *image)
{
	struct garita_json *node;

	if (!is_asked(image))
		return;
	node = garita_report_image(doc, image);
	garita_report_put_string(doc, node, "reference", image->reference);
	garita_json_put(doc, root, "image", node);
}

static void put_decision(struct garita_json_doc *doc, struct garita_json *root,
			 const struct garita_record *record, bool findings)
{
	const struct garita_verdict *verdict = &record->decision->verdict;
	size_t uncovered = 0;

	garita_json_put_string(doc, root, "subject",
			       subject_name(verdict->subject));
	garita_report_put_string(doc, root, "scope", verdict->scope);
	put_image(doc, root, &record->decision->image);
	put_rules(doc, root, record);
	put_covered(doc, root, verdict);
	if (findings) {
		put_findings(doc, root, verdict);
		return;
	}
	for (size_t i = 0; i < verdict->count; i++)
		uncovered += !verdict->findings[i].covered;
	garita_json_put_u64(doc, root, "findingsOmitted", uncovered);
}

static void put_head(struct garita_json_doc *doc, struct garita_json *root,
		     const struct garita_log_entry *entry)
{
	const struct garita_record *record = entry->record;

	garita_json_put_u64(doc, root, "version", RECORD_VERSION);
	garita_json_put_string(doc, root, "time", entry->time);
	garita_json_put_string(doc, root, "event",
			       garita_event_name(record->event));
	if (*entry->host)
		garita_report_put_string(doc, root, "host", entry->host);
	garita_json_put_string(doc, root, "program", record->program);
	garita_json_put_string(doc, root, "garita", GARITA_VERSION);
	garita_json_put_string(doc, root, "verb", record->verb);
	garita_json_put_string(doc, root, "verdict",
			       garita_record_verdict(record));
	garita_json_put_string(doc, root, "would", garita_record_would(record));
	garita_json_put_string(doc, root, "engine", entry->engine);
	garita_report_put_string(doc, root, "id", record->id);
	garita_report_put_string(doc, root, "bundle", record->bundle);
	if (record->gate != NULL)
		garita_json_put_string(
			doc, root, "profile",
			garita_policy_profile_words(record->gate->policy));
	if (*entry->policy)
		garita_json_put_string(doc, root, "policy", entry->policy);
	garita_json_put_string(doc, root, "policyBefore", record->before);
}

static void print(const struct garita_log_entry *entry, bool findings,
		  struct garita_text *out)
{
	const struct garita_record *record = entry->record;
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	auto_text printed = { 0 };

	put_head(doc, root, entry);
	if (record->error != NULL) {
		char words[1024];

		garita_error_words(record->error, words, sizeof(words));
		garita_report_put_string(doc, root, "error", words);
	}
	if (record->decision != NULL)
		put_decision(doc, root, record, findings);
	if (record->event == GARITA_EVENT_DECISION)
		garita_json_put_u64(doc, root, "costMicroseconds",
				    record->cost_us);
	garita_json_print(root, &printed);
	garita_report_put_printed(&printed, out);
}

/* ---- as a sentence ---- */

static const char *done(const struct garita_record *record)
{
	static const struct {
		const char *word, *done, *would;
	} words[] = {
		{ "admit", "admitted", "admitted (dry-run)" },
		{ "repair", "repaired", "would have repaired" },
		{ "deny", "refused", "would have refused" },
	};
	const char *would = garita_record_would(record);
	const char *word = would ? would : garita_record_verdict(record);

	for (size_t i = 0; word != NULL && i < GARITA_COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return would ? words[i].would : words[i].done;
	return "";
}

static void put_reasons(const struct garita_record *record,
			struct garita_text *out)
{
	struct garita_rule_walk at = { 0 };
	const char *rule, *before = ": ";

	while ((rule = garita_record_rule(record, &at)) != NULL) {
		garita_text_printf(out, "%s%s", before, rule);
		before = ", ";
	}
	if (record->error != NULL)
		garita_text_printf(out, ": %s", record->error->text);
}

void garita_record_words(const struct garita_record *record,
			 struct garita_text *out)
{
	const char *image = garita_record_image(record);

	switch (record->event) {
	case GARITA_EVENT_POLICY_CHANGE:
		garita_text_printf(out, "another policy than before (%s)",
				   record->before);
		return;
	case GARITA_EVENT_INSTALL:
	case GARITA_EVENT_UNINSTALL:
		garita_text_printf(out, "%s %s",
				   garita_event_name(record->event),
				   record->engine ? record->engine : "");
		put_reasons(record, out);
		return;
	case GARITA_EVENT_DECISION:
	case GARITA_EVENTS:
		break;
	}
	garita_text_printf(out, "%s %s", done(record),
			   record->verb ? record->verb : "a command");
	if (record->id != NULL)
		garita_text_printf(out, " of %s", record->id);
	if (image != NULL)
		garita_text_printf(out, " (%s)", image);
	put_reasons(record, out);
}

/* ---- an entry ---- */

const char *garita_record_engine(const char *bundle)
{
	/* The first that fits. */
	static const struct {
		const char *part, *engine;
	} table[] = {
		{ "/io.containerd.runtime.v2.task/moby/", "docker" },
		{ "/io.containerd.runtime.v1.linux/moby/", "docker" },
		{ "/io.containerd.runtime.", "containerd" },
		{ "/buildkit/executor/", "buildkit" },
		{ "/runc-overlayfs/executor/", "buildkit" },
		{ "/buildah", "buildah" },
	};
	const char *store;

	if (bundle == NULL)
		return NULL;
	for (size_t i = 0; i < GARITA_COUNT(table); i++)
		if (strstr(bundle, table[i].part) != NULL)
			return table[i].engine;
	/* CRI-O's are below the run root, podman's in the store. */
	store = strstr(bundle, "-containers/");
	if (store == NULL || strstr(store, "/userdata") == NULL)
		return NULL;
	return garita_starts_with(bundle, "/run/") ||
			       garita_starts_with(bundle, "/var/run/")
		       ? "cri-o"
		       : "podman";
}

void garita_log_entry_make(const struct garita_record *record,
			   const char *policy, struct garita_log_entry *ret)
{
	struct utsname name;

	*ret = (struct garita_log_entry){
		.record = record,
		.policy = policy,
		.engine = record->engine ? record->engine
					 : garita_record_engine(record->bundle),
	};
	garita_clock_now(ret->time);
	if (uname(&name) == 0)
		memcpy(ret->host, name.nodename, strlen(name.nodename) + 1);
	print(ret, true, &ret->line);
}

void garita_log_entry_free(struct garita_log_entry *entry)
{
	garita_text_free(&entry->line);
}

void garita_log_entry_short(const struct garita_log_entry *entry, size_t most,
			    struct garita_text *out)
{
	if (entry->line.len <= most)
		garita_text_add(out, entry->line.data, entry->line.len);
	else
		print(entry, false, out);
}
