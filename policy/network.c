/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * network - ports, networks and the line of a guard, from text and to text.
 */
#include "garita/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/sha256.h"

/* 169.254.169.254: AWS, Azure, Google and most others; .170.2: AWS ECS;
 * .170.23 and fd00:ec2::23: AWS EKS; 100.100.100.200: Alibaba; 168.63.129.16:
 * Azure; fd00:ec2::254: AWS; fd20:ce::254: Google; fd00:c1::...: Oracle;
 * 169.254.0.23: Tencent; 169.254.42.42 and fd00:42::42: Scaleway;
 * fe80::a9fe:a9fe: OpenStack. */
const char *const garita_metadata_addresses[] = {
	"169.254.169.254", "169.254.170.2",
	"169.254.170.23",  "100.100.100.200",
	"168.63.129.16",   "fd00:ec2::254",
	"fd00:ec2::23",    "fd00:c1::a9fe:a9fe",
	"fd20:ce::254",    "169.254.0.23",
	"169.254.42.42",   "fd00:42::42",
	"fe80::a9fe:a9fe", NULL,
};

static const char rules[GARITA_GUARD_PARTS][17] = {
	[GARITA_GUARD_LISTEN] = "listen-ports",
	[GARITA_GUARD_METADATA] = "egress-metadata",
	[GARITA_GUARD_EGRESS] = "egress-allowlist",
};

const char *garita_guard_rule(enum garita_guard_part part)
{
	return rules[part];
}

bool garita_network_asks(const struct garita_network *network,
			 enum garita_guard_part part)
{
	switch (part) {
	case GARITA_GUARD_LISTEN:
		return network->has_listen;
	case GARITA_GUARD_METADATA:
		return network->deny_metadata;
	case GARITA_GUARD_EGRESS:
		return network->has_egress;
	case GARITA_GUARD_PARTS:
		break;
	}
	return false;
}

bool garita_network_says(const struct garita_network *network,
			 enum garita_guard_part part)
{
	return garita_network_asks(network, part) &&
	       (part != GARITA_GUARD_METADATA || network->metadata_said);
}

/* ---- ports ---- */

static int port(const char *text, size_t len, uint16_t *ret)
{
	char digits[sizeof("65535")];
	uint32_t number;

	if (len == 0 || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (garita_parse_u32(digits, 1, UINT16_MAX, &number) < 0)
		return -EINVAL;
	*ret = (uint16_t)number;
	return 0;
}

int garita_ports_parse(const char *text, struct garita_ports *ret,
		       struct garita_error *err)
{
	size_t len = strcspn(text, "/"), first = strcspn(text, "-/");
	const char *protocol = text[len] == '/' ? text + len + 1 : "tcp";
	struct garita_ports ports = { .udp = strcmp(protocol, "udp") == 0 };
	int rc = port(text, first, &ports.least);

	if (!ports.udp && strcmp(protocol, "tcp") != 0)
		return garita_fail(err, EINVAL,
				   "\"%s\" is no port of tcp or udp", text);
	ports.most = ports.least;
	if (rc == 0 && text[first] == '-')
		rc = port(text + first + 1, len - first - 1, &ports.most);
	if (rc < 0 || ports.most < ports.least)
		return garita_fail(err, EINVAL,
				   "\"%s\" is no port from 1 to 65535, nor a "
				   "range like \"8000-8010\"",
				   text);
	*ret = ports;
	return 0;
}

void garita_ports_words(const struct garita_ports *ports,
			struct garita_text *out)
{
	garita_text_printf(out, "%u", ports->least);
	if (ports->most != ports->least)
		garita_text_printf(out, "-%u", ports->most);
	garita_text_puts(out, ports->udp ? "/udp" : "/tcp");
}

/* ---- networks ---- */

/* Clears what is beyond the prefix; was anything there? */
static bool trim(struct garita_cidr *cidr)
{
	bool was = false;

	for (size_t i = cidr->bits; i < (cidr->v6 ? 128U : 32U); i++) {
		uint8_t bit = (uint8_t)(0x80U >> (i % 8));

		was = was || (cidr->address[i / 8] & bit) != 0;
		cidr->address[i / 8] &= (uint8_t)~bit;
	}
	return was;
}

static bool is_mapped(const struct garita_cidr *cidr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return cidr->v6 && cidr->bits >= 96 &&
	       memcmp(cidr->address, mapped, sizeof(mapped)) == 0;
}

int garita_cidr_parse(const char *text, struct garita_cidr *ret,
		      struct garita_error *err)
{
	struct garita_cidr cidr = { .v6 = strchr(text, ':') != NULL };
	unsigned most = cidr.v6 ? 128 : 32;
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	uint32_t bits = most;

	if (len >= sizeof(address))
		return garita_fail(err, EINVAL, "\"%.60s\" is no address",
				   text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(cidr.v6 ? AF_INET6 : AF_INET, address, cidr.address) != 1)
		return garita_fail(err, EINVAL,
				   "\"%s\" is no address or network like "
				   "\"10.0.0.0/8\" or \"fd00::/8\"; names are "
				   "not looked up",
				   text);
	if (text[len] == '/' &&
	    garita_parse_u32(text + len + 1, 0, most, &bits) < 0)
		return garita_fail(err, EINVAL,
				   "\"%s\": a prefix is a number from 0 to %u",
				   text, most);
	cidr.bits = (uint8_t)bits;
	if (is_mapped(&cidr))
		return garita_fail(err, EINVAL, "\"%s\" is IPv4: write it so",
				   text);
	if (trim(&cidr)) {
		auto_text meant = { 0 };

		garita_cidr_words(&cidr, &meant);
		return garita_fail(err, EINVAL,
				   "\"%s\" has bits beyond its prefix; did you "
				   "mean \"%s\"?",
				   text, meant.data);
	}
	*ret = cidr;
	return 0;
}

void garita_cidr_words(const struct garita_cidr *cidr, struct garita_text *out)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(cidr->v6 ? AF_INET6 : AF_INET, cidr->address, address,
		  sizeof(address));
	garita_text_printf(out, "%s/%u", address, cidr->bits);
}

/* ---- the line ---- */

static void begin(struct garita_text *out, const char *clause)
{
	garita_text_printf(out, "%s%s", out->len ? "; " : "", clause);
}

static void put_ports(struct garita_text *out, const struct garita_ports *ports,
		      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		garita_text_putc(out, ' ');
		garita_ports_words(&ports[i], out);
	}
}

static void put_egress(struct garita_text *out,
		       const struct garita_network *network)
{
	if (network->egress_count == 0)
		begin(out, "egress none");
	for (size_t i = 0; i < network->egress_count; i++) {
		const struct garita_egress *egress = &network->egress[i];

		begin(out, "egress ");
		garita_cidr_words(&egress->to, out);
		put_ports(out, egress->ports, egress->port_count);
	}
}

void garita_guard_line(const struct garita_network *network, unsigned parts,
		       struct garita_text *out)
{
	if (parts & 1U << GARITA_GUARD_METADATA)
		begin(out, "metadata");
	if (parts & 1U << GARITA_GUARD_LISTEN) {
		begin(out, network->listen_count ? "listen" : "listen none");
		put_ports(out, network->listen, network->listen_count);
	}
	if (parts & 1U << GARITA_GUARD_EGRESS)
		put_egress(out, network);
}

/* The next word of a clause, which is cut off there; NULL: none is left. */
static char *word(char **clause)
{
	char *at = *clause;
	size_t len = strcspn(at, " ");

	if (*at == '\0')
		return NULL;
	*clause = at + len + (at[len] == ' ');
	at[len] = '\0';
	return at;
}

static int parse_ports(char **clause, struct garita_ports **ret,
		       size_t *ret_count, struct garita_error *err)
{
	char *text;

	while ((text = word(clause)) != NULL) {
		if (*ret_count == GARITA_NETWORK_EGRESS_MAX)
			return garita_fail(err, E2BIG, "too many ports");
		*ret = garita_xresize(*ret, *ret_count + 1, sizeof(**ret));
		if (garita_ports_parse(text, &(*ret)[*ret_count], err) < 0)
			return -EINVAL;
		(*ret_count)++;
	}
	return 0;
}

static int parse_listen(char *clause, struct garita_network *network,
			struct garita_error *err)
{
	network->has_listen = true;
	if (strcmp(clause, "none") == 0)
		return 0;
	return parse_ports(&clause, &network->listen, &network->listen_count,
			   err);
}

static int parse_egress(char *clause, struct garita_network *network,
			struct garita_error *err)
{
	struct garita_egress *egress;
	char *to;

	network->has_egress = true;
	if (strcmp(clause, "none") == 0)
		return 0;
	if (network->egress_count == GARITA_NETWORK_EGRESS_MAX)
		return garita_fail(err, E2BIG, "too many destinations");
	network->egress =
		garita_xresize(network->egress, network->egress_count + 1,
			       sizeof(*network->egress));
	egress = &network->egress[network->egress_count++];
	*egress = (struct garita_egress){ 0 };
	to = word(&clause);
	if (garita_cidr_parse(to ? to : "", &egress->to, err) < 0)
		return -EINVAL;
	return parse_ports(&clause, &egress->ports, &egress->port_count, err);
}

static int parse_clause(char *clause, struct garita_network *network,
			struct garita_error *err)
{
	if (strcmp(clause, "metadata") == 0) {
		network->deny_metadata = network->metadata_said = true;
		return 0;
	}
	if (garita_starts_with(clause, "listen "))
		return parse_listen(clause + strlen("listen "), network, err);
	if (garita_starts_with(clause, "egress "))
		return parse_egress(clause + strlen("egress "), network, err);
	return garita_fail(err, EINVAL, "no clause of a guard: \"%.60s\"",
			   clause);
}

/* Written again it must be the same: two spellings of one guard would be two
 * names, and a reader that skips what it does not know would let it pass. */
static int check_spelling(const struct garita_network *network,
			  const char *line, struct garita_error *err)
{
	auto_text again = { 0 };
	unsigned parts = 0;

	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
		if (garita_network_asks(network, p))
			parts |= 1U << p;
	garita_guard_line(network, parts, &again);
	if (again.len == 0 || strcmp(again.data, line) != 0)
		return garita_fail(err, EINVAL,
				   "not how garita writes a guard: \"%.200s\"",
				   line);
	return 0;
}

int garita_guard_parse(const char *line, struct garita_network *ret,
		       struct garita_error *err)
{
	auto_free char *copy = garita_xstrdup(line);
	auto_network network = { .given = true };
	char *clause = copy;
	int rc = 0;

	while (rc == 0 && clause != NULL) {
		char *end = strstr(clause, "; ");

		if (end != NULL) {
			*end = '\0';
			end += strlen("; ");
		}
		rc = parse_clause(clause, &network, err);
		clause = end;
	}
	if (rc == 0)
		rc = check_spelling(&network, line, err);
	if (rc < 0)
		return rc;
	*ret = network;
	network = (struct garita_network){ 0 };
	return 0;
}

void garita_network_free(struct garita_network *network)
{
	for (size_t i = 0; i < network->egress_count; i++)
		free(network->egress[i].ports);
	free(network->egress);
	free(network->listen);
	*network = (struct garita_network){ 0 };
}

void garita_guard_name(const char *line, char ret[GARITA_GUARD_NAME_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	struct garita_sha256 ctx;
	unsigned char hash[32];
	size_t at = strlen(GARITA_GUARD_PREFIX);

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, line, strlen(line));
	garita_sha256_final(&ctx, hash);
	memcpy(ret, GARITA_GUARD_PREFIX, at);
	for (size_t i = 0; at + 1 < GARITA_GUARD_NAME_SIZE; i++) {
		ret[at++] = hex[hash[i] >> 4];
		ret[at++] = hex[hash[i] & 0xf];
	}
	ret[at] = '\0';
}
