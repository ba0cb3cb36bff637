/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bolt - reading a bbolt database while its owner goes on writing to it.
 *
 * The file is a tree of pages that is never changed in place: a writer puts
 * new pages where nobody should be reading any more, then one of two meta
 * pages that name the new root. So a reader without the file's lock sees one
 * state of it as long as the newest meta page is the one that it began with:
 * the pages of a state are only written over by the transaction after the
 * next. Ask, take copies, then ask garita_bolt_is_current(); when it says no,
 * what was read may be a mixture: forget it, also when it was an error.
 *
 * The file is read a page at a time into memory of our own and never mapped:
 * a page that was checked cannot change under the check, and a file cut short
 * is an error, not a signal. Numbers are in the order of this machine, as
 * bbolt has them. The freelist is not looked at. Pure: the caller reads.
 */
#ifndef GARITA_HOOK_STORE_BOLT_H
#define GARITA_HOOK_STORE_BOLT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

/* Copies the `len` bytes at `offset` of the file; 0, or -errno also when there
 * are fewer. */
typedef int garita_bolt_read(const void *source, uint64_t offset, void *into,
			     size_t len);

enum {
	GARITA_BOLT_DEPTH = 16, /* pages from the root of a bucket down */
	/* Of one state: pages that are held, and their bytes together. */
	GARITA_BOLT_PAGES = 4 * 1024,
	GARITA_BOLT_BYTES = 64 * 1024 * 1024,
};

/* Bytes in a page; lent until the database is closed. */
struct garita_bolt_bytes {
	const char *data; /* no NUL after them */
	size_t len;
};

/* A bucket: a map from keys to values and further buckets. */
struct garita_bolt_bucket {
	uint64_t page;                   /* 0: it is so small that ... */
	struct garita_bolt_bytes within; /* ... it lies inside a value */
};

struct garita_bolt_page {
	uint64_t id;
	char *data; /* owned */
	size_t len;
};

struct garita_bolt {
	garita_bolt_read *read;
	const void *source; /* borrowed */
	uint64_t txid;      /* of the state that is read */
	uint64_t end;       /* pages there are */
	size_t page_size;
	struct garita_bolt_bucket root;
	struct garita_bolt_page *pages; /* those read so far */
	size_t count, bytes;
};

/* Finds the newest state. -EBADMSG when there is no good meta page. */
int garita_bolt_open(garita_bolt_read *read, const void *source,
		     struct garita_bolt *ret, struct garita_error *err);
/* Is the state that was read still the newest? */
bool garita_bolt_is_current(const struct garita_bolt *bolt);
void garita_bolt_close(struct garita_bolt *bolt);
#define auto_bolt __attribute__((cleanup(garita_bolt_close))) struct garita_bolt

/* The bucket or the value with this key in a bucket. -ENOENT only when there is
 * none, or when it is of the other kind; -EBADMSG when a page is not as it must
 * be. */
int garita_bolt_bucket(struct garita_bolt *bolt,
		       const struct garita_bolt_bucket *in, const char *key,
		       struct garita_bolt_bucket *ret,
		       struct garita_error *err);
int garita_bolt_value(struct garita_bolt *bolt,
		      const struct garita_bolt_bucket *in, const char *key,
		      struct garita_bolt_bytes *ret, struct garita_error *err);

/* One member of a bucket; `bucket` is NULL for a value. Anything but 0 ends
 * the walk and is its result. */
typedef int garita_bolt_member(const struct garita_bolt_bytes *key,
			       const struct garita_bolt_bytes *value,
			       const struct garita_bolt_bucket *bucket,
			       void *data, struct garita_error *err);
/* All members, in the order of their keys. */
int garita_bolt_each(struct garita_bolt *bolt,
		     const struct garita_bolt_bucket *in,
		     garita_bolt_member *member, void *data,
		     struct garita_error *err);

#endif
