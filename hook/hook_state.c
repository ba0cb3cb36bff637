/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook_state - see the header.
 */
#include "hook/hook_state.h"

#include <errno.h>
#include <unistd.h>

#include "hook/file.h"

static uint32_t pid_of(const struct garita_json *root)
{
	uint64_t pid = 0;

	if (garita_json_u64(garita_json_get(root, "pid"), &pid) < 0 ||
	    pid > INT32_MAX)
		return 0;
	return (uint32_t)pid;
}

int garita_hook_state_parse(const char *text, size_t len,
			    struct garita_hook_state *ret,
			    struct garita_error *err)
{
	auto_hook_state state = { 0 };
	struct garita_json *root;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &state.doc,
				   err);

	if (rc < 0)
		return rc;
	root = garita_json_root(state.doc);
	state.bundle = garita_json_string(garita_json_get(root, "bundle"));
	state.id = garita_json_string(garita_json_get(root, "id"));
	state.pid = pid_of(root);
	if (state.bundle == NULL || *state.bundle != '/')
		return garita_fail(err, EINVAL,
				   "bundle is not an absolute path");
	*ret = state;
	state.doc = NULL;
	return 0;
}

int garita_hook_state_read(struct garita_hook_state *ret,
			   struct garita_error *err)
{
	auto_free char *text = NULL;
	size_t len = 0;
	int rc = garita_file_read(STDIN_FILENO, GARITA_JSON_MAX_BYTES, &text,
				  &len, err);

	if (rc == 0)
		rc = garita_hook_state_parse(text, len, ret, err);
	return rc < 0 ? garita_fail_in(err, "state on standard input") : 0;
}

void garita_hook_state_free(struct garita_hook_state *state)
{
	garita_json_free(state->doc);
	*state = (struct garita_hook_state){ 0 };
}
