/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_header - what a tar file says about one of its files, beside contents.
 *
 * Reads what Go's archive/tar, which unpacked the layer, reads too: ustar
 * headers, the extended ones of PAX, and the long links of GNU. Pure.
 */
#ifndef GARITA_HOOK_STORE_TAR_HEADER_H
#define GARITA_HOOK_STORE_TAR_HEADER_H

#include <stddef.h>
#include <stdint.h>

struct garita_tar_header {
	char type; /* '0' file, '1' hard link, '2' symbolic link, ... */
	uint64_t mode, uid, gid, major, minor;
	char *link;          /* target of either link; never NULL */
	unsigned char *caps; /* security.capability; NULL: none */
	size_t caps_len;
};

/* Reads the header that ends a run of bytes between two files: the rest of the
 * block that the file before ended in (`skip` bytes), headers that extend the
 * next one, and that one. -EINVAL for anything else. The caller frees. */
int garita_tar_header_read(const unsigned char *bytes, size_t len, size_t skip,
			   struct garita_tar_header *ret);
void garita_tar_header_free(struct garita_tar_header *header);
#define auto_tar_header                                                        \
	__attribute__((                                                        \
		cleanup(garita_tar_header_free))) struct garita_tar_header

#endif
