/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_other - the runtime-spec's objects for Solaris, Windows, virtual
 * machines, z/OS and FreeBSD.
 *
 * Nothing here runs them, but runc reads their members (and any spelling of
 * them), and a name of theirs is a name of the spec.
 */
#include "policy/names_table.h"

static const struct garita_names_member solaris_anet_members[] = {
	PLAIN("linkname", STRING),
	PLAIN("lowerLink", STRING),
	PLAIN("allowedAddress", STRING),
	PLAIN("configureAllowedAddress", STRING),
	PLAIN("defrouter", STRING),
	PLAIN("linkProtection", STRING),
	PLAIN("macAddress", STRING),
};
static const struct garita_names_object solaris_anet =
	MEMBERS(solaris_anet_members);

static const struct garita_names_member solaris_cpu_members[] = {
	PLAIN("ncpus", STRING),
};
static const struct garita_names_object solaris_cpu =
	MEMBERS(solaris_cpu_members);

static const struct garita_names_member solaris_memory_members[] = {
	PLAIN("physical", STRING),
	PLAIN("swap", STRING),
};
static const struct garita_names_object solaris_memory =
	MEMBERS(solaris_memory_members);

static const struct garita_names_member solaris_members[] = {
	PLAIN("milestone", STRING),
	PLAIN("limitpriv", STRING),
	PLAIN("maxShmMemory", STRING),
	CHILD("anet", OBJECTS, solaris_anet),
	CHILD("cappedCPU", OBJECT, solaris_cpu),
	CHILD("cappedMemory", OBJECT, solaris_memory),
};
const struct garita_names_object garita_names_solaris =
	MEMBERS(solaris_members);

static const struct garita_names_member windows_device_members[] = {
	PLAIN("id", STRING),
	PLAIN("idType", STRING),
};
static const struct garita_names_object windows_device =
	MEMBERS(windows_device_members);

static const struct garita_names_member windows_memory_members[] = {
	PLAIN("limit", U64),
};
static const struct garita_names_object windows_memory =
	MEMBERS(windows_memory_members);

static const struct garita_names_member windows_affinity_members[] = {
	PLAIN("mask", U64),
	PLAIN("group", U32),
};
static const struct garita_names_object windows_affinity =
	MEMBERS(windows_affinity_members);

static const struct garita_names_member windows_cpu_members[] = {
	PLAIN("count", U64),
	PLAIN("shares", U16),
	PLAIN("maximum", U16),
	CHILD("affinity", OBJECTS, windows_affinity),
};
static const struct garita_names_object windows_cpu =
	MEMBERS(windows_cpu_members);

static const struct garita_names_member windows_storage_members[] = {
	PLAIN("iops", U64),
	PLAIN("bps", U64),
	PLAIN("sandboxSize", U64),
};
static const struct garita_names_object windows_storage =
	MEMBERS(windows_storage_members);

static const struct garita_names_member windows_resources_members[] = {
	CHILD("memory", OBJECT, windows_memory),
	CHILD("cpu", OBJECT, windows_cpu),
	CHILD("storage", OBJECT, windows_storage),
};
static const struct garita_names_object windows_resources =
	MEMBERS(windows_resources_members);

static const struct garita_names_member windows_network_members[] = {
	PLAIN("endpointList", STRINGS),
	PLAIN("allowUnqualifiedDNSQuery", BOOL),
	PLAIN("DNSSearchList", STRINGS),
	PLAIN("networkSharedContainerName", STRING),
	PLAIN("networkNamespace", STRING),
};
static const struct garita_names_object windows_network =
	MEMBERS(windows_network_members);

static const struct garita_names_member windows_hyperv_members[] = {
	PLAIN("utilityVMPath", STRING),
};
static const struct garita_names_object windows_hyperv =
	MEMBERS(windows_hyperv_members);

static const struct garita_names_member windows_members[] = {
	PLAIN("layerFolders", STRINGS),
	CHILD("devices", OBJECTS, windows_device),
	CHILD("resources", OBJECT, windows_resources),
	PLAIN("credentialSpec", ANY),
	PLAIN("servicing", BOOL),
	PLAIN("ignoreFlushesDuringBoot", BOOL),
	CHILD("hyperv", OBJECT, windows_hyperv),
	CHILD("network", OBJECT, windows_network),
};
const struct garita_names_object garita_names_windows =
	MEMBERS(windows_members);

static const struct garita_names_member vm_hypervisor_members[] = {
	PLAIN("path", STRING),
	PLAIN("parameters", STRINGS),
};
static const struct garita_names_object vm_hypervisor =
	MEMBERS(vm_hypervisor_members);

static const struct garita_names_member vm_kernel_members[] = {
	PLAIN("path", STRING),
	PLAIN("parameters", STRINGS),
	PLAIN("initrd", STRING),
};
static const struct garita_names_object vm_kernel = MEMBERS(vm_kernel_members);

static const struct garita_names_member vm_image_members[] = {
	PLAIN("path", STRING),
	PLAIN("format", STRING),
};
static const struct garita_names_object vm_image = MEMBERS(vm_image_members);

static const struct garita_names_member vm_iomem_members[] = {
	PLAIN("firstGFN", U64),
	PLAIN("firstMFN", U64),
	PLAIN("nrMFNs", U64),
};
static const struct garita_names_object vm_iomem = MEMBERS(vm_iomem_members);

static const struct garita_names_member vm_hw_config_members[] = {
	PLAIN("deviceTree", STRING), PLAIN("vcpus", U32),
	PLAIN("memory", U64),        PLAIN("memKB", U64),
	PLAIN("dtdevs", STRINGS),    CHILD("iomems", OBJECTS, vm_iomem),
	PLAIN("irqs", U32S),
};
static const struct garita_names_object vm_hw_config =
	MEMBERS(vm_hw_config_members);

static const struct garita_names_member vm_members[] = {
	CHILD("hypervisor", OBJECT, vm_hypervisor),
	CHILD("kernel", OBJECT, vm_kernel),
	CHILD("image", OBJECT, vm_image),
	CHILD("hwConfig", OBJECT, vm_hw_config),
};
const struct garita_names_object garita_names_vm = MEMBERS(vm_members);

static const struct garita_names_member zos_namespace_members[] = {
	PLAIN("type", STRING),
	PLAIN("path", STRING),
};
static const struct garita_names_object zos_namespace =
	MEMBERS(zos_namespace_members);

static const struct garita_names_member zos_members[] = {
	CHILD("namespaces", OBJECTS, zos_namespace),
};
const struct garita_names_object garita_names_zos = MEMBERS(zos_members);

static const struct garita_names_member freebsd_device_members[] = {
	PLAIN("path", STRING),
	PLAIN("mode", ANY),
};
static const struct garita_names_object freebsd_device =
	MEMBERS(freebsd_device_members);

static const struct garita_names_member freebsd_allow_members[] = {
	PLAIN("setHostname", BOOL), PLAIN("rawSockets", BOOL),
	PLAIN("chflags", BOOL),     PLAIN("mount", STRINGS),
	PLAIN("quotas", BOOL),      PLAIN("socketAf", BOOL),
	PLAIN("mlock", BOOL),       PLAIN("reservedPorts", BOOL),
	PLAIN("suser", BOOL),
};
static const struct garita_names_object freebsd_allow =
	MEMBERS(freebsd_allow_members);

static const struct garita_names_member freebsd_jail_members[] = {
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
	CHILD("allow", OBJECT, freebsd_allow),
};
static const struct garita_names_object freebsd_jail =
	MEMBERS(freebsd_jail_members);

static const struct garita_names_member freebsd_members[] = {
	CHILD("devices", OBJECTS, freebsd_device),
	CHILD("jail", OBJECT, freebsd_jail),
};
const struct garita_names_object garita_names_freebsd =
	MEMBERS(freebsd_members);
