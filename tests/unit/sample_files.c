/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sample_files - see the header.
 */
#include "tests/unit/sample_files.h"

#include <dirent.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"

#define SAMPLES GARITA_SRC_DIR "/tests/samples/signatures/"

char *sample_bytes(const char *name, size_t *ret_len)
{
	auto_text path = { 0 };
	char *bytes = NULL;
	struct stat st;
	FILE *file;

	garita_text_printf(&path, SAMPLES "%s", name);
	file = fopen(path.data, "re");
	if (file == NULL)
		return NULL;
	if (fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode)) {
		*ret_len = (size_t)st.st_size;
		bytes = garita_xalloc(*ret_len + 1);
		assert_int_equal(fread(bytes, 1, *ret_len, file), *ret_len);
	}
	fclose(file);
	return bytes;
}

struct garita_json_doc *sample_json(const char *name)
{
	size_t len = 0;
	auto_free char *text = sample_bytes(name, &len);
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	if (text == NULL ||
	    garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, &err) < 0)
		fail_msg("%s: %s", name, text ? err.text : "missing");
	return doc;
}

static int is_material(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       strcmp(entry->d_name, "case.json") != 0;
}

void sample_material(const char *directory, struct garita_blobs *ret)
{
	struct dirent **entries = NULL;
	auto_text path = { 0 };
	int count;

	garita_text_printf(&path, SAMPLES "%s", directory);
	count = scandir(path.data, &entries, is_material, alphasort);
	if (count < 0)
		fail_msg("%s cannot be read", path.data);
	for (int i = 0; i < count; i++) {
		auto_text name = { 0 };
		auto_free char *bytes = NULL;
		size_t len = 0;

		garita_text_printf(&name, "%s/%s", directory,
				   entries[i]->d_name);
		bytes = sample_bytes(name.data, &len);
		if (bytes != NULL)
			assert_int_equal(garita_blobs_add(ret,
							  entries[i]->d_name,
							  bytes, len),
					 0);
		free(entries[i]);
	}
	free(entries);
}
