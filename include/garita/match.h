/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * match - which scopes and exceptions of a policy hold for one container.
 *
 * Asked once, of the config as it came: a repair that changes what a selector
 * looked at must not change by which settings the second look judges. Nothing
 * is done, and nothing allocated, for a policy without scopes and exceptions.
 *
 * Nobody may be judged by settings that are not his: when it hangs on the image
 * whether a scope holds, and nobody can tell which image it is, there is no
 * verdict. (That it is of no image can be told; then the scope does not hold.)
 * An exception that may hold lets nothing through.
 *
 * An annotation is whatever the container's author wrote. A scope that looks
 * at one can only tighten, is no end of the search for the first match, and
 * takes part whatever other scope matched.
 */
#ifndef GARITA_MATCH_H
#define GARITA_MATCH_H

#include "garita/policy.h"
#include "garita/verdict.h"

/* What a policy is for one container. */
struct garita_applied {
	const struct garita_setting *settings; /* one a rule */
	/* Whose actions they are where the operator gave none. */
	enum garita_profile profile;
	struct garita_setting *own; /* when they are not the policy's */
	/* One a rule, or NULL: who excepts it; whose exception has ended. */
	const struct garita_exception **excepted, **ended;
	const struct garita_policy_scope *scope; /* the first match, or NULL */
	/* Hang on an image that cannot be told: the first scope, or NULL; one
	 * exception a rule, or NULL. */
	const struct garita_policy_scope *doubtful;
	const struct garita_exception **perhaps;
	/* What guards its network, each on its own; lists are the policy's. */
	struct garita_network *networks;
	size_t network_count;
};

void garita_policy_apply(const struct garita_policy *policy,
			 const struct garita_spec *spec,
			 const struct garita_image *image,
			 const struct garita_host *host, time_t now,
			 struct garita_applied *ret);
/* Lets through, among the verdict's findings, what is excepted: action off, or
 * warn in the last days; and says of a refused one that its exception ended, or
 * may hold: then it is not repaired, either. */
void garita_applied_except(const struct garita_applied *applied,
			   const struct garita_image *image, time_t now,
			   struct garita_verdict *verdict);
/* Why there is no verdict by ->doubtful; returns -errno. */
int garita_applied_doubt(const struct garita_applied *applied,
			 const struct garita_image *image,
			 struct garita_error *err);
void garita_applied_free(struct garita_applied *applied);
#define auto_applied                                                           \
	__attribute__((cleanup(garita_applied_free))) struct garita_applied

/* Does every kind that the selector gives match? */
bool garita_selector_matches(const struct garita_selector *match,
			     const struct garita_spec *spec,
			     const struct garita_image *image,
			     const struct garita_host *host);
/* Would it match some image, and it cannot be told whether it is this one? */
bool garita_selector_may_match(const struct garita_selector *match,
			       const struct garita_spec *spec,
			       const struct garita_image *image,
			       const struct garita_host *host);
bool garita_selector_asks_image(const struct garita_selector *match);
/* Does one of the patterns fit this name of an image, as it is or normalised?
 * A pattern without a tag fits every tag. */
bool garita_patterns_fit_name(const struct garita_patterns *patterns,
			      const char *name);
/* Is everything that `narrow` selects surely selected by `wide`? False when
 * it cannot be told. */
bool garita_selector_covers(const struct garita_selector *wide,
			    const struct garita_selector *narrow);

/* Does the answer of any selector depend on the image? */
bool garita_policy_selects_images(const struct garita_policy *policy);
/* Can this rule (an index) be asked for any container? */
bool garita_policy_asks(const struct garita_policy *policy, size_t rule);
/* Can a rule about the machine be asked at a start? */
bool garita_policy_asks_host(const struct garita_policy *policy);
/* Does the scope take something back that the policy demands outside it? */
bool garita_scope_loosens(const struct garita_policy *policy,
			  const struct garita_policy_scope *scope);
/* Does it surely demand more? (Which way a parameter goes, nobody knows.) */
bool garita_scope_tightens(const struct garita_policy *policy,
			   const struct garita_policy_scope *scope);

#endif
