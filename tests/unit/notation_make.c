/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_make - see the header.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ecdsa.h>

#include "tests/unit/notation_make.h"

enum { HALF = 32, RAW = 2 * HALF };

static void put_base64(struct garita_text *out, const void *bytes, size_t len,
		       bool url)
{
	unsigned char *text = garita_xalloc(len * 2 + 8);
	int n = EVP_EncodeBlock(text, bytes, (int)len);

	for (int i = 0; i < n; i++) {
		char c = (char)text[i];

		if (url && c == '=')
			break;
		garita_text_putc(out, url && c == '+'   ? '-'
				      : url && c == '/' ? '_'
							: c);
	}
	free(text);
}

/* Without a zero byte: what is stamped is a string here. */
static void sign(EVP_PKEY *key, const struct garita_text *message,
		 char ret[RAW + 1])
{
	do {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		unsigned char der[160], *to = (unsigned char *)ret;
		const unsigned char *at = der;
		size_t len = sizeof(der);
		ECDSA_SIG *sig;

		assert_int_equal(
			EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key),
			1);
		assert_int_equal(
			EVP_DigestSign(ctx, der, &len,
				       (const unsigned char *)message->data,
				       message->len),
			1);
		sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
		assert_non_null(sig);
		BN_bn2binpad(ECDSA_SIG_get0_r(sig), to, HALF);
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), to + HALF, HALF);
		ret[RAW] = '\0';
		ECDSA_SIG_free(sig);
		EVP_MD_CTX_free(ctx);
	} while (strlen(ret) != RAW);
}

static void put_chain(X509 *const *chain, struct garita_text *out)
{
	garita_text_puts(out, "\"x5c\":[");
	for (size_t i = 0; chain[i] != NULL; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(chain[i], &der);

		garita_text_puts(out, i > 0 ? ",\"" : "\"");
		put_base64(out, der, (size_t)len, false);
		garita_text_putc(out, '"');
		OPENSSL_free(der);
	}
	garita_text_putc(out, ']');
}

static void put_stamp(const struct jws_plan *plan, const char *sig,
		      struct garita_text *out)
{
	const char *of = plan->other_stamp ? "something else" : sig;
	unsigned char *answer, *token;
	int len;

	if (plan->stamper == NULL)
		return;
	make_stamp(plan->stamper, plan->stamper_key, of, strlen(of), true,
		   &answer, &token, &len);
	garita_text_puts(out, ",\"io.cncf.notary.timestampSignature\":\"");
	put_base64(out, token, (size_t)len, false);
	garita_text_putc(out, '"');
	OPENSSL_free(answer);
	OPENSSL_free(token);
}

void make_jws(const struct jws_plan *plan, struct garita_text *ret)
{
	auto_text message = { 0 };
	char sig[RAW + 1];
	size_t dot;

	put_base64(&message, plan->protected, strlen(plan->protected), true);
	dot = message.len;
	garita_text_putc(&message, '.');
	put_base64(&message, plan->payload, strlen(plan->payload), true);
	sign(plan->key, &message, sig);
	garita_text_printf(ret,
			   "{\"payload\":\"%s\",\"protected\":\"%.*s\","
			   "\"header\":{",
			   message.data + dot + 1, (int)dot, message.data);
	put_chain(plan->chain, ret);
	put_stamp(plan, sig, ret);
	garita_text_puts(ret, "},\"signature\":\"");
	put_base64(ret, sig, RAW, true);
	garita_text_puts(ret, "\"}");
}
