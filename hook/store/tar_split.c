/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_split - a layer's tar file without the contents of its files: gunzip,
 * lines, JSON. The file may be as long as it likes, what is held of it is one
 * line.
 */
#include "hook/store/tar_split.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "garita/json.h"
#include "policy/trust/format.h"

enum {
	CHUNK = 64 * 1024,
	GZIP = 16 + 15, /* zlib: a gzip header, the largest window */
	LINE_MAX_BYTES = GARITA_JSON_MAX_BYTES,
};

struct garita_tar_split {
	int fd;
	z_stream zip;
	bool ended; /* a gzip member did; another may follow */
	bool all_read;
	unsigned char in[CHUNK];
	char out[CHUNK];
	size_t at, filled; /* in out */
	struct garita_text line;
};

void garita_tar_split_entry_free(struct garita_tar_split_entry *entry)
{
	free(entry->name);
	free(entry->bytes);
	*entry = (struct garita_tar_split_entry){ 0 };
}

struct garita_tar_split *garita_tar_split_open(int fd)
{
	struct garita_tar_split *split = garita_xalloc(sizeof(*split));

	split->fd = fd;
	/* Fails only without memory. */
	if (inflateInit2(&split->zip, GZIP) != Z_OK)
		garita_out_of_memory();
	return split;
}

void garita_tar_split_close(struct garita_tar_split *split)
{
	if (split == NULL)
		return;
	inflateEnd(&split->zip);
	garita_text_free(&split->line);
	free(split);
}

static int read_more(struct garita_tar_split *split, struct garita_error *err)
{
	ssize_t n;

	do
		n = read(split->fd, split->in, sizeof(split->in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return garita_fail(err, EIO, "cannot read: %s",
				   strerror(errno));
	split->all_read = n == 0;
	split->zip.next_in = split->in;
	split->zip.avail_in = (unsigned)n;
	return 0;
}

/* Puts more text into `out`; none at the end of the file. */
static int fill(struct garita_tar_split *split, struct garita_error *err)
{
	split->at = 0;
	split->filled = 0;
	while (split->filled == 0) {
		int failed = 0, code;

		if (split->zip.avail_in == 0 && !split->all_read)
			failed = read_more(split, err);
		if (failed < 0)
			return failed;
		if (split->zip.avail_in == 0)
			return split->ended ? 0
					    : garita_fail(err, EINVAL,
							  "is cut short");
		if (split->ended && inflateReset(&split->zip) != Z_OK)
			return garita_fail(err, EINVAL, "is no gzip file");
		split->ended = false;
		split->zip.next_out = (unsigned char *)split->out;
		split->zip.avail_out = sizeof(split->out);
		code = inflate(&split->zip, Z_NO_FLUSH);
		if (code != Z_OK && code != Z_STREAM_END)
			return garita_fail(err, EINVAL, "is no gzip file");
		split->ended = code == Z_STREAM_END;
		split->filled = sizeof(split->out) - split->zip.avail_out;
	}
	return 0;
}

/* The next line into split->line: 1, or 0 when there is none. */
static int next_line(struct garita_tar_split *split, struct garita_error *err)
{
	split->line.len = 0;
	for (;;) {
		const char *from, *end;
		size_t len;

		if (split->at == split->filled) {
			int failed = fill(split, err);

			if (failed < 0)
				return failed;
			if (split->filled == 0)
				return split->line.len > 0;
		}
		from = split->out + split->at;
		end = memchr(from, '\n', split->filled - split->at);
		len = end ? (size_t)(end - from) : split->filled - split->at;
		if (len > LINE_MAX_BYTES - split->line.len)
			return garita_fail(err, E2BIG,
					   "has a line of over %d bytes",
					   LINE_MAX_BYTES);
		garita_text_add(&split->line, from, len);
		split->at += len + (end != NULL);
		if (end != NULL && split->line.len > 0)
			return 1;
	}
}

/* A member in base64; none of it when the member is not there or null. */
static int read_bytes(const struct garita_json *root, const char *key,
		      unsigned char **ret, size_t *ret_len)
{
	const struct garita_json *node = garita_json_get(root, key);
	const char *text = garita_json_string(node);

	if (node == NULL || garita_json_type(node) == GARITA_JSON_NULL) {
		*ret = garita_xalloc(0);
		*ret_len = 0;
		return 0;
	}
	return text == NULL ? -EINVAL
			    : garita_base64(text, strlen(text), LINE_MAX_BYTES,
					    ret, ret_len);
}

static int read_name(const struct garita_json *root, char **ret)
{
	const char *name = garita_json_string(garita_json_get(root, "name"));
	unsigned char *raw = NULL;
	size_t len = 0;
	int rc = 0;

	if (name != NULL && *name != '\0') {
		*ret = garita_xstrdup(name);
		return 0;
	}
	if (read_bytes(root, "name_raw", &raw, &len) < 0)
		return -EINVAL;
	if (len == 0 || memchr(raw, '\0', len) != NULL)
		rc = -EINVAL;
	else
		*ret = garita_xstrndup((const char *)raw, len);
	free(raw);
	return rc;
}

static int read_file(const struct garita_json *root,
		     struct garita_tar_split_entry *ret)
{
	const struct garita_json *size = garita_json_get(root, "size");
	auto_free unsigned char *crc = NULL;
	size_t len = 0;

	if (read_name(root, &ret->name) < 0 ||
	    (size != NULL && garita_json_u64(size, &ret->size) < 0) ||
	    read_bytes(root, "payload", &crc, &len) < 0)
		return -EINVAL;
	if (len == sizeof(ret->crc))
		memcpy(ret->crc, crc, len);
	return len == sizeof(ret->crc) || ret->size == 0 ? 0 : -EINVAL;
}

static int read_entry(const struct garita_json *root,
		      struct garita_tar_split_entry *ret)
{
	uint64_t type;

	if (garita_json_u64(garita_json_get(root, "type"), &type) < 0)
		return -EINVAL;
	ret->is_file = type == 1;
	if (type == 1)
		return read_file(root, ret);
	return type == 2 ? read_bytes(root, "payload", &ret->bytes, &ret->len)
			 : -EINVAL;
}

int garita_tar_split_next(struct garita_tar_split *split,
			  struct garita_tar_split_entry *ret,
			  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_tar_split_entry entry = { 0 };
	int more = next_line(split, err);

	if (more <= 0)
		return more;
	more = garita_json_parse(split->line.data, split->line.len,
				 GARITA_JSON_STRICT, &doc, err);
	if (more < 0)
		return more;
	if (read_entry(garita_json_root(doc), &entry) < 0)
		return garita_fail(err, EINVAL,
				   "has a line that is no tar-split entry");
	*ret = entry;
	entry = (struct garita_tar_split_entry){ 0 };
	return 1;
}

uint64_t garita_crc64(uint64_t crc, const void *bytes, size_t len)
{
	const uint64_t polynomial = 0xD800000000000000u;
	const unsigned char *at = bytes;
	uint64_t table[256];

	for (unsigned i = 0; i < 256; i++) {
		uint64_t value = i;

		for (int bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? polynomial : 0);
		table[i] = value;
	}
	crc = ~crc;
	while (len-- > 0)
		crc = table[(crc ^ *at++) & 255] ^ crc >> 8;
	return ~crc;
}
