/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_inflate - what a compressed packet holds.
 *
 * GnuPG compresses what it signs unless told otherwise, so this must be read;
 * and a stranger wrote it, so output has a limit that is checked before more
 * is made. What stands behind the end of the compressed bytes is signed by
 * nobody and read by nobody: it is refused.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <limits.h>

#define ZLIB_CONST /* it does not write its input */
#include <zlib.h>

#include "garita/blobs.h"
#include "garita/memory.h"

enum { /* RFC 9580, 9.4 */
       UNCOMPRESSED = 0,
       ZIP = 1, /* deflate and nothing around it */
       ZLIB = 2,
       BZIP2 = 3,
};

static int run(z_stream *stream, struct garita_error *err)
{
	int status = inflate(stream, Z_FINISH);

	if (status == Z_STREAM_END && stream->avail_in == 0)
		return 0;
	if (status == Z_STREAM_END)
		return garita_fail(err, EINVAL,
				   "bytes behind the compressed part of the "
				   "message");
	if (status == Z_MEM_ERROR)
		garita_out_of_memory();
	if (stream->avail_out == 0)
		return garita_fail(err, E2BIG,
				   "a compressed message of more than %d bytes",
				   GARITA_OPENPGP_TEXT_MAX);
	return garita_fail(err, EINVAL,
			   "the compressed part of the message is damaged or "
			   "cut off");
}

int garita_openpgp_inflate(struct garita_openpgp_bytes packet,
			   unsigned char **ret, size_t *ret_len,
			   struct garita_error *err)
{
	auto_free unsigned char *out = NULL;
	z_stream stream = { 0 };
	uint32_t algorithm;
	int failure;

	if (!garita_openpgp_number(&packet, 1, &algorithm))
		return garita_fail(err, EINVAL, "an empty compressed packet");
	if (algorithm == BZIP2)
		return garita_fail(err, ENOTSUP,
				   "compressed with bzip2, which is not read "
				   "here: sign with --compress-algo zlib");
	if (algorithm == UNCOMPRESSED || algorithm > BZIP2)
		return garita_fail(err, EINVAL,
				   "compressed in way %u, which is not known",
				   algorithm);
	_Static_assert(GARITA_BLOB_MAX < UINT_MAX, "a blob fits");
	if (packet.left > GARITA_BLOB_MAX)
		return garita_fail(err, E2BIG, "a message that is too big");
	stream.next_in = packet.at;
	stream.avail_in = (unsigned)packet.left;
	out = garita_xalloc(GARITA_OPENPGP_TEXT_MAX);
	stream.next_out = out;
	stream.avail_out = GARITA_OPENPGP_TEXT_MAX;
	/* Negative bits: no header and no checksum around. */
	if (inflateInit2(&stream, algorithm == ZIP ? -15 : 15) != Z_OK)
		garita_out_of_memory();
	failure = run(&stream, err);
	inflateEnd(&stream);
	if (failure < 0)
		return failure;
	*ret_len = GARITA_OPENPGP_TEXT_MAX - stream.avail_out;
	*ret = garita_take_ptr(&out);
	return 0;
}
