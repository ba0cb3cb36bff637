/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expressions - the few things that our rules ask of a packet, as nf_tables
 * writes them. Each puts its expressions into the open list of a rule, and
 * what does not fit ends that rule for the packet.
 */
#ifndef GARITA_NET_EXPRESSIONS_H
#define GARITA_NET_EXPRESSIONS_H

#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;

/* `which` is NFT_META_IIF or NFT_META_OIF. */
void garita_put_interface(struct nlmsghdr *message, uint32_t which,
			  uint32_t index);
/* Connections that are known, and what belongs to them. */
void garita_put_established(struct nlmsghdr *message);
/* ICMPv6 of these types. */
void garita_put_icmpv6(struct nlmsghdr *message, uint8_t least, uint8_t most);
/* To these ports of a protocol. */
void garita_put_port(struct nlmsghdr *message, uint8_t protocol, uint16_t least,
		     uint16_t most);
/* An address at `offset` of the header of that family, in a network. */
void garita_put_address(struct nlmsghdr *message, uint8_t family,
			uint32_t offset, const uint8_t *address, size_t len,
			unsigned bits);
void garita_put_counter(struct nlmsghdr *message);
/* NF_ACCEPT or NF_DROP */
void garita_put_verdict(struct nlmsghdr *message, uint32_t verdict);

#endif
