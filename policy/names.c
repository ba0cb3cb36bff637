/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names - walks a config beside the table of the spec's objects and refuses
 * what Go and C would read differently.
 *
 * Go takes any spelling of a member's name that is equal after folding; C
 * takes the exact one. So a key is either exact, or like no name of the spec
 * at all. The names are few (some 300) and unknown keys may be hundreds of
 * thousands, so those are looked up in a sorted list of the names.
 */
#include "garita/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/json_tree.h"
#include "policy/names_fold.h"
#include "policy/names_table.h"

/* A device's numbers have 12 and 20 bits. */
enum { MAX_MAJOR = 4095, MAX_MINOR = 1048575 };

/* Where the walk is: a chain of stack frames, at most as many as a document
 * has levels, and put into words only for an error. */
struct place {
	const struct place *above;       /* NULL: `node` is the root */
	const struct garita_json *node;  /* the object or array */
	const struct garita_json *value; /* its item we are at */
	uint32_t i;                      /* which one that is */
	int level;
};

struct walk {
	struct garita_json_doc *doc;
	struct garita_error *err;
	struct garita_names_list names;
	bool met_unknown; /* a member that the table does not have */
};

static int check_member(struct walk *walk, const struct place *at,
			const struct garita_names_member *member);
static int check_unknown(struct walk *walk, const struct place *at,
			 bool free_form);

static void add_pointer(const struct place *at, struct garita_text *out)
{
	const char *key;

	if (at == NULL)
		return;
	add_pointer(at->above, out);
	key = garita_json_key(at->node, at->i);
	if (key != NULL)
		garita_json_pointer_add(out, key);
	else
		garita_text_printf(out, "/%u", at->i);
}

static __attribute__((cold)) int fail_at(struct walk *walk,
					 const struct place *at,
					 const char *text)
{
	auto_text pointer = { 0 };

	add_pointer(at, &pointer);
	return garita_json_fail(walk->err, walk->doc,
				pointer.data != NULL ? pointer.data : "",
				EINVAL, "%s", text);
}

/* The key as one would type it to get just this one: U+212A looks like a K. */
static void add_key(struct garita_text *out, const char *key)
{
	garita_text_putc(out, '"');
	while (*key != '\0') {
		const char *before = key;
		int c = garita_names_next_folded(&key);

		if (key - before > 1)
			garita_text_puts(out, c == 's' ? "\\u017f" : "\\u212a");
		else
			garita_text_putc(out, *before);
	}
	garita_text_putc(out, '"');
}

/* `key` has no exact match in `object` (NULL: an object nobody knows). */
static int check_unknown_key(struct walk *walk, const struct place *at,
			     const struct garita_names_object *object,
			     const char *key)
{
	auto_text text = { 0 };
	const char *like = garita_names_resembled(&walk->names, key);

	if (like == NULL)
		return 0;
	add_key(&text, key);
	for (size_t i = 0; object != NULL && i < object->count; i++) {
		const char *name = object->members[i].name;

		if (!garita_names_fold_equal(name, key))
			continue;
		garita_text_printf(&text,
				   " is read as \"%s\" by runc and not at all "
				   "by crun; write \"%s\" or remove it",
				   name, name);
		return fail_at(walk, at, text.data);
	}
	if (strcmp(like, key) == 0)
		return 0;
	garita_text_printf(&text,
			   " is \"%s\" of the runtime-spec in another "
			   "spelling, which runtimes read differently; write "
			   "\"%s\" where it belongs or remove it",
			   like, like);
	return fail_at(walk, at, text.data);
}

struct sibling {
	const char *key;
	uint32_t i;
};

static int by_key(const void *a, const void *b)
{
	const struct sibling *x = a, *y = b;
	int order = garita_names_compare(x->key, y->key);

	return order != 0 ? order : (x->i > y->i) - (x->i < y->i);
}

const struct garita_names_member *garita_names_find(
	const struct garita_names_object *object, const char *key, size_t *hint)
{
	size_t count = object != NULL ? object->count : 0, at = *hint;

	for (size_t i = 0; i < count; i++, at++) {
		const char *name;

		if (at >= count)
			at = 0;
		name = object->members[at].name;
		if (name[0] == key[0] && strcmp(name, key) == 0) {
			*hint = at + 1;
			return &object->members[at];
		}
	}
	return NULL;
}

/* Moves to item `i`; false behind the last one. Whoever calls it knows that
 * at->node is an array or an object. */
static inline bool move(struct place *at, uint32_t i)
{
	if (i >= at->node->count)
		return false;
	at->i = i;
	at->value = at->node->list->members[i].value;
	return true;
}

/* The place before all items of the value that `above` is at. */
static inline struct place inside(const struct place *above)
{
	return (struct place){
		.above = above,
		.node = above->value,
		.level = above->level + 1,
	};
}

/* Two keys that only a newer reader will know, equal after folding. A known
 * name cannot be one of two: the other was refused for resembling it. */
static int check_siblings(struct walk *walk, struct place *at,
			  const struct garita_names_object *object,
			  size_t unknown)
{
	auto_free struct sibling *list = garita_xcalloc(unknown, sizeof(*list));
	size_t n = 0, hint = 0;

	for (uint32_t i = 0; move(at, i); i++) {
		const char *key = garita_json_key(at->node, i);

		if (garita_names_find(object, key, &hint) == NULL)
			list[n++] = (struct sibling){ key, i };
	}
	qsort(list, n, sizeof(*list), by_key);
	for (size_t i = 1; i < n; i++) {
		auto_text text = { 0 };

		if (!garita_names_fold_equal(list[i - 1].key, list[i].key))
			continue;
		at->i = list[i].i;
		garita_text_printf(&text,
				   "the same as \"%s\" for readers that do not "
				   "tell letter case apart; remove one",
				   list[i - 1].key);
		return fail_at(walk, at, text.data);
	}
	return 0;
}

/* `at` is before the members of an object. */
static int check_object(struct walk *walk, struct place at,
			const struct garita_names_object *object)
{
	size_t unknown = 0, hint = 0;

	for (uint32_t i = 0; move(&at, i); i++) {
		const char *key = at.node->list->members[i].key;
		const struct garita_names_member *member =
			garita_names_find(object, key, &hint);
		int failure = 0;

		if (member != NULL) {
			failure = check_member(walk, &at, member);
		} else {
			unknown++;
			walk->met_unknown = true;
			failure = check_unknown_key(walk, &at, object, key);
			if (failure == 0)
				failure = check_unknown(walk, &at, false);
		}
		if (failure < 0)
			return failure;
	}
	return unknown > 1 ? check_siblings(walk, &at, object, unknown) : 0;
}

static int fail_type(struct walk *walk, const struct place *at,
		     enum garita_json_type want)
{
	auto_text text = { 0 };

	garita_text_printf(&text, "must be %s, is %s",
			   garita_json_type_words(want),
			   garita_json_type_words(at->value->type));
	return fail_at(walk, at, text.data);
}

static inline int check_type(struct walk *walk, const struct place *at,
			     enum garita_json_type want)
{
	return at->value->type == want ? 0 : fail_type(walk, at, want);
}

static bool is_integer(const char *text)
{
	text += *text == '-';
	if (*text == '0')
		return text[1] == '\0';
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static int fail_number(struct walk *walk, const struct place *at,
		       const char *want)
{
	auto_text text = { 0 };

	garita_text_printf(&text, "must be %s, is %.40s", want,
			   garita_json_number_text(at->value));
	return fail_at(walk, at, text.data);
}

static int check_integer(struct walk *walk, const struct place *at)
{
	if (is_integer(garita_json_number_text(at->value)))
		return 0;
	return fail_number(walk, at, "an integer in plain digits");
}

/* Not a number in the range `want` tells: which of these is it? */
static int fail_range(struct walk *walk, const struct place *at,
		      const char *want)
{
	int failure = check_type(walk, at, GARITA_JSON_NUMBER);

	if (failure == 0)
		failure = check_integer(walk, at);
	return failure < 0 ? failure : fail_number(walk, at, want);
}

/* Numbers of each kind, and what is wanted in words: in the table itself, which
 * so needs no relocation at a start. */
static const struct range {
	int64_t min;
	uint64_t max;
	char want[64];
} ranges[] = {
	[GARITA_NAMES_ID] = { 0, INT32_MAX,
			      "an id from 0 to 2147483647 (crun takes a larger "
			      "one for root)" },
	[GARITA_NAMES_U8] = { 0, UINT8_MAX, "0 to 255" },
	[GARITA_NAMES_U16] = { 0, UINT16_MAX, "0 to 65535" },
	[GARITA_NAMES_U32] = { 0, UINT32_MAX, "0 to 4294967295" },
	[GARITA_NAMES_U64] = { 0, UINT64_MAX, "0 to 18446744073709551615" },
	[GARITA_NAMES_I32] = { INT32_MIN, INT32_MAX,
			       "-2147483648 to 2147483647" },
	[GARITA_NAMES_I64] = { INT64_MIN, INT64_MAX,
			       "-9223372036854775808 to 9223372036854775807" },
	[GARITA_NAMES_MAJOR] = { 0, MAX_MAJOR, "0 to 4095" },
	[GARITA_NAMES_MINOR] = { 0, MAX_MINOR, "0 to 1048575" },
	[GARITA_NAMES_MAJOR_OR_ANY] = { -1, MAX_MAJOR, "-1 to 4095" },
	[GARITA_NAMES_MINOR_OR_ANY] = { -1, MAX_MINOR, "-1 to 1048575" },
};

/* Out of line: most members are strings, and what looks at those needs no room
 * on the stack then. */
static __attribute__((noinline)) int check_number(struct walk *walk,
						  const struct place *at,
						  const struct range *range)
{
	uint64_t value;
	int64_t below;

	if (garita_json_u64(at->value, &value) == 0) {
		if (value <= range->max)
			return 0;
	} else if (range->min < 0 && garita_json_i64(at->value, &below) == 0 &&
		   below >= range->min) {
		return 0;
	}
	return fail_range(walk, at, range->want);
}

/* Every item of an array or of a free-form map as a member of this kind. Null
 * is not absent here: the item is there, and Go makes it an empty one. */
static int check_items(struct walk *walk, const struct place *above,
		       enum garita_names_kind kind,
		       enum garita_names_which child)
{
	const struct garita_names_member item = { "", kind, child };
	struct place at = inside(above);

	for (uint32_t i = 0; move(&at, i); i++) {
		int failure;

		/* Most of a config is lists of strings. */
		if (kind == GARITA_NAMES_STRING &&
		    at.value->type == GARITA_JSON_STRING)
			continue;
		failure = at.value->type == GARITA_JSON_NULL
				  ? fail_at(walk, &at,
					    "null, which runc reads as an "
					    "empty value; remove it")
				  : check_member(walk, &at, &item);

		if (failure < 0)
			return failure;
	}
	return 0;
}

static int check_container(struct walk *walk, const struct place *at,
			   enum garita_json_type type,
			   enum garita_names_kind kind,
			   enum garita_names_which child)
{
	int failure = check_type(walk, at, type);

	return failure < 0 ? failure : check_items(walk, at, kind, child);
}

static inline int check_list(struct walk *walk, const struct place *at,
			     enum garita_names_kind kind,
			     enum garita_names_which child)
{
	return check_container(walk, at, GARITA_JSON_ARRAY, kind, child);
}

static inline int check_map(struct walk *walk, const struct place *at,
			    enum garita_names_kind kind,
			    enum garita_names_which child)
{
	return check_container(walk, at, GARITA_JSON_OBJECT, kind, child);
}

static int check_member(struct walk *walk, const struct place *at,
			const struct garita_names_member *member)
{
	enum garita_names_which child = member->child;
	int failure;

	if (at->value->type == GARITA_JSON_NULL)
		return 0;
	switch (member->kind) {
	case GARITA_NAMES_BOOL:
		return check_type(walk, at, GARITA_JSON_BOOL);
	case GARITA_NAMES_STRING:
		return check_type(walk, at, GARITA_JSON_STRING);
	case GARITA_NAMES_ID:
	case GARITA_NAMES_U8:
	case GARITA_NAMES_U16:
	case GARITA_NAMES_U32:
	case GARITA_NAMES_U64:
	case GARITA_NAMES_I32:
	case GARITA_NAMES_I64:
	case GARITA_NAMES_MAJOR:
	case GARITA_NAMES_MINOR:
	case GARITA_NAMES_MAJOR_OR_ANY:
	case GARITA_NAMES_MINOR_OR_ANY:
		return check_number(walk, at, &ranges[member->kind]);
	case GARITA_NAMES_STRINGS:
		return check_list(walk, at, GARITA_NAMES_STRING, child);
	case GARITA_NAMES_IDS:
		return check_list(walk, at, GARITA_NAMES_ID, child);
	case GARITA_NAMES_U32S:
		return check_list(walk, at, GARITA_NAMES_U32, child);
	case GARITA_NAMES_OBJECTS:
		return check_list(walk, at, GARITA_NAMES_OBJECT, child);
	case GARITA_NAMES_MAP_STRING:
		return check_map(walk, at, GARITA_NAMES_STRING, child);
	case GARITA_NAMES_MAP_OBJECT:
		return check_map(walk, at, GARITA_NAMES_OBJECT, child);
	case GARITA_NAMES_OBJECT:
		failure = check_type(walk, at, GARITA_JSON_OBJECT);
		return failure < 0 ? failure
				   : check_object(walk, inside(at),
						  garita_names_object(child));
	case GARITA_NAMES_ANY:
		return check_unknown(walk, at, true);
	}
	return fail_at(walk, at, "a kind of member that the name table lacks");
}

/* A value whose shape we do not know: numbers are integers and, unless the
 * keys are free, no key is a misspelt name. */
static int check_unknown(struct walk *walk, const struct place *above,
			 bool free_form)
{
	struct place at = inside(above);
	int failure = 0;

	/* Only a document that was not parsed could have so many levels. */
	if (at.level > GARITA_JSON_MAX_DEPTH)
		return fail_at(walk, above, "too many levels");
	switch (at.node->type) {
	case GARITA_JSON_NULL:
	case GARITA_JSON_BOOL:
	case GARITA_JSON_STRING:
		return 0;
	case GARITA_JSON_NUMBER:
		return check_integer(walk, above);
	case GARITA_JSON_OBJECT:
		if (!free_form)
			return check_object(walk, at, NULL);
		break;
	case GARITA_JSON_ARRAY:
		break;
	}
	for (uint32_t i = 0; failure == 0 && move(&at, i); i++)
		failure = check_unknown(walk, &at, free_form);
	return failure;
}

static int check_root(struct garita_json_doc *doc,
		      enum garita_names_which which, struct garita_error *err)
{
	struct walk walk = { .doc = doc, .err = err };
	const struct garita_json *root = garita_json_root(doc);
	int failure;

	if (garita_json_type(root) != GARITA_JSON_OBJECT)
		return garita_json_fail(
			err, doc, "", EINVAL, "must be an object, is %s",
			garita_json_type_words(garita_json_type(root)));
	failure = check_object(&walk, (struct place){ .node = root },
			       garita_names_object(which));
	garita_names_list_free(&walk.names);
	doc->all_known = failure == 0 && !walk.met_unknown &&
			 which == GARITA_NAMES_OF_CONFIG;
	return failure;
}

int garita_names_check(struct garita_json_doc *doc, struct garita_error *err)
{
	return check_root(doc, GARITA_NAMES_OF_CONFIG, err);
}

bool garita_names_all_known(const struct garita_json_doc *doc)
{
	return doc->all_known;
}

int garita_names_check_process(struct garita_json_doc *doc,
			       struct garita_error *err)
{
	return check_root(doc, GARITA_NAMES_OF_PROCESS, err);
}
