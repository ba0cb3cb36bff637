/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of keyrings. What is read must be read the same inside armour and
 * twice in a row, and nobody here can make a signature: a key that may sign
 * must be one of those that the seeds have, or the fuzzer has forged a word
 * of its owner.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "garita/memory.h"
#include "policy/trust/openpgp_keys.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEEDS GARITA_SRC_DIR "/tests/fuzz/seeds/openpgp_keys/"

enum {
	KNOWN_MAX = 64,
	JUDGED_MAX = 8,     /* keys of an input */
	WHEN = 1740000000,  /* while the sample that expired was alive */
	LATER = 1800000000, /* and when all the others are */
};

static unsigned char known[KNOWN_MAX][GARITA_OPENPGP_FINGERPRINT];
static size_t known_count;

static void learn(const struct garita_openpgp_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		for (size_t n = 0; n < keys->all[i].count; n++) {
			if (keys->all[i].parts[n].key == NULL)
				continue;
			if (known_count == KNOWN_MAX)
				abort();
			memcpy(known[known_count++],
			       keys->all[i].parts[n].key->fingerprint,
			       sizeof(known[0]));
		}
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	DIR *dir = opendir(SEEDS);
	struct dirent *entry;

	(void)argc;
	(void)argv;
	if (dir == NULL)
		abort();
	while ((entry = readdir(dir)) != NULL) {
		char path[512], bytes[8192];
		struct garita_key_source source = { .bytes = bytes };
		struct garita_openpgp_keys *keys;
		FILE *file;

		snprintf(path, sizeof(path), SEEDS "%s", entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (file == NULL)
			continue;
		source.len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		if (garita_openpgp_keys_read(&source, 1, &keys, NULL) < 0)
			continue; /* a revocation alone */
		learn(keys);
		garita_openpgp_keys_free(keys);
	}
	closedir(dir);
	return known_count > 0 ? 0 : -1;
}

static bool is_known(const struct garita_openpgp_public *key)
{
	for (size_t i = 0; i < known_count; i++)
		if (memcmp(known[i], key->fingerprint, sizeof(known[i])) == 0)
			return true;
	return false;
}

static void judge(const struct garita_openpgp_keys *keys)
{
	unsigned judged = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct garita_openpgp_certificate *of = &keys->all[i];

		for (size_t n = 0; n < of->count && judged < JUDGED_MAX; n++) {
			const struct garita_openpgp_part *part = &of->parts[n];
			struct garita_error err = { 0 };
			time_t until;

			if (part->key == NULL)
				continue;
			judged++;
			for (int later = 0; later < 2; later++)
				if (garita_openpgp_may_sign(
					    keys, of, part,
					    later ? LATER : WHEN,
					    later ? LATER : WHEN, &until,
					    &err) == 0 &&
				    !is_known(part->key))
					abort();
		}
	}
}

static void armor(struct garita_text *to, const uint8_t *data, size_t size)
{
	auto_free unsigned char *text = garita_xalloc((size + 2) / 3 * 4 + 1);

	EVP_EncodeBlock(text, data, (int)size);
	garita_text_puts(to, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n");
	garita_text_puts(to, (const char *)text);
	garita_text_puts(to, "\n-----END PGP PUBLIC KEY BLOCK-----\n");
}

/* How many keys; -1: it is not read. */
static int count(const struct garita_key_source *sources, size_t number)
{
	struct garita_openpgp_keys *keys;
	int found;

	if (garita_openpgp_keys_read(sources, number, &keys, NULL) < 0)
		return -1;
	found = (int)keys->count;
	garita_openpgp_keys_free(keys);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_key_source sources[2] = { { 0 }, { 0 } };
	struct garita_openpgp_keys *keys;
	auto_text text = { 0 };
	int found;

	sources[0].bytes = (char *)data;
	sources[0].len = size;
	if (garita_openpgp_keys_read(sources, 1, &keys, NULL) < 0)
		return 0;
	found = (int)keys->count;
	judge(keys);
	garita_openpgp_keys_free(keys);
	if ((data[0] & 0x80) == 0) /* armour is not armoured again */
		return 0;
	armor(&text, data, size);
	sources[1].bytes = text.data;
	sources[1].len = text.len;
	if (count(sources + 1, 1) != found || count(sources, 2) != found)
		abort();
	return 0;
}
