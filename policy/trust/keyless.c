/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyless - the steps, the cheap ones first: whom the certificate names, what
 * the log says, when it was signed, who vouched for the certificate at that
 * time, and that the certificate itself was logged.
 *
 * No step trusts what an earlier one only read: the answer is yes when all of
 * them, and the signature after them, are.
 */
#include "policy/trust/keyless.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/fulcio.h"
#include "policy/trust/sct.h"

enum { TIMES_MAX = GARITA_LOG_ENTRIES_MAX + GARITA_STAMPS_MAX };

/* When somebody trusted says that the signature was there. */
struct times {
	time_t at[TIMES_MAX];
	size_t count;
};

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "%s", why);
}

/* ---- who ---- */

/* Any of the identities. */
static int check_identity(const struct garita_keyless_trust *trust,
			  const struct garita_x509 *cert, char **ret,
			  struct garita_error *err)
{
	const struct garita_keyless *rule = trust->rule;

	for (size_t i = 0; i < rule->count; i++)
		if (garita_fulcio_is(cert, &rule->identities[i],
				     trust->patterns[i], ret, err) == 0)
			return 0;
	return rule->count > 0 ? -EBADMSG
			       : bad(err, "identity: nobody is wanted");
}

/* ---- the log ---- */

static int check_entry(const struct garita_log_entry *entry,
		       const struct garita_log *log,
		       const struct garita_keyless_material *material,
		       const struct garita_logged *what, struct times *times,
		       struct garita_error *err)
{
	int r = garita_log_check_body(entry, what, err);

	if (r == 0 && (entry->promise != NULL || material->needs_promise))
		r = garita_log_check_promise(entry, log, err);
	if (r == 0 && (entry->checkpoint != NULL || material->needs_proof))
		r = garita_log_check_proof(entry, log, err);
	if (r < 0)
		return r;
	if (entry->promise == NULL && entry->checkpoint == NULL)
		return bad(err, "log: the entry has no proof");
	if (entry->integrated != 0 && what->cert != NULL &&
	    garita_x509_valid_at(what->cert, entry->integrated, NULL) < 0)
		return bad(err, "time: the certificate was not valid when the "
				"log took the signature in");
	if (entry->promise != NULL)
		times->at[times->count++] = entry->integrated;
	return 0;
}

/* Every entry by a log that we know has to be good, and there has to be one. */
static int check_log(const struct garita_trusted_root *root,
		     const struct garita_keyless_material *material,
		     const struct garita_logged *what, struct times *times,
		     struct garita_error *err)
{
	const struct garita_log_entries *entries = material->entries;
	size_t known = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct garita_log_entry *entry = &entries->all[i];
		const struct garita_log *log =
			garita_log_find(root->logs, root->log_count,
					entry->log_id, entry->log_id_len);
		int r;

		if (log == NULL)
			continue;
		r = check_entry(entry, log, material, what, times, err);
		if (r < 0)
			return r;
		known++;
	}
	if (known > 0)
		return 0;
	return bad(err, entries->count > 0
				? "log: no entry is by a log that is trusted"
				: "log: there is no entry of a log");
}

/* ---- the time ---- */

static int check_stamp(const struct garita_trusted_root *root,
		       const struct garita_stamp *bytes,
		       const struct garita_logged *what, time_t *ret,
		       struct garita_error *err)
{
	auto_timestamp stamp = { 0 };
	int r = garita_timestamp_read(GARITA_TIMESTAMP_RESPONSE, bytes->bytes,
				      bytes->len, &stamp, err);

	if (r < 0)
		return r;
	r = bad(err, "there is no authority for timestamps in the trusted "
		     "root for that time");
	for (size_t i = 0; i < root->stamper_count && r < 0; i++) {
		const struct garita_authority *by = &root->stampers[i];
		const struct garita_timestamp_case of = {
			.message = what->sig,
			.len = what->sig_len,
			.roots = &by->roots,
			.between = &by->between,
			/* Where the root names none, the token may. */
			.signers = by->leaves.count > 0 ? &by->leaves : NULL,
		};

		if (garita_span_covers(&by->span, stamp.time))
			r = garita_timestamp_check(&stamp, &of, NULL, err);
	}
	if (r == 0)
		*ret = stamp.time;
	return r;
}

/* One that is not good proves no time, and takes none away. */
static int find_times(const struct garita_trusted_root *root,
		      const struct garita_keyless_material *material,
		      const struct garita_logged *what, struct times *times,
		      struct garita_error *err)
{
	const struct garita_stamps *stamps = material->stamps;
	struct garita_error why = { 0 };

	for (size_t i = 0; stamps != NULL && i < stamps->count; i++)
		if (check_stamp(root, &stamps->all[i], what,
				&times->at[times->count], &why) == 0)
			times->count++;
	if (times->count > 0)
		return 0;
	if (why.text[0] != '\0')
		return garita_fail(err, EBADMSG, "time: %s", why.text);
	return bad(err, "time: nobody trusted says when it was signed (neither "
			"a promise of the log nor a timestamp)");
}

/* An entry without a promise says no time of its own: its log has to have
 * counted when it was signed, or a key that was given up could still add some.
 */
static int check_spans(const struct garita_trusted_root *root,
		       const struct garita_log_entries *entries,
		       const struct times *times, struct garita_error *err)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct garita_log_entry *entry = &entries->all[i];
		const struct garita_log *log =
			garita_log_find(root->logs, root->log_count,
					entry->log_id, entry->log_id_len);

		if (log == NULL || entry->promise != NULL)
			continue;
		for (size_t j = 0; j < times->count; j++)
			if (!garita_span_covers(&log->span, times->at[j]))
				return bad(err, "log: the log's key was not "
						"trusted yet, or no more, when "
						"it was signed");
	}
	return 0;
}

/* ---- the certificate ---- */

static bool was_valid(const struct garita_x509_chain *chain, time_t at)
{
	for (size_t i = 0; i < chain->count; i++)
		if (garita_x509_valid_at(chain->all[i], at, NULL) < 0)
			return false;
	return chain->count > 0;
}

static int find_chain(const struct garita_trusted_root *root,
		      const struct garita_x509 *cert,
		      const struct garita_x509_list *between, time_t at,
		      struct garita_x509_chain *ret, struct garita_error *err)
{
	int r = bad(err, "chain: there is no authority in the trusted root for "
			 "that time");

	for (size_t i = 0; i < root->authority_count && r < 0; i++) {
		const struct garita_authority *by = &root->authorities[i];
		const struct garita_x509_chain_case of = {
			.leaf = cert,
			.roots = &by->roots,
			.between = { &by->between, between },
			.at = at,
			.eku = GARITA_EKU_CODE,
		};

		if (!garita_span_covers(&by->span, at))
			continue;
		r = garita_x509_chain(&of, ret, err);
		if (r < 0)
			garita_fail_in(err, "chain");
	}
	return r;
}

/* At every time: a chain for one of them is most often good for the others,
 * which saves its signatures. */
static int check_chain(const struct garita_trusted_root *root,
		       const struct garita_x509 *cert,
		       const struct garita_x509_list *between,
		       const struct times *times, struct garita_x509_chain *ret,
		       struct garita_error *err)
{
	struct garita_x509_chain chain = { .count = 0 };

	for (size_t i = 0; i < times->count; i++) {
		bool spans = root->authority_count == 1 &&
			     garita_span_covers(&root->authorities[0].span,
						times->at[i]);
		int r;

		if (garita_x509_valid_at(cert, times->at[i], NULL) < 0)
			return bad(err, "time: the certificate was not valid "
					"when it was signed");
		if (spans && was_valid(&chain, times->at[i]))
			continue;
		r = find_chain(root, cert, between, times->at[i], &chain, err);
		if (r < 0)
			return r;
	}
	*ret = chain;
	return 0;
}

static int check_sct(const struct garita_trusted_root *root,
		     const struct garita_x509_chain *chain,
		     struct garita_error *err)
{
	/* One that is trusted itself has no issuer here to be logged with. */
	if (chain->count < 2)
		return bad(err, "SCT: the certificate is its own authority");
	return garita_sct_check(chain->all[0], chain->all[1], root, err);
}

/* ---- the ways ---- */

static int check_sigstore(const struct garita_keyless_trust *trust,
			  const struct garita_keyless_material *material,
			  const struct garita_logged *what,
			  struct garita_error *err)
{
	struct times times = { .count = 0 };
	struct garita_x509_chain chain = { .count = 0 };
	int r = check_log(&trust->root, material, what, &times, err);

	if (r == 0)
		r = find_times(&trust->root, material, what, &times, err);
	if (r == 0)
		r = check_spans(&trust->root, material->entries, &times, err);
	if (r == 0)
		r = check_chain(&trust->root, what->cert, NULL, &times, &chain,
				err);
	return r == 0 ? check_sct(&trust->root, &chain, err) : r;
}

/* containers-policy.json(5): the promise is what counts. */
static int check_fulcio(const struct garita_keyless_trust *trust,
			const struct garita_keyless_material *material,
			const struct garita_logged *what,
			struct garita_error *err)
{
	const struct garita_keyless_material as = {
		.entries = material->entries,
		.needs_promise = true,
	};
	struct times times = { .count = 0 };
	struct garita_x509_chain chain = { .count = 0 };
	int r = check_log(&trust->root, &as, what, &times, err);

	return r == 0 ? check_chain(&trust->root, what->cert, material->between,
				    &times, &chain, err)
		      : r;
}

/* The same file: a certificate that is good now, and for as long as it is. */
static int check_pki(const struct garita_keyless_trust *trust,
		     const struct garita_keyless_material *material,
		     const struct garita_x509 *cert, time_t *ret_until,
		     struct garita_error *err)
{
	struct garita_x509_chain chain = { .count = 0 };
	int r = find_chain(&trust->root, cert, material->between, trust->now,
			   &chain, err);

	for (size_t i = 0; r == 0 && i < chain.count; i++)
		if (*ret_until == 0 || chain.all[i]->not_after + 1 < *ret_until)
			*ret_until = chain.all[i]->not_after + 1;
	return r;
}

static int check_way(const struct garita_keyless_trust *trust,
		     const struct garita_keyless_material *material,
		     const struct garita_logged *what, time_t *ret_until,
		     struct garita_error *err)
{
	switch (trust->rule->way) {
	case GARITA_KEYLESS_SIGSTORE:
		return check_sigstore(trust, material, what, err);
	case GARITA_KEYLESS_FULCIO:
		return check_fulcio(trust, material, what, err);
	case GARITA_KEYLESS_PKI:
		return check_pki(trust, material, what->cert, ret_until, err);
	}
	return bad(err, "a rule of no known kind");
}

int garita_keyless_check(const struct garita_keyless_trust *trust,
			 const struct garita_keyless_material *material,
			 const struct garita_logged *what,
			 struct garita_keyless_found *ret,
			 struct garita_error *err)
{
	struct garita_logged logged = *what;
	auto_free char *words = NULL;
	struct garita_x509 cert;
	time_t until = 0;
	int r = garita_x509_read(material->cert, material->cert_len, &cert,
				 err);

	if (r < 0)
		return garita_fail_in(err, "chain");
	logged.cert = &cert;
	r = check_identity(trust, &cert, &words, err);
	if (r == 0)
		r = check_way(trust, material, &logged, &until, err);
	if (r < 0)
		return r;
	*ret = (struct garita_keyless_found){
		.key = cert.key,
		.words = garita_take_ptr(&words),
		.until = until,
	};
	return 0;
}

void garita_keyless_case(const struct garita_format_case *of,
			 const struct garita_keyless_found *found,
			 struct garita_format_case *ret)
{
	*ret = *of;
	ret->keys = &found->key;
	ret->key_count = 1;
	ret->who = found->words;
	if (found->until != 0 && (of->until == 0 || found->until < of->until))
		ret->until = found->until;
}

int garita_keyless_check_logged(const struct garita_trusted_root *root,
				const struct garita_log_entries *entries,
				bool needs_proof,
				const struct garita_logged *what,
				struct garita_error *err)
{
	const struct garita_keyless_material as = {
		.entries = entries,
		.needs_promise = !root->whole || !needs_proof,
		.needs_proof = root->whole && needs_proof,
	};
	struct times times = { .count = 0 };

	return check_log(root, &as, what, &times, err);
}

/* ---- timestamps as they came ---- */

bool garita_stamps_add(struct garita_stamps *to, unsigned char *bytes,
		       size_t len)
{
	bool twice = to->count == GARITA_STAMPS_MAX;

	for (size_t i = 0; i < to->count; i++)
		twice |= to->all[i].len == len &&
			 memcmp(to->all[i].bytes, bytes, len) == 0;
	if (twice) {
		free(bytes);
		return false;
	}
	to->all = garita_xresize(to->all, to->count + 1, sizeof(*to->all));
	to->all[to->count++] = (struct garita_stamp){ bytes, len };
	return true;
}

void garita_stamps_free(struct garita_stamps *stamps)
{
	for (size_t i = 0; i < stamps->count; i++)
		free(stamps->all[i].bytes);
	free(stamps->all);
	*stamps = (struct garita_stamps){ 0 };
}
