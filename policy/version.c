/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * version - three orders of versions, see the header. Numbers may be longer
 * than any integer and are compared as digits, but for those of an upstream
 * release, which saturate.
 */
#include "garita/version.h"

#include <string.h>

#include "garita/text.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- upstream ---- */

static uint32_t read_number(const char **at)
{
	uint32_t value = 0;

	for (; garita_is_digit(**at); (*at)++)
		value = value > (UINT32_MAX - 9) / 10
				? UINT32_MAX
				: value * 10 + (uint32_t)(**at - '0');
	return value;
}

/* "-rc.3", "-rc95", "~rc1", ".beta2"; 0: none. Debian writes ~ for -, and
 * "1.2.3-1" is a revision, not a candidate. */
static uint32_t read_candidate(const char *text)
{
	static const struct {
		const char *word;
		uint32_t first;
	} words[] = {
		{ "alpha", 1 },
		{ "beta", 100000 },
		{ "rc", 200000 },
	};
	enum { MOST = 90000 };

	text += *text == '-' || *text == '~' || *text == '.';
	for (size_t i = 0; i < GARITA_COUNT(words); i++) {
		const char *at = text + strlen(words[i].word);
		uint32_t number;

		if (!garita_starts_with(text, words[i].word))
			continue;
		at += *at == '.' || *at == '-';
		number = read_number(&at);
		return words[i].first + (number < MOST ? number : MOST);
	}
	return 0;
}

bool garita_version_read(const char *text, struct garita_version *ret)
{
	struct garita_version version = { 0 };

	text += *text == 'v';
	if (!garita_is_digit(*text))
		return false;
	for (size_t i = 0; i < GARITA_COUNT(version.number); i++) {
		version.number[i] = read_number(&text);
		if (text[0] != '.' || !garita_is_digit(text[1]))
			break;
		text++;
	}
	version.candidate = read_candidate(text);
	*ret = version;
	return true;
}

int garita_version_compare(const struct garita_version *a,
			   const struct garita_version *b)
{
	for (size_t i = 0; i < GARITA_COUNT(a->number); i++)
		if (a->number[i] != b->number[i])
			return a->number[i] < b->number[i] ? -1 : 1;
	if (a->candidate == b->candidate)
		return 0;
	if (a->candidate == 0 || b->candidate == 0)
		return a->candidate == 0 ? 1 : -1;
	return a->candidate < b->candidate ? -1 : 1;
}

bool garita_version_has_fix(const struct garita_version *version,
			    const char *const *first, size_t count)
{
	bool own_branch = false, newest = count > 0;

	for (size_t i = 0; i < count; i++) {
		struct garita_version fix;
		bool reached;

		if (!garita_version_read(first[i], &fix))
			return false;
		reached = garita_version_compare(version, &fix) >= 0;
		newest = newest && reached;
		if (fix.number[0] != version->number[0] ||
		    fix.number[1] != version->number[1])
			continue;
		if (reached)
			return true;
		own_branch = true;
	}
	return newest && !own_branch;
}

/* ---- digits of any length ---- */

/* Compares the digits at both, and leaves both behind them. */
static int compare_digits(const char **a, const char **b)
{
	size_t a_len, b_len;
	int order;

	while (**a == '0')
		(*a)++;
	while (**b == '0')
		(*b)++;
	a_len = strspn(*a, "0123456789");
	b_len = strspn(*b, "0123456789");
	order = a_len != b_len ? (a_len < b_len ? -1 : 1)
			       : strncmp(*a, *b, a_len);
	*a += a_len;
	*b += b_len;
	return order;
}

/* ---- Debian: deb-version(7), "Sorting algorithm" ---- */

static int weight(char c)
{
	if (c == '~')
		return -1;
	if (c == '\0' || garita_is_digit(c))
		return 0;
	return is_letter(c) ? (unsigned char)c : (unsigned char)c + 256;
}

/* One part, up to its end. */
static int compare_part(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		int order;

		while ((*a != '\0' && !garita_is_digit(*a)) ||
		       (*b != '\0' && !garita_is_digit(*b))) {
			order = weight(*a) - weight(*b);
			if (order != 0)
				return order;
			a += *a != '\0';
			b += *b != '\0';
		}
		order = compare_digits(&a, &b);
		if (order != 0)
			return order;
	}
	return 0;
}

/* Digits and a colon, or none, which is 0. */
static const char *after_epoch(const char *version, const char **ret_epoch)
{
	size_t digits = strspn(version, "0123456789");

	*ret_epoch = "0";
	if (digits == 0 || version[digits] != ':')
		return version;
	*ret_epoch = version;
	return version + digits + 1;
}

/* The last dash parts version and revision. */
static int compare_parts(const char *a, const char *b,
			 int (*part)(const char *a, const char *b))
{
	const char *a_epoch, *b_epoch, *a_dash, *b_dash;
	auto_free char *a_head = NULL, *b_head = NULL;
	int order;

	a = after_epoch(a, &a_epoch);
	b = after_epoch(b, &b_epoch);
	order = compare_digits(&a_epoch, &b_epoch);
	if (order != 0)
		return order;
	a_dash = strrchr(a, '-');
	b_dash = strrchr(b, '-');
	a_head = garita_xstrndup(a, a_dash ? (size_t)(a_dash - a) : strlen(a));
	b_head = garita_xstrndup(b, b_dash ? (size_t)(b_dash - b) : strlen(b));
	order = part(a_head, b_head);
	if (order != 0)
		return order;
	return part(a_dash ? a_dash + 1 : "", b_dash ? b_dash + 1 : "");
}

int garita_version_compare_deb(const char *a, const char *b)
{
	return compare_parts(a, b, compare_part);
}

/* ---- RPM ---- */

static bool is_separator(char c)
{
	return c != '\0' && !garita_is_digit(c) && !is_letter(c) && c != '~' &&
	       c != '^';
}

static size_t letters(const char *text)
{
	size_t len = 0;

	while (is_letter(text[len]))
		len++;
	return len;
}

static int compare_letters(const char **a, const char **b)
{
	size_t a_len = letters(*a), b_len = letters(*b);
	int order = strncmp(*a, *b, a_len < b_len ? a_len : b_len);

	*a += a_len;
	*b += b_len;
	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

/* "~" is before the end, "^" after it and before anything else. *ret_done is
 * false where neither side has one. */
static int compare_marks(const char **a, const char **b, bool *ret_done)
{
	*ret_done = true;
	if (**a == '~' || **b == '~') {
		if (**a != '~' || **b != '~')
			return **a == '~' ? -1 : 1;
	} else if (**a == '^' || **b == '^') {
		if (**a != '^')
			return **a == '\0' ? -1 : 1;
		if (**b != '^')
			return **b == '\0' ? 1 : -1;
	} else {
		*ret_done = false;
		return 0;
	}
	(*a)++;
	(*b)++;
	return 0;
}

static int compare_rpm_part(const char *a, const char *b)
{
	for (;;) {
		bool marks;
		int order;

		while (is_separator(*a))
			a++;
		while (is_separator(*b))
			b++;
		order = compare_marks(&a, &b, &marks);
		if (order != 0)
			return order;
		if (marks)
			continue;
		if (*a == '\0' || *b == '\0')
			return (*a != '\0') - (*b != '\0');
		/* A number is newer than a word. */
		if (garita_is_digit(*a) != garita_is_digit(*b))
			return garita_is_digit(*a) ? 1 : -1;
		order = garita_is_digit(*a) ? compare_digits(&a, &b)
					    : compare_letters(&a, &b);
		if (order != 0)
			return order;
	}
}

int garita_version_compare_rpm(const char *a, const char *b)
{
	return compare_parts(a, b, compare_rpm_part);
}
