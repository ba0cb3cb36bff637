/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_chain - what the Notary Project asks of certificates: all of the
 * chain comes with the signature, in order, from the one that signs code to a
 * root that signs itself; and what local lists say was revoked.
 */
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/notation_trust.h"

#define OID_KEY_USAGE "\x55\x1d\x0f"
#define EKU_OCSP      "\x2b\x06\x01\x05\x05\x07\x03\x09"

/* It is there, and no reader may overlook it. */
static bool says_usage(const struct garita_x509 *cert)
{
	const struct garita_x509_extension *usage =
		garita_x509_has(cert, OID_KEY_USAGE);

	return cert->has_key_usage && usage != NULL && usage->critical;
}

/* Extended usages: none at all, or code signing and none of these. */
static const char *wrong_eku(const struct garita_x509 *leaf)
{
	static const char *const not_these[] = {
		GARITA_EKU_ANY,   GARITA_EKU_SERVER,    GARITA_EKU_CLIENT,
		GARITA_EKU_EMAIL, GARITA_EKU_TIMESTAMP, EKU_OCSP,
	};

	if (!garita_x509_has_eku(leaf))
		return NULL;
	if (!garita_x509_lists_eku(leaf, GARITA_EKU_CODE))
		return "is not for signing code";
	for (size_t i = 0; i < GARITA_COUNT(not_these); i++)
		if (garita_x509_lists_eku(leaf, not_these[i]))
			return "is for other uses than signing code too";
	return NULL;
}

static int check_leaf(const struct garita_x509 *leaf, struct garita_error *err)
{
	const char *why = leaf->not_understood;

	if (why == NULL && leaf->is_ca)
		why = "is of an authority, which signs no code";
	if (why == NULL && !says_usage(leaf))
		why = "does not say as critical what its key is for";
	if (why == NULL && !(leaf->key_usage & GARITA_X509_SIGNS))
		why = "may not make signatures";
	if (why == NULL && (leaf->key_usage & ~(unsigned)(GARITA_X509_SIGNS |
							  GARITA_X509_COMMITS)))
		why = "has a key for other things than signatures too";
	if (why == NULL)
		why = wrong_eku(leaf);
	return why != NULL ? garita_x509_fail(leaf, err, why) : 0;
}

static int check_issuer(const struct garita_x509 *by,
			const struct garita_x509 *cert, size_t below,
			struct garita_error *err)
{
	int r = garita_x509_may_issue(by, cert, below, err);

	if (r == 0 && !says_usage(by))
		r = garita_x509_fail(
			by, err,
			"does not say as critical what its key is for");
	return r == 0 ? garita_x509_signed_by(cert, by, err) : r;
}

int garita_notation_chain(const struct garita_notation_trust *trust,
			  const struct garita_x509_list *chain,
			  struct garita_error *err)
{
	const struct garita_x509 *root = &chain->all[chain->count - 1];
	size_t below = 0;
	int r = check_leaf(&chain->all[0], err);

	for (size_t i = 0; r == 0 && i + 1 < chain->count; i++) {
		const struct garita_x509 *cert = &chain->all[i];

		/* Of one that renews its own key nothing is counted. */
		if (i > 0 && !garita_der_equal(&cert->subject, &cert->issuer))
			below++;
		r = check_issuer(&chain->all[i + 1], cert, below, err);
	}
	if (r == 0 && !garita_der_equal(&root->subject, &root->issuer))
		r = garita_x509_fail(
			root, err,
			"is the last one, and no root: the chain is not whole");
	if (r < 0 ||
	    (root->algorithm.known && garita_notation_holds(trust, root)))
		return r;
	return garita_x509_signed_by(root, root, err);
}

/* ---- revocation ---- */

/* What the lists say of one certificate. */
static int check_lists(const struct garita_notation_trust *trust,
		       const struct garita_x509 *cert,
		       const struct garita_x509 *issuer, time_t now,
		       time_t *ret_until, struct garita_error *err)
{
	struct garita_error why = { 0 };
	bool known = false;

	for (size_t i = 0; i < trust->list_count; i++) {
		const struct garita_crl *list = &trust->lists[i];

		if (!garita_crl_covers(list, cert))
			continue;
		/* When it comes into force, the answer may be another. */
		if (now < list->this_update)
			garita_notation_ends(ret_until, list->this_update);
		if (garita_crl_check(list, issuer, now, &why) < 0)
			continue;
		if (garita_crl_has(list, cert))
			return garita_x509_fail(cert, err, "was revoked");
		garita_notation_ends(ret_until, list->next_update);
		known = true;
	}
	if (known)
		return 0;
	if (why.text[0] != '\0')
		return garita_x509_fail(cert, err, why.text);
	if (garita_crl_is_wanted(cert))
		return garita_x509_fail(
			cert, err,
			"may have been revoked: no list of its issuer is "
			"here");
	return 0;
}

int garita_notation_revocation(const struct garita_notation_trust *trust,
			       const struct garita_x509 *const *chain,
			       size_t count, time_t now, time_t *ret_until,
			       struct garita_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i + 1 < count; i++)
		r = check_lists(trust, chain[i], chain[i + 1], now, ret_until,
				err);
	return r;
}
