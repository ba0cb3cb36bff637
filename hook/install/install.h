/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * install - putting the gate into an engine's own configuration, and taking
 * it away again.
 *
 * An engine is a file here: it says which files its registration needs and
 * what is in them (a plan); that is all it does. Showing, writing, recording
 * and undoing are the same for all of them. To add an engine, copy crio.c and
 * add a line in engines.c and one in Makefile.am.
 *
 * What was done is recorded below GARITA_STATE_DIR/install, root's alone, with
 * the text before and after, before it is done: so it can be undone exactly,
 * also when it was interrupted.
 */
#ifndef GARITA_HOOK_INSTALL_H
#define GARITA_HOOK_INSTALL_H

#include <stdbool.h>
#include <sys/types.h>

#include "garita/error.h"
#include "garita/json.h"
#include "garita/text.h"

struct garita_install_options {
	const char *sysroot;   /* "" for this machine */
	const char *runtime;   /* garita-runtime, as the engine will see it */
	const char *hook;      /* garita-hook, the same */
	const char *hooks_dir; /* podman's; NULL: the usual one */
	bool precreate;        /* podman: with an entry that repairs */
	bool base_spec; /* containerd: by the spec that configs are made from */
	bool force;
	bool everyone; /* of running containers, those of other users too */
};

/* A file as it is and as it should be. */
struct garita_install_file {
	char *path; /* below the sysroot */
	bool ours;  /* nobody else's text is in it: no backup, no edit */
	bool exists;
	struct garita_text before, after;
	mode_t mode; /* of the file that exists, else what it will get */
	uid_t uid;
	gid_t gid;
};

struct garita_install_plan {
	struct garita_install_file *files; /* written in this order */
	size_t count;
	struct garita_text notes; /* lines for the operator */
};

struct garita_install_engine {
	const char *name;
	/* Any of these below the sysroot: the engine is there. Ends in NULL. */
	const char *const *programs;
	const char *restart; /* what the operator must do; NULL: nothing */
	bool by_name; /* running containers want the entry in its files, too */
	/* What must be in which files. -errno when a file cannot be read as
	 * what it should be; nothing is changed then. */
	int (*plan)(const struct garita_install_options *options,
		    struct garita_install_plan *ret, struct garita_error *err);
	/* Instead of a plan: an engine whose place is taken, or given back.
	 * With `dry` nothing is done. What is done goes to `say`, a line each;
	 * nothing when there was nothing to do. */
	int (*take)(const struct garita_install_options *options, bool dry,
		    struct garita_text *say, struct garita_error *err);
	int (*give_back)(const struct garita_install_options *options, bool dry,
			 struct garita_text *say, struct garita_error *err);
};

extern const struct garita_install_engine garita_install_podman;
extern const struct garita_install_engine garita_install_docker;
extern const struct garita_install_engine garita_install_containerd;
extern const struct garita_install_engine garita_install_crio;
extern const struct garita_install_engine garita_install_runc;

/* In the order in which they are listed; NULL behind the last. */
const struct garita_install_engine *garita_install_engine_at(size_t i);
bool garita_install_is_present(const struct garita_install_options *options,
			       const struct garita_install_engine *engine);
/* A path below the sysroot, as this process opens it; the caller frees. */
char *garita_install_below(const struct garita_install_options *options,
			   const char *path);

/* plan.c: for engines. Adds a file to the plan, read if it is there; a link or
 * one that others can change is refused. The file is borrowed from the plan
 * until the next call. */
int garita_install_plan_file(const struct garita_install_options *options,
			     struct garita_install_plan *plan, const char *path,
			     struct garita_install_file **ret,
			     struct garita_error *err);
/* The same for a file that is ours alone, with its text. */
int garita_install_plan_ours(const struct garita_install_options *options,
			     struct garita_install_plan *plan, const char *path,
			     const char *text, struct garita_error *err);
void garita_install_plan_free(struct garita_install_plan *plan);
#define auto_plan                                                              \
	__attribute__((                                                        \
		cleanup(garita_install_plan_free))) struct garita_install_plan
bool garita_install_is_changed(const struct garita_install_file *file);
/* A unified diff from before to after. */
void garita_install_diff(const struct garita_install_file *file,
			 struct garita_text *out);

/* change.c: replaces files as planned, all of them or none. */
int garita_install_apply(const struct garita_install_options *options,
			 const struct garita_install_plan *plan,
			 struct garita_error *err);
/* Writes the text before to PATH.before-garita. */
int garita_install_backup(const struct garita_install_options *options,
			  const struct garita_install_file *file,
			  struct garita_error *err);
/* Makes the directories above `path` that are not there. */
int garita_install_make_directories(
	const struct garita_install_options *options, const char *path,
	struct garita_error *err);

/* record.c: what was done. -ENOENT when there is no record. */
int garita_install_record_read(const struct garita_install_options *options,
			       const char *engine, struct garita_json_doc **ret,
			       struct garita_error *err);
/* Records the plan. Where `old` (or NULL) has a file that nobody changed since,
 * the text before is the old record's. */
int garita_install_record_write(const struct garita_install_options *options,
				const char *engine,
				const struct garita_install_plan *plan,
				struct garita_json_doc *old,
				struct garita_error *err);
int garita_install_record_remove(const struct garita_install_options *options,
				 const char *engine, struct garita_error *err);
/* One install at a time: a descriptor that holds a lock. */
int garita_install_lock(const struct garita_install_options *options,
			struct garita_error *err);
/* The plan that undoes a record. A file that somebody changed since is added
 * to *ret_changed as a diff against what was written. */
int garita_install_undo_plan(const struct garita_install_options *options,
			     struct garita_json_doc *record,
			     struct garita_install_plan *ret,
			     struct garita_text *ret_changed,
			     struct garita_error *err);

/* ready.c: would the gate let anything start? Asks the judge about a container
 * that asks for nothing; rules about its image are left out, as there is none.
 * Also: is the program there, and the runtime behind it. */
int garita_install_is_ready(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    struct garita_error *err);
int garita_install_check_program(const struct garita_install_options *options,
				 const char *path, struct garita_error *err);

/* running.c: adds a line ("podman: ID") for each container of an engine of this
 * machine that was started through the gate and is still there. -errno when
 * that cannot be told. */
int garita_install_running(const struct garita_install_options *options,
			   const struct garita_install_engine *engine,
			   struct garita_text *out, struct garita_error *err);

/* daemon_json.c: docker's file with our runtime as the default. */
int garita_install_edit_daemon_json(const struct garita_text *before,
				    const char *runtime,
				    struct garita_text *ret,
				    struct garita_error *err);
/* containerd_toml.c: containerd's file with our runtime as CRI's default. */
int garita_install_edit_containerd(const struct garita_text *before,
				   const char *runtime, struct garita_text *ret,
				   struct garita_error *err);
/* The same file with `spec` as the base_runtime_spec of every runtime that is
 * started as runc is. */
int garita_install_edit_base_spec(const struct garita_text *before,
				  const char *spec, struct garita_text *ret,
				  struct garita_error *err);
/* base_spec.c: containerd's own default spec, with our hook. */
void garita_install_put_base_spec(const char *hook, struct garita_text *out);

#endif
