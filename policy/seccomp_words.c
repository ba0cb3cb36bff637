/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_words - calls, arguments and answers as a person writes them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "garita/memory.h"
#include "policy/seccomp_profile.h"

/* Rows of characters: pointers would be relocated at each start. */
static const struct {
	uint32_t number;
	char name[16];
} errnos[] = {
	{ EPERM, "EPERM" },     { ENOENT, "ENOENT" },
	{ EACCES, "EACCES" },   { EINVAL, "EINVAL" },
	{ ENOSYS, "ENOSYS" },   { EAFNOSUPPORT, "EAFNOSUPPORT" },
	{ ENOTSUP, "ENOTSUP" }, { EBADF, "EBADF" },
	{ EAGAIN, "EAGAIN" },   { ENOMEM, "ENOMEM" },
	{ EBUSY, "EBUSY" },     { ENODEV, "ENODEV" },
};

static const char families[][16] = {
	[AF_UNSPEC] = "AF_UNSPEC",
	[AF_UNIX] = "AF_UNIX",
	[AF_INET] = "AF_INET",
	[AF_AX25] = "AF_AX25",
	[AF_IPX] = "AF_IPX",
	[AF_APPLETALK] = "AF_APPLETALK",
	[AF_NETROM] = "AF_NETROM",
	[AF_BRIDGE] = "AF_BRIDGE",
	[AF_ATMPVC] = "AF_ATMPVC",
	[AF_X25] = "AF_X25",
	[AF_INET6] = "AF_INET6",
	[AF_ROSE] = "AF_ROSE",
	[AF_DECnet] = "AF_DECnet",
	[AF_NETBEUI] = "AF_NETBEUI",
	[AF_SECURITY] = "AF_SECURITY",
	[AF_KEY] = "AF_KEY",
	[AF_NETLINK] = "AF_NETLINK",
	[AF_PACKET] = "AF_PACKET",
	[AF_ASH] = "AF_ASH",
	[AF_ECONET] = "AF_ECONET",
	[AF_ATMSVC] = "AF_ATMSVC",
	[AF_RDS] = "AF_RDS",
	[AF_SNA] = "AF_SNA",
	[AF_IRDA] = "AF_IRDA",
	[AF_PPPOX] = "AF_PPPOX",
	[AF_WANPIPE] = "AF_WANPIPE",
	[AF_LLC] = "AF_LLC",
	[AF_IB] = "AF_IB",
	[AF_MPLS] = "AF_MPLS",
	[AF_CAN] = "AF_CAN",
	[AF_TIPC] = "AF_TIPC",
	[AF_BLUETOOTH] = "AF_BLUETOOTH",
	[AF_IUCV] = "AF_IUCV",
	[AF_RXRPC] = "AF_RXRPC",
	[AF_ISDN] = "AF_ISDN",
	[AF_PHONET] = "AF_PHONET",
	[AF_IEEE802154] = "AF_IEEE802154",
	[AF_CAIF] = "AF_CAIF",
	[AF_ALG] = "AF_ALG",
	[AF_NFC] = "AF_NFC",
	[AF_VSOCK] = "AF_VSOCK",
	[AF_KCM] = "AF_KCM",
	[AF_QIPCRTR] = "AF_QIPCRTR",
	[AF_SMC] = "AF_SMC",
	[AF_XDP] = "AF_XDP",
};

const char *garita_seccomp_errno_name(uint32_t number)
{
	for (size_t i = 0; i < GARITA_COUNT(errnos); i++) {
		if (errnos[i].number == number)
			return errnos[i].name;
	}
	return NULL;
}

void garita_seccomp_answer_words(struct garita_seccomp_answer answer,
				 char into[GARITA_SECCOMP_ANSWER])
{
	static const char words[][GARITA_SECCOMP_ANSWER] = {
		[GARITA_SECCOMP_KILL_PROCESS] = "killed",
		[GARITA_SECCOMP_KILL_THREAD] = "killed",
		[GARITA_SECCOMP_TRAP] = "SIGSYS",
		[GARITA_SECCOMP_ERRNO] = "",
		[GARITA_SECCOMP_NOTIFY] = "left to a listener",
		[GARITA_SECCOMP_TRACE] = "left to a tracer",
		[GARITA_SECCOMP_LOG] = "allowed and logged",
		[GARITA_SECCOMP_ALLOW] = "allowed",
	};
	const char *name = answer.kind == GARITA_SECCOMP_ERRNO
				   ? garita_seccomp_errno_name(answer.number)
				   : NULL;

	memcpy(into, words[answer.kind], GARITA_SECCOMP_ANSWER);
	if (name != NULL)
		memcpy(into, name, sizeof(errnos[0].name));
	else if (answer.kind == GARITA_SECCOMP_ERRNO)
		snprintf(into, GARITA_SECCOMP_ANSWER, "errno %" PRIu32,
			 answer.number);
}

static void add_arg(const char *name, unsigned index, uint64_t value,
		    struct garita_text *out)
{
	bool family = garita_starts_with(name, "socket") && index == 0;

	if (family && value < GARITA_COUNT(families) && families[value][0])
		garita_text_puts(out, families[value]);
	else if (value < 10)
		garita_text_printf(out, "%" PRIu64, value);
	else
		garita_text_printf(out, "0x%" PRIx64, value);
}

void garita_seccomp_words(const struct garita_seccomp_witness *witness,
			  struct garita_text *out)
{
	unsigned used = witness->used;

	if (!witness->name) {
		garita_text_puts(out, "every call that is not named");
		return;
	}
	garita_text_puts(out, witness->name);
	if (!used)
		return;
	garita_text_putc(out, '(');
	for (unsigned i = 0; used; i++, used >>= 1) {
		if (i > 0)
			garita_text_puts(out, ", ");
		if (used & 1)
			add_arg(witness->name, i, witness->args[i], out);
		else
			garita_text_putc(out, '_');
	}
	garita_text_puts(out, ", ...)");
}

/* Of socketcall(2) and ipc(2). */
const char *garita_seccomp_behind(const char *name)
{
	static const char sockets[] =
		" accept accept4 bind connect getpeername getsockname "
		"getsockopt listen recv recvfrom recvmmsg recvmsg send "
		"sendmmsg sendmsg sendto setsockopt shutdown socket "
		"socketpair ";
	static const char ipc[] = " msgctl msgget msgrcv msgsnd semctl semget "
				  "semop semtimedop shmat shmctl shmdt shmget ";
	char word[40];

	if ((size_t)snprintf(word, sizeof(word), " %s ", name) >= sizeof(word))
		return NULL;
	if (strstr(sockets, word))
		return "socketcall";
	return strstr(ipc, word) ? "ipc" : NULL;
}

unsigned garita_seccomp_multiplexed(void)
{
	return 1u << GARITA_ARCH_X86 | 1u << GARITA_ARCH_S390 |
	       1u << GARITA_ARCH_S390X | 1u << GARITA_ARCH_PPC64LE;
}
