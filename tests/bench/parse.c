/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * parse - the smallest honest stand-in for the start path when the question is
 * only how to link it: read a file, run yajl over it, leave.
 */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

static int count(void *context)
{
	(*(size_t *)context)++;
	return 1;
}

static int count_bool(void *context, int value)
{
	(void)value;
	return count(context);
}

static int count_number(void *context, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return count(context);
}

static int count_string(void *context, const unsigned char *text, size_t len)
{
	(void)text;
	(void)len;
	return count(context);
}

static const yajl_callbacks callbacks = {
	.yajl_null = count,
	.yajl_boolean = count_bool,
	.yajl_number = count_number,
	.yajl_string = count_string,
	.yajl_start_map = count,
	.yajl_map_key = count_string,
	.yajl_end_map = count,
	.yajl_start_array = count,
	.yajl_end_array = count,
};

int main(int argc, char *argv[])
{
	static unsigned char text[64 * 1024];
	size_t seen = 0;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	yajl_handle parser = yajl_alloc(&callbacks, NULL, &seen);

	if (len <= 0 || !parser)
		return 1;
	if (yajl_parse(parser, text, (size_t)len) != yajl_status_ok ||
	    yajl_complete_parse(parser) != yajl_status_ok)
		return 1;
	yajl_free(parser);
	return seen == 0;
}
