/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - all facts about a machine, at one time, and what the table of
 * advisories makes of them.
 */
#include "hook/host/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/advisories.h"
#include "hook/file.h"

void garita_gather_append(struct garita_facts *facts, const char *pointer,
			  const char *text)
{
	struct garita_json *list =
		garita_json_at(garita_json_root(facts->doc), pointer);

	if (list == NULL) {
		list = garita_json_new_array(facts->doc);
		garita_facts_put(facts, pointer, list);
	}
	if (text != NULL)
		garita_json_append(facts->doc, list,
				   garita_json_new_string(facts->doc, text));
}

/* A file that takes its place, entry by entry; none is no failure. */
static int read_table(const char *sysroot, const char *path,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	auto_free char *text = NULL;
	struct stat st;
	size_t len = 0;
	auto_fd int fd = garita_file_open_trusted(sysroot, path, &st, err);
	int rc;

	if (fd == -ENOENT) {
		if (err != NULL)
			*err = (struct garita_error){ 0 };
		return 0;
	}
	if (fd < 0)
		return fd;
	rc = garita_file_read(fd, GARITA_ADVISORIES_MAX_BYTES, &text, &len,
			      err);
	if (rc == 0)
		rc = garita_advisories_parse(text, len, ret, err);
	return rc < 0 ? garita_fail_in(err, path) : 0;
}

/* What is shipped is this garita's, also when another tree is looked at. */
static int read_tables(struct garita_gathering *g, struct garita_error *err)
{
	int rc = garita_advisories_parse(garita_advisories_built_in,
					 strlen(garita_advisories_built_in),
					 &g->tables[0], err);

	if (rc == 0)
		rc = read_table(NULL, GARITA_ADVISORIES_SHIPPED, &g->tables[1],
				err);
	if (rc == 0)
		rc = read_table(g->sysroot, GARITA_ADVISORIES_OWN,
				&g->tables[2], err);
	return rc;
}

static void free_tables(struct garita_gathering *g)
{
	for (size_t i = 0; i < GARITA_COUNT(g->tables); i++)
		garita_json_free(g->tables[i]);
}

static void gather(const struct garita_gathering *g, time_t now)
{
	struct garita_facts *facts = g->facts;
	struct garita_json *root = garita_json_root(facts->doc);
	char boot[GARITA_BOOT_ID_SIZE];

	garita_gather_boot(&g->view, boot);
	garita_json_put_u64(facts->doc, root, "version", GARITA_FACTS_VERSION);
	garita_json_put_u64(facts->doc, root, "gathered", (uint64_t)now);
	garita_json_put_string(facts->doc, root, "boot", boot);
	garita_gather_live(&g->view, facts);
	garita_gather_kernel(g);
	garita_gather_patches(g);
	garita_gather_modules(g);
	garita_gather_programs(g);
	garita_gather_storage(g);
	garita_gather_engines(g);
	garita_gather_access(g);
	for (size_t i = 0; i < GARITA_COUNT(g->tables); i++)
		if (g->tables[i] != NULL)
			garita_advisories_judge(g->tables[i], facts);
}

int garita_facts_gather(const char *sysroot, const struct garita_policy *policy,
			time_t now, struct garita_facts *ret,
			struct garita_error *err)
{
	struct garita_facts facts = { 0 };
	auto_fd int root = -1;
	struct garita_gathering g = {
		.sysroot = sysroot ? sysroot : "",
		.facts = &facts,
		.policy = policy,
	};
	int rc;

	if (*g.sysroot != '\0') {
		root = open(g.sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return garita_fail(err, errno,
					   "cannot open sysroot %s: %s",
					   g.sysroot, strerror(errno));
	}
	g.view = (struct garita_view){ .root = root };
	rc = read_tables(&g, err);
	if (rc == 0) {
		garita_facts_none(&facts, "");
		facts.gathered = now;
		gather(&g, now);
		*ret = facts;
	}
	free_tables(&g);
	return rc;
}
