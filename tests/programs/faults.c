/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults - starts a program again and again, each time with another fault, and
 * looks at what came of it.
 *
 *	faults OPTION... -- PROGRAM ARGUMENT...
 *
 * What must come of it without a fault, and with one, or nothing:
 *	--runtime FILE --verb WORD  it becomes this runtime, called with WORD
 *	                    (without: its exit code is 0)
 *	--refused           never that
 *	--always            also when a call fails without which it could do
 *	--repaired FILE     ...with this config.json in the bundle
 *	--given FILE        ...which reads this from the descriptor it is told
 *of
 *	--said FILE         ...having written this to standard output
 *	--guarded           ...with the network guarded as without a fault
 *	--guarded-already   ...which it is before, too, and never less
 *	--log FILE          ...with more in here than before
 *	--journal SOCKET    ...with a datagram sent there, where we listen
 * What there is before each run:
 *	--bundle DIR --config FILE  this config.json, there
 *	--input FILE        standard input; with --guarded, a hook's state of a
 *	                    process in a network of its own
 *	--forget DIR        no file in there (but directories)
 *	--disk DIR          which is small, so that it can be full; otherwise it
 *	                    is empty
 * Further:
 *	--helper FILE       what else it may execute: followed, too
 *	--watch DIR         where a run may leave only what one without a fault
 *	                    does
 *	--allocator ADDRESS of malloc(), calloc(), realloc() in PROGRAM
 *	--learn FILE        writes what is given or said without a fault there,
 *	                    and ends
 *	--step N            only every N-th, but others for each kind of fault,
 *	                    and all for one of them
 *	--verbose
 *
 * In each process, for each system call in turn: it fails with each of some
 * errors; it and all behind it fail; it moves one byte; the process ends
 * before it and behind it, or out of time. Then: each kind of system call
 * fails. Then: each allocation; young system calls by seccomp, each and all;
 * few descriptors, little memory, files of a few bytes, a full disk, a helper
 * that stops.
 *
 * config.json is the old or the new one, whole (or a third one that garita
 * starts as it is). What is left behind, other than by a program that was
 * ended, is wrong; what one left that was ended must be gone from the bundle
 * after the next start, and must not disturb it.
 */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_DIRECTORIES = 8 };

static struct {
	struct subject subject;
	const char *directory, *log, *disk, *learn;
	struct bytes config, repaired, given, said;
	char *watched[MOST_DIRECTORIES], *forgotten[MOST_DIRECTORIES];
	bool refused, always, guarded, already, verbose;
	int bundle, journal; /* descriptors */
	long step;
} asked = { .step = 1, .bundle = -1, .journal = -1 };

static struct {
	unsigned runs, admitted, other, refused, ended, left, wrong;
} seen;

/* Of the run before any fault. */
static struct trail usual;
static struct names usual_names;
static struct bytes usual_rules;

static const struct fault no_fault = { .kind = NONE };

static void complain(const struct fault *fault, const char *what)
{
	static const char *const kinds[] = {
		[NONE] = "no fault",
		[FAIL] = "call",
		[FAIL_ON] = "all from call",
		[FAIL_SUCH] = "all calls of number",
		[SHORT] = "one byte in call",
		[END_BEFORE] = "ended before call",
		[END_BEHIND] = "ended behind call",
		[STOP] = "stopped at call",
		[MEMORY] = "allocation",
		[LIMIT] = "limit",
		[UNKNOWN] = "filtered call",
		[FULL] = "free pages",
		[CROWDED] = "free names",
	};
	bool has_error = fault->kind == FAIL || fault->kind == FAIL_ON ||
			 fault->kind == FAIL_SUCH || fault->kind == UNKNOWN;

	printf("%s %ld of process %d (%s %d): %s\n", kinds[fault->kind],
	       fault->n, fault->process,
	       has_error ? strerror(fault->error) : "", fault->error, what);
	seen.wrong++;
}

/* ---- before a run ---- */

static void put_scene(const struct fault *fault)
{
	if (asked.config.data != NULL)
		put_file(asked.bundle, "config.json", &asked.config);
	for (char **at = asked.forgotten; *at != NULL; at++)
		remove_names(*at);
	if (fault->kind == FULL)
		fill_disk(asked.disk, fault->n, -1);
	if (fault->kind == CROWDED)
		fill_disk(asked.disk, -1, fault->n);
	if (ftruncate(asked.subject.output, 0) < 0)
		die("ftruncate");
	lseek(asked.subject.output, 0, SEEK_SET);
	lseek(asked.subject.input, 0, SEEK_SET);
}

static void set_input(const struct bytes *bytes)
{
	if (ftruncate(asked.subject.input, 0) < 0 ||
	    pwrite(asked.subject.input, bytes->data, bytes->len, 0) !=
		    (ssize_t)bytes->len)
		die("standard input");
}

static void put_state(pid_t pid)
{
	char text[256];
	const struct bytes bytes = {
		.data = text,
		.len = (size_t)snprintf(text, sizeof(text),
					"{\"ociVersion\":\"1.0.2\","
					"\"id\":\"faulty\",\"pid\":%d,"
					"\"status\":\"creating\","
					"\"bundle\":\"/nowhere\"}",
					(int)pid),
	};

	set_input(&bytes);
}

static long long log_size(void)
{
	struct stat st;

	return asked.log != NULL && stat(asked.log, &st) == 0
		       ? (long long)st.st_size
		       : 0;
}

/* Counts the datagrams that came in, and takes them. */
static unsigned take_datagrams(void)
{
	unsigned count = 0;
	char byte;

	while (asked.journal >= 0 && recv(asked.journal, &byte, 1, 0) >= 0)
		count++;
	return count;
}

/* ---- behind it ---- */

/* Where something could not be looked at, a repair may do more. Then garita
 * must be content with what it made: a start of it changes nothing. */
static bool is_judged(const struct bytes *config)
{
	struct trail trail;
	struct bytes again;
	bool is_same;
	int how;

	if (asked.repaired.data == NULL || same(config, &asked.repaired))
		return asked.repaired.data != NULL;
	put_scene(&no_fault);
	put_file(asked.bundle, "config.json", config);
	how = trace(&asked.subject, &no_fault, &trail);
	again = read_at(asked.bundle, "config.json");
	is_same = how == ADMITTED && same(&again, config);
	free(again.data);
	seen.other += is_same;
	return is_same;
}

/* The same of a config that was printed. */
static bool is_said_again(const struct bytes *said)
{
	struct bytes input = read_all(asked.subject.input), again;
	struct trail trail;
	bool is_same;

	set_input(said);
	put_scene(&no_fault);
	is_same = trace(&asked.subject, &no_fault, &trail) == 0;
	again = read_all(asked.subject.output);
	is_same = is_same && same(&again, said);
	set_input(&input);
	free(input.data);
	free(again.data);
	seen.other += is_same;
	return is_same;
}

/* What it printed, opened or guarded for who reads that. */
static bool is_handed_over(const struct trail *trail, const struct bytes *rules)
{
	struct bytes said = read_all(asked.subject.output);
	bool ret = asked.said.data == NULL || same(&said, &asked.said) ||
		   is_said_again(&said);

	free(said.data);
	if (asked.given.data != NULL && !same(&trail->given, &asked.given))
		ret = false;
	if (usual_rules.data != NULL && !same(rules, &usual_rules))
		ret = false;
	return ret;
}

/* Without these no program begins, has memory, or becomes another. */
static bool is_vital(long number)
{
	static const long numbers[] = {
#ifdef SYS_arch_prctl
		SYS_arch_prctl,
#endif
		SYS_fcntl,      SYS_mmap, SYS_brk, SYS_mprotect, SYS_execveat,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static void judge_end(const struct fault *fault, int how,
		      const struct trail *trail, const struct bytes *rules)
{
	bool admitted = asked.subject.runtime ? how == ADMITTED : how == 0;

	if (how == STRANGE) {
		complain(fault, "something else is executed");
	} else if (how == ENDLESS) {
		complain(fault, "it does not end");
	} else if (admitted) {
		seen.admitted++;
		if (asked.refused)
			complain(fault, "what must be refused is admitted");
		else if (!is_handed_over(trail, rules))
			complain(fault, "what was not judged is admitted");
		if (trail->alive > 0)
			complain(fault, "a process is left running");
	} else if (WIFSIGNALED(how)) {
		seen.ended++;
	} else {
		seen.refused++;
		if (how == 0)
			complain(fault, "nothing is done, and it says it is");
		if (asked.always && fault->kind == FAIL &&
		    !is_vital(trail->met))
			complain(fault, "not done");
	}
	if ((rules->len > 0 || asked.already) && usual_rules.data != NULL &&
	    !same(rules, &usual_rules))
		complain(fault, "half a guard is in place");
}

static void judge_config(const struct fault *fault, int how)
{
	struct bytes config;
	bool is_old;

	if (asked.config.data == NULL)
		return;
	config = read_at(asked.bundle, "config.json");
	is_old = same(&config, &asked.config);
	if (asked.repaired.data != NULL && how == ADMITTED && is_old &&
	    !same(&asked.config, &asked.repaired))
		complain(fault, "the old config is started");
	if (!is_old && !is_judged(&config))
		complain(fault, "config.json is neither the old nor the new");
	free(config.data);
}

/* Of a program that had no time to clean up, or could not. */
static bool may_leave(const struct fault *fault)
{
	switch (fault->kind) {
	case FAIL_ON:
	case END_BEFORE:
	case END_BEHIND:
		return true;
	case FAIL_SUCH:
		return fault->n == SYS_unlinkat;
	case LIMIT: /* ends who writes */
		return fault->error == RLIMIT_FSIZE;
	case NONE:
	case FAIL:
	case SHORT:
	case STOP:
	case MEMORY:
	case UNKNOWN:
	case FULL:
	case CROWDED:
	case KINDS:
		break;
	}
	return false;
}

/* true: something is left that was not there before. */
static bool judge_left(const struct fault *fault, const struct names *before)
{
	struct names after = list_names(asked.watched);
	const char *left = stranger(&after, before, &usual_names);

	if (left != NULL && !may_leave(fault)) {
		complain(fault, left);
		complain(fault, "is left");
	}
	free_names(&after);
	return left != NULL;
}

static int run(const struct fault *fault, struct trail *ret, bool *ret_left)
{
	struct names before = list_names(asked.watched);
	struct bytes rules = { 0 };
	long long logged = log_size();
	pid_t network = asked.guarded ? new_network() : 0;
	int how;

	if (network > 0)
		put_state(network);
	if (asked.already) {
		put_scene(&no_fault);
		trace(&asked.subject, &no_fault, ret);
	}
	put_scene(fault);
	take_datagrams();
	how = trace(&asked.subject, fault, ret);
	seen.runs++;
	if (asked.verbose)
		printf("kind %d of process %d n %ld error %d: %d\n",
		       (int)fault->kind, fault->process, fault->n, fault->error,
		       how);
	if (fault->kind == FULL || fault->kind == CROWDED)
		empty_disk(asked.disk);
	*ret_left = seen.runs > 1 && judge_left(fault, &before);
	free_names(&before);
	if (network > 0) {
		rules = rules_of_network(network);
		end_network(network);
	}
	if (((asked.log != NULL && log_size() <= logged) ||
	     (asked.journal >= 0 && take_datagrams() == 0)) &&
	    (how == ADMITTED || how == 0))
		complain(fault, "admitted without a record");
	judge_end(fault, how, ret, &rules);
	judge_config(fault, how);
	if (fault->kind == NONE && usual_rules.data == NULL)
		usual_rules = rules;
	else
		free(rules.data);
	return how;
}

static bool is_as_asked(int how)
{
	bool admitted = asked.subject.runtime ? how == ADMITTED : how == 0;

	return admitted != asked.refused;
}

/* What is left of a bundle must go with the next start; elsewhere it must not
 * disturb. */
static void start_again(const struct fault *fault, const struct names *before)
{
	char *const bundle[] = { (char *)asked.directory, NULL };
	struct trail trail;
	struct names after;
	bool left;

	seen.left++;
	if (!is_as_asked(run(&no_fault, &trail, &left)))
		complain(fault, "the next start is another one");
	free(trail.given.data);
	if (bundle[0] != NULL && !asked.refused) {
		after = list_names(bundle);
		if (stranger(&after, before, &usual_names) != NULL)
			complain(fault, "the next start leaves it there");
		free_names(&after);
	}
	after = list_names(asked.watched);
	for (const char *name;
	     (name = stranger(&after, before, &usual_names)) != NULL;) {
		unlink(name);
		free_names(&after);
		after = list_names(asked.watched);
	}
	free_names(&after);
}

static void inject(const struct fault *fault, struct trail *ret)
{
	struct names before = list_names(asked.watched);
	bool left;

	run(fault, ret, &left);
	free(ret->given.data);
	ret->given.data = NULL;
	if (left)
		start_again(fault, &before);
	free_names(&before);
}

/* ---- the plan ---- */

static void each_call(enum kind kind, int error, long step)
{
	static long offset;
	struct fault fault = { .kind = kind, .error = error };

	offset++; /* so that together they meet every call */
	for (; fault.process < usual.processes; fault.process++) {
		struct trail trail = { 0 };

		for (fault.n = 1 + offset % step; fault.n < MOST_CALLS;
		     fault.n += step) {
			inject(&fault, &trail);
			if (trail.calls[fault.process] < fault.n)
				break;
		}
	}
}

static void each_number(int error)
{
	static long counted; /* so that others are left out for each error */
	struct fault fault = { .kind = FAIL_SUCH, .error = error };
	struct trail trail;

	for (fault.n = 0; fault.n < MOST_NUMBERS; fault.n++)
		if (usual.is_called[fault.n] && !never_fails(fault.n) &&
		    fault.n != SYS_execveat && fault.n != SYS_execve &&
		    counted++ % ((asked.step + 5) / 6) == 0)
			inject(&fault, &trail);
}

static void each_limit(int which, long upto, long by)
{
	struct fault fault = { .kind = LIMIT, .error = which };
	struct trail trail;

	for (fault.n = 0; fault.n <= upto; fault.n += by)
		inject(&fault, &trail);
}

static void each_allocation(void)
{
	struct fault fault = { .kind = MEMORY };
	struct trail trail;

	for (fault.n = 1; fault.n <= usual.allocations; fault.n += asked.step)
		inject(&fault, &trail);
}

static void each_young_call(int error)
{
	struct fault fault = { .kind = UNKNOWN, .error = error };
	struct trail trail;

	for (fault.n = -1; fault.n < (long)young_call_count; fault.n++)
		inject(&fault, &trail);
}

static void each_room(enum kind kind, long most)
{
	struct fault fault = { .kind = kind };
	struct trail trail;

	for (fault.n = 0; fault.n <= most; fault.n++)
		inject(&fault, &trail);
}

/* A helper that stops is waited for as long as garita waits: some seconds. */
static void each_stop(void)
{
	struct fault fault = { .kind = STOP };
	struct trail trail;

	for (fault.process = 1; fault.process < usual.processes;
	     fault.process++) {
		long calls = usual.calls[fault.process];
		long before = usual.before[fault.process];

		fault.n = asked.step == 1 ? before + 1 : (before + calls) / 2;
		for (; fault.n <= calls; fault.n += asked.step)
			inject(&fault, &trail);
	}
}

static void all_faults(void)
{
	/* Not ENOENT and ELOOP: answers, not faults. */
	static const int errors[] = {
		EIO,    ENOMEM, EINTR,  EAGAIN, EMFILE, ENOSPC,
		EACCES, EPERM,  ENOSYS, EINVAL, ESTALE,
	};
	const size_t count = sizeof(errors) / sizeof(errors[0]);
	const long memory = asked.subject.helper ? 32 << 20 : 8 << 20;

	for (size_t i = 0; i < count; i++) {
		each_call(FAIL, errors[i],
			  errors[i] == EMFILE ? (asked.step + 9) / 10
					      : asked.step);
		if (errors[i] == EINTR)
			continue; /* no kernel says so for ever */
		each_call(FAIL_ON, errors[i], asked.step);
		each_number(errors[i]);
	}
	each_call(SHORT, 0, asked.step);
	each_call(END_BEFORE, SIGKILL, asked.step);
	each_call(END_BEHIND, SIGKILL, asked.step);
	each_call(END_BEHIND, SIGXCPU, asked.step);
	each_allocation();
	each_young_call(ENOSYS);
	each_young_call(EPERM);
	each_limit(RLIMIT_NOFILE, 24, 1);
	each_limit(RLIMIT_AS, memory, memory / 128 * asked.step);
	each_limit(RLIMIT_FSIZE, (long)asked.repaired.len + 4096,
		   97 * asked.step);
	if (asked.disk != NULL) {
		each_room(FULL, 8);
		each_room(CROWDED, 6);
	}
	if (asked.subject.helper != NULL)
		each_stop();
}

static void learn(void)
{
	struct bytes bytes = usual.given.data != NULL
				     ? usual.given
				     : read_all(asked.subject.output);

	put_file(AT_FDCWD, asked.learn, &bytes);
}

/* ---- what is asked ---- */

static unsigned long number_of(const char *digits, unsigned base)
{
	static const char all[] = "0123456789abcdef";
	unsigned long ret = 0;

	for (; *digits != '\0'; digits++) {
		const char *at = memchr(all, *digits, base);

		if (at == NULL)
			return 0;
		ret = ret * base + (unsigned long)(at - all);
	}
	return ret;
}

static void add_to(char *list[MOST_DIRECTORIES], char *item)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	if (count + 1 == MOST_DIRECTORIES)
		die("too many directories");
	list[count] = item;
}

static void add_allocator(const char *text)
{
	unsigned long *at = asked.subject.allocators;

	while (*at != 0)
		at++;
	if (at + 1 < asked.subject.allocators + 4)
		*at = number_of(text, 16);
}

static void take_input(const char *path)
{
	struct bytes bytes = read_at(AT_FDCWD, path);

	set_input(&bytes);
	free(bytes.data);
}

static void listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	asked.journal =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (asked.journal < 0 ||
	    bind(asked.journal, (struct sockaddr *)&at, sizeof(at)) < 0)
		die(path);
}

static const struct option options[] = {
	{ "allocator", required_argument, NULL, 'a' },
	{ "always", no_argument, NULL, 'A' },
	{ "bundle", required_argument, NULL, 'b' },
	{ "config", required_argument, NULL, 'c' },
	{ "disk", required_argument, NULL, 'd' },
	{ "repaired", required_argument, NULL, 'e' },
	{ "forget", required_argument, NULL, 'f' },
	{ "given", required_argument, NULL, 'g' },
	{ "helper", required_argument, NULL, 'h' },
	{ "input", required_argument, NULL, 'i' },
	{ "learn", required_argument, NULL, 'L' },
	{ "log", required_argument, NULL, 'l' },
	{ "guarded", no_argument, NULL, 'n' },
	{ "guarded-already", no_argument, NULL, 'N' },
	{ "journal", required_argument, NULL, 'j' },
	{ "refused", no_argument, NULL, 'R' },
	{ "runtime", required_argument, NULL, 'r' },
	{ "said", required_argument, NULL, 'o' },
	{ "step", required_argument, NULL, 's' },
	{ "verb", required_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "watch", required_argument, NULL, 'w' },
	{ 0 },
};

static void read_file_option(int letter)
{
	struct bytes bytes = read_at(AT_FDCWD, optarg);

	if (letter == 'c')
		asked.config = bytes;
	else if (letter == 'e')
		asked.repaired = bytes;
	else if (letter == 'g')
		asked.given = bytes;
	else
		asked.said = bytes;
}

static void read_option(int letter)
{
	switch (letter) {
	case 'a':
		add_allocator(optarg);
		break;
	case 'A':
		asked.always = true;
		break;
	case 'b':
		asked.directory = optarg;
		add_to(asked.watched, optarg);
		asked.bundle = open(optarg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		break;
	case 'c':
	case 'e':
	case 'g':
	case 'o':
		read_file_option(letter);
		break;
	case 'd':
		asked.disk = optarg;
		break;
	case 'f':
		add_to(asked.forgotten, optarg);
		break;
	case 'h':
		asked.subject.helper = optarg;
		break;
	case 'i':
		take_input(optarg);
		break;
	case 'L':
		asked.learn = optarg;
		break;
	case 'l':
		asked.log = optarg;
		break;
	case 'j':
		listen_at(optarg);
		break;
	case 'N':
		asked.already = true;
		asked.guarded = true;
		break;
	case 'n':
		asked.guarded = true;
		break;
	case 'R':
		asked.refused = true;
		break;
	case 'r':
		asked.subject.runtime = optarg;
		break;
	case 's':
		asked.step = (long)number_of(optarg, 10);
		break;
	case 'V':
		asked.subject.verb = optarg;
		break;
	case 'v':
		asked.verbose = true;
		break;
	case 'w':
		add_to(asked.watched, optarg);
		break;
	default:
		exit(2);
	}
}

static void read_options(int argc, char **argv)
{
	int letter;

	asked.subject.input = memfd_create("input", MFD_CLOEXEC);
	asked.subject.output = memfd_create("output", MFD_CLOEXEC);
	asked.subject.errors = open("/dev/null", O_RDWR | O_CLOEXEC);
	while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1)
		read_option(letter);
	if (asked.verbose)
		asked.subject.errors = 2;
	/* Other verbs find the bundle by the container. */
	if (asked.subject.verb && strcmp(asked.subject.verb, "create") == 0)
		asked.subject.bundle = asked.directory;
	asked.subject.argv = argv + optind;
	if (asked.subject.argv[0] == NULL || asked.step < 1 ||
	    (asked.config.data != NULL && asked.bundle < 0) ||
	    (asked.subject.runtime == NULL) != (asked.subject.verb == NULL)) {
		fputs("faults: see the first comment of its source\n", stderr);
		exit(2);
	}
	asked.subject.file = open(asked.subject.argv[0], O_RDONLY | O_CLOEXEC);
	if (asked.subject.file < 0)
		die(asked.subject.argv[0]);
}

int main(int argc, char **argv)
{
	bool left;
	int how;

	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	how = run(&no_fault, &usual, &left);
	usual_names = list_names(asked.watched);
	if (!is_as_asked(how))
		complain(&no_fault, "not what was expected");
	else if (asked.learn != NULL)
		learn();
	else if (seen.wrong == 0)
		all_faults();
	printf("%ld system calls in %d processes, %ld allocations, %u runs: %u "
	       "admitted (%u with more repairs), %u refused, %u ended, %u left "
	       "something for the next start, %u wrong\n",
	       usual.calls[0] + usual.calls[1] + usual.calls[2],
	       usual.processes, usual.allocations, seen.runs, seen.admitted,
	       seen.other, seen.refused, seen.ended, seen.left, seen.wrong);
	return seen.wrong > 0;
}
