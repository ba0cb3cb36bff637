/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore_local - a cosign signature as containers-storage, "dir:" and
 * lookaside keep it: a head that begins with NUL, which no OpenPGP message
 * does, and JSON with the payload and the annotations of the layer that it
 * was. One blob holds one signature; who read the record has cut them.
 */
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/cosign.h"
#include "policy/trust/fields.h"

enum { PAYLOAD_MAX = 256 * 1024 };

static const char head[] = "\0sigstore-json\n";
enum { HEAD = sizeof(head) - 1 };

static bool knows(const struct garita_blob *blob)
{
	return blob->len >= HEAD && memcmp(blob->bytes, head, HEAD) == 0;
}

/* One note, or all there is to check. */
static const char *unpack(const struct garita_json *root,
			  unsigned char **ret_payload, size_t *ret_len,
			  struct garita_error *err)
{
	static const char *const names[] = { "mimeType", "payload",
					     "annotations", NULL };
	const char *type, *payload;

	if (garita_fields_check(root, GARITA_NAMES_EXACT, names,
				"the signature", err) < 0)
		return err->text;
	type = garita_json_string(garita_json_get(root, "mimeType"));
	if (!type || strcmp(type, GARITA_COSIGN_PAYLOAD_TYPE) != 0)
		return "the mimeType is not that of a signature";
	payload = garita_json_string(garita_json_get(root, "payload"));
	if (!payload || garita_base64(payload, strlen(payload), PAYLOAD_MAX,
				      ret_payload, ret_len) < 0)
		return "the payload is not base64";
	return NULL;
}

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob, struct garita_claims *out)
{
	const char *format = garita_format_sigstore_local.name;
	auto_json struct garita_json_doc *doc = NULL;
	auto_free unsigned char *payload = NULL;
	const struct garita_json *root;
	struct garita_error err = { 0 };
	const char *wrong = err.text;
	size_t len = 0;

	if (garita_json_parse(blob->bytes + HEAD, blob->len - HEAD,
			      GARITA_JSON_STRICT, &doc, &err) == 0) {
		root = garita_json_root(doc);
		wrong = unpack(root, &payload, &len, &err);
		if (!wrong) {
			garita_cosign_check(
				of, format, blob, (const char *)payload, len,
				garita_json_get(root, "annotations"), out);
			return;
		}
	}
	garita_claims_note(out, format, blob, "%s", wrong);
}

const struct garita_format garita_format_sigstore_local = {
	.name = "sigstore in containers-storage",
	.kind = GARITA_REQUIRE_KEYS,
	.certificates = true,
	.knows = knows,
	.read = look_at,
};
