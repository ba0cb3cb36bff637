/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * print_seccomp - prints the built-in profile as linux.seccomp, for the tests
 * that hand it to a real runtime.
 *
 *	print_seccomp MACHINE KERNEL_MAJOR KERNEL_MINOR [CAP_NAME...]
 */
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/seccomp.h"
#include "garita/text.h"

static int read_caps(char **names, garita_caps *ret)
{
	garita_caps set = 0;

	for (; *names; names++) {
		int number = garita_cap_number(*names);

		if (strcmp(*names, "all") == 0) {
			set = GARITA_CAPS_ALL;
			continue;
		}
		if (number < 0) {
			fprintf(stderr, "print_seccomp: no capability %s\n",
				*names);
			return -1;
		}
		set |= GARITA_CAP(number);
	}
	*ret = set;
	return 0;
}

int main(int argc, char **argv)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	struct garita_json *profile;
	garita_caps bounding;
	uint32_t major, minor;

	if (argc < 4 || garita_parse_u32(argv[2], 0, 999, &major) < 0 ||
	    garita_parse_u32(argv[3], 0, 999, &minor) < 0) {
		fputs("usage: print_seccomp MACHINE MAJOR MINOR "
		      "[CAP_NAME...]\n",
		      stderr);
		return 2;
	}
	if (read_caps(argv + 4, &bounding) < 0)
		return 2;
	doc = garita_json_new();
	profile = garita_seccomp_default(doc, bounding, argv[1], major, minor);
	if (!profile) {
		fprintf(stderr, "print_seccomp: no profile for %s\n", argv[1]);
		return 1;
	}
	garita_json_print(profile, &text);
	puts(text.data);
	return ferror(stdout) || fflush(stdout) != 0;
}
