/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps - the 41 capabilities of Linux as one table, number = index.
 *
 * A table of our own and not libcap's lookup: that one also takes
 * "cap_chown", "CAP_CHOWN " and "0", which runc ignores and crun grants.
 */
#include "garita/caps.h"

#include <string.h>

#include "garita/memory.h"

static const char cap_names[GARITA_CAP_LAST + 1][23] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *garita_cap_set_name(enum garita_cap_set set)
{
	switch (set) {
	case GARITA_CAPS_BOUNDING:
		return "bounding";
	case GARITA_CAPS_EFFECTIVE:
		return "effective";
	case GARITA_CAPS_PERMITTED:
		return "permitted";
	case GARITA_CAPS_INHERITABLE:
		return "inheritable";
	case GARITA_CAPS_AMBIENT:
		return "ambient";
	case GARITA_CAPS_SETS:
		break;
	}
	return NULL;
}

int garita_cap_number(const char *name)
{
	const size_t prefix = strlen("CAP_");

	if (!garita_starts_with(name, "CAP_"))
		return -1;
	for (int i = 0; i <= GARITA_CAP_LAST; i++)
		if (name[prefix] == cap_names[i][prefix] &&
		    strcmp(name + prefix, cap_names[i] + prefix) == 0)
			return i;
	return -1;
}

const char *garita_cap_name(unsigned number)
{
	return number <= GARITA_CAP_LAST ? cap_names[number] : NULL;
}

bool garita_cap_well_formed(const char *name)
{
	const char *at = name + strlen("CAP_");

	if (!garita_starts_with(name, "CAP_") || *at == '\0')
		return false;
	for (; *at != '\0'; at++)
		if (!(*at >= 'A' && *at <= 'Z') && !garita_is_digit(*at) &&
		    *at != '_')
			return false;
	return true;
}

void garita_caps_words(garita_caps set, struct garita_text *out)
{
	const char *between = "";

	set &= GARITA_CAPS_ALL;
	if (set == 0) {
		garita_text_puts(out, "none");
		return;
	}
	if (set == GARITA_CAPS_ALL) {
		garita_text_printf(out, "all %d", GARITA_CAP_LAST + 1);
		return;
	}
	for (unsigned i = 0; i <= GARITA_CAP_LAST; i++) {
		if (!(set & GARITA_CAP(i)))
			continue;
		garita_text_puts(out, between);
		garita_text_puts(out, cap_names[i]);
		between = ", ";
	}
}
