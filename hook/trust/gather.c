/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gather - see the header. From the policy and the image to questions, one for
 * each name that the image is judged by, all of which must be answered yes.
 */
#include "hook/trust/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/match.h"
#include "hook/file.h"
#include "hook/trust/ask.h"
#include "hook/trust/notation.h"
#include "hook/trust/remember.h"
#include "policy/trust/called.h"
#include "policy/trust/request.h"

enum {
	NAMES_MAX = 8, /* each is a question of its own */
	CONTAINERS_POLICY_MAX = 1024 * 1024,
	TRUST_POLICY_MAX = 1024 * 1024,
};

/* ---- who is wanted ---- */

static int read_trusted(const struct garita_gather *of, const char *path,
			size_t most, char **ret, size_t *ret_len,
			time_t *ret_changed, struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd =
		garita_file_open_trusted(of->policy_root, path, &st, err);

	if (fd < 0) /* which names the file */
		return fd;
	*ret_changed = st.st_mtime;
	return garita_file_read(fd, most, ret, ret_len, err) < 0
		       ? garita_fail_in(err, path)
		       : 0;
}

/* Absolute names as they are; others count from the policy's directory. */
static char *beside(const struct garita_gather *of, const char *name)
{
	const char *slash =
		of->policy_path ? strrchr(of->policy_path, '/') : NULL;
	auto_text path = { 0 };

	if (*name != '/' && slash != NULL)
		garita_text_add(&path, of->policy_path,
				(size_t)(slash + 1 - of->policy_path));
	garita_text_puts(&path, name);
	return garita_text_take(&path);
}

int garita_gather_keys(const struct garita_gather *of,
		       struct garita_requirement *wanted,
		       struct garita_error *err)
{
	for (size_t i = 0; i < wanted->key_count; i++) {
		struct garita_key_source *key = &wanted->keys[i];
		auto_free char *path = NULL;
		time_t changed = 0;
		int rc;

		if (key->bytes != NULL)
			continue;
		path = beside(of, key->path);
		rc = read_trusted(of, path, GARITA_REQUEST_KEY_MAX, &key->bytes,
				  &key->len, &changed, err);
		if (rc < 0)
			return rc;
		if (garita_requirement_asks_age(wanted))
			key->changed = changed;
	}
	return 0;
}

/* Paths in it are those of engines, which count them from wherever they are:
 * only absolute ones mean the same to us. */
static int check_paths(const struct garita_requirements *wanted,
		       struct garita_error *err)
{
	for (size_t i = 0; i < wanted->count; i++)
		for (size_t k = 0; k < wanted->all[i].key_count; k++) {
			const char *path = wanted->all[i].keys[k].path;

			if (path != NULL && *path != '/')
				return garita_fail(err, EINVAL,
						   "key path %s is not "
						   "absolute",
						   path);
		}
	return 0;
}

int garita_gather_containers(const struct garita_gather *of, const char *name,
			     struct garita_requirements *ret, char **ret_scope,
			     struct garita_error *err)
{
	auto_free char *path = beside(of, of->policy->containers_policy);
	auto_free char *text = NULL;
	time_t changed;
	size_t len;
	int rc = read_trusted(of, path, CONTAINERS_POLICY_MAX, &text, &len,
			      &changed, err);

	if (rc < 0)
		return rc;
	rc = garita_containers_policy(text, len, name, ret, ret_scope, err);
	if (rc == 0)
		rc = check_paths(ret, err);
	if (rc < 0)
		return garita_fail_in(err, path);
	for (size_t i = 0; i < ret->count; i++)
		ret->all[i].signed_index = of->policy->signed_index;
	return 0;
}

static char *copy_or_null(const char *text)
{
	return text ? garita_xstrdup(text) : NULL;
}

static void copy_annotations(struct garita_requirement *to,
			     const struct garita_annotation *from, size_t count)
{
	to->annotations = garita_xcalloc(count, sizeof(*to->annotations));
	for (size_t i = 0; i < count; i++)
		to->annotations[to->annotation_count++] =
			(struct garita_annotation){
				garita_xstrdup(from[i].key),
				garita_xstrdup(from[i].value),
			};
}

void garita_gather_signers(const struct garita_gather *of,
			   const struct garita_signers *signers,
			   struct garita_requirements *ret)
{
	struct garita_requirement *wanted = garita_requirements_add(ret);

	wanted->kind = signers->keyless   ? GARITA_REQUIRE_KEYLESS
		       : signers->openpgp ? GARITA_REQUIRE_GPG
					  : GARITA_REQUIRE_KEYS;
	if (signers->keyless != NULL)
		wanted->keyless = garita_keyless_copy(signers->keyless);
	wanted->need = signers->need;
	if (signers->attested != NULL)
		wanted->attested = garita_attestation_copy(signers->attested);
	wanted->signed_index = of->policy->signed_index;
	wanted->identity.kind = signers->identity.kind;
	wanted->identity.first = copy_or_null(signers->identity.first);
	wanted->identity.second = copy_or_null(signers->identity.second);
	wanted->keys =
		garita_xcalloc(signers->key_count, sizeof(*wanted->keys));
	for (size_t i = 0; i < signers->key_count; i++)
		wanted->keys[wanted->key_count++] = (struct garita_key_source){
			.path = garita_xstrdup(signers->keys[i]),
			.role = signers->keyless ? GARITA_SOURCE_TRUSTED_ROOT
						 : GARITA_SOURCE_KEY,
		};
	copy_annotations(wanted, signers->annotations,
			 signers->annotation_count);
}

int garita_gather_notation_scopes(const struct garita_gather *of, char ***ret,
				  size_t *ret_count, struct garita_error *err)
{
	auto_free char *path = beside(of, of->policy->notation.trust_policy);
	auto_free char *text = NULL;
	time_t changed;
	size_t len;
	int rc = read_trusted(of, path, TRUST_POLICY_MAX, &text, &len, &changed,
			      err);

	if (rc < 0)
		return rc;
	return garita_notation_scopes(text, len, ret, ret_count, err) < 0
		       ? garita_fail_in(err, path)
		       : 0;
}

int garita_gather_notation(const struct garita_gather *of, const char *name,
			   struct garita_requirements *ret,
			   struct garita_error *err)
{
	const struct garita_policy_notation *said = &of->policy->notation;
	auto_free char *policy = beside(of, said->trust_policy);
	auto_free char *store = beside(of, said->trust_store);
	auto_free char *crls = said->crls ? beside(of, said->crls) : NULL;
	const struct garita_notation_files from = {
		.trust_policy = policy,
		.trust_store = store,
		.crls = crls,
		.root = of->policy_root,
		.trusted = true,
	};
	size_t at = ret->count;
	int rc = garita_notation_gather(&from, name, ret, err);

	if (rc < 0)
		return rc;
	ret->all[at].signed_index = of->policy->signed_index;
	copy_annotations(&ret->all[at], said->annotations,
			 said->annotation_count);
	return 0;
}

/* All entries that are about this name and topic; what none is about is
 * refused. */
static int add_own(const struct garita_gather *of, const char *name,
		   enum garita_topic topic, struct garita_requirements *ret,
		   struct garita_error *err)
{
	bool signatures = topic == GARITA_TOPIC_SIGNATURE;
	const struct garita_policy *policy = of->policy;
	const struct garita_signers *all =
		signatures ? policy->signers : policy->attestations;
	size_t count =
		signatures ? policy->signers_count : policy->attestation_count;
	size_t found = 0, asked = 0;

	for (size_t i = 0; i < count; i++) {
		if (!signatures &&
		    garita_attestation_topic(all[i].attested->type) != topic)
			continue;
		asked++;
		if (all[i].match.count > 0 &&
		    (name == NULL ||
		     !garita_patterns_fit_name(&all[i].match, name)))
			continue;
		garita_gather_signers(of, &all[i], ret);
		found++;
	}
	if (asked > 0 && found == 0)
		return garita_fail(err, ENOENT,
				   "no entry of images.%s%s is about %s",
				   signatures ? "signatures" : "attestations",
				   signatures ? "" : " of that type",
				   name ? name : "an image without a name");
	return 0;
}

int garita_gather_wanted(const struct garita_gather *of, const char *name,
			 enum garita_topic topic,
			 struct garita_requirements *ret, char **ret_scope,
			 struct garita_error *err)
{
	bool signatures = topic == GARITA_TOPIC_SIGNATURE;
	auto_requirements wanted = { 0 };
	auto_free char *scope = NULL;
	int rc = 0;

	if (signatures && of->policy->containers_policy != NULL)
		rc = garita_gather_containers(of, name, &wanted, &scope, err);
	if (rc == 0 && signatures && of->policy->notation.trust_policy != NULL)
		rc = garita_gather_notation(of, name, &wanted, err);
	if (rc == 0)
		rc = add_own(of, name, topic, &wanted, err);
	for (size_t i = 0; rc == 0 && i < wanted.count; i++)
		rc = garita_gather_keys(of, &wanted.all[i], err);
	if (rc < 0)
		return rc;
	*ret = wanted;
	wanted = (struct garita_requirements){ 0 };
	*ret_scope = garita_take_ptr(&scope);
	return 0;
}

/* ---- the answer ---- */

static void refuse(struct garita_trust *ret, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void refuse(struct garita_trust *ret, const char *fmt, ...)
{
	va_list args;

	*ret = (struct garita_trust){ .state = GARITA_TRUST_REFUSED };
	va_start(args, fmt);
	vsnprintf(ret->words, sizeof(ret->words), fmt, args);
	va_end(args);
}

static void refuse_for(struct garita_trust *ret,
		       const struct garita_error *error)
{
	char words[sizeof(ret->words)];

	refuse(ret, "%s", garita_error_words(error, words, sizeof(words)));
}

/* What can be told without looking at a signature. The sentences are those of
 * garita_trust_decide(), which says the same. */
static bool is_plain(const struct garita_requirements *wanted,
		     struct garita_trust *ret)
{
	size_t nothing = 0;

	for (size_t i = 0; i < wanted->count; i++) {
		switch (wanted->all[i].kind) {
		case GARITA_REQUIRE_NOTHING:
			nothing++;
			break;
		case GARITA_REQUIRE_REJECT:
			refuse(ret, "the policy rejects this image");
			return true;
		case GARITA_REQUIRE_UNSUPPORTED:
			refuse(ret, "the policy wants %s", wanted->all[i].why);
			return true;
		case GARITA_REQUIRE_GPG:
		case GARITA_REQUIRE_KEYS:
		case GARITA_REQUIRE_KEYLESS:
		case GARITA_REQUIRE_NOTATION:
			break;
		}
	}
	if (nothing < wanted->count || nothing == 0)
		return false;
	*ret = (struct garita_trust){
		.state = GARITA_TRUST_ACCEPTED,
		.words = "the policy accepts any image by this name",
	};
	return true;
}

static void answer(const struct garita_gather *of,
		   const struct garita_image *image,
		   const struct garita_requirements *wanted,
		   struct garita_trust *ret, struct garita_text *notes)
{
	const struct garita_trust_case asked = {
		.image = image,
		.wanted = wanted,
		.material = &image->material,
		.now = of->now,
	};
	char name[GARITA_REQUEST_NAME];
	struct garita_error error = { 0 };
	auto_text written = { 0 };

	if (garita_request_write(&asked, &written, &error) < 0) {
		refuse_for(ret, &error);
		return;
	}
	garita_request_name(&written, name);
	if (notes == NULL && garita_remembered(of->sysroot, name, of->now, ret))
		return;
	(void)garita_ask_written(&asked, &written, of->program, ret, notes);
	if (ret->state == GARITA_TRUST_ACCEPTED)
		garita_remember(of->sysroot, name, of->now, ret);
}

/* `name` is one of the image's, or NULL. */
static void judge_by_name(const struct garita_gather *of,
			  const struct garita_image *image, char *name,
			  enum garita_topic topic, struct garita_trust *ret,
			  struct garita_text *notes)
{
	struct garita_image by_name = *image; /* borrows everything */
	auto_requirements wanted = { 0 };
	struct garita_error error = { 0 };
	auto_free char *scope = NULL;

	by_name.reference = name;
	if (garita_gather_wanted(of, name, topic, &wanted, &scope, &error) <
	    0) {
		refuse_for(ret, &error);
		return;
	}
	if (!is_plain(&wanted, ret))
		answer(of, &by_name, &wanted, ret, notes);
	if (ret->state == GARITA_TRUST_REFUSED && scope != NULL) {
		struct garita_trust said = *ret;

		refuse(ret, "%.128s: %s", scope, said.words);
	}
}

/* All of them; the words are those of the first. */
static void both(struct garita_trust *first, const struct garita_trust *next)
{
	if (first->state == GARITA_TRUST_NOT_ASKED ||
	    next->state == GARITA_TRUST_REFUSED) {
		*first = *next;
		return;
	}
	if (next->until != 0 &&
	    (first->until == 0 || next->until < first->until))
		first->until = next->until;
}

void garita_gather_answer(const struct garita_gather *of,
			  const struct garita_image *image,
			  enum garita_topic topic, struct garita_trust *ret,
			  struct garita_text *notes)
{
	struct garita_called called = garita_called(image);

	*ret = (struct garita_trust){ 0 };
	if (image->sure == GARITA_IMAGE_UNKNOWN) {
		refuse(ret, "an unknown image: %s", image->why_not);
		return;
	}

	if (called.count > NAMES_MAX) {
		refuse(ret,
		       "made by an id, and the image has %zu names, all of "
		       "which would have to be asked for; start it by name",
		       called.count);
		return;
	}
	if (called.count == 0)
		judge_by_name(of, image, NULL, topic, ret, notes);
	for (size_t i = 0;
	     i < called.count && ret->state != GARITA_TRUST_REFUSED; i++) {
		struct garita_trust next = { 0 };

		judge_by_name(of, image, called.names[i], topic, &next, notes);
		both(ret, &next);
	}
}

void garita_gather_judge(const struct garita_gather *of, unsigned topics,
			 struct garita_image *image)
{
	struct garita_error error = { 0 };
	int rc = 0;

	if (image->sure != GARITA_IMAGE_UNKNOWN)
		rc = garita_gather_material(of->sysroot, image,
					    &image->material, &error);
	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++) {
		if ((topics & 1U << topic) == 0)
			continue;
		if (rc < 0)
			refuse_for(&image->trust[topic], &error);
		else
			garita_gather_answer(of, image, topic,
					     &image->trust[topic], NULL);
	}
}
