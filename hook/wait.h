/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wait - for somebody who may be slow, stuck or gone.
 */
#ifndef GARITA_HOOK_WAIT_H
#define GARITA_HOOK_WAIT_H

#include <stdint.h>

/* Until poll(2) has one of `events` to say of `fd`: 0, and -ETIMEDOUT at
 * `until_us` (clock.h), also when the clock stands still; or another -errno. */
int garita_wait(int fd, short events, uint64_t until_us);

#endif
