/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_x509 - certificates that libcrypto made, read, and led to a root:
 * every kind of key, and for each rule a chain that breaks it alone.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "tests/unit/x509_make.h"

#define CA    "critical,CA:TRUE"
#define SIGNS "critical,digitalSignature"
#define CERTS "critical,keyCertSign,cRLSign"
#define YEAR  ((time_t)365 * 86400)

/* root, intermediate, leaf */
struct made {
	X509 *certs[3];
	EVP_PKEY *keys[3];
	struct garita_x509_list roots, between, leaf;
};

static void made_free(struct made *made)
{
	for (size_t i = 0; i < 3; i++) {
		X509_free(made->certs[i]);
		EVP_PKEY_free(made->keys[i]);
	}
	garita_x509_list_free(&made->roots);
	garita_x509_list_free(&made->between);
	garita_x509_list_free(&made->leaf);
}

static void make(struct made *made, const char *kind,
		 const struct cert_plan plans[3])
{
	struct garita_x509_list *lists[] = { &made->roots, &made->between,
					     &made->leaf };

	*made = (struct made){ 0 };
	for (int i = 0; i < 3; i++) {
		int above = i == 0 ? 0 : i - 1;

		made->keys[i] = make_key(kind);
		made->certs[i] = make_cert(&plans[i], made->keys[i],
					   i == 0 ? NULL : made->certs[above],
					   made->keys[above]);
		add_cert(lists[i], made->certs[i]);
	}
}

static int chain(const struct made *made, const char *eku, time_t at,
		 struct garita_x509_chain *ret, struct garita_error *err)
{
	const struct garita_x509_chain_case of = {
		.leaf = made->leaf.all,
		.roots = &made->roots,
		.between = { &made->between },
		.at = at,
		.eku = eku,
	};

	return garita_x509_chain(&of, ret, err);
}

static const struct cert_plan good[3] = {
	{ .name = "root", .basic = CA ",pathlen:1", .usage = CERTS },
	{ .name = "between",
	  .basic = CA ",pathlen:0",
	  .usage = CERTS,
	  .eku = "codeSigning" },
	{ .name = "leaf",
	  .usage = SIGNS,
	  .eku = "codeSigning",
	  .san = "critical,email:dev@example.com,URI:https://example.com/a,"
		 "DNS:example.com,otherName:1.3.6.1.4.1.57264.1.7;UTF8:"
		 "user@host,IP:127.0.0.1" },
};

static void test_every_kind_of_key(void **state)
{
	static const struct {
		const char *kind, *md;
		bool pss;
	} ways[] = {
		{ "P-256", "SHA256", false }, { "P-384", "SHA384", false },
		{ "P-521", "SHA512", false }, { "RSA", "SHA256", false },
		{ "RSA", "SHA384", false },   { "RSA", "SHA512", false },
		{ "RSA", "SHA256", true },    { "RSA", "SHA384", true },
		{ "RSA", "SHA512", true },    { "ED25519", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(ways); i++) {
		struct cert_plan plans[3];
		struct garita_x509_chain found = { 0 };
		struct garita_error err = { 0 };
		struct made made;

		for (size_t j = 0; j < 3; j++) {
			plans[j] = good[j];
			plans[j].md = ways[i].md;
			plans[j].pss = ways[i].pss;
		}
		make(&made, ways[i].kind, plans);
		if (chain(&made, GARITA_EKU_CODE, MADE_AT, &found, &err) < 0)
			fail_msg("%s %s: %s", ways[i].kind, ways[i].md,
				 err.text);
		assert_int_equal(found.count, 3);
		assert_ptr_equal(found.all[0], made.leaf.all);
		assert_ptr_equal(found.all[2], made.roots.all);
		made_free(&made);
	}
}

static void test_what_is_read(void **state)
{
	static const struct {
		enum garita_x509_name_kind kind;
		const char *text;
	} names[] = {
		{ GARITA_X509_EMAIL, "dev@example.com" },
		{ GARITA_X509_URI, "https://example.com/a" },
		{ GARITA_X509_DNS, "example.com" },
		{ GARITA_X509_OTHER, "user@host" },
		{ GARITA_X509_NO_NAME, NULL },
	};
	struct garita_x509_name name;
	struct garita_x509_part part;
	const struct garita_x509 *leaf;
	struct made made;
	char words[80];

	(void)state;
	make(&made, "P-256", good);
	leaf = made.leaf.all;
	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		assert_true(garita_x509_name(leaf, i, &name));
		assert_int_equal(name.kind, names[i].kind);
		if (names[i].text == NULL)
			continue;
		assert_int_equal(name.text.left, strlen(names[i].text));
		assert_memory_equal(name.text.at, names[i].text,
				    name.text.left);
	}
	assert_false(garita_x509_name(leaf, GARITA_COUNT(names), &name));
	assert_true(garita_x509_part(&leaf->subject, 1, &part));
	assert_true(garita_der_is(&part.oid, GARITA_PART_CN));
	assert_true(part.is_text && garita_der_is(&part.text, "leaf"));
	assert_false(garita_x509_part(&leaf->subject, 2, &part));
	garita_x509_words(&leaf->issuer, words, sizeof(words));
	assert_string_equal(words, "O=garita tests, CN=between");
	assert_true(garita_x509_lists_eku(leaf, GARITA_EKU_CODE));
	assert_false(garita_x509_lists_eku(leaf, GARITA_EKU_TIMESTAMP));
	assert_int_equal(leaf->key_usage, GARITA_X509_SIGNS);
	assert_int_equal(leaf->path_len, -1);
	assert_int_equal(made.between.all[0].path_len, 0);
	assert_int_equal(leaf->not_after - leaf->not_before, 364L * 86400);
	made_free(&made);
}

/* A plan in place of the good one, and why there is no chain then. */
static const struct {
	const char *why;
	int at;
	struct cert_plan plan;
	const char *says; /* NULL: there is one */
} cases[] = {
	{ "nothing changed", 2, { 0 }, NULL },
	{ "no usage is no limit", 1, { .name = "between", .basic = CA }, NULL },
	{ "any usage",
	  1,
	  { .name = "between", .basic = CA, .eku = "anyExtendedKeyUsage" },
	  NULL },
	{ "an empty subject",
	  2,
	  { .eku = "codeSigning", .san = "critical,email:a@b" },
	  NULL },
	{ "any usage in the leaf is not this one",
	  2,
	  { .name = "leaf", .eku = "anyExtendedKeyUsage" },
	  "is not for this use" },
	{ "no usage in the leaf", 2, { .name = "leaf" }, "not for this use" },
	{ "another usage",
	  2,
	  { .name = "leaf", .eku = "serverAuth" },
	  "is not for this use" },
	{ "an authority for others",
	  1,
	  { .name = "between", .basic = CA, .eku = "timeStamping" },
	  "may not vouch for this use" },
	{ "a root for others",
	  0,
	  { .name = "root", .basic = CA, .eku = "serverAuth" },
	  "may not vouch for this use" },
	{ "no authority",
	  1,
	  { .name = "between", .basic = "CA:FALSE" },
	  "is of no authority" },
	{ "no constraints", 1, { .name = "between" }, "is of no authority" },
	{ "an authority that may not sign certificates",
	  1,
	  { .name = "between", .basic = CA, .usage = SIGNS },
	  "may not sign certificates" },
	{ "a leaf that may not sign",
	  2,
	  { .name = "leaf", .usage = "keyEncipherment", .eku = "codeSigning" },
	  "may not sign" },
	{ "no room for the authority between",
	  0,
	  { .name = "root", .basic = CA ",pathlen:0" },
	  "fewer authorities" },
	{ "another issuer's name",
	  2,
	  { .name = "leaf", .issuer = "nobody", .eku = "codeSigning" },
	  "leads to no authority" },
	{ "the leaf has expired",
	  2,
	  { .name = "leaf", .to = MADE_AT - 1, .eku = "codeSigning" },
	  "has expired" },
	{ "the leaf expires in that second",
	  2,
	  { .name = "leaf", .to = MADE_AT, .eku = "codeSigning" },
	  NULL },
	{ "the leaf is not valid yet",
	  2,
	  { .name = "leaf", .from = MADE_AT + 1, .eku = "codeSigning" },
	  "not valid yet" },
	{ "the one between has expired",
	  1,
	  { .name = "between", .basic = CA, .to = MADE_AT - 1 },
	  "has expired" },
	{ "the root has expired",
	  0,
	  { .name = "root", .basic = CA, .to = MADE_AT - 1 },
	  "has expired" },
	{ "after 2050 the time is written otherwise",
	  0,
	  { .name = "root", .basic = CA, .to = MADE_AT + 30 * YEAR },
	  NULL },
	{ "SHA-1",
	  2,
	  { .name = "leaf", .eku = "codeSigning", .md = "SHA1" },
	  "SHA-1" },
	{ "an extension that is known to nobody",
	  2,
	  { .name = "leaf",
	    .eku = "codeSigning",
	    .policy = "critical,requireExplicitPolicy:3" },
	  "critical extension" },
	{ "one that may be ignored",
	  2,
	  { .name = "leaf",
	    .eku = "codeSigning",
	    .policy = "requireExplicitPolicy:3" },
	  NULL },
	{ "name constraints, even when not critical",
	  1,
	  { .name = "between",
	    .basic = CA,
	    .restricted = "permitted;email:example.com" },
	  "name constraints" },
};

static void test_what_breaks_a_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct cert_plan plans[3] = { good[0], good[1], good[2] };
		struct garita_x509_chain found;
		struct garita_error err = { 0 };
		struct made made;
		int r;

		if (i > 0)
			plans[cases[i].at] = cases[i].plan;
		make(&made, "P-256", plans);
		r = chain(&made, GARITA_EKU_CODE, MADE_AT, &found, &err);
		if ((r == 0) != (cases[i].says == NULL) ||
		    (r < 0 && strstr(err.text, cases[i].says) == NULL))
			fail_msg("%s: %d %s", cases[i].why, r, err.text);
		made_free(&made);
	}
}

/* Another authority of the same names and a leaf by a thief of the name. */
static void test_names_do_not_sign(void **state)
{
	struct garita_x509_chain found;
	struct garita_error err = { 0 };
	struct made made, other;

	(void)state;
	make(&made, "P-256", good);
	make(&other, "P-256", good);
	garita_x509_list_free(&made.leaf);
	add_cert(&made.leaf, other.certs[2]);
	assert_int_equal(chain(&made, NULL, MADE_AT, &found, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "not signed by whom"));
	/* Both between: the right one is found. */
	garita_x509_list_free(&made.between);
	add_cert(&made.between, made.certs[1]);
	add_cert(&made.between, other.certs[1]);
	garita_x509_list_free(&made.leaf);
	add_cert(&made.leaf, made.certs[2]);
	assert_int_equal(chain(&made, NULL, MADE_AT, &found, &err), 0);
	/* A root is what the caller says, not what signs itself. */
	garita_x509_list_free(&made.roots);
	add_cert(&made.between, made.certs[0]);
	assert_int_equal(chain(&made, NULL, MADE_AT, &found, &err), -EBADMSG);
	/* One certificate that is trusted is a chain. */
	add_cert(&made.roots, made.certs[2]);
	assert_int_equal(chain(&made, NULL, MADE_AT, &found, &err), 0);
	assert_int_equal(found.count, 1);
	made_free(&made);
	made_free(&other);
}

/* No byte of a certificate can be another. */
static void test_every_byte_counts(void **state)
{
	struct garita_x509_chain found;
	struct garita_x509 leaf;
	struct made made;
	size_t len;

	(void)state;
	make(&made, "P-256", good);
	len = made.leaf.all[0].all.left;
	for (size_t i = 0; i < len; i++) {
		auto_free unsigned char *bytes = garita_xalloc(len);
		struct garita_x509_chain_case of = {
			.leaf = &leaf,
			.roots = &made.roots,
			.between = { &made.between },
			.at = MADE_AT,
		};

		memcpy(bytes, made.leaf.all[0].all.at, len);
		bytes[i] ^= (unsigned char)(1U << i % 8);
		if (garita_x509_read(bytes, len, &leaf, NULL) == 0)
			assert_int_equal(garita_x509_chain(&of, &found, NULL),
					 -EBADMSG);
		assert_true(garita_x509_read(bytes, i, &leaf, NULL) < 0);
	}
	made_free(&made);
}

static void test_files(void **state)
{
	BIO *bio = BIO_new(BIO_s_mem());
	auto_x509_list list = { 0 };
	auto_text text = { 0 };
	struct made made;
	char *pem;
	long len;

	(void)state;
	make(&made, "P-256", good);
	for (size_t i = 0; i < 3; i++)
		PEM_write_bio_X509(bio, made.certs[i]);
	len = BIO_get_mem_data(bio, &pem);
	garita_text_puts(&text, "subject=whoever\n\n");
	garita_text_add(&text, pem, (size_t)len);
	assert_int_equal(
		garita_x509_list_read(&list, text.data, text.len, NULL), 0);
	assert_int_equal(list.count, 3);
	assert_int_equal(garita_x509_list_read(&list,
					       (const char *)list.all[1].all.at,
					       list.all[1].all.left, NULL),
			 0);
	assert_int_equal(list.count, 4);
	assert_true(garita_x509_list_read(&list, text.data, text.len - 9,
					  NULL) < 0);
	assert_true(garita_x509_list_read(&list, "", 0, NULL) < 0);
	assert_true(garita_x509_list_read(&list, "words\n", 6, NULL) < 0);
	BIO_free(bio);
	made_free(&made);
}

static void test_older_versions_are_refused(void **state)
{
	const struct cert_plan plan = { .name = "old", .version = 1 };
	EVP_PKEY *key = make_key("P-256");
	X509 *cert = make_cert(&plan, key, NULL, NULL);
	struct garita_error err = { 0 };
	unsigned char *der = NULL;
	struct garita_x509 read;
	int len = i2d_X509(cert, &der);

	(void)state;
	assert_true(garita_x509_read(der, (size_t)len, &read, &err) < 0);
	assert_non_null(strstr(err.text, "version 3"));
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_key),
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_what_breaks_a_chain),
		cmocka_unit_test(test_names_do_not_sign),
		cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_older_versions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
