/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - has garita-verify decide whether an image is signed.
 *
 * The program is checked and run by descriptor as the runtime is, with an
 * empty environment, and has two seconds. Anything but a well-formed answer of
 * a process that ended well is a refusal whose words say what happened.
 */
#ifndef GARITA_HOOK_TRUST_ASK_H
#define GARITA_HOOK_TRUST_ASK_H

#include "garita/trust.h"

enum {
	GARITA_ASK_NOTES_MAX = 64 * 1024,
	GARITA_ASK_DEADLINE_MS = 2000,
};

/* 0, or -errno when there was no answer, which a person is told otherwise than
 * a refusal; *ret says it in either case.
 * `notes`, when not NULL, gets a line for each thing that was looked at: text
 * of strangers, to be made safe for where it is shown. `program`: NULL for the
 * garita-verify beside this program or else the installed one. */
int garita_ask(const struct garita_trust_case *of, const char *program,
	       struct garita_trust *ret, struct garita_text *notes);
/* The same of a question that garita_request_write() wrote already. */
int garita_ask_written(const struct garita_trust_case *of,
		       const struct garita_text *written, const char *program,
		       struct garita_trust *ret, struct garita_text *notes);

#endif
