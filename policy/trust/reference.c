/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference - the distribution grammar, one piece after another: what is after
 * "@" is the digest, the first component may be the domain, what is after the
 * last colon of the rest is the tag.
 */
#include "garita/reference.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"

#define DEFAULT_DOMAIN "docker.io"
#define LEGACY_DOMAIN  "index.docker.io"
#define DEFAULT_SPACE  "library/"

enum { TEXT_MAX = 1024 }; /* more than any reference; bounds the work */

struct piece {
	const char *at;
	size_t len;
};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_path_char(char c)
{
	return is_lower(c) || garita_is_digit(c);
}

static bool is_word(char c)
{
	return is_path_char(c) || is_upper(c);
}

static bool piece_is(struct piece piece, const char *word)
{
	return piece.len == strlen(word) &&
	       memcmp(piece.at, word, piece.len) == 0;
}

static bool has_upper(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (is_upper(piece.at[i]))
			return true;
	return false;
}

/* What is before the first `c`, which goes with it; all of it when there is
 * no `c`. */
static struct piece cut(struct piece *rest, char c)
{
	const char *at = memchr(rest->at, c, rest->len);
	struct piece head = *rest;

	if (at == NULL) {
		*rest = (struct piece){ rest->at + rest->len, 0 };
		return head;
	}
	head.len = (size_t)(at - rest->at);
	rest->at = at + 1;
	rest->len -= head.len + 1;
	return head;
}

/* "." "_" "__" or any number of "-": between letters and digits only. */
static size_t separator_len(struct piece text, size_t at)
{
	size_t len = 0;

	if (text.at[at] == '.')
		return 1;
	if (text.at[at] == '_')
		return at + 1 < text.len && text.at[at + 1] == '_' ? 2 : 1;
	while (at + len < text.len && text.at[at + len] == '-')
		len++;
	return len;
}

static bool is_path_component(struct piece part)
{
	size_t i = 0;

	if (part.len == 0 || !is_path_char(part.at[0]) ||
	    !is_path_char(part.at[part.len - 1]))
		return false;
	while (i < part.len) {
		size_t skip =
			is_path_char(part.at[i]) ? 1 : separator_len(part, i);

		if (skip == 0)
			return false;
		i += skip;
		/* After a separator of two kinds comes no letter. */
		if (i < part.len && !is_path_char(part.at[i - 1]) &&
		    !is_path_char(part.at[i]))
			return false;
	}
	return true;
}

static bool is_path(struct piece path)
{
	do {
		if (path.len == 0 || path.at[path.len - 1] == '/' ||
		    !is_path_component(cut(&path, '/')))
			return false;
	} while (path.len > 0);
	return true;
}

static bool is_domain_component(struct piece part)
{
	if (part.len == 0 || part.at[0] == '-' || part.at[part.len - 1] == '-')
		return false;
	for (size_t i = 0; i < part.len; i++)
		if (!is_word(part.at[i]) && part.at[i] != '-')
			return false;
	return true;
}

static bool is_port(struct piece port)
{
	for (size_t i = 0; i < port.len; i++)
		if (!garita_is_digit(port.at[i]))
			return false;
	return port.len > 0;
}

/* "[2001:db8::1]:5000": what is after the address. */
static bool is_address(struct piece domain)
{
	size_t i = 1;

	while (i < domain.len &&
	       (garita_is_digit(domain.at[i]) || (domain.at[i] | 0x20) == 'a' ||
		((domain.at[i] | 0x20) > 'a' && (domain.at[i] | 0x20) <= 'f') ||
		domain.at[i] == ':'))
		i++;
	if (i == 1 || i == domain.len || domain.at[i] != ']')
		return false;
	if (++i == domain.len)
		return true;
	return domain.at[i] == ':' &&
	       is_port((struct piece){ domain.at + i + 1, domain.len - i - 1 });
}

static bool is_domain(struct piece domain)
{
	struct piece host;

	if (domain.len > 0 && domain.at[0] == '[')
		return is_address(domain);
	host = domain;
	host.len = cut(&domain, ':').len;
	if (host.at[host.len] == ':' && !is_port(domain))
		return false;
	if (host.len == 0 || host.at[host.len - 1] == '.')
		return false;
	while (host.len > 0)
		if (!is_domain_component(cut(&host, '.')))
			return false;
	return true;
}

/* Takes the domain off the front when there is one. */
static struct piece cut_domain(struct piece *rest)
{
	struct piece after = *rest;
	struct piece first = cut(&after, '/');

	if (first.len == rest->len ||
	    (memchr(first.at, '.', first.len) == NULL &&
	     memchr(first.at, ':', first.len) == NULL && !has_upper(first) &&
	     !piece_is(first, "localhost")))
		return (struct piece){ DEFAULT_DOMAIN, strlen(DEFAULT_DOMAIN) };
	*rest = after;
	if (piece_is(first, LEGACY_DOMAIN))
		return (struct piece){ DEFAULT_DOMAIN, strlen(DEFAULT_DOMAIN) };
	return first;
}

static int take_tag(struct piece tag, struct garita_reference *ret,
		    struct garita_error *err)
{
	if (tag.len == 0 || tag.len > GARITA_TAG_MAX ||
	    (!is_word(tag.at[0]) && tag.at[0] != '_'))
		return garita_fail(err, EINVAL, "\"%.*s\" is no tag",
				   (int)tag.len, tag.at);
	for (size_t i = 0; i < tag.len; i++)
		if (!is_word(tag.at[i]) && strchr("_.-", tag.at[i]) == NULL)
			return garita_fail(err, EINVAL, "\"%.*s\" is no tag",
					   (int)tag.len, tag.at);
	memcpy(ret->tag, tag.at, tag.len);
	ret->tag[tag.len] = '\0';
	return 0;
}

static int take_digest(struct piece digest, struct garita_reference *ret,
		       struct garita_error *err)
{
	char text[GARITA_DIGEST_SIZE];

	if (digest.len == sizeof(text) - 1) {
		memcpy(text, digest.at, digest.len);
		text[digest.len] = '\0';
		if (garita_digest_well_formed(text)) {
			memcpy(ret->digest, text, sizeof(text));
			return 0;
		}
	}
	return garita_fail(err, EINVAL,
			   "\"%.*s\" is no sha256 digest with 64 lower case "
			   "hex digits",
			   (int)digest.len, digest.at);
}

static int take_name(struct piece domain, struct piece path,
		     struct garita_reference *ret, struct garita_error *err)
{
	bool official = piece_is(domain, DEFAULT_DOMAIN) &&
			memchr(path.at, '/', path.len) == NULL;
	int len;

	if (has_upper(path))
		return garita_fail(err, EINVAL,
				   "the repository \"%.*s\" has upper case "
				   "letters",
				   (int)path.len, path.at);
	if (!is_path(path))
		return garita_fail(err, EINVAL, "\"%.*s\" is no repository",
				   (int)path.len, path.at);
	if (!is_domain(domain))
		return garita_fail(err, EINVAL, "\"%.*s\" is no registry",
				   (int)domain.len, domain.at);
	len = snprintf(ret->repository, sizeof(ret->repository), "%.*s/%s%.*s",
		       (int)domain.len, domain.at,
		       official ? DEFAULT_SPACE : "", (int)path.len, path.at);
	if (len < 0 || (size_t)len >= sizeof(ret->repository))
		return garita_fail(
			err, EINVAL,
			"the repository is longer than %d characters",
			GARITA_REPOSITORY_MAX);
	ret->domain_len = domain.len;
	return 0;
}

static bool is_id(struct piece text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!garita_is_digit(text.at[i]) &&
		    (text.at[i] < 'a' || text.at[i] > 'f'))
			return false;
	return text.len == 64;
}

int garita_reference_parse(const char *text, struct garita_reference *ret,
			   struct garita_error *err)
{
	struct garita_reference made = { 0 };
	struct piece digest = { text, strnlen(text, TEXT_MAX) };
	bool has_digest = memchr(text, '@', digest.len) != NULL;
	struct piece rest, domain, path;
	bool has_tag;
	int rc = 0;

	if (digest.len == 0 || digest.len == TEXT_MAX)
		return garita_fail(err, EINVAL, "%s",
				   digest.len ? "longer than any image name"
					      : "empty");
	if (is_id(digest))
		return garita_fail(err, EINVAL,
				   "64 hex digits are an id, not a name");
	rest = cut(&digest, '@');
	domain = cut_domain(&rest);
	has_tag = memchr(rest.at, ':', rest.len) != NULL;
	path = cut(&rest, ':');
	if (has_digest)
		rc = take_digest(digest, &made, err);
	if (rc == 0 && has_tag)
		rc = take_tag(rest, &made, err);
	if (rc == 0)
		rc = take_name(domain, path, &made, err);
	if (rc < 0)
		return rc;
	*ret = made;
	return 0;
}

int garita_reference_pulled(const char *text, struct garita_reference *ret,
			    struct garita_error *err)
{
	int rc = garita_reference_parse(text, ret, err);

	if (rc < 0)
		return rc;
	if (*ret->digest != '\0')
		*ret->tag = '\0';
	else if (*ret->tag == '\0')
		memcpy(ret->tag, "latest", sizeof("latest"));
	return 0;
}

const char *garita_reference_words(const struct garita_reference *reference,
				   char ret[GARITA_REFERENCE_SIZE])
{
	snprintf(ret, GARITA_REFERENCE_SIZE, "%s%s%s%s%s",
		 reference->repository, *reference->tag ? ":" : "",
		 reference->tag, *reference->digest ? "@" : "",
		 reference->digest);
	return ret;
}
