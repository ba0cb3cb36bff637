/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_name - whom a certificate is about: the Name of its issuer and subject,
 * and the alternative names of an extension.
 *
 * Names are compared by programs and read by people, so of each kind of string
 * only what is well formed is one, and none has a NUL in which a reader in C
 * would end.
 */
#include <stdio.h>
#include <string.h>

#include "policy/trust/x509_parts.h"

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

/* ---- alternative names ---- */

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

bool garita_x509_are_names(struct garita_der from)
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

bool garita_x509_name(const struct garita_x509 *cert, size_t at,
		      struct garita_x509_name *ret)
{
	const struct garita_x509_extension *san =
		garita_x509_has(cert, GARITA_OID_ALT_NAMES);
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

/* ---- of an issuer or a subject ---- */

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

bool garita_x509_take_dn(struct garita_der *from, struct garita_der *ret)
{
	struct garita_x509_part part;
	struct garita_der inside;
	size_t count;
	bool found;

	return garita_der_take_whole(from, GARITA_DER_SEQUENCE, &inside, ret) &&
	       find_part(*ret, 0, &part, &count, &found) && count <= 64;
}

/* ---- for people ---- */

static size_t append(char *into, size_t size, size_t at,
		     const struct garita_x509_part *part)
{
	const char *word = garita_der_is(&part->oid, GARITA_PART_CN)  ? "CN="
			   : garita_der_is(&part->oid, GARITA_PART_O) ? "O="
								      : NULL;
	int n;

	if (word == NULL || !part->is_text || at >= size)
		return at;
	n = snprintf(into + at, size - at, "%s%s%.*s", at > 0 ? ", " : "", word,
		     (int)(part->text.left < 100 ? part->text.left : 100),
		     (const char *)part->text.at);
	return n < 0 ? at : at + (size_t)n;
}

void garita_x509_words(const struct garita_der *name, char *into, size_t size)
{
	struct garita_x509_part part;
	size_t at = 0;

	into[0] = '\0';
	for (size_t i = 0; i < 16 && garita_x509_part(name, i, &part); i++)
		at = append(into, size, at, &part);
	if (at == 0)
		snprintf(into, size, "without a name");
	for (char *c = into; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}
