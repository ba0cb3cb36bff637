/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorder - a runtime that starts nothing, and notes what it was given.
 *
 * Called as garita calls a runtime, with one word "--bundle=DIR". Into
 * $TMPDIR/ran goes, in one piece, which file this program is (device and inode)
 * and config.json as it is now. Linked statically, as it is to look at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20, FAILED = 3 };

static char bytes[MOST_BYTES];

/* Behind what is there already; -1: no file, or no end of it. */
static long read_config(const char *bundle, size_t len)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (len < sizeof(bytes)) {
		ssize_t n = read(fd, bytes + len, sizeof(bytes) - len);

		if (n <= 0)
			return n < 0 ? -1 : (long)len;
		len += (size_t)n;
	}
	return -1;
}

static int note(const char *dir, size_t len)
{
	char path[4096], aside[4096 + 8];
	int fd;

	snprintf(path, sizeof(path), "%s/ran", dir);
	snprintf(aside, sizeof(aside), "%s.aside", path);
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		return -1;
	return rename(aside, path);
}

int main(int argc, char **argv)
{
	static const char word[] = "--bundle=";
	const char *dir = getenv("TMPDIR"), *bundle = NULL;
	struct stat own;
	long len;

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], word, strlen(word)) == 0)
			bundle = argv[i] + strlen(word);
	if (dir == NULL || bundle == NULL || stat("/proc/self/exe", &own) < 0)
		return FAILED;
	len = snprintf(bytes, sizeof(bytes), "%ju %ju\n", (uintmax_t)own.st_dev,
		       (uintmax_t)own.st_ino);
	len = read_config(bundle, (size_t)len);
	return len < 0 || note(dir, (size_t)len) < 0 ? FAILED : 0;
}
