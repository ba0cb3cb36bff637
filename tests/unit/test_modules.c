/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Modules: what modprobe would do with them, and a table of advisories on top
 * of what is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/advisories.h"
#include "garita/memory.h"
#include "garita/modules.h"

static enum garita_module_state state_of(const struct garita_modules *modules,
					 const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strcmp(modules->all[i].name, name) == 0)
			return garita_modules_state(modules, &modules->all[i]);
	return GARITA_MODULE_STATES;
}

static void read_all(struct garita_modules *modules, const char *config)
{
	garita_modules_read_loaded(
		modules, "overlay 151552 3 - Live 0x0\nsctp 1 0 - Live 0x0\n");
	garita_modules_read_files(
		modules,
		"kernel/net/sctp/sctp.ko.xz: kernel/lib/libcrc32c.ko.xz\n"
		"kernel/crypto/algif_aead.ko: kernel/crypto/af_alg.ko\n"
		"kernel/net/dccp/dccp-ipv4.ko.zst:\nkernel/net/tipc/tipc.ko:\n"
		"kernel/fs/overlayfs/overlay.ko:\nodd line\n",
		false);
	garita_modules_read_files(modules, "kernel/net/rxrpc/rxrpc.ko\n", true);
	garita_modules_read_config(modules, config);
	garita_modules_settle(modules);
}

static void test_states(void **state)
{
	static const char config[] =
		"# a comment\ninstall algif-aead /bin/false\n"
		"blacklist tipc\n"
		"install dccp_ipv4 \\\n  /usr/bin/true\n"
		"install sctp /bin/false\ninstall rxrpc /bin/false\n";
	auto_modules modules = { 0 };

	(void)state;
	read_all(&modules, config);
	assert_int_equal(state_of(&modules, "overlay"), GARITA_MODULE_LOADED);
	/* It was there before the line was. */
	assert_int_equal(state_of(&modules, "sctp"), GARITA_MODULE_LOADED);
	assert_int_equal(state_of(&modules, "rxrpc"), GARITA_MODULE_BUILT_IN);
	assert_int_equal(state_of(&modules, "algif_aead"),
			 GARITA_MODULE_BLOCKED);
	assert_int_equal(state_of(&modules, "dccp_ipv4"),
			 GARITA_MODULE_BLOCKED);
	/* The kernel asks by name, too. */
	assert_int_equal(state_of(&modules, "tipc"), GARITA_MODULE_LOADABLE);
	assert_int_equal(state_of(&modules, "af_alg"), GARITA_MODULE_STATES);
	modules.no_more = true;
	assert_int_equal(state_of(&modules, "tipc"), GARITA_MODULE_BLOCKED);
	assert_int_equal(state_of(&modules, "sctp"), GARITA_MODULE_LOADED);
}

/* Lines that look as if they stopped it, and do not. */
static void test_what_stops_nothing(void **state)
{
	static const char *const configs[] = {
		"install tipc /sbin/modprobe --ignore-install tipc\n",
		"install tipc /bin/false; /sbin/modprobe -i tipc\n",
		"install tipc /bin/false || modprobe -i tipc\n",
		"install tipc false\n",
		"install tipc /home/x/bin/false\n",
		"# install tipc /bin/false\n",
		"install tip /bin/false\n",
		"options tipc a=1\n",
		"install tipc",
		"",
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(configs); i++) {
		auto_modules modules = { 0 };

		read_all(&modules, configs[i]);
		if (state_of(&modules, "tipc") != GARITA_MODULE_LOADABLE)
			fail_msg("%s", configs[i]);
	}
}

/* ---- advisories ---- */

#define TABLE(entry) "{\"version\":1,\"advisories\":[" entry "]}"
#define ALG                                                                    \
	"{\"about\":\"kernel\",\"id\":\"CVE-1\",\"since\":\"4.14\","           \
	"\"fixed\":[\"6.1.80\"],\"modules\":[\"algif_aead\"],"                 \
	"\"options\":[\"CONFIG_ALG\"]}"
#define RUNC                                                                   \
	"{\"about\":\"runc\",\"id\":\"CVE-2\",\"fixed\":[\"1.1.12\"],"         \
	"\"commits\":[\"abcdef0\"],\"packages\":[{\"distribution\":"           \
	"\"debian/bookworm\",\"package\":\"runc\",\"fixed\":"                  \
	"\"1.1.5-1+deb12u1\"}]}"

/* Which state an entry comes to, "" where it is not about this machine. */
static const char *judged(const char *table_text, const char *facts_text)
{
	auto_json struct garita_json_doc *table = NULL;
	struct garita_error err = { 0 };
	auto_facts facts = { 0 };
	const char *state;

	if (garita_advisories_parse(table_text, strlen(table_text), &table,
				    &err) < 0)
		fail_msg("%s: %s", table_text, err.text);
	assert_int_equal(garita_json_parse(facts_text, strlen(facts_text),
					   GARITA_JSON_STRICT, &facts.doc,
					   NULL),
			 0);
	garita_advisories_judge(table, &facts);
	state = garita_json_string(garita_json_at(garita_json_root(facts.doc),
						  "/advisories/0/state"));
	if (state == NULL)
		return "";
	return *state == 'f' ? "fixed" : *state == 'o' ? "open" : "unknown";
}

static void test_advisories(void **state)
{
	static const struct {
		const char *why, *table, *facts, *wanted;
	} rows[] = {
		{ "an old kernel", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\"}}", "open" },
		{ "one that has it", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.80\"}}", "fixed" },
		{ "one from before the hole", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"4.9.1\"}}", "fixed" },
		{ "what live patches make of it", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\",\"effective\":"
		  "\"6.1.99\"}}",
		  "fixed" },
		{ "a live patch that names it", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\",\"live-patch\":{"
		  "\"fixes\":[\"CVE-1\"]}}}",
		  "fixed" },
		{ "the module is kept out", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\"},\"modules\":{"
		  "\"states\":{\"algif_aead\":\"blocked\"}}}",
		  "fixed" },
		{ "the module can be loaded", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\"},\"modules\":{"
		  "\"states\":{\"algif_aead\":\"loadable\"}}}",
		  "open" },
		{ "it was not built", TABLE(ALG),
		  "{\"kernel\":{\"number\":\"6.1.70\",\"options\":{"
		  "\"CONFIG_ALG\":\"n\"}}}",
		  "fixed" },
		{ "a kernel that counts for itself", TABLE(ALG),
		  "{\"kernel\":{\"release\":\"5.14.0-1.el9\"}}", "unknown" },
		{ "an old runc", TABLE(RUNC),
		  "{\"programs\":{\"runc\":{\"version\":\"1.1.5\"}}}", "open" },
		{ "the distribution repaired it", TABLE(RUNC),
		  "{\"distribution\":\"debian/bookworm\",\"programs\":{"
		  "\"runc\":{\"version\":\"1.1.5\",\"package\":{\"name\":"
		  "\"runc\",\"version\":\"1.1.5-1+deb12u2\",\"format\":"
		  "\"deb\"}}}}",
		  "fixed" },
		{ "and not yet in this package", TABLE(RUNC),
		  "{\"distribution\":\"debian/bookworm\",\"programs\":{"
		  "\"runc\":{\"version\":\"1.1.5\",\"package\":{\"name\":"
		  "\"runc\",\"version\":\"1.1.5-1\",\"format\":\"deb\"}}}}",
		  "open" },
		{ "another distribution's row", TABLE(RUNC),
		  "{\"distribution\":\"debian/trixie\",\"programs\":{\"runc\":"
		  "{\"version\":\"1.1.5\",\"package\":{\"name\":\"runc\","
		  "\"version\":\"1.1.5-9\",\"format\":\"deb\"}}}}",
		  "open" },
		{ "the changelog names it", TABLE(RUNC),
		  "{\"programs\":{\"runc\":{\"version\":\"1.1.5\",\"fixes\":["
		  "\"CVE-2\"]}}}",
		  "fixed" },
		{ "its commit has it", TABLE(RUNC),
		  "{\"programs\":{\"runc\":{\"version\":\"1.1.5\",\"commit\":"
		  "\"abcdef0\"}}}",
		  "fixed" },
		{ "a version that cannot be told", TABLE(RUNC),
		  "{\"programs\":{\"runc\":{\"path\":\"/usr/bin/runc\"}}}",
		  "unknown" },
		{ "not here", TABLE(RUNC),
		  "{\"programs\":{\"runc\":{\"absent\":true}}}", "" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		const char *got = judged(rows[i].table, rows[i].facts);

		if (strcmp(got, rows[i].wanted) != 0)
			fail_msg("%s: \"%s\"", rows[i].why, got);
	}
}

/* A typo must never mean "not affected". */
static void test_tables_that_are_none(void **state)
{
	static const char *const tables[] = {
		"",
		"{}",
		"{\"version\":2,\"advisories\":[]}",
		"{\"version\":1,\"advisories\":{}}",
		"{\"version\":1,\"advisories\":[],\"more\":1}",
		TABLE("{\"about\":\"runc\"}"),
		TABLE("{\"id\":\"CVE-1\"}"),
		TABLE("{\"about\":\"runc\",\"id\":\"CVE-1\",\"fix\":[]}"),
		TABLE("{\"about\":\"runc\",\"id\":\"CVE-1\",\"fixed\":\"1\"}"),
		TABLE("{\"about\":\"runc\",\"id\":\"CVE-1\",\"fixed\":"
		      "[\"soon\"]}"),
		TABLE("{\"about\":\"runc\",\"id\":\"CVE-1\",\"since\":"
		      "\"early\"}"),
		TABLE("{\"about\":\"runc\",\"id\":\"CVE-1\",\"packages\":"
		      "[{\"distribution\":\"x\"}]}"),
		TABLE("{\"about\":\"kernel\",\"id\":\"CVE-1\",\"modules\":"
		      "[1]}"),
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(tables); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct garita_error err = { 0 };

		if (garita_advisories_parse(tables[i], strlen(tables[i]), &doc,
					    &err) == 0)
			fail_msg("accepted %s", tables[i]);
		assert_null(doc);
		assert_true(*err.text != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_what_stops_nothing),
		cmocka_unit_test(test_advisories),
		cmocka_unit_test(test_tables_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
