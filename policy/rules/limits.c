/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * limits - what one process may take, and how it stands against others:
 * rlimits, the out-of-memory score, scheduling, and where it may run.
 */
#include "policy/rules/families.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "garita/policy.h"

/* ---- rlimits ---- */

/* The defaults are what engines give by themselves: podman 1048576 files and
 * 4194304 processes. Real-time priority and a nice below 0 nobody gives. */
/* NOLINTBEGIN(bugprone-macro-parentheses): words of arrays take none */
#define BOUND(word, text, highest, usual)                                      \
	{                                                                      \
		.name = word, .kind = GARITA_PARAM_NUMBER, .holds = text,      \
		.least = 0, .most = (highest), .otherwise = (usual)            \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct garita_param rlimit_params[] = {
	BOUND("nofile", "the highest RLIMIT_NOFILE, in open files", INT64_MAX,
	      1048576),
	BOUND("nproc", "the highest RLIMIT_NPROC, in processes and threads",
	      INT64_MAX, 4194304),
	BOUND("core", "the highest RLIMIT_CORE, in bytes; not given: any",
	      INT64_MAX, INT64_MAX),
	BOUND("memlock", "the highest RLIMIT_MEMLOCK, in bytes; not given: any",
	      INT64_MAX, INT64_MAX),
	BOUND("rtprio", "the highest RLIMIT_RTPRIO", 99, 0),
	BOUND("nice", "the highest RLIMIT_NICE: 20 less the lowest nice value",
	      40, 20),
	{ .name = "" },
};

static const struct {
	char type[16], param[8];
} bounded[] = {
	{ "RLIMIT_NOFILE", "nofile" }, { "RLIMIT_NPROC", "nproc" },
	{ "RLIMIT_CORE", "core" },     { "RLIMIT_MEMLOCK", "memlock" },
	{ "RLIMIT_RTPRIO", "rtprio" }, { "RLIMIT_NICE", "nice" },
};

struct rlimit_fact {
	const char *type;
	uint64_t hard, soft, most;
	size_t index;
};

static uint64_t natural(const struct garita_json *node)
{
	uint64_t value = 0;

	(void)garita_json_u64(node, &value);
	return value;
}

/* The highest value of a limit; the parameter's end means unlimited. */
static uint64_t most_of(const struct garita_case *of, const char *type)
{
	for (size_t i = 0; i < GARITA_COUNT(bounded); i++) {
		int64_t most;

		if (strcmp(bounded[i].type, type) != 0)
			continue;
		most = garita_param_number(of, bounded[i].param);
		return most == INT64_MAX ? UINT64_MAX : (uint64_t)most;
	}
	return UINT64_MAX;
}

static struct rlimit_fact read_rlimit(const struct garita_case *of,
				      const struct garita_json *list, size_t i)
{
	const struct garita_json *node = garita_json_item(list, i);
	const char *type = garita_json_string(garita_json_get(node, "type"));

	return (struct rlimit_fact){
		.type = type ? type : "",
		.hard = natural(garita_json_get(node, "hard")),
		.soft = natural(garita_json_get(node, "soft")),
		.most = most_of(of, type ? type : ""),
		.index = i,
	};
}

static int by_type(const void *a, const void *b)
{
	const struct rlimit_fact *x = a, *y = b;
	int order = strcmp(x->type, y->type);

	return order != 0 ? order
			  : (x->index > y->index) - (x->index < y->index);
}

/* All limits, those of one type side by side. The caller frees. */
static struct rlimit_fact *read_rlimits(const struct garita_case *of,
					size_t *ret_count)
{
	const struct garita_json *list =
		garita_json_at(of->spec->root, "/process/rlimits");
	size_t count = garita_json_count(list);
	struct rlimit_fact *facts = garita_xcalloc(count, sizeof(*facts));

	for (size_t i = 0; i < count; i++)
		facts[i] = read_rlimit(of, list, i);
	if (count > 1)
		qsort(facts, count, sizeof(*facts), by_type);
	*ret_count = count;
	return facts;
}

static void say_number(struct garita_text *text, uint64_t value)
{
	if (value == UINT64_MAX)
		garita_text_puts(text, "unlimited");
	else
		garita_text_printf(text, "%" PRIu64, value);
}

static void check_rlimit(const struct rlimit_fact *fact,
			 struct garita_report *out)
{
	uint64_t highest = fact->hard > fact->soft ? fact->hard : fact->soft;
	auto_text at = { 0 }, found = { 0 }, wanted = { 0 };

	garita_text_printf(&at, "/process/rlimits/%zu", fact->index);
	if (highest > fact->most) {
		garita_text_puts(&at,
				 fact->hard > fact->most ? "/hard" : "/soft");
		say_number(&found, highest);
		say_number(&wanted, fact->most);
		garita_report(out, at.data, wanted.data, "%s %s", fact->type,
			      found.data);
	} else if (fact->soft > fact->hard) {
		garita_report(out, at.data, "a soft limit within the hard one",
			      "%s: soft %" PRIu64 ", hard %" PRIu64, fact->type,
			      fact->soft, fact->hard);
	}
}

static void check_rlimits(const struct garita_case *of,
			  struct garita_report *out)
{
	size_t count;
	auto_free struct rlimit_fact *facts = read_rlimits(of, &count);

	for (size_t i = 0; i < count; i++) {
		auto_text at = { 0 };

		check_rlimit(&facts[i], out);
		if (i == 0 || strcmp(facts[i - 1].type, facts[i].type) != 0)
			continue;
		garita_text_printf(&at, "/process/rlimits/%zu/type",
				   facts[i].index);
		garita_report(out, at.data, "each limit once",
			      "%s for the second time, which runc refuses and "
			      "crun takes",
			      facts[i].type);
	}
}

/* What garita_json_filter() asks in the list's own order. */
struct keeping {
	const bool *keep;
	size_t *next;
};

static bool is_kept(const char *key, const struct garita_json *value,
		    const void *data)
{
	const struct keeping *keeping = data;

	(void)key;
	(void)value;
	return keeping->keep[(*keeping->next)++];
}

static void put_lower(struct garita_json_doc *config, struct garita_json *node,
		      const char *key, uint64_t value)
{
	if (natural(garita_json_get(node, key)) != value)
		garita_json_put_u64(config, node, key, value);
}

/* Each type keeps its lowest values, in its first place. */
static int fix_rlimits(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *list =
		garita_json_at(garita_json_root(config), "/process/rlimits");
	size_t count, next = 0;
	auto_free struct rlimit_fact *facts = read_rlimits(of, &count);
	auto_free bool *keep = garita_xcalloc(count + 1, sizeof(*keep));

	(void)err;
	for (size_t i = 0; i < count;) {
		struct garita_json *node =
			garita_json_item(list, facts[i].index);
		const char *type = facts[i].type;
		uint64_t hard = facts[i].most, soft = UINT64_MAX;

		keep[facts[i].index] = true;
		for (; i < count && strcmp(facts[i].type, type) == 0; i++) {
			hard = facts[i].hard < hard ? facts[i].hard : hard;
			soft = facts[i].soft < soft ? facts[i].soft : soft;
		}
		put_lower(config, node, "hard", hard);
		put_lower(config, node, "soft", soft < hard ? soft : hard);
	}
	garita_json_filter(config, list, is_kept,
			   &(const struct keeping){ keep, &next });
	return 0;
}

/* ---- oom-score-adj ---- */

/* -998 is what engines give the pause program of a pod, -997 a guaranteed
 * pod's containers. */
static const struct garita_param oom_params[] = {
	{
		.name = "min",
		.kind = GARITA_PARAM_NUMBER,
		.holds = "the lowest oomScoreAdj",
		.least = -1000,
		.most = 1000,
		.otherwise = -998,
	},
	{ .name = "" },
};

static void check_oom_score(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char at[] = "/process/oomScoreAdj";
	int64_t min = garita_param_number(of, "min");
	auto_text wanted = { 0 };
	int64_t score;

	if (garita_json_i64(garita_json_at(of->spec->root, at), &score) < 0 ||
	    score >= min)
		return;
	garita_text_printf(&wanted, "%" PRId64 " or more", min);
	garita_report(out, at, wanted.data, "%" PRId64, score);
}

static int fix_oom_score(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");
	int64_t min = garita_param_number(of, "min");

	(void)err;
	garita_json_put(config, process, "oomScoreAdj",
			garita_json_new_i64(config, min > 0 ? min : 0));
	return 0;
}

/* ---- scheduler ---- */

/* By name what is not more than others get; a policy that nobody knows is
 * none of them. */
static bool is_plain_policy(const char *policy)
{
	static const char plain[][12] = {
		"SCHED_OTHER",
		"SCHED_BATCH",
		"SCHED_ISO",
		"SCHED_IDLE",
	};

	for (size_t i = 0; i < GARITA_COUNT(plain); i++)
		if (strcmp(plain[i], policy) == 0)
			return true;
	return false;
}

static bool is_plain_class(const char *class)
{
	return strcmp(class, "IOPRIO_CLASS_BE") == 0 ||
	       strcmp(class, "IOPRIO_CLASS_IDLE") == 0;
}

static void check_scheduler(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char policy_at[] = "/process/scheduler/policy";
	static const char nice_at[] = "/process/scheduler/nice";
	static const char class_at[] = "/process/ioPriority/class";
	struct garita_json *root = of->spec->root;
	const char *policy =
		garita_json_string(garita_json_at(root, policy_at));
	const char *class = garita_json_string(garita_json_at(root, class_at));
	int64_t nice = 0;

	(void)garita_json_i64(garita_json_at(root, nice_at), &nice);
	if (policy != NULL && !is_plain_policy(policy))
		garita_report(out, policy_at, "SCHED_OTHER or less", "%s",
			      policy);
	if (nice < 0)
		garita_report(out, nice_at, "0 or more", "%" PRId64, nice);
	if (class != NULL && !is_plain_class(class))
		garita_report(out, class_at,
			      "IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE", "%s",
			      class);
}

static int fix_scheduler(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");
	const struct garita_json *scheduler =
		garita_json_get(process, "scheduler");
	const char *policy =
		garita_json_string(garita_json_get(scheduler, "policy"));
	const char *class = garita_json_string(
		garita_json_at(process, "/ioPriority/class"));
	int64_t nice = 0;

	(void)of;
	(void)err;
	(void)garita_json_i64(garita_json_get(scheduler, "nice"), &nice);
	if (nice < 0 || (policy != NULL && !is_plain_policy(policy)))
		garita_json_remove(process, "scheduler");
	if (class != NULL && !is_plain_class(class))
		garita_json_remove(process, "ioPriority");
	return 0;
}

static const char rlimit_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 2.8, 5.19",
	"OCI runtime-spec: config.md, POSIX process, rlimits",
	"",
};
static const char oom_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Linux process, oomScoreAdj",
	"",
};
static const char scheduler_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Linux process, scheduler, ioPriority",
	"",
};

const struct garita_rule garita_rules_limits[] = {
	{
		.id = "rlimits",
		.summary = "limits of a process are within bounds",
		.why = "a process without bounds takes descriptors, locked "
		       "memory and real time from the others",
		.remedy = "ask for less (--ulimit), or give another bound for "
			  "this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.params = rlimit_params,
		.references = rlimit_references,
		.check = check_rlimits,
		.fix = fix_rlimits,
	},
	{
		.id = "oom-score-adj",
		.summary = "the kernel may kill the container when memory is "
			   "short",
		.why = "a process that cannot be chosen has others killed for "
		       "the memory that it takes",
		.remedy = "ask for a higher --oom-score-adj, or give another "
			  "\"min\" for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.params = oom_params,
		.references = oom_references,
		.check = check_oom_score,
		.fix = fix_oom_score,
	},
	{
		.id = "scheduler",
		.summary = "no more processor and disk time than its share",
		.why = "a real-time process can keep a processor or a disk to "
		       "itself",
		.remedy = "leave out process.scheduler and process.ioPriority, "
			  "or set an ordinary class",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = scheduler_references,
		.check = check_scheduler,
		.fix = fix_scheduler,
	},
	{ .id = NULL },
};
