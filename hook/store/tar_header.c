/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_header - what a tar file says about one of its files. The bytes come
 * from whoever made the layer; every length is checked against what is there.
 */
#include "hook/store/tar_header.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

enum { BLOCK = 512 };

/* Where the fields of a header are (POSIX.1-1988, ustar). */
enum {
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	TYPE = 156,
	LINK = 157,
	LINK_LEN = 100,
	MAJOR = 329,
	MINOR = 337,
};

/* What extended headers said about the next file. */
struct extended {
	bool has_uid, has_gid;
	uint64_t uid, gid;
	char *link;
	unsigned char *caps;
	size_t caps_len;
};

void garita_tar_header_free(struct garita_tar_header *header)
{
	free(header->link);
	free(header->caps);
	*header = (struct garita_tar_header){ 0 };
}

static void free_extended(struct extended *extended)
{
	free(extended->link);
	free(extended->caps);
}

/* Octal digits between blanks or NULs, or with the first bit set a big-endian
 * number. */
static int read_number(const unsigned char *field, size_t len, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i = 0;

	if (field[0] & 0x80) {
		value = field[0] & 0x7f;
		for (i = 1; i < len; i++) {
			if (value >> 56 != 0)
				return -EINVAL;
			value = value << 8 | field[i];
		}
		*ret = value;
		return 0;
	}
	while (i < len && (field[i] == ' ' || field[i] == '\0'))
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (unsigned)(field[i] - '0');
	if (i < len && field[i] != ' ' && field[i] != '\0')
		return -EINVAL;
	*ret = value;
	return 0;
}

static bool is_key(const char *key, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(key, name, len) == 0;
}

static int take_record(const char *key, size_t key_len, const char *value,
		       size_t len, struct extended *extended)
{
	auto_free char *text = garita_xstrndup(value, len);

	if (is_key(key, key_len, "linkpath")) {
		free(extended->link);
		extended->link = garita_take_ptr(&text);
	} else if (is_key(key, key_len, "uid")) {
		extended->has_uid = true;
		return garita_parse_u64(text, &extended->uid);
	} else if (is_key(key, key_len, "gid")) {
		extended->has_gid = true;
		return garita_parse_u64(text, &extended->gid);
	} else if (is_key(key, key_len, "SCHILY.xattr.security.capability")) {
		free(extended->caps);
		extended->caps = garita_xalloc(len + 1);
		memcpy(extended->caps, value, len);
		extended->caps_len = len;
	}
	return 0;
}

/* PAX: "LENGTH KEY=VALUE\n" one after another; LENGTH is of all of it. */
static int read_pax(const char *at, size_t len, struct extended *extended)
{
	while (len > 0) {
		const char *blank = memchr(at, ' ', len);
		const char *equals;
		size_t size = 0;
		int failed;

		if (blank == NULL || blank - at > 8)
			return -EINVAL;
		for (const char *digit = at; digit < blank; digit++) {
			if (!garita_is_digit(*digit))
				return -EINVAL;
			size = size * 10 + (size_t)(*digit - '0');
		}
		if (size > len || size < (size_t)(blank - at) + 2 ||
		    at[size - 1] != '\n')
			return -EINVAL;
		equals = memchr(blank, '=', size - (size_t)(blank - at));
		if (equals == NULL)
			return -EINVAL;
		failed = take_record(
			blank + 1, (size_t)(equals - blank) - 1, equals + 1,
			(size_t)(at + size - equals) - 2, extended);
		if (failed < 0)
			return failed;
		at += size;
		len -= size;
	}
	return 0;
}

static int read_last(const unsigned char *block, struct extended *extended,
		     struct garita_tar_header *ret)
{
	const char *link = (const char *)block + LINK;

	if (read_number(block + MODE, 8, &ret->mode) < 0 ||
	    read_number(block + UID, 8, &ret->uid) < 0 ||
	    read_number(block + GID, 8, &ret->gid) < 0 ||
	    read_number(block + MAJOR, 8, &ret->major) < 0 ||
	    read_number(block + MINOR, 8, &ret->minor) < 0)
		return -EINVAL;
	ret->type = (char)block[TYPE];
	if (extended->has_uid)
		ret->uid = extended->uid;
	if (extended->has_gid)
		ret->gid = extended->gid;
	ret->link = extended->link != NULL
			    ? garita_take_ptr(&extended->link)
			    : garita_xstrndup(link, strnlen(link, LINK_LEN));
	ret->caps = garita_take_ptr(&extended->caps);
	ret->caps_len = extended->caps_len;
	return 0;
}

/* One that extends the next; its contents follow it. */
static int read_extension(char type, const unsigned char *bytes, size_t size,
			  struct extended *extended)
{
	const char *text = (const char *)bytes;

	if (type == 'x')
		return read_pax(text, size, extended);
	if (type == 'K') {
		free(extended->link);
		extended->link = garita_xstrndup(text, strnlen(text, size));
	}
	return 0; /* 'L': the name is known; 'g': Go does not apply it */
}

int garita_tar_header_read(const unsigned char *bytes, size_t len, size_t skip,
			   struct garita_tar_header *ret)
{
	__attribute__((
		cleanup(free_extended))) struct extended extended = { 0 };
	size_t at = skip;

	while (len >= at && len - at >= BLOCK) {
		const unsigned char *block = bytes + at;
		char type = (char)block[TYPE];
		uint64_t size;

		at += BLOCK;
		if (at == len)
			return read_last(block, &extended, ret);
		if (strchr("xgKL", type) == NULL || type == '\0' ||
		    read_number(block + SIZE, 12, &size) < 0 ||
		    size > len - at ||
		    read_extension(type, bytes + at, (size_t)size, &extended) <
			    0)
			return -EINVAL;
		at += ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
	}
	return -EINVAL;
}
