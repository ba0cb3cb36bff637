/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decide - judge, repair, judge again.
 *
 * The order matters and is short: all rules look at the config; if any
 * refuses, nothing is repaired; otherwise every rule that found something
 * repairs it, and then they look once more, as if for the first time: all that
 * look at what was edited. Only a config that is quiet then is admitted.
 */
#include "garita/verdict.h"

#include "garita/match.h"
#include "policy/findings.h"
#include "policy/memo.h"
#include "policy/report.h"

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

/* What no repair touched is as it was in the look before (`before`, NULL in
 * the first one), where it was quiet or at most a warning. */
static bool looks(const struct garita_rule *rule,
		  const struct garita_verdict *before, unsigned written)
{
	return before == NULL || (parts_read(rule) & written) != 0 ||
	       !garita_findings_done(before, rule);
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

		if (!garita_findings_of(verdict, rule, GARITA_FIX))
			continue;
		rc = read_again(in, edited, err);
		if (rc < 0)
			return rc;
		of = case_of(in, &at);
		if (rule->fix(&of, in->doc, &reason) < 0)
			garita_findings_refuse(verdict, rule, reason.text);
		edited = parts_written(rule);
		written |= edited;
	}
	*ret_written = written;
	return read_again(in, edited, err);
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
	garita_findings_settle(&first, may_fix);
	garita_findings_cover(&first);
	if (!garita_findings_refuse_for_good(&first) &&
	    garita_findings_have(&first, GARITA_FIX)) {
		rc = repair(&in, &first, &written, err);
		if (rc < 0)
			return rc;
		judge(&in, &first, written, &second);
		garita_findings_forget_curable(&first);
		garita_findings_compare(&first, &second);
	}
	garita_findings_count(&first);
	if (applied.scope != NULL)
		first.scope = garita_xstrdup(applied.scope->name);
	/* Not the counts: a covered finding refuses as well as any other. */
	if (garita_findings_have(&first, GARITA_DENY))
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
