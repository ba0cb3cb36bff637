/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keep_counts - of the build for coverage alone, by --wrap: what was counted
 * is kept also when a process ends by _exit(), or becomes another program.
 */
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

_Noreturn void __wrap__exit(int code)
{
	__gcov_dump();
	__real__exit(code);
}

long __wrap_syscall(long number, ...)
{
	va_list list;
	long arg[6];

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_execveat) {
		__gcov_dump();
		__gcov_reset(); /* should it come back */
	}
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4],
			      arg[5]);
}
