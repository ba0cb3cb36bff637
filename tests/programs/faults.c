/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults - starts a program again and again, each time with another of its
 * system calls failing, and looks at what came of it.
 *
 *	faults --bundle DIR --config FILE [--expect FILE] [--log FILE]
 *	       --runtime FILE [--step N] [--verbose] -- PROGRAM ARGUMENT...
 *
 * PROGRAM is to become RUNTIME (an exec is as far as it gets) with --expect as
 * the bundle's config.json, or, without --expect, never. Before each run
 * --config is put there. After it config.json must be one of the two, whole
 * (or a third one that garita starts as it is); where the runtime would start,
 * not the first, and --log must have grown; where it would not, the program
 * must have failed. What is left beside config.json
 * must be gone after the next start.
 *
 * For each system call in turn: it fails with each of some errors; it and all
 * behind it fail; it moves one byte; we are killed before it and behind it.
 * Then: each kind of system call is unknown to the kernel, or forbidden. Then:
 * few descriptors, little memory, files of a few bytes. --step takes only
 * every N-th, but others for each kind of fault, and all for one of them.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MOST_BYTES = 1 << 20,
	MOST_CALLS = 4096,  /* of one run */
	MOST_NUMBERS = 512, /* of the kernel's table */
};

enum kind {
	NONE,
	FAIL,      /* the n-th call, with `error` */
	FAIL_ON,   /* the n-th and all behind it */
	FAIL_SUCH, /* all calls of number n */
	SHORT,     /* the n-th moves one byte only */
	KILL_BEFORE,
	KILL_BEHIND,
	LIMIT, /* `error` is a limit of setrlimit(), n its value */
};

struct fault {
	enum kind kind;
	long n;
	int error;
};

struct bytes {
	char *data;
	size_t len;
};

static struct {
	const char *bundle, *log, *runtime;
	struct bytes config, expect;
	char **argv;
	long step;
	bool verbose;
} asked = { .step = 1 };

static struct {
	unsigned runs, admitted, other, refused, killed, left, wrong;
} seen;

/* Of the run before any fault. */
static bool is_called[MOST_NUMBERS];

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static struct bytes read_at(int dir, const char *path)
{
	struct bytes ret = { .data = malloc(MOST_BYTES) };
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = fd < 0 ? -1 : read(fd, ret.data, MOST_BYTES);

	if (len < 0)
		die(path);
	ret.len = (size_t)len;
	close(fd);
	return ret;
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return b->data != NULL && a->len == b->len &&
	       memcmp(a->data, b->data, a->len) == 0;
}

static void put_config(int dir, const struct bytes *config)
{
	int fd;

	if (unlinkat(dir, "config.json", 0) < 0 && errno != ENOENT)
		die("config.json");
	fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0644);
	if (fd < 0 ||
	    write(fd, config->data, config->len) != (ssize_t)config->len)
		die("config.json");
	close(fd);
}

static unsigned count_names(void)
{
	DIR *dir = opendir(asked.bundle);
	unsigned count = 0;
	struct dirent *entry;

	if (dir == NULL)
		die(asked.bundle);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.' || entry->d_name[1] == 'g';
	closedir(dir);
	return count;
}

static long long log_size(void)
{
	struct stat st;

	return asked.log != NULL && stat(asked.log, &st) == 0
		       ? (long long)st.st_size
		       : 0;
}

/* ---- the registers of a stopped process ---- */

#if defined(__x86_64__)
static void set_number(pid_t pid, long number)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
	       number);
}

static void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
}

static void set_third(pid_t pid, unsigned long value)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rdx), value);
}
#elif defined(__aarch64__)
static void set_register(pid_t pid, int which, unsigned long value)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
	regs.regs[which] = value;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}

static void set_number(pid_t pid, long number)
{
	int value = (int)number;
	struct iovec one = { &value, sizeof(value) };

	ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &one);
}

static void set_result(pid_t pid, long result)
{
	set_register(pid, 0, (unsigned long)result);
}

static void set_third(pid_t pid, unsigned long value)
{
	set_register(pid, 2, value);
}
#else
#error "say here how to change a system call"
#endif

/* ---- one run ---- */

/* What no kernel ever fails. */
static bool never_fails(long number)
{
	static const long numbers[] = {
		SYS_geteuid,         SYS_getuid,     SYS_getegid, SYS_getgid,
		SYS_getpid,          SYS_gettid,     SYS_umask,   SYS_exit,
		SYS_set_tid_address, SYS_exit_group,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static bool is_transfer(long number)
{
	return number == SYS_read || number == SYS_write ||
	       number == SYS_pread64 || number == SYS_getdents64 ||
	       number == SYS_getrandom;
}

/* Does the fault meet this call, the n-th? */
static bool meets(const struct fault *fault, long n, long number)
{
	switch (fault->kind) {
	case FAIL:
		return n == fault->n && !never_fails(number);
	case FAIL_ON:
		return n >= fault->n && !never_fails(number);
	case FAIL_SUCH:
		return number == fault->n && !never_fails(number);
	case SHORT:
		return n == fault->n && is_transfer(number) &&
		       number != SYS_getrandom && number != SYS_getdents64;
	case KILL_BEFORE:
	case KILL_BEHIND:
		return n == fault->n;
	case NONE:
	case LIMIT:
		break;
	}
	return false;
}

static pid_t start(const struct fault *fault)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (!asked.verbose) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		if (null > 2)
			close(null);
	}
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	if (fault->kind == LIMIT) {
		struct rlimit limit = { (rlim_t)fault->n, (rlim_t)fault->n };

		setrlimit((__rlimit_resource_t)fault->error, &limit);
	}
	execv(asked.argv[0], asked.argv);
	_exit(126);
}

/* Is what would be executed the runtime, with the bundle that was judged? */
static bool is_runtime(pid_t pid)
{
	char path[64], is[4096], want[4096];
	struct bytes words;
	bool found = false;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	len = readlink(path, is, sizeof(is) - 1);
	is[len > 0 ? len : 0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	words = read_at(AT_FDCWD, path);
	snprintf(want, sizeof(want), "--bundle=%s", asked.bundle);
	for (size_t at = 0; at < words.len && !found;
	     at += strlen(words.data + at) + 1)
		found = strcmp(words.data + at, want) == 0;
	free(words.data);
	return found && strcmp(is, asked.runtime) == 0;
}

/* How it ended: a wait status, or one of these. */
enum { ADMITTED = -1, STRANGE = -2, ENDLESS = -3 };

/* Kills it, and waits until it is gone. */
static int end(pid_t pid, int how)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return how;
}

/* *ret_calls: how many system calls there were. */
static int trace(const struct fault *fault, long *ret_calls)
{
	bool entering = true, meeting = false;
	long n = 0, number = 0;
	int status, execs = 0, deliver = 0;
	pid_t pid = start(fault);

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
	for (;;) {
		*ret_calls = n;
		ptrace(execs == 0 || fault->kind == LIMIT ? PTRACE_CONT
							  : PTRACE_SYSCALL,
		       pid, 0, deliver);
		deliver = 0;
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return status;
		if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
			if (++execs == 2)
				return end(pid, is_runtime(pid) ? ADMITTED
								: STRANGE);
			entering = false; /* the exec's own end comes next */
			meeting = false;
		} else if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			deliver = WSTOPSIG(status);
		} else if (!entering) {
			if (meeting && fault->kind == KILL_BEHIND)
				return end(pid, SIGKILL);
			if (meeting && fault->kind != SHORT)
				set_result(pid, -fault->error);
			entering = true;
		} else {
			struct __ptrace_syscall_info info = { 0 };

			ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info),
			       &info);
			number = (long)info.entry.nr;
			meeting = meets(fault, ++n, number);
			if (n == MOST_CALLS)
				return end(pid, ENDLESS);
			if (fault->kind == NONE && number >= 0 &&
			    number < MOST_NUMBERS)
				is_called[number] = true;
			if (meeting && fault->kind == KILL_BEFORE)
				return end(pid, SIGKILL);
			if (meeting && fault->kind == SHORT)
				set_third(pid, info.entry.args[2] ? 1 : 0);
			else if (meeting && fault->kind != KILL_BEHIND)
				set_number(pid, -1);
			entering = false;
		}
	}
}

static void complain(const struct fault *fault, const char *what)
{
	static const char *const kinds[] = {
		[NONE] = "no fault",
		[FAIL] = "call",
		[FAIL_ON] = "all from call",
		[FAIL_SUCH] = "all calls of number",
		[SHORT] = "one byte in call",
		[KILL_BEFORE] = "killed before call",
		[KILL_BEHIND] = "killed behind call",
		[LIMIT] = "limit",
	};

	printf("%s %ld (%s): %s\n", kinds[fault->kind], fault->n,
	       fault->kind == LIMIT ? "" : strerror(fault->error), what);
	seen.wrong++;
}

/* Where something could not be looked at, a repair may do more. Then garita
 * must be content with what it made: a start of it changes nothing. */
static bool is_judged(int dir, const struct bytes *config)
{
	static const struct fault none = { .kind = NONE };
	struct bytes again;
	bool is_same;
	long calls;
	int how;

	if (asked.expect.data == NULL || same(config, &asked.expect))
		return asked.expect.data != NULL;
	put_config(dir, config);
	how = trace(&none, &calls);
	again = read_at(dir, "config.json");
	is_same = how == ADMITTED && same(&again, config);
	free(again.data);
	seen.other += is_same;
	return is_same;
}

static void judge_end(const struct fault *fault, int how, bool is_old,
		      bool is_new, bool is_recorded)
{
	if (!is_old && !is_new)
		complain(fault, "config.json is neither the old nor the new");
	if (how == STRANGE) {
		complain(fault, "something else is executed");
	} else if (how == ENDLESS) {
		complain(fault, "it does not end");
	} else if (how == ADMITTED) {
		seen.admitted++;
		if (asked.expect.data == NULL)
			complain(fault, "what must be refused is started");
		else if (!is_new)
			complain(fault, "the old config is started");
		if (!is_recorded)
			complain(fault, "started without a record");
	} else if (WIFSIGNALED(how)) {
		seen.killed++;
	} else {
		seen.refused++;
		if (WEXITSTATUS(how) == 0)
			complain(fault, "refused, and says it is well");
	}
}

static int run(const struct fault *fault, long *ret_calls)
{
	int dir = open(asked.bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long long logged = log_size();
	struct bytes config;
	bool is_old, is_recorded;
	int how;

	if (dir < 0)
		die(asked.bundle);
	put_config(dir, &asked.config);
	how = trace(fault, ret_calls);
	seen.runs++;
	config = read_at(dir, "config.json");
	is_old = same(&config, &asked.config);
	is_recorded = asked.log == NULL || log_size() > logged;
	seen.left += count_names() > 1;
	judge_end(fault, how, is_old,
		  (!is_old || how == ADMITTED) && is_judged(dir, &config),
		  is_recorded);
	free(config.data);
	close(dir);
	return how;
}

/* The next start is without a fault: it cleans up behind the one before. */
static void inject(const struct fault *fault, long *ret_calls)
{
	static const struct fault none = { .kind = NONE };
	long calls;
	int how = run(fault, ret_calls);

	if (asked.verbose)
		printf("kind %d n %ld error %d: %d\n", fault->kind, fault->n,
		       fault->error, how);
	if (count_names() == 1)
		return;
	if (asked.expect.data != NULL) {
		how = run(&none, &calls);
		if (how != ADMITTED)
			complain(fault, "nothing starts any more");
		if (count_names() != 1)
			complain(fault, "the next start leaves it there");
	} else {
		complain(fault, "a refusal leaves something");
	}
}

static void each_call(enum kind kind, int error, long step)
{
	static long offset;
	struct fault fault = { .kind = kind, .error = error };
	long calls = 0;

	offset++; /* so that together they meet every call */
	for (fault.n = 1 + offset % step; fault.n < MOST_CALLS;
	     fault.n += step) {
		inject(&fault, &calls);
		if (calls < fault.n)
			break;
	}
}

static void each_number(int error)
{
	struct fault fault = { .kind = FAIL_SUCH, .error = error };
	long calls;

	for (fault.n = 0; fault.n < MOST_NUMBERS; fault.n++)
		if (is_called[fault.n] && !never_fails(fault.n) &&
		    fault.n != SYS_execveat && fault.n != SYS_execve)
			inject(&fault, &calls);
}

static void each_limit(int which, long upto, long by)
{
	struct fault fault = { .kind = LIMIT, .error = which };
	long calls;

	for (fault.n = 0; fault.n <= upto; fault.n += by)
		inject(&fault, &calls);
}

static void all_faults(void)
{
	/* Not ENOENT and ELOOP: answers, not faults. */
	static const int errors[] = {
		EIO,    ENOMEM, EINTR,  EAGAIN, EMFILE, ENOSPC,
		EACCES, EPERM,  ENOSYS, EINVAL, ESTALE,
	};
	const size_t count = sizeof(errors) / sizeof(errors[0]);

	for (size_t i = 0; i < count; i++) {
		each_call(FAIL, errors[i],
			  errors[i] == EMFILE ? 1 : asked.step);
		if (errors[i] == EINTR || errors[i] == EAGAIN)
			continue; /* no kernel says so for ever */
		each_call(FAIL_ON, errors[i], asked.step);
		each_number(errors[i]);
	}
	each_call(SHORT, 0, asked.step);
	each_call(KILL_BEFORE, 0, asked.step);
	each_call(KILL_BEHIND, 0, asked.step);
	each_limit(RLIMIT_NOFILE, 24, 1);
	each_limit(RLIMIT_AS, 8 << 20, (64 << 10) * asked.step);
	each_limit(RLIMIT_FSIZE, (long)asked.expect.len + 4096,
		   97 * asked.step);
}

static long number_of(const char *digits)
{
	long number = 0;

	for (; *digits >= '0' && *digits <= '9' && number < MOST_CALLS;
	     digits++)
		number = number * 10 + (*digits - '0');
	return *digits == '\0' ? number : 0;
}

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bundle", required_argument, NULL, 'b' },
		{ "config", required_argument, NULL, 'c' },
		{ "expect", required_argument, NULL, 'e' },
		{ "log", required_argument, NULL, 'l' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "step", required_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (letter) {
		case 'b':
			asked.bundle = optarg;
			break;
		case 'c':
			asked.config = read_at(AT_FDCWD, optarg);
			break;
		case 'e':
			asked.expect = read_at(AT_FDCWD, optarg);
			break;
		case 'l':
			asked.log = optarg;
			break;
		case 'r':
			asked.runtime = optarg;
			break;
		case 's':
			asked.step = number_of(optarg);
			break;
		case 'v':
			asked.verbose = true;
			break;
		default:
			exit(2);
		}
	}
	asked.argv = argv + optind;
	if (asked.bundle == NULL || asked.config.data == NULL ||
	    asked.runtime == NULL || asked.argv[0] == NULL || asked.step < 1) {
		fputs("faults: see the first comment of its source\n", stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct fault none = { .kind = NONE };
	long calls = 0;
	int how;

	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	how = run(&none, &calls);
	if ((how == ADMITTED) != (asked.expect.data != NULL))
		complain(&none, "not what was expected");
	else
		all_faults();
	printf("%ld system calls, %u runs: %u admitted (%u with more repairs), "
	       "%u refused, %u killed, %u left something for the next start, "
	       "%u wrong\n",
	       calls, seen.runs, seen.admitted, seen.other, seen.refused,
	       seen.killed, seen.left, seen.wrong);
	return seen.wrong > 0;
}
