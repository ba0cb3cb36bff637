/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * formats - every signature format, and the walk of one requirement over the
 * material. A format is a row here and a file of its own.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "policy/trust/notation_trust.h"

const struct garita_format *const garita_formats[] = {
	&garita_format_cosign,  &garita_format_bundle,
	&garita_format_dsse,    &garita_format_sigstore_local,
	&garita_format_openpgp, &garita_format_jws,
	&garita_format_cose,    NULL,
};

static int read_keys(const struct garita_requirement *wanted,
		     struct garita_key *keys, struct garita_error *err)
{
	for (size_t i = 0; i < wanted->key_count; i++) {
		const struct garita_key_source *source = &wanted->keys[i];
		int rc;

		if (source->bytes == NULL)
			return garita_fail(err, EINVAL, "%s was not read",
					   source->path);
		rc = garita_key_read(source->bytes, source->len, &keys[i], err);
		if (rc < 0)
			return garita_fail_in(err, source->path ? source->path
								: "inline key");
	}
	return 0;
}

static void read_blobs(const struct garita_format_case *of,
		       struct garita_claims *out)
{
	for (size_t i = 0; i < of->material->count; i++) {
		const struct garita_blob *blob = &of->material->all[i];

		for (size_t f = 0; garita_formats[f] != NULL; f++)
			if (garita_formats[f]->kind == of->wanted->kind &&
			    (of->wanted->attested == NULL ||
			     garita_formats[f]->statements) &&
			    garita_formats[f]->knows(blob))
				garita_formats[f]->read(of, blob, out);
	}
}

static int read_with_keys(struct garita_format_case *asked,
			  struct garita_claims *ret, struct garita_error *err)
{
	const struct garita_requirement *wanted = asked->wanted;
	auto_free struct garita_key *keys =
		garita_xcalloc(wanted->key_count, sizeof(*keys));
	int rc = read_keys(wanted, keys, err);

	if (rc < 0)
		return rc;
	asked->keys = keys;
	asked->key_count = wanted->key_count;
	read_blobs(asked, ret);
	return 0;
}

static int read_with_rings(struct garita_format_case *asked,
			   struct garita_claims *ret, struct garita_error *err)
{
	const struct garita_requirement *wanted = asked->wanted;
	struct garita_openpgp_keys *rings = NULL;
	int rc = garita_openpgp_keys_read(wanted->keys, wanted->key_count,
					  &rings, err);

	if (rc < 0)
		return rc;
	asked->openpgp = rings;
	read_blobs(asked, ret);
	garita_openpgp_keys_free(rings);
	return 0;
}

static int read_with_statement(struct garita_format_case *asked,
			       struct garita_claims *ret,
			       struct garita_error *err)
{
	struct garita_notation_trust trust;
	int rc = garita_notation_trust_read(asked->wanted, &trust, err);

	if (rc < 0)
		return rc;
	asked->notation = &trust;
	read_blobs(asked, ret);
	garita_notation_trust_free(&trust);
	return 0;
}

int garita_formats_read(const struct garita_trust_case *of,
			const struct garita_requirement *wanted,
			struct garita_claims *ret, struct garita_error *err)
{
	struct garita_format_case asked = {
		.wanted = wanted,
		.material = of->material,
		.now = of->now,
	};

	switch (wanted->kind) {
	case GARITA_REQUIRE_KEYS:
		return read_with_keys(&asked, ret, err);
	case GARITA_REQUIRE_GPG:
		return read_with_rings(&asked, ret, err);
	case GARITA_REQUIRE_KEYLESS:
		read_blobs(&asked, ret); /* each reads what vouches */
		return 0;
	case GARITA_REQUIRE_NOTATION:
		return read_with_statement(&asked, ret, err);
	case GARITA_REQUIRE_NOTHING:
	case GARITA_REQUIRE_REJECT:
	case GARITA_REQUIRE_UNSUPPORTED:
		break;
	}
	return garita_fail(err, EINVAL, "a requirement without keys");
}
