/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of names, member by member: each takes the values of its kind and
 * no other, and each other spelling of its name is refused. A new row is
 * tested by being there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/names.h"
#include "policy/names_fold.h"
#include "policy/names_table.h"

/* As a config: 0 or -EINVAL. */
static int check_text(const char *text, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;

	if (garita_json_parse(text, strlen(text), GARITA_JSON_STRICT, &doc,
			      err) < 0)
		fail_msg("no JSON: %s: %s", text, err->text);
	return garita_names_check(doc, err);
}

/* Values of which each kind takes some: a letter for each kind's row. */
static const char *const values[] = {
	"true",
	"1",
	"-1",
	"255",
	"256",
	"65535",
	"65536",
	"2147483647",
	"2147483648",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"-2147483648",
	"-2147483649",
	"-9223372036854775808",
	"18446744073709551615",
	"18446744073709551616",
	"-9223372036854775809",
	"\"x\"",
	"[]",
	"[\"x\"]",
	"[1]",
	"[4294967295]",
	"[{}]",
	"{}",
	"{\"q\":\"x\"}",
	"{\"q\":{}}",
	"{\"q\":1}",
	"[1.5]",
	"1.0",
	"4095",
	"4096",
	"1048575",
	"1048576",
};

/* Which of them a member of this kind takes: the string has a + for each. */
static const char *wanted(enum garita_names_kind kind)
{
	switch (kind) {
	case GARITA_NAMES_BOOL:
		return "+---------------------------------";
	case GARITA_NAMES_STRING:
		return "------------------+---------------";
	case GARITA_NAMES_ID:
		return "-+-+++++----------------------++++";
	case GARITA_NAMES_U8:
		return "-+-+------------------------------";
	case GARITA_NAMES_U16:
		return "-+-+++------------------------++--";
	case GARITA_NAMES_U32:
		return "-+-+++++++--------------------++++";
	case GARITA_NAMES_U64:
		return "-+-+++++++++---+--------------++++";
	case GARITA_NAMES_I32:
		return "-+++++++----+-----------------++++";
	case GARITA_NAMES_I64:
		return "-++++++++++++++---------------++++";
	case GARITA_NAMES_MAJOR:
		return "-+-++-------------------------+---";
	case GARITA_NAMES_MINOR:
		return "-+-++++-----------------------+++-";
	case GARITA_NAMES_MAJOR_OR_ANY:
		return "-++++-------------------------+---";
	case GARITA_NAMES_MINOR_OR_ANY:
		return "-++++++-----------------------+++-";
	case GARITA_NAMES_STRINGS:
		return "-------------------++-------------";
	case GARITA_NAMES_IDS:
		return "-------------------+-+------------";
	case GARITA_NAMES_U32S:
		return "-------------------+-++-----------";
	case GARITA_NAMES_OBJECT: /* {"q":..} has an unknown member */
		return "------------------------++++------";
	case GARITA_NAMES_OBJECTS:
		return "-------------------+---+----------";
	case GARITA_NAMES_MAP_STRING:
		return "------------------------++--------";
	case GARITA_NAMES_MAP_OBJECT:
		return "------------------------+-+-------";
	case GARITA_NAMES_ANY:
		return "++++++++++++++++++++++++++++--++++";
	}
	return "";
}

static size_t tried;

static void try_value(const char *before, const char *after, const char *name,
		      const char *value, bool ok)
{
	struct garita_error err = { 0 };
	char text[1024];

	snprintf(text, sizeof(text), "%s{\"%s\":%s}%s", before, name, value,
		 after);
	if ((check_text(text, &err) == 0) != ok)
		fail_msg("%s %s: %s", ok ? "refused" : "accepted", text,
			 err.text);
	tried++;
}

static void try_spelling(const char *before, const char *after, char *name,
			 size_t i)
{
	char was = name[i];

	if (was >= 'a' && was <= 'z')
		name[i] = (char)(was - 'a' + 'A');
	else if (was >= 'A' && was <= 'Z')
		name[i] = (char)(was - 'A' + 'a');
	else
		return;
	try_value(before, after, name, "null", false);
	name[i] = was;
}

/* Among the names that a key may not resemble. */
static bool is_known(const char *name)
{
	struct garita_names_list list = { 0 };
	const char *like = garita_names_resembled(&list, name);
	bool known = like != NULL && strcmp(like, name) == 0;

	garita_names_list_free(&list);
	return known;
}

/* The spec is as deep as its table, which has no loops. */
static void try_object(const char *before, const char *after,
		       const struct garita_names_object *object)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct garita_names_member *member = &object->members[i];
		const char *want = wanted(member->kind);
		bool list = member->kind == GARITA_NAMES_OBJECTS;
		bool map = member->kind == GARITA_NAMES_MAP_OBJECT;
		char name[64], inner_before[512], inner_after[512];

		assert_int_equal(strlen(want), GARITA_COUNT(values));
		for (size_t v = 0; v < GARITA_COUNT(values); v++)
			try_value(before, after, member->name, values[v],
				  want[v] == '+');
		try_value(before, after, member->name, "null", true);
		snprintf(name, sizeof(name), "%s", member->name);
		for (size_t c = 0; name[c] != '\0'; c++)
			try_spelling(before, after, name, c);
		assert_true(is_known(member->name));
		if (member->child == GARITA_NAMES_OF_NOTHING)
			continue;
		snprintf(inner_before, sizeof(inner_before), "%s{\"%s\":%s",
			 before, name,
			 list  ? "["
			 : map ? "{\"k\":"
			       : "");
		snprintf(inner_after, sizeof(inner_after), "%s}%s",
			 list  ? "]"
			 : map ? "}"
			       : "",
			 after);
		try_object(inner_before, inner_after,
			   garita_names_object(member->child));
	}
}

static void test_every_member_of_the_table(void **state)
{
	(void)state;
	try_object("", "", garita_names_object(GARITA_NAMES_OF_CONFIG));
	assert_true(tried > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_member_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
