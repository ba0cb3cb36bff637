/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * environment_secrets - what in a variable looks like a secret: by the name of
 * the variable, or by the shape that some issuers give their keys.
 *
 * Only shapes that hardly anything else has. Entropy is no such shape: digests,
 * ids and compressed settings look the same, and a rule that refuses those is
 * soon turned off.
 *
 * Sources: the issuers' own pages for secret scanning (AWS, GitHub, GitLab,
 * Slack, Google, Stripe, npm), RFC 7468 for keys, RFC 3986 for URLs.
 */
#include "policy/rules/environment.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/step.h"

static const char secret_names[][26] = {
	"AWS_SECRET_ACCESS_KEY",
	"AWS_SECRET_KEY",
	"AWS_SESSION_TOKEN",
	"AZURE_CLIENT_SECRET",
	"AZURE_STORAGE_KEY",
	"CLOUDFLARE_API_TOKEN",
	"CONSUL_HTTP_TOKEN",
	"DIGITALOCEAN_ACCESS_TOKEN",
	"DOCKER_AUTH_CONFIG",
	"GH_TOKEN",
	"GITHUB_TOKEN",
	"GITLAB_TOKEN",
	"HCLOUD_TOKEN",
	"HEROKU_API_KEY",
	"NPM_TOKEN",
	"SLACK_BOT_TOKEN",
	"STRIPE_SECRET_KEY",
	"TWILIO_AUTH_TOKEN",
	"VAULT_TOKEN",
};

static bool is_upper(char c)
{
	return (c >= 'A' && c <= 'Z') || garita_is_digit(c);
}

static bool is_token(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_key(char c)
{
	return is_token(c) || c == '_' || c == '-';
}

/* What a key is made of, behind its prefix. */
enum bytes { UPPER, TOKEN, KEY };

static bool is_of(enum bytes bytes, char c)
{
	switch (bytes) {
	case UPPER:
		return is_upper(c);
	case TOKEN:
		return is_token(c);
	case KEY:
		return is_key(c);
	}
	return false;
}

/* Keys that begin with a word of their issuer's. */
static const struct {
	char prefix[12];
	unsigned mark; /* the byte of it that is rarest in other text */
	char what[18];
	unsigned least; /* bytes after the prefix */
	enum bytes bytes;
} shapes[] = {
	{ "AKIA", 0, "an AWS access key", 16, UPPER },
	{ "ASIA", 0, "an AWS access key", 16, UPPER },
	{ "AIza", 0, "a Google API key", 35, KEY },
	{ "ghp_", 3, "a GitHub token", 36, TOKEN },
	{ "gho_", 3, "a GitHub token", 36, TOKEN },
	{ "ghu_", 3, "a GitHub token", 36, TOKEN },
	{ "ghs_", 3, "a GitHub token", 36, TOKEN },
	{ "ghr_", 3, "a GitHub token", 36, TOKEN },
	{ "github_pat_", 6, "a GitHub token", 22, KEY },
	{ "glpat-", 5, "a GitLab token", 20, KEY },
	{ "npm_", 3, "an npm token", 36, TOKEN },
	{ "sk_live_", 2, "a Stripe key", 16, TOKEN },
	{ "xoxa-", 4, "a Slack token", 10, KEY },
	{ "xoxb-", 4, "a Slack token", 10, KEY },
	{ "xoxe-", 4, "a Slack token", 10, KEY },
	{ "xoxp-", 4, "a Slack token", 10, KEY },
	{ "xoxr-", 4, "a Slack token", 10, KEY },
	{ "xoxs-", 4, "a Slack token", 10, KEY },
};

/* Does this shape begin here? */
static bool is_issued_key(size_t shape, const char *at)
{
	const char *rest = at + strlen(shapes[shape].prefix);
	size_t len = 0;

	if (!garita_starts_with(at, shapes[shape].prefix))
		return false;
	while (len < shapes[shape].least &&
	       is_of(shapes[shape].bytes, rest[len]))
		len++;
	if (len < shapes[shape].least)
		return false;
	/* Exactly sixteen for AWS: longer is some other text. */
	return shapes[shape].bytes != UPPER || !is_token(rest[len]);
}

/* A key whose mark is this byte. Before a key there is no letter or digit. */
static const char *issued_key(const char *value, const char *mark)
{
	for (size_t i = 0; i < GARITA_COUNT(shapes); i++) {
		size_t before = shapes[i].mark;
		const char *at;

		if (shapes[i].prefix[before] != *mark ||
		    (size_t)(mark - value) < before)
			continue;
		at = mark - before;
		if ((at == value || !is_token(at[-1])) && is_issued_key(i, at))
			return shapes[i].what;
	}
	return NULL;
}

/* "-----BEGIN RSA PRIVATE KEY-----" */
static bool is_private_key(const char *at)
{
	static const char begin[] = "-----BEGIN ";
	static const char end[] = "PRIVATE KEY";
	enum { LONGEST_LABEL = 40 };

	return garita_starts_with(at, begin) &&
	       memmem(at, strnlen(at, LONGEST_LABEL), end, sizeof(end) - 1) !=
		       NULL;
}

/* "://user:password@", at the colon. A password that is to be filled in later
 * is none: ${PASSWORD}, <password>, ***. */
static bool is_url_with_password(const char *at)
{
	const char *user, *colon, *end;
	size_t len;

	if (!garita_starts_with(at, "://"))
		return false;
	user = at + 3;
	len = strcspn(user, "/?# \t\n\"'@");
	if (user[len] != '@')
		return false;
	end = user + len;
	colon = memchr(user, ':', len);
	return colon != NULL && colon + 1 < end &&
	       strchr("$<{*%[", colon[1]) == NULL;
}

/* To the next byte that each shape has and other text seldom, or to `end`. A
 * value can be megabytes long: all else is stepped over. */
static const char *next_mark(const char *at, const char *end)
{
	for (; end - at >= GARITA_STEP; at += GARITA_STEP) {
		const garita_step bytes = garita_step_at(at);
		size_t first =
			garita_step_first((bytes == 'A') | (bytes == '_') |
					  (bytes == '-') | (bytes == ':'));

		if (first < GARITA_STEP)
			return at + first;
	}
	return at + strcspn(at, "A_-:");
}

static const char *value_problem(const char *value, const char *end)
{
	for (const char *at = next_mark(value, end); at < end;
	     at = next_mark(at + 1, end)) {
		const char *what = NULL;

		if (*at == ':' && is_url_with_password(at))
			return "a password in a URL";
		if (*at == '-' && is_private_key(at))
			return "a private key";
		if (*at != ':')
			what = issued_key(value, at);
		if (what != NULL)
			return what;
	}
	return NULL;
}

const char *garita_env_secret(const char *entry, size_t len)
{
	const char *value = strchr(entry, '='), *end = entry + len;

	/* An entry that is no variable is looked at as a whole. */
	if (value == NULL)
		return value_problem(entry, end);
	value++;
	for (size_t i = 0; i < GARITA_COUNT(secret_names); i++)
		if (*value != '\0' && garita_env_is(entry, secret_names[i]))
			return "a secret, by its name";
	return value_problem(value, end);
}
