/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verdict - the judge: facts in, verdict out, nothing else touched.
 *
 * judge -> fix what may be fixed -> judge again from the start. A repair that
 * leaves its rule unhappy is a refusal. The wrapper, the hook and the command
 * line all call garita_decide(), so they cannot disagree.
 */
#ifndef GARITA_VERDICT_H
#define GARITA_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "garita/error.h"
#include "garita/host.h"
#include "garita/image.h"
#include "garita/policy.h"
#include "garita/rule.h"

enum garita_outcome {
	GARITA_ADMIT,  /* as it is, perhaps with warnings */
	GARITA_REPAIR, /* admitted after repairs; the document was edited */
	GARITA_REFUSE,
};
/* "admit", "repair", "refuse" */
const char *garita_outcome_name(enum garita_outcome outcome);

struct garita_finding {
	const struct garita_rule *rule;
	enum garita_action action; /* what the policy does about it */
	bool fixed;                /* repaired: no longer in the config */
	bool covered;              /* part of a composite finding, say less */
	bool unknown; /* the fact that was asked for is not known */
	bool curable; /* a repair by other rules may end it: judged after it */
	char *pointer;
	unsigned line, column; /* in the text that was parsed; 0: none */
	char *found;
	char *wanted;
	char *problem; /* why a repair did not work, or NULL */
	/* Of an exception of the policy that is about this rule, or NULL: its
	 * reason, owner and end. With action off, or warn shortly before the
	 * end, it lets the finding through; with another it has ended. */
	char *exception;
};

/* Was a rule asked about this config? */
enum garita_asked {
	GARITA_ASKED,
	GARITA_ASKED_OFF,           /* no: the policy turns it off */
	GARITA_ASKED_OTHER_SUBJECT, /* no: it is about something else */
};

struct garita_verdict {
	enum garita_outcome outcome;
	enum garita_scope subject; /* what the config is of */
	enum garita_asked *asked;  /* one a rule, in registry order */
	struct garita_finding *findings;
	size_t count;
	unsigned denied, fixed, warned; /* without covered ones */
	unsigned excepted;
	char *scope; /* of the policy, that refined it; or NULL */
};

enum garita_decide_flags {
	GARITA_DECIDE_NO_FIX = 1 << 0,  /* a needed repair is a refusal */
	GARITA_DECIDE_NO_HOST = 1 << 1, /* nothing is asked of the machine */
};

/* Judges the config in `doc` and repairs it there. `spec` is what was read from
 * it, and is read again after repairs. Returns 0 with *ret filled (a refusal is
 * a result, not an error), or -errno when it cannot be judged. After a refusal
 * the document may hold some repairs: do not print it. */
int garita_decide(struct garita_json_doc *doc, struct garita_spec *spec,
		  const struct garita_policy *policy,
		  const struct garita_image *image,
		  const struct garita_host *host, time_t now, unsigned flags,
		  struct garita_verdict *ret, struct garita_error *err);
/* The same for what is done to a running container: `doc` is its config with
 * the exec's process or the new limits in it, `container` the config that it
 * was started with. Only rules of that subject are asked. With
 * GARITA_SCOPE_IMAGE it is an image that nothing runs of, with
 * GARITA_SCOPE_HOST the machine itself: no container, and both are empty. */
struct garita_change {
	enum garita_scope
		subject; /* GARITA_SCOPE_EXEC, _UPDATE, _IMAGE, _HOST */
	const struct garita_spec *container;
};
int garita_decide_change(const struct garita_change *change,
			 struct garita_json_doc *doc, struct garita_spec *spec,
			 const struct garita_policy *policy,
			 const struct garita_image *image,
			 const struct garita_host *host, time_t now,
			 unsigned flags, struct garita_verdict *ret,
			 struct garita_error *err);
void garita_verdict_free(struct garita_verdict *verdict);
#define auto_verdict                                                           \
	__attribute__((cleanup(garita_verdict_free))) struct garita_verdict

#endif
