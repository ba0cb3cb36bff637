/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp_oracle - comparisons and intersections against an oracle that
 * shares nothing with them: libseccomp makes a filter of each profile and both
 * filters are run. Whatever A's filter lets through and B's does not must have
 * been told, and whatever was told must be so.
 *
 * Profiles are made at random from a fixed seed, with one rule a call: on some
 * sets of conditions for one call libseccomp 2.5.4 never comes to an end, and
 * on others its filter is not what the profile says. And then the real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "garita/memory.h"
#include "garita/seccomp.h"
#include "tests/unit/seccomp_load.h"

enum { PAIRS = 3000 };

/* splitmix64 */
static uint64_t draw(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t pick(uint64_t *seed, size_t below)
{
	return (size_t)(draw(seed) % below);
}

static const char *const calls[] = { "read", "socket", "clone", "ioctl" };
static const char unnamed[] = "getpid";

static const uint64_t constants[] = {
	0,
	1,
	2,
	3,
	7,
	8,
	0x26,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000026,
	0x7e020000,
	UINT64_C(0x8000000000000000),
	UINT64_MAX - 1,
	UINT64_MAX,
};

static const char *random_action(uint64_t *seed, bool lets)
{
	static const char *const stops[] = { "SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO",
					     "SCMP_ACT_KILL", "SCMP_ACT_TRAP" };
	static const char *const others[] = { "SCMP_ACT_ALLOW",
					      "SCMP_ACT_ALLOW",
					      "SCMP_ACT_LOG" };

	return lets ? others[pick(seed, GARITA_COUNT(others))]
		    : stops[pick(seed, GARITA_COUNT(stops))];
}

struct shape {
	bool both_kinds; /* rules that let and rules that stop one call */
	uint64_t masks;  /* bits that masks may have */
	size_t args;     /* most conditions of a rule */
};

static void random_rule(uint64_t *seed, const struct shape *shape, bool lets,
			const char *call, struct garita_text *out)
{
	static const char *const ops[] = { "NE", "LT", "LE",       "EQ",
					   "GE", "GT", "MASKED_EQ" };
	size_t count = pick(seed, shape->args + 1);
	unsigned seen = 0;

	garita_text_printf(out,
			   "{\"names\":[\"%s\"],\"action\":\"%s\",\"errnoRet\":"
			   "%d,\"args\":[",
			   call, lets ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO",
			   ENOSYS);
	for (size_t i = 0; i < count; i++) {
		size_t index = pick(seed, 3),
		       op = pick(seed, GARITA_COUNT(ops));
		uint64_t value = constants[pick(seed, GARITA_COUNT(constants))];
		uint64_t two = constants[pick(seed, GARITA_COUNT(constants))];

		if (op == GARITA_COUNT(ops) - 1)
			value = (value & shape->masks) | 8;
		if (seen >> index & 1)
			continue;
		garita_text_printf(out,
				   "%s{\"index\":%zu,\"value\":%lu,"
				   "\"valueTwo\":%lu,\"op\":\"SCMP_CMP_%s\"}",
				   seen ? "," : "", index, (unsigned long)value,
				   (unsigned long)(two & value), ops[op]);
		seen |= 1u << index;
	}
	garita_text_puts(out, "]}");
}

static struct garita_json_doc *random_profile(uint64_t *seed,
					      const struct shape *shape)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	bool other = pick(seed, 3) == 0;
	size_t rules = pick(seed, GARITA_COUNT(calls) + 1);
	auto_text text = { 0 };

	garita_text_printf(&text, "{\"defaultAction\":\"%s\",\"syscalls\":[",
			   random_action(seed, other));
	for (size_t i = 0; i < rules; i++) {
		if (i > 0)
			garita_text_putc(&text, ',');
		random_rule(seed, shape, !other, calls[i], &text);
	}
	garita_text_puts(&text, "]}");
	if (garita_json_parse(text.data, text.len, GARITA_JSON_STRICT, &doc,
			      &err) < 0)
		fail_msg("%s: %s", text.data, err.text);
	return doc;
}

static struct garita_seccomp *must_read(const struct garita_json *profile)
{
	struct garita_seccomp *read = NULL;
	struct garita_error err = { 0 };

	if (garita_seccomp_read(profile, "x86_64", &read, &err) < 0)
		fail_msg("%s", err.text);
	return read;
}

/* ---- a third reading, by the words of the profile alone ---- */
static bool plain_holds(const struct garita_json *arg, const uint64_t args[6])
{
	struct scmp_arg_cmp cmp = load_arg(arg);
	uint64_t value = args[cmp.arg];

	switch ((int)cmp.op) {
	case SCMP_CMP_NE:
		return value != cmp.datum_a;
	case SCMP_CMP_LT:
		return value < cmp.datum_a;
	case SCMP_CMP_LE:
		return value <= cmp.datum_a;
	case SCMP_CMP_EQ:
		return value == cmp.datum_a;
	case SCMP_CMP_GE:
		return value >= cmp.datum_a;
	case SCMP_CMP_GT:
		return value > cmp.datum_a;
	default:
		return (value & cmp.datum_a) == cmp.datum_b;
	}
}

static bool is_let(uint32_t action)
{
	return action == SCMP_ACT_ALLOW || action == SCMP_ACT_LOG;
}

/* Of a profile whose rules all do the same. */
static bool plain_lets(const struct garita_json *profile, const char *name,
		       const uint64_t args[6])
{
	const struct garita_json *rules = garita_json_get(profile, "syscalls");
	bool other = is_let(
		load_action(profile, "defaultAction", "defaultErrnoRet"));

	for (size_t i = 0; i < garita_json_count(rules); i++) {
		const struct garita_json *rule = garita_json_item(rules, i);
		const struct garita_json *list = garita_json_get(rule, "args");
		const struct garita_json *names =
			garita_json_get(rule, "names");
		bool holds = false;

		for (size_t n = 0; n < garita_json_count(names); n++)
			holds |= strcmp(garita_json_string(
						garita_json_item(names, n)),
					name) == 0;
		for (size_t n = 0; n < garita_json_count(list); n++)
			holds = holds &&
				plain_holds(garita_json_item(list, n), args);
		if (holds)
			return is_let(load_action(rule, "action", "errnoRet"));
	}
	return other;
}

/* Two profiles in every form. */
struct pair {
	struct garita_json *trees[3]; /* A, B, both */
	struct garita_seccomp *read[3];
	struct bpf bpf[3];
	enum garita_seccomp_relation relation;
	size_t sure;
	bool plain;          /* the words alone say what it does */
	size_t asked, wrong; /* of filters, and where they disagree */
};

/* What a profile does with a call, when libseccomp's filter does what the
 * profile says. It does not always: merging 64-bit comparisons is where 2.5.4
 * is wrong (GHSA-4q85-33p6-j5g6), and then it decides nothing here. */
static bool lets(struct pair *pair, size_t i, const char *name,
		 const uint64_t args[6], bool *ret)
{
	int nr = seccomp_syscall_resolve_name(name);
	bool filter;
	bool plain = plain_lets(pair->trees[i], name, args);

	if (i == 2) {
		*ret = plain;
		return true;
	}
	filter = load_lets(&pair->bpf[i], nr, args);
	pair->asked++;
	if (pair->plain && filter != plain) {
		pair->wrong++;
		return false;
	}
	*ret = filter;
	return true;
}

static void print_pair(const struct pair *pair)
{
	for (size_t i = 0; i < 3; i++) {
		auto_text text = { 0 };

		garita_json_print(pair->trees[i], &text);
		print_message("%s\n", text.data);
	}
}

static void check_witness(const struct garita_seccomp_witness *witness,
			  void *data)
{
	struct pair *pair = data;
	const char *name = witness->name ? witness->name : unnamed;
	auto_text words = { 0 };
	bool a, b;

	if (!witness->sure || witness->is_arch ||
	    seccomp_syscall_resolve_name(name) < 0)
		return;
	pair->sure++;
	garita_seccomp_words(witness, &words);
	if (lets(pair, 0, name, witness->args, &a) &&
	    lets(pair, 1, name, witness->args, &b) && (!a || b)) {
		print_pair(pair);
		fail_msg("%s is no witness", words.data);
	}
}

static void check_call(struct pair *pair, const char *name,
		       const uint64_t args[6])
{
	bool a, b, both;

	if (!lets(pair, 0, name, args, &a) || !lets(pair, 1, name, args, &b))
		return;
	if (pair->relation == GARITA_SECCOMP_NO_LOOSER && a && !b) {
		print_pair(pair);
		fail_msg("%s(%#lx, %#lx, %#lx) was not told", name,
			 (unsigned long)args[0], (unsigned long)args[1],
			 (unsigned long)args[2]);
	}
	if (lets(pair, 2, name, args, &both) && both && !(a && b)) {
		print_pair(pair);
		fail_msg("%s(%#lx, %#lx, %#lx) is in the intersection", name,
			 (unsigned long)args[0], (unsigned long)args[1],
			 (unsigned long)args[2]);
	}
}

/* Constants, their neighbours, and bits of one in another. */
static uint64_t random_arg(uint64_t *seed)
{
	uint64_t value = constants[pick(seed, GARITA_COUNT(constants))];
	uint64_t other = constants[pick(seed, GARITA_COUNT(constants))];

	switch (pick(seed, 6)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value & other;
	case 3:
		return value ^ other;
	case 4:
		return draw(seed);
	default:
		return value;
	}
}

static void make_pair(struct pair *pair, struct garita_json_doc *made,
		      struct garita_json *a, struct garita_json *b)
{
	struct garita_error err = { 0 };

	pair->trees[0] = a;
	pair->trees[1] = b;
	pair->trees[2] = garita_json_new_object(made);
	pair->sure = 0;
	for (size_t i = 0; i < 2; i++) {
		pair->read[i] = must_read(pair->trees[i]);
		load_profile(pair->trees[i], &pair->bpf[i]);
	}
	pair->relation = garita_seccomp_compare(
		pair->read[0], pair->read[1], NULL, NULL, check_witness, pair);
	assert_int_equal(garita_seccomp_intersect(pair->read[0], pair->read[1],
						  NULL, NULL, made,
						  pair->trees[2], &err),
			 0);
	pair->read[2] = must_read(pair->trees[2]);
	if (!pair->plain) /* of some it never makes a filter, see above */
		load_profile(pair->trees[2], &pair->bpf[2]);
}

/* By our own judgement too. */
static void check_intersection(const struct pair *pair)
{
	for (size_t i = 0; i < 2; i++) {
		enum garita_seccomp_relation relation = garita_seccomp_compare(
			pair->read[2], pair->read[i], NULL, NULL, NULL, NULL);

		if (relation == GARITA_SECCOMP_LOOSER) {
			print_pair(pair);
			fail_msg("the intersection is looser than %s",
				 i ? "B" : "A");
		}
	}
}

static void free_pair(struct pair *pair)
{
	for (size_t i = 0; i < 3; i++)
		garita_seccomp_free(pair->read[i]);
}

static struct garita_json_doc *read_sample(const char *name)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	auto_free char *text = garita_xalloc(1 << 18);
	auto_text path = { 0 };
	FILE *file;
	size_t len;

	garita_text_printf(&path, "%s/tests/samples/engines/%s/config.json",
			   GARITA_SRC_DIR, name);
	file = fopen(path.data, "re");
	assert_non_null(file);
	len = fread(text, 1, 1 << 18, file);
	fclose(file);
	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, &err) < 0)
		fail_msg("%s: %s", path.data, err.text);
	return doc;
}

/* Every number of x86_64, with arguments that profiles ask about: what the
 * intersection lets through, both do. */
static void try_all_calls(struct pair *pair, uint64_t *seed)
{
	static const uint64_t asked[] = { 0,  1,       2,          8,    9,
					  10, 16,      17,         38,   40,
					  44, 0x20000, 0x7e020000, 0x11, 0x80 };

	for (int nr = 0; nr < 480; nr++) {
		for (size_t i = 0; i < 60; i++) {
			uint64_t args[6] = {
				asked[i % GARITA_COUNT(asked)],
				random_arg(seed),
				asked[pick(seed, GARITA_COUNT(asked))]
			};

			if (load_lets(&pair->bpf[2], nr, args) &&
			    !(load_lets(&pair->bpf[0], nr, args) &&
			      load_lets(&pair->bpf[1], nr, args)))
				fail_msg("call %d(%#lx, ...) is in the "
					 "intersection",
					 nr, (unsigned long)args[0]);
		}
	}
}

/* Counts by relation. */
static void try_random(const struct shape *shape, uint64_t seed,
		       size_t counts[3])
{
	auto_free struct pair *pair = garita_xalloc(sizeof(*pair));

	for (size_t n = 0; n < PAIRS; n++) {
		auto_json struct garita_json_doc *a =
			random_profile(&seed, shape);
		auto_json struct garita_json_doc *b =
			random_profile(&seed, shape);
		auto_json struct garita_json_doc *made = garita_json_new();
		static const uint64_t none[6] = { 0 };

		pair->plain = true;
		make_pair(pair, made, garita_json_root(a), garita_json_root(b));
		counts[pair->relation]++;
		if (pair->relation == GARITA_SECCOMP_LOOSER)
			assert_true(pair->sure > 0);
		check_call(pair, unnamed, none);
		for (size_t i = 0; i < 200; i++) {
			uint64_t args[6] = { random_arg(&seed),
					     random_arg(&seed),
					     random_arg(&seed) };

			check_call(pair, calls[i % GARITA_COUNT(calls)], args);
		}
		check_intersection(pair);
		free_pair(pair);
	}
	print_message("# %zu no looser, %zu cannot tell, %zu looser; "
		      "libseccomp wrong %zu of %zu times\n",
		      counts[0], counts[1], counts[2], pair->wrong,
		      pair->asked);
	assert_true(pair->wrong < pair->asked / 20);
}

static void test_rules_of_one_kind(void **state)
{
	static const struct shape shape = { .args = 3, .masks = 0x1e02000f };
	size_t counts[3] = { 0 };

	(void)state;
	try_random(&shape, 1, counts);
	assert_true(counts[GARITA_SECCOMP_NO_LOOSER] > PAIRS / 20);
	assert_true(counts[GARITA_SECCOMP_LOOSER] > PAIRS / 20);
	/* Nothing is in doubt: it must be exact. */
	assert_int_equal(counts[GARITA_SECCOMP_CANNOT_TELL], 0);
}

/* The real ones: what an engine writes, and ours. */
static void test_engines(void **state)
{
	static const char *const files[] = {
		"docker-20.10.24", "docker-28.5.2", "podman-4.3.1",
		"podman-5.8.6",    "crio-1.37.0",   "containerd-cri-2.1.9",
	};
	auto_free struct pair *pair = garita_xalloc(sizeof(*pair));
	uint64_t seed = 4;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		auto_json struct garita_json_doc *doc = read_sample(files[i]);
		auto_json struct garita_json_doc *made = garita_json_new();
		struct garita_json *a =
			garita_json_at(garita_json_root(doc), "/linux/seccomp");
		struct garita_json *b = garita_seccomp_default(
			made, UINT64_C(0xa80425fb), "x86_64", 6, 1);

		pair->plain = false;
		make_pair(pair, made, a, b);
		assert_int_equal(pair->relation, GARITA_SECCOMP_LOOSER);
		assert_true(pair->sure > 3);
		check_intersection(pair);
		try_all_calls(pair, &seed);
		free_pair(pair);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_of_one_kind),
		cmocka_unit_test(test_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
