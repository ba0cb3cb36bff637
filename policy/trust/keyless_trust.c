/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyless_trust - what a requirement's files say about whom to believe.
 *
 * The age of trusted_root.json is that of the file: the format has no date, and
 * whoever renews it writes it. A file that nobody renews still names keys that
 * were taken back since.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/trust/keyless.h"

/* For a key's signature its logs would do; for a certificate's they do not. */
static int read_root(const struct garita_key_source *source,
		     struct garita_trusted_root *ret, struct garita_error *err)
{
	int r = garita_trusted_root_read(source->bytes, source->len, ret, err);

	if (r == 0 && ret->authority_count == 0)
		r = garita_fail(err, EINVAL,
				"there is no certificate authority in it");
	return r;
}

static int read_source(const struct garita_key_source *source,
		       struct garita_trusted_root *ret,
		       struct garita_error *err)
{
	switch (source->role) {
	case GARITA_SOURCE_TRUSTED_ROOT:
		return read_root(source, ret, err);
	case GARITA_SOURCE_AUTHORITY:
	case GARITA_SOURCE_BETWEEN:
		return garita_trusted_root_add_authority(
			ret, source->bytes, source->len,
			source->role == GARITA_SOURCE_BETWEEN, err);
	case GARITA_SOURCE_LOG:
		return garita_trusted_root_add_log(ret, source->bytes,
						   source->len, err);
	case GARITA_SOURCE_KEY:
	case GARITA_SOURCE_ROLES:
		break;
	}
	return garita_fail(err, EINVAL, "a key where none is asked for");
}

static int read_sources(const struct garita_requirement *wanted,
			struct garita_trusted_root *ret,
			struct garita_error *err)
{
	for (size_t i = 0; i < wanted->key_count; i++) {
		const struct garita_key_source *source = &wanted->keys[i];
		const char *name = source->path ? source->path : "inline data";
		int r;

		if (source->bytes == NULL)
			return garita_fail(err, EINVAL, "%s was not read",
					   name);
		r = read_source(source, ret, err);
		if (r < 0)
			return garita_fail_in(err, name);
	}
	return 0;
}

/* *ret 0: it never gets too old. */
static int read_age(const struct garita_requirement *wanted, time_t now,
		    time_t *ret, struct garita_error *err)
{
	const struct garita_key_source *file = &wanted->keys[0];
	long long days;

	*ret = 0;
	if (!garita_requirement_asks_age(wanted))
		return 0;
	if (wanted->key_count == 0 || file->changed <= 0)
		return garita_fail(err, EINVAL,
				   "it is not known how old the trusted root "
				   "is");
	*ret = file->changed + (time_t)wanted->keyless->max_age_s;
	if (*ret > now || !wanted->keyless->stale_refuses)
		return 0;
	days = (long long)(now - file->changed) / (24L * 60 * 60);
	return garita_fail(err, EINVAL,
			   "%s is %lld days old, which is too old: renew it",
			   file->path ? file->path : "the trusted root", days);
}

int garita_keyless_trust_read(const struct garita_requirement *wanted,
			      time_t now, struct garita_keyless_trust *ret,
			      struct garita_error *err)
{
	struct garita_keyless_trust trust = { .rule = wanted->keyless,
					      .now = now };
	int r = 0;

	if (wanted->keyless->count > GARITA_KEYLESS_IDENTITIES_MAX)
		return garita_fail(err, EINVAL, "too many identities");
	for (size_t i = 0; r == 0 && i < wanted->keyless->count; i++)
		if (wanted->keyless->identities[i].pattern != NULL)
			r = garita_regexp_read(
				wanted->keyless->identities[i].pattern,
				&trust.patterns[i], err);
	if (r == 0)
		r = read_age(wanted, now, &trust.stale_at, err);
	if (r == 0)
		r = read_sources(wanted, &trust.root, err);
	if (r < 0) {
		garita_keyless_trust_free(&trust);
		return r;
	}
	*ret = trust;
	return 0;
}

void garita_keyless_trust_free(struct garita_keyless_trust *trust)
{
	for (size_t i = 0; i < GARITA_KEYLESS_IDENTITIES_MAX; i++)
		garita_regexp_free(trust->patterns[i]);
	garita_trusted_root_free(&trust->root);
	*trust = (struct garita_keyless_trust){ 0 };
}
