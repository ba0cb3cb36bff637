# SPDX-License-Identifier: LGPL-2.1-or-later
# Probes for compiler and linker options, one at a time: an option that this
# compiler does not have, or only warns about, is left out and said so.

# GARITA_CFLAG(VARIABLE, OPTION)
# Appends OPTION to VARIABLE when a program compiles with it and no warning.
AC_DEFUN([GARITA_CFLAG], [
AS_VAR_PUSHDEF([cache], [garita_cv_cflag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [cache], [
	garita_saved=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]],
		[[char line[80]; if (!fgets(line, sizeof(line), stdin)) return 1;]])],
		[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	CFLAGS=$garita_saved
])
AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cache])
])

# GARITA_LDFLAG(VARIABLE, OPTION)
# The same for an option of the linker.
AC_DEFUN([GARITA_LDFLAG], [
AS_VAR_PUSHDEF([cache], [garita_cv_ldflag_$2])
AC_CACHE_CHECK([whether the linker takes $2], [cache], [
	garita_saved=$LDFLAGS
	LDFLAGS="$LDFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
		[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
	LDFLAGS=$garita_saved
])
AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cache])
])

# GARITA_TRY_LINK(CFLAGS, LDFLAGS, LIBS, IF-IT-RUNS, ELSE)
# Does a program link this way, and start? When it cannot be
# run (cross compiling without an EMULATOR) linking has to be enough.
AC_DEFUN([GARITA_TRY_LINK], [GARITA_TRY_PROGRAM([
#include <stdlib.h>
int main(void)
{
	void *memory = malloc(1);
	int works = memory != 0;

	free(memory);
	return !works;
}], [$1], [$2], [$3], [$4], [$5])])

# The same of one that inflates.
AC_DEFUN([GARITA_TRY_INFLATE], [GARITA_TRY_PROGRAM([
#include <zlib.h>
int main(void)
{
	static unsigned char nothing@<:@@:>@ = { 3, 0 }, out@<:@1@:>@;
	z_stream stream = { 0 };

	stream.next_in = nothing;
	stream.avail_in = sizeof(nothing);
	stream.next_out = out;
	stream.avail_out = sizeof(out);
	return inflateInit2(&stream, -15) != Z_OK ||
	       inflate(&stream, Z_FINISH) != Z_STREAM_END;
}], [$1], [$2], [$3], [$4], [$5])])

AC_DEFUN([GARITA_TRY_PROGRAM], [
	garita_saved_cflags=$CFLAGS
	garita_saved_ldflags=$LDFLAGS
	garita_saved_libs=$LIBS
	CFLAGS="$CFLAGS $2"
	LDFLAGS="$LDFLAGS $3"
	LIBS="$4 $LIBS"
	garita_links=no
	garita_source='$1'
	AS_IF([test "$cross_compiling" = yes],
		[AC_LINK_IFELSE([AC_LANG_SOURCE([$garita_source])],
			[AS_IF([test -z "$EMULATOR" ||
				$EMULATOR ./conftest$EXEEXT],
				[garita_links=yes])])],
		[AC_RUN_IFELSE([AC_LANG_SOURCE([$garita_source])],
			[garita_links=yes])])
	CFLAGS=$garita_saved_cflags
	LDFLAGS=$garita_saved_ldflags
	LIBS=$garita_saved_libs
	AS_IF([test "$garita_links" = yes], [$5], [$6])
])

# GARITA_TRY_MUSL(IF-IT-RUNS)
# Sets START_CFLAGS, START_LDFLAGS and START_LIBS (behind the archive) for a static-PIE of musl made
# by this compiler: musl's headers and start files in place of glibc's, the
# kernel's headers behind them.
AC_DEFUN([GARITA_TRY_MUSL], [
	garita_machine=`$CC -dumpmachine`
	garita_cpu=${garita_machine%%-*}
	garita_own=`$CC -print-file-name=include`
	for garita_at in /usr/lib/$garita_cpu-linux-musl:/usr/include/$garita_cpu-linux-musl \
		/usr/$garita_cpu-linux-musl/lib64:/usr/$garita_cpu-linux-musl/include \
		/usr/$garita_cpu-linux-musl/lib:/usr/$garita_cpu-linux-musl/include; do
		garita_lib=${garita_at%:*} garita_include=${garita_at#*:}
		AS_IF([test "$start_libc" = musl || test ! -e "$garita_lib/rcrt1.o"],
			[continue])
		garita_cflags="-fPIE -ffunction-sections -fdata-sections -nostdinc"
		garita_cflags="$garita_cflags -isystem $garita_include -isystem $garita_own"
		garita_cflags="$garita_cflags -idirafter /usr/include/$garita_machine"
		garita_cflags="$garita_cflags -idirafter /usr/include"
		garita_ldflags="-nostdlib -static-pie -Wl,--gc-sections"
		garita_ldflags="$garita_ldflags $HARDEN_LDFLAGS"
		garita_ldflags="$garita_ldflags $garita_lib/rcrt1.o $garita_lib/crti.o"
		garita_libs="-L$garita_lib -Wl,--start-group -lc -lgcc -Wl,--end-group"
		garita_libs="$garita_libs $garita_lib/crtn.o"
		GARITA_TRY_PROGRAM([
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <sys/stat.h>
#if defined(__GLIBC__)
#error "headers of glibc"
#endif
int main(void)
{
	void *memory = malloc(1);
	int works = memory != 0;

	free(memory);
	return !works;
}], [$garita_cflags], [$garita_ldflags], [$garita_libs], [
			start_libc=musl
			START_CFLAGS="\$(START_HARDEN_CFLAGS) $garita_cflags"
			START_LDFLAGS=$garita_ldflags
			START_LIBS=$garita_libs
			garita_start_cflags=$garita_cflags
			garita_start_ldflags=$garita_ldflags
		])
	done
	# musl has no checked forms of memcpy() and the like.
	START_HARDEN_CFLAGS=
	for garita_option in $HARDEN_CFLAGS; do
		AS_CASE([$garita_option], [-D_FORTIFY_SOURCE*], [],
			[START_HARDEN_CFLAGS="$START_HARDEN_CFLAGS $garita_option"])
	done
	AC_SUBST([START_HARDEN_CFLAGS])
	AS_IF([test "$start_libc" = musl], [$1])
])
