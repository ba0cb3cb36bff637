/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trusted_root - what vouches for keyless signatures: authorities that write
 * certificates, logs of certificates and of signatures, and authorities that
 * stamp the time, each for a time.
 *
 * sigstore's trusted_root.json is read as it is. What in it is of a kind that
 * we do not know (a key of the future) vouches for nothing; what is malformed
 * refuses the file.
 */
#ifndef GARITA_POLICY_TRUST_TRUSTED_ROOT_H
#define GARITA_POLICY_TRUST_TRUSTED_ROOT_H

#include "policy/trust/x509.h"

enum {
	GARITA_LOGS_MAX = 32,        /* of either kind */
	GARITA_AUTHORITIES_MAX = 32, /* of either kind */
	GARITA_LOG_ID_MAX = 32,
};

/* Both ends belong to it. */
struct garita_span {
	time_t from, to;
	bool has_to;
};
static inline bool garita_span_covers(const struct garita_span *span, time_t at)
{
	return at >= span->from && (!span->has_to || at <= span->to);
}

struct garita_log {
	char *host; /* of its address; "" when it has none */
	struct garita_key key;
	unsigned char id[GARITA_LOG_ID_MAX];
	size_t id_len;
	unsigned char key_hash[32]; /* SHA-256 of the SubjectPublicKeyInfo */
	struct garita_span span;
};

struct garita_authority {
	struct garita_x509_list roots; /* trusted */
	struct garita_x509_list between;
	struct garita_x509_list leaves; /* of who stamps: its own certificate */
	struct garita_span span;
};

struct garita_trusted_root {
	bool whole; /* a trusted_root.json, not keys and certificates by hand */
	/* Of signatures; `names_logs` too when we know the kind of none. */
	bool names_logs;
	struct garita_log *logs;
	size_t log_count;
	struct garita_log *ct_logs; /* of certificates */
	size_t ct_log_count;
	struct garita_authority *authorities;
	size_t authority_count;
	struct garita_authority *stampers;
	size_t stamper_count;
};

/* -EINVAL with the place. */
int garita_trusted_root_read(const char *text, size_t len,
			     struct garita_trusted_root *ret,
			     struct garita_error *err);
/* One log more, known by its key alone and for all time. */
int garita_trusted_root_add_log(struct garita_trusted_root *to,
				const char *bytes, size_t len,
				struct garita_error *err);
/* Certificates of a file: trusted, or (`between`) not. */
int garita_trusted_root_add_authority(struct garita_trusted_root *to,
				      const char *bytes, size_t len,
				      bool between, struct garita_error *err);
void garita_trusted_root_free(struct garita_trusted_root *root);
#define auto_trusted_root                                                      \
	__attribute__((                                                        \
		cleanup(garita_trusted_root_free))) struct garita_trusted_root

/* The log of this id at that time; NULL: none. */
const struct garita_log *garita_log_find(const struct garita_log *logs,
					 size_t count, const unsigned char *id,
					 size_t id_len);

#endif
