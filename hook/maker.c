/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * maker - which runtime made a container.
 *
 * A record is a symbolic link in a directory of root's alone: its name is told
 * by --root and the id, it leads to the runtime, and behind a newline is the
 * directory in which that runtime keeps the container. A record counts only
 * while that is there, so an id that is used again after somebody deleted the
 * container without us is not taken for the old one; and it can be forgotten
 * at leisure, not in the moment of a delete that may fail.
 *
 * Where no scope chooses there is one runtime, and only that it was ever used
 * is noted: a start then costs one look. Containers of such a policy, or from
 * before there was a choice, have no record: runc (state.json) and crun
 * (status) are told apart by what they keep.
 */
#include "hook/maker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/image.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/clock.h"
#include "hook/directory.h"
#include "hook/owner.h"
#include "hook/state.h"

#define RECORDS "runtimes"
#define SWEPT   "swept" /* its time: when old records were looked for */
#define USED    "used-" /* and a hash: a link to a runtime that was used */

enum {
	KINDS = 2,
	/* A create that takes longer than this has failed. */
	YOUNG_SECONDS = 300,
};

static const char kinds[KINDS][5] = {
	[GARITA_RUNTIME_RUNC] = "runc",
	[GARITA_RUNTIME_CRUN] = "crun",
};
static const char *const kept[KINDS] = {
	[GARITA_RUNTIME_RUNC] = "state.json",
	[GARITA_RUNTIME_CRUN] = "status",
};

bool garita_maker_is_scoped(const struct garita_policy *policy)
{
	for (size_t i = 0; i < policy->scope_count; i++)
		if (policy->scopes[i].runtime != NULL)
			return true;
	return false;
}

bool garita_maker_is_chosen(const struct garita_policy *policy)
{
	return policy->runtime != NULL || garita_maker_is_scoped(policy);
}

const char *garita_maker_of_scope(const struct garita_policy *policy,
				  const char *scope)
{
	for (size_t i = 0; scope != NULL && i < policy->scope_count; i++)
		if (strcmp(policy->scopes[i].name, scope) == 0)
			return policy->scopes[i].runtime;
	return NULL;
}

/* The value of --root; NULL: none was given. Of a canonical command. */
static const char *root_of(const struct garita_command *command)
{
	static const char root[] = "--root=";

	for (size_t i = 1; i < command->argc && command->argv[i][0] == '-'; i++)
		if (garita_starts_with(command->argv[i], root))
			return command->argv[i] + sizeof(root) - 1;
	return NULL;
}

/* As getenv(3) has it; "" where there is none, which is the same here. */
static const char *variable(char *const envp[], const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; envp[i] != NULL; i++)
		if (garita_starts_with(envp[i], name) && envp[i][len] == '=')
			return envp[i] + len + 1;
	return "";
}

/* runc asks for $XDG_RUNTIME_DIR on behalf of a user, or of what may be one as
 * root of a user namespace; crun on everybody's. */
static const char *runtime_directory(enum garita_runtime_kind kind,
				     char *const envp[])
{
	const char *named = variable(envp, "XDG_RUNTIME_DIR");
	bool asked = kind == GARITA_RUNTIME_CRUN || geteuid() != 0 ||
		     (!garita_owner_in_first_namespace() &&
		      strcmp(variable(envp, "USER"), "root") != 0);

	return asked && *named != '\0' ? named : "/run";
}

/* Where a runtime of that kind keeps the container; the caller frees. */
static char *place_of(enum garita_runtime_kind kind,
		      const struct garita_command *command, char *const envp[])
{
	const char *root = root_of(command);
	auto_free char *real = root ? realpath(root, NULL) : NULL;
	auto_text path = { 0 };

	if (root != NULL)
		garita_text_printf(&path, "%s/%s", real ? real : root,
				   command->id);
	else
		garita_text_printf(&path, "%s/%s/%s",
				   runtime_directory(kind, envp), kinds[kind],
				   command->id);
	return garita_text_take(&path);
}

static enum garita_runtime_kind other_than(enum garita_runtime_kind kind)
{
	return kind == GARITA_RUNTIME_RUNC ? GARITA_RUNTIME_CRUN
					   : GARITA_RUNTIME_RUNC;
}

/* -ENOENT: it does not, or it is somebody else's. Where that cannot be seen,
 * another runtime would say that the container is gone. */
static int check_kept(enum garita_runtime_kind kind, const char *place,
		      struct garita_error *err)
{
	auto_text path = { 0 };
	struct stat st;

	garita_text_printf(&path, "%s/%s", place, kept[kind]);
	if (stat(path.data, &st) == 0)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG ||
	    (errno == EACCES && garita_owner_is_user()))
		return -ENOENT;
	return garita_fail(err, errno, "cannot look at %s: %s", path.data,
			   strerror(errno));
}

static void name_of(const struct garita_command *command,
		    char ret[GARITA_DIGEST_SIZE])
{
	const char *root = root_of(command);
	auto_text key = { 0 };

	garita_text_printf(&key, "%s\n%s", root ? root : "", command->id);
	garita_sha256_digest(key.data, key.len, ret);
}

/* A record: the runtime, and where it keeps the container. */
struct record {
	char text[PATH_MAX];
	const char *runtime, *place;
};

static int read_record(int dir, const char *name, struct record *ret)
{
	ssize_t len = readlinkat(dir, name, ret->text, sizeof(ret->text));
	char *newline;

	if (len <= 0 || (size_t)len >= sizeof(ret->text))
		return -ENOENT;
	ret->text[len] = '\0';
	newline = strchr(ret->text, '\n');
	if (newline == NULL || ret->text[0] != '/' || newline[1] == '\0')
		return -ENOENT;
	*newline = '\0';
	ret->runtime = ret->text;
	ret->place = newline + 1;
	return 0;
}

static bool is_young(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       garita_clock_time() - st.st_mtim.tv_sec < YOUNG_SECONDS;
}

/* Forgets containers that are gone. Once in a while: it looks at all. */
static void sweep(int dir)
{
	auto_fd int mark = -1;
	auto_directory *all = NULL;
	const char *name = NULL;

	if (is_young(dir, SWEPT))
		return;
	mark = openat(dir, SWEPT, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		      0600);
	if (mark >= 0 && futimens(mark, NULL) == 0)
		all = garita_directory_list(dir);
	while (all != NULL && garita_directory_next(all, &name) == 0 &&
	       name != NULL) {
		struct record record;
		struct stat st;

		if (read_record(dir, name, &record) == 0 &&
		    !is_young(dir, name) && stat(record.place, &st) < 0 &&
		    errno == ENOENT)
			unlinkat(dir, name, 0);
	}
}

/* A link that is there already is all there is to know: who could have made a
 * wrong one is root. */
int garita_maker_note_used(const struct garita_runtime *runtime,
			   struct garita_error *err)
{
	char name[sizeof(USED) + GARITA_DIGEST_SIZE] = USED;
	char known[PATH_MAX];
	auto_text path = { 0 };
	auto_fd int dir = -1;
	ssize_t len;

	garita_sha256_digest(runtime->path, strlen(runtime->path),
			     name + strlen(USED));
	garita_text_printf(&path, "%s/" RECORDS "/%s", GARITA_STATE_DIR, name);
	len = readlinkat(AT_FDCWD, path.data, known, sizeof(known));
	if (len > 0 && (size_t)len == strlen(runtime->path) &&
	    memcmp(known, runtime->path, (size_t)len) == 0)
		return 0;
	dir = garita_state_open(NULL, RECORDS, true, err);
	if (dir < 0)
		return garita_fail_in(err, "which runtime is used cannot be "
					   "recorded");
	if (symlinkat(runtime->path, dir, name) < 0 && errno != EEXIST)
		return garita_fail(err, errno,
				   "which runtime is used cannot be recorded: "
				   "%s",
				   strerror(errno));
	return 0;
}

int garita_maker_remember(const struct garita_runtime *runtime,
			  const struct garita_command *command,
			  char *const envp[], struct garita_error *err)
{
	auto_fd int dir = garita_state_open(NULL, RECORDS, true, err);
	auto_free char *place = place_of(runtime->kind, command, envp);
	char name[GARITA_DIGEST_SIZE], other[sizeof(name) + 24];
	auto_text target = { 0 };

	if (dir < 0)
		return garita_fail_in(err, "which runtime is used cannot be "
					   "recorded");
	if (strchr(runtime->path, '\n') != NULL)
		return garita_fail(err, EINVAL,
				   "a runtime with a newline in "
				   "its path");
	sweep(dir);
	name_of(command, name);
	garita_text_printf(&target, "%s\n%s", runtime->path, place);
	if (target.len >= PATH_MAX)
		return garita_fail(err, ENAMETOOLONG,
				   "--root and the id are too long");
	/* Aside first: an old record is replaced in one step. */
	snprintf(other, sizeof(other), "%s.%d", name, (int)getpid());
	unlinkat(dir, other, 0);
	if (symlinkat(target.data, dir, other) < 0 ||
	    renameat(dir, other, dir, name) < 0) {
		int failure = errno;

		unlinkat(dir, other, 0);
		return garita_fail(err, failure,
				   "which runtime is used cannot be recorded: "
				   "%s",
				   strerror(failure));
	}
	return 0;
}

static int open_of_kind(const char *path, enum garita_runtime_kind kind,
			struct garita_runtime *ret)
{
	struct garita_runtime one = { .fd = -1 };

	if (path == NULL || garita_runtime_open(path, &one, NULL) < 0)
		return -ENOENT;
	if (one.kind == kind) {
		*ret = one;
		return 0;
	}
	garita_runtime_close(&one);
	return -ENOENT;
}

/* One that a policy named before. */
static int open_used(enum garita_runtime_kind kind, struct garita_runtime *ret)
{
	auto_fd int dir = garita_state_open(NULL, RECORDS, false, NULL);
	char **names = NULL;
	size_t count = 0;
	int rc = dir < 0 ? dir : garita_directory_names(dir, &names, &count);

	if (rc < 0)
		return -ENOENT;
	rc = -ENOENT;
	for (size_t i = 0; rc < 0 && i < count; i++) {
		char path[PATH_MAX];
		ssize_t len;

		if (!garita_starts_with(names[i], USED))
			continue;
		len = readlinkat(dir, names[i], path, sizeof(path));
		if (len <= 0 || (size_t)len >= sizeof(path))
			continue;
		path[len] = '\0';
		rc = open_of_kind(path, kind, ret);
	}
	garita_free_strings(names, count);
	return rc;
}

/* Of the policy's runtimes, of those before, or of the usual places, one of
 * that kind. */
static int open_kind(const struct garita_policy *policy,
		     enum garita_runtime_kind kind, struct garita_runtime *ret,
		     struct garita_error *err)
{
	size_t count = policy ? policy->scope_count + 1 : 0;

	for (size_t i = 0; i < count; i++) {
		const char *path = i == 0 ? policy->runtime
					  : policy->scopes[i - 1].runtime;

		if (open_of_kind(path, kind, ret) == 0)
			return 0;
	}
	if (open_used(kind, ret) == 0)
		return 0;
	return garita_runtime_search(kind, ret, err);
}

static int open_recorded(const struct garita_runtime *standard,
			 const struct garita_command *command,
			 struct garita_runtime *ret, struct garita_error *err)
{
	auto_fd int dir = garita_state_open(NULL, RECORDS, false, err);
	char name[GARITA_DIGEST_SIZE];
	auto_runtime one = { .fd = -1 };
	struct record record;
	int rc;

	if (dir < 0)
		return -ENOENT;
	name_of(command, name);
	if (read_record(dir, name, &record) < 0)
		return -ENOENT;
	/* Of one that cannot be looked at the record has the last word. */
	if (standard->path != NULL &&
	    strcmp(standard->path, record.runtime) == 0)
		return check_kept(standard->kind, record.place, err) == -ENOENT
			       ? -ENOENT
			       : -EALREADY;
	rc = garita_runtime_open(record.runtime, &one, err);
	if (rc < 0 || check_kept(one.kind, record.place, err) == -ENOENT)
		return -ENOENT;
	*ret = one;
	one = (struct garita_runtime){ .fd = -1 };
	return 0;
}

int garita_maker_open(const struct garita_policy *policy,
		      const struct garita_runtime *standard,
		      const struct garita_command *command, char *const envp[],
		      struct garita_runtime *ret, struct garita_error *err)
{
	int rc = open_recorded(standard, command, ret, err);

	if (rc != -ENOENT)
		return rc == -EALREADY ? -ENOENT : rc;
	for (int i = 0; i < KINDS; i++) {
		enum garita_runtime_kind kind =
			i == 0 ? standard->kind : other_than(standard->kind);
		auto_free char *place = place_of(kind, command, envp);

		rc = check_kept(kind, place, err);
		/* The other one's absence tells as much. */
		if (rc == -ENOENT || (rc < 0 && i == 0))
			continue;
		if (rc < 0)
			return rc;
		if (i == 0 && standard->path != NULL)
			return -ENOENT;
		return open_kind(policy, kind, ret, err);
	}
	return -ENOENT;
}
