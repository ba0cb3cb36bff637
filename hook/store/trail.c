/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trail - the way from a root file system to its image, written down.
 */
#include "hook/store/trail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"

void garita_trail_step(struct garita_trail *trail, const char *what,
		       const char *found, const char *checked_fmt, ...)
{
	struct garita_trail_step *step;
	char words[512];
	va_list args;

	if (trail == NULL)
		return;
	va_start(args, checked_fmt);
	vsnprintf(words, sizeof(words), checked_fmt, args);
	va_end(args);
	trail->steps = garita_xresize(trail->steps, trail->step_count + 1,
				      sizeof(*trail->steps));
	step = &trail->steps[trail->step_count++];
	*step = (struct garita_trail_step){
		.what = what,
		.found = garita_xstrdup(found),
		.checked = garita_xstrdup(words),
	};
}

void garita_trail_layer(struct garita_trail *trail, const char *diff_id,
			char *diff, char *split)
{
	struct garita_trail_layer *layer;

	if (trail == NULL) {
		free(diff);
		free(split);
		return;
	}
	trail->layers = garita_xresize(trail->layers, trail->layer_count + 1,
				       sizeof(*trail->layers));
	layer = &trail->layers[trail->layer_count++];
	*layer = (struct garita_trail_layer){ .diff = diff, .split = split };
	snprintf(layer->diff_id, sizeof(layer->diff_id), "%s", diff_id);
}

void garita_trail_free(struct garita_trail *trail)
{
	for (size_t i = 0; i < trail->step_count; i++) {
		free(trail->steps[i].found);
		free(trail->steps[i].checked);
	}
	for (size_t i = 0; i < trail->layer_count; i++) {
		free(trail->layers[i].diff);
		free(trail->layers[i].split);
	}
	free(trail->steps);
	free(trail->layers);
	*trail = (struct garita_trail){ 0 };
}
