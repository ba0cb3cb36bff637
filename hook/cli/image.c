/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - `garita image`: which image a container runs, and what is known of
 * it. A row for each verb; the verbs have files of their own.
 */
#include "hook/cli/image.h"

#include <string.h>

#include "policy/nearest.h"

static const struct {
	const char *name; /* what messages call it, too */
	int (*run)(const struct garita_cli *cli);
} parts[] = {
	{ "image inspect", garita_image_inspect },
	{ "image show", garita_image_show },
	{ "image verify", garita_image_verify },
	{ "image import", garita_image_import },
	{ "image forget", garita_image_forget },
	{ "image verify-layers", garita_image_verify_layers },
};

static int complain(const struct garita_cli *cli, const char *word,
		    const struct garita_nearest *near)
{
	auto_text words = { 0 };

	if (near->word != NULL && *word != '\0') {
		garita_cli_complain(cli, "unknown verb %s; did you mean %s?",
				    word, near->word);
		return GARITA_EXIT_ERROR;
	}
	for (size_t i = 0; i < GARITA_COUNT(parts); i++)
		garita_text_printf(&words, "%s%s", i > 0 ? " or " : "",
				   parts[i].name + strlen("image "));
	garita_cli_complain(cli, "give %s", words.data);
	return GARITA_EXIT_ERROR;
}

static int run(const struct garita_cli *cli)
{
	auto_free char **argv =
		garita_xcalloc((size_t)cli->argc, sizeof(*argv));
	struct garita_cli part = { cli->argc - 1, argv, cli->colour,
				   cli->envp };
	const char *word = cli->argc > 1 ? cli->argv[1] : "";
	const size_t prefix = strlen("image ");
	struct garita_nearest near = garita_nearest_to(word);

	for (size_t i = 0; i < GARITA_COUNT(parts); i++) {
		auto_free char *name = garita_xstrdup(parts[i].name);

		garita_nearest_try(&near, parts[i].name + prefix);
		if (strcmp(parts[i].name + prefix, word) != 0)
			continue;
		for (int a = 1; a < part.argc; a++)
			argv[a] = cli->argv[a + 1];
		argv[0] = name;
		return parts[i].run(&part);
	}
	return complain(cli, word, &near);
}

const struct garita_cli_verb garita_cli_image = {
	.name = "image",
	.summary = "which image a container runs, and who signed it",
	.usage = "image inspect [--format text|json] [--sysroot DIR] "
		 "CONTAINER|BUNDLE\n"
		 "       garita image show [--policy F] [--ref NAME] "
		 "[--sysroot DIR]\n"
		 "                    [--format text|json] "
		 "IMAGE|DIGEST|CONTAINER|BUNDLE\n"
		 "       garita image verify --digest D [--ref NAME] "
		 "[--material PATH]...\n"
		 "                    [--key FILE]... [--keyring FILE]... "
		 "[--containers-policy F]\n"
		 "                    [--certificate-identity NAME] "
		 "[--certificate-identity-regexp R]\n"
		 "                    [--certificate-oidc-issuer URL] "
		 "[--trusted-root F]\n"
		 "                    [--notation-trust-policy F "
		 "--notation-trust-store DIR\n"
		 "                    [--notation-crls DIR]] [--policy F]\n"
		 "                    [--require N] "
		 "[--annotation KEY=VALUE]...\n"
		 "                    [--attestation-type "
		 "vuln|provenance|sbom|spdx|cyclonedx|openvex|URI]\n"
		 "                    [--max-age 7d] [--max-severity "
		 "none|negligible|low|medium|high|critical]\n"
		 "                    [--unknown-severity "
		 "negligible|low|medium|high|critical]\n"
		 "                    [--fixable-only] [--accept-vex] "
		 "[--builder ID]... [--source PATTERN]...\n"
		 "                    [--accept-signed-index] [--explain] "
		 "[--sysroot DIR]\n"
		 "                    [--format text|json]\n"
		 "       garita image import [--digest D] [--dry-run] "
		 "[--insecure]\n"
		 "                    [--sysroot DIR] SOURCE...\n"
		 "       garita image forget [--sysroot DIR] DIGEST...\n"
		 "       garita image verify-layers [--sysroot DIR] "
		 "CONTAINER|BUNDLE|IMAGE",
	.help = "  inspect        the way from a container's root file system "
		"to its image, step\n"
		"                 by step, each with how it was checked\n"
		"  show           what is known of who made an image: every "
		"signature and\n"
		"                 attestation, what the policy makes of it, "
		"and "
		"why\n"
		"  verify         whether somebody who is trusted has signed a "
		"digest, or\n"
		"                 attested what is wanted of it\n"
		"  import         keep signatures on this node, where the gate "
		"looks for them\n"
		"  forget         remove what was imported for a digest\n"
		"  verify-layers  whether the files of the layers on disk are "
		"still those of\n"
		"                 their digests; reads all of them\n"
		"\n"
		"CONTAINER and IMAGE are an id, the beginning of one, or a "
		"name; what begins with\n"
		"/ or . is the directory of a bundle.\n"
		"  --sysroot DIR  looks for containers and stores below DIR\n"
		"  --digest D     the manifest's, as in NAME@sha256:...\n"
		"  --ref NAME     the image's, for what a signature says of "
		"names\n"
		"  --material PATH  a file, a directory of files or an OCI "
		"layout with\n"
		"                 signatures; else what this node keeps for "
		"the "
		"digest\n"
		"  --key FILE     a public key, PEM or DER; any of several may "
		"have signed, with\n"
		"                 --require N so many of them\n"
		"  --keyring FILE  the same with OpenPGP keys\n"
		"  --certificate-identity NAME  whom a certificate has to "
		"name, exactly\n"
		"  --certificate-identity-regexp R  in its place: all of the "
		"name fits R\n"
		"  --certificate-oidc-issuer URL  who vouched for the name, "
		"exactly\n"
		"  --trusted-root F  trusted_root.json: authorities and logs "
		"for it\n"
		"  --containers-policy F  a containers-policy.json(5) says who "
		"must have signed\n"
		"  --notation-trust-policy F  notation's trustpolicy.json "
		"says it, with\n"
		"  --notation-trust-store DIR  its trust store\n"
		"  --notation-crls DIR  and lists of revoked certificates, "
		"if wanted\n"
		"  --policy F     garita's own policy says it, as to the gate\n"
		"  --annotation KEY=VALUE  must be signed, too\n"
		"  --attestation-type T  not that it is signed is wanted, but "
		"what --key\n"
		"                 must have signed about it: vuln, provenance, "
		"sbom, spdx,\n"
		"                 cyclonedx, openvex or a predicateType\n"
		"  --max-age A    of the scan, the build or the document: "
		"hours "
		"or days, 7d\n"
		"  --max-severity S  the worst finding that a scan may have\n"
		"  --unknown-severity S  what a finding of unknown severity "
		"counts as\n"
		"  --fixable-only  findings that nobody can fix do not count\n"
		"  --accept-vex   nor those that an OpenVEX document of the "
		"same "
		"signer says\n"
		"                 do not affect the image\n"
		"  --builder ID   who must have built it; any of several\n"
		"  --source PATTERN  from what; any of several\n"
		"  --accept-signed-index  a signed index that lists the "
		"manifest will do\n"
		"  --explain      what was looked at, also when it is "
		"accepted\n"
		"  --dry-run      says what would be kept\n"
		"  --insecure     a registry may do without TLS\n"
		"\n"
		"SOURCE is what --material takes, or docker://NAME, read by "
		"skopeo.\n"
		"\n"
		"verify and show exit 0 accepted, 1 refused; inspect 0 when "
		"layers, "
		"config and manifest\n"
		"hang together, 1 when not all of that is known; verify-layers "
		"0 when all files\n"
		"are the same, 1 when not, 2 when a layer could not be "
		"compared; forget 1 when\n"
		"nothing was kept. 2 is an error.\n",
	.run = run,
};
