/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sysroot - see the header. */
#include "tests/fuzz/sysroot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <zlib.h>

#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/resolve.h"
#include "tests/unit/temporary.h"

enum {
	ENTRIES_MAX = 64,
	DEPTH_MAX = 16,
	NAME_MAX_BYTES = 256, /* of what %{} stands for */
};

struct entry {
	char label, kind;
	char *path; /* as written; borrowed from the copy of the input */
	struct garita_text text;
	char digest[GARITA_DIGEST_SIZE];
};

static struct entry entries[ENTRIES_MAX];
static size_t count;
static char base[] = "/dev/shm/garita-fuzz.XXXXXX";
static char place[sizeof(base) + 2];

void garita_out_of_memory(void)
{
	abort();
}

const char *fuzz_id(char letter, char into[65])
{
	memset(into, letter, 64);
	into[64] = '\0';
	return into;
}

/* ---- texts ---- */

static void repeat(struct garita_text *out, char c, size_t times)
{
	while (times-- > 0)
		garita_text_putc(out, c);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put_digest(struct garita_text *out, char label)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].label == label) {
			garita_text_puts(out,
					 entries[i].digest + strlen("sha256:"));
			return;
		}
}

static void put_coded(struct garita_text *out, const char *bytes, size_t len)
{
	unsigned char coded[NAME_MAX_BYTES * 2];

	if (len > NAME_MAX_BYTES)
		return;
	EVP_EncodeBlock(coded, (const unsigned char *)bytes, (int)len);
	garita_text_printf(out, "=%s", (const char *)coded);
}

static void expand(const char *at, const char *end, struct garita_text *out);

/* What is behind a "%", two bytes at least; where it ends. A %{} ends at the
 * first "}", so that one within another is none. */
static const char *expand_one(const char *at, const char *end,
			      struct garita_text *out)
{
	const char *close = memchr(at, '}', (size_t)(end - at));
	auto_text inside = { 0 };

	if (at[0] == 'x' && end - at > 2 && hex(at[1]) >= 0 &&
	    hex(at[2]) >= 0) {
		garita_text_putc(out, (char)(hex(at[1]) << 4 | hex(at[2])));
		return at + 3;
	}
	if (at[0] == '{' && close != NULL) {
		expand(at + 1, close, &inside);
		put_coded(out, inside.data ? inside.data : "", inside.len);
		return close + 1;
	}
	if (at[0] == 's')
		put_digest(out, at[1]);
	else if (at[0] == 'i')
		repeat(out, at[1], 64);
	else if (at[0] == 'l')
		repeat(out, at[1], 26);
	else
		garita_text_puts(out, "%");
	return strchr("sil", at[0]) != NULL ? at + 2 : at;
}

static void expand(const char *at, const char *end, struct garita_text *out)
{
	while (at < end) {
		char c = *at++;

		if (c == '%' && end - at >= 2)
			at = expand_one(at, end, out);
		else
			garita_text_putc(out, c);
	}
}

/* ---- entries ---- */

static void read_entry(char *line)
{
	struct entry *entry = &entries[count];
	char *rest = line + 4;

	if (strlen(line) < 4 || line[1] != ' ' || line[3] != ' ')
		return;
	*entry = (struct entry){ .label = line[0], .kind = line[2] };
	entry->path = entry->kind == 'n' ? NULL : strsep(&rest, " ");
	garita_text_puts(&entry->text, "");
	if (rest != NULL)
		expand(rest, rest + strlen(rest), &entry->text);
	garita_sha256_digest(entry->text.data, entry->text.len, entry->digest);
	count++;
}

/* The directory that the last name of a path is in; -1: it cannot be made. No
 * link is followed, so nothing is made outside. */
static int open_parent(int root, char *path, char **ret_name)
{
	char *name = path, *slash = strrchr(path, '/');
	auto_fd int dir = -1;

	*ret_name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return dup(root);
	*slash = '\0';
	dir = garita_resolve(root, path, O_PATH | O_DIRECTORY,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (dir >= 0)
		return garita_take_fd(&dir);
	dir = dup(root);
	for (int depth = 0; name != NULL && depth < DEPTH_MAX; depth++) {
		char *one = strsep(&name, "/");
		int below;

		if (one[0] == '\0' || one[0] == '.')
			return -1;
		(void)mkdirat(dir, one, 0755);
		below = openat(dir, one,
			       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = below;
		if (dir < 0)
			return -1;
	}
	return name == NULL ? garita_take_fd(&dir) : -1;
}

static void write_text(int dir, const char *name, const struct entry *entry)
{
	auto_fd int fd = openat(
		dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		0600);
	const struct garita_text *text = &entry->text;
	gzFile zip;

	if (fd < 0)
		return;
	must(fchmod(fd, entry->kind == 'w' ? 0664 : 0644) == 0);
	if (entry->kind != 'z') {
		must(write(fd, text->data, text->len) == (ssize_t)text->len);
		return;
	}
	zip = gzdopen(dup(fd), "wb1");
	must(zip != NULL &&
	     gzwrite(zip, text->data, (unsigned)text->len) == (int)text->len);
	must(gzclose(zip) == Z_OK);
}

static void write_entry(int root, const struct entry *entry)
{
	auto_text path = { 0 };
	auto_fd int dir = -1;
	char *name;

	if (entry->path == NULL)
		return;
	garita_text_puts(&path, "");
	expand(entry->path, entry->path + strlen(entry->path), &path);
	dir = open_parent(root, path.data, &name);
	if (dir < 0 || name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return;
	switch (entry->kind) {
	case 'd':
		(void)mkdirat(dir, name, 0755);
		break;
	case 'D':
		if (mkdirat(dir, name, 0755) == 0)
			must(fchmodat(dir, name, 0777, 0) == 0);
		break;
	case 'l':
		(void)symlinkat(entry->text.data, dir, name);
		break;
	case 'p':
		(void)mkfifoat(dir, name, 0644);
		break;
	default:
		write_text(dir, name, entry);
	}
}

/* ---- all of it ---- */

static void remove_all(void)
{
	temporary_remove(base);
}

static void start_anew(void)
{
	for (size_t i = 0; i < count; i++)
		garita_text_free(&entries[i].text);
	count = 0;
	if (place[0] == '\0') {
		must(mkdtemp(base) != NULL && atexit(remove_all) == 0);
		snprintf(place, sizeof(place), "%s/r", base);
	} else {
		must(temporary_remove(place) == 0);
	}
	must(mkdir(place, 0755) == 0);
}

const char *fuzz_sysroot(const uint8_t *data, size_t size)
{
	auto_free char *copy = garita_xstrndup((const char *)data, size);
	auto_fd int root = -1;
	char *rest = copy, *line;

	start_anew();
	while (count < ENTRIES_MAX && (line = strsep(&rest, "\n")) != NULL)
		read_entry(line);
	root = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root >= 0);
	for (size_t i = 0; i < count; i++) {
		write_entry(root, &entries[i]);
		entries[i].path = NULL; /* the copy goes */
	}
	return place;
}

bool fuzz_sysroot_has(const char *digest)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(entries[i].digest, digest) == 0)
			return true;
	return false;
}
