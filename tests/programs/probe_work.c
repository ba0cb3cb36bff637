/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe_work - what programs do all day: threads, sockets, files, signals,
 * children. And the ways around a filter: flags of clone, other tables of
 * system calls.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/probe.h"

static int fail(int code)
{
	errno = code;
	return -1;
}

/* ---- threads ---- */
struct counter {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int value;
};

static void *count_up(void *at)
{
	struct counter *counter = at;

	pthread_mutex_lock(&counter->lock);
	counter->value++;
	pthread_cond_broadcast(&counter->moved);
	pthread_mutex_unlock(&counter->lock);
	return NULL;
}

static int threads(void)
{
	struct counter counter = { PTHREAD_MUTEX_INITIALIZER,
				   PTHREAD_COND_INITIALIZER, 0 };
	pthread_t thread[8];

	for (size_t i = 0; i < 8; i++) {
		int failure =
			pthread_create(&thread[i], NULL, count_up, &counter);

		if (failure)
			return fail(failure);
	}
	pthread_mutex_lock(&counter.lock);
	while (counter.value < 8)
		pthread_cond_wait(&counter.moved, &counter.lock);
	pthread_mutex_unlock(&counter.lock);
	for (size_t i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

/* ---- children ---- */
static int reap(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : fail(ECHILD);
}

static int fork_exec(void)
{
	static char *const argv[] = { "true", NULL };
	pid_t child = fork();

	if (child == 0) {
		execve("/bin/true", argv, NULL);
		_exit(127);
	}
	return reap(child);
}

static int spawn(void)
{
	static char *const argv[] = { "true", NULL };
	pid_t child;
	int failure = posix_spawn(&child, "/bin/true", NULL, NULL, argv, NULL);

	return failure ? fail(failure) : reap(child);
}

static int clone_with(unsigned long flags)
{
	long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	return reap((pid_t)child);
}

static int clone_plain(void)
{
	return clone_with(0);
}

static int clone_newns(void)
{
	return clone_with(CLONE_NEWNS);
}

static int clone_newcgroup(void)
{
	return clone_with(CLONE_NEWCGROUP);
}

static int clone_newuts(void)
{
	return clone_with(CLONE_NEWUTS);
}

static int clone_newipc(void)
{
	return clone_with(CLONE_NEWIPC);
}

static int clone_newuser(void)
{
	return clone_with(CLONE_NEWUSER);
}

static int clone_newpid(void)
{
	return clone_with(CLONE_NEWPID);
}

static int clone_newnet(void)
{
	return clone_with(CLONE_NEWNET);
}

static int traced_child(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(1);
		raise(SIGSTOP);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	if (!WIFSTOPPED(status))
		return fail(ESRCH);
	if (ptrace(PTRACE_CONT, child, NULL, NULL) < 0)
		return -1;
	return reap(child);
}

/* ---- sockets ---- */
static int loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -1 : close(fd);
}

/* Sends one byte from a new client to a server at `address`. */
static int talk(int type, struct sockaddr *address, socklen_t len)
{
	int server = socket(address->sa_family, type, 0);
	int client = socket(address->sa_family, type, 0);
	char byte = 'x', got = 0;

	if (server < 0 || client < 0 || bind(server, address, len) < 0 ||
	    getsockname(server, address, &len) < 0)
		return -1;
	if (type != SOCK_DGRAM && listen(server, 1) < 0)
		return -1;
	if (connect(client, address, len) < 0)
		return -1;
	if (type != SOCK_DGRAM)
		server = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0 || send(client, &byte, 1, 0) != 1 ||
	    recv(server, &got, 1, 0) != 1)
		return -1;
	return got == byte ? 0 : fail(EIO);
}

static int talk_inet(int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (loopback_up() < 0)
		return -1;
	return talk(type, (struct sockaddr *)&address, sizeof(address));
}

static int tcp(void)
{
	return talk_inet(SOCK_STREAM);
}

static int udp(void)
{
	return talk_inet(SOCK_DGRAM);
}

static int tcp6(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT };

	if (loopback_up() < 0)
		return -1;
	return talk(SOCK_STREAM, (struct sockaddr *)&address, sizeof(address));
}

static int unix_stream(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "/tmp/probe.sock" };

	unlink(address.sun_path);
	return talk(SOCK_STREAM, (struct sockaddr *)&address, sizeof(address));
}

static int unix_pair(void)
{
	int fd[2];

	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd);
}

/* ---- files: what unpacking a package takes ---- */
static int file_work(void)
{
	int dir = mkdir("/tmp/work", 0755) < 0 && errno != EEXIST
			  ? -1
			  : open("/tmp/work", O_RDONLY | O_DIRECTORY);
	int fd = dir < 0 ? -1 : openat(dir, "new", O_RDWR | O_CREAT, 0600);
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	struct stat st;

	if (fd < 0 || write(fd, "text\n", 5) != 5 || fsync(fd) < 0 ||
	    fchown(fd, 12, 34) < 0 || fchmod(fd, 04755) < 0 ||
	    futimens(fd, times) < 0 || flock(fd, LOCK_EX) < 0)
		return -1;
	if (renameat(dir, "new", dir, "file") < 0 ||
	    linkat(dir, "file", dir, "hard", 0) < 0 ||
	    symlinkat("file", dir, "soft") < 0 ||
	    mkfifoat(dir, "fifo", 0600) < 0 ||
	    lchown("/tmp/work/soft", 1, 1) < 0)
		return -1;
	if (fstatat(dir, "file", &st, 0) < 0 || st.st_uid != 12 ||
	    st.st_gid != 34 || (st.st_mode & 07777) != 04755 ||
	    st.st_nlink != 2)
		return fail(EIO);
	if (unlinkat(dir, "file", 0) < 0 || unlinkat(dir, "hard", 0) < 0 ||
	    unlinkat(dir, "soft", 0) < 0 || unlinkat(dir, "fifo", 0) < 0)
		return -1;
	return rmdir("/tmp/work");
}

static int copying(void)
{
	int from = (int)syscall(SYS_memfd_create, "from", 0);
	int to = (int)syscall(SYS_memfd_create, "to", 0);
	int ends[2];
	off_t at = 0;

	if (from < 0 || to < 0 || pipe2(ends, O_CLOEXEC) < 0 ||
	    pwrite(from, "0123456789", 10, 0) != 10)
		return -1;
	if (sendfile(to, from, &at, 5) != 5)
		return -1;
	if (splice(from, NULL, ends[1], NULL, 5, 0) != 5)
		return -1;
	return 0;
}

static int own_root(void)
{
	return chroot("/tmp");
}

/* ---- memory, waiting, time ---- */
static int mappings(void)
{
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -1;
	at[0] = 1;
	if (mlock(at, 4096) < 0 || madvise(at + 4096, 4096, MADV_DONTNEED) < 0)
		return -1;
	/* a compiler at run time: first written, then executed */
	if (mprotect(at, 4096, PROT_READ | PROT_EXEC) < 0)
		return -1;
	return munmap(at, 8192);
}

static volatile sig_atomic_t caught;

static void catch (int signal)
{
	caught = signal;
}

static int signals(void)
{
	struct sigaction action = { .sa_handler = catch };

	if (sigaction(SIGUSR1, &action, NULL) < 0 || raise(SIGUSR1) != 0)
		return -1;
	return caught == SIGUSR1 ? 0 : fail(EIO);
}

static int waiting(void)
{
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(EPOLL_CLOEXEC);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int flag = eventfd(0, EFD_CLOEXEC);
	int watch = inotify_init1(IN_CLOEXEC);

	if (set < 0 || timer < 0 || flag < 0 || watch < 0 ||
	    inotify_add_watch(watch, "/tmp", IN_CREATE) < 0)
		return -1;
	if (epoll_ctl(set, EPOLL_CTL_ADD, timer, &event) < 0 ||
	    timerfd_settime(timer, 0, &soon, NULL) < 0)
		return -1;
	return epoll_wait(set, &event, 1, 5000) == 1 ? 0 : fail(ETIMEDOUT);
}

static int system_v(void)
{
	int memory = shmget(IPC_PRIVATE, 4096, 0600);
	int semaphore = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf up = { .sem_op = 1 };
	void *at = memory < 0 ? NULL : shmat(memory, NULL, 0);

	if (memory < 0 || semaphore < 0 || at == (void *)-1 ||
	    semop(semaphore, &up, 1) < 0 || shmdt(at) < 0)
		return -1;
	if (shmctl(memory, IPC_RMID, NULL) < 0)
		return -1;
	return semctl(semaphore, 0, IPC_RMID);
}

static int old_aio(void)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 1, &context) < 0)
		return -1;
	return (int)syscall(SYS_io_destroy, context);
}

static int own_memory(void)
{
	char from = 'x', to = 0;
	struct iovec local = { &to, 1 }, remote = { &from, 1 };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1 ? 0
									 : -1;
}

/* ---- giving rights up ---- */
static int own_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 1, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int drop_root(void)
{
	char bytes[8];

	if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
		return -1;
	return getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes) ? 0 : -1;
}

/* ---- other tables of system calls ---- */
#ifdef __x86_64__
static int int80(unsigned number, unsigned first, unsigned second)
{
	int answer;

	__asm__ volatile("int $0x80"
			 : "=a"(answer)
			 : "a"(number), "b"(first), "c"(second)
			 : "memory", "r8", "r9", "r10", "r11");
	return answer < 0 ? fail(-answer) : 0;
}

static int int80_getpid(void)
{
	return int80(20, 0, 0);
}

/* socketcall(SYS_SOCKET, {AF_ALG, SOCK_SEQPACKET, 0}): the arguments must lie
 * where a 32-bit pointer reaches. */
static int int80_socketcall_alg(void)
{
	uint32_t *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (args == MAP_FAILED)
		return -1;
	args[0] = AF_ALG;
	args[1] = SOCK_SEQPACKET;
	return int80(102, 1, (unsigned)(uintptr_t)args);
}
#endif

const struct probe probes[] = {
	{ "threads", threads },
	{ "fork_exec", fork_exec },
	{ "spawn", spawn },
	{ "clone_plain", clone_plain },
	{ "clone_newns", clone_newns },
	{ "clone_newcgroup", clone_newcgroup },
	{ "clone_newuts", clone_newuts },
	{ "clone_newipc", clone_newipc },
	{ "clone_newuser", clone_newuser },
	{ "clone_newpid", clone_newpid },
	{ "clone_newnet", clone_newnet },
	{ "traced_child", traced_child },
	{ "tcp", tcp },
	{ "tcp6", tcp6 },
	{ "udp", udp },
	{ "unix_stream", unix_stream },
	{ "unix_pair", unix_pair },
	{ "file_work", file_work },
	{ "copying", copying },
	{ "own_root", own_root },
	{ "mappings", mappings },
	{ "signals", signals },
	{ "waiting", waiting },
	{ "system_v", system_v },
	{ "old_aio", old_aio },
	{ "own_memory", own_memory },
	{ "own_filter", own_filter },
	{ "drop_root", drop_root },
#ifdef __x86_64__
	{ "int80_getpid", int80_getpid },
	{ "int80_socketcall_alg", int80_socketcall_alg },
#endif
};

const size_t probe_count = sizeof(probes) / sizeof(probes[0]);
