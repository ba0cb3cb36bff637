/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - the parts of one gathering of facts. Private to hook/host.
 *
 * Each part sets what it found out and leaves out what it could not: that is
 * unknown to the rules, and no failure here.
 */
#ifndef GARITA_HOOK_HOST_GATHER_H
#define GARITA_HOOK_HOST_GATHER_H

#include "garita/policy.h"
#include "hook/host/facts.h"
#include "hook/host/look.h"

enum { GARITA_GATHER_TABLES = 3 };

struct garita_gathering {
	struct garita_view view;
	const char *sysroot; /* "" for the machine itself */
	struct garita_facts *facts;
	const struct garita_policy *policy; /* or NULL */
	/* Of advisories, a later one counting more; NULL: none. */
	struct garita_json_doc *tables[GARITA_GATHER_TABLES];
};

/* data/advisories.json as of when garita was built: it always knows something.
 */
extern const char garita_advisories_built_in[];

/* facts_live.c: what a start looks at, too. */
void garita_gather_live(const struct garita_view *view,
			struct garita_facts *facts);
/* This boot's id; "" when it cannot be told. */
void garita_gather_boot(const struct garita_view *view,
			char into[GARITA_BOOT_ID_SIZE]);

/* gather_kernel.c: number, newest installed, options, sysctls, processor. */
void garita_gather_kernel(const struct garita_gathering *g);
/* gather_patches.c: live patches by other tools than the kernel's. */
void garita_gather_patches(const struct garita_gathering *g);
/* gather_modules.c */
void garita_gather_modules(const struct garita_gathering *g);
/* gather_programs.c: runtimes and engines, and what package they are of. */
void garita_gather_programs(const struct garita_gathering *g);
/* gather_storage.c: control groups, file systems. */
void garita_gather_storage(const struct garita_gathering *g);
/* gather_engines.c: docker's and containerd's settings. */
void garita_gather_engines(const struct garita_gathering *g);
/* gather_access.c: ways round the gate, sockets, files, watches. */
void garita_gather_access(const struct garita_gathering *g);

/* Runs a program of root's by its absolute path, with an empty environment, no
 * input, five seconds and so many bytes; what it printed, NUL after it. NULL:
 * it is not there, others could have put it there, or it did not end well.
 * `argv` ends in NULL; argv[0] is the path. More than `max_bytes` fails, or
 * with `cut` is read as far as that. */
char *garita_helper(const char *const argv[], size_t max_bytes, bool cut);
/* Is it the machine itself, where programs can be run? */
static inline bool garita_gather_is_live(const struct garita_gathering *g)
{
	return g->view.root < 0;
}
/* A gzip file, or a plain one, as text; as garita_look_read(). */
char *garita_gather_unzip(const struct garita_view *view, const char *path,
			  size_t max_bytes);
/* Appends a string to an array, made where it is not there. */
void garita_gather_append(struct garita_facts *facts, const char *pointer,
			  const char *text);

#endif
