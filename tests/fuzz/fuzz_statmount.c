/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as what the kernel says of one mount, where whoever mounts chooses
 * the names: texts end within what was written, and what they say of an
 * overlay is a part of them.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/store/statmount.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	abort();
}

static void must(int holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, const char *from, size_t len)
{
	must(text > from && text < from + len);
	must(strlen(text) < (size_t)(from + len - text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of just that size: reading on is seen. */
	auto_free char *answer = garita_xalloc(size);
	auto_free char *upper = NULL, *lower = NULL;
	struct garita_mount_line line = { 0 };
	struct garita_error err = { 0 };
	int rc;

	if (size > 0)
		memcpy(answer, data, size);
	rc = garita_statmount_read(answer, size, &line);
	if (rc < 0) {
		must(rc == -ENOSYS && line.super == NULL);
		return 0;
	}
	check_text(line.root, answer, size);
	check_text(line.type, answer, size);
	check_text(line.super, answer, size);
	if (garita_mount_overlay(&line, &upper, &err) < 0)
		must(err.text[0] != '\0' && upper == NULL);
	else
		must(strlen(upper) < strlen(line.super));
	if (garita_mount_lower(&line, &lower) == 0)
		must(strlen(lower) < strlen(line.super));
	return 0;
}
