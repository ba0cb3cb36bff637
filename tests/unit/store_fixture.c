/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store_fixture - a containers-storage store built for a test. It writes what
 * podman writes, with names that are hashes of words and layers without files:
 * nothing here looks inside a layer.
 */
#include "tests/unit/store_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/store/store.h"

/* Names of things: hex digests of words, so that they look like real ones. */
void store_make_id(const char *word, size_t number, char into[ID])
{
	char digest[GARITA_DIGEST_SIZE];
	char text[64];

	snprintf(text, sizeof(text), "%s %zu", word, number);
	garita_sha256_digest(text, strlen(text), digest);
	memcpy(into, digest + strlen("sha256:"), ID);
}

static void make_link(size_t number, char into[32])
{
	snprintf(into, 32, "GARITATESTLINKNUMBER%06zu", number);
}

/* "=" and base64 with padding: the file name of a blob. */
static void blob_name(const char *key, char *into, size_t size)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
				  "stuvwxyz0123456789+/";
	size_t len = strlen(key), at = 0;
	unsigned bits = 0, have = 0;

	into[at++] = '=';
	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | (unsigned char)key[i];
		for (have += 8; have >= 6; have -= 6)
			into[at++] = set[bits >> (have - 6) & 63];
	}
	if (have > 0)
		into[at++] = set[bits << (6 - have) & 63];
	while ((at - 1) % 4 != 0)
		into[at++] = '=';
	assert_true(at < size);
	into[at] = '\0';
}

void store_make_dirs(const struct store_fixture *fx, const char *path)
{
	char full[2 * PATH];
	size_t base = strlen(fx->dir);

	snprintf(full, sizeof(full), "%s%s", fx->dir, path);
	for (char *at = full + base + 1; *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
		*at = '/';
	}
	assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
}

void store_write_file(const struct store_fixture *fx, const char *path,
		      const char *text)
{
	char full[2 * PATH];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", fx->dir, path);
	file = fopen(full, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

char *store_read_file(const struct store_fixture *fx, const char *path)
{
	auto_text text = { 0 };
	char full[2 * PATH];
	FILE *file;
	int c;

	snprintf(full, sizeof(full), "%s%s", fx->dir, path);
	file = fopen(full, "re");
	if (file == NULL)
		fail_msg("cannot open %s", full);
	while ((c = fgetc(file)) != EOF)
		garita_text_putc(&text, (char)c);
	fclose(file);
	return garita_text_take(&text);
}

void store_blob_path(const struct store_image *image, const char *key,
		     char *into, size_t size)
{
	char name[PATH];

	blob_name(key, name, sizeof(name));
	snprintf(into, size, STORE "/overlay-images/%s/%s", image->id, name);
}

void store_write_blob(const struct store_fixture *fx,
		      const struct store_image *image, const char *key,
		      const char *text)
{
	char path[2 * PATH];

	store_blob_path(image, key, path, sizeof(path));
	store_write_file(fx, path, text);
}

void store_make_image(struct store_image *image, const char *name, size_t first,
		      size_t layers)
{
	auto_text config = { 0 }, manifest = { 0 };
	char digest[GARITA_DIGEST_SIZE], diff[ID];

	image->first = first;
	image->layers = layers;
	garita_text_printf(&config,
			   "{\"config\":{\"Labels\":{\"name\":\"%s\"}},"
			   "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[",
			   name);
	for (size_t i = 0; i < layers; i++) {
		store_make_id("diff", first + i, diff);
		garita_text_printf(&config, "%s\"sha256:%s\"", i > 0 ? "," : "",
				   diff);
	}
	garita_text_puts(&config, "]}}");
	garita_sha256_digest(config.data, config.len, digest);
	memcpy(image->id, digest + strlen("sha256:"), ID);
	garita_text_printf(&manifest,
			   "{\"schemaVersion\":2,\"config\":{\"digest\":\"%s\"}"
			   ",\"layers\":[]}",
			   digest);
	garita_sha256_digest(manifest.data, manifest.len, image->digest);
	image->config = garita_text_take(&config);
	image->manifest = garita_text_take(&manifest);
}

static void write_image(const struct store_fixture *fx,
			const struct store_image *image)
{
	char path[PATH], key[PATH];

	snprintf(path, sizeof(path), STORE "/overlay-images/%s", image->id);
	store_make_dirs(fx, path);
	snprintf(key, sizeof(key), "manifest-%s", image->digest);
	store_write_blob(fx, image, key, image->manifest);
	snprintf(key, sizeof(key), "sha256:%s", image->id);
	store_write_blob(fx, image, key, image->config);
}

void store_write_images(const struct store_fixture *fx)
{
	static const char *const names[IMAGES] = { "app", "twin", "other" };
	auto_text text = { 0 };

	for (size_t i = 0; i < IMAGES; i++) {
		const struct store_image *image = &fx->images[i];
		char top[ID];

		write_image(fx, image);
		store_make_id("layer", image->first + image->layers - 1, top);
		garita_text_printf(
			&text,
			"%s{\"id\":\"%s\",\"digest\":\"%s\",\"names\":["
			"\"localhost/%s:v1\"],\"layer\":\"%s\","
			"\"metadata\":\"{\\\"id\\\":\\\"x\\\"}\","
			"\"big-data-names\":[\"sha256:%s\",\"manifest-%s\"]}",
			i > 0 ? "," : "[", image->id, image->digest, names[i],
			top, image->id, image->digest);
	}
	garita_text_puts(&text, "]");
	store_write_file(fx, STORE "/overlay-images/images.json", text.data);
}

void store_link_layer(const struct store_fixture *fx, size_t number,
		      const char *id)
{
	char target[PATH], link[32], path[2 * PATH];

	snprintf(path, sizeof(path), STORE "/overlay/%s/diff", id);
	store_make_dirs(fx, path);
	snprintf(target, sizeof(target), "../%s/diff", id);
	make_link(number, link);
	snprintf(path, sizeof(path), "%s" STORE "/overlay/l/%s", fx->dir, link);
	assert_int_equal(symlink(target, path), 0);
}

/* Layers 0 .. LAYERS-1 for app and twin, LAYERS .. 2*LAYERS-1 for other, and
 * DEEP more in one stack when asked for. */
static void write_layers(const struct store_fixture *fx, size_t count)
{
	auto_text text = { 0 };
	char id[ID], parent[ID], diff[ID];
	const struct store_image *app = &fx->images[APP];

	for (size_t i = 0; i < count; i++) {
		store_make_id("layer", i, id);
		store_make_id("diff", i, diff);
		store_link_layer(fx, i, id);
		garita_text_printf(&text, "%s{\"id\":\"%s\",",
				   i > 0 ? "," : "[", id);
		if (i % LAYERS != 0 || (count > 2 * LAYERS && i > 2 * LAYERS)) {
			store_make_id("layer", i - 1, parent);
			garita_text_printf(&text, "\"parent\":\"%s\",", parent);
		}
		garita_text_printf(&text,
				   "\"diff-digest\":\"sha256:%s\","
				   "\"uidset\":[0],\"gidset\":[0]}",
				   diff);
	}
	store_make_id("layer", app->first + app->layers - 1, parent);
	garita_text_printf(&text,
			   ",{\"id\":\"%s\",\"names\":[\"c1-layer\"],"
			   "\"parent\":\"%s\"}]",
			   fx->layer, parent);
	store_write_file(fx, STORE "/overlay-layers/layers.json", text.data);
}

static void write_lower(const struct store_fixture *fx,
			const struct store_image *image)
{
	auto_text text = { 0 };
	char link[32], path[PATH];

	for (size_t i = image->layers; i > 0; i--) {
		make_link(image->first + i - 1, link);
		garita_text_printf(&text, "l/%s%s", link, i > 1 ? ":" : "");
	}
	snprintf(path, sizeof(path), STORE "/overlay/%s/lower", fx->layer);
	store_write_file(fx, path, text.data);
}

void store_write_container(const struct store_fixture *fx)
{
	auto_text text = { 0 };
	char path[PATH];

	snprintf(path, sizeof(path), STORE "/overlay/%s/merged", fx->layer);
	store_make_dirs(fx, path);
	snprintf(path, sizeof(path), STORE "/overlay/%s/diff", fx->layer);
	store_make_dirs(fx, path);
	garita_text_printf(&text,
			   "[{\"id\":\"%s\",\"names\":[\"c1\"],\"image\":"
			   "\"%s\",\"layer\":\"%s\",\"metadata\":\"{\\\"image-"
			   "name\\\":\\\"localhost/other:v1\\\"}\"}]",
			   fx->container, fx->images[APP].id, fx->layer);
	store_write_file(fx, STORE "/overlay-containers/containers.json",
			 text.data);
}

static void write_mountinfo(const struct store_fixture *fx)
{
	auto_text text = { 0 };

	garita_text_printf(&text,
			   "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
			   "57 22 254:0 " STORE "/overlay " STORE "/overlay "
			   "rw - ext4 /dev/vda rw\n"
			   "68 57 0:42 / %s rw,relatime - overlay overlay "
			   "rw,lowerdir=4:5:6,upperdir=" STORE "/overlay/%s/"
			   "diff,workdir=" STORE "/overlay/%s/work,uuid=on\n",
			   fx->root_path, fx->layer, fx->layer);
	store_write_file(fx, "/proc/self/mountinfo", text.data);
}

static void build(struct store_fixture *fx, size_t app_layers)
{
	static const char *const dirs[] = {
		"/proc/self",
		STORE "/overlay/l",
		STORE "/overlay-containers",
		STORE "/overlay-images",
		STORE "/overlay-layers",
	};
	size_t count =
		app_layers == LAYERS ? 2 * LAYERS : 2 * LAYERS + app_layers;
	size_t first = app_layers == LAYERS ? 0 : 2 * LAYERS;

	store_make_id("container layer", 0, fx->layer);
	store_make_id("container", 0, fx->container);
	snprintf(fx->root_path, sizeof(fx->root_path),
		 STORE "/overlay/%s/merged", fx->layer);
	store_make_image(&fx->images[APP], "app", first, app_layers);
	store_make_image(&fx->images[TWIN], "twin", first, app_layers);
	store_make_image(&fx->images[OTHER], "other", LAYERS, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(dirs); i++)
		store_make_dirs(fx, dirs[i]);
	store_write_images(fx);
	store_write_container(fx);
	write_layers(fx, count);
	write_lower(fx, &fx->images[APP]);
	write_mountinfo(fx);
}

void store_start(struct store_fixture *fx, size_t app_layers)
{
	*fx = (struct store_fixture){ 0 };
	temporary_make("store", fx->dir);
	build(fx, app_layers);
}

void store_end(struct store_fixture *fx)
{
	for (size_t i = 0; i < IMAGES; i++) {
		free(fx->images[i].config);
		free(fx->images[i].manifest);
	}
	assert_int_equal(temporary_remove(fx->dir), 0);
}

void store_ask(const struct store_fixture *fx, struct garita_image *ret)
{
	struct garita_store_query query = {
		.sysroot = fx->dir,
		.root_path = fx->root_path,
	};

	garita_store_identify(&query, ret);
}

void store_expect_app(const struct store_fixture *fx, const char *why)
{
	auto_image image = { 0 };

	store_ask(fx, &image);
	if (image.sure != GARITA_IMAGE_VERIFIED)
		fail_msg("%s: not verified: %s", why, image.why_not);
	assert_string_equal(image.store, "containers-storage");
	assert_string_equal(image.manifest, fx->images[APP].digest);
	assert_string_equal(image.config + strlen("sha256:"),
			    fx->images[APP].id);
	assert_int_equal(image.name_count, 1);
	assert_string_equal(image.names[0], "localhost/app:v1");
	assert_string_equal(image.container, fx->container);
	assert_string_equal(image.why_not, "");
}

bool store_says_none(const char *why_not)
{
	static const char *const said[] = {
		"in no image store",
		"made from no image",
		"is a directory, not an image",
		"is a step of a build",
		"not belong to the container being started, says the store",
	};

	for (size_t i = 0; i < GARITA_COUNT(said); i++)
		if (strstr(why_not, said[i]) != NULL)
			return true;
	return false;
}

void store_expect_unknown(const struct store_fixture *fx, const char *why,
			  const char *words)
{
	auto_image image = { 0 };

	store_ask(fx, &image);
	if (image.sure != GARITA_IMAGE_UNKNOWN)
		fail_msg("%s: believed", why);
	if (strstr(image.why_not, words) == NULL)
		fail_msg("%s: says \"%s\", not \"%s\"", why, image.why_not,
			 words);
	if (image.imageless != store_says_none(image.why_not))
		fail_msg("%s: of no image, and \"%s\"", why, image.why_not);
	assert_string_equal(image.manifest, "");
	assert_string_equal(image.index, "");
	assert_string_equal(image.config, "");
	assert_int_equal(image.name_count, 0);
}

static void app_file(const struct store_fixture *fx, bool manifest,
		     struct garita_text *out)
{
	const struct store_image *app = &fx->images[APP];
	char key[PATH], path[2 * PATH];

	if (manifest)
		snprintf(key, sizeof(key), "manifest-%s", app->digest);
	else
		snprintf(key, sizeof(key), "sha256:%s", app->id);
	store_blob_path(app, key, path, sizeof(path));
	garita_text_puts(out, path);
}

static void put_name(const struct store_fixture *fx, char name,
		     struct garita_text *out)
{
	char id[ID];

	if (name == 'C')
		garita_text_puts(out, fx->container);
	else if (name == 'L')
		garita_text_puts(out, fx->layer);
	else if (name >= 'I' && name <= 'K')
		garita_text_puts(out, fx->images[name - 'I'].id);
	else if (name >= 'D' && name <= 'F')
		garita_text_puts(out, fx->images[name - 'D'].digest);
	else if (name == 'M' || name == 'B')
		app_file(fx, name == 'M', out);
	else if (garita_is_digit(name)) {
		store_make_id("layer", (size_t)(name - '0'), id);
		garita_text_puts(out, id);
	} else {
		fail_msg("no {%c}", name);
	}
}

char *store_expand(const struct store_fixture *fx, const char *text)
{
	auto_text out = { 0 };

	for (; *text != '\0'; text++) {
		if (text[0] == '{' && text[1] != '\0' && text[2] == '}') {
			put_name(fx, text[1], &out);
			text += 2;
		} else {
			garita_text_putc(&out, *text);
		}
	}
	return garita_text_take(&out);
}

void store_change(const struct store_fixture *fx, const char *path,
		  const char *old, const char *new)
{
	auto_free char *file = store_expand(fx, path);
	auto_free char *from = store_expand(fx, old);
	auto_free char *to = store_expand(fx, new);
	auto_free char *text = store_read_file(fx, file);
	auto_text out = { 0 };
	char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("%s has no %s", file, from);
	if (from[0] == '\0') {
		store_write_file(fx, file, to);
		return;
	}
	garita_text_add(&out, text, (size_t)(at - text));
	garita_text_puts(&out, to);
	garita_text_puts(&out, at + strlen(from));
	store_write_file(fx, file, out.data);
}

void store_drop(const struct store_fixture *fx, const char *path)
{
	auto_free char *file = store_expand(fx, path);
	char full[2 * PATH];

	snprintf(full, sizeof(full), "%s%s", fx->dir, file);
	assert_int_equal(unlink(full), 0);
}
