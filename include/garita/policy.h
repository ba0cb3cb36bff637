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

#include "garita/digests.h"
#include "garita/error.h"
#include "garita/rule.h"

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

/* What the operator gave for one parameter of a rule. */
struct garita_value {
	bool given;
	char **strings;
	size_t count;
	int64_t number;
};

/* What one rule does under this policy. */
struct garita_setting {
	enum garita_action action;
	bool set;     /* by the operator, not by the profile */
	char **allow; /* the rule's "allow" list */
	size_t allow_count;
	struct garita_value *values; /* one a row of the rule\'s params */
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

	char *runtime;  /* absolute path; NULL: look in the usual places */
	char *log_file; /* absolute path; NULL: the built-in one */
};

/* The built-in policy: enforce, restricted@1, fix. Used without a file. */
struct garita_policy *garita_policy_default(void);
/* -EINVAL with place and, for a misspelt word, the nearest valid one. */
int garita_policy_parse(const char *text, size_t len,
			struct garita_policy **ret, struct garita_error *err);
void garita_policy_free(struct garita_policy *policy);

/* Puts a profile's actions under the policy's own settings. -EINVAL for a
 * name or version that does not exist ("restricted", "restricted@1"). */
int garita_policy_set_profile(struct garita_policy *policy, const char *name,
			      struct garita_error *err);
/* "restricted@1", for reports. */
const char *garita_policy_profile_words(const struct garita_policy *policy);

#endif
