#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel's own audit stream, as auditd reads it.

    audit.py COMMAND...     runs it; prints the user messages of its process
                            group that came meanwhile, as auditd writes them
    audit.py --off COMMAND  runs it while auditing is off
    audit.py --can          can auditing be turned on and off from here? Not in
                            a container, nor without CAP_AUDIT_CONTROL

Auditing is one switch for the whole machine: turned as asked for, and back
afterwards. Exits as the command did.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

GET, SET, TRUSTED_APP = 1000, 1001, 1121
ENABLED = 1  # of audit_status: mask, enabled, ...


def packet(kind, number, payload=b""):
    return struct.pack("IHHII", 16 + len(payload), kind, 5, number, 0) + payload


def ask(kind, payload=b""):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9) as s:
        s.settimeout(10)
        s.sendto(packet(kind, 1, payload), (0, 0))
        seen = {}
        while 2 not in seen or (kind == GET and GET not in seen):
            data = s.recv(8192)
            seen[struct.unpack_from("H", data, 4)[0]] = data[16:]
    error = struct.unpack_from("i", seen[2])[0]
    if error:
        raise OSError(-error, os.strerror(-error))
    return seen.get(GET)


def is_on():
    return struct.unpack_from("I", ask(GET), 4)[0] != 0


def turn(on):
    ask(SET, struct.pack("II", ENABLED, on) + bytes(32))


def records(stream):
    """Until one of our own comes, behind all that was there before it."""
    ask(TRUSTED_APP, b"end of test\0")
    while True:
        data = stream.recv(16384)
        if struct.unpack_from("H", data, 4)[0] != TRUSTED_APP:
            continue
        text = data[16:].rstrip(b"\0\n")
        if b"msg='end of test'" in text:
            return
        yield text


def main():
    words = sys.argv[1:]
    if words == ["--can"]:
        try:
            ask(SET, bytes(40))  # asks for no change
            return 0
        except OSError as why:
            print(why)
            return 1
    wanted = words[0] != "--off"
    if not wanted:
        words = words[1:]
    # One at a time, in whatever mount namespace: they all have the same /.
    lock = os.open("/", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = is_on()
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9) as stream:
            stream.settimeout(60)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            stream.bind((0, 1))  # the multicast group of readers
            turn(wanted)
            try:
                code = subprocess.run(words, check=False).returncode
                for text in records(stream) if wanted else ():
                    sys.stdout.buffer.write(
                        b"type=TRUSTED_APP msg=" + text + b"\n")
                    sys.stdout.flush()
            finally:
                turn(before)
    finally:
        os.close(lock)
    return code


sys.exit(main())
