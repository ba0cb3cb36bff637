/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_table - the runtime-spec's objects, one array of members for each.
 *
 * Source: runtime-spec 1.3, specs-go/config.go and schema, with the few
 * members that were in a release between 1.0 and 1.3 only. Where Go and C
 * readers hold different ranges the kind is what both hold: Go's int and uint
 * have 64 bits on most machines, libocispec's integers 32.
 *
 * Members are in the spec's order; an object stands after those it uses.
 */
#include "policy/names_table.h"

static const struct garita_names_member id_map[] = {
	PLAIN("containerID", U32),
	PLAIN("hostID", U32),
	PLAIN("size", U32),
};

static const struct garita_names_member mount[] = {
	PLAIN("destination", STRING),
	PLAIN("type", STRING),
	PLAIN("source", STRING),
	PLAIN("options", STRINGS),
	CHILD("uidMappings", OBJECTS, ID_MAP),
	CHILD("gidMappings", OBJECTS, ID_MAP),
};

static const struct garita_names_member root[] = {
	PLAIN("path", STRING),
	PLAIN("readonly", BOOL),
};

static const struct garita_names_member hook[] = {
	PLAIN("path", STRING),
	PLAIN("args", STRINGS),
	PLAIN("env", STRINGS),
	PLAIN("timeout", I32),
};

static const struct garita_names_member hooks[] = {
	CHILD("prestart", OBJECTS, HOOK),
	CHILD("createRuntime", OBJECTS, HOOK),
	CHILD("createContainer", OBJECTS, HOOK),
	CHILD("startContainer", OBJECTS, HOOK),
	CHILD("poststart", OBJECTS, HOOK),
	CHILD("poststop", OBJECTS, HOOK),
};

/* process */

static const struct garita_names_member console_size[] = {
	PLAIN("height", U32),
	PLAIN("width", U32),
};

static const struct garita_names_member user[] = {
	PLAIN("uid", ID),          PLAIN("gid", ID),
	PLAIN("umask", U32),       PLAIN("additionalGids", IDS),
	PLAIN("username", STRING),
};

static const struct garita_names_member capabilities[] = {
	PLAIN("bounding", STRINGS),    PLAIN("effective", STRINGS),
	PLAIN("inheritable", STRINGS), PLAIN("permitted", STRINGS),
	PLAIN("ambient", STRINGS),
};

static const struct garita_names_member rlimit[] = {
	PLAIN("type", STRING),
	PLAIN("hard", U64),
	PLAIN("soft", U64),
};

static const struct garita_names_member scheduler[] = {
	PLAIN("policy", STRING), PLAIN("nice", I32),    PLAIN("priority", I32),
	PLAIN("flags", STRINGS), PLAIN("runtime", U64), PLAIN("deadline", U64),
	PLAIN("period", U64),
};

static const struct garita_names_member io_priority[] = {
	PLAIN("class", STRING),
	PLAIN("priority", I32),
};

static const struct garita_names_member cpu_affinity[] = {
	PLAIN("initial", STRING),
	PLAIN("final", STRING),
};

static const struct garita_names_member process[] = {
	PLAIN("terminal", BOOL),
	CHILD("consoleSize", OBJECT, CONSOLE_SIZE),
	CHILD("user", OBJECT, USER),
	PLAIN("args", STRINGS),
	PLAIN("commandLine", STRING),
	PLAIN("env", STRINGS),
	PLAIN("cwd", STRING),
	CHILD("capabilities", OBJECT, CAPABILITIES),
	CHILD("rlimits", OBJECTS, RLIMIT),
	PLAIN("noNewPrivileges", BOOL),
	PLAIN("apparmorProfile", STRING),
	PLAIN("oomScoreAdj", I32),
	CHILD("scheduler", OBJECT, SCHEDULER),
	PLAIN("selinuxLabel", STRING),
	CHILD("ioPriority", OBJECT, IO_PRIORITY),
	CHILD("execCPUAffinity", OBJECT, CPU_AFFINITY),
};

/* linux */

static const struct garita_names_member namespace[] = {
	PLAIN("type", STRING),
	PLAIN("path", STRING),
};

static const struct garita_names_member time_offset[] = {
	PLAIN("secs", I64),
	PLAIN("nanosecs", U32),
};

static const struct garita_names_member device[] = {
	PLAIN("path", STRING), PLAIN("type", STRING),  PLAIN("major", MAJOR),
	PLAIN("minor", MINOR), PLAIN("fileMode", U32), PLAIN("uid", ID),
	PLAIN("gid", ID),
};

static const struct garita_names_member net_device[] = {
	PLAIN("name", STRING),
};

static const struct garita_names_member device_rule[] = {
	PLAIN("allow", BOOL),         PLAIN("type", STRING),
	PLAIN("major", MAJOR_OR_ANY), PLAIN("minor", MINOR_OR_ANY),
	PLAIN("access", STRING),
};

static const struct garita_names_member memory[] = {
	PLAIN("limit", I64),
	PLAIN("reservation", I64),
	PLAIN("swap", I64),
	PLAIN("kernel", I64),
	PLAIN("kernelTCP", I64),
	PLAIN("swappiness", U64),
	PLAIN("disableOOMKiller", BOOL),
	PLAIN("useHierarchy", BOOL),
	PLAIN("checkBeforeUpdate", BOOL),
};

static const struct garita_names_member cpu[] = {
	PLAIN("shares", U64),
	PLAIN("quota", I64),
	PLAIN("burst", U64),
	PLAIN("period", U64),
	PLAIN("realtimeRuntime", I64),
	PLAIN("realtimePeriod", U64),
	PLAIN("cpus", STRING),
	PLAIN("mems", STRING),
	PLAIN("idle", I64),
};

static const struct garita_names_member pids[] = {
	PLAIN("limit", I64),
};

static const struct garita_names_member weight_device[] = {
	PLAIN("major", I64),
	PLAIN("minor", I64),
	PLAIN("weight", U16),
	PLAIN("leafWeight", U16),
};

static const struct garita_names_member throttle_device[] = {
	PLAIN("major", I64),
	PLAIN("minor", I64),
	PLAIN("rate", U64),
};

static const struct garita_names_member block_io[] = {
	PLAIN("weight", U16),
	PLAIN("leafWeight", U16),
	CHILD("weightDevice", OBJECTS, WEIGHT_DEVICE),
	CHILD("throttleReadBpsDevice", OBJECTS, THROTTLE_DEVICE),
	CHILD("throttleWriteBpsDevice", OBJECTS, THROTTLE_DEVICE),
	CHILD("throttleReadIOPSDevice", OBJECTS, THROTTLE_DEVICE),
	CHILD("throttleWriteIOPSDevice", OBJECTS, THROTTLE_DEVICE),
};

static const struct garita_names_member hugepage_limit[] = {
	PLAIN("pageSize", STRING),
	PLAIN("limit", U64),
};

static const struct garita_names_member interface_priority[] = {
	PLAIN("name", STRING),
	PLAIN("priority", U32),
};

static const struct garita_names_member network[] = {
	PLAIN("classID", U32),
	CHILD("priorities", OBJECTS, INTERFACE_PRIORITY),
};

static const struct garita_names_member rdma[] = {
	PLAIN("hcaHandles", U32),
	PLAIN("hcaObjects", U32),
};

static const struct garita_names_member resources[] = {
	CHILD("devices", OBJECTS, DEVICE_RULE),
	CHILD("memory", OBJECT, MEMORY),
	CHILD("cpu", OBJECT, CPU),
	CHILD("pids", OBJECT, PIDS),
	CHILD("blockIO", OBJECT, BLOCK_IO),
	CHILD("hugepageLimits", OBJECTS, HUGEPAGE_LIMIT),
	CHILD("network", OBJECT, NETWORK),
	CHILD("rdma", MAP_OBJECT, RDMA),
	PLAIN("unified", MAP_STRING),
};

static const struct garita_names_member syscall_arg[] = {
	PLAIN("index", U32),
	PLAIN("value", U64),
	PLAIN("valueTwo", U64),
	PLAIN("op", STRING),
};

static const struct garita_names_member seccomp_rule[] = {
	PLAIN("names", STRINGS),
	PLAIN("action", STRING),
	PLAIN("errnoRet", U32),
	CHILD("args", OBJECTS, SYSCALL_ARG),
};

static const struct garita_names_member seccomp[] = {
	PLAIN("defaultAction", STRING),
	PLAIN("defaultErrnoRet", U32),
	PLAIN("architectures", STRINGS),
	PLAIN("flags", STRINGS),
	PLAIN("listenerPath", STRING),
	PLAIN("listenerMetadata", STRING),
	CHILD("syscalls", OBJECTS, SECCOMP_RULE),
};

static const struct garita_names_member intel_rdt[] = {
	PLAIN("closID", STRING),         PLAIN("schemata", STRINGS),
	PLAIN("l3CacheSchema", STRING),  PLAIN("memBwSchema", STRING),
	PLAIN("enableMonitoring", BOOL), PLAIN("enableCMT", BOOL),
	PLAIN("enableMBM", BOOL),
};

static const struct garita_names_member memory_policy[] = {
	PLAIN("mode", STRING),
	PLAIN("nodes", STRING),
	PLAIN("flags", STRINGS),
};

static const struct garita_names_member personality[] = {
	PLAIN("domain", STRING),
	PLAIN("flags", STRINGS),
};

static const struct garita_names_member linux_part[] = {
	CHILD("namespaces", OBJECTS, NAMESPACE),
	CHILD("uidMappings", OBJECTS, ID_MAP),
	CHILD("gidMappings", OBJECTS, ID_MAP),
	CHILD("timeOffsets", MAP_OBJECT, TIME_OFFSET),
	CHILD("devices", OBJECTS, DEVICE),
	CHILD("netDevices", MAP_OBJECT, NET_DEVICE),
	PLAIN("cgroupsPath", STRING),
	CHILD("resources", OBJECT, RESOURCES),
	PLAIN("sysctl", MAP_STRING),
	CHILD("seccomp", OBJECT, SECCOMP),
	PLAIN("rootfsPropagation", STRING),
	PLAIN("maskedPaths", STRINGS),
	PLAIN("readonlyPaths", STRINGS),
	PLAIN("mountLabel", STRING),
	CHILD("intelRdt", OBJECT, INTEL_RDT),
	CHILD("memoryPolicy", OBJECT, MEMORY_POLICY),
	CHILD("personality", OBJECT, PERSONALITY),
};

/* the config itself */

static const struct garita_names_member config[] = {
	PLAIN("ociVersion", STRING),        CHILD("process", OBJECT, PROCESS),
	CHILD("root", OBJECT, ROOT),        PLAIN("hostname", STRING),
	PLAIN("domainname", STRING),        CHILD("mounts", OBJECTS, MOUNT),
	CHILD("hooks", OBJECT, HOOKS),      PLAIN("annotations", MAP_STRING),
	CHILD("linux", OBJECT, LINUX_PART), CHILD("solaris", OBJECT, SOLARIS),
	CHILD("windows", OBJECT, WINDOWS),  CHILD("vm", OBJECT, VM),
	CHILD("zos", OBJECT, ZOS),          CHILD("freebsd", OBJECT, FREEBSD),
};

const struct garita_names_object garita_names_objects[] = {
	[GARITA_NAMES_OF_ID_MAP] = MEMBERS(id_map),
	[GARITA_NAMES_OF_MOUNT] = MEMBERS(mount),
	[GARITA_NAMES_OF_ROOT] = MEMBERS(root),
	[GARITA_NAMES_OF_HOOK] = MEMBERS(hook),
	[GARITA_NAMES_OF_HOOKS] = MEMBERS(hooks),
	[GARITA_NAMES_OF_CONSOLE_SIZE] = MEMBERS(console_size),
	[GARITA_NAMES_OF_USER] = MEMBERS(user),
	[GARITA_NAMES_OF_CAPABILITIES] = MEMBERS(capabilities),
	[GARITA_NAMES_OF_RLIMIT] = MEMBERS(rlimit),
	[GARITA_NAMES_OF_SCHEDULER] = MEMBERS(scheduler),
	[GARITA_NAMES_OF_IO_PRIORITY] = MEMBERS(io_priority),
	[GARITA_NAMES_OF_CPU_AFFINITY] = MEMBERS(cpu_affinity),
	[GARITA_NAMES_OF_PROCESS] = MEMBERS(process),
	[GARITA_NAMES_OF_NAMESPACE] = MEMBERS(namespace),
	[GARITA_NAMES_OF_TIME_OFFSET] = MEMBERS(time_offset),
	[GARITA_NAMES_OF_DEVICE] = MEMBERS(device),
	[GARITA_NAMES_OF_NET_DEVICE] = MEMBERS(net_device),
	[GARITA_NAMES_OF_DEVICE_RULE] = MEMBERS(device_rule),
	[GARITA_NAMES_OF_MEMORY] = MEMBERS(memory),
	[GARITA_NAMES_OF_CPU] = MEMBERS(cpu),
	[GARITA_NAMES_OF_PIDS] = MEMBERS(pids),
	[GARITA_NAMES_OF_WEIGHT_DEVICE] = MEMBERS(weight_device),
	[GARITA_NAMES_OF_THROTTLE_DEVICE] = MEMBERS(throttle_device),
	[GARITA_NAMES_OF_BLOCK_IO] = MEMBERS(block_io),
	[GARITA_NAMES_OF_HUGEPAGE_LIMIT] = MEMBERS(hugepage_limit),
	[GARITA_NAMES_OF_INTERFACE_PRIORITY] = MEMBERS(interface_priority),
	[GARITA_NAMES_OF_NETWORK] = MEMBERS(network),
	[GARITA_NAMES_OF_RDMA] = MEMBERS(rdma),
	[GARITA_NAMES_OF_RESOURCES] = MEMBERS(resources),
	[GARITA_NAMES_OF_SYSCALL_ARG] = MEMBERS(syscall_arg),
	[GARITA_NAMES_OF_SECCOMP_RULE] = MEMBERS(seccomp_rule),
	[GARITA_NAMES_OF_SECCOMP] = MEMBERS(seccomp),
	[GARITA_NAMES_OF_INTEL_RDT] = MEMBERS(intel_rdt),
	[GARITA_NAMES_OF_MEMORY_POLICY] = MEMBERS(memory_policy),
	[GARITA_NAMES_OF_PERSONALITY] = MEMBERS(personality),
	[GARITA_NAMES_OF_LINUX_PART] = MEMBERS(linux_part),
	[GARITA_NAMES_OF_CONFIG] = MEMBERS(config),
};
