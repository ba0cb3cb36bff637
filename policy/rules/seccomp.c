/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - a filter between the container and the kernel's system calls.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/policy.h"
#include "garita/seccomp.h"
#include "policy/memo.h"
#include "policy/rules/word_list.h"
#include "policy/seccomp_lookup.h"

/* Does the profile refuse anything? Asked by four rules, and read once a look:
 * what can be read in full says it, what cannot is asked for that alone. */
static bool confines(const struct garita_case *of)
{
	struct garita_memo *memo = of->memo;

	if (memo->is_read || of->spec->seccomp == NULL)
		return memo->confines;
	memo->is_read = true;
	if (garita_seccomp_read(of->spec->seccomp, of->host->machine,
				&memo->own, &memo->error) == 0)
		memo->confines = memo->own->confines;
	else
		memo->confines = garita_seccomp_confines(of->spec->seccomp);
	return memo->confines;
}

static void check_required(const struct garita_case *of,
			   struct garita_report *out)
{
	static const char wanted[] = "a profile that refuses system calls";
	const struct garita_json *seccomp = of->spec->seccomp;
	const char *action;

	if (seccomp == NULL) {
		garita_report(out, "/linux/seccomp", wanted, "no profile");
		return;
	}
	if (confines(of))
		return;
	action = garita_json_string(garita_json_get(seccomp, "defaultAction"));
	garita_report(out, "/linux/seccomp/defaultAction", wanted,
		      "%s and no rule that refuses",
		      action ? action : "no default action");
}

static int fix_required(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	struct garita_json *profile = garita_seccomp_default(
		config, of->spec->caps[GARITA_CAPS_BOUNDING], of->host->machine,
		of->host->kernel_major, of->host->kernel_minor);
	struct garita_json *os = garita_json_make_object(config, "/linux");

	if (profile == NULL)
		return garita_fail(err, ENOTSUP,
				   "there is no built-in seccomp profile for "
				   "machine \"%s\"",
				   of->host->machine);
	if (os == NULL)
		return garita_fail(err, EINVAL, "linux is not an object");
	garita_json_put(config, os, "seccomp", profile);
	garita_memo_forget(of->memo);
	return 0;
}

/* ---- the profile against the built-in one ---- */
static struct garita_seccomp_target target_of(const struct garita_case *of)
{
	return (struct garita_seccomp_target){
		.bounding = of->spec->caps[GARITA_CAPS_BOUNDING],
		.machine = of->host->machine,
		.kernel_major = of->host->kernel_major,
		.kernel_minor = of->host->kernel_minor,
	};
}

/* Calls where a container gets out, or where the kernel's own code was the
 * way. A family of sockets is a call of its own. In rows of characters:
 * pointers would be relocated at each start. */
static const struct {
	char name[18], words[22]; /* none: as the name */
	signed char arg;          /* -1: whatever the arguments */
	uint32_t value;
} dangerous[] = {
	{ "add_key", "", -1, 0 },
	{ "bpf", "", -1, 0 },
	{ "clone", "clone(CLONE_NEWUSER)", 0, 0x10000000 },
	{ "clone3", "", -1, 0 },
	{ "delete_module", "", -1, 0 },
	{ "finit_module", "", -1, 0 },
	{ "fsconfig", "", -1, 0 },
	{ "fsmount", "", -1, 0 },
	{ "fsopen", "", -1, 0 },
	{ "fspick", "", -1, 0 },
	{ "init_module", "", -1, 0 },
	{ "io_uring_enter", "", -1, 0 },
	{ "io_uring_register", "", -1, 0 },
	{ "io_uring_setup", "", -1, 0 },
	{ "kexec_file_load", "", -1, 0 },
	{ "kexec_load", "", -1, 0 },
	{ "keyctl", "", -1, 0 },
	{ "mount", "", -1, 0 },
	{ "mount_setattr", "", -1, 0 },
	{ "move_mount", "", -1, 0 },
	{ "open_by_handle_at", "", -1, 0 },
	{ "open_tree", "", -1, 0 },
	{ "open_tree_attr", "", -1, 0 },
	{ "perf_event_open", "", -1, 0 },
	{ "pivot_root", "", -1, 0 },
	{ "process_vm_readv", "", -1, 0 },
	{ "process_vm_writev", "", -1, 0 },
	{ "ptrace", "", -1, 0 },
	{ "request_key", "", -1, 0 },
	{ "setns", "", -1, 0 },
	{ "socket", "socket(AF_ALG)", 0, 38 },
	{ "socket", "socket(AF_VSOCK)", 0, 40 },
	{ "umount", "", -1, 0 },
	{ "umount2", "", -1, 0 },
	{ "unshare", "", -1, 0 },
	{ "userfaultfd", "", -1, 0 },
};

static bool not_allowed(const char *name, const void *data)
{
	return name == NULL || !garita_setting_allows(data, name);
}

static bool is_dangerous(const char *name, const void *data)
{
	bool listed = false;

	for (size_t i = 0; name != NULL && i < GARITA_COUNT(dangerous); i++)
		listed = listed || strcmp(dangerous[i].name, name) == 0;
	return listed && not_allowed(name, data);
}

/* To whom the question does not matter: there is no list. */
static garita_seccomp_concerns *concerns_of(const struct garita_case *of)
{
	return of->setting->allow_count > 0 ? not_allowed : NULL;
}

/* The container's profile and the built-in one, read once for all rules. NULL
 * when there is no profile, which is seccomp-required's to say. */
static const struct garita_memo *read_profiles(const struct garita_case *of)
{
	const struct garita_seccomp_target target = target_of(of);
	struct garita_memo *memo = of->memo;

	if (!confines(of))
		return NULL;
	if (memo->built_in != NULL && memo->built_for != target.bounding) {
		garita_seccomp_free(memo->built_in);
		memo->built_in = NULL;
	}
	if (memo->built_in == NULL) {
		memo->built_in = garita_seccomp_builtin(&target);
		memo->built_for = target.bounding;
	}
	if (memo->built_in == NULL) /* and then `own` is not read either */
		garita_fail(&memo->error, ENOTSUP,
			    "there is no built-in profile for machine \"%s\"",
			    target.machine);
	return memo;
}

static int intersect(const struct garita_case *of,
		     struct garita_json_doc *config,
		     garita_seccomp_concerns *concerns,
		     struct garita_error *err)
{
	struct garita_json *into =
		garita_json_at(garita_json_root(config), "/linux/seccomp");
	const struct garita_memo *profiles = read_profiles(of);
	int rc;

	if (profiles == NULL)
		return 0; /* repaired already */
	if (profiles->own == NULL)
		return garita_fail(err, profiles->error.code, "%s",
				   profiles->error.text);
	rc = garita_seccomp_intersect(profiles->own, profiles->built_in,
				      concerns, of->setting, config, into, err);
	garita_memo_forget(of->memo);
	return rc;
}

static void tell_witness(const struct garita_seccomp_witness *witness,
			 void *data)
{
	struct garita_word_list *words = data;
	auto_text word = { 0 };

	if (words->count < GARITA_MOST_WORDS)
		garita_seccomp_words(witness, &word);
	garita_word_list_add(words, word.data); /* else it only counts */
}

static void check_no_looser(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char wanted[] =
		"nothing that the built-in profile refuses for these "
		"capabilities";
	const struct garita_memo *profiles = read_profiles(of);
	auto_word_list words = { .count = 0 };
	const char *open;

	if (profiles == NULL)
		return;
	if (profiles->own == NULL) {
		garita_report(out, "/linux/seccomp", wanted, "%s",
			      profiles->error.text);
		return;
	}
	garita_seccomp_compare(profiles->own, profiles->built_in,
			       concerns_of(of), of->setting, tell_witness,
			       &words);
	open = garita_word_list_end(&words);
	if (open != NULL)
		garita_report(out, "/linux/seccomp", wanted, "lets through %s",
			      open);
}

static int fix_no_looser(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	garita_seccomp_concerns *concerns = concerns_of(of);
	int rc = intersect(of, config, concerns, err);

	of->memo->intersected = rc == 0 && concerns == NULL;
	return rc;
}

/* Does the container's profile open what the built-in one keeps closed? */
static bool is_opened(const struct garita_case *of,
		      const struct garita_memo *profiles, size_t i)
{
	const char *name = dangerous[i].name; /* `words` are behind it */
	int call =
		garita_seccomp_call_in_steps(name, garita_seccomp_length(name));

	return garita_seccomp_may_call(profiles->own, call, dangerous[i].arg,
				       dangerous[i].value) &&
	       !garita_seccomp_may_call(profiles->built_in, call,
					dangerous[i].arg, dangerous[i].value) &&
	       !garita_setting_allows(of->setting, name);
}

static void check_dangerous(const struct garita_case *of,
			    struct garita_report *out)
{
	const struct garita_memo *profiles = read_profiles(of);
	auto_word_list words = { .count = 0 };
	const char *open;

	/* What cannot be read is seccomp-no-looser's to say; where that is
	 * off, it is said here. */
	if (profiles == NULL)
		return;
	if (profiles->own == NULL) {
		garita_report(out, "/linux/seccomp",
			      "a profile that can be read", "%s",
			      profiles->error.text);
		return;
	}
	for (size_t i = 0; i < GARITA_COUNT(dangerous); i++) {
		const char *said = dangerous[i].words;

		if (is_opened(of, profiles, i))
			garita_word_list_add(&words,
					     *said ? said : dangerous[i].name);
	}
	open = garita_word_list_end(&words);
	if (open != NULL)
		garita_report(out, "/linux/seccomp/syscalls",
			      "none of these without its capability",
			      "lets through %s", open);
}

/* True also when the profile cannot be read: intersect() says why. */
static bool any_opened(const struct garita_case *of)
{
	const struct garita_memo *profiles = read_profiles(of);

	if (profiles == NULL || profiles->own == NULL)
		return true;
	for (size_t i = 0; i < GARITA_COUNT(dangerous); i++)
		if (is_opened(of, profiles, i))
			return true;
	return false;
}

static int fix_dangerous(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	/* seccomp-no-looser, which comes first, has mostly done it; the second
	 * look will tell. */
	if (of->memo->intersected || !any_opened(of))
		return 0;
	return intersect(of, config, is_dangerous, err);
}

static const char looser_references[][GARITA_REFERENCE] = {
	"KEP-6061",
	"OCI runtime-spec: issue 1317",
	"",
};

static const char dangerous_references[][GARITA_REFERENCE] = {
	"CVE-2026-31431",
	"moby/profiles: seccomp/default.json",
	"",
};

static const char required_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: seccompProfile",
	"CIS Docker 1.6.0: 5.22",
	"NIST SP 800-190: 4.4.3",
	"",
};

const struct garita_rule garita_rules_seccomp[] = {
	{
		.id = "seccomp-required",
		.summary = "a seccomp profile is in force",
		.why = "every system call a container does not need is kernel "
		       "code an attacker can still reach",
		.remedy = "leave the engine's default profile on (no "
			  "seccomp=unconfined)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_PROCESS | GARITA_PART_SECCOMP,
		.writes = GARITA_PART_SECCOMP,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.references = required_references,
		.check = check_required,
		.fix = fix_required,
	},
	{
		.id = "seccomp-no-looser",
		.summary = "the profile allows nothing that the built-in one "
			   "refuses",
		.why = "a profile of one's own, or of an older engine, keeps "
		       "open what was closed since for a reason",
		.remedy = "close the calls in the profile, or allow their "
			  "names for this rule in the policy (garita seccomp "
			  "compare FILE default)",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS | GARITA_PART_SECCOMP,
		.writes = GARITA_PART_SECCOMP,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.allows = "system calls and architectures that the profile may "
			  "have open",
		.references = looser_references,
		.check = check_no_looser,
		.fix = fix_no_looser,
	},
	{
		.id = "seccomp-dangerous-syscall",
		.summary = "no system call of the known ways out of a "
			   "container is open",
		.why = "io_uring, keyrings, mounts, namespaces and rare socket "
		       "families are where containers were broken out of",
		.remedy = "use the engine's current default profile, or allow "
			  "the call's name for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS | GARITA_PART_SECCOMP,
		.writes = GARITA_PART_SECCOMP,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.allows = "system calls that may be open",
		.references = dangerous_references,
		.check = check_dangerous,
		.fix = fix_dangerous,
	},
	{ .id = NULL },
};
