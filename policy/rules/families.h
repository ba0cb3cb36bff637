/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * families - the tables of rules, one a file of this folder. Each ends with a
 * row whose id is NULL. rules.c lists them in the order of judging and of
 * repair: capabilities come before seccomp, whose default profile depends on
 * what capabilities are left.
 */
#ifndef GARITA_RULES_FAMILIES_H
#define GARITA_RULES_FAMILIES_H

#include "garita/rule.h"

extern const struct garita_rule garita_rules_privileged[];
extern const struct garita_rule garita_rules_user[];
extern const struct garita_rule garita_rules_user_namespace[];
extern const struct garita_rule garita_rules_dangerous[];
extern const struct garita_rule garita_rules_capabilities[];
extern const struct garita_rule garita_rules_seccomp[];
extern const struct garita_rule garita_rules_seccomp_flags[];
extern const struct garita_rule garita_rules_namespaces[];
extern const struct garita_rule garita_rules_mounts[];
extern const struct garita_rule garita_rules_joined[];
extern const struct garita_rule garita_rules_mount_form[];
extern const struct garita_rule garita_rules_mount_target[];
extern const struct garita_rule garita_rules_volumes[];
extern const struct garita_rule garita_rules_rootfs[];
extern const struct garita_rule garita_rules_upper[];
extern const struct garita_rule garita_rules_cgroups[];
extern const struct garita_rule garita_rules_paths[];
extern const struct garita_rule garita_rules_devices[];
extern const struct garita_rule garita_rules_process[];
extern const struct garita_rule garita_rules_lsm[];
extern const struct garita_rule garita_rules_sysctls[];
extern const struct garita_rule garita_rules_resources[];
extern const struct garita_rule garita_rules_limits[];
extern const struct garita_rule garita_rules_places[];
extern const struct garita_rule garita_rules_programs[];
extern const struct garita_rule garita_rules_environment[];
extern const struct garita_rule garita_rules_network[];
extern const struct garita_rule garita_rules_hooks[];
extern const struct garita_rule garita_rules_annotations[];
extern const struct garita_rule garita_rules_schema[];
extern const struct garita_rule garita_rules_image[];
extern const struct garita_rule garita_rules_signatures[];
extern const struct garita_rule garita_rules_attestations[];
extern const struct garita_rule garita_rules_exec[];
extern const struct garita_rule garita_rules_update[];

/* About the machine (GARITA_SCOPE_HOST). */
extern const struct garita_rule garita_rules_host_facts[];
extern const struct garita_rule garita_rules_host_kernel[];
extern const struct garita_rule garita_rules_host_advisories[];
extern const struct garita_rule garita_rules_host_modules[];
extern const struct garita_rule garita_rules_host_hardening[];
extern const struct garita_rule garita_rules_host_storage[];
extern const struct garita_rule garita_rules_host_engines[];
extern const struct garita_rule garita_rules_host_access[];

#endif
