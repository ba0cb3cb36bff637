/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_entry - entries read from a bundle, or from the annotation that cosign
 * wrote before there were bundles.
 */
#include "policy/trust/log_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/base64.h"
#include "policy/trust/fields.h"
#include "policy/trust/format.h"

#define PROTO GARITA_NAMES_PROTO

static int read_bytes(const struct garita_json *object, const char *name,
		      size_t max, unsigned char **ret, size_t *ret_len,
		      struct garita_error *err)
{
	int rc = garita_field_bytes(object, name, max, ret, ret_len, err);

	if (rc < 0)
		garita_fail_in(err, "log");
	return rc;
}

/* int64 in the JSON of protocol buffers: a string or a number. Missing is 0. */
static int read_number(const struct garita_json *object, const char *name,
		       uint64_t *ret, struct garita_error *err)
{
	const struct garita_json *value = garita_field(object, PROTO, name);
	const char *text = garita_json_string(value);
	uint64_t number = 0;

	if (value != NULL &&
	    (text != NULL ? garita_parse_u64(text, &number)
			  : garita_json_u64(value, &number)) < 0)
		return garita_fail(err, EINVAL, "log: %s is no number", name);
	if (number > INT64_MAX)
		return garita_fail(err, EINVAL, "log: %s is too large", name);
	*ret = number;
	return 0;
}

static int read_hash(const struct garita_json *value, unsigned char ret[32],
		     struct garita_error *err)
{
	const char *text = garita_json_string(value);
	auto_free unsigned char *bytes = NULL;
	size_t len;

	if (text == NULL ||
	    garita_base64_proto(text, strlen(text), 32, &bytes, &len) < 0 ||
	    len != 32)
		return garita_fail(err, EINVAL,
				   "log: a hash of the proof is "
				   "no SHA-256");
	memcpy(ret, bytes, 32);
	return 0;
}

static int read_hashes(const struct garita_json *list,
		       struct garita_log_entry *ret, struct garita_error *err)
{
	size_t count = garita_json_count(list);
	int r = 0;

	if (list != NULL && garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "log: hashes is not an array");
	if (count > GARITA_LOG_HASHES_MAX)
		return garita_fail(err, EINVAL,
				   "log: a proof of more than %d hashes",
				   GARITA_LOG_HASHES_MAX);
	ret->hashes = garita_xcalloc(count, sizeof(*ret->hashes));
	ret->hash_count = count;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = read_hash(garita_json_item(list, i), ret->hashes[i], err);
	return r;
}

static int read_proof(const struct garita_json *proof,
		      struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = { "logIndex",   "rootHash",
					     "treeSize",   "hashes",
					     "checkpoint", NULL };
	static const char *const only[] = { "envelope", NULL };
	const struct garita_json *checkpoint;
	const char *text;
	int r = garita_fields_check(proof, PROTO, names, "inclusionProof", err);

	if (r == 0)
		r = read_number(proof, "logIndex", &ret->proof_index, err);
	if (r == 0)
		r = read_number(proof, "treeSize", &ret->size, err);
	if (r == 0)
		r = read_hash(garita_field(proof, PROTO, "rootHash"), ret->root,
			      err);
	if (r == 0)
		r = read_hashes(garita_field(proof, PROTO, "hashes"), ret, err);
	if (r < 0)
		return r;
	checkpoint = garita_field(proof, PROTO, "checkpoint");
	if (checkpoint == NULL) /* of 2023; it proves nothing */
		return 0;
	r = garita_fields_check(checkpoint, PROTO, only, "checkpoint", err);
	if (r < 0)
		return r;
	text = garita_json_string(garita_field(checkpoint, PROTO, "envelope"));
	if (text == NULL || strlen(text) > GARITA_LOG_CHECKPOINT_MAX)
		return garita_fail(err, EINVAL,
				   "log: the checkpoint is no "
				   "text, or too long");
	ret->checkpoint = garita_xstrdup(text);
	return 0;
}

static int read_kind(const struct garita_json *kind,
		     struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = { "kind", "version", NULL };
	const char *word, *version;
	int r = garita_fields_check(kind, PROTO, names, "kindVersion", err);

	if (r < 0)
		return r;
	word = garita_json_string(garita_field(kind, PROTO, "kind"));
	version = garita_json_string(garita_field(kind, PROTO, "version"));
	if (word == NULL || version == NULL)
		return garita_fail(err, EINVAL, "log: kindVersion is empty");
	ret->kind = garita_xstrdup(word);
	ret->version = garita_xstrdup(version);
	return 0;
}

static int read_log_id(const struct garita_json *entry,
		       struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = { "keyId", NULL };
	const struct garita_json *id = garita_field(entry, PROTO, "logId");
	auto_free unsigned char *bytes = NULL;
	int r = garita_fields_check(id, PROTO, names, "logId", err);

	if (r == 0)
		r = read_bytes(id, "keyId", GARITA_LOG_ID_MAX, &bytes,
			       &ret->log_id_len, err);
	if (r == 0 && bytes != NULL)
		memcpy(ret->log_id, bytes, ret->log_id_len);
	return r;
}

static int read_promise(const struct garita_json *promise,
			struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = { "signedEntryTimestamp", NULL };
	int r = garita_fields_check(promise, PROTO, names, "inclusionPromise",
				    err);

	return r < 0 ? r
		     : read_bytes(promise, "signedEntryTimestamp",
				  GARITA_LOG_PROMISE_MAX, &ret->promise,
				  &ret->promise_len, err);
}

static int read_entry(const struct garita_json *entry,
		      struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = {
		"logIndex",          "logId",
		"kindVersion",       "integratedTime",
		"inclusionPromise",  "inclusionProof",
		"canonicalizedBody", NULL
	};
	const struct garita_json *promise, *proof;
	uint64_t integrated = 0;
	int r = garita_fields_check(entry, PROTO, names, "a log entry", err);

	if (r == 0)
		r = read_number(entry, "logIndex", &ret->index, err);
	if (r == 0)
		r = read_number(entry, "integratedTime", &integrated, err);
	if (r == 0)
		r = read_log_id(entry, ret, err);
	if (r == 0)
		r = read_kind(garita_field(entry, PROTO, "kindVersion"), ret,
			      err);
	if (r == 0)
		r = read_bytes(entry, "canonicalizedBody", GARITA_LOG_BODY_MAX,
			       &ret->body, &ret->body_len, err);
	if (r < 0)
		return r;
	ret->integrated = (time_t)integrated;
	promise = garita_field(entry, PROTO, "inclusionPromise");
	proof = garita_field(entry, PROTO, "inclusionProof");
	if (promise != NULL)
		r = read_promise(promise, ret, err);
	if (r == 0 && proof != NULL)
		r = read_proof(proof, ret, err);
	return r;
}

static struct garita_log_entry *add(struct garita_log_entries *to)
{
	to->all = garita_xresize(to->all, to->count + 1, sizeof(*to->all));
	to->all[to->count] = (struct garita_log_entry){ 0 };
	return &to->all[to->count++];
}

static bool is_twice(const struct garita_log_entries *in)
{
	const struct garita_log_entry *last = &in->all[in->count - 1];

	for (size_t i = 0; i + 1 < in->count; i++)
		if (in->all[i].index == last->index &&
		    in->all[i].log_id_len == last->log_id_len &&
		    memcmp(in->all[i].log_id, last->log_id, last->log_id_len) ==
			    0)
			return true;
	return false;
}

int garita_log_entries_read(const struct garita_json *list,
			    struct garita_log_entries *ret,
			    struct garita_error *err)
{
	size_t count = garita_json_count(list);

	if (list != NULL && garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "tlogEntries is not an array");
	if (count > GARITA_LOG_ENTRIES_MAX)
		return garita_fail(err, EINVAL, "more than %d log entries",
				   GARITA_LOG_ENTRIES_MAX);
	for (size_t i = 0; i < count; i++) {
		int r = read_entry(garita_json_item(list, i), add(ret), err);

		if (r < 0)
			return r;
		if (is_twice(ret))
			return garita_fail(err, EINVAL,
					   "log: the same entry twice");
	}
	return 0;
}

/* ---- the annotation ---- */

static bool read_hex(const char *text, struct garita_log_entry *ret)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || len % 2 != 0 || len / 2 > GARITA_LOG_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		unsigned value;

		if (garita_is_digit(c))
			value = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = (unsigned)(c - 'a') + 10;
		else
			return false;
		ret->log_id[i / 2] =
			(unsigned char)((unsigned)ret->log_id[i / 2] << 4 |
					value);
	}
	ret->log_id_len = len / 2;
	return true;
}

static int read_payload(const struct garita_json *payload,
			struct garita_log_entry *ret, struct garita_error *err)
{
	static const char *const names[] = { "body", "integratedTime",
					     "logIndex", "logID", NULL };
	const char *body;
	uint64_t integrated;
	int r = garita_fields_check(payload, GARITA_NAMES_EXACT, names,
				    "the log entry", err);

	if (r < 0)
		return r;
	body = garita_json_string(garita_json_get(payload, "body"));
	if (body == NULL ||
	    garita_base64(body, strlen(body), GARITA_LOG_BODY_MAX, &ret->body,
			  &ret->body_len) < 0)
		return garita_fail(err, EINVAL, "log: the body is not base64");
	if (garita_json_u64(garita_json_get(payload, "integratedTime"),
			    &integrated) < 0 ||
	    integrated > INT64_MAX ||
	    garita_json_u64(garita_json_get(payload, "logIndex"), &ret->index) <
		    0 ||
	    ret->index > INT64_MAX)
		return garita_fail(err, EINVAL, "log: a number is none");
	ret->integrated = (time_t)integrated;
	if (!read_hex(garita_json_string(garita_json_get(payload, "logID")),
		      ret))
		return garita_fail(err, EINVAL, "log: logID is no hex");
	return 0;
}

int garita_log_entries_read_old(const char *text, size_t len,
				struct garita_log_entries *ret,
				struct garita_error *err)
{
	static const char *const names[] = { "SignedEntryTimestamp", "Payload",
					     NULL };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_log_entry *entry;
	const struct garita_json *root;
	const char *promise;
	int r = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	if (r < 0)
		return garita_fail_in(err, "log");
	root = garita_json_root(doc);
	r = garita_fields_check(root, GARITA_NAMES_EXACT, names,
				"the log entry", err);
	if (r < 0)
		return r;
	entry = add(ret);
	promise = garita_json_string(
		garita_json_get(root, "SignedEntryTimestamp"));
	if (promise == NULL ||
	    garita_base64(promise, strlen(promise), GARITA_LOG_PROMISE_MAX,
			  &entry->promise, &entry->promise_len) < 0)
		return garita_fail(err, EINVAL,
				   "log: the promise is not base64");
	return read_payload(garita_json_get(root, "Payload"), entry, err);
}

void garita_log_entries_free(struct garita_log_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->all[i].kind);
		free(entries->all[i].version);
		free(entries->all[i].body);
		free(entries->all[i].promise);
		free(entries->all[i].checkpoint);
		free(entries->all[i].hashes);
	}
	free(entries->all);
	*entries = (struct garita_log_entries){ 0 };
}
