/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of the log, read back: what is a record, what is looked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hook/log/line.h"

#define ONE                                                                    \
	"sha256:1111111111111111111111111111111111111111111111111111111111"    \
	"111111"
#define TWO                                                                    \
	"sha256:2222222222222222222222222222222222222222222222222222222222"    \
	"222222"
#define TIME     "\"time\":\"2026-11-28T19:34:52.063020Z\""
#define HEAD     "{\"version\":1," TIME
#define DECISION HEAD ",\"event\":\"decision\",\"verdict\":\"deny\""

static const struct {
	const char *why, *text, *words;
} refused[] = {
	{ "nothing", "", "" },
	{ "an array", "[]", "version 1" },
	{ "a number", "1", "version 1" },
	{ "half of it", "{\"version\":1,", "" },
	{ "two of them", HEAD "}{}", "" },
	{ "a comment", "/* */" HEAD "}", "" },
	{ "no version", "{" TIME "}", "version 1" },
	{ "a later version", "{\"version\":2," TIME "}", "version 1" },
	{ "a version as text", "{\"version\":\"1\"," TIME "}", "version 1" },
	{ "no time", "{\"version\":1,\"event\":\"install\"}", "its time" },
	{ "a time of another zone",
	  "{\"version\":1,\"time\":\"2026-11-28T19:34:52.063020+01:00\"}",
	  "its time" },
	{ "a time that is longer",
	  "{\"version\":1,\"time\":\"2026-11-28T19:34:52.063020Z \"}",
	  "its time" },
	{ "a decision that is none", HEAD ",\"event\":\"decision\"}",
	  "a verdict" },
	{ "the same said twice", DECISION ",\"verdict\":\"admit\"}", "" },
};

static void test_what_is_no_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		struct garita_error err = { 0 };
		auto_log_line line = { 0 };

		if (garita_log_line_read(refused[i].text,
					 strlen(refused[i].text), &line,
					 &err) == 0 ||
		    strstr(err.text, refused[i].words) == NULL)
			fail_msg("%s: %s", refused[i].why, err.text);
		assert_null(line.doc);
	}
}

static void take(const char *text, struct garita_log_line *ret)
{
	struct garita_error err = { 0 };

	if (garita_log_line_read(text, strlen(text), ret, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void test_the_digest_is_one_that_selects(void **state)
{
	static const struct {
		const char *image, *digest;
	} images[] = {
		{ "{\"sure\":\"verified\",\"manifest\":\"" ONE
		  "\",\"config\":\"" TWO "\"}",
		  ONE },
		{ "{\"sure\":\"config\",\"manifest\":\"" ONE
		  "\",\"config\":\"" TWO "\"}",
		  TWO },
		{ "{\"sure\":\"unknown\",\"config\":\"" TWO "\"}", NULL },
		{ "{\"sure\":\"verified\",\"manifest\":\"latest\"}", NULL },
		{ "{\"manifest\":\"" ONE "\"}", NULL },
		{ "{}", NULL },
		{ "\"" ONE "\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(images); i++) {
		auto_log_line line = { 0 };
		auto_text text = { 0 };

		garita_text_printf(&text, DECISION ",\"image\":%s}",
				   images[i].image);
		take(text.data, &line);
		if (images[i].digest == NULL)
			assert_null(line.digest);
		else
			assert_string_equal(line.digest, images[i].digest);
	}
}

static void test_one_word(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{ HEAD ",\"verdict\":\"admit\"}", "admit" },
		{ DECISION "}", "deny" },
		{ DECISION ",\"would\":\"deny\"}", "deny" },
		{ HEAD ",\"verdict\":\"admit\",\"would\":\"deny\"}",
		  "would-deny" },
		{ HEAD ",\"verdict\":\"admit\",\"would\":\"repair\"}",
		  "would-repair" },
		{ HEAD ",\"verdict\":\"admit\",\"would\":\"admit\"}", "admit" },
		{ HEAD ",\"event\":\"install\",\"verdict\":\"deny\"}",
		  "install" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_log_line line = { 0 };

		take(rows[i].text, &line);
		assert_string_equal(garita_log_line_word(&line), rows[i].word);
	}
}

static void test_what_is_looked_for(void **state)
{
	static const char text[] = DECISION
		",\"engine\":\"docker\",\"id\":\"abcdef\",\"image\":{\"sure\":"
		"\"verified\",\"manifest\":\"" ONE
		"\",\"names\":[\"docker.io/library/a:1\",\"r.example/b:2\"]},"
		"\"rules\":[\"privileged\"],\"findings\":[{\"rule\":\"host-"
		"pid\"}"
		"]}";
#define WORDS(word)                                                            \
	{                                                                      \
		(char *[]){ (char *)(word) }, 1                                \
	}
	const struct {
		struct garita_log_filter filter;
		bool wants;
	} rows[] = {
		{ { .since = "" }, true },
		{ { .rules = WORDS("privileged") }, true },
		{ { .rules = WORDS("host-pid") }, true },
		{ { .rules = WORDS("host-ipc") }, false },
		{ { .images = WORDS("docker.io/library/a") }, true },
		{ { .images = WORDS("r.example/*") }, true },
		{ { .images = WORDS("docker.io/library/a:2") }, false },
		{ { .images = WORDS(ONE) }, true },
		{ { .images = WORDS(TWO) }, false },
		{ { .verdicts = WORDS("deny") }, true },
		{ { .verdicts = WORDS("would-deny") }, false },
		{ { .containers = WORDS("abc") }, true },
		{ { .containers = WORDS("bcd") }, false },
		{ { .engines = WORDS("docker") }, true },
		{ { .engines = WORDS("podman") }, false },
		{ { .since = "2026-11-28T19:34:52.063020Z" }, true },
		{ { .since = "2026-11-28T19:34:52.063021Z" }, false },
		{ { .until = "2026-11-28T19:34:52.063021Z" }, true },
		{ { .until = "2026-11-28T19:34:52.063020Z" }, false },
		{ { .rules = WORDS("privileged"), .engines = WORDS("podman") },
		  false },
	};
	auto_log_line line = { 0 }, bare = { 0 };

	(void)state;
	take(text, &line);
	take(HEAD ",\"event\":\"install\"}", &bare);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		if (garita_log_filter_wants(&rows[i].filter, &line) !=
		    rows[i].wants)
			fail_msg("row %zu", i);
		/* Members that are missing are no match, and no crash. */
		(void)garita_log_filter_wants(&rows[i].filter, &bare);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_record),
		cmocka_unit_test(test_the_digest_is_one_that_selects),
		cmocka_unit_test(test_one_word),
		cmocka_unit_test(test_what_is_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
