/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attestation - what is wanted of what somebody signed about an image: that it
 * was scanned, how bad it may be and how old; who built it, and of what; that
 * there is a list of its contents.
 *
 * Who has to have signed it stands beside, in the requirement (trust.h).
 */
#ifndef GARITA_ATTESTATION_H
#define GARITA_ATTESTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum garita_attestation_type {
	GARITA_ATTEST_VULN,       /* a scanner's findings */
	GARITA_ATTEST_PROVENANCE, /* SLSA */
	GARITA_ATTEST_SBOM,       /* of either kind below */
	GARITA_ATTEST_SPDX,
	GARITA_ATTEST_CYCLONEDX,
	GARITA_ATTEST_OPENVEX,
	GARITA_ATTEST_CUSTOM, /* by its predicateType */
	GARITA_ATTEST_TYPES,
};

/* In this order. */
enum garita_severity {
	GARITA_SEVERITY_NONE, /* as a limit: no finding at all */
	GARITA_SEVERITY_NEGLIGIBLE,
	GARITA_SEVERITY_LOW,
	GARITA_SEVERITY_MEDIUM,
	GARITA_SEVERITY_HIGH,
	GARITA_SEVERITY_CRITICAL, /* as a limit: any finding will do */
	GARITA_SEVERITIES,
};

/* A finding that does not count, until then. */
struct garita_ignored {
	char *id;
	char *reason; /* for people; no part of a question */
	time_t ends;
};

struct garita_words {
	char **all;
	size_t count;
};

struct garita_attestation {
	enum garita_attestation_type type;
	char *predicate;  /* of GARITA_ATTEST_CUSTOM: the predicateType */
	uint64_t max_age; /* seconds; 0: any */
	/* of GARITA_ATTEST_VULN */
	enum garita_severity most;    /* the worst that is allowed */
	enum garita_severity unknown; /* what one that nobody knows is */
	bool fixable_only;            /* what cannot be fixed is no finding */
	bool vex; /* the same signers may say "not affected" */
	struct garita_ignored *ignored;
	size_t ignored_count;
	/* of GARITA_ATTEST_PROVENANCE: any of each, where there are some */
	struct garita_words builders;    /* exact */
	struct garita_words sources;     /* patterns (glob.h) */
	struct garita_words build_types; /* exact */
};

/* "vuln", "provenance": as in the policy. */
const char *garita_attestation_word(enum garita_attestation_type type);
/* "none", "negligible", ... */
const char *garita_severity_word(enum garita_severity severity);
/* Copies everything; the caller frees. */
struct garita_attestation *garita_attestation_copy(
	const struct garita_attestation *of);
/* NULL is fine. */
void garita_attestation_free(struct garita_attestation *one);

/* The questions about an image that have answers of their own, each with a
 * rule that reads it. */
enum garita_topic {
	GARITA_TOPIC_SIGNATURE,  /* image-signature */
	GARITA_TOPIC_VULN,       /* image-vuln-attestation */
	GARITA_TOPIC_PROVENANCE, /* image-provenance */
	GARITA_TOPIC_SBOM,       /* image-sbom */
	GARITA_TOPIC_OTHER,      /* image-attestation */
	GARITA_TOPICS,
};

enum garita_topic garita_attestation_topic(enum garita_attestation_type type);
/* The rule of a topic. */
const char *garita_topic_rule(enum garita_topic topic);

#endif
