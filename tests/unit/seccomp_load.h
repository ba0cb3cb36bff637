/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_load - a linux.seccomp object as libseccomp's filter, loaded rule by
 * rule as runc does: the independent reading that comparisons are held to.
 */
#ifndef GARITA_TESTS_SECCOMP_LOAD_H
#define GARITA_TESTS_SECCOMP_LOAD_H

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "garita/json.h"
#include "tests/unit/bpf.h"

static inline uint64_t load_number(const struct garita_json *object,
				   const char *key, uint64_t otherwise)
{
	uint64_t value = otherwise;

	if (garita_json_get(object, key))
		assert_int_equal(
			garita_json_u64(garita_json_get(object, key), &value),
			0);
	return value;
}

static inline uint32_t load_action(const struct garita_json *object,
				   const char *key, const char *number)
{
	const char *name = garita_json_string(garita_json_get(object, key));
	unsigned data = (unsigned)load_number(object, number, EPERM);

	assert_non_null(name);
	if (strcmp(name, "SCMP_ACT_ALLOW") == 0)
		return SCMP_ACT_ALLOW;
	if (strcmp(name, "SCMP_ACT_LOG") == 0)
		return SCMP_ACT_LOG;
	if (strcmp(name, "SCMP_ACT_TRAP") == 0)
		return SCMP_ACT_TRAP;
	if (strcmp(name, "SCMP_ACT_KILL") == 0)
		return SCMP_ACT_KILL_THREAD;
	if (strcmp(name, "SCMP_ACT_KILL_PROCESS") == 0)
		return SCMP_ACT_KILL_PROCESS;
	if (strcmp(name, "SCMP_ACT_TRACE") == 0)
		return SCMP_ACT_TRACE(data);
	assert_string_equal(name, "SCMP_ACT_ERRNO");
	return SCMP_ACT_ERRNO(data);
}

static inline struct scmp_arg_cmp load_arg(const struct garita_json *arg)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} ops[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};
	const char *op = garita_json_string(garita_json_get(arg, "op"));
	struct scmp_arg_cmp cmp = {
		.arg = (unsigned)load_number(arg, "index", 0),
		.datum_a = load_number(arg, "value", 0),
		.datum_b = load_number(arg, "valueTwo", 0),
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, op) == 0)
			cmp.op = ops[i].op;
	}
	assert_true(cmp.op != _SCMP_CMP_MIN);
	return cmp;
}

static inline void load_one(scmp_filter_ctx filter, uint32_t action,
			    const char *name, unsigned count,
			    const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int failure = nr == __NR_SCMP_ERROR
			      ? 0
			      : seccomp_rule_add_array(filter, action, nr,
						       count, args);

	if (failure && failure != -EEXIST)
		fail_msg("%s: %s", name, strerror(-failure));
}

static inline void load_rule(scmp_filter_ctx filter, uint32_t otherwise,
			     const struct garita_json *rule)
{
	const struct garita_json *names = garita_json_get(rule, "names");
	const struct garita_json *list = garita_json_get(rule, "args");
	unsigned count = (unsigned)garita_json_count(list), seen = 0;
	uint32_t action = load_action(rule, "action", "errnoRet");
	struct scmp_arg_cmp args[64];
	bool repeated = false;

	if (action == otherwise)
		return; /* runc leaves it out */
	assert_true(count <= 64);
	for (unsigned i = 0; i < count; i++) {
		args[i] = load_arg(garita_json_item(list, i));
		repeated |= (seen >> args[i].arg & 1) != 0;
		seen |= 1u << args[i].arg;
	}
	for (size_t n = 0; n < garita_json_count(names); n++) {
		const char *name =
			garita_json_string(garita_json_item(names, n));

		if (!repeated)
			load_one(filter, action, name, count, args);
		for (unsigned i = 0; repeated && i < count; i++)
			load_one(filter, action, name, 1, &args[i]);
	}
}

/* A profile for x86_64; other architectures of it are not loaded. */
static inline void load_profile(const struct garita_json *profile,
				struct bpf *ret)
{
	const struct garita_json *rules = garita_json_get(profile, "syscalls");
	uint32_t otherwise =
		load_action(profile, "defaultAction", "defaultErrnoRet");
	scmp_filter_ctx filter;
	int fd = memfd_create("bpf", 0);
	ssize_t len;

	/* Every action there is, whatever the kernel (or valgrind) has. */
	assert_int_equal(seccomp_api_set(3), 0);
	filter = seccomp_init(otherwise);
	assert_non_null(filter);
	assert_true(fd >= 0);
	for (size_t i = 0; i < garita_json_count(rules); i++)
		load_rule(filter, otherwise, garita_json_item(rules, i));
	assert_int_equal(seccomp_export_bpf(filter, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	len = read(fd, ret->code, sizeof(ret->code));
	close(fd);
	assert_in_range(len, 8, sizeof(ret->code) - 1);
	ret->count = (size_t)len / sizeof(ret->code[0]);
	ret->big_endian = false;
	seccomp_release(filter);
}

/* Is the call made, or may it be by a third party? */
static inline bool load_lets(const struct bpf *bpf, int nr,
			     const uint64_t args[6])
{
	uint32_t answer = bpf_call(bpf, SCMP_ARCH_X86_64, nr, args);

	return answer < SECCOMP_RET_KILL_PROCESS &&
	       answer >= SECCOMP_RET_USER_NOTIF;
}

#endif
