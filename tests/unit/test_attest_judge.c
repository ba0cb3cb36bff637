/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_attest_judge - claims whose signature is beyond doubt, and whether they
 * say what is wanted: who built it of what, how old it may be, which of two
 * counts. Real attestations are test_attest_samples's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "policy/trust/attest.h"

#define SLSA "https://slsa.dev/provenance/v1"
#define SPDX "https://spdx.dev/Document"

enum {
	NOW = 1795000000, /* 2026-11-18T11:06:40Z */
	DAY = 86400,
};

#define BUILT(builder, type, more)                                             \
	"{\"predicate\":{\"buildDefinition\":{\"buildType\":\"" type           \
	"\",\"externalParameters\":{\"repository\":"                           \
	"\"https://git.example.com/app\"},\"resolvedDependencies\":[{\"uri\":" \
	"\"git+https://git.example.com/app\"}]},\"runDetails\":{\"builder\":"  \
	"{\"id\":\"" builder "\"}" more "}}}"
#define ON(time) ",\"metadata\":{\"finishedOn\":\"" time "\"}"

static struct garita_claim claim_of(const char *type, const char *statement)
{
	struct garita_claim claim = {
		.format = "test",
		.from = garita_xstrdup("blob"),
		.signer = garita_xstrdup("key a.pub"),
		.predicate_type = type,
	};

	assert_int_equal(garita_json_parse(statement, strlen(statement),
					   GARITA_JSON_STRICT, &claim.statement,
					   NULL),
			 0);
	return claim;
}

static struct garita_words one_word(const char *text)
{
	struct garita_words words = { 0 };

	if (text == NULL)
		return words;
	words.all = garita_xcalloc(1, sizeof(char *));
	words.all[words.count++] = garita_xstrdup(text);
	return words;
}

static void free_word(struct garita_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->all[i]);
	free(words->all);
}

static const struct {
	const char *why, *type, *statement;
	const char *builder, *source, *build_type;
	time_t max_age;
	bool counts;
	const char *words; /* of the sentence, or of the note */
	time_t until;
} rows[] = {
	{ "nothing in particular", SLSA, BUILT("b", "t", ""), NULL, NULL, NULL,
	  0, true, "built by b", 0 },
	{ "all three as wanted", SLSA, BUILT("b", "t", ""), "b",
	  "git+https://git.example.com/*", "t", 0, true, "built by b", 0 },
	{ "another builder", SLSA, BUILT("b", "t", ""), "c", NULL, NULL, 0,
	  false, "builder b is none", 0 },
	{ "a builder that begins alike", SLSA, BUILT("b2", "t", ""), "b", NULL,
	  NULL, 0, false, "builder b2 is none", 0 },
	{ "another build type", SLSA, BUILT("b", "t", ""), "b", NULL, "u", 0,
	  false, "build type t is none", 0 },
	{ "a build type that it does not name", SLSA,
	  "{\"predicate\":{\"buildDefinition\":{},\"runDetails\":{\"builder\":"
	  "{\"id\":\"b\"}}}}",
	  "b", NULL, "u", 0, false, "build type that it does not name", 0 },
	{ "another source", SLSA, BUILT("b", "t", ""), NULL, "git+ssh://*",
	  NULL, 0, false, "source git+https://git.example.com/app", 0 },
	{ "no builder at all", SLSA, "{\"predicate\":{\"runDetails\":{}}}",
	  NULL, NULL, NULL, 0, false, "builder", 0 },
	{ "no predicate", SLSA, "{}", NULL, NULL, NULL, 0, false, "predicate",
	  0 },
	{ "a day old, of seven", SLSA,
	  BUILT("b", "t", ON("2026-11-17T11:06:40Z")), NULL, NULL, NULL,
	  7 * DAY, true, ", 2026-11-17T11:06:40Z", NOW + 6 * DAY },
	{ "to the second too old", SLSA,
	  BUILT("b", "t", ON("2026-11-17T11:06:40Z")), NULL, NULL, NULL, DAY,
	  false, "24 hours ago, and 24 hours are allowed", 0 },
	{ "seconds", SLSA, BUILT("b", "t", ON("2026-11-18T11:06:10Z")), NULL,
	  NULL, NULL, 20, false, "30 seconds ago, and 20 seconds", 0 },
	{ "clocks that are a little apart", SLSA,
	  BUILT("b", "t", ON("2026-11-18T11:10:40Z")), NULL, NULL, NULL, DAY,
	  true, "built by b", NOW + DAY + 240 },
	{ "still to come", SLSA, BUILT("b", "t", ON("2026-11-18T12:06:40Z")),
	  NULL, NULL, NULL, 0, false, "still to come", 0 },
	{ "no time, and none is asked for", SLSA,
	  BUILT("b", "t", ON("0001-01-01T00:00:00Z")), NULL, NULL, NULL, 0,
	  true, "built by b", 0 },
	{ "no time, and one is asked for", SLSA,
	  BUILT("b", "t", ON("0001-01-01T00:00:00Z")), NULL, NULL, NULL, DAY,
	  false, "does not say when", 0 },
	{ "a time that is none", SLSA, BUILT("b", "t", ON("yesterday")), NULL,
	  NULL, NULL, 0, false, "its time", 0 },
	{ "a document of another shape", SPDX, "{\"predicate\":[]}", NULL, NULL,
	  NULL, 0, false, "predicate", 0 },
};

static bool judge(const struct garita_claim *const *claims, size_t count,
		  const struct garita_attestation *wanted,
		  struct garita_claims *notes, char words[512], time_t *until)
{
	const struct garita_attest_case of = {
		.wanted = wanted,
		.claims = claims,
		.count = count,
		.now = NOW,
	};

	words[0] = '\0';
	*until = 0;
	return garita_attest_judge(&of, notes, words, 512, until);
}

static void test_what_one_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_claim claim =
			claim_of(rows[i].type, rows[i].statement);
		const struct garita_claim *const claims[] = { &claim };
		struct garita_attestation wanted = {
			.type = strcmp(rows[i].type, SLSA) == 0
					? GARITA_ATTEST_PROVENANCE
					: GARITA_ATTEST_SPDX,
			.max_age = (uint64_t)rows[i].max_age,
			.builders = one_word(rows[i].builder),
			.sources = one_word(rows[i].source),
			.build_types = one_word(rows[i].build_type),
		};
		struct garita_claims notes = { 0 };
		char words[512];
		const char *said;
		time_t until;
		bool counts = judge(claims, 1, &wanted, &notes, words, &until);

		said = counts ? words : notes.why.data;
		if (counts != rows[i].counts || said == NULL ||
		    strstr(said, rows[i].words) == NULL ||
		    (counts && until != rows[i].until))
			fail_msg("%s: %s: %s, until %lld", rows[i].why,
				 counts ? "counts" : "does not count",
				 said ? said : "(nothing)", (long long)until);
		garita_claims_free(&notes);
		free_word(&wanted.builders);
		free_word(&wanted.sources);
		free_word(&wanted.build_types);
		garita_claim_free(&claim);
	}
}

/* Whatever the order: of two that count, the one that holds longest. */
static void test_which_of_two(void **state)
{
	static const struct {
		const char *why;
		time_t ends[2]; /* the signatures; 0: never */
		time_t until;
	} pairs[] = {
		{ "the later end", { NOW + 5, NOW + 9 }, NOW + 9 },
		{ "no end", { NOW + 5, 0 }, 0 },
		{ "the same", { NOW + 5, NOW + 5 }, NOW + 5 },
		{ "both without", { 0, 0 }, 0 },
	};
	const struct garita_attestation wanted = {
		.type = GARITA_ATTEST_PROVENANCE,
	};

	(void)state;
	for (size_t i = 0; i < 2 * GARITA_COUNT(pairs); i++) {
		size_t row = i / 2, first = i % 2;
		struct garita_claim a = claim_of(SLSA, BUILT("b", "t", ""));
		struct garita_claim b = claim_of(SLSA, BUILT("b", "t", ""));
		const struct garita_claim *const claims[] = { &a, &b };
		struct garita_claims notes = { 0 };
		char words[512];
		time_t until;

		a.until = pairs[row].ends[first];
		b.until = pairs[row].ends[1 - first];
		assert_true(judge(claims, 2, &wanted, &notes, words, &until));
		if (until != pairs[row].until)
			fail_msg("%s: until %lld", pairs[row].why,
				 (long long)until);
		garita_claims_free(&notes);
		garita_claim_free(&a);
		garita_claim_free(&b);
	}
}

static void test_none_is_no_answer(void **state)
{
	const struct garita_attestation wanted = {
		.type = GARITA_ATTEST_PROVENANCE,
	};
	struct garita_claims notes = { 0 };
	char words[512];
	time_t until;

	(void)state;
	assert_false(judge(NULL, 0, &wanted, &notes, words, &until));
	garita_claims_free(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_one_says),
		cmocka_unit_test(test_which_of_two),
		cmocka_unit_test(test_none_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
