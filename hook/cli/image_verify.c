/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_verify - `garita image verify`: is there a signature that a policy, or
 * a key given here, accepts, and are the attestations what they should be? For
 * authors and CI; the gate asks the same questions of the same program.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "garita/reference.h"
#include "hook/cli/image_verify.h"
#include "hook/gate.h"
#include "hook/report/report.h"
#include "hook/trust/ask.h"
#include "hook/trust/gather.h"
#include "hook/trust/source.h"

enum { VERIFY_VERSION = 1 };

/* One question and what came of it. */
struct answer {
	bool asked;
	bool no_answer; /* garita-verify could not be asked: trust says why */
	struct garita_trust trust;
	struct garita_text notes;
};

/* Of several answers: refused when one is, and then why; true only as long as
 * all are. */
static struct garita_trust sum_up(const struct answer answers[GARITA_TOPICS])
{
	struct garita_trust all = { 0 };

	for (size_t i = 0; i < GARITA_TOPICS; i++) {
		const struct garita_trust *one = &answers[i].trust;
		time_t until = all.until;

		if (!answers[i].asked || all.state == GARITA_TRUST_REFUSED)
			continue;
		if (all.state == GARITA_TRUST_NOT_ASKED ||
		    one->state == GARITA_TRUST_REFUSED)
			all = *one;
		else if (one->until != 0 && (until == 0 || one->until < until))
			all.until = one->until;
	}
	return all;
}

static void print_json(const struct garita_image_verify_options *options,
		       const struct answer answers[GARITA_TOPICS],
		       struct garita_text *out)
{
	const struct garita_trust all = sum_up(answers);
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *list = garita_json_new_array(doc);
	struct garita_json *attested = garita_json_new_object(doc);

	garita_json_put_u64(doc, root, "version", VERIFY_VERSION);
	garita_json_put_string(doc, root, "digest", options->digest);
	if (options->reference != NULL)
		garita_report_put_string(doc, root, "reference",
					 options->reference);
	garita_image_verdict_json(doc, &all, root);
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++) {
		struct garita_json *node = garita_json_new_object(doc);

		if (!answers[topic].asked)
			continue;
		garita_image_notes_json(doc, answers[topic].notes.data, list);
		garita_image_verdict_json(doc, &answers[topic].trust, node);
		if (topic != GARITA_TOPIC_SIGNATURE)
			garita_json_put(doc, attested, garita_topic_rule(topic),
					node);
	}
	if (garita_json_count(attested) > 0)
		garita_json_put(doc, root, "attestations", attested);
	garita_json_put(doc, root, "notes", list);
	garita_report_put_tree(root, out);
}

static void print_text(const struct garita_image_verify_options *options,
		       const struct answer answers[GARITA_TOPICS],
		       struct garita_text *out)
{
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++) {
		const struct garita_trust *trust = &answers[topic].trust;

		if (!answers[topic].asked)
			continue;
		garita_text_printf(out,
				   "%s %s: ", garita_image_verdict_word(trust),
				   options->digest);
		if (topic != GARITA_TOPIC_SIGNATURE)
			garita_text_printf(out,
					   "%s: ", garita_topic_rule(topic));
		garita_report_put_safe(out, trust->words);
		garita_text_putc(out, '\n');
		/* After a refusal a person wants to know what was looked at. */
		if (options->explain || trust->state != GARITA_TRUST_ACCEPTED)
			garita_image_notes_text(answers[topic].notes.data,
						false, false, out);
	}
}

static void ask(const struct garita_image *image,
		const struct garita_requirements *wanted, struct answer *ret)
{
	const struct garita_trust_case asked = { image, wanted,
						 &image->material, time(NULL) };

	ret->no_answer = garita_ask(&asked, NULL, &ret->trust, &ret->notes) < 0;
}

/* One question: are these the signers, or did they say this? */
static int ask_given(const struct garita_image_verify_options *options,
		     const struct garita_image *image,
		     struct answer answers[GARITA_TOPICS],
		     struct garita_error *err)
{
	enum garita_topic topic = GARITA_TOPIC_SIGNATURE;
	auto_requirements wanted = { 0 };
	int rc = garita_image_verify_require(options, &wanted, err);

	if (rc < 0)
		return rc;
	if (options->attested.type != NULL)
		topic = garita_attestation_topic(wanted.all[0].attested->type);
	answers[topic].asked = true;
	ask(image, &wanted, &answers[topic]);
	return 0;
}

/* garita's own policy says who, as it does to the gate, and all that it asks of
 * an image is asked. What the gate would refuse an image for (no entry is about
 * it, a key is not there) is a refusal here. */
static int ask_own(const struct garita_image_verify_options *options,
		   const struct garita_image *image,
		   struct answer answers[GARITA_TOPICS],
		   struct garita_error *err)
{
	const struct garita_gate_options how = {
		.sysroot = options->sysroot,
		.policy = options->policy,
	};
	auto_gate gate = { 0 };
	struct garita_gather gather = { .now = time(NULL) };
	size_t count = 0;
	int rc = garita_gate_open(&how, &gate, err);

	if (rc < 0)
		return rc;
	gather.policy = gate.policy;
	gather.policy_path = gate.policy_path;
	gather.policy_root = gate.policy_root;
	gather.sysroot = options->sysroot;
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++) {
		struct answer *answer = &answers[topic];
		auto_requirements wanted = { 0 };
		struct garita_error why = { 0 };
		auto_free char *scope = NULL;

		if (!garita_policy_wants(gate.policy, topic))
			continue;
		count++;
		answer->asked = true;
		if (garita_gather_wanted(&gather, options->reference, topic,
					 &wanted, &scope, &why) == 0) {
			ask(image, &wanted, answer);
			continue;
		}
		answer->trust.state = GARITA_TRUST_REFUSED;
		garita_error_words(&why, answer->trust.words,
				   sizeof(answer->trust.words));
	}
	if (count == 0)
		return garita_fail(err, ENOENT,
				   "%s names nobody who must have signed: see "
				   "images.signatures, images.attestations, "
				   "images.notation and "
				   "images.containers-policy",
				   options->policy);
	return 0;
}

/* What is given here; else what this node keeps for the digest. */
static int read_material(const struct garita_image_verify_options *options,
			 const struct garita_image *image,
			 struct garita_blobs *ret, struct garita_error *err)
{
	int rc = 0;

	if (options->materials.count == 0)
		return garita_gather_material(options->sysroot, image, ret,
					      err);
	for (size_t i = 0; i < options->materials.count && rc == 0; i++)
		rc = garita_source_read(options->materials.words[i], ret, NULL,
					err);
	return rc;
}

static int verify(const struct garita_cli *cli,
		  const struct garita_image_verify_options *options)
{
	struct answer answers[GARITA_TOPICS] = { 0 };
	auto_text out = { 0 };
	struct garita_error err = { 0 };
	struct garita_image image = {
		.sure = GARITA_IMAGE_VERIFIED,
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): not written to */
		.reference = (char *)(uintptr_t)options->reference,
	};
	bool accepted, answered = true;
	int rc;

	memcpy(image.manifest, options->digest, sizeof(image.manifest));
	rc = read_material(options, &image, &image.material, &err);
	if (rc == 0)
		rc = options->policy
			     ? ask_own(options, &image, answers, &err)
			     : ask_given(options, &image, answers, &err);
	garita_blobs_free(&image.material);
	if (rc == 0 && options->format != NULL &&
	    strcmp(options->format, "json") == 0)
		print_json(options, answers, &out);
	else if (rc == 0)
		print_text(options, answers, &out);
	accepted = sum_up(answers).state == GARITA_TRUST_ACCEPTED;
	for (size_t i = 0; i < GARITA_TOPICS; i++) {
		answered = answered && !answers[i].no_answer;
		garita_text_free(&answers[i].notes);
	}
	if (rc < 0)
		return garita_verify_complain(cli, &err);
	garita_cli_print(&out);
	if (!answered)
		return GARITA_EXIT_ERROR;
	return accepted ? GARITA_EXIT_ADMITTED : GARITA_EXIT_REFUSED;
}

static int check_reference(const struct garita_cli *cli, const char *reference)
{
	struct garita_reference parsed;
	struct garita_error err = { 0 };

	if (reference == NULL ||
	    garita_reference_parse(reference, &parsed, &err) == 0)
		return 0;
	garita_cli_complain(cli, "--ref %s: %s", reference, err.text);
	return -EINVAL;
}

static int run(const struct garita_cli *cli)
{
	struct garita_image_verify_options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--digest", &options.digest, NULL, NULL },
		{ "--ref", &options.reference, NULL, NULL },
		{ "--material", NULL, NULL, &options.materials },
		{ "--key", NULL, NULL, &options.keys },
		GARITA_VERIFY_NAMES(&options.names),
		{ "--keyring", NULL, NULL, &options.keyrings },
		{ "--containers-policy", &options.containers_policy, NULL,
		  NULL },
		{ "--notation-trust-policy", &options.trust_policy, NULL,
		  NULL },
		{ "--notation-trust-store", &options.trust_store, NULL, NULL },
		{ "--notation-crls", &options.crls, NULL, NULL },
		{ "--policy", &options.policy, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--annotation", NULL, NULL, &options.annotations },
		{ "--require", &options.require, NULL, NULL },
		{ "--accept-signed-index", NULL, &options.signed_index, NULL },
		{ "--attestation-type", &options.attested.type, NULL, NULL },
		{ "--max-age", &options.attested.age, NULL, NULL },
		{ "--max-severity", &options.attested.most, NULL, NULL },
		{ "--unknown-severity", &options.attested.unknown, NULL, NULL },
		{ "--fixable-only", NULL, &options.attested.fixable_only,
		  NULL },
		{ "--accept-vex", NULL, &options.attested.vex, NULL },
		{ "--builder", NULL, NULL, &options.attested.builders },
		{ "--source", NULL, NULL, &options.attested.sources },
		{ "--explain", NULL, &options.explain, NULL },
		{ "--format", &options.format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	const char *wrong = NULL;
	int rc = GARITA_EXIT_ERROR;
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words,
			       &count) == 0 &&
	    check_reference(cli, options.reference) == 0) {
		wrong = count > 0 ? "takes options only"
				  : garita_image_verify_wrong(&options);
		if (wrong != NULL)
			garita_cli_complain(cli, "%s", wrong);
		else
			rc = verify(cli, &options);
	}
	free(options.materials.words);
	free(options.keys.words);
	free(options.keyrings.words);
	free(options.annotations.words);
	free(options.attested.builders.words);
	free(options.attested.sources.words);
	return rc;
}

const struct garita_cli_verb garita_image_verify = {
	.name = "image verify",
	.summary = "has somebody who is trusted signed it, or attested",
	.usage = "image verify --digest D [--ref NAME] [--material PATH]...\n"
		 "           [--key FILE]... [--keyring FILE]... "
		 "[--containers-policy F]\n"
		 "           [--certificate-identity NAME] "
		 "[--certificate-identity-regexp R]\n"
		 "           [--certificate-oidc-issuer URL] [--trusted-root "
		 "F]\n"
		 "           [--notation-trust-policy F --notation-trust-store "
		 "DIR\n"
		 "           [--notation-crls DIR]] [--policy F]\n"
		 "           [--require N] [--annotation KEY=VALUE]...\n"
		 "           [--attestation-type\n"
		 "           vuln|provenance|sbom|spdx|cyclonedx|openvex|URI] "
		 "[--max-age 7d]\n"
		 "           [--max-severity "
		 "none|negligible|low|medium|high|critical]\n"
		 "           [--unknown-severity "
		 "negligible|low|medium|high|critical]\n"
		 "           [--fixable-only] [--accept-vex] [--builder "
		 "ID]...\n"
		 "           [--source PATTERN]... [--accept-signed-index] "
		 "[--explain]\n"
		 "           [--sysroot DIR] [--format text|json]",
	.help = "Whether somebody who is trusted has signed a digest, or "
		"attested what is wanted\n"
		"of it: the gate's question. One option says who is trusted: "
		"--key, --keyring,\n"
		"--certificate-identity, --containers-policy, "
		"--notation-trust-policy, --policy.\n"
		"\n"
		"  --digest D     the manifest's, as in NAME@sha256:...\n"
		"  --ref NAME     the image's, for what a signature says of "
		"names\n"
		"  --material PATH  a file, a directory of files or an OCI "
		"layout with\n"
		"                 signatures; else what this node keeps for "
		"the digest\n"
		"  --key FILE     a public key, PEM or DER; any of several "
		"may have signed\n"
		"  --keyring FILE  the same with OpenPGP keys\n"
		"  --require N    so many of the keys must have signed\n"
		"  --certificate-identity NAME  whom a certificate has to "
		"name, exactly\n"
		"  --certificate-identity-regexp R  in its place: all of the "
		"name fits R\n"
		"  --certificate-oidc-issuer URL  who vouched for the name, "
		"exactly\n"
		"  --trusted-root F  trusted_root.json: authorities and logs "
		"for it\n"
		"  --containers-policy F  a containers-policy.json(5) says "
		"who must have signed\n"
		"  --notation-trust-policy F  notation's trustpolicy.json "
		"says it, with\n"
		"  --notation-trust-store DIR  its trust store\n"
		"  --notation-crls DIR  and lists of revoked certificates, if "
		"wanted\n"
		"  --policy F     garita's own policy says it, as to the "
		"gate\n"
		"  --annotation KEY=VALUE  must be signed, too\n"
		"  --attestation-type T  not that it is signed is wanted, but "
		"what --key\n"
		"                 must have signed about it: vuln, "
		"provenance, sbom, spdx,\n"
		"                 cyclonedx, openvex or a predicateType\n"
		"  --max-age A    of the scan, the build or the document: "
		"hours or days, 7d\n"
		"  --max-severity S  the worst finding that a scan may have\n"
		"  --unknown-severity S  what a finding of unknown severity "
		"counts as\n"
		"  --fixable-only  findings that nobody can fix do not count\n"
		"  --accept-vex   nor those that an OpenVEX document of the "
		"same signer says\n"
		"                 do not affect the image\n"
		"  --builder ID   who must have built it; any of several\n"
		"  --source PATTERN  from what; any of several\n"
		"  --accept-signed-index  a signed index that lists the "
		"manifest will do\n"
		"  --explain      what was looked at, also when it is "
		"accepted\n"
		"  --sysroot DIR  look for the policy and what was imported "
		"below DIR\n"
		"  --format F     text, or json: image-verify-1.schema.json\n"
		"\n"
		"Exits 0 accepted, 1 refused, 2 error.\n",
	.run = run,
};
