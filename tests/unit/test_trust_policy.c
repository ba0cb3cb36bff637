/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_policy - trustpolicy.json: what notation takes and what it does
 * not, which statement is asked, and names that are matched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/trust.h"
#include "policy/trust/dn.h"

#define WHO "\"trustStores\":[\"ca:x\"],\"trustedIdentities\":[\"*\"]"
#define STATEMENT(name, scope, level, who)                                     \
	"{\"name\":\"" name "\",\"registryScopes\":[" scope "],"               \
	"\"signatureVerification\":{" level "}" who "}"
#define FILE_OF(statements)                                                    \
	"{\"version\":\"1.0\",\"trustPolicies\":[" statements "]}"
#define ONE(level, who) FILE_OF(STATEMENT("a", "\"*\"", level, who))
#define STRICT          "\"level\":\"strict\""

static void test_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *words, *pointer;
	} cases[] = {
		{ "[]", "must be an object", "" },
		{ "{}", "version", "" },
		{ "{\"version\":\"2.0\",\"trustPolicies\":[]}", "version", "" },
		{ "{\"version\":1.0,\"trustPolicies\":[]}", "version", "" },
		{ "{\"version\":\"1.0\",\"trustPolicies\":[],\"x\":1}",
		  "unknown member \"x\"", "" },
		{ "{\"version\":\"1.0\"}", "must be an array",
		  "/trustPolicies" },
		{ FILE_OF(""), "must be an array", "/trustPolicies" },
		{ FILE_OF("1"), "must be an object", "/trustPolicies/0" },
		{ FILE_OF("{}"), "\"name\" is missing", "/trustPolicies/0" },
		{ FILE_OF(STATEMENT("", "\"*\"", STRICT, "," WHO)),
		  "must be a name", "/trustPolicies/0/name" },
		{ FILE_OF(STATEMENT("a", "", STRICT, "," WHO)),
		  "must name a repository", "/trustPolicies/0/registryScopes" },
		{ FILE_OF(STATEMENT("a", "\"*\",\"a.b/c\"", STRICT, "," WHO)),
		  "stands alone", "/trustPolicies/0/registryScopes" },
		{ FILE_OF(STATEMENT("a", "\"a.b/c\",\"a.b/c\"", STRICT,
				    "," WHO)),
		  "a.b/c is there twice", "/trustPolicies/0/registryScopes" },
		{ FILE_OF(STATEMENT("a", "\"busybox\"", STRICT, "," WHO)),
		  "in full", "/trustPolicies/0/registryScopes/0" },
		{ FILE_OF(STATEMENT("a", "\"a.b/c:v1\"", STRICT, "," WHO)),
		  "in full", "/trustPolicies/0/registryScopes/0" },
		{ FILE_OF(STATEMENT("a", "\"a.b/*\"", STRICT, "," WHO)),
		  "in full", "/trustPolicies/0/registryScopes/0" },
		{ FILE_OF(STATEMENT("a", "\"a.b/c\"", STRICT,
				    "," WHO) "," STATEMENT("a", "\"a.b/d\"",
							   STRICT, "," WHO)),
		  "another statement has this name", "/trustPolicies/1" },
		{ FILE_OF(STATEMENT(
			  "a", "\"a.b/c\"", STRICT,
			  "," WHO) "," STATEMENT("b", "\"a.b/d\",\"a.b/c\"",
						 STRICT, "," WHO)),
		  "about a.b/c too", "/trustPolicies/1" },
		{ ONE("", "," WHO), "has no \"level\"",
		  "/trustPolicies/0/signatureVerification" },
		{ ONE("\"level\":\"Strict\"", "," WHO), "must be strict",
		  "/trustPolicies/0/signatureVerification/level" },
		{ ONE(STRICT ",\"overide\":{}", "," WHO), "unknown member",
		  "/trustPolicies/0/signatureVerification/overide" },
		{ ONE(STRICT ",\"override\":{\"integrity\":\"log\"}", "," WHO),
		  "only authenticity",
		  "/trustPolicies/0/signatureVerification/override/integrity" },
		{ ONE(STRICT ",\"override\":{\"expiry\":\"skip\"}", "," WHO),
		  "must be enforce or log",
		  "/trustPolicies/0/signatureVerification/override/expiry" },
		{ ONE(STRICT ",\"override\":{\"authenticity\":\"skip\"}",
		      "," WHO),
		  "must be enforce or log",
		  "/trustPolicies/0/signatureVerification/override/"
		  "authenticity" },
		{ ONE(STRICT ",\"verifyTimestamp\":\"never\"", "," WHO),
		  "must be always",
		  "/trustPolicies/0/signatureVerification/verifyTimestamp" },
		{ ONE(STRICT, ""), "who is trusted", "/trustPolicies/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:x\"]"), "who is trusted",
		  "/trustPolicies/0" },
		{ ONE(STRICT, ",\"trustStores\":[],\"trustedIdentities\":"
			      "[\"*\"]"),
		  "who is trusted", "/trustPolicies/0" },
		{ ONE("\"level\":\"skip\"", "," WHO), "there may be no",
		  "/trustPolicies/0" },
		{ ONE("\"override\":{\"expiry\":\"log\"},\"level\":\"skip\"",
		      ""),
		  "verifies nothing",
		  "/trustPolicies/0/signatureVerification/override" },
		{ ONE(STRICT, ",\"trustStores\":[\"x\"],"
			      "\"trustedIdentities\":[\"*\"]"),
		  "must be ca:NAME", "/trustPolicies/0/trustStores/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:../x\"],"
			      "\"trustedIdentities\":[\"*\"]"),
		  "must be ca:NAME", "/trustPolicies/0/trustStores/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:..\"],"
			      "\"trustedIdentities\":[\"*\"]"),
		  "must be ca:NAME", "/trustPolicies/0/trustStores/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:\"],"
			      "\"trustedIdentities\":[\"*\"]"),
		  "must be ca:NAME", "/trustPolicies/0/trustStores/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:x\"],"
			      "\"trustedIdentities\":[\"*\",\"y:z\"]"),
		  "stands alone", "/trustPolicies/0/trustedIdentities" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:x\"],"
			      "\"trustedIdentities\":[\"somebody\"]"),
		  "must be \"*\"", "/trustPolicies/0/trustedIdentities/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:x\"],"
			      "\"trustedIdentities\":[\"x509.subject: C=US, "
			      "O=x\"]"),
		  "has no ST", "/trustPolicies/0/trustedIdentities/0" },
		{ ONE(STRICT, ",\"trustStores\":[\"ca:x\"],"
			      "\"trustedIdentities\":[\"x509.subject: C=US, "
			      "ST=WA, O=x\",\"x509.subject: C=US, ST=WA, O=x, "
			      "CN=y\"]"),
		  "overlaps", "/trustPolicies/0/trustedIdentities" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_requirements list = { 0 };
		struct garita_requirement *one = garita_requirements_add(&list);
		struct garita_error err = { 0 };

		if (garita_notation_policy(cases[i].text, strlen(cases[i].text),
					   "a.b/c", one, &err) == 0)
			fail_msg("taken: %s", cases[i].text);
		if (strstr(err.text, cases[i].words) == NULL ||
		    strcmp(err.pointer, cases[i].pointer) != 0)
			fail_msg("%s: at %s: %s", cases[i].text, err.pointer,
				 err.text);
	}
}

static void test_which_statement(void **state)
{
	static const char text[] = FILE_OF(STATEMENT(
		"one", "\"a.b/c\",\"docker.io/library/busybox\"", STRICT,
		"," WHO) "," STATEMENT("all", "\"*\"", "\"level\":\"audit\"",
				       "," WHO));
	static const struct {
		const char *reference, *name;
	} cases[] = {
		{ "a.b/c", "one" },      { "a.b/c:v1", "one" },
		{ "busybox", "one" },    { "a.b/c/d", "all" },
		{ "a.b:5000/c", "all" }, { "a.b/cc", "all" },
		{ NULL, "all" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_requirements list = { 0 };
		struct garita_requirement *one = garita_requirements_add(&list);

		assert_int_equal(garita_notation_policy(text, strlen(text),
							cases[i].reference, one,
							NULL),
				 0);
		assert_int_equal(one->kind, GARITA_REQUIRE_NOTATION);
		assert_string_equal(one->notation->name, cases[i].name);
	}
}

static void test_actions(void **state)
{
#define E GARITA_NOTATION_ENFORCE
#define L GARITA_NOTATION_LOG
#define S GARITA_NOTATION_SKIP
	static const struct {
		const char *text;
		enum garita_notation_action actions[GARITA_NOTATION_CHECKS];
		bool after_expiry;
	} cases[] = {
		{ ONE(STRICT, "," WHO), { E, E, E, E }, false },
		{ ONE("\"level\":\"permissive\"", "," WHO),
		  { E, L, L, L },
		  false },
		{ ONE("\"level\":\"audit\",\"verifyTimestamp\":\"\"", "," WHO),
		  { L, L, L, L },
		  false },
		{ ONE("\"override\":{\"revocation\":\"skip\",\"expiry\":"
		      "\"log\"},\"level\":\"strict\",\"verifyTimestamp\":"
		      "\"afterCertExpiry\"",
		      "," WHO),
		  { E, E, L, S },
		  true },
		{ ONE("\"level\":\"audit\",\"override\":{\"authenticity\":"
		      "\"enforce\",\"authenticTimestamp\":\"enforce\"}",
		      "," WHO),
		  { E, E, L, L },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_requirements list = { 0 };
		struct garita_requirement *one = garita_requirements_add(&list);

		assert_int_equal(garita_notation_policy(cases[i].text,
							strlen(cases[i].text),
							NULL, one, NULL),
				 0);
		assert_memory_equal(one->notation->actions, cases[i].actions,
				    sizeof(cases[i].actions));
		assert_int_equal(one->notation->after_expiry,
				 cases[i].after_expiry);
	}
}

static void test_nobody_or_nothing(void **state)
{
	static const char only[] =
		FILE_OF(STATEMENT("one", "\"a.b/c\"", STRICT, "," WHO));
	static const char skip[] = ONE("\"level\":\"skip\"", "");
	auto_requirements list = { 0 };
	struct garita_requirement *one = garita_requirements_add(&list);

	(void)state;
	assert_int_equal(
		garita_notation_policy(only, strlen(only), "a.b/d", one, NULL),
		0);
	assert_int_equal(one->kind, GARITA_REQUIRE_UNSUPPORTED);
	assert_non_null(strstr(one->why, "a.b/d"));
	one = garita_requirements_add(&list);
	assert_int_equal(
		garita_notation_policy(only, strlen(only), NULL, one, NULL), 0);
	assert_int_equal(one->kind, GARITA_REQUIRE_UNSUPPORTED);
	one = garita_requirements_add(&list);
	assert_int_equal(
		garita_notation_policy(skip, strlen(skip), "a.b/d", one, NULL),
		0);
	assert_int_equal(one->kind, GARITA_REQUIRE_NOTHING);
	assert_null(one->notation);
}

static void test_files(void **state)
{
	(void)state;
	assert_true(garita_notation_is_certificate("a.pem"));
	assert_true(garita_notation_is_certificate("a.crt"));
	assert_true(garita_notation_is_certificate("a.cer"));
	assert_false(garita_notation_is_certificate("a.PEM"));
	assert_false(garita_notation_is_certificate(".pem"));
	assert_false(garita_notation_is_certificate("a.pem~"));
	assert_false(garita_notation_is_certificate("a.crl"));
	assert_true(garita_notation_is_list("a.crl"));
	assert_false(garita_notation_is_list("a.cer"));
}

/* ---- names ---- */

static void test_names(void **state)
{
#define BASE "C=US, ST=WA, O=x"
	static const struct {
		const char *part, *whole;
		bool fits;
	} cases[] = {
		{ BASE, BASE, true },
		{ BASE, BASE ", CN=y", true },
		{ BASE ", CN=y", BASE, false },
		{ BASE ", CN=y", BASE ", CN=Y", false },
		{ BASE ", CN=y", "CN=y,O=x,ST=WA,C=US", true },
		{ "C=US, S=WA, O=x", BASE, true },
		{ "C=US; ST=WA; O=x", BASE, true },
		{ "C=US,ST=WA,O=x\\, y", "C=US,ST=WA,O=x\\2c y", true },
		{ "C=US,ST=WA,O=\\ x\\ ", "C=US,ST=WA,O= x ", false },
		{ "C=US,ST=WA,O=  x  ", "C=US,ST=WA,O=x", true },
		{ "C=US,ST=WA,O=x y", "C=US,ST=WA,O=x  y", false },
		{ "C=US,ST=WA,O=\\C3\\BC", "C=US,ST=WA,O=\xc3\xbc", true },
		{ BASE ", OU=a, L=b, STREET=c, SERIALNUMBER=1, POSTALCODE=2",
		  BASE ", OU=a, L=b, STREET=c, SERIALNUMBER=1, POSTALCODE=2",
		  true },
		/* What certificates are not asked for fits none. */
		{ BASE ", DC=z", BASE ", DC=z", false },
		{ BASE ", cn=y", BASE ", CN=y", false },
	};
	static const char *const bad[] = {
		"",
		"C=US",
		"C=US, ST=WA",
		"C=US, ST=WA, O=",
		"C=US, ST=WA, O=x,",
		"C=US, ST=WA, O=x, O=y",
		"C=US, ST=WA, S=OR, O=x",
		"C=US, ST=WA, O=x+CN=y",
		"C=US, ST=WA, O=#0401",
		"C=US, ST=WA, O=\"x\"",
		"C=US, ST=WA, O=x\\",
		"C=US, ST=WA, O=x\\y",
		"C=US, ST=WA, O=x\\00",
		"C=US, ST=WA, O=<x>",
		"US, WA, x",
		"C=US, ST=WA, =x",
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_dn part = { 0 }, whole = { 0 };

		assert_int_equal(garita_dn_parse(cases[i].part, &part, NULL),
				 0);
		assert_int_equal(garita_dn_parse(cases[i].whole, &whole, NULL),
				 0);
		if (garita_dn_within(&part, &whole) != cases[i].fits)
			fail_msg("%s, %s", cases[i].part, cases[i].whole);
	}
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		auto_dn dn = { 0 };
		struct garita_error err = { 0 };

		if (garita_dn_parse(bad[i], &dn, &err) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(err.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_which_statement),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_nobody_or_nothing),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
