/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - the operator's file, read into what the judge needs.
 *
 * JSON with comments. An unknown member, rule id or value is an error with
 * its place: a typo must never mean "less strict than you thought".
 * See garita-policy.json(5).
 */
#ifndef GARITA_POLICY_H
#define GARITA_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "garita/digests.h"
#include "garita/error.h"
#include "garita/network.h"
#include "garita/rule.h"
#include "garita/text.h"
#include "garita/trust.h"

enum garita_mode {
	GARITA_MODE_ENFORCE,
	GARITA_MODE_DRY_RUN, /* judge and log, but admit unchanged */
};

enum garita_profile {
	GARITA_PROFILE_OFF,
	GARITA_PROFILE_BASELINE,
	GARITA_PROFILE_RESTRICTED,
	GARITA_PROFILE_STRICT,
	GARITA_PROFILES,
};

/* Which line of which file said so; {0, 0}: the profile or the default. */
struct garita_origin {
	unsigned file; /* in the policy's files, counted from 1 */
	unsigned line;
};

/* What the operator gave for one parameter of a rule. */
struct garita_value {
	bool given;
	char **strings;
	size_t count;
	int64_t number;
	struct garita_origin origin;
};

/* What one rule does under this policy. */
struct garita_setting {
	enum garita_action action;
	bool set;     /* by the operator, not by the profile */
	char **allow; /* the rule's "allow" list */
	size_t allow_count;
	bool allow_given;
	/* One a row of the rule's params, or NULL: none is given. */
	struct garita_value *values;
	struct garita_origin origin, allow_origin;
};

/* Patterns of one kind: any of them will do. */
struct garita_patterns {
	char **words;
	size_t count;
};

struct garita_annotation_match {
	char *key;
	struct garita_patterns values;
};

struct garita_uid_range {
	uint32_t least, most;
};

/* Which containers are meant: every kind that is given must match. */
struct garita_selector {
	struct garita_patterns images;  /* names in the store */
	struct garita_patterns digests; /* manifest, index or config */
	struct garita_patterns stores;  /* "containers-storage" */
	struct garita_uid_range *uids;
	size_t uid_count;
	struct garita_patterns args; /* the first words, one pattern each */
	struct garita_patterns bundles, cgroups;
	struct garita_patterns hosts;                /* names of machines */
	struct garita_annotation_match *annotations; /* all of them */
	size_t annotation_count;
};

/* A rule's setting within a scope: `set`, `allow_given` and `given` say what
 * takes the place of the policy's own. */
struct garita_override {
	size_t rule; /* in registry order */
	struct garita_setting setting;
};

struct garita_policy_scope {
	char *name;
	struct garita_selector match;
	bool has_profile;
	enum garita_profile profile;
	char *runtime; /* absolute path; NULL: the policy's own */
	struct garita_override *overrides;
	size_t count;
	struct garita_network network; /* what it gives replaces */
	/* One that ends only loosens. "" and 0: it does not. */
	char expires[sizeof("2027-03-01")];
	time_t ends; /* the first second after that day, UTC */
	struct garita_origin origin;
};

struct garita_exception {
	size_t *rules; /* in registry order */
	size_t count;
	struct garita_selector match;
	char *reason, *owner;
	char expires[sizeof("2027-03-01")];
	time_t ends; /* the first second after that day, UTC */
	struct garita_origin origin;
};

/* Who must have signed which images: one of images.signatures. */
struct garita_signers {
	struct garita_patterns match; /* names; none: of every image */
	bool openpgp;                 /* keys are GPG keyrings */
	char **keys;                  /* file names, as written */
	size_t key_count;
	/* NULL: by key. Else the one file is trusted_root.json. */
	struct garita_keyless *keyless;
	unsigned need; /* different signers */
	struct garita_identity identity;
	struct garita_annotation *annotations;
	size_t annotation_count;
	/* What they must have said of it: one of images.attestations. */
	struct garita_attestation *attested;
	struct garita_origin origin;
};

/* Where records of decisions go. */
enum garita_log_to {
	GARITA_LOG_TO_FILE,    /* JSON lines */
	GARITA_LOG_TO_AUDIT,   /* the kernel's audit log */
	GARITA_LOG_TO_SYSLOG,  /* whoever listens at /dev/log */
	GARITA_LOG_TO_JOURNAL, /* systemd-journald */
	GARITA_LOG_TOS,
};
enum garita_log_how {
	GARITA_LOG_OFF,
	GARITA_LOG_ON,       /* what cannot be written changes nothing */
	GARITA_LOG_REQUIRED, /* what cannot be written is not admitted */
};
/* "file", "audit", "syslog", "journal" */
const char *garita_log_to_name(enum garita_log_to to);

/* A trust policy of the Notary Project; names as written. */
struct garita_policy_notation {
	char *trust_policy; /* trustpolicy.json; NULL: none */
	char *trust_store;  /* the directory that has x509 in it */
	char *crls;         /* a directory; or NULL */
	struct garita_annotation *annotations; /* that have to be signed */
	size_t annotation_count;
};

/* How old facts about the host may be, where a policy says nothing: several
 * times what garita-host.timer waits. */
enum { GARITA_HOST_MAX_AGE_H = 24 };

/* From how many days before its end an exception is warned about. */
enum { GARITA_EXCEPTION_WARN_DAYS = 14 };

/* Members of the file whose line `garita policy show` names. */
enum garita_policy_origin {
	GARITA_ORIGIN_MODE,
	GARITA_ORIGIN_PROFILE,
	GARITA_ORIGIN_FIX,
	GARITA_ORIGIN_ALLOW,
	GARITA_ORIGIN_ALLOW_FILE,
	GARITA_ORIGIN_DENY,
	GARITA_ORIGIN_DENY_FILE,
	GARITA_ORIGIN_CONTAINERS_POLICY,
	GARITA_ORIGIN_NOTATION,
	GARITA_ORIGIN_SIGNATURES,
	GARITA_ORIGIN_ATTESTATIONS,
	GARITA_ORIGIN_SIGNED_INDEX,
	GARITA_ORIGIN_NETWORK,
	GARITA_ORIGIN_RUNTIME,
	GARITA_ORIGIN_LOG_FILE,
	GARITA_ORIGIN_LOG_PATH,
	GARITA_ORIGIN_LOG_AUDIT,
	GARITA_ORIGIN_LOG_SYSLOG,
	GARITA_ORIGIN_LOG_JOURNAL,
	GARITA_ORIGIN_HOST_AT_START,
	GARITA_ORIGIN_HOST_MAX_AGE,
	GARITA_ORIGINS,
};

struct garita_policy {
	enum garita_mode mode;
	enum garita_profile profile;
	unsigned profile_version;
	bool fix;
	struct garita_setting *settings; /* one a rule, in registry order */

	/* images */
	char **allow; /* digests in the policy itself */
	size_t allow_count;
	char **deny;
	size_t deny_count;
	char *allow_file; /* names as written; NULL: none. The caller opens */
	char *deny_file;  /* them and fills the lists below before judging. */
	bool has_allow_list, has_deny_list;
	struct garita_digests allow_list, deny_list; /* bytes are borrowed */

	char *containers_policy; /* name as written; NULL: none */
	struct garita_policy_notation notation;
	struct garita_signers *signers; /* all that match must be met */
	size_t signers_count;
	struct garita_signers *attestations; /* the same */
	size_t attestation_count;
	bool signed_index; /* one that lists the manifest will do */

	struct garita_network network;

	char *runtime;  /* absolute path; NULL: look in the usual places */
	char *log_file; /* absolute path; NULL: the built-in one */
	enum garita_log_how log[GARITA_LOG_TOS];

	/* host: at a start, only its rules with at least this action are asked
	 * (GARITA_ACTIONS: none); how old kept facts may be, in hours. */
	enum garita_action host_at_start;
	uint32_t host_max_age_h;

	/* In the order in which they are asked; the first whose selector
	 * matches counts, and every one that an annotation selects. */
	struct garita_policy_scope *scopes;
	size_t scope_count;
	struct garita_exception *exceptions;
	size_t exception_count;

	char **files; /* what was read: the policy, then what it extends */
	size_t file_count;
	struct garita_origin origins[GARITA_ORIGINS];
};

/* How a policy reaches the file it extends. */
struct garita_policy_source {
	/* Reads the file that `from` (as fetch named it, or `path`) calls
	 * `name`; its own unmistakable name in *ret_path. */
	int (*fetch)(void *data, const char *from, const char *name,
		     char **ret_path, char **ret_text, size_t *ret_len,
		     struct garita_error *err);
	void *data;
	const char *path; /* absolute, of the text itself */
};

/* Files above one another, the policy itself counted. */
enum { GARITA_POLICY_MAX_DEPTH = 4 };

/* The built-in policy: enforce, restricted@1, fix. Used without a file. */
struct garita_policy *garita_policy_default(void);
/* -EINVAL with place and, for a misspelt word, the nearest valid one. */
int garita_policy_parse(const char *text, size_t len,
			struct garita_policy **ret, struct garita_error *err);
/* The same with a way to files: "extends" is followed. The error of another
 * file than the first begins with its name. */
int garita_policy_load(const char *text, size_t len,
		       const struct garita_policy_source *source,
		       struct garita_policy **ret, struct garita_error *err);
void garita_policy_free(struct garita_policy *policy);

/* Puts a profile's actions under the policy's own settings. -EINVAL for a
 * name or version that does not exist ("restricted", "restricted@1"). */
int garita_policy_set_profile(struct garita_policy *policy, const char *name,
			      struct garita_error *err);
/* Which profile such a name means. */
int garita_policy_profile_named(const char *name, enum garita_profile *ret,
				struct garita_error *err);
/* "restricted@1", for reports. */
const char *garita_policy_profile_words(const struct garita_policy *policy);

/* Does it, or any scope, ask for a network guard? */
bool garita_policy_has_network(const struct garita_policy *policy);
/* Does it say who must have signed? */
bool garita_policy_names_signers(const struct garita_policy *policy);
/* Does it say what there has to be on this question about an image? */
bool garita_policy_wants(const struct garita_policy *policy,
			 enum garita_topic topic);

/* What a profile does with a rule. */
enum garita_action garita_profile_action(const struct garita_rule *rule,
					 enum garita_profile profile);
/* "restricted@1" */
const char *garita_profile_name(enum garita_profile profile);

/* The JSON Schema of the file, made from the tables it is read by. */
void garita_policy_schema(struct garita_text *out);

#endif
