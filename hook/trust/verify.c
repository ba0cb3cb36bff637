/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify - garita-verify: one question about signatures on standard input, one
 * answer on standard output, asked by other programs of garita (ask.h).
 *
 * It reads what strangers wrote, in many formats, so it first makes itself
 * unable to do anything: whoever takes it over has no file, no network and no
 * capability, and can only answer wrongly. It keeps nothing. A crash, a limit
 * or a wrong word is no answer, and no answer is a refusal.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hook/file.h"
#include "hook/heap.h"
#include "hook/trust/ask.h"
#include "hook/trust/door.h"
#include "policy/trust/request.h"

enum {
	COULD_NOT_JUDGE = 2,
};

static void answer(const struct garita_trust *trust,
		   const struct garita_text *notes)
{
	size_t len = notes->len < GARITA_ASK_NOTES_MAX ? notes->len
						       : GARITA_ASK_NOTES_MAX;
	struct garita_reply reply;

	garita_reply_write(trust, &reply);
	if (garita_file_write(STDOUT_FILENO, (const char *)&reply,
			      sizeof(reply)) == 0 &&
	    len > 0)
		garita_file_write(STDOUT_FILENO, notes->data, len);
}

/* Up to `len` bytes; fewer where the question ends before. */
static int read_some(char *into, size_t len, size_t *ret,
		     struct garita_error *err)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = read(STDIN_FILENO, into + have, len - have);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return garita_fail(err, errno,
					   "cannot read the request: %s",
					   strerror(errno));
		have += n > 0 ? (size_t)n : 0;
	}
	*ret = have;
	return 0;
}

/* All of it, in one place of the size that it says it has. */
static int read_question(char **ret, size_t *ret_len, struct garita_error *err)
{
	char head[GARITA_REQUEST_HEAD];
	auto_free char *bytes = NULL;
	size_t have = 0, len = 0, more = 0;
	int rc = read_some(head, sizeof(head), &have, err);

	if (rc == 0 && have < sizeof(head))
		rc = garita_fail(err, EBADMSG, "the request is no request");
	if (rc == 0)
		rc = garita_request_length(head, &len, err);
	if (rc < 0)
		return rc;
	/* What is in it is decoded and made trees of. */
	garita_heap_expect(8 * len);
	bytes = garita_xresize(NULL, len + 1, 1); /* to see that it ends */
	memcpy(bytes, head, have);
	rc = read_some(bytes + have, len + 1 - have, &more, err);
	if (rc < 0)
		return rc;
	*ret = garita_take_ptr(&bytes);
	*ret_len = have + more;
	return 0;
}

static int serve(bool with_notes, struct garita_error *err)
{
	auto_request request = { 0 };
	auto_text notes = { 0 };
	struct garita_trust_case of;
	struct garita_trust trust = { 0 };
	char *bytes = NULL; /* stays until the end */
	size_t len = 0;
	int rc = read_question(&bytes, &len, err);

	if (rc == 0)
		rc = garita_door_enter(err);
	if (rc == 0)
		rc = garita_door_close(err);
	if (rc == 0)
		rc = garita_request_read(bytes, len, &request, err);
	if (rc < 0)
		return rc;
	of = garita_request_case(&request);
	garita_trust_decide(&of, &trust, with_notes ? &notes : NULL);
	answer(&trust, &notes);
	return 0;
}

/* Somebody typed its name. */
static int explain(void)
{
	static const char words[] =
		"garita-verify is asked by garita, not by people; see garita(1)"
		" image verify\n";
	ssize_t ignored = write(STDERR_FILENO, words, sizeof(words) - 1);

	(void)ignored;
	return COULD_NOT_JUDGE;
}

int main(int argc, char *argv[])
{
	struct garita_error error = { 0 };
	bool with_notes = argc == 2 && strcmp(argv[1], "--notes") == 0;

	if (argc > 1 && !with_notes)
		return explain();
	garita_heap_settle();
	if (serve(with_notes, &error) < 0) {
		struct garita_trust refused = { .state = GARITA_TRUST_REFUSED };
		const struct garita_text none = { 0 };

		garita_error_words(&error, refused.words,
				   sizeof(refused.words));
		answer(&refused, &none);
	}
	/* Not exit(): what libraries would clean up goes with the process. */
	_exit(0);
}
