/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509 - one certificate, read in place. libcrypto's reader takes BER, copies
 * everything and looks for providers first; this one takes DER, in some
 * microseconds, and keeps where each part was.
 */
#include "policy/trust/x509.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

#define OID_BASIC      "\x55\x1d\x13"
#define OID_KEY_USAGE  "\x55\x1d\x0f"
#define OID_EKU        "\x55\x1d\x25"
#define OID_SAN        "\x55\x1d\x11"
#define OID_RESTRICTED "\x55\x1d\x1e" /* name constraints */

static int malformed(struct garita_error *err, const char *what)
{
	return garita_fail(err, EINVAL, "the certificate is malformed: %s",
			   what);
}

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

static bool is_known(const struct garita_der *oid)
{
	return garita_der_is(oid, OID_BASIC) ||
	       garita_der_is(oid, OID_KEY_USAGE) ||
	       garita_der_is(oid, OID_EKU) || garita_der_is(oid, OID_SAN);
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

static bool take_name(struct garita_der *from, struct garita_x509_name *ret);

static bool read_san(struct garita_der from)
{
	struct garita_x509_name name;
	struct garita_der all;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || all.left == 0)
		return false;
	while (all.left > 0)
		if (!take_name(&all, &name))
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
	if (garita_der_is(&one->oid, OID_SAN))
		return read_san(one->value);
	if (garita_der_is(&one->oid, OID_RESTRICTED))
		ret->not_understood = "has name constraints, which are not "
				      "understood here";
	else if (one->critical)
		ret->not_understood = "has a critical extension that is not "
				      "known here";
	return true;
}

static bool take_extension(struct garita_der *from,
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

static int read_extensions(struct garita_der from, struct garita_x509 *ret,
			   struct garita_error *err)
{
	struct garita_der all;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || all.left == 0)
		return malformed(err, "its extensions");
	ret->extensions_list = all;
	while (all.left > 0) {
		struct garita_x509_extension one;

		if (ret->extension_count == GARITA_X509_EXTENSIONS_MAX)
			return malformed(err, "it has too many extensions");
		if (!take_extension(&all, &one))
			return malformed(err, "an extension");
		if (garita_x509_extension(ret, (const char *)one.oid.at,
					  one.oid.left) != NULL)
			return malformed(err, "an extension stands twice");
		if (!understand(&one, ret))
			return malformed(err, is_known(&one.oid)
						      ? "its constraints, "
							"usage or names"
						      : "an extension");
		ret->extensions[ret->extension_count++] = one;
	}
	return 0;
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

/* ---- names ---- */

bool garita_x509_is_text(const struct garita_der *text)
{
	const unsigned char *at = text->at, *end = at + text->left;

	while (at < end) {
		unsigned char c = *at++;
		unsigned low = 0x80, high = 0xbf;
		int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		if (c == 0 || (c >= 0x80 && c < 0xc2) || c > 0xf4 ||
		    end - at < more)
			return false;
		if (c == 0xe0)
			low = 0xa0;
		else if (c == 0xed)
			high = 0x9f;
		else if (c == 0xf0)
			low = 0x90;
		else if (c == 0xf4)
			high = 0x8f;
		for (; more > 0; more--, low = 0x80, high = 0xbf, at++)
			if (*at < low || *at > high)
				return false;
	}
	return true;
}

static bool is_ascii(const struct garita_der *text)
{
	for (size_t i = 0; i < text->left; i++)
		if (text->at[i] < 0x20 || text->at[i] > 0x7e)
			return false;
	return text->left > 0;
}

/* OtherName: an OID and, here, one UTF8String. Other values are read and
 * nobody is called by them. */
static bool read_other(struct garita_der from, struct garita_x509_name *ret)
{
	struct garita_der value;

	if (!garita_der_take(&from, GARITA_DER_OID, &ret->oid) ||
	    !garita_der_take(&from, GARITA_DER_INSIDE(0), &value) ||
	    from.left > 0)
		return false;
	if (garita_der_take(&value, GARITA_DER_UTF8, &ret->text)) {
		if (value.left > 0 || !garita_x509_is_text(&ret->text))
			return false;
		ret->kind = GARITA_X509_OTHER;
	}
	return true;
}

static bool take_name(struct garita_der *from, struct garita_x509_name *ret)
{
	struct garita_der value;
	unsigned char tag;

	*ret = (struct garita_x509_name){ .kind = GARITA_X509_NO_NAME };
	if (!garita_der_take_any(from, &tag, &value, NULL))
		return false;
	if (tag == GARITA_DER_INSIDE(0))
		return read_other(value, ret);
	ret->text = value;
	switch (tag) {
	case GARITA_DER_CONTEXT(1):
		ret->kind = GARITA_X509_EMAIL;
		return is_ascii(&value);
	case GARITA_DER_CONTEXT(2):
		ret->kind = GARITA_X509_DNS;
		return is_ascii(&value);
	case GARITA_DER_CONTEXT(6):
		ret->kind = GARITA_X509_URI;
		return is_ascii(&value);
	default: /* of an address, a directory, a registered number */
		return tag >= GARITA_DER_CONTEXT(0);
	}
}

bool garita_x509_name(const struct garita_x509 *cert, size_t at,
		      struct garita_x509_name *ret)
{
	const struct garita_x509_extension *san =
		garita_x509_has(cert, OID_SAN);
	struct garita_der from, all;

	if (san == NULL)
		return false;
	from = san->value;
	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all))
		return false;
	for (size_t i = 0; take_name(&all, ret); i++)
		if (i == at)
			return true;
	return false;
}

/* UCS-2, which has no halves of pairs. */
static bool is_bmp(const struct garita_der *text)
{
	for (size_t i = 0; i + 1 < text->left; i += 2)
		if (text->at[i] >= 0xd8 && text->at[i] <= 0xdf)
			return false;
	return text->left % 2 == 0;
}

/* Of the kinds that names are written in, well formed. */
static bool is_string(unsigned char tag, const struct garita_der *text)
{
	switch (tag) {
	case GARITA_DER_UTF8:
		return garita_x509_is_text(text);
	case GARITA_DER_BMP:
		return is_bmp(text);
	case GARITA_DER_NUMERIC:
	case GARITA_DER_PRINTABLE:
	case GARITA_DER_T61:
	case GARITA_DER_IA5:
		return true;
	default:
		return false;
	}
}

/* Part `at` of a Name, counted through its sets; *ret_count of all of them. */
static bool find_part(struct garita_der name, size_t at,
		      struct garita_x509_part *ret, size_t *ret_count,
		      bool *ret_found)
{
	struct garita_der sets, set, pair;
	size_t count = 0;

	*ret_found = false;
	if (!garita_der_take(&name, GARITA_DER_SEQUENCE, &sets) ||
	    name.left > 0)
		return false;
	while (sets.left > 0) {
		if (!garita_der_take(&sets, GARITA_DER_SET, &set) ||
		    set.left == 0)
			return false;
		while (set.left > 0) {
			struct garita_x509_part one = { 0 };
			unsigned char tag;

			if (!garita_der_take(&set, GARITA_DER_SEQUENCE,
					     &pair) ||
			    !garita_der_take(&pair, GARITA_DER_OID, &one.oid) ||
			    !garita_der_take_any(&pair, &tag, &one.text,
						 NULL) ||
			    pair.left > 0 || !is_string(tag, &one.text))
				return false;
			one.is_text = (tag == GARITA_DER_UTF8 ||
				       tag == GARITA_DER_PRINTABLE ||
				       tag == GARITA_DER_IA5) &&
				      garita_x509_is_text(&one.text);
			if (count++ == at) {
				*ret = one;
				*ret_found = true;
			}
		}
	}
	*ret_count = count;
	return true;
}

bool garita_x509_part(const struct garita_der *name, size_t at,
		      struct garita_x509_part *ret)
{
	size_t count;
	bool found;

	return find_part(*name, at, ret, &count, &found) && found;
}

static bool take_dn(struct garita_der *from, struct garita_der *ret)
{
	struct garita_x509_part part;
	struct garita_der inside;
	size_t count;
	bool found;

	return garita_der_take_whole(from, GARITA_DER_SEQUENCE, &inside, ret) &&
	       find_part(*ret, 0, &part, &count, &found) && count <= 64;
}

/* ---- the certificate ---- */

static bool take_validity(struct garita_der *from, struct garita_x509 *ret)
{
	struct garita_der both;

	return garita_der_take(from, GARITA_DER_SEQUENCE, &both) &&
	       garita_der_take_time(&both, false, &ret->not_before) &&
	       garita_der_take_time(&both, false, &ret->not_after) &&
	       both.left == 0 && ret->not_before <= ret->not_after;
}

static bool take_version_3(struct garita_der *from)
{
	struct garita_der inside;
	unsigned long version;

	return garita_der_take(from, GARITA_DER_INSIDE(0), &inside) &&
	       garita_der_take_small(&inside, 255, &version) &&
	       inside.left == 0 && version == 2;
}

/* Two optional bit strings that nobody has used for decades. */
static bool skip_unique_ids(struct garita_der *from)
{
	struct garita_der bits;

	for (unsigned char i = 1; i <= 2; i++)
		if (garita_der_next_is(from, GARITA_DER_CONTEXT(i)) &&
		    !garita_der_take(from, GARITA_DER_CONTEXT(i), &bits))
			return false;
	return true;
}

static int read_tbs(struct garita_der tbs, const struct garita_der *algorithm,
		    struct garita_x509 *ret, struct garita_error *err)
{
	struct garita_der same, inside;
	int r;

	if (!take_version_3(&tbs))
		return malformed(err, "it is not of version 3");
	if (!garita_der_take_number(&tbs, &ret->serial) ||
	    ret->serial.left > 20)
		return malformed(err, "its serial number");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &inside, &same) ||
	    !garita_der_equal(&same, algorithm))
		return malformed(err, "it names two ways of signing");
	if (!take_dn(&tbs, &ret->issuer))
		return malformed(err, "its issuer");
	if (!take_validity(&tbs, ret))
		return malformed(err, "its validity");
	if (!take_dn(&tbs, &ret->subject))
		return malformed(err, "its subject");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &inside,
				   &ret->spki))
		return malformed(err, "its key");
	r = garita_key_read((const char *)ret->spki.at, ret->spki.left,
			    &ret->key, err);
	if (r < 0)
		return garita_fail_in(err, "the certificate");
	if (!skip_unique_ids(&tbs))
		return malformed(err, "its unique identifiers");
	if (tbs.left == 0)
		return 0;
	if (!garita_der_take(&tbs, GARITA_DER_INSIDE(3), &inside) ||
	    tbs.left > 0)
		return malformed(err, "something stands behind its key");
	return read_extensions(inside, ret, err);
}

int garita_x509_read(const void *bytes, size_t len, struct garita_x509 *ret,
		     struct garita_error *err)
{
	struct garita_x509 cert = { .path_len = -1, .all = { bytes, len } };
	struct garita_der from = cert.all, all, tbs, algorithm, inside;
	int r;

	if (len > GARITA_X509_BYTES_MAX)
		return malformed(err, "it is too large");
	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &tbs,
				   &cert.tbs) ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &inside,
				   &algorithm) ||
	    !garita_der_take(&all, GARITA_DER_BIT_STRING, &cert.signature) ||
	    all.left > 0 || cert.signature.left < 2 ||
	    cert.signature.at[0] != 0)
		return malformed(err, "it is no certificate in DER");
	cert.signature.at++;
	cert.signature.left--;
	garita_x509_algorithm(&algorithm, &cert.algorithm);
	r = read_tbs(tbs, &algorithm, &cert, err);
	if (r < 0)
		return r;
	*ret = cert;
	return 0;
}
