#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# hold_table.py NAME - an nf_tables table of that name, in family inet, that
# belongs to this process: nobody else can change it while it lives. Says
# "held", and ends with its standard input.

import socket
import struct
import sys

NEWTABLE, BATCH_BEGIN, BATCH_END = 0xA00, 0x10, 0x11
REQUEST, ACK, CREATE, INET, OWNER = 0x1, 0x4, 0x400, 1, 0x2


def attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(kind, flags, number, family, resource, data=b""):
    body = struct.pack("BB", family, 0) + struct.pack("!H", resource) + data
    return struct.pack("IHHII", 16 + len(body), kind, flags, number, 0) + body


name = attribute(1, sys.argv[1].encode() + b"\0")
flags = attribute(2, struct.pack("!I", OWNER))
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
kernel.send(
    message(BATCH_BEGIN, REQUEST, 1, 0, 10)
    + message(NEWTABLE, REQUEST | ACK | CREATE, 2, INET, 0, name + flags)
    + message(BATCH_END, REQUEST, 3, 0, 10)
)
code = struct.unpack_from("i", kernel.recv(4096), 16)[0]
print("held" if code == 0 else code, flush=True)
sys.stdin.read()
