/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * modules - what the kernel has loaded, could load, and is kept from loading:
 * from /proc/modules, modules.dep, modules.builtin and modprobe.d(5).
 *
 * A "blacklist" line only keeps a module from being found by what it is for
 * (an alias); by its own name, which is how the kernel asks for algif_aead,
 * it is loaded all the same. Only an "install" line that runs false or true
 * keeps it out.
 */
#ifndef GARITA_MODULES_H
#define GARITA_MODULES_H

#include <stdbool.h>
#include <stddef.h>

enum garita_module_state {
	GARITA_MODULE_ABSENT,   /* this kernel has none by that name */
	GARITA_MODULE_BLOCKED,  /* there, and kept from being loaded */
	GARITA_MODULE_LOADABLE, /* there, and whoever needs it gets it */
	GARITA_MODULE_LOADED,
	GARITA_MODULE_BUILT_IN,
	GARITA_MODULE_STATES,
};
/* "absent", "blocked", "loadable", "loaded", "built-in" */
const char *garita_module_state_name(enum garita_module_state state);
/* GARITA_MODULE_STATES for another word, and for NULL. */
enum garita_module_state garita_module_state_named(const char *name);

enum { GARITA_MODULE_NAME_MAX = 63 };

struct garita_module {
	char name[GARITA_MODULE_NAME_MAX + 1]; /* "_" for every "-" */
	bool there, built_in, loaded, stopped, blacklisted;
};

struct garita_modules {
	struct garita_module *all; /* after _settle(): by name, each once */
	size_t count, room;
	bool no_more; /* kernel.modules_disabled, or a kernel without any */
};

/* Each adds what a text says; a line that is none of its kind is passed over,
 * as the programs that these texts are for do. */
void garita_modules_read_loaded(struct garita_modules *modules,
				const char *text); /* /proc/modules */
void garita_modules_read_files(struct garita_modules *modules, const char *text,
			       bool built_in); /* modules.dep, .builtin */
void garita_modules_read_config(struct garita_modules *modules,
				const char *text); /* modprobe.d/x.conf */
/* After all of it; before any question. */
void garita_modules_settle(struct garita_modules *modules);
enum garita_module_state garita_modules_state(
	const struct garita_modules *modules, const struct garita_module *of);
void garita_modules_free(struct garita_modules *modules);
#define auto_modules                                                           \
	__attribute__((cleanup(garita_modules_free))) struct garita_modules

#endif
