/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From text to facts: what runc and crun read differently does not become a
 * config at all, with the place named; what they read alike becomes the facts
 * that a look at the text would give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "garita/spec.h"

/* Parses and reads. The spec borrows from the document. */
static int read_text(const char *text, size_t len, struct garita_json_doc **doc,
		     struct garita_spec *spec, struct garita_error *err)
{
	int rc = garita_config_parse(text, len, doc, err);

	return rc < 0 ? rc : garita_spec_read(*doc, spec, err);
}

/* A config with these members of process and of the whole. */
static void make(const char *process, const char *rest, struct garita_text *out)
{
	garita_text_printf(out,
			   "{\"process\":{%s},\"root\":{\"path\":\"r\"}%s%s}",
			   process, *rest ? "," : "", rest);
}

static void must_read(const char *why, const char *text,
		      struct garita_json_doc **doc, struct garita_spec *spec)
{
	struct garita_error err = { 0 };
	char words[1024];

	if (read_text(text, strlen(text), doc, spec, &err) < 0)
		fail_msg("%s: %s: %s", why, text,
			 garita_error_words(&err, words, sizeof(words)));
}

/* Refused, with this pointer; nothing handed out. */
static void must_refuse(const char *why, const char *text, size_t len,
			const char *pointer)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	auto_spec spec = { 0 };

	if (read_text(text, len, &doc, &spec, &err) >= 0)
		fail_msg("accepted %s (%s)", text, why);
	if (err.text[0] == '\0' || err.line == 0 || err.column == 0 ||
	    err.code <= 0)
		fail_msg("%s (%s): no reason or no place", text, why);
	if (strcmp(err.pointer, pointer) != 0)
		fail_msg("%s (%s): the place is \"%s\"", text, why,
			 err.pointer);
	assert_null(spec.root);
	assert_null(spec.mounts);
}

static const struct {
	const char *why, *process, *rest, *pointer;
} refused[] = {
	{ "runc takes the last, crun the first",
	  "\"args\":[\"a\"],\"args\":[\"b\"]", "", "/process/args" },
	{ "runc merges, crun takes the first", "\"args\":[\"a\"]",
	  "\"process\":{}", "/process" },
	{ "only runc takes capitals", "\"args\":[\"a\"],\"ARGS\":[\"b\"]", "",
	  "/process/ARGS" },
	{ "runc runs these hooks, crun has none", "",
	  "\"Hooks\":{\"createRuntime\":[{\"path\":\"/bin/sh\"}]}", "/Hooks" },
	{ "and mounts these", "", "\"MOUNTS\":[]", "/MOUNTS" },
	{ "U+017F is s to Go", "\"arg\xc5\xbf\":[\"b\"]", "",
	  "/process/arg\xc5\xbf" },
	{ "U+212A is k to Go", "", "\"hoo\\u212as\":{}", "/hoo\xe2\x84\xaas" },
	{ "crun cuts the key at U+0000", "\"args\\u0000x\":[\"b\"]", "",
	  "/process" },
	{ "and the value", "\"args\":[\"sh\\u0000x\"]", "", "/process/args/0" },
	{ "a null that drops the filter in runc only", "",
	  "\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"},"
	  "\"Seccomp\":null}",
	  "/linux/Seccomp" },
	{ "crun takes C's comments", "/**/\"args\":[\"a\"]", "", "/process" },
	{ "overlong UTF-8", "\"args\":[\"\xc0\xaf\"]", "", "/process/args/0" },
	{ "a surrogate as UTF-8", "\"args\":[\"\xed\xa0\x80\"]", "",
	  "/process/args/0" },
	{ "a lone surrogate", "\"args\":[\"\\ud800\"]", "", "/process/args/0" },
	{ "crun runs \"1\" as root", "\"user\":{\"uid\":\"1\"}", "",
	  "/process/user/uid" },
	{ "and true", "\"user\":{\"uid\":true}", "", "/process/user/uid" },
	{ "and []", "\"user\":{\"gid\":[]}", "", "/process/user/gid" },
	{ "crun runs 2^32-1 as uid 0", "\"user\":{\"uid\":4294967295}", "",
	  "/process/user/uid" },
	{ "the first id that runc refuses", "\"user\":{\"uid\":2147483648}", "",
	  "/process/user/uid" },
	{ "the same for groups", "\"user\":{\"additionalGids\":[1,2147483648]}",
	  "", "/process/user/additionalGids/1" },
	{ "no id", "\"user\":{\"uid\":-1}", "", "/process/user/uid" },
	{ "no integer", "\"user\":{\"uid\":1000.0}", "", "/process/user/uid" },
	{ "no integer either", "\"user\":{\"uid\":1e3}", "",
	  "/process/user/uid" },
	{ "crun reads \"true\" as false", "\"noNewPrivileges\":\"true\"", "",
	  "/process/noNewPrivileges" },
	{ "and 1", "\"noNewPrivileges\":1", "", "/process/noNewPrivileges" },
	{ "crun grants lower case",
	  "\"capabilities\":{\"bounding\":[\"cap_sys_admin\"]}", "",
	  "/process/capabilities/bounding/0" },
	{ "and a trailing blank",
	  "\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_SYS_ADMIN \"]}",
	  "", "/process/capabilities/bounding/1" },
	{ "and a number", "\"capabilities\":{\"ambient\":[\"21\"]}", "",
	  "/process/capabilities/ambient/0" },
	{ "and what is before U+0000",
	  "\"capabilities\":{\"permitted\":[\"CAP_SYS_ADMIN\\u0000x\"]}", "",
	  "/process/capabilities/permitted/0" },
	{ "a word of the command lines",
	  "\"capabilities\":{\"effective\":[\"ALL\"]}", "",
	  "/process/capabilities/effective/0" },
	{ "an empty name", "\"capabilities\":{\"inheritable\":[\"\"]}", "",
	  "/process/capabilities/inheritable/0" },
	{ "a set that is no list", "\"capabilities\":{\"bounding\":{}}", "",
	  "/process/capabilities/bounding" },
	{ "every runtime mounts RO writable", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"RO\"]}]",
	  "/mounts/0/options/0" },
	{ "and Ro", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"Ro\"]}]",
	  "/mounts/0/options/0" },
	{ "what runc sets behind \"ro\" and crun before it", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"rrw\"]}]",
	  "/mounts/0/options/0" },
	{ "and its like", "",
	  "\"mounts\":[{\"destination\":\"/"
	  "a\",\"options\":[\"bind\",\"rdev\"]}]",
	  "/mounts/0/options/1" },
	{ "a mount made another one", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"bind\","
	  "\"remount\",\"rw\"]}]",
	  "/mounts/0/options/1" },
	{ "and \"ro \"", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"ro \"]}]",
	  "/mounts/0/options/0" },
	{ "and a tab", "",
	  "\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/b\","
	  "\"options\":[\"nosuid\",\"\\tro\"]}]",
	  "/mounts/1/options/1" },
	{ "a bind that is none", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"options\":[\"RBIND\"]}]",
	  "/mounts/0/options/0" },
	{ "a mount nowhere", "", "\"mounts\":[{\"type\":\"tmpfs\"}]",
	  "/mounts/0" },
	{ "a mount on nothing", "", "\"mounts\":[{\"destination\":\"\"}]",
	  "/mounts/0" },
	{ "a mount on null", "", "\"mounts\":[{\"destination\":null}]",
	  "/mounts/0" },
	{ "runc binds the bundle", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"type\":\"bind\"}]",
	  "/mounts/0" },
	{ "so it does of nothing", "",
	  "\"mounts\":[{\"destination\":\"/a\",\"source\":\"\","
	  "\"options\":[\"rbind\"]}]",
	  "/mounts/0" },
	{ "one type twice: which counts?", "",
	  "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	  "{\"type\":\"pid\",\"path\":\"/proc/1/ns/pid\"}]}",
	  "/linux/namespaces/1" },
	{ "capitals", "", "\"linux\":{\"namespaces\":[{\"type\":\"PID\"}]}",
	  "/linux/namespaces/0" },
	{ "the kernel's word, not the spec's", "",
	  "\"linux\":{\"namespaces\":[{\"type\":\"net\"}]}",
	  "/linux/namespaces/0" },
	{ "no type", "", "\"linux\":{\"namespaces\":[{\"path\":\"/x\"}]}",
	  "/linux/namespaces/0" },
	{ "crun cuts a path at U+0000", "",
	  "\"linux\":{\"maskedPaths\":[\"/proc/kcore\\u0000\"]}",
	  "/linux/maskedPaths/0" },
	{ "a list that is none", "", "\"linux\":{\"maskedPaths\":\"/proc\"}",
	  "/linux/maskedPaths" },
};

static void test_what_readers_read_differently_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		auto_text text = { 0 };

		make(refused[i].process, refused[i].rest, &text);
		must_refuse(refused[i].why, text.data, text.len,
			    refused[i].pointer);
	}
}

static void test_what_is_no_config_is_refused(void **state)
{
	static const struct {
		const char *why, *text, *pointer;
	} rows[] = {
		{ "nothing", "", "" },
		{ "blanks", " \n", "" },
		{ "an array", "[]", "" },
		{ "a string", "\"process\"", "" },
		{ "null", "null", "" },
		{ "no process", "{\"root\":{\"path\":\"r\"}}", "/process" },
		{ "process null",
		  "{\"process\":null,\"root\":{\"path\":\"r\"}}", "/process" },
		{ "process an array",
		  "{\"process\":[],\"root\":{\"path\":\"r\"}}", "/process" },
		{ "no root", "{\"process\":{}}", "/root/path" },
		{ "no path", "{\"process\":{},\"root\":{}}", "/root/path" },
		{ "an empty path", "{\"process\":{},\"root\":{\"path\":\"\"}}",
		  "/root/path" },
		{ "a second document, which runc does not read",
		  "{\"process\":{},\"root\":{\"path\":\"r\"}} {}", "" },
		{ "cut short", "{\"process\":{},\"root\":{\"path\":\"r\"}",
		  "" },
	};
	static const char nul[] = "{\"process\":{},\"root\":{\"path\":\"r\"}}"
				  "\0{\"process\":{}}";

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++)
		must_refuse(rows[i].why, rows[i].text, strlen(rows[i].text),
			    rows[i].pointer);
	must_refuse("crun stops at a raw NUL", nul, sizeof(nul) - 1, "");
}

/* 32 levels are read, 33 are not; nor is one byte over the limit. */
static void test_the_limits(void **state)
{
	static const struct {
		size_t depth;
		int rc;
	} rows[] = { { 28, 0 }, { 31, 0 }, { 32, -ELOOP }, { 5000, -ELOOP } };
	auto_text large = { 0 };
	auto_json struct garita_json_doc *none = NULL;
	struct garita_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		auto_text deep = { 0 }, text = { 0 };
		auto_spec spec = { 0 };

		/* The config is a level of its own. */
		for (size_t n = 0; n < rows[i].depth; n++)
			garita_text_putc(&deep, '[');
		for (size_t n = 0; n < rows[i].depth; n++)
			garita_text_putc(&deep, ']');
		garita_text_printf(&text,
				   "{\"process\":{},\"root\":{\"path\":\"r\"},"
				   "\"x\":%s}",
				   deep.data);
		assert_int_equal(
			read_text(text.data, text.len, &doc, &spec, &err),
			rows[i].rc);
	}

	garita_text_puts(&large, "{\"process\":{},\"root\":{\"path\":\"r\"}}");
	while (large.len <= GARITA_JSON_MAX_BYTES)
		garita_text_putc(&large, '\n');
	assert_int_equal(
		garita_config_parse(large.data, large.len, &none, &err),
		-E2BIG);
	assert_null(none);
	assert_int_equal(
		garita_config_parse(large.data, large.len - 1, &none, &err), 0);
}

static void test_the_place_is_where_the_word_is(void **state)
{
	static const struct {
		const char *text, *pointer;
		unsigned line, column;
	} rows[] = {
		{ "{\n  \"root\": {\"path\": \"r\"},\n  \"process\": {\n"
		  "    \"capabilities\": {\n      \"bounding\": "
		  "[\"CAP_KILL\",\n"
		  "        \"cap_kill\"]\n    }\n  }\n}\n",
		  "/process/capabilities/bounding/1", 6, 9 },
		{ "{\n\t\"process\": {},\n\t\"root\": {\"path\": \"r\"},\n"
		  "\t\"mounts\": [\n\t\t{ \"destination\": \"/a\",\n"
		  "\t\t  \"options\": [ \"RO\" ] }\n\t]\n}\n",
		  "/mounts/0/options/0", 6, 18 },
		{ "{\"process\":{\"user\":{\"uid\":\"0\"}}}",
		  "/process/user/uid", 1, 21 },
		{ "{\n\"process\":{},\n\"root\":{}}", "/root/path", 3, 1 },
		{ "{\"root\":{\"path\":\"r\"}}", "/process", 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct garita_error err = { 0 };
		auto_spec spec = { 0 };

		assert_int_equal(read_text(rows[i].text, strlen(rows[i].text),
					   &doc, &spec, &err),
				 -EINVAL);
		assert_string_equal(err.pointer, rows[i].pointer);
		assert_int_equal(err.line, rows[i].line);
		assert_int_equal(err.column, rows[i].column);
	}
}

static void test_the_process(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	auto_spec spec = { 0 };

	(void)state;
	make("\"user\":{\"uid\":2147483647,\"gid\":0},\"cwd\":\"/x\","
	     "\"args\":[\"a\",\"b\"],\"noNewPrivileges\":true,"
	     "\"capabilities\":{\"bounding\":[\"CAP_KILL\",\"CAP_CHOWN\","
	     "\"CAP_KILL\"],\"effective\":[\"CAP_NEW\",\"CAP_ALSO_NEW\","
	     "\"CAP_CHECKPOINT_RESTORE\"]}",
	     "", &text);
	must_read("process", text.data, &doc, &spec);
	assert_true(spec.has_process && spec.has_uid && spec.has_gid);
	assert_int_equal(spec.uid, GARITA_ID_MAX);
	assert_int_equal(spec.gid, 0);
	assert_null(spec.username);
	assert_string_equal(spec.cwd, "/x");
	assert_int_equal(garita_json_count(spec.args), 2);
	assert_true(spec.no_new_privileges);
	assert_true(spec.has_caps);
	assert_int_equal(spec.caps[GARITA_CAPS_BOUNDING],
			 GARITA_CAP(5) | GARITA_CAP(0));
	assert_int_equal(spec.caps[GARITA_CAPS_EFFECTIVE], GARITA_CAP(40));
	assert_int_equal(spec.caps[GARITA_CAPS_PERMITTED], 0);
	assert_null(spec.unknown_cap[GARITA_CAPS_BOUNDING]);
	assert_string_equal(
		garita_json_string(spec.unknown_cap[GARITA_CAPS_EFFECTIVE]),
		"CAP_NEW");
	assert_string_equal(spec.root_path, "r");
	assert_false(spec.root_read_only);
}

/* Silence is not filled in with a default. */
static void test_a_silent_config(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_spec spec = { 0 };

	(void)state;
	must_read("silent",
		  "{\"process\":{\"user\":null,\"capabilities\":null},"
		  "\"root\":{\"path\":\"r\",\"readonly\":true},\"mounts\":null,"
		  "\"linux\":null,\"hooks\":null}",
		  &doc, &spec);
	assert_false(spec.has_uid || spec.has_gid || spec.has_caps);
	assert_false(spec.no_new_privileges || spec.has_linux);
	assert_null(spec.cwd);
	assert_null(spec.seccomp);
	assert_null(spec.masked_paths);
	assert_int_equal(spec.mount_count, 0);
	assert_int_equal(spec.hook_count, 0);
	assert_true(spec.root_read_only);
	for (size_t t = 0; t < GARITA_NS_TYPES; t++)
		assert_false(spec.namespaces[t].present);
}

static void test_mounts(void **state)
{
	static const struct {
		const char *why, *mount, *clean;
		bool bind, read_only;
	} rows[] = {
		{ "type bind", "\"type\":\"bind\",\"destination\":\"/a\"", "/a",
		  true, false },
		{ "option bind",
		  "\"destination\":\"/a\",\"options\":[\"bind\"]", "/a", true,
		  false },
		{ "option rbind",
		  "\"type\":\"none\",\"destination\":\"/a\","
		  "\"options\":[\"nosuid\",\"rbind\",\"ro\"]",
		  "/a", true, true },
		{ "the last of ro and rw counts",
		  "\"destination\":\"/a\",\"options\":[\"ro\",\"rw\"]", "/a",
		  false, false },
		{ "both ways",
		  "\"destination\":\"/a\",\"options\":[\"rw\",\"ro\"]", "/a",
		  false, true },
		{ "rro is set behind rw",
		  "\"destination\":\"/a\",\"options\":[\"rro\",\"rw\"]", "/a",
		  false, true },
		{ "options that only look alike",
		  "\"destination\":\"/a\",\"options\":[\"Bindings\",\"rox\"]",
		  "/a", false, false },
		{ "no slash", "\"destination\":\"proc\"", "/proc", false,
		  false },
		{ "two", "\"destination\":\"//proc\"", "/proc", false, false },
		{ "one at the end", "\"destination\":\"/proc/\"", "/proc",
		  false, false },
		{ "and back", "\"destination\":\"/proc/../proc/.\"", "/proc",
		  false, false },
		{ "beyond the root", "\"destination\":\"/../../proc\"", "/proc",
		  false, false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		auto_text rest = { 0 }, text = { 0 };
		auto_spec spec = { 0 };

		garita_text_printf(&rest, "\"mounts\":[{%s%s}]",
				   rows[i].bind ? "\"source\":\"/s\"," : "",
				   rows[i].mount);
		make("", rest.data, &text);
		must_read(rows[i].why, text.data, &doc, &spec);
		assert_int_equal(spec.mount_count, 1);
		assert_non_null(spec.mounts);
		assert_string_equal(spec.mounts[0].clean, rows[i].clean);
		if (spec.mounts[0].bind != rows[i].bind ||
		    spec.mounts[0].read_only != rows[i].read_only)
			fail_msg("%s", rows[i].why);
	}
}

static void test_namespaces_and_mappings(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	auto_spec spec = { 0 };
	uint32_t id = 7;

	(void)state;
	make("",
	     "\"linux\":{\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"},"
	     "{\"type\":\"user\"},{\"type\":\"network\",\"path\":\"/n\"},"
	     "{\"type\":\"time\"}],\"uidMappings\":["
	     "{\"containerID\":0,\"hostID\":100000,\"size\":10},"
	     "{\"containerID\":10,\"hostID\":0,\"size\":1}]}",
	     &text);
	must_read("namespaces", text.data, &doc, &spec);
	assert_true(spec.namespaces[GARITA_NS_PID].present);
	assert_null(spec.namespaces[GARITA_NS_PID].path);
	assert_string_equal(spec.namespaces[GARITA_NS_NETWORK].path, "/n");
	assert_int_equal(spec.namespaces[GARITA_NS_NETWORK].index, 2);
	assert_true(spec.namespaces[GARITA_NS_TIME].present);
	assert_false(spec.namespaces[GARITA_NS_MOUNT].present);

	assert_true(garita_spec_host_uid(&spec, 9, &id));
	assert_int_equal(id, 100009);
	assert_true(garita_spec_host_uid(&spec, 10, &id));
	assert_int_equal(id, 0);
	assert_false(garita_spec_host_uid(&spec, 11, &id));
	assert_int_equal(id, 0);
	spec.namespaces[GARITA_NS_USER].present = false;
	assert_true(garita_spec_host_uid(&spec, 11, &id));
	assert_int_equal(id, 11);
}

static void test_devices_and_hooks(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };
	auto_spec spec = { 0 };

	(void)state;
	make("",
	     "\"linux\":{\"devices\":[{\"path\":\"/dev/x\",\"type\":\"b\","
	     "\"major\":8,\"minor\":0},{\"path\":\"/dev/p\",\"type\":\"p\"}],"
	     "\"resources\":{\"devices\":[{\"allow\":false},"
	     "{\"allow\":true,\"type\":\"c\",\"major\":1,\"access\":\"r\"},"
	     "{\"allow\":true,\"type\":\"\",\"major\":-1}]}},"
	     "\"hooks\":{\"poststop\":[{\"path\":\"/z\"}],"
	     "\"prestart\":[{\"path\":\"/a\",\"args\":[\"a\"],\"env\":[]},{}],"
	     "\"unheard\":[{\"path\":\"/u\"}]}",
	     &text);
	must_read("devices and hooks", text.data, &doc, &spec);
	assert_int_equal(spec.device_count, 2);
	assert_int_equal(spec.devices[0].major, 8);
	assert_int_equal(spec.devices[1].major, -1);
	assert_int_equal(spec.device_rule_count, 3);
	assert_int_equal(spec.device_rules[0].type, 'a');
	assert_null(spec.device_rules[0].access);
	assert_int_equal(spec.device_rules[1].type, 'c');
	assert_int_equal(spec.device_rules[1].minor, -1);
	assert_int_equal(spec.device_rules[2].type, 'a');

	/* In the order of their stages. */
	assert_int_equal(spec.hook_count, 3);
	assert_non_null(spec.hooks);
	assert_string_equal(spec.hooks[0].path, "/a");
	assert_true(spec.hooks[0].env != NULL);
	assert_string_equal(spec.hooks[1].path, "");
	assert_false(spec.hooks[1].env != NULL);
	assert_int_equal(spec.hooks[1].index, 1);
	assert_int_equal(spec.hooks[2].stage, GARITA_HOOK_POSTSTOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_readers_read_differently_is_refused),
		cmocka_unit_test(test_what_is_no_config_is_refused),
		cmocka_unit_test(test_the_limits),
		cmocka_unit_test(test_the_place_is_where_the_word_is),
		cmocka_unit_test(test_the_process),
		cmocka_unit_test(test_a_silent_config),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_namespaces_and_mappings),
		cmocka_unit_test(test_devices_and_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
