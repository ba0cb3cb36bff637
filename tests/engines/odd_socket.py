#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""odd_socket.py no-send|no-recv COMMAND...: runs it where sendto(2), which is
what send(3) calls, never returns; or where each recvfrom(2) is interrupted."""
import ctypes
import errno
import os
import platform
import struct
import sys

SYS_SENDTO, SYS_RECVFROM, SYS_SECCOMP = {
    "x86_64": (44, 45, 317), "aarch64": (206, 207, 277)}[platform.machine()]
SET_MODE_FILTER, NEW_LISTENER = 1, 8
USER_NOTIF, ERRNO, ALLOW = 0x7FC00000, 0x00050000, 0x7FFF0000

call, answer, flags = {
    "no-send": (SYS_SENDTO, USER_NOTIF, NEW_LISTENER),
    "no-recv": (SYS_RECVFROM, ERRNO | errno.EINTR, 0)}[sys.argv[1]]
code = b"".join(struct.pack("HBBI", *line) for line in (
    (0x20, 0, 0, 0),  # the call's number
    (0x15, 0, 1, call),
    (0x06, 0, 0, answer),
    (0x06, 0, 0, ALLOW),
))
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(
    struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
listener = libc.syscall(SYS_SECCOMP, SET_MODE_FILTER, flags,
                        ctypes.byref(program))
if listener < 0:
    sys.exit(os.strerror(ctypes.get_errno()))
command = os.fork()
if command == 0:
    if flags == NEW_LISTENER:
        os.close(listener)
    os.execv(sys.argv[2], sys.argv[2:])
# We hold the listener, and answer nobody.
_, status = os.waitpid(command, 0)
sys.exit(os.waitstatus_to_exitcode(status))
