/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ruleset - see the header.
 */
#include "hook/net/ruleset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "garita/memory.h"
#include "garita/network.h"
#include "hook/net/expressions.h"

enum {
	/* A message with the longest rule and comment is under 1 kB. */
	MESSAGE_MAX = 2048,
	/* As many guards as a policy could give a container are far fewer. */
	GUARDS_MAX = 32,
	/* A guard's own rules, and the messages around them. */
	RULES_BESIDE = 48,
	/* After address translation; what is never open is counted first. */
	NEVER_FIRST = -1,
	PRIORITY = 0,
	/* nft's own kind of a rule's comment. */
	COMMENT = 0,
	COMMENT_MAX = 120,
	IPV4_DESTINATION = 16,
	IPV6_DESTINATION = 24,
};

struct garita_maker {
	struct garita_batch batch;
	size_t room;
	uint32_t sequence;
	bool replace;
	const char *table, *chain; /* of the rules that follow */
	struct nlmsghdr *message;  /* the one that is open */
	struct nlattr *list;       /* its expressions */
};

/* ---- messages ---- */

static struct nlmsghdr *open_message(struct garita_maker *m, uint16_t type,
				     uint16_t flags, uint8_t family,
				     uint16_t resource)
{
	struct nfgenmsg *family_header;

	/* The room was counted before: see garita_batch_make(). */
	if (m->room - m->batch.len < MESSAGE_MAX)
		abort();
	m->message = mnl_nlmsg_put_header(m->batch.bytes + m->batch.len);
	m->message->nlmsg_type = type;
	m->message->nlmsg_flags = NLM_F_REQUEST | flags;
	m->message->nlmsg_seq = m->sequence++;
	family_header =
		mnl_nlmsg_put_extra_header(m->message, sizeof(*family_header));
	family_header->nfgen_family = family;
	family_header->version = NFNETLINK_V0;
	family_header->res_id = htons(resource);
	return m->message;
}

static void close_message(struct garita_maker *m)
{
	m->batch.len += NLMSG_ALIGN(m->message->nlmsg_len);
	m->message = NULL;
}

static void put_edge(struct garita_maker *m, uint16_t type)
{
	open_message(m, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	close_message(m);
}

static struct nlmsghdr *open_tables(struct garita_maker *m, uint16_t type,
				    uint16_t flags)
{
	return open_message(m, (NFNL_SUBSYS_NFTABLES << 8) | type, flags,
			    NFPROTO_INET, 0);
}

static void put_table(struct garita_maker *m, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = open_tables(m, type, flags);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, m->table);
	close_message(m);
}

static void put_chain(struct garita_maker *m, const char *name, uint32_t hook,
		      int32_t priority, uint32_t policy)
{
	struct nlmsghdr *message =
		open_tables(m, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *nest;

	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, m->table);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, name);
	nest = mnl_attr_nest_start(message, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(message, NFTA_HOOK_HOOKNUM, htonl(hook));
	mnl_attr_put_u32(message, NFTA_HOOK_PRIORITY,
			 htonl((uint32_t)priority));
	mnl_attr_nest_end(message, nest);
	mnl_attr_put_u32(message, NFTA_CHAIN_POLICY, htonl(policy));
	mnl_attr_put_strz(message, NFTA_CHAIN_TYPE, "filter");
	close_message(m);
	m->chain = name;
}

/* ---- rules ---- */

static struct nlmsghdr *open_rule(struct garita_maker *m)
{
	struct nlmsghdr *message =
		open_tables(m, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	mnl_attr_put_strz(message, NFTA_RULE_TABLE, m->table);
	mnl_attr_put_strz(message, NFTA_RULE_CHAIN, m->chain);
	m->list = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS);
	return message;
}

/* What people read, in nft and in garita net show. */
static void close_rule(struct garita_maker *m, uint32_t verdict,
		       const char *comment)
{
	uint8_t data[2 + COMMENT_MAX + 1] = { COMMENT };
	size_t len = strnlen(comment, COMMENT_MAX);

	garita_put_counter(m->message);
	garita_put_verdict(m->message, verdict);
	mnl_attr_nest_end(m->message, m->list);
	data[1] = (uint8_t)(len + 1);
	memcpy(data + 2, comment, len);
	mnl_attr_put(m->message, NFTA_RULE_USERDATA, len + 3, data);
	close_message(m);
}

static void put_rest(struct garita_maker *m)
{
	open_rule(m);
	close_rule(m, NF_DROP, "all else");
}

/* A container talks to itself, gets answers, and finds its neighbours: without
 * the last there is no IPv6. */
static void put_always(struct garita_maker *m, uint32_t interface)
{
	struct nlmsghdr *message = open_rule(m);

	/* Of every network namespace the first interface is its loopback. */
	garita_put_interface(message, interface, 1);
	close_rule(m, NF_ACCEPT, "loopback");
	message = open_rule(m);
	garita_put_established(message);
	close_rule(m, NF_ACCEPT, "established");
	message = open_rule(m);
	garita_put_icmpv6(message, 130, 136);
	close_rule(m, NF_ACCEPT, "neighbour discovery");
	message = open_rule(m);
	garita_put_icmpv6(message, 143, 143);
	close_rule(m, NF_ACCEPT, "multicast listeners");
}

static void put_destination(struct nlmsghdr *message,
			    const struct garita_cidr *to)
{
	garita_put_address(message, to->v6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
			   to->v6 ? IPV6_DESTINATION : IPV4_DESTINATION,
			   to->address, to->v6 ? 16 : 4, to->bits);
}

static void put_ports(struct nlmsghdr *message,
		      const struct garita_ports *ports)
{
	garita_put_port(message, ports->udp ? IPPROTO_UDP : IPPROTO_TCP,
			ports->least, ports->most);
}

static void put_listen(struct garita_maker *m,
		       const struct garita_network *network)
{
	put_chain(m, "listen", NF_INET_LOCAL_IN, PRIORITY, NF_DROP);
	put_always(m, NFT_META_IIF);
	for (size_t i = 0; i < network->listen_count; i++) {
		auto_text words = { 0 };

		garita_ports_words(&network->listen[i], &words);
		put_ports(open_rule(m), &network->listen[i]);
		close_rule(m, NF_ACCEPT, words.data);
	}
	put_rest(m);
}

static void put_way_out(struct garita_maker *m, const struct garita_cidr *to,
			const struct garita_ports *ports)
{
	struct nlmsghdr *message = open_rule(m);
	auto_text words = { 0 };

	put_destination(message, to);
	garita_cidr_words(to, &words);
	if (ports != NULL) {
		put_ports(message, ports);
		garita_text_putc(&words, ' ');
		garita_ports_words(ports, &words);
	}
	close_rule(m, NF_ACCEPT, words.data);
}

static void put_egress(struct garita_maker *m,
		       const struct garita_network *network)
{
	put_chain(m, "egress", NF_INET_LOCAL_OUT, PRIORITY, NF_DROP);
	put_always(m, NFT_META_OIF);
	for (size_t i = 0; i < network->egress_count; i++) {
		const struct garita_egress *egress = &network->egress[i];

		if (egress->port_count == 0)
			put_way_out(m, &egress->to, NULL);
		for (size_t p = 0; p < egress->port_count; p++)
			put_way_out(m, &egress->to, &egress->ports[p]);
	}
	put_rest(m);
}

/* Some of these addresses are the cloud's name server as well, which gives no
 * credentials: port 53 is left to the other chains. */
static int put_metadata(struct garita_maker *m, struct garita_error *err)
{
	const struct garita_ports names[] = { { true, 53, 53 },
					      { false, 53, 53 } };

	put_chain(m, "metadata", NF_INET_LOCAL_OUT, NEVER_FIRST, NF_ACCEPT);
	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		put_ports(open_rule(m), &names[i]);
		close_rule(m, NF_ACCEPT, "names");
	}
	for (size_t i = 0; garita_metadata_addresses[i] != NULL; i++) {
		struct garita_cidr to;

		if (garita_cidr_parse(garita_metadata_addresses[i], &to, err) <
		    0)
			return -EINVAL;
		put_destination(open_rule(m), &to);
		close_rule(m, NF_DROP, garita_metadata_addresses[i]);
	}
	return 0;
}

/* ---- the batch ---- */

static int put_guard(struct garita_maker *m, const char *line,
		     const struct garita_network *network,
		     struct garita_error *err)
{
	char name[GARITA_GUARD_NAME_SIZE];
	int rc = 0;

	garita_guard_name(line, name);
	m->table = name;
	if (m->replace) {
		put_table(m, NFT_MSG_NEWTABLE, NLM_F_CREATE);
		put_table(m, NFT_MSG_DELTABLE, 0);
	}
	put_table(m, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	if (network->deny_metadata)
		rc = put_metadata(m, err);
	if (network->has_listen)
		put_listen(m, network);
	if (network->has_egress)
		put_egress(m, network);
	m->table = NULL;
	return rc;
}

static size_t messages_of(const struct garita_network *network)
{
	size_t count = RULES_BESIDE + network->listen_count;

	for (size_t i = 0; i < network->egress_count; i++)
		count += 1 + network->egress[i].port_count;
	return count;
}

static int make(struct garita_maker *m, const char *const *lines,
		const struct garita_network *networks, size_t count,
		struct garita_error *err)
{
	size_t messages = 2;

	for (size_t i = 0; i < count; i++)
		messages += messages_of(&networks[i]);
	m->room = messages * MESSAGE_MAX;
	m->batch.bytes = garita_xalloc(m->room);
	put_edge(m, NFNL_MSG_BATCH_BEGIN);
	for (size_t i = 0; i < count; i++) {
		int rc = put_guard(m, lines[i], &networks[i], err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The last message before the end is the one that is answered when all went
 * well; every one that fails is answered. */
static void ask_for_answer(struct garita_maker *m)
{
	char *at = m->batch.bytes;
	struct nlmsghdr *message = (struct nlmsghdr *)(void *)at;
	size_t left = m->batch.len;

	while (left > NLMSG_ALIGN(message->nlmsg_len)) {
		left -= NLMSG_ALIGN(message->nlmsg_len);
		at += NLMSG_ALIGN(message->nlmsg_len);
		message = (struct nlmsghdr *)(void *)at;
	}
	message->nlmsg_flags |= NLM_F_ACK;
	m->batch.last = message->nlmsg_seq;
}

static int parse_lines(const char *const *lines, size_t count,
		       struct garita_network *networks,
		       struct garita_error *err)
{
	for (size_t i = 0; i < count; i++) {
		int rc = garita_guard_parse(lines[i], &networks[i], err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int garita_batch_make(const char *const *lines, size_t count, uint32_t sequence,
		      bool replace, struct garita_batch *ret,
		      struct garita_error *err)
{
	struct garita_network networks[GUARDS_MAX] = { { 0 } };
	struct garita_maker m = { .sequence = sequence, .replace = replace };
	int rc;

	if (count == 0 || count > GUARDS_MAX)
		return garita_fail(err, EINVAL, "give 1 to %d guards",
				   GUARDS_MAX);
	rc = parse_lines(lines, count, networks, err);
	if (rc == 0)
		rc = make(&m, lines, networks, count, err);
	for (size_t i = 0; i < count; i++)
		garita_network_free(&networks[i]);
	if (rc < 0) {
		garita_batch_free(&m.batch);
		return rc;
	}
	ask_for_answer(&m);
	put_edge(&m, NFNL_MSG_BATCH_END);
	*ret = m.batch;
	return 0;
}

void garita_batch_free(struct garita_batch *batch)
{
	free(batch->bytes);
	*batch = (struct garita_batch){ 0 };
}
