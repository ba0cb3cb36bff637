/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * map - the bytes of a file whose writer replaces it and never changes it in
 * place. A large one is mapped, not copied. (One that is cut short under us
 * ends us with a signal, which is a refusal.)
 */
#ifndef GARITA_HOOK_MAP_H
#define GARITA_HOOK_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "garita/error.h"

struct garita_map {
	char *bytes; /* NULL: none */
	size_t len;
	bool copied;
};

/* `st` describes the file; `whole`: it will be read from end to end. */
int garita_map_open(int fd, const struct stat *st, bool whole,
		    struct garita_map *ret, struct garita_error *err);
void garita_map_close(struct garita_map *map);
#define auto_map __attribute__((cleanup(garita_map_close))) struct garita_map

#endif
