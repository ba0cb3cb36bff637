/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount - see the header. The numbers are the kernel's (its
 * include/uapi/linux/mount.h and stat.h); the headers of libc that we build
 * with may be older.
 */
#include "hook/store/statmount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl has no statx() of its own */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "garita/memory.h"

enum {
	CALL = 457, /* on every architecture */
	/* statx(2): the id that is never used again, since Linux 6.8. */
	UNIQUE_ID = 0x4000,
	IS_ROOT = 0x2000,
	/* What is asked, and what the answer says it has. */
	HAS_ROOT = 0x8,
	HAS_TYPE = 0x20,
	HAS_OPTIONS = 0x80,
	HAS_ALL = HAS_ROOT | HAS_TYPE | HAS_OPTIONS,
	/* The texts; longer options are for mountinfo. */
	ROOM = 16 * 1024,
};

struct question {
	uint32_t size, spare;
	uint64_t mount;
	uint64_t asked;
};

struct answer {
	uint32_t size;    /* of all of it */
	uint32_t options; /* where they begin in texts; so the others */
	uint64_t has;
	uint32_t device[2];
	uint64_t magic;
	uint32_t flags;
	uint32_t type;
	uint64_t unused[8];
	uint32_t root;
	uint32_t point;
	uint64_t later[50];
	char texts[ROOM];
};
_Static_assert(offsetof(struct answer, root) == 104, "as the kernel has it");
_Static_assert(offsetof(struct answer, texts) == 512, "as the kernel has it");

static int ask_statx(int fd, unsigned wanted, struct statx *ret)
{
	return (int)syscall(SYS_statx, fd, "", AT_EMPTY_PATH, wanted, ret);
}

bool garita_is_of_mount(int fd, uint64_t mount_id)
{
	struct statx st;

	return ask_statx(fd, STATX_MNT_ID, &st) == 0 &&
	       (st.stx_mask & STATX_MNT_ID) != 0 && st.stx_mnt_id == mount_id;
}

static bool unique_id(int fd, uint64_t *ret, bool *is_root)
{
	struct statx st;

	if (ask_statx(fd, UNIQUE_ID, &st) < 0 || !(st.stx_mask & UNIQUE_ID) ||
	    !(st.stx_attributes_mask & IS_ROOT))
		return false;
	*ret = st.stx_mnt_id;
	*is_root = (st.stx_attributes & IS_ROOT) != 0;
	return true;
}

/* The text that begins there and ends in what was written. */
static char *text_at(struct answer *answer, uint32_t at)
{
	size_t len = answer->size - offsetof(struct answer, texts);

	return at < len && memchr(answer->texts + at, '\0', len - at) != NULL
		       ? answer->texts + at
		       : NULL;
}

int garita_statmount_read(void *written, size_t room,
			  struct garita_mount_line *ret)
{
	struct answer *answer = written;
	struct garita_mount_line line;

	if (room <= offsetof(struct answer, texts) ||
	    (answer->has & HAS_ALL) != HAS_ALL ||
	    answer->size <= offsetof(struct answer, texts) ||
	    answer->size > room)
		return -ENOSYS;
	line.root = text_at(answer, answer->root);
	line.type = text_at(answer, answer->type);
	line.super = text_at(answer, answer->options);
	if (line.root == NULL || line.type == NULL || line.super == NULL)
		return -ENOSYS;
	*ret = line;
	return 0;
}

int garita_statmount(int fd, struct garita_mount_line *ret, char **ret_text)
{
	auto_free struct answer *answer = NULL;
	struct question question = { .size = sizeof(question),
				     .asked = HAS_ALL };
	bool is_root = false;

	if (!unique_id(fd, &question.mount, &is_root))
		return -ENOSYS;
	if (!is_root)
		return -ENOENT;
	answer = garita_xresize(NULL, 1, sizeof(*answer));
	if (syscall(CALL, &question, answer, sizeof(*answer), 0) < 0 ||
	    garita_statmount_read(answer, sizeof(*answer), ret) < 0)
		return -ENOSYS;
	*ret_text = (char *)garita_take_ptr(&answer);
	return 0;
}
