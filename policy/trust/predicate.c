/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * predicate - which kinds of predicates there are, when what they tell of was
 * done, and whether they have the shape of their kind.
 */
#include "policy/trust/predicate.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/rfc3339.h"

/* A predicateType: exactly, or, where its makers put the version of what is
 * inside behind it, with that. */
static const struct kind {
	const char *name;
	bool versions; /* "/v2.3" may follow */
	enum garita_attestation_type type;
	const char *time; /* JSON pointer; NULL: none */
} kinds[] = {
	{ "https://cosign.sigstore.dev/attestation/vuln/v1", false,
	  GARITA_ATTEST_VULN, "/metadata/scanFinishedOn" },
	{ "https://in-toto.io/attestation/vulns/v0.1", false,
	  GARITA_ATTEST_VULN, "/metadata/scanFinishedOn" },
	{ "https://in-toto.io/attestation/vulns/v0.2", false,
	  GARITA_ATTEST_VULN, "/metadata/scanFinishedOn" },
	{ "https://slsa.dev/provenance/v0.2", false, GARITA_ATTEST_PROVENANCE,
	  "/metadata/buildFinishedOn" },
	{ "https://slsa.dev/provenance/v1", false, GARITA_ATTEST_PROVENANCE,
	  "/runDetails/metadata/finishedOn" },
	{ "https://spdx.dev/Document", true, GARITA_ATTEST_SPDX,
	  "/creationInfo/created" },
	{ "https://cyclonedx.org/bom", true, GARITA_ATTEST_CYCLONEDX,
	  "/metadata/timestamp" },
	{ "https://openvex.dev/ns", true, GARITA_ATTEST_OPENVEX, "/timestamp" },
	{ "https://cosign.sigstore.dev/attestation/v1", false,
	  GARITA_ATTEST_CUSTOM, "/Timestamp" },
};

static bool is_kind(const struct kind *kind, const char *predicate_type)
{
	size_t len = strlen(kind->name);

	if (strncmp(predicate_type, kind->name, len) != 0)
		return false;
	return predicate_type[len] == '\0' ||
	       (kind->versions &&
		strncmp(predicate_type + len, "/v", strlen("/v")) == 0);
}

static const struct kind *find_kind(const char *predicate_type)
{
	for (size_t i = 0; i < GARITA_COUNT(kinds); i++)
		if (is_kind(&kinds[i], predicate_type))
			return &kinds[i];
	return NULL;
}

bool garita_predicate_is(const char *predicate_type,
			 const struct garita_attestation *wanted)
{
	const struct kind *kind;

	if (wanted->type == GARITA_ATTEST_CUSTOM)
		return strcmp(predicate_type, wanted->predicate) == 0;
	kind = find_kind(predicate_type);
	if (kind == NULL)
		return false;
	if (wanted->type == GARITA_ATTEST_SBOM)
		return kind->type == GARITA_ATTEST_SPDX ||
		       kind->type == GARITA_ATTEST_CYCLONEDX;
	return kind->type == wanted->type;
}

bool garita_predicate_is_vex(const char *predicate_type)
{
	const struct kind *kind = find_kind(predicate_type);

	return kind != NULL && kind->type == GARITA_ATTEST_OPENVEX;
}

int garita_predicate_time(const char *predicate_type,
			  const struct garita_json *predicate, time_t *ret,
			  struct garita_error *err)
{
	const struct kind *kind = find_kind(predicate_type);
	const char *text = NULL;
	time_t when;

	if (kind != NULL && kind->time != NULL)
		/* Only read: a pointer is looked up in trees that may be
		 * edited. */
		text = garita_json_string(garita_json_at(
			/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
			(struct garita_json *)(uintptr_t)predicate,
			kind->time));
	if (text == NULL || *text == '\0')
		return garita_fail(err, ENOENT, "it does not say when%s%s",
				   kind && kind->time ? ": no " : "",
				   kind && kind->time ? kind->time : "");
	if (garita_rfc3339(text, &when) < 0)
		return garita_fail(err, EINVAL, "its time \"%.40s\" is none",
				   text);
	if (when <= 0) /* Go's zero time is of the year 1 */
		return garita_fail(err, ENOENT,
				   "it does not say when: %.40s is how no time "
				   "is written",
				   text);
	*ret = when;
	return 0;
}

static bool is_spdx(const struct garita_json *predicate)
{
	const char *text = garita_json_string(predicate);

	if (text != NULL) /* tag-value, as cosign keeps it */
		return garita_starts_with(text, "SPDXVersion:");
	return garita_json_string(garita_json_get(predicate, "spdxVersion")) !=
		       NULL ||
	       garita_json_type(garita_json_get(predicate, "@graph")) ==
		       GARITA_JSON_ARRAY;
}

int garita_predicate_shape(const char *predicate_type,
			   const struct garita_json *predicate,
			   struct garita_error *err)
{
	const struct kind *kind = find_kind(predicate_type);
	const char *format;

	if (kind == NULL || kind->type == GARITA_ATTEST_CUSTOM)
		return 0;
	switch (kind->type) {
	case GARITA_ATTEST_SPDX:
		if (is_spdx(predicate))
			return 0;
		return garita_fail(err, EINVAL, "it is no SPDX document");
	case GARITA_ATTEST_CYCLONEDX:
		format = garita_json_string(
			garita_json_get(predicate, "bomFormat"));
		if (format != NULL && strcmp(format, "CycloneDX") == 0)
			return 0;
		return garita_fail(err, EINVAL, "it is no CycloneDX document");
	case GARITA_ATTEST_OPENVEX:
		if (garita_json_type(garita_json_get(
			    predicate, "statements")) == GARITA_JSON_ARRAY)
			return 0;
		return garita_fail(err, EINVAL, "it is no OpenVEX document");
	case GARITA_ATTEST_VULN:
	case GARITA_ATTEST_PROVENANCE:
	case GARITA_ATTEST_SBOM:
	case GARITA_ATTEST_CUSTOM:
	case GARITA_ATTEST_TYPES:
		break;
	}
	return 0;
}
