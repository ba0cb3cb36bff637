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

static const struct garita_names_member id_map_members[] = {
	PLAIN("containerID", U32),
	PLAIN("hostID", U32),
	PLAIN("size", U32),
};
static const struct garita_names_object id_map = MEMBERS(id_map_members);

static const struct garita_names_member mount_members[] = {
	PLAIN("destination", STRING),
	PLAIN("type", STRING),
	PLAIN("source", STRING),
	PLAIN("options", STRINGS),
	CHILD("uidMappings", OBJECTS, id_map),
	CHILD("gidMappings", OBJECTS, id_map),
};
static const struct garita_names_object mount = MEMBERS(mount_members);

static const struct garita_names_member root_members[] = {
	PLAIN("path", STRING),
	PLAIN("readonly", BOOL),
};
static const struct garita_names_object root = MEMBERS(root_members);

static const struct garita_names_member hook_members[] = {
	PLAIN("path", STRING),
	PLAIN("args", STRINGS),
	PLAIN("env", STRINGS),
	PLAIN("timeout", I32),
};
static const struct garita_names_object hook = MEMBERS(hook_members);

static const struct garita_names_member hooks_members[] = {
	CHILD("prestart", OBJECTS, hook),
	CHILD("createRuntime", OBJECTS, hook),
	CHILD("createContainer", OBJECTS, hook),
	CHILD("startContainer", OBJECTS, hook),
	CHILD("poststart", OBJECTS, hook),
	CHILD("poststop", OBJECTS, hook),
};
static const struct garita_names_object hooks = MEMBERS(hooks_members);

/* process */

static const struct garita_names_member console_size_members[] = {
	PLAIN("height", U32),
	PLAIN("width", U32),
};
static const struct garita_names_object console_size =
	MEMBERS(console_size_members);

static const struct garita_names_member user_members[] = {
	PLAIN("uid", ID),          PLAIN("gid", ID),
	PLAIN("umask", U32),       PLAIN("additionalGids", IDS),
	PLAIN("username", STRING),
};
static const struct garita_names_object user = MEMBERS(user_members);

static const struct garita_names_member capabilities_members[] = {
	PLAIN("bounding", STRINGS),    PLAIN("effective", STRINGS),
	PLAIN("inheritable", STRINGS), PLAIN("permitted", STRINGS),
	PLAIN("ambient", STRINGS),
};
static const struct garita_names_object capabilities =
	MEMBERS(capabilities_members);

static const struct garita_names_member rlimit_members[] = {
	PLAIN("type", STRING),
	PLAIN("hard", U64),
	PLAIN("soft", U64),
};
static const struct garita_names_object rlimit = MEMBERS(rlimit_members);

static const struct garita_names_member scheduler_members[] = {
	PLAIN("policy", STRING), PLAIN("nice", I32),    PLAIN("priority", I32),
	PLAIN("flags", STRINGS), PLAIN("runtime", U64), PLAIN("deadline", U64),
	PLAIN("period", U64),
};
static const struct garita_names_object scheduler = MEMBERS(scheduler_members);

static const struct garita_names_member io_priority_members[] = {
	PLAIN("class", STRING),
	PLAIN("priority", I32),
};
static const struct garita_names_object io_priority =
	MEMBERS(io_priority_members);

static const struct garita_names_member cpu_affinity_members[] = {
	PLAIN("initial", STRING),
	PLAIN("final", STRING),
};
static const struct garita_names_object cpu_affinity =
	MEMBERS(cpu_affinity_members);

static const struct garita_names_member process_members[] = {
	PLAIN("terminal", BOOL),
	CHILD("consoleSize", OBJECT, console_size),
	CHILD("user", OBJECT, user),
	PLAIN("args", STRINGS),
	PLAIN("commandLine", STRING),
	PLAIN("env", STRINGS),
	PLAIN("cwd", STRING),
	CHILD("capabilities", OBJECT, capabilities),
	CHILD("rlimits", OBJECTS, rlimit),
	PLAIN("noNewPrivileges", BOOL),
	PLAIN("apparmorProfile", STRING),
	PLAIN("oomScoreAdj", I32),
	CHILD("scheduler", OBJECT, scheduler),
	PLAIN("selinuxLabel", STRING),
	CHILD("ioPriority", OBJECT, io_priority),
	CHILD("execCPUAffinity", OBJECT, cpu_affinity),
};
const struct garita_names_object garita_names_process =
	MEMBERS(process_members);

/* linux */

static const struct garita_names_member namespace_members[] = {
	PLAIN("type", STRING),
	PLAIN("path", STRING),
};
static const struct garita_names_object namespace = MEMBERS(namespace_members);

static const struct garita_names_member time_offset_members[] = {
	PLAIN("secs", I64),
	PLAIN("nanosecs", U32),
};
static const struct garita_names_object time_offset =
	MEMBERS(time_offset_members);

static const struct garita_names_member device_members[] = {
	PLAIN("path", STRING), PLAIN("type", STRING),  PLAIN("major", I64),
	PLAIN("minor", I64),   PLAIN("fileMode", U32), PLAIN("uid", ID),
	PLAIN("gid", ID),
};
static const struct garita_names_object device = MEMBERS(device_members);

static const struct garita_names_member net_device_members[] = {
	PLAIN("name", STRING),
};
static const struct garita_names_object net_device =
	MEMBERS(net_device_members);

static const struct garita_names_member device_rule_members[] = {
	PLAIN("allow", BOOL), PLAIN("type", STRING),   PLAIN("major", I64),
	PLAIN("minor", I64),  PLAIN("access", STRING),
};
static const struct garita_names_object device_rule =
	MEMBERS(device_rule_members);

static const struct garita_names_member memory_members[] = {
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
static const struct garita_names_object memory = MEMBERS(memory_members);

static const struct garita_names_member cpu_members[] = {
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
static const struct garita_names_object cpu = MEMBERS(cpu_members);

static const struct garita_names_member pids_members[] = {
	PLAIN("limit", I64),
};
static const struct garita_names_object pids = MEMBERS(pids_members);

static const struct garita_names_member weight_device_members[] = {
	PLAIN("major", I64),
	PLAIN("minor", I64),
	PLAIN("weight", U16),
	PLAIN("leafWeight", U16),
};
static const struct garita_names_object weight_device =
	MEMBERS(weight_device_members);

static const struct garita_names_member throttle_device_members[] = {
	PLAIN("major", I64),
	PLAIN("minor", I64),
	PLAIN("rate", U64),
};
static const struct garita_names_object throttle_device =
	MEMBERS(throttle_device_members);

static const struct garita_names_member block_io_members[] = {
	PLAIN("weight", U16),
	PLAIN("leafWeight", U16),
	CHILD("weightDevice", OBJECTS, weight_device),
	CHILD("throttleReadBpsDevice", OBJECTS, throttle_device),
	CHILD("throttleWriteBpsDevice", OBJECTS, throttle_device),
	CHILD("throttleReadIOPSDevice", OBJECTS, throttle_device),
	CHILD("throttleWriteIOPSDevice", OBJECTS, throttle_device),
};
static const struct garita_names_object block_io = MEMBERS(block_io_members);

static const struct garita_names_member hugepage_limit_members[] = {
	PLAIN("pageSize", STRING),
	PLAIN("limit", U64),
};
static const struct garita_names_object hugepage_limit =
	MEMBERS(hugepage_limit_members);

static const struct garita_names_member interface_priority_members[] = {
	PLAIN("name", STRING),
	PLAIN("priority", U32),
};
static const struct garita_names_object interface_priority =
	MEMBERS(interface_priority_members);

static const struct garita_names_member network_members[] = {
	PLAIN("classID", U32),
	CHILD("priorities", OBJECTS, interface_priority),
};
static const struct garita_names_object network = MEMBERS(network_members);

static const struct garita_names_member rdma_members[] = {
	PLAIN("hcaHandles", U32),
	PLAIN("hcaObjects", U32),
};
static const struct garita_names_object rdma = MEMBERS(rdma_members);

static const struct garita_names_member resources_members[] = {
	CHILD("devices", OBJECTS, device_rule),
	CHILD("memory", OBJECT, memory),
	CHILD("cpu", OBJECT, cpu),
	CHILD("pids", OBJECT, pids),
	CHILD("blockIO", OBJECT, block_io),
	CHILD("hugepageLimits", OBJECTS, hugepage_limit),
	CHILD("network", OBJECT, network),
	CHILD("rdma", MAP_OBJECT, rdma),
	PLAIN("unified", MAP_STRING),
};
static const struct garita_names_object resources = MEMBERS(resources_members);

static const struct garita_names_member syscall_arg_members[] = {
	PLAIN("index", U32),
	PLAIN("value", U64),
	PLAIN("valueTwo", U64),
	PLAIN("op", STRING),
};
static const struct garita_names_object syscall_arg =
	MEMBERS(syscall_arg_members);

static const struct garita_names_member seccomp_rule_members[] = {
	PLAIN("names", STRINGS),
	PLAIN("action", STRING),
	PLAIN("errnoRet", U32),
	CHILD("args", OBJECTS, syscall_arg),
};
static const struct garita_names_object seccomp_rule =
	MEMBERS(seccomp_rule_members);

static const struct garita_names_member seccomp_members[] = {
	PLAIN("defaultAction", STRING),
	PLAIN("defaultErrnoRet", U32),
	PLAIN("architectures", STRINGS),
	PLAIN("flags", STRINGS),
	PLAIN("listenerPath", STRING),
	PLAIN("listenerMetadata", STRING),
	CHILD("syscalls", OBJECTS, seccomp_rule),
};
static const struct garita_names_object seccomp = MEMBERS(seccomp_members);

static const struct garita_names_member intel_rdt_members[] = {
	PLAIN("closID", STRING),         PLAIN("schemata", STRINGS),
	PLAIN("l3CacheSchema", STRING),  PLAIN("memBwSchema", STRING),
	PLAIN("enableMonitoring", BOOL), PLAIN("enableCMT", BOOL),
	PLAIN("enableMBM", BOOL),
};
static const struct garita_names_object intel_rdt = MEMBERS(intel_rdt_members);

static const struct garita_names_member memory_policy_members[] = {
	PLAIN("mode", STRING),
	PLAIN("nodes", STRING),
	PLAIN("flags", STRINGS),
};
static const struct garita_names_object memory_policy =
	MEMBERS(memory_policy_members);

static const struct garita_names_member personality_members[] = {
	PLAIN("domain", STRING),
	PLAIN("flags", STRINGS),
};
static const struct garita_names_object personality =
	MEMBERS(personality_members);

static const struct garita_names_member linux_part_members[] = {
	CHILD("namespaces", OBJECTS, namespace),
	CHILD("uidMappings", OBJECTS, id_map),
	CHILD("gidMappings", OBJECTS, id_map),
	CHILD("timeOffsets", MAP_OBJECT, time_offset),
	CHILD("devices", OBJECTS, device),
	CHILD("netDevices", MAP_OBJECT, net_device),
	PLAIN("cgroupsPath", STRING),
	CHILD("resources", OBJECT, resources),
	PLAIN("sysctl", MAP_STRING),
	CHILD("seccomp", OBJECT, seccomp),
	PLAIN("rootfsPropagation", STRING),
	PLAIN("maskedPaths", STRINGS),
	PLAIN("readonlyPaths", STRINGS),
	PLAIN("mountLabel", STRING),
	CHILD("intelRdt", OBJECT, intel_rdt),
	CHILD("memoryPolicy", OBJECT, memory_policy),
	CHILD("personality", OBJECT, personality),
};
static const struct garita_names_object linux_part =
	MEMBERS(linux_part_members);

/* the config itself */

static const struct garita_names_member config_members[] = {
	PLAIN("ociVersion", STRING),
	CHILD("process", OBJECT, garita_names_process),
	CHILD("root", OBJECT, root),
	PLAIN("hostname", STRING),
	PLAIN("domainname", STRING),
	CHILD("mounts", OBJECTS, mount),
	CHILD("hooks", OBJECT, hooks),
	PLAIN("annotations", MAP_STRING),
	CHILD("linux", OBJECT, linux_part),
	CHILD("solaris", OBJECT, garita_names_solaris),
	CHILD("windows", OBJECT, garita_names_windows),
	CHILD("vm", OBJECT, garita_names_vm),
	CHILD("zos", OBJECT, garita_names_zos),
	CHILD("freebsd", OBJECT, garita_names_freebsd),
};
const struct garita_names_object garita_names_config = MEMBERS(config_members);
