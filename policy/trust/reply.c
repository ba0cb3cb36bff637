/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reply - the answer to a question about signatures, from a process that may
 * have been taken over by what it read: every field is looked at.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/trust/request.h"

static const char reply_magic[16] = "garita reply 1\n";

void garita_reply_write(const struct garita_trust *trust,
			struct garita_reply *ret)
{
	*ret = (struct garita_reply){
		.until = trust->until,
		.state = (uint32_t)trust->state,
	};
	memcpy(ret->magic, reply_magic, sizeof(ret->magic));
	snprintf(ret->words, sizeof(ret->words), "%s", trust->words);
}

/* One line that ends, and nothing behind its end. */
static bool is_line(const char *words, size_t size)
{
	size_t len = strnlen(words, size);

	if (len == 0 || len == size)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)words[i] < ' ' || words[i] == 0x7f)
			return false;
	for (size_t i = len; i < size; i++)
		if (words[i] != '\0')
			return false;
	return true;
}

int garita_reply_read(const struct garita_reply *reply, time_t now,
		      struct garita_trust *ret, struct garita_error *err)
{
	struct garita_trust trust = { .state = GARITA_TRUST_REFUSED };

	if (memcmp(reply->magic, reply_magic, sizeof(reply->magic)) != 0 ||
	    reply->zero != 0 || !is_line(reply->words, sizeof(reply->words)))
		return garita_fail(err, EBADMSG, "the answer is malformed");
	if (reply->state == GARITA_TRUST_ACCEPTED)
		trust.state = GARITA_TRUST_ACCEPTED;
	else if (reply->state != GARITA_TRUST_REFUSED)
		return garita_fail(err, EBADMSG,
				   "the answer is neither yes nor no");
	trust.until = (time_t)reply->until;
	if (trust.until < 0 || (trust.state == GARITA_TRUST_ACCEPTED &&
				trust.until != 0 && trust.until <= now))
		return garita_fail(err, EBADMSG,
				   "the answer is no longer true");
	memcpy(trust.words, reply->words, sizeof(trust.words));
	*ret = trust;
	return 0;
}
