/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * banned - library functions that no file of garita may use, as compile
 * errors. The build includes this before every file (-include).
 *
 * The headers come first: a poisoned word may not appear after its pragma,
 * not even in a declaration of the C library. Where the library has made a
 * macro of one, the macro goes first.
 */
#ifndef GARITA_BANNED_H
#define GARITA_BANNED_H

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Write past the end, or leave a string without its end. */
#pragma GCC poison strcpy stpcpy strcat strncpy stpncpy strncat
#undef sprintf
#undef vsprintf
#pragma GCC poison sprintf vsprintf gets
/* Keep hidden state, or answer with a pointer into it. */
#pragma GCC poison strtok asctime gmtime localtime
/* Cannot report an error, or take more spellings than they should. */
#pragma GCC poison atoi atol atoll atof strtol strtoul strtoll strtoull
/* Take memory from the stack without a bound. */
#undef alloca
#undef strdupa
#undef strndupa
#pragma GCC poison alloca strdupa strndupa
/* Race between the name and the file. */
#pragma GCC poison tmpnam tempnam mktemp

#ifndef GARITA_TEST
/* A shell, or a search along a PATH somebody else wrote. */
#pragma GCC poison system popen execlp execvp execvpe
/* The environment is the caller's; hook/runtime.c is handed it by main(). */
#pragma GCC poison getenv secure_getenv setenv putenv unsetenv
#endif

#endif
