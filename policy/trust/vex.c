/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vex - which findings an OpenVEX document says do not concern the image.
 *
 * Only "not_affected" excuses, only with the justification or the statement of
 * impact that OpenVEX asks for, and only for a product that is the image by
 * its digest: the same document may tell of others. Of several statements
 * about one finding the newest counts, so "affected" takes an excuse back.
 */
#include <string.h>

#include "garita/memory.h"
#include "garita/rfc3339.h"
#include "policy/trust/predicate.h"

static const char *string_of(const struct garita_json *object, const char *key)
{
	return garita_json_string(garita_json_get(object, key));
}

/* "pkg:oci/app@sha256:<hex>", "pkg:oci/app@sha256%3A<hex>?...", or the digest
 * alone. */
static bool names_digest(const char *text, const char *digest)
{
	const char *hex = digest + strlen("sha256:");
	const char *at = text ? strstr(text, hex) : NULL;
	size_t before;

	if (at == NULL)
		return false;
	before = (size_t)(at - text);
	return (before >= 7 && strncmp(at - 7, "sha256:", 7) == 0) ||
	       (before >= 9 && strncasecmp(at - 9, "sha256%3A", 9) == 0);
}

static bool is_image(const struct garita_json *product, const char *digest)
{
	const struct garita_json *hashes = garita_json_get(product, "hashes");
	const struct garita_json *others =
		garita_json_get(product, "identifiers");
	const char *hash = string_of(hashes, "sha-256");

	if (names_digest(garita_json_string(product), digest) ||
	    names_digest(string_of(product, "@id"), digest))
		return true;
	for (size_t i = 0; i < garita_json_count(others); i++)
		if (names_digest(
			    garita_json_string(garita_json_item(others, i)),
			    digest))
			return true;
	return hash != NULL && strcmp(hash, digest + strlen("sha256:")) == 0;
}

/* Nothing named within the image: all of it. */
static bool is_package(const struct garita_json *product, const char *package)
{
	const struct garita_json *parts =
		garita_json_get(product, "subcomponents");

	if (garita_json_count(parts) == 0)
		return true;
	for (size_t i = 0; package != NULL && i < garita_json_count(parts);
	     i++) {
		const struct garita_json *part = garita_json_item(parts, i);
		const struct garita_json *others =
			garita_json_get(part, "identifiers");
		const char *id = garita_json_string(part);
		const char *purl = string_of(others, "purl");

		if (id == NULL)
			id = string_of(part, "@id");
		if ((id != NULL && strcmp(id, package) == 0) ||
		    (purl != NULL && strcmp(purl, package) == 0))
			return true;
	}
	return false;
}

static bool is_about(const struct garita_json *statement, const char *digest,
		     const struct garita_finding *finding)
{
	const struct garita_json *of =
		garita_json_get(statement, "vulnerability");
	const struct garita_json *aliases = garita_json_get(of, "aliases");
	const struct garita_json *products =
		garita_json_get(statement, "products");
	const char *name = garita_json_string(of); /* of OpenVEX 0.0.x */
	bool found;

	if (name == NULL)
		name = string_of(of, "name");
	found = name != NULL && strcmp(name, finding->id) == 0;
	for (size_t i = 0; i < garita_json_count(aliases) && !found; i++) {
		name = garita_json_string(garita_json_item(aliases, i));
		found = name != NULL && strcmp(name, finding->id) == 0;
	}
	for (size_t i = 0; found && i < garita_json_count(products); i++) {
		const struct garita_json *one = garita_json_item(products, i);

		if (is_image(one, digest) && is_package(one, finding->package))
			return true;
	}
	return false;
}

static bool excuses(const struct garita_json *statement)
{
	const char *status = string_of(statement, "status");
	const char *why = string_of(statement, "justification");

	if (why == NULL || *why == '\0')
		why = string_of(statement, "impact_statement");
	return status != NULL && strcmp(status, "not_affected") == 0 &&
	       why != NULL && *why != '\0';
}

/* Its own time, or the document's. 0: none that can be read. */
static time_t time_of(const struct garita_json *document,
		      const struct garita_json *statement)
{
	const char *text = string_of(statement, "timestamp");
	time_t when;

	if (text == NULL)
		text = string_of(document, "timestamp");
	return text != NULL && garita_rfc3339(text, &when) == 0 ? when : 0;
}

bool garita_vex_excuses(const struct garita_json *document, const char *digest,
			const struct garita_finding *finding, bool *ret_said)
{
	const struct garita_json *list =
		garita_json_get(document, "statements");
	bool excused = false, said = false;
	time_t newest = 0;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *one = garita_json_item(list, i);
		time_t when;

		if (!is_about(one, digest, finding))
			continue;
		when = time_of(document, one);
		if (said && when < newest)
			continue;
		/* Of two at the same time: the one that does not excuse. */
		excused = excuses(one) && (!said || when > newest || excused);
		newest = when;
		said = true;
	}
	*ret_said = said;
	return excused;
}
