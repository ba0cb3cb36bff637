/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scan - the findings in what Trivy and Grype print, and in in-toto's own
 * list.
 *
 * A scanner's report is told by what only its reports have. What is not surely
 * one of them, an empty object say, shows no scan; so it is an error and never
 * an absence of findings. Members that do not matter here are not looked at:
 * scanners add them with every version.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/predicate.h"

static const char *string_of(const struct garita_json *object, const char *key)
{
	return garita_json_string(garita_json_get(object, key));
}

/* ---- severities ---- */

/* "9.8": one or two digits, and perhaps a fraction. In tenths, cut off. */
static bool read_score(const char *text, unsigned *ret)
{
	unsigned tenths = 0;
	size_t i = 0;

	while (i < 2 && garita_is_digit(text[i]))
		tenths = tenths * 10 + (unsigned)(text[i++] - '0');
	if (i == 0)
		return false;
	tenths *= 10;
	if (text[i] == '.' && garita_is_digit(text[i + 1])) {
		tenths += (unsigned)(text[i + 1] - '0');
		for (i += 2; garita_is_digit(text[i]); i++)
			;
	}
	*ret = tenths;
	return text[i] == '\0' && tenths <= 100;
}

/* The ratings of CVSS 3 and 4. */
static enum garita_severity by_score(unsigned tenths)
{
	if (tenths >= 90)
		return GARITA_SEVERITY_CRITICAL;
	if (tenths >= 70)
		return GARITA_SEVERITY_HIGH;
	if (tenths >= 40)
		return GARITA_SEVERITY_MEDIUM;
	return tenths > 0 ? GARITA_SEVERITY_LOW : GARITA_SEVERITY_NEGLIGIBLE;
}

bool garita_severity_read(const char *text, enum garita_severity *ret)
{
	static const struct {
		const char *word;
		enum garita_severity severity;
	} words[] = {
		{ "negligible", GARITA_SEVERITY_NEGLIGIBLE },
		{ "low", GARITA_SEVERITY_LOW },
		{ "medium", GARITA_SEVERITY_MEDIUM },
		{ "moderate", GARITA_SEVERITY_MEDIUM },
		{ "high", GARITA_SEVERITY_HIGH },
		{ "important", GARITA_SEVERITY_HIGH },
		{ "critical", GARITA_SEVERITY_CRITICAL },
	};
	unsigned tenths;

	if (read_score(text, &tenths)) {
		*ret = by_score(tenths);
		return true;
	}
	for (size_t i = 0; i < GARITA_COUNT(words); i++) {
		if (strcasecmp(words[i].word, text) != 0)
			continue;
		*ret = words[i].severity;
		return true;
	}
	return false;
}

/* What is no word that we know is what nobody knows. */
static void set_severity(struct garita_finding *finding, const char *text)
{
	finding->unknown =
		text == NULL || !garita_severity_read(text, &finding->severity);
}

/* ---- Trivy ---- */

static int trivy_finding(const struct garita_json *one, garita_finding_fn *tell,
			 void *data, struct garita_error *err)
{
	const char *fixed = string_of(one, "FixedVersion");
	struct garita_finding finding = {
		.id = string_of(one, "VulnerabilityID"),
		.package = string_of(garita_json_get(one, "PkgIdentifier"),
				     "PURL"),
		.fixable = fixed != NULL && *fixed != '\0',
	};

	if (finding.id == NULL || *finding.id == '\0')
		return garita_fail(err, EINVAL,
				   "a finding of Trivy without its "
				   "VulnerabilityID");
	set_severity(&finding, string_of(one, "Severity"));
	tell(data, &finding);
	return 0;
}

/* A list that may be null, or not there, which is how Go writes none. */
static int check_list(const struct garita_json *list, const char *what,
		      struct garita_error *err)
{
	if (list != NULL && garita_json_type(list) != GARITA_JSON_ARRAY &&
	    garita_json_type(list) != GARITA_JSON_NULL)
		return garita_fail(err, EINVAL, "%s is no list", what);
	return 0;
}

static int trivy_result(const struct garita_json *result,
			garita_finding_fn *tell, void *data,
			struct garita_error *err)
{
	const struct garita_json *list =
		garita_json_get(result, "Vulnerabilities");
	int rc = check_list(list, "Vulnerabilities of Trivy", err);

	if (rc == 0 && string_of(result, "Target") == NULL)
		rc = garita_fail(err, EINVAL,
				 "a result of Trivy without its Target");
	for (size_t i = 0; rc == 0 && i < garita_json_count(list); i++)
		rc = trivy_finding(garita_json_item(list, i), tell, data, err);
	return rc;
}

static int trivy(const struct garita_json *root, garita_finding_fn *tell,
		 void *data, struct garita_error *err)
{
	const struct garita_json *results = garita_json_get(root, "Results");
	uint64_t version;
	int rc = 0;

	if (garita_json_u64(garita_json_get(root, "SchemaVersion"), &version) <
		    0 ||
	    version != 2)
		return garita_fail(err, EINVAL,
				   "a report of Trivy that is not of "
				   "SchemaVersion 2");
	if (garita_json_type(results) != GARITA_JSON_ARRAY ||
	    garita_json_count(results) == 0)
		return garita_fail(err, EINVAL,
				   "Trivy's report has no results: nothing "
				   "was scanned");
	for (size_t i = 0; rc == 0 && i < garita_json_count(results); i++)
		rc = trivy_result(garita_json_item(results, i), tell, data,
				  err);
	return rc;
}

/* ---- Grype ---- */

static int grype_match(const struct garita_json *match, garita_finding_fn *tell,
		       void *data, struct garita_error *err)
{
	const struct garita_json *of = garita_json_get(match, "vulnerability");
	const struct garita_json *fix = garita_json_get(of, "fix");
	const char *state = string_of(fix, "state");
	struct garita_finding finding = {
		.id = string_of(of, "id"),
		.package =
			string_of(garita_json_get(match, "artifact"), "purl"),
		/* Older versions say nothing. */
		.fixable =
			fix == NULL ||
			(state != NULL && strcmp(state, "fixed") == 0) ||
			garita_json_count(garita_json_get(fix, "versions")) > 0,
	};

	if (finding.id == NULL || *finding.id == '\0')
		return garita_fail(err, EINVAL,
				   "a match of Grype without the id of a "
				   "vulnerability");
	set_severity(&finding, string_of(of, "severity"));
	tell(data, &finding);
	return 0;
}

static int grype(const struct garita_json *root, garita_finding_fn *tell,
		 void *data, struct garita_error *err)
{
	const struct garita_json *matches = garita_json_get(root, "matches");
	int rc = 0;

	if (garita_json_type(matches) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "matches of Grype is no list");
	for (size_t i = 0; rc == 0 && i < garita_json_count(matches); i++)
		rc = grype_match(garita_json_item(matches, i), tell, data, err);
	return rc;
}

int garita_scan_findings(const struct garita_json *result,
			 garita_finding_fn *tell, void *data,
			 struct garita_error *err)
{
	const char *descriptor =
		string_of(garita_json_get(result, "descriptor"), "name");
	bool is_trivy = garita_json_get(result, "SchemaVersion") != NULL;
	bool is_grype = descriptor != NULL && strcmp(descriptor, "grype") == 0;
	bool is_sarif = garita_json_get(result, "runs") != NULL;

	if (is_trivy + is_grype + is_sarif != 1)
		return garita_fail(err, EINVAL,
				   "the scanner's result is of no known shape: "
				   "not Trivy's, Grype's or SARIF");
	if (is_sarif)
		return garita_sarif_findings(result, tell, data, err);
	return is_trivy ? trivy(result, tell, data, err)
			: grype(result, tell, data, err);
}

/* ---- in-toto ---- */

/* The worst of what its sources say. */
static void in_toto_severity(const struct garita_json *list,
			     struct garita_finding *finding)
{
	bool known = false;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *score =
			garita_json_get(garita_json_item(list, i), "score");
		const char *text = garita_json_string(score);
		enum garita_severity one;

		if (text == NULL)
			text = garita_json_number_text(score);
		if (text == NULL || !garita_severity_read(text, &one))
			continue; /* a CVSS vector, say */
		if (!known || one > finding->severity)
			finding->severity = one;
		known = true;
	}
	finding->unknown = !known;
}

static int in_toto_findings(const struct garita_json *list,
			    garita_finding_fn *tell, void *data,
			    struct garita_error *err)
{
	if (garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "scanner.result is no list");
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *one = garita_json_item(list, i);
		struct garita_finding finding = {
			.id = string_of(one, "id"),
			.fixable = true, /* it does not say */
		};

		if (finding.id == NULL || *finding.id == '\0')
			return garita_fail(err, EINVAL,
					   "a finding without its id");
		in_toto_severity(garita_json_get(one, "severity"), &finding);
		tell(data, &finding);
	}
	return 0;
}

int garita_predicate_findings(const char *predicate_type,
			      const struct garita_json *predicate,
			      garita_finding_fn *tell, void *data,
			      struct garita_error *err)
{
	const struct garita_json *scanner =
		garita_json_get(predicate, "scanner");
	const struct garita_json *result = garita_json_get(scanner, "result");

	if (string_of(scanner, "uri") == NULL)
		return garita_fail(err, EINVAL,
				   "the predicate does not name its scanner");
	if (garita_starts_with(predicate_type,
			       "https://in-toto.io/attestation/vulns/"))
		return in_toto_findings(result, tell, data, err);
	return garita_scan_findings(result, tell, data, err);
}
