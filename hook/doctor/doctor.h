/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * doctor - is what is started on this machine really judged?
 *
 * Each part looks at one thing and says what it saw, a check each: the gate's
 * own files (gate.c), what an engine is told by its files (told.c) and says
 * itself when asked (engines.c), the ways round that remain (bypasses.c), and,
 * when wanted, two containers through each engine (canary.c). Nothing here
 * changes anything; the canaries are removed again.
 */
#ifndef GARITA_HOOK_DOCTOR_H
#define GARITA_HOOK_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "garita/text.h"
#include "hook/gate.h"
#include "hook/install/install.h"

/* In the order in which they count for the whole. */
enum garita_health {
	GARITA_HEALTH_OK,
	GARITA_HEALTH_WARN,    /* gated, and something to know */
	GARITA_HEALTH_UNKNOWN, /* could not tell */
	GARITA_HEALTH_FAIL,    /* not gated, or soon not */
	GARITA_HEALTHS,
};
/* "ok", "warn", "unknown", "fail" */
const char *garita_health_name(enum garita_health health);

struct garita_doctor_check {
	const char *section; /* "gate", or an engine's name */
	const char *about;   /* "policy", "registration", "bypass", ... */
	enum garita_health health;
	char *text;
	char *advice; /* what to do, or NULL */
};

struct garita_doctor {
	const struct garita_install_options *install;
	char *const *envp; /* for the engines' clients */
	bool canary;
	bool progress;     /* say on stderr what is being run */
	const char *image; /* for canaries; NULL: one of ours */

	struct garita_gate gate; /* when has_gate */
	bool has_gate;
	bool place_taken;  /* the gate stands under runc's own name */
	bool hook_entry;   /* an entry with our hook is in a hooks directory */
	bool hooks_unread; /* one of those directories could not be read */

	const char *section; /* of what is said now */
	struct garita_doctor_check *checks;
	size_t count;
};

void garita_doctor_say(struct garita_doctor *doctor, const char *about,
		       enum garita_health health, const char *advice,
		       const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* An error as a check: what others can change is a failure, what cannot be
 * read leaves it open. */
void garita_doctor_say_error(struct garita_doctor *doctor, const char *about,
			     const struct garita_error *error,
			     const char *advice);
enum garita_health garita_doctor_health(const struct garita_doctor *doctor);
/* Has something of this section failed? */
bool garita_doctor_has_failed(const struct garita_doctor *doctor,
			      const char *section);
void garita_doctor_free(struct garita_doctor *doctor);

/* report.c */
void garita_doctor_text(const struct garita_doctor *doctor, bool colour,
			struct garita_text *out);
void garita_doctor_json(const struct garita_doctor *doctor,
			struct garita_text *out);

/* gate.c: policy, lists, keys, programs, the real runtime, log and state. */
void garita_doctor_look_at_gate(struct garita_doctor *doctor);
bool garita_doctor_is_dry(const struct garita_doctor *doctor);

/* engines.c: one engine that is here. */
void garita_doctor_look_at(struct garita_doctor *doctor,
			   const struct garita_install_engine *engine);
/* Does this path (as the engine has it) lead to garita-runtime? */
bool garita_doctor_is_gate(const struct garita_doctor *doctor,
			   const char *program);
/* Is the gate in the place of runc? */
bool garita_doctor_place_is_taken(const struct garita_install_options *options);

/* told.c: the runtimes of an engine as its files name them. */
struct garita_told_runtime {
	char *name;
	char *program;   /* NULL: found by name */
	char *base_spec; /* containerd: base_runtime_spec, or NULL */
};
struct garita_told {
	char *standard; /* name of the default; NULL: the engine's own */
	struct garita_told_runtime *runtimes;
	size_t count;
	char *files;    /* those that were read, for people */
	time_t changed; /* when the last of them was, in seconds */
	bool cri_off;   /* containerd without its CRI service */
	bool imports;   /* containerd: its file names others, not read here */
};
/* -errno with the file's name. The engine is one of install's. */
int garita_told_read(const struct garita_install_options *options,
		     const struct garita_install_engine *engine,
		     struct garita_told *ret, struct garita_error *err);
/* The same of TOML that the engine printed. */
int garita_told_hear(const struct garita_install_engine *engine,
		     const char *text, struct garita_told *ret,
		     struct garita_error *err);
const struct garita_told_runtime *garita_told_find(
	const struct garita_told *told, const char *name);
void garita_told_free(struct garita_told *told);
#define auto_told __attribute__((cleanup(garita_told_free))) struct garita_told

/* hooks.c */
void garita_doctor_look_at_hooks(struct garita_doctor *doctor);
void garita_doctor_look_at_base_spec(struct garita_doctor *doctor,
				     const struct garita_told_runtime *runtime);

/* bypasses.c */
void garita_doctor_bypasses(struct garita_doctor *doctor,
			    const struct garita_install_engine *engine,
			    const struct garita_told *told);

/* canary.c */
void garita_doctor_canary(struct garita_doctor *doctor,
			  const struct garita_install_engine *engine);

/* client.c: an engine's own program, run and waited for. */
struct garita_client {
	int code;                    /* exit status; 128 and more: a signal */
	struct garita_text out, all; /* standard output; and errors, too */
};
/* `argv` ends in NULL; argv[0] is a path, or a name that is looked for in
 * the usual directories. `in`: its standard input, or -1. -ENOENT: no such
 * program; -ETIMEDOUT: it was ended after two minutes. */
int garita_client_run(const struct garita_doctor *doctor,
		      const char *const argv[], int in,
		      struct garita_client *ret, struct garita_error *err);
void garita_client_free(struct garita_client *client);
#define auto_client                                                            \
	__attribute__((cleanup(garita_client_free))) struct garita_client
/* The last line of what it said, without the newline; the caller frees. */
char *garita_client_last_line(const struct garita_client *client);

#endif
