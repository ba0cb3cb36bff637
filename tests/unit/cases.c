/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cases - reading cases, see the header. A case that cannot be read as it is
 * meant fails: a test that says less than it seems to is worse than none.
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

#include "tests/unit/cases.h"

#define RULES_DIR GARITA_SRC_DIR "/tests/rules/"

char *cases_read(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	auto_text text = { 0 };
	char part[4096];
	size_t n;

	if (file == NULL) {
		fail_msg("cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	garita_text_puts(&text, "");
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		garita_text_add(&text, part, n);
	if (ferror(file))
		fail_msg("cannot read %s", path);
	fclose(file);
	*ret_len = text.len;
	return garita_text_take(&text);
}

/* "@hookdir@" in a case is where this build installs garita-hook. */
static void put_hookdir(struct garita_text *out, const char *text, size_t len)
{
	static const char word[] = "@hookdir@";
	const char *at;

	while ((at = memmem(text, len, word, sizeof(word) - 1)) != NULL) {
		garita_text_add(out, text, (size_t)(at - text));
		garita_text_puts(out, GARITA_LIBEXEC_DIR);
		len -= (size_t)(at - text) + sizeof(word) - 1;
		text = at + sizeof(word) - 1;
	}
	garita_text_add(out, text, len);
}

struct garita_json_doc *cases_parse(const char *path)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	size_t len;
	auto_free char *text = cases_read(path, &len);
	auto_text whole = { 0 };
	char words[1024];

	put_hookdir(&whole, text, len);
	if (garita_json_parse(whole.data, whole.len, GARITA_JSON_STRICT, &doc,
			      &err) < 0)
		fail_msg("%s: %s", path,
			 garita_error_words(&err, words, sizeof(words)));
	return doc;
}

/* Through text: the tree has no other way to hold a number as written. */
struct garita_json *cases_copy(struct garita_json_doc *doc,
			       const struct garita_json *node)
{
	struct garita_json *copy = NULL;
	uint64_t natural;
	int64_t number;

	switch (garita_json_type(node)) {
	case GARITA_JSON_NULL:
		fail_msg("null cannot be placed by a patch");
		break;
	case GARITA_JSON_BOOL:
		return garita_json_new_bool(doc, garita_json_bool(node));
	case GARITA_JSON_NUMBER:
		if (garita_json_u64(node, &natural) == 0)
			return garita_json_new_u64(doc, natural);
		if (garita_json_i64(node, &number) < 0)
			fail_msg("%s is no integer",
				 garita_json_number_text(node));
		return garita_json_new_i64(doc, number);
	case GARITA_JSON_STRING:
		return garita_json_new_string(doc, garita_json_string(node));
	case GARITA_JSON_ARRAY:
		copy = garita_json_new_array(doc);
		for (size_t i = 0; i < garita_json_count(node); i++)
			garita_json_append(
				doc, copy,
				cases_copy(doc, garita_json_item(node, i)));
		break;
	case GARITA_JSON_OBJECT:
		copy = garita_json_new_object(doc);
		for (size_t i = 0; i < garita_json_count(node); i++)
			garita_json_put(
				doc, copy, garita_json_key(node, i),
				cases_copy(doc, garita_json_item(node, i)));
		break;
	}
	return copy;
}

struct garita_json *cases_merge(struct garita_json_doc *doc,
				struct garita_json *target,
				const struct garita_json *patch)
{
	if (garita_json_type(patch) != GARITA_JSON_OBJECT)
		return cases_copy(doc, patch);
	if (target == NULL || garita_json_type(target) != GARITA_JSON_OBJECT)
		target = garita_json_new_object(doc);
	for (size_t i = 0; i < garita_json_count(patch); i++) {
		const char *key = garita_json_key(patch, i);
		const struct garita_json *value = garita_json_item(patch, i);

		if (garita_json_type(value) == GARITA_JSON_NULL)
			garita_json_remove(target, key);
		else
			garita_json_put(
				doc, target, key,
				cases_merge(doc, garita_json_get(target, key),
					    value));
	}
	return target;
}

bool cases_remove(struct garita_json *root, const char *pointer)
{
	const char *last = strrchr(pointer, '/');
	auto_free char *above =
		garita_xstrndup(pointer, last ? (size_t)(last - pointer) : 0);
	struct garita_json *from = garita_json_at(root, above);
	uint32_t i;

	if (last == NULL || from == NULL)
		return false;
	if (garita_json_type(from) == GARITA_JSON_ARRAY)
		return garita_parse_u32(last + 1, 0, UINT32_MAX, &i) == 0 &&
		       garita_json_remove_item(from, i);
	for (size_t m = 0; m < garita_json_count(from); m++) {
		const char *key = garita_json_key(from, m);
		auto_text at = { 0 };

		garita_json_pointer_add(&at, key);
		if (strcmp(at.data, last) == 0)
			return garita_json_remove(from, key);
	}
	return false;
}

/* Puts the new process or limits into the config; the container's own is kept
 * beside it. */
static void load_change(const struct garita_json *of,
			struct garita_json_doc *doc, struct case_inputs *ret)
{
	const struct garita_json *exec = garita_json_get(of, "exec");
	const struct garita_json *update = garita_json_get(of, "update");
	struct garita_json *root = garita_json_root(doc);
	auto_text text = { 0 };

	if (exec == NULL && update == NULL)
		return;
	if (exec != NULL)
		cases_merge(doc, garita_json_get(root, "process"), exec);
	else
		cases_merge(doc,
			    garita_json_make_object(doc, "/linux/resources"),
			    update);
	ret->subject = exec ? GARITA_SCOPE_EXEC : GARITA_SCOPE_UPDATE;
	ret->container = ret->text;
	garita_json_print(root, &text);
	ret->len = text.len;
	ret->text = garita_text_take(&text);
}

static void load_config(const char *name, const struct garita_json *of,
			struct case_inputs *ret)
{
	auto_json struct garita_json_doc *doc =
		cases_parse(RULES_DIR "base.json");
	struct garita_json *root = garita_json_root(doc);
	const struct garita_json *patch = garita_json_get(of, "config");
	const struct garita_json *remove = garita_json_get(of, "remove");
	const struct garita_json *append = garita_json_get(of, "append");
	auto_text text = { 0 };

	if (patch != NULL)
		cases_merge(doc, root, patch);
	for (size_t i = 0; i < garita_json_count(remove); i++)
		if (!cases_remove(root, garita_json_string(
						garita_json_item(remove, i))))
			fail_msg("%s: there is no %s to remove", name,
				 garita_json_string(
					 garita_json_item(remove, i)));
	for (size_t i = 0; i < garita_json_count(append); i++) {
		struct garita_json *to =
			garita_json_at(root, garita_json_key(append, i));
		struct garita_json *items = garita_json_item(append, i);

		if (garita_json_type(to) != GARITA_JSON_ARRAY)
			fail_msg("%s: there is no array %s", name,
				 garita_json_key(append, i));
		for (size_t n = 0; n < garita_json_count(items); n++)
			garita_json_append(
				doc, to,
				cases_copy(doc, garita_json_item(items, n)));
	}
	garita_json_print(root, &text);
	ret->len = text.len;
	ret->text = garita_text_take(&text);
	load_change(of, doc, ret);
}

static void load_policy(const char *name, const struct garita_json *of,
			struct case_inputs *ret)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	const struct garita_json *extra = garita_json_get(of, "policy");
	const char *profile =
		garita_json_string(garita_json_get(of, "profile"));
	struct garita_error err = { 0 };
	auto_text text = { 0 };
	char words[1024];

	garita_json_put_u64(doc, root, "version", 1);
	garita_json_put_string(doc, root, "profile",
			       profile ? profile : "restricted");
	/* Half of the other rules would say something else of a container with
	 * a user namespace, so the base has none and only a case that is about
	 * that asks for it. */
	garita_json_put_string(doc, garita_json_make_object(doc, "/rules"),
			       "user-namespace", "off");
	if (extra != NULL)
		cases_merge(doc, root, extra);
	garita_json_print(root, &text);
	if (garita_policy_parse(text.data, text.len, &ret->policy, &err) < 0)
		fail_msg("%s: policy: %s", name,
			 garita_error_words(&err, words, sizeof(words)));
}

static void load_list(const char *name, const struct garita_json *lists,
		      const char *which, char **ret_bytes,
		      struct garita_digests *ret)
{
	struct garita_error err = { 0 };

	const char *bytes = garita_json_string(garita_json_get(lists, which));

	if (bytes == NULL)
		return;
	*ret_bytes = garita_xstrdup(bytes);
	if (garita_digests_open(*ret_bytes, strlen(*ret_bytes), false, ret,
				&err) < 0)
		fail_msg("%s: %s list: %s", name, which, err.text);
}

void cases_load(const char *name, const struct garita_json *of,
		struct case_inputs *ret)
{
	auto_json struct garita_json_doc *facts =
		cases_parse(RULES_DIR "host.json");
	auto_json struct garita_json_doc *store =
		cases_parse(RULES_DIR "image.json");
	const struct garita_json *lists = garita_json_get(of, "lists");
	const struct garita_json *host = garita_json_get(of, "host");
	const struct garita_json *patch = garita_json_get(of, "image");

	*ret = (struct case_inputs){ 0 };
	load_config(name, of, ret);
	load_policy(name, of, ret);
	load_list(name, lists, "allow", &ret->lists[0],
		  &ret->policy->allow_list);
	load_list(name, lists, "deny", &ret->lists[1], &ret->policy->deny_list);
	if (host != NULL)
		cases_merge(facts, garita_json_root(facts), host);
	cases_host(garita_json_root(facts), &ret->host);
	ret->host.facts = cases_facts(of);
	if (patch != NULL)
		cases_merge(store, garita_json_root(store), patch);
	cases_image(garita_json_root(store), &ret->image);
}

void cases_free(struct case_inputs *inputs)
{
	free(inputs->text);
	free(inputs->container);
	garita_policy_free(inputs->policy);
	garita_host_free(&inputs->host);
	garita_image_free(&inputs->image);
	free(inputs->lists[0]);
	free(inputs->lists[1]);
	*inputs = (struct case_inputs){ 0 };
}

static int decide(const struct case_inputs *inputs, struct garita_json_doc *doc,
		  unsigned flags, struct garita_verdict *ret,
		  struct garita_error *err)
{
	auto_json struct garita_json_doc *container = NULL;
	auto_spec spec = { 0 }, started = { 0 };
	const struct garita_change change = { inputs->subject, &started };
	int rc = garita_spec_read(doc, &spec, err);

	if (rc < 0)
		return rc;
	if (inputs->container == NULL)
		return garita_decide(doc, &spec, inputs->policy, &inputs->image,
				     &inputs->host, 0, flags, ret, err);
	rc = garita_config_parse(inputs->container, strlen(inputs->container),
				 &container, err);
	if (rc == 0)
		rc = garita_spec_read(container, &started, err);
	if (rc < 0)
		return rc;
	return garita_decide_change(&change, doc, &spec, inputs->policy,
				    &inputs->image, &inputs->host, 0, flags,
				    ret, err);
}

void cases_decide(const struct case_inputs *inputs, const char *text,
		  size_t len, unsigned flags, struct garita_json_doc **ret_doc,
		  struct garita_verdict *ret)
{
	struct garita_error err = { 0 };
	char words[1024];

	if (garita_config_parse(text, len, ret_doc, &err) < 0 ||
	    decide(inputs, *ret_doc, flags, ret, &err) < 0)
		fail_msg("cannot be judged: %s",
			 garita_error_words(&err, words, sizeof(words)));
}

char *cases_words(const struct garita_verdict *verdict)
{
	auto_text text = { 0 };

	garita_text_puts(&text, garita_outcome_name(verdict->outcome));
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		garita_text_printf(&text, "\n  %s %s%s%s at %s: %s%s%s",
				   garita_action_name(f->action), f->rule->id,
				   f->covered ? " (covered)" : "",
				   f->fixed ? " (fixed)" : "", f->pointer,
				   f->found, f->problem ? "; " : "",
				   f->problem ? f->problem : "");
	}
	return garita_text_take(&text);
}
