/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keep_reports - of the build with sanitizers alone: while REPORTS is there, a
 * directory, what a sanitizer has to say is kept in it. A program of a start
 * says it to nobody else: to an engine its end is a refusal as any other.
 */
#include <unistd.h>

/* A test may have options of its own. */
__attribute__((weak)) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return access(REPORTS, F_OK) == 0 ? "log_path=" REPORTS "/report" : "";
}
