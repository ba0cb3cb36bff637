/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_common - what the two tests of the built-in profile share: machines,
 * capability sets, names newer than libseccomp, lists of names.
 */
#ifndef GARITA_TESTS_SECCOMP_COMMON_H
#define GARITA_TESTS_SECCOMP_COMMON_H

#include <linux/capability.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/seccomp.h"

#define DEFAULT_14                                                             \
	(GARITA_CAP(CAP_CHOWN) | GARITA_CAP(CAP_DAC_OVERRIDE) |                \
	 GARITA_CAP(CAP_FSETID) | GARITA_CAP(CAP_FOWNER) |                     \
	 GARITA_CAP(CAP_MKNOD) | GARITA_CAP(CAP_NET_RAW) |                     \
	 GARITA_CAP(CAP_SETGID) | GARITA_CAP(CAP_SETUID) |                     \
	 GARITA_CAP(CAP_SETFCAP) | GARITA_CAP(CAP_SETPCAP) |                   \
	 GARITA_CAP(CAP_NET_BIND_SERVICE) | GARITA_CAP(CAP_SYS_CHROOT) |       \
	 GARITA_CAP(CAP_KILL) | GARITA_CAP(CAP_AUDIT_WRITE))

static const garita_caps cap_sets[] = { 0, DEFAULT_14,
					GARITA_CAP(CAP_SYS_ADMIN),
					GARITA_CAPS_ALL };

static const struct machine {
	const char *name, *arch;
	uint32_t scmp; /* libseccomp's word, which is the kernel's AUDIT_ARCH */
	bool multiplexed; /* has socketcall and ipc beside the direct calls */
} machines[] = {
	{ "x86_64", "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, false },
	{ "aarch64", "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, false },
	{ "riscv64", "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, false },
	{ "s390x", "SCMP_ARCH_S390X", SCMP_ARCH_S390X, true },
	{ "ppc64le", "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE, true },
	{ "armv7l", "SCMP_ARCH_ARM", SCMP_ARCH_ARM, false },
};

/* Newer than the first libseccomp 2.5.4, which knew Linux 5.17; runc and crun
 * pass over a name that their libseccomp does not know. */
static const char newer[] =
	"cachestat fchmodat2 map_shadow_stack futex_requeue futex_wait "
	"futex_wake listmount statmount lsm_get_self_attr lsm_list_modules "
	"lsm_set_self_attr mseal uretprobe riscv_hwprobe getxattrat "
	"listxattrat removexattrat setxattrat";

static inline bool listed(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == len && strncmp(at, name, len) == 0)
			return true;
		at += word;
	}
	return false;
}

/* The next name of a list into `word`, or false. */
static inline bool next_name(const char **at, char *word, size_t size)
{
	size_t len;

	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	if (len == 0)
		return false;
	assert_true(len < size);
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	return true;
}

static inline struct garita_json *resolve(struct garita_json_doc *doc,
					  const struct machine *machine,
					  garita_caps caps)
{
	struct garita_json *profile =
		garita_seccomp_default(doc, caps, machine->name, 6, 1);

	assert_non_null(profile);
	return profile;
}

#endif
