/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owner - see the header.
 */
#include "hook/owner.h"

#include <linux/nsfs.h>
#include <sys/ioctl.h>

#include "garita/text.h"
#include "hook/straight.h"

/* The owner that the kernel shows for somebody whom our user namespace does
 * not know. It is nobody, also when our own id looks like it. */
enum { OVERFLOW_UID = 65534 };

/* The inode of the first one (include/uapi/linux/nsfs.h). */
static const unsigned first_user_namespace = 0xEFFFFFFD;

/* The kernel makes an inode of /proc anew for each process that looks, so it
 * is asked once: the answer cannot change in a program that joins none. */
bool garita_owner_in_first_namespace(void)
{
	static enum { UNKNOWN, FIRST, ANOTHER } answer;
	struct stat st;

	if (answer == UNKNOWN)
		answer = stat("/proc/self/ns/user", &st) < 0 ||
					 st.st_ino == first_user_namespace
				 ? FIRST
				 : ANOTHER;
	return answer == FIRST;
}

/* A namespace that somebody else made for us (a container's, made by its
 * engine) is a machine of its own: there the nameless owner is not root. */
static bool in_own_namespace(void)
{
	static const char namespace[] = "/proc/self/ns/user";
	auto_fd int fd = -1;
	uid_t maker = OVERFLOW_UID;

	/* One call for root, who starts most containers. */
	if (garita_owner_in_first_namespace())
		return false;
	fd = open(namespace, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && ioctl(fd, NS_GET_OWNER_UID, &maker) == 0 &&
	       maker == geteuid() && maker != OVERFLOW_UID;
}

bool garita_owner_known(uid_t uid)
{
	return uid == 0 || (uid == geteuid() && uid != OVERFLOW_UID);
}

bool garita_owner_trusted(uid_t uid)
{
	return garita_owner_known(uid) ||
	       (uid == OVERFLOW_UID && in_own_namespace());
}

bool garita_owner_is_user(void)
{
	return geteuid() != 0 || in_own_namespace();
}

/* The environment is the user's own here, and root's is never asked. */
static const char *home(void)
{
	static const char name[] = "HOME=";

	for (char **at = environ; at != NULL && *at != NULL; at++)
		if (garita_starts_with(*at, name))
			return *at + sizeof(name) - 1;
	return NULL;
}

char *garita_owner_home(const char *below)
{
	auto_text path = { 0 };

	if (!garita_owner_is_user() || home() == NULL ||
	    !garita_straight_is_plain(home()))
		return NULL;
	garita_text_printf(&path, "%s/%s", home(), below);
	return garita_text_take(&path);
}

/* Whether they are there in the end, the one who opens finds out. */
void garita_owner_make(const char *below)
{
	auto_free char *part = garita_xstrdup(below);
	char *end = part;

	while (end != NULL) {
		auto_free char *path = NULL;

		end = strchr(end + 1, '/');
		if (end != NULL)
			*end = '\0';
		path = garita_owner_home(part);
		if (path != NULL)
			mkdir(path, 0700);
		if (end != NULL)
			*end = '/';
	}
}
