/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - what is known of the machine itself: its kernel, its programs, its
 * engines' configuration. `garita host` shows them, host rules judge them.
 *
 * They are one JSON document (docs/schema/host-facts-1.schema.json), so that
 * the file in which a gathering is kept, the report and a test's case are the
 * same thing, and a finding's JSON pointer leads to what it is about. A member
 * that is missing, or is not what it should be, is unknown, and a rule that
 * needs an unknown fact does not pass.
 *
 * Gathering all takes a while (helpers are run), so `garita host --refresh`
 * keeps them in a file of root's; a start reads that and looks anew only at
 * what costs a microsecond each (/kernel/release, /kernel/tainted, ...). Kept
 * facts do not count after a reboot, nor when they are too old.
 */
#ifndef GARITA_FACTS_H
#define GARITA_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "garita/error.h"
#include "garita/json.h"

enum {
	GARITA_FACTS_VERSION = 1,
	GARITA_FACTS_MAX_BYTES = 1024 * 1024,
	GARITA_BOOT_ID_SIZE = 37, /* a UUID and NUL */
};

struct garita_facts {
	struct garita_json_doc *doc; /* never NULL in an opened one */
	/* Why there are no facts but those that were just looked at; "" when
	 * all there is is there. */
	char why_not[256];
	time_t gathered; /* 0: just now */
};

/* When kept facts count. */
struct garita_facts_terms {
	time_t now;
	uint64_t max_age_s;
	const char *boot_id; /* of this boot; "": it cannot be told */
};

/* Reads a kept document. -EINVAL when it is none of ours, -ESTALE when it is
 * too old, of another boot or of the future: then it does not count. */
int garita_facts_parse(const char *text, size_t len,
		       const struct garita_facts_terms *terms,
		       struct garita_facts *ret, struct garita_error *err);
/* None, and why. */
void garita_facts_none(struct garita_facts *facts, const char *why);
void garita_facts_free(struct garita_facts *facts);
#define auto_facts                                                             \
	__attribute__((cleanup(garita_facts_free))) struct garita_facts

/* For whoever gathers: sets what `pointer` ("/kernel/tainted") leads to. A NULL
 * value takes it away: it is not known. */
void garita_facts_put(struct garita_facts *facts, const char *pointer,
		      struct garita_json *value);
void garita_facts_put_string(struct garita_facts *facts, const char *pointer,
			     const char *value);
void garita_facts_put_bool(struct garita_facts *facts, const char *pointer,
			   bool value);
/* What `pointer`, of plain names of members, leads to; NULL: not known. */
const struct garita_json *garita_facts_at(const struct garita_facts *facts,
					  const char *pointer);

#endif
