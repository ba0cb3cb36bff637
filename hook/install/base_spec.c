/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base_spec - the spec from which containerd makes the configs of pods, with
 * our createRuntime hook in it: the gate where runc itself may not be replaced.
 *
 * A base spec takes the place of containerd's own, so it must be that one
 * (`ctr oci spec` of 1.6 to 2.1) and nothing else: without its rlimits and its
 * cgroup, which CRI sets. --judge-only: no garita-runtime printed the config,
 * so what the policy would repair is refused.
 */
#include "hook/install/install.h"

#define CAPABILITIES                                                           \
	"\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_FSETID\",\"CAP_FOWNER\","    \
	"\"CAP_MKNOD\",\"CAP_NET_RAW\",\"CAP_SETGID\",\"CAP_SETUID\","         \
	"\"CAP_SETFCAP\",\"CAP_SETPCAP\",\"CAP_NET_BIND_SERVICE\","            \
	"\"CAP_SYS_CHROOT\",\"CAP_KILL\",\"CAP_AUDIT_WRITE\""

static const char before_hook[] =
	"{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},"
	"\"cwd\":\"/\",\"capabilities\":{\"bounding\":[" CAPABILITIES
	"],\"effective\":[" CAPABILITIES "],\"permitted\":[" CAPABILITIES "]},"
	"\"noNewPrivileges\":true},\"root\":{\"path\":\"rootfs\"},\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\","
	"\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":"
	"\"devpts\",\"options\":[\"nosuid\",\"noexec\",\"newinstance\","
	"\"ptmxmode=0666\",\"mode=0620\",\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\","
	"\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":"
	"\"mqueue\",\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\","
	"\"size=65536k\"]}],\"hooks\":{\"createRuntime\":[{\"path\":\"";

static const char behind_hook[] =
	"\",\"args\":[\"garita-hook\",\"createRuntime\",\"--judge-only\"],"
	"\"env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"],\"timeout\":10}]},"
	"\"linux\":{\"resources\":{\"devices\":[{\"allow\":false,\"access\":"
	"\"rwm\"}]},\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\"},"
	"{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"network\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\","
	"\"/proc/keys\",\"/proc/latency_stats\",\"/proc/timer_list\","
	"\"/proc/timer_stats\",\"/proc/sched_debug\",\"/sys/firmware\","
	"\"/proc/scsi\"],\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\","
	"\"/proc/irq\",\"/proc/sys\",\"/proc/sysrq-trigger\"]}}\n";

void garita_install_put_base_spec(const char *hook, struct garita_text *out)
{
	garita_text_printf(out, "%s%s%s", before_hook, hook, behind_hook);
}
