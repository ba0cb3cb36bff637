/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suggest_text - entries as exceptions or scopes of a policy. What images are
 * called stands in comments alone: only digests select.
 */
#include <string.h>

#include "hook/cli/policy_insert.h"
#include "hook/cli/suggest.h"
#include "hook/report/report.h"

static void put_string(struct garita_text *out, const char *text)
{
	auto_json struct garita_json_doc *doc = garita_json_new();

	garita_report_put_string(doc, garita_json_root(doc), "t", text);
	garita_json_print(garita_json_get(garita_json_root(doc), "t"), out);
}

/* What people call the images, as comments, and the digests. */
static void put_match(const struct garita_suggest *s,
		      const struct garita_suggest_entry *entry,
		      struct garita_text *out)
{
	const char *before = "";

	for (size_t i = 0; i < s->digests.count; i++) {
		const struct garita_suggest_image *image = &s->images[i];

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

static void put_exception(const struct garita_suggest *s,
			  const struct garita_suggest_entry *entry,
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

static void put_scope(const struct garita_suggest *s,
		      const struct garita_suggest_entry *entry,
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
static void make(const struct garita_suggest *s, bool as_scopes,
		 struct garita_text *exceptions, struct garita_text *scopes)
{
	auto_entries excepted = as_scopes ? garita_suggest_by_image(s, true)
					  : garita_suggest_fewest(s);
	auto_entries scoped = { 0 };
	unsigned number = 0;

	if (as_scopes)
		scoped = garita_suggest_by_image(s, false);
	for (size_t i = 0; i < excepted.count; i++)
		put_exception(s, &excepted.all[i], exceptions);
	for (size_t i = 0; i < scoped.count; i++)
		put_scope(s, &scoped.all[i], &number, scopes);
}

/* A policy by itself, on top of the one that is there. */
static void put_fragment(const struct garita_suggest *s,
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

static int put_whole(const struct garita_suggest *s,
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

int garita_suggest_print(const struct garita_suggest *s, bool as_scopes,
			 bool whole, struct garita_text *out,
			 struct garita_error *err)
{
	auto_text exceptions = { 0 }, scopes = { 0 };

	make(s, as_scopes, &exceptions, &scopes);
	if (exceptions.len + scopes.len == 0)
		return 0;
	if (whole && s->gate.policy_text != NULL)
		return put_whole(s, &exceptions, &scopes, out, err);
	put_fragment(s, &exceptions, &scopes, out);
	return 0;
}
