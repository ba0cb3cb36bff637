/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_judge - may this key sign, as far as its owner says?
 *
 * What a key may do and for how long is said by signatures of its own; of each
 * kind the newest counts. One that cannot be checked here (SHA-1, an unknown
 * critical part) is not passed over in favour of an older one, which may be
 * what its owner took back: then the key does not count. One that can be
 * checked and is wrong was made by somebody else and is nothing.
 *
 * A revocation ends a key, whatever its reason and whatever was signed before:
 * GnuPG sees it so, and the date of a signature is only the signer's word.
 */
#include "policy/trust/openpgp_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct judge {
	const struct garita_openpgp_keys *keys;
	const struct garita_openpgp_certificate *of;
	const struct garita_openpgp_public *primary;
	time_t now;
	time_t until; /* the earliest end seen so far; 0: none */
	struct garita_error *err;
};

enum answer { IS_BAD, IS_GOOD, IS_UNCLEAR };

static int no(const struct judge *judge, const char *what)
{
	return garita_fail(judge->err, EACCES, "%s", what);
}

/* Did `key` make `sig` over `data`? Unclear: it says so, and it cannot be
 * checked here. */
static enum answer ask(const struct garita_openpgp_signature *sig,
		       const struct garita_openpgp_public *key,
		       const struct garita_text *data)
{
	int failure;

	if (!garita_openpgp_is_by(sig, key))
		return IS_BAD;
	if (sig->why_not != NULL)
		return IS_UNCLEAR;
	failure = garita_openpgp_verify(sig, key, data->data, data->len, NULL);
	if (failure == 0)
		return IS_GOOD;
	return failure == -ENOTSUP ? IS_UNCLEAR : IS_BAD;
}

/* A revocation counts whatever it says about its maker, when that was `key`. */
static bool revokes(const struct garita_openpgp_signature *sig,
		    const struct garita_openpgp_public *key,
		    const struct garita_text *data)
{
	return ask(sig, key, data) != IS_BAD ||
	       garita_openpgp_verify(sig, key, data->data, data->len, NULL) ==
		       0;
}

/* What comes to an end then; fails when it did. `what` is "the key". */
static int ends(struct judge *judge, time_t end, const char *what)
{
	struct tm day;

	judge->until = garita_openpgp_sooner(judge->until, end);
	if (end == 0 || end > judge->now)
		return 0;
	if (gmtime_r(&end, &day) == NULL)
		return garita_fail(judge->err, EACCES, "%s expired", what);
	return garita_fail(judge->err, EACCES, "%s expired on %d-%02d-%02d",
			   what, day.tm_year + 1900, day.tm_mon + 1,
			   day.tm_mday);
}

/* The newest of its kind; of two of the same second the stricter. */
struct newest {
	const struct garita_openpgp_signature *sig;
	bool unclear;
};

static bool forbids_signing(const struct garita_openpgp_signature *sig)
{
	return sig->has_flags && (sig->flags & GARITA_OPENPGP_MAY_SIGN) == 0;
}

/* How much it takes away, but for the time. */
static int strictness(const struct garita_openpgp_signature *sig)
{
	if (sig->type == GARITA_OPENPGP_REVOKES_USER)
		return 3;
	if (sig->why_not != NULL)
		return 2;
	return forbids_signing(sig);
}

static bool is_stricter(const struct garita_openpgp_signature *one,
			const struct garita_openpgp_signature *other)
{
	int more = strictness(one) - strictness(other);

	if (more != 0)
		return more > 0;
	return one->key_lifetime != 0 &&
	       (other->key_lifetime == 0 ||
		one->key_lifetime < other->key_lifetime);
}

static void consider(struct newest *newest,
		     const struct garita_openpgp_signature *sig,
		     const struct garita_openpgp_public *by,
		     const struct garita_text *data)
{
	enum answer answer;

	if (newest->sig != NULL && (sig->created < newest->sig->created ||
				    (sig->created == newest->sig->created &&
				     !is_stricter(sig, newest->sig))))
		return;
	answer = ask(sig, by, data);
	if (answer != IS_BAD)
		*newest = (struct newest){ sig, answer == IS_UNCLEAR };
}

static bool is_of_user(unsigned type)
{
	return (type >= GARITA_OPENPGP_OF_USER &&
		type <= GARITA_OPENPGP_OF_USER_LAST) ||
	       type == GARITA_OPENPGP_REVOKES_USER;
}

/* A name and what its signatures sign: the key, its kind and length, it. */
static void consider_user(const struct judge *judge,
			  const struct garita_openpgp_part *user,
			  struct newest *newest)
{
	auto_text data = { 0 };
	struct newest of_this = { 0 };

	garita_openpgp_public_put(&data, judge->primary);
	garita_openpgp_put(
		&data, user->tag == GARITA_OPENPGP_USER_ID ? 0xb4 : 0xd1, 1);
	garita_openpgp_put(&data, (uint32_t)user->body.left, 4);
	garita_text_add(&data, (const char *)user->body.at, user->body.left);
	for (size_t i = 0; i < user->signatures.count; i++)
		if (is_of_user(user->signatures.all[i].type))
			consider(&of_this, &user->signatures.all[i],
				 judge->primary, &data);
	/* A name that was taken back says nothing about the key. */
	if (of_this.sig == NULL ||
	    of_this.sig->type == GARITA_OPENPGP_REVOKES_USER)
		return;
	if (newest->sig == NULL ||
	    of_this.sig->created > newest->sig->created ||
	    (of_this.sig->created == newest->sig->created &&
	     is_stricter(of_this.sig, newest->sig)))
		*newest = of_this;
}

/* Is what the key says about itself still true, and may it sign? */
static int hear(struct judge *judge, const struct newest *newest,
		const struct garita_openpgp_public *key, bool for_data,
		const char *what)
{
	const struct garita_openpgp_signature *sig = newest->sig;
	int failure;

	if (newest->unclear)
		return garita_fail(judge->err, EACCES,
				   "the newest signature of %s about itself "
				   "does not count: %s",
				   what,
				   sig->why_not != NULL
					   ? sig->why_not
					   : "it cannot be checked here");
	if (garita_openpgp_is_future(sig->created, judge->now))
		return garita_fail(judge->err, EACCES,
				   "%s has a signature from the future", what);
	failure = ends(judge, garita_openpgp_end(sig->created, sig->lifetime),
		       "what the key says about itself");
	if (failure < 0)
		return failure;
	failure =
		ends(judge, garita_openpgp_end(key->created, sig->key_lifetime),
		     what);
	if (failure < 0)
		return failure;
	if (for_data && forbids_signing(sig))
		return garita_fail(judge->err, EACCES,
				   "%s is not meant for signing", what);
	return 0;
}

/* The primary key, by what it says about itself and about its names. Readers
 * differ in which of the two goes before, so both must allow it. */
static int hear_primary(struct judge *judge, bool for_data)
{
	const struct garita_openpgp_part *first = &judge->of->parts[0];
	struct newest direct = { 0 }, user = { 0 };
	auto_text data = { 0 };
	int failure = 0;

	garita_openpgp_public_put(&data, judge->primary);
	for (size_t i = 0; i < first->signatures.count; i++)
		if (first->signatures.all[i].type == GARITA_OPENPGP_OF_KEY)
			consider(&direct, &first->signatures.all[i],
				 judge->primary, &data);
	for (size_t i = 1; i < judge->of->count; i++)
		if (judge->of->parts[i].key == NULL)
			consider_user(judge, &judge->of->parts[i], &user);
	if (direct.sig == NULL && user.sig == NULL)
		return no(judge, "the key has no signature of its own that "
				 "makes it valid");
	if (direct.sig != NULL)
		failure = hear(judge, &direct, judge->primary, for_data,
			       "the key");
	if (failure == 0 && user.sig != NULL)
		failure =
			hear(judge, &user, judge->primary, for_data, "the key");
	return failure;
}

/* Was a key with this fingerprint named as one that may revoke, and is it
 * known? */
static bool names_revoker(const struct garita_openpgp_certificate *of,
			  const struct garita_openpgp_signature *revocation)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct garita_openpgp_signatures *list =
			&of->parts[i].signatures;

		for (size_t n = 0; n < list->count; n++) {
			struct garita_openpgp_public revoker = { 0 };

			if (!list->all[n].has_revoker)
				continue;
			memcpy(revoker.fingerprint, list->all[n].revoker,
			       sizeof(revoker.fingerprint));
			if (garita_openpgp_is_by(revocation, &revoker))
				return true;
		}
	}
	return false;
}

/* By a key that the owner named. When that key is not in the ring, its word
 * cannot be checked and is taken: nobody puts it there by chance. */
static bool revoked_by_other(const struct judge *judge,
			     const struct garita_openpgp_signature *revocation,
			     const struct garita_text *data)
{
	bool known = false;

	if (!names_revoker(judge->of, revocation))
		return false;
	for (size_t i = 0; i < judge->keys->count; i++) {
		const struct garita_openpgp_public *key =
			judge->keys->all[i].parts[0].key;

		if (!garita_openpgp_is_by(revocation, key))
			continue;
		if (ask(revocation, key, data) != IS_BAD)
			return true;
		known = true;
	}
	return !known;
}

static int check_revoked(const struct judge *judge)
{
	const struct garita_openpgp_signatures *list =
		&judge->keys->revocations;
	auto_text data = { 0 };

	garita_openpgp_public_put(&data, judge->primary);
	for (size_t i = 0; i < list->count; i++) {
		if (revokes(&list->all[i], judge->primary, &data) ||
		    revoked_by_other(judge, &list->all[i], &data))
			return no(judge, "the key is revoked");
	}
	return 0;
}

/* A signing subkey says that it belongs to its primary key: else anybody could
 * adopt a stranger's subkey and be the author of what that signed. */
static int check_back(struct judge *judge,
		      const struct garita_openpgp_signature *binding,
		      const struct garita_openpgp_public *subkey,
		      const struct garita_text *data)
{
	static const char *const none =
		"the subkey does not say that it belongs to its primary key";
	struct garita_openpgp_signature back;

	if (binding->embedded.left == 0 ||
	    garita_openpgp_signature(binding->embedded, &back, NULL) < 0 ||
	    back.type != GARITA_OPENPGP_OF_PRIMARY)
		return no(judge, none);
	if (garita_openpgp_verify(&back, subkey, data->data, data->len, NULL) <
	    0)
		return no(judge, back.why_not != NULL ? back.why_not : none);
	if (garita_openpgp_is_future(back.created, judge->now))
		return no(judge, "the subkey has a signature from the future");
	return ends(judge, garita_openpgp_end(back.created, back.lifetime),
		    "what the subkey says about itself");
}

static int hear_subkey(struct judge *judge,
		       const struct garita_openpgp_part *part)
{
	struct newest binding = { 0 };
	auto_text data = { 0 };
	int failure;

	garita_openpgp_public_put(&data, judge->primary);
	garita_openpgp_public_put(&data, part->key);
	for (size_t i = 0; i < part->signatures.count; i++) {
		const struct garita_openpgp_signature *sig =
			&part->signatures.all[i];

		if (sig->type == GARITA_OPENPGP_REVOKES_SUBKEY &&
		    revokes(sig, judge->primary, &data))
			return no(judge, "the subkey is revoked");
		if (sig->type == GARITA_OPENPGP_OF_SUBKEY)
			consider(&binding, sig, judge->primary, &data);
	}
	if (binding.sig == NULL)
		return no(judge, "the primary key does not say that the "
				 "subkey is its own");
	failure = hear(judge, &binding, part->key, true, "the subkey");
	if (failure < 0)
		return failure;
	if (!binding.sig->has_flags)
		return no(judge, "the subkey is not meant for signing");
	return check_back(judge, binding.sig, part->key, &data);
}

int garita_openpgp_may_sign(const struct garita_openpgp_keys *keys,
			    const struct garita_openpgp_certificate *of,
			    const struct garita_openpgp_part *part,
			    uint32_t made, time_t now, time_t *ret_until,
			    struct garita_error *err)
{
	struct judge judge = { keys, of, of->parts[0].key, now, 0, err };
	bool is_primary = part == &of->parts[0];
	int failure;

	if (judge.primary->why_not[0] != '\0')
		return no(&judge, judge.primary->why_not);
	if (garita_openpgp_is_future(judge.primary->created, now) ||
	    garita_openpgp_is_future(part->key->created, now))
		return no(&judge, "the key was made in the future");
	if (made < part->key->created || made < judge.primary->created)
		return no(&judge, "the signature is older than the key");
	failure = check_revoked(&judge);
	if (failure == 0)
		failure = hear_primary(&judge, is_primary);
	if (failure == 0 && !is_primary)
		failure = hear_subkey(&judge, part);
	if (failure < 0)
		return failure;
	*ret_until = judge.until;
	return 0;
}
