/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any words as process.args. Whatever they are, the reader ends, names the
 * first program, and says what it says again when it is asked again; and a
 * script is no less suspicious for having a shell around it. NUL ends a word.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/rules/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct seen {
	size_t calls, unclear;
	size_t sum; /* of the lengths of the names */
};

static bool visit(const struct garita_program *program, void *data)
{
	struct seen *seen = data;
	size_t path = strlen(program->path), name = strlen(program->name);

	must(name <= path &&
	     strcmp(program->path + path - name, program->name) == 0);
	must(strchr(program->name, '/') == NULL);
	must(!program->waits || program->how == GARITA_PROGRAM_STARTED);
	seen->calls++;
	seen->unclear += program->how == GARITA_PROGRAM_UNCLEAR;
	seen->sum += name;
	return false;
}

static bool first(const struct garita_program *program, void *data)
{
	(void)program;
	(void)data;
	return true;
}

static struct seen read_all(const struct garita_json *args)
{
	struct seen once = { 0 }, again = { 0 };

	must(!garita_command_programs(args, visit, &once));
	must(!garita_command_programs(args, visit, &again));
	must(once.calls == again.calls && once.unclear == again.unclear &&
	     once.sum == again.sum);
	must(garita_command_programs(args, first, NULL) == (once.calls > 0));
	return once;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *args = garita_json_new_array(doc);
	struct garita_json *script = garita_json_new_array(doc);
	auto_free char *text = garita_xalloc(size + 1);
	struct seen seen;

	memcpy(text, data, size);
	for (size_t at = 0; at < size; at += strlen(text + at) + 1)
		garita_json_append(doc, args,
				   garita_json_new_string(doc, text + at));
	seen = read_all(args);
	must((seen.calls > 0) == (size > 0));

	garita_json_append(doc, script, garita_json_new_string(doc, "sh"));
	garita_json_append(doc, script, garita_json_new_string(doc, "-c"));
	garita_json_append(doc, script, garita_json_new_string(doc, text));
	seen = read_all(script);
	must(seen.calls > 0);
	return 0;
}
