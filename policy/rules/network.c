/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - what the container may be reached at and may reach.
 *
 * A config cannot say that, so the repair is a hook: garita-net, which puts
 * the guard into the container's network namespace before anything runs there.
 * What it is to do is in its arguments, so the config that was judged says all
 * of it; another hook than exactly that one is as good as none.
 *
 * A guard is worth nothing where the container may remove it (CAP_NET_ADMIN),
 * send past it (CAP_NET_RAW: a packet socket is not filtered) or is on the
 * host's own network, whose packets are not the container's alone.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/match.h"
#include "garita/policy.h"
#include "policy/rules/capability_sets.h"
#include "policy/rules/guard.h"
#include "policy/rules/sharing.h"

enum { NET_ADMIN = 12, NET_RAW = 13 };
enum { TIMEOUT_S = 10 };

/* ---- which guard ---- */

/* Is the part's rule on, so that the guard has to have it? One that only warns
 * changes nothing, and what is excepted is let through. */
static bool is_enforced(const struct garita_case *of,
			enum garita_guard_part part)
{
	size_t rule = (size_t)garita_rule_find(garita_guard_rule(part));
	const struct garita_applied *applied = of->applied;

	return applied->settings[rule].action >= GARITA_FIX &&
	       (applied->excepted == NULL || applied->excepted[rule] == NULL);
}

static bool is_wanted(const struct garita_case *of, enum garita_guard_part part)
{
	for (size_t i = 0; i < of->applied->network_count; i++)
		if (garita_network_asks(&of->applied->networks[i], part))
			return true;
	return false;
}

bool garita_guard_is_asked(const struct garita_case *of)
{
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
		if (is_wanted(of, p) && is_enforced(of, p))
			return true;
	return false;
}

bool garita_guard_is_ours(const struct garita_case *of,
			  const struct garita_hook *hook)
{
	return of->host->guard != NULL &&
	       strcmp(hook->path, of->host->guard) == 0;
}

/* The hook that the policy asks for. */
static struct garita_json *make_hook(const struct garita_case *of,
				     struct garita_json_doc *doc)
{
	struct garita_json *hook = garita_json_new_object(doc);
	struct garita_json *args = garita_json_new_array(doc);

	garita_json_append(doc, args,
			   garita_json_new_string(doc, "garita-net"));
	garita_json_append(doc, args, garita_json_new_string(doc, "guard"));
	for (size_t i = 0; i < of->applied->network_count; i++) {
		const struct garita_network *network =
			&of->applied->networks[i];
		auto_text line = { 0 };
		unsigned parts = 0;

		for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
			if (garita_network_asks(network, p) &&
			    is_enforced(of, p))
				parts |= 1U << p;
		garita_guard_line(network, parts, &line);
		if (line.len > 0)
			garita_json_append(
				doc, args,
				garita_json_new_string(doc, line.data));
	}
	garita_json_put_string(doc, hook, "path", of->host->guard);
	garita_json_put(doc, hook, "args", args);
	/* No variable of the engine reaches its loader. */
	garita_json_put(doc, hook, "env", garita_json_new_array(doc));
	garita_json_put_u64(doc, hook, "timeout", TIMEOUT_S);
	return hook;
}

/* Exactly one call of our program, and exactly the one that is asked for. */
static bool has_hook(const struct garita_case *of)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	const struct garita_json *made;
	size_t exact = 0, ours = 0;

	if (of->host->guard == NULL)
		return false;
	made = make_hook(of, doc);
	for (size_t i = 0; i < of->spec->hook_count; i++) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		auto_text at = { 0 };

		if (!garita_guard_is_ours(of, hook))
			continue;
		ours++;
		garita_text_printf(&at, "/hooks/%s/%zu",
				   garita_hook_stage_name(hook->stage),
				   hook->index);
		exact += hook->stage == GARITA_HOOK_CREATE_RUNTIME &&
			 garita_json_equal(
				 garita_json_at(of->spec->root, at.data), made);
	}
	return exact == 1 && ours == 1;
}

/* ---- what a guard cannot hold ---- */

/* True, and a finding, where no repair can make the guard worth anything. */
static bool check_place(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_namespace *ns =
		&of->spec->namespaces[GARITA_NS_NETWORK];
	enum garita_sharing sharing = garita_sharing_of(of, GARITA_NS_NETWORK);
	auto_text at = { 0 };

	if (sharing == GARITA_SHARES_NOTHING)
		return false;
	garita_text_puts(&at, "/linux/namespaces");
	if (ns->present)
		garita_text_printf(&at, "/%zu/path", ns->index);
	garita_report(out, at.data,
		      "a network namespace of its own, or of its pod",
		      sharing == GARITA_SHARES_UNKNOWN
			      ? "a network namespace of which nothing can be "
				"told: it may be the host's, which has no guard"
			      : "the host's network, which has no guard");
	return true;
}

static garita_caps breaking(const struct garita_case *of)
{
	return garita_caps_anywhere(of->spec) &
	       (GARITA_CAP(NET_ADMIN) | GARITA_CAP(NET_RAW));
}

static void check_powers(const struct garita_case *of,
			 struct garita_report *out)
{
	garita_caps powers = breaking(of);

	if (powers & GARITA_CAP(NET_ADMIN))
		garita_report(out, "/process/capabilities",
			      "a container without it",
			      "CAP_NET_ADMIN, which removes the guard");
	if (powers & GARITA_CAP(NET_RAW))
		garita_report(out, "/process/capabilities",
			      "a container without it",
			      "CAP_NET_RAW, whose packets pass by the guard");
}

/* ---- the rules ---- */

/* An exec finds the guard in place, if the container has one. */
static void check_exec(const struct garita_case *of, struct garita_report *out)
{
	for (size_t i = 0; i < of->container->hook_count; i++)
		if (garita_guard_is_ours(of, &of->container->hooks[i])) {
			check_powers(of, out);
			return;
		}
}

static void check_part(const struct garita_case *of, struct garita_report *out,
		       enum garita_guard_part part, const char *wanted)
{
	if (!is_wanted(of, part))
		return;
	if (of->container != NULL) {
		check_exec(of, out);
		return;
	}
	if (!is_enforced(of, part)) {
		garita_report(out, "/hooks", wanted, "no guard of the network");
		return;
	}
	if (check_place(of, out))
		return;
	check_powers(of, out);
	if (of->host->guard == NULL)
		garita_report(
			out, "/hooks", wanted,
			"no guard, and no garita-net in " GARITA_LIBEXEC_DIR
			" that could make one");
	else if (!has_hook(of))
		garita_report(out, "/hooks", wanted, "no guard of the network");
}

static void check_listen(const struct garita_case *of,
			 struct garita_report *out)
{
	check_part(of, out, GARITA_GUARD_LISTEN,
		   "only the ports that the policy lists can be reached");
}

static void check_metadata(const struct garita_case *of,
			   struct garita_report *out)
{
	check_part(of, out, GARITA_GUARD_METADATA,
		   "the metadata of the cloud is out of reach");
}

static void check_egress(const struct garita_case *of,
			 struct garita_report *out)
{
	check_part(of, out, GARITA_GUARD_EGRESS,
		   "only the networks that the policy lists are in reach");
}

/* Calls of our program, and stages that are empty without it. */
static void remove_hooks(const struct garita_case *of,
			 struct garita_json_doc *config)
{
	struct garita_json *hooks =
		garita_json_get(garita_json_root(config), "hooks");

	for (size_t i = of->spec->hook_count; i-- > 0;) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		struct garita_json *stage = garita_json_get(
			hooks, garita_hook_stage_name(hook->stage));

		if (garita_guard_is_ours(of, hook))
			garita_json_remove_item(stage, hook->index);
	}
}

static int add_hook(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *hooks = garita_json_make_object(config, "/hooks");

	if (hooks == NULL)
		return garita_fail(err, EINVAL, "hooks is not an object");
	garita_json_append(
		config, garita_json_make_array(config, hooks, "createRuntime"),
		make_hook(of, config));
	return 0;
}

/* What is left of CAP_NET_ADMIN after the repairs of others, the policy lets
 * this container have: then the guard cannot be kept, and garita says so. */
static int fix_guard(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	if (of->container != NULL)
		return garita_caps_keep(config, ~breaking(of));
	if (garita_sharing_of(of, GARITA_NS_NETWORK) != GARITA_SHARES_NOTHING)
		return garita_fail(err, EPERM,
				   "the host's network has no guard: give the "
				   "container a network of its own, or except "
				   "it from this rule");
	if (breaking(of) & GARITA_CAP(NET_ADMIN))
		return garita_fail(err, EPERM,
				   "with CAP_NET_ADMIN it could remove the "
				   "guard: drop the capability, or except it "
				   "from this rule");
	if (of->host->guard == NULL)
		return garita_fail(err, ENOENT,
				   "garita-net is not installed in %s",
				   GARITA_LIBEXEC_DIR);
	garita_caps_keep(config, ~GARITA_CAP(NET_RAW));
	if (has_hook(of))
		return 0;
	remove_hooks(of, config);
	return add_hook(of, config, err);
}

/* ---- raw packets ---- */

/* Is anybody else on the network? By a path, the pod or what an engine made;
 * docker attaches a new one to a bridge by a hook of its own. */
static bool is_connected(const struct garita_case *of)
{
	const struct garita_namespace *ns =
		&of->spec->namespaces[GARITA_NS_NETWORK];

	if (!ns->present || ns->path != NULL)
		return true;
	for (size_t i = 0; i < of->spec->hook_count; i++)
		if (of->spec->hooks[i].stage <= GARITA_HOOK_CREATE_RUNTIME &&
		    !garita_guard_is_ours(of, &of->spec->hooks[i]))
			return true;
	return false;
}

static void check_raw(const struct garita_case *of, struct garita_report *out)
{
	if ((garita_caps_anywhere(of->spec) & GARITA_CAP(NET_RAW)) &&
	    !garita_said_by(of, "drop-net-raw") &&
	    !garita_said_by(of, "capabilities-restricted") && is_connected(of))
		garita_report(out, "/process/capabilities", "no CAP_NET_RAW",
			      "CAP_NET_RAW on a network with others");
}

static int fix_raw(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err)
{
	(void)of;
	(void)err;
	return garita_caps_keep(config, ~GARITA_CAP(NET_RAW));
}

static const char listen_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.8, 5.9",
	"",
};
static const char metadata_references[][GARITA_REFERENCE] = {
	"NSA/CISA Kubernetes Hardening Guide 1.2",
	"",
};
static const char egress_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.4.2, 4.3.3",
	"",
};
static const char raw_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.30, 2.2",
	"",
};

const struct garita_rule garita_rules_network[] = {
	{
		.id = "listen-ports",
		.summary = "only the ports that \"network\" lists can be "
			   "reached",
		.why = "a second service in a container, such as a web server "
		       "beside the database, is a door nobody watches",
		.remedy = "add the port to \"listen\" in the policy's "
			  "\"network\" or the scope's; drop CAP_NET_ADMIN and "
			  "host networks",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = listen_references,
		.check = check_listen,
		.fix = fix_guard,
	},
	{
		.id = "egress-metadata",
		.summary = "the cloud's metadata is out of reach, where the "
			   "policy has a \"network\"",
		.why = "whoever can make a container fetch an address gets the "
		       "host's credentials there",
		.remedy = "give the container credentials of its own, or say "
			  "\"deny-metadata\": false in its \"network\"",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = metadata_references,
		.check = check_metadata,
		.fix = fix_guard,
	},
	{
		.id = "egress-allowlist",
		.summary = "only the networks and ports that \"network\" lists "
			   "are in reach",
		.why = "from a container that was taken over the next one is "
		       "attacked, and what it found is sent away",
		.remedy = "add the network to \"egress\" in the policy's "
			  "\"network\" or the scope's",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = egress_references,
		.check = check_egress,
		.fix = fix_guard,
	},
	{
		.id = "net-raw-with-bridge",
		.summary = "no CAP_NET_RAW on a network that others are on",
		.why = "forged ARP and neighbour answers bring the packets of "
		       "others on the same bridge to this container",
		.remedy = "run with --cap-drop NET_RAW, or with --network none",
		.scope = GARITA_SCOPE_CONTAINER,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.references = raw_references,
		.check = check_raw,
		.fix = fix_raw,
	},
	{ .id = NULL },
};
