/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_make - an authority and a time stamping authority in miniature.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "tests/unit/x509_make.h"

EVP_PKEY *make_key(const char *kind)
{
	EVP_PKEY *key = strcmp(kind, "RSA") == 0 ? EVP_RSA_gen(2048)
			: strcmp(kind, "ED25519") == 0
				? EVP_PKEY_Q_keygen(NULL, NULL, kind)
				: EVP_EC_gen(kind);

	assert_non_null(key);
	return key;
}

static void extend(X509 *cert, X509 *above, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *one;

	if (value == NULL)
		return;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, above, cert, NULL, NULL, 0);
	one = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(one);
	assert_int_equal(X509_add_ext(cert, one, -1), 1);
	X509_EXTENSION_free(one);
}

static void name(X509_NAME *to, const char *cn)
{
	if (cn == NULL)
		return;
	X509_NAME_add_entry_by_txt(to, "O", MBSTRING_UTF8,
				   (const unsigned char *)"garita tests", -1,
				   -1, 0);
	X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
				   (const unsigned char *)cn, -1, -1, 0);
}

static void sign(X509 *cert, const struct cert_plan *plan, EVP_PKEY *by)
{
	bool is_ed = EVP_PKEY_get_base_id(by) == EVP_PKEY_ED25519;
	const EVP_MD *md =
		EVP_get_digestbyname(plan->md != NULL ? plan->md : "SHA256");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;

	assert_int_equal(
		EVP_DigestSignInit(ctx, &key_ctx, is_ed ? NULL : md, NULL, by),
		1);
	if (plan->pss) {
		EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx,
						 RSA_PSS_SALTLEN_DIGEST);
	}
	assert_true(X509_sign_ctx(cert, ctx) > 0);
	EVP_MD_CTX_free(ctx);
}

/* In words: on 32 bits libcrypto's time_t may be another one than ours. */
static void set_time(ASN1_TIME *into, time_t when)
{
	char words[] = "YYYYmmddHHMMSSZ";
	struct tm at;

	assert_non_null(gmtime_r(&when, &at));
	assert_int_equal(strftime(words, sizeof(words), "%Y%m%d%H%M%SZ", &at),
			 sizeof(words) - 1);
	assert_int_equal(ASN1_TIME_set_string_X509(into, words), 1);
}

X509 *make_cert(const struct cert_plan *plan, EVP_PKEY *key, X509 *above,
		EVP_PKEY *by)
{
	const time_t half = 182L * 86400;
	time_t from = plan->from ? plan->from : MADE_AT - half;
	time_t to = plan->to ? plan->to : MADE_AT + half;
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	static long serial = 1000;

	X509_set_version(cert, plan->version ? plan->version : 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	set_time(X509_getm_notBefore(cert), from);
	set_time(X509_getm_notAfter(cert), to);
	X509_set_pubkey(cert, key);
	name(subject, plan->name);
	if (plan->issuer != NULL)
		name(X509_get_issuer_name(cert), plan->issuer);
	else
		X509_set_issuer_name(
			cert, X509_get_subject_name(above ? above : cert));
	extend(cert, above, NID_basic_constraints, plan->basic);
	extend(cert, above, NID_key_usage, plan->usage);
	extend(cert, above, NID_ext_key_usage, plan->eku);
	extend(cert, above, NID_subject_alt_name, plan->san);
	extend(cert, above, NID_policy_constraints, plan->policy);
	extend(cert, above, NID_name_constraints, plan->restricted);
	sign(cert, plan, by ? by : key);
	return cert;
}

void add_cert(struct garita_x509_list *list, X509 *cert)
{
	struct garita_error err = { 0 };
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	assert_true(len > 0);
	if (garita_x509_list_add(list, der, (size_t)len, &err) < 0)
		fail_msg("%s", err.text);
	OPENSSL_free(der);
}

/* ---- timestamps ---- */

static ASN1_INTEGER *next_serial(struct TS_resp_ctx *ctx, void *data)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	(void)ctx;
	(void)data;
	ASN1_INTEGER_set(serial, 7);
	return serial;
}

static int at_made(struct TS_resp_ctx *ctx, void *data, long *seconds,
		   long *micros)
{
	(void)ctx;
	(void)data;
	*seconds = MADE_AT;
	*micros = 0;
	return 1;
}

static BIO *make_query(const void *message, size_t len, bool with_cert)
{
	TS_REQ *query = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char hash[32];

	EVP_Digest(message, len, hash, NULL, EVP_sha256(), NULL);
	X509_ALGOR_set_md(algorithm, EVP_sha256());
	TS_MSG_IMPRINT_set_algo(imprint, algorithm);
	TS_MSG_IMPRINT_set_msg(imprint, hash, sizeof(hash));
	TS_REQ_set_version(query, 1);
	TS_REQ_set_msg_imprint(query, imprint);
	TS_REQ_set_cert_req(query, with_cert);
	i2d_TS_REQ_bio(bio, query);
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(query);
	return bio;
}

int make_stamp(X509 *cert, EVP_PKEY *key, const void *message, size_t len,
	       bool with_cert, unsigned char **ret, unsigned char **ret_token,
	       int *ret_len)
{
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	BIO *query = make_query(message, len, with_cert);
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	TS_RESP *answer;
	int answer_len;

	assert_int_equal(TS_RESP_CTX_set_signer_cert(ctx, cert), 1);
	TS_RESP_CTX_set_signer_key(ctx, key);
	TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256());
	TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256());
	TS_RESP_CTX_set_def_policy(ctx, policy);
	TS_RESP_CTX_add_md(ctx, EVP_sha256());
	TS_RESP_CTX_set_accuracy(ctx, 1, 500, 0);
	TS_RESP_CTX_set_serial_cb(ctx, next_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, at_made, NULL);
	answer = TS_RESP_create_response(ctx, query);
	assert_non_null(answer);
	assert_non_null(TS_RESP_get_token(answer));
	*ret = NULL;
	*ret_token = NULL;
	answer_len = i2d_TS_RESP(answer, ret);
	*ret_len = i2d_PKCS7(TS_RESP_get_token(answer), ret_token);
	TS_RESP_free(answer);
	ASN1_OBJECT_free(policy);
	BIO_free(query);
	TS_RESP_CTX_free(ctx);
	assert_true(answer_len > 0 && *ret_len > 0);
	return answer_len;
}
