/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_envelope - see the header: algorithms, and the rules about headers
 * that are the same for both envelopes.
 */
#include "policy/trust/notation_envelope.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

static const struct garita_notation_algorithm algorithms[] = {
	{ "PS256", -37, GARITA_KEY_RSA, 256, GARITA_SCHEME_PSS, GARITA_SHA256 },
	{ "PS384", -38, GARITA_KEY_RSA, 384, GARITA_SCHEME_PSS, GARITA_SHA384 },
	{ "PS512", -39, GARITA_KEY_RSA, 512, GARITA_SCHEME_PSS, GARITA_SHA512 },
	{ "ES256", -7, GARITA_KEY_P256, 0, GARITA_SCHEME_RAW, GARITA_SHA256 },
	{ "ES384", -35, GARITA_KEY_P384, 0, GARITA_SCHEME_RAW, GARITA_SHA384 },
	{ "ES512", -36, GARITA_KEY_P521, 0, GARITA_SCHEME_RAW, GARITA_SHA512 },
};

static const char names[GARITA_NOTATION_HEADERS][36] = {
	[GARITA_NOTATION_SCHEME] = "io.cncf.notary.signingScheme",
	[GARITA_NOTATION_SIGNED] = "io.cncf.notary.signingTime",
	[GARITA_NOTATION_AUTHENTIC] = "io.cncf.notary.authenticSigningTime",
	[GARITA_NOTATION_EXPIRY] = "io.cncf.notary.expiry",
};

const struct garita_notation_algorithm *garita_notation_algorithm(
	const char *jws, int cose)
{
	for (size_t i = 0; i < GARITA_COUNT(algorithms); i++)
		if (jws != NULL ? strcmp(algorithms[i].jws, jws) == 0
				: algorithms[i].cose == cose)
			return &algorithms[i];
	return NULL;
}

static bool is(const char *name, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(name, word, len) == 0;
}

enum garita_notation_header garita_notation_header(const char *name, size_t len)
{
	size_t i = 0;

	while (i < GARITA_NOTATION_HEADERS && !is(name, len, names[i]))
		i++;
	return (enum garita_notation_header)i;
}

int garita_notation_other_header(const char *name, size_t len,
				 struct garita_error *err)
{
	static const char plugin[] = "io.cncf.notary.verificationPlugin";

	/* The name of one, or the least version of it. */
	if (len < sizeof(plugin) - 1 ||
	    memcmp(name, plugin, sizeof(plugin) - 1) != 0)
		return 0;
	return garita_fail(err, EINVAL,
			   "asks for a plugin, and plugins are not run");
}

int garita_notation_set_scheme(struct garita_notation_envelope *envelope,
			       const char *name, size_t len,
			       struct garita_error *err)
{
	envelope->has[GARITA_NOTATION_SCHEME] = true;
	envelope->authority = is(name, len, "notary.x509.signingAuthority");
	if (envelope->authority || is(name, len, "notary.x509"))
		return 0;
	return garita_fail(err, EINVAL, "signed by the unknown scheme \"%.*s\"",
			   (int)(len < 80 ? len : 80), name);
}

int garita_notation_critical(struct garita_notation_envelope *envelope,
			     const char *name, size_t len,
			     struct garita_error *err)
{
	enum garita_notation_header header = garita_notation_header(name, len);

	if (header == GARITA_NOTATION_HEADERS) {
		int r = garita_notation_other_header(name, len, err);

		return r < 0 ? r
			     : garita_fail(err, EINVAL,
					   "the header \"%.*s\" is critical, "
					   "and not known here",
					   (int)(len < 80 ? len : 80), name);
	}
	if (envelope->critical[header])
		return garita_fail(err, EINVAL, "crit has \"%s\" twice",
				   names[header]);
	envelope->critical[header] = true;
	return 0;
}

int garita_notation_add_certificate(struct garita_notation_envelope *envelope,
				    const void *bytes, size_t len,
				    struct garita_error *err)
{
	if (envelope->chain.count == GARITA_NOTATION_CHAIN_MAX)
		return garita_fail(err, E2BIG, "more than %d certificates",
				   GARITA_NOTATION_CHAIN_MAX);
	if (len > GARITA_X509_BYTES_MAX)
		return garita_fail(err, E2BIG, "a certificate of %zu bytes",
				   len);
	return garita_x509_list_add(&envelope->chain, bytes, len, err);
}

static int check_present(const struct garita_notation_envelope *envelope,
			 struct garita_error *err)
{
	enum garita_notation_header wanted = envelope->authority
						     ? GARITA_NOTATION_AUTHENTIC
						     : GARITA_NOTATION_SIGNED;
	enum garita_notation_header other = envelope->authority
						    ? GARITA_NOTATION_SIGNED
						    : GARITA_NOTATION_AUTHENTIC;

	if (!envelope->has[GARITA_NOTATION_SCHEME])
		return garita_fail(err, EINVAL, "the header %s is missing",
				   names[GARITA_NOTATION_SCHEME]);
	if (!envelope->has[wanted])
		return garita_fail(err, EINVAL, "the header %s is missing",
				   names[wanted]);
	if (envelope->has[other])
		return garita_fail(err, EINVAL,
				   "the header %s is not of this scheme",
				   names[other]);
	if (envelope->has[GARITA_NOTATION_EXPIRY] &&
	    envelope->times[GARITA_NOTATION_EXPIRY] <= envelope->times[wanted])
		return garita_fail(err, EINVAL, "expires before it was signed");
	return 0;
}

int garita_notation_headers_check(
	const struct garita_notation_envelope *envelope,
	struct garita_error *err)
{
	int r = check_present(envelope, err);

	for (size_t i = 0; r == 0 && i < GARITA_NOTATION_HEADERS; i++) {
		if (envelope->critical[i] && !envelope->has[i])
			r = garita_fail(err, EINVAL,
					"crit has \"%s\", and the header is "
					"missing",
					names[i]);
		else if (envelope->has[i] && !envelope->critical[i] &&
			 i != GARITA_NOTATION_SIGNED)
			r = garita_fail(err, EINVAL,
					"the header %s is not marked critical",
					names[i]);
	}
	if (r == 0 && envelope->algorithm == NULL)
		r = garita_fail(err, EINVAL, "does not say how it is signed");
	if (r == 0 && envelope->chain.count == 0)
		r = garita_fail(err, EINVAL, "has no certificates");
	return r;
}

void garita_notation_envelope_free(struct garita_notation_envelope *envelope)
{
	garita_x509_list_free(&envelope->chain);
	free(envelope->token);
	free(envelope->payload);
	free(envelope->sig);
	garita_text_free(&envelope->message);
}
