/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any JSON as a seccomp profile, in the form of a config and in that of moby.
 * What is read is no looser than itself; what it has in common with the
 * built-in profile is no looser than either, and is read again; and a profile
 * that was resolved for a machine can be read, or says why not. The first byte
 * chooses the machine.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/seccomp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_looser(const struct garita_seccomp *a,
		      const struct garita_seccomp *b)
{
	return garita_seccomp_compare(a, b, NULL, NULL, NULL, NULL) ==
	       GARITA_SECCOMP_LOOSER;
}

static void tell(const struct garita_seccomp_witness *witness, void *data)
{
	auto_text words = { 0 };

	(void)data;
	garita_seccomp_words(witness, &words);
	must(words.len > 0);
}

/* Printed and read anew: what a runtime would get. */
static struct garita_seccomp *again(const struct garita_json *node,
				    const char *machine,
				    struct garita_json_doc **ret_doc)
{
	struct garita_seccomp *profile = NULL;
	auto_text printed = { 0 };

	garita_json_print(node, &printed);
	must(garita_json_parse(printed.data, printed.len, GARITA_JSON_STRICT,
			       ret_doc, NULL) == 0);
	must(garita_seccomp_read(garita_json_root(*ret_doc), machine, &profile,
				 NULL) == 0);
	return profile;
}

static void meet(struct garita_json_doc *doc, const struct garita_seccomp *a,
		 const struct garita_seccomp_target *target)
{
	auto_json struct garita_json_doc *printed = NULL;
	auto_seccomp struct garita_seccomp *built_in =
		garita_seccomp_builtin(target);
	auto_seccomp struct garita_seccomp *both = NULL;
	struct garita_json *node = garita_json_new_object(doc);

	must(built_in != NULL);
	garita_seccomp_compare(a, built_in, NULL, NULL, tell, NULL);
	if (garita_seccomp_intersect(a, built_in, NULL, NULL, doc, node, NULL) <
	    0)
		return;
	both = again(node, target->machine, &printed);
	must(!is_looser(both, a) && !is_looser(both, built_in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const machines[] = { "x86_64", "aarch64", "s390x",
						"armv7l" };
	struct garita_seccomp_target target = {
		.bounding = 1,
		.kernel_major = 6,
		.kernel_minor = 1,
	};
	auto_json struct garita_json_doc *doc = NULL;
	auto_seccomp struct garita_seccomp *profile = NULL;
	struct garita_error err = { 0 };
	struct garita_json *root, *node = NULL;
	auto_text shown = { 0 };

	if (size == 0 || garita_json_parse((const char *)data + 1, size - 1,
					   GARITA_JSON_STRICT, &doc, NULL) < 0)
		return 0;
	target.machine = machines[data[0] % GARITA_COUNT(machines)];
	root = garita_json_root(doc);
	garita_seccomp_confines(root);
	if (garita_seccomp_resolve(doc, root, &target, &node, &err) < 0)
		must(err.text[0] != '\0' && node == NULL);
	else
		garita_seccomp_confines(node);
	err = (struct garita_error){ 0 };
	if (garita_seccomp_read(root, target.machine, &profile, &err) < 0) {
		must(err.text[0] != '\0' && profile == NULL);
		return 0;
	}
	must(!is_looser(profile, profile));
	garita_seccomp_show(profile, &shown);
	meet(doc, profile, &target);
	return 0;
}
