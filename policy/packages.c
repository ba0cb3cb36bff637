/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packages - see the header. All of these texts are by others, and long.
 */
#include "garita/packages.h"

#include <string.h>

#include "garita/text.h"
#include "garita/version.h"

enum { LONGEST = 128, HASH = 7 };

/* ---- dpkg ---- */

/* The value of a field of one paragraph, which ends at `end`. */
static char *field(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	while (at < end) {
		size_t line = strcspn(at, "\n");

		if (line > len && strncmp(at, name, len) == 0 &&
		    at[len] == ':') {
			at += len + 1;
			at += strspn(at, " \t");
			line = strcspn(at, "\n");
			return line <= LONGEST ? garita_xstrndup(at, line)
					       : NULL;
		}
		at += line;
		at += *at == '\n';
	}
	return NULL;
}

char *garita_packages_deb(const char *status, const char *package)
{
	static const char installed[] = " installed";
	auto_text wanted = { 0 };
	const char *at = status;

	garita_text_printf(&wanted, "Package: %s\n", package);
	while ((at = strstr(at, wanted.data)) != NULL) {
		const char *end = strstr(at, "\n\n");
		auto_free char *state = NULL;
		size_t len;

		if (end == NULL)
			end = at + strlen(at);
		if (at != status && at[-1] != '\n') {
			at++;
			continue;
		}
		state = field(at, end, "Status");
		len = state ? strlen(state) : 0;
		if (len >= sizeof(installed) &&
		    strcmp(state + len - (sizeof(installed) - 1), installed) ==
			    0)
			return field(at, end, "Version");
		at = end;
	}
	return NULL;
}

/* ---- os-release ---- */

char *garita_packages_os(const char *os_release, const char *key)
{
	size_t len = strlen(key);

	while (*os_release != '\0') {
		size_t line = strcspn(os_release, "\n");

		if (line > len && strncmp(os_release, key, len) == 0 &&
		    os_release[len] == '=') {
			const char *from = os_release + len + 1;
			size_t size = line - len - 1;

			if (size >= 2 && strchr("\"'", from[0]) != NULL &&
			    from[size - 1] == from[0]) {
				from++;
				size -= 2;
			}
			return size <= LONGEST ? garita_xstrndup(from, size)
					       : NULL;
		}
		os_release += line;
		os_release += *os_release == '\n';
	}
	return NULL;
}

/* ---- --version ---- */

/* The next word of a line, without a comma at its end; 0: no more. */
static size_t next_word(const char **at)
{
	size_t len;

	*at += strspn(*at, " \t");
	len = strcspn(*at, " \t\r\n");
	return len > 0 && (*at)[len - 1] == ',' ? len - 1 : len;
}

static void skip_word(const char **at)
{
	*at += strcspn(*at, " \t\r\n");
}

char *garita_packages_version(const char *said)
{
	size_t len;

	for (; (len = next_word(&said)) > 0; skip_word(&said)) {
		auto_free char *word = garita_xstrndup(said, len);
		struct garita_version version;

		if (len <= LONGEST && strchr(word, '.') != NULL &&
		    garita_version_read(word, &version))
			return garita_take_ptr(&word);
	}
	return NULL;
}

static bool is_hash(const char *word, size_t len)
{
	return len >= HASH && len <= LONGEST &&
	       strspn(word, "0123456789abcdef") >= len;
}

/* "commit: 1.1.5+ds1-1+deb12u1", of Debian */
static char *after_label(const char *said)
{
	static const char label[] = "\ncommit:";
	const char *at = strstr(said, label);
	size_t len;

	if (at == NULL)
		return NULL;
	at += sizeof(label) - 1;
	len = next_word(&at);
	return len > 0 && len <= LONGEST ? garita_xstrndup(at, len) : NULL;
}

char *garita_packages_commit(const char *said)
{
	char *labelled = after_label(said);
	size_t len;

	if (labelled != NULL)
		return labelled;
	for (; (len = next_word(&said)) > 0; skip_word(&said))
		if (is_hash(said, len))
			return garita_xstrndup(said, len);
	return NULL;
}
