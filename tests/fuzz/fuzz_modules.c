/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of what lists and configures modules: the input is all four texts.
 * What comes out is sorted, each name once, and settled for good; and a line
 * that stops a module stops no other.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/modules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct garita_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		const struct garita_module *m = &modules->all[i];
		enum garita_module_state state =
			garita_modules_state(modules, m);

		if (*m->name == '\0' || strchr(m->name, '-') != NULL ||
		    strchr(m->name, '/') != NULL)
			abort();
		if (i > 0 && strcmp(modules->all[i - 1].name, m->name) >= 0)
			abort();
		if (garita_module_state_named(
			    garita_module_state_name(state)) != state)
			abort();
		if (state == GARITA_MODULE_BLOCKED && !m->stopped)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = garita_xstrndup((const char *)data, size);
	auto_modules modules = { 0 };
	size_t count;

	garita_modules_read_loaded(&modules, text);
	garita_modules_read_files(&modules, text, false);
	garita_modules_read_config(&modules, text);
	garita_modules_settle(&modules);
	check(&modules);
	count = modules.count;
	garita_modules_settle(&modules);
	if (modules.count != count)
		abort();
	garita_modules_read_files(&modules, text, true);
	garita_modules_settle(&modules);
	check(&modules);
	return 0;
}
