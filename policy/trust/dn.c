/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dn - see the header.
 */
#include "policy/trust/dn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/x509.h"

#define OID(last) "\x55\x04" last

static const struct {
	const char *name, *oid;
} types[GARITA_DN_TYPES] = {
	[GARITA_DN_CN] = { "CN", OID("\x03") },
	[GARITA_DN_C] = { "C", OID("\x06") },
	[GARITA_DN_L] = { "L", OID("\x07") },
	[GARITA_DN_ST] = { "ST", OID("\x08") },
	[GARITA_DN_O] = { "O", OID("\x0a") },
	[GARITA_DN_OU] = { "OU", OID("\x0b") },
	[GARITA_DN_STREET] = { "STREET", OID("\x09") },
	[GARITA_DN_SERIAL] = { "SERIALNUMBER", OID("\x05") },
	[GARITA_DN_POSTAL] = { "POSTALCODE", OID("\x11") },
};

enum { OID_LEN = 3 };

/* ---- text ---- */

static enum garita_dn_type type_named(const char *name, size_t len)
{
	size_t i = 0;

	if (len == 1 && *name == 'S')
		return GARITA_DN_ST;
	while (i < GARITA_DN_TYPES && (strlen(types[i].name) != len ||
				       memcmp(types[i].name, name, len) != 0))
		i++;
	return (enum garita_dn_type)i;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* What follows a backslash. */
static bool take_escaped(const char **at, struct garita_text *out)
{
	int high = hex((*at)[0]), low = high < 0 ? -1 : hex((*at)[1]);

	if (low >= 0) {
		if (high == 0 && low == 0)
			return false;
		garita_text_putc(out, (char)(unsigned char)(high * 16 + low));
		*at += 2;
		return true;
	}
	if (**at == '\0' || strchr(" \"#+,;<=>\\", **at) == NULL)
		return false;
	garita_text_putc(out, *(*at)++);
	return true;
}

static bool is_between(char c)
{
	return c == ',' || c == ';';
}

/* Up to a comma, a semicolon or the end; blanks at either end are none of it
 * unless they are escaped. */
static bool take_value(const char **at, struct garita_text *out)
{
	size_t keep = 0;

	*at += strspn(*at, " ");
	if (**at == '#')
		return false;
	while (**at != '\0' && !is_between(**at)) {
		char c = *(*at)++;

		if (c == '\\') {
			if (!take_escaped(at, out))
				return false;
			keep = out->len;
			continue;
		}
		if (strchr("\"+<>", c) != NULL)
			return false;
		garita_text_putc(out, c);
		if (c != ' ')
			keep = out->len;
	}
	if (keep == 0)
		return false;
	out->len = keep;
	out->data[keep] = '\0';
	return true;
}

static int take_part(const char **at, struct garita_dn *dn,
		     struct garita_error *err)
{
	size_t len = strcspn(*at += strspn(*at, " "), "=,;+\\\" ");
	enum garita_dn_type type = type_named(*at, len);
	const char *name = *at;
	auto_text value = { 0 };

	*at += len;
	*at += strspn(*at, " ");
	if (len == 0 || *(*at)++ != '=' || !take_value(at, &value))
		return garita_fail(err, EINVAL,
				   "\"%.80s\" is not an attribute, \"=\" and a "
				   "value",
				   name);
	if (type == GARITA_DN_TYPES) {
		dn->other = true;
		return 0;
	}
	if (dn->values[type] != NULL)
		return garita_fail(err, EINVAL, "has %s twice",
				   types[type].name);
	dn->values[type] = garita_text_take(&value);
	return 0;
}

int garita_dn_parse(const char *text, struct garita_dn *ret,
		    struct garita_error *err)
{
	static const enum garita_dn_type wanted[] = { GARITA_DN_C, GARITA_DN_ST,
						      GARITA_DN_O };
	auto_dn dn = { 0 };

	for (const char *at = text;; at++) {
		int r = take_part(&at, &dn, err);

		if (r < 0)
			return r;
		if (*at == '\0')
			break;
	}
	for (size_t i = 0; i < GARITA_COUNT(wanted); i++)
		if (dn.values[wanted[i]] == NULL)
			return garita_fail(err, EINVAL,
					   "has no %s; C, ST and O have to be "
					   "there",
					   types[wanted[i]].name);
	*ret = dn;
	dn = (struct garita_dn){ 0 };
	return 0;
}

/* ---- certificates ---- */

static enum garita_dn_type type_of(const struct garita_der *oid)
{
	size_t i = 0;

	while (i < GARITA_DN_TYPES &&
	       (oid->left != OID_LEN ||
		memcmp(oid->at, types[i].oid, OID_LEN) != 0))
		i++;
	return (enum garita_dn_type)i;
}

static int read_parts(const struct garita_der *name, struct garita_dn *dn,
		      struct garita_error *err)
{
	struct garita_x509_part part;

	for (size_t i = 0; garita_x509_part(name, i, &part); i++) {
		enum garita_dn_type type = type_of(&part.oid);

		if (type == GARITA_DN_TYPES)
			continue;
		if (!part.is_text)
			return garita_fail(err, EINVAL,
					   "the certificate's %s is not text",
					   types[type].name);
		if (dn->values[type] != NULL)
			return garita_fail(err, EINVAL,
					   "the certificate has several %s",
					   types[type].name);
		dn->values[type] = garita_xstrndup((const char *)part.text.at,
						   part.text.left);
	}
	return 0;
}

int garita_dn_read(const struct garita_der *name, struct garita_dn *ret,
		   struct garita_error *err)
{
	struct garita_dn dn = { 0 };
	int r = read_parts(name, &dn, err);

	if (r < 0)
		garita_dn_free(&dn);
	else
		*ret = dn;
	return r;
}

bool garita_dn_within(const struct garita_dn *part,
		      const struct garita_dn *whole)
{
	for (size_t i = 0; i < GARITA_DN_TYPES; i++)
		if (part->values[i] != NULL &&
		    (whole->values[i] == NULL ||
		     strcmp(part->values[i], whole->values[i]) != 0))
			return false;
	return !part->other;
}

void garita_dn_free(struct garita_dn *dn)
{
	for (size_t i = 0; i < GARITA_DN_TYPES; i++)
		free(dn->values[i]);
	*dn = (struct garita_dn){ 0 };
}
