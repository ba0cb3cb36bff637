/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_fixture - what containerd keeps of one container, built for a
 * test. Layers have no files, as nothing looks at them; the numbers of their
 * directories are not in order, as on a host that has seen some images.
 */
#include "tests/unit/containerd_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"

#define SNAPSHOTTER CTD_ROOT "/io.containerd.snapshotter.v1.overlayfs"

enum { KIND_ACTIVE = 2, KIND_COMMITTED = 3 };

void ctd_set_time(struct bolt_node *in, const char *key, unsigned seconds,
		  unsigned nanoseconds)
{
	unsigned char bytes[15] = { 1, [13] = 0xff, [14] = 0xff };

	for (size_t i = 0; i < 4; i++) {
		bytes[8 - i] = (unsigned char)(seconds >> 8 * i);
		bytes[12 - i] = (unsigned char)(nanoseconds >> 8 * i);
	}
	bolt_set(in, key, bytes, sizeof(bytes));
}

void ctd_name(struct ctd_fixture *ctd, const char *name, const char *digest,
	      unsigned seconds)
{
	struct bolt_node *image = bolt_in(ctd->images, name);

	ctd_set_time(image, "createdat", 50, 0);
	ctd_set_time(image, "updatedat", seconds, 0);
	bolt_put(bolt_in(image, "target"), "digest", digest);
	bolt_put(bolt_in(image, "target"), "mediatype", "some/type");
}

void ctd_blob(const struct ctd_fixture *ctd, const char *text,
	      char ret[GARITA_DIGEST_SIZE])
{
	char path[PATH];

	garita_sha256_digest(text, strlen(text), ret);
	snprintf(path, sizeof(path), CTD_BLOBS "/%s", ret + strlen("sha256:"));
	store_write_file(&ctd->fx, path, text);
}

void ctd_drop_blob(const struct ctd_fixture *ctd, const char *digest)
{
	char path[2 * PATH];

	snprintf(path, sizeof(path), "%s" CTD_BLOBS "/%s", ctd->fx.dir,
		 digest + strlen("sha256:"));
	assert_int_equal(unlink(path), 0);
}

void ctd_cri_bytes(struct ctd_fixture *ctd, const void *bytes, size_t len)
{
	bolt_set(bolt_in(ctd->container, "extensions"),
		 "io.cri-containerd.container.metadata", bytes, len);
}

static void put_field(struct garita_text *out, char tag, const char *text)
{
	size_t len = strlen(text);

	garita_text_putc(out, tag);
	for (; len > 0x7f; len >>= 7)
		garita_text_putc(out, (char)(0x80 | (len & 0x7f)));
	garita_text_putc(out, (char)len);
	garita_text_puts(out, text);
}

void ctd_cri(struct ctd_fixture *ctd, const char *json)
{
	auto_text any = { 0 };

	put_field(&any, 0x0a,
		  "github.com/containerd/cri/pkg/store/container/Metadata");
	put_field(&any, 0x12, json);
	ctd_cri_bytes(ctd, any.data, any.len);
}

static unsigned number_of(size_t layer)
{
	return (unsigned)(layer * 7 % 1000 + 200);
}

static void make_directory(const struct ctd_fixture *ctd, unsigned number)
{
	char path[PATH];

	snprintf(path, sizeof(path), SNAPSHOTTER "/snapshots/%u/fs", number);
	store_make_dirs(&ctd->fx, path);
}

/* A snapshot in both databases. `parent` is the key of its parent or "", which
 * becomes its own; `number` is also that in its name. */
static void add_snapshot(struct ctd_fixture *ctd, const char *key,
			 unsigned number, char kind, char *parent)
{
	unsigned char id[2] = { (unsigned char)(number | 0x80),
				(unsigned char)(number >> 7) };
	struct bolt_node *snapshot;
	char name[PATH];

	make_directory(ctd, number);
	snprintf(name, sizeof(name), "%s/%u/%s", ctd->namespace, number, key);
	snapshot = bolt_in(ctd->snapshots, name);
	bolt_set(snapshot, "id", id, sizeof(id));
	bolt_set(snapshot, "kind", &kind, 1);
	if (*parent != '\0')
		bolt_put(snapshot, "parent", parent);
	snprintf(parent, PATH, "%s", name);
	snapshot = bolt_in(bolt_at(bolt_at(ctd->meta, "v1"), ctd->namespace),
			   "snapshots");
	bolt_put(bolt_in(bolt_in(snapshot, "overlayfs"), key), "name", name);
}

/* Where whole names would be too long, containerd leaves their beginning out.
 */
static void add_lower(struct garita_text *lower, size_t layers, unsigned number)
{
	garita_text_printf(lower, ":%s%u/fs",
			   layers > 50 ? "" : SNAPSHOTTER "/snapshots/",
			   number);
}

static void add_layers(struct ctd_fixture *ctd, size_t layers)
{
	const struct store_image *image = &ctd->fx.images[APP];
	char chain[GARITA_DIGEST_SIZE] = "", both[2 * GARITA_DIGEST_SIZE];
	char parent[PATH] = "", diff[ID], init[2 * PATH];
	auto_text lower = { 0 };

	for (size_t i = 0; i < layers; i++) {
		store_make_id("diff", image->first + i, diff);
		snprintf(both, sizeof(both), "%s sha256:%s", chain, diff);
		if (i == 0)
			memcpy(chain, both + 1, sizeof(chain));
		else
			garita_sha256_digest(both, strlen(both), chain);
		add_snapshot(ctd, chain, number_of(i), KIND_COMMITTED, parent);
	}
	ctd->number = number_of(layers);
	if (ctd->maker == MADE_BY_DOCKER) {
		snprintf(init, sizeof(init), "%s-init", ctd->id);
		add_snapshot(ctd, init, ctd->number++, KIND_COMMITTED, parent);
		add_lower(&lower, layers, ctd->number - 1);
	}
	add_snapshot(ctd, ctd->id, ctd->number, KIND_ACTIVE, parent);
	snprintf(ctd->own, sizeof(ctd->own), "%.63s", parent);
	for (size_t i = layers; i > 0; i--)
		add_lower(&lower, layers, number_of(i - 1));
	ctd->lower = garita_xstrdup(lower.data + 1);
}

static void add_container(struct ctd_fixture *ctd)
{
	struct bolt_node *container = ctd->container;
	auto_text json = { 0 };
	char spec[5000] = "";

	memset(spec, '{', sizeof(spec) - 1);
	bolt_put(container, "spec", spec);
	bolt_put(bolt_in(container, "runtime"), "name",
		 "io.containerd.runc.v2");
	ctd_set_time(container, "createdat", 100, 5);
	ctd_set_time(container, "updatedat", 100, 5);
	if (ctd->maker != MADE_BY_DOCKER) {
		bolt_put(container, "image", APP_NAME);
		bolt_put(container, "snapshotter", "overlayfs");
		bolt_put(container, "snapshotKey", ctd->id);
	}
	if (ctd->maker == MADE_BY_CRI) {
		garita_text_printf(&json,
				   "{\"Version\":\"v1\",\"Metadata\":{\"ID\":"
				   "\"%s\",\"Config\":{\"image\":{\"image\":"
				   "\"%s\"},\"labels\":{\"A\":\"1\",\"a\":"
				   "\"2\"}},\"ImageRef\":\"sha256:%s\"}}",
				   ctd->id, APP_NAME, ctd->fx.images[APP].id);
		ctd_cri(ctd, json.data);
	}
	if (ctd->maker != MADE_BY_DOCKER)
		return;
	garita_text_printf(&json,
			   "{\"ID\":\"%s\",\"Image\":\"%s\",\"ImageManifest\":{"
			   "\"digest\":\"%s\"},\"Config\":{\"Image\":"
			   "\"app:v1\"}}",
			   ctd->id, ctd->fx.images[APP].digest,
			   ctd->fx.images[APP].digest);
	store_make_dirs(&ctd->fx, CTD_DATA "/containers/c1");
	store_write_file(&ctd->fx, CTD_DATA "/containers/c1/config.v2.json",
			 json.data);
}

static void add_images(struct ctd_fixture *ctd, size_t layers)
{
	static const char *const names[] = { APP_NAME, TWIN_NAME,
					     "registry.example.com/other:v1" };
	char digest[GARITA_DIGEST_SIZE];

	store_make_image(&ctd->fx.images[APP], "app", 0, layers);
	store_make_image(&ctd->fx.images[TWIN], "twin", 0, layers);
	store_make_image(&ctd->fx.images[OTHER], "other", 1000, layers);
	store_make_dirs(&ctd->fx, CTD_BLOBS);
	for (size_t i = 0; i < IMAGES; i++) {
		const struct store_image *image = &ctd->fx.images[i];
		char id[GARITA_DIGEST_SIZE + 8];

		ctd_blob(ctd, image->manifest, digest);
		ctd_blob(ctd, image->config, digest);
		ctd_name(ctd, names[i], image->digest, 60);
		snprintf(id, sizeof(id), "sha256:%s", image->id);
		if (ctd->maker == MADE_BY_CRI)
			ctd_name(ctd, id, image->digest, 60);
	}
}

static void write_database(const struct ctd_fixture *ctd,
			   const struct bolt_node *tree, const char *path)
{
	auto_text bytes = { 0 };
	char full[2 * PATH];
	FILE *file;

	bolt_print(tree, ctd->page_size, 7, &bytes);
	snprintf(full, sizeof(full), "%s%s", ctd->fx.dir, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

void ctd_write(const struct ctd_fixture *ctd)
{
	auto_text text = { 0 };

	garita_text_printf(&text,
			   "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
			   "68 22 0:42 / %s rw,relatime - overlay overlay "
			   "rw,lowerdir=%s,upperdir=" SNAPSHOTTER
			   "/snapshots/%u/fs,workdir=" SNAPSHOTTER
			   "/snapshots/%u/work,uuid=on\n",
			   ctd->fx.root_path, ctd->lower, ctd->number,
			   ctd->number);
	store_write_file(&ctd->fx, "/proc/self/mountinfo", text.data);
	write_database(ctd, ctd->meta,
		       CTD_ROOT "/io.containerd.metadata.v1.bolt/meta.db");
	write_database(ctd, ctd->metadata, SNAPSHOTTER "/metadata.db");
}

void ctd_start(struct ctd_fixture *ctd, enum ctd_maker maker, size_t layers)
{
	static const char *const namespaces[] = { "default", "k8s.io", "moby" };

	*ctd = (struct ctd_fixture){
		.maker = maker,
		.namespace = namespaces[maker],
		.id = "c1",
		.page_size = 4096,
		.meta = bolt_node_new(),
		.metadata = bolt_node_new(),
	};
	temporary_make("containerd", ctd->fx.dir);
	if (maker == MADE_BY_DOCKER)
		snprintf(ctd->fx.root_path, sizeof(ctd->fx.root_path),
			 CTD_DATA "/rootfs/overlayfs/%s", ctd->id);
	else
		snprintf(ctd->fx.root_path, sizeof(ctd->fx.root_path),
			 CTD_TASKS "/%s/%s/rootfs", ctd->namespace, ctd->id);
	ctd->images = bolt_in(bolt_in(bolt_in(ctd->meta, "v1"), ctd->namespace),
			      "images");
	ctd->container = bolt_in(
		bolt_in(bolt_in(bolt_in(ctd->meta, "v1"), ctd->namespace),
			"containers"),
		ctd->id);
	ctd->snapshots = bolt_at(ctd->metadata, "v1|snapshots");
	store_make_dirs(&ctd->fx, "/proc/self");
	store_make_dirs(&ctd->fx, ctd->fx.root_path);
	store_make_dirs(&ctd->fx, CTD_ROOT "/io.containerd.metadata.v1.bolt");
	add_images(ctd, layers);
	add_layers(ctd, layers);
	add_container(ctd);
	ctd_write(ctd);
}

void ctd_end(struct ctd_fixture *ctd)
{
	store_end(&ctd->fx);
	bolt_node_free(ctd->meta);
	bolt_node_free(ctd->metadata);
	free(ctd->lower);
}

void ctd_ask(const struct ctd_fixture *ctd, struct garita_image *ret)
{
	struct garita_store_query query = {
		.sysroot = ctd->fx.dir,
		.root_path = ctd->fx.root_path,
		.id = ctd->id,
		.want_material = true,
	};

	garita_store_identify(&query, ret);
}

void ctd_expect(const struct ctd_fixture *ctd, const char *why,
		enum image_name image)
{
	auto_image found = { 0 };

	ctd_ask(ctd, &found);
	if (found.sure != GARITA_IMAGE_VERIFIED)
		fail_msg("%s: not verified: %s", why, found.why_not);
	assert_string_equal(found.store, "containerd");
	assert_string_equal(found.manifest, ctd->fx.images[image].digest);
	assert_string_equal(found.config + strlen("sha256:"),
			    ctd->fx.images[image].id);
	assert_string_equal(found.container, ctd->id);
	assert_string_equal(found.why_not, "");
	assert_non_null(garita_blobs_find(&found.material, found.manifest));
}

void ctd_expect_unknown(const struct ctd_fixture *ctd, const char *why,
			const char *words)
{
	auto_image found = { 0 };

	ctd_ask(ctd, &found);
	if (found.sure != GARITA_IMAGE_UNKNOWN)
		fail_msg("%s: believed", why);
	if (strstr(found.why_not, words) == NULL)
		fail_msg("%s: says \"%s\", not \"%s\"", why, found.why_not,
			 words);
	if (found.imageless != store_says_none(found.why_not))
		fail_msg("%s: of no image, and \"%s\"", why, found.why_not);
	assert_string_equal(found.manifest, "");
	assert_string_equal(found.index, "");
	assert_string_equal(found.config, "");
	assert_int_equal(found.name_count, 0);
	assert_int_equal(found.material.count, 0);
}
