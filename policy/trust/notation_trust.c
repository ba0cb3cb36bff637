/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_trust - see the header: what the requirement brought, and who is
 * authentic by it.
 */
#include "policy/trust/notation_trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/notation_statement.h"

static const char *const prefixes[GARITA_NOTATION_STORES] = {
	[GARITA_NOTATION_CA] = "ca:",
	[GARITA_NOTATION_AUTHORITY] = "signingAuthority:",
	[GARITA_NOTATION_TSA] = "tsa:",
};

/* Certificates of a store stand at the top, each for itself; that one signed
 * itself proves nothing and is not computed. */
static int check_root(const struct garita_x509 *cert, bool tsa,
		      struct garita_error *err)
{
	bool self = garita_der_equal(&cert->subject, &cert->issuer);

	if (tsa && !(self && cert->is_ca))
		return garita_fail(err, EINVAL,
				   "not the root of an authority, which those "
				   "for timestamps have to be");
	if (!self && !cert->is_ca)
		return garita_fail(err, EINVAL,
				   "neither of an authority nor signed by "
				   "itself");
	return 0;
}

static int read_store(struct garita_notation_trust *trust, size_t store,
		      const struct garita_key_source *file,
		      struct garita_error *err)
{
	struct garita_x509_list *list = &trust->stores[store];
	size_t before = list->count;
	int r = garita_x509_list_read(list, file->bytes, file->len, err);

	for (size_t i = before; r == 0 && i < list->count; i++)
		r = check_root(&list->all[i], store == GARITA_NOTATION_TSA,
			       err);
	return r;
}

static int read_list(struct garita_notation_trust *trust,
		     const struct garita_key_source *file,
		     struct garita_error *err)
{
	struct garita_crl list;
	int r = garita_crl_read(file->bytes, file->len, &list, err);

	if (r < 0)
		return r;
	trust->lists = garita_xresize(trust->lists, trust->list_count + 1,
				      sizeof(*trust->lists));
	trust->lists[trust->list_count++] = list;
	return 0;
}

static int read_file(struct garita_notation_trust *trust,
		     const struct garita_key_source *file,
		     struct garita_error *err)
{
	if (file->path == NULL || file->bytes == NULL)
		return garita_fail(err, EINVAL, "was not read");
	for (size_t i = 0; i < GARITA_NOTATION_STORES; i++)
		if (garita_starts_with(file->path, prefixes[i]))
			return read_store(trust, i, file, err);
	return read_list(trust, file, err);
}

static int read_identities(struct garita_notation_trust *trust,
			   struct garita_error *err)
{
	const struct garita_notation *statement = trust->statement;

	trust->identities = garita_xcalloc(statement->identity_count,
					   sizeof(*trust->identities));
	for (size_t i = 0; i < statement->identity_count; i++) {
		const char *word = statement->identities[i];
		int r;

		trust->anybody |= strcmp(word, "*") == 0;
		if (!garita_starts_with(word, GARITA_NOTATION_SUBJECT))
			continue; /* of a plugin: nobody here */
		r = garita_dn_parse(word + strlen(GARITA_NOTATION_SUBJECT),
				    &trust->identities[trust->identity_count],
				    err);
		if (r < 0)
			return garita_fail_in(err, word);
		trust->identity_count++;
	}
	return 0;
}

static int read_all(const struct garita_requirement *wanted,
		    struct garita_notation_trust *trust,
		    struct garita_error *err)
{
	for (size_t s = 0; s < trust->statement->store_count; s++)
		for (size_t i = 0; i < GARITA_NOTATION_STORES; i++)
			trust->named[i] |= garita_starts_with(
				trust->statement->stores[s], prefixes[i]);
	for (size_t i = 0; i < wanted->key_count; i++) {
		const struct garita_key_source *file = &wanted->keys[i];

		if (read_file(trust, file, err) < 0)
			return garita_fail_in(err, file->path ? file->path
							      : "a file");
	}
	return read_identities(trust, err);
}

int garita_notation_trust_read(const struct garita_requirement *wanted,
			       struct garita_notation_trust *ret,
			       struct garita_error *err)
{
	struct garita_notation_trust trust = { .statement = wanted->notation };
	int r = trust.statement ? read_all(wanted, &trust, err)
				: garita_fail(err, EINVAL, "no statement");

	if (r < 0) {
		garita_notation_trust_free(&trust);
		return r;
	}
	*ret = trust;
	return 0;
}

void garita_notation_trust_free(struct garita_notation_trust *trust)
{
	for (size_t i = 0; i < GARITA_NOTATION_STORES; i++)
		garita_x509_list_free(&trust->stores[i]);
	for (size_t i = 0; i < trust->list_count; i++)
		garita_crl_free(&trust->lists[i]);
	free(trust->lists);
	for (size_t i = 0; i < trust->identity_count; i++)
		garita_dn_free(&trust->identities[i]);
	free(trust->identities);
	*trust = (struct garita_notation_trust){ 0 };
}

/* ---- who is it ---- */

bool garita_notation_holds(const struct garita_notation_trust *trust,
			   const struct garita_x509 *cert)
{
	for (size_t s = 0; s < GARITA_NOTATION_STORES; s++)
		for (size_t i = 0; i < trust->stores[s].count; i++)
			if (garita_der_equal(&trust->stores[s].all[i].all,
					     &cert->all))
				return true;
	return false;
}

static bool is_stored(const struct garita_x509_list *store,
		      const struct garita_x509_list *chain)
{
	for (size_t i = 0; i < store->count; i++)
		for (size_t k = 0; k < chain->count; k++)
			if (garita_der_equal(&store->all[i].all,
					     &chain->all[k].all))
				return true;
	return false;
}

int garita_notation_authentic(const struct garita_notation_trust *trust,
			      enum garita_notation_store store,
			      const struct garita_x509_list *chain,
			      struct garita_error *err)
{
	const struct garita_der *name = &chain->all[0].subject;
	auto_dn subject = { 0 };
	char words[160];
	int r;

	garita_x509_words(name, words, sizeof(words));
	if (!trust->named[store])
		return garita_fail(err, EBADMSG,
				   "%s: the statement names no store of the "
				   "kind %.*s",
				   words, (int)strlen(prefixes[store]) - 1,
				   prefixes[store]);
	if (trust->stores[store].count == 0)
		return garita_fail(err, EBADMSG,
				   "the trust store has no certificate for "
				   "\"%s\"",
				   trust->statement->name);
	if (!is_stored(&trust->stores[store], chain))
		return garita_fail(err, EBADMSG,
				   "%s: none of its certificates is in the "
				   "trust store",
				   words);
	if (trust->anybody)
		return 0;
	r = garita_dn_read(name, &subject, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < trust->identity_count; i++)
		if (garita_dn_within(&trust->identities[i], &subject))
			return 0;
	return garita_fail(err, EBADMSG, "%s is not a trusted identity", words);
}
