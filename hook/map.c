/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * map - see the header.
 */
#include "hook/map.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hook/file.h"

/* Up to here to copy takes less time than to map and unmap does. */
enum { SMALL = 16 * 1024 };

int garita_map_open(int fd, const struct stat *st, bool whole,
		    struct garita_map *ret, struct garita_error *err)
{
	struct garita_map map = { .copied = st->st_size <= SMALL };
	int populate = whole ? MAP_POPULATE : 0;
	int rc = 0;

	if (map.copied) {
		rc = garita_file_read_all(fd, st, SMALL, &map.bytes, &map.len,
					  err);
		if (rc == 0)
			*ret = map;
		return rc;
	}
	if ((uintmax_t)st->st_size > SIZE_MAX)
		return garita_fail(err, EFBIG, "too large to be mapped");
	map.len = (size_t)st->st_size;
	map.bytes =
		mmap(NULL, map.len, PROT_READ, MAP_PRIVATE | populate, fd, 0);
	if (map.bytes == MAP_FAILED)
		return garita_fail(err, errno, "cannot map it: %s",
				   strerror(errno));
	*ret = map;
	return 0;
}

void garita_map_close(struct garita_map *map)
{
	if (map->copied)
		free(map->bytes);
	else if (map->bytes != NULL)
		munmap(map->bytes, map->len);
	*map = (struct garita_map){ 0 };
}
