/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_show - what a profile leaves open, for a person: the calls by what
 * they are for, then those that depend on their arguments. Only calls that the
 * native architecture has.
 */
#include <inttypes.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/seccomp_profile.h"

/* A call is of the first group with a word it begins with; "=" before a word:
 * that it is. The last group takes the rest. */
static const struct {
	const char *title;
	const char *words;
} groups[] = {
	{ "mounts and namespaces",
	  "mount =umount =umount2 fsopen fsconfig fsmount fspick move_mount "
	  "open_tree pivot_root =chroot "
	  "setns unshare =clone =clone3 listmount statmount listns" },
	{ "kernel code and tracing",
	  "bpf perf_ ptrace process_vm_ kcmp kexec_ init_module finit_module "
	  "delete_module userfaultfd io_uring_ lsm_ seccomp landlock_ "
	  "pidfd_getfd open_by_handle_at uprobe uretprobe" },
	{ "keys", "add_key keyctl request_key" },
	{ "host administration",
	  "reboot swap acct quotactl sethostname setdomainname syslog iop "
	  "settimeofday clock_settime stime adjtimex clock_adjtime vhangup" },
	{ "sockets", "accept bind connect getpeername getsock listen recv "
		     "=send sendto sendm setsockopt shutdown socket" },
	{ "System V and message queues", "ipc mq_ msg sem shm" },
	{ "waiting",
	  "epoll_ eventfd poll ppoll select pselect6 _newselect signalfd "
	  "inotify_ fanotify_ timerfd_" },
	{ "time", "clock_ timer_ gettimeofday time nanosleep getitimer "
		  "setitimer alarm" },
	{ "memory",
	  "brk madvise process_m mmap mprotect mremap msync munmap mlock "
	  "munlock mincore membarrier memfd_ mseal pkey_ map_shadow_stack "
	  "mbind get_mempolicy set_mempolicy migrate_pages move_pages "
	  "remap_file_pages" },
	{ "identity",
	  "cap getuid getgid gete getre getgroups setuid setgid setre setfs "
	  "setgroups" },
	{ "processes and signals",
	  "exec exit fork vfork wait kill tkill tgkill rt_ sig futex sched_ "
	  "get_robust_list set_robust_list set_tid_address gettid getp gets "
	  "setp setsid setr prctl arch_prctl prlimit64 getr getcpu rseq times "
	  "pidfd_ ioprio_ personality restart_syscall pause ugetrlimit" },
	{ "files and the rest", "" },
};

static bool is_of(const char *name, const char *words)
{
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (at[0] == '=' ? strlen(name) == len - 1 &&
					   strncmp(name, at + 1, len - 1) == 0
				 : strncmp(name, at, len) == 0)
			return true;
		at += len;
	}
	return *words == '\0';
}

static size_t group_of(const char *name)
{
	size_t i = 0;

	while (!is_of(name, groups[i].words))
		i++;
	return i;
}

enum state { CLOSED, OPEN, DEPENDS };

static enum state state_of(const struct garita_seccomp *profile, size_t call)
{
	const struct garita_seccomp_case *c =
		garita_seccomp_first(profile, (int)call);
	bool plain = false, lets = false, stops = false;

	if (!c)
		return garita_seccomp_lets(profile->otherwise) ? OPEN : CLOSED;
	for (; c; c = garita_seccomp_next(profile, c)) {
		plain |= c->count == 0 && !c->doubtful;
		lets |= garita_seccomp_lets(c->answer);
		stops |= !garita_seccomp_lets(c->answer);
	}
	if (!plain || (lets && stops))
		return DEPENDS;
	return lets ? OPEN : CLOSED;
}

/* Words up to the width of a terminal. */
struct column {
	struct garita_text *out;
	size_t at;
};

static void add_word(struct column *column, const char *word)
{
	size_t len = strlen(word);

	if (column->at == 0 || column->at + 1 + len > 78) {
		garita_text_puts(column->out, column->at ? "\n   " : "   ");
		column->at = 3;
	}
	garita_text_printf(column->out, " %s", word);
	column->at += len + 1;
}

static void show_group(const struct garita_seccomp *profile, size_t group,
		       struct garita_text *out)
{
	struct column column = { out, 0 };
	size_t end = GARITA_SECCOMP_CALLS + profile->unknown_count;

	for (size_t call = 0; call < end; call++) {
		const char *name = garita_seccomp_name(profile, call);

		if (call < GARITA_SECCOMP_CALLS &&
		    !(garita_seccomp_call_on(call) & profile->native))
			continue;
		if (group_of(name) != group || state_of(profile, call) != OPEN)
			continue;
		if (column.at == 0)
			garita_text_printf(out, "  %s\n", groups[group].title);
		add_word(&column, name);
	}
	if (column.at > 0)
		garita_text_putc(out, '\n');
}

static void show_case(const struct garita_seccomp *profile,
		      const struct garita_seccomp_case *c,
		      struct garita_text *out)
{
	static const char ops[][4] = {
		[GARITA_SECCOMP_NE] = "!=",    [GARITA_SECCOMP_LT] = "<",
		[GARITA_SECCOMP_LE] = "<=",    [GARITA_SECCOMP_EQ] = "==",
		[GARITA_SECCOMP_GE] = ">=",    [GARITA_SECCOMP_GT] = ">",
		[GARITA_SECCOMP_MASKED] = "&",
	};
	char words[GARITA_SECCOMP_ANSWER];

	garita_seccomp_answer_words(c->answer, words);
	garita_text_printf(out, "      %s", words);
	for (size_t i = c->from; i < c->from + c->count; i++) {
		const struct garita_seccomp_condition *one =
			&profile->conditions[i];

		garita_text_printf(out, "%s arg%u %s 0x%" PRIx64,
				   i == c->from ? " when" : " and", one->arg,
				   ops[one->op], one->value);
		if (one->op == GARITA_SECCOMP_MASKED)
			garita_text_printf(out, " == 0x%" PRIx64, one->rest);
	}
	garita_text_printf(out, "%s\n",
			   c->doubtful ? " (runtimes differ)" : "");
}

static void show_conditional(const struct garita_seccomp *profile,
			     struct garita_text *out)
{
	size_t end = GARITA_SECCOMP_CALLS + profile->unknown_count;
	bool any = false;

	for (size_t call = 0; call < end; call++) {
		const struct garita_seccomp_case *c =
			garita_seccomp_first(profile, (int)call);

		if ((call < GARITA_SECCOMP_CALLS &&
		     !(garita_seccomp_call_on(call) & profile->native)) ||
		    state_of(profile, call) != DEPENDS)
			continue;
		if (!any)
			garita_text_puts(out, "\nby their arguments\n");
		any = true;
		garita_text_printf(out, "    %s\n",
				   garita_seccomp_name(profile, call));
		for (; c; c = garita_seccomp_next(profile, c))
			show_case(profile, c, out);
	}
}

void garita_seccomp_show(const struct garita_seccomp *profile,
			 struct garita_text *out)
{
	char words[GARITA_SECCOMP_ANSWER];

	garita_seccomp_answer_words(profile->otherwise, words);
	garita_text_printf(out, "default        %s\narchitectures ", words);
	for (unsigned i = 0; i < GARITA_ARCH_END; i++) {
		if (profile->arches & 1u << i)
			garita_text_printf(out, " %s",
					   garita_seccomp_arch_name(i));
	}
	garita_text_puts(out, "\n\nopen\n");
	for (size_t i = 0; i < GARITA_COUNT(groups); i++)
		show_group(profile, i, out);
	show_conditional(profile, out);
}
