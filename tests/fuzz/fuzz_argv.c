/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fuzz_argv - any words at all as the command line of runc or crun. What is
 * accepted must be printed in a form that is read back as itself, and what is
 * not judged must not carry a bundle. The first byte chooses the runtime, NUL
 * ends a word.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/argv.h"

enum { MAX_WORDS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	abort();
}

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_accepted(enum garita_runtime_kind kind,
			   const struct garita_command *first)
{
	auto_command second = { 0 };
	char *words[MAX_WORDS + 2] = { 0 };

	check(first->argc < MAX_WORDS + 2 && first->argv[0] == NULL);
	for (size_t i = 0; i < first->argc; i++)
		words[i] = first->argv[i];
	check(garita_argv_parse(kind, (int)first->argc, words, &second, NULL) ==
	      0);
	check(second.argc == first->argc && second.action == first->action);
	for (size_t i = 1; i < first->argc; i++)
		check(strcmp(first->argv[i], second.argv[i]) == 0);
	check((first->bundle != NULL) == (first->bundle_at > 0));
	if (first->bundle)
		check(strncmp(first->argv[first->bundle_at], "--bundle=", 9) ==
		      0);
	if (first->action == GARITA_VERB_JUDGE)
		check(first->id != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum garita_runtime_kind kind = GARITA_RUNTIME_RUNC;
	auto_free char *text = NULL;
	auto_command command = { 0 };
	char *words[MAX_WORDS + 1] = { 0 };
	int count = 1;

	if (size == 0)
		return 0;
	if (data[0] & 1)
		kind = GARITA_RUNTIME_CRUN;
	text = garita_xalloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	words[0] = text; /* any word: it is not read */
	for (size_t at = 0; at < size && count < MAX_WORDS;
	     at += strlen(text + at) + 1)
		words[count++] = text + at;

	if (garita_argv_parse(kind, count, words, &command, NULL) < 0) {
		check(command.action == GARITA_VERB_REFUSE && !command.argv);
		return 0;
	}
	if (command.action != GARITA_VERB_REFUSE)
		check_accepted(kind, &command);
	garita_argv_set_bundle(&command, "/b");
	if (command.action == GARITA_VERB_JUDGE)
		check(strcmp(command.bundle, "/b") == 0);
	return 0;
}
