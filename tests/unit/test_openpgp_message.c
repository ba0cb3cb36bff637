/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signed messages: of all that can be put around a text and a signature, what
 * is read, and that nothing else is. Where it says what podman does, that was
 * measured with skopeo 1.9.3 and GnuPG 2.2.40.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/openpgp_parts.h"

/* ---- orders ---- */
static void old_form(struct garita_text *to, const struct parts *parts)
{
	put_signed(to, parts);
	put_literal(to, parts);
}

static void detached(struct garita_text *to, const struct parts *parts)
{
	put_signed(to, parts);
}

static void unsigned_text(struct garita_text *to, const struct parts *parts)
{
	put_literal(to, parts);
}

static void not_finished(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
}

static void announced_only(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
}

static void two_texts(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
	put_literal(to, parts);
	put_signed(to, parts);
}

static void text_before(struct garita_text *to, const struct parts *parts)
{
	put_literal(to, parts);
	usual(to, parts);
}

static void text_behind(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	put_literal(to, parts);
}

static void twice(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	usual(to, parts);
}

static void byte_behind(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	garita_text_putc(to, '\0');
}

static void line_feed_behind(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	garita_text_putc(to, '\n');
}

static void marker_before(struct garita_text *to, const struct parts *parts)
{
	put_packet(to, 10, "PGP", 3);
	usual(to, parts);
}

static void two_signatures(struct garita_text *to, const struct parts *parts)
{
	auto_text first = { 0 };

	garita_text_add(&first, parts->announced.data, parts->announced.len);
	first.data[first.len - 1] = 0; /* more follow */
	put_body(to, GARITA_OPENPGP_ONE_PASS, &first);
	put_announced(to, parts);
	put_literal(to, parts);
	put_signed(to, parts);
	put_signed(to, parts);
}

static void two_old(struct garita_text *to, const struct parts *parts)
{
	put_signed(to, parts);
	old_form(to, parts);
}

static void two_behind(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	put_signed(to, parts);
}

/* ---- one byte of the announcement is another ---- */
static void announce(struct garita_text *to, const struct parts *parts,
		     size_t at)
{
	auto_text other = { 0 };

	garita_text_add(&other, parts->announced.data, parts->announced.len);
	other.data[at] ^= 1;
	put_body(to, GARITA_OPENPGP_ONE_PASS, &other);
	put_literal(to, parts);
	put_signed(to, parts);
}

static void other_version(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 0);
}

static void other_type(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 1);
}

static void other_hash(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 2);
}

static void other_algorithm(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 3);
}

static void other_key(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 11);
}

static void not_last(struct garita_text *to, const struct parts *parts)
{
	announce(to, parts, 12);
}

/* ---- what is signed ---- */
static void text_changed(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	*(char *)memmem(to->data, to->len, "crit", 4) = 'C';
}

static void name_changed(struct garita_text *to, const struct parts *parts)
{
	usual(to, parts);
	*(char *)memmem(to->data, to->len, "name", 4) = 'N';
}

static void left_changed(struct garita_text *to, const struct parts *parts)
{
	const unsigned char *sig = (const unsigned char *)parts->signature.data;
	size_t said = 6 + (size_t)(sig[4] << 8 | sig[5]);
	size_t left = said + 2 + (size_t)(sig[said] << 8 | sig[said + 1]);

	usual(to, parts);
	to->data[to->len - parts->signature.len + left] ^= 1;
}

static void format_t(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
	*(char *)memmem(to->data, to->len, "b\4name", 6) = 't';
	put_signed(to, parts);
}

static void format_local(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
	*(char *)memmem(to->data, to->len, "b\4name", 6) = '1';
	put_signed(to, parts);
}

static void short_literal(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_packet(to, GARITA_OPENPGP_LITERAL, "b\4name\1\2\3", 9);
	put_signed(to, parts);
}

static const struct message_case cases[] = {
	{ .why = "as gpg writes it", .build = usual },
	{ .why = "an empty text", .build = usual, .text = "" },
	{ .why = "the old form; so does podman", .build = old_form },
	{ .why = "the file name is not signed", .build = name_changed },
	{ .why = "a literal packet of text", .build = format_t },
	{ .why = "detached",
	  .build = detached,
	  .refused = "a detached signature" },
	{ .why = "nobody signed",
	  .build = unsigned_text,
	  .refused = "nobody signed" },
	{ .why = "no signature",
	  .build = not_finished,
	  .refused = "signature is missing" },
	{ .why = "no text",
	  .build = announced_only,
	  .refused = "no text behind" },
	{ .why = "two texts",
	  .build = two_texts,
	  .refused = "signature is missing" },
	{ .why = "a text before",
	  .build = text_before,
	  .refused = "nobody signed" },
	{ .why = "a text behind",
	  .build = text_behind,
	  .refused = "something stands behind" },
	{ .why = "two messages",
	  .build = twice,
	  .refused = "something stands behind" },
	{ .why = "a byte behind",
	  .build = byte_behind,
	  .refused = "something stands behind" },
	{ .why = "a line feed behind",
	  .build = line_feed_behind,
	  .refused = "something stands behind" },
	{ .why = "a marker before; podman too",
	  .build = marker_before,
	  .refused = "no signed message" },
	{ .why = "two signatures",
	  .build = two_signatures,
	  .refused = "more than one signature" },
	{ .why = "two of the old form",
	  .build = two_old,
	  .refused = "a detached signature" },
	{ .why = "a second behind",
	  .build = two_behind,
	  .refused = "something stands behind" },
	{ .why = "announced: version 2",
	  .build = other_version,
	  .refused = "one-pass signature" },
	{ .why = "announced: of text",
	  .build = other_type,
	  .refused = "not the one that was announced" },
	{ .why = "announced: another hash",
	  .build = other_hash,
	  .refused = "not the one that was announced" },
	{ .why = "announced: another algorithm",
	  .build = other_algorithm,
	  .refused = "not the one that was announced" },
	{ .why = "announced: another key; podman accepts",
	  .build = other_key,
	  .refused = "not the one that was announced" },
	{ .why = "announced: more follow; podman accepts",
	  .build = not_last,
	  .refused = "more than one signature" },
	{ .why = "another text",
	  .build = text_changed,
	  .refused = "not over these bytes" },
	{ .why = "another hint of the hash; podman accepts",
	  .build = left_changed,
	  .refused = "not over these bytes" },
	{ .why = "the signature is another",
	  .build = usual,
	  .refused = "not signed by",
	  .said.wrong = true },
	{ .why = "a format of 1991",
	  .build = format_local,
	  .refused = "a format that is not known" },
	{ .why = "half a literal packet",
	  .build = short_literal,
	  .refused = "malformed literal packet" },
	{ .why = "of text, one line", .build = usual, .said.type = 1 },
	{ .why = "of text, two lines",
	  .build = usual,
	  .text = "{\r\n}\r\n",
	  .said.type = 1 },
	{ .why = "of text, LF",
	  .build = usual,
	  .refused = "do not end in CR LF",
	  .text = "{\n}",
	  .said.type = 1 },
	{ .why = "of text, LF first",
	  .build = usual,
	  .refused = "do not end in CR LF",
	  .text = "\n{}",
	  .said.type = 1 },
	{ .why = "of text, CR",
	  .build = usual,
	  .refused = "do not end in CR LF",
	  .text = "{\r}",
	  .said.type = 1 },
	{ .why = "of text, CR at the end",
	  .build = usual,
	  .refused = "do not end in CR LF",
	  .text = "{}\r",
	  .said.type = 1 },
	{ .why = "binary, LF", .build = usual, .text = "{\n}\n" },
	{ .why = "SHA-384", .build = usual, .said.hash = 9 },
	{ .why = "SHA-512", .build = usual, .said.hash = 10 },
	{ .why = "SHA-1",
	  .build = usual,
	  .refused = "made with SHA-1",
	  .said.hash = 2 },
	{ .why = "MD5",
	  .build = usual,
	  .refused = "made with MD5",
	  .said.hash = 1 },
	{ .why = "a critical part",
	  .build = usual,
	  .refused = "a critical part",
	  .said.critical = true },
	{ .why = "version 3",
	  .build = usual,
	  .refused = "of version 3",
	  .said.version_3 = true },
	{ .why = "P-384 and SHA-384",
	  .build = usual,
	  .said.hash = 9,
	  .algorithm = GARITA_OPENPGP_ECDSA },
	{ .why = "P-384 and SHA-512",
	  .build = usual,
	  .said.hash = 10,
	  .algorithm = GARITA_OPENPGP_ECDSA },
	{ .why = "P-384 and SHA-256; gpg does not sign so",
	  .build = usual,
	  .refused = "shorter than its curve",
	  .algorithm = GARITA_OPENPGP_ECDSA },
	{ .why = "Ed25519 as RFC 9580 has it",
	  .build = usual,
	  .algorithm = GARITA_OPENPGP_ED25519 },
};

static void test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++)
		play_message(&cases[i]);
}

/* Cut off or changed anywhere, it is not read, or not good, or reads the
 * same. */
static void test_every_byte(void **state)
{
	auto_parts parts = { 0 };
	auto_text whole = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	make_parts(&parts, &(struct said){ 0 }, SHORT_TEXT, 0);
	usual(&whole, &parts);
	for (size_t len = 0; len < whole.len; len++) {
		struct garita_text cut = { .data = whole.data, .len = len };

		assert_non_null(outcome(&cut, &parts, SHORT_TEXT, &err));
	}
	for (size_t i = 0; i < whole.len * 8; i++) {
		whole.data[i / 8] ^= (char)(1 << i % 8);
		outcome(&whole, &parts, SHORT_TEXT, &err);
		whole.data[i / 8] ^= (char)(1 << i % 8);
	}
	assert_null(outcome(&whole, &parts, SHORT_TEXT, &err));
}

/* One in a few of these has integers that are shorter than the curve. */
static void test_short_integers(void **state)
{
	static const struct message_case one = { .why = "a short integer",
						 .build = usual };

	(void)state;
	for (unsigned i = 0; i < 400; i++)
		play_message(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_short_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
