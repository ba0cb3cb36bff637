/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * predicate - what a statement says of its subject, kind by kind.
 *
 * Whoever reads a predicate has verified who signed it; still it is read
 * strictly where something follows from it: a shape that is not known is no
 * clean bill of health. All of it borrows from the statement.
 */
#ifndef GARITA_POLICY_TRUST_PREDICATE_H
#define GARITA_POLICY_TRUST_PREDICATE_H

#include "garita/attestation.h"
#include "garita/error.h"
#include "garita/json.h"

/* Is a statement with this predicateType what is wanted? */
bool garita_predicate_is(const char *predicate_type,
			 const struct garita_attestation *wanted);
bool garita_predicate_is_vex(const char *predicate_type);

/* When the thing it tells of was finished. -ENOENT when it does not say, as
 * the zero time of Go also does not; -EINVAL when it is no time. */
int garita_predicate_time(const char *predicate_type,
			  const struct garita_json *predicate, time_t *ret,
			  struct garita_error *err);
/* Is it of the shape that its type asks for? Only of those whose presence is
 * all that is wanted. */
int garita_predicate_shape(const char *predicate_type,
			   const struct garita_json *predicate,
			   struct garita_error *err);

/* ---- scans ---- */

struct garita_finding {
	const char *id;
	enum garita_severity severity;
	bool unknown;        /* the scanner knows no severity */
	bool fixable;        /* or the scanner does not say */
	const char *package; /* purl; NULL: not said */
};

typedef void garita_finding_fn(void *data,
			       const struct garita_finding *finding);

/* Every finding of a scan: of Trivy, Grype, SARIF, or in-toto's own list.
 * -EINVAL for anything that is not surely one of them. */
int garita_predicate_findings(const char *predicate_type,
			      const struct garita_json *predicate,
			      garita_finding_fn *tell, void *data,
			      struct garita_error *err);
/* The scanner's own JSON. */
int garita_scan_findings(const struct garita_json *result,
			 garita_finding_fn *tell, void *data,
			 struct garita_error *err);
int garita_sarif_findings(const struct garita_json *root,
			  garita_finding_fn *tell, void *data,
			  struct garita_error *err);
/* "CRITICAL", "High", or a CVSS score "9.8". False when it is neither. */
bool garita_severity_read(const char *text, enum garita_severity *ret);

/* ---- provenance ---- */

struct garita_provenance {
	const char *builder, *build_type, *source;
};

/* -EINVAL when it does not name its builder. `source` and `build_type` are
 * NULL when they are not said. */
int garita_predicate_provenance(const char *predicate_type,
				const struct garita_json *predicate,
				struct garita_provenance *ret,
				struct garita_error *err);

/* ---- OpenVEX ---- */

/* Does the newest statement of this document about the finding say that the
 * image, by its digest, is not affected? *ret_said: it says anything. */
bool garita_vex_excuses(const struct garita_json *document, const char *digest,
			const struct garita_finding *finding, bool *ret_said);

#endif
