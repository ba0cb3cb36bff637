/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions about the facts of a config that take more than a look at a member.
 */
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/spec.h"

static int by_destination(const void *a, const void *b)
{
	const struct garita_mount *one = *(const struct garita_mount *const *)a;
	const struct garita_mount *other =
		*(const struct garita_mount *const *)b;
	int order = strcmp(one->clean, other->clean);

	return order != 0 ? order : (one > other) - (one < other);
}

const struct garita_mount **garita_spec_by_destination(
	const struct garita_spec *spec)
{
	const struct garita_mount **ret = garita_xcalloc(
		spec->mount_count, sizeof(struct garita_mount *));

	for (size_t i = 0; i < spec->mount_count; i++)
		ret[i] = &spec->mounts[i];
	if (spec->mount_count > 1)
		qsort(ret, spec->mount_count, sizeof(struct garita_mount *),
		      by_destination);
	return ret;
}

bool garita_mount_keeps(const struct garita_mount *mount, const char *on,
			const char *off)
{
	bool ret = false, always = false;

	for (size_t i = 0; i < garita_json_count(mount->options); i++) {
		const char *word =
			garita_json_string(garita_json_item(mount->options, i));

		if (word == NULL)
			continue;
		if (strcmp(word, on) == 0)
			ret = true;
		else if (strcmp(word, off) == 0)
			ret = false;
		else if (word[0] == 'r' && strcmp(word + 1, on) == 0)
			always = true;
	}
	return ret || always;
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

/* Root of a user namespace that maps it to an ordinary id is not root on the
 * host. A joined user namespace has a mapping we were not told. */
enum garita_user garita_spec_user(const struct garita_spec *spec)
{
	const struct garita_namespace *user = &spec->namespaces[GARITA_NS_USER];
	uint32_t host_uid;

	if (user->present && user->path != NULL)
		return spec->uid == 0 ? GARITA_USER_HOST_ROOT
				      : GARITA_USER_ORDINARY;
	if (!garita_spec_host_uid(spec, spec->uid, &host_uid))
		return GARITA_USER_NOT_MAPPED;
	return host_uid == 0 ? GARITA_USER_HOST_ROOT : GARITA_USER_ORDINARY;
}
