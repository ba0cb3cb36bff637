/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_crl - lists of revoked certificates that libcrypto made: what one says,
 * when it holds, and those that are not the whole truth.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/notation_trust.h"
#include "tests/unit/x509_make.h"

#define DAY   ((time_t)86400)
#define POINT "http://a.example/1.crl"

static const struct cert_plan root_plan = {
	.name = "root",
	.basic = "critical,CA:TRUE",
	.usage = "critical,keyCertSign,cRLSign",
};
static const struct cert_plan no_lists_plan = {
	.name = "root",
	.basic = "critical,CA:TRUE",
	.usage = "critical,keyCertSign",
};
static const struct cert_plan leaf_plan = { .name = "leaf" };

struct list_plan {
	X509 *revoked;   /* or NULL */
	int others;      /* entries with other numbers */
	const char *idp; /* issuingDistributionPoint as in openssl.cnf */
	bool delta, unmarked_delta, two_points, no_end, version_1,
		entry_critical, pem, sha1;
	time_t from, to; /* 0: a day around MADE_AT */
};

struct scene {
	EVP_PKEY *key, *leaf_key;
	X509 *root, *leaf;
	struct garita_x509_list certs; /* root, leaf */
};

static void scene_make(struct scene *ret, const struct cert_plan *root)
{
	*ret = (struct scene){ .key = make_key("P-256"),
			       .leaf_key = make_key("P-256") };
	ret->root = make_cert(root, ret->key, NULL, NULL);
	ret->leaf = make_cert(&leaf_plan, ret->leaf_key, ret->root, ret->key);
	add_cert(&ret->certs, ret->root);
	add_cert(&ret->certs, ret->leaf);
}

static void scene_free(struct scene *scene)
{
	garita_x509_list_free(&scene->certs);
	X509_free(scene->root);
	X509_free(scene->leaf);
	EVP_PKEY_free(scene->key);
	EVP_PKEY_free(scene->leaf_key);
}

/* Signs the leaf again, with one extension more. */
static void extend_leaf(struct scene *scene, int nid, const char *value)
{
	X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(one);
	X509_add_ext(scene->leaf, one, -1);
	X509_sign(scene->leaf, scene->key, EVP_sha256());
	X509_EXTENSION_free(one);
	add_cert(&scene->certs, scene->leaf);
}

static const struct garita_x509 *leaf_of(const struct scene *scene)
{
	return &scene->certs.all[scene->certs.count - 1];
}

static void add_entry(X509_CRL *list, const ASN1_INTEGER *serial, bool critical)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *when = ASN1_TIME_set(NULL, MADE_AT - DAY);
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

	ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE);
	X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)serial);
	X509_REVOKED_set_revocationDate(entry, when);
	assert_int_equal(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason,
						   reason, critical, 0),
			 1);
	X509_CRL_add0_revoked(list, entry);
	ASN1_TIME_free(when);
	ASN1_ENUMERATED_free(reason);
}

static void extend(X509_CRL *list, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *one;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, NULL, NULL, NULL, list, 0);
	one = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(one);
	X509_CRL_add_ext(list, one, -1);
	X509_EXTENSION_free(one);
}

static void extend_number(X509_CRL *list, int nid, long number, int critical)
{
	ASN1_INTEGER *value = ASN1_INTEGER_new();

	ASN1_INTEGER_set(value, number);
	assert_int_equal(X509_CRL_add1_ext_i2d(list, nid, value, critical, 0),
			 1);
	ASN1_INTEGER_free(value);
}

static void put_list(X509_CRL *list, bool pem, struct garita_text *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long len;

	if (pem)
		PEM_write_bio_X509_CRL(bio, list);
	else
		i2d_X509_CRL_bio(bio, list);
	len = BIO_get_mem_data(bio, &bytes);
	garita_text_add(ret, bytes, (size_t)len);
	BIO_free(bio);
}

static void make_list(const struct scene *scene, const struct list_plan *plan,
		      struct garita_text *ret)
{
	X509_CRL *list = X509_CRL_new();
	ASN1_TIME *from =
		ASN1_TIME_set(NULL, plan->from ? plan->from : MADE_AT - DAY);
	ASN1_TIME *to =
		ASN1_TIME_set(NULL, plan->to ? plan->to : MADE_AT + DAY);

	X509_CRL_set_version(list, plan->version_1 ? 0 : 1);
	X509_CRL_set_issuer_name(list, X509_get_subject_name(scene->root));
	X509_CRL_set1_lastUpdate(list, from);
	if (!plan->no_end)
		X509_CRL_set1_nextUpdate(list, to);
	for (int i = 0; i < plan->others; i++) {
		ASN1_INTEGER *serial = ASN1_INTEGER_new();

		ASN1_INTEGER_set_int64(serial, INT64_C(1) << 40 | i);
		add_entry(list, serial, plan->entry_critical);
		ASN1_INTEGER_free(serial);
	}
	if (plan->revoked != NULL)
		add_entry(list, X509_get0_serialNumber(plan->revoked), false);
	if (!plan->version_1)
		extend_number(list, NID_crl_number, 7, 0);
	if (plan->delta)
		extend_number(list, NID_delta_crl, 6, 1);
	if (plan->unmarked_delta)
		extend_number(list, NID_delta_crl, 6, 0);
	if (plan->idp != NULL)
		extend(list, NID_issuing_distribution_point, plan->idp);
	if (plan->two_points)
		extend(list, NID_issuing_distribution_point,
		       "critical,fullname:URI:" POINT);
	X509_CRL_sort(list);
	assert_true(X509_CRL_sign(list, scene->key,
				  plan->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	put_list(list, plan->pem, ret);
	X509_CRL_free(list);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
}

static void test_what_is_on_it(void **state)
{
	/* The last is longer than 64 KiB. */
	static const int others[] = { 0, 1, 3, 2000 };
	struct scene scene;

	(void)state;
	scene_make(&scene, &root_plan);
	for (size_t i = 0; i < 4 * GARITA_COUNT(others); i++) {
		const struct list_plan plan = {
			.others = others[i / 4],
			.revoked = i % 2 ? scene.leaf : NULL,
			.pem = i % 4 > 1,
		};
		auto_text bytes = { 0 };
		struct garita_crl list;
		struct garita_error err = { 0 };

		make_list(&scene, &plan, &bytes);
		if (garita_crl_read(bytes.data, bytes.len, &list, &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_true(garita_crl_covers(&list, &scene.certs.all[1]));
		if (garita_crl_check(&list, &scene.certs.all[0], MADE_AT,
				     &err) < 0)
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(garita_crl_has(&list, &scene.certs.all[1]),
				 plan.revoked != NULL);
		garita_crl_free(&list);
	}
	scene_free(&scene);
}

static void test_when_it_holds(void **state)
{
	static const struct {
		time_t now;
		const char *words;
	} cases[] = {
		{ MADE_AT - DAY - 1, "times to come" },
		{ MADE_AT - DAY, NULL },
		{ MADE_AT + DAY - 1, NULL },
		{ MADE_AT + DAY, "out of date" },
	};
	const struct list_plan plan = { .others = 1 };
	auto_text bytes = { 0 };
	struct garita_crl list;
	struct scene scene;

	(void)state;
	scene_make(&scene, &root_plan);
	make_list(&scene, &plan, &bytes);
	assert_int_equal(garita_crl_read(bytes.data, bytes.len, &list, NULL),
			 0);
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct garita_error err = { 0 };
		int r = garita_crl_check(&list, &scene.certs.all[0],
					 cases[i].now, &err);

		assert_int_equal(r, cases[i].words ? -EBADMSG : 0);
		if (cases[i].words != NULL)
			assert_non_null(strstr(err.text, cases[i].words));
	}
	garita_crl_free(&list);
	scene_free(&scene);
}

static void test_who_signed_it(void **state)
{
	const struct list_plan plan = { .others = 1 }, old = { .sha1 = true };
	auto_text bytes = { 0 }, weak = { 0 };
	struct garita_crl list;
	struct garita_error err = { 0 };
	struct scene scene, other, third;

	(void)state;
	scene_make(&scene, &root_plan);
	scene_make(&other, &root_plan); /* of the same name */
	scene_make(&third, &no_lists_plan);
	make_list(&scene, &plan, &bytes);
	assert_int_equal(garita_crl_read(bytes.data, bytes.len, &list, NULL),
			 0);
	assert_int_equal(
		garita_crl_check(&list, &other.certs.all[0], MADE_AT, &err),
		-EBADMSG);
	assert_non_null(strstr(err.text, "not signed by its issuer"));
	assert_int_equal(
		garita_crl_check(&list, &other.certs.all[1], MADE_AT, &err),
		-EBADMSG);
	assert_non_null(strstr(err.text, "another issuer"));
	garita_crl_free(&list);
	make_list(&third, &plan, &weak);
	assert_int_equal(garita_crl_read(weak.data, weak.len, &list, NULL), 0);
	assert_int_equal(
		garita_crl_check(&list, &third.certs.all[0], MADE_AT, &err),
		-EBADMSG);
	assert_non_null(strstr(err.text, "may not sign lists"));
	garita_crl_free(&list);
	garita_text_free(&weak);
	make_list(&scene, &old, &weak);
	assert_int_equal(garita_crl_read(weak.data, weak.len, &list, NULL), 0);
	assert_int_equal(
		garita_crl_check(&list, &scene.certs.all[0], MADE_AT, NULL),
		-EBADMSG);
	garita_crl_free(&list);
	scene_free(&scene);
	scene_free(&other);
	scene_free(&third);
}

static void test_not_the_whole_truth(void **state)
{
	static const struct {
		const char *why;
		struct list_plan plan;
	} cases[] = {
		{ "a delta", { .delta = true } },
		{ "a delta that does not say so", { .unmarked_delta = true } },
		{ "of two points",
		  { .idp = "critical,fullname:URI:http://b.example/",
		    .two_points = true } },
		{ "of users only", { .idp = "critical,onlyuser:TRUE" } },
		{ "of authorities only", { .idp = "critical,onlyCA:TRUE" } },
		{ "of some reasons only",
		  { .idp = "critical,onlysomereasons:keyCompromise" } },
		{ "of several issuers",
		  { .idp = "critical,indirectCRL:TRUE" } },
		{ "an entry of another issuer",
		  { .others = 1, .entry_critical = true } },
		{ "without an end", { .no_end = true } },
		{ "version 1", { .version_1 = true } },
	};
	struct scene scene;

	(void)state;
	scene_make(&scene, &root_plan);
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_text bytes = { 0 };
		struct garita_crl list;
		struct garita_error err = { 0 };

		make_list(&scene, &cases[i].plan, &bytes);
		if (garita_crl_read(bytes.data, bytes.len, &list, &err) == 0)
			fail_msg("%s is read", cases[i].why);
		assert_true(err.text[0] != '\0');
	}
	scene_free(&scene);
}

/* A list that is for one point says nothing of certificates of another. */
static void test_points(void **state)
{
	static const struct {
		const char *points; /* of the certificate; NULL: none */
		bool covered;
	} cases[] = {
		{ NULL, false },
		{ "URI:" POINT, true },
		{ "URI:http://b.example/,URI:" POINT, true },
		{ "URI:http://b.example/", false },
		{ "URI:" POINT "x", false },
		/* The list's name, tag and length before it, within another. */
		{ "URI:http://b.example/\x86\x16" POINT, false },
	};
	const struct list_plan plan = { .idp = "critical,fullname:URI:" POINT };

	(void)state;
	_Static_assert(sizeof(POINT) - 1 == 0x16, "as it is written above");
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_text bytes = { 0 };
		struct garita_crl list;
		struct scene scene;

		scene_make(&scene, &root_plan);
		make_list(&scene, &plan, &bytes);
		assert_int_equal(
			garita_crl_read(bytes.data, bytes.len, &list, NULL), 0);
		if (cases[i].points != NULL)
			extend_leaf(&scene, NID_crl_distribution_points,
				    cases[i].points);
		if (garita_crl_is_wanted(leaf_of(&scene)) !=
			    (cases[i].points != NULL) ||
		    garita_crl_covers(&list, leaf_of(&scene)) !=
			    cases[i].covered)
			fail_msg("%s", cases[i].points);
		garita_crl_free(&list);
		scene_free(&scene);
	}
}

static void test_where_it_is_told(void **state)
{
	static const struct {
		int nid;
		const char *value;
		bool wanted;
	} cases[] = {
		{ NID_info_access, "OCSP;URI:http://a.example/", true },
		{ NID_info_access, "caIssuers;URI:http://a.example/", false },
		{ NID_info_access,
		  "caIssuers;URI:http://a.example/,OCSP;URI:http://b.example/",
		  true },
		{ NID_crl_distribution_points, "URI:http://a.example/", true },
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		scene_make(&scene, &root_plan);
		extend_leaf(&scene, cases[i].nid, cases[i].value);
		if (garita_crl_is_wanted(leaf_of(&scene)) != cases[i].wanted)
			fail_msg("%s", cases[i].value);
		scene_free(&scene);
	}
}

static void test_torn(void **state)
{
	const struct list_plan plan = { .others = 2 };
	auto_text bytes = { 0 };
	struct scene scene;

	(void)state;
	scene_make(&scene, &root_plan);
	make_list(&scene, &plan, &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		struct garita_crl list;

		assert_int_equal(garita_crl_read(bytes.data, i, &list, NULL),
				 -EINVAL);
	}
	garita_text_putc(&bytes, '\n');
	assert_int_equal(garita_crl_read(bytes.data, bytes.len, NULL, NULL),
			 -EINVAL);
	scene_free(&scene);
}

/* Of two lists the second takes the first one's place in an hour: an answer
 * must not be kept for longer than that. */
static void test_one_that_is_still_to_come(void **state)
{
	enum { HOUR = 3600 };
	struct garita_notation_trust trust = { .list_count = 2 };
	struct garita_crl lists[2];
	const struct garita_x509 *chain[2];
	struct garita_error err = { 0 };
	struct scene scene;
	time_t until = 0;

	(void)state;
	scene_make(&scene, &root_plan);
	for (size_t i = 0; i < 2; i++) {
		const struct list_plan plan = {
			.revoked = i == 1 ? scene.leaf : NULL,
			.from = i == 1 ? MADE_AT + HOUR : 0,
		};
		auto_text bytes = { 0 };

		make_list(&scene, &plan, &bytes);
		assert_int_equal(
			garita_crl_read(bytes.data, bytes.len, &lists[i], NULL),
			0);
	}
	trust.lists = lists;
	chain[0] = &scene.certs.all[1];
	chain[1] = &scene.certs.all[0];
	assert_int_equal(garita_notation_revocation(&trust, chain, 2, MADE_AT,
						    &until, &err),
			 0);
	assert_int_equal(until, MADE_AT + HOUR);
	assert_int_equal(garita_notation_revocation(&trust, chain, 2, until,
						    &until, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "was revoked"));
	for (size_t i = 0; i < 2; i++)
		garita_crl_free(&lists[i]);
	scene_free(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_is_still_to_come),
		cmocka_unit_test(test_what_is_on_it),
		cmocka_unit_test(test_when_it_holds),
		cmocka_unit_test(test_who_signed_it),
		cmocka_unit_test(test_not_the_whole_truth),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_where_it_is_told),
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
