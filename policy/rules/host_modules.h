/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_modules - which modules are looked for when facts are gathered.
 */
#ifndef GARITA_RULES_HOST_MODULES_H
#define GARITA_RULES_HOST_MODULES_H

/* Patterns that are denied where the policy lists none. Ends in NULL. */
enum { GARITA_MODULE_UNWANTED = 16 };
extern const char garita_modules_unwanted[][GARITA_MODULE_UNWANTED];

#endif
