/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as an engine's configuration that `garita install` edits: docker's
 * JSON, containerd's TOML. What was edited is edited no further, and where the
 * runtime has to stand it stands. The first byte chooses the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/install/install.h"
#include "hook/install/toml.h"

#define OURS "/usr/bin/garita-runtime"

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

typedef int edit(const struct garita_text *before, const char *word,
		 struct garita_text *ret, struct garita_error *err);

static void edit_twice(edit *edit, const char *word,
		       const struct garita_text *text)
{
	auto_text once = { 0 }, twice = { 0 };
	struct garita_error err = { 0 };

	if (edit(text, word, &once, &err) < 0) {
		must(err.text[0] != '\0');
		return;
	}
	must(edit(&once, word, &twice, NULL) == 0);
	must(once.len == twice.len &&
	     (once.len == 0 || memcmp(once.data, twice.data, once.len) == 0));
}

static void read_toml(const struct garita_text *text)
{
	auto_toml toml = { 0 };
	struct garita_error err = { 0 };

	if (garita_toml_read(text->data, &toml, &err) < 0) {
		must(err.text[0] != '\0' && err.line > 0);
		return;
	}
	for (size_t i = 0; i < toml.count; i++) {
		const struct garita_toml_item *item = &toml.items[i];

		must(item->begin <= item->after && item->after <= text->len);
		must(item->value <= item->value_end &&
		     item->value_end <= text->len);
		must(garita_toml_find(&toml, item->kind, item->path) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_text text = { 0 };

	if (size == 0 || memchr(data, '\0', size) != NULL)
		return 0; /* such a file is refused when it is read */
	garita_text_add(&text, (const char *)data + 1, size - 1);
	garita_text_puts(&text, "");
	if (text.data == NULL)
		return 0;
	switch (data[0] % 4) {
	case 0:
		edit_twice(garita_install_edit_daemon_json, OURS, &text);
		break;
	case 1:
		edit_twice(garita_install_edit_containerd, OURS, &text);
		break;
	case 2:
		edit_twice(garita_install_edit_base_spec, "/etc/s.json", &text);
		break;
	default:
		read_toml(&text);
	}
	return 0;
}
