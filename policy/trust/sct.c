/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sct - what the log signed is the certificate without the promises, and who
 * was going to sign it; so that is what we write again.
 */
#include "policy/trust/sct.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"

#define OID_SCTS "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"

enum { HASH_SHA256 = 4, SIGNED_RSA = 1, SIGNED_ECDSA = 3 };

struct sct {
	const unsigned char *log_id;
	uint64_t time_ms;
	struct garita_der extensions;
	unsigned hash, how;
	struct garita_der sig;
};

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "SCT: %s", why);
}

/* ---- lists of TLS: a length of two bytes, and that many ---- */

static bool take_bytes(struct garita_der *from, size_t len,
		       const unsigned char **ret)
{
	if (from->left < len)
		return false;
	*ret = from->at;
	from->at += len;
	from->left -= len;
	return true;
}

static bool take_vector(struct garita_der *from, struct garita_der *ret)
{
	const unsigned char *len;

	if (!take_bytes(from, 2, &len))
		return false;
	ret->left = (size_t)len[0] << 8 | len[1];
	return take_bytes(from, ret->left, &ret->at);
}

static bool read_sct(struct garita_der from, struct sct *ret)
{
	const unsigned char *version, *time, *algorithm;

	if (!take_bytes(&from, 1, &version) || *version != 0 ||
	    !take_bytes(&from, 32, &ret->log_id) ||
	    !take_bytes(&from, 8, &time) ||
	    !take_vector(&from, &ret->extensions) ||
	    !take_bytes(&from, 2, &algorithm) ||
	    !take_vector(&from, &ret->sig) || from.left > 0)
		return false;
	ret->time_ms = 0;
	for (size_t i = 0; i < 8; i++)
		ret->time_ms = ret->time_ms << 8 | time[i];
	ret->hash = algorithm[0];
	ret->how = algorithm[1];
	return true;
}

/* ---- what was signed ---- */

static void put_number(struct garita_text *out, uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i > 0; i--)
		garita_text_putc(out,
				 (char)(unsigned char)(value >> 8 * (i - 1)));
}

static void put_bytes(struct garita_text *out, const unsigned char *bytes,
		      size_t len)
{
	garita_text_add(out, (const char *)bytes, len);
}

static size_t head_len(size_t len)
{
	return len < 0x80 ? 2 : len < 0x100 ? 3 : 4;
}

static void put_head(struct garita_text *out, unsigned char tag, size_t len)
{
	put_number(out, tag, 1);
	if (len >= 0x80)
		put_number(out, len < 0x100 ? 0x81 : 0x82, 1);
	put_number(out, len, len < 0x100 ? 1 : 2);
}

/* The TBSCertificate without the promises. Extensions are its last member, and
 * nothing stands behind them; lengths have one form, so where they begin can
 * be counted back. */
static void put_tbs(struct garita_text *out, const struct garita_x509 *cert)
{
	const struct garita_der *list = &cert->extensions_list;
	size_t inside = head_len(list->left) + list->left;
	size_t whole = head_len(inside) + inside;
	struct garita_der tbs = cert->tbs, body = { 0 };
	auto_text kept = { 0 };
	size_t before, after;

	garita_der_take(&tbs, GARITA_DER_SEQUENCE, &body);
	before = body.left - whole;
	for (size_t i = 0; i < cert->extension_count; i++)
		if (!garita_der_is(&cert->extensions[i].oid, OID_SCTS))
			put_bytes(&kept, cert->extensions[i].all.at,
				  cert->extensions[i].all.left);
	inside = head_len(kept.len) + kept.len;
	after = head_len(inside) + inside;
	put_head(out, GARITA_DER_SEQUENCE, before + after);
	put_bytes(out, body.at, before);
	put_head(out, GARITA_DER_INSIDE(3), inside);
	put_head(out, GARITA_DER_SEQUENCE, kept.len);
	if (kept.len > 0)
		garita_text_add(out, kept.data, kept.len);
}

static void put_signed(struct garita_text *out, const struct sct *sct,
		       const struct garita_x509 *issuer,
		       const struct garita_text *tbs)
{
	unsigned char hash[32];
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, issuer->spki.at, issuer->spki.left);
	garita_sha256_final(&ctx, hash);
	put_number(out, 0, 2); /* version 1, a certificate's timestamp */
	put_number(out, sct->time_ms, 8);
	put_number(out, 1, 2); /* of a certificate that is not signed yet */
	put_bytes(out, hash, sizeof(hash));
	put_number(out, tbs->len, 3);
	garita_text_add(out, tbs->data, tbs->len);
	put_number(out, sct->extensions.left, 2);
	put_bytes(out, sct->extensions.at, sct->extensions.left);
}

/* ---- checking ---- */

static int check_one(const struct sct *sct, const struct garita_x509 *issuer,
		     const struct garita_text *tbs,
		     const struct garita_trusted_root *root,
		     struct garita_error *err)
{
	const struct garita_log *log = garita_log_find(
		root->ct_logs, root->ct_log_count, sct->log_id, 32);
	bool rsa = sct->how == SIGNED_RSA;
	auto_text text = { 0 };

	if (log == NULL)
		return bad(err, "by a log that is not in the trusted root");
	if (!garita_span_covers(&log->span, (time_t)(sct->time_ms / 1000)))
		return bad(err, "from before or after the time for which the "
				"log's key is trusted");
	if (sct->hash != HASH_SHA256 || (!rsa && sct->how != SIGNED_ECDSA))
		return bad(err, "signed in a way that is not known");
	put_signed(&text, sct, issuer, tbs);
	if (garita_key_verify(&log->key,
			      rsa ? GARITA_SCHEME_PKCS1 : GARITA_SCHEME_DER,
			      GARITA_SHA256, text.data, text.len, sct->sig.at,
			      sct->sig.left, NULL) < 0)
		return bad(err, "not signed by the log that it names");
	return 0;
}

int garita_sct_check(const struct garita_x509 *cert,
		     const struct garita_x509 *issuer,
		     const struct garita_trusted_root *root,
		     struct garita_error *err)
{
	const struct garita_x509_extension *scts =
		garita_x509_has(cert, OID_SCTS);
	struct garita_der from, text, list, one;
	auto_text tbs = { 0 };

	if (scts == NULL)
		return bad(err, "the certificate has none");
	from = scts->value;
	if (!garita_der_take(&from, GARITA_DER_OCTETS, &text) ||
	    from.left > 0 || !take_vector(&text, &list) || text.left > 0 ||
	    list.left == 0)
		return bad(err, "malformed");
	put_tbs(&tbs, cert);
	for (size_t i = 0; list.left > 0; i++) {
		struct sct sct;

		if (i == GARITA_SCTS_MAX || !take_vector(&list, &one) ||
		    !read_sct(one, &sct))
			return bad(err, "malformed");
		if (check_one(&sct, issuer, &tbs, root, err) == 0)
			return 0;
	}
	return -EBADMSG; /* and the last says why */
}
