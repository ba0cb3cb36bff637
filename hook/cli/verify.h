/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify - what the verbs that check signatures for people share.
 */
#ifndef GARITA_HOOK_CLI_VERIFY_H
#define GARITA_HOOK_CLI_VERIFY_H

#include <sys/types.h>

#include "garita/trust.h"
#include "hook/cli/cli.h"

/* Whoever a certificate names, as cosign's options call it. */
struct garita_verify_names {
	const char *identity, *regexp, *issuer, *trusted_root;
};
#define GARITA_VERIFY_NAMES(of)                                                \
	{ "--certificate-identity", &(of)->identity, NULL, NULL },             \
		{ "--certificate-identity-regexp", &(of)->regexp, NULL,        \
		  NULL },                                                      \
		{ "--certificate-oidc-issuer", &(of)->issuer, NULL, NULL },    \
	{                                                                      \
		"--trusted-root", &(of)->trusted_root, NULL, NULL              \
	}

bool garita_verify_has_names(const struct garita_verify_names *of);
/* What of them goes together; NULL: all. */
const char *garita_verify_wrong_names(const struct garita_verify_names *of);
/* A requirement of them; its file is not read. -EINVAL for an expression that
 * is none. */
int garita_verify_require_names(const struct garita_verify_names *of,
				struct garita_requirement *ret,
				struct garita_error *err);
/* Adds a file to a requirement. */
void garita_verify_add_source(struct garita_requirement *to, const char *path,
			      enum garita_source_role role);
/* Reads what a requirement's sources name. Whoever gave the names may read
 * them: nobody else's power is lent. */
int garita_verify_read_sources(struct garita_requirement *of,
			       struct garita_error *err);
/* A regular file of the caller's choice; -EFBIG above `most`. */
int garita_verify_read_file(const char *path, size_t most, char **ret,
			    size_t *ret_len, struct garita_error *err);
/* Its place and words on stderr; GARITA_EXIT_ERROR. */
int garita_verify_complain(const struct garita_cli *cli,
			   const struct garita_error *err);

#endif
