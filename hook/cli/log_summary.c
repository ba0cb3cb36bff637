/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_summary - the log in counts: how many starts came to what, and of those
 * that were refused, or would have been without dry-run, by which rules and of
 * which images. What the log would have refused is never added to what it did.
 */
#include <stdio.h>
#include <string.h>

#include "hook/cli/index.h"
#include "hook/cli/log.h"
#include "hook/report/report.h"

/* The two kinds of refusals. */
enum kind { DENIED, WOULD, KINDS };

struct row {
	uint64_t records, containers, others; /* others: images, or rules */
	char digest[GARITA_DIGEST_SIZE];
};

/* Rows by rule or by image. */
struct table {
	struct garita_index keys;
	struct row *rows;
};

struct garita_log_summary {
	char first[GARITA_CLOCK_SIZE], last[GARITA_CLOCK_SIZE];
	uint64_t records, decisions, policy_changes;
	struct garita_index words; /* verdicts and events */
	uint64_t *word_counts;
	struct table rules[KINDS], images[KINDS];
	struct garita_index seen; /* what was counted already */
	uint64_t cost_total, cost_most;
};

struct garita_log_summary *garita_log_summary_new(void)
{
	return garita_xalloc(sizeof(struct garita_log_summary));
}

static void free_table(struct table *table)
{
	garita_index_free(&table->keys);
	free(table->rows);
}

void garita_log_summary_free(struct garita_log_summary *summary)
{
	for (enum kind k = 0; k < KINDS; k++) {
		free_table(&summary->rules[k]);
		free_table(&summary->images[k]);
	}
	garita_index_free(&summary->words);
	garita_index_free(&summary->seen);
	free(summary->word_counts);
	free(summary);
}

static struct row *row_of(struct table *table, const char *key)
{
	bool is_new;
	size_t at = garita_index_of(&table->keys, key, &is_new);

	if (is_new) {
		table->rows = garita_xresize(table->rows, table->keys.room,
					     sizeof(*table->rows));
		table->rows[at] = (struct row){ 0 };
	}
	return &table->rows[at];
}

/* Is it the first time that these three come together? */
static bool is_first(struct garita_log_summary *summary, char what,
		     const char *key, const char *with)
{
	auto_text both = { 0 };
	bool is_new;

	if (with == NULL)
		return false;
	garita_text_printf(&both, "%c%zu:%s:%s", what, strlen(key), key, with);
	(void)garita_index_of(&summary->seen, both.data, &is_new);
	return is_new;
}

static const char *image_of(const struct garita_log_line *line)
{
	return line->image    ? line->image
	       : line->digest ? line->digest
			      : "(unknown image)";
}

/* Not judged at all is a reason of its own. */
static void add_refusal(struct garita_log_summary *summary, enum kind kind,
			const struct garita_log_line *line)
{
	const char *image = image_of(line);
	struct row *of_image = row_of(&summary->images[kind], image);
	size_t count = garita_json_count(line->rules);

	of_image->records++;
	of_image->containers +=
		is_first(summary, (char)('a' + kind), image, line->id);
	if (line->digest != NULL)
		memcpy(of_image->digest, line->digest,
		       sizeof(of_image->digest));
	for (size_t i = 0; i < count || (i == 0 && line->error != NULL); i++) {
		const char *rule =
			garita_json_string(garita_json_item(line->rules, i));
		struct row *row;

		if (rule == NULL || garita_rule_find(rule) < 0)
			rule = "(not judged)";
		row = row_of(&summary->rules[kind], rule);
		row->records++;
		row->containers +=
			is_first(summary, (char)('e' + kind), rule, line->id);
		row->others +=
			is_first(summary, (char)('i' + kind), rule, image);
		of_image->others +=
			is_first(summary, (char)('m' + kind), image, rule);
	}
}

static void count_word(struct garita_log_summary *summary, const char *word)
{
	bool is_new;
	size_t at = garita_index_of(&summary->words, word, &is_new);

	if (is_new) {
		summary->word_counts = garita_xresize(
			summary->word_counts, summary->words.room,
			sizeof(*summary->word_counts));
		summary->word_counts[at] = 0;
	}
	summary->word_counts[at]++;
}

void garita_log_summary_add(struct garita_log_summary *summary,
			    const struct garita_log_line *line)
{
	const char *word = garita_log_line_word(line);

	if (summary->records++ == 0 || strcmp(line->time, summary->first) < 0)
		memcpy(summary->first, line->time, strlen(line->time) + 1);
	if (strcmp(line->time, summary->last) > 0)
		memcpy(summary->last, line->time, strlen(line->time) + 1);
	count_word(summary, word);
	if (strcmp(line->event, "decision") != 0)
		return;
	summary->decisions++;
	summary->cost_total += line->cost_us;
	if (line->cost_us > summary->cost_most)
		summary->cost_most = line->cost_us;
	if (strcmp(word, "deny") == 0)
		add_refusal(summary, DENIED, line);
	else if (strcmp(word, "would-deny") == 0)
		add_refusal(summary, WOULD, line);
}

/* ---- shown ---- */

struct place {
	uint64_t records;
	size_t at;
};

static int most_first(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->records != other->records)
		return one->records > other->records ? -1 : 1;
	return (one->at > other->at) - (one->at < other->at);
}

/* The rows of a table, most records first. The caller frees. */
static struct place *sorted(const struct table *table)
{
	struct place *order = garita_xcalloc(table->keys.count, sizeof(*order));

	for (size_t i = 0; i < table->keys.count; i++)
		order[i] = (struct place){ table->rows[i].records, i };
	if (table->keys.count > 1)
		qsort(order, table->keys.count, sizeof(*order), most_first);
	return order;
}

static void put_table(const struct table *table, const char *title,
		      const char *others, struct garita_text *out)
{
	auto_free struct place *order = sorted(table);

	if (table->keys.count == 0)
		return;
	garita_text_printf(out, "\n%-40s %10s %10s %10s\n", title, "records",
			   "containers", others);
	for (size_t i = 0; i < table->keys.count; i++) {
		const struct row *row = &table->rows[order[i].at];
		auto_text key = { 0 };

		garita_report_put_safe(&key, table->keys.keys[order[i].at]);
		garita_text_printf(out, "  %-38s %10llu %10llu %10llu",
				   key.data ? key.data : "",
				   (unsigned long long)row->records,
				   (unsigned long long)row->containers,
				   (unsigned long long)row->others);
		if (*row->digest)
			garita_text_printf(out, "  %.19s", row->digest);
		garita_text_putc(out, '\n');
	}
}

void garita_log_summary_text(const struct garita_log_summary *summary,
			     struct garita_text *out)
{
	const struct garita_log_summary *s = summary;

	garita_text_printf(out, "%llu records", (unsigned long long)s->records);
	if (s->records > 0)
		garita_text_printf(out, ", %.19sZ to %.19sZ", s->first,
				   s->last);
	garita_text_putc(out, '\n');
	for (size_t i = 0; i < s->words.count; i++) {
		garita_text_puts(out, i == 0 ? "  " : ", ");
		garita_report_put_safe(out, s->words.keys[i]);
		garita_text_printf(out, " %llu",
				   (unsigned long long)s->word_counts[i]);
	}
	if (s->words.count > 0)
		garita_text_putc(out, '\n');
	if (s->decisions > 0)
		garita_text_printf(
			out, "  cost: %llu us on average, %llu us at most\n",
			(unsigned long long)(s->cost_total / s->decisions),
			(unsigned long long)s->cost_most);
	put_table(&s->rules[WOULD], "would have been refused, by rule",
		  "images", out);
	put_table(&s->images[WOULD], "would have been refused, by image",
		  "rules", out);
	put_table(&s->rules[DENIED], "refused, by rule", "images", out);
	put_table(&s->images[DENIED], "refused, by image", "rules", out);
}

static void put_rows(struct garita_json_doc *doc, struct garita_json *object,
		     const char *name, const struct table *table,
		     const char *key, const char *others)
{
	struct garita_json *list = garita_json_new_array(doc);
	auto_free struct place *order = sorted(table);

	for (size_t i = 0; i < table->keys.count; i++) {
		const struct row *row = &table->rows[order[i].at];
		struct garita_json *node = garita_json_new_object(doc);

		garita_json_put_string(doc, node, key,
				       table->keys.keys[order[i].at]);
		if (*row->digest)
			garita_json_put_string(doc, node, "digest",
					       row->digest);
		garita_json_put_u64(doc, node, "records", row->records);
		garita_json_put_u64(doc, node, "containers", row->containers);
		garita_json_put_u64(doc, node, others, row->others);
		garita_json_append(doc, list, node);
	}
	garita_json_put(doc, object, name, list);
}

void garita_log_summary_json(const struct garita_log_summary *summary,
			     struct garita_text *out)
{
	static const char *const names[KINDS] = { "denied", "wouldDeny" };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *counts = garita_json_new_object(doc);

	garita_json_put_u64(doc, root, "version", 1);
	garita_json_put_u64(doc, root, "records", summary->records);
	if (summary->records > 0) {
		garita_json_put_string(doc, root, "first", summary->first);
		garita_json_put_string(doc, root, "last", summary->last);
	}
	for (size_t i = 0; i < summary->words.count; i++)
		garita_json_put_u64(doc, counts, summary->words.keys[i],
				    summary->word_counts[i]);
	garita_json_put(doc, root, "counts", counts);
	for (enum kind k = 0; k < KINDS; k++) {
		struct garita_json *node = garita_json_new_object(doc);

		put_rows(doc, node, "rules", &summary->rules[k], "rule",
			 "images");
		put_rows(doc, node, "images", &summary->images[k], "image",
			 "rules");
		garita_json_put(doc, root, names[k], node);
	}
	if (summary->decisions > 0)
		garita_json_put_u64(doc, root, "averageMicroseconds",
				    summary->cost_total / summary->decisions);
	garita_json_put_u64(doc, root, "mostMicroseconds", summary->cost_most);
	garita_report_put_tree(root, out);
}
