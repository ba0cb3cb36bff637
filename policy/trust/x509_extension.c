/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_extension - what a certificate says beside who has which key: is it an
 * authority, what may its key be used for, and what else is there.
 */
#include <string.h>

#include "policy/trust/x509_parts.h"

#define OID_BASIC      "\x55\x1d\x13"
#define OID_KEY_USAGE  "\x55\x1d\x0f"
#define OID_EKU        "\x55\x1d\x25"
#define OID_RESTRICTED "\x55\x1d\x1e" /* name constraints */

/* ---- extensions ---- */

const struct garita_x509_extension *garita_x509_extension(
	const struct garita_x509 *cert, const char *oid, size_t oid_len)
{
	for (size_t i = 0; i < cert->extension_count; i++) {
		const struct garita_x509_extension *one = &cert->extensions[i];

		if (one->oid.left == oid_len &&
		    memcmp(one->oid.at, oid, oid_len) == 0)
			return one;
	}
	return NULL;
}

static bool read_basic(struct garita_der from, struct garita_x509 *ret)
{
	struct garita_der all;
	unsigned long path_len;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) || from.left > 0)
		return false;
	if (garita_der_next_is(&all, GARITA_DER_BOOLEAN) &&
	    /* FALSE is the default, which DER leaves out. */
	    (!garita_der_take_bool(&all, &ret->is_ca) || !ret->is_ca))
		return false;
	if (ret->is_ca && all.left > 0) {
		if (!garita_der_take_small(&all, 255, &path_len))
			return false;
		ret->path_len = (int)path_len;
	}
	return all.left == 0;
}

static bool read_key_usage(struct garita_der from, struct garita_x509 *ret)
{
	struct garita_der bits;

	if (!garita_der_take(&from, GARITA_DER_BIT_STRING, &bits) ||
	    from.left > 0 || bits.left < 2 || bits.left > 3 || bits.at[0] > 7 ||
	    (bits.at[bits.left - 1] & ((1U << bits.at[0]) - 1)) != 0)
		return false;
	ret->has_key_usage = true;
	for (unsigned i = 0; i < 8; i++)
		if (bits.at[1] & (0x80U >> i))
			ret->key_usage |= 1U << i;
	return true;
}

static bool read_eku(struct garita_der from)
{
	struct garita_der all, oid;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || all.left == 0)
		return false;
	while (all.left > 0)
		if (!garita_der_take(&all, GARITA_DER_OID, &oid))
			return false;
	return true;
}

/* What it says about the certificate; false when it is malformed. */
static bool understand(const struct garita_x509_extension *one,
		       struct garita_x509 *ret)
{
	if (garita_der_is(&one->oid, OID_BASIC))
		return read_basic(one->value, ret);
	if (garita_der_is(&one->oid, OID_KEY_USAGE))
		return read_key_usage(one->value, ret);
	if (garita_der_is(&one->oid, OID_EKU))
		return read_eku(one->value);
	if (garita_der_is(&one->oid, GARITA_OID_ALT_NAMES))
		return garita_x509_are_names(one->value);
	if (garita_der_is(&one->oid, OID_RESTRICTED))
		ret->not_understood = "has name constraints, which are not "
				      "understood here";
	else if (one->critical)
		ret->not_understood = "has a critical extension that is not "
				      "known here";
	return true;
}

bool garita_x509_take_extension(struct garita_der *from,
				struct garita_x509_extension *ret)
{
	struct garita_der all;

	ret->critical = false;
	if (!garita_der_take_whole(from, GARITA_DER_SEQUENCE, &all,
				   &ret->all) ||
	    !garita_der_take(&all, GARITA_DER_OID, &ret->oid))
		return false;
	if (garita_der_next_is(&all, GARITA_DER_BOOLEAN) &&
	    (!garita_der_take_bool(&all, &ret->critical) || !ret->critical))
		return false;
	return garita_der_take(&all, GARITA_DER_OCTETS, &ret->value) &&
	       all.left == 0;
}

const char *garita_x509_read_extensions(struct garita_der from,
					struct garita_x509 *ret)
{
	struct garita_der all;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || all.left == 0)
		return "its extensions";
	ret->extensions_list = all;
	while (all.left > 0) {
		struct garita_x509_extension one;

		if (ret->extension_count == GARITA_X509_EXTENSIONS_MAX)
			return "it has too many extensions";
		if (!garita_x509_take_extension(&all, &one))
			return "an extension";
		if (garita_x509_extension(ret, (const char *)one.oid.at,
					  one.oid.left) != NULL)
			return "an extension stands twice";
		if (!understand(&one, ret))
			return "its constraints, usage or names";
		ret->extensions[ret->extension_count++] = one;
	}
	return NULL;
}

/* ---- usage ---- */

static bool eku_list(const struct garita_x509 *cert, struct garita_der *ret)
{
	const struct garita_x509_extension *eku =
		garita_x509_has(cert, OID_EKU);
	struct garita_der from;

	if (eku == NULL)
		return false;
	from = eku->value;
	return garita_der_take(&from, GARITA_DER_SEQUENCE, ret);
}

bool garita_x509_has_eku(const struct garita_x509 *cert)
{
	return garita_x509_has(cert, OID_EKU) != NULL;
}

bool garita_x509_eku_is_critical(const struct garita_x509 *cert)
{
	const struct garita_x509_extension *eku =
		garita_x509_has(cert, OID_EKU);

	return eku != NULL && eku->critical;
}

size_t garita_x509_eku_count(const struct garita_x509 *cert)
{
	struct garita_der list, oid;
	size_t count = 0;

	if (eku_list(cert, &list))
		while (garita_der_take(&list, GARITA_DER_OID, &oid))
			count++;
	return count;
}

bool garita_x509_lists_eku(const struct garita_x509 *cert, const char *eku)
{
	struct garita_der list, oid;
	/* The one that ends in a zero is anyExtendedKeyUsage. */
	size_t len = memcmp(eku, GARITA_EKU_ANY, 2) == 0
			     ? sizeof(GARITA_EKU_ANY) - 1
			     : GARITA_EKU_OID_MAX;

	if (!eku_list(cert, &list))
		return false;
	while (garita_der_take(&list, GARITA_DER_OID, &oid))
		if (oid.left == len && memcmp(oid.at, eku, len) == 0)
			return true;
	return false;
}
