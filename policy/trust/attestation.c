/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attestation - the words for what is wanted of attestations, and how such a
 * wish is copied and ends.
 */
#include "garita/attestation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

const char *garita_attestation_word(enum garita_attestation_type type)
{
	static const char words[GARITA_ATTEST_TYPES][11] = {
		[GARITA_ATTEST_VULN] = "vuln",
		[GARITA_ATTEST_PROVENANCE] = "provenance",
		[GARITA_ATTEST_SBOM] = "sbom",
		[GARITA_ATTEST_SPDX] = "spdx",
		[GARITA_ATTEST_CYCLONEDX] = "cyclonedx",
		[GARITA_ATTEST_OPENVEX] = "openvex",
		[GARITA_ATTEST_CUSTOM] = "custom",
	};

	return type < GARITA_ATTEST_TYPES ? words[type] : NULL;
}

const char *garita_severity_word(enum garita_severity severity)
{
	static const char words[GARITA_SEVERITIES][11] = {
		[GARITA_SEVERITY_NONE] = "none",
		[GARITA_SEVERITY_NEGLIGIBLE] = "negligible",
		[GARITA_SEVERITY_LOW] = "low",
		[GARITA_SEVERITY_MEDIUM] = "medium",
		[GARITA_SEVERITY_HIGH] = "high",
		[GARITA_SEVERITY_CRITICAL] = "critical",
	};

	return severity < GARITA_SEVERITIES ? words[severity] : NULL;
}

enum garita_topic garita_attestation_topic(enum garita_attestation_type type)
{
	switch (type) {
	case GARITA_ATTEST_VULN:
		return GARITA_TOPIC_VULN;
	case GARITA_ATTEST_PROVENANCE:
		return GARITA_TOPIC_PROVENANCE;
	case GARITA_ATTEST_SBOM:
	case GARITA_ATTEST_SPDX:
	case GARITA_ATTEST_CYCLONEDX:
		return GARITA_TOPIC_SBOM;
	case GARITA_ATTEST_OPENVEX:
	case GARITA_ATTEST_CUSTOM:
	case GARITA_ATTEST_TYPES:
		break;
	}
	return GARITA_TOPIC_OTHER;
}

const char *garita_topic_rule(enum garita_topic topic)
{
	static const char rules[GARITA_TOPICS][23] = {
		[GARITA_TOPIC_SIGNATURE] = "image-signature",
		[GARITA_TOPIC_VULN] = "image-vuln-attestation",
		[GARITA_TOPIC_PROVENANCE] = "image-provenance",
		[GARITA_TOPIC_SBOM] = "image-sbom",
		[GARITA_TOPIC_OTHER] = "image-attestation",
	};

	return topic < GARITA_TOPICS ? rules[topic] : NULL;
}

static char *copy_or_null(const char *text)
{
	return text ? garita_xstrdup(text) : NULL;
}

static struct garita_words copy_words(const struct garita_words *of)
{
	struct garita_words copy = {
		.all = garita_xcalloc(of->count, sizeof(*copy.all)),
		.count = of->count,
	};

	for (size_t i = 0; i < of->count; i++)
		copy.all[i] = garita_xstrdup(of->all[i]);
	return copy;
}

struct garita_attestation *garita_attestation_copy(
	const struct garita_attestation *of)
{
	struct garita_attestation *copy = garita_xalloc(sizeof(*copy));

	*copy = *of;
	copy->predicate = copy_or_null(of->predicate);
	copy->ignored = garita_xcalloc(of->ignored_count, sizeof(*of->ignored));
	for (size_t i = 0; i < of->ignored_count; i++)
		copy->ignored[i] = (struct garita_ignored){
			.id = garita_xstrdup(of->ignored[i].id),
			.reason = copy_or_null(of->ignored[i].reason),
			.ends = of->ignored[i].ends,
		};
	copy->builders = copy_words(&of->builders);
	copy->sources = copy_words(&of->sources);
	copy->build_types = copy_words(&of->build_types);
	return copy;
}

static void free_words(struct garita_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->all[i]);
	free(words->all);
}

void garita_attestation_free(struct garita_attestation *one)
{
	if (one == NULL)
		return;
	free(one->predicate);
	for (size_t i = 0; i < one->ignored_count; i++) {
		free(one->ignored[i].id);
		free(one->ignored[i].reason);
	}
	free(one->ignored);
	free_words(&one->builders);
	free_words(&one->sources);
	free_words(&one->build_types);
	free(one);
}
