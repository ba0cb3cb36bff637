/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * advisories - the table of known holes, compared with a machine.
 *
 * The table is data (docs/schema/advisories-1.schema.json): one ships with
 * garita, one in /etc/garita is added to it, so a new hole needs no new garita.
 * A version number alone decides little: distributions repair old versions,
 * live patches repair running kernels, and what is not there has no holes. So
 * the package's version and its changelog, live patches, modules, kernel
 * options and control groups are looked at, too; only then is one open.
 */
#ifndef GARITA_ADVISORIES_H
#define GARITA_ADVISORIES_H

#include "garita/error.h"
#include "garita/facts.h"

enum { GARITA_ADVISORIES_MAX_BYTES = 1024 * 1024 };

/* Reads a table; -EINVAL with the place of what it should not be. */
int garita_advisories_parse(const char *text, size_t len,
			    struct garita_json_doc **ret,
			    struct garita_error *err);
/* Names that facts are needed of, as often as advisories have them: of modules,
 * or of options of the kernel ("CONFIG_NF_TABLES"). */
typedef void garita_advisories_tell(const char *name, void *data);
void garita_advisories_modules(struct garita_json_doc *table,
			       garita_advisories_tell *tell, void *data);
void garita_advisories_options(struct garita_json_doc *table,
			       garita_advisories_tell *tell, void *data);
/* Sets /advisories (appends to what is there; an id that is there already is
 * replaced) and /kernel/oldest in facts that have all the rest. */
void garita_advisories_judge(struct garita_json_doc *table,
			     struct garita_facts *facts);

#endif
