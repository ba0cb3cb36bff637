/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a key may sign: every reason why not, each beside a key that is the
 * same but for that and may.
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

enum { DAY = 86400, ALIVE = TODAY - MADE + 30 * DAY };

static const struct scene scenes[] = {
	{ .why = "a key, a name" },
	{ .why = "the algorithm of RFC 9580", .algorithm = 27 },
	{ .why = "it may sign, it says", .name.flags = 0x02 },
	{ .why = "it may certify and sign", .name.flags = 0x03 },
	{ .why = "it may only certify",
	  .refused = "the key is not meant for signing",
	  .name.flags = 0x01 },
	{ .why = "nobody says that the key is its name's",
	  .refused = "no signature of its own",
	  .no_name = true },
	{ .why = "a direct signature does without a name",
	  .no_name = true,
	  .direct.is = true },
	{ .why = "somebody else wrote the signature of the name",
	  .refused = "no signature of its own",
	  .name.wrong = true },
	{ .why = "it does not say by whom",
	  .refused = "no signature of its own",
	  .name.anonymous = true },
	{ .why = "its hints are of two keys",
	  .refused = "no signature of its own",
	  .name.other_issuer = true },

	/* time */
	{ .why = "it will expire",
	  .until = TODAY + 30 * DAY,
	  .name.key_lifetime = ALIVE },
	{ .why = "it expired",
	  .refused = "the key expired on 2023-11-15",
	  .name.key_lifetime = DAY },
	{ .why = "it expires now",
	  .refused = "the key expired on 2027-01-15",
	  .name.key_lifetime = TODAY - MADE },
	{ .why = "it was given more time",
	  .until = TODAY + 30 * DAY,
	  .name.key_lifetime = DAY,
	  .again = { .is = true, .created = MADE + 1, .key_lifetime = ALIVE } },
	{ .why = "it was given less time",
	  .refused = "the key expired",
	  .name.key_lifetime = ALIVE,
	  .again = { .is = true, .created = MADE + 1, .key_lifetime = DAY } },
	{ .why = "both in one second",
	  .refused = "the key expired",
	  .again = { .is = true, .created = MADE, .key_lifetime = DAY } },
	{ .why = "somebody else gave it more time",
	  .refused = "the key expired",
	  .name.key_lifetime = DAY,
	  .again = { .is = true, .created = MADE + 1, .wrong = true } },
	{ .why = "the newer name says less",
	  .refused = "the key expired",
	  .other_name = { .is = true,
			  .created = MADE + 1,
			  .key_lifetime = DAY } },
	{ .why = "the direct signature ends it, the name does not",
	  .refused = "the key expired",
	  .direct = { .is = true, .key_lifetime = DAY } },
	{ .why = "the name ends it, the direct signature does not",
	  .refused = "the key expired",
	  .name.key_lifetime = DAY,
	  .direct = { .is = true, .created = MADE + 1 } },
	{ .why = "the signature of the name is not for ever",
	  .until = TODAY + 30 * DAY,
	  .name.lifetime = ALIVE },
	{ .why = "the signature of the name is over",
	  .refused = "what the key says about itself expired",
	  .name.lifetime = DAY },
	{ .why = "the clock is a little behind",
	  .name.created = TODAY + 60,
	  .key_created = TODAY + 60,
	  .data.created = TODAY + 60 },
	{ .why = "the name is from the future",
	  .refused = "from the future",
	  .name.created = TODAY + DAY },
	{ .why = "the key is from the future",
	  .refused = "made in the future",
	  .key_created = TODAY + DAY,
	  .data.created = TODAY + DAY },
	{ .why = "the signature is older than the key",
	  .refused = "older than the key",
	  .data.created = MADE - 1 },
	{ .why = "the time of 2106 does not wrap",
	  .until = (time_t)MADE + UINT32_MAX,
	  .name.key_lifetime = UINT32_MAX },

	/* what cannot be checked */
	{ .why = "SHA-512", .name.hash = 10 },
	{ .why = "SHA-384", .name.hash = 9 },
	{ .why = "SHA-1", .refused = "made with SHA-1", .name.hash = 2 },
	{ .why = "SHA-224", .refused = "made with SHA-224", .name.hash = 11 },
	{ .why = "MD5", .refused = "made with MD5", .name.hash = 1 },
	{ .why = "renewed after SHA-1",
	  .name.hash = 2,
	  .again = { .is = true, .created = MADE + 1 } },
	{ .why = "the newest is with SHA-1",
	  .refused = "made with SHA-1",
	  .again = { .is = true, .created = MADE + 1, .hash = 2 } },
	{ .why = "of one second, one with SHA-1",
	  .refused = "made with SHA-1",
	  .again = { .is = true, .created = MADE, .hash = 2 } },
	{ .why = "of one second, the one without is for a time",
	  .refused = "made with SHA-1",
	  .name.key_lifetime = ALIVE,
	  .again = { .is = true, .created = MADE, .hash = 2 } },
	{ .why = "of one second, one that may not sign",
	  .refused = "the key is not meant for signing",
	  .name.flags = 0x02,
	  .again = { .is = true, .created = MADE, .flags = 0x01 } },
	{ .why = "of one second, the other is for a time",
	  .refused = "the key is not meant for signing",
	  .name.flags = 0x01,
	  .again = { .is = true,
		     .created = MADE,
		     .flags = 0x02,
		     .key_lifetime = ALIVE } },
	{ .why = "of one second, both may sign",
	  .until = TODAY + 30 * DAY,
	  .name.flags = 0x02,
	  .again = { .is = true,
		     .created = MADE,
		     .flags = 0x03,
		     .key_lifetime = ALIVE } },
	{ .why = "a critical demand that nobody here knows",
	  .refused = "a critical part",
	  .name.critical = true },
	{ .why = "the newest has one",
	  .refused = "a critical part",
	  .again = { .is = true, .created = MADE + 1, .critical = true } },
	{ .why = "it says twice when it was made",
	  .refused = "one thing twice",
	  .name.twice = true },
	{ .why = "a critical notation",
	  .refused = "a critical part",
	  .name.packet = "0b9480000000000100017861" },
	{ .why = "a notation", .name.packet = "0b1480000000000100017861" },
	{ .why = "critical key flags are known", .name.packet = "029b02" },

	/* taken back */
	{ .why = "revoked",
	  .refused = "the key is revoked",
	  .revoked.is = true },
	{ .why = "superseded, and after the signature",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .created = TODAY - 1, .packet = "021d01" } },
	{ .why = "no longer used",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .packet = "021d03" } },
	{ .why = "stolen",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .packet = "021d02" } },
	{ .why = "revoked, then given more time",
	  .refused = "the key is revoked",
	  .revoked.is = true,
	  .again = { .is = true, .created = MADE + 1 } },
	{ .why = "revoked with SHA-1, which cannot be checked",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .hash = 2 } },
	{ .why = "revoked with version 3",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .version_3 = true } },
	{ .why = "revoked, without saying by whom",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .anonymous = true } },
	{ .why = "revoked, with hints of two keys",
	  .refused = "the key is revoked",
	  .revoked = { .is = true, .other_issuer = true } },
	{ .why = "revoked by nobody",
	  .revoked = { .is = true, .wrong = true } },
	{ .why = "the revoker is known",
	  .refused = "the key is revoked",
	  .name.packet = "170c80166f0000000000000000000000000000000000000000",
	  .revoked.is = true,
	  .revoked_by_other = true,
	  .revoker_is_in_ring = true },
	{ .why = "the revoker cannot be asked",
	  .refused = "the key is revoked",
	  .name.packet = "170c80166f0000000000000000000000000000000000000000",
	  .revoked.is = true,
	  .revoked_by_other = true },
	{ .why = "the revoker is known, and did not do it",
	  .name.packet = "170c80166f0000000000000000000000000000000000000000",
	  .revoked = { .is = true, .wrong = true },
	  .revoked_by_other = true,
	  .revoker_is_in_ring = true },
	{ .why = "revoked by somebody who was not asked",
	  .revoked.is = true,
	  .revoked_by_other = true },
	{ .why = "the only name was taken back",
	  .refused = "no signature of its own",
	  .name_revoked = { .is = true, .created = MADE + 1 } },
	{ .why = "in the same second",
	  .refused = "no signature of its own",
	  .name_revoked.is = true },
	{ .why = "with SHA-1",
	  .refused = "no signature of its own",
	  .name_revoked = { .is = true, .created = MADE + 1, .hash = 2 } },
	{ .why = "by nobody",
	  .name_revoked = { .is = true, .created = MADE + 1, .wrong = true } },
	{ .why = "and given again",
	  .name_revoked = { .is = true, .created = MADE + 1 },
	  .again = { .is = true, .created = MADE + 2 } },
	{ .why = "another name is left",
	  .name_revoked = { .is = true, .created = MADE + 1 },
	  .other_name.is = true },

	/* subkeys */
	{ .why = "a subkey", .data.is = true, .binding.flags = 0x02 },
	{ .why = "a subkey, of a key that only certifies",
	  .name.flags = 0x01,
	  .data.is = true,
	  .binding.flags = 0x02 },
	{ .why = "a subkey of RFC 9580",
	  .algorithm = 27,
	  .data.is = true,
	  .binding.flags = 0x02 },
	{ .why = "a subkey for encryption",
	  .refused = "the subkey is not meant for signing",
	  .data.is = true,
	  .binding.flags = 0x0c },
	{ .why = "a subkey for nothing in particular",
	  .refused = "the subkey is not meant for signing",
	  .data.is = true },
	{ .why = "a subkey that nobody bound",
	  .refused = "does not say that the subkey is its own",
	  .data.is = true,
	  .binding = { .flags = 0x02, .wrong = true } },
	{ .why = "a subkey that does not say where it belongs",
	  .refused = "does not say that it belongs",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.version_3 = true },
	{ .why = "an adopted subkey",
	  .refused = "does not say that it belongs",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back_by_other = true },
	{ .why = "a forged back signature",
	  .refused = "does not say that it belongs",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.wrong = true },
	{ .why = "a back signature of another kind",
	  .refused = "does not say that it belongs",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.type = GARITA_OPENPGP_OF_SUBKEY },
	{ .why = "a back signature with SHA-1",
	  .refused = "made with SHA-1",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.hash = 2 },
	{ .why = "a back signature that is over",
	  .refused = "what the subkey says about itself expired",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.lifetime = DAY },
	{ .why = "a back signature that will be over",
	  .until = TODAY + 30 * DAY,
	  .data.is = true,
	  .binding.flags = 0x02,
	  .back.lifetime = ALIVE },
	{ .why = "a subkey that expired",
	  .refused = "the subkey expired on 2023-11-15",
	  .data.is = true,
	  .binding = { .flags = 0x02, .key_lifetime = DAY } },
	{ .why = "the primary key ends before the subkey",
	  .until = TODAY + 30 * DAY,
	  .name.key_lifetime = ALIVE,
	  .data.is = true,
	  .binding = { .flags = 0x02, .key_lifetime = ALIVE + DAY } },
	{ .why = "the primary key expired",
	  .refused = "the key expired",
	  .name.key_lifetime = DAY,
	  .data.is = true,
	  .binding.flags = 0x02 },
	{ .why = "the primary key is revoked",
	  .refused = "the key is revoked",
	  .revoked.is = true,
	  .data.is = true,
	  .binding.flags = 0x02 },
	{ .why = "a revoked subkey",
	  .refused = "the subkey is revoked",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .subkey_revoked.is = true },
	{ .why = "revoked, and bound again",
	  .refused = "the subkey is revoked",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .rebinding = { .is = true, .created = MADE + 9, .flags = 0x02 },
	  .subkey_revoked.is = true },
	{ .why = "revoked with SHA-1",
	  .refused = "the subkey is revoked",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .subkey_revoked = { .is = true, .hash = 2 } },
	{ .why = "revoked, without saying by whom",
	  .refused = "the subkey is revoked",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .subkey_revoked = { .is = true, .anonymous = true } },
	{ .why = "revoked by nobody",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .subkey_revoked = { .is = true, .wrong = true } },
	{ .why = "a revoked subkey does not revoke its primary key",
	  .binding = { .is = true, .flags = 0x02 },
	  .subkey_revoked.is = true },
	{ .why = "it was made a key for encryption later",
	  .refused = "the subkey is not meant for signing",
	  .data.is = true,
	  .binding.flags = 0x02,
	  .rebinding = { .is = true, .created = MADE + 1, .flags = 0x0c } },
	{ .why = "a binding with SHA-1",
	  .refused = "made with SHA-1",
	  .data.is = true,
	  .binding = { .flags = 0x02, .hash = 2 } },
	{ .why = "the signature is older than the subkey",
	  .refused = "older than the key",
	  .subkey_created = MADE + 9,
	  .data = { .is = true, .created = MADE + 8 },
	  .binding.flags = 0x02 },
	{ .why = "a subkey from the future",
	  .refused = "made in the future",
	  .subkey_created = TODAY + DAY,
	  .data = { .is = true, .created = TODAY + DAY },
	  .binding.flags = 0x02 },
};

/* The part of the first certificate that is this key. */
static const struct garita_openpgp_part *find_part(
	const struct garita_openpgp_keys *keys, const struct made_key *key)
{
	for (size_t i = 0; i < keys->all[0].count; i++) {
		const struct garita_openpgp_part *part = &keys->all[0].parts[i];

		if (part->key != NULL &&
		    memcmp(part->key->fingerprint, key->public.fingerprint,
			   GARITA_OPENPGP_FINGERPRINT) == 0)
			return part;
	}
	fail_msg("the key is not in the ring");
	return NULL;
}

static void play(const struct scene *scene)
{
	auto_actors all = { 0 };
	struct garita_openpgp_keys *keys;
	struct garita_error err = { 0 };
	time_t until = 12345;
	int failure;

	make_ring(scene, &all);
	keys = read_ring(&all.ring);
	failure = garita_openpgp_may_sign(
		keys, &keys->all[0],
		find_part(keys, scene->data.is ? &all.subkey : &all.primary),
		scene->data.created != 0 ? scene->data.created : MADE + 100,
		TODAY, &until, &err);
	if (scene->refused == NULL) {
		if (failure < 0)
			fail_msg("%s: refused: %s", scene->why, err.text);
		if (until != scene->until)
			fail_msg("%s: until %lld", scene->why,
				 (long long)until);
	} else {
		if (failure == 0)
			fail_msg("%s: accepted", scene->why);
		if (strstr(err.text, scene->refused) == NULL)
			fail_msg("%s: refused as \"%s\"", scene->why, err.text);
		assert_int_equal(failure, -EACCES);
		assert_int_equal(until, 12345);
	}
	garita_openpgp_keys_free(keys);
}

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(scenes); i++)
		play(&scenes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
