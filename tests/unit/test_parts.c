/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What rules say they read and repairs say they write (garita/rule.h) decides
 * which rules look again after a repair. Tried on every golden case and on what
 * engines wrote: a part of the config that a rule does not read is exchanged
 * for another config's, and it finds what it found; a repair leaves every part
 * alone that it does not write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <glob.h>

#include "tests/unit/cases.h"

static const struct {
	const char *key; /* NULL: any that no other row has */
	unsigned part;
	bool in_linux;
} parts[] = {
	{ "process", GARITA_PART_PROCESS, false },
	{ "root", GARITA_PART_ROOT, false },
	{ "mounts", GARITA_PART_MOUNTS, false },
	{ "hooks", GARITA_PART_HOOKS, false },
	{ "annotations", GARITA_PART_ANNOTATIONS, false },
	{ "linux", 0, false },
	{ NULL, GARITA_PART_OTHER, false },
	{ "seccomp", GARITA_PART_SECCOMP, true },
	{ "maskedPaths", GARITA_PART_COVERS, true },
	{ "readonlyPaths", GARITA_PART_COVERS, true },
	{ NULL, GARITA_PART_LINUX, true },
};

static unsigned part_of(const char *key, bool in_linux)
{
	size_t i = 0;

	while (parts[i].in_linux != in_linux ||
	       (parts[i].key != NULL && strcmp(parts[i].key, key) != 0))
		i++;
	return parts[i].part;
}

/* The members of `object` that are of the part become those of `with`. */
static void exchange_in(struct garita_json_doc *doc, struct garita_json *object,
			const struct garita_json *with, unsigned part,
			bool in_linux)
{
	for (size_t i = garita_json_count(object); i-- > 0;) {
		const char *key = garita_json_key(object, i);

		if (part_of(key, in_linux) == part)
			garita_json_remove(object, key);
	}
	for (size_t i = 0; i < garita_json_count(with); i++) {
		const char *key = garita_json_key(with, i);

		if (part_of(key, in_linux) == part)
			garita_json_put(
				doc, object, key,
				cases_copy(doc, garita_json_item(with, i)));
	}
}

static void exchange(struct garita_json_doc *doc,
		     const struct garita_json *with, unsigned part)
{
	exchange_in(doc, garita_json_root(doc), with, part, false);
	exchange_in(doc, garita_json_make_object(doc, "/linux"),
		    garita_json_get(with, "linux"), part, true);
}

static bool same_in(const struct garita_json *a, const struct garita_json *b,
		    unsigned part, bool in_linux)
{
	for (size_t i = 0; i < garita_json_count(a); i++) {
		const char *key = garita_json_key(a, i);
		const struct garita_json *other = garita_json_get(b, key);

		if (part_of(key, in_linux) == part &&
		    (other == NULL ||
		     !garita_json_equal(garita_json_item(a, i), other)))
			return false;
	}
	return true;
}

static bool same(const struct garita_json *a, const struct garita_json *b,
		 unsigned part)
{
	const struct garita_json *in_a = garita_json_get(a, "linux");
	const struct garita_json *in_b = garita_json_get(b, "linux");

	return same_in(a, b, part, false) && same_in(b, a, part, false) &&
	       same_in(in_a, in_b, part, true) &&
	       same_in(in_b, in_a, part, true);
}

static enum garita_scope subject_of(const struct case_inputs *inputs)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_spec spec = { 0 };

	if (inputs->container != NULL)
		return inputs->subject;
	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &doc, NULL), 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	return garita_spec_subject(&spec);
}

/* As the subject that the case is of, whatever is exchanged in it. */
static void decide(const char *name, const struct case_inputs *inputs,
		   struct garita_json_doc *doc, unsigned flags,
		   struct garita_verdict *ret)
{
	auto_json struct garita_json_doc *container = NULL;
	auto_spec spec = { 0 }, started = { 0 };
	struct garita_change change = { subject_of(inputs), NULL };
	struct garita_error err = { 0 };

	if (inputs->container != NULL) {
		assert_int_equal(garita_config_parse(inputs->container,
						     strlen(inputs->container),
						     &container, NULL),
				 0);
		assert_int_equal(garita_spec_read(container, &started, NULL),
				 0);
		change.container = &started;
	}
	if (garita_spec_read(doc, &spec, &err) < 0 ||
	    garita_decide_change(&change, doc, &spec, inputs->policy,
				 &inputs->image, &inputs->host, 0, flags, ret,
				 &err) < 0)
		fail_msg("%s: %s: %s", name, err.pointer, err.text);
}

/* What rules found that do not read the part. */
static char *found_without(const struct garita_verdict *verdict, unsigned part)
{
	auto_text text = { 0 };

	garita_text_puts(&text, "");
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->rule->reads != 0 && !(f->rule->reads & part))
			garita_text_printf(&text, "\n%s %s%s %s: %s, not %s",
					   f->rule->id, f->unknown ? "?" : "",
					   f->curable ? "!" : "", f->pointer,
					   f->found, f->wanted);
	}
	return garita_text_take(&text);
}

/* Parsed anew, for what an edited tree has no places of. */
static struct garita_json_doc *exchanged(const struct case_inputs *inputs,
					 const struct garita_json *with,
					 unsigned part)
{
	auto_json struct garita_json_doc *edited = NULL;
	struct garita_json_doc *doc = NULL;
	auto_text text = { 0 };

	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &edited, NULL),
		0);
	exchange(edited, with, part);
	garita_json_print(garita_json_root(edited), &text);
	assert_int_equal(garita_config_parse(text.data, text.len, &doc, NULL),
			 0);
	return doc;
}

static void set_all(struct garita_policy *policy, enum garita_action action)
{
	for (size_t i = 0; i < garita_rule_count(); i++)
		policy->settings[i].action = action;
}

/* Two others: one that is quiet, and one with which everything is wrong. */
static void check_reads(const char *name, const struct case_inputs *inputs)
{
	static const char *const others[] = {
		GARITA_SRC_DIR "/tests/rules/base.json",
		GARITA_SRC_DIR "/tests/rules/all-wrong.json",
	};
	auto_json struct garita_json_doc *own = NULL;
	auto_verdict verdict = { 0 };

	set_all(inputs->policy, GARITA_DENY);
	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &own, NULL), 0);
	decide(name, inputs, own, GARITA_DECIDE_NO_FIX, &verdict);
	for (size_t o = 0; o < GARITA_COUNT(others); o++) {
		auto_json struct garita_json_doc *with = cases_parse(others[o]);

		for (unsigned part = 1; part < GARITA_PARTS_ALL; part <<= 1) {
			auto_json struct garita_json_doc *doc =
				exchanged(inputs, garita_json_root(with), part);
			auto_verdict other = { 0 };
			auto_free char *was = found_without(&verdict, part);
			auto_free char *is = NULL;

			decide(name, inputs, doc, GARITA_DECIDE_NO_FIX, &other);
			is = found_without(&other, part);
			if (strcmp(was, is) != 0)
				fail_msg("%s: with part %#x of %s:%s\nwas:%s",
					 name, part, others[o], is, was);
		}
	}
}

/* The repair of this rule alone. */
static void check_repair(const char *name, const struct case_inputs *inputs,
			 const struct garita_rule *rule, bool *tried)
{
	size_t index = (size_t)garita_rule_find(rule->id);
	auto_json struct garita_json_doc *was = NULL, *is = NULL;
	auto_verdict verdict = { 0 };

	set_all(inputs->policy, GARITA_OFF);
	inputs->policy->settings[index].action = GARITA_FIX;
	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &was, NULL), 0);
	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &is, NULL), 0);
	decide(name, inputs, is, 0, &verdict);
	for (unsigned part = 1; part < GARITA_PARTS_ALL; part <<= 1)
		if (rule->writes != 0 && !(rule->writes & part) &&
		    !same(garita_json_root(was), garita_json_root(is), part))
			fail_msg("%s: the repair of %s wrote to part %#x", name,
				 rule->id, part);
	tried[index] = tried[index] || verdict.fixed > 0;
}

/* Of each rule that finds something, and of the one whose case it is: some are
 * quiet where another is not. */
static void check_writes(const char *name, const struct case_inputs *inputs,
			 bool *tried)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_rule *last = NULL;
	auto_verdict verdict = { 0 };
	auto_text folder = { 0 };

	set_all(inputs->policy, GARITA_DENY);
	assert_int_equal(
		garita_config_parse(inputs->text, inputs->len, &doc, NULL), 0);
	decide(name, inputs, doc, GARITA_DECIDE_NO_FIX, &verdict);
	inputs->policy->fix = true;
	for (size_t i = 0; i < verdict.count; i++) {
		const struct garita_rule *rule = verdict.findings[i].rule;

		if (rule->fix != NULL && rule != last)
			check_repair(name, inputs, rule, tried);
		last = rule;
	}
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);

		folder.len = 0;
		garita_text_printf(&folder, "/rules/%s/", rule->id);
		if (rule->fix != NULL && strstr(name, folder.data) != NULL)
			check_repair(name, inputs, rule, tried);
	}
}

/* A case of tests/rules, or a config of its own. */
static void load(const char *path, bool golden, struct case_inputs *ret)
{
	auto_json struct garita_json_doc *doc = cases_parse(path);
	auto_text text = { 0 };

	cases_load(path, golden ? garita_json_root(doc) : NULL, ret);
	if (golden)
		return;
	free(ret->text);
	garita_json_print(garita_json_root(doc), &text);
	ret->len = text.len;
	ret->text = garita_text_take(&text);
}

static void try_files(const char *pattern, bool golden, bool *tried)
{
	glob_t files;

	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 16);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		auto_case inputs = { 0 };

		load(files.gl_pathv[i], golden, &inputs);
		check_reads(files.gl_pathv[i], &inputs);
		check_writes(files.gl_pathv[i], &inputs, tried);
	}
	globfree(&files);
}

static void test_what_rules_say_is_true(void **state)
{
	auto_free bool *tried =
		garita_xcalloc(garita_rule_count(), sizeof(*tried));

	(void)state;
	try_files(GARITA_SRC_DIR "/tests/rules/*/*.json", true, tried);
	try_files(GARITA_SRC_DIR "/tests/samples/engines/*/config*.json", false,
		  tried);
	for (size_t i = 0; i < garita_rule_count(); i++)
		if (garita_rule_at(i)->fix != NULL && !tried[i])
			fail_msg("the repair of %s was not tried",
				 garita_rule_at(i)->id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_rules_say_is_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
