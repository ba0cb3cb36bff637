/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_proof - did the log promise the entry, and is the entry in the tree whose
 * root the log signed?
 *
 * The tree is that of RFC 6962, the checkpoint a signed note (C2SP). A note may
 * have lines by others (witnesses), which say nothing to us.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "policy/trust/base64.h"
#include "policy/trust/format.h"
#include "policy/trust/log_entry.h"

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "log: %s", why);
}

bool garita_log_is_v2(const struct garita_log_entry *entry)
{
	return entry->version != NULL && strcmp(entry->version, "0.0.2") == 0 &&
	       (strcmp(entry->kind, "hashedrekord") == 0 ||
		strcmp(entry->kind, "dsse") == 0);
}

/* With the hash that goes with the key. */
static bool is_signed(const struct garita_log *log, const void *text,
		      size_t len, const unsigned char *sig, size_t sig_len)
{
	enum garita_hash hash = GARITA_SHA256;
	enum garita_scheme scheme = GARITA_SCHEME_DER;

	switch (log->key.kind) {
	case GARITA_KEY_RSA:
		scheme = GARITA_SCHEME_PKCS1;
		break;
	case GARITA_KEY_ED25519:
		scheme = GARITA_SCHEME_ED;
		break;
	case GARITA_KEY_P384:
		hash = GARITA_SHA384;
		break;
	case GARITA_KEY_P521:
		hash = GARITA_SHA512;
		break;
	case GARITA_KEY_P256:
		break;
	}
	return garita_key_verify(&log->key, scheme, hash, text, len, sig,
				 sig_len, NULL) == 0;
}

/* ---- the promise ---- */

/* RFC 8785: members in order, no white space. None of the strings has a
 * character that would have to be escaped. */
static void write_promised(const struct garita_log_entry *entry,
			   struct garita_text *ret)
{
	garita_text_puts(ret, "{\"body\":\"");
	garita_base64_write(entry->body, entry->body_len, ret);
	garita_text_printf(ret, "\",\"integratedTime\":%lld,\"logID\":\"",
			   (long long)entry->integrated);
	for (size_t i = 0; i < entry->log_id_len; i++)
		garita_text_printf(ret, "%02x", entry->log_id[i]);
	garita_text_printf(ret, "\",\"logIndex\":%llu}",
			   (unsigned long long)entry->index);
}

int garita_log_check_promise(const struct garita_log_entry *entry,
			     const struct garita_log *log,
			     struct garita_error *err)
{
	auto_text promised = { 0 };

	if (entry->promise == NULL)
		return bad(err, "the entry has no promise (SET)");
	if (entry->integrated == 0)
		return bad(err, "the promise is of no time");
	if (!garita_span_covers(&log->span, entry->integrated))
		return bad(err, "the entry is from before or after the time "
				"for which the log's key is trusted");
	write_promised(entry, &promised);
	if (!is_signed(log, promised.data, promised.len, entry->promise,
		       entry->promise_len))
		return bad(err, "the promise (SET) is not signed by the log");
	return 0;
}

/* ---- the tree ---- */

static void hash_leaf(const struct garita_log_entry *entry,
		      unsigned char ret[32])
{
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, "\0", 1);
	garita_sha256_update(&ctx, entry->body, entry->body_len);
	garita_sha256_final(&ctx, ret);
}

static void hash_both(const unsigned char left[32],
		      const unsigned char right[32], unsigned char ret[32])
{
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, "\1", 1);
	garita_sha256_update(&ctx, left, 32);
	garita_sha256_update(&ctx, right, 32);
	garita_sha256_final(&ctx, ret);
}

/* Up from the leaf: where the path from the root to the leaf and that to the
 * last leaf part, the tree is complete on our side, and above that only left
 * neighbours are left (RFC 9162, 2.1.3.2). */
static bool is_in_tree(const struct garita_log_entry *entry)
{
	uint64_t at = entry->proof_index, last = entry->size - 1;
	unsigned char hash[32];
	size_t used = 0;

	if (entry->size == 0 || at >= entry->size)
		return false;
	hash_leaf(entry, hash);
	for (; last > 0; at >>= 1, last >>= 1) {
		/* A last node without a neighbour moves up as it is. */
		if (at == last && at % 2 == 0)
			continue;
		if (used == entry->hash_count)
			return false;
		if (at % 2 == 1)
			hash_both(entry->hashes[used++], hash, hash);
		else
			hash_both(hash, entry->hashes[used++], hash);
	}
	return used == entry->hash_count &&
	       memcmp(hash, entry->root, sizeof(hash)) == 0;
}

/* ---- the checkpoint ---- */

struct note {
	const char *text; /* what is signed */
	size_t len;
	const char *signers; /* the lines after the empty one */
	const char *origin;
	size_t origin_len;
	uint64_t size;
	unsigned char root[32];
};

/* The next line without its end; false when there is none that ends. */
static bool take_line(const char **at, const char **ret, size_t *ret_len)
{
	const char *end = strchr(*at, '\n');

	if (end == NULL)
		return false;
	*ret = *at;
	*ret_len = (size_t)(end - *at);
	*at = end + 1;
	return true;
}

static bool read_root(const char *line, size_t len, unsigned char ret[32])
{
	unsigned char *bytes = NULL;
	size_t got;

	if (garita_base64(line, len, 32, &bytes, &got) < 0)
		return false;
	if (got == 32)
		memcpy(ret, bytes, 32);
	free(bytes);
	return got == 32;
}

static bool read_note(const char *text, struct note *ret)
{
	const char *empty = strstr(text, "\n\n"), *at = text, *line;
	char number[24];
	size_t len;

	if (empty == NULL)
		return false;
	*ret = (struct note){ .text = text,
			      .len = (size_t)(empty + 1 - text),
			      .signers = empty + 2 };
	if (!take_line(&at, &ret->origin, &ret->origin_len) ||
	    ret->origin_len == 0 || !take_line(&at, &line, &len) ||
	    len >= sizeof(number))
		return false;
	memcpy(number, line, len);
	number[len] = '\0';
	return garita_parse_u64(number, &ret->size) == 0 &&
	       take_line(&at, &line, &len) && read_root(line, len, ret->root) &&
	       at <= empty + 1;
}

/* What a line by the log's key begins with. */
static void hint_of(const struct garita_log *log, const char *name, size_t len,
		    unsigned char ret[4])
{
	struct garita_sha256 ctx;
	unsigned char hash[32];

	if (log->key.kind != GARITA_KEY_ED25519) {
		memcpy(ret, log->key_hash, 4);
		return;
	}
	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, name, len);
	garita_sha256_update(&ctx, "\n\1", 2);
	garita_sha256_update(&ctx, log->key.bytes, log->key.len);
	garita_sha256_final(&ctx, hash);
	memcpy(ret, hash, 4);
}

/* base64 of the hint and the signature, by the key that the hint is of. */
static bool is_by(const struct note *note, const struct garita_log *log,
		  const unsigned char hint[4], const char *text, size_t len)
{
	unsigned char *bytes = NULL;
	size_t got;
	bool good;

	if (garita_base64(text, len, GARITA_LOG_PROMISE_MAX, &bytes, &got) < 0)
		return false;
	good = got > 4 && memcmp(bytes, hint, 4) == 0 &&
	       is_signed(log, note->text, note->len, bytes + 4, got - 4);
	free(bytes);
	return good;
}

/* "— name base64" */
static bool line_signs(const struct note *note, const struct garita_log *log,
		       bool v2, const char *line, size_t len)
{
	static const char dash[] = "\xe2\x80\x94 ";
	const size_t dash_len = sizeof(dash) - 1;
	const char *name, *space;
	unsigned char hint[4];
	size_t name_len;

	if (len < dash_len || memcmp(line, dash, dash_len) != 0)
		return false;
	name = line + dash_len;
	space = memchr(name, ' ', len - dash_len);
	if (space == NULL)
		return false;
	name_len = (size_t)(space - name);
	if (v2 && (name_len != note->origin_len ||
		   memcmp(name, note->origin, name_len) != 0))
		return false;
	hint_of(log, name, name_len, hint);
	return is_by(note, log, hint, space + 1,
		     (size_t)(line + len - space - 1));
}

static bool is_signed_note(const struct note *note,
			   const struct garita_log *log, bool v2)
{
	const char *at = note->signers, *line;
	size_t len;

	for (unsigned i = 0; i < GARITA_LOG_SIGNERS_MAX; i++) {
		if (!take_line(&at, &line, &len))
			return false;
		if (line_signs(note, log, v2, line, len))
			return true;
	}
	return false;
}

int garita_log_check_proof(const struct garita_log_entry *entry,
			   const struct garita_log *log,
			   struct garita_error *err)
{
	bool v2 = garita_log_is_v2(entry);
	struct note note;

	if (entry->checkpoint == NULL)
		return bad(err, "the entry has no inclusion proof");
	if (!is_in_tree(entry))
		return bad(err, "the inclusion proof does not lead to its root "
				"hash");
	if (!read_note(entry->checkpoint, &note))
		return bad(err, "the checkpoint is malformed");
	if (note.size != entry->size ||
	    memcmp(note.root, entry->root, sizeof(note.root)) != 0)
		return bad(err, "the checkpoint is of another tree than the "
				"inclusion proof");
	if (v2 && (strlen(log->host) != note.origin_len ||
		   memcmp(log->host, note.origin, note.origin_len) != 0))
		return bad(err, "the checkpoint is of another log");
	if (!is_signed_note(&note, log, v2))
		return bad(err, "the checkpoint is not signed by the log");
	return 0;
}
