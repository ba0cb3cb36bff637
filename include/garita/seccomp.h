/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - the built-in default profile, and what one profile lets through
 * that another does not.
 *
 * The built-in profile is a table of ours (policy/seccomp_default.c), at least
 * as strict as the default that docker and containerd ship today. What a
 * capability opens (mount with CAP_SYS_ADMIN, ...) is decided when resolving,
 * so the result is a plain linux.seccomp of the runtime-spec.
 *
 * A comparison asks what can be let through: it knows how runc, crun and
 * libseccomp read a profile, and where they differ it answers "cannot tell".
 * An argument counts as 64 bits, as it does for the filter.
 */
#ifndef GARITA_SECCOMP_H
#define GARITA_SECCOMP_H

#include <stdbool.h>

#include "garita/caps.h"
#include "garita/json.h"

/* The SCMP_ARCH_* name for a uname machine ("x86_64"), or NULL. */
const char *garita_seccomp_arch(const char *machine);

/* A new linux.seccomp object in `doc` for a container with this bounding set
 * on this machine, or NULL when the machine is not in the table. Only the
 * native architecture is admitted: with x86's socketcall a 32-bit program
 * could open the socket families that the profile closes. */
struct garita_json *garita_seccomp_default(struct garita_json_doc *doc,
					   garita_caps bounding,
					   const char *machine,
					   unsigned kernel_major,
					   unsigned kernel_minor);

/* Does this linux.seccomp object refuse anything at all? False for a default
 * action that lets calls through with no rule that stops one. */
bool garita_seccomp_confines(const struct garita_json *seccomp);

/* For whom a profile is meant. */
struct garita_seccomp_target {
	garita_caps bounding;
	const char *machine; /* uname(2) */
	unsigned kernel_major, kernel_minor;
};

/* A new linux.seccomp object in `doc`: a profile in the form of moby or
 * containers/common with its includes, excludes and archMap decided for the
 * target; one of the runtime-spec stays as it is. -EINVAL when a member is not
 * what it should be, -ENOTSUP for an unknown machine. */
int garita_seccomp_resolve(struct garita_json_doc *doc,
			   const struct garita_json *profile,
			   const struct garita_seccomp_target *target,
			   struct garita_json **ret, struct garita_error *err);

/* A profile that was read. It borrows names from the tree it was read from. */
struct garita_seccomp;

/* Reads a linux.seccomp object for a machine. -EINVAL where a runtime could
 * not read it as we do, -E2BIG when it has more rules than any use has. */
int garita_seccomp_read(const struct garita_json *seccomp, const char *machine,
			struct garita_seccomp **ret, struct garita_error *err);
/* The built-in profile, or NULL when the machine is not in the table. */
struct garita_seccomp *garita_seccomp_builtin(
	const struct garita_seccomp_target *target);
void garita_seccomp_free(struct garita_seccomp *profile);

static inline void garita_cleanup_seccomp(struct garita_seccomp **at)
{
	garita_seccomp_free(*at);
}
#define auto_seccomp __attribute__((cleanup(garita_cleanup_seccomp)))

/* Is the question about this call ("mount") or architecture
 * ("SCMP_ARCH_X86")? NULL stands for all calls that neither profile names.
 * What it is not about is left as it is. */
typedef bool garita_seccomp_concerns(const char *name, const void *data);

enum { GARITA_SECCOMP_ANSWER = 24 }; /* bytes, with the NUL */

/* One thing that A lets through, or may, and B does not, or may not. */
struct garita_seccomp_witness {
	bool sure;        /* false: readers differ, or too much to try */
	bool is_arch;     /* `name` is an architecture */
	const char *name; /* borrowed; NULL: any call that neither names */
	unsigned used;    /* bit n: args[n] matters */
	uint64_t args[6];
	/* The answers: "allowed", "EPERM", "killed". */
	char a[GARITA_SECCOMP_ANSWER], b[GARITA_SECCOMP_ANSWER];
};
/* "socket(AF_ALG, ...)", "keyctl", "SCMP_ARCH_X86". */
void garita_seccomp_words(const struct garita_seccomp_witness *witness,
			  struct garita_text *out);

enum garita_seccomp_relation {
	GARITA_SECCOMP_NO_LOOSER, /* A lets through nothing that B does not */
	GARITA_SECCOMP_CANNOT_TELL,
	GARITA_SECCOMP_LOOSER,
};
typedef void garita_seccomp_tell(const struct garita_seccomp_witness *witness,
				 void *data);
/* Compares and tells one witness a call. `concerns`, `tell`: NULL for all and
 * for none. */
enum garita_seccomp_relation garita_seccomp_compare(
	const struct garita_seccomp *a, const struct garita_seccomp *b,
	garita_seccomp_concerns *concerns, const void *concerns_data,
	garita_seccomp_tell *tell, void *tell_data);

/* May this call be let through with the argument, whatever the others are?
 * `arg`: -1 for any arguments at all. */
bool garita_seccomp_may(const struct garita_seccomp *profile, const char *name,
			int arg, uint64_t value);

/* Makes `ret`, a linux.seccomp object of `doc`, what both let through: no
 * looser than B, nor than A, and answering as A does where both refuse. Where
 * that has no exact form it is narrower. Sets the default action, the
 * architectures and the rules, writing over nodes of those that were there;
 * other members of `ret` stay. -ENOTSUP when A lets through by default and
 * `concerns` is not about everything. */
int garita_seccomp_intersect(const struct garita_seccomp *a,
			     const struct garita_seccomp *b,
			     garita_seccomp_concerns *concerns,
			     const void *concerns_data,
			     struct garita_json_doc *doc,
			     struct garita_json *ret, struct garita_error *err);

/* What is open, for a person: calls by group, then those with conditions. */
void garita_seccomp_show(const struct garita_seccomp *profile,
			 struct garita_text *out);

#endif
