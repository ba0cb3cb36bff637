/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec_mounts - the mounts of a config, and options of which runtimes would
 * make something else than their author: those are no mounts to judge.
 */
#include "policy/spec_mounts.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"

/* The first ones are the recursive forms of what opens a mount again. */
enum { REOPENING = 4 };

/* The words whose other spellings ("RO", "ro ") every runtime hands to the
 * file system or drops, so that the mount is not what its author meant. */
static const char flag_options[][12] = {
	"rrw",        "rsuid",       "rdev",    "rexec",       "ro",
	"rw",         "bind",        "rbind",   "nosuid",      "suid",
	"nodev",      "dev",         "noexec",  "exec",        "private",
	"rprivate",   "shared",      "rshared", "slave",       "rslave",
	"unbindable", "runbindable", "rro",     "rnosuid",     "rnodev",
	"rnoexec",    "remount",     "sync",    "nosymfollow", "relatime",
	"noatime",    "idmap",       "ridmap",  "tmpcopyup",
};

static const char *trimmed(const char *text, size_t *ret_len)
{
	size_t len;

	while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
		text++;
	len = strlen(text);
	while (len > 0 && (text[len - 1] == ' ' ||
			   (text[len - 1] >= '\t' && text[len - 1] <= '\r')))
		len--;
	*ret_len = len;
	return text;
}

/* Has it a capital letter or a blank, without which it is what it looks like?
 */
static bool may_be_inexact(const char *option)
{
	for (; *option != '\0'; option++)
		if (*option == ' ' || (*option >= '\t' && *option <= '\r') ||
		    (*option >= 'A' && *option <= 'Z'))
			return true;
	return false;
}

/* The flag that an option looks like without being it, or NULL. */
static const char *inexact_option(const char *option)
{
	size_t len;
	const char *word;

	if (!may_be_inexact(option))
		return NULL;
	word = trimmed(option, &len);
	for (size_t i = 0; i < GARITA_COUNT(flag_options); i++) {
		const char *flag = flag_options[i];

		if (strlen(flag) == len && strncasecmp(flag, word, len) == 0)
			return flag;
	}
	return NULL;
}

static bool is_reopening(const char *option)
{
	if (option[0] != 'r')
		return false;
	for (size_t i = 0; i < REOPENING; i++)
		if (strcmp(option, flag_options[i]) == 0)
			return true;
	return false;
}

static int check_option(struct garita_json_doc *doc, size_t mount, size_t i,
			const char *option, struct garita_error *err)
{
	const char *meant = inexact_option(option);
	const char *word = meant ? meant : option;
	bool reopens = is_reopening(word);
	bool again = strcmp(word, "remount") == 0;
	auto_text at = { 0 };

	if (meant == NULL && !reopens && !again)
		return 0;
	garita_text_printf(&at, "/mounts/%zu/options/%zu", mount, i);
	if (again)
		return garita_json_fail(
			err, doc, at.data, EINVAL,
			"mount option \"%s\" makes another mount of one that "
			"is there; write its options where it is mounted",
			option);
	if (meant != NULL)
		return garita_json_fail(
			err, doc, at.data, EINVAL,
			"mount option \"%s\" is not \"%s\" to any "
			"runtime, which would mount without it; write "
			"\"%s\"",
			option, meant, meant + reopens);
	return garita_json_fail(err, doc, at.data, EINVAL,
				"mount option \"%s\" is set behind all others "
				"by runc and not by crun; write \"%s\"",
				option, option + 1);
}

static int read_mount_options(struct garita_json_doc *doc, size_t index,
			      struct garita_mount *mount,
			      struct garita_error *err)
{
	mount->read_only = garita_mount_keeps(mount, "ro", "rw");
	for (size_t i = 0; i < garita_json_count(mount->options); i++) {
		const char *option =
			garita_json_string(garita_json_item(mount->options, i));
		int rc = option ? check_option(doc, index, i, option, err) : 0;

		if (rc < 0)
			return rc;
		if (option == NULL)
			continue;
		mount->recursive |= strcmp(option, "rbind") == 0;
		mount->all_read_only |= strcmp(option, "rro") == 0;
		mount->bind |= mount->recursive || strcmp(option, "bind") == 0;
	}
	return 0;
}

/* Of a bind without a source runc makes one of the bundle, with the config that
 * it was started by and whatever else the engine keeps there; crun fails. */
static int check_source(struct garita_json_doc *doc, size_t i,
			const struct garita_mount *mount,
			struct garita_error *err)
{
	auto_text at = { 0 };

	if (!mount->bind || (mount->source != NULL && *mount->source != '\0'))
		return 0;
	garita_text_printf(&at, "/mounts/%zu", i);
	return garita_json_fail(err, doc, at.data, EINVAL,
				"bind mount has no source: to runc that is the "
				"bundle, to crun nothing; name one");
}

int garita_spec_read_mounts(struct garita_json_doc *doc,
			    struct garita_spec *spec, struct garita_error *err)
{
	const struct garita_json *mounts =
		garita_json_get(spec->root, "mounts");

	spec->mounts = garita_xcalloc(garita_json_count(mounts),
				      sizeof(*spec->mounts));
	for (size_t i = 0; i < garita_json_count(mounts); i++) {
		const struct garita_json *node = garita_json_item(mounts, i);
		struct garita_mount *mount = &spec->mounts[i];
		int rc;

		mount->destination = garita_json_string(
			garita_json_get(node, "destination"));
		if (mount->destination == NULL || *mount->destination == '\0') {
			auto_text at = { 0 };

			garita_text_printf(&at, "/mounts/%zu", i);
			return garita_json_fail(err, doc, at.data, EINVAL,
						"mount has no destination");
		}
		mount->clean = garita_path_clean(mount->destination);
		spec->mount_count = i + 1;
		mount->type = garita_json_string(garita_json_get(node, "type"));
		mount->source =
			garita_json_string(garita_json_get(node, "source"));
		mount->options = garita_json_get(node, "options");
		mount->bind = mount->type && strcmp(mount->type, "bind") == 0;
		rc = read_mount_options(doc, i, mount, err);
		if (rc == 0)
			rc = check_source(doc, i, mount, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}
