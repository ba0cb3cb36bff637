/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bolt - reading a bbolt database while its owner goes on writing to it.
 *
 * Every page is checked once, when it is read: its number, its kind, each
 * element within its bytes, keys in rising order. After that an element is
 * where its page says. A page is found by going down, with a limit to the
 * steps, so that pages which lead to each other in a circle end the search.
 */
#include "hook/store/bolt.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

enum {
	HEADER = 16,  /* id u64, kind u16, count u16, overflow u32 */
	ELEMENT = 16, /* leaf: flags, pos, key, value; branch: pos, key, page */
	BUCKET = 16,  /* root u64, sequence u64 */
	META = 64,
	CHECKED = 56, /* bytes of meta that the checksum is of */

	KIND_BRANCH = 1,
	KIND_LEAF = 2,
	LEAF_BUCKET = 1, /* flag of an element: its value is a bucket */

	FORMAT_MAGIC = (int)0xED0CDAED,
	FORMAT = 2,
	MIN_PAGE = 512,
	MAX_PAGE = 64 * 1024,
};

static uint16_t get16(const char *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

static uint32_t get32(const char *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

static uint64_t get64(const char *at)
{
	uint64_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

/* FNV-1a with 64 bits */
static uint64_t checksum(const char *bytes, size_t len)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return sum;
}

static int bad_page(uint64_t id, struct garita_error *err)
{
	garita_fail(err, EBADMSG, "page %llu is not as it must be",
		    (unsigned long long)id);
	return -EBADMSG;
}

static int too_large(struct garita_error *err)
{
	garita_fail(err, E2BIG, "is too large to be searched");
	return -E2BIG;
}

/* One of the two, when it is good: half written, it fails its checksum, and the
 * other one is the newest. */
static bool read_meta(const struct garita_bolt *bolt, uint64_t offset,
		      struct garita_bolt *ret)
{
	char meta[META];

	if (bolt->read(bolt->source, offset + HEADER, meta, sizeof(meta)) < 0 ||
	    get32(meta) != (uint32_t)FORMAT_MAGIC ||
	    get32(meta + 4) != FORMAT ||
	    get64(meta + CHECKED) != checksum(meta, CHECKED))
		return false;
	ret->page_size = get32(meta + 8);
	ret->root.page = get64(meta + 16);
	ret->end = get64(meta + 40);
	ret->txid = get64(meta + 48);
	return ret->page_size >= MIN_PAGE && ret->page_size <= MAX_PAGE &&
	       (ret->page_size & (ret->page_size - 1)) == 0;
}

/* The second is one page after the first; when the first is bad, nobody says
 * how long a page is. */
static bool newest_meta(const struct garita_bolt *bolt, struct garita_bolt *ret)
{
	struct garita_bolt first = { 0 };
	struct garita_bolt second = { 0 };
	bool good = read_meta(bolt, 0, &first);
	bool also = false;

	for (size_t size = MIN_PAGE; size <= MAX_PAGE && !also; size *= 2)
		if (!good || first.page_size == size)
			also = read_meta(bolt, size, &second) &&
			       second.page_size == size;
	if (!good && !also)
		return false;
	if (also && (!good || second.txid > first.txid))
		first = second;
	first.read = bolt->read;
	first.source = bolt->source;
	*ret = first;
	return true;
}

int garita_bolt_open(garita_bolt_read *read, const void *source,
		     struct garita_bolt *ret, struct garita_error *err)
{
	struct garita_bolt bolt = { .read = read, .source = source };

	if (!newest_meta(&bolt, &bolt))
		return garita_fail(err, EBADMSG,
				   "is no database: it has no good meta page");
	if (bolt.root.page == 0) /* which in a value means: what follows */
		return bad_page(0, err);
	*ret = bolt;
	return 0;
}

bool garita_bolt_is_current(const struct garita_bolt *bolt)
{
	struct garita_bolt now = { 0 };

	return newest_meta(bolt, &now) && now.txid == bolt->txid &&
	       now.root.page == bolt->root.page;
}

void garita_bolt_close(struct garita_bolt *bolt)
{
	for (size_t i = 0; i < bolt->count; i++)
		free(bolt->pages[i].data);
	free(bolt->pages);
	*bolt = (struct garita_bolt){ 0 };
}

static int compare(const struct garita_bolt_bytes *a,
		   const struct garita_bolt_bytes *b)
{
	size_t shared = a->len < b->len ? a->len : b->len;
	int order = shared == 0 ? 0 : memcmp(a->data, b->data, shared);

	if (order != 0)
		return order;
	return a->len < b->len ? -1 : a->len > b->len;
}

/* Elements of a page, once check_page() has agreed to it. */
static bool is_branch(const struct garita_bolt_bytes *page)
{
	return get16(page->data + 8) == KIND_BRANCH;
}

static size_t element_count(const struct garita_bolt_bytes *page)
{
	return get16(page->data + 10);
}

static const char *element(const struct garita_bolt_bytes *page, size_t i)
{
	return page->data + HEADER + i * ELEMENT;
}

/* A position counts from the element that has it. */
static struct garita_bolt_bytes key_of(const struct garita_bolt_bytes *page,
				       size_t i)
{
	const char *at = element(page, i);

	if (!is_branch(page))
		at += 4;
	return (struct garita_bolt_bytes){
		.data = element(page, i) + get32(at),
		.len = get32(at + 4),
	};
}

static struct garita_bolt_bytes value_of(const struct garita_bolt_bytes *page,
					 size_t i)
{
	struct garita_bolt_bytes key = key_of(page, i);

	return (struct garita_bolt_bytes){
		.data = key.data + key.len,
		.len = get32(element(page, i) + 12),
	};
}

static bool is_bucket(const struct garita_bolt_bytes *page, size_t i)
{
	return get32(element(page, i)) == LEAF_BUCKET;
}

/* Does an element lie within its page, behind the table of elements? */
static bool fits(const struct garita_bolt_bytes *page, size_t i)
{
	bool branch = is_branch(page);
	const char *at = element(page, i);
	uint64_t start = HEADER + i * ELEMENT + get32(at + (branch ? 0 : 4));
	uint64_t len = get32(at + (branch ? 4 : 8));

	if (!branch)
		len += get32(at + 12);
	return start >= HEADER + element_count(page) * ELEMENT &&
	       start <= page->len && len <= page->len - start &&
	       (branch || get32(at) <= LEAF_BUCKET);
}

/* Is this a page whose elements can be used without a further look? */
static bool check_page(const struct garita_bolt_bytes *page)
{
	struct garita_bolt_bytes last = { 0 };
	size_t count;
	uint16_t kind;

	if (page->len < HEADER)
		return false;
	count = element_count(page);
	kind = get16(page->data + 8);
	if ((kind != KIND_LEAF && kind != KIND_BRANCH) ||
	    (kind == KIND_BRANCH && count == 0) ||
	    count > (page->len - HEADER) / ELEMENT)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct garita_bolt_bytes key;

		if (!fits(page, i))
			return false;
		key = key_of(page, i);
		if (i > 0 && compare(&last, &key) >= 0)
			return false;
		last = key;
	}
	return true;
}

/* The bytes of a page with those that overflow into the ones behind it. */
static int read_page(const struct garita_bolt *bolt, uint64_t id,
		     struct garita_bolt_page *ret, struct garita_error *err)
{
	struct garita_bolt_bytes bytes;
	size_t size = bolt->page_size;
	size_t room = (GARITA_BOLT_BYTES - bolt->bytes) / size;
	auto_free char *data = garita_xalloc(size);
	int failed = bolt->read(bolt->source, id * size, data, size);
	uint64_t more = failed < 0 ? 0 : get32(data + 12);

	if (failed == 0 && (get64(data) != id || more >= bolt->end - id))
		return bad_page(id, err);
	if (more >= room || bolt->count >= GARITA_BOLT_PAGES)
		return too_large(err);
	if (failed == 0 && more > 0) {
		data = garita_xresize(data, (size_t)more + 1, size);
		failed = bolt->read(bolt->source, (id + 1) * size, data + size,
				    (size_t)more * size);
	}
	if (failed < 0)
		return garita_fail(err, -failed, "cannot read page %llu: %s",
				   (unsigned long long)id, strerror(-failed));
	bytes.len = ((size_t)more + 1) * size;
	bytes.data = data;
	if (!check_page(&bytes))
		return bad_page(id, err);
	ret->id = id;
	ret->len = bytes.len;
	ret->data = garita_take_ptr(&data);
	return 0;
}

static void keep(struct garita_bolt *bolt, const struct garita_bolt_page *page)
{
	if (bolt->count % 32 == 0)
		bolt->pages = garita_xresize(bolt->pages, bolt->count + 32,
					     sizeof(*bolt->pages));
	bolt->pages[bolt->count++] = *page;
	bolt->bytes += page->len;
}

static int get_page(struct garita_bolt *bolt, uint64_t id,
		    struct garita_bolt_bytes *ret, struct garita_error *err)
{
	struct garita_bolt_page page = { 0 };
	size_t i = bolt->count;
	int failed;

	while (i > 0 && bolt->pages[i - 1].id != id)
		i--; /* the last ones are the likely ones */
	if (i > 0) {
		page = bolt->pages[i - 1];
		*ret = (struct garita_bolt_bytes){ page.data, page.len };
		return 0;
	}
	if (id < 2 || id >= bolt->end || id > UINT64_MAX / MAX_PAGE)
		return bad_page(id, err); /* 0 and 1 are the meta pages */
	failed = read_page(bolt, id, &page, err);
	if (failed != 0)
		return failed;
	keep(bolt, &page);
	*ret = (struct garita_bolt_bytes){ page.data, page.len };
	return 0;
}

/* The page that an element of a branch leads to, `depth` pages down. */
static int get_child(struct garita_bolt *bolt,
		     const struct garita_bolt_bytes *branch, size_t i,
		     int depth, struct garita_bolt_bytes *ret,
		     struct garita_error *err)
{
	if (depth == GARITA_BOLT_DEPTH)
		return garita_fail(err, EBADMSG, "its pages lead too far down");
	return get_page(bolt, get64(element(branch, i) + 8), ret, err);
}

/* A bucket's first page; take_bucket() has checked one that is within. */
static int enter(struct garita_bolt *bolt, const struct garita_bolt_bucket *in,
		 struct garita_bolt_bytes *ret, struct garita_error *err)
{
	if (in->page == 0)
		*ret = in->within;
	return in->page == 0 ? 0 : get_page(bolt, in->page, ret, err);
}

/* The index of the last element whose key is at most `key`; false when all are
 * above. */
static bool search(const struct garita_bolt_bytes *page,
		   const struct garita_bolt_bytes *key, size_t *ret)
{
	size_t from = 0, to = element_count(page);

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct garita_bolt_bytes here = key_of(page, middle);

		if (compare(&here, key) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from > 0)
		*ret = from - 1;
	return from > 0;
}

static int find(struct garita_bolt *bolt, const struct garita_bolt_bucket *in,
		const char *text, struct garita_bolt_bytes *ret_page,
		size_t *ret_at, struct garita_error *err)
{
	struct garita_bolt_bytes key = { .data = text, .len = strlen(text) };
	struct garita_bolt_bytes page = { 0 };
	struct garita_bolt_bytes found = { 0 };
	size_t at = 0;
	int failed = enter(bolt, in, &page, err);

	for (int depth = 1; failed == 0 && is_branch(&page); depth++) {
		at = 0;
		(void)search(&page, &key, &at); /* below all: the first */
		failed = get_child(bolt, &page, at, depth, &page, err);
	}
	if (failed < 0)
		return failed;
	if (search(&page, &key, &at))
		found = key_of(&page, at);
	if (found.data == NULL || compare(&found, &key) != 0)
		return garita_fail(err, ENOENT, "%s is not there", text);
	*ret_page = page;
	*ret_at = at;
	return 0;
}

static int take_bucket(const struct garita_bolt_bytes *value,
		       struct garita_bolt_bucket *ret, struct garita_error *err)
{
	struct garita_bolt_bucket bucket = { 0 };

	if (value->len < BUCKET)
		return garita_fail(err, EBADMSG, "a bucket is cut short");
	bucket.page = get64(value->data);
	if (bucket.page == 0) {
		bucket.within.data = value->data + BUCKET;
		bucket.within.len = value->len - BUCKET;
		/* Its pages below, if it had any, would be in no page. */
		if (!check_page(&bucket.within) || is_branch(&bucket.within))
			return garita_fail(err, EBADMSG,
					   "a bucket inside a page is not as"
					   " it must be");
	}
	*ret = bucket;
	return 0;
}

int garita_bolt_bucket(struct garita_bolt *bolt,
		       const struct garita_bolt_bucket *in, const char *key,
		       struct garita_bolt_bucket *ret, struct garita_error *err)
{
	struct garita_bolt_bytes page = { 0 }, value;
	size_t at = 0;
	int failed = find(bolt, in, key, &page, &at, err);

	if (failed < 0)
		return failed;
	value = value_of(&page, at);
	if (!is_bucket(&page, at))
		return garita_fail(err, ENOENT, "%s is no bucket", key);
	return take_bucket(&value, ret, err);
}

int garita_bolt_value(struct garita_bolt *bolt,
		      const struct garita_bolt_bucket *in, const char *key,
		      struct garita_bolt_bytes *ret, struct garita_error *err)
{
	struct garita_bolt_bytes page = { 0 };
	size_t at = 0;
	int failed = find(bolt, in, key, &page, &at, err);

	if (failed < 0)
		return failed;
	if (is_bucket(&page, at))
		return garita_fail(err, ENOENT, "%s is a bucket", key);
	*ret = value_of(&page, at);
	return 0;
}

/* What a walk through a bucket carries along. */
struct walk {
	struct garita_bolt *bolt;
	garita_bolt_member *member;
	void *data;
	size_t steps; /* a page that several lead to is walked as often */
};

static int visit_leaf(struct walk *walk, const struct garita_bolt_bytes *page,
		      struct garita_error *err)
{
	for (size_t i = 0; i < element_count(page); i++) {
		struct garita_bolt_bytes key = key_of(page, i);
		struct garita_bolt_bytes value = value_of(page, i);
		struct garita_bolt_bucket bucket = { 0 };
		bool below = is_bucket(page, i);
		int stop = below ? take_bucket(&value, &bucket, err) : 0;

		if (stop == 0)
			stop = walk->member(&key, &value,
					    below ? &bucket : NULL, walk->data,
					    err);
		if (stop != 0)
			return stop;
	}
	return 0;
}

/* Calls itself at most GARITA_BOLT_DEPTH times deep. */
static int visit(struct walk *walk, const struct garita_bolt_bytes *page,
		 int depth, struct garita_error *err)
{
	if (++walk->steps > GARITA_BOLT_PAGES)
		return too_large(err);
	if (!is_branch(page))
		return visit_leaf(walk, page, err);
	for (size_t i = 0; i < element_count(page); i++) {
		struct garita_bolt_bytes child = { 0 };
		int stop = get_child(walk->bolt, page, i, depth, &child, err);

		if (stop == 0)
			stop = visit(walk, &child, depth + 1, err);
		if (stop != 0)
			return stop;
	}
	return 0;
}

int garita_bolt_each(struct garita_bolt *bolt,
		     const struct garita_bolt_bucket *in,
		     garita_bolt_member *member, void *data,
		     struct garita_error *err)
{
	struct walk walk = { .bolt = bolt, .member = member, .data = data };
	struct garita_bolt_bytes page = { 0 };
	int failed = enter(bolt, in, &page, err);

	return failed != 0 ? failed : visit(&walk, &page, 1, err);
}
