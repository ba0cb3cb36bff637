/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log_entry - a signature's entry in a transparency log (Rekor, version 1 and
 * 2), and what proves it.
 *
 * There are two proofs. A promise (SignedEntryTimestamp) is the log's signature
 * over the entry and the time at which it came. An inclusion proof leads from
 * the entry to a root hash that the log signed (checkpoint), and says no time.
 */
#ifndef GARITA_POLICY_TRUST_LOG_ENTRY_H
#define GARITA_POLICY_TRUST_LOG_ENTRY_H

#include <stdint.h>

#include "garita/json.h"
#include "policy/trust/trusted_root.h"

enum {
	GARITA_LOG_ENTRIES_MAX = 32, /* of one bundle */
	GARITA_LOG_HASHES_MAX = 64,  /* of one proof */
	GARITA_LOG_BODY_MAX = 256 * 1024,
	GARITA_LOG_CHECKPOINT_MAX = 16 * 1024,
	GARITA_LOG_SIGNERS_MAX = 32, /* lines of one checkpoint */
	GARITA_LOG_PROMISE_MAX = 1024,
};

struct garita_log_entry {
	unsigned char log_id[GARITA_LOG_ID_MAX];
	size_t log_id_len;
	uint64_t index;       /* in all of the log; what a promise is about */
	time_t integrated;    /* 0: not said */
	char *kind, *version; /* as the bundle says; NULL: it does not */
	unsigned char *body;
	size_t body_len;
	unsigned char *promise; /* NULL: none */
	size_t promise_len;
	/* The proof; `checkpoint` NULL: none. */
	char *checkpoint;
	uint64_t proof_index, size; /* in the tree that the checkpoint is of */
	unsigned char root[32];
	unsigned char (*hashes)[32];
	size_t hash_count;
};

struct garita_log_entries {
	struct garita_log_entry *all;
	size_t count;
};

/* "tlogEntries" of a bundle (which may be NULL): well formed and all
 * different. */
int garita_log_entries_read(const struct garita_json *list,
			    struct garita_log_entries *ret,
			    struct garita_error *err);
/* The annotation dev.sigstore.cosign/bundle. */
int garita_log_entries_read_old(const char *text, size_t len,
				struct garita_log_entries *ret,
				struct garita_error *err);
void garita_log_entries_free(struct garita_log_entries *entries);
#define auto_log_entries                                                       \
	__attribute__((                                                        \
		cleanup(garita_log_entries_free))) struct garita_log_entries

/* -EBADMSG with the reason; each needs its part to be there. */
int garita_log_check_promise(const struct garita_log_entry *entry,
			     const struct garita_log *log,
			     struct garita_error *err);
int garita_log_check_proof(const struct garita_log_entry *entry,
			   const struct garita_log *log,
			   struct garita_error *err);

/* What an entry has to be about. All borrowed. */
struct garita_logged {
	const unsigned char *sig;
	size_t sig_len;
	/* What was signed; or NULL, and only its hash is known. */
	const void *message;
	size_t len;
	enum garita_hash hash;
	const unsigned char *hashed;
	/* What the envelope holds whose PAE is `message`; or NULL. */
	const void *payload;
	size_t payload_len;
	/* Who: the certificate, or NULL and the key. */
	const struct garita_x509 *cert;
	const struct garita_key *key;
};

/* Is the body about this signature, this signer and what was signed? */
int garita_log_check_body(const struct garita_log_entry *entry,
			  const struct garita_logged *what,
			  struct garita_error *err);

/* Entries of the second kind of log: no promises, and the log's name counts. */
bool garita_log_is_v2(const struct garita_log_entry *entry);

#endif
