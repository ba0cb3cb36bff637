/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secrets in variables: which shapes are seen and which are let be, and that
 * nothing of a value is in anything a person or a log gets to read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cases.h"
#include "policy/rules/environment.h"

#define A10 "aaaaaaaaaa"
#define A36 A10 A10 A10 "aaaaaa"
#define KEY "AKIAIOSFODNN7EXAMPLE"

static const struct {
	const char *entry, *secret; /* NULL: none */
} entries[] = {
	{ "", NULL },
	{ "A", NULL },
	{ "A=", NULL },
	{ "=", NULL },
	{ "GITHUB_TOKEN", NULL },
	{ "GITHUB_TOKEN=", NULL },
	{ "GITHUB_TOKEN=x", "a secret, by its name" },
	{ "GITHUB_TOKENS=x", NULL },
	{ "MY_GITHUB_TOKEN=x", NULL },
	{ "github_token=x", NULL },
	{ "A=" KEY, "an AWS access key" },
	{ "A=x/" KEY "/x", "an AWS access key" },
	{ KEY, "an AWS access key" },
	{ "A=x" KEY, NULL },
	{ "A=" KEY "x", NULL },
	{ "A=AKIAIOSFODNN7EXAMPL", NULL },
	{ "A=AKIAiosfodnn7EXAMPLE", NULL },
	{ "A=AKIA" KEY, NULL },
	{ "A=AKIA," KEY, "an AWS access key" },
	{ "A=ghp_" A36, "a GitHub token" },
	{ "A=ghp_" A10 A10, NULL },
	{ "A=ghx_" A36, NULL },
	{ "A=_ghp_" A36, "a GitHub token" },
	{ "A=xghp_" A36, NULL },
	{ "A=hp_" A36, NULL },
	{ "_" A36, NULL },
	{ "A=github_pat_" A10 A10 "aa", "a GitHub token" },
	{ "A=glpat-" A10 A10, "a GitLab token" },
	{ "A=npm_" A36, "an npm token" },
	{ "npm_config_cache=/x", NULL },
	{ "A=sk_live_" A10 A10, "a Stripe key" },
	{ "A=sk_test_" A10 A10, NULL },
	{ "A=xoxb-1234567890", "a Slack token" },
	{ "A=xoxb-123", NULL },
	{ "A=AIza" A36, "a Google API key" },
	{ "A=-----BEGIN PRIVATE KEY-----", "a private key" },
	{ "A=-----BEGIN OPENSSH PRIVATE KEY-----", "a private key" },
	{ "A=x\n-----BEGIN RSA PRIVATE KEY-----\nx", "a private key" },
	{ "A=-----BEGIN PUBLIC KEY-----", NULL },
	{ "A=-----BEGIN " A36 "PRIVATE KEY-----", NULL },
	{ "A=http://u:p@h", "a password in a URL" },
	{ "A=x http://h amqp://u:p@h/x", "a password in a URL" },
	{ "A=redis://:p@h", "a password in a URL" },
	{ "A=://u:p@", "a password in a URL" },
	{ "A=http://u:@h", NULL },
	{ "A=http://u@h", NULL },
	{ "A=http://h:80/u@h", NULL },
	{ "A=http://h:80?a@b", NULL },
	{ "A=http://h/ mail:a@b", NULL },
	{ "A=http://u:$P@h", NULL },
	{ "A=http://u:***@h", NULL },
	{ "A=u:p@h", NULL },
};

static void test_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(entries); i++) {
		const char *is = garita_env_secret(entries[i].entry,
						   strlen(entries[i].entry));
		const char *wanted = entries[i].secret;

		if (wanted == NULL ? is != NULL
				   : is == NULL || strcmp(is, wanted) != 0)
			fail_msg("%s: %s", entries[i].entry,
				 is ? is : "nothing");
	}
}

/* Long values cost what they are long, whatever is in them. */
static void test_long_values(void **state)
{
	static const char *const pieces[] = {
		"-",     "A",           "AKIA", "://", "ghp_",
		"://a:", "-----BEGIN ", "xoxb", "_",   "ghp"
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(pieces); i++) {
		auto_text text = { 0 };

		garita_text_puts(&text, "A=");
		while (text.len < 4 * 1024 * 1024)
			garita_text_puts(&text, pieces[i]);
		assert_null(garita_env_secret(text.data, text.len));
	}
}

/* The rules of this family under every profile, on entries whose value or
 * whole is this word. */
static void test_values_are_never_shown(void **state)
{
	static const char word[] = "hunter2sEcReT";
	static const char *const forms[] = {
		"%s",
		"=%s",
		"A B%s",
		"%s%%",
		"GITHUB_TOKEN=%s",
		"VAULT_TOKEN=%s",
		"LD_PRELOAD=%s",
		"LD_LIBRARY_PATH=%s",
		"PATH=%s",
		"PYTHONPATH=:%s",
		"NODE_OPTIONS=--require %s",
		"A=redis://%s:%s@h",
		"A=AKIAIOSFODNN7EXAMPLE;%s",
		"%s AKIAIOSFODNN7EXAMPLE=1",
		"\x01%s=AKIAIOSFODNN7EXAMPLE",
		"A=%s",
		"A=again%s",
	};
	auto_json struct garita_json_doc *doc = NULL;
	auto_case inputs = { 0 };
	auto_verdict verdict = { 0 };
	auto_text config = { 0 };
	struct garita_json *env;
	size_t seen = 0;

	(void)state;
	cases_load("base", NULL, &inputs);
	assert_int_equal(
		garita_config_parse(inputs.text, inputs.len, &doc, NULL), 0);
	env = garita_json_at(garita_json_root(doc), "/process/env");
	for (size_t i = 0; i < GARITA_COUNT(forms); i++) {
		auto_text entry = { 0 };

		for (const char *c = forms[i]; *c != '\0'; c++)
			if (c[0] == '%' && c[1] == 's') {
				garita_text_puts(&entry, word);
				c++;
			} else {
				garita_text_putc(&entry, *c);
			}
		garita_json_append(doc, env,
				   garita_json_new_string(doc, entry.data));
	}
	garita_json_print(garita_json_root(doc), &config);
	garita_json_free(doc);
	doc = NULL;
	cases_decide(&inputs, config.data, config.len, 0, &doc, &verdict);
	for (size_t i = 0; i < verdict.count; i++) {
		const struct garita_finding *f = &verdict.findings[i];

		if (strstr(f->found, word) || strstr(f->wanted, word) ||
		    strstr(f->pointer, word) || strstr(f->found, KEY) ||
		    (f->problem && strstr(f->problem, word)))
			fail_msg("%s shows it: %s", f->rule->id, f->found);
		seen += strstr(f->pointer, "/process/env") != NULL;
	}
	assert_true(seen >= 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_values_are_never_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
