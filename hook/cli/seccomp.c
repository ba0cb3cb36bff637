/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - profiles on the command line: show, compare, intersect, resolve.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "garita/seccomp.h"
#include "garita/spec.h"
#include "hook/cli/cli.h"
#include "hook/file.h"
#include "hook/report/report.h"
#include <linux/capability.h>

struct options {
	const char *caps, *arch, *kernel, *format;
};

/* Everything that a run owns. */
struct work {
	const struct garita_cli *cli;
	struct options options;
	struct garita_json_doc *made; /* resolved profiles and output */
	struct garita_json_doc *docs[2];
	char *texts[2];
	struct utsname host;
	struct garita_seccomp_target target;
	bool has_caps;
};

/* What docker, podman and containerd give when nothing is asked for. */
static const unsigned usual_caps[] = {
	CAP_CHOWN,      CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER,
	CAP_MKNOD,      CAP_NET_RAW,      CAP_SETGID, CAP_SETUID,
	CAP_SETFCAP,    CAP_SETPCAP,      CAP_KILL,   CAP_NET_BIND_SERVICE,
	CAP_SYS_CHROOT, CAP_AUDIT_WRITE,
};

static void work_free(struct work *work)
{
	for (size_t i = 0; i < GARITA_COUNT(work->docs); i++) {
		garita_json_free(work->docs[i]);
		free(work->texts[i]);
	}
	garita_json_free(work->made);
}

static int read_caps(const char *list, garita_caps *ret,
		     struct garita_error *err)
{
	garita_caps set = 0;

	if (strcmp(list, "all") == 0)
		set = GARITA_CAPS_ALL;
	if (strcmp(list, "all") == 0 || strcmp(list, "none") == 0)
		list = "";
	for (const char *at = list; *at;) {
		size_t len = strcspn(at, ",");
		auto_free char *name = garita_xstrndup(at, len);
		int number = garita_cap_number(name);

		if (number < 0)
			return garita_fail(err, EINVAL,
					   "--caps: no capability %s; write "
					   "CAP_CHOWN,CAP_KILL, all or none",
					   name);
		set |= GARITA_CAP(number);
		at += len + (at[len] == ',');
	}
	*ret = set;
	return 0;
}

/* "6.1", or what uname(2) says: "6.1.0-38-amd64". */
static int read_kernel(const char *text, struct garita_seccomp_target *ret,
		       struct garita_error *err)
{
	size_t first = strspn(text, "0123456789");
	size_t second =
		text[first] == '.' ? strspn(text + first + 1, "0123456789") : 0;
	auto_free char *major = garita_xstrndup(text, first);
	auto_free char *minor =
		garita_xstrndup(text + first + !!second, second);
	uint32_t numbers[2];

	if (garita_parse_u32(major, 0, 9999, &numbers[0]) < 0 ||
	    garita_parse_u32(minor, 0, 9999, &numbers[1]) < 0)
		return garita_fail(err, EINVAL,
				   "--kernel: \"%s\" is no version like 6.1",
				   text);
	ret->kernel_major = numbers[0];
	ret->kernel_minor = numbers[1];
	return 0;
}

static int set_target(struct work *work, struct garita_error *err)
{
	struct garita_seccomp_target *target = &work->target;
	const char *kernel = work->options.kernel;
	int rc = 0;

	if (uname(&work->host) < 0)
		return garita_fail(err, errno, "uname: %s", strerror(errno));
	target->machine =
		work->options.arch ? work->options.arch : work->host.machine;
	if (!garita_seccomp_arch(target->machine))
		return garita_fail(err, EINVAL,
				   "--arch: unknown machine %s; x86_64, "
				   "aarch64, riscv64, s390x, ppc64le and "
				   "armv7l are known",
				   target->machine);
	for (size_t i = 0; i < GARITA_COUNT(usual_caps); i++)
		target->bounding |= GARITA_CAP(usual_caps[i]);
	if (work->options.caps) {
		work->has_caps = true;
		rc = read_caps(work->options.caps, &target->bounding, err);
	}
	if (rc == 0)
		rc = read_kernel(kernel ? kernel : work->host.release, target,
				 err);
	return rc;
}

static int read_file(const char *path, char **ret, size_t *ret_len,
		     struct garita_error *err)
{
	if (strcmp(path, "-") == 0)
		return garita_file_read(STDIN_FILENO, GARITA_JSON_MAX_BYTES,
					ret, ret_len, err);
	return garita_file_read_given(AT_FDCWD, path, GARITA_JSON_MAX_BYTES,
				      ret, ret_len, err);
}

/* A config.json says itself which capabilities its container has. */
static int take_config(struct work *work, struct garita_json *root,
		       struct garita_json **ret, struct garita_error *err)
{
	struct garita_json *profile = garita_json_at(root, "/linux/seccomp");
	struct garita_json *bounding =
		garita_json_at(root, "/process/capabilities/bounding");

	if (!profile)
		return garita_fail(err, EINVAL,
				   "this config.json has no seccomp profile");
	*ret = profile;
	if (work->has_caps)
		return 0;
	work->target.bounding = 0;
	for (size_t i = 0; i < garita_json_count(bounding); i++) {
		const char *name =
			garita_json_string(garita_json_item(bounding, i));
		int number = name ? garita_cap_number(name) : -1;

		if (number >= 0)
			work->target.bounding |= GARITA_CAP(number);
	}
	work->has_caps = true;
	return 0;
}

static int parse_file(struct work *work, size_t i, const char *path,
		      struct garita_json **ret, struct garita_error *err)
{
	struct garita_json *root;
	size_t len = 0;
	int rc = read_file(path, &work->texts[i], &len, err);

	if (rc == 0)
		rc = garita_json_parse(work->texts[i], len, GARITA_JSON_STRICT,
				       &work->docs[i], err);
	if (rc < 0)
		return rc;
	root = garita_json_root(work->docs[i]);
	if (garita_json_get(root, "ociVersion") ||
	    garita_json_get(root, "linux"))
		return take_config(work, root, ret, err);
	*ret = root;
	return 0;
}

/* Reads the named profiles, in the runtime-spec's form for the target. All
 * are parsed before the first is resolved: a config.json among them says for
 * which capabilities. "default" is the built-in one. */
static int load(struct work *work, const char **names, size_t count,
		struct garita_json **ret, struct garita_error *err)
{
	struct garita_json *raw[2] = { NULL };
	int rc = set_target(work, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (strcmp(names[i], "default") == 0)
			continue;
		rc = parse_file(work, i, names[i], &raw[i], err);
		if (rc < 0)
			rc = garita_fail_in(err, names[i]);
	}
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!raw[i]) {
			ret[i] = garita_seccomp_default(
				work->made, work->target.bounding,
				work->target.machine, work->target.kernel_major,
				work->target.kernel_minor);
			continue;
		}
		rc = garita_seccomp_resolve(work->made, raw[i], &work->target,
					    &ret[i], err);
		if (rc < 0)
			rc = garita_fail_in(err, names[i]);
	}
	return rc;
}

static int load_read(struct work *work, const char **names, size_t count,
		     struct garita_json **trees, struct garita_seccomp **ret,
		     struct garita_error *err)
{
	int rc = load(work, names, count, trees, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = garita_seccomp_read(trees[i], work->target.machine,
					 &ret[i], err);
		if (rc < 0)
			rc = garita_fail_in(err, names[i]);
	}
	return rc;
}

static void print_tree(const struct garita_json *node)
{
	auto_text out = { 0 };

	garita_json_print_pretty(node, &out);
	garita_text_putc(&out, '\n');
	garita_cli_print(&out);
}

static int resolve(struct work *work, const char **names,
		   struct garita_error *err)
{
	auto_seccomp struct garita_seccomp *read = NULL;
	struct garita_json *tree = NULL;
	int rc = load_read(work, names, 1, &tree, &read, err);

	if (rc == 0)
		print_tree(tree);
	return rc;
}

static int show(struct work *work, const char **names, struct garita_error *err)
{
	auto_seccomp struct garita_seccomp *read = NULL;
	struct garita_json *tree = NULL;
	auto_text out = { 0 }, safe = { 0 };
	int rc = load_read(work, names, 1, &tree, &read, err);

	if (rc < 0)
		return rc;
	garita_seccomp_show(read, &out);
	/* Names of calls are the profile's author's words. */
	for (char *line = out.data, *end; line && *line; line = end) {
		end = strchr(line, '\n');
		*end++ = '\0';
		garita_report_put_safe(&safe, line);
		garita_text_putc(&safe, '\n');
	}
	garita_cli_print(&safe);
	return 0;
}

static int intersect(struct work *work, const char **names,
		     struct garita_error *err)
{
	auto_seccomp struct garita_seccomp *a = NULL, *b = NULL;
	struct garita_seccomp *read[2] = { NULL };
	struct garita_json *trees[2] = { NULL };
	int rc = load_read(work, names, 2, trees, read, err);

	a = read[0];
	b = read[1];
	if (rc == 0)
		rc = garita_seccomp_intersect(a, b, NULL, NULL, work->made,
					      trees[0], err);
	if (rc == 0)
		print_tree(trees[0]);
	return rc;
}

/* ---- compare ---- */
struct telling {
	struct work *work;
	struct garita_text text;   /* lines for a person */
	struct garita_json *array; /* witnesses */
};

static void tell(const struct garita_seccomp_witness *witness, void *data)
{
	struct telling *to = data;
	struct garita_json_doc *doc = to->work->made;
	struct garita_json *item = garita_json_new_object(doc);
	auto_text words = { 0 };

	garita_seccomp_words(witness, &words);
	garita_json_put_string(doc, item, "call", words.data);
	garita_json_put_bool(doc, item, "sure", witness->sure);
	garita_json_put_string(doc, item, "a", witness->a);
	garita_json_put_string(doc, item, "b", witness->b);
	garita_json_append(doc, to->array, item);
	garita_report_put_safe(&to->text, words.data);
	garita_text_printf(&to->text, "%s %s by A, %s in B\n",
			   witness->sure ? "" : ": cannot tell,", witness->a,
			   witness->b);
}

static int compare(struct work *work, const char **names, int *ret,
		   struct garita_error *err)
{
	static const char *const words[] = {
		[GARITA_SECCOMP_NO_LOOSER] = "no looser",
		[GARITA_SECCOMP_CANNOT_TELL] = "cannot tell",
		[GARITA_SECCOMP_LOOSER] = "looser",
	};
	static const int codes[] = {
		[GARITA_SECCOMP_NO_LOOSER] = 0,
		[GARITA_SECCOMP_CANNOT_TELL] = 2,
		[GARITA_SECCOMP_LOOSER] = 1,
	};
	auto_seccomp struct garita_seccomp *a = NULL, *b = NULL;
	struct garita_seccomp *read[2] = { NULL };
	struct garita_json *trees[2] = { NULL }, *out;
	struct telling to = { .work = work };
	enum garita_seccomp_relation relation;
	int rc = load_read(work, names, 2, trees, read, err);

	a = read[0];
	b = read[1];
	if (rc < 0)
		return rc;
	to.array = garita_json_new_array(work->made);
	relation = garita_seccomp_compare(a, b, NULL, NULL, tell, &to);
	if (work->options.format) {
		out = garita_json_new_object(work->made);
		garita_json_put_string(work->made, out, "answer",
				       words[relation]);
		garita_json_put(work->made, out, "witnesses", to.array);
		print_tree(out);
	} else {
		garita_text_printf(&to.text, "A is %s%s\n",
				   relation == GARITA_SECCOMP_CANNOT_TELL
					   ? "perhaps looser than B: "
					   : "",
				   relation == GARITA_SECCOMP_CANNOT_TELL
					   ? words[relation]
				   : relation == GARITA_SECCOMP_LOOSER
					   ? "looser than B"
					   : "no looser than B");
		garita_cli_print(&to.text);
	}
	garita_text_free(&to.text);
	*ret = codes[relation];
	return 0;
}

static int usage(const struct work *work, const char *said)
{
	garita_cli_complain(work->cli, "%s; see garita help seccomp", said);
	return GARITA_EXIT_ERROR;
}

static int run_verb(struct work *work, const char **words, size_t count)
{
	struct garita_error error = { 0 };
	const char *verb = count > 0 ? words[0] : "";
	bool two =
		strcmp(verb, "compare") == 0 || strcmp(verb, "intersect") == 0;
	int code = 0, rc;

	if (!two && strcmp(verb, "show") != 0 && strcmp(verb, "resolve") != 0)
		return usage(work, "show, compare, intersect or resolve");
	if (count != (two ? 3 : 2))
		return usage(work,
			     two ? "give two profiles" : "give one profile");
	if (work->options.format && strcmp(verb, "compare") != 0)
		return usage(work, "--format is for compare");
	if (work->options.format && strcmp(work->options.format, "json") != 0) {
		if (strcmp(work->options.format, "text") != 0)
			return usage(work, "--format takes text or json");
		work->options.format = NULL;
	}
	if (strcmp(verb, "compare") == 0)
		rc = compare(work, words + 1, &code, &error);
	else if (strcmp(verb, "intersect") == 0)
		rc = intersect(work, words + 1, &error);
	else if (strcmp(verb, "show") == 0)
		rc = show(work, words + 1, &error);
	else
		rc = resolve(work, words + 1, &error);
	if (rc == 0)
		return code;
	return garita_cli_fail(work->cli, &error);
}

static int run(const struct garita_cli *cli)
{
	struct work work = { .cli = cli };
	const struct garita_cli_option table[] = {
		{ "--caps", &work.options.caps, NULL, NULL },
		{ "--arch", &work.options.arch, NULL, NULL },
		{ "--kernel", &work.options.kernel, NULL, NULL },
		{ "--format", &work.options.format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;
	int code;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	work.made = garita_json_new();
	code = run_verb(&work, words, count);
	work_free(&work);
	return code;
}

const struct garita_cli_verb garita_cli_seccomp = {
	.name = "seccomp",
	.summary = "show, compare, intersect and resolve seccomp profiles",
	.usage = "seccomp show PROFILE\n"
		 "       garita seccomp compare [--format text|json] A B\n"
		 "       garita seccomp intersect A B\n"
		 "       garita seccomp resolve PROFILE",
	.help = "A profile is a file in the form of moby, of "
		"containers/common or of the\n"
		"runtime-spec, a config.json that has one, \"-\" for standard "
		"input, or the word\n"
		"\"default\" for the one built into garita.\n"
		"\n"
		"  show       what the profile leaves open, by group and by "
		"argument\n"
		"  compare    does A let through anything that B refuses? With "
		"a witness a call\n"
		"  intersect  print what both let through, for linux.seccomp\n"
		"  resolve    print the profile as the engine would write it\n"
		"\n"
		"  --caps L     bounding set: CAP_CHOWN,CAP_KILL, all or none; "
		"otherwise that of\n"
		"               the config.json, else the 14 that engines "
		"give\n"
		"  --arch M     machine as uname -m says it; otherwise this "
		"one\n"
		"  --kernel V   version; otherwise this one\n"
		"  --format F   of compare: text or json\n"
		"\n"
		"compare exits 0 when A lets through nothing that B refuses, "
		"1 when it does, 2\n"
		"when it cannot tell or something is wrong. Flags and "
		"listeners are not compared.\n",
	.run = run,
};
