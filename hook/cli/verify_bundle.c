/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify_bundle - `garita verify-bundle`: is this sigstore bundle a good
 * signature over this file? The command line is the one that sigstore's
 * clients are compared by; the answer is that of the same sandboxed program
 * that the gate asks.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/digests.h"
#include "garita/sha256.h"
#include "hook/cli/image.h"
#include "hook/cli/verify.h"
#include "hook/file.h"
#include "hook/report/report.h"
#include "hook/trust/ask.h"

struct options {
	const char *bundle, *key, *artifact;
	struct garita_verify_names names;
	bool explain;
};

static const char *wrong_options(const struct options *options, size_t count)
{
	if (options->bundle == NULL)
		return "--bundle is missing";
	if (count != 1)
		return "give one file, or its digest, sha256:HEX";
	if ((options->key != NULL) == garita_verify_has_names(&options->names))
		return "give --certificate-identity and "
		       "--certificate-oidc-issuer, or --key";
	return garita_verify_wrong_names(&options->names);
}

/* ---- what was signed ---- */

static int hash_file(const char *path, char ret[GARITA_DIGEST_SIZE],
		     struct garita_error *err)
{
	static const char hex[] = "0123456789abcdef";
	struct stat st;
	auto_fd int fd = garita_file_open_given(AT_FDCWD, path, &st, err);
	auto_free char *part = garita_xalloc(1 << 20);
	unsigned char hash[32];
	struct garita_sha256 ctx;
	ssize_t got;

	if (fd < 0)
		return garita_fail_in(err, path);
	garita_sha256_init(&ctx);
	while ((got = read(fd, part, 1 << 20)) != 0) {
		if (got > 0)
			garita_sha256_update(&ctx, part, (size_t)got);
		else if (errno != EINTR)
			return garita_fail(err, errno, "%s: %s", path,
					   strerror(errno));
	}
	garita_sha256_final(&ctx, hash);
	memcpy(ret, "sha256:", 7);
	for (size_t i = 0; i < sizeof(hash); i++) {
		ret[7 + 2 * i] = hex[hash[i] >> 4];
		ret[8 + 2 * i] = hex[hash[i] & 15];
	}
	ret[71] = '\0';
	return 0;
}

/* Its digest, and its bytes if they are few enough to be looked at: a signature
 * by another hash than SHA-256, or by Ed25519, needs them. */
static int read_artifact(const char *artifact, char ret[GARITA_DIGEST_SIZE],
			 struct garita_blobs *material,
			 struct garita_error *err)
{
	auto_free char *bytes = NULL;
	struct stat st;
	size_t len = 0;
	int rc;

	if (garita_starts_with(artifact, "sha256:") &&
	    access(artifact, F_OK) != 0)
		return garita_fail(err, EINVAL,
				   "%s: a digest has 64 lower case hex digits",
				   artifact);
	if (stat(artifact, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size > GARITA_BLOB_MAX)
		return hash_file(artifact, ret, err);
	rc = garita_verify_read_file(artifact, GARITA_BLOB_MAX, &bytes, &len,
				     err);
	if (rc < 0)
		return rc;
	garita_sha256_digest(bytes, len, ret);
	garita_blobs_add(material, "artifact", bytes, len);
	return 0;
}

static int read_bundle(const char *path, struct garita_blobs *material,
		       struct garita_error *err)
{
	auto_free char *bytes = NULL;
	size_t len = 0;
	int rc = garita_verify_read_file(path, GARITA_BLOB_MAX, &bytes, &len,
					 err);

	if (rc == 0)
		garita_blobs_add(material, "bundle", bytes, len);
	return rc;
}

/* ---- who has to have signed ---- */

/* Any statement about the file is a good bundle; whether it says what somebody
 * needs is not asked here. With a trusted root a key's signature has to be in
 * its log as well. */
static int require(const struct options *options,
		   struct garita_requirements *ret, struct garita_error *err)
{
	struct garita_requirement *one = garita_requirements_add(ret);
	int rc = 0;

	if (options->key == NULL) {
		rc = garita_verify_require_names(&options->names, one, err);
	} else {
		one->kind = GARITA_REQUIRE_KEYS;
		garita_verify_add_source(one, options->key, GARITA_SOURCE_KEY);
		if (options->names.trusted_root != NULL)
			garita_verify_add_source(one,
						 options->names.trusted_root,
						 GARITA_SOURCE_TRUSTED_ROOT);
	}
	one->identity.kind = GARITA_IDENTITY_ANY;
	one->any_statement = true;
	return rc == 0 ? garita_verify_read_sources(one, err) : rc;
}

static int verify(const struct garita_cli *cli, const struct options *options)
{
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	auto_requirements wanted = { 0 };
	auto_blobs material = { 0 };
	auto_text notes = { 0 }, out = { 0 };
	struct garita_trust trust = { 0 };
	struct garita_error err = { 0 };
	const struct garita_trust_case asked = { &image, &wanted, &material,
						 time(NULL) };
	bool valid;
	int rc = require(options, &wanted, &err);

	if (rc == 0)
		rc = read_bundle(options->bundle, &material, &err);
	/* A file may be called like a digest, and then it is that file. */
	if (garita_digest_well_formed(options->artifact) &&
	    access(options->artifact, F_OK) != 0)
		memcpy(image.manifest, options->artifact, GARITA_DIGEST_SIZE);
	else if (rc == 0)
		rc = read_artifact(options->artifact, image.manifest, &material,
				   &err);
	if (rc < 0)
		return garita_verify_complain(cli, &err);
	if (garita_ask(&asked, NULL, &trust, &notes) < 0) {
		garita_cli_complain(cli, "%s", trust.words);
		return GARITA_EXIT_ERROR;
	}
	valid = trust.state == GARITA_TRUST_ACCEPTED;
	garita_text_printf(&out, "%s %s: ", valid ? "valid" : "invalid",
			   image.manifest);
	garita_report_put_safe(&out, trust.words);
	garita_text_putc(&out, '\n');
	if (options->explain)
		garita_image_notes_text(notes.data, false, false, &out);
	garita_cli_print(&out);
	return valid ? GARITA_EXIT_ADMITTED : GARITA_EXIT_REFUSED;
}

static int run(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--bundle", &options.bundle, NULL, NULL },
		{ "--key", &options.key, NULL, NULL },
		GARITA_VERIFY_NAMES(&options.names),
		{ "--explain", NULL, &options.explain, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	const char *wrong;
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	wrong = wrong_options(&options, count);
	if (wrong != NULL) {
		garita_cli_complain(cli, "%s", wrong);
		return GARITA_EXIT_ERROR;
	}
	options.artifact = words[0];
	return verify(cli, &options);
}

const struct garita_cli_verb garita_cli_verify_bundle = {
	.name = "verify-bundle",
	.summary = "whether a sigstore bundle signs a file",
	.usage = "verify-bundle --bundle F --certificate-identity NAME\n"
		 "                            --certificate-oidc-issuer URL\n"
		 "                            [--certificate-identity-regexp "
		 "R] [--trusted-root F]\n"
		 "                            [--explain] FILE\n"
		 "       garita verify-bundle --bundle F --key F "
		 "[--trusted-root F]\n"
		 "                            [--explain] FILE",
	.help = "FILE is what was signed, or its digest, sha256:HEX. Options "
		"may stand anywhere.\n"
		"\n"
		"  --bundle F     the bundle, as cosign and others write it\n"
		"  --certificate-identity NAME  whom the certificate has to "
		"name, exactly: an\n"
		"                 e-mail address, a URI\n"
		"  --certificate-identity-regexp R  in its place: all of the "
		"name fits R\n"
		"  --certificate-oidc-issuer URL  who vouched for the name, "
		"exactly\n"
		"  --key F        a public key, PEM or DER, in place of a "
		"name\n"
		"  --trusted-root F  trusted_root.json: authorities and logs; "
		"with --key the\n"
		"                 signature then has to be in one of its logs, "
		"if it names any\n"
		"  --explain      what was looked at\n"
		"\n"
		"Nothing is fetched. Exits 0 when the bundle is valid, 1 when "
		"not, 2 when that\n"
		"could not be told.\n",
	.run = run,
};
