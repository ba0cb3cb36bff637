/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expressions - see the header. A value is loaded into a register and compared
 * there, byte by byte in the order of the network.
 */
#include "hook/net/expressions.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <string.h>

#include <libmnl/libmnl.h>

enum { PORT_DESTINATION = 2 }; /* of tcp and udp alike */

struct expression {
	struct nlmsghdr *message;
	struct nlattr *item, *data;
};

static struct expression begin(struct nlmsghdr *message, const char *name)
{
	struct expression e = { .message = message };

	e.item = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	mnl_attr_put_strz(message, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(message, NFTA_EXPR_DATA);
	return e;
}

static void end(const struct expression *e)
{
	mnl_attr_nest_end(e->message, e->data);
	mnl_attr_nest_end(e->message, e->item);
}

static void put_number(struct nlmsghdr *message, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(message, type, htonl(value));
}

static void put_value(struct nlmsghdr *message, uint16_t type, const void *data,
		      size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type);

	mnl_attr_put(message, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(message, nest);
}

static void put_meta(struct nlmsghdr *message, uint32_t key)
{
	struct expression e = begin(message, "meta");

	put_number(message, NFTA_META_KEY, key);
	put_number(message, NFTA_META_DREG, NFT_REG_1);
	end(&e);
}

static void put_payload(struct nlmsghdr *message, uint32_t base,
			uint32_t offset, size_t len)
{
	struct expression e = begin(message, "payload");

	put_number(message, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_number(message, NFTA_PAYLOAD_BASE, base);
	put_number(message, NFTA_PAYLOAD_OFFSET, offset);
	put_number(message, NFTA_PAYLOAD_LEN, (uint32_t)len);
	end(&e);
}

static void put_compare(struct nlmsghdr *message, uint32_t how,
			const void *data, size_t len)
{
	struct expression e = begin(message, "cmp");

	put_number(message, NFTA_CMP_SREG, NFT_REG_1);
	put_number(message, NFTA_CMP_OP, how);
	put_value(message, NFTA_CMP_DATA, data, len);
	end(&e);
}

static void put_mask(struct nlmsghdr *message, const void *mask, size_t len)
{
	static const uint8_t nothing[16] = { 0 };
	struct expression e = begin(message, "bitwise");

	put_number(message, NFTA_BITWISE_SREG, NFT_REG_1);
	put_number(message, NFTA_BITWISE_DREG, NFT_REG_1);
	put_number(message, NFTA_BITWISE_LEN, (uint32_t)len);
	put_value(message, NFTA_BITWISE_MASK, mask, len);
	put_value(message, NFTA_BITWISE_XOR, nothing, len);
	end(&e);
}

static void put_range(struct nlmsghdr *message, const void *least,
		      const void *most, size_t len)
{
	if (memcmp(least, most, len) == 0) {
		put_compare(message, NFT_CMP_EQ, least, len);
		return;
	}
	put_compare(message, NFT_CMP_GTE, least, len);
	put_compare(message, NFT_CMP_LTE, most, len);
}

static void put_byte(struct nlmsghdr *message, uint32_t meta, uint8_t value)
{
	put_meta(message, meta);
	put_compare(message, NFT_CMP_EQ, &value, sizeof(value));
}

void garita_put_interface(struct nlmsghdr *message, uint32_t which,
			  uint32_t index)
{
	put_meta(message, which);
	put_compare(message, NFT_CMP_EQ, &index, sizeof(index));
}

void garita_put_established(struct nlmsghdr *message)
{
	const uint32_t states = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
				NF_CT_STATE_BIT(IP_CT_RELATED);
	const uint32_t none = 0;
	struct expression e = begin(message, "ct");

	put_number(message, NFTA_CT_KEY, NFT_CT_STATE);
	put_number(message, NFTA_CT_DREG, NFT_REG_1);
	end(&e);
	put_mask(message, &states, sizeof(states));
	put_compare(message, NFT_CMP_NEQ, &none, sizeof(none));
}

void garita_put_icmpv6(struct nlmsghdr *message, uint8_t least, uint8_t most)
{
	put_byte(message, NFT_META_NFPROTO, NFPROTO_IPV6);
	put_byte(message, NFT_META_L4PROTO, IPPROTO_ICMPV6);
	put_payload(message, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof(least));
	put_range(message, &least, &most, sizeof(least));
}

void garita_put_port(struct nlmsghdr *message, uint8_t protocol, uint16_t least,
		     uint16_t most)
{
	const uint16_t from = htons(least), to = htons(most);

	put_byte(message, NFT_META_L4PROTO, protocol);
	put_payload(message, NFT_PAYLOAD_TRANSPORT_HEADER, PORT_DESTINATION,
		    sizeof(from));
	put_range(message, &from, &to, sizeof(from));
}

void garita_put_address(struct nlmsghdr *message, uint8_t family,
			uint32_t offset, const uint8_t *address, size_t len,
			unsigned bits)
{
	uint8_t mask[16] = { 0 };

	put_byte(message, NFT_META_NFPROTO, family);
	if (bits == 0)
		return; /* all of the family */
	for (unsigned i = 0; i < bits; i++)
		mask[i / 8] |= (uint8_t)(0x80U >> (i % 8));
	put_payload(message, NFT_PAYLOAD_NETWORK_HEADER, offset, len);
	if (bits < len * 8)
		put_mask(message, mask, len);
	put_compare(message, NFT_CMP_EQ, address, len);
}

void garita_put_counter(struct nlmsghdr *message)
{
	struct expression e = begin(message, "counter");

	end(&e);
}

void garita_put_verdict(struct nlmsghdr *message, uint32_t verdict)
{
	struct expression e = begin(message, "immediate");
	struct nlattr *data, *nest;

	put_number(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(message, NFTA_IMMEDIATE_DATA);
	nest = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
	put_number(message, NFTA_VERDICT_CODE, verdict);
	mnl_attr_nest_end(message, nest);
	mnl_attr_nest_end(message, data);
	end(&e);
}
