/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - the OCI runtime-spec's member names and types, as a table.
 *
 * Go (runc) takes "HOOKS" and "hook<U+017F>" for "hooks"; C (crun) does not.
 * crun takes "uid":"1" for root; Go refuses it. A config in which any reader
 * could find another member or another value than we do is refused here, so
 * that the rules can read the tree by exact name and trust what they read.
 *
 * Source: runtime-spec 1.3 config.md, config-linux.md and its schema.
 */
#ifndef GARITA_NAMES_H
#define GARITA_NAMES_H

#include "garita/json.h"

/* Checks a parsed config.json against the table:
 *  - two keys of one object that are equal after Go's folding (ASCII case,
 *    U+017F long s, U+212A Kelvin sign), except in free-form maps
 *    (annotations, sysctl, unified, rdma, netDevices, timeOffsets);
 *  - a key that folds to a name of its own object without being it, or to any
 *    name of the spec without being one: an exact name in a place where the
 *    spec has none is read by nobody;
 *  - a known member of the wrong JSON type (null counts as absent, but not as
 *    an item of an array or of a map: there Go makes it "" or an empty
 *    object);
 *  - a number that is no integer or out of its member's range (ids end at
 *    2147483647: crun runs 4294967295 as root). No number anywhere may have
 *    a point or an exponent.
 * Unknown members that resemble nothing are left alone. Returns 0, or -EINVAL
 * with line, column and pointer in err. */
int garita_names_check(struct garita_json_doc *doc, struct garita_error *err);
/* The same for a document that is a process: what exec is given. */
int garita_names_check_process(struct garita_json_doc *doc,
			       struct garita_error *err);
/* Did garita_names_check() pass and meet nothing unknown, and has nothing been
 * put into the document since? */
bool garita_names_all_known(const struct garita_json_doc *doc);

/* Go's folding of two keys: equal as encoding/json would match them. */
bool garita_names_fold_equal(const char *a, const char *b);

#endif
