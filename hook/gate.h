/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - everything one judgement needs, loaded and put together. The wrapper,
 * the hook and the command line all come through here.
 */
#ifndef GARITA_HOOK_GATE_H
#define GARITA_HOOK_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "garita/verdict.h"
#include "hook/lists.h"

#define GARITA_POLICY_FILE GARITA_SYSCONF_DIR "/policy.json"
#define GARITA_LOG_FILE    GARITA_LOG_DIR "/decisions.jsonl"

struct garita_gate {
	const char *sysroot; /* borrowed; "" for this machine */
	/* The same for the policy and the files that it names; NULL: this
	 * machine. An author's policy lies outside the sysroot. */
	const char *policy_root;
	char *policy_path; /* NULL: the built-in policy */
	struct garita_policy *policy;
	struct garita_list_file allow, deny;
	/* For garita_gate_digest(): the file's text; of those it extends, what
	 * sha256sum(1) would print. */
	char *policy_text; /* NULL: the built-in policy */
	size_t policy_len;
	struct garita_text policy_below;
};

/* How a policy is found and trusted. */
struct garita_gate_options {
	const char *sysroot; /* NULL: this machine */
	/* NULL: GARITA_POLICY_FILE if it exists, which must be root's, or a
	 * user's own, if that exists and a user's engine asks; else a
	 * file that its caller vouches for (an author's `check --policy`). */
	const char *policy;
	const char *profile; /* NULL: the policy's own */
};

/* Loads the policy and its lists. -errno with a reason that names the file. */
int garita_gate_open(const struct garita_gate_options *options,
		     struct garita_gate *ret, struct garita_error *err);
void garita_gate_close(struct garita_gate *gate);
#define auto_gate __attribute__((cleanup(garita_gate_close))) struct garita_gate

/* Which policy this is: "sha256:..." of its file, as sha256sum(1) has it; of
 * one that extends others, of what sha256sum prints about all of them in the
 * order in which they are read. "built-in" without a file. Hashes at each call.
 */
void garita_gate_digest(const struct garita_gate *gate,
			char ret[GARITA_DIGEST_SIZE]);

/* What was decided and on what grounds. */
struct garita_decision {
	struct garita_verdict verdict;
	struct garita_image image;
};

void garita_decision_free(struct garita_decision *decision);
#define auto_decision                                                          \
	__attribute__((cleanup(garita_decision_free))) struct garita_decision

/* Judges the config in `doc` (and repairs it there). `bundle` and `id` may be
 * NULL. Flags as garita_decide(). */
int garita_gate_judge(const struct garita_gate *gate,
		      struct garita_json_doc *doc, const char *bundle,
		      const char *id, unsigned flags,
		      struct garita_decision *ret, struct garita_error *err);

/* The same with facts that a test gives instead of this machine: */
struct garita_gate_given {
	const char *bundle;               /* or NULL */
	const struct garita_image *image; /* NULL: asked of the store */
	time_t now;                       /* 0: this moment */
	bool with_machine; /* also what is asked of the machine at a start */
};
int garita_gate_judge_given(const struct garita_gate *gate,
			    const struct garita_gate_given *given,
			    struct garita_json_doc *doc,
			    struct garita_verdict *ret,
			    struct garita_error *err);

/* Judges the machine itself, by the rules that are about it. Of scopes and
 * exceptions those hold that match it by its name alone. */
int garita_gate_judge_machine(const struct garita_gate *gate,
			      struct garita_facts *facts,
			      struct garita_decision *ret,
			      struct garita_error *err);

/* The same for an exec or an update of the container in that bundle; see
 * garita_decide_change(). The image was judged at the start. */
int garita_gate_judge_change(const struct garita_gate *gate,
			     const struct garita_change *change,
			     struct garita_json_doc *doc, const char *bundle,
			     unsigned flags, struct garita_decision *ret,
			     struct garita_error *err);
/* An image that an engine is about to pull: its digest (as manifest) and name
 * (as reference), nothing else is known. Takes the image. Only rules about
 * images are asked. */
int garita_gate_judge_pull(const struct garita_gate *gate,
			   struct garita_image *image,
			   struct garita_decision *ret,
			   struct garita_error *err);
/* Does what is refused go on all the same? Not without a readable policy, nor
 * for a NULL gate. */
bool garita_gate_is_dry_run(const struct garita_gate *gate);
/* Puts `config: ` before a reason that has its place in that text. What the
 * machine or a store did not tell is none of the config's. */
void garita_gate_fail_in_config(struct garita_error *err, const char *config);
/* Is any rule about this on, so that looking is worth it? */
bool garita_gate_asks(const struct garita_gate *gate,
		      enum garita_scope subject);

#endif
