/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of what `garita image verify-layers` reads besides files: the headers
 * of a tar, which whoever made the layer wrote, and the lines of a tar-split,
 * here put into gzip first so that they get through.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "garita/memory.h"
#include "hook/store/tar_header.h"
#include "hook/store/tar_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_header(const uint8_t *data, size_t size, size_t skip)
{
	auto_tar_header header = { 0 };

	if (garita_tar_header_read(data, size, skip, &header) == 0) {
		if (header.link == NULL || strlen(header.link) > size ||
		    header.caps_len > size)
			abort();
	} else if (header.link != NULL || header.caps != NULL) {
		abort();
	}
}

static void read_split(const uint8_t *data, size_t size)
{
	auto_fd int fd = memfd_create("fuzz", MFD_CLOEXEC);
	gzFile zip = gzdopen(dup(fd), "wb1");
	auto_tar_split struct garita_tar_split *split = NULL;
	int more = 1;

	if (zip == NULL || gzwrite(zip, data, (unsigned)size) != (int)size ||
	    gzclose(zip) != Z_OK || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	split = garita_tar_split_open(fd);
	while (more > 0) {
		auto_tar_split_entry entry = { 0 };

		more = garita_tar_split_next(split, &entry, NULL);
		if (more > 0 && entry.is_file != (entry.name != NULL))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 1)
		read_header(data + 1, size - 1, data[0] >> 1);
	else
		read_split(data + 1, size - 1);
	return 0;
}
