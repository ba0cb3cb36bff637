/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_judge - one run with a fault: the scene before it, and what is wrong
 * with what came of it.
 */
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen seen;
const struct fault no_fault = { .kind = NONE };

/* Of the run before any fault. */
static struct names usual_names;
static struct bytes usual_rules;

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

	refill(asked.subject.input, &bytes);
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

	refill(asked.subject.input, said);
	put_scene(&no_fault);
	is_same = trace(&asked.subject, &no_fault, &trail) == 0;
	again = read_all(asked.subject.output);
	is_same = is_same && same(&again, said);
	refill(asked.subject.input, &input);
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

void inject(const struct fault *fault, struct trail *ret)
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

int run_without_fault(struct trail *ret)
{
	bool left;
	int how = run(&no_fault, ret, &left);

	usual_names = list_names(asked.watched);
	if (is_as_asked(how))
		return 0;
	complain(&no_fault, "not what was expected");
	return -1;
}
