/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_attested - the options that say what an attestation has to be, for
 * those who have no policy file: as images.attestations says it.
 */
#include <errno.h>
#include <string.h>

#include "hook/cli/image.h"

/* "none" only where it is a limit. */
static int read_severity(const char *option, const char *word,
			 enum garita_severity least, enum garita_severity *ret,
			 struct garita_error *err)
{
	if (word == NULL)
		return 0;
	for (enum garita_severity s = least; s < GARITA_SEVERITIES; s++) {
		if (strcmp(word, garita_severity_word(s)) != 0)
			continue;
		*ret = s;
		return 0;
	}
	return garita_fail(err, EINVAL,
			   "%s takes %snegligible, low, medium, high or "
			   "critical, not %s",
			   option,
			   least == GARITA_SEVERITY_NONE ? "none, " : "", word);
}

static int read_type(const char *word, struct garita_attestation *to,
		     struct garita_error *err)
{
	for (enum garita_attestation_type t = 0; t < GARITA_ATTEST_CUSTOM;
	     t++) {
		if (strcmp(word, garita_attestation_word(t)) != 0)
			continue;
		to->type = t;
		return 0;
	}
	if (strchr(word, ':') == NULL)
		return garita_fail(err, EINVAL,
				   "--attestation-type takes vuln, provenance, "
				   "sbom, spdx, cyclonedx, openvex or a "
				   "predicateType, which is a URI, not %s",
				   word);
	to->type = GARITA_ATTEST_CUSTOM;
	to->predicate = garita_xstrdup(word);
	return 0;
}

static void copy_words(const struct garita_cli_list *from,
		       struct garita_words *to)
{
	to->all = garita_xcalloc(from->count, sizeof(*to->all));
	for (size_t i = 0; i < from->count; i++)
		to->all[to->count++] = garita_xstrdup(from->words[i]);
}

static const char *wrong(const struct garita_image_attested *of,
			 const struct garita_attestation *to)
{
	if (to->type != GARITA_ATTEST_VULN &&
	    (of->most != NULL || of->unknown != NULL || of->fixable_only ||
	     of->vex))
		return "--max-severity, --unknown-severity, --fixable-only and "
		       "--accept-vex go with --attestation-type vuln";
	if (to->type != GARITA_ATTEST_PROVENANCE &&
	    of->builders.count + of->sources.count > 0)
		return "--builder and --source go with --attestation-type "
		       "provenance";
	return NULL;
}

bool garita_image_attested_given(const struct garita_image_attested *of)
{
	return of->type != NULL || of->age != NULL || of->most != NULL ||
	       of->unknown != NULL || of->fixable_only || of->vex ||
	       of->builders.count + of->sources.count > 0;
}

int garita_image_attested_read(const struct garita_image_attested *of,
			       struct garita_attestation **ret,
			       struct garita_error *err)
{
	struct garita_attestation *to = garita_xcalloc(1, sizeof(*to));
	int rc = read_type(of->type, to, err);

	to->most = GARITA_SEVERITY_CRITICAL;
	to->unknown = GARITA_SEVERITY_CRITICAL;
	to->fixable_only = of->fixable_only;
	to->vex = of->vex;
	copy_words(&of->builders, &to->builders);
	copy_words(&of->sources, &to->sources);
	if (rc == 0)
		rc = read_severity("--max-severity", of->most,
				   GARITA_SEVERITY_NONE, &to->most, err);
	if (rc == 0)
		rc = read_severity("--unknown-severity", of->unknown,
				   GARITA_SEVERITY_NEGLIGIBLE, &to->unknown,
				   err);
	if (rc == 0 && of->age != NULL &&
	    garita_parse_age(of->age, "hd", &to->max_age) < 0)
		rc = garita_fail(err, EINVAL,
				 "--max-age takes hours or days, as 36h or 7d, "
				 "not %s",
				 of->age);
	if (rc == 0 && wrong(of, to) != NULL)
		rc = garita_fail(err, EINVAL, "%s", wrong(of, to));
	if (rc < 0) {
		garita_attestation_free(to);
		return rc;
	}
	*ret = to;
	return 0;
}
