/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canary_ctr - canaries through containerd's own client: `ctr run` starts runc
 * by its name.
 *
 * What ctr imports is an OCI layout as a tar archive: the layer, its config,
 * their manifest, and an index that names the image.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "garita/image.h"
#include "garita/sha256.h"
#include "hook/doctor/canary.h"

#define IMAGE "localhost/garita-canary:1"
#define SPACE "default" /* ctr's own, whose cgroup the rules know */

struct blob {
	char digest[GARITA_DIGEST_SIZE];
	size_t len;
};

static struct blob put_blob(const struct garita_text *data,
			    struct garita_text *archive)
{
	struct blob blob = { .len = data->len };
	char name[sizeof(blob.digest) + 16];

	garita_sha256_digest(data->data, data->len, blob.digest);
	snprintf(name, sizeof(name), "blobs/sha256/%s",
		 blob.digest + strlen("sha256:"));
	garita_canary_put_file(name, data->data, data->len, archive);
	return blob;
}

/* What Go calls this machine. */
static const char *machine(struct utsname *name)
{
	static const char *const known[][2] = { { "x86_64", "amd64" },
						{ "aarch64", "arm64" },
						{ "armv7l", "arm" },
						{ "i686", "386" } };

	if (uname(name) < 0)
		return "amd64";
	for (size_t i = 0; i < GARITA_COUNT(known); i++)
		if (strcmp(known[i][0], name->machine) == 0)
			return known[i][1];
	return name->machine;
}

static void put_layout(const char *program, size_t len,
		       struct garita_text *archive)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	auto_text layer = { 0 }, config = { 0 }, manifest = { 0 },
		  index = { 0 };
	struct blob layer_blob, config_blob, manifest_blob;
	struct utsname name;

	garita_canary_put_file(GARITA_CANARY_PROGRAM, program, len, &layer);
	garita_canary_put_end(&layer);
	garita_canary_put_file("oci-layout", layout, strlen(layout), archive);
	layer_blob = put_blob(&layer, archive);
	garita_text_printf(&config,
			   "{\"architecture\":\"%s\",\"os\":\"linux\","
			   "\"config\":{\"User\":\"65532:65532\"},\"rootfs\":{"
			   "\"type\":\"layers\","
			   "\"diff_ids\":[\"%s\"]}}",
			   machine(&name), layer_blob.digest);
	config_blob = put_blob(&config, archive);
	garita_text_printf(
		&manifest,
		"{\"schemaVersion\":2,\"mediaType\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
		"{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
		"\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"mediaType\":"
		"\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%s\","
		"\"size\":%zu}]}",
		config_blob.digest, config_blob.len, layer_blob.digest,
		layer_blob.len);
	manifest_blob = put_blob(&manifest, archive);
	garita_text_printf(
		&index,
		"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":"
		"\"application/vnd.oci.image.manifest.v1+json\",\"digest\":"
		"\"%s\",\"size\":%zu,\"annotations\":{"
		"\"io.containerd.image.name\":\"" IMAGE "\"}}]}",
		manifest_blob.digest, manifest_blob.len);
	garita_canary_put_file("index.json", index.data, index.len, archive);
	garita_canary_put_end(archive);
}

static void try_one(struct garita_doctor *doctor, bool harmless)
{
	char id[64];
	bool given = doctor->image != NULL;
	const char *image = given ? doctor->image : IMAGE;
	const char *program = given ? "true" : "/" GARITA_CANARY_PROGRAM;
	const char *version = given ? NULL : "--version";
	const char *const modest[] = {
		"ctr",   "--namespace", SPACE, "run",
		"--rm",  "--read-only", image, id,
		program, version,       NULL,
	};
	const char *const greedy[] = {
		"ctr",  "--namespace",  SPACE,        "run",
		"--rm", "--privileged", "--net-host", image,
		id,     program,        version,      NULL,
	};
	const char *const rm[] = { "ctr",        "--namespace", SPACE,
				   "containers", "rm",          id,
				   NULL };
	struct garita_canary canary = { .harmless = harmless,
					.id = id,
					.through = "ctr run" };
	off_t from = garita_canary_log_end(doctor);
	struct garita_error error = { 0 };
	auto_client client = { 0 };
	auto_free char *line = NULL;
	int rc;

	snprintf(id, sizeof(id), "garita-canary-%d-%d", (int)getpid(),
		 harmless);
	garita_canary_progress(doctor, garita_canary_what(harmless));
	rc = garita_client_run(doctor, harmless ? modest : greedy, -1, &client,
			       &error);
	line = garita_client_last_line(&client);
	canary.ran = rc == 0 && client.code == 0;
	canary.said = rc < 0 ? error.text : line;
	garita_canary_conclude(doctor, &canary, from);
	garita_canary_run_quietly(doctor, rm); /* what --rm left */
}

void garita_canary_try_ctr(struct garita_doctor *doctor)
{
	static const char *const import[] = { "ctr",    "--namespace", SPACE,
					      "images", "import",      "-",
					      NULL };
	static const char *const rmi[] = { "ctr",    "--namespace", SPACE,
					   "images", "rm",          "--sync",
					   IMAGE,    NULL };

	if (doctor->image == NULL &&
	    !garita_canary_import(doctor, "ctr run", import, put_layout))
		return;
	try_one(doctor, false);
	try_one(doctor, true);
	if (doctor->image == NULL)
		garita_canary_run_quietly(doctor, rmi);
}
