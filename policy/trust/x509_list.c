/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_list - certificates of a file, with their bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/pem.h"
#include "policy/trust/x509.h"

int garita_x509_list_add(struct garita_x509_list *list, const void *bytes,
			 size_t len, struct garita_error *err)
{
	auto_free unsigned char *copy = NULL;
	size_t at = list->count;
	struct garita_x509 cert;
	int r;

	if (at == GARITA_X509_LIST_MAX)
		return garita_fail(err, E2BIG, "more than %d certificates",
				   GARITA_X509_LIST_MAX);
	copy = garita_xalloc(len + 1);
	memcpy(copy, bytes, len);
	r = garita_x509_read(copy, len, &cert, err);
	if (r < 0)
		return r;
	list->all = garita_xresize(list->all, at + 1, sizeof(*list->all));
	list->bytes = garita_xresize(list->bytes, at + 1, sizeof(*list->bytes));
	list->all[at] = cert;
	list->bytes[at] = garita_take_ptr(&copy);
	list->count++;
	return 0;
}

static int read_pem(struct garita_x509_list *list, const char *text, size_t len,
		    struct garita_error *err)
{
	struct garita_pem from = { .at = text, .end = text + len, .prose = 1 };
	size_t before = list->count;
	int r;

	for (;;) {
		struct garita_pem_block block = { 0 };
		auto_free unsigned char *bytes = NULL;

		r = garita_pem_begin(&from, &block, err);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		if (!garita_pem_is(&block, "CERTIFICATE"))
			return garita_pem_fail(&from, err,
					       "the block is no CERTIFICATE");
		r = garita_pem_body(&from, GARITA_X509_BYTES_MAX, &block, err);
		if (r < 0)
			return r;
		bytes = block.bytes;
		r = garita_x509_list_add(list, bytes, block.len, err);
		if (r < 0)
			return r;
	}
	if (list->count == before)
		return garita_fail(err, EINVAL, "there is no certificate");
	return 0;
}

int garita_x509_list_read(struct garita_x509_list *list, const char *bytes,
			  size_t len, struct garita_error *err)
{
	/* The tag is a '0', which a text may begin with, too; no text has a
	 * NUL, and no certificate has none (a BIT STRING begins with one). */
	if (len > 0 && (unsigned char)bytes[0] == GARITA_DER_SEQUENCE &&
	    memchr(bytes, '\0', len) != NULL)
		return garita_x509_list_add(list, bytes, len, err);
	return read_pem(list, bytes, len, err);
}

void garita_x509_list_cut(struct garita_x509_list *list, size_t count)
{
	while (list->count > count)
		free(list->bytes[--list->count]);
}

void garita_x509_list_free(struct garita_x509_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->bytes[i]);
	free(list->bytes);
	free(list->all);
	*list = (struct garita_x509_list){ 0 };
}
