/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* heap - see the header. */
#include "hook/heap.h"

#include <malloc.h>

enum { TOP_PAD = 512 * 1024 };

void garita_heap_settle(void)
{
	int settled = mallopt(M_TOP_PAD, TOP_PAD);

	(void)settled; /* without it the program is only slower */
}
