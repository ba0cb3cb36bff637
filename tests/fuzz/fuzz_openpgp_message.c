/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of signed messages. Each input is read as it is, and once more with a
 * layer of compression around it, which must change nothing. Nobody here has
 * the sample key's secret: what is found good must be a text it did sign.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "garita/memory.h"
#include "policy/trust/openpgp_keys.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY GARITA_SRC_DIR "/tests/samples/signatures/keys/gpg-gpged.gpg"

static struct garita_openpgp_keys *keys;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char bytes[4096];
	struct garita_key_source source = { .bytes = bytes };
	FILE *file = fopen(KEY, "re");

	(void)argc;
	(void)argv;
	if (file == NULL)
		abort();
	source.len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	if (garita_openpgp_keys_read(&source, 1, &keys, NULL) < 0)
		abort();
	return 0;
}

/* Signed with the sample key: by gpg, and by skopeo with a "creator". */
static bool is_signed_text(const struct garita_openpgp_message *message)
{
	static const char head[] = "{\"critical\":{\"identity\":";

	return (message->len == 282 || message->len == 289) &&
	       memcmp(message->text, head, sizeof(head) - 1) == 0 &&
	       message->text[message->len - 1] == '}';
}

static void check(const struct garita_openpgp_message *message)
{
	const struct garita_openpgp_public *key = keys->all[0].parts[0].key;
	unsigned long sum = 0;

	for (size_t i = 0; i < message->len; i++)
		sum += (unsigned char)message->text[i];
	if (sum == 0 && message->len > 0 && message->text[0] != '\0')
		abort();
	if (garita_openpgp_verify(&message->signature, key, message->text,
				  message->len, NULL) == 0 &&
	    !is_signed_text(message))
		abort();
}

static void pack(struct garita_text *to, const uint8_t *data, size_t size)
{
	auto_free unsigned char *out = garita_xalloc(compressBound(size) + 1);
	uLongf len = compressBound(size);

	if (compress2(out, &len, data, size, 1) != Z_OK)
		abort();
	garita_text_add(to, "\xa3\x02", 2);
	garita_text_add(to, (const char *)out, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_openpgp_message plain = { 0 }, inner = { 0 };
	auto_text packed = { 0 };
	int first =
		garita_openpgp_message((const char *)data, size, &plain, NULL);
	int second;

	if (first == 0)
		check(&plain);
	pack(&packed, data, size);
	second = garita_openpgp_message(packed.data, packed.len, &inner, NULL);
	if (plain.inflated != NULL) { /* never two layers */
		if (second == 0)
			abort();
	} else if ((first == 0) != (second == 0) || plain.len != inner.len ||
		   (first == 0 && plain.len > 0 &&
		    memcmp(plain.text, inner.text, plain.len) != 0)) {
		abort();
	}
	return 0;
}
