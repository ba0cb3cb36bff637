/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * describe - what each piece of material says that it is, for a person who
 * wants to know what is there. Nothing is verified, and the words say so.
 */
#include <errno.h>
#include <string.h>

#include "garita/manifest.h"
#include "garita/memory.h"
#include "policy/trust/base64.h"
#include "policy/trust/fields.h"
#include "policy/trust/format.h"

static const char *format_of(const struct garita_blob *blob)
{
	for (size_t i = 0; garita_formats[i] != NULL; i++)
		if (garita_formats[i]->knows(blob))
			return garita_formats[i]->name;
	if (garita_manifest_is_index(blob->bytes, blob->len))
		return "index";
	return NULL;
}

static bool has_digest(const struct garita_json *statement,
		       const struct garita_image *image)
{
	const struct garita_json *subjects =
		garita_json_get(statement, "subject");
	const char *const own[] = { image->manifest, image->index };

	for (size_t i = 0; i < garita_json_count(subjects); i++) {
		const char *hex = garita_json_string(garita_json_get(
			garita_json_get(garita_json_item(subjects, i),
					"digest"),
			"sha256"));

		for (size_t d = 0; hex != NULL && d < GARITA_COUNT(own); d++)
			if (*own[d] != '\0' &&
			    strcmp(own[d] + strlen("sha256:"), hex) == 0)
				return true;
	}
	return false;
}

static void put_statement(const struct garita_json *envelope,
			  const struct garita_image *image,
			  struct garita_text *out)
{
	const char *text = garita_json_string(
		garita_field(envelope, GARITA_NAMES_PROTO, "payload"));
	auto_json struct garita_json_doc *doc = NULL;
	auto_free unsigned char *bytes = NULL;
	const struct garita_json *root;
	const char *type;
	size_t len = 0;

	if (text == NULL ||
	    garita_base64_proto(text, strlen(text), GARITA_JSON_LARGE_BYTES,
				&bytes, &len) < 0 ||
	    garita_json_parse((const char *)bytes, len, GARITA_JSON_LARGE, &doc,
			      NULL) < 0) {
		garita_text_puts(out, ", a statement that cannot be read");
		return;
	}
	root = garita_json_root(doc);
	type = garita_json_string(garita_json_get(root, "predicateType"));
	garita_text_printf(
		out, ", says %.120s about %s", type ? type : "nothing known",
		has_digest(root, image) ? "this image" : "another image");
}

static void put_bundle(const struct garita_json *root,
		       const struct garita_image *image,
		       struct garita_text *out)
{
	const struct garita_json *material =
		garita_field(root, GARITA_NAMES_PROTO, "verificationMaterial");
	const struct garita_json *envelope =
		garita_field(root, GARITA_NAMES_PROTO, "dsseEnvelope");
	bool key = garita_field(material, GARITA_NAMES_PROTO, "publicKey");

	garita_text_puts(out, key ? "signed with a key"
				  : "signed with a certificate");
	if (envelope != NULL)
		put_statement(envelope, image, out);
	else
		garita_text_puts(out, ", over the manifest");
}

static void describe(const struct garita_blob *blob,
		     const struct garita_image *image, struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;

	if (blob->len == 0 || *blob->bytes != '{' ||
	    garita_json_parse(blob->bytes, blob->len, GARITA_JSON_LARGE, &doc,
			      NULL) < 0)
		return;
	root = garita_json_root(doc);
	if (garita_format_bundle.knows(blob)) {
		put_bundle(root, image, out);
	} else if (garita_format_dsse.knows(blob)) {
		garita_text_puts(out, "an envelope");
		put_statement(root, image, out);
	}
}

void garita_describe(const struct garita_trust_case *of,
		     struct garita_text *notes)
{
	for (size_t i = 0; i < of->material->count; i++) {
		const struct garita_blob *blob = &of->material->all[i];
		const char *format = format_of(blob);
		auto_text words = { 0 };

		garita_text_printf(&words, "%zu bytes", blob->len);
		if (format != NULL)
			garita_text_puts(&words, ", ");
		describe(blob, of->image, &words);
		if (format != NULL && words.data[words.len - 1] == ' ')
			words.data[words.len -= 2] = '\0';
		garita_claims_put(notes, GARITA_NOTE_UNSURE, blob->name,
				  format ? format : "no signature", words.data);
	}
}
