/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canary - what the two containers of an engine came to.
 *
 * The engine's exit status alone proves nothing: a container may fail for
 * reasons of its own. The decision log says whether it was judged.
 */
#ifndef GARITA_HOOK_DOCTOR_CANARY_H
#define GARITA_HOOK_DOCTOR_CANARY_H

#include <sys/types.h>

#include "hook/doctor/doctor.h"

/* One that must be refused, or one that must be admitted. */
struct garita_canary {
	bool harmless;
	const char *id;      /* the engine's; NULL: it gave none */
	const char *through; /* "podman run": what started it, for people */
	bool ran;            /* its program ended well */
	const char *said;    /* the engine's last words, when it did not */
};

/* What the log has about it. */
enum garita_canary_verdict {
	GARITA_CANARY_NOT_JUDGED,
	GARITA_CANARY_ADMITTED,
	GARITA_CANARY_REFUSED,
};

/* canary_log.c: where the log ends now. */
off_t garita_canary_log_end(const struct garita_doctor *doctor);
/* What was written behind `from` about `id`. NULL: about the only container
 * that was refused, if there is just one: of two nobody knows which it is.
 * *ret_why: the rules that spoke; the caller frees. */
enum garita_canary_verdict garita_canary_log_find(
	const struct garita_doctor *doctor, off_t from, const char *id,
	char **ret_why);

/* Says what it came to. `from`: where the log ended before. */
void garita_canary_conclude(struct garita_doctor *doctor,
			    const struct garita_canary *canary, off_t from);

/* canary.c: what kinds of canaries share. */

#define GARITA_CANARY_PROGRAM "garita-canary" /* in the root of an image */

void garita_canary_progress(const struct garita_doctor *doctor,
			    const char *what);
/* "a container that must be ..." */
const char *garita_canary_what(bool harmless);
void garita_canary_stuck(struct garita_doctor *doctor, const char *through,
			 const char *why, const char *advice);
/* Runs it and wants success; else says so. */
bool garita_canary_run(struct garita_doctor *doctor, const char *const argv[],
		       int in, struct garita_client *client);
void garita_canary_run_quietly(const struct garita_doctor *doctor,
			       const char *const argv[]);
/* The program in an image, as `put` makes its archive, fed to a client that
 * imports it. False after it was said why not. */
bool garita_canary_import(struct garita_doctor *doctor, const char *through,
			  const char *const argv[],
			  void (*put)(const char *program, size_t len,
				      struct garita_text *archive));
/* A tar archive (ustar), file by file, then its end. */
void garita_canary_put_file(const char *name, const char *data, size_t len,
			    struct garita_text *out);
void garita_canary_put_end(struct garita_text *out);

/* canary_ctr.c */
void garita_canary_try_ctr(struct garita_doctor *doctor);

#endif
