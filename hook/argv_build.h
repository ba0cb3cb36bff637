/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_build - a command line while it is made, word by word. Private to
 * argv.c and argv_edit.c, which has the code.
 */
#ifndef GARITA_HOOK_ARGV_BUILD_H
#define GARITA_HOOK_ARGV_BUILD_H

#include "hook/argv.h"

/* Adds a word at the end, and takes it. */
void garita_command_push(struct garita_command *command, char *word);
/* Frees the words, and forgets what was known of them. */
void garita_command_drop_words(struct garita_command *command);
/* Finds the value of --bundle again where the words have moved, if there is
 * one. */
void garita_command_point_at_bundle(struct garita_command *command);

#endif
