/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packages - what package managers and programs say of versions, read out of
 * their texts.
 */
#ifndef GARITA_PACKAGES_H
#define GARITA_PACKAGES_H

#include <stdbool.h>

/* The version of an installed package in dpkg's status file, or NULL; the
 * caller frees. */
char *garita_packages_deb(const char *status, const char *package);
/* A value of os-release(5) ("ID"), without quotes; NULL: none. */
char *garita_packages_os(const char *os_release, const char *key);
/* The version in what a program prints for --version: the first word of the
 * first line that is one; and its commit, from a line "commit: ...", "build
 * ...", or a long hexadecimal word. NULL: none. */
char *garita_packages_version(const char *said);
char *garita_packages_commit(const char *said);

#endif
