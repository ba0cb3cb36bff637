/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions about the facts of a config that take more than a look at a member.
 */
#include <string.h>

#include "garita/spec.h"

bool garita_mount_has(const struct garita_mount *mount, const char *option)
{
	for (size_t i = 0; i < garita_json_count(mount->options); i++) {
		const char *word =
			garita_json_string(garita_json_item(mount->options, i));

		if (word != NULL && strcmp(word, option) == 0)
			return true;
	}
	return false;
}

bool garita_spec_host_uid(const struct garita_spec *spec, uint32_t uid,
			  uint32_t *ret)
{
	if (!spec->namespaces[GARITA_NS_USER].present) {
		*ret = uid;
		return true;
	}
	for (size_t i = 0; i < spec->uid_map_count; i++) {
		const struct garita_id_map *map = &spec->uid_maps[i];

		if (uid >= map->container_id &&
		    uid - map->container_id < map->size) {
			*ret = map->host_id + (uid - map->container_id);
			return true;
		}
	}
	return false;
}
