/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp_filter - what the built-in profile allows, asked of the filter
 * that libseccomp makes of it and not of the table it was written in. Merging
 * rules is where libseccomp itself has been wrong (GHSA-4q85-33p6-j5g6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/bpf.h"
#include "tests/unit/seccomp_common.h"
#include "tests/unit/seccomp_moby.h"

enum {
	LAST_NUMBER = 600,
	ANSWER_ALLOW = 0x7fff0000,
	ANSWER_KILL = 0,
	ANSWER_EPERM = 0x00050000 | EPERM,
	ANSWER_ENOSYS = 0x00050000 | ENOSYS,
};

/* ---- a filter of libseccomp, as bytes ---- */
static scmp_filter_ctx new_filter(const struct machine *machine)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	assert_non_null(filter);
	if (machine->scmp != seccomp_arch_native()) {
		assert_int_equal(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE),
				 0);
		assert_int_equal(seccomp_arch_add(filter, machine->scmp), 0);
	}
	return filter;
}

static void add(scmp_filter_ctx filter, uint32_t action, const char *name,
		unsigned count, const struct scmp_arg_cmp *arg)
{
	int nr = seccomp_syscall_resolve_name(name);
	int failure;

	if (nr == __NR_SCMP_ERROR)
		return; /* as the runtimes do; names are another test */
	failure = seccomp_rule_add_array(filter, action, nr, count, arg);
	if (failure && failure != -EEXIST)
		fail_msg("%s: %s", name, strerror(-failure));
}

/* libseccomp 2.5.4 forgets the byte order of the target in the returns it
 * adds for long jumps (no matter on the target itself), so a return is read
 * in the order in which it is an answer. */
static void turn_bytes(struct bpf *bpf)
{
	for (size_t i = 0; i < bpf->count; i++) {
		struct sock_filter *op = &bpf->code[i];

		op->code = be16toh(op->code);
		if (op->code == (BPF_RET | BPF_K) &&
		    (op->k == ANSWER_ALLOW || op->k == ANSWER_EPERM))
			continue;
		op->k = be32toh(op->k);
	}
}

static void export(scmp_filter_ctx filter, const struct machine *machine,
		   struct bpf *ret)
{
	int fd = memfd_create("bpf", 0);
	ssize_t len;

	assert_true(fd >= 0);
	assert_int_equal(seccomp_export_bpf(filter, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	len = read(fd, ret->code, sizeof(ret->code));
	close(fd);
	assert_in_range(len, 8, sizeof(ret->code) - 1);
	ret->count = (size_t)len / sizeof(ret->code[0]);
	ret->big_endian = strcmp(machine->name, "s390x") == 0;
	if (ret->big_endian)
		turn_bytes(ret);
	seccomp_release(filter);
}

/* ---- our profile ---- */
static uint64_t number(const struct garita_json *object, const char *key)
{
	uint64_t value;

	assert_int_equal(garita_json_u64(garita_json_get(object, key), &value),
			 0);
	return value;
}

static struct scmp_arg_cmp read_arg(const struct garita_json *rule)
{
	struct garita_json *arg =
		garita_json_item(garita_json_get(rule, "args"), 0);
	const char *op = garita_json_string(garita_json_get(arg, "op"));
	struct scmp_arg_cmp cmp = { .arg = (unsigned)number(arg, "index"),
				    .datum_a = number(arg, "value") };

	assert_non_null(op);
	if (strcmp(op, "SCMP_CMP_EQ") == 0) {
		cmp.op = SCMP_CMP_EQ;
	} else {
		assert_string_equal(op, "SCMP_CMP_MASKED_EQ");
		cmp.op = SCMP_CMP_MASKED_EQ;
		cmp.datum_b = number(arg, "valueTwo");
	}
	return cmp;
}

/* Loads a rule as runc and crun do. */
static void add_rule(scmp_filter_ctx filter, const struct garita_json *rule)
{
	struct garita_json *names = garita_json_get(rule, "names");
	size_t args = garita_json_count(garita_json_get(rule, "args"));
	const char *action =
		garita_json_string(garita_json_get(rule, "action"));
	uint32_t code = SCMP_ACT_ALLOW;
	struct scmp_arg_cmp cmp;

	assert_non_null(action);
	if (strcmp(action, "SCMP_ACT_ALLOW") != 0) {
		assert_string_equal(action, "SCMP_ACT_ERRNO");
		code = SCMP_ACT_ERRNO(number(rule, "errnoRet"));
		/* a rule like the default would be passed over */
		assert_int_not_equal(code, SCMP_ACT_ERRNO(EPERM));
	}
	assert_true(args <= 1); /* runc makes "or" of two */
	if (args)
		cmp = read_arg(rule);
	assert_true(garita_json_count(names) > 0);
	for (size_t i = 0; i < garita_json_count(names); i++)
		add(filter, code,
		    garita_json_string(garita_json_item(names, i)),
		    (unsigned)args, args ? &cmp : NULL);
}

static void compile(const struct machine *machine, garita_caps caps,
		    struct bpf *ret)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *rules =
		garita_json_get(resolve(doc, machine, caps), "syscalls");
	scmp_filter_ctx filter = new_filter(machine);

	for (size_t i = 0; i < garita_json_count(rules); i++)
		add_rule(filter, garita_json_item(rules, i));
	export(filter, machine, ret);
}

/* ---- moby's profile ---- */
static void add_all(scmp_filter_ctx filter, const char *names)
{
	char name[64];

	while (next_name(&names, name, sizeof(name)))
		add(filter, SCMP_ACT_ALLOW, name, 0, NULL);
}

static void add_if(scmp_filter_ctx filter, const char *name, unsigned arg,
		   enum scmp_compare op, uint64_t a, uint64_t b)
{
	struct scmp_arg_cmp cmp = {
		.arg = arg, .op = op, .datum_a = a, .datum_b = b
	};

	add(filter, SCMP_ACT_ALLOW, name, 1, &cmp);
}

static void compile_moby(const struct machine *machine, garita_caps caps,
			 struct bpf *ret)
{
	scmp_filter_ctx filter = new_filter(machine);

	add_all(filter, moby_always);
	add_all(filter, moby_since_4_8);
	for (size_t i = 0; i < GARITA_COUNT(moby_on); i++) {
		if (strcmp(moby_on[i].machine, machine->name) == 0)
			add_all(filter, moby_on[i].names);
	}
	for (size_t i = 0; i < GARITA_COUNT(moby_with); i++) {
		if (caps & GARITA_CAP(moby_with[i].cap))
			add_all(filter, moby_with[i].names);
	}
	if (!(caps & GARITA_CAP(CAP_SYS_ADMIN)))
		add_if(filter, "clone", strcmp(machine->name, "s390x") == 0,
		       SCMP_CMP_MASKED_EQ, 0x7e020000, 0);
	add_if(filter, "socket", 0, SCMP_CMP_LT, 12, 0);
	for (size_t i = 0; i < GARITA_COUNT(moby_families); i++)
		add_if(filter, "socket", 0, SCMP_CMP_EQ, moby_families[i], 0);
	for (size_t i = 0; i < GARITA_COUNT(moby_personalities); i++)
		add_if(filter, "personality", 0, SCMP_CMP_EQ,
		       moby_personalities[i], 0);
	export(filter, machine, ret);
}

/* ---- tests ---- */
/* Runs both filters over numbers and arguments; counts what only moby
 * allows, fails on what only we allow. */
static size_t compare_filters(const struct machine *machine,
			      const struct bpf *ours, const struct bpf *moby)
{
	static const uint64_t samples[] = { 0,
					    1,
					    2,
					    8,
					    9,
					    10,
					    11,
					    12,
					    16,
					    17,
					    18,
					    30,
					    33,
					    38,
					    39,
					    40,
					    45,
					    46,
					    0x20000,
					    0x20008,
					    0x40000,
					    0x7e020000,
					    0x10000000,
					    0x80,
					    0x3d0f00,
					    0xffffffff,
					    0x100000001,
					    0x100000026,
					    UINT64_C(0xffffffff00000001),
					    UINT64_MAX };
	size_t stricter_count = 0;

	for (int nr = 0; nr < LAST_NUMBER; nr++) {
		for (size_t i = 0; i < GARITA_COUNT(samples); i++) {
			uint64_t a[6] = { samples[i], 0 }, b[6] = { 0 };

			b[1] = samples[i];
			for (int second = 0; second < 2; second++) {
				const uint64_t *args = second ? b : a;
				uint32_t o =
					bpf_call(ours, machine->scmp, nr, args);
				uint32_t m =
					bpf_call(moby, machine->scmp, nr, args);

				if (o == ANSWER_ALLOW && m != ANSWER_ALLOW)
					fail_msg("%s: only we allow %d(%#lx)",
						 machine->name, nr,
						 (unsigned long)samples[i]);
				stricter_count += o != m;
			}
		}
	}
	return stricter_count;
}

static void test_nothing_is_looser_than_moby(void **state)
{
	auto_free struct bpf *ours = garita_xalloc(sizeof(*ours));
	auto_free struct bpf *moby = garita_xalloc(sizeof(*moby));

	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(machines); m++) {
		for (size_t c = 0; c < GARITA_COUNT(cap_sets); c++) {
			compile(&machines[m], cap_sets[c], ours);
			compile_moby(&machines[m], cap_sets[c], moby);
			assert_true(compare_filters(&machines[m], ours, moby) >
				    0);
		}
	}
}

#define ADMIN GARITA_CAP(CAP_SYS_ADMIN)

static const struct {
	const char *why, *call;
	garita_caps caps;
	uint64_t args[6];
	uint32_t answer;
} verdicts[] = {
	{ "unix", "socket", 0, { 1, 1 }, ANSWER_ALLOW },
	{ "inet", "socket", 0, { 2, 1 }, ANSWER_ALLOW },
	{ "inet6", "socket", 0, { 10, 1 }, ANSWER_ALLOW },
	{ "netlink", "socket", 0, { 16, 3 }, ANSWER_ALLOW },
	{ "packet", "socket", 0, { 17, 3 }, ANSWER_EPERM },
	{ "packet", "socket", DEFAULT_14, { 17, 3 }, ANSWER_ALLOW },
	{ "no family", "socket", GARITA_CAPS_ALL, { 0, 1 }, ANSWER_EPERM },
	{ "rxrpc", "socket", GARITA_CAPS_ALL, { 33, 2 }, ANSWER_EPERM },
	{ "AF_ALG", "socket", GARITA_CAPS_ALL, { 38, 5 }, ANSWER_EPERM },
	{ "AF_VSOCK", "socket", GARITA_CAPS_ALL, { 40, 1 }, ANSWER_EPERM },
	{ "newer than AF_XDP", "socket", 0, { 46, 1 }, ANSWER_EPERM },
	{ "38 after the kernel has cut it to 32 bits",
	  "socket",
	  GARITA_CAPS_ALL,
	  { UINT64_C(0x100000026), 5 },
	  ANSWER_EPERM },
	{ "allowed family, but not in 64 bits",
	  "socket",
	  0,
	  { UINT64_C(0x100000001), 1 },
	  ANSWER_EPERM },
	{ "unix pair", "socketpair", 0, { 1, 1 }, ANSWER_ALLOW },
	{ "AF_ALG pair", "socketpair", 0, { 38, 5 }, ANSWER_EPERM },
	{ "fork", "clone", 0, { 0x11 }, ANSWER_ALLOW },
	{ "flags of pthread_create", "clone", 0, { 0x3d0f00 }, ANSWER_ALLOW },
	{ "all flags but the seven",
	  "clone",
	  0,
	  { UINT64_C(0xffffffff81fdffff) },
	  ANSWER_ALLOW },
	{ "new mount namespace", "clone", 0, { 0x20011 }, ANSWER_EPERM },
	{ "new cgroup namespace", "clone", 0, { 0x2000000 }, ANSWER_EPERM },
	{ "new uts namespace", "clone", 0, { 0x4000000 }, ANSWER_EPERM },
	{ "new ipc namespace", "clone", 0, { 0x8000000 }, ANSWER_EPERM },
	{ "new user namespace", "clone", 0, { 0x10000000 }, ANSWER_EPERM },
	{ "new pid namespace", "clone", 0, { 0x20000000 }, ANSWER_EPERM },
	{ "new network", "clone", 0, { 0x40000000 }, ANSWER_EPERM },
	{ "with SYS_ADMIN", "clone", ADMIN, { 0x7e020011 }, ANSWER_ALLOW },
	{ "flags behind a pointer", "clone3", 0, { 1, 88 }, ANSWER_ENOSYS },
	{ "with SYS_ADMIN", "clone3", ADMIN, { 1, 88 }, ANSWER_ALLOW },
	{ "linux", "personality", 0, { 0 }, ANSWER_ALLOW },
	{ "asking", "personality", 0, { 0xffffffff }, ANSWER_ALLOW },
	{ "no address randomisation",
	  "personality",
	  0,
	  { 0x40000 },
	  ANSWER_EPERM },
	{ "executable data",
	  "personality",
	  GARITA_CAPS_ALL,
	  { 0x400000 },
	  ANSWER_EPERM },
	{ "asking in 64 bits", "personality", 0, { UINT64_MAX }, ANSWER_EPERM },
	{ "any", "mount", DEFAULT_14, { 0 }, ANSWER_EPERM },
	{ "any", "mount", ADMIN, { 0 }, ANSWER_ALLOW },
	{ "any", "unshare", DEFAULT_14, { 0x10000000 }, ANSWER_EPERM },
	{ "any", "setns", DEFAULT_14, { 3, 0 }, ANSWER_EPERM },
	{ "any", "bpf", DEFAULT_14, { 0 }, ANSWER_EPERM },
	{ "any", "bpf", GARITA_CAP(CAP_BPF), { 0 }, ANSWER_ALLOW },
	{ "any", "keyctl", GARITA_CAPS_ALL, { 0 }, ANSWER_EPERM },
	{ "any", "io_uring_setup", GARITA_CAPS_ALL, { 1 }, ANSWER_EPERM },
	{ "any", "userfaultfd", GARITA_CAPS_ALL, { 0 }, ANSWER_EPERM },
	{ "any", "kexec_load", GARITA_CAPS_ALL, { 0 }, ANSWER_EPERM },
	{ "any", "chroot", 0, { 0 }, ANSWER_EPERM },
	{ "any", "chroot", DEFAULT_14, { 0 }, ANSWER_ALLOW },
	{ "any", "read", 0, { 0 }, ANSWER_ALLOW },
	{ "any", "execve", 0, { 0 }, ANSWER_ALLOW },
};

static void test_verdicts(void **state)
{
	auto_free struct bpf *bpf = garita_xalloc(sizeof(*bpf));

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(verdicts); i++) {
		int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64,
							   verdicts[i].call);
		uint32_t answer;

		assert_true(nr >= 0);
		compile(&machines[0], verdicts[i].caps, bpf);
		answer = bpf_call(bpf, AUDIT_ARCH_X86_64, nr, verdicts[i].args);
		if (answer != verdicts[i].answer)
			fail_msg("%s (%s): %#x", verdicts[i].call,
				 verdicts[i].why, answer);
	}
}

/* A program for x86_64 can still make the calls of i386 and x32. */
static void test_other_tables_are_killed(void **state)
{
	static const uint64_t args[6] = { 1 };
	auto_free struct bpf *bpf = garita_xalloc(sizeof(*bpf));

	(void)state;
	compile(&machines[0], GARITA_CAPS_ALL, bpf);
	for (int nr = 0; nr < LAST_NUMBER; nr++) {
		assert_int_equal(bpf_call(bpf, AUDIT_ARCH_I386, nr, args),
				 ANSWER_KILL);
		assert_int_equal(bpf_call(bpf, AUDIT_ARCH_AARCH64, nr, args),
				 ANSWER_KILL);
		assert_int_equal(
			bpf_call(bpf, AUDIT_ARCH_X86_64, 0x40000000 | nr, args),
			ANSWER_KILL);
	}
}

/* Where a machine differs in more than its numbers. */
static void test_machines_of_their_own(void **state)
{
	static const struct {
		const char *machine, *call, *why;
		uint64_t args[6];
		uint32_t answer;
	} rows[] = {
		{ "s390x",
		  "clone",
		  "flags are second",
		  { 0x20000000, 0x11 },
		  ANSWER_ALLOW },
		{ "s390x",
		  "clone",
		  "new user namespace",
		  { 0, 0x10000011 },
		  ANSWER_EPERM },
		{ "aarch64",
		  "clone",
		  "new user namespace",
		  { 0x10000011 },
		  ANSWER_EPERM },
		{ "ppc64le",
		  "socketcall",
		  "families behind a pointer",
		  { 1 },
		  ANSWER_ENOSYS },
		{ "ppc64le", "socketcall", "accept", { 5 }, ANSWER_ENOSYS },
		{ "s390x",
		  "socketcall",
		  "the only way of an old glibc",
		  { 1 },
		  ANSWER_ALLOW },
	};
	auto_free struct bpf *bpf = garita_xalloc(sizeof(*bpf));

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		size_t m = 0;
		uint32_t answer;

		while (strcmp(machines[m].name, rows[i].machine) != 0)
			m++;
		compile(&machines[m], 0, bpf);
		answer = bpf_call(bpf, machines[m].scmp,
				  seccomp_syscall_resolve_name_arch(
					  machines[m].scmp, rows[i].call),
				  rows[i].args);
		if (answer != rows[i].answer)
			fail_msg("%s on %s (%s): %#x", rows[i].call,
				 rows[i].machine, rows[i].why, answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_looser_than_moby),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_other_tables_are_killed),
		cmocka_unit_test(test_machines_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
