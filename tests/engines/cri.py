#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cri.py - calls to the CRI service of a container engine, as kubelet makes.
#
#	cri.py SOCKET ASK ANSWER
#
# Serves until it is killed. What is written to the fifo ASK, whole, is a line
# "METHOD" or "METHOD --all" and a message, JSON with the numbers of the fields
# for keys: {"1": {"2": "text", "3": 7, "4": ["a", "b"]}}. Then the fifo ANSWER
# has a line with the exit code, and a text: the first field of the answer, which
# is the id of what was made, with --all an object like the message with what is
# no number as text; or the error as kubelet would show it.
#
# There is no package of a CRI client in Debian 12, and this is all of it that
# the tests need. One process, as python takes longer to start than a container.

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
    if isinstance(value, int):  # and true, which is 1
        return varint(number << 3) + varint(int(value))
    data = message(value) if isinstance(value, dict) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(fields):
    return b"".join(field(int(key), value) for key, value in fields.items())


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def fields_of(data):
    """The numbers and texts of a message, by field; the last of each counts."""
    fields, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 2:
            size, value = value, data[at : at + value].decode(errors="replace")
            at += size
        fields[str(key >> 3)] = value
    return fields


def call(channel, words, text):
    method, *options = words.split()
    ask = channel.unary_unary(
        "/runtime.v1.RuntimeService/" + method,
        request_serializer=message,
        response_deserializer=fields_of,
    )
    try:
        answer = ask(json.loads(text), timeout=60)
    except grpc.RpcError as error:
        return 1, f"rpc error: code = {error.code().name} desc = {error.details()}"
    return 0, json.dumps(answer) if options else answer.get("1", "")


def main():
    engine, ask, answer = sys.argv[1:]
    with grpc.insecure_channel("unix://" + engine) as channel:
        while True:
            with open(ask, encoding="utf-8") as fifo:
                words, _, text = fifo.read().partition("\n")
            try:
                code, text = call(channel, words, text)
            except Exception as error:  # to go on for the next test
                code, text = 2, repr(error)
            with open(answer, "w", encoding="utf-8") as fifo:
                print(code, text, sep="\n", file=fifo)


main()
