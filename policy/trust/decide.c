/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decide - requirement by requirement: are there enough different signers who
 * said this image (subject.c), and what is wanted of it?
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/attest.h"
#include "policy/trust/format.h"
#include "policy/trust/identity.h"
#include "policy/trust/subject.h"

static bool says(const struct garita_claim *claim,
		 const struct garita_annotation *wanted)
{
	for (size_t i = 0; i < claim->said_count; i++)
		if (strcmp(claim->said[i].key, wanted->key) == 0)
			return strcmp(claim->said[i].value, wanted->value) == 0;
	return false;
}

/* Why a verified claim does not count, or NULL. */
static const char *no_match(const struct garita_requirement *wanted,
			    const struct garita_subject *subject,
			    const struct garita_claim *claim, time_t now)
{
	if (claim->until != 0 && claim->until <= now)
		return "has expired";
	if (!garita_subject_is_of(subject, claim, wanted->signed_index))
		return garita_subject_is_of(subject, claim, true)
			       ? "signs the index, not the manifest (see "
				 "accept-signed-index)"
			       : "is about another image";
	if (!garita_identity_matches(&wanted->identity,
				     subject->has_name ? &subject->name : NULL,
				     claim->reference))
		return claim->reference ? "is for another name"
					: "names no repository, and one is "
					  "wanted";
	for (size_t i = 0; i < wanted->annotation_count; i++)
		if (!says(claim, &wanted->annotations[i]))
			return "lacks an annotation that is wanted";
	return NULL;
}

/* One signer's best claim. */
struct signer {
	const struct garita_claim *claim;
};

static bool longer(const struct garita_claim *a, const struct garita_claim *b)
{
	return b->until != 0 && (a->until == 0 || a->until > b->until);
}

/* Different signers only: each with the claim that holds longest. */
static void count_signer(struct signer *signers, size_t *count,
			 const struct garita_claim *claim)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(signers[i].claim->signer, claim->signer) != 0)
			continue;
		if (longer(claim, signers[i].claim))
			signers[i].claim = claim;
		return;
	}
	signers[(*count)++].claim = claim;
}

static int by_until(const void *a, const void *b)
{
	const struct garita_claim *one = ((const struct signer *)a)->claim;
	const struct garita_claim *other = ((const struct signer *)b)->claim;

	return longer(one, other) ? -1 : longer(other, one);
}

static void refuse(struct garita_trust *ret, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(struct garita_trust *ret, const char *fmt, ...)
{
	va_list args;

	ret->state = GARITA_TRUST_REFUSED;
	ret->until = 0;
	va_start(args, fmt);
	vsnprintf(ret->words, sizeof(ret->words), fmt, args);
	va_end(args);
}

static void add_until(struct garita_trust *ret, time_t until)
{
	if (until != 0 && (ret->until == 0 || until < ret->until))
		ret->until = until;
}

/* The first of whom a certificate may name. */
static void put_identity(const struct garita_keyless *keyless,
			 struct garita_text *words)
{
	const struct garita_keyless_identity *one = keyless->identities;

	if (keyless->count == 0)
		return;
	garita_text_printf(words, "%.160s",
			   one->subject   ? one->subject
			   : one->pattern ? one->pattern
					  : "anybody with such extensions");
	if (one->issuer != NULL)
		garita_text_printf(words, " of %.80s", one->issuer);
	if (keyless->count > 1)
		garita_text_puts(words, " or others");
}

/* "a.pub, b.pub": whose signature was wanted. */
static char *key_words(const struct garita_requirement *wanted)
{
	struct garita_text words = { 0 };

	if (wanted->notation != NULL) {
		garita_text_printf(&words, "whom the statement \"%s\" trusts",
				   wanted->notation->name);
		return garita_text_take(&words);
	}
	if (wanted->keyless != NULL) {
		put_identity(wanted->keyless, &words);
		return garita_text_take(&words);
	}
	for (size_t i = 0; i < wanted->key_count; i++)
		if (wanted->keys[i].role == GARITA_SOURCE_KEY)
			garita_text_printf(
				&words, "%s%s", words.len > 0 ? ", " : "",
				wanted->keys[i].path ? wanted->keys[i].path
						     : "an inline key");
	return garita_text_take(&words);
}

static const char *kind_word(enum garita_requirement_kind kind)
{
	return kind == GARITA_REQUIRE_GPG        ? "GPG"
	       : kind == GARITA_REQUIRE_NOTATION ? "notation"
	       : kind == GARITA_REQUIRE_KEYLESS  ? "keyless"
						 : "key";
}

static void refuse_unattested(const struct garita_trust_case *of,
			      const struct garita_requirement *wanted,
			      const struct garita_claims *claims,
			      struct garita_trust *ret)
{
	auto_free char *keys = key_words(wanted);
	const char *type =
		wanted->attested->type == GARITA_ATTEST_CUSTOM
			? wanted->attested->predicate
			: garita_attestation_word(wanted->attested->type);

	if (of->material->count == 0)
		refuse(ret,
		       "signature: no attestation is here, and one (%.100s) "
		       "signed by %s is wanted",
		       type, keys);
	else if (claims->step == GARITA_STEP_SIGNATURE)
		refuse(ret,
		       "signature: none of %zu pieces of material is an "
		       "attestation (%.100s) signed by %s; the last of them: "
		       "%s",
		       of->material->count, type, keys,
		       claims->why.data ? claims->why.data
					: "none is an attestation");
	else
		refuse(ret,
		       "%s (an attestation, %.100s, signed by %s is "
		       "wanted)",
		       claims->why.data, type, keys);
}

static void refuse_unsigned(const struct garita_trust_case *of,
			    const struct garita_requirement *wanted,
			    const struct garita_claims *claims, size_t found,
			    struct garita_trust *ret)
{
	auto_free char *keys = key_words(wanted);
	const char *kind = kind_word(wanted->kind);

	if (of->material->count == 0) {
		refuse(ret,
		       "no signature is here, and a %s signature by %s is "
		       "wanted",
		       kind, keys);
		return;
	}
	refuse(ret,
	       "%zu of %u wanted %s signatures by %s; of %zu pieces of "
	       "material the last that did not count: %s",
	       found, wanted->need, kind, keys, of->material->count,
	       claims->why.data ? claims->why.data
				: "none is a signature of this kind");
}

static void note_counts(struct garita_claims *claims,
			const struct garita_claim *claim, const char *name)
{
	auto_text words = { 0 };

	garita_text_printf(&words, "a good signature by %s for %s counts",
			   claim->signer, name);
	garita_claims_put(claims->notes, GARITA_NOTE_YES, claim->from,
			  claim->format, words.data);
}

/* For people: a claim that was verified, and whether it counts. */
static void note_claim(struct garita_claims *claims,
		       const struct garita_claim *claim, const char *why)
{
	const struct garita_blob from = { .name = claim->from };
	const char *name = claim->reference ? claim->reference : "no name";

	if (claim->statement != NULL)
		name = claim->predicate_type;
	if (why != NULL)
		garita_claims_note_at(claims, GARITA_STEP_SUBJECT,
				      claim->format, &from,
				      "%sa good signature by %s for %s %s",
				      claim->statement ? "subject: " : "",
				      claim->signer, name, why);
	else
		note_counts(claims, claim, name);
}

/* Do those claims say what is wanted of attestations? */
static bool is_attested(const struct garita_trust_case *of,
			const struct garita_requirement *wanted,
			const struct garita_subject *subject,
			struct garita_claims *claims, struct garita_trust *ret)
{
	const struct garita_claim *good[GARITA_CLAIMS_MAX];
	auto_free const char **digests =
		garita_xcalloc(subject->count, sizeof(*digests));
	struct garita_attest_case asked = {
		.wanted = wanted->attested,
		.claims = good,
		.digests = digests,
		.now = of->now,
	};
	char words[sizeof(ret->words)] = "";
	time_t until = 0;

	for (size_t i = 0; i < subject->count; i++)
		if (wanted->signed_index || !subject->all[i].index)
			digests[asked.digest_count++] = subject->all[i].digest;
	for (size_t i = 0; i < claims->count; i++) {
		const struct garita_claim *claim = &claims->all[i];
		const char *why =
			claim->statement == NULL
				? "is no attestation"
				: no_match(wanted, subject, claim, of->now);

		if (why != NULL)
			note_claim(claims, claim, why);
		else
			good[asked.count++] = claim;
	}
	/* What was not looked at may be newer. */
	if (claims->overflow) {
		refuse(ret,
		       "signature: there are too many attestations to look at "
		       "all of them");
		return false;
	}
	if (wanted->attested->type == GARITA_ATTEST_VULN &&
	    claims->unread.len > 0) {
		refuse(ret,
		       "predicate: %s (signed by who is wanted, it might be "
		       "the newest scan)",
		       claims->unread.data);
		return false;
	}
	if (!garita_attest_judge(&asked, claims, words, sizeof(words),
				 &until)) {
		refuse_unattested(of, wanted, claims, ret);
		return false;
	}
	snprintf(ret->words, sizeof(ret->words), "%.340s%s", words,
		 claims->warning);
	add_until(ret, until);
	return true;
}

static bool is_signed(const struct garita_trust_case *of,
		      const struct garita_requirement *wanted,
		      const struct garita_subject *subject,
		      struct garita_claims *claims, struct garita_trust *ret)
{
	struct signer signers[GARITA_CLAIMS_MAX];
	size_t count = 0;
	bool met;

	for (size_t i = 0; i < claims->count; i++) {
		const char *why =
			no_match(wanted, subject, &claims->all[i], of->now);

		note_claim(claims, &claims->all[i], why);
		if (why == NULL)
			count_signer(signers, &count, &claims->all[i]);
	}
	met = count >= wanted->need && wanted->need > 0;
	if (met) {
		qsort(signers, count, sizeof(*signers), by_until);
		for (size_t i = 0; i < wanted->need; i++)
			add_until(ret, signers[i].claim->until);
		snprintf(ret->words, sizeof(ret->words),
			 "signed by %s (%s, %s)%s%s", signers[0].claim->signer,
			 signers[0].claim->format, signers[0].claim->from,
			 wanted->need > 1 ? " and others" : "",
			 claims->warning);
	} else {
		refuse_unsigned(of, wanted, claims, count, ret);
	}
	return met;
}

/* False, and ret says why, when the requirement is not met. */
static bool is_claimed(const struct garita_trust_case *of,
		       const struct garita_requirement *wanted,
		       const struct garita_subject *subject,
		       struct garita_text *notes, struct garita_trust *ret)
{
	struct garita_claims claims = { .notes = notes };
	struct garita_error err = { 0 };
	bool met = false;

	if (garita_formats_read(of, wanted, &claims, &err) < 0)
		refuse(ret, "%s", err.text);
	else if (wanted->attested != NULL)
		met = is_attested(of, wanted, subject, &claims, ret);
	else
		met = is_signed(of, wanted, subject, &claims, ret);
	garita_claims_free(&claims);
	return met;
}

static bool is_met(const struct garita_trust_case *of,
		   const struct garita_requirement *wanted,
		   const struct garita_subject *subject,
		   struct garita_text *notes, struct garita_trust *ret)
{
	switch (wanted->kind) {
	case GARITA_REQUIRE_NOTHING:
		return true;
	case GARITA_REQUIRE_REJECT:
		refuse(ret, "the policy rejects this image");
		return false;
	case GARITA_REQUIRE_UNSUPPORTED:
		refuse(ret, "the policy wants %s", wanted->why);
		return false;
	case GARITA_REQUIRE_GPG:
	case GARITA_REQUIRE_KEYS:
	case GARITA_REQUIRE_KEYLESS:
	case GARITA_REQUIRE_NOTATION:
		return is_claimed(of, wanted, subject, notes, ret);
	}
	refuse(ret, "a requirement of no known kind");
	return false;
}

void garita_trust_decide(const struct garita_trust_case *of,
			 struct garita_trust *ret, struct garita_text *notes)
{
	struct garita_trust made = {
		.state = GARITA_TRUST_ACCEPTED,
		.words = "the policy accepts any image by this name",
	};
	auto_subject subject = { 0 };

	if (of->wanted->count == 0)
		refuse(&made, "the policy has no requirement");
	else if (of->image->sure == GARITA_IMAGE_UNKNOWN)
		refuse(&made, "an unknown image: %s", of->image->why_not);
	else
		garita_subject_find(of, &subject);
	for (size_t i = 0;
	     i < of->wanted->count && made.state == GARITA_TRUST_ACCEPTED; i++)
		if (!is_met(of, &of->wanted->all[i], &subject, notes, &made) &&
		    made.state != GARITA_TRUST_REFUSED)
			refuse(&made, "a requirement was not met");
	if (of->wanted->count == 0 && notes != NULL)
		garita_describe(of, notes);
	*ret = made;
}
