/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec_mounts - the part of spec.c that is about mounts; nobody else includes
 * it.
 */
#ifndef GARITA_POLICY_SPEC_MOUNTS_H
#define GARITA_POLICY_SPEC_MOUNTS_H

#include "garita/spec.h"

/* Into spec->mounts, which garita_spec_free() frees also after a failure:
 * -EINVAL, with the pointer of the one that is none. */
int garita_spec_read_mounts(struct garita_json_doc *doc,
			    struct garita_spec *spec, struct garita_error *err);

#endif
