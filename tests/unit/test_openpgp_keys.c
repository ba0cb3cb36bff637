/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keyrings: what is read as one, what is one key, and that a file that cannot
 * be read whole is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "garita/memory.h"
#include "tests/unit/openpgp_scene.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END   "-----END PGP PUBLIC KEY BLOCK-----\n"

enum { NOT_READ = -1 };

/* How many keys `text` has; the reason in *why when it is not read. */
static int count_keys(const char *text, size_t len, struct garita_error *why)
{
	struct garita_key_source source = { .bytes = (char *)text, .len = len };
	struct garita_openpgp_keys *keys = NULL;
	int failure = garita_openpgp_keys_read(&source, 1, &keys, why), count;

	if (failure < 0) {
		assert_int_equal(failure, -EINVAL);
		assert_null(keys);
		assert_string_not_equal(why->text, "");
		return NOT_READ;
	}
	count = (int)keys->count;
	garita_openpgp_keys_free(keys);
	return count;
}

static void expect_refused(const char *why, const struct garita_text *text,
			   const char *reason)
{
	struct garita_error err = { 0 };

	if (count_keys(text->data == NULL ? "" : text->data, text->len, &err) !=
	    NOT_READ)
		fail_msg("%s: read", why);
	if (strstr(err.text, reason) == NULL)
		fail_msg("%s: refused as \"%s\"", why, err.text);
}

/* A revocation beside the key, in a file of its own, before or behind it. */
static void test_revocation_in_another_file(void **state)
{
	static const struct scene scene = { .revoked.is = true };

	(void)state;
	for (size_t order = 0; order < 3; order++) {
		auto_actors all = { 0 };
		auto_text revocation = { 0 };
		struct garita_key_source sources[2] = { { 0 }, { 0 } };
		struct garita_openpgp_keys *keys = NULL;
		struct garita_error err = { 0 };
		time_t until;

		make_ring(&(struct scene){ 0 }, &all);
		revocation = all.ring;
		all.ring = (struct garita_text){ 0 };
		put_revocation(&scene, &all);
		sources[order == 1].bytes = revocation.data;
		sources[order == 1].len = revocation.len;
		sources[order != 1].bytes = all.ring.data;
		sources[order != 1].len = all.ring.len;
		assert_int_equal(garita_openpgp_keys_read(sources,
							  order == 2 ? 1 : 2,
							  &keys, &err),
				 0);
		assert_int_equal(garita_openpgp_may_sign(keys, &keys->all[0],
							 &keys->all[0].parts[0],
							 MADE + 100, TODAY,
							 &until, &err),
				 order == 2 ? 0 : -EACCES);
		garita_openpgp_keys_free(keys);
	}
}

/* An old copy of a key beside a new one is one key with both words. */
static void test_copies_are_one_key(void **state)
{
	auto_actors all = { 0 };
	auto_text twice = { 0 };
	struct garita_openpgp_keys *keys;

	(void)state;
	make_ring(&(struct scene){ .subkey_revoked.is = true }, &all);
	garita_text_add(&twice, all.ring.data, all.ring.len);
	garita_text_add(&twice, all.ring.data, all.ring.len);
	keys = read_ring(&twice);
	assert_int_equal(keys->count, 1);
	assert_int_equal(keys->all[0].count, 3);
	assert_int_equal(keys->all[0].parts[2].signatures.count, 4);
	garita_openpgp_keys_free(keys);
}

/* A key that is not read, with a name and a signature that are not either. */
static void put_version_3(struct garita_text *ring)
{
	put_packet(ring, GARITA_OPENPGP_PUBLIC_KEY,
		   "\x03\x30\x00\x00\x00\x00\x00\x01\x00\x01\x01\x00\x01\x01",
		   14);
	put_packet(ring, GARITA_OPENPGP_USER_ID, "old", 3);
	put_packet(ring, GARITA_OPENPGP_SIGNATURE, "\x05\x00\x00", 3);
	put_packet(ring, GARITA_OPENPGP_PUBLIC_SUBKEY, "\x04\x00", 2);
	put_packet(ring, GARITA_OPENPGP_SIGNATURE, "no matter", 9);
}

static void test_other_versions_are_passed_over(void **state)
{
	auto_actors all = { 0 };
	auto_text ring = { 0 }, alone = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	make_ring(&(struct scene){ 0 }, &all);
	put_version_3(&alone);
	expect_refused("nothing else", &alone, "no OpenPGP key of version 4");
	put_version_3(&ring);
	garita_text_add(&ring, all.ring.data, all.ring.len);
	put_version_3(&ring);
	assert_int_equal(count_keys(ring.data, ring.len, &err), 1);
}

/* Cut anywhere but between packets, it is not read. */
static void test_a_cut_ring_is_none(void **state)
{
	auto_actors all = { 0 };
	unsigned whole = 0;

	(void)state;
	make_ring(&(struct scene){ .revoked.is = true }, &all);
	for (size_t len = 0; len < all.ring.len; len++) {
		struct garita_error err = { 0 };

		if (count_keys(all.ring.data, len, &err) != NOT_READ)
			whole++;
	}
	/* Behind: key, revocation, name, two signatures, subkey. */
	assert_int_equal(whole, 6);
}

static void test_strange_packets(void **state)
{
	static const struct {
		const char *why, *reason;
		unsigned tag;
		const char *body;
		size_t len;
	} cases[] = {
		{ "a secret key", "a secret key", GARITA_OPENPGP_SECRET_KEY,
		  "\x04", 1 },
		{ "a secret subkey", "a secret key",
		  GARITA_OPENPGP_SECRET_SUBKEY, "\x04", 1 },
		{ "a text", "belongs into no keyring", GARITA_OPENPGP_LITERAL,
		  "b\0\0\0\0\0x", 7 },
		{ "an unknown packet", "belongs into no keyring", 63, "", 0 },
		{ "a key without numbers", "malformed OpenPGP key",
		  GARITA_OPENPGP_PUBLIC_KEY, "\x04\0\0\0\0\x01", 6 },
		{ "an empty key", "malformed OpenPGP key",
		  GARITA_OPENPGP_PUBLIC_KEY, "", 0 },
		{ "an Ed25519 point that is none", "malformed OpenPGP key",
		  GARITA_OPENPGP_PUBLIC_KEY,
		  "\x04\0\0\0\0\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"
		  "\0\x08\x40",
		  19 },
		{ "an empty signature", "malformed OpenPGP signature",
		  GARITA_OPENPGP_SIGNATURE, "", 0 },
		{ "a signature that ends", "malformed OpenPGP signature",
		  GARITA_OPENPGP_SIGNATURE, "\x04\x13\x16\x08\0\x01", 6 },
		{ "a subpacket that ends", "malformed OpenPGP signature",
		  GARITA_OPENPGP_SIGNATURE,
		  "\x04\x13\x16\x08\0\x02\x05\x02\0\0\0\0", 12 },
		{ "an empty subpacket", "malformed OpenPGP signature",
		  GARITA_OPENPGP_SIGNATURE, "\x04\x13\x16\x08\0\x01\0\0\0\0\0",
		  11 },
		{ "a time of three bytes", "malformed OpenPGP signature",
		  GARITA_OPENPGP_SIGNATURE,
		  "\x04\x13\x16\x08\0\x05\x04\x02\0\0\0\0\0\0\0", 15 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_actors all = { 0 };

		make_ring(&(struct scene){ 0 }, &all);
		put_packet(&all.ring, cases[i].tag, cases[i].body,
			   cases[i].len);
		expect_refused(cases[i].why, &all.ring, cases[i].reason);
	}
}

static void test_first_packet(void **state)
{
	auto_text name = { 0 }, signature = { 0 }, keybox = { 0 };

	(void)state;
	put_packet(&name, GARITA_OPENPGP_USER_ID, "x", 1);
	expect_refused("a name", &name, "does not begin with a key");
	put_packet(&signature, GARITA_OPENPGP_SIGNATURE,
		   "\x04\x13\x16\x08\0\0\0\0\0\0", 10);
	expect_refused("a signature", &signature, "no revocation");
	garita_text_add(&keybox, "\0\0\0\x20\x01\x01\0\x02KBXf\0\0\0\0", 16);
	expect_refused("a keybox", &keybox, "gpg --export");
}

/* The ring in base64, in lines, and with its checksum if there is one. */
static void armor(const struct garita_text *ring, const char *crc,
		  struct garita_text *to)
{
	auto_free unsigned char *text =
		garita_xalloc((ring->len + 2) / 3 * 4 + 1);

	EVP_EncodeBlock(text, (const unsigned char *)ring->data,
			(int)ring->len);
	for (size_t at = 0; at < strlen((char *)text); at += 64)
		garita_text_printf(to, "%.64s\n", (char *)text + at);
	if (crc != NULL)
		garita_text_printf(to, "%s\n", crc);
}

/* By the book's other way: bit for bit, over a register of 24 bits. */
static void checksum(const struct garita_text *ring, char ret[8])
{
	unsigned long crc = 0xb704ce;
	unsigned char bytes[3];

	for (size_t i = 0; i < ring->len * 8; i++) {
		bool in = (ring->data[i / 8] >> (7 - i % 8) & 1) != 0;
		bool out = (crc >> 23 & 1) != 0;

		crc = crc << 1 & 0xffffff;
		if (in != out)
			crc ^= 0x864cfb;
	}
	bytes[0] = (unsigned char)(crc >> 16);
	bytes[1] = (unsigned char)(crc >> 8 & 0xff);
	bytes[2] = (unsigned char)(crc & 0xff);
	ret[0] = '=';
	EVP_EncodeBlock((unsigned char *)ret + 1, bytes, 3);
}

static void test_armor(void **state)
{
	static const struct {
		const char *why, *before, *crc, *after;
		int keys;
	} cases[] = {
		{ "plain", BEGIN "\n", NULL, END, 1 },
		{ "with a checksum", BEGIN "\n", "", END, 1 },
		{ "with heads", BEGIN "Version: 1\nComment: a: b\n\n", "", END,
		  1 },
		{ "an empty head", BEGIN "Comment:\n\n", "", END, 1 },
		{ "words around", "Our key:\n\n" BEGIN "\n", "", END "Bye\n",
		  1 },
		{ "white space behind lines", BEGIN " \t\n", "", END, 1 },
		{ "no line feed at the end", BEGIN "\n", "",
		  "-----END PGP PUBLIC KEY BLOCK-----", 1 },
		{ "a wrong checksum", BEGIN "\n", "=AAAA", END, NOT_READ },
		{ "a short checksum", BEGIN "\n", "=AAA", END, NOT_READ },
		{ "no empty line", BEGIN, "", END, NOT_READ },
		{ "no end", BEGIN "\n", "", "", NOT_READ },
		{ "another end", BEGIN "\n", "", "-----END PGP MESSAGE-----\n",
		  NOT_READ },
		{ "text behind the checksum", BEGIN "\n", "", "AAAA\n" END,
		  NOT_READ },
		{ "not base64", BEGIN "\n", NULL, "....\n" END, NOT_READ },
		{ "a message", "-----BEGIN PGP MESSAGE-----\n\n", NULL,
		  "-----END PGP MESSAGE-----\n", NOT_READ },
		{ "a secret key block",
		  "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n", NULL,
		  "-----END PGP PRIVATE KEY BLOCK-----\n", NOT_READ },
		{ "a second block that ends", BEGIN "\n", "", END BEGIN "\n",
		  NOT_READ },
		{ "a second block that is empty", BEGIN "\n", "",
		  END BEGIN "\n" END, NOT_READ },
		{ "a PEM key", "-----BEGIN PUBLIC KEY-----\n", NULL,
		  "-----END PUBLIC KEY-----\n", NOT_READ },
	};
	auto_actors all = { 0 };
	char crc[8];

	(void)state;
	make_ring(&(struct scene){ 0 }, &all);
	checksum(&all.ring, crc);
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		auto_text text = { 0 };
		struct garita_error err = { 0 };
		const char *sum = cases[i].crc;

		garita_text_puts(&text, cases[i].before);
		armor(&all.ring, sum != NULL && sum[0] == '\0' ? crc : sum,
		      &text);
		garita_text_puts(&text, cases[i].after);
		if (count_keys(text.data, text.len, &err) != cases[i].keys)
			fail_msg("%s: %s", cases[i].why, err.text);
	}
}

static void test_armor_of_several_keys(void **state)
{
	auto_actors one = { 0 }, other = { 0 };
	auto_text text = { 0 }, crlf = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	make_ring(&(struct scene){ 0 }, &one);
	make_ring(&(struct scene){ 0 }, &other);
	garita_text_puts(&text, BEGIN "\n");
	armor(&one.ring, NULL, &text);
	garita_text_puts(&text, END "and\n" BEGIN "\n");
	armor(&other.ring, NULL, &text);
	garita_text_puts(&text, END);
	assert_int_equal(count_keys(text.data, text.len, &err), 2);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			garita_text_putc(&crlf, '\r');
		garita_text_putc(&crlf, text.data[i]);
	}
	assert_int_equal(count_keys(crlf.data, crlf.len, &err), 2);
}

/* Every file must be one; which is not is in the reason. */
static void test_several_files(void **state)
{
	auto_actors all = { 0 };
	struct garita_openpgp_keys *keys = NULL;
	struct garita_error err = { 0 };
	struct garita_key_source sources[2] = { { 0 }, { 0 } };

	(void)state;
	make_ring(&(struct scene){ 0 }, &all);
	sources[0].bytes = all.ring.data;
	sources[0].len = all.ring.len;
	sources[1].path = (char *)"/etc/keys/b.gpg";
	sources[1].bytes = (char *)"x";
	sources[1].len = 1;
	assert_int_equal(garita_openpgp_keys_read(sources, 2, &keys, &err),
			 -EINVAL);
	assert_null(keys);
	assert_string_equal(err.text, "/etc/keys/b.gpg: no OpenPGP key in it");
	assert_int_equal(garita_openpgp_keys_read(NULL, 0, &keys, &err),
			 -EINVAL);
	sources[1].bytes = NULL;
	assert_int_equal(garita_openpgp_keys_read(sources, 2, &keys, &err),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revocation_in_another_file),
		cmocka_unit_test(test_copies_are_one_key),
		cmocka_unit_test(test_other_versions_are_passed_over),
		cmocka_unit_test(test_a_cut_ring_is_none),
		cmocka_unit_test(test_strange_packets),
		cmocka_unit_test(test_first_packet),
		cmocka_unit_test(test_armor),
		cmocka_unit_test(test_armor_of_several_keys),
		cmocka_unit_test(test_several_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
