/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_split - a layer's tar file without the contents of its files.
 *
 * When containers/storage and docker unpack a layer they keep everything of
 * the tar that is no file content: lines of JSON, compressed by gzip. With the
 * files on disk the tar can be made again, byte for byte. The lines are, in
 * the order of the tar,
 *
 *	{"type":2,"payload":base64}                   bytes as they were
 *	{"type":1,"name":...,"size":n,"payload":crc}  here were n bytes of a
 *file
 *
 * with "name_raw" in base64 for a name that is no UTF-8, and the CRC-64 (ISO)
 * of the contents. Used by `garita`, not on the way of a start.
 */
#ifndef GARITA_HOOK_STORE_TAR_SPLIT_H
#define GARITA_HOOK_STORE_TAR_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

/* One line. Owned; freed with garita_tar_split_entry_free(). */
struct garita_tar_split_entry {
	bool is_file;
	/* Of a file: */
	char *name; /* as in the tar: "./etc/passwd", "bin/" */
	uint64_t size;
	unsigned char crc[8]; /* big endian; of no bytes when size is 0 */
	/* Else: */
	unsigned char *bytes;
	size_t len;
};

void garita_tar_split_entry_free(struct garita_tar_split_entry *entry);
#define auto_tar_split_entry                                                   \
	__attribute__((cleanup(                                                \
		garita_tar_split_entry_free))) struct garita_tar_split_entry

struct garita_tar_split; /* a file that is being read */

/* `fd` is read from where it is, and stays the caller's. */
struct garita_tar_split *garita_tar_split_open(int fd);
/* The next line: 1, or 0 at the end. -EINVAL when the file is not what it
 * should be, -E2BIG when a line is longer than any of an engine's. */
int garita_tar_split_next(struct garita_tar_split *split,
			  struct garita_tar_split_entry *ret,
			  struct garita_error *err);
void garita_tar_split_close(struct garita_tar_split *split);

static inline void garita_cleanup_tar_split(struct garita_tar_split **at)
{
	garita_tar_split_close(*at);
}
#define auto_tar_split __attribute__((cleanup(garita_cleanup_tar_split)))

/* CRC-64 as ISO 3309 has it; begin with 0. */
uint64_t garita_crc64(uint64_t crc, const void *bytes, size_t len);

#endif
