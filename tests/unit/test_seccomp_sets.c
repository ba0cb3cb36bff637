/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_seccomp_sets - what is settled for many calls at once is what each call
 * would be told by itself.
 *
 * A profile keeps calls of one answer as a set. Here each is also made a second
 * time with no sets at all: then every call goes through its rules and cells.
 * Both must read, compare and intersect alike, and a reading must be what the
 * profile's words say. On what engines write, on ours, and on both changed at
 * random from a fixed seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/seccomp.h"
#include "policy/seccomp_profile.h"

enum { ROUNDS = 1500, MOST_SAMPLES = 48 };

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

/* ---- profiles as texts ---- */
struct samples {
	char *texts[MOST_SAMPLES];
	size_t count;
};

static void add_sample(struct samples *to, const struct garita_json *profile)
{
	struct garita_text text = { 0 };

	assert_true(to->count < MOST_SAMPLES);
	garita_json_print(profile, &text);
	to->texts[to->count++] = garita_text_take(&text);
}

static struct garita_json_doc *parse(const char *text, size_t len)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, &err) < 0)
		fail_msg("%s", err.text);
	return doc;
}

static void add_file(struct samples *to, const char *path)
{
	auto_free char *text = garita_xalloc(1 << 18);
	auto_json struct garita_json_doc *doc = NULL;
	FILE *file = fopen(path, "re");
	struct garita_json *profile;
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, 1 << 18, file);
	fclose(file);
	doc = parse(text, len);
	profile = garita_json_at(garita_json_root(doc), "/linux/seccomp");
	if (profile != NULL)
		add_sample(to, profile);
}

static void add_built_in(struct samples *to)
{
	static const garita_caps sets[] = { 0, UINT64_C(0xa80425fb),
					    GARITA_CAP(21), GARITA_CAPS_ALL };

	for (size_t i = 0; i < GARITA_COUNT(sets); i++) {
		auto_json struct garita_json_doc *doc = garita_json_new();

		add_sample(to, garita_seccomp_default(doc, sets[i], "x86_64", 6,
						      1));
	}
}

static void make_samples(struct samples *ret)
{
	glob_t found;

	assert_int_equal(glob(GARITA_SRC_DIR
			      "/tests/samples/engines/*/config.json",
			      0, NULL, &found),
			 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		add_file(ret, found.gl_pathv[i]);
	globfree(&found);
	assert_true(ret->count >= 6);
	add_built_in(ret);
}

/* ---- changes ---- */
static const char *const unknown[] = { "teleport", "beam_up", "warp" };
static const char *const actions[] = {
	"SCMP_ACT_ALLOW",        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",
	"SCMP_ACT_ERRNO",        "SCMP_ACT_LOG",   "SCMP_ACT_KILL",
	"SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",  "SCMP_ACT_NOTIFY",
	"SCMP_ACT_TRACE",
};
static const char *const arches[] = {
	"SCMP_ARCH_X86_64", "SCMP_ARCH_X86",  "SCMP_ARCH_X32",
	"SCMP_ARCH_S390X",  "SCMP_ARCH_MIPS", "SCMP_ARCH_PPC64LE",
};
static const char *const machines[] = { "x86_64", "x86_64",  "x86_64",
					"s390x",  "ppc64le", "aarch64" };

static struct garita_json *random_name(uint64_t *seed,
				       struct garita_json_doc *doc)
{
	static const char *const odd[] = { "teleport", "socketcall", "ipc",
					   "clone",    "socket",     "beam_up",
					   "clone3",   "personality" };
	size_t call = pick(seed, GARITA_SECCOMP_CALLS);

	return garita_json_new_string(
		doc, pick(seed, 8) == 0 ? odd[pick(seed, GARITA_COUNT(odd))]
					: garita_seccomp_call_name(call));
}

static struct garita_json *random_args(uint64_t *seed,
				       struct garita_json_doc *doc)
{
	static const char *const ops[] = {
		"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",
		"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
		"SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ",
	};
	static const uint64_t values[] = { 0,  1,  2,          8,
					   38, 40, 0x7e020000, UINT64_MAX };
	struct garita_json *args = garita_json_new_array(doc);

	for (size_t i = pick(seed, 2) + 1; i > 0; i--) {
		struct garita_json *arg = garita_json_new_object(doc);

		garita_json_put_u64(doc, arg, "index", pick(seed, 3));
		garita_json_put_u64(doc, arg, "value", values[pick(seed, 8)]);
		if (pick(seed, 2) == 0)
			garita_json_put_u64(doc, arg, "valueTwo",
					    values[pick(seed, 8)]);
		garita_json_put_string(doc, arg, "op",
				       ops[pick(seed, GARITA_COUNT(ops))]);
		garita_json_append(doc, args, arg);
	}
	return args;
}

static void add_random_rule(uint64_t *seed, struct garita_json_doc *doc,
			    struct garita_json *rules)
{
	static const uint64_t numbers[] = { 1, 38, 22, 5, 999 };
	struct garita_json *rule = garita_json_new_object(doc);
	struct garita_json *names = garita_json_new_array(doc);

	for (size_t i = pick(seed, 20) + 1; i > 0; i--)
		garita_json_append(doc, names, random_name(seed, doc));
	garita_json_put(doc, rule, "names", names);
	garita_json_put_string(doc, rule, "action",
			       actions[pick(seed, GARITA_COUNT(actions))]);
	if (pick(seed, 2) == 0)
		garita_json_put_u64(doc, rule, "errnoRet",
				    numbers[pick(seed, GARITA_COUNT(numbers))]);
	if (pick(seed, 3) == 0)
		garita_json_put(doc, rule, "args", random_args(seed, doc));
	garita_json_append(doc, rules, rule);
}

static void change(uint64_t *seed, struct garita_json_doc *doc)
{
	struct garita_json *profile = garita_json_root(doc);
	struct garita_json *rules = garita_json_get(profile, "syscalls");
	size_t count = garita_json_count(rules);
	size_t at = pick(seed, count > 0 ? count : 1);
	struct garita_json *rule = garita_json_item(rules, at);
	struct garita_json *names = garita_json_get(rule, "names"), *list;
	size_t name_count = garita_json_count(names);

	switch (pick(seed, 8)) {
	case 0:
		garita_json_put_string(
			doc, profile, "defaultAction",
			actions[pick(seed, GARITA_COUNT(actions))]);
		break;
	case 1:
		list = garita_json_new_array(doc);
		for (size_t i = pick(seed, 4); i > 0; i--)
			garita_json_append(
				doc, list,
				garita_json_new_string(
					doc,
					arches[pick(seed,
						    GARITA_COUNT(arches))]));
		garita_json_put(doc, profile, "architectures", list);
		break;
	case 2:
		garita_json_remove_item(rules, at);
		break;
	case 3:
		if (name_count > 0)
			garita_json_remove_item(names, pick(seed, name_count));
		break;
	case 4:
		garita_json_append(doc, names, random_name(seed, doc));
		break;
	case 5:
		if (rule != NULL)
			garita_json_put_string(
				doc, rule, "action",
				actions[pick(seed, GARITA_COUNT(actions))]);
		break;
	default:
		add_random_rule(seed, doc, rules);
		break;
	}
}

static struct garita_json_doc *random_profile(uint64_t *seed,
					      const struct samples *samples)
{
	static const size_t changes[] = { 0, 1, 2, 5, 15 };
	const char *text = samples->texts[pick(seed, samples->count)];
	struct garita_json_doc *doc = parse(text, strlen(text));

	for (size_t i = changes[pick(seed, GARITA_COUNT(changes))]; i > 0; i--)
		change(seed, doc);
	return doc;
}

/* ---- two forms of a profile ---- */
static struct garita_seccomp *must_read(const struct garita_json *profile,
					const char *machine)
{
	struct garita_seccomp *read = NULL;
	struct garita_error err = { 0 };

	if (garita_seccomp_read(profile, machine, &read, &err) < 0)
		fail_msg("%s", err.text);
	return read;
}

/* The same with every rule in the list of its call: all sets are given to an
 * answer that there is not. */
static struct garita_seccomp *without_sets(const struct garita_seccomp *of)
{
	static const struct garita_seccomp_answer none = {
		GARITA_SECCOMP_KILL_PROCESS, 1
	};
	struct garita_seccomp *made =
		garita_seccomp_new(of->otherwise, of->native, of->arches);
	size_t end = GARITA_SECCOMP_CALLS + of->unknown_count;

	made->confines = of->confines;
	made->group_count = GARITA_SECCOMP_GROUPS;
	for (size_t i = 0; i < GARITA_SECCOMP_GROUPS; i++)
		made->groups[i].rule.answer = none;
	for (size_t call = 0; call < end; call++) {
		const char *name = garita_seccomp_name(of, call);
		int to = garita_seccomp_index(made, name, SIZE_MAX);

		assert_true(to >= 0);
		for (const struct garita_seccomp_case *c =
			     garita_seccomp_first(of, (int)call);
		     c; c = garita_seccomp_next(of, c)) {
			size_t from = made->condition_count;

			for (size_t i = 0; i < c->count; i++)
				garita_seccomp_add_condition(
					made, &of->conditions[c->from + i]);
			garita_seccomp_add(made, (size_t)to, c->answer,
					   c->doubtful, from, c->count);
		}
	}
	return made;
}

static void add_rules(const struct garita_seccomp *of, int call,
		      struct garita_text *to)
{
	const struct garita_seccomp_case *c = garita_seccomp_first(of, call);

	if (c == NULL)
		return;
	garita_text_printf(to, "%s:", garita_seccomp_name(of, (size_t)call));
	for (; c; c = garita_seccomp_next(of, c)) {
		garita_text_printf(to, " %d/%u%s", c->answer.kind,
				   c->answer.number, c->doubtful ? "?" : "");
		for (size_t i = c->from; i < c->from + c->count; i++)
			garita_text_printf(
				to, "(%u %d %" PRIx64 " %" PRIx64 ")",
				of->conditions[i].arg, of->conditions[i].op,
				of->conditions[i].value,
				of->conditions[i].rest);
	}
	garita_text_putc(to, '\n');
}

/* Every call with its rules, in their order. Unknown names have no order. */
static char *rules_of(const struct garita_seccomp *of)
{
	struct garita_text text = { 0 };

	garita_text_printf(&text, "default %d/%u, arches %x\n",
			   of->otherwise.kind, of->otherwise.number,
			   of->arches);
	for (int call = 0; call < GARITA_SECCOMP_CALLS; call++)
		add_rules(of, call, &text);
	for (size_t i = 0; i < GARITA_COUNT(unknown); i++)
		add_rules(
			of,
			garita_seccomp_find(of, unknown[i], strlen(unknown[i])),
			&text);
	return garita_text_take(&text);
}

static void must_be_same(const char *what, char *a, char *b)
{
	size_t at = 0;

	while (a[at] != '\0' && a[at] == b[at])
		at++;
	if (a[at] != b[at])
		fail_msg("%s: ...%.200s\nand without sets ...%.200s", what,
			 a + (at > 60 ? at - 60 : 0),
			 b + (at > 60 ? at - 60 : 0));
	free(a);
	free(b);
}

/* ---- the words of a profile ---- */
static struct garita_seccomp_answer answer_of(const struct garita_json *object,
					      const char *action,
					      const char *number)
{
	static const struct {
		const char *name;
		enum garita_seccomp_kind kind;
	} kinds[] = {
		{ "SCMP_ACT_ALLOW", GARITA_SECCOMP_ALLOW },
		{ "SCMP_ACT_ERRNO", GARITA_SECCOMP_ERRNO },
		{ "SCMP_ACT_LOG", GARITA_SECCOMP_LOG },
		{ "SCMP_ACT_KILL", GARITA_SECCOMP_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", GARITA_SECCOMP_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", GARITA_SECCOMP_TRAP },
		{ "SCMP_ACT_NOTIFY", GARITA_SECCOMP_NOTIFY },
		{ "SCMP_ACT_TRACE", GARITA_SECCOMP_TRACE },
	};
	const char *name = garita_json_string(garita_json_get(object, action));
	struct garita_seccomp_answer answer = { .number = 0 };
	uint64_t read = 1; /* EPERM */
	size_t i = 0;

	garita_json_u64(garita_json_get(object, number), &read);
	while (i < GARITA_COUNT(kinds) && strcmp(kinds[i].name, name) != 0)
		i++;
	assert_true(i < GARITA_COUNT(kinds));
	answer.kind = kinds[i].kind;
	if (answer.kind == GARITA_SECCOMP_ERRNO ||
	    answer.kind == GARITA_SECCOMP_TRACE)
		answer.number = (uint16_t)read;
	return answer;
}

static bool has_rule(const struct garita_seccomp *read, int call,
		     struct garita_seccomp_answer answer, bool conditional)
{
	const struct garita_seccomp_case *c = garita_seccomp_first(read, call);

	while (c && (!garita_seccomp_same(c->answer, answer) ||
		     (c->count > 0 || c->doubtful) != conditional))
		c = garita_seccomp_next(read, c);
	return c != NULL;
}

static int find_slowly(const struct garita_seccomp *read, const char *name)
{
	size_t end = GARITA_SECCOMP_CALLS + read->unknown_count;

	for (size_t call = 0; call < end; call++)
		if (strcmp(garita_seccomp_name(read, call), name) == 0)
			return (int)call;
	fail_msg("%s was not read", name);
	return -1;
}

/* Whoever is named has the rule, if it is not the default, and nobody else has
 * one. */
static void check_reading(const struct garita_json *profile,
			  const struct garita_seccomp *read)
{
	const struct garita_json *rules = garita_json_get(profile, "syscalls");
	struct garita_seccomp_answer other =
		answer_of(profile, "defaultAction", "defaultErrnoRet");
	struct garita_seccomp_set named = { { 0 } };

	for (size_t r = 0; r < garita_json_count(rules); r++) {
		struct garita_json *rule = garita_json_item(rules, r);
		struct garita_json *names = garita_json_get(rule, "names");
		struct garita_seccomp_answer answer =
			answer_of(rule, "action", "errnoRet");
		bool conditional =
			garita_json_count(garita_json_get(rule, "args")) > 0;

		for (size_t n = 0; n < garita_json_count(names); n++) {
			const char *name =
				garita_json_string(garita_json_item(names, n));
			int call = find_slowly(read, name);

			if (garita_seccomp_same(answer, other))
				continue;
			garita_seccomp_put(&named, (size_t)call);
			if (!has_rule(read, call, answer, conditional))
				fail_msg("%s has not its rule", name);
		}
	}
	assert_memory_equal(&named, &read->named, sizeof(named));
}

/* ---- what is the same ---- */
struct pair {
	struct garita_seccomp *a, *b;
};

static void tell(const struct garita_seccomp_witness *witness, void *data)
{
	garita_seccomp_words(witness, data);
	garita_text_printf(data, "%s %s, %s\n", witness->sure ? "" : "?",
			   witness->a, witness->b);
}

static bool not_clone(const char *name, const void *data)
{
	(void)data;
	return name == NULL || strncmp(name, "clone", 5) != 0;
}

static char *comparison_of(const struct pair *of, bool some)
{
	struct garita_text text = { 0 };
	enum garita_seccomp_relation relation = garita_seccomp_compare(
		of->a, of->b, some ? not_clone : NULL, NULL, tell, &text);

	garita_text_printf(&text, "%d\n", (int)relation);
	return garita_text_take(&text);
}

static char *intersection_of(const struct pair *of, bool some,
			     const char *machine)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *made = garita_json_new_object(doc);
	auto_seccomp struct garita_seccomp *read = NULL;
	int rc = garita_seccomp_intersect(of->a, of->b, some ? not_clone : NULL,
					  NULL, doc, made, NULL);

	if (rc < 0)
		return garita_xstrdup("none");
	read = must_read(made, machine);
	return rules_of(read);
}

/* What may be called, with an argument that rules ask about and without. */
static char *open_calls(const struct garita_seccomp *of)
{
	struct garita_text text = { 0 };
	for (size_t call = 0; call < GARITA_SECCOMP_CALLS; call++) {
		garita_text_putc(&text,
				 garita_seccomp_may_call(of, (int)call, -1, 0)
					 ? '1'
					 : '0');
		garita_text_putc(&text,
				 garita_seccomp_may_call(of, (int)call, 0, 38)
					 ? '1'
					 : '0');
	}
	return garita_text_take(&text);
}

static void check_pair(const struct garita_json *x, const struct garita_json *y,
		       const char *machine)
{
	auto_seccomp struct garita_seccomp *a = must_read(x, machine);
	auto_seccomp struct garita_seccomp *b = must_read(y, machine);
	auto_seccomp struct garita_seccomp *c = without_sets(a);
	auto_seccomp struct garita_seccomp *d = without_sets(b);
	const struct pair with = { a, b }, without = { c, d };

	check_reading(x, a);
	assert_int_equal(a->confines, garita_seccomp_confines(x));
	must_be_same("rules", rules_of(a), rules_of(c));
	must_be_same("open calls", open_calls(a), open_calls(c));
	for (int some = 0; some < 2; some++) {
		must_be_same("comparison", comparison_of(&with, some),
			     comparison_of(&without, some));
		must_be_same("intersection",
			     intersection_of(&with, some, machine),
			     intersection_of(&without, some, machine));
	}
}

static void test_samples(void **state)
{
	struct samples samples = { .count = 0 };

	(void)state;
	make_samples(&samples);
	for (size_t i = 0; i < samples.count; i++) {
		for (size_t n = 0; n < samples.count; n++) {
			auto_json struct garita_json_doc *x = parse(
				samples.texts[i], strlen(samples.texts[i]));
			auto_json struct garita_json_doc *y = parse(
				samples.texts[n], strlen(samples.texts[n]));

			check_pair(garita_json_root(x), garita_json_root(y),
				   "x86_64");
		}
	}
	for (size_t i = 0; i < samples.count; i++)
		free(samples.texts[i]);
}

static void test_changed_samples(void **state)
{
	struct samples samples = { .count = 0 };
	uint64_t seed = 11;

	(void)state;
	make_samples(&samples);
	for (size_t i = 0; i < ROUNDS; i++) {
		auto_json struct garita_json_doc *x =
			random_profile(&seed, &samples);
		auto_json struct garita_json_doc *y =
			random_profile(&seed, &samples);

		check_pair(garita_json_root(x), garita_json_root(y),
			   machines[pick(&seed, GARITA_COUNT(machines))]);
	}
	for (size_t i = 0; i < samples.count; i++)
		free(samples.texts[i]);
}

/* The built-in profile is as its printed form is read. */
static void test_built_in(void **state)
{
	static const char *const known[] = { "x86_64", "aarch64", "riscv64",
					     "s390x",  "ppc64le", "armv7l" };

	(void)state;
	for (size_t m = 0; m < GARITA_COUNT(known); m++) {
		for (unsigned cap = 0; cap < 41; cap++) {
			auto_json struct garita_json_doc *doc =
				garita_json_new();
			const struct garita_seccomp_target target = {
				.bounding = GARITA_CAP(cap),
				.machine = known[m],
				.kernel_major = cap % 6,
			};
			auto_seccomp struct garita_seccomp *made =
				garita_seccomp_builtin(&target);
			auto_seccomp struct garita_seccomp *read = must_read(
				garita_seccomp_default(doc, target.bounding,
						       target.machine,
						       target.kernel_major, 0),
				known[m]);

			must_be_same("built-in", rules_of(made),
				     rules_of(read));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_changed_samples),
		cmocka_unit_test(test_built_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
