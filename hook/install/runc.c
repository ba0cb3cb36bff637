/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runc - the gate in runc's own place, where nobody can ask for another.
 *
 * dpkg keeps the real runc as runc.real, also through upgrades (a diversion),
 * and a symbolic link to garita-runtime takes its name. A link and no copy:
 * by whatever name garita-runtime is called it is one file, sees that the
 * runtime it found is itself, and goes on to runc.real. What is diverted may
 * not be garita, or the two would call each other for ever. The diversion is
 * the record.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/file.h"
#include "hook/gate.h"
#include "hook/install/install.h"

#define PLACE  "/usr/sbin/runc"
#define REAL   "/usr/sbin/runc.real"
#define DIVERT "/usr/bin/dpkg-divert"

enum { MAX_RUNTIME = 128 * 1024 * 1024 };

enum state { STATE_FREE, STATE_TAKEN };

static bool is_there(const struct garita_install_options *options,
		     const char *path, struct stat *ret)
{
	auto_free char *below = garita_install_below(options, path);

	return lstat(below, ret) == 0;
}

/* Where the link in runc's place leads; empty where there is none. */
static void read_place(const struct garita_install_options *options,
		       char ret[PATH_MAX])
{
	auto_free char *below = garita_install_below(options, PLACE);
	ssize_t len = readlink(below, ret, PATH_MAX - 1);

	ret[len > 0 ? len : 0] = '\0';
}

/* dpkg-divert and the calls here put paths behind the sysroot: a link in the
 * tree of an image could lead them out to this machine's own runc. */
static int check_way(const struct garita_install_options *options,
		     struct garita_error *err)
{
	const char *sysroot = options->sysroot[0] ? options->sysroot : "/";
	auto_free char *root = realpath(sysroot, NULL);
	auto_fd int fd =
		garita_file_open_directory(options->sysroot, "/usr/sbin", err);
	auto_free char *real = NULL;
	auto_text want = { 0 };

	if (fd < 0)
		return fd;
	real = garita_file_real_path(fd);
	garita_text_printf(&want, "%s/usr/sbin",
			   root && strcmp(root, "/") != 0 ? root : "");
	if (real != NULL && strcmp(real, want.data) == 0)
		return 0;
	return garita_fail(err, ELOOP, "/usr/sbin is a link, or behind one");
}

static int fail_leads(const struct garita_install_options *options,
		      const char *target, struct garita_error *err)
{
	return garita_fail(err, EEXIST,
			   "%s leads to %s, not to %s; where that is "
			   "garita-runtime, say --runtime %s, as garita "
			   "install runc was told",
			   PLACE, target, options->runtime, target);
}

static int look(const struct garita_install_options *options, enum state *ret,
		struct garita_error *err)
{
	struct stat place = { 0 }, real = { 0 };
	bool has_place = is_there(options, PLACE, &place);
	bool has_real = is_there(options, REAL, &real);
	char target[PATH_MAX];

	read_place(options, target);
	if (has_place && S_ISREG(place.st_mode) && !has_real) {
		*ret = STATE_FREE;
		return 0;
	}
	if (has_real && S_ISREG(real.st_mode) && *target != '\0') {
		if (strcmp(target, options->runtime) != 0)
			return fail_leads(options, target, err);
		*ret = STATE_TAKEN;
		return 0;
	}
	return garita_fail(err, EEXIST,
			   "%s and %s are neither as the package of runc nor "
			   "as garita leaves them; see dpkg-divert --list",
			   PLACE, REAL);
}

static bool has_dpkg(const struct garita_install_options *options)
{
	struct stat st;

	return is_there(options, "/var/lib/dpkg/status", &st) &&
	       access(DIVERT, X_OK) == 0;
}

static int check_dpkg(const struct garita_install_options *options,
		      struct garita_error *err)
{
	if (has_dpkg(options))
		return check_way(options, err);
	return garita_fail(
		err, ENOTSUP,
		"this system has no dpkg to keep runc aside; by hand, "
		"and again after every upgrade of runc: mv %s %s && "
		"ln -s %s %s",
		PLACE, REAL, options->runtime, PLACE);
}

/* No garita under another name: see above. */
static int check_real(const struct garita_install_options *options,
		      struct garita_error *err)
{
	auto_free char *bytes = NULL;
	struct stat st;
	auto_fd int fd =
		garita_file_open_trusted(options->sysroot, PLACE, &st, err);
	size_t len;
	int rc = fd;

	if (fd >= 0)
		rc = garita_file_read(fd, MAX_RUNTIME, &bytes, &len, err);
	if (rc < 0)
		return rc;
	if (memmem(bytes, len, GARITA_POLICY_FILE, strlen(GARITA_POLICY_FILE)))
		return garita_fail(err, EDEADLK, "%s is garita already", PLACE);
	return 0;
}

/* The policy must lead to the real one afterwards. */
static int check_policy(const struct garita_install_options *options,
			struct garita_error *err)
{
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
	};
	auto_gate gate = { 0 };
	int rc = garita_gate_open(&gate_options, &gate, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < gate.policy->scope_count; i++)
		if (gate.policy->scopes[i].runtime != NULL &&
		    strcmp(gate.policy->scopes[i].runtime, PLACE) == 0)
			return garita_fail(err, EINVAL,
					   "the runtime of scope %s is %s, "
					   "which will be garita; make it %s",
					   gate.policy->scopes[i].name, PLACE,
					   REAL);
	if (gate.policy->runtime == NULL ||
	    strcmp(gate.policy->runtime, REAL) == 0)
		return 0;
	return garita_fail(
		err, EINVAL,
		"the policy's \"runtime\" is %s; who calls runc must "
		"get runc: make it %s, or leave it out",
		gate.policy->runtime, REAL);
}

/* Runs a program and waits; its output is nobody's. */
static int run(char *const argv[], struct garita_error *err)
{
	static char *const env[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C",
		NULL,
	};
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		return garita_fail(err, errno, "cannot fork");
	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
		    dup2(null, STDOUT_FILENO) < 0)
			_exit(GARITA_EXIT_NO_MEMORY);
		execve(argv[0], argv, env);
		_exit(GARITA_EXIT_NO_MEMORY);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return garita_fail(err, errno, "cannot wait for %s",
					   argv[0]);
	return status == 0 ? 0 : garita_fail(err, EIO, "%s failed", argv[0]);
}

static int divert(const struct garita_install_options *options, bool add,
		  struct garita_error *err)
{
	bool below = options->sysroot[0] != '\0';
	char *argv[] = {
		DIVERT,
		"--root",
		(char *)(below ? options->sysroot : "/"), /* NOLINT */
		"--local",
		"--rename",
		"--divert",
		REAL,
		add ? "--add" : "--remove",
		PLACE,
		NULL,
	};

	return run(argv, err);
}

static void say_all(const struct garita_install_options *options, bool taking,
		    struct garita_text *say)
{
	if (taking)
		garita_text_printf(say,
				   "dpkg-divert --local --rename --divert %s "
				   "--add %s\n"
				   "ln -s %s %s\n",
				   REAL, PLACE, options->runtime, PLACE);
	else if (has_dpkg(options))
		garita_text_printf(say,
				   "rm %s\n"
				   "dpkg-divert --local --rename --remove %s\n",
				   PLACE, PLACE);
	else
		garita_text_printf(say, "mv %s %s\n", REAL, PLACE);
}

/* Where somebody put it aside without dpkg, dpkg-divert has nothing to do. */
static int give_back_now(const struct garita_install_options *options,
			 struct garita_error *err)
{
	auto_free char *place = garita_install_below(options, PLACE);
	auto_free char *real = garita_install_below(options, REAL);
	struct stat st;
	int rc = 0;

	if (unlink(place) < 0 && errno != ENOENT)
		return garita_fail(err, errno, "cannot remove %s: %s", PLACE,
				   strerror(errno));
	if (has_dpkg(options))
		rc = divert(options, false, err);
	if (rc < 0 || lstat(real, &st) < 0)
		return rc;
	if (renameat2(AT_FDCWD, real, AT_FDCWD, place, RENAME_NOREPLACE) < 0)
		return garita_fail(err, errno, "cannot rename %s to %s: %s",
				   REAL, PLACE, strerror(errno));
	return 0;
}

/* The whole way, once: the name, the gate, the policy, the real one. */
static int prove(const struct garita_install_options *options,
		 struct garita_error *err)
{
	char *argv[] = { PLACE, "--version", NULL };
	int rc;

	if (options->sysroot[0] != '\0')
		return 0;
	rc = run(argv, err);
	return rc < 0 ? garita_fail_in(err, "through the gate") : 0;
}

static int take(const struct garita_install_options *options, bool dry,
		struct garita_text *say, struct garita_error *err)
{
	auto_free char *place = garita_install_below(options, PLACE);
	enum state state = STATE_FREE;
	struct garita_error ignored;
	auto_fd int lock = -1;
	int rc = check_dpkg(options, err);

	/* Else the second one, which finds its name taken, would undo what the
	 * first one did. */
	if (rc == 0 && !dry)
		rc = lock = garita_install_lock(options, err);
	if (rc >= 0)
		rc = look(options, &state, err);
	if (rc < 0 || state == STATE_TAKEN)
		return rc;
	rc = check_real(options, err);
	if (rc == 0)
		rc = check_policy(options, err);
	if (rc < 0)
		return rc;
	say_all(options, true, say);
	if (dry)
		return 0;
	rc = divert(options, true, err);
	if (rc == 0 && symlink(options->runtime, place) < 0)
		rc = garita_fail(err, errno, "cannot make %s: %s", PLACE,
				 strerror(errno));
	if (rc == 0)
		rc = prove(options, err);
	if (rc < 0)
		(void)give_back_now(options, &ignored);
	return rc;
}

/* Where runc is no link and none was put aside there is nothing of ours: also
 * without any runc, and without dpkg. */
static int look_for_ours(const struct garita_install_options *options,
			 bool *ret, struct garita_error *err)
{
	struct stat place = { 0 }, real = { 0 };
	bool has_place = is_there(options, PLACE, &place);
	bool has_real = is_there(options, REAL, &real);
	char target[PATH_MAX];

	read_place(options, target);
	*ret = strcmp(target, options->runtime) == 0 ||
	       (has_real && !S_ISREG(place.st_mode));
	if (*ret && has_place && strcmp(target, options->runtime) != 0)
		return fail_leads(options, target, err);
	return *ret ? check_way(options, err) : 0;
}

static int give_back(const struct garita_install_options *options, bool dry,
		     struct garita_text *say, struct garita_error *err)
{
	auto_fd int lock = -1;
	bool ours = false;
	int rc = look_for_ours(options, &ours, err);

	if (rc == 0 && ours && !dry) {
		lock = garita_install_lock(options, err);
		rc = lock < 0 ? lock : look_for_ours(options, &ours, err);
	}
	if (rc < 0 || !ours)
		return rc;
	say_all(options, false, say);
	return dry ? 0 : give_back_now(options, err);
}

static const char *const programs[] = { PLACE, NULL };

const struct garita_install_engine garita_install_runc = {
	.name = "runc",
	.programs = programs,
	.take = take,
	.give_back = give_back,
};
