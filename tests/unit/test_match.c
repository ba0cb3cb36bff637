/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which containers a scope or an exception means, from both sides: what must
 * match, and above all what must not. Who starts containers chooses the text
 * on one side of every pattern here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/match.h"
#include "policy/glob.h"
#include "tests/unit/cases.h"

/* The digests of tests/rules/image.json. */
#define MANIFEST                                                               \
	"sha256:11111111111111111111111111111111"                              \
	"11111111111111111111111111111111"
#define CONFIG                                                                 \
	"sha256:22222222222222222222222222222222"                              \
	"22222222222222222222222222222222"
#define OTHER                                                                  \
	"sha256:99999999999999999999999999999999"                              \
	"99999999999999999999999999999999"

static void free_policy(struct garita_policy **at)
{
	garita_policy_free(*at);
}

#define auto_policy __attribute__((cleanup(free_policy))) struct garita_policy

static struct garita_policy *parsed(const char *text)
{
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };
	char words[1024];

	if (garita_policy_parse(text, strlen(text), &policy, &err) < 0)
		fail_msg("%s: %s", text,
			 garita_error_words(&err, words, sizeof(words)));
	return policy;
}

static const struct {
	const char *pattern, *text;
	bool matches;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "abc", true },
	{ "*", "a/b", false },
	{ "**", "a/b", true },
	{ "**", "", true },
	{ "a*", "a", true },
	{ "a*c", "abbc", true },
	{ "a*c", "abb", false },
	{ "a*b*c", "axbxbxc", true },
	{ "a*c", "a/c", false },
	{ "a**c", "a/x/c", true },
	{ "a/*/c", "a/b/c", true },
	{ "a/*/c", "a/b/b/c", false },
	{ "a/**", "a/b/c", true },
	{ "a/**", "a", false },
	{ "**/c", "a/b/c", true },
	{ "**/c", "c", false },
	{ "***", "a/b", true },
	{ "*a**b", "xa/b", true },
	{ "*a**b", "x/a/b", false },
	{ "?", "a", false },
	{ "[a]", "a", false },
	{ "abc", "abcd", false },
	{ "abcd", "abc", false },
};

static void test_globs(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(globs); i++)
		if (garita_glob(globs[i].pattern, globs[i].text) !=
		    globs[i].matches)
			fail_msg("%s on %s", globs[i].pattern, globs[i].text);
}

/* What backtracking would still be at tomorrow. */
static void test_a_glob_takes_no_time_that_the_text_chooses(void **state)
{
	auto_text pattern = { 0 }, text = { 0 };

	(void)state;
	for (size_t i = 0; i < 60; i++)
		garita_text_puts(&pattern, "**a");
	garita_text_puts(&pattern, "b");
	for (size_t i = 0; i < 100000; i++)
		garita_text_putc(&text, 'a');
	assert_false(garita_glob(pattern.data, text.data));
	while (pattern.len <= GARITA_GLOB_MOST)
		garita_text_putc(&pattern, '*');
	assert_false(garita_glob(pattern.data, text.data));
}

static const struct {
	const char *why, *match, *config, *image;
	bool matches;
} selections[] = {
	{ "the name in the store", "\"image\":\"registry.example.com/app\"",
	  "{}", "{}", true },
	{ "its tag", "\"image\":\"registry.example.com/app:1\"", "{}", "{}",
	  true },
	{ "another tag", "\"image\":\"registry.example.com/app:2\"", "{}", "{}",
	  false },
	{ "a part of a name is another name",
	  "\"image\":\"registry.example.com/ap\"", "{}", "{}", false },
	{ "one star, one step", "\"image\":\"*/app\"", "{}", "{}", true },
	{ "a star is not two steps", "\"image\":\"registry.example.com/*\"",
	  "{}",
	  "{\"reference\":null,\"names\":[\"registry.example.com/a/b:1\"]}",
	  false },
	{ "two stars are", "\"image\":\"registry.example.com/**\"", "{}",
	  "{\"names\":[\"registry.example.com/a/b:1\"]}", true },
	{ "a registry that ends like ours",
	  "\"image\":\"registry.example.com/**\"", "{}",
	  "{\"reference\":null,\"names\":[\"evil.io/registry.example.com/"
	  "a:1\"]}",
	  false },
	{ "any of its names", "\"image\":\"b\"", "{}",
	  "{\"names\":[\"a:1\",\"b:1\"]}", true },
	{ "any of the patterns", "\"image\":[\"x\",\"*/app\"]", "{}", "{}",
	  true },
	{ "a port is no tag", "\"image\":\"localhost:5000/a\"", "{}",
	  "{\"names\":[\"localhost:5000/a:1\"]}", true },
	{ "a name by digest", "\"image\":\"r.io/a\"", "{}",
	  "{\"names\":[\"r.io/a@" MANIFEST "\"]}", true },
	{ "a digest asked for", "\"image\":\"r.io/a@" OTHER "\"", "{}",
	  "{\"names\":[\"r.io/a@" MANIFEST "\"]}", false },
	{ "nobody knows the image: its name proves nothing", "\"image\":\"**\"",
	  "{}", "{\"sure\":\"unknown\"}", false },
	{ "an image without a name", "\"image\":\"**\"", "{}",
	  "{\"names\":[],\"reference\":null}", false },
	{ "the name it was made by, moved since", "\"image\":\"r.io/a:1\"",
	  "{}", "{\"names\":[],\"reference\":\"r.io/a:1\"}", true },
	{ "a short name in full", "\"image\":\"docker.io/library/*\"", "{}",
	  "{\"names\":[\"busybox:1\"],\"reference\":null}", true },
	{ "a short name as it is", "\"image\":\"busybox\"", "{}",
	  "{\"names\":[\"busybox:1\"],\"reference\":null}", true },
	{ "the manifest", "\"digest\":\"" MANIFEST "\"", "{}", "{}", true },
	{ "the config", "\"digest\":[\"" OTHER "\",\"" CONFIG "\"]", "{}", "{}",
	  true },
	{ "another digest", "\"digest\":\"" OTHER "\"", "{}", "{}", false },
	{ "a manifest that is not certain", "\"digest\":\"" MANIFEST "\"", "{}",
	  "{\"sure\":\"config\"}", false },
	{ "an unknown image", "\"digest\":\"" MANIFEST "\"", "{}",
	  "{\"sure\":\"unknown\"}", false },
	{ "a name that is none", "\"image\":\"*/app\"", "{}",
	  "{\"names\":[\"No Name\"],\"reference\":null}", false },
	{ "the store", "\"store\":\"containers-storage\"", "{}", "{}", true },
	{ "another store", "\"store\":\"docker\"", "{}", "{}", false },
	{ "no store", "\"store\":\"docker\"", "{}", "{\"sure\":\"unknown\"}",
	  false },
	{ "a uid", "\"uid\":1000", "{}", "{}", true },
	{ "not root", "\"uid\":0", "{}", "{}", false },
	{ "in a range", "\"uid\":[5,\"1000-1001\"]", "{}", "{}", true },
	{ "outside", "\"uid\":\"1001-2000\"", "{}", "{}", false },
	{ "no uid is root", "\"uid\":0",
	  "{\"process\":{\"user\":{\"uid\":null}}}", "{}", true },
	{ "words", "\"args\":[\"*/app\"]",
	  "{\"process\":{\"args\":[\"/usr/app\"]}}", "{}", false },
	{ "any path", "\"args\":[\"**/app\"]",
	  "{\"process\":{\"args\":[\"/usr/app\",\"-x\"]}}", "{}", true },
	{ "in their order", "\"args\":[\"a\",\"b\"]",
	  "{\"process\":{\"args\":[\"b\",\"a\"]}}", "{}", false },
	{ "too few", "\"args\":[\"a\",\"*\"]",
	  "{\"process\":{\"args\":[\"a\"]}}", "{}", false },
	{ "two words are not one with a blank", "\"args\":[\"a b\"]",
	  "{\"process\":{\"args\":[\"a\",\"b\"]}}", "{}", false },
	{ "a cgroup", "\"cgroup\":\"/pods/*\"",
	  "{\"linux\":{\"cgroupsPath\":\"/pods/x\"}}", "{}", true },
	{ "the way out of it", "\"cgroup\":\"/pods/**\"",
	  "{\"linux\":{\"cgroupsPath\":\"/pods/../x\"}}", "{}", false },
	{ "one of systemd's", "\"cgroup\":\"pods.slice:*\"",
	  "{\"linux\":{\"cgroupsPath\":\"pods.slice:crio:x\"}}", "{}", true },
	{ "a relative one is no absolute", "\"cgroup\":\"/pods/*\"",
	  "{\"linux\":{\"cgroupsPath\":\"pods/x\"}}", "{}", false },
	{ "none", "\"cgroup\":\"**\"", "{\"linux\":{\"cgroupsPath\":null}}",
	  "{}", false },
	{ "all that is asked", "\"uid\":1000,\"image\":\"*/app\"", "{}", "{}",
	  true },
	{ "and not less", "\"uid\":1,\"image\":\"*/app\"", "{}", "{}", false },
};

static struct garita_json_doc *document(const char *text)
{
	struct garita_json_doc *doc = NULL;

	if (garita_json_parse(text, strlen(text), 0, &doc, NULL) < 0)
		fail_msg("no JSON: %s", text);
	return doc;
}

static bool selects(size_t row)
{
	auto_text text = { 0 }, base = { 0 };
	auto_json struct garita_json_doc *of = NULL, *doc = NULL;
	auto_case inputs = { 0 };
	auto_spec spec = { 0 };
	struct garita_policy *policy;
	bool matches;

	garita_text_printf(&base, "{\"why\":\"-\",\"config\":%s,\"image\":%s}",
			   selections[row].config, selections[row].image);
	of = document(base.data);
	cases_load(selections[row].why, garita_json_root(of), &inputs);
	garita_text_printf(&text,
			   "{\"version\":1,\"scopes\":[{\"name\":\"x\","
			   "\"match\":{%s}}]}",
			   selections[row].match);
	policy = parsed(text.data);
	assert_int_equal(
		garita_config_parse(inputs.text, inputs.len, &doc, NULL), 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	matches = garita_selector_matches(&policy->scopes[0].match, &spec,
					  &inputs.image, &inputs.host);
	garita_policy_free(policy);
	return matches;
}

static void test_selectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(selections); i++)
		if (selects(i) != selections[i].matches)
			fail_msg("%s", selections[i].why);
}

static const struct {
	const char *wide, *narrow;
	bool covers;
} pairs[] = {
	{ "\"image\":\"a/*\"", "\"image\":\"a/b\"", true },
	{ "\"image\":\"a/*\"", "\"image\":\"a/b:1\"", true },
	{ "\"image\":\"a/*\"", "\"image\":\"a/b*\"", true },
	{ "\"image\":\"a/*\"", "\"image\":\"a/**\"", false },
	{ "\"image\":\"a/**\"", "\"image\":\"a/b/*\"", true },
	{ "\"image\":\"a/b:1\"", "\"image\":\"a/b\"", false },
	{ "\"image\":\"a/b\"", "\"image\":[\"a/b\",\"a/c\"]", false },
	{ "\"image\":[\"a/b\",\"a/c\"]", "\"image\":\"a/b\"", true },
	{ "\"image\":\"**\"", "\"uid\":0", false },
	{ "\"uid\":0", "\"uid\":0,\"image\":\"**\"", true },
	{ "\"uid\":0,\"image\":\"**\"", "\"uid\":0", false },
	{ "\"uid\":\"0-9\"", "\"uid\":[1,\"2-3\"]", true },
	{ "\"uid\":\"0-9\"", "\"uid\":\"9-10\"", false },
	{ "\"args\":[\"a\"]", "\"args\":[\"a\",\"b\"]", true },
	{ "\"args\":[\"a\",\"b\"]", "\"args\":[\"a\"]", false },
	{ "\"args\":[\"a\"]", "\"args\":[\"b\",\"a\"]", false },
	{ "\"args\":[\"*\"]", "\"args\":[\"b\",\"a\"]", true },
	{ "\"digest\":\"" CONFIG "\"", "\"digest\":\"" CONFIG "\"", true },
	{ "\"digest\":\"" CONFIG "\"", "\"digest\":\"" OTHER "\"", false },
	{ "\"annotations\":{\"a\":\"*\"}", "\"annotations\":{\"a\":\"*\"}",
	  false },
};

static void test_what_covers_what(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(pairs); i++) {
		auto_text text = { 0 };
		auto_policy *policy = NULL;

		garita_text_printf(&text,
				   "{\"version\":1,\"scopes\":["
				   "{\"name\":\"x\",\"match\":{%s}},"
				   "{\"name\":\"y\",\"match\":{%s}}]}",
				   pairs[i].wide, pairs[i].narrow);
		policy = parsed(text.data);
		if (garita_selector_covers(&policy->scopes[0].match,
					   &policy->scopes[1].match) !=
		    pairs[i].covers)
			fail_msg("%s and %s", pairs[i].wide, pairs[i].narrow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globs),
		cmocka_unit_test(
			test_a_glob_takes_no_time_that_the_text_chooses),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_what_covers_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
