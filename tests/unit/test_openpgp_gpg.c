/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys and signatures that a real GnuPG makes now, beside what podman's library
 * says about them. openpgp_gpg.sh has the cases; where we are stricter it says
 * so, and nowhere may we be more lenient.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "tests/unit/temporary.h"

enum { RINGS_MAX = 4, DAY = 86400 };

struct world {
	char dir[TEMPORARY_SIZE];
	struct garita_text cases, digest;
};

static struct garita_text read_file(const struct world *world,
				    const char *below, const char *name)
{
	struct garita_text text = { 0 };
	char path[PATH_MAX], part[4096];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s%s", world->dir, below, name);
	file = fopen(path, "re");
	if (file == NULL)
		fail_msg("cannot open %s", path);
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		garita_text_add(&text, part, len);
	fclose(file);
	assert_true(text.len > 0);
	return text;
}

static int run(char *const argv[])
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int set_up(void **state)
{
	struct world *world = garita_xalloc(sizeof(*world));
	char *argv[] = { (char *)"bash",
			 (char *)GARITA_SRC_DIR "/tests/unit/openpgp_gpg.sh",
			 world->dir, NULL };

	/* Short: an agent's socket is below it. */
	temporary_make("gpg", world->dir);
	*state = world;
	if (run(argv) != 0) {
		print_error("openpgp_gpg.sh failed in %s\n", world->dir);
		return -1;
	}
	world->cases = read_file(world, "", "cases.tsv");
	world->digest = read_file(world, "", "digest");
	world->digest.data[--world->digest.len] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	temporary_remove(world->dir);
	garita_text_free(&world->cases);
	garita_text_free(&world->digest);
	free(world);
	return 0;
}

/* A line of the table, cut in place. */
struct line {
	char *name, *says, *how, *peer, *signature, *rings;
};

static bool next_line(char **at, struct line *ret)
{
	char **const parts[] = { &ret->name, &ret->says,      &ret->how,
				 &ret->peer, &ret->signature, &ret->rings };
	char *line = *at;

	if (line == NULL || line[0] == '\0')
		return false;
	*at = strchr(line, '\n');
	if (*at != NULL)
		*(*at)++ = '\0';
	for (size_t i = 0; i < GARITA_COUNT(parts); i++) {
		*parts[i] = strsep(&line, "\t");
		assert_non_null(*parts[i]);
	}
	assert_null(line);
	return true;
}

static struct garita_openpgp_keys *read_rings(const struct world *world,
					      const struct line *line)
{
	struct garita_key_source sources[RINGS_MAX] = { 0 };
	struct garita_text texts[RINGS_MAX] = { 0 };
	struct garita_openpgp_keys *keys = NULL;
	struct garita_error err = { 0 };
	char *rest = line->rings, *name;
	size_t count = 0;

	while ((name = strsep(&rest, ",")) != NULL) {
		assert_true(count < RINGS_MAX);
		texts[count] = read_file(world, "rings/", name);
		sources[count].bytes = texts[count].data;
		sources[count].len = texts[count].len;
		count++;
	}
	if (garita_openpgp_keys_read(sources, count, &keys, &err) < 0)
		fail_msg("%s: keyring: %s", line->name, err.text);
	for (size_t i = 0; i < count; i++)
		garita_text_free(&texts[i]);
	return keys;
}

static void read_claims(const struct world *world, const struct line *line,
			struct garita_claims *ret)
{
	struct garita_text signature =
		read_file(world, "signatures/", line->signature);
	struct garita_openpgp_keys *keys = read_rings(world, line);
	struct garita_blob blob = { .name = line->signature,
				    .bytes = signature.data,
				    .len = signature.len };
	const struct garita_format_case of = { .openpgp = keys,
					       .now = time(NULL) };

	assert_true(garita_format_openpgp.knows(&blob));
	garita_format_openpgp.read(&of, &blob, ret);
	garita_openpgp_keys_free(keys);
	garita_text_free(&signature);
}

static void check_claim(const struct world *world, const struct line *line,
			const struct garita_claim *claim)
{
	static const char valid[] = "valid ";
	char signer[64];

	if (!garita_starts_with(line->says, valid))
		fail_msg("%s: accepted", line->name);
	snprintf(signer, sizeof(signer), "openpgp %s",
		 line->says + sizeof(valid) - 1);
	assert_string_equal(claim->signer, signer);
	assert_string_equal(claim->from, line->signature);
	assert_string_equal(claim->format, garita_format_openpgp.name);
	assert_string_equal(claim->reference,
			    "registry.example.com/prod/app:1.0");
	assert_int_equal(claim->digest_count, 1);
	assert_string_equal(claim->digests[0], world->digest.data);
	if (strcmp(line->name, "living") == 0) { /* ten days of a hundred */
		assert_true(claim->until > time(NULL) + 9 * DAY);
		assert_true(claim->until <= time(NULL) + 10 * DAY);
	} else {
		assert_int_equal(claim->until, 0);
	}
}

static bool check_case(const struct world *world, const struct line *line)
{
	auto_text notes = { 0 };
	struct garita_claims claims = { .notes = &notes };
	bool valid;

	read_claims(world, line, &claims);
	valid = claims.count > 0;
	assert_true(claims.count <= 1);
	if (valid)
		check_claim(world, line, &claims.all[0]);
	else if (notes.data == NULL || strstr(notes.data, line->says) == NULL)
		fail_msg("%s: refused: %s", line->name, notes.data);
	garita_claims_free(&claims);
	return valid;
}

static void test_cases(void **state)
{
	const struct world *world = *state;
	char *at = world->cases.data;
	unsigned count = 0, compared = 0, stricter = 0;
	struct line line;

	while (next_line(&at, &line)) {
		bool valid = check_case(world, &line);

		count++;
		if (strcmp(line.peer, "unknown") == 0)
			continue;
		compared++;
		if (valid == (strcmp(line.peer, "valid") == 0))
			continue;
		if (valid)
			fail_msg("%s: accepted, and not by the peer",
				 line.name);
		if (strcmp(line.how, "stricter") != 0)
			fail_msg("%s: refused, and not by the peer", line.name);
		stricter++;
	}
	assert_true(count >= 48);
	print_message("%u cases, %u compared with a peer, %u of them refused "
		      "by us alone\n",
		      count, compared, stricter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
