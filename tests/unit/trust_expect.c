/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trust_expect - see the header. */
#include "tests/unit/trust_expect.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"

enum { NOW = 1795000000 };

void trust_add_source(struct garita_requirement *to, const char *text,
		      enum garita_source_role role)
{
	to->keys =
		garita_xresize(to->keys, to->key_count + 1, sizeof(*to->keys));
	to->keys[to->key_count++] = (struct garita_key_source){
		.bytes = garita_xstrdup(text),
		.len = strlen(text),
		.role = role,
	};
}

void trust_expect(const char *why, const struct garita_requirements *wanted,
		  const char *manifest, struct garita_blobs *material,
		  const char *bundle, const char *says)
{
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	struct garita_trust trust = { 0 };
	const struct garita_trust_case of = {
		.image = &image,
		.wanted = wanted,
		.material = material,
		.now = NOW,
	};

	snprintf(image.manifest, sizeof(image.manifest), "%s", manifest);
	garita_blobs_add(material, "bundle", bundle, strlen(bundle));
	garita_trust_decide(&of, &trust, NULL);
	if ((trust.state == GARITA_TRUST_ACCEPTED) != (says == NULL) ||
	    (says != NULL && strstr(trust.words, says) == NULL))
		fail_msg("%s: %s", why, trust.words);
}
