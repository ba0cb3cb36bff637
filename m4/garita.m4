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
# run (cross compiling) linking has to be enough.
AC_DEFUN([GARITA_TRY_LINK], [GARITA_TRY_PROGRAM([
#include <stdlib.h>
int main(void)
{
	void *memory = malloc(1);
	int works = memory != 0;

	free(memory);
	return !works;
}], [$1], [$2], [$3], [$4], [$5])])

# The same of one that uses libcrypto and zlib.
AC_DEFUN([GARITA_TRY_LINK_CRYPTO], [GARITA_TRY_PROGRAM([
#include <openssl/evp.h>
#include <zlib.h>
int main(void)
{
	return EVP_sha256() == 0 || zlibVersion() == 0;
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
			[garita_links=yes])],
		[AC_RUN_IFELSE([AC_LANG_SOURCE([$garita_source])],
			[garita_links=yes])])
	CFLAGS=$garita_saved_cflags
	LDFLAGS=$garita_saved_ldflags
	LIBS=$garita_saved_libs
	AS_IF([test "$garita_links" = yes], [$5], [$6])
])
