/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate_policy - the operator's files: the policy, those it extends and its
 * lists; where they are looked for and who vouches for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/sha256.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/owner.h"

/* A policy is written by people: far below what a config may be. */
enum { POLICY_MAX_BYTES = 1024 * 1024 };

/* One file of the policy, trusted as the first one is. A reason names it. */
static int open_policy(const struct garita_gate_options *options,
		       const char *path, struct stat *ret_stat,
		       struct garita_error *err)
{
	int fd;

	if (options->policy == NULL)
		return garita_file_open_trusted(options->sysroot, path,
						ret_stat, err);
	fd = garita_file_open_given(AT_FDCWD, path, ret_stat, err);
	return fd < 0 ? garita_fail_in(err, path) : fd;
}

/* A name in a policy counts from the policy's own directory. */
static char *beside(const char *policy_path, const char *name)
{
	auto_free char *dir = garita_xstrdup(policy_path ? policy_path : "/");
	char *slash = strrchr(dir, '/');
	auto_text path = { 0 };

	if (*name == '/' || slash == NULL)
		return garita_xstrdup(name);
	*slash = '\0';
	garita_text_printf(&path, "%s/%s", dir, name);
	return garita_text_take(&path);
}

struct reading {
	const struct garita_gate_options *options;
	struct garita_gate *gate;
};

/* As sha256sum(1) prints it. */
static void put_sum(const char *text, size_t len, const char *path,
		    struct garita_text *out)
{
	char digest[GARITA_DIGEST_SIZE];

	garita_sha256_digest(text, len, digest);
	garita_text_printf(out, "%s  %s\n", digest + strlen("sha256:"), path);
}

/* For garita_policy_load(): the file that another extends. */
static int fetch(void *data, const char *from, const char *name,
		 char **ret_path, char **ret_text, size_t *ret_len,
		 struct garita_error *err)
{
	const struct reading *reading = data;
	auto_free char *path = beside(from, name);
	struct stat st = { 0 };
	auto_fd int fd = open_policy(reading->options, path, &st, err);

	if (fd < 0)
		return fd;
	if (garita_file_read_all(fd, &st, POLICY_MAX_BYTES, ret_text, ret_len,
				 err) < 0)
		return garita_fail_in(err, path);
	put_sum(*ret_text, *ret_len, path, &reading->gate->policy_below);
	*ret_path = garita_take_ptr(&path);
	return 0;
}

static int parse_policy(const struct garita_gate_options *options, int fd,
			const struct stat *st, struct garita_gate *gate,
			struct garita_error *err)
{
	struct reading reading = { options, gate };
	const struct garita_policy_source source = {
		.fetch = fetch,
		.data = &reading,
		.path = gate->policy_path,
	};
	int rc = garita_file_read_all(fd, st, POLICY_MAX_BYTES,
				      &gate->policy_text, &gate->policy_len,
				      err);

	return rc < 0 ? rc
		      : garita_policy_load(gate->policy_text, gate->policy_len,
					   &source, &gate->policy, err);
}

/* Where a user's own policy would be; NULL when it is the machine that asks. */
static char *own_policy(const struct garita_gate_options *options)
{
	bool elsewhere = options->policy != NULL ||
			 (options->sysroot != NULL && *options->sysroot);

	return elsewhere ? NULL : garita_owner_home(GARITA_OWN_POLICY);
}

static int read_policy(const struct garita_gate_options *options,
		       struct garita_gate *gate, struct garita_error *err)
{
	auto_free char *own = own_policy(options);
	const char *path = options->policy ? options->policy
			   : own           ? own
					   : GARITA_POLICY_FILE;
	struct stat st = { 0 };
	auto_fd int fd = open_policy(options, path, &st, err);

	if (fd == -ENOENT && own != NULL) {
		path = GARITA_POLICY_FILE;
		fd = open_policy(options, path, &st, err);
	}
	if (fd == -ENOENT && options->policy == NULL) {
		gate->policy = garita_policy_default();
		if (err != NULL)
			*err = (struct garita_error){ 0 };
		return 0;
	}
	if (fd < 0)
		return fd;
	/* Absolute: names in it count from its directory, not from ours. */
	gate->policy_path =
		options->policy ? realpath(path, NULL) : garita_xstrdup(path);
	if (gate->policy_path == NULL)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	return parse_policy(options, fd, &st, gate, err) < 0
		       ? garita_fail_in(err, path)
		       : 0;
}

static int open_list(const struct garita_gate *gate, const char *sysroot,
		     const char *name, struct garita_list_file *ret,
		     struct garita_error *err)
{
	auto_free char *path = beside(gate->policy_path, name);

	return garita_list_open(sysroot, path, ret, err);
}

static int open_lists(struct garita_gate *gate, struct garita_error *err)
{
	const char *sysroot = gate->policy_root;
	struct garita_policy *policy = gate->policy;
	int rc = 0;

	if (policy == NULL) /* which read_policy() does not leave so */
		return garita_fail(err, EINVAL, "there is no policy");
	if (policy->allow_file != NULL) {
		rc = open_list(gate, sysroot, policy->allow_file, &gate->allow,
			       err);
		policy->allow_list = gate->allow.digests;
	}
	if (rc == 0 && policy->deny_file != NULL) {
		rc = open_list(gate, sysroot, policy->deny_file, &gate->deny,
			       err);
		policy->deny_list = gate->deny.digests;
	}
	return rc;
}

int garita_gate_open(const struct garita_gate_options *options,
		     struct garita_gate *ret, struct garita_error *err)
{
	auto_gate gate = {
		.sysroot = options->sysroot ? options->sysroot : "",
		.policy_root = options->policy ? NULL : options->sysroot,
	};
	int rc = read_policy(options, &gate, err);

	if (rc == 0 && options->profile != NULL)
		rc = garita_policy_set_profile(gate.policy, options->profile,
					       err);
	if (rc == 0)
		rc = open_lists(&gate, err);
	if (rc < 0)
		return rc;
	*ret = gate;
	gate = (struct garita_gate){ 0 };
	return 0;
}

void garita_gate_close(struct garita_gate *gate)
{
	garita_policy_free(gate->policy);
	free(gate->policy_path);
	free(gate->policy_text);
	garita_text_free(&gate->policy_below);
	garita_list_close(&gate->allow);
	garita_list_close(&gate->deny);
	*gate = (struct garita_gate){ 0 };
}

void garita_gate_digest(const struct garita_gate *gate,
			char ret[GARITA_DIGEST_SIZE])
{
	auto_text sums = { 0 };

	if (gate->policy_text == NULL) {
		snprintf(ret, GARITA_DIGEST_SIZE, "built-in");
		return;
	}
	if (gate->policy_below.len == 0) {
		garita_sha256_digest(gate->policy_text, gate->policy_len, ret);
		return;
	}
	put_sum(gate->policy_text, gate->policy_len, gate->policy_path, &sums);
	garita_text_add(&sums, gate->policy_below.data, gate->policy_below.len);
	garita_sha256_digest(sums.data, sums.len, ret);
}
