/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather_zip - files that mostly lie compressed: changelogs, the kernel's
 * configuration. As much of them as is wanted; one that is damaged has no
 * text.
 */
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "hook/host/gather.h"

enum { GZIP = 15 + 16, MAX_PACKED = 8 * 1024 * 1024 };

static char *unzip(char *packed, size_t len, size_t max_bytes)
{
	z_stream zip = { 0 };
	auto_text text = { 0 };
	int code = Z_OK;

	/* Fails only without memory. */
	if (inflateInit2(&zip, GZIP) != Z_OK)
		return NULL;
	garita_text_puts(&text, "");
	zip.next_in = (unsigned char *)packed;
	zip.avail_in = (unsigned)len;
	while (code == Z_OK && text.len < max_bytes) {
		unsigned char some[16 * 1024];

		zip.next_out = some;
		zip.avail_out = sizeof(some);
		code = inflate(&zip, Z_NO_FLUSH);
		garita_text_add(&text, (const char *)some,
				sizeof(some) - zip.avail_out);
	}
	inflateEnd(&zip);
	if (code != Z_OK && code != Z_STREAM_END)
		return NULL;
	return garita_text_take(&text);
}

char *garita_gather_unzip(const struct garita_view *view, const char *path,
			  size_t max_bytes)
{
	size_t len = 0;
	auto_free char *file = garita_look_read(view, path, MAX_PACKED, &len);

	if (file == NULL)
		return NULL;
	if (len < 2 || memcmp(file, "\x1f\x8b", 2) != 0)
		return garita_take_ptr(&file);
	return unzip(file, len, max_bytes);
}
