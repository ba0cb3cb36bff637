/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel answers about guards: real answers are read, and one that
 * does not hold together is an error wherever it is cut or bent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>

#include "garita/memory.h"
#include "garita/network.h"
#include "hook/net/answer.h"
#include "hook/net/ruleset.h"

enum { ROOM = 4096, SEQUENCE = 7 };

/* A datagram that is being made. */
struct datagram {
	char bytes[ROOM];
	size_t len;
};

static struct nlmsghdr *put_message(struct datagram *d, uint16_t type,
				    uint32_t sequence)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(d->bytes + d->len);

	message->nlmsg_type = type;
	message->nlmsg_seq = sequence;
	return message;
}

static void end_message(struct datagram *d, const struct nlmsghdr *message)
{
	d->len += NLMSG_ALIGN(message->nlmsg_len);
}

static void put_error(struct datagram *d, int code, uint32_t about)
{
	struct nlmsghdr *message = put_message(d, NLMSG_ERROR, about);
	struct nlmsgerr *said =
		mnl_nlmsg_put_extra_header(message, sizeof(*said));

	said->error = code;
	said->msg.nlmsg_seq = about;
	end_message(d, message);
}

static struct nlattr *open_expression(struct nlmsghdr *message,
				      const char *name)
{
	mnl_attr_put_strz(message, NFTA_EXPR_NAME, name);
	return mnl_attr_nest_start(message, NFTA_EXPR_DATA);
}

static void put_verdict(struct nlmsghdr *message, uint32_t code)
{
	struct nlattr *item = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *data = open_expression(message, "immediate");
	struct nlattr *value, *verdict;

	value = mnl_attr_nest_start(message, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(message, NFTA_VERDICT_CODE, htonl(code));
	mnl_attr_nest_end(message, verdict);
	mnl_attr_nest_end(message, value);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, item);
}

static void put_counter(struct nlmsghdr *message, uint64_t packets,
			uint64_t bytes)
{
	struct nlattr *item = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *data = open_expression(message, "counter");

	mnl_attr_put_u64(message, NFTA_COUNTER_BYTES, htobe64(bytes));
	mnl_attr_put_u64(message, NFTA_COUNTER_PACKETS, htobe64(packets));
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, item);
}

/* As the kernel lists a rule. */
static void put_rule(struct datagram *d, const char *table, const char *chain,
		     const void *comment, size_t comment_len, uint32_t verdict)
{
	struct nlmsghdr *message = put_message(
		d, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE, SEQUENCE);
	struct nfgenmsg *family =
		mnl_nlmsg_put_extra_header(message, sizeof(*family));
	struct nlattr *list;

	family->nfgen_family = NFPROTO_INET;
	message->nlmsg_flags = NLM_F_MULTI;
	mnl_attr_put_strz(message, NFTA_RULE_TABLE, table);
	mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
	mnl_attr_put_u64(message, NFTA_RULE_HANDLE, 1);
	list = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS);
	put_counter(message, 3, 180);
	put_verdict(message, verdict);
	mnl_attr_nest_end(message, list);
	mnl_attr_put(message, NFTA_RULE_USERDATA, comment_len, comment);
	end_message(d, message);
}

static void put_done(struct datagram *d)
{
	struct nlmsghdr *message = put_message(d, NLMSG_DONE, SEQUENCE);
	int *zero = mnl_nlmsg_put_extra_header(message, sizeof(*zero));

	*zero = 0;
	end_message(d, message);
}

static int read_rules(const struct datagram *d, size_t len,
		      struct garita_net_rules *ret)
{
	struct garita_error err = { 0 };
	/* On the heap and no longer than it is: a sanitizer sees beyond. */
	auto_free char *copy = garita_xalloc(len);
	int rc;

	memcpy(copy, d->bytes, len);
	rc = garita_answer_rules(copy, len, SEQUENCE, ret, &err);
	if (rc < 0)
		assert_true(err.text[0] != '\0');
	return rc;
}

static const char comment[] = "\0\05"
			      "http";

static void test_a_list_of_rules(void **state)
{
	struct datagram d = { .len = 0 };
	auto_net_rules rules = { 0 };

	(void)state;
	put_rule(&d, "filter", "input", comment, 7, NF_DROP);
	put_rule(&d, "garita-0123456789abcdef", "listen", comment, 7, NF_DROP);
	put_rule(&d, "garita-0123456789abcdef", "egress", "", 0, NF_ACCEPT);
	assert_int_equal(read_rules(&d, d.len, &rules), 0);
	put_done(&d);
	garita_net_rules_free(&rules);
	assert_int_equal(read_rules(&d, d.len, &rules), 1);
	assert_int_equal(rules.count, 2);
	assert_string_equal(rules.rules[0].table, "garita-0123456789abcdef");
	assert_string_equal(rules.rules[0].chain, "listen");
	assert_string_equal(rules.rules[0].what, "http");
	assert_true(rules.rules[0].drops);
	assert_int_equal(rules.rules[0].packets, 3);
	assert_int_equal(rules.rules[0].bytes, 180);
	assert_string_equal(rules.rules[1].what, "");
	assert_false(rules.rules[1].drops);
}

static void test_cut_anywhere(void **state)
{
	struct datagram d = { .len = 0 };

	(void)state;
	put_rule(&d, "garita-0123456789abcdef", "listen", comment, 7, NF_DROP);
	for (size_t len = 1; len < d.len; len++) {
		auto_net_rules rules = { 0 };

		if (read_rules(&d, len, &rules) != -EBADMSG)
			fail_msg("cut at %zu", len);
	}
}

/* Whatever one byte becomes, nothing is read beyond the end. */
static void test_bent_anywhere(void **state)
{
	static const char bent[] = { 0, 1, 4, 0x7f, (char)0x80, (char)0xff };
	struct datagram d = { .len = 0 };

	(void)state;
	put_rule(&d, "garita-0123456789abcdef", "listen", comment, 7, NF_DROP);
	put_done(&d);
	for (size_t at = 0; at < d.len; at++)
		for (size_t i = 0; i < sizeof(bent); i++) {
			struct datagram copy = d;
			auto_net_rules rules = { 0 };
			int rc;

			copy.bytes[at] = bent[i];
			rc = read_rules(&copy, copy.len, &rules);
			assert_true(rc == 0 || rc == 1 || rc == -EBADMSG ||
				    rc == -EINTR);
		}
}

static void test_odd_rules(void **state)
{
	static const struct {
		const char *why, *table, *comment;
		size_t comment_len;
		uint32_t verdict;
		int want;
	} rows[] = {
		{ "a name as long as none of ours",
		  "garita-0123456789abcdef0123456789abcdef", comment, 7,
		  NF_DROP, -EBADMSG },
		{ "a verdict that we never make", "garita-0", comment, 7,
		  NF_QUEUE, -EBADMSG },
		{ "a comment longer than its record", "garita-0", "\0\11http",
		  6, NF_DROP, -EBADMSG },
		{ "half a record", "garita-0", "\0", 1, NF_DROP, -EBADMSG },
		{ "a comment without an end", "garita-0", "\0\4http", 6,
		  NF_DROP, 0 },
		{ "another kind of record", "garita-0", "\1\2xx", 4, NF_DROP,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct datagram d = { .len = 0 };
		auto_net_rules rules = { 0 };
		int rc;

		put_rule(&d, rows[i].table, "listen", rows[i].comment,
			 rows[i].comment_len, rows[i].verdict);
		rc = read_rules(&d, d.len, &rules);
		if (rc != rows[i].want)
			fail_msg("%s: %d", rows[i].why, rc);
		if (rc == 0)
			assert_string_equal(rules.rules[0].what, "");
	}
}

static void test_lists_that_are_none(void **state)
{
	struct datagram d = { .len = 0 };
	auto_net_rules rules = { 0 };
	struct nlmsghdr *message;

	(void)state;
	put_error(&d, -EPERM, SEQUENCE);
	assert_int_equal(read_rules(&d, d.len, &rules), -EPERM);
	d.len = 0;
	put_error(&d, 0, SEQUENCE); /* an answer to no question of ours */
	assert_int_equal(read_rules(&d, d.len, &rules), -EBADMSG);
	d.len = 0;
	message = put_message(&d, NLMSG_DONE, SEQUENCE + 1);
	end_message(&d, message);
	assert_int_equal(read_rules(&d, d.len, &rules), -EBADMSG);
	d.len = 0;
	message = put_message(&d, NLMSG_DONE, SEQUENCE);
	message->nlmsg_flags = NLM_F_DUMP_INTR;
	end_message(&d, message);
	assert_int_equal(read_rules(&d, d.len, &rules), -EINTR);
	d.len = 0;
	message = put_message(&d, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET,
			      SEQUENCE);
	end_message(&d, message);
	assert_int_equal(read_rules(&d, d.len, &rules), -EBADMSG);
}

static int read_batch(const struct datagram *d, struct garita_error *err)
{
	*err = (struct garita_error){ 0 };
	return garita_answer_batch(d->bytes, d->len, SEQUENCE, err);
}

static void test_answers_to_a_batch(void **state)
{
	struct datagram d = { .len = 0 };
	struct garita_error err;
	struct nlmsghdr *message;

	(void)state;
	assert_int_equal(read_batch(&d, &err), 0);
	put_error(&d, 0, SEQUENCE);
	assert_int_equal(read_batch(&d, &err), 1);
	d.len = 0;
	put_error(&d, -EOPNOTSUPP, 1);
	assert_int_equal(read_batch(&d, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "no nf_tables"));
	d.len = 0;
	put_error(&d, -ENOENT, 4);
	assert_int_equal(read_batch(&d, &err), -ENOENT);
	assert_non_null(strstr(err.text, "lacks a part"));
	/* One that failed and the last that did not: nothing was taken. */
	d.len = 0;
	put_error(&d, -EEXIST, 4);
	put_error(&d, 0, SEQUENCE);
	assert_int_equal(read_batch(&d, &err), -EEXIST);
	/* Not of ours, or no errno at all. */
	d.len = 0;
	put_error(&d, 0, SEQUENCE + 1);
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
	d.len = 0;
	put_error(&d, 5, SEQUENCE);
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
	d.len = 0;
	put_error(&d, -70000, SEQUENCE);
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
	d.len = 0;
	message = put_message(&d, NLMSG_ERROR, SEQUENCE); /* and no error */
	end_message(&d, message);
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
	d.len = 0;
	put_done(&d);
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
	/* A length that is negative to who reads it as an int. */
	d.len = 0;
	put_error(&d, 0, SEQUENCE);
	((struct nlmsghdr *)(void *)d.bytes)->nlmsg_len |= 0x80000000U;
	assert_int_equal(read_batch(&d, &err), -EBADMSG);
}

/* ---- what is sent ---- */

static void test_a_batch_holds_together(void **state)
{
	static const char *const lines[] = {
		"metadata; listen 5432/tcp; egress none",
		"listen none; egress 10.0.0.0/8 443/tcp; egress ::/0",
	};
	auto_batch batch = { 0 };
	struct garita_error err = { 0 };
	const struct nlmsghdr *message;
	uint32_t sequence = 5;
	int left;

	(void)state;
	assert_int_equal(
		garita_batch_make(lines, 2, sequence, true, &batch, &err), 0);
	message = (const struct nlmsghdr *)(void *)batch.bytes;
	left = (int)batch.len;
	assert_int_equal(message->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	while (mnl_nlmsg_ok(message, left)) {
		assert_int_equal(message->nlmsg_seq, sequence);
		assert_int_equal((message->nlmsg_flags & NLM_F_ACK) != 0,
				 message->nlmsg_seq == batch.last);
		if (left == (int)NLMSG_ALIGN(message->nlmsg_len))
			assert_int_equal(message->nlmsg_type,
					 NFNL_MSG_BATCH_END);
		message = mnl_nlmsg_next(message, &left);
		sequence++;
	}
	assert_int_equal(left, 0);
	assert_int_equal(batch.last, sequence - 2);
}

static void test_the_largest_policy_fits(void **state)
{
	auto_text line = { 0 };
	auto_batch batch = { 0 };
	struct garita_error err = { 0 };
	const char *lines[1];

	(void)state;
	garita_text_puts(&line, "metadata; listen");
	for (int i = 1; i <= GARITA_NETWORK_LISTEN_MAX; i++)
		garita_text_printf(&line, " %d-60000/udp", i);
	for (int i = 0; i < GARITA_NETWORK_EGRESS_MAX; i++)
		garita_text_printf(&line,
				   "; egress fd00:1111:2222:3333:4444:5555:%x:"
				   "1/128 50000-60000/tcp",
				   i + 0x1000);
	lines[0] = line.data;
	assert_int_equal(garita_batch_make(lines, 1, 1, false, &batch, &err),
			 0);
	assert_true(batch.len < 1024 * 1024);
}

static void test_no_batch_of_anything_else(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"open",
		"metadata;",
		"metadata; ",
		"; metadata",
		"metadata; metadata",
		"listen",
		"listen ",
		"listen 80",
		"listen 80/tcp ",
		"listen  80/tcp",
		"listen 080/tcp",
		"listen 80/tcp; listen 81/tcp",
		"listen none 80/tcp",
		"listen 80/tcp; metadata", /* not in our order */
		"egress",
		"egress 10.0.0.1",
		"egress 10.0.0.0/8 ",
		"egress 10.0.0.0/8 none",
		"egress none; egress 10.0.0.0/8",
		"egress FD00::/8",
		"egress fd00:0::/32",
		"egress 10.0.0.1/8",
	};
	struct garita_batch batch = { 0 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		struct garita_error err = { 0 };

		if (garita_batch_make(&bad[i], 1, 1, false, &batch, &err) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_true(err.text[0] != '\0');
		assert_null(batch.bytes);
	}
	assert_int_equal(garita_batch_make(bad, 0, 1, false, &batch, NULL),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list_of_rules),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_bent_anywhere),
		cmocka_unit_test(test_odd_rules),
		cmocka_unit_test(test_lists_that_are_none),
		cmocka_unit_test(test_answers_to_a_batch),
		cmocka_unit_test(test_a_batch_holds_together),
		cmocka_unit_test(test_the_largest_policy_fits),
		cmocka_unit_test(test_no_batch_of_anything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
