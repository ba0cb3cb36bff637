/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - what a container may be reached at and may reach: the policy's
 * "network" as typed facts, and as the one line that garita-net is given.
 *
 * The line is what the judge puts into the config and what the guard is made
 * from, so its spelling is fixed: clauses with "; " between them,
 *
 *	metadata                        the addresses of cloud metadata are shut
 *	listen 5432/tcp 8000-8010/udp   ports that are open, all others are shut
 *	listen none
 *	egress 10.0.0.0/8               all of it may be reached
 *	egress fd00::/8 443/tcp         these ports of it
 *	egress none
 */
#ifndef GARITA_NETWORK_H
#define GARITA_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"
#include "garita/text.h"

enum {
	/* Each is a rule in the kernel that a packet walks past. */
	GARITA_NETWORK_LISTEN_MAX = 64,
	GARITA_NETWORK_EGRESS_MAX = 256, /* destinations times ports */
};

struct garita_ports {
	bool udp; /* else tcp */
	uint16_t least, most;
};

struct garita_cidr {
	bool v6;
	uint8_t bits;        /* of the prefix */
	uint8_t address[16]; /* 4 of them for IPv4; none set beyond the bits */
};

struct garita_egress {
	struct garita_cidr to;
	struct garita_ports *ports; /* none: all, of every protocol */
	size_t port_count;
};

struct garita_network {
	bool given; /* the policy, or the scope, has it at all */
	bool has_listen, has_egress;
	struct garita_ports *listen;
	size_t listen_count;
	struct garita_egress *egress;
	size_t egress_count;
	bool metadata_said, deny_metadata;
};

/* What a guard can do; each is asked for by a rule of its own. */
enum garita_guard_part {
	GARITA_GUARD_LISTEN,
	GARITA_GUARD_METADATA,
	GARITA_GUARD_EGRESS,
	GARITA_GUARD_PARTS,
};
/* "listen-ports", ...: the id of that rule. */
const char *garita_guard_rule(enum garita_guard_part part);
/* Does the network ask for it? */
bool garita_network_asks(const struct garita_network *network,
			 enum garita_guard_part part);
/* In so many words, not by what is usual? */
bool garita_network_says(const struct garita_network *network,
			 enum garita_guard_part part);

/* "5432", "53/udp", "8000-8010/tcp". -EINVAL with what is wrong. */
int garita_ports_parse(const char *text, struct garita_ports *ret,
		       struct garita_error *err);
/* "10.0.0.0/8", "10.0.0.1", "fd00::/8". */
int garita_cidr_parse(const char *text, struct garita_cidr *ret,
		      struct garita_error *err);
/* The one spelling of each. */
void garita_ports_words(const struct garita_ports *ports,
			struct garita_text *out);
void garita_cidr_words(const struct garita_cidr *cidr, struct garita_text *out);

/* The line of those parts (bits of 1 << part); nothing when there is none. */
void garita_guard_line(const struct garita_network *network, unsigned parts,
		       struct garita_text *out);
/* The line back; garita_network_free() empties it again. Refuses whatever
 * garita_guard_line() does not write. */
int garita_guard_parse(const char *line, struct garita_network *ret,
		       struct garita_error *err);
void garita_network_free(struct garita_network *network);
#define auto_network                                                           \
	__attribute__((cleanup(garita_network_free))) struct garita_network

/* The name of the table in the kernel: the same guard has the same name. */
enum { GARITA_GUARD_NAME_SIZE = sizeof("garita-") + 16 };
#define GARITA_GUARD_PREFIX "garita-"
void garita_guard_name(const char *line, char ret[GARITA_GUARD_NAME_SIZE]);

/* Addresses at which clouds hand out credentials to whoever asks. */
extern const char *const garita_metadata_addresses[]; /* ends in NULL */

#endif
