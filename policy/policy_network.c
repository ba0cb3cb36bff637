/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_network - the "network" of the policy file, or of one scope: the
 * ports a container may be reached at and the networks it may reach.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_reader.h"

#define PORT                                                                   \
	"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535},"  \
	"{\"type\":\"string\",\"pattern\":"                                    \
	"\"^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?(/(tcp|udp))?$\"}]}"
#define PORTS "{\"type\":\"array\",\"items\":" PORT "}"
#define NETWORK                                                                \
	"{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F.:]+(/[0-9]+)?$\"}"

/* Where the ports being read go. */
struct port_list {
	struct garita_ports *ports;
	size_t count, most;
};

/* A number is one of tcp, as it is where containers are published. */
static int add_port(struct garita_reader *r, const struct garita_json *value,
		    struct port_list *list)
{
	const char *text = garita_json_string(value);
	struct garita_error reason = { 0 };
	struct garita_ports ports;

	if (text == NULL)
		text = garita_json_number_text(value);
	if (text == NULL)
		return garita_reader_wrong(
			r, "must be a port like 5432 or \"53/udp\", is %s",
			garita_json_type_words(garita_json_type(value)));
	if (garita_ports_parse(text, &ports, &reason) < 0)
		return garita_reader_wrong(r, "%s", reason.text);
	if (list->count == list->most)
		return garita_reader_wrong(r, "there may be %zu, write ranges",
					   list->most);
	list->ports = garita_xresize(list->ports, list->count + 1,
				     sizeof(*list->ports));
	list->ports[list->count++] = ports;
	return 0;
}

static int read_ports(struct garita_reader *r, const struct garita_json *value,
		      size_t most, struct garita_ports **ret, size_t *ret_count)
{
	struct port_list list = { .most = most };
	size_t len = r->at.len;
	int rc = 0;

	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return garita_reader_wrong(
			r, "must be an array of ports, is %s",
			garita_json_type_words(garita_json_type(value)));
	for (size_t i = 0; rc == 0 && i < garita_json_count(value); i++) {
		r->at.len = len;
		garita_text_printf(&r->at, "/%zu", i);
		rc = add_port(r, garita_json_item(value, i), &list);
	}
	if (rc < 0) {
		free(list.ports);
		return rc;
	}
	garita_reader_back(r, len);
	free(*ret);
	*ret = list.ports;
	*ret_count = list.count;
	return 0;
}

static int read_listen(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_network *network = r->network;

	network->has_listen = true;
	return read_ports(r, value, GARITA_NETWORK_LISTEN_MAX, &network->listen,
			  &network->listen_count);
}

/* ---- egress ---- */

static size_t rule_count(const struct garita_network *network)
{
	size_t count = 0;

	for (size_t i = 0; i < network->egress_count; i++)
		count += network->egress[i].port_count
				 ? network->egress[i].port_count
				 : 1;
	return count;
}

static int add_destination(struct garita_reader *r,
			   const struct garita_json *value)
{
	struct garita_network *network = r->network;
	const char *text = garita_json_string(value);
	struct garita_error reason = { 0 };
	struct garita_egress egress = { 0 };

	if (text == NULL)
		return garita_reader_wrong(
			r, "must be a network like \"10.0.0.0/8\", is %s",
			garita_json_type_words(garita_json_type(value)));
	if (garita_cidr_parse(text, &egress.to, &reason) < 0)
		return garita_reader_wrong(r, "%s", reason.text);
	if (rule_count(network) == GARITA_NETWORK_EGRESS_MAX)
		return garita_reader_wrong(
			r, "there may be %d destinations times ports",
			GARITA_NETWORK_EGRESS_MAX);
	network->egress = garita_xresize(
		network->egress, network->egress_count + 1, sizeof(egress));
	network->egress[network->egress_count++] = egress;
	return 0;
}

static int read_to(struct garita_reader *r, const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return add_destination(r, value);
	if (garita_json_count(value) == 0)
		return garita_reader_wrong(r, "must not be empty");
	return garita_reader_items(r, value, add_destination);
}

/* Was read with its whole object below: wherever "to" stands in it. */
static int skip_ports(struct garita_reader *r, const struct garita_json *value)
{
	(void)r;
	(void)value;
	return 0;
}

static const struct garita_policy_member egress_members[] = {
	{ .name = "to", .read = read_to, .required = true },
	{ .name = "ports", .read = skip_ports },
};
static const struct garita_policy_table egress_table = {
	.members = egress_members,
	.count = GARITA_COUNT(egress_members),
};

/* Gives the ports to every destination from the one at `first` on. */
static int give_ports(struct garita_reader *r, const struct garita_json *value,
		      size_t first)
{
	struct garita_network *network = r->network;
	auto_free struct garita_ports *ports = NULL;
	size_t count = 0, len = r->at.len;
	int rc;

	if (value == NULL)
		return 0;
	garita_text_puts(&r->at, "/ports");
	rc = read_ports(r, value, GARITA_NETWORK_EGRESS_MAX, &ports, &count);
	if (rc == 0 && count == 0)
		return garita_reader_wrong(
			r, "must not be empty; without it all ports are meant");
	for (size_t i = first; rc == 0 && i < network->egress_count; i++) {
		struct garita_egress *egress = &network->egress[i];

		egress->ports = garita_xcalloc(count, sizeof(*ports));
		memcpy(egress->ports, ports, count * sizeof(*ports));
		egress->port_count = count;
	}
	if (rc == 0 && rule_count(network) > GARITA_NETWORK_EGRESS_MAX)
		return garita_reader_wrong(
			r, "there may be %d destinations times ports",
			GARITA_NETWORK_EGRESS_MAX);
	if (rc == 0)
		garita_reader_back(r, len);
	return rc;
}

static int read_destination(struct garita_reader *r,
			    const struct garita_json *value)
{
	size_t first = r->network->egress_count;
	int rc;

	if (garita_json_type(value) != GARITA_JSON_OBJECT)
		return add_destination(r, value);
	rc = garita_reader_members(r, value, &egress_table);
	return rc < 0 ? rc
		      : give_ports(r, garita_json_get(value, "ports"), first);
}

static int read_egress(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_network *network = r->network;

	for (size_t i = 0; i < network->egress_count; i++)
		free(network->egress[i].ports);
	network->egress_count = 0;
	network->has_egress = true;
	return garita_reader_items(r, value, read_destination);
}

static int read_metadata(struct garita_reader *r,
			 const struct garita_json *value)
{
	r->network->metadata_said = true;
	return garita_reader_bool(r, value, &r->network->deny_metadata);
}

static const struct garita_policy_member members[] = {
	{ .name = "listen", .read = read_listen, .schema = PORTS },
	{ .name = "egress",
	  .read = read_egress,
	  .schema = "{\"type\":\"array\",\"items\":{\"anyOf\":[" NETWORK
		    ",{\"type\":\"object\",\"required\":[\"to\"],"
		    "\"additionalProperties\":false,\"properties\":{\"to\":"
		    "{\"anyOf\":[" NETWORK ",{\"type\":\"array\",\"minItems\":"
		    "1,\"items\":" NETWORK "}]},\"ports\":{\"type\":\"array\","
		    "\"minItems\":1,\"items\":" PORT "}}}]}}" },
	{ .name = "deny-metadata",
	  .read = read_metadata,
	  .schema = GARITA_SCHEMA_BOOL },
};
const struct garita_policy_table garita_policy_network_table = {
	.members = members,
	.count = GARITA_COUNT(members),
};

int garita_policy_read_network(struct garita_reader *r,
			       const struct garita_json *value)
{
	struct garita_network *network =
		r->scope ? &r->scope->network : &r->policy->network;

	if (!network->given)
		network->deny_metadata = true;
	network->given = true;
	if (r->scope == NULL)
		garita_reader_say_origin(r, GARITA_ORIGIN_NETWORK, value);
	r->network = network;
	return garita_reader_members(r, value, &garita_policy_network_table);
}
