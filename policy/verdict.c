/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verdict - judge, repair, judge again.
 *
 * The order matters and is short: all rules look at the config; if any
 * refuses, nothing is repaired; otherwise every rule that found something
 * repairs it, and then they look once more, as if for the first time: all that
 * look at what was edited. Only a config that is quiet then is admitted.
 */
#include "garita/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/match.h"
#include "policy/memo.h"
#include "policy/report.h"

static const char *const outcomes[] = {
	[GARITA_ADMIT] = "admit",
	[GARITA_REPAIR] = "repair",
	[GARITA_REFUSE] = "refuse",
};

const char *garita_outcome_name(enum garita_outcome outcome)
{
	return outcomes[outcome];
}

/* What decide() passes along; all borrowed. */
struct inputs {
	struct garita_json_doc *doc;
	struct garita_spec *spec; /* of it, as it is now */
	const struct garita_policy *policy;
	const struct garita_image *image;
	const struct garita_host *host;
	time_t now;
	enum garita_scope subject;    /* a rule without it is not asked */
	enum garita_action host_from; /* the least of a host rule at a start */
	const struct garita_spec *container;
	/* By the config as it came; what a repair changes selects nothing. */
	struct garita_applied *applied;
	struct garita_memo *memo;
};

static struct garita_case case_of(const struct inputs *in,
				  const struct garita_rule_walk *at)
{
	return (struct garita_case){
		.spec = in->spec,
		.container = in->container,
		.image = in->image,
		.host = in->host,
		.policy = in->policy,
		.rule = at->rule,
		.setting = &in->applied->settings[at->i],
		.applied = in->applied,
		.now = in->now,
		.memo = in->memo,
	};
}

/* A start is judged with the machine that it is on, by what refuses there. */
static bool is_about(const struct inputs *in, const struct garita_case *of)
{
	const unsigned start = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX;

	if ((of->rule->scope & in->subject) != 0)
		return true;
	return (of->rule->scope & GARITA_SCOPE_HOST) != 0 &&
	       (in->subject & start) != 0 &&
	       of->setting->action >= in->host_from;
}

/* Parts of the config (enum garita_part). A rule that does not say is taken to
 * look at all of them, and to edit all of them. */
static unsigned parts_read(const struct garita_rule *rule)
{
	if (rule->scope == GARITA_SCOPE_HOST)
		return 0;
	return rule->reads != 0 ? rule->reads : GARITA_PARTS_ALL;
}

static unsigned parts_written(const struct garita_rule *rule)
{
	return rule->writes != 0 ? rule->writes : GARITA_PARTS_ALL;
}

/* Did it say all that there is to say of what no repair touched? */
static bool rule_is_done(const struct garita_verdict *verdict,
			 const struct garita_rule *rule)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    (verdict->findings[i].action > GARITA_WARN ||
		     verdict->findings[i].curable))
			return false;
	return true;
}

/* What no repair touched is as it was in the look before (`before`, NULL in
 * the first one), where it was quiet or at most a warning. */
static bool looks(const struct garita_rule *rule,
		  const struct garita_verdict *before, unsigned written)
{
	return before == NULL || (parts_read(rule) & written) != 0 ||
	       !rule_is_done(before, rule);
}

/* One look of the rules. The first one says what the subject is; a repair,
 * which has `written` these parts, does not make another of it. */
static void judge(struct inputs *in, const struct garita_verdict *before,
		  unsigned written, struct garita_verdict *ret)
{
	struct garita_rule_walk at = { 0 };

	garita_memo_forget(in->memo);
	if (in->subject == 0)
		in->subject = garita_spec_subject(in->spec);
	ret->subject = in->subject;
	ret->asked = garita_xcalloc(garita_rule_count(), sizeof(*ret->asked));
	if (in->applied->settings == NULL)
		/* An exec is judged as the container that it is in. */
		garita_policy_apply(in->policy,
				    in->container ? in->container : in->spec,
				    in->image, in->host, in->now, in->applied);
	while (garita_rule_next(&at)) {
		struct garita_case of;
		struct garita_report report = {
			.verdict = ret,
			.doc = in->doc,
			.rule = at.rule,
			.action = in->applied->settings[at.i].action,
		};

		if (!looks(at.rule, before, written))
			continue;
		of = case_of(in, &at);
		if (!is_about(in, &of))
			ret->asked[at.i] = GARITA_ASKED_OTHER_SUBJECT;
		else if (report.action == GARITA_OFF)
			ret->asked[at.i] = GARITA_ASKED_OFF;
		else
			at.rule->check(&of, &report);
	}
	garita_applied_except(in->applied, in->image, in->now, ret);
}

/* A repair that is off or does not exist is a refusal. */
static void settle_actions(struct garita_verdict *verdict, bool may_fix)
{
	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->action != GARITA_FIX)
			continue;
		if (f->rule->fix == NULL || !may_fix)
			f->action = GARITA_DENY;
		if (f->rule->fix != NULL && !may_fix)
			f->problem = garita_xstrdup(
				"could be repaired, but repairs are off");
	}
}

static bool refuses(const struct garita_verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY &&
		    strcmp(verdict->findings[i].rule->id, id) == 0)
			return true;
	return false;
}

/* Ten findings that together mean "privileged" are one for a person. Only a
 * refusal covers: a warning must never hide something that refuses. */
static void cover(struct garita_verdict *verdict)
{
	const struct garita_rule *last = NULL; /* findings are by rule */
	bool refused = false;

	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *part = &verdict->findings[i];

		if (part->rule->part_of == NULL)
			continue;
		if (part->rule != last)
			refused = refuses(verdict, part->rule->part_of);
		last = part->rule;
		/* What is known to be wrong is never "nobody knows". */
		part->covered =
			part->covered ||
			(refused && (part->unknown ||
				     part->rule->scope != GARITA_SCOPE_HOST));
	}
}

static bool has_action(const struct garita_verdict *verdict,
		       enum garita_action action)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == action)
			return true;
	return false;
}

/* Does it refuse whatever other rules repair? */
static bool refuses_for_good(const struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY &&
		    !verdict->findings[i].curable)
			return true;
	return false;
}

static void free_finding(struct garita_finding *f)
{
	free(f->pointer);
	free(f->found);
	free(f->wanted);
	free(f->problem);
	free(f->exception);
}

/* What a repair may have ended is for the second look to find again. */
static void forget_curable(struct garita_verdict *verdict)
{
	size_t kept = 0;

	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->curable)
			free_finding(f);
		else
			verdict->findings[kept++] = *f;
	}
	verdict->count = kept;
}

static bool rule_found(const struct garita_verdict *verdict,
		       const struct garita_rule *rule,
		       enum garita_action action)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    verdict->findings[i].action == action)
			return true;
	return false;
}

struct garita_finding *garita_verdict_add(struct garita_verdict *verdict)
{
	size_t count = verdict->count;

	/* Doubled whenever it is full, which is at powers of two. */
	if ((count & (count - 1)) == 0)
		verdict->findings =
			garita_xresize(verdict->findings, count ? count * 2 : 1,
				       sizeof(*verdict->findings));
	return &verdict->findings[verdict->count++];
}

static void refuse(struct garita_verdict *verdict,
		   const struct garita_rule *rule, const char *problem)
{
	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->rule != rule || f->action != GARITA_FIX)
			continue;
		f->action = GARITA_DENY;
		f->fixed = false;
		free(f->problem);
		f->problem = garita_xstrdup(problem);
	}
}

static int read_again(const struct inputs *in, unsigned parts,
		      struct garita_error *err)
{
	/* By which the sources of mounts are told. */
	if (parts & (GARITA_PART_ROOT | GARITA_PART_MOUNTS | GARITA_PART_LINUX))
		garita_memo_forget_sources(in->memo);
	return parts ? garita_spec_read_again(in->doc, parts, in->spec, err)
		     : 0;
}

/* Every rule that found something repairs it, in registry order. What the one
 * before it may have edited is read anew for each, and at the end. */
static int repair(const struct inputs *in, struct garita_verdict *verdict,
		  unsigned *ret_written, struct garita_error *err)
{
	struct garita_rule_walk at = { 0 };
	unsigned edited = 0, written = 0;

	while (garita_rule_next(&at)) {
		const struct garita_rule *rule = at.rule;
		struct garita_error reason = { 0 };
		struct garita_case of;
		int rc;

		if (!rule_found(verdict, rule, GARITA_FIX))
			continue;
		rc = read_again(in, edited, err);
		if (rc < 0)
			return rc;
		of = case_of(in, &at);
		if (rule->fix(&of, in->doc, &reason) < 0)
			refuse(verdict, rule, reason.text);
		edited = parts_written(rule);
		written |= edited;
	}
	*ret_written = written;
	return read_again(in, edited, err);
}

/* What makes two findings one; the texts are the verdicts' own. */
struct identity {
	const struct garita_rule *rule;
	const char *pointer, *found;
};

static struct identity identity_of(const struct garita_finding *f)
{
	return (struct identity){ f->rule, f->pointer, f->found };
}

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	int order = strcmp(x->rule->id, y->rule->id);

	if (order == 0)
		order = strcmp(x->pointer, y->pointer);
	return order != 0 ? order : strcmp(x->found, y->found);
}

/* The findings that the verdict refuses for, sorted: a repair that fails can
 * leave a hundred thousand of them. The caller frees. */
static struct identity *list_refused(const struct garita_verdict *verdict,
				     size_t *ret_count)
{
	struct identity *list = garita_xcalloc(verdict->count, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY)
			list[count++] = identity_of(&verdict->findings[i]);
	qsort(list, count, sizeof(*list), by_identity);
	*ret_count = count;
	return list;
}

/* What a rule still finds after the repair was not repaired: all that it found
 * at first refuses. Findings come rule by rule. */
static void refuse_unrepaired(struct garita_verdict *first,
			      const struct garita_verdict *second)
{
	const struct garita_rule *last = NULL;

	for (size_t i = 0; i < second->count; i++) {
		const struct garita_finding *f = &second->findings[i];

		if (f->action < GARITA_FIX || f->rule == last)
			continue;
		last = f->rule;
		refuse(first, last, "still there after the repair");
	}
}

/* Is it to be said beside what the first look said? A warning that is still
 * true was said then, and so was what `refused` has. */
static bool is_new(const struct garita_finding *f,
		   const struct identity *refused, size_t count,
		   const bool warned[GARITA_ACTIONS])
{
	const struct identity identity = identity_of(f);

	if (f->action < GARITA_FIX)
		return !warned[f->action];
	return bsearch(&identity, refused, count, sizeof(*refused),
		       by_identity) == NULL;
}

/* Moves the findings of the second look into the verdict: a warning that is
 * still true replaces the first look's; anything else means a repair failed. */
static void second_look(struct garita_verdict *first,
			struct garita_verdict *second)
{
	const struct garita_rule *last = NULL;
	bool warned[GARITA_ACTIONS] = { false };
	auto_free struct identity *refused = NULL;
	size_t count;

	for (size_t i = 0; i < first->count; i++)
		if (first->findings[i].action == GARITA_FIX)
			first->findings[i].fixed = true;
	refuse_unrepaired(first, second);
	refused = list_refused(first, &count);

	for (size_t i = 0; i < second->count; i++) {
		struct garita_finding *f = &second->findings[i];

		for (enum garita_action a = GARITA_OFF;
		     f->rule != last && a < GARITA_ACTIONS; a++)
			warned[a] = rule_found(first, f->rule, a);
		last = f->rule;
		if (!is_new(f, refused, count, warned))
			continue;
		if (f->action >= GARITA_FIX) {
			f->action = GARITA_DENY;
			free(f->problem);
			f->problem =
				garita_xstrdup("still there after the repair");
		}
		*garita_verdict_add(first) = *f;
		*f = (struct garita_finding){ 0 };
	}
}

static void count(struct garita_verdict *verdict)
{
	verdict->denied = verdict->fixed = verdict->warned = 0;
	verdict->excepted = 0;
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->covered)
			continue;
		if (f->fixed)
			verdict->fixed++;
		else if (f->action == GARITA_OFF)
			verdict->excepted++;
		else if (f->action == GARITA_WARN)
			verdict->warned++;
		else if (f->action == GARITA_DENY)
			verdict->denied++;
	}
}

static int decide(struct inputs in, unsigned flags, struct garita_verdict *ret,
		  struct garita_error *err)
{
	auto_applied applied = { 0 };
	auto_memo memo = { 0 };
	bool may_fix = in.policy->fix && !(flags & GARITA_DECIDE_NO_FIX);
	auto_verdict first = { 0 }, second = { 0 };
	unsigned written;
	int rc;

	in.applied = &applied;
	in.memo = &memo;
	in.host_from = flags & GARITA_DECIDE_NO_HOST ? GARITA_ACTIONS
						     : in.policy->host_at_start;
	judge(&in, NULL, 0, &first);
	if (applied.doubtful != NULL)
		return garita_applied_doubt(&applied, in.image, err);
	settle_actions(&first, may_fix);
	cover(&first);
	if (!refuses_for_good(&first) && has_action(&first, GARITA_FIX)) {
		rc = repair(&in, &first, &written, err);
		if (rc < 0)
			return rc;
		judge(&in, &first, written, &second);
		forget_curable(&first);
		second_look(&first, &second);
	}
	count(&first);
	if (applied.scope != NULL)
		first.scope = garita_xstrdup(applied.scope->name);
	/* Not the counts: a covered finding refuses as well as any other. */
	if (has_action(&first, GARITA_DENY))
		first.outcome = GARITA_REFUSE;
	else
		first.outcome = first.fixed > 0 ? GARITA_REPAIR : GARITA_ADMIT;

	*ret = first;
	first = (struct garita_verdict){ 0 };
	return 0;
}

int garita_decide(struct garita_json_doc *doc, struct garita_spec *spec,
		  const struct garita_policy *policy,
		  const struct garita_image *image,
		  const struct garita_host *host, time_t now, unsigned flags,
		  struct garita_verdict *ret, struct garita_error *err)
{
	struct inputs in = { .doc = doc,
			     .spec = spec,
			     .policy = policy,
			     .image = image,
			     .host = host,
			     .now = now };

	return decide(in, flags, ret, err);
}

int garita_decide_change(const struct garita_change *change,
			 struct garita_json_doc *doc, struct garita_spec *spec,
			 const struct garita_policy *policy,
			 const struct garita_image *image,
			 const struct garita_host *host, time_t now,
			 unsigned flags, struct garita_verdict *ret,
			 struct garita_error *err)
{
	struct inputs in = { .doc = doc,
			     .spec = spec,
			     .policy = policy,
			     .image = image,
			     .host = host,
			     .now = now,
			     .subject = change->subject,
			     .container = change->container };

	return decide(in, flags, ret, err);
}

void garita_verdict_free(struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		free_finding(&verdict->findings[i]);
	free(verdict->findings);
	free(verdict->asked);
	free(verdict->scope);
	*verdict = (struct garita_verdict){ 0 };
}
