/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust_expect - one bundle beside an image, judged, and what comes of it.
 */
#ifndef GARITA_TESTS_TRUST_EXPECT_H
#define GARITA_TESTS_TRUST_EXPECT_H

#include "garita/trust.h"

/* Adds a copy of a text to what the requirement's signers are known by. */
void trust_add_source(struct garita_requirement *to, const char *text,
		      enum garita_source_role role);
/* Fails the test `why` unless the bundle is accepted (`says` NULL) or refused
 * with these words among the reason's. It joins the material; the time is in
 * November 2026. */
void trust_expect(const char *why, const struct garita_requirements *wanted,
		  const char *manifest, struct garita_blobs *material,
		  const char *bundle, const char *says);

#endif
