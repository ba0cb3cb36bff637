/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the records of an engine. Where the strict parser has a tree of
 * the same bytes, the search finds what is in the tree: each record that begins
 * with its id, whole, once; and by its name as by its id. And any bytes as what
 * containerd's CRI keeps about a container.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "hook/store/containerd.h"
#include "hook/store/records.h"

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

/* The id that a member of the array begins with, when it has no escapes. */
static const char *id_of(const struct garita_json *record)
{
	const char *id;

	if (garita_json_type(record) != GARITA_JSON_OBJECT ||
	    garita_json_count(record) == 0 ||
	    strcmp(garita_json_key(record, 0), "id") != 0)
		return NULL;
	id = garita_json_string(garita_json_item(record, 0));
	if (id == NULL)
		return NULL;
	for (const char *at = id; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == '"' || *at == '\\')
			return NULL;
	return id;
}

/* As written, an escaped letter of an id is another id: it is not found. */
static void compare(const struct garita_records *records,
		    const struct garita_json *root)
{
	for (size_t i = 0; i < garita_json_count(root); i++) {
		const struct garita_json *record = garita_json_item(root, i);
		auto_json struct garita_json_doc *doc = NULL;
		const char *id = id_of(record);
		int rc;

		if (id == NULL)
			continue;
		rc = garita_records_by_id(records, id, &doc, NULL);
		must(rc == 0 || rc == -EEXIST || rc == -ENOENT);
		if (rc == 0)
			must(strcmp(garita_json_string(garita_json_get(
					    garita_json_root(doc), "id")),
				    id) == 0);
	}
}

static void search(const char *text, size_t len)
{
	auto_json struct garita_json_doc *doc = NULL, *by_name = NULL;
	auto_records records = { 0 };
	struct garita_error err = { 0 };

	if (garita_records_add(&records, text, len, &err) < 0) {
		must(err.text[0] != '\0' && records.count == 0);
		return;
	}
	for (size_t i = 0; i < records.count; i++) {
		const struct garita_record *record = &records.all[i];
		auto_free char *id =
			garita_xstrndup(record->id, record->id_len);
		auto_json struct garita_json_doc *one = NULL;

		must(record->text >= text && record->end <= text + len);
		must(record->id > record->text &&
		     record->id + record->id_len < record->end);
		if (i < 64) /* each search goes through all */
			garita_records_by_id(&records, id, &one, NULL);
	}
	garita_records_by_member(&records, "layer", "a", &by_name, NULL);
	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) == 0)
		compare(&records, garita_json_root(doc));
}

static void container(const char *bytes, size_t len)
{
	auto_ctd_record record = { 0 };
	struct garita_error err = { 0 };

	if (garita_ctd_read_cri(bytes, len, &record, &err) < 0)
		must(err.text[0] != '\0');
	else if (record.config != NULL)
		must(garita_digest_well_formed(record.config));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	search((const char *)data, size);
	container((const char *)data, size);
	return 0;
}
