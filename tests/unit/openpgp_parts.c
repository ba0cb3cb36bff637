/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_parts - see the header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/openpgp_parts.h"

void parts_free(struct parts *parts)
{
	made_key_free(&parts->key);
	garita_text_free(&parts->announced);
	garita_text_free(&parts->literal);
	garita_text_free(&parts->signature);
}
void make_parts(struct parts *parts, const struct said *said, const char *text,
		unsigned algorithm)
{
	auto_text data = { 0 };

	parts->said = *said;
	make_openpgp_key(&parts->key,
			 algorithm != 0 ? algorithm : GARITA_OPENPGP_EDDSA,
			 MADE);
	garita_text_puts(&data, text);
	make_openpgp_signature(&parts->signature, said, &parts->key, &data,
			       NULL);
	garita_openpgp_put(&parts->announced, 3, 1);
	garita_openpgp_put(&parts->announced, said->type, 1);
	garita_openpgp_put(&parts->announced, said->hash != 0 ? said->hash : 8,
			   1);
	garita_openpgp_put(&parts->announced, parts->key.algorithm, 1);
	garita_text_add(&parts->announced,
			(const char *)parts->key.public.fingerprint +
				GARITA_OPENPGP_FINGERPRINT -
				GARITA_OPENPGP_KEY_ID,
			GARITA_OPENPGP_KEY_ID);
	garita_openpgp_put(&parts->announced, 1, 1);
	garita_text_add(&parts->literal, "b\4name\1\2\3\4", 10);
	garita_text_puts(&parts->literal, text);
}

void put_body(struct garita_text *to, unsigned tag,
	      const struct garita_text *body)
{
	put_packet(to, tag, body->data, body->len);
}

void put_announced(struct garita_text *to, const struct parts *parts)
{
	put_body(to, GARITA_OPENPGP_ONE_PASS, &parts->announced);
}

void put_literal(struct garita_text *to, const struct parts *parts)
{
	put_body(to, GARITA_OPENPGP_LITERAL, &parts->literal);
}

void put_signed(struct garita_text *to, const struct parts *parts)
{
	put_body(to, GARITA_OPENPGP_SIGNATURE, &parts->signature);
}

void usual(struct garita_text *to, const struct parts *parts)
{
	put_announced(to, parts);
	put_literal(to, parts);
	put_signed(to, parts);
}

const char *outcome(const struct garita_text *bytes, const struct parts *parts,
		    const char *text, struct garita_error *err)
{
	auto_openpgp_message message = { 0 };

	if (garita_openpgp_message(bytes->data, bytes->len, &message, err) < 0)
		return err->text;
	if (garita_openpgp_verify(&message.signature, &parts->key.public,
				  message.text, message.len, err) < 0)
		return err->text;
	assert_int_equal(message.len, strlen(text));
	assert_memory_equal(message.text, text, message.len);
	return NULL;
}

void play_message(const struct message_case *play)
{
	const char *why, *text = play->text != NULL ? play->text : SHORT_TEXT;
	auto_parts parts = { 0 };
	auto_text bytes = { 0 };
	struct garita_error err = { 0 };

	make_parts(&parts, &play->said, text, play->algorithm);
	play->build(&bytes, &parts);
	why = outcome(&bytes, &parts, text, &err);
	if (play->refused == NULL && why != NULL)
		fail_msg("%s: refused: %s", play->why, why);
	if (play->refused != NULL && why == NULL)
		fail_msg("%s: accepted", play->why);
	if (why != NULL && strstr(why, play->refused) == NULL)
		fail_msg("%s: refused as \"%s\"", play->why, why);
}
