/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of the judge, tried on what real engines wrote: whatever the
 * config and the policy, a repair makes nothing worse, touches only what it
 * may, leaves nothing to repair, and is nowhere without leave.
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
#include <glob.h>
#include <sys/stat.h>

#include "tests/unit/cases.h"
#include "tests/unit/repairs.h"

/* What a policy does with every rule; the profile decides where UNSET. */
enum temper { UNSET, REPAIR_ALL, WARN_ALL, TEMPERS };

static struct garita_policy *make_policy(const char *profile,
					 enum temper temper, bool fix)
{
	struct garita_policy *policy = garita_policy_default();

	assert_int_equal(garita_policy_set_profile(policy, profile, NULL), 0);
	policy->fix = fix;
	for (size_t i = 0; i < garita_rule_count(); i++) {
		struct garita_setting *setting = &policy->settings[i];
		bool can = garita_rule_at(i)->fix != NULL;

		if (temper == REPAIR_ALL)
			setting->action = can ? GARITA_FIX : GARITA_WARN;
		if (temper == WARN_ALL)
			setting->action = GARITA_WARN;
	}
	return policy;
}

/* A file that is its own real path, of root, and not like any other. */
static void add_file(struct garita_host *host, const char *path,
		     const char *real)
{
	struct garita_path_fact fact = {
		.device = 77,
		.inode = 500000 + host->path_count,
		.mode = S_IFREG | 0755,
		.real = (char *)(uintptr_t)real, /* only read */
	};

	cases_add_path(host, path, &fact);
}

/* The host that the config was written on, as far as the config shows it. */
static void own_host(const char *text, size_t len, struct garita_host *ret)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_spec spec = { 0 };

	cases_base_host(ret);
	assert_int_equal(garita_config_parse(text, len, &doc, NULL), 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	for (size_t t = 0; t < GARITA_NS_TYPES; t++)
		if (spec.namespaces[t].path != NULL)
			add_file(ret, spec.namespaces[t].path,
				 spec.namespaces[t].path);
	for (size_t i = 0; i < spec.mount_count; i++)
		if (spec.mounts[i].bind && spec.mounts[i].source != NULL)
			add_file(ret, spec.mounts[i].source,
				 spec.mounts[i].source);
	for (size_t i = 0; i < spec.hook_count; i++)
		add_file(ret, spec.hooks[i].path,
			 garita_starts_with(spec.hooks[i].path, "/proc/")
				 ? "/usr/sbin/dockerd"
				 : spec.hooks[i].path);
}

static bool says(const struct garita_verdict *verdict,
		 const struct garita_rule *rule)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule)
			return true;
	return false;
}

/* Judges what was repaired once more, all of it: nothing to do, nothing new to
 * say, the same bytes. */
static void check_settled(const char *name, const struct case_inputs *inputs,
			  const struct garita_verdict *before,
			  struct garita_json_doc *doc)
{
	auto_json struct garita_json_doc *again = NULL;
	auto_text first = { 0 }, second = { 0 };
	auto_verdict verdict = { 0 };
	auto_free char *words = NULL;

	garita_json_print(garita_json_root(doc), &first);
	cases_decide(inputs, first.data, first.len, 0, &again, &verdict);
	words = cases_words(&verdict);
	if (verdict.outcome != GARITA_ADMIT)
		fail_msg("%s: repaired, and then: %s", name, words);
	for (size_t i = 0; i < verdict.count; i++)
		if (!says(before, verdict.findings[i].rule))
			fail_msg("%s: not said at the repair: %s", name, words);
	garita_json_print(garita_json_root(again), &second);
	assert_string_equal(first.data, second.data);
}

static void check_counts(const char *name, const struct garita_verdict *verdict)
{
	bool denied = false;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		denied = denied || f->action == GARITA_DENY;
		if (verdict->outcome == GARITA_ADMIT &&
		    f->action != GARITA_WARN)
			fail_msg("%s: admitted with a finding of %s", name,
				 f->rule->id);
		if (verdict->outcome == GARITA_REPAIR && !f->fixed &&
		    f->action != GARITA_WARN)
			fail_msg("%s: %s is not repaired", name, f->rule->id);
	}
	if (denied != (verdict->outcome == GARITA_REFUSE))
		fail_msg("%s: %s", name, garita_outcome_name(verdict->outcome));
}

/* All that must hold of one judgement. Returns its outcome. */
static enum garita_outcome try_one(const char *name,
				   const struct case_inputs *inputs)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text after = { 0 };
	auto_verdict verdict = { 0 };

	cases_decide(inputs, inputs->text, inputs->len, 0, &doc, &verdict);
	check_counts(name, &verdict);
	garita_json_print(garita_json_root(doc), &after);
	switch (verdict.outcome) {
	case GARITA_REPAIR:
		if (!inputs->policy->fix)
			fail_msg("%s: repaired without leave", name);
		repairs_check(name, inputs->text, inputs->len, doc);
		check_settled(name, inputs, &verdict, doc);
		break;
	case GARITA_ADMIT:
		if (strcmp(after.data, inputs->text) != 0)
			fail_msg("%s: admitted and changed", name);
		break;
	case GARITA_REFUSE:
		break;
	}
	return verdict.outcome;
}

/* The flag of the caller and the member of the policy are one. */
static void check_no_fix(const char *name, const struct case_inputs *inputs,
			 enum garita_outcome with)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text after = { 0 };
	auto_verdict verdict = { 0 };
	enum garita_outcome wanted =
		with == GARITA_REPAIR ? GARITA_REFUSE : with;

	cases_decide(inputs, inputs->text, inputs->len, GARITA_DECIDE_NO_FIX,
		     &doc, &verdict);
	if (verdict.outcome != wanted)
		fail_msg("%s: without repairs: %s", name,
			 garita_outcome_name(verdict.outcome));
	garita_json_print(garita_json_root(doc), &after);
	if (strcmp(after.data, inputs->text) != 0)
		fail_msg("%s: repairs are off, and it was changed", name);
}

static const char *const profiles[] = { "off", "baseline", "restricted",
					"strict" };

/* One config under every profile, temper and leave to repair. Returns how
 * many of them repaired it. */
static size_t try_all(const char *name, struct case_inputs *inputs)
{
	size_t repaired = 0;

	for (size_t p = 0; p < GARITA_COUNT(profiles); p++) {
		for (enum temper t = 0; t < TEMPERS; t++) {
			enum garita_outcome with, without;

			inputs->policy = make_policy(profiles[p], t, true);
			with = try_one(name, inputs);
			check_no_fix(name, inputs, with);
			inputs->policy->fix = false;
			without = try_one(name, inputs);
			if ((without == GARITA_ADMIT) != (with == GARITA_ADMIT))
				fail_msg("%s: leave to repair decides", name);
			if (t == WARN_ALL && with != GARITA_ADMIT)
				fail_msg("%s: warnings refuse", name);
			repaired += with == GARITA_REPAIR;
			garita_policy_free(inputs->policy);
			inputs->policy = NULL;
		}
	}
	return repaired;
}

static void load(const char *path, struct case_inputs *ret)
{
	auto_json struct garita_json_doc *doc = cases_parse(path);
	auto_text text = { 0 };

	garita_json_print(garita_json_root(doc), &text);
	*ret = (struct case_inputs){ .len = text.len };
	ret->text = garita_text_take(&text);
	own_host(ret->text, ret->len, &ret->host);
	cases_base_image(&ret->image);
}

static void find_samples(glob_t *ret)
{
	assert_int_equal(glob(GARITA_SRC_DIR "/tests/samples/engines/*/"
					     "config*.json",
			      0, NULL, ret),
			 0);
	assert_true(ret->gl_pathc >= 16);
}

static void test_what_engines_write(void **state)
{
	glob_t samples;

	(void)state;
	find_samples(&samples);
	for (size_t i = 0; i < samples.gl_pathc; i++) {
		auto_case inputs = { 0 };

		load(samples.gl_pathv[i], &inputs);
		/* None of them would pass as it is, and all can be helped. */
		if (try_all(samples.gl_pathv[i], &inputs) == 0)
			fail_msg("%s: never repaired", samples.gl_pathv[i]);
	}
	globfree(&samples);
}

/* ---- the same with something missing ---- */

/* Calls try_all for the config without the member or item that `pointer` is,
 * and so on below it; not in seccomp, where there are hundreds alike. */
static void try_without(struct case_inputs *inputs, struct garita_json *node,
			struct garita_text *pointer, size_t *ret_tried)
{
	bool array = garita_json_type(node) == GARITA_JSON_ARRAY;

	for (size_t i = 0; i < garita_json_count(node); i++) {
		auto_json struct garita_json_doc *doc = NULL, *parsed = NULL;
		auto_text text = { 0 };
		auto_spec spec = { 0 };
		struct case_inputs less = *inputs;
		size_t len = pointer->len;

		if (array)
			garita_text_printf(pointer, "/%zu", i);
		else
			garita_json_pointer_add(pointer,
						garita_json_key(node, i));
		assert_int_equal(garita_config_parse(inputs->text, inputs->len,
						     &doc, NULL),
				 0);
		assert_true(cases_remove(garita_json_root(doc), pointer->data));
		garita_json_print(garita_json_root(doc), &text);
		assert_int_equal(
			garita_config_parse(text.data, text.len, &parsed, NULL),
			0);
		if (garita_spec_read(parsed, &spec, NULL) == 0) {
			less.text = text.data;
			less.len = text.len;
			try_one(pointer->data, &less);
			(*ret_tried)++;
		}
		if (strcmp(pointer->data, "/linux/seccomp") != 0)
			try_without(inputs, garita_json_item(node, i), pointer,
				    ret_tried);
		pointer->len = len;
		pointer->data[len] = '\0';
	}
}

static void test_with_one_thing_missing(void **state)
{
	glob_t samples;
	size_t tried = 0;

	(void)state;
	find_samples(&samples);
	for (size_t i = 0; i < samples.gl_pathc; i += 3) {
		auto_json struct garita_json_doc *doc =
			cases_parse(samples.gl_pathv[i]);
		auto_case inputs = { 0 };
		auto_text pointer = { 0 };

		load(samples.gl_pathv[i], &inputs);
		inputs.policy = make_policy("strict", REPAIR_ALL, true);
		garita_text_puts(&pointer, "");
		try_without(&inputs, garita_json_root(doc), &pointer, &tried);
	}
	globfree(&samples);
	assert_true(tried > 500);
}

/* A host of which nothing is known never helps a container. */
static void test_an_unknown_host_never_helps(void **state)
{
	glob_t samples;

	(void)state;
	find_samples(&samples);
	for (size_t i = 0; i < samples.gl_pathc; i++) {
		auto_case inputs = { 0 }, blind = { 0 };

		load(samples.gl_pathv[i], &inputs);
		load(samples.gl_pathv[i], &blind);
		garita_host_free(&blind.host);
		for (size_t p = 0; p < GARITA_COUNT(profiles); p++) {
			enum garita_outcome seeing, not ;

			inputs.policy = make_policy(profiles[p], UNSET, true);
			blind.policy = make_policy(profiles[p], UNSET, true);
			seeing = try_one(samples.gl_pathv[i], &inputs);
			not = try_one(samples.gl_pathv[i], &blind);
			if (not < seeing)
				fail_msg("%s under %s: %s, and blind %s",
					 samples.gl_pathv[i], profiles[p],
					 garita_outcome_name(seeing),
					 garita_outcome_name(not ));
			garita_policy_free(inputs.policy);
			garita_policy_free(blind.policy);
			inputs.policy = blind.policy = NULL;
		}
	}
	globfree(&samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_engines_write),
		cmocka_unit_test(test_with_one_thing_missing),
		cmocka_unit_test(test_an_unknown_host_never_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
