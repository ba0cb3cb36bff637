/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify - see the header.
 */
#include "hook/cli/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "garita/regexp.h"
#include "hook/file.h"
#include "hook/report/report.h"
#include "policy/trust/request.h"

/* Where a root that nobody named is looked for. */
#define TRUSTED_ROOT GARITA_SYSCONF_DIR "/trusted_root.json"

bool garita_verify_has_names(const struct garita_verify_names *of)
{
	return of->identity != NULL || of->regexp != NULL || of->issuer != NULL;
}

const char *garita_verify_wrong_names(const struct garita_verify_names *of)
{
	if (of->identity != NULL && of->regexp != NULL)
		return "give one of --certificate-identity and "
		       "--certificate-identity-regexp";
	if (garita_verify_has_names(of) &&
	    ((of->identity == NULL && of->regexp == NULL) ||
	     of->issuer == NULL))
		return "--certificate-identity (or -regexp) and "
		       "--certificate-oidc-issuer go together: a name means "
		       "something only by who gave it";
	return NULL;
}

void garita_verify_add_source(struct garita_requirement *to, const char *path,
			      enum garita_source_role role)
{
	to->keys =
		garita_xresize(to->keys, to->key_count + 1, sizeof(*to->keys));
	to->keys[to->key_count++] = (struct garita_key_source){
		.path = garita_xstrdup(path),
		.role = role,
	};
}

int garita_verify_require_names(const struct garita_verify_names *of,
				struct garita_requirement *ret,
				struct garita_error *err)
{
	auto_regexp struct garita_regexp *made = NULL;
	struct garita_keyless_identity *one;

	if (of->regexp != NULL &&
	    garita_regexp_read(of->regexp, &made, err) < 0)
		return garita_fail_in(err, "--certificate-identity-regexp");
	ret->kind = GARITA_REQUIRE_KEYLESS;
	ret->keyless = garita_xalloc(sizeof(*ret->keyless));
	one = garita_keyless_add(ret->keyless);
	if (of->identity != NULL)
		one->subject = garita_xstrdup(of->identity);
	else
		one->pattern = garita_xstrdup(of->regexp);
	one->issuer = garita_xstrdup(of->issuer);
	garita_verify_add_source(
		ret, of->trusted_root ? of->trusted_root : TRUSTED_ROOT,
		GARITA_SOURCE_TRUSTED_ROOT);
	return 0;
}

int garita_verify_read_file(const char *path, size_t most, char **ret,
			    size_t *ret_len, struct garita_error *err)
{
	int rc =
		garita_file_read_given(AT_FDCWD, path, most, ret, ret_len, err);

	if (rc == -ENOENT && strcmp(path, TRUSTED_ROOT) == 0)
		return garita_fail(err, ENOENT,
				   "no trusted root: name one with "
				   "--trusted-root, or put it at %s (cosign "
				   "trusted-root create writes one; garita "
				   "fetches nothing)",
				   path);
	return rc < 0 ? garita_fail_in(err, path) : 0;
}

int garita_verify_read_sources(struct garita_requirement *of,
			       struct garita_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < of->key_count && rc == 0; i++) {
		struct garita_key_source *source = &of->keys[i];

		if (source->path != NULL && source->bytes == NULL)
			rc = garita_verify_read_file(
				source->path, GARITA_REQUEST_KEY_MAX,
				&source->bytes, &source->len, err);
	}
	return rc;
}

int garita_verify_complain(const struct garita_cli *cli,
			   const struct garita_error *err)
{
	char words[sizeof(err->text) + sizeof(err->pointer) + 64];

	garita_cli_complain(cli, "%s",
			    garita_error_words(err, words, sizeof(words)));
	return GARITA_EXIT_ERROR;
}
