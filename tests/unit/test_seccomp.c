/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp - what is in the built-in profile for which container, and
 * which profiles confine at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "tests/unit/seccomp_common.h"
#include "tests/unit/seccomp_moby.h"

/* What moby allows everybody and we do not; the reasons are in
 * seccomp_default.c. The first line has no machine or no 64-bit code. */
static const char stricter[] =
	"epoll_ctl_old epoll_wait_old fadvise64_64 get_thread_area "
	"set_thread_area "
	"modify_ldt fanotify_mark socketcall s390_pci_mmio_read "
	"s390_pci_mmio_write";

/* Is the name in a rule that allows, whatever the arguments? */
static bool names_it(const struct garita_json *profile, const char *name)
{
	struct garita_json *rules = garita_json_get(profile, "syscalls");

	for (size_t i = 0; i < garita_json_count(rules); i++) {
		struct garita_json *rule = garita_json_item(rules, i);
		struct garita_json *names = garita_json_get(rule, "names");

		if (garita_json_get(rule, "errnoRet"))
			continue;
		for (size_t n = 0; n < garita_json_count(names); n++) {
			if (strcmp(garita_json_string(
					   garita_json_item(names, n)),
				   name) == 0)
				return true;
		}
	}
	return false;
}

static void test_every_name_is_a_call_of_the_machine(void **state)
{
	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(machines); m++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *rules = garita_json_get(
			resolve(doc, &machines[m], GARITA_CAPS_ALL),
			"syscalls");

		for (size_t i = 0; i < garita_json_count(rules); i++) {
			struct garita_json *names = garita_json_get(
				garita_json_item(rules, i), "names");

			for (size_t n = 0; n < garita_json_count(names); n++) {
				const char *name = garita_json_string(
					garita_json_item(names, n));
				int nr = seccomp_syscall_resolve_name_arch(
					machines[m].scmp, name);

				if (nr >= 0 || listed(newer, name))
					continue;
				/* libseccomp's numbers for calls that are
				 * both direct and behind socketcall or ipc */
				if (machines[m].multiplexed && nr <= -100 &&
				    nr > -300)
					continue;
				fail_msg("%s is no call of %s (%d)", name,
					 machines[m].name, nr);
			}
		}
	}
}

static void test_stricter_than_moby_only_where_written(void **state)
{
	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(machines); m++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *profile = resolve(doc, &machines[m], 0);
		const char *at = moby_always;
		char name[64];

		while (next_name(&at, name, sizeof(name))) {
			if (seccomp_syscall_resolve_name_arch(machines[m].scmp,
							      name) < 0)
				continue;
			if (!names_it(profile, name) && !listed(stricter, name))
				fail_msg("%s is closed on %s", name,
					 machines[m].name);
		}
	}
}

static void test_capabilities_open_what_they_are_for(void **state)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *none = resolve(doc, &machines[0], 0);

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(moby_with); i++) {
		struct garita_json *one = resolve(doc, &machines[0],
						  GARITA_CAP(moby_with[i].cap));
		const char *at = moby_with[i].names;
		char name[64];

		while (next_name(&at, name, sizeof(name))) {
			bool exists = seccomp_syscall_resolve_name_arch(
					      machines[0].scmp, name) >= 0;
			bool gone = strcmp(name, "lookup_dcookie") == 0;

			if (exists && names_it(one, name) == gone)
				fail_msg("%s with %s", name,
					 garita_cap_name(moby_with[i].cap));
			/* for everybody: with conditions, from Linux 4.8 */
			if (strcmp(name, "clone") != 0 &&
			    !listed(moby_since_4_8, name) &&
			    names_it(none, name))
				fail_msg("%s without capability", name);
		}
	}
}

static void test_old_kernels_have_no_ptrace(void **state)
{
	static const struct {
		const char *why;
		unsigned major, minor;
		garita_caps caps;
		bool allowed;
	} rows[] = {
		{ "unknown kernel", 0, 0, 0, false },
		{ "before 4.8", 4, 7, 0, false },
		{ "smaller major, larger minor", 3, 19, 0, false },
		{ "4.8", 4, 8, 0, true },
		{ "larger major, smaller minor", 5, 0, 0, true },
		{ "with its capability", 0, 0, GARITA_CAP(CAP_SYS_PTRACE),
		  true },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *profile =
			garita_seccomp_default(doc, rows[i].caps, "x86_64",
					       rows[i].major, rows[i].minor);

		if (names_it(profile, "ptrace") != rows[i].allowed)
			fail_msg("%s", rows[i].why);
		assert_true(names_it(profile, "read"));
	}
}

static void test_closed_whatever_the_capabilities(void **state)
{
	static const char never[] =
		"add_key keyctl request_key io_uring_setup io_uring_enter "
		"io_uring_register userfaultfd kexec_load kexec_file_load "
		"pivot_root swapon swapoff nfsservctl modify_ldt uselib ustat "
		"sysfs _sysctl create_module query_module get_kernel_syms "
		"lookup_dcookie migrate_pages move_pages vm86 vm86old "
		"open_tree_attr";

	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(machines); m++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *profile =
			resolve(doc, &machines[m], GARITA_CAPS_ALL);
		const char *at = never;
		char name[64];

		while (next_name(&at, name, sizeof(name))) {
			if (names_it(profile, name))
				fail_msg("%s on %s", name, machines[m].name);
		}
		assert_true(garita_seccomp_confines(profile));
	}
}

static void test_machines(void **state)
{
	static const char *const unknown[] = {
		"",
		"i686",
		"i386",
		"X86_64",
		"x86_64 ",
		"x86_6",
		"mips64",
		"loongarch64",
		"aarch64_be",
		"ppc64",
		"SCMP_ARCH_X86_64",
	};
	auto_json struct garita_json_doc *doc = garita_json_new();

	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(machines); m++) {
		struct garita_json *arches = garita_json_get(
			resolve(doc, &machines[m], 0), "architectures");

		assert_string_equal(garita_seccomp_arch(machines[m].name),
				    machines[m].arch);
		assert_int_equal(garita_json_count(arches), 1);
		assert_string_equal(
			garita_json_string(garita_json_item(arches, 0)),
			machines[m].arch);
	}
	for (size_t i = 0; i < GARITA_COUNT(unknown); i++) {
		assert_null(garita_seccomp_arch(unknown[i]));
		assert_null(garita_seccomp_default(doc, 0, unknown[i], 6, 1));
	}
	assert_null(garita_seccomp_arch(NULL));
	assert_null(garita_seccomp_default(doc, 0, NULL, 6, 1));
}

#define ALLOWS "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":"
#define STOPS  "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"
#define RULE(names, action)                                                    \
	"{\"names\":" names ",\"action\":\"SCMP_ACT_" action "\"}"

static const struct {
	const char *why, *text;
	bool confines;
} profiles[] = {
	{ "errno by default", "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", true },
	{ "kill", "{\"defaultAction\":\"SCMP_ACT_KILL\"}", true },
	{ "kill process", "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"}",
	  true },
	{ "kill thread", "{\"defaultAction\":\"SCMP_ACT_KILL_THREAD\"}", true },
	{ "trap", "{\"defaultAction\":\"SCMP_ACT_TRAP\"}", true },
	{ "errno with rules", STOPS "[" RULE("[\"read\"]", "ALLOW") "]}",
	  true },
	{ "no rules is null", STOPS "null}", true },
	{ "a rule that stops", ALLOWS "[" RULE("[\"bpf\"]", "ERRNO") "]}",
	  true },
	{ "the last rule stops",
	  ALLOWS
	  "[" RULE("[\"read\"]", "LOG") "," RULE("[\"bpf\"]", "TRAP") "]}",
	  true },
	{ "log by default, one rule stops",
	  "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[" RULE(
		  "[\"bpf\"]", "KILL_PROCESS") "]}",
	  true },
	{ "allow", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", false },
	{ "log", "{\"defaultAction\":\"SCMP_ACT_LOG\"}", false },
	{ "trace", "{\"defaultAction\":\"SCMP_ACT_TRACE\"}", false },
	{ "notify", "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", false },
	{ "allow, no rules", ALLOWS "[]}", false },
	{ "allow, only rules that let",
	  ALLOWS
	  "[" RULE("[\"bpf\"]", "LOG") "," RULE("[\"mount\"]", "NOTIFY") "]}",
	  false },
	{ "a rule that names nothing", ALLOWS "[" RULE("[]", "ERRNO") "]}",
	  false },
	{ "an empty name", ALLOWS "[" RULE("[\"\"]", "ERRNO") "]}", false },
	{ "names is no list", ALLOWS "[" RULE("\"bpf\"", "ERRNO") "]}", false },
	{ "names is missing", ALLOWS "[{\"action\":\"SCMP_ACT_ERRNO\"}]}",
	  false },
	{ "a name is a number", ALLOWS "[" RULE("[1]", "ERRNO") "]}", false },
	{ "a rule is no object", ALLOWS "[\"SCMP_ACT_ERRNO\"]}", false },
	{ "rules are no list", ALLOWS RULE("[\"bpf\"]", "ERRNO") "}", false },
	{ "rules are no list, errno", STOPS "\"all\"}", false },
	{ "unknown action in a rule",
	  STOPS "[" RULE("[\"bpf\"]", "REFUSE") "]}", false },
	{ "unknown default", "{\"defaultAction\":\"SCMP_ACT_DENY\"}", false },
	{ "crun alone reads this", "{\"defaultAction\":\"ERRNO\"}", false },
	{ "lower case", "{\"defaultAction\":\"scmp_act_errno\"}", false },
	{ "default is a number", "{\"defaultAction\":1}", false },
	{ "default is null", "{\"defaultAction\":null}", false },
	{ "no default", "{\"syscalls\":[" RULE("[\"bpf\"]", "ERRNO") "]}",
	  false },
	{ "empty object", "{}", false },
	{ "a list", "[\"SCMP_ACT_ERRNO\"]", false },
	{ "null", "null", false },
	{ "a string", "\"SCMP_ACT_ERRNO\"", false },
};

static void test_profiles_that_confine(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(profiles); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct garita_error err = { 0 };
		const char *text = profiles[i].text;

		if (garita_json_parse(text, strlen(text), GARITA_JSON_STRICT,
				      &doc, &err) < 0)
			fail_msg("%s: %s", profiles[i].why, err.text);
		if (garita_seccomp_confines(garita_json_root(doc)) !=
		    profiles[i].confines)
			fail_msg("%s", profiles[i].why);
	}
	assert_false(garita_seccomp_confines(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name_is_a_call_of_the_machine),
		cmocka_unit_test(test_stricter_than_moby_only_where_written),
		cmocka_unit_test(test_capabilities_open_what_they_are_for),
		cmocka_unit_test(test_old_kernels_have_no_ptrace),
		cmocka_unit_test(test_closed_whatever_the_capabilities),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_profiles_that_confine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
