/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * identify - prints what garita_store_identify() says about a root file
 * system, as one JSON object, for the tests that ask real engines.
 *
 *	identify [-s SYSROOT] [-b BUNDLE] [-i ID] [-n TIMES] ROOT-PATH
 *
 * With -n it asks that often and prints how long one answer took.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "garita/json.h"
#include "hook/store/store.h"

static const char *sure_name(enum garita_image_sure sure)
{
	switch (sure) {
	case GARITA_IMAGE_UNKNOWN:
		return "unknown";
	case GARITA_IMAGE_CONFIG:
		return "config";
	case GARITA_IMAGE_VERIFIED:
		return "verified";
	}
	return "?";
}

static struct garita_json *list(struct garita_json_doc *doc, char **words,
				size_t count)
{
	struct garita_json *all = garita_json_new_array(doc);

	for (size_t i = 0; i < count; i++)
		garita_json_append(doc, all,
				   garita_json_new_string(doc, words[i]));
	return all;
}

static void print(const struct garita_image *image)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	auto_text text = { 0 };

	garita_json_put_string(doc, root, "sure", sure_name(image->sure));
	garita_json_put_string(doc, root, "store", image->store);
	garita_json_put_string(doc, root, "manifest", image->manifest);
	garita_json_put_string(doc, root, "index", image->index);
	garita_json_put_string(doc, root, "config", image->config);
	garita_json_put(doc, root, "names",
			list(doc, image->names, image->name_count));
	garita_json_put_string(doc, root, "reference", image->reference);
	garita_json_put(
		doc, root, "repo_digests",
		list(doc, image->repo_digests, image->repo_digest_count));
	garita_json_put_string(doc, root, "container", image->container);
	garita_json_put_string(doc, root, "why_not", image->why_not);
	garita_json_print_pretty(root, &text);
	printf("%s\n", text.data);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void measure(const struct garita_store_query *query, uint32_t times)
{
	double start = now_us();

	for (uint32_t i = 0; i < times; i++) {
		auto_image image = { 0 };

		garita_store_identify(query, &image);
	}
	printf("%.1f us\n", (now_us() - start) / times);
}

int main(int argc, char *argv[])
{
	struct garita_store_query query = { .sysroot = "" };
	auto_image image = { 0 };
	uint32_t times = 0;
	int option;

	while ((option = getopt(argc, argv, "s:b:i:n:")) != -1) {
		if (option == 's')
			query.sysroot = optarg;
		else if (option == 'b')
			query.bundle = optarg;
		else if (option == 'i')
			query.id = optarg;
		else if (option != 'n' ||
			 garita_parse_u32(optarg, 1, 1000000, &times) < 0)
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "identify: one root path is needed\n");
		return 2;
	}
	query.root_path = argv[optind];
	if (times > 0) {
		measure(&query, times);
		return 0;
	}
	garita_store_identify(&query, &image);
	print(&image);
	return 0;
}
