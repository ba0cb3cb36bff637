/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer - see the header.
 */
#include "hook/net/answer.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "garita/memory.h"
#include "garita/network.h"
#include "garita/text.h"

enum { COMMENT = 0 }; /* of a rule's user data: nft's own kind */

void garita_net_rules_free(struct garita_net_rules *rules)
{
	free(rules->rules);
	*rules = (struct garita_net_rules){ 0 };
}

/* Everything begins at a multiple of four. */
static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static int broken(struct garita_error *err)
{
	return garita_fail(err, EBADMSG,
			   "the kernel's answer does not hold together");
}

/* ---- messages ---- */

/* Calls `take` for each message. */
struct walk {
	int (*take)(const struct nlmsghdr *message, void *data,
		    struct garita_error *err);
	void *data;
};

/* Not mnl_nlmsg_ok(), which takes a length beyond INT_MAX for a negative one
 * and so for one that fits. */
static bool fits(const struct nlmsghdr *message, size_t left)
{
	return left >= sizeof(*message) &&
	       message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= left;
}

static int each_message(const void *bytes, size_t len, const struct walk *walk,
			struct garita_error *err)
{
	const char *at = bytes;

	while (len > 0) {
		const struct nlmsghdr *message =
			(const struct nlmsghdr *)(const void *)at;
		size_t whole;
		int rc;

		if (!fits(message, len))
			return broken(err);
		rc = walk->take(message, walk->data, err);
		if (rc != 0)
			return rc;
		whole = padded(message->nlmsg_len);
		if (whole >= len)
			return 0;
		at += whole;
		len -= whole;
	}
	return 0;
}

/* What the kernel says of a message of ours: its errno, positive. */
static int error_of(const struct nlmsghdr *message, uint32_t *ret_sequence,
		    struct garita_error *err)
{
	const struct nlmsgerr *said = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*said) ||
	    said->error > 0 || said->error < -4095)
		return broken(err);
	*ret_sequence = said->msg.nlmsg_seq;
	return -said->error;
}

static int refused(int code, struct garita_error *err)
{
	if (code == EOPNOTSUPP || code == EPROTONOSUPPORT)
		return garita_fail(err, code,
				   "this kernel has no nf_tables: a guard of "
				   "the network needs it");
	if (code == ENOENT)
		return garita_fail(err, code,
				   "this kernel's nf_tables lacks a part that "
				   "the guard needs (inet, ct, meta, payload, "
				   "counter)");
	return garita_fail(err, code, "the kernel refused the guard: %s",
			   strerror(code));
}

static int take_batch(const struct nlmsghdr *message, void *data,
		      struct garita_error *err)
{
	const uint32_t *last = data;
	uint32_t sequence = 0;
	int code;

	if (message->nlmsg_type != NLMSG_ERROR)
		return broken(err);
	code = error_of(message, &sequence, err);
	if (code != 0)
		return code < 0 ? code : refused(code, err);
	return sequence == *last ? 1 : broken(err);
}

int garita_answer_batch(const void *bytes, size_t len, uint32_t last,
			struct garita_error *err)
{
	const struct walk walk = { take_batch, &last };

	return each_message(bytes, len, &walk, err);
}

/* ---- attributes ---- */

/* Finds those of the types below `most` among the attributes of a payload:
 * the last of each type, as the kernel itself reads them. */
static int find(const void *payload, size_t len, const struct nlattr **found,
		uint16_t most, struct garita_error *err)
{
	const struct nlattr *at = payload;

	for (uint16_t i = 0; i < most; i++)
		found[i] = NULL;
	while (len > 0) {
		size_t whole;

		if (len > INT32_MAX || !mnl_attr_ok(at, (int)len))
			return broken(err);
		if (mnl_attr_get_type(at) < most)
			found[mnl_attr_get_type(at)] = at;
		whole = padded(mnl_attr_get_len(at));
		if (whole >= len)
			return 0;
		len -= whole;
		at = mnl_attr_next(at);
	}
	return 0;
}

static int find_in(const struct nlattr *nest, const struct nlattr **found,
		   uint16_t most, struct garita_error *err)
{
	return find(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest),
		    found, most, err);
}

/* A string into an array of `size`; -EBADMSG when it is none or too long. */
static int copy_string(const struct nlattr *at, char *ret, size_t size,
		       struct garita_error *err)
{
	if (at == NULL || mnl_attr_validate(at, MNL_TYPE_NUL_STRING) < 0 ||
	    strlen(mnl_attr_get_str(at)) >= size)
		return broken(err);
	memcpy(ret, mnl_attr_get_str(at), strlen(mnl_attr_get_str(at)) + 1);
	return 0;
}

static int number64(const struct nlattr *at, uint64_t *ret,
		    struct garita_error *err)
{
	uint64_t value = 0;

	if (at == NULL || mnl_attr_validate(at, MNL_TYPE_U64) < 0)
		return broken(err);
	value = mnl_attr_get_u64(at);
	*ret = be64toh(value);
	return 0;
}

/* ---- a rule ---- */

static int read_counter(const struct nlattr *data, struct garita_net_rule *rule,
			struct garita_error *err)
{
	const struct nlattr *found[NFTA_COUNTER_PACKETS + 1];
	int rc = find_in(data, found, GARITA_COUNT(found), err);

	if (rc == 0)
		rc = number64(found[NFTA_COUNTER_BYTES], &rule->bytes, err);
	if (rc == 0)
		rc = number64(found[NFTA_COUNTER_PACKETS], &rule->packets, err);
	return rc;
}

/* The one of that type, which has to be there. */
static int need(const struct nlattr *nest, uint16_t type,
		const struct nlattr **ret, struct garita_error *err)
{
	const struct nlattr *found[NFTA_RULE_MAX + 1];
	int rc = find_in(nest, found, GARITA_COUNT(found), err);

	if (rc < 0)
		return rc;
	if (found[type] == NULL)
		return broken(err);
	*ret = found[type];
	return 0;
}

static int read_verdict(const struct nlattr *data, struct garita_net_rule *rule,
			struct garita_error *err)
{
	const struct nlattr *at = NULL;
	uint32_t code;

	if (need(data, NFTA_IMMEDIATE_DATA, &at, err) < 0 ||
	    need(at, NFTA_DATA_VERDICT, &at, err) < 0 ||
	    need(at, NFTA_VERDICT_CODE, &at, err) < 0)
		return -EBADMSG;
	if (mnl_attr_validate(at, MNL_TYPE_U32) < 0)
		return broken(err);
	code = ntohl(mnl_attr_get_u32(at));
	if (code != NF_DROP && code != NF_ACCEPT)
		return broken(err);
	rule->drops = code == NF_DROP;
	return 0;
}

static int read_expression(const struct nlattr *item,
			   struct garita_net_rule *rule,
			   struct garita_error *err)
{
	const struct nlattr *found[NFTA_EXPR_DATA + 1];
	char name[GARITA_NET_NAME_MAX];
	int rc = find_in(item, found, GARITA_COUNT(found), err);

	if (rc == 0)
		rc = copy_string(found[NFTA_EXPR_NAME], name, sizeof(name),
				 err);
	if (rc < 0 || found[NFTA_EXPR_DATA] == NULL)
		return rc;
	if (strcmp(name, "counter") == 0)
		return read_counter(found[NFTA_EXPR_DATA], rule, err);
	if (strcmp(name, "immediate") == 0)
		return read_verdict(found[NFTA_EXPR_DATA], rule, err);
	return 0;
}

static int read_expressions(const struct nlattr *list,
			    struct garita_net_rule *rule,
			    struct garita_error *err)
{
	const char *at = mnl_attr_get_payload(list);
	size_t left = mnl_attr_get_payload_len(list);

	while (left > 0) {
		const struct nlattr *item =
			(const struct nlattr *)(const void *)at;
		size_t whole;
		int rc;

		if (left > INT32_MAX || !mnl_attr_ok(item, (int)left))
			return broken(err);
		rc = read_expression(item, rule, err);
		if (rc < 0)
			return rc;
		whole = padded(mnl_attr_get_len(item));
		whole = whole < left ? whole : left;
		left -= whole;
		at += whole;
	}
	return 0;
}

/* Records of {kind, length, bytes}; a comment ends in NUL. */
static int read_comment(const struct nlattr *data, struct garita_net_rule *rule,
			struct garita_error *err)
{
	const uint8_t *at = mnl_attr_get_payload(data);
	size_t left = mnl_attr_get_payload_len(data);

	while (left >= 2) {
		size_t len = at[1];

		if (len > left - 2)
			return broken(err);
		if (at[0] == COMMENT && len > 0 && len <= sizeof(rule->what) &&
		    at[2 + len - 1] == '\0' &&
		    memchr(at + 2, '\0', len) == at + 2 + len - 1)
			memcpy(rule->what, at + 2, len);
		at += 2 + len;
		left -= 2 + len;
	}
	return left == 0 ? 0 : broken(err);
}

static void add(struct garita_net_rules *rules,
		const struct garita_net_rule *rule)
{
	size_t count = rules->count;

	/* Doubled whenever it is full, which is at powers of two. */
	if ((count & (count - 1)) == 0)
		rules->rules =
			garita_xresize(rules->rules, count ? count * 2 : 1,
				       sizeof(*rules->rules));
	rules->rules[rules->count++] = *rule;
}

static bool is_ours(const struct nlattr *table)
{
	return mnl_attr_validate(table, MNL_TYPE_NUL_STRING) == 0 &&
	       garita_starts_with(mnl_attr_get_str(table), GARITA_GUARD_PREFIX);
}

static int take_rule(const struct nlmsghdr *message,
		     struct garita_net_rules *rules, struct garita_error *err)
{
	const struct nlattr *found[NFTA_RULE_USERDATA + 1];
	struct garita_net_rule rule = { 0 };
	size_t head = padded(sizeof(struct nfgenmsg));
	size_t len = mnl_nlmsg_get_payload_len(message);
	int rc;

	if (len < head)
		return broken(err);
	rc = find(mnl_nlmsg_get_payload_offset(message, head), len - head,
		  found, GARITA_COUNT(found), err);
	if (rc < 0)
		return rc;
	if (found[NFTA_RULE_TABLE] == NULL)
		return broken(err);
	if (!is_ours(found[NFTA_RULE_TABLE]))
		return 0;
	rc = copy_string(found[NFTA_RULE_TABLE], rule.table, sizeof(rule.table),
			 err);
	if (rc == 0)
		rc = copy_string(found[NFTA_RULE_CHAIN], rule.chain,
				 sizeof(rule.chain), err);
	if (rc == 0 && found[NFTA_RULE_EXPRESSIONS] != NULL)
		rc = read_expressions(found[NFTA_RULE_EXPRESSIONS], &rule, err);
	if (rc == 0 && found[NFTA_RULE_USERDATA] != NULL)
		rc = read_comment(found[NFTA_RULE_USERDATA], &rule, err);
	if (rc < 0)
		return rc;
	if (rules->count >= GARITA_NET_RULES_MAX)
		return garita_fail(err, E2BIG, "too many rules");
	add(rules, &rule);
	return 0;
}

struct listing {
	uint32_t sequence;
	struct garita_net_rules *rules;
};

static int take_listed(const struct nlmsghdr *message, void *data,
		       struct garita_error *err)
{
	struct listing *listing = data;
	uint32_t about = 0;
	int code;

	if (message->nlmsg_seq != listing->sequence)
		return broken(err);
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		return garita_fail(err, EINTR,
				   "the rules change faster than they can be "
				   "read");
	switch (message->nlmsg_type) {
	case NLMSG_DONE:
		return 1;
	case NLMSG_ERROR:
		code = error_of(message, &about, err);
		return code > 0 ? refused(code, err) : broken(err);
	case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE:
		return take_rule(message, listing->rules, err);
	default: /* nothing else was asked for */
		return broken(err);
	}
}

int garita_answer_rules(const void *bytes, size_t len, uint32_t sequence,
			struct garita_net_rules *ret, struct garita_error *err)
{
	struct listing listing = { sequence, ret };
	const struct walk walk = { take_listed, &listing };

	return each_message(bytes, len, &walk, err);
}
