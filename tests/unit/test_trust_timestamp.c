/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_timestamp - timestamps that libcrypto made, of every kind of key,
 * with the authority's certificates and without, and what breaks one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "tests/unit/x509_make.h"

static const char message[] = "what was stamped";

static const struct cert_plan root_plan = { .name = "stamps",
					    .basic = "critical,CA:TRUE" };
static const struct cert_plan leaf_plan = {
	.name = "stamp",
	.usage = "critical,digitalSignature",
	.eku = "critical,timeStamping",
};

struct stamps {
	EVP_PKEY *root_key, *key;
	X509 *root, *leaf;
	struct garita_x509_list roots, signers;
	unsigned char *answer, *token;
	size_t answer_len, token_len;
};

static void stamps_make(struct stamps *ret, const char *kind,
			const struct cert_plan *plan, bool with_cert)
{
	int token_len, len;

	*ret = (struct stamps){ .root_key = make_key(kind),
				.key = make_key(kind) };
	ret->root = make_cert(&root_plan, ret->root_key, NULL, NULL);
	ret->leaf = make_cert(plan, ret->key, ret->root, ret->root_key);
	add_cert(&ret->roots, ret->root);
	add_cert(&ret->signers, ret->leaf);
	len = make_stamp(ret->leaf, ret->key, message, strlen(message),
			 with_cert, &ret->answer, &ret->token, &token_len);
	ret->answer_len = (size_t)len;
	ret->token_len = (size_t)token_len;
}

static void stamps_free(struct stamps *stamps)
{
	garita_x509_list_free(&stamps->roots);
	garita_x509_list_free(&stamps->signers);
	OPENSSL_free(stamps->answer);
	OPENSSL_free(stamps->token);
	X509_free(stamps->root);
	X509_free(stamps->leaf);
	EVP_PKEY_free(stamps->root_key);
	EVP_PKEY_free(stamps->key);
}

static int check(const struct stamps *stamps, const unsigned char *bytes,
		 size_t len, enum garita_timestamp_form form,
		 const char *stamped, bool known, struct garita_error *err)
{
	const struct garita_timestamp_case of = {
		.message = stamped,
		.len = strlen(stamped),
		.roots = &stamps->roots,
		.signers = known ? &stamps->signers : NULL,
	};
	auto_timestamp stamp = { 0 };
	struct garita_x509_chain chain;
	int r = garita_timestamp_read(form, bytes, len, &stamp, err);

	if (r == 0)
		r = garita_timestamp_check(&stamp, &of, &chain, err);
	if (r == 0) {
		assert_int_equal(stamp.time, MADE_AT);
		assert_int_equal(stamp.accuracy_s, 2); /* of 1.5 */
		assert_int_equal(chain.count, 2);
	}
	return r;
}

static void test_both_forms(void **state)
{
	static const char *const kinds[] = { "P-256", "P-384", "P-521", "RSA" };

	(void)state;
	for (size_t i = 0; i < 2 * GARITA_COUNT(kinds); i++) {
		bool with = i % 2 == 1;
		struct stamps stamps;
		struct garita_error err = { 0 };

		stamps_make(&stamps, kinds[i / 2], &leaf_plan, with);
		if (check(&stamps, stamps.answer, stamps.answer_len,
			  GARITA_TIMESTAMP_RESPONSE, message, true, &err) < 0)
			fail_msg("%s: %s", kinds[i / 2], err.text);
		assert_int_equal(check(&stamps, stamps.token, stamps.token_len,
				       GARITA_TIMESTAMP_TOKEN, message, true,
				       NULL),
				 0);
		/* With certificates of its own it needs only the root. */
		assert_int_equal(check(&stamps, stamps.token, stamps.token_len,
				       GARITA_TIMESTAMP_TOKEN, message, false,
				       NULL),
				 with ? 0 : -EBADMSG);
		/* One form is not the other. */
		assert_int_equal(check(&stamps, stamps.token, stamps.token_len,
				       GARITA_TIMESTAMP_RESPONSE, message, true,
				       NULL),
				 -EINVAL);
		assert_int_equal(
			check(&stamps, stamps.answer, stamps.answer_len,
			      GARITA_TIMESTAMP_TOKEN, message, true, NULL),
			-EINVAL);
		stamps_free(&stamps);
	}
}

static void expect(const struct stamps *stamps, const char *stamped,
		   const char *says)
{
	struct garita_error err = { 0 };

	assert_int_equal(check(stamps, stamps->answer, stamps->answer_len,
			       GARITA_TIMESTAMP_RESPONSE, stamped, true, &err),
			 -EBADMSG);
	if (strstr(err.text, says) == NULL)
		fail_msg("wanted \"%s\", got \"%s\"", says, err.text);
}

static void test_what_and_when(void **state)
{
	const struct cert_plan expired = { .name = "stamp",
					   .eku = "critical,timeStamping",
					   .to = MADE_AT - 1 };
	struct stamps stamps;

	(void)state;
	stamps_make(&stamps, "P-256", &leaf_plan, true);
	expect(&stamps, "something else", "about something else");
	stamps_free(&stamps);
	stamps_make(&stamps, "P-256", &expired, true);
	expect(&stamps, message, "has expired");
	stamps_free(&stamps);
}

/* Another certificate of the same key, issuer and serial number. */
static void put_twin(struct stamps *stamps, const struct cert_plan *plan)
{
	X509 *twin =
		make_cert(plan, stamps->key, stamps->root, stamps->root_key);

	X509_set_serialNumber(twin, X509_get_serialNumber(stamps->leaf));
	X509_sign(twin, stamps->root_key, EVP_sha384());
	garita_x509_list_free(&stamps->signers);
	add_cert(&stamps->signers, twin);
	X509_free(twin);
}

static void test_who_stamped(void **state)
{
	const struct cert_plan also = {
		.name = "stamp", .eku = "critical,timeStamping,codeSigning"
	};
	const struct cert_plan hint = { .name = "stamp",
					.eku = "timeStamping" };
	struct garita_error err = { 0 };
	struct stamps stamps, other;

	(void)state;
	stamps_make(&stamps, "P-256", &leaf_plan, true);
	stamps_make(&other, "P-256", &leaf_plan, true);
	assert_int_equal(check(&stamps, other.answer, other.answer_len,
			       GARITA_TIMESTAMP_RESPONSE, message, false, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "authority"));
	put_twin(&stamps, &leaf_plan);
	expect(&stamps, message, "does not say that this certificate");
	put_twin(&stamps, &also);
	expect(&stamps, message, "not for timestamps alone");
	put_twin(&stamps, &hint);
	expect(&stamps, message, "not for timestamps alone");
	stamps_free(&stamps);
	stamps_free(&other);
}

/* Of the bytes that differ and are accepted all the same there are those that
 * nobody signs: the status, versions, the certificates that came along. */
static void test_no_byte_changes_the_meaning(void **state)
{
	struct stamps stamps;
	size_t still = 0;

	(void)state;
	stamps_make(&stamps, "P-256", &leaf_plan, false);
	for (size_t i = 0; i < stamps.token_len; i++) {
		unsigned char kept = stamps.token[i];

		stamps.token[i] ^= (unsigned char)(1U << i % 8);
		if (check(&stamps, stamps.token, stamps.token_len,
			  GARITA_TIMESTAMP_TOKEN, message, true, NULL) == 0)
			still++; /* and check() saw the same time */
		stamps.token[i] = kept;
		assert_true(check(&stamps, stamps.token, i,
				  GARITA_TIMESTAMP_TOKEN, message, true,
				  NULL) < 0);
	}
	assert_true(still < 24);
	stamps_free(&stamps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_forms),
		cmocka_unit_test(test_what_and_when),
		cmocka_unit_test(test_who_stamped),
		cmocka_unit_test(test_no_byte_changes_the_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
