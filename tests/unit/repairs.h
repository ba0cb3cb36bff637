/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * repairs - what a repair may not do, whatever it repairs.
 */
#ifndef GARITA_TEST_REPAIRS_H
#define GARITA_TEST_REPAIRS_H

#include "garita/json.h"

/* Fails the test unless `after` is the config of the text `before` with less
 * power: no capability, mount, device, hook or annotation more, no namespace,
 * masked or read-only path less, and every member that no repair is about as
 * it was. */
void repairs_check(const char *name, const char *before, size_t len,
		   struct garita_json_doc *after);

#endif
