/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * look - what a container is, as the kernel has it: what its runtime has read.
 *
 *	look WORD...
 *
 * One line: the words as they are, then fields "name=value" (of text, all but
 * letters and digits as %XX), and among them single words about /mnt, where
 * the test has a directory of the host: "ro" or "rw", "etc" where that is
 * /etc, "masked" where nothing is in it, "hooked" where a hook has been.
 * A field that cannot be asked is not there.
 *
 * Linked statically, so that it runs in an empty root file system.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { CAPABILITIES = 64, MOST_GROUPS = 64, LIMITS = 16 };

static void put(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isalnum(c) || strchr("/._-:", c) != NULL)
			putchar(c);
		else
			printf("%%%02X", c);
	}
}

static void put_field(const char *name, const char *text)
{
	printf(" %s=", name);
	put(text, strlen(text));
}

/* What is in a file, without the last newline. */
static void put_file(const char *name, const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (fd >= 0)
		close(fd);
	if (len < 0)
		return;
	printf(" %s=", name);
	put(text,
	    len > 0 && text[len - 1] == '\n' ? (size_t)len - 1 : (size_t)len);
}

static void put_user(void)
{
	gid_t groups[MOST_GROUPS];
	int count = getgroups(MOST_GROUPS, groups);
	mode_t mask = umask(0);

	umask(mask);
	printf(" uid=%u gid=%u umask=%o groups=", getuid(), getgid(), mask);
	for (int i = 0; i < count; i++)
		printf("%s%u", i > 0 ? "," : "", groups[i]);
	put_file("mapped", "/proc/self/uid_map");
}

/* The five sets, as the kernel prints them. */
static void put_capabilities(void)
{
	struct {
		unsigned version;
		int pid;
	} head = { 0x20080522, 0 };
	struct {
		unsigned effective, permitted, inheritable;
	} data[2] = { 0 };
	unsigned long long bounding = 0, ambient = 0;

	syscall(SYS_capget, &head, data);
	for (int i = 0; i < CAPABILITIES; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			bounding |= 1ULL << i;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			ambient |= 1ULL << i;
	}
	printf(" nnp=%d bounding=%016llx ambient=%016llx",
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), bounding, ambient);
	printf(" effective=%08x%08x permitted=%08x%08x inheritable=%08x%08x",
	       data[1].effective, data[0].effective, data[1].permitted,
	       data[0].permitted, data[1].inheritable, data[0].inheritable);
}

static void put_limit(rlim_t value)
{
	if (value == RLIM_INFINITY)
		printf("unlimited");
	else
		printf("%llu", (unsigned long long)value);
}

static void put_limits(void)
{
	struct rlimit limit;

	for (int i = 0; i < LIMITS; i++) {
		if (getrlimit((__rlimit_resource_t)i, &limit) < 0)
			continue;
		printf(" limit%d=", i);
		put_limit(limit.rlim_cur);
		putchar(':');
		put_limit(limit.rlim_max);
	}
	getrlimit(RLIMIT_CORE, &limit);
	printf(" core="); /* in blocks, as a shell has it */
	put_limit(limit.rlim_max == RLIM_INFINITY ? RLIM_INFINITY
						  : limit.rlim_max / 512);
	put_file("oom", "/proc/self/oom_score_adj");
}

/* How a filter answers two calls; 0: it lets them through. */
static void put_calls(void)
{
	printf(" seccomp=%d", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	errno = 0;
	syscall(SYS_keyctl, -1, 0, 0, 0, 0);
	printf(" keyctl=%d", errno == EOPNOTSUPP ? 0 : errno);
	errno = 0;
	syscall(SYS_getpriority, PRIO_PROCESS, 0, 0x100000001UL);
	printf(" getpriority=%d", errno);
}

static void put_namespaces(void)
{
	static const char *const names[] = { "pid", "mnt",  "ipc",    "uts",
					     "net", "user", "cgroup", "time" };
	char path[64], is[64];
	unsigned long inode;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		len = readlink(path, is, sizeof(is) - 1);
		if (len < 0)
			continue;
		is[len] = '\0';
		if (sscanf(is, "%*[a-z_]:[%lu]", &inode) == 1)
			printf(" ns-%s=%lu", names[i], inode);
	}
}

static void put_mount(void)
{
	int fd = open("/mnt/try", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	struct statvfs flags;

	printf(fd < 0 ? " ro" : " rw");
	if (fd >= 0) {
		unlink("/mnt/try");
		close(fd);
	}
	if (access("/mnt/passwd", F_OK) == 0)
		printf(" etc");
	if (access("/mnt/hooked", F_OK) == 0)
		printf(" hooked");
	if (access("/mnt/there", F_OK) < 0)
		printf(" masked");
	if (statvfs("/mnt", &flags) == 0)
		printf(" mount=%lx", flags.f_flag);
	if (statvfs("/", &flags) == 0)
		printf(" root=%lx", flags.f_flag);
}

static void put_places(void)
{
	char text[PATH_MAX];
	struct stat st;

	if (getcwd(text, sizeof(text)) != NULL)
		put_field("cwd", text);
	if (gethostname(text, sizeof(text)) == 0)
		put_field("host", text);
	if (getdomainname(text, sizeof(text)) == 0)
		put_field("domain", text);
	if (stat("/dev/x", &st) == 0)
		printf(" device=%o:%u:%u:%u:%u", st.st_mode, major(st.st_rdev),
		       minor(st.st_rdev), st.st_uid, st.st_gid);
	put_file("sysctl", "/proc/sys/net/ipv4/ip_unprivileged_port_start");
}

/* Where the cgroups of the host are mounted: how many processes it may have. */
static void put_cgroup(void)
{
	char line[4096], path[8192], *at;
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		at = strchr(line, ':');
		if (at == NULL || strncmp(at, ":pids:", 6) != 0)
			continue;
		snprintf(path, sizeof(path), "/cgroup/pids%s/pids.max", at + 6);
		put_file("pids", path);
	}
	if (file != NULL)
		fclose(file);
}

int main(int argc, char **argv, char **environment)
{
	for (int i = 1; i < argc; i++)
		printf("%s%s", i > 1 ? " " : "", argv[i]);
	put_user();
	put_capabilities();
	put_calls();
	put_limits();
	put_mount();
	put_places();
	put_namespaces();
	put_cgroup();
	for (int i = 0; environment[i] != NULL; i++)
		put_field(i == 0 ? "env" : "env+", environment[i]);
	putchar('\n');
	return 0;
}
