/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_chain - from a certificate to a root, at a time.
 *
 * Names are compared byte by byte, and key identifiers are not looked at: they
 * are hints, and with a handful of certificates there is nothing to save. What
 * is cheap is asked first, so that a signature is computed only where all else
 * fits, and no more often than GARITA_X509_CHECKS_MAX.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/x509.h"

struct walk {
	const struct garita_x509_chain_case *of;
	struct garita_x509_chain chain;
	unsigned checks;
	struct garita_error *err; /* why the last try failed */
};

int garita_x509_fail(const struct garita_x509 *cert, struct garita_error *err,
		     const char *why)
{
	char words[160];

	garita_x509_words(&cert->subject, words, sizeof(words));
	return garita_fail(err, EBADMSG, "the certificate of %s %s", words,
			   why);
}

int garita_x509_valid_at(const struct garita_x509 *cert, time_t at,
			 struct garita_error *err)
{
	if (at < cert->not_before)
		return garita_x509_fail(cert, err,
					"is not valid yet at that time");
	if (at > cert->not_after)
		return garita_x509_fail(cert, err, "has expired at that time");
	return 0;
}

int garita_x509_signed_by(const struct garita_x509 *cert,
			  const struct garita_x509 *by,
			  struct garita_error *err)
{
	struct garita_error why = { 0 };
	int r;

	if (!cert->algorithm.known)
		return garita_x509_fail(
			cert, err,
			"is signed in a way that is not accepted (SHA-1, "
			"or not known)");
	r = garita_key_verify(&by->key, cert->algorithm.scheme,
			      cert->algorithm.hash, cert->tbs.at,
			      cert->tbs.left, cert->signature.at,
			      cert->signature.left, &why);
	if (r < 0)
		return garita_x509_fail(cert, err,
					"is not signed by whom it names");
	return 0;
}

int garita_x509_may_issue(const struct garita_x509 *by,
			  const struct garita_x509 *cert, size_t below,
			  struct garita_error *err)
{
	if (!garita_der_equal(&by->subject, &cert->issuer))
		return garita_x509_fail(cert, err, "names another issuer");
	if (by->not_understood != NULL)
		return garita_x509_fail(by, err, by->not_understood);
	if (!by->is_ca)
		return garita_x509_fail(by, err, "is of no authority");
	if (by->has_key_usage &&
	    !(by->key_usage & GARITA_X509_SIGNS_CERTIFICATES))
		return garita_x509_fail(by, err, "may not sign certificates");
	if (by->path_len >= 0 && below > (size_t)by->path_len)
		return garita_x509_fail(by, err,
					"allows fewer authorities below it");
	return 0;
}

/* Whoever lists usages lists this one. */
static bool may_be_used(const struct garita_x509 *cert, const char *eku)
{
	return eku == NULL || !garita_x509_has_eku(cert) ||
	       garita_x509_lists_eku(cert, eku) ||
	       garita_x509_lists_eku(cert, GARITA_EKU_ANY);
}

/* May `by` stand above the last of the chain? Without the signature. */
static int fits(const struct walk *walk, const struct garita_x509 *by,
		struct garita_error *err)
{
	const struct garita_x509_chain *chain = &walk->chain;
	const struct garita_x509 *last = chain->all[chain->count - 1];
	size_t below = 0;
	int r;

	for (size_t i = 1; i < chain->count; i++) {
		if (chain->all[i] == by)
			return -ELOOP;
		/* Of one that renews its own key nothing is counted. */
		if (!garita_der_equal(&chain->all[i]->subject,
				      &chain->all[i]->issuer))
			below++;
	}
	r = garita_x509_may_issue(by, last, below, err);
	if (r == 0)
		r = garita_x509_valid_at(by, walk->of->at, err);
	if (r == 0 && !may_be_used(by, walk->of->eku))
		r = garita_x509_fail(by, err, "may not vouch for this use");
	return r;
}

static bool is_issuer(const struct walk *walk, const struct garita_x509 *by)
{
	return garita_der_equal(
		&by->subject, &walk->chain.all[walk->chain.count - 1]->issuer);
}

/* Puts `by` on top when everything fits. */
static bool step_up(struct walk *walk, const struct garita_x509 *by)
{
	const struct garita_x509 *last = walk->chain.all[walk->chain.count - 1];

	if (!is_issuer(walk, by) || fits(walk, by, walk->err) < 0)
		return false;
	if (walk->checks == GARITA_X509_CHECKS_MAX) {
		garita_fail(walk->err, EBADMSG,
			    "too many certificates may have signed this one");
		return false;
	}
	walk->checks++;
	if (garita_x509_signed_by(last, by, walk->err) < 0)
		return false;
	walk->chain.all[walk->chain.count++] = by;
	return true;
}

/* Depth first; no deeper than GARITA_X509_CHAIN_MAX. */
static bool climb(struct walk *walk)
{
	const struct garita_x509_chain_case *of = walk->of;

	if (walk->chain.count == GARITA_X509_CHAIN_MAX)
		return false;
	for (size_t i = 0; i < of->roots->count; i++)
		if (step_up(walk, &of->roots->all[i]))
			return true;
	for (size_t l = 0; l < GARITA_COUNT(of->between); l++) {
		const struct garita_x509_list *list = of->between[l];

		for (size_t i = 0; list != NULL && i < list->count; i++) {
			if (!step_up(walk, &list->all[i]))
				continue;
			if (climb(walk))
				return true;
			walk->chain.count--;
		}
	}
	return false;
}

static int check_leaf(const struct garita_x509_chain_case *of,
		      struct garita_error *err)
{
	const struct garita_x509 *leaf = of->leaf;

	if (leaf->not_understood != NULL)
		return garita_x509_fail(leaf, err, leaf->not_understood);
	if (of->eku != NULL && !garita_x509_lists_eku(leaf, of->eku))
		return garita_x509_fail(leaf, err, "is not for this use");
	if (leaf->has_key_usage &&
	    !(leaf->key_usage & (GARITA_X509_SIGNS | GARITA_X509_COMMITS)))
		return garita_x509_fail(leaf, err, "may not sign");
	return garita_x509_valid_at(leaf, of->at, err);
}

int garita_x509_chain(const struct garita_x509_chain_case *of,
		      struct garita_x509_chain *ret, struct garita_error *err)
{
	struct garita_error why = { 0 };
	struct walk walk = {
		.of = of,
		.chain = { .all = { of->leaf }, .count = 1 },
		.err = &why,
	};
	int r = check_leaf(of, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < of->roots->count; i++) {
		if (!garita_der_equal(&of->leaf->all, &of->roots->all[i].all))
			continue;
		*ret = walk.chain;
		return 0;
	}
	if (climb(&walk)) {
		*ret = walk.chain;
		return 0;
	}
	if (why.text[0] != '\0')
		return garita_fail(err, EBADMSG, "%s", why.text);
	return garita_x509_fail(of->leaf, err,
				"leads to no authority that is trusted");
}
