/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of versions: three lines are three versions, and each of the three
 * orders is one (equal to itself, the other way round, and through a third);
 * and of the texts that versions are read out of.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/packages.h"
#include "garita/text.h"
#include "garita/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void check_order(int (*order)(const char *a, const char *b),
			const char *const v[3])
{
	int ab = sign(order(v[0], v[1])), bc = sign(order(v[1], v[2])),
	    ac = sign(order(v[0], v[2]));

	if (order(v[0], v[0]) != 0 || sign(order(v[1], v[0])) != -ab)
		abort();
	if (ab == bc && ac != ab)
		abort();
}

static int upstream(const char *a, const char *b)
{
	struct garita_version x = { 0 }, y = { 0 };

	(void)garita_version_read(a, &x);
	(void)garita_version_read(b, &y);
	return garita_version_compare(&x, &y);
}

/* Has it, so has every later release of the branch. */
static void check_fix(const char *const v[3])
{
	struct garita_version version;

	if (!garita_version_read(v[0], &version) ||
	    !garita_version_has_fix(&version, v + 1, 2))
		return;
	if (version.number[2] < UINT32_MAX)
		version.number[2]++;
	if (!garita_version_has_fix(&version, v + 1, 2))
		abort();
}

static void check_texts(const char *text)
{
	auto_free char *version = garita_packages_version(text);
	auto_free char *commit = garita_packages_commit(text);
	auto_free char *deb = garita_packages_deb(text, "runc");
	auto_free char *id = garita_packages_os(text, "ID");
	struct garita_version read;

	if (version != NULL && !garita_version_read(version, &read))
		abort();
	if ((commit != NULL && *commit == '\0') ||
	    (deb != NULL && strchr(deb, '\n') != NULL) ||
	    (id != NULL && strchr(id, '\n') != NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = garita_xstrndup((const char *)data, size);
	const char *v[3] = { "", "", "" };
	char *line = text;

	check_texts(text);
	for (size_t i = 0; i < 3 && line != NULL; i++) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end++ = '\0';
		v[i] = line;
		line = end;
	}
	check_order(garita_version_compare_deb, v);
	check_order(garita_version_compare_rpm, v);
	check_order(upstream, v);
	check_fix(v);
	return 0;
}
