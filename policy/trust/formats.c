/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * formats - every signature format, and the walk of one requirement over the
 * material. A format is a row here and a file of its own.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"

const struct garita_format *const garita_formats[] = {
	&garita_format_cosign,  &garita_format_bundle,
	&garita_format_dsse,    &garita_format_sigstore_local,
	&garita_format_openpgp, NULL,
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
			    garita_formats[f]->knows(blob))
				garita_formats[f]->read(of, blob, out);
	}
}

int garita_formats_read(const struct garita_trust_case *of,
			const struct garita_requirement *wanted,
			struct garita_claims *ret, struct garita_error *err)
{
	bool gpg = wanted->kind == GARITA_REQUIRE_GPG;
	auto_free struct garita_key *keys =
		garita_xcalloc(gpg ? 0 : wanted->key_count, sizeof(*keys));
	struct garita_openpgp_keys *rings = NULL;
	struct garita_format_case asked = {
		.wanted = wanted,
		.keys = keys,
		.key_count = gpg ? 0 : wanted->key_count,
		.material = of->material,
		.now = of->now,
	};
	int rc = gpg ? garita_openpgp_keys_read(wanted->keys, wanted->key_count,
						&rings, err)
		     : read_keys(wanted, keys, err);

	if (rc < 0)
		return rc;
	asked.openpgp = rings;
	read_blobs(&asked, ret);
	if (rings != NULL)
		garita_openpgp_keys_free(rings);
	return 0;
}
