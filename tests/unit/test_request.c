/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_request - a question arrives as it was asked or not at all, and an
 * answer that nobody would give is not believed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/trust/request.h"
#include "tests/request_whole.h"

enum { NOW = 1800000000 };

#define DIGEST(c) "sha256:" c c c c c c c c c c c c c c c c
#define ONE       DIGEST("1111")
#define TWO       DIGEST("2222")

static char *copy(const char *text)
{
	return garita_xstrdup(text);
}

static void add_key(struct garita_requirement *to, const char *path,
		    const char *bytes)
{
	to->keys =
		garita_xresize(to->keys, to->key_count + 1, sizeof(*to->keys));
	to->keys[to->key_count++] = (struct garita_key_source){
		.path = path ? copy(path) : NULL,
		.bytes = bytes ? copy(bytes) : NULL,
		.len = bytes ? strlen(bytes) : 0,
	};
}

static void fill_keyless(struct garita_requirement *wanted)
{
	struct garita_keyless_identity *one;

	wanted->kind = GARITA_REQUIRE_KEYLESS;
	add_key(wanted, "trusted_root.json", "{}");
	wanted->keys[0].role = GARITA_SOURCE_TRUSTED_ROOT;
	wanted->keys[0].changed = NOW - 100;
	wanted->keyless = garita_xalloc(sizeof(*wanted->keyless));
	wanted->keyless->max_age_s = 86400;
	wanted->keyless->stale_refuses = true;
	one = garita_keyless_add(wanted->keyless);
	one->kind = GARITA_SUBJECT_URI;
	one->subject = copy("https://example.com/a");
	one->issuer = copy("https://issuer.example.com");
	one->extensions = garita_xcalloc(1, sizeof(*one->extensions));
	one->extensions[one->extension_count++] =
		(struct garita_keyless_extension){ 20, copy("push") };
	one = garita_keyless_add(wanted->keyless);
	one->pattern = copy("https://.*");
	one->issuer = copy("other");
}

static void fill_notation(struct garita_requirement *wanted)
{
	struct garita_notation *to = garita_xalloc(sizeof(*to));

	wanted->kind = GARITA_REQUIRE_NOTATION;
	wanted->notation = to;
	add_key(wanted, "ca:x/root.pem", "-----BEGIN");
	to->name = copy("p");
	to->actions[GARITA_NOTATION_EXPIRED] = GARITA_NOTATION_LOG;
	to->actions[GARITA_NOTATION_REVOCATION] = GARITA_NOTATION_SKIP;
	to->after_expiry = true;
	to->stores = garita_xcalloc(2, sizeof(char *));
	to->stores[to->store_count++] = copy("ca:x");
	to->stores[to->store_count++] = copy("tsa:y");
	to->identities = garita_xcalloc(1, sizeof(char *));
	to->identities[to->identity_count++] = copy("*");
}

/* Everything that a question can have, once at least. */
static void fill(struct garita_request *request)
{
	struct garita_image *image = &request->image;
	struct garita_requirement *wanted =
		garita_requirements_add(&request->wanted);

	request->now = NOW;
	image->sure = GARITA_IMAGE_VERIFIED;
	memcpy(image->manifest, ONE, sizeof(ONE));
	memcpy(image->config, TWO, sizeof(TWO));
	image->reference = copy("registry.example.com/app:1");
	image->repo_digests = garita_xcalloc(2, sizeof(char *));
	image->repo_digests[image->repo_digest_count++] = copy("a@" ONE);
	image->repo_digests[image->repo_digest_count++] = copy("b@" TWO);
	wanted->kind = GARITA_REQUIRE_KEYS;
	wanted->need = 2;
	wanted->identity.kind = GARITA_IDENTITY_REMAP;
	wanted->identity.first = copy("mirror.example.com");
	wanted->identity.second = copy("registry.example.com");
	wanted->signed_index = true;
	wanted->any_statement = true;
	add_key(wanted, "/etc/garita/a.pub", "one");
	add_key(wanted, NULL, "two");
	wanted->annotations = garita_xcalloc(1, sizeof(*wanted->annotations));
	wanted->annotations[wanted->annotation_count++] =
		(struct garita_annotation){ copy("env"), copy("") };
	wanted = garita_requirements_add(&request->wanted);
	wanted->kind = GARITA_REQUIRE_UNSUPPORTED;
	wanted->why = copy("what nobody signs");
	fill_keyless(garita_requirements_add(&request->wanted));
	fill_notation(garita_requirements_add(&request->wanted));
	assert_int_equal(garita_blobs_add(&request->material, "a", "x\0y", 3),
			 0);
	assert_int_equal(garita_blobs_add(&request->material, "b", "", 0), 0);
}

static void write_case(const struct garita_request *request,
		       struct garita_text *ret)
{
	const struct garita_trust_case of = garita_request_case(request);

	assert_int_equal(request_whole(&of, ret, NULL), 0);
}

static void name_case(const struct garita_request *request,
		      char ret[GARITA_REQUEST_NAME])
{
	const struct garita_trust_case of = garita_request_case(request);
	auto_text written = { 0 };

	assert_int_equal(garita_request_write(&of, &written, NULL), 0);
	garita_request_name(&written, ret);
}

static void test_there_and_back(void **state)
{
	auto_request asked = { 0 }, read = { 0 };
	auto_text first = { 0 }, second = { 0 };

	(void)state;
	fill(&asked);
	write_case(&asked, &first);
	assert_int_equal(
		garita_request_read(first.data, first.len, &read, NULL), 0);
	assert_int_equal(read.now, NOW);
	assert_string_equal(read.image.manifest, ONE);
	assert_string_equal(read.image.index, "");
	assert_string_equal(read.image.config, TWO);
	assert_string_equal(read.image.reference, asked.image.reference);
	assert_int_equal(read.image.repo_digest_count, 2);
	assert_int_equal(read.wanted.count, 4);
	assert_string_equal(read.wanted.all[3].notation->name, "p");
	assert_string_equal(read.wanted.all[3].notation->stores[1], "tsa:y");
	assert_int_equal(read.wanted.all[3].notation->identity_count, 1);
	assert_true(read.wanted.all[3].notation->after_expiry);
	assert_int_equal(read.wanted.all[3]
				 .notation->actions[GARITA_NOTATION_REVOCATION],
			 GARITA_NOTATION_SKIP);
	assert_int_equal(read.wanted.all[2].keys[0].changed, NOW - 100);
	assert_int_equal(read.wanted.all[2].keyless->count, 2);
	assert_string_equal(
		read.wanted.all[2].keyless->identities[0].extensions[0].value,
		"push");
	assert_null(read.wanted.all[2].keyless->identities[1].subject);
	assert_int_equal(read.wanted.all[0].kind, GARITA_REQUIRE_KEYS);
	assert_int_equal(read.wanted.all[0].need, 2);
	assert_true(read.wanted.all[0].signed_index);
	assert_int_equal(read.wanted.all[0].identity.kind,
			 GARITA_IDENTITY_REMAP);
	assert_string_equal(read.wanted.all[0].keys[0].path,
			    "/etc/garita/a.pub");
	assert_null(read.wanted.all[0].keys[1].path);
	assert_string_equal(read.wanted.all[0].keys[1].bytes, "two");
	assert_string_equal(read.wanted.all[0].annotations[0].value, "");
	assert_string_equal(read.wanted.all[1].why, "what nobody signs");
	assert_int_equal(read.material.count, 2);
	assert_memory_equal(read.material.all[0].bytes, "x\0y", 3);
	write_case(&read, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
}

static void test_a_name_for_each_question(void **state)
{
	char name[GARITA_REQUEST_NAME], later[GARITA_REQUEST_NAME],
		other[GARITA_REQUEST_NAME];
	auto_request asked = { 0 };
	struct garita_blob *last;

	(void)state;
	fill(&asked);
	name_case(&asked, name);
	assert_int_equal(strspn(name, "0123456789abcdef"), 64);
	asked.now++;
	name_case(&asked, later);
	assert_string_equal(name, later);
	asked.wanted.all[0].keys[0].bytes[0] ^= 1;
	name_case(&asked, other);
	assert_string_not_equal(name, other);
	asked.wanted.all[0].keys[0].bytes[0] ^= 1;
	/* One more, and other bytes of the same length. */
	assert_int_equal(garita_blobs_add(&asked.material, "c", "y", 1), 0);
	name_case(&asked, later);
	assert_string_not_equal(name, later);
	last = &asked.material.all[--asked.material.count];
	asked.material.total--;
	free(last->name);
	free(last->bytes);
	assert_int_equal(garita_blobs_add(&asked.material, "c", "z", 1), 0);
	name_case(&asked, other);
	assert_string_not_equal(later, other);
}

/* Any byte that is taken away or changed is noticed, or says something else
 * in the same grammar; nothing is read beyond the end. */
static void test_no_part_of_a_request(void **state)
{
	auto_request asked = { 0 };
	auto_text text = { 0 };

	(void)state;
	fill(&asked);
	write_case(&asked, &text);
	for (size_t len = 0; len < text.len; len++) {
		auto_request read = { 0 };
		auto_free char *cut = garita_xalloc(len);

		memcpy(cut, text.data, len);
		assert_int_equal(garita_request_read(cut, len, &read, NULL),
				 -EBADMSG);
	}
	garita_text_putc(&text, '\0');
	{
		auto_request read = { 0 };

		assert_int_equal(
			garita_request_read(text.data, text.len, &read, NULL),
			-EBADMSG);
	}
}

static void test_one_spelling(void **state)
{
	auto_request asked = { 0 };
	auto_text text = { 0 };

	(void)state;
	fill(&asked);
	write_case(&asked, &text);
	for (size_t i = 0; i < text.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			auto_request read = { 0 };
			auto_text again = { 0 };

			text.data[i] = (char)(text.data[i] ^ (1 << bit));
			if (garita_request_read(text.data, text.len, &read,
						NULL) == 0) {
				write_case(&read, &again);
				assert_int_equal(again.len, text.len);
				assert_memory_equal(again.data, text.data,
						    text.len);
			}
			text.data[i] = (char)(text.data[i] ^ (1 << bit));
		}
	}
}

static void test_what_cannot_be_asked(void **state)
{
	struct garita_error err = { 0 };
	auto_request asked = { 0 };
	auto_text text = { 0 };
	struct garita_trust_case of;

	(void)state;
	fill(&asked);
	of = garita_request_case(&asked);
	add_key(&asked.wanted.all[0], "/etc/garita/c.pub", NULL);
	assert_int_equal(garita_request_write(&of, &text, &err), -EINVAL);
	assert_non_null(strstr(err.text, "/etc/garita/c.pub"));
	assert_null(text.data);
	asked.wanted.all[0].keys[2].bytes = copy("");
	assert_int_equal(garita_request_write(&of, &text, NULL), 0);
	asked.wanted.all[0].need = 0;
	assert_int_equal(garita_request_write(&of, &text, NULL), -E2BIG);
	asked.wanted.all[0].need = 1;
	for (size_t i = 0; i < GARITA_REQUEST_LIST_MAX; i++)
		add_key(&asked.wanted.all[0], NULL, "k");
	assert_int_equal(garita_request_write(&of, &text, NULL), -E2BIG);
}

static const struct {
	const char *why;
	enum garita_trust_state state;
	time_t until;
	const char *words;
	bool believed;
} replies[] = {
	{ "yes", GARITA_TRUST_ACCEPTED, 0, "signed", true },
	{ "yes, for a while", GARITA_TRUST_ACCEPTED, NOW + 1, "signed", true },
	{ "no", GARITA_TRUST_REFUSED, 0, "not signed", true },
	{ "yes, but no longer", GARITA_TRUST_ACCEPTED, NOW, "signed", false },
	{ "no end before the beginning", GARITA_TRUST_ACCEPTED, -1, "signed",
	  false },
	{ "not asked is no answer", GARITA_TRUST_NOT_ASKED, 0, "?", false },
	{ "no such answer", (enum garita_trust_state)7, 0, "?", false },
	{ "without a word", GARITA_TRUST_ACCEPTED, 0, "", false },
	{ "a command for a terminal", GARITA_TRUST_REFUSED, 0, "a\x1b[2J",
	  false },
	{ "two lines of a log", GARITA_TRUST_REFUSED, 0, "a\nb", false },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(replies); i++) {
		struct garita_trust said = { .state = replies[i].state,
					     .until = replies[i].until };
		struct garita_trust heard = { 0 };
		struct garita_reply reply;
		int rc;

		snprintf(said.words, sizeof(said.words), "%s",
			 replies[i].words);
		garita_reply_write(&said, &reply);
		rc = garita_reply_read(&reply, NOW, &heard, NULL);
		if ((rc == 0) != replies[i].believed)
			fail_msg("%s", replies[i].why);
		if (rc == 0)
			assert_string_equal(heard.words, replies[i].words);
		else
			assert_int_equal(heard.state, GARITA_TRUST_NOT_ASKED);
	}
}

static void test_torn_answers(void **state)
{
	const struct garita_trust said = { .state = GARITA_TRUST_ACCEPTED,
					   .words = "signed" };
	struct garita_trust heard = { 0 };
	struct garita_reply reply;

	(void)state;
	garita_reply_write(&said, &reply);
	reply.magic[0] ^= 1;
	assert_int_equal(garita_reply_read(&reply, NOW, &heard, NULL),
			 -EBADMSG);
	garita_reply_write(&said, &reply);
	memset(reply.words, 'x', sizeof(reply.words));
	assert_int_equal(garita_reply_read(&reply, NOW, &heard, NULL),
			 -EBADMSG);
	garita_reply_write(&said, &reply);
	reply.words[sizeof(reply.words) - 2] = 'x';
	assert_int_equal(garita_reply_read(&reply, NOW, &heard, NULL),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_a_name_for_each_question),
		cmocka_unit_test(test_no_part_of_a_request),
		cmocka_unit_test(test_one_spelling),
		cmocka_unit_test(test_what_cannot_be_asked),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_torn_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
