/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * temporary - a directory that a test has to itself.
 *
 * It is below $TMPDIR, is removed by temporary_remove() with all that is in it,
 * and at the latest when the program ends: a test that fails leaves nothing.
 */
#ifndef GARITA_TEMPORARY_H
#define GARITA_TEMPORARY_H

enum { TEMPORARY_SIZE = 96 }; /* of a path, with its NUL */

/* Makes $TMPDIR/garita-NAME.XXXXXX, mode 0700. */
void temporary_make(const char *name, char ret[static TEMPORARY_SIZE]);

/* With all that is in it; 0 or -1 with errno. Any directory will do. */
int temporary_remove(const char *path);

#endif
