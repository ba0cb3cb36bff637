/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_verifier - garita-image-verifier: may this image be pulled? As
 * containerd (1.7 and later) asks the programs in its image verifiers'
 * directory: name and digest as options, the descriptor on standard input;
 * the answer is the exit code, its reason one line on standard output.
 *
 * The digest is what was resolved and what containerd will hold the bytes
 * against. Whether it is a manifest's or an index's is only what a registry
 * says, so it makes no difference here. The start is judged again by the gate,
 * which knows the manifest that runs; a pull that was admitted promises
 * nothing about it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/reference.h"
#include "hook/clock.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/log/decision_log.h"
#include "hook/report/report.h"
#include "hook/settle.h"
#include "policy/trust/called.h"

enum exit_code { ADMITTED = 0, REFUSED = 1, COULD_NOT_JUDGE = 2 };

enum { DESCRIPTOR_MAX = 64 * 1024 };

/* Before the reason of what goes on all the same. */
static const char dry_run[] = "dry-run, admitted: ";

static const char usage[] =
	"usage: garita-image-verifier -name NAME -digest DIGEST\n"
	"           -stdin-media-type "
	"application/vnd.oci.descriptor.v1+json\n"
	"       garita-image-verifier --version | --help\n"
	"\n"
	"The image's descriptor is read from standard input. containerd calls "
	"it; see\n"
	"garita-image-verifier(8).\n";

struct call {
	uint64_t started_us;
	const char *name, *digest, *media_type; /* as given; NULL: not */
	struct garita_gate gate;
};

static bool is_dry_run(const struct call *call)
{
	return garita_gate_is_dry_run(&call->gate);
}

static int log_call(const struct call *call,
		    const struct garita_decision *decision,
		    const struct garita_error *error, bool admitted,
		    struct garita_error *err)
{
	const struct garita_record record = {
		.program = "garita-image-verifier",
		.verb = "pull",
		.engine = "containerd",
		.gate = call->gate.policy ? &call->gate : NULL,
		.decision = decision,
		.error = error,
		.admitted = admitted,
		.cost_us = garita_clock_us() - call->started_us,
	};

	return garita_log_decision(&record, err);
}

/* An answer that could not be given is a refusal. */
static int answer(int code, const char *line)
{
	auto_text safe = { 0 };

	garita_report_put_safe(&safe, line);
	garita_text_putc(&safe, '\n');
	return garita_file_write(STDOUT_FILENO, safe.data, safe.len) < 0
		       ? COULD_NOT_JUDGE
		       : code;
}

static int give_up(const struct call *call, const struct garita_error *error)
{
	bool admitted = is_dry_run(call);
	auto_text line = { 0 };

	log_call(call, NULL, error, admitted, NULL);
	if (admitted)
		garita_text_puts(&line, dry_run);
	garita_report_not_judged("image", error, &line);
	return answer(admitted ? ADMITTED : COULD_NOT_JUDGE, line.data);
}

static int conclude(const struct call *call,
		    const struct garita_decision *decision)
{
	const struct garita_trust *trust =
		&decision->image.trust[GARITA_TOPIC_SIGNATURE];
	bool passed = decision->verdict.outcome != GARITA_REFUSE;
	bool admitted = passed || is_dry_run(call);
	struct garita_error error = { 0 };
	auto_text line = { 0 };

	if (log_call(call, decision, NULL, admitted, &error) < 0)
		return give_up(call, &error);
	if (!passed) {
		if (admitted)
			garita_text_puts(&line, dry_run);
		garita_report_line(decision, &line);
		return answer(admitted ? ADMITTED : REFUSED, line.data);
	}
	garita_text_printf(&line, "garita admitted %s (%s)", call->name,
			   call->digest);
	if (trust->state == GARITA_TRUST_ACCEPTED)
		garita_text_printf(&line, ": %s", trust->words);
	return answer(ADMITTED, line.data);
}

/* ---- what is asked ---- */

/* As Go's flag package has them: one dash or two, "-name x" or "-name=x". */
static int read_options(int argc, char *argv[], struct call *call,
			struct garita_error *err)
{
	const struct {
		const char *name;
		const char **value;
	} table[] = {
		{ "name", &call->name },
		{ "digest", &call->digest },
		{ "stdin-media-type", &call->media_type },
	};

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = strchr(word, '=');
		size_t dashes = strspn(word, "-"), len, o;

		len = value ? (size_t)(value - word) : strlen(word);
		for (o = 0; o < GARITA_COUNT(table); o++)
			if (len == dashes + strlen(table[o].name) &&
			    strncmp(word + dashes, table[o].name,
				    len - dashes) == 0)
				break;
		if (dashes < 1 || dashes > 2 || o == GARITA_COUNT(table))
			return garita_fail(err, EINVAL, "unknown option %s",
					   word);
		if (*table[o].value != NULL)
			return garita_fail(err, EINVAL, "-%s is given twice",
					   table[o].name);
		if (value == NULL && i + 1 == argc)
			return garita_fail(err, EINVAL, "-%s needs a value",
					   table[o].name);
		*table[o].value = value ? value + 1 : argv[++i];
	}
	return 0;
}

static int check_descriptor(const struct call *call, struct garita_error *err)
{
	static const char known[] = "application/vnd.oci.descriptor.v1+json";
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	const char *digest;
	size_t len = 0;
	int rc;

	if (call->media_type == NULL || strcmp(call->media_type, known) != 0)
		return garita_fail(
			err, EINVAL, "-stdin-media-type is %s, not %s",
			call->media_type ? call->media_type : "not given",
			known);
	rc = garita_file_read(STDIN_FILENO, DESCRIPTOR_MAX, &text, &len, err);
	if (rc == 0)
		rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
				       err);
	if (rc < 0)
		return garita_fail_in(err, "descriptor on standard input");
	digest = garita_json_string(
		garita_json_get(garita_json_root(doc), "digest"));
	if (digest == NULL || strcmp(digest, call->digest) != 0)
		return garita_fail(err, EINVAL,
				   "descriptor on standard input is of %s, not "
				   "of %s",
				   digest ? digest : "no digest", call->digest);
	return 0;
}

/* What an engine could read as another name is judged by none. */
static int describe(const struct call *call, struct garita_image *ret,
		    struct garita_error *err)
{
	struct garita_reference parsed;
	auto_image image = {
		.sure = GARITA_IMAGE_VERIFIED,
		.store = "containerd",
	};
	int rc;

	if (call->name == NULL || call->digest == NULL)
		return garita_fail(err, EINVAL, "-name or -digest is missing");
	if (!garita_digest_well_formed(call->digest))
		return garita_fail(err, EINVAL,
				   "-digest %s is not sha256 and 64 "
				   "hexadecimal digits",
				   call->digest);
	rc = garita_reference_parse(call->name, &parsed, err);
	if (rc < 0)
		return garita_fail_in(err, "-name");
	if (*parsed.digest != '\0' && strcmp(parsed.digest, call->digest) != 0)
		return garita_fail(err, EINVAL,
				   "-name %s has another digest than -digest",
				   call->name);
	memcpy(image.manifest, call->digest, sizeof(image.manifest));
	image.reference = garita_xstrdup(call->name);
	if (garita_called(&image).count == 0)
		return garita_fail(err, EINVAL, "-name %s has no registry",
				   call->name);
	/* It will be the store's name for it, too. */
	image.names = garita_xcalloc(1, sizeof(*image.names));
	image.names[image.name_count++] = garita_xstrdup(call->name);
	*ret = image;
	image = (struct garita_image){ 0 };
	return 0;
}

static int verify(struct call *call, int argc, char *argv[])
{
	const struct garita_gate_options options = { 0 };
	auto_decision decision = { 0 };
	auto_image image = { 0 };
	struct garita_error error = { 0 };
	int rc = garita_gate_open(&options, &call->gate, &error);

	if (rc == 0)
		rc = read_options(argc, argv, call, &error);
	if (rc == 0)
		rc = describe(call, &image, &error);
	if (rc == 0)
		rc = check_descriptor(call, &error);
	if (rc == 0)
		rc = garita_gate_judge_pull(&call->gate, &image, &decision,
					    &error);
	return rc < 0 ? give_up(call, &error) : conclude(call, &decision);
}

static int print(int fd, const char *text, int code)
{
	return garita_file_write(fd, text, strlen(text)) < 0 ? COULD_NOT_JUDGE
							     : code;
}

int main(int argc, char *argv[])
{
	struct call call = { .started_us = garita_clock_us() };
	int code;

	(void)garita_settle(O_RDONLY);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return print(STDOUT_FILENO, usage, ADMITTED);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return print(STDOUT_FILENO,
			     "garita-image-verifier " GARITA_VERSION "\n",
			     ADMITTED);
	if (argc < 2)
		return print(STDERR_FILENO, usage, COULD_NOT_JUDGE);
	code = verify(&call, argc, argv);
	garita_gate_close(&call.gate);
	return code;
}
