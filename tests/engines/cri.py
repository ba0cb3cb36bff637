#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cri.py - one call to the CRI service of a container engine, as kubelet makes.
#
#	cri.py SOCKET METHOD <<<'{"1": {"2": "text", "3": 7, "4": ["a", "b"]}}'
#
# The message is JSON with the numbers of the fields for keys; the answer is its
# first field, which is the id of what was made. There is no package of a CRI
# client in Debian 12, and this is all of it that the tests need.

import json
import sys

import grpc


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    if isinstance(value, list):
        return b"".join(field(number, one) for one in value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = message(value) if isinstance(value, dict) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(fields):
    return b"".join(field(int(key), value) for key, value in fields.items())


def first_field(data):
    if not data or data[0] != 0x0A:
        return ""
    return data[2 : 2 + data[1]].decode()  # ids are shorter than 128 bytes


def main():
    socket, method = sys.argv[1:]
    with grpc.insecure_channel("unix://" + socket) as channel:
        call = channel.unary_unary(
            "/runtime.v1.RuntimeService/" + method,
            request_serializer=message,
            response_deserializer=first_field,
        )
        print(call(json.load(sys.stdin), timeout=60))


main()
