/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_import - which piece of material is planned under which digest.
 * (Writing and forgetting: tests/engines/image_import.bats.)
 *
 * A piece is a word: its name, its kind, and the names of what it names. The
 * plan is words, too: a digest by the name of its piece, in capitals the config
 * of that manifest, and what is kept there.
 */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/trust/import.h"

enum { LETTERS = 128 };

struct scene {
	struct garita_blobs bag;
	char digests[LETTERS][GARITA_DIGEST_SIZE]; /* by letter */
};

/* "sha256:" and 64 of this letter. */
static void fill_digest(char letter, char *ret)
{
	memcpy(ret, "sha256:", 7);
	memset(ret + 7, letter, 64);
	ret[71] = '\0';
}

static void write_index(const struct scene *scene, const char *names,
			struct garita_text *out)
{
	garita_text_puts(out, "{\"schemaVersion\":2,\"manifests\":[");
	for (const char *at = names; *at != '\0'; at++)
		garita_text_printf(out, "%s{\"digest\":\"%s\"}",
				   at > names ? "," : "",
				   scene->digests[(unsigned char)*at]);
	garita_text_puts(out, "]}");
}

/* The text of a piece; what it names stands for itself. */
static void write_piece(const struct scene *scene, const char *word,
			struct garita_text *out)
{
	char config[GARITA_DIGEST_SIZE];

	fill_digest(word[0], config);
	switch (word[1]) {
	case 'm': /* manifest */
		garita_text_printf(out,
				   "{\"config\":{\"digest\":\"%s\"},"
				   "\"layers\":[]}",
				   config);
		break;
	case 'i': /* index */
		write_index(scene, word + 2, out);
		break;
	case 's': /* manifest of signatures */
		garita_text_printf(
			out,
			"{\"config\":{\"digest\":\"%s\"},\"layers\":[{"
			"\"mediaType\":\"application/vnd.dev.cosign."
			"simplesigning.v1+json\"}],\"n\":\"%c\"}",
			config, word[0]);
		break;
	case 'c': /* config of an image */
		garita_text_printf(out, "{\"rootfs\":{\"diff_ids\":[\"%s\"]}}",
				   config);
		break;
	case 'p': /* payload, or any other text with digests in it */
		garita_text_printf(out, "payload %c", word[0]);
		for (const char *at = word + 2; *at != '\0'; at++)
			garita_text_printf(out, " %s",
					   scene->digests[(unsigned char)*at]);
		break;
	}
}

static void add_piece(struct scene *scene, const char *word)
{
	auto_text text = { 0 };

	write_piece(scene, word, &text);
	garita_sha256_digest(text.data, text.len,
			     scene->digests[(unsigned char)word[0]]);
	assert_int_equal(
		garita_blobs_add(&scene->bag, word, text.data, text.len), 0);
}

/* "a b i" gives pieces; "g" is the digest that is given, "z" one of nothing. */
static void make_scene(const char *words, struct scene *ret)
{
	auto_free char *copy = garita_xstrdup(words);

	fill_digest('7', ret->digests['g']);
	fill_digest('9', ret->digests['z']);
	for (char *word = copy, *end; *word != '\0'; word = end) {
		end = word + strcspn(word, " ");
		if (*end != '\0')
			*end++ = '\0';
		add_piece(ret, word);
	}
}

static void put_place(const struct garita_import_plan *plan, char name,
		      const char *digest, struct garita_text *out)
{
	bool is_first = true;

	for (size_t i = 0; i < plan->count; i++) {
		if (strcmp(plan->all[i].digest, digest) != 0)
			continue;
		if (is_first)
			garita_text_printf(out, "%s%c=", out->len ? " " : "",
					   name);
		is_first = false;
	}
}

static int by_letter(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

static void put_files(const struct garita_import_plan *plan, char name,
		      const char *digest, struct garita_text *out)
{
	char found[LETTERS] = "";
	size_t count = 0;

	put_place(plan, name, digest, out);
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->all[i].digest, digest) == 0)
			found[count++] = plan->all[i].blob->name[0];
	qsort(found, count, 1, by_letter);
	garita_text_puts(out, found);
}

static void put_plan(const struct scene *scene,
		     const struct garita_import_plan *plan,
		     struct garita_text *out)
{
	for (int letter = 'a'; letter <= 'z'; letter++) {
		char config[GARITA_DIGEST_SIZE];

		if (*scene->digests[letter] == '\0')
			continue;
		put_files(plan, (char)letter, scene->digests[letter], out);
		fill_digest((char)letter, config);
		put_files(plan, (char)toupper(letter), config, out);
	}
}

static const struct {
	const char *why, *pieces;
	bool given;
	const char *plan;
} plans[] = {
	{ "one image and its signature; docker asks by config", "am ss ppa",
	  false, "a=aps A=aps" },
	{ "only a payload that says which", "am ppa", false, "a=ap A=ap" },
	{ "an index and two children: what names one is the one's",
	  "am bm iiab qpa rpb tpi", false, "a=aiqt A=aiqt b=birt B=birt i=it" },
	{ "a payload that names one of two images, and one that does not say",
	  "am bm ppa xp", false, "a=apx A=apx b=bx B=bx" },
	{ "a payload about both", "am bm ppab", false, "a=ap A=ap b=bp B=bp" },
	{ "a payload about something else may hide more: everywhere",
	  "am bm ppz", false, "a=ap A=ap b=bp B=bp" },
	{ "an index whose children were not copied", "iiz ppi", false, "i=ip" },
	{ "an index that does not list the image", "am iiz ppi qpa", false,
	  "a=aq A=aq i=ip" },
	{ "an index in an index", "am iia jii qpi rpj", false,
	  "a=aiq A=aiq i=ijq j=jr" },
	{ "configs are no use to anybody", "am dc ppa", false, "a=ap A=ap" },
	{ "a digest is given, no manifest", "xp yp", true, "g=xy" },
	{ "given, and another image is there, too", "am ppa qpg", true,
	  "a=ap A=ap g=pq" },
	{ "the same blob twice is one file", "am ppa ppa", false, "a=ap A=ap" },
};

static void test_each_piece_has_its_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(plans); i++) {
		struct scene scene = { 0 };
		struct garita_import_plan plan = { 0 };
		struct garita_error err = { 0 };
		auto_text said = { 0 };

		make_scene(plans[i].pieces, &scene);
		if (garita_import_plan(&scene.bag,
				       plans[i].given ? scene.digests['g']
						      : NULL,
				       &plan, &err) < 0)
			fail_msg("%s: %s", plans[i].why, err.text);
		put_plan(&scene, &plan, &said);
		if (strcmp(said.data, plans[i].plan) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", plans[i].why,
				 said.data, plans[i].plan);
		garita_import_plan_free(&plan);
		garita_blobs_free(&scene.bag);
	}
}

static const struct {
	const char *why, *pieces;
	bool given;
	int code;
	const char *words;
} bad[] = {
	{ "nothing", "", false, -ENOENT, "no signature" },
	{ "an image nobody signed", "am dc", false, -ENOENT, "no signature" },
	{ "the same, with a digest", "am", true, -ENOENT, "no signature" },
	{ "signatures of what?", "ss pp", false, -ENOENT, "--digest" },
};

static void test_what_cannot_be_planned(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		struct scene scene = { 0 };
		struct garita_import_plan plan = { 0 };
		struct garita_error err = { 0 };
		int rc;

		make_scene(bad[i].pieces, &scene);
		rc = garita_import_plan(
			&scene.bag, bad[i].given ? scene.digests['g'] : NULL,
			&plan, &err);
		if (rc != bad[i].code || !strstr(err.text, bad[i].words))
			fail_msg("%s: %d, %s", bad[i].why, rc, err.text);
		assert_null(plan.all);
		garita_blobs_free(&scene.bag);
	}
}

/* A file says by its name what it is and which. */
static void test_names_are_kinds_and_hashes(void **state)
{
	struct scene scene = { 0 };
	struct garita_import_plan plan = { 0 };

	(void)state;
	make_scene("am iia ppa", &scene);
	assert_int_equal(garita_import_plan(&scene.bag, NULL, &plan, NULL), 0);
	for (size_t i = 0; i < plan.count; i++) {
		const char *kind = plan.all[i].blob->name;
		char name[GARITA_IMPORT_NAME_SIZE];

		garita_import_name(kind[0] == 'a'   ? "manifest"
				   : kind[0] == 'i' ? "index"
						    : "material",
				   scene.digests[(unsigned char)kind[0]], name);
		assert_string_equal(plan.all[i].name, name);
		assert_memory_equal(strchr(name, '-') + 1,
				    scene.digests[(unsigned char)kind[0]] + 7,
				    32);
	}
	garita_import_plan_free(&plan);
	garita_blobs_free(&scene.bag);
}

/* Each of the bag fits; all of them for one digest, with those of another
 * source, is for the gate to refuse unless we do. */
static void test_no_digest_gets_more_than_the_gate_reads(void **state)
{
	struct scene scene = { 0 };
	struct garita_import_plan plan = { 0 };
	struct garita_error err = { 0 };
	struct garita_blobs more;

	(void)state;
	make_scene("am", &scene);
	for (unsigned i = 1; i < GARITA_BLOBS_MAX; i++) {
		char text[16];
		int len = snprintf(text, sizeof(text), "piece %u", i);

		assert_int_equal(
			garita_blobs_add(&scene.bag, "x", text, (size_t)len),
			0);
	}
	assert_int_equal(garita_import_plan(&scene.bag, NULL, &plan, &err), 0);
	assert_int_equal(plan.count, 2 * GARITA_BLOBS_MAX);
	garita_import_plan_free(&plan);
	/* A bag of more than a bag holds. */
	more = scene.bag;
	more.all = garita_xcalloc(more.count + 1, sizeof(*more.all));
	memcpy(more.all, scene.bag.all, more.count * sizeof(*more.all));
	more.all[more.count++] = (struct garita_blob){ .name = "one more",
						       .bytes = "one more",
						       .len = 8 };
	assert_int_equal(garita_import_plan(&more, NULL, &plan, &err), -E2BIG);
	assert_null(plan.all);
	free(more.all);
	garita_blobs_free(&scene.bag);
}

/* Many indexes that list many manifests, signed by many: was minutes. */
static void test_a_crafted_source_is_planned_soon(void **state)
{
	struct scene scene = { 0 };
	struct garita_import_plan plan = { 0 };

	(void)state;
	make_scene("am bm cm ppa", &scene);
	while (scene.bag.count < GARITA_BLOBS_MAX) {
		bool is_index = scene.bag.count % 4 == 0;
		auto_text text = { 0 };

		garita_text_puts(&text, is_index ? "{\"manifests\":[" : "[");
		for (int i = 0; i < 600 && is_index; i++)
			garita_text_printf(&text, "{\"digest\":\"%s\"},",
					   scene.digests['a' + i % 3]);
		garita_text_printf(&text, "%zu]%s", scene.bag.count,
				   is_index ? "}" : "");
		assert_int_equal(
			garita_blobs_add(&scene.bag, "x", text.data, text.len),
			0);
	}
	assert_int_equal(garita_import_plan(&scene.bag, NULL, &plan, NULL), 0);
	garita_import_plan_free(&plan);
	garita_blobs_free(&scene.bag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_piece_has_its_places),
		cmocka_unit_test(test_what_cannot_be_planned),
		cmocka_unit_test(test_names_are_kinds_and_hashes),
		cmocka_unit_test(test_no_digest_gets_more_than_the_gate_reads),
		cmocka_unit_test(test_a_crafted_source_is_planned_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
