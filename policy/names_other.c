/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_other - the runtime-spec's objects for Solaris, Windows, virtual
 * machines, z/OS and FreeBSD.
 *
 * Nothing here runs them, but runc reads their members (and any spelling of
 * them), and a name of theirs is a name of the spec.
 */
#include "policy/names_table.h"

static const struct garita_names_member solaris_anet[] = {
	PLAIN("linkname", STRING),
	PLAIN("lowerLink", STRING),
	PLAIN("allowedAddress", STRING),
	PLAIN("configureAllowedAddress", STRING),
	PLAIN("defrouter", STRING),
	PLAIN("linkProtection", STRING),
	PLAIN("macAddress", STRING),
};

static const struct garita_names_member solaris_cpu[] = {
	PLAIN("ncpus", STRING),
};

static const struct garita_names_member solaris_memory[] = {
	PLAIN("physical", STRING),
	PLAIN("swap", STRING),
};

static const struct garita_names_member solaris[] = {
	PLAIN("milestone", STRING),
	PLAIN("limitpriv", STRING),
	PLAIN("maxShmMemory", STRING),
	CHILD("anet", OBJECTS, SOLARIS_ANET),
	CHILD("cappedCPU", OBJECT, SOLARIS_CPU),
	CHILD("cappedMemory", OBJECT, SOLARIS_MEMORY),
};

static const struct garita_names_member windows_device[] = {
	PLAIN("id", STRING),
	PLAIN("idType", STRING),
};

static const struct garita_names_member windows_memory[] = {
	PLAIN("limit", U64),
};

static const struct garita_names_member windows_affinity[] = {
	PLAIN("mask", U64),
	PLAIN("group", U32),
};

static const struct garita_names_member windows_cpu[] = {
	PLAIN("count", U64),
	PLAIN("shares", U16),
	PLAIN("maximum", U16),
	CHILD("affinity", OBJECTS, WINDOWS_AFFINITY),
};

static const struct garita_names_member windows_storage[] = {
	PLAIN("iops", U64),
	PLAIN("bps", U64),
	PLAIN("sandboxSize", U64),
};

static const struct garita_names_member windows_resources[] = {
	CHILD("memory", OBJECT, WINDOWS_MEMORY),
	CHILD("cpu", OBJECT, WINDOWS_CPU),
	CHILD("storage", OBJECT, WINDOWS_STORAGE),
};

static const struct garita_names_member windows_network[] = {
	PLAIN("endpointList", STRINGS),
	PLAIN("allowUnqualifiedDNSQuery", BOOL),
	PLAIN("DNSSearchList", STRINGS),
	PLAIN("networkSharedContainerName", STRING),
	PLAIN("networkNamespace", STRING),
};

static const struct garita_names_member windows_hyperv[] = {
	PLAIN("utilityVMPath", STRING),
};

static const struct garita_names_member windows[] = {
	PLAIN("layerFolders", STRINGS),
	CHILD("devices", OBJECTS, WINDOWS_DEVICE),
	CHILD("resources", OBJECT, WINDOWS_RESOURCES),
	PLAIN("credentialSpec", ANY),
	PLAIN("servicing", BOOL),
	PLAIN("ignoreFlushesDuringBoot", BOOL),
	CHILD("hyperv", OBJECT, WINDOWS_HYPERV),
	CHILD("network", OBJECT, WINDOWS_NETWORK),
};

static const struct garita_names_member vm_hypervisor[] = {
	PLAIN("path", STRING),
	PLAIN("parameters", STRINGS),
};

static const struct garita_names_member vm_kernel[] = {
	PLAIN("path", STRING),
	PLAIN("parameters", STRINGS),
	PLAIN("initrd", STRING),
};

static const struct garita_names_member vm_image[] = {
	PLAIN("path", STRING),
	PLAIN("format", STRING),
};

static const struct garita_names_member vm_iomem[] = {
	PLAIN("firstGFN", U64),
	PLAIN("firstMFN", U64),
	PLAIN("nrMFNs", U64),
};

static const struct garita_names_member vm_hw_config[] = {
	PLAIN("deviceTree", STRING), PLAIN("vcpus", U32),
	PLAIN("memory", U64),        PLAIN("memKB", U64),
	PLAIN("dtdevs", STRINGS),    CHILD("iomems", OBJECTS, VM_IOMEM),
	PLAIN("irqs", U32S),
};

static const struct garita_names_member vm[] = {
	CHILD("hypervisor", OBJECT, VM_HYPERVISOR),
	CHILD("kernel", OBJECT, VM_KERNEL),
	CHILD("image", OBJECT, VM_IMAGE),
	CHILD("hwConfig", OBJECT, VM_HW_CONFIG),
};

static const struct garita_names_member zos_namespace[] = {
	PLAIN("type", STRING),
	PLAIN("path", STRING),
};

static const struct garita_names_member zos[] = {
	CHILD("namespaces", OBJECTS, ZOS_NAMESPACE),
};

static const struct garita_names_member freebsd_device[] = {
	PLAIN("path", STRING),
	PLAIN("mode", ANY),
};

static const struct garita_names_member freebsd_allow[] = {
	PLAIN("setHostname", BOOL), PLAIN("rawSockets", BOOL),
	PLAIN("chflags", BOOL),     PLAIN("mount", STRINGS),
	PLAIN("quotas", BOOL),      PLAIN("socketAf", BOOL),
	PLAIN("mlock", BOOL),       PLAIN("reservedPorts", BOOL),
	PLAIN("suser", BOOL),
};

static const struct garita_names_member freebsd_jail[] = {
	PLAIN("parent", STRING),
	PLAIN("host", STRING),
	PLAIN("ip4", STRING),
	PLAIN("ip4Addr", STRINGS),
	PLAIN("ip6", STRING),
	PLAIN("ip6Addr", STRINGS),
	PLAIN("vnet", STRING),
	PLAIN("interface", STRING),
	PLAIN("vnetInterfaces", STRINGS),
	PLAIN("sysvmsg", STRING),
	PLAIN("sysvsem", STRING),
	PLAIN("sysvshm", STRING),
	PLAIN("enforceStatfs", U8),
	CHILD("allow", OBJECT, FREEBSD_ALLOW),
};

static const struct garita_names_member freebsd[] = {
	CHILD("devices", OBJECTS, FREEBSD_DEVICE),
	CHILD("jail", OBJECT, FREEBSD_JAIL),
};

const struct garita_names_object garita_names_others[] = {
	[GARITA_NAMES_OF_SOLARIS_ANET - GARITA_NAMES_OTHERS] =
		MEMBERS(solaris_anet),
	[GARITA_NAMES_OF_SOLARIS_CPU - GARITA_NAMES_OTHERS] =
		MEMBERS(solaris_cpu),
	[GARITA_NAMES_OF_SOLARIS_MEMORY - GARITA_NAMES_OTHERS] =
		MEMBERS(solaris_memory),
	[GARITA_NAMES_OF_SOLARIS - GARITA_NAMES_OTHERS] = MEMBERS(solaris),
	[GARITA_NAMES_OF_WINDOWS_DEVICE - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_device),
	[GARITA_NAMES_OF_WINDOWS_MEMORY - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_memory),
	[GARITA_NAMES_OF_WINDOWS_AFFINITY - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_affinity),
	[GARITA_NAMES_OF_WINDOWS_CPU - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_cpu),
	[GARITA_NAMES_OF_WINDOWS_STORAGE - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_storage),
	[GARITA_NAMES_OF_WINDOWS_RESOURCES - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_resources),
	[GARITA_NAMES_OF_WINDOWS_NETWORK - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_network),
	[GARITA_NAMES_OF_WINDOWS_HYPERV - GARITA_NAMES_OTHERS] =
		MEMBERS(windows_hyperv),
	[GARITA_NAMES_OF_WINDOWS - GARITA_NAMES_OTHERS] = MEMBERS(windows),
	[GARITA_NAMES_OF_VM_HYPERVISOR - GARITA_NAMES_OTHERS] =
		MEMBERS(vm_hypervisor),
	[GARITA_NAMES_OF_VM_KERNEL - GARITA_NAMES_OTHERS] = MEMBERS(vm_kernel),
	[GARITA_NAMES_OF_VM_IMAGE - GARITA_NAMES_OTHERS] = MEMBERS(vm_image),
	[GARITA_NAMES_OF_VM_IOMEM - GARITA_NAMES_OTHERS] = MEMBERS(vm_iomem),
	[GARITA_NAMES_OF_VM_HW_CONFIG - GARITA_NAMES_OTHERS] =
		MEMBERS(vm_hw_config),
	[GARITA_NAMES_OF_VM - GARITA_NAMES_OTHERS] = MEMBERS(vm),
	[GARITA_NAMES_OF_ZOS_NAMESPACE - GARITA_NAMES_OTHERS] =
		MEMBERS(zos_namespace),
	[GARITA_NAMES_OF_ZOS - GARITA_NAMES_OTHERS] = MEMBERS(zos),
	[GARITA_NAMES_OF_FREEBSD_DEVICE - GARITA_NAMES_OTHERS] =
		MEMBERS(freebsd_device),
	[GARITA_NAMES_OF_FREEBSD_ALLOW - GARITA_NAMES_OTHERS] =
		MEMBERS(freebsd_allow),
	[GARITA_NAMES_OF_FREEBSD_JAIL - GARITA_NAMES_OTHERS] =
		MEMBERS(freebsd_jail),
	[GARITA_NAMES_OF_FREEBSD - GARITA_NAMES_OTHERS] = MEMBERS(freebsd),
};
