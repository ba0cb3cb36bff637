/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * heap - how a program that lives for a millisecond settles in memory. There
 * are two: hook/heap.c where libc is glibc, and hook/start/ for programs of
 * the start path that are linked with musl (docs/linking.md).
 */
#ifndef GARITA_HOOK_HEAP_H
#define GARITA_HOOK_HEAP_H

#include <stddef.h>

/* First thing in main(). glibc: memory comes from the kernel in one step
 * instead of a dozen. musl: tables of addresses are closed for writing. */
void garita_heap_settle(void);
/* Some such amount will be allocated and freed in large pieces.
 * It comes in huge pages where there are some, and what is freed is used
 * again: page by page the kernel would take longer than all the rest. */
void garita_heap_expect(size_t bytes);

#endif
