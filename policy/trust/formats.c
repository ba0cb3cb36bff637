/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * formats - every signature format, and the walk of one requirement over the
 * material. A format is a row here and a file of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "policy/trust/keyless.h"
#include "policy/trust/notation_trust.h"

const struct garita_format *const garita_formats[] = {
	&garita_format_cosign,  &garita_format_bundle,
	&garita_format_dsse,    &garita_format_sigstore_local,
	&garita_format_openpgp, &garita_format_jws,
	&garita_format_cose,    NULL,
};

/* Keys of signers, and of logs that have to know the signature. */
static int read_keys(const struct garita_requirement *wanted,
		     struct garita_key *keys, size_t *ret_count,
		     struct garita_trusted_root *ret_logs,
		     struct garita_error *err)
{
	for (size_t i = 0; i < wanted->key_count; i++) {
		const struct garita_key_source *source = &wanted->keys[i];
		int rc;

		if (source->bytes == NULL)
			return garita_fail(err, EINVAL, "%s was not read",
					   source->path);
		if (source->role == GARITA_SOURCE_LOG)
			rc = garita_trusted_root_add_log(
				ret_logs, source->bytes, source->len, err);
		else if (source->role == GARITA_SOURCE_TRUSTED_ROOT)
			rc = garita_trusted_root_read(
				source->bytes, source->len, ret_logs, err);
		else
			rc = garita_key_read(source->bytes, source->len,
					     &keys[(*ret_count)++], err);
		if (rc < 0)
			return garita_fail_in(err, source->path ? source->path
								: "inline key");
	}
	return 0;
}

static bool is_for(const struct garita_format *format,
		   enum garita_requirement_kind kind)
{
	return format->kind == kind ||
	       (kind == GARITA_REQUIRE_KEYLESS && format->certificates);
}

static void read_blobs(const struct garita_format_case *of,
		       struct garita_claims *out)
{
	for (size_t i = 0; i < of->material->count; i++) {
		const struct garita_blob *blob = &of->material->all[i];

		for (size_t f = 0; garita_formats[f] != NULL; f++)
			if (is_for(garita_formats[f], of->wanted->kind) &&
			    (of->wanted->attested == NULL ||
			     garita_formats[f]->statements) &&
			    garita_formats[f]->knows(blob))
				garita_formats[f]->read(of, blob, out);
	}
}

/* Each fills in its part of what is asked; by value, as that part ends with
 * it. */
static int read_with_keys(struct garita_format_case asked,
			  struct garita_claims *ret, struct garita_error *err)
{
	const struct garita_requirement *wanted = asked.wanted;
	auto_free struct garita_key *keys =
		garita_xcalloc(wanted->key_count, sizeof(*keys));
	auto_trusted_root logs = { 0 };
	int rc = read_keys(wanted, keys, &asked.key_count, &logs, err);

	if (rc < 0)
		return rc;
	asked.keys = keys;
	asked.logs = logs.names_logs ? &logs : NULL;
	read_blobs(&asked, ret);
	return 0;
}

/* What vouches is read once; what it says holds until it is too old, and is
 * said to be too old after that. */
static int read_with_certificates(struct garita_format_case asked,
				  struct garita_claims *ret,
				  struct garita_error *err)
{
	struct garita_keyless_trust trust;
	int rc =
		garita_keyless_trust_read(asked.wanted, asked.now, &trust, err);

	if (rc < 0)
		return rc;
	asked.keyless = &trust;
	if (trust.stale_at > asked.now)
		asked.until = trust.stale_at;
	else if (trust.stale_at > 0)
		snprintf(ret->warning, sizeof(ret->warning),
			 "; the trusted root is older than it should be");
	read_blobs(&asked, ret);
	garita_keyless_trust_free(&trust);
	return 0;
}

static int read_with_rings(struct garita_format_case asked,
			   struct garita_claims *ret, struct garita_error *err)
{
	const struct garita_requirement *wanted = asked.wanted;
	struct garita_openpgp_keys *rings = NULL;
	int rc = garita_openpgp_keys_read(wanted->keys, wanted->key_count,
					  &rings, err);

	if (rc < 0)
		return rc;
	asked.openpgp = rings;
	read_blobs(&asked, ret);
	garita_openpgp_keys_free(rings);
	return 0;
}

static int read_with_statement(struct garita_format_case asked,
			       struct garita_claims *ret,
			       struct garita_error *err)
{
	struct garita_notation_trust trust;
	int rc = garita_notation_trust_read(asked.wanted, &trust, err);

	if (rc < 0)
		return rc;
	asked.notation = &trust;
	read_blobs(&asked, ret);
	garita_notation_trust_free(&trust);
	return 0;
}

int garita_work_take(const struct garita_format_case *of, unsigned cost,
		     struct garita_error *err)
{
	if (of->work == NULL)
		return 0;
	if (cost <= of->work->left) {
		of->work->left -= cost;
		return 0;
	}
	of->work->left = 0;
	of->work->spent = true;
	return garita_fail(err, EBUSY,
			   "not checked: there are more signatures than this "
			   "question may cost");
}

static int read_all(struct garita_format_case *asked,
		    const struct garita_requirement *wanted,
		    struct garita_claims *ret, struct garita_error *err)
{
	switch (wanted->kind) {
	case GARITA_REQUIRE_KEYS:
		return read_with_keys(*asked, ret, err);
	case GARITA_REQUIRE_GPG:
		return read_with_rings(*asked, ret, err);
	case GARITA_REQUIRE_KEYLESS:
		return read_with_certificates(*asked, ret, err);
	case GARITA_REQUIRE_NOTATION:
		return read_with_statement(*asked, ret, err);
	case GARITA_REQUIRE_NOTHING:
	case GARITA_REQUIRE_REJECT:
	case GARITA_REQUIRE_UNSUPPORTED:
		break;
	}
	return garita_fail(err, EINVAL, "a requirement without keys");
}

int garita_formats_read(const struct garita_trust_case *of,
			const struct garita_requirement *wanted,
			struct garita_claims *ret, struct garita_error *err)
{
	struct garita_work work = {
		.left = GARITA_WORK_MAX / (unsigned)(of->wanted->count > 0
							     ? of->wanted->count
							     : 1),
	};
	struct garita_format_case asked = {
		.wanted = wanted,
		.material = of->material,
		.work = &work,
		.now = of->now,
	};
	int rc = read_all(&asked, wanted, ret, err);

	ret->overflow |= work.spent;
	return rc;
}
