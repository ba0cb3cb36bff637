/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * id_maps - a line of uidMappings or gidMappings, in numbers that cannot
 * overflow when they are added.
 */
#ifndef GARITA_RULES_ID_MAPS_H
#define GARITA_RULES_ID_MAPS_H

#include "garita/json.h"

struct garita_id_line {
	uint64_t container, host, size;
};

/* The i-th line; what it does not say is 0. */
struct garita_id_line garita_id_line_at(const struct garita_json *maps,
					size_t i);

#endif
